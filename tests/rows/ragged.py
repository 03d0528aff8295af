"""Rows of the ops of ragged tensors."""

from __future__ import annotations

from typing import Any

from optable import Row, case, each, f32, f64, i32, i64, row, string


def to_tensor(tf: Any, shape: Any, values: Any, default: Any, *rows: Any, types: Any = None) -> Any:
    return tf.raw_ops.RaggedTensorToTensor(
        shape=shape, values=values, default_value=default, row_partition_tensors=list(rows),
        row_partition_types=types or ["ROW_SPLITS"] * len(rows),
    )  # fmt: skip


SPLITS = i64([0, 2, 2, 3])

ROWS: list[Row] = [
    row("RaggedRange", lambda tf, *args, **kw: tf.ragged.range(*args, **kw).flat_values, [
        *each([i32, i64], lambda t: (t([0, 5, 8]), t([3, 3, 12]), t([1, 1, 2]))),
        case(f32([0, 5, 8]), f32([3, 3, 12]), f32([1, 1, 2]), fd=0, reason="how many there are depends on the values"),
        case(f64([0, 5, 8]), f64([3, 3, 12]), f64([1, 1, 2]), fd=0, reason="how many there are depends on the values"),
        case(i32([3, 0, 2])),
        case(i32.of(3)),
        case(i32([0, 9]), i32([9, 0]), i32([4, -4])),
        case(f32([0.5, 3]), f32([2, 0]), f32([0.25, -1]), fd=0, reason="how many there are depends on the values"),
        case(i32(0), i32(0)),
        case(i32([1, 2]), i32([3, 4]), i32([0, 1]), error=True),
        case(i32([1, 2]), i32([3, 4, 5]), error=True),
    ]),
    row("RaggedRange/splits", lambda tf, *args, **kw: tf.ragged.range(*args, **kw).row_splits, [
        case(i32([0, 5, 8]), i32([3, 3, 12])),
        case(f32([0, 5]), f32([3.5, 7])),
    ]),
    row("RaggedTensorToTensor", to_tensor, [
        case([-1, -1], f32(3), f32.of(0), SPLITS),
        case([-1, -1], f32(3), f32.of(7), SPLITS),
        case([2, 4], f64(3), f64.of(1), SPLITS),
        case([-1, 1], f32(3), f32.of(1), SPLITS),
        case([-1, -1, 2], f32(3, 2), f32.of(1), SPLITS),
        case([-1, -1, 2], f32(3, 2), f32([1, 2]), SPLITS),
        case([-1, -1, -1], f32(4), f32.of(0), SPLITS, i64([0, 1, 1, 4])),
        case([-1, -1], i32(3), i32.of(-1), i64.of(3), i64([0, 0, 2]), types=["FIRST_DIM_SIZE", "VALUE_ROWIDS"]),
        case([-1, -1], string(3), string.of(b"x"), SPLITS),
        case([-1, -1], f32(0), f32.of(0), i64([0])),
        case([-1], f32(3), f32.of(0), SPLITS, error=True),
        case([-1, -1], f32(3), f32([1, 2]), SPLITS, error=True),
    ]),
    row("RaggedGather", lambda tf, splits, values, ids, rank: tf.nest.flatten(tf.raw_ops.RaggedGather(
        params_nested_splits=splits, params_dense_values=values, indices=ids, OUTPUT_RAGGED_RANK=rank
    )), [
        case([SPLITS], i32(3), i32([2, 0, 0]), 1),
        case([SPLITS], string(3), i64([1]), 1),
        case([SPLITS, i64([0, 1, 1, 4])], i32(4, 2), i32([2, 0]), 2),
        case([SPLITS], i32(3), i32([[2, 0], [1, 1]]), 2),
        case([SPLITS], i32(3), i32([3]), 1, error=True),
    ]),
]  # fmt: skip
