"""Lets go wrong on TensorFlow what `tests/fit_accidents.py` has, and writes down what comes of it. Needs TensorFlow."""

from __future__ import annotations

import json
import sys
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))


def main() -> None:
    import fit_accidents
    import tensorflow as tf

    found = {name: fit_accidents.run(tf, name) for name in fit_accidents.CASES}
    path = TESTS / "recordings" / "accidents.json"
    path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(found)} accidents, with TensorFlow {tf.__version__}")


if __name__ == "__main__":
    main()
