"""Sums over a loop's iterations, `total += x_k^T g_k`: on XLA one product after the loop, in place of one in each.

Gradients of loops are full of them: of all that the body takes from outside, weights above all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from ..core.symbol import Symbol
from .ir import Node
from .lower import Lowering
from .trace import Part

ROOM = 1 << 24  # elements; more is not kept for it


class LoopSum(NamedTuple):
    """A loop variable that only adds up `node`'s output; `terms` are the arrays to keep of each iteration."""

    node: Node
    terms: tuple[Symbol, ...]

    def total(self, low: Lowering, first: Any, kept: Iterable[Any]) -> Any:
        """The variable after the loop.

        Args:
          low: the lowering.
          first: its value before.
          kept: the terms of all iterations, stacked.
        """
        node = self.node
        arrays = [x.reshape(-1, *x.shape[2:]) for x in kept]
        return first + low.kernel(node.op)(*arrays, *node.args[len(arrays) :], **node.attrs)


def loop_sums(condition: Part, body: Part, history: list[Symbol], trips: int) -> dict[int, LoopSum]:
    """The variables of a loop that are such sums, by their place."""
    uses = Counter(id(x) for part in (condition, body) for node in part.nodes for x in node.symbols())
    uses.update(map(id, [*body.outputs, *history]))
    found: dict[int, LoopSum] = {}
    for i, y in enumerate(body.outputs):
        total, node = body.inputs[i], y.op
        if node.op.name != "AddV2" or uses[id(y)] != 1 or uses[id(total)] != 1 or uses[id(condition.inputs[i])]:
            continue
        more = [x for x in node.args if x is not total]
        one = _sum(more[0]) if len(more) == 1 and more[0].shape == total.shape else None
        if one is not None and sum(trips * _size(x) for x in one.terms) <= ROOM:
            found[i] = one
    return found


def _sum(x: Symbol) -> LoopSum | None:
    """What `x` sums over its inputs' first dimension, if it does."""
    node, attrs = x.op, x.op.attrs
    if node.op.name == "MatMul" and attrs.get("transpose_a") and not attrs.get("transpose_b") and x.dtype.is_floating:
        return LoopSum(node, node.args)
    if node.op.name == "Sum" and node.args[1] == (0,) and not attrs.get("keep_dims") and x.dtype.is_floating:
        return LoopSum(node, node.args[:1])
    return None


def _size(x: Symbol) -> float:
    return x._array.size if x.shape.is_fully_defined() else float("inf")
