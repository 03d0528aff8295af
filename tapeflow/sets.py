"""tf.sets: sets in the last dimension of tensors."""

from __future__ import annotations

from .ops.sets import difference as difference
from .ops.sets import intersection as intersection
from .ops.sets import size as size
from .ops.sets import union as union
