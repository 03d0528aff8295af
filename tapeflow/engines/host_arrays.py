"""Big arrays on NumPy: elementwise functions, reductions, softmax and matrix products in blocks over all cores.

Small arrays take the direct way into NumPy after one comparison of sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import host

Array = Any
Shape = tuple[int, ...]

BIG = 1 << 18  # elements from which two threads are faster than one for exp, tanh...
BIG_CHEAP = 1 << 20  # the same for add, multiply..., which wait for memory
BIG_REDUCTION = 1 << 17  # elements from which a reduction is worth arranging
BLOCK = 1 << 19  # elements in a block: shorter ones lose more to the interpreter's lock than they gain in the cache
CACHED = 1 << 18  # elements in a block that several steps pass over
SAFE = 40.0  # exponents between minus this and this need no shift in a softmax: sums of up to 1e20 of them are finite
LONG = 1 << 12  # elements in a row so long that starting it does not matter
NARROW = 16  # row length up to which NumPy's time for a reduction goes into starting rows
BLAS_SPLITS = 1 << 18  # multiplications from which BLAS would use threads of its own
BLAS_GAINS = 1 << 22  # multiplications from which that pays
SPLIT_PRODUCT = 1 << 24  # multiplications from which a matrix product is split by us


# ---------------------------------------------------------------- elementwise


def elementwise(ufunc: np.ufunc, cheap: bool = False) -> Callable[..., Array]:
    """The kernel `(xp, *arrays) -> array` of a ufunc of one or two arguments, split over the cores where that pays.

    Args:
      ufunc: a ufunc with one output.
      cheap: whether it costs no more than an addition, so that splitting pays only for bigger arrays.
    """
    big = BIG_CHEAP if cheap else BIG

    def unary(xp: Any, x: Array) -> Array:
        return ufunc(x) if x.size < big else split(ufunc, x)

    def binary(xp: Any, x: Array, y: Array) -> Array:
        return ufunc(x, y) if x.size < big and y.size < big else split(ufunc, x, y)

    return unary if ufunc.nin == 1 else binary


def split(function: Callable[..., Array], *arrays: Array, in_place: bool = False) -> Array:
    """`function(*arrays)` in blocks over all cores, for a function of broadcast arrays that works element by element.

    Args:
      function: a ufunc, or any other function; its temporaries are then as small as a block.
      arrays: its arguments.
      in_place: whether `function(*arrays, out=block)` writes to where it is told, as a ufunc does anyway.
    """
    shape = np.broadcast_shapes(*(x.shape for x in arrays))
    sample = function(*(x[(slice(0, 1),) * x.ndim] for x in arrays))
    out = np.empty(shape, sample.dtype)
    if out.size == 0:
        return out
    rows, views = _rows(shape, arrays)
    result = out.reshape(rows)
    single = isinstance(function, np.ufunc)

    def block(start: int, stop: int) -> None:
        pieces = [x[start:stop] if x.shape[0] > 1 else x for x in views]
        if single or in_place:
            function(*pieces, out=result[start:stop])
        else:
            result[start:stop] = function(*pieces)

    host.parallel(block, rows[0], host.grain(rows[0], out.size // rows[0], BLOCK if single else CACHED))
    return out


def _rows(shape: Shape, arrays: tuple[Array, ...]) -> tuple[Shape, list[Array]]:
    """A simpler shape for the result, and views of the arrays that go with it: to be split along the first axis.

    Where arrays are only repeated (as a bias is), they are repeated beforehand to make long rows.
    """
    if not shape:
        shape = (1,)
    size = math.prod(shape)
    whole = [x.size == size for x in arrays]
    tails = {_tail(x.shape) for x, w in zip(arrays, whole, strict=True) if not w and x.size > 1}
    if all(x.flags.c_contiguous for x, w in zip(arrays, whole, strict=True) if w) and len(tails) <= 1:
        tail = tails.pop() if tails else ()
        if tail == shape[len(shape) - len(tail) :]:
            width = math.prod(tail)
            rows = size // width
            times = math.gcd(rows, 1 << max(0, (LONG // width).bit_length() - 1)) if tail else 1
            view = (rows // times, times * width) if tail else (size,)
            one = (1,) * len(view)
            return view, [
                x.reshape(view) if w else x.reshape(one) if x.size == 1 else np.tile(x.reshape(-1), times)[None]
                for x, w in zip(arrays, whole, strict=True)
            ]
    return shape, [x.reshape((1,) * (len(shape) - x.ndim) + x.shape) for x in arrays]


def _tail(shape: Shape) -> Shape:
    """The shape without its leading ones."""
    first = next((i for i, n in enumerate(shape) if n != 1), len(shape))
    return shape[first:]


def relu_gradient(g: Array, y: Array) -> Array:
    """`g * (y > 0)` for arrays of one shape and dtype; y may be what went into the relu or what came out."""
    if g.size < BIG:
        return np.multiply(g, y > 0, dtype=g.dtype)
    return split(_relu_gradient, g, y, in_place=True)


def _relu_gradient(g: Array, y: Array, out: Array = None) -> Array:
    positive = np.greater(y, y.dtype.type(0), out=host.scratch("positive", y.shape, bool))
    factor = host.scratch("factor", y.shape, g.dtype)
    np.copyto(factor, positive)  # the cast by itself: NumPy takes longer to multiply mixed dtypes
    return np.multiply(g, factor, out=out)


# ---------------------------------------------------------------- reductions


def reduce(ufunc: np.ufunc, x: Array, axes: tuple[int, ...], keepdims: bool = False) -> Array:
    """`ufunc.reduce(x, axes)` in the dtype of `x`: fast for big arrays, and sums as accurate as NumPy's or better.

    Args:
      ufunc: `np.add`, `np.multiply`, `np.maximum`, `np.minimum`, `np.logical_or`...
      x: an array.
      axes: the axes to reduce, none negative, in order.
      keepdims: whether they stay, with size 1.
    """
    direct = x.size < BIG_REDUCTION or not axes or not x.flags.c_contiguous or host.wide(x.dtype) != x.dtype
    if direct:
        return ufunc.reduce(x, axis=axes, dtype=x.dtype, keepdims=keepdims)
    kept = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape)) if keepdims else kept
    if axes == tuple(range(len(axes))):
        return _over_rows(ufunc, x.reshape(-1, math.prod(kept))).reshape(shape)
    if axes == tuple(range(len(kept), x.ndim)):
        return _over_columns(ufunc, x.reshape(math.prod(kept), -1)).reshape(shape)
    return ufunc.reduce(x, axis=axes, dtype=x.dtype, keepdims=keepdims)


def _over_rows(ufunc: np.ufunc, x: Array) -> Array:
    """Reduces (rows, k) to (k,): blocks of rows first, then their results."""
    rows, k = x.shape
    if k == 1:
        x = x.reshape(-1)
    elif k < LONG:
        times = math.gcd(rows, 1 << ((LONG // k).bit_length() - 1))
        x = x.reshape(rows // times, times * k)
    grain = host.grain(x.shape[0], x.size // x.shape[0], BLOCK)
    parts = np.empty((-(-x.shape[0] // grain), *x.shape[1:]), x.dtype)

    def block(start: int, stop: int) -> None:
        parts[start // grain] = ufunc.reduce(x[start:stop], 0, x.dtype)

    host.parallel(block, x.shape[0], grain)
    return ufunc.reduce(ufunc.reduce(parts, 0, x.dtype).reshape(-1, k), 0, x.dtype)


def _over_columns(ufunc: np.ufunc, x: Array) -> Array:
    """Reduces (rows, k) to (rows,)."""
    rows, k = x.shape
    out = np.empty((rows,), x.dtype)

    def block(start: int, stop: int) -> None:
        reduce_rows(ufunc, x[start:stop], out[start:stop])

    with host.one_blas_thread():
        host.parallel(block, rows, host.grain(rows, k, 2 * BLOCK))
    return out


def reduce_rows(ufunc: np.ufunc, x: Array, out: Array) -> None:
    """Reduces a block (rows, k), contiguous, to `out` (rows,).

    Floats in rows that are not too long are faster summed by BLAS, as a product with ones, or by `einsum`.
    """
    k = x.shape[1]
    if ufunc is np.add and x.dtype.kind == "f" and 1 < k <= LONG:
        if k <= NARROW:
            np.matmul(x, np.ones(k, x.dtype), out=out)
        else:
            np.einsum("ij->i", x, out=out)
    elif k > NARROW or k < 2:
        ufunc.reduce(x, 1, x.dtype, out)
    else:
        _reduce_short_rows(ufunc, x, out)


def _reduce_short_rows(ufunc: np.ufunc, x: Array, out: Array) -> None:
    """Reduces all rows at once: neighbours everywhere in the block are combined, then those two apart, four apart...

    Each of these is one long contiguous operation; a row's result is picked from the sums, maxima... that fit it.
    """
    rows, k = x.shape
    level = x.reshape(-1)
    width, done = 1, 0  # `level` has the combinations of `width` cells; `out` those of the first `done` of each row
    for step in range(k.bit_length()):
        if k & width:
            picked = level[done::k][:rows]
            if done:
                ufunc(out, picked, out=out)
            else:
                np.copyto(out, picked)
            done += width
        if done < k:
            further = host.scratch(f"level{step % 2}", (level.size - width,), x.dtype)
            ufunc(level[:-width], level[width:], out=further)
            level, width = further, 2 * width


def softmax(x: Array) -> Array:
    """`exp(x)` over its sum along the last axis, without overflow; x has at least one axis."""
    k = x.shape[-1]
    out = np.empty(x.shape, x.dtype)
    if out.size == 0:
        return out
    dtype = host.wide(x.dtype)
    rows, results = np.ascontiguousarray(x).reshape(-1, k), out.reshape(-1, k)

    def block(start: int, stop: int) -> None:
        cells = rows[start:stop].astype(dtype, copy=False)
        result = results[start:stop] if dtype == x.dtype else np.empty(cells.shape, dtype)
        each = np.empty((stop - start, 1), dtype)
        if -SAFE <= cells.min() and cells.max() <= SAFE:
            np.exp(cells, out=result)
        else:
            reduce_rows(np.maximum, cells, each[:, 0])
            np.subtract(cells, each, out=result)
            np.exp(result, out=result)
        reduce_rows(np.add, result, each[:, 0])
        np.divide(result, each, out=result)
        if result.dtype != x.dtype:
            results[start:stop] = result

    with host.one_blas_thread():
        host.parallel(block, rows.shape[0], host.grain(rows.shape[0], k, CACHED))
    return out


# ---------------------------------------------------------------- matrix products


def matmul(a: Array, b: Array) -> Array:
    """`np.matmul`, on one thread if small, on BLAS's if middling, on ours if big.

    BLAS's threads start faster than ours, but go on spinning for a while, in the way of ours.
    """
    if a.ndim != 2 or b.ndim != 2:
        return np.matmul(a, b)
    (rows, k), columns = a.shape, b.shape[1]
    work = rows * k * columns
    if work < BLAS_SPLITS or BLAS_GAINS <= work < SPLIT_PRODUCT:
        return np.matmul(a, b)
    with host.one_blas_thread():
        if work < BLAS_GAINS:
            return np.matmul(a, b)
        out = np.empty((rows, columns), np.result_type(a, b))
        if rows >= columns:
            host.parallel(lambda i, j: np.matmul(a[i:j], b, out=out[i:j]), rows, host.share(rows))
        else:
            host.parallel(lambda i, j: np.matmul(a, b[:, i:j], out=out[:, i:j]), columns, host.share(columns))
        return out
