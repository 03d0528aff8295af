"""Jacobians from reverse sweeps: one for each element of the target, all at once or one after the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..base.extras import later
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor
from ..ops.common import shape_of

Sweep = Callable[[list[Any], list[Any], list[Any]], list[Any]]

FEW = 8  # sweeps; so many take less time one after the other than it takes to trace one


def jacobian(sweep: Sweep, target: Tensor, sources: list[Any], at_once: bool = True) -> list[Any]:
    """For each source the Tensor `target.shape + source.shape`, or None if `target` does not depend on it.

    Args:
      sweep: gives the gradients, of targets with given seeds, with respect to sources.
      target: the Tensor to differentiate.
      sources: Tensors and Variables.
      at_once: whether to vectorize the sweeps if they are more than a few; so they are if it is not known how many.
    """
    shape = shape_of(target)
    count = math.prod(shape)
    seeds = OPS["Reshape"](_identity(target, count), (count, *shape))
    rows = _rows(sweep, target, sources, seeds, count, at_once)
    return [
        None if row is None else OPS["Reshape"](row, (*shape, *shape_of(source))) for row, source in zip(rows, sources)
    ]


def batch_jacobian(sweep: Sweep, target: Tensor, source: Any, at_once: bool = True) -> Any:
    """The Tensor `[b, y..., x...]`, or None; each sweep takes one element of every example at once."""
    batch, *inner = shape_of(target)
    source_shape = shape_of(source)
    count = math.prod(inner)
    seeds = OPS["Reshape"](_identity(target, count), (count, 1, *inner))
    seeds = OPS["BroadcastTo"](seeds, (count, batch, *inner))
    (rows,) = _rows(sweep, target, [source], seeds, count, at_once)
    if rows is None:
        return None
    order = (1, 0, *range(2, 1 + len(source_shape)))
    return OPS["Reshape"](OPS["Transpose"](rows, order), (batch, *inner, *source_shape[1:]))


def _identity(like: Tensor, count: Any) -> Tensor:
    one, zero = convert(1, like.dtype), convert(0, like.dtype)
    identity: Tensor = OPS["OneHot"](OPS["Range"](0, count, 1), count, one, zero)
    return identity


def _rows(sweep: Sweep, target: Tensor, sources: list[Any], seeds: Tensor, count: Any, at_once: bool) -> list[Any]:
    """What sweeps with each of the seeds give for each source, stacked; None if there is no gradient."""

    def row(seed: Tensor) -> list[Any]:
        found = sweep([target], [seed], sources)
        return [g if g is None else convert(g) for g in found]

    if type(count) is not int or not count or (at_once and count > FEW):
        rows: list[Any] = later("graph.vectorize", "vectorized")(row, seeds, [seeds], warn=False)
        return rows
    found = [row(seed) for seed in OPS["Unpack"](seeds, num=count, axis=0)]
    return [_stacked(column) for column in zip(*found)]


def _stacked(rows: tuple[Any, ...]) -> Any:
    known = next((row for row in rows if row is not None), None)
    return known if known is None else OPS["Pack"](*[OPS["ZerosLike"](known) if g is None else g for g in rows], axis=0)
