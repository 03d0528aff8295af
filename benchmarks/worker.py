"""One framework in a process of its own: `worker.py FRAMEWORK`.

Reads lines `ROW SECONDS` from standard input. For each, times the row's work for about that long and answers with a
JSON line: the median time of one call in seconds, and the mean of what the work gave, so that frameworks are compared.
"""

from __future__ import annotations

import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

BATCHES = 15


def calls_in(work: Callable[[], Any], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        work()
    return time.perf_counter() - start


def median_time(work: Callable[[], Any], seconds: float) -> float:
    """Seconds a call takes: the median over batches, each of as many calls as fill its share of `seconds`."""
    count = 1
    while (spent := calls_in(work, count)) < seconds / BATCHES / 2 and count < 1 << 20:
        count *= 2
    count = max(1, round(count * seconds / BATCHES / spent))
    batches = max(3, min(BATCHES, int(seconds * count / spent)) if count == 1 else BATCHES)
    return statistics.median(calls_in(work, count) / count for _ in range(batches))


def main() -> None:
    framework = sys.argv[1]
    module = importlib.import_module(framework)
    programs = importlib.import_module("programs_torch" if framework == "torch" else "programs_tf")
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints must not mix with the answers
    current, work, value = "", None, 0.0
    for line in sys.stdin:
        row, seconds = line.split()
        if row != current:
            work = None  # frees the last row's data
            current, work = row, getattr(programs, row)(module)
            result = work()
            value = float(np.mean(result.detach().numpy() if framework == "torch" else result.numpy()))
        print(json.dumps({"seconds": median_time(work, float(seconds)), "value": value}), file=answers, flush=True)


if __name__ == "__main__":
    main()
