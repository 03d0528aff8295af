"""Rows of convolutions and pooling of volumes, and of windows with gaps."""

from __future__ import annotations

from typing import Any

from optable import Row, bf16, case, each, f16, f32, f64, i32, row

from .convolution import nn, raw

X, W = f32(2, 4, 5, 6, 4), f32(2, 3, 3, 4, 2)
ONES = [1, 1, 1, 1, 1]
SUMS = {"rtol": 1e-5, "reason": "sums"}
SINGLE = {"fd": 0, "reason": "not for float64"}
OTHER = {"error": "type", "reason": "other words"}
POOLS = [(2, 2, "SAME"), (2, 2, "VALID"), (3, 2, "SAME"), ([1, 2, 3], [1, 2, 1], "VALID"), ([2, 3, 2], 1, "SAME"),
         ([1, 2, 2, 2, 1], [1, 1, 2, 2, 1], "VALID")]  # fmt: skip


def gradients(tf: Any, x: Any, y_like: Any, **attrs: Any) -> Any:
    """Second order, through the ops of the first."""
    y = tf.raw_ops.MaxPool3D(input=x, **attrs)
    return tf.raw_ops.MaxPool3DGradGrad(orig_input=x, orig_output=y, grad=y_like, **attrs)


def dilated(tf: Any, x: Any, rates: Any, padding: Any, **kw: Any) -> Any:
    return tf.nn.with_space_to_batch(x, rates, padding, lambda t, n, p: tf.nn.avg_pool2d(t, 2, 1, p), **kw)


_PATCHES = ([1, 2, 2, 1, 1], [1, 1, 1, 2, 1], "VALID")

ROWS: list[Row] = [
    row("Conv3D", nn("conv3d"), [
        case(X, W, ONES, "SAME", **SUMS), case(X, W, ONES, "VALID", **SUMS),
        case(X, W, [1, 2, 2, 2, 1], "SAME", **SUMS),
        case(X, W, [1, 1, 2, 3, 1], "VALID", **SUMS), case(X, W, [1, 3, 1, 2, 1], "SAME", **SUMS),
        case(f32(1, 2, 3, 3, 1), f32(3, 3, 3, 1, 2), ONES, "SAME", **SUMS),
        case(f32(1, 5, 3, 3, 2), f32(1, 1, 1, 2, 3), [1, 2, 1, 1, 1], "SAME", **SUMS),
        case(f64(1, 3, 4, 3, 2), f64(2, 2, 2, 2, 3), ONES, "VALID", rtol=2e-14, reason="sums"),
        *each([f16, bf16], lambda t: (t(1, 2, 3, 3, 2), t(2, 2, 2, 2, 3), ONES, "SAME"), fd=0, reason="half"),
        case(f32(2, 1, 3, 4, 3, 2), f32(2, 2, 2, 2, 1), ONES, "SAME", **SUMS),
        case(f32(0, 4, 5, 6, 4), W, ONES, "SAME"),
        case(f32(1, 2, 2, 2, 4), W, ONES, "VALID", grad=False, reason="TensorFlow leaves memory as it was"),
        case(X, f32(2, 3, 3, 3, 2), ONES, "SAME", **OTHER), case(X, f32(3, 3, 4, 2), ONES, "SAME", **OTHER),
        case(X, W, [1, 1, 1], "SAME", **OTHER), case(X, W, [2, 1, 1, 1, 1], "SAME", **OTHER),
        case(X, W, 1, "SAME", error=True), case(X, W, ONES, "FOO", error=True),
        case(X, W, ONES, "SAME", data_format="NHWC", error=True), case(f32(4, 5, 6, 4), W, ONES, "SAME", **OTHER),
        case(X, f64(2, 3, 3, 4, 2), ONES, "SAME", error=True),
        case(i32(1, 2, 2, 2, 1), i32(1, 1, 1, 1, 1), ONES, "SAME", error=True),
    ], also=["Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"]),
    row("Conv3DBackpropInputV2", nn("conv3d_transpose"), [
        case(f32(2, 2, 3, 3, 2), W, [2, 4, 6, 6, 4], 2, **SUMS),
        case(f32(2, 2, 3, 3, 2), W, [2, 3, 5, 6, 4], 2, **SUMS),
        case(f32(2, 2, 3, 3, 2), W, [2, 3, 5, 5, 4], 1, "VALID", **SUMS),
        case(f32(2, 2, 3, 3, 2), W, i32([2, 2, 6, 3, 4]), [1, 2, 1], **SUMS),
        case(f32(2, 2, 3, 3, 2), W, [2, 8, 6, 6, 4], 2, **OTHER),
        case(f32(2, 2, 3, 3, 3), W, [2, 4, 6, 6, 4], 2, **OTHER),
        case(f32(2, 2, 3, 3, 2), W, [2, 4, 6, 6, 4], [2, 2], error=True),
    ]),
    row("Conv3DBackpropFilterV2", raw("Conv3DBackpropFilterV2"), [
        case(input=X, filter_sizes=[2, 3, 3, 4, 2], out_backprop=f32(2, 2, 3, 3, 2), strides=[1, 2, 2, 2, 1],
            padding="SAME", **SUMS),
        case(input=X, filter_sizes=[2, 3, 3, 4, 2], out_backprop=f32(2, 2, 3, 3, 2), strides=ONES, padding="SAME",
            **OTHER)]),
    row("tf.nn.convolution/volumes", nn("convolution"), [
        case(X, W, data_format="NDHWC", **SUMS),
        case(X, W, strides=2, padding="SAME", data_format="NDHWC", **SUMS),
        case(X, W, dilations=[2, 1, 2], grad=False, **SUMS),
        case(X, W, dilations=2, padding="SAME", grad=False, **SUMS),
        case(f32(2, 9, 3), f32(3, 3, 5), dilations=2, **SUMS),
        case(f32(1, 7, 8, 2), f32(3, 3, 2, 2), dilations=[2, 3], padding="SAME", **SUMS)]),
    row("tf.nn.conv_transpose/volumes", nn("conv_transpose"), [
        case(f32(2, 2, 3, 3, 2), W, [2, 4, 6, 6, 4], 2, **SUMS)]),

    row("MaxPool3D", nn("max_pool3d"), [
        *(case(X, *args, **SINGLE) for args in POOLS),
        case(bf16(1, 4, 4, 2, 2), 2, 2, "VALID", fd=0, reason="half"),
        case(f32(0, 4, 4, 4, 1), 2, 2, "VALID"), case(f64(1, 2, 2, 2, 1), 2, 2, "VALID", error=True),
        case(f32([[[[[1], [1]], [[1], [0]]]]]), [1, 2, 2], 1, "VALID", fd=0, reason="ties"),
        case(X, 2, 2, "FOO", error=True), case(X, [2, 2], 1, "SAME", error=True), case(X, 0, 1, "SAME", **OTHER),
        case(X, [2, 1, 1, 1, 1], 1, "SAME", **OTHER), case(f32(4, 5, 6, 4), 2, 1, "SAME", **OTHER),
        case(f32(1, 1, 1, 1, 1), 2, 1, "VALID", **SINGLE),
    ], also=["MaxPool3DGrad"]),
    row("MaxPool3DGradGrad", gradients, [
        case(f32(1, 2, 4, 4, 2), f32(1, 2, 4, 4, 2), ksize=[1, 2, 2, 2, 1], strides=[1, 1, 2, 2, 1], padding="VALID",
            **SINGLE),
        case(f32(1, 3, 3, 3, 1), f32(1, 3, 3, 3, 1), ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding="SAME",
            **SINGLE),
    ], also=["MaxPool3D"]),
    row("MaxPool3DGrad", lambda tf, x, y, g, **kw: tf.raw_ops.MaxPool3DGrad(
        orig_input=x, orig_output=y, grad=g, **kw), [
        case(f32([[[[[1], [4]], [[2], [3]]]]]), f32([[[[[4]]]]]), f32(1, 1, 1, 1, 1), ksize=[1, 1, 2, 2, 1],
            strides=[1, 1, 2, 2, 1], padding="VALID", **SINGLE)], also=["MaxPool3DGradGrad"]),
    row("AvgPool3D", nn("avg_pool3d"), [
        *(case(X, *args, **SUMS) for args in POOLS),
        case(bf16(1, 4, 4, 2, 2), 2, 2, "VALID", fd=0, reason="half"),
        case(f32(0, 4, 4, 4, 1), 2, 2, "VALID"), case(i32(1, 2, 2, 2, 1), 2, 2, "VALID", error=True),
        case(X, 2, 2, "FOO", error=True), case(X, [2, 2], 1, "SAME", error=True),
        case(f32(4, 5, 6, 4), 2, 1, "SAME", **OTHER),
    ], also=["AvgPool3DGrad"]),
    row("tf.nn.pool/volumes", nn("pool"), [
        case(X, [2, 2, 2], "MAX", **SINGLE), case(X, [2, 3, 2], "AVG", padding="SAME", **SUMS)]),
    row("tf.nn.max_pool", nn("max_pool"), [case(X, 2, 2, "SAME", data_format="NDHWC", **SINGLE)]),
    row("tf.nn.avg_pool", nn("avg_pool"), [case(X, 2, 2, "SAME", data_format="NDHWC", **SUMS)]),
    row("tf.nn.pool/dilated", nn("pool"), [
        case(f32(2, 7, 5, 2), [2, 2], "MAX", dilations=[2, 1]), case(f32(2, 7, 5, 2), [2, 3], "AVG", dilations=[3, 2]),
        case(f32(2, 7, 2), [2], "MAX", dilations=[3]), case(X, [2, 2, 2], "AVG", dilations=[2, 2, 1], **SUMS),
        case(X, [2, 2, 1], "MAX", dilations=[1, 2, 1], **SINGLE),
        case(f32(2, 7, 5, 2), [2, 2], "MAX", padding="SAME", dilations=[2, 1], error=True),
        case(f32(2, 7, 5, 2), [2, 2], "MAX", strides=[2, 2], dilations=[2, 1], error=True),
        case(f32(2, 7, 5, 2), [2, 2], "MAX", dilations=[0, 1], error=True),
        case(f32(2, 7, 5, 2), [2, 2], "MAX", dilations=[1, 1, 1], error=True),
        case(f32(2, 7, 5, 2), [2, 2], "MAX", strides=[1], error=True)]),
    row("tf.nn.with_space_to_batch", dilated, [
        case(f32(2, 6, 5, 2), [2, 2], "VALID"), case(f32(2, 6, 5, 2), [1, 3], "SAME", filter_shape=[2, 2]),
        case(f32(2, 6, 5, 2), [1, 1], "SAME"), case(f32(2, 6, 5, 2), [2, 2], "SAME", error=True),
        case(f32(2, 6, 5, 2), [2, 0], "VALID", error=True), case(f32(2, 6, 5, 2), [2, 2], "FOO", error=True),
        case(f32(2, 6, 5, 2), [2, 2], "VALID", spatial_dims=[2, 1], error=True)]),
    row("tf.nn.atrous_conv2d_transpose", nn("atrous_conv2d_transpose"), [
        case(f32(1, 4, 5, 2), f32(3, 2, 3, 2), [1, 4, 5, 3], 1, "SAME", **SUMS),
        case(f32(1, 4, 5, 2), f32(3, 2, 3, 2), [1, 8, 7, 3], 2, "VALID", **SUMS),
        case(f32(1, 4, 5, 2), f32(3, 2, 3, 2), [1, 4, 5, 3], 2, "SAME", **SUMS)]),
    row("ExtractVolumePatches", lambda tf, x, *a: tf.extract_volume_patches(x, *a), [
        case(f32(2, 4, 3, 3, 2), [1, 2, 2, 1, 1], [1, 1, 1, 2, 1], "VALID"),
        case(f32(1, 4, 3, 3, 2), [1, 3, 2, 2, 1], [1, 2, 2, 1, 1], "SAME"),
        case(f64(1, 2, 2, 2, 1), [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], "SAME"), case(i32(1, 3, 2, 2, 1), *_PATCHES),
        case(f32(0, 4, 3, 3, 2), *_PATCHES, grad=False, reason="TensorFlow fails"),
        case(f32(1, 1, 3, 3, 2), *_PATCHES), case(f16(1, 2, 2, 3, 1), *_PATCHES),
        case(f32(4, 3, 3, 2), *_PATCHES, error=True),
        *[case(f32(1, 4, 3, 3, 2), sizes, strides, padding, error=True) for sizes, strides, padding in (
            ([2, 2, 2, 1, 1], [1] * 5, "VALID"), ([1, 2, 2, 1, 1], [1, 1, 1, 1, 2], "VALID"),
            ([1, 2, 2, 1], [1] * 5, "VALID"), ([1, 2, 2, 1, 1], [1] * 5, "FULL"),
            ([1, 0, 2, 1, 1], [1] * 5, "VALID"), ([1, 1, 2, 1, 1], [1, 1, 0, 1, 1], "VALID"))],
    ]),
]
