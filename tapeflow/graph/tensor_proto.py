"""Tensors as protocol buffers, in the messages that TensorBoard ships: `tf.make_tensor_proto`, `tf.make_ndarray`."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..base.dtypes import DType, DTypeLike, as_dtype, of
from ..core.convert import convert

_INTS = "int8 uint8 int16 uint16 int32 int4 uint4 qint8 quint8 qint16 quint16 qint32".split()
# The field for the elements of a dtype; those of other dtypes are always written as bytes.
_FIELDS = {
    "float32": "float_val", "float64": "double_val", "bool": "bool_val", "string": "string_val", "int64": "int64_val",
    "uint32": "uint32_val", "uint64": "uint64_val", "float16": "half_val", "bfloat16": "half_val",
    "complex64": "scomplex_val", "complex128": "dcomplex_val",
} | dict.fromkeys(_INTS, "int_val")  # fmt: skip


@functools.cache
def messages() -> Any:
    """The module with the messages `GraphDef` and, as the types of its fields, the others. Importing it takes 0.1 s.

    Raises:
      ImportError: if TensorBoard is not installed.
    """
    try:
        from tensorboard.compat.proto import graph_pb2
    except ImportError as error:
        raise ImportError(
            f"Protocol buffers of graphs and tensors need TensorBoard: pip install 'tapeflow[tensorboard]' ({error})"
        ) from error
    return graph_pb2


def _tensor_message() -> Any:
    messages()
    from tensorboard.compat.proto import tensor_pb2

    return tensor_pb2.TensorProto()


def make_tensor_proto(
    values: Any,
    dtype: DTypeLike | None = None,
    shape: Any = None,
    verify_shape: bool = False,
    allow_broadcast: bool = False,
) -> Any:
    """A tensor as a protocol buffer.

    Args:
      values: numbers, strings, a NumPy array or a Tensor.
      dtype: its dtype; by default that of the values.
      shape: its shape, by default that of the values.
      verify_shape: whether the values must be of that shape; otherwise the last of them is repeated.
      allow_broadcast: the same, but a single value may stand for all elements.

    Returns:
      A `TensorProto`.

    Raises:
      TypeError: if the values are not of that shape, with `verify_shape`, or do not fit the dtype.
      ValueError: if there are more values than the shape has elements.
      ImportError: if TensorBoard is not installed (the extra `tensorboard`).

    >>> tf.make_tensor_proto([1.0, 2.0]).tensor_shape.dim[0].size
    2
    """
    tensor = convert(values, None if dtype is None else as_dtype(dtype))
    array = np.asarray(tensor._array)
    if shape is not None:
        array = _shaped(array, shape, verify_shape, allow_broadcast)
    return fill_tensor(_tensor_message(), array)


def _shaped(array: np.ndarray[Any, Any], shape: Any, verify_shape: bool, allow_broadcast: bool) -> np.ndarray[Any, Any]:
    dims = tuple(map(int, shape))
    count = math.prod(dims)
    single = array.size == 1 and (allow_broadcast or not verify_shape)
    if (verify_shape or allow_broadcast) and array.shape != dims and not single:
        raise TypeError(f"Expected Tensor's shape: {dims}, but got {array.shape}.")
    if array.size > count:
        raise ValueError(f"Too many elements provided. Takes at most {count}, but got {array.size}.")
    if single:
        return np.broadcast_to(array.reshape(()), dims)
    rest = np.repeat(array.reshape(-1)[-1:], count - array.size)  # the last value stands for all that follow
    return np.concatenate([array.reshape(-1), rest]).reshape(dims)


def make_ndarray(tensor: Any) -> np.ndarray[Any, Any]:
    """The NumPy array of a `TensorProto`.

    Args:
      tensor: the `TensorProto`.

    Returns:
      An array of its shape; strings as `bytes` in an array of objects.

    Raises:
      TypeError: for a dtype that has no arrays.

    >>> tf.make_ndarray(tf.make_tensor_proto([[1, 2], [3, 4]])).tolist()
    [[1, 2], [3, 4]]
    """
    shape = tuple(d.size for d in tensor.tensor_shape.dim)
    dtype = as_dtype(tensor.dtype)
    if tensor.tensor_content:
        return np.frombuffer(tensor.tensor_content, dtype.numpy).reshape(shape).copy()
    if dtype.name not in _FIELDS:
        raise TypeError(f"Unsupported tensor type: {tensor.dtype}. There is no array of it.")
    values = list(getattr(tensor, _FIELDS[dtype.name]))
    if dtype.is_complex:
        values = [complex(*pair) for pair in zip(values[::2], values[1::2])]
    if dtype.name in ("float16", "bfloat16"):
        array = np.array(values, np.uint16).view(dtype.numpy)
    else:
        array = np.array(values, dtype.numpy)
    size = math.prod(shape)
    if len(values) < size:  # the last value stands for all that follow; none at all, for zeros
        empty = b"" if dtype.name == "string" else 0
        last = array[-1:] if values else np.full(1, empty, dtype.numpy)
        array = np.concatenate([array, np.repeat(last, size - len(values))])
    return array.reshape(shape)


def fill_tensor(proto: Any, array: np.ndarray[Any, Any], dtype: DType | None = None) -> Any:
    """Writes an array into a `TensorProto`: as bytes, but single elements and strings as values. Returns the proto."""
    dtype = dtype or of(array)
    proto.dtype = dtype.as_datatype_enum
    proto.tensor_shape.SetInParent()
    for n in array.shape:
        proto.tensor_shape.dim.add(size=n)
    field = _FIELDS.get(dtype.name)
    if dtype.name == "string":
        proto.string_val.extend(x if isinstance(x, bytes) else str(x).encode() for x in array.reshape(-1).tolist())
    elif field is not None and _is_single(array):
        getattr(proto, field).extend(_plain(array.reshape(-1)[0], dtype))
    elif array.size:
        proto.tensor_content = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False)).tobytes()
    return proto


def _is_single(array: np.ndarray[Any, Any]) -> bool:
    """Whether one value says all: of one element, or of a single one that is spread."""
    return array.size == 1 or (array.size > 1 and not any(array.strides))


def _plain(value: Any, dtype: DType) -> Iterable[Any]:
    if dtype.is_complex:
        return [value.real, value.imag]
    if dtype.name in ("float16", "bfloat16"):
        return [int(np.asarray(value).view(np.uint16))]
    return [value.item() if dtype.name not in ("int4", "uint4") else int(value)]


def fill_shape(proto: Any, shape: Any) -> Any:
    """Writes a shape into a `TensorShapeProto`: -1 for unknown sizes; None for an unknown rank. Returns the proto."""
    if shape is None:
        proto.unknown_rank = True
        return proto
    proto.SetInParent()
    for n in shape:
        proto.dim.add(size=n if isinstance(n, int) else -1)
    return proto
