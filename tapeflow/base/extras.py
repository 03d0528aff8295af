"""Packages that are not always there, and what to install to have them."""

from __future__ import annotations

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
