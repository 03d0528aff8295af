"""How the features of examples are to be read: `tf.io.FixedLenFeature` and the others."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..base import dtypes


class FixedLenFeature(NamedTuple):
    """A feature with the same number of values in each example; it becomes a dense tensor.

    Args:
      shape: the shape of an example's values.
      dtype: float32, int64 or string.
      default_value: what stands for the values where they are missing; without it they must be there.

    >>> tf.io.FixedLenFeature([2], tf.int64)
    FixedLenFeature(shape=[2], dtype=tf.int64, default_value=None)
    """

    shape: Any
    dtype: Any
    default_value: Any = None


class FixedLenSequenceFeature(NamedTuple):
    """A feature that is a sequence, of any length; filled up to the longest one, it becomes a dense tensor.

    Args:
      shape: the shape of an element of the sequence.
      dtype: float32, int64 or string.
      allow_missing: whether the sequence may be missing: it is empty then.
      default_value: what short sequences are filled up with; zero or the empty string unless given.
    """

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


class VarLenFeature(NamedTuple):
    """A feature with any number of values; it becomes a `tf.sparse.SparseTensor`.

    Args:
      dtype: float32, int64 or string.
    """

    dtype: Any


class SparseFeature(NamedTuple):
    """Two features, indices and values, that together become a `tf.sparse.SparseTensor`.

    Args:
      index_key: the name of the feature with the indices, or a list of such names, one for each dimension.
      value_key: the name of the feature with the values.
      dtype: of the values: float32, int64 or string.
      size: of the dimension, or a list of sizes.
      already_sorted: whether the indices are ascending.
    """

    index_key: Any
    value_key: Any
    dtype: Any
    size: Any
    already_sorted: bool = False


class RowSplits(NamedTuple):
    """Says where rows begin, and the last one ends: `[0, 2, 5]`."""

    key: str


class RowLengths(NamedTuple):
    """Says how long rows are: `[2, 3]`."""

    key: str


class RowStarts(NamedTuple):
    """Says where rows begin: `[0, 2]`."""

    key: str


class RowLimits(NamedTuple):
    """Says where rows end: `[2, 5]`."""

    key: str


class ValueRowIds(NamedTuple):
    """Says of each value in which row it is: `[0, 0, 1, 1, 1]`."""

    key: str


class UniformRowLength(NamedTuple):
    """Says that all rows are of one length."""

    length: int


class _Ragged(NamedTuple):
    dtype: Any
    value_key: str | None = None
    partitions: Any = ()
    row_splits_dtype: Any = dtypes.int32
    validate: bool = False


class RaggedFeature(_Ragged):
    """A feature that becomes a `tf.RaggedTensor`.

    Args:
      dtype: float32, int64 or string.
      value_key: the name of the feature with the values; by default that of this feature.
      partitions: how the values are divided into rows, the outer rows first: `RowSplits`, `RowLengths`, `RowStarts`,
        `RowLimits`, `ValueRowIds` (each with the name of a feature) or `UniformRowLength`.
      row_splits_dtype: int32 or int64, of where rows begin.
      validate: whether to check that the partitions fit; they always are checked here.

    >>> tf.io.RaggedFeature(tf.int64, partitions=[tf.io.RaggedFeature.RowLengths("lengths")]).partitions
    [RowLengths(key='lengths')]
    """

    __slots__ = ()

    RowSplits = RowSplits
    RowLengths = RowLengths
    RowStarts = RowStarts
    RowLimits = RowLimits
    ValueRowIds = ValueRowIds
    UniformRowLength = UniformRowLength

    def __repr__(self) -> str:
        return super().__repr__().replace("_Ragged(", "RaggedFeature(", 1)
