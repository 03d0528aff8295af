"""Rows of `tf.quantization`."""

from __future__ import annotations

from typing import Any

from optable import Row, case, f32, inf, nan, row

from .elementwise import function

_STEPS: dict[str, Any] = {"fd": 0, "reason": "a staircase"}
_X = [-9.0, -7.3, -6.0, -1.234, -0.01, 0.0, 0.01, 0.5, 1.0, 3.3, 5.97, 6.0, 6.2, 9.0, inf, -inf]
_RANGES: list[dict[str, Any]] = [
    {}, {"min": 0.0, "max": 6.0, "num_bits": 4, "narrow_range": True}, {"min": 1.0, "max": 6.0},
    {"min": -6.0, "max": -1.0}, {"num_bits": 2}, {"min": -0.1, "max": 6.3}, {"num_bits": 16}, {"narrow_range": True},
]  # fmt: skip
_REFUSED: list[dict[str, Any]] = [{"min": 6.0, "max": 6.0}, {"num_bits": 1}, {"num_bits": 17}]
_LOW, _HIGH = [-1.0, 0.0, -2.0], [1.0, 1.0, 0.5]


def _all(result: Any) -> Any:
    return tuple(result)


def _gradient(name: str) -> Any:
    return lambda tf, *args, **kw: _all(getattr(tf.quantization, f"{name}_gradient")(*args, **kw))


_NONE: dict[str, Any] = {"grad": False, "fd": 0, "reason": "TensorFlow has no gradient"}
ROWS: list[Row] = [
    row("FakeQuantWithMinMaxArgs", function("quantization.fake_quant_with_min_max_args"), [
        *[case(f32(_X), **kw, **_STEPS) for kw in _RANGES], case(f32(0, 2), **_STEPS), case(f32(), **_STEPS),
        case(f32(4, 5, low=-8, high=8), **_STEPS), *[case(f32(2), **kw, error=True) for kw in _REFUSED],
        case([1, 2]),
    ], also=["FakeQuantWithMinMaxArgsGradient"]),
    row("FakeQuantWithMinMaxArgsGradient", function("quantization.fake_quant_with_min_max_args_gradient"), [
        *[case(f32(16), f32(_X), **kw, **_NONE) for kw in _RANGES], case(f32(2), f32(1), error=True),
    ]),
    row("FakeQuantWithMinMaxVars", function("quantization.fake_quant_with_min_max_vars"), [
        case(f32(_X), -0.1, 6.3, **_STEPS), case(f32(_X), f32.of(-1.0), f32.of(2.5), **_STEPS),
        case(f32(3, 4, low=-8, high=8), f32.of(-2.0), f32.of(5.0), num_bits=3, narrow_range=True, **_STEPS),
        case(f32(3), 0.0, 0.0, **_STEPS), case(f32(_X), 1.0, 6.0, **_STEPS), case(f32(_X), -6.0, -1.0, **_STEPS),
        case(f32(3), nan, 6.0, grad=False, reason="no range"), case(f32(0), -1.0, 1.0, **_STEPS),
        case(f32(3), [1.0], 2.0, error=True), case(f32(3), 1.0, [2.0, 3.0], error=True),
        case(f32(3), -6.0, 6.0, num_bits=1, error=True),
    ], also=["FakeQuantWithMinMaxVarsGradient"]),
    row("FakeQuantWithMinMaxVarsGradient", _gradient("fake_quant_with_min_max_vars"), [
        case(f32(16), f32(_X), -0.1, 6.3, **_NONE), case(f32(3), f32(3), 0.0, 0.0, **_NONE),
        case(f32(2), f32(1), 0.0, 1.0, error=True), case(f32(2), f32(2), [0.0], 1.0, error=True),
    ]),
    row("FakeQuantWithMinMaxVarsPerChannel", function("quantization.fake_quant_with_min_max_vars_per_channel"), [
        case(f32(2, 2, 3), f32(_LOW), f32(_HIGH), **_STEPS), case(f32(5, 3, low=-3, high=3), _LOW, _HIGH, **_STEPS),
        case(f32(3), f32(_LOW), f32(_HIGH), num_bits=4, narrow_range=True, **_STEPS),
        case(f32(2, 3), [-1.0, 0.0, 0.0], [1.0, 1.0, 0.0], **_STEPS), case(f32(0, 3), _LOW, _HIGH, **_STEPS),
        case(f32(2, 3), [-1.0, 0.0], [1.0, 1.0], error=True), case(f32(2, 3), _LOW, [1.0, 1.0], error=True),
        case(f32(2, 3), -1.0, 1.0, error=True), case(f32(2, 3), _LOW, _HIGH, num_bits=1, error=True),
    ], also=["FakeQuantWithMinMaxVarsPerChannelGradient"]),
    row("FakeQuantWithMinMaxVarsPerChannelGradient", _gradient("fake_quant_with_min_max_vars_per_channel"), [
        case(f32(2, 2, 3), f32(2, 2, 3), _LOW, _HIGH, **_NONE), case(f32(3), f32(3), _LOW, _HIGH, **_NONE),
        case(f32(4, 3), f32(4, 3), [-1.0, 0.0, 0.0], [1.0, 1.0, 0.0], **_NONE),
        case(f32(2, 3), f32(2, 2, 3), _LOW, _HIGH, error=True),
    ]),
]  # fmt: skip
