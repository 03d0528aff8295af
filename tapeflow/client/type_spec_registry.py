"""For Keras: specs by name, in the JSON of old models."""

from __future__ import annotations

from ..core.indexed_slices import IndexedSlicesSpec
from ..core.spec import NoneTensorSpec, TensorSpec, TypeSpec
from ..graph.tensor_array import TensorArraySpec
from ..ops.ragged_specs import RaggedTensorSpec
from ..ops.sparse_tensor import SparseTensorSpec

# TensorFlow's names, which files have.
_NAMES: dict[type[TypeSpec], str] = {
    TensorSpec: "tf.TensorSpec",
    RaggedTensorSpec: "tf.RaggedTensorSpec",
    SparseTensorSpec: "tf.SparseTensorSpec",
    IndexedSlicesSpec: "tf.IndexedSlicesSpec",
    TensorArraySpec: "tf.TensorArraySpec",
    NoneTensorSpec: "tf.NoneTensorSpec",
}
_CLASSES = {name: cls for cls, name in _NAMES.items()}


def register(name: str, cls: type[TypeSpec]) -> None:
    """Gives a class of specs a name."""
    _NAMES[cls], _CLASSES[name] = name, cls


def get_name(cls: type[TypeSpec]) -> str:
    """The name of a class of specs.

    Raises:
      ValueError: it has none.
    """
    try:
        return _NAMES[cls]
    except KeyError:
        raise ValueError(f"TypeSpec {cls.__module__}.{cls.__name__} has not been registered.") from None


def lookup(name: str) -> type[TypeSpec]:
    """The class of specs of a name.

    Raises:
      ValueError: there is none.
    """
    try:
        return _CLASSES[name]
    except KeyError:
        raise ValueError(f"No TypeSpec has been registered with name {name!r}") from None
