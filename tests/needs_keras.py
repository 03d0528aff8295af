"""A test module that imports this is skipped where Keras is not installed, or another backend of it is asked for."""

from __future__ import annotations

import importlib.util
import os

import pytest

if importlib.util.find_spec("keras") is None:
    pytest.skip("Keras is an extra", allow_module_level=True)
if os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
    pytest.skip("another backend of Keras is asked for", allow_module_level=True)
