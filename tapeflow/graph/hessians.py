"""`tf.hessians`: second derivatives in graphs, and how gradients are added up."""

from __future__ import annotations

from typing import Any

from ..base import nest
from ..core.op import OPS
from ..core.tensor import Tensor
from ..ops.common import shape_of
from ..ops.layout import reshape
from ..ops.sizes import joined
from .gradients import gradients


class AggregationMethod:
    """How gradients of a tensor that is used several times are added up. Hints: they are always added alike."""

    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def hessians(
    ys: Any,
    xs: Any,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    name: str = "hessians",
) -> list[Tensor]:
    """The second derivatives of the sum of `ys` with respect to the elements of each of `xs`, in a graph.

    Args:
      ys: a Tensor or a list of Tensors.
      xs: a Tensor or a list of them.
      gate_gradients: a hint, without effect.
      aggregation_method: a hint, without effect.
      name: a name for the operations.

    Returns:
      For each of `xs` a Tensor whose shape is twice that of `x`.

    Raises:
      RuntimeError: outside graphs.
      ValueError: if `ys` do not depend on one of `xs`, or only linearly, or the shape of `x` is not known.

    >>> @tf.function
    ... def curvature(x):
    ...     return tf.hessians(tf.reduce_sum(x * x * x), x)[0]
    >>> print(curvature(tf.constant([1.0, 2.0])))
    tf.Tensor(
    [[ 6.  0.]
     [ 0. 12.]], shape=(2, 2), dtype=float32)
    """
    sources = nest.flatten(xs)
    return [_hessian(g, x) for g, x in zip(gradients(ys, sources), sources, strict=True)]


def _hessian(slope: Any, x: Any) -> Tensor:
    if slope is None:
        raise ValueError("None values not supported.")
    flat = reshape(slope, (-1,))
    shape = shape_of(x)

    def row(i: int) -> Tensor:
        found = gradients(flat[i], x)[0]
        if found is None:
            raise ValueError("None values not supported.")
        return found  # type: ignore[no-any-return]

    n = x.shape.num_elements()
    if n is None:
        raise ValueError(f"tf.hessians needs a known shape, got {x.shape}")
    return reshape(OPS["Pack"](*[row(i) for i in range(n)], axis=0), joined(shape, shape))
