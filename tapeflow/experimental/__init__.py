"""`tf.experimental`: what is not settled in TensorFlow."""

from __future__ import annotations

from ..data.iterators import Optional as Optional
from . import dtensor as dtensor
