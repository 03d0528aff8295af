"""Isotonic regression: the nearest sequence that only falls, or only rises."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import DType, float32, float64, int8, int16
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host, shape_of
from .layout import reshape, transpose
from .ranges import range_

_KEPT = (dtypes.float16, dtypes.bfloat16, float32)


def _shape(x: Shape, **_attrs: Any) -> tuple[Shape, Shape]:
    if x is not None and len(x) != 2:
        raise errors.invalid(f"Shape must be rank 2 but is rank {len(x)}")
    return x, x


def _pooled(row: list[float]) -> list[tuple[float, int]]:
    """Means of neighbours, none of which is less than the next, and of how many they are."""
    blocks: list[tuple[float, int]] = []
    for value in row:
        total, count = value, 1
        while blocks and total / count > blocks[-1][0] / blocks[-1][1]:
            before, n = blocks.pop()
            total, count = total + before, count + n
        blocks.append((total, count))
    return [(total / count, count) for total, count in blocks]


@op(
    "IsotonicRegression", "input:T -> output:output_dtype, segments:int32", shape=_shape, T=types.REALS,
    output_dtype=types.FLOATS,
)  # fmt: skip
def _isotonic(xp: Any, x: Array, *, output_dtype: DType = float32) -> tuple[Array, Array]:
    _shape(x.shape)
    y, segments = np.empty(x.shape, output_dtype.numpy), np.empty(x.shape, np.int32)
    for i, row in enumerate(x.astype(np.float64).tolist()):
        if not row:
            continue
        means, counts = zip(*_pooled(row), strict=True)
        y[i], segments[i] = np.repeat(means, counts), np.repeat(np.arange(len(counts)), counts)
    return y, segments


only_host(_isotonic)


@_isotonic.gradient
def _(g: Any, outputs: Any, _x: Any, **_attrs: Any) -> Any:
    """Of each block the mean, back to the elements of it."""
    if g[0] is None:
        return None
    rows, columns = shape_of(g[0])
    ids = reshape(outputs[1] + OPS["ExpandDims"](range_(rows), 1) * columns, (-1,))
    flat = reshape(g[0], (-1,))
    total = OPS["UnsortedSegmentSum"](flat, ids, rows * columns)
    count = OPS["UnsortedSegmentSum"](OPS["OnesLike"](flat), ids, rows * columns)
    return reshape(OPS["GatherV2"](OPS["DivNoNan"](total, count), ids, 0), (rows, columns))


def isotonic_regression(
    inputs: TensorLike, decreasing: bool = True, axis: int = -1, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The sequences nearest to those given, in squares, that never rise (or never fall).

    Args:
      inputs: numbers.
      decreasing: whether the results may not rise; otherwise they may not fall.
      axis: along which the sequences lie.

    Returns:
      The sequences, of a floating point dtype, and for each element the number of its block, all of one value.

    >>> y, blocks = tf.nn.isotonic_regression([3.0, 1.0, 2.0])
    >>> y.numpy(), blocks.numpy()
    (array([3. , 1.5, 1.5], dtype=float32), array([0, 1, 1], dtype=int32))
    """
    x = convert(inputs)
    dtype = x.dtype if x.dtype in _KEPT else float32 if x.dtype in (int8, int16) else float64
    rank = len(x.shape)
    order = [*(i for i in range(rank) if i != axis % rank), axis % rank]
    moved = x if order[-1] == axis == rank - 1 or axis == -1 else transpose(x, order)
    sizes = shape_of(moved)
    matrix = reshape(moved, (-1, sizes[-1]))
    y, segments = _isotonic(matrix if decreasing else -matrix, name=name, output_dtype=dtype)
    back = [order.index(i) for i in range(rank)]
    return tuple(transpose(reshape(each, sizes), back) for each in (y if decreasing else -y, segments))  # type: ignore[return-value]
