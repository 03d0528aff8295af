"""Sparse tensors stacked and taken apart, given their indices, values and dense shapes as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.errors import invalid
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
