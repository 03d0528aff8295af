"""Making tensors: constants, and tensors filled with one value."""

from __future__ import annotations

import functools
import math
import time
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.context import context, refuse
from ..base.dtypes import DType, DTypeLike, as_dtype
from ..base.shapes import Shape, ShapeLike, TensorShape
from ..core import types
from ..core.composite import CompositeTensor, refuse_composite
from ..core.convert import convert, made, number, to_array
from ..core.execute import execute
from ..core.indexed_slices import IndexedSlices
from ..core.op import OPS, op
from ..core.symbol import Size, Symbol
from ..core.tensor import EAGER, Array, Tensor, TensorLike, framework_constant
from .common import NO_ATTRS, only_host, shape_of
from .layout import integers, is_negative, reshape
from .passing import stop_gradient
from .sizes import all_axes

newaxis = None
_NUMBERS = frozenset([float, int, bool])


# --- constants


def constant(value: Any, dtype: DTypeLike | None = None, shape: ShapeLike = None, name: str = "Const") -> Tensor:
    """A Tensor of given elements.

    Args:
      value: a number, a string, nested lists of such, a NumPy array or what has `__array__`.
      dtype: the dtype of the result; by default float32 for floats, int32 (or int64, for large ones) for ints, and that
        of an array.
      shape: the shape of the result; `value` must have as many elements, or be a scalar, which is then repeated.
      name: a name for the constant, if it is part of a graph.

    Raises:
      TypeError: if `value` does not convert to `dtype`, or does not fill `shape`.
      ValueError: if `value` is ragged, mixed or of an unsupported type.

    >>> tf.constant([1, 2.5])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1. , 2.5], dtype=float32)>
    >>> print(tf.constant(0, shape=[2, 2]))
    tf.Tensor(
    [[0 0]
     [0 0]], shape=(2, 2), dtype=int32)
    """
    wanted = None if dtype is None else as_dtype(dtype)
    if type(value) in _NUMBERS:
        tensor = made(number(value, wanted), name)
    elif isinstance(value, Tensor):
        if wanted is not None and value.dtype is not wanted:
            raise TypeError(f"Expected tensor {value} with dtype {dtype!r}, but got dtype {value.dtype!r}.")
        if isinstance(value, Symbol) and context.graph is None:
            value.__array__()  # has the error for it
        tensor = value
    else:
        tensor = made(to_array(refuse_composite(value), wanted), name)
    if context.run is refuse:
        tensor = _settled(tensor)
    return tensor if shape is None else stop_gradient(_filling(tensor, shape, value))


def _settled(tensor: Any) -> Any:
    """A tensor out of the program's values, where an accelerator is open: there."""
    if context.graph is None and type(tensor) is Tensor:
        from ..core.placing import placed

        return placed(tensor)
    return tensor


def _filling(tensor: Tensor, shape: ShapeLike, value: Any) -> Tensor:
    wanted = TensorShape(shape)
    if not wanted.is_fully_defined():
        convert(wanted.as_list(), dtypes.int32)  # has the error for it
    sizes, count = tuple(wanted), math.prod(wanted)  # type: ignore[arg-type]
    have = tensor.shape.num_elements()
    if have == count:
        return reshape(tensor, sizes)
    if have == 1:
        return _fill(sizes, tensor)  # type: ignore[no-any-return]
    raise TypeError(
        f"Eager execution of tf.constant with unsupported shape. Tensor {get_static_value(tensor)} (converted from "
        f"{get_static_value(value)}) has {have} elements, but got `shape` {wanted} with "
        f"{count} elements)."
    )


def convert_to_tensor(
    value: Any, dtype: DTypeLike | None = None, dtype_hint: DTypeLike | None = None, name: str | None = None
) -> Tensor:
    """`value` as a Tensor: itself if it is one.

    Args:
      value: a Tensor, a Variable, a number, a string, nested lists of such (Tensors among them are stacked, and
        gradients flow to them), a NumPy array, a TensorShape, or what has a conversion.
      dtype: the dtype that the result must have.
      dtype_hint: a dtype that it gets if `dtype` is None and `value` converts to it.
      name: handed to conversions that take a name.

    Raises:
      TypeError, ValueError: if `value` does not convert; if it is a Tensor of another dtype.

    >>> x = tf.constant(1.0)
    >>> tf.convert_to_tensor(x) is x
    True
    >>> print(tf.convert_to_tensor([x, 2 * x]))
    tf.Tensor([1. 2.], shape=(2,), dtype=float32)
    """
    tensor = convert(
        value,
        None if dtype is None else as_dtype(dtype),
        None if dtype_hint is None else as_dtype(dtype_hint),
        name,
    )
    if context.run is refuse:
        tensor = _settled(tensor)
    return tensor if type(tensor) is Tensor else refuse_composite(tensor)


def is_tensor(x: Any) -> bool:
    """Whether `x` is a Tensor, or something that stands for one, such as a Variable.

    >>> tf.is_tensor(tf.constant(1)), tf.is_tensor(1)
    (True, False)
    """
    tensors = (Tensor, CompositeTensor, IndexedSlices)
    return isinstance(x, tensors) or hasattr(type(x), "_should_act_as_resource_variable")


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """The value of a Tensor as a NumPy array, where it is known already; None if it is not. Other values as they are.

    Args:
      tensor: a Tensor.
      partial: whether an array of objects will do, in which unknown elements are None.

    >>> tf.get_static_value(tf.constant([1, 2])).tolist()
    [1, 2]
    """
    if type(tensor) in EAGER:
        return tensor.numpy()
    if isinstance(tensor, Symbol) and tensor.known is not None:
        known = tensor.known.copy()
        if not any(type(element) is Size for element in known.ravel().tolist()):
            return known
        if partial:
            known.ravel()[:] = [None if type(element) is Size else element for element in known.ravel().tolist()]
            return known
    return None if is_tensor(tensor) else tensor


# --- filled tensors


def _filled(dims: Any, value: Shape, **_attrs: Any) -> Shape:
    dims = (dims,) if type(dims) in (int, Size) else dims
    dims = integers(dims, "index_type", 1, "dims must represent a vector, got shape ")
    if value is not None and value not in ((), (1,), (None,)):
        raise errors.invalid(f"value must represent a scalar, got shape {shapes.show(value)}")
    if dims is None:
        return None
    for size in dims:
        if is_negative(size):
            raise errors.invalid(f"Dimension {size} must be >= 0")
    if math.prod(size for size in dims if type(size) is int) >= 2**63:
        raise errors.invalid(f"Shape {shapes.show(dims)} would have more than 2**63 - 1 elements")
    return dims  # type: ignore[no-any-return]


@op("Fill", "dims:index_type, value:T -> output:T", shape=_filled, static=("dims",), index_type=types.INDICES)
def _fill(xp: Any, dims: Any, value: Array) -> Array:
    return xp.full(_filled(dims, value.shape), value.reshape(()))


@_fill.on("host")
def _(xp: Any, dims: Any, value: Array) -> Array:
    if value.shape:
        _filled(dims, value.shape)
    out = np.empty(dims, value.dtype)
    out[...] = value
    return out


@_fill.gradient
def _(g: Any, _output: Any, _dims: Any, _value: Any) -> Any:
    """A scalar, as TensorFlow's, also for a value of shape [1]."""
    return None, OPS["Sum"](g, all_axes(g), keep_dims=False)


def _no_layout() -> NotImplementedError:
    return NotImplementedError("tapeflow has no DTensor: `layout` must be None")


def fill(dims: Any, value: TensorLike, name: str | None = None, layout: Any = None) -> Tensor:
    """A Tensor with one value everywhere.

    Args:
      dims: its shape, a vector of integers.
      value: the value, a scalar.
      name: a name for errors.
      layout: None, as there is no DTensor.

    Raises:
      InvalidArgumentError: for negative sizes, or if `value` is no scalar.

    >>> print(tf.fill([2, 3], 9))
    tf.Tensor(
    [[9 9 9]
     [9 9 9]], shape=(2, 3), dtype=int32)
    """
    if layout is not None:
        raise _no_layout()
    return execute(_fill, (dims, value), NO_ATTRS, name)  # type: ignore[no-any-return]


_SIZES = {int, Size}


def _dims(shape: Any) -> Any:
    """A shape for `zeros` and `ones`: integers, or what converts to an int32 Tensor."""
    if (type(shape) is list or type(shape) is tuple) and set(map(type, shape)) <= _SIZES:
        return tuple(shape)
    if type(shape) is int:
        return (shape,)
    if not isinstance(shape, Tensor):
        shape = convert(shape, dtypes.int32)
    return shape


@functools.lru_cache(maxsize=64)
def zero_of(dtype: DType) -> Tensor:
    """The scalar zero (empty string, False) of a dtype."""
    return framework_constant(to_array("" if dtype is dtypes.string else False if dtype.is_bool else 0, dtype))


@functools.lru_cache(maxsize=64)
def one_of(dtype: DType) -> Tensor:
    """The scalar one (True) of a dtype."""
    return framework_constant(to_array(True if dtype.is_bool else 1, dtype))


def zeros(
    shape: Any, dtype: DTypeLike = dtypes.float32, name: str | None = None, layout: Any = None
) -> Tensor:
    """A Tensor of zeros (of empty strings, of False).

    Args:
      shape: its shape.
      dtype: its dtype.
      name: a name for errors.
      layout: None, as there is no DTensor.

    Raises:
      InvalidArgumentError: for negative sizes.
      TypeError: if the sizes are no integers.

    >>> print(tf.zeros([2]), tf.zeros([2], tf.int32))
    tf.Tensor([0. 0.], shape=(2,), dtype=float32) tf.Tensor([0 0], shape=(2,), dtype=int32)
    """
    if layout is not None:
        raise _no_layout()
    return execute(_fill, (_dims(shape), zero_of(as_dtype(dtype))), NO_ATTRS, name)  # type: ignore[no-any-return]


def ones(
    shape: Any, dtype: DTypeLike = dtypes.float32, name: str | None = None, layout: Any = None
) -> Tensor:
    """A Tensor of ones (of True).

    Args:
      shape: its shape.
      dtype: its dtype.
      name: a name for errors.
      layout: None, as there is no DTensor.

    Raises:
      InvalidArgumentError: for negative sizes.
      TypeError: if the sizes are no integers, or for strings.

    >>> print(tf.ones([2]), tf.ones([2], tf.bool))
    tf.Tensor([1. 1.], shape=(2,), dtype=float32) tf.Tensor([ True  True], shape=(2,), dtype=bool)
    """
    if layout is not None:
        raise _no_layout()
    return execute(_fill, (_dims(shape), one_of(as_dtype(dtype))), NO_ATTRS, name)  # type: ignore[no-any-return]


@op("ZerosLike", "x:T -> y:T", shape=shapes.same, differentiable=False)
def _zeros_like(xp: Any, x: Array) -> Array:
    return xp.zeros(x.shape, x.dtype)


@_zeros_like.on("host")
def _(xp: Any, x: Array) -> Array:
    return np.full(x.shape, b"", object) if x.dtype.kind == "O" else np.zeros(x.shape, x.dtype)


_HAS_ONE = (
    dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int8, dtypes.uint8, dtypes.int16,
    dtypes.uint16, dtypes.int32, dtypes.uint32, dtypes.int64, dtypes.uint64, dtypes.complex64, dtypes.complex128,
    dtypes.bool,
)  # fmt: skip


@op("OnesLike", "x:T -> y:T", shape=shapes.same, differentiable=False, T=_HAS_ONE)
def _ones_like(xp: Any, x: Array) -> Array:
    return xp.ones(x.shape, x.dtype)


@_ones_like.on("host")
def _(xp: Any, x: Array) -> Array:
    out = np.empty(x.shape, x.dtype)
    out.fill(1)
    return out


def zeros_like(
    input: TensorLike, dtype: DTypeLike | None = None, name: str | None = None, layout: Any = None
) -> Tensor:
    """Zeros of the shape of `input`, and of its dtype unless another is given.

    >>> print(tf.zeros_like([1, 2]))
    tf.Tensor([0 0], shape=(2,), dtype=int32)
    """
    if layout is not None:
        raise _no_layout()
    if dtype is None:
        return execute(_zeros_like, (input,), NO_ATTRS, name)  # type: ignore[no-any-return]
    given: Any = input
    if isinstance(given, CompositeTensor):
        return execute(_zeros_like, (OPS["Cast"](given, DstT=as_dtype(dtype)),), NO_ATTRS, name)  # type: ignore[no-any-return]
    return zeros(shape_of(convert(input)), dtype, name)


def ones_like(
    input: TensorLike, dtype: DTypeLike | None = None, name: str | None = None, layout: Any = None
) -> Tensor:
    """Ones of the shape of `input`, and of its dtype unless another is given.

    Raises:
      InvalidArgumentError: for strings.

    >>> print(tf.ones_like([1, 2], tf.float32))
    tf.Tensor([1. 1.], shape=(2,), dtype=float32)
    """
    if layout is not None:
        raise _no_layout()
    if dtype is None:
        return execute(_ones_like, (input,), NO_ATTRS, name)  # type: ignore[no-any-return]
    given: Any = input
    if isinstance(given, CompositeTensor):
        return execute(_ones_like, (OPS["Cast"](given, DstT=as_dtype(dtype)),), NO_ATTRS, name)  # type: ignore[no-any-return]
    return ones(shape_of(convert(input)), dtype, name)


@op("Timestamp", " -> ts:double", shape=lambda: (), differentiable=False)
def _timestamp(xp: Any) -> Array:
    return np.float64(time.time())


only_host(_timestamp)
_timestamp.reads = True


def timestamp(name: str | None = None) -> Tensor:
    """The time: seconds since 1970, float64.

    >>> bool(tf.timestamp() > 1.6e9)
    True
    """
    return _timestamp(name=name)  # type: ignore[no-any-return]
