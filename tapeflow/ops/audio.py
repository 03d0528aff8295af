"""Sound as WAV files of 16 bits."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np

from ..base import errors
from ..base.shapes import Shape
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host

_SCALE = np.float32(32768)


@op(
    "EncodeWav", "audio:float, sample_rate:int32 -> contents:string", shape=lambda *_, **__: (), differentiable=False
)
def _encode_wav(xp: Any, audio: Array, sample_rate: Array) -> Array:
    if audio.ndim != 2:
        raise errors.invalid(f"audio must be 2-dimensional[{','.join(map(str, audio.shape))}]")
    if sample_rate.ndim:
        size = ",".join(map(str, sample_rate.shape))
        raise errors.invalid(f"Input sample_rate should be a scalar tensor, got [{size}] instead.")
    channels = audio.shape[1]
    if not 0 < channels < 1 << 16:
        raise errors.invalid(f"num_channels must be in (0, 2^16), got: {channels}")
    rate = int(sample_rate)
    scaled = np.nan_to_num(audio) * _SCALE
    rounded = np.trunc(scaled + np.copysign(np.float32(0.5), scaled))  # halves away from zero
    data = np.clip(rounded, -32768, 32767).astype("<i2").tobytes()
    head = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * channels * 2, channels * 2, 16)
    body = b"WAVEfmt " + head + b"data" + struct.pack("<I", len(data)) + data
    return np.array(b"RIFF" + struct.pack("<I", len(body)) + body, object)


def _decoded(contents: Shape, *, desired_channels: int = -1, desired_samples: int = -1) -> tuple[Shape, Shape]:
    return tuple(None if n == -1 else n for n in (desired_samples, desired_channels)), ()


@op(
    "DecodeWav", "contents:string -> audio:float, sample_rate:int32", shape=_decoded, differentiable=False
)
def _decode_wav(
    xp: Any, contents: Array, *, desired_channels: int = -1, desired_samples: int = -1
) -> tuple[Array, Array]:
    if contents.ndim:
        size = ",".join(map(str, contents.shape))
        raise errors.invalid(f"contents must be scalar, got shape [{size}]")
    channels, rate, data = _parts(contents.item())
    samples = np.frombuffer(data, "<i2").reshape(-1, channels).astype(np.float32) / _SCALE
    wanted = len(samples) if desired_samples == -1 else desired_samples
    if desired_channels not in (-1, channels):
        missing = max(desired_channels - channels, 0)
        samples = np.concatenate([samples[:, :desired_channels], np.repeat(samples[:, -1:], missing, 1)], 1)
    padded = np.zeros((wanted, samples.shape[1]), np.float32)
    padded[: len(samples)] = samples[:wanted]
    return padded, np.array(rate, np.int32)


def _parts(data: bytes) -> tuple[int, int, bytes]:
    """The number of channels, samples in a second, and the bytes of the samples."""
    if len(data) < 12:
        raise errors.invalid("Data too short when trying to read string")
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        got = data[:4].decode("latin-1") if data[:4] != b"RIFF" else data[8:12].decode("latin-1")
        wanted = "RIFF" if data[:4] != b"RIFF" else "WAVE"
        raise errors.invalid(f"Header mismatch: Expected {wanted} but found {got}")
    at, channels, rate = 12, 0, 0
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if len(body) < size:
            raise errors.invalid("Data too short when trying to read string")
        if kind == b"fmt ":
            form, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
            if form != 1 or bits != 16:
                what = f"Bad audio format for WAV: Expected 1 (PCM), but got{form}" if form != 1 else ""
                raise errors.invalid(what or f"Can only read 16-bit WAV files, but received {bits}")
        elif kind == b"data":
            if not channels:
                break
            return channels, rate, body[: len(body) // (2 * channels) * 2 * channels]
        at += 8 + size + size % 2
    raise errors.invalid("No data chunk found in WAV")


only_host(_encode_wav, _decode_wav)


def encode_wav(audio: TensorLike, sample_rate: TensorLike, name: str | None = None) -> Tensor:
    """Sound as a WAV file.

    Args:
      audio: `[samples, channels]`, floats from -1 to 1; what is beyond is cut off.
      sample_rate: samples in a second.
      name: a name for the operation, optional.

    Returns:
      A string scalar.

    Raises:
      InvalidArgumentError: for other shapes.

    >>> tf.audio.encode_wav(tf.zeros([4, 1]), 8000).numpy()[:4]
    b'RIFF'
    """
    return _encode_wav(audio, sample_rate, name=name)  # type: ignore[no-any-return]


def decode_wav(
    contents: TensorLike, desired_channels: int = -1, desired_samples: int = -1, name: str | None = None
) -> Any:
    """The sound of a WAV file of 16 bits.

    Args:
      contents: what is in the file, a string scalar.
      desired_channels: how many channels are wanted; -1 for those of the file.
      desired_samples: how many samples are wanted, the rest is cut off or silent; -1 for those of the file.
      name: a name for the operation, optional.

    Returns:
      A named tuple: `audio`, `[samples, channels]`, floats from -1 to 1, and `sample_rate`, samples in a second.

    Raises:
      InvalidArgumentError: if it is no such file.

    >>> audio, rate = tf.audio.decode_wav(tf.audio.encode_wav([[0.5], [-0.5]], 8000))
    >>> print(audio.shape, rate.numpy())
    (2, 1) 8000
    """
    return DecodeWav(
        *_decode_wav(contents, desired_channels=desired_channels, desired_samples=desired_samples, name=name)
    )


class DecodeWav(NamedTuple):
    """What `decode_wav` gives."""

    audio: Tensor
    sample_rate: Tensor
