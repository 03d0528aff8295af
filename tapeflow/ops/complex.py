"""Complex numbers and their parts."""

from __future__ import annotations

import math
from typing import Any

from ..base import shapes
from ..base.dtypes import DType, complex64, complex128, float32, float64, variant
from ..core import types
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .common import elementwise_op, scalar, select, unbroadcast, zeros_like

_TO_REAL: Any = {"T": types.COMPLEX, "Tout": (float32, float64)}


def _complex_kernel(xp: Any, real: Array, imag: Array, *, Tout: DType = complex64) -> Array:
    return xp.stack(xp.broadcast_arrays(real, imag), -1).view(Tout.numpy)[..., 0]


_complex = elementwise_op(
    "Complex", "real:T, imag:T -> out:Tout", _complex_kernel,
    lambda g, _z, real_shape, imag_shape, *, Tout: (unbroadcast(real(g), real_shape), unbroadcast(imag(g), imag_shape)),
    shape=shapes.broadcast, T=(float32, float64), Tout=types.COMPLEX,
)  # fmt: skip
_complex.on("xla")(lambda jax, real, imag, *, Tout: jax.lax.complex(*jax.numpy.broadcast_arrays(real, imag)))


def complex(real: TensorLike, imag: TensorLike, name: str | None = None) -> Tensor:
    """`real + i imag`, complex64 from float32 and complex128 from float64.

    Args:
      real: the real part.
      imag: the imaginary part, of the same dtype, and of a shape that broadcasts with that of `real`.
      name: not used.

    Raises:
      TypeError: for other dtypes.

    >>> print(tf.complex([1.0, 2.0], 0.5))
    tf.Tensor([1.+0.5j 2.+0.5j], shape=(2,), dtype=complex64)
    """
    real, imag = convert(real), convert(imag)
    if real.dtype is not imag.dtype or real.dtype not in (float32, float64):
        raise TypeError(
            f"The `real` and `imag` components have incorrect types: {real.dtype.name} {imag.dtype.name}. "
            f"They must be consistent, and one of {[float32, float64]}"
        )
    return _complex(real, imag, Tout=complex64 if real.dtype is float32 else complex128, name=name)  # type: ignore[no-any-return]


def _zero_imaginary(g: Any) -> Tensor:
    return complex(g, scalar(0, g.dtype))


def _angle_gradient(g: Any, _y: Any, x: Any, *, Tout: Any) -> Any:
    return -_zero_imaginary(g) * OPS["Reciprocal"](complex(imag(x), real(x)))


_real = elementwise_op(
    "Real", "input:T -> output:Tout", lambda xp, x, *, Tout=float32: x.real,
    lambda g, _y, _x, *, Tout: _zero_imaginary(g), **_TO_REAL,
)  # fmt: skip
_imag = elementwise_op(
    "Imag", "input:T -> output:Tout", lambda xp, x, *, Tout=float32: x.imag,
    lambda g, _y, _x, *, Tout: complex(scalar(0, g.dtype), g), **_TO_REAL,
)  # fmt: skip
_angle = elementwise_op(
    "Angle", "input:T -> output:Tout", lambda xp, x, *, Tout=float32: xp.angle(x), _angle_gradient, **_TO_REAL
)
_conj = elementwise_op(
    "Conj", "input:T -> output:T", "conjugate", lambda g, _y, _x: conj(g), T=(*types.COMPLEX, variant)
)


def real(input: TensorLike, name: str | None = None) -> Tensor:
    """The real part of each element; a tensor of real numbers as it is.

    Raises:
      TypeError: if `input` is not numeric.

    >>> print(tf.math.real([1 + 2j]))
    tf.Tensor([1.], shape=(1,), dtype=float64)
    """
    x = convert(input)
    if x.dtype.is_complex:
        return _real(x, Tout=x.dtype.real_dtype, name=name)  # type: ignore[no-any-return]
    if x.dtype.is_numeric:
        return x
    raise TypeError(f"input must be a numeric tensor, but got tensor with dtype {x.dtype}")


def imag(input: TensorLike, name: str | None = None) -> Tensor:
    """The imaginary part of each element; zeros for real numbers.

    >>> print(tf.math.imag([1 + 2j]))
    tf.Tensor([2.], shape=(1,), dtype=float64)
    """
    x = convert(input)
    if x.dtype.is_complex:
        return _imag(x, Tout=x.dtype.real_dtype, name=name)  # type: ignore[no-any-return]
    return zeros_like(x)  # type: ignore[no-any-return]


def angle(input: TensorLike, name: str | None = None) -> Tensor:
    """The angle in the complex plane, from -pi to pi; 0 or pi for real numbers.

    >>> print(tf.math.angle([1j, -1 + 0j]))
    tf.Tensor([1.57079633 3.14159265], shape=(2,), dtype=float64)
    """
    x = convert(input)
    if x.dtype.is_complex:
        return _angle(x, Tout=x.dtype.real_dtype, name=name)  # type: ignore[no-any-return]
    return select(OPS["Less"](x, scalar(0, x.dtype)), math.pi * OPS["OnesLike"](x), zeros_like(x))  # type: ignore[no-any-return]


def conj(x: TensorLike, name: str | None = None) -> Tensor:
    """The complex conjugate of each element; a tensor of real numbers as it is.

    Raises:
      TypeError: if `x` is not numeric.

    >>> print(tf.math.conj([1 + 2j]))
    tf.Tensor([1.-2.j], shape=(1,), dtype=complex128)
    """
    x = convert(x)
    if x.dtype.is_complex or x.dtype is variant:
        return _conj(x, name=name)  # type: ignore[no-any-return]
    if x.dtype.is_numeric:
        return x
    raise TypeError(f"Expected numeric or variant tensor, got dtype {x.dtype!r}.")
