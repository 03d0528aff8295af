"""Names of the package: which load at once, which at first use, and that editors know them all."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import tapeflow as tf
from tapeflow.ops import _FAMILIES as FAMILIES
from tapeflow.ops import OPS

OPS.load()  # all families, also those that load at first use
NAMESPACES = {"tf": tf, "tf.nn": tf.nn}  # those of which names load late


def typed(namespace: ModuleType) -> dict[str, tuple[str, str]]:
    """The names that stand under `if TYPE_CHECKING:`: their modules, and what they are called there."""
    tree = ast.parse(Path(str(namespace.__file__)).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    return {
        alias.asname or alias.name: (node.module, alias.name) if node.module else (alias.name, "")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("name", NAMESPACES)
def test_editors_know_what_loads_late(name):
    assert typed(NAMESPACES[name]) == NAMESPACES[name]._late.where


@pytest.mark.parametrize("name", [f"{space}.{name}" for space in NAMESPACES for name in NAMESPACES[space]._late.where])
def test_what_loads_late_is_there(name):
    namespace, _, name = name.rpartition(".")
    module = NAMESPACES[namespace]
    assert getattr(module, name) is vars(module)[name]
    assert name in dir(module)


def alone(program: str) -> str:
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_import_leaves_rare_families_alone():
    loaded = alone("import sys, tapeflow; print(*(m for m in sys.modules if m.startswith('tapeflow.')))").split()
    late = {f"tapeflow.{module}" for module, _ in typed(tf).values()}
    assert not late & set(loaded)
    assert alone("import sys, tapeflow; print(*{'jax', 'scipy', 'malt', 'matplotlib'} & set(sys.modules))") == ""


def test_a_network_loads_few_modules():
    show = "print(*(m for m in sys.modules if m.startswith('tapeflow.ops.')))"
    loaded = alone(f"import sys, tapeflow as tf\ntf.nn.softmax(tf.nn.relu([1.0]))\n{show}").split()
    late = {f"tapeflow.{module}" for module, _ in typed(tf.nn).values()}
    assert not late & set(loaded)


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


def test_star_gives_what_loads_late():
    show = "sys.stdout.write(f'{sort([2, 1])} {nn.relu(3.0)} {\"_WHERE\" in dir()}')"  # `print` is TensorFlow's then
    assert alone(f"import sys\nfrom tapeflow import *\n{show}") == "[1 2] 3.0 False"


@pytest.mark.parametrize("name", NAMESPACES)
def test_what_is_not_there_says_so(name):
    with pytest.raises(AttributeError, match=rf"tapeflow has no `{name}.no_such_name` \(yet\)"):
        NAMESPACES[name].no_such_name


# ---------------------------------------------------------------- ops that modules ask for by name

PACKAGE = Path(tf.__file__).parent
SOURCES = {
    ".".join(part for part in path.relative_to(PACKAGE).with_suffix("").parts if part != "__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def when_imported(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: no functions, nothing for type checkers."""
    for child in ast.iter_child_nodes(node):
        typing_only = isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")
        if not typing_only and not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from when_imported(child)


@functools.cache
def tree(module: str) -> ast.Module:
    return ast.parse(SOURCES[module].read_text(encoding="utf-8"))


@functools.cache
def imports(module: str) -> set[str]:
    """The modules of the package that a module imports when it is imported itself."""
    here = module.split(".") if SOURCES[module].name == "__init__.py" else module.split(".")[:-1]
    found = set()
    for node in when_imported(tree(module)):
        if isinstance(node, ast.ImportFrom) and node.level:
            origin = [*filter(None, here[: len(here) - node.level + 1]), *filter(None, [node.module])]
            names = {".".join([*origin, alias.name]) for alias in node.names} | {".".join(origin)}
            found |= names & SOURCES.keys()
    return found


def with_imports(*modules: str) -> set[str]:
    """Modules and all that they import."""
    found: set[str] = set()
    waiting = [*modules]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += imports(module)
    return found


@functools.cache
def ops_of(module: str) -> tuple[set[str], set[str]]:
    """The names of ops for which a module asks, `OPS["Pad"]`, and the strings that it has otherwise."""
    asked, strings = set(), set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "OPS":
            asked |= {id(part) for part in ast.walk(node.slice) if isinstance(part, ast.Constant)}
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            strings.add(node)
    return {node.value for node in strings if id(node) in asked}, {x.value for x in strings if id(x) not in asked}


ASKING = [module for module, path in SOURCES.items() if "OPS[" in path.read_text(encoding="utf-8")]  # or seeming to


@pytest.mark.parametrize("module", ASKING)
def test_an_op_that_is_asked_for_loads_its_family_only(module):
    there = set().union(*(ops_of(one)[1] for one in with_imports("", module) if one.startswith("ops.")))
    unknown = {name for name in ops_of(module)[0] if name[0].isupper() and name in OPS} - there - FAMILIES.keys()
    assert not unknown, f"tapeflow/ops/__init__.py does not say where {sorted(unknown)} are"


def test_families_are_where_they_are_said_to_be():
    show = "OPS.load = None\nprint(*(OPS[name].name for name in _FAMILIES))"
    assert alone(f"from tapeflow.ops import _FAMILIES, OPS\n{show}").split() == list(FAMILIES)
    assert all(f'"{name}"' in SOURCES[f"ops.{family}"].read_text(encoding="utf-8") for name, family in FAMILIES.items())
