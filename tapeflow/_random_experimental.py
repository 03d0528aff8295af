"""`tf.random.experimental`: older names."""

from __future__ import annotations

from .ops.random import fold_in as stateless_fold_in
from .ops.random import split as stateless_split

__all__ = ["stateless_fold_in", "stateless_split"]
