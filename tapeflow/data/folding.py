"""Functions of a state and each element: `scan` and `reduce`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base.context import context
from ..core.spec import TensorSpec
from ..graph.control import while_loop
from . import iterators
from .elements import Structure, leaves, mapped, normalized, spec_of
from .functions import ElementFunction


def _widest(a: Any, b: Any) -> Any:
    if isinstance(a, TensorSpec) and isinstance(b, TensorSpec) and a.dtype == b.dtype:
        return TensorSpec(a.shape.most_specific_compatible_shape(b.shape), a.dtype)
    return a


def _traced(dataset: Any, state: Any, function: Callable[..., Any], check: Callable[[Any, Any], Any]) -> Any:
    """The function traced for states of shapes that it keeps, and the structure of the state."""
    spec = spec_of(state)
    while True:
        both = Structure((spec, dataset.element_spec))
        traced = ElementFunction(function, both)
        given = check(traced.result.spec, spec)
        wider = mapped(_widest, spec, given)
        if list(leaves(wider)) == list(leaves(spec)):
            return traced, Structure(spec)
        spec = wider


def _check_types(found: Any, wanted: Any, what: str) -> None:
    mine = [getattr(leaf, "dtype", None) for leaf in leaves(found)]
    theirs = [getattr(leaf, "dtype", None) for leaf in leaves(wanted)]
    if mine != theirs:
        raise TypeError(
            f"The element types for the new state must match the initial state. Expected {theirs}; got {mine}."
            if what == "reduce"
            else f"Invalid `{what}_func`. The element types for the new state must match the initial state. Expected "
            f"{theirs}, got {mine}."
        )


def stateful(dataset: Any, initial: Any, function: Callable[..., Any]) -> tuple[Any, ElementFunction, Any]:
    """The initial state, the function of `scan`, and the structures of states and results."""
    state = normalized(initial)

    def check(result: Any, wanted: Any) -> Any:
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(
                "Invalid `scan_func`. `scan_func` should return a pair consisting of new state and the output value "
                f"but its return type is {result}."
            )
        _check_types(result[0], wanted, "scan")
        return result[0]

    traced, structure = _traced(dataset, state, function, check)
    return state, traced, (structure, Structure(traced.result.spec[1]))


def reduced(dataset: Any, initial: Any, function: Callable[..., Any]) -> Any:
    """The last state."""
    state = normalized(initial)

    def check(result: Any, wanted: Any) -> Any:
        _check_types(result, wanted, "reduce")
        return result

    traced, structure = _traced(dataset, state, function, check)
    if context.graph is not None:
        return _reduced_in_graph(dataset, state, function)
    now = structure.unpack(state)
    for flat in iterators.passing(dataset):
        now = traced(*now, *flat)
    return structure.pack(now)


def _reduced_in_graph(dataset: Any, state: Any, function: Callable[..., Any]) -> Any:
    iterator = iter(dataset)

    def body(optional: Any, state: Any) -> Any:
        return iterator.get_next_as_optional(), normalized(function(state, optional.get_value()))

    first = iterator.get_next_as_optional()
    return while_loop(lambda optional, _: optional.has_value(), body, (first, state))[1]
