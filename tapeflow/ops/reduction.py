"""Reductions: sums, means, products, extremes, along any axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.context import context
from ..base.dtypes import DType
from ..core import types
from ..core.convert import convert
from ..core.execute import execute
from ..core.op import Op, op
from ..core.registry import OPS
from ..core.symbol import Size, Symbol
from ..core.tensor import Array, Tensor, TensorLike
from ..engines.host_arrays import WIDE, reduce
from .common import conj, shape_of, static

Axis = int | Sequence[int] | Tensor | None

_SIGNATURE = "input:T, reduction_indices:Tidx -> output:T"
_STATIC = ("reduction_indices",)
#: The dtypes that `Max` and its like take, as TensorFlow lists them.
ORDERED = (*types.REALS, dtypes.qint8, dtypes.quint8, dtypes.qint32, dtypes.qint16, dtypes.quint16)

# ---------------------------------------------------------------- axes


_ALL = tuple(tuple(range(rank)) for rank in range(33))
EVERY_AXIS = frozenset(map(id, _ALL))  # how graphs know that a program has not said any axes
_DROP: dict[str, Any] = {"keep_dims": False}
_KEEP: dict[str, Any] = {"keep_dims": True}


def _call(reduction: Op, x: Any, axis: Axis, keepdims: bool, name: str | None) -> Tensor:
    """Calls a reduction, for an axis as programs write it: None (all), an int, several, negative ones, a Tensor."""
    every = axis is None
    if axis is None:
        if type(x) is not Tensor:
            x = convert(x, dtypes.bool if reduction.inputs[0].fixed and not isinstance(x, Symbol) else None)
        axis = _ALL[x._array.ndim] if type(x) is Tensor else _all_axes(x)
    elif type(axis) is not int:
        axis = axes_of(axis)
    result: Tensor = execute(reduction, (x, axis), _KEEP if keepdims else _DROP, name)
    if every and isinstance(axis, Tensor) and not keepdims:  # all axes of an unknown rank
        result.set_shape(())
    return result


def _all_axes(x: Any) -> Any:
    return OPS["Range"](0, OPS["Rank"](x), 1) if x.shape.rank is None else _ALL[x.shape.rank]


def axes_of(axis: Any) -> Any:
    """An argument `axis` as a static input: nested lists are flattened, as TensorFlow does, and bools are ints.

    Raises:
      TypeError, InvalidArgumentError: if it is not made of integers.
    """
    if isinstance(axis, float) and context.graph is None:
        raise TypeError(f"Cannot convert {axis!r} to EagerTensor of dtype int32")
    if not isinstance(axis, (list, tuple, int)):
        axis = convert(axis)
        if axis.dtype not in types.INDICES:
            raise _no_axes(axis.dtype)
    value = static(axis)
    if isinstance(value, Tensor):
        return value if value.ndim in (0, 1) else OPS["Reshape"](value, (-1,))
    return tuple(_flat(value)) if isinstance(value, tuple) else int(value) if isinstance(value, int) else value


def _no_axes(dtype: DType) -> Exception:
    allowed = f"list of allowed values: {', '.join(index.name for index in types.INDICES)}"
    if context.graph is None:
        return errors.invalid(f"Value for attr 'Tidx' of {dtype.cpp_name} is not in the {allowed}")
    return TypeError(f"Value passed to parameter 'reduction_indices' has DataType {dtype.name} not in {allowed}")


def _flat(value: Any) -> list[int]:
    return [item for part in value for item in _flat(part)] if isinstance(value, tuple) else [value]


def _rank(x: Any) -> int:
    rank: int = len(shape_of(x))
    return rank


def _spread(g: Any, x_shape: Any, axes: Any, keep_dims: bool) -> Any:
    """A gradient of a reduction, broadcast to the shape of what was reduced."""
    have: Any = shape_of(g)
    if not keep_dims and (isinstance(have, Tensor) or have != ()):
        g = _restored(g, x_shape, axes)
    return OPS["BroadcastTo"](g, x_shape)


def _restored(y: Any, x_shape: Any, axes: Any) -> Any:
    """The result of a reduction with the dimensions that went away put back, as ones."""
    if isinstance(axes, Tensor) or (type(x_shape) is not tuple and y.shape.rank is None):
        gone, shape = _axes_from_front(axes, x_shape), convert(x_shape, dtypes.int32)
        kept = OPS["TensorScatterUpdate"](shape, OPS["ExpandDims"](gone, 1), OPS["OnesLike"](gone))
        return OPS["Reshape"](y, kept)
    if type(x_shape) is tuple:
        return OPS["Reshape"](y, shapes.reduce(x_shape, axes, keep_dims=True))
    rank = _rank(y) + (1 if isinstance(axes, int) else len(axes))
    for axis in sorted(shapes.reduction_axes(axes, rank)):
        y = OPS["ExpandDims"](y, axis)
    return y


def _axes_from_front(axes: Any, x_shape: Any) -> Any:
    """Axes as a vector, all counted from the front, where they or the rank are known only when the function runs."""
    axes = convert(axes)
    rank = len(x_shape) if type(x_shape) is tuple else OPS["Size"](x_shape)
    axes = OPS["Cast"](axes, DstT=dtypes.int32)
    return OPS["FloorMod"](OPS["Reshape"](axes, (-1,)), rank)


def _count(x_shape: Any, axes: Any, like: Any) -> Any:
    """How many elements become one: a float, where it is known before the program runs; otherwise a Tensor."""
    if type(x_shape) is tuple and not isinstance(axes, Tensor):
        count = x_shape[axes] if type(axes) is int else math.prod([x_shape[axis] for axis in axes])
        return count.__tf_tensor__(like.dtype) if isinstance(count, Size) else float(count)
    return OPS["Cast"](OPS["Prod"](OPS["GatherV2"](x_shape, _axes_from_front(axes, x_shape), 0), 0), DstT=like.dtype)


# ---------------------------------------------------------------- sum, mean


@op("Sum", _SIGNATURE, shape=shapes.reduce, static=_STATIC, T=types.NUMBERS)
def sum_(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    wide = WIDE.get(x.dtype)
    if wide is None:
        return reduce(np.add, x, axes, keep_dims, x.dtype)
    return reduce(np.add, x, axes, keep_dims, wide).astype(x.dtype)


@sum_.on("xla")
def _(jax: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return summed_on_xla(jax, x, axes, keep_dims, WIDE.get(x.dtype, x.dtype)).astype(x.dtype)


def summed_on_xla(jax: Any, x: Array, axes: Any, keep_dims: bool, dtype: Any) -> Array:
    """The sum in a dtype. On the CPU, XLA sums long columns slowly, and multiplies by a matrix of ones fast."""
    gone = sorted(shapes.reduction_axes(axes, x.ndim))
    rows = math.prod(x.shape[: len(gone)])
    tall = gone == list(range(len(gone))) and rows >= _LONG and 1 < x.size // rows <= _WIDE
    if not tall or dtype.kind != "f" or jax.default_backend() != "cpu":
        return jax.numpy.sum(x, axis=axes, keepdims=keep_dims, dtype=dtype)
    total = jax.lax.dot(jax.numpy.ones((1, rows), dtype), x.astype(dtype).reshape(rows, -1))
    return total.reshape(shapes.reduce(x.shape, axes, keep_dims=keep_dims))


_LONG, _WIDE = 128, 4096


@sum_.gradient
def _(g: Any, _y: Any, x_shape: Any, axes: Any, *, keep_dims: bool) -> Any:
    return _spread(g, x_shape, axes, keep_dims), None


@op("Mean", _SIGNATURE, shape=shapes.reduce, static=_STATIC, T=types.NUMBERS)
def mean_(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return _mean(np, x, reduce(np.add, x, axes, keep_dims, _mean_dtype(x)))


def _mean_dtype(x: Array) -> Any:
    """The dtype in which to sum: 64 bits for integers, so that the sum does not overflow."""
    if x.dtype.kind in "iu" and x.dtype.itemsize < 8:
        return np.dtype(np.int64)
    return WIDE.get(x.dtype, x.dtype)


def _mean(xp: Any, x: Array, total: Any) -> Array:
    count = x.size // (total.size or 1)
    kind = x.dtype.kind
    if kind in "iu":  # rounded towards zero
        return (xp.sign(total) * (abs(total) // max(count, 1))).astype(x.dtype)
    if not count and kind == "c":  # the mean of nothing is 0 here, but nan of real numbers: so it is in TensorFlow
        return total
    mean = total / count
    return mean if mean.dtype is x.dtype else mean.astype(x.dtype)


@mean_.on("xla")
def _(jax: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return _mean(jax.numpy, x, summed_on_xla(jax, x, axes, keep_dims, _mean_dtype(x)))


@mean_.gradient
def _(g: Any, _y: Any, x_shape: Any, axes: Any, *, keep_dims: bool) -> Any:
    return _spread(g / _count(x_shape, axes, g), x_shape, axes, keep_dims), None


# ---------------------------------------------------------------- product


@op("Prod", _SIGNATURE, shape=shapes.reduce, static=_STATIC, T=types.NUMBERS)
def prod_(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return xp.prod(x, axis=axes, keepdims=keep_dims, dtype=WIDE.get(x.dtype, x.dtype)).astype(x.dtype)


@prod_.on("host")
def _(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return reduce(np.multiply, x, axes, keep_dims, WIDE.get(x.dtype, x.dtype)).astype(x.dtype)


@prod_.gradient
def _(g: Any, _y: Any, x: Any, axes: Any, *, keep_dims: bool) -> Any:
    """The product of all others, without division, which zeros would not stand: of those before times those after."""
    order, back, count = turned_to_front(axes, x)
    turned = OPS["Transpose"](x, order)
    shape = shape_of(turned)
    flat = OPS["Reshape"](turned, halves(shape, count))
    scan = OPS["Cumprod"]
    others = scan(flat, 0, exclusive=True) * scan(flat, 0, exclusive=True, reverse=True)
    others = OPS["Transpose"](OPS["Reshape"](others, shape), back)
    return _restored(g, shape_of(x), axes) * conj(others) if not keep_dims else g * conj(others), None


def turned_to_front(axes: Any, x: Any) -> tuple[Any, Any, Any]:
    """The permutation that puts `axes` in front, the one back, and how many axes they are."""
    if isinstance(axes, Tensor) or x.shape.rank is None:
        gone = _axes_from_front(convert(axes), shape_of(x))
        every = OPS["Range"](0, OPS["Rank"](x), 1)
        goes = OPS["Any"](OPS["Equal"](OPS["ExpandDims"](every, 1), gone), 1)
        stay = OPS["GatherV2"](every, OPS["Reshape"](OPS["Where"](OPS["LogicalNot"](goes)), (-1,)), 0)
        turn = OPS["ConcatV2"](gone, stay, 0)
        return turn, OPS["InvertPermutation"](turn), OPS["Size"](gone)
    front = shapes.reduction_axes(axes, len(x.shape))
    order = (*front, *(axis for axis in range(len(x.shape)) if axis not in front))
    return order, tuple(map(order.index, range(len(order)))), len(front)


def halves(shape: Any, count: Any) -> Any:
    """The shape of a matrix whose rows are the first `count` dimensions, its columns the rest."""
    if isinstance(count, int):
        return pair(shape[:count], shape[count:])
    shape = convert(shape, dtypes.int32)
    return pair(shape[:count], shape[count:])


def pair(before: Any, after: Any) -> Any:
    """The shape of a matrix whose rows and columns have these sizes multiplied out."""
    if type(before) is tuple and type(after) is tuple:
        return math.prod(before), math.prod(after)
    return OPS["Pack"](OPS["Prod"](before, 0), OPS["Prod"](after, 0))


# ---------------------------------------------------------------- extremes


def lowest(dtype: Any) -> Any:
    """What no element of a NumPy dtype is below."""
    return dtypes.of(np.empty(0, dtype)).min if dtype.kind in "iu" else -math.inf


def highest(dtype: Any) -> Any:
    """What no element of a NumPy dtype is above."""
    return dtypes.of(np.empty(0, dtype)).max if dtype.kind in "iu" else math.inf


@op("Max", _SIGNATURE, shape=shapes.reduce, static=_STATIC, T=ORDERED)
def max_(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return xp.max(x, axis=axes, keepdims=keep_dims, initial=x.dtype.type(lowest(x.dtype)))


@max_.on("host")
def _(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    if x.size:
        return reduce(np.maximum, x, axes, keep_dims, x.dtype)
    return np.asarray(np.amax(x, axes, keepdims=keep_dims, initial=lowest(x.dtype)))


@op("Min", _SIGNATURE, shape=shapes.reduce, static=_STATIC, T=ORDERED)
def min_(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return xp.min(x, axis=axes, keepdims=keep_dims, initial=x.dtype.type(highest(x.dtype)))


@min_.on("host")
def _(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    if x.size:
        return reduce(np.minimum, x, axes, keep_dims, x.dtype)
    return np.asarray(np.amin(x, axes, keepdims=keep_dims, initial=highest(x.dtype)))


@max_.gradient
@min_.gradient
def _(g: Any, y: Any, x: Any, axes: Any, *, keep_dims: bool) -> Any:
    """Elements that are equally extreme share the gradient."""
    if not keep_dims:
        y, g = _restored(y, shape_of(x), axes), _restored(g, shape_of(x), axes)
    chosen = OPS["Cast"](OPS["Equal"](x, y), DstT=g.dtype)
    return chosen * (g / sum_(chosen, axes, keep_dims=True)), None


# ---------------------------------------------------------------- logic


@op(
    "All",
    "input:bool, reduction_indices:Tidx -> output:bool",
    shape=shapes.reduce,
    static=_STATIC,
    differentiable=False,
)
def all_(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return xp.all(x, axis=axes, keepdims=keep_dims)


@all_.on("host")
def _(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return reduce(np.logical_and, x, axes, keep_dims, x.dtype)


@op(
    "Any",
    "input:bool, reduction_indices:Tidx -> output:bool",
    shape=shapes.reduce,
    static=_STATIC,
    differentiable=False,
)
def any_(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return xp.any(x, axis=axes, keepdims=keep_dims)


@any_.on("host")
def _(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    return reduce(np.logical_or, x, axes, keep_dims, x.dtype)


# ---------------------------------------------------------------- length


@op("EuclideanNorm", _SIGNATURE, shape=shapes.reduce, static=_STATIC, T=types.NUMBERS)
def euclidean_norm(xp: Any, x: Array, axes: Any, *, keep_dims: bool = False) -> Array:
    shapes.reduction_axes(axes, x.ndim)
    wide = x.astype(WIDE.get(x.dtype, x.dtype))
    squares = (wide * wide.conj()).real if wide.dtype.kind == "c" else wide * wide
    return xp.sqrt(xp.sum(squares, axis=axes, keepdims=keep_dims, dtype=squares.dtype)).astype(x.dtype)


@euclidean_norm.gradient
def _(g: Any, y: Any, x: Any, axes: Any, *, keep_dims: bool) -> Any:
    if not keep_dims:
        y, g = _restored(y, shape_of(x), axes), _restored(g, shape_of(x), axes)
    return x / (y / g), None


# ---------------------------------------------------------------- public functions


def reduce_sum(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The sum of elements along axes. Integers wrap around; the 16-bit floats are summed in float32.

    Args:
      input_tensor: numbers.
      axis: the axis or axes that go away, negative ones counted from the end; by default all.
      keepdims: whether they stay, with size 1.
      name: of the operation.

    Returns:
      A Tensor of the input's dtype.

    Raises:
      InvalidArgumentError: if an axis is out of range or given twice.

    >>> tf.reduce_sum([[1, 2], [3, 4]], axis=0).numpy()
    array([4, 6], dtype=int32)
    """
    if type(axis) is int:
        return execute(sum_, (input_tensor, axis), _KEEP if keepdims else _DROP, name)  # type: ignore[no-any-return]
    return _call(sum_, input_tensor, axis, keepdims, name)


def reduce_mean(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The mean of elements along axes; see `reduce_sum`. The mean of integers is rounded towards zero.

    >>> tf.reduce_mean([[1.0, 2.0], [3.0, 5.0]], axis=1).numpy()
    array([1.5, 4. ], dtype=float32)
    """
    if type(axis) is int:
        return execute(mean_, (input_tensor, axis), _KEEP if keepdims else _DROP, name)  # type: ignore[no-any-return]
    return _call(mean_, input_tensor, axis, keepdims, name)


def reduce_prod(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The product of elements along axes; see `reduce_sum`.

    >>> tf.reduce_prod([[1, 2], [3, 4]]).numpy()
    np.int32(24)
    """
    return _call(prod_, input_tensor, axis, keepdims, name)


def reduce_max(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The largest element along axes, NaN if there is one; see `reduce_sum`. Equal ones share the gradient.

    >>> tf.reduce_max([[1, 2], [3, 4]], axis=1).numpy()
    array([2, 4], dtype=int32)
    """
    if type(axis) is int:
        return execute(max_, (input_tensor, axis), _KEEP if keepdims else _DROP, name)  # type: ignore[no-any-return]
    return _call(max_, input_tensor, axis, keepdims, name)


def reduce_min(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The smallest element along axes, NaN if there is one; see `reduce_sum`. Equal ones share the gradient.

    >>> tf.reduce_min([[1, 2], [3, 4]], axis=1).numpy()
    array([1, 3], dtype=int32)
    """
    return _call(min_, input_tensor, axis, keepdims, name)


def reduce_all(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether all elements along axes are True; see `reduce_sum`.

    >>> tf.reduce_all([[True, False], [True, True]], axis=1).numpy()
    array([False,  True])
    """
    return _call(all_, input_tensor, axis, keepdims, name)


def reduce_any(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether some element along axes is True; see `reduce_sum`.

    >>> tf.reduce_any([[True, False], [False, False]], axis=1).numpy()
    array([ True, False])
    """
    return _call(any_, input_tensor, axis, keepdims, name)


def reduce_euclidean_norm(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The square root of the sum of squares along axes, in the input's dtype; see `reduce_sum`.

    >>> tf.math.reduce_euclidean_norm([[3.0, 4.0], [0.0, 1.0]], axis=1).numpy()
    array([5., 1.], dtype=float32)
    """
    return _call(euclidean_norm, input_tensor, axis, keepdims, name)


def reduce_logsumexp(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """`log(sum(exp(x)))` along axes, without overflow; see `reduce_sum`.

    >>> tf.reduce_logsumexp([1000.0, 1000.0]).numpy()
    np.float32(1000.6932)
    """
    x = convert(input_tensor)
    top = reduce_max(x, axis, keepdims=True)
    finite = OPS["IsFinite"](top)
    top = OPS["StopGradient"](OPS["SelectV2"](finite, top, OPS["ZerosLike"](top)))
    result = OPS["Log"](reduce_sum(OPS["Exp"](x - top), axis, keepdims))
    return result + (top if keepdims else OPS["Reshape"](top, shape_of(result)))  # type: ignore[no-any-return]
