"""Ops that go on in the program's streams of random numbers: on XLA they draw what they would on the host."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.engines import xla
from tapeflow.graph import engine

pytestmark = pytest.mark.skipif(not xla.available(), reason="XLA is not installed")
CALLS = 3


def drawn(make: Callable[[], Callable[..., Any]], jit: bool, *args: Any) -> list[Any]:
    """What several calls give, one after the other, of a function made anew with the program's seed."""
    tf.random.set_seed(7)
    function = tf.function(make(), jit_compile=jit)
    return [tf.nest.map_structure(lambda x: x.numpy(), function(*args)) for _ in range(CALLS)]


def agree(make: Callable[[], Callable[..., Any]], *args: Any, exact: bool = True) -> list[Any]:
    """Checks that both engines draw the same; returns it."""
    host, compiled = (drawn(make, jit, *args) for jit in (False, True))
    for a, b in zip(tf.nest.flatten(host), tf.nest.flatten(compiled), strict=True):
        assert a.dtype == b.dtype
        if exact:
            np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(a.astype(np.float64), b.astype(np.float64), 1e-4, 1e-5)
    return compiled


@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16, tf.float32, tf.float64, tf.int32, tf.int64])
def test_uniform(dtype: Any) -> None:
    highest = 1 if dtype.is_floating else 9  # a range other than [0, 1) takes products and sums: XLA rounds them once
    first, second, third = agree(lambda: lambda: tf.random.uniform([5, 7], 0, highest, dtype, seed=3))
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)


@pytest.mark.parametrize("draw", [tf.random.normal, tf.random.truncated_normal])
@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_normal(draw: Any, dtype: Any) -> None:
    agree(lambda: lambda: draw([50, 3], 1.0, 2.0, dtype), exact=False)


def test_gamma() -> None:
    agree(lambda: lambda: tf.random.gamma([20], [0.5, 1.0, 3.0]), exact=False)


def test_categorical() -> None:
    agree(lambda: lambda x: tf.random.categorical(x, 20), tf.constant([[0.1, 0.5, 0.2], [2.0, 1.0, 0.0]]))


@pytest.mark.parametrize("shape", [(0, 2), (1, 2), (9,), (30, 2)])
def test_shuffle(shape: tuple[int, ...]) -> None:
    values = tf.constant(np.arange(np.prod(shape)).reshape(shape))
    agree(lambda: tf.random.shuffle, values)


def test_none_are_drawn() -> None:
    agree(lambda: lambda: (tf.random.uniform([0, 3]), tf.random.normal([0]), tf.random.uniform([0], 0, 5, tf.int32)))


def test_several_in_one_function() -> None:
    def make() -> Any:
        helper = tf.function(lambda: tf.random.uniform([3], seed=1))  # each call of it has a stream, and all are alike
        return lambda: (helper(), tf.random.uniform([3]), helper(), tf.random.uniform([3], seed=1))

    for results in agree(make):
        assert np.array_equal(results[0], results[2]) and np.array_equal(results[0], results[3])


def test_branches_and_loops_of_a_function_called_twice() -> None:
    def make() -> Any:
        @tf.function
        def helper(n: Any) -> Any:
            total = tf.cond(n > 1, lambda: tf.random.uniform([3], seed=1), lambda: tf.zeros([3]))
            for _ in tf.range(n):
                total += tf.random.uniform([3], seed=2)
            return total

        return lambda: (helper(tf.constant(2)), helper(tf.constant(2)))

    for one, other in agree(make):
        assert np.array_equal(one, other)


def test_the_program_s_seed_starts_anew() -> None:
    tf.random.set_seed(1)
    function = tf.function(lambda: tf.random.uniform([4]), jit_compile=True)
    first = [function().numpy() for _ in range(2)]
    tf.random.set_seed(1)
    np.testing.assert_array_equal(first, [function().numpy() for _ in range(2)])


def test_without_seeds() -> None:
    tf.random.set_seed(None)
    function = tf.function(lambda: tf.random.uniform([100]), jit_compile=True)
    seen = np.concatenate([function().numpy(), tf.random.uniform([100]).numpy(), function().numpy()])
    assert len(set(seen.tolist())) > 295


def test_sizes_known_only_at_the_call() -> None:
    def calls(jit: bool) -> list[Any]:
        tf.random.set_seed(2)
        specs = [tf.TensorSpec([None], tf.float32)]
        function = tf.function(lambda x: x + tf.random.uniform(tf.shape(x)), specs, jit_compile=jit)
        return [function(tf.zeros([n])).numpy() for n in (4, 9, 4)]

    for a, b in zip(calls(False), calls(True), strict=True):
        np.testing.assert_array_equal(a, b)


# ---------------------------------------------------------------- control flow


def test_branches() -> None:
    """A branch that is not taken draws nothing."""

    def make() -> Any:
        number = tf.Variable(0)

        def step() -> Any:
            number.assign_add(1)
            x = tf.cond(number % 2 == 0, lambda: tf.random.uniform([3], seed=5), lambda: tf.zeros([3]))
            return x, tf.switch_case(number % 3, [lambda: tf.random.uniform([2]), lambda: tf.zeros([2])])

        return step

    agree(make)


def test_loops_of_known_length() -> None:
    def make() -> Any:
        def step() -> Any:
            total = tf.zeros([4])
            for _ in tf.range(5):
                total += tf.random.uniform([4])
            return total, tf.random.uniform([2])

        return step

    agree(make, exact=False)


def test_loops_until_something_happens() -> None:
    def make() -> Any:
        def step() -> Any:
            count, x = tf.constant(0), tf.constant(0.0)
            while x < 0.8:
                x = tf.random.uniform([], seed=9)
                if x > 0.5:
                    x += 0.1 * tf.random.uniform([])
                count += 1
            return count, x

        return step

    agree(make, exact=False)


def test_map() -> None:
    agree(lambda: lambda: tf.map_fn(lambda x: x + tf.random.uniform([2]), tf.zeros([3, 2])))


# ---------------------------------------------------------------- training


def dropout_step() -> Any:
    w = tf.Variable(tf.reshape(tf.range(12.0), [4, 3]) / 10)

    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.dropout(tf.tanh(x @ w), 0.4) ** 2)
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss, w.read_value()

    return step


def test_dropout_while_training() -> None:
    agree(dropout_step, tf.ones([5, 4]), exact=False)


def test_gradients_through_loops_with_dropout() -> None:
    def make() -> Any:
        def step(x: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = x
                for _ in tf.range(3):
                    y = tf.nn.dropout(y * y, 0.3)
            return tape.gradient(y, x)

        return step

    agree(make, tf.constant([0.5, 1.0, 1.5, 0.9]), exact=False)


def test_dropout_is_no_reason_to_stay_on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "HOT", 0.0)
    monkeypatch.setattr(engine, "TINY", 0.0)
    x = tf.ones([5, 4])
    tf.random.set_seed(7)
    expected = tf.function(dropout_step(), jit_compile=False)
    losses = [float(expected(x)[0]) for _ in range(60)]
    tf.random.set_seed(7)
    function = tf.function(dropout_step())
    for i, loss in enumerate(losses):
        assert abs(float(function(x)[0]) - loss) < 1e-5
        for one in threading.enumerate() if i == 20 else ():
            if one.name == "tapeflow-xla":
                one.join()
    assert "us on XLA" in function.explain()


# ---------------------------------------------------------------- the rest


def test_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions that differ only in who shares a stream are not taken for each other."""
    monkeypatch.setenv("TAPEFLOW_CACHE_DIR", str(tmp_path))

    def shared() -> Any:
        one = tf.function(lambda: tf.random.uniform([3], seed=1))
        return lambda: (one(), one())

    def apart() -> Any:
        return lambda: (tf.random.uniform([3], seed=1), tf.random.uniform([3], seed=1))

    xla.options("cpu")  # is kept on disk too, if asked for the first time
    before = len(list(tmp_path.glob("*.pickle")))
    for make in (shared, apart, shared):
        agree(make)
    assert len(list(tmp_path.glob("*.pickle"))) == before + 2


@pytest.mark.parametrize("vague", [False, True])
def test_threads_draw_different_numbers(vague: bool) -> None:
    tf.random.set_seed(3)

    def step(flag: Any) -> Any:
        return tf.cond(flag, lambda: tf.random.uniform([4]), lambda: tf.zeros([4])) if vague else tf.random.uniform([4])

    function = tf.function(step, jit_compile=True)
    seen: list[Any] = []
    threads = [
        threading.Thread(target=lambda: seen.extend(function(tf.constant(True)).numpy()[0] for _ in range(50)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(map(float, seen))) == 200
