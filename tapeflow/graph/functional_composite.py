"""`tf.map_fn` where elements or results are ragged or sparse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from ..base import errors, nest
from ..base.context import context
from ..base.dtypes import as_dtype, int32, int64
from ..base.tensor_shape import Dimension, TensorShape
from ..core.convert import convert
from ..core.op import OPS
from ..core.spec import TensorSpec, TypeSpec
from ..ops import ragged_partition as partitions
from ..ops.debugging import assert_less_equal
from ..ops.joining import concat
from ..ops.ragged_partition import RowPartition
from ..ops.ragged_rows import count_rows
from ..ops.ragged_specs import RaggedTensorSpec
from ..ops.ragged_tensor import RaggedTensor, flat_of, nested, partitions_of
from ..ops.ranges import range_
from ..ops.sizes import shape as shape_of
from ..ops.sorting import searchsorted
from ..ops.sparse_tensor import SparseTensor, SparseTensorSpec
from .autograph import convert_callback
from .control import while_loop
from .tensor_array import TensorArray

Function = Callable[..., Any]


def map_fn(fn: Function, elems: Any, signature: Any) -> Any:
    """`tf.map_fn`; `signature` is None where results are as the elements are.

    The parts of each result (flat values, lengths of rows) go into TensorArrays, which are joined at the end.
    """
    flat = [x if isinstance(x, RaggedTensor | SparseTensor) else convert(x) for x in nest.flatten(elems)]
    if signature is None:
        signature = elems
        like = [_element_spec(x) for x in flat]
    else:
        like = [x if isinstance(x, TypeSpec) else TensorSpec(None, as_dtype(x)) for x in nest.flatten(signature)]
    for x in flat[1:]:
        Dimension(flat[0].shape[0]).assert_is_compatible_with(Dimension(x.shape[0]))
    size = _count(flat[0])
    rows = [_SparseRows(x) if isinstance(x, SparseTensor) else x for x in flat]
    fn = fn if context.graph is None else convert_callback(fn)
    parts = [part for spec in like for part in _parts(spec)]
    arrays = [TensorArray(dtype, size, infer_shape=False, element_shape=shape) for dtype, shape in parts]

    def body(i: Any, arrays: Any) -> Any:
        value = fn(nest.pack_sequence_as(elems, [x[i] for x in rows]))
        nest.assert_same_structure(signature, value)
        parts = [part for x, spec in zip(nest.flatten(value), like) for part in _taken_apart(x, spec, i)]
        return i + 1, [array.write(i, part) for array, part in zip(arrays, parts)]

    zero = convert(0, int32)
    _, arrays = while_loop(lambda i, _: i < size, body, (zero, arrays), maximum_iterations=size)
    left = iter(arrays)
    return nest.pack_sequence_as(signature, [_joined(spec, left, flat[0].shape[0]) for spec in like])


def _count(x: Any) -> Any:
    """How many elements there are, an int32 scalar."""
    if isinstance(x, SparseTensor):
        known = x.shape[0] if x.shape.rank else None
        return OPS["Cast"](x.dense_shape[0], DstT=int32) if known is None else convert(known, int32)
    return count_rows(x, int32)


class _SparseRows:
    """The rows of a sparse tensor, each a sparse tensor; its elements must be in the order of rows."""

    def __init__(self, x: SparseTensor) -> None:
        if x.shape.rank == 1:
            raise errors.invalid("Rank of input SparseTensor should be > 1, but saw rank: 1")
        self.sparse = x
        numbers = x.indices[:, 0]
        _check_order(x.indices)
        self.ends = searchsorted(numbers, range_(x.dense_shape[0] + 1), side="left")

    def __getitem__(self, i: Any) -> SparseTensor:
        x, here = self.sparse, slice(self.ends[i], self.ends[i + 1])
        row = SparseTensor(x.indices[here, 1:], x.values[here], x.dense_shape[1:])
        row.set_shape(x.shape[1:])
        return row


def _check_order(indices: Any) -> None:
    if context.graph is not None:
        assert_less_equal(indices[:-1, 0], indices[1:, 0], "Many sparse ops require sorted indices.")
        return
    places = indices.numpy().tolist()
    for i, (last, place) in enumerate(pairwise(places), 1):
        if place <= last:
            what = "is repeated" if place == last else "is out of order"
            raise errors.invalid(
                f"indices[{i}] = [{','.join(map(str, place))}] {what}. Many sparse ops require sorted indices.\n"
                "    Use `tf.sparse.reorder` to create a correctly ordered copy.\n\n"
            )


def _element_spec(x: Any) -> TypeSpec:
    if isinstance(x, RaggedTensor):
        return RaggedTensorSpec(x.shape[1:], x.dtype, x.ragged_rank - 1, x.row_splits.dtype)
    if isinstance(x, SparseTensor):
        return SparseTensorSpec(None, x.dtype)
    return TensorSpec(None, x.dtype)


def _parts(spec: Any) -> list[tuple[Any, Any]]:
    """Dtypes and shapes of the arrays that a result needs."""
    if isinstance(spec, TensorSpec):
        return [(spec.dtype, spec.shape)]
    if isinstance(spec, SparseTensorSpec):
        rank = spec.shape.rank
        return [(int64, [None, rank]), (spec.dtype, [None]), (int64, [1]), (int64, [rank])]
    inner = None if spec.shape.rank is None else [None, *spec.shape[spec.ragged_rank + 1 :]]
    return [(spec.dtype, inner), *[(spec.row_splits_dtype, [None])] * (spec.ragged_rank + 1)]


def _taken_apart(x: Any, spec: Any, i: Any) -> Sequence[Any]:
    """The flat values of a result and the lengths of its rows, the innermost first; of a sparse one its parts."""
    if isinstance(spec, TensorSpec):
        if isinstance(x, SparseTensor):
            raise x._no_tensor()
        return [convert(x)]
    if isinstance(spec, SparseTensorSpec):
        if not spec.is_compatible_with(x):
            raise _unexpected(x, spec)
        return [x.indices, x.values, shape_of(x.values, out_type=int64), x.dense_shape]
    x = x if isinstance(x, RaggedTensor) else convert(x, spec.dtype)
    if x.shape.rank == 0:
        shown = x.numpy() if context.graph is None else "?"
        raise errors.invalid(
            f"Ragged values must have rank >= 1; encoded scalar element at index {int(i) if shown != '?' else 0} has "
            f"values Tensor: Tensor<type: {x.dtype.cpp_name} shape: [] values: {shown}>"
        )
    rows = partitions_of(x)
    if len(rows) != spec.ragged_rank:
        raise _unexpected(x, spec)
    dtype = spec.row_splits_dtype
    count = shape_of(flat_of(x), out_type=dtype)[:1] if not rows else rows[0].with_dtype(dtype).nrows
    lengths = [row.with_dtype(dtype).lengths for row in reversed(rows)]
    return [flat_of(x), *lengths, count if not rows else _vector(count)]


def _unexpected(x: Any, spec: TypeSpec) -> ValueError:
    return ValueError(
        f"Error in map_fn:\n  Expected `fn` to return a:\n    {spec}\n  But it returned a:\n    "
        f"{getattr(x, '_type_spec', None) or TensorSpec(x.shape, x.dtype)}\n    (value={x})\n  To fix, update the "
        "`fn_output_signature` (or `dtype`) argument to `map_fn`."
    )


def _vector(x: Any) -> Any:
    return convert([x])


def _joined(spec: Any, arrays: Any, size: int | None) -> Any:
    if isinstance(spec, TensorSpec):
        stacked = next(arrays).stack()
        if size is not None and context.graph is not None:
            stacked.set_shape([size, *spec.shape] if spec.shape.rank is not None else None)
        return stacked
    if isinstance(spec, SparseTensorSpec):
        return _stacked(spec, arrays, size)
    flat = next(arrays).concat()
    rows = [RowPartition(partitions.from_lengths(next(arrays).concat())) for _ in range(spec.ragged_rank + 1)]
    return nested(flat, rows[::-1])


def _stacked(spec: SparseTensorSpec, arrays: Iterator[Any], size: int | None) -> SparseTensor:
    """One sparse tensor of many; the largest shape holds."""
    places, values, counts = (next(arrays).concat() for _ in range(3))
    shapes = next(arrays).stack()
    rank = spec.shape.rank
    numbers = RowPartition(partitions.from_lengths(counts)).rowids
    largest = OPS["Maximum"](OPS["Max"](shapes, (0,), keep_dims=False), convert(0, int64))
    sizes = concat([shape_of(counts, out_type=int64), largest], 0)
    whole = SparseTensor(concat([OPS["ExpandDims"](numbers, 1), places], 1), values, sizes)
    if context.graph is not None and rank is not None:
        whole.set_shape(TensorShape([size]).concatenate([None] * rank))
    return whole
