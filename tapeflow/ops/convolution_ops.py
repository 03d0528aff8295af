"""The ops of convolution: each with those of its two gradients, which are each other's."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from ..base import errors, shapes
from ..base.dtypes import bfloat16, float16, float32, float64, int32
from ..base.shapes import Shape
from ..core.op import Op, op
from ..core.tensor import Array
from . import convolution_kernels as kernels
from . import convolution_onednn as onednn
from . import convolution_xla as xla
from . import window_gradients, windows
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
    x = windows.four("input" if depthwise else "convolution input", x)
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
    if min(strides) <= 0:
        raise errors.invalid("Row and column strides should be larger than 0.")
    if min(dilations) <= 0:
        raise errors.invalid("Dilated rates should be larger than 0.")


def _channels(depth: int | None, w: tuple[int | None, ...], depthwise: bool) -> int | None:
    """The channels of the result."""
    per_filter, out = w[2:]
    if depth is not None and per_filter is not None:
        if depth != per_filter and (depthwise or per_filter == 0 or depth % per_filter):
            raise errors.invalid(f"input depth must be evenly divisible by filter depth: {depth} vs {per_filter}")
        groups = 1 if depthwise else depth // per_filter
        if not groups:
            raise errors.invalid("grouped convolution must have at least one group: 0 groups")
        if out is not None and out % groups:
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

    _define_on_xla("xla", xla, prefix, depthwise, conv, input_gradient, filter_gradient)
    if not depthwise:
        _define_on_xla("onednn", onednn, prefix, depthwise, conv, input_gradient, filter_gradient)

    window_gradients.define_for_convolution(conv, input_gradient, filter_gradient)
    return conv, input_gradient, filter_gradient


def _define_on_xla(
    engine: str, module: Any, prefix: str, depthwise: bool, conv: Op, input_gradient: Op, filter_gradient: Op
) -> None:
    """The three kernels for XLA: its own, or with calls of oneDNN, which get `shared` as well (`Lowering.kernel`)."""
    forward, from_output, filters = (
        getattr(module, prefix + suffix) for suffix in ("", "_input_gradient", "_filter_gradient")
    )

    def more(attrs: dict[str, Any]) -> dict[str, Any]:
        return {"shared": attrs["shared"]} if "shared" in attrs else {}

    @conv.on(engine)
    def _(jax: Any, x: Array, w: Array, **attrs: Any) -> Array:
        data_format = attrs["data_format"]
        plan = _geometry(x.shape, w.shape, depthwise, attrs)
        y = forward(jax, windows.to_nhwc(x, data_format), w, *plan[1:], **more(attrs))
        return windows.from_nhwc(y, data_format)

    @input_gradient.on(engine)
    def _(jax: Any, sizes: Any, w: Array, dy: Array, **attrs: Any) -> Array:
        data_format = attrs["data_format"]
        shape = _full_sizes(sizes, w.shape, dy.shape, data_format)
        plan = _geometry(shape, w.shape, depthwise, attrs)
        _check_output(plan, shape, w.shape, dy.shape)
        h, across, c = windows.axes(data_format)
        nhwc = (shape[0], shape[h], shape[across], shape[c])
        dx = from_output(jax, nhwc, w, windows.to_nhwc(dy, data_format), *plan[1:], **more(attrs))
        return windows.from_nhwc(dx, data_format)

    @filter_gradient.on(engine)
    def _(jax: Any, x: Array, sizes: Any, dy: Array, **attrs: Any) -> Array:
        data_format = attrs["data_format"]
        plan = _geometry(x.shape, sizes, depthwise, attrs)
        _check_output(plan, x.shape, sizes, dy.shape)
        g = windows.to_nhwc(dy, data_format)
        return filters(jax, windows.to_nhwc(x, data_format), sizes, g, *plan[1:], **more(attrs))


conv2d_op, conv2d_input_op, conv2d_filter_op = _define(
    "conv2d", ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"), depthwise=False, integers=True
)
depthwise_op, depthwise_input_op, depthwise_filter_op = _define(
    "depthwise_conv2d",
    ("DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"),
    depthwise=True, integers=False,
)  # fmt: skip
