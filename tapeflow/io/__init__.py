"""`tf.io`: files."""

from __future__ import annotations

from ..graph.graph_def import write_graph as write_graph
