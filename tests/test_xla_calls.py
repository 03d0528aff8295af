"""Calls of compiled functions: the function that is written around XLA's code, from Tensors to results."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.engines import xla

pytestmark = pytest.mark.skipif(not xla.available(), reason="XLA is not installed")


def entered(function: Any) -> Any:
    """The function, called once more after it is clear what runs it."""
    (concrete,) = function._traces.by_type.values()
    assert concrete._entry is not None
    return function


def test_structures_of_results() -> None:
    captured, constant = tf.constant([3.0, 4.0]), tf.constant([7])

    @tf.function(jit_compile=True)
    def step(x: Any, y: Any) -> Any:
        return {"b": [x + y, None, 5], "a": (x, captured, constant, tf.constant(2.0))}

    for _ in range(3):
        results = step(tf.constant([1.0, 2.0]), tf.constant(1.0))
        assert list(results) == ["b", "a"]
        assert results["b"][0].numpy().tolist() == [2.0, 3.0]
        assert results["b"][1:] == [None, 5]
        assert [x.numpy().tolist() for x in results["a"]] == [[1.0, 2.0], [3.0, 4.0], [7], 2.0]
    entered(step)


def test_captured_tensors_are_handed_over_once() -> None:
    captured = tf.constant(np.ones(1000, np.float32))
    step = tf.function(lambda x: tf.reduce_sum(captured * x), jit_compile=True)
    for factor in range(3):
        assert float(step(tf.constant(float(factor)))) == 1000 * factor
    (concrete,) = entered(step)._traces.by_type.values()
    ((array, buffer),) = concrete.engine.only._kept.values()
    assert array is captured._array
    assert concrete.engine.only._space["j1"] is buffer


def test_variables_as_arguments() -> None:
    captured = tf.Variable([1.0])

    @tf.function(jit_compile=True)
    def move(a: Any, b: Any, x: Any) -> Any:
        a.assign_add(x)
        b.assign_sub(captured)
        return a + b

    a, b, c = (tf.Variable([float(i)]) for i in range(3))
    for _ in range(2):
        assert move(a, b, tf.constant([10.0])).numpy().tolist() == [a.numpy()[0] + b.numpy()[0]]
    move(c, a, tf.constant([1.0]))
    assert [x.numpy().tolist() for x in (a, b, c)] == [[19.0], [-1.0], [3.0]]
    entered(move)


def test_threads_that_take_variables_in_another_order() -> None:
    a, b = (tf.Variable(np.zeros(100, np.float32)) for _ in range(2))

    @tf.function(jit_compile=True)
    def move(x: Any, y: Any) -> Any:
        x.assign_add(tf.ones([100]))
        y.assign_sub(tf.ones([100]))
        return x[0]

    move(a, b), move(b, a)
    pairs = [(a, b), (b, a)] * 2
    threads = [threading.Thread(target=lambda pair=pair: [move(*pair) for _ in range(100)]) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert a.numpy()[0] == b.numpy()[0] == 0.0


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_a_run_that_fails_changes_nothing(dtype: Any) -> None:
    v, w = tf.Variable(tf.zeros([4], dtype)), tf.Variable(tf.ones([4], dtype))

    @tf.function(jit_compile=True)
    def step(x: Any) -> Any:
        v.assign_add(w * x)
        return v[0]

    step(tf.ones([4], dtype))
    step(tf.ones([4], dtype))
    v.assign(v + 1)
    (concrete,) = entered(step)._traces.by_type.values()
    space = concrete.engine.only._space
    before, space["code"] = space["code"], lambda *_: 1 / 0
    with pytest.raises(ZeroDivisionError):
        step(tf.ones([4], dtype))
    assert v.numpy().tolist() == [3.0] * 4
    assert v._handle.lock.acquire(blocking=False)
    v._handle.lock.release()
    space["code"] = before
    assert float(step(tf.ones([4], dtype))) == 4.0


def test_many_variables() -> None:
    variables = [tf.Variable([float(i)]) for i in range(60)]

    @tf.function(jit_compile=True)
    def step() -> Any:
        for v in variables[1:]:
            v.assign_add(variables[0])
        return tf.add_n([v[0] for v in variables])

    for n in range(1, 4):
        variables[0].assign([1.0])
        assert float(step()) == 1 + sum(i + n for i in range(1, 60))
    entered(step)


def test_what_was_read_keeps_its_value() -> None:
    v = tf.Variable(np.zeros(1000, np.float32))

    @tf.function(jit_compile=True)
    def step() -> Any:
        v.assign_add(tf.ones([1000]))
        return v.read_value()

    seen = [x for _ in range(5) for x in (step(), v.value(), tf.constant(v.numpy()))]
    assert [x.numpy()[7] for x in seen] == [float(n) for n in range(1, 6) for _ in range(3)]
    entered(step)


def test_a_variable_that_changes_between_calls_is_no_buffer_of_xla_s():
    """Handing it over takes longer than the call; once it stays, it is handed over."""
    v = tf.Variable(np.zeros([200, 200], np.float32))
    total = tf.function(lambda: tf.reduce_sum(v), jit_compile=True)
    for i in range(1, 4):
        v.assign_add(tf.ones_like(v))
        assert total().numpy() == 40000.0 * i and type(v._handle.buffer) is np.ndarray
    for _ in range(2):
        assert total().numpy() == 120000.0 and type(v._handle.buffer) is not np.ndarray
    v.assign_sub(tf.ones_like(v))
    assert total().numpy() == 80000.0 and v.numpy().sum() == 80000.0


def test_large_arrays_that_begin_anywhere():
    total = tf.function(lambda x: tf.reduce_sum(x, 0), jit_compile=True)
    memory = np.random.default_rng(0).integers(0, 9, 200 * 201 + 16).astype(np.float32)
    for start in range(16):
        x = memory[start : start + 200 * 201].reshape(200, 201)
        for array in (x, x[:, ::-1], x[:, 1:]):
            given = tf.constant(0.0)
            given._array = array[:, :200]
            np.testing.assert_array_equal(total(given), array[:, :200].sum(0))


@pytest.mark.parametrize(
    ("function", "number", "shape"),
    [
        (lambda x, n: tf.zeros([n]) + x[0], 3, (3,)),
        (lambda x, n: tf.range(n), 3, (3,)),
        (lambda x, n: x[:n], 3, (3,)),
        (lambda x, n: tf.reshape(x, n), [2, 3], (2, 3)),
        (lambda x, n: tf.tile(x, n), [2], (12,)),
        (lambda x, n: tf.math.top_k(x, n)[0], 2, (2,)),
        (lambda x, n: tf.concat([x[None], x[None]], n), 1, (1, 12)),
        (lambda x, n: tf.reduce_sum(tf.reshape(x, [2, 3]), n), 1, (2,)),
        (lambda x, n: tf.TensorArray(tf.float32, n).write(1, x[0]).stack(), 4, (4,)),
    ],
)
def test_an_argument_on_which_a_size_depends(function: Any, number: Any, shape: tuple[int, ...]) -> None:
    """As in TensorFlow, `jit_compile=True` compiles for each value of such an argument."""
    f = tf.function(function, jit_compile=True, autograph=False)
    x, n = tf.constant([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), tf.constant(number)
    assert f(x, n).shape == shape
    np.testing.assert_array_equal(f(x, n), function(x, n))


def test_branches_of_other_shapes() -> None:
    @tf.function(jit_compile=True)
    def f(p: Any, i: Any) -> Any:
        array = tf.cond(p, lambda: tf.TensorArray(tf.float32, 2), lambda: tf.TensorArray(tf.float32, 3))
        ones = tf.switch_case(i, [lambda: tf.ones([2, 3]), lambda: tf.ones([2, 4])])
        return tf.cond(p, lambda: tf.zeros([1]), lambda: tf.zeros([2])), array.write(1, 1.0).stack(), ones

    for p, i, shapes in ((True, 0, [(1,), (2,), (2, 3)]), (False, 1, [(2,), (3,), (2, 4)])):
        assert [x.shape for x in f(tf.constant(p), tf.constant(i))] == shapes


def test_only_what_decides_sizes_is_a_constant() -> None:
    @tf.function(jit_compile=True)
    def f(x: Any, n: Any, k: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(n):
                y = y * x
        return tape.gradient(y, x) * tf.cast(k, tf.float32)

    x = tf.constant(2.0)
    for n in (2, 3, 2):
        for k in range(3):
            assert float(f(x, tf.constant(n), tf.constant(k))) == (n + 1) * 2.0**n * k
    executable = f.get_concrete_function(x, tf.constant(2), tf.constant(0)).engine
    assert len(executable.constants) == 1
    assert len(executable._programs) == 2


def test_what_no_constant_helps_is_named() -> None:
    f = tf.function(lambda x, n: tf.unique(x[:n])[0], jit_compile=True)
    for _ in range(2):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Detected unsupported operations"):
            f(tf.constant([1.0, 1.0, 2.0]), tf.constant(2))
