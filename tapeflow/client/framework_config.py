"""For Keras: whether programs asked for determinism."""

from __future__ import annotations

from ..base.context import settings


def is_op_determinism_enabled() -> bool:
    """Whether `tf.config.experimental.enable_op_determinism()` was called."""
    return bool(settings.op_determinism)


def enable_op_determinism() -> None:
    """From now on a program gives the same results each time: see `tf.config.experimental.enable_op_determinism`."""
    settings.op_determinism = True
