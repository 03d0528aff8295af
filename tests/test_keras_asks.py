"""What Keras asks of `tf` besides training: specs, attributes of tensors, nested scratch graphs, sizes of batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import needs_keras  # noqa: F401 - skips these tests
import numpy as np
import pytest

import tapeflow as tf
from tapeflow.client.distribute_ops import compute_batch_size

keras = tf.keras
layers = keras.layers
Dataset = tf.data.Dataset

pytestmark = pytest.mark.filterwarnings("default")  # Keras warns of itself


class Head(layers.Layer):
    """A layer that Keras builds by calling it on placeholders, as it has no `build`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.inner = layers.Dense(10)

    def call(self, x: Any) -> Any:
        return {"head": self.inner(x)}

    def compute_output_shape(self, input_shape: Any) -> Any:
        return {"head": self.inner.compute_output_shape(input_shape)}


class Whole(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.first = layers.Dense(32)
        self.head = Head()

    def call(self, x: Any) -> Any:
        return self.head(self.first(x))


def test_layers_without_build_inside_one_another_know_their_shapes() -> None:
    model = Whole()
    model(np.zeros((1, 16)))
    assert model.get_build_config() == {"input_shape": (1, 16)}
    assert model.head.get_build_config() == {"input_shape": (1, 32)}
    lines: list[str] = []
    model.summary(print_fn=lambda text, line_break=False: lines.append(text))
    assert "?" not in "".join(lines)


def test_what_tracking_notes_is_no_part_of_files(tmp_path: Path) -> None:
    def model(size: int) -> Any:
        return keras.Sequential([layers.Input((3,)), layers.Dense(4), layers.Dense(size)])

    small, other = model(5), model(6)
    small.save(tmp_path / "small.keras")
    with pytest.raises(ValueError, match=r"must match\. variable\.shape=\(4, 6\), Received: value\.shape=\(4, 5\)"):
        other.load_weights(tmp_path / "small.keras")
    other.load_weights(tmp_path / "small.keras", skip_mismatch=True)
    np.testing.assert_array_equal(other.layers[0].kernel, small.layers[0].kernel)


@pytest.mark.parametrize(
    ("dataset", "size"),
    [
        (lambda: Dataset.range(10), -1),
        (lambda: Dataset.range(10).batch(3), 3),
        (lambda: Dataset.range(10).batch(tf.constant(3, tf.int64)), 3),
        (lambda: Dataset.range(10).batch(3).shuffle(2).repeat().prefetch(1).take(2).skip(1).cache(), 3),
        (lambda: Dataset.range(10).batch(3).map(lambda x: x + 1), -1),
        (lambda: Dataset.range(10).batch(3, drop_remainder=True).map(lambda x: x + 1), 3),
        (lambda: Dataset.range(10).batch(3).batch(2), 2),
        (lambda: Dataset.range(10).padded_batch(4, padded_shapes=[]), 4),
        (lambda: Dataset.range(10).batch(3, num_parallel_calls=2), -1),
        (lambda: Dataset.zip(Dataset.range(9).batch(3), Dataset.range(9).batch(3)), 3),
        (lambda: Dataset.zip(Dataset.range(9).batch(3), Dataset.range(9).batch(4)), -1),
        (lambda: Dataset.range(9).batch(3).concatenate(Dataset.range(9).batch(3)), 3),
        (lambda: Dataset.range(9).batch(3).concatenate(Dataset.range(9).batch(4)), -1),
        (lambda: Dataset.range(9).batch(3).unbatch(), -1),
        (lambda: Dataset.range(9).batch(3).rebatch(2), -1),
        (lambda: Dataset.from_tensors((np.zeros((5, 2)), np.zeros(5))), 5),
        (lambda: Dataset.range(9).window(3), -1),
    ],
)
def test_sizes_of_batches(dataset: Any, size: int) -> None:  # as TensorFlow finds them
    assert int(compute_batch_size(dataset())) == size


def test_generators_may_leave_inputs_out() -> None:
    first, second = layers.Input((2,), name="first"), layers.Input((2,), name="second", optional=True)

    class Sum(layers.Layer):
        def call(self, x: Any, y: Any = None) -> Any:
            return x if y is None else x + y

        def compute_output_shape(self, x: Any) -> Any:
            return x

    model = keras.Model({"first": first, "second": second}, layers.Dense(1)(Sum()(first, second)))
    model.compile("sgd", "mse")

    def batches() -> Any:
        for _ in range(3):
            yield {"first": np.ones((4, 2)), "second": None}, np.ones((4, 1))

    history = model.fit(batches(), verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def test_models_train_on_sparse_tensors_of_generators() -> None:
    keras.utils.set_random_seed(1)
    inputs = layers.Input((3,), sparse=True)
    model = keras.Model(inputs, layers.Dense(2)(inputs))
    model.compile("sgd", "mse", jit_compile=False)
    x = tf.sparse.from_dense([[0.0, 2.0, 0.0], [1.0, 0.0, 0.0]])

    def batches() -> Any:
        while True:
            yield x, np.ones((2, 2))

    losses = model.fit(batches(), steps_per_epoch=5, epochs=4, verbose=0).history["loss"]
    assert losses == sorted(losses, reverse=True)
    np.testing.assert_allclose(model.predict(x, verbose=0), model(tf.sparse.to_dense(x)), rtol=1e-6)


def test_products_of_sparse_tensors_of_several_dimensions() -> None:
    rng = np.random.RandomState(0)
    for shape in ((2, 3, 4), (2, 2, 3, 4)):
        a = np.where(rng.rand(*shape) < 0.3, rng.rand(*shape), 0).astype("float32")
        b = rng.rand(*shape[:-2], 4, 5).astype("float32")
        product = keras.ops.matmul(tf.sparse.from_dense(a), b)
        np.testing.assert_allclose(product, a @ b, rtol=1e-5, atol=1e-6)


def test_embeddings_in_four_bits_learn_low_rank_updates() -> None:
    layer = layers.Embedding(8, 6)
    layer.build()
    layer.quantize("int4")
    layer.enable_lora(2)
    assert [v.name for v in layer.trainable_variables] == ["lora_embeddings_a", "lora_embeddings_b"]
    with pytest.raises(AttributeError, match="'Tensor' object has no attribute 'trainable'"):
        _ = tf.constant(1).trainable


@pytest.mark.parametrize("q", [0.25, [0.25, 0.5]])
def test_quantiles_in_functions(q: Any) -> None:
    x = np.random.RandomState(1).rand(3, 4, 5).astype("float32")
    for axis in (None, 1, (0, 2)):
        found = tf.function(keras.ops.quantile)(tf.constant(x), tf.constant(q), axis=axis)
        np.testing.assert_allclose(found, np.quantile(x, q, axis=axis), rtol=1e-5)
    np.testing.assert_array_equal(keras.ops.unique(np.array([[2, 1], [1, 1], [2, 1]]), axis=0), [[1, 1], [2, 1]])


def test_calls_of_layers_may_be_functions() -> None:
    class Doubled(layers.Layer):
        @tf.function
        def call(self, x: Any, training: bool = False) -> Any:
            return 2 * x if training else x

    class Known(keras.Model):
        @tf.function(input_signature=[tf.TensorSpec([None, 1])])
        def call(self, inputs: Any) -> Any:
            return inputs + 1

    x = np.ones((2, 1), "float32")
    layer = Doubled()
    assert (layer(x) == 1).numpy().all() and (layer(x, training=True) == 2).numpy().all()
    np.testing.assert_array_equal(Known()(x), x + 1)
    model = keras.Sequential([layers.Input((1,)), Doubled(), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(x, x, verbose=0).history["loss"]).all()
