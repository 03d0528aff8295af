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
    which are wrong; more, and the orders above the first, are moved together along random directions, and if these are
    wrong, an element that is to blame is searched for.

    Args:
      f: a function of `*args` that returns a Tensor or a structure of Tensors, the same ones for the same arguments.
      args: Tensors, NumPy arrays or numbers. Integers, booleans and strings are handed on as they are.
      order: how many times to differentiate; 2 also checks the gradient of the gradient.
      eps: how far an argument is moved, relative to its size or 1, whichever is larger.
      rtol: how far the two may be apart, relative to the value.
      atol: how far they may be apart besides, relative to the largest value or 1, whichever is larger.

    Raises:
      AssertionError: if they differ, or if the tape says None of an argument that matters; the message says where,
        and how far and by which factor the derivative of the weighted sum is off.
      ValueError: if there is nothing to differentiate.

    >>> from tapeflow.testing import check_grads
    >>> check_grads(lambda x, y: tf.sin(x) * y, [[0.5, 1.0], 2.0])

    It finds mistakes in gradients of your own:

    >>> @tf.custom_gradient
    ... def cube(x):
    ...     return x * x * x, lambda g: g * 2.0 * x * x
    >>> check_grads(cube, [[1.0, 2.0]], order=1)
    Traceback (most recent call last):
    AssertionError: order 1, argument 0, at [1]: the tape says ..., differences say ...: off by ..., 0.66667 times
    (2 of 2 elements are wrong)
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
    eps, *tolerances = limits
    gradients = _gradients(function, _constants(points), _constants(weights))

    def total(moved: list[Array]) -> float:
        outputs = function(_constants(moved))
        return float(sum(np.sum((np.conj(w) * y.numpy()).real) for w, y in zip(weights, outputs, strict=True)))

    if random is None and sum(point.size for point in points) > _ELEMENTWISE:
        random = np.random.default_rng(1)
    for i, gradient in enumerate(gradients):
        by_tape = np.zeros_like(points[i]) if gradient is None else convert(gradient).numpy()

        def slopes(directions: list[Array], i: int = i, by_tape: Array = by_tape) -> _Slopes:
            expected = [_slope(total, points, i, direction, eps) for direction in directions]
            return _Slopes.of([_along(by_tape, direction) for direction in directions], expected, tolerances)

        directions = _units(points[i]) if random is None else _some_directions(random, points[i])
        found = slopes(directions)
        if found.wrong.any():
            of = "elements" if random is None else "random directions"
            count = f"{int(found.wrong.sum())} of {found.wrong.size} {of} are wrong"
            if random is not None:
                directions = _units_of_worst(directions[found.worst()], slopes)
                found = slopes(directions)
            where = _position(directions[found.worst()])
            raise AssertionError(f"{title}, {names[i]}, {where}: {found.told(gradient is None)} ({count})")


class _Slopes(NamedTuple):
    """Derivatives along directions, as the tape says and as differences do."""

    actual: Array
    expected: Array
    error: Array
    wrong: Array

    @classmethod
    def of(cls, actual: list[Any], expected: list[float], tolerances: Sequence[float]) -> _Slopes:
        rtol, atol = tolerances
        by_tape, by_differences = np.array(actual, np.float64), np.array(expected, np.float64)
        error, size = np.abs(by_tape - by_differences), np.abs(by_differences)
        allowed = atol * max(1.0, float(np.max(size, initial=0.0))) + rtol * size
        return cls(by_tape, by_differences, np.where(np.isnan(error), np.inf, error), ~(error <= allowed))

    def worst(self) -> int:
        return int(np.argmax(self.error))

    def told(self, is_none: bool) -> str:
        actual, expected = self.actual[self.worst()], self.expected[self.worst()]
        said = "None, which is 0" if is_none else f"{actual:.8g}"
        times = f", {actual / expected:.5g} times" if expected and not is_none else ""
        return f"the tape says {said}, differences say {expected:.8g}: off by {actual - expected:.3g}{times}"


def _along(gradient: Array, direction: Array) -> float:
    moved = direction != 0  # elsewhere the gradient may be NaN
    return float(np.sum((np.conj(gradient[moved]) * direction[moved]).real))


def _units_of_worst(direction: Array, slopes: Callable[[list[Array]], _Slopes]) -> list[Array]:
    """The units of an element that makes a direction wrong: of what it moves, the worse half, again and again."""
    flat = direction.reshape(-1)
    first, end = 0, flat.size
    while end - first > 1:
        middle = (first + end) // 2
        halves = []
        for start, stop in ((first, middle), (middle, end)):
            half = np.zeros_like(flat)
            half[start:stop] = flat[start:stop]
            halves.append(half.reshape(direction.shape))
        first, end = (first, middle) if slopes(halves).worst() == 0 else (middle, end)
    return [_unit(direction, first, part) for part in _parts(direction)]


def _units(point: Array) -> list[Array]:
    """A direction for each element; for each of its parts if it is complex."""
    return [_unit(point, k, part) for k in range(point.size) for part in _parts(point)]


def _parts(point: Array) -> list[complex]:
    return [1.0, 1.0j] if point.dtype.kind == "c" else [1.0]


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


def _position(unit: Array) -> str:
    """Which element, and part of it, a unit moves."""
    (place,) = np.argwhere(unit)
    part = "" if unit.dtype.kind != "c" else " (imaginary part)" if unit[tuple(place)].imag else " (real part)"
    return f"at {[int(k) for k in place]}{part}"
