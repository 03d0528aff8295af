"""The different elements of a vector, and the inverse of a permutation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import DType, as_dtype
from ..base.shapes import Shape
from ..core import types
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .sorting import check_index_type

_SMALL = 256  # elements below which a dictionary is faster than sorting


class Unique(NamedTuple):
    """The different elements, and for each element which of them it is."""

    y: Tensor
    idx: Tensor


class UniqueWithCounts(NamedTuple):
    """The different elements, for each element which of them it is, and how often each occurs."""

    y: Tensor
    idx: Tensor
    count: Tensor  # type: ignore[assignment]


def _unique_shape(x: Shape, *, out_idx: DType = dtypes.int32) -> tuple[Shape, Shape]:
    if x is not None and len(x) != 1:
        raise errors.invalid("unique expects a 1D vector.")
    return (None,), (None,) if x is None else x


def _unique_with_counts_shape(x: Shape, *, out_idx: DType = dtypes.int32) -> tuple[Shape, Shape, Shape]:
    return (*_unique_shape(x), (None,))


def _unique(x: Array, out_idx: DType) -> tuple[Array, Array, Array]:
    """Different elements in the order of their first occurrence; a NaN differs from every other."""
    check_index_type("out_idx", out_idx, *types.INDICES)
    _unique_shape(x.shape)
    rank = _ranks(x)
    first = np.flatnonzero(np.diff(np.maximum.accumulate(rank), prepend=-1))
    return x[first], rank.astype(out_idx.numpy), np.bincount(rank, minlength=len(first)).astype(out_idx.numpy)


def _ranks(x: Array) -> Array:
    """For each element the number of different ones that occur before it first does."""
    if x.dtype.hasobject or len(x) < _SMALL:
        seen: dict[Any, int] = {}
        return np.array([seen.setdefault(item, len(seen)) for item in x.tolist()], np.intp)
    if x.dtype.kind in "iu" and int(x.max()) - int(x.min()) < 8 * len(x):
        codes, count = x.astype(np.int64) - int(x.min()), int(x.max()) - int(x.min()) + 1
    else:
        different, codes = np.unique(x, return_inverse=True, equal_nan=False)
        count = len(different)
    places, table = np.arange(len(x)), np.empty(count, np.intp)
    table[codes[::-1]] = places[::-1]  # the first occurrence is written last, and stays
    first = codes[table[codes] == places]
    table[first] = np.arange(len(first))
    return table[codes]


@op("Unique", "x:T -> y:T, idx:out_idx", shape=_unique_shape, differentiable=None)
def unique_op(xp: Any, x: Array, *, out_idx: DType = dtypes.int32) -> tuple[Array, Array]:
    return _unique(x, out_idx)[:2]


@op(
    "UniqueWithCounts",
    "x:T -> y:T, idx:out_idx, count:out_idx",
    shape=_unique_with_counts_shape,
    differentiable=None,
)
def unique_with_counts_op(xp: Any, x: Array, *, out_idx: DType = dtypes.int32) -> tuple[Array, Array, Array]:
    return _unique(x, out_idx)


# --- of slices along an axis


def _axis_of(axis: tuple[int, ...], rank: int) -> int:
    if not isinstance(axis, tuple):
        raise errors.invalid("axis expects a 1D vector.")
    if len(axis) > 1:
        raise errors.invalid("axis does not support input tensors larger than 1 elements")
    if not axis:
        if rank != 1:
            raise errors.invalid("unique expects a 1D vector.")
        return 0
    if not -rank <= axis[0] < rank:
        raise errors.invalid(f"axis has to be between [0, {rank})")
    return axis[0] % rank


def _along_shape(x: Shape, axis: Any, *, out_idx: DType = dtypes.int32) -> tuple[Shape, Shape]:
    if x is None:
        return None, (None,)
    if axis is None:
        return (None,) * len(x), (None,)
    place = _axis_of(axis, len(x))
    return (*x[:place], None, *x[place + 1 :]), (x[place],)


def _along_with_counts_shape(x: Shape, axis: Any, *, out_idx: DType = dtypes.int32) -> tuple[Shape, Shape, Shape]:
    return (*_along_shape(x, axis), (None,))


def _unique_along(x: Array, axis: tuple[int, ...], out_idx: DType) -> tuple[Array, Array, Array]:
    """Different slices along an axis in the order of their first occurrence; with a NaN a slice is unique."""
    place = _axis_of(axis, x.ndim)
    if x.ndim == 1:
        return _unique(x, out_idx)
    check_index_type("out_idx", out_idx, *types.INDICES)
    rank = np.zeros(x.shape[place], np.intp)
    for column in np.moveaxis(x, place, 0).reshape(len(rank), -1).T if x.size else ():
        codes = _ranks(column)
        rank = _ranks(rank * (codes.max() + 1) + codes)
    first = np.flatnonzero(np.diff(np.maximum.accumulate(rank), prepend=-1))
    counts = np.bincount(rank, minlength=len(first))
    return np.take(x, first, place), rank.astype(out_idx.numpy), counts.astype(out_idx.numpy)


@op(
    "UniqueV2", "x:T, axis:Taxis -> y:T, idx:out_idx", shape=_along_shape, static=("axis",), differentiable=None,
    Taxis=types.INDICES,
)  # fmt: skip
def unique_v2_op(xp: Any, x: Array, axis: tuple[int, ...], *, out_idx: DType = dtypes.int32) -> tuple[Array, Array]:
    return _unique_along(x, axis, out_idx)[:2]


@op(
    "UniqueWithCountsV2", "x:T, axis:Taxis -> y:T, idx:out_idx, count:out_idx", shape=_along_with_counts_shape,
    static=("axis",), differentiable=None, Taxis=types.INDICES,
)  # fmt: skip
def unique_with_counts_v2_op(
    xp: Any, x: Array, axis: tuple[int, ...], *, out_idx: DType = dtypes.int32
) -> tuple[Array, Array, Array]:
    return _unique_along(x, axis, out_idx)


only_host(unique_op, unique_with_counts_op, unique_v2_op, unique_with_counts_v2_op)


def unique(x: TensorLike, out_idx: DType | str = dtypes.int32, name: str | None = None) -> Unique:
    """The different elements of a vector, in the order in which they first occur.

    Args:
      x: a vector.
      out_idx: the dtype of `idx`, int32 or int64.
      name: a name for the operation.

    Returns:
      A named tuple `(y, idx)` with `x[i] == y[idx[i]]`.

    Raises:
      InvalidArgumentError: if `x` is no vector.

    >>> y, idx = tf.unique([7, 7, 3, 7])
    >>> print(y, idx)
    tf.Tensor([7 3], shape=(2,), dtype=int32) tf.Tensor([0 0 1 0], shape=(4,), dtype=int32)
    """
    return Unique(*unique_op(x, out_idx=as_dtype(out_idx), name=name))


def unique_with_counts(x: TensorLike, out_idx: DType | str = dtypes.int32, name: str | None = None) -> UniqueWithCounts:
    """As `unique`, with how often each element occurs.

    Args:
      x: a vector.
      out_idx: the dtype of `idx` and `count`, int32 or int64.
      name: a name for the operation.

    Returns:
      A named tuple `(y, idx, count)`.

    Raises:
      InvalidArgumentError: if `x` is no vector.

    >>> print(tf.unique_with_counts([7, 7, 3, 7]).count)
    tf.Tensor([3 1], shape=(2,), dtype=int32)
    """
    return UniqueWithCounts(*unique_with_counts_op(x, out_idx=as_dtype(out_idx), name=name))


def _vector_shape(x: Shape) -> Shape:
    if x is not None and len(x) != 1:
        raise errors.invalid("invert_permutation expects a 1D vector.")
    return (None,) if x is None else x


@op("InvertPermutation", "x:T -> y:T", shape=_vector_shape, differentiable=False, T=types.INDICES)
def invert_permutation_op(xp: Any, x: Array) -> Array:
    _vector_shape(x.shape)
    size = len(x)
    bad = (x < 0) | (x >= size)
    if bad.any():
        raise errors.invalid(f"{x[bad.argmax()]} is not between 0 and {size}")
    inverse = np.full(size, -1, x.dtype)
    inverse[x] = np.arange(size, dtype=x.dtype)
    repeated = inverse[x] != np.arange(size)
    if repeated.any():
        raise errors.invalid(f"{x[repeated.argmax()]} is duplicated in the input.")
    return inverse


@invert_permutation_op.on("xla")
def _(jax: Any, x: Array) -> Array:
    _vector_shape(x.shape)
    places = jax.numpy.arange(len(x), dtype=x.dtype)
    return jax.numpy.zeros_like(x).at[x].set(places, mode="drop", wrap_negative_indices=False)


def invert_permutation(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of a permutation: `y[x[i]] == i`.

    Args:
      x: int32 or int64 `[n]`, each number from 0 to n - 1 once.
      name: a name for the operation.

    Raises:
      InvalidArgumentError: if `x` is no permutation.

    >>> print(tf.math.invert_permutation([2, 0, 1]))
    tf.Tensor([1 2 0], shape=(3,), dtype=int32)
    """
    return invert_permutation_op(x, name=name)  # type: ignore[no-any-return]
