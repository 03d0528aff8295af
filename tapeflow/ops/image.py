"""`tf.image`: dense images, `[batch, height, width, channels]` or `[height, width, channels]`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType, as_dtype
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.execute import static_value
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from . import random
from .arithmetic import abs as absolute
from .arithmetic import squared_difference
from .casting import cast, saturate_cast
from .comparison import where
from .debugging import Assert
from .elementwise import log, maximum
from .elementwise import round as rounded
from .indexing import slice_
from .joining import tile
from .layout import expand_dims, reshape, squeeze
from .layout import transpose as permuted
from .matmul import tensordot
from .padding import pad
from .rearranging import reverse
from .reduction import reduce_mean, reduce_std, reduce_sum
from .resize import ResizeMethod, resize

# ---------------------------------------------------------------- shapes


def _image(image: TensorLike, name: str = "image") -> Tensor:
    """The image as a Tensor of at least three dimensions, none of them of size 0."""
    tensor = convert(image)
    if tensor.ndim < 3:
        raise ValueError(f"'{name}' (shape {tensor.shape}) must be at least three-dimensional.")
    if 0 in tensor.shape.as_list()[-3:]:
        raise ValueError(f"inner 3 dims of '{name}.shape' must be > 0: {tensor.shape}")
    return tensor


def _image_or_batch(image: TensorLike, space: str = " ") -> Tensor:
    tensor = _image(image)
    if tensor.ndim > 4:
        raise ValueError(f"'image' (shape {tensor.shape}){space}must have either 3 or 4 dimensions.")
    return tensor


def _batched(image: TensorLike) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """The image as a batch, and how to get back."""
    tensor = convert(image)
    if tensor.ndim not in (3, 4):
        raise ValueError(f"'image' (shape {tensor.shape}) must have either 3 or 4 dimensions.")
    if tensor.ndim == 3:
        return _image(expand_dims(tensor, 0)), lambda batch: squeeze(batch, [0])
    return _image(tensor), lambda batch: batch


def _flip(image: Tensor, axis: int) -> Tensor:
    return reverse(image, [axis + image.ndim])


def flip_left_right(image: TensorLike) -> Tensor:
    """The image (or images), mirrored at a vertical line.

    >>> tf.image.flip_left_right([[[1], [2]]])[0, :, 0].numpy()
    array([2, 1], dtype=int32)
    """
    return _flip(_image_or_batch(image, ""), -2)


def flip_up_down(image: TensorLike) -> Tensor:
    """The image (or images), mirrored at a horizontal line."""
    return _flip(_image_or_batch(image, ""), -3)


def transpose(image: TensorLike, name: str | None = None) -> Tensor:
    """The image (or images) with rows and columns exchanged."""
    tensor = _image_or_batch(image)
    return permuted(tensor, [1, 0, 2] if tensor.ndim == 3 else [0, 2, 1, 3])


def rot90(image: TensorLike, k: Any = 1, name: str | None = None) -> Tensor:
    """The image (or images), turned counter-clockwise by `k` times 90 degrees.

    >>> tf.image.rot90([[[1], [2]]])[:, 0, 0].numpy()
    array([2, 1], dtype=int32)
    """
    tensor = _image_or_batch(image)
    turns = int(static_value(k)) % 4
    if turns == 0:
        return tensor
    if turns == 2:
        return _flip(_flip(tensor, -2), -3)
    return transpose(_flip(tensor, -2)) if turns == 1 else _flip(transpose(tensor), -2)


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
    _, height, width, _ = batch.shape.as_list()
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
    _, height, width, _ = batch.shape.as_list()
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
    """
    if not 0 < central_fraction <= 1:
        raise ValueError("central_fraction must be within (0, 1]")
    if central_fraction == 1:
        return convert(image)
    tensor = _image(image)
    if tensor.ndim > 4:
        raise ValueError(f"`image` should either be a Tensor with rank = 3 or rank = 4. Had rank = {tensor.ndim}.")
    height, width = tensor.shape.as_list()[-3:-1]
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
    _, height, width, _ = batch.shape.as_list()
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
    image: TensorLike, target_height: int, target_width: int, method: str = ResizeMethod.BILINEAR, antialias: bool = False
) -> Tensor:
    """The image (or images), resized to fit into a size without distortion, and padded with zeros on both sides.

    >>> tf.image.resize_with_pad(tf.ones([2, 2, 1]), 2, 4)[0, :, 0].numpy()
    array([0., 1., 1., 0.], dtype=float32)
    """
    batch, back = _batched(image)
    high, wide = int(static_value(target_height)), int(static_value(target_width))
    _check_target(high, wide)
    height, width = (np.float32(size) for size in batch.shape.as_list()[1:3])
    ratio = max(width / np.float32(wide), height / np.float32(high))
    rows, columns = height / ratio, width / ratio
    resized = resize(batch, [int(rows), int(columns)], method=method, antialias=antialias)
    top, left = max(0, math.floor((high - rows) / 2)), max(0, math.floor((wide - columns) / 2))
    return back(pad_to_bounding_box(resized, top, left, high, wide))


# ---------------------------------------------------------------- dtypes and colours


def convert_image_dtype(image: TensorLike, dtype: Any, saturate: bool = False, name: str | None = None) -> Tensor:
    """The image in another dtype, where integers span their whole range and floats span [0, 1].

    Args:
      image: numbers of any shape.
      dtype: a floating point or integer dtype.
      saturate: whether values out of range become the nearest one in it.
      name: a name for the operation, optional.

    Raises:
      AttributeError: if `dtype` is neither.

    >>> tf.image.convert_image_dtype(tf.constant([0, 51, 255], tf.uint8), tf.float32).numpy()
    array([0. , 0.2, 1. ], dtype=float32)
    """
    tensor, wanted = convert(image), as_dtype(dtype)
    if not wanted.is_floating and not wanted.is_integer:
        raise AttributeError("dtype must be either floating point or integer")
    have = tensor.dtype
    if have == wanted:
        return tensor
    narrowed = saturate_cast if saturate else cast
    if have.is_integer and wanted.is_integer:
        if have.max > wanted.max:
            return narrowed(tensor // ((have.max + 1) // (wanted.max + 1)), wanted)
        return narrowed(tensor, wanted) * ((wanted.max + 1) // (have.max + 1))
    if have.is_floating and wanted.is_floating:
        return cast(tensor, wanted)
    if have.is_integer:
        return cast(tensor, wanted) * (1.0 / have.max)
    return narrowed(tensor * (wanted.max + 0.5), wanted)  # rounds to the nearest: casting rounds down


def rgb_to_grayscale(images: TensorLike, name: str | None = None) -> Tensor:
    """Images of one channel, the brightness of RGB images `[..., 3]`.

    >>> tf.image.rgb_to_grayscale([[[1.0, 0.0, 0.0]]]).numpy().item()
    0.2989000082015991
    """
    tensor = convert(images)
    gray = tensordot(convert_image_dtype(tensor, dtypes.float32), [0.2989, 0.587, 0.114], [-1, -1])
    return convert_image_dtype(expand_dims(gray, -1), tensor.dtype)


def grayscale_to_rgb(images: TensorLike, name: str | None = None) -> Tensor:
    """RGB images `[..., 3]` of images of one channel, which is repeated.

    Raises:
      ValueError: if there are more channels.
    """
    tensor = convert(images)
    if not tensor.ndim or tensor.shape[-1] != 1:
        raise ValueError("Last dimension of a grayscale image should be size 1.")
    return tile(tensor, [1] * (tensor.ndim - 1) + [3])


def _as_floats(image: TensorLike) -> tuple[Tensor, DType]:
    """The image with floats, and the dtype that it had."""
    tensor = convert(image)
    if tensor.dtype in (dtypes.float16, dtypes.float32):
        return tensor, tensor.dtype
    return convert_image_dtype(tensor, dtypes.float32), tensor.dtype


def adjust_brightness(image: TensorLike, delta: TensorLike) -> Tensor:
    """The image with `delta` added, where its values span [0, 1]."""
    floats, dtype = _as_floats(image)
    return convert_image_dtype(floats + cast(delta, floats.dtype), dtype, saturate=True)


def adjust_gamma(image: TensorLike, gamma: float = 1, gain: float = 1) -> Tensor:
    """The image to the power of `gamma`, times `gain`, where its values span [0, 1].

    Raises:
      ValueError: if `gamma` is negative.
    """
    if gamma < 0:
        raise ValueError("Gamma should be a non-negative real number.")
    floats, dtype = _as_floats(image)
    return convert_image_dtype(gain * floats**gamma, dtype, saturate=True)


_HALF_OR_SINGLE = (dtypes.float16, dtypes.float32)


def _contrast_shape(images: Shape, *_inputs: Any) -> Shape:
    if images is not None and len(images) < 3:
        raise errors.invalid(f"input must be at least 3-D, got shape{shapes.show(images)}")
    return images


def _colour_shape(images: Shape, *_inputs: Any) -> Shape:
    _contrast_shape(images)
    if images is not None and images[-1] not in (3, None):
        raise errors.invalid(f"input must have 3 channels but instead has {images[-1]} channels.")
    return images


# TensorFlow has no gradients for these three.
@op(
    "AdjustContrastv2", "images:T, contrast_factor:float -> output:T", T=_HALF_OR_SINGLE, shape=_contrast_shape,
    differentiable=None,
)  # fmt: skip
def _adjust_contrast(xp: Any, images: Array, contrast_factor: Array) -> Array:
    _contrast_shape(images.shape)
    wide = images.astype(np.float32)
    mean = wide.mean((-3, -2), keepdims=True)
    return ((wide - mean) * contrast_factor + mean).astype(images.dtype)


@op("AdjustHue", "images:T, delta:float -> output:T", T=_HALF_OR_SINGLE, shape=_colour_shape, differentiable=None)
def _adjust_hue(xp: Any, images: Array, delta: Array) -> Array:
    _colour_shape(images.shape)
    hue, saturation, value = _hsv(xp, images.astype(np.float32))
    return _rgb(xp, (hue + delta) % 1, saturation, value).astype(images.dtype)


@op("AdjustSaturation", "images:T, scale:float -> output:T", T=_HALF_OR_SINGLE, shape=_colour_shape, differentiable=None)
def _adjust_saturation(xp: Any, images: Array, scale: Array) -> Array:
    _colour_shape(images.shape)
    hue, saturation, value = _hsv(xp, images.astype(np.float32))
    return _rgb(xp, hue, xp.clip(saturation * scale, 0, 1), value).astype(images.dtype)


def _hsv(xp: Any, rgb: Array) -> tuple[Array, Array, Array]:
    """Hue (in [0, 1)), saturation and value."""
    r, g, b = (rgb[..., i] for i in range(3))
    value = rgb.max(-1)
    span = value - rgb.min(-1)
    norm = 1 / (6 * xp.where(span > 0, span, 1))
    hue = xp.where(r == value, norm * (g - b), xp.where(g == value, norm * (b - r) + 2 / 6, norm * (r - g) + 4 / 6))
    hue = xp.where(span > 0, xp.where(hue < 0, hue + 1, hue), 0)
    return hue, xp.where(value > 0, span / xp.where(value > 0, value, 1), 0), value


def _rgb(xp: Any, hue: Array, saturation: Array, value: Array) -> Array:
    h = hue * 6
    parts = [abs(h - 3) - 1, 2 - abs(h - 2), 2 - abs(h - 4)]
    channels = [((xp.clip(part, 0, 1) - 1) * saturation + 1) * value for part in parts]
    return xp.stack(channels, -1)


def adjust_contrast(images: TensorLike, contrast_factor: TensorLike) -> Tensor:
    """The images with each channel's distance from its mean multiplied by `contrast_factor`."""
    floats, dtype = _as_floats(images)
    factor = convert(contrast_factor, dtypes.float32)
    return convert_image_dtype(_adjust_contrast(floats, factor), dtype, saturate=True)


def adjust_hue(image: TensorLike, delta: TensorLike, name: str | None = None) -> Tensor:
    """RGB images with all hues turned by `delta`, in [-1, 1]; 1 is the whole circle.

    Raises:
      ValueError: if `delta` is out of range.
    """
    shift = convert(delta, dtypes.float32)
    if not -1 <= float(shift) <= 1:
        raise ValueError("delta must be in the interval [-1, 1]")
    floats, dtype = _as_floats(image)
    return convert_image_dtype(_adjust_hue(floats, shift), dtype)


def adjust_saturation(image: TensorLike, saturation_factor: TensorLike, name: str | None = None) -> Tensor:
    """RGB images with the saturation of their colours multiplied by `saturation_factor`."""
    floats, dtype = _as_floats(image)
    return convert_image_dtype(_adjust_saturation(floats, convert(saturation_factor, dtypes.float32)), dtype)


def per_image_standardization(image: TensorLike) -> Tensor:
    """Each image less its mean, over its standard deviation (or 1/sqrt(number of values), if that is more); float32."""
    tensor = cast(_image(image), dtypes.float32)
    axes = [-1, -2, -3]
    count = math.prod(tensor.shape.as_list()[-3:])
    least = convert(1 / math.sqrt(count), dtypes.float32)
    deviation = maximum(reduce_std(tensor, axis=axes, keepdims=True), least)
    return (tensor - reduce_mean(tensor, axis=axes, keepdims=True)) / deviation


# ---------------------------------------------------------------- measures


def image_gradients(image: TensorLike) -> tuple[Tensor, Tensor]:
    """Differences between neighbours, downwards and to the right; the last ones are zero.

    Args:
      image: `[batch, height, width, channels]`.

    Returns:
      Two tensors of the shape of `image`.

    Raises:
      ValueError: if there are not four dimensions.
    """
    tensor = convert(image)
    if tensor.ndim != 4:
        raise ValueError(f"image_gradients expects a 4D tensor [batch_size, h, w, d], not {tensor.shape}.")
    down = tensor[:, 1:] - tensor[:, :-1]
    right = tensor[:, :, 1:] - tensor[:, :, :-1]
    return pad(down, [[0, 0], [0, 1], [0, 0], [0, 0]]), pad(right, [[0, 0], [0, 0], [0, 1], [0, 0]])


def total_variation(images: TensorLike, name: str | None = None) -> Tensor:
    """The sum of the absolute differences between neighbours; of a batch, for each image.

    >>> tf.image.total_variation([[[1.0], [4.0]]]).numpy()
    np.float32(3.0)
    """
    tensor = convert(images)
    if tensor.ndim not in (3, 4):
        raise ValueError("'images' must be either 3 or 4-dimensional.")
    axes = None if tensor.ndim == 3 else [1, 2, 3]
    down = tensor[..., 1:, :, :] - tensor[..., :-1, :, :]
    right = tensor[..., 1:, :] - tensor[..., :-1, :]
    return reduce_sum(absolute(down), axis=axes) + reduce_sum(absolute(right), axis=axes)


def psnr(a: TensorLike, b: TensorLike, max_val: Any, name: str | None = None) -> Tensor:
    """The peak signal-to-noise ratio of two (batches of) images, in decibels.

    Args:
      a: images `[..., height, width, channels]`.
      b: others.
      max_val: the span of values that they may have.
      name: a name for the operation, optional.

    >>> x = tf.zeros([2, 2, 1])
    >>> tf.image.psnr(x, x + 0.1, max_val=1.0).numpy().round(3)
    np.float32(20.0)
    """
    first, second = convert(a), convert(b)
    peak = convert_image_dtype(cast(max_val, first.dtype), dtypes.float32)
    first, second = (convert_image_dtype(x, dtypes.float32) for x in (first, second))
    error = reduce_mean(squared_difference(first, second), [-3, -2, -1])
    return 20 * log(peak) / math.log(10) - (10 / math.log(10)) * log(error)


# ---------------------------------------------------------------- at random

Draw = Callable[..., Tensor]  # of a shape, and bounds as keywords


def _seeded(seed: int | None) -> Draw:
    return lambda shape, **bounds: random.uniform(shape, seed=seed, **bounds)


def _stateless(seed: TensorLike) -> Draw:
    return lambda shape, **bounds: random.stateless_uniform(shape, seed, **bounds)


def _random_flip(image: TensorLike, axis: int, draw: Draw) -> Tensor:
    tensor = _image_or_batch(image)
    flipped = _flip(tensor, axis)
    if tensor.ndim == 3:
        return where(draw([], minval=0.0, maxval=1.0) < 0.5, flipped, tensor)
    chosen = reshape(rounded(draw([tensor.shape[0]], minval=0.0, maxval=1.0)), [-1, 1, 1, 1])
    return where(chosen > 0.5, flipped, tensor)


def random_flip_left_right(image: TensorLike, seed: int | None = None) -> Tensor:
    """The image, mirrored left to right with a chance of 1/2; of a batch, each image for itself."""
    return _random_flip(image, -2, _seeded(seed))


def random_flip_up_down(image: TensorLike, seed: int | None = None) -> Tensor:
    """The image, mirrored top to bottom with a chance of 1/2; of a batch, each image for itself."""
    return _random_flip(image, -3, _seeded(seed))


def stateless_random_flip_left_right(image: TensorLike, seed: TensorLike) -> Tensor:
    """As `tf.image.random_flip_left_right`, decided by the two integers `seed` alone."""
    return _random_flip(image, -2, _stateless(seed))


def stateless_random_flip_up_down(image: TensorLike, seed: TensorLike) -> Tensor:
    """As `tf.image.random_flip_up_down`, decided by the two integers `seed` alone."""
    return _random_flip(image, -3, _stateless(seed))


def _random_crop(value: TensorLike, size: Any, draw: Draw) -> Tensor:
    tensor, wanted = convert(value), convert(size, dtypes.int32)
    have = convert(tensor.shape.as_list(), dtypes.int32)
    fits = convert(bool(np.asarray(have >= wanted).all()))
    Assert(fits, ["Need value.shape >= size, got ", have, wanted], summarize=1000)
    offset = draw([tensor.ndim], dtype=dtypes.int32, maxval=dtypes.int32.max) % (have - wanted + 1)
    return slice_(tensor, offset, wanted)


def random_crop(value: TensorLike, size: Sequence[int] | TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """A part of `value` of the given size, from anywhere.

    Args:
      value: a tensor of any rank.
      size: the size in each dimension.
      seed: see `tf.random.set_seed`.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if `value` is smaller.

    >>> tf.image.random_crop(tf.zeros([8, 8, 3]), [5, 5, 3]).shape
    TensorShape([5, 5, 3])
    """
    return _random_crop(value, size, _seeded(seed))


def stateless_random_crop(value: TensorLike, size: Sequence[int] | TensorLike, seed: TensorLike, name: str | None = None) -> Tensor:
    """As `tf.image.random_crop`, decided by the two integers `seed` alone."""
    return _random_crop(value, size, _stateless(seed))


def _check_delta(max_delta: float, most: float | None = None) -> None:
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    if most is not None and max_delta > most:
        raise ValueError(f"max_delta must be <= {most}.")


def _check_range(lower: float, upper: float) -> None:
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")


def random_brightness(image: TensorLike, max_delta: float, seed: int | None = None) -> Tensor:
    """The image, made brighter or darker (`tf.image.adjust_brightness`) by at most `max_delta`."""
    _check_delta(max_delta)
    return adjust_brightness(image, _seeded(seed)([], minval=-max_delta, maxval=max_delta))


def stateless_random_brightness(image: TensorLike, max_delta: float, seed: TensorLike) -> Tensor:
    """As `tf.image.random_brightness`, decided by the two integers `seed` alone."""
    _check_delta(max_delta)
    return adjust_brightness(image, _stateless(seed)([], minval=-max_delta, maxval=max_delta))


def random_contrast(image: TensorLike, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """The image with its contrast (`tf.image.adjust_contrast`) multiplied by something in [lower, upper)."""
    _check_range(lower, upper)
    return adjust_contrast(image, _seeded(seed)([], minval=lower, maxval=upper))


def stateless_random_contrast(image: TensorLike, lower: float, upper: float, seed: TensorLike) -> Tensor:
    """As `tf.image.random_contrast`, decided by the two integers `seed` alone."""
    _check_range(lower, upper)
    return adjust_contrast(image, _stateless(seed)([], minval=lower, maxval=upper))


def random_hue(image: TensorLike, max_delta: float, seed: int | None = None) -> Tensor:
    """The RGB image with all hues turned (`tf.image.adjust_hue`) by at most `max_delta`, which is at most 0.5."""
    _check_delta(max_delta, 0.5)
    return adjust_hue(image, _seeded(seed)([], minval=-max_delta, maxval=max_delta))


def stateless_random_hue(image: TensorLike, max_delta: float, seed: TensorLike) -> Tensor:
    """As `tf.image.random_hue`, decided by the two integers `seed` alone."""
    _check_delta(max_delta, 0.5)
    return adjust_hue(image, _stateless(seed)([], minval=-max_delta, maxval=max_delta))


def random_saturation(image: TensorLike, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """The RGB image with its saturation (`tf.image.adjust_saturation`) multiplied by something in [lower, upper)."""
    _check_range(lower, upper)
    return adjust_saturation(image, _seeded(seed)([], minval=lower, maxval=upper))


def stateless_random_saturation(image: TensorLike, lower: float, upper: float, seed: TensorLike) -> Tensor:
    """As `tf.image.random_saturation`, decided by the two integers `seed` alone."""
    _check_range(lower, upper)
    return adjust_saturation(image, _stateless(seed)([], minval=lower, maxval=upper))
