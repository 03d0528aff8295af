"""Keeps how TensorFlow's raw ops are called, a line for each: `python tools/record_raw_ops.py`.

Run it in an environment that has TensorFlow.
"""

from __future__ import annotations

import gzip
import inspect
import os
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf

KEPT = Path(__file__).parent.parent / "tests" / "recordings" / "raw_ops.txt.gz"


def line(name: str) -> str:
    """`Name arg ... attribute=default ...`, separated by tabs; dtypes as `tf.name`."""
    found = [name]
    for parameter in inspect.signature(getattr(tf.raw_ops, name)).parameters.values():
        default: Any = parameter.default
        shown = f"tf.{default.name}" if isinstance(default, tf.DType) else repr(default)
        found.append(parameter.name if default is parameter.empty else f"{parameter.name}={shown}")
    return "\t".join(found)


if __name__ == "__main__":
    names = [name for name in dir(tf.raw_ops) if not name.startswith("_")]
    KEPT.write_bytes(gzip.compress("\n".join(map(line, names)).encode(), mtime=0))
    print(f"{len(names)} ops, {KEPT.stat().st_size} bytes")
