"""Softmax and its logarithm, and how rows of matrices are gone through."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import OPS, Op, op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host, host_arrays
from ..engines.host_arrays import WIDE
from .layout import transpose
from .reduction import reduce_sum

FLOATS = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)
_SMALL = 1 << 12  # elements up to which NumPy's plain reductions cost least


def along_rows(ufunc: Any, x: Array) -> Array:
    """`ufunc` along the rows of a matrix; a column. What is small may have any shape."""
    if x.size < _SMALL:
        if x.ndim == 2 and x.dtype.char in "fd":  # to start a row takes NumPy longer than a short row itself
            if ufunc is np.add:
                return x.dot(host_arrays.ones(x.shape[1], x.dtype))[:, None]
            if x.shape[1] <= host_arrays.SHORT:
                return ufunc.reduce(x.T.copy(), 0)[:, None]
        column: Array = ufunc.reduce(x, -1, None, None, True)
        return column
    out = np.empty((x.shape[0], 1), x.dtype)
    host_arrays.reduce_rows(ufunc, x, out[:, 0])
    return out


def in_blocks(work: Callable[[int, int], None], rows: int, k: int) -> None:
    """`work(start, stop)` for all rows of k elements, over all cores if there are many."""
    if rows * k < host_arrays.BIG_REDUCTION:
        work(0, rows)
    else:
        with host.one_blas_thread():
            host.parallel(work, rows, host.grain(rows, k, host_arrays.CACHED))


def _at_least_a_row(logits: Shape, **_attrs: Any) -> Shape:
    if logits == ():
        raise errors.invalid("logits must have >= 1 dimension, got []")
    return logits


# ---------------------------------------------------------------- softmax


@op("Softmax", "logits:T -> softmax:T", shape=_at_least_a_row, T=FLOATS)
def softmax_op(xp: Any, logits: Array) -> Array:
    _at_least_a_row(logits.shape)
    powers = xp.exp(less_largest(logits))
    return (powers / powers.sum(-1, keepdims=True)).astype(logits.dtype)


def less_largest(logits: Array) -> Array:
    """The logits less the largest one; 16-bit ones in float32."""
    wide = logits.astype(host.wide(logits.dtype))
    return wide - wide.max(-1, keepdims=True, initial=-math.inf)


@softmax_op.on("host")
def _(xp: Any, logits: Array) -> Array:
    _at_least_a_row(logits.shape)
    if not 0 < logits.size < _SMALL or logits.dtype in WIDE:
        return host_arrays.softmax(logits)
    out = np.subtract(logits, along_rows(np.maximum, logits))
    np.exp(out, out=out)
    return np.divide(out, along_rows(np.add, out), out=out)


@softmax_op.gradient
def _(g: Any, y: Any, _x: Any) -> Any:
    return (g - reduce_sum(g * y, -1, keepdims=True)) * y


@op("LogSoftmax", "logits:T -> logsoftmax:T", shape=_at_least_a_row, T=FLOATS)
def log_softmax_op(xp: Any, logits: Array) -> Array:
    _at_least_a_row(logits.shape)
    shifted = less_largest(logits)
    return (shifted - xp.log(xp.exp(shifted).sum(-1, keepdims=True))).astype(logits.dtype)


@log_softmax_op.on("host")
def _(xp: Any, logits: Array) -> Array:
    _at_least_a_row(logits.shape)
    out = np.empty(logits.shape, logits.dtype)
    if out.size == 0:
        return out
    k = logits.shape[-1]
    rows, results = np.ascontiguousarray(logits).reshape(-1, k), out.reshape(-1, k)
    dtype = host.wide(logits.dtype)

    def block(start: int, stop: int) -> None:
        cells = rows[start:stop].astype(dtype, copy=False)
        shifted = cells - along_rows(np.maximum, cells)
        np.subtract(shifted, np.log(along_rows(np.add, np.exp(shifted))), out=results[start:stop], casting="same_kind")

    in_blocks(block, rows.shape[0], k)
    return out


@log_softmax_op.gradient
def _(g: Any, y: Any, _x: Any) -> Any:
    return g - reduce_sum(g, -1, keepdims=True) * OPS["Exp"](y)


def softmax(logits: TensorLike, axis: int | None = None, name: str | None = None) -> Tensor:
    """`exp(logits)` over its sum along an axis: numbers that are positive and sum to 1.

    Args:
      logits: floats, with at least one dimension.
      axis: the last by default.

    Raises:
      InvalidArgumentError: for an axis that is not there, or a dtype without fractions.

    >>> tf.nn.softmax([0.0, 0.0, 0.0, 0.0]).numpy()
    array([0.25, 0.25, 0.25, 0.25], dtype=float32)
    """
    return _along(softmax_op, logits, axis, name)


def log_softmax(logits: TensorLike, axis: int | None = None, name: str | None = None) -> Tensor:
    """The logarithm of `softmax`, exact for very small probabilities too.

    >>> tf.nn.log_softmax([0.0, -1000.0]).numpy()
    array([    0., -1000.], dtype=float32)
    """
    return _along(log_softmax_op, logits, axis, name)


def _along(function: Op, logits: TensorLike, axis: int | None, name: str | None) -> Tensor:
    """A function of the last axis, along another."""
    result: Tensor
    if axis is None or axis == -1:
        result = function(logits, name=name)
        return result
    x = convert(logits)
    rank = len(x.shape)
    if not -rank <= axis < rank:
        raise errors.invalid(
            f"`dim` must be in the range [{-rank}, {rank}) where {rank} is the number of dimensions in the input. "
            f"Received: dim={axis}"
        )
    if axis % rank == rank - 1:
        result = function(x, name=name)
        return result
    swap = _swapped(axis % rank, rank)
    return transpose(function(transpose(x, swap), name=name), swap)


def _swapped(axis: int, rank: int) -> list[int]:
    """The permutation that exchanges an axis with the last one."""
    order = list(range(rank))
    order[axis], order[-1] = order[-1], order[axis]
    return order
