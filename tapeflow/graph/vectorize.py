"""A function of one element, run for all elements at once: `tf.vectorized_map`, and Jacobians."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base import errors, nest
from ..base.context import above, building, context
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
from .vectorize_rules import DRAWS, RULES, SHARED, Call, NoRuleError, repeated

Function = Callable[..., Any]

# Ops that go through the elements in order even where their inputs are the same for all.
_ORDERED = frozenset(["RandomShuffle"])


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
    run = Vectorized(graph, elements, single, size, fallback, warn)
    return _packed(graph.structured_outputs, run.all(graph.outputs))


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
      elements: for each of its inputs the stacked elements, or
      single: where that says so, what is the same for all.
      size: the number of elements.
      fallback, warn: see `vectorized`.
    """

    def __init__(
        self, graph: FuncGraph, elements: Sequence[Any], single: Sequence[bool], size: Any, fallback: bool, warn: bool
    ) -> None:
        captures = graph.captures
        symbols = [*graph.inputs, *(symbol for _, symbol in captures)]
        super().__init__(graph, symbols, [*elements, *(outside for outside, _ in captures)])
        self.batched = {id(x) for x, one in zip(graph.inputs, single) if not one}
        self.size, self.fallback, self.warn = size, fallback, warn

    def all(self, outputs: Sequence[Symbol]) -> list[Any]:
        """The outputs' values, all with the elements along their first dimension."""
        values = self.run(outputs)
        return [
            value if id(y) in self.batched else repeated(value, self.size, shape_of(value))
            for y, value in zip(outputs, values)
        ]

    def step(self, node: Node) -> Any:
        """Runs a node for all elements; notes which of its outputs depend on them."""
        varies = any(isinstance(x, Symbol) and id(x) in self.batched for x in node.args)
        name = node.op.name
        if not varies and name not in DRAWS and name not in _ORDERED:
            return super().step(node)
        if varies and name in SHARED:
            return SHARED[name](self._call(node))
        result = self._by_rule(node)
        self.batched.update(map(id, node.outputs))
        return result

    def _by_rule(self, node: Node) -> Any:
        rule = RULES.get(node.op.name)
        if rule is not None:
            try:
                return rule(self._call(node))
            except (NoRuleError, UndecidedError):
                pass
        if node.op.name not in REPLAYERS:
            self._complain(node)
        return self._one_by_one(node)

    def _call(self, node: Node) -> Call:
        batched = [isinstance(x, Symbol) and id(x) in self.batched for x in node.args]
        args = [self.value(x) for x in node.args]
        for i, arg in enumerate(node.op.flat_inputs(len(args))):
            if arg.static and isinstance(args[i], Tensor):
                if batched[i]:
                    raise NoRuleError
                args[i] = _plain(args[i])
        return Call(node.op, args, node.attrs, batched, self.size, node.outputs)

    def _complain(self, node: Node) -> None:
        if not self.fallback:
            raise ValueError(f"No pfor vectorization defined for {node.type}\n{node}")
        if self.warn:
            log_warning(
                "Using a while_loop for converting %s cause there is no registered converter for this op.", node.type
            )

    def _one_by_one(self, node: Node) -> Any:
        symbols = {id(x): x for x in node.symbols() if id(x) in self.batched}

        def one(row: Sequence[Any]) -> list[Any]:
            inner = Replay(self.graph, [], [])
            inner.values = {**self.values, **dict(zip(symbols, row))}
            result = inner.step(node)
            return result if isinstance(result, list) else [] if result is None else [result]

        stacks = [self.values[key] for key in symbols] or [OPS["Range"](0, self.size, 1)]
        if context.graph is not None:
            like = [TensorSpec(y._array.static, y.dtype) for y in node.outputs]
            types = [y.dtype for y in node.outputs]
            return functional_graph.map_fn(one, stacks, stacks, types, like, False, None)
        rows = [one(row) for row in zip(*map(unstacked, stacks))]
        if not rows:
            return [zeros((0, *(n or 0 for n in y._array.static or ())), y.dtype) for y in node.outputs]
        return [OPS["Pack"](*column, axis=0) for column in zip(*rows)]

    def _moved(self, x: Size) -> Any:
        first, second = x.operands
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


above.vectorized = vectorized
