"""The Cholesky factor on the NumPy engine: small matrices straight from NumPy's loop, big ones in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engines import host
from .lapack import loop

Array = Any

_BLOCK = 128  # rows that LAPACK factors; the rest is made of products of such blocks
_BIG = 512  # rows from which on that is faster


def cholesky(x: Array) -> Array:
    """The lower triangular factor of matrices `[..., n, n]` of a dtype of LAPACK's.

    Those that are not positive definite become NaN below and on the diagonal. Only the lower triangle is read.
    """
    if not x.size:
        return np.empty(x.shape, x.dtype)
    n = x.shape[-1]
    return _in_blocks(x) if x.ndim == 2 and n >= _BIG else _factor(x)


def _factor(x: Array) -> Array:
    factor = loop("cholesky_lo")
    if factor is None:
        return _by_numpy(x)
    out = factor(x)
    failed = np.isnan(out[..., 0, -1])  # NumPy's loop fills what fails with NaN, otherwise this is 0
    if failed.any():
        out[failed] = _not_a_number(x)
    return out


def _by_numpy(x: Array) -> Array:
    try:
        return np.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        return np.stack([_by_numpy(part) for part in x]) if x.ndim > 2 else _not_a_number(x)


def _not_a_number(x: Array) -> Array:
    return np.tril(np.full(x.shape[-2:], np.nan, x.dtype))


def _in_blocks(x: Array) -> Array:
    """A big matrix, on all cores: block columns from the left, each taken from all that is right of it."""
    out = np.tril(x)
    n = len(out)
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        corner = out[start:stop, start:stop] = _factor(out[start:stop, start:stop])
        if np.isnan(corner[-1, -1]):
            return _not_a_number(x)
        if stop < n:
            _below(out, corner, start, stop)
    return out


def _below(out: Array, corner: Array, start: int, stop: int) -> None:
    """What the block column means for the rows below its corner."""
    n = len(out)
    column = out[stop:, start:stop]
    conjugate = np.empty((stop - start, n - stop), out.dtype)
    solved = loop("solve") or np.linalg.solve

    def solve(first: int, last: int) -> None:
        conjugate[:, first:last] = solved(corner, column[first:last].conj().T)
        column[first:last] = conjugate[:, first:last].conj().T

    def take(first: int, last: int) -> None:
        for i in range(first, last, _BLOCK):  # no more of the upper triangle than there is in blocks on the diagonal
            j = min(i + _BLOCK, last)
            out[stop + i :, stop + i : stop + j] -= column[i:] @ conjugate[:, i:j]

    with host.one_blas_thread():
        host.parallel(solve, n - stop, host.share(n - stop))
        host.parallel(take, n - stop, _BLOCK)
        for i in range(stop, n, _BLOCK):
            corner = out[i : i + _BLOCK, i : i + _BLOCK]
            corner[...] = np.tril(corner)
