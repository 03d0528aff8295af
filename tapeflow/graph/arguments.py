"""Reading the arguments of a call: the key of its trace, the Tensors in it, and the same arguments made of others.

One `Kind` for each kind of argument. `read` is on the path of every call that is not all Tensors: it appends to the
key, a flat list in which whatever comes first says how many items follow, and to the Tensors.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..base import nest
from ..core.convert import convert
from ..core.spec import TensorSpec, TypeSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from ..state.variable import Variable
from .trace_type import (
    Literal,
    Nested,
    TraceType,
    VariableSpec,
    Weakref,
    check_hash,
    leaves,
    literal_key,
    structure_of,
)

Key = list[Any]
Seen = dict[int, int]  # the state of each Variable in the call, by `id`: its number


class Placeholders:
    """What stands for the Tensors of a call while its function is traced.

    Args:
      tensors: one for each Tensor of the call, in order.
      make_variable: `make_variable(original, placeholder)` makes the Variable that stands for one.
    """

    def __init__(self, tensors: Iterable[Any], make_variable: Callable[[Any, Any], Any]) -> None:
        self.next = iter(tensors).__next__
        self._make_variable = make_variable
        self._variables: dict[int, Any] = {}
        self.specs: Iterator[Any] = iter(())  # of what has a type of its own, in order, as the trace has them

    def spec(self, own: Any) -> Any:
        """The spec of the next composite tensor, or the like: it may know less than that of the value at hand."""
        wanted = next(self.specs, own)
        return wanted if type(wanted) is type(own) else own

    def variable(self, original: Any) -> Any:
        """The stand-in for a Variable; the same for all that share its state."""
        number = id(original.handle)
        if number not in self._variables:
            self._variables[number] = self._make_variable(original, self.next())
        return self._variables[number]


class Kind:
    """How one kind of argument is handled; this one is for Tensors."""

    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        """Appends what tells traces apart to `key`, and the Tensors of the value to `tensors`."""
        array = value._array
        key += array.dtype, array.static if isinstance(value, Symbol) else array.shape
        tensors.append(value)

    def type(self, value: Any, seen: Seen) -> Any:
        """The trace type."""
        return TensorSpec(value.shape, value.dtype)

    def rebuild(self, value: Any, placeholders: Placeholders) -> Any:
        """The value with placeholders for its Tensors."""
        return placeholders.next()


class _Array(Kind):
    """NumPy arrays, and what else has `__array__`: they become Tensors."""

    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        super().read(convert(value), key, tensors, seen)

    def type(self, value: Any, seen: Seen) -> Any:
        return super().type(convert(value), seen)


class _Variable(Kind):
    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        handle = value.handle
        alias = seen.get(id(handle))
        if alias is None:
            alias = seen[id(handle)] = len(seen)
            tensors.append(handle)
        key += VariableSpec, value.dtype, value.shape._dims, value.trainable, alias

    def type(self, value: Any, seen: Seen) -> Any:
        return VariableSpec(value.shape, value.dtype, value.trainable, seen.setdefault(id(value.handle), len(seen)))

    def rebuild(self, value: Any, placeholders: Placeholders) -> Any:
        return placeholders.variable(value)


class _Value(Kind):
    """What is neither Tensor nor structure: here, those that count by value."""

    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        key += literal_key(value)

    def type(self, value: Any, seen: Seen) -> Any:
        return Literal(value)

    def rebuild(self, value: Any, placeholders: Placeholders) -> Any:
        return value


class _Plain(_Value):
    """Numbers and strings, the most usual ones."""

    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        key += type(value), value


class _Object(_Value):
    """Objects that can be held weakly."""

    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        key.append(_reference(value))

    def type(self, value: Any, seen: Seen) -> Any:
        return Weakref(_reference(value))


def _reference(value: Any) -> weakref.ref[Any]:
    # A bound method is made anew each time it is asked for: what lives on is its object.
    reference = weakref.WeakMethod(value) if type(value) is types.MethodType else weakref.ref(value)
    check_hash(value, reference)
    return reference


class _Refused(_Value):
    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        raise TypeError(f"weakref input {value} not supported for tf.function.")


class _Sequence(Kind):
    """Lists and tuples."""

    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        key += list if isinstance(value, list) else tuple, len(value)
        read_all(value, key, tensors, seen)

    def type(self, value: Any, seen: Seen) -> Any:
        return Nested(type(value), range(len(value)), [type_of(part, seen) for part in value])

    def rebuild(self, value: Any, placeholders: Placeholders) -> Any:
        structure = structure_of(type(value))
        return structure.build(value, [rebuild(part, placeholders) for part in structure.children(value)])


class _Mapping(_Sequence):
    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        keys = sorted(value)
        key += dict, tuple(keys)
        read_all([value[name] for name in keys], key, tensors, seen)

    def type(self, value: Any, seen: Seen) -> Any:
        return Nested(type(value), tuple(value), [type_of(value[name], seen) for name in sorted(value)])


class _Fields(_Sequence):
    """Named tuples, attrs classes, dataclasses that say how they are taken apart."""

    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        structure = structure_of(type(value))
        children = structure.children(value)
        key += type(value), _metadata(value), len(children)
        read_all(children, key, tensors, seen)

    def type(self, value: Any, seen: Seen) -> Any:
        structure = structure_of(type(value))
        children = [type_of(part, seen) for part in structure.children(value)]
        return Nested(type(value), tuple(structure.keys(value)), children, _metadata(value))


def _metadata(value: Any) -> Any:
    return value.__tf_flatten__()[0] if hasattr(type(value), "__tf_flatten__") else None


class _Composite(Kind):
    """Composite tensors: they have a `_type_spec`."""

    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        spec = value._type_spec
        key.append(spec)
        read_all(nest.flatten(spec._to_components(value)), [], tensors, seen)

    def type(self, value: Any, seen: Seen) -> Any:
        return value._type_spec

    def rebuild(self, value: Any, placeholders: Placeholders) -> Any:
        return _from_spec(placeholders.spec(value._type_spec), placeholders)


class _Spec(Kind):
    """Specs, which stand for values where a function is only traced."""

    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        key.append(value)
        tensors.extend(leaf for _, leaf in leaves(value))

    def type(self, value: Any, seen: Seen) -> Any:
        return value

    def rebuild(self, value: Any, placeholders: Placeholders) -> Any:
        return _from_spec(value if isinstance(value, TensorSpec) else placeholders.spec(value), placeholders)


def _from_spec(spec: Any, placeholders: Placeholders) -> Any:
    if isinstance(spec, TensorSpec) or not isinstance(spec, TypeSpec):
        return placeholders.next()
    components = spec._component_specs
    new = [_from_spec(part, placeholders) for part in nest.flatten(components)]
    return spec._from_components(nest.pack_sequence_as(components, new))


class _OwnType(Kind):
    """Classes with `__tf_tracing_type__`, and trace types themselves."""

    def read(self, value: Any, key: Key, tensors: list[Any], seen: Seen) -> None:
        kind = self.type(value, seen)
        key.append(kind)
        tensors += [leaf for _, leaf in leaves(kind)] if kind is value else kind.to_tensors(value)

    def type(self, value: Any, seen: Seen) -> Any:
        if isinstance(value, TraceType):
            return value
        kind = value.__tf_tracing_type__(TracingContext(seen))
        if not isinstance(kind, (TraceType, TypeSpec)):
            raise TypeError(f"Expected an instance of TraceType for Tracing Protocol call to {value} but got {kind}")
        return kind

    def rebuild(self, value: Any, placeholders: Placeholders) -> Any:
        kind = placeholders.spec(self.type(value, {}))
        count = len(list(leaves(kind)))
        return kind.from_tensors(iter([placeholders.next() for _ in range(count)]))


class TracingContext:
    """What `__tf_tracing_type__` gets: it numbers what may occur more than once in a call."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def alias_global_id(self, global_id: Any) -> int:
        """The number that stands for `global_id` in this call."""
        return self._seen.setdefault(global_id, len(self._seen))


class _Kinds(dict[type, Kind]):
    """Class -> how its objects are handled. Each class is examined only once."""

    def __missing__(self, cls: type) -> Kind:
        kind = self[cls] = _kind_of(cls)
        return kind


def _kind_of(cls: type) -> Kind:
    structure = structure_of(cls)
    if issubclass(cls, TypeSpec):
        return _Spec()
    if issubclass(cls, Tensor):
        return Kind()
    if issubclass(cls, Variable):
        return _Variable()
    if issubclass(cls, TraceType) or hasattr(cls, "__tf_tracing_type__"):
        return _OwnType()
    if hasattr(cls, "_type_spec"):
        return _Composite()
    if issubclass(cls, weakref.ref):
        return _Refused()
    if structure is not None and not hasattr(cls, "__tf_flatten__"):
        return _Mapping() if isinstance(structure, nest._Mapping) else (
            _Fields() if isinstance(structure, nest._NamedTuple) else _Sequence()
        )
    if hasattr(cls, "__array__") and not issubclass(cls, np.str_):
        return _Array()
    if structure is not None:
        return _Fields()
    if cls in (int, bool, str, bytes, type(None)):
        return _Plain()
    return _Object() if cls.__weakrefoffset__ else _Value()


_KINDS = _Kinds()


def read_all(values: Iterable[Any], key: Key, tensors: list[Any], seen: Seen) -> None:
    """Reads values one after the other: see `Kind.read`."""
    append, found = key.append, tensors.append
    for value in values:
        if type(value) is Tensor:
            array = value._array
            append(array.dtype)
            append(array.shape)
            found(value)
        else:
            _KINDS[type(value)].read(value, key, tensors, seen)


def type_of(value: Any, seen: Seen | None = None) -> Any:
    """The trace type of a value; `seen` goes on from the other values of the call."""
    return _KINDS[type(value)].type(value, {} if seen is None else seen)


def rebuild(value: Any, placeholders: Placeholders) -> Any:
    """The value with placeholders for its Tensors."""
    return _KINDS[type(value)].rebuild(value, placeholders)


def copied(value: Any) -> Any:
    """The value, its lists, dicts and the like made anew, for `modified` to see what becomes of them."""
    structure = structure_of(type(value))
    return value if structure is None else structure.build(value, [copied(part) for part in structure.children(value)])


def modified(before: Any, now: Any) -> bool:
    """Whether a structure is no longer made of the same things."""
    structure = structure_of(type(now))
    if structure is None or type(before) is not type(now):
        return before is not now
    if list(structure.keys(before)) != list(structure.keys(now)):
        return True
    return any(map(modified, structure.children(before), structure.children(now)))


def fast_key(args: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The key of a call with Tensors as its only arguments, in a hurry; None for other calls.

    Such a call has no other key, and its Tensors are `args`.
    """
    if len(args) == 1:
        (x,) = args
        if type(x) is Tensor:
            array = x._array
            return array.dtype, array.shape
        return None
    key: Key = []
    for x in args:
        if type(x) is not Tensor:
            return None
        array = x._array
        key += array.dtype, array.shape
    return tuple(key)
