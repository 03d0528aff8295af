"""`tf.random`: random numbers."""

from __future__ import annotations

from . import _random_experimental as experimental  # noqa: F401
from .ops.candidate_sampling import all_candidate_sampler as all_candidate_sampler
from .ops.candidate_sampling import fixed_unigram_candidate_sampler as fixed_unigram_candidate_sampler
from .ops.candidate_sampling import learned_unigram_candidate_sampler as learned_unigram_candidate_sampler
from .ops.candidate_sampling import log_uniform_candidate_sampler as log_uniform_candidate_sampler
from .ops.candidate_sampling import uniform_candidate_sampler as uniform_candidate_sampler
from .ops.distributions import gamma as gamma
from .ops.distributions import poisson as poisson
from .ops.distributions import stateless_gamma as stateless_gamma
from .ops.distributions import stateless_poisson as stateless_poisson
from .ops.random import Algorithm as Algorithm
from .ops.random import categorical as categorical
from .ops.random import fold_in as fold_in
from .ops.random import normal as normal
from .ops.random import set_seed as set_seed
from .ops.random import shuffle as shuffle
from .ops.random import split as split
from .ops.random import stateless_categorical as stateless_categorical
from .ops.random import stateless_normal as stateless_normal
from .ops.random import stateless_truncated_normal as stateless_truncated_normal
from .ops.random import stateless_uniform as stateless_uniform
from .ops.random import truncated_normal as truncated_normal
from .ops.random import uniform as uniform
from .ops.random_bounded import stateless_binomial as stateless_binomial
from .ops.random_bounded import stateless_parameterized_truncated_normal as stateless_parameterized_truncated_normal
from .state.random_generator import Generator as Generator
from .state.random_generator import create_rng_state as create_rng_state
from .state.random_generator import get_global_generator as get_global_generator
from .state.random_generator import set_global_generator as set_global_generator
