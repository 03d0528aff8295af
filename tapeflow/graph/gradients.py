"""`tf.gradients`: the gradient of tensors of a graph, without a tape."""

from __future__ import annotations

from typing import Any

from ..autodiff.backprop import Entry, kept, sweep, way
from ..autodiff.tape import READ, UnconnectedGradients, wants_zeros
from ..base import nest
from ..base.context import context, new_id
from ..core.convert import convert
from ..core.op import OPS
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from ..ops.common import NO_ATTRS
from ..state import updates
from .ir import Graph, Node


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
) -> list[Any]:
    """The gradients of the sum of `ys` with respect to each of `xs`, in a graph or a function that is traced.

    Args:
      ys: a Tensor or a list of Tensors.
      xs: a Tensor or Variable, or a list of them.
      grad_ys: for each of `ys` a gradient to start from; ones by default.
      name: a name for the operations.
      gate_gradients: a hint, without effect.
      aggregation_method: a hint, without effect.
      stop_gradients: Tensors that are taken for constants.
      unconnected_gradients: `"none"` or `"zero"`: what one gets that `ys` do not depend on.

    Returns:
      A list with a Tensor, an IndexedSlices or None for each of `xs`.

    Raises:
      RuntimeError: outside graphs.

    >>> @tf.function
    ... def slope(x):
    ...     return tf.gradients(x * x, x)[0]
    >>> print(slope(tf.constant(3.0)))
    tf.Tensor(6.0, shape=(), dtype=float32)
    """
    graph = context.graph
    if graph is None:
        raise RuntimeError(
            "tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape instead."
        )
    zero = wants_zeros(unconnected_gradients)
    targets = [convert(y) for y in nest.flatten(ys)]
    sources = nest.flatten(xs)
    stops = {_number(x) for x in nest.flatten(stop_gradients)} if stop_gradients is not None else set()
    starts = [None] * len(targets) if grad_ys is None else nest.flatten(grad_ys)
    entries = _entries(graph, stops)
    seeds: dict[int | None, Any] = {}
    for y, start in zip(targets, starts, strict=True):
        seed = OPS["OnesLike"](y) if start is None else convert(start, y.dtype)
        number = _number(y)
        seeds[number] = OPS["AddV2"](seeds[number], seed) if number in seeds else seed
    numbers = [_number(x) for x in sources]
    wanted = {n for n, x in zip(numbers, sources) if x.dtype.is_floating or x.dtype.is_complex}
    path, reached = way(entries, wanted)
    found = sweep(path, seeds, wanted, reached)
    grads = [found.get(number) for number in numbers]
    return [OPS["ZerosLike"](x) if g is None and zero else g for x, g in zip(sources, grads)]


def _number(x: Any) -> int:
    if isinstance(x, Tensor) and x._id is None:
        x._id = new_id()
    number: int = x._id
    return number


def _entries(graph: Graph, stops: set[int]) -> list[Entry]:
    """What a tape would have recorded of the graph."""
    return [_entry(node, stops) for node in list(graph.nodes) if node.outputs and node.op.differentiable is not False]


def _entry(node: Node, stops: set[int]) -> Entry:
    inputs = [_number(x) if isinstance(x, Symbol) else None for x in node.args]
    outputs = [_number(y) for y in node.outputs]
    if node.op is updates.READ:
        return [READ, NO_ATTRS, inputs, (), outputs, None]
    if stops.intersection(outputs):
        inputs = []
    arrays = [y._array for y in node.outputs] if node.op.keeps_output else None
    return [node.op, node.attrs, inputs, kept(node.op, node.args), outputs, arrays]
