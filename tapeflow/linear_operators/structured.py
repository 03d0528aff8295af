"""Operators that few numbers say all about: permutations, reflections, Toeplitz and tridiagonal matrices."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..ops import debugging, matrix_diag
from ..ops.broadcasting import broadcast_dynamic_shape, broadcast_static_shape
from ..ops.casting import cast
from ..ops.common import shape_of
from ..ops.comparison import equal
from ..ops.complex import conj
from ..ops.creation import get_static_value, ones, zeros, zeros_like
from ..ops.gathering import gather
from ..ops.joining import concat, stack, unstack
from ..ops.layout import expand_dims
from ..ops.matmul import matmul
from ..ops.norm import adjoint as adjoint_of
from ..ops.norm import l2_normalize
from ..ops.ranges import range_
from ..ops.rearranging import reverse, roll
from ..ops.sizes import shape as shape_op
from ..ops.sorting import argsort
from ..ops.spectral import fft
from ..ops.tridiagonal import tridiagonal_matmul, tridiagonal_solve
from .batches import as_sizes, broadcast_batches, kept
from .circulant import LinearOperatorCirculant, to_complex
from .hints import Hint
from .matrices import assert_real
from .operator import LinearOperator


class _Square(LinearOperator):
    """A square operator made of vectors: one of them says the shape."""

    def _vector(self) -> Any:
        raise NotImplementedError

    def _shape(self) -> TensorShape:
        shape: TensorShape = self._vector().shape
        return shape.concatenate(shape[-1:])

    def _shape_tensor(self) -> Any:
        sizes = shape_of(convert(self._vector()))
        return as_sizes([*sizes, sizes[-1]])

    def _batch(self, make: Any) -> Any:
        return make(self.batch_shape_tensor(), self.dtype)

    def _assert_non_singular(self) -> Any:
        return None

    def _log_abs_determinant(self) -> Any:
        return self._batch(zeros)

    def _cond(self) -> Any:
        return self._batch(ones)


class LinearOperatorPermutation(_Square):
    """A permutation of the elements of vectors, or a batch of such.

    Args:
      perm: the indices 0 to n - 1 in another order, of shape `[..., n]`: row i of the result is row perm[i].
      dtype: the dtype of the matrices.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name.

    Raises:
      ValueError, TypeError: if `perm` is no permutation, or a hint is wrong.

    >>> tf.linalg.LinearOperatorPermutation([2, 0, 1]).matvec([1.0, 2.0, 3.0])
    <tf.Tensor: shape=(3,), dtype=float32, numpy=array([3., 1., 2.], dtype=float32)>
    """

    _parts = ("perm", "dtype")

    def __init__(
        self,
        perm: Any,
        dtype: Any = dtypes.float32,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str = "LinearOperatorPermutation",
    ) -> None:
        self._perm = kept(perm)
        self._check_perm()
        for hint, given, word in (
            ("is_non_singular", is_non_singular, "non-singular"),
            ("is_square", is_square, "square"),
        ):
            if given is False:
                raise ValueError(
                    f"A Permutation operator is always {word}. Expected argument `{hint}` to be True. Received: False."
                )
        super().__init__(dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    def _check_perm(self) -> None:
        perm = self._perm
        if perm.shape.rank is not None and perm.shape.rank < 1:
            raise ValueError(f"Argument `perm` must have at least 1 dimension. Received: {perm}.")
        if not perm.dtype.is_integer:
            raise TypeError(f"Argument `perm` must be integer dtype. Received: {perm}.")
        known = get_static_value(perm)
        if known is not None and np.any(np.sort(known, axis=-1) != np.arange(known.shape[-1])):
            raise ValueError(
                f"Argument `perm` must be a vector of unique integers from 0 to {known.shape[-1] - 1}."
            )

    @property
    def perm(self) -> Any:
        """The permutation."""
        return self._perm

    def _vector(self) -> Any:
        return self._perm

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        perm = convert(self._perm)
        if adjoint and not self.is_self_adjoint:
            perm = argsort(perm, axis=-1)
        x = adjoint_of(x) if adjoint_arg else x
        if perm.shape.rank == 1:
            return gather(x, perm, axis=-2)
        x, rows = broadcast_batches(x, expand_dims(perm, -1))
        return gather(x, rows[..., 0], axis=-2, batch_dims=len(x.shape) - 2)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._matmul(rhs, adjoint=not adjoint, adjoint_arg=adjoint_arg)

    def _indices(self, perm: Any) -> Any:
        return cast(range_(shape_of(perm)[-1]), perm.dtype)

    def _to_dense(self) -> Any:
        perm = convert(self._perm)
        return cast(equal(self._indices(perm), expand_dims(perm, -1)), self.dtype)

    def _diag_part(self) -> Any:
        perm = convert(self._perm)
        return cast(equal(self._indices(perm), perm), self.dtype)


class LinearOperatorHouseholder(_Square):
    """The reflection at the plane that is orthogonal to a vector, or a batch of such.

    Args:
      reflection_axis: the vectors, of shape `[..., n]`; their lengths do not matter.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name.

    Raises:
      ValueError: if there is no dimension, or a hint is wrong.

    >>> tf.linalg.LinearOperatorHouseholder([2.0, 0.0]).matvec([3.0, 4.0])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([-3.,  4.], dtype=float32)>
    """

    _parts = ("reflection_axis",)

    def __init__(
        self,
        reflection_axis: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str = "LinearOperatorHouseholder",
    ) -> None:
        self._reflection_axis = kept(reflection_axis)
        rank = self._reflection_axis.shape.rank
        if rank is not None and rank < 1:
            raise ValueError(
                f"Argument reflection_axis must have at least 1 dimension.  Found: {self._reflection_axis!s}"
            )
        for wrong, words in (
            (is_self_adjoint is False, "self adjoint"),
            (is_positive_definite is True, "non-positive definite"),
            (is_square is False, "square"),
        ):
            if wrong:
                raise ValueError(f"A Householder operator is always {words}.")
        super().__init__(self._reflection_axis.dtype, None, is_non_singular, True, False, True, name)

    @property
    def reflection_axis(self) -> Any:
        """The vectors."""
        return self._reflection_axis

    def _vector(self) -> Any:
        return self._reflection_axis

    def _assert_positive_definite(self) -> Any:
        raise errors.InvalidArgumentError(None, None, "Householder operators are always non-positive definite.")

    def _assert_self_adjoint(self) -> Any:
        return None

    def _linop_adjoint(self) -> LinearOperator:
        return self

    def _linop_inverse(self) -> LinearOperator:
        return self

    def _column(self) -> Any:
        return expand_dims(l2_normalize(convert(self._reflection_axis), axis=-1), -1)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        x, column = adjoint_of(x) if adjoint_arg else x, self._column()
        return x - 2 * column * matmul(column, x, adjoint_a=True)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._matmul(rhs, adjoint, adjoint_arg)

    def _determinant(self) -> Any:
        return -self._batch(ones)

    def _trace(self) -> Any:
        return cast(self.domain_dimension_tensor() - 2, self.dtype) * self._batch(ones)

    def _to_dense(self) -> Any:
        column = self._column()
        matrix = -2 * matmul(column, column, adjoint_b=True)
        return matrix_diag.set_diag(matrix, 1.0 + matrix_diag.diag_part(matrix))

    def _diag_part(self) -> Any:
        axis = l2_normalize(convert(self._reflection_axis), axis=-1)
        return 1.0 - 2 * axis * conj(axis)

    def _eigvals(self) -> Any:
        *batch, size = shape_of(convert(self._reflection_axis))
        return concat([-ones([*batch, 1], self.dtype), ones([*batch, size - 1], self.dtype)], -1)


class LinearOperatorToeplitz(LinearOperator):
    """Matrices that are constant along each diagonal; applied by Fourier transforms.

    Args:
      col: the first columns, of shape `[..., n]`.
      row: the first rows, of shape `[..., n]`; their first element is not looked at.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name.

    Raises:
      ValueError: if there is no dimension, the sizes differ, or `is_square` is False.

    >>> tf.linalg.LinearOperatorToeplitz([1.0, 2.0], [1.0, 3.0]).to_dense().numpy().tolist()
    [[1.0, 3.0], [2.0, 1.0]]
    """

    _parts = ("col", "row")

    def __init__(
        self,
        col: Any,
        row: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str = "LinearOperatorToeplitz",
    ) -> None:
        self._row, self._col = kept(row), kept(col)
        for argument, tensor in (("row", self._row), ("col", self._col)):
            if tensor.shape.rank is not None and tensor.shape.rank < 1:
                raise ValueError(f"Argument {argument} must have at least 1 dimension.  Found: {tensor!s}")
        if not self._row.shape[-1:].is_compatible_with(self._col.shape[-1:]):
            raise ValueError("Expected square matrix, got row and col with mismatched dimensions.")
        if is_square is False:
            raise ValueError("Only square Toeplitz operators currently supported.")
        super().__init__(self._row.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    col = property(lambda self: self._col, doc="The first columns.")
    row = property(lambda self: self._row, doc="The first rows.")

    def _shape(self) -> TensorShape:
        shape = broadcast_static_shape(self._row.shape, self._col.shape)
        return shape.concatenate(shape[-1:])

    def _shape_tensor(self) -> Any:
        shape = broadcast_dynamic_shape(shape_op(self._row), shape_op(self._col))
        return concat([shape, shape[-1:]], 0)

    def _assert_self_adjoint(self) -> Any:
        message = "row and col are not the same, and so this operator is not self-adjoint."
        return debugging.assert_equal(self._row, self._col, message=message)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        x = adjoint_of(x) if adjoint_arg else x
        col, row = self._vectors()
        around = concat([col, zeros_like(col[..., :1]), reverse(row[..., 1:], [-1])], -1)
        circulant = LinearOperatorCirculant(fft(to_complex(around)), input_output_dtype=self.dtype)
        result = circulant.matmul(concat([x, zeros_like(x)], -2), adjoint=adjoint)
        return result[..., : shape_of(col)[-1], :]

    def _vectors(self) -> tuple[Any, Any]:
        """The columns and rows, in one shape."""
        col, row = broadcast_batches(expand_dims(self._col, -1), expand_dims(self._row, -1))
        return col[..., 0], row[..., 0]

    def _trace(self) -> Any:
        return cast(self.domain_dimension_tensor(), self.dtype) * self._col[..., 0]

    def _diag_part(self) -> Any:
        return self._col[..., :1] * ones(expand_dims(self.domain_dimension_tensor(), 0), self.dtype)

    def _to_dense(self) -> Any:
        col, row = self._vectors()
        size = shape_of(col)[-1]
        elements = concat([reverse(col, [-1]), row[..., 1:]], -1)
        return gather(elements, range_(size) + expand_dims(range_(size - 1, -1, -1), -1), axis=-1)


class LinearOperatorTridiag(LinearOperator):
    """Matrices with elements on the diagonal and beside it only.

    Args:
      diagonals: for the format "compact" of shape `[..., 3, n]`: above, on and below the diagonal; for "sequence" a
        list of these three; for "matrix" the matrices.
      diagonals_format: the format.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name.

    Raises:
      ValueError: for other formats.

    >>> operator = tf.linalg.LinearOperatorTridiag([[3.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    >>> operator.to_dense().numpy().tolist()
    [[1.0, 3.0], [2.0, 1.0]]
    """

    _parts = ("diagonals", "diagonals_format")

    def __init__(
        self,
        diagonals: Any,
        diagonals_format: str = "compact",
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str = "LinearOperatorTridiag",
    ) -> None:
        if diagonals_format not in ("compact", "matrix", "sequence"):
            raise ValueError(
                "Argument `diagonals_format` must be one of compact, matrix, or sequence. "
                f"Received : {diagonals_format}."
            )
        sequence = diagonals_format == "sequence"
        held: Any = [kept(each) for each in diagonals] if sequence else kept(diagonals)
        self._diagonals = held
        self._diagonals_format = diagonals_format
        dtype = held[0].dtype if sequence else held.dtype
        super().__init__(dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name)

    diagonals = property(lambda self: self._diagonals, doc="The diagonals, in their format.")
    diagonals_format = property(lambda self: self._diagonals_format, doc="The format.")

    def _shape(self) -> TensorShape:
        held = self._diagonals
        if self._diagonals_format == "matrix":
            return held.shape  # type: ignore[no-any-return]
        if self._diagonals_format == "compact":
            return held.shape[:-2].concatenate([held.shape[-1]] * 2)  # type: ignore[no-any-return]
        batch: TensorShape = functools.reduce(broadcast_static_shape, [each.shape[:-1] for each in held])
        return batch.concatenate([held[1].shape[-1]] * 2)

    def _shape_tensor(self) -> Any:
        if self._diagonals_format == "matrix":
            return shape_op(self._diagonals)
        *batch, _, size = shape_of(self._compact())
        return as_sizes([*batch, size, size])

    def _compact(self) -> Any:
        """The three diagonals in one Tensor of shape `[..., 3, n]`."""
        if self._diagonals_format == "compact":
            return convert(self._diagonals)
        if self._diagonals_format == "matrix":
            return matrix_diag.diag_part(self._diagonals, k=(-1, 1), align="LEFT_RIGHT")
        rows = broadcast_batches(*(expand_dims(each, -2) for each in self._diagonals))
        return concat(rows, -2)

    def _of(self, adjoint: bool) -> Any:
        """The three diagonals, of the adjoint if it is wanted."""
        if not adjoint:
            return self._compact()
        above, on, below = unstack(conj(self._compact()), 3, axis=-2)
        return stack([roll(below, -1, -1), on, roll(above, 1, -1)], -2)

    def _assert_self_adjoint(self) -> Any:
        if self._diagonals_format == "matrix":
            return super()._assert_self_adjoint()
        above, on, below = unstack(self._compact(), 3, axis=-2)
        assert_real(on, "This tridiagonal operator contained non-zero imaginary values on the diagonal.")
        message = "This tridiagonal operator has non-conjugate subdiagonal and superdiagonal."
        return debugging.assert_equal(conj(roll(below, -1, -1))[..., :-1], above[..., :-1], message=message)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return tridiagonal_matmul(self._of(adjoint), adjoint_of(x) if adjoint_arg else x)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        diagonals, rhs = broadcast_batches(self._of(adjoint), adjoint_of(rhs) if adjoint_arg else rhs)
        return tridiagonal_solve(diagonals, rhs)

    def _diag_part(self) -> Any:
        return self._compact()[..., 1, :]

    def _to_dense(self) -> Any:
        if self._diagonals_format == "matrix":
            return convert(self._diagonals)
        return matrix_diag.diag(self._compact(), k=(-1, 1), align="LEFT_RIGHT")


