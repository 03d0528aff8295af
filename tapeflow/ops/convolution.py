"""Convolutions of images and sequences, plain, transposed and depthwise, with gradients of any order."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from ..base import errors, shapes
from ..base.dtypes import bfloat16, float16, float32, float64, int32
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from . import convolution_kernels as kernels
from . import windows
from .common import shape_of
from .image_windows import Padding, Pair

_FLOATS = (float16, bfloat16, float32, float64)
_ONES = (1, 1, 1, 1)
_PADDINGS = ("SAME", "VALID", "EXPLICIT")


class Geometry(NamedTuple):
    """What shapes and attributes of a convolution come to: the result's shape, and how windows lie on the images."""

    output: tuple[int | None, ...]
    strides: Pair
    padding: Padding
    dilations: Pair


def _geometry(x: Shape, w: Shape, depthwise: bool, attrs: dict[str, Any]) -> Geometry:
    return _plan(
        x, w, depthwise, tuple(attrs["strides"]), attrs["padding"], tuple(attrs["explicit_paddings"]),
        attrs["data_format"], tuple(attrs["dilations"]),
    )  # fmt: skip


@functools.lru_cache(maxsize=1024)
def _plan(
    x: Shape,
    w: Shape,
    depthwise: bool,
    strides: tuple[int, ...],
    padding: str,
    explicit: tuple[int, ...],
    data_format: str,
    dilations: tuple[int, ...],
) -> Geometry:
    """Checks shapes and attributes. Raises TensorFlow's errors."""
    _check_attrs(strides, padding, data_format, dilations)
    h, across, c = windows.axes(data_format)
    w = windows.four("filter" if depthwise else "convolution filter", w)
    x = windows.four("input", x)
    if 0 in w and not depthwise:
        raise errors.invalid("filter must not have zero elements (i.e. all dimensions must be non-zero)")
    channels = _channels(x[c], w, depthwise)
    steps, rates = (strides[h], strides[across]), (dilations[h], dilations[across])
    count, pads = windows.placed((x[h], x[across]), (w[0], w[1]), steps, padding, explicit, data_format, rates)
    return Geometry(windows.image((x[0], *count, channels), data_format), steps, pads, rates)


def _check_attrs(strides: tuple[int, ...], padding: str, data_format: str, dilations: tuple[int, ...]) -> None:
    windows.one_of("padding", padding, _PADDINGS)
    windows.one_of("data_format", data_format, windows.FORMATS)
    if len(strides) != 4:
        raise errors.invalid("Sliding window strides field must specify 4 or 5 dimensions")
    if len(dilations) != 4:
        raise errors.invalid("Sliding window dilations field must specify 4 or 5 dimensions")
    c = windows.axes(data_format)[2]
    if strides[0] != 1 or strides[c] != 1:
        message = "Current implementation does not yet support strides in the batch and depth dimensions."
        raise errors.UnimplementedError(None, None, message)
    if dilations[0] != 1 or dilations[c] != 1:
        message = "Current implementation does not yet support dilations in the batch and depth dimensions."
        raise errors.UnimplementedError(None, None, message)
    if min(dilations) <= 0:
        raise errors.invalid("Dilated rates should be larger than 0.")


def _channels(depth: int | None, w: tuple[int | None, ...], depthwise: bool) -> int | None:
    """The channels of the result."""
    per_filter, out = w[2:]
    if depth is not None and per_filter is not None:
        if depth != per_filter and (depthwise or per_filter == 0 or depth % per_filter):
            raise errors.invalid(f"input depth must be evenly divisible by filter depth: {depth} vs {per_filter}")
        groups = 1 if depthwise else depth // per_filter
        if out is not None and groups and out % groups:
            raise errors.invalid(f"output depth must be evenly divisible by number of groups: {out} vs {groups}")
    if depthwise:
        return None if per_filter is None or out is None else per_filter * out
    return out


def _check_output(geometry: Geometry, x: tuple[int, ...], w: tuple[int, ...], dy: tuple[int, ...]) -> None:
    if dy == geometry.output:
        return
    if len(dy) != 4:
        raise errors.invalid(f"out_backprop must be 4-dimensional: {shapes.show(dy)}")
    raise errors.invalid(
        "Size of out_backprop doesn't match computed: "
        f"actual = {shapes.show(dy)}, computed = {shapes.show(geometry.output)} "
        f"input: {shapes.show(x)} filter: {shapes.show(w)}"
    )


def _full_sizes(sizes: tuple[int, ...], w: tuple[int, ...], dy: tuple[int, ...], data_format: str) -> tuple[int, ...]:
    """The shape of the images, which may be given as height and width only."""
    if len(sizes) == 2 and len(w) == len(dy) == 4:
        return windows.image((dy[0], *sizes, w[2]), data_format)
    if len(sizes) != 4:
        raise errors.invalid(
            f"Conv2DBackpropInput: Requires input_sizes to contain 4 values or 2 values, but got: {len(sizes)}"
        )
    return sizes


# ---------------------------------------------------------------- the ops


def _define(prefix: str, names: tuple[str, str, str], depthwise: bool, integers: bool) -> tuple[Any, Any, Any]:
    """A convolution and the ops of its two gradients, each differentiated by the others."""
    forward, from_output, filters = (
        getattr(kernels, prefix + suffix) for suffix in ("", "_input_gradient", "_filter_gradient")
    )
    allowed = _FLOATS if not integers else (*_FLOATS, int32)

    def conv_shape(x: Shape, w: Shape, **attrs: Any) -> Shape:
        return _geometry(x, w, depthwise, attrs).output

    def input_shape(sizes: Any, w: Shape, dy: Shape, *, data_format: str, **_attrs: Any) -> Shape:
        if sizes is None:
            return (None,) * 4
        if len(sizes) == 2:
            w, dy = windows.four("filter", w), windows.four("out_backprop", dy)
            return windows.image((dy[0], *sizes, w[2]), data_format)
        return tuple(sizes)

    def filter_shape(_x: Shape, sizes: Any, _dy: Shape, **_attrs: Any) -> Shape:
        return (None,) * 4 if sizes is None else tuple(sizes)

    @op(names[0], "input:T, filter:T -> output:T", shape=conv_shape, T=allowed)
    def conv(
        xp: Any, x: Array, w: Array, *, strides: tuple[int, ...], padding: str, explicit_paddings: tuple[int, ...] = (),
        data_format: str = "NHWC", dilations: tuple[int, ...] = _ONES,
    ) -> Array:  # fmt: skip
        attrs = {"strides": strides, "padding": padding, "explicit_paddings": explicit_paddings}
        plan = _geometry(x.shape, w.shape, depthwise, {**attrs, "data_format": data_format, "dilations": dilations})
        return windows.from_nhwc(forward(windows.to_nhwc(x, data_format), w, *plan[1:]), data_format)

    @op(
        names[1], "input_sizes:int32, filter:T, out_backprop:T -> output:T", static=("input_sizes",), shape=input_shape,
        T=allowed,
    )  # fmt: skip
    def input_gradient(
        xp: Any, sizes: Any, w: Array, dy: Array, *, strides: tuple[int, ...], padding: str,
        explicit_paddings: tuple[int, ...] = (), data_format: str = "NHWC", dilations: tuple[int, ...] = _ONES,
    ) -> Array:  # fmt: skip
        attrs = {"strides": strides, "padding": padding, "explicit_paddings": explicit_paddings}
        shape = _full_sizes(sizes, w.shape, dy.shape, data_format)
        plan = _geometry(shape, w.shape, depthwise, {**attrs, "data_format": data_format, "dilations": dilations})
        _check_output(plan, shape, w.shape, dy.shape)
        h, across, c = windows.axes(data_format)
        nhwc = (shape[0], shape[h], shape[across], shape[c])
        return windows.from_nhwc(from_output(nhwc, w, windows.to_nhwc(dy, data_format), *plan[1:]), data_format)

    @op(
        names[2], "input:T, filter_sizes:int32, out_backprop:T -> output:T", static=("filter_sizes",),
        shape=filter_shape,
        T=_FLOATS,
    )  # fmt: skip
    def filter_gradient(
        xp: Any, x: Array, sizes: Any, dy: Array, *, strides: tuple[int, ...], padding: str,
        explicit_paddings: tuple[int, ...] = (), data_format: str = "NHWC", dilations: tuple[int, ...] = _ONES,
    ) -> Array:  # fmt: skip
        attrs = {"strides": strides, "padding": padding, "explicit_paddings": explicit_paddings}
        plan = _geometry(x.shape, sizes, depthwise, {**attrs, "data_format": data_format, "dilations": dilations})
        _check_output(plan, x.shape, sizes, dy.shape)
        return filters(windows.to_nhwc(x, data_format), sizes, windows.to_nhwc(dy, data_format), *plan[1:])

    @conv.gradient
    def _(g: Any, _y: Any, x: Any, w: Any, **attrs: Any) -> Any:
        return (
            lambda: input_gradient(shape_of(x), w, g, **attrs),
            lambda: filter_gradient(x, shape_of(w), g, **attrs),
        )

    @input_gradient.gradient
    def _(g: Any, _dx: Any, _sizes: Any, w: Any, dy: Any, **attrs: Any) -> Any:
        return None, lambda: filter_gradient(g, shape_of(w), dy, **attrs), lambda: conv(g, w, **attrs)

    @filter_gradient.gradient
    def _(g: Any, _dw: Any, x: Any, _sizes: Any, dy: Any, **attrs: Any) -> Any:
        return lambda: input_gradient(shape_of(x), g, dy, **attrs), None, lambda: conv(x, g, **attrs)

    return conv, input_gradient, filter_gradient


_conv2d, _conv2d_input, _conv2d_filter = _define(
    "conv2d", ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"), depthwise=False, integers=True
)
_depthwise, _depthwise_input, _depthwise_filter = _define(
    "depthwise_conv2d",
    ("DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"),
    depthwise=True, integers=False,
)  # fmt: skip


# ---------------------------------------------------------------- functions


def _over_batches(x: Tensor, rank: int, function: Callable[[Tensor], Tensor]) -> Tensor:
    """`function`, which takes a tensor of rank `rank`, of `x`, which may have more batch dimensions."""
    extra = len(x.shape) - rank if x.shape.rank is not None else 0
    if extra <= 0:
        return function(x)
    shape = shape_of(x)
    y = function(OPS["Reshape"](x, (-1, *shape[extra + 1 :])))
    restored: Tensor = OPS["Reshape"](y, (*shape[: extra + 1], *shape_of(y)[1:]))
    return restored


def conv2d(
    input: TensorLike,
    filters: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Slides filters over images (cross-correlation, as usual in neural networks).

    Args:
      input: images, (..., height, width, channels), or (..., channels, height, width) for "NCHW".
      filters: (height, width, channels / groups, filters).
      strides: steps between two places: one number, one for height and width each, or one for each dimension.
      padding: "SAME", "VALID", or a list of four pairs, what to pad before and after in each dimension.
      data_format: "NHWC" or "NCHW".
      dilations: steps between two cells of a filter, in the same forms as `strides`.

    Returns:
      Images with a channel for each filter.

    Raises:
      ValueError: if `strides`, `dilations` or `padding` have a wrong length.
      InvalidArgumentError: if the shapes do not fit.

    >>> x = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> tf.nn.conv2d(x, tf.ones([2, 2, 1, 1]), strides=1, padding="VALID").numpy()[0, :, :, 0]
    array([[ 8., 12.],
           [20., 24.]], dtype=float32)
    """
    attrs = windows.padding_attrs(padding)
    attrs["data_format"] = data_format = data_format or "NHWC"
    attrs["strides"] = windows.sequence(strides, 2, data_format, "strides")
    attrs["dilations"] = windows.sequence(dilations, 2, data_format, "dilations")
    x = convert(input)
    return _over_batches(x, 4, lambda images: _conv2d(images, filters, name=name, **attrs))


def _one_dimension(
    x: Tensor, filters: TensorLike, data_format: str, stride: Any, dilations: Any
) -> tuple[Tensor, Any, dict[str, Any], int]:
    """Sequences and their filters as images of height 1, the attributes for these, and the axis to take away again."""
    if data_format not in ("NWC", "NCW", None):
        raise ValueError(f"`data_format` must be 'NWC' or 'NCW'. Received: data_format={data_format}")
    first = data_format == "NCW"
    axis = 2 if first else 1
    attrs: dict[str, Any] = {"data_format": "NCHW" if first else "NHWC", "explicit_paddings": ()}
    for key, value in (("strides", stride), ("dilations", dilations)):
        sizes = windows.sequence(value, 1, "NCW" if first else "NWC", key)
        attrs[key] = (*sizes[:axis], 1, *sizes[axis:])
    return OPS["ExpandDims"](x, axis), OPS["ExpandDims"](convert(filters), 0), attrs, axis


def conv1d(
    input: TensorLike,
    filters: TensorLike,
    stride: Any,
    padding: str,
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Slides filters over sequences.

    Args:
      input: sequences, (..., width, channels), or (..., channels, width) for "NCW".
      filters: (width, channels, filters).
      stride: steps between two places.
      padding: "SAME" or "VALID".
      data_format: "NWC" or "NCW".
      dilations: steps between two cells of a filter.

    >>> tf.nn.conv1d(tf.reshape(tf.range(5.0), [1, 5, 1]), tf.ones([3, 1, 1]), 1, "VALID").numpy()[0, :, 0]
    array([3., 6., 9.], dtype=float32)
    """
    if not isinstance(padding, str):
        raise TypeError(f"Expected string for argument 'padding' not {padding}.")

    def function(x: Tensor) -> Tensor:
        images, wide, attrs, axis = _one_dimension(x, filters, data_format, stride, dilations)
        y = _conv2d(images, wide, name=name, padding=padding, **attrs)
        squeezed: Tensor = OPS["Squeeze"](y, squeeze_dims=(axis,))
        return squeezed

    return _over_batches(convert(input), 3, function)


def conv2d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: TensorLike,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv2d` for its images, as a function of its own ("deconvolution").

    Args:
      input: (batch, height, width, channels), as `conv2d` would return.
      filters: (height, width, channels of the result, channels of the input).
      output_shape: the shape of the result, or its height and width.
      strides: as in `conv2d`; so many times the result is larger.
      padding: as in `conv2d`.
      data_format: "NHWC" or "NCHW".
      dilations: as in `conv2d`.

    >>> y = tf.nn.conv2d_transpose(tf.ones([1, 2, 2, 1]), tf.ones([2, 2, 1, 1]), [1, 4, 4, 1], strides=2)
    >>> y.shape
    TensorShape([1, 4, 4, 1])
    """
    attrs = windows.padding_attrs(padding)
    attrs["data_format"] = data_format = data_format or "NHWC"
    attrs["strides"] = windows.sequence(strides, 2, data_format, "strides")
    attrs["dilations"] = windows.sequence(dilations, 2, data_format, "dilations")
    images: Tensor = _conv2d_input(output_shape, filters, input, name=name, **attrs)
    return images


def conv1d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv1d` for its sequences, as a function of its own; see `conv2d_transpose`.

    >>> tf.nn.conv1d_transpose(tf.ones([1, 3, 1]), tf.ones([2, 1, 1]), [1, 6, 1], strides=2).shape
    TensorShape([1, 6, 1])
    """
    images, wide, attrs, axis = _one_dimension(convert(input), filters, data_format, strides, dilations)
    sizes = tuple(output_shape)
    y = _conv2d_input((*sizes[:axis], 1, *sizes[axis:]), wide, images, name=name, padding=padding, **attrs)
    squeezed: Tensor = OPS["Squeeze"](y, squeeze_dims=(axis,))
    return squeezed


def depthwise_conv2d(
    input: TensorLike,
    filter: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Slides filters over each channel on its own.

    Args:
      input: images, (batch, height, width, channels), or channels first for "NCHW".
      filter: (height, width, channels, multiplier).
      strides: four numbers.
      padding: "SAME", "VALID", or a list of four pairs.
      data_format: "NHWC" (default) or "NCHW".
      dilations: two numbers; if larger than 1, strides must be 1.

    Returns:
      Images with `channels * multiplier` channels; those of the first channel come first.

    >>> tf.nn.depthwise_conv2d(tf.ones([1, 3, 3, 2]), tf.ones([2, 2, 2, 3]), [1, 1, 1, 1], "VALID").shape
    TensorShape([1, 2, 2, 6])
    """
    if not hasattr(strides, "__len__"):
        raise TypeError(f"Expected list for 'strides' argument to 'depthwise_conv2d_native' Op, not {strides!r}.")
    data_format = data_format or "NHWC"
    rates = windows.sequence([1, 1] if dilations is None else list(dilations), 2, data_format, "dilations")
    if max(rates) > 1 and max(strides) > 1:
        raise ValueError(
            "`strides > 1` not supported in conjunction with `dilation_rate > 1`. "
            f"Received: strides={strides} and dilation_rate={dilations}"
        )
    attrs = {
        **windows.padding_attrs(padding),
        "strides": tuple(strides),
        "data_format": data_format,
        "dilations": rates,
    }
    images: Tensor = _depthwise(input, filter, name=name, **attrs)
    return images


def depthwise_conv2d_backprop_input(
    input_sizes: TensorLike,
    filter: TensorLike,
    out_backprop: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The gradient of `depthwise_conv2d` for images of shape `input_sizes`, given that for its result."""
    attrs = {**windows.padding_attrs(padding), "data_format": data_format}
    images: Tensor = _depthwise_input(
        input_sizes, filter, out_backprop, name=name, strides=tuple(strides), dilations=tuple(dilations), **attrs
    )
    return images


def depthwise_conv2d_backprop_filter(
    input: TensorLike,
    filter_sizes: TensorLike,
    out_backprop: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The gradient of `depthwise_conv2d` for filters of shape `filter_sizes`, given that for its result."""
    attrs = {**windows.padding_attrs(padding), "data_format": data_format}
    filters: Tensor = _depthwise_filter(
        input, filter_sizes, out_backprop, name=name, strides=tuple(strides), dilations=tuple(dilations), **attrs
    )
    return filters


def separable_conv2d(
    input: TensorLike,
    depthwise_filter: TensorLike,
    pointwise_filter: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A depthwise convolution, then one with filters of size 1x1 that mixes the channels.

    Args:
      input: images.
      depthwise_filter: (height, width, channels, multiplier).
      pointwise_filter: (1, 1, channels * multiplier, filters).
      strides: four numbers, for the depthwise convolution, as `padding`, `data_format` and `dilations`.

    >>> images, depthwise, pointwise = tf.ones([1, 3, 3, 2]), tf.ones([2, 2, 2, 3]), tf.ones([1, 1, 6, 4])
    >>> tf.nn.separable_conv2d(images, depthwise, pointwise, [1, 1, 1, 1], "SAME").shape
    TensorShape([1, 3, 3, 4])
    """
    pointwise = convert(pointwise_filter)
    for size in pointwise.shape[:2]:
        if size not in (1, None):
            raise ValueError(f"Dimensions {size} and 1 are not compatible")
    y = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return conv2d(y, pointwise, 1, "VALID", data_format or "NHWC", name=name)


def atrous_conv2d(value: TensorLike, filters: TensorLike, rate: int, padding: str, name: str | None = None) -> Tensor:
    """`conv2d` with dilations.

    Args:
      value: images, (batch, height, width, channels).
      filters: (height, width, channels, filters).
      rate: steps between two cells of a filter.
      padding: "SAME" or "VALID".

    >>> tf.nn.atrous_conv2d(tf.ones([1, 5, 5, 1]), tf.ones([3, 3, 1, 2]), rate=2, padding="VALID").shape
    TensorShape([1, 1, 1, 2])
    """
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"`padding` must be one of 'SAME' or 'VALID'. Received: padding={padding}")
    if rate < 1:
        raise ValueError(f"all values of `dilation_rate` must be positive. Received: dilation_rate=[{rate} {rate}]")
    return conv2d(value, filters, 1, padding, dilations=rate, name=name)


def atrous_conv2d_transpose(
    value: TensorLike, filters: TensorLike, output_shape: TensorLike, rate: int, padding: str, name: str | None = None
) -> Tensor:
    """`conv2d_transpose` with dilations.

    >>> tf.nn.atrous_conv2d_transpose(tf.ones([1, 1, 1, 2]), tf.ones([3, 3, 4, 2]), [1, 5, 5, 4], 2, "VALID").shape
    TensorShape([1, 5, 5, 4])
    """
    return conv2d_transpose(value, filters, output_shape, 1, padding, dilations=rate, name=name)


def convolution(
    input: TensorLike,
    filters: TensorLike,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`conv1d` or `conv2d`, by the rank of the filters.

    Args:
      input: sequences or images; channels are last unless `data_format` begins with "NC".
      filters: (width, channels, filters) or (height, width, channels, filters).
      strides, padding, dilations: as in `conv2d`.

    Raises:
      ValueError: if there is no dimension to slide along.
      UnimplementedError: for three dimensions to slide along.

    >>> tf.nn.convolution(tf.ones([1, 5, 5, 1]), tf.ones([3, 3, 1, 2])).shape
    TensorShape([1, 3, 3, 2])
    """
    weights = convert(filters)
    n = len(weights.shape) - 2
    if n not in (1, 2, 3):
        raise ValueError(f"`num_spatial_dims` must be 1, 2, or 3. Received: num_spatial_dims={n}.")
    first = data_format is not None and data_format.startswith("NC")
    if n == 1:
        return conv1d(input, weights, strides, padding, "NCW" if first else "NWC", dilations, name)
    if n == 2:
        return conv2d(input, weights, strides, padding, "NCHW" if first else "NHWC", dilations, name)
    raise errors.UnimplementedError(None, None, "Convolutions of volumes are not supported yet.")


def conv_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`conv1d_transpose` or `conv2d_transpose`, by the length of `output_shape`.

    >>> tf.nn.conv_transpose(tf.ones([1, 2, 2, 1]), tf.ones([2, 2, 1, 1]), [1, 4, 4, 1], strides=2).shape
    TensorShape([1, 4, 4, 1])
    """
    n = len(output_shape)
    first = data_format is not None and data_format.startswith("NC")
    if n == 3:
        return conv1d_transpose(
            input, filters, output_shape, strides, padding, "NCW" if first else "NWC", dilations, name
        )
    if n == 4:
        return conv2d_transpose(
            input, filters, output_shape, strides, padding, "NCHW" if first else "NHWC", dilations, name
        )
    if n == 5:
        raise errors.UnimplementedError(None, None, "Convolutions of volumes are not supported yet.")
    raise ValueError(
        f"`output_shape` must be of length 3, 4 or 5. Received: output_shape={output_shape} of length {n}."
    )
