"""What the NumPy engine needs for big arrays: threads, scratch memory, BLAS's threads, the C library's memory.

Plain NumPy and standard library. Without a second core, or inside a call that is already split, the same blocks run
one after the other.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from ..base.context import BUFFER

Array = Any
Work = Callable[[int, int], None]
T = TypeVar("T")


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

    def stop(self) -> None:
        """Uses up the blocks that nobody has taken."""
        for _ in self.starts:
            pass

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
            self.stop()
        with self.lock:
            self.helpers -= 1
            if self.helpers == 0:
                self.idle.release()

    def finish(self) -> None:
        with self.lock:
            self.over = True
        with self.idle:
            pass
        del self.work  # a helper that wakes too late finds the job over; it must not keep the arrays alive until then
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
        np.seterr(all="ignore")  # as `execute` has it on the thread that calls; these settings are the thread's own
        np.setbufsize(BUFFER)
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
            job.stop()
            raise
        finally:
            job.finish()


_pool = _Pool()


def _reset() -> None:
    """After a fork the child has no helper threads, and locks may have been held: it makes its own."""
    global _pool, _blas_lock, _blas_depth
    _pool = _Pool()
    _blas_lock = threading.Lock()
    if _blas_depth and isinstance(_blas, tuple):
        _blas[1](_blas_before)
    _blas_depth = 0


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
    size = math.prod(shape) * dtype.itemsize
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
        from numpy._core import _multiarray_umath  # type: ignore[attr-defined]

        # A symbol is also looked for in what this file is linked to. Python's lock stays ours: it is dear to get back.
        library = ctypes.PyDLL(_multiarray_umath.__file__)
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


class one_blas_thread:  # noqa: N801 - used like a function; as a generator it would take twice as long
    """Inside, matrix products run on the calling thread alone, as they should while Python threads share the cores."""

    __slots__ = ()

    def __enter__(self) -> None:
        global _blas, _blas_depth, _blas_before
        if _blas is False:
            _blas = _find_blas()
        if type(_blas) is tuple:
            with _blas_lock:
                _blas_depth += 1
                if _blas_depth == 1:
                    _blas_before = _blas[0]()
                    _blas[1](1)

    def __exit__(self, *_error: object) -> None:
        global _blas_depth
        if type(_blas) is tuple:
            with _blas_lock:
                _blas_depth -= 1
                if _blas_depth == 0:
                    _blas[1](_blas_before)


def use_threads(count: int) -> None:
    """Limits our kernels and BLAS to `count` threads; 0 for one for each core.

    Raises:
      RuntimeError: if the threads have been started.
    """
    if _pool.started:
        raise RuntimeError("Intra op parallelism cannot be modified after initialization.")
    _pool.cores = count or _cores()
    blas = _find_blas()
    if blas is not None:
        blas[1](_pool.cores)


# ---------------------------------------------------------------- memory

def _keep_memory() -> None:
    """Makes the C library keep freed memory for reuse (up to 1 GiB), where it is glibc; elsewhere changes nothing.

    Otherwise much memory goes back to the system as soon as it is free, and comes again page by page: a step of a small
    convolutional network then makes 4,000 page faults, a product with 784x128 weights takes 190 us in place of 20, and
    adding two arrays of 1e7 floats nearly twice as long. This holds for the whole process; `TAPEFLOW_KEEP_MEMORY=0` in
    the environment leaves the C library as it is.
    """
    trim_threshold, mmap_max = -1, -4
    set_malloc(mmap_max, 0)
    set_malloc(trim_threshold, 1 << 30)


def set_malloc(parameter: int, value: int) -> None:
    """glibc's `mallopt`; does nothing elsewhere, or if the environment forbids it."""
    if os.environ.get("TAPEFLOW_KEEP_MEMORY") == "0":
        return
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(parameter, value)


_keep_memory()


# ---------------------------------------------------------------- sizes


def wide(dtype: Any) -> np.dtype[Any]:
    """The dtype in which sums of `dtype` are made: float32 for the 16-bit floats, otherwise itself."""
    dtype = np.dtype(dtype)
    return np.dtype(np.float32) if dtype.itemsize <= 2 and dtype.kind not in "iub" else dtype


def blocks(size: int, block: int) -> int:
    """In how many blocks of about `block` elements to cut `size` elements, so that all cores get as many."""
    count = -(-size // block)
    return count if count < 2 else -(-count // _pool.cores) * _pool.cores


def grain(n: int, size: int, block: int) -> int:
    """How many of `n` items of `size` elements make a block of about `block`, so that all cores get as many blocks."""
    return max(1, -(-n // max(1, min(n, blocks(n * size, block)))))


def share(n: int) -> int:
    """A core's equal share of `n` items."""
    return max(1, -(-n // _pool.cores))


def each(work: Callable[[T], None], items: Sequence[T]) -> None:
    """Calls `work` with each item, over all cores as `parallel` does, one BLAS thread in each."""

    def block(start: int, stop: int) -> None:
        for item in items[start:stop]:
            work(item)

    with one_blas_thread():
        parallel(block, len(items), 1)
