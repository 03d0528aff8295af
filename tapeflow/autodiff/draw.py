"""`tape.draw`: what a tape has recorded as a picture of nodes and edges, folded so far that it can be read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..base.sites import NOWHERE, Site
from ..core.composite import tensors_for_gradients
from .causes import Finding, History, fault, find_break, ways
from .draw_fold import Edge, Node, folded
from .draw_layout import Layout
from .draw_svg import svg
from .explain import TEXTS, history_of, name_of, probe, worded
from .history import Event

CONSTANTS = 40  # with more ops than that, constants are left out


@dataclass
class Picture:
    """Nodes and edges, and how to show them: notebooks do by themselves, `save` writes a file."""

    nodes: list[Node]
    edges: list[Edge]
    layout: Layout = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.layout = Layout(self.nodes, self.edges)

    @cached_property
    def svg(self) -> str:
        """An SVG image; hovering over a node shows what is known of it."""
        return svg(self.nodes, self.edges, self.layout)

    def _repr_svg_(self) -> str:
        return self.svg

    @property
    def dot(self) -> str:
        """The graph in the language of Graphviz."""
        lines = ["digraph tape {", "  node [shape=box, fontname=sans];"]
        for i, node in enumerate(self.nodes):
            color = ', color="red"' if node.trouble else ""
            lines.append(f'  n{i} [label="{_escaped(chr(10).join(node.lines()))}"{color}];')
        for edge in self.edges:
            style = ' [color="red"]' if edge.broken else ' [style="dashed", constraint=false]' if edge.again else ""
            lines.append(f"  n{self._place(edge.start)} -> n{self._place(edge.end)}{style};")
        return "\n".join([*lines, "}"])

    @property
    def mermaid(self) -> str:
        """The graph as a Mermaid flowchart."""
        lines = ["flowchart TD"]
        for i, node in enumerate(self.nodes):
            lines.append(f'  n{i}["{"<br/>".join(line.replace(chr(34), "#quot;") for line in node.lines())}"]')
        red = []
        for i, edge in enumerate(self.edges):
            arrow = "-. again .->" if edge.again and not edge.broken else "-->"
            lines.append(f"  n{self._place(edge.start)} {arrow} n{self._place(edge.end)}")
            red += [str(i)] if edge.broken else []
        return "\n".join([*lines, *([f"  linkStyle {','.join(red)} stroke:red"] if red else [])])

    @property
    def text(self) -> str:
        """A line for each node, deeper ones further right."""
        lines = []
        for node in self.nodes:
            name = " ".join(filter(None, [node.label, node.detail, f"(x {node.count})" if node.count > 1 else ""]))
            lines.append("  " * self.layout.layers[node.key] + name)
            for edge in self.edges:
                if edge.end == node.key and edge.broken:
                    lines.append("  " * self.layout.layers[node.key] + f"  broken: {edge.why}")
        return "\n".join(lines)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture, as the ending of `path` says.

        Raises:
          ValueError: if it ends in none of `.svg`, `.dot`, `.mmd`, `.mermaid`, `.txt`.
        """
        kinds = {".svg": "svg", ".dot": "dot", ".mmd": "mermaid", ".mermaid": "mermaid", ".txt": "text"}
        ending = os.path.splitext(os.fspath(path))[1].lower()
        if ending not in kinds:
            raise ValueError(f"A picture is saved as one of {', '.join(kinds)}, not {ending!r}.")
        with open(path, "w", encoding="utf-8") as file:
            file.write(getattr(self, kinds[ending]))

    def _place(self, key: Any) -> int:
        return self._places[key]

    @cached_property
    def _places(self) -> dict[Any, int]:
        return {node.key: i for i, node in enumerate(self.nodes)}


def draw(tape: Any, target: Any = None, sources: Any = None) -> Picture:
    """See `GradientTape.draw`."""
    targets = [] if target is None else [x for x in tensors_for_gradients(target) if hasattr(x, "_id")]
    flat = [] if sources is None else [x for x in tensors_for_gradients(sources) if hasattr(x, "_id")]
    history = history_of(tape, [*targets, *flat], inside=False)
    if targets:
        probe(tape, targets, flat or list(tape._variables.values()), history)
    findings = [find_break(history, source, targets) if targets else Finding([], []) for source in flat]
    drawing = _Drawing(tape, history, flat, findings, {x._id for x in targets})
    for event in _selected(history, targets, findings):
        drawing.add(event)
    return Picture(*folded(drawing.finished(), drawing.edges))


def _selected(history: History, targets: Sequence[Any], findings: Sequence[Finding]) -> list[Event]:
    """The events that belong into the picture: those that lead to the targets, and the ways from the sources."""
    wanted = {id(event) for finding in findings for event in finding.events}
    wanted |= {id(b.event) for finding in findings for b in finding.breaks}
    needed = {x._id for x in targets}
    begin = history.begin()
    chosen = []
    for event in reversed(history.events):
        mine = bool(targets) and not needed.isdisjoint(event.outputs) and event.kind != "assign"
        mine = mine and (event.time >= begin or event.kind in ("read", "made"))  # named, however early that was
        if not targets:
            mine = not history.recorded.isdisjoint(event.outputs)
        if mine or id(event) in wanted:
            chosen.append(event)
            needed.update(number for number in event.inputs if number)
    return chosen[::-1]


class _Drawing:
    """Makes nodes and edges of events."""

    def __init__(
        self, tape: Any, history: History, sources: Sequence[Any], findings: Sequence[Finding], targets: set[int]
    ) -> None:
        self.history, self.targets = history, targets
        self.nodes: dict[Any, Node] = {}
        self.edges: list[Edge] = []
        self.made: dict[int, Any] = {}  # the key of the node that a number comes from
        self.bad: dict[int, str] = {}  # numbers to which no gradient comes, and why
        self.names = {number: variable.name for number, variable in tape._variables.items()}
        self.names |= history.life.log.names if history.life is not None else {}
        self.reach: set[int] = set()
        self.came: dict[int, Site] = {}  # where numbers were made that no op has made
        self.exits = {f.breaks[0].other: f.breaks[0] for f in findings if f.breaks and f.breaks[0].other.line}
        for i, (source, finding) in enumerate(zip(sources, findings)):
            self.names[source._id] = name_of(source, i) if hasattr(source, "assign_add") else f"source {i}"
            self.reach |= ways(history, source._id).keys() if source._id else set()
            if finding.breaks and finding.breaks[0].kind in _OF_SOURCE:
                self.bad[source._id] = worded(finding.breaks[0], source, history)
            if source._id and (source._id in history.watched or finding.breaks):
                self.root(source._id)

    def add(self, event: Event) -> None:
        """Draws an event."""
        if event.kind == "read":
            number = event.inputs[0] or 0
            for output in event.outputs:
                self.made[output] = self.root(number)
                self.describe(self.nodes[self.made[output]], output)
                why = self.why(event, 0) or self.bad.get(number, "")
                if why:
                    self.bad[output] = why
        elif event.kind == "made":
            self.came.update(dict.fromkeys(event.outputs, event.site))
            if not event.name.startswith(_NAMELESS):
                self.names.update((number, event.name) for number in event.outputs if number not in self.names)
        else:
            self.operation(event)

    def operation(self, event: Event) -> None:
        key: Any = event.outputs[0] if event.kind == "op" and event.outputs else ("event", event.time)
        values = [self.history.values[n] for n in event.outputs if n in self.history.values]
        lost = self.history.full and event.kind == "op" and self.history.recorded.isdisjoint(event.outputs)
        node = Node(key, event.name, "lost" if lost else event.kind, scope=event.scope, site=event.site)
        if event.kind == "op" and values:
            node.detail = ", ".join(map(str, values[:3]))
            node.value = values[0].elements()
        node.local = [f"{name} x {n}" if n > 1 else name for name, n in Counter(event.local).items()]
        node.target = not self.targets.isdisjoint(event.outputs)
        for place, number in enumerate(event.inputs):
            if number is None:
                continue
            start = self.made.get(number) or self.root(number)
            why = self.why(event, place) if number in self.reach else ""
            why = why or self.bad.get(number, "")
            self.edges.append(Edge(start, key, why))
            node.trouble = node.trouble or why
        self.nodes[key] = node
        for number in event.outputs:
            self.made[number] = key

    def why(self, event: Event, place: int) -> str:
        """Why no gradient goes through an event; empty if one does."""
        if event.kind == "exit":
            return TEXTS["numpy"][0].format(op=event.name, back="")
        found = fault(self.history, event, place)
        return "" if found is None else worded(found, None, self.history)

    def describe(self, node: Node, number: int) -> None:
        """Adds what is known of a value."""
        value = self.history.values.get(number)
        if value is not None and not node.detail:
            node.detail, node.value = str(value), value.elements()

    def root(self, number: int) -> Any:
        """The node of a Variable, or of a tensor that no event in the picture has made."""
        known = self.made.get(number)
        if known is not None:
            return known
        name = self.names.get(number)
        value = self.history.values.get(number)
        kind = "variable" if name is not None else "constant"
        label = name if name is not None else (value.elements() if value is not None else "") or "constant"
        site = self.came.get(number, NOWHERE)
        node = Node(("root", number), label if len(label) <= 24 else "constant", kind, site=site)
        self.describe(node, number)
        self.nodes[node.key] = node
        self.made[number] = node.key
        left = self.exits.get(site) if site.line else None  # out of NumPy: joined to where it went there
        if left is not None and left.event is not None and ("event", left.event.time) in self.nodes:
            self.edges.append(Edge(("event", left.event.time), node.key, worded(left, None, self.history)))
        return node.key

    def finished(self) -> list[Node]:
        """The nodes in order; of many, without constants."""
        ops = sum(node.kind not in ("constant", "variable") for node in self.nodes.values())
        if ops > CONSTANTS:
            joined = {edge.start for edge in self.edges if edge.broken}
            gone = {key for key, node in self.nodes.items() if node.kind == "constant" and key not in joined}
            self.edges = [edge for edge in self.edges if edge.start not in gone and edge.end not in gone]
            return [node for key, node in self.nodes.items() if key not in gone]
        return list(self.nodes.values())


_NAMELESS = ("Const", "Placeholder", "constant", "literal")  # what was made is not called so
_OF_SOURCE = {"unwatched", "integer", "not_trainable", "not_automatic", "replaced_variable", "watched_late"}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
