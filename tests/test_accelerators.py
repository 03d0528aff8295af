"""Ops, Variables, tapes and functions on accelerators, for which CPU devices of JAX's stand in."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from stand_ins import gpus as gpus
from stand_ins import gpus_by_default as gpus_by_default

import tapeflow as tf
from tapeflow.base import context as base_context
from tapeflow.base.context import context
from tapeflow.core.tensor import Placed

CPU = "/job:localhost/replica:0/task:0/device:CPU:0"


def matrix() -> Any:
    return tf.constant([[1.0, 2.0], [3.0, 4.0]])


# ---------------------------------------------------------------- where ops run


def test_ops_run_where_the_program_says(gpus):
    assert matrix().device == CPU
    with tf.device("/GPU:0"):
        x = matrix()
        assert x.device == x.backing_device == gpus[0]
        assert (x * 2 + 1).device == tf.matmul(x, x).device == tf.reduce_sum(x).device == gpus[0]
        with tf.device("CPU:0"):
            assert (x * 2).device == CPU
        with tf.device("GPU:1"):
            assert (x * 2).device == tf.identity(x).device == gpus[1]
        assert tf.identity(x).device == gpus[0]
    assert matrix().device == CPU


def test_without_a_word_ops_run_where_inputs_are_or_on_the_first_gpu(gpus_by_default):
    first, second = gpus_by_default
    assert matrix().device == tf.zeros([2]).device == tf.random.normal([2]).device == first
    with tf.device("/GPU:1"):
        x = matrix()
    assert (x + 1).device == (1 - x).device == second
    with tf.device("/CPU:0"):
        y = matrix()
        assert (x + y).device == CPU
        with tf.device(None):
            assert (y + y).device == first
    assert (y + y).device == first
    assert (y + x).device == second


def test_int32_and_what_xla_cannot_have_are_on_the_host(gpus_by_default):
    gpu = gpus_by_default[0]
    x = matrix()
    assert tf.constant(1).device == (tf.constant(1) + 2).device == tf.range(3).device == tf.shape(x).device == CPU
    assert tf.constant("a").device == tf.strings.upper("a").device == tf.strings.as_string(x).device == CPU
    assert tf.unique(tf.constant([1.0, 1.0])).y.device == CPU
    assert tf.constant(True).device == tf.constant(1, tf.int64).device == tf.argmax(x).device == gpu
    assert tf.cast(x, tf.int32).device == (tf.cast(x, tf.int32) + 1).device == gpu
    assert tf.gather(x, [1]).device == tf.one_hot([1], 2).device == gpu
    assert tf.reshape(x, tf.cast(tf.constant([4.0]), tf.int32)).shape == (4,)  # a static input from there
    assert tf.range(tf.cast(x, tf.int32)[1, 1]).shape == (4,)


def test_soft_placement(gpus, monkeypatch):
    with tf.device("/GPU:7"):
        assert matrix().device == gpus[0]
    with tf.device("/TPU:0"):
        assert matrix().device == CPU
    tf.config.set_soft_device_placement(False)
    try:
        with pytest.raises(tf.errors.InvalidArgumentError, match="GPU:7"), tf.device("/GPU:7"):
            pass
    finally:
        tf.config.set_soft_device_placement(True)


def test_threads_have_scopes_of_their_own(gpus):
    found = []
    with tf.device("/GPU:0"):
        thread = threading.Thread(target=lambda: found.append(matrix().device))
        thread.start()
        thread.join()
    assert found == [CPU]


def test_new_threads_use_the_first_gpu_too(gpus_by_default):
    found = []
    thread = threading.Thread(target=lambda: found.append((matrix() + 1).device))
    thread.start()
    thread.join()
    assert found == gpus_by_default[:1]


def test_hidden_devices_are_not_used(gpus_by_default):
    x, v = matrix(), tf.Variable(1.0)
    double = tf.function(lambda x: v * x)
    assert double(x).device == gpus_by_default[0]
    tf.config.set_visible_devices(tf.config.list_physical_devices("GPU")[1], "GPU")
    assert (x + 1).device == gpus_by_default[0]  # the first that is seen
    assert x.device == gpus_by_default[0]
    tf.config.set_visible_devices([], "GPU")
    assert matrix().device == (x + 1).device == double(x).device == tf.Variable(1.0).device == CPU
    assert context.accelerator is None  # from now on without a detour
    v.assign_add(1.0)
    np.testing.assert_array_equal(double(x), 2 * np.array(x))


def test_two_logical_devices_of_one_gpu(gpus):
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("GPU")[0], [tf.config.LogicalDeviceConfiguration(memory_limit=64)] * 2
    )
    names = [one.name for one in tf.config.list_logical_devices("GPU")]
    found = []
    for name in names:
        with tf.device(name):
            found.append(matrix() + 1)
    assert [x.device.endswith(name) for x, name in zip(found, names, strict=True)] == [True] * 3
    with tf.device("/GPU:2"):
        np.testing.assert_array_equal(tf.add_n(found), 3 * (np.array(matrix()) + 1))


def test_the_log_says_where(gpus_by_default, capsys):
    tf.debugging.set_log_device_placement(True)
    try:
        with tf.device("/CPU:0"):
            a = matrix()
        tf.matmul(a, a)
        with tf.device("/CPU:0"):
            tf.add_n([a, a])
    finally:
        tf.debugging.set_log_device_placement(False)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"Executing op MatMul in device {gpus_by_default[0]}", f"Executing op AddN in device {CPU}"]


# ---------------------------------------------------------------- tensors


def test_a_tensor_there_is_read_as_any_other(gpus):
    here = matrix()
    with tf.device("/GPU:0"):
        x = matrix()
    assert isinstance(x, tf.Tensor) and tf.is_tensor(x)
    assert (x.shape, x.dtype, x.ndim, len(x)) == (here.shape, here.dtype, 2, 2)
    assert (repr(x), str(x)) == (repr(here), str(here))
    np.testing.assert_array_equal(np.asarray(x), here)
    assert x.numpy().flags.writeable and not np.asarray(x).flags.writeable
    assert float(x[1, 0]) == 3.0 and int(x[1, 1]) == 4 and bool(x[0, 0] > 0)
    assert [row.numpy().tolist() for row in x] == [[1, 2], [3, 4]]
    assert tf.get_static_value(x).tolist() == [[1, 2], [3, 4]]
    assert np.from_dlpack(x).tolist() == [[1, 2], [3, 4]]
    assert f"{x[0, 0]:.2f}" == "1.00"


def test_copies(gpus):
    x = matrix()
    there = x.gpu()
    assert [y.device for y in (there, there.gpu(1), there.cpu(), x.cpu())] == [*gpus, CPU, CPU]
    assert copy.copy(there).device == copy.deepcopy(there).device == gpus[0]
    restored = pickle.loads(pickle.dumps(there))
    assert restored.numpy().tolist() == x.numpy().tolist()
    with pytest.raises(RuntimeError, match=r"^GPU:2 unknown device\.$"):
        x.gpu(2)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x.gpu() * x.gpu(1).cpu())
    np.testing.assert_array_equal(tape.gradient(y, x), 2 * np.array(x))


@pytest.mark.parametrize("dtype", ["float64", "int64", "bfloat16", "complex64", "uint8", "bool", "float16"])
def test_dtypes(gpus, dtype):
    values = np.array([[0, 1], [1, 1]])
    with tf.device("/GPU:0"):
        x = tf.cast(tf.constant(values), dtype)
        y = tf.concat([x, x], 0)
    assert (y.dtype.name, y.device) == (dtype, gpus[0])
    np.testing.assert_array_equal(y, np.concatenate([values, values]).astype(y.dtype.as_numpy_dtype))


def test_memory_is_freed(gpus):
    with tf.device("/GPU:0"):
        x = tf.zeros([1000]) + 1.0
        v = tf.Variable(x)
        v.assign_add(x)
    data = [weakref.ref(x._array.data), weakref.ref(v.handle.buffer)]
    assert all(one() is not None for one in data)
    del x, v
    gc.collect()
    assert not any(one() is not None for one in data)


def test_random_numbers_are_those_of_the_host(gpus):
    def draw() -> list[Any]:
        tf.random.set_seed(5)
        own = tf.random.Generator.from_seed(3)
        return [
            tf.random.normal([3]), tf.random.uniform([3], seed=1), tf.random.normal([3]), tf.random.shuffle([1.0, 2.0]),
            tf.random.uniform([3], maxval=9, dtype=tf.int64), tf.random.truncated_normal([3], dtype=tf.float64),
            tf.random.stateless_normal([3], [1, 2]), own.normal([3]), own.uniform([2]),
        ]  # fmt: skip

    here = draw()
    with tf.device("/GPU:0"):
        there = draw()
    assert there[0].device == gpus[0]
    for a, b in zip(here, there, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    "call",
    [
        lambda x: tf.matmul(x, tf.ones([3, 3])), lambda x: x + tf.ones([3]), lambda x: x + tf.ones([2], tf.float64),
        lambda x: tf.reshape(x, [5]), lambda x: tf.concat([x, tf.ones([1, 3])], 0), lambda x: tf.bitwise.invert(x),
        lambda x: x.nothing, lambda x: tf.Variable(x).assign(tf.ones([3])),
        lambda x: tf.Variable(x).assign_add(tf.ones([3])),
        lambda x: tf.Variable(x).scatter_add(tf.IndexedSlices(tf.ones([1, 2]), [7])),
    ],
)  # fmt: skip
def test_errors_are_those_of_the_host(gpus, call):
    with pytest.raises(Exception) as here:
        call(matrix())
    with tf.device("/GPU:0"), pytest.raises(here.type) as there:
        call(matrix())
    assert str(there.value) == str(here.value)


# ---------------------------------------------------------------- tapes

FORMULAS = {
    "dense": lambda x: tf.nn.relu(tf.matmul(x, tf.transpose(x)) - 7.0),
    "softmax": lambda x: tf.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]] * 2, x),
    "reduced": lambda x: tf.reduce_mean(tf.exp(-x) * tf.reduce_max(x, 1, keepdims=True)),
    "sliced": lambda x: x[0] * x[:, 1] + tf.gather(x, [1, 0, 1])[2],
    "scalar": lambda x: tf.reduce_sum(x) ** 2,
    "copied": lambda x: tf.identity(x) * x.cpu(),
    "stacked": lambda x: tf.stack([x, tf.sin(x)]) * tf.cumsum(x),
    "own": tf.custom_gradient(lambda x: (tf.exp(x), lambda g: g * tf.tanh(x))),
    "looped": lambda x: tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s * x), (tf.constant(0), x))[1],
    "conv": lambda x: tf.nn.max_pool2d(
        tf.nn.conv2d(tf.reshape(x, [1, 2, 2, 1]), tf.ones([2, 2, 1, 2]), 1, "SAME"), 2, 1, "VALID"
    ),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_gradients(gpus, name):
    def derivatives() -> Any:
        x = matrix()
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(x)
                y = FORMULAS[name](x)
            first = tape.gradient(y, x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = FORMULAS[name](x)
        return first, outer.gradient(first, x, unconnected_gradients="zero"), tape.jacobian(y, x)

    here = derivatives()
    with tf.device("/GPU:0"):
        there = derivatives()
    for a, b in zip(here, there, strict=True):
        assert b.device == gpus[0]
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_slices_as_gradients(gpus):
    with tf.device("/GPU:0"):
        table = tf.Variable(tf.ones([4, 2]))
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.gather(table, [0, 0, 2]) * 3.0)
        g = tape.gradient(y, table)
        assert isinstance(g, tf.IndexedSlices) and g.values.device == gpus[0]
        table.scatter_sub(g)
    np.testing.assert_array_equal(table, [[-5, -5], [1, 1], [-2, -2], [1, 1]])


# ---------------------------------------------------------------- Variables


def test_a_variable_lives_where_it_was_made(gpus):
    with tf.device("/GPU:0"):
        v = tf.Variable([1.0, 2.0])
        count, name = tf.Variable(0), tf.Variable("a")
    assert (v.device, v.value().device, count.device, name.device) == (gpus[0], gpus[0], gpus[0], CPU)
    old = v.value()
    v.assign_add([1.0, 1.0])
    v.assign_sub(tf.constant([3.0, 0.0]))
    count.assign_add(2)
    assert (old.numpy().tolist(), v.numpy().tolist(), int(count)) == ([1, 2], [-1, 3], 2)
    v.assign([5.0, 6.0])
    v[0].assign(9.0)
    v.scatter_nd_update([[1]], [7.0])
    v.scatter_add(tf.IndexedSlices([1.0], [0]))
    assert (v.numpy().tolist(), v.device) == ([10, 7], gpus[0])
    assert (count.count_up_to(3).numpy(), int(count)) == (2, 3)
    with tf.device("/GPU:1"):
        v.assign(tf.constant([0.0, 1.0]) * 2)
        w = tf.Variable(v)
    assert (v.device, w.device, w.numpy().tolist()) == (*gpus, [0, 2])
    with tf.device("/CPU:0"):
        w = tf.Variable(v)
        v.assign_add(w)
    assert (w.device, v.numpy().tolist()) == (CPU, [0, 4])
    twin, restored = copy.deepcopy(v), pickle.loads(pickle.dumps(v))
    twin.assign_add([1.0, 1.0])
    assert (twin.device, twin.numpy().tolist(), v.numpy().tolist()) == (gpus[0], [1, 5], [0, 4])
    assert restored.numpy().tolist() == [0, 4]
    assert "numpy=array([0., 4.]" in repr(v)


# ---------------------------------------------------------------- functions


def test_functions_run_where_they_are_called(gpus):
    double = tf.function(lambda x: 2 * x)
    with tf.device("/GPU:0"):
        x = matrix()
        y = double(x)
        assert y.device == double(np.float32([1])).device == gpus[0]
        with tf.device("/GPU:1"):
            assert double(x).device == gpus[1]
        with tf.device("/CPU:0"):
            assert double(x).device == double(matrix()).device == CPU
    assert "on /job:localhost/replica:0/task:0/device:GPU:1: XLA" in double.explain()
    np.testing.assert_array_equal(y, 2 * np.array(x))


def test_functions_run_where_they_say(gpus):
    @tf.function
    def double(x):
        with tf.device("/GPU:1"):
            return 2 * x

    assert double(matrix()).device == gpus[1]


def test_functions_run_where_their_variables_are(gpus):
    with tf.device("/GPU:0"):
        v = tf.Variable([1.0, 2.0])
    host = tf.Variable([1.0, 1.0])

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((v * x - host) ** 2)
        v.assign_sub(0.1 * tape.gradient(loss, v))
        host.assign_add(x)
        return loss

    def expected(x):
        a, b = np.float32([1, 2]), np.float32([1, 1])
        for _ in range(3):
            a, b = a - 0.2 * (a * x - b) * x, b + x
        return a, b

    x = tf.constant([1.0, 0.5])
    seen = v.value()
    first = step(x)
    kept = v.value()
    values = kept.numpy()
    step(x)
    with tf.device("/GPU:1"):
        step(x)
    assert (first.device, v.device, host.device) == (gpus[0], gpus[0], CPU)
    np.testing.assert_allclose([v, host], expected(x.numpy()), rtol=1e-5)
    assert seen.numpy().tolist() == [1, 2]  # what was read is not written over
    np.testing.assert_array_equal(kept, values)


def test_a_variable_is_handed_to_xla_without_a_copy(gpus):
    with tf.device("/GPU:0"):
        v = tf.Variable(tf.zeros([1000]))
        add = tf.function(lambda x: v.assign_add(x))
        add(tf.ones([1000]))
        before = v.handle.buffer
        add(tf.ones([1000]))
    assert before.is_deleted()  # its memory was given away: nobody else had it
    assert v.numpy().tolist() == [2.0] * 1000


def test_what_xla_cannot_have_runs_on_numpy(gpus):
    with tf.device("/GPU:0"):
        v = tf.Variable([1.0, 2.0])

        @tf.function
        def shown(x):
            v.assign_add(x)
            return tf.strings.as_string(v, precision=1), v * x

        text, product = shown(tf.constant([1.0, 1.0]))
        unlike = tf.function(lambda x: tf.unique(x).y, jit_compile=True)
        with pytest.raises(tf.errors.InvalidArgumentError, match="Unique"):
            unlike(tf.constant([1.0, 1.0]))
    assert text.numpy().tolist() == [b"2.0", b"3.0"] and product.numpy().tolist() == [2, 3] == v.numpy().tolist()
    assert "NumPy, as XLA cannot have it" in shown.explain()


def test_functions_with_captures_arguments_and_tapes(gpus_by_default):
    gpu = gpus_by_default[0]
    x, v = matrix(), tf.Variable(2.0)
    there = tf.function(lambda y, w, n=1: x * y * w + n)
    assert there(x, v).device == there(x, v, n=2).device == there.get_concrete_function(x, v)(x, v).device == gpu
    np.testing.assert_array_equal(there(x, v), 2 * np.array(x) ** 2 + 1)
    with tf.GradientTape() as tape:
        y = there(x, v)
    g = tape.gradient(y, v)
    assert g.device == gpu and float(g) == 30.0
    with tf.device("/CPU:0"):
        assert tf.function(lambda y: x * y)(x).device == CPU
    drawn = tf.function(lambda: tf.random.normal([3]))
    tf.random.set_seed(1)
    assert drawn().device == gpu
    for jit in (None, True):
        inner = tf.function(lambda y: tf.tanh(y) * v, jit_compile=jit)
        outer = tf.function(lambda y, inner=inner: inner(y) + tf.cond(tf.reduce_sum(y) > 0, lambda: y, lambda: -y))
        np.testing.assert_allclose(outer(x), 2 * np.tanh(x) + x, rtol=1e-5)


def test_datasets_are_on_the_host(gpus_by_default):
    v = tf.Variable(2.0)
    data = tf.data.Dataset.from_tensor_slices(matrix()).map(lambda row: row * v).batch(2)
    (batch,) = data
    assert (batch.device, (batch + 1).device) == (CPU, gpus_by_default[0])

    @tf.function
    def total(iterator):
        return tf.reduce_sum(next(iterator)) * v

    assert float(total(iter(data))) == 40.0
    made = tf.data.Dataset.from_generator(lambda: iter([tf.ones([2])]), output_signature=tf.TensorSpec([2]))
    assert [x.numpy().tolist() for x in made] == [[1, 1]]


def test_tf32_may_be_switched_off(gpus):
    x = tf.ones([4, 4])
    with tf.device("/GPU:0"):
        a = tf.matmul(x, x)
        tf.config.experimental.enable_tensor_float_32_execution(False)
        b = tf.matmul(x, x)
        c = tf.function(tf.matmul)(x, x)
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(a, c)


def test_jax_is_asked_only_where_a_plugin_is(monkeypatch):
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    for name in ("jax_plugins", None):
        finder = SimpleNamespace(find_spec=lambda each, name=name: each if each == name else None)
        monkeypatch.setattr(base_context, "PathFinder", finder)
        assert base_context._accelerators_are_likely() == (name is not None)
        with monkeypatch.context() as patch:
            patch.setenv("JAX_PLATFORMS", "cpu")
            assert not base_context._accelerators_are_likely()


def test_placed_tensors_have_a_class_of_their_own(gpus):
    with tf.device("/GPU:0"):
        assert type(matrix() + 1) is Placed
    assert type(matrix() + 1) is tf.Tensor
