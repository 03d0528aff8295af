"""Lists in loops on XLA, where it is known beforehand which item each iteration takes or writes.

A list that is written item by item is what the loop keeps of each iteration; one that is read item by item does not
change. So neither has to be carried through the loop, where XLA would copy it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes
from ..core.symbol import Symbol
from .ir import Node
from .lower import Lowering
from .lower_lists import Stacked, Unwritten, one_item
from .trace import Part

FEW = 1000  # iterations that are looked at one by one, and no more

Places = Callable[[Symbol], "np.ndarray | None"]  # the values that an index has in the iterations


class LoopList(NamedTuple):
    """A list of which each iteration writes one item, each another; `terms` has what is written, or is empty: zeros.

    `adds` says whether that is added to the item.
    """

    places: np.ndarray
    terms: tuple[Symbol, ...]
    adds: bool

    def is_backwards(self) -> bool:
        """Whether the items are taken from the last to the first."""
        return bool(np.all(np.diff(self.places) < 0))

    def total(self, low: Lowering, first: Any, kept: list[Any]) -> Any:
        """The list after the loop.

        Args:
          low: the lowering.
          first: the list before.
          kept: what is written, of all iterations.
        """
        if not kept:
            return Stacked(first.items.at[self.places].set(0))
        (items,) = kept
        whole = np.array_equal(self.places, np.arange(first.size))
        if isinstance(first, Unwritten):
            zeros = low.jax.numpy.zeros((first.size, *items.shape[1:]), items.dtype)
            return Stacked(items if whole else zeros.at[self.places].set(items))
        items = items.astype(first.items.dtype)
        if self.adds:
            return Stacked(first.items + items if whole else first.items.at[self.places].add(items))
        return Stacked(items if whole else first.items.at[self.places].set(items))


def loop_lists(
    condition: Part, body: Part, history: list[Symbol], first: list[Any], places: Places
) -> dict[int, LoopList]:
    """The variables of a loop that are such lists, by their place.

    Args:
      condition: the loop's condition.
      body: its body.
      history: what is kept of each iteration.
      first: the variables' first values.
      places: says which values an index has, None if they are not known.
    """
    uses = Counter(id(x) for part in (condition, body) for node in part.nodes for x in node.symbols())
    uses.update(map(id, [*body.outputs, *history]))
    found: dict[int, LoopList] = {}
    for i, (x, y) in enumerate(zip(body.inputs, body.outputs)):
        one = None
        if x.dtype is dtypes.variant and x is not y and uses[id(y)] == 1 and not uses[id(condition.inputs[i])]:
            one = _written(x, y.op, uses[id(x)]) or _cleared(x, y.op, body, uses[id(x)], first[i])
        if one is None:
            continue
        index, terms, adds = one
        where = places(index)
        if where is not None and len(set(where.tolist())) == len(where) and _inside(where, first[i].size):
            found[i] = LoopList(where, terms, adds)
    return found


def _inside(where: np.ndarray, size: int) -> bool:
    return bool(np.all((where >= 0) & (where < size)))


def _written(x: Symbol, node: Node, uses: int) -> tuple[Symbol, tuple[Symbol, ...], bool] | None:
    """Index and item if `node` writes an item of `x`, or adds to it, and nothing else uses `x`."""
    adds = node.op.name == "TensorListAdd"
    if adds:
        one = one_item(node.args[1])
        if node.args[0] is not x or one is None:
            return None
        node = one
    if uses != 1 or node.op.name != "TensorListSetItem" or node.attrs.get("resize"):
        return None
    handle, index, item = node.args
    if (handle is not x and not adds) or not isinstance(index, Symbol) or item.dtype is dtypes.variant:
        return None
    return index, (item,), adds


def _cleared(
    x: Symbol, node: Node, body: Part, uses: int, first: Any
) -> tuple[Symbol, tuple[Symbol, ...], bool] | None:
    """The index if `node` clears an item of `x` that is only read before."""
    if node.op.name != "TensorListClearItem" or node.args[0] is not x or not isinstance(first, Stacked):
        return None
    index = node.args[1]
    reads = sum(
        other.op.name in ("TensorListGetItem", "TensorListGetLike") and other.args[0] is x and other.args[1] is index
        for other in body.nodes
    )
    return (index, (), False) if isinstance(index, Symbol) and uses == reads + 1 else None
