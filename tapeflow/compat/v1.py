"""`tf.compat.v1`: what programs of today still use of TensorFlow 1."""

from __future__ import annotations

from ..data import compat as data
from ..graph.function import Graph as Graph
from ..graph.ir import get_default_graph as get_default_graph
from ..graph.ir import placeholder as placeholder
from ..graph.ir import reset_default_graph as reset_default_graph
from ..ops.sparse_tensor import SparseTensor as SparseTensor
from ..ops.sparse_tensor import SparseTensorValue as SparseTensorValue
from ..graph.sparse_v1 import sparse_concat as sparse_concat
from ..graph.sparse_v1 import sparse_placeholder as sparse_placeholder

__all__ = ["data"]
