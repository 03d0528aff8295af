"""Rows of functions that belong to no family: indices of elements, fingerprints, what passes tensors on."""

from __future__ import annotations

from optable import Row, boolean, c64, case, f32, f64, i32, i64, row, string


def _in_function(body):  # type: ignore[no-untyped-def]
    return lambda tf, *args: tf.function(lambda *xs: body(tf, *xs), jit_compile=False)(*args)


ROWS: list[Row] = [
    row("UnravelIndex", lambda tf, x, dims: tf.unravel_index(x, dims), [
        case(i32([2, 5, 7]), i32([3, 3])), case(i32.of(5), i32([3, 3])), case(i64([0, 23]), i64([2, 3, 4])),
        case(i32([-1]), i32([3, 3])), case([1, 2], [2, 2]), case(i32([0]), i32([])),
        case(i32([9]), i32([3, 3]), error=True), case(i32([0]), i32([0, 3]), error=True),
        case(i32([0]), i32.of(5), error=True), case(i32([[0]]), i32([2]), error=True),
        case(i32([0]), i32([-2, 2]), error=True), case(i32([0]), i32([2**20, 2**20]), error=True),
        case(i32([]), i32([2, 3]), error=True), case(f32(2), f32(2), error=True),
    ]),
    row("Fingerprint", lambda tf, x, method="farmhash64": tf.fingerprint(x, method), [
        case(string(3)), case(string(2, 2)), case(string(2, 1, 3)), case(i32(3, 2)), case(f32(4)), case(boolean(5)),
        case(f64(2, 40)), case(c64(3)), case(string(2), "other", error=True),
    ]),
    row("GuaranteeConst", lambda tf, x: tf.guarantee_const(x), [
        case(i32(3), grad=False, reason="TensorFlow has no gradient"), case(string(2))]),
    row("ParallelConcat", _in_function(lambda tf, x, y: tf.parallel_stack([x, y])), [
        case([1, 2], [3, 4]), case("a", "b"), case([[1.0]], [[2.0]])]),
    row("tf.tuple", lambda tf, x, y: tf.tuple([x, None, y]), [case(f32(2), i32())]),
    row("tf.required_space_to_batch_paddings", lambda tf, *args: tf.required_space_to_batch_paddings(*args), [
        case(i32([5, 6]), i32([2, 3])), case(i32([5, 6]), i32([2, 4]), i32([[1, 0], [0, 0]])), case([5, 6], [2, 4]),
        case(i32([5, 6]), i32([2]), error="type", reason="composed"),
    ]),
]  # fmt: skip
