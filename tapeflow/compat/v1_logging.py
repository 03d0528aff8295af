"""`tf.compat.v1.logging`: messages through Python's `logging`, under TensorFlow's name."""

from __future__ import annotations

import logging
from typing import Any

from ..base.log import get_logger

DEBUG, INFO, WARN, ERROR, FATAL = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL


def log(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    """A message of a level.

    Args:
      level: `INFO`, for example.
      msg: the message, with a place for each of `args` as `%` has them.
      *args: what goes into the message.
      **kwargs: for Python's `logging`.

    >>> tf.compat.v1.logging.log(tf.compat.v1.logging.DEBUG, "step %d", 3)
    """
    get_logger().log(level, msg, *args, **kwargs)


def debug(msg: Any, *args: Any, **kwargs: Any) -> None:
    """A message for who looks for errors.

    >>> tf.compat.v1.logging.debug("step %d", 3)
    """
    log(DEBUG, msg, *args, **kwargs)


def info(msg: Any, *args: Any, **kwargs: Any) -> None:
    """A message.

    >>> before = tf.compat.v1.logging.get_verbosity()
    >>> tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    >>> tf.compat.v1.logging.info("step %d", 3)
    >>> tf.compat.v1.logging.set_verbosity(before)
    """
    log(INFO, msg, *args, **kwargs)


def warning(msg: Any, *args: Any, **kwargs: Any) -> None:
    """A warning."""
    log(WARN, msg, *args, **kwargs)


def error(msg: Any, *args: Any, **kwargs: Any) -> None:
    """An error."""
    log(ERROR, msg, *args, **kwargs)


def fatal(msg: Any, *args: Any, **kwargs: Any) -> None:
    """The worst of errors; the program goes on."""
    log(FATAL, msg, *args, **kwargs)


warn = warning


def set_verbosity(v: int) -> None:
    """From which level on messages are shown."""
    get_logger().setLevel(v)


def get_verbosity() -> int:
    """The level that `set_verbosity` set."""
    return get_logger().getEffectiveLevel()
