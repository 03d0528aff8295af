"""Pooling of NHWC images on XLA. Arguments are those of `pooling_kernels`, after the module `jax`."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..engines import host
from .image_windows import Padding, Pair, Windows
from .pooling_kernels import count_cells, lowest
from .xla_kernels import fence, padded, spread

Array = Any

_FEW = 16  # cells of a window up to which they are written out one by one


def _few(windows: Windows) -> bool:
    return windows.size[0] * windows.size[1] <= _FEW or 1 in windows.size


def _halves(windows: Windows) -> tuple[Windows, Windows]:
    """Windows of one row, and windows of one column that slide over what comes of them."""
    (kh, kw), (sh, sw), (above, beside), _ = windows
    return Windows((1, kw), (1, sw), ((0, 0), beside)), Windows((kh, 1), (sh, 1), (above, (0, 0)))


def max_pool(jax: Any, x: Array, ksize: Pair, strides: Pair, padding: Padding) -> Array:
    """The largest value of each window: (n, down, across, c)."""
    windows = Windows(ksize, strides, padding)
    count = windows.fit(*x.shape[1:3])
    if 0 in (*x.shape, *count):
        return jax.numpy.zeros((x.shape[0], *count, x.shape[3]), x.dtype)
    if _few(windows):
        cells = windows.taps(padded(jax, windows, x, lowest(x.dtype)), count)
        return fence(jax, functools.reduce(jax.numpy.maximum, cells))
    return _reduced(jax, jax.lax.max, lowest(x.dtype), windows, x)


def _reduced(jax: Any, combine: Any, start: Any, windows: Windows, x: Array) -> Array:
    size, strides, padding = (1, *windows.size, 1), (1, *windows.strides, 1), ((0, 0), *windows.padding, (0, 0))
    return jax.lax.reduce_window(x, np.asarray(start, x.dtype)[()], combine, size, strides, padding)


def max_pool_gradient(jax: Any, x: Array, y: Array, dy: Array, ksize: Pair, strides: Pair, padding: Padding) -> Array:
    """The gradient of `max_pool` for `x`: the first largest cell of each window, row by row, gets the window's `dy`."""
    if 0 in (*x.shape, *y.shape):
        return jax.numpy.zeros(x.shape, dy.dtype)
    windows = Windows(ksize, strides, padding)
    if _few(windows):
        return _route(jax, windows, x, y, dy)
    rows, columns = _halves(windows)  # the first row that has the maximum, and the first cell that has it in this row
    largest = fence(jax, max_pool(jax, x, *rows[:3]))
    return _route(jax, rows, x, largest, fence(jax, _route(jax, columns, largest, y, dy)))


def _route(jax: Any, windows: Windows, x: Array, y: Array, dy: Array) -> Array:
    zero = jax.numpy.zeros((), dy.dtype)
    (kh, kw), (down, across) = windows.size, y.shape[1:3]
    small = np.dtype("int8" if kh * kw < 128 else "int16")
    first = jax.numpy.full(y.shape, -1, small)
    cells = list(windows.taps(padded(jax, windows, x, lowest(x.dtype)), (down, across)))
    for k, cell in reversed(list(enumerate(cells))):
        first = jax.numpy.where(cell == y, small.type(k), first)
    first = fence(jax, first)
    if windows.strides != (kh, kw) or windows.padding != ((0, 0), (0, 0)) or x.shape[1:3] != (down * kh, across * kw):
        parts = (jax.numpy.where(first == k, dy, zero) for k in range(len(cells)))
        return spread(jax, windows, parts, *x.shape[1:3])
    # the windows tile the images: nothing is to be added up
    place = np.arange(kh * kw, dtype=small).reshape(kh, 1, kw, 1)
    tiles = jax.numpy.where(first[:, :, None, :, None] == place, dy[:, :, None, :, None], zero)
    return tiles.reshape(x.shape)


def max_pool_gradient_gradient(
    jax: Any, x: Array, y: Array, ggx: Array, ksize: Pair, strides: Pair, padding: Padding
) -> Array:
    """For each window the value of `ggx` (shaped as `x`) at the window's first largest cell."""
    windows = Windows(ksize, strides, padding)
    if 0 in (*x.shape, *y.shape):
        return jax.numpy.zeros(y.shape, ggx.dtype)
    if _few(windows):
        return _chosen(jax, windows, x, y, ggx)
    rows, columns = _halves(windows)
    largest = fence(jax, max_pool(jax, x, *rows[:3]))
    return _chosen(jax, columns, largest, y, fence(jax, _chosen(jax, rows, x, largest, ggx)))


def _chosen(jax: Any, windows: Windows, x: Array, y: Array, values: Array) -> Array:
    count = (y.shape[1], y.shape[2])
    cells = windows.taps(padded(jax, windows, x, lowest(x.dtype)), count)
    pairs = list(zip(cells, windows.taps(padded(jax, windows, values), count), strict=True))
    chosen = jax.numpy.zeros(y.shape, values.dtype)
    for cell, value in reversed(pairs):
        chosen = jax.numpy.where(cell == y, value, chosen)
    return chosen


def places(jax: Any, x: Array, y: Array, batch: bool, ksize: Pair, strides: Pair, padding: Padding) -> Array:
    """Where each window's first largest cell is, counted over an image, or with `batch` over all; -1 if it is NaN."""
    windows = Windows(ksize, strides, padding)
    shape = x.shape if batch else (1, *x.shape[1:])
    numbers = jax.numpy.arange(math.prod(shape)).reshape(shape)
    first = jax.numpy.full(y.shape, -1, "int64")
    count = (y.shape[1], y.shape[2])
    cells = windows.taps(padded(jax, windows, x), count)
    pairs = list(zip(cells, windows.taps(padded(jax, windows, numbers, -1), count), strict=True))
    for cell, number in reversed(pairs):
        first = jax.numpy.where((cell == y) & (number >= 0), number, first)
    return first


def avg_pool(jax: Any, x: Array, ksize: Pair, strides: Pair, padding: Padding) -> Array:
    """The mean of the real cells of each window: (n, down, across, c)."""
    windows = Windows(ksize, strides, padding)
    wide = host.wide(x.dtype)
    return (_sums(jax, windows, x.astype(wide)) / count_cells(windows, x.shape[1], x.shape[2], wide)).astype(x.dtype)


def _sums(jax: Any, windows: Windows, x: Array) -> Array:
    count = windows.fit(*x.shape[1:3])
    if 0 in (*x.shape, *count):
        return jax.numpy.zeros((x.shape[0], *count, x.shape[3]), x.dtype)
    if windows.size[0] * windows.size[1] <= _FEW:
        return functools.reduce(jax.numpy.add, windows.taps(padded(jax, windows, x), count))
    return _reduced(jax, jax.lax.add, 0, windows, x)


def avg_pool_gradient(
    jax: Any, x_shape: tuple[int, ...], dy: Array, ksize: Pair, strides: Pair, padding: Padding
) -> Array:
    """The gradient of `avg_pool` for images of shape `x_shape`: each window's `dy` in equal parts to its real cells."""
    if 0 in (*x_shape, *dy.shape):
        return jax.numpy.zeros(x_shape, dy.dtype)
    windows = Windows(ksize, strides, padding)
    wide = host.wide(dy.dtype)
    parts = dy.astype(wide) / count_cells(windows, x_shape[1], x_shape[2], wide)
    like = jax.ShapeDtypeStruct(tuple(x_shape), wide)
    (dx,) = jax.linear_transpose(lambda x: _sums(jax, windows, x), like)(parts)
    return dx.astype(dy.dtype)
