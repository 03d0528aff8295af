"""Asking for the shape of a tensor, its size and its rank."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType, DTypeLike, as_dtype
from ..core import types
from ..core.convert import convert
from ..core.execute import execute
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import NO_ATTRS, only_host, shape_of

_INT32: dict[str, Any] = {"out_type": dtypes.int32}


@op("Shape", "input:T -> output:out_type", shape=lambda x, **_: (None if x is None else len(x),), differentiable=False)
def _shape(xp: Any, input: Array, *, out_type: DType = dtypes.int32) -> Array:
    return np.array(input.shape, out_type.numpy)


def shape(input: TensorLike, out_type: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """The shape of a tensor, as a Tensor.

    Args:
      input: a Tensor.
      out_type: int32 (the default) or int64.
      name: a name for errors.

    Raises:
      InvalidArgumentError: for another `out_type`.

    >>> print(tf.shape([[1, 2, 3]]))
    tf.Tensor([1 3], shape=(2,), dtype=int32)
    """
    attrs = _INT32 if out_type is None else {"out_type": _index_type(out_type)}
    return execute(_shape, (input,), attrs, name)  # type: ignore[no-any-return]


def _index_type(out_type: DTypeLike) -> DType:
    dtype = as_dtype(out_type)
    if dtype not in types.INDICES:
        raise errors.invalid(
            f"Value for attr 'out_type' of {dtype.cpp_name} is not in the list of allowed values: int32, int64"
            " [Op:Shape]"
        )
    return dtype


@op(
    "ShapeN", "input:N*T -> output:N*out_type", differentiable=False,
    shape=lambda *xs, **_: tuple((None if x is None else len(x),) for x in xs),
)  # fmt: skip
def _shape_n(xp: Any, *input: Array, out_type: DType = dtypes.int32) -> tuple[Array, ...]:
    return tuple(np.array(x.shape, out_type.numpy) for x in input)


def shape_n(input: Any, out_type: DTypeLike = dtypes.int32, name: str | None = None) -> list[Tensor]:
    """The shapes of several tensors of one dtype.

    Args:
      input: a list of Tensors.
      out_type: int32 or int64.
      name: a name for errors.

    Returns:
      A list of 1-D Tensors.

    Raises:
      TypeError: if `input` is no list.
      InvalidArgumentError: if it is empty, if dtypes differ, or for another `out_type`.

    >>> [x.numpy().tolist() for x in tf.shape_n([tf.zeros([1, 2]), tf.zeros([])])]
    [[1, 2], []]
    """
    if not isinstance(input, (list, tuple)):
        raise TypeError(f"Expected list for 'input' argument to 'shape_n' Op, not {input!r}.")
    if not input:
        raise errors.invalid("Value for attr 'N' of 0 must be at least minimum 1 [Op:ShapeN]")
    return _shape_n(*input, out_type=_index_type(out_type), name=name)  # type: ignore[no-any-return]


def _gradient_axes(have: Array, wanted: Array) -> Array:
    """The axes of the broadcast shape along which `have` was repeated."""
    if have.tolist() == wanted.tolist():
        return np.array([], have.dtype)
    rank = max(len(have), len(wanted))
    sizes = [1] * (rank - len(have)) + have.tolist()
    return np.array([i for i in range(rank) if sizes[i] == 1], have.dtype)


@op(
    "BroadcastGradientArgs", "s0:T, s1:T -> r0:T, r1:T", T=types.INDICES, differentiable=False,
    shape=lambda *_: ((None,), (None,)),
)  # fmt: skip
def _broadcast_gradient_args(xp: Any, s0: Array, s1: Array) -> tuple[Array, Array]:
    """Over which axes to sum the gradients of two tensors of the shapes `s0` and `s1` that were broadcast."""
    for i, s in enumerate((s0, s1)):
        if s.ndim != 1:
            raise errors.invalid(f"In[{i}] must be a vector.{shapes.show(s.shape)}")
    shapes.broadcast(tuple(s0.tolist()), tuple(s1.tolist()))
    return _gradient_axes(s0, s1), _gradient_axes(s1, s0)


only_host(_broadcast_gradient_args)  # known shapes are folded before


@op("Size", "input:T -> output:out_type", shape=shapes.scalar, differentiable=False)
def _size(xp: Any, input: Array, *, out_type: DType = dtypes.int32) -> Array:
    return np.array(math.prod(input.shape)).astype(out_type.numpy)


def size(input: TensorLike, out_type: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """How many elements a tensor has, as a scalar Tensor of dtype `out_type` (int32 by default).

    >>> print(tf.size([[1, 2, 3]]))
    tf.Tensor(3, shape=(), dtype=int32)
    """
    attrs = _INT32 if out_type is None else {"out_type": as_dtype(out_type)}
    return execute(_size, (input,), attrs, name)  # type: ignore[no-any-return]


@op("Rank", "input:T -> output:int32", shape=shapes.scalar, differentiable=False)
def _rank(xp: Any, input: Array) -> Array:
    return np.array(input.ndim, np.int32)


def rank(input: TensorLike, name: str | None = None) -> Tensor:
    """How many axes a tensor has, as a scalar int32 Tensor.

    >>> print(tf.rank([[1, 2, 3]]))
    tf.Tensor(2, shape=(), dtype=int32)
    """
    return execute(_rank, (input,), NO_ATTRS, name)  # type: ignore[no-any-return]


# --- shapes for static inputs, in graphs where the rank may be unknown


def all_axes(x: Tensor) -> Any:
    """All axes of a tensor, for a static input; of unknown rank they are a Symbol."""
    shape = shape_of(x)
    return tuple(range(len(shape))) if type(shape) is tuple else OPS["Range"](0, rank(x), 1)


def count_of(x: Tensor) -> Any:
    """How many elements a tensor has, for a static input."""
    shape = shape_of(x)
    return math.prod(shape) if type(shape) is tuple else size(x)


def joined(*parts: Any) -> Any:
    """Parts of a shape, each a tuple or a Symbol, one after the other."""
    if all(type(part) is tuple for part in parts):
        return sum(parts, ())
    return OPS["ConcatV2"](*[convert(part, dtypes.int32) for part in parts if type(part) is not tuple or part], 0)
