"""Arithmetic of indices and sizes: `tf.unravel_index`, `tf.required_space_to_batch_paddings`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import static


def _unraveled(indices: Shape, dims: Shape, **_attrs: Any) -> Shape:
    if dims is not None and len(dims) != 1:
        raise errors.invalid(f'The indices can only be 1-D, got "{shapes.show(dims)}"')
    if indices is not None and len(indices) > 1:
        raise errors.invalid(f'The indices can only be scalar or vector, got "{shapes.show(indices)}"')
    return None if indices is None else (None if dims is None else dims[0], *indices)


@op("UnravelIndex", "indices:Tidx, dims:Tidx -> output:Tidx", shape=_unraveled, Tidx=types.INDICES, differentiable=None)
def _unravel_index(xp: Any, indices: Array, dims: Array) -> Array:
    _unraveled(indices.shape, dims.shape)
    sizes = [xp.prod(dims[i:], dtype=dims.dtype) for i in range(dims.shape[0] + 1)]
    rest = [indices if i == 0 else _remainder(xp, indices, sizes[i]) for i in range(dims.shape[0])]
    parts = [_quotient(xp, x, size) for x, size in zip(rest, sizes[1:], strict=True)]
    return xp.stack(parts) if parts else xp.zeros((0, *indices.shape), indices.dtype)


def _quotient(xp: Any, x: Array, by: Array) -> Array:
    """The quotient, rounded towards zero as in C."""
    return (xp.sign(x) * (xp.abs(x) // by)).astype(x.dtype)


def _remainder(xp: Any, x: Array, by: Array) -> Array:
    return x - _quotient(xp, x, by) * by


@_unravel_index.on("host")
def _(xp: Any, indices: Array, dims: Array) -> Array:
    _unraveled(indices.shape, dims.shape)
    sizes = dims.tolist()
    for i, n in enumerate(sizes):
        if n == 0:
            raise errors.invalid(f"Input dims cannot contain a dim of zero, but dims contains zero at index {i}")
        if n < 0:
            raise errors.invalid(f"Input dims cannot be negative. Got dim = {n} at index {i}")
    total = math.prod(sizes)
    if total > np.iinfo(dims.dtype).max:
        raise errors.invalid(f"Input dims product is causing integer overflow: ({' '.join(map(str, sizes))})")
    if not indices.size:
        raise errors.invalid(
            f"received empty tensor indices: Tensor<type: {indices.dtype.name} shape: {shapes.show(indices.shape)} "
            "values: >"
        )
    if indices.size and sizes and indices.max() >= total:
        raise errors.invalid("index is out of bound as with dims")
    return _unravel_index.kernel(np, indices, dims)


def unravel_index(indices: TensorLike, dims: TensorLike, name: str | None = None) -> Tensor:
    """The places in an array of the shape `dims` that elements have when they are counted in order.

    Args:
      indices: the numbers of elements, a vector or a scalar of int32 or int64.
      dims: the shape, a vector of the same dtype.
      name: a name for errors.

    Returns:
      A Tensor `[len(dims), ...]`: the i-th row has the indices along axis i.

    Raises:
      InvalidArgumentError: if an index is too large, there are none, or a size is not positive.

    >>> print(tf.unravel_index([2, 5, 7], [3, 3]))
    tf.Tensor(
    [[0 1 2]
     [2 2 1]], shape=(2, 3), dtype=int32)
    """
    return _unravel_index(indices, dims, name=name)  # type: ignore[no-any-return]


def required_space_to_batch_paddings(
    input_shape: TensorLike, block_shape: TensorLike, base_paddings: TensorLike | None = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The paddings that make the sizes of an input multiples of blocks, and the crops that undo them.

    Args:
      input_shape: the sizes of the axes, an int32 vector.
      block_shape: the size of a block along each of them.
      base_paddings: `[len(block_shape), 2]`, how much to pad at least; nothing if left out.
      name: not used.

    Returns:
      `paddings` for `tf.space_to_batch` and `crops` for `tf.batch_to_space`, both `[len(block_shape), 2]`.

    Raises:
      ValueError: if the shapes of the arguments do not fit.

    >>> paddings, crops = tf.required_space_to_batch_paddings([5, 6], [2, 3])
    >>> paddings.numpy().tolist(), crops.numpy().tolist()
    ([[0, 1], [0, 0]], [[0, 1], [0, 0]])
    """
    sizes, blocks = (convert(x, hint=types.INDICES[0]) for x in (input_shape, block_shape))
    count = blocks.shape.with_rank(1)[0]
    sizes.shape.assert_is_compatible_with([count])
    if base_paddings is None:
        base = OPS["Fill"](joined_pairs(count, blocks), convert(0, sizes.dtype))
    else:
        base = convert(base_paddings, sizes.dtype)
        base.shape.assert_is_compatible_with([count, 2])
    before, after = base[:, 0], base[:, 1]
    extra = (blocks - (sizes + before + after) % blocks) % blocks
    paddings = OPS["Pack"](before, after + extra, axis=1)
    crops = OPS["Pack"](OPS["ZerosLike"](extra), extra, axis=1)
    return paddings, crops


def joined_pairs(count: int | None, blocks: Tensor) -> Any:
    """The shape of a matrix with a row for each block, and two columns."""
    return (count, 2) if count is not None else (static(OPS["Size"](blocks)), 2)
