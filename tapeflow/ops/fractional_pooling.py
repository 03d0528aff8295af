"""Pooling with windows of different sizes, so that an image shrinks by any ratio; TensorFlow's sizes for its seeds."""

from __future__ import annotations

import math
import os
from itertools import pairwise
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.context import settings
from ..base.dtypes import float32, float64, int32, int64
from ..base.shapes import Shape
from ..core.op import Op, op
from ..core.tensor import Array, Tensor, TensorLike
from . import random
from .common import only_host
from .philox import Stream, bits32, uniform
from .random_ops import Source, begin

_TYPES = (float32, float64, int32, int64)
_OUT = " -> output:T, row_pooling_sequence:int64, col_pooling_sequence:int64"


def _shape(x: Shape, *, pooling_ratio: Any, **_attrs: Any) -> tuple[Shape, Shape, Shape]:
    if x is not None and len(x) != 4:
        raise errors.invalid("tensor_in must be 4-dimensional")
    sizes = [
        None if size is None else math.floor(size / np.float32(ratio))
        for size, ratio in zip(x or (None,) * 4, pooling_ratio, strict=False)
    ]
    edges = [(None if size is None else size + 1,) for size in sizes]
    return tuple(sizes), edges[1], edges[2]


def _check(x: Array, kind: str, ratios: Any, deterministic: bool, seed: int, seed2: int) -> None:
    if len(ratios) < 4:
        raise errors.invalid(f"Length for attr 'pooling_ratio' of {len(ratios)} must be at least minimum 4")
    small = [ratio for ratio in ratios if ratio < 1]
    if small:
        raise errors.invalid(f"pooling_ratio cannot be smaller than 1, got: {small[0]:g}")
    if ratios[0] != 1 or ratios[3] != 1:
        what = "max" if kind == "max" else "average"
        message = f"Fractional {what} pooling is not yet supported on the batch nor channel dimension."
        raise errors.UnimplementedError(None, None, message)
    if not deterministic and (seed or seed2):
        raise errors.invalid("Both seed and seed2 should be 0 if deterministic is false.")
    if x.ndim != 4:
        raise errors.invalid("tensor_in must be 4-dimensional")
    for i, (size, ratio) in enumerate(zip(x.shape, ratios, strict=True)):
        if size < ratio:
            raise errors.invalid(
                f"Pooling ratio is higher than input dimension size for dimension {i}. "
                f"Input dim size: {size} pooling ratio: {ratio:g}"
            )


def _edges(stream: Stream, size: int, count: int, pseudo_random: bool) -> tuple[Array, Stream]:
    """Where windows begin and the last one ends; and the stream behind what was drawn."""
    whole, rest = divmod(size, count)
    if rest == 0:
        return np.arange(count + 1) * whole, stream
    if pseudo_random:
        after = stream._replace(counter=stream.counter + 1)
        return _pseudo_random_edges(float(uniform(stream, 1, np.float64)[0]), size, count), after
    lengths = [whole + 1] * rest + [whole] * (count - rest)
    for i, word in enumerate(bits32(stream, count - 1).tolist()):
        j = i + word % (count - i)
        lengths[i], lengths[j] = lengths[j], lengths[i]
    return np.array([0, *lengths]).cumsum(), stream._replace(counter=stream.counter + (count + 3) // 4)


def _pseudo_random_edges(unit: float, size: int, count: int) -> Array:
    alpha, whole = size / count, size // count
    most = min((whole + 2) / alpha - 1, (size + 1 - whole) / alpha - (count - 1))
    inner = [math.ceil(alpha * (i + unit * most)) - 1 for i in range(1, count)]
    return np.array([0, *inner, size])


def _windows(edges: Array, size: int, overlapping: bool) -> list[tuple[int, int]]:
    return [(a, min(b + overlapping, size)) for a, b in pairwise(edges.tolist())]


def _reduced(combine: np.ufunc, x: Array, axis: int, parts: list[tuple[int, int]]) -> Array:
    slices = [combine.reduce(x[(slice(None),) * axis + (slice(a, b),)], axis=axis, dtype=x.dtype) for a, b in parts]
    return np.stack(slices, axis)


def _cells(rows: list[tuple[int, int]], columns: list[tuple[int, int]], dtype: Any) -> Array:
    """How many cells each window has, to divide by."""
    counts = np.multiply.outer([b - a for a, b in rows], [b - a for a, b in columns])
    return counts.astype(dtype)[:, :, None]


def _divided(total: Array, counts: Array) -> Array:
    if total.dtype.kind == "f":
        return total / counts
    return (np.sign(total) * (np.abs(total) // counts)).astype(total.dtype)


def _pooling(kind: str, name: str) -> Op:
    def kernel(
        xp: Any, x: Array, *, pooling_ratio: Any, pseudo_random: bool = False, overlapping: bool = False,
        deterministic: bool = False, seed: int = 0, seed2: int = 0,
    ) -> tuple[Array, Array, Array]:  # fmt: skip
        _check(x, kind, pooling_ratio, deterministic, seed, seed2)
        (_, down, across, _), _, _ = _shape(x.shape, pooling_ratio=pooling_ratio)  # type: ignore[misc]
        if seed == seed2 == 0:
            stream = Stream(int.from_bytes(os.urandom(8), "little"), 0)
        else:
            stream = begin(Source(name, x.dtype, seed, seed2, None), 0)
        rows, stream = _edges(stream, x.shape[1], down, pseudo_random)  # type: ignore[arg-type]
        columns, _ = _edges(stream, x.shape[2], across, pseudo_random)  # type: ignore[arg-type]
        tall, wide = _windows(rows, x.shape[1], overlapping), _windows(columns, x.shape[2], overlapping)
        combine = np.maximum if kind == "max" else np.add
        y = _reduced(combine, _reduced(combine, x, 1, tall), 2, wide)
        return y if kind == "max" else _divided(y, _cells(tall, wide, x.dtype)), rows, columns

    new = op(name, "value:T" + _OUT, shape=_shape, T=_TYPES)(kernel)
    new.stateful = True
    only_host(new)
    return new


_max_pool, _avg_pool = _pooling("max", "FractionalMaxPool"), _pooling("avg", "FractionalAvgPool")


@op(
    "FractionalMaxPoolGrad",
    "orig_input:T, orig_output:T, out_backprop:T, row_pooling_sequence:int64, col_pooling_sequence:int64 -> output:T",
    shape=shapes.same, T=_TYPES, differentiable=None,
)  # fmt: skip
def _max_grad(
    xp: Any, x: Array, y: Array, g: Array, rows: Array, columns: Array, *, overlapping: bool = False
) -> Array:
    """The first largest cell of a window, column by column within a row, gets what the window has."""
    dx = np.zeros(x.shape, g.dtype)
    batch, channel = np.ogrid[: x.shape[0], : x.shape[3]]
    for i, (top, bottom) in enumerate(_windows(rows, x.shape[1], overlapping)):
        for j, (left, right) in enumerate(_windows(columns, x.shape[2], overlapping)):
            cells = x[:, top:bottom, left:right].reshape(x.shape[0], -1, x.shape[3])
            place = cells.argmax(1)
            dx[batch, top + place // (right - left), left + place % (right - left), channel] += g[:, i, j]
    return dx


def _avg_grad_shape(sizes: Any, *_rest: Any, **_attrs: Any) -> Shape:
    return (None,) * 4 if sizes is None else tuple(sizes)


@op(
    "FractionalAvgPoolGrad",
    "orig_input_tensor_shape:int64, out_backprop:T, row_pooling_sequence:int64, col_pooling_sequence:int64 -> output:T",
    static=("orig_input_tensor_shape",), shape=_avg_grad_shape, T=_TYPES, differentiable=None,
)  # fmt: skip
def _avg_grad(
    xp: Any, sizes: Any, g: Array, rows: Array, columns: Array, *, overlapping: bool = False
) -> Array:
    """Each cell of a window gets an equal part of what the window has."""
    tall, wide = _windows(rows, sizes[1], overlapping), _windows(columns, sizes[2], overlapping)
    parts = _divided(g, _cells(tall, wide, g.dtype))
    across = np.zeros((sizes[0], len(tall), *sizes[2:]), g.dtype)
    for j, (left, right) in enumerate(wide):
        across[:, :, left:right] += parts[:, :, j : j + 1]
    dx = np.zeros(sizes, g.dtype)
    for i, (top, bottom) in enumerate(tall):
        dx[:, top:bottom] += across[:, i : i + 1]
    return dx


only_host(_max_grad, _avg_grad)


@_max_pool.gradient
def _(g: Any, outputs: Any, x: Any, *, overlapping: bool, **_attrs: Any) -> Any:
    return _max_grad(x, outputs[0], g[0], outputs[1], outputs[2], overlapping=overlapping)


@_avg_pool.gradient
def _(g: Any, outputs: Any, x_shape: Any, *, overlapping: bool, **_attrs: Any) -> Any:
    return _avg_grad(x_shape, g[0], outputs[1], outputs[2], overlapping=overlapping)


# ---------------------------------------------------------------- functions


def _seeded(kind: str, seed: int) -> dict[str, Any]:
    if seed:
        first, second = random.get_seed(seed)
        return {"deterministic": True, "seed": first, "seed2": second}
    if settings.op_determinism:
        raise ValueError(
            f"tf.nn.fractional_{kind}_pool requires a non-zero seed to be passed in when determinism is enabled, "
            f'but got seed={seed}. Please pass in a non-zero seed, e.g. by passing "seed=1".'
        )
    return {"deterministic": False}


def _check_ratio(ratio: Any) -> None:
    if isinstance(ratio, (list, tuple)):
        if ratio[0] != 1.0 or ratio[-1] != 1.0:
            raise ValueError(
                "`pooling_ratio` should have first and last elements with value 1.0. "
                f"Received: pooling_ratio={ratio}"
            )
        if any(one < 1.0 for one in ratio):
            raise ValueError(f"`pooling_ratio` elements should be >= 1.0. Received: pooling_ratio={ratio}")
    elif not isinstance(ratio, (int, float)):
        raise ValueError(f"`pooling_ratio` should be an int or a list of ints. Received: pooling_ratio={ratio}")
    elif ratio < 1.0:
        raise ValueError(f"`pooling_ratio` should be >= 1.0. Received: pooling_ratio={ratio}")


def fractional_max_pool(
    value: TensorLike, pooling_ratio: Any, pseudo_random: bool = False, overlapping: bool = False, seed: int = 0,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """The largest cell of each of windows whose sizes differ, so that images shrink by any ratio.

    Args:
      value: images, (batch, height, width, channels).
      pooling_ratio: how many times smaller the result is: a number, or four of which the first and last are 1.
      pseudo_random: whether sizes follow each other as evenly as they can from a random start; otherwise in any order.
      overlapping: whether a window has the first row and column of the next one, too.
      seed: if it is not 0, the sizes depend on it and the program's seed only.

    Returns:
      The images, and where windows begin along height and width (and the last one ends).

    Raises:
      ValueError: for a ratio that is not right.

    >>> y, rows, columns = tf.nn.fractional_max_pool(tf.reshape(tf.range(16.0), [1, 4, 4, 1]), 2.0)
    >>> y.numpy()[0, :, :, 0], rows.numpy()
    (array([[ 5.,  7.],
           [13., 15.]], dtype=float32), array([0, 2, 4]))
    """
    _check_ratio(pooling_ratio)
    if isinstance(pooling_ratio, (int, float)):
        pooling_ratio = (1.0, pooling_ratio, pooling_ratio, 1.0)
    return _pooled(_max_pool, "max", value, pooling_ratio, pseudo_random, overlapping, seed, name)


def fractional_avg_pool(
    value: TensorLike, pooling_ratio: Any, pseudo_random: bool = False, overlapping: bool = False, seed: int = 0,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """The mean of each of windows whose sizes differ; `pooling_ratio` is four numbers. See `fractional_max_pool`.

    >>> tf.nn.fractional_avg_pool(tf.ones([1, 7, 9, 1]), [1.0, 1.5, 2.0, 1.0])[0].shape
    TensorShape([1, 4, 4, 1])
    """
    if not isinstance(pooling_ratio, (list, tuple)):
        raise TypeError(
            f"Expected list for 'pooling_ratio' argument to 'fractional_avg_pool' Op, not {pooling_ratio!r}."
        )
    return _pooled(_avg_pool, "avg", value, pooling_ratio, pseudo_random, overlapping, seed, name)


def _pooled(
    the_op: Op, kind: str, value: Any, ratio: Any, pseudo_random: bool, overlapping: bool, seed: int, name: str | None
) -> tuple[Tensor, Tensor, Tensor]:
    y, rows, columns = the_op(
        value, name=name, pooling_ratio=tuple(map(float, ratio)), pseudo_random=pseudo_random,
        overlapping=overlapping, **_seeded(kind, seed),
    )  # fmt: skip
    return y, rows, columns
