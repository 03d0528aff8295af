"""Modules that load when they are asked for: packages that are not always there, and what stands above."""

from __future__ import annotations

import functools
import importlib
from typing import Any


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
    return getattr(importlib.import_module(f"{__name__.partition('.')[0]}.{module}"), name)
