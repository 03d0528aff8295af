"""Runs the op table on TensorFlow and keeps what it does: `python tools/record_ops.py [family ...]`.

Run it in an environment that has TensorFlow. Recording again what has not changed gives the same bytes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # its kernels give other last digits on other processors
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import recorded
import rows
import tensorflow as tf
from optable import Case


def record(family: str) -> list[str]:
    """Writes the recordings of a family; returns what its rows say wrongly of TensorFlow."""
    complaints: list[str] = []
    table = [(row, [(case, recorded.run(tf, case)) for case in row.cases]) for row in rows.load(family)]
    for _, cases in table:
        for case, outcome in cases:
            complaints += complain(case, outcome)
    recorded.save(family, table)
    refused = sum(outcome.error is not None for _, cases in table for _, outcome in cases)
    print(f"{family}: {len(table)} rows, {sum(len(cases) for _, cases in table)} cases, {refused} of them errors")
    return complaints


def complain(case: Case, outcome: recorded.Outcome) -> list[str]:
    if outcome.error and not case.error:
        return [f"{case.id}: TensorFlow refuses it: {': '.join(outcome.error)}"]
    if case.error and not outcome.error:
        return [f"{case.id}: has error={case.error!r}, but TensorFlow accepts it"]
    if outcome.grad_error:
        return [f"{case.id}: TensorFlow has no gradient here, say grad=False: {': '.join(outcome.grad_error)}"]
    return []


if __name__ == "__main__":
    tf.get_logger().setLevel("ERROR")
    found = [complaint for family in sys.argv[1:] or rows.families() for complaint in record(family)]
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(bool(found))
