"""Running a graph's nodes one by one as calls of ops: into an open graph, or eagerly while tapes are open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base.context import context, quietly
from ..core.execute import execute
from ..core.symbol import Size, Symbol
from ..core.tensor import Tensor, at_hand
from ..ops.random_ops import another_stream
from ..state import updates
from ..state.handle import Handle
from .ir import CONST, PLACEHOLDER, Graph, Node
from .plan import needed

# How to run what is no call of a registered op, by the op's name: `(node, replay) -> outputs`.
REPLAYERS: dict[str, Callable[[Node, Replay], Any]] = {}


class Replay:
    """The values of a graph's Symbols, as they become known.

    Args:
      graph: the graph.
      inputs: a Tensor (or what was captured: a handle) for each of the Symbols `symbols`.
      symbols: the graph's inputs and the placeholders of its captures.
    """

    def __init__(self, graph: Graph, symbols: Sequence[Symbol], inputs: Sequence[Any]) -> None:
        self.graph = graph
        self.values: dict[int, Any] = {id(symbol): x for symbol, x in zip(symbols, inputs, strict=True)}

    def run(self, outputs: Sequence[Symbol], effects: bool = True, called: bool = False) -> list[Any]:
        """Runs what the outputs need, and what has effects; gives the outputs' values.

        What has a value already does not run, but tapes hear of it. `called`: into the graph of a function that calls
        this one; errors then speak of the line of the call, too.
        """
        for node in needed(self.graph, outputs, effects):
            if node.op is PLACEHOLDER:
                continue
            if node.outputs and all(id(y) in self.values for y in node.outputs):
                self._tell(node)
                continue
            graph = context.graph
            count = len(graph.nodes) if graph is not None else 0
            result = self.step(node)
            for new in graph.nodes[count:] if graph is not None else ():
                new.callers = (*([new.frame] if called else ()), *node.callers)
                new.frame, new.origin = node.frame, node.origin  # errors speak of the program's line
            for symbol, value in zip(node.outputs, result if isinstance(result, list) else [result]):
                self.values[id(symbol)] = value
        return [self.values[id(y)] for y in outputs]

    def step(self, node: Node) -> Any:
        """Runs a node; gives a Tensor, or a list of several outputs."""
        if node.op is CONST:
            graph = context.graph
            return node.attrs["value"] if graph is None else graph.constant(node.attrs["value"])
        if node.op.name in REPLAYERS:
            return REPLAYERS[node.op.name](node, self)
        if node.op.updates:
            return replay_update(node, self)
        attrs = node.attrs if context.graph is None else another_stream(node.attrs)
        return execute(node.op, tuple(map(self.value, node.args)), attrs, None)

    def _tell(self, node: Node) -> None:
        results = [self.values[id(y)] for y in node.outputs]
        for recorder in context.recorders:
            if node.op is updates.READ:
                recorder.read(variable_of(node, self), results[0])
            else:
                args = tuple(map(self.value, node.args))
                recorder.record(node.op, node.attrs, args, results if node.op.several else results[0])

    def value(self, x: Any) -> Any:
        """The value of a node's argument."""
        if isinstance(x, Symbol):
            return self.values[id(x)]
        if isinstance(x, Size):
            return x.moved(self.value) if context.graph is not None else x.evaluate(self._array)
        if isinstance(x, tuple):
            return tuple(map(self.value, x))
        return x

    def _array(self, symbol: Symbol) -> Any:
        return self.values[id(symbol)]._array


def _read(node: Node, replay: Replay) -> Any:
    return variable_of(node, replay).__tf_tensor__()


def variable_of(node: Node, replay: Replay) -> Any:
    """The Variable that a node's first input refers to."""
    return behind(replay, node.args[0], replay.value(node.args[0]))


def behind(replay: Replay, resource: Symbol, handle: Any) -> Any:
    """The Variable that a resource of the graph stands for, where its value is `handle`."""
    variable = given_variable(replay.graph, resource, handle)
    if isinstance(handle, Symbol):
        found = context.graph.variable_of(handle)
        variable = variable if found is None else found
    return variable


def given_variable(graph: Graph, resource: Symbol, handle: Any) -> Any:
    """The Variable that a graph was traced with; where it is an argument, the one that was given."""
    variable = graph.uses[resource._id or 0]
    if isinstance(handle, Handle) and variable._handle is not handle:
        variable = variable.__copy__()
        variable._handle = handle
    return variable


def replay_update(node: Node, replay: Replay) -> Any:
    """Runs an update of a Variable."""
    inputs = [replay.value(x) for x in node.args[1:]]
    graph = context.graph
    if graph is not None:
        graph.add(node.op, (variable_of(node, replay), *inputs), node.attrs)
    else:
        arrays = [x._array if isinstance(x, Tensor) else x for x in inputs]
        handle = replay.value(node.args[0])
        if handle.accelerator is not None:
            handle.apply(node.op, *arrays, **node.attrs)
        else:
            quietly(node.op.host, handle, *map(at_hand, arrays), **node.attrs)
    return []


REPLAYERS["ReadVariableOp"] = _read
