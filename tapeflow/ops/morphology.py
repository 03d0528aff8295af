"""Dilation and erosion of images: the largest sum, the smallest difference, of a window's cells and a filter's."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np

from ..base import errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from . import windows
from .image_windows import Windows
from .rearranging import reverse
from .xla_kernels import padded as padded_on_xla
from .xla_kernels import spread


@functools.lru_cache(maxsize=256)
def _plan(
    x: Shape, w: Shape, strides: tuple[int, ...], rates: tuple[int, ...], padding: str
) -> tuple[tuple[int | None, ...], Windows]:
    """Checks shapes and attributes: the result's shape, and how windows lie."""
    windows.one_of("padding", padding, ("SAME", "VALID"))
    for name, sizes in (("strides", strides), ("rates", rates)):
        if len(sizes) < 4:
            raise errors.invalid(f"Length for attr '{name}' of {len(sizes)} must be at least minimum 4")
    for what, sizes in (("Stride", strides), ("Rate", rates)):
        if sizes[0] != 1 or sizes[3] != 1:
            raise errors.UnimplementedError(None, None, f"{what} is only supported across spatial dimensions.")
    if min(strides) < 1 or min(rates) < 1:
        raise errors.invalid("Strides and rates must be positive.")
    if x is not None and len(x) != 4:
        raise errors.invalid(f"input must be 4-dimensional{shapes.show(x)}")
    if w is not None and len(w) != 3:
        raise errors.invalid(f"filter must be 3-dimensional: {shapes.show(w)}")
    n, height, width, depth = x or (None,) * 4
    high, wide, deep = w or (None,) * 3
    if depth is not None and deep not in (None, depth):
        raise errors.invalid(f"input and filter must have the same depth: {depth} vs {deep}")
    steps, gaps = (strides[1], strides[2]), (rates[1], rates[2])
    count, pads = windows.placed((height, width), (high, wide), steps, padding, (), "NHWC", gaps)
    return (n, *count, deep if depth is None else depth), Windows((high, wide), steps, pads, gaps)  # type: ignore[arg-type]


def _geometry(x: Shape, w: Shape, attrs: dict[str, Any]) -> tuple[tuple[int | None, ...], Windows]:
    return _plan(x, w, tuple(attrs["strides"]), tuple(attrs["rates"]), attrs["padding"])


def _shape(x: Shape, w: Shape, **attrs: Any) -> Shape:
    return _geometry(x, w, attrs)[0]


def _lowest(dtype: Any) -> Any:
    return np.iinfo(dtype).min if np.dtype(dtype).kind in "iu" else ml_dtypes.finfo(dtype).min  # type: ignore[no-untyped-call]


def _sums(xp: Any, sliding: Windows, padded: Array, inside: Array, w: Array, count: Any) -> Iterator[Array]:
    """For each cell of the windows its sum with the filter's; the lowest number outside of the image."""
    lowest = xp.asarray(_lowest(w.dtype), w.dtype)
    pairs = zip(sliding.taps(padded, count), sliding.taps(inside, count), strict=True)
    for k, (view, real) in enumerate(pairs):
        yield xp.where(real, view + w[divmod(k, w.shape[1])], lowest)


def _first_best(xp: Any, sums: Iterator[Array], shape: Any, dtype: Any) -> tuple[Array, Array]:
    """The largest sums, and which cell each is of: the first such, or the first of all where none is larger."""
    best = xp.full(shape, _lowest(dtype), dtype)
    which = xp.zeros(shape, np.int64)
    for k, value in enumerate(sums):
        larger = value > best
        best, which = xp.where(larger, value, best), xp.where(larger, k, which)
    return best, which


def _on_host(x: Array, w: Array, sliding: Windows, output: Any) -> tuple[Array, Array]:
    inside = sliding.pad(np.ones((1, *x.shape[1:3], 1), bool), False)
    sums = _sums(np, sliding, sliding.pad(x), inside, w, output[1:3])
    return _first_best(np, sums, output, x.dtype)


def _on_xla(jax: Any, x: Array, w: Array, sliding: Windows, output: Any) -> tuple[Array, Array]:
    inside = sliding.pad(np.ones((1, *x.shape[1:3], 1), bool), False)
    sums = _sums(jax.numpy, sliding, padded_on_xla(jax, sliding, x), jax.numpy.asarray(inside), w, output[1:3])
    return _first_best(jax.numpy, sums, output, x.dtype)


def _check(output: Any, g: Array) -> None:
    if g.shape != output:
        raise errors.invalid("out_backprop has incompatible size.")


@op("Dilation2D", "input:T, filter:T -> output:T", shape=_shape, T=types.REALS)
def dilation2d_op(
    xp: Any, x: Array, w: Array, *, strides: tuple[int, ...], rates: tuple[int, ...], padding: str
) -> Array:
    output, sliding = _geometry(x.shape, w.shape, {"strides": strides, "rates": rates, "padding": padding})
    return _on_host(x, w, sliding, output)[0]


@dilation2d_op.on("xla")
def _(jax: Any, x: Array, w: Array, **attrs: Any) -> Array:
    output, sliding = _geometry(x.shape, w.shape, attrs)
    return _on_xla(jax, x, w, sliding, output)[0]


_BACK = "input:T, filter:T, out_backprop:T -> "


@op(
    "Dilation2DBackpropInput", _BACK + "in_backprop:T", shape=lambda x, w, g, **attrs: x, T=types.REALS,
    differentiable=None,
)  # fmt: skip
def _input_gradient(
    xp: Any, x: Array, w: Array, g: Array, *, strides: tuple[int, ...], rates: tuple[int, ...], padding: str
) -> Array:
    output, sliding = _geometry(x.shape, w.shape, {"strides": strides, "rates": rates, "padding": padding})
    _check(output, g)
    which = _on_host(x, w, sliding, output)[1]
    total = np.zeros(sliding.padded_shape(x.shape), g.dtype)
    for k, view in enumerate(sliding.taps(total, output[1:3])):  # type: ignore[arg-type]
        view += np.where(which == k, g, g.dtype.type(0))
    return sliding.crop(total, *x.shape[1:3])


@_input_gradient.on("xla")
def _(jax: Any, x: Array, w: Array, g: Array, **attrs: Any) -> Array:
    output, sliding = _geometry(x.shape, w.shape, attrs)
    _check(output, g)
    if 0 in (*x.shape, *g.shape):
        return jax.numpy.zeros(x.shape, g.dtype)
    which = _on_xla(jax, x, w, sliding, output)[1]
    parts = (jax.numpy.where(which == k, g, 0) for k in range(w.shape[0] * w.shape[1]))
    return spread(jax, sliding, parts, *x.shape[1:3])


@op(
    "Dilation2DBackpropFilter", _BACK + "filter_backprop:T", shape=lambda x, w, g, **attrs: w, T=types.REALS,
    differentiable=None,
)  # fmt: skip
def _filter_gradient(
    xp: Any, x: Array, w: Array, g: Array, *, strides: tuple[int, ...], rates: tuple[int, ...], padding: str
) -> Array:
    output, sliding = _geometry(x.shape, w.shape, {"strides": strides, "rates": rates, "padding": padding})
    _check(output, g)
    which = _on_host(x, w, sliding, output)[1]
    cells = [np.where(which == k, g, g.dtype.type(0)).sum((0, 1, 2), dtype=g.dtype) for k in range(w[..., 0].size)]
    return np.array(cells, g.dtype).reshape(w.shape)


@_filter_gradient.on("xla")
def _(jax: Any, x: Array, w: Array, g: Array, **attrs: Any) -> Array:
    output, sliding = _geometry(x.shape, w.shape, attrs)
    _check(output, g)
    which = _on_xla(jax, x, w, sliding, output)[1]
    count = w.shape[0] * w.shape[1]
    cells = [jax.numpy.where(which == k, g, 0).sum((0, 1, 2), dtype=g.dtype) for k in range(count)]
    return jax.numpy.stack(cells).reshape(w.shape) if cells else jax.numpy.zeros(w.shape, g.dtype)


@dilation2d_op.gradient
def _(g: Any, _y: Any, x: Any, w: Any, **attrs: Any) -> Any:
    return lambda: _input_gradient(x, w, g, **attrs), lambda: _filter_gradient(x, w, g, **attrs)


# ---------------------------------------------------------------- functions


def _attrs(strides: Any, padding: str, data_format: str, dilations: Any, name: str) -> dict[str, Any]:
    if data_format != "NHWC":
        raise ValueError(
            f"`data_format` values other  than 'NHWC' are not supported. Received: data_format={data_format}"
        )
    return {
        "strides": windows.numbers(strides, "strides", name), "rates": windows.numbers(dilations, "rates", name),
        "padding": padding,
    }  # fmt: skip


def dilation2d(
    input: TensorLike, filters: TensorLike, strides: Any, padding: str, data_format: str, dilations: Any,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """For each window of images the largest sum of a cell and the filter's cell there (grayscale dilation).

    Args:
      input: images, (batch, height, width, channels).
      filters: (height, width, channels).
      strides: four steps between two windows.
      padding: "SAME" or "VALID". What is padded is never the largest.
      data_format: "NHWC".
      dilations: four steps between two cells of a window.

    Raises:
      ValueError: for another `data_format`.
      InvalidArgumentError: if the shapes do not fit.

    >>> x = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> tf.nn.dilation2d(x, tf.zeros([2, 2, 1]), [1, 1, 1, 1], "VALID", "NHWC", [1, 1, 1, 1]).numpy()[0, :, :, 0]
    array([[4., 5.],
           [7., 8.]], dtype=float32)
    """
    y: Tensor = dilation2d_op(
        input, filters, name=name, **_attrs(strides, padding, data_format, dilations, "dilation2d")
    )
    return y


def erosion2d(
    value: TensorLike, filters: TensorLike, strides: Any, padding: str, data_format: str, dilations: Any,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """For each window of images the smallest difference of a cell and the filter's; arguments as of `dilation2d`.

    >>> x = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> tf.nn.erosion2d(x, tf.ones([2, 2, 1]), [1, 1, 1, 1], "VALID", "NHWC", [1, 1, 1, 1]).numpy()[0, :, :, 0]
    array([[-1., -0.],
           [ 2.,  3.]], dtype=float32)
    """
    attrs = _attrs(strides, padding, data_format, dilations, "dilation2d")
    y: Tensor = OPS["Neg"](dilation2d_op(-convert(value), reverse(filters, [0, 1]), name=name, **attrs))
    return y
