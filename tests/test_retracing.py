"""Why functions are traced again, in words: `explain()`, and the warning."""

from __future__ import annotations

import collections
import time

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph import function


class Config:
    """Something that functions are given."""


class Layer:
    """Something whose method is a function."""

    @tf.function
    def call(self, x):
        return x


def again(x):
    """Something that functions are made of."""
    return x + 1.0


ONE, X = tf.constant(1.0), tf.zeros([2])
V, W, LONG = tf.Variable(1.0), tf.Variable(2.0), tf.Variable([1.0])
OBJECTS = [Config(), Config(), lambda x: x, lambda x: x]
Pair = collections.namedtuple("Pair", "a b")
SIZES = "`@tf.function(reduce_retracing=True)`, or an `input_signature` with None for the size"
NUMBER = "a Python number is a part of the trace; hand in a tensor: "
# What happens, two calls, what the second trace is for, what would spare it.
SITUATIONS = [
    ("Python numbers", (1,), (2,), "argument x: the Python value 1 became 2", NUMBER + "`tf.constant(2)`"),
    ("counters", (0.1,), (0.2,), "argument x: the Python value 0.1 became 0.2", NUMBER + "`tf.constant(0.2)`"),
    ("types of numbers", (1,), (1.0,), "argument x: the Python value 1 became 1.0 (of type float)", NUMBER),
    ("flags", (True,), (False,), "argument x: the Python value True became False", ""),
    ("strings", ("a",), ("b",), "argument x: the Python value 'a' became 'b'", ""),
    ("shapes", (X,), (tf.zeros([3]),), "argument x: shape (2,) became (3,)", SIZES),
    ("ranks", (X,), (tf.zeros([2, 1]),), "argument x: shape (2,) became (2, 1)", SIZES),
    ("dtypes", (ONE,), (tf.constant(1),), "argument x: dtype float32 became int32", "cast it to one dtype"),
    ("float64 arrays", (X,), (np.ones(2),), "argument x: dtype float32 became float64", "cast it to one dtype"),
    ("lengths", ([ONE],), ([ONE, ONE],), "argument x: a list of 1 became one of 2", "each length is traced anew"),
    ("lists", ((1, 2),), ([1, 2],), "argument x: a tuple became a list", ""),
    ("in lists", ([ONE, 2],), ([ONE, 3],), "argument x[1]: the Python value 2 became 3", NUMBER),
    ("keys", ({"a": ONE},), ({"b": ONE, "c": ONE},), "argument x: the key 'a' is gone and the key 'b', 'c' came", ""),
    ("named tuples", (Pair(ONE, 1),), (Pair(ONE, 2),), "argument x['b']: the Python value 1 became 2", NUMBER),
    ("objects", (OBJECTS[0],), (OBJECTS[1],), "argument x: another Config object", "each new object is traced anew"),
    ("lambdas", (OBJECTS[2],), (OBJECTS[3],), "argument x: another function <lambda>", "make it once"),
    ("None", (None,), (ONE,), "argument x: the Python value None became the tensor float32[]", ""),
    ("numbers", (1.0,), (ONE,), "argument x: the Python value 1.0 became the tensor float32[]", "convert it always"),
    ("lists of numbers", (X,), ([1.0, 2.0],), "argument x: the tensor float32[2] became [1.0, 2.0]", "convert it"),
    ("Variables", (V,), (LONG,), "argument x: Variable float32[] became Variable float32[1]", ""),
    ("one Variable twice", (V, W), (V, V), "argument y: the same Variables are given more than once", ""),
    ("defaults", (ONE,), (ONE, ONE), "argument y: the Python value None became the tensor float32[]", ""),
    ("ragged tensors", (tf.ragged.constant([[1]]),), (tf.ragged.constant([[1], [2]]),),
     "argument x: RaggedTensorSpec(TensorShape([1, None]), tf.int32, 1, tf.int64) became RaggedTensorSpec", SIZES),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "why", "advice"), [each[1:] for each in SITUATIONS],
                         ids=[each[0] for each in SITUATIONS])  # fmt: skip
def test_what_changed_and_what_to_do(first, second, why, advice):
    @tf.function(jit_compile=False)
    def f(x, y=None):
        return 0

    f(*first)
    f(*second)
    head, _, again, *rest = f.explain().splitlines()
    assert head == "f: 2 traces"
    assert again.startswith("  2. (x: ") and f"): {why}" in again
    assert len(rest) == bool(advice)
    if advice:
        assert rest[0].startswith("  To be traced less often: x") and advice in rest[0]


SAME = [
    ("keyword or not", ((ONE, X), {}), ((ONE,), {"y": X})),
    ("default or given", ((ONE,), {}), ((ONE, None), {})),
    ("order of keys", (({"a": ONE, "b": X},), {}), (({"b": X, "a": ONE},), {})),
    ("array or tensor", ((np.ones(2, np.float32),), {}), ((X,), {})),
    ("another Variable", ((V,), {}), ((W,), {})),
    ("equal values", (("a",), {}), (("".join(["a"]),), {})),
]


@pytest.mark.parametrize(("first", "second"), [each[1:] for each in SAME], ids=[each[0] for each in SAME])
def test_what_is_no_change(first, second):
    f = tf.function(lambda x, y=None: 0)
    for args, kwargs in (first, second):
        f(*args, **kwargs)
    assert f.experimental_get_tracing_count() == 1


def test_the_trace_that_is_most_alike_is_compared():
    f = tf.function(lambda x, n: 0)
    for x, n in ((X, 1), (tf.zeros([3], tf.int32), 2), (X, 2)):
        f(x, n)
    line = f.explain().splitlines()[3]
    assert line.startswith("  3. (x: float32[2], n: 2): argument n: the Python value 1 became 2;")


def test_long_arguments_are_shortened():
    f = tf.function(lambda x: 0)
    f([ONE] * 9)
    f({"a": (ONE, 1), "b": X})
    lines = f.explain().splitlines()
    assert lines[1].startswith("  1. (x: [float32[], float32[], float32[], float32[], ... 9 in all]): ")
    assert lines[2].startswith("  2. (x: {'a': (float32[], 1), 'b': float32[2]}): argument x: [")


def test_the_fifth_trace_warns_with_the_place_and_the_cure(caplog):
    f = tf.function(lambda n: n)
    for n in range(8):
        f(n)
    (record,) = caplog.records
    text = record.getMessage()
    assert text.startswith("5 calls to <lambda> (") and "test_retracing.py:" in text
    assert "the last time because argument n: the Python value 3 became 4" in text
    assert "n: a Python number is a part of the trace; hand in a tensor: `tf.constant(4)`. Its explain() says" in text


def test_who_reduces_retracing_is_not_told_to():
    f = tf.function(lambda x: x, reduce_retracing=True)
    for n in (1, 2, 3):
        f(tf.zeros([n]))
    assert len(f.explain().splitlines()) == 3


@pytest.mark.parametrize("how", ["one function", "lambdas", "methods"])
def test_functions_made_again_and_again(how, caplog, monkeypatch):
    monkeypatch.setattr(function, "WASTE", 0.001)  # whatever else the machine does
    kept = []
    for i in range(8):
        python = again if how == "one function" else lambda x, i=i: x + i
        kept.append(Layer() if how == "methods" else tf.function(python))
        (kept[-1].call if how == "methods" else kept[-1])(ONE)
    (record,) = caplog.records
    name = {"one function": "again", "lambdas": "<lambda>", "methods": "call"}[how]
    assert record.getMessage().startswith(f"5 functions were made of {name} (")
    assert "make it once, outside of the loop" in record.getMessage()


def test_datasets_may_be_made_again_and_again(caplog, monkeypatch):
    monkeypatch.setattr(function, "WASTE", 0.001)
    for _ in range(8):  # as Keras does with each call of `predict`
        list(tf.data.Dataset.range(2).map(lambda x: x + 1))
    assert not caplog.records


def test_functions_that_run_for_longer_than_they_are_traced_are_let_be(caplog, monkeypatch):
    monkeypatch.setattr(function, "WASTE", 0.6)
    for i in range(6):
        tf.function(lambda x, i=i: x + i)(ONE)
        time.sleep(0.05)
    assert not caplog.records
