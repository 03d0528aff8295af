"""For Keras: specs by name, in the JSON of old models."""

from __future__ import annotations

from typing import Any


def get_name(cls: type) -> str:
    """The name of a class of specs.

    Raises:
      ValueError: it has none.
    """
    raise ValueError(f"TypeSpec {cls.__module__}.{cls.__name__} has not been registered.")


def lookup(name: str) -> Any:
    """The class of specs of a name.

    Raises:
      ValueError: there is none.
    """
    raise ValueError(f"No TypeSpec has been registered with name {name!r}")
