"""Rows of checks."""

from __future__ import annotations

from typing import Any

from optable import FLOATS, Row, boolean, c64, case, each, f32, f64, i32, inf, nan, row, string

from .control_flow import Calls, calls, two


def comparisons(name: str) -> Calls:
    def check(tf: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(tf.debugging, name)(*args, **kwargs)

    def c(tf: Any, value: Any) -> Any:
        return tf.constant(value)

    fine = {
        "equal": (2, 2),
        "none_equal": (1, 2),
        "less": (1, 2),
        "greater": (2, 1),
        "less_equal": (1, 1),
        "greater_equal": (2, 2),
    }
    good = fine[name.removeprefix("assert_")]
    return {
        "holds": lambda tf: check(tf, *good),
        "empty": lambda tf: check(tf, tf.zeros([0]), tf.zeros([0])),
        "!vectors": lambda tf: check(tf, c(tf, [1, 2, 3, 3]), c(tf, [1, 3, 2, 1])),
        "!broadcast": lambda tf: check(tf, c(tf, [1.0, 2.0, 0.0]), 1.0, message="hey", summarize=1),
        "!all": lambda tf: check(tf, c(tf, [1, 2, 3, 4, 5]), c(tf, [5, 4, 3, 2, 1]), summarize=-1),
        "!dtypes": lambda tf: check(tf, c(tf, 1), c(tf, 1.0)),
        "!none shown": lambda tf: check(tf, c(tf, [[1, 2], [3, 4]]), c(tf, [[1, 2], [0, 9]]), summarize=0),
        "!strings": lambda tf: check(tf, c(tf, ["a", "b"]), c(tf, ["b", "b"])),
        "!scalars": lambda tf: [check(tf, 1, 2), check(tf, 2, 1), check(tf, 1, 1)],
    }


def signs(name: str, good: float) -> Calls:
    def check(tf: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(tf.debugging, name)(*args, **kwargs)

    return {
        "holds": lambda tf: check(tf, tf.constant([good, good])),
        "!vector": lambda tf: check(tf, tf.constant([1, 0, -3])),
        "!summarize": lambda tf: check(tf, tf.constant([[1.5, 0, -3, 2]]), message="hey", summarize=1),
        "!scalar": lambda tf: check(tf, tf.constant(-good)),
    }


NEAR: Calls = {
    "holds": lambda tf: tf.debugging.assert_near(two(tf), [1.0, 2.0], rtol=1.0),
    "!scalars": lambda tf: tf.debugging.assert_near(tf.constant(1.0), tf.constant(2.0)),
    "!vectors": lambda tf: tf.debugging.assert_near(two(tf), tf.constant([1, 2.1]), message="hey"),
    "!complex": lambda tf: tf.debugging.assert_near(tf.constant([1j]), tf.constant([1 + 1j])),
    "?int": lambda tf: tf.debugging.assert_near(tf.constant([1]), tf.constant([1])),
}

RANKS: Calls = {
    "holds": lambda tf: [
        tf.debugging.assert_rank(two(tf), 1),
        tf.debugging.assert_rank_at_least(two(tf), 1),
        tf.debugging.assert_rank_in(two(tf), [1, 2]),
        tf.debugging.assert_scalar(1),
    ],
    "!rank": lambda tf: tf.debugging.assert_rank(two(tf), 2),
    "!message": lambda tf: tf.debugging.assert_rank(two(tf), 2, message="m"),
    "!vector": lambda tf: tf.debugging.assert_rank(two(tf), [2]),
    "!float": lambda tf: tf.debugging.assert_rank(two(tf), 1.0),
    "!at least": lambda tf: tf.debugging.assert_rank_at_least(two(tf), 2, message="m"),
    "!in": lambda tf: tf.debugging.assert_rank_in(two(tf), [2, 3], message="m"),
    "!in nothing": lambda tf: tf.debugging.assert_rank_in(two(tf), []),
    "!scalar": lambda tf: tf.debugging.assert_scalar(two(tf), message="m"),
}

TYPES: Calls = {
    "holds": lambda tf: [
        tf.debugging.assert_type(1, tf.int32),
        tf.debugging.assert_integer(1),
        tf.debugging.assert_proper_iterable([1]),
        repr(tf.debugging.assert_same_float_dtype()),
        repr(tf.debugging.assert_same_float_dtype([two(tf), None, two(tf)])),
    ],
    "numeric": lambda tf: [
        tf.debugging.is_numeric_tensor(x)
        for x in (
            two(tf),
            1,
            tf.constant("a"),
            tf.constant(True),
            tf.constant(1, tf.uint16),
            tf.constant(1, tf.float16),
        )
    ],
    "!type": lambda tf: tf.debugging.assert_type(tf.constant(1), tf.float32, message="m"),
    "!variable": lambda tf: tf.debugging.assert_type(tf.Variable(1), tf.float32),
    "!integer": lambda tf: tf.debugging.assert_integer(two(tf), "m"),
    "?tensor": lambda tf: tf.debugging.assert_proper_iterable(two(tf)),
    "!string": lambda tf: tf.debugging.assert_proper_iterable("a"),
    "!number": lambda tf: tf.debugging.assert_proper_iterable(1),
    "!different": lambda tf: tf.debugging.assert_same_float_dtype([tf.constant(1.0), tf.constant(2)]),
    "!integers": lambda tf: tf.debugging.assert_same_float_dtype([tf.constant(1)]),
    "!other": lambda tf: tf.debugging.assert_same_float_dtype([tf.constant(1.0)], tf.float64),
}


def shapes(*wanted: Any, message: str | None = None) -> Any:
    """A check of a 2x3 matrix, and with two shapes of a 2x4 matrix."""
    return lambda tf: tf.debugging.assert_shapes(
        list(zip((tf.zeros([2, 3]), tf.zeros([2, 4])), wanted)), message=message
    )


SHAPES: Calls = {
    "letters": shapes(("N", "Q"), ("N", "D")),
    "string": shapes("NQ"),
    "inner": shapes(("...", 3), (..., "A")),
    "any": shapes(("N", "."), (None, 4)),
    "TensorShape": lambda tf: tf.debugging.assert_shapes([(tf.zeros([2, 3]), tf.TensorShape([2, None]))]),
    "digits": shapes(("2", "3")),
    "None": shapes(None),
    "scalar": lambda tf: tf.debugging.assert_shapes([(1.0, ())]),
    "!same": shapes(("N", "D"), ("N", "D"), message="m"),
    "!explicit": shapes(("N", 3), ("N", 5)),
    "!itself": shapes("NN"),
    "!inner": shapes((..., 4)),
    "!rank": shapes(("N", "A", "B"), message="m"),
    "!rank at least": shapes(("*", "A", "B", "C")),
    "!vector": shapes(("N",)),
    "!star": shapes((2, "*"), message="m"),
    "!number": shapes(3),
    "!empty": shapes(()),
}

ASSERT: Calls = {
    "holds": lambda tf: tf.Assert(True, []),
    "one": lambda tf: tf.Assert(1, ["a"]),
    "!data": lambda tf: tf.Assert(tf.constant(False), [tf.constant([1.0, 2, 3, 4, 5]), "abc", 1]),
    "!python": lambda tf: tf.Assert(False, ["x"]),
    "!summarize": lambda tf: tf.Assert(tf.constant(False), [tf.constant([[1, 2, 3], [4, 5, 6]])], summarize=2),
    "!vector": lambda tf: tf.Assert(tf.constant([True, False]), ["s"]),
    "!string": lambda tf: tf.Assert(tf.constant(False), "abc"),
}


def asserted(tf: Any, condition: Any, data: Any, **options: Any) -> Any:
    tf.raw_ops.Assert(condition=condition, data=data, **options)
    return condition


ROWS: list[Row] = [
    *(
        calls(f"tf.debugging.{name}", comparisons(name))
        for name in (
            "assert_equal",
            "assert_none_equal",
            "assert_less",
            "assert_less_equal",
            "assert_greater",
            "assert_greater_equal",
        )
    ),
    *(
        calls(f"tf.debugging.{name}", signs(name, good))
        for name, good in (
            ("assert_positive", 0.5),
            ("assert_negative", -0.5),
            ("assert_non_negative", 0.5),
            ("assert_non_positive", -0.5),
        )
    ),
    calls("tf.debugging.assert_near", NEAR),
    calls("tf.debugging.assert_rank", RANKS),
    calls("tf.debugging.assert_type", TYPES),
    calls("tf.debugging.assert_shapes", SHAPES),
    calls("tf.Assert", ASSERT),
    row(
        "Assert",
        asserted,
        [
            case(boolean.of(True), [f32(2)]),
            case(boolean.of(True), [], error=True),
            case(boolean.of(False), [f32([1.0, 0.1, 1e10, 4.0]), string([b"a", b"b"]), i32.of(3)], error=True),
            case(boolean.of(False), [boolean([True, False])], error=True),
            case(boolean.of(False), [i32([[1, 2], [3, 4]]), f32(0)], error=True),
            case(boolean.of(False), [i32([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])], summarize=5, error=True),
            case(boolean.of(False), [string([b"a", b"b"]), c64([1 + 2j]), f64([1 / 3])], summarize=-1, error=True),
            case(boolean([True, False]), [i32(2)], error="type", reason="the message names a file of TensorFlow's"),
        ],
    ),
    row(
        "CheckNumerics",
        lambda tf, x: tf.debugging.check_numerics(x, "check"),
        [
            *each(FLOATS, lambda t: (t(2, 3),)),
            case(f32()),
            case(f32(0)),
            case([1.0, 2.0]),
            case(f32([1, nan]), error=True),
            case(f32([1, inf]), error=True),
            case(f32([nan, -inf]), error=True),
            case(i32(2), error=True),
        ],
    ),
    row(
        "tf.debugging.check_numerics",
        lambda tf, x, message: tf.debugging.check_numerics(x, message),
        [case([1.0], "check"), case([1.0], b"check"), case([1.0], None, error=True), case([1.0], 5, error=True)],
    ),
    row(
        "tf.debugging.assert_all_finite",
        lambda tf, x: tf.debugging.assert_all_finite(x, "all"),
        [
            case(f32(2)),
            case(f32([nan]), error=True),
        ],
    ),
]
