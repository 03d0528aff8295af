"""Elements made ahead, or several at a time, in threads: those that are slow."""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import itertools
import operator
import os
import queue
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

from ..base.context import building, context, reading
from .elements import Flat
from .functions import ElementFunction
from .source import Source
from .transforms import map_

SLOW = 5e-4  # seconds for an element from which on a thread pays
TRIES = 4  # elements timed before that is decided
_DONE = object()


def processors() -> int:
    """How many threads may run at once."""
    return os.cpu_count() or 1


def prefetched(dataset: Source, size: Any) -> Source:
    """The same elements; if they are slow, `size` of them are made ahead in a thread.

    Args:
      dataset: the elements.
      size: how many; negative to choose.
    """
    if dataset._table is not None:  # rows of memory: there is nothing to wait for
        return dataset._chosen("Prefetch", lambda start: start(), dataset._count)
    ahead = size if isinstance(size, int) and size > 0 else processors()
    return Source(
        "Prefetch", dataset._structure,
        lambda: dataset._start() if size == 0 else _ahead(dataset._start(), ahead), dataset._count,
    )  # fmt: skip


def _ahead(source: Iterator[Flat], size: int) -> Iterator[Flat]:
    clock = _Clock()

    def parts() -> Iterator[Iterator[Flat]]:
        yield itertools.islice(clock.timed(source), TRIES)
        yield _Ahead(source, size) if clock.slow else source

    return itertools.chain.from_iterable(parts())


class _Clock:
    """Times elements, to find out whether they are slow. The slowest does not count: the first has much to prepare."""

    def __init__(self) -> None:
        self._spent = self._most = 0.0

    slow = property(lambda self: self._spent - self._most >= (TRIES - 1) * SLOW, doc="Whether threads pay.")

    def timed(self, source: Iterator[Any]) -> Iterator[Any]:
        """The same items; an error does not end them."""
        return iter(lambda: self._next(source), _DONE)

    def _next(self, source: Iterator[Any]) -> Any:
        began = time.perf_counter()
        try:
            return next(source, _DONE)
        finally:
            took = time.perf_counter() - began
            self._spent += took
            self._most = max(self._most, took)


class _Ahead:
    """An iterator whose items are made by a thread, which ends when the iterator is gone.

    Args:
      source: makes the items.
      size: how many may wait.
    """

    def __init__(self, source: Iterator[Any], size: int) -> None:
        self._items: queue.Queue[Any] = queue.Queue(size)
        stop = threading.Event()
        arguments = source, self._items, stop, context.reads
        threading.Thread(target=_fill, args=arguments, daemon=True, name="tapeflow-data").start()
        self._stop = weakref.finalize(self, _end, stop, self._items)

    def __iter__(self) -> _Ahead:
        return self

    def __next__(self) -> Any:
        item = self._items.get() if self._stop.alive else _DONE
        if item is _DONE:
            self._stop()
            raise StopIteration
        if isinstance(item, _Failure):
            raise item.error
        return item


def _end(stop: threading.Event, items: queue.Queue[Any]) -> None:
    stop.set()
    with contextlib.suppress(queue.Empty):  # a thread that waits for room goes on, and sees that it is over
        items.get_nowait()


class _Failure:
    def __init__(self, error: BaseException) -> None:
        self.error = error


def _fill(source: Iterator[Any], items: queue.Queue[Any], stop: threading.Event, reads: Any) -> None:
    item: Any = None
    with building(None), reading(reads):
        while item is not _DONE and not stop.is_set():
            try:
                item = next(source, _DONE)
            except BaseException as error:
                item = _Failure(error)
            items.put(item)
            if isinstance(item, _Failure):
                item = None  # so that the error does not live on


def mapped_in_parallel(dataset: Source, function: ElementFunction, calls: Any) -> Source:
    """A function of each element; if it is slow, several calls of it run at the same time. The order is kept."""
    simple = map_(dataset, function, "ParallelMap")
    if simple._table is not None:  # it does many at once
        return simple
    workers = calls if isinstance(calls, int) and calls > 0 else processors()
    return Source(
        "ParallelMap", function.result, lambda: _in_parallel(dataset._start(), function, workers), dataset._count
    )


def _in_parallel(source: Iterator[Flat], function: ElementFunction, workers: int) -> Iterator[Flat]:
    clock = _Clock()

    def parts() -> Iterator[Iterator[Flat]]:
        yield itertools.islice(clock.timed(itertools.starmap(function, source)), TRIES)
        if clock.slow and workers > 1:
            yield map(operator.methodcaller("result"), _futures(source, function, workers))
        else:
            yield itertools.starmap(function, source)

    return itertools.chain.from_iterable(parts())


def _futures(source: Iterator[Flat], function: ElementFunction, workers: int) -> Iterator[Any]:
    waiting: collections.deque[concurrent.futures.Future[Flat]] = collections.deque()
    with concurrent.futures.ThreadPoolExecutor(workers, "tapeflow-data") as pool:
        try:
            for flat in source:
                waiting.append(pool.submit(_call, function, flat, context.reads))
                if len(waiting) > workers:
                    yield waiting.popleft()
            while waiting:
                yield waiting.popleft()
        finally:
            for future in waiting:
                future.cancel()


def _call(function: ElementFunction, flat: Flat, reads: Any) -> Flat:
    with building(None), reading(reads):
        return function(*flat)
