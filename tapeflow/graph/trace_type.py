"""What a trace takes for granted of an argument: *trace types* of values, how they compare, how values are cast.

A Tensor's is a `TensorSpec`, a Variable's a `VariableSpec`, a composite tensor's its type spec. Tuples, lists, dicts,
named tuples, attrs classes and dataclasses with `__tf_flatten__` are `Nested`. Of all else the value itself counts: it
is held weakly if it can be (`Weakref`), otherwise it is a `Literal`. A class may say its own: `__tf_tracing_type__`.
"""

from __future__ import annotations

import operator
import weakref
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from ..base import nest
from ..base.dtypes import DType
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.spec import TensorSpec, TypeSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from ..state.variable import Variable

Path = tuple[Any, ...]


class TraceType:
    """What is known of an argument while its function is traced; calls with equal types share a trace.

    Programs derive classes from it, for the types that `__tf_tracing_type__` of their own classes returns. They need
    `__eq__` and `__hash__`.

    >>> class Exactly(tf.types.experimental.TraceType):
    ...     def __init__(self, value): self.value = value
    ...     def __eq__(self, other): return isinstance(other, Exactly) and self.value == other.value
    ...     def __hash__(self): return hash(self.value)
    >>> Exactly(1).is_subtype_of(Exactly(1)), Exactly(1).most_specific_common_supertype([Exactly(2)])
    (True, None)
    """

    def is_subtype_of(self, other: Any) -> bool:
        """Whether a trace made for `other` serves values of this type."""
        return bool(self == other)

    def most_specific_common_supertype(self, others: Sequence[Any]) -> Any:
        """The narrowest type whose traces serve this type and all `others`; None if there is none."""
        return self if all(self == other for other in others) else None

    def placeholder_value(self, placeholder_context: Any = None) -> Any:
        """What the Python function gets for the argument when it is traced."""
        raise NotImplementedError(f"{type(self).__name__} has no placeholder_value")

    def flatten(self) -> list[Any]:
        """The specs of the Tensors that go into the graph."""
        return []

    def to_tensors(self, value: Any) -> list[Any]:
        """The Tensors of a value of this type."""
        return []

    def from_tensors(self, tensors: Iterator[Any]) -> Any:
        """The value that is made of Tensors, taken one by one from `tensors`."""
        return self.placeholder_value(None)

    def cast(self, value: Any, cast_context: Any = None) -> Any:
        """`value` as one of this type.

        Raises:
          TypeError, ValueError: if it cannot be.
        """
        return value


class Literal(TraceType):
    """A Python value that is held itself: a number, a string, None... Numbers of different types differ."""

    __slots__ = ("key", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.key = literal_key(value)

    def placeholder_value(self, placeholder_context: Any = None) -> Any:
        """The value."""
        return self.value

    def cast(self, value: Any, cast_context: Any = None) -> Any:
        """The value, if `value` equals it."""
        if _equal(literal_key(value, False), self.key) or _equal(value, self.value):
            return self.value
        raise ValueError(f"Can not cast {value!r} to {self!r}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Literal[{self.value!r}]"


def literal_key(value: Any, hashed: bool = True) -> tuple[Any, Any]:
    """What is equal for two values that a trace cannot tell apart: not for 1 and 1.0, 0.0 and -0.0; for two NaNs.

    Raises:
      TypeError: if the value is not hashable.
    """
    kind: Any = type(value)
    if (kind is float and not (value and value == value)) or kind is complex:
        return kind, repr(value)
    if hashed:
        check_hash(value, value)
    return kind, value


def check_hash(value: Any, held: Any) -> None:
    """Raises TensorFlow's error if `held`, the value or a reference to it, has no hash. A reference keeps its hash."""
    try:
        hash(held)
    except Exception:
        raise TypeError(
            f"Could not generate a generic TraceType for {value!r}.Please verify that it is immutable/hashable. "
            "Otherwise, consider implementing the Tracing Protocol for it."
        ) from None


def _equal(value: Any, other: Any) -> bool:
    try:
        return bool(value == other)
    except Exception:
        return False


class Weakref(TraceType):
    """An object that is told from others by `==` and held weakly; once it is gone, nothing equals it."""

    __slots__ = ("reference",)

    def __init__(self, reference: weakref.ref[Any]) -> None:
        self.reference = reference

    def placeholder_value(self, placeholder_context: Any = None) -> Any:
        """The object."""
        return self.reference()

    def cast(self, value: Any, cast_context: Any = None) -> Any:
        """`value`, if it is the object or equals it."""
        target = self.reference()
        if value is target or _equal(value, target):
            return value
        raise ValueError(f"Can not cast {value!r} to {self!r}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Weakref) and self.reference() is not None and self.reference == other.reference

    def __hash__(self) -> int:
        return hash(self.reference)

    def __repr__(self) -> str:
        return f"Weakref[{self.reference!r}]"


class VariableSpec(TraceType):
    """A Variable: its shape and dtype, whether it is trainable, and which of the Variables of the call it is.

    Args:
      shape: the shapes that it takes.
      dtype: its dtype.
      trainable: whether tapes watch it.
      alias_id: the number of its state among those of the call: a Variable that is given twice has it twice.
    """

    __slots__ = ("alias_id", "dtype", "shape", "trainable")

    def __init__(self, shape: TensorShape, dtype: DType, trainable: bool = True, alias_id: int | None = None) -> None:
        self.shape = shape
        self.dtype = dtype
        self.trainable = trainable
        self.alias_id = alias_id

    name = None

    def is_subtype_of(self, other: Any) -> bool:
        alike = isinstance(other, VariableSpec) and self._rest() == other._rest()
        return alike and self.shape.is_subtype_of(other.shape)

    def most_specific_common_supertype(self, others: Sequence[Any]) -> Any:
        if not all(isinstance(other, VariableSpec) and self._rest() == other._rest() for other in others):
            return None
        shape = self.shape.most_specific_common_supertype([other.shape for other in others])
        return None if shape is None else VariableSpec(shape, *self._rest())

    def _rest(self) -> tuple[DType, bool, int | None]:
        return self.dtype, self.trainable, self.alias_id

    def flatten(self) -> list[Any]:
        return [self]

    def to_tensors(self, value: Any) -> list[Any]:
        return [value.handle]

    def cast(self, value: Any, cast_context: Any = None) -> Any:
        """`value`, which must be a Variable."""
        if not isinstance(value, Variable):
            raise TypeError(f"Can not cast {value!r} to {self!r}")
        return value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VariableSpec) and self._rest() == other._rest() and self.shape == other.shape

    def __hash__(self) -> int:
        return hash((self.shape, *self._rest()))

    def __repr__(self) -> str:
        return (
            f"VariableSpec(shape={self.shape}, dtype={self.dtype!r}, trainable={self.trainable!r}, "
            f"alias_id={self.alias_id!r})"
        )


class Nested(TraceType):
    """A structure: what form it has, and the types of its children.

    Args:
      cls: the class of the structure.
      keys: the names of the children, in the structure's own order.
      children: their types; of a mapping in the order of sorted keys.
    """

    __slots__ = ("children", "cls", "form", "keys", "metadata")

    def __init__(self, cls: type, keys: Sequence[Any], children: Sequence[Any], metadata: Hashable = None) -> None:
        self.cls = cls
        self.keys = tuple(keys)
        self.children = tuple(children)
        self.metadata = metadata
        # What must be equal beside the children: subclasses of list and tuple do not differ, nor do kinds of mapping.
        self.form: tuple[Any, ...] = (
            (dict, frozenset(keys)) if issubclass(cls, Mapping)
            else (cls.__name__, self.keys) if hasattr(cls, "_fields") or hasattr(cls, "__attrs_attrs__")
            else (list if issubclass(cls, list) else tuple if issubclass(cls, tuple) else cls, len(self.keys), metadata)
        )  # fmt: skip

    def items(self) -> list[tuple[Any, Any]]:
        """The names and types of the children, in the structure's own order."""
        if self.form[0] is not dict:
            return list(zip(self.keys, self.children))
        by_key = dict(zip(sorted(self.keys), self.children))
        return [(key, by_key[key]) for key in self.keys]

    def build(self, children: dict[Any, Any]) -> Any:
        """Such a structure, of children by name."""
        values = [children[key] for key in self.keys]
        if self.form[0] in (list, tuple):
            return self.form[0](values)
        if self.form[0] is dict:
            pairs = zip(self.keys, values)
            return dict(pairs) if issubclass(self.cls, defaultdict) else self.cls(pairs)  # type: ignore[call-arg]
        if isinstance(self.form[0], str):
            return self.cls(*values)
        return self.cls.__tf_unflatten__(self.metadata, tuple(values))  # type: ignore[attr-defined]

    def _fits(self, other: Any) -> bool:
        return isinstance(other, Nested) and self.form == other.form

    def is_subtype_of(self, other: Any) -> bool:
        return self._fits(other) and all(a.is_subtype_of(b) for a, b in zip(self.children, other.children))

    def most_specific_common_supertype(self, others: Sequence[Any]) -> Any:
        if not all(map(self._fits, others)):
            return None
        aligned = zip(self.children, *(other.children for other in others))
        children = [mine.most_specific_common_supertype(theirs) for mine, *theirs in aligned]
        return None if None in children else Nested(self.cls, self.keys, children, self.metadata)

    def to_tensors(self, value: Any) -> list[Any]:
        parts = structure_of(type(value)).children(value)
        return [tensor for child, part in zip(self.children, parts) for tensor in to_tensors(child, part)]

    def cast(self, value: Any, cast_context: Any = None) -> Any:
        """`value`, which must have this structure, with its children cast."""
        structure = self._checked(value)
        old = list(structure.children(value))
        new = [cast(child, part, cast_context) for child, part in zip(self.children, old)]
        return value if all(map(operator.is_, old, new)) else structure.build(value, new)

    def _checked(self, value: Any) -> Any:
        """How to take `value` apart; raises if it is no structure of this form."""
        kind, structure = self.form[0], structure_of(type(value))
        if kind is dict:
            if not isinstance(value, Mapping):
                raise TypeError(f"Can not cast {value!r} to a Dict type.")
            if set(value) != set(self.keys):
                raise TypeError(f"{value!r} has different keys with the TraceType {self!r}.")
        elif kind in (list, tuple):
            if not isinstance(value, kind) or hasattr(value, "_fields"):
                raise TypeError(f"Can not cast {value!r} to {kind.__name__} type.")
            if len(value) != len(self.children):
                raise TypeError(f"Expected {value} to have length of {len(self.children)}")
        elif structure is None or type(value).__name__ != self.cls.__name__:
            raise TypeError(f"Cannot cast {value!r} to type {self.cls!r}.")
        return structure

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Nested) and self.form == other.form and self.children == other.children

    def __hash__(self) -> int:
        return hash((self.form, self.children))

    def __repr__(self) -> str:
        if self.form[0] in (list, tuple):
            return f"{self.form[0].__name__.capitalize()}[{', '.join(map(repr, self.children))}]"
        name = "Dict" if self.form[0] is dict else self.cls.__name__
        return f"{name}[{', '.join(f'[{key!r}, {child!r}]' for key, child in self.items())}]"


# --- of any type


def structure_of(cls: type) -> Any:
    """How `tf.nest` takes structures of a class apart; None for those that are no structures for traces."""
    structure = nest._PLAIN[cls]
    structured = isinstance(structure, (nest._NamedTuple, nest._Mapping, nest._Dataclass))
    return structure if structured or issubclass(cls, (list, tuple)) else None


def leaves(kind: Any, path: Path = (), own_order: bool = False) -> Iterator[tuple[Path, Any]]:
    """The specs of the Tensors and Variables that values of a type are made of, each with the keys that lead to it.

    Mappings go by sorted key, or, with `own_order`, as they were made.
    """
    if isinstance(kind, TensorSpec):
        yield path, kind
    elif isinstance(kind, Nested):
        for key, child in kind.items() if own_order else sorted_items(kind):
            yield from leaves(child, (*path, key), own_order)
    else:
        parts = nest.flatten(kind._component_specs) if isinstance(kind, TypeSpec) else kind.flatten()
        for index, part in enumerate(parts):
            yield from [((*path, index), part)] if part is kind else leaves(part, (*path, index))


def composites(kind: Any) -> Iterator[Any]:
    """The specs of the composite tensors that values of a type are made of, and types that programs define."""
    if isinstance(kind, Nested):
        for _, child in sorted_items(kind):
            yield from composites(child)
    elif not isinstance(kind, (TensorSpec, VariableSpec, Literal, Weakref)):
        yield kind


def sorted_items(kind: Nested) -> Iterator[tuple[Any, Any]]:
    """The names and types of the children, those of mappings by sorted key."""
    return zip(sorted(kind.keys) if kind.form[0] is dict else kind.keys, kind.children)


def to_tensors(kind: Any, value: Any) -> list[Any]:
    """The Tensors, and Variables' handles, of a value that was cast to a type; a handle as often as it occurs."""
    if isinstance(kind, TensorSpec):
        return [value]
    if isinstance(kind, TypeSpec):
        parts = zip(nest.flatten(kind._component_specs), nest.flatten(kind._to_components(value)))
        return [tensor for part, component in parts for tensor in to_tensors(part, component)]
    return list(kind.to_tensors(value))


def cast(kind: Any, value: Any, specs: bool = False) -> Any:
    """`value` as one of the type: Python values and arrays become Tensors.

    Args:
      kind: the type.
      value: the value.
      specs: whether a spec may stand for a value.

    Raises:
      TypeError, ValueError: with TensorFlow's text, if it cannot be.
    """
    if not isinstance(kind, TypeSpec):
        return kind.cast(value, specs)
    if specs and isinstance(value, TypeSpec):
        if not value.is_subtype_of(kind):
            raise TypeError(f"Can not cast {value!r} to {kind!r}")
        return kind
    if isinstance(kind, TensorSpec):
        return _cast_tensor(kind, value)
    if not isinstance(value, kind.value_type):
        raise TypeError(f"Can not cast {value!r} to {kind!r}")
    components = kind._to_components(value)
    new = nest.map_structure(lambda part, component: cast(part, component, specs), kind._component_specs, components)
    same = all(map(operator.is_, nest.flatten(components), nest.flatten(new)))
    return value if same else kind._from_components(new)


def _cast_tensor(kind: TensorSpec, value: Any) -> Tensor:
    if isinstance(value, TypeSpec):
        raise unsupported(value)
    tensor = value if isinstance(value, Tensor) else convert(value, kind.dtype)
    found = TensorSpec(tensor.shape, tensor.dtype, kind.name)
    if not found.is_subtype_of(kind):
        if not (isinstance(tensor, Symbol) and kind.is_subtype_of(found)):
            raise TypeError(f"Can not cast {found!r} to {kind!r}")
        tensor.set_shape(kind.shape)
    return tensor


def unsupported(spec: Any) -> ValueError:
    """The error for a spec where a value is needed."""
    return ValueError(f"Attempt to convert a value ({spec!r}) with an unsupported type ({type(spec)}) to a Tensor.")


def differences(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """Where two types differ, innermost: the path that leads there, and the types there."""
    if isinstance(old, Nested) and isinstance(new, Nested) and old.form == new.form:
        after = dict(new.items())
        for key, before in old.items():
            yield from differences(before, after[key], (*path, key))
    elif old != new:
        yield path, old, new
