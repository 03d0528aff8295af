"""`tf.compat.v1`: what programs of today still use of TensorFlow 1."""

from __future__ import annotations

from typing import Any as _Any

from ..base.extras import need as _need
from ..data import compat as data
from ..graph.function import Graph as Graph
from ..graph.ir import get_default_graph as get_default_graph
from ..graph.ir import placeholder as placeholder
from ..graph.ir import reset_default_graph as reset_default_graph
from ..graph.sparse_v1 import sparse_concat as sparse_concat
from ..graph.sparse_v1 import sparse_placeholder as sparse_placeholder
from ..ops.sparse_tensor import SparseTensor as SparseTensor
from ..ops.sparse_tensor import SparseTensorValue as SparseTensorValue

__all__ = ["data"]

_NAMESPACES = ("gfile", "io", "python_io", "summary")
# Messages of TensorFlow that TensorBoard ships, and the module that has them.
_MESSAGES = {
    "ConfigProto": "config", "RunMetadata": "config", "GraphDef": "graph", "NodeDef": "node_def",
    "MetaGraphDef": "meta_graph", "HistogramProto": "histogram", "Summary": "summary", "SummaryMetadata": "summary",
    "SummaryDescription": "summary", "Event": "event", "SessionLog": "event", "TaggedRunMetadata": "event",
}  # fmt: skip


def _message(name: str) -> _Any:
    module = _need(f"tensorboard.compat.proto.{_MESSAGES[name]}_pb2", "tensorboard", f"tf.compat.v1.{name}")
    return getattr(module, name)


def __getattr__(name: str) -> _Any:
    import importlib

    if name in _NAMESPACES:
        return importlib.import_module(f"{__package__}.v1_{name}")
    if name in _MESSAGES:
        return _message(name)
    raise AttributeError(f"tapeflow has no `tf.compat.v1.{name}` (yet)", name=name)
