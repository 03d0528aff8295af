"""`tf.tpu`: what programs do with TPUs before they train on them."""

from __future__ import annotations

from . import experimental as experimental
