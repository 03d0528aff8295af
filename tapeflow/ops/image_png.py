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
    pixels = zlib.compress(rows, compression)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _encoded(image: Shape, *, compression: int = -1) -> Shape:
    return None if image is None else image[:-3]


@op(
    "EncodePng", "image:T -> contents:string", T=(dtypes.uint8, dtypes.uint16), shape=_encoded, differentiable=False
)
def _encode_png(xp: Any, image: Array, *, compression: int = -1) -> Array:
    if image.ndim < 3:
        size = ",".join(map(str, image.shape))
        raise errors.invalid(f"image must be at least rank 3{'' if image.ndim else ''}, got [{size}]")
    if not -1 <= compression <= 9:
        raise errors.invalid(f"compression should be in [-1,9], got {compression}")
    if image.shape[-1] not in _COLORS:
        raise errors.invalid(f"image must have 1, 2, 3, or 4 channels, got {image.shape[-1]}")
    if not image.size:
        raise errors.invalid("Invalid image size")
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
    return _encode_png(image, compression=compression, name=name)
