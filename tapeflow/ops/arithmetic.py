"""Adding, multiplying, dividing, powers, sums of many tensors."""

from __future__ import annotations

from typing import Any

from ..base import dtypes, errors, shapes
from ..base.dtypes import (
    DType,
    bfloat16,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from ..base.shapes import Shape, TensorShape
from ..core import types
from ..core.convert import convert
from ..core.execute import execute
from ..core.indexed_slices import IndexedSlices
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import (
    NO_ATTRS,
    Binary,
    Unary,
    conj,
    elementwise,
    elementwise2,
    elementwise_op,
    fast,
    scalar,
    select,
    shape_of,
    times,
    unbroadcast,
    zeros_like,
)

SIGNED = (int8, int16, int32, int64)
UNSIGNED = (uint8, uint16, uint32, uint64)
_COUNTED = (uint8, int8, uint16, int16, int32, uint32, uint64, int64)
SIGNED_OR_INEXACT = types.FLOATS + SIGNED + types.COMPLEX
ALL_NUMBERS = types.FLOATS + _COUNTED + types.COMPLEX


# ---------------------------------------------------------------- sums and products


def _add_gradient(g: Any, _z: Any, x_shape: Any, y_shape: Any) -> Any:
    return unbroadcast(g, x_shape), unbroadcast(g, y_shape)


add_v2 = elementwise_op(
    "AddV2", "x:T, y:T -> z:T", "add", _add_gradient, shape=shapes.broadcast,
    T=types.FLOATS + UNSIGNED + SIGNED + types.COMPLEX,
)  # fmt: skip
# TensorFlow's older op is still the one that joins strings.
add_old = elementwise_op(
    "Add", "x:T, y:T -> z:T", "add", _add_gradient, shape=shapes.broadcast,
    T=(*types.FLOATS, uint8, int8, int16, int32, int64, *types.COMPLEX, dtypes.string),
)  # fmt: skip


@fast(add_v2)
def add(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x + y`, element by element; strings are joined.

    Args:
      x: a tensor of numbers or strings.
      y: a tensor of the same dtype, of a shape that broadcasts with `x`.
      name: not used.

    Raises:
      InvalidArgumentError: if dtypes or shapes do not fit.

    >>> print(tf.add([1, 2], 3))
    tf.Tensor([4 5], shape=(2,), dtype=int32)
    """
    if type(x) is not Tensor:
        x = convert(x)
    if type(y) is not Tensor:
        y = convert(y, hint=x.dtype)
    return execute(add_old if x.dtype is dtypes.string else add_v2, (x, y), NO_ATTRS, name)  # type: ignore[no-any-return]


subtract = elementwise2(
    "Sub", "subtract",
    lambda g, _z, x_shape, y_shape: (unbroadcast(g, x_shape), lambda: unbroadcast(negative(g), y_shape)),
    """`x - y`, element by element.

    >>> print(tf.subtract([1.0, 2.0], 0.5))
    tf.Tensor([0.5 1.5], shape=(2,), dtype=float32)
    """,
    public="subtract",
    T=(*types.FLOATS, uint8, int8, uint16, int16, int32, int64, *types.COMPLEX, uint32, uint64),
)  # fmt: skip


def _multiply_gradient(g: Any, _z: Any, x: Any, y: Any) -> Any:
    if x is y:  # a square: one product will do
        return times(g, conj(x + x)), None
    return lambda: unbroadcast(g * conj(y), shape_of(x)), lambda: unbroadcast(conj(x) * g, shape_of(y))


multiply = elementwise2(
    "Mul", "multiply", _multiply_gradient,
    """`x * y`, element by element.

    >>> print(tf.multiply([[1], [2]], [3, 4]))
    tf.Tensor(
    [[3 4]
     [6 8]], shape=(2, 2), dtype=int32)
    """,
    public="multiply", T=ALL_NUMBERS,
)  # fmt: skip


def scalar_mul(scalar: TensorLike, x: Any, name: str | None = None) -> Any:
    """`x`, a tensor or `IndexedSlices`, times a number.

    Raises:
      ValueError: if `scalar` is not 0-d.

    >>> print(tf.scalar_mul(2, tf.constant([1.0, 2.0])))
    tf.Tensor([2. 4.], shape=(2,), dtype=float32)
    """
    factor = convert(scalar, x.dtype)
    if factor.shape.rank != 0:
        raise ValueError(f"The input scalar must be a 0-D value. Received shape {factor.shape}.")
    if isinstance(x, IndexedSlices):
        return IndexedSlices(multiply(factor, x.values), x.indices, x.dense_shape)
    return multiply(factor, x, name)


_multiply_no_nan: Binary = elementwise2(
    "MulNoNan", lambda xp, x, y: xp.where(y == 0, x.dtype.type(0), x * y),
    lambda g, _z, x, y: (
        unbroadcast(_multiply_no_nan(g, y), shape_of(x)), unbroadcast(_multiply_no_nan(x, g), shape_of(y))
    ),
    "`x * y`, and 0 where `y` is 0.",
    T=types.FLOATS_AND_COMPLEX,
)  # fmt: skip


def multiply_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x * y`, and 0 where `y` is 0, even if `x` is infinite or NaN there.

    >>> print(tf.math.multiply_no_nan([np.inf, 2.0], [0.0, 3.0]))
    tf.Tensor([0. 6.], shape=(2,), dtype=float32)
    """
    x = convert(x)
    return _multiply_no_nan(x, _same_dtype(y, x.dtype), name)


def _same_dtype(y: Any, dtype: DType) -> Tensor:
    """`y` as a tensor of this dtype, with the error text that names the argument."""
    try:
        return convert(y, dtype)
    except ValueError as error:
        if str(error).startswith("Tensor conversion requested"):
            raise ValueError(f"y: {error}") from None
        raise


def _squared_difference(xp: Any, x: Array, y: Array) -> Array:
    difference = x - y
    if difference.dtype.kind == "c":
        return (xp.square(difference.real) + xp.square(difference.imag)).astype(difference.dtype)
    return xp.square(difference)


def _squared_difference_gradient(g: Any, _z: Any, x: Any, y: Any) -> Any:
    gx = scalar(2, g.dtype) * g * (x - y)
    return unbroadcast(gx, shape_of(x)), lambda: unbroadcast(-gx, shape_of(y))


squared_difference = elementwise2(
    "SquaredDifference", _squared_difference, _squared_difference_gradient,
    """`(x - y) * (x - y)`, conjugated for complex numbers.

    >>> print(tf.math.squared_difference([1.0, 5.0], 3.0))
    tf.Tensor([4. 4.], shape=(2,), dtype=float32)
    """,
    T=(*types.FLOATS, int32, int64, *types.COMPLEX),
)  # fmt: skip


# ---------------------------------------------------------------- one tensor

negative: Unary = elementwise(
    "Neg", "negative", lambda g, _y, _x: negative(g),
    """`-x`.

    >>> print(tf.negative([1, -2]))
    tf.Tensor([-1  2], shape=(2,), dtype=int32)
    """,
    public="negative", T=SIGNED_OR_INEXACT,
)  # fmt: skip

_abs = elementwise(
    "Abs", "abs", lambda g, _y, x: g * sign(x), "The absolute value of real numbers.", T=types.FLOATS + SIGNED
)
_complex_abs = elementwise_op(
    "ComplexAbs", "x:T -> y:Tout", lambda xp, x, *, Tout=float32: xp.abs(x),
    lambda g, y, x, *, Tout: OPS["DivNoNan"](OPS["Cast"](g, DstT=x.dtype) * x, OPS["Cast"](y, DstT=x.dtype)),
    T=types.COMPLEX, Tout=(float32, float64),
)  # fmt: skip


@_complex_abs.on("xla")
def _(jax: Any, x: Array, *, Tout: DType = float32) -> Array:
    """Infinite if one part is, even if the other is NaN."""
    np = jax.numpy
    return np.where(np.isinf(x.real) | np.isinf(x.imag), np.inf, np.abs(x))


def abs(x: TensorLike, name: str | None = None) -> Tensor:
    """The absolute value; of complex numbers, a real one.

    >>> print(tf.abs([-1.5, 2.0]), tf.abs(3 + 4j))
    tf.Tensor([1.5 2. ], shape=(2,), dtype=float32) tf.Tensor(5.0, shape=(), dtype=float64)
    """
    x = convert(x)
    if x.dtype.is_complex:
        return _complex_abs(x, Tout=x.dtype.real_dtype, name=name)  # type: ignore[no-any-return]
    return _abs(x, name)


_sign = elementwise(
    "Sign", "sign", lambda _g, _y, x: zeros_like(x), "-1, 0 or 1.", T=SIGNED_OR_INEXACT
)  # complex numbers do not get here


def sign(x: TensorLike, name: str | None = None) -> Tensor:
    """-1, 0 or 1, as `x` is negative, zero or positive; `x / |x|` of a complex number.

    >>> print(tf.sign([-3.0, 0.0, 7.0]))
    tf.Tensor([-1.  0.  1.], shape=(3,), dtype=float32)
    """
    x = convert(x)
    if x.dtype.is_complex:
        return OPS["DivNoNan"](x, OPS["Cast"](abs(x), DstT=x.dtype), name=name)  # type: ignore[no-any-return]
    return _sign(x, name)


square = elementwise(
    "Square", "square", lambda g, _y, x: g * (conj(x) * scalar(2, x.dtype)),
    """`x * x`.

    >>> print(tf.square([-2.0, 3.0]))
    tf.Tensor([4. 9.], shape=(2,), dtype=float32)
    """,
    T=types.FLOATS + SIGNED + UNSIGNED + types.COMPLEX,
)  # fmt: skip


# ---------------------------------------------------------------- powers


def _power(xp: Any, x: Array, y: Array) -> Array:
    if x.dtype.kind == "i" and (y < 0).any():
        raise errors.invalid("Integers to negative integer powers are not allowed")
    return xp.power(x, y)


def _power_on_host(np: Any, x: Array, y: Array) -> Array:
    if y.ndim:
        return _power(np, x, y)
    if y == 2:
        return np.square(x)
    if y == 3:
        return np.square(x) * x
    return x.copy() if y == 1 else _power(np, x, y)


def _power_gradient(g: Any, z: Any, x: Any, y: Any) -> Any:
    def wrt_x() -> Any:
        cy = conj(y)
        return unbroadcast(g * cy * pow(conj(x), cy - scalar(1, cy.dtype)), shape_of(x))

    def wrt_y() -> Any:
        cx = conj(x)
        zero = scalar(0, x.dtype)
        has_log = OPS["NotEqual"](cx, zero) if x.dtype.is_complex else OPS["Greater"](cx, zero)
        log_x = select(has_log, OPS["Log"](select(has_log, cx, 1.0)), 0.0)
        return unbroadcast(g * conj(z) * log_x, shape_of(y))

    return wrt_x, wrt_y


pow = elementwise2(
    "Pow", _power, _power_gradient,
    """`x` to the power of `y`.

    Raises:
      InvalidArgumentError: if `y` is a negative integer.

    >>> print(tf.pow([2.0, 3.0], 2.0))
    tf.Tensor([4. 9.], shape=(2,), dtype=float32)
    """,
    T=(bfloat16, float32, float16, float64, *SIGNED, *types.COMPLEX),
)  # fmt: skip
pow.op.on("host")(_power_on_host)


@pow.op.on("xla")
def _(jax: Any, x: Array, y: Array) -> Array:
    """Integers to negative powers are 0, but for 1 and -1."""
    np = jax.numpy
    if x.dtype.kind != "i":
        return np.power(x, y)
    return np.where((y < 0) & (np.abs(x) != 1), 0, np.power(x, np.abs(y)))


def polyval(coeffs: list[Any], x: TensorLike, name: str | None = None) -> Tensor:
    """A polynomial at `x`, its coefficients from the highest power down to the constant.

    Args:
      coeffs: a list of tensors.
      x: a tensor.
      name: not used.

    Raises:
      ValueError: if `coeffs` is no list.

    >>> print(tf.math.polyval([1.0, 0.0, -1.0], [2.0, 3.0]))
    tf.Tensor([3. 8.], shape=(2,), dtype=float32)
    """
    if not isinstance(coeffs, list):
        raise ValueError(f"Argument coeffs must be list type. Received type {type(coeffs)}.")
    x = convert(x)
    if not coeffs:
        return zeros_like(x)  # type: ignore[no-any-return]
    value, *rest = map(convert, coeffs)
    for coefficient in rest:
        value = coefficient + value * x
    return value


# ---------------------------------------------------------------- many tensors


def _add_n_shape(*inputs: Shape, **attrs: Any) -> Shape:
    for i, shape in enumerate(inputs):
        if not shapes.fits(inputs[0], shape):
            raise errors.invalid(
                "Inputs to operation AddN of type AddN must have the same size and shape.  "
                f"Input 0: {shapes.show(inputs[0])} != input {i}: {shapes.show(shape)}"
            )
    return shapes.merge(*inputs)


@op("AddN", "inputs:N*T -> sum:T", shape=_add_n_shape, T=(*types.NUMBERS, dtypes.variant))
def _add_n(xp: Any, *inputs: Array) -> Array:
    _add_n_shape(*[x.shape for x in inputs])
    if len(inputs) == 1:
        return inputs[0]
    total = inputs[0] + inputs[1]
    for x in inputs[2:]:
        total += x  # our own array by now
    return total


@_add_n.gradient
def _(g: Any, _sum: Any, *_inputs: Any) -> Any:
    return (g,) * len(_inputs)


def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """The sum of tensors that have the same shape and dtype.

    Args:
      inputs: a list of them (`IndexedSlices`, too), or one tensor, whose parts along the first axis are summed.
      name: not used.

    Raises:
      ValueError: if there are none.
      TypeError: if `inputs` is nothing to go through.
      InvalidArgumentError: if shapes or dtypes differ.

    >>> print(tf.add_n([[1, 2], [3, 4], [5, 6]]))
    tf.Tensor([ 9 12], shape=(2,), dtype=int32)
    """
    tensors = [convert(x) for x in inputs]
    if not tensors:
        raise ValueError(
            "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape."
        )
    return tensors[0] if len(tensors) == 1 else _add_n(*tensors, name=name)


def accumulate_n(
    inputs: Any, shape: Any = None, tensor_dtype: DType | None = None, name: str | None = None
) -> Tensor:
    """The sum of tensors, as `tf.add_n`, after checking that they have this shape and dtype.

    Raises:
      ValueError, TypeError: if they do not.

    >>> print(tf.math.accumulate_n([[1, 2], [3, 4]], shape=[2], tensor_dtype=tf.int32))
    tf.Tensor([4 6], shape=(2,), dtype=int32)
    """
    tensors = [convert(x) for x in inputs] if isinstance(inputs, (list, tuple)) else []
    if not tensors or any(x.dtype is not tensors[0].dtype for x in tensors):
        raise ValueError("inputs must be a list of at least one Tensor with the same dtype and shape")
    expected = TensorShape(shape)
    for x in tensors:
        expected = expected.merge_with(x.shape)
    if tensor_dtype is not None and tensor_dtype != tensors[0].dtype:
        raise TypeError(
            f"The `tensor_dtype` argument is {tensor_dtype}, but `input` is of type {tensors[0].dtype}. "
            "These must be equal. Try casting the input to the desired type."
        )
    return add_n(tensors, name)
