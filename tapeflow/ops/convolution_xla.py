"""Convolutions of NHWC images on XLA. Arguments are those of `convolution_kernels`, after the module `jax`.

float16 and bfloat16 are computed in float32, as there.
"""

from __future__ import annotations

from typing import Any

from ..engines import host
from .image_windows import Padding, Pair, Windows
from .xla_kernels import column_sums, fence, padded

Array = Any

_ORDER = ("NHWC", "HWIO", "NHWC")
_FEW = 32  # cells of a filter up to which they are written out one by one


def _wide(x: Array) -> Array:
    return x.astype(host.wide(x.dtype))


def conv2d(jax: Any, x: Array, w: Array, strides: Pair, padding: Padding, dilations: Pair) -> Array:
    """Cross-correlation of images (n, h, w, c) with filters (kh, kw, c / groups, o): (n, down, across, o)."""
    kh, kw, c, o = w.shape
    windows = Windows((kh, kw), strides, padding, dilations)
    if x.shape[3] == c == 1 and is_few(windows):
        return fence(jax, depthwise_conv2d(jax, x, w, strides, padding, dilations))
    shape = (x.shape[0], *windows.fit(*x.shape[1:3]), o)
    if 0 in (*shape, *x.shape, *w.shape):
        return jax.numpy.zeros(shape, x.dtype)
    return _convolve(jax, _wide(x), _wide(w), windows).astype(x.dtype)


def _convolve(jax: Any, x: Array, w: Array, windows: Windows, spacing: Pair = (1, 1)) -> Array:
    """The convolution itself; the images' cells may be `spacing` apart, with zeros in between."""
    if x.dtype == "float64" and x.shape[3] == w.shape[2]:
        return _product(jax, padded(jax, windows, x, 0, spacing), w, windows)
    return jax.lax.conv_general_dilated(
        x, w, windows.strides, windows.padding, lhs_dilation=spacing, rhs_dilation=windows.dilations,
        dimension_numbers=_ORDER, feature_group_count=x.shape[3] // w.shape[2],
    )  # fmt: skip


def _product(jax: Any, x: Array, w: Array, windows: Windows) -> Array:
    """Unfolded windows times filters. XLA's convolutions of float64 on CPUs take ten times as long."""
    spaced = windows._replace(padding=((0, 0), (0, 0)))
    cells = jax.numpy.concatenate(list(spaced.taps(x, spaced.fit(*x.shape[1:3]))), -1)
    return jax.numpy.matmul(cells, w.reshape(-1, w.shape[3]))


def conv2d_input_gradient(
    jax: Any, x_shape: tuple[int, ...], w: Array, dy: Array, strides: Pair, padding: Padding, dilations: Pair
) -> Array:
    """The gradient of `conv2d` for images of shape `x_shape`: a convolution with the filters turned around."""
    if 0 in (*x_shape, *w.shape, *dy.shape):
        return jax.numpy.zeros(x_shape, dy.dtype)
    kh, kw, c, o = w.shape
    groups = x_shape[3] // c
    turned = jax.numpy.flip(w, (0, 1)).reshape(kh, kw, c, groups, o // groups)
    turned = turned.transpose(0, 1, 4, 3, 2).reshape(kh, kw, o // groups, c * groups)
    windows = Windows((kh, kw), strides, padding, dilations)
    reverse = Windows((kh, kw), (1, 1), margins(windows, x_shape, dy.shape), dilations)
    return _convolve(jax, _wide(dy), _wide(turned), reverse, strides).astype(dy.dtype)


def margins(windows: Windows, x_shape: tuple[int, ...], dy_shape: tuple[int, ...]) -> Padding:
    """The padding with which the turned filters, slid over the result's gradient, meet each image cell."""
    found = []
    for i in range(2):
        reach = (windows.size[i] - 1) * windows.dilations[i]
        before = reach - windows.padding[i][0]
        found.append((before, x_shape[i + 1] - 1 - (dy_shape[i + 1] - 1) * windows.strides[i] - before + reach))
    return found[0], found[1]


def conv2d_filter_gradient(
    jax: Any, x: Array, w_shape: tuple[int, ...], dy: Array, strides: Pair, padding: Padding, dilations: Pair
) -> Array:
    """The gradient of `conv2d` for filters of shape `w_shape`."""
    if 0 in (*x.shape, *w_shape, *dy.shape):
        return jax.numpy.zeros(w_shape, dy.dtype)
    windows = Windows((w_shape[0], w_shape[1]), strides, padding, dilations)
    wide, g = _wide(x), _wide(dy)
    if x.shape[3] == w_shape[2] == 1 and is_few(windows):
        cells = unfolded(jax, wide, windows, (dy.shape[1], dy.shape[2]))
        contracted = (((0,), (0,)), ((), ()))
        dw = jax.lax.dot_general(cells, g.reshape(-1, g.shape[3]), contracted)
        return dw.reshape(w_shape).astype(dy.dtype)
    like = jax.ShapeDtypeStruct(tuple(w_shape), wide.dtype)
    (dw,) = jax.linear_transpose(lambda w: _convolve(jax, wide, w, windows), like)(g)
    return dw.astype(dy.dtype)


def is_few(windows: Windows) -> bool:
    """Whether the cells of images with one channel are written out one by one."""
    return windows.size[0] * windows.size[1] <= _FEW


def unfolded(jax: Any, x: Array, windows: Windows, count: Pair) -> Array:
    """The cells (n * down * across, kh * kw) of all windows on images of one channel.

    They are written as a sum, each cell padded to its place, which XLA makes one loop of.
    """
    kh, kw = windows.size
    zero = jax.numpy.zeros((), x.dtype)
    cells: Any = 0
    for k, view in enumerate(windows.taps(padded(jax, windows, x), count)):
        cells += jax.lax.pad(view, zero, ((0, 0, 0),) * 3 + ((k, kh * kw - 1 - k, 0),))
    return cells.reshape(-1, kh * kw)


# ---------------------------------------------------------------- depthwise


def depthwise_conv2d(jax: Any, x: Array, w: Array, strides: Pair, padding: Padding, dilations: Pair) -> Array:
    """Each channel with its own filters (kh, kw, c, m): result channel `i * m + j` is channel i with filter j."""
    kh, kw, c, m = w.shape
    windows = Windows((kh, kw), strides, padding, dilations)
    shape = (x.shape[0], *windows.fit(*x.shape[1:3]), c * m)
    if 0 in (*shape, kh, kw):
        return jax.numpy.zeros(shape, x.dtype)
    total: Any = 0
    filters = _wide(w).reshape(kh * kw, c, m)
    for k, view in enumerate(windows.taps(padded(jax, windows, _wide(x)), (shape[1], shape[2]))):
        total += view[..., None] * filters[k]
    return total.reshape(shape).astype(x.dtype)


def depthwise_conv2d_input_gradient(
    jax: Any, x_shape: tuple[int, ...], w: Array, dy: Array, strides: Pair, padding: Padding, dilations: Pair
) -> Array:
    """The gradient of `depthwise_conv2d` for images of shape `x_shape`."""
    kh, kw, c, m = w.shape
    if 0 in (*x_shape, *w.shape, *dy.shape):
        return jax.numpy.zeros(x_shape, dy.dtype)
    windows = Windows((kh, kw), strides, padding, dilations)
    reverse = Windows((kh, kw), (1, 1), margins(windows, x_shape, dy.shape), dilations)
    filters = jax.numpy.flip(_wide(w), (0, 1)).reshape(kh * kw, c, m)
    total: Any = 0
    for k, view in enumerate(reverse.taps(padded(jax, reverse, _wide(dy), 0, strides), (x_shape[1], x_shape[2]))):
        total += (view.reshape(*x_shape, m) * filters[k]).sum(-1)
    return total.astype(dy.dtype)


def depthwise_conv2d_filter_gradient(
    jax: Any, x: Array, w_shape: tuple[int, ...], dy: Array, strides: Pair, padding: Padding, dilations: Pair
) -> Array:
    """The gradient of `depthwise_conv2d` for filters of shape `w_shape`."""
    kh, kw, c, m = w_shape
    if 0 in (*x.shape, *w_shape, *dy.shape):
        return jax.numpy.zeros(w_shape, dy.dtype)
    windows = Windows((kh, kw), strides, padding, dilations)
    g = _wide(dy).reshape(*dy.shape[:3], c, m)
    views = windows.taps(padded(jax, windows, _wide(x)), (dy.shape[1], dy.shape[2]))
    sums = [column_sums(jax, (view[..., None] * g).sum(0).reshape(*dy.shape[1:])) for view in views]
    return jax.numpy.stack(sums).reshape(w_shape).astype(dy.dtype)
