"""What goes wrong while a model is fitted; `tools/record_accidents.py` lets it go wrong on TensorFlow, too."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

CASES: dict[str, Callable[[Any], Any]] = {}


def case(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    CASES[function.__name__] = function
    return function


HERE = Path(__file__).parent


def run(tf: Any, name: str) -> dict[str, Any]:
    """What a case returns, and what it raises: the type, and the text as far as it does not name places in files."""
    tf.keras.utils.set_random_seed(7)
    tf.keras.backend.clear_session()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            found = {"returned": _plain(CASES[name](tf))}
        except Exception as error:
            found = {"error": type(error).__name__, "text": _shortened(str(error))}
    found["warned"] = sorted({_shortened(str(w.message)).split("\n")[0] for w in warned if w.category is UserWarning})
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return round(float(value), 4) if isinstance(value, (float, np.floating)) else value


def _shortened(text: str) -> str:
    """Without the places in files, which TensorFlow lists in the text and we in notes; without numbers of objects."""
    text = text.partition("\nTraceback (most recent call last):")[0].replace(f"{HERE}{os.sep}", "")
    text = re.sub(r"line \d+", "line _", text)
    lines = [re.sub(r"\s*\[Op:\w+\].*|\{\{[^}]*\}\} ?| at 0x[0-9a-f]+", "", line) for line in text.split("\n")]
    places = ("Graph execution error:", "Detected at node", "<stack traces unavailable>", '  File "', "\t [[")
    return "\n".join(line for line in lines if line and not line.startswith(places))


DATA = np.random.default_rng(5)
X = DATA.random((24, 4)).astype("float32")
Y = np.arange(24) % 3


def model(tf: Any, loss: Any = "sparse_categorical_crossentropy", **options: Any) -> Any:
    keras = tf.keras
    made = keras.Sequential([keras.Input([4]), keras.layers.Dense(5, "tanh"), keras.layers.Dense(3, "softmax")])
    made.compile("sgd", loss, **options)
    return made


def fit(tf: Any, x: Any, y: Any = None, epochs: int = 1, **options: Any) -> Any:
    options.setdefault("batch_size", None if y is None else 8)
    return model(tf).fit(x, y, epochs=epochs, verbose=0, shuffle=False, **options).history


@case
def too_many_features(tf: Any) -> Any:
    return fit(tf, np.zeros((8, 5), "float32"), Y[:8])


@case
def too_few_axes(tf: Any) -> Any:
    return fit(tf, np.zeros(8, "float32"), Y[:8])


@case
def too_many_axes(tf: Any) -> Any:
    return fit(tf, np.zeros((8, 2, 4), "float32"), Y[:8])


@case
def strings_as_data(tf: Any) -> Any:
    return fit(tf, np.array([["a"] * 4] * 8), Y[:8])


@case
def objects_as_data(tf: Any) -> Any:
    return fit(tf, np.array([[None] * 4] * 8), Y[:8])


@case
def strings_as_labels(tf: Any) -> Any:
    return fit(tf, X[:8], np.array(["cat"] * 8))


@case
def doubles(tf: Any) -> Any:
    return fit(tf, X.astype("float64"), Y.astype("float64"))


@case
def booleans(tf: Any) -> Any:
    return fit(tf, X > 0.5, Y.astype("uint8"))


@case
def complex_data(tf: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(tf, X.astype("complex64"), Y)


@case
def label_out_of_range(tf: Any) -> Any:
    return fit(tf, X, Y + 1)


@case
def negative_label(tf: Any) -> Any:
    return fit(tf, X, Y - 1)


@case
def label_out_of_range_of_logits(tf: Any) -> Any:
    made = model(tf, tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return made.fit(X, Y + 1, verbose=0).history


@case
def label_out_of_range_run_eagerly(tf: Any) -> Any:
    return model(tf, run_eagerly=True).fit(X, Y + 1, verbose=0).history


@case
def labels_of_another_shape(tf: Any) -> Any:
    return model(tf, "categorical_crossentropy").fit(X, np.eye(2)[Y % 2], verbose=0).history


@case
def sparse_labels_for_one_hot_loss(tf: Any) -> Any:
    return model(tf, "categorical_crossentropy").fit(X, Y, verbose=0).history


@case
def one_hot_labels_for_sparse_loss(tf: Any) -> Any:
    return model(tf).fit(X, np.eye(3)[Y], verbose=0).history


@case
def unequal_lengths(tf: Any) -> Any:
    return fit(tf, X, Y[:20])


@case
def unequal_lengths_of_datasets(tf: Any) -> Any:
    pairs = tf.data.Dataset.zip(tf.data.Dataset.from_tensor_slices(X), tf.data.Dataset.from_tensor_slices(Y[:17]))
    made = model(tf)
    made.fit(pairs.batch(8), verbose=0)
    return int(made.optimizer.iterations)


@case
def unequal_lengths_of_slices(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y[:20]))


@case
def no_data(tf: Any) -> Any:
    return fit(tf, X[:0], Y[:0])


@case
def an_empty_dataset(tf: Any) -> Any:
    return fit(tf, tf.data.Dataset.from_tensor_slices((X, Y)).batch(8).take(0))


@case
def a_dataset_that_gets_empty(tf: Any) -> Any:
    return fit(tf, tf.data.Dataset.from_tensor_slices((X, Y)).batch(8).filter(lambda x, y: False))


@case
def an_empty_dataset_predicts_nothing(tf: Any) -> Any:
    return model(tf).predict(tf.data.Dataset.from_tensor_slices(X).batch(8).take(0), verbose=0)


@case
def an_empty_dataset_evaluates_nothing(tf: Any) -> Any:
    return model(tf).evaluate(tf.data.Dataset.from_tensor_slices((X, Y)).batch(8).take(0), verbose=0)


@case
def runs_out_of_data(tf: Any) -> Any:
    return fit(tf, tf.data.Dataset.from_tensor_slices((X, Y)).batch(8), epochs=3, steps_per_epoch=4)


@case
def a_dataset_without_batches(tf: Any) -> Any:
    return fit(tf, tf.data.Dataset.from_tensor_slices((X, Y)))


@case
def a_dataset_without_labels(tf: Any) -> Any:
    return fit(tf, tf.data.Dataset.from_tensor_slices(X).batch(8))


@case
def labels_beside_a_dataset(tf: Any) -> Any:
    return fit(tf, tf.data.Dataset.from_tensor_slices(X).batch(8), Y, batch_size=None)


@case
def not_compiled(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.layers.Dense(1)]).fit(X, Y, verbose=0)


@case
def never_built(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.layers.Dense(1)]).summary()


@case
def an_unknown_loss(tf: Any) -> Any:
    return model(tf, "no_such_loss").fit(X, Y, verbose=0)


@case
def an_unknown_metric(tf: Any) -> Any:
    return model(tf, metrics=["no_such_metric"]).fit(X, Y, verbose=0)


@case
def validation_of_another_shape(tf: Any) -> Any:
    return fit(tf, X, Y, validation_data=(X[:, :3], Y))


@case
def weights_of_another_length(tf: Any) -> Any:
    return fit(tf, X, Y, sample_weight=np.ones(5))


@case
def a_class_without_weight(tf: Any) -> Any:
    return fit(tf, X, Y, class_weight={0: 1.0, 1: 2.0})


@case
def layers_that_do_not_fit(tf: Any) -> Any:
    keras = tf.keras
    return keras.layers.Conv2D(3, 5)(keras.Input([4, 4, 1]))


@case
def inputs_by_wrong_names(tf: Any) -> Any:
    keras = tf.keras
    a, b = keras.Input([2], name="a"), keras.Input([2], name="b")
    made = keras.Model({"a": a, "b": b}, keras.layers.Dense(1)(keras.layers.add([a, b])))
    made.compile("sgd", "mse")
    return made.fit({"a": X[:, :2], "c": X[:, 2:]}, Y, verbose=0)


@case
def nothing_to_train(tf: Any) -> Any:
    made = model(tf)
    made.trainable = False
    made.compile("sgd", "sparse_categorical_crossentropy")
    return made.fit(X, Y, verbose=0, shuffle=False).history


@case
def not_finite_data(tf: Any) -> Any:
    x = X.copy()
    x[10, 2] = np.nan
    return np.isnan(fit(tf, x, Y, epochs=3)["loss"]).tolist()


@case
def terminate_on_nan(tf: Any) -> Any:
    x = X.copy()
    x[10, 2] = np.nan
    steps: list[int] = []
    look = tf.keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    made = model(tf)
    history = made.fit(x, Y, batch_size=8, epochs=3, verbose=0, shuffle=False,
                       callbacks=[tf.keras.callbacks.TerminateOnNaN(), look])  # fmt: skip
    return steps, len(history.history["loss"]), made.stop_training


@case
def a_callback_raises(tf: Any) -> Any:
    def at_batch(batch: int, logs: Any) -> None:
        if batch == 1:
            raise KeyError("in the callback")

    return fit(tf, X, Y, callbacks=[tf.keras.callbacks.LambdaCallback(on_train_batch_end=at_batch)])


@case
def a_generator_raises(tf: Any) -> Any:
    def batches() -> Any:
        yield X[:8], Y[:8]
        raise KeyError("in the generator")

    return fit(tf, batches(), steps_per_epoch=3)


@case
def a_generator_of_a_dataset_raises(tf: Any) -> Any:
    def rows() -> Any:
        yield X[0], Y[0]
        raise KeyError("in the generator")

    signature = tf.TensorSpec([4]), tf.TensorSpec([], tf.int64)
    return fit(tf, tf.data.Dataset.from_generator(rows, output_signature=signature).batch(1))


@case
def a_generator_yields_another_shape(tf: Any) -> Any:
    def rows() -> Any:
        yield X[0], Y[0]
        yield X[0, :3], Y[0]

    signature = tf.TensorSpec([4]), tf.TensorSpec([], tf.int64)
    return fit(tf, tf.data.Dataset.from_generator(rows, output_signature=signature).batch(1))


@case
def a_py_dataset_raises(tf: Any) -> Any:
    class Batches(tf.keras.utils.PyDataset):  # type: ignore[misc, name-defined]
        def __len__(self) -> int:
            return 3

        def __getitem__(self, place: int) -> Any:
            if place == 1:
                raise KeyError("in the data")
            return X[:8], Y[:8]

    return fit(tf, Batches())


@case
def a_map_raises_while_traced(tf: Any) -> Any:
    def f(x: Any, y: Any) -> Any:
        raise KeyError("in the map")

    return fit(tf, tf.data.Dataset.from_tensor_slices((X, Y)).map(f).batch(8))


@case
def a_map_of_python_raises(tf: Any) -> Any:
    def f(x: Any) -> Any:
        raise KeyError("in the map")

    data = tf.data.Dataset.from_tensor_slices((X, Y))
    return fit(tf, data.map(lambda x, y: (tf.ensure_shape(tf.py_function(f, [x], tf.float32), [4]), y)).batch(8))


@case
def a_map_asserts(tf: Any) -> Any:
    def f(x: Any, y: Any) -> Any:
        tf.debugging.assert_less(y, tf.constant(2, tf.int64), message="too big")
        return x, y

    return fit(tf, tf.data.Dataset.from_tensor_slices((X, Y)).map(f).batch(8))


@case
def a_map_divides_by_zero(tf: Any) -> Any:
    data = tf.data.Dataset.from_tensor_slices((X, Y))
    return fit(tf, data.map(lambda x, y: (x, tf.constant(6, tf.int64) // (y - 1))).batch(8))


@case
def rows_that_do_not_batch(tf: Any) -> Any:
    rows = tf.data.Dataset.from_generator(lambda: [X[0], X[0, :2]], output_signature=tf.TensorSpec([None]))
    return fit(tf, rows.batch(3))


@case
def ignored_errors(tf: Any) -> Any:
    data = tf.data.Dataset.range(6).map(lambda i: tf.debugging.check_numerics(1.0 / tf.cast(i - 2, tf.float32), "no"))
    return [float(x) for x in data.ignore_errors()]
