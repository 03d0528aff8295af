"""For Keras: the classes of lists and dicts that TensorFlow wraps attributes in. Here attributes stay what they are."""

from __future__ import annotations

from typing import Any


class ListWrapper(list[Any]):
    """A list that is an attribute of a module in TensorFlow."""


class _DictWrapper(dict[Any, Any]):
    """A dict that is an attribute of a module in TensorFlow."""

    @property
    def __wrapped__(self) -> dict[Any, Any]:
        return dict(self)
