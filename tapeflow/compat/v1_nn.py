"""`tf.compat.v1.nn`: functions of neural networks with TensorFlow 1's arguments; the others are those of today."""

from __future__ import annotations

from typing import Any

from .. import nn
from ..core.convert import convert
from ..core.registry import OPS
from ..core.tensor import Tensor
from ..ops.passing import stop_gradient
from ..ops.sparse_tensor import SparseTensor
from .v1_arguments import NN, found
from .v1_names import Name, one_of


def dropout(
    x: Any, keep_prob: Any = None, noise_shape: Any = None, seed: Any = None, name: Name = None, rate: Any = None
) -> Tensor:
    """`tf.nn.dropout`, by what is kept or by what is dropped.

    Raises:
      ValueError: neither or both are given.

    >>> print(tf.compat.v1.nn.dropout([1.0, 2.0], keep_prob=1.0).numpy())
    [1. 2.]
    """
    if (keep_prob is None) == (rate is None):
        raise ValueError("Exactly one of `rate` and `keep_prob` must be given.")
    dropped = rate if rate is not None else 1 - keep_prob
    return nn.dropout(convert(x), dropped, noise_shape=noise_shape, seed=seed, name=name)


def softmax_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, dim: int = -1, name: Name = None, axis: Any = None
) -> Tensor:
    """`tf.nn.softmax_cross_entropy_with_logits`, without gradients for the labels.

    >>> tf.compat.v1.nn.softmax_cross_entropy_with_logits([[1.0, 0.0]], [[0.0, 0.0]]).shape
    TensorShape([1])
    """
    labels = stop_gradient(convert(labels))
    return nn.softmax_cross_entropy_with_logits(labels, logits, axis=dim if axis is None else axis, name=name)


def ctc_loss(
    labels: Any, inputs: Any = None, sequence_length: Any = None, preprocess_collapse_repeated: bool = False,
    ctc_merge_repeated: bool = True, ignore_longer_outputs_than_inputs: bool = False, time_major: bool = True,
    logits: Any = None,
) -> Tensor:  # fmt: skip
    """Minus the logarithm of how likely the labels are, for each example; the blank is the last class.

    Args:
      labels: an int32 SparseTensor, `[batch, longest]`.
      inputs: logits, `[frames, batch, classes]`.
      sequence_length: how many frames each example has, int32 `[batch]`.
      preprocess_collapse_repeated: whether repeated labels are one.
      ctc_merge_repeated: whether repeated classes of frames are one label.
      ignore_longer_outputs_than_inputs: whether examples with more labels than frames count nothing.
      time_major: False for inputs of `[batch, frames, classes]`.
      logits: the newer name of `inputs`.

    Raises:
      TypeError: if the labels are not sparse.
      InvalidArgumentError: if there are more labels than frames.

    >>> labels = tf.SparseTensor([[0, 0]], [1], [1, 1])
    >>> print(tf.compat.v1.nn.ctc_loss(labels, tf.zeros([1, 1, 2]), [1]).shape)
    (1,)
    """
    if not isinstance(labels, SparseTensor):
        raise TypeError(
            f"Expected argument `labels` to be a SparseTensor. Received labels={labels} of type: "
            f"{type(labels).__name__}"
        )
    frames = convert(one_of(inputs, logits, "inputs", "logits"))
    if not time_major:
        frames = OPS["Transpose"](frames, (1, 0, 2))
    loss: Tensor = OPS["CTCLoss"](
        frames, labels.indices, labels.values, sequence_length,
        preprocess_collapse_repeated=preprocess_collapse_repeated, ctc_merge_repeated=ctc_merge_repeated,
        ignore_longer_outputs_than_inputs=ignore_longer_outputs_than_inputs,
    )[0]  # fmt: skip
    return loss


def ctc_beam_search_decoder(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1, merge_repeated: bool = True
) -> Any:
    """`tf.nn.ctc_beam_search_decoder`, with repeated labels of a path merged.

    >>> paths, score = tf.compat.v1.nn.ctc_beam_search_decoder(tf.zeros([2, 1, 3]), [2])
    >>> len(paths), score.shape
    (1, TensorShape([1, 1]))
    """
    *parts, score = OPS["CTCBeamSearchDecoder"](
        inputs, sequence_length, beam_width=beam_width, top_paths=top_paths, merge_repeated=merge_repeated
    )
    n = top_paths
    return [SparseTensor(*each) for each in zip(parts[:n], parts[n : 2 * n], parts[2 * n :], strict=True)], score


def fused_batch_norm(
    x: Any, scale: Any, offset: Any, mean: Any = None, variance: Any = None, epsilon: float = 0.001,
    data_format: str = "NHWC", is_training: bool = True, name: Name = None, exponential_avg_factor: float = 1.0,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """Batches normalised, by their own mean and variance or, unless `is_training`, by those given.

    Returns:
      The batch normalised; the mean and the variance, moved by `exponential_avg_factor` from those given.

    Raises:
      ValueError: without training, if `mean` or `variance` is missing.

    >>> y, mean, variance = tf.compat.v1.nn.fused_batch_norm(tf.ones([2, 2, 2, 1]), [1.0], [0.0])
    >>> print(mean.numpy(), variance.numpy())
    [1.] [0.]
    """
    if mean is None or variance is None:
        if not is_training or exponential_avg_factor != 1.0:
            raise ValueError(
                "Both `mean` and `variance` must be a 1D tensor when `is_training` is False or "
                f"`exponential_avg_factor` != 1.0. Received: `mean` {mean!r} and `variance` {variance!r}"
            )
        mean, variance = OPS["ZerosLike"](convert(scale)[:0]), OPS["ZerosLike"](convert(scale)[:0])
    y, batch_mean, batch_variance, *_ = OPS["FusedBatchNormV3"](
        x, scale, offset, mean, variance, epsilon=max(epsilon, 1.001e-5), data_format=data_format,
        is_training=is_training, exponential_avg_factor=exponential_avg_factor, name=name,
    )  # fmt: skip
    return y, batch_mean, batch_variance


# What has the same arguments as then, besides what `NN` lists.
_SAME = frozenset(
    """atrous_conv2d avg_pool_v2 avg_pool3d batch_normalization bias_add conv1d_transpose conv3d_transpose
    ctc_greedy_decoder elu fixed_unigram_candidate_sampler gelu in_top_k l2_loss leaky_relu local_response_normalization
    log_poisson_loss lrn max_pool_v2 max_pool1d max_pool3d relu relu6 selu sigmoid silu softplus softsign swish tanh
    top_k with_space_to_batch zero_fraction""".split()
)
_NOW = {"avg_pool_v2": "avg_pool", "max_pool_v2": "max_pool"}


def __getattr__(name: str) -> Any:
    function = found(NN, name)
    if function is not None:
        return function
    if name in _SAME and hasattr(nn, _NOW.get(name, name)):
        return getattr(nn, _NOW.get(name, name))
    raise AttributeError(f"tapeflow has no `tf.compat.v1.nn.{name}` (yet)", name=name)
