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


class CommunicationImplementation(enum.Enum):
    """By what workers talk to each other.

    >>> tf.distribute.experimental.CommunicationImplementation.AUTO
    <CommunicationImplementation.AUTO: 'AUTO'>
    """

    AUTO = "AUTO"
    RING = "RING"
    NCCL = "NCCL"


class CommunicationOptions:
    """How workers talk to each other.

    Args:
      bytes_per_pack: into packs of what size values are put; 0 leaves it open.
      timeout_seconds: after how long they give up.
      implementation: a CommunicationImplementation, or its name.

    Raises:
      ValueError: if `bytes_per_pack` is negative, or there is no such implementation.

    >>> tf.distribute.experimental.CommunicationOptions(implementation="nccl").implementation
    <CommunicationImplementation.NCCL: 'NCCL'>
    """

    def __init__(
        self,
        bytes_per_pack: int = 0,
        timeout_seconds: float | None = None,
        implementation: CommunicationImplementation | str = CommunicationImplementation.AUTO,
    ) -> None:
        if bytes_per_pack < 0:
            raise ValueError(f"Argument `bytes_per_pack` must be >=0, Received {bytes_per_pack}.")
        if isinstance(implementation, str):
            implementation = CommunicationImplementation(implementation.upper())
        self.bytes_per_pack = bytes_per_pack
        self.timeout_seconds = timeout_seconds
        self.implementation = implementation


class CrossDeviceOps:
    """How values travel between devices: with one replica they need not."""


class _InPacks(CrossDeviceOps):
    """What puts values together before they travel."""

    _name = ""

    def __init__(self, num_packs: int = 1) -> None:
        if num_packs < 0:
            raise ValueError(f"{self._name} requires num_packs >= 0, but {num_packs} is specified")
        self.num_packs = num_packs


class NcclAllReduce(_InPacks):
    """By NVIDIA's library.

    Args:
      num_packs: into how many packs values are put.

    Raises:
      ValueError: if it is negative.
    """

    _name = "NCCL all-reduce"


class HierarchicalCopyAllReduce(_InPacks):
    """By copies in steps.

    Args:
      num_packs: into how many packs values are put.

    Raises:
      ValueError: if it is negative.
    """

    _name = "HierarchicalCopy"


class ReductionToOneDevice(CrossDeviceOps):
    """On one device.

    Args:
      reduce_to_device: which.
      accumulation_fn: how values are added.
    """

    def __init__(self, reduce_to_device: Any = None, accumulation_fn: Any = None) -> None:
        self.reduce_to_device = reduce_to_device
        self.accumulation_fn = accumulation_fn
