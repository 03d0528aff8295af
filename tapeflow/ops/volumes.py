"""What convolutions and pooling of volumes (batch, depth, height, width, channels) have in common."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from ..base import errors, shapes
from ..base.shapes import Shape
from ..core.tensor import Array
from . import windows
from .image_windows import Pair

FORMATS = ("NDHWC", "NCDHW")
Triple = tuple[int, int, int]
Edges = tuple[Pair, Pair, Pair]


class Volumes(NamedTuple):
    """How windows lie on volumes: `size`, steps and padding along depth, height and width."""

    size: Triple
    strides: Triple
    padding: Edges
    dilations: Triple = (1, 1, 1)

    def frames(self) -> tuple[Any, ...]:
        """The part that concerns height and width: size, strides, padding, dilations, as for images."""
        return tuple(part[1:] for part in self)

    def depth(self) -> tuple[Any, ...]:
        """The part that concerns depth, as for images whose height it is, with windows of width 1."""
        return (self.size[0], 1), (self.strides[0], 1), (self.padding[0], (0, 0)), (self.dilations[0], 1)

    def pad(self, xp: Any, x: Array, fill: Any = 0) -> Array:
        """`x` with its padding filled in."""
        if self.padding == ((0, 0),) * 3:
            return x
        return xp.pad(x, ((0, 0), *self.padding, (0, 0)), constant_values=fill)

    def crop(self, padded: Array, sizes: tuple[int, ...]) -> Array:
        """The view of padded volumes that lies on the real ones, of these `sizes`."""
        places = (slice(low, low + n) for (low, _), n in zip(self.padding, sizes, strict=True))
        return padded[(slice(None), *places)]

    def taps(self, padded: Array, count: tuple[int, ...]) -> Iterator[Array]:
        """For each cell of the windows, in row-major order, the view (n, *count, c) of it in all windows."""
        for cell in product(*map(range, self.size)):
            starts = [i * rate for i, rate in zip(cell, self.dilations, strict=True)]
            places = zip(starts, count, self.strides, strict=True)
            yield padded[(slice(None), *(slice(i, i + (n - 1) * step + 1 if n else i, step) for i, n, step in places))]


def axes(data_format: str) -> tuple[int, int, int, int]:
    """Where depth, height, width and channels are."""
    return (2, 3, 4, 1) if data_format == "NCDHW" else (1, 2, 3, 4)


def to_last(x: Array, data_format: str) -> Array:
    """The volumes with channels last; a view."""
    return x.transpose(0, 2, 3, 4, 1) if data_format == "NCDHW" else x


def from_last(x: Array, data_format: str) -> Array:
    """Volumes with channels last in the order of `data_format`; a view."""
    return x.transpose(0, 4, 1, 2, 3) if data_format == "NCDHW" else x


def last(sizes: tuple[int, ...], data_format: str) -> tuple[int, ...]:
    """A shape with channels last."""
    return (sizes[0], *(sizes[axis] for axis in axes(data_format)))


def ordered(sizes: tuple[Any, ...], data_format: str) -> tuple[Any, ...]:
    """(batch, depth, height, width, channels) in the order of `data_format`."""
    return (sizes[0], sizes[4], *sizes[1:4]) if data_format == "NCDHW" else sizes


def five(name: str, shape: Shape) -> tuple[int | None, ...]:
    """A shape that must have five dimensions."""
    if shape is None:
        return (None,) * 5
    if len(shape) != 5:
        raise errors.invalid(f"{name} must be 5-dimensional")
    return shape


def placed(
    x: Shape, size: Any, strides: Any, padding: str, data_format: str, dilations: Any = (1,) * 5
) -> tuple[tuple[int | None, ...], Volumes]:
    """How many windows there are along each dimension, and how they lie."""
    places = axes(data_format)[:3]
    steps, rates = (tuple(values[axis] for axis in places) for values in (strides, dilations))
    counts: list[int | None] = []
    pads: list[Pair] = []
    for axis, window, step, rate in zip(places, size, steps, rates, strict=True):
        length = None if x is None else x[axis]
        count = shapes.conv_size(length, window, step, padding, rate)
        missing = 0
        if padding == "SAME" and None not in (length, window, count):
            missing = max(0, (count - 1) * step + (window - 1) * rate + 1 - length)  # type: ignore[operator]
        counts.append(count)
        pads.append((missing // 2, missing - missing // 2))
    return tuple(counts), Volumes(tuple(size), steps, tuple(pads), rates)  # type: ignore[arg-type]


def sequence(value: Any, data_format: str, name: str) -> tuple[int, ...]:
    """Sizes for all five dimensions from one, three or five numbers."""
    return windows.sequence(value, 3, data_format, name)


def in_frames(function: Any, x: Array, *rest: Any) -> Array:
    """A function of images, of each frame of volumes."""
    y = function(x.reshape(x.shape[0] * x.shape[1], *x.shape[2:]), *rest)
    return y.reshape(*x.shape[:2], *y.shape[1:])


def in_depth(function: Any, x: Array, *rest: Any) -> Array:
    """A function of images, of volumes whose depth is taken for the height, all else for the width and channels."""
    n, _, h, w, c = x.shape
    y = function(x.reshape(n, x.shape[1], h * w, c), *rest)
    return y.reshape(n, y.shape[1], h, w, c)


def spread(volumes: Volumes, parts: Iterator[Array], sizes: tuple[int, ...], dtype: Any) -> Array:
    """On NumPy, the adjoint of `taps`: volumes of shape `sizes`, to whose cells the parts are added."""
    around = [n + sum(edge) for n, edge in zip(sizes[1:4], volumes.padding, strict=True)]
    total = np.zeros((sizes[0], *around, sizes[4]), dtype)
    first = next(parts)
    for view, part in zip(volumes.taps(total, first.shape[1:4]), _chained(first, parts), strict=True):
        view += part
    return volumes.crop(total, sizes[1:4])


def spread_on_xla(jax: Any, volumes: Volumes, parts: list[Array], sizes: tuple[int, ...]) -> Array:
    """`spread` on XLA."""
    count = parts[0].shape[1:4]

    def cells(x: Array) -> list[Array]:
        return list(volumes.taps(volumes.pad(jax.numpy, x), count))

    like = jax.ShapeDtypeStruct(tuple(sizes), parts[0].dtype)
    (dx,) = jax.linear_transpose(cells, like)(parts)
    return dx


def _chained(first: Array, parts: Iterator[Array]) -> Iterator[Array]:
    yield first
    yield from parts


def is_empty(*shapes_: tuple[int, ...]) -> bool:
    """Whether one of the shapes has no elements."""
    return any(math.prod(shape) == 0 for shape in shapes_)
