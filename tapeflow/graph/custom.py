"""`tf.custom_gradient` in graphs: a node that hands its inputs on, with the gradient as a part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base.context import context
from ..core.op import OPS, Op
from ..core.symbol import Symbol
from ..core.tensor import Tensor, tensor_of
from ..state.handle import Handle
from .ir import Node
from .parts import add_node, captures_of, dynamic_shape
from .plan import WRITERS
from .replay import REPLAYERS, Replay, behind
from .trace import FuncGraph, trace_part

# Inputs: the results, then what the gradients are for, then what the part captures. Outputs: the results.
CUSTOM = Op("IdentityN", "input:N*T -> output:M*U", lambda xp, *_: None, shape=lambda *_: ())


def custom_gradient_node(
    results: Sequence[Tensor], inputs: Sequence[Tensor], variables: Sequence[Any], backward: Callable[..., Any]
) -> list[Symbol]:
    """The results again, as outputs of a node whose gradient is `backward`.

    Args:
      results: what the function computed.
      inputs: its arguments.
      variables: the Variables that it has read.
      backward: takes a tuple of gradients, one for each result; returns one for each input and each Variable.
    """
    graph = context.graph
    own = [graph.own(y) for y in results]
    sources = [*(graph.own(x) for x in inputs), *(graph.resource_of(v) for v in variables)]
    part = trace_part("custom_gradient", lambda *gs: list(backward(gs)), own)
    outside, placeholders = captures_of(part)
    count = len(own), len(sources)
    attrs = {"part": part, "placeholders": tuple(placeholders), "count": count}
    node = add_node(CUSTOM, [*own, *sources, *outside], attrs, [(y.dtype, dynamic_shape(y)) for y in own], "IdentityN")
    return node.outputs


@CUSTOM.gradient
def _(g: Any, _output: Any, *inputs: Any, part: Any, placeholders: Any, count: tuple[int, int]) -> Any:
    results, sources = count
    gs = g if isinstance(g, tuple) else (g,)
    given = [OPS["ZerosLike"](y) if one is None else one for y, one in zip(inputs, gs)]
    given = [x.__tf_tensor__() if not isinstance(x, Tensor) else x for x in given]
    captured = [x.handle if hasattr(x, "assign_add") else x for x in inputs[results + sources :]]
    replay = Replay(part, [*part.inputs, *placeholders], [*given, *captured])
    found = iter(replay.run(part.results))
    grads = [next(found) if isinstance(x, Symbol) else None for x in part.structured_outputs]
    return [*[None] * results, *grads, *[None] * len(captured)]


def _write(writer: Any, node: Node) -> None:
    for x, y in zip(node.args, node.outputs):
        writer.line(f"{writer.name(y)} = {writer.name(x)}")
    writer.own.update(map(id, node.outputs))


def _replay(node: Node, replay: Replay) -> Any:
    args = [replay.value(x) for x in node.args]
    results, _ = node.attrs["count"]
    if context.graph is not None:
        kinds = [(y.dtype, dynamic_shape(y)) for y in node.outputs]
        return add_node(node.op, args, node.attrs, kinds, "IdentityN").outputs
    outputs = [tensor_of(x._array) for x in args[:results]]
    inputs = [behind(replay, node.args[i], x) if isinstance(x, Handle) else x for i, x in enumerate(args)]
    for recorder in context.recorders:
        recorder.record(node.op, node.attrs, tuple(inputs), outputs)
    return outputs


WRITERS[CUSTOM.name] = _write
REPLAYERS[CUSTOM.name] = _replay


FuncGraph.custom_gradient = staticmethod(custom_gradient_node)
