"""`tf.autograph.experimental`."""

from __future__ import annotations

from ..graph.autograph import Feature as Feature
from ..graph.autograph import do_not_convert as do_not_convert
from ..graph.autograph import set_loop_options as set_loop_options
