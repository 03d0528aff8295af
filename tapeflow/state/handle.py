"""What a Variable refers to: an array that is replaced, or changed in place while nobody else can see it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from sys import getrefcount
from threading import RLock
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.context import context, new_id, quietly
from ..base.devices import CPU
from ..base.dtypes import DType
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.symbol import Symbol
from ..core.tensor import Array, Tensor, at_hand

# Makes the new array from `(array, mine, *args)`; if `mine`, nobody else holds `array`, and it may be changed in place.
Change = Callable[..., Array]


class Handle:
    """The state that a Variable, its copies and the results of its `assign` share.

    Arrays that were read are never written to again: an update goes in place only when the handle's is the only
    reference to the array. To be sure of that, an update takes the array out of the handle, so that no other thread can
    get hold of it in the meantime; one that reads then waits.

    An engine with memory of its own leaves its result in `buffer`, with `array` None; the first to read makes `array` a
    view of it. Functions compiled for that engine take `buffer` back, and let go of `array`: the engine may then write
    the new value where the old one is, unless a view of it is still in somebody's hands. The engine sees that itself: a
    NumPy view of a JAX array is counted as an outside reference to its memory, and such memory is not given away.

    Args:
      array: the first value; not copied.
      shape: the shapes that values may have.
      name: the Variable's name, without `:0`.
    """

    __slots__ = ("__weakref__", "_id", "array", "buffer", "dtype", "lock", "name", "numeric", "numpy", "own", "shape")

    accelerator: Any = None  # where the array is; None: on the host
    alone = 0  # what getrefcount says in `update` of an array that only the handle holds; 0: not known, always copy

    def __init__(self, array: Array, shape: TensorShape, name: str) -> None:
        self.array: Array | None = array
        self.buffer: Any = None
        self.own = False  # whether `array` was made here: it is no view, nor in `buffer`, and may be written to
        self.shape = shape
        self.name = name
        self.dtype: DType = dtypes.of(array)
        self.numpy: np.dtype[Any] = array.dtype
        self.numeric = array.dtype.kind not in "bO"
        self.lock = RLock()
        self._id = new_id()

    @property
    def device(self) -> str:
        """The name of the device that has the array."""
        return CPU

    def fitting(self, value: Any) -> Array:
        """The array of `value`, converted to the handle's dtype."""
        if type(value) is Tensor and value._array.dtype is self.numpy:
            return value._array
        return at_hand(self.converted(value)._array)

    def converted(self, value: Any) -> Tensor:
        """`value` as a Tensor of the handle's dtype."""
        tensor = convert(value, self.dtype)
        if isinstance(tensor, Symbol) and context.graph is None:
            raise tensor.out_of_scope()
        return tensor

    def value(self) -> Any:
        """The array, which from now on never changes, where it is."""
        return self.read()

    def read(self) -> Array:
        """The array, which from now on never changes."""
        array = self.array
        if array is not None:
            return array
        with self.lock:  # an engine has the value, or another thread is updating
            if self.array is None:
                if self.buffer is None:
                    raise RuntimeError(f"The variable {self.name!r} was read from within an update of itself.")
                self.array, self.own = np.asarray(self.buffer), False
            return self.array

    def write(self, array: Array) -> None:
        """Replaces the array; the new one is not copied."""
        with self.lock:
            self.array, self.buffer, self.own = array, None, False

    def accumulate(self, ufunc: np.ufunc, delta: Array) -> None:
        """`update` for `ufunc(array, delta)`, of one shape: on the path of every training step.

        Raises:
          ValueError: if the shapes differ; then nothing has changed.
        """
        self.lock.acquire()
        array = self.array
        try:
            if array is None:
                array = self.read()
            if delta.shape != array.shape:
                raise ValueError("Cannot update a variable with a Tensor of another shape")
            self.array = None
            if self.own and getrefcount(array) == self.alone:
                ufunc(array, delta, array)
            else:
                array = renewed(self, ufunc, array, delta)
        finally:
            self.array = array
            self.lock.release()

    def update(self, change: Change, *args: Any) -> None:
        """Replaces the array by `change(array, mine, *args)`; if that raises, nothing has changed."""
        self.lock.acquire()
        array = self.array
        try:
            if array is None:
                array = self.read()
            self.array = self.buffer = None
            mine = getrefcount(array) == self.alone and array.base is None
            if mine:
                flags = array.flags
                mine = flags.owndata and flags.writeable
            self.own = mine  # what comes back is the same array, or new
            array = quietly(change, array, mine, *args)
        finally:
            self.array = array
            self.lock.release()


def renewed(handle: Handle, ufunc: np.ufunc, array: Array | None, delta: Array) -> Array:
    """For `Handle.accumulate`, which holds the lock: `ufunc(array, delta)` as a new array, to be that of `handle`."""
    array = ufunc(handle.read() if array is None else array, delta)
    handle.buffer = None
    handle.own = type(array) is np.ndarray  # of 0-d arrays NumPy makes scalars
    return array if handle.own else np.asarray(array)


def _calibrated() -> int:
    """How many references `getrefcount` sees in `update` when only the handle holds the array: by trying.

    0 (never change in place) where reference counts cannot be relied on: without the global interpreter lock, under a
    compiler that leaves references out, in interpreters that do not count.
    """
    counts = sys.implementation.name == "cpython" and sys.version_info < (3, 15)
    locked: bool = getattr(sys, "_is_gil_enabled", lambda: True)()
    jit = getattr(sys, "_jit", None)
    if not (counts and locked) or (jit is not None and jit.is_enabled()):
        return 0
    return next((count for count in (1, 2, 3) if all(map(_tells_apart, [count] * 8))), 0)


def _tells_apart(count: int) -> bool:
    """Whether, with this count, `update` knows an array of its own from one that a reader, or a view, holds too."""
    seen: list[bool] = []

    def note(array: Array, mine: bool) -> Array:
        seen.append(mine)
        return array

    class Probe(Handle):
        __slots__ = ()
        alone = count

    probe = Probe(np.zeros(3), TensorShape(3), "probe")
    probe.update(note)
    held = probe.array
    probe.update(note)
    del held
    view = probe.read()[1:]
    probe.update(note)
    del view
    probe.update(note)
    return seen == [True, False, False, True]


Handle.alone = _calibrated()
