"""`tf.autograph`: Python control flow in functions."""

from __future__ import annotations

from ..graph.autograph import set_verbosity as set_verbosity
from ..graph.autograph import to_code as to_code
from ..graph.autograph import to_graph as to_graph
from ..graph.autograph import trace as trace
from . import experimental as experimental
