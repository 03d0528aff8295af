"""Lookup tables: what is found, in tensors, sparse and ragged ones, eagerly, in functions and datasets; errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tapeflow as tf

lookup = tf.lookup
C = tf.constant


def words(values: Any = (1, 2, 3)) -> Any:
    return lookup.KeyValueTensorInitializer(C(["a", "b", "c"]), C(values, tf.int64))


@pytest.fixture
def static() -> Any:
    return lookup.StaticHashTable(words(), -1)


@pytest.fixture
def vocabulary() -> Any:
    return lookup.StaticVocabularyTable(words([0, 1, 2]), 3)


def test_static_table(static: Any) -> None:
    found = static.lookup(C([["a", "x"], ["c", "b"]]))
    assert found.dtype == tf.int64
    assert found.numpy().tolist() == [[1, -1], [3, 2]]
    assert static[C("b")].numpy() == 2
    assert static.size().numpy() == 3
    keys, values = static.export()
    assert dict(zip(keys.numpy().tolist(), values.numpy().tolist())) == {b"a": 1, b"b": 2, b"c": 3}
    assert (static.key_dtype, static.value_dtype, static.name) == (tf.string, tf.int64, None)
    assert static.default_value.numpy() == -1
    assert static.lookup(C([], tf.string)).shape.as_list() == [0]


@pytest.mark.parametrize(
    ("keys", "values", "default", "asked", "found"),
    [
        (C([1, 2]), C([1.5, 2.5]), 0.0, C([2, 7]), [2.5, 0.0]),
        (C([1, 2], tf.int64), C(["x", "y"]), "?", C([2, 7], tf.int64), [b"y", b"?"]),
        (["a"], [True], False, C(["a", "b"]), [True, False]),
        (np.array(["a"]), np.arange(1), -1, C(["a"]), [0]),
        (["a", "a"], [1, 1], 0, C(["a"]), [1]),
    ],
)
def test_dtypes(keys: Any, values: Any, default: Any, asked: Any, found: Any) -> None:
    table = lookup.StaticHashTable(lookup.KeyValueTensorInitializer(keys, values), default)
    assert table.lookup(asked).numpy().tolist() == found


def test_dtypes_of_initializers() -> None:
    init = lookup.KeyValueTensorInitializer([1, 2], [3, 4], key_dtype=tf.int64, value_dtype=tf.float32)
    assert (init.key_dtype, init.value_dtype) == (tf.int64, tf.float32)
    assert lookup.TextFileInitializer("x", tf.string, 0, tf.int64, 1).key_dtype == tf.string


def test_composite_keys(static: Any, vocabulary: Any) -> None:
    ragged = tf.ragged.constant([["a", "b"], [], ["z"]])
    assert static.lookup(ragged).to_list() == [[1, 2], [], [-1]]
    assert vocabulary.lookup(ragged).to_list() == [[0, 1], [], [4]]
    nested = tf.ragged.constant([[["a"], []], [["c", "q"]]])
    assert static.lookup(nested).to_list() == [[[1], []], [[3, -1]]]
    sparse = tf.sparse.from_dense([["a", ""], ["", "q"]])
    assert static.lookup(sparse).values.numpy().tolist() == [1, -1]
    assert vocabulary.lookup(sparse).values.numpy().tolist() == [0, 5]
    assert vocabulary.lookup(sparse).shape.as_list() == [2, 2]


def test_vocabulary_table(vocabulary: Any) -> None:
    assert vocabulary.lookup(C(["a", "x", "c", "yy", "zz"])).numpy().tolist() == [0, 5, 2, 4, 4]
    assert vocabulary[C("b")].numpy() == 1
    assert vocabulary.size().numpy() == 6
    assert (vocabulary.key_dtype, vocabulary.value_dtype) == (tf.string, tf.int64)
    hashes = lookup.StaticVocabularyTable(None, 3)
    assert hashes.lookup(C(["a", "b"])).numpy().tolist() == [0, 1]
    assert hashes.size().numpy() == 3
    numbers = lookup.KeyValueTensorInitializer(C([10, 20], tf.int64), C([0, 1], tf.int64))
    table = lookup.StaticVocabularyTable(numbers, 2)
    assert table.lookup(C([10, 11, 20, 13], tf.int64)).numpy().tolist() == [0, 3, 1, 3]
    narrow = lookup.StaticVocabularyTable(numbers, 2, lookup_key_dtype=tf.int32)
    assert narrow.lookup(C([10, 11, 20, 13])).numpy().tolist() == [0, 3, 1, 3]


def test_mutable_table() -> None:
    table = lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    assert table.insert(C(["a", "b"]), C([1, 2], tf.int64)) is None
    table.insert("c", 7)
    table.insert(["a"], [9])
    assert table.lookup(C(["a", "z"])).numpy().tolist() == [9, -1]
    assert table.lookup(C(["a", "z"]), dynamic_default_values=C([5, 6], tf.int64)).numpy().tolist() == [9, 6]
    table.remove(C(["b", "nope"]))
    assert table.size().numpy() == 2
    assert sorted(table.export()[0].numpy().tolist()) == [b"a", b"c"]
    assert table[C(["c"])].numpy().tolist() == [7]


def test_values_that_are_vectors() -> None:
    table = lookup.experimental.MutableHashTable(tf.int64, tf.float32, [0.0, 0.5])
    table.insert(C([1, 2], tf.int64), C([[1.0, 2.0], [3.0, 4.0]]))
    assert table.lookup(C([[2], [5]], tf.int64)).numpy().tolist() == [[[3.0, 4.0]], [[0.0, 0.5]]]
    assert table.export()[1].shape.as_list() == [2, 2]
    with pytest.raises(tf.errors.InvalidArgumentError, match=re.escape("Expected shape [1,2] for value, got [1]")):
        table.insert(C([1], tf.int64), C([1.0]))


def test_dense_table() -> None:
    table = lookup.experimental.DenseHashTable(tf.int64, tf.int64, default_value=-1, empty_key=0, deleted_key=-1)
    table.insert(C([5, 6], tf.int64), C([50, 60], tf.int64))
    table.insert_or_assign(C([8], tf.int64), C([1], tf.int64))
    assert table.lookup(C([5, 7, 8], tf.int64)).numpy().tolist() == [50, -1, 1]
    table.erase(C([6], tf.int64))
    table.remove(C([8], tf.int64))
    assert table.size().numpy() == 1
    for call in (table.lookup, table.remove, lambda keys: table.insert(keys, keys)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Using the empty_key as a table key is not allowed"):
            call(C([0], tf.int64))
        with pytest.raises(tf.errors.InvalidArgumentError, match="Using the deleted_key as a table key is not allowed"):
            call(C([-1], tf.int64))


def test_text_files(tmp_path: Path) -> None:
    lines, columns = tmp_path / "lines.txt", tmp_path / "columns.txt"
    lines.write_text("a\nb\nc\n")
    columns.write_text("emerson 10\nlake 20\npalmer 30\n")
    index = lookup.TextFileIndex
    numbered = lookup.TextFileInitializer(
        str(lines), tf.string, index.WHOLE_LINE, tf.int64, index.LINE_NUMBER, value_index_offset=5
    )
    assert lookup.StaticHashTable(numbered, -1).lookup(C(["b", "x"])).numpy().tolist() == [6, -1]
    back = lookup.TextFileInitializer(str(lines), tf.int64, index.LINE_NUMBER, tf.string, index.WHOLE_LINE)
    assert lookup.StaticHashTable(back, "?").lookup(C([1, 7], tf.int64)).numpy().tolist() == [b"b", b"?"]
    read = lookup.TextFileInitializer(str(columns), tf.string, 0, tf.int64, 1, delimiter=" ")
    assert lookup.StaticHashTable(read, -1).lookup(C(["palmer", "x"])).numpy().tolist() == [30, -1]
    some = lookup.TextFileInitializer(str(lines), tf.string, index.WHOLE_LINE, tf.int64, index.LINE_NUMBER, 2)
    assert lookup.StaticHashTable(some, -1).size().numpy() == 2


@pytest.mark.parametrize(
    ("text", "arguments", "error", "message"),
    [
        ("a\nb\na\n", (tf.string, -2, tf.int64, -1), tf.errors.FailedPreconditionError,
         "HashTable has different value for same key. Key a has 0 and trying to add value 2"),
        ("a x\n", (tf.string, 0, tf.int64, 1, None, " "), tf.errors.InvalidArgumentError,
         "Field x in line 0 is not a valid int64."),
        ("a x\n", (tf.string, 0, tf.int64, 4, None, " "), tf.errors.InvalidArgumentError,
         "line 0 (a x) : expected at least 5 got 2"),
        ("a\n", (tf.string, -2, tf.int64, -1, 5), tf.errors.InvalidArgumentError, "expected 5 but got 1"),
        ("", (tf.string, 0, tf.int64, 1), tf.errors.OutOfRangeError, "Read less bytes than requested"),
        ("a  b\n", (tf.string, 0, tf.int64, 1, None, "  "), tf.errors.InvalidArgumentError,
         "delimiter should be only 1 char"),
        (None, (tf.string, 0, tf.int64, 1), tf.errors.NotFoundError, "No such file or directory"),
        ("a\n", (tf.string, -1, tf.int64, 1), ValueError,
         "`key_dtype` must be int64 if `key_index` is -1, received: <dtype: 'string'>"),
        ("a\n", (tf.string, -3, tf.int64, 1), ValueError, "`key_index` should be >= -2, received: -3."),
    ],
)  # fmt: skip
def test_text_files_that_are_amiss(tmp_path: Path, text: Any, arguments: Any, error: Any, message: str) -> None:
    path = tmp_path / "file.txt"
    if text is not None:
        path.write_text(text)
    with pytest.raises(error, match=re.escape(message)):
        lookup.StaticHashTable(lookup.TextFileInitializer(str(path), *arguments), -1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: t.lookup(C([1, 2])), TypeError,
         "Dtype of argument `keys` must be <dtype: 'string'>, received: <dtype: 'int32'>"),
        (lambda t: t.lookup("a"), AttributeError, "'str' object has no attribute 'dtype'"),
        (lambda t: lookup.StaticHashTable(words(), "x"), TypeError, "Cannot convert 'x' to EagerTensor of dtype int64"),
        (lambda t: lookup.StaticHashTable(words(), [1, 2]), ValueError, "Shapes (2,) and () are not compatible"),
        (lambda t: lookup.StaticHashTable(lookup.KeyValueTensorInitializer(["a", "a"], [1, 2]), 0),
         tf.errors.FailedPreconditionError,
         "HashTable has different value for same key. Key a has 1 and trying to add value 2 [Op:LookupTableImportV2]"),
        (lambda t: lookup.StaticHashTable(lookup.KeyValueTensorInitializer(["a", "b"], [1, 2, 3]), 0),
         tf.errors.InvalidArgumentError, "Expected shape [2] for value, got [3]"),
        (lambda t: lookup.StaticHashTable(lookup.KeyValueTensorInitializer([1.0], [1]), 0), tf.errors.NotFoundError,
         "Could not find device for node: {{node HashTableV2}} = HashTableV2["),
        (lambda t: lookup.StaticVocabularyTable(words(), 0), ValueError,
         "`num_oov_buckets` must be > 0; use StaticHashTable."),
        (lambda t: lookup.StaticVocabularyTable(lookup.KeyValueTensorInitializer(["a"], [0]), 1), TypeError,
         "Invalid `value_dtype`, expected <dtype: 'int64'> but got <dtype: 'int32'>."),
        (lambda t: lookup.StaticVocabularyTable(words(), 2, lookup_key_dtype=tf.int64), TypeError,
         "Invalid `key_dtype`, expected integer but got <dtype: 'string'>."),
        (lambda t: lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, 0), tf.errors.InvalidArgumentError,
         "Empty and deleted keys cannot be equal"),
        (lambda t: lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, -1, 3),
         tf.errors.InvalidArgumentError, "Number of buckets must be at least 4 and a power of 2, got: 3"),
        (lambda t: lookup.experimental.MutableHashTable(tf.string, tf.int64, -1).insert(["a", "b"], C([1], tf.int64)),
         tf.errors.InvalidArgumentError, "Expected shape [2] for value, got [1] [Op:LookupTableInsertV2]"),
        (lambda t: lookup.experimental.MutableHashTable(tf.string, tf.int64, -1).insert(C([1]), C([1], tf.int64)),
         ValueError, "keys: Tensor conversion requested dtype string for Tensor with dtype int32"),
        (lambda t: lookup.experimental.MutableHashTable(tf.string, tf.int64, -1).remove(C([1])), TypeError,
         "Dtype of argument `keys` must be <dtype: 'string'>, received: <dtype: 'int32'>"),
    ],
)  # fmt: skip
def test_what_is_amiss(static: Any, call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call(static)


def test_in_functions(static: Any, vocabulary: Any) -> None:
    function = tf.function(
        lambda x: (static.lookup(x), vocabulary.lookup(x), static.size()),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    found = function(C(["a", "q"]))
    assert [x.numpy().tolist() for x in found] == [[1, -1], [0, 5], 3]
    ragged = tf.function(static.lookup)(tf.ragged.constant([["a"], ["b", "q"]]))
    assert ragged.to_list() == [[1], [2, -1]]


def test_changes_in_functions_happen_in_order() -> None:
    table = lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)

    @tf.function
    def count(words: Any) -> Any:
        before = table.lookup(words)
        table.insert(words, tf.ones_like(words, tf.int64) * 4)
        between = table.lookup(words)
        table.remove(words[:1])
        return before, between, table.lookup(words), table.size()

    for _ in range(2):
        before, between, after, size = count(C(["new", "other"]))
        assert between.numpy().tolist() == [4, 4]
        assert after.numpy().tolist() == [-1, 4]
        assert size.numpy() == 1
    assert before.numpy().tolist() == [-1, 4]
    assert table.lookup(C(["other"])).numpy().tolist() == [4]


def test_made_in_a_function() -> None:
    made = []

    @tf.function
    def function(x: Any) -> Any:
        with tf.init_scope():
            made.append(lookup.StaticHashTable(words(), -1))
        return made[-1].lookup(x)

    assert function(C(["a"])).numpy().tolist() == [1]


def test_in_datasets(static: Any) -> None:
    dataset = tf.data.Dataset.from_tensor_slices(["a", "q", "c"]).map(static.lookup).batch(3)
    assert dataset.get_single_element().numpy().tolist() == [1, -1, 3]


def test_an_initializer_of_ones_own() -> None:
    class Nothing(lookup.KeyValueTensorInitializer):
        def __init__(self) -> None:
            pass

        key_dtype = property(lambda self: tf.string)
        value_dtype = property(lambda self: tf.int64)

        def initialize(self, table: Any) -> None:
            pass

    table = lookup.StaticHashTable(Nothing(), -1)
    assert table.size().numpy() == 0
    with pytest.raises(tf.errors.FailedPreconditionError, match="Table not initialized."):
        table.lookup(C(["a"]))
    with pytest.raises(tf.errors.AbortedError, match="HashTable is not initialized."):
        table.export()


def test_a_table_goes_with_its_last_user(static: Any) -> None:
    import gc
    import weakref

    table = lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    inner = weakref.ref(table)
    table.insert(C(["a"]), C([1], tf.int64))
    del table
    gc.collect()
    assert inner() is None
