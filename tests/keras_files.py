"""Models whose files TensorFlow's Keras and Keras here exchange, and what is in such files.

`tools/record_keras_files.py` writes the files of each on TensorFlow; test_keras_files.py reads them and writes its own.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

RECORDING = Path(__file__).parent / "recordings" / "keras_files.zip"
KINDS = ("keras", "weights.h5", "h5")


def mlp(keras: Any) -> Any:
    """Batches normalised, dropout, a regularizer; trained for some steps, with Adam's slots."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((6,), name="in"),
            layers.Dense(8, activation="relu", kernel_regularizer="l2", name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dropout(0.5, seed=3, name="drop"),
            layers.Dense(3, activation="softmax", name="last"),
        ],
        name="mlp",
    )
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def cnn(keras: Any) -> Any:
    """Two inputs, two outputs, a layer shared, a nested model; momentum."""
    layers, losses = keras.layers, keras.losses
    inner = keras.Sequential([layers.Input((4, 4, 3)), layers.Conv2D(2, 2, name="inner_conv")], name="inner")
    first, second = layers.Input((6, 6, 1), name="first"), layers.Input((6, 6, 1), name="second")
    shared = layers.Conv2D(3, 3, activation="tanh", name="shared")
    a, b = inner(shared(first)), inner(shared(second))
    joined = layers.Concatenate(name="join")([layers.Flatten(name="a")(a), layers.Flatten(name="b")(b)])
    outputs = {"size": layers.Dense(1, name="size")(joined), "kind": layers.Dense(2, name="kind")(joined)}
    model = keras.Model([first, second], outputs, name="cnn")
    wanted = {"size": losses.MeanSquaredError(), "kind": losses.MeanAbsoluteError()}
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), wanted)
    return model


def rnn(keras: Any) -> Any:
    """An embedding, a bidirectional LSTM, a GRU; RMSprop."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((5,), dtype="int32", name="in"),
            layers.Embedding(7, 4, mask_zero=True, name="embedding"),
            layers.Bidirectional(layers.LSTM(3, return_sequences=True, name="lstm"), name="both"),
            layers.GRU(2, name="gru"),
            layers.Dense(1, name="last"),
        ],
        name="rnn",
    )
    model.compile(keras.optimizers.RMSprop(1e-2), keras.losses.MeanSquaredError())
    return model


MODELS = {"mlp": mlp, "cnn": cnn, "rnn": rnn}


def data(name: str) -> tuple[Any, Any]:
    """What a model is trained on, and asked about."""
    rng = np.random.RandomState(7)
    if name == "mlp":
        return rng.rand(8, 6).astype("float32"), rng.randint(0, 3, 8)
    if name == "cnn":
        images = [rng.rand(4, 6, 6, 1).astype("float32") for _ in range(2)]
        return images, {"size": rng.rand(4, 1).astype("float32"), "kind": rng.rand(4, 2).astype("float32")}
    return rng.randint(0, 7, (4, 5)), rng.rand(4, 1).astype("float32")


def trained(keras: Any, name: str) -> Any:
    """A model after three steps."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(11)
    model = MODELS[name](keras)
    x, y = data(name)
    for _ in range(3):
        model.train_on_batch(x, y)
    return model


def predictions(model: Any, name: str) -> dict[str, Any]:
    """What the model says of its data, by output."""
    found = model.predict(data(name)[0], verbose=0)
    return found if isinstance(found, dict) else {"out": found}


def next_losses(model: Any, name: str) -> Any:
    """The losses of two more steps of training: in the second shows what the optimizer knows, too."""
    found = [model.train_on_batch(*data(name), return_dict=True)["loss"] for _ in range(2)]
    return np.array([float(each) for each in found], np.float32)


def loaded(keras: Any, name: str, kind: str, folder: Path) -> Any:
    """The model that a file has; for a file of weights a new model that gets them."""
    keras.backend.clear_session()
    if kind != "weights.h5":
        return keras.models.load_model(path(name, kind, folder))
    model = MODELS[name](keras)
    model.load_weights(path(name, kind, folder))
    return model


def write(keras: Any, folder: Path) -> None:
    """Files of all kinds, and what the models say, in a folder."""
    for name in MODELS:
        model = trained(keras, name)
        for kind in KINDS:
            where = path(name, kind, folder)
            model.save_weights(where) if kind == "weights.h5" else model.save(where)
        said = predictions(model, name)
        for kind in ("keras", "weights.h5"):  # a model of Keras's `.h5` does not train on, on TensorFlow as well
            said[f"losses.{kind}"] = next_losses(loaded(keras, name, kind, folder), name)
        np.savez(folder / f"{name}.npz", **said)


def path(name: str, kind: str, folder: Path) -> Path:
    """Where a model's file is."""
    return folder / f"{name}.{kind}"


# -- what is in files


def contents(file: Path | bytes) -> Any:
    """A file as lists and dicts: names, shapes, dtypes, attributes; of numbers nothing."""
    data = file if isinstance(file, bytes) else file.read_bytes()
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: contents(archive.read(name)) for name in sorted(archive.namelist())}
    if data[:1] == b"{":
        return _plain(json.loads(data))
    return _tree(data)


def _tree(data: bytes) -> dict[str, Any]:
    import h5py

    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        entry: dict[str, Any] = {"attributes": {key: _attribute(value) for key, value in sorted(item.attrs.items())}}
        if hasattr(item, "shape"):
            entry |= {"shape": list(item.shape), "dtype": str(item.dtype)}
        found[name] = entry

    with h5py.File(io.BytesIO(data)) as file:
        visit("/", file)
        file.visititems(visit)
    return found


def _attribute(value: Any) -> Any:
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, str):
        return _plain(json.loads(value)) if value[:1] == "{" else value
    return np.asarray(value).astype(str).tolist()


def _plain(value: Any) -> Any:
    """JSON without what changes from day to day."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key not in ("date_saved", "shared_object_id")}
    if isinstance(value, list):
        return list(map(_plain, value))
    return value


if __name__ == "__main__":
    import sys

    import tapeflow

    write(tapeflow.keras, Path(sys.argv[1]))
