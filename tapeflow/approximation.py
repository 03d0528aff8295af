"""`tf.approximate`: the straight pieces, or the parabolas, that come closest to a sigmoid-like activation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .autodiff.tape import GradientTape
from .base.dtypes import float64
from .core.convert import convert
from .core.tensor import Array, Tensor, TensorLike
from .ops.activations import softsign
from .ops.clipping import clip_by_value
from .ops.elementwise import sigmoid, tanh
from .ops.reduction import reduce_sum
from .ops.special import erf

Activation = Callable[[Tensor], Tensor]

NAMED: dict[str, Activation] = {"sigmoid": sigmoid, "tanh": tanh, "softsign": softsign, "erf": erf}
POWERS = {"linear": 1, "quadratic": 2}

_FAR = 1e15  # there an activation has to be 1
_STEPS = 50
_NODES, _WEIGHTS = ((v + shift) / 2 for v, shift in zip(np.polynomial.legendre.leggauss(100), (1, 0)))  # on [0, 1]


@dataclass(frozen=True)
class Approximation:
    """What `tf.approximate` finds; call it to use it.

    Attributes:
      pieces: "linear" or "quadratic".
      centre: its value at 0.
      slope: its slope at 0.
      knee: where it becomes 1; at `-knee` it leaves the lower limit, `2 * centre - 1`.
      error: the integral of the squared difference from the activation, over the whole line.
    """

    pieces: str
    centre: float
    slope: float
    knee: float
    error: float

    def __call__(self, x: TensorLike) -> Tensor:
        """The approximation of the activation of `x`, elementwise; it works in functions and under tapes."""
        height = 1 - self.centre
        if self.pieces == "linear":
            line = convert(x) * self.slope + self.centre
            return clip_by_value(line, self.centre - height, 1.0)  # type: ignore[no-any-return]
        t = clip_by_value(convert(x) / self.knee, -1.0, 1.0)
        parabolas: Tensor = t * (2.0 - abs(t)) * height + self.centre
        return parabolas


def approximate(activation: str | Activation, pieces: str = "linear") -> Approximation:
    """The piecewise function with the least squared error over the whole line.

    It is the lower limit up to `-knee` and 1 from `knee` on. Between them it is one straight line, or two parabolas
    that meet in the middle and are flat at the knees. The knee is found by Newton's method, in double precision: the
    error's integral is a sum over the nodes of a Gauss quadrature, and nested tapes give its first and second
    derivatives with respect to the knee.

    Args:
      activation: "sigmoid", "tanh", "softsign" or "erf", or a function of a Tensor of float64, applied elementwise,
        that is symmetric about its value at 0, smooth for `x > 0`, and tends to 1.
      pieces: "linear" or "quadratic".

    Returns:
      An `Approximation`, with `slope`, `knee` and `error`, that can be called.

    Raises:
      ValueError: for other names, for a function that is not symmetric or does not tend to 1, and if Newton's method
        finds no knee.

    >>> hard_sigmoid = tf.approximate("sigmoid")
    >>> print(f"{hard_sigmoid.slope:.13f}")  # the 0.2 of Keras's hard_sigmoid
    0.1923312226780
    >>> print(hard_sigmoid([-3.0, 0.0, 1.0]))
    tf.Tensor([0.        0.5       0.6923312], shape=(3,), dtype=float32)
    >>> print(f"{tf.approximate('sigmoid', 'quadratic').knee:.13f}")
    3.9919794871998
    """
    if pieces not in POWERS:
        raise ValueError(f"`pieces` must be one of {list(POWERS)}, not {pieces!r}")
    if isinstance(activation, str) and activation not in NAMED:
        raise ValueError(f"`activation` must be a function or one of {list(NAMED)}, not {activation!r}")
    f = NAMED[activation] if isinstance(activation, str) else activation
    centre, steepness = _middle(f)
    power, height = POWERS[pieces], 1 - centre
    knee = _newton(lambda c: _error(f, c, power, height), power * height / steepness)
    error = float(_error(f, convert(knee, float64), power, height)) + _error_of_steps(f, knee)
    return Approximation(pieces, centre, power * height / knee, knee, error)


def _middle(f: Activation) -> tuple[float, float]:
    """The value and the slope of an activation at 0, if it is one."""
    with GradientTape() as tape:
        x = convert(0.0, float64)
        tape.watch(x)
        y = f(x)
    centre, steepness = float(y), float(tape.gradient(y, x))
    at = np.concatenate([_NODES, 10 * _NODES])
    odd = np.allclose(_values(f, at) - centre, centre - _values(f, -at), rtol=1e-9, atol=1e-9)
    if not (odd and steepness > 0 and abs(float(f(convert(_FAR, float64))) - 1) < 1e-6):
        raise ValueError("The activation must rise, be symmetric about its value at 0, and tend to 1.")
    return centre, steepness


def _values(f: Activation, x: Array) -> Array:
    return np.asarray(f(convert(x, float64)))


def _error(f: Activation, knee: Tensor, power: int, height: float) -> Tensor:
    """The squared error, less `_error_of_steps`, which no knee changes.

    For x > 0 activation and pieces fall short of 1 by u and v, and v is 0 beyond the knee. So the integral of
    (u - v)^2 is that of u^2 from 0 on, and that of v (v - 2 u) up to the knee.
    """
    v = height * (1 - _NODES) ** power
    u = 1.0 - f(knee * _NODES)
    return 2.0 * knee * reduce_sum(_WEIGHTS * v * (v - 2.0 * u))


def _error_of_steps(f: Activation, scale: float) -> float:
    """The squared error of the upper limit for x > 0 and of the lower one for x < 0: `scale * t / (1 - t)` is x."""
    u = 1 - _values(f, scale * _NODES / (1 - _NODES))
    return 2 * scale * float(np.sum(_WEIGHTS * (u / (1 - _NODES)) ** 2))


def _newton(error: Callable[[Tensor], Tensor], start: float) -> float:
    """The argument at which `error` has a minimum, where its derivative is zero."""
    at = start
    for _ in range(_STEPS):
        with GradientTape() as outer:
            c = convert(at, float64)
            outer.watch(c)
            with GradientTape() as inner:
                inner.watch(c)
                y = error(c)
            first = inner.gradient(y, c)
        second = outer.gradient(first, c)
        step = float(first / second)
        if not step < at:  # nor if it is NaN
            break
        at -= step
        if abs(step) <= 1e-9 * at:  # the error of a step is the square of the one before
            return at
    raise ValueError(f"Newton's method finds no knee: from {start:g} it came to {at:g}.")
