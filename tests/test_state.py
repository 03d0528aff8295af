"""Initializers, scopes, devices, and `tf.function` as a plain call."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import tapeflow as tf


def raises(error, text, call, *args, **kwargs):
    with pytest.raises(error) as caught:
        call(*args, **kwargs)
    assert str(caught.value) == text


# --- initializers


def test_zeros_and_ones():
    zeros = tf.zeros_initializer()([2, 3])
    assert (zeros.dtype, zeros.shape, zeros.numpy().any()) == (tf.float32, [2, 3], np.False_)
    assert tf.zeros_initializer()([2], tf.bool).numpy().tolist() == [False, False]
    assert tf.ones_initializer()(shape=(2,), dtype=tf.float64).numpy().tolist() == [1.0, 1.0]
    assert tf.ones_initializer()([4], partition_shape=[2], partition_offset=[0]).shape == [2]
    text = "Argument `dtype` expected to be numeric or boolean. Received <dtype: 'string'>."
    raises(ValueError, text, tf.zeros_initializer(), [2], dtype=tf.string)
    text = "Keyword argument should be one of ['partition_shape', 'partition_offset']. Received: foo"
    raises(TypeError, text, tf.zeros_initializer(), [2], foo=3)


def test_constants():
    assert tf.constant_initializer(3)([2, 2]).numpy().tolist() == [[3, 3], [3, 3]]
    assert tf.constant_initializer(3)([2], tf.float32).dtype is tf.float32
    assert tf.constant_initializer([1, 2, 3, 4])([2, 2]).numpy().tolist() == [[1, 2], [3, 4]]
    raises(
        TypeError,
        "Eager execution of tf.constant with unsupported shape. Tensor [1 2 3] (converted from [1, 2, 3]) has 3 "
        "elements, but got `shape` (2,) with 2 elements).",
        tf.constant_initializer([1, 2, 3]),
        [2],
    )


def test_random():
    normal = tf.random_normal_initializer(1.0, 0.1, seed=1)([1000])
    assert abs(normal.numpy().mean() - 1.0) < 0.02
    uniform = tf.random_uniform_initializer(-1.0, 1.0)([1000]).numpy()
    assert -1.0 <= uniform.min() < -0.9 < 0.9 < uniform.max() < 1.0
    text = "Argument `dtype` is expected to be floating point. Received: <dtype: 'int32'>."
    raises(ValueError, text, tf.random_normal_initializer(), [2], tf.int32)


def test_configs():
    assert tf.zeros_initializer().get_config() == {}
    assert tf.constant_initializer(3).get_config() == {"value": 3}
    assert tf.random_normal_initializer().get_config() == {"mean": 0.0, "stddev": 0.05, "seed": None}
    uniform = tf.random_uniform_initializer(maxval=2.0)
    assert type(uniform).from_config(uniform.get_config()).get_config() == {
        "minval": -0.05,
        "maxval": 2.0,
        "seed": None,
    }


def test_of_variables():
    assert tf.Variable(lambda: tf.ones_initializer()([2, 2])).shape == [2, 2]


# --- scopes


def test_name_scopes_nest():
    scope = tf.name_scope("a")
    with scope as name:
        assert name == "a/"
        with tf.name_scope("b") as inner:
            assert inner == "a/b/"
            with tf.name_scope("c/") as absolute:
                assert absolute == "c/"
                with tf.name_scope("") as top:
                    assert top == ""
            with scope as again:
                assert again == "a/b/a/"
        assert tf.Variable(1.0).name == "a/Variable:0"
    assert scope.name == "a"
    for name in (None, 5):
        raises(ValueError, "name for name_scope must be a string.", tf.name_scope, name)
    with pytest.raises(ZeroDivisionError), tf.name_scope("a"):
        _ = 1 / 0
    assert tf.Variable(1.0).name == "Variable:0"


def test_what_is_for_graphs():
    assert tf.executing_eagerly() is True
    assert tf.group(1, 2) is None
    assert tf.no_op() is None
    with tf.control_dependencies([tf.Variable(1.0)]), tf.control_dependencies(None):
        pass
    with pytest.raises(TypeError):
        tf.control_dependencies(lambda: None)


def test_init_scope_is_not_recorded():
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        with tf.init_scope():
            y = v * v
        z = v * y
    assert tape.gradient(z, v).numpy() == 4.0


# --- devices


def test_there_is_one_cpu():
    cpu = tf.config.list_physical_devices()
    assert repr(cpu) == "[PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]"
    assert repr(tf.config.list_logical_devices("CPU")) == "[LogicalDevice(name='/device:CPU:0', device_type='CPU')]"
    assert tf.config.list_physical_devices("GPU") == tf.config.experimental.list_logical_devices("GPU") == []
    tf.config.set_visible_devices([], "GPU")
    tf.config.experimental.set_visible_devices(cpu, "CPU")
    tf.config.set_visible_devices(cpu[0])
    assert tf.config.get_visible_devices() == cpu
    raises(
        RuntimeError, "Visible devices cannot be modified after being initialized", tf.config.set_visible_devices, []
    )
    grow = tf.config.experimental.set_memory_growth
    raises(ValueError, "Cannot set memory growth on non-GPU and non-Pluggable devices", grow, cpu[0], True)
    raises(ValueError, "Unrecognized device: 'GPU:0'", grow, "GPU:0", True)
    assert tf.config.experimental.get_device_details(cpu[0]) == {}
    assert not tf.test.is_gpu_available()
    assert not tf.test.is_built_with_cuda()
    assert tf.test.gpu_device_name() == ""


@pytest.mark.parametrize(
    "name", ["cpu:0", "/cpu:0", "/device:CPU:0", "/job:localhost/replica:0/task:0/device:CPU:0", "GPU", None]
)
def test_device(name):
    with tf.device(name):
        assert tf.Variable(1.0).device == "/job:localhost/replica:0/task:0/device:CPU:0"
    with tf.device(tf.config.list_logical_devices()[0]):
        pass


def test_devices_that_are_none():
    text = "Unknown attribute 'bogus' is encountered while parsing the device spec: 'bogus'."
    raises(ValueError, text, tf.device("bogus").__enter__)
    tf.config.set_soft_device_placement(False)
    try:
        assert not tf.config.get_soft_device_placement()
        with pytest.raises(tf.errors.InvalidArgumentError, match="Could not satisfy device specification '/gpu:0'"):
            tf.device("/gpu:0").__enter__()
        with tf.device("/CPU:0"):
            pass
    finally:
        tf.config.set_soft_device_placement(True)


# --- functions


def test_functions_return_tensors():
    @tf.function
    def f(x, y=2):
        """Gives things back."""
        seen.append((type(x), type(y)))
        return {"a": x, "b": [y, None, np.float64(1), "text", np.arange(2), True]}

    seen: list = []
    result = f(np.ones(2), 3)
    assert isinstance(seen[0][0], type) and issubclass(seen[0][0], tf.Tensor)
    assert seen[0][1] is int
    assert result["a"].dtype is tf.float64
    assert [None if x is None else x.dtype for x in result["b"]] == [
        tf.int32, None, tf.float64, tf.string, tf.int64, tf.bool,
    ]  # fmt: skip
    assert (f.__name__, f.__doc__) == ("f", "Gives things back.")
    assert f.python_function.__name__ == "f"
    assert tf.function(f).python_function is f  # as in TensorFlow


def test_functions_are_differentiated():
    @tf.function(reduce_retracing=True, experimental_relax_shapes=True)
    def square(x):
        return x * x

    v = tf.Variable(5.0)
    with tf.GradientTape() as tape:
        y = square(v)
    assert tape.gradient(y, v).numpy() == 10.0


def test_methods_can_be_functions():
    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(3.0)

        @tf.function
        def __call__(self, x):
            return x * self.w

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def twice(self, x):
            return 2.0 * x * self.w

    model = Model()
    assert model(2.0).numpy() == 6.0
    assert model.twice(2).numpy() == 12.0


def test_input_signature():
    f = tf.function(lambda x: x * 2.0, input_signature=[tf.TensorSpec([None], tf.float32)])
    assert f([1, 2]).dtype is f(np.array([1.0, 2.0])).dtype is tf.float32
    with pytest.raises(TypeError) as caught:
        f(1.0)
    assert str(caught.value).startswith(
        "Binding inputs to tf.function failed due to `Can not cast TensorSpec(shape=(), dtype=tf.float32, name=None) "
        "to TensorSpec(shape=(None,), dtype=tf.float32, name=None)`. Received args: (1.0,) and kwargs: {}"
    )
    with pytest.raises(TypeError, match="missing a required argument: 'x'"):
        f()
    raises(TypeError, "5 is not a callable object", tf.function, 5)
    text = "input_signature must be either a tuple or a list, got <class 'int'>."
    raises(TypeError, text, tf.function, f, input_signature=5)
    text = "input_signature contains 1 extra type constraints."
    raises(TypeError, text, tf.function, lambda x: x, input_signature=[tf.TensorSpec([])] * 2)


def test_running_functions_eagerly():
    assert not tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    assert tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(False)

    @tf.autograph.experimental.do_not_convert
    def f(x):
        return x

    assert f(1) == tf.autograph.experimental.do_not_convert()(f)(1) == 1


# --- namespaces


def test_compat():
    assert tf.compat.as_bytes("a") == b"a" == tf.compat.as_bytes(b"a")
    assert tf.compat.as_text(b"a") == tf.compat.as_str("a") == tf.compat.as_str_any(b"a") == "a"
    assert tf.compat.as_str_any(5) == "5"
    raises(TypeError, "Expected binary or unicode string, got 5", tf.compat.as_bytes, 5)
    assert tf.compat.dimension_value(3) == 3
    assert tf.compat.v2 is tf


def test_namespaces():
    assert tf.version.VERSION == tf.__version__
    assert tf.version.VERSION.startswith("2.21.0")
    assert tf.nest.flatten([1, (2,)]) == [1, 2]
    assert issubclass(tf.errors.InvalidArgumentError, tf.errors.OpError)
    assert tf.autodiff.GradientTape is tf.GradientTape
    for missing in ("tf.config.experimental_connect_to_cluster", "tf.test.Benchmark", "tf.compat.v1.Session"):
        with pytest.raises(AttributeError):
            eval(missing)


def test_the_logger():
    code = "import tapeflow as tf; tf.get_logger().warning('look out')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr == "WARNING:tensorflow:look out\n"
