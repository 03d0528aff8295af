"""What happened, read off a graph: its operations as events, those of branches, loops and functions among them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ..base.context import context, new_id
from ..base.dtypes import resource
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from .causes import NEVER, History, ways
from .history import ASSIGNMENTS, Ask, Event, Life, Value

TURNS = 4  # of a loop, which is written out: so far a value may go from one of its variables to the next


def numbered(x: Tensor) -> int:
    """The number of a Tensor, given to it now if it has none."""
    if x._id is None:
        x._id = new_id()
    return x._id


class Events:
    """Events made of operations. What happens inside a branch, a loop or a function has numbers of its own each time.

    Args:
      recorded: the outputs of what a tape has recorded; of what is inside such ops, the outputs are added.
      inside: whether to look into operations with graphs of their own.
    """

    def __init__(self, recorded: set[int], inside: bool = True) -> None:
        self.recorded, self.inside = recorded, inside
        self.events: list[Event] = []
        self.values: dict[int, Value] = {}
        self.variables: dict[int, Any] = {}
        self.zeros = False  # whether what is added is inside a loop or a function

    def graph(self, graph: Any, first: float = 1) -> None:
        """A graph's operations; they get `first` and the numbers after that for times."""
        self.variables.update(graph.uses)
        for i, node in enumerate(graph.nodes):
            self._node(node, list(map(_own, node.args)), list(map(numbered, node.outputs)), first + i)

    def call(self, derived: Any, inputs: Sequence[int | None], outputs: Sequence[int], time: float) -> None:
        """A call of a function, which tapes know as one op.

        Args:
          derived: the function with its gradient.
          inputs: the numbers of those of its inputs that the tape was told.
          outputs: the numbers of all outputs.
          time: when.
        """
        graph = derived.whole.graph
        scope = {id(derived.whole.symbols[i]): number for i, number in zip(derived.kept, inputs)}
        self.zeros = True
        self._part(graph, scope, time, True)
        self.zeros = False
        self._join(graph.results, scope, outputs, time, True)

    def add(self, event: Event) -> None:
        """One more event."""
        last = self.events[-1].time if self.events else -math.inf
        event.time = max(event.time, last + 1e-6)  # what is inside an op comes one after the other, too
        event.zeros = self.zeros
        self.events.append(event)

    def _node(
        self, node: Any, inputs: Sequence[int | None], outputs: list[int], time: float, within: bool = False
    ) -> None:
        """A node, with numbers for its arguments and outputs.

        Args:
          node: the node.
          inputs: for each argument a number; None for what is no tensor.
          outputs: for each output a number.
          time: when.
          within: whether it is inside an op that is recorded.
        """
        recorded = within or not self.recorded.isdisjoint(outputs)
        if within:
            self.recorded.update(outputs)
        for x, number in (*zip(node.args, inputs), *zip(node.outputs, outputs)):
            if number is not None and number not in self.values and x.dtype is not resource:
                self.values[number] = Value(node.attrs["value"] if node.op.name == "Const" else x)
        attrs = node.attrs
        if self.inside and "branches" in attrs:
            self._branches(node, inputs, outputs, time, recorded)
        elif self.inside and "body" in attrs and "cond" in attrs:
            self._loop(node, inputs, outputs, time, recorded)
        elif "part" in attrs and "placeholders" in attrs:
            self._custom(node, inputs, outputs, time)
        else:
            self._plain(node, inputs, outputs, time)
            if not self.inside and ("branches" in attrs or "body" in attrs):
                deeper = Events({*outputs})
                deeper._node(node, inputs, outputs, time)
                self.events[-1].nones = deeper.stopped(inputs, outputs)

    def stopped(self, inputs: Sequence[int | None], outputs: Sequence[int]) -> set[int]:
        """The places of the inputs from which no gradient comes back from any of the outputs."""
        history = History(self.events, self.recorded, set())
        found = set()
        for place, number in enumerate(inputs):
            reached = {} if number is None else ways(history, number)
            if all(reached[y].cost >= NEVER for y in outputs if y in reached):
                found.add(place)
        return found

    def _plain(self, node: Any, inputs: Sequence[int | None], outputs: list[int], time: float) -> None:
        name, op = node.op.name, node.op
        kind = "op" if node.args else "made"
        if name == "Placeholder":
            name = node.name
        if name == "ReadVariableOp":
            kind, name = "read", getattr(self.variables.get(inputs[0] or 0), "name", name)
        elif op.updates:
            kind, name = "assign", ASSIGNMENTS.get(name, name)
            inputs, outputs = inputs[1:], [number for number in inputs[:1] if number]
        self.add(Event(kind, name, inputs, outputs, node.frame, op, time))

    def _branches(
        self, node: Any, inputs: Sequence[int | None], outputs: list[int], time: float, recorded: bool
    ) -> None:
        """Each branch; and that which one is taken is decided by the first input."""
        attrs = node.attrs
        count = len(attrs["branches"][0].outputs)
        self.add(Event("op", node.op.name, inputs[:1], outputs, node.frame, node.op, time))
        for part, link in zip(attrs["branches"], attrs["links"]):
            scope = {id(placeholder): inputs[i + 1] for placeholder, i in link}
            self._part(part, scope, time, recorded)
            self._join(part.results, scope, outputs[:count], time, recorded)

    def _loop(self, node: Any, inputs: Sequence[int | None], outputs: list[int], time: float, recorded: bool) -> None:
        """Some turns, one after the other; after each the loop may end."""
        attrs = node.attrs
        count: int = attrs["count"]
        values, zeros = list(inputs[:count]), self.zeros
        for _ in range(min(count, TURNS) + 1):
            self._link(values, outputs[:count], time, recorded)
            self.zeros = True
            test, turn = (
                self._part(part, {**dict(zip(map(id, part.inputs), values)), **{id(x): inputs[i] for x, i in link}},
                           time, recorded)
                for part, link in zip((attrs["cond"], attrs["body"]), attrs["links"])
            )  # fmt: skip
            decides = [test.get(id(x)) for x in attrs["cond"].outputs]
            values = [turn.get(id(y)) for y in attrs["body"].outputs]
            self.add(Event("op", node.op.name, decides, outputs[:count], node.frame, node.op, time))
        self.zeros = zeros

    def _custom(self, node: Any, inputs: Sequence[int | None], outputs: list[int], time: float) -> None:
        """A function with a gradient of its own: from its arguments and Variables to its results."""
        results, sources = node.attrs["count"]
        given = inputs[results : results + sources]
        event = Event("op", "CustomGradient", given, outputs, node.frame, node.op, time)
        event.nones = {i for i, g in enumerate(node.attrs["part"].structured_outputs) if g is None}
        self.add(event)

    def _part(self, graph: Any, scope: dict[int, int | None], time: float, recorded: bool) -> dict[int, int | None]:
        """A graph inside; `scope` says what its Symbols are called, by id, and learns the names of more."""
        self.variables.update(graph.uses)
        for node in graph.nodes:
            if node.outputs and all(id(y) in scope for y in node.outputs):
                continue  # what is handed in
            inputs = [scope.get(id(x)) if isinstance(x, Symbol) else None for x in node.args]
            outputs = [new_id() for _ in node.outputs]
            scope.update(zip(map(id, node.outputs), outputs))
            self._node(node, inputs, outputs, time, recorded)
        return scope

    def _join(
        self, inner: Iterable[Any], scope: dict[int, int | None], outputs: Sequence[int], time: float, recorded: bool
    ) -> None:
        self._link([scope.get(id(y)) for y in inner], outputs, time, recorded)

    def _link(self, inner: Sequence[int | None], outputs: Sequence[int], time: float, recorded: bool) -> None:
        """What is called one way inside is called another way outside."""
        for number, output in zip(inner, outputs):
            if number is not None:
                self.add(Event("link", "", [number], [output], time=time))


def _own(x: Any) -> int | None:
    return numbered(x) if isinstance(x, Symbol) else None


class GraphLog:
    """What a `Log` is for eager programs: of a graph, which is its own log. The time is the number of operations."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph

    def now(self) -> float:
        """Between the last operation and the next."""
        return len(self.graph.nodes) + 0.5

    @property
    def names(self) -> dict[int, str]:
        """The names of Variables."""
        return {number: str(variable.name) for number, variable in self.graph.uses.items()}

    @property
    def made(self) -> dict[int, Event]:
        """What has made each tensor."""
        events = of_graphs(self.graph, self.graph, set(), inside=False).events
        return {number: event for event in events if event.kind != "assign" for number in event.outputs}

    def entered(self, life: Life) -> None:
        """A tape begins to record."""

    def asking(self, tape: Any) -> None:
        """A tape is about to be asked for gradients."""

    def asked(self, tape: Any, ask: Ask) -> None:
        """A tape has been asked for gradients."""
        if context.log is not None:
            context.log.asked(tape, ask)


def life_in(graph: Any, life: Any) -> Life:
    """The notes on a tape's life in a graph: `life`, if it is that."""
    return life if life is not None and getattr(life.log, "graph", None) is graph else Life(GraphLog(graph))


def of_graphs(graph: Any, home: Any, recorded: set[int], inside: bool = True) -> Events:
    """The events of a graph, and before them those of the graphs around it.

    Args:
      graph: the graph.
      home: of these graphs the one whose operations begin with time 1.
      recorded: see `Events`.
      inside: see `Events`.
    """
    chain = [graph]
    while chain[-1].outer is not None:
        chain.append(chain[-1].outer)
    chain.reverse()
    before = sum(len(each.nodes) for each in chain[: chain.index(home)])
    events = Events(recorded, inside)
    first = 1 - before
    for each in chain:
        events.graph(each, first)
        first += len(each.nodes)
    return events


def graph_history(graph: Any, recorded: set[int], watched: set[int], life: Life | None, inside: bool = True) -> History:
    """What is known of a tape in a graph, or in one around that."""
    home = graph if life is None else life.log.graph
    around = graph
    while around is not home and around is not None:
        around = around.outer
    found = of_graphs(graph if around is home else home, home, recorded, inside)
    return History(found.events, found.recorded, watched, life, found.values, full=True)


def outline_history(
    outline: Sequence[Sequence[Any]], recorded: set[int], watched: set[int], values: dict[int, Value],
    inside: bool = True,
) -> History:  # fmt: skip
    """What is known of a tape by its own entries; the functions that it has seen as one op know the rest."""
    ends = {*recorded}
    events = Events(recorded, inside)
    for i, (op, attrs, inputs, _, outputs, _) in enumerate(outline):
        derived = attrs.get("derived")
        if derived is not None:
            if inside:
                events.call(derived, inputs, outputs, i + 1)
            else:
                events.add(_call(derived, inputs, outputs, events.values, op, i + 1))
            continue
        kind = "read" if not op.several and op.name == "ReadVariableOp" else "op"
        events.add(Event(kind, op.name, inputs, outputs, op=op, time=i + 1))
    return History(events.events, recorded, watched, None, {**events.values, **values}, ends=ends)


def _call(
    derived: Any, inputs: Sequence[int | None], outputs: Sequence[int], values: dict[int, Value], op: Any, time: float
) -> Event:
    """A call of a function as one event, under its name."""
    graph = derived.whole.graph
    values.update((number, Value(y)) for y, number in zip(graph.results, outputs))
    event = Event("op", f"{graph.name}()", inputs, outputs[: derived.first], op=op, time=time)
    deeper = Events({*outputs})
    deeper.call(derived, inputs, outputs, time)
    event.nones = deeper.stopped(inputs, event.outputs)
    return event
