"""`tf.compat.v1`: functions with their old arguments give what TensorFlow gives."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest
from expressions import alike, named, result
from v1_expressions import EXPRESSIONS, RECORDING, SETUP

import tapeflow as tf

RECORDED = json.loads(RECORDING.read_text())
NAMES = named(SETUP, tf)
v1 = tf.compat.v1


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str) -> None:
    mine, theirs = result(expression, NAMES), RECORDED[expression]
    assert mine[0] == theirs[0], f"{mine[1]}\n{theirs[1]}"
    assert alike(mine[1], theirs[1]), f"{mine[1]}\n{theirs[1]}"


def test_gradients_of_graphs() -> None:
    @tf.function
    def f(x: Any) -> Any:
        return v1.gradients([x * x], [x], colocate_gradients_with_ops=True)

    assert f(tf.constant(3.0))[0].numpy() == 6.0


def test_gradients_flow_through_old_functions() -> None:
    x = tf.Variable(np.arange(32.0, dtype="float32").reshape(1, 4, 4, 2))
    with tf.GradientTape() as tape:
        y = v1.reduce_sum(v1.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID") ** 2, reduction_indices=[1, 2, 3])
    gradient = tape.gradient(y, x)
    assert gradient.shape == x.shape and np.count_nonzero(gradient) == 8
    logits = tf.Variable(np.zeros((2, 1, 3), "float32"))
    labels = tf.SparseTensor([[0, 0]], [1], [1, 1])
    with tf.GradientTape() as tape:
        loss = v1.nn.ctc_loss(labels, logits, [2])
    assert np.isfinite(tape.gradient(loss, logits)).all()
    targets = tf.Variable([[1.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = v1.nn.softmax_cross_entropy_with_logits(targets, [[1.0, 2.0]])
    assert tape.gradient(loss, targets) is None


def test_arguments_that_there_never_were() -> None:
    with pytest.raises(TypeError):
        v1.reduce_sum([1.0], axes=0)
    with pytest.raises(TypeError):
        v1.nn.conv2d()
    with pytest.raises(ValueError, match="Cannot specify both 'dimension' and 'axis'"):
        v1.argmax([1.0], 0, dimension=0)
    with pytest.raises(AttributeError, match=r"no `tf.compat.v1.image.resize_twice` \(yet\)"):
        _ = v1.image.resize_twice
    assert "input_tensor" in inspect.signature(v1.reduce_sum).parameters
