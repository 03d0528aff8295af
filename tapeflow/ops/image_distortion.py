"""`tf.image`: parts of images at random that show enough of some objects. The random numbers are TensorFlow's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from . import philox
from .common import draws, only_host
from .philox import Stream
from .random import get_seed
from .random_ops import check_seed, take

Box = tuple[int, int, int, int]  # the first row and column, those after the last
_single = np.float32


def _shapes(image_size: Shape, boxes: Shape, covered: Shape = (), *_seed: Shape, **_attrs: Any) -> tuple[Shape, ...]:
    if image_size is not None and len(image_size) != 1:
        raise errors.invalid(f"image_size must be 1-dimensional{shapes.show(image_size)}")
    if image_size is not None and type(image_size[0]) is int and image_size[0] != 3:
        raise errors.invalid(f"image_size must contain 3 elements{shapes.show(image_size)}")
    if boxes is not None and len(boxes) != 3:
        raise errors.invalid(f"input boxes must be 3-dimensional [batch, num_boxes, coords]: {shapes.show(boxes)}")
    if boxes is not None and type(boxes[2]) is int and boxes[2] != 4:
        raise errors.invalid(f"bounding boxes must have shape [4] or [*, 4], got {shapes.show(boxes)}")
    if covered:
        raise errors.invalid(f"min_object_covered must be 0-D, got shape {shapes.show(covered)}")
    return (3,), (3,), (1, 1, 4)


def _check_options(aspects: Any, areas: Any, attempts: int) -> None:
    if len(aspects) != 2:
        raise errors.invalid("Aspect ratio range field must specify 2 dimensions")
    if not (aspects[0] > 0 and aspects[1] > 0):
        raise errors.invalid(f"Aspect ratio range must be non-negative: [{aspects[0]:g}, {aspects[1]:g}]")
    if len(areas) != 2:
        raise errors.invalid("Area range field must specify 2 dimensions")
    if not (areas[0] > 0 and areas[1] > 0):
        raise errors.invalid(f"Area range must be non-negative: [{areas[0]:g}, {areas[1]:g}]")
    if not (areas[0] <= 1 and areas[1] <= 1):
        raise errors.invalid(f"Area range must be less then or equal to 1.0: [{areas[0]:g}, {areas[1]:g}]")
    if attempts <= 0:
        raise errors.invalid(f"Max attempts must be non-negative: {attempts}")


def _objects(boxes: Array, height: int, width: int, image_if_none: bool) -> list[Box]:
    """The boxes, in pixels."""
    if not boxes.size:
        if not image_if_none:
            raise errors.invalid(
                "No bounding boxes provided as input. One must enable use_image_if_no_bounding_boxes if you wish to "
                "not provide any bounding boxes."
            )
        return [(0, 0, height, width)]
    for value in boxes.reshape(-1):
        if not 0 <= value <= 1:
            raise errors.invalid(f"All bounding box coordinates must be in [0.0, 1.0]: {value:g}")
    scale = np.array([height, width, height, width], np.float32)
    return [tuple(box) for box in (boxes.reshape(-1, 4) * scale).astype(np.int64).tolist()]


class _Words:
    """Words of a stream, one after the other."""

    def __init__(self, stream: Stream) -> None:
        self.words = self._all(stream)

    def _all(self, stream: Stream) -> Iterator[int]:
        while True:
            yield from philox.bits32(stream, 64).tolist()
            stream = Stream(stream.key, stream.counter + 16)

    def real(self) -> np.float32:
        """In [0, 1)."""
        return _single((next(self.words) & 0x7FFFFF) / 2**23)

    def below(self, n: int) -> int:
        """In [0, n), all equally often."""
        if n & (n - 1) == 0:
            return next(self.words) & (n - 1)
        rest = (2**32 - 1) % n + 1
        while (word := next(self.words)) < rest:
            pass
        return word % n


def _round(x: Any) -> int:
    return int(np.rint(x))


def _tallest(height: int, width: int, most: np.float32, aspect: np.float32) -> int:
    """The largest height of a part with this aspect ratio and area."""
    tallest = _round(np.sqrt(most / aspect))
    if _round(tallest * aspect) > width:
        tallest = int((width + 0.5 - float(_single(1e-7))) / float(aspect))
        if _round(_single(tallest) * aspect) > width:
            tallest -= 1
    return min(tallest, height)


def _attempt(words: _Words, height: int, width: int, areas: Any, aspect: np.float32) -> Box | None:
    """A part of the image with this aspect ratio and an area within the bounds, or None."""
    if height <= 0 or width <= 0 or aspect <= 0 or areas[0] <= 0 or areas[1] <= 0 or areas[0] > areas[1]:
        return None
    least, most = (_single(area) * _single(width) * _single(height) for area in areas)
    tallest = _tallest(height, width, most, aspect)
    high = min(_round(np.sqrt(least / aspect)), tallest)
    if high < tallest:
        high += words.below(tallest - high + 1)
    wide = _round(_single(high) * aspect)
    if high * wide < least:  # rounded down too far
        high += 1
        wide = _round(_single(high) * aspect)
    if high * wide > most:
        high -= 1
        wide = _round(_single(high) * aspect)
    if not least <= high * wide <= most or not 0 < wide <= width or not 0 < high <= height:
        return None
    top = words.below(height - high) if high < height else 0
    left = words.below(width - wide) if wide < width else 0
    return top, left, top + high, left + wide


def _area(box: Box) -> float:
    return float(max(0, box[2] - box[0]) * max(0, box[3] - box[1]))


def _covers(part: Box, objects: list[Box], least: Any) -> bool:
    """Whether the part shows at least so much of some object."""
    for box in objects:
        if _area(box) >= 1:
            shared = (max(part[0], box[0]), max(part[1], box[1]), min(part[2], box[2]), min(part[3], box[3]))
            if _single(_area(shared)) / _single(_area(box)) >= least:
                return True
    return False


def _sampled(image_size: Array, boxes: Array, covered: Any, stream: Stream, options: dict[str, Any]) -> Any:
    height, width = int(image_size[0]), int(image_size[1])
    whole = (0, 0, height, width)
    objects = _objects(boxes, height, width, options["use_image_if_no_bounding_boxes"])
    words, part = _Words(stream), None
    low, high = (_single(ratio) for ratio in options["aspect_ratio_range"])
    for _ in range(options["max_attempts"]):
        aspect = words.real() * (high - low) + low
        part = _attempt(words, height, width, options["area_range"], aspect)
        if part is not None and _covers(part, objects, covered):
            break
        part = None
    top, left, bottom, right = part or whole
    dtype = image_size.dtype
    scale = np.array([height, width, height, width], np.float32)
    box = np.array([top, left, bottom, right], np.float32) / scale
    begin, size = np.array([[top, left, 0], [bottom - top, right - left, -1]]).astype(dtype)
    return begin, size, box.reshape(1, 1, 4)


def _checked(image_size: Array, boxes: Array, covered: Any, options: dict[str, Any]) -> None:
    _check_options(options["aspect_ratio_range"], options["area_range"], options["max_attempts"])
    _shapes(image_size.shape, boxes.shape, np.shape(covered))
    for name, size in zip(("height", "width"), image_size[:2], strict=True):
        if not 0 <= size < 2**31 - 1:
            raise errors.invalid(f"image {name} cannot be >= int32 max")
    if covered < 0:
        raise errors.invalid(f"Min object covered must be non-negative: {float(covered):g}")


_SIZES = (dtypes.uint8, dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64)
_OUTPUTS = "begin:T, size:T, bboxes:float"
_ASPECTS, _AREAS = (0.75, 1.33), (0.05, 1.0)


@op(
    "SampleDistortedBoundingBoxV2", f"image_size:T, bounding_boxes:float, min_object_covered:float -> {_OUTPUTS}",
    T=_SIZES, shape=_shapes, differentiable=False,
)  # fmt: skip
def _sample(
    xp: Any,
    image_size: Array,
    bounding_boxes: Array,
    min_object_covered: Array,
    *,
    seed: int = 0,
    seed2: int = 0,
    aspect_ratio_range: Any = _ASPECTS,
    area_range: Any = _AREAS,
    max_attempts: int = 100,
    use_image_if_no_bounding_boxes: bool = False,
) -> Any:
    options = {
        "aspect_ratio_range": aspect_ratio_range, "area_range": area_range, "max_attempts": max_attempts,
        "use_image_if_no_bounding_boxes": use_image_if_no_bounding_boxes,
    }  # fmt: skip
    _checked(image_size, bounding_boxes, min_object_covered, options)
    stream = take("SampleDistortedBoundingBoxV2", image_size.dtype, seed, seed2, max_attempts)
    return _sampled(image_size, bounding_boxes, min_object_covered, stream, options)


draws(_sample)


@op(
    "StatelessSampleDistortedBoundingBox",
    f"image_size:T, bounding_boxes:float, min_object_covered:float, seed:Tseed -> {_OUTPUTS}",
    T=_SIZES, Tseed=types.INDICES, shape=_shapes, differentiable=None,
)  # fmt: skip
def _sample_stateless(
    xp: Any,
    image_size: Array,
    bounding_boxes: Array,
    min_object_covered: Array,
    seed: Array,
    *,
    aspect_ratio_range: Any = _ASPECTS,
    area_range: Any = _AREAS,
    max_attempts: int = 100,
    use_image_if_no_bounding_boxes: bool = False,
) -> Any:
    options = {
        "aspect_ratio_range": aspect_ratio_range, "area_range": area_range, "max_attempts": max_attempts,
        "use_image_if_no_bounding_boxes": use_image_if_no_bounding_boxes,
    }  # fmt: skip
    _checked(image_size, bounding_boxes, min_object_covered, options)
    check_seed(seed)
    stream = philox.scrambled((int(seed[0]), int(seed[1])))
    return _sampled(image_size, bounding_boxes, min_object_covered, stream, options)


only_host(_sample_stateless)


class SampleDistortedBoundingBoxV2(NamedTuple):
    """A part of an image: for `tf.slice`, and as a box for `tf.image.draw_bounding_boxes`."""

    begin: Tensor
    size: Tensor
    bboxes: Tensor


class StatelessSampleDistortedBoundingBox(NamedTuple):
    """As `SampleDistortedBoundingBoxV2`, of the stateless function."""

    begin: Tensor
    size: Tensor
    bboxes: Tensor


def _options(aspects: Any, areas: Any, attempts: int | None, image_if_none: bool | None) -> dict[str, Any]:
    return {
        "aspect_ratio_range": _ASPECTS if aspects is None else tuple(map(float, aspects)),
        "area_range": _AREAS if areas is None else tuple(map(float, areas)),
        "max_attempts": 100 if attempts is None else attempts,
        "use_image_if_no_bounding_boxes": bool(image_if_none),
    }


def sample_distorted_bounding_box(
    image_size: TensorLike,
    bounding_boxes: TensorLike,
    seed: int | None = 0,
    min_object_covered: TensorLike = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> SampleDistortedBoundingBoxV2:
    """A part of an image, at random, that shows enough of one of some boxes.

    Args:
      image_size: three integers: height, width, channels.
      bounding_boxes: `[batch, boxes, 4]`, float32: y1, x1, y2, x2, from 0 to 1.
      seed: see `tf.random.set_seed`; 0 for numbers that differ from run to run.
      min_object_covered: how much of some box the part must show.
      aspect_ratio_range: the least and the most width over height, [0.75, 1.33] if None.
      area_range: the least and the most of the image that the part may be, [0.05, 1] if None.
      max_attempts: how often to try before the whole image is returned, 100 if None.
      use_image_if_no_bounding_boxes: whether without boxes the whole image counts as one.
      name: a name for the operation, optional.

    Returns:
      `(begin, size, bboxes)`: `begin` and `size` are for `tf.slice`, `bboxes`, `[1, 1, 4]`, is for
      `tf.image.draw_bounding_boxes`.

    Raises:
      InvalidArgumentError: if shapes do not fit or numbers are out of range, or if there are no boxes.

    >>> begin, size, box = tf.image.sample_distorted_bounding_box([8, 8, 3], [[[0.0, 0.0, 1.0, 1.0]]], seed=1)
    >>> tf.slice(tf.zeros([8, 8, 3]), begin, size).shape[-1]
    3
    """
    seeds = get_seed(seed) if seed else (0, 0)
    return SampleDistortedBoundingBoxV2(*_sample(
        image_size, bounding_boxes, min_object_covered, seed=seeds[0], seed2=seeds[1],
        **_options(aspect_ratio_range, area_range, max_attempts, use_image_if_no_bounding_boxes), name=name,
    ))  # fmt: skip


def stateless_sample_distorted_bounding_box(
    image_size: TensorLike,
    bounding_boxes: TensorLike,
    seed: TensorLike,
    min_object_covered: TensorLike = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> StatelessSampleDistortedBoundingBox:
    """As `tf.image.sample_distorted_bounding_box`, decided by the two integers `seed` alone.

    >>> boxes = [[[0.0, 0.0, 1.0, 1.0]]]
    >>> begin, size, box = tf.image.stateless_sample_distorted_bounding_box([8, 8, 3], boxes, seed=[1, 2])
    >>> size[-1].numpy()
    np.int32(-1)
    """
    return StatelessSampleDistortedBoundingBox(*_sample_stateless(
        image_size, bounding_boxes, min_object_covered, convert(seed),
        **_options(aspect_ratio_range, area_range, max_attempts, use_image_if_no_bounding_boxes), name=name,
    ))  # fmt: skip
