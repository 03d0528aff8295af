"""Sparse tensors stacked and taken apart, given their indices, values and dense shapes as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.errors import DataLossError, invalid
from .elements import Flat


def stack(columns: Sequence[Sequence[Any]]) -> list[Any]:
    """Indices, values and dense shape of a batch of sparse tensors: of the largest shape."""
    indices, values, shapes = columns
    numbered = [np.concatenate([np.full([len(each), 1], i), each], 1) for i, each in enumerate(indices)]
    largest = np.max(np.stack(shapes), 0)
    found = np.concatenate([[len(shapes)], largest]).astype(np.int64)
    return [np.concatenate(numbered).astype(np.int64).reshape(-1, len(found)), np.concatenate(values), found]


def rows(arrays: Sequence[Any]) -> list[Flat]:
    """Indices, values and dense shape of each row of a sparse tensor."""
    indices, values, shape = arrays
    if not len(shape):
        raise invalid("Unbatching a sparse tensor is only supported for rank >= 1")
    found = []
    for i in range(int(shape[0])):
        here = indices[:, 0] == i
        found.append((indices[here, 1:], values[here], shape[1:]))
    return found


def of_dense(chunk: Sequence[Flat], row_shape: Sequence[int | None]) -> Flat:
    """Indices, values and dense shape of dense tensors stacked, in rows of a shape; None for the largest size."""
    arrays = [np.asarray(flat[0]) for flat in chunk]
    for array in arrays:
        fits = array.ndim == len(row_shape)
        if not fits or any(n is not None and m > n for m, n in zip(array.shape, row_shape)):
            mine, rows = ",".join(map(str, array.shape)), ",".join("?" if n is None else str(n) for n in row_shape)
            what = f"Input element had shape ([{mine}]) that is"
            if not fits:
                raise invalid(f"{what} incompatible with the row shape ([{rows}]).")
            raise DataLossError(None, None, f"{what} larger than the row shape ([{rows}]).")
    sizes = [max(array.shape[i] for array in arrays) if n is None else n for i, n in enumerate(row_shape)]
    places = [np.indices(array.shape).reshape(array.ndim, -1).T for array in arrays]
    shapes = [np.array(sizes, np.int64)] * len(arrays)
    return tuple(stack([places, [array.reshape(-1) for array in arrays], shapes]))
