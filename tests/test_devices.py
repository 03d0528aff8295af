"""Devices and `tf.config`. What an accelerator adds is shown with stand-ins for JAX's devices."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

import tapeflow as tf
from tapeflow.base.context import settings
from tapeflow.base.devices import canonical
from tapeflow.engines import devices


@pytest.fixture
def gpus(monkeypatch):
    """Two GPUs, as JAX would show them."""
    stats = {"bytes_in_use": 5, "peak_bytes_in_use": 9}
    jax_devices = [
        SimpleNamespace(platform="gpu", device_kind="Great GPU", compute_capability="9.0", memory_stats=lambda: stats)
        for _ in range(2)
    ]
    monkeypatch.setattr(devices, "plugins", lambda: ("xla_cuda13",))
    monkeypatch.setattr(devices.xla, "devices", lambda: jax_devices)
    monkeypatch.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    monkeypatch.setattr(settings, "hidden_devices", frozenset())
    monkeypatch.setattr(settings, "logical_devices", {})
    devices._accelerators.cache_clear()
    yield [tf.config.PhysicalDevice(f"/physical_device:GPU:{i}", "GPU") for i in range(2)]
    devices._accelerators.cache_clear()


def run(code: str) -> str:
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cpu:0", "/device:CPU:0"), ("/GPU:1", "/device:GPU:1"), ("gpu", "/device:GPU:*"), ("", ""),
        ("/device:CPU:*", "/device:CPU:*"), ("/job:w/task:1/gpu:0", "/job:w/task:1/device:GPU:0"),
        ("/job:localhost/replica:0/task:0/device:CPU:0", "/job:localhost/replica:0/task:0/device:CPU:0"),
        ("device:XLA_GPU:2", "/device:XLA_GPU:2"),
    ],
)  # fmt: skip
def test_names(name, expected):
    assert canonical(name) == expected


@pytest.mark.parametrize("name", ["foo:0", "XLA_CPU:0", "/cpu:x"])
def test_names_of_none(name):
    with pytest.raises(ValueError, match=f"is encountered while parsing the device spec: '{name}'"):
        canonical(name)


def test_scopes_are_merged():
    with tf.Graph().as_default():
        with tf.device("/job:w/gpu:0"):
            assert tf.constant(1.0).device == "/job:w/device:GPU:0"
            with tf.device("cpu:0"):
                assert tf.constant(1.0).device == "/job:w/device:CPU:0"
            with tf.device(None):
                assert tf.constant(1.0).device == ""
        assert tf.constant(1.0).device == ""


def test_the_cpu_is_known_without_jax():
    code = (
        "import sys, tapeflow as tf\n"
        "tf.config.list_physical_devices(), tf.config.list_logical_devices('GPU'), tf.test.is_gpu_available()\n"
        "from tapeflow.engines import devices\n"
        "print('jax' in sys.modules or bool(devices.plugins()))"
    )
    assert run(code) == "False\n" or devices.plugins()


def test_accelerators(gpus):
    assert tf.config.list_physical_devices("GPU") == gpus
    assert [one.name for one in tf.config.list_logical_devices()] == ["/device:CPU:0", "/device:GPU:0", "/device:GPU:1"]
    details = {"device_name": "Great GPU", "compute_capability": (9, 0)}
    assert tf.config.experimental.get_device_details(gpus[0]) == details
    tf.config.experimental.set_memory_growth(gpus[0], True)
    assert tf.config.experimental.get_memory_growth(gpus[0])
    assert tf.config.experimental.get_memory_info("GPU:1") == {"current": 5, "peak": 9}
    assert tf.config.experimental.get_memory_usage("/gpu:0") == 5
    assert tf.test.is_gpu_available(cuda_only=True, min_cuda_compute_capability=(8, 0))
    assert not tf.test.is_gpu_available(min_cuda_compute_capability=(10, 0))
    assert tf.test.gpu_device_name() == "/device:GPU:0"
    assert tf.test.is_built_with_cuda() and not tf.test.is_built_with_rocm()


def test_visible_devices(gpus):
    tf.config.set_visible_devices(gpus[1:], "GPU")
    assert tf.config.get_visible_devices("GPU") == gpus[1:]
    assert [one.name for one in tf.config.list_logical_devices("GPU")] == ["/device:GPU:0"]
    tf.config.set_visible_devices([], "GPU")
    assert tf.config.list_logical_devices("GPU") == []
    assert len(tf.config.get_visible_devices()) == 1
    tf.config.set_visible_devices(tf.config.list_physical_devices())
    assert tf.config.get_visible_devices("GPU") == gpus
    with pytest.raises(ValueError, match="Unrecognized device"):
        tf.config.set_visible_devices(tf.config.PhysicalDevice("/physical_device:GPU:7", "GPU"), "GPU")


def test_logical_devices(gpus):
    configuration = tf.config.LogicalDeviceConfiguration
    assert configuration(memory_limit=3) == (3, None, None)
    tf.config.experimental.set_virtual_device_configuration(gpus[0], [configuration(1024), configuration(1024)])
    assert [one.name for one in tf.config.list_logical_devices("GPU")] == [f"/device:GPU:{i}" for i in range(3)]
    assert len(tf.config.get_logical_device_configuration(gpus[0])) == 2
    assert tf.config.get_logical_device_configuration(gpus[1]) is None
    cpu = tf.config.list_physical_devices("CPU")[0]
    with pytest.raises(ValueError, match="Setting memory limit on CPU virtual devices is currently not supported"):
        tf.config.set_logical_device_configuration(cpu, [configuration(10)])


def test_placing_on_what_is_there(gpus):
    tf.config.set_soft_device_placement(False)
    try:
        with tf.device("gpu:1"), tf.device("/device:GPU:*"):
            pass
        with pytest.raises(tf.errors.InvalidArgumentError, match="Could not satisfy device specification '/gpu:2'"):
            tf.device("/gpu:2").__enter__()
    finally:
        tf.config.set_soft_device_placement(True)


def test_memory_of_what_is_not_there():
    info = tf.config.experimental.get_memory_info
    assert info("CPU:0") == {"current": 0, "peak": 0}
    with pytest.raises(ValueError, match="No matching devices found for 'TPU:0'"):
        info("TPU:0")
    for name in ("foo", "CPU"):
        with pytest.raises(ValueError, match=f"Failed parsing device name: '{name}'"):
            info(name)
    with pytest.raises(KeyError):
        tf.config.experimental.get_memory_growth(tf.config.list_physical_devices("CPU")[0])


def test_hints():
    optimizer = tf.config.optimizer
    before = settings.optimizer_options
    settings.optimizer_options = {}
    assert optimizer.get_experimental_options() == {"disable_model_pruning": False, "disable_meta_optimizer": False}
    try:
        optimizer.set_experimental_options({"constant_folding": True})
        assert optimizer.get_experimental_options()["constant_folding"]
    finally:
        settings.optimizer_options = before
    for given, jit in ((True, "autoclustering"), (False, ""), ("autoclustering", "autoclustering"), ("", "")):
        optimizer.set_jit(given)
        assert optimizer.get_jit() == jit


def test_threads():
    code = (
        "import numpy as np, tapeflow as tf\n"
        "tf.config.threading.set_intra_op_parallelism_threads(1)\n"
        "tf.config.threading.set_inter_op_parallelism_threads(3)\n"
        "from tapeflow.engines import host\n"
        "host.parallel(lambda start, stop: None, 100, 1)\n"
        "print(host._pool.cores, host._pool.started, tf.config.threading.get_intra_op_parallelism_threads(),"
        " tf.config.threading.get_inter_op_parallelism_threads())\n"
        "tf.config.threading.set_intra_op_parallelism_threads(2)\n"
        "host.parallel(lambda start, stop: None, 100, 1)\n"
        "try: tf.config.threading.set_intra_op_parallelism_threads(4)\n"
        "except RuntimeError as error: print(error)\n"
    )
    assert run(code).splitlines() == [
        "1 False 1 3", "Intra op parallelism cannot be modified after initialization."
    ]  # fmt: skip


def test_determinism():
    code = (
        "import tapeflow as tf\n"
        "tf.config.experimental.enable_op_determinism()\n"
        "print(tf.random.normal([2], seed=3).shape, tf.random.stateless_normal([2], seed=[1, 2]).shape)\n"
        "try: tf.random.normal([2])\n"
        "except RuntimeError as error: print(error)\n"
        "tf.random.set_seed(1)\n"
        "print(tf.random.normal([2]).shape)\n"
        "from tapeflow.graph.plan import Plan\n"
        "f = tf.function(lambda x: x * 2.0)\n"
        "print(isinstance(f.get_concrete_function(tf.TensorSpec([2])).engine, Plan))\n"
    )
    assert run(code).splitlines() == [
        "(2,) (2,)",
        "Random ops require a seed to be set when determinism is enabled. Please set a seed before running the op, "
        "e.g. by calling tf.random.set_seed(1).",
        "(2,)",
        "True",
    ]
