"""`tf.nn.experimental`."""

from __future__ import annotations

from .ops.nn import general_dropout as general_dropout
from .ops.nn import stateless_dropout as stateless_dropout
