"""A function of one element, run for all elements at once: `tf.vectorized_map`, and Jacobians."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base import errors, nest
from ..base.context import building, context
from ..base.dtypes import variant
from ..base.log import warn as log_warning
from ..core.registry import OPS
from ..core.spec import TensorSpec
from ..core.symbol import Size, Symbol, UndecidedError
from ..core.tensor import Tensor
from ..ops.common import shape_of
from . import functional_graph
from .ir import Node
from .replay import REPLAYERS, Replay
from .tensor_array import unstacked, zeros
from .trace import FuncGraph, Part, trace
from .vectorize_call import Call, NoRuleError, depends, repeated
from .vectorize_control import CONTROL, LISTS, varies
from .vectorize_rules import RULES, SHARED

Function = Callable[..., Any]


class _OneByOneError(Exception):
    """Says that the whole function must run for one element after the other."""


def vectorized(function: Function, elems: Any, flat: Sequence[Tensor], fallback: bool = True, warn: bool = True) -> Any:
    """What `function` gives for each element, stacked; it is called once, with Symbols.

    Args:
      function: takes an element, in the structure of `elems`.
      elems: a structure of Tensors, whose first dimensions are equal or 1.
      flat: the Tensors.
      fallback: whether an op that cannot do all elements at once may do one after the other.
      warn: whether to say so.

    Raises:
      ValueError: for such an op if there is to be no fallback.
    """
    outer = context.graph
    graph = FuncGraph("loop_body") if outer is None else Part(outer.unique_name("loop_body"), outer)
    with building(graph):
        graph.inputs = [graph.placeholder(x.dtype, _element_shape(x), "element") for x in flat]
    trace(graph, lambda: function(nest.pack_sequence_as(elems, graph.inputs)), "loop_body")
    size = _size(flat)
    single = [_first(x) == 1 and (type(size) is not int or size > 1) for x in flat]
    elements = [OPS["Squeeze"](x, squeeze_dims=(0,)) if one else x for x, one in zip(flat, single)]
    captures = graph.captures
    symbols = [*graph.inputs, *(symbol for _, symbol in captures)]
    values = [*elements, *(outside for outside, _ in captures)]
    batched = {id(x) for x, one in zip(graph.inputs, single) if not one}
    run = Vectorized(graph, symbols, values, batched, size, fallback, warn)
    return _packed(graph.structured_outputs, run.all(graph.results))


def _first(x: Tensor) -> Any:
    """The first dimension if it is known; otherwise None."""
    shape = x.shape
    return shape[0] if shape.rank else None


def _size(flat: Sequence[Tensor]) -> Any:
    """The number of elements, of Tensors whose first dimension is that or 1: an int, a Size or a Symbol."""
    known = [_first(x) for x in flat]
    sizes = {n for n in known if n is not None and n != 1}
    if len(sizes) > 1 and 0 not in sizes:
        n = min(sizes)
        raise errors.invalid(f"indices[{n}] = {n} is not in [0, {n})")
    if None in known and not sizes:
        return shape_of(flat[known.index(None)])[0]
    return min(sizes, default=1)


def _element_shape(x: Tensor) -> Any:
    shape = x.shape
    return None if shape.rank is None else tuple(shape[1:])


def _packed(structure: Any, values: Sequence[Any]) -> Any:
    supply = iter(values)
    return nest.map_structure(lambda x: next(supply) if isinstance(x, Symbol) else x, structure, expand_composites=True)


class Vectorized(Replay):
    """Runs the nodes of an element's graph once, on all elements.

    Args:
      graph: the graph for one element.
      symbols: its inputs and the placeholders of its captures.
      values: what they are, and
      batched: which of them have the elements along their first dimension.
      size: the number of elements.
      fallback: see `vectorized`.
      warn: see `vectorized`.
    """

    def __init__(
        self, graph: FuncGraph, symbols: Sequence[Symbol], values: Sequence[Any], batched: set[int], size: Any,
        fallback: bool, warn: bool,
    ) -> None:  # fmt: skip
        super().__init__(graph, symbols, values)
        self.symbols, self.given = symbols, batched
        self.batched = set(batched)
        self.size, self.fallback, self.warn = size, fallback, warn

    @property
    def known_size(self) -> int | None:
        """The number of elements if it is known."""
        return self.size if type(self.size) is int else None

    def part(
        self, part: Part, symbols: Sequence[Symbol], values: Sequence[Any], batched: set[int], wanted: Sequence[bool]
    ) -> list[Any]:
        """Runs a branch or a loop's body; gives outputs, with the elements as first dimension where `wanted`."""
        inner = Vectorized(part, symbols, values, batched, self.size, self.fallback, self.warn)
        results = inner.run(part.results)
        return [
            inner.full(y, value) if flag else value for y, value, flag in zip(part.results, results, wanted)
        ]

    def full(self, y: Symbol, value: Any) -> Any:
        """A Symbol's value with the elements along its first dimension."""
        return value if id(y) in self.batched else repeated(value, self.size, shape_of(value))

    def all(self, outputs: Sequence[Symbol]) -> list[Any]:
        """The outputs' values, all with the elements along their first dimension."""
        try:
            values = self.run(outputs)
        except _OneByOneError:
            return self._whole(outputs)
        return [self.full(y, value) for y, value in zip(outputs, values)]

    def step(self, node: Node) -> Any:
        """Runs a node for all elements; notes which of its outputs depend on them."""
        name = node.op.name
        if not varies(node, self.batched):
            depends = name in SHARED and any(id(x) in self.batched for x in node.args)
            return SHARED[name](self.call(node)) if depends else super().step(node)
        try:
            if name in CONTROL:
                return CONTROL[name](node, self)
            rule = RULES.get(name) or LISTS.get(name)
            result = self._one_by_one(node) if rule is None else rule(self.call(node))
        except (NoRuleError, UndecidedError):
            result = self._one_by_one(node)
        self.batched.update(map(id, node.outputs))
        return result

    def call(self, node: Node) -> Call:
        """A node with its inputs' values."""
        batched = [depends(x, self.batched) for x in node.args]
        if any(flag and not isinstance(x, Symbol) for x, flag in zip(node.args, batched)):
            raise NoRuleError
        args = [self.value(x) for x in node.args]
        for i, arg in enumerate(node.op.flat_inputs(len(args))):
            if arg.static and isinstance(args[i], Tensor):
                if batched[i]:
                    raise NoRuleError
                args[i] = _plain(args[i])
        return Call(node.op, args, node.attrs, batched, self.size, node.outputs, node.args)

    def _complain(self, node: Node) -> None:
        if not self.fallback:
            raise ValueError(f"No pfor vectorization defined for {node.type}\n{node}")
        if self.warn:
            log_warning(
                "Using a while_loop for converting %s cause there is no registered converter for this op.", node.type
            )

    def _one_by_one(self, node: Node) -> Any:
        """Runs a node for one element after the other."""
        if any(y.dtype is variant for y in node.outputs):
            raise _OneByOneError  # lists cannot be stacked
        if node.op.name not in REPLAYERS:
            self._complain(node)
        symbols = [x for x in {id(x): x for x in node.symbols()}.values() if id(x) in self.batched]

        def one(row: Sequence[Any]) -> list[Any]:
            inner = Replay(self.graph, [], [])
            inner.values = {**self.values, **{id(x): value for x, value in zip(symbols, row)}}
            result = inner.step(node)
            return result if isinstance(result, list) else [] if result is None else [result]

        stacks = [self.values[id(x)] for x in symbols] or [OPS["Range"](0, self.size, 1)]
        return self._stacked(one, stacks, node.outputs)

    def _whole(self, outputs: Sequence[Symbol]) -> list[Any]:
        """Runs everything for one element after the other."""
        varying = [x for x in self.symbols if id(x) in self.given]
        fixed = [x for x in self.symbols if id(x) not in self.given]

        def one(row: Sequence[Any]) -> list[Any]:
            values = [*row[: len(varying)], *(self.values[id(x)] for x in fixed)]
            return Replay(self.graph, [*varying, *fixed], values).run(outputs)

        stacks = [self.values[id(x)] for x in varying] or [OPS["Range"](0, self.size, 1)]
        return self._stacked(one, stacks, outputs)

    def _stacked(self, one: Callable[[Any], list[Any]], stacks: list[Any], outputs: Sequence[Symbol]) -> list[Any]:
        """What `one` gives for each row of `stacks`, stacked; it is like `outputs`."""
        if context.graph is not None:
            like = [TensorSpec(y._array.static, y.dtype) for y in outputs]
            found: list[Any] = functional_graph.map_fn(one, stacks, stacks, [y.dtype for y in like], like, False, None)
            return found
        rows = [one(row) for row in zip(*map(unstacked, stacks))]
        if not rows:
            return [zeros((0, *(n or 0 for n in y._array.static or ())), y.dtype) for y in outputs]
        return [OPS["Pack"](*column, axis=0) for column in zip(*rows)]

    def _moved(self, x: Size) -> Any:
        first, second = x.operands
        if x.function is None and second is None:
            value = self.values[id(first)]
            return Size(None, value, None) if isinstance(value, Symbol) else int(value)
        if x.function is None:
            return shape_of(self.values[id(first)])[second + (id(first) in self.batched)]
        first, second = (self._moved(operand) if isinstance(operand, Size) else operand for operand in (first, second))
        return x.function(first, second)

    def value(self, x: Any) -> Any:
        """The value of a node's argument."""
        return self._moved(x) if isinstance(x, Size) else super().value(x)


def _plain(x: Any) -> Any:
    """A Tensor that is the value of a static input: a tuple of its items, if they are not known of Symbols."""
    if type(x) is Tensor or x.ndim != 1 or x.shape[0] is None:
        return x
    return tuple(x[i] for i in range(x.shape[0]))
