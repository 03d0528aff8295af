"""Keras, loaded so that its TensorFlow is tapeflow."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from types import ModuleType
from typing import Any

from ..base.extras import need
from . import alias, keras2
from .explaining import explain_none_gradients

BACKEND = "KERAS_BACKEND"
OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep, "<tapeflow "  # what our files begin with


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
    help_with_errors()
    return importlib.import_module("keras._tf_keras.keras")


def help_with_errors() -> None:
    """Lets Keras's tracebacks, which leave out its own lines, leave out ours; and missing gradients say why."""
    from keras.src import backend
    from keras.src.utils import traceback_utils

    excluded = traceback_utils._EXCLUDED_PATHS
    if backend.backend() == "tensorflow" and OURS[0] not in excluded:
        traceback_utils._EXCLUDED_PATHS = (*excluded, *OURS)
        _explain_missing_gradients()


def _explain_missing_gradients() -> None:
    from keras.src.optimizers.base_optimizer import BaseOptimizer

    original = BaseOptimizer._filter_empty_gradients

    @functools.wraps(original)
    def explained(self: Any, grads: Any, variables: Any) -> Any:
        grads, variables = list(grads), list(variables)
        try:
            return original(self, grads, variables)
        except ValueError as error:
            why = explain_none_gradients([getattr(v, "_value", v) for v in variables])
            raise ValueError(f"{error}\n{why}" if why else str(error)) from None

    BaseOptimizer._filter_empty_gradients = explained
