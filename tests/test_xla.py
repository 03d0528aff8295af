"""Graphs on XLA give what they give on NumPy: values, gradients, Variables; and what cannot go there is named."""

from __future__ import annotations

import functools
import gc
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.engines import xla
from tapeflow.graph import engine, lower_control
from tapeflow.graph.executable import Executable
from tapeflow.graph.lower import NotOnXla
from tapeflow.graph.plan import Plan

pytest.importorskip("jax")


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAPEFLOW_CACHE_DIR", "off")


def normal(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(shape) * scale).astype(np.float32)


def on(which: type, function: Callable[..., Any], *args: Any, specs: Any = None) -> tuple[Any, Any]:
    """The function traced, and its graph on one engine: a callable of arrays."""
    traced = tf.function(function, input_signature=specs)
    concrete = traced.get_concrete_function(*([] if specs else args))
    runs = which(concrete.graph, concrete.graph.results, concrete.symbols)
    captured = [x._array if isinstance(x, tf.Tensor) else x for x in concrete.captured_inputs]
    return concrete, lambda *arrays: runs(*arrays, *captured)


def same(function: Callable[..., Any], *args: Any, rtol: float = 1e-5, atol: float = 1e-6, specs: Any = None) -> None:
    """The function gives the same on both engines."""
    arrays = [np.asarray(x) for x in args]
    tensors = [tf.constant(x) for x in arrays]
    host, compiled = (on(which, function, *tensors, specs=specs)[1](*arrays) for which in (Plan, Executable))
    assert len(host) == len(compiled)
    for a, b in zip(host, compiled, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_allclose(b, a, rtol, atol)


def steps_agree(make: Callable[[], tuple[Callable[..., Any], list[Any]]], *args: Any, rtol: float = 1e-4) -> None:
    """Three training steps on either engine leave the same losses and Variables."""
    found = []
    for which in (Plan, Executable):
        step, variables = make()
        _, run = on(which, step, *map(tf.constant, args))
        losses = [run(*args)[0].copy() for _ in range(3)]
        found.append([*losses, *(v.numpy() for v in variables)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(b, a, rtol, 1e-5)


def sgd(variables: list[Any], loss: Callable[..., Any]) -> Callable[..., Any]:
    def step(*args: Any) -> Any:
        with tf.GradientTape() as tape:
            value = loss(*args)
        for v, g in zip(variables, tape.gradient(value, variables), strict=True):
            v.assign_sub(0.01 * g)
        return value

    return step


# ---------------------------------------------------------------- values and gradients


def test_elementwise_and_products() -> None:
    same(lambda x, y: tf.tanh(tf.matmul(x, y) * 2.0 + 1.0) * tf.exp(-x @ y), normal(5, 7), normal(7, 3))


def test_64_bit_types_stay() -> None:
    same(lambda x, n: (x * 2.0, n + 2**40), np.arange(4.0), np.arange(3))
    import jax

    assert jax.numpy.arange(3).dtype == np.int32  # the program's own JAX is as it was


def test_small_types() -> None:
    same(lambda x: tf.cast(tf.cast(x, tf.bfloat16) * 3, tf.float32), normal(9))
    same(lambda x: tf.where(x > 0, tf.cast(x, tf.int8), 5), normal(9))


def test_sizes_that_are_unknown_when_traced() -> None:
    def function(x: Any) -> Any:
        n = tf.shape(x)[0]
        rows = tf.reshape(x, [n // 2, -1])
        return tf.reduce_sum(rows, 1), n, tf.zeros([n, 2]), tf.range(n) * 2

    specs = [tf.TensorSpec([None, 3])]
    same(function, normal(4, 3), specs=specs)
    _, run = on(Executable, function, specs=specs)
    for n in (2, 6, 2):
        assert [y.shape for y in run(normal(n, 3))] == [(n // 2,), (), (n, 2), (n,)]


def test_outputs_that_are_inputs_or_known() -> None:
    x = normal(3)
    _, run = on(Executable, lambda x: (x, tf.constant([1, 2]), x + 1, x.shape[0]), tf.constant(x))
    same_x, known, more, size = run(x)
    assert same_x is x
    assert known.tolist() == [1, 2]
    assert size == 3
    np.testing.assert_array_equal(more, x + 1)


def test_mlp_step() -> None:
    def make() -> Any:
        w, b = tf.Variable(normal(20, 16, seed=1)), tf.Variable(tf.zeros([16]))
        u, c = tf.Variable(normal(16, 5, seed=2)), tf.Variable(tf.zeros([5]))

        def loss(x: Any, labels: Any) -> Any:
            logits = tf.nn.relu(x @ w + b) @ u + c
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))

        return sgd([w, b, u, c], loss), [w, b, u, c]

    steps_agree(make, normal(8, 20), np.arange(8) % 5)


def test_cnn_step() -> None:
    def make() -> Any:
        w, b = tf.Variable(normal(3, 3, 1, 8, seed=1, scale=0.3)), tf.Variable(tf.zeros([8]))
        u = tf.Variable(normal(4 * 4 * 8, 5, seed=2, scale=0.1))

        def loss(x: Any, labels: Any) -> Any:
            x = tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME") + b)
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
            logits = tf.reshape(x, [-1, 4 * 4 * 8]) @ u
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))

        return sgd([w, b, u], loss), [w, b, u]

    steps_agree(make, normal(6, 8, 8, 1), np.arange(6) % 5)


# ---------------------------------------------------------------- branches and loops


def test_cond() -> None:
    def function(p: Any, x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.cond(p, lambda: tf.exp(x) * 2.0, lambda: x)
        return y, tape.gradient(y, x)

    for p in (True, False):
        same(function, p, normal(4))


def test_switch_case() -> None:
    def function(i: Any, x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.switch_case(i, [lambda: x, lambda: x * x, lambda: tf.ones_like(x)])
        return y, tape.gradient(y, x, unconnected_gradients="zero")

    for i in (-1, 0, 1, 2, 7):
        same(function, np.int32(i), normal(4))


def test_a_branch_that_assigns() -> None:
    def make() -> Any:
        v = tf.Variable([1.0, 2.0])

        def step(x: Any) -> Any:
            tf.cond(x > 0, lambda: v.assign_add([x, x]), lambda: v.assign([0.0, 0.0]))
            return v * 2.0

        return step, [v]

    for x in (1.5, -1.0):
        steps_agree(make, np.float32(x))


def power(x: Any, n: Any) -> Any:
    return tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.sin(y * x)), [0, x])[1]


def test_loop() -> None:
    same(power, normal(4), np.int32(5))


def test_gradient_of_a_loop() -> None:
    def function(x: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = power(x, 5)
            g = tape.gradient(y, x)
        return y, g, outer.gradient(g, x)

    same(function, normal(4))


def test_gradient_of_a_loop_needs_to_know_how_often() -> None:
    def function(x: Any, n: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = power(x, n)
        return tape.gradient(y, x)

    _, run = on(Executable, function, tf.constant(normal(3)), tf.constant(4))
    with pytest.raises(NotOnXla, match="number of iterations is not known"):
        run(normal(3), np.array(4, np.int32))


def test_how_often_may_follow_from_a_shape() -> None:
    def function(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.while_loop(
                lambda i, y: i < tf.shape(x)[0], lambda i, y: (i + 1, y + tf.sin(x[i])), [0, tf.zeros([2])]
            )[1]
        return y, tape.gradient(y, x)

    same(function, normal(5, 2), specs=[tf.TensorSpec([None, 2])])


def test_gradient_of_a_loop_that_may_end_early() -> None:
    def function(x: Any, limit: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.while_loop(
                lambda i, y: tf.reduce_sum(y) < limit, lambda i, y: (i + 1, y * 1.5 + tf.sin(y)), [0, x],
                maximum_iterations=8,
            )[1]  # fmt: skip
        return y, tape.gradient(y, x)

    for limit in (0.0, 20.0, 1e6):
        same(function, np.abs(normal(3)) + 0.5, np.float32(limit), rtol=1e-4)


def test_loops_and_branches_that_change_shapes_stay_on_the_host() -> None:
    def grows(x: Any) -> Any:
        return tf.while_loop(
            lambda i, y: i < tf.cast(x[0], tf.int32), lambda i, y: (i + 1, tf.concat([y, y], 0)), [0, x],
            shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
        )[1]  # fmt: skip

    for function in (grows, lambda x: tf.cond(x[0] > 0, lambda: x[:1], lambda: x)):
        _, run = on(Executable, function, tf.constant(normal(3)))
        with pytest.raises(NotOnXla, match="types"):
            run(normal(3))


def test_nested_loops() -> None:
    def function(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)

            def row(i: Any, total: Any) -> Any:
                inner = tf.while_loop(lambda j, s: j < 3, lambda j, s: (j + 1, s * x[i] + 0.1), [0, total])
                return i + 1, inner[1]

            y = tf.while_loop(lambda i, total: i < 4, row, [0, tf.constant(1.0)])[1]
        return y, tape.gradient(y, x)

    same(function, normal(4))


def test_a_loop_that_assigns() -> None:
    def make() -> Any:
        v, w = tf.Variable(0.0), tf.Variable(2.0)

        def step(x: Any) -> Any:
            def body(i: Any) -> Any:
                v.assign_add(w * x)
                return i + 1

            tf.while_loop(lambda i: i < 4, body, [0])
            return v.read_value()

        return step, [v, w]

    steps_agree(make, np.float32(1.5))


def test_tensor_array() -> None:
    def function(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            taken = tf.TensorArray(tf.float32, 5).unstack(x)

            def body(i: Any, ta: Any, state: Any) -> Any:
                state = tf.tanh(state + taken.read(i))
                return i + 1, ta.write(i, state), state

            ta = tf.while_loop(lambda i, *_: i < 5, body, [0, tf.TensorArray(tf.float32, 5), tf.zeros([3])])[1]
            y = ta.stack()
        return y, tape.gradient(y, x)

    same(function, normal(5, 3))


def test_functionals() -> None:
    same(lambda x: tf.map_fn(lambda row: tf.reduce_sum(row) * row, x), normal(4, 3))
    same(lambda x: tf.scan(lambda a, row: a + row, x), normal(4, 3))


def lstm(steps: int, units: int) -> tuple[Callable[..., Any], list[Any]]:
    w = tf.Variable(normal(3, 4 * units, seed=1, scale=0.3))
    u, b = tf.Variable(normal(units, 4 * units, seed=2, scale=0.3)), tf.Variable(tf.zeros([4 * units]))

    def loss(x: Any) -> Any:
        sequence = tf.TensorArray(tf.float32, steps).unstack(tf.transpose(x, [1, 0, 2]))

        def body(t: Any, h: Any, c: Any) -> Any:
            i, f, g, o = tf.split(sequence.read(t) @ w + h @ u + b, 4, axis=1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            return t + 1, tf.sigmoid(o) * tf.tanh(c), c

        zero = tf.zeros([x.shape[0], units])
        _, h, _ = tf.while_loop(lambda t, h, c: t < steps, body, [0, zero, zero])
        return tf.reduce_mean(h * h)

    return sgd([w, u, b], loss), [w, u, b]


def test_lstm_step() -> None:
    steps_agree(lambda: lstm(6, 4), normal(5, 6, 3))


def test_sums_are_made_after_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = []
    original = lower_control.loop_sums
    monkeypatch.setattr(lower_control, "loop_sums", lambda *args: found.append(original(*args)) or found[-1])
    steps_agree(lambda: lstm(6, 4), normal(5, 6, 3))
    assert max(map(len, found)) == 3  # two matrices of weights and the bias


# ---------------------------------------------------------------- Variables


def counting(n: int = 1000) -> tuple[Any, Any, Any]:
    v = tf.Variable(np.zeros(n, np.float32))

    def step(x: Any) -> Any:
        v.assign_add(x)
        return tf.reduce_sum(v)

    return v, *on(Executable, step, tf.constant(np.ones(n, np.float32)))


def test_variables_stay_with_xla_between_calls() -> None:
    v, _, run = counting()
    x = np.ones(1000, np.float32)
    run(x)
    address = v._handle.buffer.unsafe_buffer_pointer()
    for _ in range(3):
        assert v._handle.array is None
        run(x)
    assert v._handle.buffer.unsafe_buffer_pointer() == address  # updated in place
    assert v.numpy()[0] == 4.0
    run(x)
    assert v._handle.buffer.unsafe_buffer_pointer() == address  # nobody holds what was read


def test_what_was_read_never_changes() -> None:
    v, _, run = counting()
    x = np.ones(1000, np.float32)
    run(x)
    seen = [v.value()]
    part = v._handle.read()[10:20]
    for n in range(2, 6):
        run(x)
        seen.append(v.value())
        assert v.numpy()[0] == n
    assert [float(t[0]) for t in seen] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert part.tolist() == [1.0] * 10


def test_eager_updates_in_between() -> None:
    v, _, run = counting()
    x = np.ones(1000, np.float32)
    run(x)
    v.assign_add(10 * x)
    run(x)
    kept = v.value()
    v.assign(0 * x)
    assert run(x)[0] == 1000.0
    assert kept[0] == 12.0
    v.assign_sub(x)
    assert v.numpy()[0] == 0.0


def test_an_assigned_input_is_not_written_to() -> None:
    v, w = tf.Variable(np.zeros(1000, np.float32)), tf.Variable(np.zeros(1000, np.float32))

    def put(x: Any) -> Any:
        v.assign(x)
        w.assign(v)
        return v.read_value()

    memory = np.zeros(1016, np.float32)
    start = -memory.ctypes.data % 64 // 4
    x = memory[start : start + 1000]  # aligned: XLA takes it without a copy
    _, put_run = on(Executable, put, tf.constant(x))

    def more() -> Any:
        v.assign_add(tf.ones([1000]))
        return tf.constant(0)

    _, more_run = on(Executable, more)
    for _ in range(3):
        out = put_run(x)[0]
        more_run()
        assert x[0] == 0.0
        assert out[0] == 0.0
        assert v.numpy()[0] == 1.0
        assert w.numpy()[0] == 0.0


def test_frozen_variables_and_captured_tensors() -> None:
    v, c = tf.Variable(normal(100)), tf.constant(normal(100, seed=1))
    concrete, run = on(Executable, lambda x: x * v + c, tf.constant(normal(100)))
    x = normal(100)
    for _ in range(3):
        np.testing.assert_allclose(run(x)[0], x * v.numpy() + c.numpy(), 1e-5)
        v.assign_add(c)
    del concrete


def test_a_variable_whose_shape_changes() -> None:
    v = tf.Variable(np.zeros(2, np.float32), shape=[None])

    def grow() -> Any:
        v.assign(tf.concat([v, v + 1], 0))
        return tf.reduce_sum(v)

    _, run = on(Executable, grow)
    assert [float(run()[0]) for _ in range(3)] == [2.0, 8.0, 24.0]
    assert v.numpy().shape == (16,)


def test_scattered_updates() -> None:
    def make() -> Any:
        v = tf.Variable(normal(6, 3))

        def step(x: Any) -> Any:
            v.scatter_add(tf.IndexedSlices(x, [1, 4, 1]))
            return tf.reduce_sum(v)

        return step, [v]

    steps_agree(make, normal(3, 3, seed=3))


def test_threads() -> None:
    v, _, run = counting(100)
    x = np.ones(100, np.float32)
    run(x)
    torn: list[Any] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            value = v.numpy()
            if value.min() != value.max():
                torn.append(value)

    def work() -> None:
        for i in range(200):
            if i % 10 == 0:
                v.assign_add(x)
            else:
                run(x)

    reader = threading.Thread(target=read)
    workers = [threading.Thread(target=work) for _ in range(3)]
    reader.start()
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    done.set()
    reader.join()
    assert not torn
    assert v.numpy()[0] == 601.0


def test_interrupted_calls_leave_the_variables_whole() -> None:
    v, _, run = counting(1 << 20)
    x = np.ones(1 << 20, np.float32)
    for _ in range(3):  # the first calls go through JAX's Python code, where results may be lost
        run(x)
    for delay in np.linspace(0, 0.003, 60):
        timer = threading.Timer(delay, signal.raise_signal, [signal.SIGINT])
        with pytest.raises(KeyboardInterrupt):
            timer.start()
            while True:
                run(x)
        timer.join()
        value = v.numpy()
        assert value.min() == value.max()
    before = v.numpy()[0]
    run(x)
    assert v.numpy()[0] == before + 1


def test_memory_does_not_grow() -> None:
    v, _, run = counting(1 << 18)
    x = np.ones(1 << 18, np.float32)
    run(x)
    gc.collect()
    jax = xla.jax()
    before = len(jax.live_arrays())
    for _ in range(50):
        run(x)
        v.numpy()
    assert len(jax.live_arrays()) == before


# ---------------------------------------------------------------- what cannot be


def test_what_cannot_be_compiled_is_named() -> None:
    def function(x: Any) -> Any:
        return tf.strings.length(tf.strings.as_string(x))

    _, run = on(Executable, function, tf.constant([1.0]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"AsString: runs on the host only(.|\n)*test_xla.py"):
        run(np.ones(1, np.float32))
    with pytest.raises(NotOnXla, match="string values"):
        on(Executable, lambda x: tf.strings.length(x), tf.constant("a"))


def test_shapes_that_depend_on_values() -> None:
    _, run = on(Executable, lambda x: tf.boolean_mask(x, x > 0), tf.constant(normal(5)))
    with pytest.raises(NotOnXla, match="Where"):
        run(normal(5))


def test_values_that_must_be_known() -> None:
    _, run = on(Executable, lambda x, n: tf.reshape(x, [n, -1]), tf.constant(normal(4)), tf.constant(2))
    with pytest.raises(NotOnXla, match="must be known"):
        run(normal(4), np.array(2, np.int32))


def test_shapes_that_do_not_fit_have_tensorflows_error() -> None:
    specs = [tf.TensorSpec([None, None]), tf.TensorSpec([None, None])]
    _, run = on(Executable, tf.matmul, specs=specs)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Matrix size-incompatible"):
        run(normal(2, 3), normal(2, 3))


# ---------------------------------------------------------------- on disk


def test_executables_are_kept_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAPEFLOW_CACHE_DIR", str(tmp_path))

    def build(factor: float) -> Any:
        v = tf.Variable(normal(4))

        def step(x: Any) -> Any:
            v.assign_add(tf.cond(x[0] > 0, lambda: x * factor, lambda: x))
            return v.read_value(), tf.constant([7])

        return on(Executable, step, tf.constant(normal(4)))[1]

    xla.options("cpu")  # is kept on disk too, if asked for the first time
    before = len(list(tmp_path.glob("*.pickle")))
    first = build(2.0)(normal(4))
    assert len(list(tmp_path.glob("*.pickle"))) == before + 1
    monkeypatch.setattr(xla, "lowered", lambda *_: pytest.fail("compiled again"))
    for a, b in zip(first, build(2.0)(normal(4)), strict=True):
        np.testing.assert_array_equal(a, b)
    monkeypatch.undo()
    monkeypatch.setenv("TAPEFLOW_CACHE_DIR", str(tmp_path))
    assert not np.array_equal(build(3.0)(normal(4))[0], first[0])
    assert len(list(tmp_path.glob("*.pickle"))) == before + 2
    for file in tmp_path.glob("*.pickle"):
        file.write_bytes(b"damaged")
    np.testing.assert_array_equal(build(2.0)(normal(4))[0], first[0])


def test_the_compilers_options_are_kept_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAPEFLOW_CACHE_DIR", str(tmp_path))
    fresh = functools.partial(xla.options.__wrapped__, "cpu")
    found = fresh()
    assert found["xla_allow_excess_precision"] is False
    monkeypatch.setattr(xla, "_tried", lambda *_: pytest.fail("tried again"))
    assert fresh() == found
    monkeypatch.undo()
    monkeypatch.setenv("TAPEFLOW_CACHE_DIR", "off")
    monkeypatch.setattr(xla, "_OPTIONS", (*xla._OPTIONS, ("xla_of_a_later_version", 3)))
    assert fresh() == found


# ---------------------------------------------------------------- automatic


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "HOT", 0.0)
    monkeypatch.setattr(engine, "TINY", 0.0)


def wait_for(thread: str) -> None:
    for one in threading.enumerate():
        if one.name == thread:
            one.join()


def automatic(function: Callable[..., Any], *args: Any, specs: Any = None) -> tuple[Any, Any, list[Any]]:
    settled: list[Any] = []
    concrete = tf.function(function, input_signature=specs).get_concrete_function(*([] if specs else args))
    made = engine.engine_for(concrete.graph, concrete.graph.results, concrete.symbols, None, settled.append)
    captured = [x._array if isinstance(x, tf.Tensor) else x for x in concrete.captured_inputs]
    return made, lambda *arrays: made(*arrays, *captured), settled


@pytest.mark.usefixtures("hasty")
def test_automatic_choice() -> None:
    v = tf.Variable(np.zeros(1000, np.float32))

    def step(x: Any) -> Any:
        v.assign_add(tf.tanh(x))
        return tf.reduce_sum(v)

    x = normal(1000)
    made, run, settled = automatic(step, tf.constant(x))
    for _ in range(engine.CALLS + 2):
        run(x)
    wait_for("tapeflow-xla")
    (choice,) = made.kinds.values()
    assert choice.step == choice._comparing
    for _ in range(len(engine.SCHEDULE)):
        run(x)
    assert choice.settled in ("host", "xla")
    assert "us on XLA" in made.explain()[0]
    assert (settled == [made.plan]) is (choice.settled == "host")
    for engine_name in ("xla", "host", "xla"):
        choice._settle(engine_name, "told so")
        run(x)
    calls = engine.CALLS + 2 + len(engine.SCHEDULE) + 3
    np.testing.assert_allclose(v.numpy(), calls * np.tanh(x), 1e-4, 1e-5)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("rounds", [None, 3])
def test_an_engine_that_is_tried_draws_no_numbers(rounds: int | None) -> None:
    def step(n: Any) -> Any:
        x = tf.random.uniform([4])
        for _ in tf.range(n) if rounds else range(2):
            x += tf.random.uniform([4])
        return x

    def drawn(jit_compile: bool | None) -> list[Any]:
        tf.random.set_seed(5)
        function, found = tf.function(step, jit_compile=jit_compile), []
        for i in range(engine.CALLS + 2 + len(engine.SCHEDULE) + 3):
            if i == engine.CALLS + 2:
                wait_for("tapeflow-xla")
            found.append(function(tf.constant(rounds or 0)).numpy().tolist())
        return found

    assert drawn(None) == drawn(False)


@pytest.mark.usefixtures("hasty")
def test_automatic_choice_by_shapes() -> None:
    made, run, settled = automatic(lambda x: x * 2.0, specs=[tf.TensorSpec([None])])
    for _ in range(engine.CALLS + 2):
        run(normal(4))
    run(normal(5))
    wait_for("tapeflow-xla")
    assert len(made.kinds) == 2
    assert any("being timed" in line for line in made.explain())
    assert not settled


@pytest.mark.usefixtures("hasty")
def test_what_xla_cannot_have_stays_on_the_host() -> None:
    made, run, settled = automatic(lambda x: tf.boolean_mask(x, x > 0), tf.constant(normal(5)))
    for _ in range(engine.CALLS + 2):
        run(normal(5))
    wait_for("tapeflow-xla")
    run(normal(5))
    assert "XLA cannot have Where" in made.explain()[0]
    assert settled == [made.plan]


def test_small_calls_stay_on_the_host() -> None:
    made, run, settled = automatic(lambda x: x * x, tf.constant(1.0))
    for _ in range(engine.TRIES + 100):
        run(np.array(2.0, np.float32))
    assert settled[0] is made.plan
    assert "not worth" in made.explain()[0]


def test_effects_stay_on_the_host() -> None:
    def function(x: Any) -> Any:
        tf.print(x)
        return x

    assert "PrintV2" in str(engine.why_host(tf.function(function).get_concrete_function(tf.constant(1.0)).graph))


def test_calls_go_on_while_compiling() -> None:
    xla.jax()
    weights = [tf.Variable(normal(64, 64, seed=i, scale=0.1)) for i in range(6)]

    def step(x: Any) -> Any:
        for w in weights:
            x = tf.tanh(x @ w)
        return x

    made, run, _ = automatic(step, tf.constant(normal(64, 64)))
    x, calls = normal(64, 64), 0
    end = time.perf_counter() + 20
    while time.perf_counter() < end and not any(choice.settled for choice in made.kinds.values()):
        run(x)
        calls += 1
    assert calls > 20
    assert any(choice.settled for choice in made.kinds.values())
