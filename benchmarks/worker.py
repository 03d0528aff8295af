"""One framework in a process of its own: `worker.py FRAMEWORK GROUP MODE`.

Reads lines `PROGRAM WARM SECONDS` from standard input. For each, calls the program's work for about WARM seconds, then
times it for about SECONDS, and answers with a JSON line: the seconds of the first call, the median seconds of a call,
the mean of what the third call gave, so that frameworks are compared, and the process's peak memory in MiB; or an
error.
"""

from __future__ import annotations

import functools
import importlib
import json
import statistics
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

BATCHES = 15
SUFFIX = {"tapeflow": "tf", "tensorflow": "tf", "torch": "torch", "jax": "jax"}  # programs_tf.py, ...

Work = Callable[[], Any]


def calls_in(work: Work, count: int, finish: Callable[[Any], Any] = id) -> float:
    """Seconds that so many calls take, until `finish` says that the last result is there."""
    start = time.perf_counter()
    for _ in range(count):
        result = work()
    finish(result)
    return time.perf_counter() - start


def median_time(work: Work, seconds: float, finish: Callable[[Any], Any] = id) -> float:
    """Seconds a call takes: the median over batches, each of as many calls as fill its share of `seconds`."""
    count = 1
    while (spent := calls_in(work, count, finish)) < seconds / BATCHES / 2 and count < 1 << 20:
        count *= 2
    count = max(1, round(count * seconds / BATCHES / spent))
    batches = max(3, min(BATCHES, int(seconds * count / spent)) if count == 1 else BATCHES)
    return statistics.median(calls_in(work, count, finish) / count for _ in range(batches))


class Program:
    """A program's work, called three times: the first call is timed, the third is what is compared."""

    def __init__(self, framework: str, group: str, mode: str, name: str) -> None:
        module = importlib.import_module(framework)
        make = getattr(importlib.import_module(f"{group}_{SUFFIX[framework]}"), name)
        self.work: Work = make(module, compiler(module, mode)) if group == "functions" else make(module)
        self.finish: Callable[[Any], Any] = finisher(module)
        self.first = calls_in(self.work, 1, self.finish)
        self.work()
        result = self.work()
        array = np.asarray(result.detach() if framework == "torch" else result)
        self.value = float(array.mean(dtype=np.float64))

    def measure(self, warm: float, seconds: float) -> dict[str, float]:
        until = time.perf_counter() + warm
        while time.perf_counter() < until:
            calls_in(self.work, 1, self.finish)
        median = median_time(self.work, seconds, self.finish)
        return {"first": self.first, "call": median, "value": self.value, "peak": peak_memory()}


def finisher(module: Any) -> Callable[[Any], Any]:
    """Waits for a result where calls return before it is there."""
    return module.block_until_ready if module.__name__ == "jax" else np.asarray if module.__name__ == "tapeflow" else id


def compiler(module: Any, mode: str) -> Callable[..., Any]:
    """What makes a compiled function of a Python function."""
    if module.__name__ == "jax":
        return module.jit
    if module.__name__ == "torch":
        return module.compile if mode == "jit" else lambda function: function
    return functools.partial(module.function, jit_compile={"automatic": None, "host": False, "jit": True}[mode])


def peak_memory() -> float:
    """MiB that this process had in memory at most."""
    try:
        with open("/proc/self/status") as status:
            return int(status.read().split("VmHWM:")[1].split()[0]) / 1024
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def main() -> None:
    framework, group, mode = sys.argv[1:]
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints must not mix with the answers
    current, program = "", None
    for line in sys.stdin:
        name, warm, seconds = line.split()
        try:
            if name != current:
                program = None  # frees the last row's data
                current, program = name, Program(framework, group, mode, name)
            answer: dict[str, Any] = program.measure(float(warm), float(seconds))
        except Exception as error:
            traceback.print_exc()
            answer, current = {"error": f"{type(error).__name__}: {error}"}, ""
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
