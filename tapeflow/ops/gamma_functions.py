"""The incomplete gamma and beta functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.dtypes import float32, float64
from ..base.extras import need
from ..core import types
from ..core.convert import convert
from ..core.op import Op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from . import special_kernels as kernels
from .arithmetic import negative
from .common import elementwise_op, scalar, shape_of, unbroadcast
from .elementwise import exp, log, xlog1py, xlogy
from .special import lgamma
from .special_kernels import in_double, on

_ROUNDS = 20_000  # of series and fractions that do not converge: a and x close to each other and above 1e6
_CHECKED = 8  # rounds between two looks at whether they have
_CLOSE = 2.0**-50  # two convergents of a fraction; a rounding or two of the slope is always left to go to and fro

_BOTH: Any = {"shape": shapes.broadcast}


def _scipy(name: str, op_name: str) -> Callable[..., Array]:
    return getattr(need("scipy.special", "scipy", f"tf.math.{op_name}"), name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- values


def _igamma_kernel(a: Array, x: Array) -> Array:
    value = _scipy("gammainc", "igamma")(a, x)
    value = np.where((a > 0) | np.isnan(a), value, np.nan)
    return np.where((x == 0) | (np.isposinf(a) & np.isposinf(x)), 0.0, value)


def _igammac_kernel(a: Array, x: Array) -> Array:
    value = _scipy("gammaincc", "igammac")(a, x)
    value = np.where((a > 0) | np.isnan(a), value, np.nan)
    return np.where(np.isposinf(a) & np.isposinf(x), 0.0, value)


# ---------------------------------------------------------------- derivatives with respect to a


def _series(a: Array, x: Array) -> tuple[Array, Array]:
    """The sum of x^n / ((a + 1) ... (a + n)), and its derivative with respect to a; for x <= a, or x <= 1."""
    r, term, slope = a.copy(), np.ones_like(a), np.zeros_like(a)
    total, total_slope = np.ones_like(a), np.zeros_like(a)
    for i in range(_ROUNDS):
        r += 1.0
        factor = x / r
        slope = factor * (slope - term / r)
        term = term * factor
        total += term
        total_slope += slope
        if i % _CHECKED == 0 and (np.abs(slope) <= 1e-16 * np.abs(total_slope)).all():
            break
    return total, total_slope


def _fraction(a: Array, x: Array) -> tuple[Array, Array]:
    """The continued fraction of the upper incomplete gamma function, and its derivative with respect to a; x > a, 1."""
    y, z = 1.0 - a, x - a + 2.0
    p, q = [np.ones_like(a), x + 1.0], [x.copy(), z * x]  # the last two convergents' parts
    dp, dq = [np.zeros_like(a), np.zeros_like(a)], [np.zeros_like(a), -x]
    value = p[1] / q[1]
    slope = (dp[1] - value * dq[1]) / q[1]
    done = np.zeros(a.shape, bool)  # each for itself: seldom do all stand still in the same round
    for c in range(1, _ROUNDS):
        y += 1.0
        z += 2.0
        p_new = p[1] * z - p[0] * (y * c)
        q_new = q[1] * z - q[0] * (y * c)
        dp_new = dp[1] * z - p[1] - dp[0] * (y * c) + p[0] * c
        dq_new = dq[1] * z - q[1] - dq[0] * (y * c) + q[0] * c
        shrink = np.where(np.abs(p_new) > 2.0**52, 2.0**-52, 1.0)
        p, q = [p[1] * shrink, p_new * shrink], [q[1] * shrink, q_new * shrink]
        dp, dq = [dp[1] * shrink, dp_new * shrink], [dq[1] * shrink, dq_new * shrink]
        value = p[1] / q[1]
        before, slope = slope, (dp[1] - value * dq[1]) / q[1]
        if c % _CHECKED == 0:
            done |= np.abs(slope - before) <= _CLOSE * np.abs(slope)
            if done.all():
                break
    return value, slope


def _slope_below(a: Array, x: Array) -> Array:
    """d igamma / da over x^a exp(-x) / gamma(a), by the series."""
    total, slope = _series(a, x)
    return (total * (np.log(x) - kernels.digamma(a + 1.0)) + slope) / a


def _slope_above(a: Array, x: Array) -> Array:
    """The same by the fraction."""
    value, slope = _fraction(a, x)
    return -(value * (np.log(x) - kernels.digamma(a)) + slope)


def _slope(a: Array, x: Array, weight: Callable[[Array, Array], Array]) -> Array:
    """d igamma / da, divided by x^(a - 1) exp(-x) / gamma(a) or not: `weight(a, x)` puts it in place."""
    a, x = (np.array(array) for array in np.broadcast_arrays(a, x))
    out = np.full_like(a, np.nan)
    good = (a > 0) & (x > 0)
    out[good & np.isposinf(x)] = -0.0
    out[good & np.isposinf(a)] = 0.0
    out[x == 0] = 0.0
    good &= np.isfinite(a) & np.isfinite(x)
    above = (x > 1) & (x > a)
    on(good & above, out, lambda s, t: _slope_above(s, t) * weight(s, t), a, x)
    on(good & ~above, out, lambda s, t: _slope_below(s, t) * weight(s, t), a, x)
    return out


def _igamma_grad_a_kernel(a: Array, x: Array) -> Array:
    return _slope(a, x, lambda s, t: np.exp(s * np.log(t) - t - kernels.lgamma(s)))


def _random_gamma_grad_kernel(a: Array, x: Array) -> Array:
    return _slope(a, x, lambda s, t: -t)


_igamma_grad_a = elementwise_op(
    "IgammaGradA", "a:T, x:T -> z:T", in_double(_igamma_grad_a_kernel), None, T=(float32, float64), **_BOTH
)
_random_gamma_grad = elementwise_op(
    "RandomGammaGrad", "alpha:T, sample:T -> output:T", in_double(_random_gamma_grad_kernel), None,
    T=(float32, float64), **_BOTH,
)  # fmt: skip
_igamma_grad_a.differentiable = _random_gamma_grad.differentiable = None  # TensorFlow refuses

# ---------------------------------------------------------------- igamma and igammac


def _igamma_gradient(g: Any, _z: Any, a: Any, x: Any) -> Any:
    density = exp(negative(x) + (a - scalar(1, a.dtype)) * log(x) - lgamma(a))
    return (
        lambda: unbroadcast(_igamma_grad_a(a, x) * g, shape_of(a)),
        lambda: unbroadcast(density * g, shape_of(x)),
    )


def _igammac_gradient(g: Any, _z: Any, a: Any, x: Any) -> Any:
    by_a, by_x = _igamma_gradient(g, None, a, x)
    return lambda: negative(by_a()), lambda: negative(by_x())


_PAIR = "a:T, x:T -> z:T"
_igamma = elementwise_op("Igamma", _PAIR, in_double(_igamma_kernel), _igamma_gradient, T=types.FLOATS, **_BOTH)
_igammac = elementwise_op("Igammac", _PAIR, in_double(_igammac_kernel), _igammac_gradient, T=types.FLOATS, **_BOTH)


def _on_xla(op: Op, function: Callable[[Any], Callable[..., Any]], at_zero: float, at_infinity: float) -> None:
    """JAX's function, where `a` is positive and `x` not negative; `at_infinity` is for infinite `x`."""

    @op.on("xla")
    def _(jax: Any, a: Array, x: Array) -> Array:
        np = jax.numpy
        dtype = a.dtype
        a, x = np.broadcast_arrays(a.astype("float64"), x.astype("float64"))
        good = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
        value = function(jax)(np.where(good, a, 1.0), np.where(good, x, 1.0))
        far = np.where(np.isposinf(a), 1.0 - at_infinity if at_infinity != at_zero else at_zero, at_infinity)
        far = np.where(np.isposinf(a) & np.isposinf(x), 0.0, far)
        value = np.where(good, value, np.where((a > 0) & (x > 0), far, np.nan))
        zero = (x == 0) & ((a > 0) | (at_zero == 0.0))
        return np.where(zero, at_zero, value).astype(dtype)


_on_xla(_igamma, lambda jax: jax.lax.igamma, 0.0, 1.0)
_on_xla(_igammac, lambda jax: jax.lax.igammac, 1.0, 0.0)
_on_xla(_igamma_grad_a, lambda jax: jax.lax.igamma_grad_a, 0.0, 0.0)
_on_xla(_random_gamma_grad, lambda jax: jax.lax.random_gamma_grad, 0.0, 0.0)


def igamma(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The lower regularized incomplete gamma function.

    Args:
      a: positive numbers, a tensor of floats.
      x: numbers, 0 or more, of the same dtype; the two are broadcast.
      name: not used.

    Returns:
      The integral of `t^(a - 1) exp(-t)` from 0 to `x`, over `gamma(a)`; NaN for other numbers.

    Raises:
      InvalidArgumentError: the shapes or dtypes do not fit.

    >>> print(tf.math.igamma([1.0, 2.0], 1.0))
    tf.Tensor([0.63212055 0.26424113], shape=(2,), dtype=float32)
    """
    return _igamma(a, x, name=name)  # type: ignore[no-any-return]


def igammac(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The upper regularized incomplete gamma function, `1 - igamma(a, x)`, exact where that is small.

    Args:
      a: positive numbers, a tensor of floats.
      x: numbers, 0 or more, of the same dtype; the two are broadcast.
      name: not used.

    Raises:
      InvalidArgumentError: the shapes or dtypes do not fit.

    >>> print(tf.math.igammac([1.0, 2.0], 1.0))
    tf.Tensor([0.36787945 0.7357589 ], shape=(2,), dtype=float32)
    """
    return _igammac(a, x, name=name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- the beta function


def _betainc_shape(a: shapes.Shape, b: shapes.Shape, x: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    """Scalars go with any shape; the others are of one shape."""
    known = [(name, shape) for name, shape in zip("abx", (a, b, x), strict=True) if shape is None or len(shape)]
    merged: shapes.Shape = ()
    for i, (name, shape) in enumerate(known):
        for other, its in known[:i]:
            if not shapes.fits(its, shape):
                what = f"{shapes.show(its)} vs. {shapes.show(shape)}"
                raise errors.invalid(f"Shapes of {other} and {name} are inconsistent: {what}")
        merged = shapes.merge(merged, shape) if i else shape
    # one of unknown rank may be a scalar: if all others are, nothing is known
    return merged


def _betainc_kernel(a: Array, b: Array, x: Array) -> Array:
    value = _scipy("betainc", "betainc")(a, b, x)
    finite = np.isfinite(a) & np.isfinite(b)
    value = np.where(finite & (x > 0) & (x < 1), value, np.nan)
    value = np.where((x == 0) | (x == 1), x, value)
    return np.where((a <= 0) | (b <= 0), np.nan, value)


def _betainc_host(xp: Any, a: Array, b: Array, x: Array) -> Array:
    _betainc_shape(a.shape, b.shape, x.shape)
    return in_double(_betainc_kernel)(xp, a, b, x)


def _betainc_gradient(g: Any, _z: Any, a: Any, b: Any, x: Any) -> Any:
    one = scalar(1, x.dtype)
    log_beta = lgamma(a) + lgamma(b) - lgamma(a + b)
    density = exp(xlog1py(b - one, negative(x)) + xlogy(a - one, x) - log_beta)
    return None, None, unbroadcast(density * g, shape_of(x))


_betainc = elementwise_op(
    "Betainc", "a:T, b:T, x:T -> z:T", _betainc_host, _betainc_gradient, shape=_betainc_shape, T=(float32, float64)
)


@_betainc.on("xla")
def _(jax: Any, a: Array, b: Array, x: Array) -> Array:
    np = jax.numpy
    _betainc_shape(a.shape, b.shape, x.shape)
    dtype = a.dtype
    a, b, x = np.broadcast_arrays(*(array.astype("float64") for array in (a, b, x)))
    good = (a > 0) & (b > 0) & np.isfinite(a) & np.isfinite(b) & (x > 0) & (x < 1)
    value = jax.scipy.special.betainc(*(np.where(good, array, 0.5) for array in (a, b, x)))
    value = np.where((x == 0) | (x == 1), x, np.where(good, value, np.nan))
    return np.where((a <= 0) | (b <= 0), np.nan, value).astype(dtype)


def betainc(a: TensorLike, b: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The regularized incomplete beta function.

    There is no gradient with respect to `a` and `b`.

    Args:
      a: positive numbers, float32 or float64.
      b: positive numbers of the same dtype.
      x: numbers from 0 to 1. What is no scalar among the three has one shape.
      name: not used.

    Returns:
      The integral of `t^(a - 1) (1 - t)^(b - 1)` from 0 to `x`, over that to 1; NaN for other numbers.

    Raises:
      InvalidArgumentError: the shapes or dtypes do not fit.

    >>> print(tf.math.betainc([1.0, 2.0], 1.0, 0.5))
    tf.Tensor([0.5  0.25], shape=(2,), dtype=float32)
    """
    return _betainc(a, b, x, name=name)  # type: ignore[no-any-return]


def lbeta(x: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the multivariate beta function of the last axis; the sum of `lgamma(x)` less that of the sum.

    Args:
      x: a tensor of floats, of rank 1 or more. An empty last axis gives minus infinity.
      name: not used.

    >>> print(tf.math.lbeta([[1.0, 1.0], [2.0, 3.0]]))
    tf.Tensor([ 0.        -2.4849067], shape=(2,), dtype=float32)
    """
    x = convert(x)
    each = OPS["Sum"](lgamma(x), [-1], keep_dims=False)
    whole = lgamma(OPS["Sum"](x, [-1], keep_dims=False))
    return OPS["Sub"](each, whole, name=name)  # type: ignore[no-any-return]
