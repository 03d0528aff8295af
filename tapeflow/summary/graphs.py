"""Graphs as summaries: `tf.summary.graph`, and those of the functions that run while a trace is on."""

from __future__ import annotations

from typing import Any

from ..base import errors
from ..base.context import context
from ..core.tensor import Tensor
from ..graph.concrete import ConcreteFunction
from ..graph.graph_def import as_graph_def
from ..graph.ir import Graph
from ..graph.tensor_proto import messages
from ..ops.creation import constant
from .writers import WRITE_GRAPH, default_writer, step_tensor
from .writing import write

_call = ConcreteFunction.call


class _Trace:
    """The graphs of functions that were called since it began. There is one at a time."""

    current: _Trace | None = None

    def __init__(self) -> None:
        self.graphs: dict[int, Graph] = {}  # by address; the graphs are kept, so none is used twice

    def note(self, graph: Graph) -> None:
        self.graphs[id(graph)] = graph


def _noted_call(self: Any, tensors: Any) -> Any:
    """Stands for `ConcreteFunction.call` while a trace is on; so that calls cost nothing more at other times."""
    if _Trace.current is not None and context.graph is None:
        _Trace.current.note(self.graph)
    return _call(self, tensors)


def graph(graph_data: Any) -> Tensor:
    """Writes a graph, if there is a default writer: TensorBoard shows it under Graphs.

    Args:
      graph_data: a `tf.Graph`, such as that of a concrete function, or a `GraphDef`.

    Returns:
      A bool scalar: whether it was written.

    Raises:
      ValueError: if it is neither, or inside a function.

    >>> import tempfile
    >>> double = tf.function(lambda x: 2 * x).get_concrete_function(tf.TensorSpec([]))
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     print(tf.summary.graph(double.graph).numpy())
    True
    """
    if context.graph is not None:
        raise ValueError("graph() cannot be invoked inside a graph context.")
    writer = default_writer()
    if writer is None:
        return constant(False)
    if isinstance(graph_data, Graph):
        message = as_graph_def(graph_data, add_shapes=True)
    elif getattr(getattr(graph_data, "DESCRIPTOR", None), "full_name", "").endswith(".GraphDef"):
        message = graph_data
    else:
        raise ValueError(
            "Argument 'graph_data' is not tf.Graph or tf.compat.v1.GraphDef. Received "
            f"graph_data={graph_data} of type {type(graph_data).__name__}."
        )
    from .writers import should_record

    if not should_record():
        return constant(False)
    WRITE_GRAPH(writer._resource, 0, message.SerializeToString())
    return constant(True)


def trace_on(graph: bool = True, profiler: bool = False, profiler_outdir: str | None = None) -> None:
    """Begins to note which functions are called, to write their graphs with `trace_export`.

    Args:
      graph: whether graphs are noted.
      profiler: tapeflow has no profiler: True is refused.
      profiler_outdir: where a profile would be written.

    Raises:
      UnimplementedError: if `profiler` is True.

    >>> import tempfile
    >>> double = tf.function(lambda x: 2 * x)
    >>> tf.summary.trace_on()
    >>> y = double(tf.constant(1.0))
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     tf.summary.trace_export("double", step=0)
    """
    if context.graph is not None:
        return
    if profiler:
        raise errors.UnimplementedError(None, None, "tapeflow has no profiler: call trace_on with profiler=False.")
    _Trace.current = _Trace()
    if graph:
        ConcreteFunction.call = _noted_call  # type: ignore[method-assign]


def trace_off() -> None:
    """Ends what `trace_on` began; what was noted is forgotten."""
    _Trace.current = None
    ConcreteFunction.call = _call  # type: ignore[method-assign]


def trace_export(name: str, step: Any = None, profiler_outdir: str | None = None) -> None:
    """Writes the graphs of functions that were called since `trace_on`, which ends.

    Args:
      name: the name under which TensorBoard shows them.
      step: the step; by default that of the writer or `set_step`.
      profiler_outdir: where a profile would be written: there is none.

    Raises:
      ValueError: without `trace_on`, or if there is a writer and no step.
    """
    if context.graph is not None:
        return
    trace = _Trace.current
    if trace is None:
        raise ValueError("Must enable trace before export through tf.summary.trace_on.")
    if default_writer() is not None:
        step_tensor(step)  # before anything ends
        write(name, lambda: _run_metadata(list(trace.graphs.values())), step, _metadata())
    trace_off()


def _metadata() -> Any:
    from .events import summary_messages

    metadata = summary_messages().SummaryMetadata()
    metadata.plugin_data.plugin_name = "graph_run_metadata_graph"
    metadata.plugin_data.content = b"1"
    return metadata


def _run_metadata(graphs: list[Graph]) -> bytes:
    messages()
    from tensorboard.compat.proto import config_pb2

    message = config_pb2.RunMetadata()
    for each in graphs:
        function = message.function_graphs.add()
        function.pre_optimization_graph.CopyFrom(as_graph_def(each, add_shapes=True))
        message.partition_graphs.add().CopyFrom(function.pre_optimization_graph)
    data: bytes = message.SerializeToString()
    return data
