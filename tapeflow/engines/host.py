"""The NumPy engine's machinery for big arrays: threads, cache-sized blocks, scratch memory.

Small arrays never come here: a kernel compares `x.size` with `BIG` and calls NumPy directly below it.
Everything is plain NumPy and standard library; without a second core, or inside a call that is already split,
the same blocks run one after the other.
"""

from __future__ import annotations

import ctypes
import math
import os
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

Array = Any
Work = Callable[[int, int], None]


# ---------------------------------------------------------------- threads


def _cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Job:
    """One split call: blocks are taken by whoever is free; `finish` waits for helpers that took one."""

    def __init__(self, work: Work, n: int, grain: int) -> None:
        self.work, self.n, self.grain = work, n, grain
        self.starts = iter(range(0, n, grain))  # next() of a range iterator is atomic
        self.lock = threading.Lock()
        self.helpers = 0
        self.over = False
        self.idle = threading.Lock()  # held while a helper is at work
        self.error: BaseException | None = None

    def run(self) -> None:
        for start in self.starts:
            self.work(start, min(start + self.grain, self.n))

    def help(self) -> None:
        with self.lock:
            if self.over:
                return
            self.helpers += 1
            if self.helpers == 1:
                self.idle.acquire()
        try:
            self.run()
        except BaseException as error:  # handed to the caller
            self.error = error
            self.starts = iter(range(0))
        with self.lock:
            self.helpers -= 1
            if self.helpers == 0:
                self.idle.release()

    def finish(self) -> None:
        with self.lock:
            self.over = True
        with self.idle:
            pass
        if self.error is not None:
            raise self.error


class _Pool:
    """`cores - 1` daemon threads, started at the first split call; the caller is the last of the crew."""

    def __init__(self) -> None:
        self.cores = _cores()
        self.busy = threading.Lock()
        self.jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self.started = False

    def start(self) -> None:
        for i in range(self.cores - 1):
            threading.Thread(target=self.serve, name=f"tapeflow-host-{i}", daemon=True).start()
        self.started = True

    def serve(self) -> None:
        while True:
            self.jobs.get().help()

    def run(self, work: Work, n: int, grain: int) -> None:
        if not self.started:
            self.start()
        job = _Job(work, n, grain)
        for _ in range(min(self.cores, -(-n // grain)) - 1):
            self.jobs.put(job)
        try:
            job.run()
        except BaseException:
            job.starts = iter(range(0))
            raise
        finally:
            job.finish()


_pool = _Pool()


def _reset() -> None:
    """After a fork the child has no helper threads: it starts its own when needed."""
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset)


def parallel(work: Work, n: int, grain: int) -> None:
    """Calls `work(start, stop)` for blocks of at most `grain` covering `range(n)`, on all cores.

    Blocks may run in any order and at the same time, so `work` must write to disjoint places. Calls from inside
    `work`, or while another thread has the helpers, run their blocks in order on the calling thread.
    The first exception of a block is raised here, when no block is running any more.
    """
    pool = _pool
    if n > grain and pool.cores > 1 and pool.busy.acquire(blocking=False):
        try:
            pool.run(work, n, grain)
        finally:
            pool.busy.release()
    else:
        for start in range(0, n, grain):
            work(start, min(start + grain, n))


# ---------------------------------------------------------------- scratch memory

_local = threading.local()


def scratch(name: str, shape: tuple[int, ...], dtype: Any) -> Array:
    """An uninitialised array of this thread, reused at the next call with the same name; never part of a result."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    memory = _local.__dict__.get(name)
    if memory is None or memory.size < size:
        memory = _local.__dict__[name] = np.empty(size, np.uint8)
    return memory[:size].view(dtype).reshape(shape)


# ---------------------------------------------------------------- BLAS threads


_blas_lock = threading.Lock()
_blas_depth = 0
_blas_before = 0


def _find_blas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """OpenBLAS's own functions to read and set its number of threads; None where NumPy has another BLAS."""
    try:
        from numpy._core import _multiarray_umath

        library = ctypes.CDLL(_multiarray_umath.__file__)  # a symbol is also looked for in what this file is linked to
        for prefix, suffix in (("scipy_", "64_"), ("scipy_", ""), ("", "64_"), ("", "")):
            get = getattr(library, f"{prefix}openblas_get_num_threads{suffix}", None)
            put = getattr(library, f"{prefix}openblas_set_num_threads{suffix}", None)
            if get is not None and put is not None:
                put.restype = None
                return get, put
    except (ImportError, OSError, AttributeError):
        pass
    return None


_blas: tuple[Callable[[], int], Callable[[int], None]] | bool | None = False  # False: not looked for yet


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Inside, matrix products run on the calling thread alone, as they should while Python threads share the cores."""
    global _blas, _blas_depth, _blas_before
    if _blas is False:
        _blas = _find_blas()
    if not isinstance(_blas, tuple):
        yield
        return
    get, put = _blas
    with _blas_lock:
        _blas_depth += 1
        if _blas_depth == 1:
            _blas_before = get()
            put(1)
    try:
        yield
    finally:
        with _blas_lock:
            _blas_depth -= 1
            if _blas_depth == 0:
                put(_blas_before)


def matmul(a: Array, b: Array) -> Array:
    """`np.matmul` whose threads are ours: BLAS's own would go on spinning for a while and keep ours from the core."""
    rows = a.shape[-2] if a.ndim > 1 else 0
    work = a.size * (b.shape[-1] if b.ndim > 1 else 1)
    if work < BIG_PRODUCT:
        return np.matmul(a, b)
    if a.ndim == b.ndim == 2 and work >= SPLIT_PRODUCT and rows >= 2:
        out = np.empty((rows, b.shape[1]), np.result_type(a, b))

        def block(start: int, stop: int) -> None:
            np.matmul(a[start:stop], b, out=out[start:stop])

        with one_blas_thread():
            parallel(block, rows, -(-rows // _pool.cores))
        return out
    with one_blas_thread():
        return np.matmul(a, b)


# ---------------------------------------------------------------- memory

_kept = False


def keep_memory() -> None:
    """Makes the C library keep big blocks for reuse (up to 1 GiB), where it is glibc; others go on as they are.

    Otherwise each result of 32 MiB and more is mapped from the system, page by page, and unmapped again: adding two
    arrays of 1e7 floats takes twice as long. Called when the first such result is made.
    """
    global _kept
    _kept = True
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    trim_threshold, mmap_max = -1, -4
    mallopt(mmap_max, 0)
    mallopt(trim_threshold, 1 << 30)


def empty(shape: tuple[int, ...], dtype: Any) -> Array:
    """`np.empty` for results that may be big."""
    dtype = np.dtype(dtype)
    if not _kept and math.prod(shape) * dtype.itemsize >= KEEP:
        keep_memory()
    return np.empty(shape, dtype)


# ---------------------------------------------------------------- elementwise

BIG = 1 << 18  # elements from which two threads are faster than one for exp, tanh...
BIG_CHEAP = 1 << 20  # the same for add, multiply...: bound by memory
BLOCK = 1 << 19  # elements in a block: shorter ones lose more to the interpreter's lock than they gain in the cache
KEEP = 1 << 24  # bytes of a result from which freed memory should be kept
BIG_PRODUCT = 1 << 18  # multiplications from which BLAS uses threads of its own
SPLIT_PRODUCT = 1 << 22  # multiplications from which we do


def elementwise(ufunc: np.ufunc, cheap: bool = False) -> Callable[..., Array]:
    """The kernel `(xp, *arrays) -> array` of a ufunc of one or two arguments, split over the cores where that pays."""
    big = BIG_CHEAP if cheap else BIG

    def unary(xp: Any, x: Array) -> Array:
        return ufunc(x) if x.size < big else split(ufunc, x)

    def binary(xp: Any, x: Array, y: Array) -> Array:
        return ufunc(x, y) if x.size < big and y.size < big else split(ufunc, x, y)

    return unary if ufunc.nin == 1 else binary


def split(function: Callable[..., Array], *arrays: Array) -> Array:
    """`function(*arrays)` in blocks over all cores, for a function of broadcast arrays that works element by element.

    A ufunc writes its blocks in place; of any other function the temporaries are as small as a block.
    """
    shape = np.broadcast_shapes(*(x.shape for x in arrays))
    sample = function(*(x[(slice(0, 1),) * x.ndim] for x in arrays))
    out = empty(shape, sample.dtype)
    if out.size == 0:
        return out
    rows, parts = _rows(shape, arrays)
    flat = out.reshape(rows, -1)
    is_ufunc = isinstance(function, np.ufunc)

    def block(start: int, stop: int) -> None:
        pieces = [x[start:stop] if x.shape[0] > 1 else x for x in parts]
        if is_ufunc:
            function(*pieces, out=flat[start:stop])
        else:
            flat[start:stop] = function(*pieces)

    if parts is None:
        return function(*arrays)
    parallel(block, rows, grain(rows, flat.shape[1], BLOCK if is_ufunc else BLOCK >> 2))
    return out


def _rows(shape: tuple[int, ...], arrays: tuple[Array, ...]) -> tuple[int, Any]:
    """The number of rows to view the result as, and the arrays with as many rows, or one row that is good for all.

    Rows of arrays that are only repeated (a bias) are made long, since NumPy takes a while to start each row.
    """
    size = math.prod(shape)
    full = [x.shape == shape for x in arrays]
    small = [x for x, whole in zip(arrays, full, strict=True) if not whole and x.size > 1]
    if not small:
        return size, [x.reshape(size) if whole else x.reshape(1) for x, whole in zip(arrays, full, strict=True)]
    return 0, None
