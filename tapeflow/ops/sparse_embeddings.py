"""Embeddings of sets of ids: the rows of a table, combined for each example."""

from __future__ import annotations

from typing import Any

from ..base import dtypes
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor
from .common import shape_of as sizes_of
from .gathering import embedding_lookup
from .joining import concat
from .ragged_tensor import RaggedTensor
from .segment import segment_sum
from .sizes import shape as shape_of
from .sparse_layout import fill_empty_rows, reshape, retain
from .sparse_segments import segment_mean as sparse_mean
from .sparse_segments import segment_sqrt_n as sparse_sqrt_n
from .sparse_segments import segment_sum as sparse_sum
from .sparse_tensor import SparseTensor

_COMBINED = {"mean": sparse_mean, "sqrtn": sparse_sqrt_n, "sum": sparse_sum}


def embedding_lookup_sparse(
    params: Any, sp_ids: Any, sp_weights: Any, combiner: str | None = None, max_norm: float | None = None,
    name: str | None = None, allow_fast_lookup: bool = False,
) -> Tensor:  # fmt: skip
    """The rows of an embedding for the ids of each example, combined.

    Args:
      params: the embedding, or a list of its parts, as for `tf.nn.embedding_lookup`.
      sp_ids: a SparseTensor `[n, m]` or RaggedTensor of ids; no example may be without.
      sp_weights: a weight for each id, or None.
      combiner: `"mean"` (by default), `"sum"`, or `"sqrtn"`: the sum by the root of the sum of squared weights.
      max_norm: the length that a row is scaled down to if it is longer.
      name: a name for the operation.
      allow_fast_lookup: a hint.

    Returns:
      A row for each example.

    Raises:
      ValueError: for another combiner.
      TypeError: if ids or weights are dense.

    >>> table = tf.constant([[1.0], [2.0], [4.0]])
    >>> ids = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], tf.constant([0, 2, 1], tf.int64), [2, 2])
    >>> tf.nn.embedding_lookup_sparse(table, ids, None, combiner="sum").numpy().tolist()
    [[5.0], [2.0]]
    """
    combiner = "mean" if combiner is None else combiner
    if combiner not in _COMBINED:
        raise ValueError(f"combiner must be one of 'mean', 'sqrtn' or 'sum', got {combiner}")
    if not isinstance(sp_ids, (SparseTensor, RaggedTensor)):
        raise TypeError(f"sp_ids must be SparseTensor, got {type(sp_ids)}")
    if sp_weights is not None and not isinstance(sp_weights, (SparseTensor, RaggedTensor)):
        raise TypeError(f"sp_weights must be either None or SparseTensor,got {type(sp_weights)}")
    table = params if isinstance(params, list) else [params]
    rows, ids = _rows(sp_ids)
    distinct, where = OPS["Unique"](ids, out_idx=dtypes.int32)
    found = embedding_lookup(table, distinct, max_norm=max_norm)
    if sp_weights is None:
        return _COMBINED[combiner](found, where, rows, name=name)
    weighted: Tensor = _weighted(OPS["GatherV2"](found, where, 0), _rows(sp_weights)[1], rows, combiner)
    return weighted


def _rows(x: Any) -> tuple[Any, Any]:
    """The row of each element, and the elements."""
    if isinstance(x, RaggedTensor):
        return OPS["Cast"](x.value_rowids(), DstT=dtypes.int32), x.flat_values
    return OPS["Cast"](x._indices[:, 0], DstT=dtypes.int32), x._values


def _weighted(found: Any, weights: Any, rows: Any, combiner: str) -> Any:
    wanted = found.dtype
    if wanted in (dtypes.float16, dtypes.bfloat16):
        found = OPS["Cast"](found, DstT=dtypes.float32)
    weights = OPS["Cast"](weights, DstT=found.dtype)
    rank = found.shape.rank
    column = (-1, *(1,) * (rank - 1)) if rank is not None else concat(
        [convert([-1]), OPS["OnesLike"](shape_of(found)[1:])], 0
    )  # fmt: skip
    weights = OPS["Reshape"](weights, column)
    total = segment_sum(found * weights, rows)
    if combiner == "mean":
        total = OPS["DivNoNan"](total, segment_sum(weights, rows))
    elif combiner == "sqrtn":
        total = OPS["DivNoNan"](total, OPS["Sqrt"](segment_sum(weights * weights, rows)))
    return OPS["Cast"](total, DstT=wanted)


def safe_embedding_lookup_sparse(
    embedding_weights: Any, sparse_ids: SparseTensor, sparse_weights: SparseTensor | None = None,
    combiner: str = "mean", default_id: int | None = None, max_norm: float | None = None, name: str | None = None,
    allow_fast_lookup: bool = False,
) -> Tensor:  # fmt: skip
    """As `tf.nn.embedding_lookup_sparse`, with examples that have no ids, and ids that are none.

    Args:
      embedding_weights: the embedding, or a list of its parts.
      sparse_ids: a SparseTensor `[..., m]`; negative ids do not count.
      sparse_weights: a weight for each id; ids with weights of 0 or less do not count, unless sums are wanted.
      combiner: `"mean"`, `"sum"` or `"sqrtn"`.
      default_id: whose row examples without ids get; zeros by default.
      max_norm: the length that a row is scaled down to if it is longer.
      name: a name for the operation.
      allow_fast_lookup: a hint.

    Returns:
      A row for each example, `[..., embedding]`.

    >>> ids = tf.SparseTensor([[0, 0]], tf.constant([1], tf.int64), [2, 2])
    >>> tf.nn.safe_embedding_lookup_sparse(tf.constant([[1.0], [2.0]]), ids).numpy().tolist()
    [[2.0], [0.0]]
    """
    if embedding_weights is None:
        raise ValueError(f"Missing embedding_weights {embedding_weights}.")
    whole = sparse_ids._dense_shape
    count = OPS["Prod"](whole[:-1], (0,), keep_dims=True)
    ids = reshape(sparse_ids, concat([count, whole[-1:]], 0))
    weights = None
    if sparse_weights is not None:
        weights = SparseTensor(ids._indices, sparse_weights._values, ids._dense_shape)
    ids, weights = _kept(ids, weights, ids._values >= 0)
    if weights is not None and combiner != "sum":
        ids, weights = _kept(ids, weights, weights._values > 0)
    default = 0 if default_id is None else default_id
    filled, empty = fill_empty_rows(ids, convert(default, ids.dtype))
    if weights is not None:
        weights, _ = fill_empty_rows(weights, convert(1.0, weights.dtype))
    result = embedding_lookup_sparse(embedding_weights, filled, weights, combiner, max_norm)
    if default_id is None:
        rank = result.shape.rank or 2
        column = OPS["Reshape"](empty, (-1, *(1,) * (rank - 1)))
        result = OPS["SelectV2"](column, OPS["ZerosLike"](result), result)
    outer = OPS["Cast"](whole[:-1], DstT=dtypes.int32)
    final = OPS["Reshape"](result, concat([outer, shape_of(result)[1:]], 0), name=name)
    inner: Any = sizes_of(result)
    if type(inner) is tuple and sparse_ids.shape.rank is not None:
        final.set_shape([*sparse_ids.shape[:-1], *(n if isinstance(n, int) else None for n in inner[1:])])
    return final  # type: ignore[no-any-return]


def _kept(ids: SparseTensor, weights: SparseTensor | None, which: Any) -> tuple[SparseTensor, SparseTensor | None]:
    return retain(ids, which), None if weights is None else retain(weights, which)
