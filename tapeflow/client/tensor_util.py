"""For Keras: what is a tensor."""

from __future__ import annotations

from ..ops.creation import get_static_value as constant_value
from ..ops.creation import is_tensor as is_tf_type

__all__ = ["constant_value", "is_tf_type"]
