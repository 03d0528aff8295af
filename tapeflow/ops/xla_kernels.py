"""What kernels for XLA share: fences, sums along columns, and windows that slide over NHWC images.

`jax` is the module, here and in all files of XLA kernels; arrays are its tracers. The formulations are those that the
compiler for CPUs makes the fastest code of, in operations that every XLA device has.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..engines import host
from .image_windows import Pair, Windows

Array = Any


def fence(jax: Any, *arrays: Array) -> Any:
    """The array, or the arrays, computed once: XLA's fusion on CPUs otherwise computes them again for each use.

    A loop that never runs, which the compiler cannot know, since how often is made of an element of the first. It takes
    a tenth of a second to compile, so it is for what is computed many times over.
    """
    if 0 not in (x.size for x in arrays):
        arrays = jax.lax.platform_dependent(*arrays, cpu=lambda *xs: _looped(jax, xs), default=lambda *xs: xs)
    return arrays if len(arrays) > 1 else arrays[0]


def _looped(jax: Any, arrays: tuple[Array, ...]) -> tuple[Array, ...]:
    x = arrays[0]
    first = jax.lax.slice(x, (0,) * x.ndim, (1,) * x.ndim).reshape(())
    bit = (first > 0).astype("int32")
    never = bit * (bit - 1)

    def body(state: Any) -> Any:
        return state[0] + 1, *(x * x.dtype.type(3) for x in state[1:])

    return tuple(jax.lax.while_loop(lambda state: state[0] < never, body, (jax.numpy.int32(0), *arrays))[1:])


def column_sums(jax: Any, x: Array) -> Array:
    """The sum over all axes but the last, of floats; 16-bit ones are summed in float32.

    As a product with ones, which is several times faster than a reduction, and computes a fused `x` just once.
    """
    wide = x.astype(host.wide(x.dtype)).reshape(math.prod(x.shape[:-1]), x.shape[-1])
    ones = jax.numpy.ones((1, wide.shape[0]), wide.dtype)
    return jax.numpy.matmul(ones, wide, precision="highest")[0].astype(x.dtype)


# ---------------------------------------------------------------- windows


def padded(jax: Any, windows: Windows, x: Array, fill: Any = 0, spacing: Pair = (1, 1)) -> Array:
    """`x` with its padding filled in, which may be negative; its cells come to lie `spacing` apart."""
    if windows.padding == ((0, 0), (0, 0)) and spacing == (1, 1):
        return x
    rows, columns = ((*edge, step - 1) for edge, step in zip(windows.padding, spacing, strict=True))
    edges = ((0, 0, 0), rows, columns, (0, 0, 0))
    return jax.lax.pad(x, jax.numpy.asarray(fill, x.dtype), edges)


def spread(jax: Any, windows: Windows, parts: Iterable[Array], height: int, width: int) -> Array:
    """The adjoint of `Windows.taps`: images (n, height, width, c), to whose cells the parts (n, down, across, c) of the
    windows' cells, in row-major order, are added."""
    total: Any = 0
    for k, part in enumerate(parts):
        edges = _edges(windows, divmod(k, windows.size[1]), part.shape, (height, width))
        total += jax.lax.pad(part, jax.numpy.zeros((), part.dtype), edges)
    return total


def _edges(windows: Windows, cell: Pair, part: tuple[int, ...], size: Pair) -> list[tuple[int, int, int]]:
    """How far from the edges and apart one cell of all windows lies on the images; negative where some lie outside."""
    edges = [(0, 0, 0)]
    for i in range(2):
        low = cell[i] * windows.dilations[i] - windows.padding[i][0]
        step = windows.strides[i]
        edges.append((low, size[i] - low - (part[i + 1] - 1) * step - 1, step - 1))
    return [*edges, (0, 0, 0)]
