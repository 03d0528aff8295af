"""Fourier transforms of any axes: `tf.fftnd` and the like."""

from __future__ import annotations

import math
from typing import Any

from ..base import dtypes, errors
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, Op, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import shape_of, static
from .fourier import REAL, fit, half_of, number, transform, weights
from .spectral import as_complex


def _places(x: Shape, fft_length: Any, axes: Any) -> tuple[int, ...]:
    """The axes, counted from the front; refuses what does not fit."""
    assert x is not None
    if len(fft_length) != len(axes):
        raise errors.invalid(f"fft_length must have shape [{len(axes)}]")
    places = []
    for axis in axes:
        if not -len(x) <= axis < len(x):
            raise errors.invalid(f"axes must be in the range [{-len(x)}, {len(x)}), got {axis}")
        places.append(axis % len(x))
    if len(set(places)) < len(places) or not places:
        raise errors.invalid("axes must be unique, and at least one")
    return tuple(places)


def _shape(kind: str) -> Any:
    def rule(x: Shape, fft_length: Any, axes: Any, **_attrs: Any) -> Shape:
        if x is None:
            return None
        if fft_length is None or axes is None:
            return (None,) * len(x)
        sizes = list(x)
        places = _places(x, fft_length, axes)
        for axis, n in zip(places, fft_length, strict=True):
            sizes[axis] = n
        if kind == "rfft":
            sizes[places[-1]] = half_of(fft_length[-1])
        return tuple(sizes)

    return rule


def _complex_op(name: str, kind: str) -> Op:
    @op(
        name, "input:Tcomplex, fft_length:int32, axes:int32 -> output:Tcomplex", shape=_shape(kind),
        static=("fft_length", "axes"), Tcomplex=types.COMPLEX,
    )  # fmt: skip
    def transformed(xp: Any, x: Array, fft_length: Any, axes: Any) -> Array:
        return transform(xp, kind, x, fft_length, _places(x.shape, fft_length, axes), x.dtype)

    @transformed.gradient
    def _(g: Any, _y: Any, x: Any, fft_length: Any, axes: Any) -> Any:
        count = number(math.prod(fft_length), x.dtype)
        other = OPS[name[1:] if kind == "ifft" else f"I{name}"](g, fft_length, axes)
        return fit(other / count if kind == "ifft" else other * count, shape_of(x), x.shape.rank), None, None

    return transformed


def _weights(x: Any, fft_length: Any, axes: Any, dtype: DType) -> Any:
    """How often each kept element of a real transform is in the whole one, to be multiplied with `x`."""
    sizes = [1] * x.shape.rank
    sizes[axes[-1]] = -1
    return OPS["Reshape"](weights(fft_length, dtype), sizes)


@op(
    "RFFTND", "input:Treal, fft_length:int32, axes:int32 -> output:Tcomplex", shape=_shape("rfft"),
    static=("fft_length", "axes"), Treal=REAL, Tcomplex=types.COMPLEX,
)  # fmt: skip
def _rfft_nd(xp: Any, x: Array, fft_length: Any, axes: Any, *, Tcomplex: DType = dtypes.complex64) -> Array:
    return transform(xp, "rfft", x, fft_length, _places(x.shape, fft_length, axes), Tcomplex.numpy)


@_rfft_nd.gradient
def _(g: Any, _y: Any, x: Any, fft_length: Any, axes: Any, **_attrs: Any) -> Any:
    halved = g / _weights(g, fft_length, axes, g.dtype)
    back = _irfft_nd(halved, fft_length, axes, Treal=x.dtype) * number(math.prod(fft_length), x.dtype)
    return fit(back, shape_of(x), x.shape.rank), None, None


@op(
    "IRFFTND", "input:Tcomplex, fft_length:int32, axes:int32 -> output:Treal", shape=_shape("irfft"),
    static=("fft_length", "axes"), Treal=REAL, Tcomplex=types.COMPLEX,
)  # fmt: skip
def _irfft_nd(xp: Any, x: Array, fft_length: Any, axes: Any, *, Treal: DType = dtypes.float32) -> Array:
    return transform(xp, "irfft", x, fft_length, _places(x.shape, fft_length, axes), Treal.numpy)


@_irfft_nd.gradient
def _(g: Any, _y: Any, x: Any, fft_length: Any, axes: Any, **_attrs: Any) -> Any:
    back = _rfft_nd(g, fft_length, axes, Tcomplex=x.dtype) / number(math.prod(fft_length), x.dtype)
    return fit(back * _weights(back, fft_length, axes, x.dtype), shape_of(x), x.shape.rank), None, None


_fft_nd, _ifft_nd = _complex_op("FFTND", "fft"), _complex_op("IFFTND", "ifft")


def _arguments(x: Tensor, fft_length: Any, axes: Any, inverse: bool = False) -> tuple[Any, Any]:
    """Lengths and axes, where they are left out: all axes, or as many of the last as there are lengths."""
    rank = x.shape.rank
    if rank is None:
        raise ValueError("The rank of the input must be known.")
    lengths = None if fft_length is None else static(fft_length)
    places = static(axes) if axes is not None else tuple(range(rank if lengths is None else len(lengths)))
    if axes is None and lengths is not None:
        places = tuple(range(rank - len(lengths), rank))
    if lengths is None:
        shape = shape_of(x)
        lengths = tuple(shape[axis] for axis in places)
        if inverse and lengths:
            last = lengths[-1]
            lengths = (*lengths[:-1], max(0, 2 * (last - 1)) if type(last) is int else 2 * (last - 1))
    return lengths, places


def _factor(x: Tensor, lengths: Any, norm: str | None) -> Tensor | None:
    """By what the sum is divided; None for nothing."""
    if norm in (None, "backward"):
        return None
    if norm not in ("forward", "ortho"):
        raise ValueError(f'Invalid norm value {norm}; should be "backward", "ortho" or "forward".')
    count = number(math.prod(lengths), x.dtype.real_dtype)
    if norm == "ortho":
        count = OPS["Sqrt"](count)
    return OPS["Cast"](count, DstT=x.dtype)  # type: ignore[no-any-return]


def fftnd(
    input_tensor: TensorLike, fft_length: Any = None, axes: Any = None, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The discrete Fourier transform of any axes of complex numbers.

    Args:
      input_tensor: complex numbers.
      fft_length: to which lengths the axes are cut, or filled with zeros; as they are if left out.
      axes: the axes; all if left out, or the last ones if there are lengths.
      norm: `"forward"` divides by the number of elements, `"ortho"` by its root, `"backward"` or None does not divide.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if there are no such axes, or not as many as lengths.
      ValueError: for another norm.

    >>> print(tf.signal.fftnd(tf.constant([[1, 2], [3, 4]], tf.complex64), axes=[1]))
    tf.Tensor(
    [[ 3.+0.j -1.+0.j]
     [ 7.+0.j -1.+0.j]], shape=(2, 2), dtype=complex64)
    """
    x = convert(input_tensor, hint=dtypes.complex64)
    lengths, axes = _arguments(x, fft_length, axes)
    factor = _factor(x, lengths, norm)
    return _fft_nd(x if factor is None else x / factor, lengths, axes, name=name)  # type: ignore[no-any-return]


def ifftnd(
    input_tensor: TensorLike, fft_length: Any = None, axes: Any = None, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The inverse of `tf.signal.fftnd` with the same arguments."""
    x = convert(input_tensor, hint=dtypes.complex64)
    lengths, axes = _arguments(x, fft_length, axes)
    factor = _factor(x, lengths, norm)
    return _ifft_nd(x if factor is None else x * factor, lengths, axes, name=name)  # type: ignore[no-any-return]


def rfftnd(
    input_tensor: TensorLike, fft_length: Any = None, axes: Any = None, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The discrete Fourier transform of any axes of real numbers, half of the last of them.

    Args and what is raised are those of `tf.signal.fftnd`; `input_tensor` is float32 or float64.
    """
    x = convert(input_tensor, hint=dtypes.float32)
    if x.dtype not in REAL:
        raise ValueError(f"RFFT requires tf.float32 or tf.float64 inputs, got: {x!s}")
    lengths, axes = _arguments(x, fft_length, axes)
    factor = _factor(x, lengths, norm)
    x = x if factor is None else x / factor
    return _rfft_nd(x, lengths, axes, Tcomplex=as_complex(x.dtype), name=name)  # type: ignore[no-any-return]


def irfftnd(
    input_tensor: TensorLike, fft_length: Any = None, axes: Any = None, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The inverse of `tf.signal.rfftnd`; the length of the last axis must be said if it is odd."""
    x = convert(input_tensor, hint=dtypes.complex64)
    if not x.dtype.is_complex:
        raise ValueError(f"IRFFT requires tf.complex64 or tf.complex128 inputs, got: {x!s}")
    lengths, axes = _arguments(x, fft_length, axes, inverse=True)
    factor = _factor(x, lengths, norm)
    x = x if factor is None else x * factor
    return _irfft_nd(x, lengths, axes, Treal=x.dtype.real_dtype, name=name)  # type: ignore[no-any-return]
