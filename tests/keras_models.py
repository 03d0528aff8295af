"""Small models whose training tools/record_keras.py records on TensorFlow, and tests/test_keras.py repeats here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def data() -> tuple[Any, Any]:
    """160 pictures of noise with a bright row, which is the label."""
    random = np.random.RandomState(0)
    pictures = random.rand(160, 12, 12, 1).astype("float32")
    labels = random.randint(0, 10, 160)
    pictures[np.arange(160), labels] += 0.7
    return pictures, labels


def mlp(layers: Any) -> list[Any]:
    """Dense layers with dropout and batch normalization."""
    return [layers.Flatten(), layers.Dense(32, "relu"), layers.BatchNormalization(), layers.Dropout(0.3)]


def cnn(layers: Any) -> list[Any]:
    """Convolutions and pooling."""
    return [layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D(2), layers.Conv2D(8, 3), layers.Flatten()]


def lstm(layers: Any) -> list[Any]:
    """A recurrent layer over the rows."""
    return [layers.Reshape((12, 12)), layers.LSTM(16)]


def gru(layers: Any) -> list[Any]:
    """Two recurrent layers, one in both directions."""
    return [layers.Reshape((12, 12)), layers.Bidirectional(layers.GRU(6, return_sequences=True)), layers.GRU(8)]


def attention(layers: Any) -> list[Any]:
    """Normalization, convolution in one dimension and pooling of sequences."""
    return [
        layers.Reshape((12, 12)), layers.LayerNormalization(), layers.Conv1D(8, 3, padding="causal"),
        layers.GlobalAveragePooling1D(),
    ]  # fmt: skip


MODELS: dict[str, tuple[Callable[[Any], list[Any]], str]] = {
    "mlp": (mlp, "adam"),
    "cnn": (cnn, "adam"),
    "lstm": (lstm, "adam"),
    "gru": (gru, "rmsprop"),
    "sequence": (attention, "adamw"),
    "mlp with sgd": (mlp, "sgd"),
    "mlp with nadam": (mlp, "nadam"),
    "mlp with ftrl": (mlp, "ftrl"),
}


def build(name: str, seed: int = 7) -> Any:
    """A model, from a seed, ready for training."""
    import keras

    keras.utils.set_random_seed(seed)
    make, optimizer = MODELS[name]
    layers = keras.layers
    model = keras.Sequential([layers.Input((12, 12, 1)), *make(layers), layers.Dense(10, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def curve(name: str) -> dict[str, list[float]]:
    """Losses of training with shuffling, then evaluation and some predictions."""
    x, y = data()
    model = build(name)
    history = model.fit(x, y, batch_size=32, epochs=4, validation_split=0.2, verbose=0).history
    found = {key: [round(float(value), 6) for value in values] for key, values in history.items()}
    found["evaluate"] = [round(float(value), 6) for value in model.evaluate(x, y, verbose=0)]
    found["predict"] = [round(float(value), 6) for value in model.predict(x[:3], verbose=0).ravel()]
    return found
