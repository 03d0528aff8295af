"""Runs Keras's own test suite on tapeflow, what fails also on TensorFlow, and writes docs/keras-suite.md.

    python tools/keras_suite.py <folder of Keras's source package> [--python P] [--tensorflow P] [--causes causes.json]
        [--limit seconds] [--only layers losses ...] [--results folder]

The source package of Keras on PyPI (`pip download --no-binary :all: --no-deps keras`) has the tests; it lacks a
`conftest.py`, whose marks are given here. Results (JUnit's XML) stay in the folder of results, and files that have
theirs there are not run again: remove them to do so. With `--all` TensorFlow runs everything, otherwise only what
does not pass here.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from pathlib import Path

# Test files that need what neither side has: another backend, or downloads.
LEFT_OUT = re.compile(r"src/(backend/(jax|torch|numpy|openvino)|applications|datasets)/")
NEEDS = re.compile(r"^(?:import|from) (torch|grain|onnx|onnxruntime|openvino|litert_torch)\b", re.MULTILINE)
MARKS = ("requires_trainable_backend", "requires_tpu", "skip_on_multi_device", "multi_device")
START = """
import os, sys
{first}
sys.path.insert(0, os.getcwd())
import pytest
class Marks:
    def pytest_configure(self, config):
        for mark in {marks}:
            config.addinivalue_line("markers", mark)
sys.exit(pytest.main(sys.argv[1:], plugins=[Marks()]))
"""
FIRST = {"tapeflow": "from tapeflow.client import alias; alias.install()", "tensorflow": "import tensorflow"}


def test_files(suite: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The test files by folder, and those that cannot run with what they need."""
    folders: dict[str, list[str]] = defaultdict(list)
    without: dict[str, str] = {}
    for path in sorted((suite / "keras" / "src").rglob("*_test.py")):
        name = path.relative_to(suite).as_posix()
        if LEFT_OUT.search(name):
            continue
        needs = NEEDS.search(path.read_text())
        if needs:
            without[name] = needs[1]
            continue
        parts = name.split("/")[2:-1]
        folder = "/".join(parts[:2] if parts and parts[0] == "layers" else parts[:1])
        # The largest files are a part of their own, so that a limit of time does not take others with them.
        if folder == "ops":
            folder = f"ops/{Path(name).stem.removesuffix('_test')}"
        folders[folder or "src"].append(name)
    return folders, without


def run(python: str, on: str, suite: Path, tests: list[str], out: Path, limit: float) -> None:
    """Runs tests, and leaves JUnit's results in `out`."""
    code = START.format(first=FIRST[on], marks=MARKS)
    command = [python, "-c", code, "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    options = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "TAPEFLOW_CACHE_DIR": "off"}
    command += [f"--junitxml={out.resolve()}", *tests]
    try:
        subprocess.run(
            command, cwd=suite, env={**os.environ, **options}, timeout=limit, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        print(f"{out.name}: stopped after {limit:.0f} s", file=sys.stderr)


def outcomes(path: Path) -> dict[str, tuple[str, str]]:
    """`file::Class::test` -> (passed, failed or skipped; the message)."""
    found: dict[str, tuple[str, str]] = {}
    if not path.exists():
        return found
    for case in ElementTree.parse(path).iter("testcase"):
        where = case.get("classname", "")
        module, _, cls = where.rpartition(".")
        if not cls[:1].isupper():
            module, cls = where, ""
        name = "::".join(x for x in (f"{module.replace('.', '/')}.py", cls, case.get("name", "")) if x)
        bad = [x for kind in ("failure", "error") for x in case.findall(kind)]
        outcome = "failed" if bad else "skipped" if case.find("skipped") is not None else "passed"
        message = (bad[0].get("message") or "").splitlines() if bad else []
        found[name] = outcome, message[0] if message else ""
    return found


def passes(name: str, theirs: dict[str, tuple[str, str]]) -> bool:
    """Whether a test passes on TensorFlow; one that was not run there counts as if it did."""
    return theirs.get(name, ("passed", ""))[0] == "passed"


def row(folder: str, ours: dict[str, tuple[str, str]], theirs: dict[str, tuple[str, str]]) -> list[int | str]:
    """One line of the table."""
    counts = Counter(outcome for outcome, _ in ours.values())
    failed = [name for name, (outcome, _) in ours.items() if outcome == "failed"]
    only_there = sum(passes(name, theirs) for name in failed)
    only_here = sum(
        outcome == "failed" and ours.get(name, ("", ""))[0] == "passed" for name, (outcome, _) in theirs.items()
    )
    return [folder, counts["passed"], only_there, len(failed) - only_there, only_here, counts["skipped"]]


def cause(name: str, message: str, causes: dict[str, str]) -> str:
    """What is known of a failure: the first entry of `causes` whose pattern is found in its name or message."""
    for pattern, text in causes.items():
        if re.search(pattern, f"{name} {message}"):
            return text
    return f"`{message[:150]}`" if message else "?"


def report(
    rows: list[list[int | str]], remaining: dict[str, list[tuple[str, str]]], elsewhere: list[str],
    without: dict[str, str], stopped: list[str], version: str, causes: dict[str, str],
) -> str:  # fmt: skip
    """The text of docs/keras-suite.md."""
    total = [sum(int(r[i]) for r in rows) for i in range(1, 6)]
    share = 100 * total[0] / max(total[0] + total[1], 1)
    lines = [
        "# Keras's own tests on tapeflow",
        "",
        f"Written by `tools/keras_suite.py`: the tests of Keras {version}'s source package on tapeflow,",
        "and on TensorFlow 2.21, with the same Keras, those that fail here. Left out: tests of other",
        "backends, and what needs downloads (applications, datasets).",
        "",
        f"**{total[0]} pass; {total[1]} fail that pass on TensorFlow: {share:.2f} % of what passes on TensorFlow.**",
        f"{total[2]} more fail on both ({total[4]} are skipped).",
        "",
        "| folder of keras/src | passed | fails here only | fails on both | fails on TensorFlow only | skipped |",
        "|---|---|---|---|---|---|",
        *("| " + " | ".join(map(str, r)) + " |" for r in rows),
        "| **all** | " + " | ".join(f"**{n}**" for n in total) + " |",
        "",
        "## What fails on tapeflow only, and why",
        "",
    ]
    by_cause: dict[str, list[str]] = defaultdict(list)
    for found in remaining.values():
        for name, message in found:
            by_cause[cause(name, message, causes)].append(name)
    for text, names in sorted(by_cause.items(), key=lambda item: -len(item[1])):
        lines += [f"- {text} ({len(names)})", *(f"  - `{name.removeprefix('keras/src/')}`" for name in sorted(names))]
    lines += ["", "## What fails on both", "", *(f"- `{name.removeprefix('keras/src/')}`" for name in elsewhere)]
    lines += ["", "## Not run", ""]
    lines += [f"- `{name.removeprefix('keras/src/')}`: needs {what}" for name, what in without.items()]
    lines += [f"- `{folder}`: stopped by the limit of time" for folder in stopped]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Runs what has no results yet, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--python", default=sys.executable, help="a Python with tapeflow and Keras")
    parser.add_argument("--tensorflow", help="a Python with TensorFlow and the same Keras")
    parser.add_argument("--results", type=Path, default=Path("keras-suite"))
    parser.add_argument("--causes", type=Path, default=Path(__file__).with_name("keras_causes.json"))
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds for each folder")
    parser.add_argument("--only", nargs="*", help="these folders only")
    parser.add_argument("--all", action="store_true", help="run everything on TensorFlow, too")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "keras-suite.md")
    options = parser.parse_args()
    options.results.mkdir(exist_ok=True)
    folders, without = test_files(options.suite)
    rows, remaining, elsewhere, stopped = [], {}, [], []
    for folder, files in folders.items():
        if options.only and not folder.startswith(tuple(options.only)):
            continue
        ours_file = options.results / f"{folder.replace('/', '.')}.tapeflow.xml"
        theirs_file = options.results / f"{folder.replace('/', '.')}.tensorflow.xml"
        if not ours_file.exists():
            run(options.python, "tapeflow", options.suite, files, ours_file, options.limit)
        if not ours_file.exists():
            stopped.append(folder)
            continue
        ours = outcomes(ours_file)
        failed = [name for name, (outcome, _) in ours.items() if outcome == "failed"]
        if options.tensorflow and (options.all or failed) and not theirs_file.exists():
            asked = files if options.all else failed
            run(options.tensorflow, "tensorflow", options.suite, asked, theirs_file, options.limit)
        theirs = outcomes(theirs_file)
        rows.append(row(folder, ours, theirs))
        print(*rows[-1], flush=True)
        remaining[folder] = [(n, ours[n][1]) for n in failed if passes(n, theirs)]
        elsewhere += [n for n in failed if not passes(n, theirs)]
    version = re.search(r"^Version: (.+)$", (options.suite / "PKG-INFO").read_text(), re.MULTILINE)
    causes = json.loads(options.causes.read_text()) if options.causes.exists() else {}
    text = report(rows, remaining, elsewhere, without, stopped, version[1] if version else "?", causes)
    options.out.write_text(text)


if __name__ == "__main__":
    main()
