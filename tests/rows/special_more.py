"""Rows of the Bessel functions, the incomplete gamma and beta functions, and what else `tf.math` has besides."""

from __future__ import annotations

from typing import Any

from optable import Case, Row, bf16, boolean, c64, case, each, f16, f32, f64, i32, inf, nan, row, string, u8

from .elementwise import function
from .special import SINGLE_DOUBLE

_SINGLE = "TensorFlow computes in float32"
_EDGE = "values at the edge"


def curve(name: str, special: list[float], *, rtol: float = 2e-6, half: bool = False, twice: float = 1e-12) -> Row:
    """A function of one tensor: shapes, dtypes, special values."""
    path = f"math.special.{name}"
    cases = [
        case(f32(2, 3, low=0.2, high=8), rtol=rtol, reason=_SINGLE),
        case(f32(low=0.2, high=3), rtol=rtol, reason=_SINGLE),
        case(f32(0, 3)),
        case(f64(3, 2, low=0.2, high=2), rtol=twice, reason="second gradients cancel"),
        case(f64(20, low=0.2, high=20), fd=0, rtol=twice, reason="steep, and zeros between"),
        case(f64(list(special)), fd=0, grad=False, rtol=twice, reason=_EDGE),
        case(f32(list(special)), fd=0, grad=False, rtol=rtol, reason=_EDGE),
        case(i32(3), error=True), case(string(2), error=True), case(1.5, rtol=rtol, reason=_SINGLE),
    ]  # fmt: skip
    if half:
        cases.append(case(f16(3, low=0.5, high=2)))
    return row("".join(map(_capital, name.split("_"))), function(path), cases)


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]


_ALL = [nan, 0.0, -0.0, 1.0, -1.0, 1e-30, 0.5]
_INF = [*_ALL, inf, -inf]
CURVES = [
    curve("bessel_i0", _ALL, half=True), curve("bessel_i0e", _INF, half=True), curve("bessel_i1", _ALL, half=True),
    curve("bessel_i1e", _INF, half=True, rtol=2e-5), curve("bessel_j0", _INF, half=True, rtol=5e-6),
    curve("bessel_j1", _INF, half=True, rtol=5e-6), curve("bessel_k0", _INF, half=True),
    curve("bessel_k0e", _INF, half=True), curve("bessel_k1", _INF, half=True), curve("bessel_k1e", _INF, half=True),
    curve("bessel_y0", _INF, half=True, rtol=2e-5),
    curve("bessel_y1", [x for x in _INF if x != 0], half=True, rtol=2e-5),  # in float32, TensorFlow has NaN at 0
    curve("dawsn", [nan, 0.0, 1.0, -1.0, 1e-30, 0.5, inf], rtol=1e-5),
    curve("expint", [*_ALL, -inf]), curve("fresnel_cos", _INF, rtol=5e-6),
    curve("fresnel_sin", _INF, rtol=5e-6), curve("spence", [*_INF, 2.0]),
]  # fmt: skip
ALIASES = [
    row(f"tf.math.{name}", function(f"math.{name}"), [case(f32(3, low=0.2, high=4), rtol=1e-5, reason=_SINGLE)])
    for name in ("bessel_i0", "bessel_i0e", "bessel_i1", "bessel_i1e")
]
SLOPES = [  # where TensorFlow has a value of its own
    row(f"tf.math.special.{name}", function(f"math.special.{name}"),
        [case(f64([point, 2.0]), fd=0, reason="not as the slope is, or not twice differentiable here")])
    for name, point in (("bessel_i1", 0.0), ("bessel_i1e", 0.0), ("bessel_j1", 0.0), ("spence", 1.0))
]  # fmt: skip

_SPECIAL_A = [0.0, -1.0, -0.5, nan, inf, 1.0, 1e-10, 2.5]


def _grid(kind: Any) -> tuple[Any, Any]:
    return kind([[a] for a in _SPECIAL_A]), kind([*_SPECIAL_A, -inf])


def pair(op: str, call: Any, **first: Any) -> list[Case]:
    """A function of `a` and `x`."""
    gradients = "IgammaGradA has none"
    one, other = {"low": 0.3, "high": 6}, {"low": 0.3, "high": 8}
    options: dict[str, Any] = {"fd": 1, "rtol": 2e-5, "reason": gradients, **first}
    exact = {**options, "rtol": 3e-11}  # TensorFlow stops early
    return [
        case(f64(6, **one), f64(6, **other), **exact), case(f32(6, **one), f32(6, **other), **options),
        case(f64(3, 1, **one), f64(4, **other), **exact), case(f64(**one), f64(2, 2, **other), **exact),
        case(f32(0, 3), f32(3), **options), case(f64(2, low=20, high=90), f64(2, low=20, high=90), **exact),
        *each(SINGLE_DOUBLE, _grid, grad=False, rtol=2e-6, reason=_EDGE),
        case(f32(2), f32(3), error=True), case(f32(2), i32(2), error="type", reason="names of arguments"),
        case(i32(2), i32(2), error=True),
    ]  # fmt: skip


def _raw(name: str, *arguments: str) -> Any:
    return lambda tf, *values: getattr(tf.raw_ops, name)(**dict(zip(arguments, values, strict=True)))


_NONE: dict[str, Any] = {"grad": False, "reason": "TensorFlow has no gradient", "fd": 0}
GAMMA = [
    row("Igamma", function("math.igamma"), pair("Igamma", None), also=["IgammaGradA"]),
    row("Igammac", function("math.igammac"), pair("Igammac", None)),
    row("IgammaGradA", _raw("IgammaGradA", "a", "x"), [c for c in pair("", None, **_NONE) if not c.error]),
    row("RandomGammaGrad", _raw("RandomGammaGrad", "alpha", "sample"),
        [c for c in pair("", None, **_NONE) if not c.error]),
    row("Betainc", function("math.betainc"), [
        *each(SINGLE_DOUBLE, lambda t: (t(5, low=0.3, high=5), t(5, low=0.3, high=5), t(5, low=0.05, high=0.95)),
              fd=0, rtol=2e-5, reason="no gradient in a and b"),
        case(f64(5, low=0.3, high=5), f64(5, low=0.3, high=5), f64(5, low=0.05, high=0.95),
             fd=0, rtol=1e-11, reason="no gradient in a and b"),
        case(f64([0.7, 2.0]), 1.5, 0.25, fd=0, rtol=1e-12, reason="no gradient in a and b"),
        case(2.0, 3.0, f32(2, 2, low=0.1, high=0.9), fd=0, rtol=1e-5, reason="no gradient in a and b"),
        case(2.0, 3.0, 0.5, fd=0, rtol=1e-5, reason="no gradient in a and b"),
        case(f32(0), 3.0, 0.5, fd=0, reason="no gradient in a and b"),
        *[case(f64([[[a]] * 7 for a in _SPECIAL_A[1:]]), f64([[[b] for b in _SPECIAL_A[1:]]] * 7),
               f64([[[x]] * 7] * 7), grad=False, rtol=1e-9, reason=_EDGE) for x in (0.0, 1.0, 0.5, -0.5, 1.5, nan)],
        case(f32(2), f32(3), 0.5, error=True), case(f32(2), f32(2), f32(3), error=True),
        case(f32(2), f32(1, 2), 0.5, error=True), case(f32(2), 0.5, f32(2, 1), error=True),
        case(i32(2), i32(2), i32(2), error=True),
    ]),
    row("tf.math.lbeta", function("math.lbeta"), [
        case(f64(2, 3, low=0.3, high=4), rtol=1e-13, reason="logarithms cancel"),
        case(f32(3, low=0.3, high=4), rtol=5e-6, reason="logarithms cancel"),
        case(f32([])), case(f32(2, 0)), case(f32(0, 2)), case(f16(3, low=0.5, high=3)),
        case(f32(), error=True), case(i32(2), error=True),
    ]),
]  # fmt: skip

_FLOAT: dict[str, Any] = {"fd": 0, "reason": "there is no float64"}
TOP = [
    row("ApproxTopK", function("math.approx_max_k"), [
        case(f32(2, 7), 3, **_FLOAT), case(f32(5), 5, **_FLOAT), case(f32(3, 4), 0, **_FLOAT),
        case(f32(2, 3, 4), k=2, reduction_dimension=-1, **_FLOAT),
        case(f32(6), 2, recall_target=0.5, aggregate_to_topk=False, **_FLOAT),
        case(f32([1.0, 2.0, 1.0, 2.0, 2.0]), 4, **_FLOAT),
        case(f16(5), 2), case(bf16(5), 2), case(f32(5), 7, error=True), case(f32(), 1, error=True),
        case(f64(3), 1, error=True), case(i32(3), 1, error=True), case(f32(3), -1, error=True),
    ]),
    row("tf.nn.approx_max_k", function("nn.approx_max_k"), [case(f32(2, 7), 3, **_FLOAT)]),
    row("SobolSample", lambda tf, *args, **kw: tf.math.sobol_sample(*args, **{
        key: getattr(tf, value) if key == "dtype" else value for key, value in kw.items()}), [
        case(3, 8), case(1, 3, 5), case(7, 5, 1000, dtype="float64"), case(2000, 3), case(4, 2, 10**6),
        case(0, 5, error=True), case(3, 0, error=True), case(3, 5, -1, error=True), case(30000, 2, error=True),
        case(3, 2, 2**31 - 2, error=True), case(3, 5, dtype="float16", error=True),
    ]),
]  # fmt: skip
ORDER = [
    row(f"tf.math.{name}", function(f"math.{name}"), [
        case(f32([1.0, 2.0, 2.0])), case(f32([1.0, 2.0, 3.0])), case(f32([[1.0, 2.0], [2.0, 1.0]])), case(f32()),
        case(f32([])), case(f32([1.0, nan])), case(u8([5, 3])), case(u8([3, 5])), case([1, 2, 4]),
        case(f16(3)), case(f64([1.0, inf])), case(boolean(2), error="type", reason="shows the tensor"),
        case(string(2), error="type", reason="shows the tensor"), case(c64(3), error=True),
    ])
    for name in ("is_non_decreasing", "is_strictly_increasing")
]  # fmt: skip
ROWS: list[Row] = [*CURVES, *ALIASES, *SLOPES, *GAMMA, *TOP, *ORDER]
