"""Rows of what makes tensors: filled ones, ranges, one-hot vectors, masks."""

from __future__ import annotations

import numpy as np
from optable import (
         FLOATS,
         NUMBERS,
         Row,
         bf16,
         boolean,
         c64,
         c128,
         case,
         each,
         f16,
         f32,
         f64,
         i8,
         i16,
         i32,
         i64,
         row,
         string,
         u8,
)

NAMES = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128", "int8", "int16", "int32", "int64",
         "uint8", "uint16", "uint32", "uint64", "bool")  # fmt: skip
RANGED = (f32, f64, f16, bf16, i32, i64)

FILLED: list[Row] = [
    row("Fill", lambda tf, dims, value: tf.fill(dims, value), [
        *each((*NUMBERS, boolean, string), lambda t: ([2, 3], t())),
        case([], f32()), case([0], f32()), case(2, f32()), case(i64([2]), f32()),
        case([2], f32(1), grad=False, reason="TensorFlow's has another shape"),
        case([2, i32.of(3)], 1),
        case([2], 1.5), case([2], "a"), case([2], True),
        case([-1], 1, error=True), case([2.0], 1, error=True), case([[2]], 1, error=True),
        case([2], f32(2), error=True),
        case([2], None, error=True),
    ]),
    row("tf.zeros", lambda tf, *args: tf.zeros(*args), [
        *each(NAMES, lambda name: ([2, 3], name)), case([2], "string"), case([2]), case(()), case(3), case([0, 2]),
        case(i32([2, 3])), case(i32.of(2)), case([2, i32.of(3)]), case(np.array([2, 1])), case(np.int64(2)),
        case([-1], error=True), case([2.0, 3], error=True), case(2.0, error=True), case([None], error=True),
        case(None, error=True), case("a", error=True), case([[1, 2]], error=True), case([2], "int", error=True),
        case([2**40, 2**40], error=True),
    ]),
    row("tf.ones", lambda tf, *args: tf.ones(*args), [
        *each(NAMES, lambda name: ([2, 3], name)), case([2]), case(()), case(3), case([2, i32.of(3)]),
        case([-1], error=True), case([2.0], error=True), case(2.0, error=True), case([2], "string", error=True),
    ]),
    row("ZerosLike", lambda tf, x, *args: tf.zeros_like(x, *args), [
        *each((*NUMBERS, boolean, string), lambda t: (t(2, 3),)), case(f32()), case(f32(0)), case([1, 2]),
        case(i32(2), "float32"), case(f32(2), "string"), case(f32(2), "bool"), case(None, error=True),
    ]),
    row("OnesLike", lambda tf, x, *args: tf.ones_like(x, *args), [
        *each((*NUMBERS, boolean), lambda t: (t(2, 3),)), case(f32()), case(f32(0)), case([1, 2], "float64"),
        case(string(2), error=True), case(f32(2), "string", error=True),
    ]),
    row("tf.constant", lambda tf, *args, **kw: tf.constant(*args, **kw), [
        case([1, 2, 3, 4], shape=[2, 2]), case(1.5, shape=[2]), case(1, "float64", [2, 1]), case("a", shape=[2]),
        case([1], shape=[3]), case([1, 2], shape=[3], error=True), case(f32(2), "float64", error=True),

        case(f32(4), shape=[2, 2], fd=0, reason="not differentiable"),
        case(f32(), shape=[2, 2], fd=0, reason="not differentiable"),
        case([[1]], shape=[2, 2], error=True),
        case(1, shape=[2, None], error=True), case(1, shape=[-1], error=True), case([], shape=[0, 3]),
    ]),
]  # fmt: skip

RANGES: list[Row] = [
    row("Range", lambda tf, *args, **kw: tf.range(*args, **kw), [
        *each(RANGED, lambda t: (t.of(1), t.of(6), t.of(2)), fd=0, reason="no gradient"),
        case(3), case(3.0), case(1, 4), case(4, 1, -1), case(1, 1), case(0), case(1.0, 4, 2), case(1, 4.5),
        case(5, dtype="int64"),
        case(5, dtype="float16"), case(0.0, 1.0, 0.1), case(0.0, 1.0, 0.3, dtype="float64"), case(1.5, -2, -0.5),
        case(0.0, 100.0, 0.7), case(i32.of(1), i64.of(4)), case(i32.of(1), 4.5),
        case(f16.of(0), f16.of(2), f16.of(0.3)),
        case(bf16.of(0), bf16.of(2), bf16.of(0.3)), case([3]), case(np.int64(3)), case(2**31, 2**31 + 2),
        case(0, 10, i32.of(3)),
        case(i32.of(3), dtype="float32"), case(10, 0, -3), case(0, 7, 3),
        case(1, 4, -1, error=True), case(4, 1, error=True), case(1, 4, 0, error=True),
        case(3.0, dtype="int32", error=True),
        case([1, 2], error=True), case("a", error=True), case(True, error=True), case(i8.of(3), error=True),
        case(None, error=True), case(3, dtype="bool", error=True), case(3, dtype="complex64", error=True),
        case(float("nan"), error=True), case(float("inf"), error=True),
    ]),
    row("tf.linspace", lambda tf, *args, **kw: tf.linspace(*args, **kw), [
        *each(FLOATS, lambda t: (t(), t(), 5)), *each((i8, i16, i32, i64), lambda t: (t.of(1), t.of(6), 4)),
        case(0.0, 1.0, 1), case(0.0, 1.0, 0), case(0.0, 1.0, 2), case(0, 1, 5), case(f32(2), f32(2), 3),
        case(f32(2), 1.0, 4),
        case(f32(2), f32(2), 3, axis=-1), case(f32(2, 3), f32(3), 4, axis=1), case(-1.0, 1.0, 8), case(0.1, 0.7, 9),
        case(f32(), f32(), i64.of(3)),
        case(0.0, 1.0, -1, error=True), case(0.0, 1.0, 2.0, error=True), case(f32(2), f32(2), 3, axis=2, error=True),
        case(0.0, f64(), 3, error=True),
        case(0, 1.0, 3, error=True), case(0.0, None, 3, error=True), case(0.0, 1.0, [3]),
        case(0.0, 1.0, [2, 3], error=True),
    ]),
    row("Timestamp", lambda tf: (tf.timestamp().dtype.name, tf.timestamp().shape.as_list()), [case()]),
    row("OneHot", lambda tf, *args, **kw: tf.one_hot(*args, **kw), [
        *each((u8, i8, i32, i64), lambda t: (t([0, 2, 1]), 3)),
        *each(NAMES[:-1], lambda name: ([0, 1], 3, None, None, None, name)),
        case([0, 2, -1, 3], 3), case(1, 3), case([0, 1], 3, 5, 9), case([0, 1], 3, 5.0), case([0, 1], 3, off_value=2.0),
        case([0, 1], 3, "a", "b"), case([0, 1], 3, True, False), case([0, 1], 3, axis=0), case([[0, 1]], 3, axis=1),
        case([0, 1], 0), case([], 3), case(i32(0, 2), 3), case([0, 1], i32.of(2)),
        case([0, 1], 3, f32(), f32(), fd=0, reason="no gradient"),
        case([0, 1], 3, 5, 9.0, error=True), case([0, 1], 3, 5.0, dtype="int32", error=True),
        case([0, 1], 3, dtype="bool", error=True),
        case([0, 1], 3, axis=2, error=True), case([0, 1], 3, axis=-2, error=True), case([0.0, 1.0], 3, error=True),
        case([0, 1], -1, error=True), case([0, 1], 2.0, error=True), case([0, 1], [2], error=True),
        case(i16([0, 1]), 2, error=True), case([0, 1], 3, [5.0], [1.0], error=True),
        case([0, 1], i64.of(2), error=True),
    ]),
    row("tf.eye", lambda tf, *args, **kw: tf.eye(*args, **kw), [
        *each(NAMES, lambda name: (2, 3, None, name)), case(2), case(3, 2), case(0), case(2, batch_shape=[2, 1]),
        case(i32.of(2)), case(2, i64.of(3)),
        case(-1, error=True), case(2, -1, error=True), case(2.0, error=True), case([2], error=True),
        case("a", error=True),
        case(2, dtype="string", error=True),
    ]),
    row("tf.meshgrid", lambda tf, *args, **kw: tf.meshgrid(*args, **kw), [
        *each((f32, f64, i32, c128), lambda t: (t(2), t(3))), case(f32(2), f32(3), indexing="ij"), case(f32(2)), case(),
        case(f32(2), f32(1), f32(3)), case(1, 2), case(f32(1, 2), f32(2)),
        case(f32(2), f32(3), indexing="yx", error=True), case(f32(2), other=1, error=True),
        case(i32(2), f32(2), error=True),
        case(boolean([True, False]), f32([1, 0])), case(f32(2), boolean([True])),
    ]),
    row("tf.sequence_mask", lambda tf, *args: tf.sequence_mask(*args), [
        case(i32([1, 3, 2]), 5), case(i32([1, 3, 2])), case(i64([[1, 3], [2, 0]])), case(i32([1, 3]), 2, "float32"),
        case(i32([1, 3]), i64.of(2)), case(2, 3), case(f32([1, 2]), 3), case([], 2), case(i32([1, 2]), 3, "int64"),
        case(i32([1, 2]), [3], error=True),
    ]),
]  # fmt: skip

HELPERS: list[Row] = [
    row("tf.is_tensor", lambda tf, x: tf.is_tensor(x), [case(f32(2)), case(1), case(np.array([1]))]),
    row("tf.get_static_value", lambda tf, x: tf.get_static_value(x), [case(f32(2)), case(f32()), case(1),
    case(None), case(c64(2))]),
]

ROWS: list[Row] = [*FILLED, *RANGES, *HELPERS]
