"""Bytes of strings: as numbers (`tf.io.decode_raw`), and as text of base 64."""

from __future__ import annotations

import binascii
import re
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType, as_dtype
from ..base.shapes import Shape
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .strings import each

_PADDED = (
    dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.uint16, dtypes.uint8, dtypes.int16,
    dtypes.int8, dtypes.int64, dtypes.bfloat16,
)  # fmt: skip
_RAW = (*_PADDED[:-1], dtypes.complex64, dtypes.complex128, dtypes.bool, dtypes.bfloat16)


# ---------------------------------------------------------------- numbers


def _check_dtype(out_type: DType, allowed: tuple[DType, ...]) -> None:
    if out_type not in allowed:
        names = ", ".join(dtype.cpp_name for dtype in allowed)
        raise errors.invalid(
            f"Value for attr 'out_type' of {out_type.cpp_name} is not in the list of allowed values: {names}"
        )


def _numbers(data: bytes, shape: tuple[int, ...], dtype: DType, little_endian: bool) -> Array:
    if dtype == dtypes.bool:
        return np.frombuffer(data, np.uint8).reshape(shape) != 0
    numbers = np.frombuffer(data, dtype.numpy).reshape(shape)
    if little_endian:
        return numbers
    if dtype.is_complex:  # each part is a number
        part = numbers.real.dtype
        return np.frombuffer(data, part).byteswap().view(dtype.numpy).reshape(shape)
    return numbers.byteswap()


def _one_more(bytes: Shape, *_rest: Any, **_attrs: Any) -> Shape:
    return None if bytes is None else (*bytes, None)


@op("DecodeRaw", "bytes:string -> output:out_type", shape=_one_more, differentiable=False)
def _decode_raw(xp: Any, bytes: Array, *, out_type: DType, little_endian: bool = True) -> Array:
    _check_dtype(out_type, _RAW)
    texts = bytes.ravel().tolist()
    size = len(texts[0]) if texts else 0
    for index, text in enumerate(texts):
        if len(text) != size:
            message = f"element {index} has size {size} != {len(text)}"
            raise errors.invalid(f"DecodeRaw requires input strings to all be the same size, but {message}")
    if size % out_type.size:
        multiple = f"a multiple of {out_type.size}, the size of {out_type.cpp_name}"
        raise errors.invalid(f"Input to DecodeRaw has length {size} that is not {multiple}")
    return _numbers(b"".join(texts), (*bytes.shape, size // out_type.size), out_type, little_endian)


def _padded_shape(input_bytes: Shape, fixed_length: Any, *, out_type: DType, **_attrs: Any) -> Shape:
    if isinstance(fixed_length, tuple):
        raise errors.invalid(f"k must be scalar, got shape [{len(fixed_length)}]")
    if input_bytes is None:
        return None
    return (*input_bytes, None if fixed_length is None else fixed_length // out_type.size)


@op(
    "DecodePaddedRaw", "input_bytes:string, fixed_length:int32 -> output:out_type", static=("fixed_length",),
    shape=_padded_shape, differentiable=False,
)  # fmt: skip
def _decode_padded_raw(
    xp: Any, input_bytes: Array, fixed_length: int, *, out_type: DType, little_endian: bool = True
) -> Array:
    _check_dtype(out_type, _PADDED)
    _padded_shape(input_bytes.shape, fixed_length, out_type=out_type)
    if fixed_length % out_type.size or fixed_length < 0:
        multiple = f"a multiple of the size of out_type ({out_type.size})"
        raise errors.invalid(f"fixed_length ({fixed_length}) must be {multiple}")
    if not fixed_length:
        raise errors.invalid("fixed_length (0) must be greater than zero.")
    data = b"".join(text[:fixed_length].ljust(fixed_length, b"\0") for text in input_bytes.ravel())
    return _numbers(data, (*input_bytes.shape, fixed_length // out_type.size), out_type, little_endian)


def decode_raw(
    input_bytes: TensorLike,
    out_type: Any,
    little_endian: bool = True,
    fixed_length: TensorLike | None = None,
    name: str | None = None,
) -> Tensor:
    """The numbers whose bytes strings hold.

    Args:
      input_bytes: strings, of any shape; all of one length, unless `fixed_length` is given.
      out_type: the dtype of the numbers.
      little_endian: whether the first byte of a number is its lowest.
      fixed_length: how many bytes of each string are taken; what is missing is zero.
      name: a name for the operation, optional.

    Returns:
      The numbers, with one more dimension than `input_bytes`.

    Raises:
      InvalidArgumentError: if the lengths differ, or are no multiple of a number's size.

    >>> tf.io.decode_raw([b"\\x01\\x00\\x02\\x00"], tf.int16).numpy()
    array([[1, 2]], dtype=int16)
    """
    dtype = as_dtype(out_type)
    if fixed_length is None:
        return _decode_raw(input_bytes, out_type=dtype, little_endian=little_endian, name=name)  # type: ignore[no-any-return]
    return _decode_padded_raw(  # type: ignore[no-any-return]
        input_bytes, fixed_length, out_type=dtype, little_endian=little_endian, name=name
    )


# ---------------------------------------------------------------- base 64

_TO_URL, _FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
_BASE64 = re.compile(rb"[\w-]*", re.ASCII)


@op("EncodeBase64", "input:string -> output:string", shape=shapes.same, differentiable=False)
def _encode_base64(xp: Any, input: Array, *, pad: bool = False) -> Array:
    def encoded(text: bytes) -> bytes:
        found = binascii.b2a_base64(text, newline=False).translate(_TO_URL)
        return found if pad else found.rstrip(b"=")

    return each(encoded, input)


@op("DecodeBase64", "input:string -> output:string", shape=shapes.same, differentiable=False)
def _decode_base64(xp: Any, input: Array) -> Array:
    return each(_decoded_base64, input)


def _decoded_base64(text: bytes) -> bytes:
    if len(text) % 4 == 1:
        raise errors.invalid("Base64 string length cannot be 1 modulo 4.")
    padding = 0 if len(text) % 4 else 2 if text.endswith(b"==") else int(text.endswith(b"="))
    body = text[: len(text) - padding]
    if not _BASE64.fullmatch(body):
        raise errors.invalid("Invalid character found in base64.")
    return binascii.a2b_base64(body.translate(_FROM_URL) + b"=" * (-len(body) % 4))


def encode_base64(input: TensorLike, pad: bool = False, name: str | None = None) -> Tensor:
    """Strings in base 64, with the letters that may stand in addresses of the web (`-` and `_`).

    Args:
      input: strings.
      pad: whether `=` fills the results up to a multiple of four letters.
      name: a name for the operation, optional.

    >>> tf.io.encode_base64("tape").numpy()
    b'dGFwZQ'
    """
    return _encode_base64(input, pad=pad, name=name)  # type: ignore[no-any-return]


def decode_base64(input: TensorLike, name: str | None = None) -> Tensor:
    """What strings in base 64 stand for, written as `tf.io.encode_base64` does, padded or not.

    Raises:
      InvalidArgumentError: if a string is none of base 64.

    >>> tf.io.decode_base64("dGFwZQ").numpy()
    b'tape'
    """
    return _decode_base64(input, name=name)  # type: ignore[no-any-return]


only_host(_decode_raw, _decode_padded_raw, _encode_base64, _decode_base64)
