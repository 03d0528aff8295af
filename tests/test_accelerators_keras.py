"""Keras trains on an accelerator, for which a CPU device of JAX's stands in."""

from __future__ import annotations

from typing import Any

import needs_keras  # noqa: F401 - skips these tests
import numpy as np
import pytest
from stand_ins import gpus as gpus
from stand_ins import gpus_by_default as gpus_by_default

import tapeflow as tf

keras = tf.keras


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("eager", [False, True])
def test_keras_trains_there(gpus_by_default, eager):
    x, y = np.random.RandomState(0).rand(32, 6, 4).astype(np.float32), np.arange(32) % 3

    def train() -> Any:
        keras.utils.set_random_seed(0)
        layers = [keras.layers.LSTM(4), keras.layers.BatchNormalization(), keras.layers.Dense(3)]
        model = keras.Sequential([keras.layers.Input((6, 4)), *layers])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"], run_eagerly=eager)
        history = model.fit(x, y, batch_size=16, epochs=2, verbose=0, shuffle=False).history
        return history["loss"], model, model.predict(x, verbose=0)

    losses, model, predicted = train()
    used = {v.value.device for v in (*model.trainable_variables, *model.optimizer.variables)}
    with tf.device("/CPU:0"):
        expected, _, there = train()
    assert used == {gpus_by_default[0]}
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    np.testing.assert_allclose(predicted, there, rtol=1e-3, atol=1e-5)
    keras.backend.clear_session()
