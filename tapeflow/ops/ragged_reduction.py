"""Reductions of ragged tensors."""
# ruff: noqa: N802, N816 - functions bear the names of ops

from __future__ import annotations

from typing import Any

from ..base import dtypes
from ..core.convert import convert
from ..core.execute import static_value
from ..core.op import OPS, Op
from . import ragged_partition as partitions
from .casting import cast
from .ragged_layout import expand_dims
from .ragged_partition import RowPartition
from .ragged_rows import axis_of
from .ragged_tensor import RaggedTensor, flat_of, nested, partitions_of
from .reduction import reduce_max

_SEGMENT = {"Sum": "UnsortedSegmentSum", "Prod": "UnsortedSegmentProd", "Max": "UnsortedSegmentMax",
            "Min": "UnsortedSegmentMin"}  # fmt: skip


def reduce(op: Op, x: Any, axis: Any, *, keep_dims: bool = False) -> Any:
    """What a reduction gives for a ragged tensor."""
    rank = x.shape.rank
    axes = static_value(axis)
    axes = axes if isinstance(axes, tuple) else (axes,)
    wanted = sorted({axis_of(each, rank) for each in axes})
    if rank is not None and len(wanted) == rank:
        flat = flat_of(x)
        flat = cast(flat, dtypes.float64) if op.name == "Mean" and flat.dtype.is_integer else flat
        result = op(flat, tuple(range(flat.shape.rank)), keep_dims=False)
        return OPS["Reshape"](result, (1,) * rank) if keep_dims else result
    if op.name == "Mean":
        return _mean(x, wanted, keep_dims)
    if op.name in ("All", "Any"):
        number = OPS["Min" if op.name == "All" else "Max"]
        whole = reduce(number, nested(cast(flat_of(x), dtypes.int32), partitions_of(x)), wanted, keep_dims=keep_dims)
        flat = OPS["Greater"](flat_of(whole), convert(0, dtypes.int32))
        return nested(flat, partitions_of(whole))
    for each in reversed(wanted):
        x = _along(op, x, each) if isinstance(x, RaggedTensor) else op(x, each, keep_dims=False)
    if keep_dims:
        for each in wanted:
            x = expand_dims(x, each)
    return x


op_Sum = op_Prod = op_Max = op_Min = op_Mean = op_All = op_Any = reduce


def _mean(x: RaggedTensor, axes: list[int], keep_dims: bool) -> Any:
    rows, flat = partitions_of(x), flat_of(x)
    total = reduce(OPS["Sum"], x, tuple(axes), keep_dims=keep_dims)
    count = reduce(OPS["Sum"], nested(OPS["OnesLike"](flat), rows), tuple(axes), keep_dims=keep_dims)
    return total / count


def _along(op: Op, x: RaggedTensor, axis: int) -> Any:
    rows, values = x._partition, x._values
    if axis == 0:
        width = reduce_max(OPS["ConcatV2"](convert([0], rows.dtype), rows.lengths, 0))
        return segments(op, values, rows.offsets(), width)
    if axis == 1:
        return segments(op, values, rows.rowids, rows.nrows)
    below = _along(op, values, axis - 1) if isinstance(values, RaggedTensor) else op(values, axis - 1, keep_dims=False)
    return nested(below, [rows])


def segments(op: Op, data: Any, ids: Any, count: Any) -> Any:
    """Reduces all rows of `data` that have the same number in `ids` to one, element by element."""
    if not isinstance(data, RaggedTensor):
        return _segments(op, data, ids, count)
    rows = data._partition
    lengths = OPS["Maximum"](OPS["UnsortedSegmentMax"](rows.lengths, ids, count), convert(0, rows.dtype))
    new = RowPartition(partitions.from_lengths(lengths))
    below = OPS["GatherV2"](OPS["GatherV2"](new.starts, ids, 0), rows.rowids, 0) + rows.offsets()
    return nested(segments(op, data._values, below, new.nvals), [RowPartition(new.splits, rows.uniform)])


def _segments(op: Op, data: Any, ids: Any, count: Any) -> Any:
    if op.name == "ReduceJoin":
        raise RaggedTensor._no_tensor()
    return OPS[_SEGMENT[op.name]](data, ids, count)


def op_ReduceJoin(op: Op, x: Any, axis: Any, *, keep_dims: bool = False, separator: str = "") -> Any:
    """Strings joined along axes."""
    axes = static_value(axis)
    axes = axes if isinstance(axes, tuple) else (axes,)
    rank = x.shape.rank
    if len(axes) == rank:
        flat = flat_of(x)
        return op(flat, tuple(range(flat.shape.rank)), keep_dims=keep_dims, separator=separator)
    for each in sorted((axis_of(each, rank) for each in axes), reverse=True):
        x = _joined(op, x, each, separator) if isinstance(x, RaggedTensor) else (
            op(x, (each,), keep_dims=False, separator=separator)
        )
    return x


def _joined(op: Op, x: RaggedTensor, axis: int, separator: str) -> Any:
    rows, values = x._partition, x._values
    if axis > 1:
        below = _joined(op, values, axis - 1, separator) if isinstance(values, RaggedTensor) else (
            op(values, (axis - 1,), keep_dims=False, separator=separator)
        )
        return nested(below, [rows])
    if axis == 0 or isinstance(values, RaggedTensor):
        raise ValueError("Only the innermost ragged dimension of strings can be joined.")
    return OPS["UnsortedSegmentJoin"](values, rows.rowids, rows.nrows, separator=separator)

