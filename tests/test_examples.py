"""The programs that the README shows, run as a user runs them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.util import find_spec
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


@pytest.mark.skipif(find_spec("keras") is None, reason="needs Keras")
def test_the_keras_model_of_2019(tmp_path):
    output = run("examples/mnist_prewitt_cnn.py", "--epochs", 4, "--output", tmp_path / "log")
    assert float(re.search(r"test loss [\d.]+, accuracy ([\d.]+)", output).group(1)) > 0.92
    assert output.splitlines()[-1].endswith(f"tensorboard --logdir {tmp_path / 'log'}")
    assert {path.parent.name for path in (tmp_path / "log").rglob("events*")} == {"train", "validation"}


def test_the_hard_sigmoid_study_finds_both_optima(tmp_path):
    pytest.importorskip("mpmath")
    output = run("examples/hard_sigmoid.py", "--pictures", tmp_path / "new")
    found = re.findall(r"a   = ([\d.]+), by quadrature ([\d.]+): apart by (\S+)", output)
    assert [digits for _, digits, _ in found] == ["5.1993638166286445323", "3.9919794871997626533"]
    for a, digits, apart in found:
        assert abs(float(a) - float(digits)) < 1e-14
        assert float(apart) < 5e-15
    assert re.findall(r"1/a = (0\.\d{14})", output) == ["0.19233122267801", "0.25050228920426"]
    for by_formula, by_quadrature in re.findall(r"E   = ([\d.]+), by quadrature ([\d.]+)", output):
        assert abs(float(by_formula) - float(by_quadrature)) < 3e-15
    for name, texts in {
        "slopes": ["slope 1/4", "slope 1/5", "slope 1/6", "slope 0.19233"],
        "errors": ["a = 5.19936", "a = 3.99198", "squared error"],
        "parabolas": ["two parabolas", "straight pieces", "pieces - sigmoid"],
    }.items():
        drawn = (tmp_path / "new" / f"hard_sigmoid_{name}.svg").read_text()
        kept = (ROOT / "docs" / "pictures" / f"hard_sigmoid_{name}.svg").read_text()
        assert all(text in picture for text in texts for picture in (drawn, kept))


@pytest.mark.skipif(not TOUR.exists(), reason="the tour lies beside the repository, not in it")
def test_the_tape_tour_prints_what_tensorflow_prints():
    assert run(TOUR) == TOUR.with_name("tape_tour.expected.txt").read_text()
