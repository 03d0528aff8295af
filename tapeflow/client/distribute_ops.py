"""For Keras: how a dataset is divided among workers."""

from __future__ import annotations

from typing import Any


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
