"""`tf.experimental.dtensor`: tensors over meshes of devices, which are not there (yet). Keras imports the module."""

from __future__ import annotations


def __getattr__(name: str) -> object:
    raise AttributeError(f"tapeflow has no `tf.experimental.dtensor.{name}` (yet)")
