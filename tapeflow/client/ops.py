"""For pickles: where the class of tensors says it is, once Keras is loaded; and what TensorFlow's own pickles name."""

from __future__ import annotations

from ..core.tensor import Tensor as Tensor
from ..ops.creation import convert_to_tensor as convert_to_tensor
