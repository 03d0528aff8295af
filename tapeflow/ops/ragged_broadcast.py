"""Ragged tensors and Tensors brought to one shape, for ops that go element by element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor
from .debugging import assert_equal
from .ragged_partition import RowPartition
from .ragged_rows import one_row, split_first, splits_dtype, take
from .ragged_tensor import RaggedTensor, flat_of, partitions_of
from .sizes import shape as shape_of


def align(values: Sequence[Any]) -> tuple[list[Any], list[RowPartition]]:
    """Flat values that an op can combine, and the rows of what it makes of them.

    As with Tensors shapes are compared from the last dimension; dimensions of size 1 that are not ragged are repeated.

    Args:
      values: ragged tensors, at least one, Tensors and numbers.

    Raises:
      InvalidArgumentError: if row lengths differ.
    """
    ragged = [x for x in values if isinstance(x, RaggedTensor)]
    own = partitions_of(ragged[0])
    scalars = [_is_scalar(x) for x in values]
    if len(ragged) + sum(scalars) == len(values) and all(_same(partitions_of(x), own) for x in ragged[1:]):
        return [flat_of(x) for x in values], own
    dtype = splits_dtype(*ragged)
    values = [x if scalar or isinstance(x, RaggedTensor) else convert(x) for x, scalar in zip(values, scalars)]
    rank = max(x.shape.rank for x, scalar in zip(values, scalars) if not scalar)
    full = []
    for x, scalar in zip(values, scalars):
        while not scalar and x.shape.rank < rank:
            x = one_row(x, dtype) if isinstance(x, RaggedTensor) else OPS["ExpandDims"](x, 0)
        full.append(x)
    spots = [i for i, scalar in enumerate(scalars) if not scalar]
    flat, rows = _levels(_repeated([full[i] for i in spots], dtype), dtype)
    for i, x in zip(spots, flat):
        full[i] = x
    return full, rows


def _is_scalar(x: Any) -> bool:
    return x.shape.rank == 0 if isinstance(x, (Tensor, RaggedTensor)) else not hasattr(x, "__len__") or (
        isinstance(x, (str, bytes))
    )


def _same(rows: Sequence[RowPartition], others: Sequence[RowPartition]) -> bool:
    return len(rows) == len(others) and all(a.splits is b.splits for a, b in zip(rows, others))


def _repeated(xs: list[Any], dtype: Any) -> list[Any]:
    """All with the same number of rows: a single row is repeated."""
    like = next((x for x in xs if x.shape[0] != 1), None)
    if like is None:
        return xs
    if len({x.shape[0] for x in xs} - {1, None}) > 1:
        assert_equal(convert([False]), convert([True]))
    count = like._partition.nrows if isinstance(like, RaggedTensor) else shape_of(like, out_type=dtype)[0]
    zeros = OPS["Fill"](OPS["Reshape"](count, (1,)), convert(0, dtype))
    return [take(x, zeros) if x.shape[0] == 1 else x for x in xs]


def _levels(xs: list[Any], dtype: Any) -> tuple[list[Any], list[RowPartition]]:
    """Level by level, as long as one of them is ragged; all have the same number of rows."""
    if not any(isinstance(x, RaggedTensor) for x in xs):
        return xs, []
    split = [
        (x._partition.with_dtype(dtype), x._values) if isinstance(x, RaggedTensor) else split_first(x, dtype)
        for x in xs
    ]
    ones = [row.static_uniform == 1 for row, _ in split]
    wide = [(row, isinstance(x, RaggedTensor)) for (row, _), one, x in zip(split, ones, xs) if not one]
    rows = next((row for row, ragged in wide if ragged), wide[0][0] if wide else split[0][0])
    for row, ragged in wide:
        if row.splits is not rows.splits:  # in the message a Tensor's rows come first
            assert_equal(*((rows.splits, row.splits) if ragged else (row.splits, rows.splits)))
    below = [take(values, rows.rowids) if one and wide else values for (_, values), one in zip(split, ones)]
    flat, inner = _levels(below, dtype)
    return flat, [rows, *inner]
