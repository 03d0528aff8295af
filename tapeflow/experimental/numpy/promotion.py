"""Which dtype results have: NumPy's rules of promotion, over tensors, arrays, numbers and dtypes."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from ...base import dtypes, nest
from ...base.dtypes import DType
from ...core.convert import convert
from ...core.indexed_slices import IndexedSlices
from ...core.tensor import Tensor
from ...ops.casting import cast
from ...ops.creation import is_tensor

iinfo = np.iinfo
issubdtype = np.issubdtype


class _Settings:
    prefer_float32 = False


settings = _Settings()


def finfo(dtype: Any) -> Any:
    """The limits of a floating dtype, as NumPy knows them.

    >>> float(tf.experimental.numpy.finfo(tf.float32).eps)
    1.1920928955078125e-07
    """
    return np.finfo(_numpy_type(dtype))


def promote_types(type1: Any, type2: Any) -> Any:
    """The smallest dtype to which both may be cast safely, as a NumPy dtype.

    >>> tf.experimental.numpy.promote_types(tf.int32, np.float32)
    dtype('float64')
    """
    return np.promote_types(_numpy_type(type1), _numpy_type(type2))


def result_type(*arrays_and_dtypes: Any) -> DType:
    """The dtype that NumPy gives the result of an operation on these.

    Args:
      *arrays_and_dtypes: tensors, arrays, numbers, dtypes, or nests of such. A Python number bends to the others.

    >>> tf.experimental.numpy.result_type(tf.constant(1), tf.constant(2.0))
    tf.float64
    """
    flat = [_described(x) for x in nest.flatten(arrays_and_dtypes)]
    return _result_type(*(flat or [np.float64]))


def result_type_unary(value: Any, dtype: Any) -> DType:
    """The dtype of an array made of one value; `dtype` if it is given."""
    if dtype:
        return result_type(dtype)
    return dtypes.string if isinstance(value, (str, bytes)) else result_type(value)


def is_inexact(x: Any) -> bool:
    """Whether a tensor's dtype is floating or complex."""
    return x.dtype.is_floating or x.dtype.is_complex  # type: ignore[no-any-return]


def default_float() -> DType:
    """The dtype of Python floats."""
    return dtypes.float32 if settings.prefer_float32 else dtypes.float64


def _result_type(*described: Any) -> DType:
    if settings.prefer_float32:
        described = tuple(map(_single, described))
    return dtypes.as_dtype(np.result_type(*described))


def _single(x: Any) -> Any:
    if isinstance(x, float):
        return np.float32(x)
    return np.complex64(x) if isinstance(x, complex) else x


def _numpy_type(dtype: Any) -> Any:
    return dtype.as_numpy_dtype if isinstance(dtype, DType) else np.dtype(dtype)


def _described(x: Any) -> Any:
    """What `np.result_type` understands, for `x`."""
    if isinstance(x, numbers.Real):
        return x
    if isinstance(x, (Tensor, IndexedSlices)) or is_tensor(x):
        return x.dtype.as_numpy_dtype
    if isinstance(x, (list, tuple)):
        raise ValueError(
            f"Cannot find dtype for type inference from argument `x` of a sequence type {type(x)}. "
            "For sequences, please call this function on each element individually."
        )
    return x.as_numpy_dtype if isinstance(x, DType) else x


# --- arrays


def to_tensor(value: Any, dtype: Any = None) -> Tensor:
    """`value` as a Tensor; what is not one yet gets NumPy's dtype, or `dtype`, to which Tensors are cast."""
    if isinstance(value, Tensor):
        return cast(value, dtype) if dtype else value
    wanted = result_type_unary(value, dtype)
    if isinstance(value, int) and value >= 2**63:
        return cast(convert(value, dtypes.uint64), wanted)  # type: ignore[no-any-return]
    return cast(convert(value, hint=wanted), wanted)  # type: ignore[no-any-return]


def asarray(a: Any, dtype: Any = None) -> Tensor:
    """`a` as a Tensor with the dtype that NumPy gives it.

    Args:
      a: a Tensor, array, number, or nested lists of numbers.
      dtype: the dtype to which it is cast.

    >>> tf.experimental.numpy.asarray([1, 2.5])
    <tf.Tensor: shape=(2,), dtype=float64, numpy=array([1. , 2.5])>
    """
    wanted = result_type(dtype) if dtype else None
    if isinstance(a, Tensor) and (wanted is None or wanted is a.dtype):
        return a
    return to_tensor(a, wanted)


def promoted(*values: Any) -> list[Tensor]:
    """All values as Tensors of the dtype to which NumPy promotes them."""
    dtype = result_type(*values)
    return [x if isinstance(x, Tensor) and x.dtype is dtype else to_tensor(x, dtype) for x in values]


def promoted_pair(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """As `promoted`, of two: a sequence, too, counts as one array of its numbers."""
    first, second = promoted(x, y)
    return first, second


def with_float(function: Callable[[Tensor], Any], x: Any) -> Any:
    """`function` of `x`; numbers that are not floats or complex yet become floats."""
    tensor = asarray(x)
    return function(tensor if is_inexact(tensor) else cast(tensor, result_type(float)))


def rank_of(x: Tensor, function: str) -> int:
    """The number of dimensions.

    Raises:
      ValueError: if it is not known while a function is traced.
    """
    rank = x.shape.rank
    if rank is None:
        raise ValueError(f"`{function}` needs to know how many dimensions its argument has: {x!r}")
    return rank
