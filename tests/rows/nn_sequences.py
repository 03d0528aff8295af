"""Rows of sampled classes, sequences (CTC), morphology, fractional pooling and isotonic regression."""

from __future__ import annotations

from typing import Any

from optable import Row, bf16, case, each, f16, f32, f64, i8, i32, i64, inf, nan, row, u8

from .convolution import nn

ONES = [1, 1, 1, 1]
SUMS = {"rtol": 1e-5, "reason": "sums"}
NONE = {"fd": 0, "reason": "TensorFlow has no gradient"}
OTHER = {"error": "type", "reason": "other words"}
TRUE = i64([[0, 5], [9, 7]])


def sampler(name: str) -> Any:
    """Three calls with the same seeds: each goes on where the last one stopped."""

    def draw(tf: Any, *args: Any, **kw: Any) -> Any:
        tf.random.set_seed(3)
        function = getattr(tf.random, name + "_candidate_sampler", None) or getattr(tf.raw_ops, name)
        return [tuple(function(*args, **kw)) for _ in range(3)]

    return draw


def sampling(name: str, extra: dict[str, Any]) -> list[Any]:
    call = {"num_true": 2, "num_sampled": 6, "seed": 5, **extra}
    return [
        case(TRUE, unique=False, **call), case(TRUE, unique=True, **call), case(i64([[3, 3]]), unique=True, **call),
        case(i64([[0, 1, 2]]), unique=True, **call, error=True), case(i64([0, 1]), unique=True, **call, error=True),
        case(i64([[0, 50]]), unique=True, **call, error=True),
    ]  # fmt: skip


def loss(name: str) -> Any:
    def call(tf: Any, *args: Any, **kw: Any) -> Any:
        tf.random.set_seed(3)
        return getattr(tf.nn, name)(*args, **kw)

    return call


def fractional(name: str) -> Any:
    def call(tf: Any, *args: Any, **kw: Any) -> Any:
        tf.random.set_seed(3)
        return tuple(getattr(tf.nn, name)(*args, **kw))

    return call


def shrunk(name: str) -> list[Any]:
    x, ratio = f32(2, 17, 23, 2), [1, 1.44, 1.73, 1]
    once = {"fd": 0, "reason": "TensorFlow has no second order"}
    return [
        *(case(x, ratio, p, o, seed=5, **once) for p in (False, True) for o in (False, True)),
        case(f64(1, 9, 8, 1), [1.0, 1.5, 2.0, 1.0], seed=7, fd=1, reason="no second order"),
        case(i32(1, 9, 8, 1), [1.0, 1.5, 2.0, 1.0], seed=7),
        case(i64(1, 9, 8, 1), [1.0, 1.5, 2.0, 1.0], True, True, seed=7),
        case(f32(1, 4, 6, 1), [1.0, 2.0, 2.0, 1.0], **once), case(f32(4, 6, 1), [1.0, 2.0, 2.0, 1.0], **OTHER),
        case(x, 0.5, error=True), case(x, [2.0, 1.5, 1.5, 1.0], error=True), case(x, [1.0, 20.0, 1.5, 1.0], **OTHER),
    ]  # fmt: skip


TABLE = (f32(20, 3), f32(20))
ROWS: list[Row] = [
    row("UniformCandidateSampler", sampler("uniform"), sampling("uniform", {"range_max": 12})),
    row("LogUniformCandidateSampler", sampler("log_uniform"), sampling("log_uniform", {"range_max": 12})),
    row("LearnedUnigramCandidateSampler", sampler("learned_unigram"), sampling("learned_unigram", {"range_max": 12})),
    row("ThreadUnsafeUnigramCandidateSampler", lambda tf, x, **kw: sampler("ThreadUnsafeUnigramCandidateSampler")(
        tf, true_classes=x, **kw, seed2=7), sampling("", {"range_max": 12})[:3]),
    row("FixedUnigramCandidateSampler", sampler("fixed_unigram"), [
        *sampling("fixed_unigram", {"range_max": 12, "unigrams": [1.0 + i * 7 % 13 for i in range(12)]}),
        *sampling("", {"range_max": 12, "unigrams": [0.5, 2, 1, 4, 3, 0.25, 1, 1, 1, 1], "distortion": 0.75,
            "num_reserved_ids": 2})[1:2],
        case(TRUE, 2, 6, False, 12, unigrams=[1.0], error=True), case(TRUE, 2, 6, False, 12, error=True)]),
    row("AllCandidateSampler", sampler("all"), sampling("all", {"num_sampled": 12})),
    row("ComputeAccidentalHits", lambda tf, *args: tuple(tf.nn.compute_accidental_hits(*args)), [
        case(i64([[0, 1], [2, 1]]), i64([1, 2, 3]), 2), case(i64([[0, 1], [2, 1]]), i64([5]), 2),
        case(i64([[0, 1]]), i64([1]), 3, error=True), case(i64([[0, 1]]), i64([[1]]), 2, error=True)]),
    row("tf.nn.nce_loss", loss("nce_loss"), [
        case(*TABLE, i64([[1], [4]]), f32(2, 3), 5, 20, **SUMS),
        case(*TABLE, i64([[1, 2], [4, 3]]), f32(2, 3), 5, 20, 2, remove_accidental_hits=True, **SUMS),
        case([f32(10, 3), f32(10, 3)], f32(20), i64([[1], [14]]), f32(2, 3), 5, 20, grad=False, **SUMS)]),
    row("tf.nn.sampled_softmax_loss", loss("sampled_softmax_loss"), [
        case(*TABLE, i64([[1], [4]]), f32(2, 3), 5, 20, seed=3, **SUMS),
        case(*TABLE, i64([[1, 2], [4, 3]]), f32(2, 3), 7, 20, 2, seed=3, **SUMS),
        case(*TABLE, i64([[1]]), f32(1, 3), 3, 20, sampled_values=(i64([1, 2, 3]), f32([[0.5]]), f32([0.5, 0.25, 1])),
            grad=False, **SUMS)]),

    row("Dilation2D", nn("dilation2d"), [
        case(f32(2, 5, 6, 2), f32(2, 3, 2), ONES, "SAME", "NHWC", ONES, fd=1, reason="no second order"),
        case(f32(2, 5, 6, 2), f32(2, 3, 2), ONES, "VALID", "NHWC", ONES, fd=1, reason="no second order"),
        case(f32(2, 5, 6, 2), f32(2, 2, 2), [1, 2, 3, 1], "SAME", "NHWC", ONES, fd=1, reason="no second order"),
        case(f64(1, 6, 6, 1), f64(2, 2, 1), ONES, "SAME", "NHWC", [1, 2, 3, 1], fd=1, reason="no second order"),
        *each([bf16, f16], lambda t: (t(1, 3, 3, 1), t(2, 2, 1), ONES, "VALID", "NHWC", ONES), fd=0, reason="half"),
        *each([i32, i64, u8, i8], lambda t: (t(1, 3, 3, 1), t(2, 2, 1), ONES, "VALID", "NHWC", ONES)),
        case(f32([[[[nan], [1]], [[inf], [-inf]]]]), f32(2, 2, 1), ONES, "SAME", "NHWC", ONES, grad=False,
            reason="NaN"),
        case(f32(0, 3, 3, 1), f32(2, 2, 1), ONES, "SAME", "NHWC", ONES, fd=1, reason="no second order"),
        case(f32(1, 3, 3, 1), f32(2, 2, 1), ONES, "SAME", "NCHW", ONES, error=True),
        case(f32(1, 3, 3, 1), f32(2, 2, 2), ONES, "SAME", "NHWC", ONES, error=True),
        case(f32(1, 3, 3, 1), f32(2, 2), ONES, "SAME", "NHWC", ONES, error=True),
        case(f32(3, 3, 1), f32(2, 2, 1), ONES, "SAME", "NHWC", ONES, error=True),
        case(f32(1, 3, 3, 1), f32(2, 2, 1), [2, 1, 1, 1], "SAME", "NHWC", ONES, error=True),
        case(f32(1, 3, 3, 1), f32(2, 2, 1), ONES, "VALID", "NHWC", [1, 5, 1, 1], error=True),
    ], also=["Dilation2DBackpropInput", "Dilation2DBackpropFilter"]),
    row("tf.nn.erosion2d", nn("erosion2d"), [
        case(f32(2, 5, 6, 2), f32(2, 3, 2), ONES, "SAME", "NHWC", ONES, fd=1, reason="no second order"),
        case(f32(2, 5, 6, 2), f32(2, 3, 2), ONES, "VALID", "NCHW", ONES, error=True)]),
    row("FractionalMaxPool", fractional("fractional_max_pool"), shrunk("max")),
    row("FractionalAvgPool", fractional("fractional_avg_pool"), shrunk("avg")),

    row("tf.nn.ctc_loss", nn("ctc_loss"), [
        case(i32([[1, 2], [1, 1]]), f32(4, 2, 4), i32([2, 2]), i32([4, 3]), fd=0, **SUMS),
        case(i32([[1, 2, 3], [2, 1, 0]]), f32(7, 2, 4), i32([3, 0]), i32([5, 7]), fd=0, **SUMS),
        case(i32([[0, 2], [1, 1]]), f32(2, 4, 4), i32([2, 1]), i32([4, 3]), False, blank_index=-1, fd=0, **SUMS),
        case(i32([[0, 2]]), f32(5, 1, 4), i32([2]), i32([5]), blank_index=1, fd=0, **SUMS),
        case(i32([[1, 2], [1, 1]]), f32(3, 2, 4), i32([2, 2]), i32([1, 2]), grad=False, **SUMS)]),
    row("CTCLoss", lambda tf, *args, **kw: tf.raw_ops.CTCLoss(
        inputs=args[0], labels_indices=args[1], labels_values=args[2], sequence_length=args[3], **kw)[0], [
        case(f32(4, 2, 4), i64([[0, 0], [0, 1], [1, 0]]), i32([1, 2, 0]), i32([3, 4]), fd=0, **SUMS),
        case(f64(4, 2, 4), i64([[0, 0], [0, 1], [1, 0]]), i32([1, 1, 0]), i32([4, 4]), fd=1, **SUMS),
        case(f32(4, 2, 4), i64([[0, 0], [0, 1], [1, 0]]), i32([1, 1, 0]), i32([4, 4]), ctc_merge_repeated=False,
            fd=0, **SUMS),
        case(f32(4, 2, 4), i64([[0, 0], [0, 1], [1, 0]]), i32([1, 1, 0]), i32([4, 4]),
            preprocess_collapse_repeated=True,
            fd=0, **SUMS),
        case(f32(4, 2, 4), i64([[0, 0], [0, 1], [1, 0]]), i32([1, 1, 0]), i32([1, 4]),
            ignore_longer_outputs_than_inputs=True,
            fd=0, **SUMS),
        case(f32(4, 2, 4), i64([[0, 0], [0, 1], [1, 0]]), i32([1, 2, 0]), i32([1, 4]), error=True),
        case(f32(4, 2, 4), i64([[0, 0], [0, 1], [1, 0]]), i32([1, 2, -1]), i32([4, 4]), error=True),
        case(f32(4, 2, 4), i64([[0, 0], [0, 1]]), i32([1, 2]), i32([4, 4]), error=True),
        case(f32(4, 2, 4), i64([[0, 0], [1, 1]]), i32([1, 2]), i32([4, 5]), error=True),
        case(f32(4, 2, 4), i64([[0, 0], [1, 1]]), i32([1, 2]), i32([4]), error=True),
        case(f32(4, 4), i64([[0, 0], [1, 1]]), i32([1, 2]), i32([4]), error=True)]),
    row("CTCGreedyDecoder", lambda tf, *args, **kw: tuple(tf.raw_ops.CTCGreedyDecoder(
        inputs=args[0], sequence_length=args[1], **kw)), [
        case(f32(6, 3, 4), i32([6, 4, 0]), **NONE), case(f32(6, 3, 3), i32([6, 4, 5]), merge_repeated=True, **NONE),
        case(f64(6, 3, 4), i32([6, 4, 5]), merge_repeated=True, blank_index=0, **NONE),
        case(f32(6, 2, 4), i32([7, 1]), error=True), case(f32(6, 2, 4), i32([1]), error=True),
        case(f32(6, 4), i32([1]), error=True), case(f32(6, 1, 4), i32([1]), blank_index=7, error=True)]),
    row("CTCBeamSearchDecoder", lambda tf, *args, **kw: tf.nest.flatten(tuple(
        tf.raw_ops.CTCBeamSearchDecoder(inputs=args[0], sequence_length=args[1], **kw))), [
        case(f32(9, 3, 4), i32([9, 4, 1]), beam_width=20, top_paths=3, merge_repeated=False, fd=0, **SUMS),
        case(f32(9, 3, 5), i32([9, 4, 7]), beam_width=4, top_paths=2, merge_repeated=False, fd=0, **SUMS),
        case(f64(9, 2, 4), i32([9, 8]), beam_width=7, top_paths=2, merge_repeated=True, fd=0, **SUMS),
        case(f32(4, 1, 3), i32([0]), beam_width=2, top_paths=1, fd=0, **SUMS),
        case(f32(1, 1, 2), i32([1]), beam_width=9, top_paths=9, error=True),
        case(f32(4, 1, 3), i32([2]), beam_width=2, top_paths=3, error=True)]),
    row("tf.nn.ctc_unique_labels", nn("ctc_unique_labels"), [
        case(i32([[3, 4, 4, 3], [1, 0, 0, 2]])), case(i64([[3, 4, 4, 3]]))]),
    row("tf.nn.collapse_repeated", nn("collapse_repeated"), [
        case(i32([[1, 1, 2, 2, 1], [1, 2, 3, 4, 5]]), i32([5, 4])), case(i64([[1, 1, 2, 2, 1]]), i64([2]))]),
    row("IsotonicRegression", lambda tf, *args, **kw: tuple(tf.nn.isotonic_regression(*args, **kw)), [
        case(f32(3, 7)), case(f32(9), grad=False, reason="wrong shape"),
        case(f32(2, 5, 3), axis=1, grad=False, reason="it has none"), case(f32(2, 6), decreasing=False),
        case(f64(3, 7), axis=0), case(i32(2, 6)), case(i8(2, 6)), case(bf16(2, 6), fd=0, reason="half"),
        case(f16(2, 6), fd=0, reason="half"), case(f32([[1, 1, 1, 2]]), fd=0, reason="ties")]),
]
