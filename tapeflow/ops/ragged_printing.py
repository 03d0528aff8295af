"""Ragged tensors as `tf.print` and `tf.strings.format` show them: a string of brackets and elements."""

from __future__ import annotations

from typing import Any

from ..base import dtypes
from ..core.convert import convert
from ..core.op import OPS
from .ragged_partition import RowPartition, from_lengths
from .ragged_rows import beside, splits_dtype
from .ragged_tensor import RaggedTensor, flat_of, nested, partitions_of
from .strings import as_string, reduce_join
from .strings import join as joined


def text_of(x: RaggedTensor, summarize: int) -> Any:
    """The elements in brackets, a string Tensor.

    Args:
      x: the ragged tensor.
      summarize: how many elements at both ends of each row are shown; all if negative.
    """
    flat = flat_of(x)
    texts = joined(["'", flat, "'"]) if flat.dtype is dtypes.string else as_string(flat)
    for _ in range(1, flat.shape.rank):
        texts = joined(["[", reduce_join(texts, axis=-1, separator=", "), "]"])
    for rows in reversed(partitions_of(x)):
        texts = _rows(texts, rows, summarize)
    whole = nested(texts, [RowPartition(OPS["Pack"](convert(0, dtypes.int64), OPS["Cast"](
        OPS["Size"](texts), DstT=dtypes.int64), axis=0))])  # fmt: skip
    return _rows(texts, whole._partition, summarize)[0]


def _rows(texts: Any, rows: RowPartition, summarize: int) -> Any:
    """One text for each row."""
    if summarize >= 0:
        x = _shortened(nested(texts, [rows]), summarize)
        texts, rows = x._values, x._partition
    inside = OPS["UnsortedSegmentJoin"](texts, rows.rowids, rows.nrows, separator=", ")
    return joined(["[", inside, "]"])


def _shortened(x: RaggedTensor, summarize: int) -> Any:
    """The first and last elements of long rows, with dots between them."""
    dtype = splits_dtype(x)
    long = OPS["Cast"](x._partition.lengths > 2 * summarize, DstT=dtype)
    rows = RowPartition(from_lengths(long))
    dots = nested(OPS["Fill"](OPS["Reshape"](rows.nvals, (1,)), convert("...")), [rows])
    last = x[:, summarize:][:, -summarize:] if summarize else x[:, :0]
    return beside([x[:, :summarize], dots, last], dtype)
