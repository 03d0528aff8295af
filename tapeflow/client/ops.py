"""For pickles: where the class of tensors says it is, once Keras is loaded."""

from __future__ import annotations

from ..core.tensor import Tensor as Tensor
