"""Arrays from values, shapes and ranges."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...base import dtypes
from ...core.tensor import Tensor
from ...ops import creation, elementwise, matrix_diag, ranges
from ...ops.arithmetic import pow as power
from ...ops.broadcasting import broadcast_to as broadcast
from ...ops.casting import cast
from ...ops.common import shape_of
from ...ops.complex import real
from ...ops.layout import reshape
from ...ops.passing import identity as copied
from .indexing import nonzero
from .manipulation import common_shape, moveaxis
from .math import log10, sign
from .promotion import asarray, default_float, rank_of, result_type, result_type_unary, to_tensor


def array(val: Any, dtype: Any = None, copy: bool = True, ndmin: int = 0) -> Tensor:
    """A Tensor of `val`, with the dtype that NumPy gives it.

    Args:
      val: a Tensor, array, number, or nested lists of numbers.
      dtype: the dtype to which it is cast.
      copy: whether a Tensor is copied; as Tensors do not change, this shows only in the result's identity.
      ndmin: how many dimensions there must be at least; missing ones come first, with size 1.

    Raises:
      ValueError: if `ndmin` is over 32.

    >>> tf.experimental.numpy.array([1, 2], ndmin=2)
    <tf.Tensor: shape=(1, 2), dtype=int64, numpy=array([[1, 2]])>
    """
    result = to_tensor(val, result_type(dtype) if dtype else None)
    result = copied(result) if copy else result
    if ndmin > 32:
        raise ValueError("ndmin bigger than allowable number of dimensions: 32.")
    missing = ndmin - rank_of(result, "array") if ndmin else 0
    return reshape(result, (1,) * missing + tuple(shape_of(result))) if missing > 0 else result


def asanyarray(a: Any, dtype: Any = None) -> Tensor:
    """As `asarray`."""
    return asarray(a, dtype)


def ascontiguousarray(a: Any, dtype: Any = None) -> Tensor:
    """As `array`, with one dimension at least."""
    return array(a, dtype, ndmin=1)


def copy(a: Any) -> Tensor:
    """A copy of `a`, as a Tensor."""
    return array(a, copy=True)


def zeros(shape: Any, dtype: Any = float) -> Tensor:
    """Zeros, by default of float64.

    >>> tf.experimental.numpy.zeros([2])
    <tf.Tensor: shape=(2,), dtype=float64, numpy=array([0., 0.])>
    """
    return creation.zeros(shape, result_type(dtype) if dtype else default_float())


def zeros_like(a: Any, dtype: Any = None) -> Tensor:
    """Zeros in the shape of `a`, by default with its dtype."""
    return creation.zeros_like(a, result_type_unary(a, dtype))


def empty(shape: Any, dtype: Any = float) -> Tensor:
    """As `zeros`: Tensors do not change, so there is no use for one without values."""
    return zeros(shape, dtype)


def empty_like(a: Any, dtype: Any = None) -> Tensor:
    """As `zeros_like`."""
    return zeros_like(a, dtype)


def ones(shape: Any, dtype: Any = float) -> Tensor:
    """Ones, by default of float64."""
    return creation.ones(shape, dtypes.as_dtype(result_type(dtype) if dtype else dtype))


def ones_like(a: Any, dtype: Any = None) -> Tensor:
    """Ones in the shape of `a`, by default with its dtype."""
    return creation.ones_like(a, result_type_unary(a, dtype))


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """`fill_value`, broadcast to `shape`.

    >>> tf.experimental.numpy.full([2], 3)
    <tf.Tensor: shape=(2,), dtype=int64, numpy=array([3, 3])>
    """
    sizes = shape if isinstance(shape, Tensor) else creation.convert_to_tensor(shape, dtype_hint=dtypes.int32)
    return broadcast(asarray(fill_value, dtype), reshape(sizes, [-1]) if sizes.shape.rank == 0 else sizes)


def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Tensor:
    """`fill_value`, broadcast to the shape of `a`, by default with its dtype.

    Raises:
      ValueError: if `order`, `subok` or `shape` is not the default.
    """
    if order != "K":
        raise ValueError("Non-standard orders are not supported.")
    if not subok:
        raise ValueError("subok being False is not supported.")
    if shape:
        raise ValueError("Overriding the shape is not supported.")
    a = asarray(a)
    return broadcast(asarray(fill_value, dtype or a.dtype), shape_of(a))


def broadcast_to(array: Any, shape: Any) -> Tensor:
    """`array`, broadcast to `shape`."""
    return full(shape, array)


def eye(N: Any, M: Any = None, k: int = 0, dtype: Any = float) -> Tensor:
    """A matrix with ones on its k-th diagonal.

    >>> tf.experimental.numpy.eye(2, k=1)
    <tf.Tensor: shape=(2, 2), dtype=float64, numpy=
    array([[0., 1.],
           [0., 0.]])>
    """
    rows, columns, k = int(N), int(M or N), int(k)
    found = result_type(dtype) if dtype else dtype
    if k >= columns or -k >= rows:
        return zeros([rows, columns], found)
    if k == 0:
        return ranges.eye(rows, columns, dtype=found)
    length = min(rows, columns - k) if k > 0 else min(rows + k, columns)
    diagonal = creation.ones([length], found)
    return matrix_diag.diag(diagonal, k=k, num_rows=rows, num_cols=columns)


def identity(n: Any, dtype: Any = float) -> Tensor:
    """The unit matrix."""
    return eye(n, n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Ones at and below the k-th diagonal of an N x M matrix, zeros elsewhere."""
    shape = [N, N if M is None else M]
    found = result_type(float if dtype is None else dtype)
    if k >= 0:
        whole = creation.ones(shape, found)
        return whole if k > shape[1] else matrix_diag.band_part(whole, -1, k)
    if -k - 1 > N:
        return creation.zeros(shape, found)
    above = matrix_diag.band_part(creation.ones(shape, dtypes.int32), -k - 1, -1)
    return cast(1 - above, found)  # type: ignore[no-any-return]


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Tensor:
    """The numbers from `start` up to `stop`, which is left out; from 0 up to `start` if there is no `stop`.

    Raises:
      ValueError: if `step` is 0.

    >>> tf.experimental.numpy.arange(3)
    <tf.Tensor: shape=(3,), dtype=int64, numpy=array([0, 1, 2])>
    """
    if not step:
        raise ValueError("step must be non-zero.")
    given = [start, step] if stop is None else [start, step, stop]
    found = result_type(dtype) if dtype else result_type(*given)
    first, last = (0, start) if stop is None else (start, stop)
    if (step > 0 and first > last) or (step < 0 and first < last):
        return array([], found)
    return cast(ranges.range_(start, stop, step), found)  # type: ignore[no-any-return]


def _sampled_dtype(start: Any, stop: Any) -> dtypes.DType:
    return result_type(start * 1.0, stop * 1.0)


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = float,
    axis: int = 0,
) -> Any:
    """`num` numbers at equal distances.

    Args:
      start, stop: the first number, and the last one, or with `endpoint=False` the one after it.
      num: how many.
      endpoint: whether `stop` is among them.
      retstep: whether to return the distance, too.
      dtype: as with NumPy 2, `start` and `stop` decide; None leaves the result as it was computed.
      axis: along which axis of the result the numbers lie.

    Raises:
      ValueError: if `num` is negative.
    """
    found = _sampled_dtype(start, stop) if dtype else None
    start, stop = array(start, found), array(stop, found)
    if num < 0:
        raise ValueError(
            f"Argument `num` (number of samples) must be a non-negative integer. Received: num={num}"
        )
    parts = num - 1 if endpoint else num
    step = (stop - start) / parts if parts > 0 else creation.convert_to_tensor(np.nan)
    if not endpoint and num > 1:
        stop = cast(stop, step.dtype) - step
        start = cast(start, step.dtype)
    result: Any = ranges.linspace(start, stop, num, axis=axis)
    if found is not None:
        result = cast(elementwise.floor(result) if found.is_integer else result, found)
    return (result, step) if retstep else result


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Tensor:
    """`base` to the power of numbers at equal distances; as with NumPy 2, `start` and `stop` decide the dtype."""
    found = _sampled_dtype(start, stop)
    exponents = linspace(start, stop, num=num, endpoint=endpoint, dtype=found, axis=axis)
    return cast(power(cast(base, exponents.dtype), exponents), found)  # type: ignore[no-any-return]


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Tensor:
    """`num` numbers at equal ratios, between two of the same sign."""
    found = dtypes.as_dtype(dtype) if dtype else result_type(start, stop, float(num), zeros((), dtype))
    working = dtypes.as_dtype(np.promote_types(found.as_numpy_dtype, np.float32))
    start, stop = asarray(start, working), asarray(stop, working)
    flip = 1 - (1 - sign(real(start))) * (1 - sign(real(stop))) // 2
    result = flip * logspace(log10(flip * start), log10(flip * stop), num, endpoint=endpoint)
    return cast(moveaxis(result, 0, axis) if axis else result, found)  # type: ignore[no-any-return]


def meshgrid(*xi: Any, **kwargs: Any) -> list[Tensor]:
    """Matrices of coordinates, from vectors of them.

    Args:
      *xi: vectors.
      **kwargs: `indexing`: "xy" or "ij"; `sparse` must be False and `copy` True.

    Raises:
      ValueError: if they are not.
    """
    sparse, copy_ = kwargs.get("sparse", False), kwargs.get("copy", True)
    if sparse:
        raise ValueError(
            f"Function `meshgrid` does not support returning sparse arrays yet. Received: sparse={sparse}"
        )
    if not copy_:
        raise ValueError(f"Function `meshgrid` only supports copy=True. Received: copy={copy_}")
    return ranges.meshgrid(*map(asarray, xi), indexing=kwargs.get("indexing", "xy"))


def diag_indices(n: int, ndim: int = 2) -> tuple[Tensor, ...]:
    """The indices of the main diagonal of an array of `ndim` dimensions of size `n`."""
    for argument, value in (("n", n), ("ndim", ndim)):
        if value < 0:
            raise ValueError(f"{argument} argument to diag_indices must be nonnegative, got {value}")
    return (ranges.range_(n),) * ndim


def vander(x: Any, N: Any = None, increasing: bool = False) -> Tensor:
    """The powers of the elements of a vector, one row for each.

    Raises:
      ValueError: if `N` is negative or `x` no vector.
    """
    x = asarray(x)
    count = shape_of(x)[0] if N is None else N
    if isinstance(count, int) and count < 0:
        raise ValueError("N must be nonnegative")
    if rank_of(x, "vander") != 1:
        raise ValueError("x must be a one-dimensional array")
    exponents = ranges.range_(0, count, 1) if increasing else ranges.range_(count - 1, -1, -1)
    return power(reshape(x, [-1, 1]), cast(exponents, x.dtype))


def ix_(*args: Any) -> list[Tensor]:
    """Vectors of indices in shapes that broadcast: for the elements at the crossings of some rows and columns.

    Raises:
      ValueError: if one is no vector, or not of integers or bools.
    """
    found = []
    for i, argument in enumerate(args):
        a = asarray(argument)
        rank = rank_of(a, "ix_")
        if rank != 1:
            raise ValueError(f"Arguments must be 1-d, got arg {i} of rank {rank}")
        if not a.dtype.is_integer and a.dtype is not dtypes.bool:
            raise ValueError(f"Only integer and bool dtypes are supported, got {a.dtype}")
        shape = [-1 if j == i else 1 for j in range(len(args))]
        found.append(reshape(nonzero(a)[0] if a.dtype is dtypes.bool else a, shape))
    return found


def broadcast_arrays(*args: Any, **kwargs: Any) -> Any:
    """The arrays, all broadcast to the shape that they have in common.

    Raises:
      ValueError: if there are keyword arguments other than `subok=False`.
    """
    if kwargs.pop("subok", False):
        raise ValueError("subok=True is not supported.")
    if kwargs:
        raise ValueError(f"Received unsupported arguments {kwargs.keys()}")
    return common_shape(*map(asarray, args))

