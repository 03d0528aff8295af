"""Rows of the ops that go element by element; special functions are in `special.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from optable import (
    COMPLEX,
    FLOATS,
    INEXACT,
    INTS,
    NUMBERS,
    REALS,
    SPECIAL,
    UINTS,
    Case,
    Kind,
    Row,
    boolean,
    c64,
    case,
    column,
    each,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    inf,
    nan,
    row,
    string,
    u8,
    u64,
)

EXTREME = [1e-30, 1e-8, 1e-3, 30.0, 88.0, 89.0, 1e4, 3e38]
EXTREME = [*EXTREME, *(-x for x in EXTREME)]


def unary(
    kinds: Sequence[Kind],
    low: float | None = None,
    high: float | None = None,
    refused: Kind = string,
    extreme: Sequence[float] = EXTREME,
    special: Sequence[float] = SPECIAL,
) -> list[Case]:
    """Shapes, dtypes, special and extreme values, and one dtype that is refused, for a function of one tensor."""
    return [
        case(f32(2, 3, low=low, high=high)),
        case(f32(low=low, high=high)),
        case(f32(0, 3)),
        *each([k for k in kinds if k is not f32], lambda t: (t(2, 2, low=low, high=high),)),
        case(f32(list(special)), fd=0, reason="not differentiable at some"),
        case(f64(list(special)), fd=0, reason="not differentiable at some"),
        case(f32(list(extreme)), fd=0, reason="too steep"),
        case(1.5 if low is None else (low or 0) + 0.75),
        case(refused(3), error=True),
    ]


def binary(
    kinds: Sequence[Kind],
    low: float | None = None,
    high: float | None = None,
    refused: Kind = string,
    python_first: bool = True,
    zero_sign: bool = True,
) -> list[Case]:
    """Broadcasting, dtypes, all pairs of special values, and what is refused, for a function of two tensors."""

    def x(*shape: int) -> Any:
        return f32(*shape, low=low, high=high)

    return [
        case(x(2, 3), x(2, 3)),
        case(x(), x()),
        case(x(2, 3), x()),
        case(x(3), x(2, 3)),
        case(x(2, 1), x(3)),
        case(x(2, 1, 3), x(4, 1)),
        case(x(0, 3), x(1, 3)),
        case(x(0, 1), x(3)),
        case(x(1, 1), x(1)),
        case(x(3), 1.5),
        case(1.5, x(3), fd=2 if python_first else 0, reason="a Python number that comes first is a float32"),
        case(2, x(3), error=not python_first),
        *each([k for k in kinds if k is not f32], lambda t: (t(4, low=low, high=high), t(4, low=low, high=high))),
        case(f32(column(SPECIAL)), f32(SPECIAL), fd=0, zero_sign=zero_sign, reason="not differentiable at some"),
        case(f64(column(SPECIAL)), f64(SPECIAL), fd=0, zero_sign=zero_sign, reason="not differentiable at some"),
        case(x(2, 3), x(4), error=True),
        case(x(2, 3), x(3, 2), error=True),
        case(f32(3), f64(3), error=True),
        case(f32(3), i32(3), error=True),
        case(refused(3), refused(3), error=True),
    ]


def comparison(kinds: Sequence[Kind]) -> list[Case]:
    return [*binary(kinds), case(f32([1, 2, nan]), f32([1, 3, nan])), case(i32([1, 2, 3]), 2),
        case(i32(3), 2.5, error=True)]


def function(path: str) -> Callable[..., Any]:
    """`(tf, *args) -> tf.<path>(*args)`"""

    def call(tf: Any, *args: Any, **kwargs: Any) -> Any:
        for name in path.split("."):
            tf = getattr(tf, name)
        return tf(*args, **kwargs)

    return call


HALVES = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, -0.2, 8388609.0, -1e30]
DIVISION_INTS = [
    *(case(t([7, -7, 7, -7, 0, 6]), t([2, 2, -2, -2, 5, -3])) for t in INTS),
    *(case(t([7, 255, 0, 6]), t([2, 16, 5, 3])) for t in UINTS),
    case(i8([-128, 127]), i8([3, -1])),
    case(i64([2**62, -(2**62)]), i64([7, 7])),
]
DIVISION_FLOATS = [
    case(f32([7, -7, 7, -7, 0, 5.5]), f32([2, 2, -2, -2, 5, -0.75]), fd=0, reason="jumps"),
    case(f32([1e10, -1e10, 1e-10, 5.0]), f32([3.0, 3.0, 1.0, 0.1]), fd=0, reason="jumps"),
]
ZERO_DIVISORS = [case(t([1, 0]), t([0, 0]), error=True) for t in (i8, i32, i64, u8)]
OVERFLOWS = [case(i32([2**31 - 1, -(2**31)]), i32([2, -2])), case(i8([127, -128]), i8([3, -1])),
    case(u8([255, 0]), u8([3, 1]))]
OVERFLOWS += [case(i64([2**62, -(2**62)]), i64([4, -4])), case(i16([32767]), i16([2])),
    case(u64([2**64 - 1]), u64([3]))]

COMPLEX_AS_TENSORFLOW = each(COMPLEX, lambda t: (t(4), t(4)), fd=0, reason="TensorFlow's gradient lacks a conj")

ROWS: list[Row] = [
    # one argument
    row("Neg", function("negative"), [*unary((*INEXACT, *INTS)), case(i8([-128])), case(u8(3), error=True)]),
    row("Neg/operator", lambda tf, x: -x, [case(f32(3)), case(i32(3)), case(c64(3)), case(boolean(3), error=True)]),
    row("Abs", function("abs"), [*unary((*FLOATS, *INTS)), case(i8([-128, 127])),
        case(f32([0.0, -0.0, 1.0]), fd=0, reason="kink")]),
    row("ComplexAbs", function("abs"), [*each(COMPLEX, lambda t: (t(2, 3),)), case(c64(0)),
        case(c64([0, 3 + 4j, 1e30 + 1e30j, complex(inf, nan), 1e-3j]), fd=0, reason="kink")]),
    row("Sign", function("sign"), [*unary((*INEXACT, *INTS)), case(c64([0, 3 + 4j, -1j]), fd=0, reason="jump")]),
    row("Square", function("square"), [*unary(NUMBERS), case(i8([100, -128])), case(u8([255, 16]))]),
    row("Sqrt", function("sqrt"), [*unary(INEXACT, low=0.1, refused=i32),
        case(c64([-1, 1j, -2 - 1j, -4]), fd=0, reason="branch cut")]),
    row("Rsqrt", function("math.rsqrt"), unary(INEXACT, low=0.1, refused=i32)),
    row("Exp", function("exp"), unary(INEXACT, refused=i32)),
    row("Expm1", function("math.expm1"), unary(INEXACT, refused=i32)),
    row("Log", function("math.log"), unary(INEXACT, low=0.1, refused=i32)),
    row("Log1p", function("math.log1p"), unary(INEXACT, low=-0.8, refused=i32)),
    row("Sin", function("sin"), unary(INEXACT, refused=i32)),
    row("Cos", function("cos"), unary(INEXACT, refused=i32)),
    row("Tan", function("tan"), unary(INEXACT, low=-1.2, high=1.2, refused=i32)),
    row("Asin", function("asin"), unary(INEXACT, low=-0.9, high=0.9, refused=i32)),
    row("Acos", function("acos"), unary(INEXACT, low=-0.9, high=0.9, refused=i32)),
    row("Atan", function("atan"), unary(INEXACT, refused=i32)),
    row("Sinh", function("sinh"), unary(INEXACT, refused=i32)),
    row("Cosh", function("cosh"), unary(INEXACT, refused=i32)),
    row("Tanh", function("tanh"), unary(INEXACT, refused=i32)),
    row("Asinh", function("asinh"), unary(INEXACT, refused=i32)),
    row("Acosh", function("acosh"), unary(INEXACT, low=1.1, high=3.0, refused=i32)),
    row("Atanh", function("atanh"), unary(INEXACT, low=-0.9, high=0.9, refused=i32)),
    row("Sigmoid", function("sigmoid"), unary(INEXACT, refused=i32)),
    row("Softplus", function("math.softplus"), unary(FLOATS, refused=i32)),
    row("Softsign", function("nn.softsign"), unary(FLOATS, refused=i32)),
    row("Relu", function("nn.relu"), [*unary(REALS, refused=c64),
        case(f32([0.0, -0.0, 1.0]), fd=0, zero_sign=False, reason="kink; TensorFlow's -0.0 depends on the position")]),
    row("Relu6", function("nn.relu6"), [*unary(REALS, low=-8, high=12, refused=c64),
        case(f32([0.0, 6.0]), fd=0, reason="kink")]),
    row("Elu", function("nn.elu"), [*unary(FLOATS, refused=i32), case(f32([0.0, -0.0]), fd=0, reason="kink")]),
    row("Selu", function("nn.selu"), [*unary(FLOATS, refused=i32), case(f32([0.0, -0.0]), fd=0, reason="kink")]),
    row("LeakyRelu", lambda tf, x, **kw: tf.nn.leaky_relu(x, **kw), [
        *unary(FLOATS), case(f32(2, 3), alpha=0.0), case(f32(2, 3), alpha=0.01), case(f32(2, 3), alpha=1.5),
        case(f32([0.0, -0.0]), fd=0, reason="kink"), case(i32(4), grad=False, reason="an int is cast"),
    ]),
    row("tf.nn.silu", lambda tf, x, **kw: tf.nn.silu(x, **kw), [*unary(FLOATS, refused=i32),
        case(f32(2, 3), beta=1.7)]),
    row("tf.nn.gelu", lambda tf, x, **kw: tf.nn.gelu(x, **kw), [
        *unary(FLOATS, refused=i32), case(f32(2, 3), approximate=True), case(f64(2, 3), approximate=True)]),
    row("tf.math.log_sigmoid", function("math.log_sigmoid"), unary(FLOATS, refused=i32)),
    row("Floor", function("floor"), [*unary(FLOATS, refused=i32), case(f32(HALVES), fd=0, reason="jumps")]),
    row("Ceil", function("math.ceil"), [*unary(FLOATS, refused=i32), case(f32(HALVES), fd=0, reason="jumps")]),
    row("Rint", function("math.rint"), [*unary([f32, f64], refused=i32), case(f32(HALVES), fd=0, reason="jumps")]),
    row("Round", function("round"), [*unary((*FLOATS, i32, i64)), *(case(t(HALVES), fd=0, reason="jumps")
        for t in (f16, f32, f64))]),
    row("Reciprocal", function("math.reciprocal"), [*unary(INEXACT, low=0.3), case(f32(4, low=-2, high=-0.5))]),
    row("IsNan", function("math.is_nan"), unary(FLOATS, refused=i32)),
    row("IsInf", function("math.is_inf"), unary(FLOATS, refused=i32)),
    row("IsFinite", function("math.is_finite"), unary(FLOATS, refused=i32)),
    row("LogicalNot", function("logical_not"), [
        case(boolean(2, 3)), case(boolean()), case(boolean(0)), case(True), case(i32(3), error=True),
        case(f32(3), error=True)]),
    row("Invert", lambda tf, x: tf.bitwise.invert(x), [*each((*INTS, *UINTS), lambda t: (t(4),)),
        case(f32(3), error=True)]),

    # two arguments
    row("AddV2", function("add"), [*binary(NUMBERS, refused=boolean, python_first=False), *OVERFLOWS,
        case(i32(3), 2), case(i32(3), 2.5, error=True),
        case(f32(3), 1j, error=True), case(f32(3), "a", error=True), case(i8(3), 300)]),
    row("AddV2/operator", lambda tf, x, y: x + y, [
        case(f32(2, 3), f32(3)), case(f32(3), 2), case(2, f32(3)), case(f32(3), 2.5), case(i32(3), 1),
        case(i32(3), 2.5, error=True),
        case(f32(3), [1.0, 2.0, 3.0]), case([1, 2, 3], i64(3)), case(c64(3), 1.0), case(f32(3), None, error=True),
        case(f32(3), f64(3), error=True), case(f32(3), i32(3), error=True), case(f32(3), f32(4), error=True),
        case(u8(3), 1), case(u8(3), -1)]),
    row("Add", lambda tf, x, y: x + y, [
        case(string(2, 3), string(3)), case(string(), string()), case(string(0), string(1)), case(string(3), "s"),
        case(string(2), string(3), error=True), case(string(2), i32(2), error=True)]),
    row("Sub", function("subtract"), [*binary(NUMBERS), *OVERFLOWS, case(u8([0, 1]), u8([1, 2])), case(i32(3), 2)]),
    row("Sub/operator", lambda tf, x, y: x - y, [case(f32(2, 3), f32(3)), case(f32(3), 2), case(2, f32(3)),
        case(2.5, i32(3), error=True)]),
    row("Mul", function("multiply"), [*binary(NUMBERS), *OVERFLOWS, case(f32([1e30, -1e30]), f32([1e30, 1e30])),
        case(i32(3), 2)]),
    row("Mul/operator", lambda tf, x, y: x * y, [case(f32(2, 3), f32(3)), case(f32(3), 2), case(2, f32(3)),
        case(i32(3), 2.5, error=True)]),
    row("Mul/same", lambda tf, x: x * x, [case(f32(3)), case(f32()), case(c64(3)), case(i32(3))]),
    row("MulNoNan", function("math.multiply_no_nan"), [
        *binary(FLOATS, refused=i32, python_first=False), *COMPLEX_AS_TENSORFLOW]),
    row("RealDiv", function("realdiv"), [*binary(INEXACT, low=0.3), case(f32([1, -1, 0]), f32([0, 0, 0]))]),
    row("RealDiv/operator", lambda tf, x, y: x / y, [
        case(f32(2, 3), f32(3, low=0.3)), case(f32(3), 2), case(2, f32(3, low=0.3)), case(f32(3), 0.0),
        *each((*INTS, *UINTS), lambda t: (t([7, 0, 6]), t([2, 5, 3]))), case(i32([1, 0]), i32([0, 0])),
        case(i32(3), 2), case(c64(3), 2.0),
        case(f32(3), f64(3), error=True), case(boolean(3), boolean(3), error=True), case(i32(3), 2.5, error=True)]),
    row("tf.divide", function("divide"), [case(f32(2, 3), f32(3, low=0.3)), case(i32([7, 6]), i32([2, 3])),
        case(7, 2), case(f32(3), 2)]),
    row("tf.truediv", function("truediv"), [case(f32(2, 3), f32(3, low=0.3)), case(i32([7, 6]), i32([2, 3])),
        case(i8([7, 6]), i8([2, 3])),
        case(7, 2), case(f32(3), i32(3), error=True)]),
    row("TruncateDiv", function("truncatediv"), [*DIVISION_INTS, *ZERO_DIVISORS,
        case(i32([1, 2, 3]), i32([0, 1]), error=True),
        case(i32(2, 3, low=1), i32(3, low=1))]),
    row("FloorDiv", function("math.floordiv"), [*DIVISION_INTS, *DIVISION_FLOATS, *ZERO_DIVISORS,
        case(i32([1, 2, 3]), i32([0, 1]), error=True),
        *each(FLOATS, lambda t: (t(4), t(4, low=0.3))),
        case(f32([5.0, -5.0, 0.0, inf, 1.0]), f32([0.0, 0.0, 0.0, 2.0, inf])),
        case(f32(2, 3), f32(4), error=True), case(f32(3), f64(3), error=True)]),
    row("FloorDiv/operator", lambda tf, x, y: x // y, [case(f32(3), 2), case(i32(3), 2), case(7, i32(3, low=1)),
        case(i32(3), 0, error=True)]),
    row("FloorMod", function("math.floormod"), [*DIVISION_INTS, *DIVISION_FLOATS, *ZERO_DIVISORS,
        *each(FLOATS, lambda t: (t(4), t(4, low=0.3))),
        case(f32([5.0, -5.0, 0.0, inf, 1.0, -1.0]), f32([0.0, 0.0, 0.0, 2.0, inf, inf])),
        case(f32(2, 3), f32(4), error=True)]),
    row("FloorMod/operator", lambda tf, x, y: x % y, [case(f32(3), 2), case(i32(3), 3), case(7, i32(3, low=1)),
        case(i32(3), 0, error=True)]),
    row("TruncateMod", function("truncatemod"), [*(case(t([7, -7, 7, -7]), t([2, 2, -2, -2])) for t in (i32, i64)),
        *(case(t([7, -7, 7, -7]), t([2, 2, -2, -2]), grad=False, reason="TensorFlow has none") for t in (f32, f64))]),
    row("DivNoNan", function("math.divide_no_nan"), [*binary(INEXACT, low=0.3, refused=boolean),
        case(f32([1, nan, inf, 0]), f32([0, 0, 0, 0]), fd=0, reason="jump"),
        case(i32([4, 3]), i32([0, 2]))]),
    # For x = -0.0 TensorFlow's result has the sign where it fills a vector of 8, and none in the rest.
    *(row(name, function(f"math.{name.lower()}"),
          [*binary(FLOATS, low=0.3, refused=i32, zero_sign=False), *COMPLEX_AS_TENSORFLOW])
      for name in ("Xdivy", "Xlogy", "Xlog1py")),
    row("Pow", function("pow"), [
        *binary((*INEXACT, *INTS), low=0, high=3),
        case(f32([2, -2, -2, 0]), f32([3, 3, 2, 2]), fd=0, reason="NaN beside"),
        case(f32([-2, -8]), f32([0.5, 1 / 3])),
        case(f32([0, 0, 0]), f32([0, 1, 0.5]), fd=0, reason="not differentiable"),
        case(i32([2, -3, 0, 7]), i32([10, 3, 0, 11])),
        case(i64([2, -3]), i64([62, 41])), case(i32([2]), i32([-1]), error=True),
        case(i32([1, -1]), i32([-2, -3]), error=True),
        case(f32(3, low=0.1), 2), case(f32(3), 2.0), case(2.0, f32(3)), case(f32(3), 3), case(i32(3), 2)]),
    row("Pow/operator", lambda tf, x, y: x**y, [case(f32(3), 2), case(f32(3), 2.0), case(f32(3, low=0.1), 0.5),
        case(2, f32(3)), case(f32(3), 0),
        case(f32(3), 1), case(f32(3, low=0.5), -1), case(i32(3), 2), case(i32(3), -1, error=True),
        case(f64(3), f64(3, low=0.1), fd=0, reason="NaN")]),
    row("Maximum", function("maximum"), [*binary(REALS, refused=c64),
        case(f32([1, 2, 0.0]), f32([1, 1, -0.0]), fd=0, zero_sign=False, reason="ties")]),
    row("Minimum", function("minimum"), [*binary(REALS, refused=c64),
        case(f32([1, 2, 0.0]), f32([1, 1, -0.0]), fd=0, zero_sign=False, reason="ties")]),
    row("SquaredDifference", function("math.squared_difference"), [*binary((*FLOATS, i32, i64)), *COMPLEX_AS_TENSORFLOW,
        case(i32([2**31 - 1]), i32([-1]))]),
    row("Atan2", function("atan2"), [*binary(FLOATS, refused=i32),
        case(f32([0.0, -0.0, 0.0, -0.0]), f32([1, 1, -1, -1]), fd=0, reason="jumps")]),
    row("NextAfter", function("math.nextafter"), [
        case(f32([1.0, 1.0, 0.0, inf, nan]), f32([2.0, 0.0, 1.0, 0.0, 1.0]), grad=False, reason="TensorFlow has none"),
        case(f64([1.0, 1.0]), f64([2.0, 0.0]), grad=False, reason="TensorFlow has none")]),
    row("Less", function("less"), comparison(REALS)),
    row("LessEqual", function("less_equal"), comparison(REALS)),
    row("Greater", function("greater"), comparison(REALS)),
    row("GreaterEqual", function("greater_equal"), comparison(REALS)),
    row("Less/operator", lambda tf, x, y: x < y, [case(f32(2, 3), f32(3)), case(i32(3), 2), case(2, i32(3)),
        case(f32(3), i32(3), error=True)]),
    row("Equal", function("equal"), [
        case(f32(2, 3), f32(3)), case(f32([1, 2, nan]), f32([1, 3, nan])), case(f32(0, 3), f32(1, 3)),
        case(string(6), string(6)), case(string(4), "tape"),
        *each((*NUMBERS, boolean), lambda t: (t(4), t(4))), case(i32([1, 2]), 2), case(f32([0.0]), f32([-0.0])),
        case(f32(2, 3), f32(4), error=True), case(f32(3), f64(3), error=True), case(f32(3), i32(3), error=True)]),
    row("NotEqual", function("not_equal"), [
        case(f32(2, 3), f32(3)), case(f32([1, 2, nan]), f32([1, 3, nan])), case(string(6), string(6)),
        *each((*NUMBERS, boolean), lambda t: (t(4), t(4))), case(f32(2, 3), f32(4), error=True),
        case(f32(3), i32(3), error=True)]),
    row("Equal/operator", lambda tf, x, y: x == y, [
        case(f32(2, 3), f32(3)), case(i32([1, 2]), 2), case(string(4), "tape"), case(f32(2), None),
        case(f32(2), f32(3)),
        case(f32(3), i32(3), error=True)]),
    row("NotEqual/operator", lambda tf, x, y: x != y, [case(f32(2, 3), f32(3)), case(i32([1, 2]), 2),
        case(f32(2), None)]),
    *(row(name, function(path), [
        case(boolean(2, 3), boolean(2, 3)), case(boolean(2, 1), boolean(3)), case(boolean(0), boolean(1)),
        case(boolean(3), True),
        case(boolean(3), boolean(4), error=True), case(i32(3), i32(3), error=True),
        case(boolean(3), f32(3), error=True),
    ])
        for name, path in (
            ("LogicalAnd", "logical_and"), ("LogicalOr", "logical_or"), ("tf.math.logical_xor", "math.logical_xor"))),
    row("LogicalAnd/operator", lambda tf, x, y: x & y, [case(boolean(2, 3), boolean(3)), case(boolean(3), True),
        case(f32(3), f32(3), error=True)]),
    row("LogicalOr/operator", lambda tf, x, y: x | y, [case(boolean(2, 3), boolean(3)), case(boolean(3), True)]),
    row("tf.Tensor.__xor__", lambda tf, x, y: x ^ y, [case(boolean(2, 3), boolean(3)), case(i32(3), i32(3))]),
    row("LogicalNot/operator", lambda tf, x: ~x, [case(boolean(2, 3)), case(i32(3)), case(f32(3), error=True)]),
    *(row(f"Bitwise{what}", lambda tf, x, y, what=what: getattr(tf.bitwise, f"bitwise_{what.lower()}")(x, y), [
        *each((*INTS, *UINTS), lambda t: (t(4), t(4))), case(i32(2, 1), i32(3)), case(i32(3), 2),
        case(f32(3), f32(3), error=True),
    ]) for what in ("And", "Or", "Xor")),
    row("LeftShift", lambda tf, x, y: tf.bitwise.left_shift(x, y), [*each((*INTS,
        *UINTS), lambda t: (t(4), t(4, low=0, high=7))), case(i32(2, 1), i32([0, 3]))]),
    row("RightShift", lambda tf, x, y: tf.bitwise.right_shift(x, y), [*each((*INTS,
        *UINTS), lambda t: (t(4), t(4, low=0, high=7))), case(i32(2, 1), i32([0, 3]))]),

    # three and more
    row("SelectV2", lambda tf, c, x=None, y=None: tf.where(c, x, y), [
        case(boolean(2, 3), f32(2, 3), f32(2, 3)), case(boolean(3), f32(2, 3), f32()),
        case(boolean(2, 1), f32(3), f32(2, 3)), case(boolean(), f32(3), f32(3)),
        case(boolean(0, 3), f32(0, 3), f32(1, 3)), case(boolean(2, 1, 3), f32(4, 1), f32()),
        case(True, f32(2), 0.0), case(boolean(3), 1.0, 2.0),
        case(boolean(3), 1, 2), case(boolean(3), f32(3), 0), case(boolean(3), 0.0, f32(3)),
        case(boolean(3), string(3), string(3)),
        case(boolean(3), f32(3), f32([nan, inf, 1])), *each((*NUMBERS, boolean), lambda t: (boolean(4), t(4), t(4))),
        case(i32(3), f32(3), f32(3), error=True), case(boolean(3), f32(3), f64(3), error=True),
        case(boolean(3), f32(2, 3), f32(4), error=True),
        case(boolean(2), f32(3), f32(3), error=True), case(boolean(3), f32(3), error=True),
        case(boolean(3), i32(3), 2.5, error=True)]),
    row("tf.clip_by_value", function("clip_by_value"), [
        case(f32(2, 3), -1.0, 1.0), case(f32(2, 3), f32(3, low=-1, high=0), f32(2, 3, low=0.1, high=1)),
        case(f32(3), 1.0, -1.0), case(i32(6), -3, 3),
        case(f32(0, 3), 0.0, 1.0), case(f32([nan, inf, -inf, 0.5]), -1.0, 1.0),
        case(f32([1.0, -1.0]), -1.0, 1.0, fd=0, reason="ties"),
        case(f32(3), f32(2, 3), 1.0, error=True), case(f64(3), -1, 1), case(f16(3), -1.0, 1.0),
        case(i32(3), 0.5, 1.5, error=True),
        case(f32(3), f64(), f64(), error=True)]),
    row("AddN", function("add_n"), [
        case([f32(2, 3), f32(2, 3)]), case([f32(2, 3)]), case([f32(3), f32(3), f32(3)]), case([f32(), f32()]),
        case([f32(0, 2), f32(0, 2)]),
        *each([k for k in NUMBERS if k is not f32], lambda t: ([t(3), t(3)],)), case(f32(3)),
        case([f32(3), 1.0], error=True),
        case([f32(3), f32(1)], error=True), case([f32(3), f64(3)], error=True), case([], error=True),
        case(f32(0), error=True), case(None, error=True), case(5, error=True),
        case([boolean(2), boolean(2)], error=True)]),
    row("tf.math.accumulate_n", function("math.accumulate_n"), [case([f32(2, 3), f32(2, 3)]),
        case([f32(3), f32(2)], error=True)]),

    # dtypes
    row("Cast", lambda tf, x, dtype: tf.cast(x, dtype), [
        *(case(source([0, 1, 5, 100]), target, fd=0, reason="of other dtypes")
          for source in (*NUMBERS, boolean)
              for target in (
                  "bfloat16", "float16", "float32", "float64", "int8", "int32", "int64", "uint8", "bool", "complex64")),
        case(f32([1.9, -1.9, 0.5, -0.5, 2.5]), "int32"), case(f64([1.9, -1.9, 1e10, -1e10]), "int64"),
        case(i32([300, -1, 256, 128]), "uint8"),
        case(i32([300, -129, 128]), "int8"), case(i64([2**31, -(2**31) - 1, 2**32 + 5]), "int32"),
        case(f64([1e300, 1e-300, 1 / 3]), "float32"),
        case(f32([1e10, 1e-10, 1 / 3]), "float16"), case(f32([1 / 3, 3e38, 1.00390625]), "bfloat16"),
        case(i32([16777217]), "float32"),
        case(f32([nan, inf, -inf, 0.0, -0.0]), "float64"), case(f32([nan, inf, 0.0, -0.0, 0.1]), "bool"),
        case(c64([1 + 2j, -3j]), "float32", fd=0, reason="of other dtypes"),
        case(c64([1 + 2j, 0j, 2j]), "bool"), case(c64(3), "complex128"), case(f32(0, 3), "int32"),
        case(f32(), "float64"), case(2, "float32"), case([1.5, 2.5], "int32"),
        case(f32(3), "string", error=True), case(string(3), "float32", error=True),
        case(f32(3), "nonsense", error=True)]),
    row("tf.saturate_cast", function("saturate_cast"), [
        case(f32([300.0, -5.0, 1.5]), "uint8"), case(i32([300, -300, 7]), "int8"),
        case(i64([2**40, -(2**40)]), "int32"), case(f32([1e10, -1e10]), "int32"),
        case(f64([1e300, -1e300]), "float32", grad=False, reason="of other dtypes"), case(u8([200]), "int8"),
        case(i32([-1, 5]), "uint32")]),
    row("Real", function("math.real"), [*each(COMPLEX, lambda t: (t(2, 3),)), case(c64(0)), case(f32(3)),
        case(i32(3)), case(1.5)]),
    row("Imag", function("math.imag"), [*each(COMPLEX, lambda t: (t(2, 3),)), case(c64(0)), case(f32(3)), case(c64())]),
    row("Conj", function("math.conj"), [*each(COMPLEX, lambda t: (t(2, 3),)), case(c64(0)), case(f32(3)),
        case(i32(3)), case(string(2), error=True)]),
    row("Angle", function("math.angle"), [*each(COMPLEX, lambda t: (t(2, 3),)),
        case(f32([1.0, -1.0, 0.0, -0.0]), fd=0, reason="jumps"),
        case(c64([0, 1j, -1, -1j]), fd=0, reason="jumps")]),
    row("Complex", function("complex"), [
        case(f32(2, 3), f32(2, 3)), case(f64(3), f64(3)), case(f32(2, 1), f32(3)), case(f32(0), f32(1)),
        case(f32(), f32()), case(1.0, 2.0),
        case(f32(3), f64(3), error=True), case(f16(3), f16(3), error=True), case(i32(3), i32(3), error=True),
        case(f32(3), f32(2), error=True)]),
]
