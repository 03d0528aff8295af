"""Operators that hold all their elements, or their diagonals: full and triangular matrices, diagonal ones."""

from __future__ import annotations

from typing import Any

from ..base import dtypes
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..ops import debugging, matrix_diag, solving
from ..ops.arithmetic import abs as absolute
from ..ops.casting import cast
from ..ops.common import shape_of
from ..ops.complex import conj, imag, real
from ..ops.elementwise import log, sqrt
from ..ops.layout import expand_dims
from ..ops.matmul import matmul
from ..ops.norm import adjoint as adjoint_of
from ..ops.reduction import reduce_max, reduce_min, reduce_prod, reduce_sum
from . import hints
from .batches import as_sizes, kept
from .hints import Hint
from .operator import LinearOperator

_ALLOWED = [dtypes.float16, dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128]


class LinearOperatorFullMatrix(LinearOperator):
    """A dense matrix, or a batch of them, as an operator.

    Args:
      matrix: of shape `[..., m, n]`.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name.

    Raises:
      TypeError: if the dtype is not floating or complex.
      ValueError: if there are fewer than two dimensions.

    >>> operator = tf.linalg.LinearOperatorFullMatrix([[2.0, 0.0], [1.0, 4.0]])
    >>> operator.solvevec([2.0, 5.0])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 1.], dtype=float32)>
    """

    _parts = ("matrix",)

    def __init__(
        self,
        matrix: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str = "LinearOperatorFullMatrix",
    ) -> None:
        self._matrix = kept(matrix)
        if self._matrix.dtype not in _ALLOWED:
            raise TypeError(f"Argument `matrix` must have dtype in {_ALLOWED}. Received: {self._matrix.dtype}.")
        if self._matrix.shape.rank is not None and self._matrix.shape.rank < 2:
            raise ValueError(f"Argument `matrix` must have at least 2 dimensions. Received: {self._matrix}.")
        super().__init__(
            self._matrix.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name
        )

    @property
    def matrix(self) -> Any:
        """The matrix."""
        return self._matrix

    def _shape(self) -> TensorShape:
        return self._matrix.shape  # type: ignore[no-any-return]

    def _shape_tensor(self) -> Any:
        return as_sizes(shape_of(self._matrix))

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return matmul(self._matrix, x, adjoint_a=adjoint, adjoint_b=adjoint_arg)

    def _to_dense(self) -> Any:
        return convert(self._matrix)


class LinearOperatorLowerTriangular(LinearOperator):
    """A lower triangular matrix, or a batch of them.

    Args:
      tril: of shape `[..., n, n]`; what is above the diagonal is not looked at.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name.

    Raises:
      ValueError: if `is_square` is False, or there are fewer than two dimensions.

    >>> operator = tf.linalg.LinearOperatorLowerTriangular([[2.0, 9.0], [1.0, 4.0]])
    >>> operator.solvevec([2.0, 5.0]).numpy().tolist(), float(operator.determinant())
    ([1.0, 1.0], 8.0)
    """

    _parts = ("tril",)

    def __init__(
        self,
        tril: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str = "LinearOperatorLowerTriangular",
    ) -> None:
        if is_square is False:
            raise ValueError("Only square lower triangular operators supported at this time.")
        self._tril = kept(tril)
        if self._tril.shape.rank is not None and self._tril.shape.rank < 2:
            raise ValueError(f"Argument tril must have at least 2 dimensions.  Found: {self._tril!s}")
        super().__init__(self._tril.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    @property
    def tril(self) -> Any:
        """The matrix, as it was given."""
        return self._tril

    def _shape(self) -> TensorShape:
        return self._tril.shape  # type: ignore[no-any-return]

    def _shape_tensor(self) -> Any:
        return as_sizes(shape_of(self._tril))

    def _diag_part(self) -> Any:
        return matrix_diag.diag_part(self._tril)

    def _eigvals(self) -> Any:
        return self._diag_part()

    def _assert_non_singular(self) -> Any:
        return assert_no_zeros(self._diag_part(), "Singular operator:  Diagonal contained zero values.")

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return matmul(self._to_dense(), x, adjoint_a=adjoint, adjoint_b=adjoint_arg)

    def _linop_matmul(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        if not isinstance(right_operator, LinearOperatorDiag):
            return super()._linop_matmul(left_operator, right_operator)
        known = {**hints.commuting(right_operator, left_operator), "is_positive_definite": None}
        return LinearOperatorLowerTriangular(
            left_operator.to_dense() * expand_dims(convert(right_operator.diag), -2), **known
        )

    def _determinant(self) -> Any:
        return reduce_prod(self._diag_part(), axis=[-1])

    def _log_abs_determinant(self) -> Any:
        return reduce_sum(log(absolute(self._diag_part())), axis=[-1])

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        rhs = adjoint_of(rhs) if adjoint_arg else rhs
        return solving.triangular_solve(self._to_dense(), rhs, lower=True, adjoint=adjoint)

    def _to_dense(self) -> Any:
        return matrix_diag.band_part(self._tril, -1, 0)


class LinearOperatorDiag(LinearOperator):
    """A diagonal matrix, or a batch of them.

    Args:
      diag: the diagonals, of shape `[..., n]`.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name.

    Raises:
      ValueError: if there is no dimension, or a hint is wrong: a real one is self-adjoint, and all are square.

    >>> operator = tf.linalg.LinearOperatorDiag([1.0, 4.0], is_positive_definite=True)
    >>> operator.cholesky().diag
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>
    """

    _parts = ("diag",)

    def __init__(
        self,
        diag: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str = "LinearOperatorDiag",
    ) -> None:
        self._diag = kept(diag)
        if self._diag.shape.rank is not None and self._diag.shape.rank < 1:
            raise ValueError(f"Argument diag must have at least 1 dimension.  Found: {self._diag!s}")
        if not self._diag.dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError("A real diagonal operator is always self adjoint.")
            is_self_adjoint = True
        if is_square is False:
            raise ValueError("Only square diagonal operators currently supported.")
        super().__init__(self._diag.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    @property
    def diag(self) -> Any:
        """The diagonals."""
        return self._diag

    def _shape(self) -> TensorShape:
        shape: TensorShape = self._diag.shape
        return shape.concatenate(shape[-1:])

    def _shape_tensor(self) -> Any:
        sizes = shape_of(self._diag)
        return as_sizes([*sizes, sizes[-1]])

    def _linop_inverse(self) -> LinearOperator:
        return LinearOperatorDiag(1.0 / self._diag, **hints.hints_of(self))

    def _linop_adjoint(self) -> LinearOperator:
        return LinearOperatorDiag(conj(self._diag), **hints.hints_of(self))

    def _linop_cholesky(self) -> LinearOperator:
        return LinearOperatorDiag(sqrt(self._diag), True, True, True, True)

    def _linop_matmul(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        known, diag = hints.commuting(left_operator, right_operator), convert(left_operator.diag)
        factor = _factor(right_operator)
        if factor is not None:
            return LinearOperatorDiag(diag * factor, **known)
        if isinstance(right_operator, LinearOperatorLowerTriangular):
            rows = expand_dims(diag, -1) * right_operator.to_dense()
            return LinearOperatorLowerTriangular(rows, **{**known, "is_positive_definite": None})
        return super()._linop_matmul(left_operator, right_operator)

    def _linop_solve(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        known, diag = hints.commuting(left_operator, right_operator), convert(left_operator.diag)
        factor = _factor(right_operator)
        if factor is not None:
            return LinearOperatorDiag(factor / diag, **known)
        if isinstance(right_operator, LinearOperatorLowerTriangular):
            rows = right_operator.to_dense() / expand_dims(diag, -1)
            return LinearOperatorLowerTriangular(rows, **{**known, "is_positive_definite": None})
        return super()._linop_solve(left_operator, right_operator)

    def _assert_non_singular(self) -> Any:
        return assert_no_zeros(self._diag, "Singular operator:  Diagonal contained zero values.")

    def _assert_positive_definite(self) -> Any:
        message = (
            "Diagonal operator had diagonal entries with non-positive real part, thus was not positive definite."
            if self.dtype.is_complex
            else "Real diagonal operator had non-positive diagonal entries, thus was not positive definite."
        )
        return debugging.assert_positive(real(self._diag), message=message)

    def _assert_self_adjoint(self) -> Any:
        return assert_real(
            self._diag,
            "This diagonal operator contained non-zero imaginary values.   Thus it was not self-adjoint.",
        )

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        diag = conj(self._diag) if adjoint else self._diag
        return expand_dims(diag, -1) * (adjoint_of(x) if adjoint_arg else x)

    def _matvec(self, x: Any, adjoint: bool = False) -> Any:
        return (conj(self._diag) if adjoint else self._diag) * x

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        diag = conj(self._diag) if adjoint else self._diag
        return (adjoint_of(rhs) if adjoint_arg else rhs) * expand_dims(1.0 / diag, -1)

    def _determinant(self) -> Any:
        return reduce_prod(self._diag, axis=[-1])

    def _log_abs_determinant(self) -> Any:
        return cast(reduce_sum(log(absolute(self._diag)), axis=[-1]), self.dtype)

    def _to_dense(self) -> Any:
        return matrix_diag.diag(self._diag)

    def _diag_part(self) -> Any:
        return self._diag

    def _add_to_tensor(self, x: Any) -> Any:
        return matrix_diag.set_diag(x, self._diag + matrix_diag.diag_part(x))

    def _eigvals(self) -> Any:
        return convert(self._diag)

    def _cond(self) -> Any:
        sizes = absolute(self._diag)
        return reduce_max(sizes, axis=-1) / reduce_min(sizes, axis=-1)


def _factor(operator: Any) -> Any:
    """What a diagonal is multiplied with by an operator that has one, as far as it is known to be such."""
    if isinstance(operator, LinearOperatorDiag):
        return convert(operator.diag)
    scaled = hasattr(operator, "_ones_diag") and hasattr(operator, "multiplier")
    return expand_dims(convert(operator.multiplier), -1) if scaled else None


# --- assertions


def assert_no_zeros(x: Any, message: str) -> Any:
    """Fails with InvalidArgumentError if an element is 0."""
    zero = convert(0, x.dtype.real_dtype)
    return debugging.assert_less(zero, absolute(x), message=message)


def assert_real(x: Any, message: str) -> Any:
    """Fails with InvalidArgumentError if an element of a complex Tensor is not real."""
    if not x.dtype.is_complex:
        return None
    return debugging.assert_equal(convert(0, x.dtype.real_dtype), imag(x), message=message)
