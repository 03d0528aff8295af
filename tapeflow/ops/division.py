"""Division of every kind: true, floored, truncated, safe at 0; and the remainders."""

from __future__ import annotations

from typing import Any

from ..base import errors, shapes
from ..base.dtypes import (
    DType,
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
from .arithmetic import ALL_NUMBERS, SIGNED, SIGNED_OR_INEXACT, UNSIGNED, negative
from .common import conj, elementwise, elementwise2, elementwise_op, scalar, shape_of, unbroadcast


def _nonzero(x: Array, y: Array) -> None:
    if y.dtype.kind in "iu" and not y.all():
        shapes.broadcast(x.shape, y.shape)
        raise errors.invalid("Integer division by zero")


def _truncatable(x: Array, y: Array) -> None:
    """Raises what TensorFlow, which has not thought of it, says of integers that are divided by zero."""
    if y.dtype.kind in "iu" and not y.all():
        shapes.broadcast(x.shape, y.shape)
        message = "Unexpected error in binary operator (only integer div and mod should have errors)"
        raise errors.InternalError(None, None, message)


def _divide_gradient(g: Any, _z: Any, x: Any, y: Any) -> Any:
    cx, cy = conj(x), conj(y)
    return lambda: unbroadcast(g / cy, shape_of(x)), lambda: unbroadcast(g * (-cx / cy / cy), shape_of(y))


realdiv = elementwise2(
    "RealDiv", "true_divide", _divide_gradient,
    """`x / y` of floating point or complex numbers.

    >>> print(tf.realdiv([1.0, 2.0], 4.0))
    tf.Tensor([0.25 0.5 ], shape=(2,), dtype=float32)
    """,
    public="realdiv", T=ALL_NUMBERS,
)  # fmt: skip
# Its signature has the integers, too, but there are no kernels for them.
realdiv.op.dtypes = realdiv.op.allowed["T"] = frozenset(dtype.numpy for dtype in types.FLOATS_AND_COMPLEX)

_AS_FLOATS: dict[DType, DType | None] = {
    uint8: float32, int8: float32, uint16: float32, int16: float32,
    uint32: float64, int32: float64, uint64: float64, int64: float64,
    bfloat16: None, float16: None, float32: None, float64: None, complex64: None, complex128: None,
}  # fmt: skip


def _as_floats(x: TensorLike, y: TensorLike, function: str) -> tuple[Tensor, Tensor]:
    """The two sides of a division, with integers turned into floating point numbers."""
    x = convert(x)
    y = convert(y, hint=x.dtype)
    if x.dtype is not y.dtype:
        raise TypeError(f"`x` and `y` must have the same dtype, got {x.dtype!r} != {y.dtype!r}.")
    if x.dtype not in _AS_FLOATS:
        expected = ", ".join(map(repr, _AS_FLOATS))
        raise TypeError(f"Invalid dtype {x.dtype!r} in {function}. Expected one of {{{expected}}}.")
    to = _AS_FLOATS[x.dtype]
    if to is None:
        return x, y
    cast = OPS["Cast"]
    return cast(x, DstT=to), cast(y, DstT=to)


def truediv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y`, where integers are divided as floating point numbers: int32 and int64 as float64, short ones as float32.

    Raises:
      TypeError: if the dtypes differ, or are no numbers.

    >>> print(tf.truediv([7, 8], 2))
    tf.Tensor([3.5 4. ], shape=(2,), dtype=float64)
    """
    return realdiv(*_as_floats(x, y, "__truediv__"), name)


def divide(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y` as Python divides, see `tf.truediv`.

    >>> print(tf.divide([6.0, 1.0], [2.0, 4.0]))
    tf.Tensor([3.   0.25], shape=(2,), dtype=float32)
    """
    if isinstance(y, Tensor) and not isinstance(x, Tensor) and getattr(x, "dtype", None) != y.dtype:
        x = convert(x, y.dtype)
    return truediv(x, y, name)


def _div_no_nan(xp: Any, x: Array, y: Array) -> Array:
    return xp.where(y == 0, x.dtype.type(0), x / y)


def _div_no_nan_gradient(g: Any, _z: Any, x: Any, y: Any) -> Any:
    cx, cy = conj(x), conj(y)
    quotient = OPS["DivNoNan"]
    return (
        lambda: unbroadcast(quotient(g, cy), shape_of(x)),
        lambda: unbroadcast(g * quotient(quotient(-cx, cy), cy), shape_of(y)),
    )


_divide_no_nan = elementwise_op(
    "DivNoNan", "x:T, y:T -> z:T", _div_no_nan, _div_no_nan_gradient, shape=shapes.broadcast,
    T=(float16, float32, bfloat16, float64, complex64, complex128),
)  # fmt: skip


def divide_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y`, and 0 where `y` is 0.

    >>> print(tf.math.divide_no_nan([3.0, 1.0], [2.0, 0.0]))
    tf.Tensor([1.5 0. ], shape=(2,), dtype=float32)
    """
    if isinstance(y, Tensor) and not isinstance(x, Tensor) and getattr(x, "dtype", None) != y.dtype:
        x = convert(x, y.dtype)
    return _divide_no_nan(*_as_floats(x, y, "tf.math.divide_no_nan"), name=name)  # type: ignore[no-any-return]


def reciprocal_no_nan(x: TensorLike, name: str | None = None) -> Tensor:
    """`1 / x`, and 0 where `x` is 0.

    >>> print(tf.math.reciprocal_no_nan([2.0, 0.0]))
    tf.Tensor([0.5 0. ], shape=(2,), dtype=float32)
    """
    x = convert(x)
    return _divide_no_nan(scalar(1, x.dtype), x, name=name)  # type: ignore[no-any-return]


def _grad_of_reciprocal(xp: Any, y: Array, dy: Array) -> Array:
    cy = xp.conjugate(y)
    return xp.where(dy == 0, y.dtype.type(0), -dy * cy * cy)


def _grad_of_reciprocal_gradient(g: Any, _z: Any, y: Any, dy: Any) -> Any:
    cy = conj(y)
    return conj(g) * scalar(-2, g.dtype) * dy * cy, _reciprocal_grad(cy, g)


_reciprocal_grad = elementwise_op(
    "ReciprocalGrad", "y:T, dy:T -> z:T", _grad_of_reciprocal, _grad_of_reciprocal_gradient, shape=shapes.merge,
    T=types.FLOATS_AND_COMPLEX,
)  # fmt: skip

reciprocal = elementwise(
    "Reciprocal", "reciprocal", lambda g, y, _x: _reciprocal_grad(y, g),
    """`1 / x`.

    >>> print(tf.math.reciprocal([2.0, 4.0]))
    tf.Tensor([0.5  0.25], shape=(2,), dtype=float32)
    """,
    T=SIGNED_OR_INEXACT,
)  # fmt: skip


def _floor_divide(xp: Any, x: Array, y: Array) -> Array:
    if x.dtype.kind in "iu":
        _nonzero(x, y)
        return xp.floor_divide(x, y)
    return xp.floor(x / y)


def _truncate_divide(xp: Any, x: Array, y: Array) -> Array:
    if x.dtype.kind not in "iu":
        return xp.trunc(x / y)
    _truncatable(x, y)
    return xp.floor_divide(x - xp.fmod(x, y), y)


def _floor_divide_on_xla(jax: Any, x: Array, y: Array) -> Array:
    if x.dtype.kind not in "iu":
        return jax.numpy.floor(x / y)
    x, y = jax.numpy.broadcast_arrays(x, y)
    quotient, rest = jax.lax.div(x, y), jax.lax.rem(x, y)
    return quotient - ((rest != 0) & ((x < 0) != (y < 0))).astype(x.dtype)


def _truncate_divide_on_xla(jax: Any, x: Array, y: Array) -> Array:
    return jax.numpy.trunc(x / y) if x.dtype.kind not in "iu" else jax.lax.div(*jax.numpy.broadcast_arrays(x, y))


floordiv = elementwise2(
    "FloorDiv", _floor_divide, None,
    """`x / y`, rounded down; for floating point numbers, too.

    Raises:
      InvalidArgumentError: if an integer is divided by 0.

    >>> print(tf.math.floordiv([7, -7], 2))
    tf.Tensor([ 3 -4], shape=(2,), dtype=int32)
    """,
    public="floordiv", T=ALL_NUMBERS,
)  # fmt: skip
truncatediv = elementwise2(
    "TruncateDiv", _truncate_divide, None,
    """`x / y`, rounded towards zero.

    Raises:
      InternalError: if an integer is divided by 0.

    >>> print(tf.truncatediv([7, -7], 2))
    tf.Tensor([ 3 -3], shape=(2,), dtype=int32)
    """,
    public="truncatediv", T=ALL_NUMBERS,
)  # fmt: skip

floordiv.op.on("xla")(_floor_divide_on_xla)
truncatediv.op.on("xla")(_truncate_divide_on_xla)


def _floor_modulo(xp: Any, x: Array, y: Array) -> Array:
    if x.dtype.kind in "iu":
        _nonzero(x, y)
        return xp.remainder(x, y)
    return _floating_modulo(xp, x, y)


def _floating_modulo(xp: Any, x: Array, y: Array) -> Array:
    rest = xp.fmod(x, y)
    return xp.where((rest != 0) & ((y < 0) != (rest < 0)), rest + y, rest)


def _truncate_modulo(xp: Any, x: Array, y: Array) -> Array:
    _truncatable(x, y)
    return xp.fmod(x, y)


floormod = elementwise2(
    "FloorMod", _floor_modulo,
    lambda g, _z, x, y: (
        lambda: unbroadcast(g, shape_of(x)), lambda: unbroadcast(g * negative(floordiv(x, y)), shape_of(y))
    ),
    """The remainder of `tf.math.floordiv`: it has the sign of `y`, as Python's `%`.

    Raises:
      InvalidArgumentError: if an integer is divided by 0.

    >>> print(tf.math.floormod([7, -7], 3))
    tf.Tensor([1 2], shape=(2,), dtype=int32)
    """,
    public="floormod", T=SIGNED + UNSIGNED + types.FLOATS,
)  # fmt: skip
mod = floormod
truncatemod = elementwise2(
    "TruncateMod", _truncate_modulo, None,
    """The remainder of `tf.truncatediv`: it has the sign of `x`, as in C.

    Raises:
      InternalError: if an integer is divided by 0.

    >>> print(tf.truncatemod([7, -7], 3))
    tf.Tensor([ 1 -1], shape=(2,), dtype=int32)
    """,
    public="truncatemod", T=(int32, int64, *types.FLOATS),
)  # fmt: skip


@floormod.op.on("xla")
def _(jax: Any, x: Array, y: Array) -> Array:
    rest = _rest_on_xla(jax, x, y)
    return jax.numpy.where((rest != 0) & (y != 0) & ((y < 0) != (rest < 0)), rest + y, rest)


@truncatemod.op.on("xla")
def _rest_on_xla(jax: Any, x: Array, y: Array) -> Array:
    return jax.lax.rem(*jax.numpy.broadcast_arrays(x, y))  # of integers by 0, x itself
