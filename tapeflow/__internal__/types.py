"""`tf.__internal__.types`: the base of Keras's Variables."""

from __future__ import annotations

from abc import ABCMeta

from ..core.tensor import Tensor as _Tensor
from ..state.variable import Variable as _Variable


class Tensor(metaclass=ABCMeta):  # noqa: B024 - others are registered
    """All that is a tensor, or stands for one."""


Tensor.register(_Tensor)
Tensor.register(_Variable)
