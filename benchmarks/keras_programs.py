"""A Keras model in a process of its own: `keras_programs.py FRAMEWORK PROGRAM WARM BEGUN MEASURE...`.

The same code runs on every framework. The model starts from weights that NumPy draws, and sees its first epoch in the
order of the digits, so that losses can be compared. Prints a JSON line: `start`, the seconds from BEGUN, a time.time(),
to the end of the first epoch; `value`, its mean loss; and for each MEASURE its seconds: an `epoch`, `predict`,
`evaluate`, after WARM seconds of the same. The program `ready` imports Keras, and answers with the seconds from BEGUN.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

DIGITS = Path(__file__).parent.parent / "examples" / "data" / "mnist_10k.npz"
REPEATS = 3  # a figure is the median of so many epochs, or calls
SOME = 3200  # digits to train on, where peers take long


class Case(NamedTuple):
    """A compiled model, and what it is trained on: the first `count` of the digits."""

    model: Any
    images: Any
    labels: Any
    batch_size: int = 64
    count: int | None = None


def load(framework: str) -> Any:
    """Keras on that framework."""
    if framework in ("tapeflow", "tensorflow"):
        import importlib

        tf = importlib.import_module(framework)
        assert tf.keras.Sequential
    os.environ["KERAS_BACKEND"] = "tensorflow" if framework == "tapeflow" else framework
    import keras

    return keras


def digits() -> tuple[Any, Any]:
    """Images as float32 (10000, 28, 28) in [0, 1] and labels as int32 (10000,)."""
    import numpy as np

    with np.load(DIGITS) as file:
        images = np.concatenate([file["x_train"], file["x_test"]]).astype(np.float32) / 255
        return images, np.concatenate([file["y_train"], file["y_test"]]).astype(np.int32)


def prewitt(keras: Any) -> Case:
    """The model of examples/mnist_prewitt_cnn.py, its layer written for any backend."""
    import numpy as np

    class Edges(keras.layers.Layer):
        def build(self, input_shape: Any) -> None:
            across = np.array([[1, 0, -1]] * 3, np.float32)
            self.filters = keras.ops.convert_to_tensor(np.stack([across, across.T], axis=-1)[:, :, np.newaxis, :])

        def call(self, images: Any) -> Any:
            return keras.ops.abs(keras.ops.conv(images[..., None], self.filters, padding="same"))

        def compute_output_shape(self, input_shape: Any) -> Any:
            return (*input_shape, 2)

    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((28, 28)), Edges(), layers.Flatten(), layers.Dense(10, activation="softmax")]
    )
    model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy", metrics=["accuracy"])
    images, labels = digits()
    return Case(model, images, np.eye(10, dtype=np.float32)[labels], 100)


def mlp(keras: Any) -> Case:
    layers = keras.layers
    hidden = [layers.Input((28, 28)), layers.Flatten(), layers.Dense(128, activation="relu")]
    return Case(_classifier(keras, hidden), *digits())


def cnn(keras: Any) -> Case:
    layers = keras.layers
    hidden = [
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
    ]
    images, labels = digits()
    return Case(_classifier(keras, hidden), images[..., None], labels, count=SOME)


def lstm(keras: Any) -> Case:
    """Reads a digit row by row."""
    return Case(_classifier(keras, [keras.layers.Input((28, 28)), keras.layers.LSTM(128)]), *digits(), count=SOME)


def _classifier(keras: Any, hidden: list[Any]) -> Any:
    model = keras.Sequential([*hidden, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


PROGRAMS: dict[str, Callable[[Any], Case]] = {"prewitt": prewitt, "mlp": mlp, "cnn": cnn, "lstm": lstm}


def draw_weights(model: Any) -> None:
    """Weights that are the same with every framework."""
    import numpy as np

    random = np.random.default_rng(0)
    model.set_weights([random.normal(0.0, 0.05, x.shape).astype(np.float32) for x in model.get_weights()])


def timed(work: Callable[[], Any], warm: float) -> float:
    """The median seconds of a call, after `warm` seconds of calls."""
    times: list[float] = []
    until = time.perf_counter() + warm
    while len(times) < REPEATS:
        begin = time.perf_counter()
        work()
        if begin > until:
            times.append(time.perf_counter() - begin)
    return statistics.median(times)


def run(framework: str, program: str, warm: float, begun: float, measures: list[str]) -> dict[str, float]:
    """What the process finds out."""
    keras = load(framework)
    if program == "ready":
        return {"ready": time.time() - begun, "value": 0.0}
    model, images, labels, batch_size, count = PROGRAMS[program](keras)
    draw_weights(model)
    some = images[:count], labels[:count]
    first = model.fit(*some, batch_size=batch_size, shuffle=False, verbose=0)
    answer: dict[str, float] = {"start": time.time() - begun, "value": first.history["loss"][0]}
    if "epoch" in measures:
        clock = epoch_clock(keras, warm)
        model.fit(*some, batch_size=batch_size, epochs=10**6, verbose=0, callbacks=[clock])
        answer["epoch"] = statistics.median(clock.times)
    if "predict" in measures:
        answer["predict"] = timed(lambda: model.predict(images, batch_size=batch_size, verbose=0), warm)
    if "evaluate" in measures:
        answer["evaluate"] = timed(lambda: model.evaluate(images, labels, batch_size=batch_size, verbose=0), warm)
    return answer


def epoch_clock(keras: Any, warm: float) -> Any:
    """A callback that lets train for `warm` seconds, then times epochs, then ends the training."""

    class Clock(keras.callbacks.Callback):
        until = time.perf_counter() + warm

        def __init__(self) -> None:
            super().__init__()
            self.times: list[float] = []

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.begin = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if self.begin > self.until:
                self.times.append(time.perf_counter() - self.begin)
            self.model.stop_training = len(self.times) >= REPEATS

    return Clock()


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints must not mix with the answer
    framework, program, warm, begun, *measures = sys.argv[1:]
    print(json.dumps(run(framework, program, float(warm), float(begun), measures)), file=answers, flush=True)


if __name__ == "__main__":
    main()
