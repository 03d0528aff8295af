"""`tf.Module`: an object whose Variables, and whose parts' Variables, can be asked for."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ..base import nest
from ..base.scopes import name_scope
from .variable import Variable

Method = TypeVar("Method", bound=Callable[..., Any])


class Module:
    """Keeps Variables and other Modules as attributes, also inside lists, tuples and dicts, and finds them again.

    Args:
      name: a Python identifier; by default the name of the class, in snake case.

    Raises:
      ValueError: if `name` is no identifier.

    >>> class Dense(tf.Module):
    ...     def __init__(self, size, name=None):
    ...         super().__init__(name)
    ...         self.w = tf.Variable(np.ones((size, size)), name="w")
    ...         self.b = tf.Variable(np.zeros(size), name="b")
    >>> [v.name for v in Dense(2).trainable_variables]
    ['b:0', 'w:0']
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = _snake_case(type(self).__name__)
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise ValueError(
                f"{name!r} is not a valid module name. Module names must be valid Python identifiers "
                "(e.g. a valid class name)."
            )
        self._name = name
        with name_scope(name) as full_name:
            self._name_scope = name_scope(full_name)

    @property
    def name(self) -> str:
        """The name that the Module was given."""
        return self._name

    @property
    def name_scope(self) -> name_scope:
        """A `tf.name_scope` of the Module's name, within the scopes in which it was made."""
        return self._name_scope

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All Variables of the Module and its parts: its own by name of attribute, then those of each part."""
        return tuple(self._flatten(predicate=_is_variable))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """The `variables` that are trainable."""
        return tuple(self._flatten(predicate=lambda value: _is_variable(value) and value.trainable))

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """The `variables` that are not trainable."""
        return tuple(self._flatten(predicate=lambda value: _is_variable(value) and not value.trainable))

    @property
    def submodules(self) -> tuple[Module, ...]:
        """The Modules in this one, and in these, and so on."""
        return tuple(self._flatten(predicate=lambda value: isinstance(value, Module)))

    def _flatten(
        self,
        recursive: bool = True,
        predicate: Callable[[Any], bool] | None = None,
        attribute_traversal_key: Callable[[str], Any] | None = None,
        with_path: bool = False,
        expand_composites: bool = False,
    ) -> Iterator[Any]:
        """The values that the Module's attributes hold, lists and dicts taken apart, by the names of the attributes.

        Args:
          recursive: whether to go into Modules; their values come last.
          predicate: which values are wanted; by default all.
          attribute_traversal_key: the sort key of the attributes' names.
          with_path: whether to yield pairs of path and value, and a value as often as there are ways to it; otherwise
            each value comes once.
          expand_composites: whether composite tensors are taken apart.
        """
        walk = _Walk(recursive, predicate or (lambda _: True), attribute_traversal_key, with_path, expand_composites)
        return walk.values(self, (), ())

    @classmethod
    def with_name_scope(cls, method: Method) -> Method:
        """Decorates a method of a Module: it runs within the Module's `name_scope`.

        >>> class Scale(tf.Module):
        ...     @tf.Module.with_name_scope
        ...     def __call__(self, x):
        ...         if not hasattr(self, "factor"):
        ...             self.factor = tf.Variable(2.0, name="factor")
        ...         return x
        >>> scale = Scale()
        >>> _ = scale(1.0)
        >>> scale.factor.name
        'scale/factor:0'
        """

        @functools.wraps(method)
        def within(self: Module, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return within  # type: ignore[return-value]


class _Walk:
    """One tour of a Module's values."""

    def __init__(
        self,
        recursive: bool,
        wanted: Callable[[Any], bool],
        key: Callable[[str], Any] | None,
        with_path: bool,
        expand_composites: bool,
    ) -> None:
        self.recursive, self.wanted, self.key, self.with_path = recursive, wanted, key, with_path
        self.expand_composites = expand_composites
        self.seen: set[int] = set()

    def values(self, module: Module, path: tuple[Any, ...], above: tuple[int, ...]) -> Iterator[Any]:
        self.seen.add(id(module))
        above = (*above, id(module))
        parts = []
        for name in sorted(vars(module), key=self.key):
            for inner, value in nest.flatten_with_paths(vars(module)[name], self.expand_composites):
                if self.with_path:
                    if id(value) in above:
                        continue
                elif id(value) in self.seen:
                    continue
                else:
                    self.seen.add(id(value))
                here = (*path, name, *inner)
                if self.wanted(value):
                    yield (here, value) if self.with_path else value
                if self.recursive and isinstance(value, Module):
                    parts.append((here, value))
        for here, part in parts:
            yield from self.values(part, here, above)


def _is_variable(value: Any) -> bool:
    return isinstance(value, Variable)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", name).lower()
