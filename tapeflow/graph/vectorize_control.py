"""How branches, loops, lists of tensors and indices are done for all elements of a `tf.vectorized_map` at once.

Branches whose choice, and loops whose number of iterations is the same for all elements stay what they are, with
vectorized parts. The others run for one element after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..base.context import context
from ..base.dtypes import variant
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.execute import execute
from ..core.registry import OPS
from ..core.symbol import Symbol
from ..ops.common import shape_of
from .branches import CASE, IF, branch
from .ir import Node
from .loops import graph_while
from .parts import parts_of
from .trace import Part
from .vectorize_call import Call, NoRuleError, Rule, depends, moved, repeated
from .vectorize_rules import DRAWS, RULES, SHARED

if TYPE_CHECKING:
    from .vectorize import Vectorized

Control: TypeAlias = "Callable[[Node, Vectorized], Any]"

# Ops that go through the elements in order even where their inputs are the same for all.
ORDERED = frozenset(["RandomShuffle"])


# -- which Symbols of a part depend on the elements


def varies(node: Node, batched: set[int]) -> bool:
    """Whether what a node does is not the same for all elements, if the Symbols `batched` are not."""
    if node.op.name in DRAWS or node.op.name in ORDERED:
        return True
    if any(depends(x, batched) for x in node.args):
        return node.op.name not in SHARED
    return any(varies(inner, set()) for part in parts_of(node) for inner in part.nodes)


def _dependent(part: Part, batched: Iterable[int]) -> set[int]:
    """Which Symbols of a part may depend on the elements if those in `batched` do."""
    found = set(batched)
    for node in part.nodes:
        if varies(node, found):
            found.update(map(id, node.outputs))
    return found


def _entering(part: Part, link: Any, flags: Sequence[bool]) -> set[int]:
    return {id(placeholder) for placeholder, i in link if flags[i]}


# -- branches


def _branched(node: Node, run: Vectorized) -> Any:
    attrs = node.attrs
    flags = [id(x) in run.batched for x in node.args]
    if flags[0] or attrs["saved"]:
        raise NoRuleError
    index, *args = map(run.value, node.args)
    enters = [_entering(part, link, flags[1:]) for part, link in zip(attrs["branches"], attrs["links"])]
    parts = list(zip(attrs["branches"], attrs["links"], enters))
    wanted = [False] * len(node.outputs)
    for part, _, own in parts:
        dependent = _dependent(part, own)
        wanted = [flag or id(y) in dependent for flag, y in zip(wanted, part.results)]

    def one(part: Part, link: Any, own: set[int]) -> Callable[[], list[Any]]:
        return lambda: run.part(part, [p for p, _ in link], [args[i] for _, i in link], own, wanted)

    functions = [one(*each) for each in parts]
    run.batched.update(id(y) for y, flag in zip(node.outputs, wanted) if flag)
    if context.graph is None:
        k = int(not index) if node.op is IF else int(index)
        return functions[k if 0 <= k < len(functions) else -1]()
    return branch(node.op, index, functions, [f"branch_{k}" for k in range(len(functions))], node.op.name)


# -- loops


def _looped(node: Node, run: Vectorized) -> Any:
    attrs = node.attrs
    count: int = attrs["count"]
    condition, body = attrs["cond"], attrs["body"]
    flags = [id(x) in run.batched for x in node.args]
    if attrs["history"]:
        raise NoRuleError
    links = attrs["links"]
    _spread(body, links[1], flags, count)
    enters = [
        _entering(part, link, flags) | {id(x) for x, flag in zip(part.inputs, flags) if flag}
        for part, link in zip((condition, body), links)
    ]
    if id(condition.outputs[0]) in _dependent(condition, enters[0]):
        raise NoRuleError
    args = [run.value(x) for x in node.args]
    values = [
        _full(node, run, i, x) if flag and id(x) not in run.batched else value
        for i, (x, value, flag) in enumerate(zip(node.args[:count], args, flags))
    ]

    def part_of(part: Part, link: Any, own: set[int], wanted: Sequence[bool]) -> Callable[..., list[Any]]:
        symbols = [*part.inputs, *(p for p, _ in link)]
        return lambda *now: run.part(part, symbols, [*now, *(args[i] for _, i in link)], own, wanted)

    going = part_of(condition, links[0], enters[0], [False])
    step = part_of(body, links[1], enters[1], flags[:count])
    run.batched.update(id(y) for y, flag in zip(node.outputs, flags[:count]) if flag)
    if context.graph is not None:
        return _in_graph(node, run, going, step, values, flags)
    trips = 0
    while going(*values)[0]:
        values, trips = step(*values), trips + 1
    return [*values, OPS["Cast"](trips, DstT=node.outputs[count].dtype)]


def _spread(body: Part, link: Any, flags: list[bool], count: int) -> None:
    """Sets the flags of the variables that come to depend on the elements in the course of the loop."""
    while True:
        dependent = _dependent(
            body, _entering(body, link, flags) | {id(x) for x, flag in zip(body.inputs, flags) if flag}
        )
        new = [flag or id(y) in dependent for flag, y in zip(flags, body.outputs)]
        if new == flags[:count]:
            return
        flags[:count] = new


def _full(node: Node, run: Vectorized, i: int, x: Symbol) -> Any:
    call = Call(node.op, [run.value(x)], {}, [False], run.size, (), [x])
    return _full_list(call, 0) if x.dtype is variant else call.full(0)


def _in_graph(
    node: Node, run: Vectorized, going: Callable[..., Any], step: Callable[..., Any], values: list[Any],
    flags: Sequence[bool],
) -> Any:  # fmt: skip
    shapes: list[Any] = [()]
    for y, flag in zip(node.outputs, flags[: len(values)]):
        static = y._array.static
        known = () if y.dtype is variant else static if not flag or static is None else (run.known_size, *static)
        shapes.append(TensorShape(known))
    trips, *results = graph_while(
        lambda _, *now: going(*now)[0], lambda i, *now: [i + 1, *step(*now)], [0, *values], shapes, None
    )
    return [*results, trips]


# -- a slice `x[i]` at an index that depends on the element


def _sliced(node: Node, run: Vectorized) -> Any:
    run.batched.update(map(id, node.outputs))
    x, begin, end, strides = node.args
    if not any(depends(n, run.batched) for n in (begin, end, strides)):
        return RULES[node.op.name](run.call(node))
    place = _only_index(begin, end, strides, node.attrs, run.batched)
    index = run.values[id(begin[place].operands[0])]
    size = Call(node.op, [run.value(x)], {}, [id(x) in run.batched], run.size).shape(0)[place]
    index = OPS["SelectV2"](OPS["Less"](index, OPS["ZerosLike"](index)), index + convert(size, index.dtype), index)
    rows = RULES["GatherV2"](
        Call(OPS["GatherV2"], [run.value(x), index, place], {}, [id(x) in run.batched, True, False], run.size)
    )
    rest = [run.value((*n[:place], *n[place + 1 :])) for n in (begin, end, strides)]
    masks = {key: mask & (1 << place) - 1 | mask >> place + 1 << place for key, mask in node.attrs.items()}
    return RULES[node.op.name](Call(node.op, [rows, *rest], masks, [True, False, False, False], run.size))


def _only_index(begin: Any, end: Any, strides: Any, attrs: dict[str, Any], batched: set[int]) -> int:
    """At which place there is an index, if at that alone there is something that depends on the elements."""
    if not all(type(n) is tuple for n in (begin, end, strides)):
        raise NoRuleError
    places = [i for i, bounds in enumerate(zip(begin, end, strides)) if any(depends(n, batched) for n in bounds)]
    before = (2 << places[0]) - 1
    index = begin[places[0]]
    if (
        len(places) > 1 or not attrs["shrink_axis_mask"] >> places[0] & 1
        or (attrs["ellipsis_mask"] | attrs["new_axis_mask"]) & before
        or index.function is not None or id(index.operands[0]) not in batched
    ):  # fmt: skip
        raise NoRuleError
    return places[0]


CONTROL: dict[str, Control] = {
    IF.name: _branched, CASE.name: _branched, "While": _looped, "StridedSlice": _sliced,
}  # fmt: skip


# -- lists of tensors: the items have the elements along their first dimension


def _full_list(call: Call, i: int) -> Any:
    """A list whose items have the elements along their first dimension."""
    if call.batched[i]:
        return call.args[i]
    made: Node = call.symbols[i]._node
    if made.type == "TensorListReserve":
        shape = made.attrs.get("element_shape")
        new = {**made.attrs, "element_shape": _more(call, shape)}
        return execute(made.op, (OPS["TensorListLength"](call.args[i]),), new)
    if made.type == "TensorListSetItem":
        return _list_of(call, call.args[i], made.args[2]._array.static, made.args[2].dtype)
    if made.type == "TensorListFromTensor":
        x = made.args[0]
        return _list_of(call, call.args[i], x._array.static and x._array.static[1:], x.dtype)
    raise NoRuleError


def _list_of(call: Call, handle: Any, shape: Any, dtype: Any) -> Any:
    """The list with every item, of that shape, repeated for the elements."""
    if shape is None:
        raise NoRuleError
    stacked = OPS["TensorListStack"](handle, element_shape=shape, element_dtype=dtype)
    rows = repeated(stacked, call.size, shape_of(stacked))
    return OPS["TensorListFromTensor"](moved(rows, len(shape) + 2, 0, 1))


def _more(call: Call, shape: Any) -> Any:
    """An item's shape, as far as it is known, with the number of elements before it."""
    return None if shape is None else (call.size if type(call.size) is int else None, *shape)


def _set_item(call: Call) -> Any:
    if call.batched[1]:
        raise NoRuleError
    return call.run(_full_list(call, 0), call.args[1], call.full(2))


def _get_item(call: Call) -> Any:
    call.only(0)
    return call.run(*call.args, element_shape=_more(call, call.attrs["element_shape"]))


def _stack(call: Call) -> Any:
    stacked = call.run(*call.args, element_shape=_more(call, call.attrs["element_shape"]))
    if stacked.ndim is None:
        raise NoRuleError
    return moved(stacked, stacked.ndim, 1, 0)


def _from_tensor(call: Call) -> Any:
    return call.run(moved(call.args[0], call.rank(0) + 1, 0, 1))


LISTS: dict[str, Rule] = {
    "TensorListSetItem": _set_item, "TensorListGetItem": _get_item, "TensorListStack": _stack,
    "TensorListFromTensor": _from_tensor,
}  # fmt: skip
