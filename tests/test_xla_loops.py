"""Loops on XLA: lists that are written or read item by item, and what a gradient keeps of the iterations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from test_xla import normal, on, same, steps_agree

import tapeflow as tf
from tapeflow.graph import lower_control
from tapeflow.graph.executable import Executable
from tapeflow.graph.plan import Plan

pytest.importorskip("jax")


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAPEFLOW_CACHE_DIR", "off")


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The lists that loops did not carry, of each loop that was lowered."""
    found: list[Any] = []
    original = lower_control.loop_lists
    monkeypatch.setattr(lower_control, "loop_lists", lambda *args: found.append(original(*args)) or found[-1])
    return found


def written(places: Callable[[Any], Any], size: int = 5, steps: int = 5) -> Callable[..., Any]:
    """A loop that writes one item of a list in each of its iterations."""

    def run(x: Any) -> Any:
        def body(t: Any, state: Any, results: Any) -> Any:
            state = tf.tanh(state + x)
            return t + 1, state, results.write(places(t), state)

        results = tf.TensorArray(tf.float32, size, element_shape=x.shape, clear_after_read=False)
        _, state, results = tf.while_loop(lambda t, *_: t < steps, body, [0, x, results])
        return results.stack(), state

    return run


@pytest.mark.parametrize(
    ("places", "size", "steps"),
    [(lambda t: t, 5, 5), (lambda t: 4 - t, 5, 5), (lambda t: 2 * t + 1, 9, 4), (lambda t: 3 * t % 5, 5, 5)],
    ids=["forwards", "backwards", "every other", "permuted"],
)
def test_a_list_that_is_written_item_by_item(places: Any, size: int, steps: int, taken: list[Any]) -> None:
    same(written(places, size, steps), normal(3))
    assert [len(x) for x in taken] == [1]


def test_a_list_whose_items_are_written_twice(taken: list[Any]) -> None:
    same(written(lambda t: t // 2), normal(3))
    assert [len(x) for x in taken] == [0]


def test_a_list_that_is_read_while_it_is_written(taken: list[Any]) -> None:
    def run(x: Any) -> Any:
        def body(t: Any, results: Any) -> Any:
            return t + 1, results.write(t, results.read(t - 1) * 0.5 + x)

        first = tf.TensorArray(tf.float32, 6, element_shape=[3], clear_after_read=False).write(0, x)
        return tf.while_loop(lambda t, _: t < 6, body, [1, first])[1].stack()

    same(run, normal(3))
    assert [len(x) for x in taken] == [0]


def test_a_list_written_where_only_the_run_knows(taken: list[Any]) -> None:
    def run(x: Any, at: Any) -> Any:
        results = tf.TensorArray(tf.float32, 4, element_shape=[3], clear_after_read=False)
        body = lambda t, results: (t + 1, results.write(at[t], x * tf.cast(t, tf.float32)))
        return tf.while_loop(lambda t, _: t < 3, body, [0, results])[1].stack()

    same(run, normal(3), np.array([2, 0, 3], np.int32))
    assert [len(x) for x in taken] == [0]


def recurrent(order: Callable[[Any], Any], steps: int = 6) -> Callable[..., Any]:
    def run(x: Any, w: Any) -> Any:
        entries = tf.TensorArray(tf.float32, steps).unstack(x)

        def body(t: Any, h: Any, results: Any) -> Any:
            h = tf.tanh(entries.read(order(t)) @ w + tf.sigmoid(h @ w) * h)
            return t + 1, h, results.write(t, h)

        start = [0, tf.zeros([2, 3]), tf.TensorArray(tf.float32, steps)]
        _, h, results = tf.while_loop(lambda t, *_: t < steps, body, start)
        return tf.reduce_mean(results.stack() ** 2) + tf.reduce_sum(h)

    return run


@pytest.mark.parametrize("order", [lambda t: t, lambda t: 5 - t, lambda t: t // 2], ids=["forwards", "back", "twice"])
def test_gradients_through_lists(order: Any) -> None:
    def slopes(x: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            y = recurrent(order)(x, w)
        return y, *tape.gradient(y, [x, w])

    same(slopes, normal(6, 2, 3), normal(3, 3, seed=1, scale=0.5))


def test_second_gradients_through_lists() -> None:
    def slopes(x: Any, w: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch([x, w])
            with tf.GradientTape() as inner:
                inner.watch(w)
                y = recurrent(lambda t: t)(x, w)
            first = inner.gradient(y, w)
            total = tf.reduce_sum(first**2)
        return y, first, *outer.gradient(total, [x, w])

    same(slopes, normal(6, 2, 3), normal(3, 3, seed=1, scale=0.5), rtol=1e-4, atol=1e-5)


def test_the_gradient_of_a_recurrence_carries_no_lists(taken: list[Any]) -> None:
    w = normal(3, 3, seed=1, scale=0.5)

    def make() -> tuple[Any, list[Any]]:
        v = tf.Variable(w)

        def step(x: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = recurrent(lambda t: t)(x, v)
            slope, own = tape.gradient(loss, [v, x])
            v.assign_sub(0.1 * slope)
            return loss, own

        return step, [v]

    steps_agree(make, normal(6, 2, 3))
    assert [len(x) for x in taken] == [1, 2]  # the results; their gradients, and those of the entries


def dear_nodes(which: type) -> list[str]:
    def slope(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.while_loop(lambda t, _: t < 4, lambda t, y: (t + 1, tf.tanh(tf.exp(y) * 0.1)), [0, x])[1]
        return tape.gradient(y, x)

    concrete, run = on(which, slope, tf.constant(normal(3)))
    x = normal(3)
    y, expected = x, np.ones_like(x)
    for _ in range(4):
        e = np.exp(y)
        y = np.tanh(e * 0.1)
        expected *= (1 - y * y) * e * 0.1
    np.testing.assert_allclose(run(x)[0], expected, 1e-4)
    loops = [node for node in concrete.graph.nodes if node.op.name == "While"]
    return [node.type for node in loops[1].attrs["body"].nodes]


@pytest.mark.parametrize("which", [Plan, Executable])
def test_a_gradient_does_not_compute_again_what_is_dear(which: type) -> None:
    assert not {"Tanh", "Exp"} & set(dear_nodes(which))


@pytest.mark.parametrize("steps", [5, 1, 0])
def test_variables_that_are_known_beforehand(steps: int) -> None:
    def run(x: Any) -> Any:
        def body(i: Any, down: Any, small: Any, flag: Any, powers: Any, y: Any) -> Any:
            factor = tf.cast(down, tf.float32) + tf.cast(small, tf.float32) * 0.1 + tf.cast(powers[1], tf.float32)
            y = tf.where(flag, tf.tanh(y * factor), y * 0.5)
            return i + 1, down - 2, small + 100, ~flag, powers * 2, y

        numbers = [0, tf.constant(7, tf.int64), tf.constant(200, tf.uint8), tf.constant(False), tf.constant([1, 3])]
        with tf.GradientTape() as tape:
            tape.watch(x)
            ends = tf.while_loop(lambda i, *_: i < steps, body, [*numbers, x])
            loss = tf.reduce_sum(ends[-1])
        return *ends, tape.gradient(loss, x)

    same(run, normal(3))


@pytest.mark.parametrize("axis", [0, -1])
def test_functions_of_the_pieces_of_an_array(axis: int) -> None:
    def gates(x: Any, w: Any, steps: int) -> Any:
        def body(t: Any, h: Any) -> Any:
            i, f, g, o = tf.split(h @ w, 4, axis)
            short = tf.sigmoid(i) * tf.sigmoid(f) + tf.tanh(g) + tf.sigmoid(o)
            return t + 1, tf.concat([short] * 4, axis)

        return tf.while_loop(lambda t, _: t < steps, body, [0, x])[1]

    def slopes(x: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            y = gates(x, w, 3)
        return gates(x, w, 2), y, *tape.gradient(y, [x, w])

    same(slopes, normal(4, 8), normal(8, 8, seed=1, scale=0.3), rtol=1e-4)


def test_a_condition_that_updates_a_variable_or_draws_a_number() -> None:
    """What the condition changes must stay changed: otherwise such a loop never ends."""
    count = tf.Variable(0)

    @tf.function(jit_compile=True)
    def counted(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            loop = tf.while_loop(lambda i, _: (count.assign_add(1) > 0) & (i < 3), lambda i, y: (i + 1, y * x), (0, x))
        return loop[0], tape.gradient(loop[1], x)

    assert [float(y) for y in counted(tf.constant(2.0))] == [3, 32]
    assert int(count) == 4

    def tries() -> Any:
        n = 0
        while tf.random.uniform([]) < 0.8:
            n += 1
        return n

    drawn = []
    for jit in (False, True):
        tf.random.set_seed(2)
        f = tf.function(tries, jit_compile=jit)
        drawn.append([int(f()) for _ in range(5)])
    tf.random.set_seed(None)  # type: ignore[arg-type]
    assert drawn[0] == drawn[1] and any(drawn[0])


def test_two_orders_where_only_the_most_iterations_are_known() -> None:
    @tf.function(jit_compile=True)
    def f(x: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                (y,) = tf.while_loop(lambda v: v < 1e3, lambda v: [v * v], [x], maximum_iterations=4)
            slope = inner.gradient(y, x)
        return y, slope, outer.gradient(slope, x)

    for x, power in ((2.0, 16), (1.5, 16), (40.0, 2), (2000.0, 1)):
        expected = [x**power, power * x ** (power - 1), power * (power - 1) * x ** (power - 2)]
        np.testing.assert_allclose(f(tf.constant(x)), expected, rtol=1e-5)
