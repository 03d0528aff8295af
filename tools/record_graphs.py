"""Writes down what TensorFlow shows of the graphs of `tests/shown_graphs.py`. Needs TensorFlow."""

from __future__ import annotations

import json
import sys
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))


def main() -> None:
    import shown_graphs
    import tensorflow as tf

    cases = {name: case for name, case in shown_graphs.cases(tf).items() if name not in shown_graphs.DIFFERENT}
    found = {name: shown_graphs.shown(tf, case) for name, case in cases.items()}
    path = TESTS / "recordings" / "graphs.json"
    path.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(found)} graphs, with TensorFlow {tf.__version__}")


if __name__ == "__main__":
    main()
