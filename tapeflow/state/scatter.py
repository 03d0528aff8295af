"""What the updates of some of a Variable's rows, elements or slices must fit, in the words of its ops."""

from __future__ import annotations

import numpy as np

from ..base import errors, shapes
from ..core.tensor import Array


def check(shape: tuple[int, ...], indices: Array, updates: Array) -> None:
    """Raises InvalidArgumentError unless `updates` has a row (or is a scalar) for rows that exist in `shape`."""
    if updates.ndim == indices.ndim + len(shape) - 1 > 0 and updates.shape[: indices.ndim] != indices.shape:
        raise errors.invalid(
            f"The shape of indices ({shapes.show(indices.shape)}) must be a prefix of the shape of updates "
            f"({shapes.show(updates.shape)})"
        )
    if not shape or (updates.ndim and updates.shape != indices.shape + shape[1:]):
        raise errors.invalid(
            "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape "
            f"{shapes.show(updates.shape)}, indices.shape {shapes.show(indices.shape)}, "
            f"params.shape {shapes.show(shape)}"
        )
    if indices.size and not 0 <= indices.min() <= indices.max() < shape[0]:
        place = np.argwhere((indices < 0) | (indices >= shape[0]))[0]
        value = indices[tuple(place)]
        raise errors.invalid(f"indices[{','.join(map(str, place))}] = {value} is not in [0, {shape[0]})")


def flat_indices(shape: tuple[int, ...], indices: Array, updates: Array) -> Array:
    """Of indices `[..., k]` into the first k dimensions of `shape`: indices `[...]` into these, made one.

    Raises:
      InvalidArgumentError: if an index is out of range or `updates` has not the shape that the indices ask for.
    """
    for what, sizes in (("Output", shape), ("Indices", indices.shape)):
        if not sizes:
            raise errors.invalid(f"{what} must be at least 1-D, got shape: []")
    outer, depth = indices.shape[:-1], indices.shape[-1]
    _check_updates(shape, indices.shape, updates.shape, depth)
    bad = ((indices < 0) | (indices >= np.array(shape[:depth], np.int64))).any(-1)
    if bad.any():
        place = np.argwhere(bad)[-1]
        index = ", ".join(map(str, indices[tuple(place)]))
        raise errors.invalid(
            f"indices[{','.join(map(str, place))}] = [{index}] does not index into shape {shapes.show(shape)}"
        )
    flat = np.zeros(outer, np.int64)
    for axis in range(depth):
        flat = flat * shape[axis] + indices[..., axis]
    return flat


def _check_updates(shape: tuple[int, ...], indices: tuple[int, ...], updates: tuple[int, ...], depth: int) -> None:
    outer = len(indices) - 1
    if updates[:outer] != indices[:-1]:
        first, have = indices[0], updates[0] if updates else 0
        counted = first != have  # TensorFlow compares the first dimension by itself
        raise errors.invalid(
            f"Dimensions [0,{1 if counted else outer}) of indices[shape={shapes.show(indices)}]"
            f"{f' = {first}' if counted else ''} must match "
            f"dimensions [0,{1 if counted else outer}) of updates[shape={shapes.show(updates)}]"
            f"{f' = {have}' if counted else ''}"
        )
    if depth > len(shape) or updates[outer:] != shape[depth:]:
        raise errors.invalid(
            f"Dimensions [{depth},{len(shape)}) of input[shape={shapes.show(shape)}] must match dimensions "
            f"[{depth},{len(updates)}) of updates[shape={shapes.show(updates)}]"
        )
