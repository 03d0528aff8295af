"""Updates of small Variables in functions, which a plan writes out: as they are elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tapeflow as tf


def test_values_that_were_read_do_not_change() -> None:
    v = tf.Variable([1.0, 2.0])
    kept = []

    @tf.function(jit_compile=False)
    def step(delta: Any) -> Any:
        v.assign_add(delta)
        before = v.value()
        v.assign_sub(3 * delta)
        return before, v.value()

    for _ in range(3):
        kept.append(v.value())
        kept += step(tf.constant([1.0, 1.0]))
    assert [x.numpy()[0] for x in kept] == [1, 2, -1, -1, 0, -3, -3, -2, -5]
    assert v.numpy().tolist() == [-5, -4]


def test_an_array_of_its_own_is_written_to_in_place() -> None:
    v = tf.Variable([1.0, 2.0])

    @tf.function(jit_compile=False)
    def step(delta: Any) -> None:
        v.assign_add(delta)

    places = []
    for _ in range(4):
        step(tf.constant([1.0, 1.0]))
        places.append(v._handle.array.__array_interface__["data"])
    assert len(set(places)) == 1
    assert v.numpy().tolist() == [5, 6]


@pytest.mark.parametrize("in_branch", [False, True])
def test_a_promised_shape_that_does_not_hold_changes_nothing(in_branch: bool) -> None:
    v, w = tf.Variable([1.0, 2.0]), tf.Variable([0.0, 0.0])

    @tf.function(jit_compile=False, input_signature=[tf.TensorSpec([None]), tf.TensorSpec([], tf.bool)])
    def step(delta: Any, both: Any) -> None:
        delta = tf.identity(delta)
        delta.set_shape([2])
        if not in_branch or both:
            w.assign_add(delta)
        v.assign_add(delta)

    for both in (True, False, True):
        step(tf.constant([1.0, 1.0]), tf.constant(both))
    before = v.numpy().tolist(), w.numpy().tolist()
    for both in (True, False):  # NumPy would repeat the one number
        with pytest.raises(ValueError, match="another shape"):
            step(tf.constant([1.0]), tf.constant(both))
    assert (v.numpy().tolist(), w.numpy().tolist()) == before
    step(tf.constant([1.0, 1.0]), tf.constant(False))
    assert v.numpy().tolist() == [5, 6]


def test_a_value_that_xla_has_read_or_left_is_updated() -> None:
    pytest.importorskip("jax")
    v = tf.Variable([1.0, 2.0])
    one = tf.constant([1.0, 1.0])
    host = tf.function(lambda delta: v.assign_add(delta).value(), jit_compile=False)
    read = tf.function(lambda: 2 * v, jit_compile=True)
    write = tf.function(lambda delta: v.assign_add(delta).value(), jit_compile=True)
    seen = []
    for _ in range(3):
        seen += [host(one), host(one), read(), write(one), host(one)]
    assert [x.numpy()[0] for x in seen] == [2, 3, 6, 4, 5, 6, 7, 14, 8, 9, 10, 11, 22, 12, 13]


def test_a_loop_updates_and_locks_are_given_back() -> None:
    v = tf.Variable(np.zeros(3, np.float32))

    @tf.function(jit_compile=False)
    def step(count: Any) -> Any:
        for i in tf.range(count):
            v.assign_add(tf.fill([3], tf.cast(i, tf.float32)))
        return v.value()

    assert step(tf.constant(5)).numpy().tolist() == [10, 10, 10]
    assert step(tf.constant(3)).numpy().tolist() == [13, 13, 13]
    assert not v._handle.lock._is_owned()


def test_a_plan_of_nothing_but_ufuncs_explains_its_errors_and_runs_within_others() -> None:
    @tf.function(jit_compile=False, input_signature=[tf.TensorSpec([None])] * 2)
    def total(x: Any, y: Any) -> Any:
        return x + y

    def python(x: Any) -> Any:
        return total(x, x)

    one = tf.constant([1.0, 2.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible shapes") as caught:
        total(one, tf.constant([1.0, 2.0, 3.0]))
    assert "defined at" in "".join(caught.value.__notes__)
    assert total(one, one).numpy().tolist() == [2, 4]
    called = tf.function(lambda x: tf.py_function(python, [x], tf.float32) + 1.0, jit_compile=False)
    assert called(one).numpy().tolist() == [3, 5]
    assert np.isinf((tf.function(lambda x: x / 0.0, jit_compile=False)(one)).numpy()).all()  # and no warning
