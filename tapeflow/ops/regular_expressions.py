"""Replacing and matching with regular expressions.

TensorFlow's are those of RE2. Python's `re` agrees with it on most, and what differs in form is translated.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from ..base import errors, shapes
from ..base.shapes import Shape
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .strings import each

_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r"\t ", "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ",
    "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_TOKEN = r"(?s:\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|.)"  # a bracket expression is one
_IN_BRACKETS = r"(?s)\[:(\^?)(\w+):\]|\\.|\["


@functools.lru_cache(maxsize=256)
def _compiled(pattern: bytes) -> re.Pattern[str]:
    """A pattern of RE2's as one of Python's, whose `$`, `\\z` and `[[:classes:]]` differ."""
    text = pattern.decode(errors="surrogateescape")
    lines = re.match(r"\(\?[a-zA-Z]*m", text)

    def translated(token: re.Match[str]) -> str:
        part = token[0]
        if part[0] == "[":
            return "[" + re.sub(_IN_BRACKETS, _bracketed, part[1:])
        return r"\Z" if part == r"\z" or (part == "$" and not lines) else part

    try:
        return re.compile(re.sub(_TOKEN, translated, text), re.ASCII)
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
    parts: list[str] = []
    position = 0
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
    return each(lambda text: _replaced(pattern.encode(), rewrite.encode(), replace_global, text), input)


def _scalar_patterns(input: Shape, *patterns: Shape, **_attrs: Any) -> Shape:
    for label, shape in zip(("Pattern", "Rewrite"), patterns, strict=False):
        if shape:
            raise errors.invalid(f"{label} must be scalar, but received {shapes.show(shape)}")
    return input


@op(
    "RegexReplace",
    "input:string, pattern:string, rewrite:string -> output:string",
    shape=_scalar_patterns,
    differentiable=False,
)
def _regex_replace(xp: Any, input: Array, pattern: Array, rewrite: Array, *, replace_global: bool = True) -> Array:
    _scalar_patterns(input.shape, pattern.shape, rewrite.shape)
    _compiled(pattern[()])
    return each(lambda text: _replaced(pattern[()], rewrite[()], replace_global, text), input)


@op("StaticRegexFullMatch", "input:string -> output:bool", shape=shapes.same, differentiable=False)
def _static_regex_full_match(xp: Any, input: Array, *, pattern: str) -> Array:
    return _matched(_compiled(pattern.encode()), input)


@op("RegexFullMatch", "input:string, pattern:string -> output:bool", shape=_scalar_patterns, differentiable=False)
def _regex_full_match(xp: Any, input: Array, pattern: Array) -> Array:
    _scalar_patterns(input.shape, pattern.shape)
    return _matched(_compiled(pattern[()]), input)


def _matched(pattern: re.Pattern[str], input: Array) -> Array:
    return each(lambda text: pattern.fullmatch(text.decode(errors="surrogateescape")) is not None, input, dtype=bool)


only_host(_static_regex_replace, _regex_replace, _static_regex_full_match, _regex_full_match)


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
