"""PNG: written with NumPy and zlib; of 8 and 16 bits."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.shapes import Shape
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLORS = {1: 0, 2: 4, 3: 2, 4: 6}  # what the format calls gray, gray and alpha, RGB, RGB and alpha


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(image: Array, compression: int) -> bytes:
    height, width, channels = image.shape
    depth = image.dtype.itemsize
    rows = np.zeros((height, 1 + width * channels * depth), np.uint8)  # the first byte says: not filtered
    big_endian = np.ascontiguousarray(image.astype(image.dtype.newbyteorder(">")))
    rows[:, 1:] = big_endian.reshape(height, -1).view(np.uint8)
    header = struct.pack(">IIBBBBB", width, height, 8 * depth, _COLORS[channels], 0, 0, 0)
    pixels = zlib.compress(rows.tobytes(), compression)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _encoded(image: Shape, *, compression: int = -1) -> Shape:
    return None if image is None else image[:-3]


@op(
    "EncodePng", "image:T -> contents:string", T=(dtypes.uint8, dtypes.uint16), shape=_encoded, differentiable=False
)
def _encode_png(xp: Any, image: Array, *, compression: int = -1) -> Array:
    if image.ndim < 3:
        size = ",".join(map(str, image.shape))
        raise errors.invalid(f"images must be at least rank 3[{size}]")
    if not -1 <= compression <= 9:
        raise errors.invalid(f"compression should be in [-1,9], got {compression}")
    if image.shape[-1] not in _COLORS:
        raise errors.invalid(f"image must have 1, 2, 3, or 4 channels, got {image.shape[-1]}")
    if not image.size:
        raise errors.InternalError(None, None, "PNG encoding failed at the following flattened batch indices: 0")
    batch = image.reshape(-1, *image.shape[-3:])
    texts = np.empty(len(batch), object)
    texts[:] = [_png(one, compression) for one in batch]
    return texts.reshape(image.shape[:-3])


only_host(_encode_png)


def encode_png(image: TensorLike, compression: int = -1, name: str | None = None) -> Tensor:
    """Images as PNG files.

    Args:
      image: `[..., height, width, channels]`, uint8 or uint16, with 1 to 4 channels.
      compression: from 0, fast, to 9, small; -1 is in between.
      name: a name for the operation, optional.

    Returns:
      A string for each image.

    Raises:
      InvalidArgumentError: for other shapes.

    >>> tf.io.encode_png(tf.zeros([2, 2, 1], tf.uint8)).numpy()[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    return _encode_png(image, compression=compression, name=name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- reading 16 bits, which Pillow makes 8 of


def is_deep(data: bytes) -> bool:
    """Whether a PNG file has 16 bits for each sample."""
    return data[:8] == SIGNATURE and data[24:25] == b"\x10"


def read_deep(data: bytes) -> Array:
    """The samples of a PNG file of 16 bits: `[height, width, channels]`, uint16.

    Raises:
      ValueError: if the file is damaged, or interlaced.
    """
    width, height, _, color, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    channels = next((n for n, code in _COLORS.items() if code == color), 0)
    if interlaced or not channels:
        raise ValueError("an interlaced PNG file of 16 bits")
    at, packed = 8, []
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            packed.append(data[at + 8 : at + 8 + size])
        at += 12 + size
    step = 2 * channels
    lines = np.frombuffer(zlib.decompress(b"".join(packed)), np.uint8).reshape(height, 1 + width * step)
    above = np.zeros(width * step, np.uint8)
    out = np.empty((height, width * step), np.uint8)
    for row, line in enumerate(lines):
        above = out[row] = _unfiltered(int(line[0]), line[1:], above, step)
    return out.view(">u2").astype(np.uint16).reshape(height, width, channels)


def _unfiltered(kind: int, line: Array, above: Array, step: int) -> Array:
    """A row of bytes, of what it differs by from a guess: nothing, the left, the upper one, their mean, or Paeth's."""
    if kind == 0:
        return line
    if kind == 1:
        return np.add.accumulate(line.reshape(-1, step), 0, dtype=np.uint8).reshape(-1)
    if kind == 2:
        return line + above
    up, corner, done = above.tolist(), 0, [0] * step
    for i, byte in enumerate(line.tolist()):
        left, corner = done[i], up[i - step] if i >= step else 0
        guess = (left + up[i]) // 2 if kind == 3 else _paeth(left, up[i], corner)
        done.append((byte + guess) & 255)
    return np.array(done[step:], np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda x: abs(guess - x))
