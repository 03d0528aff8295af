"""Writes the files of the models of tests/keras_files.py, as Keras on TensorFlow writes them, and what the models say.

    python tools/record_keras_files.py [--read FOLDER]

Run it in an environment that has TensorFlow and the Keras of this project's tests. With `--read` it loads files that
Keras on tapeflow wrote into a folder (`python tests/keras_files.py FOLDER` there) and compares what the models say.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import keras_files


def record(keras: Any) -> None:
    """Packs all kinds of files of all models."""
    with tempfile.TemporaryDirectory() as folder:
        keras_files.write(keras, Path(folder))
        with zipfile.ZipFile(keras_files.RECORDING, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in sorted(Path(folder).iterdir()):
                archive.write(each, each.name)


def read(keras: Any, folder: Path) -> None:
    """Loads what Keras on tapeflow wrote; raises if a model says something else than it did there."""
    for name in keras_files.MODELS:
        with np.load(folder / f"{name}.npz") as said:
            for kind in keras_files.KINDS:
                model = keras_files.loaded(keras, name, kind, folder)
                for key, value in keras_files.predictions(model, name).items():
                    np.testing.assert_allclose(value, said[key], rtol=1e-5, atol=1e-6)
                if f"losses.{kind}" in said:
                    losses = keras_files.next_losses(model, name)
                    np.testing.assert_allclose(losses, said[f"losses.{kind}"], rtol=1e-4)
                print(name, kind, "says the same, and learns as it did")


if __name__ == "__main__":
    import keras

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--read", type=Path)
    options = parser.parse_args()
    record(keras) if options.read is None else read(keras, options.read)
