"""`tf.nn`: what neural networks are made of."""

from __future__ import annotations

from . import _nn_experimental as experimental  # noqa: F401
from .ops.activations import crelu as crelu
from .ops.activations import elu as elu
from .ops.activations import gelu as gelu
from .ops.activations import leaky_relu as leaky_relu
from .ops.activations import relu as relu
from .ops.activations import relu6 as relu6
from .ops.activations import selu as selu
from .ops.activations import silu as silu
from .ops.activations import softplus as softplus
from .ops.activations import softsign as softsign
from .ops.activations import swish as swish
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
from .ops.elementwise import sigmoid as sigmoid
from .ops.elementwise import tanh as tanh
from .ops.gathering import embedding_lookup as embedding_lookup
from .ops.losses import compute_average_loss as compute_average_loss
from .ops.losses import l2_loss as l2_loss
from .ops.losses import log_poisson_loss as log_poisson_loss
from .ops.losses import log_softmax as log_softmax
from .ops.losses import scale_regularization_loss as scale_regularization_loss
from .ops.losses import sigmoid_cross_entropy_with_logits as sigmoid_cross_entropy_with_logits
from .ops.losses import softmax as softmax
from .ops.losses import softmax_cross_entropy_with_logits as softmax_cross_entropy_with_logits
from .ops.losses import sparse_softmax_cross_entropy_with_logits as sparse_softmax_cross_entropy_with_logits
from .ops.losses import weighted_cross_entropy_with_logits as weighted_cross_entropy_with_logits
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
from .ops.pooling import avg_pool as avg_pool
from .ops.pooling import avg_pool1d as avg_pool1d
from .ops.pooling import avg_pool2d as avg_pool2d
from .ops.pooling import max_pool as max_pool
from .ops.pooling import max_pool1d as max_pool1d
from .ops.pooling import max_pool2d as max_pool2d
from .ops.pooling import max_pool_with_argmax as max_pool_with_argmax
from .ops.pooling import pool as pool
from .ops.rearranging import depth_to_space as depth_to_space
from .ops.rearranging import space_to_batch as space_to_batch
from .ops.rearranging import space_to_depth as space_to_depth
from .ops.reduction import zero_fraction as zero_fraction
from .ops.sorting import in_top_k as in_top_k
from .ops.sorting import top_k as top_k
