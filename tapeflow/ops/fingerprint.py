"""`tf.fingerprint`: a short number that stands for each row of a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors
from ..base.shapes import Shape
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .farmhash import fingerprint64, of_rows, of_text


def _fingerprinted(data: Shape, method: Shape) -> Shape:
    if data == ():
        raise errors.invalid("`data` must have at least one axis")
    if method is not None and method != ():
        raise errors.invalid("`method` must be a scalar")
    return (None, None) if data is None else (data[0], 8)


@op("Fingerprint", "data:T, method:string -> fingerprint:uint8", shape=_fingerprinted, differentiable=None)
def _fingerprint(xp: Any, data: Array, method: Array) -> Array:
    _fingerprinted(data.shape, method.shape)
    if method.item() != b"farmhash64":
        raise errors.invalid(f"Unsupported fingerprint method: {method.item().decode(errors='replace')}")
    rows = data.reshape(data.shape[0], -1) if data.size else np.zeros((data.shape[0], 0), np.uint8)
    if data.dtype.kind == "O":
        found = np.array([[of_text(fingerprint64, text) for text in row] for row in rows.tolist()], np.uint64)
        found = found.reshape(rows.shape)
        if rows.shape[1] == 1:
            return _bytes(found[:, 0])
        rows = found
    size = rows.shape[1] * rows.dtype.itemsize
    cells = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), size) if rows.size else rows.view(np.uint8)
    return _bytes(of_rows(fingerprint64, cells))


def _bytes(numbers: Array) -> Array:
    return np.ascontiguousarray(numbers.astype("<u8")).view(np.uint8).reshape(len(numbers), 8)


only_host(_fingerprint)


def fingerprint(data: TensorLike, method: TensorLike = "farmhash64", name: str | None = None) -> Tensor:
    """A fingerprint of each row of a tensor: rows with the same elements have the same, others hardly ever.

    Args:
      data: a Tensor of at least one axis; a row is what it has for each index of the first.
      method: `"farmhash64"`.
      name: a name for errors.

    Returns:
      uint8, `[rows, 8]`.

    Raises:
      InvalidArgumentError: for another method, or a scalar.

    >>> print(tf.fingerprint(["abc"]))
    tf.Tensor([[105 243 231 116 160 179 165  36]], shape=(1, 8), dtype=uint8)
    """
    return _fingerprint(data, method, name=name)  # type: ignore[no-any-return]
