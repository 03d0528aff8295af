"""Pooling: one number for each window of an image, its largest cell or the mean of its cells."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from . import pooling_kernels as kernels
from . import pooling_xla as xla
from . import window_gradients, windows
from .image_windows import Padding, Pair, Windows

_MAX_TYPES = (
    dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.uint8,
    dtypes.int16, dtypes.int8, dtypes.uint16, dtypes.qint8,
)  # fmt: skip
_EXPLICIT = ("SAME", "VALID", "EXPLICIT")
_PLAIN = ("SAME", "VALID")


class Geometry(NamedTuple):
    """The result's shape, and how windows lie on the images."""

    output: tuple[int | None, ...]
    ksize: Pair
    strides: Pair
    padding: Padding


@functools.lru_cache(maxsize=1024)
def _plan(
    x: Shape,
    ksize: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    explicit: tuple[int, ...],
    data_format: str,
    paddings: tuple[str, ...],
) -> Geometry:
    """Checks shapes and attributes. Raises TensorFlow's errors."""
    windows.one_of("padding", padding, paddings)
    windows.one_of(
        "data_format", data_format, ("NHWC", "NCHW", "NCHW_VECT_C") if len(paddings) == 3 else windows.FORMATS
    )
    for name, sizes in (("ksize", ksize), ("strides", strides)):
        if len(sizes) < 4:
            raise errors.invalid(f"Length for attr '{name}' of {len(sizes)} must be at least minimum 4")
    if min(ksize) <= 0:
        raise errors.invalid(
            f"Sliding window ksize must be positive. The specified or inferred ksize is: {','.join(map(str, ksize))}"
        )
    h, across, c = windows.axes(data_format)
    if ksize[0] != 1 or strides[0] != 1:
        raise errors.UnimplementedError(None, None, "Pooling is not yet supported on the batch dimension.")
    if ksize[c] != 1 or strides[c] != 1:
        raise errors.UnimplementedError(None, None, "Pooling is not yet supported on the depth dimension.")
    if x is not None and len(x) not in (4, 5):
        raise errors.invalid("Input must be 4 or 5-dimensional")
    if x is not None and len(x) == 5:  # TensorFlow's kernels say so, and then do not take it
        raise errors.invalid("Shape must be rank 4 but is rank 5")
    x = x or (None,) * 4
    size, steps = (ksize[h], ksize[across]), (strides[h], strides[across])
    count, pads = windows.placed((x[h], x[across]), size, steps, padding, explicit, data_format)
    for where, pad, window in zip(
        ("Top", "Bottom", "Left", "Right"), sum(pads, ()), (*size[:1] * 2, *size[1:] * 2), strict=True
    ):
        if pad >= window and padding == "EXPLICIT":
            raise errors.invalid(f"{where} padding {pad} needs to be smaller than the window size {window}")
    return Geometry(windows.image((x[0], *count, x[c]), data_format), size, steps, pads)


def _geometry(
    x: Shape, ksize: Any, strides: Any, padding: str, explicit: Any, data_format: str, paddings: tuple[str, ...]
) -> Geometry:
    return _plan(x, tuple(ksize), tuple(strides), padding, tuple(explicit), data_format, paddings)


def _max_shape(
    x: Shape, *, ksize: Any, strides: Any, padding: str, explicit_paddings: Any = (), data_format: str = "NHWC"
) -> Shape:
    return _geometry(x, ksize, strides, padding, explicit_paddings, data_format, _EXPLICIT).output


def _avg_shape(x: Shape, *, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC") -> Shape:
    return _geometry(x, ksize, strides, padding, (), data_format, _PLAIN).output


def _check(name: str, got: tuple[int, ...], wanted: tuple[int | None, ...]) -> None:
    if got != wanted:
        raise errors.invalid(f"Expected {name} shape to be {shapes.show(wanted)}, but got {shapes.show(got)}")


@op("MaxPool", "input:T -> output:T", shape=_max_shape, T=_MAX_TYPES)
def _max_pool(
    xp: Any, x: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str,
    explicit_paddings: tuple[int, ...] = (), data_format: str = "NHWC",
) -> Array:  # fmt: skip
    plan = _geometry(x.shape, ksize, strides, padding, explicit_paddings, data_format, _EXPLICIT)
    return windows.from_nhwc(kernels.max_pool(windows.to_nhwc(x, data_format), *plan[1:]), data_format)


@op("MaxPoolGrad", "orig_input:T, orig_output:T, grad:T -> output:T", shape=shapes.same, T=types.REALS)
def _max_pool_grad(
    xp: Any, x: Array, y: Array, g: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str,
    explicit_paddings: tuple[int, ...] = (), data_format: str = "NHWC",
) -> Array:  # fmt: skip
    plan = _geometry(x.shape, ksize, strides, padding, explicit_paddings, data_format, _EXPLICIT)
    _check("orig_output", y.shape, plan.output)
    _check("grad", g.shape, plan.output)
    x, y, g = (np.ascontiguousarray(windows.to_nhwc(array, data_format)) for array in (x, y, g))
    return windows.from_nhwc(kernels.max_pool_gradient(x, y, g, *plan[1:]), data_format)


@op(
    "MaxPoolGradGrad",
    "orig_input:T, orig_output:T, grad:T -> output:T",
    shape=lambda x, y, g, **attrs: y,
    T=types.REALS,
)
def _max_pool_grad_grad(
    xp: Any, x: Array, y: Array, g: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str,
    explicit_paddings: tuple[int, ...] = (), data_format: str = "NHWC",
) -> Array:  # fmt: skip
    plan = _geometry(x.shape, ksize, strides, padding, explicit_paddings, data_format, _EXPLICIT)
    _check("orig_output", y.shape, plan.output)
    _check("grad", g.shape, x.shape)
    x, y, g = (np.ascontiguousarray(windows.to_nhwc(array, data_format)) for array in (x, y, g))
    return windows.from_nhwc(kernels.max_pool_gradient_gradient(x, y, g, *plan[1:]), data_format)


def _on_xla(jax: Any, kernel: Any, attrs: dict[str, Any], *arrays: Array) -> Array:
    """A kernel of maximum pooling for XLA, whose first array is images."""
    data_format = attrs["data_format"]
    plan = _geometry(
        arrays[0].shape, attrs["ksize"], attrs["strides"], attrs["padding"], attrs["explicit_paddings"], data_format,
        _EXPLICIT,
    )  # fmt: skip
    if len(arrays) == 3:
        _check("orig_output", arrays[1].shape, plan.output)
        _check("grad", arrays[2].shape, plan.output if kernel is xla.max_pool_gradient else arrays[0].shape)
    nhwc = [windows.to_nhwc(array, data_format) for array in arrays]
    return windows.from_nhwc(kernel(jax, *nhwc, *plan[1:]), data_format)


@_max_pool.on("xla")
def _(jax: Any, x: Array, **attrs: Any) -> Array:
    return _on_xla(jax, xla.max_pool, attrs, x)


@_max_pool_grad.on("xla")
def _(jax: Any, x: Array, y: Array, g: Array, **attrs: Any) -> Array:
    return _on_xla(jax, xla.max_pool_gradient, attrs, x, y, g)


@_max_pool_grad_grad.on("xla")
def _(jax: Any, x: Array, y: Array, g: Array, **attrs: Any) -> Array:
    return _on_xla(jax, xla.max_pool_gradient_gradient, attrs, x, y, g)


window_gradients.define_for_max_pool(_max_pool, _max_pool_grad, _max_pool_grad_grad)


@op(
    "AvgPool",
    "value:T -> output:T",
    shape=_avg_shape,
    T=(dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64),
)
def _avg_pool(
    xp: Any, x: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str, data_format: str = "NHWC"
) -> Array:
    plan = _geometry(x.shape, ksize, strides, padding, (), data_format, _PLAIN)
    return windows.from_nhwc(kernels.avg_pool(windows.to_nhwc(x, data_format), *plan[1:]), data_format)


@op(
    "AvgPoolGrad", "orig_input_shape:int32, grad:T -> output:T", static=("orig_input_shape",),
    shape=lambda sizes, g, **attrs: (None,) * 4 if sizes is None else tuple(sizes), T=types.FLOATS,
)  # fmt: skip
def _avg_pool_grad(
    xp: Any, sizes: Any, g: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str,
    data_format: str = "NHWC",
) -> Array:  # fmt: skip
    plan = _geometry(sizes, ksize, strides, padding, (), data_format, _PLAIN)
    _check("grad", g.shape, plan.output)
    h, across, c = windows.axes(data_format)
    nhwc = (sizes[0], sizes[h], sizes[across], sizes[c])
    return windows.from_nhwc(kernels.avg_pool_gradient(nhwc, windows.to_nhwc(g, data_format), *plan[1:]), data_format)


@_avg_pool.on("xla")
def _(jax: Any, x: Array, *, ksize: Any, strides: Any, padding: str, data_format: str) -> Array:
    plan = _geometry(x.shape, ksize, strides, padding, (), data_format, _PLAIN)
    return windows.from_nhwc(xla.avg_pool(jax, windows.to_nhwc(x, data_format), *plan[1:]), data_format)


@_avg_pool_grad.on("xla")
def _(jax: Any, sizes: Any, g: Array, *, ksize: Any, strides: Any, padding: str, data_format: str) -> Array:
    plan = _geometry(sizes, ksize, strides, padding, (), data_format, _PLAIN)
    _check("grad", g.shape, plan.output)
    h, across, c = windows.axes(data_format)
    nhwc = (sizes[0], sizes[h], sizes[across], sizes[c])
    dx = xla.avg_pool_gradient(jax, nhwc, windows.to_nhwc(g, data_format), *plan[1:])
    return windows.from_nhwc(dx, data_format)


@_avg_pool.gradient
def _(g: Any, _y: Any, x_shape: Any, **attrs: Any) -> Any:
    return _avg_pool_grad(x_shape, g, **attrs)


@_avg_pool_grad.gradient
def _(g: Any, _dx: Any, _sizes: Any, _dy: Any, **attrs: Any) -> Any:
    return None, _avg_pool(g, **attrs)


# ---------------------------------------------------------------- the place of the maximum


def _argmax_shape(x: Shape, *, ksize: Any, strides: Any, padding: str, **_attrs: Any) -> tuple[Shape, Shape]:
    shape = _geometry(x, ksize, strides, padding, (), "NHWC", _PLAIN).output
    return shape, shape


@op(
    "MaxPoolWithArgmax",
    "input:T -> output:T, argmax:Targmax",
    shape=_argmax_shape,
    T=types.REALS,
    Targmax=types.INDICES,
)
def _max_pool_with_argmax(
    xp: Any, x: Array, *, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str, Targmax: DType = dtypes.int64,
    include_batch_in_index: bool = False,
) -> tuple[Array, Array]:  # fmt: skip
    plan = _geometry(x.shape, ksize, strides, padding, (), "NHWC", _PLAIN)
    y = kernels.max_pool(x, *plan[1:])
    sliding = Windows(*plan[1:])
    numbers = np.arange(x.size if include_batch_in_index else x[:1].size).reshape((-1, *x.shape[1:]))
    spread = np.ascontiguousarray(np.broadcast_to(numbers, x.shape))
    first = np.full(y.shape, -1)
    padded, cells = sliding.pad(x, y.dtype.type(0)), sliding.pad(spread, -1)
    count = y.shape[1:3]
    for value, number in zip(sliding.taps(padded, count), sliding.taps(cells, count), strict=True):
        np.copyto(first, number, where=(first < 0) & (number >= 0) & (value == y))
    return y, first.astype(Targmax.numpy)


@_max_pool_with_argmax.on("xla")
def _(
    jax: Any, x: Array, *, ksize: Any, strides: Any, padding: str, Targmax: DType, include_batch_in_index: bool
) -> tuple[Array, Array]:
    plan = _geometry(x.shape, ksize, strides, padding, (), "NHWC", _PLAIN)
    y = xla.max_pool(jax, x, *plan[1:])
    return y, xla.places(jax, x, y, include_batch_in_index, *plan[1:]).astype(Targmax.numpy)


@_max_pool_with_argmax.gradient
def _(g: Any, y: Any, x: Any, *, ksize: Any, strides: Any, padding: str, **_attrs: Any) -> Any:
    return _max_pool_grad(x, y[0], g[0], ksize=ksize, strides=strides, padding=padding)


def max_pool_with_argmax(
    input: TensorLike,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    output_dtype: Any = dtypes.int64,
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The largest cell of each window, and where it is: `(row * width + column) * channels + channel`.

    Args:
      input: images, (batch, height, width, channels).
      ksize, strides, padding: as in `max_pool2d`, without explicit padding.
      data_format: "NHWC".
      output_dtype: int64 or int32.
      include_batch_in_index: whether the places of an image come after those of the images before it.

    >>> y, where = tf.nn.max_pool_with_argmax([[[[1.0], [5.0]], [[3.0], [2.0]]]], 2, 2, "VALID")
    >>> y.numpy().item(), where.numpy().item()
    (5.0, 1)
    """
    if data_format != "NHWC":
        raise ValueError(
            "`data_format` values other than 'NHWC' are not supported. Received: data_format=" + data_format
        )
    attrs = {
        "ksize": windows.sequence(ksize, 2, "NHWC", "ksize"),
        "strides": windows.sequence(strides, 2, "NHWC", "strides"),
    }
    y, where = _max_pool_with_argmax(
        convert(input), name=name, padding=padding, Targmax=dtypes.as_dtype(output_dtype),
        include_batch_in_index=include_batch_in_index, **attrs,
    )  # fmt: skip
    return y, where


# ---------------------------------------------------------------- functions


def max_pool2d(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """The largest cell of each window of images.

    Args:
      input: images, (batch, height, width, channels), or channels first for "NCHW".
      ksize: the size of the windows: one number, one for height and width each, or one for each dimension.
      strides: steps between two windows, in the same forms.
      padding: "SAME", "VALID", or a list of four pairs. What is padded is never the largest.
      data_format: "NHWC" or "NCHW".

    >>> x = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
    >>> tf.nn.max_pool2d(x, 2, 2, "VALID").numpy()[0, :, :, 0]
    array([[ 5.,  7.],
           [13., 15.]], dtype=float32)
    """
    data_format = data_format or "NHWC"
    pooled: Tensor = _max_pool(
        input, name=name, ksize=windows.sequence(ksize, 2, data_format, "ksize"),
        strides=windows.sequence(strides, 2, data_format, "strides"), data_format=data_format,
        **windows.padding_attrs(padding),
    )  # fmt: skip
    return pooled


def avg_pool2d(
    input: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """The mean of each window's cells, not counting what is padded; arguments as of `max_pool2d`.

    >>> x = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
    >>> tf.nn.avg_pool2d(x, 2, 2, "VALID").numpy()[0, :, :, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]], dtype=float32)
    """
    if not isinstance(padding, str):
        raise TypeError(f"Expected string for argument 'padding' not {padding}.")
    data_format = data_format or "NHWC"
    pooled: Tensor = _avg_pool(
        input, name=name, ksize=windows.sequence(ksize, 2, data_format, "ksize"),
        strides=windows.sequence(strides, 2, data_format, "strides"), data_format=data_format, padding=padding,
    )  # fmt: skip
    return pooled


def _pool1d(
    function: Any, x: Any, ksize: Any, strides: Any, padding: Any, data_format: str, name: str | None
) -> Tensor:
    """Pools sequences as images of height 1."""
    first = data_format.startswith("NC")
    axis = 2 if first else 1
    sizes = []
    for what, value in (("ksize", ksize), ("strides", strides)):
        one = windows.sequence(value, 1, data_format, what)
        sizes.append((*one[:axis], 1, *one[axis:]))
    if function is max_pool2d and isinstance(padding, (list, tuple)) and len(padding) == 3:
        padding = [*padding[:axis], [0, 0], *padding[axis:]]
    y = function(OPS["ExpandDims"](convert(x), axis), *sizes, padding, "NCHW" if first else "NHWC", name)
    squeezed: Tensor = OPS["Squeeze"](y, squeeze_dims=(axis,))
    return squeezed


def max_pool1d(
    input: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str = "NWC", name: str | None = None
) -> Tensor:
    """The largest cell of each window of sequences (batch, width, channels); see `max_pool2d`.

    >>> tf.nn.max_pool1d([[[1.0], [3.0], [2.0], [0.0]]], 2, 2, "VALID").numpy().ravel()
    array([3., 2.], dtype=float32)
    """
    return _pool1d(max_pool2d, input, ksize, strides, padding, data_format or "NWC", name)


def avg_pool1d(
    input: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str = "NWC", name: str | None = None
) -> Tensor:
    """The mean of each window of sequences (batch, width, channels); see `avg_pool2d`.

    >>> tf.nn.avg_pool1d([[[1.0], [3.0], [2.0], [0.0]]], 2, 2, "VALID").numpy().ravel()
    array([2., 1.], dtype=float32)
    """
    return _pool1d(avg_pool2d, input, ksize, strides, padding, data_format or "NWC", name)
