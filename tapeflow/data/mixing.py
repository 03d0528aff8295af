"""Datasets that take their elements from several others, and those whose numbers are drawn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.log import warn
from ..core.convert import convert
from ..core.spec import TensorSpec
from ..core.tensor import Tensor
from ..ops.elementwise import log
from ..ops.layout import expand_dims, squeeze
from ..ops.random_ops import stateless_multinomial
from .batches import row_spec, stack, stacked
from .elements import Flat, Structure, mapped, normalized, spec_of
from .passes import words
from .rows import Slices
from .source import INFINITE, UNKNOWN, Source
from .transforms import unbatch

_INT64 = TensorSpec([], dtypes.int64)


def listed(elements: Sequence[Any], spec: Any) -> Source:
    """Elements of a list: values, converted."""
    structure = Structure(spec)
    flats = [structure.unpack(each) for each in elements]
    if structure.plain and all(each.shape.is_fully_defined() for each in structure.flat):
        return Source.of_table("List", structure, Slices([stack(column) for column in zip(*flats)]))
    return Source("List", structure, lambda: iter(flats), len(flats))


def list_of(elements: Any) -> tuple[list[Any], Any]:
    """The elements of a list converted, and a spec for all of them.

    Raises:
      ValueError: there are none.
      TypeError: it is no list, or the elements differ in structure or dtype.
    """
    if not isinstance(elements, list):
        raise TypeError(f"Invalid `elements`. `elements` should be a list but is {type(elements)}.")
    if not elements:
        raise ValueError(
            "Invalid `elements`. `elements` should not be empty. If you want an empty dataset, use "
            "`tf.data.Dataset.range(0)`."
        )
    values = [normalized(each) for each in elements]
    spec = spec_of(values[0])
    for each in values[1:]:
        spec = mapped(common, spec, spec_of(each))
    return values, spec


def common(a: Any, b: Any) -> Any:
    """The narrowest spec for what either of two specs says.

    Raises:
      TypeError: there is none.
    """
    found = a.most_specific_common_supertype([b])
    if found is None:
        raise TypeError(f"No common supertype of {a} and {b}.")
    return found


def counted(start: Any, step: Any, dtype: Any) -> Source:
    """Numbers from `start` on, `step` apart, without end."""
    structure = Structure(TensorSpec([], dtype))
    kind = structure.flat[0].dtype.numpy.type

    def begin() -> Iterator[Flat]:
        now, by = np.asarray(start, kind)[()], np.asarray(step, kind)[()]
        while True:
            yield (np.asarray(now),)
            now = kind(now + by)

    return Source("Scan", structure, begin, INFINITE)


def drawn(seeds: Callable[[], tuple[int, int]]) -> Source:
    """Random numbers of 32 bits, without end.

    Args:
      seeds: the seeds of a pass.
    """
    return Source(
        "Random", Structure(_INT64), lambda: ((np.asarray(word, np.int64),) for word in words(*seeds())), INFINITE
    )


def directed(selector: Source, stop: bool, spec: Any, *datasets: Source) -> Source:
    """Elements of the datasets whose numbers another dataset gives.

    Args:
      selector: gives the number of a dataset each time.
      stop: whether the first dataset that ends is the end; otherwise it is passed over from then on.
      spec: of the elements.
      *datasets: the datasets.
    """

    def start() -> Iterator[Flat]:
        passes: list[Iterator[Flat] | None] = [each._start() for each in datasets]
        left = len(passes)
        for (chosen,) in selector._start():
            number = int(chosen)
            if not 0 <= number < len(passes):
                raise errors.invalid(f"Selector index out of range: {number} >= {len(passes)}")
            current = passes[number]
            flat = None if current is None else next(current, None)
            if flat is not None:
                yield flat
                continue
            left -= current is not None
            passes[number] = None
            if stop or not left:
                return

    endless = any(each._count == INFINITE for each in datasets)
    return Source("DirectedInterleave", Structure(spec), start, INFINITE if endless else UNKNOWN)


def common_of(datasets: Sequence[Any]) -> Any:
    """A spec for the elements of all datasets.

    Raises:
      TypeError: there is none.
    """
    spec = datasets[0].element_spec
    for i, each in enumerate(datasets[1:], 1):
        try:
            spec = mapped(common, spec, each.element_spec)
        except (TypeError, ValueError) as error:
            raise TypeError(
                "Invalid `datasets`. `datasets` must have compatible element specs.\n Dataset 0 element_spec="
                f"{datasets[0].element_spec}.\nDataset {i} element_spec={each.element_spec}."
            ) from error
    return spec


def check_chosen(datasets: Any, choice: Any, kind: type[Any]) -> None:
    """Raises TensorFlow's errors for what `choose_from_datasets` cannot use."""
    if not datasets:
        raise ValueError("Invalid `datasets`. `datasets` should not be empty.")
    if not isinstance(choice, kind):
        raise TypeError(
            f"Invalid `choice_dataset`. `choice_dataset` should be a `tf.data.Dataset` but is {type(choice)}."
        )
    spec = choice.element_spec
    if not isinstance(spec, TensorSpec) or not _INT64.is_compatible_with(spec):
        raise TypeError(
            "Invalid `choice_dataset`. Elements of `choice_dataset` must be scalar `tf.int64` tensors but are "
            f"{spec}."
        )


def weighted(datasets: Sequence[Any], weights: Any) -> tuple[Sequence[Any], Any]:
    """The datasets that are drawn from, and the logarithms of their weights.

    Raises:
      ValueError, TypeError: the weights do not fit.
    """
    if weights is None:
        return datasets, convert([[1.0] * len(datasets)])
    if isinstance(weights, Tensor):
        if not weights.shape.is_compatible_with([len(datasets)]):
            raise ValueError(
                "Invalid `weights`. The shape of `weights` should be compatible with `[len(datasets)]` but is "
                f"{weights.shape}."
            )
    else:
        if len(weights) != len(datasets):
            raise ValueError(
                "Invalid `weights`. `weights` should have the same length as `datasets` but got "
                f"`len(weights)={len(weights)}` vs. `len(datasets)={len(datasets)}`."
            )
        both = [(each, weight) for each, weight in zip(datasets, weights) if weight > 0]
        datasets, weights = map(list, zip(*both)) if both else ([datasets[0].take(0)], [1.0])
    weights = convert(weights)
    if weights.dtype not in (dtypes.float32, dtypes.float64):
        raise TypeError(
            f"Invalid `weights`. `weights` type must be either `tf.float32` or `tf.float64` but is {weights.dtype}."
        )
    return datasets, expand_dims(log(weights), 0)


def draw(logits: Any, seed: Any) -> Any:
    """The number of a dataset, drawn with TensorFlow's numbers for a seed."""
    return squeeze(stateless_multinomial(logits, 1, seed, output_dtype=dtypes.int64), axis=[0, 1])


def distinct(dataset: Source) -> Source:
    """Elements that were not there before.

    Raises:
      TypeError, InvalidArgumentError: the elements are no single integers or strings.
    """
    specs = dataset._structure.flat
    for spec in specs:
        if spec.dtype not in (dtypes.int32, dtypes.int64, dtypes.string):
            raise TypeError(
                f"`tf.data.Dataset.unique` does not support type {spec.dtype} -- only `tf.int32`, `tf.int64`, and "
                "`tf.string` are supported."
            )
    if len(specs) != 1:
        raise errors.invalid("UniqueDataset only supports inputs with a single component.")

    def start() -> Iterator[Flat]:
        seen = set()
        for flat in dataset._start():
            array = np.asarray(flat[0])
            key = (array.shape, tuple(array.flat) if array.dtype.char == "O" else array.tobytes())
            if key not in seen:
                seen.add(key)
                yield flat

    return Source("Unique", dataset._structure, start, UNKNOWN)


def without_errors(dataset: Source, log_warning: bool) -> Source:
    """The elements that can be computed.

    Args:
      dataset: the elements.
      log_warning: whether the errors are logged.
    """

    def start() -> Iterator[Flat]:
        source = dataset._start()
        while True:
            try:
                flat = next(source, None)
            except errors.OutOfRangeError:
                raise
            except (errors.OpError, ValueError, TypeError) as error:
                if log_warning:
                    warn("Error raised with error message %s", error)
                continue
            if flat is None:
                return
            yield flat

    return Source("IgnoreErrors", dataset._structure, start, UNKNOWN)


def asserted(dataset: Source, count: int) -> Source:
    """The same elements, of which there must be `count`."""

    def fail(found: str) -> Exception:
        wanted = "an infinite number of elements" if count == INFINITE else f"{count} elements"
        return errors.FailedPreconditionError(
            None, None, f"Input dataset was expected to contain {wanted} but contained {found}."
        )

    def start() -> Iterator[Flat]:
        number = 0
        for number, flat in enumerate(dataset._start(), 1):
            if number > count >= 0:
                raise fail(f"at least {number} elements")
            yield flat
        if number != count:
            raise fail(f"only {number} elements")

    return Source("AssertCardinality", dataset._structure, start, count)


def batches_of(dataset: Source, sizes: Sequence[int], drop: bool, spec: Any) -> Source:
    """Rows in batches whose sizes are these in turn.

    Args:
      dataset: batches of rows.
      sizes: how many rows the batches have.
      drop: whether a last batch that is smaller is left out.
      spec: of the new batches.
    """
    rows = unbatch(dataset, mapped(row_spec, dataset._structure.spec))

    def start() -> Iterator[Flat]:
        source = rows._start()
        for size in itertools.cycle(sizes):
            chunk = list(itertools.islice(source, size))
            if not chunk or (drop and len(chunk) < size):
                return
            yield stacked(rows._structure, chunk)

    return Source("Rebatch", Structure(spec), start, UNKNOWN)

