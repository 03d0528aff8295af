"""Runs the programs of `tests/random_streams.py` on TensorFlow and keeps what they draw.

Run it in an environment that has TensorFlow. Recording again what has not changed gives the same bytes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import random_recorded
import tensorflow as tf
from random_streams import PROGRAMS

if __name__ == "__main__":
    tf.get_logger().setLevel("ERROR")
    outcomes = {name: random_recorded.run(tf, program) for name, program in PROGRAMS.items()}
    random_recorded.save(outcomes)
    print(f"{len(outcomes)} programs, {sum(isinstance(outcome, str) for outcome in outcomes.values())} of them refused")
