"""`tf.compat.v2` is the package itself."""

from __future__ import annotations

import sys

assert __package__ is not None
sys.modules[__name__] = sys.modules[__package__.partition(".")[0]]
