"""Operations of a graph as `NodeDef`s: names, inputs, attributes as TensorFlow writes them."""

from __future__ import annotations

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
from ..core.symbol import Symbol
from ..core.tensor import Tensor, at_hand
from .ir import CONST, PLACEHOLDER, Graph, Node
from .shown import LISTS_OF_TYPES, Shown, order, static_types, type_variables
from .tensor_proto import fill_shape, fill_tensor

Special = Callable[["Body", Node], None]

# Attributes of ours that TensorFlow's op has not.
OURS = {
    "EagerPyFunc": {"func", "shapes", "tapes"},
    "EagerPyFuncGrad": {"shapes", "tapes"},
    "MaxPoolGradGrad": {"explicit_paddings"},
    "PyFunc": {"func", "shapes"},
    "PyFuncStateless": {"func", "shapes"},
    "ReadVariableOp": {"shape"},
}
# And those of TensorFlow's op that ours has not.
THEIRS: dict[str, dict[str, Any]] = {"AssignVariableOp": {"validate_shape": True}, "Cast": {"Truncate": False}}
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
        self.graph = graph
        self.is_function = is_function
        self.refs: dict[int, str] = {}  # what inputs call a Symbol
        self.names = set(graph.by_name)

    # -- nodes

    def write(self, nodes: Sequence[Node], more: Iterable[Node] = ()) -> None:
        """Writes nodes, in order, with what their static inputs come from; a function's placeholders are its arguments.

        Args:
          nodes: the nodes.
          more: operations of the graph that only programs see.
        """
        self._shown = Shown(self.graph, nodes).update()
        self.names.update(self._shown.by_name)
        self._before, self._more = order(nodes), list(more)
        for node in (*self._shown.operations, *self._more):
            if not (self.is_function and node.op is PLACEHOLDER):
                self.functions.special.get(node.op.name, Body.node)(self, node)

    def node(self, node: Node) -> None:
        """Writes an operation one to one."""
        kinds = _output_kinds(node) | static_types(node) | type_variables(node)
        attrs = {**THEIRS.get(node.op.name, {}), **kinds, **_lengths(node), **node.attrs}
        if node.type == "Const" and node.op is not CONST:
            attrs = {"value": node.outputs[0].known, "dtype": node.outputs[0].dtype}
        for name in OURS.get(node.op.name, ()):
            attrs.pop(name, None)
        if node.op is PLACEHOLDER and (name := self.graph.given_name(node)):
            attrs["_user_specified_name"] = name
        self.add(node, node.type, [self.ref(x) for x in self._shown.inputs(node)], attrs)

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
        before = node.control_inputs if node in self._more else [*node.controls, *self._before.get(id(node), ())]
        return list(dict.fromkeys(other.name for other in before))

    # -- inputs

    def shape(self, scope: str, x: Symbol) -> str:
        """The shape of a Symbol when the graph runs."""
        return self.helper(f"{scope}/Shape", "Shape", [self.ref(x)], T=x.dtype, out_type=dtypes.int32)

    def pick(self, scope: str, vector: str, index: int, rest: bool = False) -> str:
        """An element of an int32 vector; with `rest` the elements from there on."""
        name = self.unique(f"{scope}/strided_slice")
        self.names.discard(name)
        bounds = (("stack", index), ("stack_1", 0 if rest else index + 1), ("stack_2", 1))
        ends = [self.constant(f"{name}/{label}", [i]) for label, i in bounds]
        masks = {"shrink_axis_mask": int(not rest), "end_mask": int(rest or index == -1)}
        return self.helper(name, "StridedSlice", [vector, *ends], T=dtypes.int32, Index=dtypes.int32, **masks)


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
