"""Elements stacked to batches: as they are, or padded to one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.dtypes import string
from ..base.errors import invalid
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.spec import TensorSpec
from ..core.tensor import Tensor
from .elements import Flat, NoneTensorSpec, Structure, is_nested, leaves


def batched_spec(leaf: Any, size: int | None) -> Any:
    """The spec of a batch of what `leaf` is the spec of."""
    if isinstance(leaf, TensorSpec):
        return TensorSpec(TensorShape([size]).concatenate(leaf.shape), leaf.dtype)
    return leaf if isinstance(leaf, NoneTensorSpec) else leaf._batch(size)


def row_spec(leaf: Any) -> Any:
    """The spec of a row of what `leaf` is the spec of."""
    if isinstance(leaf, TensorSpec):
        return TensorSpec(leaf.shape[1:], leaf.dtype)
    return leaf if isinstance(leaf, NoneTensorSpec) else leaf._unbatch()


def stacked(structure: Structure, chunk: Sequence[Flat]) -> Flat:
    """The arrays of a batch."""
    if structure.plain:
        return tuple([_stack(column) for column in zip(*chunk)])
    found: list[Any] = []
    at = 0
    for leaf in structure.leaves:
        part = Structure(leaf)
        width = len(part.flat)
        rows = [flat[at : at + width] for flat in chunk]
        at += width
        if isinstance(leaf, TensorSpec):
            found.append(_stack([row[0] for row in rows]))
        elif width:
            batch = leaf._stack([part.pack(row) for row in rows])
            found += [x._array for x in Structure(batch._type_spec).tensors(batch)]
    return tuple(found)


def _stack(arrays: Sequence[Any]) -> Any:
    first = arrays[0]
    shape = first.shape
    for array in arrays:
        if array.shape != shape:
            raise invalid(
                "Cannot add tensor to the batch: number of elements does not match. Shapes are: [tensor]: "
                f"{_brackets(array.shape)}, [batch]: {_brackets(shape)}"
            )
    out = np.empty((len(arrays), *shape), first.dtype)
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
        for axis, wanted in enumerate(shape):
            largest = max(array.shape[axis] for array in column)
            if wanted is not None and wanted < largest:
                raise invalid(
                    f"Attempted to pad to a smaller size than the input element in component {i}: {largest} > {wanted}."
                )
            sizes.append(largest if wanted is None else wanted)
        out = np.full((len(column), *sizes), value, column[0].dtype)
        for i, array in enumerate(column):
            if array.ndim != len(sizes):
                raise invalid(f"All elements in a batch must have the same rank as the padded shape for component {i}.")
            place: Any = (i, *(slice(n) for n in array.shape))
            out[place] = array
        found.append(out)
    return tuple(found)


def padding(dataset: Any, shapes: Any, values: Any) -> tuple[list[Any], list[Any]]:
    """For each component, the shape to pad to and the array to pad with.

    Raises:
      TypeError, ValueError: they do not fit the elements.
    """
    structure = dataset._structure
    if not structure.plain:
        raise TypeError("`padded_batch` is only supported for datasets that produce tensor elements.")
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
    sizes = [[None if n in (None, -1) else int(n) for n in (shape or ())] for shape in map(_dims, found)]
    for spec, shape in zip(specs, sizes):
        if spec.shape.rank is not None and spec.shape.rank != len(shape):
            raise ValueError(
                f"The padded shape {tuple(shape)} is not compatible with the shape {spec.shape} of the corresponding "
                "input component."
            )
    given = [None] * len(specs) if values is None else _fill_values(structure.spec, values, len(specs))
    return sizes, [_fill_value(value, spec) for value, spec in zip(given, specs)]


def _dims(shape: Any) -> Any:
    if hasattr(shape, "numpy"):
        return shape.numpy().tolist()
    return TensorShape(shape)._dims if not isinstance(shape, (list, tuple)) else shape


def _aligned_shapes(spec: Any, shapes: Any) -> list[Any]:
    if not is_nested(spec):
        return [shapes]
    if hasattr(spec, "keys"):
        return [each for key in sorted(spec) for each in _aligned_shapes(spec[key], shapes[key])]
    if len(shapes) != len(spec):
        raise ValueError(f"The two structures don't have the same sequence length. {len(spec)} and {len(shapes)}.")
    return [each for one, shape in zip(spec, shapes) for each in _aligned_shapes(one, shape)]


def _fill_values(spec: Any, values: Any, count: int) -> list[Any]:
    if not is_nested(values):
        return [values] * count
    return list(leaves(values))


def _fill_value(value: Any, spec: TensorSpec) -> Any:
    if value is None:
        return b"" if spec.dtype is string else spec.dtype.numpy.type(0)
    tensor = value if isinstance(value, Tensor) else convert(value, spec.dtype)
    if tensor.dtype != spec.dtype:
        raise TypeError(
            f"Mismatched type between padding value and input dataset's component: {tensor.dtype} vs. {spec.dtype}"
        )
    if tensor.shape.rank:
        raise ValueError(f"`padding_value` must be a scalar, got one of shape {tensor.shape}.")
    return tensor._array.item() if spec.dtype is string else tensor._array
