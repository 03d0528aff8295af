"""`tf.data.experimental`: what came to `tf.data` itself later, and what never did."""

from __future__ import annotations

from typing import Any

from .dataset import AUTOTUNE as AUTOTUNE
from .iterators import Optional as Optional
from .options import AutoShardPolicy as AutoShardPolicy
from .options import AutotuneAlgorithm as AutotuneAlgorithm
from .options import AutotuneOptions as AutotuneOptions
from .options import DistributeOptions as DistributeOptions
from .options import ExternalStatePolicy as ExternalStatePolicy
from .options import OptimizationOptions as OptimizationOptions
from .options import ThreadingOptions as ThreadingOptions


def cardinality(dataset: Any) -> Any:
    """How many elements a dataset has, as an int64 scalar.

    >>> print(tf.data.experimental.cardinality(tf.data.Dataset.range(3)).numpy())
    3
    """
    return dataset.cardinality()
