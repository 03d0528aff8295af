"""Moving elements about: reversing, rolling, and trading space for depth or for batch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.execute import execute
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import NO_ATTRS
from .layout import attr_int, integers

# --- ReverseV2, ReverseSequence


def _reversed(tensor: Shape, axis: Any, **_attrs: Any) -> Shape:
    if axis is None or tensor is None:
        return tensor
    rank = len(tensor)
    if type(axis) is not tuple:
        raise errors.invalid("'dims' must be 1-dimension, not 0")
    integers(axis, "Tidx", None)
    if not rank:
        return tensor
    seen = set()
    for i, each in enumerate(axis):
        if not -rank <= each < rank:
            raise errors.invalid(f"'axis'[{i}] = {each} is out of valid range [0, {rank - 1}")
        if each % rank in seen:
            raise errors.invalid(f"axis {each % rank} specified more than once.")
        seen.add(each % rank)
    return tensor


_REVERSIBLE = (
    dtypes.uint8, dtypes.int8, dtypes.uint16, dtypes.int16, dtypes.int32, dtypes.uint32, dtypes.int64, dtypes.uint64,
    dtypes.bool, dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128,
    dtypes.string,
)  # fmt: skip


@op(
    "ReverseV2", "tensor:T, axis:Tidx -> output:T", shape=_reversed, static=("axis",), T=_REVERSIBLE,
    Tidx=types.INDICES,
)  # fmt: skip
def _reverse(xp: Any, tensor: Array, axis: Any) -> Array:
    _reversed(tensor.shape, axis)
    return xp.flip(tensor, axis) if axis and tensor.ndim else tensor


@_reverse.gradient
def _(g: Any, _output: Any, _tensor: Any, axis: Any) -> Any:
    return _reverse(g, axis), None


def reverse(tensor: TensorLike, axis: Any, name: str | None = None) -> Tensor:
    """Turns axes of a tensor round.

    Args:
      tensor: a Tensor.
      axis: which axes, a vector of integers.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if there is no such axis, or one is named twice.

    >>> print(tf.reverse([[1, 2], [3, 4]], [1]))
    tf.Tensor(
    [[2 1]
     [4 3]], shape=(2, 2), dtype=int32)
    """
    return execute(_reverse, (tensor, axis), NO_ATTRS, name)  # type: ignore[no-any-return]


def _reverse_sequence_rule(input: Shape, seq_lengths: Shape, *, seq_dim: int, batch_dim: int = 0) -> Shape:
    if seq_lengths is not None and len(seq_lengths) != 1:
        raise errors.invalid(f"seq_lengths must be 1-dim, not {len(seq_lengths)}")
    if input is None:
        return None
    if batch_dim == seq_dim:
        raise errors.invalid(f"batch_dim == seq_dim == {seq_dim}")
    for what, axis in (("seq_dim", seq_dim), ("batch_dim", batch_dim)):
        if axis < 0:
            raise errors.invalid(f"Invalid {what} {axis}")
        if axis >= len(input):
            raise errors.invalid(f"{what} must be < input rank ( {axis} vs. {len(input)})")
    count, size = (None if seq_lengths is None else seq_lengths[0]), input[batch_dim]
    if count is not None and size is not None and count != size:
        raise errors.invalid(f"Length of seq_lengths != input.dims({batch_dim}), ({count} vs. {size})")
    return input


@op("ReverseSequence", "input:T, seq_lengths:Tlen -> output:T", shape=_reverse_sequence_rule, Tlen=types.INDICES)
def _reverse_sequence(xp: Any, input: Array, seq_lengths: Array, *, seq_dim: int, batch_dim: int = 0) -> Array:
    _reverse_sequence_rule(input.shape, seq_lengths.shape, seq_dim=seq_dim, batch_dim=batch_dim)
    size = input.shape[seq_dim]
    lengths = seq_lengths[:, None]
    places = xp.arange(size)[None, :]
    sources = xp.where(places < lengths, lengths - 1 - places, places)
    shape = [1] * input.ndim
    shape[seq_dim], shape[batch_dim] = size, input.shape[batch_dim]
    sources = (sources if batch_dim < seq_dim else sources.T).reshape(shape)
    return xp.take_along_axis(input, xp.broadcast_to(sources, input.shape), seq_dim)


@_reverse_sequence.on("host")
def _(xp: Any, input: Array, seq_lengths: Array, *, seq_dim: int, batch_dim: int = 0) -> Array:
    _reverse_sequence_rule(input.shape, seq_lengths.shape, seq_dim=seq_dim, batch_dim=batch_dim)
    for i, length in enumerate(seq_lengths.tolist()):
        if length < 0:
            raise errors.invalid(f"seq_lens({i}) < 0")
        if length > input.shape[seq_dim]:
            raise errors.invalid(f"seq_lens({i}) > input.dims({seq_dim})")
    return _reverse_sequence.kernel(xp, input, seq_lengths, seq_dim=seq_dim, batch_dim=batch_dim)


@_reverse_sequence.gradient
def _(g: Any, _output: Any, _input: Any, seq_lengths: Any, **attrs: Any) -> Any:
    return _reverse_sequence(g, seq_lengths, **attrs), None


def reverse_sequence(
    input: TensorLike,
    seq_lengths: TensorLike,
    seq_axis: int | None = None,
    batch_axis: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Turns the first elements of each sequence of a batch round, and leaves the others where they are.

    Args:
      input: a Tensor.
      seq_lengths: how many elements of each sequence, an integer vector of the size of `batch_axis`.
      seq_axis: the axis along which the sequences run.
      batch_axis: the axis that counts them, 0 by default.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if the axes are no axes of `input` or the same, or `seq_lengths` do not fit.
      TypeError: without a `seq_axis`.

    >>> print(tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1))
    tf.Tensor(
    [[2 1 3]
     [6 5 4]], shape=(2, 3), dtype=int32)
    """
    if seq_axis is None:
        raise TypeError("Expected int for argument 'seq_dim' not None.")
    attrs = {"seq_dim": seq_axis, "batch_dim": 0 if batch_axis is None else batch_axis}
    return execute(_reverse_sequence, (input, seq_lengths), attrs, name)  # type: ignore[no-any-return]


# --- Roll


def _rolled(input: Shape, shift: Any, axis: Any, **_attrs: Any) -> Shape:
    if input is not None and not input:
        raise errors.invalid("input must be 1-D or higher")
    for what, value in (("shift", shift), ("axis", axis)):
        if value is not None:
            integers(value, f"T{what}", None)
            found = np.shape(value)
            if len(found) > 1:
                raise errors.invalid(f"{what} must be a scalar or a 1-D vector. Found: {shapes.show(found)}")
    if shift is not None and axis is not None and np.shape(shift) != np.shape(axis):
        raise errors.invalid("shift and axis must have the same size")
    for each in () if axis is None or input is None else axis if type(axis) is tuple else (axis,):
        if not -len(input or ()) <= each < len(input or ()):
            raise errors.invalid(f"axis {each + len(input or ()) if each < 0 else each} is out of range")
    return input


@op(
    "Roll", "input:T, shift:Tshift, axis:Taxis -> output:T", shape=_rolled, static=("shift", "axis"),
    Tshift=types.INDICES, Taxis=types.INDICES,
)  # fmt: skip
def _roll(xp: Any, input: Array, shift: Any, axis: Any) -> Array:
    _rolled(input.shape, shift, axis)
    return xp.roll(input, shift, axis)


@_roll.gradient
def _(g: Any, _output: Any, _input: Any, shift: Any, axis: Any) -> Any:
    back = tuple(-n for n in shift) if type(shift) is tuple else -shift
    return _roll(g, back, axis), None, None


def roll(input: TensorLike, shift: Any, axis: Any, name: str | None = None) -> Tensor:
    """Shifts elements along axes; what leaves at one end comes back at the other.

    Args:
      input: a Tensor.
      shift: by how much, an integer or one for each axis.
      axis: along which axis, an integer or several.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if there is no such axis, or not one shift for each.

    >>> print(tf.roll([1, 2, 3, 4], shift=1, axis=0))
    tf.Tensor([4 1 2 3], shape=(4,), dtype=int32)
    """
    return execute(_roll, (input, shift, axis), NO_ATTRS, name)  # type: ignore[no-any-return]


# --- SpaceToDepth, DepthToSpace


def _image(input: Shape, data_format: str, block_size: int) -> Any:
    """The sizes `n, h, w, c` of a batch of images."""
    n, *rest = input or (None,) * 4
    return (n, *rest) if data_format == "NHWC" else (n, rest[1], rest[2], rest[0])


def _laid_out(n: Any, h: Any, w: Any, c: Any, data_format: str) -> Shape:
    return (n, h, w, c) if data_format == "NHWC" else (n, c, h, w)


def _deepened(input: Shape, *, block_size: int, data_format: str = "NHWC") -> Shape:
    if input is not None and len(input) != 4:
        raise errors.invalid(f"Input rank should be 4 instead of {len(input)}")
    n, h, w, c = _image(input, data_format, block_size)
    if (h or 0) % block_size or (w or 0) % block_size:
        raise errors.invalid(f"Image width {w} and height {h} should be divisible by block_size: {block_size}")
    h, w = (None if size is None else size // block_size for size in (h, w))
    return _laid_out(n, h, w, None if c is None else c * block_size**2, data_format)


def _flattened(input: Shape, *, block_size: int, data_format: str = "NHWC") -> Shape:
    if input is not None and len(input) != 4:
        raise errors.invalid(f"Input rank should be: 4 instead of: {len(input)}")
    n, h, w, c = _image(input, data_format, block_size)
    if (c or 0) % block_size**2:
        raise errors.invalid(f"Input depth dimension {c} should be divisible by: {block_size**2}")
    h, w = (None if size is None else size * block_size for size in (h, w))
    return _laid_out(n, h, w, None if c is None else c // block_size**2, data_format)


@op("SpaceToDepth", "input:T -> output:T", shape=_deepened)
def _space_to_depth(xp: Any, input: Array, *, block_size: int, data_format: str = "NHWC") -> Array:
    shape = _deepened(input.shape, block_size=block_size, data_format=data_format)
    n, h, w, c = _image(input.shape, data_format, block_size)
    b = block_size
    if data_format == "NHWC":
        return input.reshape(n, h // b, b, w // b, b, c).transpose(0, 1, 3, 2, 4, 5).reshape(shape)
    return input.reshape(n, c, h // b, b, w // b, b).transpose(0, 3, 5, 1, 2, 4).reshape(shape)


@op("DepthToSpace", "input:T -> output:T", shape=_flattened)
def _depth_to_space(xp: Any, input: Array, *, block_size: int, data_format: str = "NHWC") -> Array:
    shape = _flattened(input.shape, block_size=block_size, data_format=data_format)
    n, h, w, c = _image(input.shape, data_format, block_size)
    b = block_size
    if data_format == "NHWC":
        return input.reshape(n, h, w, b, b, c // b**2).transpose(0, 1, 3, 2, 4, 5).reshape(shape)
    return input.reshape(n, b, b, c // b**2, h, w).transpose(0, 3, 4, 1, 5, 2).reshape(shape)


@_space_to_depth.gradient
def _(g: Any, _output: Any, _input: Any, **attrs: Any) -> Any:
    return _depth_to_space(g, **attrs)


@_depth_to_space.gradient
def _(g: Any, _output: Any, _input: Any, **attrs: Any) -> Any:
    return _space_to_depth(g, **attrs)


def _blocks(block_size: int, data_format: str, op_name: str) -> dict[str, Any]:
    block_size = attr_int(block_size, "block_size")
    if block_size < 2:
        raise errors.invalid(f"Value for attr 'block_size' of {block_size} must be at least minimum 2 [Op:{op_name}]")
    if data_format not in ("NHWC", "NCHW"):
        raise errors.invalid(
            f"Value for attr 'data_format' of \"{data_format}\" is not in the list of allowed values: "
            f'"NHWC", "NCHW", "NCHW_VECT_C" [Op:{op_name}]'
        )
    return {"block_size": block_size, "data_format": data_format}


def space_to_depth(
    input: TensorLike, block_size: int, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """Makes each block of pixels one pixel that has all their channels.

    Args:
      input: a batch of images.
      block_size: the side of a block, at least 2.
      data_format: "NHWC" or "NCHW".
      name: a name for errors.

    Raises:
      InvalidArgumentError: if the images are not made of whole blocks.

    >>> tf.nn.space_to_depth(tf.zeros([1, 4, 6, 3]), 2).shape
    TensorShape([1, 2, 3, 12])
    """
    attrs = _blocks(block_size, data_format, "SpaceToDepth")
    return execute(_space_to_depth, (input,), attrs, name)  # type: ignore[no-any-return]


def depth_to_space(
    input: TensorLike, block_size: int, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """Makes each pixel a block of pixels, which share out its channels; undoes `space_to_depth`.

    Args:
      input: a batch of images.
      block_size: the side of a block, at least 2.
      data_format: "NHWC" or "NCHW".
      name: a name for errors.

    Raises:
      InvalidArgumentError: if the channels cannot be shared out evenly.

    >>> tf.nn.depth_to_space(tf.zeros([1, 2, 3, 12]), 2).shape
    TensorShape([1, 4, 6, 3])
    """
    attrs = _blocks(block_size, data_format, "DepthToSpace")
    return execute(_depth_to_space, (input,), attrs, name)  # type: ignore[no-any-return]


# --- SpaceToBatchND, BatchToSpaceND


def _check_blocks(input: Shape, block_shape: Any, around: Any, what: str) -> None:
    """Checks what the two ops have in common; `around` are the paddings, or the crops."""
    if block_shape is None:
        return
    if type(block_shape) is not tuple:
        raise errors.invalid("block_shape rank should be 1 instead of 0")
    if input is not None and len(input) < len(block_shape) + 1:
        raise errors.invalid(f"input rank should be >= {len(block_shape) + 1} instead of {len(input)}")
    if around is not None and np.shape(around) != (len(block_shape), 2):
        raise errors.invalid(
            f"{what.lower()} should have shape [{len(block_shape)}, 2] instead of {shapes.show(np.shape(around))}"
        )
    for i, size in enumerate(block_shape):
        if size < 1:
            raise errors.invalid(f"All values in block_shape must be positive, got value, {size} at index {i}.")
    if any(n < 0 for pair in around or () for n in pair):
        raise errors.invalid(f"{what} must be non-negative")


def _to_batch(input: Shape, block_shape: Any, paddings: Any, **_attrs: Any) -> Shape:
    _check_blocks(input, block_shape, paddings, "Paddings")
    if input is None or block_shape is None:
        return None if input is None else (None,) * len(input)
    batch, *rest = input
    sizes: list[int | None] = [None if batch is None else batch * math.prod(block_shape)]
    for i, (size, block) in enumerate(zip(rest, block_shape, strict=False)):
        padded = None if size is None or paddings is None else size + sum(paddings[i])
        if padded is not None and padded % block:
            raise errors.invalid(f"padded_shape[{i}]={padded} is not divisible by block_shape[{i}]={block}")
        sizes.append(None if padded is None else padded // block)
    return (*sizes, *rest[len(block_shape) :])


@op(
    "SpaceToBatchND", "input:T, block_shape:Tblock_shape, paddings:Tpaddings -> output:T", shape=_to_batch,
    static=("block_shape", "paddings"), Tblock_shape=types.INDICES, Tpaddings=types.INDICES,
)  # fmt: skip
def _space_to_batch(xp: Any, input: Array, block_shape: Any, paddings: Any) -> Array:
    shape: Any = _to_batch(input.shape, block_shape, paddings)
    m, batch, rest = len(block_shape), input.shape[0], input.shape[len(block_shape) + 1 :]
    x = xp.pad(input, ((0, 0), *paddings, *((0, 0),) * len(rest)))
    inner = [n for size, block in zip(shape[1 : m + 1], block_shape, strict=True) for n in (size, block)]
    axes = (*range(2, 2 * m + 1, 2), 0, *range(1, 2 * m, 2), *range(2 * m + 1, 2 * m + 1 + len(rest)))
    return x.reshape(batch, *inner, *rest).transpose(axes).reshape(shape)


def _to_space(input: Shape, block_shape: Any, crops: Any, **_attrs: Any) -> Shape:
    _check_blocks(input, block_shape, crops, "Crops")
    if input is None or block_shape is None:
        return None if input is None else (None,) * len(input)
    batch, *rest = input
    count = math.prod(block_shape)
    if batch is not None and batch % count:
        raise errors.invalid(f"Input batch dimension ({batch}) is not divisible by product of block sizes ({count})")
    sizes: list[int | None] = [None if batch is None else batch // count]
    for i, (size, block) in enumerate(zip(rest, block_shape, strict=False)):
        left = None if size is None or crops is None else size * block - sum(crops[i])
        if left is not None and left < 0:
            raise errors.invalid(f"cropped_shape[{i}]={left} must be non-negative")
        sizes.append(left)
    return (*sizes, *rest[len(block_shape) :])


@op(
    "BatchToSpaceND", "input:T, block_shape:Tblock_shape, crops:Tcrops -> output:T", shape=_to_space,
    static=("block_shape", "crops"), Tblock_shape=types.INDICES, Tcrops=types.INDICES,
)  # fmt: skip
def _batch_to_space(xp: Any, input: Array, block_shape: Any, crops: Any) -> Array:
    shape: Any = _to_space(input.shape, block_shape, crops)
    m, inner, rest = len(block_shape), input.shape[1 : len(block_shape) + 1], input.shape[len(block_shape) + 1 :]
    axes = (m, *(axis for i in range(m) for axis in (m + 1 + i, i)), *range(2 * m + 1, 2 * m + 1 + len(rest)))
    x = input.reshape(*block_shape, shape[0], *inner, *rest).transpose(axes)
    x = x.reshape(shape[0], *(n * block for n, block in zip(inner, block_shape, strict=True)), *rest)
    return x[(slice(None), *(slice(a, a + n) for n, (a, _) in zip(shape[1:], crops, strict=False)))]


@_space_to_batch.gradient
def _(g: Any, _output: Any, _input: Any, block_shape: Any, paddings: Any) -> Any:
    return _batch_to_space(g, block_shape, paddings), None, None


@_batch_to_space.gradient
def _(g: Any, _output: Any, _input: Any, block_shape: Any, crops: Any) -> Any:
    return _space_to_batch(g, block_shape, crops), None, None


def space_to_batch_nd(input: TensorLike, block_shape: Any, paddings: Any, name: str | None = None) -> Tensor:
    """Takes every n-th element along the axes after the first, for each place to start at, as an example of its own.

    Args:
      input: a Tensor `[batch, ...]`.
      block_shape: the n of each such axis, a vector of integers.
      paddings: how many zeros to put before and after first, `[len(block_shape), 2]`.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if a padded size is no multiple of its n, or the arguments do not fit.

    >>> tf.space_to_batch_nd(tf.zeros([1, 4, 6, 3]), [2, 2], [[0, 0], [1, 1]]).shape
    TensorShape([4, 2, 4, 3])
    """
    return execute(_space_to_batch, (input, block_shape, paddings), NO_ATTRS, name)  # type: ignore[no-any-return]


def space_to_batch(input: TensorLike, block_shape: Any, paddings: Any, name: str | None = None) -> Tensor:
    """The same as `space_to_batch_nd`."""
    return space_to_batch_nd(input, block_shape, paddings, name)


def batch_to_space(input: TensorLike, block_shape: Any, crops: Any, name: str | None = None) -> Tensor:
    """Undoes `space_to_batch_nd`.

    Args:
      input: a Tensor `[batch, ...]`.
      block_shape: as there; a single integer stands for two axes.
      crops: how many elements to take away at the start and end of each axis afterwards, `[len(block_shape), 2]`.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if the batch is no multiple of the product of `block_shape`, or the arguments do not fit.

    >>> tf.batch_to_space(tf.zeros([4, 2, 4, 3]), [2, 2], [[0, 0], [1, 1]]).shape
    TensorShape([1, 4, 6, 3])
    """
    if isinstance(block_shape, int):
        block_shape = (block_shape, block_shape)
    return execute(_batch_to_space, (input, block_shape, crops), NO_ATTRS, name)  # type: ignore[no-any-return]
