"""Kronecker products of operators."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from ..base import errors
from ..base.tensor_shape import TensorShape
from ..ops.casting import cast
from ..ops.common import shape_of
from ..ops.joining import concat, stack
from ..ops.layout import expand_dims, reshape
from ..ops.norm import adjoint as adjoint_of
from ..ops.norm import matrix_transpose
from . import hints
from .batches import broadcast_batches, common_batch, common_batch_tensor
from .hints import Hint
from .operator import LinearOperator
from .wrapping import product_of


class LinearOperatorKronecker(LinearOperator):
    """The Kronecker product of operators: each element of the first, times the second, and so on.

    Args:
      operators: the operators, from left to right.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name; by default made of theirs.

    Raises:
      ValueError: if there are no operators, or a hint contradicts theirs.
      TypeError: if they have more than one dtype.

    >>> a = tf.linalg.LinearOperatorDiag([1.0, 2.0])
    >>> tf.linalg.LinearOperatorKronecker([a, a]).diag_part()
    <tf.Tensor: shape=(4,), dtype=float32, numpy=array([1., 2., 2., 4.], dtype=float32)>
    """

    _parts = ("operators",)

    def __init__(
        self,
        operators: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str | None = None,
    ) -> None:
        self._operators = list(operators)
        if not self._operators:
            raise ValueError(f"Argument `operators` must be a list of >=1 operators. Received: {self._operators}.")
        dtype = self._operators[0].dtype
        if any(operator.dtype is not dtype for operator in self._operators):
            named = [str((operator.name, operator.dtype)) for operator in self._operators]
            raise TypeError(
                f"Expected every operation in argument `operators` to have the same dtype. Received {named}."
            )
        is_non_singular = self._implied("is_non_singular", "non-singular", is_non_singular)
        is_self_adjoint = self._implied("is_self_adjoint", "self-adjoint", is_self_adjoint)
        is_positive_definite = self._implied("is_positive_definite", "positive-definite", is_positive_definite)
        name = name or "_x_".join(operator.name for operator in self._operators)
        super().__init__(dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name)

    def _implied(self, hint: str, words: str, given: Hint) -> Hint:
        message = (
            f"The Kronecker product of {words} operators is always {words}. Expected argument `{hint}` to be True. "
            f"Received: {given}."
        )
        return hints.all_have(self._operators, hint, given, message)

    @property
    def operators(self) -> list[Any]:
        """The operators."""
        return self._operators

    def _shape(self) -> TensorShape:
        sizes = []
        for axis in (-2, -1):
            each = [operator.shape[axis] for operator in self._operators]
            sizes.append(None if None in each else math.prod(each))
        return common_batch(self._operators).concatenate(sizes)

    def _shape_tensor(self) -> Any:
        rows = product_of([operator.range_dimension_tensor() for operator in self._operators])
        columns = product_of([operator.domain_dimension_tensor() for operator in self._operators])
        return concat([common_batch_tensor(self._operators), stack([rows, columns])], 0)

    def _with(self, operators: list[Any], **known: Any) -> LinearOperator:
        return LinearOperatorKronecker(operators, **known)

    def _linop_adjoint(self) -> LinearOperator:
        return self._with([operator.adjoint() for operator in self._operators], **hints.hints_of(self))

    def _linop_inverse(self) -> LinearOperator:
        return self._with([operator.inverse() for operator in self._operators], **hints.hints_of(self))

    def _linop_cholesky(self) -> LinearOperator:
        factors = [operator.cholesky() for operator in self._operators]
        return self._with(factors, is_non_singular=True, is_square=True)

    def _one_by_one(self, x: Any, adjoint: bool, apply: Callable[[Any, Any], Any]) -> Any:
        """Lets each operator act along its own part of the rows; `apply(operator, rows)` is the action on matrices."""
        *_, count = shape_of(x)
        output = matrix_transpose(x)  # [..., count, n1 * n2 ...]
        for operator in self._operators[::-1]:
            rows = operator.shape[-2 if adjoint else -1]
            rows = operator.shape_tensor()[-2 if adjoint else -1] if rows is None else rows
            *batch, _, _ = shape_of(output)
            # The rows of the operator come last; acted on, they come first, before all that is left to do.
            output = reshape(output, stack([*batch, -1, rows]) if not isinstance(rows, int) else [*batch, -1, rows])
            output = apply(operator, matrix_transpose(output))
        *batch, _, _ = shape_of(output)
        size = self.shape[-1 if adjoint else -2]
        return reshape(output, [*batch, -1 if size is None else size, count])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        x = adjoint_of(x) if adjoint_arg else x
        return self._one_by_one(x, adjoint, lambda operator, y: operator.matmul(y, adjoint=adjoint))

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        rhs = adjoint_of(rhs) if adjoint_arg else rhs
        return self._one_by_one(rhs, not adjoint, lambda operator, y: operator.solve(y, adjoint=adjoint))

    def _exponent(self, operator: Any) -> Any:
        return cast(self.domain_dimension_tensor() // operator.domain_dimension_tensor(), operator.dtype)

    def _determinant(self) -> Any:
        return product_of([operator.determinant() ** self._exponent(operator) for operator in self._operators])

    def _log_abs_determinant(self) -> Any:
        logs = [operator.log_abs_determinant() * self._exponent(operator) for operator in self._operators]
        return functools.reduce(lambda a, b: a + b, logs)

    def _trace(self) -> Any:
        return product_of([operator.trace() for operator in self._operators])

    def _vector(self, vectors: list[Any]) -> Any:
        """The Kronecker product of vectors."""
        result = vectors[0]
        for vector in vectors[1:]:
            table = expand_dims(result, -1) * expand_dims(vector, -2)
            result = reshape(table, [*shape_of(table)[:-2], -1])
        return result

    def _diag_part(self) -> Any:
        if not all(operator.is_square for operator in self._operators):
            return super()._diag_part()
        return self._vector([operator.diag_part() for operator in self._operators])

    def _eigvals(self) -> Any:
        return self._vector([operator.eigvals() for operator in self._operators])

    def _to_dense(self) -> Any:
        result, *others = broadcast_batches(*(operator.to_dense() for operator in self._operators))
        for matrix in others:
            *_, m, n = shape_of(result)
            *batch, p, q = shape_of(matrix)
            left, right = reshape(result, [*batch, m, 1, n, 1]), reshape(matrix, [*batch, 1, p, 1, q])
            result = reshape(left * right, [*batch, m * p, n * q])
        return result

    def _assert_factors(self, method: str) -> None:
        if not all(operator.is_square for operator in self._operators):
            raise errors.InvalidArgumentError(
                None,
                None,
                "All Kronecker factors must be square for the product to be invertible. Expected hint `is_square` to "
                "be True for every operator in argument `operators`.",
            )
        for operator in self._operators:
            getattr(operator, method)()

    def _assert_non_singular(self) -> Any:
        self._assert_factors("assert_non_singular")

    def _assert_self_adjoint(self) -> Any:
        self._assert_factors("assert_self_adjoint")
