"""Help for tests: gradients against finite differences, and which ops a piece of code runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from .autodiff.tape import GradientTape
from .base import nest
from .base.context import context
from .core.convert import convert
from .core.tensor import Array, Tensor

Function = Callable[[Sequence[Tensor]], list[Tensor]]

_ELEMENTWISE = 64  # up to so many elements each is moved on its own; beyond, all are, along random directions
_DIRECTIONS = 3


class OpCall(NamedTuple):
    """An op that has run: its name and attributes, what went in (Python values where static), what came out."""

    op: str
    attrs: dict[str, Any]
    inputs: tuple[Any, ...]
    outputs: tuple[Tensor, ...]


class _Observer:
    def __init__(self) -> None:
        self.calls: list[OpCall] = []

    def record(self, op: Any, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        self.calls.append(OpCall(op.name, attrs, inputs, (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)))

    def read(self, variable: Any, value: Any) -> None:
        """Reading a Variable is no op."""


@contextmanager
def observe_ops() -> Iterator[list[OpCall]]:
    """Lists the ops that run inside the `with` block, on this thread.

    Returns:
      A context manager that gives the list, which grows as ops run.

    >>> from tapeflow.testing import observe_ops
    >>> x = tf.constant([1.0, 2.0])
    >>> with observe_ops() as calls:
    ...     y = tf.exp(x) * 2.0
    >>> [call.op for call in calls]
    ['Exp', 'Mul']
    """
    observer = _Observer()
    context.recorders = (*context.recorders, observer)
    try:
        yield observer.calls
    finally:
        context.recorders = tuple(recorder for recorder in context.recorders if recorder is not observer)


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    eps: float = 1e-5,
    rtol: float = 1e-5,
    atol: float = 1e-6,
) -> None:
    """Compares the gradients that a tape finds for `f` with central finite differences.

    Everything is done in double precision: floating point arguments become float64, complex ones complex128, and `f`
    has to take them. The outputs of `f` are weighted at random and summed, so that one gradient tests all of them.
    Keep the arguments away from kinks and jumps. Up to 64 elements are moved one by one, so that the message can say
    which is wrong; more, and the orders above the first, are moved together along random directions.

    Args:
      f: a function of `*args` that returns a Tensor or a structure of Tensors, the same ones for the same arguments.
      args: Tensors, NumPy arrays or numbers. Integers, booleans and strings are handed on as they are.
      order: how many times to differentiate; 2 also checks the gradient of the gradient.
      eps: how far an argument is moved, relative to its size or 1, whichever is larger.
      rtol: how far the two may be apart, relative to the value.
      atol: how far they may be apart besides, relative to the largest value or 1, whichever is larger.

    Raises:
      AssertionError: if they differ, or if the tape says None of an argument that matters; the message says where.
      ValueError: if there is nothing to differentiate.

    >>> from tapeflow.testing import check_grads
    >>> check_grads(lambda x, y: tf.sin(x) * y, [[0.5, 1.0], 2.0])

    It finds mistakes in gradients of your own:

    >>> @tf.custom_gradient
    ... def cube(x):
    ...     return x * x * x, lambda g: g * 2.0 * x * x
    >>> check_grads(cube, [[1.0, 2.0]], order=1)
    Traceback (most recent call last):
    AssertionError: order 1, argument 0, at [1]: the tape says ..., differences say ... (2 of 2 elements are wrong)
    """
    tensors = [_in_double(arg) for arg in args]
    places = [i for i, tensor in enumerate(tensors) if _is_inexact(tensor)]

    def function(xs: Sequence[Tensor]) -> list[Tensor]:
        full = list(tensors)
        for place, x in zip(places, xs, strict=True):
            full[place] = x
        results = nest.flatten(f(*full), expand_composites=True)
        return [result for result in results if isinstance(result, Tensor) and _is_inexact(result)]

    points = [tensors[place].numpy() for place in places]
    names = [f"argument {place}" for place in places]
    random = np.random.default_rng(0)
    differentiated: Function = function
    for current in range(1, order + 1):
        weights = [_random_like(random, y.numpy()) for y in differentiated(_constants(points))]
        if not (points and weights):
            if current == 1:
                raise ValueError("f has no floating point argument or output: there is nothing to differentiate.")
            return
        directions = random if current > 1 else None
        _compare(differentiated, points, weights, names, f"order {current}", directions, (eps, rtol, atol))
        differentiated = _derivative(differentiated, len(points))
        names += [f"output gradient {i} of order {current}" for i in range(len(weights))]
        points = points + weights


def _in_double(value: Any) -> Tensor:
    tensor = convert(value)
    if tensor.dtype.is_floating:
        return convert(tensor.numpy().astype(np.float64))
    return convert(tensor.numpy().astype(np.complex128)) if tensor.dtype.is_complex else tensor


def _is_inexact(tensor: Tensor) -> bool:
    return tensor.dtype.is_floating or tensor.dtype.is_complex


def _constants(arrays: Sequence[Array]) -> list[Tensor]:
    return [convert(array) for array in arrays]


def _random_like(random: np.random.Generator, array: Array) -> Array:
    """Numbers of a size between 0.5 and 1.5 and of either sign, so that none is lost."""

    def real() -> Array:
        return random.uniform(0.5, 1.5, array.shape) * random.choice([-1.0, 1.0], array.shape)

    return (real() + 1j * real() if array.dtype.kind == "c" else np.asarray(real())).astype(array.dtype)


def _derivative(function: Function, count: int) -> Function:
    """The gradients of `function` as a function of its `count` arguments and of the output gradients."""

    def derivative(arguments: Sequence[Tensor]) -> list[Tensor]:
        return [convert(g) for g in _gradients(function, arguments[:count], arguments[count:]) if g is not None]

    return derivative


def _gradients(function: Function, xs: Sequence[Tensor], output_gradients: Sequence[Tensor]) -> list[Any]:
    with GradientTape() as tape:
        tape.watch(list(xs))
        ys = function(xs)
    found: list[Any] = tape.gradient(ys, list(xs), output_gradients=list(output_gradients))
    return found


def _compare(
    function: Function,
    points: list[Array],
    weights: list[Array],
    names: list[str],
    title: str,
    random: np.random.Generator | None,
    limits: tuple[float, float, float],
) -> None:
    eps, rtol, atol = limits
    gradients = _gradients(function, _constants(points), _constants(weights))

    def total(moved: list[Array]) -> float:
        outputs = function(_constants(moved))
        return float(sum(np.sum((np.conj(w) * y.numpy()).real) for w, y in zip(weights, outputs, strict=True)))

    if random is None and sum(point.size for point in points) > _ELEMENTWISE:
        random = np.random.default_rng(1)
    for i, gradient in enumerate(gradients):
        by_tape = np.zeros_like(points[i]) if gradient is None else convert(gradient).numpy()
        directions = _units(points[i]) if random is None else _some_directions(random, points[i])
        expected = np.array([_slope(total, points, i, direction, eps) for direction in directions])
        actual = np.array([np.sum((np.conj(by_tape) * direction).real) for direction in directions])
        error = np.abs(actual - expected)
        wrong = ~(error <= atol * max(1.0, float(np.max(np.abs(expected), initial=0.0))) + rtol * np.abs(expected))
        if wrong.any():
            worst = int(np.argmax(np.where(np.isnan(error), np.inf, error)))
            where = _position(points[i], worst) if random is None else "along a random direction"
            said = "None, which is 0" if gradient is None else f"{actual[worst]:.8g}"
            raise AssertionError(
                f"{title}, {names[i]}, {where}: the tape says {said}, differences say {expected[worst]:.8g} "
                f"({int(wrong.sum())} of {wrong.size} {'elements' if random is None else 'directions'} are wrong)"
            )


def _units(point: Array) -> list[Array]:
    """A direction for each element; for each of its parts if it is complex."""
    parts = [1.0, 1.0j] if point.dtype.kind == "c" else [1.0]
    return [_unit(point, k, part) for k in range(point.size) for part in parts]


def _unit(point: Array, k: int, part: complex) -> Array:
    direction = np.zeros_like(point)
    direction.reshape(-1)[k] = part
    return direction


def _some_directions(random: np.random.Generator, point: Array) -> list[Array]:
    return [_random_like(random, point) for _ in range(_DIRECTIONS if point.size else 0)]


def _slope(total: Callable[[list[Array]], float], points: list[Array], i: int, direction: Array, eps: float) -> float:
    step = eps * max(1.0, float(np.max(np.abs(points[i] * (direction != 0)), initial=0.0)))
    ahead = total([p + step * direction if k == i else p for k, p in enumerate(points)])
    behind = total([p - step * direction if k == i else p for k, p in enumerate(points)])
    return (ahead - behind) / (2 * step)


def _position(point: Array, direction: int) -> str:
    if point.dtype.kind == "c":
        direction, part = divmod(direction, 2)
        suffix = " (imaginary part)" if part else " (real part)"
    else:
        suffix = ""
    return f"at {[int(k) for k in np.unravel_index(direction, point.shape)]}{suffix}"

