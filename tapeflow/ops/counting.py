"""How often integers occur in rows: as sparse tensors, and of sparse and ragged tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor
from .common import only_host
from .ragged_tensor import RaggedTensor
from .reduction import reduce_max
from .sparse_tensor import SparseTensor, SparseTensorValue, parts

_COUNTS = (*types.INDICES, dtypes.float32, dtypes.float64)

# ---------------------------------------------------------------- sparse results


def _counted(rows: Array, values: Array, weights: Array, count: int, rank: int, attrs: dict[str, Any]) -> Any:
    """Indices, values and shape of the counts of each row."""
    if (values < 0).any():
        raise errors.invalid("Input values must all be non-negative")
    if weights.size and weights.size != values.size:
        raise errors.invalid("Weights and values must have the same shape.")
    least, most = attrs["minlength"], attrs["maxlength"]
    kept = values < most if most >= 0 else np.ones(len(values), bool)
    length = int(values.max(initial=-1)) + 1
    length = min(length, most) if most >= 0 else length
    rows, values = rows[kept], values[kept]
    width = max(length, least)
    numbers, at = np.unique(rows * max(length, 1) + values.astype(np.int64), return_inverse=True)
    if attrs["binary_output"]:
        counts: Any = np.ones(len(numbers), np.int64)
    else:
        counts = np.bincount(at.reshape(-1), weights.reshape(-1)[kept] if weights.size else None, len(numbers))
    places = np.stack([numbers // max(length, 1), numbers % max(length, 1)], 1).astype(np.int64)
    shape = np.array([count, width], np.int64)
    return places[:, 2 - rank :], counts.astype(weights.dtype), shape[2 - rank :]


_OUTPUT = "output_indices:int64, output_values:output_type, output_dense_shape:int64"


def _check_lengths(minlength: int, maxlength: int) -> dict[str, int]:
    for name, value in (("minlength", minlength), ("maxlength", maxlength)):
        if value < -1:
            raise errors.invalid(f"Value for attr '{name}' of {value} must be at least minimum -1")
    return {"minlength": minlength, "maxlength": maxlength}


def _unknown(*_: Any, **__: Any) -> tuple[Shape, ...]:
    return (None, None), (None,), (None,)


@op(
    "DenseCountSparseOutput", f"values:T, weights:output_type -> {_OUTPUT}", differentiable=None, T=types.INDICES,
    shape=lambda x, *_, **__: _unknown() if x is None else ((None, len(x)), (None,), (len(x),)), output_type=_COUNTS,
)  # fmt: skip
def dense_count(
    xp: Any, values: Array, weights: Array, *, binary_output: bool, minlength: int = -1, maxlength: int = -1
) -> Any:
    if values.ndim not in (1, 2):
        raise errors.invalid(f"Input must be a 1 or 2-dimensional tensor. Got: [{','.join(map(str, values.shape))}]")
    attrs = {**_check_lengths(minlength, maxlength), "binary_output": binary_output}
    count = values.shape[0] if values.ndim == 2 else 1
    rows = np.repeat(np.arange(count), values.size // max(count, 1))
    return _counted(rows, values.reshape(-1), weights, count, values.ndim, attrs)


@op(
    "SparseCountSparseOutput", f"indices:int64, values:T, dense_shape:int64, weights:output_type -> {_OUTPUT}",
    differentiable=None, shape=_unknown, T=types.INDICES, output_type=_COUNTS,
)  # fmt: skip
def sparse_count(
    xp: Any, indices: Array, values: Array, shape: Array, weights: Array, *, binary_output: bool, minlength: int = -1,
    maxlength: int = -1,
) -> Any:  # fmt: skip
    attrs = {**_check_lengths(minlength, maxlength), "binary_output": binary_output}
    matrix = len(shape) == 2
    rows = indices[:, 0] if matrix else np.zeros(len(values), np.int64)
    return _counted(rows, values, weights, int(shape[0]) if matrix else 1, 2 if matrix else 1, attrs)


@op(
    "RaggedCountSparseOutput", f"splits:int64, values:T, weights:output_type -> {_OUTPUT}",
    differentiable=None, shape=_unknown, T=types.INDICES, output_type=_COUNTS,
)  # fmt: skip
def ragged_count(
    xp: Any, splits: Array, values: Array, weights: Array, *, binary_output: bool, minlength: int = -1,
    maxlength: int = -1,
) -> Any:  # fmt: skip
    attrs = {**_check_lengths(minlength, maxlength), "binary_output": binary_output}
    rows = np.repeat(np.arange(len(splits) - 1), np.diff(splits))
    return _counted(rows, values, weights, len(splits) - 1, 2, attrs)


# ---------------------------------------------------------------- dense results


def _dense(rows: Array, values: Array, weights: Array, count: int, size: int, binary: bool) -> Array:
    if size < 0:
        raise errors.invalid(f"size ({size}) must be non-negative")
    if (values < 0).any():
        raise errors.invalid("Input must be non-negative")
    kept = values < size
    places = rows[kept] * size + values[kept]
    many = weights.reshape(-1)[kept] if weights.size and not binary else None
    counts: Any = np.bincount(places, many, count * size)
    counts = counts > 0 if binary else counts
    found: Array = counts.astype(weights.dtype).reshape(count, size)
    return found


def _size_known(size: Any) -> Any:
    return size if isinstance(size, int) else None


def _sparse_shape(_i: Any, _v: Any, shape: Any, size: Any, _w: Any, **_attrs: Any) -> Shape:
    if type(shape) is not tuple:
        return None
    return (*(n if isinstance(n, int) else None for n in shape[:-1]), _size_known(size))


@op(
    "SparseBincount", "indices:int64, values:Tidx, dense_shape:int64, size:Tidx, weights:T -> output:T",
    differentiable=None, shape=_sparse_shape, static=("dense_shape", "size"), Tidx=types.INDICES, T=_COUNTS,
)  # fmt: skip
def sparse_bincount_op(
    xp: Any, indices: Array, values: Array, shape: Any, size: int, weights: Array, *, binary_output: bool = False
) -> Array:
    matrix = len(shape) == 2
    rows = indices[:, 0] if matrix else np.zeros(len(values), np.int64)
    found = _dense(rows, values, weights, shape[0] if matrix else 1, size, binary_output)
    return found if matrix else found[0]


@op(
    "RaggedBincount", "splits:int64, values:Tidx, size:Tidx, weights:T -> output:T", differentiable=None,
    shape=lambda splits, _v, size, _w, **_: (
        None if splits is None or splits[0] is None else splits[0] - 1, _size_known(size)
    ),
    static=("size",), Tidx=types.INDICES, T=_COUNTS,
)  # fmt: skip
def ragged_bincount_op(
    xp: Any, splits: Array, values: Array, size: int, weights: Array, *, binary_output: bool = False
) -> Array:
    if len(splits) and splits[0] != 0:
        raise errors.invalid(f"Splits must start with 0, not with {splits[0]}")
    if len(splits) and splits[-1] != len(values):
        raise errors.invalid(f"Splits must end with the number of values, got {splits[-1]} instead of {len(values)}")
    rows = np.repeat(np.arange(len(splits) - 1), np.diff(splits))
    return _dense(rows, values, weights, len(splits) - 1, size, binary_output)


only_host(dense_count, sparse_count, ragged_count, sparse_bincount_op, ragged_bincount_op)


# ---------------------------------------------------------------- functions


def _int(value: Any, otherwise: int = -1) -> int:
    return otherwise if value is None else int(value)


def sparse_bincount(
    values: Any, weights: Any = None, axis: int | None = 0, minlength: Any = None, maxlength: Any = None,
    binary_output: bool = False, name: str | None = None,
) -> SparseTensor:  # fmt: skip
    """How often each integer occurs, as a sparse tensor.

    Args:
      values: integers: a Tensor, a SparseTensor or a RaggedTensor.
      weights: what each occurrence counts, instead of 1; as `values`.
      axis: 0 counts everything, -1 each row by itself.
      minlength: the least length of the last dimension.
      maxlength: its largest length; greater integers are left out.
      binary_output: whether to say only if an integer occurs.
      name: a name for the operation.

    Raises:
      ValueError: for another axis.
      InvalidArgumentError: for negative integers.

    >>> tf.sparse.to_dense(tf.sparse.bincount([[1, 1, 3]], axis=-1)).numpy().tolist()
    [[0, 2, 0, 1]]
    """
    if axis not in (0, -1, None):
        raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
    x = _operand(values)
    many: Any = convert(np.zeros(0, x.dtype.numpy), x.dtype) if weights is None else _operand(weights)
    if axis != -1:
        x, many = [_elements(each) for each in (x, many)]
    attrs = {"minlength": _int(minlength), "maxlength": _int(maxlength), "binary_output": binary_output}
    attrs |= _check_lengths(attrs["minlength"], attrs["maxlength"])
    if isinstance(x, SparseTensor):
        found = sparse_count(*parts(x), _elements(many), name=name, **attrs)
    elif isinstance(x, RaggedTensor):
        splits = OPS["Cast"](x.row_splits, DstT=dtypes.int64)
        found = ragged_count(splits, x.values, _elements(many), name=name, **attrs)
    else:
        found = dense_count(x, many, name=name, **attrs)
    return SparseTensor(*found)


def _operand(x: Any) -> Any:
    x = SparseTensor.from_value(x) if isinstance(x, SparseTensorValue) else x
    return x if isinstance(x, (SparseTensor, RaggedTensor)) else convert(x)


def _elements(x: Any) -> Any:
    """All elements, one after the other."""
    if isinstance(x, (SparseTensor, RaggedTensor)):
        return x.values if isinstance(x, SparseTensor) else x.flat_values
    return x if x.shape.rank == 1 else OPS["Reshape"](x, (-1,))


def dense_bincount(x: Any, weights: Any, least: Any, most: Any, dtype: Any, axis: Any, binary: bool) -> Tensor:
    """`tf.math.bincount` of a sparse or ragged tensor."""
    flat = _elements(x)
    if flat.dtype not in types.INDICES:
        flat = OPS["Cast"](flat, DstT=dtypes.int32)
    many = OPS["Cast"](np.zeros(0, np.int32), DstT=dtype) if weights is None else _elements(_operand(weights))
    some = OPS["Cast"](OPS["Minimum"](OPS["Size"](flat, out_type=flat.dtype), 1), DstT=flat.dtype)
    size = some * (reduce_max(flat) + 1)
    if least is not None:
        size = OPS["Maximum"](convert(least, flat.dtype), size)
    if most is not None:
        size = OPS["Minimum"](convert(most, flat.dtype), size)
    if axis != -1:
        found: Tensor = OPS["DenseBincount"](flat, size, many, binary_output=binary)
        return found
    if isinstance(x, SparseTensor):
        return sparse_bincount_op(x._indices, flat, x._dense_shape, size, many, binary_output=binary)  # type: ignore[no-any-return]
    splits = OPS["Cast"](x.row_splits, DstT=dtypes.int64)
    return ragged_bincount_op(splits, flat, size, many, binary_output=binary)  # type: ignore[no-any-return]
