"""Rows of the special functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from optable import FLOATS, SPECIAL, Case, Row, case, f16, f32, f64, i32, inf, nan, row

from .elementwise import function, unary

# TensorFlow has kernels of some for these only, whatever their signatures say.
SINGLE_DOUBLE = (f32, f64)


def roughly(cases: Iterable[Case], rtol: float, *, steep: bool = False) -> list[Case]:
    """The cases, with a tolerance for what TensorFlow loses by computing in float32; if `steep`, only at extremes."""
    return [replace(each, rtol=rtol) if not (steep and each.fd) else each for each in cases]


ROWS: list[Row] = [
    row("Lgamma", function("math.lgamma"), [*unary(SINGLE_DOUBLE, low=0.1, high=5, refused=i32),
        case(f32([-0.5, -1.5, -3.2, 50.0]), fd=1, reason="steep near poles"), case(f16(4, low=0.1))]),
    row("Digamma", function("math.digamma"), [*roughly(unary(SINGLE_DOUBLE, low=0.1, high=5, refused=i32), 5e-6),
        case(f64([-0.5, -1.5, -3.2, 50.0]), fd=1, reason="steep near poles")]),
    row("Erf", function("math.erf"), [  # in float64, TensorFlow has NaN at infinity
        *unary(FLOATS, refused=i32, special=[x for x in SPECIAL if abs(x) != inf]), case(f32([inf, -inf]))]),
    row("Erfc", function("math.erfc"), unary(FLOATS, refused=i32)),
    row("Erfinv", function("math.erfinv"), roughly(unary(
        SINGLE_DOUBLE, low=-0.9, high=0.9, refused=i32, extreme=[0.01, 0.999, -0.999, 2.0]), 1e-4, steep=True)),
    row("tf.math.erfcinv", function("math.erfcinv"), unary(SINGLE_DOUBLE, low=0.1, high=1.9, refused=i32)),
    row("Ndtri", function("math.ndtri"), roughly(
        unary(SINGLE_DOUBLE, low=0.1, high=0.9, refused=i32), 1e-5, steep=True)),
    row("Polygamma", function("math.polygamma"), [
        case(f64([1.0, 2.0, 3.0]), f64(3, low=0.5, high=3), fd=0, reason="no gradient in the order"),
        case(f32([[1.0], [2.0]]), f32(3, low=0.5, high=3), fd=0, reason="no gradient in the order"),
        case(f64([0.0, 1.0, 1.5]), f64([2.0, -0.5, 1.0]), grad=False, reason="values at the edge"),
        case(f32([1.0]), f32(0), fd=0, reason="no gradient in the order"), case(i32(3), i32(3), error=True),
    ]),
    row("Zeta", function("math.zeta"), [
        case(f64([2.0, 3.5, 1.5]), f64(3, low=0.5, high=3), fd=0, reason="no gradient in x"),
        case(f32([[2.0], [3.5]]), f32(3, low=0.5, high=3), fd=0, reason="no gradient in x"),
        case(f64([1.0, 2.0, nan, inf]), f64([1.0, -1.0, 1.0, 2.0]), grad=False, reason="values at the edge"),
        case(i32(3), i32(3), error=True),
    ]),
]
