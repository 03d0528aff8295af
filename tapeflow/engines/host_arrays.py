"""Big arrays on NumPy: elementwise functions, reductions, softmax and matrix products in blocks over all cores.

Small arrays take the direct way into NumPy after one comparison of sizes.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
from numpy.lib import introspect

from ..base import shapes
from . import host

Array = Any
Shape = tuple[int, ...]

#: The dtype in which sums of another are made, where that is not the dtype itself.
WIDE = {np.dtype(np.float16): np.dtype(np.float32), np.dtype(ml_dtypes.bfloat16): np.dtype(np.float32)}

BIG = 1 << 18  # elements from which two threads are faster than one for exp, tanh...
BIG_CHEAP = 1 << 20  # the same for add, multiply..., which wait for memory
BIG_REDUCTION = 1 << 17  # elements from which a reduction is worth arranging
BLOCK = 1 << 19  # elements in a block: shorter ones lose more to the interpreter's lock than they gain in the cache
LONG_BLOCK = 1 << 21  # the same for reductions of long rows, which write next to nothing
CACHED = 1 << 18  # elements in a block that several steps pass over
SMALL = 1 << 11  # elements below which NumPy's own reductions are the best
ARRANGED = 1 << 15  # elements from which rows are reduced by other means than NumPy's reductions
LONG = 1 << 12  # elements in a row so long that starting it does not matter
MIDDLING = 1 << 8  # the same where there are not many rows; an eighth of it is long enough not to make it longer
MANY = 1 << 16  # elements of an array on whose rows a short row is repeated to make a long one
CACHED_ROW = 1 << 11  # elements in a long row that stays in a core's first cache beside what is read and written
SHORT = 64  # elements in a row up to which NumPy's time for a reduction goes into starting rows
NARROW = 16  # elements in a row up to which a product with ones sums it fastest
LASTING = 512  # elements in a row from which the place of the maximum is found faster than the maximum
HUGE = 1e37  # far enough from overflow in float32, also of the reciprocal
GENTLE = 8  # numbers up to this size have powers of e that are quickly made from powers of 2
GENTLE_SUM = 1e5  # what the sum of such powers may come to: none is of a number above 12
_LOG2_E = np.float32(1 / math.log(2))
_PLACES: dict[Any, Callable[..., Array]] = {np.maximum: np.argmax, np.minimum: np.argmin}  # NaN comes first in each
BLAS_SPLITS = 1 << 18  # multiplications from which BLAS would use threads of its own
BLAS_ALONE = 1 << 13  # elements of a matrix up to which BLAS multiplies it with a vector on one thread
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


def with_row(ufunc: np.ufunc, x: Array, row: Array, out: Any = None) -> Array:
    """`ufunc(x, row)`, where `row` may be one for all rows of a big array, as a bias is: a third of NumPy's time.

    NumPy starts each row anew; here several are done as one. (Much longer ones would not stay in the core's cache.)
    """
    width = row.size
    if row.ndim != 1 or x.shape[-1] != width or not x.flags.c_contiguous:
        return ufunc(x, row)
    times = math.gcd(x.size // width, 1 << max(0, (CACHED_ROW // width).bit_length() - 1))
    repeated = np.empty((times, width), row.dtype)
    repeated[...] = row
    result: Array = ufunc(x.reshape(-1, times * width), repeated.reshape(-1)).reshape(x.shape)
    return result


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


def sigmoid(x: Array) -> Array:
    """`1 / (1 + exp(-x))` for big arrays of float32 or float64."""
    return split(_sigmoid, x, in_place=True)


def _sigmoid(x: Array, out: Array = None) -> Array:
    one = x.dtype.type(1)
    out = np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, one, out=out)
    return np.divide(one, out, out=out)  # sooner done than the reciprocal


def relu(x: Array) -> Array:
    """`max(x, 0)`; NaN stays NaN. NumPy's loop for clipping is three times as fast as its maximum with a scalar."""
    if x.size < ARRANGED or x.dtype.kind != "f":
        return np.maximum(x, 0)
    bounds = x.dtype.type(0), x.dtype.type(np.inf)
    return np.clip(x, *bounds) if x.size < 2 * BIG_CHEAP else split(np.clip, x, *bounds, in_place=True)


def relu_gradient(g: Array, y: Array) -> Array:
    """`g * (y > 0)` for arrays of one shape and dtype; y may be what went into the relu or what came out."""
    if g.size < BIG:
        return np.multiply(g, y > 0, dtype=g.dtype)
    return split(_relu_gradient, g, y, in_place=True)


def _relu_gradient(g: Array, y: Array, out: Array = None) -> Array:
    out = np.empty_like(g) if out is None else out
    positive = np.greater(y, 0, out=host.scratch("positive", y.shape, bool))
    np.copyto(out, positive)  # sooner done than multiplying with a bool
    return np.multiply(g, out, out=out)


# ---------------------------------------------------------------- reductions


def reduce(
    ufunc: np.ufunc, x: Array, axes: int | tuple[int, ...], keep_dims: bool = False, dtype: Any = None
) -> Array:
    """`ufunc.reduce(x, axes)`: fast for big arrays, and sums as accurate as NumPy's or better.

    Args:
      ufunc: `np.add`, `np.multiply`, `np.maximum`, `np.minimum`, `np.logical_or`...
      x: an array; for a ufunc without an identity not an empty one.
      axes: the axes that go away.
      keep_dims: whether they stay, with size 1.
      dtype: in which to compute, and of the result; that of `x` by default.

    Raises:
      InvalidArgumentError: TensorFlow's, for axes of a scalar. Other axes that are not there are NumPy's to refuse.
    """
    dtype = dtype or x.dtype
    rows_away = axes == (0,) and x.ndim == 2 and not keep_dims  # as for the gradient of a bias
    if rows_away and ufunc is np.add and x.size <= BLAS_ALONE and dtype is x.dtype and dtype.char in "fd":
        return ones(x.shape[0], dtype).dot(x)
    if x.size >= SMALL and x.flags.c_contiguous:
        gone = shapes.reduction_axes(axes, x.ndim)
        left = x.ndim - len(gone)
        out = None
        if gone and not left:
            out = _all(ufunc, x.reshape(-1), dtype)
        elif gone and min(gone) == left:
            out = _rows_to_column(ufunc, x.reshape(math.prod(x.shape[:left]), -1), dtype)
        elif gone and max(gone) == len(gone) - 1:
            out = _rows_to_row(ufunc, x.reshape(-1, math.prod(x.shape[len(gone) :])), dtype)
        if out is not None:
            return out.reshape(shapes.reduce(x.shape, gone, keep_dims=keep_dims))
    elif not x.ndim:
        shapes.reduction_axes(axes, 0)  # NumPy takes axis 0 of a scalar
    return ufunc.reduce(x, axes, dtype, None, keep_dims)  # type: ignore[call-arg]  # by name it takes longer


@functools.lru_cache(maxsize=64)
def ones(n: int, dtype: Any) -> Array:
    """A vector to sum with, by a product: BLAS starts rows faster than NumPy's reductions do. Not to be changed."""
    return np.ones(n, dtype)


def _all(ufunc: np.ufunc, x: Array, dtype: Any) -> Array:
    """Reduces (n,) to (): cut into rows, if it is big."""
    even = x.size // LONG * LONG
    if x.size < BIG_REDUCTION or dtype != x.dtype:
        return ufunc.reduce(x, 0, dtype)
    out = ufunc.reduce(_rows_to_column(ufunc, x[:even].reshape(-1, LONG), dtype), 0, dtype)
    return out if even == x.size else ufunc(out, ufunc.reduce(x[even:], 0, dtype))


def _rows_to_row(ufunc: np.ufunc, x: Array, dtype: Any) -> Array:
    """Reduces (rows, k) to (k,): rows laid end to end to make long ones, in blocks, and then their results."""
    rows, k = x.shape
    big = x.size >= BIG_REDUCTION
    if not big and k > MIDDLING // 8:
        return ufunc.reduce(x, 0, dtype)
    times = min(rows, max(1, (LONG if big else MIDDLING) // k))
    even = rows // times * times
    long = x[:even].reshape(-1, times * k)
    grain = host.grain(long.shape[0], times * k, BLOCK) if big else long.shape[0]
    parts = np.empty((-(-long.shape[0] // grain), times * k), dtype)

    def block(start: int, stop: int) -> None:
        ufunc.reduce(long[start:stop], 0, dtype, parts[start // grain])

    host.parallel(block, long.shape[0], grain)
    parts = parts.reshape(-1, k)
    out = ufunc.reduce(parts, 0, dtype) if len(parts) > 1 else parts[0]
    return out if even == rows else ufunc(out, ufunc.reduce(x[even:], 0, dtype))


def _rows_to_column(ufunc: np.ufunc, x: Array, dtype: Any) -> Array:
    """Reduces (rows, k) to (rows,)."""
    rows, k = x.shape
    if x.size >= ARRANGED and dtype == x.dtype:
        out = np.empty((rows,), dtype)

        def block(start: int, stop: int) -> None:
            reduce_rows(ufunc, x[start:stop], out[start:stop])

        with host.one_blas_thread():
            few = k >= LASTING and x.size > LONG_BLOCK
            host.parallel(block, rows, host.grain(rows, k, LONG_BLOCK if few else BLOCK))
        return out
    if 1 < k < SHORT:  # transposed, the elements of many rows lie side by side
        out = np.empty((rows,), dtype)
        tile = ARRANGED // k
        for start in range(0, rows, tile):
            ufunc.reduce(x[start : start + tile].T.copy(), 0, dtype, out[start : start + tile])
        return out
    return ufunc.reduce(x, 1, dtype)


def reduce_rows(ufunc: np.ufunc, x: Array, out: Array) -> None:
    """Reduces a block (rows, k), contiguous, to `out` (rows,) of the same dtype.

    Floats in rows that are not too long are faster summed by BLAS, as a product with ones, or by `einsum`.
    """
    k = x.shape[1]
    if ufunc is np.add and x.dtype.char in "fd" and 1 < k <= LONG:
        if k <= NARROW:
            np.matmul(x, np.ones(k, x.dtype), out=out)
        else:
            np.einsum("ij->i", x, out=out)
    elif 1 < k <= SHORT:
        _reduce_short_rows(ufunc, x, out)
    elif ufunc in _PLACES and x.dtype.char in "fd" and k >= LASTING:
        at = _PLACES[ufunc](x, 1)
        at += np.arange(0, x.size, k)
        out[...] = x.reshape(-1).take(at)
    else:
        ufunc.reduce(x, 1, x.dtype, out)


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
        if dtype == x.dtype:
            _softmax_rows(rows[start:stop], results[start:stop])
        else:
            cells = rows[start:stop].astype(dtype)
            results[start:stop] = _softmax_rows(cells, np.empty_like(cells))

    with host.one_blas_thread():
        host.parallel(block, rows.shape[0], host.grain(rows.shape[0], k, BLOCK))
    return out


def _softmax_rows(x: Array, out: Array) -> Array:
    """Writes the softmax of each row of a matrix to `out`.

    Where numbers are small, as the first row suggests, `exp(x)` is `exp2(x log2(e))`. The error grows with the number,
    to 8e-7 of the result for the largest allowed: about as that of subtracting a maximum.
    """
    sums = np.empty((x.shape[0], 1), x.dtype)
    quick = x.dtype.char == "f" and _quick_powers() and np.abs(x[0]).max() < GENTLE
    if quick:
        np.exp2(np.multiply(x, _LOG2_E, out=out), out=out)
    else:
        np.exp(x, out=out)
    reduce_rows(np.add, out, sums[:, 0])
    # Too big a sum for what was done, or so small that numbers may be lost: again, with the maximum at 0.
    if not (sums.min() >= 1 and sums.max() <= (GENTLE_SUM if quick else HUGE)):
        reduce_rows(np.maximum, x, sums[:, 0])
        np.exp(np.subtract(x, sums, out=out), out=out)
        reduce_rows(np.add, out, sums[:, 0])
    return np.multiply(out, np.reciprocal(sums, out=sums), out=out)


@functools.cache
def _quick_powers() -> bool:
    """Whether NumPy has a fast loop for powers of 2 in float32: one with AVX-512. There is none for other machines."""
    loops = introspect.opt_func_info(func_name="^exp2$", signature="^float32$")
    current = loops.get("exp2", {}).get("ff", {}).get("current", "")
    return current.startswith(("AVX512", "X86_V4"))  # two names of the same, by NumPy's version


# ---------------------------------------------------------------- matrix products


def matmul(a: Array, b: Array) -> Array:
    """`np.matmul`, on one thread, or on ours if it is big; not on BLAS's.

    BLAS's threads start faster than ours and would gain a third on middling products. But they spin, in the way of
    ours; and where another program keeps a core busy they wait for each other for milliseconds: a training step of a
    small network took 30 ms in place of 0.5.
    """
    if a.ndim != 2 or b.ndim != 2:
        return np.matmul(a, b)
    (rows, k), columns = a.shape, b.shape[1]
    work = rows * k * columns
    if work < BLAS_SPLITS:
        return np.matmul(a, b)
    with host.one_blas_thread():
        if work < SPLIT_PRODUCT:
            return np.matmul(a, b)
        out: Array = np.empty((rows, columns), np.result_type(a, b))
        if rows >= columns:
            host.parallel(lambda i, j: np.matmul(a[i:j], b, out=out[i:j]), rows, host.share(rows))
        else:
            host.parallel(lambda i, j: np.matmul(a, b[:, i:j], out=out[:, i:j]), columns, host.share(columns))
        return out
