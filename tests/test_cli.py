"""`tapeflow run` beside `python`: what the program sees, how it ends, what is printed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def python(tmp_path):
    """`python(*arguments)` runs this Python in a folder of its own, with the checkout's tapeflow at hand."""

    def start(*arguments):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PYTHONWARNINGS": "error"}
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    return start


@pytest.fixture
def tapeflow(python):
    return lambda *arguments: python("-m", "tapeflow", *arguments)


@pytest.fixture
def program(tmp_path):
    """`program(text)` writes a program and gives its name."""

    def write(text, name="prog.py"):
        (tmp_path / name).write_text(text)
        return name

    return write


def succeeds(result):
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_every_way_to_import_tensorflow_gives_tapeflow(tapeflow, program):
    text = """
import tensorflow
import tensorflow as tf
from tensorflow import nn
import tensorflow.math as tfm
from tensorflow.nn import relu
import importlib, tapeflow
assert tensorflow is tf is tapeflow
assert tensorflow.nn is nn is tapeflow.nn is importlib.import_module("tensorflow.nn")
assert tfm is tapeflow.math and relu is tapeflow.nn.relu
assert tapeflow.__name__ == tapeflow.__spec__.name == "tapeflow"
assert nn.__name__ == nn.__spec__.name == "tapeflow.nn"
print(relu(tf.constant([-1.0, 2.0])))
"""
    assert succeeds(tapeflow("run", program(text))) == "tf.Tensor([0. 2.], shape=(2,), dtype=float32)\n"


def test_find_spec_sees_it_before_and_after_the_import(tapeflow, program):
    text = """
from importlib.util import find_spec
assert find_spec("tensorflow") is not None and find_spec("tensorflow.nn") is not None
import tensorflow
assert find_spec("tensorflow") is not None and find_spec("tensorflow.nn") is not None
"""
    succeeds(tapeflow("run", program(text)))


@pytest.mark.parametrize("name", ["nowhere", "engines", "nowhere.below", "nn.nowhere"])
def test_a_missing_submodule_is_named_with_what_is_there(tapeflow, program, name):
    result = tapeflow("run", program(f"import tensorflow.{name}"))
    assert result.returncode == 1
    *stack, message = result.stderr.splitlines()
    assert message.startswith(f"ModuleNotFoundError: No module named 'tensorflow.{name.removesuffix('.below')}'")
    assert name == "nn.nowhere" or ("tapeflow" in message and "tensorflow.nn" in message)
    assert [line for line in stack if "File" in line] == [stack[1]]
    assert "prog.py" in stack[1]


def test_a_missing_name_says_that_tapeflow_lacks_it(tapeflow, program):
    result = tapeflow("run", program("import tensorflow as tf\nassert not hasattr(tf, 'nowhere')\ntf.nowhere"))
    assert result.returncode == 1
    assert re.match("AttributeError: .*tapeflow.*nowhere", result.stderr.splitlines()[-1])
    result = tapeflow("run", program("from tensorflow import nowhere"))
    assert "ImportError: cannot import name 'nowhere' from 'tapeflow'" in result.stderr


def test_the_real_tensorflow_must_not_be_there_already(python, program):
    program("", "tensorflow.py")
    result = python("-c", "import tensorflow; from tapeflow.client import alias; alias.install()")
    assert result.returncode == 1
    assert "ImportError: the real tensorflow is already imported" in result.stderr


def test_the_program_sees_what_python_would_show_it(python, tapeflow, program):
    text = """
import sys, os
print(__name__, __file__, __package__, __spec__, __builtins__.__name__, sys.argv, sys.path[0], len(sys.path))
print(sorted(name for name in globals() if name not in ("__annotations__", "__cached__")))
print(sys.modules["__main__"].__dict__ is globals(), type(__loader__).__name__)
import beside
"""
    program("print('imported beside')", "beside.py")
    arguments = [program(text), "-x", "--help", "run"]
    expected = succeeds(python(*arguments))
    assert succeeds(tapeflow("run", *arguments)) == expected
    assert succeeds(tapeflow(*arguments)) == expected


def test_a_module_runs_as_with_python(python, tapeflow, program, tmp_path):
    (tmp_path / "package").mkdir()
    program("import sys; print(__name__, __package__, sys.argv, sys.path[0])", "package/tool.py")
    program("", "package/__init__.py")
    expected = succeeds(python("-m", "package.tool", "-m", "x"))
    assert succeeds(tapeflow("run", "-m", "package.tool", "-m", "x")) == expected


ENDINGS = {
    "raises": "def f():\n    raise ValueError('no')\nf()",
    "chained": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('k') from error",
    "while handling": "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('k')",
    "import fails": "import no_such_module",
    "syntax": "x = = 2",
    "indentation": "if 1:\nx",
    "exits 7": "import sys; sys.exit(7)",
    "exits with text": "raise SystemExit('over')",
    "exits": "exit_code = None\nraise SystemExit(exit_code)",
    "interrupted": "raise KeyboardInterrupt",
    "own hook": "import sys\nsys.excepthook = lambda *what: print(what[0], what[1], what[2].tb_lineno)\nx",
    "at exit": "import atexit, sys\natexit.register(lambda: print(sys.modules['__main__'].x))\nx = 3\n1 / 0",
    "thread": "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.1), print(x))).start()\nx = 3",
}


@pytest.mark.parametrize("text", ENDINGS.values(), ids=ENDINGS)
def test_a_program_ends_as_with_python(python, tapeflow, program, text):
    name = program(text)
    expected, result = python(name), tapeflow("run", name)
    assert result.returncode == expected.returncode
    assert result.stdout == expected.stdout
    assert result.stderr == expected.stderr


def test_interruption_is_seen_by_the_shell(tapeflow, program):
    assert tapeflow("run", program("raise KeyboardInterrupt")).returncode == -signal.SIGINT


def test_a_program_that_is_not_there(python, tapeflow):
    expected, result = python("nowhere.py"), tapeflow("run", "nowhere.py")
    assert (result.returncode, result.stdout) == (expected.returncode, expected.stdout) == (2, "")
    assert result.stderr.partition(": ")[2] == expected.stderr.partition(": ")[2]


def test_an_op_error_points_at_the_users_line(tapeflow, program):
    text = "import tensorflow as tf\ndef f(x):\n    return tf.matmul(x, x)\nf(tf.ones([2, 3]))"
    result = tapeflow("run", program(text))
    files = re.findall(r'File ".*?([^/\\"]+)", line (\d+)', result.stderr)
    assert files == [("prog.py", "4"), ("prog.py", "3")]
    assert "InvalidArgumentError" in result.stderr.splitlines()[-1]


def test_doctor_version_and_help(tapeflow):
    report = succeeds(tapeflow("doctor"))
    for entry in ("Python +3", "tapeflow +[0-9]", "numpy +2.*BLAS", "ml_dtypes +0", "engine numpy +yes", "engine xla"):
        assert re.search(entry, report)
    assert re.fullmatch(r"tapeflow \d+\.\d+\.\d+\n", succeeds(tapeflow("--version")))
    assert "tapeflow run PROGRAM.py" in succeeds(tapeflow("--help"))
    assert succeeds(tapeflow()) == succeeds(tapeflow("-h"))
    for wrong in (["run"], ["run", "-m"], ["-x"], ["run", "-c", "1"]):
        result = tapeflow(*wrong)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("usage: tapeflow")
