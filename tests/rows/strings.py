"""Rows of strings and of tensors as text."""

from __future__ import annotations

from typing import Any

from optable import FLOATS, INTS, UINTS, Row, boolean, c64, c128, case, each, f32, f64, i32, inf, nan, row, string

from .elementwise import function

TEXT = string([b"", b"a", b"AbC", b" x \n", "h\u00e9llo \u00c9".encode(), b"tape flow 12 345", "\u00df".encode()])
STYLES: list[dict[str, Any]] = [
    {},
    {"precision": 3},
    {"scientific": True},
    {"shortest": True},
    {"width": 8, "fill": "0"},
    {"width": 8, "fill": "-"},
    {"width": 8},
    {"fill": "+"},
    {"width": 5, "fill": " "},
    {"shortest": True, "precision": 2},
    {"precision": 0},
]
NUMBERS = [1.5, 2, -1e-8, 1e10, 1 / 3, nan, inf, -inf, 0.0, 123456.0]


def as_string(tf: Any, x: Any, **style: Any) -> Any:
    return tf.strings.as_string(x, **style)


def to_number(tf: Any, x: Any, dtype: str = "float32") -> Any:
    return tf.strings.to_number(x, tf.as_dtype(dtype))


def formatted(tf: Any, template: str, *tensors: Any, **options: Any) -> Any:
    return tf.strings.format(template, tensors, **options)


def replaced(tf: Any, x: Any, pattern: str, rewrite: str, **options: Any) -> Any:
    return tf.strings.regex_replace(x, pattern, rewrite, **options)


ROWS: list[Row] = [
    row(
        "StringLower",
        lambda tf, x, **kw: tf.strings.lower(x, **kw),
        [
            case(TEXT),
            case(TEXT, encoding="utf-8"),
            case("A"),
            case(string(0)),
            case(TEXT, encoding="x", error=True),
            case(3, error=True),
            case(f32(2), error=True),
        ],
    ),
    row(
        "StringUpper",
        lambda tf, x, **kw: tf.strings.upper(x, **kw),
        [
            case(TEXT),
            case(TEXT, encoding="utf-8"),
            case("a"),
            case(string(2, 2)),
            case(TEXT, encoding="x", error=True),
        ],
    ),
    row("StringStrip", function("strings.strip"), [case(TEXT), case(" a b \t\v\f\r"), case(string(2, 3))]),
    row(
        "StringLength",
        lambda tf, x, **kw: tf.strings.length(x, **kw),
        [
            case(TEXT),
            case(TEXT, unit="UTF8_CHAR"),
            case(string([b"\x80\x80a", b"\xff\xc3", b"a\x00b"]), unit="UTF8_CHAR"),
            case("abc"),
            case(string(0)),
            case(TEXT, unit="X", error=True),
        ],
    ),
    row(
        "Substr",
        lambda tf, x, pos, length, **kw: tf.strings.substr(x, pos, length, **kw),
        [
            *(case("abc", pos, length) for pos, length in ((0, 1), (1, 2), (-2, 1), (2, 100), (3, 1), (0, -1))),
            case("abc", 4, 1, error=True),
            case("abc", -4, 1, error=True),
            case(["abc", "de"], [0, 1], [1, 1]),
            case("abc", [0, 1], [1, 1]),
            case([["abc", "xyz"], ["de", "fg"]], [0, 1], [1, 1]),
            case("h\u00e9llo", 1, 2),
            case("h\u00e9llo", 1, 2, unit="UTF8_CHAR"),
            case("h\u00e9llo", -3, 2, unit="UTF8_CHAR"),
            case("h\u00e9llo", 7, 2, unit="UTF8_CHAR", error=True),
            case("h\u00e9llo", 1, -1, unit="UTF8_CHAR"),
            case("h\u00e9llo", -2, -1, unit="UTF8_CHAR", error=True),
            case("h\u00e9llo", -2, -1),
            case(["abc", "de", "fg"], [0, 1], [1, 1], error=True),
        ],
    ),
    row(
        "StringJoin",
        lambda tf, xs, **kw: tf.strings.join(xs, **kw),
        [
            case(["a", string([b"b", b"c"])]),
            case([string(2), string(2)], separator="-"),
            case(["a"]),
            case([]),
            case([string(2, 2), "x", "y"]),
            case([string(2), string(3)], error=True),
            case(["a", 1], error=True),
            case(string([b"a", b"b"])),
            case("ab", error=True),
            case(None, error=True),
            case([i32(2)], error=True),
            case(["a"], separator=b"-"),
            case(["a"], separator=1, error=True),
            case(["a", "b"], separator=None),
        ],
    ),
    row(
        "ReduceJoin",
        lambda tf, x, **kw: tf.strings.reduce_join(x, **kw),
        [
            *(
                case([["a", "b"], ["c", "d"]], axis=axis, separator=".")
                for axis in (None, 0, 1, -1, [0, 1], [1, 0], [-1, -2], [])
            ),
            case([["a", "b"], ["c", "d"]], axis=[0], keepdims=True),
            case("a"),
            case(string(0)),
            case(string(0, 2), axis=0),
            case(string(2, 0), axis=0),
            case([["a", "b"], ["c", "d"]], axis=2, error=True),
            case(string(2, 3, 2), axis=[2, 0]),
            case(string(2, 3, 2), keepdims=True),
            case([["a", "b"]], axis=[0, 0], error=True),
        ],
    ),
    row(
        "AsString",
        as_string,
        [
            *(case(f32(NUMBERS), **style) for style in STYLES),
            *(case(f64(NUMBERS), **style) for style in STYLES),
            *(
                case(i32([1, -2, 123456789]), **style)
                for style in STYLES
                if not {*style} & {"precision", "scientific", "shortest"}
            ),
            *(case(c64([1.5 + 2j, -3j]), **style) for style in STYLES),
            *(case(string([b"a", b"abcdefghijk"]), **style) for style in STYLES),
            *each([*FLOATS, *INTS, *UINTS, boolean, c128, string], lambda t: (t(2, 3),)),
            *(case(t(2), width=9, fill=fill) for t in (*UINTS[:2], boolean) for fill in ("", "-", "+", "0")),
            *(
                case(i32(2), **style, error=True)
                for style in STYLES
                if {*style} & {"precision", "scientific", "shortest"}
            ),
            case(f32(1), scientific=True, shortest=True, error=True),
            case(f32(1), fill="xx", error=True),
            case(f32(1), fill="x", error=True),
            case(True),
            case(1.5),
        ],
    ),
    row(
        "StringToNumber",
        to_number,
        [
            *(
                case(
                    [text],
                    dtype,
                    error=(dtype.startswith("int") and text not in whole) or text in ("abc", "", "1_0", "1.5f"),
                )
                for whole in [("1", " 3 ", "+5")]
                for text in (
                    "1",
                    "1.5",
                    "-2e3",
                    " 3 ",
                    "abc",
                    "",
                    "nan",
                    "inf",
                    "0x10",
                    "1e400",
                    "-Infinity",
                    "1_0",
                    "+5",
                    "1.5f",
                    ".5",
                    "5.",
                )
                for dtype in ("float32", "float64", "int32", "int64")
            ),
            case(["1", "-2.25"]),
            case("99999999999", "int64"),
            case("99999999999", "int32", error=True),
            case("-1", "uint32", error=True),
            case("7", "uint64"),
            case("1", "int8", error="type", reason="the text lists the attribute's dtypes"),
        ],
    ),
    row(
        "StaticRegexReplace",
        replaced,
        [
            case(["a1b22"], r"\d+", r"<\0>"),
            case(["a1b22"], r"(\d)", r"[\1]", replace_global=False),
            case("abc", "", "-"),
            case("abc", "b*", "-"),
            case("aabbcc", "b|c*", "-"),
            case("h\u00e9llo", ".", "x"),
            case("a.b!", "[[:punct:]]", "x"),
            case("a]b[c", r"[]\[]", "x"),
            case("x[y", "[a[:space:][]", "-"),
            case("line\n", "e$", "!"),
            case("line", "e$", "!"),
            case("ab\ncd", "(?m)^", "> "),
            case("a", "a", r"\2"),
            case("Tape", "(?i)t", r"\\"),
            case(TEXT, r"\s+", "_"),
            case("A b", r"\w(\s)\w", r"\1"),
            case(["a"], "(", "", error=True),
        ],
    ),
    row(
        "RegexReplace",
        lambda tf, x, p, r: tf.strings.regex_replace(x, p, r),
        [
            case(["a", "b"], string.of(b"a"), string.of(b"z")),
            case(["a"], string([b"a"]), string.of(b"z"), error="type", reason="order of checks"),
        ],
    ),
    row(
        "StaticRegexFullMatch",
        lambda tf, x, p: tf.strings.regex_full_match(x, p),
        [
            case(["abc", "abcd"], "a.c"),
            case("abc", "ab"),
            case("abc\n", "abc$"),
            case("a", "(", error=True),
        ],
    ),
    row(
        "RegexFullMatch", lambda tf, x, p: tf.strings.regex_full_match(x, p), [case(["abc", "abcd"], string.of(b"a.c"))]
    ),
    row(
        "StringFormat",
        formatted,
        [
            case("x {} y", i32(10)),
            case("{} {}", f32.of(1.5), string.of(b"s")),
            case("{}", string(2, 2), summarize=1),
            case("abc"),
            case("a|b|", i32.of(1), f32([2.5]), placeholder="|"),
            case("{}", string([b"a\"b\n\t\\c'\x7f\x01"])),
            case("{}", f32(NUMBERS), summarize=9),
            case("{}", f64(NUMBERS), summarize=9),
            *each([*FLOATS, *INTS, *UINTS, boolean, c64], lambda t: ("{}", t(2, 3))),
            *(
                case("{}", i32(*shape), summarize=summarize)
                for summarize in (-1, 0, 1, 3)
                for shape in (
                    (),
                    (0,),
                    (7,),
                    (2, 3),
                    (8, 9),
                    (2, 3, 4),
                    (0, 3),
                    (2, 0),
                    (2, 0, 3),
                    (8, 7, 2),
                )
            ),
            case("{} {}", i32.of(1), error=True),
        ],
    ),
    row("PrintV2", lambda tf, x: tf.print(x, output_stream="file:///dev/null"), [case(f32(3)), case("text")]),
]
