"""Crosses of features: all combinations of the elements of several tensors, row by row."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..core.convert import convert
from ..core.op import OPS, Op
from ..core.tensor import Array, TensorLike
from .common import only_host
from .farmhash import MASK, folded
from .ragged_tensor import RaggedTensor
from .sparse_tensor import SparseTensor, SparseTensorValue, parts

_KEY = 0xDECAFCAFFE  # of hashes, unless a program gives one
_FACTOR = 0xC6A4A7935BD1E995

Rows = Callable[[int], list[Any]]


def _columns(inputs: tuple[Array, ...], dense_from: int) -> tuple[int, list[Rows]]:
    """How many rows there are, and of each feature a function that gives the elements of a row."""
    count = len(inputs) // 3
    batch, found = int(inputs[2 * count][0]), []
    for i in range(count):
        indices, values, shape = inputs[i], inputs[count + i], inputs[2 * count + i]
        if shape[0] != batch:
            kind, number = ("dense", i - dense_from) if i >= dense_from else ("sparse", i)
            raise errors.invalid(f"Expected batch size {batch} got {shape[0]} at {kind} tensor {number}")
        rows: dict[int, list[Any]] = {}
        for row, value in zip(indices[:, 0].tolist(), values.tolist()):
            rows.setdefault(row, []).append(value)
        found.append(_getter(rows))
    return batch, found


def _getter(rows: dict[int, list[Any]]) -> Rows:
    return lambda row: rows.get(row, [])


def _crossed(inputs: tuple[Array, ...], dense_from: int, cross: Callable[[Any], Any], dtype: Any) -> Any:
    batch, columns = _columns(inputs, dense_from)
    rows: list[list[Any]] = [
        [cross(each) for each in itertools.product(*[column(row) for column in columns])] for row in range(batch)
    ]
    values = [value for row in rows for value in row]
    places = [(i, k) for i, row in enumerate(rows) for k in range(len(row))]
    flat = np.empty(len(values), dtype)
    flat[:] = values
    shape = np.array([batch, max(map(len, rows), default=0)], np.int64)
    return np.array(places, np.int64).reshape(-1, 2), flat, shape


def _cross(xp: Any, *inputs: Array, dense_from: int) -> Any:
    *features, separator = inputs
    return _crossed(tuple(features), dense_from, separator.item().join, object)


def _hashed(values: tuple[int, ...], key: int, buckets: int) -> int:
    found = key
    for value in values:
        found = found ^ _FACTOR ^ (folded((value & MASK) * _FACTOR) * _FACTOR & MASK)
        found = folded(folded(found * _FACTOR) * _FACTOR)
    return found % (buckets or (1 << 63) - 1)


def _cross_hashed(xp: Any, *inputs: Array, dense_from: int, num_buckets: int, hash_key: int) -> Any:
    return _crossed(inputs, dense_from, lambda each: _hashed(each, hash_key, num_buckets), np.int64)


def _unknown(*_: Any, **__: Any) -> Any:
    return (None, 2), (None,), (2,)


# Their inputs are not those of TensorFlow's ops, so they have other names: all features are sparse and of one dtype.
_CROSS = Op(
    "CrossOfFeatures",
    "indices:N*int64, values:N*string, shapes:N*int64, sep:string -> output_indices:int64, output_values:string, "
    "output_shape:int64",
    _cross, _unknown, differentiable=False,
)  # fmt: skip
_CROSS_HASHED = Op(
    "HashedCrossOfFeatures",
    "indices:N*int64, values:N*int64, shapes:N*int64 -> output_indices:int64, output_values:int64, output_shape:int64",
    _cross_hashed, _unknown, differentiable=False,
)  # fmt: skip
only_host(_CROSS, _CROSS_HASHED)


def _features(inputs: Any, prepared: Callable[[Any], Any]) -> tuple[list[Any], int]:
    """The parts of the features, the sparse ones first, and how many are sparse."""
    if not isinstance(inputs, (tuple, list)):
        raise TypeError("Inputs must be a list")
    sparse, dense = [], []
    for x in inputs:
        if isinstance(x, SparseTensorValue):
            x = SparseTensor.from_value(x)
        if isinstance(x, RaggedTensor):
            x = x.to_sparse()
        if isinstance(x, SparseTensor):
            sparse.append(x)
        else:
            dense.append(_as_sparse(convert(x)))
    features = [parts(x) for x in sparse + dense]
    indices, values, shapes = zip(*features)
    return [*indices, *map(prepared, values), *shapes], len(sparse)


def _as_sparse(x: Any) -> SparseTensor:
    """All elements, those that are 0 too."""
    places = OPS["Where"](OPS["Fill"](OPS["Shape"](x, out_type=dtypes.int32), convert(True)))
    return SparseTensor(places, OPS["Reshape"](x, (-1,)), OPS["Shape"](x, out_type=dtypes.int64))


def _as_text(x: Any) -> Any:
    return x if x.dtype is dtypes.string else OPS["AsString"](OPS["Cast"](x, DstT=dtypes.int64))


def _as_number(x: Any) -> Any:
    if x.dtype is dtypes.string:
        return OPS["Bitcast"](OPS["Fingerprint"](x, convert("farmhash64")), type=dtypes.int64)
    return OPS["Cast"](x, DstT=dtypes.int64)


def cross(inputs: Any, name: str | None = None, separator: TensorLike | None = None) -> SparseTensor:
    """All combinations of the features of each row, as joined strings.

    Args:
      inputs: a list of matrices of strings or integers, Tensors or SparseTensors, with one batch size.
      name: a name for the operation.
      separator: what stands between features, `_X_` by default.

    Returns:
      A SparseTensor of strings; the features of sparse inputs stand first.

    Raises:
      TypeError: if `inputs` is no list.
      InvalidArgumentError: if batch sizes differ.

    >>> tf.sparse.cross([tf.constant([["a", "b"]]), tf.constant([["x"]])]).values.numpy().tolist()
    [b'a_X_x', b'b_X_x']
    """
    flat, count = _features(inputs, _as_text)
    between = convert("_X_" if separator is None else separator, dtypes.string)
    return SparseTensor(*_CROSS(*flat, between, dense_from=count, name=name))


def cross_hashed(
    inputs: Any, num_buckets: int = 0, hash_key: int | None = None, name: str | None = None
) -> SparseTensor:
    """All combinations of the features of each row, as hashes; see `tf.sparse.cross`.

    Args:
      inputs: a list of matrices of strings or integers.
      num_buckets: hashes are taken modulo this number, if it is not 0.
      hash_key: what hashing begins with.
      name: a name for the operation.

    >>> tf.sparse.cross_hashed([tf.constant([["a", "b"]]), tf.constant([["x"]])], 10).shape
    TensorShape([1, 2])
    """
    flat, count = _features(inputs, _as_number)
    key = hash_key or _KEY
    return SparseTensor(*_CROSS_HASHED(*flat, dense_from=count, num_buckets=num_buckets, hash_key=key, name=name))
