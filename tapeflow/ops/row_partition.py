"""`tf.experimental.RowPartition`: how the rows of a ragged tensor divide its values, as a value of its own."""

from __future__ import annotations

from typing import Any

from ..base.dtypes import DType, as_dtype
from ..core.tensor import Tensor
from . import ragged_partition as partitions
from .ragged_partition import known_int

_KEY = object()


def _kind(dtype: Any) -> DType | None:
    return None if dtype is None else as_dtype(dtype)


class RowPartition:
    """Values divided into rows: row `i` has those from `row_splits[i]` to `row_splits[i + 1]`.

    Made by the `from_` methods; all take `validate`, whether to look if the rows are possible ones, and `dtype`, int32
    or int64, of the row splits.

    >>> rows = tf.experimental.RowPartition.from_row_lengths([2, 0, 1])
    >>> rows.row_splits().numpy().tolist(), rows.value_rowids().numpy().tolist()
    ([0, 2, 2, 3], [0, 0, 2])
    """

    def __init__(self, rows: Any, key: Any = None, nvals: int | None = None) -> None:
        if key is not _KEY:
            raise ValueError(
                "RowPartition constructor is private; please use one of the factory methods instead (e.g., "
                "RowPartition.from_row_lengths())"
            )
        self._rows: partitions.RowPartition = rows
        self._nvals = nvals

    @classmethod
    def from_value_rowids(
        cls, value_rowids: Any, nrows: Any = None, validate: bool = True, dtype: Any = None, dtype_hint: Any = None
    ) -> RowPartition:
        """From the row of each value, ascending.

        Raises:
          ValueError: if there are fewer than `nrows` rows.
        """
        rows = partitions.of_rowids(value_rowids, nrows, validate, _kind(dtype))
        return cls(rows, _KEY, rows.rowids.shape[0])

    @classmethod
    def from_row_splits(
        cls, row_splits: Any, validate: bool = True, dtype: Any = None, dtype_hint: Any = None
    ) -> RowPartition:
        """From where each row begins and the last ends.

        Raises:
          ValueError: if it is empty.
          InvalidArgumentError: if they do not ascend from 0.
        """
        return cls(partitions.of_splits(row_splits, validate, _kind(dtype)), _KEY)

    @classmethod
    def from_row_lengths(
        cls, row_lengths: Any, validate: bool = True, dtype: Any = None, dtype_hint: Any = None
    ) -> RowPartition:
        """From the lengths of rows.

        Raises:
          InvalidArgumentError: if one is negative.
        """
        return cls(partitions.of_lengths(row_lengths, validate, _kind(dtype)), _KEY)

    @classmethod
    def from_row_starts(
        cls, row_starts: Any, nvals: Any, validate: bool = True, dtype: Any = None, dtype_hint: Any = None
    ) -> RowPartition:
        """From where each row begins, and the number of values."""
        return cls(partitions.of_starts(row_starts, nvals, validate, _kind(dtype)), _KEY, known_int(nvals))

    @classmethod
    def from_row_limits(
        cls, row_limits: Any, validate: bool = True, dtype: Any = None, dtype_hint: Any = None
    ) -> RowPartition:
        """From where each row ends."""
        return cls(partitions.of_limits(row_limits, validate, _kind(dtype)), _KEY)

    @classmethod
    def from_uniform_row_length(
        cls, uniform_row_length: Any, nvals: Any = None, nrows: Any = None, validate: bool = True, dtype: Any = None,
        dtype_hint: Any = None,
    ) -> RowPartition:  # fmt: skip
        """Rows of one length, of `nvals` values or `nrows` of them.

        Raises:
          ValueError: if neither number is given, or they do not fit.
        """
        if nvals is None and nrows is None:
            raise ValueError("At least one of nvals or nrows must be specified.")
        rows = partitions.of_uniform(
            uniform_row_length, nrows * uniform_row_length if nvals is None else nvals, nrows, validate, _kind(dtype)
        )
        return cls(rows, _KEY, known_int(rows.nvals))

    # --- what it says

    dtype = property(lambda self: self._rows.dtype, doc="The dtype of the row splits.")

    def row_splits(self) -> Tensor:
        """Where each row begins and the last ends."""
        return self._rows.splits

    def value_rowids(self) -> Tensor:
        """The row of each value."""
        return self._rows.rowids

    def row_lengths(self) -> Tensor:
        """How many values each row has."""
        return self._rows.lengths

    def row_starts(self) -> Tensor:
        """Where each row begins."""
        return self._rows.starts

    def row_limits(self) -> Tensor:
        """Where each row ends."""
        return self._rows.limits

    def nrows(self) -> Tensor:
        """How many rows there are."""
        return self._rows.nrows

    def nvals(self) -> Tensor:
        """How many values there are."""
        return self._rows.nvals

    def offsets_in_rows(self) -> Tensor:
        """The place of each value within its row."""
        return self._rows.offsets()

    def uniform_row_length(self) -> Tensor | None:
        """The length of all rows, if it is known to be one; else None."""
        return self._rows.uniform

    def is_uniform(self) -> bool:
        """Whether all rows are known to have one length."""
        return self._rows.uniform is not None

    static_nrows = property(lambda self: self._rows.static_nrows, doc="How many rows there are, if it is known.")
    static_nvals = property(lambda self: self._nvals, doc="How many values there are, if it was said.")
    static_uniform_row_length = property(
        lambda self: self._rows.static_uniform, doc="The length of all rows, if it is known to be one."
    )

    def with_dtype(self, dtype: Any) -> RowPartition:
        """The same rows with row splits of another dtype."""
        return RowPartition(self._rows.with_dtype(as_dtype(dtype)), _KEY, self._nvals)

    def __repr__(self) -> str:
        if self.static_uniform_row_length is not None:
            return f"tf.RowPartition(nrows={self.static_nrows}, uniform_row_length={self.static_uniform_row_length})"
        return f"tf.RowPartition(row_splits={self._rows.splits})"
