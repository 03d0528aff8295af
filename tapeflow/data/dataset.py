"""`tf.data.Dataset`: elements, and what can be made of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.context import context
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.opaque import Held
from ..core.spec import TensorSpec, TypeSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from . import batches, folding, generators, graphs, iterators, mixing, seeding, storage, threads, transforms
from .combining import Combining
from .elements import Structure, leaves, mapped, normalized, packed, spec_of
from .functions import ElementFunction
from .options import Options
from .source import INFINITE, UNKNOWN, Source

AUTOTUNE = -1
PUBLIC = ("Cache", "ParallelInterleave")  # what TensorFlow prints without an underscore


class Dataset(Combining):
    """Elements, that can be gone through in Python and in functions, and that other datasets are made of.

    An element is a structure (tuples, dicts, named tuples) of tensors and composite tensors. Nothing is computed before
    a pass over the dataset begins; each `iter` begins one.

    Datasets are made by `from_tensor_slices` and its like, not by this class.

    >>> dataset = tf.data.Dataset.from_tensor_slices([1, 2, 3]).map(lambda x: x * x).batch(2)
    >>> dataset
    <_BatchDataset element_spec=TensorSpec(shape=(None,), dtype=tf.int32, name=None)>
    >>> [batch.numpy().tolist() for batch in dataset]
    [[1, 4], [9]]
    """

    _options: Options

    def __init__(self, build: Callable[..., Source], *args: Any) -> None:
        source = build(*args)
        self.__dict__.update(source.__dict__)
        self._recipe = build, args
        inputs = [x for x in args if isinstance(x, Dataset)]
        self._options = functools.reduce(Options.merge, [x._options for x in inputs]) if inputs else Options()

    @classmethod
    def _new(cls, build: Callable[..., Source], *args: Any) -> Dataset:
        return Dataset(build, *args)

    # -- what it is

    @property
    def element_spec(self) -> Any:
        """The specs of an element, in its structure."""
        return self._structure.spec

    @property
    def _type_spec(self) -> Any:
        return DatasetSpec(self._structure.spec)

    def cardinality(self) -> Tensor:
        """How many elements there are: an int64 scalar; `tf.data.INFINITE_CARDINALITY`, `tf.data.UNKNOWN_CARDINALITY`.

        >>> print(tf.data.Dataset.range(5).batch(2).cardinality().numpy())
        3
        """
        if self._count == UNKNOWN and context.graph is not None and next(graphs.symbols_in(self), None) is not None:
            found: Tensor = graphs.CARDINALITY(self._variant_tensor)
            return found
        return convert(np.asarray(self._count, np.int64))

    def __len__(self) -> int:
        if context.graph is not None:
            raise TypeError(
                "`tf.data.Dataset` only supports `len` in eager mode. Use `tf.data.Dataset.cardinality()` instead."
            )
        if self._count == INFINITE:
            raise TypeError("The dataset is infinite.")
        if self._count == UNKNOWN:
            raise TypeError("The dataset length is unknown.")
        return self._count

    def __reduce__(self) -> Any:
        raise iterators.not_kept()

    def __bool__(self) -> bool:
        return True

    __nonzero__ = __bool__

    def __repr__(self) -> str:
        name = self._kind if self._kind in PUBLIC or self._kind[0] == "_" else f"_{self._kind}"
        return f"<{name}Dataset element_spec={self._structure.spec!r}>"

    def __iter__(self) -> Any:
        if context.graph is not None:
            handle = iterators.START(self._variant_tensor)
            return iterators.GraphIterator(handle, self._structure.spec)
        return iterators.Iterator(self)

    __tf_iterator__ = __iter__  # for `for` loops of functions

    def as_numpy_iterator(self) -> Any:
        """Goes through the elements with NumPy arrays for tensors.

        >>> list(tf.data.Dataset.range(3).as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(2)]
        """
        return generators.NumpyIterator(self)

    @property
    def _variant_tensor(self) -> Tensor:
        """The dataset as a tensor: in a graph, made there of the Symbols that it depends on."""
        graph, variant = self.__dict__.get("_made", (None, None))
        if variant is not None and context.graph in (None, graph):
            return variant  # type: ignore[no-any-return]
        symbols = list({id(x): x for x in graphs.symbols_in(self)}.values())
        if not symbols:
            return Tensor(Held(self))
        made = lambda *values: graphs.with_values(self, dict(zip(map(id, symbols), values)))
        variant = graphs.FROM_GRAPH(*symbols, build=made)
        self._made = context.graph, variant
        return variant  # type: ignore[no-any-return]

    def _of(self, function: Callable[..., Any], spread: bool = True) -> ElementFunction:
        return ElementFunction(function, self._structure, spread)

    # -- sources

    @staticmethod
    def from_tensors(tensors: Any, name: str | None = None) -> Dataset:
        """A dataset with one element.

        >>> list(tf.data.Dataset.from_tensors([1, 2]).as_numpy_iterator())
        [array([1, 2], dtype=int32)]
        """
        value = normalized(tensors)
        return Dataset(transforms.tensors, value, spec_of(value))

    @staticmethod
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """A dataset of the slices of tensors along their first dimension.

        Raises:
          ValueError: a tensor is a scalar, or the first dimensions differ.

        >>> list(tf.data.Dataset.from_tensor_slices(([1, 2], ["a", "b"])).as_numpy_iterator())
        [(np.int32(1), b'a'), (np.int32(2), b'b')]
        """
        value = normalized(tensors)
        specs = spec_of(value)
        found = list(leaves(specs))
        if not found:
            raise ValueError("Invalid `element`. `element` should not be empty.")
        for spec in found:
            if isinstance(spec, TensorSpec) and spec.shape.rank == 0:
                raise ValueError("Unbatching a tensor is only supported for rank >= 1")
        first, *rest = [spec.shape[0] for spec in found]
        if any(n is not None and first is not None and n != first for n in rest):
            raise ValueError(f"Dimensions {first} and {next(n for n in rest if n != first)} are not compatible")
        return Dataset(transforms.tensor_slices, value, mapped(batches.row_spec, specs))

    @staticmethod
    def range(*args: Any, **kwargs: Any) -> Dataset:
        """Numbers, as Python's `range`: `range(stop)`, `range(start, stop)`, `range(start, stop, step)`.

        Args:
          *args: the limits.
          **kwargs: `output_type`, the dtype, int64 by default; `name`.

        >>> list(tf.data.Dataset.range(1, 6, 2).as_numpy_iterator())
        [np.int64(1), np.int64(3), np.int64(5)]
        """
        dtype = kwargs.pop("output_type", dtypes.int64)
        kwargs.pop("name", None)
        if kwargs:
            raise TypeError(f"Dataset.range() got unexpected keyword arguments: {', '.join(kwargs)}")
        if not 1 <= len(args) <= 3:
            raise ValueError(
                f"Invalid `args`. The length of `args` should be between 1 and 3 but was {len(args)}."
            )
        start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
        return Dataset(transforms.range_, start, stop, step, dtype)

    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: Any = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """A dataset of what a Python generator gives.

        Args:
          generator: a function that returns an iterable; it is called for each pass.
          output_types: a structure of dtypes (with `output_shapes`), as an older way to say the signature.
          output_shapes: a structure of shapes.
          args: tensors that the generator is called with, as NumPy arrays.
          output_signature: a structure of specs, which the elements are converted to.

        Raises:
          TypeError: `generator` is not callable, or there is no signature.

        >>> def squares(n):
        ...     for i in range(n):
        ...         yield i * i
        >>> signature = tf.TensorSpec([], tf.int32)
        >>> list(tf.data.Dataset.from_generator(squares, args=[3], output_signature=signature).as_numpy_iterator())
        [np.int32(0), np.int32(1), np.int32(4)]
        """
        spec = generators.signature(generator, output_types, output_shapes, output_signature)
        given = tuple(convert(x) for x in args or ())
        return Dataset(generators.generated, generator, spec, given)

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Elements of several datasets side by side; as many as the shortest has.

        Args:
          *args: the datasets; or one structure of datasets.

        >>> a = tf.data.Dataset.range(2)
        >>> list(tf.data.Dataset.zip((a, a)).as_numpy_iterator())
        [(np.int64(0), np.int64(0)), (np.int64(1), np.int64(1))]
        """
        if not args and datasets is None:
            raise TypeError("Must pass at least one dataset to `zip`.")
        if args and datasets is not None:
            raise TypeError("Both `*args` and `datasets` cannot be set.")
        structure = datasets if datasets is not None else args[0] if len(args) == 1 else args
        for each in leaves(structure):
            if not isinstance(each, Dataset):
                what = (
                    ". Python `list` is not supported and you should use `tuple` instead."
                    if isinstance(each, list)
                    else f" but encountered object of type {type(each)}."
                )
                raise TypeError(
                    "Invalid input to `zip`. Inputs are expected to be (nested) structures of `tf.data.Dataset` "
                    f"objects{what}"
                )
        return Dataset(_zipped, structure, *leaves(structure))

    # -- choosing and ordering

    def take(self, count: Any, name: str | None = None) -> Dataset:
        """At most `count` elements; all if it is -1."""
        return Dataset(transforms.take, self, count)

    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """All but the first `count` elements; none if it is -1."""
        return Dataset(transforms.skip, self, count)

    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """All elements `count` times; without end if it is None or -1."""
        return Dataset(transforms.repeat, self, -1 if count is None else count)

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Each `num_shards`-th element, from number `index` on.

        Raises:
          InvalidArgumentError: `index` is not in `[0, num_shards)`.
        """
        n, i = transforms.number(num_shards), transforms.number(index)
        if not isinstance(n, Symbol) and n < 1:
            raise errors.invalid(f"Number of shards must be greater than zero (currently num_shards = {n}).")
        if not isinstance(i, Symbol) and not isinstance(n, Symbol) and not 0 <= i < n:
            raise errors.invalid(f"Index must be between 0 and {n - 1} (currently index = {i}).")
        return Dataset(transforms.shard, self, num_shards, index)

    def shuffle(
        self, buffer_size: Any, seed: Any = None, reshuffle_each_iteration: bool | None = None, name: str | None = None
    ) -> Dataset:
        """The elements in random order: TensorFlow's own, for the same seeds.

        Args:
          buffer_size: how many elements wait to be drawn. Only if all do, all orders are equally likely.
          seed: a seed; without it and `tf.random.set_seed`, each pass differs from run to run.
          reshuffle_each_iteration: whether each pass has an order of its own; True by default.

        Raises:
          InvalidArgumentError: `buffer_size` is 0.
        """
        size = transforms.number(buffer_size)
        if not isinstance(size, Symbol) and size < 1 and size != UNKNOWN:
            raise errors.invalid("buffer_size must be greater than zero or UNKNOWN_CARDINALITY")
        again = reshuffle_each_iteration is None or reshuffle_each_iteration
        return Dataset(transforms.shuffle, self, buffer_size, seeding.seeds(seed, again))

    def cache(self, filename: Any = "", name: str | None = None) -> Dataset:
        """Keeps the elements of the first whole pass, in memory or in a file, for later passes."""
        path = storage.path_of(filename)
        return Dataset(transforms.cache, self) if not path else Dataset(storage.cached, self, path)

    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """The same elements; slow ones are made ahead, in a thread."""
        size = transforms.number(buffer_size)
        if not isinstance(size, Symbol) and size < AUTOTUNE:
            raise errors.invalid("buffer_size must be >= 0 or set buffer_size to be -1 for auto-tuning")
        return Dataset(threads.prefetched, self, size)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """These elements, then those of another dataset.

        Raises:
          TypeError: the elements do not fit each other.
        """
        return Dataset(transforms.concatenate, self, dataset, transforms.common_spec(self, dataset))

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Pairs of a number and an element."""
        return Dataset(transforms.enumerate_, self, start)

    # -- batches

    def batch(
        self,
        batch_size: Any,
        drop_remainder: Any = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Elements stacked, `batch_size` at a time.

        Args:
          batch_size: how many.
          drop_remainder: whether a last batch that is smaller is left out.
          num_parallel_calls, deterministic: hints.

        Raises:
          InvalidArgumentError: elements of a batch differ in shape, or `batch_size` is not positive.
        """
        kind = "Batch" if num_parallel_calls is None else "ParallelBatch"
        return Dataset(transforms.batch, self, batch_size, bool(transforms.number(drop_remainder)), kind)

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: Any = False,
        name: str | None = None,
    ) -> Dataset:
        """Elements stacked, each padded at its ends to the shape given, or to the largest of the batch.

        Args:
          batch_size: how many.
          padded_shapes: for each component its shape in the batch; None or -1 for the largest size. None for all so.
          padding_values: for each component what to pad with: 0, or the empty string.
          drop_remainder: whether a last batch that is smaller is left out.

        >>> dataset = tf.data.Dataset.range(1, 4).map(lambda n: tf.fill([n], n))
        >>> [batch.tolist() for batch in dataset.padded_batch(2).as_numpy_iterator()]
        [[[1, 0], [2, 2]], [[3, 3, 3]]]
        """
        shapes, values = batches.padding(self, padded_shapes, padding_values)
        return Dataset(
            transforms.padded_batch, self, batch_size, shapes, values, bool(transforms.number(drop_remainder))
        )

    def unbatch(self, name: str | None = None) -> Dataset:
        """The slices of each element along the first dimension."""
        batches.check_unbatchable(self._structure)
        return Dataset(transforms.unbatch, self, mapped(batches.row_spec, self._structure.spec))

    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Dataset:
        """The rows of batches, in batches of another size, or of several sizes in turn.

        >>> dataset = tf.data.Dataset.range(5).batch(3).rebatch([1, 2])
        >>> [batch.tolist() for batch in dataset.as_numpy_iterator()]
        [[0], [1, 2], [3], [4]]
        """
        sizes = np.atleast_1d(batch_size)
        if not sizes.size or np.any(sizes < 1):
            raise errors.invalid(f"Batch sizes must be greater than zero, got {batch_size}.")
        known = int(sizes[0]) if drop_remainder and len(set(sizes.tolist())) == 1 else None
        if any(spec.shape.rank == 0 for spec in self._structure.flat):
            raise ValueError("Unbatching a tensor is only supported for rank >= 1")
        rows = mapped(batches.row_spec, self._structure.spec)
        spec = mapped(lambda leaf: batches.batched_spec(leaf, known), rows)
        return Dataset(mixing.batches_of, self, sizes.tolist(), drop_remainder, spec)

    def window(
        self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: Any = False, name: str | None = None
    ) -> Dataset:
        """Datasets of `size` elements each: elements `stride` apart, each dataset `shift` after the one before.

        >>> windows = tf.data.Dataset.range(5).window(2, shift=1, drop_remainder=True)
        >>> [list(window.as_numpy_iterator()) for window in windows][0]
        [np.int64(0), np.int64(1)]
        """
        step = size if shift is None else shift
        for what, value in ("size", size), ("shift", step), ("stride", stride):
            _check_positive(value, f"Window {what} must be greater than zero.")
        return Dataset(transforms.window, self, DatasetSpec, size, step, stride, drop_remainder)

    # -- functions of elements

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """A function of each element.

        The function is traced, as by `tf.function`, and takes the parts of an element that is a tuple as arguments.

        Args:
          map_func: the function.
          num_parallel_calls: how many calls may run at the same time; `tf.data.AUTOTUNE` to choose. Slow ones do.
          deterministic: whether the order is kept then; True by default.
          synchronous, use_unbounded_threadpool: hints.

        >>> list(tf.data.Dataset.range(3).map(lambda x: x * x).as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(4)]
        """
        function = self._of(map_func)
        if num_parallel_calls is not None:
            _check_parallel(num_parallel_calls)
        if num_parallel_calls is None or function.as_python is not None:  # a debugger wants one thread
            return Dataset(transforms.map_, self, function)
        return Dataset(threads.mapped_in_parallel, self, function, transforms.number(num_parallel_calls))

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of the datasets that a function makes of each element.

        >>> repeated = tf.data.Dataset.range(3).flat_map(lambda n: tf.data.Dataset.from_tensors(n).repeat(n))
        >>> list(repeated.as_numpy_iterator())
        [np.int64(1), np.int64(2), np.int64(2)]
        """
        return Dataset(transforms.interleave, self, self._of(map_func), 1, 1, "FlatMap")

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Elements of the datasets that a function makes of each element, of several datasets in turn.

        Args:
          map_func: from an element to a dataset.
          cycle_length: how many datasets at a time.
          block_length: how many elements of each in turn; 1 by default.
          num_parallel_calls, deterministic: hints.
        """
        cycle = 1 if cycle_length is None else transforms.number(cycle_length)
        if not isinstance(cycle, Symbol) and cycle < 0:
            cycle = threads.processors()
        block = 1 if block_length is None else block_length
        _check_positive(cycle, "cycle_length must be greater than zero.")
        _check_positive(block, "block_length must be greater than zero.")
        kind = "Interleave"
        if num_parallel_calls is not None:
            _check_parallel(num_parallel_calls)
            kind = "_ParallelInterleave"
        return Dataset(transforms.interleave, self, self._of(map_func), cycle, block, kind)

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which `predicate` says true.

        Raises:
          TypeError: it does not return a boolean scalar.
        """
        return Dataset(transforms.filter_, self, self._of(predicate))

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements before the first for which `predicate` says false."""
        function = self._of(predicate)
        transforms.check_predicate(function.result.spec, "tensor but its return type is")
        return Dataset(transforms.take_while, self, function)

    def scan(self, initial_state: Any, scan_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """Results of a function of a state and each element, which gives the next state and a result.

        >>> sums = tf.data.Dataset.range(4).scan(tf.constant(0, tf.int64), lambda s, x: (s + x, s + x))
        >>> list(sums.as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(3), np.int64(6)]
        """
        state, function, after = folding.stateful(self, initial_state, scan_func)
        return Dataset(transforms.scan, self, state, function, after[0], after[1])

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """The last state of a function of a state and each element.

        >>> print(tf.data.Dataset.range(5).reduce(tf.constant(0, tf.int64), lambda s, x: s + x).numpy())
        10
        """
        return folding.reduced(self, initial_state, reduce_func)

    def apply(self, transformation_func: Callable[[Dataset], Any], name: str | None = None) -> Any:
        """`transformation_func` of the dataset."""
        dataset = transformation_func(self)
        if not isinstance(dataset, Dataset):
            raise TypeError(f"`transformation_func` must return a `tf.data.Dataset` object. Got {type(dataset)}.")
        return dataset

    def _single(self) -> Any:
        if context.graph is not None:
            return self._structure.assembled(graphs.SINGLE(self._variant_tensor, **iterators.types_of(self._structure)))
        return self._structure.pack(graphs.only(self))

    # -- options

    def options(self) -> Options:
        """The options of the dataset and of what it is made of."""
        return Options().merge(self._options)  # type: ignore[no-any-return]

    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """The same dataset with other options: those that are set replace what was set before."""
        new = Dataset(transforms.same, self, "Options")
        new._options = self._options.merge(options)
        return new


def _check_positive(value: Any, message: str) -> None:
    number = transforms.number(value)
    if not isinstance(number, Symbol) and number < 1:
        raise errors.invalid(message)


def _check_parallel(calls: Any) -> None:
    if transforms.number(calls) != AUTOTUNE:
        _check_positive(calls, "num_parallel_calls must be greater than zero.")


def _zipped(structure: Any, *datasets: Dataset) -> Source:
    return transforms.zip_(packed(structure, iter(datasets)))


class DatasetSpec(TypeSpec):
    """The spec of a dataset: that of its elements.

    >>> tf.data.DatasetSpec(tf.TensorSpec([2]))
    DatasetSpec(TensorSpec(shape=(2,), dtype=tf.float32, name=None), TensorShape([]))
    """

    __slots__ = ("_dataset_shape", "_element_spec")

    def __init__(self, element_spec: Any, dataset_shape: Any = ()) -> None:
        self._element_spec = element_spec
        self._dataset_shape = TensorShape(dataset_shape)

    element_spec = property(lambda self: self._element_spec, doc="The spec of the elements.")

    @property
    def value_type(self) -> type:
        """`tf.data.Dataset`."""
        return Dataset

    @property
    def _component_specs(self) -> Any:
        return TensorSpec(self._dataset_shape, dtypes.variant)

    def _to_components(self, value: Any) -> Any:
        return value._variant_tensor

    def _from_components(self, components: Any) -> Any:
        dataset = Dataset(_from_variant, components, Structure(self._element_spec))
        if isinstance(components, Symbol):
            dataset._made = components.graph, components
        return dataset

    def _serialize(self) -> tuple[Any, ...]:
        return self._element_spec, self._dataset_shape

    def __repr__(self) -> str:
        return f"DatasetSpec({self._element_spec!r}, {self._dataset_shape!r})"

    @classmethod
    def from_value(cls, value: Dataset) -> DatasetSpec:
        """The spec of a dataset."""
        return cls(value.element_spec)

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a dataset, or another spec, may stand where this spec is asked for."""
        other = spec_or_value if isinstance(spec_or_value, TypeSpec) else getattr(spec_or_value, "_type_spec", None)
        if not isinstance(other, DatasetSpec):
            return False
        mine, theirs = list(leaves(self._element_spec)), list(leaves(other._element_spec))
        return len(mine) == len(theirs) and all(a.is_compatible_with(b) for a, b in zip(mine, theirs))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatasetSpec) and other._element_spec == self._element_spec

    def __hash__(self) -> int:
        return hash(DatasetSpec)


def _from_variant(variant: Tensor, structure: Structure) -> Source:
    if not isinstance(variant, Symbol):
        return transforms.same(iterators.held(variant._array), "Variant")
    return Source("Variant", structure, lambda: iter(()), UNKNOWN)


Dataset._spec = DatasetSpec
