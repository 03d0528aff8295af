"""Random numbers made ahead of calls that follow each other: a function that `map` calls for each element draws a few
hundred at a time, and of those NumPy makes thousands in hardly more time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..core.tensor import Array
from .philox import Stream

MOST = 1 << 13  # numbers made at a time
STREAMS = 16  # of so many streams of a thread


class _Spaced(NamedTuple):
    """Several calls of a stream as one stream: `each` counters, then on to where the next call begins."""

    start: Stream
    each: int
    gap: int

    def words(self, offsets: Array) -> tuple[Array, Array]:
        call, place = np.divmod(offsets, np.uint64(self.each))
        return self.start.words(call * np.uint64(self.gap) + place)


class _Ahead(NamedTuple):
    """What is known of a stream: where the next call will begin, and what it will give."""

    next: int
    made: Iterator[Array]
    calls: int  # that were prepared last


class _Kept(threading.local):
    def __init__(self) -> None:
        self.streams: dict[Any, _Ahead] = {}


_kept = _Kept()


def drawn(draw: Callable[[Any, int, Any], Array], stream: Stream, size: int, dtype: Any, gap: int) -> Array:
    """`draw(stream, size, dtype)`, where the next call will probably be of `stream`, `gap` counters later."""
    if dtype != np.float32 or size % 4 or not 64 <= size <= MOST // 4:
        return draw(stream, size, dtype)
    streams = _kept.streams
    key = draw, stream.key, stream.counter >> 64, size
    known = streams.pop(key, None)
    if known is None or known.next != stream.counter:
        while len(streams) >= STREAMS:
            streams.pop(next(iter(streams)), None)
        streams[key] = _Ahead(stream.counter + gap, iter(()), 1)
        return draw(stream, size, dtype)
    made, count = known.made, known.calls
    numbers = next(made, None)
    if numbers is None:
        count = min(2 * count, MOST // size)
        made = iter(draw(_Spaced(stream, size // 4, gap), size * count, dtype).reshape(count, size))
        numbers = next(made)
    streams[key] = _Ahead(stream.counter + gap, made, count)
    return numbers
