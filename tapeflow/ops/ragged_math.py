"""Cumulative sums, softmax, products of matrices and segment sums of ragged tensors."""
# ruff: noqa: N802, N816 - functions bear the names of ops

from __future__ import annotations

from typing import Any

from ..core.execute import static_value
from ..core.op import OPS, Op
from .ragged_reduction import segments
from .ragged_rows import axis_of, with_rank
from .ragged_tensor import RaggedTensor, as_ragged_or_tensor, flat_of, nested, partitions_of


def op_Cumsum(op: Op, x: Any, axis: Any, *, exclusive: bool = False, reverse: bool = False) -> Any:
    """Sums of all that comes before, row by row."""
    axis = axis_of(static_value(axis), x.shape.rank)
    return _cumsum(x, axis, exclusive, reverse)


def _cumsum(x: Any, axis: int, exclusive: bool, reverse: bool) -> Any:
    if not isinstance(x, RaggedTensor):
        return OPS["Cumsum"](x, axis, exclusive=exclusive, reverse=reverse)
    rows, values = x._partition, x._values
    if axis > 1:
        return nested(_cumsum(values, axis - 1, exclusive, reverse), [rows])
    if axis == 0 or isinstance(values, RaggedTensor):
        raise ValueError("Only the innermost ragged dimension can be summed up.")
    dense = OPS["Cumsum"](x.to_tensor(), 1, exclusive=exclusive, reverse=reverse)
    return RaggedTensor.from_tensor(dense, lengths=rows.lengths, row_splits_dtype=rows.dtype)


def op_Softmax(op: Op, x: Any) -> Any:
    """The exponentials, divided by their sums over the last dimension."""
    return softmax(x)


def softmax(x: Any) -> Any:
    """The softmax over the last dimension."""
    rows, flat = partitions_of(x), flat_of(x)
    if flat.shape.rank > 1:
        return nested(OPS["Softmax"](flat), rows)
    last = rows[-1]
    top = OPS["StopGradient"](OPS["GatherV2"](OPS["UnsortedSegmentMax"](flat, last.rowids, last.nrows), last.rowids, 0))
    powers = OPS["Exp"](flat - top)
    total = OPS["GatherV2"](OPS["UnsortedSegmentSum"](powers, last.rowids, last.nrows), last.rowids, 0)
    return nested(powers / total, rows)


def op_MatMul(op: Op, a: Any, b: Any, **attrs: Any) -> Any:
    """Products of matrices."""
    flags = {key.replace("adj_x", "transpose_a").replace("adj_y", "transpose_b"): bool(v) for key, v in attrs.items()}
    return matmul(a, b, flags.get("transpose_a", False), flags.get("transpose_b", False))


op_BatchMatMulV2 = op_BatchMatMulV3 = op_MatMul


def matmul(a: Any, b: Any, transpose_a: bool, transpose_b: bool) -> Any:
    """Products of matrices whose rows and columns may be ragged, a matrix for each row."""
    a, b = as_ragged_or_tensor(a), as_ragged_or_tensor(b)
    if a.shape.rank != b.shape.rank:
        raise ValueError("`a` and `b` must have the same rank.")
    if a.shape.rank < 3:
        raise ValueError("Ragged matrices are multiplied only if there is a dimension of matrices.")
    rank = a.shape.rank
    a, b = with_rank(a, rank - 2), with_rank(b, rank - 2)
    rows = partitions_of(a)[: rank - 3]
    dense_a, dense_b = (_padded(x, rank) for x in (a, b))
    product = OPS["BatchMatMulV2"](dense_a, dense_b, adj_x=transpose_a, adj_y=transpose_b)
    return nested(_unpadded(product, a, b, transpose_a, transpose_b, rank), rows)


def _padded(x: Any, rank: int) -> Any:
    for _ in range(rank - 3):
        x = x._values
    return x.to_tensor() if isinstance(x, RaggedTensor) else x


def _unpadded(product: Any, a: Any, b: Any, transpose_a: bool, transpose_b: bool, rank: int) -> Any:
    for _ in range(rank - 3):
        a, b = a._values, b._values
    if not transpose_a and isinstance(a, RaggedTensor) and a.shape[1] is None:
        return RaggedTensor.from_tensor(product, lengths=a.row_lengths())
    return product


def op_UnsortedSegmentSum(op: Op, data: Any, ids: Any, count: Any) -> Any:
    """Reduces what belongs to each segment."""
    data, ids = as_ragged_or_tensor(data), as_ragged_or_tensor(ids)
    name = op.name.removeprefix("UnsortedSegment")
    for _ in partitions_of(ids):
        data, ids = data._values, ids._values
    return segments(OPS[name], data, ids, count)


op_UnsortedSegmentProd = op_UnsortedSegmentMax = op_UnsortedSegmentMin = op_UnsortedSegmentSum
