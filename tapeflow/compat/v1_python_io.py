"""`tf.compat.v1.python_io`: files of records."""

from __future__ import annotations

from ..io.records import TFRecordOptions as TFRecordOptions
from ..io.records import TFRecordWriter as TFRecordWriter
from ..io.records import tf_record_iterator as tf_record_iterator
