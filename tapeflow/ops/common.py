"""What the families share: factories for one-line ops, and the small helpers of gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from ..base import shapes
from ..base.dtypes import DType
from ..core.execute import execute
from ..core.op import OPS, Op
from ..core.op import op as define
from ..core.tensor import Tensor, TensorLike

_NO_ATTRS: dict[str, Any] = {}


class Unary(Protocol):
    """A public function of one tensor."""

    op: Op

    def __call__(self, x: TensorLike, name: str | None = None) -> Tensor: ...


class Binary(Protocol):
    """A public function of two tensors that broadcast."""

    op: Op

    def __call__(self, x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


def elementwise(
    op_name: str,
    kernel: Callable[..., Any] | str,
    grad: Callable[..., Any] | None,
    doc: str,
    *,
    signature: str = "x:T -> y:T",
    **types: tuple[DType, ...],
) -> Unary:
    """An op of one tensor, element by element, and its public function, in one line.

    Args:
      op_name: TensorFlow's name of the op.
      kernel: `(xp, x)`, or the name of the function of `xp` that it is.
      grad: `(g, y, x)`, see `Op.gradient`; None if the op is not differentiable.
      doc: the docstring of the public function.
      signature: TensorFlow's.
      types: the allowed dtypes of each type variable.
    """
    new = _define(op_name, signature, kernel, shapes.same, grad, types)

    def function(x: TensorLike, name: str | None = None) -> Tensor:
        return execute(new, (x,), _NO_ATTRS, name)  # type: ignore[no-any-return]

    return _published(function, new, doc)


def elementwise2(
    op_name: str,
    kernel: Callable[..., Any] | str,
    grad: Callable[..., Any] | None,
    doc: str,
    *,
    signature: str = "x:T, y:T -> z:T",
    **types: tuple[DType, ...],
) -> Binary:
    """An op of two tensors that broadcast, and its public function, as `elementwise`.

    `grad` is `(g, z, x, y)`; the two gradients that it returns have the inputs' shapes (`unbroadcast`).
    """
    new = _define(op_name, signature, kernel, shapes.broadcast, grad, types)

    def function(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
        return execute(new, (x, y), _NO_ATTRS, name)  # type: ignore[no-any-return]

    return _published(function, new, doc)


def _define(
    op_name: str, signature: str, kernel: Callable[..., Any] | str, shape: Any, grad: Any, types: dict[str, tuple[DType, ...]]
) -> Op:
    register = define(op_name, signature, shape=shape, differentiable=grad is not None, **types)
    if isinstance(kernel, str):
        function_name = kernel
        new = register(lambda xp, *arrays: getattr(xp, function_name)(*arrays))
        new.host = getattr(np, function_name)  # NumPy's own function: two Python calls fewer
    else:
        new = register(kernel)
    if grad is not None:
        new.gradient(grad)
    return new


def _published(function: Any, new: Op, doc: str) -> Any:
    function.op = new
    function.__doc__ = doc
    return function


def conj(x: Any) -> Any:
    """The complex conjugate; a real tensor as it is."""
    if type(x) is Tensor and x._array.dtype.kind != "c":
        return x
    return OPS["Conj"](x) if x.dtype.is_complex else x


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of a tensor, for a static input."""
    shape: tuple[int, ...] = x._array.shape if type(x) is Tensor else tuple(x.shape)
    return shape


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sums a gradient over the dimensions that broadcasting made, so that it gets the input's shape."""
    have = shape_of(g)
    if have == shape:
        return g
    extra = len(have) - len(shape)
    axes = (*range(extra), *(i + extra for i, n in enumerate(shape) if n == 1 and have[i + extra] != 1))
    return OPS["Reshape"](OPS["Sum"](g, axes, keep_dims=False), shape)
