"""Names of the package: which load at once, which at first use, and that editors know them all."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tapeflow as tf

TREE = ast.parse(Path(tf.__file__).read_text(encoding="utf-8"))


def typed() -> dict[str, str]:
    """The names that stand under `if TYPE_CHECKING:`, and their modules."""
    (block,) = [node for node in TREE.body if isinstance(node, ast.If)]
    return {
        alias.name: node.module or alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_editors_know_what_loads_late():
    assert typed() == tf._WHERE


@pytest.mark.parametrize("name", sorted(tf._WHERE))
def test_what_loads_late_is_there(name):
    assert getattr(tf, name) is vars(tf)[name]
    assert name in dir(tf)


def alone(program: str) -> str:
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_import_leaves_rare_families_alone():
    loaded = alone("import sys, tapeflow; print(*(m for m in sys.modules if m.startswith('tapeflow.')))").split()
    late = {f"tapeflow.{module}" for module in typed().values()}
    assert not late & set(loaded)
    assert alone("import sys, tapeflow; print(*{'jax', 'scipy', 'malt', 'matplotlib'} & set(sys.modules))") == ""


@pytest.mark.parametrize(
    "program",
    [
        "x = tf.constant([1.0, 2.0])\nwith tf.GradientTape() as t:\n    t.watch(x)\n    y = x * x\n"
        "print(t.jacobian(y, x))",
        "print(tf.Graph().as_graph_def)",
        "print(tf.raw_ops.Cholesky(input=[[4.0]]))",
        "print(tf.map_fn(lambda x: x * x, tf.constant([1.0])))",
        "print(tf.while_loop(lambda i: i < 3, lambda i: (i + 1,), [tf.constant(0)]))",
        "print(tf.function(lambda: tf.TensorArray(tf.float32, 1).write(0, 1.0).stack())())",
        "from tapeflow import image, nn\nprint(nn.relu(-1.0), image.rot90)",
        "import tapeflow.linalg as la\nprint(la.det([[4.0]]))",
    ],
)
def test_each_part_works_alone(program):
    assert alone(f"import tapeflow as tf\n{program}")


def test_what_is_not_there_says_so():
    with pytest.raises(AttributeError, match=r"tapeflow has no `tf.no_such_name` \(yet\)"):
        tf.no_such_name
