"""Methods of datasets that mix, gather, keep and find: what is made of several datasets, of keys, and of files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import dtypes, errors
from ..base.paths import matching
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.spec import TensorSpec
from . import grouping, mixing, resampling, seeding, storage, transforms
from .batches import ragged_spec
from .elements import Structure, mapped
from .source import Source

if TYPE_CHECKING:
    from .dataset import Dataset


class Combining(Source):
    """The methods of `Dataset` that mix, gather, keep and find."""

    if TYPE_CHECKING:
        _new: Callable[..., Dataset]  # makes a dataset
        _recipe: tuple[Callable[..., Source], tuple[Any, ...]]  # what it was made by, and of
        _spec: Callable[..., Any]  # the spec of datasets

    # -- several datasets

    @classmethod
    def choose_from_datasets(
        cls, datasets: Sequence[Dataset], choice_dataset: Dataset, stop_on_empty_dataset: bool = True
    ) -> Dataset:
        """Elements of the datasets that another dataset names, one each time.

        Args:
          datasets: the datasets.
          choice_dataset: gives their numbers, as int64 scalars.
          stop_on_empty_dataset: whether the first of them that ends is the end; otherwise it is passed over.

        Raises:
          ValueError, TypeError: there are no datasets, or they do not fit.

        >>> a, b = tf.data.Dataset.range(3), tf.data.Dataset.range(10, 13)
        >>> chosen = tf.data.Dataset.choose_from_datasets([a, b], tf.data.Dataset.range(2).repeat(2))
        >>> list(chosen.as_numpy_iterator())
        [np.int64(0), np.int64(10), np.int64(1), np.int64(11)]
        """
        mixing.check_chosen(datasets, choice_dataset, Combining)
        spec = mixing.common_of(datasets)
        return cls._new(mixing.directed, choice_dataset, stop_on_empty_dataset, spec, *datasets)

    @classmethod
    def sample_from_datasets(
        cls,
        datasets: Sequence[Dataset],
        weights: Any = None,
        seed: Any = None,
        stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Dataset:
        """Elements of datasets that are drawn each time: as TensorFlow draws them, for the same seeds.

        Args:
          datasets: the datasets.
          weights: how likely each is, or a dataset of that; all alike unless given.
          seed: a seed.
          stop_on_empty_dataset: whether the first of them that ends is the end; otherwise it is passed over.
          rerandomize_each_iteration: whether each pass has an order of its own.

        Raises:
          ValueError, TypeError: there are no datasets, or something does not fit.
        """
        if not datasets:
            raise ValueError("Invalid `datasets`. `datasets` should not be empty.")
        if isinstance(weights, Combining):
            numbers = cls.random(seed, rerandomize_each_iteration).batch(2)
            logits: Any = weights.map(lambda *p: mixing.log(p))  # type: ignore[attr-defined]
            selector = cls._new(_pair, logits, numbers).map(mixing.draw)
        else:
            datasets, logits = mixing.weighted(datasets, weights)
            if len(datasets) == 1:
                return datasets[0]
            numbers = cls.random(seed, rerandomize_each_iteration).batch(2)
            selector = numbers.map(lambda pair: mixing.draw(logits, pair))
        return cls._new(mixing.directed, selector, stop_on_empty_dataset, mixing.common_of(datasets), *datasets)

    @classmethod
    def counter(cls, start: Any = 0, step: Any = 1, dtype: Any = dtypes.int64, name: str | None = None) -> Dataset:
        """Numbers from `start` on, without end.

        >>> list(tf.data.Dataset.counter(2, 5).take(3).as_numpy_iterator())
        [np.int64(2), np.int64(7), np.int64(12)]
        """
        return cls._new(mixing.counted, start, step, dtype)

    @classmethod
    def random(
        cls, seed: Any = None, rerandomize_each_iteration: bool | None = None, name: str | None = None
    ) -> Dataset:
        """Random numbers of 32 bits as int64 scalars, without end: TensorFlow's own, for the same seeds.

        Args:
          seed: a seed; without it and `tf.random.set_seed`, they differ from run to run.
          rerandomize_each_iteration: whether each pass has numbers of its own.

        >>> tf.random.set_seed(1234)
        >>> list(tf.data.Dataset.random(seed=4).take(2).as_numpy_iterator())
        [np.int64(1168470376), np.int64(2693143554)]
        """
        return cls._new(mixing.drawn, seeding.seeds(seed, bool(rerandomize_each_iteration)))

    def rejection_resample(
        self: Any,
        class_func: Callable[..., Any],
        target_dist: Any,
        initial_dist: Any = None,
        seed: int | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Pairs of a class and an element, some left out, so that classes are as frequent as is asked for.

        Args:
          class_func: from an element to its class, an integer.
          target_dist: how frequent each class shall be.
          initial_dist: how frequent each is; estimated on the way unless given.
          seed: a seed.
        """
        made: Dataset = resampling.resampled(self, class_func, target_dist, initial_dist, seed)
        return made

    # -- keys

    def group_by_window(
        self,
        key_func: Callable[..., Any],
        reduce_func: Callable[[Any, Any], Any],
        window_size: Any = None,
        window_size_func: Callable[[Any], Any] | None = None,
        name: str | None = None,
    ) -> Dataset:
        """For each key, what a function makes of windows of the elements that have it.

        Args:
          key_func: from an element to its key, an int64 scalar.
          reduce_func: from a key and a dataset of the window's elements to a dataset.
          window_size: how many elements a window has at most; or
          window_size_func: from a key to that.

        Raises:
          ValueError, TypeError: a function returns something else, or not just one of the sizes is given.

        >>> parity = tf.data.Dataset.range(6).group_by_window(lambda x: x % 2, lambda key, window: window.batch(3), 3)
        >>> [batch.tolist() for batch in parity.as_numpy_iterator()]
        [[0, 2, 4], [1, 3, 5]]
        """
        size = grouping.window_sizes(window_size, window_size_func)
        key = grouping.key_function(key_func, self._structure)
        reduce = grouping.reducer(reduce_func, type(self)._spec(self._structure.spec))
        return self._new(grouping.windowed, self, key, reduce, size)

    def bucket_by_sequence_length(
        self,
        element_length_func: Callable[..., Any],
        bucket_boundaries: Sequence[int],
        bucket_batch_sizes: Sequence[int],
        padded_shapes: Any = None,
        padding_values: Any = None,
        pad_to_bucket_boundary: bool = False,
        no_padding: bool = False,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Padded batches of elements of about one length.

        Args:
          element_length_func: from an element to its length, int32.
          bucket_boundaries: the lengths at which buckets end, upper ones not included.
          bucket_batch_sizes: the batch size of each bucket: one more than there are boundaries.
          padded_shapes: as for `padded_batch`.
          padding_values: as for `padded_batch`.
          pad_to_bucket_boundary: whether unknown sizes are padded to one less than the bucket's boundary.
          no_padding: whether batches are not padded.
          drop_remainder: whether batches that are not full are left out in the end.

        Raises:
          ValueError: there are not as many batch sizes as buckets.
        """
        if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
            raise ValueError(
                "`len(bucket_batch_sizes)` must equal `len(bucket_boundaries) + 1` but "
                f"`len(bucket_batch_sizes)={len(bucket_batch_sizes)}` and "
                f"`len(bucket_boundaries)={len(bucket_boundaries)}`."
            )
        sizes = convert(np.array(bucket_batch_sizes, np.int64))

        def batches(bucket: Any, window: Any) -> Any:
            size = sizes[bucket]
            if no_padding:
                return window.batch(size, drop_remainder)
            filler = grouping.boundary(bucket, bucket_boundaries) if pad_to_bucket_boundary else None
            wanted = padded_shapes or mapped(lambda spec: spec.shape, window.element_spec)
            return window.padded_batch(size, grouping.filled_shapes(wanted, filler), padding_values, drop_remainder)

        bucket = grouping.bucket_of(element_length_func, bucket_boundaries)
        return self.group_by_window(bucket, batches, window_size_func=lambda bucket: sizes[bucket])

    # -- what is left out

    def unique(self, name: str | None = None) -> Dataset:
        """The elements that were not there before: integers or strings.

        >>> list(tf.data.Dataset.from_tensor_slices([3, 1, 3]).unique().as_numpy_iterator())
        [np.int32(3), np.int32(1)]
        """
        return self._new(mixing.distinct, self)

    def ignore_errors(self, log_warning: bool = False, name: str | None = None) -> Dataset:
        """The elements that can be computed; others are passed over.

        Args:
          log_warning: whether their errors are logged.

        >>> dataset = tf.data.Dataset.from_tensor_slices([1.0, 0.0, 4.0])
        >>> dataset = dataset.map(lambda x: tf.debugging.check_numerics(1.0 / x, "bad")).ignore_errors()
        >>> list(dataset.as_numpy_iterator())
        [np.float32(1.0), np.float32(0.25)]
        """
        return self._new(mixing.without_errors, self, log_warning)

    def get_single_element(self: Any, name: str | None = None) -> Any:
        """The element of a dataset that has just one.

        Raises:
          InvalidArgumentError: it has none, or several.

        >>> print(tf.data.Dataset.range(3).batch(3).get_single_element().numpy())
        [0 1 2]
        """
        return self._single()

    def ragged_batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        row_splits_dtype: Any = dtypes.int64,
        name: str | None = None,
    ) -> Dataset:
        """Elements stacked, of tensors of different shapes as ragged tensors.

        Args:
          batch_size: how many.
          drop_remainder: whether a last batch that is smaller is left out.
          row_splits_dtype: the dtype of the row splits.

        >>> dataset = tf.data.Dataset.range(3).map(lambda n: tf.range(n)).ragged_batch(3)
        >>> print(next(iter(dataset)))
        <tf.RaggedTensor [[], [0], [0, 1]]>
        """
        spec = mapped(lambda leaf: ragged_spec(leaf, row_splits_dtype), self._structure.spec)
        rows = self._new(transforms.as_ragged, self, spec)
        return rows.batch(batch_size, drop_remainder)

    def sparse_batch(self, batch_size: Any, row_shape: Any, name: str | None = None) -> Dataset:
        """Elements stacked to sparse tensors, in which all of their values are.

        Args:
          batch_size: how many.
          row_shape: the shape of a row, at least that of each element; None or -1 for the largest size.

        Raises:
          TypeError: the elements are no single tensors.

        >>> dataset = tf.data.Dataset.range(1, 3).map(lambda n: tf.fill([n], n)).sparse_batch(2, [3])
        >>> print(next(iter(dataset)).values.numpy())
        [1 2 2]
        """
        if not isinstance(self._structure.spec, TensorSpec):
            raise TypeError("`sparse_batch` requires an input dataset of single tensors.")
        sizes = [None if n in (None, -1) else int(n) for n in TensorShape(row_shape)]
        return self._new(transforms.sparse_batch, self, batch_size, sizes)

    # -- files

    @classmethod
    def list_files(
        cls, file_pattern: Any, shuffle: bool | None = None, seed: Any = None, name: str | None = None
    ) -> Dataset:
        """The files that patterns match, as strings.

        Args:
          file_pattern: a pattern with `*`, `?` and `[...]`, or several.
          shuffle: whether they come in random order; True by default.
          seed: a seed for that.

        Raises:
          InvalidArgumentError: there are none.
        """
        given = np.atleast_1d(np.array(convert(file_pattern).numpy(), object))
        patterns = [transforms.text(each) for each in given.flat]
        found = sorted({path for pattern in patterns for path in matching(pattern)})
        if not found:
            raise errors.invalid(
                "Expected 'tf.Tensor(False, shape=(), dtype=bool)' to be true. Summarized data: "
                f"{('No files matched pattern: ' + ', '.join(patterns)).encode()!r}"
            )
        files: Any = cls.from_tensor_slices(found)  # type: ignore[attr-defined]
        return files if shuffle is False else files.shuffle(len(found), seed=seed)  # type: ignore[no-any-return]

    def save(
        self,
        path: Any,
        compression: str | None = None,
        shard_func: Callable[..., Any] | None = None,
        checkpoint_args: None = None,
    ) -> None:
        """Writes all elements to a folder, from which `load` reads them. The format is tapeflow's own.

        Args:
          path: the folder; what was saved there is replaced.
          compression: "GZIP", or None for none.
          shard_func: from an element to the number of the file that it goes to, int64.
          checkpoint_args: not supported: it must be None.

        Raises:
          ValueError: for another compression.
          UnimplementedError: for elements that are datasets.
        """
        if checkpoint_args is not None:
            raise ValueError("`checkpoint_args` is not supported by tapeflow.")
        shard = None if shard_func is None else grouping.key_function(shard_func, self._structure, "shard_func")
        for _ in storage.writing(self, storage.path_of(path), compression, shard):
            pass

    @classmethod
    def load(
        cls,
        path: Any,
        element_spec: Any = None,
        compression: str | None = None,
        reader_func: Callable[[Any], Any] | None = None,
        wait: bool = False,
    ) -> Dataset:
        """The elements that `save` wrote to a folder.

        Args:
          path: the folder.
          element_spec: their specs; read from there unless given.
          compression: what `save` was given; the files say it themselves.
          reader_func: from a dataset of datasets, one for each file, to a dataset; the files take turns unless given.
          wait: not supported: it must be False.

        Raises:
          NotFoundError: there is nothing.
        """
        storage.is_compressed(compression)
        if wait:
            raise ValueError("`wait` is not supported by tapeflow.")
        where = storage.path_of(path)
        spec, count = storage.contents(where)
        structure = Structure(spec if element_spec is None else element_spec)
        if reader_func is None:
            return cls._new(storage.folder, where, structure, count)
        made: Dataset = reader_func(cls._new(storage.files, where, structure, cls._spec(structure.spec)))
        return made

    def snapshot(
        self,
        path: Any,
        compression: str | None = "AUTO",
        reader_func: Callable[[Any], Any] | None = None,
        shard_func: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Writes the elements to a folder in the first whole pass, and reads them from there afterwards.

        Args:
          path: the folder.
          compression: "GZIP"; "AUTO" or None for none.
          reader_func: as for `load`.
          shard_func: as for `save`.
        """
        where = storage.path_of(path)
        storage.is_compressed(compression)
        shard = None if shard_func is None else grouping.key_function(shard_func, self._structure, "shard_func")
        spec = self._structure.spec
        read = lambda: type(self).load(where, spec, compression, reader_func)
        return self._new(storage.snapshot, self, where, compression, shard, read)

    def fingerprint(self) -> Any:
        """A number that is the same for datasets that were made in the same way of the same data, as uint64 scalar.

        It is tapeflow's own number, not TensorFlow's.

        >>> dataset = tf.data.Dataset.range(3)
        >>> bool(dataset.fingerprint() == tf.data.Dataset.range(3).fingerprint())
        True
        """
        return convert(np.asarray(storage.digest(self), np.uint64))


def _pair(a: Source, b: Source) -> Source:
    return transforms.zip_((a, b))
