"""What an element of a dataset is made of: a structure of specs outside, a flat tuple of arrays inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..base import nest
from ..core.convert import convert
from ..core.execute import wrapped
from ..core.spec import NoneTensorSpec as NoneTensorSpec
from ..core.spec import TensorSpec
from ..core.tensor import Tensor, at_hand

Flat = tuple[Any, ...]  # the arrays of an element, in order


def is_nested(value: Any) -> bool:
    """Whether a value is a structure for datasets: tuples, mappings and attrs classes are, lists are not."""
    return isinstance(value, (tuple, Mapping)) or hasattr(type(value), "__attrs_attrs__")


def _children(structure: Any) -> list[Any]:
    if isinstance(structure, Mapping):
        return [structure[key] for key in sorted(structure)]
    if isinstance(structure, tuple):
        return list(structure)
    return [getattr(structure, field.name) for field in type(structure).__attrs_attrs__]


def leaves(structure: Any) -> Iterator[Any]:
    """What is no structure in it, in order; keys of mappings are sorted."""
    if is_nested(structure):
        for child in _children(structure):
            yield from leaves(child)
    else:
        yield structure


def packed(structure: Any, values: Iterator[Any]) -> Any:
    """`structure` with other leaves."""
    if not is_nested(structure):
        return next(values)
    if isinstance(structure, Mapping):
        found = {key: packed(structure[key], values) for key in sorted(structure)}
        ordered = {key: found[key] for key in structure}
        return ordered if type(structure) is dict else type(structure)(ordered)  # type: ignore[call-arg]
    children = [packed(child, values) for child in _children(structure)]
    if type(structure) is tuple:
        return tuple(children)
    return type(structure)(*children) if not isinstance(structure, tuple) else structure._make(children)  # type: ignore[attr-defined]


def mapped(function: Callable[..., Any], *structures: Any) -> Any:
    """`function` of the leaves of structures of one form."""
    return packed(structures[0], iter([function(*each) for each in zip(*map(leaves, structures), strict=True)]))


def normalized(value: Any) -> Any:
    """A value with tensors for all leaves that are no composites, datasets or None."""
    return mapped(_tensor, value)


def _tensor(value: Any) -> Any:
    if value is None or isinstance(value, Tensor) or isinstance(getattr(type(value), "_type_spec", None), property):
        return value
    return convert(value)


def spec_of(value: Any) -> Any:
    """The specs of a normalized value."""
    return mapped(_spec_of, value)


def _spec_of(value: Any) -> Any:
    if value is None:
        return NoneTensorSpec()
    return TensorSpec(value.shape, value.dtype) if isinstance(value, Tensor) else value._type_spec


class Structure:
    """How elements of some specs are taken apart into arrays, and put together again.

    Args:
      spec: a structure of specs.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.leaves = list(leaves(spec))
        self.flat: list[TensorSpec] = []  # the spec of each array
        for leaf in self.leaves:
            self.flat += _component_specs(leaf)
        self.plain = all(isinstance(leaf, TensorSpec) for leaf in self.leaves)
        self.pack = self._packer()

    def places(self) -> Iterator[tuple[Any, slice]]:
        """Each leaf's spec, and where its arrays are among those of an element."""
        at = 0
        for leaf in self.leaves:
            width = len(_component_specs(leaf))
            yield leaf, slice(at, at + width)
            at += width

    def _packer(self) -> Callable[[Flat], Any]:
        """From the arrays of an element to the element."""
        if self.plain and isinstance(self.spec, TensorSpec):
            return lambda flat: wrapped(flat[0])
        if type(self.spec) is tuple and all(isinstance(each, TensorSpec) for each in self.spec):
            return lambda flat: tuple([wrapped(array) for array in flat])
        if type(self.spec) is dict and all(isinstance(each, TensorSpec) for each in self.spec.values()):
            places = {key: i for i, key in enumerate(sorted(self.spec))}
            ordered = [(key, places[key]) for key in self.spec]
            return lambda flat: {key: wrapped(flat[i]) for key, i in ordered}
        return lambda flat: self.assembled([wrapped(array) for array in flat])

    def assembled(self, tensors: Iterable[Tensor]) -> Any:
        """From the tensors of an element to the element."""
        supply = iter(tensors)
        return packed(self.spec, iter([_composed(leaf, supply) for leaf in self.leaves]))

    def tensors(self, value: Any) -> list[Tensor]:
        """The tensors of an element that fits the specs.

        Raises:
          TypeError, ValueError: it does not fit.
        """
        found: list[Tensor] = []
        for leaf, part in zip(self.leaves, leaves(value), strict=True):
            found += _components(leaf, part)
        return found

    def unpack(self, value: Any) -> Flat:
        """The arrays of an element that fits the specs."""
        return tuple([at_hand(tensor._array) for tensor in self.tensors(value)])


def _component_specs(leaf: Any) -> list[Any]:
    if isinstance(leaf, TensorSpec):
        return [leaf]
    if leaf is None or isinstance(leaf, NoneTensorSpec):
        return []
    return [spec for part in nest.flatten(leaf._component_specs) for spec in _component_specs(part)]


def _components(leaf: Any, value: Any) -> list[Tensor]:
    if isinstance(leaf, TensorSpec):
        return [value if isinstance(value, Tensor) else convert(value, leaf.dtype)]
    if leaf is None or isinstance(leaf, NoneTensorSpec):
        return []
    return nest.flatten(leaf._to_components(value), expand_composites=True)


def _composed(leaf: Any, supply: Iterator[Tensor]) -> Any:
    if isinstance(leaf, TensorSpec):
        return next(supply)
    if leaf is None or isinstance(leaf, NoneTensorSpec):
        return None
    return leaf._from_components(nest.map_structure(lambda spec: _composed(spec, supply), leaf._component_specs))
