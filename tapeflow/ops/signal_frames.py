"""Frames of signals, and transforms of short times: what `tf.signal` cuts signals into, and puts together again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base import dtypes
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike
from .casting import cast
from .common import shape_of
from .division import divide_no_nan
from .layout import reshape
from .ranges import range_
from .signal_windows import hann_window, length_of
from .sizes import joined
from .spectral import irfft, rfft

Window = Callable[..., Tensor] | None


def _at_least_zero(n: Any) -> Any:
    """The number, or 0; of a Size or a Symbol a tensor."""
    return max(n, 0) if type(n) is int else OPS["Maximum"](convert(n), 0)


def _floor_divided(n: Any, by: Any) -> Any:
    return n // by if type(by) is not int or by else OPS["FloorDiv"](convert(n), convert(by))


def frame(
    signal: TensorLike,
    frame_length: Any,
    frame_step: Any,
    pad_end: bool = False,
    pad_value: TensorLike = 0,
    axis: int = -1,
    name: str | None = None,
) -> Tensor:
    """Cuts an axis into frames, which may overlap.

    Args:
      signal: a Tensor, (..., n, ...).
      frame_length: how long a frame is, a scalar integer.
      frame_step: how far apart two frames begin.
      pad_end: whether frames that begin in the signal, but end behind it, are kept and filled with `pad_value`.
      pad_value: what to fill them with.
      axis: the axis.
      name: not used.

    Returns:
      A Tensor (..., frames, frame_length, ...).

    Raises:
      ValueError: if `signal` is a scalar, or one of the others is none.

    >>> print(tf.signal.frame([1, 2, 3, 4, 5], 3, 2))
    tf.Tensor(
    [[1 2 3]
     [3 4 5]], shape=(2, 3), dtype=int32)
    """
    x = convert(signal)
    x.shape.with_rank_at_least(1)
    length, step, axis = (length_of(value) for value in (frame_length, frame_step, axis))
    shape = shape_of(x)
    if type(shape) is tuple and not -len(shape) <= axis < len(shape):
        raise IndexError("list index out of range")
    n = shape[axis]
    if pad_end:
        count = 0 - _floor_divided(0 - n, step)
        missing = _at_least_zero(length + step * (count - 1) - n)
        x = _padded(x, missing, convert(pad_value, x.dtype), axis)
    else:
        count = _at_least_zero(1 + _floor_divided(n - length, step))
    places = reshape(range_(count) * step, (-1, 1)) + range_(length)
    if axis == 0:
        x = reshape(x, shape)  # so that its gradient is dense
    return OPS["GatherV2"](x, places, axis)  # type: ignore[no-any-return]


def _padded(x: Tensor, after: Any, value: Tensor, axis: int) -> Tensor:
    if type(after) is int and not after:
        return x
    rank = x.shape.rank
    if rank is None:
        ones = OPS["OneHot"](axis % OPS["Rank"](x), OPS["Rank"](x), 1, 0)
        pads = OPS["Pack"](OPS["ZerosLike"](ones), ones * after, axis=1)
    elif type(after) is int:
        pads = tuple((0, after if d == axis % rank else 0) for d in range(rank))
    else:
        pads = OPS["Pack"](*[OPS["Pack"](0, after if d == axis % rank else 0, axis=0) for d in range(rank)], axis=0)
    return OPS["PadV2"](x, pads, value)  # type: ignore[no-any-return]


def overlap_and_add(signal: TensorLike, frame_step: Any, name: str | None = None) -> Tensor:
    """Puts frames together, and adds them where they overlap.

    Args:
      signal: a Tensor (..., frames, frame_length).
      frame_step: how far apart two frames begin, a scalar integer.
      name: not used.

    Returns:
      A Tensor (..., (frames - 1) * frame_step + frame_length).

    Raises:
      ValueError: if `signal` has less than two axes, or `frame_step` is no scalar integer.

    >>> print(tf.signal.overlap_and_add([[1, 2, 3], [4, 5, 6]], 1))
    tf.Tensor([1 6 8 6], shape=(4,), dtype=int32)
    """
    x = convert(signal)
    x.shape.with_rank_at_least(2)
    given = convert(frame_step)
    if not given.dtype.is_integer:
        raise ValueError(f"frame_step must be an integer. Got {given.dtype!s}")
    step = length_of(given if given.dtype is dtypes.int32 else cast(given, dtypes.int32))
    shape = shape_of(x)
    lead = shape[:-2]
    frames, length = shape[-2], shape[-1]
    total = length + (frames - 1) * step
    parts = 0 - _floor_divided(0 - length, step)  # of a frame, each as long as a step
    batch: Any = OPS["Prod"](lead, 0) if type(lead) is not tuple else 1
    for n in lead if type(lead) is tuple else ():
        batch = batch * n
    x = reshape(x, (batch, frames, length))
    # As many empty frames follow as a frame has parts; when their rows are read with one frame less to each part,
    # every part comes to lie one step further than the part before, so that columns are sums.
    x = OPS["Pad"](x, ((0, 0), (0, parts), (0, parts * step - length)))
    x = reshape(x, (batch, frames + parts, parts, step))
    x = reshape(OPS["Transpose"](x, (0, 2, 1, 3)), (batch, (frames + parts) * parts, step))
    x = reshape(x[:, : (frames + parts - 1) * parts], (batch, parts, (frames + parts - 1) * step))
    x = OPS["Sum"](x, (1,), keep_dims=False)[:, :total]
    return reshape(x, joined(lead, (total,)))


# ---------------------------------------------------------------- transforms of short times


def _power_of_two(n: Any) -> Any:
    """The least power of two that is not below `n`."""
    if type(n) is int:
        return 1 << max(n - 1, 0).bit_length()
    exponent = OPS["Ceil"](OPS["Log"](cast(n, dtypes.float32)) / OPS["Log"](convert(2.0)))
    return cast(OPS["Pow"](convert(2.0), exponent), dtypes.int32)


def stft(
    signals: TensorLike,
    frame_length: Any,
    frame_step: Any,
    fft_length: Any = None,
    window_fn: Window = hann_window,
    pad_end: bool = False,
    name: str | None = None,
) -> Tensor:
    """The Fourier transforms of overlapping frames of signals.

    Args:
      signals: float32 or float64, (..., samples).
      frame_length: how long a frame is, a scalar integer.
      frame_step: how far apart two frames begin.
      fft_length: to which length frames are cut or filled; the next power of two if left out.
      window_fn: called with `frame_length` and the keyword `dtype`, it gives the weights; None for none.
      pad_end: whether the last frames, which end behind the signal, are kept.
      name: not used.

    Returns:
      complex64 or complex128, (..., frames, fft_length // 2 + 1).

    Raises:
      ValueError: if an argument has the wrong rank, or `signals` are no floats.

    >>> tf.signal.stft(tf.zeros([2, 100]), frame_length=16, frame_step=8).shape
    TensorShape([2, 11, 9])
    """
    x = convert(signals)
    x.shape.with_rank_at_least(1)
    length, step = length_of(frame_length), length_of(frame_step)
    wanted = _power_of_two(length) if fft_length is None else length_of(fft_length)
    frames = frame(x, length, step, pad_end=pad_end)
    if window_fn is not None:
        frames = frames * window_fn(length, dtype=frames.dtype)
    return rfft(frames, (wanted,))


def inverse_stft_window_fn(
    frame_step: Any, forward_window_fn: Callable[..., Tensor] = hann_window, name: str | None = None
) -> Callable[..., Tensor]:
    """A window for `tf.signal.inverse_stft` that undoes the window of `tf.signal.stft`.

    Args:
      frame_step: the `frame_step` of both.
      forward_window_fn: the `window_fn` of `tf.signal.stft`.
      name: not used.

    Returns:
      A function of `frame_length` and `dtype`, for `window_fn`.

    >>> x = tf.random.normal([40])
    >>> y = tf.signal.inverse_stft(tf.signal.stft(x, 8, 4), 8, 4, window_fn=tf.signal.inverse_stft_window_fn(4))
    >>> bool(np.allclose(x[4:-4], y[4:-4], atol=1e-5))
    True
    """

    def inverse_window(frame_length: Any, dtype: Any) -> Tensor:
        length, step = length_of(frame_length), length_of(frame_step)
        window = forward_window_fn(length, dtype=dtype)
        overlaps = 0 - _floor_divided(0 - length, step)
        squares = _padded(OPS["Square"](window), overlaps * step - length, convert(0, window.dtype), 0)
        sums = OPS["Sum"](reshape(squares, (overlaps, step)), (0,), keep_dims=True)
        sums = reshape(OPS["Tile"](sums, (overlaps, 1)), (overlaps * step,))
        return divide_no_nan(window, sums[:length])

    return inverse_window


def inverse_stft(
    stfts: TensorLike,
    frame_length: Any,
    frame_step: Any,
    fft_length: Any = None,
    window_fn: Window = hann_window,
    name: str | None = None,
) -> Tensor:
    """Signals from the Fourier transforms of their frames; exactly those with `inverse_stft_window_fn`'s window.

    Args:
      stfts: complex numbers (..., frames, fft_length // 2 + 1).
      frame_length: how long a frame is, a scalar integer.
      frame_step: how far apart two frames begin.
      fft_length: the length of the transforms; the next power of two if left out.
      window_fn: called with `frame_length` and the keyword `dtype`, it gives the weights of frames; None for none.
      name: not used.

    Returns:
      float32 or float64, (..., samples).

    Raises:
      ValueError: if an argument has the wrong rank, or `stfts` are not complex.
    """
    x = convert(stfts)
    x.shape.with_rank_at_least(2)
    length, step = length_of(frame_length), length_of(frame_step)
    wanted = _power_of_two(length) if fft_length is None else length_of(fft_length)
    frames = irfft(x, (wanted,))
    if type(length) is int and type(wanted) is int:
        frames = frames[..., :length] if length <= wanted else _padded(
            frames, length - wanted, convert(0, frames.dtype), -1)  # fmt: skip
    else:
        frames = _padded(frames[..., :length], _at_least_zero(length - wanted), convert(0, frames.dtype), -1)
    if window_fn is not None:
        frames = frames * window_fn(length, dtype=frames.dtype)
    return overlap_and_add(frames, step)
