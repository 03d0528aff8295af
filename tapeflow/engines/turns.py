"""A thread whose Python work goes on beside calls without holding them up.

Only one thread runs Python at a time. A call lets go of Python's lock in each of NumPy's kernels, a hundred times
perhaps, and would wait for it as often while another thread has Python to run: a call of 20 ms takes 100. So the two
take turns: the thread rests while a call goes on, and after the call it has a turn, which the caller sleeps through.
"""

from __future__ import annotations

import contextlib
import math
import sys
import threading
from collections.abc import Callable, Iterator
from time import perf_counter, sleep
from typing import Any, TypeVar

_T = TypeVar("_T")

TURN = 0.008  # seconds at a time; something that cannot be interrupted may take as much again
SHARE = 1.0  # of the time that calls take, but one turn for each call
PATIENCE = 0.05  # seconds that the thread waits for a turn before it takes one; calls may be over, or wait for it


class Turns:
    """The turns of one thread, which does its work inside `taken()`, and of any number that `call`."""

    def __init__(self) -> None:
        self._until = 0.0  # when the thread's turn is over
        self._turn = threading.Event()
        self._calls = 0  # under way
        self._last = 0.0  # when one began or ended
        self._lock = threading.Lock()
        self._owed = 0.0  # seconds of the thread's
        self._asked = False  # whether the thread wants turns

    def call(self, function: Callable[..., _T], *args: Any) -> _T:
        """What the function returns; the thread rests meanwhile, and has a turn afterwards if it is due."""
        start = self._count(1)
        self._until = 0.0
        try:
            return function(*args)
        finally:
            self._owed += SHARE * (self._count(-1) - start)
            if self._owed >= TURN and self._asked:
                self._owed = 0.0
                self._until = perf_counter() + TURN
                self._turn.set()
                sleep(TURN)

    def _count(self, change: int) -> float:
        with self._lock:
            self._calls += change
            self._last = now = perf_counter()
        return now

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Inside, this thread runs Python only when it is its turn, until the program ends."""
        before, _mine.turns = sys.gettrace(), self
        self._asked = True
        sys.settrace(self._hook)
        try:
            yield
        finally:
            sys.settrace(before)
            self._asked, _mine.turns = False, None

    def _hook(self, *event: Any) -> None:
        """Python calls this whenever this thread enters a function."""
        if perf_counter() > self._until:
            self._rest()

    def _rest(self) -> None:
        while perf_counter() > self._until:
            if _is_ending():
                self._until = math.inf
                return
            idle = not self._calls and perf_counter() - self._last > PATIENCE
            if idle or not self._turn.wait(PATIENCE):
                self._until = perf_counter() + TURN
            self._turn.clear()

    @contextlib.contextmanager
    def _unlocked(self) -> Iterator[None]:
        if _is_ending():
            raise SystemExit  # of this thread, which the program would wait for
        self._asked = False
        try:
            yield
        finally:
            self._asked = True


def _is_ending() -> bool:
    return not threading.main_thread().is_alive()


class _Mine(threading.local):
    turns: Turns | None = None


_mine = _Mine()


def unlocked() -> contextlib.AbstractContextManager[None]:
    """Inside, this thread works without Python's lock: no call need wait for it. Not begun if the program is ending."""
    return contextlib.nullcontext() if _mine.turns is None else _mine.turns._unlocked()
