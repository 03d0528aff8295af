"""Ops that arrange the elements of sparse tensors, given as indices, values and dense shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.dtypes import int64
from ..base.shapes import Shape
from ..core import types
from ..core.op import OPS, op
from ..core.tensor import Array
from .common import only_host, shape_of


def linear(indices: Array, shape: Any) -> Array:
    """The number of each place when all are counted in the order of rows."""
    sizes = np.asarray(shape, np.int64)
    strides = np.append(np.cumprod(sizes[:0:-1])[::-1], 1)[: len(sizes)]
    return indices.astype(np.int64) @ strides if len(sizes) else np.zeros(len(indices), np.int64)


def places(numbers: Array, shape: Any) -> Array:
    """What `linear` numbers, again as indices."""
    columns = np.unravel_index(numbers, tuple(int(n) for n in shape)) if len(shape) and numbers.size else ()
    if not len(columns):
        return np.zeros((len(numbers), len(shape)), np.int64)
    return np.stack(columns, 1).astype(np.int64)


def out_of_bounds(indices: Array, shape: Any) -> Array:
    """Which rows of indices lie outside the shape."""
    bad: Array = ((indices < 0) | (indices >= np.asarray(shape, np.int64))).any(1)
    return bad


def check_order(indices: Array, shape: Any, repeats: bool = False) -> None:
    """That indices lie within the shape and ascend; perhaps with repetitions.

    Raises:
      InvalidArgumentError: unless they do, for the first that is amiss.
    """
    outside = out_of_bounds(indices, shape)
    numbers = linear(indices, shape)
    wrong = outside.copy()
    wrong[1:] |= numbers[1:] < numbers[:-1] if repeats else numbers[1:] <= numbers[:-1]
    if not wrong.any():
        return
    at = int(wrong.argmax())
    row = f"indices[{at}] = [{','.join(map(str, indices[at].tolist()))}]"
    if outside[at]:
        raise errors.invalid(f"{row} is out of bounds: need 0 <= index < {shapes.show(tuple(shape))}")
    if numbers[at] == numbers[at - 1]:
        raise errors.invalid(f"{row} is repeated")
    raise errors.invalid(
        f"{row} is out of order. Many sparse ops require sorted indices.\n    Use `tf.sparse.reorder` to create a "
        "correctly ordered copy.\n\n"
    )


def _static_shape(shape: Any) -> Shape:
    if type(shape) is not tuple:
        return None
    return tuple(n if isinstance(n, int) else None for n in shape)


def _elements(_indices: Any, values: Shape, shape: Shape, *_rest: Any, **_attrs: Any) -> tuple[Shape, ...]:
    """Of an op that gives the same elements, in another order."""
    return _indices, values


def _some(indices: Shape, _values: Any, shape: Shape, *_rest: Any, **_attrs: Any) -> tuple[Shape, ...]:
    """Of an op that gives some elements, of the same rank."""
    rank = indices[1] if indices is not None else shape[0] if shape is not None else None
    return (None, rank), (None,), (rank,)


# ---------------------------------------------------------------- dense tensors


def _dense_shape(_indices: Shape, shape: Any, _values: Shape, _default: Shape, **_attrs: Any) -> Shape:
    return _static_shape(shape)


@op(
    "SparseToDense", "sparse_indices:Tindices, output_shape:Tindices, sparse_values:T, default_value:T -> dense:T",
    shape=_dense_shape, static=("output_shape",), Tindices=types.INDICES,
)  # fmt: skip
def sparse_to_dense(
    xp: Any, indices: Array, shape: Any, values: Array, default: Array, *, validate_indices: bool = True
) -> Array:
    rows = _as_rows(indices, shape, values)
    if default.ndim:
        raise errors.invalid("default_value should be a scalar.")
    if validate_indices:
        check_order(rows, shape)
    elif out_of_bounds(rows, shape).any():
        raise errors.invalid(f"Indices are not valid (out of bounds).  Shape: {shapes.show(shape)}")
    dense = np.full(shape, default[()], values.dtype)
    if not shape:
        return values[-1:].reshape(()) if len(rows) else dense
    dense[tuple(rows.T)] = values
    return dense


@sparse_to_dense.on("xla")
def _(jax: Any, indices: Array, shape: Any, values: Array, default: Array, *, validate_indices: bool = True) -> Array:
    rows = _as_rows(indices, shape, values)
    dense: Array = jax.numpy.full(shape, default, values.dtype).at[tuple(rows.T)].set(values)
    return dense


def _as_rows(indices: Array, shape: Any, values: Array) -> Array:
    if indices.ndim > 2:
        raise errors.invalid(
            f"sparse_indices should be a scalar, vector, or matrix, got shape {shapes.show(indices.shape)}"
        )
    count = indices.shape[0] if indices.ndim else 1
    rank = indices.shape[1] if indices.ndim > 1 else 1
    if not isinstance(shape, tuple) or len(shape) != rank:
        length = len(shape) if isinstance(shape, tuple) else 1
        raise errors.invalid(f"output_shape has incorrect number of elements: {length} should be: {rank}")
    if values.ndim > 1 or (values.ndim and len(values) != count):
        shape_ = shapes.show(values.shape)
        raise errors.invalid(f"sparse_values has incorrect shape {shape_}, should be [] or [{count}]")
    return indices.reshape(count, rank)


@sparse_to_dense.gradient
def _(
    g: Any, _dense: Any, indices: Any, _shape: Any, values_shape: Any, _default: Any, *, validate_indices: bool
) -> Any:
    if indices.shape.rank == 0:
        indices = OPS["Reshape"](indices, (1, 1))
    elif indices.shape.rank == 1:
        indices = OPS["ExpandDims"](indices, 1)
    picked = OPS["GatherNd"](g, indices)
    axes = tuple(range(g.shape.rank)) if g.shape.rank is not None else OPS["Range"](0, OPS["Rank"](g), 1)
    rest = OPS["Sum"](g, axes, keep_dims=False) - OPS["Sum"](picked, (0,), keep_dims=False)
    if type(values_shape) is tuple and not values_shape:
        picked = OPS["Sum"](picked, (0,), keep_dims=False)
    return None, None, picked, rest


# ---------------------------------------------------------------- order and shape


@op(
    "SparseReorder", "input_indices:int64, input_values:T, input_shape:int64 -> output_indices:int64, output_values:T",
    shape=_elements,
)  # fmt: skip
def sparse_reorder(xp: Any, indices: Array, values: Array, shape: Array) -> tuple[Array, Array]:
    order = np.argsort(linear(indices, shape), kind="stable")
    return indices[order], values[order]


@sparse_reorder.gradient
def _(grads: Any, _outputs: Any, indices: Any, values_shape: Any, shape: Any) -> Any:
    count = OPS["Shape"](indices, out_type=int64)[0]
    numbers = OPS["Range"](OPS["ZerosLike"](count), count, OPS["OnesLike"](count))
    _, order = sparse_reorder(indices, numbers, shape)
    return None, OPS["GatherV2"](grads[1], OPS["InvertPermutation"](order), 0), None


@op(
    "SparseReshape",
    "input_indices:int64, input_shape:int64, new_shape:int64 -> output_indices:int64, output_shape:int64",
    shape=lambda i, _s, n: ((None if i is None else i[0], None if n is None else n[0]), n), differentiable=False,
)  # fmt: skip
def sparse_reshape(xp: Any, indices: Array, shape: Array, new: Array) -> tuple[Array, Array]:
    if new.ndim != 1:
        raise errors.invalid(f"Target shape should be a vector but received shape {shapes.show(new.shape)}")
    wanted = _filled_in(shape, new.tolist())
    return places(linear(indices, shape), wanted), np.array(wanted, np.int64)


def _filled_in(shape: Array, new: list[int]) -> list[int]:
    unknown = [i for i, n in enumerate(new) if n == -1]
    if len(unknown) > 1:
        raise errors.invalid(f"only one output dimension may be -1, not both {unknown[0]} and {unknown[1]}")
    negative = next((i for i, n in enumerate(new) if n < -1), None)
    if negative is not None:
        raise errors.invalid(f"size {negative} must be non-negative, not {new[negative]}")
    have, rest = int(np.prod(shape)), int(np.prod([n for n in new if n != -1]))
    wanted = list(new)
    if unknown:
        if rest <= 0:
            raise errors.invalid(
                "reshape cannot infer the missing input size for an empty tensor unless all specified input sizes are "
                "non-zero"
            )
        wanted[unknown[0]] = have // rest if have % rest == 0 else 1
        if have % rest:
            raise errors.invalid(
                f"Input to reshape is a SparseTensor with {have} dense values, but the requested shape requires a "
                f"multiple of {rest}. input_shape={shapes.show(tuple(shape))} output_shape={shapes.show(tuple(wanted))}"
            )
    elif rest != have:
        raise errors.invalid(
            f"Input to reshape is a tensor with {have} dense values, but the requested shape has {rest}. "
            f"input_shape={shapes.show(tuple(shape))} output_shape={shapes.show(tuple(wanted))}"
        )
    return wanted


@op(
    "SparseSlice",
    "indices:int64, values:T, shape:int64, start:int64, size:int64 -> output_indices:int64, output_values:T, "
    "output_shape:int64",
    shape=_some,
)  # fmt: skip
def sparse_slice(
    xp: Any, indices: Array, values: Array, shape: Array, start: Array, size: Array
) -> tuple[Array, Array, Array]:
    for name, x in (("start", start), ("size", size)):
        if x.shape != shape.shape:
            raise errors.invalid(f"Expected {name} to be a vector of length {len(shape)} but got length {len(x)}")
    kept = ((indices >= start) & (indices < start + size)).all(1)
    return indices[kept] - start, values[kept], np.clip(shape - start, 0, size)


@sparse_slice.gradient
def _(grads: Any, outputs: Any, indices: Any, _values: Any, _shape: Any, start: Any, _size: Any) -> Any:
    return None, sparse_slice_grad(grads[1], indices, start, outputs[0]), None, None, None


@op(
    "SparseSliceGrad",
    "backprop_val_grad:T, input_indices:int64, input_start:int64, output_indices:int64 -> val_grad:T",
    shape=lambda g, indices, start, _: (None if indices is None else indices[0],), T=types.NUMBERS,
)  # fmt: skip
def sparse_slice_grad(xp: Any, g: Array, indices: Array, start: Array, kept: Array) -> Array:
    found = np.zeros(len(indices), g.dtype)
    rows = {tuple(row): i for i, row in enumerate((kept + start).tolist())}
    for i, row in enumerate(indices.tolist()):
        at = rows.get(tuple(row))
        if at is not None:
            found[i] = g[at]
    return found


def counted(x: Any) -> Any:
    """1, 2, 3..., one for each row."""
    size = OPS["Shape"](x, out_type=int64)[0]
    one = OPS["OnesLike"](size)
    return OPS["Range"](one, size + one, one)


@sparse_slice_grad.gradient
def _(g: Any, _y: Any, values: Any, indices: Any, start: Any, kept: Any) -> Any:
    taken = sparse_slice_grad(counted(values), indices, start, kept) - 1  # -1: of no use
    return OPS["UnsortedSegmentSum"](g, taken, shape_of(values)[0]), None, None, None


# ---------------------------------------------------------------- several sparse tensors


def _joined(*shapes_: Any, concat_dim: int) -> tuple[Shape, ...]:
    count = len(shapes_) // 3
    counts = [None if each is None else each[0] for each in shapes_[:count]]
    rank = next((each[1] for each in shapes_[:count] if each is not None), None)
    known = [n for n in counts if n is not None]
    total = sum(known) if len(known) == count else None
    return (total, rank), (total,), (rank,)


@op(
    "SparseConcat",
    "indices:N*int64, values:N*T, shapes:N*int64 -> output_indices:int64, output_values:T, output_shape:int64",
    shape=_joined, differentiable=False,
)  # fmt: skip
def sparse_concat(xp: Any, *inputs: Array, concat_dim: int) -> tuple[Array, Array, Array]:
    count = len(inputs) // 3
    indices, values, sizes = inputs[:count], inputs[count : 2 * count], inputs[2 * count :]
    shape, rank = sizes[0].copy(), len(sizes[0])
    if not -rank <= concat_dim < rank:
        raise errors.invalid(f"Concat dimension must be in range [{-rank}, {rank}), got {concat_dim}")
    axis = concat_dim % rank
    moved, offset = [], 0
    for i, (each, size) in enumerate(zip(indices, sizes)):
        _check_joined(shape, size, axis, i)
        moved.append(each + np.where(np.arange(rank) == axis, offset, 0))
        offset += int(size[axis])
    shape[axis] = offset
    whole = np.concatenate(moved)
    order = np.argsort(linear(whole, shape), kind="stable") if axis else np.arange(len(whole))
    return whole[order], np.concatenate(values)[order], shape


def _check_joined(shape: Array, size: Array, axis: int, i: int) -> None:
    if len(size) != len(shape):
        raise errors.invalid(
            f"Ranks of all input tensors must match: expected {len(shape)} but got {len(size)} at position {i}"
        )
    for k, (a, b) in enumerate(zip(shape, size)):
        if a != b and k != axis:
            raise errors.invalid(f"Input shapes must match: expected {a} for dimension {k} but got {b} at position {i}")


def _split_shapes(_dim: Any, indices: Shape, _values: Any, shape: Shape, *, num_split: int) -> tuple[Shape, ...]:
    rank = None if indices is None else indices[1]
    return *[(None, rank)] * num_split, *[(None,)] * num_split, *[(rank,)] * num_split


@op(
    "SparseSplit",
    "split_dim:int64, indices:int64, values:T, shape:int64 -> output_indices:num_split*int64, "
    "output_values:num_split*T, output_shape:num_split*int64",
    shape=_split_shapes, differentiable=None, static=("split_dim",),
)  # fmt: skip
def sparse_split(
    xp: Any, split_dim: int, indices: Array, values: Array, shape: Array, *, num_split: int
) -> tuple[Array, ...]:
    rank = len(shape)
    if not -rank <= split_dim < rank:
        raise errors.invalid(f"Input axis should be in range [{-rank}, {rank}), got {split_dim}")
    axis = split_dim % rank
    whole = int(shape[axis])
    if not 1 <= num_split <= whole:
        raise errors.invalid(
            f"Input num_split should be between 1 and the splitting dimension size ({whole}), got {num_split}"
        )
    least, longer = divmod(whole, num_split)
    ends = np.cumsum([least + (i < longer) for i in range(num_split)])
    part = np.searchsorted(ends, indices[:, axis], side="right")
    found = []
    for i, end in enumerate(ends):
        size = shape.copy()
        size[axis] = least + (i < longer)
        kept = part == i
        moved = indices[kept]
        moved[:, axis] -= end - size[axis]
        found.append((moved, values[kept], size))
    return tuple(each[k] for k in range(3) for each in found)


# ---------------------------------------------------------------- empty rows


def _filled_shapes(indices: Shape, _values: Any, shape: Any, _default: Any) -> tuple[Shape, ...]:
    rank, count = (None, None) if indices is None else (indices[1], indices[0])
    return (None, rank), (None,), (None,), (count,)


@op(
    "SparseFillEmptyRows",
    "indices:int64, values:T, dense_shape:int64, default_value:T -> output_indices:int64, output_values:T, "
    "empty_row_indicator:bool, reverse_index_map:int64",
    shape=_filled_shapes,
)  # fmt: skip
def sparse_fill_empty_rows(
    xp: Any, indices: Array, values: Array, shape: Array, default: Array
) -> tuple[Array, Array, Array, Array]:
    if default.ndim:
        raise errors.invalid(f"default_value must be a scalar, saw: {shapes.show(default.shape)}")
    if not len(shape):
        raise errors.invalid("Dense shape cannot be empty.")
    rows = indices[:, 0]
    bad = (rows < 0) | (rows >= shape[0])
    if bad.any():
        at = int(bad.argmax())
        raise errors.invalid(f"indices({at}, 0) is invalid: {rows[at]} >= {shape[0]}")
    empty = np.bincount(rows, minlength=int(shape[0])) == 0
    new = np.zeros((int(empty.sum()), len(shape)), np.int64)
    new[:, 0] = np.flatnonzero(empty)
    whole = np.concatenate([indices, new])
    order = np.argsort(whole[:, 0], kind="stable")
    back = np.empty(len(whole), np.int64)
    back[order] = np.arange(len(whole))
    filled = np.concatenate([values, np.full(len(new), default[()], values.dtype)])
    return whole[order], filled[order], empty, back[: len(rows)]


@sparse_fill_empty_rows.gradient
def _(grads: Any, outputs: Any, _indices: Any, _values: Any, _shape: Any, _default: Any) -> Any:
    values, default = sparse_fill_empty_rows_grad(outputs[3], grads[1])
    return None, values, None, default


@op(
    "SparseFillEmptyRowsGrad", "reverse_index_map:int64, grad_values:T -> d_values:T, d_default_value:T",
    shape=lambda back, g: (back, ()),
)  # fmt: skip
def sparse_fill_empty_rows_grad(xp: Any, back: Array, g: Array) -> tuple[Array, Array]:
    rest = np.ones(len(g), bool)
    rest[back] = False
    return g[back], np.asarray(g[rest].sum(dtype=g.dtype))


@sparse_fill_empty_rows_grad.gradient
def _(grads: Any, _outputs: Any, back: Any, values: Any) -> Any:
    count = shape_of(values)[0]
    of_values, of_default = grads
    found = None if of_values is None else OPS["UnsortedSegmentSum"](of_values, back, count)
    if of_default is not None:
        own = OPS["UnsortedSegmentSum"](OPS["Cast"](OPS["OnesLike"](back), DstT=values.dtype), back, count)
        rest = of_default * (OPS["OnesLike"](own) - own)
        found = rest if found is None else found + rest
    return None, found


only_host(
    sparse_reorder, sparse_reshape, sparse_slice, sparse_slice_grad, sparse_concat, sparse_split,
    sparse_fill_empty_rows, sparse_fill_empty_rows_grad,
)  # fmt: skip
