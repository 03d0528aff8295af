"""What Keras wants of tensors and datasets beside what they are: attributes, and the modules of their classes.

The attributes are kept beside the tensors: these have no room for any, and so are cheap.
"""

from __future__ import annotations

import weakref
from typing import Any

from ..core.tensor import Tensor
from ..data.source import Source
from ..ops.ragged_tensor import RaggedTensor
from ..ops.sparse_tensor import SparseTensor

# `trainable`: an `Embedding` quantized to int4 says so of the weights that it has unpacked, as if they were a Variable.
NAMES = ("_keras_logits", "_keras_mask", "trainable")


class _Beside:
    """An attribute of objects that cannot be hashed and have no `__dict__`; it lives as long as they."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._values: dict[int, tuple[weakref.ref[Any], Any]] = {}

    def __set__(self, instance: Any, value: Any) -> None:
        key = id(instance)
        self._values[key] = weakref.ref(instance, lambda _: self._values.pop(key, None)), value

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        try:
            return self._values[id(instance)][1]
        except KeyError:
            raise AttributeError(f"{type(instance).__name__!r} object has no attribute {self._name!r}") from None

    def __delete__(self, instance: Any) -> None:
        self._values.pop(id(instance), None)


def install() -> None:
    """Lets Keras set its attributes on tensors, and recognise tensors and datasets by the modules of their classes."""
    Tensor.__module__ = "tensorflow.python.framework.ops"
    RaggedTensor.__module__ = "tensorflow.python.ops.ragged.ragged_tensor"
    SparseTensor.__module__ = "tensorflow.python.framework.sparse_tensor"
    Source.__name__, Source.__module__ = "DatasetV2", "tensorflow.python.data.ops.dataset_ops"
    for name in NAMES:
        if name not in vars(Tensor):
            setattr(Tensor, name, _Beside(name))
