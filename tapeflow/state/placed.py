"""What a Variable on an accelerator refers to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.tensor_shape import TensorShape
from ..core.op import Op
from ..core.placing import current, given, is_numeric
from ..core.tensor import Array, DeviceArray, Tensor, at_hand, tensor_of
from ..engines import xla
from ..engines.devices import Accelerator
from .handle import Change, Handle


def handle_of(value: Tensor, shape: TensorShape, name: str) -> Handle:
    """The handle of a new Variable: on the accelerator that is open, if there is one."""
    array = value._array
    accelerator = current([value]) if is_numeric(array.dtype) else None
    return Handle(at_hand(array), shape, name) if accelerator is None else PlacedHandle(array, accelerator, shape, name)


def handle_on(accelerator: Accelerator | None, handle: Handle) -> Handle:
    """Another handle of the same value, on an accelerator or the host."""
    if accelerator is None:
        return Handle(handle.read(), handle.shape, handle.name)
    return PlacedHandle(handle.value(), accelerator, handle.shape, handle.name)


class PlacedHandle(Handle):
    """A handle whose array is on an accelerator.

    It has the value in one of two ways: in `buffer`, JAX's array that nobody else has, which an update may overwrite;
    or in `lent`, once somebody has read it. `array`, a value on the host, it never has.

    Args:
      array: the first value, wherever it is.
      accelerator: where the value is to be.
      shape: the shapes that values may have.
      name: the Variable's name, without `:0`.
    """

    __slots__ = ("accelerator", "lent")

    def __init__(self, array: Any, accelerator: Accelerator, shape: TensorShape, name: str) -> None:
        self.accelerator = accelerator
        super().__init__(array, shape, name)

    def _put(self, array: Any) -> None:
        self.lent = None if array is None else self._moved(array)

    array = property(lambda self: None, _put, doc="None; what is put there goes to the accelerator.")

    def _moved(self, array: Any) -> DeviceArray:
        if type(array) is not DeviceArray:
            return DeviceArray(array, self.accelerator)
        if array.accelerator is self.accelerator:
            return array
        return DeviceArray(self.accelerator.put(array.data), self.accelerator)

    @property
    def device(self) -> str:
        """The name of the device."""
        name: str = self.accelerator.name
        return name

    def fitting(self, value: Any) -> Any:
        """The array of `value`, wherever it is, converted to the handle's dtype."""
        tensor = tensor_of(value) if isinstance(value, DeviceArray) else super().converted(value)
        return tensor._array

    def value(self) -> DeviceArray:
        """The array, which from now on never changes."""
        with self.lock:
            if self.lent is None:
                if self.buffer is None:
                    raise RuntimeError(f"The variable {self.name!r} was read from within an update of itself.")
                self.lent, self.buffer = DeviceArray(self.buffer, self.accelerator), None
            return self.lent

    def read(self) -> Array:
        """A copy on the host."""
        return self.value().host

    def write(self, array: Any) -> None:
        """Replaces the array; the new one is not copied if it is on the accelerator."""
        with self.lock:
            self.lent, self.buffer = self._moved(array), None

    def handed(self, written: bool) -> Any:
        """JAX's array for a function; of one that will be `written` over, a copy if somebody has read it."""
        if self.lent is None:
            return self.buffer
        return xla.copied(self.lent.data) if written else self.lent.data

    def accumulate(self, ufunc: np.ufunc, delta: Any) -> None:
        """Replaces the array by `ufunc(array, delta)`, of one shape.

        Raises:
          ValueError: if the shapes differ; then nothing has changed.
        """
        with self.lock:
            if delta.shape != self.value_shape:
                raise ValueError("Cannot update a variable with a Tensor of another shape")
            self._replace(_pure(ufunc), (), (delta,))

    @property
    def value_shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        shape: tuple[int, ...] = (self.buffer if self.lent is None else self.lent).shape
        return shape

    def update(self, change: Change, *args: Any) -> None:
        """Replaces the array by `change(array, mine, *args)`, which the host computes."""
        with self.lock:
            self.write(change(np.array(self.read()), True, *map(at_hand, args)))

    def apply(self, op: Op, *arrays: Any, **attrs: Any) -> None:
        """Updates the array by an op; if that raises, nothing has changed."""
        pure = op.kernels.get("xla")
        if pure is None:
            op.host(self, *map(at_hand, arrays), **attrs)
            return
        with self.lock:
            self._replace(pure, tuple(attrs.items()), arrays)

    def _replace(self, pure: Callable[..., Any], attrs: tuple[Any, ...], arrays: tuple[Any, ...]) -> None:
        mine = self.lent is None
        old = self.buffer if mine else self.value().data
        with xla.x64():
            new = _code(pure, attrs, self.accelerator, mine)(old, *[given(x, self.accelerator) for x in arrays])
        self.buffer, self.lent = new, None


@functools.cache
def _pure(ufunc: np.ufunc) -> Callable[..., Any]:
    return lambda jax, old, delta: getattr(jax.numpy, ufunc.__name__)(old, delta)


@functools.lru_cache(256)
def _code(pure: Callable[..., Any], attrs: tuple[Any, ...], accelerator: Accelerator, mine: bool) -> Any:
    """An update as machine code, from old value and inputs to the new value. `mine`: the old one's memory is free."""
    jax = xla.jax()

    def updated(old: Any, *arrays: Any) -> Any:
        return jax.lax.convert_element_type(pure(jax, old, *arrays, **dict(attrs)), old.dtype)

    return xla.jitted(updated, accelerator.device, (0,) if mine else ())
