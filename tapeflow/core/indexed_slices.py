"""`tf.IndexedSlices`: the gradient of a gather, as rows and where they belong."""

from __future__ import annotations

from typing import Any

from ..base.dtypes import DType, as_dtype
from ..base.dtypes import float32 as _float32
from ..base.dtypes import int64 as _int64
from ..base.tensor_shape import TensorShape
from .registry import OPS
from .spec import TensorSpec, TypeSpec
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
    def _type_spec(self) -> IndexedSlicesSpec:
        dense = self._dense_shape
        return IndexedSlicesSpec(
            TensorShape([None]).concatenate(self._values.shape[1:]),
            self._values.dtype,
            self._indices.dtype,
            None if dense is None else dense.dtype,
            self._indices.shape,
        )

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


class IndexedSlicesSpec(TypeSpec):
    """What is known of a `tf.IndexedSlices` before there is one.

    Args:
      shape: the shape of the whole, as far as it is known.
      dtype: the dtype of the slices.
      indices_dtype: that of the indices.
      dense_shape_dtype: that of `dense_shape`; None if there is none.
      indices_shape: the shape of the indices, `[N]`.

    >>> tf.IndexedSlices(tf.ones([2, 3]), tf.constant([0, 5]))._type_spec
    IndexedSlicesSpec(TensorShape([None, 3]), tf.float32, tf.int32, None, TensorShape([2]))
    """

    __slots__ = ("_dense_shape_dtype", "_dtype", "_indices_dtype", "_indices_shape", "_shape")

    def __init__(
        self,
        shape: Any = None,
        dtype: Any = _float32,
        indices_dtype: Any = _int64,
        dense_shape_dtype: Any = None,
        indices_shape: Any = None,
    ) -> None:
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)
        self._indices_dtype = as_dtype(indices_dtype)
        self._dense_shape_dtype = None if dense_shape_dtype is None else as_dtype(dense_shape_dtype)
        self._indices_shape = TensorShape(indices_shape).with_rank(1)

    @property
    def value_type(self) -> type:
        """`tf.IndexedSlices`."""
        return IndexedSlices

    @property
    def _component_specs(self) -> Any:
        rows = TensorShape([self._indices_shape[0]])
        specs = [
            TensorSpec(rows.concatenate(self._shape[1:]), self._dtype),
            TensorSpec(self._indices_shape, self._indices_dtype),
        ]
        if self._dense_shape_dtype is not None:
            specs.append(TensorSpec([self._shape.rank], self._dense_shape_dtype))
        return tuple(specs)

    def _to_components(self, value: Any) -> Any:
        both = value.values, value.indices
        return both if value.dense_shape is None else (*both, value.dense_shape)

    def _from_components(self, components: Any) -> Any:
        return IndexedSlices(*components)

    def _serialize(self) -> tuple[Any, ...]:
        return self._shape, self._dtype, self._indices_dtype, self._dense_shape_dtype, self._indices_shape

    def __repr__(self) -> str:
        return f"IndexedSlicesSpec{self._serialize()!r}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IndexedSlicesSpec) and self._serialize() == other._serialize()

    def __hash__(self) -> int:
        return hash(self._serialize())
