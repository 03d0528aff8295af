"""Elements stacked to batches: as they are, or padded to one shape."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..base.context import building
from ..base.dtypes import string
from ..base.errors import DataLossError, invalid
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.spec import TensorSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor, at_hand
from ..ops.ragged_specs import RaggedTensorSpec
from . import sparse_rows
from .elements import Flat, NoneTensorSpec, Structure, is_nested, leaves
from .rows import rows_of


def batched_spec(leaf: Any, size: int | None) -> Any:
    """The spec of a batch of what `leaf` is the spec of.

    Raises:
      TypeError: there are no batches of it.
    """
    if isinstance(leaf, NoneTensorSpec):
        return leaf
    if isinstance(leaf, TensorSpec):
        return TensorSpec(TensorShape([size]).concatenate(leaf.shape), leaf.dtype)
    shape, *rest = _parts(leaf, "Batching")
    return type(leaf)(TensorShape([size]).concatenate(shape), *_deeper(rest, 1))


def row_spec(leaf: Any) -> Any:
    """The spec of a row of what `leaf` is the spec of.

    Raises:
      TypeError: it has no rows.
    """
    if isinstance(leaf, NoneTensorSpec):
        return leaf
    if isinstance(leaf, TensorSpec):
        return TensorSpec(leaf.shape[1:], leaf.dtype)
    shape, *rest = _parts(leaf, "Unbatching")
    return type(leaf)(shape[1:], *_deeper(rest, -1))


def check_unbatchable(structure: Structure) -> None:
    """Raises ValueError if parts of an element are scalars, or are known to differ in their numbers of rows."""
    shapes = [leaf.shape for leaf in structure.leaves if isinstance(getattr(leaf, "shape", None), TensorShape)]
    if any(shape.rank == 0 for shape in shapes):
        raise ValueError("Cannot unbatch an input with scalar components.")
    first, *rest = dict.fromkeys(shape[0] for shape in shapes if shape.rank and shape[0] is not None) or [None]
    if rest:
        raise ValueError(
            "`unbatch()` is only supported for datasets of elements whose components have a matching leading "
            f"dimension. Encountered both {first} and {rest[0]}."
        )


def _parts(leaf: Any, what: str) -> tuple[Any, ...]:
    """What the spec of a ragged or a sparse tensor is made of: the shape comes first."""
    if not hasattr(leaf, "shape") or not isinstance(leaf.shape, TensorShape):
        raise TypeError(f"{what} of {leaf.value_type.__name__} elements is not supported.")
    return leaf._serialize()  # type: ignore[no-any-return]


def _deeper(rest: Sequence[Any], by: int) -> list[Any]:
    """The other parts, the ragged rank changed."""
    return [part + by if isinstance(part, int) else part for part in rest]


def ragged_spec(leaf: Any, row_splits_dtype: Any) -> Any:
    """The spec of a ragged tensor, for tensors whose shape is not known."""
    if not isinstance(leaf, TensorSpec) or leaf.shape.rank is None or leaf.shape.is_fully_defined():
        return leaf
    ragged_rank = max(axis for axis, size in enumerate(leaf.shape) if size is None)
    return RaggedTensorSpec(leaf.shape, leaf.dtype, ragged_rank, row_splits_dtype)


def stacked(structure: Structure, chunk: Sequence[Flat]) -> Flat:
    """The arrays of a batch."""
    if structure.plain:
        return tuple([stack(column) for column in zip(*chunk)])
    found: list[Any] = []
    every = list(zip(*chunk))
    for leaf, place in structure.places():
        columns = every[place]
        if isinstance(leaf, TensorSpec):
            found.append(stack(columns[0]))
        elif isinstance(leaf, RaggedTensorSpec):
            found += _stack_ragged(columns, leaf.row_splits_dtype.numpy)
        elif columns:
            found += sparse_rows.stack(columns)
    return tuple(found)


def _stack_ragged(columns: Sequence[Sequence[Any]], splits_dtype: Any) -> list[Any]:
    """Flat values and row splits of ragged tensors stacked, given those of each."""
    values, *splits = columns
    if not values[0].ndim:
        return [stack(values)]
    counts = [len(each) - 1 for each in splits[0]] if splits else [len(each) for each in values]
    found = [np.cumsum([0, *counts]).astype(splits_dtype)]
    for level in splits:
        ends = np.cumsum([0, *(each[-1] for each in level)])
        found.append(np.concatenate([[0], *(each[1:] + end for each, end in zip(level, ends))]).astype(splits_dtype))
    if any(each.shape[1:] != values[0].shape[1:] for each in values):
        raise invalid("Ragged elements of a batch differ in their inner shape.")
    return [np.concatenate(values), *found]


def unstacked(structure: Structure, flat: Flat) -> Iterator[Flat]:
    """The rows of an element.

    Raises:
      InvalidArgumentError: its parts do not have the same number of rows.
    """
    parts: list[Sequence[Flat]] = []
    for leaf, place in structure.places():
        arrays = flat[place]
        if isinstance(leaf, TensorSpec):
            parts.append([(row,) for row in rows_of(arrays[0])])
        elif isinstance(leaf, RaggedTensorSpec):
            parts.append(list(_ragged_rows(*arrays)))
        elif arrays:
            parts.append(sparse_rows.rows(arrays))
    counts = {len(each) for each in parts}
    if len(counts) > 1:
        mine, other = len(parts[0]), next(len(each) for each in parts if len(each) != len(parts[0]))
        raise invalid(f"Input tensors must have the same number of rows: {mine} and {other}.")
    for each in zip(*parts):
        yield tuple([array for part in each for array in part])


def _ragged_rows(values: Any, *splits: Any) -> Iterator[Flat]:
    if not splits:
        yield from ((row,) for row in rows_of(values))
        return
    outer, *inner = splits
    for begin, end in itertools.pairwise(outer.tolist()):
        found = []
        for level in inner:
            part = level[begin : end + 1]
            begin, end = int(part[0]), int(part[-1])
            found.append(part - begin)
        yield (values[begin:end], *found)


def stack(arrays: Sequence[Any]) -> Any:
    """Arrays of one shape, along a new first axis."""
    first = arrays[0]
    shape = first.shape
    for array in arrays:
        if array.shape != shape:
            raise invalid(
                "Cannot add tensor to the batch: number of elements does not match. Shapes are: [tensor]: "
                f"{_brackets(array.shape)}, [batch]: {_brackets(shape)}"
            )
    out = np.empty((len(arrays), *shape), first.dtype)
    if not shape:
        out[:] = [array.item() for array in arrays] if first.dtype.char == "O" else arrays
        return out
    for i, array in enumerate(arrays):
        out[i] = array
    return out


def _brackets(shape: Sequence[int]) -> str:
    return f"[{','.join(map(str, shape))}]"


def padded(chunk: Sequence[Flat], shapes: Sequence[Any], values: Sequence[Any]) -> Flat:
    """The arrays of a batch whose rows are padded at their ends.

    Args:
      chunk: the rows.
      shapes: for each component the shape to pad to; None for the largest size of the batch.
      values: what to pad each with.
    """
    found = []
    for i, (column, shape, value) in enumerate(zip(zip(*chunk), shapes, values)):
        sizes = []
        for array in column:
            if array.ndim != len(shape):
                raise invalid(
                    f"All elements in a batch must have the same rank as the padded shape for component{i}: expected "
                    f"rank {len(shape)} but got element with rank {array.ndim}"
                )
        for axis, wanted in enumerate(shape):
            largest = max(array.shape[axis] for array in column)
            if wanted is not None and wanted < largest:
                raise DataLossError(None, None, "Attempted to pad to a smaller size than the input element.")
            sizes.append(largest if wanted is None else wanted)
        out = np.full((len(column), *sizes), value, column[0].dtype)
        for row, array in enumerate(column):
            place: Any = (row, *(slice(n) for n in array.shape))
            out[place] = array if sizes else array[()]
        found.append(out)
    return tuple(found)


def padding(dataset: Any, shapes: Any, values: Any) -> tuple[Any, list[Any]]:
    """For each component, the shape to pad to and the array to pad with.

    Raises:
      TypeError, ValueError: they do not fit the elements.
    """
    structure = dataset._structure
    if not structure.plain:
        other = next(leaf for leaf in structure.leaves if not isinstance(leaf, TensorSpec))
        raise TypeError(
            "`padded_batch` is only supported for datasets that produce tensor elements but type spec of elements in "
            f"the input dataset is not a subclass of TensorSpec: `{other}`."
        )
    specs = structure.flat
    if shapes is None:
        for spec in specs:
            if spec.shape.rank is None:
                raise ValueError(
                    f"You must provide `padded_shapes` argument because component {specs.index(spec)} has unknown rank."
                )
        found = [spec.shape for spec in specs]
    else:
        found = _aligned_shapes(structure.spec, shapes)
    sizes = tuple(tuple(map(_size, shape or ())) for shape in map(_dims, found))
    for spec, shape in zip(specs, sizes):
        if spec.shape.rank is not None and spec.shape.rank != len(shape):
            raise ValueError(
                f"The padded shape {tuple(shape)} is not compatible with the shape {spec.shape} of the corresponding "
                "input component."
            )
    given = [None] * len(specs) if values is None else _fill_values(structure.spec, values, len(specs))
    return sizes, [_fill_value(value, spec) for value, spec in zip(given, specs)]


def _size(n: Any) -> Any:
    """A size, a Symbol of one, or None."""
    if isinstance(n, Tensor):
        n = n if n.known is None else int(n.known) if isinstance(n, Symbol) else int(n._array)
    return n if isinstance(n, Symbol) else None if n is None or n == -1 else int(n)


def _dims(shape: Any) -> Any:
    if hasattr(shape, "numpy"):
        return shape.numpy().tolist()
    return TensorShape(shape)._dims if not isinstance(shape, (list, tuple)) else shape


def _aligned_shapes(spec: Any, shapes: Any) -> list[Any]:
    if not is_nested(spec):
        return [shapes]
    if hasattr(spec, "keys"):
        return [each for key in sorted(spec) for each in _aligned_shapes(spec[key], shapes[key])]
    if not isinstance(shapes, tuple):
        raise TypeError(
            "If shallow structure is a sequence, input must also be a sequence. Input has type: "
            f"'{type(shapes).__name__}'."
        )
    if len(shapes) != len(spec):
        raise ValueError(
            "The two structures don't have the same sequence length. Input structure has length "
            f"{len(shapes)}, while shallow structure has length {len(spec)}."
        )
    return [each for one, shape in zip(spec, shapes) for each in _aligned_shapes(one, shape)]


def _fill_values(spec: Any, values: Any, count: int) -> list[Any]:
    if not is_nested(values):
        return [values] * count
    return list(leaves(values))


def _fill_value(value: Any, spec: TensorSpec) -> Any:
    if value is None:
        return b"" if spec.dtype is string else spec.dtype.numpy.type(0)
    with building(None):
        tensor = value if isinstance(value, Tensor) else convert(value)
        if tensor.dtype != spec.dtype and not isinstance(value, Tensor) and spec.dtype.is_floating:
            tensor = convert(value, spec.dtype)
    if tensor.dtype != spec.dtype:
        raise TypeError(
            f"Invalid `padding_values`. `padding_values` values type {tensor.dtype} does not match type {spec.dtype} "
            "of the corresponding input component."
        )
    if tensor.shape.rank:
        raise ValueError(
            f"Invalid `padding_values`. `padding_values` values should be scalars, but got {tensor.shape}."
        )
    return tensor._array.item() if spec.dtype is string else at_hand(tensor._array)
