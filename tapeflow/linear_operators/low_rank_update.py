"""An operator plus a product of narrow matrices."""

from __future__ import annotations

import functools
from typing import Any

from ..base.tensor_shape import Dimension, TensorShape
from ..core.convert import convert
from ..ops import matrix_diag, solving
from ..ops.arithmetic import abs as absolute
from ..ops.broadcasting import broadcast_dynamic_shape, broadcast_static_shape
from ..ops.casting import cast
from ..ops.common import shape_of
from ..ops.complex import conj
from ..ops.elementwise import exp, log
from ..ops.joining import concat
from ..ops.layout import expand_dims
from ..ops.matmul import matmul
from ..ops.reduction import reduce_sum
from ..ops.sizes import shape as shape_op
from .batches import broadcast_batches, kept
from .hints import Hint
from .identity import LinearOperatorIdentity
from .matrices import LinearOperatorDiag
from .operator import LinearOperator


class LinearOperatorLowRankUpdate(LinearOperator):
    """`L + U D V^H`, where systems are solved by those of `L` and small ones (Woodbury's identity).

    Args:
      base_operator: the operator `L`, of shape `[..., m, n]`.
      u: of shape `[..., m, k]`, with a small `k`.
      diag_update: the diagonal of `D`, of shape `[..., k]`; by default ones.
      v: of shape `[..., n, k]`; by default `u`.
      is_diag_update_positive: whether `diag_update` is known to be positive.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name.

    Raises:
      ValueError: if a hint contradicts what is known, or shapes do not fit.

    >>> base = tf.linalg.LinearOperatorDiag([1.0, 2.0])
    >>> operator = tf.linalg.LinearOperatorLowRankUpdate(base, [[1.0], [1.0]])
    >>> operator.to_dense().numpy().tolist(), round(float(operator.determinant()), 4)
    ([[2.0, 1.0], [1.0, 3.0]], 5.0)
    """

    _parts = ("base_operator", "u", "diag_update", "v", "is_diag_update_positive")

    def __init__(
        self,
        base_operator: Any,
        u: Any,
        diag_update: Any = None,
        v: Any = None,
        is_diag_update_positive: Hint = None,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str = "LinearOperatorLowRankUpdate",
    ) -> None:
        if diag_update is None:
            if is_diag_update_positive is False:
                raise ValueError(
                    "Default diagonal is the identity, which is positive.  However, user set "
                    "'is_diag_update_positive' to False."
                )
            is_diag_update_positive = True
        dtype = base_operator.dtype
        self._use_cholesky = base_operator._can_use_cholesky() and is_diag_update_positive and v is None
        if base_operator.is_self_adjoint and v is None and not dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError(
                    "A = L + UDU^H, with L self-adjoint and D real diagonal.  Since UDU^H is self-adjoint, this must "
                    "be a self-adjoint operator."
                )
            is_self_adjoint = True
        if self._use_cholesky:
            if False in (is_positive_definite, is_self_adjoint, is_non_singular):
                raise ValueError("Arguments imply this is self-adjoint positive-definite operator.")
            is_positive_definite = is_self_adjoint = True
        self._base_operator = base_operator
        self._set_update(kept(u), None if v is None else kept(v), diag_update, is_diag_update_positive)
        super().__init__(dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name)
        self._check_shapes()

    def _set_update(self, u: Any, v: Any, diag_update: Any, positive: Hint) -> None:
        self._u, self._v = u, u if v is None else v
        self._is_diag_update_positive = positive
        if diag_update is None:
            self._diag_update = None
            self._diag_operator: Any = LinearOperatorIdentity(shape_of(convert(u))[-1], dtype=self._base_operator.dtype)
        else:
            self._diag_update = kept(diag_update)
            self._diag_operator = LinearOperatorDiag(self._diag_update, is_positive_definite=positive)

    def _check_shapes(self) -> None:
        both = broadcast_static_shape(self._u.shape, self._v.shape)
        batch = broadcast_static_shape(self._base_operator.batch_shape, both[:-2])
        self._base_operator.domain_dimension.assert_is_compatible_with(both[-2])
        if self._diag_update is not None:
            Dimension(both[-1]).assert_is_compatible_with(self._diag_update.shape[-1])
            broadcast_static_shape(batch, self._diag_update.shape[:-1])

    base_operator = property(lambda self: self._base_operator, doc="The operator `L`.")
    u = property(lambda self: self._u, doc="The matrix `U`.")
    v = property(lambda self: self._v, doc="The matrix `V`.")
    diag_update = property(lambda self: self._diag_update, doc="The diagonal of `D`, if it was given.")
    diag_operator = property(lambda self: self._diag_operator, doc="The operator `D`.")
    is_diag_update_positive = property(
        lambda self: self._is_diag_update_positive, doc="Whether the diagonal of `D` is known to be positive."
    )

    def _assert_self_adjoint(self) -> Any:
        if self._u is self._v and self._diag_update is None:
            return self._base_operator.assert_self_adjoint()
        return super()._assert_self_adjoint()

    def _shape(self) -> TensorShape:
        base = self._base_operator
        batches = [base.batch_shape, self._diag_operator.batch_shape, self._u.shape[:-2], self._v.shape[:-2]]
        batch: TensorShape = functools.reduce(broadcast_static_shape, batches)
        return batch.concatenate(base.shape[-2:])

    def _shape_tensor(self) -> Any:
        base = self._base_operator
        batches = [
            base.batch_shape_tensor(),
            self._diag_operator.batch_shape_tensor(),
            shape_op(self._u)[:-2],
            shape_op(self._v)[:-2],
        ]
        return concat([functools.reduce(broadcast_dynamic_shape, batches), base.shape_tensor()[-2:]], 0)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        left, right = (self._v, self._u) if adjoint else (self._u, self._v)
        update = self._diag_operator.matmul(matmul(right, x, adjoint_a=True, adjoint_b=adjoint_arg), adjoint=adjoint)
        return self._base_operator.matmul(x, adjoint=adjoint, adjoint_arg=adjoint_arg) + matmul(left, update)

    def _capacitance(self, u: Any, v: Any) -> Any:
        """The small matrix `D^-1 + V^H L^-1 U` of Woodbury's identity."""
        inner = matmul(v, self._base_operator.solve(u), adjoint_a=True)
        return self._diag_operator.inverse().add_to_tensor(inner)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        base = self._base_operator
        if base.is_non_singular is False:
            raise ValueError(
                "Solve not implemented unless this is a perturbation of a non-singular LinearOperator."
            )
        u, v = (self._v, self._u) if adjoint else (self._u, self._v)
        first = base.solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)
        inner = matmul(v, first, adjoint_a=True)
        capacitance = self._capacitance(self._u, self._v)
        if self._use_cholesky:
            found = solving.cholesky_solve(*broadcast_batches(solving.cholesky(capacitance), inner))
        else:
            capacitance, inner = broadcast_batches(capacitance, inner)
            found = solving.solve(capacitance, inner, adjoint=adjoint)
        return first - base.solve(matmul(u, found), adjoint=adjoint)

    def _determinant(self) -> Any:
        if self.is_positive_definite:
            return exp(self.log_abs_determinant())
        small = solving.det(self._capacitance(self._u, self._v))
        return small * self._diag_operator.determinant() * self._base_operator.determinant()

    def _log_abs_determinant(self) -> Any:
        capacitance = self._capacitance(self._u, self._v)
        if self._use_cholesky:
            small = 2 * reduce_sum(log(matrix_diag.diag_part(solving.cholesky(capacitance))), axis=[-1])
        else:
            small = cast(log(absolute(solving.det(capacitance))), self.dtype)
        return small + self._diag_operator.log_abs_determinant() + self._base_operator.log_abs_determinant()

    def _diag_part(self) -> Any:
        product = self._u * conj(self._v)
        if self._diag_update is not None:
            product = product * expand_dims(self._diag_update, -2)
        return reduce_sum(product, axis=-1) + self._base_operator.diag_part()
