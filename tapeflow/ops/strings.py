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



def _each(function: Callable[..., Any], *arrays: Array, dtype: Any = object) -> Array:
    """`function` of the elements of one or more arrays, broadcast against each other."""
    found = np.frompyfunc(function, len(arrays), 1)(*arrays)
    out = np.empty(np.shape(found), dtype)
    out[...] = found
    return out


def _check_choice(attr: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        names = ", ".join(f'"{name}"' for name in allowed)
        raise errors.invalid(f"Value for attr '{attr}' of \"{value}\" is not in the list of allowed values: {names}")


# ---------------------------------------------------------------- case, white space, length


def _recased(text: bytes, encoding: str, change: Callable[[Any], Any]) -> bytes:
    return change(text) if not encoding else change(text.decode(errors="replace")).encode()  # type: ignore[no-any-return]


def _check_encoding(encoding: str) -> None:
    if encoding not in ("", "utf-8"):
        raise errors.invalid(f"only utf-8 or '' (no encoding) is supported, received {encoding}")


@op("StringLower", "input:string -> output:string", shape=shapes.same, differentiable=False)
def _lower(xp: Any, input: Array, *, encoding: str = "") -> Array:
    _check_encoding(encoding)
    return _each(lambda s: _recased(s, encoding, lambda text: text.lower()), input)


@op("StringUpper", "input:string -> output:string", shape=shapes.same, differentiable=False)
def _upper(xp: Any, input: Array, *, encoding: str = "") -> Array:
    _check_encoding(encoding)
    return _each(lambda s: _recased(s, encoding, lambda text: text.upper()), input)


@op("StringStrip", "input:string -> output:string", shape=shapes.same, differentiable=False)
def _strip(xp: Any, input: Array) -> Array:
    return _each(lambda s: s.strip(b" \t\n\v\f\r"), input)


@op("StringLength", "input:string -> output:int32", shape=shapes.same, differentiable=False)
def _length(xp: Any, input: Array, *, unit: str = "BYTE") -> Array:
    _check_choice("unit", unit, ["BYTE", "UTF8_CHAR"])
    return _each(len if unit == "BYTE" else lambda s: len(_characters(s)), input, dtype=np.int32)


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
    _check_choice("unit", unit, ["BYTE", "UTF8_CHAR"])
    _substr_shape(input.shape, pos.shape, len.shape)
    index = np.arange(np.broadcast(input, pos).size).reshape(np.broadcast(input, pos).shape)
    return _each(functools.partial(_part, unit), input, pos, len, index)


def _part(unit: str, text: bytes, pos: int, count: int, index: int) -> bytes:
    units: Any = text if unit == "BYTE" else _characters(text)
    size = len(units)
    if not -size <= pos <= size:
        shown = f" b'{text.decode(errors='replace')}'" if unit == "BYTE" else ""
        raise errors.invalid(f"pos {pos} out of range for string{shown} at index {index}")
    start = pos + size if pos < 0 else pos
    taken = units[start : start + count] if count >= 0 else units[start:]
    return taken if unit == "BYTE" else b"".join(taken)  # type: ignore[no-any-return]


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
    merged: Shape = ()
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
    return _each(lambda *parts: separator.encode().join(parts), *inputs) if inputs else np.array(b"", object)


def join(inputs: Sequence[TensorLike], separator: str = "", name: str | None = None) -> Tensor:
    """Joins strings, element by element.

    Args:
      inputs: string tensors of one shape; scalars go with all.
      separator: what stands between two.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if the shapes differ.

    >>> tf.strings.join(["tape", ["flow", "worm"]], "-").numpy()
    array([b'tape-flow', b'tape-worm'], dtype=object)
    """
    return _join(*[convert(x, dtypes.string) for x in inputs], separator=separator, name=name)  # type: ignore[no-any-return]


def _reduced_shape(inputs: Shape, axes: Any, *, keep_dims: bool = False, **_attrs: Any) -> Shape:
    for axis in (axes,) if isinstance(axes, int) else axes or ():
        if inputs is not None and not -len(inputs) <= axis < len(inputs):
            message = f"Invalid reduction dimension {axis} for input with {len(inputs)} dimension(s)"
            raise errors.OutOfRangeError(None, None, message)
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
    axes = tuple(range(tensor.ndim))[::-1] if axis is None else axis
    return _reduce_join(tensor, axes, keep_dims=keepdims, separator=separator, name=name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- numbers


_SHOWN = (*types.FLOATS, *types.INTEGERS, *types.COMPLEX, dtypes.bool, dtypes.string, dtypes.variant)


@op("AsString", "input:T -> output:string", T=_SHOWN, shape=shapes.same, differentiable=False)
def _as_string(
    xp: Any, input: Array, *, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1, fill: str = ""
) -> Array:
    dtype = dtypes.of(input)
    _check_format(dtype, precision, scientific, shortest, fill)
    exact = dtype.is_integer or dtype.is_bool
    flags = fill if not dtype.is_unsigned or fill not in ("+", " ") else ""
    code = "d" if exact else "e" if scientific else "g" if shortest else "f"
    style = f"%{flags}{width if width >= 0 else ''}{f'.{precision}' if precision >= 0 else ''}{code}"
    if dtype.is_bool:
        return _each(lambda value: b"true" if value else b"false", input)
    if dtype == dtypes.string:
        return _each(lambda value: value.ljust(width) if fill == "-" else value.rjust(width), input) if width > 0 else input
    if dtype.is_complex:
        return _each(lambda value: f"({_number(style, value.real)},{_number(style, value.imag)})".encode(), input)
    return _each(lambda value: _number(style, value).encode(), input if exact else input.astype(np.float64))


def _number(style: str, value: Any) -> str:
    # C pads with zeros only what is a number.
    return (style if math.isfinite(value) else style.replace("%0", "%")) % value


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


_NUMBERS = {dtype.numpy: dtype for dtype in (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.uint32, dtypes.uint64)}


@op("StringToNumber", "string_tensor:string -> output:out_type", shape=shapes.same, differentiable=False)
def _to_number(xp: Any, string_tensor: Array, *, out_type: DType = dtypes.float32) -> Array:
    if out_type.numpy not in _NUMBERS:
        names = ", ".join(dtype.cpp_name for dtype in _NUMBERS.values())
        raise errors.invalid(f"Value for attr 'out_type' of {out_type.cpp_name} is not in the list of allowed values: {names}")
    return _each(functools.partial(_parsed, out_type), string_tensor, dtype=out_type.numpy)


def _parsed(dtype: DType, text: bytes) -> Any:
    try:
        if b"_" in text:
            raise ValueError
        if dtype.is_floating:
            return float.fromhex(text.decode()) if b"0x" in text.lower() else float(text)
        number = int(text)
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


# ---------------------------------------------------------------- regular expressions

_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r"\t ", "cntrl": r"\x00-\x1f\x7f", "digit": "0-9",
    "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ", "upper": "A-Z",
    "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|.", re.DOTALL)  # a bracket expression is one
_IN_BRACKETS = re.compile(r"\[:(\^?)(\w+):\]|\\.|\[", re.DOTALL)


@functools.lru_cache(maxsize=256)
def _compiled(pattern: bytes) -> re.Pattern[str]:
    """A pattern of RE2's as one of Python's, whose `$`, `\\z` and `[[:classes:]]` differ."""
    text = pattern.decode(errors="surrogateescape")
    lines = re.match(r"\(\?[a-zA-Z]*m", text)

    def translated(token: re.Match[str]) -> str:
        part = token[0]
        if part[0] == "[":
            return "[" + _IN_BRACKETS.sub(_bracketed, part[1:])
        return r"\Z" if part == r"\z" or (part == "$" and not lines) else part

    try:
        return re.compile(_TOKEN.sub(translated, text), re.ASCII)
    except re.error as error:
        raise errors.invalid(f"Invalid pattern: {text}, error: {error}") from None


def _bracketed(token: re.Match[str]) -> str:
    if token[2]:
        if token[1] or token[2] not in _CLASSES:
            raise re.error(f"unsupported character class {token[0]}")
        return _CLASSES[token[2]]
    return r"\[" if token[0] == "[" else token[0]


def _replaced(pattern: bytes, rewrite: bytes, everywhere: bool, text: bytes) -> bytes:
    found = _compiled(pattern)
    groups = [int(digit) for digit in re.findall(rb"\\(?:\\|(\d))", rewrite) if digit]
    if max(groups, default=0) > found.groups:
        return text  # RE2 leaves the text alone
    source = text.decode(errors="surrogateescape")
    parts, position = [], 0
    for match in found.finditer(source):
        if match.start() == match.end() == position and parts:
            continue  # nothing, right after what has been replaced
        parts += [source[position : match.start()], _rewritten(rewrite, match)]
        position = match.end()
        if not everywhere:
            break
    return "".join([*parts, source[position:]]).encode(errors="surrogateescape")


def _rewritten(rewrite: bytes, match: re.Match[str]) -> str:
    template = rewrite.decode(errors="surrogateescape")
    return re.sub(r"\\(\\|\d)", lambda m: "\\" if m[1] == "\\" else match[int(m[1])] or "", template)


@op("StaticRegexReplace", "input:string -> output:string", shape=shapes.same, differentiable=False)
def _static_regex_replace(xp: Any, input: Array, *, pattern: str, rewrite: str, replace_global: bool = True) -> Array:
    _compiled(pattern.encode())
    return _each(lambda text: _replaced(pattern.encode(), rewrite.encode(), replace_global, text), input)


def _scalar_patterns(input: Shape, *patterns: Shape, **_attrs: Any) -> Shape:
    for label, shape in zip(("Pattern", "Rewrite"), patterns, strict=False):
        if shape:
            raise errors.invalid(f"{label} must be scalar, but received {shapes.show(shape)}")
    return input


@op("RegexReplace", "input:string, pattern:string, rewrite:string -> output:string", shape=_scalar_patterns, differentiable=False)
def _regex_replace(xp: Any, input: Array, pattern: Array, rewrite: Array, *, replace_global: bool = True) -> Array:
    _scalar_patterns(input.shape, pattern.shape, rewrite.shape)
    _compiled(pattern[()])
    return _each(lambda text: _replaced(pattern[()], rewrite[()], replace_global, text), input)


@op("StaticRegexFullMatch", "input:string -> output:bool", shape=shapes.same, differentiable=False)
def _static_regex_full_match(xp: Any, input: Array, *, pattern: str) -> Array:
    return _matched(_compiled(pattern.encode()), input)


@op("RegexFullMatch", "input:string, pattern:string -> output:bool", shape=_scalar_patterns, differentiable=False)
def _regex_full_match(xp: Any, input: Array, pattern: Array) -> Array:
    _scalar_patterns(input.shape, pattern.shape)
    return _matched(_compiled(pattern[()]), input)


def _matched(pattern: re.Pattern[str], input: Array) -> Array:
    return _each(lambda text: pattern.fullmatch(text.decode(errors="surrogateescape")) is not None, input, dtype=bool)


def regex_replace(
    input: TensorLike, pattern: TensorLike, rewrite: TensorLike, replace_global: bool = True, name: str | None = None
) -> Tensor:
    """Replaces what a regular expression matches.

    Args:
      input: strings.
      pattern: the expression, in the syntax that RE2 and Python's `re` share (and `[[:alpha:]]` and its kin).
      rewrite: what stands instead; in it `\\\\1` is the first group, `\\\\0` the whole match.
      replace_global: whether all matches are replaced, or the first only.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if the expression is wrong.

    >>> tf.strings.regex_replace("tape flow", "[aeiou]", "*").numpy()
    b't*p* fl*w'
    """
    if isinstance(pattern, str) and isinstance(rewrite, str):
        return _static_regex_replace(  # type: ignore[no-any-return]
            input, pattern=pattern, rewrite=rewrite, replace_global=replace_global, name=name
        )
    return _regex_replace(input, pattern, rewrite, replace_global=replace_global, name=name)  # type: ignore[no-any-return]


def regex_full_match(input: TensorLike, pattern: TensorLike, name: str | None = None) -> Tensor:
    """Whether a regular expression matches strings from beginning to end; see `tf.strings.regex_replace`.

    >>> tf.strings.regex_full_match(["tape", "flow"], "t.*").numpy()
    array([ True, False])
    """
    if isinstance(pattern, str):
        return _static_regex_full_match(input, pattern=pattern, name=name)  # type: ignore[no-any-return]
    return _regex_full_match(input, pattern, name=name)  # type: ignore[no-any-return]
