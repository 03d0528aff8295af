"""Bessel functions, and the integrals of `tf.math.special`: Dawson's, Fresnel's, the exponential one, Spence's.

The values are SciPy's, made in float64 and rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.extras import need
from ..core import types
from ..core.registry import OPS
from ..core.tensor import Array
from .arithmetic import negative, sign, square
from .common import Unary, elementwise, in_pieces, only_host, scalar, select
from .comparison import equal
from .elementwise import cos, exp, log, sin

# The function of SciPy's behind each op, and what JAX has for it.
_SCIPY = {
    "BesselI0": "i0", "BesselI0e": "i0e", "BesselI1": "i1", "BesselI1e": "i1e", "BesselJ0": "j0", "BesselJ1": "j1",
    "BesselK0": "k0", "BesselK0e": "k0e", "BesselK1": "k1", "BesselK1e": "k1e", "BesselY0": "y0", "BesselY1": "y1",
    "Dawsn": "dawsn", "Expint": "expi", "FresnelCos": "fresnel", "FresnelSin": "fresnel", "Spence": "spence",
}  # fmt: skip
_OUTPUT = {"FresnelSin": 0, "FresnelCos": 1}  # `fresnel` gives both
_ON_XLA = frozenset("BesselI0 BesselI0e BesselI1 BesselI1e Expint Spence".split())


def _function(op_name: str, grad: Any, doc: str, below: float | None = None, public: str | None = None) -> Unary:
    """As `elementwise`; `below` is the value for negative numbers where SciPy has another one."""

    def on_scipy(xp: Any, x: Array) -> Array:
        special = need("scipy.special", "scipy", f"tf.math.special.{function.__name__}")
        y = getattr(special, _SCIPY[op_name])(x.astype(np.float64))
        y = y[_OUTPUT[op_name]] if op_name in _OUTPUT else y
        return (y if below is None else np.where(x < 0, below, y)).astype(x.dtype)

    def on_jax(jax: Any, x: Array) -> Array:
        wide = x.astype(np.float64)
        y = getattr(jax.scipy.special, _SCIPY[op_name])(wide)
        y = jax.numpy.where(wide == 0, -math.inf, y) if op_name == "Expint" else y
        return (y if below is None else jax.numpy.where(wide < 0, below, y)).astype(x.dtype)

    function = elementwise(op_name, on_scipy, grad, doc, T=types.FLOATS, public=public)
    function.op.on("host")(in_pieces(on_scipy))
    if op_name in _ON_XLA:
        function.op.on("xla")(on_jax)
    else:
        only_host(function.op)
    return function


def _at(x: Any, point: float, value: float, slope: Callable[[Any], Any]) -> Any:
    """`slope(x)`, and `value` where `x` is `point`, which the slope never gets to see."""
    there = equal(x, scalar(point, x.dtype))
    return select(there, scalar(value, x.dtype), slope(select(there, scalar(point + 1, x.dtype), x)))


bessel_i0 = _function(
    "BesselI0", lambda g, _y, x: g * bessel_i1(x),
    """The modified Bessel function of the first kind, of order 0.

    >>> print(tf.math.bessel_i0([0.0, 1.0]))
    tf.Tensor([1.        1.2660658], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
bessel_i0e = _function(
    "BesselI0e", lambda g, y, x: g * (bessel_i1e(x) - sign(x) * y),
    """`exp(-|x|) bessel_i0(x)`, which does not overflow.

    >>> print(tf.math.bessel_i0e([0.0, 1.0]))
    tf.Tensor([1.        0.4657596], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
bessel_i1: Unary = _function(  # the slope at 0 is 1/2; TensorFlow says 1
    "BesselI1", lambda g, y, x: g * _at(x, 0, 1.0, lambda z: bessel_i0(x) - y / z),
    """The modified Bessel function of the first kind, of order 1.

    The gradient at 0 is 1, as in TensorFlow, though the slope there is a half.

    >>> print(tf.math.bessel_i1([0.0, 1.0]))
    tf.Tensor([0.        0.5651591], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
bessel_i1e: Unary = _function(
    "BesselI1e",
    lambda g, y, x: g * _at(x, 0, 0.5, lambda z: bessel_i0e(x) - y * (sign(x) + OPS["Reciprocal"](z))),
    """`exp(-|x|) bessel_i1(x)`, which does not overflow.

    >>> print(tf.math.bessel_i1e([0.0, 1.0]))
    tf.Tensor([0.         0.20791042], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
bessel_j0 = _function(
    "BesselJ0", lambda g, _y, x: negative(bessel_j1(x)) * g,
    """The Bessel function of the first kind, of order 0.

    >>> print(tf.math.special.bessel_j0([0.0, 1.0]))
    tf.Tensor([1.        0.7651977], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
bessel_j1: Unary = _function(
    "BesselJ1", lambda g, y, x: g * _at(x, 0, 0.5, lambda z: bessel_j0(x) - y / z),
    """The Bessel function of the first kind, of order 1.

    >>> print(tf.math.special.bessel_j1([0.0, 1.0]))
    tf.Tensor([0.         0.44005057], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
bessel_k0 = _function(
    "BesselK0", lambda g, _y, x: negative(bessel_k1(x)) * g,
    """The modified Bessel function of the second kind, of order 0; infinite for `x <= 0`.

    >>> print(tf.math.special.bessel_k0([0.0, 1.0]))
    tf.Tensor([       inf 0.42102444], shape=(2,), dtype=float32)
    """,
    below=math.inf,
)  # fmt: skip
bessel_k0e = _function(
    "BesselK0e", lambda g, y, x: g * (y - bessel_k1e(x)),
    """`exp(x) bessel_k0(x)`, which does not underflow.

    >>> print(tf.math.special.bessel_k0e([0.0, 1.0]))
    tf.Tensor([      inf 1.1444631], shape=(2,), dtype=float32)
    """,
    below=math.inf,
)  # fmt: skip
bessel_k1: Unary = _function(
    "BesselK1", lambda g, y, x: g * (negative(bessel_k0(x)) - y / x),
    """The modified Bessel function of the second kind, of order 1; infinite for `x <= 0`.

    >>> print(tf.math.special.bessel_k1([0.0, 1.0]))
    tf.Tensor([       inf 0.60190725], shape=(2,), dtype=float32)
    """,
    below=math.inf,
)  # fmt: skip
bessel_k1e: Unary = _function(
    "BesselK1e", lambda g, y, x: g * (y * (scalar(1, x.dtype) - OPS["Reciprocal"](x)) - bessel_k0e(x)),
    """`exp(x) bessel_k1(x)`, which does not underflow.

    >>> print(tf.math.special.bessel_k1e([0.0, 1.0]))
    tf.Tensor([      inf 1.6361535], shape=(2,), dtype=float32)
    """,
    below=math.inf,
)  # fmt: skip
bessel_y0 = _function(
    "BesselY0", lambda g, _y, x: negative(bessel_y1(x)) * g,
    """The Bessel function of the second kind, of order 0; minus infinity for `x <= 0`.

    >>> print(tf.math.special.bessel_y0([0.0, 1.0]))
    tf.Tensor([      -inf 0.08825696], shape=(2,), dtype=float32)
    """,
    below=-math.inf,
)  # fmt: skip
bessel_y1: Unary = _function(
    "BesselY1", lambda g, y, x: g * (bessel_y0(x) - y / x),
    """The Bessel function of the second kind, of order 1; minus infinity for `x <= 0`.

    >>> print(tf.math.special.bessel_y1([0.0, 1.0]))
    tf.Tensor([      -inf -0.7812128], shape=(2,), dtype=float32)
    """,
    below=-math.inf,
)  # fmt: skip
dawsn = _function(
    "Dawsn", lambda g, y, x: g * (scalar(1, x.dtype) - scalar(2, x.dtype) * x * y),
    """Dawson's integral, `exp(-x^2)` times the integral of `exp(t^2)` from 0 to `x`.

    >>> print(tf.math.special.dawsn([0.0, 1.0]))
    tf.Tensor([0.        0.5380795], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
expint = _function(
    "Expint", lambda g, _y, x: g * exp(x) / x,
    """The exponential integral, of `exp(t) / t` from minus infinity to `x`; NaN for `x < 0`.

    >>> print(tf.math.special.expint([0.0, 1.0]))
    tf.Tensor([     -inf 1.8951178], shape=(2,), dtype=float32)
    """,
    below=math.nan,
)  # fmt: skip
fresnel_cos = _function(
    "FresnelCos", lambda g, _y, x: g * cos(scalar(math.pi / 2, x.dtype) * square(x)),
    """Fresnel's cosine integral, of `cos(pi t^2 / 2)` from 0 to `x`.

    >>> print(tf.math.special.fresnel_cos([0.0, 1.0]))
    tf.Tensor([0.        0.7798934], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
fresnel_sin = _function(
    "FresnelSin", lambda g, _y, x: g * sin(scalar(math.pi / 2, x.dtype) * square(x)),
    """Fresnel's sine integral, of `sin(pi t^2 / 2)` from 0 to `x`.

    >>> print(tf.math.special.fresnel_sin([0.0, 1.0]))
    tf.Tensor([0.         0.43825915], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
spence = _function(
    "Spence", lambda g, _y, x: g * _at(x, 1, -1.0, lambda z: log(z) / (scalar(1, x.dtype) - z)),
    """Spence's integral (the dilogarithm of `1 - x`), of `log(t) / (1 - t)` from 1 to `x`; NaN for `x < 0`.

    >>> print(tf.math.special.spence([0.0, 1.0]))
    tf.Tensor([1.644934 0.      ], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
