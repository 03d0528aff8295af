"""Kernels: updates of some of an array's rows, in place, without a dense temporary; what comes twice counts twice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..core.tensor import Array

# Changes rows of an array in place: `(array, indices, updates)`, one row of updates for each index, or one for all.
Rows = Callable[[Array, Array, Array], None]

_WORTH = 2048  # so many elements are sooner changed by fancy indexing than one by one


def _truncated_quotient(x: Array, y: Array) -> Array:
    """`x / y` as C++ divides: integers round towards zero."""
    if x.dtype.kind not in "iu":
        return np.divide(x, y)
    quotient = np.floor_divide(x, y)
    return quotient + ((quotient < 0) & (quotient * y != x))


def accumulate(function: Callable[[Array, Array], Array]) -> Rows:
    """Rows become `function(row, update)`, in the order in which the updates stand."""

    ufunc: Any = function

    def rows(array: Array, indices: Array, updates: Array) -> None:
        quick = isinstance(function, np.ufunc) and array.dtype.kind in "iuf"  # NumPy has fast loops for these
        size = math.prod(array.shape[1:])
        if not size:
            return
        if quick and size == 1:
            _one_by_one(function, array, indices, updates)
            return
        if quick and len(indices) * size < _WORTH:
            ufunc.at(array, indices, updates)
            return
        for chosen, distinct in _rounds(len(array), indices, _WORTH // size if quick else 0):
            where = indices if chosen is None else indices[chosen]
            what = updates if chosen is None or not updates.ndim else updates[chosen]
            if distinct:
                array[where] = function(array.take(where, axis=0), what)
            else:
                _one_by_one(function, array, where, what)

    return rows


def _one_by_one(ufunc: Any, array: Array, indices: Array, updates: Array) -> None:
    size = math.prod(array.shape[1:])
    if size > 1:
        indices = (indices[:, np.newaxis].astype(np.intp) * size + np.arange(size)).reshape(-1)
    ufunc.at(array.reshape(-1), indices, updates.reshape(-1) if updates.ndim else updates)


def _rounds(size: int, indices: Array, smallest: int) -> Iterator[tuple[Array | None, bool]]:
    """Positions in `indices`, in groups that name no row twice: the first occurrence of each row, then the second...

    When a group would have fewer than `smallest` positions, all that are left come in one, and False with them. None
    stands for all positions.
    """
    count = len(indices)
    if count < 2 or _all_different(size, indices):
        yield None, True
        return
    order = np.argsort(indices, kind="stable")
    ordered = indices[order]
    place = np.arange(count)
    first = np.maximum.accumulate(np.where(np.r_[True, ordered[1:] != ordered[:-1]], place, 0))
    occurrence = np.empty(count, np.intp)
    occurrence[order] = place - first
    by_occurrence = np.argsort(occurrence, kind="stable")
    sizes = np.bincount(occurrence)  # each no larger than the one before
    start = 0
    for length in sizes[sizes >= smallest]:
        yield by_occurrence[start : start + length], True
        start += length
    if start < count:
        yield np.sort(by_occurrence[start:]), False


def _all_different(size: int, indices: Array) -> bool:
    """Whether no index below `size` occurs twice; only the entries of `seen` that are named are ever touched."""
    seen = np.empty(size, np.intp)
    place = np.arange(len(indices))
    seen[indices] = place
    return bool((seen[indices] == place).all())


def _larger(x: Array, y: Array) -> Array:
    return np.where(y > x, y, x)  # a NaN among the updates changes nothing, one in the variable stays


def _smaller(x: Array, y: Array) -> Array:
    return np.where(y < x, y, x)


def replace(array: Array, indices: Array, updates: Array) -> None:
    """Rows become the updates; of several for one row, the last stays."""
    array[indices] = updates


add = accumulate(np.add)
subtract = accumulate(np.subtract)
multiply = accumulate(np.multiply)
divide = accumulate(_truncated_quotient)
maximum = accumulate(_larger)
minimum = accumulate(_smaller)
