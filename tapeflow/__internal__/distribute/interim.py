"""`tf.__internal__.distribute.interim`: for Keras's optimizers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...distribute.strategy import get_strategy


def maybe_merge_call(fn: Callable[..., Any], strategy: Any, *args: Any, **kwargs: Any) -> Any:
    """`fn` of the strategy and the arguments: there is one replica, so nothing is to be merged."""
    return fn(strategy if strategy is not None else get_strategy(), *args, **kwargs)
