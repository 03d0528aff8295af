"""Numbers rounded as if they had few bits, with gradients: `tf.quantization.fake_quant_...`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..base import errors, shapes
from ..base.dtypes import float32
from ..base.shapes import Shape, show
from ..core.convert import convert
from ..core.op import Op, op
from ..core.tensor import Array, Tensor, TensorLike

# ---------------------------------------------------------------- fake quantization


def _check_bits(num_bits: int) -> None:
    if not 2 <= num_bits <= 16:
        raise errors.invalid("num_bits must be between 2 and 16, inclusive")


def _nudged(xp: Any, low: Any, high: Any, num_bits: int, narrow_range: bool) -> tuple[Any, Any, Any]:
    """The range moved a little, so that 0 is one of the steps, and the size of a step; all float32."""
    first, last = np.float32(narrow_range), np.float32((1 << num_bits) - 1)
    low, high = xp.asarray(low, np.float32), xp.asarray(high, np.float32)
    step = (high - low) / (last - first)
    zero = first - low / step
    rounded = xp.where(zero < first, first, xp.where(zero > last, last, xp.floor(zero + np.float32(0.5))))
    return (first - rounded) * step, (last - rounded) * step, step


def _rounded(xp: Any, x: Array, low: Any, high: Any, num_bits: int, narrow_range: bool) -> Array:
    low, high, step = _nudged(xp, low, high, num_bits, narrow_range)
    inverse = np.float32(1) / step
    zero = xp.floor(-low * inverse + np.float32(0.5))
    shifted = (xp.minimum(xp.maximum(x, low), high) - low) * inverse
    return xp.floor(shifted - zero + np.float32(0.5)) * step


def _inside(xp: Any, x: Array, low: Any, high: Any, num_bits: int, narrow_range: bool) -> tuple[Array, Array, Array]:
    """Where the numbers are in the range, below it, above it."""
    low, high, _ = _nudged(xp, low, high, num_bits, narrow_range)
    return (x >= low) & (x <= high), x < low, x > high


def _check_args(low: float, high: float, num_bits: int) -> None:
    _check_bits(num_bits)
    if low >= high:
        raise errors.invalid(f"min has to be smaller than max, was: {low:g} >= {high:g}")


def _args_shape(x: Shape, *, min: float, max: float, num_bits: int, **_attrs: Any) -> Shape:
    _check_args(min, max, num_bits)
    return x


def _args_slope_shape(g: Shape, x: Shape, *, min: float, max: float, num_bits: int, **_attrs: Any) -> Shape:
    _check_args(min, max, num_bits)
    if not shapes.fits(g, x):
        name = "FakeQuantWithMinMaxArgsGradient"
        raise errors.invalid(
            f"Inputs to operation {name} of type {name} must have the same size and shape.  "
            f"Input 0: {show(g)} != input 1: {show(x)}"
        )
    return shapes.merge(g, x)


@op("FakeQuantWithMinMaxArgs", "inputs:float -> outputs:float", shape=_args_shape)
def fake_quant_args(
    xp: Any, x: Array, *, min: float = -6, max: float = 6, num_bits: int = 8, narrow_range: bool = False
) -> Array:
    _check_args(min, max, num_bits)
    return _rounded(xp, x, min, max, num_bits, narrow_range)


@op(
    "FakeQuantWithMinMaxArgsGradient", "gradients:float, inputs:float -> backprops:float", shape=_args_slope_shape,
    differentiable=None,
)  # fmt: skip
def fake_quant_args_gradient(
    xp: Any, g: Array, x: Array, *, min: float = -6, max: float = 6, num_bits: int = 8, narrow_range: bool = False
) -> Array:
    _args_slope_shape(g.shape, x.shape, min=min, max=max, num_bits=num_bits)
    return g * _inside(xp, x, min, max, num_bits, narrow_range)[0]


@fake_quant_args.gradient
def _(g: Any, _y: Any, x: Any, **attrs: Any) -> Any:
    return fake_quant_args_gradient(g, x, **attrs)


def _check_range(low: Shape, high: Shape, num_bits: int, channels: int | None = None, *, each: bool = False) -> None:
    _check_bits(num_bits)
    for name, shape in (("min", low), ("max", high)):
        if shape is not None and len(shape) != each:
            raise errors.invalid(f"`{name}` must be rank {int(each)} but is rank {len(shape)}")
        if each and shape and type(shape[0]) is int and type(channels) is int and shape[0] != channels:
            raise errors.invalid(f"{name} has incorrect size, expected {channels} was {shape[0]}")


def _check_gradient(g: Shape, x: Shape) -> None:
    if not shapes.fits(g, x):
        raise errors.invalid("gradient and input must be the same size")


def _vars_shape(x: Shape, low: Shape, high: Shape, *, num_bits: int, **_attrs: Any) -> Shape:
    _check_range(low, high, num_bits)
    return x


def _vars_slope_shape(g: Shape, x: Shape, low: Shape, high: Shape, *, num_bits: int, **_attrs: Any) -> Any:
    _check_gradient(g, x)
    _check_range(low, high, num_bits)
    return shapes.merge(g, x), (), ()


def _channels_shape(x: Shape, low: Shape, high: Shape, *, num_bits: int, **_attrs: Any) -> Shape:
    _check_range(low, high, num_bits, x[-1] if x else None, each=True)
    return x


def _channels_slope_shape(g: Shape, x: Shape, low: Shape, high: Shape, *, num_bits: int, **_attrs: Any) -> Any:
    _check_gradient(g, x)
    whole = shapes.merge(g, x)
    _check_range(low, high, num_bits, whole[-1] if whole else None, each=True)
    size = whole[-1] if whole else low[0] if low else None
    return whole, (size,), (size,)


def _quantized(xp: Any, x: Array, low: Array, high: Array, num_bits: int, narrow_range: bool) -> Array:
    """An empty range at 0 gives zeros."""
    nothing = (low == 0) & (high == 0)
    return xp.where(nothing, np.float32(0), _rounded(xp, x, low, high, num_bits, narrow_range))


def _slopes(xp: Any, g: Array, x: Array, low: Array, high: Array, num_bits: int, narrow_range: bool) -> Any:
    """A gradient goes to the input inside the range, and to the end that a number is beyond."""
    nothing = (low == 0) & (high == 0)
    inside, below, above = _inside(xp, x, low, high, num_bits, narrow_range)
    axes = tuple(range(x.ndim - low.ndim))
    ends = (xp.sum(xp.where(part & ~nothing, g, np.float32(0)), axis=axes) for part in (below, above))
    return g * (inside | nothing), *ends


_RANGED = "inputs:float, min:float, max:float -> outputs:float"
_SLOPES = (
    "gradients:float, inputs:float, min:float, max:float"
    " -> backprops_wrt_input:float, backprop_wrt_min:float, backprop_wrt_max:float"
)


def _ranged(name: str, shape: Any, slope_shape: Any) -> tuple[Op, Op]:
    """The op and its gradient's op, of a range that is a tensor."""

    @op(name, _RANGED, shape=shape)
    def quantize(
        xp: Any, x: Array, low: Array, high: Array, *, num_bits: int = 8, narrow_range: bool = False
    ) -> Array:
        shape(x.shape, low.shape, high.shape, num_bits=num_bits)
        return _quantized(xp, x, low, high, num_bits, narrow_range)

    @op(f"{name}Gradient", _SLOPES, shape=slope_shape, differentiable=None)
    def slopes(
        xp: Any, g: Array, x: Array, low: Array, high: Array, *, num_bits: int = 8, narrow_range: bool = False
    ) -> Any:
        slope_shape(g.shape, x.shape, low.shape, high.shape, num_bits=num_bits)
        return _slopes(xp, g, x, low, high, num_bits, narrow_range)

    @quantize.gradient
    def _(g: Any, _y: Any, x: Any, low: Any, high: Any, **attrs: Any) -> Any:
        return tuple(slopes(g, x, low, high, **attrs))

    return quantize, slopes


_vars, _vars_gradient = _ranged("FakeQuantWithMinMaxVars", _vars_shape, _vars_slope_shape)
_channels, _channels_gradient = _ranged(
    "FakeQuantWithMinMaxVarsPerChannel", _channels_shape, _channels_slope_shape
)


class FakeQuantGradient(NamedTuple):
    """The gradients of a fake quantization."""

    backprops_wrt_input: Tensor
    backprop_wrt_min: Tensor
    backprop_wrt_max: Tensor


def fake_quant_with_min_max_args(
    inputs: TensorLike, min: float = -6, max: float = 6, num_bits: int = 8, narrow_range: bool = False,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The numbers clipped to a range and rounded to one of `2^num_bits` steps in it.

    The range is moved a little so that 0 is a step. The gradient passes inside the range.

    Args:
      inputs: float32, of any shape.
      min, max: the range, Python numbers.
      num_bits: 2 to 16.
      narrow_range: whether to leave out the lowest step.
      name: not used.

    Raises:
      InvalidArgumentError: for an empty range or another number of bits.

    >>> print(tf.quantization.fake_quant_with_min_max_args([0.3, 9.0], min=0.0, max=6.0, num_bits=2))
    tf.Tensor([0. 6.], shape=(2,), dtype=float32)
    """
    attrs = {"min": float(min), "max": float(max), "num_bits": num_bits, "narrow_range": narrow_range}
    return fake_quant_args(convert(inputs, float32), name=name, **attrs)  # type: ignore[no-any-return]


def fake_quant_with_min_max_args_gradient(
    gradients: TensorLike, inputs: TensorLike, min: float = -6, max: float = 6, num_bits: int = 8,
    narrow_range: bool = False, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The gradient of `tf.quantization.fake_quant_with_min_max_args`: `gradients` where `inputs` are in the range.

    >>> print(tf.quantization.fake_quant_with_min_max_args_gradient([1.0, 2.0], [0.3, 9.0]))
    tf.Tensor([1. 0.], shape=(2,), dtype=float32)
    """
    attrs = {"min": float(min), "max": float(max), "num_bits": num_bits, "narrow_range": narrow_range}
    return fake_quant_args_gradient(convert(gradients, float32), inputs, name=name, **attrs)  # type: ignore[no-any-return]


def fake_quant_with_min_max_vars(
    inputs: TensorLike, min: TensorLike, max: TensorLike, num_bits: int = 8, narrow_range: bool = False,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """`tf.quantization.fake_quant_with_min_max_args` of a range that is learned: `min` and `max` are scalar tensors.

    >>> print(tf.quantization.fake_quant_with_min_max_vars([0.3, 9.0], 0.0, 6.0, num_bits=2))
    tf.Tensor([0. 6.], shape=(2,), dtype=float32)
    """
    return _vars(inputs, min, max, num_bits=num_bits, narrow_range=narrow_range, name=name)  # type: ignore[no-any-return]


def fake_quant_with_min_max_vars_gradient(
    gradients: TensorLike, inputs: TensorLike, min: TensorLike, max: TensorLike, num_bits: int = 8,
    narrow_range: bool = False, name: str | None = None,
) -> FakeQuantGradient:  # fmt: skip
    """The gradients of `tf.quantization.fake_quant_with_min_max_vars` in the input, `min` and `max`.

    >>> gradients = tf.quantization.fake_quant_with_min_max_vars_gradient([1.0, 2.0], [0.3, 9.0], 0.0, 6.0)
    >>> print(gradients[0], gradients[2])
    tf.Tensor([1. 0.], shape=(2,), dtype=float32) tf.Tensor(2.0, shape=(), dtype=float32)
    """
    attrs = {"num_bits": num_bits, "narrow_range": narrow_range}
    return FakeQuantGradient(*_vars_gradient(gradients, inputs, min, max, name=name, **attrs))


def fake_quant_with_min_max_vars_per_channel(
    inputs: TensorLike, min: TensorLike, max: TensorLike, num_bits: int = 8, narrow_range: bool = False,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """`tf.quantization.fake_quant_with_min_max_vars` with a range for each place on the last axis.

    >>> print(tf.quantization.fake_quant_with_min_max_vars_per_channel([9.0, 9.0], [0.0, 0.0], [6.0, 3.0]))
    tf.Tensor([6. 3.], shape=(2,), dtype=float32)
    """
    return _channels(inputs, min, max, num_bits=num_bits, narrow_range=narrow_range, name=name)  # type: ignore[no-any-return]


def fake_quant_with_min_max_vars_per_channel_gradient(
    gradients: TensorLike, inputs: TensorLike, min: TensorLike, max: TensorLike, num_bits: int = 8,
    narrow_range: bool = False, name: str | None = None,
) -> FakeQuantGradient:  # fmt: skip
    """The gradients of `tf.quantization.fake_quant_with_min_max_vars_per_channel` in the input, `min` and `max`.

    >>> slopes = tf.quantization.fake_quant_with_min_max_vars_per_channel_gradient
    >>> print(slopes([1.0, 2.0], [1.0, 9.0], [0.0, 0.0], [6.0, 6.0])[2])
    tf.Tensor([0. 2.], shape=(2,), dtype=float32)
    """
    attrs = {"num_bits": num_bits, "narrow_range": narrow_range}
    return FakeQuantGradient(*_channels_gradient(gradients, inputs, min, max, name=name, **attrs))
