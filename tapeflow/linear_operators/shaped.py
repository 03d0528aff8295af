"""What an operator's shape says."""

from __future__ import annotations

from typing import Any

from ..base.tensor_shape import Dimension, TensorShape
from ..core.convert import convert
from ..core.tensor import Tensor
from ..ops.sizes import shape as shape_op
from .batches import as_sizes


class Shaped:
    """The shape and its parts: as far as they are known, and as Tensors."""

    def _shape(self) -> TensorShape:
        raise NotImplementedError("_shape is not implemented.")

    def _shape_tensor(self) -> Any:
        raise NotImplementedError("_shape_tensor is not implemented.")

    @property
    def shape(self) -> TensorShape:
        """The shape of the matrices, as far as it is known."""
        return self._shape()

    def shape_tensor(self, name: str = "shape_tensor") -> Tensor:
        """The shape of the matrices, as a Tensor."""
        shape = self.shape
        return as_sizes(shape.as_list()) if shape.is_fully_defined() else self._shape_tensor()

    @property
    def batch_shape(self) -> TensorShape:
        """The shape without the last two dimensions."""
        batch: TensorShape = self.shape[:-2]
        return batch

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Tensor:
        """The shape without the last two dimensions, as a Tensor."""
        batch = self.batch_shape
        return as_sizes(batch.as_list()) if batch.is_fully_defined() else self.shape_tensor()[:-2]

    @property
    def tensor_rank(self) -> int | None:
        """The number of dimensions of the matrices."""
        return self.shape.rank

    def tensor_rank_tensor(self, name: str = "tensor_rank_tensor") -> Tensor:
        """The number of dimensions of the matrices, as a Tensor."""
        rank = self.tensor_rank
        return convert(rank) if rank is not None else shape_op(self.shape_tensor())[0]

    @property
    def domain_dimension(self) -> Dimension:
        """The size n of the vectors that the operator is applied to."""
        dims = self.shape.dims
        return dims[-1] if dims else Dimension(None)

    def domain_dimension_tensor(self, name: str = "domain_dimension_tensor") -> Tensor:
        """The size n of the vectors that the operator is applied to, as a Tensor."""
        size = self.domain_dimension.value
        return convert(size) if size is not None else self.shape_tensor()[-1]

    @property
    def range_dimension(self) -> Dimension:
        """The size m of the vectors that the operator gives."""
        dims = self.shape.dims
        return dims[-2] if dims else Dimension(None)

    def range_dimension_tensor(self, name: str = "range_dimension_tensor") -> Tensor:
        """The size m of the vectors that the operator gives, as a Tensor."""
        size = self.range_dimension.value
        return convert(size) if size is not None else self.shape_tensor()[-2]
