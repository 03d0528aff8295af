"""`tf.experimental.numpy.random`: numbers from the program's stream, which `seed` starts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...base import dtypes
from ...core.tensor import Tensor
from ...ops import distributions
from ...ops import random as tf_random
from ...ops.broadcasting import broadcast_dynamic_shape
from .manipulation import isscalar
from .promotion import asarray, result_type


def seed(s: Any) -> None:
    """Starts the stream anew, as `tf.random.set_seed`.

    Raises:
      ValueError: if `s` is no integer.
    """
    try:
        number = int(s)
    except TypeError:
        raise ValueError(f"Argument `s` got an invalid value {s}. Only integers are supported.") from None
    tf_random.set_seed(number)


def _shape(size: Any) -> Any:
    return () if size is None else (size,) if isscalar(size) else size


def randn(*args: Any) -> Tensor:
    """Normally distributed numbers, of float64.

    Args:
      *args: the sizes.

    >>> tf.experimental.numpy.random.randn(2, 3).shape
    TensorShape([2, 3])
    """
    return standard_normal(args)


def standard_normal(size: Any = None) -> Tensor:
    """Normally distributed numbers in the shape `size`, of float64."""
    return tf_random.normal(size if size == () else _shape(size), dtype=result_type(float))


def uniform(low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Tensor:
    """Numbers from `low` up to `high`, in the shape `size`, of float64."""
    dtype = result_type(float)
    low, high = asarray(low, dtype), asarray(high, dtype)
    shape = broadcast_dynamic_shape(low.shape, high.shape) if size is None else size
    return tf_random.uniform(shape, low, high, dtype)


def random(size: Any = None) -> Tensor:
    """Numbers from 0 up to 1, in the shape `size`, of float64."""
    return uniform(0.0, 1.0, size)


def rand(*size: Any) -> Tensor:
    """Numbers from 0 up to 1, of float64, in a shape of these sizes."""
    return uniform(0.0, 1.0, size)


def poisson(lam: Any = 1.0, size: Any = None) -> Tensor:
    """Counts of events of which `lam` are expected, in the shape `size`, of int64."""
    return distributions.poisson(_shape(size), lam, dtype=dtypes.int64)


def randint(low: Any, high: Any = None, size: Any = None, dtype: Any = np.int64) -> Tensor:
    """Integers from `low` (or 0) up to `high` (or `low`), which is left out.

    Raises:
      ValueError: if `dtype` is not int32 or int64.
    """
    low, high = (0, int(low)) if high is None else (int(low), high)
    found = result_type(dtype)
    if found not in (dtypes.int32, dtypes.int64):
        raise ValueError(
            f"Argument `dtype` got an invalid value {dtype}. "
            f"Only those convertible to {(np.int32, np.int64)} are supported."
        )
    return tf_random.uniform((size,) if isinstance(size, int) else _shape(size), low, high, found)
