"""`tf.IndexedSlices`: the gradient of a gather, as rows and where they belong."""

from __future__ import annotations

from typing import Any

from ..base.dtypes import DType
from ..base.tensor_shape import TensorShape
from .registry import OPS
from .tensor import Tensor


class IndexedSlices:
    """Slices of a large tensor at given indices; an index may occur more than once, such slices add up.

    Args:
      values: the slices, `[N, ...]`.
      indices: where in the first dimension each belongs, int32 or int64 `[N]`.
      dense_shape: the shape of the whole, a 1-D integer Tensor, or None.

    >>> slices = tf.IndexedSlices(tf.constant([[1.0], [2.0]]), tf.constant([0, 2]), tf.constant([3, 1]))
    >>> tf.convert_to_tensor(slices).numpy().ravel()
    array([1., 0., 2.], dtype=float32)
    """

    __slots__ = ("__weakref__", "_dense_shape", "_indices", "_values")

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        self._values = values
        self._indices = indices
        self._dense_shape = dense_shape

    values = property(lambda self: self._values, doc="The slices.")
    indices = property(lambda self: self._indices, doc="Where each slice belongs.")
    dense_shape = property(lambda self: self._dense_shape, doc="The shape of the whole as a Tensor, or None.")

    @property
    def dtype(self) -> DType:
        """The dtype of the slices."""
        dtype: DType = self._values.dtype
        return dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole, of unknown rank if no `dense_shape` was given."""
        if self._dense_shape is None:
            return TensorShape(None)
        return TensorShape(self._dense_shape.numpy().tolist())

    @property
    def device(self) -> Any:
        """The device that holds the slices."""
        return self._values.device

    def __tf_tensor__(self, dtype: DType | None = None, name: str | None = None) -> Tensor:
        if self._dense_shape is None:
            raise ValueError(
                f"Tensor conversion requested for IndexedSlices for argument `value` without dense_shape: {self}"
            )
        if dtype is not None and dtype != self.dtype:
            raise ValueError(
                f"Incompatible tensor conversion requested to `dtype` {dtype.name} for IndexedSlices ({self}) "
                f"with dtype {self.dtype.name}"
            )
        rows = self._dense_shape[0]
        dense: Tensor = OPS["UnsortedSegmentSum"](self._values, self._indices, rows)
        return dense

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self._values, self._indices, self._dense_shape)

    def __str__(self) -> str:
        shape = "" if self._dense_shape is None else f", dense_shape={self._dense_shape!s}"
        return f"IndexedSlices(indices={self._indices!s}, values={self._values!s}{shape})"

    __repr__ = __str__
