"""`tf.version`: the version of TensorFlow whose behaviour this is, and tapeflow's own after the plus sign."""

from __future__ import annotations

VERSION = "2.21.0+tapeflow.0.1.0"
