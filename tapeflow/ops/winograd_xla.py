"""3x3 convolutions with stride 1 by Winograd's F(2x2, 3x3) on XLA, with oneDNN's products; see `winograd_kernels`.

A convolution and its two gradients take six transforms apart. Together they take four: of the images, of the filters
and of the result's gradient there is one each, which the compiler finds to be the same. Only so is it worth the memory
that is to be moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engines import onednn
from .image_windows import Windows
from .xla_kernels import fence

Array = Any


def _both(matrix: list[list[float]]) -> Array:
    """The matrix that applies another to the rows and the columns of what it is multiplied with."""
    return np.kron(matrix, matrix).astype(np.float32)


_IMAGE = _both([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])  # 4x4 cells -> 4x4 numbers
_FILTER = _both([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])  # 3x3 cells -> 4x4 numbers
_RESULT = _both([[1, 1, 1, 0], [0, 1, -1, -1]])  # 4x4 numbers -> 2x2 results


def convolve(jax: Any, x: Array, w: Array, windows: Windows) -> Array:
    """Cross-correlation of `x` (n, h, w, c) with `w` (3, 3, c, o)."""
    n, (height, width) = x.shape[0], windows.fit(*x.shape[1:3])
    products = onednn.matmul(jax, _tiles(jax, x, windows), _filters(w))
    numbers = products.reshape(16, n, -(-height // 2), -(-width // 2), w.shape[3])
    return _joined(jax, _sums(_RESULT, numbers))[:, :height, :width]


def input_gradient(jax: Any, x_shape: tuple[int, ...], w: Array, dy: Array, windows: Windows) -> Array:
    """The gradient of `convolve` for images of shape `x_shape`."""
    n, height, width, c = x_shape
    products = onednn.matmul(jax, _spread(jax, dy), _filters(w), transpose_b=True)
    cells = _sums(_IMAGE.T, products.reshape(16, n, -(-dy.shape[1] // 2), -(-dy.shape[2] // 2), c))
    down = [_overlapped(jax, cells[k], cells[k + 8], 1) for k in range(8)]
    whole = _joined(jax, [_overlapped(jax, down[k], down[k + 2], 2) for k in (0, 1, 4, 5)])
    (top, _), (left, _) = windows.padding
    return _framed(jax, whole, (-top, height + top - whole.shape[1]), (-left, width + left - whole.shape[2]))


def filter_gradient(jax: Any, x: Array, dy: Array, windows: Windows) -> Array:
    """The gradient of `convolve` for its filters: (3, 3, c, o)."""
    products = onednn.matmul(jax, _tiles(jax, x, windows), _spread(jax, dy), transpose_a=True)
    return _transform(_FILTER.T, list(products)).reshape(3, 3, *products.shape[1:])


def _tiles(jax: Any, x: Array, windows: Windows) -> Array:
    """The transformed tiles (16, tiles, c) of images."""
    _, height, width, c = x.shape
    down, across = (-(-size // 2) for size in windows.fit(height, width))
    (top, _), (left, _) = windows.padding
    whole = _framed(jax, x, (top, 2 * down + 2 - top - height), (left, 2 * across + 2 - left - width))
    cells = Windows((4, 4), (2, 2)).taps(whole, (down, across))
    return _transform(_IMAGE, [cell.reshape(-1, c) for cell in cells])


def _filters(w: Array) -> Array:
    """The transformed filters (16, c, o)."""
    return _transform(_FILTER, list(w.reshape(9, *w.shape[2:])))


def _spread(jax: Any, dy: Array) -> Array:
    """What the numbers of tiles add to the results of gradient `dy` (n, h, w, o): (16, tiles, o)."""
    _, height, width, o = dy.shape
    down, across = -(-height // 2), -(-width // 2)
    whole = _framed(jax, dy, (0, 2 * down - height), (0, 2 * across - width))
    return _transform(_RESULT.T, [cell.reshape(-1, o) for cell in Windows((2, 2), (2, 2)).taps(whole, (down, across))])


def _transform(matrix: Array, arrays: Sequence[Array]) -> Array:
    """`matrix` times the arrays (rows, columns), stacked. One loop for XLA, for all that it multiplies with zeros."""
    total: Any = 0
    for k, array in enumerate(arrays):
        total += array * matrix[:, k].reshape(-1, 1, 1)
    return total


def _sums(matrix: Array, arrays: Array) -> list[Array]:
    """The same for a matrix of ones and zeros, not stacked."""
    results = []
    for row in matrix:
        terms = [(factor, array) for factor, array in zip(row, arrays, strict=True) if factor]
        total: Any = 0
        for factor, array in terms:
            total = total + array if factor > 0 else total - array
        results.append(total)
    return results


def _framed(jax: Any, x: Array, rows: tuple[int, int], columns: tuple[int, int]) -> Array:
    """`x` with zeros around it; without its edges where the numbers are negative."""
    return jax.lax.pad(x, jax.numpy.zeros((), x.dtype), [(0, 0, 0), (*rows, 0), (*columns, 0), (0, 0, 0)])


def _overlapped(jax: Any, first: Array, second: Array, axis: int) -> Array:
    """The sum of two arrays, the second moved on by one along an axis."""
    none = (0, 0)
    if axis == 1:
        return _framed(jax, first, (0, 1), none) + _framed(jax, second, (1, 0), none)
    return _framed(jax, first, none, (0, 1)) + _framed(jax, second, none, (1, 0))


def _joined(jax: Any, cells: Sequence[Array]) -> Array:
    """The four cells (n, down, across, c) of 2x2 blocks side by side: (n, 2 * down, 2 * across, c)."""
    n, down, across, c = cells[0].shape
    a, b, c_, d = fence(jax, *cells)
    blocks = jax.numpy.stack([jax.numpy.stack([a, b], 3), jax.numpy.stack([c_, d], 3)], 2)
    return blocks.reshape(n, 2 * down, 2 * across, c)
