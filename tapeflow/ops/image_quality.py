"""`tf.image`: edges of images, and how much two images are alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike
from .casting import cast
from .common import shape_of
from .convolution import depthwise_conv2d
from .debugging import Assert
from .image_colors import convert_image_dtype
from .pooling import avg_pool2d
from .reduction import reduce_all, reduce_mean, reduce_prod


def sobel_edges(image: TensorLike) -> Tensor:
    """How much images change downwards and to the right, by Sobel's filters; they go on mirrored at their edges.

    Args:
      image: `[batch, height, width, channels]`, floats.

    Returns:
      `[batch, height, width, channels, 2]`, changes downwards and to the right.

    >>> image = tf.constant([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    >>> tf.image.sobel_edges(image[tf.newaxis, :, :, tf.newaxis]).numpy()[0, 1, :, 0, 1]
    array([0., 4., 0.], dtype=float32)
    """
    images = convert(image)
    if not images.dtype.is_floating:
        raise errors.invalid(
            f"Value for attr 'T' of {images.dtype.cpp_name} is not in the list of allowed values: half, bfloat16, "
            "float, double"
        )
    padded = OPS["MirrorPad"](images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="REFLECT")
    across = padded[:, :, :-2] + padded[:, :, 1:-1] * 2 + padded[:, :, 2:]
    down = padded[:, :-2] + padded[:, 1:-1] * 2 + padded[:, 2:]
    edges = across[:, 2:] - across[:, :-2], down[:, :, 2:] - down[:, :, :-2]
    return OPS["Pack"](*edges, axis=-1)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- structural similarity


def _checked(first: Tensor, second: Tensor) -> None:
    """Refuses images that cannot be compared."""
    one, two = first.shape.with_rank_at_least(3), second.shape.with_rank_at_least(3)
    one[-3:].assert_is_compatible_with(two[-3:])
    if one.rank is not None and two.rank is not None:
        for a, b in zip(reversed(one[:-3]), reversed(two[:-3]), strict=False):
            if a not in (1, None, b) and b not in (1, None):
                raise ValueError(f"Two images are not compatible: {one} and {two}")
    if one[-3:].is_fully_defined() and two[-3:].is_fully_defined():
        return
    sizes = [OPS["Shape"](x) for x in (first, second)]
    Assert(reduce_all(OPS["Equal"](sizes[0][-3:], sizes[1][-3:])), sizes, summarize=10)


def _gaussian(size: int, sigma: float) -> Any:
    """Weights along one axis; over two axes they are the product."""
    places = np.arange(size, dtype=np.float32) - np.float32((size - 1) / 2)
    weights = np.exp(places.astype(np.float64) ** 2 * (-0.5 / np.float64(np.float32(sigma)) ** 2))
    return (weights / weights.sum()).astype(np.float32)


def _smoothed(images: Any, weights: Any) -> Any:
    """Weighted means of all windows, `[..., height, width, channels]`: along columns first, then along rows.

    Rows with their channels are laid flat, which leaves one channel to the convolutions, and makes them fast.
    """
    size, (height, width, channels) = len(weights), _sizes(images)
    flat = OPS["Reshape"](images, [-1, height, width * channels, 1])
    flat = depthwise_conv2d(flat, weights.reshape(-1, 1, 1, 1), [1, 1, 1, 1], "VALID")
    if type(channels) is int:
        flat = depthwise_conv2d(flat, weights.reshape(1, -1, 1, 1), [1, 1, 1, 1], "VALID", dilations=[1, channels])
    else:
        flat = OPS["Reshape"](flat, [-1, height - size + 1, width, channels])
        filters = OPS["Tile"](convert(weights.reshape(1, -1, 1, 1)), [1, 1, channels, 1])
        flat = depthwise_conv2d(flat, filters, [1, 1, 1, 1], "VALID")
    return _batched_as(images, flat, [height - size + 1, width - size + 1, channels])


def _sizes(images: Any) -> Any:
    """Height, width and channels; of unknown rank, scalar Symbols."""
    shape = shape_of(images)
    return shape[-3:] if type(shape) is tuple else OPS["Unpack"](shape[-3:], num=3)


def _batched_as(images: Any, flat: Any, sizes: list[Any]) -> Any:
    """A flat batch in the batch shape of the images."""
    shape = shape_of(images)
    if type(shape) is tuple:
        return OPS["Reshape"](flat, [*shape[:-3], *sizes])
    return OPS["Reshape"](flat, OPS["ConcatV2"](shape[:-3], convert(sizes, dtypes.int32), 0))


def _similarity(x: Any, y: Any, peak: Any, size: int, sigma: float, k1: float, k2: float) -> tuple[Any, Any]:
    """Of all windows and channels, the likeness, and its part for contrast and structure."""
    for image in (x, y):
        sizes = tuple(_sizes(image)[:2])
        known = all(type(n) is int for n in sizes)
        enough: Any = all(n >= size for n in sizes) if known else reduce_all(convert(sizes, dtypes.int32) >= size)
        if enough is not True:
            Assert(enough, [OPS["Shape"](image), size], summarize=8)
    weights = _gaussian(size, sigma)
    c1, c2 = ((convert(k, dtypes.float32) * peak) ** 2 for k in (k1, k2))
    mean_x, mean_y = _smoothed(x, weights), _smoothed(y, weights)
    product, squares = mean_x * mean_y * 2.0, OPS["Square"](mean_x) + OPS["Square"](mean_y)
    luminance = (product + c1) / (squares + c1)
    both = _smoothed(x * y, weights) * 2.0
    each = _smoothed(OPS["Square"](x) + OPS["Square"](y), weights)
    structure = (both - product + c2) / (each - squares + c2)
    return luminance * structure, structure


def _prepared(img1: TensorLike, img2: TensorLike, max_val: Any) -> tuple[Tensor, Tensor, Tensor]:
    first = convert(img1)
    second = convert(img2, hint=first.dtype)
    _checked(first, second)
    peak = convert_image_dtype(cast(max_val, first.dtype), dtypes.float32)
    return convert_image_dtype(first, dtypes.float32), convert_image_dtype(second, dtypes.float32), peak


def ssim(
    img1: TensorLike,
    img2: TensorLike,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    return_index_map: bool = False,
) -> Tensor:
    """The structural similarity of two (batches of) images: 1 if they are equal.

    Args:
      img1: images `[..., height, width, channels]`.
      img2: others; the dimensions before the last three broadcast.
      max_val: the span of values that they may have.
      filter_size: the size of the windows that are compared.
      filter_sigma: how far from the center of a window its pixels count.
      k1: keeps the comparison of brightness from dividing by little.
      k2: keeps that of contrast from it.
      return_index_map: whether the similarities of all windows are returned, not their mean.

    Returns:
      Similarities in (-1, 1], float32, of the shape `[...]`; with `return_index_map`,
      `[..., height - filter_size + 1, width - filter_size + 1]`.

    Raises:
      ValueError: if the shapes do not fit.
      InvalidArgumentError: if the images are smaller than the windows.

    >>> image = tf.random.uniform([2, 16, 16, 3])
    >>> tf.image.ssim(image, image, max_val=1.0).numpy().round(3)
    array([1., 1.], dtype=float32)
    """
    first, second, peak = _prepared(img1, img2, max_val)
    likeness, _ = _similarity(first, second, peak, filter_size, filter_sigma, k1, k2)
    return reduce_mean(likeness if return_index_map else reduce_mean(likeness, [-3, -2]), [-1])


def ssim_multiscale(
    img1: TensorLike,
    img2: TensorLike,
    max_val: Any,
    power_factors: Sequence[float] = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333),
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """The structural similarity (`tf.image.ssim`) of images at several sizes, each half the one before.

    Args:
      img1: images `[..., height, width, channels]`.
      img2: others; the dimensions before the last three broadcast.
      max_val: the span of values that they may have.
      power_factors: for each size, to which power its similarity counts.
      filter_size: the size of the windows that are compared.
      filter_sigma: how far from the center of a window its pixels count.
      k1: keeps the comparison of brightness from dividing by little.
      k2: keeps that of contrast from it.

    Returns:
      Similarities in [0, 1], float32, of the shape `[...]`.

    Raises:
      ValueError: if the shapes do not fit.
      InvalidArgumentError: if the smallest images are smaller than the windows.

    >>> image = tf.random.uniform([2, 32, 32, 3])
    >>> tf.image.ssim_multiscale(image, image, 1.0, power_factors=[0.5, 0.5]).numpy().round(3)
    array([1., 1.], dtype=float32)
    """
    first, second, peak = _prepared(img1, img2, max_val)
    found: list[Any] = []
    for i in range(len(power_factors)):
        if i:
            first, second = _halved(first), _halved(second)
        likeness, structure = _similarity(first, second, peak, filter_size, filter_sigma, k1, k2)
        last = i == len(power_factors) - 1
        found.append(OPS["Relu"](reduce_mean(likeness if last else structure, [-3, -2])))
    powers = OPS["Pow"](OPS["Pack"](*found, axis=-1), convert(list(power_factors), dtypes.float32))
    return reduce_mean(reduce_prod(powers, [-1]), [-1])


def _halved(images: Any) -> Any:
    """Means of two by two pixels; odd sizes grow by a copy of the last ones."""
    height, width, channels = _sizes(images)
    flat = OPS["Reshape"](images, [-1, height, width, channels])
    flat = OPS["MirrorPad"](flat, [[0, 0], [0, height % 2], [0, width % 2], [0, 0]], mode="SYMMETRIC")
    small = avg_pool2d(flat, 2, 2, "VALID")
    return _batched_as(images, small, [(height + 1) // 2, (width + 1) // 2, channels])
