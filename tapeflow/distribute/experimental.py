"""`tf.distribute.experimental`: older names."""

from __future__ import annotations

from .strategy import MultiWorkerMirroredStrategy as MultiWorkerMirroredStrategy
from .strategy import TPUStrategy as TPUStrategy
