"""What is known of a linear operator before there is one."""

from __future__ import annotations

from typing import Any

from ..base import nest
from ..core.convert import convert
from ..core.spec import TensorSpec, TypeSpec
from ..core.tensor import Tensor
from ..ops.creation import is_tensor

_HINTS = ("is_non_singular", "is_self_adjoint", "is_positive_definite", "is_square")


class LinearOperatorSpec(TypeSpec):
    """The class of an operator, the specs of the Tensors and operators that it is made of, and its other arguments."""

    __slots__ = ("_kind", "_others", "_specs")

    def __init__(self, kind: type, specs: tuple[tuple[str, Any], ...], others: tuple[tuple[str, Any], ...]) -> None:
        self._kind, self._specs, self._others = kind, specs, others

    @property
    def value_type(self) -> type:
        """The class of the operator."""
        return self._kind

    @classmethod
    def of(cls, operator: Any) -> LinearOperatorSpec:
        """The spec of an operator at hand."""
        specs, others = [], [(name, getattr(operator, f"_{name}")) for name in _HINTS]
        for name in operator._parts:
            value = _part(operator, name)
            if any(is_tensor(x) or hasattr(x, "_type_spec") for x in nest.flatten(value)):
                specs.append((name, nest.map_structure(_spec_of, value)))
            else:
                others.append((name, value))
        return cls(type(operator), tuple(specs), tuple(others))

    @property
    def _component_specs(self) -> Any:
        return [spec for _, spec in self._specs]

    def _to_components(self, value: Any) -> Any:
        return [nest.map_structure(_tensor_of, _part(value, name)) for name, _ in self._specs]

    def _from_components(self, components: Any) -> Any:
        parts = {name: component for (name, _), component in zip(self._specs, components, strict=True)}
        return self._kind(**parts, **dict(self._others))

    def _serialize(self) -> tuple[Any, ...]:
        return self._kind, self._specs, self._others

    def __eq__(self, other: object) -> bool:
        return type(other) is LinearOperatorSpec and self._serialize() == other._serialize()

    def __hash__(self) -> int:
        return hash((self._kind, str(self._specs), str(self._others)))

    def __repr__(self) -> str:
        return f"{self._kind.__name__}Spec({self._specs}, {self._others})"


def _part(operator: Any, name: str) -> Any:
    value = operator._parameters.get(name)
    return getattr(operator, name, value) if name != "dtype" else value


def _spec_of(x: Any) -> Any:
    return x._type_spec if hasattr(x, "_type_spec") else TensorSpec(x.shape, x.dtype)


def _tensor_of(x: Any) -> Any:
    return x if isinstance(x, Tensor) or hasattr(x, "_type_spec") else convert(x)
