"""Values of tensors that are no arrays: what is in a tensor of dtype `variant` or `resource`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes


class Opaque:
    """A scalar as far as shapes go, with nothing that could be computed with."""

    __slots__ = ()

    dtype: Any = dtypes.variant.numpy
    shape: tuple[int, ...] = ()
    ndim = 0
    size = 1

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        raise TypeError("A variant tensor has no elements of its own.")


class Held(Opaque):
    """A Python object, held by a tensor: a dataset, an iterator, a table."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value
