"""Joining, stacking, tiling, reversing ragged tensors; dimensions of size 1; shapes."""
# ruff: noqa: N802 - functions bear the names of ops

from __future__ import annotations

from typing import Any

from ..base import dtypes
from ..base.dtypes import DType
from ..core.convert import convert
from ..core.execute import static_value
from ..core.op import OPS, Op
from .debugging import Assert, assert_equal
from .ragged_dispatch import as_all
from .ragged_partition import RowPartition
from .ragged_rows import (
    axis_of,
    beside,
    count_rows,
    grouped,
    join,
    one_row,
    own_rows,
    splits_dtype,
    take,
    with_rank,
    without_uniform,
)
from .ragged_tensor import RaggedTensor, flat_of, nested, partitions_of
from .ranges import range_

# --- concat, stack


def op_ConcatV2(op: Op, *values_and_axis: Any) -> Any:
    """Joins along an axis."""
    *values, axis = values_and_axis
    xs = as_all(values)
    rank = xs[0].shape.rank
    for x in xs[1:]:
        x.shape.assert_has_rank(rank)
    axis = axis_of(static_value(axis), rank)
    deepest = max(len(partitions_of(x)) for x in xs)
    dtype = splits_dtype(*xs)
    whole = concat([with_rank(x, min(deepest, rank - 1), dtype) for x in xs], axis, dtype)
    return without_uniform(whole)


def concat(xs: list[Any], axis: int, dtype: DType) -> Any:
    """Joins along an axis; all have the same ragged rank."""
    if not isinstance(xs[0], RaggedTensor):
        return OPS["ConcatV2"](*xs, axis)
    if axis == 0:
        return join(xs, dtype)
    if axis == 1:
        first = count_rows(xs[0], dtype)
        for i, x in enumerate(xs[1:], 1):
            message = f"Input tensors at index 0 (=x) and {i} (=y) have incompatible shapes."
            assert_equal(first, count_rows(x, dtype), message=message)
        return beside(xs, dtype)
    rows = xs[0]._partition
    for x in xs[1:]:
        if x._partition.splits is not rows.splits:
            assert_equal(rows.splits, x._partition.splits)
    return nested(concat([x._values for x in xs], axis - 1, dtype), [rows])


def op_Pack(op: Op, *values: Any, axis: int = 0) -> Any:
    """Joins along a new axis."""
    return stack(list(values), axis)


def stack(values: list[Any], axis: int) -> Any:
    """Joins along a new axis; the result is ragged, whatever the values are."""
    xs = as_all(values)
    rank = xs[0].shape.rank
    for x in xs[1:]:
        x.shape.assert_has_rank(rank)
    axis = axis_of(axis, rank + 1)
    dtype = splits_dtype(*xs)
    if rank == 0:
        return OPS["Pack"](*xs, axis=0)
    deepest = max(len(partitions_of(x)) for x in xs)
    if axis == 0 and rank == 1:
        return without_uniform(concat([one_row(x, dtype) for x in xs], 0, dtype))
    xs = [with_rank(x, max(min(deepest, rank - 1), min(axis, rank - 1), 1), dtype) for x in xs]
    grown = [expand_dims(x, axis) for x in xs]
    deepest = max(len(partitions_of(x)) for x in grown)
    return without_uniform(concat([with_rank(x, deepest, dtype) for x in grown], axis, dtype))


# --- dimensions of size 1


def op_ExpandDims(op: Op, x: Any, axis: Any) -> Any:
    """A new dimension of size 1."""
    axis = static_value(axis)
    rank = None if x.shape.rank is None else x.shape.rank + 1
    return expand_dims(x, axis_of(axis[0] if isinstance(axis, tuple) else axis, rank))


def expand_dims(x: Any, axis: int) -> Any:
    """A new dimension of size 1, of a Tensor too."""
    if not isinstance(x, RaggedTensor):
        return OPS["ExpandDims"](x, axis)
    if axis == 0:
        return one_row(x)
    if axis == 1:
        return own_rows(x)
    return nested(expand_dims(x._values, axis - 1), [x._partition])


def op_Squeeze(op: Op, x: Any, *, squeeze_dims: Any = ()) -> Any:
    """Takes dimensions of size 1 away."""
    if not squeeze_dims:
        raise ValueError("Ragged.squeeze must have an axis argument.")
    axes = sorted({axis_of(axis, x.shape.rank) for axis in squeeze_dims}, reverse=True)
    for axis in axes:
        x = _squeezed(x, axis, axis)
    return x


def _squeezed(x: Any, axis: int, named: int) -> Any:
    if not isinstance(x, RaggedTensor):
        return OPS["Squeeze"](x, squeeze_dims=(axis,))
    rows, values = x._partition, x._values
    message = f"the given axis (axis = {named}) is not squeezable!"
    if axis == 0:
        Assert(OPS["Equal"](rows.nrows, convert(1, rows.dtype)), [message])
        return values
    if axis == 1:
        Assert(OPS["All"](OPS["Equal"](rows.lengths, convert(1, rows.dtype)), (0,), keep_dims=False), [message])
        return values
    return nested(_squeezed(values, axis - 1, named), [rows])


# --- repeating, reversing, splitting


def op_Tile(op: Op, x: Any, multiples: Any) -> Any:
    """Repeats along each dimension."""
    return without_uniform(tile(x, static_value(multiples)))


def tile(x: Any, multiples: Any) -> Any:
    """Repeats along each dimension, of a Tensor too."""
    if not isinstance(x, RaggedTensor):
        return OPS["Tile"](x, tuple(multiples))
    if len(multiples) < 2:
        raise IndexError(f"index {len(multiples)} is out of bounds for axis 0 with size {len(multiples)}")
    first, second, *rest = multiples
    rows, values = x._partition, x._values
    if any(n != 1 for n in rest):
        values = tile(values, (1, *rest))
        x = nested(values, [rows])
    if second != 1:
        if second == 0:
            x = nested(values[:0], [RowPartition(OPS["ZerosLike"](rows.splits))])
        else:
            ids = OPS["Reshape"](OPS["Tile"](OPS["ExpandDims"](range_(rows.nrows), 1), (1, second)), (-1,))
            x = grouped(take(x, ids), convert(second, rows.dtype))
    return x if first == 1 else take(x, OPS["Tile"](range_(x._partition.nrows), (first,)))


def op_ReverseV2(op: Op, x: Any, axis: Any) -> Any:
    """Reverses the order along axes."""
    axes = static_value(axis)
    for each in sorted({axis_of(a, x.shape.rank) for a in (axes if isinstance(axes, tuple) else (axes,))}):
        x = x[(*[slice(None)] * each, slice(None, None, -1))] if isinstance(x, RaggedTensor) else op(x, (each,))
    return x


def op_Split(op: Op, axis: Any, x: Any, *, num_split: int) -> Any:
    """Equal parts along an axis."""
    axis = axis_of(static_value(axis), x.shape.rank)
    size = x.shape[axis]
    if size is None:
        _refuse_split(x, axis)
    if size % num_split:
        raise ValueError(f"Cannot exactly split axis {axis} into {num_split} parts. Got `value` with shape {x.shape}")
    return _split(x, [size // num_split] * num_split, axis)


def op_SplitV(op: Op, x: Any, sizes: Any, axis: Any, *, num_split: int) -> Any:
    """Parts of given sizes along an axis."""
    axis = axis_of(static_value(axis), x.shape.rank)
    if x.shape[axis] is None and axis:
        _refuse_split(x, axis)
    given = list(static_value(sizes))
    if -1 in given:
        given[given.index(-1)] = x.shape[axis] - sum(given) - 1
    return _split(x, given, axis)


def _refuse_split(x: Any, axis: int) -> None:
    from .ragged_shapes import DynamicRaggedShape

    raise ValueError(
        "Cannot split a ragged dimension. Got `value` with shape "
        f"{DynamicRaggedShape.from_tensor(x)} and `axis` {axis}."
    )


def _split(x: Any, sizes: list[int], axis: int) -> list[Any]:
    results, start = [], 0
    for size in sizes:
        results.append(x[(*[slice(None)] * axis, slice(start, start + size))])
        start += size
    return results


# --- shapes


def op_Shape(op: Op, x: Any, *, out_type: DType = dtypes.int32) -> Any:
    """The shape, ragged."""
    from .ragged_shapes import DynamicRaggedShape

    return DynamicRaggedShape.from_tensor(x, out_type)


def op_BroadcastTo(op: Op, x: Any, shape: Any) -> Any:
    """Repeated to a ragged shape."""
    from .ragged_shapes import DynamicRaggedShape, broadcast_to

    if not isinstance(shape, DynamicRaggedShape):
        raise RaggedTensor._no_tensor()
    return broadcast_to(x, shape)


def op_Size(op: Op, x: Any, *, out_type: DType = dtypes.int32) -> Any:
    """How many elements there are."""
    return op(flat_of(x), out_type=out_type)


def op_Rank(op: Op, x: Any) -> Any:
    """How many dimensions there are."""
    rank = x.shape.rank
    return convert(rank, dtypes.int32) if rank is not None else op(flat_of(x)) + len(partitions_of(x))


def op_Reshape(op: Op, x: Any, shape: Any) -> Any:
    """The elements in another shape."""
    return op(flat_of(x), shape)


def op_OneHot(op: Op, x: Any, depth: Any, on: Any, off: Any, *, axis: int = -1) -> Any:
    """A new dimension with one value that differs."""
    rows, flat = partitions_of(x), flat_of(x)
    if axis >= 0:
        if axis <= len(rows):
            raise ValueError(f"axis ({axis}) must be greater than indices.ragged_rank ({len(rows)}).")
        axis -= len(rows)
    return nested(op(flat, depth, on, off, axis=axis), rows)

