"""Order: top_k, sort, argsort, searchsorted."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import DType, as_dtype
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert, to_array
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host
from ..engines.host_arrays import BLOCK
from .common import shape_of
from .layout import is_negative

_SMALL = 256  # columns below which a plain argsort is faster than packed keys
_LONG = 1 << 13  # columns from which it pays to look for a bound first
_COMPARED = frozenset("fdilq")  # dtypes that NumPy compares fast
_DEEP = 64  # elements of which a column's maximum is taken to find the bound


def check_index_type(attr: str, dtype: DType, *allowed: DType) -> None:
    """Refuses a dtype of indices that is not allowed."""
    if dtype not in allowed:
        names = ", ".join(one.cpp_name for one in allowed)
        what = f"Value for attr '{attr}' of {dtype.cpp_name}"
        raise errors.invalid(f"{what} is not in the list of allowed values: {names}")


# --- top_k


class TopKV2(NamedTuple):
    """The largest elements and where they are."""

    values: Tensor
    indices: Tensor


def _top_k_shape(
    x: Shape, k: int | None, *, sorted: bool = True, index_type: DType = dtypes.int32
) -> tuple[Shape, Shape]:
    if isinstance(k, tuple):
        raise errors.invalid(f"k must be scalar, got shape [{len(k)}]")
    if is_negative(k):
        raise errors.invalid(f"Need k >= 0, got {k}")
    if x is None:
        return None, None
    if not x:
        raise errors.invalid("input must be >= 1-D, got shape []")
    if type(k) is int and type(x[-1]) is int and x[-1] < k:
        raise errors.invalid(f"input must have at least k columns. Had {x[-1]}, needed {k}")
    return (*x[:-1], k), (*x[:-1], k)


@op(
    "TopKV2",
    "input:T, k:Tk -> values:T, indices:index_type",
    shape=_top_k_shape,
    static=("k",),
    T=types.REALS,
)
def top_k_op(
    xp: Any, x: Array, k: int, *, sorted: bool = True, index_type: DType = dtypes.int32
) -> tuple[Array, Array]:
    if index_type is not dtypes.int32:
        check_index_type("index_type", index_type, dtypes.int16, dtypes.int32, dtypes.int64)
    if type(k) is not int or not x.ndim or not 0 <= k <= x.shape[-1]:
        _top_k_shape(x.shape, k)
    indices = _largest(x, k)
    values = x.take(indices) if x.ndim == 1 else np.take_along_axis(x, indices, -1)
    return values, indices.astype(index_type.numpy)


@top_k_op.on("xla")
def _(jax: Any, x: Array, k: int, *, sorted: bool = True, index_type: DType = dtypes.int32) -> tuple[Array, Array]:
    check_index_type("index_type", index_type, dtypes.int16, dtypes.int32, dtypes.int64)
    _top_k_shape(x.shape, k)
    if x.dtype.kind in "iu":
        values, indices = jax.lax.top_k(x, k)
    else:  # XLA puts 0.0 before -0.0
        indices = jax.lax.top_k(jax.numpy.where(x == 0, x.dtype.type(0), x), k)[1]
        values = jax.numpy.take_along_axis(x, indices, -1)
    return values, indices.astype(index_type.numpy)


def _largest(x: Array, k: int) -> Array:
    """Where the k largest of each row are, largest first, and the first of equal ones first."""
    columns = x.shape[-1]
    if k == 1 and x.dtype.kind in "iuf":
        return x.argmax(-1, keepdims=True)
    if columns >= _LONG and 0 < 4 * _DEEP * k < columns and x.dtype.char in _COMPARED:
        return _above_bounds(x, k)
    return _in_order(x, k)


def _above_bounds(x: Array, k: int) -> Array:
    """`_largest` of a few in long rows, which are shared out among the cores."""
    rows = x.reshape(-1, x.shape[-1])
    out = np.empty((len(rows), k), np.intp)

    def some(start: int, stop: int) -> None:
        for i in range(start, stop):
            out[i] = _above_bound(rows[i], k)

    host.parallel(some, len(rows), host.grain(len(rows), rows.shape[1], BLOCK))
    return out.reshape(*x.shape[:-1], k)


def _above_bound(row: Array, k: int) -> Array:
    """Orders just what is not below the k-th of many maxima: there are k such elements at least, seldom many more."""
    parts = len(row) // _DEEP
    maxima = row[: parts * _DEEP].reshape(_DEEP, parts).max(0)
    if np.isnan(maxima.max()) or np.isnan(row[parts * _DEEP :]).any():
        return _in_order(row, k)
    maxima.partition(parts - k)
    found = np.flatnonzero(row >= maxima[parts - k])
    return found[_in_order(row[found], k)]


def _in_order(x: Array, k: int) -> Array:
    """`_largest` of any row."""
    columns = x.shape[-1]
    if x.dtype.itemsize > 4 or columns < _SMALL:
        return np.argsort(-x if x.dtype.kind in "fV" else ~x, axis=-1, kind="stable")[..., :k]
    keys = _descending_keys(x).astype(np.uint64) << np.uint64(32) | np.arange(columns, dtype=np.uint64)
    if 0 < k < columns:
        keys.partition(k - 1, axis=-1)
    keys = keys[..., :k]
    keys.sort(axis=-1)
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _descending_keys(x: Array) -> Array:
    """Unsigned integers whose order is the reverse of that of `x`, numbers of up to 32 bits."""
    if x.dtype.kind == "u":
        return ~x.astype(np.uint32)
    if x.dtype.kind == "i":
        return ~(x.astype(np.int32).view(np.uint32) ^ np.uint32(1 << 31))
    bits = (x.astype(np.float32) + np.float32(0)).view(np.int32)  # + 0 makes -0.0 equal to 0.0
    return (~(bits ^ (bits >> 31 | np.int32(-(1 << 31))))).view(np.uint32)


@top_k_op.gradient
def _(g: Any, outputs: Any, x_shape: Any, k: int, *, sorted: bool, index_type: DType) -> Any:
    if g[0] is None:
        return None, None
    known = type(x_shape) is tuple
    rows, columns = math.prod(x_shape[:-1]) if known else OPS["Prod"](x_shape[:-1], (0,), keep_dims=False), x_shape[-1]
    places = OPS["Reshape"](OPS["Cast"](outputs[1], DstT=dtypes.int64), (rows, k))
    starts = OPS["Cast"](OPS["Reshape"](OPS["Range"](0, rows, 1), (rows, 1)), DstT=dtypes.int64)
    places = OPS["AddV2"](places, OPS["Mul"](starts, columns if known else OPS["Cast"](columns, DstT=dtypes.int64)))
    flat = OPS["ScatterNd"](OPS["Reshape"](places, (-1, 1)), OPS["Reshape"](g[0], (-1,)), (rows * columns,))
    return OPS["Reshape"](flat, x_shape), None


def top_k(
    input: TensorLike,
    k: TensorLike = 1,
    sorted: bool = True,
    index_type: DType | str = dtypes.int32,
    name: str | None = None,
) -> TopKV2:
    """The k largest elements along the last axis.

    Args:
      input: numbers `[..., n]`, n >= k.
      k: how many.
      sorted: whether the largest has to come first; here it always does.
      index_type: int16, int32 or int64.
      name: a name for the operation.

    Returns:
      A named tuple `(values, indices)`, both `[..., k]`. Of equal elements the first comes first.

    Raises:
      InvalidArgumentError: if there are fewer than k elements.

    >>> values, indices = tf.math.top_k([1, 5, 3, 5], 3)
    >>> print(values, indices)
    tf.Tensor([5 5 3], shape=(3,), dtype=int32) tf.Tensor([1 3 2], shape=(3,), dtype=int32)
    """
    return TopKV2(*top_k_op(input, k, sorted=sorted, index_type=as_dtype(index_type), name=name))


# --- sort


def sort(values: TensorLike, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """The elements along `axis` in order.

    Args:
      values: numbers, of rank 1 at least.
      axis: the axis.
      direction: `"ASCENDING"` or `"DESCENDING"`.
      name: a name for the operation.

    Raises:
      ValueError: for another direction.
      InvalidArgumentError: if there is no such axis.

    >>> print(tf.sort([3, 1, 2]))
    tf.Tensor([1 2 3], shape=(3,), dtype=int32)
    """
    return _sorted(values, axis, direction, 0)


def argsort(
    values: TensorLike, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Tensor:
    """The indices that put the elements along `axis` in order.

    Args:
      values: numbers, of rank 1 at least.
      axis: the axis.
      direction: `"ASCENDING"` or `"DESCENDING"`.
      stable: whether equal elements have to stay in order; here they always do.
      name: a name for the operation.

    Returns:
      An int32 Tensor of the shape of `values`.

    Raises:
      ValueError: for another direction.
      InvalidArgumentError: if there is no such axis.

    >>> print(tf.argsort([3, 1, 2], direction="DESCENDING"))
    tf.Tensor([0 2 1], shape=(3,), dtype=int32)
    """
    return _sorted(values, axis, direction, 1)


def _sorted(values: TensorLike, axis: Any, direction: str, output: int) -> Tensor:
    """Sorts by TopKV2; gives its values (output 0) or its indices (1)."""
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(
            f"Argument `direction` should be one of ASCENDING, DESCENDING. Received: direction={direction}"
        )
    axis = int(to_array(axis))
    x = convert(values)
    if direction == "DESCENDING":
        return _descending(x, axis, output)
    if not x.dtype.is_integer:
        result = _descending(OPS["Neg"](x), axis, output)
        return result if output else OPS["Neg"](result)
    result = _descending(_reversed(x), axis, output)
    return result if output else _reversed(result)


def _reversed(x: Tensor) -> Tensor:
    """Integers in reverse order; nothing overflows."""
    last = convert(x.dtype.max if x.dtype.is_unsigned else -1, x.dtype)
    return OPS["Sub"](last, x)  # type: ignore[no-any-return]


def _descending(x: Tensor, axis: int, output: int) -> Tensor:
    shape = shape_of(x)
    if type(shape) is not tuple:
        swap = () if axis == -1 else _exchange_with_last(x, axis)
        found = top_k_op(OPS["Transpose"](x, swap) if axis != -1 else x, shape[axis])[output]
        return OPS["Transpose"](found, swap) if axis != -1 else found  # type: ignore[no-any-return]
    rank = len(shape)
    if not -rank <= axis < rank:
        raise errors.invalid(
            f"slice index {axis + rank if axis < 0 else axis} of dimension 0 out of bounds. "
            "[Op:StridedSlice] name: strided_slice/"
        )
    axis %= rank
    if axis == rank - 1:
        return top_k_op(x, shape[axis])[output]  # type: ignore[no-any-return]
    swap = (*range(axis), rank - 1, *range(axis + 1, rank - 1), axis)
    return OPS["Transpose"](top_k_op(OPS["Transpose"](x, swap), shape[axis])[output], swap)  # type: ignore[no-any-return]


def _exchange_with_last(x: Tensor, axis: int) -> Any:
    """The permutation that exchanges an axis with the last, where the rank is not known."""
    rank = OPS["Rank"](x)
    last = OPS["Sub"](rank, 1)
    axis = OPS["FloorMod"](axis, rank)
    places = OPS["Reshape"](OPS["Pack"](axis, last, axis=0), (2, 1))
    return OPS["TensorScatterUpdate"](OPS["Range"](0, rank, 1), places, OPS["Pack"](last, axis, axis=0))


# --- in_top_k


def _in_top_k_shape(predictions: Shape, targets: Shape, k: Any) -> Shape:
    if predictions is not None and len(predictions) != 2:
        raise errors.invalid("predictions must be 2-dimensional")
    if targets is not None and len(targets) != 1:
        raise errors.invalid("targets must be 1-dimensional")
    if type(k) is tuple:
        raise errors.invalid(f"k must be 0-D, got shape [{len(k)}]")
    rows = predictions[0] if predictions else None
    count = targets[0] if targets else None
    if rows is not None and count is not None and rows != count:
        raise errors.invalid(f"First dimension of predictions {rows} must match length of targets {count}")
    return (count if rows is None else rows,)


@op(
    "InTopKV2",
    "predictions:float, targets:T, k:T -> precision:bool",
    shape=_in_top_k_shape,
    static=("k",),
    differentiable=False,
    T=types.INDICES,
)
def in_top_k_op(xp: Any, predictions: Array, targets: Array, k: int) -> Array:
    _in_top_k_shape(predictions.shape, targets.shape, k)
    columns = predictions.shape[1]
    valid = (targets >= 0) & (targets < columns)
    if not columns:
        return valid
    target = xp.take_along_axis(predictions, xp.where(valid, targets, 0)[:, None], 1)
    larger = predictions > target
    # As far as TensorFlow's kernel reads a row (until k are larger), what is not finite makes the answer no.
    return valid & xp.isfinite(target[:, 0]) & (larger.sum(1) < k) & xp.isfinite(predictions).all(1)


def in_top_k(targets: TensorLike, predictions: TensorLike, k: TensorLike, name: str | None = None) -> Tensor:
    """Whether each target class is among the k largest predictions; all that tie with the k-th are.

    Args:
      targets: int32 or int64 `[batch]`.
      predictions: float32 `[batch, classes]`.
      k: how many.
      name: a name for the operation.

    Returns:
      A bool Tensor `[batch]`; False for a target out of range or predictions that are not finite.

    Raises:
      InvalidArgumentError: if shapes do not fit.

    >>> print(tf.math.in_top_k([1, 0], [[0.1, 0.8, 0.1], [0.2, 0.3, 0.5]], 1))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """
    if not isinstance(k, Tensor):
        k = convert(k, dtypes.int32)
    return in_top_k_op(convert(predictions, dtypes.float32), targets, k, name=name)  # type: ignore[no-any-return]


# --- searching a sorted sequence


def _bound_shape(sorted_inputs: Shape, values: Shape, *, out_type: DType = dtypes.int32) -> Shape:
    for what, shape in (("sorted_inputs", sorted_inputs), ("values", values)):
        if shape is not None and len(shape) != 2:
            raise errors.invalid(f"Shape must be rank 2 but is rank {len(shape)} for `{what}` argument")
    rows = sorted_inputs[0] if sorted_inputs else None
    count = values[0] if values else None
    if rows is not None and count is not None and rows != count:
        raise errors.invalid("Leading dim_size of both tensors must match.")
    return (None, None) if values is None else values


def _bound(xp: Any, sorted_inputs: Array, values: Array, side: str, out_type: DType) -> Array:
    check_index_type("out_type", out_type, *types.INDICES)
    _bound_shape(sorted_inputs.shape, values.shape)
    out = np.empty(values.shape, out_type.numpy)
    for i, row in enumerate(sorted_inputs):
        out[i] = xp.searchsorted(row, values[i], side=side)
    return out


def _xla_bound(jax: Any, sorted_inputs: Array, values: Array, side: str, out_type: DType) -> Array:
    check_index_type("out_type", out_type, *types.INDICES)
    _bound_shape(sorted_inputs.shape, values.shape)
    search = functools.partial(jax.numpy.searchsorted, side=side)
    return jax.vmap(search)(sorted_inputs, values).astype(out_type.numpy)


_BOUND = {"shape": _bound_shape, "differentiable": False, "T": (*types.REALS, dtypes.bool)}


@op("LowerBound", "sorted_inputs:T, values:T -> output:out_type", **_BOUND)  # type: ignore[arg-type]
def lower_bound(xp: Any, sorted_inputs: Array, values: Array, *, out_type: DType = dtypes.int32) -> Array:
    return _bound(xp, sorted_inputs, values, "left", out_type)


@lower_bound.on("xla")
def _(jax: Any, sorted_inputs: Array, values: Array, *, out_type: DType = dtypes.int32) -> Array:
    return _xla_bound(jax, sorted_inputs, values, "left", out_type)


@op("UpperBound", "sorted_inputs:T, values:T -> output:out_type", **_BOUND)  # type: ignore[arg-type]
def upper_bound(xp: Any, sorted_inputs: Array, values: Array, *, out_type: DType = dtypes.int32) -> Array:
    return _bound(xp, sorted_inputs, values, "right", out_type)


@upper_bound.on("xla")
def _(jax: Any, sorted_inputs: Array, values: Array, *, out_type: DType = dtypes.int32) -> Array:
    return _xla_bound(jax, sorted_inputs, values, "right", out_type)


def searchsorted(
    sorted_sequence: TensorLike,
    values: TensorLike,
    side: str = "left",
    out_type: DType | str = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """Where `values` would have to be inserted to keep a sequence sorted.

    Args:
      sorted_sequence: `[..., n]`, sorted along the last axis.
      values: `[..., m]`, of the same dtype and with the same leading dimensions.
      side: `"left"` of what is equal, or `"right"`.
      out_type: int32 or int64.
      name: a name for the operation.

    Returns:
      A Tensor of the shape of `values`, from 0 to n.

    Raises:
      ValueError: for another `side`.
      InvalidArgumentError: if the leading dimensions differ.

    >>> print(tf.searchsorted([1, 3, 5], [3, 4]), tf.searchsorted([1, 3, 5], [3, 4], side="right"))
    tf.Tensor([1 2], shape=(2,), dtype=int32) tf.Tensor([2 2], shape=(2,), dtype=int32)
    """
    if side not in ("left", "right"):
        raise ValueError(f"Argument `side` must be either 'right' or 'left'. Received: `side` = {side!r}.")
    sequence, values = convert(sorted_sequence), convert(values)
    bound = lower_bound if side == "left" else upper_bound
    found = bound(_matrix(sequence), _matrix(values), out_type=as_dtype(out_type), name=name)
    return OPS["Reshape"](found, shape_of(values))  # type: ignore[no-any-return]


def _matrix(x: Tensor) -> Tensor:
    shape = shape_of(x)
    if x.shape.rank == 0:
        raise errors.invalid("slice index -1 of dimension 0 out of bounds. [Op:StridedSlice] name: strided_slice/")
    rows = math.prod(shape[:-1]) if type(shape) is tuple else -1
    return OPS["Reshape"](x, (rows, shape[-1]))  # type: ignore[no-any-return]


@op(
    "Bucketize",
    "input:T -> output:int32",
    shape=lambda x, *, boundaries: x,
    differentiable=False,
    T=(dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64),
)
def bucketize(xp: Any, x: Array, *, boundaries: Sequence[float]) -> Array:
    edges = np.array(boundaries, np.float32)
    if (edges[1:] < edges[:-1]).any():
        raise errors.invalid("Expected sorted boundaries")
    return xp.searchsorted(edges, x, side="right").astype(np.int32)
