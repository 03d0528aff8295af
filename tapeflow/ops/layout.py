"""The shape of a tensor: reshaping, transposing, axes of size 1."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert, to_array
from ..core.execute import execute
from ..core.op import OPS, op
from ..core.symbol import Size
from ..core.tensor import Array, Tensor, TensorLike
from .common import NO_ATTRS, conj, shape_of
from .sizes import all_axes

_SIZES = {int, Size, type(None)}
_COPIED = 1 << 14  # elements of a broadcast result up to which it is a copy, not a view


# --- static inputs


def integers(value: Any, attr: str, rank: int | None = 1, message: str = "") -> Any:
    """A static input that must be integers, in a shape rule; None, if unknown, and Sizes stay what they are.

    Args:
      value: what the caller gave, as plain Python.
      attr: the name that TensorFlow has for the dtype of the input.
      rank: the rank that it must have; None for any.
      message: what to say if it has another rank, before the shape.

    Raises:
      InvalidArgumentError, TypeError, ValueError: if it is something else, with TensorFlow's text.
    """
    if value is None or (type(value) in _SIZES and rank != 1):
        return value
    if type(value) is tuple and rank != 0 and set(map(type, value)) <= _SIZES:
        return value
    tensor = Tensor(to_array(value, dtypes.int32 if isinstance(value, float) and rank is not None else None))
    if tensor.dtype not in types.INDICES and tensor.shape.num_elements() and not tensor.dtype.is_bool:
        raise errors.invalid(
            f"Value for attr '{attr}' of {tensor.dtype.cpp_name} is not in the list of allowed values: int32, int64"
        )
    if rank is not None and tensor.shape.rank != rank:
        raise errors.invalid(message + shapes.show(shape_of(tensor)))
    return value


def is_negative(size: Any) -> bool:
    """Whether a size in a shape rule, which may be None or a Size, is known to be negative."""
    return type(size) is int and size < 0


def attr_int(value: Any, argument: str) -> int:
    """The value of an attribute that is an integer.

    Raises:
      TypeError: if it is none, with TensorFlow's text.
    """
    try:
        if not isinstance(value, str):
            return int(value)
    except (TypeError, ValueError):
        pass
    raise TypeError(f"Expected int for argument '{argument}' not {value!r}.")


def attr_string(value: Any, argument: str) -> str:
    """The value of an attribute that is a string.

    Raises:
      TypeError: if it is none, with TensorFlow's text.
    """
    if isinstance(value, (str, bytes)):
        return value if isinstance(value, str) else value.decode()
    raise TypeError(f"Expected string for argument '{argument}' not {value!r}.")


def given(value: Any) -> Any:
    """A static input, in a kernel, where None is what the caller gave and not just unknown: TensorFlow's error."""
    return convert(value) if value is None else value


# --- Reshape


def _reshaped(tensor: Any, shape: Any, **_attrs: Any) -> Shape:
    shape = (shape,) if type(shape) in (int, Size) else integers(shape, "Tshape", 1, "sizes input must be 1-D, not ")
    if shape is None:
        return None
    unknown = [i for i, size in enumerate(shape) if is_negative(size)]
    for i in unknown:
        if shape[i] < -1:
            raise errors.invalid(f"Size {i} must be non-negative, not {shape[i]}")
    if len(unknown) > 1:
        raise errors.invalid(f"Only one input size may be -1, not both {unknown[0]} and {unknown[1]}")
    known = math.prod(size for size in shape if type(size) is int and size != -1)
    if known >= 2**63:
        raise errors.invalid(f"Shape [{', '.join(map(str, shape))}] has too many elements")
    if tensor is None or {*map(type, tensor), *map(type, shape)} - {int}:
        return _partly_reshaped(tensor, tuple(None if is_negative(size) else size for size in shape))
    count = math.prod(tensor)
    missing = _missing(tensor, count, shape, known) if unknown else 0
    if count != known * (missing if unknown else 1):
        raise errors.invalid(
            f"Input to reshape is a tensor with {count} values, but the requested shape "
            + (f"requires a multiple of {known}" if unknown and known else f"has {known}")
        )
    return tuple(missing if size == -1 else size for size in shape)


def _partly_reshaped(tensor: Any, shape: Any) -> Shape:
    """The shape, if one size is missing (None) and follows from what is known: what is on both sides cancels out."""
    if tensor is None or None in tensor or shape.count(None) != 1:
        return shape  # type: ignore[no-any-return]
    count, left = _factors(tensor)
    known, wanted = _factors(size for size in shape if size is not None)
    for size in wanted:
        at = next((i for i, n in enumerate(left) if n.key == size.key), None)
        if at is None:
            return shape  # type: ignore[no-any-return]
        del left[at]
    if not known or count % known:
        return shape  # type: ignore[no-any-return]
    missing: Any = math.prod(left, start=count // known)
    return tuple(missing if size is None else size for size in shape)


def _factors(sizes: Iterable[Any]) -> tuple[int, list[Size]]:
    """What a product of sizes is made of: an int, and Sizes that are no products."""
    count, unknown = 1, []
    for size in sizes:
        if type(size) is int:
            count *= size
        elif size.function is operator.mul:
            more, parts = _factors(size.operands)
            count *= more
            unknown += parts
        else:
            unknown.append(size)
    return count, unknown


def _missing(tensor: Any, count: int, shape: Any, known: int) -> int:
    """The size that -1 stands for; where sizes are 0, it is found from the others."""
    if known or count:
        return count // known if known else 0
    return int(math.prod(n for n in tensor if n) // math.prod(n for n in shape if n not in (0, -1)))


@op("Reshape", "tensor:T, shape:Tshape -> output:T", shape=_reshaped, static=("shape",), Tshape=types.INDICES)
def _reshape(xp: Any, tensor: Array, shape: Any) -> Array:
    try:
        out = tensor.reshape(shape)
    except (ValueError, TypeError, ZeroDivisionError):  # NumPy's, and those of jax.numpy
        return tensor.reshape(_reshaped(tensor.shape, shape))
    if out.shape != shape and (type(shape) is not tuple or min(shape) < -1):  # NumPy takes any negative size for -1
        _reshaped(tensor.shape, given(shape))
    return out


@_reshape.gradient
def _(g: Any, _output: Any, tensor_shape: Any, _shape: Any) -> Any:
    return _reshape(g, tensor_shape), None


def reshape(tensor: TensorLike, shape: Any, name: str | None = None) -> Tensor:
    """The same elements in another shape.

    Args:
      tensor: a Tensor of any shape.
      shape: the new sizes, integers; one may be -1 and is then worked out.
      name: a name for errors.

    Returns:
      A Tensor of that shape.

    Raises:
      InvalidArgumentError: if the number of elements differs.

    >>> print(tf.reshape([1, 2, 3, 4], [2, -1]))
    tf.Tensor(
    [[1 2]
     [3 4]], shape=(2, 2), dtype=int32)
    """
    return execute(_reshape, (tensor, shape), NO_ATTRS, name)  # type: ignore[no-any-return]


# --- Transpose


def _transposed(x: Shape, perm: Any, **_attrs: Any) -> Shape:
    perm = integers(perm, "Tperm", 1, "perm must be rank 1, got shape ")
    if x is None:
        return None if perm is None else (None,) * len(perm)
    if perm is None or set(map(type, perm)) - {int}:
        return (None,) * len(x)
    rank = len(x)
    if len(perm) != rank:
        raise errors.invalid(f"transpose expects a vector of size {rank}. But input(1) is a vector of size {len(perm)}")
    axes = [axis + rank if axis < 0 else axis for axis in perm]
    for axis in axes:
        if not 0 <= axis < rank:
            raise errors.invalid(f"{axis} is out of range [0 .. {rank})")
    for axis in range(rank):
        if axis not in axes:
            raise errors.invalid(f"{axis} is missing from {{{','.join(map(str, perm))}}}.")
    return tuple(x[axis] for axis in axes)


def _permuted(x: Array, perm: Any) -> Array:
    if type(perm) is not tuple:
        _transposed(x.shape, given(perm))
    return x.transpose(perm)


@op("Transpose", "x:T, perm:Tperm -> y:T", shape=_transposed, static=("perm",), Tperm=types.INDICES)
def _transpose(xp: Any, x: Array, perm: Any) -> Array:
    return _permuted(x, perm)


@op("ConjugateTranspose", "x:T, perm:Tperm -> y:T", shape=_transposed, static=("perm",), Tperm=types.INDICES)
def _conjugate_transpose(xp: Any, x: Array, perm: Any) -> Array:
    return xp.conjugate(_permuted(x, perm))


def _inverse(perm: Any) -> Any:
    """The permutation that undoes `perm`, whose axes may be counted from the end."""
    if type(perm) is not tuple:
        return OPS["InvertPermutation"](perm)
    inverse = [0] * len(perm)
    for i, axis in enumerate(perm):
        inverse[axis] = i
    return tuple(inverse)


@_transpose.gradient
def _(g: Any, _y: Any, _x: Any, perm: Any) -> Any:
    return _transpose(g, _inverse(perm)), None


@_conjugate_transpose.gradient
def _(g: Any, _y: Any, _x: Any, perm: Any) -> Any:
    return _transpose(conj(g), _inverse(perm)), None


def transpose(a: TensorLike, perm: Any = None, conjugate: bool = False, name: str | None = "transpose") -> Tensor:
    """Puts the axes of a tensor in another order.

    Args:
      a: a Tensor.
      perm: for each axis of the result, which axis of `a` it is; the reverse order by default.
      conjugate: whether to take the complex conjugate too.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if `perm` is no permutation of the axes.

    >>> tf.transpose(tf.zeros([2, 3, 5])).shape, tf.transpose(tf.zeros([2, 3, 5]), [0, 2, 1]).shape
    (TensorShape([5, 3, 2]), TensorShape([2, 5, 3]))
    """
    if not isinstance(a, Tensor):
        a = convert(a)
    if perm is None:
        perm = all_axes(a)
        perm = perm[::-1]
    if conjugate and a.dtype.is_complex:
        return execute(_conjugate_transpose, (a, perm), NO_ATTRS, name)  # type: ignore[no-any-return]
    return execute(_transpose, (a, perm), NO_ATTRS, name)  # type: ignore[no-any-return]


# --- ExpandDims, Squeeze


def _expanded(x: Shape, dim: Any, **_attrs: Any) -> Shape:
    if type(dim) is tuple:
        if len(dim) != 1:
            raise errors.invalid("'dim' must be a tensor with a single value")
        dim = dim[0]
    dim = integers(dim, "Tdim", 0)
    if x is None:
        return None
    if type(dim) is not int:
        return (None,) * (len(x) + 1)
    rank = len(x)
    if not -rank - 1 <= dim <= rank:
        raise errors.invalid(f"Tried to expand dim index {dim} for tensor with {rank} dimensions.")
    dim = dim + rank + 1 if dim < 0 else dim
    return (*x[:dim], 1, *x[dim:])


@op("ExpandDims", "input:T, dim:Tdim -> output:T", shape=_expanded, static=("dim",), Tdim=types.INDICES)
def _expand_dims(xp: Any, input: Array, dim: Any) -> Array:
    return input.reshape(_expanded(input.shape, given(dim)))


@_expand_dims.on("host")
def _(xp: Any, input: Array, dim: Any) -> Array:
    if type(dim) is int:
        if dim == 0:
            return input[None]
        if dim == -1:
            return input[..., None]
        if 0 < dim <= input.ndim:
            return input[(slice(None),) * dim + (None,)]
    return input.reshape(_expanded(input.shape, given(dim)))


@_expand_dims.gradient
def _(g: Any, _output: Any, input_shape: Any, _dim: Any) -> Any:
    return _reshape(g, input_shape), None


def expand_dims(input: TensorLike, axis: Any, name: str | None = None) -> Tensor:
    """Inserts an axis of size 1.

    Args:
      input: a Tensor.
      axis: where in the result the new axis is; negative numbers count from its end.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if `axis` is not in `[-rank - 1, rank]`.

    >>> tf.expand_dims([1, 2, 3], 0).shape, tf.expand_dims([1, 2, 3], -1).shape
    (TensorShape([1, 3]), TensorShape([3, 1]))
    """
    return execute(_expand_dims, (input, axis), NO_ATTRS, name)  # type: ignore[no-any-return]


def _squeezed(x: Shape, *, squeeze_dims: Any = ()) -> Shape:
    if x is None:
        return None
    if not squeeze_dims:
        return None if None in x else tuple(n for n in x if n != 1)
    rank = len(x)
    for axis in squeeze_dims:
        if not -rank <= axis < rank:
            raise errors.invalid(f"Tried to squeeze dim index {axis} for tensor with {rank} dimensions.")
        if x[axis] not in (1, None):
            raise errors.invalid(f"Can not squeeze dim[{axis % rank}], expected a dimension of 1, got {x[axis]}")
    gone = {axis % rank for axis in squeeze_dims}
    return tuple(n for i, n in enumerate(x) if i not in gone)


@op("Squeeze", "input:T -> output:T", shape=_squeezed)
def _squeeze(xp: Any, input: Array, *, squeeze_dims: Any = ()) -> Array:
    return input.reshape(_squeezed(input.shape, squeeze_dims=squeeze_dims))


@_squeeze.gradient
def _(g: Any, _output: Any, input_shape: Any, **_attrs: Any) -> Any:
    return _reshape(g, input_shape)


def squeeze(input: TensorLike, axis: Any = None, name: str | None = None) -> Tensor:
    """Takes away axes of size 1.

    Args:
      input: a Tensor.
      axis: which axes, an int or a list of ints; all that have size 1 by default.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if an axis named does not have size 1 or does not exist.
      TypeError: if an axis is not a number.

    >>> tf.squeeze(tf.zeros([1, 2, 1])).shape, tf.squeeze(tf.zeros([1, 2, 1]), 0).shape
    (TensorShape([2]), TensorShape([2, 1]))
    """
    return execute(_squeeze, (input,), {"squeeze_dims": _axes(axis)}, name)  # type: ignore[no-any-return]


def _axes(axis: Any) -> tuple[int, ...]:
    if axis is None:
        return ()
    if isinstance(axis, (Tensor, np.ndarray)) and len(axis.shape):
        raise TypeError(f"Expected list for 'axis' argument to 'squeeze' Op, not {axis!r}.")
    return tuple([attr_int(one, "axis") for one in (axis if isinstance(axis, (list, tuple)) else (axis,))])
