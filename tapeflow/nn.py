"""`tf.nn`: what neural networks are made of. Most of it loads when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base.extras import Late as _Late
from .ops.activations import crelu as crelu
from .ops.activations import elu as elu
from .ops.activations import gelu as gelu
from .ops.activations import hard_sigmoid as hard_sigmoid
from .ops.activations import leaky_relu as leaky_relu
from .ops.activations import relu as relu
from .ops.activations import relu6 as relu6
from .ops.activations import selu as selu
from .ops.activations import silu as silu
from .ops.activations import softplus as softplus
from .ops.activations import softsign as softsign
from .ops.activations import swish as swish
from .ops.elementwise import sigmoid as sigmoid
from .ops.elementwise import tanh as tanh
from .ops.losses import compute_average_loss as compute_average_loss
from .ops.losses import l2_loss as l2_loss
from .ops.losses import log_poisson_loss as log_poisson_loss
from .ops.losses import scale_regularization_loss as scale_regularization_loss
from .ops.losses import sigmoid_cross_entropy_with_logits as sigmoid_cross_entropy_with_logits
from .ops.losses import softmax_cross_entropy_with_logits as softmax_cross_entropy_with_logits
from .ops.losses import sparse_softmax_cross_entropy_with_logits as sparse_softmax_cross_entropy_with_logits
from .ops.losses import weighted_cross_entropy_with_logits as weighted_cross_entropy_with_logits
from .ops.softmax import log_softmax as log_softmax
from .ops.softmax import softmax as softmax

if TYPE_CHECKING:
    from . import _nn_experimental as experimental  # noqa: F401
    from .graph.ctc import collapse_repeated as collapse_repeated
    from .graph.ctc import ctc_beam_search_decoder as ctc_beam_search_decoder
    from .graph.ctc import ctc_greedy_decoder as ctc_greedy_decoder
    from .graph.ctc import ctc_loss as ctc_loss
    from .graph.ctc import ctc_unique_labels as ctc_unique_labels
    from .ops.approximate import approx_max_k as approx_max_k
    from .ops.approximate import approx_min_k as approx_min_k
    from .ops.candidate_sampling import all_candidate_sampler as all_candidate_sampler
    from .ops.candidate_sampling import compute_accidental_hits as compute_accidental_hits
    from .ops.candidate_sampling import fixed_unigram_candidate_sampler as fixed_unigram_candidate_sampler
    from .ops.candidate_sampling import learned_unigram_candidate_sampler as learned_unigram_candidate_sampler
    from .ops.convolution import atrous_conv2d as atrous_conv2d
    from .ops.convolution import atrous_conv2d_transpose as atrous_conv2d_transpose
    from .ops.convolution import conv1d as conv1d
    from .ops.convolution import conv1d_transpose as conv1d_transpose
    from .ops.convolution import conv2d as conv2d
    from .ops.convolution import conv2d_transpose as conv2d_transpose
    from .ops.convolution import conv_transpose as conv_transpose
    from .ops.convolution import convolution as convolution
    from .ops.convolution import depthwise_conv2d as depthwise_conv2d
    from .ops.convolution import depthwise_conv2d_backprop_filter as depthwise_conv2d_backprop_filter
    from .ops.convolution import depthwise_conv2d_backprop_input as depthwise_conv2d_backprop_input
    from .ops.convolution import separable_conv2d as separable_conv2d
    from .ops.convolution_3d import conv3d as conv3d
    from .ops.convolution_3d import conv3d_transpose as conv3d_transpose
    from .ops.dispersion import zero_fraction as zero_fraction
    from .ops.fractional_pooling import fractional_avg_pool as fractional_avg_pool
    from .ops.fractional_pooling import fractional_max_pool as fractional_max_pool
    from .ops.gathering import embedding_lookup as embedding_lookup
    from .ops.isotonic import isotonic_regression as isotonic_regression
    from .ops.morphology import dilation2d as dilation2d
    from .ops.morphology import erosion2d as erosion2d
    from .ops.nn import bias_add as bias_add
    from .ops.nn import dropout as dropout
    from .ops.norm import l2_normalize as l2_normalize
    from .ops.normalization import batch_norm_with_global_normalization as batch_norm_with_global_normalization
    from .ops.normalization import batch_normalization as batch_normalization
    from .ops.normalization import local_response_normalization as local_response_normalization
    from .ops.normalization import local_response_normalization as lrn  # noqa: F401
    from .ops.normalization import moments as moments
    from .ops.normalization import normalize_moments as normalize_moments
    from .ops.normalization import sufficient_statistics as sufficient_statistics
    from .ops.normalization import weighted_moments as weighted_moments
    from .ops.pooling import avg_pool1d as avg_pool1d
    from .ops.pooling import avg_pool2d as avg_pool2d
    from .ops.pooling import max_pool1d as max_pool1d
    from .ops.pooling import max_pool2d as max_pool2d
    from .ops.pooling import max_pool_with_argmax as max_pool_with_argmax
    from .ops.pooling_3d import avg_pool3d as avg_pool3d
    from .ops.pooling_3d import max_pool3d as max_pool3d
    from .ops.pooling_ranks import avg_pool as avg_pool
    from .ops.pooling_ranks import max_pool as max_pool
    from .ops.pooling_ranks import pool as pool
    from .ops.pooling_ranks import with_space_to_batch as with_space_to_batch
    from .ops.rearranging import depth_to_space as depth_to_space
    from .ops.rearranging import space_to_batch as space_to_batch
    from .ops.rearranging import space_to_depth as space_to_depth
    from .ops.sampled_losses import nce_loss as nce_loss
    from .ops.sampled_losses import sampled_softmax_loss as sampled_softmax_loss
    from .ops.sorting import in_top_k as in_top_k
    from .ops.sorting import top_k as top_k
    from .ops.sparse_embeddings import embedding_lookup_sparse as embedding_lookup_sparse
    from .ops.sparse_embeddings import safe_embedding_lookup_sparse as safe_embedding_lookup_sparse

_late = _Late(
    globals(),
    {
        "graph.ctc": "collapse_repeated ctc_beam_search_decoder ctc_greedy_decoder ctc_loss ctc_unique_labels",
        "ops.approximate": "approx_max_k approx_min_k",
        "ops.candidate_sampling": """
            all_candidate_sampler compute_accidental_hits fixed_unigram_candidate_sampler
            learned_unigram_candidate_sampler
        """,
        "ops.convolution": """
            atrous_conv2d atrous_conv2d_transpose conv1d conv1d_transpose conv2d conv2d_transpose conv_transpose
            convolution depthwise_conv2d depthwise_conv2d_backprop_filter depthwise_conv2d_backprop_input
            separable_conv2d
        """,
        "ops.convolution_3d": "conv3d conv3d_transpose",
        "ops.dispersion": "zero_fraction",
        "ops.fractional_pooling": "fractional_avg_pool fractional_max_pool",
        "ops.gathering": "embedding_lookup",
        "ops.isotonic": "isotonic_regression",
        "ops.morphology": "dilation2d erosion2d",
        "ops.nn": "bias_add dropout",
        "ops.norm": "l2_normalize",
        "ops.normalization": """
            batch_norm_with_global_normalization batch_normalization local_response_normalization
            lrn=local_response_normalization moments normalize_moments sufficient_statistics weighted_moments
        """,
        "ops.pooling": "avg_pool1d avg_pool2d max_pool1d max_pool2d max_pool_with_argmax",
        "ops.pooling_3d": "avg_pool3d max_pool3d",
        "ops.pooling_ranks": "avg_pool max_pool pool with_space_to_batch",
        "ops.rearranging": "depth_to_space space_to_batch space_to_depth",
        "ops.sampled_losses": "nce_loss sampled_softmax_loss",
        "ops.sorting": "in_top_k top_k",
        "ops.sparse_embeddings": "embedding_lookup_sparse safe_embedding_lookup_sparse",
    },
    modules="experimental=_nn_experimental",
)


def __getattr__(name: str) -> object:
    return _late.get(name)


def __dir__() -> list[str]:
    return _late.all()
