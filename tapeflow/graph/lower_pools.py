"""What comes after the gradient of a max-pool, on XLA: computed of what windows get, not of all cells.

Of these there are four times as many, or more, and each window's gradient goes to one of them, its largest.
"""

from __future__ import annotations

from typing import Any

from ..core.symbol import Symbol
from .ir import Node
from .lower import SHORTCUTS, Lowering

Array = Any


def _relu_gradient(low: Lowering, node: Node) -> list[Array] | None:
    """Relu's gradient looks at the windows' largest cells."""
    g = _of_windows(low, node)
    pool = node.args[0].op
    return None if g is None else [low.kernel(pool.op)(*map(low.value, pool.args[:2]), g, **pool.attrs)]


def _sum(low: Lowering, node: Node) -> list[Array] | None:
    """The sum over whole images, as a bias has it for its gradient, adds up what the windows get."""
    x, axes = node.args
    if not isinstance(axes, tuple) or not _through_pool_and_relu(x):
        return None
    places = (1, 2) if x.op.args[0].op.attrs["data_format"] == "NHWC" else (2, 3)
    return _summed(low, node, axes) if {axis % 4 for axis in axes}.issuperset(places) else None


def _bias_gradient(low: Lowering, node: Node) -> list[Array] | None:
    """The same for the bias's own op."""
    (x,) = node.args
    same = _through_pool_and_relu(x) and x.op.args[0].op.attrs["data_format"] == node.attrs["data_format"]
    return _summed(low, node) if same else None


def _summed(low: Lowering, node: Node, *more: Any) -> list[Array]:
    g = _of_windows(low, node.args[0].op)
    return [low.typed(low.kernel(node.op)(g, *more, **node.attrs), node.outputs[0])]


def _through_pool_and_relu(x: Symbol) -> bool:
    """Whether it is relu's gradient after that of a max-pool of relu's results."""
    node = x.op
    if node.op.name != "ReluGrad":
        return False
    g, features = node.args
    return g.op.op.name == "MaxPoolGrad" and g.op.args[0] is features


def _of_windows(low: Lowering, relu: Node) -> Array | None:
    """What windows get, where their largest cell is above 0; None if `relu` does not come after a max-pool."""
    if not _through_pool_and_relu(relu.outputs[0]):
        return None
    _, largest, dy = map(low.value, relu.args[0].op.args)
    kernel: Any = relu.op.kernel
    return kernel(low.jax.numpy, dy, largest)


SHORTCUTS["ReluGrad"] = _relu_gradient
SHORTCUTS["Sum"] = _sum
SHORTCUTS["BiasAddGrad"] = _bias_gradient
