"""`tf.tpu.experimental`."""

from __future__ import annotations

from typing import Any

from ..distribute.cluster_resolver import TPUClusterResolver


def initialize_tpu_system(cluster_resolver: Any = None) -> Any:
    """Makes a TPU ready.

    Args:
      cluster_resolver: which; by default, whichever there is.

    Raises:
      ValueError: always: there is none here.

    >>> tf.tpu.experimental.initialize_tpu_system()
    Traceback (most recent call last):
      ...
    ValueError: Please provide a TPU Name to connect to.
    """
    return cluster_resolver or TPUClusterResolver()
