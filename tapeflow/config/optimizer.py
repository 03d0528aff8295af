"""`tf.config.optimizer`: hints to the optimizer of graphs."""

from __future__ import annotations

from .options import get_experimental_options as get_experimental_options
from .options import get_jit as get_jit
from .options import set_experimental_options as set_experimental_options
from .options import set_jit as set_jit
