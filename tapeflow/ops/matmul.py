"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.context import context
from ..base.dtypes import DTypeLike, as_dtype
from ..core.convert import convert
from ..core.execute import REFUSALS, binary, execute
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host, host_arrays
from ..engines.host_arrays import WIDE
from .common import conj, shape_of, static, unbroadcast
from .reduction import halves, pair, turned_to_front

_TYPES = (
    dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64,
    dtypes.uint8, dtypes.uint16, dtypes.uint32, dtypes.uint64, dtypes.complex64, dtypes.complex128,
)  # fmt: skip
_BATCH_TYPES = (*_TYPES[:4], dtypes.int16, *_TYPES[4:])
_SMALL = 1 << 14  # elements of a factor up to which NumPy's `dot` is called at once
_FLOAT32 = dtypes.float32.numpy
_new = Tensor.__new__
_DOT = frozenset(map(np.dtype, ("f4", "f8", "c8", "c16")))  # what BLAS multiplies


@op("MatMul", "a:T, b:T -> product:T", shape=shapes.matmul, T=_TYPES)
def mat_mul(
    xp: Any,
    a: Array,
    b: Array,
    *,
    transpose_a: bool = False,
    transpose_b: bool = False,
    grad_a: bool = False,
    grad_b: bool = False,
) -> Array:
    """`grad_a` and `grad_b` are hints, that a factor is a gradient."""
    if a.ndim != 2 or b.ndim != 2:
        shapes.matmul(a.shape, b.shape)
    if transpose_a:
        a = a.T
    if transpose_b:
        b = b.T
    if a.dtype in _DOT:
        return a.dot(b) if a.size < _SMALL and b.size < _SMALL else host_arrays.matmul(a, b)
    wide = WIDE.get(a.dtype)
    if wide is None:
        return np.matmul(a, b)
    return host_arrays.matmul(a.astype(wide), b.astype(wide)).astype(a.dtype)


@mat_mul.on("xla")
def _(
    jax: Any,
    a: Array,
    b: Array,
    *,
    transpose_a: bool = False,
    transpose_b: bool = False,
    grad_a: bool = False,
    grad_b: bool = False,
) -> Array:
    shapes.matmul(a.shape, b.shape, transpose_a=transpose_a, transpose_b=transpose_b)
    return product_on_xla(jax, _turned(jax, a.T) if transpose_a else a, b.T if transpose_b else b)


def _turned(jax: Any, x: Array) -> Array:
    """A transposed left factor, in memory as it is.

    Otherwise XLA makes it a product with a transposed factor, which on CPUs its fast library does not have: large ones
    take 10 to 100 % longer, and small ones are handed to a thread.
    """
    return jax.lax.optimization_barrier(x) if jax.default_backend() == "cpu" else x


def product_on_xla(jax: Any, x: Array, y: Array) -> Array:
    """The product of 16-bit floats is summed in float32."""
    return jax.numpy.matmul(x, y, preferred_element_type=WIDE.get(x.dtype)).astype(x.dtype)


@mat_mul.gradient
def _(g: Any, _y: Any, a: Any, b: Any, *, transpose_a: bool, transpose_b: bool, **_hints: Any) -> Any:
    def product(x: Any, y: Any, tx: bool, ty: bool) -> Any:
        return _PRODUCTS[tx, ty](x, y)

    if transpose_a:
        first = lambda: product(conj(b), g, transpose_b, True)
    else:
        first = lambda: product(g, conj(b), False, not transpose_b)
    if transpose_b:
        return first, lambda: product(g, conj(a), True, transpose_a)
    return first, lambda: product(conj(a), g, not transpose_a, False)


_FLAGS = {
    (a, b): {"transpose_a": a, "transpose_b": b, "grad_a": False, "grad_b": False}
    for a in (False, True)
    for b in (False, True)
}
_PLAIN = _FLAGS[False, False]


# ---------------------------------------------------------------- batches


def _swap(xp: Any, x: Array, adjoint: bool) -> Array:
    return xp.swapaxes(x.conj() if x.dtype.kind == "c" else x, -1, -2) if adjoint else x


@op("BatchMatMulV2", "x:T, y:T -> output:T", shape=shapes.batch_matmul, T=_BATCH_TYPES)
def batch_mat_mul(
    xp: Any,
    x: Array,
    y: Array,
    *,
    adj_x: bool = False,
    adj_y: bool = False,
    grad_x: bool = False,
    grad_y: bool = False,
) -> Array:
    """`grad_x` and `grad_y` are hints, that a factor is a gradient."""
    if x.ndim < 2 or y.ndim < 2:
        shapes.batch_matmul(x.shape, y.shape)
    wide = WIDE.get(x.dtype)
    if wide is not None:
        return batch_product(_swap(np, x.astype(wide), adj_x), _swap(np, y.astype(wide), adj_y)).astype(x.dtype)
    return batch_product(_swap(np, x, adj_x), _swap(np, y, adj_y))


@batch_mat_mul.on("xla")
def _(
    jax: Any,
    x: Array,
    y: Array,
    *,
    adj_x: bool = False,
    adj_y: bool = False,
    grad_x: bool = False,
    grad_y: bool = False,
) -> Array:
    shapes.batch_matmul(x.shape, y.shape, adj_x=adj_x, adj_y=adj_y)
    left = _turned(jax, _swap(jax.numpy, x, True)) if adj_x else x
    return product_on_xla(jax, left, _swap(jax.numpy, y, adj_y))


def batch_product(x: Array, y: Array) -> Array:
    """`np.matmul`; many rows times one matrix as one product, many big products over all cores."""
    if x.ndim > 2 and y.ndim == 2 and x.flags.c_contiguous and x.shape[-1] == y.shape[0]:
        return host_arrays.matmul(x.reshape(-1, y.shape[0]) if x.size else x, y).reshape(*x.shape[:-1], y.shape[1])
    if x.ndim > 2 and x.shape[:-2] == y.shape[:-2] and x.size * y.shape[-1] > host_arrays.BLAS_SPLITS:
        return _split_batch(x, y)
    return np.matmul(x, y)


def _split_batch(x: Array, y: Array) -> Array:
    if x.shape[-1] != y.shape[-2]:
        shapes.batch_matmul(x.shape, y.shape)
    out = np.empty((*x.shape[:-1], y.shape[-1]), x.dtype)
    parts = [array.reshape(-1, *array.shape[-2:]) for array in (x, y, out)]

    def block(start: int, stop: int) -> None:
        np.matmul(parts[0][start:stop], parts[1][start:stop], out=parts[2][start:stop])

    with host.one_blas_thread():
        host.parallel(block, len(parts[0]), host.share(len(parts[0])))
    return out


@batch_mat_mul.gradient
def _(g: Any, _z: Any, x: Any, y: Any, *, adj_x: bool, adj_y: bool, **_hints: Any) -> Any:
    def product(a: Any, b: Any, adj_a: bool, adj_b: bool, like: Any) -> Any:
        return unbroadcast(batch_mat_mul(a, b, adj_x=adj_a, adj_y=adj_b), shape_of(like))

    if adj_x:
        first = lambda: product(y, g, adj_y, True, x)
    else:
        first = lambda: product(g, y, False, not adj_y, x)
    if adj_y:
        return first, lambda: product(g, x, True, adj_x, y)
    return first, lambda: product(x, g, not adj_x, False, y)


# ---------------------------------------------------------------- public functions


def matmul(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: DTypeLike | None = None,
    grad_a: bool = False,
    grad_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of two matrices, or of batches of matrices, which are broadcast against each other.

    Args:
      a: a Tensor of shape `[..., m, k]`.
      b: a Tensor of shape `[..., k, n]` and the same dtype; a NumPy array or numbers get the dtype of `a`.
      transpose_a: whether to transpose the matrices of `a` first.
      transpose_b: the same for `b`.
      adjoint_a: whether to transpose and conjugate the matrices of `a` first.
      adjoint_b: the same for `b`.
      a_is_sparse: a hint that there are many zeros in `a`.
      b_is_sparse: the same for `b`.
      output_type: int32, for int8 factors; otherwise the dtype of the factors.
      grad_a: a hint that `a` is a gradient.
      grad_b: the same for `b`.
      name: of the operation.

    Returns:
      A Tensor of shape `[..., m, n]`.

    Raises:
      InvalidArgumentError: if sizes or dtypes do not fit, or one of the two is no matrix.
      ValueError: if a matrix is to be transposed twice.

    >>> tf.matmul([[1.0, 2.0]], [[3.0], [4.0]]).numpy()
    array([[11.]], dtype=float32)
    """
    if not (transpose_a or transpose_b or adjoint_a or adjoint_b or output_type):
        if type(a) is Tensor and type(b) is Tensor:  # `_product`, without the calls: BLAS takes less time than they do
            x, y = a._array, b._array
            if x.dtype is _FLOAT32 is y.dtype and x.ndim == 2 == y.ndim and x.size < _SMALL > y.size:
                try:
                    array = context.run(x.dot, y)
                except REFUSALS:
                    return _general_product(a, b, name)  # type: ignore[no-any-return]
                product = _new(Tensor)
                product._array, product._id = array, None
                for recorder in context.recorders:
                    recorder.record(mat_mul, _PLAIN, (a, b), product)
                return product
        return _product(a, b, name)  # type: ignore[no-any-return]
    if type(a) is not Tensor:
        a = convert(a)
    if type(b) is not Tensor:
        b = convert(b, hint=a.dtype)
    for which, transpose, adjoint in (("a", transpose_a, adjoint_a), ("b", transpose_b, adjoint_b)):
        if transpose and adjoint:
            raise ValueError(
                f"Only one of `transpose_{which}` and `adjoint_{which}` can be True. "
                f"Received `transpose_{which}`={transpose}, `adjoint_{which}`={adjoint}."
            )
    if output_type is not None and as_dtype(output_type) is not a.dtype:
        return _widened(a, b, transpose_a or adjoint_a, transpose_b or adjoint_b, output_type, name)
    if _is_batch(a) or _is_batch(b):
        a = conj(a) if transpose_a else a
        b = conj(b) if transpose_b else b
        adjoint_a, adjoint_b = adjoint_a or transpose_a, adjoint_b or transpose_b
        return batch_mat_mul(a, b, adj_x=adjoint_a, adj_y=adjoint_b, name=name)  # type: ignore[no-any-return]
    a = conj(a) if adjoint_a else a
    b = conj(b) if adjoint_b else b
    return execute(mat_mul, (a, b), _FLAGS[bool(transpose_a or adjoint_a), bool(transpose_b or adjoint_b)], name)  # type: ignore[no-any-return]


def _general_product(a: Any, b: Any, name: str | None = None) -> Any:
    if type(a) is not Tensor:
        a = convert(a)
    if type(b) is not Tensor:
        b = convert(b, hint=a.dtype)
    if _is_batch(a) or _is_batch(b):
        return batch_mat_mul(a, b, name=name)
    return execute(mat_mul, (a, b), _PLAIN, name)


def _small_product(a: Array, b: Array, out: Any) -> Any:
    """The product of two small matrices; None for batches and vectors."""
    return a.dot(b) if a.ndim == 2 == b.ndim else None


_product = binary(mat_mul, _general_product, _small_product, _PLAIN, _DOT, _SMALL)


def _turned_product(transpose_a: bool, transpose_b: bool) -> Any:
    """The product of two matrices that may be transposed, for gradients; quick for small ones."""
    flags = _FLAGS[transpose_a, transpose_b]

    def small(a: Array, b: Array, out: Any) -> Any:
        if a.ndim != 2 or b.ndim != 2:
            return None
        return (a.T if transpose_a else a).dot(b.T if transpose_b else b)

    return binary(mat_mul, lambda a, b: execute(mat_mul, (a, b), flags), small, flags, _DOT, _SMALL)


_PRODUCTS = {turned: _turned_product(*turned) for turned in _FLAGS}


def _is_batch(x: Any) -> bool:
    return x.ndim is None or x.ndim > 2


def _widened(a: Tensor, b: Tensor, turn_a: bool, turn_b: bool, output_type: DTypeLike, name: str | None) -> Tensor:
    """The product of int8 matrices as int32, the one pair of dtypes that TensorFlow has."""
    output_type = as_dtype(output_type)
    if a.dtype is not dtypes.int8 or output_type is not dtypes.int32:
        raise errors.invalid(f"matmul cannot make {output_type.name} of {a.dtype.name}: only int32 of int8")
    a, b = (OPS["Cast"](x, DstT=output_type) for x in (a, b))
    return matmul(a, b, transpose_a=turn_a, transpose_b=turn_b, name=name)


def matvec(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of a matrix and a vector, or of batches of them; see `matmul`.

    >>> tf.linalg.matvec([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]).numpy()
    array([3., 7.], dtype=float32)
    """
    column = OPS["ExpandDims"](b, -1)
    product = matmul(a, column, transpose_a=transpose_a, adjoint_a=adjoint_a, name=name)
    return OPS["Squeeze"](product, squeeze_dims=[-1])  # type: ignore[no-any-return]


def tensordot(a: TensorLike, b: TensorLike, axes: Any, name: str | None = None) -> Tensor:
    """The sum of products over axes of two Tensors.

    Args:
      a: a Tensor.
      b: a Tensor of the same dtype.
      axes: a number, so many last axes of `a` and first axes of `b`; or a pair, axes of `a` and of `b`.
      name: of the operation.

    Returns:
      A Tensor with the other axes of `a`, then those of `b`.

    Raises:
      ValueError: if there are not as many axes of `a` as of `b`, or too many.
      InvalidArgumentError: if their sizes differ.

    >>> a, b = tf.ones([2, 3, 4]), tf.ones([4, 3, 5])
    >>> tf.tensordot(a, b, [[1, 2], [1, 0]]).shape
    TensorShape([2, 5])
    """
    a = convert(a)
    b = convert(b, hint=a.dtype)
    a_axes, b_axes = _contracted(a, axes)
    if isinstance(a_axes, Tensor) or a.shape.rank is None or b.shape.rank is None:
        return _dynamic_tensordot(a, b, a_axes, b_axes, name)
    left, a_free = _as_matrix(a, a_axes, last=True)
    right, b_free = _as_matrix(b, b_axes, last=False)
    product = matmul(left, right)
    shape = OPS["ConcatV2"](a_free, b_free, 0) if _symbolic(a_free, b_free) else a_free + b_free
    return OPS["Reshape"](product, shape, name=name)  # type: ignore[no-any-return]


def _symbolic(*shapes_: Any) -> bool:
    return any(type(shape) is not tuple for shape in shapes_)


def _contracted(a: Tensor, axes: Any) -> tuple[Any, Any]:
    if isinstance(axes, Tensor):
        axes = static(axes)
    if isinstance(axes, Tensor):
        return (OPS["Range"](-axes, 0, 1), OPS["Range"](0, axes, 1)) if axes.shape.rank == 0 else (axes[0], axes[1])
    if isinstance(axes, (int, np.integer)):
        rank = a.shape.rank
        if rank is None:
            return list(range(-axes, 0)), list(range(axes))
        if axes < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {axes}.")
        if axes > rank:
            raise ValueError(
                f"`axes` must not be larger than the number of dimensions of tensor {a}.  "
                f"Received {axes}, vs tensor dimensions {rank}."
            )
        return list(range(rank - axes, rank)), list(range(axes))
    if len(axes) != 2:
        raise ValueError(f"`axes` must be an integer or have length 2. Received {axes}.")
    both = [[int(axis)] if np.ndim(axis) == 0 else [int(one) for one in axis] for axis in axes]
    if len(both[0]) != len(both[1]):
        raise ValueError(f"Different number of contraction axes `a` and `b`, {len(both[0])} != {len(both[1])}.")
    return both[0], both[1]


def _dynamic_tensordot(a: Tensor, b: Tensor, a_axes: Any, b_axes: Any, name: str | None) -> Tensor:
    """`tensordot` where ranks or axes are known only when the function runs."""
    matrices, free = [], []
    for x, axes in ((a, a_axes), (b, b_axes)):
        turn, _, count = turned_to_front(axes if isinstance(axes, Tensor) else convert(axes, dtypes.int32), x)
        turned = OPS["Transpose"](x, turn)
        shape = OPS["Shape"](turned)
        matrices.append(OPS["Reshape"](turned, halves(shape, count)))
        free.append(shape[count:])
    product = matmul(matrices[0], matrices[1], transpose_a=True)
    return OPS["Reshape"](product, OPS["ConcatV2"](*free, 0), name=name)  # type: ignore[no-any-return]


def _as_matrix(x: Tensor, axes: list[int], last: bool) -> tuple[Any, Any]:
    """`x` with `axes` flattened to the columns (`last`) or to the rows of a matrix, and the shape of the others."""
    shape = shape_of(x)
    rank = len(shape)
    if any(axis >= rank for axis in axes):
        raise IndexError("list index out of range")
    axes = [axis % rank for axis in axes]
    free = [axis for axis in range(rank) if axis not in axes]
    order = free + axes if last else axes + free
    if order != list(range(rank)):
        x = OPS["Transpose"](x, tuple(order))
        if _symbolic(shape):
            shape = OPS["GatherV2"](shape, tuple(order), 0)
        else:
            shape = tuple(shape[axis] for axis in order)
    cut = len(free) if last else len(axes)
    free_shape = shape[:cut] if last else shape[cut:]
    if rank != 2 or len(axes) != 1:
        x = OPS["Reshape"](x, pair(shape[:cut], shape[cut:]))
    return x, free_shape
