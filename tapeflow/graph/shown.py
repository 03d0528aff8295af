"""A graph as programs see it: what its nodes know as Python values stands there as operations, as in TensorFlow.

What is made here nothing ever runs. (Nor the `Identity`s of what a function returns, see `FuncGraph.finish`.)
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import DType, as_dtype
from ..core.op import Arg
from ..core.registry import OPS
from ..core.symbol import Size, Symbol
from ..core.tensor import Tensor
from .binding import STATIC_NAMES
from .node import CONST, PLACEHOLDER, Node, sizes_in
from .parts import is_repeatable, parts_of, updated_in

# Ops whose list input may be of several dtypes: their attribute is the list of them, and there is none for the length.
LISTS_OF_TYPES = frozenset("Assert EagerPyFunc IdentityN PyFunc PyFuncStateless StringFormat".split())
# The ops of what is computed with sizes, and what they are called.
_ARITHMETIC: dict[Any, tuple[str, str]] = {
    operator.add: ("AddV2", "add"), operator.sub: ("Sub", "sub"), operator.mul: ("Mul", "mul"),
    operator.floordiv: ("FloorDiv", "floordiv"), operator.mod: ("FloorMod", "mod"),
}  # fmt: skip


class Shown:
    """Operations for a graph's nodes, in TensorFlow's order: before each node what its static inputs are made by.

    Args:
      graph: the graph.
      nodes: which of its nodes; all, unless given. As long as the graph grows, `update` takes in what is new.

    Attributes:
      operations: the nodes, with the further operations among them.
      by_name: the further operations.
    """

    def __init__(self, graph: Any, nodes: Sequence[Node] | None = None) -> None:
        self.graph = graph
        self.nodes = graph.nodes if nodes is None else nodes
        self.operations: list[Node] = []
        self.by_name: dict[str, Node] = {}
        self._static: dict[int, dict[int, Symbol]] = {}  # for each node its static inputs, by their places
        self._sizes: dict[Any, Symbol] = {}
        self._count = 0
        self._device = ""

    def update(self) -> Shown:
        """Takes in nodes that are new."""
        while self._count < len(self.nodes):
            self._add(self.nodes[self._count])
            self._count += 1
        return self

    def inputs(self, node: Node) -> tuple[Symbol, ...]:
        """All inputs of a node, as TensorFlow's op has them."""
        if node.type == "Const":
            return ()
        static = self._static.get(id(node), {})
        every = (static.get(i, x) for i, x in enumerate(node.args))
        return tuple(x for x in every if isinstance(x, Symbol))

    def _add(self, node: Node) -> None:
        static = {}
        self._device = node.device
        if node.type != "Const":
            kinds = type_variables(node)
            for i, (arg, x) in enumerate(zip(node.op.flat_inputs(len(node.args)), node.args)):
                if not isinstance(x, Symbol):
                    dtype = arg.fixed or kinds.get(arg.type) or _dtype_of_static(node, arg, x)
                    kinds.setdefault(arg.type, dtype)
                    static[i] = self._input(node, arg.name, _of_rank(node.op.name, arg.name, x), dtype)
                elif arg.static and (wanted := arg.fixed or kinds[arg.type]) is not x.dtype:
                    attrs = {"SrcT": x.dtype, "DstT": wanted}
                    static[i] = self._helper(f"{node.name}/{arg.name}", "Cast", [x], wanted, (), attrs)
        if static:
            self._static[id(node)] = static
        self.operations.append(node)
        for y in node.outputs:
            key = _size_key(y)
            if key is not None:
                self._sizes.setdefault(key, y)

    # -- further operations

    def _helper(
        self, name: str, op: str, inputs: Sequence[Symbol], dtype: DType, shape: Any, attrs: dict[str, Any]
    ) -> Symbol:
        free, count = name, 0
        while free in self.by_name or free in self.graph.by_name:
            count += 1
            free = f"{name}_{count}"
        node = Node(self.graph, OPS.get(op) or CONST, tuple(inputs), attrs, free)
        node.device = self._device
        node.outputs.append(Symbol(node, 0, dtype, shape))
        self.operations.append(node)
        self.by_name[free] = node
        return node.outputs[0]

    def _constant(self, name: str, value: Any, dtype: DType) -> Symbol:
        array = np.array(value, dtype.numpy)
        symbol = self._helper(name, "Const", (), dtype, array.shape, {"value": Tensor(array), "dtype": dtype})
        symbol.known = array
        return symbol

    def _input(self, node: Node, label: str, value: Any, dtype: DType) -> Symbol:
        """A static input: a constant, or what is packed of sizes and constants."""
        name = f"{node.name}/{STATIC_NAMES.get((node.op.name, label), label)}"
        if not any(True for _ in sizes_in(value)):
            reserved = self.graph.reserved.get(node.name)
            return self._constant(reserved or name, value, dtype)
        known = self._sizes.get(_key_of(value))
        if known is not None and known.dtype is dtype:
            return known
        if isinstance(value, Size):
            size = self._size(node.name, value)
            attrs = {"SrcT": dtypes.int32, "DstT": dtype}
            return size if dtype is dtypes.int32 else self._helper(name, "Cast", [size], dtype, (), attrs)
        items = [self._input(node, f"{label}/{i}", item, dtype) for i, item in enumerate(value)]
        pack: dict[str, Any] = {"N": len(items), "T": dtype, "axis": 0}
        return self._helper(name, "Pack", items, dtype, (len(items), *items[0]._array.static), pack)

    def _size(self, scope: str, size: Size) -> Symbol:
        """A size that is known only when the graph runs, as an int32 scalar."""
        found = self._sizes.get(size.key)
        if found is None or found.dtype is not dtypes.int32:
            make = self._leaf if size.function is None else self._term
            found = self._sizes[size.key] = make(scope, size)
        return found

    def _term(self, scope: str, size: Size) -> Symbol:
        op, name = _ARITHMETIC[size.function]
        name = f"{scope}/{name}"
        operands = [
            self._size(scope, x) if isinstance(x, Size) else self._constant(f"{name}/{'xy'[i]}", x, dtypes.int32)
            for i, x in enumerate(size.operands)
        ]
        return self._helper(name, op, operands, dtypes.int32, (), {"T": dtypes.int32})

    def _leaf(self, scope: str, size: Size) -> Symbol:
        x, axis = size.operands
        if axis is None:
            attrs: dict[str, Any] = {"SrcT": x.dtype, "DstT": dtypes.int32}
            return x if x.dtype is dtypes.int32 else self._helper(f"{scope}/Cast", "Cast", [x], dtypes.int32, (), attrs)
        shape = self._sizes.get(("Shape", id(x)))
        if shape is None:
            attrs = {"T": x.dtype, "out_type": dtypes.int32}
            shape = self._helper(f"{scope}/Shape", "Shape", [x], dtypes.int32, (x.shape.rank,), attrs)
            self._sizes["Shape", id(x)] = shape
        name, attrs = f"{scope}/strided_slice", {"T": dtypes.int32, "Index": dtypes.int32, "shrink_axis_mask": 1}
        bounds = zip(("stack", "stack_1", "stack_2"), (axis, axis + 1, 1))
        ends = [self._constant(f"{name}/{label}", [i], dtypes.int32) for label, i in bounds]
        return self._helper(name, "StridedSlice", [shape, *ends], dtypes.int32, (), attrs)


def _key_of(value: Any) -> Any:
    """What tells static values apart that are made of sizes."""
    if isinstance(value, Size):
        return value.key
    return tuple(map(_key_of, value)) if isinstance(value, tuple) else value


def _size_key(y: Symbol) -> Any:
    """The key of what is known of a Symbol, if sizes are among that."""
    known = y.known
    if known is None or known.dtype != object or y._array.dtype == object or known.ndim > 1:
        return None
    return _key_of(known[()] if known.ndim == 0 else tuple(known.tolist()))


def type_variables(node: Node) -> dict[str, Any]:
    """The dtypes of the type variables of a node's op, as far as its tensors say them."""
    kinds: dict[str, Any] = {}
    arguments = zip(node.op.flat_inputs(len(node.args)), node.args)
    for arg, x in sorted(arguments, key=lambda pair: pair[0].static):
        if isinstance(x, Symbol) and arg.fixed is None:
            if node.op.name in LISTS_OF_TYPES:  # in the flat list each has a type of its own
                kinds.setdefault(node.op.inputs[-1].type, []).append(x.dtype)
            else:
                kinds.setdefault(arg.type, x.dtype)
    return kinds


def static_types(node: Node) -> dict[str, Any]:
    """The dtypes of type variables that stand at static inputs only."""
    arguments = zip(node.op.flat_inputs(len(node.args)), node.args)
    return {
        arg.type: _dtype_of_static(node, arg, x)
        for arg, x in arguments
        if arg.fixed is None and not isinstance(x, Symbol)
    }


def _of_rank(op: str, name: str, value: Any) -> Any:
    """A static input of the rank that TensorFlow's op has it of, where ours takes others."""
    if name == "paddings" and value == ():
        return np.zeros((0, 2), np.int32)
    if op == "Reshape" and not isinstance(value, tuple):
        return (value,)
    if op == "ConcatV2" and isinstance(value, tuple):
        return value[0]
    return value


def _dtype_of_static(node: Node, arg: Arg, value: Any) -> DType:
    given = node.attrs.get(arg.type)
    if given is not None:
        return as_dtype(given)
    if any(True for _ in sizes_in(value)):
        return dtypes.int32
    array = np.array(value)
    if array.dtype.kind != "i":
        return dtypes.int32 if not array.size else as_dtype(array.dtype) if array.dtype.kind != "U" else dtypes.string
    fits = not array.size or (-(2**31) <= array.min() and array.max() < 2**31)
    return dtypes.int32 if fits else dtypes.int64


# -- order


def must_run(node: Node) -> bool:
    """Whether a call of the function runs it in any case, as TensorFlow sees it: reads do, random numbers need not."""
    return node.op is not PLACEHOLDER and node.op.draws is None and not is_repeatable(node)


def order(nodes: Iterable[Node]) -> dict[int, list[Node]]:
    """For what has effects or reads, what has to come before: what uses the same Variable, or prints, checks..."""
    before: dict[int, list[Node]] = {}
    writers: dict[Any, Node] = {}  # by the Variable; None for all that is none
    readers: dict[Any, list[Node]] = {}
    for node in filter(must_run, nodes):
        found = before[id(node)] = []
        updated = {i for part in parts_of(node) for i in updated_in(part)}
        resources = [x for x in node.args if isinstance(x, Symbol) and x.dtype is dtypes.resource]
        for key in dict.fromkeys(x._id or id(x) for x in resources) or (None,):
            if key in writers:
                found.append(writers[key])
            if node.op.reads or (parts_of(node) and key is not None and key not in updated):
                readers.setdefault(key, []).append(node)
            else:
                found += readers.pop(key, [])
                writers[key] = node
    return before
