"""Records what TensorFlow gives for `tests/linear_operator_cases.py`: `python tools/record_linear_operators.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import tensorflow as tf

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from linear_operator_cases import answer, cases  # noqa: E402


def main() -> None:
    """Writes the recording, a case a line."""
    lines = [f"{json.dumps(case)}: {json.dumps(answer(case, tf))}" for case in cases()]
    path = ROOT / "tests" / "recordings" / "linear_operators.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
