"""`tf.__internal__.distribute`: for Keras's optimizers."""

from __future__ import annotations

from . import interim as interim


def strategy_supports_no_merge_call() -> bool:
    """Whether replicas may update Variables without meeting first: there is one replica, so they may."""
    return True
