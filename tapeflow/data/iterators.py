"""Iterators over datasets, in Python and as tensors in functions; `Optional`s."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator as PythonIterator
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.context import Reads, building, context, reading
from ..base.errors import InvalidArgumentError, OutOfRangeError
from ..core.op import Op
from ..core.opaque import Held
from ..core.spec import TensorSpec, TypeSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from ..ops.common import only_host
from .elements import Flat, Structure, normalized, spec_of

END = "End of sequence"


def components(*_: Any, output_shapes: Any = (), **__: Any) -> Any:
    return tuple(output_shapes)


def _get_next(xp: Any, iterator: Any, *, output_types: Any, output_shapes: Any) -> Flat:
    flat: Flat = held(iterator).flat()
    return flat


def _get_next_as_optional(xp: Any, iterator: Any, *, output_types: Any, output_shapes: Any) -> Any:
    try:
        return Held(held(iterator).flat())
    except OutOfRangeError:
        return Held(None)


def _get_value(xp: Any, optional: Any, *, output_types: Any, output_shapes: Any) -> Flat:
    flat: Flat | None = held(optional)
    if flat is None:
        raise InvalidArgumentError(None, None, "The given optional does not have a value.")
    return flat


def _scalar(*_: Any, **__: Any) -> Any:
    return ()


GET_NEXT = Op("IteratorGetNext", "iterator:variant -> components:M*output_types", _get_next, components)
GET_NEXT_AS_OPTIONAL = Op(
    "IteratorGetNextAsOptional", "iterator:variant -> optional:variant", _get_next_as_optional, _scalar
)
HAS_VALUE = Op(
    "OptionalHasValue", "optional:variant -> has_value:bool",
    lambda xp, optional: np.asarray(held(optional) is not None), _scalar, differentiable=False,
)  # fmt: skip
GET_VALUE = Op("OptionalGetValue", "optional:variant -> components:M*output_types", _get_value, components)
FROM_VALUE = Op("OptionalFromValue", "components:N*Toutput_types -> optional:variant", lambda xp, *x: Held(x), _scalar)
START = Op(
    "OneShotIterator", "dataset:variant -> handle:variant",
    lambda xp, dataset: Held(Iterator(held(dataset))), _scalar,
)  # fmt: skip
for _op in (GET_NEXT, GET_NEXT_AS_OPTIONAL, HAS_VALUE, GET_VALUE, FROM_VALUE, START):
    _op.mixed = True
    only_host(_op)
GET_NEXT.stateful = GET_NEXT_AS_OPTIONAL.stateful = START.stateful = True


def not_kept() -> Exception:
    """The error for datasets and iterators that are to be pickled."""
    return InvalidArgumentError(None, None, "Cannot convert a Tensor of dtype variant to a NumPy array.")


def held(value: Any) -> Any:
    """The object that a variant or resource holds: the value of a tensor, or the 0-d array around it."""
    return (value if isinstance(value, Held) else value.item()).value


def types_of(structure: Structure) -> dict[str, Any]:
    """The attributes of an op that gives an element."""
    return {
        "output_types": [spec.dtype for spec in structure.flat],
        "output_shapes": [spec.shape._dims for spec in structure.flat],
    }


def passing(dataset: Any) -> PythonIterator[Flat]:
    """A pass over the flat elements of a dataset, of which no tape or graph hears."""
    source, reads = dataset._start(), Reads()
    while True:
        with building(None), reading(reads):
            flat = next(source, None)
        if flat is None:
            return
        yield flat


class IteratorSpec(TypeSpec):
    """The spec of an iterator: that of its elements.

    >>> tf.data.IteratorSpec(tf.TensorSpec([2])).element_spec
    TensorSpec(shape=(2,), dtype=tf.float32, name=None)
    """

    __slots__ = ("_element_spec",)

    def __init__(self, element_spec: Any) -> None:
        self._element_spec = element_spec

    element_spec = property(lambda self: self._element_spec, doc="The spec of the elements.")

    @property
    def value_type(self) -> type:
        """`tf.data.Iterator`."""
        return Iterator

    @property
    def _component_specs(self) -> Any:
        return TensorSpec([], dtypes.variant)

    def _to_components(self, value: Any) -> Any:
        return value._handle

    def _from_components(self, components: Any) -> Any:
        iterator = held(components._array) if not isinstance(components, Symbol) else None
        return iterator if iterator is not None else GraphIterator(components, self._element_spec)

    def _serialize(self) -> tuple[Any, ...]:
        return (self._element_spec,)

    def __repr__(self) -> str:
        return f"IteratorSpec({self._element_spec!r},)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IteratorSpec) and other._element_spec == self._element_spec

    def __hash__(self) -> int:
        return hash(IteratorSpec)


MOST_CALLS = 32


class IteratorBase(PythonIterator[Any]):
    """`tf.data.Iterator`: what gives the elements of a dataset, one after the other.

    >>> iterator = iter(tf.data.Dataset.range(2))
    >>> print(next(iterator), iterator.get_next().numpy(), bool(iterator.get_next_as_optional().has_value()))
    tf.Tensor(0, shape=(), dtype=int64) 1 False
    """

    _structure: Structure
    _calls = 0  # of `next`, in functions that AutoGraph does not convert

    @property
    def _handle(self) -> Tensor:
        """The iterator as a tensor."""
        raise NotImplementedError

    def __reduce__(self) -> Any:
        raise not_kept()

    @property
    def element_spec(self) -> Any:
        """The spec of an element."""
        return self._structure.spec

    @property
    def _type_spec(self) -> Any:
        return IteratorSpec(self._structure.spec)

    def __iter__(self) -> Any:
        return self

    __tf_iterator__ = __iter__  # for `for` loops of functions

    def _note_graph_call(self) -> None:
        """Refuses Python's `for` in a graph, where nothing says that there are no more elements.

        Raises:
          ValueError: when AutoGraph is off, and this looks like such a loop.
        """
        if context.autograph is not False:
            return
        self._calls += 1
        if self._calls > MOST_CALLS:
            raise ValueError(
                "An unusually high number of `tf.data.Iterator.get_next()` calls was detected. This suggests that the "
                "`for elem in dataset: ...` idiom is used within tf.function with AutoGraph disabled. This idiom is "
                "only supported when AutoGraph is enabled."
            )

    def get_next(self) -> Any:
        """The next element.

        Raises:
          OutOfRangeError: there is none.
        """
        raise NotImplementedError

    def get_next_as_optional(self) -> Optional:
        """The next element, or an `Optional` without value at the end."""
        optional = GET_NEXT_AS_OPTIONAL(self._handle, **types_of(self._structure))
        return Optional(optional, self._structure)


class Iterator(IteratorBase):
    """An iterator outside graphs.

    Args:
      dataset: the dataset.
    """

    def __init__(self, dataset: Any) -> None:
        self._structure = dataset._structure
        self._dataset = dataset
        self._source = dataset._start()
        self._lock = threading.Lock()
        self._reads = Reads()
        self._tensor: Any = lambda: None

    @property
    def _handle(self) -> Tensor:  # it refers to the iterator, which therefore only knows it weakly
        handle: Tensor | None = self._tensor()
        if handle is None:
            handle = Tensor(Held(self))
            self._tensor = weakref.ref(handle)
        return handle

    def flat(self) -> Flat:
        """The arrays of the next element.

        Raises:
          OutOfRangeError: there is none.
        """
        with self._lock, building(None), reading(self._reads):
            for flat in self._source:
                return flat  # type: ignore[no-any-return]
        raise OutOfRangeError(None, None, END)

    def __next__(self) -> Any:
        if context.graph is not None:
            self._note_graph_call()
            return GraphIterator(self._handle, self._structure.spec).get_next()
        try:
            return self._structure.pack(self.flat())
        except OutOfRangeError as error:
            if error.message.startswith(END):
                raise StopIteration from None
            raise

    def get_next(self) -> Any:
        """The next element.

        Raises:
          OutOfRangeError: there is none.
        """
        if context.graph is not None:
            return GraphIterator(self._handle, self._structure.spec).get_next()
        return self._structure.pack(self.flat())

    def __repr__(self) -> str:
        return f"<tapeflow.data.Iterator of {self._structure.spec}>"


class GraphIterator(IteratorBase):
    """An iterator in a graph.

    Args:
      handle: its tensor.
      spec: of its elements.
    """

    def __init__(self, handle: Tensor, spec: Any) -> None:
        self._symbol = handle
        self._structure = Structure(spec)

    @property
    def _handle(self) -> Tensor:
        return self._symbol

    def get_next(self) -> Any:
        """The next element; where there is none, the graph fails with an OutOfRangeError."""
        return self._structure.assembled(GET_NEXT(self._handle, **types_of(self._structure)))

    def __next__(self) -> Any:
        self._note_graph_call()
        return self.get_next()


class OptionalSpec(TypeSpec):
    """The spec of an `Optional`: that of its value.

    >>> tf.OptionalSpec(tf.TensorSpec([2]))
    OptionalSpec(TensorSpec(shape=(2,), dtype=tf.float32, name=None),)
    """

    __slots__ = ("_structure", "_value_structure")

    def __init__(self, element_spec: Any) -> None:
        self._value_structure = element_spec
        self._structure: Structure | None = None

    @property
    def value_type(self) -> type:
        """`tf.experimental.Optional`."""
        return Optional

    @property
    def _component_specs(self) -> Any:
        return TensorSpec([], dtypes.variant)

    def _to_components(self, value: Any) -> Any:
        return value._variant

    def _from_components(self, components: Any) -> Any:
        if self._structure is None:  # made once: a training loop hands out many
            self._structure = Structure(self._value_structure)
        return Optional(components, self._structure)

    def _serialize(self) -> tuple[Any, ...]:
        return (self._value_structure,)

    def __repr__(self) -> str:
        return f"OptionalSpec({self._value_structure!r},)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OptionalSpec) and other._value_structure == self._value_structure

    def __hash__(self) -> int:
        return hash(OptionalSpec)


class Optional:
    """A value that may be missing.

    Args:
      variant: its tensor.
      structure: of the value.

    >>> some = tf.experimental.Optional.from_value(tf.constant(3))
    >>> print(some.has_value().numpy(), some.get_value().numpy())
    True 3
    """

    def __init__(self, variant: Tensor, structure: Structure) -> None:
        self._variant = variant
        self._structure = structure

    @property
    def _element_spec(self) -> Any:
        return self._structure.spec

    @_element_spec.setter
    def _element_spec(self, spec: Any) -> None:  # Keras knows only later what an empty one would hold
        self._structure = Structure(spec)

    @property
    def _type_spec(self) -> Any:
        return OptionalSpec(self._structure.spec)

    @property
    def element_spec(self) -> Any:
        """The spec of the value."""
        return self._structure.spec

    def has_value(self, name: str | None = None) -> Any:
        """Whether there is a value, as a boolean Tensor."""
        return HAS_VALUE(self._variant, name=name)

    def get_value(self, name: str | None = None) -> Any:
        """The value.

        Raises:
          InvalidArgumentError: there is none.
        """
        variant = self._variant
        if type(variant) is Tensor and context.graph is None and not context.recorders:
            flat = held(variant._array)
            if flat is not None:
                return self._structure.pack(flat)
        return self._structure.assembled(GET_VALUE(self._variant, name=name, **types_of(self._structure)))

    @staticmethod
    def from_value(value: Any) -> Optional:
        """An Optional with a value."""
        value = normalized(value)
        structure = Structure(spec_of(value))
        if context.graph is None:
            return Optional(Tensor(Held(structure.unpack(value))), structure)
        return Optional(FROM_VALUE(*structure.tensors(value)), structure)

    @staticmethod
    def empty(element_spec: Any) -> Optional:
        """An Optional without a value of this spec."""
        return Optional(Tensor(Held(None)), Structure(element_spec))

    def __repr__(self) -> str:
        return f"tf.experimental.Optional({self._structure.spec!r})"
