"""For Keras: products of sparse matrices, by way of dense ones."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..core.registry import OPS


class _Matrix(NamedTuple):
    indices: Any
    values: Any
    dense_shape: Any

    def dense(self) -> Any:
        """The matrix, or the batch of them, with its zeros."""
        return OPS["SparseToDense"](self.indices, self.dense_shape, self.values, OPS["ZerosLike"](self.values[:1])[0])


def sparse_tensor_to_csr_sparse_matrix(indices: Any, values: Any, dense_shape: Any) -> _Matrix:
    """The parts of a sparse matrix, kept together."""
    return _Matrix(indices, values, dense_shape)


def sparse_matrix_sparse_mat_mul(a: _Matrix, b: _Matrix, type: Any) -> _Matrix:
    """The product of two sparse matrices."""
    product = OPS["BatchMatMulV2"](a.dense(), b.dense())
    indices = OPS["Where"](OPS["NotEqual"](product, OPS["ZerosLike"](product)))
    shape = OPS["Shape"](product, out_type=a.dense_shape.dtype)
    return _Matrix(indices, OPS["GatherNd"](product, indices), shape)


def csr_sparse_matrix_to_sparse_tensor(matrix: _Matrix, type: Any) -> _Matrix:
    """Indices, values and shape of a sparse matrix."""
    return matrix
