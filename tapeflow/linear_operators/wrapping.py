"""Operators around others: the adjoint, the inverse, and the product of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..base.tensor_shape import TensorShape
from ..ops import solving
from ..ops.arithmetic import sign
from ..ops.complex import conj
from ..ops.joining import concat, stack
from ..ops.layout import expand_dims
from ..ops.norm import adjoint as adjoint_of
from . import hints
from .batches import common_batch, common_batch_tensor
from .hints import Hint
from .matrices import LinearOperatorLowerTriangular
from .operator import LinearOperator


class _Wrapper(LinearOperator):
    """An operator that has the hints of another."""

    _parts = ("operator",)
    _word = ""

    def __init__(self, operator: Any, name: str | None, suffix: str, **given: Any) -> None:
        self._operator = operator
        known = hints.inherited(operator, given, self._word)
        super().__init__(operator.dtype, name=name or operator.name + suffix, **known)

    @property
    def operator(self) -> Any:
        """The operator within."""
        return self._operator

    def _assert_non_singular(self) -> Any:
        return self._operator.assert_non_singular()

    def _assert_positive_definite(self) -> Any:
        return self._operator.assert_positive_definite()

    def _assert_self_adjoint(self) -> Any:
        return self._operator.assert_self_adjoint()

    def _cond(self) -> Any:
        return self._operator.cond()


class LinearOperatorAdjoint(_Wrapper):
    """The adjoint of another operator.

    Args:
      operator: the other operator.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; by default those of `operator`.
      name: the name.

    Raises:
      ValueError: if a hint contradicts one of `operator`.

    >>> inner = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]])
    >>> tf.linalg.LinearOperatorAdjoint(inner).to_dense().numpy().tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    """

    _word = "adjoint"

    def __init__(
        self,
        operator: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str | None = None,
    ) -> None:
        super().__init__(
            operator,
            name,
            "_adjoint",
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=is_square,
        )

    def _linop_adjoint(self) -> LinearOperator:
        return self._operator  # type: ignore[no-any-return]

    def _shape(self) -> TensorShape:
        shape: TensorShape = self._operator.shape
        return shape if shape.rank is None else shape[:-2].concatenate([shape[-1], shape[-2]])

    def _shape_tensor(self) -> Any:
        shape = self._operator.shape_tensor()
        return concat([shape[:-2], stack([shape[-1], shape[-2]])], 0)

    def _conjugated(self, value: Any) -> Any:
        return value if self.is_self_adjoint else conj(value)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._operator.matmul(x, adjoint=not adjoint, adjoint_arg=adjoint_arg)

    def _matvec(self, x: Any, adjoint: bool = False) -> Any:
        return self._operator.matvec(x, adjoint=not adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._operator.solve(rhs, adjoint=not adjoint, adjoint_arg=adjoint_arg)

    def _solvevec(self, rhs: Any, adjoint: bool = False) -> Any:
        return self._operator.solvevec(rhs, adjoint=not adjoint)

    def _determinant(self) -> Any:
        return self._conjugated(self._operator.determinant())

    def _log_abs_determinant(self) -> Any:
        return self._operator.log_abs_determinant()

    def _trace(self) -> Any:
        return self._conjugated(self._operator.trace())

    def _to_dense(self) -> Any:
        dense = self._operator.to_dense()
        return dense if self.is_self_adjoint else adjoint_of(dense)

    def _eigvals(self) -> Any:
        return self._conjugated(self._operator.eigvals())


class LinearOperatorInversion(_Wrapper):
    """The inverse of another operator.

    Args:
      operator: the other operator.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; by default those of `operator`.
      name: the name.

    Raises:
      ValueError: if a hint contradicts one of `operator`, or it is singular or not square.

    >>> inner = tf.linalg.LinearOperatorFullMatrix([[2.0, 0.0], [0.0, 4.0]])
    >>> tf.linalg.LinearOperatorInversion(inner).matvec([2.0, 2.0])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1. , 0.5], dtype=float32)>
    """

    _word = "inverse"

    def __init__(
        self,
        operator: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str | None = None,
    ) -> None:
        for hint, given in (("is_non_singular", is_non_singular), ("is_square", is_square)):
            theirs = getattr(operator, hint)
            if theirs is False or given is False:
                raise ValueError(
                    f"Argument `{hint}` or argument `operator` must have supplied hint `{hint}` equal to `True` or "
                    f"`None`. Found `operator.{hint}`: {theirs}, `{hint}`: {given}."
                )
        super().__init__(
            operator,
            name,
            "_inv",
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=is_square,
        )

    def _linop_inverse(self) -> LinearOperator:
        return self._operator  # type: ignore[no-any-return]

    def _linop_solve(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        return left_operator.operator.matmul(right_operator)  # type: ignore[no-any-return]

    def _shape(self) -> TensorShape:
        return self._operator.shape  # type: ignore[no-any-return]

    def _shape_tensor(self) -> Any:
        return self._operator.shape_tensor()

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._operator.solve(x, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._operator.matmul(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _determinant(self) -> Any:
        return 1.0 / self._operator.determinant()

    def _log_abs_determinant(self) -> Any:
        return -1.0 * self._operator.log_abs_determinant()

    def _eigvals(self) -> Any:
        return 1.0 / self._operator.eigvals()


def check_operators(operators: Any, complaint: str) -> list[Any]:
    """A list of operators of one dtype.

    Raises:
      ValueError: with the complaint, if there are none.
      TypeError: if they have more than one dtype.
    """
    found = list(operators)
    if not found:
        raise ValueError(f"{complaint} {found}")
    if any(operator.dtype is not found[0].dtype for operator in found):
        named = "   ".join(str((operator.name, operator.dtype)) for operator in found)
        raise TypeError(f"Expected all operators to have the same dtype.  Found {named}")
    return found


def product_of(values: Sequence[Any]) -> Any:
    """The product of some Tensors."""
    result = values[0]
    for value in values[1:]:
        result = result * value
    return result


def sum_of(values: Sequence[Any]) -> Any:
    """The sum of some Tensors."""
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


class LinearOperatorComposition(LinearOperator):
    """The product of operators: the last one is applied first.

    Args:
      operators: the operators, from left to right.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name; by default made of theirs.

    Raises:
      ValueError: if there are no operators, their shapes do not fit, or a hint contradicts what is known of them.
      TypeError: if they have more than one dtype.

    >>> twice = tf.linalg.LinearOperatorDiag([2.0, 2.0])
    >>> swap = tf.linalg.LinearOperatorPermutation([1, 0])
    >>> tf.linalg.LinearOperatorComposition([twice, swap]).matvec([1.0, 3.0])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([6., 2.], dtype=float32)>
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
        found = check_operators(operators, "Expected a non-empty list of operators. Found:")
        self._operators = found
        is_non_singular = hints.all_have(
            found,
            "is_non_singular",
            is_non_singular,
            "The composition of non-singular operators is always non-singular.",
        )
        self._aat = hints.is_product_with_adjoint(found)
        if self._aat or (len(found) == 1 and found[0].is_self_adjoint):
            if is_self_adjoint is False:
                raise ValueError(
                    "The composition was determined to be self-adjoint but user provided incorrect `False` hint."
                )
            is_self_adjoint = True
        if self._aat:
            is_square, is_positive_definite = self._hints_of_aat(is_square, is_positive_definite, is_non_singular)
        name = name or "_o_".join(operator.name for operator in found)
        super().__init__(
            found[0].dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name
        )

    @staticmethod
    def _hints_of_aat(is_square: Hint, is_positive_definite: Hint, is_non_singular: Hint) -> tuple[Hint, Hint]:
        if is_square is False:
            raise ValueError(
                "The composition was determined have the form A @ A.H, hence it must be square. The user provided an "
                "incorrect `False` hint."
            )
        if is_non_singular and is_positive_definite is False:
            raise ValueError(
                "The composition was determined to be non-singular and have the form A @ A.H, hence it must be "
                "positive-definite. The user provided an incorrect `False` hint."
            )
        return True, True if is_non_singular else is_positive_definite

    @property
    def operators(self) -> list[Any]:
        """The operators."""
        return self._operators

    def _shape(self) -> TensorShape:
        domain = self._operators[0].domain_dimension
        for operator in self._operators[1:]:
            domain.assert_is_compatible_with(operator.range_dimension)
            domain = operator.domain_dimension
        return common_batch(self._operators).concatenate([self._operators[0].range_dimension, domain])

    def _shape_tensor(self) -> Any:
        first, last = self._operators[0], self._operators[-1]
        matrix = stack([first.range_dimension_tensor(), last.domain_dimension_tensor()])
        return concat([common_batch_tensor(self._operators), matrix], 0)

    def _linop_cholesky(self) -> LinearOperator:
        left = self._operators[0]
        if len(self._operators) != 2 or not self._aat or not isinstance(left, LinearOperatorLowerTriangular):
            factor = solving.cholesky(self.to_dense())
            return LinearOperatorLowerTriangular(factor, is_non_singular=True, is_self_adjoint=False, is_square=True)
        if left.is_positive_definite:
            return left
        signs = expand_dims(sign(left.diag_part()), -2)  # the diagonal of a Cholesky factor is positive
        return LinearOperatorLowerTriangular(left.tril / signs, left.is_non_singular, left.is_self_adjoint, None, True)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        first, *others = self._operators if adjoint else self._operators[::-1]
        result = first.matmul(x, adjoint=adjoint, adjoint_arg=adjoint_arg)
        for operator in others:
            result = operator.matmul(result, adjoint=adjoint)
        return result

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        first, *others = self._operators[::-1] if adjoint else self._operators
        result = first.solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)
        for operator in others:
            result = operator.solve(result, adjoint=adjoint)
        return result

    def _determinant(self) -> Any:
        return product_of([operator.determinant() for operator in self._operators])

    def _log_abs_determinant(self) -> Any:
        return sum_of([operator.log_abs_determinant() for operator in self._operators])

    def _assert_non_singular(self) -> Any:
        if not all(operator.is_square for operator in self._operators):
            return super()._assert_non_singular()
        for operator in self._operators:
            operator.assert_non_singular()
        return None
