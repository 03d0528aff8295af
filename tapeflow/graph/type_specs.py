"""`tf.type_spec_from_value`, `tf.get_current_name_scope`: what a value is, and where in a graph we are."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.context import context
from ..core.convert import convert
from ..core.spec import NoneTensorSpec, TensorSpec
from ..core.tensor import Tensor
from .arguments import type_of


def type_spec_from_value(value: Any) -> Any:
    """The spec of a value: what is the same for all values of its kind.

    Args:
      value: a Tensor, a Variable, a value with a spec of its own, or what converts to a Tensor.

    Raises:
      TypeError: for other values, also for tuples and dicts.

    >>> tf.type_spec_from_value([[1.0], [2.0]])
    TensorSpec(shape=(2, 1), dtype=tf.float32, name=None)
    """
    if isinstance(getattr(type(value), "_type_spec", None), property):
        return value._type_spec
    if isinstance(value, Tensor):
        return TensorSpec(value.shape, value.dtype)
    if value is None:
        return NoneTensorSpec()
    if isinstance(value, (int, float, complex, str, bytes, list, np.ndarray, np.generic)):
        tensor = convert(value)
        return TensorSpec(tensor.shape, tensor.dtype)
    if hasattr(value, "assign"):
        return type_of(value)
    raise TypeError(f"Could not build a TypeSpec for {value!r} of unsupported type {type(value)}.")


def get_current_name_scope() -> str:
    """The name of the `tf.name_scope` that is open, with those around it; an empty string if none is.

    >>> with tf.name_scope("layer"):
    ...     tf.get_current_name_scope()
    'layer'
    """
    return context.name_scope.rstrip("/")
