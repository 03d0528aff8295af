"""`tf.io`: files."""

from __future__ import annotations

from ..graph.graph_def import write_graph as write_graph
from ..ops.string_encodings import decode_base64 as decode_base64
from ..ops.string_encodings import decode_raw as decode_raw
from ..ops.string_encodings import encode_base64 as encode_base64
