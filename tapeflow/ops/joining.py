"""Putting tensors together and taking them apart: concat, stack, unstack, split, tile, repeat."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.context import context
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert, to_array
from ..core.execute import execute, static_value
from ..core.op import OPS, op
from ..core.symbol import Size
from ..core.tensor import EAGER, Array, Tensor, TensorLike
from .common import NO_ATTRS, scalar, shape_of
from .layout import expand_dims, integers, is_negative, reshape
from .passing import identity

# --- ConcatV2


def _concatenated(*values_and_axis: Any, **_attrs: Any) -> Shape:
    *values, axis = values_and_axis
    if type(axis) is tuple:
        if len(axis) != 1:
            raise errors.invalid(f"axis tensor should be a scalar integer, but got shape [{len(axis)}]")
        (axis,) = axis
    return shapes.concat(*values, integers(axis, "Tidx", 0))


@op("ConcatV2", "values:N*T, axis:Tidx -> output:T", shape=_concatenated, static=("axis",), Tidx=types.INDICES)
def _concat(xp: Any, *values_and_axis: Any) -> Array:
    *values, axis = values_and_axis
    if type(axis) is not int:
        _concatenated(*[x.shape for x in values], axis)
        (axis,) = axis
    return xp.concatenate(values, axis)


@_concat.gradient
def _(g: Any, _output: Any, *values_shape: Any) -> Any:
    *sizes, axis = values_shape
    (axis,) = axis if type(axis) is tuple else (axis,)
    if isinstance(axis, Tensor):  # known only when the function runs
        rank = len(sizes[0]) if type(sizes[0]) is tuple else OPS["Size"](sizes[0])
        axis = OPS["FloorMod"](OPS["Cast"](axis, DstT=dtypes.int32), rank)
    lengths = tuple(size[axis] if type(axis) is int else convert(size)[axis] for size in sizes)
    return (*_split_v(g, lengths, axis, num_split=len(sizes)), None)


def concat(values: Any, axis: Any, name: str | None = "concat") -> Tensor:
    """Joins tensors along an axis that they have.

    Args:
      values: a list of Tensors of one dtype, and of one shape but for the size of `axis`; or a single Tensor.
      axis: the axis, an int.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if shapes or dtypes do not fit each other, or there is no such axis.

    >>> print(tf.concat([[[1, 2]], [[3, 4]]], axis=0))
    tf.Tensor(
    [[1 2]
     [3 4]], shape=(2, 2), dtype=int32)
    """
    if not isinstance(values, (list, tuple)):
        values = (values,)
    if not values:
        if context.graph is not None:
            raise ValueError("List argument 'values' to 'ConcatV2' Op with length 0 shorter than minimum length 2.")
        raise errors.invalid(
            "OpKernel 'ConcatV2' has constraint on attr 'T' not in NodeDef '[N=0, Tidx=DT_INT32]': "
            "there is nothing to concatenate [Op:ConcatV2]"
        )
    if len(values) == 1:
        if not isinstance(axis, Tensor):
            convert(axis, dtypes.int32)  # refuses what is no integer
        return identity(values[0], name)
    return execute(_concat, (*values, axis), NO_ATTRS, name)  # type: ignore[no-any-return]


# --- Pack, Unpack


def _packed(*values: Shape, axis: int = 0) -> Shape:
    known = [(i, shape) for i, shape in enumerate(values) if shape is not None]
    if not known:
        return None
    first, like = known[0]
    for i, shape in known:
        if not shapes.fits(like, shape):
            raise errors.invalid(
                "Shapes of all inputs must match: "
                f"values[{first}].shape = {shapes.show(like)} != values[{i}].shape = {shapes.show(shape)}"
            )
    rank = len(like) + 1
    if not -rank <= axis < rank:
        raise errors.invalid(f"axis = {axis} not in [{-rank}, {rank})")
    sizes = list(shapes.merge(*values) or ())
    sizes.insert(axis % rank, len(values))
    return tuple(sizes)


@op("Pack", "values:N*T -> output:T", shape=_packed)
def _pack(xp: Any, *values: Array, axis: int = 0) -> Array:
    return xp.stack(values, axis)


@_pack.on("host")
def _(xp: Any, *values: Array, axis: int = 0) -> Array:
    if axis == 0 and values[0].dtype.kind != "O":  # for small arrays several times as fast as np.stack
        return np.array(values)
    return np.stack(values, axis)


@_pack.gradient
def _(g: Any, _output: Any, *_values: Any, axis: int) -> Any:
    return tuple(_unpack(g, num=len(_values), axis=axis))


def stack(values: Any, axis: Any = 0, name: str | None = "stack") -> Tensor:
    """Joins tensors of one shape along a new axis.

    Args:
      values: a list of Tensors of one shape and dtype.
      axis: where the new axis is in the result; negative numbers count from its end.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if shapes or dtypes differ.
      ValueError: if there can be no such axis.

    >>> print(tf.stack([[1, 2], [3, 4]], axis=1))
    tf.Tensor(
    [[1 3]
     [2 4]], shape=(2, 2), dtype=int32)
    """
    if type(axis) is not int:
        axis = int(axis) if isinstance(axis, (float, np.number, Tensor)) else axis
    if axis == 0 and not (type(values) is list and values and isinstance(values[0], Tensor)):
        try:
            return convert(values)
        except (TypeError, ValueError):
            pass  # what cannot be converted as a whole may be packed
    if not isinstance(values, (list, tuple)):
        got = f"an ndarray with rank {np.ndim(values)}" if isinstance(values, np.ndarray) else type(values).__name__
        raise ValueError(f"expected a sequence for attr N, got {got} instead")
    like = shape_of(convert(values[0]))
    rank = len(like) if type(like) is tuple else None
    if rank is not None and not -rank - 1 <= axis < rank + 1:
        raise ValueError(f"Argument `axis` = {axis} not in range [{-rank - 1}, {rank + 1})")
    return execute(_pack, tuple(values), {"axis": axis}, name)  # type: ignore[no-any-return]


def _unpacked(value: Shape, *, num: int, axis: int = 0) -> tuple[Shape, ...]:
    if value is None:
        return (None,) * num
    rank = len(value)
    if not -rank <= axis < rank:
        raise errors.invalid(f"axis = {axis} not in [{-rank}, {rank})")
    axis %= rank
    if value[axis] not in (num, None):
        raise errors.invalid(f"Input shape axis {axis} must equal {num}, got shape {shapes.show(value)}")
    return (value[:axis] + value[axis + 1 :],) * num


@op("Unpack", "value:T -> output:num*T", shape=_unpacked)
def _unpack(xp: Any, value: Array, *, num: int, axis: int = 0) -> tuple[Array, ...]:
    _unpacked(value.shape, num=num, axis=axis)
    before = (slice(None),) * (axis % value.ndim)
    return tuple([value[(*before, i, ...)] for i in range(num)])


@_unpack.gradient
def _(g: Any, _output: Any, _value: Any, *, axis: int, **_attrs: Any) -> Any:
    return _pack(*_filled(g), axis=axis)


def _filled(g: Any) -> list[Any]:
    """The gradients of several outputs of one shape, zeros for those that are not connected."""
    grads = g if type(g) is tuple else (g,)
    some = next(each for each in grads if each is not None)
    return [OPS["ZerosLike"](some) if each is None else each for each in grads]


def unstack(value: TensorLike, num: int | None = None, axis: Any = 0, name: str | None = "unstack") -> list[Tensor]:
    """Takes a tensor apart along an axis, which goes.

    Args:
      value: a Tensor.
      num: the size of the axis; not needed where it is known.
      axis: the axis.
      name: a name for errors.

    Returns:
      A list of Tensors.

    Raises:
      ValueError: if there is no such axis, or its size is not known.
      InvalidArgumentError: if its size is not `num`.

    >>> [x.numpy().tolist() for x in tf.unstack([[1, 2], [3, 4]])]
    [[1, 2], [3, 4]]
    """
    value = convert(value)
    if num is None:
        sizes = shape_of(value)
        if type(sizes) is tuple and not -len(sizes) <= axis < len(sizes):
            raise ValueError(f"Argument `axis` = {axis} not in range [{-len(sizes)}, {len(sizes)})")
        num = sizes[axis] if type(sizes) is tuple else None
        if type(num) is not int:
            raise ValueError(f"Cannot infer argument `num` from shape {value.shape}")
    attrs = {"num": int(num), "axis": int(axis)}
    return execute(_unpack, (value,), attrs, name)  # type: ignore[no-any-return]


# --- Split, SplitV


def _split_axis(value: Shape, axis: Any) -> int | None:
    if axis is None or value is None:
        return None
    if type(axis) is tuple:
        raise errors.invalid("split_dim must be a scalar but has rank 1")
    integers(axis, "Tdim", 0)
    rank = len(value)
    if not -rank <= axis < rank:
        raise errors.invalid(f"-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {axis}")
    return int(axis % rank)


def _parts(value: Shape, axis: int | None, sizes: Any) -> tuple[Shape, ...]:
    if value is None or axis is None:
        return (None if value is None else (None,) * len(value),) * len(sizes)
    return tuple((*value[:axis], size, *value[axis + 1 :]) for size in sizes)


def _split_rule(split_dim: Any, value: Shape, *, num_split: int) -> tuple[Shape, ...]:
    axis = _split_axis(value, split_dim)
    length = value[axis] if value is not None and axis is not None else None
    if length is not None and length % num_split:
        raise errors.invalid(
            "Number of ways to split should evenly divide the split dimension, "
            f"but got split_dim {axis} (size = {length}) and num_split {num_split}"
        )
    return _parts(value, axis, (None if length is None else length // num_split,) * num_split)


def _slices(value: Array, axis: int, sizes: Any) -> tuple[Array, ...]:
    before = (slice(None),) * axis
    parts = []
    start = 0
    for size in sizes:
        parts.append(value[(*before, slice(start, start + size))])
        start += size
    return tuple(parts)


@op("Split", "split_dim:int32, value:T -> output:num_split*T", shape=_split_rule, static=("split_dim",))
def _split(xp: Any, split_dim: Any, value: Array, *, num_split: int) -> tuple[Array, ...]:
    _split_rule(split_dim, value.shape, num_split=num_split)
    axis = split_dim % value.ndim
    return _slices(value, axis, (value.shape[axis] // num_split,) * num_split)


@_split.gradient
def _(g: Any, _output: Any, split_dim: Any, _value: Any, **_attrs: Any) -> Any:
    grads = _filled(g)
    return None, _concat(*grads, split_dim) if len(grads) > 1 else grads[0]


def _sizes(value: Shape, size_splits: Any, split_dim: Any, num_split: int) -> tuple[tuple[Any, ...], int | None]:
    """The sizes of the parts, -1 worked out, and the axis."""
    axis = _split_axis(value, split_dim)
    if size_splits is None:
        return (None,) * num_split, axis
    plain = type(size_splits) is tuple and set(map(type, size_splits)) <= {int, Size, type(None)}
    shape = (len(size_splits),) if plain else np.shape(to_array(size_splits))
    if len(shape) != 1 or shape[0] != num_split:
        raise errors.invalid(
            "size of the split_tensor must be 1-D and have the same elements as outputs "
            f"got {len(shape)} -D and {math.prod(shape)} elements"
        )
    length = value[axis] if value is not None and axis is not None else None
    if {type(length), *map(type, size_splits)} & {Size, type(None)}:
        return tuple(None if size == -1 else size for size in size_splits), axis
    if num_split == 1 and length not in (None, size_splits[0]):
        raise errors.invalid(
            "If there is only one output, it must have the same size as the input. "
            f"Input size: {length} output size: {size_splits[0]}"
        )
    total = sum(size for size in size_splits if size != -1)
    unknown = size_splits.count(-1)
    if unknown > 1:
        raise errors.invalid("There can only be one -1 in the input.")
    for i, size in enumerate(size_splits):
        if size < -1:
            raise errors.invalid(f"Split size at index {i} must be >= 0. Got: {size}")
    if length is not None and (total != length if not unknown else total > length):
        raise errors.invalid(
            "Determined shape must either match input shape along split_dim exactly if fully specified, or be less"
            f" than the size of the input along split_dim if not fully specified.  Got: {total}"
        )
    rest = None if length is None else length - total
    return tuple(rest if size == -1 else size for size in size_splits), axis


def _split_v_rule(value: Shape, size_splits: Any, split_dim: Any, *, num_split: int) -> tuple[Shape, ...]:
    sizes, axis = _sizes(value, size_splits, split_dim, num_split)
    return _parts(value, axis, sizes)


@op(
    "SplitV", "value:T, size_splits:Tlen, split_dim:int32 -> output:num_split*T", shape=_split_v_rule,
    static=("size_splits", "split_dim"), Tlen=(dtypes.int8, *types.INDICES),
)  # fmt: skip
def _split_v(xp: Any, value: Array, size_splits: Any, split_dim: Any, *, num_split: int) -> tuple[Array, ...]:
    sizes, axis = _sizes(value.shape, size_splits, split_dim, num_split)
    return _slices(value, axis or 0, sizes)


@_split_v.gradient
def _(g: Any, _output: Any, value_shape: Any, size_splits: Any, split_dim: Any, **_attrs: Any) -> Any:
    grads = list(g) if type(g) is tuple else [g]
    if any(each is None for each in grads):
        some = next(each for each in grads if each is not None)
        zeros = OPS["Fill"](value_shape, scalar(0, some.dtype))
        parts = _split_v(zeros, size_splits, split_dim, num_split=len(grads))
        grads = [part if each is None else each for each, part in zip(grads, parts, strict=True)]
    return _concat(*grads, split_dim) if len(grads) > 1 else grads[0], None, None


def split(
    value: TensorLike, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str | None = "split"
) -> list[Tensor]:
    """Takes a tensor apart along an axis, which stays.

    Args:
      value: a Tensor.
      num_or_size_splits: into how many parts of the same size, an int; or the sizes of the parts, one of which may be
        -1 for all that is left.
      axis: the axis.
      num: how many sizes there are, where that is not known.
      name: a name for errors.

    Returns:
      A list of Tensors.

    Raises:
      InvalidArgumentError: if the sizes do not add up, or the size is no multiple of the number.
      ValueError: if `num_or_size_splits` is a 0-d Tensor or no integer.

    >>> [x.numpy().tolist() for x in tf.split([1, 2, 3, 4], 2)]
    [[1, 2], [3, 4]]
    >>> [x.numpy().tolist() for x in tf.split([1, 2, 3], [1, -1])]
    [[1], [2, 3]]
    """
    if isinstance(num_or_size_splits, (int, np.integer)):
        count = int(num_or_size_splits)
        if count < 1:
            if context.graph is not None:
                raise ValueError(f"Attr 'num_split' of 'Split' Op passed {count} less than minimum 1.")
            raise errors.invalid(f"Value for attr 'num_split' of {count} must be at least minimum 1 [Op:Split]")
        return execute(_split, (axis, value), {"num_split": count}, name)  # type: ignore[no-any-return]
    if isinstance(num_or_size_splits, (list, tuple)) and set(map(type, num_or_size_splits)) == {int}:
        attrs = {"num_split": len(num_or_size_splits) if num is None else num}
        return execute(_split_v, (value, tuple(num_or_size_splits), axis), attrs, name)  # type: ignore[no-any-return]
    sizes = convert(num_or_size_splits)
    if sizes.shape.rank == 0:
        raise ValueError(
            "Rank-0 tensors are not supported as the num_or_size_splits argument to split. "
            f"Argument provided: {num_or_size_splits!s}"
        )
    if not sizes.dtype.is_integer:
        raise errors.invalid(
            f"Value for attr 'Tlen' of {sizes.dtype.cpp_name} is not in the list of allowed values: int8, int32, int64"
            " [Op:SplitV]"
        )
    if num is None:
        num = sizes.shape[0]
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {num_or_size_splits}")
    return execute(_split_v, (value, sizes, axis), {"num_split": num}, name)  # type: ignore[no-any-return]


# --- Tile, repeat


def _tiled(input: Shape, multiples: Any, **_attrs: Any) -> Shape:
    multiples = integers(multiples, "Tmultiples", 1, "Expected multiples to be 1-D, but got shape ")
    if input is None or multiples is None:
        known = multiples if input is None else input
        return None if known is None else (None,) * len(known)
    if len(multiples) != len(input):
        raise errors.invalid(
            f"Expected multiples argument to be a vector of length {len(input)} but got length {len(multiples)}"
        )
    for i, count in enumerate(multiples):
        if is_negative(count):
            raise errors.invalid(f"Expected multiples[{i}] >= 0, but got {count}")
    return tuple(None if None in (size, count) else size * count for size, count in zip(input, multiples, strict=True))


@op("Tile", "input:T, multiples:Tmultiples -> output:T", shape=_tiled, static=("multiples",), Tmultiples=types.INDICES)
def _tile(xp: Any, input: Array, multiples: Any) -> Array:
    _tiled(input.shape, multiples)
    return xp.tile(input, multiples)


@_tile.gradient
def _(g: Any, _output: Any, input_shape: Any, multiples: Any) -> Any:
    if type(multiples) is tuple and type(input_shape) is tuple:
        interleaved: Any = tuple(n for pair in zip(multiples, input_shape, strict=True) for n in pair)
        axes: Any = tuple(range(0, len(interleaved), 2))
    else:
        sizes = convert(input_shape, dtypes.int32)
        interleaved = reshape(_pack(OPS["Cast"](multiples, DstT=dtypes.int32), sizes, axis=1), (-1,))
        axes = OPS["Range"](0, OPS["Size"](interleaved), 2)
    return OPS["Sum"](reshape(g, interleaved), axes, keep_dims=False), None


def tile(input: TensorLike, multiples: Any, name: str | None = None) -> Tensor:
    """Repeats a tensor as a whole, along each axis a number of times.

    Args:
      input: a Tensor.
      multiples: how many times along each axis, a vector of integers.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if there is not one number for each axis, or one is negative.

    >>> print(tf.tile([[1, 2]], [2, 2]))
    tf.Tensor(
    [[1 2 1 2]
     [1 2 1 2]], shape=(2, 4), dtype=int32)
    """
    return execute(_tile, (input, multiples), NO_ATTRS, name)  # type: ignore[no-any-return]


def repeat(input: TensorLike, repeats: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Repeats each element of a tensor.

    Args:
      input: a Tensor.
      repeats: how many times, an integer; or one for each element along `axis`.
      axis: the axis; by default the tensor is made flat first.
      name: a name for errors.

    Raises:
      TypeError: if `repeats` are no integers.
      ValueError: if there is no such axis, or the number of `repeats` is not its size.

    >>> print(tf.repeat([[1, 2], [3, 4]], [1, 2], axis=0))
    tf.Tensor(
    [[1 2]
     [3 4]
     [3 4]], shape=(3, 2), dtype=int32)
    """
    x = convert(input)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    elif x.shape.rank == 0:
        x = reshape(x, (1,))
    counts = _counts(repeats)
    rank = x.shape.rank
    if rank is not None:
        if not -rank <= axis < rank:
            raise ValueError(f"axis={axis} out of bounds: expected {-rank}<=axis<{rank}")
        axis %= rank
    size = shape_of(x)[axis]
    length = counts.shape.num_elements()
    if length == 1 and rank is not None:
        return _repeat_evenly(x, reshape(counts, ()), axis)
    if length is None or rank is None:  # perhaps it is one
        counts = OPS["BroadcastTo"](counts, (size,))
    elif type(size) is int and length != size:
        raise ValueError(f"Dimensions {size} and {length} are not compatible")
    zero = scalar(0, counts.dtype)
    most = OPS["Maximum"](OPS["Max"](counts, (0,), keep_dims=False), zero)
    places = OPS["Range"](zero, most, scalar(1, counts.dtype))
    below = OPS["Less"](places, expand_dims(counts, -1))
    indices = _unpack(OPS["Where"](below), num=2, axis=1)[0]
    x = reshape(x, shape_of(x))  # so that the gradient is dense
    return OPS["GatherV2"](x, indices, axis, name=name)  # type: ignore[no-any-return]


def _counts(repeats: Any) -> Tensor:
    counts = convert(repeats)
    if not counts.dtype.is_integer:
        raise TypeError(
            f"Argument `tensor` (name: repeats) must be of type integer. Received `tensor` = {repeats} of dtype: "
            f"{counts.dtype}"
        )
    if counts.shape.rank not in (0, 1, None):
        raise ValueError(f"Shape {counts.shape} must have rank at most 1")
    return counts if counts.dtype in types.INDICES else OPS["Cast"](counts, DstT=dtypes.int32)


def _repeat_evenly(x: Tensor, count: Tensor, axis: int) -> Tensor:
    shape = shape_of(x)
    times = static_value(count) if type(count) in EAGER else count
    once = (1,) * (axis + 1)
    tiled = tile(expand_dims(x, axis + 1), (*once, times, *(1,) * (len(shape) - axis - 1)))
    return reshape(tiled, (*shape[:axis], shape[axis] * times if type(times) is int else -1, *shape[axis + 1 :]))
