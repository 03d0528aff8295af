"""Picking elements by index: gather, gather_nd, where, masks, embeddings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.extras import later
from ..base.shapes import Shape, show
from ..core import types
from ..core.convert import convert
from ..core.indexed_slices import IndexedSlices
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host, shape_of
from .sizes import count_of, joined

_FEW = 256  # indices that Python sooner checks than NumPy

_GATHER_INDICES = (dtypes.int16, dtypes.int32, dtypes.int64)


# --- gather along an axis


def _gather_axes(params: Shape, indices: Shape, axis: int, batch_dims: int) -> tuple[int, int]:
    """The axis and the number of batch dimensions, counted from the front; checks that the shapes fit."""
    if params is None or indices is None:
        return axis, batch_dims
    rank = len(params)
    if not rank:
        raise errors.invalid("params must be at least 1 dimensional")
    if not -rank <= axis < rank:
        raise errors.invalid(f"Shape must be at least rank {axis + 1 if axis >= 0 else -axis} but is rank {rank}")
    axis %= rank
    if not -len(indices) <= batch_dims <= len(indices):
        raise errors.invalid(
            f"Expected batch_dims in the range [{-len(indices)}, {len(indices)}], but got {batch_dims}"
        )
    if batch_dims < 0:
        batch_dims += len(indices)
    if batch_dims >= rank:
        raise errors.invalid(f"batch_dims ({batch_dims}) must be less than rank(params) ({rank}).")
    if batch_dims > axis:
        raise errors.invalid(f"batch_dims ({batch_dims}) must be less than or equal to axis ({axis}).")
    for i, (a, b) in enumerate(zip(params[:batch_dims], indices[:batch_dims], strict=True)):
        if a != b and a is not None and b is not None:
            raise errors.invalid(f"params.shape[{i}]: {a} should be equal to indices.shape[{i}]: {b}")
    return axis, batch_dims


def _gather_shape(params: Shape, indices: Shape, axis: int | None, *, batch_dims: int = 0) -> Shape:
    if axis is None or params is None or indices is None:
        return None
    axis, batch_dims = _gather_axes(params, indices, axis, batch_dims)
    return params[:axis] + indices[batch_dims:] + params[axis + 1 :]


def _refuse_index(indices: Array, limit: int) -> None:
    """Raises TensorFlow's error for the first index that is not in [0, limit)."""
    where = np.argwhere((indices < 0) | (indices >= limit))
    if len(where):
        first = tuple(where[0].tolist())
        label = f"[{','.join(map(str, first))}]" if first else ""
        raise errors.invalid(f"indices{label} = {indices[first]} is not in [0, {limit})")


def _take(params: Array, indices: Array, axis: int) -> Array:
    """`numpy.take` that refuses negative indices; a single index makes a view. Of empty slices any index will do."""
    if not params.size:
        shape = params.shape[:axis] + indices.shape + params.shape[axis + 1 :]
        if 0 in shape:
            return np.empty(shape, params.dtype)
    if not indices.ndim:
        index = int(indices)
        if not 0 <= index < params.shape[axis]:
            _refuse_index(indices, params.shape[axis])
        return params[(slice(None),) * axis + (index, ...)]
    if indices.size and indices.min() < 0:
        _refuse_index(indices, params.shape[axis])
    try:
        return params.take(indices, axis)
    except IndexError:
        _refuse_index(indices, params.shape[axis])
        raise


@op(
    "GatherV2",
    "params:Tparams, indices:Tindices, axis:Taxis -> output:Tparams",
    shape=_gather_shape,
    static=("axis",),
    Tindices=_GATHER_INDICES,
)
def gather_v2(xp: Any, params: Array, indices: Array, axis: int, *, batch_dims: int = 0) -> Array:
    if not batch_dims and 0 <= axis < params.ndim:
        return _take(params, indices, axis)
    axis, batch_dims = _gather_axes(params.shape, indices.shape, axis, batch_dims)
    if not batch_dims:
        return _take(params, indices, axis)
    size = params.shape[axis]
    if indices.size and (indices.min() < 0 or indices.max() >= size):
        _refuse_index(indices, size)
    batch, outer = math.prod(params.shape[:batch_dims]), math.prod(params.shape[batch_dims:axis])
    inner = params.shape[axis + 1 :]
    starts = xp.arange(batch * outer).reshape(batch, outer, 1) * size
    rows = indices.reshape(batch, 1, math.prod(indices.shape[batch_dims:])) + starts
    picked = params.reshape(batch * outer * size, *inner).take(rows.ravel(), 0)
    return picked.reshape(params.shape[:axis] + indices.shape[batch_dims:] + inner)


@gather_v2.on("xla")
def _(jax: Any, params: Array, indices: Array, axis: int, *, batch_dims: int = 0) -> Array:
    axis, batch_dims = _gather_axes(params.shape, indices.shape, axis, batch_dims)
    if not params.size:
        return jax.numpy.zeros(_gather_shape(params.shape, indices.shape, axis, batch_dims=batch_dims), params.dtype)

    def take(params: Array, indices: Array) -> Array:
        return jax.numpy.take(params, indices, axis - batch_dims, mode="clip")

    for _ in range(batch_dims):
        take = jax.vmap(take)
    return take(params, indices)


@gather_v2.gradient
def _(g: Any, _output: Any, params_shape: Any, indices: Any, axis: int, *, batch_dims: int) -> Any:
    if type(axis) is int and axis == 0:
        rows = count_of(indices)
        values = OPS["Reshape"](g, joined((rows,), params_shape[1:]))
        whole = convert(params_shape, dtypes.int32)
        return IndexedSlices(values, OPS["Reshape"](indices, (rows,)), whole), None, None
    return _gather_gradient(g, params_shape, indices, axis, batch_dims), None, None


def _gather_gradient(g: Any, shape: Any, indices: Any, axis: int, batch_dims: int) -> Any:
    """The dense gradient: the dimensions of the indices go to the front, and equal indices of a batch are summed."""
    index_shape = shape_of(indices)
    if not (type(axis) is int and type(shape) is tuple and type(index_shape) is tuple) and not batch_dims:
        return _gather_gradient_of_any_rank(g, convert(shape, dtypes.int32), indices, axis)
    rank, index_rank = len(shape), len(index_shape)
    axis, batch = axis % rank, batch_dims % index_rank if batch_dims < 0 else batch_dims
    width = index_rank - batch
    middle = range(axis, axis + width)
    outer, inner = range(batch, axis), range(axis + width, rank - 1 + width)
    g = OPS["Transpose"](g, (*range(batch), *middle, *outer, *inner))
    count = math.prod(shape[:batch])
    if batch:
        starts = OPS["Mul"](OPS["Range"](0, count, 1), shape[axis])
        starts = OPS["Reshape"](OPS["Cast"](starts, DstT=indices.dtype), (*shape[:batch], *[1] * width))
        indices = OPS["AddV2"](indices, starts)
    summed = OPS["UnsortedSegmentSum"](g, indices, count * shape[axis])
    summed = OPS["Reshape"](summed, (*shape[:batch], shape[axis], *shape[batch:axis], *shape[axis + 1 :]))
    return OPS["Transpose"](summed, (*range(batch), *range(batch + 1, axis + 1), batch, *range(axis + 1, rank)))


def _gather_gradient_of_any_rank(g: Any, shape: Any, indices: Any, axis: Any) -> Any:
    """The same in a graph that knows not all ranks: the dimensions before the axis are made one, and those after it."""
    before, after = (OPS["Prod"](part, (0,), keep_dims=False) for part in (shape[:axis], shape[axis:][1:]))
    rows = OPS["Transpose"](OPS["Reshape"](g, (before, count_of(indices), after)), (1, 0, 2))
    summed = OPS["UnsortedSegmentSum"](rows, OPS["Reshape"](indices, (-1,)), shape[axis])
    return OPS["Reshape"](OPS["Transpose"](summed, (1, 0, 2)), shape)


def gather(
    params: TensorLike,
    indices: TensorLike,
    validate_indices: bool | None = None,
    axis: int | None = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:
    """Slices of `params` along `axis` at the places `indices`.

    Args:
      params: a Tensor or Variable `[..., n, ...]`.
      indices: int16, int32 or int64, of any shape; each in [0, n).
      validate_indices: has no effect (indices are always checked).
      axis: the axis, by default `batch_dims`.
      batch_dims: how many leading dimensions `params` and `indices` share.
      name: a name for the operation.

    Returns:
      A Tensor of shape `params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]`.

    Raises:
      InvalidArgumentError: if an index is out of range (also a negative one) or shapes do not fit.

    >>> print(tf.gather([10, 20, 30], [2, 0, 0]))
    tf.Tensor([30 10 10], shape=(3,), dtype=int32)
    """
    if axis is None:
        axis = batch_dims
    if type(axis) is int and axis == 0:
        batch_dims = 0
    return gather_v2(params, indices, axis, batch_dims=batch_dims, name=name)  # type: ignore[no-any-return]


# --- gather_nd


def _gather_nd_shape(params: Shape, indices: Shape, *, bad_indices_policy: str = "") -> Shape:
    if params is not None and not params:
        raise errors.invalid("params must be at least a vector")
    if indices is not None and not indices:
        raise errors.invalid("indices must be at least a vector")
    if params is None or indices is None or indices[-1] is None:
        return None
    if indices[-1] > len(params):
        raise errors.invalid(
            f"index innermost dimension length must be <= params rank; saw: {indices[-1]} vs. {len(params)}"
        )
    return indices[:-1] + params[indices[-1] :]


def flat_indices(indices: Array, shape: tuple[int, ...], whole: str) -> Array:
    """Multi-dimensional indices as positions `[n]` in the first dimensions of `shape`, made one.

    Args:
      indices: `[..., depth]`, depth > 0.
      shape: what is indexed.
      whole: how the error message names it.

    Raises:
      InvalidArgumentError: if an index does not lie within.
    """
    depth = indices.shape[-1]
    if depth == 1 and 0 < indices.size < _FEW:
        flat = indices.reshape(-1)
        places = flat.tolist()
        if min(places) >= 0 and max(places) < shape[0]:
            return flat
    matrix = indices.reshape(math.prod(indices.shape[:-1]), depth)
    try:
        return np.ravel_multi_index(tuple(matrix.T), shape[:depth])
    except ValueError:
        bad = ((matrix < 0) | (matrix >= np.array(shape[:depth], np.int64))).any(axis=1)
        first = int(bad.argmax())
        place = ",".join(map(str, np.unravel_index(first, indices.shape[:-1])))
        value = ", ".join(map(str, matrix[first].tolist()))
        label = f"[{place}]" if place else ""
        raise errors.invalid(f"indices{label} = [{value}] does not index into {whole}") from None


@op("GatherNd", "params:Tparams, indices:Tindices -> output:Tparams", shape=_gather_nd_shape, Tindices=_GATHER_INDICES)
def gather_nd_op(xp: Any, params: Array, indices: Array, *, bad_indices_policy: str = "") -> Array:
    shape = _gather_nd_shape(params.shape, indices.shape)
    depth = indices.shape[-1]
    if not params.size and math.prod(indices.shape[:-1]):
        raise errors.invalid(f"Requested more than 0 entries, but params is empty.  Params shape: {show(params.shape)}")
    if not depth or not indices.size:
        return xp.broadcast_to(params, shape) if not depth else xp.empty(shape, params.dtype)
    rows = flat_indices(indices, params.shape, f"param shape {show(params.shape)}, node name: GatherNd")
    flat = params.reshape(math.prod(params.shape[:depth]), *params.shape[depth:])
    return flat.take(rows, 0).reshape(shape)


@gather_nd_op.on("xla")
def _(jax: Any, params: Array, indices: Array, *, bad_indices_policy: str = "") -> Array:
    shape: Any = _gather_nd_shape(params.shape, indices.shape)
    if not params.size or not indices.shape[-1]:
        return jax.numpy.broadcast_to(params if params.size else params.dtype.type(0), shape)
    places = tuple(jax.numpy.moveaxis(indices, -1, 0))
    return jax.numpy.asarray(params).at[places].get(mode="clip", wrap_negative_indices=False)


@gather_nd_op.gradient
def _(g: Any, _output: Any, params_shape: Any, indices: Any, *, bad_indices_policy: str) -> Any:
    index_shape = shape_of(indices)
    if type(index_shape) is tuple and len(index_shape) == 2 and type(index_shape[1]) is int and index_shape[1] == 1:
        whole = convert(params_shape, indices.dtype) if type(params_shape) is tuple else params_shape
        return IndexedSlices(g, OPS["Reshape"](indices, (index_shape[0],)), whole), None
    return OPS["ScatterNd"](indices, g, params_shape), None


def gather_nd(
    params: TensorLike,
    indices: TensorLike,
    batch_dims: int = 0,
    name: str | None = None,
    bad_indices_policy: str = "",
) -> Tensor:
    """Slices of `params` at multi-dimensional places.

    Args:
      params: a Tensor.
      indices: int16, int32 or int64 `[..., depth]`: places in the first `depth` dimensions of `params`.
      batch_dims: how many leading dimensions `params` and `indices` share.
      name: a name for the operation.
      bad_indices_policy: `""`, `"DEFAULT"` or `"ERROR"`: an index out of range is an error.

    Returns:
      A Tensor of shape `indices.shape[:-1] + params.shape[batch_dims + depth:]`.

    Raises:
      InvalidArgumentError: if an index is out of range.
      ValueError: if `batch_dims` does not fit.

    >>> print(tf.gather_nd([[1, 2], [3, 4]], [[0, 0], [1, 1]]))
    tf.Tensor([1 4], shape=(2,), dtype=int32)
    """
    check_policy(bad_indices_policy)
    if batch_dims:
        params, indices = convert(params), convert(indices)
        indices = _with_batch(params, indices, int(batch_dims))
    return gather_nd_op(params, indices, bad_indices_policy=bad_indices_policy, name=name)  # type: ignore[no-any-return]


def check_policy(policy: str) -> None:
    """Refuses policies for bad indices other than to raise an error."""
    if policy not in ("", "DEFAULT", "ERROR"):
        raise errors.invalid(f"Unsupported bad_indices_policy on the CPU: {policy}")


def _with_batch(params: Tensor, indices: Tensor, batch: int) -> Tensor:
    """The indices with those of the batch dimensions put before them."""
    if batch < 0:
        raise ValueError("tf.gather_nd does not allow negative batch_dims.")
    for what, value in (("indices", indices), ("params", params)):
        rank = len(shape_of(value))
        if batch >= rank:
            raise ValueError(f"Argument `batch_dims` = {batch} must be less than rank(`{what}`) = {rank}")
    whole = shape_of(params)[:batch]
    places = (*whole, *shape_of(indices)[batch:-1])
    indices = OPS["Reshape"](indices, (*places, shape_of(indices)[-1]))
    columns = []
    for axis, size in enumerate(whole):
        column = OPS["Cast"](OPS["Range"](0, size, 1), DstT=indices.dtype)
        column = OPS["Reshape"](column, (*[1] * axis, size, *[1] * (len(places) - axis)))
        columns.append(OPS["BroadcastTo"](column, (*places, 1)))
    return OPS["ConcatV2"](*columns, indices, -1)  # type: ignore[no-any-return]


# --- where, masks


def _where_shape(condition: Shape) -> Shape:
    if condition is not None and not 1 <= len(condition) <= 8:
        raise errors.invalid(f"WhereOp : Unhandled input dimensions: {len(condition)}")
    return (None, None if condition is None else len(condition))


@op("Where", "input:T -> index:int64", shape=_where_shape, differentiable=False, T=(*types.NUMBERS, dtypes.bool))
def where_op(xp: Any, condition: Array) -> Array:
    _where_shape(condition.shape)
    return xp.argwhere(condition).astype(np.int64, copy=False)


only_host(where_op)


def boolean_mask(
    tensor: TensorLike, mask: TensorLike, axis: int | None = None, name: str | None = "boolean_mask"
) -> Tensor:
    """The slices of `tensor` where `mask` is true.

    Args:
      tensor: a Tensor of rank N.
      mask: a boolean Tensor of rank K, 0 < K <= N, whose shape is that of `tensor` from dimension `axis` on.
      axis: the first dimension that is masked, 0 by default; if negative, the last dimension cannot be masked.
      name: a name for the operation.

    Returns:
      A Tensor of rank N - K + 1: the masked dimensions become one, with as many slices as `mask` has true elements.

    Raises:
      ValueError: if the mask is a scalar or its shape does not fit.

    >>> print(tf.boolean_mask([1, 2, 3], [True, False, True]))
    tf.Tensor([1 3], shape=(2,), dtype=int32)
    """
    tensor, mask = convert(tensor), convert(mask)
    rank = mask.shape.rank
    if rank == 0:
        raise ValueError("mask cannot be scalar.")
    if rank is None:
        raise ValueError(
            "Number of mask dimensions must be specified, even if some dimensions are None.  E.g. shape=[None] is ok, "
            "but shape=None is not."
        )
    axis = 0 if axis is None else int(axis)
    end = axis + rank  # 0 for a mask of the last dimension by negative axis: refused, as in TensorFlow
    masked = tensor.shape[axis:end]
    if not masked.is_compatible_with(mask.shape):
        raise ValueError(f"Shapes {masked} and {mask.shape} are incompatible")
    have = shape_of(tensor)
    flat = OPS["Reshape"](tensor, joined(have[:axis], (math.prod(shape_of(mask)),), have[end:]))
    found = OPS["Squeeze"](where_op(OPS["Reshape"](mask, (-1,))), squeeze_dims=(1,))
    return gather_v2(flat, found, axis, name=name)  # type: ignore[no-any-return]


# --- embeddings


def embedding_lookup(
    params: TensorLike | list[Any], ids: TensorLike, max_norm: float | None = None, name: str | None = None
) -> Tensor:
    """The rows `ids` of an embedding.

    Args:
      params: the embedding `[n, ...]`; or a list of parts of it, equal in size but for
        one row that the first ones may have more.
      ids: int32 or int64, of any shape.
      max_norm: the length that a row is scaled down to if it is longer.
      name: a name for the operation.

    Returns:
      A Tensor of shape `ids.shape + params.shape[1:]`.

    Raises:
      ValueError: if there are no `params`.
      InvalidArgumentError: if an id is out of range.

    >>> table = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> print(tf.nn.embedding_lookup(table, [1, 1]))
    tf.Tensor(
    [[3. 4.]
     [3. 4.]], shape=(2, 2), dtype=float32)
    """
    if params is None:
        raise ValueError("params must be specified")
    parts = params if isinstance(params, list) else [params]
    if not parts:
        raise ValueError("Length of params is currently 0. Need at least one param.")
    ids = convert(ids)
    rows = gather_v2(parts[0], ids, 0, name=name) if len(parts) == 1 else _partitioned(parts, ids)
    if max_norm is None:
        return rows
    before, ranks = ids.shape.rank, rows.shape.rank
    if before is None or ranks is None:
        axes: Any = OPS["Range"](OPS["Rank"](ids), OPS["Rank"](rows), 1)
    else:
        axes = tuple(range(before, ranks))
    return later("ops.clipping", "clip_by_norm")(rows, max_norm, axes=axes)  # type: ignore[no-any-return]


def _partitioned(parts: list[Any], ids: Tensor) -> Tensor:
    """Rows of an embedding in parts: the first `extra` parts have one row more than the others."""
    tables = [convert(part) for part in parts]
    shape, count = shape_of(ids), count_of(ids)
    flat = OPS["Reshape"](ids, (count,))
    whole: Any = sum(shape_of(table)[0] for table in tables)
    if isinstance(whole, Tensor):
        whole = OPS["Cast"](whole, DstT=ids.dtype)
    each = whole // len(tables)
    extra = whole - each * len(tables)
    rest = OPS["Sub"](flat, extra)
    part = OPS["Maximum"](OPS["FloorDiv"](flat, each + 1), OPS["FloorDiv"](rest, each))
    row = OPS["SelectV2"](OPS["Less"](part, extra), OPS["FloorMod"](flat, each + 1), OPS["FloorMod"](rest, each))
    part = OPS["Cast"](part, DstT=dtypes.int32)
    rows = OPS["DynamicPartition"](row, part, num_partitions=len(tables))
    places = OPS["DynamicPartition"](OPS["Range"](0, count, 1), part, num_partitions=len(tables))
    found = [gather_v2(table, picked, 0) for table, picked in zip(tables, rows, strict=True)]
    rows = OPS["ParallelDynamicStitch"](*places, *found)
    return OPS["Reshape"](rows, joined(shape, shape_of(tables[0])[1:]))  # type: ignore[no-any-return]
