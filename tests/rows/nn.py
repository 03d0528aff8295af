"""Rows of softmax, losses, biases, dropout and normalization."""

from __future__ import annotations

from typing import Any

from optable import FLOATS, Row, bf16, c64, case, each, f16, f32, f64, i32, i64, inf, nan, row, u8

from .elementwise import function

HARD = [[1e30, 0, -1e30], [inf, 0, 1], [-inf, 0, 1], [nan, 0, 1], [88, 89, 90], [-200, -300, -400], [-inf, -inf, -inf]]
ANY = {"fd": 0, "reason": "the gradient takes it that labels sum to 1"}


def softmaxes(path: str) -> list[Any]:
    call = [
        case(f32(2, 3)), case(f32(4)), case(f32(2, 3, 4)), case(f32(2, 3, 4, 2)), case(f32(2, 3), axis=0),
        case(f32(2, 3, 4), axis=1), case(f32(2, 3, 4), axis=-3), case(f32(2, 3), axis=-1), case(f32(2, 3), axis=1),
        case(f32(2, 3), axis=2, error=True), case(f32(2, 3), axis=-3, error=True), case(f32(0, 3)),
        case(f32(5, 1)), case(f32(700, 7)), case(f32(70, 90)), case([0.0, 1.0]), case([1, 2], error=True),
        *each([bf16, f16, f64], lambda t: (t(3, 4),)), case(f32(HARD), fd=0, reason="not differentiable"),
        case(f64(HARD), fd=0, reason="not differentiable"), case(i32(3), error=True), case(c64(3), error=True),
        case(f32(3, 4, low=-200, high=200)),
    ]  # fmt: skip
    if path == "nn.log_softmax":
        return [*call, case(f32(), error=True)]
    return [*call, case(f32(2, 0))]


def batch_norm(tf: Any, x: Any, scale: Any, offset: Any, **attrs: Any) -> Any:
    mean, variance = attrs.pop("mean", []), attrs.pop("variance", [])
    mean, variance = (tf.constant(v, tf.float32) if isinstance(v, list) else v for v in (mean, variance))
    outputs = tf.raw_ops.FusedBatchNormV3(x=x, scale=scale, offset=offset, mean=mean, variance=variance, **attrs)
    # When not training, TensorFlow leaves what is reserved for the gradient as it finds the memory.
    return outputs[0:5] if attrs.get("is_training", True) else outputs[0:3]


def batch_norm_gradient(tf: Any, g: Any, x: Any, scale: Any, **attrs: Any) -> Any:
    """The gradient's gradient, given the mean and variance that training has, or any others."""
    moments = [tf.constant([0.5, 1.0, 1.5, 2.0])] * 2
    if attrs.get("is_training") is not False:
        axes = [0, 2, 3] if attrs.get("data_format") == "NCHW" else [0, 1, 2]
        moments = [tf.stop_gradient(each) for each in tf.nn.moments(x, axes)]
    return tf.raw_ops.FusedBatchNormGradV3(y_backprop=g, x=x, scale=scale, reserve_space_1=moments[0],
        reserve_space_2=moments[1], reserve_space_3=tf.constant([], tf.float32), **attrs)[0:3]


STOPS = {"fd": 1, "reason": "TensorFlow stops gradients through the mean"}
SINGLE = {"fd": 0, "rtol": 5e-6, "reason": "float32 only"}
ROWS: list[Row] = [
    row("Softmax", function("nn.softmax"), softmaxes("nn.softmax")),
    row("LogSoftmax", function("nn.log_softmax"), softmaxes("nn.log_softmax")),
    row("SoftmaxCrossEntropyWithLogits", function("nn.softmax_cross_entropy_with_logits"), [
        case(f32(2, 3, low=0, high=1), f32(2, 3), **ANY), case(f32(3, low=0, high=1), f32(3), **ANY),
        case(f32(2, 3, 4, low=0, high=1), f32(2, 3, 4), **ANY),
        case(f32(2, 3, 4, low=0, high=1), f32(2, 3, 4), axis=1, **ANY),
        case(f32(2, 3, low=0, high=1), f32(2, 3), axis=0, **ANY), case(f32(0, 3), f32(0, 3)),
        case(f64(2, 3), f32(2, 3), fd=0, rtol=3e-7, reason="two dtypes"), case([[1, 0]], f32(1, 2)),
        case([[0.5, 0.25, 0.25], [0, 1, 0]], f32(2, 3)), case([[0.5, 0, 0.25], [0.5, 1, 0.75]], f32(2, 3), axis=0),
        case(f32([[0.5, 0.25, 0.25], [0, 1, 0]]), f32(2, 3), fd=1, reason="labels are taken as constants"),
        *each([bf16, f16, f64], lambda t: (t(3, 4, low=0, high=1), t(3, 4)), **ANY),
        case(f32([[0, 1, 0], [1, 0, 0], [0, 0, 1]]), f32(HARD[4:6] + [[1e30, 0, -1e30]]), fd=0, reason="too steep"),
        case(f32(300, 40, low=0, high=1), f32(300, 40), fd=0, reason="many"),
        case(f32(2, 3), f32(2, 4), error=True), case(i32(2, 3), i32(2, 3), error=True),
    ]),
    row("SparseSoftmaxCrossEntropyWithLogits", function("nn.sparse_softmax_cross_entropy_with_logits"), [
        case(i32([0, 2]), f32(2, 3)), case(i64([0, 2]), f32(2, 3)), case([1, 0], f32(2, 3)), case(1, f32(3)),
        case(i32([[0, 2], [1, 1]]), f32(2, 2, 3)), case(i32(0), f32(0, 3)),
        *each([bf16, f16, f64], lambda t: (i32([0, 3, 1]), t(3, 4))),
        case(i32([0, 1, 2]), f32(HARD[4:6] + [[1e30, 0, -1e30]]), fd=0, reason="too steep"),
        case(i32(700, low=0, high=7), f32(700, 7), fd=0, reason="many"),
        case(i32(70, low=0, high=90), f32(70, 90), fd=0, reason="many"),
        case(i32([0, 3]), f32(2, 3), error=True), case(i32([0, -1]), f32(2, 3), error=True),
        case(i32([0, 1, 2]), f32(2, 3), error=True), case(i32([[1], [1]]), f32(2, 3), error=True),
        case(u8([0, 1]), f32(2, 3), error=True), case(f32([0, 1]), f32(2, 3), error=True),
        case(i32([0, 1]), f32.of(1), error=True), case(i32([0, 0]), f32(2, 0), error=True),
    ]),
    row("SparseSoftmaxCrossEntropyWithLogits/both", lambda tf, x, labels:
        tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=x, labels=labels)[0:2], [
        case(f32(2, 3), i32([0, 2])), case(f64(4, 3), i64([0, 2, 1, 1])), case(f32(2, 3), i32([0, 1, 2]), error="type",
            reason="the shape rule speaks first"),
    ]),
    row("SoftmaxCrossEntropyWithLogits/both", lambda tf, x, labels:
        tf.raw_ops.SoftmaxCrossEntropyWithLogits(features=x, labels=labels)[0:2], [
        case(f32(2, 3), f32(2, 3), **ANY), case(f64(4, 3), f64(4, 3), **ANY),
        case(f32(2, 3), [[0.5, 0.25, 0.25], [0, 1, 0]])]),
    row("tf.nn.sigmoid_cross_entropy_with_logits", lambda tf, p, x: tf.nn.sigmoid_cross_entropy_with_logits(p, x), [
        case(f32(2, 3, low=0, high=1), f32(2, 3)), case(f32(), f32()), case(f32(0), f32(0)),
        *each(FLOATS, lambda t: (t(3, low=0, high=1), t(3))),
        case([1.0, 0.0], f32(2), fd=0, reason="a list is float32"),
        case(f32([0, 1, 0, 1, 0, 0]), f32([0, 0, 1e4, -1e4, inf, -inf]), fd=0, reason="not differentiable"),
        case(f32(2, 3), f32(3), error=True), case(f32(3), None, error=True),
    ]),
    row("tf.nn.weighted_cross_entropy_with_logits",
        lambda tf, p, x, w: tf.nn.weighted_cross_entropy_with_logits(p, x, w), [
        case(f32(2, 3, low=0, high=1), f32(2, 3), 2.0),
        case(f64(2, 3, low=0, high=1), f64(2, 3), f64(3, low=1, high=2)),
        case(f32([0, 1, 0, 1]), f32([1e4, -1e4, 50, -50]), 0.5, fd=0, reason="too steep"),
        case(f32(2, 3), f32(3), 2.0, error=True),
    ]),
    row("tf.nn.log_poisson_loss", lambda tf, t, x, **kw: tf.nn.log_poisson_loss(t, x, **kw), [
        case(f32(2, 3, low=1, high=9), f32(2, 3)), case(f64([0.5, 2, 5, 9]), f64(4), compute_full_loss=True),
        case(f32(2, 3), f32(3), error=True)]),
    row("L2Loss", function("nn.l2_loss"), [case(f32(2, 3)), case(f32()), case(f32(0)), *each(FLOATS, lambda t: (t(7),)),
        case(f32([1e30, 1]), fd=0, reason="overflows"), case(f32([nan, 1])), case(i32(3), error=True),
        case([1.0, 2.0])]),
    row("tf.nn.compute_average_loss", lambda tf, x, **kw: tf.nn.compute_average_loss(x, **kw), [
        case(f32(3)), case(f32(3), global_batch_size=4),
        case(f32(3), sample_weight=f32(3), fd=0, reason="float32 only"),
        case(f64(3))]),
    row("tf.nn.scale_regularization_loss", function("nn.scale_regularization_loss"), [case(f32(3)), case(f32())]),

    row("BiasAdd", lambda tf, x, b, **kw: tf.nn.bias_add(x, b, **kw), [
        case(f32(2, 3), f32(3)), case(f32(2, 3, 4), f32(4)), case(f32(2, 3, 4, 5), f32(5)),
        case(f32(2, 2, 2, 2, 3), f32(3)),
        case(f32(2, 3, 4, 5), f32(3), data_format="NCHW"), case(f32(2, 3, 4), f32(3), data_format="NCHW"),
        case(f32(2, 3), f32(3), data_format="NCHW"), case(f32(2, 3, 4, 5), f32(5), data_format="N...C"),
        case(f32(2, 3, 4, 5), f32(3), data_format="NC..."), case(f32(0, 3), f32(3)), case(f32(2, 3), [1, 2, 3]),
        *each([bf16, f16, f64, i32, i64], lambda t: (t(2, 3), t(3))), case(f32(700, 7), f32(7), fd=0, reason="many"),
        case(f32(2, 3), f32(2), error=True), case(f32(2, 3), f32(1), error=True),
        case(f32(2, 3), f32(3, 1), error=True),
        case(f32(3), f32(3), error=True), case(f32(2, 3, 4, 5), f32(4), data_format="NCHW", error=True),
        case(f32(2, 3), i32(3), error=True), case(f32(2, 3), f32(3), data_format="FOO", error=True),
    ]),
    row("BiasAddGrad", lambda tf, g, **kw: tf.raw_ops.BiasAddGrad(out_backprop=g, **kw), [
        case(f32(2, 3)), case(f32(2, 3, 4, 5)), case(f32(2, 3, 4, 5), data_format="NCHW"), case(f64(4, 2)),
        case(i32(4, 2)),
        case(f32(0, 2)), case(f32(3), error=True), case(f32(3000, 3), rtol=5e-6, fd=0, reason="many")]),
    row("tf.nn.dropout", lambda tf, x, rate, **kw: tf.nn.dropout(x, rate, seed=3, **kw), [
        case(f32(3, 4), 0), case(f32(3, 4), 0.0), case(f32(3), 1, error=True), case(f32(3), 1.5, error=True),
        case(f32(3), -0.5, error=True), case(i32(3), 0.5, error=True), case(f32(3), "a", error=True),
        case(f32(3), f64.of(0.5), error=True)]),
    row("tf.nn.experimental.stateless_dropout",
        lambda tf, x, rate, **kw: tf.nn.experimental.stateless_dropout(x, rate, [1, 2], **kw), [
        case(f32(3, 4), 0.5), case(f64(3, 4), 0.3), case(f16(3, 4), 0.3), case(f32(3, 4), 0.3, noise_shape=[3, 1]),
        case(f32(3, 4), 0.3, noise_shape=[None, 1]), case(f32(3, 4), f32.of(0.25), fd=0, reason="jumps")]),

    row("tf.nn.moments", lambda tf, x, axes, **kw: tf.nn.moments(x, axes, **kw), [
        case(f32(4, 3), [0], **STOPS), case(f32(2, 3, 4, 5), [0, 1, 2], **STOPS),
        case(f32(4, 3), [0], keepdims=True, **STOPS),
        case(f32(4, 3), [-1], **STOPS), case(f64(4, 3), [0, 1], fd=1, rtol=1e-12, reason="as above; cancels"),
        case(f16(4, 3), [0], fd=0, reason="half"), case(bf16(4, 3), [0], fd=0, reason="half"),
        case(i32(4, 3), [0])]),
    row("tf.nn.weighted_moments", lambda tf, x, axes, w, **kw: tf.nn.weighted_moments(x, axes, w, **kw), [
        case(f32(4, 3), [0], f32(4, 1, low=1, high=2)),
        case(f64(4, 3), [0, 1], f64(4, 3, low=1, high=2), keepdims=True)]),
    row("tf.nn.sufficient_statistics", lambda tf, x, axes, **kw: tf.nn.sufficient_statistics(x, axes, **kw), [
        case(f32(4, 3), [0]), case(f32(4, 3), [0, 1], keepdims=True, rtol=2e-5, reason="cancels"),
        case(f64(4, 3), [1], shift=f64.of(0.5))]),
    row("tf.nn.normalize_moments", lambda tf, *a: tf.nn.normalize_moments(*a), [
        case(f32.of(4), f32(3), f32(3), None), case(f64.of(4), f64(3), f64(3), f64(3))]),
    row("tf.nn.batch_normalization", lambda tf, *a: tf.nn.batch_normalization(*a), [
        case(f32(4, 3), f32(3), f32(3, low=1, high=2), f32(3), f32(3), 1e-3),
        case(f32(4, 3), f32(3), f32(3, low=1, high=2), None, None, 1e-3),
        case(f64(4, 3), f64(3), f64(3, low=1, high=2), f64(3), None, 1e-3),
        case(f64(2, 2, 3), f64(3), f64(3, low=1, high=2), None, f64(3), 1e-3)]),
    row("tf.nn.batch_norm_with_global_normalization", lambda tf, *a: tf.nn.batch_norm_with_global_normalization(*a), [
        case(f32(2, 2, 2, 3), f32(3), f32(3, low=1, high=2), f32(3), f32(3), 1e-3, True),
        case(f32(2, 2, 2, 3), f32(3), f32(3, low=1, high=2), f32(3), f32(3), 1e-3, False)]),
    row("FusedBatchNormV3", batch_norm, [
        case(f32(2, 3, 2, 4), f32(4), f32(4), **SINGLE),
        case(f32(2, 4, 3, 2), f32(4), f32(4), data_format="NCHW", **SINGLE),
        case(f32(2, 3, 2, 4), f32(4), f32(4), epsilon=0.01, **SINGLE),
        case(f32(2, 3, 2, 4), f32(4), f32(4), mean=f32(4), variance=f32(4, low=1, high=2), exponential_avg_factor=0.25,
            **SINGLE),
        case(f32(2, 3, 2, 4), f32(4), f32(4), mean=f32(4), variance=f32(4, low=1, high=2), is_training=False, **SINGLE),
        case(f32(1, 1, 1, 4), f32(4), f32(4), **SINGLE),
        case(f16(2, 3, 2, 4), f32(4), f32(4), fd=0, reason="half"),
        case(f32(2, 3, 2, 4), f32(3), f32(4), error=True), case(f32(2, 3), f32(3), f32(3), error=True),
        case(f32(2, 3, 2, 4), f32(4), f32(4), is_training=False, error=True),
        case(f64(2, 2, 2, 2), f32(2), f32(2), error=True),
    ], also=["FusedBatchNormGradV3"]),
    row("FusedBatchNormGradV3", batch_norm_gradient, [
        case(f32(2, 3, 2, 4), f32(2, 3, 2, 4), f32(4), **SINGLE),
        case(f32(2, 4, 3, 2), f32(2, 4, 3, 2), f32(4), data_format="NCHW", **SINGLE),
        case(f32(2, 3, 2, 4), f32(2, 3, 2, 4), f32(4), is_training=False, **SINGLE)]),
    row("LRN", lambda tf, x, **kw: tf.nn.local_response_normalization(x, **kw), [
        *(case(f32(2, 2, 2, 7), fd=0, reason="float32 only", **kw) for kw in (
            {}, {"depth_radius": 1}, {"depth_radius": 2, "bias": 2.0, "alpha": 0.5, "beta": 0.75})),
        case(f16(2, 2, 2, 7), fd=0, reason="float32 only"),
        case(f32(2, 3), error=True), case(f64(1, 1, 1, 1), error=True)]),
]
