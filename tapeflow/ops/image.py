"""`tf.image`: flipping, turning, cropping and padding.

Images are `[height, width, channels]`, or a batch of them, `[batch, height, width, channels]`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.convert import convert
from ..core.execute import static_value
from ..core.tensor import Tensor, TensorLike
from .common import shape_of
from .layout import expand_dims, squeeze
from .layout import transpose as permuted
from .padding import pad
from .rearranging import reverse
from .resize import ResizeMethod, resize
from .slicing import slice_


def at_least_3d(image: TensorLike, name: str = "image") -> Tensor:
    """The image as a Tensor of at least three dimensions, none of them of size 0."""
    tensor = convert(image)
    if tensor.ndim < 3:
        raise ValueError(f"'{name}' (shape {tensor.shape}) must be at least three-dimensional.")
    if 0 in shape_of(tensor)[-3:]:
        raise ValueError(f"inner 3 dims of '{name}.shape' must be > 0: {tensor.shape}")
    return tensor


def image_or_batch(image: TensorLike, space: str = " ") -> Tensor:
    tensor = at_least_3d(image)
    if tensor.ndim > 4:
        raise ValueError(f"'image' (shape {tensor.shape}){space}must have either 3 or 4 dimensions.")
    return tensor


def _batched(image: TensorLike) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """The image as a batch, and how to get back."""
    tensor = convert(image)
    if tensor.ndim not in (3, 4):
        raise ValueError(f"'image' (shape {tensor.shape}) must have either 3 or 4 dimensions.")
    if tensor.ndim == 3:
        return at_least_3d(expand_dims(tensor, 0)), lambda batch: squeeze(batch, [0])
    return at_least_3d(tensor), lambda batch: batch


def flip(image: Tensor, axis: int) -> Tensor:
    return reverse(image, [axis + image.ndim])


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
    tensor = image_or_batch(image)
    return permuted(tensor, [1, 0, 2] if tensor.ndim == 3 else [0, 2, 1, 3])


def rot90(image: TensorLike, k: Any = 1, name: str | None = None) -> Tensor:
    """The image (or images), turned counter-clockwise by `k` times 90 degrees.

    >>> tf.image.rot90([[[1], [2]]])[:, 0, 0].numpy()
    array([2, 1], dtype=int32)
    """
    tensor = image_or_batch(image)
    turns = int(static_value(k)) % 4
    if turns == 0:
        return tensor
    if turns == 2:
        return flip(flip(tensor, -2), -3)
    return transpose(flip(tensor, -2)) if turns == 1 else flip(transpose(tensor), -2)


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
    top, left, high, wide = (int(static_value(x)) for x in (offset_height, offset_width, target_height, target_width))
    _, height, width, _ = shape_of(batch)
    for holds, message in (
        (left >= 0, "offset_width must be >= 0."),
        (top >= 0, "offset_height must be >= 0."),
        (wide > 0, "target_width must be > 0."),
        (high > 0, "target_height must be > 0."),
        (width >= wide + left, "width must be >= target + offset."),
        (height >= high + top, "height must be >= target + offset."),
    ):
        if not holds:
            raise ValueError(message)
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
    top, left, high, wide = (int(static_value(x)) for x in (offset_height, offset_width, target_height, target_width))
    _, height, width, _ = shape_of(batch)
    below, right = high - top - height, wide - left - width
    for holds, message in (
        (top >= 0, "offset_height must be >= 0"),
        (left >= 0, "offset_width must be >= 0"),
        (right >= 0, "width must be <= target - offset"),
        (below >= 0, "height must be <= target - offset"),
    ):
        if not holds:
            raise ValueError(message)
    return back(pad(batch, [[0, 0], [top, below], [left, right], [0, 0]]))


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
    if tensor.ndim > 4:
        raise ValueError(f"`image` should either be a Tensor with rank = 3 or rank = 4. Had rank = {tensor.ndim}.")
    height, width = shape_of(tensor)[-3:-1]
    top, left = (int((size - size * central_fraction) / 2) for size in (height, width))
    return crop_to_bounding_box(tensor, top, left, height - 2 * top, width - 2 * left)


def resize_with_crop_or_pad(image: TensorLike, target_height: int, target_width: int) -> Tensor:
    """The image (or images), cropped or padded with zeros on both sides to a size.

    >>> tf.image.resize_with_crop_or_pad(tf.zeros([5, 2, 3]), 3, 4).shape
    TensorShape([3, 4, 3])
    """
    batch, back = _batched(image)
    high, wide = int(static_value(target_height)), int(static_value(target_width))
    _check_target(high, wide)
    _, height, width, _ = shape_of(batch)
    cropped = crop_to_bounding_box(
        batch, max((height - high) // 2, 0), max((width - wide) // 2, 0), min(height, high), min(width, wide)
    )
    return back(pad_to_bounding_box(cropped, max((high - height) // 2, 0), max((wide - width) // 2, 0), high, wide))


def _check_target(height: int, width: int) -> None:
    if width <= 0:
        raise ValueError("target_width must be > 0.")
    if height <= 0:
        raise ValueError("target_height must be > 0.")


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
    high, wide = int(static_value(target_height)), int(static_value(target_width))
    _check_target(high, wide)
    height, width = (np.float32(size) for size in shape_of(batch)[1:3])
    ratio = max(width / np.float32(wide), height / np.float32(high))
    rows, columns = height / ratio, width / ratio
    resized = resize(batch, [int(rows), int(columns)], method=method, antialias=antialias)
    top, left = max(0, math.floor((high - rows) / 2)), max(0, math.floor((wide - columns) / 2))
    return back(pad_to_bounding_box(resized, top, left, high, wide))
