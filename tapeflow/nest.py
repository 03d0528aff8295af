"""`tf.nest`: structures of values."""

from __future__ import annotations

from .base.nest import assert_same_structure as assert_same_structure
from .base.nest import flatten as flatten
from .base.nest import is_nested as is_nested
from .base.nest import map_structure as map_structure
from .base.nest import pack_sequence_as as pack_sequence_as
