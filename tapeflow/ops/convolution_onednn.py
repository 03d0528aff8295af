"""Convolutions of NHWC images by oneDNN, in a program for XLA on CPUs; what oneDNN does not take, or not as fast, is
XLA's. Arguments are those of `convolution_xla`, and `shared`: whether the other gradient, or the convolution itself,
of the same arrays is in the program too.
"""

from __future__ import annotations

from typing import Any

from ..engines import onednn
from . import convolution_xla as plain
from . import winograd_xla
from .image_windows import Padding, Pair, Windows

Array = Any

CHANNELS = 32  # from which on, before and after, Winograd's way pays


def conv2d(
    jax: Any, x: Array, w: Array, strides: Pair, padding: Padding, dilations: Pair, *, shared: bool = False
) -> Array:
    """Cross-correlation of images (n, h, w, c) with filters (kh, kw, c / groups, o): (n, down, across, o)."""
    windows = Windows((w.shape[0], w.shape[1]), strides, padding, dilations)
    y_shape = (x.shape[0], *windows.fit(*x.shape[1:3]), w.shape[3])
    if not _takes(x.shape, w.shape, y_shape, x, windows) or x.shape[3] == 1:
        return plain.conv2d(jax, x, w, strides, padding, dilations)
    if shared and _by_winograd(w.shape, windows):
        return winograd_xla.convolve(jax, x, w, windows)
    return onednn.convolve(jax, x, w, strides, padding, dilations)


def conv2d_input_gradient(
    jax: Any, x_shape: tuple[int, ...], w: Array, dy: Array, strides: Pair, padding: Padding, dilations: Pair,
    *, shared: bool = False,
) -> Array:  # fmt: skip
    """The gradient of `conv2d` for images of shape `x_shape`."""
    windows = Windows((w.shape[0], w.shape[1]), strides, padding, dilations)
    margins = plain.margins(windows, x_shape, dy.shape)
    reverse = windows._replace(padding=margins)
    if strides != (1, 1) or not _takes(x_shape, w.shape, dy.shape, dy, reverse):
        return plain.conv2d_input_gradient(jax, x_shape, w, dy, strides, padding, dilations)
    if shared and _by_winograd(w.shape, windows):
        return winograd_xla.input_gradient(jax, x_shape, w, dy, windows)
    return onednn.convolve(jax, dy, jax.numpy.flip(w, (0, 1)), (1, 1), margins, dilations, swapped=True)


def conv2d_filter_gradient(
    jax: Any, x: Array, w_shape: tuple[int, ...], dy: Array, strides: Pair, padding: Padding, dilations: Pair,
    *, shared: bool = False,
) -> Array:  # fmt: skip
    """The gradient of `conv2d` for filters of shape `w_shape`."""
    windows = Windows((w_shape[0], w_shape[1]), strides, padding, dilations)
    if _takes(x.shape, w_shape, dy.shape, x, windows):
        if _by_winograd(w_shape, windows):
            return winograd_xla.filter_gradient(jax, x, dy, windows)
        if x.shape[3] == 1 and plain.is_few(windows):
            cells = plain.unfolded(jax, x, windows, (dy.shape[1], dy.shape[2]))
            return onednn.matmul(jax, cells, dy.reshape(-1, dy.shape[3]), transpose_a=True).reshape(w_shape)
    return plain.conv2d_filter_gradient(jax, x, w_shape, dy, strides, padding, dilations)


def _takes(
    x_shape: tuple[int, ...], w_shape: tuple[int, ...], y_shape: tuple[int, ...], like: Array, windows: Windows
) -> bool:
    """Whether oneDNN's convolution can have these shapes."""
    some = 0 not in (*x_shape, *w_shape, *y_shape)
    return bool(some and like.dtype == "float32" and x_shape[3] == w_shape[2] and min(map(min, windows.padding)) >= 0)


def _by_winograd(w_shape: tuple[int, ...], windows: Windows) -> bool:
    return (
        windows.size == (3, 3) and windows.strides == windows.dilations == (1, 1) and min(w_shape[2:]) >= CHANNELS
    )
