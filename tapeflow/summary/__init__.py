"""`tf.summary`: what TensorBoard shows."""

from __future__ import annotations

from . import experimental as experimental
from .graphs import graph as graph
from .graphs import trace_export as trace_export
from .graphs import trace_off as trace_off
from .graphs import trace_on as trace_on
from .kinds import audio as audio
from .kinds import histogram as histogram
from .kinds import image as image
from .kinds import scalar as scalar
from .kinds import text as text
from .writers import SummaryWriter as SummaryWriter
from .writers import create_file_writer as create_file_writer
from .writers import create_noop_writer as create_noop_writer
from .writers import flush as flush
from .writers import record_if as record_if
from .writers import should_record_summaries as should_record_summaries
from .writing import write as write
