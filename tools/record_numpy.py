"""Records what TensorFlow gives for the expressions of `tests/numpy_cases.py`: `python tools/record_numpy.py`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as onp
import tensorflow as tf

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from numpy_cases import ENABLED, cases, described  # noqa: E402

NAMES = {"np": tf.experimental.numpy, "tf": tf, "onp": onp}


def enabled(prefer_float32: bool) -> dict[str, object]:
    """What the expressions give with NumPy's behaviour, which lasts until the process ends."""
    tf.experimental.numpy.experimental_enable_numpy_behavior(prefer_float32=prefer_float32)
    return {expression: described(expression, NAMES) for expression in [*ENABLED, *cases()]}


def repaired(value: object, with_behavior: object) -> object:
    """A result; some of TensorFlow's functions fail in their own code until NumPy's behaviour is enabled."""
    failed = isinstance(value, dict) and value.get("error") in ("AttributeError", "InvalidArgumentError", "TypeError")
    return with_behavior if failed else value


def main() -> None:
    """Writes the recording."""
    if len(sys.argv) > 1:
        print(json.dumps(enabled(sys.argv[1] == "float32")))
        return
    recording = {"plain": {expression: described(expression, NAMES) for expression in cases()}}
    for mode in ("float64", "float32"):
        output = subprocess.run([sys.executable, __file__, mode], check=True, capture_output=True, text=True).stdout
        found = json.loads(output.splitlines()[-1])
        recording[mode] = {expression: found[expression] for expression in ENABLED}
        if mode == "float64":
            recording["plain"] = {key: repaired(value, found[key]) for key, value in recording["plain"].items()}
    path = ROOT / "tests" / "recordings" / "numpy.json"
    path.write_text(json.dumps(recording, indent=0) + "\n")


if __name__ == "__main__":
    main()
