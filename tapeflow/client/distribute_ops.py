"""For Keras: how a dataset is divided among workers."""

from __future__ import annotations

from typing import Any

from ..base import nest
from ..base.dtypes import int64
from ..core.tensor import Tensor
from ..ops.creation import constant

# Datasets whose elements are those of what they are made from, some of them or in another order.
_SAME = frozenset(
    "as_ragged asserted cache cached concatenate filter_ prefetched repeat same shard shuffle skip take".split()
)


def compute_batch_size(dataset: Any) -> Tensor:
    """The size that a dataset's batches were made with, or that all its elements have; -1 if it is not known."""
    size = _batch_size(dataset)
    return constant(_static_size(dataset) if size is None else size, int64)


def _batch_size(dataset: Any) -> int | None:
    """The size asked for where the batches were made; None if they were changed since, or never made."""
    build, args = dataset._recipe
    name = build.__name__
    if name in ("batch", "padded_batch") and args[-1] != "ParallelBatch":
        return int(args[1])
    inputs = [x for x in args if hasattr(x, "_recipe")]
    if name not in _SAME and name != "_zipped":
        return None
    sizes = {_batch_size(each) for each in inputs}
    return sizes.pop() if len(sizes) == 1 else None


def _static_size(dataset: Any) -> int:
    shapes = [getattr(spec, "shape", None) for spec in nest.flatten(dataset.element_spec)]
    sizes = {shape[0] if shape is not None and shape.rank else None for shape in shapes}
    (size,) = sizes if len(sizes) == 1 else (None,)
    return -1 if size is None else size


def batch_sizes_for_worker(
    global_batch_size: int, num_workers: int, num_replicas_per_worker: int, worker_index: int
) -> list[int]:
    """The sizes of the batches of a worker's replicas."""
    replicas = num_workers * num_replicas_per_worker
    size, rest = divmod(global_batch_size, replicas)
    first = worker_index * num_replicas_per_worker
    return [size + (first + i < rest) for i in range(num_replicas_per_worker)]


def _RebatchDataset(dataset: Any, batch_sizes: Any, drop_remainder: bool = False) -> Any:  # noqa: N802
    """The rows of batches, in batches of another size."""
    return dataset.rebatch(batch_sizes, drop_remainder)
