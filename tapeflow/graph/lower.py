"""A graph for XLA: its nodes' kernels called with JAX's tracers, all shapes being known.

What follows from constants and shapes alone is computed here, with NumPy, so that static inputs are plain Python
values.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.context import quietly
from ..core.execute import explained, plain_value
from ..core.op import Op
from ..core.symbol import Size, Symbol
from ..core.tensor import Array, Tensor
from ..ops import random_ops
from ..state import updates
from .convolutions import is_shared
from .ir import CONST, PLACEHOLDER, Graph, Node
from .plan import _elements, _is_known, needed

FOLDED = 1 << 14  # elements; larger arrays are computed by XLA even if they could be computed here

# How to lower what is no call of a kernel, by the op's name: `(lowering, node) -> outputs`.
LOWERERS: dict[str, Callable[[Lowering, Node], list[Any]]] = {}
# Ways that are shorter than a kernel, where a node's inputs come from certain others; None: they do not.
SHORTCUTS: dict[str, Callable[[Lowering, Node], list[Any] | None]] = {}

_OF_SHAPES = frozenset(("Shape", "ShapeN", "Size", "Rank"))


class NotOnXla(errors.InvalidArgumentError):
    """A node that XLA cannot have.

    Args:
      node: the node.
      why: the reason, a sentence without its full stop.
    """

    def __init__(self, node: Node, why: str = "") -> None:
        self.node = node
        self.reason = f"{node.op.name}: {why or 'runs on the host only'}"
        super().__init__(
            None, None,
            f"Detected unsupported operations when trying to compile graph {node.graph.name} on XLA: {self.reason}. "
            f"{{{{node {node.name}}}}}\nThe op is created at:\n{node.places}",
        )  # fmt: skip


class _NotKnown(Exception):  # noqa: N818
    """What `Lowering.fold` meets when something does not follow from constants and shapes."""


class Lowering:
    """The values of a graph's Symbols while it is lowered.

    Values are JAX tracers; NumPy arrays where they are known; lists (see `lower_lists`).

    Args:
      jax: the module.
      states: what changes as the graph runs: the arrays of the Variables, by the number of the handle; for each source
        of random numbers, how many counters have been taken from it.
      streams: the streams, where they begin, of the sources of random numbers.
      onednn: whether kernels with calls of oneDNN are taken, where there are such.
    """

    def __init__(self, jax: Any, states: dict[Any, Any], streams: dict[Any, Any], onednn: bool = False) -> None:
        self.jax = jax
        self.onednn = onednn
        self.states = states
        self.streams = streams
        self.values: dict[int, Any] = {}
        self.folding = False
        self.most: dict[int, int] = {}  # of loops' numbers of iterations, by the Symbol: what they are at most

    def bind(self, symbols: Sequence[Symbol], values: Sequence[Any]) -> None:
        """Says what values Symbols have."""
        self.values.update(zip(map(id, symbols), values))

    def run(self, graph: Graph, outputs: Sequence[Symbol], effects: bool = True) -> list[Any]:
        """The values of `outputs`; what has effects is lowered too."""
        for node in needed(graph, outputs, effects):
            if node.op is not PLACEHOLDER:
                self.bind(node.outputs, self.lower(node))
        return [self.value(y) for y in outputs]

    def fold(self, graph: Graph, output: Symbol) -> Array | None:
        """The value of `output` if it follows from constants and shapes, else None."""
        before, self.folding = self.folding, True
        try:
            (value,) = self.run(graph, [output], effects=False)
        except _NotKnown:
            return None
        finally:
            self.folding = before
        return value if isinstance(value, np.ndarray) else None

    def value(self, x: Symbol) -> Any:
        """The value of a Symbol."""
        try:
            return self.values[id(x)]
        except KeyError:
            if x.known is not None and _is_known(x):
                return x.known
            raise NotOnXla(x.op, f"{x.dtype.name} values cannot be handed in") from None

    def lower(self, node: Node) -> list[Any]:
        """The values of a node's outputs."""
        op = node.op
        if node.outputs and all(map(_is_known, node.outputs)):
            return [y.known for y in node.outputs]
        if op is CONST:
            return [node.attrs["value"]._array]
        try:
            if op.updates:
                return _update(self, node)
            if op.name in LOWERERS:
                return LOWERERS[op.name](self, node)
            found = SHORTCUTS[op.name](self, node) if op.name in SHORTCUTS else None
            return self.call(node) if found is None else found
        except (_NotKnown, NotOnXla):
            raise
        except Exception as error:
            raise self.explained(error, node) from error

    def call(self, node: Node) -> list[Any]:
        """Calls a node's kernel: NumPy's if all it takes is known, otherwise that for XLA."""
        op = node.op
        kinds = op.flat_inputs(len(node.args))
        args: list[Any]
        if op.name in _OF_SHAPES:
            shapes = [self.value(x).shape for x in node.tensors]
            args = [np.broadcast_to(np.zeros((), np.int8), shape) for shape in shapes]
        else:
            args = [self.argument(node, x, arg.static) for x, arg in zip(node.args, kinds)]
        pure = not (op.stateful or op.reads)
        known = all(isinstance(x, np.ndarray) or arg.static for x, arg in zip(args, kinds))
        if pure and known and _small(node.outputs):
            results = self.results(node, quietly(op.host, *args, **node.attrs))
            values = [np.asarray(x, y._array.dtype) for x, y in zip(results, node.outputs)]
            if op.kernels.get("xla", op.kernel) is None or all(x.size <= FOLDED for x in values):
                return values
        if self.folding:
            raise _NotKnown
        if op.kernels.get("xla", op.kernel if pure else None) is None:
            raise NotOnXla(node)
        if op.draws is not None:
            args.insert(0, self.stream(node, op.draws(*args, **node.attrs)))
        results = self.results(node, self.kernel(op, node)(*args, **node.attrs))
        return [self.typed(x, y) for x, y in zip(results, node.outputs)]

    def kernel(self, op: Op, node: Node | None = None) -> Callable[..., Any]:
        """The kernel that XLA takes, without its first argument; for a node one with calls of oneDNN, if it may be."""
        if node is not None and self.onednn and "onednn" in op.kernels:
            fast: Any = op.kernels["onednn"]
            return functools.partial(fast, self.jax, shared=is_shared(node))
        kernel: Any = op.kernels.get("xla", op.kernel)
        return functools.partial(kernel, self.jax if "xla" in op.kernels else self.jax.numpy)

    def stream(self, node: Node, count: int) -> Any:
        """The stream that a node draws from, `count` counters of it set aside."""
        where = source_of(node)
        stream, taken = self.streams[where], self.states[where]
        self.states[where] = taken + np.uint64(count)
        return stream._replace(low=stream.low + taken)

    def results(self, node: Node, result: Any) -> Sequence[Any]:
        """What a kernel returned, as a sequence."""
        return result if node.op.several else (result,) if node.outputs else ()

    def typed(self, value: Any, like: Symbol) -> Any:
        """An array with exactly the dtype that the Symbol has."""
        if isinstance(value, np.ndarray) and value.dtype == like._array.dtype:
            return value
        return self.jax.lax.convert_element_type(value, like._array.dtype)

    def argument(self, node: Node, x: Any, static: bool) -> Any:
        """The value of one of a node's arguments."""
        if isinstance(x, Symbol):
            return plain_value(self.known(node, x)) if static else self.value(x)
        if isinstance(x, Size):
            for leaf in x.leaves():
                if leaf.operands[1] is None:
                    self.known(node, leaf.operands[0])
            return x.evaluate(self.value)
        if isinstance(x, tuple):
            return tuple(self.argument(node, item, static) for item in x)
        return x

    def known(self, node: Node, x: Symbol) -> Array:
        """The value of a Symbol that must not depend on the inputs' values."""
        value = self.value(x)
        if isinstance(value, np.ndarray):
            return value
        if self.folding:
            raise _NotKnown
        raise NotOnXla(node, f"the value of {x.name} must be known to compile it")

    def explained(self, error: Exception, node: Node) -> Exception:
        """What TensorFlow would say of an error in a kernel; or that the node cannot be compiled."""
        if isinstance(error, errors.OpError) and node.op.updates:
            return errors.invalid(f"{error.message} [Op:{node.op.name}] name: {node.name}")
        if isinstance(error, errors.OpError) and node.op.name in LOWERERS:  # of a node within
            return error
        if isinstance(error, self.jax.errors.ConcretizationTypeError):
            return NotOnXla(node, "the values of its inputs must be known to compile it")
        if node.op.name not in LOWERERS and not node.op.updates:
            args: list[Any] = [self.values.get(id(x)) if isinstance(x, Symbol) else x for x in node.args]
            args = [Tensor(np.broadcast_to(np.zeros((), x.dtype), x.shape)) if hasattr(x, "dtype") else x for x in args]
            better = explained(error, node.op, args, node.attrs, node.name)
            if isinstance(better, errors.OpError):
                return better
        what = " ".join(line for line in str(error).splitlines()[:3] if line)
        return NotOnXla(node, f"{type(error).__name__}: {what}")


def _small(outputs: Sequence[Symbol]) -> bool:
    sizes = [_elements(y) for y in outputs]
    return all(size <= FOLDED or size == float("inf") for size in sizes)


# ---------------------------------------------------------------- Variables


def _read(low: Lowering, node: Node) -> list[Any]:
    if low.folding:
        raise _NotKnown
    return [low.states[_number(node)]]


def _update(low: Lowering, node: Node) -> list[Any]:
    number = _number(node)
    old = low.states[number]
    kinds = node.op.flat_inputs(len(node.args))
    args = [low.argument(node, x, arg.static) for x, arg in zip(node.args[1:], kinds[1:])]
    arrays = [low.jax.numpy.asarray(x) if isinstance(x, np.ndarray) else x for x in args]
    new = node.op.kernels["xla"](low.jax, old, *arrays, **node.attrs)  # type: ignore[misc]
    low.states[number] = low.jax.lax.convert_element_type(new, old.dtype)
    return []


def _number(node: Node) -> int:
    number = node.args[0]._id
    if number is None:
        raise NotOnXla(node, "what it refers to is no Variable")
    return int(number)


def _dropped(low: Lowering, node: Node) -> list[Any]:
    return []  # TensorFlow's XLA leaves checks out, too


def _same(low: Lowering, node: Node) -> list[Any]:
    return [low.value(x) for x in node.tensors[: len(node.outputs)]]  # a custom gradient's node has more inputs


LOWERERS["ReadVariableOp"] = _read
LOWERERS["Assert"] = _dropped
LOWERERS["IdentityN"] = _same


def foreign_effect(graph: Graph) -> str | None:
    """The name of an op with effects beyond Variables, or that reads other state; None if there is no such op."""
    for node in graph.nodes:
        op = node.op
        if (op.stateful and not op.updates and op.draws is None) or (op.reads and op is not updates.READ):
            return op.name
        for part in (x for value in node.attrs.values() for x in (value if isinstance(value, tuple) else (value,))):
            found = foreign_effect(part) if isinstance(part, Graph) else None
            if found:
                return found
    return None


def source_of(node: Node) -> Any:
    """The source of random numbers that a node draws from."""
    seeds = node.attrs.get("seed", 0), node.attrs.get("seed2", 0)
    return random_ops.source(node.op.name, node.outputs[0]._array.dtype, *seeds)


def sources_in(graph: Graph) -> list[Any]:
    """The sources of random numbers that a graph draws from, each once."""
    found: dict[Any, None] = {}
    for node in graph.nodes:
        if node.op.draws is not None:
            found[source_of(node)] = None
        for part in (x for value in node.attrs.values() for x in (value if isinstance(value, tuple) else (value,))):
            if isinstance(part, Graph):
                found.update(dict.fromkeys(sources_in(part)))
    return list(found)


def is_array(symbol: Symbol) -> bool:
    """Whether a Symbol's values can be arrays on XLA."""
    return symbol.dtype not in (dtypes.string, dtypes.variant, dtypes.resource)
