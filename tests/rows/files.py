"""Files, images, sound, lines of values, tensors as bytes."""

# ruff: noqa: E501

from __future__ import annotations

import base64
import gzip
import os
import tempfile
import zlib
from typing import Any

import numpy as np
from optable import Row, boolean, c64, case, f16, f32, f64, i8, i16, i32, i64, inf, nan, row, string, u8, u16, u64


def written(tf: Any, contents: Any) -> Any:
    """A file that is written and read again."""
    path = os.path.join(tempfile.mkdtemp(), "below", "file")
    tf.io.write_file(path, contents)
    return tf.io.read_file(path)


def found(tf: Any, *patterns: str) -> Any:
    """The names of files that are there."""
    folder = tempfile.mkdtemp()
    for name in ("b.txt", "a.txt", "c.bin", ".hidden.txt"):
        with open(os.path.join(folder, name), "w"):
            pass
    paths = tf.io.matching_files([os.path.join(folder, pattern) for pattern in patterns])
    return tf.strings.regex_replace(paths, "^.*/", "")


def file(text: str) -> Any:
    """A small image file, of base 64."""
    return string.of(base64.b64decode(text))


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAHElEQVR42mNg4JVSN3H0i85gKG3qn7Ny2+ELdwEzHQfGI6SvcwAAAABJRU5ErkJggg=="
GIF = "R0lGODdhAgABAIEAAPoACQoUHgAAAAAAACwAAAAAAgABAAAIBQADAAgIADs="
LINES = [b"1,2,x", b"3,4,y"]

PLAIN: Any = {"grad": False, "fd": 0, "reason": "rounded to 16 bits; of float32 only"}

ROWS: list[Row] = [
    row("tf.io.read_file", lambda tf, name: tf.io.read_file(name), [
        case("/no/such/file", error=True), case("/", error=True), case(["a", "b"], error=True),
    ]),
    row("WriteFile", written, [case(string.of(b"text\x00")), case(string.of(b""))], also=["ReadFile"]),
    row("tf.refused.WriteFile", lambda tf, name, contents: tf.io.write_file(name, contents), [
        case(["a"], "b", error=True), case("a", ["b"], error=True), case("/", "b", error=True),
    ]),
    row("MatchingFiles", found, [case("*.txt"), case("*.bin", "?.txt"), case("none*"), case("[ab].*")]),
    row("tf.refused.MatchingFiles", lambda tf, pattern: tf.io.matching_files(pattern), [case([["*"]], error=True)]),
    row("DecodeCompressed", lambda tf, x, kind: tf.io.decode_compressed(x, kind), [
        case(string([b"plain", b""]), ""),
        case(string([zlib.compress(b"abc"), zlib.compress(b"")]), "ZLIB"),
        case(string.of(gzip.compress(b"a" * 1000, mtime=0)), "GZIP"),
        case(string([b"abc"]), "GZIP", error=True), case(string([b"abc"]), "ZLIB", error=True),
        case(string([b"abc"]), "SNAPPY", error=True),
    ]),
    row("SerializeTensor", lambda tf, x: tf.io.serialize_tensor(x), [
        *[case(t(2, 3)) for t in (f16, f32, f64, i8, i16, i32, i64, u8, u16, u64, boolean, c64, string)],
        case(f32(0, 3)), case(f32()), case(i32([-1, 300])), case(string.of("h\u00e9".encode())),
    ]),
    row("ParseTensor", lambda tf, x, dtype: tf.io.parse_tensor(x, dtype), [
        case(string.of(b'\x08\x01\x12\x04\x12\x02\x08\x02"\x08\x00\x00\x80?\x00\x00\x00@'), "float32"),
        case(string.of(b"\x08\x07\x12\x04\x12\x02\x08\x02B\x01aB\x02bc"), "string"),
        case(string.of(b"\x08\x01\x12\x06\x12\x00\x12\x02\x08\x03"), "float32"),
        case(string.of(b"\x08\x03\x12\x04\x12\x02\x08\x03\x3a\x02\x05\x07"), "int32"),  # the last one repeats
        case(string.of(b"\x08\x01\x12\x00"), "int32", error=True),
        case(string.of(b"\xff\xffabc"), "int32", error=True), case(string([b""]), "int32", error=True),
    ]),
    row("ParseTensor/round", lambda tf, x: tf.io.parse_tensor(tf.io.serialize_tensor(x), x.dtype), [
        *[case(t(2, 3), grad=False, fd=0, reason="bytes have no gradient") for t in (f32, i8, i64, boolean, c64, string)],
        case(f64([nan, -inf, -0.0]), grad=False, fd=0, reason="bytes have no gradient"),
    ], also=["SerializeTensor"]),
    row("DecodeCSV", lambda tf, x, defaults, **kw: tf.io.decode_csv(x, defaults, **kw), [
        case(string(LINES), [[0], [0.0], [""]]), case(string.of(b"1,2"), [[0], [0]]), case(string.of(b",2"), [[7], [0]]),
        case(string.of(b'"a,""b",2'), [[""], [0]]), case(string.of(b'"a",2'), [[""], [0]], use_quote_delim=False),
        case(string.of(b"NA,2"), [[5], [0]], na_value="NA"), case(string.of(b"1,2,3"), [[0], [0]], select_cols=[0, 2]),
        case(string.of(b"1;2"), [[0], [0]], field_delim=";"), case(string.of(b" 1 , 2"), [[0], [0.0]]),
        case(string.of(b"+1,0x10,-inf,nan"), [[0], [0.0], [0.0], [0.0]]), case(string.of(b"1,"), [[0], ["z"]]),
        case(string([[b"1", b"2"], [b"3", b"4"]]), [[0]]), case(string([]), [[0]]), case(string.of(b'"",2'), [["d"], [0]]),
        case(string.of(b"1"), [i64([7])]), case(string.of(b"1e3"), [f64([7])], grad=False, reason="it has none in TensorFlow either"),
        case(string.of(b",2"), [i32([]), [0]], error=True),
        case(string.of(b"x,2"), [[0], [0]], error=True), case(string.of(b"x,2"), [[0.0], [0]], error=True),
        case(string.of(b"1"), [[0], [0]], error=True), case(string.of(b"1,2,3"), [[0], [0]], error=True),
        case(string.of(b"3000000000"), [[0]], error=True), case(string.of(b'a"b,2'), [[""], [0]], error=True),
        case(string.of(b'"ab"c,2'), [[""], [0]], error=True), case(string.of(b'"ab,2'), [[""], [0]], error=True),
        case(string.of(b"1,2\n"), [[0], [0]], error=True), case(string.of(b""), [[0]], error=True),
        case(string.of(b"1"), [[[0]]], error=True), case(string.of(b"1"), [[0, 1]], error=True),
        case(string.of(b"1,2,3"), [[0], [0]], select_cols=[2, 0], error=True),
        case(string.of(b"1,2,3"), [[0], [0]], select_cols=[2], error=True),
        case(string.of(b"1,2,3"), [[0], [0]], select_cols=[-1, 2], error=True),
    ]),
    row("EncodePng", lambda tf, x: tf.io.decode_png(tf.io.encode_png(x), dtype=x.dtype), [
        *[case(u8(4, 5, n, high=255)) for n in (1, 3, 4)], case(u16(4, 5, 3, high=60000)), case(u16(4, 5, 1, high=60000)),
        case(u8(2, 2, 5), error=True), case(u8(2, 2), error=True), case(u8.of(3), error=True),
    ], also=["DecodePng"]),
    row("tf.refused.EncodePng", lambda tf, x, compression: tf.io.encode_png(x, compression), [case(u8(2, 2, 1), 11, error=True)]),
    row("EncodePng/batch", lambda tf, x: [tf.io.decode_png(t) for t in tf.unstack(tf.io.encode_png(x))], [
        case(u8(2, 3, 4, 1, high=255)),
    ]),
    row("DecodePng", lambda tf, x, **kw: tf.io.decode_png(x, **kw), [
        case(file(PNG)), case(file(PNG), channels=1), case(file(PNG), channels=4), case(file(PNG), dtype="uint16"),
        case(string.of(b"abc"), error=True), case(string.of(b""), error=True), case(file(PNG), channels=2, error=True),
        case(string([b"abc"]), error=True), case(string.of(base64.b64decode(PNG)[:40]), error=True),
    ]),
    row("DecodeImage", lambda tf, x, **kw: tf.io.decode_image(x, **kw), [
        case(file(PNG)), case(file(PNG), channels=1), case(file(PNG), dtype="float32"), case(file(PNG), dtype="uint16"),
        case(file(PNG), dtype="int32"), case(file(GIF)), case(file(GIF), expand_animations=False),
        case(string.of(b"abc"), error=True), case(string.of(b""), error=True), case(file(PNG), channels=2, error=True),
        case(file(GIF), channels=1, error=True),
    ]),
    row("DecodeGif", lambda tf, x: tf.io.decode_gif(x), [case(file(GIF)), case(file(PNG)), case(string.of(b"x"), error=True)]),
    row("DecodeBmp", lambda tf, x, **kw: tf.io.decode_bmp(x, **kw), [
        case(string.of(b"BM" + bytes.fromhex("3a000000000000003600000028000000010000000100000001001800000000000400000013"
                                              "0b0000130b000000000000000000000a141e00"))),
        case(file(PNG), error=True), case(file(GIF), error=True), case(string.of(b"x"), error=True),
    ]),
    row("DecodeWebP", lambda tf, x: tf.io.decode_webp(x), [case(file(PNG)), case(string.of(b"x"), error=True)]),
    row("EncodeJpeg", lambda tf, x, **kw: tf.io.decode_jpeg(tf.io.encode_jpeg(x, **kw), dct_method="INTEGER_ACCURATE"), [
        case(u8(2, 2, 2), error=True), case(u8(2, 2, 4), error=True), case(u8(2, 2), error=True),
        case(u8(2, 2, 3), quality=101, error=True), case(u8(2, 2, 3), format="grayscale", error=True),
        case(u8(2, 2, 3), format="x", error=True),
        *[case(u8.of(np.full((8, 8, n), 128, np.uint8)), quality=100) for n in (1, 3)],
    ], also=["DecodeJpeg"]),
    row("EncodeJpegVariableQuality", lambda tf, x, q: tf.image.adjust_jpeg_quality(x, q), [
        case(u8(2, 2, 3), 101, error=True), case(u8.of(np.full((8, 8, 3), 128, np.uint8)), 100),
        case(f32.of(np.ones((8, 8, 1), np.float32)), 100),
    ]),
    row("DecodeJpeg", lambda tf, x, **kw: tf.io.decode_jpeg(x, **kw), [
        case(file(PNG)), case(string.of(b"abc"), error=True), case(file(PNG), ratio=3, error=True),
        case(string.of(b"\xff\xd8\xffaaaaaaaaaaaaaaaa"), error=True), case(file(PNG), channels=2, error=True),
    ]),
    row("DecodeAndCropJpeg", lambda tf, x, window: tf.io.decode_and_crop_jpeg(tf.io.encode_jpeg(x, quality=100), window), [
        case(u8.of(np.full((8, 8, 1), 128, np.uint8)), [2, 3, 4, 5]),
        case(u8.of(np.full((8, 8, 1), 128, np.uint8)), [2, 3, 40, 5], error=True),
    ]),
    row("ExtractJpegShape", lambda tf, x, **kw: tf.io.extract_jpeg_shape(tf.io.encode_jpeg(x), **kw), [
        case(u8(4, 5, 3)), case(u8(4, 5, 1), output_type="int64"),
    ]),
    row("tf.refused.ExtractJpegShape", lambda tf, x: tf.io.extract_jpeg_shape(x), [case(file(PNG), error=True)]),
    row("tf.io.is_jpeg", lambda tf, x: tf.io.is_jpeg(x), [case(string([b"\xff\xd8\xff\xe0", b"GIF8", b""]))]),
    row("EncodeWav", lambda tf, x, rate: tf.audio.encode_wav(x, rate), [
        case(f32(10, 2, low=-1.2, high=1.2), 8000, **PLAIN), case(f32([[nan], [inf], [-inf], [0.0]]), 44100, **PLAIN),
        case(f32(0, 1), 8000, **PLAIN),
        case(f32(3), 8000, error=True), case(f32(3, 1), [8000], error=True), case(f32(3, 0), 8000, error=True),
    ]),
    row("DecodeWav", lambda tf, x, **kw: tf.audio.decode_wav(tf.audio.encode_wav(x, 8000), **kw), [
        case(f32(5, 2, low=-1, high=1), **PLAIN), case(f32(5, 2, low=-1, high=1), desired_channels=1, **PLAIN),
        case(f32(5, 2, low=-1, high=1), desired_channels=3, **PLAIN), case(f32(5, 1, low=-1, high=1), desired_samples=3, **PLAIN),
        case(f32(5, 1, low=-1, high=1), desired_samples=8, **PLAIN),
    ]),
    row("tf.refused.DecodeWav", lambda tf, x: tf.audio.decode_wav(x), [
        case(string.of(b"abc"), error=True), case(string.of(b"RIFFaaaabbbbcccc" * 4), error=True),
        case(string([b"abc"]), error=True),
    ]),
]  # fmt: skip
