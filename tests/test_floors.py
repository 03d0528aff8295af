"""The floors of the package: imports go down only, JAX has one door, and state lives where it is allowed to."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tapeflow"

FLOORS = [
    {"base"},
    {"engines"},
    {"core"},
    {"ops"},
    {"autodiff"},
    {"state"},
    {"graph"},
    {"linear_operators", "data", "io", "saving", "summary", "distribute"},
    {"client"},
]
PUBLIC = len(FLOORS)  # the public namespaces, the command line, testing

# Containers that functions fill, and what for. Anything else that changes belongs to base/context.py.
FILLED = {
    "base.dtypes._LOOKUP": "the table of dtypes, filled while the module loads",
    "client.type_spec_registry._CLASSES": "specs by name, filled while classes of users are made",
    "client.type_spec_registry._NAMES": "the other way round",
    "summary.events._numbers": "the event files of this process, so that no two have one name",
    "core.convert._conversions": "the registry of conversions to Tensors, filled while modules load",
}
# Modules with names that functions bind anew (`global`), and what for.
REBINDING = {
    "engines.host": "threads and the thread count of BLAS, which the process has one of",
}


def dotted(path: Path) -> str:
    """`tapeflow/base/dtypes.py` -> `base.dtypes`; a package is its `__init__`; the top is the empty string."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


SOURCES = {dotted(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@functools.cache
def tree(module: str) -> ast.Module:
    return ast.parse(SOURCES[module].read_text(encoding="utf-8"))


def floor(module: str) -> int:
    top = module.partition(".")[0]
    return next((number for number, names in enumerate(FLOORS) if top in names), PUBLIC)


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes, less what stands under `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        typing_only = isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")
        for part in child.orelse if typing_only else [child]:
            yield from walk(part)


@functools.cache
def nodes(module: str) -> list[ast.AST]:
    return [*walk(tree(module))]


def imports(module: str) -> Iterator[str]:
    """Full names of what a module imports, anywhere in it."""
    here = ["tapeflow", *filter(None, module.split("."))]
    if SOURCES[module].name != "__init__.py":
        here.pop()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = ".".join([*here[: len(here) - node.level + 1], *filter(None, [node.module])])
            source = origin if node.level else node.module
            yield from (f"{source}.{alias.name}" for alias in node.names)


@functools.cache
def edges(module: str) -> set[str]:
    """Which of our modules a module imports: the longest prefix of each name that is a module."""
    found: set[str] = set()
    for name in imports(module):
        top, *rest = name.split(".")
        if top == "tapeflow":
            while ".".join(rest) not in SOURCES:
                rest.pop()
            found.add(".".join(rest))
    return found - {module}


@pytest.mark.parametrize("module", SOURCES)
def test_imports_go_down(module):
    up = {other for other in edges(module) if floor(other) > floor(module)}
    assert not up, f"{module} (floor {floor(module)}) imports {sorted(up)} from above"


def test_there_are_no_cycles():
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module not in done:
            for other in sorted(edges(module)):
                visit(other, (*path, module))
            done.add(module)

    for module in SOURCES:
        visit(module, ())


def test_jax_is_imported_in_one_file():
    users = {module for module in SOURCES if any(name.split(".")[0] in ("jax", "jaxlib") for name in imports(module))}
    assert users <= {"engines.xla"}


def test_tensorflow_is_never_imported():
    assert not [module for module in SOURCES if any(name.split(".")[0] == "tensorflow" for name in imports(module))]


CONTAINERS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
MAKERS = {"dict", "list", "set", "defaultdict", "deque", "Counter", "OrderedDict", "WeakKeyDictionary", "WeakSet"}
MAKERS |= {"WeakValueDictionary", "count", "bytearray"}
THREAD_STATE = {"local", "ContextVar"}
CHANGES = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove", "discard", "clear"}
CHANGES |= {"sort", "appendleft", "popleft"}


def maker(value: ast.expr | None) -> str:
    """The name of what is called to make a value: `deque` for `collections.deque()`."""
    return ast.unparse(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""


def module_values(module: str) -> Iterator[tuple[str, ast.expr | None]]:
    for node in tree(module).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    yield target.id, node.value


def changed_in_functions(module: str) -> set[str]:
    """Names that functions of a module store into, delete from or call a changing method of."""
    changed = set()
    functions = [node for node in nodes(module) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    for node in (inner for function in functions for inner in walk(function)):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            changed.add(ast.unparse(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            changed.add(ast.unparse(node.func.value))
        elif isinstance(node, ast.Call) and maker(node) == "next" and node.args:
            changed.add(ast.unparse(node.args[0]))
    return changed


@pytest.mark.parametrize("module", [module for module in SOURCES if module != "base.context"])
def test_state_is_in_the_context_only(module):
    rebound = {name for node in nodes(module) if isinstance(node, ast.Global) for name in node.names}
    assert not rebound or module in REBINDING, f"{module} rebinds its globals {sorted(rebound)}"
    values = dict(module_values(module))
    threads = {name for name, value in values.items() if maker(value) in THREAD_STATE}
    assert not threads or module in REBINDING, f"{module} has thread state of its own: {sorted(threads)}"
    containers = {name for name, value in values.items() if isinstance(value, CONTAINERS) or maker(value) in MAKERS}
    filled = {name for name in containers & changed_in_functions(module) if f"{module}.{name}" not in FILLED}
    assert not filled, f"functions of {module} fill its globals {sorted(filled)}"


def test_the_exceptions_are_needed():
    for name in FILLED:
        module, _, value = name.rpartition(".")
        assert value in dict(module_values(module))
        assert value in changed_in_functions(module)
    for module in REBINDING:
        assert any(isinstance(node, ast.Global) for node in nodes(module)) or any(
            maker(value) in THREAD_STATE for _, value in module_values(module)
        )


def test_importing_is_quiet_and_light():
    forbidden = ["jax", "matplotlib", "scipy", "tensorflow", "torch", "keras", "asyncio", "unittest", "multiprocessing"]
    code = f"import sys, tapeflow; print([name for name in {forbidden!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (result.stdout, result.stderr, result.returncode) == ("[]\n", "", 0)
