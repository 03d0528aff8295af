"""Ops that compute with sparse tensors, given as indices, values and dense shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.op import OPS, Op, op
from ..core.tensor import Array
from .common import conj, only_host, shape_of, unbroadcast
from .scatter_kernels import accumulate
from .sparse_ops import counted, linear, out_of_bounds, places

_PARTS = "{0}_indices:int64, {0}_values:T, {0}_shape:int64"
_WIDE = {np.dtype(np.float16): np.dtype(np.float32), dtypes.bfloat16.numpy: np.dtype(np.float32)}

# ---------------------------------------------------------------- matrix product


def _product_shape(_indices: Shape, _values: Shape, a: Any, b: Shape, *, adjoint_a: bool, adjoint_b: bool) -> Shape:
    if b is not None and len(b) != 2:
        raise errors.invalid("Tensor 'b' is not a matrix")
    sizes = a if type(a) is tuple else (None, None)
    if len(sizes) != 2:
        raise errors.invalid("Tensor 'a_shape' must have 2 elements")
    first, second = [n if isinstance(n, int) else None for n in sizes]
    rows, inner = (second, first) if adjoint_a else (first, second)
    if b is None:
        return rows, None
    below, columns = (b[1], b[0]) if adjoint_b else b
    if inner is not None and below is not None and inner != below:
        raise errors.invalid(
            f"Cannot multiply A and B because inner dimension does not match: {inner} vs. {below}.  Did you forget a "
            f"transpose?  Dimensions of A: [{first}, {second}).  Dimensions of B: {shapes.show(b)}"
        )
    return rows, columns


def _sizes(shape: Any, b: Array, adjoint_a: bool, adjoint_b: bool) -> tuple[int, int]:
    sizes: Any = _product_shape((), (), shape, b.shape, adjoint_a=adjoint_a, adjoint_b=adjoint_b)
    return sizes  # type: ignore[no-any-return]


@op(
    "SparseTensorDenseMatMul", "a_indices:Tindices, a_values:T, a_shape:int64, b:T -> product:T",
    shape=_product_shape, static=("a_shape",), Tindices=types.INDICES,
)  # fmt: skip
def sparse_tensor_dense_mat_mul(
    xp: Any, indices: Array, values: Array, shape: Any, b: Array, *, adjoint_a: bool = False, adjoint_b: bool = False
) -> Array:
    rows, columns = _sizes(shape, b, adjoint_a, adjoint_b)
    to, of = (indices[:, 1], indices[:, 0]) if adjoint_a else (indices[:, 0], indices[:, 1])
    right = (b.T.conj() if b.dtype.kind == "c" else b.T) if adjoint_b else b
    _check_inside(to, of, rows, right.shape[0], adjoint_a)
    wide = _WIDE.get(values.dtype, values.dtype)
    terms = right[of].astype(wide) * (values.conj() if adjoint_a else values).astype(wide)[:, None]
    out = np.zeros((rows, columns), wide)
    accumulate(np.add)(out, to, terms)
    return out.astype(values.dtype, copy=False)


def _check_inside(to: Array, of: Array, rows: Any, inner: int, adjoint: bool) -> None:
    first, second = (1, 0) if adjoint else (0, 1)
    for name, numbers, limit, which in (("k", of, inner, second), ("m", to, rows, first)):
        bad = (numbers < 0) | (numbers >= limit)
        if bad.any():
            at = int(bad.argmax())
            raise errors.invalid(f"{name} ({numbers[at]}) from index[{at},{which}] out of bounds (>={limit})")


@sparse_tensor_dense_mat_mul.on("xla")
def _(
    jax: Any, indices: Array, values: Array, shape: Any, b: Array, *, adjoint_a: bool = False, adjoint_b: bool = False
) -> Array:
    rows, _columns = _sizes(shape, b, adjoint_a, adjoint_b)
    to, of = (indices[:, 1], indices[:, 0]) if adjoint_a else (indices[:, 0], indices[:, 1])
    right = b.T.conj() if adjoint_b else b
    terms = right[of] * (values.conj() if adjoint_a else values)[:, None]
    product: Array = jax.ops.segment_sum(terms, to, rows)
    return product


@sparse_tensor_dense_mat_mul.gradient
def _(g: Any, _y: Any, indices: Any, values: Any, shape: Any, b: Any, *, adjoint_a: bool, adjoint_b: bool) -> Any:
    gb = sparse_tensor_dense_mat_mul(indices, values, shape, g, adjoint_a=not adjoint_a)
    if adjoint_b:
        gb = OPS["Transpose"](conj(gb), (1, 0))
    to, of = (indices[:, 1], indices[:, 0]) if adjoint_a else (indices[:, 0], indices[:, 1])
    right = OPS["Transpose"](conj(b), (1, 0)) if adjoint_b else b
    left, other = OPS["GatherV2"](g, to, 0), OPS["GatherV2"](right, of, 0)
    product = conj(left) * other if adjoint_a else left * conj(other)
    return None, OPS["Sum"](product, (1,), keep_dims=False), None, gb


# ---------------------------------------------------------------- with a dense tensor, element by element


def _check_dense(shape: Array, dense: Array) -> Array:
    if len(shape) < dense.ndim:
        _refuse(shape, dense)
    try:
        return np.broadcast_to(dense, tuple(shape.tolist()))
    except ValueError:
        raise _refuse(shape, dense) from None


def _refuse(shape: Array, dense: Array) -> errors.OpError:
    return errors.invalid(
        "SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible shapes: "
        f"{shapes.show(tuple(shape.tolist()))} vs. {shapes.show(dense.shape)}"
    )


def _with_dense(name: str, ufunc: Any) -> Op:
    @op(
        f"SparseDenseCwise{name}", f"{_PARTS.format('sp')}, dense:T -> output:T", T=types.NUMBERS,
        shape=lambda _indices, values, _shape, _dense: values, differentiable=None,
    )  # fmt: skip
    def kernel(xp: Any, indices: Array, values: Array, shape: Array, dense: Array) -> Array:
        if len(shape) < dense.ndim:
            raise _refuse(shape, dense)
        whole = _check_dense(shape, dense)
        if out_of_bounds(indices, shape).any():
            raise errors.invalid("Provided indices are out-of-bounds w.r.t. dense side with broadcasted shape")
        other = whole[tuple(indices.T)]
        if name == "Div" and values.dtype.kind in "iu":
            if not other.all():
                raise errors.invalid("Integer division by zero")
            return (np.sign(values) * np.sign(other) * (np.abs(values) // np.abs(other))).astype(values.dtype)
        found: Array = ufunc(values, other)
        return found

    only_host(kernel)
    return kernel


sparse_dense_cwise_add = _with_dense("Add", np.add)
sparse_dense_cwise_mul = _with_dense("Mul", np.multiply)
sparse_dense_cwise_div = _with_dense("Div", np.divide)


def _of_dense(g: Any, indices: Any, shape: Any, dense: Any) -> tuple[Any, Any]:
    """The elements of a dense tensor, broadcast, at the indices; and a function of what they get to its gradient."""
    whole = OPS["BroadcastTo"](dense, shape)

    def back(of_elements: Any) -> Any:
        spread = OPS["ScatterNd"](indices, of_elements, shape)
        wanted = dense.shape
        if wanted.is_fully_defined():
            return unbroadcast(spread, tuple(wanted.as_list()))
        return unbroadcast(spread, OPS["Shape"](dense, out_type=dtypes.int32))

    return OPS["GatherNd"](whole, indices), back


@sparse_dense_cwise_mul.gradient
def _(g: Any, _y: Any, indices: Any, values: Any, shape: Any, dense: Any) -> Any:
    other, back = _of_dense(g, indices, shape, dense)
    return None, g * conj(other), None, back(g * conj(values))


@sparse_dense_cwise_div.gradient
def _(g: Any, _y: Any, indices: Any, values: Any, shape: Any, dense: Any) -> Any:
    other, back = _of_dense(g, indices, shape, dense)
    return None, g / conj(other), None, back(g * conj(-values / (other * other)))


@op(
    "SparseTensorDenseAdd", "a_indices:Tindices, a_values:T, a_shape:Tindices, b:T -> output:T",
    shape=lambda _i, _v, _s, b: b, Tindices=types.INDICES, T=types.NUMBERS,
)  # fmt: skip
def sparse_tensor_dense_add(xp: Any, indices: Array, values: Array, shape: Array, b: Array) -> Array:
    if len(shape) != b.ndim:
        raise errors.invalid(f"Two operands have different ranks; received: {len(shape)} and {b.ndim}")
    for axis, (n, m) in enumerate(zip(shape.tolist(), b.shape)):
        if n != m:
            raise errors.invalid(
                f"Dimension {axis} does not equal (no broadcasting is supported): sparse side {n} vs dense side {m}"
            )
    if out_of_bounds(indices, b.shape).any():
        raise errors.invalid("invalid index.")
    out = b.copy()
    np.add.at(out, tuple(indices.T), values)
    return out


@sparse_tensor_dense_add.gradient
def _(g: Any, _y: Any, indices: Any, _values: Any, _shape: Any, _b: Any) -> Any:
    return None, OPS["GatherNd"](g, indices), None, g


# ---------------------------------------------------------------- two sparse tensors


def _check_alike(a: Array, b: Array) -> None:
    for axis, (n, m) in enumerate(zip(a.tolist(), b.tolist())):
        if n != m:
            raise errors.invalid(f"Operands' shapes do not match: got {n} and {m} for dimension {axis}")


def _union(a: Array, b: Array, shape: Array) -> tuple[Array, Array, Array]:
    """The places of both in order, and of each place the number of the element of the first and second, or -1."""
    mine, theirs = linear(a, shape), linear(b, shape)
    numbers = np.union1d(mine, theirs)
    found = []
    for own in (mine, theirs):
        at = np.full(len(numbers), -1)
        at[np.searchsorted(numbers, own)] = np.arange(len(own))
        found.append(at)
    return numbers, found[0], found[1]


def _picked(values: Array, at: Array) -> Array:
    if not len(values):
        return np.zeros(len(at), values.dtype)
    return np.where(at < 0, np.zeros((), values.dtype), values[at])


def _sum_shapes(a: Shape, _av: Any, shape: Shape, *_rest: Any) -> tuple[Shape, ...]:
    rank = a[1] if a is not None else None if shape is None else shape[0]
    return (None, rank), (None,), (rank,)


@op(
    "SparseAdd",
    f"{_PARTS.format('a')}, {_PARTS.format('b')}, thresh:Treal -> sum_indices:int64, sum_values:T, sum_shape:int64",
    shape=_sum_shapes, T=types.NUMBERS, Treal=types.REALS,
)  # fmt: skip
def sparse_add(
    xp: Any, a: Array, av: Array, a_shape: Array, b: Array, bv: Array, b_shape: Array, thresh: Array
) -> tuple[Array, Array, Array]:
    if len(a_shape) != len(b_shape):
        raise errors.invalid(f"Input indices must have the same dimension, got {len(a_shape)} and {len(b_shape)}")
    _check_alike(a_shape, b_shape)
    numbers, first, second = _union(a, b, a_shape)
    values = _picked(av, first) + _picked(bv, second)
    kept = np.abs(values) >= thresh
    return places(numbers[kept], a_shape), values[kept], a_shape


@sparse_add.gradient
def _(grads: Any, outputs: Any, a: Any, _av: Any, _as: Any, b: Any, _bv: Any, _bs: Any, _thresh: Any) -> Any:
    of_a, of_b = sparse_add_grad(grads[1], a, b, outputs[0])
    return None, of_a, None, None, of_b, None, None


@op(
    "SparseAddGrad",
    "backprop_val_grad:T, a_indices:int64, b_indices:int64, sum_indices:int64 -> a_val_grad:T, b_val_grad:T",
    shape=lambda _g, a, b, _s: ((None if a is None else a[0],), (None if b is None else b[0],)),
    T=types.NUMBERS,
)  # fmt: skip
def sparse_add_grad(xp: Any, g: Array, a: Array, b: Array, total: Array) -> tuple[Array, Array]:
    whole = np.concatenate([a, b, total])
    shape = whole.max(0, initial=0) + 1
    numbers = linear(total, shape)
    found = []
    for each in map(linear, (a, b), (shape, shape)):
        at = np.searchsorted(numbers, each)
        if len(numbers):
            at = np.where(numbers[np.minimum(at, len(numbers) - 1)] == each, at, -1)
        else:
            at = np.full(len(each), -1)
        found.append(_picked(g, at))
    return found[0], found[1]


@sparse_add_grad.gradient
def _(grads: Any, _outputs: Any, g: Any, a: Any, b: Any, total: Any) -> Any:
    count = shape_of(g)[0]
    at = [x - 1 for x in sparse_add_grad(counted(g), a, b, total)]
    found = [OPS["UnsortedSegmentSum"](x, i, count) for x, i in zip(grads, at) if x is not None]
    return found[0] if len(found) == 1 else found[0] + found[1], None, None, None


def _of_both(name: str, ufunc: Any, allowed: Any) -> Op:
    @op(
        f"SparseSparse{name}", f"{_PARTS.format('a')}, {_PARTS.format('b')} -> output_indices:int64, output_values:T",
        shape=lambda a, *_: _sum_shapes(a, None, None)[:2], differentiable=None, T=allowed,
    )  # fmt: skip
    def kernel(
        xp: Any, a: Array, av: Array, a_shape: Array, b: Array, bv: Array, b_shape: Array
    ) -> tuple[Array, Array]:
        if len(a_shape) != len(b_shape):
            shown = [" ".join(map(str, s.tolist())) for s in (a_shape, b_shape)]
            raise errors.invalid(f"Operands do not have the same ranks; got shapes: {shown[0]} and {shown[1]}")
        _check_alike(a_shape, b_shape)
        numbers, first, second = _union(a, b, a_shape)
        return places(numbers, a_shape), ufunc(_picked(av, first), _picked(bv, second))

    only_host(kernel)
    return kernel


sparse_sparse_maximum = _of_both("Maximum", np.maximum, types.REALS)
sparse_sparse_minimum = _of_both("Minimum", np.minimum, types.NUMBERS)


# ---------------------------------------------------------------- reductions


def _axes(axes: Any, rank: int) -> list[int]:
    """The axes that are reduced, counted from the front."""
    given = (axes,) if isinstance(axes, int) else axes
    for axis in given:
        if not -rank <= axis < rank:
            raise errors.invalid(f"Invalid reduction dimension {axis}, for input with {rank} dimensions.")
    return sorted({axis % rank for axis in given})


def _reduced_shape(_indices: Shape, _values: Shape, shape: Any, axes: Any, *, keep_dims: bool) -> Shape:
    if type(shape) is not tuple or not isinstance(axes, (int, tuple)):
        return None
    gone = _axes(axes, len(shape))
    sizes = [n if isinstance(n, int) else None for n in shape]
    return tuple(1 if i in gone else n for i, n in enumerate(sizes) if keep_dims or i not in gone)


def _groups(indices: Array, shape: Any, gone: list[int]) -> tuple[Array, Array, Array]:
    """The places that are left, in order; which of them each element belongs to, and the shape that is left."""
    left = [i for i in range(len(shape)) if i not in gone]
    sizes = np.array([shape[i] for i in left], np.int64)
    numbers, group = np.unique(linear(indices[:, left], sizes), return_inverse=True)
    return numbers, group, sizes


def _reduction(name: str, ufunc: Any, allowed: Any) -> tuple[Op, Op]:
    def totals(values: Array, group: Array, count: int) -> Array:
        wide = _WIDE.get(values.dtype, values.dtype)
        order = np.argsort(group, kind="stable")
        starts = np.searchsorted(group[order], np.arange(count))
        if not count:
            return values[:0]
        found: Array = ufunc.reduceat(values[order].astype(wide), starts).astype(values.dtype)
        return found

    signature = f"{_PARTS.format('input')}, reduction_axes:int32"

    @op(
        f"SparseReduce{name}", f"{signature} -> output:T", shape=_reduced_shape, T=allowed,
        static=("input_shape", "reduction_axes"), differentiable=None,
    )  # fmt: skip
    def dense(xp: Any, indices: Array, values: Array, shape: Any, axes: Any, *, keep_dims: bool = False) -> Array:
        wanted: Any = _reduced_shape((), (), shape, axes, keep_dims=keep_dims)
        numbers, group, sizes = _groups(indices, shape, _axes(axes, len(shape)))
        out = np.zeros(int(np.prod(sizes)), values.dtype)
        out[numbers] = totals(values, group.reshape(-1), len(numbers))
        return out.reshape(wanted)

    @op(
        f"SparseReduce{name}Sparse", f"{signature} -> output_indices:int64, output_values:T, output_shape:int64",
        shape=lambda *_, **__: ((None, None), (None,), (None,)), T=allowed,
        static=("input_shape", "reduction_axes"), differentiable=None,
    )  # fmt: skip
    def sparse(
        xp: Any, indices: Array, values: Array, shape: Any, axes: Any, *, keep_dims: bool = False
    ) -> tuple[Array, Array, Array]:
        gone = _axes(axes, len(shape))
        wanted: Any = _reduced_shape((), (), shape, axes, keep_dims=keep_dims)
        numbers, group, _sizes = _groups(indices, shape, gone)
        found = totals(values, group.reshape(-1), len(numbers))
        return places(numbers, wanted), found, np.array(wanted, np.int64)

    only_host(dense, sparse)
    return dense, sparse


sparse_reduce_sum, sparse_reduce_sum_sparse = _reduction("Sum", np.add, types.NUMBERS)
sparse_reduce_max, sparse_reduce_max_sparse = _reduction("Max", np.maximum, types.REALS)


@sparse_reduce_sum.gradient
def _(g: Any, _y: Any, indices: Any, _values: Any, shape: Any, axes: Any, *, keep_dims: bool) -> Any:
    if not isinstance(shape, tuple) or not isinstance(axes, (int, tuple)):
        raise TypeError("The gradient of tf.sparse.reduce_sum wants a known rank and axes.")
    gone = _axes(axes, len(shape))
    if not keep_dims:
        for axis in gone:
            g = OPS["ExpandDims"](g, axis)
    columns = [OPS["ZerosLike"](indices[:, i]) if i in gone else indices[:, i] for i in range(len(shape))]
    return None, OPS["GatherNd"](g, OPS["Pack"](*columns, axis=1)), None, None


@op(
    "SparseSoftmax", "sp_indices:int64, sp_values:T, sp_shape:int64 -> output:T",
    shape=lambda _i, values, _s: values, T=(dtypes.float16, dtypes.float32, dtypes.float64),
)  # fmt: skip
def sparse_softmax(xp: Any, indices: Array, values: Array, shape: Array) -> Array:
    if len(shape) < 2:
        raise errors.invalid(
            f"Input should have rank >= 2, but received shape: {' '.join(map(str, shape.tolist()))}"
        )
    if not len(values):
        return values
    _, group, _ = _groups(indices, shape, [len(shape) - 1])
    group = group.reshape(-1)
    count = int(group.max()) + 1
    wide = values.astype(np.float64)
    top = np.full(count, -np.inf)
    np.maximum.at(top, group, wide)
    likely = np.exp(wide - top[group])
    return (likely / np.bincount(group, likely, count)[group]).astype(values.dtype)


@sparse_softmax.gradient
def _(g: Any, y: Any, indices: Any, _values: Any, shape: Any) -> Any:
    rows = indices[:, :-1]
    _, group = _row_numbers(rows, shape[:-1])
    count = OPS["Shape"](y, out_type=dtypes.int32)[0]
    total = OPS["UnsortedSegmentSum"](g * y, group, count)
    return None, (g - OPS["GatherV2"](total, group, 0)) * y, None


def _row_numbers(rows: Any, sizes: Any) -> Any:
    """The number of the row of each element among the rows that there are."""
    strides = OPS["Cumprod"](sizes, 0, exclusive=True, reverse=True)
    return OPS["Unique"](OPS["Sum"](rows * strides, (1,), keep_dims=False), out_idx=dtypes.int32)


only_host(sparse_tensor_dense_add, sparse_add, sparse_add_grad, sparse_softmax)
