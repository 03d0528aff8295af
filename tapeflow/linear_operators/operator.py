"""`tf.linalg.LinearOperator`: what acts as a matrix, or a batch of them, and may know a better way than a dense one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import DType
from ..base.extras import later
from ..base.tensor_shape import Dimension
from ..core.composite import CompositeTensor
from ..core.convert import convert
from ..core.op import Op
from ..core.tensor import Tensor
from ..ops import debugging, matrix_diag, solving
from ..ops.arithmetic import abs as absolute
from ..ops.decompositions import eigvalsh, svd
from ..ops.elementwise import exp, log
from ..ops.layout import expand_dims, squeeze
from ..ops.norm import adjoint as adjoint_of
from ..ops.ranges import eye
from ..ops.reduction import reduce_max, reduce_min, reduce_sum
from ..state.module import Module
from . import dispatch, hints
from .batches import broadcast_batches
from .hints import Hint
from .shaped import Shaped
from .specs import LinearOperatorSpec


class LinearOperator(Shaped, Module, CompositeTensor):
    """The base of the operators: a class of one's own defines `_shape` and `_matmul`, and what it can do better.

    An operator stands for matrices of shape `[..., m, n]`. The hints say what is known of them; they are not checked
    (but by `assert_*`), and let an operator choose better algorithms.

    Args:
      dtype: the dtype of the matrices, and of what they are applied to.
      graph_parents: no longer used.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints.
      name: the name; by default the class's.
      parameters: the arguments of the constructor; by default those that it was called with.

    Raises:
      ValueError: if hints contradict each other.

    >>> operator = tf.linalg.LinearOperatorDiag([1.0, 2.0])
    >>> operator.matvec([3.0, 4.0])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([3., 8.], dtype=float32)>
    >>> (operator @ operator).to_dense().numpy().tolist()
    [[1.0, 0.0], [0.0, 4.0]]
    """

    _parts: tuple[str, ...] = ()  # the arguments of the constructor that an operator is made of, but for the hints
    _parameters: dict[str, Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls)
        try:
            bound = _signature(cls.__init__).bind(self, *args, **kwargs)
        except TypeError:  # __init__ will tell; copies are made without arguments
            return self
        bound.apply_defaults()
        self._parameters = dict(list(bound.arguments.items())[1:])
        return self

    def __init__(
        self,
        dtype: Any,
        graph_parents: Any = None,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> None:
        if is_positive_definite:
            if is_non_singular is False:
                raise ValueError("A positive definite matrix is always non-singular.")
            is_non_singular = True
        for hint, words in ((is_non_singular, "non-singular"), (is_self_adjoint, "self-adjoint")):
            if hint and is_square is False:
                raise ValueError(f"A {words} matrix is always square.")
        self._is_square = True if is_non_singular or is_self_adjoint else is_square
        self._graph_parents = graph_parents or []
        self._dtype = dtypes.as_dtype(dtype) if dtype else dtype
        self._is_non_singular = is_non_singular
        self._is_self_adjoint = is_self_adjoint
        self._is_positive_definite = is_positive_definite
        self._parameters = getattr(self, "_parameters", {}) if parameters is None else parameters
        self._name = name or type(self).__name__

    # --- what is known

    @property
    def parameters(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return dict(self._parameters)

    @property
    def dtype(self) -> DType:
        """The dtype of the matrices."""
        return self._dtype

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def graph_parents(self) -> list[Any]:
        """What was given as such; no longer used."""
        return self._graph_parents

    @property
    def is_non_singular(self) -> Hint:
        """The hint."""
        return self._is_non_singular

    @property
    def is_self_adjoint(self) -> Hint:
        """The hint."""
        return self._is_self_adjoint

    @property
    def is_positive_definite(self) -> Hint:
        """The hint: whether the real part of `x^H A x` is positive for all x but 0."""
        return self._is_positive_definite

    @property
    def is_square(self) -> Hint:
        """Whether the matrices are square, by the hint or by their shape.

        Raises:
          ValueError: if the hint says that they are not, but the shape that they are.
        """
        by_shape = self.domain_dimension == self.range_dimension
        if self._is_square is False and by_shape:
            raise ValueError("User set is_square hint to False, but the operator was square.")
        return by_shape if self._is_square is None else self._is_square

    # --- assertions

    def _assert_non_singular(self) -> Any:
        if self._can_use_cholesky():
            return self.assert_positive_definite()
        values = svd(self.to_dense(), compute_uv=False)
        condition = reduce_max(values, axis=-1) / reduce_min(values, axis=-1)
        largest = max([100, *(size for size in self.shape[-2:] if size is not None)])
        bound = convert(1.0 / (largest * np.finfo(self.dtype.as_numpy_dtype).eps), self.dtype.real_dtype)
        return debugging.assert_less(condition, bound, message="Singular matrix up to precision epsilon.")

    def assert_non_singular(self, name: str = "assert_non_singular") -> Any:
        """Fails with InvalidArgumentError if a matrix is singular, up to rounding."""
        return self._assert_non_singular()

    def _assert_positive_definite(self) -> Any:
        if not self.is_self_adjoint:
            raise NotImplementedError("assert_positive_definite is not implemented.")
        diagonal = matrix_diag.diag_part(solving.cholesky(self.to_dense()))
        return debugging.assert_positive(diagonal, message="Matrix was not positive definite.")

    def assert_positive_definite(self, name: str = "assert_positive_definite") -> Any:
        """Fails with InvalidArgumentError if a matrix is not positive definite."""
        return self._assert_positive_definite()

    def _assert_self_adjoint(self) -> Any:
        dense = self.to_dense()
        return debugging.assert_equal(dense, adjoint_of(dense), message="Matrix was not equal to its adjoint.")

    def assert_self_adjoint(self, name: str = "assert_self_adjoint") -> Any:
        """Fails with InvalidArgumentError if a matrix is not its own adjoint."""
        return self._assert_self_adjoint()

    # --- products

    def _argument(self, x: Any, own_axis: int, axis: int) -> Tensor:
        """What the operator is applied to, as a Tensor, if its dtype and size fit."""
        tensor = convert(x)
        if tensor.dtype is not self.dtype:
            found = f"{tensor.dtype} in tensor {tensor!s}"
            raise TypeError(f"Expected argument to have dtype {self.dtype}.  Found: {found}")
        Dimension(self.shape[own_axis]).assert_is_compatible_with(tensor.shape[axis])
        return tensor

    def _sides(self, x: LinearOperator, adjoint: bool, adjoint_arg: bool, word: str) -> tuple[Any, Any]:
        """The operators on the left and on the right, if they fit."""
        left, right = self.adjoint() if adjoint else self, x.adjoint() if adjoint_arg else x
        if (right.range_dimension == left.domain_dimension) is False:
            raise ValueError(
                f"Operators are incompatible. Expected `{word}` to have dimension {left.domain_dimension} but got "
                f"{right.range_dimension}."
            )
        return left, right

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        raise NotImplementedError("_matmul is not implemented.")

    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Any:
        """The product `A x`.

        Args:
          x: matrices of shape `[..., n, r]`, or a LinearOperator.
          adjoint: whether to apply the adjoint of the operator.
          adjoint_arg: whether to take the adjoint of `x`.
          name: of the operation.

        Returns:
          A Tensor of shape `[..., m, r]`; of an operator, an operator, of a class that suits both.

        Raises:
          TypeError, ValueError: if the dtype or shape does not fit.
        """
        if isinstance(x, LinearOperator):
            left, right = self._sides(x, adjoint, adjoint_arg, "x")
            return self._linop_matmul(left, right)
        x = self._argument(x, -2 if adjoint else -1, -1 if adjoint_arg else -2)
        return self._matmul(x, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def __matmul__(self, other: Any) -> Any:
        return self.matmul(other)

    def _linop_matmul(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        composition: type[Any] = later("linear_operators.wrapping", "LinearOperatorComposition")

        if _is_identity(right_operator):
            return left_operator  # type: ignore[no-any-return]
        if hasattr(right_operator, "_zeros_diag"):
            if not right_operator.is_square or not left_operator.is_square:
                raise ValueError(
                    "Matmul with non-square `LinearOperator`s or non-square `LinearOperatorZeros` not supported at "
                    "this time."
                )
            return right_operator  # type: ignore[no-any-return]
        both = [left_operator, right_operator]
        made: LinearOperator = composition(both, **hints.product(left_operator, right_operator))
        return made

    def _matvec(self, x: Tensor, adjoint: bool = False) -> Any:
        return squeeze(self.matmul(expand_dims(x, -1), adjoint=adjoint), -1)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Any:
        """The product `A x` with vectors of shape `[..., n]`; see `matmul`."""
        return self._matvec(self._argument(x, -2 if adjoint else -1, -1), adjoint=adjoint)

    # --- determinants

    def _determinant(self) -> Any:
        return exp(self.log_abs_determinant()) if self._can_use_cholesky() else solving.det(self.to_dense())

    def determinant(self, name: str = "det") -> Any:
        """The determinants.

        Raises:
          NotImplementedError: if the matrices are known not to be square.
        """
        self._check_determinant()
        return self._determinant()

    def _check_determinant(self) -> None:
        if self.is_square is False:
            raise NotImplementedError("Determinant not implemented for an operator that is expected to not be square.")

    def _log_abs_determinant(self) -> Any:
        if not self._can_use_cholesky():
            return solving.slogdet(self.to_dense())[1]
        diagonal = matrix_diag.diag_part(solving.cholesky(self.to_dense()))
        return 2 * reduce_sum(log(diagonal), axis=[-1])

    def log_abs_determinant(self, name: str = "log_abs_det") -> Any:
        """The logarithms of the determinants' absolute values.

        Raises:
          NotImplementedError: if the matrices are known not to be square.
        """
        self._check_determinant()
        return self._log_abs_determinant()

    # --- systems of equations

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._dense_solve(rhs, adjoint, adjoint_arg)

    def _dense_solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        if self.is_square is False:
            raise NotImplementedError("Solve is not yet implemented for non-square operators.")
        rhs = adjoint_of(rhs) if adjoint_arg else rhs
        if self._can_use_cholesky():
            return solving.cholesky_solve(*broadcast_batches(solving.cholesky(self.to_dense()), rhs))
        dense, rhs = broadcast_batches(self.to_dense(), rhs)
        return solving.solve(dense, rhs, adjoint=adjoint)

    def _check_solvable(self) -> None:
        for known, words in ((self.is_non_singular, "be singular"), (self.is_square, "not be square")):
            if known is False:
                raise NotImplementedError(f"Exact solve not implemented for an operator that is expected to {words}.")

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Any:
        """The `x` with `A x = rhs`.

        Args:
          rhs: matrices of shape `[..., m, r]`, or a LinearOperator.
          adjoint: whether to take the adjoint of the operator.
          adjoint_arg: whether to take the adjoint of `rhs`.
          name: of the operation.

        Returns:
          A Tensor of shape `[..., n, r]`; of an operator, an operator, of a class that suits both.

        Raises:
          NotImplementedError: if the operator is known to be singular or not square.
          TypeError, ValueError: if the dtype or shape does not fit.
        """
        self._check_solvable()
        if isinstance(rhs, LinearOperator):
            left, right = self._sides(rhs, adjoint, adjoint_arg, "rhs")
            return self._linop_solve(left, right)
        rhs = self._argument(rhs, -1 if adjoint else -2, -1 if adjoint_arg else -2)
        return self._solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _linop_solve(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        composition: type[Any] = later("linear_operators.wrapping", "LinearOperatorComposition")
        inversion: type[Any] = later("linear_operators.wrapping", "LinearOperatorInversion")

        if _is_identity(right_operator):
            return left_operator.inverse()  # type: ignore[no-any-return]
        both = [inversion(left_operator), right_operator]
        made: LinearOperator = composition(both, **hints.product(left_operator, right_operator))
        return made

    def _solvevec(self, rhs: Tensor, adjoint: bool = False) -> Any:
        return squeeze(self.solve(expand_dims(rhs, -1), adjoint=adjoint), -1)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Any:
        """The `x` with `A x = rhs`, for vectors of shape `[..., m]`; see `solve`."""
        return self._solvevec(self._argument(rhs, -1 if adjoint else -2, -1), adjoint=adjoint)

    # --- other operators

    def adjoint(self, name: str = "adjoint") -> Any:
        """The adjoint operator: the matrices transposed and conjugated."""
        return self if self.is_self_adjoint is True else self._linop_adjoint()

    H = property(adjoint)

    def _linop_adjoint(self) -> LinearOperator:
        adjoint_class: type[Any] = later("linear_operators.wrapping", "LinearOperatorAdjoint")

        made: LinearOperator = adjoint_class(self, **{**hints.hints_of(self), "is_square": self.is_square})
        return made

    def inverse(self, name: str = "inverse") -> Any:
        """The inverse operator.

        Raises:
          ValueError: if the operator is known to be singular or not square.
        """
        for known, words in ((self.is_square, "non square"), (self.is_non_singular, "singular")):
            if known is False:
                raise ValueError(f"Cannot take the Inverse: This operator represents a {words} matrix.")
        return self._linop_inverse()

    def _linop_inverse(self) -> LinearOperator:
        inversion: type[Any] = later("linear_operators.wrapping", "LinearOperatorInversion")

        made: LinearOperator = inversion(self, **{**hints.hints_of(self), "is_square": self.is_square})
        return made

    def cholesky(self, name: str = "cholesky") -> Any:
        """The Cholesky factor, as an operator.

        Raises:
          ValueError: unless the hints say that the operator is self-adjoint and positive definite.
        """
        if not self._can_use_cholesky():
            raise ValueError("Cannot take the Cholesky decomposition: Not a positive definite self adjoint matrix.")
        return self._linop_cholesky()

    def _linop_cholesky(self) -> LinearOperator:
        lower_triangular: type[Any] = later("linear_operators.matrices", "LinearOperatorLowerTriangular")

        factor = solving.cholesky(self.to_dense())
        made: LinearOperator = lower_triangular(factor, is_non_singular=True, is_self_adjoint=False, is_square=True)
        return made

    def _can_use_cholesky(self) -> Hint:
        return self.is_self_adjoint and self.is_positive_definite

    # --- elements

    def _to_dense(self) -> Any:
        size = self.domain_dimension.value
        batch = self.batch_shape if self.batch_shape.is_fully_defined() else self.batch_shape_tensor()
        rows = self.domain_dimension_tensor() if size is None else size
        return self.matmul(eye(rows, batch_shape=batch, dtype=self.dtype))

    def to_dense(self, name: str = "to_dense") -> Any:
        """The matrices, as a Tensor."""
        return self._to_dense()

    def _diag_part(self) -> Any:
        return matrix_diag.diag_part(self.to_dense())

    def diag_part(self, name: str = "diag_part") -> Any:
        """The diagonals, of shape `[..., min(m, n)]`."""
        return self._diag_part()

    def _trace(self) -> Any:
        return reduce_sum(self.diag_part(), axis=-1)

    def trace(self, name: str = "trace") -> Any:
        """The sums of the diagonals."""
        return self._trace()

    def _add_to_tensor(self, x: Tensor) -> Any:
        return self.to_dense() + x

    def add_to_tensor(self, x: Any, name: str = "add_to_tensor") -> Any:
        """`A + x`, for a Tensor `x` of the same shape and dtype."""
        return self._add_to_tensor(self._argument(x, -1, -1))

    def _eigvals(self) -> Any:
        return eigvalsh(self.to_dense())

    def eigvals(self, name: str = "eigvals") -> Any:
        """The eigenvalues.

        Raises:
          NotImplementedError: unless the hints say that the operator is self-adjoint.
        """
        if not self.is_self_adjoint:
            raise NotImplementedError("Only self-adjoint matrices are supported.")
        return self._eigvals()

    def _cond(self) -> Any:
        values = absolute(self._eigvals()) if self.is_self_adjoint else svd(self.to_dense(), compute_uv=False)
        return reduce_max(values, axis=-1) / reduce_min(values, axis=-1)

    def cond(self, name: str = "cond") -> Any:
        """The condition numbers: the greatest singular value over the smallest."""
        return self._cond()

    # --- as a value made of Tensors, which some functions of `tf.linalg` take

    @classmethod
    def _call_op(cls, op: Op, inputs: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Any:
        own = dispatch.OPS.get(op.name)
        return super()._call_op(op, inputs, attrs, name) if own is None else own(*inputs, **attrs)

    @property
    def _type_spec(self) -> Any:
        return LinearOperatorSpec.of(self)


def _is_identity(operator: Any) -> bool:
    return hasattr(operator, "_ones_diag") and not hasattr(operator, "multiplier")


@functools.cache
def _signature(constructor: Any) -> inspect.Signature:
    return inspect.signature(constructor)
