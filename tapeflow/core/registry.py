"""All ops by name. A floor below `Op` itself, for what must call an op by name that stands higher up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Registry(dict[str, Any]):
    """Ops by name. Families that few programs need load with their namespace, or when an op of theirs is asked for.

    What walks over all ops calls `load()` first.
    """

    load: Callable[[], None] = staticmethod(lambda: None)
    find: Callable[[str], None] = staticmethod(lambda name: None)

    def __missing__(self, name: str) -> Any:
        self.find(name)
        if name in self:
            return self[name]
        raise KeyError(name)


OPS = Registry()
