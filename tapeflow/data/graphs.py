"""Datasets in graphs: what they depend on there, how they are made when the graph runs, and ops that ask them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..base import errors
from ..base.context import building
from ..core.op import Op
from ..core.opaque import Held
from ..core.spec import TypeSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from ..ops.common import only_host
from . import iterators
from .combining import Combining
from .elements import Flat, Structure, leaves, packed
from .functions import ElementFunction
from .source import Source


def only(dataset: Source) -> Flat:
    """The arrays of a dataset's one element.

    Raises:
      InvalidArgumentError: it has none, or several.
    """
    found = list(itertools.islice(iterators.passing(dataset), 2))
    if len(found) != 1:
        raise errors.invalid("Dataset had more than one element." if found else "Dataset was empty.")
    return found[0]


def _single(xp: Any, dataset: Any, *, output_types: Any, output_shapes: Any) -> Flat:
    return only(iterators.held(dataset))


SINGLE = Op("DatasetToSingleElement", "dataset:variant -> components:M*output_types", _single, iterators.components)
SINGLE.mixed = True
CARDINALITY = Op(
    "DatasetCardinality", "input_dataset:variant -> cardinality:int64",
    lambda xp, dataset: np.asarray(iterators.held(dataset)._count, np.int64), lambda *_: (), differentiable=False,
)  # fmt: skip
only_host(SINGLE, CARDINALITY)


def _build(xp: Any, *values: Any, build: Callable[..., Source]) -> Any:
    with building(None):
        return Held(build(*map(Tensor, values)))


FROM_GRAPH = Op("DatasetFromGraph", "components:N*Tin -> handle:variant", _build, lambda *_, **__: ())
FROM_GRAPH.mixed = True
only_host(FROM_GRAPH)


def symbols_in(value: Any) -> Iterator[Symbol]:
    """The Symbols that a dataset, or what it was made from, depends on."""
    if isinstance(value, Symbol):
        yield value
    elif isinstance(value, Combining):
        for part in value._recipe[1]:
            yield from symbols_in(part)
    elif isinstance(value, ElementFunction):
        yield from (x for x in value.captured if isinstance(x, Symbol))
    elif not isinstance(value, (Structure, TypeSpec)):
        for part in leaves(value):
            if part is not value:
                yield from symbols_in(part)
            elif hasattr(part, "_type_spec") and not isinstance(part, Tensor):
                yield from (x for x in Structure(part._type_spec).tensors(part) if isinstance(x, Symbol))


def with_values(value: Any, values: dict[int, Tensor]) -> Any:
    """A dataset, or what it was made from, with values for the Symbols."""
    if isinstance(value, Symbol):
        return values[id(value)]
    if isinstance(value, Combining):
        build, args = value._recipe
        return value._new(build, *[with_values(part, values) for part in args])
    if isinstance(value, ElementFunction):
        return value.rebound(lambda x: values[id(x)] if isinstance(x, Symbol) else x)
    if isinstance(value, (Structure, TypeSpec)) or not any(True for _ in symbols_in(value)):
        return value
    parts = list(leaves(value))
    if len(parts) == 1 and parts[0] is value:
        structure = Structure(value._type_spec)
        return structure.assembled([with_values(x, values) for x in structure.tensors(value)])
    return packed(value, iter([with_values(part, values) for part in parts]))
