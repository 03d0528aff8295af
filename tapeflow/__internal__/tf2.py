"""`tf.__internal__.tf2`: whether this is TensorFlow 2."""

from __future__ import annotations


def enabled() -> bool:
    """True.

    >>> tf.__internal__.tf2.enabled()
    True
    """
    return True
