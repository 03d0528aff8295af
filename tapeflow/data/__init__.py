"""`tf.data`: datasets."""

from __future__ import annotations

from . import experimental as experimental
from .dataset import AUTOTUNE as AUTOTUNE
from .dataset import Dataset as Dataset
from .dataset import DatasetSpec as DatasetSpec
from .generators import NumpyIterator as NumpyIterator
from .iterators import IteratorBase as Iterator
from .iterators import IteratorSpec as IteratorSpec
from .options import Options as Options
from .options import ThreadingOptions as ThreadingOptions
from .readers import FixedLengthRecordDataset as FixedLengthRecordDataset
from .readers import TextLineDataset as TextLineDataset
from .readers import TFRecordDataset as TFRecordDataset
from .source import INFINITE as INFINITE_CARDINALITY
from .source import UNKNOWN as UNKNOWN_CARDINALITY
