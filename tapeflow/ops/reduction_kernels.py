"""How NumPy reduces fast: rows too short for its loops are made longer."""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np

from ..base import shapes
from ..core.tensor import Array
from ..engines import host, host_arrays

#: The dtype in which sums of another are made, where that is not the dtype itself.
WIDE = {np.dtype(np.float16): np.dtype(np.float32), np.dtype(ml_dtypes.bfloat16): np.dtype(np.float32)}

_SMALL = 2048  # elements below which it does not matter
_SHORT = 32  # elements in a row below which NumPy's loop over rows costs more than the elements
_LONG = 256  # elements in a row, made of short ones
_MANY = 1 << 15  # elements from which the engine's own ways pay
_BLOCK = 1 << 20  # elements that one thread takes at a time
_TILE = 1 << 15  # elements that are transposed at a time: they stay in the cache


def reduce(ufunc: np.ufunc, x: Array, axes: int | tuple[int, ...], keep_dims: bool, dtype: Any) -> Array:
    """`ufunc.reduce(x, axes)`, in `dtype`; raises TensorFlow's error for axes of a scalar."""
    if x.size >= _SMALL and x.flags.c_contiguous:
        gone = shapes.reduction_axes(axes, x.ndim)
        edge = x.ndim - len(gone)
        if gone and edge:
            if min(gone) == edge and (length := math.prod(x.shape[edge:])) < _limit(ufunc, x, dtype):
                out = _along_rows(ufunc, x.reshape(-1, length), dtype)
                return out.reshape(shapes.reduce(x.shape, gone, keep_dims=keep_dims))
            if max(gone) == len(gone) - 1 and (width := math.prod(x.shape[len(gone) :])) < _SHORT:
                out = _down_short_rows(ufunc, x.reshape(-1, width), dtype)
                return out.reshape(shapes.reduce(x.shape, gone, keep_dims=keep_dims))
    elif not x.ndim:
        shapes.reduction_axes(axes, 0)  # NumPy takes axis 0 of a scalar
    return ufunc.reduce(x, axes, dtype, None, keep_dims)  # type: ignore[call-arg]  # by name it takes longer


def _limit(ufunc: np.ufunc, x: Array, dtype: Any) -> int:
    """The length of rows from which NumPy's own way is the best."""
    many_floats = ufunc is np.add and x.dtype.kind == "f" and dtype == x.dtype and x.size >= _MANY
    return host_arrays.LONG if many_floats else _SHORT


def _along_rows(ufunc: np.ufunc, x: Array, dtype: Any) -> Array:
    """Each row to one element: transposed, the rows' elements lie side by side."""
    rows, length = x.shape
    out = np.empty((rows,), dtype)
    if x.size >= _MANY and dtype == x.dtype:
        with host.one_blas_thread():
            host.parallel(
                lambda i, j: host_arrays.reduce_rows(ufunc, x[i:j], out[i:j]), rows, host.grain(rows, length, _BLOCK)
            )
        return out
    tile = _TILE // length
    for start in range(0, rows, tile):
        ufunc.reduce(x[start : start + tile].T.copy(), 0, dtype, out[start : start + tile])
    return out


def _down_short_rows(ufunc: np.ufunc, x: Array, dtype: Any) -> Array:
    """All rows to one: first with many laid end to end."""
    rows, width = x.shape
    fold = min(_LONG // width, rows)
    even = rows // fold * fold
    out = ufunc.reduce(x[:even].reshape(-1, fold * width), 0, dtype).reshape(fold, width)
    out = ufunc.reduce(out, 0, dtype)
    return out if even == rows else ufunc(out, ufunc.reduce(x[even:], 0, dtype))
