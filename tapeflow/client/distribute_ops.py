"""For Keras: how a dataset is divided among workers."""

from __future__ import annotations

from typing import Any

from ..base import nest
from ..base.dtypes import int64
from ..core.tensor import Tensor
from ..ops.creation import constant


def compute_batch_size(dataset: Any) -> Tensor:
    """The size of a dataset's batches, if all its tensors have the same; -1 if that is not known."""
    sizes = {spec.shape[0] if spec.shape.rank else None for spec in nest.flatten(dataset.element_spec)}
    (size,) = sizes if len(sizes) == 1 else (None,)
    return constant(-1 if size is None else size, int64)


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
