"""Rows of strings as characters of Unicode."""

from __future__ import annotations

from typing import Any

from optable import Row, case, f32, i32, i64, row, string

from .strings_parts import flat, rows_of

TEXTS = string(["h\u00e9llo".encode(), b"", "\U0001f600!".encode(), "\u65e5\u672c".encode()])
BAD = [
    b"\xff\xfe a", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80", b"a\x00b\x01\x7f\xc2\x85", b"\xf5\x80\x80\x80",
    b"\xe2\x28\xa1", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98", b"\xef\xbb\xbfx", b"\xe0\x80\x80", b"\xc3\xc3\xa9",
    b"\xf0\x9f\xff", b"\n\t\r\x1f",
]  # fmt: skip
WRONG = string(BAD)
WIDE = [
    ("UTF-16-BE", "h\u00e9\U0001f600".encode("utf-16-be")),
    ("UTF-16-BE", b"\xd8\x00\x00a"),
    ("UTF-16-BE", b"\x00a\x00"),
    ("UTF-16-BE", b"\xdc\x00\x00b\xd8\x3d"),
    ("UTF-16-LE", b"a\x00b\x00"),
    ("UTF-16", b"\xfe\xff\x00a\x00b"),
    ("UTF-16", b"\xff\xfea\x00b\x00"),
    ("UTF-16", b"\x00a\x00b"),
    ("UTF-32-BE", b"\x00\x00\x00a\x00\x11\x00\x00\x00\x00"),
    ("US-ASCII", b"a\x80\xffb"),
    ("ISO-8859-1", b"\xe9a"),
    ("latin1", b"\xe9a"),
    ("windows-1252", b"a\x80\xffb\x81\x9f"),
    ("KOI8-R", b"\xc1a"),
    ("ibm-850", b"\xe9\xd8"),
    ("GB18030", "\u65e5a\u672c".encode("gb18030")),
    ("Shift_JIS", "\u65e5a\u672c".encode("shift_jis") + b"\x81"),
    ("EUC-JP", "\u65e5a\u672c".encode("euc-jp")),
    ("Big5", "\u65e5a\u672c".encode("big5")),
    ("utf8", "h\u00e9".encode()),
]
HOW = ("replace", "ignore", "strict")
REFUSED = {
    ("UTF-16-BE", b"\xd8\x00\x00a"), ("UTF-16-BE", b"\x00a\x00"), ("UTF-16-BE", b"\xdc\x00\x00b\xd8\x3d"),
    ("UTF-32-BE", b"\x00\x00\x00a\x00\x11\x00\x00\x00\x00"), ("US-ASCII", b"a\x80\xffb"),
    ("Shift_JIS", "\u65e5a\u672c".encode("shift_jis") + b"\x81"),
}  # fmt: skip
CODES = [104, 233, 0x1F600, 0xD800, 0x110000, -1, 0, 0xFFFE]


def raw_decode(tf: Any, x: Any, **attrs: Any) -> Any:
    kind = attrs.pop("Tsplits", "int64")
    return tf.raw_ops.UnicodeDecode(input=x, input_encoding="UTF-8", Tsplits=tf.as_dtype(kind), **attrs)


def decode(tf: Any, x: Any, encoding: str = "UTF-8", **options: Any) -> Any:
    return flat(tf.strings.unicode_decode(x, encoding, **options))


def decode_with_offsets(tf: Any, x: Any, encoding: str = "UTF-8", **options: Any) -> Any:
    return [flat(part) for part in tf.strings.unicode_decode_with_offsets(x, encoding, **options)]


def split(tf: Any, x: Any, encoding: str = "UTF-8", **options: Any) -> Any:
    return flat(tf.strings.unicode_split(x, encoding, **options))


def split_with_offsets(tf: Any, x: Any, encoding: str = "UTF-8", **options: Any) -> Any:
    return [flat(part) for part in tf.strings.unicode_split_with_offsets(x, encoding, **options)]


def encode(tf: Any, x: Any, encoding: str = "UTF-8", **options: Any) -> Any:
    return tf.strings.unicode_encode(x, encoding, **options)


def encode_ragged(tf: Any, values: Any, *splits: Any) -> Any:
    rows = tf.RaggedTensor.from_nested_row_splits(values, splits)
    return flat(tf.strings.unicode_encode(rows, "UTF-8"))


def raw_encode(tf: Any, values: Any, splits: Any, **attrs: Any) -> Any:
    return tf.raw_ops.UnicodeEncode(input_values=values, input_splits=splits, output_encoding="UTF-8", **attrs)


def transcode(tf: Any, x: Any, source: str = "UTF-8", target: str = "UTF-8", **options: Any) -> Any:
    return tf.strings.unicode_transcode(x, source, target, **options)


ROWS: list[Row] = [
    row(
        "UnicodeDecode",
        raw_decode,
        [
            case(TEXTS),
            case("ab"),
            case([["ab", "c"], ["", "d"]]),
            case(TEXTS, Tsplits="int32"),
            case(string(0)),
            case(WRONG, errors="ignore", replace_control_characters=True),
            case(WRONG, replacement_char=0xD800),
            case(WRONG, replacement_char=0),
            *(case(WRONG, replacement_char=code, error=True) for code in (-1, 0x110000)),
            case("a", errors="x", error=True),
        ],
    ),
    row(
        "tf.strings.unicode_decode",
        decode,
        [
            case(TEXTS),
            case("ab"),
            case([["ab", "c"], ["", "d"]]),
            case([[["ab", "c"]]]),
            case(string(0)),
            case("a", "nope", error=True),
        ],
    ),
    row(
        "UnicodeDecodeWithOffsets",
        decode_with_offsets,
        [
            case(TEXTS),
            *(case(WRONG, errors=how, replace_control_characters=c) for how in HOW[:2] for c in (False, True)),
            *(
                case(string.of(x), errors="strict", error=x[:2] not in (b"a\x00", b"\xef\xbb", b"\n\t"))
                for x in BAD
            ),
            *(
                case(string.of(text), encoding, errors=how, error=how == "strict" and (encoding, text) in REFUSED)
                for encoding, text in WIDE
                for how in HOW
            ),
        ],
    ),
    row(
        "tf.strings.unicode_split",
        split,
        [
            case(TEXTS),
            case(WRONG),
            case(WRONG, errors="ignore"),
            case("ab"),
            case([["ab", "c"], ["", "d"]]),
            case(string.of(b"\x00a\x00b"), "UTF-16-BE"),
            case("a", "ISO-8859-1", error=True),
            case(string.of(b"\xff"), errors="strict", error=True),
            case(WRONG, replacement_char=65),
        ],
    ),
    row("tf.strings.unicode_split_with_offsets", split_with_offsets, [case(TEXTS), case("h\u00e9"), case(WRONG)]),
    row(
        "UnicodeEncode",
        encode,
        [
            *(
                case(CODES, encoding, errors=how, error=how == "strict")
                for encoding in ("UTF-8", "UTF-16-BE", "UTF-32-BE")
                for how in HOW
            ),
            case([104, 233], errors="strict"),
            case([[104, 233], [1, 2]]),
            case([[[104, 233], [3, 4]]]),
            case(i32(0)),
            case(i32(2, 0)),
            case(i32(0, 2)),
            case([-5], replacement_char=65),
            case([-5], replacement_char=0x110000, error=True),
            case(104, error=True),
            case([104], "UTF-7", error=True),
            case([104], errors="x", error=True),
            case(f32([1.5]), error="type", reason="another op in the text"),
        ],
    ),
    row(
        "UnicodeEncode/raw",
        raw_encode,
        [
            case([97, 98, 99], i64([0, 2, 3])),
            case([97, 98, 99], i32([0, 2, 3])),
            case(i32(0), i64([0])),
            *(
                case([97, 98, 99], i64(splits), error=True)
                for splits in ([0, 2], [1, 2, 3], [0, 4], [0, 3, 2, 3], [0])
            ),
            case([97, 98, 99], i64(0), error=True),
        ],
    ),
    row(
        "tf.strings.unicode_encode/ragged",
        encode_ragged,
        [
            case(i32([104, 233, 1]), i64([0, 2, 2, 3])),
            case(i32([104, 233, 1]), i64([0, 2, 3]), i64([0, 2, 2, 3])),
        ],
    ),
    row(
        "UnicodeTranscode",
        transcode,
        [
            case(TEXTS, target="UTF-16-BE"),
            case(TEXTS, target="UTF-32-BE"),
            *(case(WRONG, errors=how, replace_control_characters=c) for how in HOW[:2] for c in (False, True)),
            case(string.of(b"\xff"), errors="strict", error=True),
            case(string.of(b"a\x01"), errors="strict", replace_control_characters=True, error=True),
            case(WRONG, replacement_char=0xD800),
            case(WRONG, replacement_char=0x110000, error=True),
            case("a", "nope", error=True),
            case("a", "UTF-8", "UTF-16", error=True),
            case([["a", "b"]], "latin1"),
            case(string(0)),
            *(case(string.of(text), encoding) for encoding, text in WIDE),
        ],
    ),
    row(
        "UnicodeScript",
        lambda tf, x: tf.strings.unicode_script(x),
        [
            case([-1, -100, 97, 0x110000, 2**31 - 1, 0x65E5, 0x431, 0x3B1, 0x5D0, 0x10FFFF, 0]),
            case([[97]]),
            case(97),
            case(i32([*range(0, 0x3400, 3)])),
            case(i32([*range(0x3400, 0x20000, 7)])),
            case(1.5, error=True),
        ],
    ),
    row(
        "StringLower/unicode",
        lambda tf, x: [tf.strings.lower(x, encoding="utf-8"), tf.strings.upper(x, encoding="utf-8")],
        [case(WRONG), case(string(["\u00df\u0130\u01c5\ufb01\u03a3 \u03b1\u03c2\u0149".encode()]))],
    ),
    row(
        "StringLength/unicode",
        lambda tf, x: [tf.strings.length(x, unit="UTF8_CHAR"), tf.strings.substr(x, 0, 1, unit="UTF8_CHAR")],
        [case(WRONG)],
    ),
    row(
        "tf.strings.length/ragged",
        lambda tf, x, splits: flat(tf.strings.length(rows_of(tf, x, splits))),
        [case(TEXTS, i64([0, 1, 4]))],
    ),
]
