"""`tf.signal`'s Fourier transforms: which lengths they take, shifts, and transforms of any axes."""

from __future__ import annotations

from typing import Any

from ..base import dtypes, errors
from ..base.dtypes import DType
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike
from .common import shape_of, static
from .fourier import REAL, fft_ops, ifft_ops, irfft_ops, rfft_ops
from .rearranging import roll

Lengths = Any


# ---------------------------------------------------------------- complex transforms


def _complex(input: TensorLike) -> Tensor:
    x = convert(input)
    return x if isinstance(input, Tensor) or x.dtype.is_complex else convert(input, hint=dtypes.complex64)


def fft(input: TensorLike, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of the last axis.

    Args:
      input: complex numbers, (..., n).
      name: a name for errors.

    Returns:
      Sums over j of `input[..., j] * exp(-2 pi i j k / n)`, of the shape and dtype of `input`.

    Raises:
      InvalidArgumentError: if `input` is real, or a scalar.

    >>> print(tf.signal.fft(tf.constant([1, 2, 3, 4], tf.complex64)))
    tf.Tensor([10.+0.j -2.+2.j -2.+0.j -2.-2.j], shape=(4,), dtype=complex64)
    """
    return fft_ops[1](_complex(input), name=name)  # type: ignore[no-any-return]


def ifft(input: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `tf.signal.fft`.

    >>> print(tf.signal.ifft(tf.constant([10 + 0j, -2 + 2j, -2 + 0j, -2 - 2j], tf.complex64)))
    tf.Tensor([1.+0.j 2.+0.j 3.+0.j 4.+0.j], shape=(4,), dtype=complex64)
    """
    return ifft_ops[1](_complex(input), name=name)  # type: ignore[no-any-return]


def fft2d(input: TensorLike, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of the last two axes of complex numbers.

    >>> print(tf.signal.fft2d(tf.constant([[1, 2], [3, 4]], tf.complex64)))
    tf.Tensor(
    [[10.+0.j -2.+0.j]
     [-4.+0.j  0.+0.j]], shape=(2, 2), dtype=complex64)
    """
    return fft_ops[2](_complex(input), name=name)  # type: ignore[no-any-return]


def ifft2d(input: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `tf.signal.fft2d`."""
    return ifft_ops[2](_complex(input), name=name)  # type: ignore[no-any-return]


def fft3d(input: TensorLike, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of the last three axes of complex numbers."""
    return fft_ops[3](_complex(input), name=name)  # type: ignore[no-any-return]


def ifft3d(input: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `tf.signal.fft3d`."""
    return ifft_ops[3](_complex(input), name=name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- real transforms


def _forward(x: TensorLike, fft_length: Lengths, rank: int, name: str | None) -> Tensor:
    x = convert(x, hint=dtypes.float32)
    if x.dtype not in REAL:
        raise ValueError(f"RFFT requires tf.float32 or tf.float64 inputs, got: {x!s}")
    x.shape.with_rank_at_least(rank)
    shape = shape_of(x)
    lengths = shape[-rank:] if fft_length is None else static(fft_length)
    if fft_length is not None:
        x = filled(x, lengths, rank)
    return rfft_ops[rank](x, lengths, Tcomplex=as_complex(x.dtype), name=name)  # type: ignore[no-any-return]


def _inverse(x: TensorLike, fft_length: Lengths, rank: int, name: str | None) -> Tensor:
    x = convert(x, hint=dtypes.complex64)
    if not x.dtype.is_complex:
        raise ValueError(f"IRFFT requires tf.complex64 or tf.complex128 inputs, got: {x!s}")
    x.shape.with_rank_at_least(rank)
    shape = shape_of(x)
    if fft_length is not None:
        lengths = static(fft_length)
        x = filled(x, lengths, rank, half=True)
    else:
        last = shape[-1]
        last = max(0, 2 * (last - 1)) if type(last) is int else 2 * (last - 1)
        lengths = joined(shape[-rank:-1], last)
    return irfft_ops[rank](x, lengths, Treal=x.dtype.real_dtype, name=name)  # type: ignore[no-any-return]


def joined(sizes: Any, last: Any) -> Any:
    """Sizes and one more, for a static input."""
    return (*sizes, last) if type(sizes) is tuple else OPS["ConcatV2"](sizes, OPS["Pack"](last, axis=0), 0)


def as_complex(dtype: DType) -> DType:
    """The complex dtype whose parts have this dtype."""
    return dtypes.complex64 if dtype is dtypes.float32 else dtypes.complex128


def filled(x: Tensor, lengths: Any, rank: int, half: bool = False) -> Tensor:
    """`x` with zeros after its last axes, where they are too short for transforms of these lengths."""
    shape = shape_of(x)
    if type(lengths) is tuple and len(lengths) != rank:
        return x  # the op says so
    if half:
        last = lengths[-1] // 2 + 1
        lengths = joined(lengths[:-1], last)
    known = type(shape) is tuple and type(lengths) is tuple
    if known and all(type(n) is int for n in (*shape[-rank:], *lengths)):
        missing = [max(0, n - have) for n, have in zip(lengths, shape[-rank:], strict=True)]
        if not any(missing):
            return x
        return OPS["Pad"](x, ((0, 0),) * (len(shape) - rank) + tuple((0, n) for n in missing))  # type: ignore[no-any-return]
    have = OPS["Shape"](x)
    missing = OPS["Maximum"](0, convert(lengths) - have[-rank:])
    after = OPS["ConcatV2"](OPS["ZerosLike"](have[:-rank]), missing, 0)
    return OPS["Pad"](x, OPS["Pack"](OPS["ZerosLike"](after), after, axis=1))  # type: ignore[no-any-return]


def rfft(input_tensor: TensorLike, fft_length: Lengths = None, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of the last axis of real numbers: the first half, which says all.

    Args:
      input_tensor: float32 or float64, (..., n).
      fft_length: a vector of the length n to which the axis is cut, or filled with zeros; as it is if left out.
      name: a name for errors.

    Returns:
      complex64 or complex128, (..., n // 2 + 1).

    Raises:
      ValueError: for other dtypes, and scalars.

    >>> print(tf.signal.rfft([1.0, 2.0, 3.0, 4.0]))
    tf.Tensor([10.+0.j -2.+2.j -2.+0.j], shape=(3,), dtype=complex64)
    """
    return _forward(input_tensor, fft_length, 1, name)


def irfft(input_tensor: TensorLike, fft_length: Lengths = None, name: str | None = None) -> Tensor:
    """The inverse of `tf.signal.rfft`.

    Args:
      input_tensor: complex numbers, (..., m).
      fft_length: a vector of the length of the result, 2 (m - 1) if left out; for odd lengths it must be said.
      name: a name for errors.

    Raises:
      ValueError: if `input_tensor` is real, or a scalar.

    >>> print(tf.signal.irfft(tf.constant([10 + 0j, -2 + 2j, -2 + 0j], tf.complex64)))
    tf.Tensor([1. 2. 3. 4.], shape=(4,), dtype=float32)
    """
    return _inverse(input_tensor, fft_length, 1, name)


def rfft2d(input_tensor: TensorLike, fft_length: Lengths = None, name: str | None = None) -> Tensor:
    """`tf.signal.rfft` of the last two axes; `fft_length` has their two lengths."""
    return _forward(input_tensor, fft_length, 2, name)


def irfft2d(input_tensor: TensorLike, fft_length: Lengths = None, name: str | None = None) -> Tensor:
    """The inverse of `tf.signal.rfft2d`."""
    return _inverse(input_tensor, fft_length, 2, name)


def rfft3d(input_tensor: TensorLike, fft_length: Lengths = None, name: str | None = None) -> Tensor:
    """`tf.signal.rfft` of the last three axes; `fft_length` has their three lengths."""
    return _forward(input_tensor, fft_length, 3, name)


def irfft3d(input_tensor: TensorLike, fft_length: Lengths = None, name: str | None = None) -> Tensor:
    """The inverse of `tf.signal.rfft3d`."""
    return _inverse(input_tensor, fft_length, 3, name)


# ---------------------------------------------------------------- shifts


def _shifted(x: TensorLike, axes: Any, back: bool, name: str | None) -> Tensor:
    x = convert(x)
    if axes is None:
        axes = tuple(range(x.shape.rank)) if x.shape.rank is not None else OPS["Range"](0, OPS["Rank"](x), 1)
    else:
        axes = static(axes)
    shape = shape_of(x)
    if type(shape) is tuple and type(axes) in (int, tuple):
        entries = axes if type(axes) is tuple else (axes,)
        for axis in entries:
            if not -len(shape) <= axis < len(shape):
                raise errors.invalid(f"slice index {axis} of dimension 0 out of bounds. [Op:StridedSlice] name: ")
        halves: Any = tuple(shape[axis] // 2 for axis in entries)
        shift = tuple(0 - n for n in halves) if back else halves
        return roll(x, shift if type(axes) is tuple else shift[0], axes, name=name)
    halves = OPS["GatherV2"](OPS["Shape"](x), convert(axes), 0) // 2
    return roll(x, -halves if back else halves, axes, name=name)


def fftshift(x: TensorLike, axes: Any = None, name: str | None = None) -> Tensor:
    """Moves the element of frequency zero to the middle.

    Args:
      x: a Tensor.
      axes: the axes to shift, an integer or several; all of them if left out.
      name: a name for errors.

    >>> print(tf.signal.fftshift([0.0, 1.0, 2.0, -2.0, -1.0]))
    tf.Tensor([-2. -1.  0.  1.  2.], shape=(5,), dtype=float32)
    """
    return _shifted(x, axes, False, name)


def ifftshift(x: TensorLike, axes: Any = None, name: str | None = None) -> Tensor:
    """The inverse of `tf.signal.fftshift`.

    >>> print(tf.signal.ifftshift([-2.0, -1.0, 0.0, 1.0, 2.0]))
    tf.Tensor([ 0.  1.  2. -2. -1.], shape=(5,), dtype=float32)
    """
    return _shifted(x, axes, True, name)
