"""Replacing and matching with regular expressions.

TensorFlow's are those of RE2; `string_patterns.py` translates them to Python's.
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
from .string_patterns import PatternError, compiled
from .strings import each


def _compiled(pattern: bytes) -> re.Pattern[str]:
    text = pattern.decode(errors="surrogateescape")
    try:
        return compiled(text)
    except PatternError as error:
        raise errors.invalid(f"Invalid pattern: {text}, error: {error}") from None


def _replaced(pattern: bytes, rewrite: bytes, everywhere: bool, text: bytes) -> bytes:
    found = _compiled(pattern)
    template, whole = _template(rewrite.decode(errors="surrogateescape"))
    if max((part for part in template if isinstance(part, int)), default=0) > found.groups:
        return text  # RE2 leaves the text alone
    source = text.decode(errors="surrogateescape")
    parts: list[str] = []
    at, last = 0, -1
    while match := found.search(source, at):
        start, end = match.span()
        parts.append(source[at:start])
        if start == end == last:  # nothing, right after what has been replaced
            parts.append(source[start : start + 1])
            at, last = start + 1, -1
            if at > len(source):
                break
            continue
        if not everywhere and not whole:
            return text
        parts += [(match[part] or "") if isinstance(part, int) else part for part in template]
        at = last = end
        if not everywhere:
            break
    return "".join([*parts, source[at:]]).encode(errors="surrogateescape")


@functools.lru_cache(maxsize=256)
def _template(rewrite: str) -> tuple[list[str | int], bool]:
    """The texts and numbers of groups in a rewrite, up to the first thing that makes no sense; and if there is none."""
    parts: list[str | int] = []
    for part in re.findall(r"(?s)\\.?|[^\\]+", rewrite):
        if part[0] != "\\":
            parts.append(part)
        elif part[1:].isdecimal():
            parts.append(int(part[1:]))
        elif part == "\\\\":
            parts.append("\\")
        else:
            return parts, False
    return parts, True


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
      pattern: the expression, in the syntax of RE2.
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
