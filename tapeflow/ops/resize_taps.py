"""How images are resized along an axis: which inputs each output is made of, its *taps*, and how much of each."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..core.tensor import Array


class Block(NamedTuple):
    """Some outputs next to each other, what inputs they are made of, and the matrix that makes them."""

    outputs: slice
    inputs: slice
    matrix: Array


class Taps:
    """Which inputs each output is made of, and how much of each; both `[outputs, taps]`."""

    def __init__(self, indices: Array, weights: Array) -> None:
        self.indices, self.weights = indices, weights
        self._blocks: dict[tuple[int, int], list[Block]] = {}

    def blocks(self, step: int, channels: int = 0) -> list[Block]:
        """The outputs, `step` at a time. With `channels`, from the right of the inputs."""
        known = self._blocks.get((step, channels))
        if known is None:
            made = [self._block(start, step, channels) for start in range(0, len(self.indices), step)]
            known = self._blocks[step, channels] = made
        return known

    def _block(self, start: int, step: int, channels: int) -> Block:
        indices, weights = self.indices[start : start + step], self.weights[start : start + step]
        count, first, last = len(indices), int(indices.min()), int(indices.max()) + 1
        matrix = np.zeros((count, last - first), np.float32)
        np.add.at(matrix, (np.arange(count)[:, None], indices - first), weights)
        if not channels:
            return Block(slice(start, start + count), slice(first, last), matrix)
        outputs = slice(start * channels, (start + count) * channels)
        inputs = slice(first * channels, last * channels)
        return Block(outputs, inputs, np.kron(matrix.T, np.eye(channels, dtype=np.float32)))


# ---------------------------------------------------------------- taps of the methods


def _scale(size: int, out: int, align_corners: bool) -> np.float32:
    return np.float32((size - 1) / (out - 1)) if align_corners and out > 1 else np.float32(size) / np.float32(out)


def _places(size: int, out: int, align_corners: bool, half_pixel_centers: bool) -> Array:
    """Where, in the input, the centers of the outputs are."""
    half = np.float32(0.5 if half_pixel_centers else 0)
    return (np.arange(out, dtype=np.float32) + half) * _scale(size, out, align_corners) - half


@functools.lru_cache(maxsize=64)
def linear_taps(size: int, out: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    places = _places(size, out, align_corners, half_pixel_centers)
    low = np.floor(places)
    upper = (places - low).astype(np.float32)
    indices = np.stack([np.maximum(low, 0), np.minimum(np.ceil(places), size - 1)], -1)
    return Taps(indices.astype(np.int64), np.stack([1 - upper, upper], -1))


@functools.lru_cache(maxsize=64)
def nearest_taps(size: int, out: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    half = np.float32(0.5 if half_pixel_centers else 0)
    places = (np.arange(out, dtype=np.float32) + half) * _scale(size, out, align_corners)
    found = np.floor(places + np.float32(0.5)) if align_corners else np.floor(places)
    return Taps(np.clip(found, 0, size - 1).astype(np.int64)[:, None], np.ones((out, 1), np.float32))


@functools.lru_cache(maxsize=64)
def cubic_taps(size: int, out: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    """Keys' cubic, its distances rounded to 1/1024; taps outside count only without `half_pixel_centers`."""
    a = -0.5 if half_pixel_centers else -0.75
    places = _places(size, out, align_corners, half_pixel_centers)
    low = np.floor(places)
    steps = np.rint((places - low) * 1024).astype(int)
    x = np.arange(1025) / 1024
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    weights = np.stack([far[steps], near[steps], near[1024 - steps], far[1024 - steps]], -1).astype(np.float32)
    wanted = low.astype(np.int64)[:, None] + np.arange(-1, 3)
    indices = np.clip(wanted, 0, size - 1)
    if half_pixel_centers:
        weights *= wanted == indices
        weights /= weights.sum(-1, keepdims=True)
    return Taps(indices, weights)


@functools.lru_cache(maxsize=64)
def area_taps(size: int, out: int, align_corners: bool) -> Taps:
    """The part of each input that an output covers."""
    scale = _scale(size, out, align_corners)
    start = np.arange(out, dtype=np.float32) * scale
    end = np.arange(1, out + 1, dtype=np.float32) * scale
    first = np.floor(start).astype(np.int64)
    wanted = first[:, None] + np.arange(int((np.ceil(end) - first).max()))
    covered = np.minimum(wanted + 1, end[:, None]) - np.maximum(wanted, start[:, None])
    return Taps(np.clip(wanted, 0, size - 1), (np.maximum(covered, 0) / scale).astype(np.float32))


def _lanczos(radius: float) -> Callable[[Array], Array]:
    return lambda x: np.where(x <= radius, np.sinc(x) * np.sinc(x / radius), 0)


def _cubic(x: Array, near: tuple[float, ...], far: tuple[float, ...]) -> Array:
    return np.where(x >= 2, 0, np.where(x < 1, np.polyval(near, x), np.polyval(far, x)))


# Each with its radius; a function of the distance.
KERNELS: dict[str, tuple[float, Callable[[Array], Array]]] = {
    "lanczos1": (1, _lanczos(1)),
    "lanczos3": (3, _lanczos(3)),
    "lanczos5": (5, _lanczos(5)),
    "gaussian": (1.5, lambda x: np.where(x < 1.5, np.exp(-2 * x * x), 0)),
    "box": (1, lambda x: np.where(x < 0.5, 1, np.where(x == 0.5, 0.5, 0))),
    "triangle": (1, lambda x: np.maximum(1 - x, 0)),
    "keyscubic": (2, lambda x: _cubic(x, (1.5, -2.5, 0, 1), (-0.5, 2.5, -4, 2))),
    "mitchellcubic": (2, lambda x: _cubic(x, (7 / 6, -2, 0, 8 / 9), (-7 / 18, 2, -10 / 3, 16 / 9))),
}


@functools.lru_cache(maxsize=64)
def kernel_taps(size: int, out: int, scale: float, translation: float, kernel_type: str, antialias: bool) -> Taps:
    radius, kernel = KERNELS[kernel_type]
    inverse = np.float32(1) / np.float32(scale)
    stretch = max(inverse, np.float32(1)) if antialias else np.float32(1)
    places = (np.arange(out, dtype=np.float32) + np.float32(0.5)) * inverse - inverse * np.float32(translation)
    first = np.ceil(places - radius * stretch - np.float32(0.5)).astype(np.int64)
    wanted = first[:, None] + np.arange(2 * math.ceil(radius * stretch) + 1)
    indices = np.clip(wanted, 0, size - 1)
    weights = kernel(np.abs((wanted + np.float32(0.5) - places[:, None]) / stretch)).astype(np.float32) * (
        wanted == indices
    )
    total = weights.sum(-1, keepdims=True)
    inside = (np.abs(total) >= 1000 * np.finfo(np.float32).tiny) & ((places >= 0) & (places <= size))[:, None]
    return Taps(indices, np.where(inside, weights / np.where(inside, total, 1), 0).astype(np.float32))
