"""The programs that the README shows, run as a user runs them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
TOUR = ROOT.parent / "shared" / "seeds" / "tape_tour.py"


def run(*arguments):
    command = [sys.executable, "-m", "tapeflow", "run", *map(str, arguments)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_main_job_reads_digits(tmp_path):
    picture = tmp_path / "new" / "picture.png"
    output = run("examples/mnist_mlp_tape.py", "--picture", picture)
    accuracy = re.search(r"1500 steps in [\d.]+ s; test accuracy ([\d.]+)%", output).group(1)
    assert float(accuracy) >= 95
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_main_job_has_tensorflows_losses(tmp_path):
    file = tmp_path / "losses.txt"
    run("examples/mnist_mlp_tape.py", "--steps", 100, "--picture", tmp_path / "picture.png", "--losses", file)
    losses = [float(line) for line in file.read_text().splitlines()]
    recording = json.loads((ROOT / "tests" / "recordings" / "mnist_losses.json").read_text())
    np.testing.assert_allclose(losses, recording["losses"], rtol=1e-5)


@pytest.mark.skipif(not TOUR.exists(), reason="the tour lies beside the repository, not in it")
def test_the_tape_tour_prints_what_tensorflow_prints():
    assert run(TOUR) == TOUR.with_name("tape_tour.expected.txt").read_text()
