"""`If` and `Case` in graphs: one node with the branches as parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors, nest
from ..base.context import building, context
from ..core.convert import convert
from ..core.indexed_slices import IndexedSlices
from ..core.op import OPS, Op
from ..core.symbol import Symbol
from ..core.tensor_list import TensorList
from ..ops.common import zeros_like
from .ir import Node
from .node import brackets
from .parts import (
    Backward,
    add_node,
    copied,
    differentiable,
    draws,
    dynamic_shape,
    entered,
    hoist_reads,
    linked,
    packed,
    same_structure,
    unrepeatable,
)  # fmt: skip
from .plan import WRITERS, is_number
from .replay import REPLAYERS, Replay
from .trace import FuncGraph, Part, trace_part


def _op(name: str) -> Op:
    return Op(name, "index:Tindex, input:N*T -> output:M*U", lambda xp, *_: None, shape=lambda *_: ())


# `If` takes a bool, its first branch is for True; `Case` takes an int, its last branch is for all other numbers too.
IF, CASE = _op("If"), _op("Case")


def branch(op: Op, index: Any, functions: Sequence[Callable[[], Any]], names: Sequence[str], what: str) -> Any:
    """Adds a node that calls one of `functions`; what it returns, in its structure.

    Args:
      op: IF or CASE.
      index: a scalar Symbol, bool for IF, int32 for CASE.
      functions: the branches.
      names: what errors call the branches.
      what: what errors call the whole.
    """
    parts = tuple(trace_part(name, function) for name, function in zip(names, functions))
    _match_indices(parts)
    same_structure(parts, names, what)
    hoist_reads(parts)
    shapes = [_common(ys) for ys in zip(*(part.results for part in parts))]
    outputs = [(y.dtype, shape) for y, shape in zip(parts[0].results, shapes)]
    node = _branched(op, index, parts, outputs, what.removeprefix("tf."))
    return packed(parts[0].structured_outputs, node.outputs)


def _match_indices(parts: Sequence[Part]) -> None:
    """Slices that branches return in one place get indices of one dtype: int64, if they differ."""
    results = [nest.flatten(part.structured_outputs) for part in parts]
    for slices in zip(*results):
        if len({x.indices.dtype for x in slices if isinstance(x, IndexedSlices)}) > 1:
            for part, x in zip(parts, slices):
                _widen_indices(part, x)


def _widen_indices(part: Part, x: Any) -> None:
    if not isinstance(x, IndexedSlices) or x.indices.dtype is dtypes.int64:
        return
    with building(part):
        wide = IndexedSlices(x.values, OPS["Cast"](x.indices, DstT=dtypes.int64), x.dense_shape)
        part.returns(nest.map_structure(lambda y: wide if y is x else y, part.structured_outputs))


def _branched(op: Op, index: Any, parts: tuple[Part, ...], outputs: Any, name: str, **more: Any) -> Node:
    args: list[Symbol] = []
    links = linked(parts, args)
    saved = tuple(y for part in parts for y in unrepeatable(part))
    attrs = {"branches": parts, "links": links, "saved": saved, **more}
    return add_node(op, (index, *args), attrs, [*outputs, *((y.dtype, dynamic_shape(y)) for y in saved)], name)


def _common(symbols: Sequence[Symbol]) -> Any:
    """The shape that fits the outputs of all branches."""
    shape = symbols[0].shape
    for other in symbols[1:]:
        shape = shape.most_specific_compatible_shape(other.shape)
    return shape._dims


def graph_call(part: FuncGraph, symbols: Sequence[Symbol], values: Sequence[Any]) -> list[Symbol]:
    """A call of a function that is to run on XLA, whatever runs the graph: a `Case` of one branch.

    Args:
      part: the function's graph.
      symbols: its inputs and the placeholders of its captures.
      values: for each of them a Symbol of the open graph, or the handle of a Variable.
    """
    saved = tuple(unrepeatable(part))
    links = (tuple((symbol, i) for i, symbol in enumerate(symbols)),)
    attrs = {"branches": (part,), "links": links, "saved": saved, "on_xla": True}
    outputs = [(y.dtype, dynamic_shape(y)) for y in (*part.results, *saved)]
    node = add_node(CASE, (context.graph.own(convert(0)), *values), attrs, outputs, part.name)
    return node.outputs[: len(part.results)]


def graph_cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`tf.cond` in a graph."""
    if isinstance(pred, bool):
        raise TypeError("pred must not be a Python bool", pred)
    pred = predicate(convert(pred))
    return branch(IF, context.graph.own(pred), (true_fn, false_fn), ("true_fn", "false_fn"), "tf.cond")


def predicate(pred: Any) -> Any:
    """`pred` as a boolean scalar, if it has one element: TensorFlow refuses others when the function runs."""
    if pred.shape.rank != 0:
        pred = OPS["Squeeze"](pred)
    if pred.shape.rank:
        raise errors.invalid(f"The second input must be a scalar, but it has shape {brackets(pred._array.static)}")
    if pred.dtype is not dtypes.bool:
        raise errors.invalid(f"Input 'pred' passed {pred.dtype.cpp_name} expected bool")
    return _scalar(pred)


def _scalar(x: Any) -> Any:
    """`x`, which is found to be a scalar when the function runs, if not now."""
    return OPS["EnsureShape"](x, shape=()) if x.shape.rank is None else x


def graph_switch(index: Any, functions: Sequence[Callable[[], Any]]) -> Any:
    """`tf.switch_case` in a graph."""
    names = [f"branches[{i}]" for i in range(len(functions))]
    index = OPS["Cast"](index, DstT=dtypes.int32) if index.dtype is not dtypes.int32 else index
    return branch(CASE, context.graph.own(_scalar(index)), functions, names, "tf.switch_case")


# -- gradients


def _gradient(
    g: Any, output: Any, *inputs: Any, branches: Any, links: Any, saved: Any, **more: Any
) -> Any:
    """A node with the branches' gradients: each computes again what it needs, but for what must not be."""
    gs = list(g) if isinstance(g, tuple) else [g]
    index, *args = inputs
    count = len(branches[0].results)
    kept = (output if isinstance(output, tuple) else (output,))[count:]
    owned = [context.graph.own(x) for x in args]
    wanted = [i for i, x in enumerate(args) if differentiable(x) or x.dtype is dtypes.resource]

    def backward(k: int, gs: list[Any]) -> Callable[[], Any]:
        part, link = branches[k], links[k]

        def run() -> list[Any]:
            own = [(y, value, gy) for y, value, gy in zip(saved, kept, gs[count:]) if y.graph is part]
            place = {i: n for n, (_, i) in enumerate(link)}
            again = Backward(
                part, [p for p, _ in link], [context.graph.own(owned[i]) for _, i in link],
                [y for y, _, _ in own], [context.graph.own(value) for _, value, _ in own],
            )  # fmt: skip
            grads = again.gradients([*gs[:count], *(gy for _, _, gy in own)])
            return [grads[place[i]] if i in place else None for i in wanted]

        return run

    def traced(gs: list[Any]) -> tuple[list[Part], list[bool]]:
        trials = [trace_part(f"grad_{k}", backward(k, gs)) for k in range(len(branches))]
        return trials, [any(part.structured_outputs[n] is not None for part in trials) for n in range(len(wanted))]

    trials, flows = traced(gs)
    ys = output if isinstance(output, tuple) else (output,)
    if any(one is None and _counts(y) for one, y in zip(gs, ys[:count])):
        # As in TensorFlow, what counts for an output whose gradient is not asked for has a gradient of 0, not None.
        zeros = [zeros_like(y) if one is None and _counts(y) else one for one, y in zip(gs, ys[:count])]
        flows = traced([*zeros, *gs[count:]])[1]
    if not any(flows):
        return [None] * len(inputs)
    parts = tuple(_with_zeros(part, [owned[i] for i in wanted], flows) for part in trials)
    outputs = [(x.dtype, dynamic_shape(x) if x.dtype is not dtypes.resource else None) for x in parts[0].results]
    op = IF if index.dtype is dtypes.bool else CASE
    grads = iter(_branched(op, context.graph.own(index), parts, outputs, "gradients/cond", **more).outputs)
    found = {i: next(grads) for i, flow in zip(wanted, flows) if flow}
    return [None, *(found.get(i) for i in range(len(args)))]


def _counts(x: Any) -> bool:
    return differentiable(x) and x.dtype is not dtypes.variant


def _with_zeros(part: Part, like: Sequence[Any], flows: Sequence[bool]) -> Part:
    """The part with zeros for the gradients that only another branch has."""
    with building(part):
        values = [
            zeros_of(x) if y is None else y for x, y, flow in zip(like, part.structured_outputs, flows) if flow
        ]
        part.returns(values)
    return part


def zeros_of(x: Any) -> Any:
    """Zeros of the shape of a Tensor, of a Variable's value, or an empty list for a list."""
    if x.dtype is dtypes.resource:
        return zeros_like(x.graph.uses[x._id].__tf_tensor__())
    return zeros_like(x)


IF.gradient(_gradient)
CASE.gradient(_gradient)


# -- running


def _write(writer: Any, node: Node) -> None:
    """Python's own `if`."""
    attrs = node.attrs
    writer_index = writer.name(node.args[0])
    count, results_count = len(attrs["branches"]), len(attrs["branches"][0].results)
    kept = [(x, y) for x, y in zip(attrs["saved"], node.outputs[results_count:]) if id(y) in writer.live]
    names = [*map(writer.name, node.outputs[:results_count]), *(writer.name(y) for _, y in kept)]
    if attrs.get("on_xla"):
        _write_call(writer, node)
        return
    if writer.loops:
        writer.unboxed.update(id(y) for y in node.outputs if is_number(y))
    if node.op is CASE:
        number = f"n{next(writer.counter)}"
        writer.line(f"{number} = int({writer_index})")
    for k, (part, link) in enumerate(zip(attrs["branches"], attrs["links"])):
        if node.op is IF:
            writer.line(f"if {writer_index}:" if k == 0 else "else:")
        elif k == count - 1:
            writer.line("else:" if count > 1 else "if True:")
        else:
            writer.line(f"{'if' if k == 0 else 'elif'} {number} == {k}:")
        for placeholder, i in link:
            writer.names[id(placeholder)] = writer.name(node.args[1 + i])
            if writer.loops and is_number(placeholder):
                writer.unboxed.add(id(placeholder))
        writer.depth += 1
        engine = None if kept else _engine_of(part, link)
        if engine is not None:
            arguments = ", ".join(writer.argument(node.args[1 + i]) for _, i in link)
            writer.line(f"{', '.join(names)}, = {writer.constant(engine)}({arguments})")
            writer.depth -= 1
            continue
        own = [x for x, _ in kept if x.graph is part]
        results = iter(writer.body(part, [*part.results, *own]))
        values = [next(results) for _ in part.results]
        values += [next(results) if x.graph is part else writer.constant(_absent(x)) for x, _ in kept]
        writer.line(f"{', '.join(names)}, = {', '.join(values)}," if names else "pass")
        writer.free([*part.results, *own])
        writer.depth -= 1
    writer.own.update(map(id, node.outputs))


def _absent(x: Symbol) -> Any:
    """What stands for the result of a branch that is not taken: only the gradient of that branch looks at it."""
    if x.dtype is dtypes.variant:
        return TensorList([])
    shape = [n if type(n) is int else 0 for n in x._array.dims or ()]
    return np.broadcast_to(np.zeros((), x._array.dtype), shape)


def _engine_of(part: FuncGraph, link: Any) -> Any:
    """What runs a branch that takes an element out of an Optional, and computes: one of several steps of a call."""
    takes = any(node.type == "OptionalGetValue" for node in part.nodes)
    if not takes or not part.results or part.root().jit_compile is False:
        return None
    from .engine import staged_for

    return staged_for(part, part.results, [placeholder for placeholder, _ in link])


def _write_call(writer: Any, node: Node) -> None:
    """A call of the engine on which the one branch is to run."""
    from .engine import engine_for  # late, as in concrete.py

    (part,), (link,) = node.attrs["branches"], node.attrs["links"]
    engine = engine_for(part, [*part.results, *node.attrs["saved"]], [p for p, _ in link], True)
    names = [writer.name(y) for y in node.outputs]
    arguments = ", ".join(writer.argument(node.args[1 + i]) for _, i in link)
    targets = "".join(f"{name}, " for name in names)
    writer.line(f"{targets}{'= ' if names else ''}{writer.constant(engine)}({arguments})")


def _replay(node: Node, replay: Replay) -> Any:
    attrs = node.attrs
    args = [replay.value(x) for x in node.args]
    if context.graph is not None:
        if draws(node):
            args, attrs = _redrawn(attrs, args)
        return add_node(node.op, args, attrs, [(y.dtype, dynamic_shape(y)) for y in node.outputs], node.name).outputs
    if node.op is IF:
        k = 0 if bool(args[0]) else 1
    else:
        count = len(attrs["branches"])
        k = int(args[0]) if 0 <= int(args[0]) < count else count - 1
    part, link = attrs["branches"][k], attrs["links"][k]
    inner = Replay(part, [p for p, _ in link], [args[1 + i] for _, i in link])
    own = [y for y in attrs["saved"] if y.graph is part]
    results = inner.run([*part.results, *own])
    extra = iter(results[len(part.results) :])
    return [*results[: len(part.results)], *(next(extra) if y.graph is part else None for y in attrs["saved"])]


def _redrawn(attrs: dict[str, Any], args: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments and attributes for a copy of a node, whose branches draw from streams of their own."""
    index, *own = map(entered, args)
    copies = [
        copied(part, link, own, [y for y in attrs["saved"] if y.graph is part])
        for part, link in zip(attrs["branches"], attrs["links"])
    ]
    parts, inputs = tuple(part for part, _ in copies), list[Any]()
    links = linked(parts, inputs)
    saved = tuple(y for _, kept in copies for y in kept)
    return [index, *inputs], {**attrs, "branches": parts, "links": links, "saved": saved}


for _one in (IF, CASE):
    WRITERS[_one.name] = _write
    REPLAYERS[_one.name] = _replay
