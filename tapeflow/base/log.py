"""The logger that TensorFlow's programs know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logging import Logger


def get_logger() -> Logger:
    """The logger of tapeflow's warnings, by name `tensorflow`.

    >>> tf.get_logger().name
    'tensorflow'
    """
    import logging  # 3 ms, seldom needed

    logger = logging.getLogger("tensorflow")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
        logger.addHandler(handler)
    return logger


def warn(message: str, *args: Any) -> None:
    """Logs a warning; `args` are filled into `message` as `logging` does."""
    get_logger().warning(message, *args)
