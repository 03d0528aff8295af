"""Projective transforms of images: each pixel of the result is looked up where the transform says in the image."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core.op import OPS, Op, op
from ..core.tensor import Array
from .common import shape_of

_TYPES = (
    dtypes.uint8, dtypes.int32, dtypes.int64, dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64,
)  # fmt: skip
_FLOATS = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)


def _shape(
    images: Shape, transforms: Shape, output_shape: Any, fill: Shape = (), *, interpolation: str, fill_mode: str
) -> Shape:
    if images is not None and len(images) != 4:
        raise errors.invalid("Input images must have rank 4")
    if transforms is not None:
        batch = images[0] if images is not None else None
        fits = len(transforms) == 2 and (
            type(transforms[0]) is not int or type(batch) is not int or transforms[0] in (1, batch)
        )
        if not fits or (type(transforms[1]) is int and transforms[1] != 8):
            raise errors.invalid("Input transform should be num_images x 8 or 1 x 8")
    if output_shape is not None and type(output_shape) is not tuple:
        raise errors.invalid("output shape must be 1-dimensional[]")
    if output_shape is not None and len(output_shape) != 2:
        raise errors.invalid(f"output shape must have two elements{shapes.show((len(output_shape),))}")
    if output_shape is not None and any(type(n) is int and n <= 0 for n in output_shape):
        raise errors.invalid("output dimensions must be positive")
    if fill:
        raise errors.invalid(f"fill_value must be a scalar{shapes.show(fill)}")
    batch, _, _, channels = images if images is not None else (None,) * 4
    return (batch, *(output_shape or (None, None)), channels)


def _folded(xp: Any, places: Array, size: int, fill_mode: str) -> Array:
    """Where places outside of the image get their pixels from, along one axis."""
    last = np.float32(size - 1)
    if fill_mode == "CONSTANT":
        return places
    if fill_mode == "REFLECT":
        period = np.float32(2 * size)
        within = places - period * xp.floor(places / period)
        places = xp.where(within >= size, period - within - 1, within) if size > 1 else xp.zeros_like(places)
        return xp.clip(places, 0, last)
    if fill_mode == "WRAP":
        if size <= 1:
            return xp.zeros_like(places)
        below = places + np.float32(size) * (xp.trunc(-places / last) + 1)
        above = places - np.float32(size) * xp.trunc(places / last)
        places = xp.where(places < 0, below, xp.where(places > last, above, places))
    return xp.clip(places, 0, last)


def _read(xp: Any, images: Array, rows: Array, columns: Array, fill: Array) -> Array:
    """Pixels at whole places, `[batch, height, width, channels]`; the filling outside of the image."""
    batch, height, width, channels = images.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    row, column = (xp.where(inside, place, 0).astype(np.int64) for place in (rows, columns))
    first = (np.arange(batch) * (height * width))[:, None, None]
    pixels = xp.take(images.reshape(-1, channels), first + row * width + column, axis=0, mode="clip")
    return xp.where(inside[..., None], pixels, fill)


def _transformed(
    xp: Any, images: Array, transforms: Array, output_shape: Any, fill_value: Any, interpolation: str, fill_mode: str
) -> Array:
    if images.size == 0:
        return xp.zeros((images.shape[0], *output_shape, images.shape[3]), images.dtype)
    fill = xp.asarray(fill_value).astype(images.dtype)
    high, wide = output_shape
    y, x = np.arange(high, dtype=np.float32)[:, None], np.arange(wide, dtype=np.float32)
    a, b, c, d, e, f, g, h = (transforms[:, i, None, None] for i in range(8))
    depth = g * x + h * y + 1
    seen = depth != 0
    depth = xp.where(seen, depth, np.float32(1))
    across = _folded(xp, (a * x + b * y + c) / depth, images.shape[2], fill_mode)
    down = _folded(xp, (d * x + e * y + f) / depth, images.shape[1], fill_mode)
    if interpolation == "NEAREST":
        result = _read(xp, images, _rounded(xp, down), _rounded(xp, across), fill)
    else:
        top, left = xp.floor(down), xp.floor(across)
        rows = []
        for row in (top, top + 1):
            pair = [_read(xp, images, row, column, fill).astype(np.float32) for column in (left, left + 1)]
            rows.append((left + 1 - across)[..., None] * pair[0] + (across - left)[..., None] * pair[1])
        result = ((top + 1 - down)[..., None] * rows[0] + (down - top)[..., None] * rows[1]).astype(images.dtype)
    return xp.where(seen[..., None], result, fill)


def _rounded(xp: Any, x: Array) -> Array:
    """Halves away from zero."""
    return xp.copysign(xp.floor(abs(x) + np.float32(0.5)), x)


_INPUTS = "images:dtype, transforms:float, output_shape:int32"


@op(
    "ImageProjectiveTransformV2", f"{_INPUTS} -> transformed_images:dtype", static=("output_shape",), dtype=_TYPES,
    shape=_shape,
)  # fmt: skip
def projective_transform_v2(
    xp: Any, images: Array, transforms: Array, output_shape: Any, *, interpolation: str, fill_mode: str = "CONSTANT"
) -> Array:
    _shape(images.shape, transforms.shape, output_shape, interpolation=interpolation, fill_mode=fill_mode)
    return _transformed(xp, images, transforms, output_shape, np.float32(0), interpolation, fill_mode)


@op(
    "ImageProjectiveTransformV3", f"{_INPUTS}, fill_value:float -> transformed_images:dtype", static=("output_shape",),
    dtype=_TYPES, shape=_shape,
)  # fmt: skip
def projective_transform_v3(
    xp: Any,
    images: Array,
    transforms: Array,
    output_shape: Any,
    fill_value: Array,
    *,
    interpolation: str,
    fill_mode: str = "CONSTANT",
) -> Array:
    shape_attrs = {"interpolation": interpolation, "fill_mode": fill_mode}
    _shape(images.shape, transforms.shape, output_shape, fill_value.shape, **shape_attrs)
    return _transformed(xp, images, transforms, output_shape, fill_value, interpolation, fill_mode)


def _undone(transforms: Any) -> Any:
    """The transforms back."""
    ones = OPS["OnesLike"](transforms[:, :1])
    matrices = OPS["Reshape"](OPS["ConcatV2"](transforms, ones, 1), (-1, 3, 3))
    flat = OPS["Reshape"](OPS["MatrixInverse"](matrices), (-1, 9))
    return (flat / flat[:, 8:])[:, :8]


def _gradient(which: Op, *fill: float) -> None:
    """As TensorFlow's: the gradients, transformed back."""

    @which.gradient
    def _(g: Any, _output: Any, images: Any, transforms: Any, *rest: Any, **attrs: Any) -> Any:
        nothing = (None,) * (1 + len(rest))
        if images.dtype not in _FLOATS:
            return None, *nothing
        size = shape_of(images)[1:3]
        return which(g, _undone(transforms), size, *fill, **attrs), *nothing


_gradient(projective_transform_v2)
_gradient(projective_transform_v3, 0.0)
