"""Records what Keras on TensorFlow gives for the models of tests/keras_models.py: run it with a Python that has both.

    python tools/record_keras.py
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"


def main() -> None:
    """Writes tests/recordings/keras.json."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    sys.path.insert(0, str(TESTS))
    import keras_models

    curves = {name: keras_models.curve(name) for name in keras_models.MODELS}
    (TESTS / "recordings" / "keras.json").write_text(json.dumps(curves, indent=1) + "\n")


if __name__ == "__main__":
    main()
