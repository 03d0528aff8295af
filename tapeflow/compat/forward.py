"""`tf.compat.forward_compatible`: whether a change that old programs would not understand may be used yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..base.context import settings

_HORIZON = (2026, 3, 6)  # of TensorFlow 2.21


def forward_compatible(year: int, month: int, day: int) -> bool:
    """Whether what becomes usual on a day may be used: programs need only understand what is older than the horizon.

    Args:
      year: the year of the day.
      month: its month, 1 to 12.
      day: its day of the month.

    >>> tf.compat.forward_compatible(2019, 1, 1), tf.compat.forward_compatible(2099, 1, 1)
    (True, False)
    """
    return (settings.horizon or _HORIZON) > (year, month, day)


@contextmanager
def forward_compatibility_horizon(year: int, month: int, day: int) -> Iterator[None]:
    """In the block, the horizon of `forward_compatible` is another day.

    >>> with tf.compat.forward_compatibility_horizon(2098, 1, 1):
    ...     tf.compat.forward_compatible(2097, 1, 1)
    True
    """
    before = settings.horizon
    settings.horizon = (year, month, day)
    try:
        yield
    finally:
        settings.horizon = before
