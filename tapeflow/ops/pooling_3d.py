"""Pooling of volumes: one number for each window, its largest cell or the mean of its cells."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.dtypes import bfloat16, float16, float32, float64
from ..base.shapes import Shape
from ..core import types
from ..core.op import Op, op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host
from . import pooling_kernels as images
from . import pooling_xla as images_on_xla
from . import volumes, window_gradients, windows
from .volumes import Volumes

_FLOATS = (float16, bfloat16, float32, float64)
_MAX_TYPES = (float16, bfloat16, float32)


@functools.lru_cache(maxsize=1024)
def _plan(
    x: Shape, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str, data_format: str
) -> tuple[tuple[int | None, ...], Volumes]:
    """Checks shapes and attributes: the result's shape, and how windows lie."""
    windows.one_of("padding", padding, ("SAME", "VALID"))
    windows.one_of("data_format", data_format, volumes.FORMATS)
    for name, sizes in (("ksize", ksize), ("strides", strides)):
        if len(sizes) < 5:
            raise errors.invalid(f"Length for attr '{name}' of {len(sizes)} must be at least minimum 5")
    if min(ksize) <= 0:
        raise errors.invalid(f"Sliding window ksize for dimension {[n <= 0 for n in ksize].index(True)} was zero.")
    depth, height, width, c = volumes.axes(data_format)
    if ksize[0] != 1 or strides[0] != 1:
        raise errors.UnimplementedError(None, None, "Pooling is not yet supported on the batch dimension.")
    if ksize[c] != 1 or strides[c] != 1:
        raise errors.UnimplementedError(None, None, "Pooling is not yet supported on the depth dimension.")
    if x is not None and len(x) != 5:
        raise errors.invalid("tensor_in must be 5-dimensional")
    size = (ksize[depth], ksize[height], ksize[width])
    count, placed = volumes.placed(x, size, strides, padding, data_format)
    x = x or (None,) * 5
    return volumes.ordered((x[0], *count, x[c]), data_format), placed


def _geometry(x: Shape, attrs: dict[str, Any]) -> tuple[tuple[int | None, ...], Volumes]:
    return _plan(
        x, tuple(attrs["ksize"]), tuple(attrs["strides"]), attrs["padding"], attrs.get("data_format", "NDHWC")
    )


def _shape(x: Shape, **attrs: Any) -> Shape:
    return _geometry(x, attrs)[0]


def _check(got: tuple[int, ...], wanted: tuple[int | None, ...], name: str) -> None:
    if got != wanted:
        raise errors.invalid(f"Expected {name} shape to be {shapes.show(wanted)}, but got {shapes.show(got)}")


def _pooled(kernel: Any, x: Array, attrs: dict[str, Any]) -> Array:
    """A kernel of images, along height and width first, then along depth."""
    output, placed = _geometry(x.shape, attrs)
    data_format = attrs["data_format"]
    full = volumes.last(output, data_format)  # type: ignore[arg-type]
    wide = volumes.to_last(x, data_format)
    if 0 in (*x.shape, *full):
        return volumes.from_last(wide[:, :0].reshape(full), data_format)
    y = volumes.in_frames(kernel, wide, *placed.frames()[:3])
    return volumes.from_last(volumes.in_depth(kernel, y, *placed.depth()[:3]), data_format)


def _attrs(ksize: Any, strides: Any, padding: str, data_format: str) -> dict[str, Any]:
    return {"ksize": ksize, "strides": strides, "padding": padding, "data_format": data_format}


# ---------------------------------------------------------------- maxima


@op("MaxPool3D", "input:T -> output:T", shape=_shape, T=_MAX_TYPES)
def max_pool3d_op(
    xp: Any, x: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str, data_format: str = "NDHWC"
) -> Array:
    return _pooled(images.max_pool, x, _attrs(ksize, strides, padding, data_format))


@max_pool3d_op.on("xla")
def _(jax: Any, x: Array, **attrs: Any) -> Array:
    return _pooled(functools.partial(images_on_xla.max_pool, jax), x, attrs)


def _cells(xp: Any, placed: Volumes, x: Array, y: Array) -> Any:
    """For each cell of the windows, where it holds the maximum."""
    padded = placed.pad(xp, x, images.lowest(np.dtype(x.dtype)))
    return (cell == y for cell in placed.taps(padded, y.shape[1:4]))


def _checked(x: Array, y: Array, g: Array, attrs: dict[str, Any], like: Any) -> tuple[Volumes, list[Array]]:
    wanted, placed = _geometry(x.shape, attrs)
    _check(y.shape, wanted, "orig_output")
    _check(g.shape, like(x, y), "grad")
    return placed, [volumes.to_last(each, attrs["data_format"]) for each in (x, y, g)]


@op(
    "MaxPool3DGrad", "orig_input:TInput, orig_output:TInput, grad:T -> output:T", shape=shapes.same, T=_MAX_TYPES,
    TInput=_MAX_TYPES,
)  # fmt: skip
def max_pool3d_grad(
    xp: Any, x: Array, y: Array, g: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str,
    data_format: str = "NDHWC",
) -> Array:  # fmt: skip
    attrs = _attrs(ksize, strides, padding, data_format)
    placed, (x, y, g) = _checked(x, y, g, attrs, lambda x, y: y.shape)
    if 0 in g.shape:
        return volumes.from_last(np.zeros(x.shape, g.dtype), data_format)
    zero = g.dtype.type(0)
    parts = (np.where(hit, g, zero) for hit in _cells(np, placed, x, y))
    return volumes.from_last(volumes.spread(placed, parts, x.shape, g.dtype), data_format)


@max_pool3d_grad.on("xla")
def _(jax: Any, x: Array, y: Array, g: Array, **attrs: Any) -> Array:
    placed, (x, y, g) = _checked(x, y, g, attrs, lambda x, y: y.shape)
    if 0 in g.shape:
        return volumes.from_last(jax.numpy.zeros(x.shape, g.dtype), attrs["data_format"])
    parts = [jax.numpy.where(hit, g, 0) for hit in _cells(jax.numpy, placed, x, y)]
    return volumes.from_last(volumes.spread_on_xla(jax, placed, parts, x.shape), attrs["data_format"])


@op(
    "MaxPool3DGradGrad", "orig_input:T, orig_output:T, grad:T -> output:T", shape=lambda x, y, g, **attrs: y,
    T=types.REALS,
)  # fmt: skip
def max_pool3d_grad_grad(
    xp: Any, x: Array, y: Array, g: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str,
    data_format: str = "NDHWC",
) -> Array:  # fmt: skip
    attrs = _attrs(ksize, strides, padding, data_format)
    placed, (x, y, g) = _checked(x, y, g, attrs, lambda x, y: x.shape)
    hits = list(_cells(xp, placed, x, y))
    chosen = xp.zeros(y.shape, g.dtype)
    values = list(placed.taps(placed.pad(xp, g), y.shape[1:4]))
    for hit, value in zip(hits[::-1], values[::-1], strict=True):
        chosen = xp.where(hit, value, chosen)
    return volumes.from_last(chosen, data_format)


window_gradients.define_for_max_pool(max_pool3d_op, max_pool3d_grad, max_pool3d_grad_grad)


# ---------------------------------------------------------------- means


@op("AvgPool3D", "input:T -> output:T", shape=_shape, T=_FLOATS)
def avg_pool3d_op(
    xp: Any, x: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str, data_format: str = "NDHWC"
) -> Array:
    wide = x.astype(host.wide(x.dtype), copy=False)
    return _pooled(images.avg_pool, wide, _attrs(ksize, strides, padding, data_format)).astype(x.dtype, copy=False)


@avg_pool3d_op.on("xla")
def _(jax: Any, x: Array, **attrs: Any) -> Array:
    kernel = functools.partial(images_on_xla.avg_pool, jax)
    return _pooled(kernel, x.astype(host.wide(x.dtype)), attrs).astype(x.dtype)


def _avg_grad_shape(sizes: Any, _g: Shape, **_attrs: Any) -> Shape:
    return (None,) * 5 if sizes is None else tuple(sizes)


def _avg_gradient(kernel: Any, xp: Any, sizes: tuple[int, ...], g: Array, attrs: dict[str, Any]) -> Array:
    output, placed = _geometry(sizes, attrs)
    _check(g.shape, output, "grad")
    data_format = attrs["data_format"]
    n, depth, height, width, c = volumes.last(sizes, data_format)
    wide = volumes.to_last(g, data_format).astype(host.wide(g.dtype))
    if 0 in (*sizes, *g.shape):
        return xp.zeros(sizes, g.dtype)
    h, w = wide.shape[2:4]
    whole = volumes.in_depth(lambda dy, *rest: kernel((n, depth, h * w, c), dy, *rest), wide, *placed.depth()[:3])
    frames = (n * depth, height, width, c)
    dx = volumes.in_frames(lambda dy, *rest: kernel(frames, dy, *rest), whole, *placed.frames()[:3])
    return volumes.from_last(dx.astype(g.dtype), data_format)


@op(
    "AvgPool3DGrad", "orig_input_shape:int32, grad:T -> output:T", static=("orig_input_shape",),
    shape=_avg_grad_shape, T=_FLOATS,
)  # fmt: skip
def avg_pool3d_grad(
    xp: Any, sizes: Any, g: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str,
    data_format: str = "NDHWC",
) -> Array:  # fmt: skip
    return _avg_gradient(images.avg_pool_gradient, np, sizes, g, _attrs(ksize, strides, padding, data_format))


@avg_pool3d_grad.on("xla")
def _(jax: Any, sizes: Any, g: Array, **attrs: Any) -> Array:
    return _avg_gradient(functools.partial(images_on_xla.avg_pool_gradient, jax), jax.numpy, sizes, g, attrs)


@avg_pool3d_op.gradient
def _(g: Any, _y: Any, x_shape: Any, **attrs: Any) -> Any:
    return avg_pool3d_grad(x_shape, g, **attrs)


@avg_pool3d_grad.gradient
def _(g: Any, _dx: Any, _sizes: Any, _dy: Any, **attrs: Any) -> Any:
    return None, avg_pool3d_op(g, **attrs)


# ---------------------------------------------------------------- functions


def _pool(the_op: Op, x: Any, ksize: Any, strides: Any, padding: Any, data_format: Any, name: str | None) -> Tensor:
    data_format = data_format or "NDHWC"
    pooled: Tensor = the_op(
        x, name=name, ksize=volumes.sequence(ksize, data_format, "ksize"),
        strides=volumes.sequence(strides, data_format, "strides"), padding=padding, data_format=data_format,
    )  # fmt: skip
    return pooled


def max_pool3d(
    input: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str = "NDHWC", name: str | None = None
) -> Tensor:
    """The largest cell of each window of volumes.

    Args:
      input: volumes, (batch, depth, height, width, channels), or channels second for "NCDHW".
      ksize: the size of the windows: one, three or five numbers.
      strides: steps between two windows, in the same forms.
      padding: "SAME" or "VALID". What is padded is never the largest.
      data_format: "NDHWC" or "NCDHW".

    Raises:
      ValueError: for a wrong count of numbers.
      InvalidArgumentError: if the shapes do not fit.

    >>> tf.nn.max_pool3d(tf.reshape(tf.range(8.0), [1, 2, 2, 2, 1]), 2, 2, "VALID").numpy().item()
    7.0
    """
    return _pool(max_pool3d_op, input, ksize, strides, padding, data_format, name)


def avg_pool3d(
    input: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str = "NDHWC", name: str | None = None
) -> Tensor:
    """The mean of each window's cells, not counting what is padded; arguments as of `max_pool3d`.

    >>> tf.nn.avg_pool3d(tf.reshape(tf.range(8.0), [1, 2, 2, 2, 1]), 2, 2, "VALID").numpy().item()
    3.5
    """
    return _pool(avg_pool3d_op, input, ksize, strides, padding, data_format, name)
