"""`tf.types`."""

from __future__ import annotations

from . import experimental as experimental
