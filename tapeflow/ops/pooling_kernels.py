"""Pooling of NHWC images on NumPy. Padding is explicit, ((top, bottom), (left, right)); padding cells never count.

Each call works through blocks of images that fit a core's cache, spread over all cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..engines import host
from .image_windows import Padding, Pair, Windows

Array = Any

BLOCK = 1 << 19  # elements of a block of images


def max_pool(x: Array, ksize: Pair, strides: Pair, padding: Padding) -> Array:
    """The largest value of each window: (n, down, across, c)."""
    windows = Windows(ksize, strides, padding)
    y = np.empty((x.shape[0], *windows.fit(*x.shape[1:3]), x.shape[3]), x.dtype)

    def block(start: int, stop: int) -> None:
        _reduce(np.maximum, windows, _padded(windows, x[start:stop], lowest(x.dtype)), y[start:stop])

    if y.size:
        host.parallel(block, x.shape[0], _images_per_block(x.shape))
    return y


def max_pool_gradient(x: Array, y: Array, dy: Array, ksize: Pair, strides: Pair, padding: Padding) -> Array:
    """The gradient of `max_pool` for `x`: the first largest cell of each window, row by row, gets the window's `dy`."""
    windows = Windows(ksize, strides, padding)
    dx = np.empty(x.shape, dy.dtype)
    if y.size == 0:
        dx[...] = 0
        return dx
    tiled = strides == ksize and (y.shape[1] * ksize[0], y.shape[2] * ksize[1]) == x.shape[1:3]
    contiguous = x.flags.c_contiguous and y.flags.c_contiguous and dy.flags.c_contiguous
    route = _route_tiles if tiled and contiguous and padding == ((0, 0), (0, 0)) else _route

    def block(start: int, stop: int) -> None:
        route(windows, x[start:stop], y[start:stop], dy[start:stop], dx[start:stop])

    host.parallel(block, x.shape[0], _images_per_block(x.shape))
    return dx


def _route(windows: Windows, x: Array, y: Array, dy: Array, dx: Array) -> None:
    """Writes the gradient of some images to `dx`, adding up where windows overlap."""
    bits = _bits(dy.dtype)
    total = host.scratch("total", windows.padded_shape(x.shape), dy.dtype)
    total[...] = 0
    part = host.scratch("part", y.shape, dy.dtype)
    for hit, out in _first_hits(windows, x, y, windows.taps(total, y.shape[1:3])):
        np.multiply(dy.view(bits), hit, out=part.view(bits))
        np.add(out, part, out=out)
    np.copyto(dx, windows.crop(total, *x.shape[1:3]))


def _route_tiles(windows: Windows, x: Array, y: Array, dy: Array, dx: Array) -> None:
    """As `_route`, for windows that tile the images: each cell is read once and written once."""
    kh, kw = windows.size
    n, down, across, c = y.shape
    tiles = (n, down, kh, across, kw, c)
    bits = _bits(dy.dtype)
    hits = host.scratch("hits", (kh, kw, n, down, across, c), bool)
    in_place = hits.transpose(2, 3, 0, 4, 1, 5)
    np.equal(x.reshape(tiles), y[:, :, None, :, None], out=in_place)
    cells = hits.reshape(kh * kw, -1)
    before = host.scratch("before", cells.shape[1:], bool)
    np.copyto(before, cells[0])
    for cell in cells[1:]:
        np.greater(cell, before, out=cell)
        np.logical_or(before, cell, out=before)
    out = dx.view(bits).reshape(tiles)
    np.copyto(out, in_place)  # sooner done than multiplying with a bool
    np.multiply(out, dy.view(bits)[:, :, None, :, None], out=out)


def max_pool_gradient_gradient(x: Array, y: Array, ggx: Array, ksize: Pair, strides: Pair, padding: Padding) -> Array:
    """For each window the value of `ggx` (shaped as `x`) at the window's first largest cell."""
    windows = Windows(ksize, strides, padding)
    result = np.zeros(y.shape, ggx.dtype)

    def block(start: int, stop: int) -> None:
        values = windows.taps(windows.pad(ggx[start:stop]), y.shape[1:3])
        for hit, value in _first_hits(windows, x[start:stop], y[start:stop], values):
            np.copyto(result[start:stop], value, where=hit)

    if result.size:
        host.parallel(block, x.shape[0], _images_per_block(x.shape))
    return result


def avg_pool(x: Array, ksize: Pair, strides: Pair, padding: Padding) -> Array:
    """The mean of the real cells of each window: (n, down, across, c)."""
    windows = Windows(ksize, strides, padding)
    y = np.empty((x.shape[0], *windows.fit(*x.shape[1:3]), x.shape[3]), x.dtype)
    if y.size == 0:
        return y
    wide = host.wide(x.dtype)
    cells = count_cells(windows, x.shape[1], x.shape[2], wide)

    def block(start: int, stop: int) -> None:
        total = host.scratch("total", (stop - start, *y.shape[1:]), wide)
        _reduce(np.add, windows, _padded(windows, x[start:stop].astype(wide, copy=False), 0), total)
        np.divide(total, cells, out=y[start:stop], casting="same_kind")

    host.parallel(block, x.shape[0], _images_per_block(x.shape))
    return y


def avg_pool_gradient(x_shape: tuple[int, ...], dy: Array, ksize: Pair, strides: Pair, padding: Padding) -> Array:
    """The gradient of `avg_pool` for images of shape `x_shape`: each window's `dy` in equal parts to its real cells."""
    windows = Windows(ksize, strides, padding)
    dx = np.zeros(x_shape, dy.dtype)
    if dx.size == 0 or dy.size == 0:
        return dx
    wide = host.wide(dy.dtype)
    cells = count_cells(windows, x_shape[1], x_shape[2], wide)

    def block(start: int, stop: int) -> None:
        part = dy[start:stop] / cells
        total = host.scratch("total", windows.padded_shape((stop - start, *x_shape[1:])), wide)
        total[...] = 0
        for view in windows.taps(total, dy.shape[1:3]):
            np.add(view, part, out=view)
        dx[start:stop] = windows.crop(total, *x_shape[1:3])

    host.parallel(block, x_shape[0], _images_per_block(tuple(x_shape)))
    return dx


def _images_per_block(x_shape: tuple[int, ...]) -> int:
    return host.grain(x_shape[0], x_shape[1] * x_shape[2] * x_shape[3], BLOCK)


def lowest(dtype: np.dtype[Any]) -> Any:
    """The value that never wins a maximum."""
    return np.iinfo(dtype).min if dtype.kind in "iu" else dtype.type(-np.inf)


def _bits(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The integers that hold a value's bits: multiplied by a bool they keep or clear it, be it infinite or NaN."""
    return np.dtype(f"i{dtype.itemsize}")


def _padded(windows: Windows, x: Array, fill: Any) -> Array:
    return windows.pad(x, fill, host.scratch("padded", windows.padded_shape(x.shape), x.dtype))


def _reduce(combine: np.ufunc, windows: Windows, padded: Array, out: Array) -> None:
    """Combines the cells of each window into `out`: down the columns first, where whole rows lie together."""
    (kh, kw), (sh, sw), _, _ = windows
    n, down, across, c = out.shape
    width = padded.shape[2]
    tall = host.scratch("tall", (n, down, width, c), out.dtype)
    _fold(combine, Windows((kh, 1), (sh, 1)).taps(padded, (down, width)), tall)
    _fold(combine, Windows((1, kw), (1, sw)).taps(tall, (down, across)), out)


def _fold(combine: np.ufunc, views: Iterator[Array], out: Array) -> None:
    first, second = next(views), next(views, None)
    if second is None:
        np.copyto(out, first)
        return
    combine(first, second, out=out)
    for view in views:
        combine(out, view, out=out)


def _first_hits(windows: Windows, x: Array, y: Array, views: Iterator[Array]) -> Iterator[tuple[Array, Array]]:
    """For each cell of the windows: where it is the first that holds the maximum (scratch), and the next of `views`."""
    padded = _padded(windows, x, lowest(x.dtype))
    hit, still = host.scratch("hit", y.shape, bool), host.scratch("still", y.shape, bool)
    still[...] = True
    for cell, view in zip(windows.taps(padded, y.shape[1:3]), views, strict=True):
        np.equal(cell, y, out=hit)
        np.logical_and(hit, still, out=hit)
        np.greater(still, hit, out=still)
        yield hit, view


def count_cells(windows: Windows, height: int, width: int, dtype: Any) -> Array:
    """How many real cells each window has: (down, across, 1)."""
    one = np.ones((1, height, width, 1), np.int64)
    total = np.zeros((1, *windows.fit(height, width), 1), np.int64)
    for view in windows.taps(windows.pad(one), total.shape[1:3]):
        total += view
    return total[0].astype(dtype)
