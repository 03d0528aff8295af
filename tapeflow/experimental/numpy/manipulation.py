"""Other shapes and orders of the same elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...base import dtypes
from ...core.tensor import Tensor
from ...ops import joining, layout, rearranging
from ...ops.broadcasting import broadcast_dynamic_shape
from ...ops.broadcasting import broadcast_to as broadcast
from ...ops.common import shape_of
from ...ops.padding import pad as pad_op
from ...ops.sizes import size as size_op
from .promotion import asarray, promoted, rank_of


def common_shape(*tensors: Tensor) -> Any:
    """Tensors, broadcast to the shape that they have in common."""
    if len(tensors) <= 1:
        return tensors
    shape: Any = shape_of(tensors[0])
    for tensor in tensors[1:]:
        shape = broadcast_dynamic_shape(shape, shape_of(tensor))
    return [broadcast(tensor, shape) for tensor in tensors]


# --- about an array


def shape(a: Any) -> Any:
    """The shape."""
    return asarray(a).shape


def ndim(a: Any) -> int | None:
    """The number of dimensions."""
    return asarray(a).shape.rank


def isscalar(num: Any) -> bool:
    """Whether it has no dimensions."""
    return ndim(num) == 0


def size(x: Any, axis: None = None) -> Any:
    """The number of elements.

    Raises:
      NotImplementedError: if there is an `axis`, as in TensorFlow.
    """
    if axis is not None:
        raise NotImplementedError("axis argument is not supported in the current `np.size` implementation")
    if isinstance(x, (int, float, np.int32, np.int64, np.float32, np.float64)):
        return 1
    x = asarray(x)
    return np.prod(x.shape.as_list(), dtype=int) if x.shape.is_fully_defined() else size_op(x)


# --- shapes


def reshape(a: Any, newshape: Any, order: str = "C") -> Tensor:
    """The elements in another shape.

    Args:
      a: the array.
      newshape: the shape; one size may be -1.
      order: "C" or "F": whether the last or the first index runs fastest.

    Raises:
      ValueError: for other orders.

    >>> tf.experimental.numpy.reshape([[1, 2], [3, 4]], -1, order="F").numpy().tolist()
    [1, 3, 2, 4]
    """
    if order not in ("C", "F"):
        raise ValueError(f"Unsupported order argument {order}")
    a = asarray(a)
    newshape = [newshape] if isinstance(newshape, int) else newshape
    if order == "C":
        return layout.reshape(a, newshape)
    return layout.transpose(layout.reshape(layout.transpose(a), newshape[::-1]))


def ravel(a: Any) -> Tensor:
    """All elements in a vector."""
    return layout.reshape(asarray(a), [-1])


def flatten(a: Any, order: str = "C") -> Tensor:
    """All elements in a vector: row by row (C, A, K) or column by column (F).

    Raises:
      ValueError: for other orders.
    """
    if order not in ("C", "A", "K", "F"):
        raise ValueError("order can only be C, A, K (all row major) or F (column major).")
    a = asarray(a)
    return ravel(layout.transpose(a) if order == "F" else a)


def expand_dims(a: Any, axis: Any) -> Tensor:
    """With a dimension of size 1 more."""
    return layout.expand_dims(asarray(a), axis)


def squeeze(a: Any, axis: Any = None) -> Tensor:
    """Without the dimensions of size 1."""
    return layout.squeeze(asarray(a), axis)


def transpose(a: Any, axes: Any = None) -> Tensor:
    """With the dimensions in another order, by default in reverse."""
    return layout.transpose(asarray(a), None if axes is None else asarray(axes))


def swapaxes(a: Any, axis1: int, axis2: int) -> Tensor:
    """With two dimensions exchanged."""
    a = asarray(a)
    order = list(range(rank_of(a, "swapaxes")))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return layout.transpose(a, order)


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """With some dimensions moved to other places.

    Raises:
      ValueError: if there are more of one than of the other.
    """
    if not source and not destination:
        return a
    a = asarray(a)
    rank = rank_of(a, "moveaxis")
    places = [(axes,) if isinstance(axes, int) else tuple(axes) for axes in (destination, source)]
    if len(places[0]) != len(places[1]):
        raise ValueError("The lengths of source and destination must equal")
    to, old = [[axis + rank if axis < 0 else axis for axis in axes] for axes in places]
    order = [i for i in range(rank) if i not in old]
    for new, axis in sorted(zip(to, old, strict=True)):
        order.insert(new, axis)
    return layout.transpose(a, order)


def _at_least(rank: int, arrays: Sequence[Any], padded: Callable[[list[Any]], list[Any]]) -> Any:
    found = []
    for array in map(asarray, arrays):
        have = rank_of(array, f"atleast_{rank}d")
        found.append(array if have >= rank else layout.reshape(array, padded(list(shape_of(array)))))
    return found[0] if len(found) == 1 else found


def atleast_1d(*arys: Any) -> Any:
    """The arrays, scalars as vectors of one element; one array alone, not in a list.

    >>> tf.experimental.numpy.atleast_1d(3.0)
    <tf.Tensor: shape=(1,), dtype=float64, numpy=array([3.])>
    """
    return _at_least(1, arys, lambda shape: [1])


def atleast_2d(*arys: Any) -> Any:
    """The arrays, those with fewer than two dimensions as matrices of one row."""
    return _at_least(2, arys, lambda shape: [1] * (2 - len(shape)) + shape)


def atleast_3d(*arys: Any) -> Any:
    """The arrays, those with fewer than three dimensions with more of size 1."""
    return _at_least(3, arys, lambda shape: [[1, 1, 1], [1, *shape, 1], [*shape, 1]][len(shape)])


# --- joining and splitting


def stack(arrays: Any, axis: int = 0) -> Tensor:
    """Arrays of one shape as the parts of one along a new axis."""
    if isinstance(arrays, Tensor):
        return swapaxes(arrays, 0, axis) if axis else arrays
    return joining.stack(promoted(*arrays), axis)


def concatenate(arys: Any, axis: int = 0) -> Tensor:
    """Arrays, one after the other along an axis.

    Raises:
      ValueError: if there are none.
    """
    arys = list(arys) if isinstance(arys, (list, tuple)) else [arys]
    if not arys:
        raise ValueError("Need at least one array to concatenate. Received empty input: arys=[]")
    return joining.concat(promoted(*arys), axis)


def append(arr: Any, values: Any, axis: int | None = None) -> Tensor:
    """`values` after `arr`; without an axis, both as vectors."""
    return concatenate([ravel(arr), ravel(values)] if axis is None else [arr, values], axis or 0)


def hstack(tup: Any) -> Tensor:
    """Arrays side by side: along the second axis, vectors along their only one."""
    arrays = promoted(*(atleast_1d(a) for a in tup))
    return joining.concat(arrays, 0 if rank_of(arrays[0], "hstack") == 1 else 1)


def vstack(tup: Any) -> Tensor:
    """Arrays one below the other: along the first axis; vectors are rows."""
    return joining.concat(promoted(*(atleast_2d(a) for a in tup)), 0)


def dstack(tup: Any) -> Tensor:
    """Arrays one behind the other: along the third axis."""
    return joining.concat(promoted(*(atleast_3d(a) for a in tup)), 2)


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """The parts of an array along an axis: so many of equal size, or cut at some indices.

    Raises:
      ValueError: if the indices decrease, or the axis is out of bounds.
    """
    ary = asarray(ary)
    if isinstance(indices_or_sections, int):
        return joining.split(ary, indices_or_sections, axis)
    return joining.split(ary, _sizes(ary, indices_or_sections, axis), axis)


def _sizes(a: Tensor, boundaries: Any, axis: int) -> list[int]:
    if axis >= len(a.shape):
        raise ValueError(f"axis {axis} is out of bound for shape {a.shape}")
    total, before = a.shape[axis], 0
    sizes: list[int] = []
    for i, boundary in enumerate(boundaries):
        if boundary < before:
            raise ValueError(f"The {i}-th boundary {boundary} is smaller than the previous boundary {before}")
        sizes.append(min(boundary - before, max(0, total - sum(sizes))))
        before = boundary
    return [*sizes, max(0, total - sum(sizes))]


def _split_along(ary: Any, parts: Any, axis: int) -> list[Tensor]:
    ary = asarray(ary)
    if isinstance(parts, int) and ary.shape[axis] is not None and ary.shape[axis] % parts:
        raise ValueError("array split does not result in an equal division")
    return split(ary, parts, axis)


def vsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """The parts of an array along its first axis."""
    return _split_along(ary, indices_or_sections, 0)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """The parts of an array along its second axis; of a vector along its only one."""
    ary = asarray(ary)
    return _split_along(ary, indices_or_sections, 0 if ary.shape.rank == 1 else 1)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """The parts of an array along its third axis."""
    return _split_along(ary, indices_or_sections, 2)


# --- repeating, padding, turning


def tile(a: Any, reps: Any) -> Tensor:
    """The array, so many times along each axis.

    >>> tf.experimental.numpy.tile([1, 2], (2, 2)).numpy().tolist()
    [[1, 2, 1, 2], [1, 2, 1, 2]]
    """
    a = asarray(a)
    counts = layout.reshape(asarray(reps, dtypes.int32), [-1])
    rank, count = rank_of(a, "tile"), counts.shape[0]
    counts = pad_op(counts, [[max(rank - count, 0), 0]], constant_values=1)
    return joining.tile(layout.reshape(a, (1,) * max(count - rank, 0) + tuple(shape_of(a))), counts)


def repeat(a: Any, repeats: Any, axis: int | None = None) -> Tensor:
    """Each element so many times; without an axis, those of the flattened array."""
    return joining.repeat(asarray(a), asarray(repeats), axis)


def pad(array: Any, pad_width: Any, mode: str, **kwargs: Any) -> Tensor:
    """With more elements before and after along each axis.

    Args:
      array: the array.
      pad_width: how many before and after, for each axis.
      mode: "constant", "reflect" or "symmetric".
      **kwargs: `constant_values`.

    Raises:
      ValueError: for other modes.
    """
    if mode not in ("constant", "reflect", "symmetric"):
        raise ValueError("Unsupported padding mode: " + mode)
    widths = asarray(pad_width, dtypes.int32)
    return pad_op(asarray(array), widths, mode.upper(), kwargs.get("constant_values", 0))


def flip(m: Any, axis: int | None = None) -> Tensor:
    """With the elements in reverse along an axis, or along all."""
    m = asarray(m)
    rank = rank_of(m, "flip")
    return rearranging.reverse(m, range(rank) if axis is None else [axis + rank if axis < 0 else axis])


def flipud(m: Any) -> Tensor:
    """With the rows in reverse."""
    return flip(m, 0)


def fliplr(m: Any) -> Tensor:
    """With the columns in reverse."""
    return flip(m, 1)


def roll(a: Any, shift: Any, axis: Any = None) -> Tensor:
    """With the elements moved along an axis; those that fall off one end come in at the other."""
    a = asarray(a)
    if axis is not None:
        return rearranging.roll(a, shift, axis)
    return layout.reshape(rearranging.roll(ravel(a), shift, 0), shape_of(a))


def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Turned k times by a right angle, in the plane of two axes."""
    k %= 4
    if k == 0:
        return m
    first, second = axes
    if k == 2:
        return flip(flip(m, first), second)
    return swapaxes(flip(m, second), first, second) if k == 1 else flip(swapaxes(m, first, second), second)


