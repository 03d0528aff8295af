"""`tf.summary.experimental`: the default step, and parts to make new kinds of summaries of."""

from __future__ import annotations

from .writers import get_step as get_step
from .writers import set_step as set_step
from .writing import summary_scope as summary_scope
from .writing import write_raw_pb as write_raw_pb
