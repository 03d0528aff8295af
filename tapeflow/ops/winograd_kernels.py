"""3x3 convolutions with stride 1 by Winograd's F(2x2, 3x3): 16 products for 4 results instead of 36.

Images are cut into tiles of 4x4 that overlap by 2; a tile is transformed to 16 numbers, each multiplied (over the
channels: a matrix product) with the filter transformed likewise, and the 16 sums give 2x2 results. The transforms are
small matrices too, applied to the rows of all tiles and then to their columns: BLAS does that faster than a chain of
NumPy additions, and leaves Python to the other thread meanwhile.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..engines import host
from .image_windows import Padding, Piece, Windows, pieces

Array = Any

BLOCK = 1 << 19  # elements of a block's transformed tiles

_FILTER = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])  # 3 cells -> 4 numbers
_IMAGE = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])  # 4 cells -> 4 numbers
_RESULT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])  # 4 numbers -> 2 results


def pays(channels: int, filters: int, height: int, width: int) -> bool:
    """Whether the fewer products outweigh the transforms, for results of `height` by `width`."""
    return channels >= 16 and filters >= 16 and height > 3 and width > 3


def convolve(x: Array, w: Array, windows: Windows, y: Array) -> None:
    """Writes the cross-correlation of `x` (n, h, w, c) with `w` (3, 3, c, o) into `y`."""
    height, width, o = y.shape[1:]
    c = x.shape[3]
    across = -(-width // 2)

    def work(piece: Piece) -> None:
        out = piece.to(y)
        m, down = out.shape[0], -(-out.shape[1] // 2)
        v = _tiles(piece.of(x), piece.windows.padding, down, across)
        products = host.scratch("products", (4, 4, m * down * across * o), y.dtype)
        np.matmul(v, filters, out=products.reshape(16, m * down * across, o))
        _join(_transform(_RESULT, products, "results").reshape(2, 2, m, down, across, o), out)

    with host.one_blas_thread():  # here too: BLAS's own threads would go on spinning, in the way of ours
        filters = _transform(_FILTER, w.reshape(3, 3, c * o), "filters").reshape(16, c, o)
        host.each(work, _pieces(x, windows, height, width, max(c, o)))


def filter_gradient(x: Array, dy: Array, windows: Windows) -> Array:
    """The gradient for the filters (3, 3, c, o) of `convolve`."""
    height, width, o = dy.shape[1:]
    c = x.shape[3]
    across = -(-width // 2)
    cut = _pieces(x, windows, height, width, max(c, o))
    parts = np.empty((len(cut), 16, c, o), dy.dtype)

    def work(piece: Piece) -> None:
        g = piece.to(dy)
        m, down = g.shape[0], -(-g.shape[1] // 2)
        products = _transform(_RESULT.T, _split(g, down, across), "products").reshape(16, m * down * across, o)
        v = _tiles(piece.of(x), piece.windows.padding, down, across)
        np.matmul(v.swapaxes(1, 2), products, out=parts[piece.number])

    with host.one_blas_thread():
        host.each(work, cut)
        return _transform(_FILTER.T, parts.sum(0).reshape(4, 4, c * o), "filters").reshape(3, 3, c, o).copy()


def _pieces(x: Array, windows: Windows, height: int, width: int, channels: int) -> list[Piece]:
    tiles = -(-height // 2) * -(-width // 2)
    return pieces(windows, x.shape, height, 16 * tiles * channels, BLOCK, step=2)


def _transform(matrix: Array, x: Array, name: str) -> Array:
    """`matrix` applied to both leading axes of `x` (k, k, rest): (l, l, rest) in scratch memory."""
    matrix = matrix.astype(x.dtype)
    to, of = matrix.shape
    rest = x.shape[2]
    rows = host.scratch("rows", (to, of * rest), x.dtype)
    np.matmul(matrix, x.reshape(of, of * rest), out=rows)
    out = host.scratch(name, (to, to, rest), x.dtype)
    np.matmul(matrix, rows.reshape(to, of, rest), out=out)
    return out


def _tiles(x: Array, padding: Padding, down: int, across: int) -> Array:
    """The transformed tiles (16, tiles, c) of some images, in scratch memory."""
    n, height, width, c = x.shape
    (top, _), (left, _) = padding
    below, right = 2 * down + 2 - top - height, 2 * across + 2 - left - width
    x = x[:, : height + min(below, 0), : width + min(right, 0)]
    windows = Windows((4, 4), (2, 2), ((top, max(below, 0)), (left, max(right, 0))))
    padded = windows.pad(x, 0, host.scratch("padded", (n, 2 * down + 2, 2 * across + 2, c), x.dtype))
    s = padded.strides
    cells = as_strided(padded, (4, 4, n, down, across, c), (s[1], s[2], s[0], 2 * s[1], 2 * s[2], s[3]))
    tiles = host.scratch("tiles", cells.shape, x.dtype)
    np.copyto(tiles, cells)
    return _transform(_IMAGE, tiles.reshape(4, 4, -1), "tiles").reshape(16, n * down * across, c)


def _join(pieces: Array, y: Array) -> None:
    """Writes 2x2 pieces (2, 2, n, down, across, o) side by side into images."""
    n, height, width, o = y.shape
    down, across = pieces.shape[3:5]
    exact = (height, width) == (2 * down, 2 * across)
    exact = exact and y.flags.c_contiguous
    whole = y if exact else host.scratch("whole", (n, 2 * down, 2 * across, o), y.dtype)
    np.copyto(whole.reshape(n, down, 2, across, 2, o), pieces.transpose(2, 3, 0, 4, 1, 5))
    if not exact:
        np.copyto(y, whole[:, :height, :width])


def _split(y: Array, down: int, across: int) -> Array:
    """Images cut into 2x2 pieces: (2, 2, all), in scratch memory; an odd last row or column is filled with zeros."""
    n, height, width, o = y.shape
    whole = Windows((1, 1), (1, 1), ((0, 2 * down - height), (0, 2 * across - width))).pad(y)
    pieces = host.scratch("pieces", (2, 2, n, down, across, o), y.dtype)
    np.copyto(pieces, whole.reshape(n, down, 2, across, 2, o).transpose(2, 4, 0, 1, 3, 5))
    return pieces.reshape(2, 2, -1)
