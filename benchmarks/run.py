"""Time tapeflow beside TensorFlow, PyTorch and JAX in one run, and print tables of medians and ratios.

    make bench                                          prepares the environments, runs all, writes benchmarks/results/
    python benchmarks/run.py --quick --only mul         some rows, roughly; writes nothing
    python benchmarks/run.py --only functions           the compiled functions
    python benchmarks/run.py --readme                   copies the last tables into README.md

Each framework is a process of its own in its own virtual environment (.peers/NAME, or
--python NAME=PATH); so is each way of compiling with it. They take turns: every row is timed in each of them, and that
again in every round; a figure is the median over rounds. What fails, or gives another result than the others, is said
below the tables.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from goals import GROUPS, ROWS, Contestant, Row
from report import ROOT, Figures, save, tables, takes_part, write_readme

FRAMEWORKS = {"tapeflow": "tapeflow", "tensorflow": "TensorFlow", "torch": "PyTorch", "jax": "JAX"}
ENVIRONMENT = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
PATIENCE = 120.0  # seconds until an answer; then the row has failed
SETTLING = 25.0  # seconds in which tapeflow's automatic choice of an engine may settle
LONGEST = 240.0  # seconds that a process of Keras may take
SLOW = 45.0  # seconds after which it takes no part in further rounds

ROUNDS = {"programs": 7, "dense": 5, "data": 3, "functions": 5, "keras": 2}
SECONDS = {"programs": 0.4, "dense": 0.25, "data": 0.25, "functions": 0.25}

FRESH = """
import sys, time
start = time.perf_counter()
import {framework}
seconds = time.perf_counter() - start
try:
    status = open("/proc/self/status").read()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
print(seconds, peak)
"""

SIZE = """
import os, sysconfig
total = 0
for top in {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}:
    for folder, folders, files in os.walk(top):
        if folder == top:  # what an empty environment has already
            folders[:] = [name for name in folders if not name.startswith(("pip", "setuptools", "pkg_resources"))]
        folders[:] = [name for name in folders if name != "__pycache__"]
        total += sum(os.lstat(os.path.join(folder, name)).st_size for name in files)
print(total / 2**20)
"""

VERSIONS = """
import platform
from importlib.metadata import distributions
names = {names!r}
print(platform.python_version(), *[d.version for d in distributions() if d.metadata["Name"].replace("_", "-") in names])
"""


class Worker:
    """A contestant's process; it is started when first asked, and again after it has died."""

    def __init__(self, contestant: Contestant, group: str, python: str) -> None:
        self.name, self.warm = contestant.name, 0.3
        self.stderr: int | None = subprocess.DEVNULL
        if contestant.framework == "tapeflow":
            self.stderr = None  # where our programs fail, with a traceback
            self.warm = SETTLING if contestant.mode == "automatic" else 0.3
        script = str(Path(__file__).with_name("worker.py"))
        self.command = [python, script, contestant.framework, group, contestant.mode]
        self.process: subprocess.Popen[str] | None = None

    def measure(self, program: str, warm: float, seconds: float) -> dict[str, Any]:
        """What worker.py answers; a process that ends or does not answer is an error too."""
        if self.process is None:
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(
                self.command, stdin=pipe, stdout=pipe, stderr=self.stderr, text=True, env=ENVIRONMENT
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        patience = threading.Timer(PATIENCE, self.process.kill)
        patience.start()
        try:
            print(program, warm, seconds, file=self.process.stdin, flush=True)
            return json.loads(self.process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            self.process.kill()
            self.stop()
            return {"error": f"its process ended, or did not answer in {PATIENCE:g} s"}
        finally:
            patience.cancel()

    def stop(self) -> None:
        if self.process:
            process, self.process = self.process, None
            process.communicate()


def output(python: str, code: str) -> list[str]:
    result = subprocess.run([python, "-P", "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return result.stdout.split()


def measure_processes(pythons: dict[str, str], wanted: set[str], rounds: int) -> Figures:
    """Import time, memory after the import, installed size."""
    figures: Figures = {row: {} for row in ("import_time", "import_memory", "installed_size") if row in wanted}
    for turn in range(rounds + 1 if figures.keys() & {"import_time", "import_memory"} else 0):
        for framework, python in pythons.items():
            seconds, peak = map(float, output(python, FRESH.format(framework=framework)))
            for row, value in (("import_time", seconds), ("import_memory", peak)):
                if turn and row in figures:  # the first turn only fills the disk cache
                    figures[row].setdefault(framework, []).append(value)
    if "installed_size" in figures:
        figures["installed_size"] = {name: [float(output(python, SIZE)[0])] for name, python in pythons.items()}
    return figures


def measure_row(row: Row, workers: list[Worker], rounds: int, seconds: float, problems: list[str]) -> Figures:
    """A row in every contestant, in turns; `problems` grows by what went wrong."""
    figures: dict[str, list[float]] = {}
    values: dict[str, float] = {}
    failed: set[str] = set()
    for turn in range(rounds):
        for worker in workers[turn % len(workers) :] + workers[: turn % len(workers)]:
            if worker.name in failed:
                continue
            warmed = row.measure == "first" or (row.measure == "call" and turn > 0)
            answer = worker.measure(row.program, 0.0 if warmed else worker.warm, seconds)
            if row.measure != "call":
                worker.stop()  # the next one is fresh
            if "error" in answer:
                failed.add(worker.name)
                problems.append(f"{row.key}, {worker.name}: {answer['error']}")
                continue
            figures.setdefault(worker.name, []).append(answer[row.measure])
            values.setdefault(worker.name, answer["value"])
            time.sleep(0.02)  # threads that still spin in one process would disturb the next
    problems += disagreements(row.key, values)
    return {row.key: figures}


def disagreements(key: str, values: dict[str, float], most: float = 1e-4) -> list[str]:
    """Who did other work than most did: after three calls with the same data, results are the same to 1e-4."""
    if not values:
        return []
    middle = statistics.median_low(values.values())
    return [
        f"{key}, {name}: gave {value:.7g}, where others gave {middle:.7g}"
        for name, value in values.items()
        if not abs(value - middle) <= most * max(1.0, abs(middle))
    ]


def measure_group(group: str, pythons: dict[str, str], rows: list[Row], options: Any, problems: list[str]) -> Figures:
    contestants = [c for c in GROUPS[group] if c.name != "torch compile" or has_compiler()]
    workers = [Worker(c, group, pythons[c.environment]) for c in contestants]
    seconds = 0.05 if options.quick else SECONDS[group]
    figures: Figures = {}
    try:
        for row in sorted(rows, key=lambda row: row.measure != "call"):
            print(f"  {time.strftime('%X')} {row.key}", file=sys.stderr, flush=True)
            rounds = {"call": rounds_of(group, options), "first": 1 if options.quick else 3, "peak": 1}[row.measure]
            taking_part = [worker for worker in workers if takes_part(row, worker.name)]
            if row.measure != "call":  # idle processes keep their memory and threads
                for worker in workers:
                    worker.stop()
            figures |= measure_row(row, taking_part, rounds, seconds, problems)
    finally:
        for worker in workers:
            worker.stop()
    return figures


def measure_keras(pythons: dict[str, str], rows: list[Row], options: Any, problems: list[str]) -> Figures:
    """Keras's programs: each in processes of its own, a fresh one for each round and contestant."""
    figures: Figures = {row.key: {} for row in rows}
    for program in dict.fromkeys(row.program for row in rows):
        print(f"  {time.strftime('%X')} keras/{program}", file=sys.stderr, flush=True)
        wanted = [row for row in rows if row.program == program]
        values: dict[str, float] = {}
        done: set[str] = set()
        for turn in range(rounds_of("keras", options) + 1 if program == "ready" else rounds_of("keras", options)):
            for contestant in GROUPS["keras"]:
                if contestant.name in done:
                    continue
                begun = time.monotonic()
                answer = keras_process(contestant, pythons[contestant.environment], wanted, options.quick)
                if "error" in answer or time.monotonic() - begun > SLOW:
                    done.add(contestant.name)
                if "error" in answer:
                    problems.append(f"keras/{program}, {contestant.name}: {answer['error']}")
                    continue
                values.setdefault(contestant.name, answer["value"])
                for row in wanted:
                    if turn or program != "ready":  # the first turn only fills the disk cache
                        figures[row.key].setdefault(contestant.name, []).append(answer[row.measure])
        problems += disagreements(f"keras/{program}", values, 0.1)  # Keras's own losses differ by backend
    return figures


def keras_process(contestant: Contestant, python: str, rows: list[Row], quick: bool) -> dict[str, Any]:
    """What keras_programs.py answers, or an error."""
    ours = contestant.framework == "tapeflow"
    warm = 0.5 if quick or not ours else SETTLING
    measures = [row.measure for row in rows]
    command = [python, str(Path(__file__).with_name("keras_programs.py")), contestant.framework, rows[0].program]
    try:
        result = subprocess.run(
            [*command, str(warm), repr(time.time()), *measures], timeout=LONGEST, text=True, check=True,
            stdout=subprocess.PIPE, stderr=None if ours else subprocess.DEVNULL,
            env={**ENVIRONMENT, "TAPEFLOW_CACHE_DIR": "off"},
        )  # fmt: skip
        return json.loads(result.stdout)  # type: ignore[no-any-return]
    except (subprocess.SubprocessError, json.JSONDecodeError) as error:
        return {"error": f"its process failed: {type(error).__name__}"}


def rounds_of(group: str, options: Any) -> int:
    return options.rounds or (min(3, ROUNDS[group]) if options.quick else ROUNDS[group])


def has_compiler() -> bool:
    """Whether `torch.compile` finds a C++ compiler."""
    return any(shutil.which(name) for name in (os.environ.get("CXX", "g++"), "clang++"))


def facts(pythons: dict[str, str]) -> str:
    """One line: the machine and the versions."""
    try:
        info = Path("/proc/cpuinfo").read_text()
        cpu = next(line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor() or platform.machine()
    names = {"tensorflow": ["tensorflow", "tensorflow-cpu"]}
    versions = {name: output(pythons[name], VERSIONS.format(names=names.get(name, [name]))) for name in FRAMEWORKS}
    there = ", ".join(f"{FRAMEWORKS[name]} {' '.join(version)}" for name, (_, *version) in versions.items())
    date = datetime.date.today().isoformat()
    return f"{date}, {os.cpu_count()} processors ({cpu}), Python {versions['tapeflow'][0]}; {there}; on the CPU."


def measure(rows: list[Row], pythons: dict[str, str], options: Any, problems: list[str]) -> Figures:
    figures: Figures = {}
    eager = {c.framework: pythons[c.environment] for c in GROUPS["programs"]}
    figures |= measure_processes(eager, {row.key for row in rows}, rounds_of("programs", options))
    for group in GROUPS:
        left = [row for row in rows if row.group == group and row.key not in figures]
        if left:
            measure_all = measure_keras if group == "keras" else functools.partial(measure_group, group)
            figures |= measure_all(pythons, left, options, problems)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="rough figures in a few minutes; writes nothing")
    parser.add_argument("--only", metavar="TEXT", action="append", help="rows whose key has TEXT in it; writes nothing")
    parser.add_argument("--rounds", type=int, help="default: 2 to 7, by group; with --quick: 2 or 3")
    parser.add_argument("--python", metavar="NAME=PATH", action="append", default=[], help="an environment's Python")
    parser.add_argument("--readme", action="store_true", help="copy the last tables into README.md; do nothing else")
    options = parser.parse_args()
    if options.readme:
        return write_readme()
    environments = [contestant.environment for group in GROUPS.values() for contestant in group]
    pythons = {name: str(ROOT / ".peers" / name / "bin" / "python") for name in environments}
    pythons |= dict(choice.split("=", 1) for choice in options.python)
    rows = [row for row in ROWS if not options.only or any(text in row.key for text in options.only)]
    problems: list[str] = []
    figures = measure(rows, pythons, options, problems)
    text = f"{facts(pythons)} Figures are medians over rounds.\n\n{tables(figures)}"
    if problems:
        text += "\n" + "\n".join(f"- failed: {' '.join(problem.split())}" for problem in problems) + "\n"
    print(text)
    if not options.quick and not options.only:
        save(text, figures)
    return None


if __name__ == "__main__":
    main()
