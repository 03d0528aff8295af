"""3x3 convolutions with stride 1 by Winograd's F(2x2, 3x3): 16 products for 4 results instead of 36.

Images are cut into tiles of 4x4 that overlap by 2; a tile is transformed to 16 numbers, each multiplied (over the
channels: a matrix product) with the filter transformed likewise, and the 16 sums give 2x2 results. The transforms are
products with small matrices too: BLAS does that faster than a chain of NumPy additions, and leaves Python to the other
thread meanwhile.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..engines import host
from .image_windows import Padding, Piece, Windows, pieces

Array = Any

BLOCK = 1 << 19  # elements of a block's transformed tiles
CACHED = 1 << 13  # columns that a transform takes at a time


def _both(matrix: list[list[float]]) -> Array:
    """The matrix that applies another to the rows and the columns of what it is multiplied with."""
    return np.kron(matrix, matrix).astype(np.float32)


_IMAGE = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], np.float32)  # 4 cells -> 4 numbers
_FILTER = _both([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])  # 3x3 cells -> 4x4 numbers
_RESULT = _both([[1, 1, 1, 0], [0, 1, -1, -1]])  # 4x4 numbers -> 2x2 results


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
        products = host.scratch("products", (16, m * down * across * o), y.dtype)
        np.matmul(v, filters, out=products.reshape(16, m * down * across, o))
        _join(_transform(_RESULT, products, "results").reshape(2, 2, m, down, across, o), out)

    with host.one_blas_thread():  # here too: BLAS's own threads would go on spinning, in the way of ours
        filters = _transform(_FILTER, w.reshape(9, c * o), "filters").reshape(16, c, o)
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
        return _transform(_FILTER.T, parts.sum(0).reshape(16, c * o), "filters").reshape(3, 3, c, o).copy()


def _pieces(x: Array, windows: Windows, height: int, width: int, channels: int) -> list[Piece]:
    tiles = -(-height // 2) * -(-width // 2)
    return pieces(windows, x.shape, height, 16 * tiles * channels, BLOCK, step=2)


def _transform(matrix: Array, x: Array, name: str) -> Array:
    """`matrix` times the cells or numbers `x` (k, rest): (l, rest) in scratch memory."""
    matrix = matrix.astype(x.dtype, copy=False)
    out = host.scratch(name, (len(matrix), x.shape[1]), x.dtype)
    for start in range(0, x.shape[1], CACHED):
        columns = slice(start, start + CACHED)
        np.matmul(matrix, x[:, columns], out=out[:, columns])
    return out


def _tiles(x: Array, padding: Padding, down: int, across: int) -> Array:
    """The transformed tiles (16, tiles, c) of some images, in scratch memory."""
    n, _, _, c = x.shape
    columns = _columns(x, padding, 2 * down + 2, across + 1)
    s = columns.strides
    shape = (4, 2, 2, n, down, across, c)  # cell 2 * i + j of a tile's row is in column i of the even or odd ones
    tiles = host.scratch("tiles", shape, x.dtype)
    np.copyto(tiles, as_strided(columns, shape, (s[2], s[3], s[0], s[1], 2 * s[2], s[3], s[4])))
    matrix = _IMAGE.astype(x.dtype, copy=False)
    cells = tiles.reshape(4, 4, -1)
    rows = host.scratch("rows", cells.shape, x.dtype)
    # Two products with a small matrix: faster than one with their product, and four narrow ones than a wide one.
    np.matmul(matrix, cells.swapaxes(0, 1), out=rows.swapaxes(0, 1))
    np.matmul(matrix, rows, out=cells)
    return tiles.reshape(16, n * down * across, c)


def _columns(x: Array, padding: Padding, height: int, pairs: int) -> Array:
    """The even columns and the odd ones of images padded or cut to `height` rows: (2, n, height, pairs, c), in scratch.

    So neighbours belong to neighbouring tiles, which are then copied in long runs.
    """
    (top, _), (left, _) = padding
    columns = host.scratch("columns", (2, x.shape[0], height, pairs, x.shape[3]), x.dtype)
    columns.fill(0)
    x = x[:, : height - top, : 2 * pairs - left]
    for parity in (0, 1):
        first = (parity - left) % 2
        part = x[:, :, first::2]
        at = (first + left) // 2
        columns[parity, :, top : top + x.shape[1], at : at + part.shape[2]] = part
    return columns


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
    """Images cut into 2x2 pieces: (4, all), in scratch memory; an odd last row or column is filled with zeros."""
    n, height, width, o = y.shape
    whole = Windows((1, 1), (1, 1), ((0, 2 * down - height), (0, 2 * across - width))).pad(y)
    pieces = host.scratch("pieces", (2, 2, n, down, across, o), y.dtype)
    np.copyto(pieces, whole.reshape(n, down, 2, across, 2, o).transpose(2, 4, 0, 1, 3, 5))
    return pieces.reshape(4, -1)
