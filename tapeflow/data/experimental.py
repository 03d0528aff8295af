"""`tf.data.experimental`: what came to `tf.data` itself later, and what never did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base.context import settings
from ..base.errors import OutOfRangeError
from ..engines.devices import device as _device
from ..io.records import TFRecordWriter as _Writer
from . import grouping, iterators, mixing, transforms
from .csv_files import CsvDataset as CsvDataset
from .csv_files import make_csv_dataset as make_csv_dataset
from .dataset import AUTOTUNE as AUTOTUNE
from .dataset import Dataset
from .grouping import Reducer as Reducer
from .iterators import Optional as Optional
from .options import AutoShardPolicy as AutoShardPolicy
from .options import AutotuneAlgorithm as AutotuneAlgorithm
from .options import AutotuneOptions as AutotuneOptions
from .options import DistributeOptions as DistributeOptions
from .options import ExternalStatePolicy as ExternalStatePolicy
from .options import OptimizationOptions as OptimizationOptions
from .options import ServiceOptions as ServiceOptions
from .options import ThreadingOptions as ThreadingOptions

Transformation = Callable[[Dataset], Dataset]


def _named(kind: str, dataset: Dataset) -> Dataset:
    return Dataset(transforms.same, dataset, kind)


def enable_debug_mode() -> None:
    """From now on the functions that datasets are made with run as Python, op by op and one call at a time.

    So a debugger stops inside, `print` prints, and tensors have values. Each function is still traced once, to know
    what it gives. Call it before the datasets are made. There is no way back.

    See TensorFlow's page on `tf.data.experimental.enable_debug_mode`.
    """
    settings.datasets_run_eagerly = True


def cardinality(dataset: Dataset) -> Any:
    """How many elements a dataset has, as an int64 scalar.

    >>> print(tf.data.experimental.cardinality(tf.data.Dataset.range(3)).numpy())
    3
    """
    return dataset.cardinality()


def assert_cardinality(expected_cardinality: Any) -> Transformation:
    """Says how many elements there are; if there are not, the pass fails with a FailedPreconditionError.

    >>> dataset = tf.data.Dataset.range(9).filter(lambda x: x < 4)
    >>> len(dataset.apply(tf.data.experimental.assert_cardinality(4)))
    4
    """
    return lambda dataset: Dataset(mixing.asserted, dataset, int(expected_cardinality))


def from_list(elements: list[Any], name: str | None = None) -> Dataset:
    """A dataset of the elements of a list.

    Raises:
      ValueError: the list is empty.
      TypeError: the elements differ in structure or dtype.

    >>> list(tf.data.experimental.from_list([(1, "a"), (2, "b")]).as_numpy_iterator())
    [(np.int32(1), b'a'), (np.int32(2), b'b')]
    """
    return Dataset(mixing.listed, *mixing.list_of(elements))


def at(dataset: Dataset, index: Any) -> Any:
    """The element of a number.

    Raises:
      OutOfRangeError: there is none.

    >>> print(tf.data.experimental.at(tf.data.Dataset.range(5), 2).numpy())
    2
    """
    number = int(index)
    if 0 <= number:
        for element in dataset.skip(number).take(1):
            return element
    raise OutOfRangeError(None, None, f"Index out of range [0, {dataset._count}):{number}")


def get_structure(dataset_or_iterator: Any) -> Any:
    """The specs of the elements of a dataset or an iterator.

    >>> tf.data.experimental.get_structure(tf.data.Dataset.range(3))
    TensorSpec(shape=(), dtype=tf.int64, name=None)
    """
    if not isinstance(dataset_or_iterator, (Dataset, iterators.IteratorBase)):
        raise TypeError(
            "Invalid `dataset_or_iterator`. `dataset_or_iterator` must be a `tf.data.Dataset` or tf.data.Iterator "
            f"object, but got {type(dataset_or_iterator)}."
        )
    return dataset_or_iterator.element_spec


def get_single_element(dataset: Dataset) -> Any:
    """`Dataset.get_single_element`."""
    return dataset.get_single_element()


def get_next_as_optional(iterator: Any) -> Optional:
    """`Iterator.get_next_as_optional`."""
    found: Optional = iterator.get_next_as_optional()
    return found


def Counter(  # noqa: N802 - as TensorFlow calls it
    start: Any = 0, step: Any = 1, dtype: Any = "int64"
) -> Dataset:
    """`Dataset.counter`."""
    return Dataset.counter(start, step, dtype)


def RandomDataset(  # noqa: N802 - as TensorFlow calls it
    seed: Any = None, rerandomize_each_iteration: bool | None = None, name: str | None = None
) -> Dataset:
    """`Dataset.random`."""
    return Dataset.random(seed, rerandomize_each_iteration)


def choose_from_datasets(
    datasets: Sequence[Dataset], choice_dataset: Dataset, stop_on_empty_dataset: bool = False
) -> Dataset:
    """`Dataset.choose_from_datasets`, which goes on when a dataset ends."""
    return Dataset.choose_from_datasets(datasets, choice_dataset, stop_on_empty_dataset)


def sample_from_datasets(
    datasets: Sequence[Dataset], weights: Any = None, seed: Any = None, stop_on_empty_dataset: bool = False
) -> Dataset:
    """`Dataset.sample_from_datasets`."""
    return Dataset.sample_from_datasets(datasets, weights, seed, stop_on_empty_dataset)


def unbatch() -> Transformation:
    """`Dataset.unbatch`, for `apply`."""
    return lambda dataset: dataset.unbatch()


def unique() -> Transformation:
    """`Dataset.unique`, for `apply`."""
    return lambda dataset: dataset.unique()


def ignore_errors(log_warning: bool = False) -> Transformation:
    """`Dataset.ignore_errors`, for `apply`."""
    return lambda dataset: dataset.ignore_errors(log_warning)


def enumerate_dataset(start: Any = 0) -> Transformation:
    """`Dataset.enumerate`, for `apply`."""
    return lambda dataset: dataset.enumerate(start)


def take_while(predicate: Callable[..., Any]) -> Transformation:
    """`Dataset.take_while`, for `apply`."""
    return lambda dataset: dataset.take_while(predicate)


def scan(initial_state: Any, scan_func: Callable[..., Any]) -> Transformation:
    """`Dataset.scan`, for `apply`."""
    return lambda dataset: dataset.scan(initial_state, scan_func)


def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: Any = None) -> Transformation:
    """`Dataset.shuffle` and `Dataset.repeat`, for `apply`; the passes do not mix."""
    return lambda dataset: _named("ShuffleAndRepeat", dataset.shuffle(buffer_size, seed).repeat(count))


def map_and_batch(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: Any = None,
    drop_remainder: bool = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """`Dataset.map` and `Dataset.batch`, for `apply`.

    Args:
      map_func: as for `map`.
      batch_size: as for `batch`.
      num_parallel_batches: how many batches are made at a time; not both this and `num_parallel_calls`.
      drop_remainder: as for `batch`.
      num_parallel_calls: as for `map`.

    Raises:
      ValueError: both numbers are given.
    """
    if num_parallel_batches is not None and num_parallel_calls is not None:
        raise ValueError(
            "`map_and_batch` allows only one of `num_parallel_batches` and `num_parallel_calls` to be set, but both "
            "were set."
        )
    calls = num_parallel_calls if num_parallel_batches is None else batch_size * num_parallel_batches
    return lambda dataset: _named("MapAndBatch", dataset.map(map_func, calls).batch(batch_size, drop_remainder))


def parallel_interleave(
    map_func: Callable[..., Any],
    cycle_length: Any,
    block_length: Any = 1,
    sloppy: bool | None = False,
    buffer_output_elements: Any = None,
    prefetch_input_elements: Any = None,
) -> Transformation:
    """`Dataset.interleave`, for `apply`; the last three arguments are hints."""
    return lambda dataset: _named("ParallelInterleave", dataset.interleave(map_func, cycle_length, block_length))


def group_by_window(
    key_func: Callable[..., Any],
    reduce_func: Callable[..., Any],
    window_size: Any = None,
    window_size_func: Callable[..., Any] | None = None,
) -> Transformation:
    """`Dataset.group_by_window`, for `apply`."""
    return lambda dataset: dataset.group_by_window(key_func, reduce_func, window_size, window_size_func)


def group_by_reducer(key_func: Callable[..., Any], reducer: Reducer) -> Transformation:
    """For each key, what a reducer makes of the elements that have it; in the order of the keys.

    Args:
      key_func: from an element to its key, an int64 scalar.
      reducer: what is done with them.

    >>> counting = tf.data.experimental.Reducer(lambda key: 0, lambda n, x: n + 1, lambda n: n)
    >>> dataset = tf.data.Dataset.range(5).apply(tf.data.experimental.group_by_reducer(lambda x: x % 2, counting))
    >>> list(dataset.as_numpy_iterator())
    [np.int32(3), np.int32(2)]
    """

    def transformation(dataset: Dataset) -> Dataset:
        key = grouping.key_function(key_func, dataset._structure)
        return Dataset(grouping.reduced, dataset, key, *grouping.reducer_functions(dataset._structure, reducer))

    return transformation


def bucket_by_sequence_length(
    element_length_func: Callable[..., Any],
    bucket_boundaries: Sequence[int],
    bucket_batch_sizes: Sequence[int],
    padded_shapes: Any = None,
    padding_values: Any = None,
    pad_to_bucket_boundary: bool = False,
    no_padding: bool = False,
    drop_remainder: bool = False,
) -> Transformation:
    """`Dataset.bucket_by_sequence_length`, for `apply`."""
    return lambda dataset: dataset.bucket_by_sequence_length(
        element_length_func, bucket_boundaries, bucket_batch_sizes, padded_shapes, padding_values,
        pad_to_bucket_boundary, no_padding, drop_remainder,
    )  # fmt: skip


def dense_to_ragged_batch(
    batch_size: Any, drop_remainder: bool = False, row_splits_dtype: Any = "int64"
) -> Transformation:
    """`Dataset.ragged_batch`, for `apply`."""
    return lambda dataset: dataset.ragged_batch(batch_size, drop_remainder, row_splits_dtype)


def dense_to_sparse_batch(batch_size: Any, row_shape: Any) -> Transformation:
    """`Dataset.sparse_batch`, for `apply`."""
    return lambda dataset: dataset.sparse_batch(batch_size, row_shape)


def rejection_resample(
    class_func: Callable[..., Any], target_dist: Any, initial_dist: Any = None, seed: int | None = None
) -> Transformation:
    """`Dataset.rejection_resample`, for `apply`."""
    return lambda dataset: dataset.rejection_resample(class_func, target_dist, initial_dist, seed)


def snapshot(
    path: Any, compression: str | None = "AUTO", reader_func: Any = None, shard_func: Any = None
) -> Transformation:
    """`Dataset.snapshot`, for `apply`."""
    return lambda dataset: dataset.snapshot(path, compression, reader_func, shard_func)


def save(
    dataset: Dataset, path: Any, compression: str | None = None, shard_func: Any = None, checkpoint_args: Any = None
) -> None:
    """`Dataset.save`."""
    dataset.save(path, compression, shard_func, checkpoint_args)


def load(path: Any, element_spec: Any = None, compression: str | None = None, reader_func: Any = None) -> Dataset:
    """`Dataset.load`."""
    return Dataset.load(path, element_spec, compression, reader_func)


def prefetch_to_device(device: str, buffer_size: Any = None) -> Transformation:
    """Elements made ahead; on the machine's one memory, elements need not be moved.

    Raises:
      ValueError: there is no such device.
    """
    with _device(device):
        return lambda dataset: dataset.prefetch(AUTOTUNE if buffer_size is None else buffer_size)


def copy_to_device(target_device: str, source_device: str = "/cpu:0") -> Transformation:
    """The same elements; on the machine's one memory, they need not be moved.

    Raises:
      ValueError: there is no such device.
    """
    with _device(source_device), _device(target_device):
        return lambda dataset: dataset.take(-1)


class TFRecordWriter:
    """Writes a dataset of strings to a TFRecord file.

    Args:
      filename: the file.
      compression_type: "GZIP", "ZLIB", or None.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "words.tfrecord")
    >>> tf.data.experimental.TFRecordWriter(path).write(tf.data.Dataset.from_tensor_slices(["a", "b"]))
    >>> list(tf.data.TFRecordDataset(path).as_numpy_iterator())
    [b'a', b'b']
    """

    def __init__(self, filename: Any, compression_type: str | None = None) -> None:
        self._filename, self._compression = filename, compression_type

    def write(self, dataset: Dataset) -> None:
        """Writes all elements.

        Raises:
          TypeError: they are no scalar strings.
        """
        if not isinstance(dataset, Dataset):
            raise TypeError(f"Invalid `dataset.` Expected a `tf.data.Dataset` object but got {type(dataset)}.")
        spec = dataset.element_spec
        if getattr(spec, "dtype", None) != "string" or spec.shape.rank not in (None, 0):
            raise TypeError(f"Invalid `dataset`. Expected a`dataset` that produces scalar `tf.string` elements, but "
                            f"got a dataset which produces elements of spec {spec}.")  # fmt: skip
        with _Writer(self._filename, self._compression) as writer:
            for record in dataset.as_numpy_iterator():
                writer.write(record)
