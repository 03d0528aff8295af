"""The logger that TensorFlow's programs know."""

from __future__ import annotations

import logging


def _logger() -> logging.Logger:
    logger = logging.getLogger("tensorflow")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
        logger.addHandler(handler)
    return logger


LOG = _logger()


def get_logger() -> logging.Logger:
    """The logger of tapeflow's warnings, by name `tensorflow`.

    >>> tf.get_logger().name
    'tensorflow'
    """
    return LOG
