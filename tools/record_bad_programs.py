"""Runs the bad programs of `tests/bad_*.py` on TensorFlow, and writes down what it says of them. Needs TensorFlow."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))


def save(path: Path, found: dict[str, Any]) -> None:
    """Writes a line for each program."""
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(outcomes)}" for name, outcomes in found.items())
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def main(part: str = "") -> None:
    """Records those that are not recorded yet, and those whose names have `part` in them."""
    import bad_control_flow  # noqa: F401 - fills the table
    import bad_functions  # noqa: F401
    import bad_ops  # noqa: F401
    import bad_programs
    import bad_state  # noqa: F401
    import tensorflow as tf

    path = TESTS / "recordings" / "bad_programs.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, case in bad_programs.CASES.items():
        if (part and part in name) or name not in known or known[name].keys() != set(case.modes):
            print(name, flush=True)  # TensorFlow may end the process
            known[name] = {mode: bad_programs.run(tf, name, mode) for mode in case.modes}
            save(path, known)
    found = {name: known[name] for name in bad_programs.CASES}
    save(path, found)
    print(f"{len(found)} bad programs, with TensorFlow {tf.__version__}")


if __name__ == "__main__":
    main(*sys.argv[1:])
