"""Convolutions of volumes: each is a sum of convolutions of images, one for each depth of the filters."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.dtypes import bfloat16, float16, float32, float64
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host
from . import convolution_kernels as images
from . import volumes, window_gradients, windows
from .volumes import Volumes

_FLOATS = (float16, bfloat16, float32, float64)
_ONES = (1, 1, 1, 1, 1)
_ORDER = ("NDHWC", "DHWIO", "NDHWC")


@functools.lru_cache(maxsize=1024)
def _plan(
    x: Shape, w: Shape, strides: tuple[int, ...], padding: str, data_format: str, dilations: tuple[int, ...]
) -> tuple[tuple[int | None, ...], Volumes]:
    """Checks shapes and attributes: the result's shape, and how windows lie."""
    windows.one_of("padding", padding, ("SAME", "VALID"))
    windows.one_of("data_format", data_format, volumes.FORMATS)
    if len(strides) != 5:
        raise errors.invalid("Sliding window strides field must specify 5 dimensions")
    if len(dilations) != 5:
        raise errors.invalid("Dilation rates field must specify 5 dimensions")
    c = volumes.axes(data_format)[3]
    if strides[0] != 1 or strides[c] != 1:
        raise errors.invalid("Current implementation does not yet support strides in the batch and depth dimensions.")
    if dilations[0] != 1 or dilations[c] != 1:
        raise errors.invalid(
            "Current implementation does not yet support dilation rates in the batch and depth dimensions."
        )
    if min(strides) <= 0:
        raise errors.invalid("Spatial strides should be larger than 0.")
    if min(dilations) <= 0:
        raise errors.invalid("Dilated rates should be larger than 0.")
    w, x = volumes.five("filter", w), volumes.five("input", x)
    if 0 in w:
        raise errors.invalid("filter must not have zero elements (i.e. all dimensions must be non-zero)")
    if x[c] == 0:
        raise errors.invalid(f"input and filter must have the same depth: 0 vs {w[3]}")
    if None not in (x[c], w[3]) and x[c] % w[3]:  # type: ignore[operator]
        raise errors.invalid(f"Input depth must be evenly divisible by filter depth: {x[c]} vs {w[3]}")
    count, placed = volumes.placed(x, w[:3], strides, padding, data_format, dilations)
    return volumes.ordered((x[0], *count, w[4]), data_format), placed


def _geometry(x: Shape, w: Shape, attrs: dict[str, Any]) -> tuple[tuple[int | None, ...], Volumes]:
    return _plan(
        x, w, tuple(attrs["strides"]), attrs["padding"], attrs.get("data_format", "NDHWC"),
        tuple(attrs.get("dilations", _ONES)),
    )  # fmt: skip


def _check_output(x: Any, w: Any, dy: Any, attrs: dict[str, Any]) -> Volumes:
    if len(x) != 5 or len(w) != 5:
        raise errors.invalid("input and filter must be 5-dimensional")
    wanted, placed = _geometry(x, w, attrs)
    if dy != wanted:
        raise errors.invalid(
            f"Dimensions of out_backprop do not match: actual {shapes.show(dy)}, computed {shapes.show(wanted)}"
        )
    return placed


# ---------------------------------------------------------------- kernels


def _frames(placed: Volumes, x: Array, count: int) -> Iterator[tuple[slice, slice]]:
    """For each depth of the filters: which results see a frame through it, and which frames these are."""
    depth, step, rate, low = x[1], placed.strides[0], placed.dilations[0], placed.padding[0][0]
    for i in range(placed.size[0]):
        at = i * rate - low
        first = max(0, -(at // step)) if at < 0 else 0
        last = min(count, (depth - 1 - at) // step + 1) if depth > at else first
        last = max(first, last)
        start = first * step + at
        yield slice(first, last), slice(start, start + max(0, (last - first - 1) * step + 1), step)


def _flat(x: Array) -> Array:
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])


def _forward(x: Array, w: Array, output: tuple[int, ...], placed: Volumes) -> Array:
    y = np.zeros(output, x.dtype)
    _, strides, padding, rates = placed.frames()
    for i, (to, source) in enumerate(_frames(placed, x.shape, output[1])):
        part = x[:, source]
        if part.size and y.size:
            y[:, to] += images.conv2d(_flat(part), w[i], strides, padding, rates).reshape(*part.shape[:2], *output[2:])
    return y


def _input_gradient(x_shape: tuple[int, ...], w: Array, dy: Array, placed: Volumes) -> Array:
    dx = np.zeros(x_shape, dy.dtype)
    _, strides, padding, rates = placed.frames()
    for i, (to, source) in enumerate(_frames(placed, x_shape, dy.shape[1])):
        part = dy[:, to]
        if part.size and dx.size:
            flat = (part.shape[0] * part.shape[1], *x_shape[2:])
            g = images.conv2d_input_gradient(flat, w[i], _flat(part), strides, padding, rates)
            dx[:, source] += g.reshape(*part.shape[:2], *x_shape[2:])
    return dx


def _filter_gradient(x: Array, w_shape: tuple[int, ...], dy: Array, placed: Volumes) -> Array:
    dw = np.zeros(w_shape, dy.dtype)
    _, strides, padding, rates = placed.frames()
    for i, (to, source) in enumerate(_frames(placed, x.shape, dy.shape[1])):
        part = x[:, source]
        if part.size and dw.size:
            dw[i] = images.conv2d_filter_gradient(
                _flat(part), w_shape[1:], _flat(dy[:, to]), strides, padding, rates
            )
    return dw


def _wide(x: Array) -> Array:
    return np.ascontiguousarray(x.astype(host.wide(x.dtype), copy=False))


def _convolve(jax: Any, x: Array, w: Array, placed: Volumes) -> Array:
    return jax.lax.conv_general_dilated(
        x, w, placed.strides, placed.padding, rhs_dilation=placed.dilations, dimension_numbers=_ORDER,
        feature_group_count=x.shape[4] // w.shape[3],
    )  # fmt: skip


# ---------------------------------------------------------------- ops


def _shape(x: Shape, w: Shape, **attrs: Any) -> Shape:
    return _geometry(x, w, attrs)[0]


def _input_shape(sizes: Any, _w: Shape, _dy: Shape, **_attrs: Any) -> Shape:
    return (None,) * 5 if sizes is None else tuple(sizes)


def _filter_shape(_x: Shape, sizes: Any, _dy: Shape, **_attrs: Any) -> Shape:
    return (None,) * 5 if sizes is None else tuple(sizes)


@op("Conv3D", "input:T, filter:T -> output:T", shape=_shape, T=_FLOATS)
def conv3d_op(
    xp: Any, x: Array, w: Array, *, strides: tuple[int, ...], padding: str, data_format: str = "NDHWC",
    dilations: tuple[int, ...] = _ONES,
) -> Array:  # fmt: skip
    attrs = {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations}
    output, placed = _geometry(x.shape, w.shape, attrs)
    full: Any = volumes.last(output, data_format)  # type: ignore[arg-type]
    y = _forward(_wide(volumes.to_last(x, data_format)), _wide(w), full, placed)
    return volumes.from_last(y.astype(x.dtype, copy=False), data_format)


@conv3d_op.on("xla")
def _(jax: Any, x: Array, w: Array, **attrs: Any) -> Array:
    output, placed = _geometry(x.shape, w.shape, attrs)
    if volumes.is_empty(x.shape, w.shape, output):  # type: ignore[arg-type]
        return jax.numpy.zeros(output, x.dtype)
    wide = host.wide(x.dtype)
    y = _convolve(jax, volumes.to_last(x, attrs["data_format"]).astype(wide), w.astype(wide), placed)
    return volumes.from_last(y.astype(x.dtype), attrs["data_format"])


@op(
    "Conv3DBackpropInputV2", "input_sizes:Tshape, filter:T, out_backprop:T -> output:T", static=("input_sizes",),
    shape=_input_shape, T=_FLOATS, Tshape=types.INDICES,
)  # fmt: skip
def conv3d_input_op(
    xp: Any, sizes: Any, w: Array, dy: Array, *, strides: tuple[int, ...], padding: str, data_format: str = "NDHWC",
    dilations: tuple[int, ...] = _ONES,
) -> Array:  # fmt: skip
    attrs = {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations}
    placed = _check_output(sizes, w.shape, dy.shape, attrs)
    dx = _input_gradient(volumes.last(sizes, data_format), _wide(w), _wide(volumes.to_last(dy, data_format)), placed)
    return volumes.from_last(dx.astype(dy.dtype, copy=False), data_format)


@conv3d_input_op.on("xla")
def _(jax: Any, sizes: Any, w: Array, dy: Array, **attrs: Any) -> Array:
    placed = _check_output(sizes, w.shape, dy.shape, attrs)
    if volumes.is_empty(sizes, w.shape, dy.shape):
        return jax.numpy.zeros(sizes, dy.dtype)
    data_format, wide = attrs["data_format"], host.wide(dy.dtype)
    like = jax.ShapeDtypeStruct(volumes.last(sizes, data_format), wide)
    filters, g = w.astype(wide), volumes.to_last(dy, data_format).astype(wide)
    (dx,) = jax.linear_transpose(lambda x: _convolve(jax, x, filters, placed), like)(g)
    return volumes.from_last(dx.astype(dy.dtype), data_format)


@op(
    "Conv3DBackpropFilterV2", "input:T, filter_sizes:int32, out_backprop:T -> output:T", static=("filter_sizes",),
    shape=_filter_shape, T=_FLOATS,
)  # fmt: skip
def conv3d_filter_op(
    xp: Any, x: Array, sizes: Any, dy: Array, *, strides: tuple[int, ...], padding: str, data_format: str = "NDHWC",
    dilations: tuple[int, ...] = _ONES,
) -> Array:  # fmt: skip
    attrs = {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations}
    placed = _check_output(x.shape, sizes, dy.shape, attrs)
    wide, g = _wide(volumes.to_last(x, data_format)), _wide(volumes.to_last(dy, data_format))
    return _filter_gradient(wide, tuple(sizes), g, placed).astype(dy.dtype, copy=False)


@conv3d_filter_op.on("xla")
def _(jax: Any, x: Array, sizes: Any, dy: Array, **attrs: Any) -> Array:
    placed = _check_output(x.shape, sizes, dy.shape, attrs)
    if volumes.is_empty(x.shape, sizes, dy.shape):
        return jax.numpy.zeros(sizes, dy.dtype)
    data_format, wide = attrs["data_format"], host.wide(dy.dtype)
    source, g = (volumes.to_last(each, data_format).astype(wide) for each in (x, dy))
    like = jax.ShapeDtypeStruct(tuple(sizes), wide)
    (dw,) = jax.linear_transpose(lambda w: _convolve(jax, source, w, placed), like)(g)
    return dw.astype(dy.dtype)


window_gradients.define_for_convolution(conv3d_op, conv3d_input_op, conv3d_filter_op)


# ---------------------------------------------------------------- functions


def conv3d(
    input: TensorLike,
    filters: TensorLike,
    strides: Any,
    padding: str,
    data_format: str = "NDHWC",
    dilations: Any = (1, 1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """Slides filters over volumes, such as films (cross-correlation).

    Args:
      input: volumes, (..., depth, height, width, channels), or (..., channels, depth, height, width) for "NCDHW".
      filters: (depth, height, width, channels, filters).
      strides: five steps between two places, those of the batch and of channels 1.
      padding: "SAME" or "VALID".
      data_format: "NDHWC" or "NCDHW".
      dilations: five steps between two cells of a filter.

    Returns:
      Volumes with a channel for each filter.

    Raises:
      InvalidArgumentError: if the shapes or attributes do not fit.

    >>> tf.nn.conv3d(tf.ones([1, 3, 4, 5, 2]), tf.ones([2, 2, 2, 2, 6]), [1, 1, 1, 1, 1], "VALID").shape
    TensorShape([1, 2, 3, 4, 6])
    """
    attrs = {
        "strides": windows.numbers(strides, "strides", "conv3d"), "padding": padding,
        "data_format": data_format or "NDHWC",
        "dilations": _ONES if dilations is None else windows.numbers(dilations, "dilations", "conv3d"),
    }  # fmt: skip
    return windows.over_batches(convert(input), 5, lambda x: conv3d_op(x, filters, name=name, **attrs))


def conv3d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: TensorLike,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv3d` for its volumes, as a function of its own ("deconvolution").

    Args:
      input: volumes as `conv3d` would return.
      filters: (depth, height, width, channels of the result, channels of the input).
      output_shape: the shape of the result.
      strides: one, three or five numbers; so many times the result is larger.
      padding: "SAME" or "VALID".
      data_format: "NDHWC" or "NCDHW".
      dilations: as `strides`, steps between two cells of a filter.

    >>> x, w = tf.ones([1, 2, 2, 2, 1]), tf.ones([2, 2, 2, 3, 1])
    >>> tf.nn.conv3d_transpose(x, w, [1, 4, 4, 4, 3], strides=2).shape
    TensorShape([1, 4, 4, 4, 3])
    """
    data_format = data_format or "NDHWC"
    y: Tensor = conv3d_input_op(
        output_shape, filters, input, name=name, padding=padding, data_format=data_format,
        strides=volumes.sequence(strides, data_format, "strides"),
        dilations=volumes.sequence(dilations, data_format, "dilations"),
    )  # fmt: skip
    return y
