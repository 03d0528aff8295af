"""What `tf.compat.v1` has of sparse tensors besides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..base.dtypes import int64
from ..base.tensor_shape import TensorShape
from ..core.tensor import Tensor
from ..ops.sparse_layout import concat
from ..ops.sparse_tensor import SparseTensor
from .ir import placeholder


def sparse_concat(
    axis: int | None, sp_inputs: Sequence[Any], name: str | None = None, expand_nonconcat_dim: bool = False,
    concat_dim: int | None = None, expand_nonconcat_dims: bool | None = None,
) -> SparseTensor:  # fmt: skip
    """`tf.sparse.concat` with the arguments that it had in TensorFlow 1.

    >>> x = tf.SparseTensor([[0, 1]], [5], [1, 2])
    >>> tf.compat.v1.sparse_concat(0, [x, x]).shape
    TensorShape([2, 2])
    """
    axis = concat_dim if axis is None else axis
    if axis is None:
        raise ValueError("sparse_concat wants an axis.")
    return concat(axis, sp_inputs, bool(expand_nonconcat_dim or expand_nonconcat_dims), name)


def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse tensor of the open graph whose parts are handed in when the graph runs.

    Args:
      dtype: the dtype of its elements.
      shape: its shape; None for an unknown rank.
      name: a name, of which those of the parts are made.

    Raises:
      RuntimeError: if no graph is open.

    >>> with tf.Graph().as_default():
    ...     tf.compat.v1.sparse_placeholder(tf.float32, [None, 3]).shape
    TensorShape([None, 3])
    """
    sizes = shape if isinstance(shape, Tensor) else TensorShape(shape)
    rank = sizes.shape[0] if isinstance(sizes, Tensor) else sizes.rank
    named = [None if name is None else f"{name}/{part}" for part in ("values", "indices", "shape")]
    values = placeholder(dtype, [None], named[0])
    indices = placeholder(int64, [None, rank], named[1])
    if isinstance(sizes, Tensor) or sizes.is_fully_defined():
        return SparseTensor(indices, values, sizes if isinstance(sizes, Tensor) else sizes.as_list())
    made = SparseTensor(indices, values, placeholder(int64, [rank], named[2]))
    made.set_shape(sizes)
    return made
