"""`tf.test.compute_gradient`: Jacobians, by the tape and by differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .autodiff.tape import GradientTape
from .core.convert import convert
from .core.tensor import Tensor

Array = Any


def compute_gradient(
    f: Callable[..., Any], x: Sequence[Any], delta: float | None = None
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """The Jacobians of a function, as a tape finds them, and as central differences do.

    Args:
      f: a function of Tensors that returns a Tensor.
      x: a list or tuple of its arguments, floating point or complex.
      delta: how far arguments are moved, 1/1024 by default.

    Returns:
      Two tuples with a matrix for each argument: a row for each element of the result, a column for each element of
      the argument; of complex numbers two, for the real and the imaginary part.

    Raises:
      AssertionError: if an argument or the result is of another dtype.
      ValueError: if `x` is no list or tuple, or if the result is empty, but its gradient is not zero.

    >>> by_tape, by_differences = tf.test.compute_gradient(lambda x: x * x, [tf.constant([1.0, 3.0])])
    >>> print(by_tape[0])
    [[2. 0.]
     [0. 6.]]
    """
    if not isinstance(x, (list, tuple)):
        raise ValueError(
            f"`x` must be a list or tuple of values convertible to a Tensor (arguments to `f`), not a {type(x)}"
        )
    tensors = [convert(value) for value in x]
    y = convert(f(*tensors))
    for tensor, place in [*((tensor, f"argument {i}") for i, tensor in enumerate(tensors)), (y, "y")]:
        assert tensor.dtype.is_floating or tensor.dtype.is_complex, (
            f"Cannot compute gradient for unsupported type {tensor.dtype.name} of {place}"
        )
    step = 1.0 / 1024 if delta is None else delta
    pairs = [(_by_tape(f, tensors, i), _by_differences(f, tensors, i, step)) for i in range(len(tensors))]
    return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def _parts(array: Array) -> Array:
    """An array flat; complex numbers as pairs of real ones."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat.view(flat.real.dtype) if flat.dtype.kind == "c" else flat


def _by_tape(f: Callable[..., Any], tensors: list[Tensor], i: int) -> Array:
    with GradientTape(persistent=True) as tape:
        tape.watch(tensors[i])
        y = convert(f(*tensors))
    count = _parts(y.numpy()).size
    columns = _parts(tensors[i].numpy()).size
    rows = np.zeros((count, columns), _parts(tensors[i].numpy()).dtype)
    for k in range(count):
        seed = np.zeros(y.numpy().size, y.numpy().dtype)
        _parts_of(seed)[k] = 1
        found = tape.gradient(y, tensors[i], convert(seed.reshape(y.numpy().shape)))
        if found is not None:
            rows[k] = _parts(convert(found).numpy())
    if not count:
        _check_nothing(tape.gradient(y, tensors[i]), tensors[i])
    return rows


def _check_nothing(gradient: Any, x: Tensor) -> None:
    """An empty result does not depend on anything."""
    found = np.zeros_like(x.numpy()) if gradient is None else convert(gradient).numpy()
    if found.shape != x.shape:
        raise ValueError(f"Empty gradient has wrong shape: expected {x.shape}, got {found.shape}")
    if found.any():
        raise ValueError("Empty tensor with nonzero gradients")


def _parts_of(flat: Array) -> Array:
    return flat.view(flat.real.dtype) if flat.dtype.kind == "c" else flat


def _by_differences(f: Callable[..., Any], tensors: list[Tensor], i: int, step: float) -> Array:
    point = tensors[i].numpy()
    columns = []
    for k in range(_parts(point).size):
        ends = []
        for sign in (1, -1):
            moved = np.array(point).reshape(-1)
            _parts_of(moved)[k] += sign * step
            arguments = [convert(moved.reshape(point.shape)) if j == i else x for j, x in enumerate(tensors)]
            ends.append(_parts(convert(f(*arguments)).numpy()))
        columns.append(((ends[0] - ends[1]) / np.asarray(2 * step, ends[0].dtype)).astype(_parts(point).dtype))
    if not columns:
        return np.zeros((_parts(convert(f(*tensors)).numpy()).size, 0), _parts(point).dtype)
    return np.stack(columns, 1)
