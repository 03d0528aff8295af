"""One operation of a graph."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..base.context import context
from ..base.dtypes import DType
from ..base.sites import Site, traced_site
from ..base.tensor_shape import Shape
from ..core.op import Op
from ..core.symbol import Size, Symbol

if TYPE_CHECKING:
    from .ir import Graph

# Nodes that are no calls of registered ops.
PLACEHOLDER = Op("Placeholder", "-> output:dtype", lambda xp: None, shape=lambda: None)
CONST = Op("Const", "-> output:dtype", lambda xp, *, value, **_: value, shape=lambda **_: None)
NO_OP = Op("NoOp", "->", lambda xp: (), shape=lambda: ())
_BRANCHING = frozenset(("If", "Case", "While"))  # TensorFlow has two ops each: with effects and without
_OF_SHAPES = frozenset(("Shape", "Size", "Rank"))  # of what has a known shape, TensorFlow has a constant instead


class Node:
    """One operation of a graph, as TensorFlow's `tf.Operation`.

    Args:
      graph: the graph that it is part of.
      op: what it does.
      args: Symbols of this graph, and for static inputs Python values with Sizes among them, or a Symbol.
      attrs: the op's attributes.
      name: its name, unique in the graph.

    >>> with tf.Graph().as_default():
    ...     y = tf.constant(1.0) + 2.0
    >>> y.op.type, y.op.name, [x.name for x in y.op.inputs]
    ('AddV2', 'add', ['Const:0', 'add/y:0'])
    """

    node_def: Any  # a property, set by graph_def.py, which stands on this
    __slots__ = ("__weakref__", "args", "attrs", "callers", "controls", "device", "frame", "graph", "name", "op",
                 "origin", "outputs")  # fmt: skip

    def __init__(self, graph: Graph, op: Op, args: tuple[Any, ...], attrs: dict[str, Any], name: str) -> None:
        self.graph = graph
        self.op = op
        self.args = args
        self.attrs = attrs
        self.name = name
        self.outputs: list[Symbol] = []
        self.device = context.device
        self.controls: list[Node] = []  # what the program has said to come before
        self.frame, sweep = traced_site(2)
        self.callers: tuple[Site, ...] = ()  # of a function called in another: the lines of the calls, outermost first
        entry = None if sweep is None else sweep.f_locals.get("entry")
        # What it is a part of the gradient of: the number of an output there, and a graph where to look for it.
        self.origin: tuple[Graph, int] | None = (graph, entry[4][0]) if entry and entry[4] else None

    def forward(self) -> Node | None:
        """Of a node that a sweep has made: the node that it differentiates, if that is found."""
        if self.origin is None:
            return None
        graph: Graph | None = self.origin[0]
        while graph is not None:
            for node in within(graph, set()):
                if any(y._id == self.origin[1] for y in node.outputs):
                    return node.forward() or node
            graph = graph.outer
        return None

    @property
    def places(self) -> str:
        """The program's lines that it comes from, as tracebacks have them: the calls of functions, and its own."""
        return "\n".join(f'  File "{x.file}", line {x.line}, in {x.function}' for x in (*self.callers, self.frame))

    @property
    def type(self) -> str:
        """The op's name, as TensorFlow has it in this place."""
        name = self.op.name
        if name in _BRANCHING and not self.attrs.get("on_xla"):
            stateful = any(node.op.stateful or node.op.reads for node in self._inner())
            return name if stateful else f"Stateless{name}"
        if name in _OF_SHAPES and self.outputs and self.outputs[0].known is not None:
            return name if self.outputs[0].known.dtype == object else "Const"
        return name

    @property
    def tensors(self) -> tuple[Symbol, ...]:
        """The Symbols that it takes."""
        return tuple(x for x in self.args if isinstance(x, Symbol))

    @property
    def inputs(self) -> tuple[Symbol, ...]:
        """All that TensorFlow's op takes: for what is known as a Python value, constants that programs alone see."""
        inputs: tuple[Symbol, ...] = self.graph.shown.inputs(self)
        return inputs

    @property
    def control_inputs(self) -> list[Node]:
        """The operations that have to come before it, without handing it anything."""
        return list(dict.fromkeys([*self.controls, *self.graph.comes_before(self)]))

    def get_attr(self, name: str) -> Any:
        """An attribute of the operation.

        Raises:
          ValueError: if it has no such attribute.
        """
        if name in self.attrs:
            value = self.attrs[name]
            return value.encode() if isinstance(value, str) else list(value) if isinstance(value, tuple) else value
        if name == "_user_specified_name" and self.op is PLACEHOLDER:
            return self.graph.given_name(self).encode()
        kinds = {arg.type: x.dtype for arg, x in zip(self.op.inputs, self.args) if isinstance(x, Symbol)}
        kinds |= {arg.type: y.dtype for arg, y in zip(self.op.outputs, self.outputs)}
        if name in kinds:
            return kinds[name]
        raise ValueError(f"Operation '{self.name}' has no attr named '{name}'.")

    @property
    def traceback(self) -> traceback.StackSummary:
        """Where the program made it: its own line."""
        file, line, function = self.frame
        return traceback.StackSummary.from_list([(file, line, function, None)])

    def colocation_groups(self) -> list[bytes]:
        """The names of what it has to be on one device with: it alone."""
        return [f"loc:@{self.name}".encode()]

    def values(self) -> tuple[Symbol, ...]:
        """The outputs."""
        return tuple(self.outputs)

    def _inner(self) -> Iterator[Node]:
        """The nodes of its parts, and of parts in these."""
        seen: set[int] = set()
        for value in self.attrs.values():
            for part in value if isinstance(value, tuple) else (value,):
                if hasattr(part, "nodes"):
                    yield from within(part, seen)

    def symbols(self) -> Iterable[Symbol]:
        """All Symbols that it needs: inputs, and those whose sizes stand in static inputs."""
        for x in self.args:
            if isinstance(x, Symbol):
                yield x
            elif isinstance(x, (tuple, Size)):
                for size in sizes_in(x):
                    for leaf in size.leaves():
                        yield leaf.operands[0]

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"

    def __str__(self) -> str:
        """A line of the graph's program."""
        outputs = ", ".join(f"%{y.name}: {y.dtype.name}{brackets(y._array.static)}" for y in self.outputs)
        args = [f"%{x.name}" if isinstance(x, Symbol) else repr(x) for x in self.args]
        attrs = [f"{key}={_short(value)}" for key, value in self.attrs.items()]
        return f"{outputs}{' = ' if outputs else ''}{self.type}({', '.join(args + attrs)})"


def sizes_in(value: Any) -> Iterable[Size]:
    """The Sizes in a static value."""
    if isinstance(value, Size):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from sizes_in(item)


# -- printing


def brackets(shape: Shape) -> str:
    """A shape in brackets, with ? for an unknown size."""
    return "<unknown>" if shape is None else f"[{','.join('?' if n is None else str(n) for n in shape)}]"


def label(x: Any) -> str:
    """What errors call an argument of a node."""
    return x.name.removesuffix(":0") if isinstance(x, Symbol) else repr(x)


def within(graph: Any, seen: set[int]) -> Iterator[Node]:
    """The nodes of a graph, and of the graphs in it: branches, loops, functions that it calls."""
    if id(graph) in seen:
        return
    seen.add(id(graph))
    for node in graph.nodes:
        yield node
        for value in node.attrs.values():
            for part in value if isinstance(value, (tuple, list)) else (value,):
                part = getattr(part, "graph", part)
                if hasattr(part, "nodes"):
                    yield from within(part, seen)


def _short(value: Any) -> str:
    if isinstance(value, tuple) and value and all(hasattr(item, "nodes") for item in value):
        return f"({', '.join(item.name for item in value)})"
    text = str(value.name) if hasattr(value, "nodes") or isinstance(value, DType) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
