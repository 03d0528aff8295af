"""Elements made ahead, or several at a time, in threads: those that are slow."""

from __future__ import annotations

import collections
import concurrent.futures
import itertools
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
    began = time.perf_counter()
    waited = 0.0
    for flat in itertools.islice(source, TRIES):
        waited += time.perf_counter() - began
        yield flat
        began = time.perf_counter()
    if waited < TRIES * SLOW:
        yield from source
    else:
        yield from _Ahead(source, size)


class _Ahead:
    """An iterator whose items are made by a thread, which ends when the iterator is gone.

    Args:
      source: makes the items.
      size: how many may wait.
    """

    def __init__(self, source: Iterator[Any], size: int) -> None:
        self._items: queue.Queue[Any] = queue.Queue(size)
        self._stop = threading.Event()
        threading.Thread(target=_fill, args=(source, self._items, self._stop, context.reads), daemon=True).start()
        weakref.finalize(self, self._stop.set)

    def __iter__(self) -> Iterator[Any]:
        try:
            while (item := self._items.get()) is not _DONE:
                if isinstance(item, _Failure):
                    raise item.error
                yield item
        finally:
            self._stop.set()


class _Failure:
    def __init__(self, error: BaseException) -> None:
        self.error = error


def _fill(source: Iterator[Any], items: queue.Queue[Any], stop: threading.Event, reads: Any) -> None:
    def put(item: Any) -> bool:
        while not stop.is_set():
            try:
                items.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    with building(None), reading(reads):
        try:
            for item in source:
                if not put(item):
                    return
            put(_DONE)
        except BaseException as error:
            put(_Failure(error))


def mapped_in_parallel(dataset: Source, function: ElementFunction, calls: Any) -> Source:
    """A function of each element; if it is slow, several calls of it run at the same time. The order is kept."""
    if dataset._table is not None:  # many at once, or cheap
        return map_(dataset, function, "ParallelMap")
    workers = calls if isinstance(calls, int) and calls > 0 else processors()
    return Source(
        "ParallelMap", function.result, lambda: _in_parallel(dataset._start(), function, workers), dataset._count
    )


def _in_parallel(source: Iterator[Flat], function: ElementFunction, workers: int) -> Iterator[Flat]:
    began = time.perf_counter()
    spent = 0.0
    for flat in itertools.islice(source, TRIES):
        began = time.perf_counter()
        result = function(*flat)
        spent += time.perf_counter() - began
        yield result
    if spent < TRIES * SLOW or workers == 1:
        yield from itertools.starmap(function, source)
        return
    waiting: collections.deque[concurrent.futures.Future[Flat]] = collections.deque()
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        try:
            for flat in source:
                waiting.append(pool.submit(_call, function, flat, context.reads))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _call(function: ElementFunction, flat: Flat, reads: Any) -> Flat:
    with building(None), reading(reads):
        return function(*flat)
