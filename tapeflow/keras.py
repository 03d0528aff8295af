"""`tf.keras`: Keras 3, which runs on tapeflow as its TensorFlow; and with what programs for Keras 2 may still say."""

from __future__ import annotations

import sys

from .client.keras import load

sys.modules[__name__] = load()
