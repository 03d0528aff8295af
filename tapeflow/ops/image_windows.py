"""Geometry of windows that slide over NHWC images, and the NumPy views that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

Array = Any
Pair = tuple[int, int]
Padding = tuple[Pair, Pair]


class Windows(NamedTuple):
    """Windows of `size` (height, width), `strides` apart, their cells `dilations` apart, on an image padded by `padding`."""

    size: Pair
    strides: Pair = (1, 1)
    padding: Padding = ((0, 0), (0, 0))
    dilations: Pair = (1, 1)

    def count(self, height: int, width: int) -> Pair:
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
        (top, _), (left, _) = self.padding
        h, w = x.shape[1:3]
        padded[:, :top] = fill
        padded[:, top + h :] = fill
        padded[:, top : top + h, :left] = fill
        padded[:, top : top + h, left + w :] = fill
        padded[:, top : top + h, left : left + w] = x
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
