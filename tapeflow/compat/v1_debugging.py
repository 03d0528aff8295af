"""`tf.compat.v1.debugging`: assertions with TensorFlow 1's arguments; else `tf.debugging`."""

from __future__ import annotations

from typing import Any

from .. import debugging, math
from .v1_arguments import ASSERTIONS, found


def __getattr__(name: str) -> Any:
    function = found(ASSERTIONS, name)
    if function is not None:
        return function
    for today in (debugging, math):  # where `is_strictly_increasing` is
        if not name.startswith("_") and hasattr(today, name):
            return getattr(today, name)
    raise AttributeError(f"tapeflow has no `tf.compat.v1.debugging.{name}` (yet)", name=name)
