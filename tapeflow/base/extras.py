"""Modules that load when they are asked for: packages that are not always there, and what stands above."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from typing import Any

PACKAGE = __name__.partition(".")[0]


def need(module: str, extra: str, purpose: str) -> Any:
    """A module of an optional package, imported now.

    Args:
      module: its full name, `scipy.special`.
      extra: the extra of tapeflow that installs it.
      purpose: what it is needed for, as the user calls it: `tf.math.igamma`.

    Raises:
      ImportError: it is not installed; the message says what to install.

    >>> need("no_such_package.part", "scipy", "tf.math.igamma")
    Traceback (most recent call last):
    ImportError: tf.math.igamma needs the package no_such_package: pip install 'tapeflow[scipy]'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise ImportError(f"{purpose} needs the package {package}: pip install 'tapeflow[{extra}]'") from error


@functools.cache
def later(module: str, name: str) -> Any:
    """What a module has that stands on the one which asks: a class's methods offer what other modules know to do.

    Args:
      module: its name below `tapeflow`, `ops.ragged_indexing`.
      name: a function or class in it.

    >>> later("ops.ranges", "eye")(2).shape
    TensorShape([2, 2])
    """
    return getattr(importlib.import_module(f"{PACKAGE}.{module}"), name)


class Late:
    """The names of a namespace that load when they are first used; its `__getattr__` and `__dir__` ask here.

    Editors and type checkers do not see these names: the namespace also imports them under `if TYPE_CHECKING:`.

    Args:
      namespace: its `globals()`.
      names: by module, below `tapeflow`, the names that it has; `range=range_` where it calls `range_` what is `range`.
      modules: names of modules, or `experimental=_nn_experimental`.
    """

    def __init__(self, namespace: dict[str, Any], names: Mapping[str, str], modules: str) -> None:
        self.namespace = namespace
        self.where = {
            entry.partition("=")[0]: (module, entry.rpartition("=")[2])
            for module, entries in names.items()
            for entry in entries.split()
        }
        self.where |= {entry.partition("=")[0]: (entry.rpartition("=")[2], "") for entry in modules.split()}

    def get(self, name: str) -> Any:
        """What bears the name; it is an attribute of the namespace from now on.

        Raises:
          AttributeError: there is no such name.
        """
        if name not in self.where:
            public = self.namespace["__name__"].replace(PACKAGE, "tf", 1)
            raise AttributeError(f"{PACKAGE} has no `{public}.{name}` (yet)", name=name)
        home, there = self.where[name]
        module = importlib.import_module(f"{PACKAGE}.{home}")
        value = self.namespace[name] = getattr(module, there) if there else module
        return value

    def all(self) -> list[str]:
        """All names of the namespace, loaded or not."""
        return sorted({*self.namespace, *self.where})
