"""The special functions: error functions, gamma function and its kin."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..base import shapes
from ..base.dtypes import float32, float64
from ..core import types
from ..core.convert import convert
from ..core.tensor import Array, Tensor, TensorLike
from . import error_function_kernels as error_functions
from . import special_kernels as kernels
from .arithmetic import multiply, negative, square
from .common import Unary, elementwise, elementwise_op, in_pieces, scalar, shape_of, unbroadcast
from .elementwise import exp
from .error_function_kernels import fastest
from .special_kernels import in_double


def _unary(
    op_name: str,
    kernel: Callable[[Array], Array],
    grad: Any,
    doc: str,
    single: Callable[[Array, Array], object] | None = None,
    xla: str = "",
    scipy: str = "",
) -> Unary:
    """As `elementwise`, computed in float64 (up to float32, by `single`), big arrays in pieces, or by SciPy.

    On XLA it is a function of `jax.scipy.special`, by default that of the op's name.
    """
    on_arrays = in_double(kernel)
    function = elementwise(op_name, on_arrays, grad, doc, T=types.FLOATS)
    pieces = in_pieces(on_arrays)
    function.op.on("host")(fastest(scipy, pieces, single) if scipy else pieces)
    function.op.on("xla")(_on_xla(xla or op_name.lower()))
    return function


def _on_xla(name: str) -> Callable[..., Array]:
    return lambda jax, *arrays: getattr(jax.scipy.special, name)(*arrays)


def _bell(g: Any, x: Any, factor: float, sign: float = -1.0) -> Any:
    """The gradient of the error functions: g factor exp(sign x^2)."""
    exponent = negative(square(x)) if sign < 0 else square(x)
    return g * scalar(factor, g.dtype) * exp(exponent)


erf = _unary(
    "Erf", kernels.erf, lambda g, _y, x: _bell(g, x, 2 / math.sqrt(math.pi)),
    """The error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to `x`.

    >>> print(tf.math.erf([0.0, 100.0]))
    tf.Tensor([0. 1.], shape=(2,), dtype=float32)
    """,
    error_functions.erf, scipy="erf",
)  # fmt: skip
erfc = _unary(
    "Erfc", kernels.erfc, lambda g, _y, x: _bell(g, x, -2 / math.sqrt(math.pi)),
    """`1 - erf(x)`, exact for large `x`.

    >>> print(tf.math.erfc([0.0, -100.0]))
    tf.Tensor([1. 2.], shape=(2,), dtype=float32)
    """,
    error_functions.erfc, scipy="erfc",
)  # fmt: skip
erfinv = _unary(
    "Erfinv", kernels.erfinv, lambda g, y, _x: _bell(g, y, math.sqrt(math.pi) / 2, 1.0),
    """The inverse of `tf.math.erf`; NaN outside [-1, 1].

    >>> print(tf.math.erfinv([0.0, 1.0]))
    tf.Tensor([ 0. inf], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
ndtri = _unary(
    "Ndtri", kernels.ndtri,
    lambda g, y, _x: g * scalar(math.sqrt(2 * math.pi), g.dtype) * exp(square(y) * scalar(0.5, y.dtype)),
    """The inverse of the standard normal distribution function; NaN outside [0, 1].

    >>> print(tf.math.ndtri([0.5, 1.0]))
    tf.Tensor([ 0. inf], shape=(2,), dtype=float32)
    """,
)  # fmt: skip
lgamma = _unary(
    "Lgamma", kernels.lgamma, lambda g, _y, x: g * digamma(x),
    """The logarithm of the absolute value of the gamma function.

    >>> print(tf.math.lgamma([1.0, 2.0, 0.0]))
    tf.Tensor([ 0.  0. inf], shape=(3,), dtype=float32)
    """,
    xla="gammaln", scipy="gammaln",
)  # fmt: skip
digamma: Unary = _unary(
    "Digamma", kernels.digamma, lambda g, _y, x: g * polygamma(scalar(1, x.dtype), x),
    """The derivative of `tf.math.lgamma`; NaN at 0 and the negative integers.

    >>> print(tf.math.digamma([1.0]))
    tf.Tensor([-0.5772157], shape=(1,), dtype=float32)
    """,
)  # fmt: skip


def erfcinv(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `tf.math.erfc`; NaN outside [0, 2].

    >>> print(tf.math.erfcinv([0.0, 2.0]))
    tf.Tensor([ inf -inf], shape=(2,), dtype=float32)
    """
    x = convert(x)
    return multiply(negative(ndtri(0.5 * x)), scalar(math.sqrt(0.5), x.dtype))


def _zeta_gradient(g: Any, _z: Any, x: Any, q: Any) -> Any:
    return None, unbroadcast(negative(x) * zeta(x + scalar(1, x.dtype), q) * g, shape_of(q))


def _polygamma_gradient(g: Any, _z: Any, a: Any, x: Any) -> Any:
    return None, unbroadcast(polygamma(a + scalar(1, a.dtype), x) * g, shape_of(x))


_BINARY: Any = {"shape": shapes.broadcast, "T": (float32, float64)}
_zeta = elementwise_op("Zeta", "x:T, q:T -> z:T", in_double(kernels.zeta), _zeta_gradient, **_BINARY)
_polygamma = elementwise_op(
    "Polygamma", "a:T, x:T -> z:T", in_double(kernels.polygamma), _polygamma_gradient, **_BINARY
)


@_zeta.on("xla")
def _(jax: Any, x: Array, q: Array) -> Array:
    np = jax.numpy
    return np.where((x > 1) & (q > 0) & np.isposinf(np.maximum(x, q)), q**-x, jax.scipy.special.zeta(x, q))


@_polygamma.on("xla")
def _(jax: Any, a: Array, x: Array) -> Array:
    np = jax.numpy
    return np.where((a > 0) & np.isposinf(x), 0, jax.lax.polygamma(*np.broadcast_arrays(a, x)))


def zeta(x: TensorLike, q: TensorLike, name: str | None = None) -> Tensor:
    """Hurwitz's zeta function, the sum of `(q + k) ** -x` over k = 0, 1, ...

    There is no gradient with respect to `x`.

    >>> print(tf.math.zeta([2.0], [1.0]))
    tf.Tensor([1.644934], shape=(1,), dtype=float32)
    """
    return _zeta(x, q, name=name)  # type: ignore[no-any-return]


def polygamma(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The `a`-th derivative of `tf.math.digamma` at `x`; NaN if `a` is not a whole number, 0 or more.

    There is no gradient with respect to `a`.

    >>> print(tf.math.polygamma([1.0], [1.0]))
    tf.Tensor([1.644934], shape=(1,), dtype=float32)
    """
    return _polygamma(a, x, name=name)  # type: ignore[no-any-return]
