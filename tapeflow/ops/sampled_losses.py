"""Losses over a sample of very many classes."""

from __future__ import annotations

from typing import Any

from ..base.dtypes import int64
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike
from .candidate_sampling import Counts, compute_accidental_hits, log_uniform_candidate_sampler
from .casting import cast
from .common import shape_of
from .gathering import embedding_lookup
from .joining import concat
from .layout import expand_dims, reshape
from .losses import sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits
from .passing import stop_gradient
from .reduction import reduce_sum
from .scattering import scatter_nd
from .slicing import slice_


def _looked_up(table: Any, ids: Tensor, dtype: Any) -> Tensor:
    rows = embedding_lookup(table if isinstance(table, (list, tuple)) else [table], ids)
    return rows if rows.dtype == dtype else cast(rows, dtype)


def _dot_rows(x: Tensor, rows: Tensor, num_true: int) -> Tensor:
    """The product of each example with each of its `num_true` rows."""
    dim = shape_of(rows)[1]
    products = expand_dims(x, 1) * reshape(rows, (-1, num_true, dim))
    return reduce_sum(products, 2)


def _without_hits(logits: Tensor, labels: Tensor, sampled: Tensor, num_true: int) -> Tensor:
    """The lowest logits where a sample is a true class."""
    rows, places, weights = compute_accidental_hits(labels, sampled, num_true)
    pairs = OPS["Pack"](cast(rows, int64), places, axis=1)
    lowest = scatter_nd(pairs, cast(weights, logits.dtype), cast(convert(OPS["Shape"](logits)), int64))
    return logits + lowest


def _sampled_logits(
    weights: Any, biases: Any, labels: TensorLike, inputs: TensorLike, num_sampled: int, num_classes: int,
    num_true: int, sampled_values: Any, remove_accidental_hits: bool, seed: int | None = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Logits of the true classes and of samples, less the logarithm of how often each is expected; and labels."""
    x, true = convert(inputs), cast(convert(labels), int64)
    if sampled_values is None:
        sampled_values = log_uniform_candidate_sampler(true, num_true, num_sampled, True, num_classes, seed)
    sampled, true_count, sampled_count = (stop_gradient(convert(each)) for each in sampled_values)
    sampled = cast(sampled, int64)
    ids = concat([reshape(true, (-1,)), sampled], 0)
    count = shape_of(true)[0] * num_true
    rows, offsets = _looked_up(weights, ids, x.dtype), _looked_up(biases, ids, x.dtype)
    true_rows, other_rows = slice_(rows, (0, 0), (count, -1)), slice_(rows, (count, 0), (-1, -1))
    true_logits = _dot_rows(x, true_rows, num_true) + reshape(slice_(offsets, (0,), (count,)), (-1, num_true))
    logits = OPS["MatMul"](x, other_rows, transpose_b=True) + slice_(offsets, (count,), (-1,))
    if remove_accidental_hits:
        logits = _without_hits(logits, true, sampled, num_true)
    true_logits = true_logits - cast(OPS["Log"](true_count), x.dtype)
    logits = logits - cast(OPS["Log"](sampled_count), x.dtype)
    targets = [OPS["OnesLike"](true_logits) / num_true, OPS["ZerosLike"](logits)]
    return concat([true_logits, logits], 1), concat(targets, 1)


def nce_loss(
    weights: Any, biases: Any, labels: TensorLike, inputs: TensorLike, num_sampled: int, num_classes: int,
    num_true: int = 1, sampled_values: Counts | None = None, remove_accidental_hits: bool = False,
    name: str = "nce_loss",
) -> Tensor:  # fmt: skip
    """The loss of telling true classes from samples (noise-contrastive estimation).

    Args:
      weights: a row for each class, (num_classes, dim), or a list of tensors of such rows.
      biases: a number for each class.
      labels: the classes of each example, (batch, num_true).
      inputs: what the network says of each example, (batch, dim).
      num_sampled: how many classes to sample, once for the batch.
      num_classes: the number of classes.
      num_true: how many classes an example has.
      sampled_values: what a candidate sampler returned; by default `log_uniform_candidate_sampler` is called.
      remove_accidental_hits: whether samples that are a true class do not count.

    Returns:
      A loss for each example.

    >>> weights, biases = tf.zeros([5, 2]), tf.zeros([5])
    >>> samples = [1, 2], [[0.5]], [0.5, 0.5]
    >>> tf.nn.nce_loss(weights, biases, [[0]], [[1.0, 2.0]], 2, 5, sampled_values=samples).numpy()
    array([2.6026897], dtype=float32)
    """
    logits, targets = _sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, remove_accidental_hits
    )
    return reduce_sum(sigmoid_cross_entropy_with_logits(targets, logits), 1)


def sampled_softmax_loss(
    weights: Any, biases: Any, labels: TensorLike, inputs: TensorLike, num_sampled: int, num_classes: int,
    num_true: int = 1, sampled_values: Counts | None = None, remove_accidental_hits: bool = True,
    seed: int | None = None, name: str = "sampled_softmax_loss",
) -> Tensor:  # fmt: skip
    """The cross entropy of a softmax over true classes and samples; arguments as of `nce_loss`, and the `seed`.

    >>> weights, biases = tf.zeros([5, 2]), tf.zeros([5])
    >>> samples = [1, 2], [[0.5]], [0.5, 0.5]
    >>> tf.nn.sampled_softmax_loss(weights, biases, [[0]], [[1.0, 2.0]], 2, 5, sampled_values=samples).numpy()
    array([1.0986123], dtype=float32)
    """
    logits, targets = _sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, remove_accidental_hits,
        seed,
    )  # fmt: skip
    return softmax_cross_entropy_with_logits(stop_gradient(targets), logits)
