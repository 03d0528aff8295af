"""Runs Keras's own test suite on tapeflow, what fails also on TensorFlow, and writes docs/keras-suite.md.

    python tools/keras_suite.py <folder of Keras's source package> [--python P] [--tensorflow P] [--causes causes.json]
        [--limit seconds] [--only layers losses ...] [--without ops/numpy ...] [--jobs N] [--results folder]
    python tools/keras_suite.py <folder> --check [--only ...] [--without ...] [--jobs N]

The source package of Keras on PyPI has the tests; where the folder is not there, that of the installed Keras is
downloaded into it. It lacks a `conftest.py`, whose marks are given here. Results (JUnit's XML) stay in the folder of
results, and files that have theirs there are not run again: remove them to do so. With `--all` TensorFlow runs
everything, otherwise only what does not pass here.

With `--check` nothing is written, and TensorFlow is not needed: a test that fails and is not listed in
docs/keras-suite.md makes the exit status 1.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path

# Test files that need what neither side has: another backend, or downloads.
LEFT_OUT = re.compile(r"src/(backend/(jax|torch|numpy|openvino)|applications|datasets)/")
NEEDS = re.compile(r"^(?:import|from) (torch|grain|onnx|onnxruntime|openvino|litert_torch|sklearn)\b", re.MULTILINE)
# What tests import of the file that the package lacks.
CONFTEST = """import pytest


def skip_if_backend(given_backend, reason):
    return pytest.mark.skipif(given_backend == "tensorflow", reason=reason)
"""
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
        if needs and find_spec(needs[1]) is None:
            without[name] = needs[1]
            continue
        parts = name.split("/")[2:-1]
        folder = "/".join(parts[:2] if parts and parts[0] == "layers" else parts[:1])
        # The largest files are a part of their own, so that a limit of time does not take others with them.
        if folder == "ops":
            folder = f"ops/{Path(name).stem.removesuffix('_test')}"
        folders[folder or "src"].append(name)
    return folders, without


def fetch(suite: Path) -> None:
    """Downloads the source package of the Keras that is installed here, from PyPI, into a folder.

    Raises:
      SystemExit: it cannot be had.
    """
    wanted = f"keras=={version_of('keras')}"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--no-binary", ":all:", "--dest", folder, wanted]
        if subprocess.run(command, check=False).returncode:
            raise SystemExit(f"The source package of {wanted}, which has Keras's tests, cannot be had from PyPI.")
        (package,) = Path(folder).glob("*.tar.gz")
        with tarfile.open(package) as archive:
            archive.extractall(folder, filter="data")
        (unpacked,) = (path for path in Path(folder).iterdir() if path.is_dir())
        (unpacked / "conftest.py").write_text(CONFTEST)
        suite.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(unpacked, suite)


def run(python: str, on: str, suite: Path, tests: list[str], out: Path, limit: float) -> str:
    """Runs tests, and leaves JUnit's results in `out`; what pytest says at the end."""
    code = START.format(first=FIRST[on], marks=MARKS)
    command = [python, "-c", code, "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    options = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "TAPEFLOW_CACHE_DIR": "off"}
    command += [f"--junitxml={out.resolve()}", *tests]
    try:
        ended = subprocess.run(
            command, cwd=suite, env={**os.environ, **options}, timeout=limit, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"stopped after {limit:.0f} s"
    return ended.stdout.strip().rpartition("\n")[2].strip("= ") or f"ended with status {ended.returncode}"


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
        "backends, and what needs downloads (applications, datasets). `make keras-tests` runs all but the folders",
        "`ops/numpy` and `quantizers`, which take longest, and fails where a test fails that is not listed here.",
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


def known_failures(page: Path) -> set[str]:
    """The tests that the page lists as failing, here or on both."""
    return set(re.findall(r"^ *- `(.+?::.+)`$", page.read_text(), re.MULTILINE))


def check(folders: dict[str, list[str]], options: argparse.Namespace) -> int:
    """Runs the folders on tapeflow, those with new failures twice; how many tests failed that are not known to."""
    known = known_failures(options.out)
    counts: Counter[str] = Counter()

    def is_new(name: str, outcome: str) -> bool:
        return outcome == "failed" and name.removeprefix("keras/src/") not in known

    with tempfile.TemporaryDirectory() as results, ThreadPoolExecutor(options.jobs) as pool:

        def one(folder: str) -> tuple[str, str, dict[str, tuple[str, str]]]:
            for turn in range(2):  # some tests draw numbers, some measure time
                out = Path(results) / f"{folder.replace('/', '.')}.{turn}.xml"
                closing = run(options.python, "tapeflow", options.suite, folders[folder], out, options.limit)
                found = outcomes(out)
                if found and not any(is_new(name, outcome) for name, (outcome, _) in found.items()):
                    break
            return folder, closing, found

        for folder, closing, found in pool.map(one, folders):
            print(f"{folder}: {closing}", flush=True)
            if not found:
                counts["new"] += 1
                print(f"  NEW {folder}: no results")
            for name, (outcome, message) in found.items():
                new = is_new(name, outcome)
                counts["new" if new else outcome] += 1
                if new:
                    print(f"  NEW {name.removeprefix('keras/src/')}: {message[:200]}")
    print(
        f"==== Keras's tests: {counts['passed']} passed, {counts['failed']} failed as docs/keras-suite.md says, "
        f"{counts['new']} failed anew, {counts['skipped']} skipped ===="
    )
    return counts["new"]


def main() -> None:
    """Looks at the arguments and does what they say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--python", default=sys.executable, help="a Python with tapeflow and Keras")
    parser.add_argument("--tensorflow", help="a Python with TensorFlow and the same Keras")
    parser.add_argument("--results", type=Path, default=Path("keras-suite"))
    parser.add_argument("--causes", type=Path, default=Path(__file__).with_name("keras_causes.json"))
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds for each folder")
    parser.add_argument("--only", nargs="*", help="these folders only")
    parser.add_argument("--without", nargs="*", default=[], help="all folders but these")
    parser.add_argument("--jobs", type=int, default=1, help="how many folders run at a time")
    parser.add_argument("--check", action="store_true", help="only look for failures that the page does not list")
    parser.add_argument("--all", action="store_true", help="run everything on TensorFlow, too")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "keras-suite.md")
    options = parser.parse_args()
    if not options.suite.exists():
        fetch(options.suite)
    folders, without = test_files(options.suite)
    if options.only:
        folders = {name: files for name, files in folders.items() if name.startswith(tuple(options.only))}
    folders = {name: files for name, files in folders.items() if name not in options.without}
    if options.check:
        raise SystemExit(check(folders, options) > 0)
    options.results.mkdir(exist_ok=True)
    write(folders, without, options)


def write(folders: dict[str, list[str]], without: dict[str, str], options: argparse.Namespace) -> None:
    """Runs what has no results yet, on both, and writes the page."""
    rows, remaining, elsewhere, stopped = [], {}, [], []

    def one(folder: str) -> None:
        out = options.results / f"{folder.replace('/', '.')}.tapeflow.xml"
        if not out.exists():
            closing = run(options.python, "tapeflow", options.suite, folders[folder], out, options.limit)
            print(f"{folder}: {closing}", flush=True)

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(one, folders))
    for folder, files in folders.items():
        ours_file = options.results / f"{folder.replace('/', '.')}.tapeflow.xml"
        theirs_file = options.results / f"{folder.replace('/', '.')}.tensorflow.xml"
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
