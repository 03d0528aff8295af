"""`tf.autograph`: Python control flow in functions."""

from __future__ import annotations

from . import experimental as experimental
