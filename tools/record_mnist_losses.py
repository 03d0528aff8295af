"""Record TensorFlow's losses over the first 100 steps of examples/mnist_mlp_tape.py.

    python tools/record_mnist_losses.py          (with a Python that has TensorFlow and matplotlib)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
STEPS = 100


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        losses = Path(folder) / "losses.txt"
        program = [sys.executable, ROOT / "examples" / "mnist_mlp_tape.py", "--steps", str(STEPS)]
        subprocess.run([*program, "--losses", losses, "--picture", Path(folder) / "picture.png"], check=True)
        values = [float(line) for line in losses.read_text().splitlines()]
    tensorflow = next(v for v in map(_version, ("tensorflow", "tensorflow-cpu")) if v)
    recording = {"tensorflow": tensorflow, "program": "examples/mnist_mlp_tape.py --seed 1", "losses": values}
    (ROOT / "tests" / "recordings" / "mnist_losses.json").write_text(json.dumps(recording, indent=0) + "\n")


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except ImportError:
        return ""


if __name__ == "__main__":
    main()
