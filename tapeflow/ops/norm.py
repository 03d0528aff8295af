"""Norms, and what else is put together from products and reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors, shapes
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .common import shape_of
from .creation import get_static_value
from .decompositions import svd
from .reduction import reduce_max, reduce_sum
from .solving import swapped


def norm(
    tensor: TensorLike,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
) -> Tensor:
    """The norm of vectors, of matrices, or of everything taken as one vector.

    Args:
      tensor: floats or complex numbers.
      ord: `"euclidean"`, a positive number or `np.inf`; of matrices `"fro"` (as `"euclidean"`), 1, 2 or `np.inf`.
      axis: None for everything, an int for vectors, a pair of ints for matrices.
      keepdims: whether the axes stay, with size 1.
      name: of the operation.

    Returns:
      A Tensor.

    Raises:
      ValueError: if there is no such norm.

    >>> tf.norm([[3.0, 4.0], [0.0, 2.0]], axis=1).numpy()
    array([5., 2.], dtype=float32)
    """
    keepdims = bool(keepdims)
    is_matrix = isinstance(axis, (tuple, list)) and len(axis) == 2
    _check_norm(ord, axis, is_matrix)
    x = convert(tensor)
    if ord in ("fro", "euclidean", 2, 2.0):
        if is_matrix and ord in (2, 2.0):
            return _spectral(x, list(axis), keepdims)
        squares = OPS["Cast"](_squared_magnitude(x), DstT=x.dtype) if x.dtype.is_complex else x * x
        return OPS["Sqrt"](reduce_sum(squares, axis, keepdims), name=name)  # type: ignore[no-any-return]
    size = _magnitude(x)
    if ord == 1:
        total = reduce_sum(size, axis[0] if is_matrix else axis, True)
        return _dropped(reduce_max(total, axis[-1], True) if is_matrix else total, axis, keepdims)
    if ord == np.inf:
        total = reduce_sum(size, axis[1], True) if is_matrix else size
        return _dropped(reduce_max(total, axis[0] if is_matrix else axis, True), axis, keepdims)
    power = OPS["Cast"](float(ord), DstT=size.dtype)
    return OPS["Pow"](reduce_sum(OPS["Pow"](size, power), axis, keepdims), 1.0 / power)  # type: ignore[no-any-return]


def _check_norm(ord: Any, axis: Any, is_matrix: bool) -> None:
    if is_matrix:
        if axis[0] == axis[1]:
            raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {tuple(axis)}")
        if ord not in ("euclidean", "fro", 1, 2, np.inf):
            raise ValueError(f"'ord' must be a supported matrix norm in ['euclidean', 'fro', 1, 2, inf], got {ord}")
        return
    if not (axis is None or isinstance(axis, (int, Tensor))):
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}")
    if ord != "euclidean" and (isinstance(ord, str) or not ord > 0):
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")


def _magnitude(x: Tensor) -> Tensor:
    if x.dtype.is_complex:
        return OPS["ComplexAbs"](x, Tout=x.dtype.real_dtype)  # type: ignore[no-any-return]
    return OPS["Abs"](x)  # type: ignore[no-any-return]


def _squared_magnitude(x: Tensor) -> Tensor:
    real, imag = (OPS[part](x, Tout=x.dtype.real_dtype) for part in ("Real", "Imag"))
    return real * real + imag * imag  # type: ignore[no-any-return]


def _dropped(x: Tensor, axis: Any, keepdims: bool) -> Tensor:
    """Takes away the axes that a reduction kept."""
    if keepdims:
        return x
    if axis is None:
        return OPS["Reshape"](x, ())  # type: ignore[no-any-return]
    return OPS["Squeeze"](x, squeeze_dims=list(axis) if isinstance(axis, (tuple, list)) else [int(axis)])  # type: ignore[no-any-return]


def _spectral(x: Tensor, axis: list[int], keepdims: bool) -> Tensor:
    rank = len(shape_of(x))
    last = [one % rank for one in axis]
    order = tuple(one for one in range(rank) if one not in last)
    values = svd(OPS["Transpose"](x, (*order, *last)), compute_uv=False)
    result = reduce_max(values, -1)
    for one in sorted(last) if keepdims else ():
        result = OPS["ExpandDims"](result, one)
    return result


def l2_normalize(
    x: TensorLike, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None
) -> Tensor:
    """`x / sqrt(max(sum(x**2), epsilon))` along axes.

    Args:
      x: floats or complex numbers.
      axis: an int or several; by default all.
      epsilon: the least sum of squares to divide by.
      name: of the operation.
      dim: the old name of `axis`.

    Returns:
      A Tensor of the shape of `x`.

    >>> tf.math.l2_normalize([3.0, 4.0]).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    x = convert(x)
    axis = axis if dim is None else dim
    if x.dtype.is_complex:
        real, imag = (OPS[part](x, Tout=x.dtype.real_dtype) for part in ("Real", "Imag"))
        squares = reduce_sum(_squared_magnitude(x), axis, True)
        inverse = OPS["Rsqrt"](OPS["Maximum"](squares, convert(epsilon, squares.dtype)))
        return OPS["Complex"](real * inverse, imag * inverse, Tout=x.dtype, name=name)  # type: ignore[no-any-return]
    squares = reduce_sum(OPS["Square"](x), axis, True)
    return OPS["Mul"](x, OPS["Rsqrt"](OPS["Maximum"](squares, convert(epsilon, squares.dtype))), name=name)  # type: ignore[no-any-return]


def normalize(
    tensor: TensorLike, ord: Any = "euclidean", axis: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """A Tensor divided by its `norm`, and the norm, whose axes stay.

    >>> unit, length = tf.linalg.normalize([3.0, 4.0])
    >>> unit.numpy(), length.numpy()
    (array([0.6, 0.8], dtype=float32), array([5.], dtype=float32))
    """
    x = convert(tensor)
    length = norm(x, ord, axis, keepdims=True)
    if x.dtype.is_complex:
        length = OPS["Cast"](length, DstT=x.dtype)
    return x / length, length


# ---------------------------------------------------------------- transposes


def _swapped(a: Tensor) -> Any:
    rank = a.shape.rank
    if rank is not None and rank < 2:
        raise ValueError(
            "Argument `a` should be a (batch) matrix with rank >= 2.  "
            f"Received `a` = {get_static_value(a)} with shape: {a.shape}"
        )
    return swapped(a)


def matrix_transpose(a: TensorLike, name: str | None = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """Matrices transposed: the last two axes change places.

    >>> tf.linalg.matrix_transpose([[1, 2, 3]]).shape
    TensorShape([3, 1])
    """
    a = convert(a)
    transpose = OPS["ConjugateTranspose" if conjugate and a.dtype.is_complex else "Transpose"]
    return transpose(a, _swapped(a), name=name)  # type: ignore[no-any-return]


def adjoint(matrix: TensorLike, name: str | None = None) -> Tensor:
    """Matrices transposed and conjugated.

    >>> tf.linalg.adjoint([[1.0, 2.0, 3.0]]).shape
    TensorShape([3, 1])
    """
    own = getattr(type(matrix), "adjoint", None)  # a linear operator's
    return matrix_transpose(matrix, name, conjugate=True) if own is None else own(matrix)


# ---------------------------------------------------------------- cross product


def _cross_shape(a: shapes.Shape, b: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    if a is not None and b is not None and not shapes.fits(a, b):
        raise errors.invalid(f"Both inputs must be of same shape: {shapes.show(a)} vs. {shapes.show(b)}")
    shape = shapes.merge(a, b)
    if shape == ():
        raise errors.invalid("Input must be at least 1D[]")
    if shape is not None and shape[-1] not in (3, None):
        raise errors.FailedPreconditionError(None, None, "Cross-products are only defined for 3-element vectors.")
    return None if shape is None else (*shape[:-1], 3)


@op("Cross", "a:T, b:T -> product:T", shape=_cross_shape, T=types.REALS)
def cross_(xp: Any, a: Array, b: Array) -> Array:
    _cross_shape(a.shape, b.shape)
    return xp.cross(a, b)


@cross_.gradient
def _(g: Any, _y: Any, a: Any, b: Any) -> Any:
    return cross_(b, g), cross_(g, a)


def cross(a: TensorLike, b: TensorLike, name: str | None = None) -> Tensor:
    """The cross product of vectors of three elements.

    >>> tf.linalg.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).numpy()
    array([0., 0., 1.], dtype=float32)
    """
    return cross_(a, b, name=name)  # type: ignore[no-any-return]
