"""Jacobians from reverse sweeps: one sweep for each element of the target."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor
from ..ops.common import shape_of

Sweep = Callable[[list[Any], list[Any], list[Any]], list[Any]]


def jacobian(sweep: Sweep, target: Tensor, sources: list[Any]) -> list[Any]:
    """For each source the Tensor `target.shape + source.shape`, or None if `target` does not depend on it."""
    shape = shape_of(target)
    count = math.prod(shape)
    rows = [sweep([target], [_unit(target, shape, count, i)], sources) for i in range(count)]
    return [_stacked([row[i] for row in rows], (*shape, *shape_of(source))) for i, source in enumerate(sources)]


def batch_jacobian(sweep: Sweep, target: Tensor, source: Any) -> Any:
    """The Tensor `[b, y..., x...]`, or None; each sweep takes one element of every example at once."""
    batch, *inner = shape_of(target)
    source_shape = shape_of(source)
    count = math.prod(inner)
    rows = []
    for i in range(count):
        unit = _unit(target, (1, *inner), count, i)
        rows.append(sweep([target], [OPS["Tile"](unit, (batch,) + (1,) * len(inner))], [source])[0])
    stacked = _stacked(rows, (count, *source_shape))
    if stacked is None:
        return None
    order = (1, 0, *range(2, 1 + len(source_shape)))
    return OPS["Reshape"](OPS["Transpose"](stacked, order), (batch, *inner, *source_shape[1:]))


def _unit(like: Tensor, shape: tuple[int, ...], count: int, index: int) -> Tensor:
    one, zero = convert(1, like.dtype), convert(0, like.dtype)
    row: Tensor = OPS["OneHot"](convert(index), count, one, zero)
    unit: Tensor = OPS["Reshape"](row, shape)
    return unit


def _stacked(rows: list[Any], shape: tuple[int, ...]) -> Any:
    if not rows or all(row is None for row in rows):
        return None
    known = next(row for row in rows if row is not None)
    rows = [OPS["ZerosLike"](known) if row is None else row for row in rows]
    return OPS["Reshape"](OPS["Pack"](*rows, axis=0), shape)
