"""Roots, exponentials, logarithms, trigonometric and hyperbolic functions, rounding, maximum and minimum."""

from __future__ import annotations

from typing import Any

from ..base import shapes
from ..base.dtypes import (
    bfloat16,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from ..core import types
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host_arrays
from .arithmetic import SIGNED, negative, square
from .common import (
    Binary,
    Unary,
    conj,
    elementwise,
    elementwise2,
    elementwise_op,
    in_pieces,
    in_single,
    scalar,
    select,
    shape_of,
    unbroadcast,
    zeros_like,
)
from .division import reciprocal

_INEXACT = types.FLOATS_AND_COMPLEX
_X_INEXACT = (float16, bfloat16, float32, float64, complex64, complex128)


# ---------------------------------------------------------------- roots


def _sqrt_grad(xp: Any, y: Array, dy: Array) -> Array:
    return xp.where(dy == 0, y.dtype.type(0), y.dtype.type(0.5) * dy / xp.conjugate(y))


def _sqrt_grad_gradient(g: Any, z: Any, y: Any, _dy: Any) -> Any:
    quotient = g / y
    return -conj(quotient) * z, scalar(0.5, g.dtype) * quotient


def _rsqrt_grad(xp: Any, y: Array, dy: Array) -> Array:
    cy = xp.conjugate(y)
    return xp.where(dy == 0, y.dtype.type(0), y.dtype.type(-0.5) * dy * cy * (cy * cy))


def _rsqrt_grad_gradient(g: Any, _z: Any, y: Any, dy: Any) -> Any:
    cy = conj(y)
    return scalar(-1.5, g.dtype) * conj(g) * dy * square(cy), rsqrt_grad(cy, g)


_OF_OUTPUT: Any = {"shape": shapes.merge, "T": _INEXACT}
sqrt_grad = elementwise_op("SqrtGrad", "y:T, dy:T -> z:T", _sqrt_grad, _sqrt_grad_gradient, **_OF_OUTPUT)
rsqrt_grad = elementwise_op("RsqrtGrad", "y:T, dy:T -> z:T", _rsqrt_grad, _rsqrt_grad_gradient, **_OF_OUTPUT)

sqrt = elementwise(
    "Sqrt", "sqrt", lambda g, y, _x: sqrt_grad(y, g),
    """The square root.

    >>> print(tf.sqrt([4.0, 9.0]))
    tf.Tensor([2. 3.], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
rsqrt = elementwise(
    "Rsqrt", in_single(lambda xp, x: xp.reciprocal(xp.sqrt(x))), lambda g, y, _x: rsqrt_grad(y, g),
    """One divided by the square root.

    >>> print(tf.math.rsqrt([4.0, 0.0]))
    tf.Tensor([0.5 inf], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip


# ---------------------------------------------------------------- exponentials and logarithms

exp = elementwise(
    "Exp", "exp", lambda g, y, _x: g * conj(y),
    """e to the power of `x`.

    >>> print(tf.exp([0.0, -1000.0]))
    tf.Tensor([1. 0.], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
expm1 = elementwise(
    "Expm1", "expm1", lambda g, _y, x: g * exp(conj(x)),
    """`exp(x) - 1`, exact near 0.

    >>> print(tf.math.expm1([0.0, 1e-8]))
    tf.Tensor([0.e+00 1.e-08], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
log = elementwise(
    "Log", "log", lambda g, _y, x: g * reciprocal(conj(x)),
    """The natural logarithm: `-inf` at 0, NaN below.

    >>> print(tf.math.log([1.0, 0.0]))
    tf.Tensor([  0. -inf], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
log1p = elementwise(
    "Log1p", "log1p", lambda g, _y, x: g * reciprocal(scalar(1, x.dtype) + conj(x)),
    """`log(1 + x)`, exact near 0.

    >>> print(tf.math.log1p([0.0, 1e-8]))
    tf.Tensor([0.e+00 1.e-08], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip


def _is_not_zero(x: Any) -> Any:
    return OPS["Cast"](OPS["NotEqual"](x, scalar(0, x.dtype)), DstT=x.dtype)


def _where_x(function: Any) -> Any:
    """A kernel that is 0 where `x` is 0, whatever `y`."""
    return lambda xp, x, y: xp.where(x == 0, x.dtype.type(0), function(xp, x, y))


xdivy: Binary = elementwise2(
    "Xdivy", _where_x(lambda xp, x, y: x / y),
    lambda g, _z, x, y: (
        lambda: unbroadcast(xdivy(_is_not_zero(x), y) * g, shape_of(x)),
        lambda: unbroadcast(xdivy(negative(x), square(y)) * g, shape_of(y)),
    ),
    """`x / y`, and 0 where `x` is 0, even if `y` is, too.

    >>> print(tf.math.xdivy([0.0, 1.0], [0.0, 2.0]))
    tf.Tensor([0.  0.5], shape=(2,), dtype=float32)
    """,
    T=_X_INEXACT,
)  # fmt: skip
xlogy: Binary = elementwise2(
    "Xlogy", _where_x(lambda xp, x, y: x * xp.log(y)),
    lambda g, _z, x, y: (
        lambda: unbroadcast(xlogy(_is_not_zero(x), y) * g, shape_of(x)),
        lambda: unbroadcast(xdivy(x, y) * g, shape_of(y)),
    ),
    """`x * log(y)`, and 0 where `x` is 0.

    >>> print(tf.math.xlogy([0.0, 2.0], [0.0, 1.0]))
    tf.Tensor([0. 0.], shape=(2,), dtype=float32)
    """,
    T=_X_INEXACT,
)  # fmt: skip
xlog1py: Binary = elementwise2(
    "Xlog1py", _where_x(lambda xp, x, y: x * xp.log1p(y)),
    lambda g, _z, x, y: (
        lambda: unbroadcast(xlog1py(_is_not_zero(x), y) * g, shape_of(x)),
        lambda: unbroadcast(xdivy(x, y + scalar(1, y.dtype)) * g, shape_of(y)),
    ),
    """`x * log1p(y)`, and 0 where `x` is 0.

    >>> print(tf.math.xlog1py([0.0, 2.0], [-1.0, 0.0]))
    tf.Tensor([0. 0.], shape=(2,), dtype=float32)
    """,
    T=_X_INEXACT,
)  # fmt: skip


# ---------------------------------------------------------------- trigonometric functions

sin = elementwise(
    "Sin", "sin", lambda g, _y, x: g * cos(conj(x)),
    """The sine.

    >>> print(tf.sin([0.0]))
    tf.Tensor([0.], shape=(1,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
cos: Unary = elementwise(
    "Cos", "cos", lambda g, _y, x: negative(g) * sin(conj(x)),
    """The cosine.

    >>> print(tf.cos([0.0]))
    tf.Tensor([1.], shape=(1,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
tan = elementwise(
    "Tan", "tan", lambda g, _y, x: square(reciprocal(cos(conj(x)))) * g,
    """The tangent.

    >>> print(tf.tan([0.0]))
    tf.Tensor([0.], shape=(1,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip


def _arc_slope(x: Any) -> Any:
    """1 / sqrt(1 - x^2)"""
    return reciprocal(sqrt(scalar(1, x.dtype) - square(conj(x))))


asin = elementwise(
    "Asin", "arcsin", lambda g, _y, x: g * _arc_slope(x),
    """The angle from -pi/2 to pi/2 whose sine is `x`; NaN outside [-1, 1].

    >>> print(tf.asin([0.0, 2.0]))
    tf.Tensor([ 0. nan], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
acos = elementwise(
    "Acos", "arccos", lambda g, _y, x: negative(g) * _arc_slope(x),
    """The angle from 0 to pi whose cosine is `x`; NaN outside [-1, 1].

    >>> print(tf.acos([1.0, 2.0]))
    tf.Tensor([ 0. nan], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
atan = elementwise(
    "Atan", "arctan", lambda g, _y, x: g * reciprocal(scalar(1, x.dtype) + square(conj(x))),
    """The angle from -pi/2 to pi/2 whose tangent is `x`.

    >>> print(tf.atan([0.0]))
    tf.Tensor([0.], shape=(1,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip


def _atan2_gradient(g: Any, _z: Any, y: Any, x: Any) -> Any:
    share = g / (square(y) + square(x))
    return unbroadcast(x * share, shape_of(y)), unbroadcast(-y * share, shape_of(x))


_atan2 = elementwise_op(
    "Atan2", "y:T, x:T -> z:T", "arctan2", _atan2_gradient, shape=shapes.broadcast, T=types.FLOATS
)


def atan2(y: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The angle of the point `(x, y)`, from -pi to pi.

    >>> print(tf.atan2([1.0, -1.0], [0.0, 0.0]))
    tf.Tensor([ 1.5707964 -1.5707964], shape=(2,), dtype=float32)
    """
    return _atan2(y, x, name=name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- hyperbolic functions

sinh = elementwise(
    "Sinh", "sinh", lambda g, _y, x: g * cosh(conj(x)),
    """The hyperbolic sine.

    >>> print(tf.sinh([0.0]))
    tf.Tensor([0.], shape=(1,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
cosh: Unary = elementwise(
    "Cosh", "cosh", lambda g, _y, x: g * sinh(conj(x)),
    """The hyperbolic cosine.

    >>> print(tf.cosh([0.0]))
    tf.Tensor([1.], shape=(1,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip


def _tanh_grad(xp: Any, y: Array, dy: Array) -> Array:
    return dy * (1 - y * y)


def _tanh_grad_gradient(g: Any, _z: Any, y: Any, dy: Any) -> Any:
    cy = conj(y)
    return g * scalar(-2, g.dtype) * conj(dy) * cy, tanh_grad(cy, g)


def _sigmoid_grad(xp: Any, y: Array, dy: Array) -> Array:
    return dy * y * (1 - y)


def _sigmoid_grad_gradient(g: Any, _z: Any, y: Any, dy: Any) -> Any:
    cy = conj(y)
    product = g * conj(dy)
    return product - scalar(2, g.dtype) * product * cy, sigmoid_grad(cy, g)


tanh_grad = elementwise_op("TanhGrad", "y:T, dy:T -> z:T", in_single(_tanh_grad), _tanh_grad_gradient, **_OF_OUTPUT)
tanh_grad.on("host")(in_pieces(in_single(_tanh_grad)))
sigmoid_grad = elementwise_op(
    "SigmoidGrad", "y:T, dy:T -> z:T", in_single(_sigmoid_grad), _sigmoid_grad_gradient, **_OF_OUTPUT
)
sigmoid_grad.on("host")(in_pieces(in_single(_sigmoid_grad)))

tanh = elementwise(
    "Tanh", "tanh", lambda g, y, _x: tanh_grad(conj(y), g),
    """The hyperbolic tangent.

    >>> print(tf.tanh([0.0, 100.0]))
    tf.Tensor([0. 1.], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip


def _sigmoid(xp: Any, x: Array) -> Array:
    return xp.reciprocal(1 + xp.exp(-x))


sigmoid = elementwise(
    "Sigmoid", in_single(_sigmoid), lambda g, y, _x: sigmoid_grad(conj(y), g),
    """`1 / (1 + exp(-x))`, the logistic function.

    >>> print(tf.sigmoid([0.0, 100.0]))
    tf.Tensor([0.5 1. ], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
_small_sigmoid = in_pieces(in_single(_sigmoid))


@sigmoid.op.on("host")
def _(xp: Any, x: Array) -> Array:
    big = x.size >= host_arrays.BIG and x.dtype.char in "fd"
    return host_arrays.sigmoid(x) if big else _small_sigmoid(xp, x)


asinh = elementwise(
    "Asinh", "arcsinh", lambda g, y, _x: g / cosh(conj(y)),
    """The inverse of `tf.sinh`.

    >>> print(tf.asinh([0.0]))
    tf.Tensor([0.], shape=(1,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
acosh = elementwise(
    "Acosh", "arccosh", lambda g, y, _x: g / sinh(conj(y)),
    """The inverse of `tf.cosh` that is not negative; NaN below 1.

    >>> print(tf.acosh([1.0, 0.0]))
    tf.Tensor([ 0. nan], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip
atanh = elementwise(
    "Atanh", "arctanh", lambda g, _y, x: g * reciprocal(scalar(1, x.dtype) - square(conj(x))),
    """The inverse of `tf.tanh`; NaN outside [-1, 1].

    >>> print(tf.atanh([0.0, 1.0]))
    tf.Tensor([ 0. inf], shape=(2,), dtype=float32)
    """,
    T=_INEXACT,
)  # fmt: skip


# ---------------------------------------------------------------- rounding

floor = elementwise(
    "Floor", "floor", None,
    """Rounded down.

    >>> print(tf.floor([1.7, -1.2]))
    tf.Tensor([ 1. -2.], shape=(2,), dtype=float32)
    """,
    T=types.FLOATS,
)  # fmt: skip
ceil = elementwise(
    "Ceil", "ceil", None,
    """Rounded up.

    >>> print(tf.math.ceil([1.2, -1.7]))
    tf.Tensor([ 2. -1.], shape=(2,), dtype=float32)
    """,
    T=types.FLOATS,
)  # fmt: skip
rint = elementwise(
    "Rint", "rint", None,
    """Rounded to the nearest integer, halves to the even one.

    >>> print(tf.math.rint([0.5, 1.5, 1.7]))
    tf.Tensor([0. 2. 2.], shape=(3,), dtype=float32)
    """,
    T=types.FLOATS,
)  # fmt: skip
_round = elementwise("Round", "rint", None, "Rounded.", T=types.FLOATS + SIGNED + types.COMPLEX)


def round(x: TensorLike, name: str | None = None) -> Tensor:
    """Rounded to the nearest integer, halves to the even one; integers as they are.

    >>> print(tf.round([0.5, 1.5, -2.5]))
    tf.Tensor([ 0.  2. -2.], shape=(3,), dtype=float32)
    """
    x = convert(x)
    return x if x.dtype.is_integer else _round(x, name)


# ---------------------------------------------------------------- choosing


def _chosen(comparison: str) -> Any:
    """The gradient of Maximum or Minimum: where both are the same, all of it goes to `x`."""

    def gradient(g: Any, _z: Any, x: Any, y: Any) -> Any:
        first = OPS[comparison](x, y)
        zero = scalar(0, g.dtype)
        return (
            lambda: unbroadcast(select(first, g, zero), shape_of(x)),
            lambda: unbroadcast(select(first, zero, g), shape_of(y)),
        )

    return gradient


_CHOICE: Any = {"T": (*types.FLOATS, int8, uint8, int16, uint16, int32, uint32, int64, uint64)}
maximum = elementwise2(
    "Maximum", "maximum", _chosen("GreaterEqual"),
    """The larger of `x` and `y`, element by element; NaN where one is NaN.

    >>> print(tf.maximum([1.0, 5.0], 3.0))
    tf.Tensor([3. 5.], shape=(2,), dtype=float32)
    """,
    **_CHOICE,
)  # fmt: skip
minimum = elementwise2(
    "Minimum", "minimum", _chosen("LessEqual"),
    """The smaller of `x` and `y`, element by element; NaN where one is NaN.

    >>> print(tf.minimum([1.0, 5.0], 3.0))
    tf.Tensor([1. 3.], shape=(2,), dtype=float32)
    """,
    **_CHOICE,
)  # fmt: skip

_nextafter = elementwise_op(
    "NextAfter", "x1:T, x2:T -> output:T", "nextafter",
    lambda g, _z, x1_shape, x2: (unbroadcast(g, x1_shape), zeros_like(x2)),
    shape=shapes.broadcast, T=(float64, float32),
)  # fmt: skip


def nextafter(x1: TensorLike, x2: TensorLike, name: str | None = None) -> Tensor:
    """The next floating point number after `x1` towards `x2`.

    >>> print(tf.math.nextafter([1.0], [2.0]))
    tf.Tensor([1.0000001], shape=(1,), dtype=float32)
    """
    return _nextafter(x1, x2, name=name)  # type: ignore[no-any-return]
