"""From many elements to few: sums, means, extremes, orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import math as tf_math
from ...base import dtypes
from ...core.tensor import Tensor
from ...ops import sorting, statistics
from ...ops.casting import cast
from ...ops.common import shape_of
from ...ops.comparison import where as where_op
from ...ops.matmul import tensordot
from ...ops.sizes import size
from .creation import broadcast_to
from .manipulation import atleast_1d, ravel
from .math import isnan
from .promotion import asarray, is_inexact, rank_of, result_type

Reduction = Callable[..., Any]


def _reduce(
    function: Reduction,
    a: Any,
    axis: Any,
    dtype: Any,
    keepdims: bool | None,
    promote: str,
    for_bools: Reduction | None = None,
) -> Any:
    """A reduction with NumPy's dtypes.

    `promote` says what becomes of integers and bools if no dtype is asked for: "int": those below 64 bits get them;
    "float": they become floats; "keep": nothing.
    """
    a = asarray(a, dtype)
    asked_for_bool = bool(dtype) and result_type(dtype) is dtypes.bool
    if for_bools and (asked_for_bool or (promote == "keep" and a.dtype is dtypes.bool)):
        return for_bools(a, axis, bool(keepdims))
    if not dtype and not is_inexact(a):
        if promote == "float":
            a = cast(a, result_type(float))
        elif promote == "int":
            a = _widened(a)
    return function(a, axis, bool(keepdims))


def _widened(a: Tensor) -> Tensor:
    """An array of integers or bools with 64 bits."""
    if a.dtype.size == 8:
        return a
    return cast(a, dtypes.uint64 if a.dtype.is_unsigned else dtypes.int64)  # type: ignore[no-any-return]


def all(a: Any, axis: Any = None, keepdims: bool | None = None) -> Tensor:
    """Whether all elements are true."""
    return tf_math.reduce_all(asarray(a, bool), axis, bool(keepdims))


def any(a: Any, axis: Any = None, keepdims: bool | None = None) -> Tensor:
    """Whether any element is true."""
    return tf_math.reduce_any(asarray(a, bool), axis, bool(keepdims))


def sum(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool | None = None) -> Any:
    """The sum along axes; integers are summed in 64 bits.

    >>> tf.experimental.numpy.sum(tf.constant([True, True]))
    <tf.Tensor: shape=(), dtype=int64, numpy=2>
    """
    return _reduce(tf_math.reduce_sum, a, axis, dtype, keepdims, "int", tf_math.reduce_any)


def prod(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool | None = None) -> Any:
    """The product along axes; integers are multiplied in 64 bits."""
    return _reduce(tf_math.reduce_prod, a, axis, dtype, keepdims, "int", tf_math.reduce_all)


def mean(a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool | None = None) -> Any:
    """The mean along axes, of integers as floats.

    Raises:
      ValueError: if `out` is given.
    """
    _no_out(out)
    return _reduce(tf_math.reduce_mean, a, axis, dtype, keepdims, "float")


def amax(a: Any, axis: Any = None, out: None = None, keepdims: bool | None = None) -> Any:
    """The greatest element along axes."""
    _no_out(out)
    return _reduce(tf_math.reduce_max, a, axis, None, keepdims, "keep", tf_math.reduce_any)


def amin(a: Any, axis: Any = None, out: None = None, keepdims: bool | None = None) -> Any:
    """The smallest element along axes."""
    _no_out(out)
    return _reduce(tf_math.reduce_min, a, axis, None, keepdims, "keep", tf_math.reduce_all)


def _no_out(out: Any) -> None:
    if out is not None:
        raise ValueError("Setting out is not supported.")


def max(a: Any, axis: Any = None, keepdims: bool | None = None) -> Any:
    """The greatest element along axes."""
    return amax(a, axis, keepdims=keepdims)


def min(a: Any, axis: Any = None, keepdims: bool | None = None) -> Any:
    """The smallest element along axes."""
    return amin(a, axis, keepdims=keepdims)


def ptp(a: Any, axis: Any = None, keepdims: bool | None = None) -> Any:
    """The distance from the smallest to the greatest element along axes."""
    return amax(a, axis, keepdims=keepdims) - amin(a, axis, keepdims=keepdims)


def var(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: int = 0, keepdims: bool | None = None
) -> Any:
    """The variance along axes: the sum of squared deviations, over their number less `ddof`."""
    _no_out(out)
    working = result_type(a, dtype) if dtype else None

    def less_ddof(x: Tensor, axis: Any, keepdims: bool) -> Any:
        deviation = x - tf_math.reduce_mean(x, axis, True)
        squared = tf_math.square(deviation) if not x.dtype.is_complex else deviation * tf_math.conj(deviation)
        total = tf_math.reduce_sum(squared, axis, keepdims)
        count = size(x) if axis is None else tf_math.reduce_prod([shape_of(x)[i] for i in np.atleast_1d(axis)])
        return tf_math.divide(total, cast(count - ddof, x.dtype))

    result = _reduce(less_ddof if ddof else tf_math.reduce_variance, a, axis, working, keepdims, "float")
    return cast(result, dtype) if dtype else result


def std(a: Any, axis: Any = None, keepdims: bool | None = None) -> Any:
    """The standard deviation along axes."""
    return _reduce(tf_math.reduce_std, a, axis, None, keepdims, "float")


def nansum(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """The sum along axes, in which NaNs count as 0."""
    return sum(_without_nan(asarray(a), 0), axis, dtype, keepdims)


def nanprod(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """The product along axes, in which NaNs count as 1."""
    return prod(_without_nan(asarray(a), 1), axis, dtype, keepdims)


def _without_nan(a: Tensor, value: int) -> Tensor:
    return where_op(isnan(a), cast(value, a.dtype), a)


def nanmean(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool | None = None) -> Any:
    """The mean along axes of what is not NaN."""
    a = asarray(a)
    if not is_inexact(a):
        return mean(a, axis, dtype, keepdims=keepdims)
    count = sum(tf_math.logical_not(isnan(a)), axis, dtype or a.dtype, keepdims)
    return nansum(a, axis, dtype or a.dtype, bool(keepdims)) / count


def average(a: Any, axis: int | None = None, weights: Any = None, returned: bool = False) -> Any:
    """The mean along an axis, with weights.

    Args:
      a: the array.
      axis: the axis; None for all.
      weights: in the shape of `a`, or a vector along the axis; by default all are equal.
      returned: whether to return the sum of the weights, too.

    Raises:
      ValueError: if `axis` is no integer.
    """
    if axis is not None and not isinstance(axis, int):
        raise ValueError(f"Argument `axis` must be an integer. Received axis={axis} (of type {type(axis)})")
    a = asarray(a)
    if weights is None:
        mean_, total = _plain_average(a if is_inexact(a) else cast(a, result_type(a.dtype, result_type(float))), axis)
    else:
        mean_, total = _weighted_average(a, axis, weights)
    return (mean_, broadcast_to(total, shape_of(mean_))) if returned else mean_


def _plain_average(a: Tensor, axis: int | None) -> tuple[Any, Any]:
    count = size(a) if axis is None else shape_of(a)[axis]
    return tf_math.reduce_mean(a, axis), cast(count, a.dtype)


def _weighted_average(a: Tensor, axis: int | None, weights: Any) -> tuple[Any, Any]:
    found = result_type(a.dtype, weights) if is_inexact(a) else result_type(a.dtype, weights, result_type(float))
    a, weights = asarray(a, found), asarray(weights, found)
    if axis is None or rank_of(a, "average") == rank_of(weights, "average"):
        total = tf_math.reduce_sum(weights, axis)
        return tf_math.reduce_sum(a * weights, axis) / total, total
    total = tf_math.reduce_sum(weights)
    return tensordot(a, weights, [[axis], [0]]) / total, total


def cumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """The sums up to each element along an axis; without one, in the flattened array."""
    return _cumulative(tf_math.cumsum, a, axis, dtype)


def cumprod(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """The products up to each element along an axis; without one, in the flattened array."""
    return _cumulative(tf_math.cumprod, a, axis, dtype)


def _cumulative(function: Reduction, a: Any, axis: int | None, dtype: Any) -> Any:
    a = asarray(a, dtype)
    if dtype is None and a.dtype.is_integer:
        a = cast(a, np.promote_types(a.dtype.as_numpy_dtype, np.int64))
    return function(ravel(a), 0) if axis is None else function(a, axis)


def count_nonzero(a: Any, axis: Any = None) -> Tensor:
    """How many elements along axes are not 0."""
    return tf_math.count_nonzero(asarray(a), axis)


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """The differences of neighbours along an axis, n times over; of bools, whether they differ.

    Raises:
      ValueError: if `axis` is out of bounds or `n` negative.
    """
    a = asarray(a)
    rank = rank_of(a, "diff")
    axis_ = axis + rank if axis < 0 else axis
    if axis_ >= rank:
        raise ValueError(
            f"Argument `axis` (received axis={axis}) is out of bounds for input {a} of rank {rank}."
        )
    if n < 0:
        raise ValueError(f"Argument `order` must be a non-negative integer. Received: axis={n}")
    before = (slice(None),) * axis_
    for _ in range(n):
        later, earlier = a[(*before, slice(1, None))], a[(*before, slice(None, -1))]
        a = tf_math.not_equal(later, earlier) if a.dtype is dtypes.bool else tf_math.subtract(later, earlier)
    return a


# --- order


def sort(a: Any, axis: int | None = -1, kind: str = "quicksort", order: None = None) -> Tensor:
    """The elements in order along an axis; without one, of the flattened array.

    Raises:
      ValueError: if `kind` is not "quicksort", or there is an `order`.
    """
    if kind != "quicksort":
        raise ValueError(
            f'Invalid value for argument `kind`. Only kind="quicksort" is supported. Received: kind={kind}'
        )
    _no_order(order)
    return sorting.sort(ravel(a), 0) if axis is None else sorting.sort(asarray(a), axis)


def argsort(a: Any, axis: int | None = -1, kind: str = "quicksort", order: None = None) -> Tensor:
    """The indices that put the elements in order along an axis; without one, those of the flattened array.

    Raises:
      ValueError: if `kind` is not "quicksort" or "stable", or there is an `order`.
      TypeError: if the array is complex.
    """
    if kind not in ("quicksort", "stable"):
        raise ValueError(
            'Invalid value for argument `kind`. Only kind="quicksort" and kind="stable" are supported. '
            f"Received: kind={kind}"
        )
    _no_order(order)
    a = asarray(a)
    if a.dtype.is_complex:
        raise TypeError(f"argsort does not support complex64/complex128 dtypes. Received dtype: {a.dtype}")
    if rank_of(a, "argsort") == 0:
        return asarray([0])
    if axis is None:
        a, axis = ravel(a), 0
    return asarray(sorting.argsort(a, axis, stable=kind == "stable"), dtypes.int64)


def _no_order(order: Any) -> None:
    if order is not None:
        raise ValueError("The `order` argument is not supported. Pass order=None")


def argmax(a: Any, axis: int | None = None) -> Tensor:
    """The index of the greatest element along an axis; without one, in the flattened array."""
    return statistics.argmax(ravel(a) if axis is None else atleast_1d(a), axis)


def argmin(a: Any, axis: int | None = None) -> Tensor:
    """The index of the smallest element along an axis; without one, in the flattened array."""
    return statistics.argmin(ravel(a) if axis is None else atleast_1d(a), axis)


