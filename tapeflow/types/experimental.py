"""`tf.types.experimental`: types for annotations and `isinstance`."""

from __future__ import annotations

from ..core.tensor import TensorLike as TensorLike
from ..graph.concrete import ConcreteFunction as ConcreteFunction
from ..graph.function import Function
from ..graph.trace_type import TraceType as TraceType

PolymorphicFunction = Function
