"""`tf.__internal__.eager_context`: for Keras's old backend functions."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ..base.scopes import init_scope


def eager_mode() -> AbstractContextManager[None]:
    """Ops inside run at once, also while a function is traced."""
    scope: AbstractContextManager[None] = init_scope()
    return scope
