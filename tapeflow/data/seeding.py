"""Seeds of shuffling: TensorFlow's, so that passes have its orders."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from ..ops.random import get_seed
from .passes import words


def seeds(seed: Any, again: bool) -> Callable[[], tuple[int, int]]:
    """What gives the seeds of each pass.

    Args:
      seed: the user's seed, or None.
      again: whether each pass has others.
    """
    first = data_seed(seed)
    if not again:
        return lambda: first
    stream = words(*first)
    lock = threading.Lock()

    def draw() -> tuple[int, int]:
        with lock:
            return next(stream), next(stream)

    return draw


def data_seed(seed: Any) -> tuple[int, int]:
    """The two seeds of a dataset; random ones if neither the program nor the user gave any."""
    pair = get_seed(None if seed is None else int(seed))
    return pair if any(pair) else (random.getrandbits(63), random.getrandbits(63))
