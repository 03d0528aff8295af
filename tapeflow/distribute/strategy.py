"""Strategies of one replica: programs written for several run as they are, on the devices that are here."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..base import nest
from ..base.context import context
from ..base.devices import CPU, joined, parsed
from ..core.convert import convert
from ..core.indexed_slices import IndexedSlices
from ..data.dataset import Dataset
from ..data.iterators import IteratorBase
from ..ops.reduction import reduce_mean, reduce_sum


class ReduceOp(enum.Enum):
    """How values of replicas become one.

    >>> tf.distribute.ReduceOp.SUM
    <ReduceOp.SUM: 'SUM'>
    """

    SUM = "SUM"
    MEAN = "MEAN"

    @staticmethod
    def from_variable_aggregation(aggregation: Any) -> ReduceOp:
        """The one that a Variable's aggregation means."""
        return ReduceOp[aggregation.name]


class DistributedValues:
    """Values of which each replica has its own. With one replica there are none: values stand for themselves."""


class DistributedDataset:
    """A dataset divided among several replicas. With one replica a dataset stands for itself."""


class DistributedIterator:
    """An iterator over a `DistributedDataset`."""


class InputContext:
    """Where in the cluster an input pipeline runs.

    Args:
      num_input_pipelines: how many there are.
      input_pipeline_id: the number of this one.
      num_replicas_in_sync: how many replicas train together.
    """

    def __init__(
        self, num_input_pipelines: int = 1, input_pipeline_id: int = 0, num_replicas_in_sync: int = 1
    ) -> None:
        self.num_input_pipelines = num_input_pipelines
        self.input_pipeline_id = input_pipeline_id
        self.num_replicas_in_sync = num_replicas_in_sync

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """The part of a batch that a replica gets.

        Raises:
          ValueError: the batch cannot be divided so.
        """
        if global_batch_size % self.num_replicas_in_sync:
            raise ValueError(
                f"The `global_batch_size` {global_batch_size} is not divisible by `num_replicas_in_sync` "
                f"{self.num_replicas_in_sync}"
            )
        return global_batch_size // self.num_replicas_in_sync

    def __repr__(self) -> str:
        return (
            f"tf.distribute.InputContext(input pipeline id {self.input_pipeline_id}, "
            f"total: {self.num_input_pipelines})"
        )


class ReplicaContext:
    """What a replica knows of the others.

    >>> replica = tf.distribute.get_replica_context()
    >>> print(replica.num_replicas_in_sync, replica.all_reduce("SUM", tf.constant(2.0)).numpy())
    1 2.0
    """

    num_replicas_in_sync = 1
    replica_id_in_sync_group = 0

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that the replica computes on."""
        return self.strategy.extended.worker_devices

    def all_reduce(self, reduce_op: Any, value: Any, options: Any = None) -> Any:
        """The sum or mean of the replicas' values: the value itself."""
        return nest.map_structure(_same, value)

    def all_gather(self, value: Any, axis: int, options: Any = None) -> Any:
        """The replicas' values one after the other: the value itself."""
        return nest.map_structure(_same, value)

    def merge_call(self, merge_fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        """`merge_fn` of the strategy and all replicas' arguments."""
        with _replica(None):
            return merge_fn(self.strategy, *args, **(kwargs or {}))


def _same(value: Any) -> Any:
    return value if isinstance(value, IndexedSlices) or hasattr(value, "_type_spec") else convert(value)


@contextmanager
def _replica(value: ReplicaContext | None) -> Iterator[None]:
    before = context.replica
    context.replica = value, True
    try:
        yield
    finally:
        context.replica = before


class StrategyExtended:
    """What libraries ask of a strategy.

    Args:
      strategy: the strategy.
      device: what it computes on; of its name `"gpu:0"` will do.
    """

    experimental_between_graph = False
    experimental_require_static_shapes = False
    should_checkpoint = True
    should_save_summary = True
    _num_replicas_in_sync = 1

    def __init__(self, strategy: Strategy, device: str) -> None:
        self._strategy = strategy
        name = joined({**parsed(CPU), **parsed(device)}).replace("*", "0")
        self.worker_devices = self.parameter_devices = (name,)

    def _in_multi_worker_mode(self) -> bool:
        return False

    def variable_created_in_scope(self, v: Any) -> bool:
        """Whether a Variable belongs to the strategy: all do."""
        return True

    def update(self, var: Any, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, group: bool = True) -> Any:
        """`fn` of a Variable and the arguments."""
        return fn(var, *args, **(kwargs or {}))

    def reduce_to(self, reduce_op: Any, value: Any, destinations: Any, options: Any = None) -> Any:
        """The replicas' values as one."""
        return value

    def batch_reduce_to(self, reduce_op: Any, value_destination_pairs: Any, options: Any = None) -> list[Any]:
        """The replicas' values as one, for several."""
        return [value for value, _ in value_destination_pairs]

    def value_container(self, value: Any) -> Any:
        """What holds a replica's value: itself."""
        return value

    def colocate_vars_with(self, colocate_with_variable: Any) -> Any:
        """A scope in which Variables are made beside another."""
        return self._strategy.scope()


class Strategy:
    """How a program is spread over devices; here, over one.

    Args:
      extended: for TensorFlow's signature; not used.

    >>> strategy = tf.distribute.MirroredStrategy()
    >>> with strategy.scope():
    ...     v = tf.Variable(1.0)
    >>> print(strategy.num_replicas_in_sync, strategy.run(lambda x: x + v, args=(2.0,)).numpy())
    1 3.0
    """

    def __init__(self, extended: Any = None) -> None:
        self.extended = StrategyExtended(self, CPU)

    num_replicas_in_sync = 1
    cluster_resolver = None

    @contextmanager
    def scope(self) -> Iterator[Strategy]:
        """Inside, this strategy is the one that `tf.distribute.get_strategy` gives.

        Raises:
          RuntimeError: another strategy's scope is open.
        """
        before = context.strategy, context.replica
        if before[0] not in (None, self):
            raise RuntimeError("Must not nest tf.distribute.Strategy scopes.")
        context.strategy, context.replica = self, (None, True)
        try:
            yield self
        finally:
            context.strategy, context.replica = before

    def run(self, fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Any = None, options: Any = None) -> Any:
        """`fn` of the arguments, on each replica."""
        before = context.strategy
        context.strategy = self if not isinstance(self, _Default) else before
        try:
            with _replica(ReplicaContext(self)):
                return fn(*args, **(kwargs or {}))
        finally:
            context.strategy = before

    def reduce(self, reduce_op: Any, value: Any, axis: int | None) -> Any:
        """The replicas' values as one, also along an axis if one is given."""
        kind = ReduceOp(reduce_op.upper() if isinstance(reduce_op, str) else reduce_op)
        if axis is None:
            return value
        along = reduce_sum if kind is ReduceOp.SUM else reduce_mean
        return along(value, axis)

    def gather(self, value: Any, axis: int) -> Any:
        """The replicas' values one after the other."""
        return nest.map_structure(_same, value)

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """The values of the replicas of this process."""
        return (value,)

    def experimental_distribute_dataset(self, dataset: Dataset, options: Any = None) -> Dataset:
        """The dataset for the replicas."""
        return dataset

    def distribute_datasets_from_function(
        self, dataset_fn: Callable[[InputContext], Dataset], options: Any = None
    ) -> Dataset:
        """The dataset that a function makes for the replicas."""
        return dataset_fn(InputContext())

    def experimental_distribute_values_from_function(self, value_fn: Callable[[Any], Any]) -> Any:
        """What a function gives for each replica."""
        return value_fn(ValueContext())

    def make_dataset_iterator(self, dataset: Dataset) -> IteratorBase:
        """An iterator for the replicas."""
        iterator: IteratorBase = iter(dataset)
        return iterator

    def update_config_proto(self, config_proto: Any) -> Any:
        """The configuration as it is."""
        return config_proto

    def __deepcopy__(self, memo: Any) -> Strategy:
        return self


class ValueContext(NamedTuple):
    """For which replica a value is made."""

    replica_id_in_sync_group: int = 0
    num_replicas_in_sync: int = 1


class _Default(Strategy):
    """The strategy of programs that name none."""


class OneDeviceStrategy(Strategy):
    """All on one device.

    Args:
      device: its name.
    """

    def __init__(self, device: str) -> None:
        super().__init__()
        self.extended = StrategyExtended(self, device)


class MirroredStrategy(Strategy):
    """Replicas on the devices of this machine; here one.

    Args:
      devices: names of devices; by default all.
      cross_device_ops: how values travel between them.
    """

    def __init__(self, devices: Sequence[str] | None = None, cross_device_ops: Any = None) -> None:
        super().__init__()
        self.extended = StrategyExtended(self, _single(devices))


def _single(devices: Sequence[str] | None) -> str:
    """The one device of these; by default the CPU."""
    if devices is not None and len(set(devices)) > 1:
        raise ValueError(f"tapeflow has strategies of one device only (yet); got {list(devices)}")
    return devices[0] if devices else CPU


class MultiWorkerMirroredStrategy(Strategy):
    """Replicas on several machines; here one.

    Args:
      cluster_resolver: describes the machines.
      communication_options: how values travel between them.
    """

    def __init__(self, cluster_resolver: Any = None, communication_options: Any = None) -> None:
        super().__init__()
        self.cluster_resolver = cluster_resolver


class CentralStorageStrategy(Strategy):
    """Variables on one device, replicas on all; here one.

    Args:
      compute_devices: the devices of replicas; by default all.
      parameter_device: that of the Variables.
    """

    def __init__(self, compute_devices: Sequence[str] | None = None, parameter_device: str | None = None) -> None:
        super().__init__()
        self.extended = StrategyExtended(self, _single(compute_devices))
        if parameter_device is not None:
            self.extended.parameter_devices = (parameter_device,)


class TPUStrategy(Strategy):
    """Replicas on TPUs.

    Raises:
      RuntimeError: always: there is none here (yet).
    """

    def __init__(self, tpu_cluster_resolver: Any = None, **_: Any) -> None:
        raise RuntimeError("tapeflow cannot spread programs over TPUs (yet)")


_DEFAULT = _Default()


def get_strategy() -> Strategy:
    """The strategy whose scope is open; the default one outside of all.

    >>> tf.distribute.get_strategy().num_replicas_in_sync
    1
    """
    strategy: Strategy | None = context.strategy
    return strategy if strategy is not None else _DEFAULT


def has_strategy() -> bool:
    """Whether the scope of a strategy is open.

    >>> tf.distribute.has_strategy()
    False
    """
    return context.strategy is not None


def get_replica_context() -> ReplicaContext | None:
    """What the replica knows that is running; None between replicas, in the scope of a strategy."""
    replica, said = context.replica
    return replica if said else ReplicaContext(get_strategy())


def in_cross_replica_context() -> bool:
    """Whether this is the scope of a strategy, and no replica is running.

    >>> tf.distribute.in_cross_replica_context()
    False
    """
    return get_replica_context() is None


def experimental_set_strategy(strategy: Strategy | None) -> None:
    """Opens the scope of a strategy for the rest of the program; None closes it."""
    context.strategy = strategy
    context.replica = (None, strategy is not None)
