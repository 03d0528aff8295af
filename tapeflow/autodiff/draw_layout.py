"""Where the nodes of a picture go: in layers, with few crossings, near below what they come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from .draw_fold import Edge, Node

GAP, LAYER_GAP, LINE, PAD = 18.0, 34.0, 15.0, 10.0
NARROW, WIDE = 6.7, 12.0  # widths of characters, about
ROUNDS = 6
HEAVY, MIDDLING = 100.0, 10.0  # so much more than a Variable or a constant an op stays in line, and a bend does


class Box(NamedTuple):
    """A rectangle: its centre and size."""

    x: float
    y: float
    width: float
    height: float


class Layout:
    """Layers, and places in them.

    Args:
      nodes: in an order in which edges lead on, but for those to the next turn of a loop.
      edges: between them.
    """

    def __init__(self, nodes: Sequence[Node], edges: Sequence[Edge]) -> None:
        self.nodes = nodes
        self.edges = [edge for edge in edges if not edge.again and edge.start != edge.end]
        self.layers: dict[Any, int] = {node.key: 0 for node in nodes}
        inward: dict[Any, list[Any]] = defaultdict(list)
        outward: dict[Any, list[Any]] = defaultdict(list)
        for edge in self.edges:
            inward[edge.end].append(edge.start)
            outward[edge.start].append(edge.end)
        for node in nodes:
            above = [self.layers[key] + 1 for key in inward[node.key]]
            self.layers[node.key] = max(above, default=0)
        for node in nodes:  # what comes from nowhere stands near where it goes
            if not inward[node.key] and outward[node.key]:
                self.layers[node.key] = min(self.layers[key] for key in outward[node.key]) - 1

    @cached_property
    def _rows(self) -> tuple[list[list[Any]], dict[Any, list[Any]]]:
        """The keys of each layer in order, with a bend wherever an edge passes a layer; and who is joined to whom."""
        rows: list[list[Any]] = [[] for _ in range(max(self.layers.values(), default=-1) + 1)]
        for node in self.nodes:
            rows[self.layers[node.key]].append(node.key)
        joined: dict[Any, list[Any]] = defaultdict(list)
        for edge in self.edges:
            before = edge.start
            for layer in range(self.layers[edge.start] + 1, self.layers[edge.end]):
                bend = ("bend", edge.start, edge.end, layer)
                rows[layer].append(bend)
                joined[before].append(bend)
                joined[bend].append(before)
                before = bend
            joined[before].append(edge.end)
            joined[edge.end].append(before)
        return rows, joined

    def _level(self, key: Any) -> int:
        return int(key[3]) if isinstance(key, tuple) and key and key[0] == "bend" else self.layers[key]

    @cached_property
    def boxes(self) -> dict[Any, Box]:
        """The rectangles of the nodes; of bends, with no width."""
        rows, joined = self._rows
        sizes = {node.key: _size(node) for node in self.nodes}
        place = {key: float(i) for row in rows for i, key in enumerate(row)}
        for turn in range(ROUNDS):
            down = turn % 2 == 0
            for level in range(len(rows)) if down else reversed(range(len(rows))):
                self._sort(rows[level], level, -1 if down else 1, joined, place)
        xs: dict[Any, float] = {}
        weights = {node.key: 1.0 if node.kind in ("variable", "constant") else HEAVY for node in self.nodes}
        for turn in range(ROUNDS):
            for level in range(len(rows)) if turn % 2 == 0 else reversed(range(len(rows))):
                self._spread(rows[level], joined, sizes, xs, weights)
        return self._boxes(rows, sizes, xs)

    def _sort(
        self, row: list[Any], level: int, side: int, joined: dict[Any, list[Any]], place: dict[Any, float]
    ) -> None:
        def middle(key: Any) -> float:
            near = [place[other] for other in joined[key] if self._level(other) == level + side]
            return sum(near) / len(near) if near else place[key]

        row.sort(key=middle)
        place.update((key, float(i)) for i, key in enumerate(row))

    def _spread(
        self, row: list[Any], joined: dict[Any, list[Any]], sizes: dict[Any, tuple[float, float]],
        xs: dict[Any, float], weights: dict[Any, float],
    ) -> None:  # fmt: skip
        """Moves what stands in a row as near as it goes to what it is joined to, without changing the order.

        Of all places that leave the gaps, these have the least sum of weighted squares of the distances moved.
        """
        widths = [sizes.get(key, (0.0, 0.0))[0] for key in row]
        offsets = list(accumulate(((a + b) / 2 + GAP for a, b in pairwise(widths)), initial=0.0))
        blocks: list[tuple[float, float, int]] = []  # what stands side by side: its place, its weight, how many
        for key, offset in zip(row, offsets):
            near = [(xs[other], weights.get(other, MIDDLING)) for other in joined[key] if other in xs]
            weight = sum(w for _, w in near)
            place = sum(x * w for x, w in near) / weight if near else xs.get(key, 0.0)
            place, weight, count = place - offset, weights.get(key, MIDDLING), 1
            while blocks and blocks[-1][0] > place:
                before, heavy, many = blocks.pop()
                place = (before * heavy + place * weight) / (heavy + weight)
                weight, count = weight + heavy, count + many
            blocks.append((place, weight, count))
        places = [place for place, _, count in blocks for _ in range(count)]
        xs.update((key, place + offset) for key, place, offset in zip(row, places, offsets))

    def _boxes(
        self, rows: list[list[Any]], sizes: dict[Any, tuple[float, float]], xs: dict[Any, float]
    ) -> dict[Any, Box]:
        edge = min((xs[key] - sizes.get(key, (0.0, 0.0))[0] / 2 for row in rows for key in row), default=0.0)
        boxes, top = {}, GAP
        for row in rows:
            height = max(sizes.get(key, (0.0, 0.0))[1] for key in row) if row else 0.0
            for key in row:  # a bend is as high as its row: an edge passes the row's nodes straight
                boxes[key] = Box(xs[key] - edge + GAP, top + height / 2, *sizes.get(key, (0.0, height)))
            top += height + LAYER_GAP
        return boxes

    def route(self, edge: Edge) -> list[Box]:
        """The boxes that an edge goes from, through and to."""
        between = range(self.layers[edge.start] + 1, self.layers[edge.end])
        bends = [self.boxes[("bend", edge.start, edge.end, layer)] for layer in between] if not edge.again else []
        return [self.boxes[edge.start], *bends, self.boxes[edge.end]]


def _size(node: Node) -> tuple[float, float]:
    lines = node.lines()
    return max(map(_width, lines)) + 2 * PAD, len(lines) * LINE + PAD


def _width(line: str) -> float:
    wide = sum(c in "mwMW@%" or c >= "\u2e80" for c in line)
    return wide * WIDE + (len(line) - wide) * NARROW
