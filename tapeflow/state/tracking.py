"""Objects that hold Variables and other such objects in attributes: who they are, and what they hold."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable
from typing import Any, TypeVar

from .module import Module
from .variable import Variable

F = TypeVar("F", bound=Callable[..., Any])
_PARTS = "__parts__"  # an attribute by whose name Keras knows that it is no layer's own, and is not to be saved


class Trackable(metaclass=ABCMeta):  # noqa: B024 - others are registered
    """What can be saved as a part of others: Variables, modules, layers, tables."""

    def _track_trackable(self, trackable: Any, name: str, overwrite: bool = False) -> Any:
        """Notes a part under a name of its own, beside those that are attributes."""
        self.__dict__.setdefault(_PARTS, {})[name] = trackable
        return trackable

    def _trackable_children(self, save_type: str = "checkpoint", **_: Any) -> dict[str, Any]:
        """The parts, by name."""
        return dict(self.__dict__.get(_PARTS, {}))

    def _lookup_dependency(self, name: str, cached_dependencies: Any = None) -> Any:
        return self._trackable_children().get(name)


Trackable.register(Variable)
Trackable.register(Module)


class AutoTrackable(Trackable):
    """An object whose attributes are its parts.

    >>> part = tf.Variable(1.0)
    >>> whole = tf.__internal__.tracking.AutoTrackable()
    >>> whole.part = part
    >>> list(whole._trackable_children())
    ['part']
    """

    def _trackable_children(self, save_type: str = "checkpoint", **_: Any) -> dict[str, Any]:
        found = super()._trackable_children(save_type)
        for name, value in vars(self).items():
            if name != _PARTS and isinstance(value, (Trackable, list, dict)):
                found.setdefault(name, value)
        return found

    def __delattr__(self, name: str) -> None:
        self.__dict__.get(_PARTS, {}).pop(name, None)
        super().__delattr__(name)


def no_automatic_dependency_tracking(method: F) -> F:
    """A method that sets attributes which are no parts. Parts are looked for when they are wanted: nothing to do."""
    return method
