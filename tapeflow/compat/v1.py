"""`tf.compat.v1`: what programs of today still use of TensorFlow 1."""

from __future__ import annotations

from ..graph.function import Graph as Graph
from ..graph.ir import get_default_graph as get_default_graph
from ..graph.ir import placeholder as placeholder
from ..ops.sparse_tensor import SparseTensor as SparseTensor
from ..ops.sparse_tensor import SparseTensorValue as SparseTensorValue
from ..graph.sparse_v1 import sparse_concat as sparse_concat
from ..graph.sparse_v1 import sparse_placeholder as sparse_placeholder
