"""What is open right now, in this thread: the only mutable global of tapeflow."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Recorder(Protocol):
    """Whoever wants to be told of each op that runs: a tape, an accumulator, a test."""

    def record(self, op: Any, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        """`op` has run on `inputs` (Tensors, and Python values where static) and gave `outputs` (one Tensor, or a list)."""

    def read(self, variable: Any, value: Any) -> None:
        """`variable` has been read, as the Tensor `value`."""


class _Context(threading.local):
    recorders: tuple[Recorder, ...] = ()
    name_scope: str = ""
    device: str = ""


context = _Context()

# Tensors that a tape follows, and Variables, are known by number: a number is never used twice, an address may be.
new_id = itertools.count(1).__next__


@contextmanager
def recording(recorders: tuple[Recorder, ...]) -> Iterator[None]:
    """Ops inside are told to exactly these recorders; the ones before come back at the end."""
    before = context.recorders
    context.recorders = recorders
    try:
        yield
    finally:
        context.recorders = before
