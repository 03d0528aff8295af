"""`tf.map_fn` where elements or results are ragged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base import errors, nest
from ..base.context import context
from ..base.dtypes import as_dtype, int32
from ..core.convert import convert
from ..core.spec import TensorSpec, TypeSpec
from ..ops import ragged_partition as partitions
from ..ops.ragged_partition import RowPartition
from ..ops.ragged_rows import count_rows
from ..ops.ragged_specs import RaggedTensorSpec
from ..ops.ragged_tensor import RaggedTensor, flat_of, nested, partitions_of
from ..ops.sizes import shape as shape_of
from .autograph import convert_callback
from .control import while_loop
from .tensor_array import TensorArray

Function = Callable[..., Any]


def map_fn(fn: Function, elems: Any, signature: Any) -> Any:
    """`tf.map_fn`; `signature` is None where results are as the elements are.

    The parts of each result (flat values, lengths of rows) go into TensorArrays, which are joined at the end.
    """
    flat = [x if isinstance(x, RaggedTensor) else convert(x) for x in nest.flatten(elems)]
    if signature is None:
        signature = elems
        like = [_element_spec(x) for x in flat]
    else:
        like = [x if isinstance(x, TypeSpec) else TensorSpec(None, as_dtype(x)) for x in nest.flatten(signature)]
    size = count_rows(flat[0], int32)
    fn = fn if context.graph is None else convert_callback(fn)
    parts = [part for spec in like for part in _parts(spec)]
    arrays = [TensorArray(dtype, size, infer_shape=False, element_shape=shape) for dtype, shape in parts]

    def body(i: Any, arrays: Any) -> Any:
        value = fn(nest.pack_sequence_as(elems, [x[i] for x in flat]))
        nest.assert_same_structure(signature, value)
        parts = [part for x, spec in zip(nest.flatten(value), like) for part in _taken_apart(x, spec, i)]
        return i + 1, [array.write(i, part) for array, part in zip(arrays, parts)]

    zero = convert(0, int32)
    _, arrays = while_loop(lambda i, _: i < size, body, (zero, arrays), maximum_iterations=size)
    left = iter(arrays)
    return nest.pack_sequence_as(signature, [_joined(spec, left, flat[0].shape[0]) for spec in like])


def _element_spec(x: Any) -> TypeSpec:
    if isinstance(x, RaggedTensor):
        return RaggedTensorSpec(x.shape[1:], x.dtype, x.ragged_rank - 1, x.row_splits.dtype)
    return TensorSpec(None, x.dtype)


def _parts(spec: Any) -> list[tuple[Any, Any]]:
    """Dtypes and shapes of the arrays that a result needs."""
    if isinstance(spec, TensorSpec):
        return [(spec.dtype, spec.shape)]
    inner = None if spec.shape.rank is None else [None, *spec.shape[spec.ragged_rank + 1 :]]
    return [(spec.dtype, inner), *[(spec.row_splits_dtype, [None])] * (spec.ragged_rank + 1)]


def _taken_apart(x: Any, spec: Any, i: Any) -> Sequence[Any]:
    """The flat values of a result and the lengths of its rows, the innermost first."""
    if isinstance(spec, TensorSpec):
        return [convert(x)]
    x = x if isinstance(x, RaggedTensor) else convert(x, spec.dtype)
    if x.shape.rank == 0:
        shown = x.numpy() if context.graph is None else "?"
        raise errors.invalid(
            f"Ragged values must have rank >= 1; encoded scalar element at index {int(i) if shown != '?' else 0} has "
            f"values Tensor: Tensor<type: {x.dtype.cpp_name} shape: [] values: {shown}>"
        )
    rows = partitions_of(x)
    if len(rows) != spec.ragged_rank:
        raise ValueError(
            f"Error in map_fn:\n  Expected `fn` to return a:\n    {spec}\n  But it returned a:\n    "
            f"{getattr(x, '_type_spec', None) or TensorSpec(x.shape, x.dtype)}\n    (value={x})\n  To fix, update the "
            "`fn_output_signature` (or `dtype`) argument to `map_fn`."
        )
    dtype = spec.row_splits_dtype
    count = shape_of(flat_of(x), out_type=dtype)[:1] if not rows else rows[0].with_dtype(dtype).nrows
    lengths = [row.with_dtype(dtype).lengths for row in reversed(rows)]
    return [flat_of(x), *lengths, count if not rows else _vector(count)]


def _vector(x: Any) -> Any:
    return convert([x])


def _joined(spec: Any, arrays: Any, size: int | None) -> Any:
    if isinstance(spec, TensorSpec):
        stacked = next(arrays).stack()
        if size is not None and context.graph is not None:
            stacked.set_shape([size, *spec.shape] if spec.shape.rank is not None else None)
        return stacked
    flat = next(arrays).concat()
    rows = [RowPartition(partitions.from_lengths(next(arrays).concat())) for _ in range(spec.ragged_rank + 1)]
    return nested(flat, rows[::-1])
