"""`tf.__internal__`: what Keras asks of TensorFlow beside its public names."""

from __future__ import annotations

from ..client import attributes as _attributes
from ..core.composite import CompositeTensor as CompositeTensor
from ..core.tensor import Tensor as EagerTensor
from ..graph.trace import FuncGraph as FuncGraph
from . import decorator as decorator
from . import distribute as distribute
from . import eager_context as eager_context
from . import smart_cond as smart_cond
from . import tf2 as tf2
from . import tracking as tracking
from . import types as types

_attributes.install()
