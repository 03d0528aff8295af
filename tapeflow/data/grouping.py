"""Elements gathered by keys: windows of a key, states of a key, batches of elements of about one length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.scopes import control_dependencies
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.opaque import Held
from ..core.spec import TensorSpec
from ..ops.comparison import where
from ..ops.creation import constant
from ..ops.debugging import assert_less
from ..ops.gathering import gather
from ..ops.reduction import reduce_min
from .elements import Flat, Structure
from .functions import ElementFunction
from .source import UNKNOWN, Source

KEY = TensorSpec([], dtypes.int64)


def key_function(function: Callable[..., Any], structure: Structure, what: str = "key_func") -> ElementFunction:
    """A function to int64 scalars, traced.

    Raises:
      ValueError: what it gives is something else.
    """
    traced = ElementFunction(lambda *args: convert(function(*args), dtypes.int64), structure)
    spec = traced.result.spec
    if not isinstance(spec, TensorSpec) or not KEY.is_compatible_with(spec):
        raise ValueError(
            f"Invalid `{what}`. `{what}` must return a single `tf.int64` scalar tensor but its return type is {spec}."
        )
    return traced


def window_sizes(window_size: Any, function: Any) -> ElementFunction:
    """The size of a key's windows, as a function of the key.

    Raises:
      ValueError: neither or both are given.
    """
    if (window_size is None) == (not function):
        raise ValueError(
            "Either the `window_size` argument or the `window_size_func` argument must be specified."
        )
    chosen = function if window_size is None else lambda _: convert(window_size, dtypes.int64)
    return key_function(chosen, Structure(KEY), "window_size_func")


def reducer(function: Callable[..., Any], dataset_spec: Any) -> ElementFunction:
    """A function of a key and a dataset, to a dataset, traced.

    Raises:
      TypeError: it gives no dataset.
    """
    traced = ElementFunction(function, Structure((KEY, dataset_spec)))
    if not hasattr(traced.result.spec, "element_spec"):
        raise TypeError(
            "Invalid `reduce_func`. `reduce_func` must return a single `tf.data.Dataset` object but its return type "
            f"is {traced.result.spec}."
        )
    return traced


def windowed(dataset: Source, key: ElementFunction, reduce: ElementFunction, size: ElementFunction) -> Source:
    """For each key, what `reduce` makes of each `size` of its elements; of what is left in the end, by keys."""
    structure = dataset._structure

    def result(group: list[Flat], number: int) -> Iterator[Flat]:
        window = Held(Source("Window", structure, lambda: iter(group), len(group)))
        made = reduce.value(np.asarray(number, np.int64), window)
        return made._start()  # type: ignore[no-any-return]

    def start() -> Iterator[Flat]:
        groups: dict[int, list[Flat]] = {}
        sizes: dict[int, int] = {}
        for flat in dataset._start():
            (found,) = key(*flat)
            number = int(found)
            if number not in groups:
                groups[number], sizes[number] = [], int(size(np.asarray(number, np.int64))[0])
                if sizes[number] <= 0:
                    raise errors.invalid(f"Window size must be greater than zero, but got {sizes[number]}.")
            groups[number].append(flat)
            if len(groups[number]) == sizes[number]:
                yield from result(groups.pop(number), number)
        for number in sorted(groups):
            yield from result(groups[number], number)

    return Source("GroupByWindow", Structure(reduce.result.spec.element_spec), start, UNKNOWN)


class Reducer:
    """What `group_by_reducer` does with the elements of a key.

    Args:
      init_func: from the key to the first state.
      reduce_func: from a state and an element to the next state.
      finalize_func: from the last state to the result.
    """

    def __init__(
        self, init_func: Callable[..., Any], reduce_func: Callable[..., Any], finalize_func: Callable[..., Any]
    ) -> None:
        self._functions = init_func, reduce_func, finalize_func

    init_func = property(lambda self: self._functions[0], doc="From the key to the first state.")
    reduce_func = property(lambda self: self._functions[1], doc="From a state and an element to the next state.")
    finalize_func = property(lambda self: self._functions[2], doc="From the last state to the result.")


def reducer_functions(structure: Structure, reducer: Reducer) -> tuple[ElementFunction, ...]:
    """The functions of a reducer, traced: the first state, the next one, the result.

    Raises:
      TypeError: the next state is not as the first.
    """
    first = ElementFunction(reducer.init_func, Structure(KEY))
    state = first.result
    following = ElementFunction(reducer.reduce_func, Structure((state.spec, structure.spec)))
    mine, theirs = ([getattr(leaf, "dtype", leaf) for leaf in each.leaves] for each in (following.result, state))
    if mine != theirs:
        raise TypeError(
            "Invalid `reducer`. The output types of `reducer.reduce_func` should be the same as the state's: expected "
            f"{theirs}, got {mine}."
        )
    return first, following, ElementFunction(reducer.finalize_func, state)


def reduced(dataset: Source, key: ElementFunction, *functions: ElementFunction) -> Source:
    """A result for each key."""
    first, following, last = functions

    def start() -> Iterator[Flat]:
        states: dict[int, Flat] = {}
        for flat in dataset._start():
            (found,) = key(*flat)
            number = int(found)
            state = states[number] if number in states else first(np.asarray(number, np.int64))
            states[number] = following(*state, *flat)
        for number in sorted(states):
            yield last(*states[number])

    return Source("GroupByReducer", last.result, start, UNKNOWN)


def bucket_of(length: Callable[..., Any], boundaries: Sequence[int]) -> Callable[..., Any]:
    """A function from an element to the number of the bucket that its length falls into."""
    limits = np.iinfo(np.int32)
    least, most = [limits.min, *boundaries], [*boundaries, limits.max]

    def bucket(*element: Any) -> Any:
        size = length(*element)
        return reduce_min(where((least <= size) & (size < most)))

    return bucket


def boundary(bucket: Any, boundaries: Sequence[int]) -> Any:
    """One less than the upper boundary of a bucket, which must have one."""
    last = constant(len(boundaries), dtypes.int64)
    message = "When pad_to_bucket_boundary=True, elements must have length < max(bucket_boundaries)."
    with control_dependencies([assert_less(bucket, last, message=message)]):
        return gather(constant(list(boundaries), dtypes.int64), bucket) - 1


def filled_shapes(shapes: Any, filler: Any) -> Any:
    """Shapes as lists, in their structure, with `filler` where a size is not known.

    A list, a tuple of sizes and a TensorShape are one shape each.
    """
    if isinstance(shapes, Mapping):
        return {key: filled_shapes(shapes[key], filler) for key in shapes}
    if isinstance(shapes, tuple) and not all(size is None or isinstance(size, int) for size in shapes):
        return tuple(filled_shapes(each, filler) for each in shapes)
    if isinstance(shapes, tuple) and not shapes:
        return []
    return [filler if size is None else size for size in TensorShape(shapes)]
