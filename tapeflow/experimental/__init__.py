"""`tf.experimental`: what is not settled in TensorFlow."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..data.iterators import Optional as Optional
    from ..ops.row_partition import RowPartition as RowPartition
    from . import dtensor as dtensor
    from . import numpy as numpy


_WHERE = {"Optional": "..data.iterators", "RowPartition": "..ops.row_partition"}


def __getattr__(name: str) -> object:
    """Loads what is here when it is first used."""
    if name in ("dtensor", "numpy"):
        return importlib.import_module(f".{name}", __name__)
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name], __name__), name)
    raise AttributeError(f"tapeflow has no `tf.experimental.{name}` (yet)")


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE, "dtensor", "numpy"})
