"""Where extremes are, how often numbers occur."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType, DTypeLike, as_dtype
from ..core import types
from ..core.composite import CompositeTensor
from ..core.convert import convert
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .common import shape_of
from .creation import get_static_value
from .debugging import assert_less, assert_non_negative
from .reduction import ORDERED, highest, lowest, reduce_max

# ---------------------------------------------------------------- where the extreme is


def _arg_shape(x: shapes.Shape, axis: int | None, **_attrs: Any) -> shapes.Shape:
    if isinstance(axis, tuple):
        raise errors.invalid(f"dim must be a scalar, but received tensor of shape: [{len(axis)}]")
    if x is None or axis is None:
        return None if x is None else (None,) * (len(x) - 1)
    if not -len(x) <= axis < len(x):
        raise errors.invalid(f"Expected dimension in the range [{-len(x)}, {len(x)}), but got {axis}")
    axis %= len(x)
    if x[axis] == 0:
        raise errors.invalid(f"Reduction axis {axis} is empty in shape {shapes.show(x)}")
    return x[:axis] + x[axis + 1 :]


def _check_output_type(output_type: DType, *allowed: DType) -> None:
    if output_type not in allowed:
        listed = ", ".join(dtype.cpp_name for dtype in allowed)
        raise errors.invalid(
            f"Value for attr 'output_type' of {output_type.cpp_name} is not in the list of allowed values: {listed}"
        )


def _arg_extreme(find: Any, extreme: np.ufunc, worst: float, x: Array, axis: Any) -> Array:
    """Where the extreme is; NaNs do not count, unless there is nothing else. On the host: look for NaNs first."""
    if not x.ndim or isinstance(axis, tuple) or not x.shape[axis]:
        _arg_shape(x.shape, axis)
    if x.dtype.kind in "fV":
        best = extreme.reduce(x, axis)
        if (best != best).any():
            x = np.where(x != x, np.asarray(worst, x.dtype), x)
    return find(x, axis)


@op(
    "ArgMax",
    "input:T, dimension:Tidx -> output:output_type",
    shape=_arg_shape,
    static=("dimension",),
    differentiable=False,
    T=(*ORDERED, dtypes.bool),
)
def arg_max(xp: Any, x: Array, axis: Any, *, output_type: DType = dtypes.int64) -> Array:
    _check_output_type(output_type, dtypes.int16, dtypes.uint16, dtypes.int32, dtypes.int64)
    return xp.argmax(xp.where(x != x, lowest(x.dtype), x) if x.dtype.kind in "fV" else x, axis).astype(
        output_type.numpy
    )


@arg_max.on("host")
def _(xp: Any, x: Array, axis: Any, *, output_type: DType = dtypes.int64) -> Array:
    _check_output_type(output_type, dtypes.int16, dtypes.uint16, dtypes.int32, dtypes.int64)
    return _arg_extreme(np.argmax, np.maximum, -math.inf, x, axis).astype(output_type.numpy, copy=False)


@op(
    "ArgMin",
    "input:T, dimension:Tidx -> output:output_type",
    shape=_arg_shape,
    static=("dimension",),
    differentiable=False,
    T=(*ORDERED, dtypes.bool),
)
def arg_min(xp: Any, x: Array, axis: Any, *, output_type: DType = dtypes.int64) -> Array:
    _check_output_type(output_type, dtypes.int32, dtypes.int64)
    return xp.argmin(xp.where(x != x, highest(x.dtype), x) if x.dtype.kind in "fV" else x, axis).astype(
        output_type.numpy
    )


@arg_min.on("host")
def _(xp: Any, x: Array, axis: Any, *, output_type: DType = dtypes.int64) -> Array:
    _check_output_type(output_type, dtypes.int32, dtypes.int64)
    return _arg_extreme(np.argmin, np.minimum, math.inf, x, axis).astype(output_type.numpy, copy=False)


def argmax(
    input: TensorLike, axis: Any = None, output_type: DTypeLike = dtypes.int64, name: str | None = None
) -> Tensor:
    """Where the largest element along an axis is: the first of equal ones. NaNs do not count.

    Args:
      input: real numbers or bools, of at least one dimension.
      axis: an int, or a Tensor of one; 0 by default.
      output_type: int16, uint16, int32 or int64.
      name: of the operation.

    Returns:
      Indices, of the shape of the input without the axis.

    Raises:
      InvalidArgumentError: if the axis is out of range or has no elements.

    >>> tf.argmax([[1, 5, 2], [7, 0, 7]], axis=1).numpy()
    array([1, 0])
    """
    return arg_max(input, _axis(axis), output_type=as_dtype(output_type), name=name)  # type: ignore[no-any-return]


def _axis(axis: Any) -> Any:
    if axis is None:
        return 0
    if isinstance(axis, (list, tuple, float, str)):
        raise TypeError("axis must be int or Tensor with integer datatype")
    if isinstance(axis, Tensor) and not axis.dtype.is_integer:
        raise TypeError(f"axis tensor dtypes {axis.dtype} is not supported")
    return axis


def argmin(
    input: TensorLike, axis: Any = None, output_type: DTypeLike = dtypes.int64, name: str | None = None
) -> Tensor:
    """Where the smallest element along an axis is; see `argmax`.

    >>> tf.argmin([[1, 5, 2], [7, 0, 0]], axis=1).numpy()
    array([0, 1])
    """
    return arg_min(input, 0 if axis is None else axis, output_type=as_dtype(output_type), name=name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- counting


def _bincount_shape(x: shapes.Shape, size: int | None, _weights: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    if x is None:
        return None
    if len(x) > 2:
        raise errors.invalid(f"Shape must be at most rank 2 but is rank {len(x)}")
    if size is not None and size < 0:
        raise errors.invalid(f"size ({size}) must be non-negative")
    return (*x[:-1], size)


@op("DenseBincount", "input:Tidx, size:Tidx, weights:T -> output:T", shape=_bincount_shape, static=("size",),
    differentiable=False, Tidx=types.INDICES, T=(*types.INDICES, dtypes.float32, dtypes.float64))  # fmt: skip
def dense_bincount(xp: Any, x: Array, size: int, weights: Array, *, binary_output: bool = False) -> Array:
    _bincount_shape(x.shape, size, weights.shape)
    if (x < 0).any():
        raise errors.invalid("Input arr must be non-negative!")
    rows = x.reshape(x.shape[0] if x.ndim == 2 else 1, -1)
    places = (rows + np.arange(len(rows))[:, None] * size)[rows < size]
    many = weights.reshape(rows.shape)[rows < size] if weights.size and not binary_output else None
    counts: Array = np.bincount(places, many, len(rows) * size)
    if binary_output:
        counts = counts > 0
    return counts.astype(weights.dtype).reshape(*x.shape[:-1], size)


@dense_bincount.on("xla")
def _(jax: Any, x: Array, size: int, weights: Array, *, binary_output: bool = False) -> Array:
    """Numbers below 0 or beyond the size do not count."""
    _bincount_shape(x.shape, size, weights.shape)
    numbers = jax.numpy.where(x < 0, size, x).reshape(x.shape[0] if x.ndim == 2 else 1, -1)
    many = weights.reshape(numbers.shape) if weights.size and not binary_output else 1
    rows = np.arange(len(numbers))[:, None]
    counts = jax.numpy.zeros((len(numbers), size), weights.dtype).at[rows, numbers]
    counted = counts.max(1, mode="drop") if binary_output else counts.add(many, mode="drop")
    return counted.reshape(*x.shape[:-1], size)


def bincount(
    arr: TensorLike,
    weights: TensorLike | None = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: DTypeLike = dtypes.int32,
    name: str | None = None,
    axis: int | None = None,
    binary_output: bool = False,
) -> Tensor:
    """How often each of the numbers 0, 1, 2... occurs.

    Args:
      arr: integers that are not negative; others are cast to int32.
      weights: what each occurrence counts, instead of 1; of the shape of `arr`.
      minlength: the least length of the result.
      maxlength: its largest length; greater numbers are left out.
      dtype: of the counts, unless there are weights.
      name: of the operation.
      axis: None or 0 counts everything, -1 each row of a matrix by itself.
      binary_output: whether to say only if a number occurs, as 0 or 1.

    Returns:
      A vector (a matrix if `axis` is -1), as long as the largest number plus one, within the limits.

    Raises:
      InvalidArgumentError: for negative numbers.

    >>> tf.math.bincount([1, 1, 3]).numpy()
    array([0, 2, 0, 1], dtype=int32)
    """
    x = convert(arr)
    if isinstance(x, CompositeTensor) and axis in (None, 0, -1):
        from .counting import dense_bincount as of_composite

        return of_composite(x, weights, minlength, maxlength, as_dtype(dtype), axis, binary_output)
    if x.dtype not in (dtypes.int32, dtypes.int64):
        x = OPS["Cast"](x, DstT=dtypes.int32)
    if axis not in (None, 0, -1):
        raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
    if binary_output and weights is not None:
        raise ValueError("Arguments `binary_output` and `weights` are mutually exclusive. Please specify only one.")
    many = OPS["Cast"](np.zeros(0, np.int32), DstT=as_dtype(dtype)) if weights is None else convert(weights)
    if axis != -1:
        x = OPS["Reshape"](x, (-1,))
        many = OPS["Reshape"](many, (-1,))
    some = OPS["Cast"](OPS["Minimum"](OPS["Size"](x, out_type=x.dtype), 1), DstT=x.dtype)
    size = some * (reduce_max(x) + 1)
    if minlength is not None:
        size = OPS["Maximum"](convert(minlength, x.dtype), size)
    if maxlength is not None:
        size = OPS["Minimum"](convert(maxlength, x.dtype), size)
    return dense_bincount(x, size, many, binary_output=binary_output, name=name)  # type: ignore[no-any-return]


def histogram_fixed_width_bins(
    values: TensorLike,
    value_range: TensorLike,
    nbins: Any = 100,
    dtype: DTypeLike = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """Into which of `nbins` equal parts of a range each value falls; what lies outside falls into the first or last.

    Args:
      values: numbers.
      value_range: the two ends of the range, of the dtype of `values`.
      nbins: how many parts.
      dtype: has no effect, as in TensorFlow.
      name: of the operation.

    Returns:
      int32 indices, of the shape of `values`.

    >>> tf.histogram_fixed_width_bins([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([0, 0, 1, 2, 4, 4], dtype=int32)
    """
    x = convert(values)
    ends = convert(value_range)
    count = OPS["Cast"](nbins, DstT=x.dtype)
    part = count * ((x - ends[0]) / (ends[1] - ends[0]))
    last = OPS["Cast"](nbins, DstT=dtypes.int32) - 1
    bins = OPS["Cast"](OPS["Floor"](part), DstT=dtypes.int32)
    return OPS["Minimum"](OPS["Maximum"](bins, 0), last)  # type: ignore[no-any-return]


_BINNED = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)


def histogram_fixed_width(
    values: TensorLike,
    value_range: TensorLike,
    nbins: Any = 100,
    dtype: DTypeLike = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How many values fall into each of `nbins` equal parts of a range; see `histogram_fixed_width_bins`.

    Raises:
      InvalidArgumentError: if the range is no pair of rising numbers, `nbins` is not positive, or `dtype` is neither
        int32 nor int64.

    >>> tf.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([2, 1, 1, 0, 2], dtype=int32)
    """
    x = convert(values)
    if x.dtype not in _BINNED:
        allowed = ", ".join(dtype.cpp_name for dtype in _BINNED)
        raise errors.invalid(
            f"Value for attr 'T' of {x.dtype.cpp_name} is not in the list of allowed values: {allowed} "
            "[Op:HistogramFixedWidth]"
        )
    ends = _check_range(value_range if isinstance(value_range, Tensor) else convert(value_range, x.dtype), x.dtype)
    _check_bins(convert(nbins, dtypes.int32), as_dtype(dtype))
    x, ends = (OPS["Cast"](part, DstT=dtypes.float64) for part in (x, ends))
    bins = histogram_fixed_width_bins(x, ends, nbins)
    flat, ones = OPS["Reshape"](bins, (-1,)), OPS["Cast"](np.zeros(0, np.int32), DstT=as_dtype(dtype))
    return dense_bincount(flat, nbins, ones, binary_output=False, name=name)  # type: ignore[no-any-return]


def _check_range(ends: Tensor, dtype: DType) -> Tensor:
    if ends.dtype != dtype:
        raise errors.invalid(
            f"cannot compute HistogramFixedWidth as input #1(zero-based) was expected to be a {dtype.cpp_name} tensor "
            f"but is a {ends.dtype.cpp_name} tensor [Op:HistogramFixedWidth]"
        )
    if ends.shape.rank != 1:
        raise errors.invalid("value_range should be a vector. [Op:HistogramFixedWidth]")
    if ends.shape[0] != 2:
        raise errors.invalid("value_range should be a vector of 2 elements. [Op:HistogramFixedWidth]")
    known = get_static_value(ends)
    if known is not None and not known[0] < known[1]:
        raise errors.invalid(
            "value_range should satisfy value_range[0] < value_range[1], "
            f"but got '[{known[0]:g}, {known[1]:g}]' [Op:HistogramFixedWidth]"
        )
    return ends


def _check_bins(nbins: Tensor, dtype: DType) -> None:
    if dtype not in types.INDICES:
        raise errors.invalid(
            f"Value for attr 'dtype' of {dtype.cpp_name} is not in the list of allowed values: int32, int64 "
            "[Op:HistogramFixedWidth]"
        )
    if nbins.shape.rank:
        raise errors.invalid("nbins should be a scalar. [Op:HistogramFixedWidth]")
    known = get_static_value(nbins)
    if known is not None and known <= 0:
        raise errors.invalid(f"nbins should be a positive number, but got '{known}' [Op:HistogramFixedWidth]")


def confusion_matrix(
    labels: TensorLike,
    predictions: TensorLike,
    num_classes: Any = None,
    weights: TensorLike | None = None,
    dtype: DTypeLike = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How often each class (the rows) was taken for each class (the columns).

    Args:
      labels: a vector of classes, from 0.
      predictions: what each was taken for.
      num_classes: by default the largest class of both, plus one.
      weights: what each pair counts, instead of 1.
      dtype: of the result.
      name: of the operation.

    Returns:
      A Tensor of shape `[num_classes, num_classes]`.

    >>> tf.math.confusion_matrix([1, 2, 2], [1, 2, 1]).numpy()
    array([[0, 0, 0],
           [0, 1, 0],
           [0, 1, 1]], dtype=int32)
    """
    guessed, actual = (OPS["Cast"](x, DstT=dtypes.int64) for x in _alike(convert(predictions), convert(labels)))
    assert_non_negative(actual, message="`labels` contains negative values")
    assert_non_negative(guessed, message="`predictions` contains negative values")
    if num_classes is None:
        classes: Any = OPS["Maximum"](reduce_max(guessed), reduce_max(actual)) + 1
    else:
        classes = OPS["Cast"](num_classes, DstT=dtypes.int64)
        assert_less(actual, classes, message="`labels` out of bound")
        assert_less(guessed, classes, message="`predictions` out of bound")
    many = OPS["Cast"](1 if weights is None else weights, DstT=as_dtype(dtype))
    if weights is None:
        many = OPS["BroadcastTo"](many, shape_of(guessed))
    places, shape = OPS["Pack"](actual, guessed, axis=1), OPS["Pack"](classes, classes, axis=0)
    return OPS["ScatterNd"](places, many, shape, name=name)  # type: ignore[no-any-return]


def _alike(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """If one of them has one more dimension, of size 1, at the end, it goes away."""
    if x.shape.rank is None or y.shape.rank is None:
        return x, y
    more = len(shape_of(x)) - len(shape_of(y))
    if more == 1 and shape_of(x)[-1] == 1:
        x = OPS["Squeeze"](x, squeeze_dims=[-1])
    elif more == -1 and shape_of(y)[-1] == 1:
        y = OPS["Squeeze"](y, squeeze_dims=[-1])
    return x, y
