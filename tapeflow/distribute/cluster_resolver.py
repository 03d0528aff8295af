"""`tf.distribute.cluster_resolver`: what programs ask to find out whether there is a TPU. Here there is none (yet)."""

from __future__ import annotations

from typing import Any


class TPUClusterResolver:
    """Finds a TPU; programs that may run on one ask for it first, and go on without it if they hear that there is none.

    Args:
      tpu: its name or address; by default, whichever there is.

    Raises:
      ValueError: always: TensorFlow's own error where there is no TPU.

    >>> try:
    ...     strategy = tf.distribute.TPUStrategy(tf.distribute.cluster_resolver.TPUClusterResolver())
    ... except ValueError:
    ...     strategy = tf.distribute.get_strategy()
    >>> strategy.num_replicas_in_sync
    1
    """

    def __init__(self, tpu: str | None = None, zone: str | None = None, project: str | None = None, **_: Any) -> None:
        if not tpu:
            raise ValueError("Please provide a TPU Name to connect to.")
        raise ValueError(f"tapeflow cannot compute on the TPU {tpu!r}: there are no TPUs (yet)")

    @staticmethod
    def connect(tpu: str | None = None, zone: str | None = None, project: str | None = None) -> TPUClusterResolver:
        """A resolver, after the TPU was made ready.

        Raises:
          ValueError: always, as above.
        """
        return TPUClusterResolver(tpu, zone, project)
