"""`tf.compat.v1.io`: that of today, and `tf_record_iterator`."""

from __future__ import annotations

from ..io import *  # noqa: F403
from ..io import gfile as gfile
from ..io.records import tf_record_iterator as tf_record_iterator
