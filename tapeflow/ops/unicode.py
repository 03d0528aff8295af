"""Strings as characters of Unicode: decoding, encoding, scripts."""

from __future__ import annotations

import codecs
import functools
import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core import types
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .strings import check_choice, each

_ERRORS = ["strict", "replace", "ignore"]
_ENCODINGS = {"UTF-8": "utf-8", "UTF-16-BE": "utf-16-be", "UTF-32-BE": "utf-32-be"}
_LAST, _REPLACEMENT = 0x10FFFF, 0xFFFD
_NOT_ENCODINGS = re.compile(r"idna|punycode|undefined|.*escape|mbcs|oem|utf-8-sig|utf-7|hz|iso2022.*")


# ---------------------------------------------------------------- texts and code points


@functools.lru_cache(maxsize=256)
def _codec(encoding: str) -> str:
    """Python's name of an encoding.

    Raises:
      InvalidArgumentError: if there is no such encoding, or it is one that shifts between sets of characters.
    """
    for name in (encoding, re.sub("[-_ ]", "", encoding)):
        try:
            found = codecs.lookup(name)
            "".encode(found.name)
        except LookupError:
            continue
        if not _NOT_ENCODINGS.fullmatch(found.name):
            return found.name
    raise errors.invalid(f"Could not create converter for input encoding: {encoding}")


def _marked(text: bytes, codec: str) -> tuple[str, int]:
    """The codec of a text that may begin with a mark of its byte order, and the size of the mark."""
    size = {"utf-16": 2, "utf-32": 4}.get(codec, 0)
    if not size:
        return codec, 0
    for order in ("be", "le"):
        if text[:size] == "\ufeff".encode(f"{codec}-{order}"):
            return f"{codec}-{order}", size
    return f"{codec}-be", 0


def _decoded(text: bytes, codec: str) -> tuple[list[int], list[int]]:
    """The code points of a text, -1 for bytes that are wrong, and where each begins."""
    codec, skipped = _marked(text, codec)
    codes: list[int] = []
    starts: list[int] = []
    at = skipped
    while at < len(text):
        try:
            good, bad = text[at:].decode(codec), None
        except UnicodeDecodeError as error:
            good, bad = text[at : at + error.start].decode(codec), (at + error.start, at + error.end)
        for character in good:
            codes.append(ord(character))
            starts.append(at)
            at += len(character.encode(codec))
        if bad:
            codes.append(_control(text[bad[0]], codec))
            starts.append(bad[0])
            at = bad[1]
    if skipped and starts:
        starts[0] = 0  # the mark belongs to the first character
    return codes, starts


def _control(byte: int, codec: str) -> int:
    """What a byte stands for that its encoding leaves open: in those of Windows a control character."""
    return byte if codec.startswith("cp125") and byte < 0xA0 else -1


class _Policy:
    """What is done with code points that cannot be.

    Raises:
      InvalidArgumentError: if the attributes of the op are wrong.
    """

    def __init__(self, how: str, replacement: int, controls: bool = False, wrong: str = "") -> None:
        if not 0 <= replacement <= _LAST:
            raise errors.invalid("replacement_char out of unicode codepoint range")
        self.how = how
        self.replacement = replacement
        self.controls = controls
        self.wrong = wrong or "Invalid formatting on input string"

    def apply(self, codes: list[int], starts: list[int]) -> tuple[list[int], list[int]]:
        lowest = 32 if self.controls else 0
        if min(codes, default=lowest) >= lowest:
            return codes, starts
        if self.how == "strict":
            raise errors.invalid(self.wrong)
        kept = [
            (code if code >= lowest else self.replacement, start)
            for code, start in zip(codes, starts, strict=True)
            if code >= lowest or self.how != "ignore"
        ]
        return [code for code, _ in kept], [start for _, start in kept]


    def apply_all(self, codes: Array, splits: Array) -> tuple[Array, Array]:
        """Code points of rows, and where the rows end, with what is no code point replaced or left out."""
        wrong = (codes < 0) | (codes > _LAST) | ((codes >= 0xD800) & (codes < 0xE000))
        if not wrong.any():
            return codes, splits
        if self.how == "strict":
            raise errors.invalid(self.wrong)
        if self.how == "ignore":
            return codes[~wrong], np.cumsum([0, *~wrong])[splits]
        replacement = _REPLACEMENT if 0xD800 <= self.replacement < 0xE000 else self.replacement
        return np.where(wrong, replacement, codes), splits


def _encoded(codes: list[int], codec: str) -> bytes:
    return "".join(chr(_REPLACEMENT if 0xD800 <= code < 0xE000 else code) for code in codes).encode(codec)


# ---------------------------------------------------------------- ops


def _decode_shape(input: Shape, **_attrs: Any) -> tuple[Shape, ...]:
    count = None if input is None or None in input else int(np.prod([size or 0 for size in input])) + 1
    return (count,), (None,), (None,)


def _decode_all(
    input: Array, input_encoding: str, how: str, replacement: int, controls: bool, splits: DType
) -> tuple[Array, Array, Array]:
    check_choice("errors", how, _ERRORS)
    policy = _Policy(how, replacement, controls)
    codec = _codec(input_encoding)
    if codec == "utf-8":
        good = _all_good(input.ravel(), controls)
        if good is not None:
            return good[0].astype(splits.numpy), good[1], good[2]
    found = [policy.apply(*_decoded(text, codec)) for text in input.ravel()]
    ends = np.cumsum([0, *(len(codes) for codes, _ in found)])
    codes = np.array([code for codes, _ in found for code in codes], np.int32)
    return ends.astype(splits.numpy), codes, np.array([at for _, starts in found for at in starts], np.int64)


def _all_good(texts: Array, controls: bool) -> tuple[Array, Array, Array] | None:
    """Splits, code points and where they begin, of texts in UTF-8 in which nothing is wrong."""
    try:
        decoded = [text.decode() for text in texts]
    except UnicodeDecodeError:
        return None
    codes = np.frombuffer("".join(decoded).encode("utf-32-le"), np.int32)
    if controls and (codes < 32).any():
        return None
    splits = np.cumsum([0, *map(len, decoded)])
    sizes = np.ones(len(codes), np.int64)
    for first in (0x80, 0x800, 0x10000):
        sizes += codes >= first
    starts = np.cumsum([0, *sizes])
    return splits, codes, starts[:-1] - np.repeat(starts[splits[:-1]], np.diff(splits))


@op(
    "UnicodeDecode", "input:string -> row_splits:Tsplits, char_values:int32",
    shape=lambda input, **attrs: _decode_shape(input)[:2], differentiable=False,
)  # fmt: skip
def unicode_decode_op(
    xp: Any,
    input: Array,
    *,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = _REPLACEMENT,
    replace_control_characters: bool = False,
    Tsplits: DType = dtypes.int64,
) -> tuple[Array, Array]:
    return _decode_all(input, input_encoding, errors, replacement_char, replace_control_characters, Tsplits)[:2]


@op(
    "UnicodeDecodeWithOffsets",
    "input:string -> row_splits:Tsplits, char_values:int32, char_to_byte_starts:int64",
    shape=_decode_shape, differentiable=False,
)  # fmt: skip
def unicode_decode_with_offsets_op(
    xp: Any,
    input: Array,
    *,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = _REPLACEMENT,
    replace_control_characters: bool = False,
    Tsplits: DType = dtypes.int64,
) -> tuple[Array, Array, Array]:
    return _decode_all(input, input_encoding, errors, replacement_char, replace_control_characters, Tsplits)


def _encode_shape(input_values: Shape, input_splits: Shape, **_attrs: Any) -> Shape:
    if input_splits is None or input_splits[0] is None:
        return (None,)
    return (max(input_splits[0] - 1, 0),)


@op(
    "UnicodeEncode", "input_values:int32, input_splits:Tsplits -> output:string",
    Tsplits=types.INDICES, shape=_encode_shape, differentiable=False,
)  # fmt: skip
def unicode_encode_op(
    xp: Any,
    input_values: Array,
    input_splits: Array,
    *,
    errors: str = "replace",
    output_encoding: str,
    replacement_char: int = _REPLACEMENT,
) -> Array:
    check_choice("errors", errors, ["ignore", "replace", "strict"])
    check_choice("output_encoding", output_encoding, [*_ENCODINGS])
    policy = _Policy(errors, replacement_char, wrong="Code point is out of range for Unicode, or is a surrogate.")
    _check_splits(input_values, input_splits)
    codes, splits = policy.apply_all(input_values, input_splits)
    codec = _ENCODINGS[output_encoding]
    out = np.empty(max(len(splits) - 1, 0), object)
    if len(codes) == len(out) and (np.diff(splits) == 1).all():  # characters, of which there are few different ones
        each_code, which = np.unique(codes, return_inverse=True)
        out[:] = np.array([*(chr(code).encode(codec) for code in each_code), b""], object)[which]
        return out
    text = codes.astype("<u4").tobytes().decode("utf-32-le")
    ends = splits.tolist()
    out[:] = [text[start:end].encode(codec) for start, end in itertools.pairwise(ends)]
    return out


def _check_splits(values: Array, splits: Array) -> None:
    if not splits.size:
        if values.size:
            raise errors.invalid("Input_splits should contain elements, but given input_values has 0 elements")
        return
    if splits[0] != 0:
        raise errors.invalid("First value in input_splits must be zero.")
    if splits[-1] != values.size:
        raise errors.invalid("Last value in input_splits must be equal to length of input_tensor.")
    if (np.diff(splits) < 0).any():
        raise errors.invalid("Values in input_splits must be equal or in ascending order.")


@op("UnicodeTranscode", "input:string -> output:string", shape=shapes.same, differentiable=False)
def unicode_transcode_op(
    xp: Any,
    input: Array,
    *,
    input_encoding: str,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = _REPLACEMENT,
    replace_control_characters: bool = False,
) -> Array:
    check_choice("output_encoding", output_encoding, [*_ENCODINGS])
    check_choice("errors", errors, _ERRORS)
    policy = _Policy(errors, replacement_char, replace_control_characters)
    source, target = _codec(input_encoding), _ENCODINGS[output_encoding]
    simple = source not in ("utf-16", "utf-32") and not replace_control_characters

    def transcoded(text: bytes) -> bytes:
        if simple:
            try:
                return text.decode(source).encode(target)
            except UnicodeDecodeError:
                pass  # something is wrong
        return _encoded(policy.apply(*_decoded(text, source))[0], target)

    return each(transcoded, input)


@functools.cache
def _scripts() -> tuple[Array, Array]:
    """Where runs of code points of one script begin, and the scripts' numbers."""
    lines = Path(__file__).with_name("unicode_scripts.txt").read_text().split()
    return np.array([int(first, 16) for first in lines[::2]]), np.array(lines[1::2], np.int32)


def script_runs() -> list[tuple[int, int, int]]:
    """The first and the last code point, and the script, of each run of code points of one script."""
    firsts, scripts = _scripts()
    lasts = np.append(firsts[1:], _LAST + 1) - 1
    return list(zip(firsts.tolist(), lasts.tolist(), scripts.tolist(), strict=True))


@op("UnicodeScript", "input:int32 -> output:int32", shape=shapes.same, differentiable=False)
def unicode_script_op(xp: Any, input: Array) -> Array:
    firsts, scripts = _scripts()
    found = scripts[np.searchsorted(firsts, input, "right") - 1]
    return np.where((input < 0) | (input > _LAST), np.int32(-1), found)


only_host(
    unicode_decode_op, unicode_decode_with_offsets_op, unicode_encode_op, unicode_transcode_op, unicode_script_op
)  # fmt: skip


def unicode_script(input: TensorLike, name: str | None = None) -> Tensor:
    """The scripts that code points belong to, as numbers of the library ICU: 25 is Latin, 17 Han, 0 common to many.

    Args:
      input: int32 code points.
      name: a name for the operation, optional.

    Returns:
      int32, of the shape of `input`; -1 for what is no code point.

    >>> tf.strings.unicode_script([ord("a"), ord("\\u9999"), ord("1")]).numpy()
    array([25, 17,  0], dtype=int32)
    """
    return unicode_script_op(input, name=name)  # type: ignore[no-any-return]


def unicode_transcode(
    input: TensorLike,
    input_encoding: str,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Tensor:
    """Strings of one encoding in another.

    Args:
      input: strings.
      input_encoding: their encoding.
      output_encoding: "UTF-8", "UTF-16-BE" or "UTF-32-BE".
      errors: "replace", "ignore" (leave out), or "strict" (refuse) what is wrong in the input.
      replacement_char: the code point that replaces it.
      replace_control_characters: whether the code points 0 to 31 count as wrong.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if there is no such encoding, or something is wrong and `errors` is "strict".

    >>> tf.strings.unicode_transcode("ab", "UTF-8", "UTF-16-BE").numpy()
    b'\\x00a\\x00b'
    """
    return unicode_transcode_op(  # type: ignore[no-any-return]
        input, input_encoding=input_encoding, output_encoding=output_encoding, errors=errors,
        replacement_char=replacement_char, replace_control_characters=replace_control_characters, name=name,
    )  # fmt: skip
