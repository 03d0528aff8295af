"""`tf.compat.v1`: what programs of today still use of TensorFlow 1."""

from __future__ import annotations

from typing import Any as _Any

from ..base.extras import need as _need
from ..base.tensor_shape import Dimension as Dimension
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

_NAMESPACES = ("debugging", "gfile", "image", "io", "logging", "nn", "python_io", "summary")
_OTHERS = set(
    """assign assign_add assign_sub enable_control_flow_v2 enable_eager_execution enable_resource_variables
    enable_tensor_equality enable_v2_behavior enable_v2_tensorshape expand_dims global_variables_initializer
    local_variables_initializer name_scope tables_initializer to_float to_int32 where while_loop""".split()
)
# What means today, with the same arguments, what it meant then.
_SAME = set(
    """Assert DType GradientTape IndexedSlices Module TensorShape abs add as_dtype cast clip_by_value concat constant
    control_dependencies convert_to_tensor cos device equal errors executing_eagerly exp fill float16 float32 float64
    function gather_nd greater group identity int16 int32 int64 int8 less linalg matmul maximum minimum multiply no_op
    not_equal one_hot ones pad pow py_function random range reshape sigmoid sign sin split sqrt square stack
    stop_gradient string subtract tanh test tile uint8 unstack zeros""".split()
)
# Namespaces in which all that is used of TensorFlow 1 is what it is today.
_TODAY = {"bitwise", "math", "quantization", "sets", "signal", "strings", "version"}
# Those that have moved since.
_MOVED = {"div_no_nan": ("math", "divide_no_nan"), "log": ("math", "log"), "set_random_seed": ("random", "set_seed")}
# Messages of TensorFlow that TensorBoard ships, and the module that has them.
_MESSAGES = {
    "GPUOptions": "config", "GraphOptions": "config", "OptimizerOptions": "config",
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
    if name in _OTHERS:
        return getattr(importlib.import_module(f"{__package__}.v1_names"), name)
    if name in _TODAY:
        return getattr(importlib.import_module(f"{__package__}.v2"), name)
    arguments = importlib.import_module(f"{__package__}.v1_arguments")
    function = arguments.found(arguments.TOP, name)
    if function is not None:
        return function
    if name in _SAME:
        return getattr(importlib.import_module(f"{__package__}.v2"), name)
    if name in _MOVED:
        module, now = _MOVED[name]
        return getattr(getattr(importlib.import_module(f"{__package__}.v2"), module), now)
    raise AttributeError(f"tapeflow has no `tf.compat.v1.{name}` (yet)", name=name)
