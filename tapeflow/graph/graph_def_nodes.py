"""Operations of a graph as `NodeDef`s: names, inputs, attributes as TensorFlow writes them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.devices import canonical
from ..base.dtypes import DType, as_dtype
from ..base.tensor_shape import Shape, TensorShape
from ..core.op import Arg
from ..core.registry import OPS
from ..core.symbol import Size, Symbol
from ..core.tensor import Tensor, at_hand
from .ir import PLACEHOLDER, Graph, Node, sizes_in
from .plan import has_effects
from .tensor_proto import fill_shape, fill_tensor

Special = Callable[["Body", Node], None]

# Ops whose list input may be of several dtypes: their attribute is the list of them, and there is none for the length.
LISTS_OF_TYPES = frozenset("Assert EagerPyFunc IdentityN PyFunc PyFuncStateless StringFormat".split())
# Attributes of ours that TensorFlow's op has not.
OURS = {
    "EagerPyFunc": {"func", "shapes", "tapes"},
    "EagerPyFuncGrad": {"shapes", "tapes"},
    "MaxPoolGradGrad": {"explicit_paddings"},
    "PyFunc": {"func", "shapes"},
    "PyFuncStateless": {"func", "shapes"},
    "ReadVariableOp": {"shape"},
}
# The ops of what is computed with sizes, and what they are called.
_ARITHMETIC: dict[Any, tuple[str, str]] = {
    operator.add: ("AddV2", "add"), operator.sub: ("Sub", "sub"), operator.mul: ("Mul", "mul"),
    operator.floordiv: ("FloorDiv", "floordiv"), operator.mod: ("FloorMod", "mod"),
}  # fmt: skip
# The outputs of ops that only stand in GraphDefs.
_OUTPUTS = {
    "Const": "output", "EmptyTensorList": "handle", "OptionalNone": "handle", "TensorListPushBack": "output_handle",
}  # fmt: skip


class Functions:
    """The library of a `GraphDef`: the parts of its operations, each as a `FunctionDef`.

    Args:
      messages: the library's message.
      special: writers for operations that are not written one to one, by the op's name.
      add_shapes: whether each node says the shapes of its outputs.
    """

    def __init__(self, messages: Any, special: dict[str, Special], add_shapes: bool = False) -> None:
        self.messages = messages
        self.special = special
        self.add_shapes = add_shapes
        self._count = 0

    def new(self, name: str) -> Any:
        """A new `FunctionDef` with a name of its own."""
        self._count += 1
        function = self.messages.function.add()
        function.signature.name = f"{re.sub(r'[^A-Za-z0-9_]', '_', name)}_{self._count}"
        return function


class Body:
    """The nodes of a graph or of a function, while they are written.

    Args:
      nodes: the repeated field that takes them.
      functions: the library.
      graph: the graph whose nodes they are.
      is_function: whether they are those of a function, where inputs are written in another way.
    """

    def __init__(self, nodes: Any, functions: Functions, graph: Graph, is_function: bool = False) -> None:
        self.nodes = nodes
        self.functions = functions
        self.is_function = is_function
        self.refs: dict[int, str] = {}  # what inputs call a Symbol
        self.names = set(graph.by_name)
        self._sizes: dict[Any, str] = {}
        self._effect: str | None = None  # the last node that has effects
        self._reads: list[str] = []  # and those since that read

    # -- nodes

    def write(self, nodes: Iterable[Node]) -> None:
        """Writes nodes, in order; a function's placeholders are its arguments."""
        for node in nodes:
            if not (self.is_function and node.op is PLACEHOLDER):
                self.functions.special.get(node.type, Body.node)(self, node)

    def node(self, node: Node) -> None:
        """Writes an operation one to one."""
        inputs, kinds = self._inputs(node)
        attrs = {**kinds, **_lengths(node), **node.attrs}
        for name in OURS.get(node.type, ()):
            attrs.pop(name, None)
        self.add(node, node.type, inputs, attrs)

    def add(
        self, node: Node, op: str, inputs: Sequence[str], attrs: dict[str, Any], more: Sequence[Shape] = ()
    ) -> Any:
        """Adds the `NodeDef` of an operation; its message. `more` are the shapes of outputs that ours has not."""
        message = self._message(node.name, op, inputs, attrs, node.device)
        message.input.extend(f"^{name}" for name in self._controls(node))
        if self.functions.add_shapes:
            shapes = message.attr["_output_shapes"].list
            shapes.SetInParent()
            for shape in [*(y._array.static for y in node.outputs), *more]:
                fill_shape(shapes.shape.add(), shape)
        arguments = (OPS.get(op) or node.op).outputs
        for k, y in enumerate(node.outputs):
            self.refs[id(y)] = self._ref(node.name, arguments, k, len(node.outputs))
        return message

    def helper(self, name: str, op: str, inputs: Sequence[str], **attrs: Any) -> str:
        """Adds a node that no operation of the graph stands for; what inputs call its output."""
        name = self.unique(name)
        self._message(name, op, inputs, attrs)
        return f"{name}:{_OUTPUTS.get(op) or OPS[op].outputs[0].name}:0" if self.is_function else name

    def _message(self, name: str, op: str, inputs: Sequence[str], attrs: dict[str, Any], device: str = "") -> Any:
        message = self.nodes.add(name=name, op=op, device=canonical(device))
        message.input.extend(inputs)
        defaults = OPS[op].defaults if op in OPS else {}
        for key, value in attrs.items():
            fill_attr(message.attr, key, value, defaults.get(key))
        return message

    def constant(self, name: str, value: Any, dtype: DType = dtypes.int32, shape: Any = None) -> str:
        """Adds a constant; what inputs call it. With a shape, it is filled with the value."""
        array = np.array(value, dtype.numpy)
        return self.helper(
            name, "Const", [], value=array if shape is None else np.broadcast_to(array, shape), dtype=dtype
        )

    def unique(self, name: str) -> str:
        """A name that no other node has."""
        free, count = name, 0
        while free in self.names:
            count += 1
            free = f"{name}_{count}"
        self.names.add(free)
        return free

    def ref(self, x: Symbol) -> str:
        """What inputs call a Symbol."""
        return self.refs[id(x)]

    def _ref(self, name: str, arguments: Sequence[Arg], index: int, count: int) -> str:
        if not self.is_function:
            return f"{name}:{index}" if index else name
        lists = sum(arg.length is not None for arg in arguments)
        length = (count - (len(arguments) - lists)) // lists if lists else 0
        for arg in arguments:
            width = 1 if arg.length is None else length
            if index < width:
                return f"{name}:{arg.name}:{index}"
            index -= width
        raise AssertionError(f"{name} has no output {index} of {count}")

    def _controls(self, node: Node) -> list[str]:
        """The nodes that come before: as the program says, and what has effects in its order."""
        before = [other.name for other in node.control_inputs]
        if has_effects(node):
            before += [self._effect, *self._reads] if self._effect else self._reads
            self._effect, self._reads = node.name, []
        elif node.op.reads:
            before += [self._effect] if self._effect else []
            self._reads.append(node.name)
        return list(dict.fromkeys(before))

    @property
    def effect(self) -> str | None:
        """The last node that has effects: it comes after all others that have."""
        return self._effect

    # -- inputs

    def _inputs(self, node: Node) -> tuple[list[str], dict[str, Any]]:
        """What the inputs are called, and the dtypes of the type variables."""
        arguments = node.op.flat_inputs(len(node.args))
        kinds: dict[str, Any] = {}
        for arg, x in sorted(zip(arguments, node.args), key=lambda pair: pair[0].static):
            if isinstance(x, Symbol) and arg.fixed is None:
                if node.type in LISTS_OF_TYPES:  # in the flat list each has a type of its own
                    kinds.setdefault(node.op.inputs[-1].type, []).append(x.dtype)
                else:
                    kinds.setdefault(arg.type, x.dtype)
        inputs = []
        for arg, x in zip(arguments, node.args):
            if isinstance(x, Symbol):
                wanted = (arg.fixed or kinds[arg.type]) if arg.static else x.dtype
                inputs.append(self._cast(node, arg.name, x, wanted))
            else:
                dtype = arg.fixed or kinds.setdefault(arg.type, _dtype_of_static(node, arg, x))
                inputs.append(self.static(node, arg.name, _of_rank(node.type, arg.name, x), dtype))
        return inputs, _output_kinds(node) | kinds

    def _cast(self, node: Node, label: str, x: Symbol, dtype: DType) -> str:
        if x.dtype is dtype:
            return self.ref(x)
        return self.helper(f"{node.name}/{label}", "Cast", [self.ref(x)], SrcT=x.dtype, DstT=dtype)

    def static(self, node: Node, label: str, value: Any, dtype: DType = dtypes.int32) -> str:
        """A static input as a tensor: a constant, or what is packed of sizes and constants."""
        name = f"{node.name}/{label}"
        if not any(True for _ in sizes_in(value)):
            return self.constant(name, value, dtype)
        if isinstance(value, Size):
            size = self.size(node.name, value)
            return size if dtype is dtypes.int32 else self.helper(name, "Cast", [size], SrcT=dtypes.int32, DstT=dtype)
        items = [self.static(node, f"{label}/{i}", item, dtype) for i, item in enumerate(value)]
        return self.helper(name, "Pack", items, N=len(items), T=dtype, axis=0)

    def size(self, scope: str, size: Size) -> str:
        """A size that is known only when the graph runs, as an int32 scalar."""
        found = self._sizes.get(size.key)
        if found is None:
            found = self._sizes[size.key] = (
                self._leaf(scope, size) if size.function is None else self._term(scope, size)
            )
        return found

    def _term(self, scope: str, size: Size) -> str:
        op, name = _ARITHMETIC[size.function]
        name = f"{scope}/{name}"
        operands = [
            self.size(scope, x) if isinstance(x, Size) else self.constant(f"{name}/{'xy'[i]}", x)
            for i, x in enumerate(size.operands)
        ]
        return self.helper(name, op, operands, T=dtypes.int32)

    def _leaf(self, scope: str, size: Size) -> str:
        x, axis = size.operands
        if axis is None:
            if x.dtype is dtypes.int32:
                return self.ref(x)
            return self.helper(f"{scope}/Cast", "Cast", [self.ref(x)], SrcT=x.dtype, DstT=dtypes.int32)
        return self.pick(scope, self.shape(scope, x), axis)

    def shape(self, scope: str, x: Symbol) -> str:
        """The shape of a Symbol when the graph runs."""
        key = ("Shape", id(x))
        if key not in self._sizes:
            attrs = {"T": x.dtype, "out_type": dtypes.int32}
            self._sizes[key] = self.helper(f"{scope}/Shape", "Shape", [self.ref(x)], **attrs)
        return self._sizes[key]

    def pick(self, scope: str, vector: str, index: int, rest: bool = False) -> str:
        """An element of an int32 vector; with `rest` the elements from there on."""
        name = self.unique(f"{scope}/strided_slice")
        self.names.discard(name)
        bounds = (("stack", index), ("stack_1", 0 if rest else index + 1), ("stack_2", 1))
        ends = [self.constant(f"{name}/{label}", [i]) for label, i in bounds]
        masks = {"shrink_axis_mask": int(not rest), "end_mask": int(rest or index == -1)}
        return self.helper(name, "StridedSlice", [vector, *ends], T=dtypes.int32, Index=dtypes.int32, **masks)


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


def _output_kinds(node: Node) -> dict[str, Any]:
    """The dtypes of type variables that stand at outputs only."""
    if len(node.op.outputs) == len(node.outputs) and not any(arg.length for arg in node.op.outputs):
        pairs = zip(node.op.outputs, node.outputs)
        return {arg.type: y.dtype for arg, y in pairs if arg.fixed is None}
    return {arg.type: node.outputs[0].dtype for arg in node.op.outputs if arg.fixed is None and node.outputs}


def _lengths(node: Node) -> dict[str, int]:
    """The attributes that say how long lists are."""
    if node.type in LISTS_OF_TYPES:
        return {}
    lengths = {}
    for arguments, values in ((node.op.inputs, node.args), (node.op.outputs, node.outputs)):
        lists = [arg for arg in arguments if arg.length]
        for arg in lists:
            assert arg.length is not None
            lengths[arg.length] = (len(values) - (len(arguments) - len(lists))) // len(lists)
    return lengths


# -- attributes


def fill_attr(attrs: Any, key: str, value: Any, default: Any = None) -> None:
    """Writes an attribute; nothing for None (TensorFlow's default), and for what a message cannot hold."""
    if key == "shape":
        fill_shape(attrs[key].shape, value.as_list() if isinstance(value, TensorShape) else value)
    elif isinstance(value, (Tensor, np.ndarray)):
        array = value if isinstance(value, np.ndarray) else at_hand(value._array)
        fill_tensor(attrs[key].tensor, array, dtypes.of(array))
    elif isinstance(value, (list, tuple)):
        attrs[key].list.SetInParent()
        for item in value:
            if key.endswith("_shapes"):
                fill_shape(attrs[key].list.shape.add(), item)
                continue
            kind, plain = _plain(item)
            if kind:
                getattr(attrs[key].list, kind).append(plain)
    else:
        kind, plain = _plain(float(value) if isinstance(default, float) and value is not None else value)
        if kind:
            setattr(attrs[key], kind, plain)


def _plain(value: Any) -> tuple[str, Any]:
    """The field for a value, and the value as the field takes it."""
    if isinstance(value, (bool, np.bool_)):
        return "b", bool(value)
    if isinstance(value, (int, np.integer)):
        return "i", int(value)
    if isinstance(value, (float, np.floating)):
        return "f", float(value)
    if isinstance(value, (str, bytes)):
        return "s", value.encode() if isinstance(value, str) else value
    if isinstance(value, (DType, np.dtype)):
        return "type", as_dtype(value).as_datatype_enum
    return "", None
