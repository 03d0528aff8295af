"""Elements kept in a file, for later passes and later processes."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from .elements import Flat
from .source import Source


def path_of(filename: Any) -> str:
    """A file name, of a string or a string tensor."""
    value = filename.numpy() if hasattr(filename, "numpy") else filename
    return value.decode() if isinstance(value, bytes) else os.fspath(value)


def cached_in_file(dataset: Source, path: str) -> Source:
    """Writes the elements of the first whole pass to a file, and reads them from there afterwards."""
    target = f"{path}.tapeflow-cache"
    def start() -> Iterator[Flat]:
        return _read(target) if os.path.exists(target) else _kept(dataset, target)

    return Source("Cache", dataset._structure, start, dataset._count)


def _kept(dataset: Source, target: str) -> Iterator[Flat]:
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    part = f"{target}.{os.getpid()}.{threading.get_ident()}"
    try:
        with open(part, "wb") as file:
            for flat in dataset._start():
                pickle.dump([np.asarray(array) for array in flat], file, pickle.HIGHEST_PROTOCOL)
                yield flat
        os.replace(part, target)
    finally:
        if os.path.exists(part):
            os.remove(part)


def _read(target: str) -> Iterator[Flat]:
    with open(target, "rb") as file:
        while True:
            try:
                yield tuple(pickle.load(file))
            except EOFError:
                return
