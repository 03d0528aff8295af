"""`tf.distribute`: strategies, of which each has one replica here."""

from __future__ import annotations

from . import cluster_resolver as cluster_resolver
from . import experimental as experimental
from .options import CrossDeviceOps as CrossDeviceOps
from .options import HierarchicalCopyAllReduce as HierarchicalCopyAllReduce
from .options import InputOptions as InputOptions
from .options import InputReplicationMode as InputReplicationMode
from .options import NcclAllReduce as NcclAllReduce
from .options import ReductionToOneDevice as ReductionToOneDevice
from .options import RunOptions as RunOptions
from .strategy import DistributedDataset as DistributedDataset
from .strategy import DistributedIterator as DistributedIterator
from .strategy import DistributedValues as DistributedValues
from .strategy import InputContext as InputContext
from .strategy import MirroredStrategy as MirroredStrategy
from .strategy import MultiWorkerMirroredStrategy as MultiWorkerMirroredStrategy
from .strategy import OneDeviceStrategy as OneDeviceStrategy
from .strategy import ReduceOp as ReduceOp
from .strategy import ReplicaContext as ReplicaContext
from .strategy import Strategy as Strategy
from .strategy import StrategyExtended as StrategyExtended
from .strategy import TPUStrategy as TPUStrategy
from .strategy import experimental_set_strategy as experimental_set_strategy
from .strategy import get_replica_context as get_replica_context
from .strategy import get_strategy as get_strategy
from .strategy import has_strategy as has_strategy
from .strategy import in_cross_replica_context as in_cross_replica_context
