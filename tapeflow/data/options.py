"""`tf.data.Options`: what programs may say of how datasets run. Here they are kept, and most have nothing to change."""

from __future__ import annotations

import copy
import enum
from typing import Any


class AutoShardPolicy(enum.IntEnum):
    """How a dataset is divided among workers."""

    OFF = -1
    AUTO = 0
    FILE = 1
    DATA = 2
    HINT = 3


class AutotuneAlgorithm(enum.Enum):
    """How numbers of threads are chosen."""

    DEFAULT = 0
    HILL_CLIMB = 1
    GRADIENT_DESCENT = 2
    MAX_PARALLELISM = 3
    STAGE_BASED = 4


class ExternalStatePolicy(enum.Enum):
    """What to do about state outside of datasets when they are saved."""

    WARN = 0
    IGNORE = 1
    FAIL = 2


class _Group:
    """Options that are None until they are set; no others can be set."""

    _names: tuple[str, ...] = ()
    _groups: dict[str, type[_Group]] = {}

    def __init__(self) -> None:
        for name in self._names:
            object.__setattr__(self, name, None)
        for name, group in self._groups.items():
            object.__setattr__(self, name, group())

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.__dict__:
            raise AttributeError(f"Cannot set the property {name} on {type(self).__name__}.")
        object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    __hash__ = None  # type: ignore[assignment]

    def merge(self, other: Any) -> Any:
        """These options, replaced by those that are set in `other`."""
        new = copy.deepcopy(self)
        for name, value in vars(other).items():
            if isinstance(value, _Group):
                object.__setattr__(new, name, getattr(new, name).merge(value))
            elif value is not None:
                object.__setattr__(new, name, value)
        return new


class AutotuneOptions(_Group):
    """Of the choice of numbers of threads and elements."""

    _names = ("enabled", "cpu_budget", "ram_budget", "autotune_algorithm", "initial_parallelism", "min_parallelism")


class DistributeOptions(_Group):
    """Of the division among workers."""

    _names = ("auto_shard_policy", "num_devices")


class OptimizationOptions(_Group):
    """Of what may be rearranged."""

    _names = (
        "apply_default_optimizations", "filter_fusion", "filter_parallelization", "inject_prefetch",
        "map_and_batch_fusion", "map_and_filter_fusion", "map_fusion", "map_parallelization", "noop_elimination",
        "parallel_batch", "shuffle_and_repeat_fusion", "seq_interleave_prefetch",
    )  # fmt: skip


class ServiceOptions(_Group):
    """Of the service for input data."""

    _names = ("pinned",)


class ThreadingOptions(_Group):
    """Of threads."""

    _names = ("max_intra_op_parallelism", "private_threadpool_size")


class Options(_Group):
    """Options of datasets.

    >>> options = tf.data.Options()
    >>> options.deterministic = False
    >>> tf.data.Dataset.range(3).with_options(options).options().deterministic
    False
    """

    _names = (
        "dataset_name", "deterministic", "experimental_deterministic", "experimental_external_state_policy",
        "experimental_slack", "experimental_symbolic_checkpoint", "experimental_warm_start", "framework_type",
    )  # fmt: skip
    _groups = {
        "autotune": AutotuneOptions, "experimental_distribute": DistributeOptions,
        "experimental_optimization": OptimizationOptions, "experimental_service": ServiceOptions,
        "threading": ThreadingOptions, "experimental_threading": ThreadingOptions,
    }  # fmt: skip
