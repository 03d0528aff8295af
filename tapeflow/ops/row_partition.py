"""`tf.experimental.RowPartition`: how the rows of a ragged tensor divide its values, as a value of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import as_dtype
from ..core.convert import convert, convert_argument
from ..core.tensor import Tensor
from . import ragged_partition as partitions
from .casting import cast
from .ragged_partition import known_int

_KEY = object()


def _vector(value: Any, name: str, dtype: Any, hint: Any) -> Tensor:
    """An argument that says how rows are: of the dtype asked for; a Tensor's own; the hinted one; int64."""
    if dtype is not None:
        return convert_argument(value, name, as_dtype(dtype))
    if isinstance(value, Tensor) or (isinstance(value, np.ndarray) and value.dtype == np.int32):
        return convert(value)
    return convert(value, dtypes.int64 if hint is None else as_dtype(hint))


def _of_one_dtype(dtype: Any, hint: Any, **arguments: Any) -> list[Any]:
    """Arguments as Tensors of the dtype asked for; of the first Tensor's, or array's; of the hinted one; of int64."""
    if dtype is not None:
        return [x if x is None else cast(x, as_dtype(dtype)) for x in arguments.values()]
    found = [x.dtype for kind in (Tensor, np.ndarray) for x in arguments.values() if isinstance(x, kind)]
    common = as_dtype(found[0] if found else hint or dtypes.int64)
    return [x if x is None else convert_argument(x, name, common) for name, x in arguments.items()]


class RowPartition:
    """Values divided into rows: row `i` has those from `row_splits[i]` to `row_splits[i + 1]`.

    Made by the `from_` methods; all take `validate`, whether to look if the rows are possible ones, and `dtype`, int32
    or int64, of the row splits; `dtype_hint` is what it is by default, where no Tensor says otherwise.

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
        ids = _vector(value_rowids, "value_rowids", dtype, dtype_hint)
        count = None if nrows is None else convert_argument(nrows, "nrows", ids.dtype)
        rows = partitions.of_rowids(ids, count, validate)
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
        splits = _vector(row_splits, "row_splits", dtype, dtype_hint)
        return cls(partitions.of_splits(splits, validate), _KEY)

    @classmethod
    def from_row_lengths(
        cls, row_lengths: Any, validate: bool = True, dtype: Any = None, dtype_hint: Any = None
    ) -> RowPartition:
        """From the lengths of rows.

        Raises:
          InvalidArgumentError: if one is negative.
        """
        lengths = _vector(row_lengths, "row_lengths", dtype, dtype_hint)
        return cls(partitions.of_lengths(lengths, validate), _KEY)

    @classmethod
    def from_row_starts(
        cls, row_starts: Any, nvals: Any, validate: bool = True, dtype: Any = None, dtype_hint: Any = None
    ) -> RowPartition:
        """From where each row begins, and the number of values."""
        starts = _vector(row_starts, "row_starts", dtype, dtype_hint)
        return cls(partitions.of_starts(starts, nvals, validate), _KEY, known_int(nvals))

    @classmethod
    def from_row_limits(
        cls, row_limits: Any, validate: bool = True, dtype: Any = None, dtype_hint: Any = None
    ) -> RowPartition:
        """From where each row ends."""
        limits = _vector(row_limits, "row_limits", dtype, dtype_hint)
        return cls(partitions.of_limits(limits, validate), _KEY)

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
            raise ValueError("Either (or both) of nvals and nrows must be specified")
        length, values, count = _of_one_dtype(
            dtype, dtype_hint, uniform_row_length=uniform_row_length, nvals=nvals, nrows=nrows
        )
        values = count * length if values is None else values
        rows = partitions.of_uniform(length, values, count, validate, length.dtype)
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
