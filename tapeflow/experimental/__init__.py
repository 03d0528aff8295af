"""`tf.experimental`: what is not settled in TensorFlow."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..data.iterators import Optional as Optional
    from . import dtensor as dtensor
    from . import numpy as numpy


def __getattr__(name: str) -> object:
    """Loads what is here when it is first used."""
    if name in ("dtensor", "numpy"):
        return importlib.import_module(f".{name}", __name__)
    if name == "Optional":
        return importlib.import_module("..data.iterators", __name__).Optional
    raise AttributeError(f"tapeflow has no `tf.experimental.{name}` (yet)")


def __dir__() -> list[str]:
    return sorted({*globals(), "Optional", "dtensor", "numpy"})
