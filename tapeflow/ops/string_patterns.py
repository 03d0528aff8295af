"""Regular expressions in the syntax of RE2, which is TensorFlow's, as patterns of Python's `re`.

Each part is read, checked and written anew, in a form that does not depend on flags: what `.`, `$`, `\\w` or a class
stands for is spelled out. RE2 cannot look around or back, so Python can match all that it can. But `\\C`, a byte within
a character, is refused; and what a group has in the end that is repeated and may be empty, `(a*)*`, can differ. Bytes
that are no UTF-8 are halves of surrogate pairs in Python's strings; nothing but themselves matches them.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from .unicode import script_runs

Ranges = tuple[tuple[int, int], ...]
_LAST = 0x10FFFF
_PERL: dict[str, Ranges] = {
    "d": ((48, 57),), "s": ((9, 10), (12, 13), (32, 32)), "w": ((48, 57), (65, 90), (95, 95), (97, 122))
}  # fmt: skip
_POSIX: dict[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)), "alpha": ((65, 90), (97, 122)), "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)), "cntrl": ((0, 31), (127, 127)), "digit": ((48, 57),), "graph": ((33, 126),),
    "lower": ((97, 122),), "print": ((32, 126),), "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)), "upper": ((65, 90),), "word": _PERL["w"],
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}  # fmt: skip
_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
#: The scripts that patterns may name, by the numbers of `tf.strings.unicode_script`.
_SCRIPTS = dict(
    enumerate(
        """Common Inherited Arabic Armenian Bengali Bopomofo Cherokee Coptic Cyrillic Deseret Devanagari Ethiopic
        Georgian Gothic Greek Gujarati Gurmukhi Han Hangul Hebrew Hiragana Kannada Katakana Khmer Lao Latin Malayalam
        Mongolian Myanmar Ogham Old_Italic Oriya Runic Sinhala Syriac Tamil Telugu Thaana Thai Tibetan
        Canadian_Aboriginal Yi Tagalog Hanunoo Buhid Tagbanwa""".split()
    )
)
_REPEAT = re.compile(r"[*+?]|\{(\d+)(,?)(\d*)\}")
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")


class PatternError(ValueError):
    """What is wrong with a pattern, in RE2's words."""


class _Flags(NamedTuple):
    i: bool = False  # letters in either case
    m: bool = False  # ^ and $ at lines
    s: bool = False  # . also at the end of a line
    U: bool = False  # as few as will do


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same code points in order, in as few ranges as will do."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def without(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """All other code points; halves of surrogate pairs are none."""
    start, found = 0, []
    for low, high in merged([*ranges, (0xD800, 0xDFFF)]):
        found.append((start, low - 1))
        start = high + 1
    return tuple((low, high) for low, high in [*found, (start, _LAST)] if low <= high)


@functools.cache
def _property(name: str) -> Ranges | None:
    """The code points of a category (`L`, `Lu`) or a script (`Greek`), None if there is no such."""
    if name == "Any":
        return without(())
    if name in _SCRIPTS.values():
        return tuple((low, high) for low, high, number in script_runs() if _SCRIPTS.get(number) == name)
    if not re.fullmatch("[LMNPSZC][a-z]?", name):
        return None
    categories = (unicodedata.category(chr(code)) for code in range(_LAST + 1))
    found = [(code, code) for code, category in enumerate(categories) if category.startswith(name)]
    return merged(found) or None


def _member(code: int) -> str:
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"


def _written(ranges: Ranges, flags: _Flags) -> str:
    """A class of Python's."""
    if not ranges:
        return "(?!)"
    body = "".join(_member(low) if low == high else f"{_member(low)}-{_member(high)}" for low, high in ranges)
    return f"(?i:[{body}])" if flags.i else f"[{body}]"


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0

    def fail(self, what: str, part: str) -> PatternError:
        return PatternError(f"{what}: {part}")

    def starts(self, prefix: str) -> bool:
        return self.text.startswith(prefix, self.at)

    # ---- sequences

    def sequence(self, flags: _Flags, depth: int) -> str:
        """What stands up to the end of a group."""
        parts: list[str] = []
        while self.at < len(self.text):
            if self.starts(")"):
                if not depth:
                    raise self.fail("unexpected )", self.text)
                return "".join(parts)
            if self.starts("|"):
                self.at += 1
                parts.append("|")
                continue
            found = _FLAGS.match(self.text, self.at)
            if found and (found[1] or found[2]) and found[3] == ")":
                self.at = found.end()
                flags = _changed(flags, found)
                continue
            if self.starts("\\Q"):
                parts += self.quoted(flags)
                continue
            repeat = self.repeat()
            if repeat:
                raise self.fail("no argument for repetition operator", repeat[0])
            parts.append(self.repeated(self.atom(flags, depth), flags))
        if depth:
            raise self.fail("missing )", self.text)
        return "".join(parts)

    def repeat(self) -> re.Match[str] | None:
        return _REPEAT.match(self.text, self.at)

    def repeated(self, atom: str, flags: _Flags) -> str:
        """An atom with the repetition that follows it."""
        start = self.at
        found = self.repeat()
        if not found:
            return atom
        low, _, high = found.groups()
        if low and (max(int(low), int(high or 0)) > 1000 or (high and int(high) < int(low))):
            raise self.fail("invalid repetition size", found[0])
        self.at = found.end()
        few = self.starts("?")
        self.at += few
        second = self.repeat()
        if second:
            raise self.fail("bad repetition operator", self.text[start : second.end()])
        lazy = few != flags.U
        return f"(?:{atom}){found[0]}{'?' if lazy else ''}"

    def quoted(self, flags: _Flags) -> list[str]:
        end = self.text.find("\\E", self.at)
        literal = self.text[self.at + 2 : end if end >= 0 else None]
        self.at = len(self.text) if end < 0 else end + 2
        parts = [_literal(character, flags) for character in literal]
        if parts:
            parts[-1] = self.repeated(parts[-1], flags)
        return parts

    # ---- atoms

    def atom(self, flags: _Flags, depth: int) -> str:
        character = self.text[self.at]
        if character == "(":
            return self.group(flags, depth)
        if character == "[":
            return _written(self.bracket(), flags)
        if character == "\\":
            return self.escape(flags)
        self.at += 1
        if character == ".":
            return _written(without(() if flags.s else ((10, 10),)), _Flags())
        if character == "^":
            return "(?m:^)" if flags.m else r"\A"
        if character == "$":
            return "(?m:$)" if flags.m else r"\Z"
        return _literal(character, flags)

    def group(self, flags: _Flags, depth: int) -> str:
        opening = "("
        named = re.compile(r"\(\?P<(\w+)>").match(self.text, self.at)
        found = _FLAGS.match(self.text, self.at)
        if named:
            self.at, opening = named.end(), "("
        elif found:
            self.at, opening, flags = found.end(), "(?:", _changed(flags, found)
            if found[3] == ")":
                return ""
        elif self.starts("(?"):
            if self.starts("(?P<"):
                raise self.fail("invalid named capture group", self.text[self.at :].partition(">")[0])
            bad = re.compile(r"\(\?[imsU-]*.?").match(self.text, self.at)
            raise self.fail("invalid perl operator", bad[0] if bad else "")
        else:
            self.at += 1
        inner = self.sequence(flags, depth + 1)
        self.at += 1
        return f"{opening}{inner})"

    def escape(self, flags: _Flags) -> str:
        kind = self.text[self.at + 1 : self.at + 2]
        fixed = {"A": r"\A", "z": r"\Z", "b": r"(?a:\b)", "B": r"(?!(?a:\b))"}.get(kind)
        if fixed:
            self.at += 2
            return fixed
        ranges = self.named_class()
        return _literal(chr(self.code()), flags) if ranges is None else _written(ranges, flags)

    def code(self) -> int:
        """The code point that an escape stands for."""
        octal, hexadecimal = r"\\(0[0-7]{0,2}|[1-7][0-7]{1,2})", r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})"
        if found := re.compile(octal).match(self.text, self.at):
            self.at = found.end()
            return int(found[1], 8)
        if found := re.compile(hexadecimal).match(self.text, self.at):
            self.at = found.end()
            return min(int(found[1] or found[2], 16), _LAST)
        if found := re.compile(r"\\x(\{[0-9A-Fa-f]*|[0-9A-Fa-f]?).?").match(self.text, self.at):
            raise self.fail("invalid escape sequence", found[0])
        kind = self.text[self.at + 1 : self.at + 2]
        if not kind:
            raise PatternError("trailing \\")
        if kind not in _CONTROLS and (kind.isalnum() or ord(kind) > 127):
            raise self.fail("invalid escape sequence", f"\\{kind}")
        self.at += 2
        return _CONTROLS.get(kind, ord(kind))

    def named_class(self) -> Ranges | None:
        """The code points of an escape that stands for a class."""
        kind = self.text[self.at + 1 : self.at + 2]
        if kind and kind.lower() in _PERL:
            self.at += 2
            return without(_PERL[kind.lower()]) if kind.isupper() else _PERL[kind]
        found = re.compile(r"\\([pP])(?:\{(\^?)(\w+)\}|(\w))").match(self.text, self.at)
        if not found:
            return None
        ranges = _property(found[3] or found[4])
        if ranges is None:
            raise self.fail("invalid character class range", found[0])
        self.at = found.end()
        return without(ranges) if (found[1] == "P") != bool(found[2]) else ranges

    # ---- classes in brackets

    def bracket(self) -> Ranges:
        start = self.at
        self.at += 1
        negated = self.starts("^")
        self.at += negated
        first, ranges = self.at, list[tuple[int, int]]()
        while not self.starts("]") or self.at == first:
            if self.at >= len(self.text):
                raise self.fail("missing ]", self.text[start:])
            ranges += self.item()
        self.at += 1
        return without(ranges) if negated else merged(ranges)

    def item(self) -> Ranges:
        posix = re.compile(r"\[:(\^?)(\w+):\]").match(self.text, self.at)
        if posix:
            if posix[2] not in _POSIX:
                raise self.fail("invalid character class range", posix[0])
            self.at = posix.end()
            return without(_POSIX[posix[2]]) if posix[1] else _POSIX[posix[2]]
        named = self.named_class() if self.starts("\\") else None
        if named is not None:
            return named
        start, low = self.at, self.single()
        if not self.starts("-") or self.text[self.at + 1 : self.at + 2] in ("]", ""):
            return ((low, low),)
        self.at += 1
        high = self.single()
        if high < low:
            raise self.fail("invalid character class range", self.text[start : self.at])
        return ((low, high),)

    def single(self) -> int:
        if self.starts("\\"):
            return self.code()
        self.at += 1
        return ord(self.text[self.at - 1])


def _literal(character: str, flags: _Flags) -> str:
    escaped = re.escape(character)
    return f"(?i:{escaped})" if flags.i and character.isalpha() else escaped


def _changed(flags: _Flags, found: re.Match[str]) -> _Flags:
    return flags._replace(**dict.fromkeys(found[1], True), **dict.fromkeys(found[2] or "", False))


@functools.lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Python's pattern for one of RE2's.

    Raises:
      PatternError: if RE2 refuses it.
    """
    try:
        return re.compile(_Reader(pattern).sequence(_Flags(), 0))
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(str(error)) from None
