"""Tensors as bytes and back: `tf.io.serialize_tensor`, `parse_tensor`; what was compressed: `decode_compressed`."""

from __future__ import annotations

import binascii
import math
import zlib
from typing import Any

import numpy as np

from ..base import dtypes, errors, wire
from ..base.dtypes import DType, as_dtype
from ..base.shapes import Shape
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host

# Fields of a `TensorProto`: dtype, shape, bytes of all elements; then elements one by one, by dtype.
_DTYPE, _SHAPE, _CONTENT, _STRINGS = 1, 2, 4, 8
_FLOATS = {5: "<f4", 6: "<f8", 9: "<f4", 12: "<f8"}  # packed numbers of fixed size
_INTEGERS = {7, 10, 11, 13, 16, 17}


@op("SerializeTensor", "tensor:T -> serialized:string", shape=lambda *_, **__: (), differentiable=False)
def _serialize(xp: Any, tensor: Array) -> Array:
    sizes = b"".join(wire.field(2, wire.varint(8) + wire.varint(n) if n else b"") for n in tensor.shape)
    dtype = dtypes.of(tensor)
    head = wire.varint(_DTYPE << 3) + wire.varint(dtype.as_datatype_enum) + wire.field(_SHAPE, sizes)
    if dtype is dtypes.string:
        body = b"".join(wire.field(_STRINGS, text) for text in tensor.reshape(-1).tolist())
    else:
        little = tensor.astype(tensor.dtype.newbyteorder("<"), copy=False)
        body = wire.field(_CONTENT, little.tobytes()) if tensor.size else b""
    return np.array(head + body, object)


@op("ParseTensor", "serialized:string -> output:out_type", shape=lambda *_, **__: None, differentiable=False)
def _parse(xp: Any, serialized: Array, *, out_type: DType) -> Array:
    if serialized.ndim:
        size = ",".join(map(str, serialized.shape))
        raise errors.invalid(f"Expected `serialized` to be a scalar, got shape: [{size}]")
    data = serialized.item()
    try:
        dtype, dims, content, values = _message(data)
    except wire.WireError:
        text = binascii.b2a_base64(data, newline=False).decode()
        raise errors.invalid(f"Could not parse `serialized` as TensorProto, base64: {text}") from None
    if dtype != out_type.as_datatype_enum:
        if not dtype:
            raise errors.invalid("Cannot parse tensor from proto: " + repr(data))
        name = as_dtype(dtype).cpp_name
        raise errors.invalid(f"Type mismatch between parsed tensor ({name}) and dtype ({out_type.cpp_name})")
    return _array(out_type, dims, content, values, data)


def _message(data: bytes) -> tuple[int, tuple[int, ...], bytes, list[Any]]:
    """Of a `TensorProto`: dtype, shape, the bytes of the elements, or the elements."""
    dtype, content = 0, b""
    dims: list[int] = []
    values: list[Any] = []
    for number, _, value in wire.fields(data, 0, len(data)):
        if isinstance(value, int):
            if number == _DTYPE:
                dtype = value
            elif number in _INTEGERS:
                values.append(value)
            continue
        start, end = value
        if number == _SHAPE:
            parts = [part for n, _, part in wire.fields(data, start, end) if n == 2]
            dims += [_size(data, *part) for part in parts if not isinstance(part, int)]
        elif number == _CONTENT:
            content = data[start:end]
        elif number == _STRINGS:
            values.append(data[start:end])
        elif number in _FLOATS:
            values += np.frombuffer(data[start:end], _FLOATS[number]).tolist()
        elif number in _INTEGERS:
            while start < end:
                each, start = wire.read_varint(data, start, end)
                values.append(each)
    return dtype, tuple(dims), content, values


def _size(data: bytes, start: int, end: int) -> int:
    return next((value for n, _, value in wire.fields(data, start, end) if n == 1 and isinstance(value, int)), 0)


def _array(dtype: DType, dims: tuple[int, ...], content: bytes, values: list[Any], data: bytes) -> Array:
    count = math.prod(dims)
    try:
        if content and dtype is dtypes.string:
            return _strings_of(content, count).reshape(dims)
        if content:
            return np.frombuffer(content, dtype.numpy).reshape(dims).copy()
        if dtype is dtypes.string:
            array = np.full(count, b"", object)
            array[: len(values)] = values
            return array.reshape(dims)
        if dtype.is_complex:
            values = [complex(*pair) for pair in zip(values[::2], values[1::2])]
        if dtype.is_integer:
            values = [value - (value >> 63 << 64) for value in values] if not dtype.is_unsigned else values
        halves = dtype in (dtypes.float16, dtypes.bfloat16)
        known = np.array(values, np.uint16).view(dtype.numpy) if halves else np.array(values, dtype.numpy)
    except (ValueError, OverflowError):
        raise errors.invalid("Cannot parse tensor from proto: " + repr(data)) from None
    last = known[-1:] if values else np.zeros(1, dtype.numpy)  # stands for all that follow
    return np.concatenate([known[:count], np.repeat(last, max(count - len(known), 0))]).reshape(dims)


def _strings_of(content: bytes, count: int) -> Array:
    """Strings of which first the lengths stand there, then the letters."""
    at, sizes = 0, []
    for _ in range(count):
        size, at = wire.read_varint(content, at, len(content))
        sizes.append(size)
    array = np.empty(count, object)
    for i, size in enumerate(sizes):
        array[i] = content[at : at + size]
        at += size
    return array


_WINDOWS = {"GZIP": 31, "ZLIB": 15}


def _same(bytes: Shape, **_attrs: Any) -> Shape:
    return bytes


@op("DecodeCompressed", "bytes:string -> output:string", shape=_same, differentiable=False)
def _decode_compressed(xp: Any, bytes: Array, *, compression_type: str = "") -> Array:
    if compression_type not in ("", *_WINDOWS):
        raise errors.invalid("Only ZLIB, ZSTD, GZIP or NONE are supported compressions")
    if not compression_type:
        return bytes
    texts = np.empty(bytes.size, object)
    texts[:] = [_inflated(text, _WINDOWS[compression_type]) for text in bytes.reshape(-1).tolist()]
    return texts.reshape(bytes.shape)


def _inflated(text: bytes, window: int) -> bytes:
    parts = []
    try:
        while text:
            stream = zlib.decompressobj(window)
            parts.append(stream.decompress(text))
            text = stream.unused_data
    except zlib.error as error:
        why = str(error).removeprefix("Error ").replace(" while decompressing data", "")
        raise errors.DataLossError(None, None, f"inflate() failed with error {why}") from None
    return b"".join(parts)


only_host(_serialize, _parse, _decode_compressed)


def serialize_tensor(tensor: TensorLike, name: str | None = None) -> Tensor:
    """A tensor as bytes, with its dtype and shape: a `TensorProto` message.

    Args:
      tensor: a tensor of any dtype and shape.
      name: a name for the operation, optional.

    Returns:
      A string scalar.

    >>> tf.io.parse_tensor(tf.io.serialize_tensor([[1, 2]]), tf.int32).numpy()
    array([[1, 2]], dtype=int32)
    """
    return _serialize(tensor, name=name)  # type: ignore[no-any-return]


def parse_tensor(serialized: TensorLike, out_type: Any, name: str | None = None) -> Tensor:
    """The tensor that `serialize_tensor` made bytes of.

    Args:
      serialized: a string scalar.
      out_type: the dtype of the tensor.
      name: a name for the operation, optional.

    Returns:
      The tensor.

    Raises:
      InvalidArgumentError: if the bytes are no tensor, or one of another dtype.

    >>> tf.io.parse_tensor(tf.io.serialize_tensor(["a", "b"]), tf.string).numpy()
    array([b'a', b'b'], dtype=object)
    """
    return _parse(serialized, out_type=as_dtype(out_type), name=name)  # type: ignore[no-any-return]


def decode_compressed(bytes: TensorLike, compression_type: str = "", name: str | None = None) -> Tensor:
    """Decompresses each of some strings.

    Args:
      bytes: the strings, of any shape.
      compression_type: "GZIP", "ZLIB", or "" for strings that are not compressed.
      name: a name for the operation, optional.

    Returns:
      Strings of the same shape.

    Raises:
      InvalidArgumentError: for another compression.
      DataLossError: if a string was not compressed so.

    >>> import zlib
    >>> tf.io.decode_compressed([zlib.compress(b"text")], "ZLIB").numpy()
    array([b'text'], dtype=object)
    """
    return _decode_compressed(bytes, compression_type=compression_type, name=name)  # type: ignore[no-any-return]
