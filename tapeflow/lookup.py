"""tf.lookup: tables of keys and values."""

from __future__ import annotations

from . import _lookup_experimental as experimental  # noqa: F401
from .state.lookup import StaticHashTable as StaticHashTable
from .state.lookup import StaticVocabularyTable as StaticVocabularyTable
from .state.table_initializers import KeyValueTensorInitializer as KeyValueTensorInitializer
from .state.table_initializers import TextFileIndex as TextFileIndex
from .state.table_initializers import TextFileInitializer as TextFileInitializer
