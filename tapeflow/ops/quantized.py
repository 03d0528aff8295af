"""Numbers as integers of few bits: `tf.quantization.quantize` and what undoes it.

The formulas are those of TensorFlow's documentation. With oneDNN, TensorFlow rounds some of them in another way.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host

_QUANTIZED = (dtypes.qint8, dtypes.quint8, dtypes.qint32, dtypes.qint16, dtypes.quint16)
_MODES = ("MIN_COMBINED", "MIN_FIRST", "SCALED")
_ROUNDINGS = ("HALF_AWAY_FROM_ZERO", "HALF_TO_EVEN")
_single = np.float32


def among(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuses a value that an attribute cannot have."""
    if value not in allowed:
        listed = ", ".join(f'"{each}"' for each in allowed)
        raise errors.invalid(f"Value for attr '{name}' of \"{value}\" is not in the list of allowed values: {listed}")


def _integers(x: Array) -> Array:
    """The integers in an array of a quantized dtype."""
    return x.view(x.dtype[0])


def _rounded(x: Array) -> Array:
    """Halves are rounded away from zero."""
    return np.trunc(x + np.copysign(x.dtype.type(0.5), x))


def along(x: Array, rank: int, axis: int) -> Array:
    """What belongs to the places of an axis, to be combined with a tensor of this rank."""
    return x.reshape(()) if axis == -1 else x.reshape([-1 if i == axis else 1 for i in range(rank)])


# ---------------------------------------------------------------- quantize


def _quantize_shape(
    x: Shape, low: Shape, high: Shape, *, T: DType, mode: str, round_mode: str, axis: int = -1, **_attrs: Any
) -> tuple[Shape, Shape, Shape]:
    if T not in _QUANTIZED:
        names = ", ".join(dtype.name for dtype in _QUANTIZED)
        raise errors.invalid(f"Value for attr 'T' of {T.name} is not in the list of allowed values: {names}")
    among("mode", mode, _MODES)
    among("round_mode", round_mode, _ROUNDINGS)
    if round_mode == "HALF_TO_EVEN" and mode != "SCALED":
        raise errors.invalid(f"Round mode 'HALF_TO_EVEN' only supported for mode 'SCALED', but mode is '{mode}'.")
    if axis == -1:
        return x, (), ()
    if x is None:
        return None, (None,), (None,)
    if axis >= len(x):
        raise errors.invalid(
            "Axis is on a zero-based index, so its value must always be less than number of input's dims, but given "
            f"axis value was {axis} and input's dims was {len(x)}"
        )
    for name, shape in (("min_range", low), ("max_range", high)):
        if shape is not None and (len(shape) != 1 or not shapes.fits(shape, (x[axis],))):
            sizes = f"{name} is a {len(shape)}-D tensor of size {shape[0] if shape else 1}"
            raise errors.invalid(
                f"If axis is specified, {name} must be a 1-D tensor whose size matches the axis dimension of the input "
                f"and output tensors, but {sizes} and input's axis dimension is of size {x[axis]}"
            )
    return x, (x[axis],), (x[axis],)


@op(
    "QuantizeV2", "input:float, min_range:float, max_range:float -> output:T, output_min:float, output_max:float",
    T=_QUANTIZED, shape=_quantize_shape, differentiable=None,
)  # fmt: skip
def _quantize(
    xp: Any, x: Array, min_range: Array, max_range: Array, *, T: DType, mode: str = "MIN_COMBINED",
    round_mode: str = "HALF_AWAY_FROM_ZERO", narrow_range: bool = False, axis: int = -1,
    ensure_minimum_range: float = 0.01,
) -> tuple[Array, Array, Array]:  # fmt: skip
    _quantize_shape(x.shape, min_range.shape, max_range.shape, T=T, mode=mode, round_mode=round_mode, axis=axis)
    if (max_range < min_range).any():
        raise errors.invalid("input_max_range must be larger than input_min_range.")
    low = along(np.minimum(min_range, _single(0)), x.ndim, axis)
    largest = np.maximum(np.maximum(np.abs(min_range), np.abs(max_range)), _single(1))
    least = low + along(largest, x.ndim, axis) * _single(ensure_minimum_range)
    high = np.maximum(np.maximum(along(max_range, x.ndim, axis), least), _single(0))
    ends = np.iinfo(T.numpy[0])
    if mode == "MIN_FIRST":
        found = to_steps(x, low, high, ends)
    elif mode == "MIN_COMBINED":
        scale = _single(ends.max - ends.min) / (high - low)
        found = _rounded((np.clip(x, low, high) - low) * scale - _single(-ends.min))
    else:
        scale, low, high = _symmetric(low, high, ends.min + narrow_range, ends.max)
        found = (np.rint if round_mode == "HALF_TO_EVEN" else _rounded)(np.clip(x, low, high) * scale)
    size: Any = () if axis == -1 else x.shape[axis]
    return found.astype(T.numpy[0]).view(T.numpy), low.reshape(size), high.reshape(size)


def _symmetric(low: Array, high: Array, least: int, most: int) -> tuple[Array, Array, Array]:
    """The scale with which zero stays zero, and the range that the integers from `least` to `most` then have."""
    huge = np.finfo(_single).max
    by_low = np.where(least * low > 0, _single(least) / low, huge)
    by_high = np.where(most * high > 0, _single(most) / high, huge)
    scale = np.minimum(by_low, by_high).astype(_single)
    return scale, _single(least) / scale, _single(most) / scale


def to_steps(x: Array, low: Array, high: Array, ends: Any) -> Array:
    """Integers from the least one up, so that `low` is the first."""
    real = x.dtype.type
    scale = real((float(ends.max) - float(ends.min)) / (np.asarray(high, float) - low))
    steps = _rounded(x * scale) - (_rounded(real(low) * scale) - real(ends.min))
    most = real(ends.max)
    return np.clip(steps, real(ends.min), most if int(most) == ends.max else np.nextafter(most, real(0)))


# ---------------------------------------------------------------- dequantize


def _dequantize_shape(
    x: Shape, low: Shape, high: Shape, *, mode: str, axis: int = -1, dtype: DType = dtypes.float32, **_attrs: Any
) -> Shape:
    among("mode", mode, _MODES)
    if dtype is dtypes.bfloat16 and mode != "MIN_COMBINED":
        raise errors.invalid(f"When output type is bfloat16, Mode string must be 'MIN_COMBINED', is '{mode}'")
    if x is not None and axis >= len(x):
        raise errors.invalid(f"Axis must be less than input dimension({len(x)}), got {axis}")
    wanted = 1 if axis == -1 else x and x[axis]
    for name, shape in (("input_min_tensor", low), ("input_max_tensor", high)):
        size = 1 if shape == () else shape and shape[0]
        if type(size) is int and type(wanted) is int and size != wanted:
            raise errors.invalid(
                f"{name} must have as many elements as input on the dequantization axis ({axis}), got {size}, "
                f"expected {wanted}"
            )
    return x


@op(
    "Dequantize", "input:T, min_range:float, max_range:float -> output:dtype", T=_QUANTIZED,
    dtype=(dtypes.bfloat16, dtypes.float32), shape=_dequantize_shape, differentiable=None,
)  # fmt: skip
def _dequantize(
    xp: Any, x: Array, min_range: Array, max_range: Array, *, mode: str = "MIN_COMBINED", narrow_range: bool = False,
    axis: int = -1, dtype: DType = dtypes.float32,
) -> Array:  # fmt: skip
    _dequantize_shape(x.shape, min_range.shape, max_range.shape, mode=mode, axis=axis, dtype=dtype)
    low, high = along(min_range, x.ndim, axis), along(max_range, x.ndim, axis)
    steps, ends = _integers(x), np.iinfo(x.dtype[0])
    if mode == "MIN_FIRST":
        return from_steps(steps, low, high)
    if mode == "MIN_COMBINED":
        scale = (high - low) / _single(ends.max - ends.min)
        return ((steps.astype(_single) - _single(ends.min)) * scale + low).astype(dtype.numpy)
    scale = high / _single(ends.max)
    if ends.min:
        scale = np.maximum(scale, low / _single(ends.min + narrow_range))
    return steps.astype(_single) * scale


def from_steps(steps: Array, low: Array, high: Array) -> Array:
    """What `to_steps` undoes."""
    ends = np.iinfo(steps.dtype)
    scale = ((high - low) / _single(ends.max - ends.min)).astype(_single)
    offset = _rounded(low / scale) * scale - _single(ends.min) * scale
    return np.where(low == high, low, steps.astype(_single) * scale + offset).astype(_single)


# ---------------------------------------------------------------- concatenation


def _concat_shape(axis: int | None, *inputs: Shape, **_attrs: Any) -> tuple[Shape, Shape, Shape]:
    values = inputs[: len(inputs) // 3]
    if len(values) < 2:
        raise errors.invalid(f"Value for attr 'N' of {len(values)} must be at least minimum 2")
    known = [value for value in values if value is not None]
    if not known:
        return None, (), ()
    rank = len(known[0])
    if axis is None:
        return (None,) * rank, (), ()
    if not 0 <= axis < rank:
        raise errors.invalid(
            f"ConcatOp : Expected concatenating dimensions in the range [0, {rank}), but got {axis}"
        )
    sizes: list[Any] = list(known[0])
    parts = [None if value is None else value[axis] for value in values]
    sizes[axis % rank] = None if None in parts else sum(part for part in parts if part is not None)
    return tuple(sizes), (), ()


@op(
    "QuantizedConcat",
    "concat_dim:int32, values:N*T, input_mins:N*float, input_maxes:N*float"
    " -> output:T, output_min:float, output_max:float",
    static=("concat_dim",), T=_QUANTIZED, shape=_concat_shape, differentiable=None,
)  # fmt: skip
def _concat(xp: Any, concat_dim: int, *inputs: Array) -> tuple[Array, Array, Array]:
    _concat_shape(concat_dim, *(x.shape for x in inputs))
    n = len(inputs) // 3
    values, lows, highs = inputs[:n], inputs[n : 2 * n], inputs[2 * n :]
    ends, dtype = np.iinfo(values[0].dtype[0]), values[0].dtype
    low, high = min(_single(0), *lows), max(highs)
    if ends.min:
        high = max(abs(low), abs(high))
        low = -high
    parts = []
    for value, a, b in zip(values, lows, highs, strict=True):
        steps = _integers(value)
        if (a, b) != (low, high):
            steps = to_steps(from_steps(steps, a, b).astype(float), low, high, ends).astype(dtype[0])
        parts.append(steps)
    return np.concatenate(parts, concat_dim).view(dtype), _single(low), _single(high)


only_host(_quantize, _dequantize, _concat)


# ---------------------------------------------------------------- public functions


class QuantizeV2(NamedTuple):
    """Integers of few bits, and the range that they stand for."""

    output: Tensor
    output_min: Tensor
    output_max: Tensor


class QuantizedConcat(NamedTuple):
    """Concatenated integers, and the range that they stand for."""

    output: Tensor
    output_min: Tensor
    output_max: Tensor


def axis_of(axis: int | None, x: Tensor) -> int:
    """The axis counted from the front; -1 for none."""
    if axis is None or axis >= 0:
        return -1 if axis is None else axis
    rank = x.shape.rank
    if rank is None:
        raise ValueError("input should have known rank to use negative axis.")
    return axis + rank


def quantize(
    input: TensorLike, min_range: TensorLike, max_range: TensorLike, T: Any, mode: str = "MIN_COMBINED",
    round_mode: str = "HALF_AWAY_FROM_ZERO", name: str | None = None, narrow_range: bool = False,
    axis: int | None = None, ensure_minimum_range: float = 0.01,
) -> QuantizeV2:  # fmt: skip
    """Numbers of a range as integers of few bits.

    Args:
      input: float32, of any shape; what is outside of the range becomes one of its ends.
      min_range, max_range: the range; with `axis`, one for each of its places. It is made to hold 0.
      T: `tf.qint8`, `tf.quint8`, `tf.qint16`, `tf.quint16` or `tf.qint32`.
      mode: `"MIN_COMBINED"` maps the range to all integers, `"MIN_FIRST"` in addition 0 to an integer, `"SCALED"` only
        multiplies.
      round_mode: with `"SCALED"` it may be `"HALF_TO_EVEN"`.
      name: a name for the operation, optional.
      narrow_range: with `"SCALED"`, whether to leave out the least integer.
      axis: the axis of which each place has a range of its own; None for one range.
      ensure_minimum_range: how large the range must be, as a part of its larger end, or of 1; it is widened if not.

    Returns:
      A named tuple: the integers, and the range that they stand for.

    Raises:
      InvalidArgumentError: for an empty range, an unknown mode, or ranges that do not fit `axis`.

    >>> steps, low, high = tf.quantization.quantize([-1.0, 0.0, 0.5, 3.0], -1.0, 1.0, tf.quint8)
    >>> tf.bitcast(steps, tf.uint8).numpy().tolist()
    [0, 128, 191, 255]
    """
    x = convert(input)
    options = {"mode": mode, "round_mode": round_mode, "narrow_range": narrow_range, "axis": axis_of(axis, x)}
    least = float(ensure_minimum_range)
    T = dtypes.as_dtype(T)
    return QuantizeV2(*_quantize(x, min_range, max_range, T=T, ensure_minimum_range=least, name=name, **options))


def dequantize(
    input: TensorLike, min_range: TensorLike, max_range: TensorLike, mode: str = "MIN_COMBINED",
    name: str | None = None, axis: int | None = None, narrow_range: bool = False, dtype: Any = dtypes.float32,
) -> Tensor:  # fmt: skip
    """The numbers that integers made by `tf.quantization.quantize` stand for.

    Args:
      input: the integers, of a quantized dtype.
      min_range, max_range: the range that they stand for.
      mode, axis, narrow_range: as of `tf.quantization.quantize`.
      name: a name for the operation, optional.
      dtype: `tf.float32`, or with `"MIN_COMBINED"` `tf.bfloat16`.

    Raises:
      InvalidArgumentError: for an unknown mode, or ranges that do not fit `axis`.

    >>> steps = tf.bitcast(tf.constant([0, 64, 255], tf.uint8), tf.quint8)
    >>> print(tf.quantization.dequantize(steps, 0.0, 255.0))
    tf.Tensor([  0.  64. 255.], shape=(3,), dtype=float32)
    """
    x = convert(input)
    options = {"mode": mode, "narrow_range": narrow_range, "axis": axis_of(axis, x), "dtype": dtypes.as_dtype(dtype)}
    return _dequantize(x, min_range, max_range, name=name, **options)  # type: ignore[no-any-return]


def quantized_concat(
    concat_dim: TensorLike, values: Any, input_mins: Any, input_maxes: Any, name: str | None = None
) -> QuantizedConcat:
    """Tensors of a quantized dtype one after the other, in a range that has room for all of them.

    Args:
      concat_dim: the axis, an integer.
      values: two tensors or more.
      input_mins, input_maxes: the range that each stands for.
      name: a name for the operation, optional.

    Returns:
      A named tuple: the integers, and the range that they stand for.

    Raises:
      InvalidArgumentError: if there is only one, or no such axis.

    >>> part = tf.bitcast(tf.constant([0, 255], tf.uint8), tf.quint8)
    >>> steps, low, high = tf.quantization.quantized_concat(0, [part, part], [0.0, 0.0], [1.0, 3.0])
    >>> tf.bitcast(steps, tf.uint8).numpy().tolist(), high.numpy()
    ([0, 85, 0, 255], np.float32(3.0))
    """
    return QuantizedConcat(*_concat(concat_dim, *values, *input_mins, *input_maxes, name=name))
