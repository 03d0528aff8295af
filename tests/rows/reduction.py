"""Rows of reductions, running sums, places of extremes, counting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optable import (
    COMPLEX,
    INEXACT,
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
    i8,
    i32,
    i64,
    inf,
    nan,
    row,
    string,
    u8,
)

KINK = "ties"
CUMPROD = "the gradient has Cumprods, whose own gradient is TensorFlow's: not right at zeros, not conjugated"


def axes(t: Any = f32, **options: Any) -> list[Case]:
    """Every way to say which axes."""
    return [
        case(t(2, 3), **options),
        case(t(), **options),
        case(t(2, 3), 0, **options),
        case(t(2, 3), -1, **options),
        case(t(2, 3), [0, 1], **options),
        case(t(2, 3), (-1, -2), keepdims=True, **options),
        case(t(2, 3), [], **options),
        case(t(2, 3), [[1]], **options),
        case(t(2, 3, 2), 1, keepdims=True, **options),
        case(t(2, 3, 2), (0, 2), **options),
        case(t(2, 3, 2), i32.of(-2), **options),
        case(t(2, 3, 2), i64.of([2, 0]), **options),
        case(t(0, 3), 1, **options),
        case(t(2, 3), 2, error=True),
        case(t(2, 3), -3, error=True),
        case(t(2, 3), [0, 0], error=True),
        case(t(2, 3), [1, -1], error=True),
        case(t(), 0, error=True),
        case(t(2, 3), 1.0, error=True),
    ]


def empties(t: Any = f32) -> list[Case]:
    return [case(t(0)), case(t(0, 3), 0), case(t(2, 0), 0), case(t(2, 0), 1, keepdims=True)]


def refused(*kinds: Any) -> list[Case]:
    return [case(kind(2), error=True) for kind in kinds]


def reduction(name: str) -> Callable[..., Any]:
    return lambda tf, x, axis=None, **options: getattr(tf.math, name)(x, axis, **options)


LONG = [
    case(f32(3000, 2), 0, rtol=2e-6, reason="many summands"),
    case(f32(2, 1500), 1),
    case(f32(1100, 5), 1),
    case(f64(5, 1000, 2), (1, 2)),
]

SUM = row(
    "Sum",
    reduction("reduce_sum"),
    [
        *axes(),
        *empties(),
        *each([*INEXACT, *INTS, *UINTS], lambda t: (t(4),)),
        case(i8([100, 100])),
        case(u8([200, 100])),
        case(i32([2**31 - 1, 1])),
        case(bf16([1, 2**-9, 2**-9, 2**-9])),
        case(f32([1, nan, inf])),
        case(f32([-inf, inf])),
        case(c64(2, 3), 1),
        case([[1, 2], [3, 4]], 0),
        *refused(boolean, string),
        *LONG,
    ],
)

MEAN = row(
    "Mean",
    reduction("reduce_mean"),
    [
        *axes(),
        *empties(),
        *each([bf16, f32, f64, *COMPLEX, *INTS, *UINTS], lambda t: (t(4),)),
        case(i32([1, 2, 2])),
        case(i32([-1, -2, -2])),
        case(i8([100, 100, 100])),
        case(u8([200, 200, 200])),
        case(i32([2**31 - 1, 2**31 - 1])),
        case(i64([2**62, 2**62, 2**62])),
        case(i32(0)),
        case(u8(0)),
        case(c64(0)),
        case(f32([1, nan, inf])),
        *refused(boolean, string),
        *LONG,
    ],
)

PROD = row(
    "Prod",
    reduction("reduce_prod"),
    [
        *axes(),
        *empties(),
        *each([bf16, f32, f64, *INTS, *UINTS], lambda t: (t(4),)),
        *each(COMPLEX, lambda t: (t(4),), fd=1, reason=CUMPROD),
        case(f32([0, 2, 3]), fd=1, reason=CUMPROD),
        case(f32([0, 0, 3]), fd=1, reason=CUMPROD),
        case(f64([[0, 2, 3], [4, 5, 6], [0, 1, 0]]), 1, fd=1, reason=CUMPROD),
        case(i8([100, 100])),
        case(f32([1e30, 1e30, 0])),
        *refused(boolean),
    ],
)


def extreme(name: str, op: str) -> Row:
    return row(
        op,
        reduction(name),
        [
            *axes(),
            case(f32(0)),
            case(f32(0, 3), 0),
            case(f32(2, 0), 0),
            case(f16(0)),
            case(bf16(0)),
            case(i32(0)),
            case(u8(0)),
            case(i64(0)),
            *each(REALS, lambda t: (t(4),)),
            case(f32([1, nan, 3])),
            case(f32([nan, 1, 3])),
            case(f32([[1, nan, 3], [nan, 1, 2]]), 0),
            case(f32([[1, nan, 3], [4, 1, 2]]), 1),
            case(f32([inf, -inf])),
            case(f32([1, 3, 3, 1, 1]), fd=0, reason=KINK),
            case(f32([[1, 1], [1, 1]]), 0, fd=0, reason=KINK),
            *refused(boolean, string, c64),
            *LONG,
        ],
    )


LOGIC = [
    case(boolean(2, 3)),
    case(boolean(2, 3), 0),
    case(boolean(2, 3), -1, keepdims=True),
    case(boolean(2, 3), [0, 1]),
    case(boolean.of(True)),
    case(boolean(0)),
    case(boolean(0, 2), 0),
    case(boolean(3000, 2), 0),
    case([True, False]),
    case(boolean(2), 1, error=True),
    case(f32(2), error=True),
    case([1, 0], error=True),
]

NORM = row(
    "EuclideanNorm",
    reduction("reduce_euclidean_norm"),
    [
        *axes(),
        case(f32(0)),
        case(f32(2, 0), 1),
        *each([bf16, f32, f64], lambda t: (t(4),)),
        case(i32([3, 4])),
        case(i32([3, 5])),
        case(u8([200, 200])),
        case(c128(3), fd=0, reason="TensorFlow's is not conjugated"),
        case(c64(2, 2), 1, fd=0, reason="TensorFlow's is not conjugated"),
        case(f32([0, 0])),
        case(f32([nan, 1])),
        *refused(boolean),
    ],
)

STATISTICS = [
    *axes()[:12],
    case(f32(2, 3), 2, error=True),
    *each([f32, f64], lambda t: (t(4),)),
    case(bf16(4)),
    case(f32(0)),
    case(i32(3), error=True),
    case(boolean(3), error=True),
]

LOGSUMEXP = [
    *axes()[:13],
    case(f32(2, 3), 2, error=True),
    *each([f16, f64], lambda t: (t(4),)),
    case(bf16(4)),
    case(f32([1000, 1000])),
    case(f32([-inf, -inf])),
    case(f32([inf, 1])),
    case(f32([nan, 1])),
    case(f32(0)),
    case(i32(2), error=True),
    case(c64(2), error=True),
]

COUNT = [
    case(i32([0, 1, 2])),
    case(string([b"", b"a"])),
    case(boolean([True, False])),
    case(f32([[0, 1], [2, 3]]), 1),
    case(f32([[0, 1], [2, 3]]), 1, keepdims=True, dtype="int32"),
    case(f32([nan, 0, -0.0])),
    case(f32.of(3.0)),
    case(f32(0)),
    case(c64([0, 1j])),
    case(f32([[0, 1], [2, 3]]), 2, error=True),
    case([0, 1, 2]),
]

SCAN = [
    *(case(f32(4), exclusive=e, reverse=r) for e in (False, True) for r in (False, True)),
    *(
        case(f32(2, 3), axis, exclusive=e, reverse=r)
        for axis, e, r in [(0, False, False), (1, True, False), (-1, False, True), (-2, True, True)]
    ),
    case(f32(2, 3, 2), 1),
    case(f32(0)),
    case(f32(2, 0), 1, exclusive=True),
    case(f32(2, 3), i32.of(1)),
    case(f32(2, 3), i64.of(-1)),
    case(f32(2, 3), 2, error=True),
    case(f32(2, 3), -3, error=True),
    case(f32(), 0, error=True),
    case(f32(2, 3), [1], error=True),
    case(f32(2, 3), [0, 1], error=True),
    case(f32(2, 3), 1.0, error=True),
    case(f32(2, 3), None, error=True),
]

ARG = [
    case(f32(5)),
    case(f32(2, 3)),
    case(f32(2, 3), 1),
    case(f32(2, 3), -1),
    case(f32(2, 3), -2),
    case(f32(2, 3, 4), 1),
    *each([*REALS, boolean], lambda t: (t(6),)),
    case(i32([1, 3, 3, 1])),
    case(f32([-inf, -inf])),
    case(f32([inf, 1, inf])),
    case(f32([1, nan, 3])),
    case(f32([nan, 1, -3])),
    case(f32([nan, nan])),
    case(f32([[nan, 1, 3], [1, nan, 2], [1, 2, nan]]), 0),
    case(f32([[nan, 1, 3], [1, nan, 2], [1, 2, nan]]), 1),
    case(bf16([1, nan, 3])),
    case(f32(2, 3), i64.of(1)),
    case(f32(2, 3), None),
    case(f32(0, 3), 1),
    case(f32(3, 0), 0),
    case(f32(3), output_type="int32"),
    case(f32(3), output_type="float32", error=True),
    case(f32(2, 3), 2, error=True),
    case(f32(2, 3), -3, error=True),
    case(f32(0), error=True),
    case(f32(0, 3), error=True),
    case(f32(), error=True),
    case(f32(2, 3), [1], error=True),
    case(c64(2), error=True),
    case(string(2), error=True),
    case([1, 5, 2]),
]

NO_GRADIENT = "TensorFlow has none registered, and raises; we say None"

BINCOUNT = [
    case(i32([1, 1, 3])),
    case(i64([1, 1, 3])),
    case(i32(0)),
    case(i32([1, 1, 3]), minlength=6),
    case(i32([1, 1, 3]), maxlength=2),
    case(i32([1, 1, 3]), f32(3), grad=False, reason=NO_GRADIENT),
    case(i32([1, 1, 3]), i64([4, 5, 6])),
    case(i32([1, 1, 3]), dtype="float32"),
    case(i32([1, 1, 3]), binary_output=True),
    case(i32([[1, 1], [0, 2]])),
    case(i32([[1, 1], [0, 2]]), axis=-1),
    case(i32([[1, 1], [0, 2]]), axis=0),
    case(i32([[1, 1], [0, 2]]), axis=-1, binary_output=True),
    case(i32([[1, 1], [0, 2]]), f32(2, 2), axis=-1, grad=False, reason=NO_GRADIENT),
    case([1, 1, 3]),
    case(i32([-1]), error=True),
]

CONFUSION = [
    case([1, 2, 4], [2, 2, 4]),
    case(i64([1, 2]), i32([2, 2])),
    case([1, 2], [2, 2], num_classes=4),
    case([1, 2], [2, 2], weights=f32(2), dtype="float32", grad=False, reason="the weights have one"),
    case([[1], [2]], [2, 2]),
    case([1, 2], [[2], [2]]),
    case([1, 2], [2, 2, 1], error="type", reason="which op says so"),
    case([1, 2], [2, 2], num_classes=2, error=True),
    case([1, -2], [2, 2], error=True),
]

HISTOGRAM = [
    case(f32([-1, 0, 1.5, 2, 5, 15]), [0.0, 5.0], nbins=5),
    case(f64([-1, 0, 1.5, 2, 5, 15]), [0.0, 5.0]),
    case(i32([1, 2, 2, 9]), [0, 5], nbins=3),
    case(f32(0), [0.0, 5.0], nbins=3),
    case(f32(2, 3), [-1.0, 1.0], nbins=4, dtype="int64"),
]
NO_HISTOGRAM = [
    *(case(f32(2), ends, error=True) for ends in ([0.0], 0.0, [1.0, 0.0], [2.0, 1.5], [0.0, nan], i32([0, 1]))),
    *(case(f32(2), [0.0, 1.0], nbins=nbins, error=True) for nbins in (0, -3, [2], 2.5, None)),
    case(f32(2), [0.0, 1.0], nbins=3, dtype="float32", error=True),
]

NOT_SMOOTH = "TensorFlow divides by the input, and has 0 or nan at 0, nothing conjugated"

ROWS: list[Row] = [
    SUM,
    MEAN,
    PROD,
    extreme("reduce_max", "Max"),
    extreme("reduce_min", "Min"),
    row("All", reduction("reduce_all"), LOGIC),
    row("Any", reduction("reduce_any"), LOGIC),
    NORM,
    row("tf.reduce_logsumexp", reduction("reduce_logsumexp"), LOGSUMEXP),
    row("tf.math.reduce_variance", reduction("reduce_variance"), [*STATISTICS, case(c128(3)), case(f32([1, 1]))]),
    row("tf.math.reduce_std", reduction("reduce_std"), [*STATISTICS, case(c64(3)), case(f32([1, 1]))]),
    row("tf.math.count_nonzero", reduction("count_nonzero"), COUNT),
    row(
        "tf.math.zero_fraction",
        lambda tf, x: tf.math.zero_fraction(x),
        [
            case(f32([0, 1, 2])),
            case(f32(0)),
            case(i32([[0, 1]])),
            case(boolean([True])),
            case(f32.of(0.0)),
        ],
    ),
    row(
        "tf.exported",
        lambda tf, x: (
            tf.reduce_sum(x),
            tf.reduce_mean(x),
            tf.reduce_prod(x),
            tf.reduce_max(x),
            tf.reduce_min(x),
            tf.reduce_logsumexp(x),
            tf.cumsum(x),
            tf.argmax(x),
            tf.argmin(x),
            tf.math.argmax(x),
            tf.math.argmin(x),
            tf.math.cumsum(x),
            tf.reduce_all(x > 0),
            tf.reduce_any(x > 0),
            tf.nn.zero_fraction(x),
        ),
        [case(f32(3))],
    ),
    row(
        "Cumsum",
        lambda tf, x, axis=0, **kw: tf.cumsum(x, axis, **kw),
        [
            *SCAN,
            *each([*INEXACT, *INTS, *UINTS], lambda t: (t(4),)),
            case(i8([100, 100])),
            case(f32([1, nan, inf])),
            case(boolean(2), error=True),
        ],
    ),
    row(
        "Cumprod",
        lambda tf, x, axis=0, **kw: tf.math.cumprod(x, axis, **kw),
        [
            *SCAN,
            *each([bf16, f16, f64, *INTS, *UINTS], lambda t: (t(4),)),
            case(i8([100, 100])),
            case(f32([1, nan, inf])),
            case(f32([1, 0, 3]), fd=0, reason=NOT_SMOOTH),
            case(c128(3), fd=0, reason=NOT_SMOOTH),
            case(boolean(2), error=True),
        ],
    ),
    row(
        "CumulativeLogsumexp",
        lambda tf, x, axis=0, **kw: tf.math.cumulative_logsumexp(x, axis, **kw),
        [
            *SCAN,
            *each([f64], lambda t: (t(4),)),
            case(f32([-inf, 2, 3])),
            case(f32([1000, 1000]), fd=1, reason="differences are too small"),
            case(i32(2), error=True),
        ],
    ),
    row(
        "ArgMax",
        lambda tf, x, axis=None, **kw: tf.argmax(x, axis, **kw),
        [
            *ARG,
            case(f32(3), output_type="int16"),
            case(f32(3), output_type="uint16"),
            case(f32(3), "a", error=True),
            case(f32(3), 1.5, error=True),
            case(f32(3), f32.of(0), error=True),
        ],
    ),
    row(
        "ArgMin",
        lambda tf, x, axis=None, **kw: tf.argmin(x, axis, **kw),
        [*ARG, case(f32(3), output_type="int16", error=True)],
    ),
    row("DenseBincount", lambda tf, x, weights=None, **kw: tf.math.bincount(x, weights, **kw), BINCOUNT),
    row("tf.math.confusion_matrix", lambda tf, x, y, **kw: tf.math.confusion_matrix(x, y, **kw), CONFUSION),
    row("tf.histogram_fixed_width", lambda tf, x, ends, **kw: tf.histogram_fixed_width(x, ends, **kw), [
        *HISTOGRAM, *NO_HISTOGRAM, case(c64(3), [0.0, 1.0], error=True)]),
    row(
        "tf.histogram_fixed_width_bins",
        lambda tf, x, ends, **kw: tf.histogram_fixed_width_bins(x, ends, **kw),
        [
            case(f32([-1, 0, 1.5, 2, 5, 15]), [0.0, 5.0], nbins=5),
            case(f64([-1, 0, 1.5, 2, 5, 15]), f64([0, 5])),
            *HISTOGRAM[3:],
            case(f64([1, 2]), [0.0, 5.0], error=True),
            case(i32([1, 2]), [0, 5], nbins=3, error=True),
        ],
    ),
]
