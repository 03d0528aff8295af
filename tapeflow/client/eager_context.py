"""For Keras: the state of eager execution."""

from __future__ import annotations

from typing import Any

from ..graph.trace import executing_eagerly as executing_eagerly
from ..ops.random import set_seed


def async_wait() -> None:
    """Waits for ops that run on their own: none do."""


class _EagerContext:
    def clear_kernel_cache(self) -> None:
        """Forgets kernels: none are kept."""

    def executing_eagerly(self) -> bool:
        """Whether ops run at once."""
        return executing_eagerly()

    def _set_global_seed(self, seed: int) -> None:
        set_seed(seed)


_CONTEXT = _EagerContext()


def context() -> Any:
    """The context."""
    return _CONTEXT


def _reset_context() -> None:
    """Begins anew, for tests: nothing is kept that would have to go."""
