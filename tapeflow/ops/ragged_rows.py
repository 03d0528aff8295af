"""Choosing, repeating and joining rows: what indexing, gathering, concatenation and tiling of ragged tensors share.

All take Tensors, too: their rows are the slices along the first axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..base.dtypes import DType
from ..base.dtypes import int64 as _int64
from ..core.convert import convert
from ..core.op import OPS
from . import ragged_partition as partitions
from .casting import cast
from .joining import concat
from .ragged_partition import RowPartition
from .ragged_tensor import RaggedTensor, flat_of, nested, partitions_of
from .ranges import range_
from .sizes import shape as shape_of


def parts(x: RaggedTensor) -> tuple[RowPartition, Any]:
    """The rows and the values of a ragged tensor."""
    return x._partition, x._values


def count_rows(x: Any, dtype: DType = _int64) -> Any:
    """How many rows there are, a scalar Tensor."""
    return cast(x._partition.nrows, dtype) if isinstance(x, RaggedTensor) else shape_of(x, out_type=dtype)[0]


def splits_dtype(*xs: Any) -> DType:
    """The dtype of the row splits of the first ragged tensor; int64 if there is none."""
    return next((x._partition.dtype for x in xs if isinstance(x, RaggedTensor)), _int64)


def ranges(starts: Any, lengths: Any) -> tuple[RowPartition, Any]:
    """For each row `lengths[i]` numbers from `starts[i]` on: the rows, and all numbers."""
    rows = RowPartition(partitions.from_lengths(lengths))
    shift = OPS["GatherV2"](starts - rows.starts, rows.rowids, 0)
    return rows, range_(rows.nvals) + shift


def take(x: Any, ids: Any) -> Any:
    """The rows whose numbers are `ids`, a vector."""
    if not isinstance(x, RaggedTensor):
        return OPS["GatherV2"](x, ids, 0)
    rows, values = parts(x)
    lengths = OPS["GatherV2"](rows.lengths, ids, 0)
    new, within = ranges(OPS["GatherV2"](rows.starts, ids, 0), lengths)
    return nested(take(values, within), [RowPartition(new.splits, rows.uniform, new._rowids)])


def with_rank(x: Any, ragged_rank: int, dtype: DType = _int64) -> Any:
    """The same with more of its dimensions as rows of rows."""
    rows, flat = partitions_of(x), flat_of(x)
    while len(rows) < ragged_rank:
        row, flat = split_first(flat, dtype)
        rows = [*rows, row]
    return nested(flat, [row.with_dtype(dtype) for row in rows])


def split_first(x: Any, dtype: DType) -> tuple[RowPartition, Any]:
    """The first two dimensions of a Tensor as rows: the rows, and the Tensor with one dimension in their place."""
    shape = shape_of(x, out_type=dtype)
    static: list[Any] = [None, None] if x.shape.rank is None else x.shape.as_list()
    length = shape[1] if static[1] is None else convert(static[1], dtype)
    nrows = shape[0] if static[0] is None else convert(static[0], dtype)
    splits = range_(nrows + 1) * length
    values = OPS["Reshape"](x, concat([OPS["Reshape"](nrows * length, (1,)), shape[2:]], 0))
    known = static[0] is not None and static[1] is not None
    if x.shape.rank is not None:
        values.set_shape([static[0] * static[1] if known else None, *static[2:]])
    return RowPartition(splits, length), values


def join(xs: Sequence[Any], dtype: DType) -> Any:
    """The rows of all, one after the other; all have the same ragged rank."""
    if not isinstance(xs[0], RaggedTensor):
        return concat(list(xs), 0)
    values = join([x._values for x in xs], dtype)
    lengths = concat([cast(x._partition.lengths, dtype) for x in xs], 0)
    return nested(values, [RowPartition(partitions.from_lengths(lengths))])


def without_uniform(x: Any) -> Any:
    """The same where no dimension is known to have rows of one length: so TensorFlow leaves them when it moves rows."""
    return nested(flat_of(x), [RowPartition(row.splits, None, row._rowids) for row in partitions_of(x)])


def grouped(x: RaggedTensor, count: Any) -> Any:
    """Each `count` rows become one, by joining them."""
    rows, values = parts(x)
    nrows = rows.nrows // count
    ends = OPS["GatherV2"](rows.splits, range_(nrows + 1) * count, 0)
    return nested(values, [RowPartition(ends)])


def beside(xs: Sequence[Any], dtype: DType) -> Any:
    """Each row joined with the rows of the same number of the others."""
    count = convert(len(xs), dtype)
    nrows = count_rows(xs[0], dtype)
    order = OPS["Reshape"](
        OPS["ExpandDims"](range_(nrows), 1) + OPS["ExpandDims"](range_(count) * nrows, 0), (-1,)
    )
    return grouped(take(join(xs, dtype), order), count)


def one_row(x: Any, dtype: DType = _int64) -> Any:
    """A new first dimension of size 1."""
    nrows = count_rows(x, splits_dtype(x) if isinstance(x, RaggedTensor) else dtype)
    static = x.shape[0]
    length = nrows if static is None else convert(static, nrows.dtype)
    splits = OPS["Pack"](convert(0, nrows.dtype), length, axis=0)
    return nested(x, [RowPartition(splits, length)])


def own_rows(x: Any, dtype: DType = _int64) -> Any:
    """Each row a row of one row: a new second dimension of size 1."""
    dtype = splits_dtype(x) if isinstance(x, RaggedTensor) else dtype
    static = x.shape[0]
    nrows = count_rows(x, dtype) if static is None else convert(static, dtype)
    return nested(x, [RowPartition(range_(nrows + 1), convert(1, dtype))])


def axis_of(axis: Any, rank: int | None, name: str = "axis") -> int:
    """An axis counted from the front.

    Raises:
      ValueError: if there is none such.
    """
    number = int(axis)
    if rank is None:
        if number < 0:
            raise ValueError(f"{name}={number} may only be negative if ndims is statically known.")
        return number
    if not -rank <= number < rank:
        raise ValueError(f"{name}={number} out of bounds: expected {-rank}<={name}<{rank}")
    return number % rank
