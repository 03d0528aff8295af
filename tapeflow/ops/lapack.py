"""LAPACK: routines that NumPy does not call itself (SciPy's, where it is installed), and threads over batches."""

from __future__ import annotations

import contextvars
import ctypes
import functools
import importlib
import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.extras import need
from ..core.op import Op
from ..core.tensor import Array
from ..engines import host


@functools.cache
def routine(name: str, char: str) -> Any:
    """A routine for arrays of a dtype, given its `char` (one of `fdFD`); None if SciPy is not installed."""
    try:
        module = need("scipy.linalg.lapack", "scipy", "tf.linalg")
    except ImportError:
        return None
    return _on_one_thread(getattr(module, {"f": "s", "d": "d", "F": "c", "D": "z"}[char] + name))


_lock = threading.Lock()


def _on_one_thread(function: Callable[..., Any]) -> Callable[..., Any]:
    """SciPy has a BLAS of its own, whose threads take long to wake up when the cores are busy."""
    threads = _scipy_blas()
    if threads is None:
        return function
    get, put = threads

    def run(*args: Any, **options: Any) -> Any:
        with _lock:
            before = get()
            put(1)
            try:
                return function(*args, **options)
            finally:
                put(before)

    return run


@functools.cache
def _scipy_blas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """SciPy's OpenBLAS's functions to read and set its number of threads; None where it has another BLAS."""
    module = need("scipy.linalg._flapack", "scipy", "tf.linalg")
    try:
        library = ctypes.CDLL(module.__file__)  # a symbol is also looked for in what this file is linked to
        get, put = library.scipy_openblas_get_num_threads, library.scipy_openblas_set_num_threads
    except (OSError, AttributeError):
        return None
    put.restype = None
    return get, put


@functools.cache
def loop(name: str) -> Any:
    """NumPy's own loop over stacks of matrices; None where it cannot be found.

    The functions of `numpy.linalg` call them; what these do before takes longer than the work on small matrices. Where
    LAPACK fails a loop's results are NaN.
    """
    try:
        return getattr(importlib.import_module("numpy.linalg._umath_linalg"), name, None)
    except ModuleNotFoundError:
        return None


def matrices(*arrays: Array) -> Any:
    """The matrices of batches of equal sizes, one after the other: as tuples."""
    return zip(*(array.reshape(-1, *array.shape[-2:]) for array in arrays), strict=True)


def few(batch: tuple[int, ...], rows: int) -> bool:
    """Whether there are so few matrices that a call of LAPACK for each is better than NumPy's for each row."""
    return int(np.prod(batch)) < 4 * rows


# ---------------------------------------------------------------- threads

BIG = 20_000  # elements; from here on it pays to keep BLAS to one thread, and to give each of ours a part of the batch


def in_batches(*ops: Op) -> None:
    """Has the host's kernels of these ops share a batch of matrices among our threads, with one of BLAS's in each.

    BLAS's own threads wait for each other in matrices of this size, by spinning.
    """
    for op in ops:
        op.on("host")(_spread(op.kernels.get("host") or op.kernel))


def _spread(kernel: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(kernel)
    def run(xp: Any, *arrays: Array, **attrs: Any) -> Any:
        if arrays[0].size < BIG:
            return kernel(xp, *arrays, **attrs)
        batch = arrays[0].shape[:-2]
        count = math.prod(batch)
        with host.one_blas_thread():
            if count == 1 or any(array.shape[:-2] != batch for array in arrays):
                return kernel(xp, *arrays, **attrs)
            flat = [array.reshape(count, *array.shape[-2:]) for array in arrays]
            return _gathered(functools.partial(kernel, xp, **attrs), flat, batch)

    return run


def _gathered(kernel: Callable[..., Any], flat: list[Array], batch: tuple[int, ...]) -> Any:
    """The results of the kernel for pieces of the batch, put together."""
    count = len(flat[0])
    found: dict[int, Any] = {}
    context = contextvars.copy_context()  # so that NumPy's warnings are silenced on the other threads, too

    def piece(start: int, stop: int) -> None:
        found[start] = context.copy().run(kernel, *[array[start:stop] for array in flat])

    host.parallel(piece, count, max(1, -(-count // 8)))
    pieces = [found[start] for start in sorted(found)]
    if not isinstance(pieces[0], tuple):
        return _joined(pieces, batch)
    return tuple(_joined(parts, batch) for parts in zip(*pieces))


def _joined(pieces: Any, batch: tuple[int, ...]) -> Array:
    """What was not asked for is empty in each piece."""
    whole = np.concatenate(pieces)
    return whole.reshape(*batch, *whole.shape[1:]) if len(whole) else whole
