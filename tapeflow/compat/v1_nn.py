"""`tf.compat.v1.nn`: functions of neural networks with TensorFlow 1's arguments; the others are those of today."""

from __future__ import annotations

from typing import Any

from .. import nn
from ..core.convert import convert
from ..core.tensor import Tensor
from .v1_names import Name, _one


def softmax_cross_entropy_with_logits_v2(
    labels: Any, logits: Any, axis: Any = None, name: Name = None, dim: Any = None
) -> Tensor:
    """`tf.nn.softmax_cross_entropy_with_logits`.

    >>> tf.compat.v1.nn.softmax_cross_entropy_with_logits_v2([[1.0, 0.0]], [[0.0, 0.0]]).shape
    TensorShape([1])
    """
    axis = _one(dim, axis, "dim", "axis")
    return nn.softmax_cross_entropy_with_logits(labels, logits, axis=-1 if axis is None else axis, name=name)


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


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: Name = None) -> Tensor:
    """`tf.nn.sigmoid_cross_entropy_with_logits`.

    >>> tf.compat.v1.nn.sigmoid_cross_entropy_with_logits([1.0], [0.0]).shape
    TensorShape([1])
    """
    return nn.sigmoid_cross_entropy_with_logits(labels, logits, name=name)


# The same then and now.
_SAME = ("bias_add", "elu", "leaky_relu", "log_softmax", "moments", "relu", "relu6", "selu", "softmax", "softplus")


def __getattr__(name: str) -> Any:
    if name in _SAME:
        return getattr(nn, name)
    raise AttributeError(f"tapeflow has no `tf.compat.v1.nn.{name}` (yet)", name=name)
