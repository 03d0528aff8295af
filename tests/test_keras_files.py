"""Files of Keras on TensorFlow load here and mean the same, and files written here have what those have."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import keras_files as files
import needs_keras  # noqa: F401 - skips these tests
import numpy as np
import pytest

import tapeflow as tf

keras = tf.keras
EVERY = [(name, kind) for name in files.MODELS for kind in files.KINDS]

pytestmark = pytest.mark.filterwarnings("default")  # Keras warns of itself


@pytest.fixture(autouse=True)
def _clean() -> Any:
    yield
    keras.backend.clear_session()


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that Keras on TensorFlow has written."""
    folder = tmp_path_factory.mktemp("theirs")
    with zipfile.ZipFile(files.RECORDING) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, written here."""
    folder = tmp_path_factory.mktemp("ours")
    files.write(keras, folder)
    return folder


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_their_models_say_here_what_they_said_there(name: str, kind: str, theirs: Path) -> None:
    model = files.loaded(keras, name, kind, theirs)
    with np.load(theirs / f"{name}.npz") as said:
        for output, value in files.predictions(model, name).items():
            np.testing.assert_allclose(value, said[output], rtol=1e-5, atol=1e-6)
        if f"losses.{kind}" in said:
            np.testing.assert_allclose(files.next_losses(model, name), said[f"losses.{kind}"], rtol=1e-4)
    if kind != "weights.h5":
        assert type(model.optimizer).__name__ == {"mlp": "Adam", "cnn": "SGD", "rnn": "RMSprop"}[name]
    if kind == "keras":
        assert int(model.optimizer.iterations) == 5


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_our_files_have_what_theirs_have(name: str, kind: str, theirs: Path, ours: Path) -> None:
    assert files.contents(files.path(name, kind, ours)) == files.contents(files.path(name, kind, theirs))


@pytest.mark.parametrize("name", files.MODELS)
def test_our_files_say_what_theirs_say(name: str, theirs: Path, ours: Path) -> None:
    with np.load(theirs / f"{name}.npz") as there, np.load(ours / f"{name}.npz") as here:
        assert set(here) == set(there)
        for key in there:
            np.testing.assert_allclose(here[key], there[key], rtol=1e-3, atol=1e-6)  # trained on each side


def test_a_model_of_an_old_file_trains_once_it_is_compiled_anew(theirs: Path) -> None:
    model = files.loaded(keras, "mlp", "h5", theirs)
    with pytest.raises(ValueError, match="Unknown variable"):  # as on TensorFlow: Keras has built the optimizer before
        model.train_on_batch(*files.data("mlp"))
    model.compile("adam", "sparse_categorical_crossentropy")
    assert np.isfinite(files.next_losses(model, "mlp")).all()
