"""Folding a picture: loops to one turn, scopes and chains to one node, till there are few enough nodes to look at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..base.sites import NOWHERE, Site

MANY = 60  # nodes that can be looked at
TOO_MANY = 120
LONG = 48  # characters of a line on a node; hovering shows the rest
TURNS = 3  # so often must something come again to be folded


@dataclass
class Node:
    """A node. `kind`: `"op"`, `"lost"` (an op that the tape did not record), `"variable"`, `"constant"`, `"assign"`,
    `"exit"` or `"fold"`, which stands for several."""

    key: Any
    label: str
    kind: str = "op"
    detail: str = ""
    value: str = ""
    scope: str = ""
    site: Site = NOWHERE
    local: list[str] = field(default_factory=list)
    trouble: str = ""
    count: int = 1
    target: bool = False
    within: list[str] = field(default_factory=list)  # of a fold: the ops that it stands for, in order

    def lines(self) -> list[str]:
        """What stands on the node: name, dtype and shape, the ops of its gradient."""
        badge = f" ×{self.count}" if self.count > 1 else ""
        local = ", ".join(self.local[:3]) + (", ..." if len(self.local) > 3 else "")
        lines = (_short(self.label) + badge, _short(self.detail), local and f"∂ {local}")
        return [line for line in lines if line]

    def tip(self) -> str:
        """What is shown on hovering."""
        code = f"{self.site}  {self.site.code}" if self.site.line else ""
        gradient = f"gradient: {', '.join(self.local)}" if self.local else ""
        trouble = self.trouble and f"broken: {self.trouble}"
        times = f"{self.count} times" if self.count > 1 else ""
        parts = (self.label, self.detail, self.value, code, self.scope and f"scope {self.scope}", times, gradient)
        return "\n".join(part for part in (*parts, trouble) if part)


@dataclass
class Edge:
    """From one node to another; `why` no gradient comes back along it, if none does; `again`: to the next turn."""

    start: Any
    end: Any
    why: str = ""
    again: bool = False

    @property
    def broken(self) -> bool:
        """Whether no gradient comes back along it."""
        return bool(self.why)


def folded(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[list[Node], list[Edge]]:
    """As many nodes and edges as can be looked at."""
    picture = list(nodes), _merged(edges)
    for longest in (1, 4, 16, 64, len(nodes)):  # inner loops first
        if len(picture[0]) <= MANY // 2:
            return picture
        picture = _loops(*picture, longest)
    for fold, limit in ((_scopes, MANY), (_chains, MANY), (_chunks, TOO_MANY)):
        if len(picture[0]) > limit:
            picture = fold(*picture)
    return picture


def _merged(edges: Iterable[Edge]) -> list[Edge]:
    """Edges between the same nodes as one, broken only if all are."""
    found: dict[Any, Edge] = {}
    for edge in edges:
        key = edge.start, edge.end, edge.again
        known = found.get(key)
        found[key] = edge if known is None else replace(known, why=known.why and edge.why)
    return list(found.values())


# -- loops


def _loops(nodes: list[Node], edges: list[Edge], longest: int) -> tuple[list[Node], list[Edge]]:
    ops = [node for node in nodes if node.kind not in ("variable", "constant")]
    tokens = [(node.label, node.site, node.count) for node in ops]
    stands: dict[Any, tuple[Any, tuple[int, int]]] = {}  # for a node in a loop what stands for it; the loop, the turn
    new = {node.key: node for node in nodes}
    for start, period, count in _repeats(tokens, longest):
        for i in range(start, start + period * count):
            first = ops[start + (i - start) % period]
            stands[ops[i].key] = first.key, (start, (i - start) // period)
            if i < start + period:
                new[first.key] = replace(first, count=first.count * count)
            else:
                del new[ops[i].key]
                kept = new[first.key]
                new[first.key] = replace(
                    kept, trouble=kept.trouble or ops[i].trouble, target=kept.target or ops[i].target,
                    local=kept.local or ops[i].local,
                )  # fmt: skip
    moved = []
    for edge in edges:
        start_key, (loop, turn) = stands.get(edge.start, (edge.start, (-1, 0)))
        end_key, (other, later) = stands.get(edge.end, (edge.end, (-1, 0)))
        again = edge.again or (loop == other and turn != later)
        moved.append(replace(edge, start=start_key, end=end_key, again=again))
    return list(new.values()), _merged(moved)


def _repeats(tokens: Sequence[Hashable], longest: int) -> list[tuple[int, int, int]]:
    """Where a sequence repeats itself: start, length and number of turns; none overlap."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for i, token in enumerate(tokens):
        places[token].append(i)
    order = {i: k for token in places for k, i in enumerate(places[token])}
    found, i = [], 0
    while i < len(tokens):
        best = (0, 0)
        row = places[tokens[i]]
        for later in row[order[i] + 1 : order[i] + 9]:
            period = later - i
            if period > longest:
                break
            turns = 1
            while tokens[i : i + period] == tokens[i + turns * period : i + (turns + 1) * period]:
                turns += 1
            if turns >= TURNS and turns * period > best[0] * best[1]:
                best = period, turns
        if best[0]:
            found.append((i, *best))
        i += max(1, best[0] * best[1])
    return found


# -- what else can be made one


def _scopes(nodes: list[Node], edges: list[Edge]) -> tuple[list[Node], list[Edge]]:
    def group(node: Node) -> Any:
        scope = node.scope.partition("/")[0]
        return ("scope", scope) if scope and node.kind not in ("variable", "constant") else None

    return _contracted(nodes, edges, group, lambda key, members: f"{key[1]}/ ({_ops(members)} ops)")


def _chains(nodes: list[Node], edges: list[Edge]) -> tuple[list[Node], list[Edge]]:
    after: dict[Any, set[Any]] = defaultdict(set)
    before: dict[Any, set[Any]] = defaultdict(set)
    kinds = {node.key: node.kind for node in nodes}
    broken = {edge.end for edge in edges if edge.broken} | {edge.start for edge in edges if edge.broken}
    for edge in edges:
        if not edge.again and kinds[edge.start] not in ("variable", "constant"):
            after[edge.start].add(edge.end)
            before[edge.end].add(edge.start)
    heads: dict[Any, Any] = {}
    for node in nodes:
        if kinds[node.key] in ("variable", "constant") or node.key in broken:
            continue
        up = next(iter(before[node.key])) if len(before[node.key]) == 1 else None
        heads[node.key] = heads[up] if up in heads and len(after[up]) == 1 else node.key
    return _contracted(nodes, edges, lambda node: heads.get(node.key), _chain_label)


def _chain_label(_key: Any, members: list[Node]) -> str:
    names = _names(members)
    shown = ", ".join(names) if len(names) <= 3 else f"{names[0]}, ..., {names[-1]}"
    return f"{_ops(members)} ops: {shown}"


def _chunks(nodes: list[Node], edges: list[Edge]) -> tuple[list[Node], list[Edge]]:
    """The last resort: what comes one after the other, put together."""
    ops = [node for node in nodes if node.kind != "variable"]
    size = -(-len(ops) // MANY)
    chunk = {node.key: ("chunk", i // size) for i, node in enumerate(ops)}
    if len(nodes) - len(ops) > MANY:
        chunk |= {node.key: ("chunk", "variables") for node in nodes if node.kind == "variable"}
    return _contracted(nodes, edges, lambda node: chunk.get(node.key), _chain_label)


def _contracted(
    nodes: list[Node], edges: list[Edge], group: Callable[[Node], Any], label: Callable[[Any, list[Node]], str]
) -> tuple[list[Node], list[Edge]]:
    """Nodes of one group as one; None: a node for itself."""
    members: dict[Any, list[Node]] = defaultdict(list)
    place = {}
    for node in nodes:
        key = group(node)
        place[node.key] = node.key if key is None else ("fold", key)
        members[place[node.key]].append(node)
    place |= {inner[0].key: inner[0].key for inner in members.values() if len(inner) == 1}
    new = [
        inner[0] if len(inner) == 1 else _fold(outer, inner, label(outer[1], inner)) for outer, inner in members.items()
    ]
    order = {node.key: i for i, node in enumerate(new)}
    moved = [replace(edge, start=place[edge.start], end=place[edge.end]) for edge in edges]
    moved = [replace(edge, again=edge.again or order[edge.start] > order[edge.end]) for edge in moved]
    return new, _merged(edge for edge in moved if edge.start != edge.end)


def _fold(key: Any, members: list[Node], label: str) -> Node:
    trouble = next((node.trouble for node in members if node.trouble), "")
    within = _names(members)
    names = Counter(within)
    value = ", ".join(f"{name} x {n}" if n > 1 else name for name, n in names.most_common(12))
    return Node(
        key, label, "fold", detail=members[-1].detail, value=value + (", ..." if len(names) > 12 else ""),
        scope=members[0].scope, site=members[0].site, trouble=trouble, target=any(node.target for node in members),
        within=within,
    )  # fmt: skip


def _names(members: list[Node]) -> list[str]:
    return [name for node in members for name in (node.within or [node.label])]


def _short(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG // 2 - 1]}…{text[-LONG // 2 :]}"


def _ops(members: list[Node]) -> int:
    return sum(node.count for node in members)
