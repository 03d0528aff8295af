"""`tf.ragged`: ragged tensors from lists, ranges of numbers, stacking, functions of flat values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors, nest
from ..base.dtypes import as_dtype
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor
from .common import only_host
from .debugging import assert_equal
from .layout import reshape
from .ragged_partition import RowPartition
from .ragged_tensor import RaggedTensor, flat_of, nested, partitions_of

# --- constant


def constant(
    pylist: Any,
    dtype: Any = None,
    ragged_rank: int | None = None,
    inner_shape: Any = None,
    name: str | None = None,
    row_splits_dtype: Any = dtypes.int64,
) -> Any:
    """`tf.ragged.constant`: a RaggedTensor of nested lists.

    Args:
      pylist: nested lists, tuples or arrays; all values at the same depth.
      dtype: the dtype of the values; found from them unless given.
      ragged_rank: how many dimensions are ragged; all but the first, less those of `inner_shape`, unless given.
      inner_shape: the shape of each of the innermost values.
      name: not used.
      row_splits_dtype: int32 or int64.

    Returns:
      A RaggedTensor; a Tensor if nothing is nested.

    Raises:
      ValueError: if values are at different depths, or do not fit `ragged_rank` or `inner_shape`.

    >>> tf.ragged.constant([[1, 2], [3], []])
    <tf.RaggedTensor [[1, 2], [3], []]>
    """
    wanted = None if dtype is None else as_dtype(dtype)
    splits_type = as_dtype(row_splits_dtype)
    if isinstance(pylist, Tensor):
        raise TypeError("pylist must be a list, tuple or array of values, not a Tensor.")
    if not _is_list(pylist):
        if ragged_rank is not None and ragged_rank:
            raise ValueError(f"Invalid pylist={pylist!r}: incompatible with ragged_rank={ragged_rank}")
        if inner_shape:
            raise ValueError(f"Invalid pylist={pylist!r}: incompatible with dim(inner_shape)={len(inner_shape)}")
        return convert(pylist, wanted)
    if ragged_rank is not None and ragged_rank < 0:
        raise ValueError(f"Invalid ragged_rank={ragged_rank}: must be nonnegative")
    if ragged_rank == 0 and inner_shape is None:
        return convert(pylist, wanted)
    scalar_depth, depth = _depths(pylist)
    if scalar_depth is not None and depth > scalar_depth:
        raise ValueError(f"Invalid pylist={pylist!r}: empty list nesting is greater than scalar value nesting")
    if inner_shape is not None and depth < 1 + len(inner_shape):
        raise ValueError(f"Invalid pylist={pylist!r}: incompatible with inner_shape={inner_shape}")
    rank, inner_shape = _dimensions(pylist, ragged_rank, inner_shape, scalar_depth, depth)
    lengths, values = [], pylist
    for _ in range(rank):
        lengths.append([len(row) for row in values])
        values = [value for row in values for value in row]
    flat = _flat(values, wanted, inner_shape)
    rows = [_rows(each, splits_type) for each in lengths]
    return nested(flat, rows)


def _rows(lengths: list[int], dtype: Any) -> RowPartition:
    return RowPartition(convert(np.cumsum([0, *lengths]).astype(dtype.numpy)))


def _flat(values: Any, dtype: Any, inner_shape: Any) -> Any:
    sizes = () if inner_shape is None else tuple(inner_shape)
    flat = convert(list(values), dtype)
    return reshape(flat, (-1, *sizes)) if sizes and not len(values) else flat


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _depths(value: Any) -> tuple[int | None, int]:
    """How deep scalars are, and how deep the deepest list is."""
    if not _is_list(value):
        return 0, 0
    scalar, depth = None, 1
    for item in value:
        inner, below = _depths(item)
        if inner is not None:
            if scalar is not None and scalar != inner + 1:
                raise ValueError("all scalar values must have the same nesting depth")
            scalar = inner + 1
        depth = max(depth, below + 1)
    return scalar, depth


def _dimensions(
    pylist: Any, ragged_rank: int | None, inner_shape: Any, scalar_depth: int | None, depth: int
) -> tuple[int, Any]:
    if ragged_rank is None:
        if inner_shape is None:
            return max(0, depth - 1), ()
        return max(0, depth - 1 - len(inner_shape)), inner_shape
    if scalar_depth is not None and ragged_rank >= scalar_depth:
        raise ValueError(
            f"pylist has scalar values depth {scalar_depth}, but ragged_rank={ragged_rank} requires scalar value depth "
            f"greater than {ragged_rank}"
        )
    if inner_shape is None:
        inner_shape = _inner_shape(pylist, ragged_rank)
    elif scalar_depth is not None and ragged_rank + len(inner_shape) + 1 != scalar_depth:
        raise ValueError(
            f"Invalid pylist={pylist!r}: incompatible with ragged_rank={ragged_rank} and "
            f"dim(inner_shape)={len(inner_shape)}"
        )
    return ragged_rank, inner_shape


def _inner_shape(pylist: Any, ragged_rank: int) -> tuple[int, ...]:
    """The shape of the innermost values, which must be the same for all."""
    values = pylist
    for _ in range(ragged_rank):
        values = [value for row in values for value in row]
    shape: tuple[int, ...] = ()
    first = values[0] if len(values) else None
    if first is None or not _is_list(first):
        return shape
    while first is not None and _is_list(first):
        shape = (*shape, len(first))
        first = first[0] if len(first) else None

    def fits(value: Any, sizes: tuple[int, ...]) -> bool:
        if not sizes:
            return not _is_list(value)
        return _is_list(value) and len(value) == sizes[0] and all(fits(each, sizes[1:]) for each in value)

    if not all(fits(value, shape) for value in values):
        raise ValueError("inner values have inconsistent shape")
    return shape


# --- range


@op(
    "RaggedRange", "starts:T, limits:T, deltas:T -> rt_nested_splits:Tsplits, rt_dense_values:T",
    shape=lambda starts, limits, deltas, **_: (_range_splits(starts, limits, deltas), (None,)), differentiable=False,
    T=(dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64),
)  # fmt: skip
def _ragged_range(
    xp: Any, starts: Array, limits: Array, deltas: Array, *, Tsplits: Any = dtypes.int64
) -> tuple[Array, Array]:
    sizes = {len(x) for x in (starts, limits, deltas) if x.ndim}
    if len(sizes) > 1:
        raise errors.invalid("starts, limits, and deltas must have the same shape")
    if np.any(deltas == 0):
        raise errors.invalid("Requires delta != 0")
    count = sizes.pop() if sizes else 1
    first, last, step = (np.broadcast_to(x, (count,)) for x in (starts, limits, deltas))
    exact = np.int64 if starts.dtype.kind == "i" else np.float64
    distance: Any = last.astype(exact) - first.astype(exact)
    pace: Any = step.astype(exact)
    lengths = -(-distance // pace) if exact is np.int64 else np.ceil(distance / pace)
    lengths = np.maximum(lengths, 0).astype(np.int64)
    splits = np.concatenate([[0], np.cumsum(lengths)]).astype(as_dtype(Tsplits).numpy)
    rowids = np.repeat(np.arange(count), lengths)
    numbers = (np.arange(len(rowids)) - splits[:-1][rowids]).astype(starts.dtype)
    return splits, first[rowids] + numbers * step[rowids]


only_host(_ragged_range)


def _range_splits(*shapes: Any) -> Any:
    sizes = [shape[0] for shape in shapes if shape]
    if any(shape is None for shape in shapes):
        return (None,)
    known = [size for size in sizes if size is not None]
    return (known[0] + 1,) if known else (None,) if sizes else (2,)


def row_ranges(
    starts: Any,
    limits: Any = None,
    deltas: Any = 1,
    dtype: Any = None,
    name: str | None = None,
    row_splits_dtype: Any = dtypes.int64,
) -> Any:
    """`tf.ragged.range`: rows of numbers at equal distances.

    Args:
      starts: where each row starts; with `limits` not given, the limits, and rows start at 0.
      limits: what each row stays below.
      deltas: the distances.
      dtype: the dtype of the numbers.
      name: a name for errors.
      row_splits_dtype: int32 or int64.

    Raises:
      InvalidArgumentError: if a distance is 0, or sizes differ.

    >>> tf.ragged.range([0, 5, 8], [3, 3, 12])
    <tf.RaggedTensor [[0, 1, 2], [], [8, 9, 10, 11]]>
    """
    if limits is None:
        starts, limits = 0, starts
    wanted = None if dtype is None else as_dtype(dtype)
    tensors = [convert(x, wanted) for x in (starts, limits, deltas)]
    if wanted is None:
        best = max((x.dtype for x in tensors), key=_ORDER.index)
        tensors = [x if x.dtype is best else OPS["Cast"](x, DstT=best) for x in tensors]
    splits, values = _ragged_range(*tensors, Tsplits=as_dtype(row_splits_dtype), name=name)
    return nested(values, [RowPartition(splits)])


_ORDER = [dtypes.int32, dtypes.int64, dtypes.bfloat16, dtypes.float32, dtypes.float64]


# --- stack, map_flat_values


def stack(values: Any, axis: int = 0, name: str | None = None) -> Any:
    """`tf.ragged.stack`: joins along a new axis; sizes may differ.

    Args:
      values: a list of Tensors and RaggedTensors of one rank and dtype.
      axis: where the new axis is in the result.
      name: not used.

    Raises:
      ValueError: if ranks differ or there can be no such axis.

    >>> tf.ragged.stack([[1, 2], [3]])
    <tf.RaggedTensor [[1, 2], [3]]>
    """
    from . import ragged_layout

    if not isinstance(values, (list, tuple)):
        values = [values]
    return ragged_layout.stack(list(values), axis)


def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """`tf.ragged.map_flat_values`: calls `op` with the flat values of all ragged arguments.

    Args:
      op: a function that returns a Tensor with as many rows as the flat values.
      *args: arguments; ragged ones, also in structures, have the same rows.
      **kwargs: more arguments.

    Returns:
      A RaggedTensor with the rows of the arguments; what `op` returns if none is ragged.

    Raises:
      ValueError: if the arguments' rows, or the result, do not fit.

    >>> tf.ragged.map_flat_values(tf.ones_like, tf.ragged.constant([[1, 2], [3]]))
    <tf.RaggedTensor [[1, 1], [1]]>
    """
    found = [x for x in nest.flatten([list(args), kwargs]) if isinstance(x, RaggedTensor)]
    if not found:
        return op(*args, **kwargs)
    _check_flat_sizes(found)
    rows = partitions_of(found[0])
    for x in found[1:]:
        for mine, theirs in zip(rows, partitions_of(x)):
            if mine.splits is not theirs.splits:
                assert_equal(mine.splits, theirs.splits)
    args, kwargs = nest.map_structure(flat_of, [list(args), kwargs])
    result = op(*args, **kwargs)
    size = flat_of(found[0]).shape[0]
    flat = result if isinstance(result, RaggedTensor) else convert(result)
    if not flat.shape[:1].is_compatible_with([size]):
        raise ValueError(
            "tf.ragged.map_flat_values requires that the output of `op` have the same outer-dimension size as "
            f"flat_values of any ragged inputs. (output shape: {flat.shape}; expected outer dimension size: {size})"
        )
    return nested(result, rows)


def _check_flat_sizes(found: list[Any]) -> None:
    sizes = {flat_of(x).shape[0] for x in found} - {None}
    if len(sizes) > 1:
        raise ValueError(
            f"Input RaggedTensors' flat_values must all have the same outer-dimension size.  Got sizes: {sizes}"
        )

