"""What the methods of `Dataset` make: for each, how a pass over it goes, how many elements it has and of what kind.

Nothing here looks at values before a pass begins: in graphs some of them are Symbols.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..core.opaque import Held
from ..core.spec import TensorSpec
from ..core.symbol import Symbol
from ..core.tensor import EAGER, Tensor, at_hand
from ..ops.sparse_tensor import SparseTensorSpec
from . import passes, sparse_rows
from .batches import batched_spec, padded, stacked, unstacked
from .elements import Flat, Structure, leaves, mapped, packed, spec_of
from .functions import ElementFunction
from .rows import Computed, Numbers, Slices, Table
from .source import INFINITE, UNKNOWN, Source
from .vectorizing import many_at_once


def number(value: Any) -> Any:
    """A Python int, of what is one or a Tensor of one; a Symbol as it is if it is not known."""
    if isinstance(value, Symbol):
        return value if value.known is None else int(value.known)
    return int(value._array) if isinstance(value, Tensor) else int(value)


def ceil_div(a: int, b: int) -> int:
    """`a / b`, rounded up."""
    return -(-a // b)


def finite(count: int, function: Callable[[int], int]) -> int:
    """`function(count)`, unless there is no end, or it is not known."""
    return function(count) if count >= 0 else count


# -- sources


def tensors(value: Any, spec: Any) -> Source:
    """One element."""
    structure = Structure(spec)
    whole = list(leaves(value))
    if all(type(each) in EAGER for each in whole):
        flat = tuple([at_hand(each._array) for each in whole])
        return Source("Tensor", structure, lambda: iter((flat,)), 1)

    def start() -> Iterator[Flat]:
        yield structure.unpack(value)

    return Source("Tensor", structure, start, 1)


def tensor_slices(value: Any, spec: Any) -> Source:
    """The rows of tensors."""
    structure = Structure(spec)
    whole = list(leaves(value))
    if not structure.plain:
        batch = Structure(spec_of(value))
        return Source("TensorSlice", structure, lambda: unstacked(batch, batch.unpack(value)), _rows_of(whole))
    known = [each.shape[0] for each in whole]
    if all(type(each) in EAGER for each in whole):
        return Source.of_table("TensorSlice", structure, Slices([at_hand(each._array) for each in whole]))
    return Source("TensorSlice", structure, lambda: iter(()), next((n for n in known if n is not None), UNKNOWN))


def _rows_of(parts: Sequence[Any]) -> int:
    """How many rows there are, as far as it is known."""
    sizes = [part.shape[0] for part in parts if part is not None]
    return next((size for size in sizes if size is not None), UNKNOWN)


def range_(start: Any, stop: Any, step: Any, dtype: Any) -> Source:
    """Numbers."""
    structure = Structure(TensorSpec([], dtype))
    limits = [number(x) for x in (start, stop, step)]
    if limits[2] == 0:
        raise errors.invalid("step must be a non-zero integer.")
    if any(isinstance(x, Symbol) for x in limits):
        return Source("Range", structure, lambda: iter(()), UNKNOWN)
    return Source.of_table("Range", structure, Numbers(range(*limits), structure.flat[0].dtype.numpy))


def generated(make: Callable[[], Iterator[Any]], structure: Structure) -> Source:
    """What Python iterators give, converted and checked by `make`."""
    return Source("FlatMap", structure, make, UNKNOWN)


# -- what chooses and orders: the same for elements as for row numbers


def take(dataset: Source, count: Any) -> Source:
    """The first elements."""
    n = number(count)
    total = dataset._count

    def size() -> int:
        return total if n < 0 else n if total == INFINITE else finite(total, lambda t: min(n, t))

    return dataset._chosen("Take", lambda start: passes.taken(start, n), UNKNOWN if isinstance(n, Symbol) else size())


def skip(dataset: Source, count: Any) -> Source:
    """All but the first elements."""
    n = number(count)
    total = UNKNOWN if isinstance(n, Symbol) else finite(dataset._count, lambda t: 0 if n < 0 else max(t - n, 0))
    return dataset._chosen("Skip", lambda start: passes.skipped(start, n), total)


def repeat(dataset: Source, count: Any) -> Source:
    """All elements, several times."""
    n = number(count)
    total = dataset._count
    if isinstance(n, Symbol):
        total = UNKNOWN
    elif n == 0 or total == 0:
        total = 0
    elif n < 0:
        total = INFINITE
    else:
        total = finite(total, lambda t: t * n)
    return dataset._chosen("Repeat", lambda start: passes.repeated(start, n), total)


def shard(dataset: Source, num_shards: Any, index: Any) -> Source:
    """Each n-th element."""
    n, i = number(num_shards), number(index)
    total = UNKNOWN if isinstance(n, Symbol) else finite(dataset._count, lambda t: ceil_div(max(t - i, 0), n))
    return dataset._chosen("Shard", lambda start: passes.sharded(start, n, i), total)


def shuffle(dataset: Source, buffer_size: Any, seeds: Callable[[], tuple[int, int]]) -> Source:
    """All elements, in an order of its own for each pass.

    Args:
      dataset: the elements.
      buffer_size: how many wait to be drawn; negative for all.
      seeds: the seeds of a pass.
    """
    size = number(buffer_size)
    if not isinstance(size, Symbol) and size < 0:
        size = None if dataset._count < 0 else max(dataset._count, 1)

    def shuffled(start: passes.Start) -> Iterator[Any]:
        return passes.shuffled(start, size if size is not None else _size_of(start), passes.words(*seeds()))

    return dataset._chosen("Shuffle", shuffled, dataset._count)


def _size_of(start: passes.Start) -> int:
    return max(sum(1 for _ in start()), 1)


def cache(dataset: Source) -> Source:
    """Elements kept in memory from the first whole pass on."""
    kept: dict[int, passes.Kept] = {}
    if isinstance(dataset._table, (Slices, Numbers)):
        return dataset._chosen("Cache", lambda start: kept.setdefault(0, passes.Kept(start)).start(), dataset._count)
    whole = passes.Kept(dataset._start)
    return Source("Cache", dataset._structure, whole.start, dataset._count)


# -- batches


def batch(dataset: Source, batch_size: Any, drop_remainder: bool, kind: str) -> Source:
    """Elements stacked."""
    size, known, total = _batches_of(dataset, batch_size, drop_remainder)
    structure = Structure(mapped(lambda leaf: batched_spec(leaf, known), dataset._structure.spec))
    table = dataset._table
    numbers = dataset._numbers
    if table is not None and numbers is not None:
        taken: passes.Start = lambda: map(table.take, passes.chunks(numbers, size, drop_remainder))
        return Source(kind, structure, taken, total)
    chunked: passes.Start = lambda: passes.chunks(dataset._start, size, drop_remainder)
    return Source(kind, structure, lambda: map(functools.partial(stacked, dataset._structure), chunked()), total)


def padded_batch(dataset: Source, batch_size: Any, shapes: Any, values: Any, drop_remainder: bool) -> Source:
    """Elements padded to one shape, and stacked."""
    size, known, total = _batches_of(dataset, batch_size, drop_remainder)
    shapes = [[None if n is None else number(n) for n in shape] for shape in shapes]
    sizes = [[n if isinstance(n, int) else None for n in shape] for shape in shapes]
    flat = [TensorSpec([known, *each], spec.dtype) for each, spec in zip(sizes, dataset._structure.flat)]
    structure = Structure(packed(dataset._structure.spec, iter(flat)))

    def start() -> Iterator[Flat]:
        for chunk in passes.chunks(dataset._start, size, drop_remainder):
            yield padded(chunk, shapes, values)

    return Source("PaddedBatch", structure, start, total)


def _batches_of(dataset: Source, batch_size: Any, drop_remainder: bool) -> tuple[Any, int | None, int]:
    """The size of batches; the size of each of them, where it is known; how many there are."""
    size = number(batch_size)
    if isinstance(size, Symbol):
        return size, None, UNKNOWN
    if size < 1:
        raise errors.invalid("Batch size must be greater than zero.")
    total = finite(dataset._count, lambda t: t // size if drop_remainder else ceil_div(t, size))
    return size, size if drop_remainder else None, total


def window(dataset: Source, dataset_spec: Any, size: Any, shift: Any, stride: Any, drop_remainder: Any) -> Source:
    """Datasets of some elements each."""
    n, step, gap, drop = number(size), number(shift), number(stride), bool(number(drop_remainder))
    inner = dataset._structure
    structure = Structure(mapped(dataset_spec, dataset._structure.spec))

    def start() -> Iterator[Flat]:
        for chunk in passes.windows(dataset._start, n, step, gap, drop):
            yield tuple(_columns(inner, chunk))

    def count(t: int) -> int:
        span = (n - 1) * gap + 1
        return max((t - span) // step + 1, 0) if drop else ceil_div(t, step)

    return Source("Window", structure, start, finite(dataset._count, count))


def _columns(structure: Structure, chunk: Sequence[Flat]) -> Iterator[Any]:
    for leaf, place in structure.places():
        rows = [flat[place] for flat in chunk]
        yield Held(Source("Window", Structure(leaf), functools.partial(iter, rows), len(chunk)))


# -- functions of elements


def map_(dataset: Source, function: ElementFunction, kind: str = "Map") -> Source:
    """A function of each element."""
    table = dataset._table
    many = many_at_once(function, dataset._structure) if table is not None else None
    if table is not None and many is not None:
        computed: Table = Computed(table, function, many)
        return Source.of_table(kind, function.result, computed, dataset._numbers, dataset._count)
    return Source(kind, function.result, lambda: itertools.starmap(function, dataset._start()), dataset._count)


def check_predicate(spec: Any, words: str) -> None:
    """Raises ValueError if what a predicate returns is no boolean scalar."""
    if not isinstance(spec, TensorSpec) or not TensorSpec([], dtypes.bool).is_compatible_with(spec):
        raise ValueError(f"Invalid `predicate`. `predicate` must return a `tf.bool` scalar {words}{spec}.")


def filter_(dataset: Source, function: ElementFunction) -> Source:
    """The elements for which a function says true."""
    check_predicate(function.result.spec, "tensor, but its return type is ")
    return Source(
        "Filter", dataset._structure,
        lambda: filter(lambda flat: function(*flat)[0], dataset._start()), UNKNOWN,
    )  # fmt: skip


def take_while(dataset: Source, function: ElementFunction) -> Source:
    """The elements before the first for which a function says false."""
    return Source(
        "TakeWhile", dataset._structure,
        lambda: itertools.takewhile(lambda flat: function(*flat)[0], dataset._start()), UNKNOWN,
    )  # fmt: skip


def interleave(dataset: Source, function: ElementFunction, cycle: Any, block: Any, kind: str = "Interleave") -> Source:
    """Elements of the datasets that a function makes of each element, of several in turn."""
    (leaf,) = function.result.leaves if len(function.result.leaves) == 1 else (None,)
    if leaf is None or not hasattr(leaf, "element_spec"):
        spec = function.result.spec
        found = spec.value_type if hasattr(spec, "value_type") else type(spec)
        raise TypeError(f"The `map_func` argument must return a `Dataset` object. Got {found}.")
    places, length = number(cycle), number(block)

    def start() -> Iterator[Flat]:
        begin = lambda flat: function.value(*flat)._start()
        if places == 1:
            return itertools.chain.from_iterable(map(begin, dataset._start()))
        return passes.interleaved(dataset._start(), begin, places, length)

    return Source(kind, Structure(leaf.element_spec), start, INFINITE if dataset._count == INFINITE else UNKNOWN)


def scan(dataset: Source, initial: Any, function: ElementFunction, state: Structure, result: Structure) -> Source:
    """A function of a state and each element, that gives the next state and a result."""

    def start() -> Iterator[Flat]:
        now = state.unpack(initial)
        for flat in dataset._start():
            both = function(*now, *flat)
            now = both[: len(now)]
            yield both[len(now) :]

    return Source("Scan", result, start, dataset._count)


# -- several datasets


def zip_(structure: Any) -> Source:
    """Elements of several datasets side by side."""
    datasets = list(leaves(structure))
    spec = packed(structure, iter([each._structure.spec for each in datasets]))
    if all(isinstance(each._table, (Slices, Numbers)) for each in datasets) and _untouched(datasets):
        counts = {each._count for each in datasets}
        if len(counts) == 1 and all(isinstance(each._table, Slices) for each in datasets):
            return Source.of_table(
                "Zip", Structure(spec), Slices([array for each in datasets for array in each._table.arrays])
            )

    def start() -> Iterator[Flat]:
        for flats in zip(*[each._start() for each in datasets]):
            yield tuple(itertools.chain.from_iterable(flats))

    counts = {each._count for each in datasets}
    total = UNKNOWN if UNKNOWN in counts else min(counts - {INFINITE}, default=INFINITE)
    return Source("Zip", Structure(spec), start, total)


def _untouched(datasets: Sequence[Source]) -> bool:
    return all(each._in_order for each in datasets)


def concatenate(dataset: Source, other: Source, spec: Any) -> Source:
    """The elements of one dataset, then those of another."""
    a, b = dataset._count, other._count
    total = INFINITE if INFINITE in (a, b) else UNKNOWN if UNKNOWN in (a, b) else a + b
    return Source("Concatenate", Structure(spec), lambda: itertools.chain(dataset._start(), other._start()), total)


def common_spec(a: Source, b: Source) -> Any:
    """The specs of elements of either.

    Raises:
      TypeError: their dtypes or structures differ.
    """
    mine, theirs = a._structure, b._structure
    types = [[getattr(leaf, "dtype", leaf) for leaf in each.leaves] for each in (mine, theirs)]
    if types[0] != types[1]:
        raise TypeError(f"Incompatible dataset elements:\n  {mine.spec} vs.   {theirs.spec}")
    return mapped(_common, mine.spec, theirs.spec)


def _common(a: Any, b: Any) -> Any:
    if isinstance(a, TensorSpec):
        return TensorSpec(a.shape.most_specific_compatible_shape(b.shape), a.dtype)
    return a.most_specific_common_supertype([b]) or a


def same(dataset: Source, kind: str) -> Source:
    """The dataset as it is, by another name."""
    twin = object.__new__(Source)
    twin.__dict__.update(dataset.__dict__, _kind=kind)
    return twin


def enumerate_(dataset: Source, start: Any) -> Source:
    """Numbers beside the elements."""
    first = number(start)
    spec = (TensorSpec([], dtypes.int64), dataset._structure.spec)

    def begin() -> Iterator[Flat]:
        for i, flat in enumerate(dataset._start(), first):
            yield (np.asarray(i, np.int64), *flat)

    return Source("Zip", Structure(spec), begin, dataset._count)


def unbatch(dataset: Source, spec: Any) -> Source:
    """The rows of each element."""
    batches = dataset._structure
    start: passes.Start = lambda: itertools.chain.from_iterable(unstacked(batches, flat) for flat in dataset._start())
    sizes = {each.shape[0] for each in batches.leaves if getattr(each, "shape", None) is not None and each.shape.rank}
    sizes.discard(None)
    count = finite(dataset._count, lambda t: t * sizes.pop()) if len(sizes) == 1 else UNKNOWN
    return Source("Unbatch", Structure(spec), start, count)


def as_ragged(dataset: Source, spec: Any) -> Source:
    """Tensors as ragged tensors of the specs, of as many rows as they have: each row as long as the tensor is."""
    structure = Structure(spec)

    def ragged(flat: Flat) -> Iterator[Any]:
        arrays = iter(flat)
        for mine, theirs in zip(dataset._structure.leaves, structure.leaves):
            parts = list(itertools.islice(arrays, len(Structure(mine).flat)))
            if mine == theirs:
                yield from parts
                continue
            sizes, depth = parts[0].shape, theirs.ragged_rank
            yield parts[0].reshape(-1, *sizes[depth + 1 :]) if depth else parts[0]
            for axis in range(1, depth + 1):
                rows = math.prod(sizes[:axis])
                yield np.arange(rows + 1, dtype=theirs.row_splits_dtype.numpy) * sizes[axis]

    return Source("Map", structure, lambda: (tuple(ragged(flat)) for flat in dataset._start()), dataset._count)


def sparse_batch(dataset: Source, batch_size: Any, row_shape: Sequence[int | None]) -> Source:
    """Dense elements stacked to sparse tensors."""
    size, _, total = _batches_of(dataset, batch_size, False)
    (spec,) = dataset._structure.flat
    structure = Structure(SparseTensorSpec([None, *row_shape], spec.dtype))
    chunks: passes.Start = lambda: passes.chunks(dataset._start, size, False)
    made: passes.Start = lambda: map(functools.partial(sparse_rows.of_dense, row_shape=row_shape), chunks())
    return Source("DenseToSparseBatch", structure, made, total)


def text(value: Any) -> str:
    """A string, of bytes or a string."""
    return value.decode() if isinstance(value, bytes) else str(value)
