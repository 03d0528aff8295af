"""Keras, loaded so that its TensorFlow is tapeflow."""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType

from ..base.extras import need
from . import alias, keras2

BACKEND = "KERAS_BACKEND"


def load() -> ModuleType:
    """The module that is `tf.keras`.

    Raises:
      ImportError: Keras is not installed; or Keras, with another backend, or the real TensorFlow is imported already.
    """
    present = sys.modules.get("keras")
    other = present.config.backend() if present is not None else os.environ.get(BACKEND, "tensorflow")
    if other != "tensorflow":
        how = "is imported already" if present is not None else f"is asked for by {BACKEND}"
        raise ImportError(
            f"tf.keras is Keras with TensorFlow as its backend, which is tapeflow; Keras with the backend {other!r} "
            f"{how}"
        )
    alias.install()
    os.environ[BACKEND] = "tensorflow"
    need("keras", "keras", "tf.keras")
    keras2.install()
    return importlib.import_module("keras._tf_keras.keras")
