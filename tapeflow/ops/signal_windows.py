"""Windows of `tf.signal`: weights by which a piece of a signal fades in and out."""

from __future__ import annotations

import math
from typing import Any

from ..base import dtypes
from ..base.dtypes import DType, as_dtype
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike
from .bessel import bessel_i0
from .casting import cast
from .common import static
from .joining import concat
from .ranges import range_
from .rearranging import reverse
from .scan import cumsum


def float_dtype(dtype: Any) -> DType:
    """The dtype of a window.

    Raises:
      ValueError: if it is not one of floats.
    """
    found: DType = as_dtype(dtype)
    if not found.is_floating:
        raise ValueError(f"dtype must be a floating point type. Found {found!s}")
    return found


def length_of(value: Any) -> Any:
    """A length as far as it is known: an int, a Size, or an int32 Symbol.

    Raises:
      TypeError, ValueError: if it is no scalar integer.
    """
    tensor = convert(value)
    tensor.shape.assert_has_rank(0)
    return static(tensor)


def _raised_cosine(length: Any, periodic: Any, dtype: Any, a: float, b: float) -> Tensor:
    dtype = float_dtype(dtype)
    n = length_of(convert(length, dtypes.int32))
    if type(n) is int and n == 1:
        return OPS["Fill"]((1,), convert(1, dtype))  # type: ignore[no-any-return]
    periodic = static(convert(periodic, dtypes.bool))
    if type(periodic) is bool and type(n) is int:
        steps: Any = convert(n + (periodic and n % 2 == 0) - 1, dtype)
    else:
        count = convert(n)
        steps = cast(count + cast(periodic, count.dtype) * (1 - count % 2) - 1, dtype)
    count = cast(range_(n), dtype)
    weights = convert(a, dtype) - convert(b, dtype) * OPS["Cos"](convert(2 * math.pi, dtype) * count / steps)
    if type(n) is int:
        return weights  # type: ignore[no-any-return]
    return OPS["SelectV2"](OPS["Equal"](convert(n), 1), OPS["OnesLike"](weights), weights)  # type: ignore[no-any-return]


def hann_window(
    window_length: Any, periodic: Any = True, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """Half of a cosine's wave, raised so that it begins at 0.

    Args:
      window_length: how many weights, a scalar integer.
      periodic: whether windows of even length are the beginning of one that is longer by one, as transforms want it.
      dtype: a dtype of floats.
      name: not used.

    Raises:
      ValueError: if `dtype` is not one of floats, or `window_length` is no scalar.

    >>> print(tf.signal.hann_window(4))
    tf.Tensor([0.  0.5 1.  0.5], shape=(4,), dtype=float32)
    """
    return _raised_cosine(window_length, periodic, dtype, 0.5, 0.5)


def hamming_window(
    window_length: Any, periodic: Any = True, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """A raised cosine that begins at 0.08; arguments as those of `tf.signal.hann_window`.

    >>> print(tf.signal.hamming_window(4, dtype=tf.float64))
    tf.Tensor([0.08 0.54 1.   0.54], shape=(4,), dtype=float64)
    """
    return _raised_cosine(window_length, periodic, dtype, 0.54, 0.46)


def kaiser_window(
    window_length: Any, beta: TensorLike = 12.0, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """Kaiser's window: made of Bessel functions, it keeps what is near a frequency together best.

    Args:
      window_length: how many weights, a scalar integer.
      beta: how fast it fades; 0 is a rectangle.
      dtype: a dtype of floats.
      name: not used.

    Raises:
      ValueError: if `dtype` is not one of floats, or `window_length` is no scalar.

    >>> print(tf.signal.kaiser_window(3, beta=3.0, dtype=tf.float64))
    tf.Tensor([0.20488476 1.         0.20488476], shape=(3,), dtype=float64)
    """
    dtype = float_dtype(dtype)
    n = length_of(convert(window_length, dtypes.int32))
    if type(n) is int and n == 1:
        return OPS["Fill"]((1,), convert(1, dtype))  # type: ignore[no-any-return]
    half = (cast(n, dtype) - 1) / 2
    places = range_(-half, half + convert(0.1, dtype))
    one = convert(1, dtype)
    beta = cast(beta, dtype)
    inner = beta * OPS["Sqrt"](OPS["Maximum"](one - (places / half) * (places / half), 0))
    weights = bessel_i0(inner) / bessel_i0(beta)
    return weights if type(n) is int else OPS["SelectV2"](OPS["Equal"](convert(n), 1), one, weights)


def kaiser_bessel_derived_window(
    window_length: Any, beta: TensorLike = 12.0, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """The root of the running sum of Kaiser's window, and its mirror image: with it `tf.signal.mdct` can be undone.

    Args:
      window_length: how many weights, an even scalar integer.
      beta: how fast it fades.
      dtype: a dtype of floats.
      name: not used.

    >>> print(tf.signal.kaiser_bessel_derived_window(2))
    tf.Tensor([0.70710677 0.70710677], shape=(2,), dtype=float32)
    """
    dtype = float_dtype(dtype)
    n = length_of(convert(window_length, dtypes.int32))
    sums = cumsum(kaiser_window(n // 2 + 1, beta, dtype))
    half = OPS["Sqrt"](sums[:-1] / sums[-1])
    return concat([half, reverse(half, [0])], 0)


def vorbis_window(window_length: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """The window of the Vorbis format, the sine of a squared sine, with which `tf.signal.mdct` can be undone.

    Args:
      window_length: how many weights, a scalar integer.
      dtype: a dtype of floats.
      name: not used.

    Raises:
      ValueError: if `dtype` is not one of floats, or `window_length` is no scalar.

    >>> print(tf.signal.vorbis_window(3, dtype=tf.float64))
    tf.Tensor([0.38268343 1.         0.38268343], shape=(3,), dtype=float64)
    """
    dtype = float_dtype(dtype)
    n = length_of(convert(window_length, dtypes.int32))
    places = cast(range_(n), dtype)
    angles = convert(math.pi, dtype) / cast(n, dtype) * (places + convert(0.5, dtype))
    return OPS["Sin"](convert(math.pi / 2, dtype) * OPS["Pow"](OPS["Sin"](angles), convert(2, dtype)))  # type: ignore[no-any-return]
