"""Ops on strings: arrays of `bytes`."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType, as_dtype
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .layout import attr_string
from .sizes import all_axes


def each(function: Callable[..., Any], *arrays: Array, dtype: Any = object) -> Array:
    """`function` of the elements of one or more arrays, broadcast against each other."""
    found = np.frompyfunc(function, len(arrays), 1)(*arrays)
    out = np.empty(np.shape(found), dtype)
    out[...] = found
    return out


def check_choice(attr: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        names = ", ".join(f'"{name}"' for name in allowed)
        raise errors.invalid(f"Value for attr '{attr}' of \"{value}\" is not in the list of allowed values: {names}")


# ---------------------------------------------------------------- case, white space, length


def _recased(text: bytes, encoding: str, change: Callable[[Any], Any]) -> bytes:
    if not encoding:
        return change(text)  # type: ignore[no-any-return]
    characters = text.partition(b"\0")[0].decode(errors="replace")  # TensorFlow stops at a zero
    return change(characters).encode()  # type: ignore[no-any-return]


def _check_encoding(encoding: str) -> None:
    if encoding not in ("", "utf-8"):
        raise errors.invalid(f"only utf-8 or '' (no encoding) is supported, received {encoding}")


@op("StringLower", "input:string -> output:string", shape=shapes.same, differentiable=False)
def _lower(xp: Any, input: Array, *, encoding: str = "") -> Array:
    _check_encoding(encoding)
    return each(lambda s: _recased(s, encoding, lambda text: text.lower()), input)


@op("StringUpper", "input:string -> output:string", shape=shapes.same, differentiable=False)
def _upper(xp: Any, input: Array, *, encoding: str = "") -> Array:
    _check_encoding(encoding)
    return each(lambda s: _recased(s, encoding, lambda text: text.upper()), input)


@op("StringStrip", "input:string -> output:string", shape=shapes.same, differentiable=False)
def _strip(xp: Any, input: Array) -> Array:
    return each(lambda s: s.strip(b" \t\n\v\f\r"), input)


@op("StringLength", "input:string -> output:int32", shape=shapes.same, differentiable=False)
def _length(xp: Any, input: Array, *, unit: str = "BYTE") -> Array:
    check_choice("unit", unit, ["BYTE", "UTF8_CHAR"])
    count = len if unit == "BYTE" else lambda text: len(text.translate(None, _CONTINUING))
    return each(count, input, dtype=np.int32)


_CONTINUING = bytes(range(0x80, 0xC0))  # bytes of UTF-8 that begin no character


def _characters(text: bytes) -> list[bytes]:
    """The text, divided before every byte that does not continue a UTF-8 character."""
    return re.findall(rb"(?s).[\x80-\xbf]*", text)


def lower(input: TensorLike, encoding: str = "", name: str | None = None) -> Tensor:
    """Strings in lower case; of ASCII letters only, unless `encoding` is "utf-8".

    >>> tf.strings.lower("Tape").numpy()
    b'tape'
    """
    return _lower(input, encoding=encoding, name=name)  # type: ignore[no-any-return]


def upper(input: TensorLike, encoding: str = "", name: str | None = None) -> Tensor:
    """Strings in upper case; of ASCII letters only, unless `encoding` is "utf-8".

    >>> tf.strings.upper("tape").numpy()
    b'TAPE'
    """
    return _upper(input, encoding=encoding, name=name)  # type: ignore[no-any-return]


def strip(input: TensorLike, name: str | None = None) -> Tensor:
    """Strings without white space at both ends.

    >>> tf.strings.strip("  tape ").numpy()
    b'tape'
    """
    return _strip(input, name=name)  # type: ignore[no-any-return]


def length(input: TensorLike, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """The lengths of strings, int32, in bytes or (`unit="UTF8_CHAR"`) in characters.

    >>> tf.strings.length(["tape", ""]).numpy()
    array([4, 0], dtype=int32)
    """
    return _length(input, unit=unit, name=name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- parts


def _substr_shape(input: Shape, pos: Shape, len: Shape, **_attrs: Any) -> Shape:
    if not shapes.fits(pos, len):
        raise errors.invalid(f"pos and len should have the same shape, got: {shapes.show(pos)} vs. {shapes.show(len)}")
    return shapes.broadcast(input, pos if len is None else shapes.merge(pos, len))


@op("Substr", "input:string, pos:T, len:T -> output:string", T=types.INDICES, shape=_substr_shape, differentiable=False)
def _substr(xp: Any, input: Array, pos: Array, len: Array, *, unit: str = "BYTE") -> Array:
    check_choice("unit", unit, ["BYTE", "UTF8_CHAR"])
    _substr_shape(input.shape, pos.shape, len.shape)
    index = np.arange(np.broadcast(input, pos).size).reshape(np.broadcast(input, pos).shape)
    return each(functools.partial(_part, unit), input, pos, len, index)


def _part(unit: str, text: bytes, pos: int, count: int, index: int) -> bytes:
    units: Any = text if unit == "BYTE" else _characters(text)
    size = len(units)
    # Of characters from the end, TensorFlow wants to know how many.
    if not -size <= pos <= size or (unit != "BYTE" and pos < 0 and count < 0):
        shown = f" b'{text.decode(errors='replace')}'" if unit == "BYTE" else ""
        raise errors.invalid(f"pos {pos} out of range for string{shown} at index {index}")
    start = pos + size if pos < 0 else pos
    if count < 0:  # of bytes, all; of characters, none
        count = size if unit == "BYTE" else 0
    taken = units[start : start + count]
    return taken if unit == "BYTE" else b"".join(taken)


def substr(input: TensorLike, pos: TensorLike, len: TensorLike, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """Parts of strings.

    Args:
      input: strings.
      pos: where each part begins; negative from the end. Broadcast against `input`.
      len: how long each part is, of the shape of `pos`; strings that end before are taken to their end.
      unit: what `pos` and `len` count, "BYTE" or "UTF8_CHAR".
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if `pos` is outside of a string.

    >>> tf.strings.substr("tapeflow", 4, 2).numpy()
    b'fl'
    """
    return _substr(input, pos, len, unit=unit, name=name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- joining


def _joined_shape(*inputs: Shape, **_attrs: Any) -> Shape:
    merged: tuple[int | None, ...] = ()
    for shape in inputs:
        if shape is None:
            return None
        if merged == () or shape == ():
            merged = merged or shape
        elif not shapes.fits(merged, shape):
            raise errors.invalid(f"Input shapes do not match: {shapes.show(merged)} vs. {shapes.show(shape)}")
        else:
            merged = tuple(b if a is None else a for a, b in zip(merged, shape, strict=True))
    return merged


@op("StringJoin", "inputs:N*string -> output:string", shape=_joined_shape, differentiable=False)
def _join(xp: Any, *inputs: Array, separator: str = "") -> Array:
    _joined_shape(*[array.shape for array in inputs])
    return each(lambda *parts: separator.encode().join(parts), *inputs) if inputs else np.array(b"", object)


def join(inputs: Sequence[TensorLike], separator: str | None = "", name: str | None = None) -> Tensor:
    """Joins strings, element by element.

    Args:
      inputs: string tensors of one shape; scalars go with all.
      separator: what stands between two.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if the shapes differ.
      TypeError: if `inputs` is no list, or the separator no string.

    >>> tf.strings.join(["tape", ["flow", "worm"]], "-").numpy()
    array([b'tape-flow', b'tape-worm'], dtype=object)
    """
    parts: Any = inputs
    if isinstance(parts, Tensor) and parts.shape.rank:
        parts = list(parts)
    if not isinstance(parts, (list, tuple)):
        raise TypeError(f"Expected list for 'inputs' argument to 'string_join' Op, not {inputs!r}.")
    if not all(isinstance(part, Tensor) for part in parts):
        parts = [convert(part, dtypes.string) for part in parts]
    return _join(*parts, separator=attr_string(separator or "", "separator"), name=name)  # type: ignore[no-any-return]


def _reduced_shape(inputs: Shape, axes: Any, *, keep_dims: bool = False, **_attrs: Any) -> Shape:
    for axis in (axes,) if isinstance(axes, int) else axes or ():
        if inputs is not None and not -len(inputs) <= axis < len(inputs):
            message = f"Invalid reduction dimension {axis} for input with {len(inputs)} dimension(s)"
            raise errors.OutOfRangeError(None, None, message)
    if inputs is not None and isinstance(axes, tuple):
        whole = [axis % len(inputs) for axis in axes]
        for axis in whole:
            if whole.count(axis) > 1:
                raise errors.invalid(f"Duplicate reduction dimension {axis}")
    return shapes.reduce(inputs, axes, keep_dims=keep_dims)


@op(
    "ReduceJoin", "inputs:string, reduction_indices:int32 -> output:string", static=("reduction_indices",),
    shape=_reduced_shape, differentiable=False,
)  # fmt: skip
def _reduce_join(xp: Any, inputs: Array, axes: Any, *, keep_dims: bool = False, separator: str = "") -> Array:
    shape = _reduced_shape(inputs.shape, axes, keep_dims=keep_dims)
    # The first axis named varies fastest.
    reduced = [axis % inputs.ndim for axis in ((axes,) if isinstance(axes, int) else axes)][::-1]
    kept = [axis for axis in range(inputs.ndim) if axis not in reduced]
    out = np.empty(math.prod(inputs.shape[axis] for axis in kept), object)
    rows = inputs.transpose([*kept, *reduced]).reshape(len(out), math.prod(inputs.shape[axis] for axis in reduced))
    out[:] = [separator.encode().join(row) for row in rows]
    return out.reshape(shape)


def reduce_join(
    inputs: TensorLike, axis: Any = None, keepdims: bool = False, separator: str = "", name: str | None = None
) -> Tensor:
    """Joins the strings of a tensor along some dimensions.

    Args:
      inputs: strings.
      axis: the dimensions, in the order in which they are joined; all unless given.
      keepdims: whether the dimensions stay, with size 1.
      separator: what stands between two strings.
      name: a name for the operation, optional.

    >>> tf.strings.reduce_join([["a", "b"], ["c", "d"]], axis=0).numpy()
    array([b'ac', b'bd'], dtype=object)
    """
    tensor = convert(inputs, dtypes.string)
    axes = all_axes(tensor)[::-1] if axis is None else axis
    return _reduce_join(tensor, axes, keep_dims=keepdims, separator=separator, name=name)  # type: ignore[no-any-return]


def _segments_shape(inputs: Shape, segment_ids: Shape, num_segments: Any, **_attrs: Any) -> Shape:
    if isinstance(num_segments, tuple):
        raise errors.invalid("Number of segments must be a scalar")
    if isinstance(num_segments, int) and num_segments < 0:
        raise errors.invalid(f"Number of segments must be non-negative but got {num_segments}")
    if segment_ids == ():
        raise errors.invalid("Segment_id cannot have rank 0")
    if inputs is None or segment_ids is None:
        return None
    for axis, (ids, size) in enumerate(zip(segment_ids, inputs, strict=False)):
        if ids is not None and size is not None and ids != size:
            message = f"Segment dimension is {ids} while input dimension is {size} in rank {axis}"
            raise errors.invalid(message)
    return (num_segments, *inputs[len(segment_ids) :])


@op(
    "UnsortedSegmentJoin", "inputs:string, segment_ids:Tindices, num_segments:Tnumsegments -> output:string",
    static=("num_segments",), Tindices=types.INDICES, shape=_segments_shape, differentiable=False,
)  # fmt: skip
def _unsorted_segment_join(
    xp: Any, inputs: Array, segment_ids: Array, num_segments: Any, *, separator: str = ""
) -> Array:
    shape = _segments_shape(inputs.shape, segment_ids.shape, num_segments)
    if ((segment_ids < 0) | (segment_ids >= num_segments)).any():
        raise errors.invalid("segment_ids are not allowed to exceed num_segments or to have negative values.")
    rows = inputs.reshape(segment_ids.size, math.prod(inputs.shape[segment_ids.ndim :]))
    parts: list[list[list[bytes]]] = [[[] for _ in range(rows.shape[1])] for _ in range(num_segments)]
    for segment, row in zip(segment_ids.ravel(), rows, strict=True):
        for column, text in zip(parts[segment], row, strict=True):
            column.append(text)
    out = np.empty(num_segments * rows.shape[1], object)
    out[:] = [separator.encode().join(column) for segment in parts for column in segment]
    return out.reshape(shape)


def unsorted_segment_join(
    inputs: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    separator: str = "",
    name: str | None = None,
) -> Tensor:
    """Joins the strings of each segment.

    Args:
      inputs: strings.
      segment_ids: int32 or int64, of a shape that the shape of `inputs` begins with: the segment of each.
      num_segments: how many segments there are.
      separator: what stands between two strings.
      name: a name for the operation, optional.

    Returns:
      A tensor `[num_segments, ...]`; of a segment without strings it has "".

    Raises:
      InvalidArgumentError: if there is no such segment, or the shapes do not fit.

    >>> tf.strings.unsorted_segment_join(["a", "b", "c"], [1, 0, 1], 2, separator="-").numpy()
    array([b'b', b'a-c'], dtype=object)
    """
    return _unsorted_segment_join(  # type: ignore[no-any-return]
        inputs, segment_ids, num_segments, separator=attr_string(separator, "separator"), name=name
    )


# ---------------------------------------------------------------- numbers


_SHOWN = (*types.FLOATS, *types.INTEGERS, *types.COMPLEX, dtypes.bool, dtypes.string, dtypes.variant)


@op("AsString", "input:T -> output:string", T=_SHOWN, shape=shapes.same, differentiable=False)
def _as_string(
    xp: Any,
    input: Array,
    *,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
) -> Array:
    dtype = dtypes.of(input)
    _check_format(dtype, precision, scientific, shortest, fill)
    exact = dtype.is_integer or dtype.is_bool
    flags = fill if not dtype.is_unsigned or fill not in ("+", " ") else ""
    code = "d" if exact else "e" if scientific else "g" if shortest else "f"
    style = f"%{flags}{width if width >= 0 else ''}{f'.{precision}' if precision >= 0 else ''}{code}"
    if dtype.is_bool:
        return each(lambda value: b"true" if value else b"false", input)
    if dtype == dtypes.string:
        return (
            each(lambda value: value.ljust(width) if fill == "-" else value.rjust(width), input) if width > 0 else input
        )
    if dtype.is_complex:
        return each(lambda value: f"({_number(style, value.real)},{_number(style, value.imag)})".encode(), input)
    return each(lambda value: _number(style, value).encode(), input if exact else input.astype(np.float64))


def _number(style: str, value: Any) -> str:
    # C pads with zeros only what is a number.
    text: str = (style if math.isfinite(value) else style.replace("%0", "%")) % value
    return text


def _check_format(dtype: DType, precision: int, scientific: bool, shortest: bool, fill: str) -> None:
    if dtype.is_integer or dtype.is_bool:
        if scientific or shortest:
            raise errors.invalid(f"scientific and shortest format not supported for datatype {dtype.cpp_name}")
        if precision >= 0:
            raise errors.invalid(f"precision not supported for datatype {dtype.cpp_name}")
    if scientific and shortest:
        raise errors.invalid("Cannot select both scientific and shortest notation")
    if len(fill) > 1:
        raise errors.invalid("Fill string must be one or fewer characters")
    if fill not in ("", " ", "+", "-", "0"):
        raise errors.invalid(f'Fill argument not supported: "{fill}"')


def as_string(
    input: TensorLike,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
    name: str | None = None,
) -> Tensor:
    """Numbers (or booleans) as strings.

    Args:
      input: a tensor.
      precision: digits after the point, of floats.
      scientific: whether floats are written with an exponent.
      shortest: whether floats are written in the shorter one of both ways.
      width: how many characters there are at least.
      fill: one of "" and " " (pad with spaces), "0" (with zeros), "-" (on the right), "+" (with a sign).
      name: a name for the operation, optional.

    >>> tf.strings.as_string([1.5, 2.0], precision=2).numpy()
    array([b'1.50', b'2.00'], dtype=object)
    """
    attrs = {"precision": precision, "scientific": scientific, "shortest": shortest, "width": width, "fill": fill}
    return _as_string(input, **attrs, name=name)  # type: ignore[no-any-return]


_NUMBERS = {
    dtype.numpy: dtype
    for dtype in (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.uint32, dtypes.uint64)
}


@op("StringToNumber", "string_tensor:string -> output:out_type", shape=shapes.same, differentiable=False)
def _to_number(xp: Any, string_tensor: Array, *, out_type: DType = dtypes.float32) -> Array:
    if out_type.numpy not in _NUMBERS:
        names = ", ".join(dtype.cpp_name for dtype in _NUMBERS.values())
        raise errors.invalid(
            f"Value for attr 'out_type' of {out_type.cpp_name} is not in the list of allowed values: {names}"
        )
    plain = _plain_numbers(out_type, string_tensor.ravel().tolist())
    if plain is not None:
        return plain.reshape(string_tensor.shape)
    return each(functools.partial(_parsed, out_type), string_tensor, dtype=out_type.numpy)


def _plain_numbers(dtype: DType, texts: list[bytes]) -> Array | None:
    """The numbers that strings spell, if all of them are as simple as most."""
    kind: type = float if dtype.is_floating else int
    try:
        if not dtype.is_unsigned and b"_" not in b"".join(texts):
            return np.array([kind(text) for text in texts], dtype.numpy)
    except (ValueError, OverflowError):
        pass  # not plain, or wrong
    return None


def _parsed(dtype: DType, text: bytes) -> Any:
    try:
        if b"_" in text:
            raise ValueError
        if dtype.is_floating:
            return float.fromhex(text.decode()) if b"0x" in text.lower() else float(text)
        number = int(text)
        if dtype.is_unsigned and b"-" in text:
            raise ValueError
        if not dtype.min <= number <= dtype.max:
            raise ValueError
        return number
    except ValueError:
        message = f"StringToNumberOp could not correctly convert string: {text.decode(errors='replace')}"
        raise errors.invalid(message) from None


def to_number(input: TensorLike, out_type: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """The numbers that strings spell.

    Args:
      input: strings.
      out_type: float32, float64, int32, int64, uint32 or uint64.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if a string does not spell a number of that dtype.

    >>> tf.strings.to_number(["1.5", "-2"]).numpy()
    array([ 1.5, -2. ], dtype=float32)
    """
    return _to_number(input, out_type=as_dtype(out_type), name=name)  # type: ignore[no-any-return]


only_host(
    _lower, _upper, _strip, _length, _substr, _join, _reduce_join, _unsorted_segment_join, _as_string, _to_number
)  # fmt: skip
