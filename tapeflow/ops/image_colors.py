"""`tf.image`: dtypes and colours of images, and measures of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType, as_dtype
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host
from .arithmetic import abs as absolute
from .arithmetic import squared_difference
from .assertions import assert_all
from .casting import cast, saturate_cast
from .common import BIG, shape_of, static
from .dispersion import reduce_std
from .elementwise import log, maximum
from .image import at_least_3d
from .image_spaces import by_pixels, hsv_of, rgb_of
from .joining import tile
from .layout import expand_dims
from .matmul import tensordot
from .padding import pad
from .reduction import reduce_mean, reduce_sum

_cast: Callable[..., Tensor] = cast  # never of a Variable or slices, here


def convert_image_dtype(image: TensorLike, dtype: Any, saturate: bool = False, name: str | None = None) -> Tensor:
    """The image in another dtype, where integers span their whole range and floats span [0, 1].

    Args:
      image: numbers of any shape.
      dtype: a floating point or integer dtype.
      saturate: whether values out of range become the nearest one in it.
      name: a name for the operation, optional.

    Raises:
      AttributeError: if `dtype` is neither.

    >>> tf.image.convert_image_dtype(tf.constant([0.5, 1.0]), tf.uint8).numpy()
    array([127, 255], dtype=uint8)
    """
    tensor, wanted = convert(image), as_dtype(dtype)
    if not wanted.is_floating and not wanted.is_integer:
        raise AttributeError("dtype must be either floating point or integer")
    have = tensor.dtype
    if have == wanted:
        return tensor
    narrowed: Callable[..., Tensor] = saturate_cast if saturate else _cast
    if have.is_integer and wanted.is_integer:
        if have.max > wanted.max:
            down: int = (have.max + 1) // (wanted.max + 1)
            return narrowed(tensor // down, wanted)
        up: int = (wanted.max + 1) // (have.max + 1)
        return narrowed(tensor, wanted) * up
    if have.is_floating and wanted.is_floating:
        return _cast(tensor, wanted)
    if have.is_integer:
        unit: float = 1.0 / have.max
        return _cast(tensor, wanted) * unit
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

    >>> tf.image.grayscale_to_rgb([[[0.5]]]).numpy()
    array([[[0.5, 0.5, 0.5]]], dtype=float32)
    """
    tensor = convert(images)
    shape = tensor.shape
    if shape.rank == 0 or (shape.rank and shape[-1] not in (1, None)):
        raise ValueError("Last dimension of a grayscale image should be size 1.")
    if shape.rank is None or shape[-1] is None:
        single = OPS["Equal"](OPS["Shape"](tensor)[-1], 1)
        assert_all(single, ["Last dimension of a grayscale image should be size 1."], None, None)
    if shape.rank is None:
        times = OPS["ConcatV2"](OPS["OnesLike"](OPS["Shape"](tensor)[:-1]), convert([3]), 0)
        return tile(tensor, times)
    return tile(tensor, [1] * (shape.rank - 1) + [3])


def _as_floats(image: TensorLike) -> tuple[Tensor, DType]:
    """The image with floats, and the dtype that it had."""
    tensor = convert(image)
    if tensor.dtype in (dtypes.float16, dtypes.float32):
        return tensor, tensor.dtype
    return convert_image_dtype(tensor, dtypes.float32), tensor.dtype


def adjust_brightness(image: TensorLike, delta: TensorLike) -> Tensor:
    """The image with `delta` added, where its values span [0, 1].

    >>> tf.image.adjust_brightness([0.25, 0.5], 0.5).numpy()
    array([0.75, 1.  ], dtype=float32)
    """
    floats, dtype = _as_floats(image)
    return convert_image_dtype(floats + _cast(delta, floats.dtype), dtype, saturate=True)


def adjust_gamma(image: TensorLike, gamma: float = 1, gain: float = 1) -> Tensor:
    """The image to the power of `gamma`, times `gain`, where its values span [0, 1].

    Raises:
      ValueError: if `gamma` is negative.

    >>> tf.image.adjust_gamma([0.5, 1.0], gamma=2).numpy()
    array([0.25, 1.  ], dtype=float32)
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


@_adjust_contrast.on("host")
def _(xp: Any, images: Array, contrast_factor: Array) -> Array:
    _contrast_shape(images.shape)
    *batch, height, width, channels = images.shape
    flat = images.reshape(math.prod(batch), height, width * channels)
    out = np.empty(flat.shape, images.dtype)

    def work(start: int, stop: int) -> None:
        for i in range(start, stop):
            wide = flat[i].astype(np.float32, copy=False)
            total = wide.sum(0, dtype=np.float64).reshape(width, channels).sum(0)
            mean = np.tile((total / (height * width)).astype(np.float32), width)
            changed = wide - mean
            changed *= contrast_factor
            changed += mean
            out[i] = changed

    if out.size:
        host.parallel(work, len(flat), host.grain(len(flat), out[0].size, BIG // 2))
    return out.reshape(images.shape)


@op("AdjustHue", "images:T, delta:float -> output:T", T=_HALF_OR_SINGLE, shape=_colour_shape, differentiable=None)
def _adjust_hue(xp: Any, images: Array, delta: Array) -> Array:
    _colour_shape(images.shape)
    hue, saturation, value = hsv_of(xp, images.astype(np.float32))
    return rgb_of(xp, (hue + delta) % 1, saturation, value).astype(images.dtype)


@op(
    "AdjustSaturation", "images:T, scale:float -> output:T", T=_HALF_OR_SINGLE, shape=_colour_shape, differentiable=None
)
def _adjust_saturation(xp: Any, images: Array, scale: Array) -> Array:
    _colour_shape(images.shape)
    hue, saturation, value = hsv_of(xp, images.astype(np.float32))
    return rgb_of(xp, hue, xp.clip(saturation * scale, 0, 1), value).astype(images.dtype)


by_pixels(_adjust_hue)
by_pixels(_adjust_saturation)


def adjust_contrast(images: TensorLike, contrast_factor: TensorLike) -> Tensor:
    """The images with each channel's distance from its mean multiplied by `contrast_factor`.

    >>> tf.image.adjust_contrast([[[1.0], [3.0]]], 2.0).numpy().ravel()
    array([0., 4.], dtype=float32)
    """
    floats, dtype = _as_floats(images)
    factor = convert(contrast_factor, dtypes.float32)
    return convert_image_dtype(_adjust_contrast(floats, factor), dtype, saturate=True)


def adjust_hue(image: TensorLike, delta: TensorLike, name: str | None = None) -> Tensor:
    """RGB images with all hues turned by `delta`, in [-1, 1]; 1 is the whole circle.

    Raises:
      ValueError: if `delta` is out of range.
    """
    shift = convert(delta, dtypes.float32)
    known = static(shift)
    if isinstance(known, Tensor):
        inside = OPS["LessEqual"](OPS["Abs"](shift), 1)
        assert_all(inside, ["delta must be in the interval [-1, 1]"], None, None)
    elif not -1 <= known <= 1:
        raise ValueError("delta must be in the interval [-1, 1]")
    floats, dtype = _as_floats(image)
    return convert_image_dtype(_adjust_hue(floats, shift), dtype)


def adjust_saturation(image: TensorLike, saturation_factor: TensorLike, name: str | None = None) -> Tensor:
    """RGB images with the saturation of their colours multiplied by `saturation_factor`.

    >>> tf.image.adjust_saturation([[[1.0, 0.5, 0.5]]], 0.0).numpy()
    array([[[1., 1., 1.]]], dtype=float32)
    """
    floats, dtype = _as_floats(image)
    return convert_image_dtype(_adjust_saturation(floats, convert(saturation_factor, dtypes.float32)), dtype)


def per_image_standardization(image: TensorLike) -> Tensor:
    """Each image less its mean, over its standard deviation (or 1/sqrt(number of values), if that is more); float32.

    >>> tf.image.per_image_standardization([[[1.0], [3.0]]]).numpy().ravel()
    array([-1.,  1.], dtype=float32)
    """
    tensor = _cast(at_least_3d(image), dtypes.float32)
    axes = [-1, -2, -3]
    shape = shape_of(tensor)[-3:]
    if _are_ints(shape):
        least = convert(1 / math.sqrt(math.prod(shape)), dtypes.float32)
    else:
        count = OPS["Prod"](convert(shape, dtypes.int32), 0, keep_dims=False)
        least = OPS["Rsqrt"](OPS["Cast"](count, DstT=dtypes.float32))
    deviation = maximum(reduce_std(tensor, axis=axes, keepdims=True), least)
    return (tensor - reduce_mean(tensor, axis=axes, keepdims=True)) / deviation


def _are_ints(shape: Any) -> bool:
    return type(shape) is tuple and all(type(size) is int for size in shape)


# ---------------------------------------------------------------- measures


def image_gradients(image: TensorLike) -> tuple[Tensor, Tensor]:
    """Differences between neighbours, downwards and to the right; the last ones are zero.

    Args:
      image: `[batch, height, width, channels]`.

    Returns:
      Two tensors of the shape of `image`.

    Raises:
      ValueError: if there are not four dimensions.

    >>> down, right = tf.image.image_gradients([[[[1.0], [4.0]]]])
    >>> right.numpy().ravel()
    array([3., 0.], dtype=float32)
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
    peak = convert_image_dtype(_cast(max_val, first.dtype), dtypes.float32)
    first, second = (convert_image_dtype(x, dtypes.float32) for x in (first, second))
    error = reduce_mean(squared_difference(first, second), [-3, -2, -1])
    return 20 * log(peak) / math.log(10) - (10 / math.log(10)) * log(error)
