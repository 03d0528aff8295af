"""Time tapeflow beside TensorFlow and PyTorch in one run, and print a table of medians and ratios.

    make bench                                     prepares the environments, runs all, writes benchmarks/results/
    python benchmarks/run.py --quick --only mul    some rows, roughly; writes nothing
    python benchmarks/run.py --readme              copies the last table into README.md

Each framework is a process of its own in its own virtual environment (.peers/NAME, or --python NAME=PATH). They take
turns: every row is timed in each of them, and that again in every round; a figure is the median over rounds.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from goals import ROWS, Row

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
TITLES = {"tapeflow": "tapeflow", "tensorflow": "TensorFlow", "torch": "PyTorch"}
PEERS = [name for name in TITLES if name != "tapeflow"]
MARKERS = ("<!-- benchmark table: begin -->", "<!-- benchmark table: end -->")
ENVIRONMENT = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}

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

Figures = dict[str, dict[str, list[float]]]  # row -> framework -> a figure for each round


class Worker:
    """A framework's process; it is started when first asked, and again after it has died."""

    def __init__(self, framework: str, python: str) -> None:
        self.framework, self.python = framework, python
        self.process: subprocess.Popen[str] | None = None
        self.failed: set[str] = set()

    def measure(self, row: str, seconds: float) -> dict[str, float] | None:
        if row in self.failed:
            return None
        if self.process is None:
            command = [self.python, Path(__file__).with_name("worker.py"), self.framework]
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=ENVIRONMENT)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            print(row, seconds, file=self.process.stdin, flush=True)
            return json.loads(self.process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            self.failed.add(row)
            self.stop()
            return None

    def stop(self) -> None:
        if self.process:
            self.process.communicate()
            self.process = None


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


def measure_programs(pythons: dict[str, str], rows: list[str], rounds: int, seconds: float) -> Figures:
    """Every row in every framework, in turns."""
    workers = [Worker(framework, python) for framework, python in pythons.items()]
    figures: Figures = {row: {} for row in rows}
    try:
        for row in rows:
            print(f"  {row}", file=sys.stderr, flush=True)
            values: dict[str, float] = {}
            for turn in range(rounds):
                for worker in workers[turn % len(workers) :] + workers[: turn % len(workers)]:
                    answer = worker.measure(row, seconds)
                    if answer:
                        figures[row].setdefault(worker.framework, []).append(answer["seconds"])
                        values.setdefault(worker.framework, answer["value"])
                    time.sleep(0.02)  # threads that still spin in one process would disturb the next
            if values and max(values.values()) - min(values.values()) > 1e-3 + 0.01 * abs(next(iter(values.values()))):
                raise SystemExit(f"{row}: the frameworks did not do the same work: {values}")
    finally:
        for worker in workers:
            worker.stop()
    return figures


def show(value: float | None, unit: str) -> str:
    if value is None:
        return "failed"
    if unit != "s":
        return f"{value:,.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if value * factor >= 1 or name == "us":
            break
    digits = max(0, 2 - int(math.log10(max(value * factor, 1))))
    return f"{value * factor:.{digits}f} {name}"


def verdict(value: float, goal: float | None) -> str:
    if goal is None:
        return ""
    text = f"{goal:.3f}".rstrip("0").rstrip(".")
    return f"<= {text} {'met' if value <= goal else '**missed**'}"


def table(figures: Figures) -> str:
    """The table in Markdown; `ratio` is tapeflow's figure divided by the peer's."""
    head = ["", "tapeflow", *(cell for name in PEERS for cell in (TITLES[name], "ratio", "goal"))]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for row in (row for row in ROWS if row.key in figures):
        lines.append(_line(row, {name: statistics.median(values) for name, values in figures[row.key].items()}))
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def _line(row: Row, medians: dict[str, float]) -> list[str]:
    ours = medians.get("tapeflow")
    own = show(ours, row.unit)
    if row.limit is not None and ours is not None:
        own += f" (<= {row.limit:g} {row.unit} {'met' if ours <= row.limit else '**missed**'})"
    cells = [row.title, own]
    for name in PEERS:
        theirs = medians.get(name)
        ratio = ours / theirs if ours is not None and theirs is not None else None
        goal = row.goals.get(name)
        missed = "**missed**" if goal is not None else ""
        cells += [show(theirs, row.unit), f"{ratio:.3f}" if ratio else "", verdict(ratio, goal) if ratio else missed]
    return cells


def facts(pythons: dict[str, str]) -> str:
    """One line: the machine and the versions."""
    try:
        info = Path("/proc/cpuinfo").read_text()
        cpu = next(line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor() or platform.machine()
    names = {"tapeflow": ["tapeflow"], "tensorflow": ["tensorflow", "tensorflow-cpu"], "torch": ["torch"]}
    versions = {name: output(python, VERSIONS.format(names=names[name])) for name, python in pythons.items()}
    there = ", ".join(f"{TITLES[name]} {' '.join(version)}" for name, (_, *version) in versions.items())
    date = datetime.date.today().isoformat()
    return f"{date}, {os.cpu_count()} processors ({cpu}), Python {versions['tapeflow'][0]}; {there}; on the CPU, eager."


def save(text: str, figures: Figures) -> None:
    RESULTS.mkdir(exist_ok=True)
    record = json.dumps({"facts": text.partition("\n")[0], "figures": figures}, indent=1) + "\n"
    for name in (datetime.date.today().isoformat(), "latest"):
        (RESULTS / f"{name}.md").write_text(text)
        (RESULTS / f"{name}.json").write_text(record)


def write_readme() -> None:
    path = ROOT / "README.md"
    before, begin, rest = path.read_text().partition(MARKERS[0])
    _, end, after = rest.partition(MARKERS[1])
    if not (begin and end):
        raise SystemExit(f"README.md lacks the lines {MARKERS}")
    path.write_text(f"{before}{begin}\n{(RESULTS / 'latest.md').read_text()}{end}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="rough figures in less than a minute; writes nothing")
    parser.add_argument("--only", metavar="TEXT", action="append", help="rows whose key has TEXT in it; writes nothing")
    parser.add_argument("--rounds", type=int, help="default: 7; with --quick: 3")
    parser.add_argument("--python", metavar="NAME=PATH", action="append", default=[], help="a framework's Python")
    parser.add_argument("--readme", action="store_true", help="copy the last table into README.md, and do nothing else")
    options = parser.parse_args()
    if options.readme:
        return write_readme()
    pythons = {name: str(ROOT / ".peers" / name / "bin" / "python") for name in TITLES}
    pythons |= dict(choice.split("=", 1) for choice in options.python)
    rounds = options.rounds or (3 if options.quick else 7)
    wanted = [row.key for row in ROWS if not options.only or any(text in row.key for text in options.only)]
    figures = measure_processes(pythons, set(wanted), rounds)
    programs = [key for key in wanted if key not in figures]
    figures |= measure_programs(pythons, programs, rounds, 0.05 if options.quick else 0.4)
    heading = f"{facts(pythons)}\nMedians of {rounds} rounds; ratio: tapeflow's figure divided by the peer's."
    text = f"{heading}\n\n{table(figures)}"
    print(text)
    if not options.quick and not options.only:
        save(text, figures)
    return None


if __name__ == "__main__":
    main()
