"""Functions of `tf.linalg` that take operators, too: what an op does that meets one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.tensor import Tensor
from ..ops.norm import adjoint as adjoint_of


def _product(a: Any, b: Any, adj_x: bool = False, adj_y: bool = False, **attrs: Any) -> Any:
    transposed = attrs.get("transpose_a", False), attrs.get("transpose_b", False)
    if any(transposed):
        if a.dtype.is_complex:
            raise ValueError("Transposing not supported at this time.")
        adj_x, adj_y = transposed  # of real matrices, MatMul has no other words for it
    if isinstance(a, Tensor):
        return adjoint_of(b.matmul(a, adjoint=not adj_y, adjoint_arg=not adj_x))
    return a.matmul(b, adjoint=adj_x, adjoint_arg=adj_y)


def _solution(matrix: Any, rhs: Any, adjoint: bool = False) -> Any:
    if isinstance(matrix, Tensor):
        raise ValueError("Passing in `matrix` as a Tensor and `rhs` as a LinearOperator is not supported.")
    return matrix.solve(rhs, adjoint=adjoint)


def _inverse(x: Any, adjoint: bool = False) -> Any:
    return x.inverse().adjoint() if adjoint else x.inverse()


OPS: dict[str, Callable[..., Any]] = {
    "BatchMatMulV2": _product,
    "MatMul": _product,
    "MatrixSolve": _solution,
    "MatrixInverse": _inverse,
    "MatrixDeterminant": lambda x: x.determinant(),
    "Cholesky": lambda x: x.cholesky(),
    "MatrixDiagPartV3": lambda x, *_where, **_attrs: x.diag_part(),
}
