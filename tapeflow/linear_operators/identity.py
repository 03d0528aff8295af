"""Operators without elements: the identity, its multiples, and zero."""

from __future__ import annotations

from typing import Any

from ..base import dtypes, errors
from ..base.dtypes import DType
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.tensor import Tensor
from ..ops import debugging, matrix_diag
from ..ops.arithmetic import abs as absolute
from ..ops.broadcasting import broadcast_static_shape
from ..ops.casting import cast
from ..ops.common import shape_of
from ..ops.complex import conj, imag, real
from ..ops.creation import get_static_value, ones, zeros, zeros_like
from ..ops.elementwise import log, sqrt
from ..ops.joining import concat, stack
from ..ops.layout import expand_dims
from ..ops.norm import adjoint as adjoint_of
from ..state.variable import Variable
from . import hints
from .batches import kept
from .hints import Hint
from .matrices import LinearOperatorDiag
from .operator import LinearOperator


def _size(value: Any, argument: str, rank: int = 0) -> tuple[Tensor, Any]:
    """A size, or several, as a Tensor, and as plain Python, None if it is not known.

    Raises:
      TypeError, ValueError: if it is none.
    """
    if isinstance(value, Variable):
        raise TypeError(f"Argument {argument} cannot be reference type. Found: {type(value)}.")
    empty = isinstance(value, (tuple, list)) and not value
    tensor = convert(value, dtypes.int32 if empty else None)
    if not tensor.dtype.is_integer:
        raise TypeError(f"Argument {argument} must be integer type.  Found: {tensor!s}")
    known = get_static_value(tensor)
    if known is not None:
        if known.ndim != rank:
            raise ValueError(f"Argument {argument} must be a {rank}-D Tensor.  Found: {known}")
        if (known < 0).any():
            raise ValueError(f"Argument {argument} must be non-negative.  Found:{'' if rank else ' '}{known}")
    return tensor, None if known is None else known.tolist()


class _Sized(LinearOperator):
    """An operator that is told its sizes."""

    _rows: tuple[Tensor, Any]
    _columns: tuple[Tensor, Any]
    _batch: tuple[Tensor, Any] | None
    _checks_shapes: bool

    def _shape(self) -> TensorShape:
        matrix = TensorShape([self._rows[1], self._columns[1]])
        return matrix if self._batch is None else TensorShape(self._batch[1]).concatenate(matrix)

    def _shape_tensor(self) -> Any:
        matrix = stack([self._rows[0], self._columns[0]])
        return matrix if self._batch is None else concat([self._batch[0], matrix], 0)

    def _full(self, make: Any, *more: Any) -> Any:
        """Ones or zeros in the shape of the batch, and of more dimensions."""
        return make(concat([self.batch_shape_tensor(), convert(list(more), dtypes.int32)], 0), self.dtype)

    def _diagonal(self, make: Any) -> Any:
        rows, columns = self._rows[1], self._columns[1]
        known = rows is not None and columns is not None
        return self._full(make, min(rows, columns) if known else self._rows[0])

    def _broadcast(self, x: Any) -> Any:
        """`x` with the batch dimensions of the operator, too."""
        if self._batch is None:
            return x
        special = self.batch_shape.concatenate([1, 1])
        if special.is_fully_defined() and broadcast_static_shape(x.shape, special) == x.shape:
            return x
        return x + self._full(zeros, 1, 1)

    def _checked(self, x: Any) -> Any:
        if self._checks_shapes:
            debugging.assert_equal(
                shape_of(x)[-2],
                self.domain_dimension_tensor(),
                message="Dimensions are not compatible.  shape[-2] of argument to be the same as this operator",
            )
        return x


class LinearOperatorIdentity(_Sized):
    """The identity matrix, or a batch of it.

    Args:
      num_rows: how many rows, and columns.
      batch_shape: the shape of the batch.
      dtype: the dtype; by default float32.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; all are true.
      assert_proper_shapes: whether to check sizes that are known only when a graph runs.
      name: the name.

    Raises:
      ValueError, TypeError: if a hint is False, or a size is none.

    >>> tf.linalg.LinearOperatorIdentity(2).matvec([3.0, 4.0])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([3., 4.], dtype=float32)>
    """

    _parts = ("num_rows", "batch_shape", "dtype", "assert_proper_shapes")

    def __init__(
        self,
        num_rows: Any,
        batch_shape: Any = None,
        dtype: Any = None,
        is_non_singular: Hint = True,
        is_self_adjoint: Hint = True,
        is_positive_definite: Hint = True,
        is_square: Hint = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorIdentity",
    ) -> None:
        for hint, words in (
            (is_self_adjoint, "self adjoint"),
            (is_non_singular, "non-singular"),
            (is_positive_definite, "positive-definite"),
            (is_square, "square"),
        ):
            if not hint:
                raise ValueError(f"An identity operator is always {words}.")
        super().__init__(dtype or dtypes.float32, None, True, True, True, True, name)
        self._rows = self._columns = _size(num_rows, "num_rows")
        self._batch = None if batch_shape is None else _size(batch_shape, "batch_shape", 1)
        self._checks_shapes = assert_proper_shapes

    def _ones_diag(self) -> Any:
        return self._diagonal(ones)

    def _linop_adjoint(self) -> LinearOperator:
        return self

    def _linop_inverse(self) -> LinearOperator:
        return self

    def _linop_cholesky(self) -> LinearOperator:
        batch = None if self._batch is None else self._batch[0]
        return LinearOperatorIdentity(self._rows[0], batch, self.dtype)

    def _linop_matmul(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        return right_operator  # type: ignore[no-any-return]

    def _linop_solve(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        return right_operator  # type: ignore[no-any-return]

    def _assert_non_singular(self) -> Any:
        return None

    def _assert_positive_definite(self) -> Any:
        return None

    def _assert_self_adjoint(self) -> Any:
        return None

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._broadcast(self._checked(adjoint_of(x) if adjoint_arg else x))

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._matmul(rhs, adjoint_arg=adjoint_arg)

    def _determinant(self) -> Any:
        return self._full(ones)

    def _log_abs_determinant(self) -> Any:
        return self._full(zeros)

    def _trace(self) -> Any:
        return cast(self._rows[0], self.dtype) * self._full(ones)

    def _diag_part(self) -> Any:
        return self._ones_diag()

    def _eigvals(self) -> Any:
        return self._ones_diag()

    def _cond(self) -> Any:
        return self._full(ones)

    def add_to_tensor(self, mat: Any, name: str = "add_to_tensor") -> Any:
        """`mat` with 1 added to its diagonals."""
        mat = convert(mat)
        return matrix_diag.set_diag(mat, 1 + matrix_diag.diag_part(mat))


class LinearOperatorScaledIdentity(_Sized):
    """The identity matrix times a number, or a batch of such.

    Args:
      num_rows: how many rows, and columns.
      multiplier: the numbers; their shape is that of the batch.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      assert_proper_shapes: whether to check sizes that are known only when a graph runs.
      name: the name.

    Raises:
      ValueError, TypeError: if a hint is wrong, or a size is none.

    >>> tf.linalg.LinearOperatorScaledIdentity(2, 3.0).to_dense().numpy().tolist()
    [[3.0, 0.0], [0.0, 3.0]]
    """

    _parts = ("num_rows", "multiplier", "assert_proper_shapes")
    _batch = None

    def __init__(
        self,
        num_rows: Any,
        multiplier: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorScaledIdentity",
    ) -> None:
        self._multiplier = kept(multiplier)
        dtype: DType = self._multiplier.dtype
        if not dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError("A real diagonal operator is always self adjoint.")
            is_self_adjoint = True
        if not is_square:
            raise ValueError("A ScaledIdentity operator is always square.")
        super().__init__(dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)
        self._rows = self._columns = _size(num_rows, "num_rows")
        self._checks_shapes = assert_proper_shapes

    @property
    def multiplier(self) -> Any:
        """The numbers."""
        return self._multiplier

    def _shape(self) -> TensorShape:
        batch: TensorShape = self._multiplier.shape
        return batch.concatenate(super()._shape())

    def _shape_tensor(self) -> Any:
        return concat([convert(list(shape_of(self._multiplier)), dtypes.int32), super()._shape_tensor()], 0)

    def _ones_diag(self) -> Any:
        return self._diagonal(ones)

    def _scaled(self, multiplier: Any, **known: Any) -> LinearOperator:
        return LinearOperatorScaledIdentity(self._rows[0], multiplier, **known)

    def _linop_adjoint(self) -> LinearOperator:
        return self._scaled(conj(self._multiplier), **hints.hints_of(self))

    def _linop_inverse(self) -> LinearOperator:
        return self._scaled(1.0 / self._multiplier, **{**hints.hints_of(self), "is_self_adjoint": True})

    def _linop_cholesky(self) -> LinearOperator:
        return LinearOperatorScaledIdentity(self._rows[0], sqrt(self._multiplier), True, True, True)

    def _linop_matmul(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        known, multiplier = hints.commuting(left_operator, right_operator), convert(left_operator.multiplier)
        if isinstance(right_operator, LinearOperatorScaledIdentity):
            return self._scaled(multiplier * right_operator.multiplier, **known)
        if isinstance(right_operator, LinearOperatorDiag):
            return LinearOperatorDiag(right_operator.diag * expand_dims(multiplier, -1), **known)
        return super()._linop_matmul(left_operator, right_operator)

    def _linop_solve(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        known, multiplier = hints.commuting(left_operator, right_operator), convert(left_operator.multiplier)
        if isinstance(right_operator, LinearOperatorScaledIdentity):
            return self._scaled(right_operator.multiplier / multiplier, **known)
        if isinstance(right_operator, LinearOperatorDiag):
            return LinearOperatorDiag(right_operator.diag / expand_dims(multiplier, -1), **known)
        return super()._linop_solve(left_operator, right_operator)

    def _assert_non_singular(self) -> Any:
        return debugging.assert_positive(absolute(self._multiplier), message="LinearOperator was singular")

    def _assert_positive_definite(self) -> Any:
        return debugging.assert_positive(
            real(self._multiplier), message="LinearOperator was not positive definite."
        )

    def _assert_self_adjoint(self) -> Any:
        part = imag(self._multiplier)
        return debugging.assert_equal(zeros_like(part), part, message="LinearOperator was not self-adjoint")

    def _matrix(self, adjoint: bool) -> Any:
        """The numbers, with two dimensions of size 1 more."""
        return expand_dims(expand_dims(conj(self._multiplier) if adjoint else self._multiplier, -1), -1)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._checked(adjoint_of(x) if adjoint_arg else x) * self._matrix(adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._checked(adjoint_of(rhs) if adjoint_arg else rhs) / self._matrix(adjoint)

    def _determinant(self) -> Any:
        return self._multiplier ** cast(self._rows[0], self.dtype)

    def _log_abs_determinant(self) -> Any:
        return cast(self._rows[0], self.dtype.real_dtype) * log(absolute(self._multiplier))

    def _trace(self) -> Any:
        return self._multiplier * cast(self._rows[0], self.dtype)

    def _diag_part(self) -> Any:
        return self._ones_diag() * expand_dims(self._multiplier, -1)

    def _eigvals(self) -> Any:
        return self._diag_part()

    def _cond(self) -> Any:
        return self._full(lambda shape, dtype: ones(shape, dtype))

    def add_to_tensor(self, mat: Any, name: str = "add_to_tensor") -> Any:
        """`mat` with the number added to its diagonals."""
        mat = convert(mat)
        return matrix_diag.set_diag(mat, expand_dims(self._multiplier, -1) + matrix_diag.diag_part(mat))


class LinearOperatorZeros(_Sized):
    """A matrix of zeros, or a batch of them.

    Args:
      num_rows: how many rows.
      num_columns: how many columns; by default as many.
      batch_shape: the shape of the batch.
      dtype: the dtype; by default float32.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      assert_proper_shapes: whether to check sizes that are known only when a graph runs.
      name: the name.

    Raises:
      ValueError, TypeError: if a hint is wrong, or a size is none.

    >>> tf.linalg.LinearOperatorZeros(2).matvec([3.0, 4.0])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([0., 0.], dtype=float32)>
    """

    _parts = ("num_rows", "num_columns", "batch_shape", "dtype", "assert_proper_shapes")

    def __init__(
        self,
        num_rows: Any,
        num_columns: Any = None,
        batch_shape: Any = None,
        dtype: Any = None,
        is_non_singular: Hint = False,
        is_self_adjoint: Hint = True,
        is_positive_definite: Hint = False,
        is_square: Hint = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorZeros",
    ) -> None:
        if not is_self_adjoint and is_square:
            raise ValueError("A zero operator is always self adjoint.")
        if is_non_singular:
            raise ValueError("A zero operator is always singular.")
        if is_positive_definite:
            raise ValueError("A zero operator is always not positive-definite.")
        super().__init__(
            dtype or dtypes.float32, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name
        )
        self._rows = _size(num_rows, "num_rows")
        self._columns = self._rows if num_columns is None else _size(num_columns, "num_columns")
        rows, columns = self._rows[1], self._columns[1]
        if is_square and rows is not None and columns is not None and rows != columns:
            raise ValueError(
                f"LinearOperatorZeros initialized as is_square=True, but got num_rows({rows}) != num_columns({columns})"
            )
        self._batch = None if batch_shape is None else _size(batch_shape, "batch_shape", 1)
        self._checks_shapes = assert_proper_shapes

    def _zeros_diag(self) -> Any:
        return self._diagonal(zeros)

    def _linop_matmul(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        if not left_operator.is_square or not right_operator.is_square:
            raise ValueError(
                "Matmul with non-square `LinearOperator`s or non-square `LinearOperatorZeros` not supported at this "
                "time."
            )
        return left_operator  # type: ignore[no-any-return]

    def _assert_non_singular(self) -> Any:
        raise errors.InvalidArgumentError(None, None, "Zero operators are always non-invertible.")

    def _assert_positive_definite(self) -> Any:
        raise errors.InvalidArgumentError(None, None, "Zero operators are always non-positive definite.")

    def _assert_self_adjoint(self) -> Any:
        return None

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        if self._checks_shapes:
            x, adjoint_arg = self._checked(adjoint_of(x) if adjoint_arg else x), False
        *batch, inner, outer = shape_of(x)
        rows = self._columns[0] if adjoint else self._rows[0]
        shape = concat([convert(batch, dtypes.int32), stack([rows, inner if adjoint_arg else outer])], 0)
        return self._broadcast(zeros(shape, x.dtype))

    def _determinant(self) -> Any:
        return self._full(zeros)

    def _trace(self) -> Any:
        return self._full(zeros)

    def _diag_part(self) -> Any:
        return self._zeros_diag()

    def _eigvals(self) -> Any:
        return self._zeros_diag()

    def add_to_tensor(self, mat: Any, name: str = "add_to_tensor") -> Any:
        """`mat` itself."""
        return self._broadcast(convert(mat))
