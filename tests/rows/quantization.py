"""Rows of `tf.quantization`."""

from __future__ import annotations

from typing import Any

from optable import Row, case, f32, f64, i8, i16, i32, inf, nan, row, u8, u16

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


def _plain(tf: Any, x: Any) -> Any:
    """Quantized integers as plain ones."""
    return tf.bitcast(x, x.dtype.name[1:])


def _quantize(tf: Any, x: Any, low: Any, high: Any, kind: str, **kw: Any) -> Any:
    steps, low, high = tf.quantization.quantize(x, low, high, getattr(tf, kind), **kw)
    return _plain(tf, steps), low, high


def _dequantize(tf: Any, x: Any, *args: Any, **kw: Any) -> Any:
    return tf.quantization.dequantize(tf.bitcast(x, "q" + x.dtype.name), *args, **kw)


def _concat(tf: Any, axis: int, values: Any, *ranges: Any) -> Any:
    values = [tf.bitcast(x, "q" + x.dtype.name) for x in values]
    steps, low, high = tf.quantization.quantized_concat(axis, values, *ranges)
    return _plain(tf, steps), low, high


_KINDS = ("qint8", "quint8", "qint16", "quint16", "qint32")
# With oneDNN, TensorFlow rounds these in its own way.
_OTHERWISE = [("quint8", "MIN_FIRST"), ("qint32", "SCALED")]
_Y = [-9.0, -7.3, -6.0, -1.234, -0.01, 0.0, 0.01, 0.5, 1.0, 3.3, 5.97, 6.0, 6.2, 9.0, 0.07]
_THERE: list[dict[str, Any]] = [
    {}, {"signed_input": False}, {"range_given": True}, {"range_given": True, "signed_input": False},
    {"range_given": True, "num_bits": 4, "narrow_range": True}, {"num_bits": 3, "round_mode": "HALF_UP"},
    {"num_bits": 3, "range_given": True}, {"num_bits": 1}, {"num_bits": 16},
]  # fmt: skip
_NO_THERE: list[dict[str, Any]] = [{"num_bits": 0}, {"num_bits": 64}, {"round_mode": "X"}]


def _there_and_back() -> list[Any]:
    return [
        *[case(f32(_Y), -6.0, 6.3, **kw, **_STEPS) for kw in _THERE],
        *[case(f32(_Y), -6.0, 6.3, **kw, error=True) for kw in _NO_THERE],
        *[case(t(3, 4), t.of(-1.0), t.of(1.5), range_given=True, **_STEPS) for t in (f32, f64)],
        case(f32(0), 0.0, 0.0, **_STEPS), case(f32([0, 0]), 0.0, 0.0, **_STEPS), case(f32(), 0.0, 0.0, **_STEPS),
        case(f32(3, 5), 0.0, 0.0, axis=0, grad=False, fd=0, reason="its gradient wants as many ends"),
        case(f32(3, 5, 2), f32([0] * 5), f32([1] * 5), axis=-2, **_STEPS),
        case(f32(3), 6.0, -6.3, range_given=True, error=True),
        case(f32(3), [0.0, 1.0], 2.0, range_given=True, error=True),
        case(f32(3, 5), 0.0, 1.0, axis=3, error=True), case(i32(3), 0, 1, error=True),
    ]  # fmt: skip


def _v3(tf: Any, x: Any, low: Any, high: Any, bits: Any = 8, **attrs: Any) -> Any:
    return tf.raw_ops.QuantizeAndDequantizeV3(input=x, input_min=low, input_max=high, num_bits=bits, **attrs)


def _with_bits() -> list[Any]:
    return [
        case(f32(_Y), -6.0, 6.3, **_STEPS), case(f32(_Y), -6.0, 6.3, 4, narrow_range=True, **_STEPS),
        case(f32(_Y), -6.0, 6.3, 3, range_given=False, **_STEPS), case(f32(_Y), -6.0, 6.3, i32.of(5), **_STEPS),
        case(f32(_Y), 0.0, 6.3, 3, signed_input=False, **_STEPS),
        *[case(t(3, 4), t.of(-1.0), t.of(1.5), **_STEPS) for t in (f32, f64)],
        case(f32(0), 0.0, 0.0, **_STEPS), case(f32(), 0.0, 1.0, error=True),
        case(f32(3, 5), 0.0, 0.0, range_given=False, axis=0, **_STEPS),
        case(f32(3, 5, 2), f32([0] * 5), f32([1] * 5), axis=1, **_STEPS),
        *[case(f32(_Y), -6.0, 6.3, bits, error=True) for bits in (0, -1, 64)],
        case(f32(3), 6.0, -6.3, error=True), case(i32(3), 0, 1, error=True),
    ]  # fmt: skip


_NONE: dict[str, Any] = {"grad": False, "fd": 0, "reason": "TensorFlow has no gradient"}
ROWS: list[Row] = [
    row("FakeQuantWithMinMaxArgs", function("quantization.fake_quant_with_min_max_args"), [
        *[case(f32(_X), **kw, **_STEPS) for kw in _RANGES], case(f32(0, 2), **_STEPS), case(f32(), **_STEPS),
        case(f32(4, 5, low=-8, high=8), **_STEPS), *[case(f32(2), **kw, error=True) for kw in _REFUSED],
        case([1, 2]), case(f64(1), error=True), case(i32(2), error=True),
    ], also=["FakeQuantWithMinMaxArgsGradient"]),
    row("FakeQuantWithMinMaxArgsGradient", function("quantization.fake_quant_with_min_max_args_gradient"), [
        *[case(f32(16), f32(_X), **kw, **_NONE) for kw in _RANGES], case(f32(2), f32(1), error=True),
        case(f64(2), f64(2), error=True),
    ]),
    row("FakeQuantWithMinMaxVars", function("quantization.fake_quant_with_min_max_vars"), [
        case(f32(_X), -0.1, 6.3, **_STEPS), case(f32(_X), f32.of(-1.0), f32.of(2.5), **_STEPS),
        case(f32(3, 4, low=-8, high=8), f32.of(-2.0), f32.of(5.0), num_bits=3, narrow_range=True, **_STEPS),
        case(f32(3), 0.0, 0.0, **_STEPS), case(f32(_X), 1.0, 6.0, **_STEPS), case(f32(_X), -6.0, -1.0, **_STEPS),
        case(f32(3), nan, 6.0, grad=False, reason="no range"), case(f32(0), -1.0, 1.0, **_STEPS),
        case(f32(3), [1.0], 2.0, error=True), case(f32(3), 1.0, [2.0, 3.0], error=True),
        case(f32(3), -6.0, 6.0, num_bits=1, error=True), case(f64(3), -6.0, 6.0, error=True),
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
    row("QuantizeV2", _quantize, [
        *[case(f32(_Y), -6.0, 6.3, kind, mode=mode, **_NONE) for kind in _KINDS
          for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED") if (kind, mode) not in _OTHERWISE],
        *[case(f32(_Y), -6.0, 6.3, kind, mode="SCALED", round_mode="HALF_TO_EVEN", narrow_range=True, **_NONE)
          for kind in _KINDS[:4]],
        *[case(f32(_Y), low, high, "quint8", **_NONE) for low, high in ((0.001, 0.002), (1.0, 2.0), (-3.0, -2.0))],
        case(f32(_Y), -3.0, -2.0, "qint16", ensure_minimum_range=0.0, **_NONE),
        case(f32(0), -6.0, 6.0, "qint8", **_NONE),
        case(f32(3, 5), [-1.0, 0.0, -2.0], [1.0, 1.0, 0.5], "qint8", axis=0, **_NONE),
        case(f32(2, 3), [-1.0, 0.0, -2.0], [1.0, 1.0, 0.5], "qint8", axis=-1, mode="SCALED", **_NONE),
        case(f32(3), [-1.0], [1.0], "qint8", **_NONE),
        case(f32(3, 5), [-1.0, 0.0, -2.0], [1.0, 1.0, 0.5], "qint8", axis=1, error=True),
        case(f32(3, 5), [-1.0, 0.0, -2.0], [1.0, 1.0, 0.5], "qint8", axis=2, error=True),
        case(f32(3), 6.0, -6.0, "qint8", error=True), case(f32(3), -6.0, 6.0, "qint8", mode="X", error=True),
        case(f32(3), -6.0, 6.0, "int8", error=True),
        case(f32(3), -6.0, 6.0, "qint8", round_mode="HALF_TO_EVEN", error=True),
    ]),
    row("Dequantize", _dequantize, [
        *[case(t([0, 1, 2, 100, 127]), -6.0, 6.3, mode=mode, **_NONE) for t in (i8, u8, i16, u16, i32)
          for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED") if (t is not i32 or mode != "SCALED")],
        case(i8([-128, -1, 5]), -6.0, 6.3, mode="SCALED", narrow_range=True, **_NONE),
        case(i8([-128, -1, 5]), -6.0, 6.3, **_NONE), case(i8(3, 2), [0.0, 0.0, -1.0], [1.0, 2.0, 3.0], axis=0, **_NONE),
        case(u8(2, 3), -6.0, 6.3, dtype="bfloat16", **_NONE), case(u8(0), -6.0, 6.3, **_NONE),
        case(u8(), 0.0, 1.0, **_NONE),
        case(i8(3, 2), [0.0, 0.0, -1.0], [1.0, 2.0, 3.0], axis=1, error=True),
        case(i8(3, 2), [0.0, 0.0, -1.0], [1.0, 2.0, 3.0], error=True),
        case(i8(3, 2), [0.0, 0.0, -1.0], [1.0, 2.0, 3.0], axis=3, error=True),
        case(u8(3), 0.0, 1.0, mode="X", error=True),
        case(i16(3), 0.0, 1.0, mode="SCALED", dtype="bfloat16", error=True),
    ]),
    row("QuantizedConcat", _concat, [
        case(0, [u8([1, 2]), u8([3, 255])], [0.0, 0.0], [1.0, 2.0], **_NONE),
        case(0, [u8([1, 2]), u8([3, 255])], [0.0, -1.0], [1.0, 2.0], **_NONE),
        case(0, [u8([1, 2]), u8([3, 255])], [-1.0, -1.0], [2.0, 2.0], **_NONE),
        case(0, [i32([1, 2]), i32([3, 255])], [-1.0, -1.0], [2.0, 2.0], **_NONE),
        case(1, [u8(2, 3), u8(2, 1), u8(2, 0)], [-1.0, 1.0, -2.0], [2.0, 2.0, 0.0], **_NONE),
        case(-1, [u8(2, 3), u8(2, 1)], [-1.0, 1.0], [2.0, 2.0], error=True),
        case(1, [u8([1, 2]), u8([3, 255])], [-1.0, -1.0], [2.0, 2.0], error=True),
        case(0, [u8([1, 2])], [-1.0], [2.0], error=True),
    ]),
    row("QuantizeAndDequantizeV2", function("quantization.quantize_and_dequantize"), _there_and_back()),
    row("QuantizeAndDequantizeV3", _v3, _with_bits()),
    row("QuantizeAndDequantizeV4", function("quantization.quantize_and_dequantize_v2"), _there_and_back()),
]  # fmt: skip
