"""tf.lookup.experimental: tables that can be changed."""

from __future__ import annotations

from .state.lookup import DenseHashTable as DenseHashTable
from .state.lookup import MutableHashTable as MutableHashTable
