"""`tf.compat.v1.image`: images resized by TensorFlow 1's rules, whose pixels have no centres; else `tf.image`."""

from __future__ import annotations

from typing import Any

from .. import image
from ..core.convert import convert
from ..core.registry import OPS
from ..core.tensor import Tensor
from ..ops.common import shape_of
from ..ops.layout import squeeze
from ..ops.resize import wanted_size, within
from .v1_arguments import IMAGE, found
from .v1_names import Name


class ResizeMethod:
    """The ways to resize, as numbers.

    >>> tf.compat.v1.image.ResizeMethod.BICUBIC
    2
    """

    BILINEAR, NEAREST_NEIGHBOR, BICUBIC, AREA = range(4)


_OPS = dict(enumerate(("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea")))
_OPS_BY_NAME = dict(zip(("bilinear", "nearest", "bicubic", "area"), _OPS.values()))


def resize_bilinear(
    images: Any, size: Any, align_corners: bool = False, name: Name = None, half_pixel_centers: bool = False
) -> Tensor:
    """Images of another size, by interpolation along both axes.

    >>> tf.compat.v1.image.resize_bilinear(tf.reshape(tf.range(4.0), [1, 2, 2, 1]), [1, 4]).numpy().ravel().tolist()
    [0.0, 0.5, 1.0, 1.0]
    """
    return _resized("ResizeBilinear", images, size, align_corners, half_pixel_centers, name)


def resize_bicubic(
    images: Any, size: Any, align_corners: bool = False, name: Name = None, half_pixel_centers: bool = False
) -> Tensor:
    """Images of another size, by cubic interpolation.

    >>> tf.compat.v1.image.resize_bicubic(tf.ones([1, 2, 2, 1]), [3, 3]).shape
    TensorShape([1, 3, 3, 1])
    """
    return _resized("ResizeBicubic", images, size, align_corners, half_pixel_centers, name)


def resize_nearest_neighbor(
    images: Any, size: Any, align_corners: bool = False, name: Name = None, half_pixel_centers: bool = False
) -> Tensor:
    """Images of another size, each pixel the nearest one.

    >>> x = tf.reshape(tf.range(4.0), [1, 2, 2, 1])
    >>> tf.compat.v1.image.resize_nearest_neighbor(x, [1, 4]).numpy().ravel().tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    return _resized("ResizeNearestNeighbor", images, size, align_corners, half_pixel_centers, name)


def resize_area(images: Any, size: Any, align_corners: bool = False, name: Name = None) -> Tensor:
    """Images of another size, each pixel the mean of the area that it covers.

    >>> tf.compat.v1.image.resize_area(tf.reshape(tf.range(4.0), [1, 2, 2, 1]), [1, 1]).numpy().ravel().tolist()
    [1.5]
    """
    done: Tensor = OPS["ResizeArea"](images, size, align_corners=align_corners, name=name)
    return done


def _resized(op: str, images: Any, size: Any, align_corners: bool, half_pixel_centers: bool, name: Name) -> Tensor:
    attrs = {"align_corners": align_corners, "half_pixel_centers": half_pixel_centers}
    done: Tensor = OPS[op](images, size, name=name, **attrs)
    return done


def resize(
    images: Any, size: Any, method: Any = ResizeMethod.BILINEAR, align_corners: bool = False,
    preserve_aspect_ratio: bool = False, name: Name = None,
) -> Tensor:  # fmt: skip
    """Images of another size.

    Args:
      images: `[batch, height, width, channels]` or `[height, width, channels]`.
      size: the new height and width.
      method: a `ResizeMethod`, or its name as in `tf.image.ResizeMethod`.
      align_corners: whether the corner pixels keep their values.
      preserve_aspect_ratio: whether the size is the largest possible.
      name: a name for errors.

    Raises:
      ValueError: for another method, images of another rank, or a size that is not two numbers.

    >>> tf.compat.v1.image.resize(tf.ones([2, 2, 3]), [4, 4], method=1).shape
    TensorShape([4, 4, 3])
    """
    op = _OPS.get(method) if isinstance(method, int) else _OPS_BY_NAME.get(method)
    if op is None:
        raise ValueError(f"Resize method is not implemented: {method}")
    images = convert(images)
    rank = images.shape.rank
    if rank not in (3, 4):
        raise ValueError("'images' must have either 3 or 4 dimensions.")
    wanted = wanted_size(size)
    if preserve_aspect_ratio:
        wanted = within(wanted, shape_of(images)[rank - 3 : rank - 1])
    batch = images if rank == 4 else OPS["ExpandDims"](images, 0)
    done: Tensor = OPS[op](batch, wanted, name=name, align_corners=align_corners)
    return done if rank == 4 else squeeze(done, axis=[0])


resize_images = resize


def __getattr__(name: str) -> Any:
    function = found(IMAGE, name)
    if function is not None:
        return function
    if not name.startswith("_") and hasattr(image, name):
        return getattr(image, name)
    raise AttributeError(f"tapeflow has no `tf.compat.v1.image.{name}` (yet)", name=name)
