"""Reductions of rows by segment: all rows with the same number become one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..core import types
from ..core.convert import convert
from ..core.op import Op, op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from ..engines.host_arrays import WIDE
from . import scatter_kernels
from .common import only_host, shape_of
from .layout import is_negative
from .sizes import joined

_SORTED = "data:T, segment_ids:Tindices -> output:T"
_UNSORTED = "data:T, segment_ids:Tindices, num_segments:Tnumsegments -> output:T"
_FLOATS = frozenset(dtype.numpy for dtype in types.FLOATS)
_UNSIGNED = {4: np.dtype(np.uint32), 8: np.dtype(np.uint64)}  # seen as these, negative ids are too large
_FEW = 1 << 10  # elements up to which rows are added one by one

# ---------------------------------------------------------------- shapes


def _sorted_shape(data: shapes.Shape, ids: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    """How many segments there are is only known from the ids."""
    if ids is not None and len(ids) != 1:
        raise errors.invalid("segment_ids should be a vector.")
    if data is not None and not data:
        raise errors.invalid("input must be at least rank 1")
    if data is None:
        return None
    if ids is not None and None not in (ids[0], data[0]) and ids[0] != data[0]:
        raise errors.invalid("segment_ids should be the same size as dimension 0 of input.")
    return (None, *data[1:])


def _unsorted_shape(data: shapes.Shape, ids: shapes.Shape, count: Any, **_attrs: Any) -> shapes.Shape:
    if isinstance(count, tuple):
        raise errors.invalid(f"num_segments should be a scalar, not shape [{len(count)}]")
    if is_negative(count):
        raise errors.invalid(f"Input num_segments == {count} must not be negative.")
    if data is None or ids is None:
        return None
    if not shapes.fits(data[: len(ids)], ids):
        raise errors.invalid(
            f"data.shape = {shapes.show(data)} does not start with segment_ids.shape = {shapes.show(ids)}"
        )
    return (count, *data[len(ids) :])


# ---------------------------------------------------------------- kernels


def _check_sorted(data: Array, ids: Array) -> int:
    """The number of segments of sorted ids."""
    _sorted_shape(data.shape, ids.shape)
    if not len(ids):
        return 0
    steps = np.diff(ids)
    if (steps < 0).any():
        raise errors.invalid("segment ids are not increasing")
    count = int(ids[-1]) + 1
    if ids[0] < 0:
        raise errors.invalid(
            f"Segment id {ids[0]} out of range [0, {count}), possibly because 'segment_ids' input is not sorted."
        )
    return count


def _check_unsorted(data: Array, ids: Array, count: Any) -> None:
    _unsorted_shape(data.shape, ids.shape, count)
    bad = ids >= count
    if data.size and bad.any():  # nothing goes nowhere
        place = np.argwhere(bad)[0]
        raise errors.invalid(
            f"segment_ids[{','.join(map(str, place))}] = {ids[tuple(place)]} is out of range [0, {count})"
        )


def _gathered(ufunc: np.ufunc, data: Array, ids: Array, count: int, empty: Any) -> Array:
    """`ufunc` over the rows of each segment; `empty` where there is none. Negative ids do not count."""
    inner = data.shape[ids.ndim :]
    if not data.size:
        return np.full((count, *inner), empty, data.dtype)
    rows, flat_ids = data.reshape(ids.size, math.prod(inner)), ids.reshape(-1)
    if (flat_ids < 0).any():
        rows, flat_ids = rows[flat_ids >= 0], flat_ids[flat_ids >= 0]
    if (flat_ids[1:] >= flat_ids[:-1]).all():
        out = _one_after_the_other(ufunc, rows, flat_ids, count, empty)
    elif ufunc is np.add and data.dtype in _FLOATS and count <= len(rows):
        out = _counted(rows, flat_ids, count)
    else:
        out = _filled((count, rows.shape[1]), empty, WIDE.get(data.dtype, data.dtype))
        scatter_kernels.accumulate(ufunc)(out, flat_ids, rows)
    return out.astype(data.dtype, copy=False).reshape(count, *inner)


def _filled(shape: tuple[int, ...], value: Any, dtype: Any) -> Array:
    """Zeros, where they will do, cost nothing until they are touched."""
    return np.full(shape, value, dtype) if value else np.zeros(shape, dtype)


def _one_after_the_other(ufunc: np.ufunc, rows: Array, ids: Array, count: int, empty: Any) -> Array:
    """For ids that ascend."""
    out = _filled((count, rows.shape[1]), empty, rows.dtype)
    if len(ids):
        starts = np.flatnonzero(np.concatenate([[True], ids[1:] > ids[:-1]]))
        wide = WIDE.get(rows.dtype, rows.dtype)
        out[ids[starts]] = ufunc.reduceat(rows, starts, 0, wide) if len(starts) < len(rows) else rows
    return out


def _counted(rows: Array, ids: Array, count: int) -> Array:
    """Sums of floats, in double precision, all elements of all rows at once."""
    width = rows.shape[1]
    places = ids if width == 1 else (ids.astype(np.intp)[:, np.newaxis] * width + np.arange(width)).reshape(-1)
    return np.bincount(places, rows.reshape(-1), count * width).reshape(count, width)


def _mean_of(data: Array, ids: Array, count: int) -> Array:
    """The mean of each segment, 0 where there is none; that of integers is rounded towards zero."""
    wide = np.dtype(np.int64) if data.dtype.kind in "iu" else WIDE.get(data.dtype, data.dtype)
    sums = _gathered(np.add, data.astype(wide), ids, count, 0)
    sizes = np.maximum(np.bincount(ids, minlength=count), 1).reshape(count, *(1,) * (data.ndim - 1))
    if data.dtype.kind in "iu":
        return (np.sign(sums) * (np.abs(sums) // sizes)).astype(data.dtype)
    return (sums / sizes.astype(wide)).astype(data.dtype)


def _lowest_finite(dtype: Any) -> Any:
    return dtypes.of(np.empty(0, dtype)).min


def _highest_finite(dtype: Any) -> Any:
    return dtypes.of(np.empty(0, dtype)).max


def _sorted_op(name: str, kernel: Callable[[Array, Array, int], Array], allowed: Any) -> Op:
    def run(xp: Any, data: Array, ids: Array) -> Array:
        return kernel(data, ids, _check_sorted(data, ids))

    new = op(name, _SORTED, shape=_sorted_shape, T=allowed, Tindices=types.INDICES)(run)
    only_host(new)  # how many segments there are depends on the ids
    return new


def _unsorted_op(
    name: str, ufunc: np.ufunc, empty: Callable[[Any], Any], allowed: Any, indices: Any = types.INDICES
) -> Op:
    def run(xp: Any, data: Array, ids: Array, count: int) -> Array:
        few = 0 < data.size < _FEW and data.dtype.char in "fdilq" and data.shape[:1] == ids.shape != ()
        if few and ids.itemsize in _UNSIGNED and np.maximum.reduce(ids.view(_UNSIGNED[ids.itemsize])) < count:
            out = _filled((count, *data.shape[1:]), empty(data.dtype), data.dtype)
            ufunc.at(out, ids, data)
            return out
        _check_unsorted(data, ids, count)
        return _gathered(ufunc, data, ids, count, empty(data.dtype))

    def run_on_xla(jax: Any, data: Array, ids: Array, count: int) -> Array:
        shape: Any = _unsorted_shape(data.shape, ids.shape, count)
        wide = WIDE.get(data.dtype, data.dtype)
        out = jax.numpy.full(shape, empty(data.dtype), wide)
        if data.size and out.size:
            update = getattr(out.at[ids], {"maximum": "max", "minimum": "min"}.get(ufunc.__name__, ufunc.__name__))
            out = update(data.astype(wide), mode="drop", wrap_negative_indices=False)
        return out.astype(data.dtype)

    register = op(name, _UNSORTED, shape=_unsorted_shape, static=("num_segments",), T=allowed, Tindices=indices)
    new = register(run)
    new.on("xla")(run_on_xla)
    return new


segment_sum_ = _sorted_op("SegmentSum", lambda x, ids, n: _gathered(np.add, x, ids, n, 0), types.NUMBERS)
segment_mean_ = _sorted_op("SegmentMean", _mean_of, types.NUMBERS)
segment_prod_ = _sorted_op("SegmentProd", lambda x, ids, n: _gathered(np.multiply, x, ids, n, 1), types.NUMBERS)
segment_max_ = _sorted_op("SegmentMax", lambda x, ids, n: _gathered(np.maximum, x, ids, n, 0), types.REALS)
segment_min_ = _sorted_op("SegmentMin", lambda x, ids, n: _gathered(np.minimum, x, ids, n, 0), types.REALS)

_ANY_INDICES = (dtypes.int16, *types.INDICES)
unsorted_segment_sum_ = _unsorted_op("UnsortedSegmentSum", np.add, lambda _: 0, types.NUMBERS, _ANY_INDICES)
unsorted_segment_prod_ = _unsorted_op("UnsortedSegmentProd", np.multiply, lambda _: 1, types.NUMBERS)
unsorted_segment_max_ = _unsorted_op("UnsortedSegmentMax", np.maximum, _lowest_finite, types.REALS)
unsorted_segment_min_ = _unsorted_op("UnsortedSegmentMin", np.minimum, _highest_finite, types.REALS)


# ---------------------------------------------------------------- gradients


def _take(x: Any, ids: Any) -> Any:
    return OPS["GatherV2"](x, ids, 0)


def _is_kept(ids: Any, like: Any) -> Any:
    """Whether the id of each row of `like` counts, in the shape of the row."""
    return _spread(OPS["GreaterEqual"](ids, OPS["Cast"](0, DstT=ids.dtype)), like)


def _spread(x: Any, like: Any) -> Any:
    """With as many axes of size 1 behind its own as `like` has more."""
    have, wanted = shape_of(x), shape_of(like)
    if type(have) is not tuple or type(wanted) is not tuple:
        more = OPS["Sub"](OPS["Rank"](like), OPS["Rank"](x))
        return OPS["Reshape"](x, joined(have, OPS["Fill"](OPS["Reshape"](more, (1,)), 1)))
    for _ in range(len(wanted) - len(have)):
        x = OPS["ExpandDims"](x, -1)
    return x


def _take_kept(x: Any, ids: Any) -> Any:
    """The row of each id; zeros for negative ids."""
    rows = _take(x, OPS["Maximum"](ids, OPS["Cast"](0, DstT=ids.dtype)))
    return OPS["SelectV2"](_is_kept(ids, rows), rows, OPS["ZerosLike"](rows))


@segment_sum_.gradient
def _(g: Any, _y: Any, _data: Any, ids: Any) -> Any:
    return _take(g, ids), None


@segment_mean_.gradient
def _(g: Any, _y: Any, data_shape: Any, ids: Any) -> Any:
    if type(data_shape) is tuple:
        ones_shape: Any = (*shape_of(ids), *[1] * (len(data_shape) - 1))
    else:
        ones_shape = joined(shape_of(ids), OPS["OnesLike"](data_shape[1:]))
    sizes = segment_sum_(OPS["Fill"](ones_shape, OPS["Cast"](1, DstT=dtypes.int32)), ids)
    return _take(g / OPS["Cast"](OPS["Maximum"](sizes, 1), DstT=g.dtype), ids), None


def _shares(g: Any, chosen: Any, total: Callable[[Any], Any], take: Callable[[Any], Any]) -> Any:
    """The gradient of extremes: elements that are equally extreme share it."""
    count = total(OPS["Cast"](chosen, DstT=g.dtype))
    rows = take(g / OPS["Maximum"](count, OPS["Cast"](1, DstT=g.dtype)))
    return OPS["SelectV2"](chosen, rows, OPS["ZerosLike"](rows))


@segment_max_.gradient
@segment_min_.gradient
def _(g: Any, y: Any, data: Any, ids: Any) -> Any:
    chosen = OPS["Equal"](data, _take(y, ids))
    return _shares(g, chosen, lambda x: segment_sum_(x, ids), lambda x: _take(x, ids)), None


@unsorted_segment_sum_.gradient
def _(g: Any, _y: Any, _data: Any, ids: Any, _count: Any) -> Any:
    return _take_kept(g, ids), None, None


@unsorted_segment_max_.gradient
@unsorted_segment_min_.gradient
def _(g: Any, y: Any, data: Any, ids: Any, count: Any) -> Any:
    chosen = OPS["LogicalAnd"](OPS["Equal"](data, _take_kept(y, ids)), _is_kept(ids, data))
    gradient = _shares(g, chosen, lambda x: unsorted_segment_sum_(x, ids, count), lambda x: _take_kept(x, ids))
    return gradient, None, None


def _others(data: Any, y: Any, g: Any, product: Callable[[Any], Any], total: Callable[[Any], Any], take: Any) -> Any:
    """The gradient of products: of a segment with one zero only the zero has any, of one with more none has."""
    zero = OPS["Cast"](0, DstT=data.dtype)
    is_zero = OPS["Equal"](data, zero)
    zeros = total(OPS["Cast"](is_zero, DstT=dtypes.int32))
    g = OPS["SelectV2"](OPS["Greater"](zeros, 1), OPS["ZerosLike"](g), g)
    safe = OPS["SelectV2"](is_zero, OPS["OnesLike"](data), data)
    without_zeros = take(product(safe))
    others = OPS["SelectV2"](is_zero, without_zeros, take(y) / safe)
    return take(g) * others


@segment_prod_.gradient
def _(g: Any, y: Any, data: Any, ids: Any) -> Any:
    def take(x: Any) -> Any:
        return _take(x, ids)

    return _others(data, y, g, lambda x: segment_prod_(x, ids), lambda x: segment_sum_(x, ids), take), None


@unsorted_segment_prod_.gradient
def _(g: Any, y: Any, data: Any, ids: Any, count: Any) -> Any:
    def take(x: Any) -> Any:
        return _take_kept(x, ids)

    gradient = _others(
        data,
        y,
        g,
        lambda x: unsorted_segment_prod_(x, ids, count),
        lambda x: unsorted_segment_sum_(x, ids, count),
        take,
    )
    return gradient, None, None


# ---------------------------------------------------------------- public functions


def segment_sum(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The sum of the rows of each segment.

    Args:
      data: numbers, in rows.
      segment_ids: for each row the number of its segment; they ascend.
      name: of the operation.

    Returns:
      A Tensor with a row for each number up to the last; zeros where no row has it.

    Raises:
      InvalidArgumentError: if the numbers descend, or are not as many as the rows.

    >>> tf.math.segment_sum([1, 2, 3], [0, 0, 2]).numpy()
    array([3, 0, 3], dtype=int32)
    """
    return segment_sum_(data, segment_ids, name=name)  # type: ignore[no-any-return]


def segment_mean(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The mean of the rows of each segment; see `segment_sum`.

    >>> tf.math.segment_mean([1.0, 2.0, 3.0], [0, 0, 2]).numpy()
    array([1.5, 0. , 3. ], dtype=float32)
    """
    return segment_mean_(data, segment_ids, name=name)  # type: ignore[no-any-return]


def segment_max(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The largest of the rows of each segment, element by element; see `segment_sum`.

    >>> tf.math.segment_max([1, 2, 3], [0, 0, 2]).numpy()
    array([2, 0, 3], dtype=int32)
    """
    return segment_max_(data, segment_ids, name=name)  # type: ignore[no-any-return]


def segment_min(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The smallest of the rows of each segment, element by element; see `segment_sum`.

    >>> tf.math.segment_min([1, 2, 3], [0, 0, 2]).numpy()
    array([1, 0, 3], dtype=int32)
    """
    return segment_min_(data, segment_ids, name=name)  # type: ignore[no-any-return]


def segment_prod(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The product of the rows of each segment, 1 where there is none; see `segment_sum`.

    >>> tf.math.segment_prod([2, 3, 4], [0, 0, 2]).numpy()
    array([6, 1, 4], dtype=int32)
    """
    return segment_prod_(data, segment_ids, name=name)  # type: ignore[no-any-return]


def unsorted_segment_sum(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None
) -> Tensor:
    """The sum of what belongs to each segment.

    Args:
      data: numbers.
      segment_ids: numbers of segments, in any order, in the shape of the first dimensions of `data`; what has a
        negative one does not count.
      num_segments: how many segments there are.
      name: of the operation.

    Returns:
      A Tensor with a row for each segment; zeros where nothing belongs to it.

    Raises:
      InvalidArgumentError: if a number is too large, or shapes do not fit.

    >>> tf.math.unsorted_segment_sum([1, 2, 3], [2, 0, 2], 4).numpy()
    array([2, 0, 4, 0], dtype=int32)
    """
    return unsorted_segment_sum_(data, segment_ids, num_segments, name=name)  # type: ignore[no-any-return]


def unsorted_segment_max(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None
) -> Tensor:
    """The largest of what belongs to each segment; see `unsorted_segment_sum`.

    Where nothing does, it is the lowest number of the dtype.

    >>> tf.math.unsorted_segment_max([1, 2, 3], [1, 0, 1], 2).numpy()
    array([2, 3], dtype=int32)
    """
    return unsorted_segment_max_(data, segment_ids, num_segments, name=name)  # type: ignore[no-any-return]


def unsorted_segment_min(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None
) -> Tensor:
    """The smallest of what belongs to each segment; see `unsorted_segment_sum`.

    Where nothing does, it is the highest number of the dtype.

    >>> tf.math.unsorted_segment_min([1, 2, 3], [1, 0, 1], 2).numpy()
    array([2, 1], dtype=int32)
    """
    return unsorted_segment_min_(data, segment_ids, num_segments, name=name)  # type: ignore[no-any-return]


def unsorted_segment_prod(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None
) -> Tensor:
    """The product of what belongs to each segment, 1 where nothing does; see `unsorted_segment_sum`.

    >>> tf.math.unsorted_segment_prod([2, 3, 4], [2, 0, 2], 4).numpy()
    array([3, 1, 8, 1], dtype=int32)
    """
    return unsorted_segment_prod_(data, segment_ids, num_segments, name=name)  # type: ignore[no-any-return]


def _sizes(data: Tensor, ids: Tensor, count: Any) -> Any:
    """How much belongs to each segment, at least 1, in a shape that the rows of `data` divide by."""
    one = OPS["Cast"](1, DstT=data.dtype)
    sizes = unsorted_segment_sum_(OPS["Fill"](shape_of(ids), one), ids, count)
    more = OPS["Sub"](OPS["Rank"](data), OPS["Rank"](ids)) if None in (data.shape.rank, ids.shape.rank) else None
    if more is not None:
        sizes = OPS["Reshape"](sizes, joined((-1,), OPS["Fill"](OPS["Reshape"](more, (1,)), 1)))
    else:
        for _ in range(data.shape.rank - ids.shape.rank):  # type: ignore[operator]
            sizes = OPS["ExpandDims"](sizes, -1)
    return OPS["Maximum"](sizes, one)


def unsorted_segment_mean(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None
) -> Tensor:
    """The mean of what belongs to each segment, 0 where nothing does; see `unsorted_segment_sum`.

    >>> tf.math.unsorted_segment_mean([1.0, 2.0, 4.0], [2, 0, 2], 3).numpy()
    array([2. , 0. , 2.5], dtype=float32)
    """
    x, ids = convert(data), convert(segment_ids)
    return unsorted_segment_sum_(x, ids, num_segments) / _sizes(x, ids, num_segments)  # type: ignore[no-any-return]


def unsorted_segment_sqrt_n(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None
) -> Tensor:
    """The sum of what belongs to each segment, divided by the root of how much that is; see `unsorted_segment_sum`.

    >>> tf.math.unsorted_segment_sqrt_n([1.0, 2.0, 4.0, 1.0, 2.0], [1, 0, 1, 1, 1], 2).numpy()
    array([2., 4.], dtype=float32)
    """
    x, ids = convert(data), convert(segment_ids)
    return unsorted_segment_sum_(x, ids, num_segments) / OPS["Sqrt"](_sizes(x, ids, num_segments))  # type: ignore[no-any-return]
