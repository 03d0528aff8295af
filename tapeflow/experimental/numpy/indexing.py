"""Elements by their indices: NumPy's advanced indexing and the functions of that family."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from ... import math as tf_math
from ...base import dtypes
from ...base.tensor_shape import TensorShape
from ...core.symbol import Size
from ...core.tensor import Tensor
from ...ops import gathering
from ...ops.broadcasting import broadcast_static_shape, broadcast_to
from ...ops.casting import cast
from ...ops.clipping import clip_by_value
from ...ops.common import shape_of
from ...ops.comparison import where as where_op
from ...ops.creation import convert_to_tensor, fill
from ...ops.indexing import getitem as tf_getitem
from ...ops.joining import concat, stack, unstack
from ...ops.layout import reshape
from .manipulation import atleast_1d, common_shape, moveaxis, ravel, swapaxes
from .promotion import asarray, promoted, rank_of


def nonzero(a: Any) -> list[Tensor]:
    """The indices of the elements that are not 0: one vector for each dimension.

    Raises:
      ValueError: if the number of dimensions is not known.

    >>> tf.experimental.numpy.nonzero([0, 3, 4])[0].numpy().tolist()
    [1, 2]
    """
    a = asarray(a)
    if a.shape.rank is None:
        raise ValueError("The rank of `a` is unknown, so we can't decide how many arrays to return.")
    a = atleast_1d(a)
    return unstack(where_op(cast(a, dtypes.bool)), rank_of(a, "nonzero"), axis=1)


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """`x` where the condition holds and `y` elsewhere; without them, `nonzero(condition)`.

    Raises:
      ValueError: if one of `x` and `y` is given without the other.

    >>> tf.experimental.numpy.where([True, False], 1, 2.5)
    <tf.Tensor: shape=(2,), dtype=float64, numpy=array([1. , 2.5])>
    """
    condition = asarray(condition, np.bool_)
    if x is None and y is None:
        return nonzero(condition)
    if x is None or y is None:
        raise ValueError("Both x and y must be ndarrays, or both must be None.")
    x, y = promoted(x, y)
    return where_op(condition, x, y)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """For each element the choice that stands where the first true condition stands.

    Raises:
      ValueError: if there are not as many choices as conditions, or none.
    """
    if len(condlist) != len(choicelist):
        raise ValueError(
            f"condlist must have length equal to choicelist ({len(condlist)} vs {len(choicelist)})"
        )
    if not condlist:
        raise ValueError("condlist must be non-empty")
    result, *choices = promoted(default, *choicelist)
    for condition, choice in zip(condlist[::-1], choices[::-1], strict=True):
        result = where(condition, choice, result)
    return result


def compress(condition: Any, a: Any, axis: int | None = None) -> Tensor:
    """The parts along an axis where the condition holds; without one, of the flattened array.

    Raises:
      ValueError: if the condition is no vector.
    """
    condition, a = asarray(condition, bool), asarray(a)
    if rank_of(condition, "compress") != 1:
        raise ValueError("condition must be a 1-d array.")
    rank = rank_of(a, "compress")
    if axis is None or rank == 0:
        a, axis, rank = ravel(a), axis or 0, 1
    axis = axis + rank if axis < 0 else axis
    assert 0 <= axis < rank
    missing: Any = shape_of(a)[axis] - shape_of(condition)[0]
    if not isinstance(missing, int) or missing > 0:
        condition = concat([condition, fill([missing], False)], 0)
    return gathering.boolean_mask(a, condition, axis)


def take(a: Any, indices: Any, axis: int | None = None, out: None = None, mode: str = "clip") -> Tensor:
    """The elements at some indices along an axis; without one, of the flattened array.

    Args:
      a: the array.
      indices: integers.
      axis: the axis.
      out: must be None.
      mode: "clip": indices out of bounds mean the nearest element; "wrap": they start anew.

    Raises:
      ValueError: for other modes, or if there is an `out`.
    """
    if out is not None:
        raise ValueError("out argument is not supported in take.")
    if mode not in ("raise", "clip", "wrap"):
        raise ValueError(f"Invalid mode '{mode}' for take")
    a, indices = asarray(a), asarray(indices)
    if axis is None:
        a, axis = ravel(a), 0
    size = cast(convert_to_tensor(shape_of(a)[axis]), indices.dtype)
    if mode == "raise":
        raise ValueError("The 'raise' mode to take is not supported.")
    if mode == "clip":
        indices = clip_by_value(indices, cast(0, indices.dtype), size - 1)
    else:
        indices = tf_math.floormod(indices, size)
    return gathering.gather(a, indices, axis=axis)


def take_along_axis(arr: Any, indices: Any, axis: int | None) -> Tensor:
    """Along an axis, the elements whose indices stand in the same place of the other dimensions.

    Args:
      arr: the array.
      indices: integers, in a shape that broadcasts with that of `arr` but for the axis.
      axis: the axis; None for the flattened array.
    """
    arr, indices = asarray(arr), asarray(indices)
    if axis is None:
        return take_along_axis(ravel(arr), indices, 0)
    axis = axis + rank_of(arr, "take_along_axis") if axis < 0 else axis
    # All but the axis broadcasts; then each vector along it is taken from by itself.
    sizes, counts = list(shape_of(arr)), list(shape_of(indices))
    if sizes[:axis] + sizes[axis + 1 :] != counts[:axis] + counts[axis + 1 :]:
        common = _common(sizes, counts, axis)
        sizes, counts = ([*common[:axis], shape[axis], *common[axis + 1 :]] for shape in (sizes, counts))
        arr, indices = broadcast_to(arr, sizes), broadcast_to(indices, counts)
    arr, indices = swapaxes(arr, axis, -1), swapaxes(indices, axis, -1)
    return swapaxes(gathering.gather(arr, _counted(indices, sizes[axis]), batch_dims=len(sizes) - 1), axis, -1)


def _common(first: list[Any], second: list[Any], axis: int) -> list[Any]:
    """The shape that two have in common, but for an axis."""
    free = [TensorShape([*shape[:axis], 1, *shape[axis + 1 :]]) for shape in (first, second)]
    return broadcast_static_shape(*free).as_list()


def _counted(indices: Tensor, size: Any) -> Tensor:
    """Indices, the negative ones counted from the end."""
    zero = cast(0, indices.dtype)
    return where_op(tf_math.less(indices, zero), indices + cast(size, indices.dtype), indices)


# --- tensor[key] in NumPy's way


def _is_basic(item: Any) -> bool:
    if item is None or item is Ellipsis or isinstance(item, (slice, numbers.Integral, Size)):
        return not isinstance(item, (bool, np.bool_))
    return isinstance(item, (Tensor, np.ndarray)) and len(item.shape) == 0 and np.dtype(_kind(item)).kind in "iu"


def _kind(item: Any) -> Any:
    return item.dtype.as_numpy_dtype if isinstance(item, Tensor) else item.dtype


def _items(key: Any) -> tuple[Any, ...]:
    """The entries of a key: a list with slices or sequences in it counts as a tuple."""
    if isinstance(key, tuple):
        return key
    if isinstance(key, list) and any(
        item is None or item is Ellipsis or isinstance(item, (list, tuple, slice)) or len(np.shape(item)) > 0
        for item in key
    ):
        return tuple(key)
    return (key,)


def _index(item: Any) -> Tensor:
    """An array of integers, from one, or from a mask.

    Raises:
      IndexError: for other dtypes.
      NotImplementedError: for a mask that is no vector, as in TensorFlow.
    """
    index = asarray(item)
    if index.dtype is dtypes.bool:
        if index.shape.rank != 1:
            raise NotImplementedError(f"Need rank 1 for bool index {item}")
        return reshape(where_op(index), [-1])
    if not index.dtype.is_integer or index.dtype is dtypes.uint64:
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are "
            f"valid indices, got {item!r}"
        )
    if index.dtype in (dtypes.int32, dtypes.int64):
        return index
    return cast(index, np.promote_types(np.int32, index.dtype.as_numpy_dtype))  # type: ignore[no-any-return]


def numpy_getitem(x: Any, key: Any) -> Tensor:
    """`x[key]` with NumPy's advanced indexing, which `experimental_enable_numpy_behavior` gives Tensors."""
    if isinstance(key, bool) or (isinstance(key, (Tensor, np.ndarray)) and _kind(key) == np.bool_):
        return gathering.boolean_mask(x, key)
    items = _items(key)
    if all(map(_is_basic, items)):
        return tf_getitem(x, key if isinstance(key, tuple) else items[0])
    sliced = tf_getitem(x, tuple(item if _is_basic(item) else slice(None) for item in items))
    axes = _axes(items, rank_of(x, "getitem"))
    if len(axes) == 1:
        (axis, index), = axes.items()  # fmt: skip
        return gathering.gather(sliced, _counted(index, shape_of(sliced)[axis]), axis=axis)
    return _gather_several(sliced, axes)


def _axes(items: tuple[Any, ...], rank: int) -> dict[int, Tensor]:
    """The arrays of indices, by the axes that they take from once the basic items have done their work."""
    skipped = rank - sum(item is not None and item is not Ellipsis for item in items)
    axes, axis = {}, 0
    for item in items:
        if not _is_basic(item):
            axes[axis] = _index(item)
            axis += 1
        elif item is Ellipsis:
            axis += skipped
        elif item is None or isinstance(item, slice):
            axis += 1
    return axes


def _gather_several(x: Tensor, axes: dict[int, Tensor]) -> Tensor:
    """The elements at combined indices; they stand where the axes stood if these are next to each other, or first."""
    places = list(axes)
    sizes = [shape_of(x)[axis] for axis in places]
    indices = common_shape(*promoted(*axes.values()))
    together = stack([_counted(index, size) for index, size in zip(indices, sizes, strict=True)], axis=-1)
    taken = gathering.gather_nd(moveaxis(x, places, range(len(places))), together)
    dims = rank_of(indices[0], "getitem")
    if places == list(range(places[0], places[0] + len(places))):
        return moveaxis(taken, range(dims), range(places[0], places[0] + dims)) if places[0] else taken
    return taken
