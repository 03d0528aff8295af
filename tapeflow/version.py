"""`tf.version`: the version of TensorFlow whose behaviour this is, and tapeflow's own after the plus sign."""

from __future__ import annotations

VERSION = "2.21.0+tapeflow.0.1.0"
GIT_VERSION = "v2.21.0"
COMPILER_VERSION = ""  # nothing is compiled
GRAPH_DEF_VERSION = 2474
GRAPH_DEF_VERSION_MIN_CONSUMER = 0
GRAPH_DEF_VERSION_MIN_PRODUCER = 0
