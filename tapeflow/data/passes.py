"""How a pass over a dataset goes: functions that make one iterator from others. They do not know what the items are.

A `Start` begins a pass. Items are flat elements, or row numbers of a table (rows.py): choosing and ordering are
the same for both.
"""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from ..ops.philox import Stream, bits32

Start = Callable[[], Iterator[Any]]

WORDS = 256  # random words drawn at a time


def words(seed: int, seed2: int) -> Iterator[int]:
    """The random words of a generator, one at a time."""
    for block in itertools.count():
        key, counter = seed % 2**64, seed2 % 2**64 << 64 | block * (WORDS // 4)
        yield from bits32(Stream(key, counter), WORDS).tolist()


def shuffled(start: Start, size: int, random: Iterator[int]) -> Iterator[Any]:
    """Items in the order of TensorFlow's shuffling: one of `size` waiting ones each time, replaced by the next."""
    source = start()
    waiting = list(itertools.islice(source, size))
    first, count = 0, len(waiting)  # of a ring
    ring = count
    while count == size:
        at = (first + next(random) % ring) % ring
        yield waiting[at]
        waiting[at] = waiting[first]
        try:
            waiting[first] = next(source)
        except StopIteration:
            count -= 1
        first = first + 1 if first + 1 < ring else 0
    while count:
        at = (first + next(random) % count) % ring
        yield waiting[at]
        waiting[at] = waiting[first]
        waiting[first] = None
        first = first + 1 if first + 1 < ring else 0
        count -= 1


def repeated(start: Start, count: int) -> Iterator[Any]:
    """All items `count` times; without end if it is negative, unless there are none."""
    for _ in itertools.count() if count < 0 else range(count):
        found = False
        for item in start():
            found = True
            yield item
        if not found and count < 0:
            return


def skipped(start: Start, count: int) -> Iterator[Any]:
    """Items without the first `count`; none if it is negative."""
    return iter(()) if count < 0 else itertools.islice(start(), count, None)


def taken(start: Start, count: int) -> Iterator[Any]:
    """The first `count` items; all if it is negative."""
    return start() if count < 0 else itertools.islice(start(), count)


def sharded(start: Start, count: int, index: int) -> Iterator[Any]:
    """Each `count`-th item, from number `index` on."""
    return itertools.islice(start(), index, None, count)


def chunks(start: Start, size: int, drop_remainder: bool) -> Iterator[list[Any]]:
    """Lists of `size` items; the last may be shorter."""
    source = start()
    chunk: Callable[[], list[Any]] = lambda: list(itertools.islice(source, size))
    found = iter(chunk, [])  # which goes on after an error
    return itertools.takewhile(lambda items: len(items) == size, found) if drop_remainder else found


def windows(start: Start, size: int, shift: int, stride: int, drop_remainder: bool) -> Iterator[list[Any]]:
    """Lists of `size` items that are `stride` apart, each list `shift` after the one before."""
    source = start()
    waiting: collections.deque[Any] = collections.deque()
    span = (size - 1) * stride + 1
    while True:
        waiting.extend(itertools.islice(source, span - len(waiting)))
        if not waiting or (drop_remainder and len(waiting) < span):
            return
        yield list(itertools.islice(waiting, 0, None, stride))
        kept = max(len(waiting) - shift, 0)
        if shift > len(waiting):
            for _ in itertools.islice(source, shift - len(waiting)):
                pass
        while len(waiting) > kept:
            waiting.popleft()


def interleaved(outer: Iterator[Any], begin: Callable[[Any], Iterator[Any]], cycle: int, block: int) -> Iterator[Any]:
    """Items of `cycle` passes at a time, `block` of each in turn; a pass that ends makes room for the next."""
    passes: list[Iterator[Any] | None] = [None] * cycle
    more = True
    while True:
        alive = False
        for place in range(cycle):
            taken_here = 0
            while taken_here < block:
                current = passes[place]
                if current is None:
                    if taken_here or not more:
                        break
                    try:
                        current = passes[place] = begin(next(outer))
                    except StopIteration:
                        more = False
                        break
                alive = True
                try:
                    yield next(current)
                    taken_here += 1
                except StopIteration:
                    passes[place] = None
                    break
        if not alive:
            return


class Kept:
    """Items of the first whole pass, for those after it."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._items: list[Any] | None = None

    def start(self) -> Iterator[Any]:
        """A pass: over what is kept, or the first, which keeps."""
        return iter(self._items) if self._items is not None else self._keeping()

    def _keeping(self) -> Iterator[Any]:
        items = []
        for item in self._start():
            items.append(item)
            yield item
        self._items = items
