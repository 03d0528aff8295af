"""Composite tensors: values made of several Tensors, such as `tf.RaggedTensor`, that stand where a Tensor stands.

A class derives from `CompositeTensor` and gives

- `_type_spec`, a `TypeSpec` that takes values apart (`_to_components`) and puts them together (`_from_components`).
  By it `tf.nest` with `expand_composites`, `tf.function`, `tf.cond` and `tf.while_loop` see the Tensors within;
- `_call_op`, what an op does with values of the class. `convert` lets composites through, and the call path hands an op
  that meets one to its class. So public functions need not know of them, and calls with Tensors only pay nothing;
- `_differentiable`, `_with_differentiable`: which Tensors within have gradients, and the value with gradients for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..base import nest
from ..base.dtypes import DType

if TYPE_CHECKING:
    from .op import Op
    from .spec import TypeSpec


class CompositeTensor:
    """The base of composite tensors."""

    __slots__ = ()

    @property
    def _type_spec(self) -> TypeSpec:
        """The spec that this value fits most closely."""
        raise NotImplementedError(f"{type(self).__name__} has no _type_spec")

    @classmethod
    def _call_op(cls, op: Op, inputs: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Any:
        """What `op` gives for inputs among which there is a value of the class.

        Raises:
          ValueError: unless a class says otherwise, as values of it are no Tensors.
        """
        raise cls._no_tensor()

    @classmethod
    def _no_tensor(cls) -> ValueError:
        """The error for a value where only a Tensor will do."""
        return ValueError(f"TypeError: object of type '{cls.__name__}' has no len()\n")

    def _text(self, summarize: int) -> Any:
        """What `tf.print` and `tf.strings.format` show: a string Tensor."""
        raise NotImplementedError(f"{type(self).__name__} cannot be printed by tf.print")

    def _as(self, dtype: DType | None) -> CompositeTensor:
        """This value, which must have the dtype, if one is given."""
        mine: Any = getattr(self, "dtype", None)
        if dtype is not None and mine is not dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {mine.name}: {self!r}"
            )
        return self

    def _differentiable(self) -> Any:
        """The Tensors within that gradients are asked for; a structure."""
        spec = self._type_spec
        return [x for x in nest.flatten(spec._to_components(self), expand_composites=True) if x.dtype.is_floating]

    def _with_differentiable(self, values: Any) -> Any:
        """This value with others, gradients say, in place of what `_differentiable` gives; None if they are None."""
        raise NotImplementedError(f"{type(self).__name__} has no gradients")

    @property
    def ndim(self) -> int | None:
        """The number of dimensions; None if it is not known."""
        shape: Any = getattr(self, "shape", None)
        rank: int | None = shape.rank
        return rank

    @property
    def _array(self) -> Any:
        raise self._no_tensor()  # where a kernel, or what looks into arrays, wants a Tensor



def composite_among(inputs: Sequence[Any]) -> type[CompositeTensor] | None:
    """The class of the first composite tensor among the inputs of an op."""
    for x in inputs:
        if isinstance(x, CompositeTensor):
            return type(x)
    return None


def refuse_composite(value: Any) -> Any:
    """`value`, unless it is a composite tensor, which `tf.convert_to_tensor` does not convert.

    Raises:
      ValueError: if it is one.
    """
    if isinstance(value, CompositeTensor):
        raise value._no_tensor()
    return value


def tensors_for_gradients(structure: Any) -> list[Any]:
    """The leaves of a structure; of composite tensors, the Tensors in them that have gradients."""
    flat = []
    for item in nest.flatten(structure):
        if isinstance(item, CompositeTensor):
            flat += nest.flatten(item._differentiable())
        else:
            flat += nest.flatten(item, expand_composites=True)
    return flat


def with_gradients(structure: Any, gradients: Sequence[Any]) -> Any:
    """`structure` with gradients for what `tensors_for_gradients` found in it; of composite tensors, composite ones."""
    left = iter(gradients)

    def gradient(item: Any) -> Any:
        if not isinstance(item, CompositeTensor):
            return next(left)
        wanted = item._differentiable()
        found = [next(left) for _ in nest.flatten(wanted)]
        if any(x is None for x in found):
            return None
        return item._with_differentiable(nest.pack_sequence_as(wanted, found))

    return nest.map_structure(gradient, structure)
