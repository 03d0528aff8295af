"""Rows of convolutions and pooling."""

from __future__ import annotations

from typing import Any

from optable import Row, bf16, boolean, case, each, f16, f32, f64, i32, i64, nan, row, u8

X, W = f32(2, 5, 6, 4), f32(3, 3, 4, 2)

EDGES = [[0, 0], [1, 2], [2, 0], [0, 0]]
SUMS = {"rtol": 5e-6, "reason": "sums"}


def nn(name: str) -> Any:
    return lambda tf, *args, **kwargs: getattr(tf.nn, name)(*args, **kwargs)


def raw(name: str) -> Any:
    return lambda tf, **kwargs: getattr(tf.raw_ops, name)(**kwargs)


POOLS = [
    (2, 2, "SAME"), (2, 2, "VALID"), (3, 2, "SAME"), (3, 2, "VALID"), (2, 1, "SAME"), (3, 1, "VALID"), (1, 2, "VALID"),
    ([2, 3], [2, 1], "SAME"), ([1, 2, 3, 1], [1, 2, 1, 1], "VALID"),
]  # fmt: skip

ROWS: list[Row] = [
    row("Conv2D", nn("conv2d"), [
        case(X, W, 1, "SAME", **SUMS), case(X, W, 1, "VALID", **SUMS), case(X, W, 2, "SAME", **SUMS),
        case(X, W, [1, 2, 3, 1], "VALID", **SUMS), case(X, W, [2, 3], "SAME", **SUMS), case(X, W, [2], "VALID", **SUMS),
        case(X, W, 1, EDGES, **SUMS), case(X, W, 2, EDGES, **SUMS), case(X, f32(1, 1, 4, 3), 1, "SAME", **SUMS),
        case(X, f32(1, 1, 4, 3), 2, "SAME", **SUMS), case(X, f32(2, 4, 4, 3), 1, "SAME", **SUMS),
        case(f32(1, 4, 4, 1), f32(3, 3, 1, 2), 1, "SAME", **SUMS),
        case(f32(1, 7, 7, 3), f32(3, 3, 3, 2), 3, "SAME", **SUMS),
        case(f32(1, 5, 4, 16), f32(3, 3, 16, 16), 1, "SAME", fd=0, rtol=1e-5, reason="sums, many"),
        case(f64(1, 4, 5, 16), f64(3, 3, 16, 16), 1, "SAME", fd=0, rtol=1e-13, reason="sums, many"),
        case(f64(2, 4, 4, 2), f64(2, 2, 2, 3), 1, "VALID", rtol=2e-14, reason="sums"),
        case(f16(1, 4, 4, 2), f16(2, 2, 2, 3), 1, "VALID", fd=0, reason="half"),
        case(i32(1, 4, 4, 2), i32(2, 2, 2, 3), 1, "VALID"),
        case(f32(0, 5, 6, 4), W, 1, "SAME"), case(f32(2, 2, 4, 4, 2), f32(2, 2, 2, 3), 1, "SAME", **SUMS),
        case(X, W, [2, 3, 4], "VALID", error=True), case(X, W, [2, 1, 1, 1], "VALID", error="type", reason="no oneDNN"),
        case(X, W, 0, "VALID", error="type", reason="other words without oneDNN"),
        case(X, W, 1, "same", error=True), case(X, W, 1, [[1, 2], [3, 4]], error=True),
        case(X, W, 1, [[0, 0], [1, -2], [0, 0], [0, 0]], error="type", reason="other words"),
        case(X, W, 1, "SAME", data_format="NWHC", error=True), case(X, f32(3, 3, 3, 2), 1, "SAME", error=True),
        case(X, f32(7, 7, 4, 2), 1, "VALID", error=True), case(X, f32(8, 8, 4, 2), 1, "VALID", error=True),
        case(X, f32(3, 4, 2), 1, "SAME", error=True), case(X, f64(3, 3, 4, 2), 1, "SAME", error=True),
        case(i64(1, 3, 3, 1), i64(2, 2, 1, 1), 1, "SAME", error=True),
    ], also=["Conv2DBackpropInput", "Conv2DBackpropFilter"]),
    row("Conv2D/dilations", nn("conv2d"), [
        case(X, W, 1, "SAME", dilations=2, grad=False, **SUMS), case(X, W, 1, "VALID", dilations=2, grad=False, **SUMS),
        case(X, W, 1, "SAME", dilations=[2, 3], grad=False, **SUMS),
        case(X, W, 2, "SAME", dilations=[1, 2, 1, 1], grad=False, **SUMS),
        case(X, W, 1, "SAME", dilations=0, error="type", reason="other words without oneDNN"),
        case(X, W, 1, "SAME", dilations=[2, 1, 1, 1], error="type", reason="other words without oneDNN")]),
    row("Conv2D/groups", nn("conv2d"), [
        case(X, f32(3, 3, 2, 4), 1, "SAME", grad=False, **SUMS),
        case(X, f32(2, 2, 1, 8), 2, "VALID", grad=False, **SUMS),
        case(X, f32(3, 3, 2, 3), 1, "SAME", error="type", reason="other words without oneDNN")]),
    row("tf.nn.conv1d", nn("conv1d"), [
        case(f32(2, 7, 3), f32(3, 3, 5), 1, "SAME", **SUMS), case(f32(2, 7, 3), f32(3, 3, 5), 2, "VALID", **SUMS),
        case(f32(2, 7, 3), f32(3, 3, 5), [2], "SAME", **SUMS),
        case(f32(2, 7, 3), f32(3, 3, 5), [1, 2, 1], "SAME", **SUMS),
        case(f32(2, 2, 7, 3), f32(3, 3, 5), 2, "SAME", **SUMS),
        case(f32(2, 7, 3), f32(3, 3, 5), 1, "SAME", data_format="FOO", error=True),
        case(f32(2, 7, 3), f32(3, 3, 5), 1, [[0, 0], [1, 1], [0, 0]], error=True),
        case(f32(2, 7, 3), f32(3, 2, 5), 1, "SAME", error=True)]),
    row("Conv2DBackpropInput", nn("conv2d_transpose"), [
        case(f32(2, 3, 3, 2), W, [2, 6, 6, 4], 2, **SUMS), case(f32(2, 3, 3, 2), W, [2, 5, 6, 4], 2, **SUMS),
        case(f32(2, 3, 3, 2), W, [2, 7, 8, 4], 2, "VALID", **SUMS), case(f32(2, 3, 3, 2), W, [2, 3, 3, 4], 1, **SUMS),
        case(f32(2, 3, 3, 2), W, [2, 5, 5, 4], 1, "VALID", **SUMS),
        case(f32(2, 3, 3, 2), W, [2, 6, 6, 4], [2, 2], **SUMS),
        case(f32(2, 3, 3, 2), W, i32([2, 6, 6, 4]), 2, **SUMS), case(f32(2, 3, 3, 2), W, [6, 6], 2, **SUMS),
        case(f32(2, 3, 3, 2), W, [2, 6, 6, 4], 2, [[0, 0], [1, 1], [1, 1], [0, 0]], **SUMS),
        case(f32(2, 3, 3, 2), W, [2, 8, 6, 4], 2, error="type", reason="other words"),
        case(f32(2, 3, 3, 2), W, [2, 6, 6, 3], 2, error="type", reason="other words"),
        case(f32(2, 3, 3, 3), W, [2, 6, 6, 4], 2, error="type", reason="other words"),
        case(f32(2, 3, 3, 2), W, [3, 6, 6, 4], 2, error="type", reason="other words")]),
    row("Conv2DBackpropFilter", raw("Conv2DBackpropFilter"), [
        case(input=X, filter_sizes=[3, 3, 4, 2], out_backprop=f32(2, 3, 3, 2), strides=[1, 2, 2, 1], padding="SAME",
            **SUMS),
        case(input=X, filter_sizes=[3, 3, 4, 2], out_backprop=f32(2, 3, 4, 2), strides=[1, 1, 1, 1], padding="VALID",
            **SUMS),
        case(input=X, filter_sizes=[3, 3, 4, 2], out_backprop=f32(2, 3, 3, 2), strides=[1, 1, 1, 1], padding="SAME",
            error="type", reason="other words")]),
    row("tf.nn.conv1d_transpose", nn("conv1d_transpose"), [
        case(f32(2, 5, 2), f32(3, 4, 2), [2, 10, 4], 2, **SUMS),
        case(f32(2, 5, 2), f32(3, 4, 2), [2, 9, 4], 2, **SUMS)]),
    row("DepthwiseConv2dNative", nn("depthwise_conv2d"), [
        case(X, f32(3, 3, 4, 2), [1, 1, 1, 1], "SAME", **SUMS), case(X, f32(3, 3, 4, 1), [1, 2, 2, 1], "SAME", **SUMS),
        case(X, f32(2, 3, 4, 2), [1, 2, 2, 1], "VALID", **SUMS), case(X, f32(3, 3, 4, 2), [1, 1, 1, 1], EDGES, **SUMS),
        case(f64(1, 4, 4, 2), f64(2, 2, 2, 2), [1, 1, 1, 1], "SAME", rtol=2e-14, reason="sums"),
        case(X, f32(3, 3, 4, 2), [1, 1, 1, 1], "SAME", dilations=[2, 2], **SUMS),
        case(X, f32(3, 3, 4, 2), [1, 1, 1, 1], "VALID", dilations=[2, 1], **SUMS),
        case(X, f32(3, 3, 4, 2), 1, "SAME", error=True),
        case(X, f32(3, 3, 4, 2), [2, 2], "SAME", error="type", reason="other words"),
        case(X, f32(3, 3, 3, 2), [1, 1, 1, 1], "SAME", error="type", reason="other words"),
        case(X, f32(3, 4, 2), [1, 1, 1, 1], "SAME", error=True),
    ], also=["DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"]),
    row("DepthwiseConv2dNativeBackpropInput", nn("depthwise_conv2d_backprop_input"), [
        case([2, 5, 6, 4], f32(3, 3, 4, 2), f32(2, 3, 3, 8), [1, 2, 2, 1], "SAME", **SUMS)]),
    row("DepthwiseConv2dNativeBackpropFilter", nn("depthwise_conv2d_backprop_filter"), [
        case(X, [3, 3, 4, 2], f32(2, 3, 3, 8), [1, 2, 2, 1], "SAME", **SUMS)]),
    row("tf.nn.separable_conv2d", nn("separable_conv2d"), [
        case(X, f32(3, 3, 4, 2), f32(1, 1, 8, 5), [1, 1, 1, 1], "SAME", rtol=1e-5, reason="sums"),
        case(X, f32(3, 3, 4, 1), f32(1, 1, 4, 3), [1, 2, 2, 1], "VALID", rtol=1e-5, reason="sums"),
        case(X, f32(3, 3, 4, 2), f32(1, 2, 8, 5), [1, 1, 1, 1], "SAME", error=True)]),
    row("tf.nn.atrous_conv2d", nn("atrous_conv2d"), [
        case(X, W, 2, "SAME", **SUMS), case(X, W, 2, "VALID", **SUMS), case(X, W, 1, "SAME", **SUMS),
        case(X, W, 2, "FOO", error=True), case(X, W, 0, "SAME", error=True)]),
    row("tf.nn.convolution", nn("convolution"), [
        case(X, W, **SUMS), case(X, W, strides=2, padding="SAME", **SUMS),
        case(X, W, strides=[1, 2], padding="SAME", **SUMS),
        case(f32(2, 7, 3), f32(3, 3, 5), strides=2, **SUMS), case(f32(7, 3), f32(3, 5), error=True)]),
    row("tf.nn.conv_transpose", nn("conv_transpose"), [
        case(f32(2, 3, 3, 2), W, [2, 6, 6, 4], 2, **SUMS), case(f32(2, 5, 2), f32(3, 4, 2), [2, 10, 4], 2, **SUMS),
        case(f32(2, 3, 3, 2), W, [6, 6], 2, error=True)]),

    row("MaxPool", nn("max_pool"), [
        *(case(X, *args) for args in POOLS), case(X, 2, 1, [[0, 0], [1, 1], [1, 0], [0, 0]]),
        *each([bf16, f16, f64, i32, i64, u8], lambda t: (t(1, 4, 4, 2), 2, 2, "VALID")),
        case(f32([[[[1], [1], [0]], [[1], [1], [2]], [[0], [2], [2]]]]), 2, 1, "VALID", fd=0, reason="ties"),
        case(f32(0, 4, 4, 1), 2, 2, "VALID"), case(f32(2, 7, 3), 2, 2, "SAME"), case(f32(2, 7, 3), [3], [2], "VALID"),
        case(X, [2, 2, 2, 1], 1, "VALID", error=True), case(X, 2, 1, "FOO", error=True),
        case(X, 0, 1, "SAME", error=True),
        case(X, 2, 0, "SAME", error="type", reason="other words without oneDNN"),
        case(f32(5), 2, 1, "SAME", error=True),
        case(X, 2, 1, [[0, 0], [2, 1], [1, 0], [0, 0]], error=True),
        case(boolean(1, 2, 2, 1), 1, 1, "SAME", error=True),
    ], also=["MaxPoolGrad"]),
    row("tf.nn.max_pool2d", nn("max_pool2d"), [case(X, 2, 2, "SAME"), case(f32(5, 6, 4), 2, 2, "SAME",
        error="type", reason="other words without oneDNN")]),
    row("tf.nn.max_pool1d", nn("max_pool1d"), [case(f32(2, 7, 3), 2, 2, [[0, 0], [1, 0], [0, 0]]),
        case(f32(2, 7, 3), 2, 2, "SAME"),
        case(f32(2, 7, 3), [2], [1], "VALID")]),
    row("MaxPoolGradGrad", lambda tf, x, y, g: tf.raw_ops.MaxPoolGradGrad(
        orig_input=x, orig_output=y, grad=g, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID"), [
        case(f32([[[[1], [2]], [[4], [3]]]]), f32([[[[4]]]]), f32(1, 2, 2, 1), fd=0, reason="jumps")]),
    row("MaxPoolWithArgmax", lambda tf, *args, **kw: tuple(tf.nn.max_pool_with_argmax(*args, **kw)), [
        case(X, 2, 2, "SAME"), case(X, 3, 2, "VALID"), case(X, 2, 1, "SAME", include_batch_in_index=True)]),
    row("AvgPool", nn("avg_pool"), [
        *(case(X, *args) for args in POOLS),
        *each([bf16, f16, f64], lambda t: (t(1, 4, 4, 2), 2, 2, "VALID")),
        case(f32(1, 3, 3, 1, low=1e30, high=2e30), 2, 1, "VALID"),
        case(f32([[[[nan], [1]], [[2], [3]]]]), [1, 2], 1, "VALID"),
        case(f32(0, 4, 4, 1), 2, 2, "VALID"), case(f32(2, 7, 3), 2, 2, "SAME"),
        case(X, 2, 2, "FOO", error=True), case(i32(1, 4, 4, 2), 2, 2, "SAME", error=True),
        case(f32(5), 2, 1, "SAME", error=True),
    ], also=["AvgPoolGrad"]),
    row("tf.nn.avg_pool1d", nn("avg_pool1d"), [case(f32(2, 7, 3), 2, 2, "SAME"), case(f32(2, 7, 3), 2, 1, "VALID")]),
    row("tf.nn.avg_pool2d", nn("avg_pool2d"), [case(X, 2, 2, [[0, 0]] * 4, error=True), case(X, 2, 2, "SAME")]),
    row("tf.nn.pool", nn("pool"), [
        case(X, [2, 2], "MAX"), case(X, [2, 2], "AVG", padding="SAME"),
        case(f32(2, 7, 3), [2], "MAX", strides=[2]), case(X, [2, 2], "FOO", error=True),
        case(X, [2, 2], "MAX", strides=[3, 2], error=True), case(X, [2, 2], "AVG", strides=(1, 3), error=True)]),
]
