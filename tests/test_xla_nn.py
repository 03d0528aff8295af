"""XLA kernels of networks where the op table's small cases do not reach: big arrays, wide windows, ties, bad labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core.op import OPS, Op
from tapeflow.ops import philox, philox_xla
from tapeflow.testing import observe_ops

OPS.load()  # all families, also those that load at first use

jax = pytest.importorskip("jax")

pytestmark = pytest.mark.usefixtures("wide_types")

RANDOM = np.random.RandomState(3)


def floats(*shape: int) -> Any:
    return tf.constant(RANDOM.randn(*shape).astype(np.float32))


def ties(*shape: int) -> Any:
    """Small whole numbers, so that most windows have several largest ones; a NaN and infinities."""
    x = RANDOM.randint(-2, 3, shape).astype(np.float32)
    x.reshape(-1)[:4] = np.nan, -np.inf, np.inf, np.inf
    return tf.constant(x)


def on_xla(op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> list[Any]:
    """The results of an op's XLA kernel, compiled."""
    kernel = op.kernels.get("xla")

    def run(*arrays: Any) -> Any:
        supply = iter(arrays)
        args = [next(supply) if isinstance(x, tf.Tensor) else x for x in inputs]
        return kernel(jax, *args, **attrs) if kernel else op.kernel(jax.numpy, *args, **attrs)

    result = jax.jit(run)(*(x._array for x in inputs if isinstance(x, tf.Tensor)))
    return list(result) if isinstance(result, (tuple, list)) else [result]


def same(function: Callable[..., Any], *inputs: Any, rtol: float = 1e-5) -> None:
    """Runs a function and its first and second gradients on the host, and each op that ran on XLA."""
    with observe_ops() as calls, tf.GradientTape() as outer:
        outer.watch(inputs)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            y = function(*inputs)
        grads = [g for g in tape.gradient(y, inputs, tf.cos(y)) if g is not None]
        total = tf.add_n([tf.reduce_sum(tf.sin(g)) for g in grads])
    outer.gradient(total, inputs)
    for call in calls:
        for ours, theirs in zip(on_xla(OPS[call.op], call.inputs, call.attrs), call.outputs, strict=True):
            size = max(largest(x) for x in (theirs, *call.inputs) if isinstance(x, tf.Tensor))
            np.testing.assert_allclose(ours, theirs.numpy(), rtol, rtol * size, err_msg=call.op)


def largest(x: Any) -> float:
    sizes = np.abs(x.numpy())
    return float(sizes[np.isfinite(sizes)].max(initial=0))


@pytest.mark.parametrize(
    ("size", "strides", "padding"),
    [
        (2, 2, "VALID"),
        (2, 2, "SAME"),
        (3, 2, "SAME"),
        (3, 1, "VALID"),
        (5, 2, "SAME"),
        (5, 5, "VALID"),
        (11, 4, "SAME"),
    ],
)
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pooling(kind: str, size: int, strides: int, padding: str) -> None:
    pool = tf.nn.max_pool2d if kind == "max" else tf.nn.avg_pool2d
    x = ties(2, 11, 10, 3) if kind == "max" else floats(2, 11, 10, 3)
    same(lambda x: pool(x, size, strides, padding), x)


def test_a_window_as_large_as_the_image() -> None:
    same(lambda x: tf.nn.max_pool2d(x, [7, 9], 1, "VALID"), ties(2, 7, 9, 3))
    same(lambda x: tf.nn.avg_pool2d(x, [7, 9], 1, "VALID"), floats(2, 7, 9, 3))


def test_bias_gradient_of_a_big_array() -> None:
    same(lambda x, b: tf.nn.bias_add(x, b), floats(16, 28, 28, 12), floats(12))


def test_batch_normalization_of_a_big_array() -> None:
    op, v = OPS["FusedBatchNormV3"], floats(12)
    same(lambda x, s, b: op(x, s, b, v, v, epsilon=1e-3)[0], floats(16, 28, 28, 12), floats(12), floats(12), rtol=3e-5)


def test_softmax_of_a_big_array() -> None:
    same(tf.nn.softmax, floats(100, 2000))
    same(tf.nn.log_softmax, floats(100, 2000))
    labels = tf.nn.softmax(floats(100, 2000))
    same(lambda x: tf.nn.softmax_cross_entropy_with_logits(labels, x), floats(100, 2000))
    classes = tf.constant(RANDOM.randint(0, 2000, 100))
    same(lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits(classes, x), floats(100, 2000))


def test_labels_that_are_no_classes_give_nan() -> None:
    op = OPS["SparseSoftmaxCrossEntropyWithLogits"]
    loss, backprop = on_xla(op, (tf.zeros([3, 2]), tf.constant([0, 2, -1])), {})
    np.testing.assert_allclose(loss, [np.log(2), np.nan, np.nan], 1e-6)
    np.testing.assert_allclose(backprop, [[-0.5, 0.5], [np.nan, np.nan], [np.nan, np.nan]], 1e-6)


def test_depthwise_convolution_of_a_big_array() -> None:
    same(
        lambda x, w: tf.nn.depthwise_conv2d(x, w, [1, 2, 2, 1], "SAME"), floats(4, 30, 31, 12), floats(3, 3, 12, 2),
        rtol=3e-5,
    )  # fmt: skip


@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_uniform_numbers_are_the_same_across_a_carry(dtype: str, size: int) -> None:
    numpy_dtype = tf.as_dtype(dtype).as_numpy_dtype
    low, high, key = 2**64 - 3, 2**64 - 1, 0x0123456789ABCDEF
    expected = philox.uniform(philox.Stream(key, high << 64 | low), size, numpy_dtype)

    def draw(key: Any, counter: Any) -> Any:
        return philox_xla.uniform(philox_xla.stream_of(jax, key, counter), size, numpy_dtype)

    ours = jax.jit(draw)(np.array([key], np.uint64), np.array([low, high], np.uint64))
    np.testing.assert_array_equal(np.asarray(ours).view(np.uint8), expected.view(np.uint8))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_truncated_normal_numbers_are_the_same(dtype: str) -> None:
    expected = philox.truncated_normal(philox.Stream(7, 9), 5001, dtype)

    def draw(key: Any, counter: Any) -> Any:
        return philox_xla.truncated_normal(philox_xla.stream_of(jax, key, counter), 5001, dtype)

    ours = jax.jit(draw)(np.array([7], np.uint64), np.array([9, 0], np.uint64))
    np.testing.assert_allclose(ours, expected, 1e-4, 1e-6)


@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("window", [2, 3])
def test_a_bias_before_relu_and_max_pool(data_format: str, padding: str, window: int) -> None:
    """Its gradient adds up what windows get: no cells of the images, but the same."""
    rng = np.random.default_rng(window)
    x = tf.constant(rng.normal(size=(2, 7, 6, 5)).astype(np.float32))
    axes = (0, 1, 2) if data_format == "NHWC" else (0, 2, 3)
    bias = tf.constant(rng.normal(size=[n if i not in axes else 1 for i, n in enumerate(x.shape)]).astype(np.float32))

    def gradients(x: Any, bias: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch((x, bias))
            y = tf.nn.bias_add(x + bias, tf.reshape(bias, [-1]), data_format)
            y = tf.nn.max_pool2d(tf.nn.relu(y), window, 2, padding, data_format)
            loss = tf.reduce_sum(y * y)
        return tape.gradient(loss, (x, bias))

    compiled = tf.function(gradients, jit_compile=True)(x, bias)
    for one, other in zip(compiled, gradients(x, bias)):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("axes", [(0, 1, 2), (-4, 1, -2), (1, 2), (0, 1), 3, (0, 1, 2, 3)])
def test_sums_of_a_gradient_through_relu_and_max_pool(axes: Any) -> None:
    x = tf.constant(np.random.default_rng(0).normal(size=(2, 4, 6, 5)).astype(np.float32))

    def summed(x: Any, keepdims: bool) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.max_pool2d(tf.nn.relu(x), 2, 2, "VALID")
            loss = tf.reduce_sum(y * y)
        return tf.reduce_sum(tape.gradient(loss, x), axes, keepdims)

    for keepdims in (False, True):
        compiled = tf.function(summed, jit_compile=True)(x, keepdims)
        np.testing.assert_allclose(compiled.numpy(), summed(x, keepdims).numpy(), rtol=1e-5)
