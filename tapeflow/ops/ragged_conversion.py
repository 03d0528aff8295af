"""Ragged tensors from Tensors, and as Tensors: padding, merging of dimensions, bounding shapes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..base.tensor_shape import TensorShape
from ..core import types
from ..core.convert import convert
from ..core.indexed_slices import IndexedSlices
from ..core.op import OPS, op
from ..core.symbol import Symbol
from ..core.tensor import Array
from . import ragged_partition as partitions
from .casting import cast
from .common import only_host
from .joining import concat
from .ragged_partition import RowPartition
from .ragged_rows import axis_of, split_first, take, with_rank
from .ragged_tensor import RaggedTensor, flat_of, is_eager, nested, partitions_of
from .ranges import range_
from .reduction import reduce_max
from .sizes import shape as shape_of

# --- RaggedTensorToTensor


def _padded_shape(shape: Any, *_rest: Any, **_attrs: Any) -> Shape:
    if type(shape) is not tuple:
        return None
    return tuple(n if isinstance(n, int) and n >= 0 else None for n in shape)


@op(
    "RaggedTensorToTensor",
    "shape:Tshape, values:T, default_value:T, row_partition_tensors:num_row_partition_tensors*Tindex -> result:T",
    shape=_padded_shape, static=("shape",), Tshape=types.INDICES, Tindex=types.INDICES,
)  # fmt: skip
def _ragged_to_tensor(
    xp: Any, shape: Any, values: Array, default_value: Array, *rows: Array, row_partition_types: Any
) -> Array:
    splits = _all_splits(rows, row_partition_types)
    inner = values.shape[1:]
    bounds = [len(splits[0]) - 1, *(int(np.diff(s).max(initial=0)) for s in splits), *inner]
    wanted = _wanted(shape, bounds)
    if default_value.ndim > 0 and default_value.ndim >= values.ndim:
        raise errors.invalid(
            f"default_value.shape={shapes.show(default_value.shape)} and rt_input.flat_values.shape="
            f"{shapes.show(values.shape)} are incompatible: default_value.rank = {default_value.ndim}  must be less "
            f"than rt_input.flat_values.rank = {values.ndim}"
        )
    outer = wanted[: len(splits) + 1]
    result = np.empty((math.prod(outer), *inner), values.dtype)
    result[...] = default_value[()]
    where = np.arange(bounds[0])
    fits = where < outer[0]
    for s, size in zip(splits, outer[1:]):
        ids = np.repeat(np.arange(len(s) - 1), np.diff(s))
        column = np.arange(len(ids)) - s[:-1][ids]
        where, fits = where[ids] * size + column, fits[ids] & (column < size)
    result[where[fits]] = values[: len(where)][fits]
    return result.reshape(*outer, *inner)


only_host(_ragged_to_tensor)


def _all_splits(rows: tuple[Array, ...], kinds: Any) -> list[Array]:
    names = [kind.decode() if isinstance(kind, bytes) else kind for kind in kinds]
    if names and names[0] == "FIRST_DIM_SIZE":
        splits, count = [], int(rows[0])
        for ids in rows[1:]:
            splits.append(np.searchsorted(ids, np.arange(count + 1)))
            count = len(ids)
        return splits
    return list(rows)


def _wanted(shape: Any, bounds: list[int]) -> tuple[int, ...]:
    if not isinstance(shape, tuple):  # a scalar: -1, nothing is known
        return tuple(bounds)
    if len(shape) != len(bounds):
        shown = "[" + ",".join("?" if n < 0 else str(n) for n in shape) + "]"
        raise errors.invalid(
            f"rt_input.shape and shape={shown} are incompatible: rt_input.rank = {len(bounds)} but shape.rank = "
            f"{len(shape)}"
        )
    return tuple(have if n < 0 else n for n, have in zip(shape, bounds))


@_ragged_to_tensor.gradient
def _(g: Any, output: Any, shape: Any, values: Any, default_value: Any, *rows: Any, row_partition_types: Any) -> Any:
    values_shape = shape_of(values, out_type=dtypes.int64)
    inner = values.shape.rank - 1
    whole = shape_of(output, out_type=dtypes.int64)
    outer = whole if not inner else whole[:-inner]
    # Where each value went: the same op on the values' numbers.
    numbers = _ragged_to_tensor(
        outer, range_(values_shape[0]), convert(-1, dtypes.int64), *rows, row_partition_types=row_partition_types
    )
    flat = OPS["Reshape"](g, concat([convert([-1], dtypes.int64), values_shape[1:]], 0))
    numbers = OPS["Reshape"](numbers, (-1,))
    kept = OPS["Reshape"](OPS["Where"](numbers >= 0), (-1,))
    ids = cast(OPS["GatherV2"](numbers, kept, 0), dtypes.int32)
    mine = IndexedSlices(OPS["GatherV2"](flat, kept, 0), ids, cast(values_shape, dtypes.int32))
    rest = OPS["GatherV2"](flat, OPS["Reshape"](OPS["Where"](numbers < 0), (-1,)), 0)
    axes = tuple(range(inner + 1 - default_value.shape.rank))
    return None, mine, OPS["Sum"](rest, axes, keep_dims=False), *[None] * len(rows)


def to_tensor(x: RaggedTensor, default_value: Any, shape: Any) -> Any:
    """`RaggedTensor.to_tensor`."""
    rows, flat = partitions_of(x), flat_of(x)
    if default_value is None:
        default_value = OPS["ZerosLike"](convert("" if flat.dtype is dtypes.string else 0, flat.dtype))
    default_value = convert(default_value, flat.dtype)
    if shape is not None and not hasattr(type(shape), "__tf_tensor__"):
        shape = tuple(-1 if n is None else n for n in (TensorShape(shape).as_list()))
    static = (-1,) * (len(rows) + flat.shape.rank) if shape is None else shape
    splits = [row.splits for row in rows]
    result = _ragged_to_tensor(
        static, flat, default_value, *splits, row_partition_types=("ROW_SPLITS",) * len(rows)
    )
    if isinstance(result, Symbol) and shape is None:
        result.set_shape(x.shape)
    return result


# --- the other way


def from_tensor(tensor: Any, lengths: Any, padding: Any, ragged_rank: int, dtype: DType) -> Any:
    """`RaggedTensor.from_tensor`."""
    if lengths is not None and padding is not None:
        raise ValueError("Specify argument `lengths` or `padding`, but not both.")
    if not isinstance(ragged_rank, int):
        raise TypeError(f"Argument `ragged_rank` must be an int. Received {ragged_rank}.")
    if ragged_rank <= 0:
        raise ValueError(f"Argument `ragged_rank` must be greater than 0. Received {ragged_rank}.")
    tensor = convert(tensor)
    rank = tensor.shape.rank
    if rank is not None and rank < 2:
        raise ValueError(
            "The rank of a RaggedTensor must be greater than 1, i.e., a list of scalars won't have ragged dimensions. "
            f"Received argument `tensor` with rank {rank}."
        )
    tensor.shape.with_rank_at_least(ragged_rank + 1)
    if padding is not None:
        lengths = _unpadded(tensor, padding, ragged_rank, dtype)
        if ragged_rank > 1:
            return _from_lengths(tensor, lengths, dtype)
        lengths = lengths[0]
    if lengths is None:
        return with_rank(tensor, ragged_rank, dtype)
    if isinstance(lengths, (list, tuple)) and lengths and not isinstance(lengths[0], (int, float)):
        if ragged_rank not in (1, len(lengths)):
            raise ValueError(
                f"If Argument `lengths` is a tuple of row_lengths, argument `ragged_rank` must be len(lengths): "
                f"{len(lengths)}. Received ragged_rank: {ragged_rank}"
            )
        return _checked(_from_lengths(tensor, lengths, dtype), tensor)
    if ragged_rank > 1:
        row, values = split_first(tensor, dtype)
        return nested(from_tensor(values, lengths, None, ragged_rank - 1, dtype), [row])
    return _cut(tensor, partitions.indices(lengths, "lengths", 1, dtype))


def _cut(tensor: Any, lengths: Any) -> Any:
    """The first values of each row."""
    row, values = split_first(tensor, lengths.dtype)
    zero = convert(0, lengths.dtype)
    lengths = OPS["Minimum"](OPS["Maximum"](lengths, zero), row.uniform)
    offsets = OPS["BroadcastTo"](range_(row.uniform), shape_of(tensor)[:2])
    kept = OPS["Where"](offsets < OPS["ExpandDims"](lengths, 1))
    chosen = kept[:, 0] * cast(row.uniform, dtypes.int64) + kept[:, 1]
    return nested(take(values, chosen), [RowPartition(partitions.from_lengths(lengths))])


def _checked(x: Any, tensor: Any) -> Any:
    """`x`, of whose rows, of all dimensions, the longest must be as long as the tensor's."""
    if is_eager(x):
        tensor.shape.assert_is_compatible_with(TensorShape(bounding_shape(x, None).numpy().tolist()))
    return x


def _from_lengths(tensor: Any, lengths: Any, dtype: DType) -> Any:
    """Several dimensions cut, the outermost first: each next one has lengths for what is left of the one before."""
    first = partitions.indices(lengths[0], "lengths", 1, dtype)
    cut = _cut(tensor, first)
    if len(lengths) == 1:
        return cut
    rows, values = partitions_of(cut), flat_of(cut)
    values.shape[:1].assert_is_compatible_with(convert(lengths[1]).shape)
    return nested(_from_lengths(values, lengths[1:], dtype), rows)


def _unpadded(tensor: Any, padding: Any, ragged_rank: int, dtype: DType) -> list[Any]:
    """The lengths of rows without the padding at their ends, for each dimension that becomes ragged."""
    padding = convert(padding, tensor.dtype)
    tensor.shape[ragged_rank + 1 :].assert_is_compatible_with(padding.shape)
    real = OPS["NotEqual"](tensor, padding)
    inner = tuple(range(ragged_rank + 1, tensor.shape.rank))
    real = OPS["Any"](real, inner, keep_dims=False) if inner else real
    found: list[Any] = []
    for axis in range(ragged_rank, 0, -1):
        size = shape_of(real, out_type=dtype)[axis]
        numbers = OPS["Mul"](cast(real, dtype), range_(size) + 1)
        lengths = OPS["Max"](OPS["ConcatV2"](numbers, OPS["ZerosLike"](numbers[..., :1]), -1), axis, keep_dims=False)
        found.insert(0, lengths)
        real = OPS["Greater"](lengths, convert(0, dtype))
    for i in range(1, len(found)):
        found[i] = flat_of(_from_lengths(found[i], found[:i], dtype))
    return found


# --- shapes


def bounding_shape(x: RaggedTensor, axis: Any) -> Any:
    """`RaggedTensor.bounding_shape`."""
    rows, flat = partitions_of(x), flat_of(x)
    dtype = rows[0].dtype
    inner = shape_of(flat, out_type=dtype)[1:]
    zero = convert([0], dtype)
    if isinstance(axis, int):
        axis = axis_of(axis, x.shape.rank)
        if axis == 0:
            return rows[0].nrows
        if axis == 1:
            return reduce_max(concat([zero, rows[0].lengths], 0))
    sizes = [rows[0].nrows, *(reduce_max(concat([zero, row.lengths], 0)) for row in rows)]
    shape = concat([OPS["Pack"](*sizes, axis=0), inner], 0)
    return shape if axis is None else OPS["GatherV2"](shape, axis, 0)


def merge_dims(x: Any, outer: int, inner: int) -> Any:
    """`RaggedTensor.merge_dims`."""
    rank = x.shape.rank
    outer, inner = axis_of(outer, rank, "outer_axis"), axis_of(inner, rank, "inner_axis")
    if outer > inner:
        raise ValueError(f"Expected outer_axis ({outer}) to be less than or equal to inner_axis ({inner}).")
    return merged(x, outer, inner)


def merged(x: Any, outer: int, inner: int) -> Any:
    """As `merge_dims`, also of a Tensor."""
    if outer == inner:
        return x
    if not isinstance(x, RaggedTensor):
        shape = shape_of(x)
        return OPS["Reshape"](x, concat([shape[:outer], convert([-1]), shape[inner + 1 :]], 0))
    row, values = x._partition, x._values
    if outer == 0:
        return merged(values, 0, inner - 1)
    if outer > 1:
        return nested(merged(values, outer - 1, inner - 1), [row])
    splits = row.splits
    for _ in range(inner - 1):
        if isinstance(values, RaggedTensor):
            below, values = values._partition, values._values
        else:
            below, values = split_first(values, row.dtype)
        splits = OPS["GatherV2"](below.splits, splits, 0)
    return nested(values, [RowPartition(splits)])


# --- SparseTensor


def from_sparse(sparse: Any, dtype: DType) -> Any:
    """`RaggedTensor.from_sparse`."""
    from .debugging import Assert

    if type(sparse).__name__ not in ("SparseTensor", "SparseTensorValue"):
        raise TypeError(f"Argument `st_input` must be of type SparseTensor, but is of type {type(sparse).__name__}.")
    if sparse.dense_shape.shape[0] is not None and sparse.dense_shape.shape[0] != 2:
        raise ValueError("rank(st_input) must be 2.")
    ids = cast(sparse.indices, dtype)
    rowids, columns = ids[:, 0], ids[:, 1]
    rows = partitions.of_rowids(rowids, cast(sparse.dense_shape[0], dtype), False)
    wanted = rows.offsets()
    Assert(OPS["All"](OPS["Equal"](columns, wanted), (0,), keep_dims=False), ["SparseTensor is not right-ragged"])
    return nested(sparse.values, [rows])


def to_sparse(x: RaggedTensor) -> Any:
    """`RaggedTensor.to_sparse`."""
    from importlib import import_module

    make = import_module("..sparse", __package__).SparseTensor
    shape = cast(bounding_shape(x, None), dtypes.int64)
    return make(indices=coordinates(x), values=OPS["Reshape"](flat_of(x), (-1,)), dense_shape=shape)


def coordinates(x: Any) -> Any:
    """Where each of the innermost values is, int64 `[count, rank]`."""
    flat = flat_of(x)
    every = OPS["Where"](OPS["Fill"](shape_of(flat), convert(True)))
    return located(x, every)


def located(x: Any, places: Any) -> Any:
    """Places in the flat values, `[count, rank of the flat values]`, as places in the ragged tensor."""
    columns = [places[:, 1:]]
    number = places[:, 0]
    for row in reversed(partitions_of(x)):
        ids = OPS["GatherV2"](row.rowids, number, 0)
        offset = number - cast(OPS["GatherV2"](row.starts, ids, 0), dtypes.int64)
        columns.insert(0, OPS["ExpandDims"](offset, 1))
        number = cast(ids, dtypes.int64)
    return concat([OPS["ExpandDims"](number, 1), *columns], 1)
