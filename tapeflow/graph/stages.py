"""Graphs that take an element of a dataset, compute, and hand out an `Optional`, as training loops do.

The host takes the element and makes the Optional; what is between may run on either engine.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ..core.symbol import Symbol
from ..core.tensor import Array, Tensor, at_hand
from .ir import CONST, PLACEHOLDER, Graph, Node
from .plan import Plan, packer

FIRST = frozenset({"IteratorGetNext", "IteratorGetNextAsOptional", "OptionalGetValue", "OptionalHasValue"})
TAKES = frozenset({"IteratorGetNext", "OptionalGetValue"})
LAST = frozenset({"OptionalFromValue"})


class Stages(NamedTuple):
    """What runs on the host before, between on an engine of its own, and on the host after.

    Attributes:
      before: from the graph's inputs to what the host takes from outside.
      between: the graph without both, what it gives, and what it takes.
      after: from that to the graph's outputs.
      taken: for each input of `after`: where it is, among the graph's inputs and those of `before` and `between`.
    """

    before: Plan
    between: tuple[Graph, list[Symbol], list[Symbol]]
    after: Plan
    taken: list[int]


def _without(graph: Graph, nodes: Iterable[Node]) -> Graph:
    """A view of a graph without some of its nodes."""
    gone = set(map(id, nodes))
    view = copy.copy(graph)
    view.nodes = [node for node in graph.nodes if id(node) not in gone]
    return view


def stages(graph: Graph, outputs: Sequence[Symbol], inputs: Sequence[Symbol]) -> Stages | None:
    """The stages of a graph; None if it takes no elements, or what follows is needed to take them."""
    first = _first(graph, inputs)
    if not any(node.type in TAKES for node in first):
        return None
    last = [node for node in graph.nodes if node.type in LAST]
    handed = [y for node in first for y in node.outputs if y.dtype.is_numeric or y.dtype.name in ("bool", "string")]
    made = {id(y) for node in (*first, *last) for y in node.outputs} | set(map(id, inputs))
    wanted = {id(x): x for x in (*outputs, *(x for node in last for x in node.symbols()))}
    gives = [x for x in wanted.values() if id(x) not in made]
    place = {id(x): i for i, x in enumerate((*inputs, *handed, *gives))}
    ends = [x for x in wanted.values() if id(x) in place]
    keep = set(map(id, last))
    return Stages(
        Plan(_only(graph, first), handed, inputs),
        (_without(graph, [*first, *last]), gives, [*inputs, *handed]),
        Plan(_without(graph, [node for node in graph.nodes if id(node) not in keep]), outputs, ends),
        [place[id(x)] for x in ends],
    )


def _first(graph: Graph, inputs: Sequence[Symbol]) -> list[Node]:
    """The nodes that take elements, of what the graph is given alone."""
    given = set(map(id, inputs))
    found: list[Node] = []
    for node in graph.nodes:
        if node.type in FIRST and all(id(x) in given or x.op.type == CONST.name for x in node.symbols()):
            found.append(node)
            given.update(map(id, node.outputs))
    return found


def _only(graph: Graph, nodes: Iterable[Node]) -> Graph:
    keep = set(map(id, nodes))
    given = (CONST.name, PLACEHOLDER.name)
    return _without(graph, [node for node in graph.nodes if id(node) not in keep and node.type not in given])


class Staged:
    """A graph in stages, as an engine.

    Args:
      parts: the stages.
      engine: what runs the middle one.
    """

    def __init__(self, parts: Stages, engine: Any) -> None:
        self.parts = parts
        self.engine = engine

    def __call__(self, *arrays: Any) -> list[Array]:
        parts = self.parts
        everything = [*arrays, *parts.before(*map(at_hand, arrays))]
        everything += self.engine(*everything)
        return parts.after(*[at_hand(everything[i]) for i in parts.taken])

    def entry(self, structure: Any, captured: Sequence[Any]) -> Callable[[Sequence[Any]], Any]:
        """From the Tensors of a call to what the traced function returned."""
        rest = tuple(captured)
        pack = packer(structure)

        def call(tensors: Sequence[Any]) -> Any:
            return pack(*self(*[x._array if type(x) is Tensor else x for x in tensors], *rest))

        return call

    def explain(self) -> list[str]:
        """How the middle one runs."""
        how = self.engine.explain() if hasattr(self.engine, "explain") else ["host"]
        return [f"elements are taken on the host; the rest: {line}" for line in how]
