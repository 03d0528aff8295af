"""`tf.autograph.experimental`."""

from __future__ import annotations

from ..graph.function import do_not_convert as do_not_convert
