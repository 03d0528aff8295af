"""Rows of reductions by segment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optable import (
    COMPLEX,
    INTS,
    REALS,
    UINTS,
    Case,
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
    i16,
    i32,
    i64,
    nan,
    row,
    string,
)


def segment(name: str) -> Callable[..., Any]:
    return lambda tf, *args: getattr(tf.math, name)(*args)


def ascending(**kink: Any) -> list[Case]:
    """For the ops whose ids ascend."""
    return [
        case(f32(3), i32([0, 0, 2])),
        case(f32(4, 2), i32([0, 1, 1, 3])),
        case(f64(3, 2, 2), i64([1, 1, 1])),
        case(f32(3), i32([0, 1, 2])),
        case(f32(1), i32([2])),
        case(f32(0), i32(0)),
        case(f32(0, 2), i32(0)),
        case(f32(3, 0), i32([0, 0, 1])),
        case(f32(3), [0, 0, 2]),
        case(f32(70, 2), i32([i // 3 for i in range(70)]), **kink),
        case(f32(3), i32([0, 2, 1]), error=True),
        case(f32(3), i32([-1, 0, 1]), error=True),
        case(f32(3), i32([0, 0]), error=True),
        case(f32(3), i32([[0, 0, 0]]), error=True),
        case(f32(3), i32.of(0), error=True),
        case(f32(), i32([0]), error=True),
        case(f32(3), f32([0, 0, 1]), error=True),
        case(boolean(1), i32([0]), error=True),
        case(string(1), i32([0]), error=True),
    ]


def unsorted(**empty: Any) -> list[Case]:
    """For the ops whose ids may come in any order; `empty` is for cases in which a segment has nothing."""
    return [
        case(f32(3), i32([0, 0, 2]), 3, **empty),
        case(f32(3), i32([2, 0, 2]), 4, **empty),
        case(f32(4, 2), i32([3, 1, 1, 0]), 5, **empty),
        case(f64(3, 2, 2), i64([1, 0, 1]), 2),
        case(f32(3), i32([0, -1, 2]), 3, **empty),
        case(f32(3, 2), i32([-1, -5, -1]), 2, **empty),
        case(f32(2, 3), i32([[2, 0, 2], [1, 1, -1]]), 3),
        case(f32(2, 3, 2), i32([[2, 0, 2], [1, 1, 0]]), 4, **empty),
        case(f32(2, 3), i32.of(1), 2, **empty),
        case(f32(0), i32(0), 2),
        case(f32(0, 2), i32(0), 0),
        case(f32(3, 0), i32([0, 0, 1]), 2),
        case(f32(3), [0, 1, 0], i32.of(2)),
        case(f32(3), i32([0, 1, 0]), i64.of(2)),
        case(f32(70, 2), i32([i * 7 % 11 for i in range(70)]), 11),
        case(f32(3), i32([0, 3, 2]), 3, error=True),
        case(f32(1, 3), i32([[0, 3, 2]]), 3, error=True),
        case(f32(3), i32([0, 1]), 3, error=True),
        case(f32(3), i32([0, 0, 2]), -1, error=True),
        case(f32(3), i32([0, 0, 2]), [3], error=True),
        case(f32(3), i32([0, 0, 0]), 0, error=True),
        case(f32(3), f32([0, 0, 1]), 2, error=True),
        case(boolean(1), i32([0]), 1, error=True),
    ]


def sums(kinds: Any) -> list[Case]:
    return each(kinds, lambda t: (t(4), i32([0, 0, 1, 3])))


def unsorted_sums(kinds: Any) -> list[Case]:
    return each(kinds, lambda t: (t(4), i32([2, 0, 2, 1]), 3))


NUMBERS = (f32, f64, *COMPLEX, *INTS, *UINTS)
KINK = {"fd": 0, "reason": "ties"}
TIES = [case(f32([1, 1, 3, 3]), i32([0, 0, 1, 1]), **KINK), case(f32([[1, 2], [1, 3]]), i32([0, 0]), **KINK)]
UNSORTED_TIES = [case(f32([1, 1, 3, 3]), i32([1, 1, -1, 0]), 2, **KINK)]
ZEROS = {"fd": 1, "reason": "TensorFlow's gradient does not hold beyond the first order at zeros"}
UNCONJUGATED = {"fd": 0, "reason": "TensorFlow's gradient is not conjugated"}
LIMITS = {"fd": 0, "reason": "the dtype's lowest or highest number is too large to take differences of"}

ROWS: list[Row] = [
    row(
        "SegmentSum",
        segment("segment_sum"),
        [*ascending(), *sums(NUMBERS), case(bf16(3), i32([0, 0, 1])), case(f16(3), i32([0, 0, 1]))],
    ),
    row(
        "SegmentMean",
        segment("segment_mean"),
        [
            *ascending(),
            *sums((f32, f64, *COMPLEX, i32, i64)),
            case(i32([1, 2, 4]), i32([0, 0, 2])),
            case(i32([1, -4, 4]), i32([0, 0, 2])),
        ],
    ),
    row(
        "SegmentProd",
        segment("segment_prod"),
        [
            *ascending(),
            *sums((f32, f64, i32, i64)),
            case(c128(3), i32([0, 0, 1]), **UNCONJUGATED),
            case(f32([0, 2, 3]), i32([0, 0, 0]), **ZEROS),
            case(f32([0, 0, 3]), i32([0, 0, 1]), **ZEROS),
        ],
    ),
    *(
        row(
            op,
            segment(name),
            [
                *ascending(),
                *sums(REALS),
                *TIES,
                case(f32([1, nan, 3]), i32([0, 0, 1])),
                case(c64(1), i32([0]), error=True),
            ],
        )
        for op, name in [("SegmentMax", "segment_max"), ("SegmentMin", "segment_min")]
    ),
    row(
        "UnsortedSegmentSum",
        segment("unsorted_segment_sum"),
        [
            *unsorted(),
            *unsorted_sums(NUMBERS),
            case(f32(3), i16([0, 1, 0]), 2),
            case(bf16(3), i32([0, 0, 1]), 2),
            case(f32(2, 0), i32([7, 0]), 3),
        ],
    ),
    row(
        "UnsortedSegmentProd",
        segment("unsorted_segment_prod"),
        [
            *unsorted(),
            *unsorted_sums((f32, f64, i32, i64)),
            case(c128(3), i32([0, 0, 1]), 2, **UNCONJUGATED),
            case(f32([0, 2, 3]), i32([0, 0, 0]), 1, **ZEROS),
            case(f32([0, 0, 3]), i32([0, 0, 1]), 2, **ZEROS),
            case(f32([2, 3, 4]), i32([0, -1, 0]), 1),
        ],
    ),
    *(
        row(
            op,
            segment(name),
            [
                *unsorted(**LIMITS),
                *unsorted_sums(REALS),
                *UNSORTED_TIES,
                case(f32([1, nan, 3]), i32([0, 0, 1]), 2),
                case(c64(1), i32([0]), 1, error=True),
            ],
        )
        for op, name in [("UnsortedSegmentMax", "unsorted_segment_max"), ("UnsortedSegmentMin", "unsorted_segment_min")]
    ),
    row("tf.math.unsorted_segment_mean", segment("unsorted_segment_mean"), [*unsorted()[:15], *unsorted_sums((f64,))]),
    row(
        "tf.math.unsorted_segment_sqrt_n",
        segment("unsorted_segment_sqrt_n"),
        [*unsorted()[:15], *unsorted_sums((f64,))],
    ),
]
