"""`tf.image`: RGB images in other colour spaces, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import OPS, Op, op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host
from .common import BIG, in_single, zeros_like
from .matmul import tensordot

_FLOATS = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)


def _colour_shape(images: Shape) -> Shape:
    if images is None:
        return None
    if not images:
        raise errors.invalid("input must be at least 1D[]")
    if images[-1] not in (3, None):
        raise errors.FailedPreconditionError(
            None, None, f"input must have 3 channels but input only has {images[-1]} channels."
        )
    return images


def by_pixels(op: Op) -> None:
    """Has the host do big batches in pieces, on all cores, so that the planes of the channels stay in the cache."""
    kernel = op.host

    def run(images: Array, *inputs: Array) -> Array:
        if images.size < BIG or images.shape[-1] != 3:
            return kernel(images, *inputs)
        flat, out = images.reshape(-1, 1, 3), np.empty(images.shape, images.dtype)
        pixels = out.reshape(-1, 1, 3)

        def piece(start: int, stop: int) -> None:
            pixels[start:stop] = kernel(flat[start:stop], *inputs)

        host.parallel(piece, len(flat), host.grain(len(flat), 3, BIG // 4))
        return out

    op.host = run


def hsv_of(xp: Any, rgb: Array) -> tuple[Array, Array, Array]:
    """Hue (in [0, 1)), saturation and value."""
    r, g, b = (rgb[..., i] for i in range(3))
    value = xp.maximum(xp.maximum(r, g), b)
    span = value - xp.minimum(xp.minimum(r, g), b)
    norm = 1 / (6 * xp.where(span > 0, span, 1))
    hue = xp.where(r == value, norm * (g - b), xp.where(g == value, norm * (b - r) + 2 / 6, norm * (r - g) + 4 / 6))
    hue = xp.where(span > 0, xp.where(hue < 0, hue + 1, hue), 0)
    return hue, xp.where(value > 0, span / xp.where(value > 0, value, 1), 0), value


def rgb_of(xp: Any, hue: Array, saturation: Array, value: Array) -> Array:
    """RGB of hue, saturation and value."""
    h = hue * 6
    parts = [abs(h - 3) - 1, 2 - abs(h - 2), 2 - abs(h - 4)]
    channels = [((xp.clip(part, 0, 1) - 1) * saturation + 1) * value for part in parts]
    return xp.stack(channels, -1)


@op("RGBToHSV", "images:T -> output:T", shape=_colour_shape, T=_FLOATS)
def rgb_to_hsv_op(xp: Any, images: Array) -> Array:
    _colour_shape(images.shape)
    return in_single(lambda xp, rgb: xp.stack(hsv_of(xp, rgb), -1).astype(rgb.dtype))(xp, images)


@rgb_to_hsv_op.gradient
def _(g: Any, hsv: Any, rgb: Any) -> Any:
    """Of the largest channel the value is made, of it and the smallest the saturation, of all three the hue."""
    unstack, divide = OPS["Unpack"], OPS["DivNoNan"]
    gh, gs, gv = unstack(g, axis=-1, num=3)
    channels = unstack(rgb, axis=-1, num=3)
    value = unstack(hsv, axis=-1, num=3)[2]
    least = OPS["Minimum"](OPS["Minimum"](channels[0], channels[1]), channels[2])
    span = value - least
    largest, smallest = _first(channels, value, (0, 1, 2)), _first(channels, least, (2, 1, 0))
    sixth = divide(gh * OPS["Cast"](OPS["Greater"](value, 0), DstT=gh.dtype), span * 6)  # black has no hue
    # The hue is (the next channel - the one before) / (6 * span), counted from the largest channel.
    numerator = sum(largest[i] * (channels[(i + 1) % 3] - channels[i - 1]) for i in range(3))
    by_hue = divide(sixth * numerator, span)
    by_least = divide(gs, value)
    by_largest = by_least - divide(by_least * span, value)
    parts = []
    for i in range(3):
        hue = (largest[i - 1] - largest[(i + 1) % 3]) * sixth - (largest[i] - smallest[i]) * by_hue
        saturation = largest[i] * by_largest - smallest[i] * by_least
        positive = OPS["Cast"](OPS["Greater"](channels[i], 0), DstT=value.dtype)  # others count as black
        parts.append(hue + saturation * positive + largest[i] * gv)
    return OPS["Pack"](*parts, axis=-1)


def _first(channels: Any, wanted: Any, order: tuple[int, ...]) -> list[Any]:
    """For each channel, ones where it is the first, in this order, that is `wanted`."""
    free, found = OPS["OnesLike"](wanted), [zeros_like(wanted)] * 3
    for i in order:
        found[i] = free * OPS["Cast"](OPS["Equal"](channels[i], wanted), DstT=wanted.dtype)
        free = free - found[i]
    return found


@op("HSVToRGB", "images:T -> output:T", shape=_colour_shape, T=_FLOATS, differentiable=False)
def hsv_to_rgb_op(xp: Any, images: Array) -> Array:
    _colour_shape(images.shape)
    return in_single(lambda xp, hsv: rgb_of(xp, hsv[..., 0], hsv[..., 1], hsv[..., 2]))(xp, images)


by_pixels(rgb_to_hsv_op)
by_pixels(hsv_to_rgb_op)


def rgb_to_hsv(images: TensorLike, name: str | None = None) -> Tensor:
    """Hue, saturation and value of RGB images.

    Args:
      images: `[..., 3]`, floats in [0, 1].
      name: a name for the operation, optional.

    Returns:
      A tensor of the same shape; its channels are hue, saturation and value, all in [0, 1].

    Raises:
      InvalidArgumentError: if there are not three channels.

    >>> tf.image.rgb_to_hsv([1.0, 0.5, 0.5]).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    return rgb_to_hsv_op(images, name=name)  # type: ignore[no-any-return]


def hsv_to_rgb(images: TensorLike, name: str | None = None) -> Tensor:
    """RGB images of hue, saturation and value; what `tf.image.rgb_to_hsv` undoes. It has no gradient.

    Args:
      images: `[..., 3]`, floats in [0, 1].
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if there are not three channels.

    >>> tf.image.hsv_to_rgb([0.0, 0.5, 1.0]).numpy()
    array([1. , 0.5, 0.5], dtype=float32)
    """
    return hsv_to_rgb_op(images, name=name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- spaces that are linear in RGB

_RGB_TO_YIQ = [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]]
_YIQ_TO_RGB = [[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]]
_RGB_TO_YUV = [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]]
_YUV_TO_RGB = [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]]


def _mapped(images: TensorLike, matrix: list[Any]) -> Tensor:
    tensor = convert(images)
    if tensor.shape.rank == 0:
        raise IndexError("list index out of range")
    return tensordot(tensor, convert(matrix, tensor.dtype), [[-1], [0]])


def rgb_to_yiq(images: TensorLike) -> Tensor:
    """Luma (Y) and the two chroma channels I and Q of RGB images `[..., 3]`, floats.

    >>> tf.image.rgb_to_yiq([[1.0, 0.0, 0.0]]).numpy().round(4)
    array([[0.299 , 0.5959, 0.2115]], dtype=float32)
    """
    return _mapped(images, _RGB_TO_YIQ)


def yiq_to_rgb(images: TensorLike) -> Tensor:
    """RGB images of YIQ ones, `[..., 3]`, floats.

    >>> tf.image.yiq_to_rgb([[0.5, 0.0, 0.0]]).numpy()
    array([[0.5, 0.5, 0.5]], dtype=float32)
    """
    return _mapped(images, _YIQ_TO_RGB)


def rgb_to_yuv(images: TensorLike) -> Tensor:
    """Luma (Y) and the two chroma channels U and V of RGB images `[..., 3]`, floats.

    >>> tf.image.rgb_to_yuv([[1.0, 0.0, 0.0]]).numpy().round(4)
    array([[ 0.299 , -0.1471,  0.615 ]], dtype=float32)
    """
    return _mapped(images, _RGB_TO_YUV)


def yuv_to_rgb(images: TensorLike) -> Tensor:
    """RGB images of YUV ones, `[..., 3]`, floats.

    >>> tf.image.yuv_to_rgb([[0.5, 0.0, 0.0]]).numpy()
    array([[0.5, 0.5, 0.5]], dtype=float32)
    """
    return _mapped(images, _YUV_TO_RGB)
