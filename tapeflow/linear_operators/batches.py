"""Sizes of operators, and matrices brought to one batch shape."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from ..base import dtypes
from ..base.dtypes import DType
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.tensor import Tensor
from ..ops.broadcasting import broadcast_dynamic_shape, broadcast_static_shape, broadcast_to
from ..ops.common import shape_of
from ..ops.joining import concat
from ..ops.sizes import shape as shape_op
from ..state.variable import Variable


def kept(value: Any, hint: DType | None = None) -> Any:
    """A Variable as it is, so that its later values count; all else as a Tensor."""
    return value if isinstance(value, Variable) else convert(value, hint=hint)


def as_sizes(sizes: Any) -> Tensor:
    """Sizes as a vector of int32."""
    return convert(list(sizes), dtypes.int32)


def broadcast_batches(*matrices: Any) -> list[Any]:
    """Matrices, with their batch dimensions broadcast to the shape that they have in common."""
    static = functools.reduce(broadcast_static_shape, [x.shape[:-2] for x in matrices])
    if static.is_fully_defined():
        return [
            x if x.shape[:-2] == static else broadcast_to(x, [*static.as_list(), *shape_of(convert(x))[-2:]])
            for x in matrices
        ]
    shapes = [shape_op(x) for x in matrices]
    batch = functools.reduce(broadcast_dynamic_shape, [shape[:-2] for shape in shapes])
    return [broadcast_to(x, concat([batch, shape[-2:]], 0)) for x, shape in zip(matrices, shapes, strict=True)]


def common_batch(operators: Sequence[Any]) -> TensorShape:
    """The shape that the batches of some operators have in common."""
    shape: TensorShape = functools.reduce(broadcast_static_shape, [operator.batch_shape for operator in operators])
    return shape


def common_batch_tensor(operators: Sequence[Any]) -> Tensor:
    """The shape that the batches of some operators have in common, as a Tensor."""
    shape: Tensor = functools.reduce(broadcast_dynamic_shape, [operator.batch_shape_tensor() for operator in operators])
    return shape
