"""`tf.__internal__.decorator`: for Keras's serialization."""

from __future__ import annotations

from typing import Any


def unwrap(maybe_decorated: Any) -> tuple[list[Any], Any]:
    """The decorators of a function, and the function itself."""
    decorators = []
    while hasattr(maybe_decorated, "__wrapped__"):
        decorators.append(maybe_decorated)
        maybe_decorated = maybe_decorated.__wrapped__
    return decorators, maybe_decorated
