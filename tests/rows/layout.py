"""Rows of layout: reshaping, joining, padding, rearranging."""

from __future__ import annotations

import numpy as np
from optable import NUMBERS, Case, Row, bf16, boolean, c64, case, each, f16, f32, f64, i8, i32, i64, row, string, u8

ALL = (*NUMBERS, boolean, string)
MIXED = (f32, f64, f16, bf16, c64, i8, i32, i64, u8, boolean, string)


def reshapes() -> list[Case]:
    return [
        *each(ALL, lambda t: (t(2, 6), [3, 4])),
        case(f32(2, 3), [-1]), case(f32(2, 3), [3, -1]), case(f32(2, 3), (1, 6, 1)), case(f32(1, 1), []),
        case(f32(), [1, 1]), case(f32(), [-1]), case(f32(2, 3), 6), case(f32(2, 3), i32([3, 2])),
        case(f32(2, 3), i64([3, -1])), case(f32(0, 3), [-1]), case(f32(0, 3), [3, 0]), case(f32(0, 3), [-1, 0]),
        case(f32(0, 3), [2, -1]), case(f32(4, 2), np.array([2, 4])),
        case(f32(2, 3), [2, 2], error=True), case(f32(2, 3), [-1, -1], error=True),
        case(f32(2, 3), [4, -1], error=True),
        case(f32(2, 3), [-2, 3], error=True), case(f32(2, 3), [[6]], error=True),
        case(f32(2, 3), [3.0, 2.0], error=True),
        case(f32(2, 3), 6.0, error=True), case(f32(2, 3), [None, 6], error=True), case(f32(2, 3), None, error=True),
        case(f32(2, 3), [0, -1], error=True), case(f32(2, 3), [2**40, 2**40], error=True),
    ]  # fmt: skip


def transposes() -> list[Case]:
    return [
        *each(ALL, lambda t: (t(2, 3),)),
        case(f32(2, 3, 4), [2, 0, 1]), case(f32(2, 3, 4), [0, 2, 1]),
        case(f32(2, 3), [-1, 0], grad=False, reason="TensorFlow's gradient refuses it"), case(f32()), case(f32(4)),
        case(f32(0, 3)), case(f32(2, 3), i64([1, 0])), case(f32(2, 3, 4, 5), [3, 1, 0, 2]),
        case(c64(2, 3), conjugate=True), case(f32(2, 3), conjugate=True), case(c64(2, 3, 2), [2, 0, 1], conjugate=True),
        case(f32(2, 3), [0], error=True), case(f32(2, 3), [0, 0], error=True), case(f32(2, 3), [0, 2], error=True),
        case(f32(2, 3), [[0, 1]], error=True), case(f32(3), 0, error=True), case(f32(2, 3), [0.0, 1.0], error=True),
    ]  # fmt: skip


LAYOUT: list[Row] = [
    row("Reshape", lambda tf, x, shape: tf.reshape(x, shape), reshapes()),
    row("Reshape/by parts", lambda tf, x: tf.reshape(x, [tf.shape(x)[0], -1]), [case(f32(2, 3, 4))]),
    row("Transpose", lambda tf, *args, **kw: tf.transpose(*args, **kw), transposes(), also=["ConjugateTranspose"]),
    row("ExpandDims", lambda tf, x, axis: tf.expand_dims(x, axis), [
        *each(MIXED, lambda t: (t(2, 3), 1)), case(f32(2, 3), 0), case(f32(2, 3), 2), case(f32(2, 3), -1),
        case(f32(2, 3), -3), case(f32(), 0), case(f32(0), 0), case(f32(2), i64.of(1)), case(f32(2), [0]),
        case(f32(2), 2, error=True), case(f32(2), -3, error=True), case(f32(2), [0, 1], error=True),
        case(f32(2), 0.0, error=True), case(f32(2), None, error=True),
    ]),
    row("Squeeze", lambda tf, x, *args: tf.squeeze(x, *args), [
        *each(MIXED, lambda t: (t(1, 3, 1),)), case(f32(1, 2, 1), 0), case(f32(1, 2, 1), [0, 2]),
        case(f32(1, 2, 1), -1),
        case(f32(1, 2, 1), []), case(f32(1, 2, 1), [0, 0]), case(f32()), case(f32(1, 0)), case(f32(2, 3)),
        case(f32(1, 2), 1, error=True), case(f32(1, 2), 2, error=True), case(f32(1, 2), [-3], error=True),
        case(f32(1, 2), "a", error=True), case(f32(1, 2), [[0]], error=True),
        case(f32(1, 2), np.array([0]), error=True),
    ]),
    row("BroadcastTo", lambda tf, x, shape: tf.broadcast_to(x, shape), [
        *each(MIXED, lambda t: (t(3), [2, 3])), case(f32(2, 1), [2, 3]), case(f32(), [2, 2]),
        case(f32(1, 3), [4, 2, 3]),
        case(f32(2, 3), [2, 3]), case(f32(1), [0]), case(f32(), []), case(f32(2), i64([3, 2])), case(f32(0), [2, 0]),
        case(f32(2), [2, 3], error=True), case(f32(1, 2), [2], error=True), case(f32(2), [-1, 2], error=True),
        case(f32(2), 2, error=True), case(f32(2), [2.0], error=True), case(f32(0), [1], error=True),
    ]),
    row("BroadcastGradientArgs", lambda tf, s0, s1: tf.raw_ops.BroadcastGradientArgs(s0=s0, s1=s1), [
        case([2, 3], [2, 3]), case([2, 3], [3]), case([3], [2, 3]), case([2, 1], [1, 3]), case([1, 2, 1], [4, 1, 1]),
        case(i32([]), [2]), case([2], i32([])), case(i32([]), i32([])), case([1], [1]), case([1, 1], [1]),
        case([0, 3], [1, 3]), case([1], [0]), case(i64([2, 1]), i64([3])), case(i32([2, 3]), i32([1])),
        case([2, 3], [2], error=True), case([2, -1], [2, 3], error=True), case([[2]], [2], error=True),
        case(i64([2]), i32([2]), error=True), case(f32([2]), f32([2]), error=True),
    ]),
    row("BroadcastArgs", lambda tf, x, y: tf.broadcast_dynamic_shape(x, y), [
        case(i32([1, 2]), i32([3, 1])), case(i64([2]), i64([4, 1])), case([1, 2], [2, 2]), case([], [2]),
        case(i32([2, 2]), i32([3, 2]), error=True), case(i32([2]), i64([2]), error=True),
        case([1.0], [2.0], error=True),
        case(i32([[2]]), i32([2]), error=True),
    ]),
    row("tf.broadcast_static_shape", lambda tf, x, y: tf.broadcast_static_shape(tf.TensorShape(x), tf.TensorShape(y)), [
        case([1, 2], [3, 1]), case([1, None], [3, 1]), case(None, [1]), case([2], [3], error=True), case([2], [None]),
    ]),
    row("Shape", lambda tf, x, *args: tf.shape(x, *args), [
        *each(MIXED, lambda t: (t(2, 3),)), case(f32()), case(f32(0, 2)), case(f32(2), "int64"),
        case(f32(2), "float32", error=True), case([[1, 2]]),
    ]),
    row("ShapeN", lambda tf, *xs, **kw: tf.shape_n(list(xs), **kw), [
        case(f32(2, 3), f32()), case(f32(1), out_type="int64"), case(f32(1), f64(1), error=True), case(error=True),
    ]),
    row("Size", lambda tf, x, out="int32": tf.size(x, getattr(tf, out)), [
        *each(MIXED, lambda t: (t(2, 3),)), case(f32()), case(f32(0, 2)), case(f32(2), "int64"),
        case(f32(2), "float32"),
    ]),
    row("Rank", lambda tf, x: tf.rank(x), [*each(MIXED, lambda t: (t(2, 3),)), case(f32()), case([[1, 2]])]),
    row("Identity", lambda tf, x: tf.identity(x), [*each(ALL, lambda t: (t(2, 3),)), case(f32()), case(1),
    case(f32(0))]),
    row("tf.identity_n", lambda tf, *xs: tf.identity_n(list(xs)), [case(f32(2), i32(3)), case(error=True)]),
    row("StopGradient", lambda tf, x: tf.stop_gradient(x), [
        *each(MIXED, lambda t: (t(2, 3),), fd=0, reason="no gradient is its purpose"),
    ]),
    row("StopGradient/times", lambda tf, x: tf.stop_gradient(x) * x, [
        case(f32(3), fd=0, reason="it is not the derivative"),
    ]),
    row("EnsureShape", lambda tf, x, shape: tf.ensure_shape(x, shape), [
        *each(MIXED, lambda t: (t(2, 3), [2, None])), case(f32(2), None), case(f32(), []),
        case(f32(2), [3], error=True), case(f32(2), [None, 2], error=True),
    ]),
]  # fmt: skip

JOINING: list[Row] = [
    row("ConcatV2", lambda tf, xs, axis: tf.concat(xs, axis), [
        *each(ALL, lambda t: ([t(2, 3), t(1, 3)], 0)),
        case([f32(2, 3), f32(2, 1), f32(2, 2)], 1), case([f32(2, 3), f32(2, 1)], -1), case([f32(2, 3), f32(2, 3)], -2),
        case([f32(0), f32(2)], 0), case([f32(2, 0), f32(2, 0)], 1), case([f32(2)], 0), case([f32()], 0),
        case([f32(2), f32(1)], i64.of(0)), case([f32(2), f32(1)], [0]), case([f32(2), [1.0, 2.0]], 0),
        case([[1], [2]], 0),
        case([[1], f32(1)], 0), case(f32(2, 2), 0), case([f64(2), np.array([1.0, 2.0])], 0),
        case([f32(2), f64(2)], 0, error=True), case([i32(1), [2.0]], 0, error=True),
        case([f32(), f32()], 0, error=True),
        case([f32(2, 3), f32(2, 4)], 0, error=True), case([f32(2), f32(2, 2)], 0, error=True),
        case([f32(2), f32(2)], 1, error=True), case([f32(2), f32(2)], -2, error=True),
        case([f32(2), f32(2)], 0.0, error=True),
        case([f32(2), f32(2)], [0, 0], error=True), case([], 0, error="type", reason="TensorFlow names any dtype"),
    ]),
    row("Pack", lambda tf, xs, axis=0: tf.stack(xs, axis), [
        *each(ALL, lambda t: ([t(2, 3), t(2, 3)],)),
        case([f32(2, 3), f32(2, 3)], 1), case([f32(2, 3), f32(2, 3)], 2), case([f32(2, 3), f32(2, 3)], -1),
        case([f32(2, 3)], -3), case([f32(), f32(), f32()]), case([string(), string()]), case([string(2), string(2)], 1),
        case([f32(0), f32(0)]), case([1, 2.0]), case([f32(), 1]), case([[1, 2], [3, 4]], 1), case(f32(2, 2)), case([]),
        case([f32(2), [1.0, 2.0]]), case([np.array([1.0]), f32(1)]),
        case([f32(2), f64(2)], error=True), case([i32(), 2.0], error=True), case([f32(1), f32(2)], error=True),
        case([f32(2)], 2, error=True), case([f32(2)], -3, error=True), case([[1, 2], [3]], error=True),
    ]),
    row("Unpack", lambda tf, x, *args, **kw: tf.unstack(x, *args, **kw), [
        *each(ALL, lambda t: (t(2, 3),)),
        case(f32(2, 3), axis=1), case(f32(2, 3), axis=-1), case(f32(3)), case(string(2)), case(f32(0, 2)),
        case(f32(2, 0)),
        case(f32(2, 3), 2), case(f32(1, 2)), case([[1, 2], [3, 4]], axis=-2),
        case(f32(2), 3, error=True), case(f32(), error=True), case(f32(2), axis=1, error=True),
        case(f32(2), num=2, axis=5, error=True),
    ]),
    row("Unpack/one", lambda tf, x: tf.unstack(x)[1] * 2.0, [case(f32(3, 2))]),
    row("Split", lambda tf, x, n, axis=0: tf.split(x, n, axis), [
        *each(ALL, lambda t: (t(4, 3), 2)),
        case(f32(2, 6), 3, 1), case(f32(2, 6), 2, -1), case(f32(6), 1), case(f32(0, 2), 2), case(f32(4), 2, i32.of(0)),
        case(f32(4), 3, error=True), case(f32(4), 0, error=True), case(f32(4), 2, 1, error=True),
        case(f32(), 1, error=True),
        case(f32(4), 2.0, error=True), case(f32(4), 2, 0.0, error=True), case(f32(4), 2, [0], error=True),
    ]),
    row("Split/one", lambda tf, x: tf.split(x, 3)[1] * 2.0, [case(f32(6))]),
    row("SplitV", lambda tf, x, sizes, *args, **kw: tf.split(x, sizes, *args, **kw), [
        *each(ALL, lambda t: (t(4, 3), [1, 3])),
        case(f32(2, 6), [1, 2, 3], 1), case(f32(2, 6), [4, 2], -1), case(f32(6), [2, -1]), case(f32(6), [6]),
        case(f32(6), [-1], error=True), case(f32(6), [5], error=True),
        case(f32(6), [0, 6]), case(f32(6), i32([2, 4])), case(f32(6), i64([2, 4])), case(f32(6), np.array([3, 3])),
        case(f32(6), [2, 3], error=True), case(f32(6), [-1, -1], error=True), case(f32(6), [7, -1], error=True),
        case(f32(6), [-2, 8], error=True), case(f32(6), [3, 3], 1, error=True), case(f32(), [1], error=True),
        case(f32(6), i32([2, 4]), num=3, error=True), case(f32(6), [3.0, 3.0], error=True),
    ]),
    row("SplitV/one", lambda tf, x: tf.split(x, [1, 2, 3])[1] * 2.0, [case(f32(6))]),
    row("Tile", lambda tf, x, multiples: tf.tile(x, multiples), [
        *each(MIXED, lambda t: (t(2, 3), [2, 1])),
        case(f32(2), [3]), case(f32(), []), case(f32(2), [0]), case(f32(0), [2]), case(f32(2, 3), i64([1, 2])),
        case(f32(2), 2, error=True), case(f32(2), [2, 2], error=True), case(f32(2), [-1], error=True),
        case(f32(2), [2.0], error=True), case(f32(), [2], error=True),
    ]),
    row("tf.repeat", lambda tf, x, *args, **kw: tf.repeat(x, *args, **kw), [
        *each((f32, i32, string), lambda t: (t(3), 2)),
        case(f32(3), [1, 0, 2]), case(f32(2, 3), 2), case(f32(2, 3), [1, 2], 0), case(f32(2, 3), [1, 2, 0], axis=1),
        case(f32(2, 3), [2], -1), case(f32(2, 3), 2, axis=1), case(f32(), 2), case(f32(), 2, 0), case(f32(2), 0),
        case(f32(2), i64([1, 3])),
        case(f32(2, 2), [1, 2, 3], 1, error=True), case(f32(2), 1.5, error=True), case(f32(2), 2, axis=1, error=True),
        case(f32(2), -1, error=True), case(f32(2), [[1, 2]], 0, error=True),
    ]),
]  # fmt: skip


def pads(mode: str) -> list[Case]:
    return [
        *each(MIXED, lambda t: (t(3, 4), [[1, 2], [0, 1]], mode)),
        case(f32(3), [[2, 2]], mode), case(f32(3), [[0, 0]], mode), case(f32(3, 3), i64([[1, 0], [0, 2]]), mode),
        case(f32(2, 3, 4), [[0, 1], [1, 1], [2, 0]], mode.lower()),
        case(f32(3), [1, 1], mode, error=True), case(f32(3), [[1, 1], [1, 1]], mode, error=True),
        case(f32(3), [[-1, 1]], mode, error=True),
    ]


PADDING: list[Row] = [
    row("Pad", lambda tf, *args, **kw: tf.pad(*args, **kw), [
        *pads("CONSTANT"), case(f32(0), [[1, 1]]), case(f32(), np.zeros((0, 2), np.int32)),
        case(f32(3), [[1.0, 1.0]], error=True), case(f32(3), [[1, 1]], "EDGE", error=True),
        case(f32(*[1] * 9), [[1, 1]] * 9, error=True),
    ]),
    row("PadV2", lambda tf, x, paddings, value: tf.pad(x, paddings, constant_values=value), [
        case(f32(2, 3), [[1, 0], [2, 1]], 1.5), case(i32(2), [[1, 1]], 9),
        case(f32(2), [[1, 1]], f32(), fd=0, reason="no gradient in the constant"),
        case(string(2), [[1, 1]], "pad"), case(boolean(2), [[1, 0]], True),
        case(i32(2), [[1, 1]], 1.5, error=True), case(f32(2), [[1, 1]], f64(), error=True),
        case(f32(2), [[1, 1]], [1.0], error=True), case(f32(2), [[-1, 1]], 1.0, error=True),
    ]),
    row("MirrorPad", lambda tf, *args: tf.pad(*args), [
        *pads("REFLECT"), *pads("SYMMETRIC"), case(f32(3), [[3, 3]], "SYMMETRIC"), case(f32(1), [[0, 0]], "REFLECT"),
        case(f32(3), [[3, 1]], "REFLECT", error=True), case(f32(3), [[4, 1]], "SYMMETRIC", error=True),
    ], also=["MirrorPadGrad"]),
]  # fmt: skip

REARRANGING: list[Row] = [
    row("ReverseV2", lambda tf, x, axis: tf.reverse(x, axis), [
        *each(ALL, lambda t: (t(2, 3), [1])),
        case(f32(2, 3), [0, 1]), case(f32(2, 3), [-1]), case(f32(2, 3), []), case(f32(), []), case(f32(0, 2), [0]),
        case(f32(2), i64([0])), case(f32(2), [1], error=True), case(f32(2), [-2], error=True),
        case(f32(2), [0, 0], error=True),
        case(f32(2), 0, error=True), case(f32(2), [0.0], error=True),
    ]),
    row("ReverseSequence", lambda tf, *args, **kw: tf.reverse_sequence(*args, **kw), [
        *each(MIXED, lambda t: (t(2, 3), [2, 3], 1)),
        case(f32(3, 2), [1, 3], 0, 1), case(f32(2, 3, 4), [0, 4], seq_axis=2), case(f32(2, 3), i64([1, 0]), 1),
        case(f32(4, 2, 3), [4, 2, 1], seq_axis=0, batch_axis=2), case(f32(0, 3), i32(0), 1),
        case(f32(2, 3), [2, 4], 1, error=True), case(f32(2, 3), [2, -1], 1, error=True),
        case(f32(2, 3), [2], 1, error=True),
        case(f32(2, 3), [[2]], 1, error=True), case(f32(2, 3), [2, 3], 2, error=True),
        case(f32(2, 3), [2, 3], 0, error=True),
        case(f32(2, 3), [2, 3], 1, 3, error=True), case(f32(2, 3), [2, 3], -1, error=True),
        case(f32(2, 3), [2, 3], error=True),
        case(f32(2, 3), [2.0, 3.0], 1, error=True),
    ]),
    row("Roll", lambda tf, x, shift, axis: tf.roll(x, shift, axis), [
        *each(MIXED, lambda t: (t(2, 3), 1, 1)),
        case(f32(2, 3), [1, -1], [0, 1]), case(f32(4), -5, 0), case(f32(4), [1, 1], [0, 0]), case(f32(4), 1, -1),
        case(f32(0), 1, 0), case(f32(4), i64.of(2), i32.of(0)),
        case(f32(4), 1, 1, error=True), case(f32(4), 1, -2, error=True), case(f32(4), [1, 1], [0], error=True),
        case(f32(), 1, 0, error=True), case(f32(4), 1.0, 0, error=True), case(f32(4), [[1]], [[0]], error=True),
    ]),
    row("SpaceToDepth", lambda tf, x, size: tf.nn.space_to_depth(x, size), [
        *each((f32, f64, f16, i32, c64, string), lambda t: (t(1, 4, 2, 3), 2)), case(f32(2, 6, 3, 1), 3),
        case(f32(0, 2, 2, 1), 2),
        case(f32(1, 4, 3, 1), 2, error=True), case(f32(4, 4, 1), 2, error=True), case(f32(1, 4, 4, 1), 1, error=True),
    ]),
    row("DepthToSpace", lambda tf, x, size: tf.nn.depth_to_space(x, size), [
        *each((f32, f64, f16, i32, c64, string), lambda t: (t(1, 2, 1, 8), 2)), case(f32(2, 2, 1, 9), 3),
        case(f32(1, 2, 2, 3), 2, error=True), case(f32(2, 2, 4), 2, error=True), case(f32(1, 2, 2, 4), 1, error=True),
        case(f32(1, 2, 2, 4), 2.0), case(f32(1, 2, 2, 4), "2", error=True), case(f32(1, 2, 2, 4), None, error=True),
    ]),
    row("SpaceToBatchND", lambda tf, *args: tf.space_to_batch_nd(*args), [
        *each((f32, f64, i32), lambda t: (t(1, 4, 2, 3), [2, 2], [[0, 0], [0, 0]])),
        case(f32(2, 3, 4, 1), [2, 3], [[1, 0], [0, 2]]), case(f32(2, 4), [2], [[1, 1]]),
        case(f32(1, 4, 2, 3), [2], [[0, 0]]),
        case(f32(1, 4, 3, 1), [2, 2], [[0, 0], [0, 0]], error=True),
        case(f32(1, 4, 3, 1), [2, 2], [[0, 0], [-1, 0]], error=True),
        case(f32(1, 4, 3, 1), [2, 0], [[0, 0], [1, 0]], error=True),
        case(f32(1, 4, 3, 1), [2, 2], [[0, 0]], error=True),
        case(f32(4), [2], [[0, 0]], error=True), case(f32(1, 4, 3, 1), 2, [[0, 0]], error=True),
    ]),
    row("BatchToSpaceND", lambda tf, *args: tf.batch_to_space(*args), [
        *each((f32, f64, i32), lambda t: (t(4, 2, 1, 3), [2, 2], [[0, 0], [0, 0]])),
        case(f32(6, 2, 2, 1), [2, 3], [[1, 0], [0, 2]]), case(f32(4, 2), [2], [[0, 1]]),
        case(f32(4, 2, 2, 1), 2, [[0, 0], [1, 1]]),
        case(f32(3, 2, 2, 1), [2, 2], [[0, 0], [0, 0]], error=True),
        case(f32(4, 2, 2, 1), [2, 2], [[0, 5], [0, 0]], error=True),
        case(f32(4, 2, 2, 1), [2, 2], [[0, -1], [0, 0]], error=True), case(f32(4), [2], [[0, 0]], error=True),
    ]),
    row("tf.space_to_batch", lambda tf, *args: tf.space_to_batch(*args), [
        case(f32(1, 4, 2, 1), [2, 2], [[0, 0], [0, 0]]),
    ]),
]  # fmt: skip

ROWS: list[Row] = [*LAYOUT, *JOINING, *PADDING, *REARRANGING]
