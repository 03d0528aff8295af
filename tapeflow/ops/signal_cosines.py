"""Cosine transforms of `tf.signal`, plain and of overlapping frames, and what is made of them for sound."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import as_dtype
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike, framework_constant
from .casting import cast
from .common import shape_of, static
from .complex import complex as complex_
from .complex import real
from .joining import concat, split
from .ranges import linspace, range_
from .rearranging import reverse
from .signal_frames import Window, frame, overlap_and_add
from .signal_windows import length_of, vorbis_window
from .spectral import filled, irfft, rfft

_INVERSE = {1: 1, 2: 3, 3: 2, 4: 4}


# ---------------------------------------------------------------- cosine transforms


def _check(x: Tensor, type: int, n: Any, axis: int, norm: str | None) -> None:
    if axis != -1:
        raise NotImplementedError(f"axis must be -1. Got: {axis}")
    if isinstance(n, int) and n < 1:
        raise ValueError("n should be a positive integer or None")
    if type not in _INVERSE:
        raise ValueError("Types I, II, III and IV (I)DCT are supported.")
    if type == 1:
        if norm == "ortho":
            raise ValueError("Normalization is not supported for the Type-I DCT.")
        if x.shape.rank and x.shape[-1] is not None and x.shape[-1] < 2:
            raise ValueError("Type-I DCT requires the dimension to be greater than one.")
    if norm not in (None, "ortho"):
        raise ValueError(f"Unknown normalization. Expected None or 'ortho', got: {norm}")


def dct(
    input: TensorLike,
    type: int = 2,
    n: Any = None,
    axis: int = -1,
    norm: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The discrete cosine transform of the last axis.

    Args:
      input: float32 or float64, (..., m).
      type: which of the four kinds of transforms, 1 to 4.
      n: to how many elements the axis is cut, or filled with zeros; as it is if left out.
      axis: -1.
      norm: `"ortho"` for a transform that keeps lengths; not for type 1.
      name: not used.

    Raises:
      NotImplementedError: for another axis.
      ValueError: for another type or norm, or an `n` below 1.

    >>> print(tf.signal.dct([1.0, 2.0, 3.0], type=1))
    tf.Tensor([ 8. -2.  0.], shape=(3,), dtype=float32)
    """
    x = convert(input, hint=dtypes.float32)
    count = None if n is None else static(n)
    _check(x, type, count, axis, norm)
    if count is not None:
        x = filled(x[..., :count], (count,), 1)
    count = shape_of(x)[-1]
    return _TRANSFORMS[type](x, count, norm == "ortho")


def idct(
    input: TensorLike,
    type: int = 2,
    n: Any = None,
    axis: int = -1,
    norm: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The inverse of `tf.signal.dct` of the same type with `norm="ortho"`; otherwise its inverse but for a factor.

    Args and what is raised are those of `tf.signal.dct`. The factor is 2 n, for type 1 it is 2 (n - 1).

    >>> x = tf.signal.dct([1.0, 2.0, 3.0], norm="ortho")
    >>> print(tf.round(tf.signal.idct(x, norm="ortho")))
    tf.Tensor([1. 2. 3.], shape=(3,), dtype=float32)
    """
    return dct(input, _INVERSE.get(type, type), n, axis, norm)


def _first(x: Tensor, n: Any, ortho: bool) -> Tensor:
    return real(rfft(concat([x, reverse(x, [-1])[..., 1:-1]], -1)))


@functools.lru_cache(maxsize=64)
def _known_turns(n: int, sign: float, dtype: np.dtype[Any]) -> Tensor:
    places = np.arange(n).astype(np.float64) * (sign * 0.5 * math.pi) / n
    parts = np.stack([2 * np.cos(places), 2 * np.sin(places)], -1).astype(dtype)
    return framework_constant(parts.view(np.result_type(dtype, np.complex64))[:, 0])


def _turns(n: Any, x: Tensor, sign: float) -> Any:
    """Twice the complex numbers whose angles are quarter turns, divided by n: for the k-th, k of those parts."""
    if type(n) is int:
        return _known_turns(n, sign, x.dtype.numpy)
    wide = dtypes.float64
    places = cast(range_(convert(n)), wide) * (sign * 0.5 * math.pi) / cast(n, wide)
    return complex_(cast(2 * OPS["Cos"](places), x.dtype), cast(2 * OPS["Sin"](places), x.dtype))


def _scales(n: Any, x: Tensor, first: float) -> tuple[Tensor, Tensor]:
    """The root of n, and a vector of n ones of which the first is `first`."""
    count = convert(n)
    ends = OPS["Equal"](range_(count), 0)
    weights = OPS["SelectV2"](ends, convert(first, x.dtype), convert(1, x.dtype))
    return OPS["Sqrt"](cast(count, x.dtype)), weights


def _second(x: Tensor, n: Any, ortho: bool) -> Tensor:
    y = real(rfft(x, (2 * n,))[..., :n] * _turns(n, x, -1))
    if not ortho:
        return y
    root, weights = _scales(n, x, math.sqrt(0.5))
    return y * (weights * math.sqrt(0.5) / root)


def _third(x: Tensor, n: Any, ortho: bool) -> Tensor:
    if ortho:
        root, weights = _scales(n, x, math.sqrt(2.0))
        x = x * (weights * math.sqrt(0.5) * root)
    else:
        x = x * cast(n, x.dtype)
    return irfft(_turns(n, x, 1) * complex_(x, convert(0, x.dtype)), (2 * n,))[..., :n]


def _fourth(x: Tensor, n: Any, ortho: bool) -> Tensor:
    y = _second(filled(x, (2 * n,), 1), 2 * n, False)[..., 1::2]
    return y * (math.sqrt(0.5) / OPS["Sqrt"](cast(n, x.dtype))) if ortho else y


_TRANSFORMS: dict[int, Callable[[Tensor, Any, bool], Tensor]] = {1: _first, 2: _second, 3: _third, 4: _fourth}


# ---------------------------------------------------------------- of overlapping frames


def mdct(
    signals: TensorLike,
    frame_length: Any,
    window_fn: Window = vorbis_window,
    pad_end: bool = False,
    norm: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The modified discrete cosine transform: of frames that overlap by a half, with half as many coefficients.

    Args:
      signals: float32 or float64, (..., samples).
      frame_length: how long a frame is, a multiple of four.
      window_fn: called with `frame_length` and the keyword `dtype`, it gives the weights; None for a rectangle.
      pad_end: whether the last frames, which end behind the signal, are kept.
      norm: None or `"ortho"`, as for `tf.signal.dct`.
      name: not used.

    Returns:
      A Tensor (..., frames, frame_length // 2).

    Raises:
      ValueError: if `frame_length` is no multiple of four, or an argument has the wrong rank.

    >>> tf.signal.mdct(tf.zeros([2, 64]), 16).shape
    TensorShape([2, 7, 8])
    """
    x = convert(signals)
    x.shape.with_rank_at_least(1)
    length = length_of(frame_length)
    if type(length) is int and length % 4:
        raise ValueError("The frame length must be a multiple of 4.")
    frames = frame(x, length, length // 2, pad_end=pad_end)
    if window_fn is not None:
        frames = frames * window_fn(length, dtype=frames.dtype)
    else:
        frames = frames * convert(math.sqrt(0.5), frames.dtype)
    a, b, c, d = split(frames, 4, -1)
    folded = concat([-reverse(c, [-1]) - d, a - reverse(b, [-1])], -1)
    return dct(folded, type=4, norm=norm)


def inverse_mdct(
    mdcts: TensorLike, window_fn: Window = vorbis_window, norm: str | None = None, name: str | None = None
) -> Tensor:
    """Signals from the coefficients of `tf.signal.mdct`, but for half a frame at each end.

    Args:
      mdcts: float32 or float64, (..., frames, frame_length // 2).
      window_fn: the window of `tf.signal.mdct`, vorbis or Kaiser-Bessel derived; None for a rectangle.
      norm: what `tf.signal.mdct` was given.
      name: not used.

    Returns:
      A Tensor (..., samples).

    Raises:
      ValueError: for another `norm`, and if `mdcts` has less than two axes.

    >>> x = tf.range(16.0)
    >>> print(tf.round(tf.signal.inverse_mdct(tf.signal.mdct(x, 8)))[4:12])
    tf.Tensor([ 4.  5.  6.  7.  8.  9. 10. 11.], shape=(8,), dtype=float32)
    """
    x = convert(mdcts)
    x.shape.with_rank_at_least(2)
    half = shape_of(x)[-1]
    y = dct(x, type=4, norm=norm)
    if norm is None:
        y = y * (0.5 / cast(half, x.dtype))
    second, first = split(y, 2, -1)
    frames = concat([first, -reverse(first, [-1]), -reverse(second, [-1]), -second], -1)
    if window_fn is not None:
        frames = frames * window_fn(2 * half, dtype=frames.dtype)
    else:
        frames = frames * convert(math.sqrt(0.5), frames.dtype)
    return overlap_and_add(frames, half)


# ---------------------------------------------------------------- mel scale


def _mel(hertz: Any) -> Any:
    return 1127.0 * OPS["Log"](1.0 + hertz / 700.0)


def _check_mel(bins: Any, rate: Any, lower: Any, upper: Any, dtype: Any) -> None:
    if bins <= 0:
        raise ValueError(f"num_mel_bins must be positive. Got: {bins}")
    if lower < 0.0:
        raise ValueError(f"lower_edge_hertz must be non-negative. Got: {lower}")
    if lower >= upper:
        raise ValueError(f"lower_edge_hertz {lower:.1f} >= upper_edge_hertz {upper:.1f}")
    if not isinstance(rate, Tensor):
        if rate <= 0.0:
            raise ValueError(f"sample_rate must be positive. Got: {rate}")
        if upper > rate / 2:
            raise ValueError(
                "upper_edge_hertz must not be larger than the Nyquist frequency (sample_rate / 2). "
                f"Got {upper} for sample_rate: {rate}"
            )
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Got: {dtype!s}")


def linear_to_mel_weight_matrix(
    num_mel_bins: int = 20,
    num_spectrogram_bins: Any = 129,
    sample_rate: Any = 8000,
    lower_edge_hertz: Any = 125.0,
    upper_edge_hertz: Any = 3800.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """The weights that make bands of the mel scale, which are equally wide to the ear, of a spectrogram's frequencies.

    Args:
      num_mel_bins: how many bands.
      num_spectrogram_bins: how many frequencies, from 0 to half the sample rate.
      sample_rate: how many samples there are in a second.
      lower_edge_hertz: where the lowest band begins.
      upper_edge_hertz: where the highest one ends.
      dtype: a dtype of floats.
      name: not used.

    Returns:
      A Tensor (num_spectrogram_bins, num_mel_bins), to multiply spectrograms with.

    Raises:
      ValueError: if a number is out of its range, or `dtype` is not one of floats.

    >>> tf.signal.linear_to_mel_weight_matrix().shape
    TensorShape([129, 20])
    """
    dtype = as_dtype(dtype)
    _check_mel(num_mel_bins, sample_rate, lower_edge_hertz, upper_edge_hertz, dtype)
    rate, lower, upper = (cast(x, dtype) for x in (sample_rate, lower_edge_hertz, upper_edge_hertz))
    hertz = linspace(convert(0, dtype), rate / 2.0, num_spectrogram_bins)[1:]
    mels = _mel(hertz)[:, None]
    edges = linspace(_mel(lower), _mel(upper), num_mel_bins + 2)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (mels - left) / (centre - left), (right - mels) / (right - centre)
    weights = OPS["Maximum"](convert(0, dtype), OPS["Minimum"](rising, falling))
    return OPS["Pad"](weights, ((1, 0), (0, 0)))  # type: ignore[no-any-return]


def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: TensorLike, name: str | None = None) -> Tensor:
    """Cepstral coefficients: the cosine transforms of the logarithms of mel spectrograms.

    Args:
      log_mel_spectrograms: float32 or float64, (..., num_mel_bins).
      name: not used.

    Raises:
      ValueError: if there are no bins.

    >>> print(tf.signal.mfccs_from_log_mel_spectrograms([1.0, 1.0]))
    tf.Tensor([2. 0.], shape=(2,), dtype=float32)
    """
    x = convert(log_mel_spectrograms)
    bins = shape_of(x)[-1]
    if type(bins) is int and not bins:
        raise ValueError(f"num_mel_bins must be positive. Got: {x!s}")
    return dct(x) * OPS["Rsqrt"](cast(bins, x.dtype) * 2.0)  # type: ignore[no-any-return]
