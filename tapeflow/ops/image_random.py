"""`tf.image`: changes of images at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base import dtypes
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike
from . import random
from .common import shape_of
from .comparison import where
from .debugging import Assert
from .elementwise import round as rounded
from .image import flip, image_or_batch
from .image_colors import adjust_brightness, adjust_contrast, adjust_hue, adjust_saturation
from .layout import reshape
from .reduction import reduce_all
from .slicing import slice_

Draw = Callable[..., Tensor]  # of a shape, and bounds as keywords


def _seeded(seed: int | None) -> Draw:
    return lambda shape, **bounds: random.uniform(shape, seed=seed, **bounds)


def _stateless(seed: TensorLike) -> Draw:
    return lambda shape, **bounds: random.stateless_uniform(shape, seed, **bounds)


def _random_flip(image: TensorLike, axis: int, draw: Draw) -> Tensor:
    tensor = image_or_batch(image)
    flipped = flip(tensor, axis)
    rank = tensor.shape.rank
    if rank == 3:
        return where(draw([], minval=0.0, maxval=1.0) < 0.5, flipped, tensor)
    if rank is None:  # of three dimensions or of four
        return _flip_any(tensor, flipped, draw)
    chosen = reshape(rounded(draw([shape_of(tensor)[0]], minval=0.0, maxval=1.0)), [-1, 1, 1, 1])
    return where(chosen > 0.5, flipped, tensor)


def _flip_any(tensor: Tensor, flipped: Tensor, draw: Draw) -> Tensor:
    batch = OPS["Equal"](OPS["Rank"](tensor), 4)
    count = where(batch, OPS["Shape"](tensor)[0], 1)
    number = draw(OPS["Reshape"](count, (1,)), minval=0.0, maxval=1.0)
    chosen = where(batch, rounded(number) > 0.5, number < 0.5)
    ones = OPS["OnesLike"](OPS["Shape"](tensor)[1:])
    return where(reshape(chosen, OPS["ConcatV2"](OPS["ExpandDims"](count, 0), ones, 0)), flipped, tensor)


def random_flip_left_right(image: TensorLike, seed: int | None = None) -> Tensor:
    """The image, mirrored left to right with a chance of 1/2; of a batch, each image for itself.

    >>> tf.image.random_flip_left_right(tf.zeros([4, 4, 3])).shape
    TensorShape([4, 4, 3])
    """
    return _random_flip(image, -2, _seeded(seed))


def random_flip_up_down(image: TensorLike, seed: int | None = None) -> Tensor:
    """The image, mirrored top to bottom with a chance of 1/2; of a batch, each image for itself.

    >>> tf.image.random_flip_up_down(tf.zeros([4, 4, 3])).shape
    TensorShape([4, 4, 3])
    """
    return _random_flip(image, -3, _seeded(seed))


def stateless_random_flip_left_right(image: TensorLike, seed: TensorLike) -> Tensor:
    """As `tf.image.random_flip_left_right`, decided by the two integers `seed` alone.

    >>> tf.image.stateless_random_flip_left_right(tf.zeros([4, 4, 3]), seed=[1, 2]).shape
    TensorShape([4, 4, 3])
    """
    return _random_flip(image, -2, _stateless(seed))


def stateless_random_flip_up_down(image: TensorLike, seed: TensorLike) -> Tensor:
    """As `tf.image.random_flip_up_down`, decided by the two integers `seed` alone.

    >>> tf.image.stateless_random_flip_up_down(tf.zeros([4, 4, 3]), seed=[1, 2]).shape
    TensorShape([4, 4, 3])
    """
    return _random_flip(image, -3, _stateless(seed))


def _random_crop(value: TensorLike, size: Any, draw: Draw) -> Tensor:
    tensor, wanted = convert(value), convert(size, dtypes.int32)
    have = convert(shape_of(tensor), dtypes.int32)
    Assert(reduce_all(have >= wanted), ["Need value.shape >= size, got ", have, wanted], summarize=1000)
    offset = draw(OPS["Shape"](have), dtype=dtypes.int32, maxval=dtypes.int32.max) % (have - wanted + 1)
    return slice_(tensor, offset, wanted)


def random_crop(
    value: TensorLike, size: Sequence[int] | TensorLike, seed: int | None = None, name: str | None = None
) -> Tensor:
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


def stateless_random_crop(
    value: TensorLike, size: Sequence[int] | TensorLike, seed: TensorLike, name: str | None = None
) -> Tensor:
    """As `tf.image.random_crop`, decided by the two integers `seed` alone.

    >>> tf.image.stateless_random_crop(tf.zeros([4, 4, 3]), [2, 2, 3], seed=[1, 2]).shape
    TensorShape([2, 2, 3])
    """
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
    """The image, made brighter or darker (`tf.image.adjust_brightness`) by at most `max_delta`.

    >>> tf.image.random_brightness(tf.zeros([4, 4, 3]), 0.2).shape
    TensorShape([4, 4, 3])
    """
    _check_delta(max_delta)
    return adjust_brightness(image, _seeded(seed)([], minval=-max_delta, maxval=max_delta))


def stateless_random_brightness(image: TensorLike, max_delta: float, seed: TensorLike) -> Tensor:
    """As `tf.image.random_brightness`, decided by the two integers `seed` alone.

    >>> tf.image.stateless_random_brightness(tf.zeros([4, 4, 3]), 0.2, seed=[1, 2]).shape
    TensorShape([4, 4, 3])
    """
    _check_delta(max_delta)
    return adjust_brightness(image, _stateless(seed)([], minval=-max_delta, maxval=max_delta))


def random_contrast(image: TensorLike, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """The image with its contrast (`tf.image.adjust_contrast`) multiplied by something in [lower, upper).

    >>> tf.image.random_contrast(tf.zeros([4, 4, 3]), 0.5, 1.5).shape
    TensorShape([4, 4, 3])
    """
    _check_range(lower, upper)
    return adjust_contrast(image, _seeded(seed)([], minval=lower, maxval=upper))


def stateless_random_contrast(image: TensorLike, lower: float, upper: float, seed: TensorLike) -> Tensor:
    """As `tf.image.random_contrast`, decided by the two integers `seed` alone.

    >>> tf.image.stateless_random_contrast(tf.zeros([4, 4, 3]), 0.5, 1.5, seed=[1, 2]).shape
    TensorShape([4, 4, 3])
    """
    _check_range(lower, upper)
    return adjust_contrast(image, _stateless(seed)([], minval=lower, maxval=upper))


def random_hue(image: TensorLike, max_delta: float, seed: int | None = None) -> Tensor:
    """The RGB image with all hues turned (`tf.image.adjust_hue`) by at most `max_delta`, which is at most 0.5.

    >>> tf.image.random_hue(tf.zeros([4, 4, 3]), 0.2).shape
    TensorShape([4, 4, 3])
    """
    _check_delta(max_delta, 0.5)
    return adjust_hue(image, _seeded(seed)([], minval=-max_delta, maxval=max_delta))


def stateless_random_hue(image: TensorLike, max_delta: float, seed: TensorLike) -> Tensor:
    """As `tf.image.random_hue`, decided by the two integers `seed` alone.

    >>> tf.image.stateless_random_hue(tf.zeros([4, 4, 3]), 0.2, seed=[1, 2]).shape
    TensorShape([4, 4, 3])
    """
    _check_delta(max_delta, 0.5)
    return adjust_hue(image, _stateless(seed)([], minval=-max_delta, maxval=max_delta))


def random_saturation(image: TensorLike, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """The RGB image with its saturation (`tf.image.adjust_saturation`) multiplied by something in [lower, upper).

    >>> tf.image.random_saturation(tf.zeros([4, 4, 3]), 0.5, 1.5).shape
    TensorShape([4, 4, 3])
    """
    _check_range(lower, upper)
    return adjust_saturation(image, _seeded(seed)([], minval=lower, maxval=upper))


def stateless_random_saturation(image: TensorLike, lower: float, upper: float, seed: TensorLike) -> Tensor:
    """As `tf.image.random_saturation`, decided by the two integers `seed` alone.

    >>> tf.image.stateless_random_saturation(tf.zeros([4, 4, 3]), 0.5, 1.5, seed=[1, 2]).shape
    TensorShape([4, 4, 3])
    """
    _check_range(lower, upper)
    return adjust_saturation(image, _stateless(seed)([], minval=lower, maxval=upper))
