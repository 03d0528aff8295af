"""Sets in the last dimension of tensors: union, intersection, difference and size."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.dtypes import int8, int16, int32, int64, string, uint8, uint16
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .sparse_ops import check_order
from .sparse_tensor import SparseTensor, SparseTensorValue, parts

_TYPES = (int8, int16, int32, int64, uint8, uint16, string)
_OPERATIONS = {
    "a-b": lambda a, b: a - b,
    "b-a": lambda a, b: b - a,
    "intersection": lambda a, b: a & b,
    "union": lambda a, b: a | b,
}
Sets = dict[tuple[int, ...], set[Any]]


def _result(*_: Any, **__: Any) -> tuple[Shape, ...]:
    return (None, None), (None,), (None,)


def _of_dense(x: Array) -> Sets:
    if x.ndim < 2:
        raise errors.invalid(f"Shape {shapes.show(x.shape)} has rank {x.ndim} < 2")
    return {group: set(x[group].tolist()) for group in np.ndindex(x.shape[:-1])}


def _of_sparse(indices: Array, values: Array, shape: Array, validate: bool) -> Sets:
    if validate:
        check_order(indices, shape)
    found: Sets = {}
    for place, value in zip(indices.tolist(), values.tolist()):
        found.setdefault(tuple(place[:-1]), set()).add(value)
    return found


def _check(a: Any, b: Any) -> tuple[int, ...]:
    """The shape of the groups of two sets."""
    first, second = [tuple(int(n) for n in shape[:-1]) for shape in (a, b)]
    if len(first) != len(second):
        raise errors.invalid(f"Mismatched group count? {shapes.show(first)} vs {shapes.show(second)}")
    if first != second:
        raise errors.invalid(f"Mismatched shapes {shapes.show(first)} vs {shapes.show(second)}")
    return first


def _operated(a: Sets, b: Sets, groups: tuple[int, ...], how: Any, dtype: Any) -> tuple[Array, Array, Array]:
    key = how.decode() if isinstance(how, bytes) else how
    operate = _OPERATIONS.get(key.lower())
    if operate is None:
        raise errors.invalid(f"Invalid set_operation {key}.")
    places, values, longest = [], [], 0
    for group in sorted({*a, *b}):
        found = sorted(operate(a.get(group, set()), b.get(group, set())))
        places += [(*group, i) for i in range(len(found))]
        values += found
        longest = max(longest, len(found))
    flat = np.empty(len(values), dtype)
    flat[:] = values
    shape = np.array([*groups, longest], np.int64)
    return np.array(places, np.int64).reshape(-1, len(shape)), flat, shape


_RESULT = "result_indices:int64, result_values:T, result_shape:int64"


@op("DenseToDenseSetOperation", f"set1:T, set2:T -> {_RESULT}", shape=_result, differentiable=False, T=_TYPES)
def dense_to_dense(
    xp: Any, a: Array, b: Array, *, set_operation: Any, validate_indices: bool = True
) -> tuple[Array, Array, Array]:
    first, second = _of_dense(a), _of_dense(b)
    return _operated(first, second, _check(a.shape, b.shape), set_operation, a.dtype)


@op(
    "DenseToSparseSetOperation", f"set1:T, set2_indices:int64, set2_values:T, set2_shape:int64 -> {_RESULT}",
    shape=_result, differentiable=False, T=_TYPES,
)  # fmt: skip
def dense_to_sparse(
    xp: Any, a: Array, indices: Array, values: Array, shape: Array, *, set_operation: Any, validate_indices: bool = True
) -> tuple[Array, Array, Array]:
    first, second = _of_dense(a), _of_sparse(indices, values, shape, validate_indices)
    return _operated(first, second, _check(a.shape, shape), set_operation, a.dtype)


@op(
    "SparseToSparseSetOperation",
    "set1_indices:int64, set1_values:T, set1_shape:int64, set2_indices:int64, set2_values:T, set2_shape:int64 -> "
    + _RESULT,
    shape=_result, differentiable=False, T=_TYPES,
)  # fmt: skip
def sparse_to_sparse(
    xp: Any, a: Array, av: Array, a_shape: Array, b: Array, bv: Array, b_shape: Array, *, set_operation: Any,
    validate_indices: bool = True,
) -> tuple[Array, Array, Array]:  # fmt: skip
    first, second = _of_sparse(a, av, a_shape, validate_indices), _of_sparse(b, bv, b_shape, validate_indices)
    return _operated(first, second, _check(a_shape, b_shape), set_operation, av.dtype)


@op(
    "SetSize", "set_indices:int64, set_values:T, set_shape:int64 -> size:int32", differentiable=False, T=_TYPES,
    shape=lambda _i, _v, shape, **_: None if shape is None or shape[0] is None else (None,) * (shape[0] - 1),
)  # fmt: skip
def set_size(xp: Any, indices: Array, values: Array, shape: Array, *, validate_indices: bool = True) -> Array:
    sizes = np.zeros(tuple(shape[:-1].tolist()), np.int32)
    for group, found in _of_sparse(indices, values, shape, validate_indices).items():
        sizes[group] = len(found)
    return sizes


only_host(dense_to_dense, dense_to_sparse, sparse_to_sparse, set_size)


# ---------------------------------------------------------------- functions


def _operand(x: Any, name: str) -> Any:
    x = SparseTensor.from_value(x) if isinstance(x, SparseTensorValue) else x
    x = x if isinstance(x, SparseTensor) else convert(x)
    if x.dtype not in _TYPES:
        known = "tf.int32, tf.uint8, tf.int16, tf.int8, tf.string, tf.int64, tf.uint16"
        raise TypeError(f"'{name}' has invalid dtype `{_shown(x)}` not in supported dtypes: `frozenset({{{known}}})`.")
    return x


def _shown(x: Any) -> str:
    return f"<dtype: '{x.dtype.name}'>"


def _set_operation(a: Any, b: Any, operation: str, validate: bool) -> SparseTensor:
    a, b = _operand(a, "a"), _operand(b, "b")
    if a.dtype is not b.dtype:
        raise TypeError(f"Types don't match, {_shown(a)} vs {_shown(b)}.")
    if isinstance(a, SparseTensor) and not isinstance(b, SparseTensor):
        a, b = b, a
        operation = {"a-b": "b-a", "b-a": "a-b"}.get(operation, operation)
    attrs: dict[str, Any] = {"set_operation": operation, "validate_indices": validate}
    if isinstance(a, SparseTensor):
        return SparseTensor(*sparse_to_sparse(*parts(a), *parts(b), **attrs))
    if isinstance(b, SparseTensor):
        return SparseTensor(*dense_to_sparse(a, *parts(b), **attrs))
    return SparseTensor(*dense_to_dense(a, b, **attrs))


def size(a: Any, validate_indices: bool = True) -> Tensor:
    """How many different elements there are in the last dimension.

    Args:
      a: a SparseTensor.
      validate_indices: whether to check that its indices are in order.

    Returns:
      int32, of the shape of `a` but for its last dimension.

    Raises:
      TypeError: if it is no SparseTensor.

    >>> tf.sets.size(tf.sparse.from_dense([[1, 1, 2], [0, 0, 3]])).numpy().tolist()
    [2, 1]
    """
    a = SparseTensor.from_value(a) if isinstance(a, SparseTensorValue) else a
    if not isinstance(a, SparseTensor):
        raise TypeError(f"Expected `SparseTensor`, got {a!s}.")
    if a.dtype not in _TYPES:
        _operand(a, "a")
    return set_size(*parts(a), validate_indices=validate_indices)  # type: ignore[no-any-return]


def intersection(a: TensorLike | SparseTensor, b: Any, validate_indices: bool = True) -> SparseTensor:
    """The elements of the last dimension that both have.

    Args:
      a: a Tensor or SparseTensor of integers or strings.
      b: another, of the same shape but for the last dimension.
      validate_indices: whether to check that indices are in order.

    Returns:
      A SparseTensor, sorted in the last dimension.

    Raises:
      TypeError: if the dtypes do not fit.
      InvalidArgumentError: if the shapes do not fit.

    >>> tf.sets.intersection([[1, 2, 3]], [[3, 1, 5]]).values.numpy().tolist()
    [1, 3]
    """
    return _set_operation(a, b, "intersection", validate_indices)


def difference(
    a: TensorLike | SparseTensor, b: Any, aminusb: bool = True, validate_indices: bool = True
) -> SparseTensor:
    """The elements of the last dimension that only `a` has, or only `b` unless `aminusb`; see `intersection`.

    >>> tf.sets.difference([[1, 2, 3]], [[3, 1, 5]]).values.numpy().tolist()
    [2]
    """
    return _set_operation(a, b, "a-b" if aminusb else "b-a", validate_indices)


def union(a: TensorLike | SparseTensor, b: Any, validate_indices: bool = True) -> SparseTensor:
    """The elements of the last dimension of both; see `intersection`.

    >>> tf.sets.union([[1, 2, 3]], [[3, 1, 5]]).values.numpy().tolist()
    [1, 2, 3, 5]
    """
    return _set_operation(a, b, "union", validate_indices)
