"""Broadcasting: to a shape, and the shape that several broadcast to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape, TensorShape
from ..core import types
from ..core.convert import convert
from ..core.execute import execute
from ..core.op import op
from ..core.symbol import Size
from ..core.tensor import Array, Tensor, TensorLike
from .common import NO_ATTRS, unbroadcast
from .layout import given, integers, is_negative

_SIZES = {int, Size, type(None)}
_COPIED = 1 << 14  # elements of a broadcast result up to which it is a copy, not a view


def _broadcast_to_rule(input: Shape, shape: Any, **_attrs: Any) -> Shape:
    shape = integers(shape, "Tidx", 1, "shape must be a vector of {int32,int64}, got shape ")
    if shape is None:
        return None
    for size in shape:
        if is_negative(size):
            raise errors.invalid(f"Dimension {size} must be >= 0")
    if input is None:
        return shape  # type: ignore[no-any-return]
    if {*map(type, input), *map(type, shape)} - {int} and len(input) <= len(shape):
        return _partly_broadcast(input, shape)
    if len(input) > len(shape):
        raise errors.invalid(
            f"Rank of input ({len(input)}) must be no greater than rank of output shape ({len(shape)})."
        )
    for have, want in zip(reversed(input), reversed(shape), strict=False):
        if have == 0 and want == 1:
            raise errors.invalid(
                f"Unable to broadcast tensor of shape {shapes.show(input)} to tensor of shape {shapes.show(shape)}"
            )
        if have not in (1, want, None):
            raise errors.invalid(f"Incompatible shapes: {shapes.show(input)} vs. {shapes.show(shape)}")
    return shape  # type: ignore[no-any-return]


def _partly_broadcast(input: Any, shape: Any) -> Shape:
    new = len(shape) - len(input)
    sizes = list(shape)
    for i, have in enumerate(input, new):
        if type(have) is int and have != 1:
            if type(shape[i]) is int and shape[i] != have:
                raise errors.invalid(f"Incompatible shapes: {shapes.show(input)} vs. {shapes.show(shape)}")
            sizes[i] = have
    return tuple(sizes)


@op("BroadcastTo", "input:T, shape:Tidx -> output:T", shape=_broadcast_to_rule, static=("shape",), Tidx=types.INDICES)
def _broadcast_to(xp: Any, input: Array, shape: Any) -> Array:
    if type(shape) is not tuple:
        _broadcast_to_rule(input.shape, given(shape))
    return xp.broadcast_to(input, shape)


@_broadcast_to.on("host")
def _(xp: Any, input: Array, shape: Any) -> Array:
    if type(shape) is not tuple or math.prod(shape) > _COPIED or len(shape) < input.ndim:
        return _broadcast_to.kernel(np, input, shape)  # a view
    out = np.empty(shape, input.dtype)
    out[...] = input  # a copy of few elements takes less time than NumPy's `broadcast_to`
    return out


@_broadcast_to.gradient
def _(g: Any, _output: Any, input_shape: Any, _shape: Any) -> Any:
    return unbroadcast(g, input_shape), None


def broadcast_to(input: TensorLike, shape: Any, name: str | None = None) -> Tensor:
    """Repeats a tensor along axes of size 1, and along new axes at the front, to give it a shape.

    Args:
      input: a Tensor.
      shape: the sizes wanted, a vector of integers.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if a size of `input` is neither 1 nor the one wanted.

    >>> print(tf.broadcast_to([1, 2], [2, 2]))
    tf.Tensor(
    [[1 2]
     [1 2]], shape=(2, 2), dtype=int32)
    """
    return execute(_broadcast_to, (input, shape), NO_ATTRS, name)  # type: ignore[no-any-return]


def _broadcast_args_rule(s0: Shape, s1: Shape, **_attrs: Any) -> Shape:
    for i, s in enumerate((s0, s1)):
        if s is not None and len(s) != 1:
            raise errors.invalid(f"In[{i}] must be a vector.{shapes.show(s)}")
    sizes = [s[0] if s is not None else None for s in (s0, s1)]
    return (None if None in sizes else max(sizes),)  # type: ignore[type-var]


@op("BroadcastArgs", "s0:T, s1:T -> r0:T", shape=_broadcast_args_rule, differentiable=None, T=types.INDICES)
def _broadcast_args(xp: Any, s0: Array, s1: Array) -> Array:
    _broadcast_args_rule(s0.shape, s1.shape)
    sizes = shapes.broadcast(tuple(s0.tolist()), tuple(s1.tolist()))
    return xp.asarray(sizes, s0.dtype)


@_broadcast_args.on("xla")
def _(jax: Any, s0: Array, s1: Array) -> Array:
    jnp = jax.numpy
    rank = max(len(s0), len(s1))
    sizes = [jnp.concatenate([jnp.ones(rank - len(s), s.dtype), s]) for s in (s0, s1)]
    return jnp.where(sizes[0] == 1, sizes[1], sizes[0])


def broadcast_dynamic_shape(shape_x: TensorLike, shape_y: TensorLike) -> Tensor:
    """The shape that tensors of two shapes have when they are broadcast against each other, as a Tensor.

    Args:
      shape_x: a vector of integers.
      shape_y: another.

    Raises:
      InvalidArgumentError: if the two do not fit.

    >>> print(tf.broadcast_dynamic_shape([1, 2], [3, 1]))
    tf.Tensor([3 2], shape=(2,), dtype=int32)
    """
    x, y = (convert(s, hint=dtypes.int32) if isinstance(s, (list, tuple)) else s for s in (shape_x, shape_y))
    return _broadcast_args(x, y)  # type: ignore[no-any-return]


def broadcast_static_shape(shape_x: TensorShape, shape_y: TensorShape) -> TensorShape:
    """The shape that tensors of two shapes, perhaps known in part, have when they are broadcast against each other.

    Raises:
      ValueError: if the two do not fit.

    >>> tf.broadcast_static_shape(tf.TensorShape([1, None]), tf.TensorShape([3, 1]))
    TensorShape([3, None])
    """
    if shape_x.ndims is None or shape_y.ndims is None:
        return TensorShape(None)
    try:
        return TensorShape(shapes.broadcast(tuple(shape_x), tuple(shape_y)))
    except errors.InvalidArgumentError:
        raise ValueError(
            "Incompatible shapes for broadcasting. Two shapes are compatible if for each dimension pair they are either"
            f" equal or one of them is 1. Received: {shape_x} and {shape_y}."
        ) from None
