"""`tf.random.experimental`: older names, and shuffles that a seed alone decides."""

from __future__ import annotations

from .ops.random import Algorithm as Algorithm
from .ops.random import fold_in as stateless_fold_in
from .ops.random import split as stateless_split
from .ops.random_shuffles import index_shuffle as index_shuffle
from .ops.random_shuffles import stateless_shuffle as stateless_shuffle
from .state.random_generator import Generator as Generator
from .state.random_generator import create_rng_state as create_rng_state
from .state.random_generator import get_global_generator as get_global_generator
from .state.random_generator import set_global_generator as set_global_generator

__all__ = [
    "Algorithm", "Generator", "create_rng_state", "get_global_generator", "index_shuffle", "set_global_generator",
    "stateless_fold_in", "stateless_shuffle", "stateless_split",
]  # fmt: skip
