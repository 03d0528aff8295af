"""Rows of the activation functions, and of clipping and other functions that `elementwise.py` has no room for."""

from __future__ import annotations

from typing import Any

from optable import (
    FLOATS,
    INTS,
    UINTS,
    Row,
    boolean,
    c64,
    c128,
    case,
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
    u16,
)

from .elementwise import function, unary


def raw(name: str) -> Any:
    """A row's function for an op that only gradients call."""
    return lambda tf, **inputs: getattr(tf.raw_ops, name)(**inputs)


EDGES = [0.0, -0.0, -3.0, 1.0, 6.0, 7.0, inf, -inf]

ROWS: list[Row] = [
    row("tf.nn.crelu", function("nn.crelu"), [
        case(f32(2, 3)), case(f32(2, 3), axis=0), case(i32(4)), case(f32(0, 3)), case(f64(2, 2))]),
    row("tf.nn.swish", function("nn.swish"), [case(f32(2, 3)), case(f64(3), 0.5), case(i32(3), error=True)]),
    row("tf.nn.gelu/dtypes", function("nn.gelu"), [
        case(i32(3), error=True), case(f16(4), approximate=True), case(f32([0.0, 30.0, -30.0]))]),
    row("ReluGrad", raw("ReluGrad"), [
        case(gradients=f32(8), features=f32(EDGES), fd=0, reason="kinks"),
        case(gradients=f32([nan, inf]), features=f32([0.0, 0.0]), fd=0, reason="kinks"),
        *(case(gradients=t(4), features=t(4)) for t in (*FLOATS, i32, u8))]),
    row("Relu6Grad", raw("Relu6Grad"), [
        case(gradients=f32(8), features=f32(EDGES), fd=0, reason="kinks"),
        *(case(gradients=t(4), features=t(4)) for t in (*FLOATS, i32, u8))]),
    row("LeakyReluGrad", raw("LeakyReluGrad"), [
        case(gradients=f32(8), features=f32(EDGES), alpha=0.25, fd=0, reason="kinks"),
        *(case(gradients=t(4), features=t(4), alpha=0.5) for t in FLOATS)]),
    row("EluGrad", raw("EluGrad"), [
        case(gradients=f32(8), outputs=f32(EDGES), fd=0, reason="kinks"),
        *(case(gradients=t(4), outputs=t(4, low=-1)) for t in FLOATS)]),
    row("SeluGrad", raw("SeluGrad"), [
        case(gradients=f32(8), outputs=f32(EDGES), fd=0, reason="kinks"),
        *(case(gradients=t(4), outputs=t(4, low=-1)) for t in FLOATS)]),
    row("SoftsignGrad", raw("SoftsignGrad"), [
        case(gradients=f32(8), features=f32(EDGES), grad=False, reason="TensorFlow has none"),
        *(case(gradients=t(4), features=t(4), grad=False, reason="TensorFlow has none") for t in FLOATS)]),
    *(row(name, raw(name), [
        case(y=f32([0.0, inf, 2.0, -2.0, 0.5]), dy=f32([0.0, 0.0, 3.0, 1.0, 2.0]), fd=0, reason="NaN"),
        *(case(y=t(4, low=0.2), dy=t(4)) for t in (*FLOATS, c64, c128)),
        case(y=f32(0), dy=f32(0))])
      for name in ("SqrtGrad", "RsqrtGrad", "ReciprocalGrad", "TanhGrad", "SigmoidGrad")),
    row("ClipByValue", raw("ClipByValue"), [
        case(t=f32(2, 3), clip_value_min=-0.5, clip_value_max=0.5),
        case(t=f32([1.0, 2.0, nan, -3.0]), clip_value_min=0.0, clip_value_max=1.5, fd=0, reason="NaN"),
        case(t=f32([1.0, -1.0]), clip_value_min=-1.0, clip_value_max=1.0, fd=0, reason="ties"),
        case(t=f32(2), clip_value_min=f32([2.0, 2.5]), clip_value_max=f32([1.0, 0.5]), fd=0, reason="crossed"),
        case(t=f64(2, 3), clip_value_min=f64(2, 3, low=-1, high=0), clip_value_max=f64(2, 3, low=0.1, high=1)),
        case(t=f32(2), clip_value_min=f32(1), clip_value_max=1.5, error=True),
        case(t=f32(), clip_value_min=f32(2), clip_value_max=f32(2), error=True),
        *(case(t=t(4), clip_value_min=t.of(3), clip_value_max=t.of(5)) for t in (i8, i32, u8)),
        case(t=f16(4), clip_value_min=-0.5, clip_value_max=0.5)]),
    row("tf.clip_by_norm", function("clip_by_norm"), [
        case(f32(2, 3), 1.0), case(f32(2, 3), 100.0), case(f32(2, 3), 1), case(f32(2, 3), -1.0),
        case(f32(2, 3), 0.7, axes=[1]), case(f32(2, 3), 0.7, axes=[-2]), case(f64(3), 0.5), case(f32([0.0, 0.0]), 1.0),
        case(f32(2, 3), f32.of(1.5)), case(f32(3), f32([0.1, 0.2, 5.0]), fd=0, reason="kink"),
        case(f32(2), f32(3, low=1), error=True), case(i32(3), 1, error=True)]),
    row("tf.linalg.global_norm", function("linalg.global_norm"), [
        case([f32(2, 3), f32()]), case([f32(3), None]), case([f64(3)]), case([]), case(f32(3), error="type",
        reason="names the class of tensors")]),
    row("tf.clip_by_global_norm", function("clip_by_global_norm"), [
        case([f32(2, 3), f32(4)], 1.0), case([f32(2, 3), None, f32()], 100.0), case([f64(3)], 0.5),
        case([f32(3), f32(2)], 1.0, use_norm=f32.of(4.0)), case([f32([1.0, inf])], 1.0, fd=0, reason="NaN"),
        case(f32(3), 1.0, error="type", reason="names the class of tensors")]),
    row("Bitcast", function("bitcast"), [
        case(f32([1.0, -2.5, nan]), "int32"),
        case(f32([1.0, 2.0]), "float64", grad=False, reason="TensorFlow has none"),
        case(f32(2, 3, 2), "complex64", grad=False, reason="TensorFlow has none"),
        case(f32([1.0, 2.0]), "uint8"), case(c128(2), "float64", grad=False, reason="TensorFlow has none"),
        case(i32([1, -1]), "uint32"), case(f16(2, 2), "int32"),
        case(i64([1, -1]), "int16"), case(f32(), "int32"), case(f32(0), "int32"), case(i8(3, 8), "int64"),
        *(case(x, to, error="type", reason="TensorFlow leaves the op's name out of the text")
          for x, to in ((f32(3), "float64"), (f32(), "float64"), (f32(2), "bool"), (boolean(2), "uint8")))]),
    row("ApproximateEqual", raw("ApproximateEqual"), [
        case(x=f32([1.0, 2.0, nan]), y=f32([1.0, 2.00001, nan])),
        case(x=f64([1.0, 2.0]), y=f64([1.05, 2.2]), tolerance=0.1),
        case(x=f32(2), y=f32(1), error=True)]),
    row("NextAfter", function("math.nextafter"), [
        case(f32([1.0, 1.0, 0.0, inf, nan]), f32([2.0, 0.0, 1.0, 0.0, 1.0]), fd=0, reason="jumps"),
        case(f64([1.0, 1.0]), f64([[2.0], [0.0]]), fd=0, reason="jumps"), case(i32(2), i32(2), error=True)]),
    row("tf.scalar_mul", function("scalar_mul"), [
        case(2, f32(3)), case(2.5, f64(2, 2)), case(3, i32(3)), case(f32.of(2.0), f32(3)),
        case([2.0], f32(3), error=True),
        case(2.5, i32(3), error=True)]),
    row("tf.math.polyval", function("math.polyval"), [
        case([f32.of(1.0), f32.of(2.0), f32(3)], f32(3)), case([f64(2)], f64(2)), case([], f32(3)), case([1, 2], 3),
        case((1.0,), f32(3), error=True)]),
    row("tf.math.reciprocal_no_nan", function("math.reciprocal_no_nan"), [
        case(f32([2.0, 0.0, -0.0, inf, nan]), fd=0, reason="jump"), case(f64(3, low=0.2)),
        case(c64([1j, 0]), fd=0, reason="jump"),
        case(2, error=True)]),
    row("tf.math.accumulate_n/checks", function("math.accumulate_n"), [
        case([i32(2), i32(2)], shape=[2], tensor_dtype=None), case([f32(2), i32(2)], error=True), case([], error=True),
        case([f32(2), f32(2)], shape=[3], error=True)]),
    row("FloorMod/wide", function("math.mod"), [
        *each([*INTS, *UINTS], lambda t: (t(6), t(6, low=1))),
        case(f64([5.5, -5.5]), f64([2.0, 2.0]), fd=0, reason="jumps"),
        case(i16([-7, 7]), i16([2, -2])), case(u16([7, 9]), u16([2, 4]))]),
    row("Add", lambda tf, x, y: x + y, [
        case(string(2, 3), string(3)), case(string(), string()), case(string(3), "s"), case("s", string(3)),
        case(string(2), string(3), error=True), case(string(2), i32(2), error=True)]),
    row("Add/numbers", raw("Add"), [
        case(x=f32(2, 3), y=f32(3)), case(x=i32(3), y=i32(3)), case(x=c64(2), y=c64(2)),
        case(x=f32(2), y=f32(3), error=True)]),
    row("Add/function", function("add"), [case(string(2), string(2)), case("a", ["b", "c"])]),
    row("tf.nn.relu/python", function("nn.relu"), [case([1.0, -2.0]), *unary([f32, i8], refused=c64)]),
]
