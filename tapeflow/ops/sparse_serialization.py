"""Sparse tensors as bytes and back: `tf.io.serialize_sparse`, `serialize_many_sparse`, `deserialize_many_sparse`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes, wire
from ..base.dtypes import DType, DTypeLike, as_dtype
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .sparse_tensor import SparseTensor, parts, sparse

_PARTS = "sparse_indices:int64, sparse_values:T, sparse_shape:int64"


@op("SerializeSparse", f"{_PARTS} -> serialized_sparse:string", shape=lambda *_, **__: (3,), differentiable=None)
def serialize_sparse_op(xp: Any, *inputs: Array) -> Array:
    found = np.empty(3, object)
    found[:] = list(map(_as_bytes, inputs))
    return found


def _as_bytes(x: Array) -> Any:
    """A `TensorProto`; one of strings has first their lengths, then their letters."""
    if x.dtype != object:
        return OPS["SerializeTensor"].host(x).item()
    head = wire.varint(1 << 3) + wire.varint(dtypes.string.as_datatype_enum)
    sizes = wire.field(2, wire.varint(8) + wire.varint(len(x)) if len(x) else b"")
    texts = x.tolist()
    body = b"".join(map(wire.varint, map(len, texts))) + b"".join(texts)
    return head + wire.field(2, sizes) + (wire.field(4, body) if texts else b"")


@op(
    "SerializeManySparse", f"{_PARTS} -> serialized_sparse:string", shape=lambda *_, **__: (None, 3),
    differentiable=None,
)  # fmt: skip
def serialize_many_sparse_op(xp: Any, indices: Array, values: Array, shape: Array) -> Array:
    if len(shape) < 2:
        raise errors.invalid("Rank of input SparseTensor should be > 1, but saw rank: " + str(len(shape)))
    found = np.empty((int(shape[0]), 3), object)
    for row in range(len(found)):
        kept = indices[:, 0] == row
        found[row] = serialize_sparse_op.host(indices[kept, 1:], values[kept], shape[1:])
    return found


@op(
    "DeserializeManySparse",
    "serialized_sparse:string -> sparse_indices:int64, sparse_values:dtype, sparse_shape:int64",
    shape=lambda *_, **__: ((None, None), (None,), (None,)), differentiable=None,
)  # fmt: skip
def deserialize_many_sparse_op(xp: Any, serialized: Array, *, dtype: DType) -> tuple[Array, Array, Array]:
    if serialized.ndim != 2 or serialized.shape[1] != 3:
        raise errors.invalid(f"Serialized sparse should have 3 columns but got shape {shapes.show(serialized.shape)}")
    parse = OPS["ParseTensor"].host
    places, values, largest = [], [], None
    for number, row in enumerate(serialized):
        indices, elements, shape = [
            parse(np.array(text, object), out_type=kind)
            for text, kind in zip(row, (dtypes.int64, dtype, dtypes.int64))
        ]
        if largest is not None and len(shape) != len(largest):
            raise errors.invalid(
                f"Inconsistent shape across SparseTensors: rank prior to SparseTensor[{number}] was: {len(largest)} "
                f"but rank of SparseTensor[{number}] is: {len(shape)}"
            )
        largest = shape if largest is None else np.maximum(largest, shape)
        places.append(np.concatenate([np.full((len(indices), 1), number), indices], 1))
        values.append(elements)
    if largest is None:
        raise errors.invalid("Must have at least 1 serialized SparseTensor, but input matrix has 0 rows")
    sizes = np.array([len(serialized), *largest], np.int64)
    return np.concatenate(places).astype(np.int64), np.concatenate(values), sizes


only_host(serialize_sparse_op, serialize_many_sparse_op, deserialize_many_sparse_op)


def _check_type(out_type: DTypeLike) -> None:
    if as_dtype(out_type) is not dtypes.string:
        raise ValueError("Sparse tensors are serialized as tf.string.")


def serialize_sparse(sp_input: Any, out_type: DTypeLike = dtypes.string, name: str | None = None) -> Tensor:
    """A sparse tensor as three strings: its indices, values and shape.

    Args:
      sp_input: a SparseTensor.
      out_type: string.
      name: a name for the operation.

    >>> tf.io.serialize_sparse(tf.SparseTensor([[0]], [1.5], [2])).shape
    TensorShape([3])
    """
    x = sparse(sp_input)
    _check_type(out_type)
    return serialize_sparse_op(*parts(x), name=name)  # type: ignore[no-any-return]


def serialize_many_sparse(sp_input: Any, out_type: DTypeLike = dtypes.string, name: str | None = None) -> Tensor:
    """Each row of a sparse tensor as three strings; see `tf.io.serialize_sparse`.

    >>> x = tf.SparseTensor([[0, 1], [1, 0]], [5, 7], [2, 2])
    >>> again = tf.io.deserialize_many_sparse(tf.io.serialize_many_sparse(x), tf.int32)
    >>> again.values.numpy().tolist(), again.shape
    ([5, 7], TensorShape([2, 2]))
    """
    x = sparse(sp_input)
    _check_type(out_type)
    return serialize_many_sparse_op(*parts(x), name=name)  # type: ignore[no-any-return]


def deserialize_many_sparse(
    serialized_sparse: TensorLike, dtype: DTypeLike, rank: int | None = None, name: str | None = None
) -> SparseTensor:
    """One sparse tensor of several that were serialized; the largest shape holds.

    Args:
      serialized_sparse: strings, `[n, 3]`.
      dtype: the dtype of the elements.
      rank: their rank, if it is known.
      name: a name for the operation.

    Returns:
      A SparseTensor with a dimension of size `n` before theirs.

    Raises:
      InvalidArgumentError: if their ranks differ.
    """
    found = deserialize_many_sparse_op(convert(serialized_sparse), dtype=as_dtype(dtype), name=name)
    made = SparseTensor(*found)
    if rank is not None:
        made.set_shape([None] * (rank + 1))
    return made
