"""Expressions over `tf.experimental.numpy` (`np`), `tf` and NumPy (`onp`), recorded by `tools/record_numpy.py`."""

from __future__ import annotations

from typing import Any

_UNARY = """
    abs absolute
    arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil conj conjugate cos cosh deg2rad exp exp2 expm1 fabs
    fix floor isfinite isnan log log10 log1p log2 negative positive rad2deg reciprocal signbit sin sinc sinh
    sqrt square tan tanh angle sign around round
"""
_BINARY = """
    add subtract multiply true_divide divide floor_divide mod remainder maximum minimum power
    float_power arctan2 heaviside
    hypot equal not_equal greater greater_equal less less_equal isclose array_equal
    logical_and logical_or logical_xor
"""
_REDUCTIONS = "all any sum prod mean amax amin max min ptp var std nansum nanprod nanmean argmax argmin cumsum cumprod"

_GIVEN: dict[str, str] = {
    "abs": "[-1, 2]", "negative": "[-1, 2]", "positive": "[-1, 2]", "square": "[-1, 2]", "sign": "[-1, 2]",
    "reciprocal": "tf.constant([2.0, 4.0])", "around": "[-1, 12]", "round": "[-1, 12]", "rad2deg": "tf.constant([0.5])",
}  # fmt: skip

_OTHERS = """
logaddexp(tf.constant([1.0, 5.0]), tf.constant([[2.5], [-1.0]]))
logaddexp2(tf.constant([1.0, 5.0]), tf.constant([[2.5], [-1.0]]))
allclose([1.0, 2.0], [1.0, 2.0 + 1e-9])
allclose([1, 2], [1, 3])
isclose([float('nan'), 1.0], [float('nan'), 1.1], equal_nan=True)
append([1, 2], [3.5])
append([[1, 2]], [[3, 4]], axis=0)
arange(3)
arange(1, 2.5, 0.5)
arange(5, 1, -2, dtype='int16')
arange(3, 1)
arange(1, 2, 0)
argsort([3, 1, 2])
argsort([[3, 1], [2, 4]], axis=None)
argsort(5.0)
argsort([1j, 2])
argsort([1], kind='heap')
around([1.25, 13.5], 1)
around([125, 175], -2)
round(tf.constant([2.5, 3.5]))
array(3)
array([1, 2.5])
array([True, 1])
array([1 + 2j, 3])
array(tf.constant([1, 2]), dtype='float64')
array([1, 2], dtype=tf.float16)
array([[1]], ndmin=3)
array([1], ndmin=33)
array('text')
array([])
asarray(onp.arange(3, dtype='int8'))
asarray(tf.constant([1.5]), 'int32')
asanyarray([1, 2])
ascontiguousarray(4)
atleast_1d(1)
atleast_1d(1, [2.0])
atleast_2d([1, 2])
atleast_3d([1, 2])
atleast_3d([[1, 2]])
atleast_3d(1)
average([1, 2, 4])
average([[1.0, 2], [3, 4]], axis=0, weights=[1, 3])
average([[1.0, 2], [3, 4]], axis=1, weights=[1, 3], returned=True)
average([1.0, 2], returned=True)
average([1.0], axis=(0,))
bitwise_and([6, 5], 3)
bitwise_or([True, False], [False, False])
bitwise_or([6, 5], 3)
bitwise_xor([6, 5], 3)
bitwise_not([6, 5])
bitwise_not([True])
broadcast_arrays([1, 2], [[3], [4]])
broadcast_arrays([1], subok=True)
broadcast_arrays([1], more=True)
broadcast_to([1, 2], (2, 2))
clip([1, 5, 9], 2, 6.5)
clip([1, 5], None, 3)
clip([1, 5], 3, None)
clip([1, 5], None, None)
compress([True, False, True], [1, 2, 3, 4])
compress([False, True], [[1, 2], [3, 4]], axis=1)
compress([[True]], [1])
concatenate([[1, 2], [3.5]])
concatenate([[[1], [2]], [[3], [4]]], axis=1)
concatenate([])
copy([1, 2])
count_nonzero([[0, 1], [2, 0]])
count_nonzero([[0, 1], [2, 3]], axis=0)
cross([1, 2, 3], [4, 5, 6])
cross([1, 2], [4, 5])
cross([[1, 2, 3]], [[4, 5]])
cross([[1.0], [2], [3]], [[4], [5], [6]], axis=0)
cumsum([[1, 2], [3, 4]], axis=1)
cumsum(tf.constant([1, 2]), dtype='float32')
cumprod([[1, 2], [3, 4]], axis=-1)
diag([1, 2])
diag([1, 2], k=-1)
diag([[1, 2], [3, 4]], k=1)
diag([[1, 2], [3, 4]], k=5)
diag([])
diag([[[1]]])
diag_indices(2)
diag_indices(-1)
diagflat([[1, 2], [3, 4]])
diagonal([[1, 2], [3, 4]])
diagonal(onp.arange(12).reshape(2, 3, 2), 1, 0, 2)
diagonal(onp.arange(8).reshape(2, 2, 2), axis1=1, axis2=2)
diff([1, 4, 9, 16])
diff([[1.0, 4, 9], [2, 2, 2]], n=2)
diff([True, False, False])
diff([1, 2], n=-1)
divmod([7, -7], 3)
dot([1, 2], [3, 4])
dot([[1, 2], [3, 4]], [[1.0, 0], [0, 2]])
dot(2, [3, 4])
dot([[1, 2], [3, 4]], [1, 2])
dsplit(onp.arange(8).reshape(2, 2, 2), 2)
dstack(([1, 2], [3, 4]))
einsum('ij,j->i', [[1, 2], [3, 4]], [1.0, 2])
einsum('i->', [1], casting='odd')
einsum('i->', [1.0], optimize='odd')
empty((0, 2))
empty_like([1, 2])
expand_dims([1, 2], 1)
eye(2)
eye(2, 3, 1)
eye(3, 2, -1, dtype='int32')
eye(2, k=4)
eye(3, k=-2)
flatten([[1, 2], [3, 4]], 'F')
flatten([[1, 2], [3, 4]])
flatten([1], 'X')
flip([[1, 2], [3, 4]])
flip([[1, 2], [3, 4]], -1)
fliplr([[1, 2], [3, 4]])
flipud([[1, 2], [3, 4]])
full((2,), 3)
full(2, 3.5, 'float32')
full_like([1, 2], 2.7)
full_like([1, 2], 2.7, order='C')
full_like([1, 2], 2.7, shape=(2,))
full_like([1, 2], 2.7, subok=False)
gcd([12, 7], 18)
gcd(1.5, 2)
geomspace(1, 1000, 4)
geomspace(1.0, 256, 3, dtype='float32')
hsplit(tf.constant([1, 2, 3, 4]), 2)
hsplit(tf.constant([[1, 2], [3, 4]]), 2)
hsplit(tf.constant([1, 2, 3]), 2)
hstack(([1, 2], [3.0]))
hstack(([[1], [2]], [[3], [4]]))
identity(2)
imag([1 + 2j])
imag([1.0])
inner([[1, 2]], [3, 4])
inner(2, 3.0)
iscomplex([1 + 2j, 3])
iscomplexobj([1j])
isinf(tf.constant([1.0, float('inf')]))
isinf(tf.constant(1))
isneginf(tf.constant([1.0, -float('inf')]))
isposinf(tf.constant([1.0, float('inf')]))
isreal([1 + 2j, 3])
isrealobj([1.0])
isscalar(1)
isscalar([1])
ix_([0, 1], [2])
ix_([True, False], [2])
ix_([[0]])
ix_([0.5])
kron([1, 2], [1, 10])
kron([[1, 2]], [3.0])
lcm([4, 0], 6)
linspace(0, 1, 5)
linspace(0, 1, 4, endpoint=False)
linspace(0, 10, 3, retstep=True)
linspace(0.0, 1.0, -1)
logspace(0, 2, 3)
logical_not([0, 1, 2])
matmul([[1, 2], [3, 4]], [[1.0, 0], [0, 2]])
matmul([1, 2], [[1, 2], [3, 4]])
matmul([[1, 2], [3, 4]], [1, 2])
matmul(onp.arange(8.0).reshape(2, 2, 2), [[1.0, 0], [0, 2]])
meshgrid([1, 2], [3, 4, 5])
meshgrid([1, 2], [3, 4], indexing='ij')
meshgrid([1], sparse=True)
meshgrid([1], copy=False)
mean([1, 2], dtype='float32')
mean([1], out=1)
moveaxis(onp.arange(6).reshape(1, 2, 3), 0, -1)
moveaxis(onp.arange(6).reshape(1, 2, 3), (0, 1), (2, 0))
moveaxis([[1]], (0, 1), (1,))
ndim([[1]])
nextafter(1.0, 2.0)
nonzero([[0, 1], [2, 0]])
ones((2,))
ones((2,), 'int8')
ones_like([1.5])
ones_like([1.5], 'int32')
outer([1, 2], [3.0, 4])
pad([1, 2], [[1, 2]], 'constant', constant_values=9)
pad([1, 2, 3], [[1, 2]], 'reflect')
pad([1, 2, 3], [[1, 2]], 'symmetric')
pad([1, 2, 3], [[1, 2]], 'edge')
polyval([1, 2, 3], 2.0)
polyval([5], [1, 2])
prod([1, 2, 3])
prod([True, True])
promote_types('int32', tf.float32)
ravel([[1, 2], [3, 4]])
real([1 + 2j])
repeat([1, 2], 2)
repeat([[1, 2], [3, 4]], [1, 2], axis=0)
reshape([1, 2, 3, 4], (2, 2), order='F')
reshape([1, 2, 3, 4], -1)
reshape([1], 1, order='A')
result_type(1, 2.5)
result_type(tf.constant(1), 2.5)
result_type(tf.float32, 'int64')
result_type(onp.int8(1), 1)
result_type()
roll([1, 2, 3], 1)
roll([[1, 2], [3, 4]], 1, axis=1)
roll([[1, 2], [3, 4]], 1)
rot90(tf.constant([[1, 2], [3, 4]]))
rot90(tf.constant([[1, 2], [3, 4]]), 2)
rot90(tf.constant([[1, 2], [3, 4]]), -1)
select([[True, False], [True, True]], [[1, 2], [3, 4.5]])
select([], [])
select([[True]], [])
shape([[1, 2]])
sign([1 + 1j])
sign([1], out=1)
size([[1, 2]])
size(3)
size([1], axis=0)
sort([3, 1, 2])
sort([[3, 1], [2, 4]], axis=0)
sort([[3, 1], [2, 4]], axis=None)
sort([1], kind='stable')
sort([1], order='x')
split([1, 2, 3, 4], 2)
split([1, 2, 3, 4], [1, 3])
split([1, 2, 3], [2, 9])
split([1, 2, 3], [2, 1])
squeeze([[[1], [2]]])
squeeze([[[1], [2]]], 0)
stack([[1, 2], [3.0, 4]], axis=1)
stack(tf.constant([[1, 2], [3, 4]]), axis=1)
std([1, 2, 4])
sum(tf.constant([1, 2], tf.uint8))
sum([True, True])
sum([[1, 2], [3, 4]], axis=0, keepdims=True)
sum([1.5, 2], dtype='int32')
sum([True, False], dtype=bool)
swapaxes(onp.arange(6).reshape(1, 2, 3), 0, -1)
take([1, 2, 3], [0, 5, -1])
take([[1, 2], [3, 4]], [1, 3], axis=1, mode='wrap')
take([1], [0], mode='raise')
take([1], [0], mode='odd')
take_along_axis([[3, 1], [2, 4]], [[1], [0]], 1)
take_along_axis([[3, 1], [2, 4]], [[-1, 0]], 0)
take_along_axis([3, 1], [1], None)
tensordot([[1, 2], [3, 4]], [[1.0, 0], [0, 2]], axes=1)
tensordot([[1, 2], [3, 4]], [[1, 0], [0, 2]])
tile([1, 2], 2)
tile([1, 2], (2, 1))
tile([[1, 2]], [2])
trace([[1, 2], [3, 4]])
trace([[1, 2], [3, 4]], 1)
trace(onp.arange(8).reshape(2, 2, 2), dtype='float32')
transpose([[1, 2], [3, 4]])
transpose(onp.arange(6).reshape(1, 2, 3), (2, 0, 1))
tri(3)
tri(2, 3, 1, 'int32')
tri(3, k=-1)
tri(2, k=-5)
tril([[1, 2], [3, 4]])
tril([1])
triu([[1, 2], [3, 4]])
triu([[1, 2], [3, 4]], 1)
vander([1, 2, 3])
vander([1.0, 2], 3, increasing=True)
vander([[1]])
vander([1], -1)
var([1, 2, 4])
var([[1.0, 2], [3, 5]], axis=0, ddof=1, dtype='float64')
var([1, 2], dtype='float32')
vdot([1 + 2j, 3], [4, 5])
vsplit(tf.constant([[1, 2], [3, 4]]), 2)
vsplit([[1, 2], [3, 4]], [1])
vstack(([1, 2], [3.0, 4]))
where([True, False], 1, 2.5)
where([0, 3])
where([True], 1)
zeros((2,))
zeros((2,), 'complex64')
zeros_like([1, 2])
zeros_like([1, 2], float)
finfo(tf.float32).bits
iinfo(onp.int8).max
issubdtype(onp.int8, onp.integer)
true_divide(True, True)
floor_divide([True], [True])
mod([True], [True])
maximum(tf.constant([-1.0, 2.0]), 0)
maximum([True, False], [False, False])
add([True, False], [False, False])
add(tf.constant([1]), tf.constant([1.5]))
add(tf.constant([1.5]), 2)
add(onp.float32(1), tf.constant(2, tf.int64))
add([1, 2], [1, 2, 3])
minimum([True, False], [True, True])
multiply([True], [True])
greater([True], [False])
array_equal([1, 2], [1, 2, 3])
nanmean([1, 2])
nanmean(tf.constant([1.0, float('nan')]))
nansum([[1.0, float('nan')]], axis=0)
angle([1j, -1.0], deg=True)
angle([-1.0, 1.0])
random.seed('x')
random.seed(None)
random.randint(3, dtype='float32')
"""


def cases() -> list[str]:
    """The expressions."""
    found = [f"np.{name}({_GIVEN.get(name, '[-0.5, 0.0, 1.0]')})" for name in _UNARY.split()]
    for name in _BINARY.split():
        found += [f"np.{name}([1, 5], [[2.5], [-1.0]])", f"np.{name}(tf.constant([3, 4]), 2)"]
    for name in _REDUCTIONS.split():
        found += [f"np.{name}([[1, 5], [4, 3]])", f"np.{name}(tf.constant([[1.0, 5], [4, 3]]), axis=0)"]
    return found + [f"np.{line}" for line in _OTHERS.strip().splitlines()]


#: What NumPy's behaviour gives Tensors: after `experimental_enable_numpy_behavior()`, and with `prefer_float32=True`.
ENABLED = """
tf.constant([1, 2]) + tf.constant([1.5, 2.5])
tf.constant([1, 2]) + 1.5
1.5 + tf.constant([1, 2])
2 - tf.constant([1.5])
tf.constant([1, 2]) * onp.float32(2)
tf.constant([1, 2]) == 1.0
tf.constant([1, 2]) < 1.5
tf.constant([1, 2]) / tf.constant([2, 4], tf.int64)
tf.constant([1.5]) ** tf.constant([2])
tf.constant([[1, 2], [3, 4]]) @ tf.constant([1.0, 2.0])
tf.Variable([1, 2]) + 1.5
tf.constant([[1, 2], [3, 4]]).T
tf.constant([[1, 2], [3, 4]]).reshape(-1)
tf.constant([[1, 2], [3, 4]]).reshape(4, 1)
tf.constant([[1, 2], [3, 4]]).reshape((4,), order='F')
tf.constant([1, 2]).reshape(2, odd=1)
tf.constant([1, 2]).astype(tf.float32)
tf.constant([[1, 2], [3, 4]]).ravel()
tf.constant([[1, 2], [3, 4]]).flatten()
tf.constant([[1, 2], [3, 4]]).transpose()
tf.constant([1, 5]).clip(2, 3)
tf.constant([1, 5]).max()
tf.constant([1, 5]).min()
tf.constant([1, 5]).mean()
tf.constant([[1, 5]]).size
tf.constant([[1, 5]]).ndim
tf.constant([[1, 5]]).tolist()
round(tf.constant([1.25]), 1)
+tf.constant([1])
tf.constant([1]).data
tf.constant([1, 2, 3])[[0, 2]]
tf.constant([[1, 2], [3, 4]])[[0, 1], [1, 0]]
tf.constant([[1, 2], [3, 4]])[:, [1, -1]]
tf.constant([[1, 2], [3, 4]])[tf.constant([1]), ::-1]
tf.reshape(tf.range(24), [2, 3, 4])[:, [0, 1], [1, 2]]
tf.reshape(tf.range(24), [2, 3, 4])[[0, 1], :, [1, 2]]
tf.reshape(tf.range(24), [2, 3, 4])[..., [[0, 1]]]
tf.reshape(tf.range(24), [2, 3, 4])[1, [0, 2], None]
tf.constant([1, 2, 3])[tf.constant([True, False, True])]
tf.constant([1, 2, 3])[onp.array([0, 1], 'uint8')]
tf.constant([1, 2, 3])[0.5]
tf.constant([1, 2, 3])[1:]
tf.constant([[1, 2], [3, 4]])[[True, False], 1]
np.add(tf.constant([1]), 1.5)
np.array([1.5])
np.zeros(2)
tf.function(lambda x: x.reshape(-1) + 1.5)(tf.constant([[1, 2]]))
""".strip().splitlines()


def described(expression: str, names: dict[str, Any]) -> Any:
    """What an expression gives, in plain Python: dtype, shape and elements; or its error."""
    try:
        return plain(eval(expression, dict(names)))
    except Exception as error:
        text = str(error)
        return {"error": type(error).__name__, "text": text if not text.startswith("{{") else text.split("}} ", 1)[1]}


def plain(value: Any) -> Any:
    """Tensors, dtypes, shapes and lists of them in plain Python."""
    if isinstance(value, (list, tuple)) and type(value).__name__ != "TensorShape":
        return [plain(item) for item in value]
    if hasattr(value, "numpy") and hasattr(value, "shape"):
        array = value.numpy()
        return {"dtype": value.dtype.name, "shape": [*value.shape], "elements": [repr_of(x) for x in array.ravel()]}
    if isinstance(value, (bool, int, float)):
        return value
    return str(value)


def repr_of(element: Any) -> Any:
    """An element as JSON can have it."""
    if isinstance(element, bytes):
        return element.decode()
    number = element.item()
    return [number.real, number.imag] if isinstance(number, complex) else number
