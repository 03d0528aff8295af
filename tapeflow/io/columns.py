"""Many `Example` messages as columns of values, without the protobuf library.

Records of a file are much alike: most have their values in the same places. So a record is read once, as a template;
of all others of its length that agree with it everywhere but in the values, these are taken with NumPy at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..base.wire import WireError, fields, read_varint

Array = np.ndarray[Any, Any]
MISSING, BYTES, FLOATS, INTS = 0, 1, 2, 3  # the field numbers of a `Feature`
_NUMPY = {BYTES: np.dtype(object), FLOATS: np.dtype(np.float32), INTS: np.dtype(np.int64)}
_TEMPLATES = 8  # of records of one length


class Feature:
    """Where the values of a feature are in a record: their kind, and the places of their bytes."""

    __slots__ = ("kind", "spans")

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.kind = MISSING
        self.spans: list[tuple[int, int]] = []
        for number, kind, value in fields(data, start, end):
            if number in (BYTES, FLOATS, INTS) and kind == 2:
                self.kind = number
                self.spans = list(_spans(data, *value))  # type: ignore[misc]

    def values(self, data: bytes) -> Array:
        """The values, of one dimension."""
        if self.kind == BYTES:
            return objects([data[a:b] for a, b in self.spans])
        packed = b"".join(data[a:b] for a, b in self.spans)
        if self.kind == FLOATS:
            return np.frombuffer(packed, "<f4")
        numbers: Array = integers(np.frombuffer(packed, np.uint8)[None])[0]
        return numbers


def _spans(data: bytes, start: int, end: int) -> Iterable[tuple[int, int]]:
    """The places of the values in a list: of each of bytes, of numbers in one piece or one by one."""
    at = start
    while at < end:
        key = data[at]
        if key == 8:  # an integer by itself
            _, stop = read_varint(data, at + 1, end)
            yield at + 1, stop
            at = stop
            continue
        for _, _, value in fields(data, at, end):
            if isinstance(value, int):
                break
            yield value
            at = value[1]
        else:
            return


def objects(values: Sequence[bytes]) -> Array:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def integers(rows: Array) -> Array:
    """The integers whose bytes rows hold, all in the same places."""
    if not rows.size:
        return np.zeros((len(rows), 0), np.int64)
    ends = rows[0] < 128
    if ends.all():
        return rows.astype(np.int64)
    starts = np.concatenate([[0], np.flatnonzero(ends)[:-1] + 1])
    places = np.arange(rows.shape[1]) - np.repeat(starts, np.diff(np.append(starts, rows.shape[1])))
    parts = (rows & 127).astype(np.uint64) << (7 * places).astype(np.uint64)
    return np.add.reduceat(parts, starts, axis=1).astype(np.int64)


def find_features(data: bytes, start: int, end: int, wanted: dict[bytes, int]) -> dict[int, Feature]:
    """The wanted features of a `Features` message, by their numbers."""
    found = {}
    for number, kind, value in fields(data, start, end):
        if number != 1 or kind != 2:
            continue
        key, place = b"", (0, 0)
        for n, _, part in fields(data, *value):  # type: ignore[misc]
            if n == 1:
                key = data[slice(*part)]  # type: ignore[misc]
            elif n == 2:
                place = part  # type: ignore[assignment]
        if key in wanted:
            found[wanted[key]] = Feature(data, *place)
    return found


def parts_of(data: bytes) -> Iterable[tuple[int, int, int]]:
    """The parts of an `Example` (1: features) or `SequenceExample` (1: context, 2: lists): number, start, end."""
    for number, kind, value in fields(data, 0, len(data)):
        if kind == 2:
            yield (number, *value)  # type: ignore[misc]


class Column:
    """A feature of many examples: of which kind it is in each, how many values it has, and the values."""

    def __init__(self, size: int) -> None:
        self.kinds = np.zeros(size, np.int8)
        self.counts = np.zeros(size, np.int64)
        self._chunks: list[tuple[Any, Array]] = []  # numbers of examples, and a row of values for each

    def add(self, rows: Any, kind: int, values: Array) -> None:
        self.kinds[rows] = kind
        self.counts[rows] = values.shape[1]
        if values.shape[1]:
            self._chunks.append((rows, values))

    def flat(self, kind: int) -> Array:
        """All values, one example after the other."""
        if len(self._chunks) == 1 and len(self._chunks[0][1]) == len(self.counts):
            return self._chunks[0][1].reshape(-1)
        starts = np.cumsum(self.counts) - self.counts
        out = np.empty(int(self.counts.sum()), _NUMPY[kind])
        for rows, values in self._chunks:
            out[starts[rows][:, None] + np.arange(values.shape[1])] = values
        return out


def read_columns(records: list[bytes], keys: list[bytes]) -> list[Column]:
    """The columns of some features.

    Raises:
      WireError: if a record is no `Example`; its `args` are the text and the record's number.
    """
    columns = [Column(len(records)) for _ in keys]
    wanted = {key: number for number, key in enumerate(keys)}
    lengths = np.fromiter(map(len, records), np.int64, len(records))
    order = np.argsort(lengths, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        if len(group):
            _read_alike(records, group, wanted, columns)
    return columns


def _read_alike(records: list[bytes], group: Array, wanted: dict[bytes, int], columns: list[Column]) -> None:
    """Records of one length."""
    for _ in range(_TEMPLATES):
        if len(group) < 4:
            break
        data = records[group[0]]
        features = _of_example(data, int(group[0]), wanted)
        joined = b"".join([records[i] for i in group])
        block = np.frombuffer(joined, np.uint8).reshape(len(group), len(data))
        same = _agree(block, features)
        _take(records, group[same], block[same], features, columns)
        group = group[~same]
    for i in group:
        for number, feature in _of_example(records[i], int(i), wanted).items():
            columns[number].add(np.array([i]), feature.kind, feature.values(records[i])[None])


def _of_example(data: bytes, index: int, wanted: dict[bytes, int]) -> dict[int, Feature]:
    found: dict[int, Feature] = {}
    try:
        for number, start, end in parts_of(data):
            if number == 1:
                found |= find_features(data, start, end, wanted)
    except (WireError, IndexError) as error:
        raise WireError(str(error), index) from None
    return found


def _agree(block: Array, features: dict[int, Feature]) -> Array:
    """Which rows have the same bytes as the first but for the values, and integers of the same sizes."""
    mask = np.full(block.shape[1], 255, np.uint8)
    for feature in features.values():
        for a, b in feature.spans:
            mask[a:b] = 128 if feature.kind == INTS else 0
    kept = np.flatnonzero(mask)
    rows = block[:, kept] & mask[kept]
    same: Array = (rows == rows[0]).all(1)
    return same


def _take(records: list[bytes], rows: Array, block: Array, features: dict[int, Feature], columns: list[Column]) -> None:
    for number, feature in features.items():
        if feature.kind == BYTES:
            values = np.empty((len(rows), len(feature.spans)), object)
            for place, (a, b) in enumerate(feature.spans):
                values[:, place] = [records[i][a:b] for i in rows]
        else:
            packed = np.concatenate([block[:, :0], *[block[:, a:b] for a, b in feature.spans]], 1)
            if feature.kind != FLOATS:
                values = integers(packed)
            else:
                values = packed.view("<f4") if packed.size else packed.astype(np.float32)
        columns[number].add(rows, feature.kind, values)
