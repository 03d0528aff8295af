"""Ranges, and what is made with them: one-hot vectors, identity matrices, grids, masks."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType, DTypeLike, as_dtype
from ..base.shapes import Shape
from ..core.convert import convert, to_array
from ..core.execute import execute
from ..core.op import OPS, op
from ..core.symbol import UndecidedError
from ..core.tensor import EAGER, Array, Tensor, TensorLike, framework_constant
from .broadcasting import broadcast_to
from .common import NO_ATTRS, only_host, shape_of
from .creation import is_tensor, one_of, ones, zero_of
from .joining import concat
from .layout import expand_dims, integers, is_negative, reshape
from .sizes import all_axes, joined

# --- ranges


def _plain(number: Any) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"


def _count(start: Any, limit: Any, delta: Any) -> int:
    """How many numbers a range has."""
    plain = [x.item() for x in (start, limit, delta)]
    a, b, d = (x if type(x) is int else float(x) for x in plain)
    if d == 0:
        raise errors.invalid("Requires delta != 0: 0")
    if not (a <= b if d > 0 else a >= b):
        sign = ("<=", ">") if d > 0 else (">=", "<")
        raise errors.invalid(f"Requires start {sign[0]} limit when delta {sign[1]} 0: {_plain(a)}/{_plain(b)}")
    if isinstance(a, int) and isinstance(b, int) and isinstance(d, int):
        return -((a - b) // d)
    steps = float(abs((limit - start) / delta))  # in the dtype of the range, so that rounding takes the same side
    if steps > 2**63 - 1:
        raise errors.invalid("Requires ((limit - start) / delta) <= 9223372036854775807")
    return math.ceil(steps)


def _range_rule(start: Shape, limit: Shape, delta: Shape, **_attrs: Any) -> Shape:
    for what, x in (("start", start), ("limit", limit), ("delta", delta)):
        if x is not None and x not in ((), (1,), (None,)):
            raise errors.invalid(f"{what} must be a scalar, not shape {shapes.show(x)}")
    return (None,)


@op(
    "Range", "start:Tidx, limit:Tidx, delta:Tidx -> output:Tidx", shape=_range_rule, differentiable=False,
    Tidx=(
        dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int8, dtypes.int16, dtypes.int32,
        dtypes.int64, dtypes.uint16, dtypes.uint32, dtypes.uint64,
    ),
)  # fmt: skip
def _range(xp: Any, start: Array, limit: Array, delta: Array) -> Array:
    _range_rule(start.shape, limit.shape, delta.shape)
    start, limit, delta = (x.reshape(()) for x in (start, limit, delta))
    steps = xp.arange(_count(start, limit, delta))
    return start + steps.astype(start.dtype) * delta


only_host(_range)  # how many elements there are depends on values; known ones are folded before


@_range.on("host")
def _(xp: Any, start: Array, limit: Array, delta: Array) -> Array:
    if start.dtype.kind in "iu" and not start.ndim and not limit.ndim and not delta.ndim:
        _count(start, limit, delta)
        return np.arange(*(int(x) for x in (start, limit, delta)), dtype=start.dtype)
    return _range.kernel(xp, start, limit, delta)


_RANGES = (dtypes.int32, dtypes.int64, dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)


def range_(
    start: Any, limit: Any = None, delta: Any = 1, dtype: DTypeLike | None = None, name: str | None = "range"
) -> Tensor:
    """The numbers from `start` (0 by default) up to but without `limit`, at equal distances.

    Args:
      start: where to start; `tf.range(limit)` starts at 0.
      limit: where to end.
      delta: the distance, which may be negative.
      dtype: the dtype; by default the widest of the three.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if `delta` is 0 or points away from `limit`.

    >>> print(tf.range(3), tf.range(3, 0, -1))
    tf.Tensor([0 1 2], shape=(3,), dtype=int32) tf.Tensor([3 2 1], shape=(3,), dtype=int32)
    """
    if limit is None:
        start, limit = 0, start
    wanted = None if dtype is None else as_dtype(dtype)
    ends = [x if isinstance(x, Tensor) else convert(x, wanted) for x in (start, limit, delta)]
    if wanted is None:
        found = [x.dtype for x in ends]
        if any(each not in _RANGES for each in found):
            raise AssertionError
        wanted = max(found, key=_RANGES.index)
    ends = [x if x.dtype is wanted else OPS["Cast"](x, DstT=wanted) for x in ends]
    return execute(_range, tuple(ends), NO_ATTRS, name)  # type: ignore[no-any-return]


def linspace(start: TensorLike, stop: TensorLike, num: Any, name: str | None = None, axis: int = 0) -> Tensor:
    """`num` numbers at equal distances from `start` to `stop`, both of which are among them.

    Args:
      start: a Tensor, the first number of each sequence; integers become floats.
      stop: a Tensor, the last ones; the two are broadcast against each other.
      num: how many numbers, an integer.
      name: a name for errors.
      axis: where in the result the new axis is.

    Raises:
      InvalidArgumentError: if `num` is negative, or there can be no such axis.
      TypeError: if `num` is no integer.

    >>> print(tf.linspace(0.0, 1.0, 5))
    tf.Tensor([0.   0.25 0.5  0.75 1.  ], shape=(5,), dtype=float32)
    """
    first = convert(start)
    last = _stop(stop, first.dtype)
    if first.dtype.is_integer:
        wide = dtypes.float32 if first.dtype.size < 4 else dtypes.float64
        first, last = (OPS["Cast"](x, DstT=wide) for x in (first, last))
    count = _integer(num, "num")
    if is_negative(count):
        raise errors.invalid(f"Requires start <= limit when delta > 0: 1/{count} [Op:Range]")
    both = _common_shape(first, last)
    first, last = (expand_dims(broadcast_to(x, both), axis) for x in (first, last))
    return _between(first, last, count, axis)


def _common_shape(x: Tensor, y: Tensor) -> Any:
    """The shape of both when they are broadcast against each other."""
    have, other = shape_of(x), shape_of(y)
    if type(have) is tuple and type(other) is tuple:
        try:
            return shapes.broadcast(have, other)
        except UndecidedError:
            pass
    return shape_of(OPS["AddV2"](x, y))


def _stop(stop: Any, dtype: DType) -> Tensor:
    try:
        return convert(stop, dtype)
    except ValueError as error:
        raise (ValueError(f"stop: {error}") if is_tensor(stop) else error) from None


def _between(first: Tensor, last: Tensor, count: Any, axis: int) -> Tensor:
    if type(count) is int and count < 2:
        return first if count else _beginning(first, 0, axis)
    if type(count) is not int:  # the two ends, and cut off what is too much
        at_least = OPS["Maximum"](OPS["Cast"](count, DstT=dtypes.int32), 2)
        return _beginning(_inside(first, last, OPS["Sub"](at_least, 1), axis), count, axis)
    return _inside(first, last, convert(count - 1, dtypes.int32), axis)


def _beginning(x: Tensor, count: Any, axis: int) -> Tensor:
    rank = x.shape.rank
    return x[(slice(None),) * (axis if rank is None else axis % rank) + (slice(0, count),)]


def _inside(first: Tensor, last: Tensor, steps: Tensor, axis: int) -> Tensor:
    """The two ends, and what lies between them, `steps` steps in all."""
    delta = OPS["RealDiv"](OPS["Sub"](last, first), OPS["Cast"](steps, DstT=first.dtype))
    inner = OPS["Cast"](range_(1, steps), DstT=first.dtype)
    rank = first.shape.rank
    if rank is None:
        after = OPS["Sub"](OPS["Rank"](first), axis + 1)
        shape = joined((1,) * axis + (-1,), OPS["Fill"](reshape(after, (1,)), 1))
    else:
        shape = tuple(-1 if i == axis % rank else 1 for i in range(rank))
    inner = reshape(inner, shape)
    return concat([first, OPS["AddV2"](first, OPS["Mul"](delta, inner)), last], axis)


def _integer(value: Any, what: str) -> Any:
    """The value of a scalar, as an int; a Symbol if it is not known."""
    tensor = value if isinstance(value, Tensor) else Tensor(to_array(value))
    if not tensor.dtype.is_integer:
        raise TypeError(
            f"Argument `tensor` (name: {what}) must be of type integer. Received `tensor` = {value} of dtype: "
            f"{tensor.dtype}"
        )
    if tensor.shape.num_elements() not in (1, None) or tensor.shape.rank not in (0, 1, None):
        raise errors.invalid(f"limit must be a scalar, not shape {shapes.show(shape_of(tensor))}")
    return int(tensor._array.reshape(())) if type(tensor) in EAGER else reshape(tensor, ())


# --- matrices, one-hot vectors, grids, masks


def _one_hot_rule(indices: Shape, depth: Any, on_value: Shape, off_value: Shape, *, axis: int = -1) -> Shape:
    if type(depth) is tuple:
        raise errors.invalid(f"depth must be a scalar, but got: [{len(depth)}]")
    integers(depth, "Tdepth", 0)
    for what, x in (("on_value", on_value), ("off_value", off_value)):
        if x:
            raise errors.invalid(f"{what} must be a scalar, but got: {shapes.show(x)}")
    if is_negative(depth):
        raise errors.invalid(f"depth must be non-negative, got: {depth}")
    if indices is None:
        return None
    rank = len(indices) + 1
    if not -1 <= axis < rank:
        raise errors.invalid(f"Expected axis to be -1 or between [0, {rank}).  But received: {axis}")
    at = rank - 1 if axis == -1 else axis
    return (*indices[:at], depth, *indices[at:])


@op(
    "OneHot", "indices:TI, depth:int32, on_value:T, off_value:T -> output:T", shape=_one_hot_rule, static=("depth",),
    differentiable=False, TI=(dtypes.uint8, dtypes.int8, dtypes.int32, dtypes.int64),
)  # fmt: skip
def _one_hot(xp: Any, indices: Array, depth: Any, on_value: Array, off_value: Array, *, axis: int = -1) -> Array:
    _one_hot_rule(indices.shape, depth, on_value.shape, off_value.shape, axis=axis)
    at = indices.ndim if axis == -1 else axis
    places = xp.arange(depth).reshape((depth,) + (1,) * (indices.ndim - at))
    return xp.where(indices.reshape(indices.shape[:at] + (1,) + indices.shape[at:]) == places, on_value, off_value)


def one_hot(
    indices: TensorLike,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """For each index a vector with `on_value` in its place and `off_value` in all others.

    Args:
      indices: a Tensor of integers; those that are no place of a vector give a vector without `on_value`.
      depth: how long the vectors are.
      on_value: a scalar, 1 by default.
      off_value: a scalar, 0 by default.
      axis: where in the result the new axis is; -1, the last, by default.
      dtype: the dtype of the result; by default that of the values if one is given, otherwise float32.
      name: a name for errors.

    Raises:
      TypeError: if the dtypes do not fit each other.
      InvalidArgumentError: for a negative `depth`, or if there can be no such axis.

    >>> print(tf.one_hot([0, 2], 3))
    tf.Tensor(
    [[1. 0. 0.]
     [0. 0. 1.]], shape=(2, 3), dtype=float32)
    """
    wanted = None if dtype is None else as_dtype(dtype)
    on, off = (None if value is None else convert(value) for value in (on_value, off_value))
    for what, value in (("on_value", on), ("off_value", off)):
        if wanted is not None and value is not None and value.dtype is not wanted:
            raise TypeError(f"dtype {value.dtype} of {what} does not match dtype parameter {dtype}")
    if on is not None and off is not None and on.dtype is not off.dtype:
        raise TypeError(f"dtype {on.dtype} of on_value does not match dtype {off.dtype} of off_value")
    given = on if on is not None else off
    found = wanted or (dtypes.float32 if given is None else given.dtype)
    on = _default(1, found) if on is None else on
    off = _default(0, found) if off is None else off
    if isinstance(depth, Tensor):
        depth = convert(depth, dtypes.int32)
    if isinstance(indices, (list, tuple)):
        indices = convert(indices, hint=dtypes.int64)
    return _one_hot(indices, depth, on, off, axis=-1 if axis is None else axis, name=name)  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=64)
def _default(value: int, dtype: DType) -> Tensor:
    return framework_constant(to_array(value, dtype))


def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: DTypeLike = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """An identity matrix, or a batch of them.

    Args:
      num_rows: the number of rows.
      num_columns: the number of columns, by default that of rows.
      batch_shape: sizes to put in front, for a batch.
      dtype: the dtype.
      name: a name for errors.

    Raises:
      TypeError: if the sizes are no integers.
      InvalidArgumentError: if one is negative.

    >>> print(tf.eye(2))
    tf.Tensor(
    [[1. 0.]
     [0. 1.]], shape=(2, 2), dtype=float32)
    """
    columns = num_rows if num_columns is None else num_columns
    sizes = []
    for size in (num_rows, columns):
        if type(size) is not int and (isinstance(size, (list, tuple)) or not convert(size).dtype.is_integer):
            raise TypeError(
                "Arguments `num_rows` and `num_columns` must be positive integer values. "
                f"Received: num_rows={num_rows}, num_columns={columns}"
            )
        sizes.append(size if isinstance(size, Tensor) and type(size) not in EAGER else int(size))
    negative = [size for size in sizes if is_negative(size)]
    if negative:
        raise errors.invalid(f"Dimension {min(negative)} must be >= 0 [Op:Fill]")
    kind = as_dtype(dtype)
    matrix = _one_hot(range_(sizes[0]), sizes[1], one_of(kind), zero_of(kind), axis=-1, name=name)
    if batch_shape is None:
        return matrix  # type: ignore[no-any-return]
    batch = batch_shape if isinstance(batch_shape, Tensor) else tuple(batch_shape)
    return broadcast_to(matrix, joined(batch, shape_of(matrix)))


def meshgrid(*args: TensorLike, **kwargs: Any) -> list[Tensor]:
    """The coordinates of the points of a grid, from those along each axis.

    Args:
      *args: 1-D Tensors of one dtype.
      indexing: "xy" (the default): the first two axes of the results are exchanged, as for images; or "ij".
      name: not used, as there is no one op.

    Returns:
      A list of Tensors, one for each argument, which have the shape of the grid.

    Raises:
      ValueError: for another `indexing`.
      TypeError: for other keywords.

    >>> x, y = tf.meshgrid([1, 2], [3, 4, 5])
    >>> print(x)
    tf.Tensor(
    [[1 2]
     [1 2]
     [1 2]], shape=(3, 2), dtype=int32)
    """
    indexing = kwargs.pop("indexing", "xy")
    kwargs.pop("name", None)
    for keyword in kwargs:
        raise TypeError(f"'{keyword}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError(f"Argument `indexing` parameter must be either 'xy' or 'ij', got '{indexing}'")
    rank = len(args)
    axes = list(range(rank))
    if indexing == "xy" and rank > 1:
        axes[:2] = 1, 0
    columns = [
        reshape(x, tuple(-1 if i == axis else 1 for i in range(rank))) for x, axis in zip(args, axes, strict=True)
    ]
    full = [0] * rank
    for column, axis in zip(columns, axes, strict=True):
        full[axis] = shape_of(column)[axis]
    if not columns:
        return []
    factor = ones(full, columns[0].dtype)
    return [_stretched(x, factor) for x in columns]


def _stretched(x: Tensor, factor: Tensor) -> Tensor:
    if x.dtype.is_bool or factor.dtype.is_bool:
        return broadcast_to(OPS["Cast"](x, DstT=dtypes.bool), shape_of(factor))
    return OPS["Mul"](x, factor)  # type: ignore[no-any-return]


def sequence_mask(
    lengths: TensorLike, maxlen: Any = None, dtype: DTypeLike = dtypes.bool, name: str | None = None
) -> Tensor:
    """For each length n a vector whose first n elements are True.

    Args:
      lengths: a Tensor of integers.
      maxlen: how long the vectors are, a scalar; by default the largest of `lengths`.
      dtype: the dtype of the result; 1 and 0 stand for True and False in others.
      name: a name for errors.

    Raises:
      ValueError: if `maxlen` is no scalar.

    >>> print(tf.sequence_mask([1, 3], 3))
    tf.Tensor(
    [[ True False False]
     [ True  True  True]], shape=(2, 3), dtype=bool)
    """
    counts = convert(lengths)
    if maxlen is None:
        largest = OPS["Max"](counts, all_axes(counts), keep_dims=False)
        most = OPS["Maximum"](zero_of(counts.dtype), largest)
    else:
        most = convert(maxlen)
    if most.shape.rank not in (0, None):
        raise ValueError(
            f"Argument `maxlen` must be scalar for sequence_mask, received `maxlen` = {maxlen} with shape "
            f"'{most.shape}' instead"
        )
    places = _range(zero_of(most.dtype), most, one_of(most.dtype))
    below = OPS["Less"](places, OPS["Cast"](expand_dims(counts, -1), DstT=most.dtype), name=name)
    kind = as_dtype(dtype)
    return below if kind.is_bool else OPS["Cast"](below, DstT=kind)  # type: ignore[no-any-return]
