"""Gathering from ragged tensors and by ragged indices, where conditions hold, boolean masks, partitions."""
# ruff: noqa: N802 - functions bear the names of ops

from __future__ import annotations

from typing import Any

from ..base import dtypes
from ..base.dtypes import DType
from ..core.convert import convert
from ..core.execute import static_value
from ..core.op import OPS, Op
from . import ragged_partition as partitions
from .casting import cast
from .joining import tile
from .ragged_conversion import located, merged
from .ragged_partition import RowPartition
from .ragged_rows import axis_of, parts, split_first, splits_dtype, take, with_rank, without_uniform
from .ragged_tensor import RaggedTensor, as_ragged_or_tensor, flat_of, nested, partitions_of
from .ranges import range_


def op_GatherV2(op: Op, params: Any, indices: Any, axis: Any, *, batch_dims: int = 0) -> Any:
    """Slices of `params` at `indices`."""
    params, indices = as_ragged_or_tensor(params), as_ragged_or_tensor(indices)
    if batch_dims < 0:
        batch_dims += indices.shape.rank
    axis = static_value(axis)
    axis = axis_of(axis[0] if isinstance(axis, tuple) else axis, params.shape.rank)
    return gather(params, indices, max(axis, batch_dims), batch_dims)


def gather(params: Any, indices: Any, axis: int, batch_dims: int) -> Any:
    """Slices along an axis; each of the first `batch_dims` dimensions has indices of its own."""
    if batch_dims:
        return _gather_batch(params, indices, axis, batch_dims)
    if isinstance(indices, RaggedTensor):
        if axis:
            return _gather_rows(params, indices, axis, splits_dtype(params, indices))
        return nested(gather(params, flat_of(indices), axis, 0), partitions_of(indices))
    if not isinstance(params, RaggedTensor):
        return OPS["GatherV2"](params, indices, axis)
    if axis:
        return _gather_within(params, indices, axis)
    if indices.shape.rank == 0:
        return params[indices]
    flat, rows = indices, []
    while flat.shape.rank > 1:
        row, flat = split_first(flat, splits_dtype(params))
        rows.append(row)
    return without_uniform(nested(take(params, flat), rows))


def _gather_rows(params: Any, indices: RaggedTensor, axis: int, dtype: DType) -> Any:
    """Slices along an axis behind the first, at ragged indices: rows of rows in each slice before the axis."""
    row, values = parts(params) if isinstance(params, RaggedTensor) else split_first(params, dtype)
    row = row.with_dtype(dtype)
    if axis > 1:
        return nested(_gather_rows(values, indices, axis - 1, dtype), [row])
    rows, flat = partitions_of(indices), cast(flat_of(indices), dtype)
    starts = OPS["Reshape"](row.starts, (-1, *(1,) * flat.shape.rank))
    places = starts + OPS["ExpandDims"](flat, 0)
    _, places = split_first(places, dtype)
    levels = [RowPartition(range_(row.nrows + 1) * rows[0].nrows, rows[0].nrows)]
    levels += [RowPartition(partitions.from_lengths(tile(level.lengths, row.nrows[None]))) for level in rows]
    return nested(gather(values, places, 0, 0), levels)


def _gather_within(params: RaggedTensor, indices: Any, axis: int) -> Any:
    rows, values = params._partition, params._values
    if axis > 1:
        return nested(gather(values, indices, axis - 1, 0), [rows])
    dtype = rows.dtype
    ids = OPS["ExpandDims"](rows.starts, 1) + OPS["ExpandDims"](cast(OPS["Reshape"](indices, (-1,)), dtype), 0)
    row, flat = split_first(ids, dtype)
    return without_uniform(nested(take(values, flat), [row]))


def _gather_batch(params: Any, indices: Any, axis: int, batch_dims: int) -> Any:
    dtype = splits_dtype(params, indices)
    params, indices = with_rank(params, batch_dims, dtype), with_rank(indices, batch_dims, dtype)
    rows = partitions_of(indices)[: batch_dims - 1]
    if batch_dims > 1:
        params, indices = merged(params, 0, batch_dims - 1), merged(indices, 0, batch_dims - 1)
    row, each = params._partition, indices
    if not isinstance(each, RaggedTensor):  # one index for each row
        return nested(take(params._values, row.starts + cast(each, dtype)), rows)
    shift = OPS["GatherV2"](row.starts, each._partition.rowids, 0)
    below, flat = partitions_of(each._values), flat_of(each._values)
    for level in below:
        shift = OPS["GatherV2"](shift, level.rowids, 0)
    if flat.shape.rank > 1:
        shift = OPS["Reshape"](shift, (-1, *(1,) * (flat.shape.rank - 1)))
    if axis > batch_dims:
        return nested(gather(params, indices, axis - batch_dims, 1), rows)
    chosen = gather(params._values, cast(flat, dtype) + shift, 0, 0)
    return nested(chosen, [*rows, each._partition, *below])


def op_GatherNd(op: Op, params: Any, indices: Any, **_attrs: Any) -> Any:
    """Elements or slices, each at an index tuple."""
    params, indices = as_ragged_or_tensor(params), as_ragged_or_tensor(indices)
    if isinstance(indices, RaggedTensor):
        return nested(op_GatherNd(op, params, flat_of(indices)), partitions_of(indices))
    if not isinstance(params, RaggedTensor):
        return op(params, indices)
    size = indices.shape[-1]
    if size is None:
        raise ValueError("indices.shape[-1] must be statically known.")
    rows = []
    while indices.shape.rank > 2:
        row, indices = split_first(indices, splits_dtype(params))
        rows.append(row)
    single = indices.shape.rank == 1
    columns = OPS["Reshape"](indices, (-1, size))
    result: Any = params
    for i in range(size):
        column = cast(columns[:, i], dtypes.int64)
        if i == 0:
            result = take(params, column)
            continue
        if not isinstance(result, RaggedTensor):
            result = OPS["GatherNd"](result, OPS["ConcatV2"](_numbers(column), columns[:, i:], 1))
            break
        row = result._partition
        result = take(result._values, row.starts + cast(column, row.dtype))
    if single and not isinstance(result, RaggedTensor):
        return result[0]
    return nested(result, rows)


def _numbers(column: Any) -> Any:
    return OPS["ExpandDims"](OPS["Cast"](OPS["Range"](0, OPS["Size"](column), 1), DstT=dtypes.int64), 1)


def op_Where(op: Op, condition: Any) -> Any:
    """Where the elements are not 0, int64 `[count, rank]`."""
    return located(condition, op(flat_of(condition)))


def boolean_mask(data: Any, mask: Any, name: str | None = None) -> Any:
    """`tf.ragged.boolean_mask`: what the mask says, in the rows where it is.

    Args:
      data: a Tensor or RaggedTensor.
      mask: booleans, a Tensor or RaggedTensor whose shape is the beginning of that of `data`.
      name: not used.

    Returns:
      A RaggedTensor; a Tensor if the mask has one dimension.

    Raises:
      ValueError: if the mask is a scalar or its shape does not fit.

    >>> tf.ragged.boolean_mask([[1, 2, 3], [4, 5, 6]], [[True, False, True], [False, False, True]])
    <tf.RaggedTensor [[1, 3], [6]]>
    """
    mask = mask if isinstance(mask, RaggedTensor) else convert(mask, dtypes.bool)
    data = as_ragged_or_tensor(data)
    rank = mask.shape.rank
    if rank is None:
        raise ValueError(f"mask.shape.ndims must be known statically; got {mask.shape}")
    if rank == 0:
        raise ValueError("mask cannot be scalar.")
    if rank == 1:
        if not isinstance(data, RaggedTensor):
            data.shape[:1].assert_is_compatible_with(mask.shape)
        return take(data, OPS["Reshape"](OPS["Where"](mask), (-1,)))
    dtype = splits_dtype(mask, data)
    mask, data = with_rank(mask, rank - 1, dtype), with_rank(data, rank - 1, dtype)
    return _masked(data, mask)


def _masked(data: Any, mask: Any) -> Any:
    rows, kept = mask._partition, mask._values
    if isinstance(kept, RaggedTensor):
        return nested(_masked(data._values, kept), [rows])
    if data._partition.splits is not rows.splits:
        from .debugging import assert_equal

        assert_equal(data._partition.splits, rows.splits)
    counts = OPS["UnsortedSegmentSum"](cast(kept, rows.dtype), rows.rowids, rows.nrows)
    values = take(data._values, OPS["Reshape"](OPS["Where"](kept), (-1,)))
    return nested(values, [RowPartition(partitions.from_lengths(counts))])


def stack_dynamic_partitions(data: Any, partitions: Any, num_partitions: Any, name: str | None = None) -> Any:
    """`tf.ragged.stack_dynamic_partitions`: a row for each partition, of what belongs to it.

    Args:
      data: a Tensor or RaggedTensor.
      partitions: for each slice of `data` the number of its partition; a Tensor or RaggedTensor.
      num_partitions: how many there are.
      name: not used.

    Returns:
      A RaggedTensor with `num_partitions` rows.

    Raises:
      ValueError: if `partitions` has more dimensions than `data`, or row splits do not fit.

    >>> tf.ragged.stack_dynamic_partitions(["a", "b", "c"], [1, 0, 1], 3)
    <tf.RaggedTensor [[b'b'], [b'a', b'c'], []]>
    """
    data, ids = as_ragged_or_tensor(data), as_ragged_or_tensor(partitions)
    rank = ids.shape.rank
    if isinstance(ids, RaggedTensor):
        data = with_rank(data, rank - 1)
        data, ids = merged(data, 0, rank - 1), flat_of(ids)
    elif rank != 1:
        data, ids = merged(data, 0, rank - 1) if rank else _lone(data), OPS["Reshape"](ids, (-1,))
    ids = cast(ids, dtypes.int64)
    order = _stable_order(ids)
    counts = OPS["UnsortedSegmentSum"](OPS["OnesLike"](ids), ids, cast(convert(num_partitions), dtypes.int64))
    return nested(take(data, order), [RowPartition(_splits(counts))])


def _splits(counts: Any) -> Any:
    return partitions.from_lengths(counts)


def _lone(x: Any) -> Any:
    return OPS["ExpandDims"](x, 0)


def _stable_order(ids: Any) -> Any:
    from .sorting import argsort

    return argsort(ids, stable=True)


def op_DynamicPartition(op: Op, data: Any, ids: Any, *, num_partitions: int) -> list[Any]:
    """One ragged tensor for each partition."""
    stacked = stack_dynamic_partitions(data, ids, num_partitions)
    return [stacked[i] for i in range(num_partitions)]

