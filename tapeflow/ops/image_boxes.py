"""`tf.image`: cutting boxes out of images, and drawing them.

A box is `[y1, x1, y2, x2]`, where 0 is the first row or column of the image and 1 the last one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host
from .common import BIG, shape_of

_FLOATS = (dtypes.float16, dtypes.float32, dtypes.float64)
_INTS = (dtypes.uint8, dtypes.uint16, dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64)
_METHODS = ("bilinear", "nearest")


# ---------------------------------------------------------------- cropping and resizing


def _crops_shape(image: Shape, boxes: Shape, box_ind: Shape, crop_size: Any, *, method: str, **_attrs: Any) -> Shape:
    if method not in _METHODS:
        raise errors.invalid(
            f'Value for attr \'method\' of "{method}" is not in the list of allowed values: "bilinear", "nearest"'
        )
    if image is not None and len(image) != 4:
        raise errors.invalid(f"input image must be 4-D{shapes.show(image)}")
    if crop_size is not None and type(crop_size) is not tuple:
        raise errors.invalid("crop_size must be 1-D[]")
    if crop_size is not None and len(crop_size) != 2:
        raise errors.invalid(f"crop_size must have two elements{shapes.show((len(crop_size),))}")
    _check_boxes(boxes, box_ind)
    if image is not None and any(type(n) is int and n == 0 for n in image[1:3]):
        raise errors.invalid("image dimensions must be positive")
    if crop_size is not None and any(type(n) is int and n <= 0 for n in crop_size):
        raise errors.invalid("crop dimensions must be positive")
    channels = None if image is None else image[3]
    return (None if boxes is None else boxes[0], *(crop_size or (None, None)), channels)


def _check_boxes(boxes: Shape, box_ind: Shape) -> None:
    if boxes is not None and len(boxes) != 2:
        raise errors.invalid(f"boxes must be 2-D, got: {shapes.show(boxes)}")
    if boxes is not None and type(boxes[1]) is int and boxes[1] != 4:
        raise errors.invalid("boxes must have 4 columns")
    if box_ind is not None and len(box_ind) != 1:
        raise errors.invalid(f"box_indices must be rank 1 but is shape {shapes.show(box_ind)}")
    if boxes and box_ind and type(boxes[0]) is type(box_ind[0]) is int and boxes[0] != box_ind[0]:
        raise errors.invalid("box_index has incompatible shape")


def _places(xp: Any, boxes: Array, axis: int, size: int, crop: int) -> tuple[Array, Array]:
    """Where the rows (or columns) of the crops are in the image, `[boxes, crop]`, and whether that is within it."""
    start, stop = boxes[:, axis, None], boxes[:, axis + 2, None]
    if crop > 1:
        scale = (stop - start) * np.float32(size - 1) / np.float32(crop - 1)
        places = start * np.float32(size - 1) + np.arange(crop, dtype=np.float32) * scale
    else:
        places = np.float32(0.5) * (start + stop) * np.float32(size - 1)
    inside = (places >= 0) & (places <= size - 1)
    return xp.where(inside, places, np.float32(0)), inside


def _corners(xp: Any, boxes: Array, sizes: Any, crop_size: Any, method: str) -> tuple[Any, Array, list[Array]]:
    """The rows and columns that crops are made of (each as a list), whether inside, and how far to the second one."""
    taken, within, shares = [], [], []
    for axis in range(2):
        places, inside = _places(xp, boxes, axis, sizes[axis], crop_size[axis])
        if method == "nearest":
            taken.append([xp.floor(places + np.float32(0.5)).astype(np.int32)])
        else:
            low = xp.floor(places)
            taken.append([low.astype(np.int32), xp.ceil(places).astype(np.int32)])
            shares.append(places - low)
        within.append(inside)
    return taken, within[0][:, :, None] & within[1][:, None, :], shares


def _pixels(box_ind: Array, rows: Array, columns: Array, sizes: Any) -> Array:
    """Indices of pixels in the flattened batch, `[boxes, crop height, crop width]`."""
    return (box_ind[:, None, None] * sizes[0] + rows[:, :, None]) * sizes[1] + columns[:, None, :]


def _values(xp: Any, image: Array, box_ind: Array, rows: list[Array], columns: list[Array]) -> list[list[Array]]:
    flat, sizes = image.reshape(-1, image.shape[3]), image.shape[1:3]

    def at(row: Array, column: Array) -> Array:
        return xp.take(flat, _pixels(box_ind, row, column, sizes), axis=0, mode="clip").astype(np.float32)

    return [[at(row, column) for column in columns] for row in rows]


def _check_indices(box_ind: Array, batch: int) -> None:
    if box_ind.size and not 0 <= box_ind.min() <= box_ind.max() < batch:
        raise errors.OutOfRangeError(None, None, "box_index has values outside [0, batch_size)")


def _cut(xp: Any, image: Array, boxes: Array, box_ind: Array, crop_size: Any, method: str, outside: float) -> Array:
    sizes = image.shape[1:3]
    (rows, columns), inside, shares = _corners(xp, boxes, sizes, crop_size, method)
    values = _values(xp, image, box_ind, rows, columns)
    if method == "nearest":
        crops = values[0][0]
    else:
        down, across = shares[0][:, :, None, None], shares[1][:, None, :, None]
        top, bottom = (left + (right - left) * across for left, right in values)
        crops = top + (bottom - top) * down
    return xp.where(inside[..., None], crops, np.float32(outside))


@op(
    "CropAndResize", "image:T, boxes:float, box_ind:int32, crop_size:int32 -> crops:float", static=("crop_size",),
    T=(*_INTS, *_FLOATS), shape=_crops_shape,
)  # fmt: skip
def crop_and_resize_op(
    xp: Any,
    image: Array,
    boxes: Array,
    box_ind: Array,
    crop_size: Any,
    *,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
) -> Array:
    shape: Any = _crops_shape(image.shape, boxes.shape, box_ind.shape, crop_size, method=method)
    _check_indices(box_ind, image.shape[0])
    crops = np.empty(shape, np.float32)

    def work(start: int, stop: int) -> None:
        some = slice(start, stop)
        crops[some] = _cut(np, image, boxes[some], box_ind[some], crop_size, method, extrapolation_value)

    if shape[0]:
        host.parallel(work, shape[0], host.grain(shape[0], crops.size // shape[0], BIG // 2))
    return crops


@crop_and_resize_op.on("xla")
def _(
    jax: Any,
    image: Array,
    boxes: Array,
    box_ind: Array,
    crop_size: Any,
    *,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
) -> Array:
    shape: Any = _crops_shape(image.shape, boxes.shape, box_ind.shape, crop_size, method=method)
    if not image.shape[0]:
        return jax.numpy.full(shape, np.float32(extrapolation_value))
    return _cut(jax.numpy, image, boxes, box_ind, crop_size, method, extrapolation_value)


@crop_and_resize_op.gradient
def _(
    g: Any, _output: Any, image: Any, boxes: Any, box_ind: Any, _size: Any, *, method: str, extrapolation_value: float
) -> Any:
    to_image = None
    if image.dtype in _FLOATS:
        to_image = _grad_image(g, boxes, box_ind, shape_of(image), T=image.dtype, method=method)
    return to_image, _grad_boxes(g, image, boxes, box_ind), None, None


def _image_shape(grads: Shape, boxes: Shape, box_ind: Shape, image_size: Any, **_attrs: Any) -> Shape:
    _check_boxes(boxes, box_ind)
    return (None,) * 4 if image_size is None else tuple(image_size)


# TensorFlow has no gradients for these two.
@op(
    "CropAndResizeGradImage", "grads:float, boxes:float, box_ind:int32, image_size:int32 -> output:T",
    static=("image_size",), T=_FLOATS, shape=_image_shape, differentiable=None,
)  # fmt: skip
def _grad_image(
    xp: Any, grads: Array, boxes: Array, box_ind: Array, image_size: Any, *, T: DType, method: str = "bilinear"
) -> Array:
    _image_shape(grads.shape, boxes.shape, box_ind.shape, image_size)
    _check_indices(box_ind, image_size[0])
    channels = image_size[3]
    total = np.zeros((image_size[0] * image_size[1] * image_size[2], channels), host.wide(T.numpy))
    for pixels, part in _parts(xp, grads, boxes, box_ind, image_size, method):
        places = pixels.reshape(-1)
        for channel in range(channels):  # one by one, `bincount` is much faster than `add.at`
            total[:, channel] += np.bincount(places, part[..., channel].reshape(-1), len(total))
    return total.reshape(image_size).astype(T.numpy)


@_grad_image.on("xla")
def _(
    jax: Any, grads: Array, boxes: Array, box_ind: Array, image_size: Any, *, T: DType, method: str = "bilinear"
) -> Array:
    channels = image_size[3]
    total = jax.numpy.zeros((image_size[0] * image_size[1] * image_size[2], channels), host.wide(T.numpy))
    for pixels, part in _parts(jax.numpy, grads, boxes, box_ind, image_size, method):
        total = total.at[pixels.reshape(-1)].add(part.reshape(-1, channels))
    return total.reshape(image_size).astype(T.numpy)


def _parts(xp: Any, grads: Array, boxes: Array, box_ind: Array, image_size: Any, method: str) -> list[Any]:
    """Pixels and what is added to their gradients."""
    sizes = image_size[1:3]
    (rows, columns), inside, shares = _corners(xp, boxes, sizes, grads.shape[1:3], method)
    grads = xp.where(inside[..., None], grads, np.float32(0))
    if method == "nearest":
        return [(_pixels(box_ind, rows[0], columns[0], sizes), grads)]
    down, across = shares[0][:, :, None, None], shares[1][:, None, :, None]
    return [
        (_pixels(box_ind, row, column, sizes), grads * vertical * horizontal)
        for row, vertical in zip(rows, (1 - down, down), strict=True)
        for column, horizontal in zip(columns, (1 - across, across), strict=True)
    ]


@op(
    "CropAndResizeGradBoxes", "grads:float, image:T, boxes:float, box_ind:int32 -> output:float", T=(*_INTS, *_FLOATS),
    shape=lambda _grads, _image, boxes, _box_ind, **_attrs: boxes, differentiable=None,
)  # fmt: skip
def _grad_boxes(
    xp: Any, grads: Array, image: Array, boxes: Array, box_ind: Array, *, method: str = "bilinear"
) -> Array:
    sizes, crop = image.shape[1:3], grads.shape[1:3]
    (rows, columns), inside, shares = _corners(xp, boxes, sizes, crop, "bilinear")
    (a, b), (c, d) = _values(xp, image, box_ind, rows, columns)
    down, across = shares[0][:, :, None, None], shares[1][:, None, :, None]
    grads = xp.where(inside[..., None], grads, np.float32(0))
    slopes = ((1 - across) * (c - a) + across * (d - b), (1 - down) * (b - a) + down * (d - c))
    ends = []
    for axis in range(2):
        slope = (slopes[axis] * grads).sum((3, 2 - axis))  # [boxes, crop]: of each place
        count = crop[axis]
        share = np.arange(count, dtype=np.float32) / np.float32(count - 1) if count > 1 else np.full(1, 0.5, np.float32)
        ends.append([(slope * part * np.float32(sizes[axis] - 1)).sum(1) for part in (1 - share, share)])
    return xp.stack([ends[0][0], ends[1][0], ends[0][1], ends[1][1]], 1)


def crop_and_resize(
    image: TensorLike,
    boxes: TensorLike,
    box_indices: TensorLike,
    crop_size: TensorLike,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
    name: str | None = None,
) -> Tensor:
    """Cuts boxes out of images and resizes them all to one size.

    Args:
      image: `[batch, height, width, channels]`, numbers.
      boxes: `[boxes, 4]`, float32: y1, x1, y2, x2, from 0 to 1; where `y1 > y2` or `x1 > x2` the crop is mirrored.
      box_indices: `[boxes]`, int32, the image of each box.
      crop_size: two int32, height and width of the crops.
      method: "bilinear" or "nearest".
      extrapolation_value: what crops get outside of the image.
      name: a name for the operation, optional.

    Returns:
      The crops, `[boxes, *crop_size, channels]`, float32.

    Raises:
      InvalidArgumentError: if shapes do not fit, or sizes are not positive.
      OutOfRangeError: if there is no such image.

    >>> image = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> tf.image.crop_and_resize(image, [[0.5, 0.5, 1.0, 1.0]], [0], [2, 2]).numpy()[0, :, :, 0]
    array([[4., 5.],
           [7., 8.]], dtype=float32)
    """
    return crop_and_resize_op(  # type: ignore[no-any-return]
        image, boxes, box_indices, crop_size, method=method, extrapolation_value=extrapolation_value, name=name
    )


# ---------------------------------------------------------------- drawing

_PALETTE = np.array(
    [
        *([1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1]),
        *([0.5, 0.5, 0, 1], [0.5, 0, 0, 1], [0, 0, 0.5, 1], [0, 1, 1, 1], [1, 0, 1, 1]),
    ],
    np.float32,
)


def _drawn_shape(images: Shape, boxes: Shape, colors: Shape = None) -> Shape:
    if images is not None and len(images) != 4:
        raise errors.invalid("The rank of the images should be 4")
    if boxes is not None and len(boxes) != 3:
        raise errors.invalid("The rank of the boxes tensor should be 3")
    if images is not None and boxes is not None and type(images[0]) is type(boxes[0]) is int and images[0] != boxes[0]:
        raise errors.invalid("The batch sizes should be the same")
    if images is not None and images[3] not in (1, 3, 4, None) and type(images[3]) is int:
        raise errors.invalid("Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA)")
    if boxes is not None and type(boxes[2]) is int and boxes[2] != 4:
        raise errors.invalid(f"The size of the third dimension of the box must be 4. Received: {boxes[2]}")
    if colors is not None and len(colors) != 2:
        raise errors.invalid(f"colors must be a 2-D matrix{shapes.show(colors)}")
    if colors and images and type(colors[1]) is type(images[3]) is int and colors[1] < images[3]:
        raise errors.invalid(f"colors must have equal or more channels than the image provided: {shapes.show(colors)}")
    return images


def _table(colors: Any, depth: int) -> Array:
    """The colours to take in turn."""
    if colors is not None and len(colors):
        return colors[:, :depth]
    return np.ones((len(_PALETTE), 1), np.float32) if depth == 1 else _PALETTE[:, :depth]


def _ink(xp: Any, images: Array, boxes: Array, colors: Any) -> Array:
    """The images after all boxes, one after the other, have been drawn."""
    _drawn_shape(images.shape, boxes.shape, None if colors is None else colors.shape)
    height, width, depth = images.shape[1:]
    table, out = _table(colors, depth).astype(images.dtype), images
    row, column = np.arange(height)[None, :, None], np.arange(width)[None, None, :]
    for i in range(boxes.shape[1]):
        ends = [
            (boxes[:, i, k] * np.float32(size - 1)).astype(np.int64)[:, None, None]
            for k, size in enumerate((height, width, height, width))
        ]
        top, left, bottom, right = ends
        drawn = (row >= top) & (row <= bottom) & (column >= left) & (column <= right)
        edge = (row == top) | (row == bottom) | (column == left) | (column == right)
        out = xp.where((drawn & edge)[..., None], table[i % len(table)], out)
    return out


def _drawn(images: Array, boxes: Array, colors: Any) -> Array:
    """`_ink` on the host: line by line."""
    _drawn_shape(images.shape, boxes.shape, None if colors is None else colors.shape)
    height, width, depth = images.shape[1:]
    table, out = _table(colors, depth).astype(images.dtype), images.copy()
    scale = np.array([height - 1, width - 1, height - 1, width - 1], np.float32)
    for image, some in zip(out, (boxes * scale).astype(np.int64).tolist(), strict=True):
        for i, (top, left, bottom, right) in enumerate(some):
            if top > bottom or left > right:
                continue
            color = table[i % len(table)]
            rows, columns = slice(max(top, 0), max(bottom + 1, 0)), slice(max(left, 0), max(right + 1, 0))
            for row in (top, bottom):
                if 0 <= row < height:
                    image[row, columns] = color
            for column in (left, right):
                if 0 <= column < width:
                    image[rows, column] = color
    return out


_DRAWABLE = (dtypes.float32, dtypes.float16)


@op("DrawBoundingBoxes", "images:T, boxes:float -> output:T", shape=_drawn_shape, T=_DRAWABLE, differentiable=False)
def _draw(xp: Any, images: Array, boxes: Array) -> Array:
    return _ink(xp, images, boxes, None)


@op(
    "DrawBoundingBoxesV2", "images:T, boxes:float, colors:float -> output:T", shape=_drawn_shape, T=_DRAWABLE,
    differentiable=None,
)  # fmt: skip
def _draw_in_colors(xp: Any, images: Array, boxes: Array, colors: Array) -> Array:
    return _ink(xp, images, boxes, colors)


@_draw.on("host")
def _(xp: Any, images: Array, boxes: Array) -> Array:
    return _drawn(images, boxes, None)


@_draw_in_colors.on("host")
def _(xp: Any, images: Array, boxes: Array, colors: Array) -> Array:
    return _drawn(images, boxes, colors)


def draw_bounding_boxes(images: TensorLike, boxes: TensorLike, colors: Any, name: str | None = None) -> Tensor:
    """Images with the edges of boxes drawn on them.

    Args:
      images: `[batch, height, width, depth]`, float32 or float16; the depth is 1, 3 or 4.
      boxes: `[batch, boxes, 4]`, float32: y1, x1, y2, x2, from 0 to 1.
      colors: `[colors, depth]`, taken in turn; or None, for ten colours that are easy to tell apart.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if shapes do not fit.

    >>> image = tf.zeros([1, 3, 3, 1])
    >>> tf.image.draw_bounding_boxes(image, [[[0.0, 0.0, 1.0, 1.0]]], [[2.0]]).numpy()[0, :, :, 0]
    array([[2., 2., 2.],
           [2., 0., 2.],
           [2., 2., 2.]], dtype=float32)
    """
    if colors is None:
        return _draw(images, boxes, name=name)  # type: ignore[no-any-return]
    return _draw_in_colors(images, boxes, convert(colors, dtypes.float32), name=name)  # type: ignore[no-any-return]
