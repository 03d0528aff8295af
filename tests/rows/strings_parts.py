"""Rows of strings divided, joined to n-grams and by segments, hashed, and as bytes."""

from __future__ import annotations

from typing import Any

from optable import Row, case, i32, i64, row, string

TEXTS = string([b"a,b,,c", b" x  y\tz\n", b"", b"<>a<><>", b",", b"  ", b"\xff\x00,b"])
LETTERS = string([b"a", b"b", b"c", b"d"])


def flat(x: Any) -> Any:
    """The tensors of a ragged tensor."""
    return [x.flat_values, *x.nested_row_splits] if hasattr(x, "nested_row_splits") else x


def split(tf: Any, x: Any, *args: Any, **options: Any) -> Any:
    return flat(tf.strings.split(x, *args, **options))


def bytes_split(tf: Any, x: Any) -> Any:
    return flat(tf.strings.bytes_split(x))


def rows_of(tf: Any, values: Any, splits: Any) -> Any:
    return tf.RaggedTensor.from_row_splits(values, splits)


def raw_ngrams(tf: Any, data: Any, splits: Any, **changes: Any) -> Any:
    attrs: dict[str, Any] = {
        "separator": "|", "ngram_widths": [2], "left_pad": "L", "right_pad": "R", "pad_width": 0,
        "preserve_short_sequences": False,
    }  # fmt: skip
    return tf.raw_ops.StringNGrams(data=data, data_splits=splits, **{**attrs, **changes})


def ngrams(tf: Any, data: Any, *args: Any, **options: Any) -> Any:
    return flat(tf.strings.ngrams(data, *args, **options))


def strong(tf: Any, x: Any, buckets: Any, key: Any) -> Any:
    return tf.strings.to_hash_bucket_strong(x, buckets, key)


def decode_raw(tf: Any, x: Any, dtype: str, **options: Any) -> Any:
    return tf.io.decode_raw(x, tf.as_dtype(dtype), **options)


SIZES = string([b"x" * size for size in (0, 1, 3, 4, 7, 8, 9, 16, 17, 31, 32, 33, 64, 65, 127, 128, 129, 300)])
MANY = string([bytes([65 + i % 60]) * (i % 5) + b"%d" % (i * i) for i in range(200)])
RAW = string([bytes(range(120, 136)), bytes(range(16, 32))])
RAW_DTYPES = "float16 float32 float64 int32 uint16 uint8 int16 int8 int64 bfloat16".split()

ROWS: list[Row] = [
    row(
        "StringSplitV2",
        lambda tf, x, sep, **kw: tf.raw_ops.StringSplitV2(input=x, sep=sep, **kw),
        [
            *(case(TEXTS, sep, maxsplit=n) for sep in ("", ",", "<>") for n in (-1, 0, 1, 2, 3)),
            case(string(0), ","),
            case(string(2, 2), ",", error=True),
            case(string(2), string([b","]), error=True),
            case(TEXTS, ",", maxsplit=-2),
            case(string([b"a\x0bb\x0cc\rd\xc2\xa0e\x1cf\xc2\x85g"]), ""),
        ],
    ),
    row(
        "tf.strings.split",
        split,
        [
            case("a b"),
            case(""),
            case(TEXTS),
            case(TEXTS, ","),
            case(TEXTS, sep="<>", maxsplit=1),
            case([["a b", "c"], ["", "d e f"]]),
            case([[["a b", "c"]], [["", "d e f"]]]),
            case(string(0)),
            case(string(0, 2)),
            case(3, error="type", reason="the text names the caller's tensor"),
            case("a", sep=3, error=True),
            case("a", sep=["a"], error=True),
        ],
    ),
    row(
        "tf.strings.split/ragged",
        lambda tf, values, splits: flat(tf.strings.split(rows_of(tf, values, splits), ",")),
        [case(TEXTS, i64([0, 2, 2, 7])), case(string(0), i64([0, 0]))],
    ),
    row(
        "StringSplit",
        lambda tf, x, sep, **kw: tf.raw_ops.StringSplit(input=x, delimiter=sep, **kw),
        [
            *(case(TEXTS, sep, skip_empty=skip) for sep in ("", " ", ",", ",<>") for skip in (True, False)),
            case(string(0), ","),
            case(string(2, 2), ",", error=True),
            case(string(2), string([b",", b"a"]), error=True),
        ],
    ),
    row(
        "tf.strings.bytes_split",
        bytes_split,
        [case("h\u00e9"), case(TEXTS), case([["ab", ""]]), case(string(0)), case("")],
    ),
    row(
        "StringNGrams",
        raw_ngrams,
        [
            *(
                case(
                    LETTERS,
                    i64([0, 3, 4, 4]),
                    ngram_widths=widths,
                    pad_width=pad,
                    preserve_short_sequences=keep,
                    error=not widths and pad < 0 and keep,
                )
                for widths in ([1], [2], [3], [2, 3], [], [3, 1], [7], [9, 8])
                for pad in (0, 1, -1, 5)
                for keep in (False, True)
            ),
            case(LETTERS, i32([0, 3, 4, 4]), left_pad="", pad_width=1),
            case(LETTERS, i64([1, 3, 4]), error=True),
            case(LETTERS, i64([0, 3, 2, 4]), error=True),
            case(LETTERS, i64([0, 3]), error=True),
            case(LETTERS, i64([0, 5]), error=True),
            case(string(0), i64(0)),
            case(string(0), i64([0, 0])),
            case(LETTERS, i64([0, 4]), ngram_widths=[0], error=True),
        ],
    ),
    row(
        "tf.strings.ngrams",
        ngrams,
        [
            case(["a", "b", "c"], 2),
            case([["a", "b", "c"], ["d", "e", "f"]], [1, 2]),
            case([["a", "b", "c"], ["d", "e", "f"]], (1, 2), separator="-", pad_values="P"),
            case([["a", "b", "c"]], 3, pad_values=("L", "R"), padding_width=1),
            case([["a", "b"]], 5, pad_values=("L", "R"), padding_width=1, preserve_short_sequences=True),
            case([[["a", "b", "c"]]], [1, 2]),
            case(string(0), 2),
            case(string(2, 0), 2),
            case(["a"], 2),
            case(["a"], 2, preserve_short_sequences=True),
            case(["a"], 3, padding_width=1, error=True),
            case(["a"], 0, error=True),
            case(["a"], 2, pad_values=3, error=True),
            case(["a"], 2, pad_values="a", padding_width=0, error=True),
            case("a", 2, error=True),
        ],
    ),
    row(
        "tf.strings.ngrams/ragged",
        lambda tf, values, splits, *args, **kw: flat(tf.strings.ngrams(rows_of(tf, values, splits), *args, **kw)),
        [
            case(LETTERS, i64([0, 3, 4, 4]), 2),
            case(LETTERS, i64([0, 3, 4, 4]), [1, 2], pad_values="P"),
            case(LETTERS, i64([0, 3, 4, 4]), 3, preserve_short_sequences=True),
        ],
    ),
    row(
        "UnsortedSegmentJoin",
        lambda tf, x, ids, n, **kw: tf.strings.unsorted_segment_join(x, ids, n, **kw),
        [
            case(LETTERS, [1, 0, 1, 2], 3, separator="-"),
            case(LETTERS, i64([1, 0, 1, 0]), 3),
            case([["a", "b"], ["c", "d"]], [1, 1], 3, separator="-"),
            case([["a", "b"], ["c", "d"]], [[1, 0], [1, 1]], 2, separator="-"),
            case(string(0), i32(0), 2),
            case(LETTERS, [1, 0, 1, -1], 3, error=True),
            case(["a"], [3], 3, error=True),
            case(["a"], [0], 0, error=True),
            case(["a"], [0, 1], 3, error=True),
            case(["a"], [0], -1, error=True),
            case("a", 0, 2, error=True),
            case(["a"], [0], [3], error=True),
            case([["a", "b"], ["c", "d"]], [1, 1, 1], 3, error=True),
        ],
    ),
    row(
        "StringToHashBucket",
        lambda tf, x, n: tf.strings.to_hash_bucket(x, n),
        [case(SIZES, 2**62), case(MANY, 1000), case("a", 1), case([["a", "b"]], 3), case("a", 0, error=True)],
    ),
    row(
        "StringToHashBucketFast",
        lambda tf, x, n: tf.strings.to_hash_bucket_fast(x, n),
        [
            case(SIZES, 2**63 - 1),
            case(MANY, 2**62),
            case("a", 1),
            case([["a", "b"]], 3),
            case("a", 0, error=True),
            case("a", -1, error=True),
            case(3, 3, error=True),
            case(string(0), 3),
        ],
    ),
    row(
        "StringToHashBucketStrong",
        strong,
        [
            case(SIZES, 2**62, [1, 2]),
            case(MANY, 2**62, [-1, 2**63 - 1]),
            case("a", 3, [1], error=True),
            case("a", 3, 1, error=True),
            case("a", 0, [1, 2], error=True),
        ],
    ),
    row(
        "DecodeRaw",
        decode_raw,
        [
            *(
                case(RAW, dtype, little_endian=little)
                for dtype in [*RAW_DTYPES, "bool", "complex64", "complex128"]
                for little in (True, False)
            ),
            case("abcd", "int16"),
            case([["ab"]], "int16"),
            case("", "int16"),
            case(string(0), "int16"),
            case("abc", "int16", error=True),
            case(["abc", "ab"], "int8", error=True),
            case("abcd", "uint32", error="type", reason="the text lists the attribute's dtypes"),
            case(3, "int8", error=True),
        ],
    ),
    row(
        "DecodePaddedRaw",
        decode_raw,
        [
            *(case(["abcdefghij", ""], dtype, fixed_length=16) for dtype in RAW_DTYPES if dtype != "float16"),
            *(case(["abcd", "ab", "abc"], "int16", fixed_length=size) for size in (2, 4, 8)),
            case(["abcd", "ab", "abc"], "int16", fixed_length=4, little_endian=False),
            case("abcd", "uint8", fixed_length=2),
            case(string(0), "int16", fixed_length=8),
            *(case("abcd", "int16", fixed_length=size, error=True) for size in (0, -1, 3, 1)),
            case("abcd", "uint8", fixed_length=[2], error=True),
        ],
    ),
    row(
        "EncodeBase64",
        lambda tf, x, **kw: tf.io.encode_base64(x, **kw),
        [case(string([b"", b"a", b"ab", b"abc", b"\xff\xfe\xfd\xfc"]), pad=pad) for pad in (False, True)]
        + [case(3, error=True)],
    ),
    row(
        "DecodeBase64",
        lambda tf, x: tf.io.decode_base64(x),
        [
            case(string([b"", b"YQ", b"YQ==", b"YWI", b"YWI=", b"YWJj", b"_-79", b"YR"])),
            *(case(x, error=True) for x in ("/+79", "Y", "YQ=", "YWJj\n", "Y!==", "====", "YQ==YQ==", "Y Q", "Y===")),
        ],
    ),
]
