"""Convolutions of NHWC images on NumPy: a matrix product for each block of images, blocks over all cores.

Filters are HWIO (height, width, channels in of one group, channels out); the number of groups is the images' channels
over the filter's. Padding is explicit: ((top, bottom), (left, right)). float16 and bfloat16 are computed in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engines import host
from . import winograd_kernels as winograd
from .image_windows import Padding, Pair, Piece, Windows, pieces

Array = Any
Shape4 = tuple[int, int, int, int]

BLOCK = 1 << 18  # elements of a block's unfolded windows
FEW = 4  # channels up to which windows are unfolded along the image's rows


def _wide(x: Array) -> Array:
    """`x` in the dtype that sums are made in."""
    return x.astype(host.wide(x.dtype), copy=False)


def conv2d(
    x: Array, w: Array, strides: Pair = (1, 1), padding: Padding = ((0, 0), (0, 0)), dilations: Pair = (1, 1)
) -> Array:
    """Cross-correlation of images (n, h, w, c) with filters (kh, kw, c / groups, o): (n, down, across, o)."""
    windows = Windows(w.shape[:2], strides, padding, dilations)
    count = windows.fit(*x.shape[1:3])
    y = np.empty((x.shape[0], *count, w.shape[3]), x.dtype)
    if y.size == 0 or w.size == 0:
        y[...] = 0
        return y
    for xs, ws, ys in _groups(x.shape[3], w.shape):
        _conv2d(_wide(x[..., xs]), _wide(w[..., ws]), windows, count, y[..., ys])
    return y


def _groups(channels: int, w_shape: tuple[int, ...]) -> list[tuple[slice, slice, slice]]:
    """Channels of images, filters and results that belong together."""
    c, o = w_shape[2:]
    n = channels // c
    if n == 1:
        return [(slice(None), slice(None), slice(None))]
    per = o // n
    return [(slice(i * c, i * c + c), slice(i * per, i * per + per), slice(i * per, i * per + per)) for i in range(n)]


def _conv2d(x: Array, w: Array, windows: Windows, count: Pair, y: Array) -> None:
    kh, kw, c, o = w.shape
    direct = y.flags.c_contiguous and y.dtype == x.dtype
    if direct and _winograd(windows, c, o, count):
        winograd.convolve(x, w, windows, y)
        return
    matrix = w.reshape(kh * kw * c, o)

    def work(piece: Piece) -> None:
        cells = _unfolded(piece.of(x), piece.windows)
        out = piece.to(y)
        if direct and out.flags.c_contiguous:
            np.matmul(cells, matrix, out=out.reshape(*cells.shape[:2], o))
        else:
            out[...] = np.matmul(cells, matrix).reshape(out.shape)

    host.each(work, pieces(windows, x.shape, count[0], count[0] * count[1] * kh * kw * c, BLOCK))


def _winograd(windows: Windows, c: int, o: int, count: Pair) -> bool:
    simple = windows.size == (3, 3) and windows.strides == (1, 1) and windows.dilations == (1, 1)
    return simple and winograd.pays(c, o, *count)


def _unfolded(x: Array, windows: Windows) -> Array:
    """The cells of all windows as matrices (k, windows, cells), k being 1 or the number of images; maybe in scratch."""
    n, h, width, c = x.shape
    count = windows.fit(h, width)
    rows = count[0] * count[1]
    if windows == Windows((1, 1)):
        return x.reshape(1, n * rows, c)
    padded = windows.pad(x, 0, host.scratch("padded", windows.padded_shape(x.shape), x.dtype))
    view = windows.unfold(padded, count)
    if c <= FEW:  # long runs along the image's rows instead of short ones along the channels
        cells = host.scratch("cells", (n, *windows.size, c, *count), x.dtype)
        np.copyto(cells, view.transpose(0, 3, 4, 5, 1, 2))
        return cells.reshape(n, -1, rows).swapaxes(1, 2)
    cells = host.scratch("cells", view.shape, x.dtype)
    np.copyto(cells, view)
    return cells.reshape(1, n * rows, -1)


def conv2d_input_gradient(
    x_shape: tuple[int, ...],
    w: Array,
    dy: Array,
    strides: Pair = (1, 1),
    padding: Padding = ((0, 0), (0, 0)),
    dilations: Pair = (1, 1),
) -> Array:
    """The gradient of `conv2d` for images of shape `x_shape`, given that for its result."""
    windows = Windows(w.shape[:2], strides, padding, dilations)
    dx = np.empty(x_shape, dy.dtype)
    if dx.size == 0 or dy.size == 0 or w.size == 0:
        dx[...] = 0
        return dx
    for xs, ws, ys in _groups(x_shape[3], w.shape):
        _input_gradient(_wide(w[..., ws]), _wide(dy[..., ys]), windows, dx[..., xs])
    return dx


def _input_gradient(w: Array, dy: Array, windows: Windows, dx: Array) -> None:
    kh, kw, c, o = w.shape
    h, width = dx.shape[1:3]
    margins = _margins(windows)
    if windows.strides == (1, 1) and min(margins[0] + margins[1]) >= 0:
        flipped = np.ascontiguousarray(w[::-1, ::-1].swapaxes(2, 3))
        _conv2d(dy, flipped, windows._replace(padding=margins), (h, width), dx)
        return
    count = dy.shape[1:3]
    matrix = np.ascontiguousarray(w.reshape(kh * kw * c, o).T)

    def block(start: int, stop: int) -> None:
        n = stop - start
        cells = host.scratch("cells", (n * count[0] * count[1], kh * kw * c), dy.dtype)
        np.matmul(dy[start:stop].reshape(-1, o), matrix, out=cells)
        parts = cells.reshape(n, *count, kh * kw, c)
        padded = host.scratch("padded", windows.padded_shape((n, h, width, c)), dy.dtype)
        padded[...] = 0
        for k, view in enumerate(windows.taps(padded, count)):
            np.add(view, parts[:, :, :, k], out=view)
        dx[start:stop] = windows.crop(padded, h, width)

    with host.one_blas_thread():
        host.parallel(block, dx.shape[0], host.grain(dx.shape[0], count[0] * count[1] * kh * kw * c, BLOCK))


def _margins(windows: Windows) -> Padding:
    """The padding with which the flipped filters, slid over the result's gradient, meet each image cell."""
    (kh, kw), _, ((top, bottom), (left, right)), (dh, dw) = windows
    h, w = (kh - 1) * dh, (kw - 1) * dw
    return (h - top, h - bottom), (w - left, w - right)


def conv2d_filter_gradient(
    x: Array,
    w_shape: tuple[int, ...],
    dy: Array,
    strides: Pair = (1, 1),
    padding: Padding = ((0, 0), (0, 0)),
    dilations: Pair = (1, 1),
) -> Array:
    """The gradient of `conv2d` for filters of shape `w_shape`, given that for its result."""
    windows = Windows((w_shape[0], w_shape[1]), strides, padding, dilations)
    dw = np.empty(w_shape, dy.dtype)
    if dw.size == 0 or dy.size == 0 or x.size == 0:
        dw[...] = 0
        return dw
    for xs, ws, ys in _groups(x.shape[3], w_shape):
        dw[..., ws] = _filter_gradient(_wide(x[..., xs]), _wide(dy[..., ys]), windows)
    return dw


def _filter_gradient(x: Array, dy: Array, windows: Windows) -> Array:
    o = dy.shape[3]
    count = dy.shape[1:3]
    if _winograd(windows, x.shape[3], o, count):
        return winograd.filter_gradient(x, dy, windows)
    size = windows.size[0] * windows.size[1] * x.shape[3]
    cut = pieces(windows, x.shape, count[0], count[0] * count[1] * size, BLOCK)
    parts = np.empty((len(cut), size, o), x.dtype)

    def work(piece: Piece) -> None:
        cells = _unfolded(piece.of(x), piece.windows)
        g = piece.to(dy).reshape(*cells.shape[:2], o)
        np.add.reduce(np.matmul(cells.swapaxes(1, 2), g), 0, out=parts[piece.number])

    host.each(work, cut)
    return parts.sum(0).reshape(*windows.size, x.shape[3], o)


# ---------------------------------------------------------------- depthwise


def depthwise_conv2d(
    x: Array, w: Array, strides: Pair = (1, 1), padding: Padding = ((0, 0), (0, 0)), dilations: Pair = (1, 1)
) -> Array:
    """Each channel with its own filters (kh, kw, c, m): result channel `i * m + j` is channel i with filter j."""
    windows = Windows(w.shape[:2], strides, padding, dilations)
    count = windows.fit(*x.shape[1:3])
    kh, kw, c, m = w.shape
    y = np.zeros((x.shape[0], *count, c, m), x.dtype)
    taps = _wide(w).reshape(kh * kw, c, m)

    def block(start: int, stop: int) -> None:
        padded = windows.pad(_wide(x[start:stop]))
        total = np.zeros((stop - start, *count, c, m), taps.dtype)
        for tap, view in zip(taps, windows.taps(padded, count), strict=True):
            total += view[..., None] * tap
        y[start:stop] = total

    if y.size:
        host.parallel(block, x.shape[0], host.grain(x.shape[0], count[0] * count[1] * c * m, BLOCK))
    return y.reshape(*y.shape[:3], c * m)


def depthwise_conv2d_input_gradient(
    x_shape: tuple[int, ...],
    w: Array,
    dy: Array,
    strides: Pair = (1, 1),
    padding: Padding = ((0, 0), (0, 0)),
    dilations: Pair = (1, 1),
) -> Array:
    """The gradient of `depthwise_conv2d` for images of shape `x_shape`."""
    windows = Windows(w.shape[:2], strides, padding, dilations)
    kh, kw, c, m = w.shape
    count = dy.shape[1:3]
    dx = np.zeros(x_shape, dy.dtype)
    taps = _wide(w).reshape(kh * kw, c, m)

    def block(start: int, stop: int) -> None:
        g = _wide(dy[start:stop]).reshape(stop - start, *count, c, m)
        padded = np.zeros(windows.padded_shape((stop - start, *x_shape[1:])), taps.dtype)
        for tap, view in zip(taps, windows.taps(padded, count), strict=True):
            view += g[..., 0] * tap[:, 0] if m == 1 else (g * tap).sum(-1)
        dx[start:stop] = windows.crop(padded, *x_shape[1:3])

    if dx.size and dy.size:
        host.parallel(block, x_shape[0], host.grain(x_shape[0], count[0] * count[1] * c * m, BLOCK))
    return dx


def depthwise_conv2d_filter_gradient(
    x: Array,
    w_shape: tuple[int, ...],
    dy: Array,
    strides: Pair = (1, 1),
    padding: Padding = ((0, 0), (0, 0)),
    dilations: Pair = (1, 1),
) -> Array:
    """The gradient of `depthwise_conv2d` for filters of shape `w_shape`."""
    windows = Windows((w_shape[0], w_shape[1]), strides, padding, dilations)
    kh, kw, c, m = w_shape
    count = dy.shape[1:3]
    if dy.size == 0 or x.size == 0:
        return np.zeros(w_shape, dy.dtype)
    grain = host.grain(x.shape[0], count[0] * count[1] * c * m, BLOCK)
    parts = np.empty((-(-x.shape[0] // grain), kh * kw, c, m), np.result_type(_wide(x[:0])))

    def block(start: int, stop: int) -> None:
        g = _wide(dy[start:stop]).reshape(stop - start, *count, c, m)
        padded = windows.pad(_wide(x[start:stop]))
        for k, view in enumerate(windows.taps(padded, count)):
            (view[..., None] * g).sum((0, 1, 2), out=parts[start // grain, k])

    host.parallel(block, x.shape[0], grain)
    return parts.sum(0).reshape(w_shape).astype(dy.dtype)
