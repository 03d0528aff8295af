"""Geometry of windows that slide over NHWC images, and the NumPy views that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..engines import host

Array = Any
Pair = tuple[int, int]
Padding = tuple[Pair, Pair]


class Windows(NamedTuple):
    """Windows of `size` (height, width), `strides` apart, their cells `dilations` apart, on a padded image."""

    size: Pair
    strides: Pair = (1, 1)
    padding: Padding = ((0, 0), (0, 0))
    dilations: Pair = (1, 1)

    def fit(self, height: int, width: int) -> Pair:
        """How many windows fit in an unpadded image of `height` by `width`, down and across."""
        (top, bottom), (left, right) = self.padding
        down = height + top + bottom - (self.size[0] - 1) * self.dilations[0] - 1
        across = width + left + right - (self.size[1] - 1) * self.dilations[1] - 1
        return max(0, down // self.strides[0] + 1), max(0, across // self.strides[1] + 1)

    def padded_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        n, h, w, c = shape
        (top, bottom), (left, right) = self.padding
        return n, h + top + bottom, w + left + right, c

    def pad(self, x: Array, fill: Any = 0, out: Array = None) -> Array:
        """`x` with its padding filled in; `x` itself if there is none."""
        if self.padding == ((0, 0), (0, 0)):
            return x
        padded = np.empty(self.padded_shape(x.shape), x.dtype) if out is None else out
        padded.fill(fill)
        self.crop(padded, *x.shape[1:3])[...] = x
        return padded

    def crop(self, padded: Array, height: int, width: int) -> Array:
        """The view of a padded image that lies on the real one."""
        (top, _), (left, _) = self.padding
        return padded[:, top : top + height, left : left + width]

    def tap(self, padded: Array, count: Pair, i: int, j: int) -> Array:
        """The view (n, down, across, c) of cell (i, j) of every window."""
        (sh, sw), (dh, dw) = self.strides, self.dilations
        down, across = count
        if down == 0 or across == 0:
            return padded[:, :0, :0].reshape(padded.shape[0], down, across, padded.shape[3])
        i, j = i * dh, j * dw
        return padded[:, i : i + (down - 1) * sh + 1 : sh, j : j + (across - 1) * sw + 1 : sw]

    def taps(self, padded: Array, count: Pair) -> Iterator[Array]:
        """All `tap` views in row-major order."""
        for i in range(self.size[0]):
            for j in range(self.size[1]):
                yield self.tap(padded, count, i, j)

    def unfold(self, padded: Array, count: Pair) -> Array:
        """The read-only view (n, down, across, kh, kw, c) of all windows with their cells."""
        n, _, _, c = padded.shape
        s = padded.strides
        (sh, sw), (dh, dw) = self.strides, self.dilations
        strides = (s[0], s[1] * sh, s[2] * sw, s[1] * dh, s[2] * dw, s[3])
        return as_strided(padded, (n, *count, *self.size, c), strides, writeable=False)


class Piece(NamedTuple):
    """A part of a batch that one core works on: some images, or a band of one image."""

    number: int
    images: slice
    rows: slice  # rows of windows
    source: slice  # the image rows that these windows see
    windows: Windows  # with the padding that is left for those rows

    def of(self, x: Array) -> Array:
        """The part of the images."""
        return x[self.images, self.source]

    def to(self, y: Array) -> Array:
        """The part of the results."""
        return y[self.images, self.rows]


def pieces(windows: Windows, shape: tuple[int, ...], down: int, size: int, block: int, step: int = 1) -> list[Piece]:
    """Cuts images into pieces of about `block` elements, as many for each core.

    Args:
      windows: the windows on the images.
      shape: the images' shape (n, h, w, c).
      down: the number of rows of windows.
      size: the elements that one image stands for.
      block: the elements wanted in a piece.
      step: a band starts at a multiple of so many rows of windows.
    """
    n, height = shape[:2]
    grain = host.grain(n, size, block)
    bands = 1
    if grain == 1:
        wanted = host.blocks(n * size, block)
        bands = min(-(-wanted // max(1, n)), -(-down // step))
    edges = [min(down, step * (-(-down // step) * i // bands)) for i in range(bands)] + [down]
    cut: list[Piece] = []
    for first in range(0, n, grain):
        for a, b in pairwise(edges):
            source, own = _band(windows, height, a, b)
            cut.append(Piece(len(cut), slice(first, first + grain), slice(a, b), source, own))
    return cut


def _band(windows: Windows, height: int, a: int, b: int) -> tuple[slice, Windows]:
    """The image rows that the windows of rows a to b see, and the windows with the padding that these rows need."""
    (kh, _), (sh, _), ((top, _), sides), (dh, _) = windows
    low = a * sh - top
    high = (b - 1) * sh + (kh - 1) * dh + 1 - top
    start, stop = min(max(low, 0), height), min(max(high, 0), height)
    above = min(max(-low, 0), high - low)
    below = high - low - above - (stop - start)
    return slice(start, stop), windows._replace(padding=((above, below), sides))
