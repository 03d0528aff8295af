"""Convolutions of images and sequences, plain, transposed and depthwise, with gradients of any order."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike
from . import windows
from .convolution_3d import conv3d, conv3d_transpose
from .convolution_ops import conv2d_input_op, conv2d_op, depthwise_filter_op, depthwise_input_op, depthwise_op


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
    return windows.over_batches(x, 4, lambda images: conv2d_op(images, filters, name=name, **attrs))


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
        y = conv2d_op(images, wide, name=name, padding=padding, **attrs)
        squeezed: Tensor = OPS["Squeeze"](y, squeeze_dims=(axis,))
        return squeezed

    return windows.over_batches(convert(input), 3, function)


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
    images: Tensor = conv2d_input_op(output_shape, filters, input, name=name, **attrs)
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
    y = conv2d_input_op((*sizes[:axis], 1, *sizes[axis:]), wide, images, name=name, padding=padding, **attrs)
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
    images: Tensor = depthwise_op(input, filter, name=name, **attrs)
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
    images: Tensor = depthwise_input_op(
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
    filters: Tensor = depthwise_filter_op(
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
    """`conv1d`, `conv2d` or `conv3d`, by the rank of the filters.

    Args:
      input: sequences, images or volumes; channels are last unless `data_format` begins with "NC".
      filters: (width, channels, filters), with height, and depth, before the width.
      strides, padding, dilations: as in `conv2d`.

    Raises:
      ValueError: if there are not one, two or three dimensions to slide along, or both strides and dilations are
        greater than 1.

    >>> tf.nn.convolution(tf.ones([1, 5, 5, 1]), tf.ones([3, 3, 1, 2])).shape
    TensorShape([1, 3, 3, 2])
    """
    weights = convert(filters)
    n = len(weights.shape) - 2
    if n not in (1, 2, 3):
        raise ValueError(f"`num_spatial_dims` must be 1, 2, or 3. Received: num_spatial_dims={n}.")
    first = data_format is not None and data_format.startswith("NC")
    _not_both(strides, dilations, n)
    if n == 1:
        return conv1d(input, weights, strides, padding, "NCW" if first else "NWC", dilations, name)
    if n == 2:
        return conv2d(input, weights, strides, padding, "NCHW" if first else "NHWC", dilations, name)
    order = "NCDHW" if first else "NDHWC"
    steps = windows.sequence(strides, 3, order, "strides")
    return conv3d(input, weights, steps, padding, order, windows.sequence(dilations, 3, order, "dilations"), name)


def _not_both(strides: Any, dilations: Any, n: int) -> None:
    """Refuses strides of a convolution with holes, which TensorFlow computes in another way."""
    steps, holes = (np.broadcast_to(1 if x is None else x, n) for x in (strides, dilations))
    if (steps > 1).any() and (holes > 1).any():
        raise ValueError(
            "`strides > 1` not supported in conjunction with `dilation_rate > 1`. "
            f"Received: strides={steps} and dilation_rate={holes}"
        )


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
    """`conv1d_transpose`, `conv2d_transpose` or `conv3d_transpose`, by the length of `output_shape`.

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
        order = "NCDHW" if first else "NDHWC"
        return conv3d_transpose(input, filters, output_shape, strides, padding, order, dilations, name)
    raise ValueError(
        f"`output_shape` must be of length 3, 4 or 5. Received: output_shape={output_shape} of length {n}."
    )
