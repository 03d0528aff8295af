"""`tf.compat.v1`: what programs of today still use of TensorFlow 1."""

from __future__ import annotations

from ..graph.function import Graph as Graph
from ..graph.ir import get_default_graph as get_default_graph
from ..graph.ir import placeholder as placeholder
