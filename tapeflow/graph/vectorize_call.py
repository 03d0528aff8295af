"""A call of an op for all elements of a `tf.vectorized_map`: what rules get, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from ..core.execute import execute
from ..core.op import Op
from ..core.registry import OPS
from ..core.symbol import Symbol
from ..ops.common import NO_ATTRS, shape_of
from .ir import sizes_in

Rule: TypeAlias = "Callable[[Call], Any]"


class NoRuleError(Exception):
    """Says that an op must run for one element after the other."""


class Call:
    """A call of an op, some of whose inputs are the elements' values.

    Args:
      op: the op.
      args: Tensors, and Python values for static inputs.
      attrs: all attributes.
      batched: which of the args have the elements along their first dimension.
      size: the number of elements: an int, a Size or a Symbol.
      outputs: what the op gives for one element.
      symbols: the args in the graph of one element.
    """

    def __init__(
        self, op: Op, args: Sequence[Any], attrs: dict[str, Any], batched: Sequence[bool], size: Any,
        outputs: Sequence[Symbol] = (), symbols: Sequence[Any] = (),
    ) -> None:  # fmt: skip
        self.op, self.args, self.attrs = op, args, {**op.defaults, **attrs}
        self.batched, self.size, self.outputs, self.symbols = tuple(batched), size, outputs, symbols

    def run(self, *args: Any, **changed: Any) -> Any:
        """Calls the op with these inputs and its attributes, but for those `changed`."""
        return execute(self.op, args, {**self.attrs, **changed} if changed else self.attrs)

    def shape(self, i: int) -> tuple[Any, ...]:
        """The shape that an argument has for one element."""
        shape = shape_of(self.args[i])
        if type(shape) is not tuple:
            raise NoRuleError  # a rank that is not known
        return shape[1:] if self.batched[i] else shape

    def rank(self, i: int) -> int:
        """The rank that an argument has for one element."""
        return len(self.shape(i))

    def full(self, i: int) -> Any:
        """An argument with the elements along its first dimension, repeated if it is the same for all."""
        x = self.args[i]
        return x if self.batched[i] else repeated(x, self.size, self.shape(i))

    def only(self, *allowed: int) -> None:
        """Raises NoRuleError if other arguments than these depend on the elements."""
        if any(batched for i, batched in enumerate(self.batched) if i not in allowed):
            raise NoRuleError


def depends(x: Any, batched: set[int]) -> bool:
    """Whether a node's argument is not the same for all elements, if the Symbols `batched` are not."""
    if isinstance(x, Symbol):
        return id(x) in batched
    return next(values_in(x, batched), None) is not None


def values_in(x: Any, batched: set[int]) -> Iterator[Symbol]:
    """The Symbols in `batched` whose values, not sizes, stand in a static argument."""
    for size in sizes_in(x):
        for leaf in size.leaves():
            symbol, axis = leaf.operands
            if axis is None and id(symbol) in batched:
                yield symbol


def repeated(x: Any, size: Any, shape: tuple[Any, ...]) -> Any:
    """`x`, of that shape, `size` times along a new first dimension."""
    return OPS["BroadcastTo"](x, (size, *shape))


def reshape(x: Any, shape: tuple[Any, ...]) -> Any:
    return execute(OPS["Reshape"], (x, shape), NO_ATTRS)


def transpose(x: Any, perm: tuple[int, ...]) -> Any:
    return execute(OPS["Transpose"], (x, perm), NO_ATTRS)


def moved(x: Any, rank: int, source: int, target: int) -> Any:
    """`x`, of that rank, with one of its dimensions moved to another place."""
    if source == target:
        return x
    order = [i for i in range(rank) if i != source]
    order.insert(target, source)
    return transpose(x, tuple(order))


def ints(value: Any) -> tuple[Any, ...]:
    """A static value of one dimension as a tuple; its items may be Sizes."""
    if type(value) is int:
        return (value,)
    if type(value) not in (tuple, list):
        raise NoRuleError
    return tuple(value)


def later(axis: Any) -> Any:
    """An axis, or several, one further back; those that count from the end stay."""
    if type(axis) is tuple:
        return tuple(map(later, axis))
    if type(axis) is not int:
        raise NoRuleError
    return axis + 1 if axis >= 0 else axis


def table(*groups: tuple[str, Rule]) -> dict[str, Rule]:
    """The rule for each of the names."""
    return {name: rule for names, rule in groups for name in names.split()}
