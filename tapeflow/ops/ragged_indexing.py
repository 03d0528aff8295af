"""`ragged[...]`: rows, slices, new axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor
from . import ragged_partition as partitions
from .casting import cast
from .debugging import assert_less
from .ragged_partition import RowPartition, known_int
from .ragged_rows import one_row, own_rows, parts, take
from .ragged_tensor import RaggedTensor, nested
from .ranges import range_

_ALL = slice(None)


def index(x: RaggedTensor, key: Any) -> Any:
    """`x[key]`."""
    keys = list(key) if isinstance(key, (list, tuple)) else [key]
    for each in keys:
        for part in (each.start, each.stop, each.step) if isinstance(each, slice) else (each,):
            _check(part, each)
    return _outer(x, _spread(keys, x.shape.rank))


def _check(part: Any, key: Any) -> None:
    if part is None or part is Ellipsis or (isinstance(part, (int, np.integer)) and not isinstance(part, bool)):
        return
    if isinstance(part, RaggedTensor):
        raise part._no_tensor()
    if isinstance(part, Tensor) or hasattr(type(part), "__tf_tensor__") or isinstance(part, np.ndarray):
        tensor = convert(part)
        if tensor.dtype in partitions.INDICES and tensor.shape.rank in (0, None):
            return
    what = "slice offsets must be tf.int32/tf.int64 tensors" if isinstance(key, slice) else ""
    raise TypeError(
        what + f", got {key!r}" if what else
        "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are "
        f"valid indices, got {part!r}"
    )  # fmt: skip


def _spread(keys: list[Any], rank: int | None) -> list[Any]:
    """The keys with as many `:` in place of an ellipsis as it stands for."""
    spots = [i for i, key in enumerate(keys) if key is Ellipsis]
    if not spots:
        return keys
    if rank is None:
        raise ValueError("Ellipsis not supported for unknown shape RaggedTensors")
    others = sum(key is not None and key is not Ellipsis for key in keys)
    first = spots[0]
    after = [_ALL if key is Ellipsis else key for key in keys[first + 1 :]]
    missing = rank - others - (len(spots) - 1)
    return [*keys[:first], *[_ALL] * max(missing, 0), *after]


def _outer(x: Any, keys: list[Any]) -> Any:
    """Keys for the first dimension and those after it."""
    if not keys:
        return x
    if not isinstance(x, RaggedTensor):
        return x[tuple(keys)]
    key, rest = keys[0], keys[1:]
    if key is None:
        inner = _outer(x, rest)
        return one_row(inner) if isinstance(inner, RaggedTensor) else OPS["ExpandDims"](inner, 0)
    if isinstance(key, slice):
        return _inner(_rows(x, key), rest)
    return _outer(_row(x, key), rest)


def _row(x: RaggedTensor, key: Any) -> Any:
    rows, values = parts(x)
    number, count = known_int(key), rows.static_nrows
    if number is not None and count is not None:
        if number >= count:
            raise IndexError(f"Row key {number} out of bounds")
        if number < -count:
            raise errors.invalid(f"slice index {number + count} of dimension 0 out of bounds.")
    key = cast(convert(key), rows.dtype)
    if number is None:
        key = OPS["SelectV2"](key < 0, key + rows.nrows, key)
    elif number < 0:
        key = key + rows.nrows
    start, stop = rows.splits[key], rows.splits[key + 1]
    row = values[start:stop]
    if not isinstance(row, RaggedTensor) and rows.static_uniform is not None:
        row.set_shape([rows.static_uniform, *row.shape[1:]])
    return row


def _rows(x: RaggedTensor, key: slice) -> Any:
    """Some of the rows."""
    if key == _ALL:
        return x
    rows, values = parts(x)
    if key.step is None or known_int(key.step) == 1:  # the values need not be moved
        starts, limits = rows.starts[key.start : key.stop], rows.limits[key.start : key.stop]
        first = concat_first(starts, rows)
        splits = OPS["ConcatV2"](first, limits, 0)
        below = values[splits[0] : splits[-1]]
        return nested(below, [RowPartition(splits - splits[0], rows.uniform)])
    return take(x, range_(rows.nrows)[key])


def concat_first(starts: Any, rows: RowPartition) -> Any:
    """Where the first of some rows starts, `[1]`; 0 if there are none."""
    return OPS["ConcatV2"](starts[:1], OPS["ZerosLike"](rows.splits[:1]), 0)[:1]


def _inner(x: Any, keys: list[Any]) -> Any:
    """Keys for the dimensions after the first."""
    if not keys:
        return x
    if not isinstance(x, RaggedTensor):
        return x[(_ALL, *keys)]
    key, rest = keys[0], keys[1:]
    rows, values = parts(x)
    if key is None:
        return own_rows(_inner(x, rest), rows.dtype)
    if not isinstance(key, slice):
        return _inner(_column(x, key), rest)
    if key == _ALL:
        return nested(_inner(values, rest), [rows])
    new, chosen = _sliced(rows, key)
    return nested(_inner(take(values, chosen), rest), [new])


def _column(x: RaggedTensor, key: Any) -> Any:
    """One value of each row."""
    rows, values = parts(x)
    if rows.uniform is None:
        raise ValueError("Cannot index into an inner ragged dimension.")
    number, length = known_int(key), rows.static_uniform
    if number is not None and length is not None and not -length <= number < length:
        raise errors.invalid(f"slice index {number} of dimension 1 out of bounds.")
    key = cast(convert(key), rows.dtype)
    if number is None or length is None:
        assert_less(key, rows.uniform)
    key = OPS["SelectV2"](key < 0, key + rows.uniform, key) if number is None or number < 0 else key
    return take(values, rows.starts + key)


def _sliced(rows: RowPartition, key: slice) -> tuple[RowPartition, Any]:
    """A slice of each row: the new rows, and the numbers of the values in them."""
    dtype = rows.dtype
    step = 1 if key.step is None else key.step
    known = known_int(step)
    if known is None:
        raise ValueError("The step of a slice of a ragged dimension must be known.")
    if known == 0:
        raise ValueError("slice step cannot be zero")
    lengths, zero = rows.lengths, OPS["ZerosLike"](rows.lengths)
    low, high = (zero, lengths) if known > 0 else (zero - 1, lengths - 1)

    def bound(value: Any, default: Any) -> Any:
        if value is None:
            return default
        value = cast(convert(value), dtype)
        value = OPS["SelectV2"](value < 0, value + lengths, value + zero)
        return OPS["Minimum"](OPS["Maximum"](value, low), high)

    start = bound(key.start, low if known > 0 else high)
    stop = bound(key.stop, high if known > 0 else low)
    pace = convert(known, dtype)
    count = OPS["FloorDiv"](stop - start + (pace - (1 if known > 0 else -1)), pace)
    count = OPS["Maximum"](count, zero)
    new = RowPartition(partitions.from_lengths(count))
    if rows.static_uniform is not None:
        size = len(range(rows.static_uniform)[slice(*(None if p is None else known_int(p) for p in (
            key.start, key.stop, key.step)))])  # fmt: skip
        new.uniform = convert(size, dtype)
    ids = new.rowids
    chosen = OPS["GatherV2"](rows.starts + start, ids, 0) + new.offsets() * pace
    return new, chosen
