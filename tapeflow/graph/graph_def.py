"""Graphs as protocol buffers: `as_graph_def`, `tf.io.write_graph`."""

from __future__ import annotations

import itertools
import os
from typing import Any

from .graph_def_nodes import Body, Functions
from .graph_def_special import SPECIAL, function_def
from .ir import Graph as Graph
from .ir import Node
from .tensor_proto import messages
from .trace import FuncGraph

PRODUCER = 2474  # the version of the format that TensorFlow 2.21 writes
READER = 12  # the first that could read functions


def as_graph_def(graph: Graph, from_version: int | None = None, add_shapes: bool = False) -> Any:
    """The graph as TensorFlow's `GraphDef`, which TensorFlow and TensorBoard read.

    Ops, inputs and attributes bear TensorFlow's names. Static inputs become constants, and where they are computed from
    unknown sizes, nodes that do so. Branches and bodies of loops become functions of the library. What has effects is
    held in order by control inputs. A few of our own ops, in gradients of `TensorArray`s, TensorFlow does not have;
    and no other process can run Python functions.

    Args:
      graph: the graph.
      from_version: leaves out the operations that the graph had when this was its `version`.
      add_shapes: whether each node says the shapes of its outputs, in the attribute `_output_shapes`.

    Returns:
      A `GraphDef` of the classes that TensorBoard ships.

    Raises:
      ImportError: if TensorBoard is not installed (the extra `tensorboard`).

    >>> @tf.function
    ... def double(x):
    ...     return x * 2.0
    >>> graph = double.get_concrete_function(tf.TensorSpec([3])).graph
    >>> [f"{node.name} = {node.op}({', '.join(node.input)})" for node in graph.as_graph_def().node]
    ['x = Placeholder()', 'mul/y = Const()', 'mul = Mul(x, mul/y)', 'Identity = Identity(mul)']
    """
    message = messages().GraphDef()
    shown = graph.get_operations()
    more = shown[len(graph.shown.operations) :]
    Body(message.node, Functions(message.library, SPECIAL, add_shapes), graph).write(graph.nodes, more)
    if from_version:
        first = graph.nodes[from_version] if from_version < len(graph.nodes) else None
        old = {node.name for node in itertools.takewhile(lambda node: node is not first, shown)}
        kept = [node for node in message.node if node.name not in old]
        del message.node[:]
        message.node.extend(kept)
    message.versions.producer = PRODUCER
    if message.library.function:
        message.versions.min_consumer = READER
    return message


def _as_function_def(graph: FuncGraph, name: str) -> Any:
    """The graph of a function as a protocol buffer, TensorFlow's `FunctionDef`, with the name that it is to have.

    Raises:
      ImportError: if TensorBoard is not installed.
    """
    return function_def(graph, name, Functions(messages().GraphDef().library, SPECIAL))


def _node_def(node: Node) -> Any:
    """The operation as a protocol buffer, TensorFlow's `NodeDef`.

    Raises:
      ImportError: if TensorBoard is not installed.
    """
    return next(message for message in as_graph_def(node.graph).node if message.name == node.name)


def write_graph(graph_or_graph_def: Any, logdir: Any, name: str, as_text: bool = True) -> str:
    """Writes a graph to a file.

    Args:
      graph_or_graph_def: a `tf.Graph`, or the message of one.
      logdir: the directory; it is made if need be.
      name: the name of the file.
      as_text: whether to write text (usually `.pbtxt`) or bytes (`.pb`).

    Returns:
      The path of the file.

    Raises:
      ImportError: if TensorBoard is not installed (the extra `tensorboard`).

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tf.io.write_graph(tf.Graph(), folder, "graph.pbtxt").endswith("graph.pbtxt")
    True
    """
    is_graph = isinstance(graph_or_graph_def, Graph)
    message = as_graph_def(graph_or_graph_def) if is_graph else graph_or_graph_def
    if as_text:
        from google.protobuf import text_format

        content = text_format.MessageToString(message).encode()
    else:
        content = message.SerializeToString(deterministic=True)
    path = os.path.join(os.fspath(logdir), name)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


Graph.as_graph_def = as_graph_def
FuncGraph.as_function_def = _as_function_def
Graph.graph_def_versions = property(lambda self: self.as_graph_def().versions, doc="The versions of its `GraphDef`.")
Node.node_def = property(_node_def)
