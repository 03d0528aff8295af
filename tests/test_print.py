"""`tf.print`: the texts are what TensorFlow 2.21 prints. How tensors look is in rows/strings.py (StringFormat)."""

from __future__ import annotations

import io
import logging
import sys
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import tapeflow as tf

Point = namedtuple("Point", "x y")


def printed(capsys, *values, **options):
    tf.print(*values, output_stream=sys.stdout, **options)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([tf.range(10)], "[0 1 2 ... 7 8 9]"),
        ([tf.constant("x")], "x"),
        ([tf.constant(["x"])], '["x"]'),
        ([tf.constant("x"), tf.constant("y")], '"x" "y"'),
        (["x", b"x"], "x b'x'"),
        ([True, None, 1, 1.0, 1e20], "True None 1 1.0 1e+20"),
        ([tf.constant(True)], "1"),
        ([{"b": [tf.constant([1, 2]), (3, 4.0)], "a": tf.constant(1)}], "{'a': 1, 'b': [[1 2], (3, 4.0)]}"),
        ([(tf.constant(1),), [], (), {}, [tf.constant(1.0)]], "(1,) [] () {} [1]"),
        ([[tf.constant("x"), "y", b"z"]], "[\"x\", 'y', b'z']"),
        (["%s {} %d", tf.constant(1)], "%s {} %d 1"),
        ([np.array([1, 2, 3]), np.float32(2.5), tf.float32], "array([1, 2, 3]) np.float32(2.5) tf.float32"),
        ([tf.TensorShape([1, None])], "TensorShape([1, None])"),
        ([Point(1, tf.constant([2]))], "Point(x=1, y=[2])"),
        ([tf.constant([[1, 2], [3, 4]]), "z"], "[[1 2]\n [3 4]] z"),
        ([[[tf.constant([[1, 2], [3, 4]])], 5]], "[[[[1 2]\n [3 4]]], 5]"),
        ([tf.constant([1.5, 2, 1e-8, 1e10, 1 / 3])], "[1.5 2 1e-08 1e+10 0.333333343]"),
        ([], ""),
    ],
)
def test_texts(capsys, values, text):
    assert printed(capsys, *values, summarize=3) == text + "\n"


def test_variables_and_indexed_slices_print_as_tensors(capsys):
    slices = tf.IndexedSlices(tf.constant([1.0]), tf.constant([0]), tf.constant([2]))
    assert printed(capsys, tf.Variable([1, 2]), [tf.Variable(1)], slices) == "[1 2] [1] [1 0]\n"


def test_an_ordered_dict_keeps_its_order(capsys):
    values = OrderedDict(b=tf.constant(1), a=tf.constant(2))
    assert printed(capsys, values) == repr(OrderedDict(b=1, a=2)) + "\n"


def test_sep_end_and_summarize(capsys):
    assert printed(capsys, "a", tf.range(100), sep="-", end="!", summarize=2) == "a-[0 1 ... 98 99]!"
    assert printed(capsys, tf.range(8), summarize=-1) == "[0 1 2 3 4 5 6 7]\n"
    assert printed(capsys, tf.range(8), summarize=None) == "[0 1 2 ... 5 6 7]\n"


def test_goes_to_stderr(capsys):
    assert tf.print("text") is None
    assert capsys.readouterr() == ("", "text\n")


def test_appends_to_files(tmp_path):
    for text in ("one", "two"):
        tf.print(text, output_stream=f"file://{tmp_path}/log.txt")
    assert (tmp_path / "log.txt").read_text() == "one\ntwo\n"


def test_logs(caplog):
    with caplog.at_level("INFO", "tensorflow"):
        tf.print("%d", output_stream=logging.INFO)
        tf.print("wrong", output_stream=logging.ERROR)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "%d"),
        ("ERROR", "wrong"),
    ]


@pytest.mark.parametrize("stream", ["somewhere", io.StringIO(), logging.info])
def test_other_streams_are_refused(stream):
    with pytest.raises(ValueError, match="Unsupported output stream, logging level, or file"):
        tf.print(1, output_stream=stream)


def test_other_keywords_are_refused():
    with pytest.raises(ValueError, match=r"Unrecognized keyword arguments for tf.print: \{'file': 2\}"):
        tf.print(1, file=2)
