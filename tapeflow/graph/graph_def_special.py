"""Operations that a `GraphDef` has in another form: branches, loops, lists of tensors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..base import dtypes
from ..base.dtypes import DType
from ..core.symbol import Symbol
from .graph_def_nodes import Body, Functions, Special, fill_attr
from .ir import Node
from .parts import is_repeatable
from .plan import needed
from .shown import must_run
from .tensor_proto import fill_shape
from .trace import FuncGraph, Part

# -- functions


class _Function:
    """A part, or a function, while it is written as a `FunctionDef`.

    Args:
      functions: the library.
      part: its graph.
      nodes: those of its nodes that are written.
      arguments: for each argument its dtype and the placeholders that stand for it in the part.
      more: operations that only programs see.
    """

    def __init__(
        self,
        functions: Functions,
        part: FuncGraph,
        nodes: Sequence[Node],
        arguments: Sequence[tuple[DType, Sequence[Symbol]]],
        more: Iterable[Node] = (),
    ) -> None:
        self.message = functions.new(part.name)
        self.signature = self.message.signature
        self.body = Body(self.message.node_def, functions, part, is_function=True)
        self.body.names -= {x.op.name for _, placeholders in arguments for x in placeholders}
        for dtype, placeholders in arguments:
            name = self.body.unique(_plain_name(placeholders[0].op.name if placeholders else "unused"))
            self.signature.input_arg.add(name=name, type=dtype.as_datatype_enum)
            self.body.refs.update((id(x), name) for x in placeholders)
        self.arguments = [arg.name for arg in self.signature.input_arg]
        self.body.write(nodes, more)
        self.signature.is_stateful = not all(map(is_repeatable, nodes))
        for node in filter(must_run, nodes):
            self.signature.control_output.append(node.name)
            self.message.control_ret[node.name] = node.name

    def returns(self, dtype: DType, ref: str, name: str = "") -> None:
        """Adds an output."""
        name = name or f"output_{len(self.signature.output_arg)}"
        self.signature.output_arg.add(name=name, type=dtype.as_datatype_enum)
        self.message.ret[name] = ref


def function_def(graph: FuncGraph, name: str, functions: Functions) -> Any:
    """A traced function as a `FunctionDef`; those of its parts go into the library `functions`."""
    shown = graph.get_operations()
    more = shown[len(graph.shown.operations) :]
    arguments = [(x.dtype, [x]) for x in graph.inputs]
    function = _Function(functions, graph, graph.nodes, arguments, more)
    function.signature.name = name
    for y in graph.outputs:
        function.returns(y.dtype, function.body.ref(y), _plain_name(y.op.name))
    message = function.message
    message.attr["_construction_context"].s = b"kEagerRuntime"
    for i, x in enumerate(graph.inputs):
        attrs = message.arg_attr[i].attr
        fill_attr(attrs, "_user_specified_name", graph.given_name(x.op))
        if x.dtype is not dtypes.resource:
            fill_shape(attrs["_output_shapes"].list.shape.add(), x._array.static)
    return message


def _plain_name(name: str) -> str:
    """A name as arguments may have it: small letters, digits and underscores."""
    name = re.sub(r"[^a-z0-9_]", "_", name.lower())
    return name if name[:1].isalpha() else f"arg_{name}"


def _function_attr(message: Any, key: str, functions: Sequence[_Function], is_list: bool = False) -> None:
    for function in functions:
        place = message.attr[key].list.func.add() if is_list else message.attr[key].func
        place.name = function.signature.name


def _dtypes_of(symbols: Sequence[Symbol]) -> list[DType]:
    return [x.dtype for x in symbols]


def _shapes_attr(message: Any, symbols: Sequence[Symbol]) -> None:
    shapes = message.attr["output_shapes"].list
    shapes.SetInParent()
    for x in symbols:
        fill_shape(shapes.shape.add(), x._array.static)
    fill_attr(message.attr, "_lower_using_switch_merge", True)


def _prefix(functions: Sequence[_Function]) -> str:
    return "" if any(function.signature.is_stateful for function in functions) else "Stateless"


# -- branches


def _branches(body: Body, node: Node) -> None:
    """`If` and `Case`: all branches take all inputs, and give what any of them keeps for the gradient."""
    functions = [_branch(body, node, part, link) for part, link in zip(node.attrs["branches"], node.attrs["links"])]
    index, *args = node.args
    attrs: dict[str, Any] = {"Tin": _dtypes_of(args), "Tout": _dtypes_of(node.outputs)}
    if node.op.name == "If":
        attrs["Tcond"] = index.dtype
    message = body.add(node, _prefix(functions) + node.op.name, [body.ref(x) for x in node.args], attrs)
    if node.op.name == "If":
        _function_attr(message, "then_branch", functions[:1])
        _function_attr(message, "else_branch", functions[1:])
    else:
        _function_attr(message, "branches", functions, is_list=True)
    _shapes_attr(message, node.outputs)


def _branch(body: Body, node: Node, part: Part, link: Any) -> _Function:
    placeholders: list[list[Symbol]] = [[] for _ in node.args[1:]]
    for placeholder, i in link:
        placeholders[i].append(placeholder)
    own = [y for y in node.attrs["saved"] if y.graph is part]
    arguments = [(x.dtype, found) for x, found in zip(node.args[1:], placeholders)]
    function = _Function(body.functions, part, needed(part, [*part.results, *own]), arguments)
    for y in part.results:
        function.returns(y.dtype, function.body.ref(y))
    for y in node.attrs["saved"]:
        function.returns(y.dtype, function.body.ref(y) if y.graph is part else _nothing(function.body, y))
    return function


def _nothing(body: Body, like: Symbol) -> str:
    """What a branch gives in place of a value that only another one has."""
    if like.dtype is dtypes.variant:
        return body.helper("none", "OptionalNone", [])
    zero = b"" if like.dtype is dtypes.string else 0
    return body.constant("zeros", zero, like.dtype, tuple(n or 0 for n in like._array.static or ()))


# -- loops


def _while(body: Body, node: Node) -> None:
    """`While`. Its variables: ours, the number of iterations, lists kept for the gradient, what is captured."""
    count: int = node.attrs["count"]
    history: list[Symbol] = node.attrs["history"]
    variables, captured = node.args[:count], node.args[count:]
    kinds = [*_dtypes_of(variables), dtypes.int32, *[dtypes.variant] * len(history), *_dtypes_of(captured)]
    functions = []
    for part, link in zip((node.attrs["cond"], node.attrs["body"]), node.attrs["links"]):
        placeholders: list[list[Symbol]] = [[] for _ in kinds]
        for i in range(count):
            placeholders[i].append(part.inputs[i])
        for placeholder, i in link:
            placeholders[i + 1 + len(history)].append(placeholder)
        wanted = [*part.results, *(x for x in history if x.graph is part)]
        functions.append(_Function(body.functions, part, needed(part, wanted), list(zip(kinds, placeholders))))
    condition, step = functions
    (test,) = node.attrs["cond"].outputs
    condition.returns(dtypes.bool, condition.body.ref(test))
    _step_returns(step, node, kinds)
    start = [
        *(body.ref(x) for x in variables),
        body.constant(f"{node.name}/loop_counter", 0),
        *(_empty_list(body, node, x) for x in history),
        *(body.ref(x) for x in captured),
    ]
    attrs = {"T": kinds, "parallel_iterations": 10}
    message = body.add(node, _prefix(functions) + "While", start, attrs, [x._array.static for x in captured])
    _function_attr(message, "cond", [condition])
    _function_attr(message, "body", [step])
    _shapes_attr(message, [*node.outputs, *captured])


def _step_returns(step: _Function, node: Node, kinds: Sequence[DType]) -> None:
    count, history, body = node.attrs["count"], node.attrs["history"], step.body
    results = [body.ref(y) for y in node.attrs["body"].outputs]
    one = body.constant("loop_counter/y", 1)
    results.append(body.helper("loop_counter", "AddV2", [step.arguments[count], one], T=dtypes.int32))
    for i, x in enumerate(history, count + 1):
        inputs = [step.arguments[i], body.ref(x)]
        results.append(body.helper("history", "TensorListPushBack", inputs, element_dtype=x.dtype))
    results += step.arguments[len(results) :]
    for dtype, ref in zip(kinds, results):
        step.returns(dtype, ref)


def _empty_list(body: Body, node: Node, like: Symbol) -> str:
    shape = _element_shape(body, node, like._array.static)
    most = body.constant(f"{node.name}/max_num_elements", -1)
    attrs = {"element_dtype": like.dtype, "shape_type": dtypes.int32}
    return body.helper(f"{node.name}/history", "EmptyTensorList", [shape, most], **attrs)


# -- lists of tensors


def _element_shape(body: Body, node: Node, shape: Any) -> str:
    value = -1 if shape is None else [-1 if n is None else int(n) for n in shape]
    return body.constant(f"{node.name}/element_shape", value)


def _of_items(body: Body, node: Node, item: Symbol) -> str:
    """The shape of an item, for `item` that has them along its first dimension."""
    shape = item._array.static
    if shape is not None and None not in shape[1:]:
        return _element_shape(body, node, shape[1:])
    return body.pick(node.name, body.shape(node.name, item), 1, rest=True)


def _reserve(body: Body, node: Node) -> None:
    shape = _element_shape(body, node, node.attrs["element_shape"])
    attrs = {"element_dtype": node.attrs["element_dtype"], "shape_type": dtypes.int32}
    body.add(node, node.type, [shape, body.ref(node.args[0])], attrs)


def _from_tensor(body: Body, node: Node) -> None:
    tensor, *lengths = node.args
    shape = tensor._array.static
    given = _element_shape(body, node, shape if shape is None else [None, *shape[2:]] if lengths else shape[1:])
    attrs = {"element_dtype": tensor.dtype, "shape_type": dtypes.int32}
    body.add(node, node.type, [body.ref(tensor), given, *(body.ref(x) for x in lengths)], attrs)


def _set_item(body: Body, node: Node) -> None:
    attrs = {"element_dtype": node.args[2].dtype, "resize_if_index_out_of_bounds": node.attrs["resize"]}
    body.add(node, node.type, [body.ref(x) for x in node.args], attrs)


def _get(body: Body, node: Node) -> None:
    """One item, or all, of the shape that the node says."""
    inputs = [*(body.ref(x) for x in node.args), _element_shape(body, node, node.attrs["element_shape"])]
    attrs = {"element_dtype": node.attrs["element_dtype"]}
    if "num_elements" in node.attrs:
        attrs["num_elements"] = -1 if node.attrs["num_elements"] is None else int(node.attrs["num_elements"])
    body.add(node, node.type, inputs, attrs)


def _get_like(body: Body, node: Node) -> None:
    """One item, some or all, of the shape that another tensor has."""
    op = {"TensorListGetLike": "TensorListGetItem", "TensorListStackLike": "TensorListStack"}.get(
        node.type, "TensorListGather"
    )
    like = node.args[-1]
    shape = body.shape(node.name, like) if op == "TensorListGetItem" else _of_items(body, node, like)
    inputs = [*(body.ref(x) for x in node.args[:-1]), shape]
    body.add(node, op, inputs, {"element_dtype": like.dtype})


def _concat(body: Body, node: Node) -> None:
    shape = _element_shape(body, node, node.attrs["element_shape"])
    lengths = body.constant(f"{node.name}/leading_dims", [], dtypes.int64)
    attrs = {"element_dtype": node.attrs["element_dtype"], "shape_type": dtypes.int32}
    body.add(node, node.type, [body.ref(node.args[0]), shape, lengths], attrs, [(None,)])


def _scatter(body: Body, node: Node) -> None:
    handle, indices, tensor = node.args
    inputs = [body.ref(handle), body.ref(tensor), body.ref(indices)]
    body.add(node, node.type, inputs, {"element_dtype": tensor.dtype})


def _add_lists(body: Body, node: Node) -> None:
    body.add(node, "AddN", [body.ref(x) for x in node.args], {"N": 2, "T": dtypes.variant})


# -- others


def _identities(body: Body, node: Node) -> None:
    """`IdentityN`, and the node of a custom gradient, of which the gradient's own inputs are left out."""
    args = node.args[: len(node.outputs)]
    body.add(node, "IdentityN", [body.ref(x) for x in args], {"T": _dtypes_of(args)})


def _python(body: Body, node: Node) -> None:
    """A Python function: only the process that made it can run it."""
    token = getattr(node.attrs.get("func"), "__qualname__", "function")
    attrs = {"Tin": _dtypes_of(node.args), "Tout": _dtypes_of(node.outputs), "token": f"{token}_{id(node):x}"}
    body.add(node, node.type, [body.ref(x) for x in node.args], attrs)


SPECIAL: dict[str, Special] = {
    "If": _branches,
    "Case": _branches,
    "While": _while,
    "IdentityN": _identities,
    "EagerPyFunc": _python,
    "PyFunc": _python,
    "PyFuncStateless": _python,
    "TensorListReserve": _reserve,
    "TensorListFromTensor": _from_tensor,
    "TensorListSplit": _from_tensor,
    "TensorListSetItem": _set_item,
    "TensorListGetItem": _get,
    "TensorListStack": _get,
    "TensorListGetLike": _get_like,
    "TensorListStackLike": _get_like,
    "TensorListGatherLike": _get_like,
    "TensorListConcatV2": _concat,
    "TensorListScatterIntoExistingList": _scatter,
    "TensorListAdd": _add_lists,
}
