"""For Keras: whether programs asked for determinism."""

from __future__ import annotations

from ..base.context import settings
from ..config.options import enable_op_determinism as enable_op_determinism


def is_op_determinism_enabled() -> bool:
    """Whether `tf.config.experimental.enable_op_determinism()` was called."""
    return bool(settings.op_determinism)
