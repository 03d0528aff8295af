"""Systems of equations by conjugate gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..core.convert import convert
from ..core.registry import OPS
from ..core.tensor import Tensor, TensorLike
from ..graph.control import while_loop
from ..ops.matmul import matvec
from ..ops.norm import norm
from ..ops.reduction import reduce_any


class CGState(NamedTuple):
    """Where the iteration stands; see `conjugate_gradient`."""

    i: Tensor
    x: Tensor
    r: Tensor
    p: Tensor
    gamma: Tensor


def conjugate_gradient(
    operator: Any,
    rhs: TensorLike,
    preconditioner: Any = None,
    x: TensorLike | None = None,
    tol: float = 1e-5,
    max_iter: int = 20,
    name: str = "conjugate_gradient",
) -> CGState:
    """The `x` with `operator x = rhs`, by conjugate gradients.

    Args:
      operator: a self-adjoint, positive definite LinearOperator.
      rhs: of shape `[..., n]`.
      preconditioner: a LinearOperator that is about the inverse of `operator`.
      x: where to start, of shape `[..., n]`; by default zeros.
      tol: how small the residual must become, relative to `rhs`.
      max_iter: the greatest number of steps.
      name: of the operation.

    Returns:
      A tuple of the number of steps `i`, the solution `x`, the residual `r`, the last direction `p`, and `gamma`, the
      product of the residual with what the preconditioner makes of it.

    Raises:
      ValueError: if the operator does not say that it is self-adjoint and positive definite.

    >>> from types import SimpleNamespace
    >>> operator = SimpleNamespace(
    ...     is_self_adjoint=True, is_positive_definite=True, matvec=lambda x: x * [2.0, 4.0],
    ...     batch_shape_tensor=lambda: tf.constant([], tf.int32),
    ... )
    >>> tf.linalg.experimental.conjugate_gradient(operator, tf.constant([2.0, 8.0])).x.numpy().round(3)
    array([1., 2.], dtype=float32)
    """
    if not (operator.is_self_adjoint and operator.is_positive_definite):
        raise ValueError("Expected a self-adjoint, positive definite operator.")
    rhs = convert(rhs)
    sizes = OPS["Shape"](rhs)
    batch = OPS["BroadcastArgs"](sizes[:-1], operator.batch_shape_tensor())
    if preconditioner is not None:
        batch = OPS["BroadcastArgs"](batch, preconditioner.batch_shape_tensor())
    r = OPS["BroadcastTo"](rhs, OPS["ConcatV2"](batch, sizes[-1:], 0))
    enough = norm(r, axis=-1) * tol
    if x is None:
        x = OPS["ZerosLike"](r)
    else:
        x = convert(x)
        r = rhs - operator.matvec(x)

    def conditioned(r: Any) -> Any:
        return r if preconditioner is None else preconditioner.matvec(r)

    def step(state: CGState) -> tuple[CGState]:
        z = operator.matvec(state.p)
        alpha = OPS["ExpandDims"](state.gamma / _dot(state.p, z), -1)
        r = state.r - alpha * z
        q = conditioned(r)
        gamma = _dot(r, q)
        p = q + OPS["ExpandDims"](gamma / state.gamma, -1) * state.p
        return (CGState(state.i + 1, state.x + alpha * state.p, r, p, gamma),)

    def unfinished(state: CGState) -> Any:
        return (state.i < max_iter) & reduce_any(norm(state.r, axis=-1) > enough)

    p = conditioned(r)
    start = CGState(convert(0), x, r, p, _dot(r, p))  # type: ignore[arg-type]
    return while_loop(unfinished, step, (start,))[0]  # type: ignore[no-any-return]


def _dot(x: Any, y: Any) -> Any:
    """The product of vectors, the first of them conjugated."""
    return OPS["Squeeze"](matvec(OPS["ExpandDims"](x, -1), y, adjoint_a=True), squeeze_dims=[-1])
