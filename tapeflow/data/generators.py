"""Datasets of what Python generators give, and elements as NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.spec import TensorSpec, TypeSpec
from ..core.tensor import Tensor, at_hand
from ..graph.py_function import as_op_error
from .elements import Flat, NoneTensorSpec, Structure, is_nested, leaves, mapped, packed
from .source import UNKNOWN, Source


def signature(generator: Any, types: Any, shapes: Any, specs: Any) -> Any:
    """The specs of what a generator gives.

    Raises:
      TypeError: it is not callable, or nothing says what it gives.
    """
    if not callable(generator):
        raise TypeError("`generator` must be a Python callable.")
    if specs is not None:
        if types is not None or shapes is not None:
            raise TypeError("The `output_types` argument can not be used together with the "
                            "`output_signature` argument.")  # fmt: skip
        for spec in leaves(specs):
            if not isinstance(spec, TypeSpec):
                raise TypeError(f"`output_signature` must contain objects that are subclass of `tf.TypeSpec` but found "
                                f"{type(spec)} which is not.")  # fmt: skip
        return specs
    if types is None:
        raise TypeError(
            "To specify the output signature you need to provide either the `output_signature` argument or the "
            "`output_types` argument."
        )
    if shapes is None:
        return mapped(lambda dtype: TensorSpec(None, dtype), types)
    return packed(types, iter([TensorSpec(s, d) for s, d in zip(_shapes(shapes, types), leaves(types))]))


def _shapes(shapes: Any, types: Any) -> list[Any]:
    """The shapes, in the order of the types; a tuple where the types have a leaf is a shape."""
    if not is_nested(types):
        return [TensorShape(shapes)]
    if hasattr(types, "keys"):
        return [shape for key in sorted(types) for shape in _shapes(shapes[key], types[key])]
    return [shape for each, one in zip(shapes, types) for shape in _shapes(each, one)]


def generated(generator: Callable[..., Any], spec: Any, args: tuple[Any, ...]) -> Source:
    """The elements of a pass are what a call of `generator` gives, converted to the specs."""
    structure = Structure(spec)

    def start() -> Iterator[Flat]:
        try:
            for value in generator(*[x.numpy() for x in args]):
                yield _checked(value, structure)
        except errors.OpError:
            raise
        except Exception as error:
            raise as_op_error(error) from error

    return Source("FlatMap", structure, start, UNKNOWN)


def _checked(value: Any, structure: Structure) -> Flat:
    value = tuple(value) if isinstance(value, list) and is_nested(structure.spec) else value
    try:
        parts = list(_aligned(structure.spec, value))
    except (ValueError, KeyError, TypeError) as error:
        raise TypeError(
            "`generator` yielded an element that did not match the expected structure. The expected structure was "
            f"{mapped(lambda s: getattr(s, 'dtype', s), structure.spec)}, but the yielded element was {value}."
        ) from error
    if not structure.plain:
        _check_specs(value, parts, structure)
    found: list[Any] = []
    for spec, part in zip(structure.leaves, parts):
        found += [_component(part, spec, value)] if isinstance(spec, TensorSpec) else Structure(spec).unpack(part)
    return tuple(found)


def _check_specs(value: Any, parts: list[Any], structure: Structure) -> None:
    """Refuses a value of which a part is of another kind than its spec says, or does not fit it."""
    try:
        specs = packed(structure.spec, iter([_spec_of(part, spec) for part, spec in zip(parts, structure.leaves)]))
    except (TypeError, ValueError) as error:
        raise TypeError(
            "`generator` yielded an element that did not match the expected structure. The expected structure was "
            f"{structure.spec}, but the yielded element was {value}."
        ) from error
    if not all(spec.is_compatible_with(mine) for spec, mine in zip(structure.leaves, leaves(specs))):
        raise TypeError(
            f"`generator` yielded an element of {specs} where an element of {structure.spec} was expected."
        )


def _spec_of(part: Any, spec: Any) -> Any:
    """The spec of a part of a value; of what is no composite tensor where one was expected there is none."""
    if isinstance(spec, (TensorSpec, NoneTensorSpec)) or not hasattr(spec, "is_compatible_with"):
        return spec  # looked at when it is converted
    if isinstance(part, Tensor) or not hasattr(part, "_type_spec"):
        raise TypeError(f"{part!r} where {spec.value_type.__name__} was expected")
    return part._type_spec


def _aligned(spec: Any, value: Any) -> Iterator[Any]:
    """The parts of a value where a spec has leaves; lists stand for tuples."""
    if not is_nested(spec):
        yield value
    elif hasattr(spec, "keys"):
        if set(spec) != set(value):
            raise ValueError("other keys")
        for key in sorted(spec):
            yield from _aligned(spec[key], value[key])
    else:
        if len(spec) != len(value):
            raise ValueError("another length")
        for one, part in zip(spec, value):
            yield from _aligned(one, part)


def _component(value: Any, spec: TensorSpec, whole: Any) -> Any:
    try:
        if isinstance(value, Tensor):
            array = at_hand(value._array)
        elif spec.dtype is dtypes.string:
            array = at_hand(convert(value, spec.dtype)._array)
        else:
            array = np.array(value, spec.dtype.numpy)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"`generator` yielded an element that could not be converted to the expected type. The expected type was "
            f"{spec.dtype.name}, but the yielded element was {whole}."
        ) from error
    if array.dtype != spec.dtype.numpy:
        raise TypeError(f"`generator` yielded an element of dtype {array.dtype} where {spec.dtype.name} was expected.")
    if not spec.shape.is_compatible_with(TensorShape(array.shape)):
        raise TypeError(
            f"`generator` yielded an element of shape {array.shape} where an element of shape "
            f"{spec.shape} was expected."
        )
    return array


class NumpyIterator:
    """Goes through a dataset with NumPy arrays for tensors.

    Args:
      dataset: the dataset.
    """

    def __init__(self, dataset: Any) -> None:
        for spec in leaves(dataset.element_spec):
            if (
                not isinstance(spec, TensorSpec)
                and not hasattr(spec, "_to_legacy_output_types")
                and hasattr(spec, "element_spec")
            ):
                raise TypeError(
                    f"`tf.data.Dataset.as_numpy_iterator()` is not supported for datasets that produce values of type "
                    f"{spec.value_type}"
                )
        self._iterator = iter(dataset)

    def __iter__(self) -> NumpyIterator:
        return self

    def __next__(self) -> Any:
        return mapped(_plain, next(self._iterator))

    def __repr__(self) -> str:
        return f"<tapeflow.data.NumpyIterator over {self._iterator.element_spec}>"


def _plain(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, Tensor):
        array = value.numpy()
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
        return array
    return value.numpy() if hasattr(value, "numpy") else value
