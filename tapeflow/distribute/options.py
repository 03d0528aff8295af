"""How programs want their data fetched, their replicas run and their values reduced: hints, with one replica."""

from __future__ import annotations

import enum
from typing import Any, NamedTuple


class InputReplicationMode(enum.Enum):
    """Who makes a pipeline of its own: each worker, or each replica.

    >>> tf.distribute.InputReplicationMode.PER_WORKER
    <InputReplicationMode.PER_WORKER: 'PER_WORKER'>
    """

    PER_WORKER = "PER_WORKER"
    PER_REPLICA = "PER_REPLICA"


class InputOptions(NamedTuple):
    """How data is fetched for replicas.

    >>> tf.distribute.InputOptions(False).experimental_fetch_to_device
    False
    """

    experimental_fetch_to_device: bool = True
    experimental_replication_mode: InputReplicationMode = InputReplicationMode.PER_WORKER
    experimental_place_dataset_on_device: bool = False
    experimental_per_replica_buffer_size: int = 1


class RunOptions(NamedTuple):
    """How `Strategy.run` runs.

    >>> tf.distribute.RunOptions()
    RunOptions(experimental_enable_dynamic_batch_size=True, experimental_bucketizing_dynamic_shape=False,
               experimental_xla_options=None)
    """

    experimental_enable_dynamic_batch_size: bool = True
    experimental_bucketizing_dynamic_shape: bool = False
    experimental_xla_options: Any = None


class CrossDeviceOps:
    """How values travel between devices: with one replica they need not."""


class NcclAllReduce(CrossDeviceOps):
    """By NVIDIA's library.

    Args:
      num_packs: into how many packs values are put.

    Raises:
      ValueError: if it is negative.
    """

    def __init__(self, num_packs: int = 1) -> None:
        if num_packs < 0:
            raise ValueError(f"NCCL all-reduce requires num_packs >= 0, but {num_packs} is specified")
        self.num_packs = num_packs


class HierarchicalCopyAllReduce(CrossDeviceOps):
    """By copies in steps.

    Args:
      num_packs: into how many packs values are put.

    Raises:
      ValueError: if it is negative.
    """

    def __init__(self, num_packs: int = 1) -> None:
        if num_packs < 0:
            raise ValueError(f"HierarchicalCopy requires num_packs >= 0, but {num_packs} is specified")
        self.num_packs = num_packs


class ReductionToOneDevice(CrossDeviceOps):
    """On one device.

    Args:
      reduce_to_device: which.
      accumulation_fn: how values are added.
    """

    def __init__(self, reduce_to_device: Any = None, accumulation_fn: Any = None) -> None:
        self.reduce_to_device = reduce_to_device
        self.accumulation_fn = accumulation_fn
