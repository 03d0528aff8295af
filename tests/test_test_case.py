"""`tf.test`, `tf.DeviceSpec`, `tf.sysconfig` and such: what TensorFlow 2.21 answers."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


class Case(tf.test.TestCase):
    __test__ = False

    def runTest(self) -> None:
        """Nothing."""


def test_assertions():
    case = Case()
    case.assertAllClose({"a": [1.0, tf.constant([2.0])]}, {"a": [1.0, [2.0 + 1e-9]]})
    case.assertAllEqual(tf.constant([b"a"]), ["a"])
    case.assertAllEqual(float("nan"), float("nan"))
    case.assertShapeEqual(np.ones(2), tf.ones(2))
    case.assertAllInRange([1, 2], 1, 2)
    case.assertAllCloseAccordingToType(np.float16(1), np.float16(1.001))
    assert case.evaluate({"a": tf.constant(1), "b": [tf.Variable(2.0)]}) == {"a": 1, "b": [2.0]}
    with case.cached_session() as session:
        assert session.run(tf.constant(3)) == 3
    with case.assertRaisesOpError("Incompatible"):
        tf.ones([2]) + tf.ones([3])
    for fails in (
        lambda: case.assertAllClose([1.0, 2.0], [1.0, 2.1]), lambda: case.assertAllClose([1.0], [1.0, 2.0]),
        lambda: case.assertAllEqual([1], [2]), lambda: case.assertNotAllClose([1.0], [1.0]),
        lambda: case.assertAllGreater([1.0, 2.0], 1.5), lambda: case.assertAllInSet([1, 2], {1}),
        lambda: case.assertLen([1], 2), lambda: case.assertNear(1.0, 2.0, 0.1),
    ):  # fmt: skip
        with pytest.raises(AssertionError):
            fails()
    with pytest.raises(ValueError, match="Can't compare dict to non-dict"):
        case.assertAllClose({"a": 1.0}, [1.0])


def test_compute_gradient():
    tape, differences = tf.test.compute_gradient(lambda x, y: x * y, [tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])])
    np.testing.assert_array_equal(tape[0], [[3, 0], [0, 4]])
    np.testing.assert_allclose(differences, tape, rtol=1e-3)
    tape, differences = tf.test.compute_gradient(lambda x: tf.math.conj(x) * 2, [tf.constant([1 + 2j], tf.complex64)])
    np.testing.assert_allclose(tape[0], [[2, 0], [0, -2]])
    np.testing.assert_allclose(differences[0], tape[0], atol=1e-3)


@pytest.mark.parametrize(
    ("function", "x", "error", "said"),
    [
        (lambda x: x * x, 1, AssertionError, "Cannot compute gradient for unsupported type int32 of argument 0"),
        (lambda x: tf.cast(x, tf.int32), 1.0, AssertionError, "for unsupported type int32 of y"),
        (lambda x: (x[:0], lambda g: tf.ones([2])), [1.0, 2.0], ValueError, "Empty tensor with nonzero gradients"),
        (
            lambda x: (x[:0], lambda g: tf.ones([3])), [1.0, 2.0], ValueError,
            r"Empty gradient has wrong shape: expected \(2,\), got \(3,\)",
        ),
    ],
)  # fmt: skip
def test_compute_gradient_refuses(function, x, error, said):
    function = function if error is AssertionError else tf.custom_gradient(function)
    with pytest.raises(error, match=said):
        tf.test.compute_gradient(function, [x])


def test_compute_gradient_of_nothing():
    for tape, differences in zip(*tf.test.compute_gradient(lambda x, y: x[:0], [[1.0, 2.0], 3.0])):
        assert tape.shape == differences.shape
        assert len(tape) == 0


def test_device_specs():
    spec = tf.DeviceSpec(job="ps", replica=1, task=2, device_type="GPU", device_index=3)
    assert spec.to_string() == "/job:ps/replica:1/task:2/device:GPU:3"
    assert tf.DeviceSpec.from_string(spec.to_string()) == spec
    assert repr(spec) == "<DeviceSpec(job=ps, replica=1, task=2, device_type=GPU, device_index=3)>"
    assert tf.DeviceSpec(device_type="GPU").to_string() == "/device:GPU:*"
    with pytest.raises(ValueError, match="Unknown attribute 'foo' is encountered"):
        tf.DeviceSpec.from_string("/foo:1")
    with tf.device(tf.DeviceSpec(device_type="CPU", device_index=0)):
        assert tf.constant(1).device.endswith("CPU:0")


def test_settings():
    experimental = tf.config.experimental
    experimental.set_device_policy("explicit")
    assert experimental.get_device_policy() == "explicit"
    experimental.set_device_policy(None)
    with pytest.raises(ValueError, match="Invalid argument `device_policy`: 'x'"):
        experimental.set_device_policy("x")
    experimental.set_synchronous_execution(False)
    assert experimental.get_synchronous_execution() is False
    experimental.set_synchronous_execution(True)
    assert tf.version.GRAPH_DEF_VERSION > 0
    assert (tf.version.GRAPH_DEF_VERSION_MIN_CONSUMER, tf.version.GRAPH_DEF_VERSION_MIN_PRODUCER) == (0, 0)
    assert tf.sysconfig.CXX_VERSION == 201703
    assert tf.AggregationMethod.EXPERIMENTAL_ACCUMULATE_N == 2


def test_hessians_and_specs():
    @tf.function
    def curvature(x, y):
        return tf.hessians(tf.reduce_sum(x * x * x) * y * y, [x, y])

    first, second = curvature(tf.constant([1.0, 2.0]), tf.constant(3.0))
    np.testing.assert_allclose(first, [[54, 0], [0, 108]])
    np.testing.assert_allclose(second, 18)
    assert tf.type_spec_from_value(np.ones(3)) == tf.TensorSpec([3], tf.float64)
    assert tf.type_spec_from_value("a") == tf.TensorSpec([], tf.string)
    with pytest.raises(TypeError, match="Could not build a TypeSpec for"):
        tf.type_spec_from_value({"a": 1})
