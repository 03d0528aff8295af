"""Properties of `tf.strings` over random strings."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.ops.farmhash import fingerprint64, of_rows, of_text
from tapeflow.ops.string_hashing import hashes
from tapeflow.ops.string_patterns import compiled, merged, without

TEXTS = st.lists(st.text(max_size=20), min_size=1, max_size=5)


@given(st.lists(st.binary(max_size=12), min_size=10, max_size=40))
def test_strings_hashed_together_have_the_hashes_they_have_alone(texts: list[bytes]) -> None:
    together = hashes(fingerprint64, np.array([*texts, b"x" * 70], object))
    assert together.tolist() == [of_text(fingerprint64, text) for text in [*texts, b"x" * 70]]


@given(st.integers(0, 300))
def test_rows_are_hashed_like_texts(size: int) -> None:
    rows = (np.arange(3 * size) * 37 % 251).astype(np.uint8).reshape(3, size)
    assert of_rows(fingerprint64, rows).tolist() == [of_text(fingerprint64, row.tobytes()) for row in rows]


@given(TEXTS)
def test_code_points_make_the_strings_again(texts: list[str]) -> None:
    codes = tf.strings.unicode_decode(texts, "UTF-8")
    assert codes.to_list() == [[ord(character) for character in text] for text in texts]
    assert tf.strings.unicode_encode(codes, "UTF-8").numpy().tolist() == [text.encode() for text in texts]
    lengths = tf.strings.length(texts, unit="UTF8_CHAR").numpy().tolist()
    assert lengths == [len(text) for text in texts]


@given(TEXTS)
def test_characters_begin_where_it_is_said(texts: list[str]) -> None:
    characters, starts = tf.strings.unicode_split_with_offsets(texts, "UTF-8")
    for text, parts, places in zip(texts, characters.to_list(), starts.to_list(), strict=True):
        assert b"".join(parts) == text.encode()
        assert places == np.cumsum([0, *map(len, parts)])[:-1].tolist()


@given(TEXTS, st.sampled_from(["utf-16-be", "utf-32-be"]))
def test_transcoding_there_and_back(texts: list[str], encoding: str) -> None:
    there = tf.strings.unicode_transcode(texts, "UTF-8", encoding.upper())
    assert there.numpy().tolist() == [text.encode(encoding) for text in texts]
    assert tf.strings.unicode_transcode(there, encoding, "UTF-8").numpy().tolist() == [text.encode() for text in texts]


@given(st.lists(st.text("ab, ", max_size=8), min_size=1, max_size=5))
def test_parts_are_joined_to_the_strings_again(texts: list[str]) -> None:
    parts = tf.strings.split(texts, ",")
    assert tf.strings.reduce_join(parts, axis=1, separator=",").numpy().tolist() == [text.encode() for text in texts]
    assert tf.strings.split(texts).to_list() == [[part.encode() for part in text.split()] for text in texts]


@given(st.binary(max_size=50))
def test_base64(data: bytes) -> None:
    text = tf.io.encode_base64(tf.constant(data), pad=True)
    assert text.numpy() == base64.urlsafe_b64encode(data)
    assert tf.io.decode_base64(text).numpy() == data


@given(st.lists(st.tuples(st.integers(0, 0xD7FF), st.integers(0, 50)), max_size=5))
def test_the_complement_of_the_complement(spans: list[tuple[int, int]]) -> None:
    ranges = merged((low, min(low + size, 0xD7FF)) for low, size in spans)
    assert without(without(ranges)) == ranges


@pytest.mark.parametrize("name", ["L", "Lu", "N", "P", "Zs", "Greek", "Han"])
def test_properties_of_unicode_and_their_opposites(name: str) -> None:
    yes, no = compiled(rf"\p{{{name}}}"), compiled(rf"\P{{{name}}}")
    for code in (*range(0, 0x3000, 7), 0x65E5, 0x1F600):
        assert (yes.fullmatch(chr(code)) is None) != (no.fullmatch(chr(code)) is None)


def test_in_functions_with_unknown_sizes() -> None:
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def words(texts: tf.Tensor) -> tf.Tensor:
        return tf.strings.ngrams(tf.strings.split(texts), 2, separator="-").flat_values

    assert words(tf.constant(["a b c", "d", "e f"])).numpy().tolist() == [b"a-b", b"b-c", b"e-f"]
