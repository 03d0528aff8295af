"""`tf.quantization.quantize_and_dequantize`: numbers rounded as if they had been quantized, in floats."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .quantized import along, among, axis_of

_ROUNDINGS = ("HALF_TO_EVEN", "HALF_UP")


def _check(x: Shape, low: Shape, high: Shape, bits: int, signed: bool, given: bool, axis: int) -> None:
    if x is not None and len(x) <= axis:
        raise errors.invalid(f"Shape must be at least rank {axis + 1} but is rank {len(x)}")
    if not 0 < bits < (62 if signed else 63):
        raise errors.invalid(f"num_bits is out of range: {bits} with signed_input_ {int(signed)}")
    for name, shape in (("input_min", low), ("input_max", high)):
        if given and shape:
            raise errors.invalid(f"{name} must be a scalar.")


def _shape(
    x: Shape, low: Shape, high: Shape, *, num_bits: int, signed_input: bool, range_given: bool, round_mode: str,
    axis: int, **_attrs: Any,
) -> Shape:  # fmt: skip
    among("round_mode", round_mode, _ROUNDINGS)
    _check(x, low, high, num_bits, signed_input, range_given, axis)
    return x


def _kernel(
    xp: Any, x: Array, low: Array, high: Array, *, signed_input: bool = True, num_bits: int = 8,
    range_given: bool = False, round_mode: str = "HALF_TO_EVEN", narrow_range: bool = False, axis: int = -1,
) -> Array:  # fmt: skip
    if not range_given:
        if not x.size:
            return x
        others = tuple(i for i in range(x.ndim) if i != axis)
        low, high = (reduce(x, axis=others, keepdims=True) for reduce in (xp.min, xp.max))
    ends = (-(1 << num_bits - 1), (1 << num_bits - 1) - 1) if signed_input else (0, (1 << num_bits) - 1)
    scale, step, low, high = _scaling(xp, low, high, ends[0] + narrow_range, ends[1], dtypes.of(x))
    if range_given:
        x = xp.minimum(xp.maximum(x, low), high)
    steps = xp.rint(x * scale) if round_mode == "HALF_TO_EVEN" else xp.floor(x * scale + x.dtype.type(0.5))
    return (steps * step).astype(x.dtype)


def _scaling(xp: Any, low: Array, high: Array, least: int, most: int, dtype: DType) -> tuple[Array, ...]:
    """The number to multiply with, the size of a step, and the range that the integers then have."""
    first, last = dtype.numpy.type(least), dtype.numpy.type(most)
    by_low = xp.where(first * low > 0, first / low, dtype.max)
    by_high = xp.where(last * high > 0, last / high, dtype.max)
    from_low = by_low < by_high
    scale = xp.where(from_low, by_low, by_high).astype(dtype.numpy)
    step = xp.where(from_low, low / (first if least else last), high / (last if most else first)).astype(dtype.numpy)
    return scale, step, xp.where(from_low, low, first * step), xp.where(from_low, last * step, high)


def _on_host(x: Array, low: Array, high: Array, **attrs: Any) -> Array:
    _shape(x.shape, low.shape, high.shape, **{**forward.defaults, **attrs})
    if attrs.get("range_given") and low > high:
        raise errors.invalid(f"Invalid range: input_min {low:g} > input_max {high:g}")
    return _kernel(np, x, low, high, **attrs)


_SIGNATURE = "input:T, input_min:T, input_max:T -> output:T"
straight = op("QuantizeAndDequantizeV2", _SIGNATURE, T=types.FLOATS, shape=_shape)(_kernel)
forward = op("QuantizeAndDequantizeV4", _SIGNATURE, T=types.FLOATS, shape=_shape)(_kernel)
straight.host = forward.host = _on_host


@straight.gradient
def _(g: Any, _y: Any, _x: Any, _low: Any, _high: Any, **_attrs: Any) -> Any:
    return g, None, None


def _counted_shape(
    x: Shape, low: Shape, high: Shape, num_bits: Any, *, signed_input: bool, range_given: bool, axis: int,
    **_attrs: Any,
) -> Shape:  # fmt: skip
    if isinstance(num_bits, tuple):
        raise errors.invalid("num_bits must be a scalar.")
    if num_bits is not None and not 0 < num_bits < (62 if signed_input else 63):
        raise errors.invalid(f"num_bits is out of range: {num_bits} with `signed_input_` {int(signed_input)}")
    if x is not None and len(x) <= max(axis, 0):
        raise errors.invalid(
            f"Axis requested is larger than input dimensions. Axis: {axis} Input Dimensions: {len(x)}"
        )
    for name, shape in (("input_min", low), ("input_max", high)):
        if not range_given or shape is None:
            continue
        if axis < 0 and shape:
            raise errors.invalid(f"{name} must be a scalar.")
        if axis >= 0 and x is not None and not shapes.fits(shape, x[axis : axis + 1]):
            raise errors.invalid(f"{name}_tensor has incorrect size, was {shape[0] if shape else 1} expected {x[axis]}")
    return x


@op(
    "QuantizeAndDequantizeV3", "input:T, input_min:T, input_max:T, num_bits:int32 -> output:T", static=("num_bits",),
    T=types.FLOATS, shape=_counted_shape,
)  # fmt: skip
def counted(
    xp: Any, x: Array, low: Array, high: Array, num_bits: int, *, signed_input: bool = True, range_given: bool = True,
    narrow_range: bool = False, axis: int = -1,
) -> Array:  # fmt: skip
    """As `straight`, with the number of bits as an input, and given ranges also along an axis."""
    attrs: dict[str, Any] = {"signed_input": signed_input, "range_given": range_given, "axis": axis}
    _counted_shape(x.shape, low.shape, high.shape, num_bits, **attrs)
    if range_given and axis >= 0:
        low, high = along(low, x.ndim, axis), along(high, x.ndim, axis)
    return _kernel(xp, x, low, high, num_bits=num_bits, narrow_range=narrow_range, **attrs)


@counted.on("host")
def _(xp: Any, x: Array, low: Array, high: Array, num_bits: int, **attrs: Any) -> Array:
    if attrs["range_given"] and not low.ndim and not high.ndim and low > high:
        raise errors.invalid(f"Invalid range: input_min {low:g} > input_max {high:g}")
    return counted.kernel(xp, x, low, high, num_bits, **attrs)


@counted.gradient
def _(g: Any, _y: Any, _x: Any, _low: Any, _high: Any, _bits: Any, **_attrs: Any) -> Any:
    return g, None, None, None


def _slopes_shape(g: Shape, x: Shape, low: Shape, high: Shape, *, axis: int = -1) -> tuple[Shape, Shape, Shape]:
    if not shapes.fits(g, x):
        raise errors.invalid("gradient and input must be the same size")
    for name, shape in (("input_min_tensor", low), ("input_max_tensor", high)):
        if axis != -1 and shape is not None and len(shape) != 1:
            raise errors.invalid(f"Shape must be rank 1 for {name} when the axis is specified")
    _check(x, low, high, 8, True, axis == -1, axis)
    return shapes.merge(g, x), low, high


@op(
    "QuantizeAndDequantizeV4Grad",
    "gradients:T, input:T, input_min:T, input_max:T -> input_backprop:T, input_min_backprop:T, input_max_backprop:T",
    T=types.FLOATS, shape=_slopes_shape, differentiable=None,
)  # fmt: skip
def _slopes(
    xp: Any, g: Array, x: Array, low: Array, high: Array, *, axis: int = -1
) -> tuple[Array, Array, Array]:
    _slopes_shape(g.shape, x.shape, low.shape, high.shape, axis=axis)
    inside = (x >= along(low, x.ndim, axis)) & (x <= along(high, x.ndim, axis))
    return g * inside, xp.zeros_like(low), xp.zeros_like(high)


@forward.gradient
def _(g: Any, _y: Any, x: Any, low: Any, high: Any, *, axis: int = -1, **_attrs: Any) -> Any:
    return tuple(_slopes(g, x, low, high, axis=axis))


# ---------------------------------------------------------------- public functions


def quantize_and_dequantize_v2(
    input: TensorLike, input_min: TensorLike, input_max: TensorLike, signed_input: bool = True, num_bits: int = 8,
    range_given: bool = False, round_mode: str = "HALF_TO_EVEN", name: str | None = None, narrow_range: bool = False,
    axis: int | None = None,
) -> Tensor:  # fmt: skip
    """Numbers rounded as if they had been integers of few bits; zero stays zero.

    The gradient passes where the input is between `input_min` and `input_max`, also if these are not the range.

    Args:
      input: floats, of any shape.
      input_min, input_max: the range, if `range_given`.
      signed_input: whether the integers may be negative.
      num_bits: how many bits they have.
      range_given: whether the range is given, or that of the numbers.
      round_mode: `"HALF_TO_EVEN"` or `"HALF_UP"`.
      name: a name for the operation, optional.
      narrow_range: whether to leave out the least integer.
      axis: the axis of which each place has a range of its own; None for one range.

    Raises:
      InvalidArgumentError: for an empty range, or numbers of bits that are not supported.

    >>> print(tf.quantization.quantize_and_dequantize_v2([-1.0, 0.3, 3.0], 0.0, 0.0, num_bits=3))
    tf.Tensor([-1.  0.  3.], shape=(3,), dtype=float32)
    """
    x = convert(input)
    options: dict[str, Any] = {"signed_input": signed_input, "num_bits": num_bits, "range_given": range_given}
    options |= {"round_mode": round_mode, "narrow_range": narrow_range, "axis": axis_of(axis, x)}
    return forward(x, input_min, input_max, name=name, **options)  # type: ignore[no-any-return]


def quantize_and_dequantize(
    input: TensorLike, input_min: TensorLike, input_max: TensorLike, signed_input: bool = True, num_bits: int = 8,
    range_given: bool = False, round_mode: str = "HALF_TO_EVEN", name: str | None = None, narrow_range: bool = False,
    axis: int | None = None,
) -> Tensor:  # fmt: skip
    """`tf.quantization.quantize_and_dequantize_v2`, with a gradient that passes everywhere.

    >>> print(tf.quantization.quantize_and_dequantize([-1.0, 0.3, 3.0], 0.0, 3.0, range_given=True, num_bits=3))
    tf.Tensor([-1.  0.  3.], shape=(3,), dtype=float32)
    """
    x = convert(input)
    options: dict[str, Any] = {"signed_input": signed_input, "num_bits": num_bits, "range_given": range_given}
    options |= {"round_mode": round_mode, "narrow_range": narrow_range, "axis": axis_of(axis, x)}
    return straight(x, input_min, input_max, name=name, **options)  # type: ignore[no-any-return]
