"""`While` in graphs: one node with the condition and the body as parts, and its gradient, which is a `While` too."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autodiff.tape import GradientTape
from ..base import dtypes, errors, nest, shapes
from ..base.context import context, new_id
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.indexed_slices import IndexedSlicesSpec
from ..core.op import OPS, Op
from ..core.spec import TypeSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from ..core.tensor_list import TensorList
from ..ops import tensor_lists
from .branches import predicate, zeros_of
from .ir import Node
from .parts import (
    Backward,
    add_node,
    copied,
    differentiable,
    draws,
    dynamic_shape,
    entered,
    forget_capture,
    hoist_reads,
    kept,
    linked,
    unrepeatable,
)  # fmt: skip
from .plan import WRITERS, is_number, needed
from .replay import REPLAYERS, Replay
from .trace import Part, trace_part

WHILE = Op("While", "input:N*T -> output:M*U", lambda xp, *_: None, shape=lambda *_: ())


def graph_while(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, invariants: Any, maximum: Any,
    back_prop: bool = True,
) -> Any:
    """`tf.while_loop` in a graph."""
    values = list(loop_vars)
    if maximum is not None:
        inner_cond, inner_body, limit = cond, body, convert(maximum, dtypes.int32)
        if limit.ndim:
            raise errors.invalid(
                f"The second input must be a scalar, but it has shape {shapes.show(limit.shape._dims)}. That is "
                "'maximum_iterations'."
            )

        def cond(i: Any, *rest: Any) -> Any:
            return OPS["LogicalAnd"](i < limit, inner_cond(*rest))

        def body(i: Any, *rest: Any) -> Any:
            return [i + 1, *_as_sequence(inner_body(*rest), len(values))]

        invariants = None if invariants is None else [(), *invariants]
        result = _loop(cond, body, [convert(0), *values], invariants)[1:]
    else:
        result = _loop(cond, body, values, invariants)
    if not back_prop:
        result = stopped(result)
    return result if isinstance(loop_vars, list) else nest.pack_sequence_as(loop_vars, nest.flatten(result))


def stopped(result: Any) -> Any:
    """A loop's result through which no gradient flows: what `back_prop=False` asks for."""

    def stop(x: Any) -> Any:
        return OPS["StopGradient"](x) if x.dtype.is_floating or x.dtype.is_complex else x

    return nest.map_structure(stop, result, expand_composites=True)


def _as_sequence(result: Any, count: int) -> list[Any]:
    if isinstance(result, (list, tuple)) and not (count == 1 and len(result) != 1):
        return list(result)
    return [result]


def _loop(cond: Callable[..., Any], body: Callable[..., Any], values: list[Any], invariants: Any) -> list[Any]:
    structure = nest.map_structure(_entering, values)
    flat = [context.graph.own(x) for x in nest.flatten(structure, expand_composites=True)]
    shapes = _invariant_shapes(flat, structure, invariants)

    def unpacked(symbols: Sequence[Any]) -> Any:
        return nest.pack_sequence_as(structure, list(symbols), expand_composites=True)

    like = [_Like(x, shape) for x, shape in zip(flat, shapes)]
    condition = trace_part("while_cond", lambda *args: predicate(convert(cond(*unpacked(args)))), like)

    returned: list[Any] = []

    def step(*args: Any) -> Any:
        result = _as_sequence(body(*unpacked(args)), len(values))
        nest.assert_same_structure(result, values, expand_composites=False)
        returned[:] = result
        return nest.flatten(result, expand_composites=True)

    part = trace_part("while_body", step, like)
    _check_invariant(flat, shapes, part)
    hoist_reads([condition, part])
    node = _looped(flat, condition, part, [(x.dtype, shape) for x, shape in zip(flat, shapes)])
    # In the body a TensorArray may have learnt the shape of its elements.
    packed = nest.pack_sequence_as(returned, list(node.outputs[: len(flat)]), expand_composites=True)
    return list(nest.pack_sequence_as(structure, nest.flatten(packed)))


def _entering(x: Any) -> Any:
    return x if hasattr(x, "_type_spec") and not isinstance(x, Tensor) and not hasattr(x, "assign_add") else convert(x)


class _Like:
    """What a loop's variable is like inside: the entering value, with the shape that holds throughout."""

    def __init__(self, symbol: Symbol, shape: Any) -> None:
        self.dtype = symbol.dtype
        self._array = self
        self.static = shape


def _invariant_shapes(flat: list[Symbol], structure: list[Any], invariants: Any) -> list[Any]:
    """The shapes that hold throughout, of all tensors: as asked for, or those with which they enter."""
    leaves = nest.flatten(structure)
    if invariants is None:
        given = [None] * len(leaves)
    else:
        given = nest.flatten_up_to(structure, list(invariants) if nest.is_nested(invariants) else [invariants])
    shapes = [shape for leaf, one in zip(leaves, given, strict=True) for shape in _component_shapes(leaf, one)]
    for x, shape in zip(flat, shapes, strict=True):
        if not x.shape.is_subtype_of(TensorShape(shape)):
            raise ValueError(
                f"The shape invariant specified for {x.name} is not compatible with the initial shape of the loop "
                f"variable. It enters the loop with shape {x.shape}, but the specified shape invariant is "
                f"{TensorShape(shape)}."
            )
    return shapes


def _component_shapes(leaf: Any, invariant: Any) -> list[Any]:
    """The shapes that hold for the tensors of a loop's variable: `invariant` is a shape, a spec, or None."""
    if isinstance(leaf, Tensor):
        if invariant is None:
            return [dynamic_shape(leaf) if isinstance(leaf, Symbol) else leaf.shape._dims]
        return [TensorShape(getattr(invariant, "shape", invariant))._dims]
    spec = invariant if isinstance(invariant, TypeSpec) else leaf._type_spec
    if spec is not invariant and invariant is not None and hasattr(spec, "_shape"):
        spec = _widened(spec, TensorShape(invariant))
    parts = nest.flatten(spec._component_specs, expand_composites=True)
    return [() if x.dtype is dtypes.variant else x.shape._dims for x in parts]


def _widened(spec: Any, shape: TensorShape) -> Any:
    """The spec with a shape invariant: the shape of the whole, or that of a SparseTensor's `dense_shape`."""
    spec = copy.copy(spec)
    if isinstance(spec, IndexedSlicesSpec):
        spec._indices_shape = TensorShape([None])
    if type(spec).__name__ == "SparseTensorSpec":  # its module is seldom loaded
        rank = shape.with_rank(1)[0]
        shape = TensorShape(None if rank is None else [None] * rank)
    spec._shape = shape
    return spec


def _check_invariant(flat: list[Symbol], shapes: list[Any], part: Part) -> None:
    for x, shape, y in zip(flat, shapes, part.results):
        if x.dtype is not y.dtype:
            raise TypeError(
                f"Loop var {x.name} enters the loop with type {x.dtype} but has type {y.dtype} after 1 iteration. "
                f"{x.name} type should remain constant."
            )
        if not y.shape.is_subtype_of(TensorShape(shape)):
            raise ValueError(
                f"Input tensor `{x.name}` enters the loop with shape {TensorShape(shape)}, but has shape {y.shape} "
                "after one iteration. To allow the shape to vary across iterations, use the `shape_invariants` "
                "argument of tf.while_loop to specify a less-specific shape."
            )


def _looped(flat: Sequence[Any], condition: Part, part: Part, outputs: list[Any], name: str = "while") -> Node:
    """Adds the node. Its inputs: the variables' first values, then what condition and body capture."""
    args = [context.graph.own(x) for x in flat]
    links = linked((condition, part), args)
    history: list[Symbol] = []
    attrs = {"cond": condition, "body": part, "links": links, "count": len(flat), "history": history}
    outer = context.graph
    node = add_node(WHILE, args, attrs, [*outputs, (dtypes.int32, ())], name)
    if isinstance(outer, Part) and unrepeatable(part):  # a gradient of what is around cannot run it again
        for x in [*part.inputs, *unrepeatable(part)]:
            history.append(x)
            outer.output(node, dtypes.variant, ())
    return node


# -- gradient


def _sum(x: Any, y: Any) -> Any:
    """The sum of two gradients, which are lists for a list."""
    return OPS["TensorListAdd" if x.dtype is dtypes.variant else "AddV2"](x, y)


@WHILE.gradient
def _(g: Any, output: Any, *inputs: Any, cond: Part, body: Part, links: Any, count: int, history: list[Symbol]) -> Any:
    loop = _BackwardLoop(g, output, inputs, body, links[1], count, history)
    return loop.run()


class _BackwardLoop:
    """The gradient of a loop: a loop that goes through the iterations from the last to the first.

    Each iteration runs the body once more, from the values that the variables had, and differentiates it. What is dear
    to compute it does not compute again: the loop has kept it.
    """

    def __init__(
        self, g: Any, output: Any, inputs: Sequence[Any], body: Part, link: Any, count: int, history: list[Symbol]
    ) -> None:
        own = context.graph.own
        self.outputs = [own(y) for y in output]
        self.inputs = [own(x) for x in inputs]
        self.forward: Node = output[0].op
        self.body, self.link, self.count, self.history = body, link, count, history
        self.gs = list(g[:count])
        self.history_gs = dict(zip(map(id, history), g[count + 1 :]))
        self.trips = self.outputs[count]
        self.candidates: dict[int, Symbol] = {}
        self.needs = [*body.inputs, *kept(body)]
        if self.forward.op is not WHILE:  # run in an outer loop, which has kept no more than what it must not run again
            self.needs = [x for x in self.needs if any(x is y for y in history)]
        for x, y in zip(history, output[count + 1 :]):
            self.candidates[id(x)] = own(y)
        self.captured = [self.inputs[i] for _, i in link]

    def run(self) -> list[Any]:
        """The gradient of each input of the loop."""
        trial = trace_part("trial", self._trial)
        flows = trial.structured_outputs
        own_flow = [self.gs[i] is not None or flows[0][i] is not None for i in range(self.count)]
        self.variables = [i for i in range(self.count) if own_flow[i] and differentiable(self.body.inputs[i])]
        self.accumulated = [n for n, flow in enumerate(flows[1]) if flow is not None]
        start = [
            self.trips - 1,
            *(zeros_of(self.outputs[i]) if self.gs[i] is None else convert(self.gs[i]) for i in self.variables),
            *(zeros_of(self.captured[n]) for n in self.accumulated),
        ]
        flat = [context.graph.own(x) for x in start]
        shapes = [(), *(dynamic_shape(self.body.inputs[i]) for i in self.variables)]
        shapes += [dynamic_shape(x) for x in flat[len(shapes) :]]
        like = [_Like(x, shape) for x, shape in zip(flat, shapes)]
        part = trace_part("while_grad_body", self._step, like)
        condition = trace_part("while_grad_cond", lambda k, *_: k >= 0, like)
        self._keep_history(part)
        node = _looped(flat, condition, part, [(x.dtype, s) for x, s in zip(flat, shapes)], "gradients/while")
        results = node.outputs[1 : len(flat)]
        grads: list[Any] = [None] * len(self.inputs)
        for i, y in zip([*self.variables, *(self.link[n][1] for n in self.accumulated)], results):
            grads[i] = y if grads[i] is None else _sum(grads[i], y)
        return [self._or_zeros(x, g) for x, g in zip(self.inputs, grads)]

    @staticmethod
    def _or_zeros(x: Symbol, g: Any) -> Any:
        """As in TensorFlow a loop has a gradient for each tensor that goes in: of one that does not count it is 0."""
        return zeros_of(x) if g is None and differentiable(x) and x.dtype is not dtypes.variant else g

    def _again(self, k: Any, output_gradients: list[Any]) -> list[Any]:
        own = context.graph.own
        values = [self._past(x, k) for x in self.needs]
        n = len(self.body.inputs)
        again = Backward(
            self.body, [*self.body.inputs, *(p for p, _ in self.link)], [*values[:n], *map(own, self.captured)],
            self.needs[n:], values[n:],
        )  # fmt: skip
        extra = [self._past_gradient(x, past, k) for x, past in zip(self.needs[n:], values[n:])]
        found = again.gradients([*output_gradients, *extra])
        for i, x in enumerate(self.body.inputs):
            more = self._past_gradient(x, values[i], k)
            if more is not None:
                found[i] = more if found[i] is None else _sum(found[i], more)
        return found

    def _trial(self) -> Any:
        """Which gradients flow at all: of the variables, of what is captured."""
        zeros = [zeros_of(y) if differentiable(x) else None for x, y in zip(self.body.inputs, self.outputs)]
        found = self._again(self.trips - 1, zeros)
        return found[: self.count], found[self.count :]

    def _step(self, k: Any, *args: Any) -> Any:
        n = len(self.variables)
        gs = dict(zip(self.variables, args[:n]))
        found = self._again(k, [gs.get(i) for i in range(self.count)])
        new = [zeros_of(gs[i]) if found[i] is None else found[i] for i in self.variables]
        sums = []
        for total, j in zip(args[n:], self.accumulated):
            more = found[self.count + j]
            sums.append(total if more is None else _sum(total, more))
        return [k - 1, *new, *sums]

    def _past(self, x: Symbol, k: Any) -> Any:
        """The value that a Symbol of the body had in iteration `k`."""
        if x.dtype is dtypes.variant:
            kind: Any = dtypes.variant
        else:
            kind = x.dtype
        past = self.candidates.get(id(x))
        if past is None:
            past = self.candidates[id(x)] = Symbol(self.forward, -1, dtypes.variant, ())
        found = tensor_lists.get_item(context.graph.own(past), k, element_shape=dynamic_shape(x), element_dtype=kind)
        if x._id is None:
            x._id = new_id()
        found._node.origin = self.body, x._id  # what is differentiated is what the body made
        return found

    def _past_gradient(self, x: Symbol, past: Any, k: Any) -> Any:
        g = self.history_gs.get(id(x))
        if g is None or not differentiable(x):
            return None
        return tensor_lists.get_like(context.graph.own(g), k, past)  # there may be none of any iteration

    def _keep_history(self, part: Part) -> None:
        """Makes the forward loop keep what the backward one turned out to need, and nothing more."""
        used = {id(x) for node in needed(part, part.results) for x in node.symbols()}
        for x in self.needs:
            past = self.candidates.get(id(x))
            if past is None or past.value_index != -1:
                continue
            if id(part.captured[id(past)][1]) in used:
                past.value_index = len(self.forward.outputs)
                self.forward.outputs.append(past)
                self.history.append(x)
                for recorder in context.recorders:
                    if isinstance(recorder, GradientTape):
                        recorder.grown(self.forward.outputs)
            else:
                forget_capture(part, past)


# -- running


def _write(writer: Any, node: Node) -> None:
    """Python's own `while`."""
    attrs = node.attrs
    count: int = attrs["count"]
    condition, part = attrs["cond"], attrs["body"]
    kept = [(x, y) for x, y in zip(attrs["history"], node.outputs[count + 1 :]) if id(y) in writer.live]
    history = [x for x, _ in kept]
    loop = [f"l{next(writer.counter)}" for _ in range(count)]
    lists = [f"h{next(writer.counter)}" for _ in history]
    trips = f"n{next(writer.counter)}"
    for name, x in zip(loop, node.args):
        writer.line(f"{name} = {writer.name(x)}{'[()]' if is_number(x) else ''}")
    for name in lists:
        writer.line(f"{name} = []")
    counted = id(node.outputs[count]) in writer.live
    if counted:
        writer.line(f"{trips} = 0")
    for one, link in zip((condition, part), attrs["links"]):
        writer.names.update((id(x), name) for x, name in zip(one.inputs, loop))
        writer.names.update((id(placeholder), _before(writer, node.args[i])) for placeholder, i in link)
        writer.unboxed.update(id(x) for x in (*one.inputs, *(p for p, _ in link)) if is_number(x))
    writer.line("while True:")
    writer.depth += 1
    writer.loops += 1
    (test,) = writer.body(condition, condition.outputs)
    writer.line(f"if not {test}: break")
    results = writer.body(part, [*part.results, *history])
    for name, value in zip(lists, results[count:]):
        writer.line(f"{name}.append({value})")
    writer.line(f"{', '.join(loop)}, = {', '.join(results[:count])}," if loop else "pass")
    writer.free([*part.results, *history])
    if counted:
        writer.line(f"{trips} += 1")
    writer.depth -= 1
    writer.loops -= 1
    writer.space.setdefault("TensorList", TensorList)
    writer.space.setdefault("int32", np.int32)
    for y, name in zip(node.outputs, loop):
        writer.line(f"{writer.name(y)} = {f'asarray({name})' if is_number(y) else name}")
    if counted:
        writer.line(f"{writer.name(node.outputs[count])} = asarray({trips}, int32)")
    for (_, y), name in zip(kept, lists):
        writer.line(f"{writer.name(y)} = TensorList({name})")
    writer.own.update(map(id, node.outputs))
    if loop or lists:
        writer.line(" = ".join([*loop, *lists, "None"]))


def _before(writer: Any, x: Symbol) -> str:
    """The name of what a loop takes from outside: of a number, a NumPy scalar."""
    if not is_number(x) or writer.loops:
        name: str = writer.name(x)
        return name
    name = f"s{next(writer.counter)}"
    writer.line(f"{name} = {writer.name(x)}[()]")
    return name


def _replay(node: Node, replay: Replay) -> Any:
    attrs = node.attrs
    args = [replay.value(x) for x in node.args]
    if context.graph is not None:
        new = {**attrs, "history": list(attrs["history"])}
        if draws(node):
            args, new = _redrawn(attrs, args)
        return add_node(node.op, args, new, [(y.dtype, dynamic_shape(y)) for y in node.outputs], node.name).outputs
    count: int = attrs["count"]
    values = args[:count]
    lists: list[Any] = [tensor_lists.reserve(0, element_dtype=dtypes.float32) for _ in attrs["history"]]
    trips = 0
    inner = [
        lambda values, part=part, link=link: Replay(
            part, [*part.inputs, *(p for p, _ in link)], [*values, *(args[i] for _, i in link)]
        )
        for part, link in zip((attrs["cond"], attrs["body"]), attrs["links"])
    ]
    while bool(inner[0](values).run(attrs["cond"].outputs)[0]):
        results = inner[1](values).run([*attrs["body"].outputs, *attrs["history"]])
        for i, x in enumerate(results[count:]):
            lists[i] = tensor_lists.set_item(lists[i], trips, x, resize=True)
        values = results[:count]
        trips += 1
    return [*values, convert(trips), *lists]


def _redrawn(attrs: dict[str, Any], args: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments and attributes for a copy of a node, whose parts draw from streams of their own."""
    own, history = list(map(entered, args)), attrs["history"]
    cond, body = attrs["cond"], attrs["body"]
    condition, _ = copied(cond, attrs["links"][0], own, inputs=cond.inputs)
    body, past = copied(body, attrs["links"][1], own, history, body.inputs)
    inputs = own[: attrs["count"]]
    links = linked((condition, body), inputs)
    return inputs, {**attrs, "cond": condition, "body": body, "links": links, "history": past}


WRITERS[WHILE.name] = _write
REPLAYERS[WHILE.name] = _replay
