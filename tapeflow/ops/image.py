"""`tf.image`: flipping, turning, cropping and padding.

Images are `[height, width, channels]`, or a batch of them, `[batch, height, width, channels]`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes
from ..core.convert import convert
from ..core.op import OPS
from ..core.symbol import Size, Symbol
from ..core.tensor import Tensor, TensorLike
from .assertions import assert_all
from .common import shape_of, static
from .layout import expand_dims, squeeze
from .layout import transpose as permuted
from .padding import pad
from .rearranging import reverse
from .resize import ResizeMethod, resize
from .slicing import slice_


def at_least_3d(image: TensorLike, name: str = "image") -> Tensor:
    """The image as a Tensor of at least three dimensions, none of them of size 0."""
    tensor = convert(image)
    shape = tensor.shape
    if shape.rank is None:
        return tensor
    if shape.rank < 3:
        raise ValueError(f"'{name}' (shape {tensor.shape}) must be at least three-dimensional.")
    if None in shape.as_list()[-3:]:
        _expect(convert(shape_of(tensor)[-3:]) > 0, f"inner 3 dims of '{name}.shape' must be > 0")
    if 0 in shape.as_list()[-3:]:
        raise ValueError(f"inner 3 dims of '{name}.shape' must be > 0: {tensor.shape}")
    return tensor


def image_or_batch(image: TensorLike, space: str = " ") -> Tensor:
    tensor = at_least_3d(image)
    if (tensor.shape.rank or 0) > 4:
        raise ValueError(f"'image' (shape {tensor.shape}){space}must have either 3 or 4 dimensions.")
    return tensor


def _batched(image: TensorLike) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """The image as a batch, and how to get back. As in TensorFlow, what has an unknown rank is one image."""
    tensor = convert(image)
    rank = tensor.shape.rank
    if rank not in (3, 4, None):
        raise ValueError(f"'image' (shape {tensor.shape}) must have either 3 or 4 dimensions.")
    if rank is None:
        tensor = expand_dims(tensor, 0)
        tensor.set_shape([None] * 4)
        return tensor, lambda batch: squeeze(batch, [0])
    if rank == 3:
        return at_least_3d(expand_dims(tensor, 0)), lambda batch: squeeze(batch, [0])
    return at_least_3d(tensor), lambda batch: batch


def _number(size: Any) -> Any:
    """A size or an offset as an int, or as a scalar Tensor where it is not known while a function is traced."""
    known = static(size)
    return convert(known, dtypes.int32) if isinstance(known, (Tensor, Size)) else int(known)


def _least(a: Any, b: Any) -> Any:
    return min(a, b) if type(a) is type(b) is int else OPS["Minimum"](a, b)


def _largest(a: Any, b: Any) -> Any:
    return max(a, b) if type(a) is type(b) is int else OPS["Maximum"](a, b)


def _expect(holds: Any, message: str) -> None:
    """Raises a ValueError with the message; where it is not known whether it `holds`, when the function runs."""
    if isinstance(holds, Tensor):
        assert_all(holds, [message], None, None, message)
    elif not holds:
        raise ValueError(message)


def flip(image: Tensor, axis: int) -> Tensor:
    return reverse(image, [axis])


def flip_left_right(image: TensorLike) -> Tensor:
    """The image (or images), mirrored at a vertical line.

    >>> tf.image.flip_left_right([[[1], [2]]])[0, :, 0].numpy()
    array([2, 1], dtype=int32)
    """
    return flip(image_or_batch(image, ""), -2)


def flip_up_down(image: TensorLike) -> Tensor:
    """The image (or images), mirrored at a horizontal line.

    >>> tf.image.flip_up_down([[[1]], [[2]]]).numpy().ravel()
    array([2, 1], dtype=int32)
    """
    return flip(image_or_batch(image, ""), -3)


def transpose(image: TensorLike, name: str | None = None) -> Tensor:
    """The image (or images) with rows and columns exchanged.

    >>> tf.image.transpose(tf.zeros([2, 3, 1])).shape
    TensorShape([3, 2, 1])
    """
    return _turned(image_or_batch(image), [1, 0, 2])


def _turned(image: Tensor, order: Any) -> Tensor:
    """Exchanges the last three dimensions."""
    if image.shape.rank == 3:
        return permuted(image, order)
    if image.shape.rank == 4 and isinstance(order, list):
        return permuted(image, [0, *(1 + axis for axis in order)])
    first = OPS["Rank"](image) - 3
    return permuted(image, OPS["ConcatV2"](OPS["Range"](0, first, 1), first + order, 0))


def rot90(image: TensorLike, k: Any = 1, name: str | None = None) -> Tensor:
    """The image (or images), turned counter-clockwise by `k` times 90 degrees.

    >>> tf.image.rot90([[[1], [2]]])[:, 0, 0].numpy()
    array([2, 1], dtype=int32)
    """
    tensor = image_or_batch(image)
    turns = _number(k) % 4
    if isinstance(turns, Tensor):
        return _rot90(tensor, turns)
    if turns == 0:
        return tensor
    if turns == 2:
        return flip(flip(tensor, -2), -3)
    return transpose(flip(tensor, -2)) if turns == 1 else flip(transpose(tensor), -2)


def _rot90(tensor: Tensor, turns: Tensor) -> Tensor:
    """0 to 3 turns: no axis is reversed, columns, both, or rows; after 1 and 3 the two axes are exchanged."""
    start, count = (OPS["GatherV2"](convert(table), turns, 0) for table in ([0, 0, 0, 1], [0, 1, 2, 1]))
    order = OPS["GatherV2"](convert([[0, 1, 2], [1, 0, 2]]), turns % 2, 0)
    return _turned(reverse(tensor, convert([-2, -3])[start : start + count]), order)


def crop_to_bounding_box(
    image: TensorLike, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Tensor:
    """A part of the image (or images).

    Args:
      image: the image, or a batch.
      offset_height: the first row.
      offset_width: the first column.
      target_height: the number of rows.
      target_width: the number of columns.

    Raises:
      ValueError: if the part is not within the image.

    >>> tf.image.crop_to_bounding_box(tf.zeros([4, 4, 3]), 1, 1, 2, 3).shape
    TensorShape([2, 3, 3])
    """
    batch, back = _batched(image)
    top, left, high, wide = map(_number, (offset_height, offset_width, target_height, target_width))
    height, width = map(_number, shape_of(batch)[1:3])
    for holds, message in (
        (left >= 0, "offset_width must be >= 0."),
        (top >= 0, "offset_height must be >= 0."),
        (wide > 0, "target_width must be > 0."),
        (high > 0, "target_height must be > 0."),
        (width >= wide + left, "width must be >= target + offset."),
        (height >= high + top, "height must be >= target + offset."),
    ):
        _expect(holds, message)
    return back(slice_(batch, [0, top, left, 0], [-1, high, wide, -1]))


def pad_to_bounding_box(
    image: TensorLike, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Tensor:
    """The image (or images) within a larger one that is zero elsewhere.

    Args:
      image: the image, or a batch.
      offset_height: rows of zeros above.
      offset_width: columns of zeros on the left.
      target_height: the new height.
      target_width: the new width.

    Raises:
      ValueError: if the image does not fit.

    >>> tf.image.pad_to_bounding_box(tf.ones([1, 1, 1]), 0, 1, 1, 3)[0, :, 0].numpy()
    array([0., 1., 0.], dtype=float32)
    """
    batch, back = _batched(image)
    top, left, high, wide = map(_number, (offset_height, offset_width, target_height, target_width))
    height, width = map(_number, shape_of(batch)[1:3])
    below, right = high - top - height, wide - left - width
    for holds, message in (
        (top >= 0, "offset_height must be >= 0"),
        (left >= 0, "offset_width must be >= 0"),
        (right >= 0, "width must be <= target - offset"),
        (below >= 0, "height must be <= target - offset"),
    ):
        _expect(holds, message)
    padded = pad(batch, [[0, 0], [top, below], [left, right], [0, 0]])
    if isinstance(padded, Symbol):
        padded.set_shape([None, *(n if type(n) is int else None for n in (high, wide)), None])
    return back(padded)


def central_crop(image: TensorLike, central_fraction: float) -> Tensor:
    """The middle of the image (or images): the fraction `central_fraction` of height and width.

    Raises:
      ValueError: if it is not within (0, 1].

    >>> tf.image.central_crop(tf.zeros([8, 6, 3]), 0.5).shape
    TensorShape([4, 4, 3])
    """
    if not 0 < central_fraction <= 1:
        raise ValueError("central_fraction must be within (0, 1]")
    if central_fraction == 1:
        return convert(image)
    tensor = at_least_3d(image)
    if tensor.shape.rank not in (3, 4):
        raise ValueError(
            f"`image` should either be a Tensor with rank = 3 or rank = 4. Had rank = {tensor.shape.rank}."
        )
    height, width = map(_number, shape_of(tensor)[-3:-1])
    top, left = (_integer((_real(size) - _real(size) * central_fraction) / 2) for size in (height, width))
    return crop_to_bounding_box(tensor, top, left, height - 2 * top, width - 2 * left)


def resize_with_crop_or_pad(image: TensorLike, target_height: int, target_width: int) -> Tensor:
    """The image (or images), cropped or padded with zeros on both sides to a size.

    >>> tf.image.resize_with_crop_or_pad(tf.zeros([5, 2, 3]), 3, 4).shape
    TensorShape([3, 4, 3])
    """
    batch, back = _batched(image)
    high, wide = _target(target_height, target_width)
    height, width = map(_number, shape_of(batch)[1:3])
    cropped = crop_to_bounding_box(
        batch, _largest((height - high) // 2, 0), _largest((width - wide) // 2, 0), _least(height, high),
        _least(width, wide),
    )  # fmt: skip
    return back(
        pad_to_bounding_box(cropped, _largest((high - height) // 2, 0), _largest((wide - width) // 2, 0), high, wide)
    )


def _target(height: Any, width: Any) -> tuple[Any, Any]:
    high, wide = _number(height), _number(width)
    _expect(wide > 0, "target_width must be > 0.")
    _expect(high > 0, "target_height must be > 0.")
    return high, wide


def _real(size: Any) -> Any:
    return OPS["Cast"](size, DstT=dtypes.float64) if isinstance(size, Tensor) else size


def _integer(number: Any) -> Any:
    return OPS["Cast"](number, DstT=dtypes.int32) if isinstance(number, Tensor) else int(number)


def resize_with_pad(
    image: TensorLike,
    target_height: int,
    target_width: int,
    method: str = ResizeMethod.BILINEAR,
    antialias: bool = False,
) -> Tensor:
    """The image (or images), resized to fit into a size without distortion, and padded with zeros on both sides.

    >>> tf.image.resize_with_pad(tf.ones([2, 2, 1]), 2, 4)[0, :, 0].numpy()
    array([0., 1., 1., 0.], dtype=float32)
    """
    batch, back = _batched(image)
    high, wide = _target(target_height, target_width)
    height, width = (_single(_number(size)) for size in shape_of(batch)[1:3])
    across, down = width / _single(wide), height / _single(high)
    ratio = OPS["Maximum"](across, down) if isinstance(across + down, Tensor) else max(across, down)
    rows, columns = height / ratio, width / ratio
    resized = resize(batch, [_integer(rows), _integer(columns)], method=method, antialias=antialias)
    top, left = _half(_single(high) - rows), _half(_single(wide) - columns)
    return back(pad_to_bounding_box(resized, top, left, high, wide))


def _single(size: Any) -> Any:
    return OPS["Cast"](size, DstT=dtypes.float32) if isinstance(size, Tensor) else np.float32(size)


def _half(margin: Any) -> Any:
    """Half of what is left over, rounded down."""
    if isinstance(margin, Tensor):
        return OPS["Maximum"](0, _integer(OPS["Floor"](margin / 2)))
    return max(0, math.floor(margin / 2))
