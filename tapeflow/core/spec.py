"""`tf.TensorSpec`: what is known of a tensor before there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..base.dtypes import as_dtype
from ..base.dtypes import float32 as _float32
from ..base.tensor_shape import TensorShape
from .tensor import Tensor


class TypeSpec:
    """What is known of a value before there is one; the base of `TensorSpec` and of the specs of composite tensors."""

    __slots__ = ()

    @property
    def value_type(self) -> type:
        """The type of the values that fit this spec."""
        raise NotImplementedError(f"{type(self).__name__} has no value_type")

    _is_composite = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._is_composite = cls._component_specs is not TypeSpec._component_specs

    # A composite tensor is a class with a property `_type_spec`, a spec that can take it apart into Tensors (nested as
    # `_component_specs` are), and put it together again. So `tf.nest` and `tf.function` look into it.

    @property
    def _component_specs(self) -> Any:
        """The specs of the Tensors that a value is made of."""
        return self

    def _to_components(self, value: Any) -> Any:
        """The Tensors that a value is made of."""
        return value

    def _from_components(self, components: Any) -> Any:
        """The value that is made of these Tensors."""
        return components

    def _serialize(self) -> tuple[Any, ...]:
        """What tells this spec from others of its class; the arguments that make it."""
        raise NotImplementedError(f"{type(self).__name__} has no _serialize")

    @classmethod
    def _deserialize(cls, serialization: Any) -> Any:
        """The spec of what `_serialize` gave."""
        return cls(*serialization)

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a value, or another spec, may stand where this spec is asked for."""
        other = spec_or_value if isinstance(spec_or_value, TypeSpec) else getattr(spec_or_value, "_type_spec", None)
        return type(other) is type(self) and _compatible(self._serialize(), other._serialize())

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every value of this spec is one of `other`."""
        return type(other) is type(self) and all(
            mine.is_subtype_of(theirs) if isinstance(mine, (TypeSpec, TensorShape)) else mine == theirs
            for mine, theirs in zip(self._serialize(), other._serialize())
        )

    def most_specific_common_supertype(self, others: Sequence[Any]) -> Any:
        """The narrowest spec that takes what this one and all `others` take; None if there is none."""
        if any(type(other) is not type(self) for other in others):
            return None
        parts = []
        for mine, *theirs in zip(self._serialize(), *(other._serialize() for other in others)):
            if isinstance(mine, (TypeSpec, TensorShape)):
                common: Any = mine.most_specific_common_supertype(theirs)
                if common is None:
                    return None
                parts.append(common)
            elif any(mine != other for other in theirs):
                return None
            else:
                parts.append(mine)
        return type(self)(*parts)


def _compatible(a: Any, b: Any) -> bool:
    if isinstance(a, (TypeSpec, TensorShape)):
        return type(b) is type(a) and bool(a.is_compatible_with(b))  # type: ignore[arg-type]
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(_compatible, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_compatible(a[key], b[key]) for key in a)
    return bool(a == b)


class TensorSpec(TypeSpec):
    """Shape, dtype and name of a tensor.

    Args:
      shape: a shape, with None for an unknown size; None for an unknown rank.
      dtype: the dtype.
      name: a name, optional.

    >>> spec = tf.TensorSpec([None, 3], tf.float32)
    >>> spec
    TensorSpec(shape=(None, 3), dtype=tf.float32, name=None)
    >>> spec.is_compatible_with(tf.zeros([5, 3]))
    True
    """

    __slots__ = ("_dtype", "_name", "_shape")

    def __init__(self, shape: Any, dtype: Any = _float32, name: str | None = None) -> None:
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)
        self._name = name

    shape = property(lambda self: self._shape, doc="The shape, as far as it is known.")
    dtype = property(lambda self: self._dtype, doc="The dtype.")
    name = property(lambda self: self._name, doc="The name, or None.")

    @property
    def value_type(self) -> type:
        """`tf.Tensor`."""
        return Tensor

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """A copy of `spec`, perhaps with another name."""
        return cls(spec.shape, spec.dtype, getattr(spec, "name", None) if name is None else name)

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """The spec of a tensor at hand."""
        return cls(tensor.shape, tensor.dtype, name)

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a tensor, or another spec, may stand where this spec is asked for."""
        dtype = getattr(spec_or_value, "dtype", None)
        if dtype is None or self._dtype != as_dtype(dtype):
            return False
        return self._shape.is_compatible_with(spec_or_value.shape)

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every tensor of this spec is one of `other`; a name is taken by specs without one, too."""
        if not isinstance(other, TensorSpec) or other._dtype != self._dtype or self._name not in (None, other._name):
            return False
        return bool(self._shape.is_subtype_of(other._shape))

    def _serialize(self) -> tuple[Any, ...]:
        return self._shape, self._dtype, self._name

    def most_specific_compatible_type(self, other: TensorSpec) -> TensorSpec:
        """The narrowest spec that takes what this one and `other` take.

        Raises:
          ValueError: if the dtypes differ.
        """
        if self._dtype != other._dtype:
            raise ValueError(f"No TypeSpec is compatible with both {self!r} and {other!r}")
        return TensorSpec(self._shape.most_specific_compatible_shape(other._shape), self._dtype, self._name)

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self._shape}, dtype={self._dtype!r}, name={self._name!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TensorSpec):
            return NotImplemented
        return (self._shape.rank, self._shape, self._dtype, self._name) == (
            other._shape.rank, other._shape, other._dtype, other._name,
        )

    def __hash__(self) -> int:
        return hash((self._shape, self._dtype))

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorSpec, self._serialize()


class NoneTensorSpec(TypeSpec):
    """The spec of None, as `tf.NoneTensorSpec`."""

    value_type = type(None)

    def _serialize(self) -> tuple[Any, ...]:
        return ()

    def __repr__(self) -> str:
        return "NoneTensorSpec()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NoneTensorSpec)

    def __hash__(self) -> int:
        return hash(NoneTensorSpec)
