"""How the rows of a ragged tensor divide its values: row splits, and what is said of rows in other ways."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import DType, as_dtype
from ..core.convert import convert
from ..core.op import OPS
from ..core.symbol import Symbol
from ..core.tensor import EAGER, Tensor
from .casting import cast
from .debugging import assert_equal, assert_less_equal, assert_non_negative
from .joining import concat
from .ranges import range_
from .scan import cumsum
from .sizes import shape as shape_of
from .sorting import searchsorted

INDICES = (dtypes.int32, dtypes.int64)


class RowPartition:
    """Rows of values: row `i` has the values from `splits[i]` to `splits[i + 1]`.

    Args:
      splits: int32 or int64 `[nrows + 1]`, ascending from 0.
      uniform: the length of all rows, a scalar Tensor of that dtype, if it is known to be the same.
      rowids: the row of each value, if it is known already.
    """

    __slots__ = ("_lengths", "_rowids", "splits", "uniform")

    def __init__(self, splits: Tensor, uniform: Tensor | None = None, rowids: Tensor | None = None) -> None:
        self.splits = splits
        self.uniform = uniform
        self._rowids = rowids
        self._lengths: Tensor | None = None

    @property
    def dtype(self) -> DType:
        """The dtype of the splits."""
        return self.splits.dtype

    @property
    def starts(self) -> Tensor:
        """Where each row starts."""
        return self.splits[:-1]

    @property
    def limits(self) -> Tensor:
        """Where each row ends."""
        return self.splits[1:]

    @property
    def lengths(self) -> Tensor:
        """How many values each row has."""
        if self._lengths is None or isinstance(self._lengths, Symbol):
            self._lengths = self.limits - self.starts
        return self._lengths

    @property
    def rowids(self) -> Tensor:
        """The row of each value."""
        if self._rowids is None or isinstance(self._rowids, Symbol):
            values = range_(self.nvals)
            self._rowids = searchsorted(self.splits, values, side="right", out_type=self.dtype) - 1
        return self._rowids

    @property
    def nrows(self) -> Tensor:
        """How many rows there are, a scalar Tensor."""
        return shape_of(self.splits, out_type=self.dtype)[0] - 1

    @property
    def nvals(self) -> Tensor:
        """How many values there are, a scalar Tensor."""
        return self.splits[-1]

    @property
    def static_nrows(self) -> int | None:
        """How many rows there are, if that is known."""
        count = self.splits.shape[0] if self.splits.shape.rank else None
        return None if count is None else count - 1

    @property
    def static_uniform(self) -> int | None:
        """The length of all rows, if it is known and the same."""
        return None if self.uniform is None else known_int(self.uniform)

    def offsets(self) -> Tensor:
        """The place of each value within its row."""
        offsets: Tensor = range_(self.nvals) - OPS["GatherV2"](self.starts, self.rowids, 0)
        return offsets

    def with_dtype(self, dtype: DType) -> RowPartition:
        """The same rows with splits of another dtype."""
        if dtype is self.dtype:
            return self
        return RowPartition(cast(self.splits, dtype), None if self.uniform is None else cast(self.uniform, dtype))


def known_int(x: Any) -> int | None:
    """A scalar as an int, if it is known."""
    if type(x) in EAGER:
        return int(x._array)
    if isinstance(x, Symbol):
        value = None if x.known is None else x.known.tolist()
        return value if isinstance(value, int) else None
    return int(x)


def indices(value: Any, name: str, rank: int | None = 1, dtype: DType | None = None) -> Tensor:
    """An argument that says how rows are: an int32 or int64 Tensor, int64 unless it says otherwise.

    Raises:
      ValueError: if it has another dtype or rank.
    """
    tensor = value if isinstance(value, Tensor) else _converted(value, dtype)
    if tensor.dtype not in INDICES:
        raise ValueError(f"{name} must have dtype int32 or int64")
    if dtype is not None and tensor.dtype is not dtype:
        tensor = cast(tensor, dtype)
    if rank is not None:
        tensor.shape.assert_has_rank(rank)
    return tensor


def _converted(value: Any, dtype: DType | None) -> Tensor:
    if isinstance(value, np.ndarray) and value.dtype == np.int32 and dtype is None:
        return convert(value)
    if hasattr(value, "__tf_tensor__"):
        return convert(value)
    array = np.asarray(value)
    if not array.size or array.dtype.kind in "iu":
        return convert(array.astype(np.int64), dtype or dtypes.int64)
    return convert(value)


def row_ids(splits: Any, name: str | None = None, out_type: Any = None) -> Tensor:
    """`tf.ragged.row_splits_to_segment_ids`: the row of each value.

    Args:
      splits: the row splits, `[n + 1]`.
      name: not used.
      out_type: int32 or int64; by default the dtype of `splits`.

    Raises:
      ValueError: if `splits` has no elements or another dtype.

    >>> print(tf.ragged.row_splits_to_segment_ids([0, 2, 2, 3]))
    tf.Tensor([0 0 2], shape=(3,), dtype=int64)
    """
    tensor = indices(splits, "splits", None)
    if tensor.dtype not in INDICES:
        raise ValueError("Splits must have dtype int32 or int64")
    tensor.shape.assert_has_rank(1)
    if tensor.shape[0] == 0:
        raise ValueError("Invalid row_splits: []")
    ids = RowPartition(tensor).rowids
    return ids if out_type is None else cast(ids, as_dtype(out_type))


def row_splits(segment_ids: Any, num_segments: Any = None, out_type: Any = None, name: str | None = None) -> Tensor:
    """`tf.ragged.segment_ids_to_row_splits`: where each row begins, and the last ends.

    Args:
      segment_ids: the row of each value, ascending.
      num_segments: how many rows there are; by default as many as the last value needs.
      out_type: int32 or int64; by default the dtype of `segment_ids`.
      name: not used.

    >>> print(tf.ragged.segment_ids_to_row_splits([0, 0, 2]))
    tf.Tensor([0 2 2 3], shape=(4,), dtype=int64)
    """
    ids = indices(segment_ids, "segment_ids")
    count = None if num_segments is None else cast(convert(num_segments), ids.dtype)
    splits = splits_of(ids, count)
    return splits if out_type is None else cast(splits, as_dtype(out_type))


def splits_of(rowids: Tensor, nrows: Any = None) -> Tensor:
    """Row splits from the row of each value."""
    if nrows is None:  # of no values there are no rows
        nrows = concat([rowids[-1:] + 1, OPS["ZerosLike"](rowids[:0]), convert([0], rowids.dtype)], 0)[0]
    return searchsorted(rowids, range_(convert(nrows, rowids.dtype) + 1), side="left", out_type=rowids.dtype)


def from_lengths(lengths: Tensor) -> Tensor:
    """Row splits from the lengths of rows."""
    return concat([convert([0], lengths.dtype), cumsum(lengths)], 0)


# --- the factories of RaggedTensor: each gives a partition, checked if that is wanted


def of_splits(row_splits: Any, validate: bool, dtype: DType | None = None) -> RowPartition:
    """From row splits."""
    if isinstance(row_splits, (list, tuple)) and not row_splits:
        raise ValueError("row_splits tensor may not be empty.")
    splits = indices(row_splits, "row_splits", 1, dtype)
    if validate:
        message = "Arguments to from_row_splits do not form a valid RaggedTensor:"
        assert_equal(splits[0], convert(0, splits.dtype), message=f"{message}zero")
        assert_non_negative(splits[1:] - splits[:-1], message=f"{message}monotonic")
    return RowPartition(splits)


def of_lengths(row_lengths: Any, validate: bool, dtype: DType | None = None) -> RowPartition:
    """From the lengths of rows."""
    lengths = indices(row_lengths, "row_lengths", 1, dtype)
    if validate:
        assert_non_negative(lengths, message="Arguments to from_row_lengths do not form a valid RowPartition")
    return RowPartition(from_lengths(lengths))


def of_starts(row_starts: Any, nvals: Any, validate: bool, dtype: DType | None = None) -> RowPartition:
    """From where rows start."""
    starts = indices(row_starts, "row_starts", 1, dtype)
    nvals = cast(nvals, starts.dtype)
    if validate:
        message = "Arguments to from_row_starts do not form a valid RaggedTensor"
        zero = convert(0, starts.dtype)
        assert_equal(starts[:1], zero, message=message)
        assert_non_negative(starts[1:] - starts[:-1], message=message)
        assert_less_equal(starts[-1:], nvals, message=message)
    return RowPartition(concat([starts, OPS["Reshape"](nvals, (1,))], 0))


def of_limits(row_limits: Any, validate: bool, dtype: DType | None = None) -> RowPartition:
    """From where rows end."""
    limits = indices(row_limits, "row_limits", 1, dtype)
    if validate:
        message = "Arguments to from_row_limits do not form a valid RaggedTensor"
        assert_non_negative(limits[:1], message=message)
        assert_non_negative(limits[1:] - limits[:-1], message=message)
    return RowPartition(concat([convert([0], limits.dtype), limits], 0))


def of_rowids(value_rowids: Any, nrows: Any, validate: bool, dtype: DType | None = None) -> RowPartition:
    """From the row of each value."""
    ids = indices(value_rowids, "value_rowids", 1, dtype)
    known = None if nrows is None else known_int(nrows)
    if known is not None:
        if known < 0:
            raise ValueError(f"Expected nrows >= 0; got {known}")
        last = None if type(ids) not in EAGER or not ids._array.size else int(ids._array[-1])
        if last is not None and known < last + 1:
            raise ValueError(f"Expected nrows >= value_rowids[-1] + 1; got nrows={known}, value_rowids[-1]={last}")
    if validate:
        message = "Arguments to from_value_rowids do not form a valid RowPartition"
        assert_non_negative(ids[1:] - ids[:-1], message=message)
        assert_non_negative(ids[:1], message=message)
    return RowPartition(splits_of(ids, None if nrows is None else cast(nrows, ids.dtype)), None, ids)


def of_uniform(length: Any, nvals: Any, nrows: Any, validate: bool, dtype: DType | None = None) -> RowPartition:
    """Rows of one length."""
    dtype = dtype or next((x.dtype for x in (length, nrows) if isinstance(x, Tensor)), dtypes.int64)
    length = cast(indices(length, "uniform_row_length", 0), dtype)
    known, count = known_int(length), known_int(nvals)
    if known is not None and known < 0:
        raise ValueError("uniform_row_length must be >= 0.")
    if nrows is None:
        if known == 0:
            nrows = convert(0 if not count else 1, dtype)
        else:
            nrows = OPS["FloorDiv"](cast(nvals, dtype), length)
    nrows = cast(indices(nrows, "nrows", 0), dtype)
    rows = known_int(nrows)
    if validate and None not in (known, count, rows) and known * rows != count:  # type: ignore[operator]
        raise ValueError(f"uniform_row_length={known} times nrows={rows} must equal nvals={count}")
    splits = range_(nrows + 1) * length
    if rows is not None:
        splits.set_shape([rows + 1])
    return RowPartition(splits, length)


