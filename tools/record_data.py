"""Keeps what TensorFlow makes of the tf.data programs of `tests/data_expressions.py`: `python tools/record_data.py`.

Run it in an environment that has TensorFlow. It writes `tests/recordings/data.json`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from data_expressions import EXPRESSIONS, RECORDING, names, result

if __name__ == "__main__":
    import tensorflow

    known = names(tensorflow)
    lines = [f"{json.dumps(each)}: {json.dumps(result(each, known))}" for each in EXPRESSIONS]
    RECORDING.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
