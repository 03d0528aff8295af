"""Sums and means of chosen rows of a tensor, by segments: `tf.sparse.segment_sum` and its like."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, Op, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host, shape_of

_WIDE = {np.dtype(np.float16): np.dtype(np.float32), dtypes.bfloat16.numpy: np.dtype(np.float32)}


def _shape(data: Shape, indices: Shape, ids: Shape, count: Any = None, **_attrs: Any) -> Shape:
    for name, each in (("indices", indices), ("segment_ids", ids)):
        if each is not None and len(each) != 1:
            raise errors.invalid(f"{name} should be a vector.")
    if indices is not None and ids is not None and None not in (indices[0], ids[0]) and indices[0] != ids[0]:
        raise errors.invalid("segment_ids and indices should have same size.")
    if data is None:
        return None
    if not data:
        raise errors.invalid("input must be at least rank 1")
    return (count if isinstance(count, int) else None, *data[1:])


def _check(data: Array, indices: Array, ids: Array, count: Any) -> int:
    """The number of segments."""
    _shape(data.shape, indices.shape, ids.shape)
    if count is not None and count < 0:
        raise errors.invalid("segment ids must be >= 0")
    found = int(ids[-1]) + 1 if len(ids) else 0
    if count is not None and found > count:
        raise errors.invalid("segment ids must be < num_segments")
    if (np.diff(ids) < 0).any():
        raise errors.invalid("segment ids are not increasing")
    total = found if count is None else count
    if len(ids) and ids[0] < 0:
        raise errors.invalid(
            f"Segment id {ids[0]} out of range [0, {total}), possibly because 'segment_ids' input is not sorted."
        )
    bad = (indices < 0) | (indices >= len(data))
    if bad.any():
        at = int(bad.argmax())
        raise errors.invalid(f"Bad: indices[{at}] == {indices[at]} out of range [0, {len(data)})")
    return total


def _sums(data: Array, indices: Array, ids: Array, count: int) -> Array:
    wide = _WIDE.get(data.dtype, data.dtype)
    out = np.zeros((count, *data.shape[1:]), wide)
    if len(ids):
        starts = np.flatnonzero(np.concatenate([[True], ids[1:] > ids[:-1]]))
        out[ids[starts]] = np.add.reduceat(data[indices], starts, 0, wide)
    return out


_ROOTS: dict[str, Any] = {"Sum": np.ones_like, "Mean": np.copy, "SqrtN": np.sqrt}


def _kernel(name: str) -> Any:
    def run(
        xp: Any, data: Array, indices: Array, ids: Array, count: Any = None, *, sparse_gradient: bool = False
    ) -> Array:
        total = _check(data, indices, ids, count)
        out = _sums(data, indices, ids, total)
        if name != "Sum":
            sizes = _ROOTS[name](np.maximum(np.bincount(ids, minlength=total), 1).astype(np.float64))
            out = out / sizes.reshape(-1, *(1,) * (data.ndim - 1)).astype(out.dtype)
        return out.astype(data.dtype, copy=False)

    return run


def _on_xla(name: str) -> Any:
    """What is out of range counts nowhere."""

    def run(jax: Any, data: Array, indices: Array, ids: Array, count: Any, *, sparse_gradient: bool = False) -> Array:
        _shape(data.shape, indices.shape, ids.shape)
        wide = _WIDE.get(data.dtype, data.dtype)
        out = jax.ops.segment_sum(data[indices].astype(wide), ids, count)
        if name != "Sum":
            sizes = jax.ops.segment_sum(jax.numpy.ones(ids.shape, wide), ids, count)
            sizes = jax.numpy.maximum(sizes, 1)
            sizes = jax.numpy.sqrt(sizes) if name == "SqrtN" else sizes
            out = out / sizes.reshape(-1, *(1,) * (data.ndim - 1))
        found: Array = out.astype(data.dtype)
        return found

    return run


def _made(name: str, counted: bool) -> Op:
    allowed = types.REALS if name == "Sum" else types.FLOATS
    inputs = "data:T, indices:Tidx, segment_ids:Tsegmentids" + (", num_segments:Tnumsegments" if counted else "")
    kinds: Any = {"Tnumsegments": types.INDICES} if counted else {}
    made = op(
        f"SparseSegment{name}{'WithNumSegments' if counted else ''}", f"{inputs} -> output:T", shape=_shape,
        static=("num_segments",) if counted else (), T=allowed, Tidx=types.INDICES, Tsegmentids=types.INDICES,
        **kinds,
    )(_kernel(name))  # fmt: skip
    if counted:
        made.on("xla")(_on_xla(name))
    else:
        only_host(made)

    def backward(g: Any, _y: Any, data_shape: Any, indices: Any, ids: Any, *_count: Any, sparse_gradient: bool) -> Any:
        rows = OPS["GatherV2"](g, ids, 0)
        if name != "Sum":
            ones = OPS["Cast"](OPS["OnesLike"](ids), DstT=g.dtype)
            sizes = OPS["UnsortedSegmentSum"](ones, ids, shape_of(g)[0])
            sizes = OPS["GatherV2"](sizes, ids, 0)
            sizes = OPS["Sqrt"](sizes) if name == "SqrtN" else sizes
            rank = rows.shape.rank
            column = (-1, *(1,) * (rank - 1)) if rank is not None else OPS["ConcatV2"](
                OPS["Shape"](ids, out_type=dtypes.int32), OPS["OnesLike"](OPS["Shape"](g, out_type=dtypes.int32)[1:]), 0
            )  # fmt: skip
            rows = rows / OPS["Reshape"](sizes, column)
        summed = OPS["UnsortedSegmentSum"](rows, indices, data_shape[0])
        return (summed, None, None, None) if counted else (summed, None, None)

    made.gradient(backward)
    return made


_OPS = {(name, counted): _made(name, counted) for name in _ROOTS for counted in (False, True)}


def _called(name: str, data: Any, indices: Any, ids: Any, count: Any, sparse: bool, of: str | None) -> Any:
    inputs = convert(data), convert(indices), convert(ids)
    if count is None:
        return _OPS[name, False](*inputs, sparse_gradient=sparse, name=of)
    return _OPS[name, True](*inputs, count, sparse_gradient=sparse, name=of)


def segment_sum(
    data: TensorLike, indices: TensorLike, segment_ids: TensorLike, num_segments: TensorLike | None = None,
    name: str | None = None, sparse_gradient: bool = False,
) -> Tensor:  # fmt: skip
    """The sum of chosen rows, for each segment.

    Args:
      data: numbers, rank 1 or more.
      indices: the rows chosen, int32 or int64 `[n]`.
      segment_ids: the segment of each chosen row, ascending, int32 or int64 `[n]`.
      num_segments: how many segments there are; by default no more than the last row needs.
      name: a name for the operation.
      sparse_gradient: a hint; gradients are dense.

    Returns:
      A row for each segment, 0 where there is nothing.

    Raises:
      InvalidArgumentError: if ids do not ascend or indices are out of range.

    >>> tf.sparse.segment_sum([[1, 2], [3, 4], [5, 6]], [0, 2, 2], [0, 0, 1]).numpy().tolist()
    [[6, 8], [5, 6]]
    """
    return _called("Sum", data, indices, segment_ids, num_segments, sparse_gradient, name)  # type: ignore[no-any-return]


def segment_mean(
    data: TensorLike, indices: TensorLike, segment_ids: TensorLike, num_segments: TensorLike | None = None,
    name: str | None = None, sparse_gradient: bool = False,
) -> Tensor:  # fmt: skip
    """The mean of chosen rows, for each segment; see `tf.sparse.segment_sum`.

    >>> tf.sparse.segment_mean([[1.0], [3.0], [5.0]], [0, 2, 2], [0, 0, 1]).numpy().tolist()
    [[3.0], [5.0]]
    """
    return _called("Mean", data, indices, segment_ids, num_segments, sparse_gradient, name)  # type: ignore[no-any-return]


def segment_sqrt_n(
    data: TensorLike, indices: TensorLike, segment_ids: TensorLike, num_segments: TensorLike | None = None,
    name: str | None = None, sparse_gradient: bool = False,
) -> Tensor:  # fmt: skip
    """The sum of chosen rows by the root of how many they are, for each segment; see `tf.sparse.segment_sum`.

    >>> tf.sparse.segment_sqrt_n([[1.0], [3.0], [5.0]], [0, 1, 1, 2], [0, 0, 0, 0]).numpy().tolist()
    [[6.0]]
    """
    return _called("SqrtN", data, indices, segment_ids, num_segments, sparse_gradient, name)  # type: ignore[no-any-return]
