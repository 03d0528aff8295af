"""Keras on tapeflow: training as TensorFlow trains, and what programs do with models besides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras_models
import needs_keras  # noqa: F401 - skips these tests
import numpy as np
import pytest

import tapeflow as tf
from tapeflow.engines import xla

keras = tf.keras
layers = keras.layers
RECORDED = json.loads((Path(__file__).parent / "recordings" / "keras.json").read_text())

pytestmark = pytest.mark.filterwarnings("default")  # Keras warns of itself


@pytest.fixture(autouse=True)
def _clean() -> Any:
    yield
    keras.backend.clear_session()


def small(**options: Any) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([layers.Input((12, 12, 1)), layers.Flatten(), layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(**{"optimizer": "adam", "loss": loss, **options})
    return model


# -- training


@pytest.mark.parametrize("name", keras_models.MODELS)
def test_training_follows_tensorflow(name: str) -> None:
    got = keras_models.curve(name)
    assert got.keys() == RECORDED[name].keys()
    for key, values in RECORDED[name].items():
        np.testing.assert_allclose(got[key], values, rtol=1e-3, atol=1e-3, err_msg=key)


def test_a_train_step_of_ones_own_is_the_usual_one() -> None:
    x, y = keras_models.data()

    class Own(keras.Sequential):  # type: ignore[misc]
        steps = 0

        def train_step(self, data: Any) -> Any:
            Own.steps += 1
            features, labels = data
            with tf.GradientTape() as tape:
                loss = self.compute_loss(features, labels, self(features, training=True))
            variables = self.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
            self.metrics[0].update_state(loss)
            return {"loss": self.metrics[0].result()}

    usual = small().fit(x, y, epochs=2, verbose=0, shuffle=False).history
    keras.utils.set_random_seed(1)
    own = Own([layers.Input((12, 12, 1)), layers.Flatten(), layers.Dense(10)])
    own.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    np.testing.assert_allclose(own.fit(x, y, epochs=2, verbose=0, shuffle=False).history["loss"], usual["loss"], 1e-5)
    assert Own.steps <= 2  # it was traced, and then ran as a graph


def test_losses_added_in_call_and_by_regularizers_count() -> None:
    class Penalty(layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            self.add_loss(0.5 * tf.reduce_mean(x))
            return x

    dense = layers.Dense(2, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(0.1))
    model = keras.Sequential([layers.Input((3,)), Penalty(), dense])
    model.compile("sgd", "mse")
    x = np.ones((4, 3), "float32")
    # the outputs are 3: mean of (3 - 3)^2, half the mean of the inputs, and 0.1 for each of six ones
    assert model.evaluate(x, np.full((4, 2), 3.0), verbose=0) == pytest.approx(0.5 + 0.6)
    assert len(model.losses) == 2


@pytest.mark.parametrize(
    "options",
    [
        {"run_eagerly": True},
        {"steps_per_execution": 3},
        pytest.param({"jit_compile": True}, marks=pytest.mark.skipif(not xla.available(), reason="needs JAX")),
    ],
)
def test_ways_to_run_train_alike(options: dict[str, Any]) -> None:
    x, y = keras_models.data()
    usual = small().fit(x, y, epochs=2, verbose=0, shuffle=False).history["loss"]
    got = small(**options).fit(x, y, epochs=2, verbose=0, shuffle=False).history["loss"]
    np.testing.assert_allclose(got, usual, rtol=1e-4)


def test_datasets_generators_and_arrays_train_alike() -> None:
    x, y = keras_models.data()
    usual = small().fit(x, y, epochs=2, batch_size=20, verbose=0, shuffle=False).history["loss"]
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(20).prefetch(2)
    np.testing.assert_allclose(small().fit(dataset, epochs=2, verbose=0).history["loss"], usual, rtol=1e-5)

    def batches() -> Any:
        while True:
            for i in range(0, 160, 20):
                yield x[i : i + 20], y[i : i + 20]

    got = small().fit(batches(), steps_per_epoch=8, epochs=2, verbose=0).history["loss"]
    np.testing.assert_allclose(got, usual, rtol=1e-5)


def test_class_weights_and_sample_weights_are_the_same_weights() -> None:
    x, y = keras_models.data()
    weights = {label: 1.0 + label / 10 for label in range(10)}
    by_class = small().fit(x, y, class_weight=weights, verbose=0, shuffle=False).history["loss"]
    each = np.array([weights[label] for label in y])
    by_sample = small().fit(x, y, sample_weight=each, verbose=0, shuffle=False).history["loss"]
    np.testing.assert_allclose(by_class, by_sample, rtol=1e-5)


def test_mixed_precision_computes_in_half_and_keeps_single() -> None:
    x, y = keras_models.data()
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        model = keras.Sequential([layers.Input((12, 12, 1)), layers.Flatten(), layers.Dense(16), layers.Dense(10)])
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    finally:
        keras.mixed_precision.set_global_policy("float32")
    losses = model.fit(x, y, epochs=3, verbose=0).history["loss"]
    assert model.layers[1].compute_dtype == "float16" and model.layers[1].kernel.dtype == "float32"
    assert type(model.optimizer).__name__ == "LossScaleOptimizer"
    assert losses[2] < losses[0] and model(x[:2]).dtype is tf.float16


# -- callbacks


def test_callbacks_are_called_in_order_and_see_logs() -> None:
    x, y = keras_models.data()
    seen: list[str] = []

    class Spy(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            seen.append(f"epoch {epoch}")

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(f"batch {batch}")
            assert np.isfinite(logs["loss"])

        def on_train_end(self, logs: Any = None) -> None:
            seen.append("end")

    small().fit(x, y, epochs=2, batch_size=80, verbose=0, callbacks=[Spy()])
    assert seen == ["epoch 0", "batch 0", "batch 1", "epoch 1", "batch 0", "batch 1", "end"]


def test_a_callback_that_raises_ends_training_with_its_error() -> None:
    class Stop(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            raise RuntimeError("enough")

    x, y = keras_models.data()
    model = small()
    with pytest.raises(RuntimeError, match="enough"):
        model.fit(x, y, verbose=0, callbacks=[Stop()])
    assert np.isfinite(model.fit(x, y, verbose=0).history["loss"]).all()  # and it trains on


def test_files_of_callbacks(tmp_path: Path) -> None:
    x, y = keras_models.data()
    callbacks = keras.callbacks
    model = small(metrics=["accuracy"])
    model.fit(
        x, y, epochs=3, validation_split=0.25, verbose=0,
        callbacks=[
            callbacks.CSVLogger(tmp_path / "log.csv"), callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras"),
            callbacks.TensorBoard(tmp_path / "board"), callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
        ],
    )  # fmt: skip
    header = (tmp_path / "log.csv").read_text().splitlines()[0]
    assert {"epoch", "accuracy", "loss", "val_accuracy", "val_loss"} <= set(header.split(","))
    assert sorted(p.name for p in tmp_path.glob("*.keras")) == ["1.keras", "2.keras", "3.keras"]
    assert {p.name for p in (tmp_path / "board").iterdir()} == {"train", "validation"}
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001 / 8)


def test_training_ends_where_nothing_gets_better_or_all_is_nan() -> None:
    x, y = keras_models.data()
    stop = keras.callbacks.EarlyStopping("loss", patience=1, min_delta=100.0)
    assert len(small().fit(x, y, epochs=9, verbose=0, callbacks=[stop]).history["loss"]) == 2
    nan = small().fit(x * np.nan, y, epochs=9, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN()])
    assert len(nan.history["loss"]) == 1


# -- saving


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_saved_models_come_back_and_train_on(name: str, tmp_path: Path) -> None:
    x, y = keras_models.data()
    model = keras_models.build("cnn")
    model.fit(x, y, verbose=0)
    model.save(tmp_path / name)
    again = keras.models.load_model(tmp_path / name)
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)
    assert again.count_params() == model.count_params()
    if name.endswith(".h5"):
        return
    mine, theirs = (m.fit(x, y, verbose=0, shuffle=False).history["loss"] for m in (model, again))
    np.testing.assert_allclose(mine, theirs, rtol=1e-4)  # the optimizer's state was saved, too


def test_custom_layers_are_saved_by_their_config(tmp_path: Path) -> None:
    @keras.utils.register_keras_serializable("tests")
    class Scale(layers.Layer):  # type: ignore[misc]
        def __init__(self, by: float, **options: Any) -> None:
            super().__init__(**options)
            self.by = by

        def build(self, shape: Any) -> None:
            self.offset = self.add_weight(shape=(shape[-1],), initializer="ones")

        def call(self, x: Any) -> Any:
            return x * self.by + self.offset

        def get_config(self) -> Any:
            return {**super().get_config(), "by": self.by}

    model = keras.Sequential([layers.Input((2,)), Scale(3.0)])
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again(np.float32([[1, 2]])), [[4, 7]])


# -- programs of Keras 2


def test_what_programs_for_keras_2_say(tmp_path: Path) -> None:
    class Old(layers.Layer):  # type: ignore[misc]
        def __init__(self, kernel: Any) -> None:
            super().__init__(kernel, "old")

        def call(self, x: Any) -> Any:
            return x

    assert Old([1, 2]).name == "old"
    assert layers.MaxPooling2D().pool_size == (2, 2)
    optimizer = keras.optimizers.SGD(lr=0.5, decay=0.1)
    assert float(optimizer.learning_rate) == pytest.approx(0.5)
    metric = keras.metrics.Mean()
    metric.update_state([1.0, 3.0])
    metric.reset_states()
    assert float(metric.result()) == 0.0
    model = small()
    weights = [w.copy() for w in model.get_weights()]
    model.save_weights(tmp_path / "weights.h5")
    model.set_weights([w * 0 for w in weights])
    model.load_weights(tmp_path / "weights.h5")
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])


# -- what goes wrong


def test_labels_of_the_wrong_shape_are_refused() -> None:
    x, y = keras_models.data()
    with pytest.raises(ValueError, match="Data cardinality is ambiguous"):
        small().fit(x, y[:7], verbose=0)
    with pytest.raises(ValueError, match="expected axis|incompatible with the layer|expected shape"):
        small().fit(x[:, :5], y, verbose=0)


def test_a_model_that_nothing_can_be_learned_in_is_refused() -> None:
    x, y = keras_models.data()
    model = keras.Sequential([layers.Input((12, 12, 1)), layers.Flatten(), layers.Dense(1)])
    model.add(layers.Lambda(tf.round))
    model.add(layers.Lambda(lambda values: tf.cast(tf.argmax(values, -1), tf.float32)))
    model.compile("adam", "mse")
    with pytest.raises(ValueError, match="No gradients provided for any variable"):
        model.fit(x, y, verbose=0)


def test_sparse_gradients_update_the_rows_that_were_read() -> None:
    keras.utils.set_random_seed(2)
    embedding = layers.Embedding(6, 3)
    model = keras.Sequential([layers.Input((2,), dtype="int32"), embedding, layers.Flatten(), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.build((None, 2))
    before = np.array(embedding.embeddings)
    model.fit(np.array([[0, 4]] * 8), np.ones((8, 1)), verbose=0)
    moved = (np.array(embedding.embeddings) != before).any(axis=1)
    assert moved.tolist() == [True, False, False, False, True, False]


def test_an_optimizer_knows_variables_that_are_arguments_of_a_function() -> None:
    def step(w: Any, optimizer: Any) -> None:
        with tf.GradientTape() as tape:
            loss = tf.square(w - 1.0)
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])

    w, traced = tf.Variable(2.0), tf.function(step)
    optimizers = [keras.optimizers.SGD(0.25, momentum=0.5) for _ in range(2)]
    for _ in range(2):  # traced twice: with the optimizer's own Variables made, and without
        traced(w, optimizers[0])
    assert w.numpy() == 1.0
    with pytest.raises(ValueError, match="only supports singleton tf.Variables created on the first call"):
        traced(w, optimizers[1])
