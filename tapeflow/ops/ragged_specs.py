"""`tf.RaggedTensorSpec`: what is known of a ragged tensor before there is one."""

from __future__ import annotations

from typing import Any

from ..base.dtypes import as_dtype
from ..base.dtypes import float32 as _float32
from ..base.dtypes import int64 as _int64
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.spec import TensorSpec, TypeSpec
from ..core.tensor import Tensor
from .ragged_partition import INDICES, RowPartition
from .ragged_tensor import RaggedTensor, flat_of, nested, partitions_of


class RaggedTensorSpec(TypeSpec):
    """Shape, dtype and ragged rank of a `tf.RaggedTensor`.

    Args:
      shape: the shape, None for ragged dimensions and unknown sizes.
      dtype: the dtype of the values.
      ragged_rank: how many dimensions row splits divide; all but the first unless given.
      row_splits_dtype: int32 or int64.
      flat_values_spec: the spec of the innermost values, if they are no Tensor.

    Raises:
      ValueError: if the arguments do not fit each other.

    >>> tf.RaggedTensorSpec([None, None], tf.int32).is_compatible_with(tf.ragged.constant([[1], []]))
    True
    """

    __slots__ = ("_dtype", "_ragged_rank", "_row_splits_dtype", "_shape")

    def __init__(
        self,
        shape: Any = None,
        dtype: Any = _float32,
        ragged_rank: int | None = None,
        row_splits_dtype: Any = _int64,
        flat_values_spec: Any = None,
    ) -> None:
        self._shape = TensorShape(shape)
        self._row_splits_dtype = as_dtype(row_splits_dtype)
        if flat_values_spec is not None:
            if dtype is None:
                dtype = flat_values_spec.dtype
            elif dtype != flat_values_spec.dtype:
                raise ValueError("dtype must be the same as flat_values_spec.dtype")
        elif dtype is None:
            raise ValueError("At least one of dtype or flat_values_spec must be provided")
        self._dtype = as_dtype(dtype)
        rank = self._shape.rank
        if ragged_rank is None:
            if rank is None:
                raise ValueError("Must specify ragged_rank or a shape with a known rank.")
            ragged_rank = rank - 1
        if not isinstance(ragged_rank, int):
            raise TypeError(f"Argument `ragged_rank` must be an int. Received {ragged_rank}.")
        if rank is not None and ragged_rank >= rank:
            raise ValueError(f"Argument `ragged_rank` ({ragged_rank}) must be less than rank ({rank}).")
        if self._row_splits_dtype not in INDICES:
            raise ValueError(f"row_splits_dtype must be int32 or int64. Received {self._row_splits_dtype}.")
        self._ragged_rank = ragged_rank

    shape = property(lambda self: self._shape, doc="The shape, as far as it is known.")
    dtype = property(lambda self: self._dtype, doc="The dtype of the values.")
    ragged_rank = property(lambda self: self._ragged_rank, doc="How many dimensions row splits divide.")
    row_splits_dtype = property(lambda self: self._row_splits_dtype, doc="The dtype of the row splits.")
    flat_values_spec = property(lambda self: None, doc="The spec of the innermost values, if they are no Tensor.")

    @property
    def value_type(self) -> type:
        """`tf.RaggedTensor`; `tf.Tensor` for a ragged rank of 0."""
        return RaggedTensor if self._ragged_rank > 0 else Tensor

    @classmethod
    def from_value(cls, value: Any) -> RaggedTensorSpec:
        """The spec of a ragged tensor at hand."""
        if not isinstance(value, RaggedTensor):
            return cls(value.shape, value.dtype, 0)
        return cls(value.shape, value.dtype, value.ragged_rank, value._partition.dtype)

    @property
    def _component_specs(self) -> Any:
        if self._ragged_rank <= 0:
            return [TensorSpec(self._shape, self._dtype)]
        shape = self._shape
        inner = None if shape.rank is None else shape[self._ragged_rank + 1 :]
        values = TensorShape(None) if inner is None else TensorShape([None]).concatenate(inner)
        sizes = [None] * (self._ragged_rank + 1) if shape.rank is None else shape.as_list()
        specs, rows = [], sizes[0]
        for axis in range(1, self._ragged_rank + 1):
            specs.append(TensorSpec([None if rows is None else rows + 1], self._row_splits_dtype))
            length = sizes[axis]
            rows = None if rows is None or length is None else rows * length
        return [TensorSpec(values, self._dtype), *specs]

    def _to_components(self, value: Any) -> Any:
        if not isinstance(value, RaggedTensor):
            return [value]
        return [flat_of(value), *(p.splits for p in partitions_of(value))]

    def _from_components(self, components: Any) -> Any:
        flat, *splits = components
        rows = []
        for axis, each in enumerate(splits, 1):
            if not isinstance(each, Tensor):
                return nested(flat, [RowPartition(one) for one in splits])  # what stands for Tensors
            length = None if self._shape.rank is None else self._shape[axis]
            rows.append(RowPartition(each, None if length is None else convert(length, each.dtype)))
        return nested(flat, rows)

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a ragged tensor, or another spec, may stand where this spec is asked for."""
        spec = spec_or_value
        if not isinstance(spec, TypeSpec):
            if not isinstance(spec, (RaggedTensor, Tensor)):
                return False
            spec = RaggedTensorSpec.from_value(spec)
        if not isinstance(spec, RaggedTensorSpec):
            return False
        return self._serialize()[1:] == spec._serialize()[1:] and self._shape.is_compatible_with(spec._shape)

    def most_specific_compatible_type(self, other: Any) -> Any:
        """The narrowest spec that takes what this one and `other` take.

        Raises:
          ValueError: if there is none.
        """
        if not isinstance(other, RaggedTensorSpec) or self._serialize()[1:] != other._serialize()[1:]:
            raise ValueError(f"No TypeSpec is compatible with both {self!r} and {other!r}")
        return RaggedTensorSpec(self._shape.most_specific_compatible_shape(other._shape), *self._serialize()[1:])

    def _serialize(self) -> tuple[Any, ...]:
        return self._shape, self._dtype, self._ragged_rank, self._row_splits_dtype

    def __repr__(self) -> str:
        shape, dtype, ragged_rank, splits = self._serialize()
        return f"RaggedTensorSpec({shape!r}, {dtype!r}, {ragged_rank}, {splits!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RaggedTensorSpec):
            return NotImplemented
        mine, theirs = self._serialize(), other._serialize()
        return mine[0].rank == theirs[0].rank and mine == theirs

    def __hash__(self) -> int:
        return hash(self._serialize())

    def __reduce__(self) -> tuple[Any, ...]:
        return RaggedTensorSpec, self._serialize()
