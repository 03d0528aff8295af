"""Says what of TensorFlow's public names tapeflow has, and writes `docs/coverage.md`: `python tools/coverage.py`.

A name is *present* if it resolves in `tapeflow` and a test calls it: a row of the op table, a test, or an example in a
docstring or a page. Names count by how many public files use them. `tools/record_symbols.py` made the list of names.
"""

from __future__ import annotations

import ast
import doctest
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tapeflow as tf

ROOT = Path(__file__).parent.parent
SYMBOLS = ROOT / "tests" / "recordings" / "symbols.tsv"
PAGE = ROOT / "docs" / "coverage.md"
PRESENT, UNTESTED, ABSENT = "present", "not called by a test", "absent"
NAMESPACES = {"tf", "math", "linalg", "nn", "signal", "bitwise", "image", "strings", "random", "experimental.numpy"}
FILES = re.compile(r"image\.(decode|encode|extract_jpeg|is_jpeg)")  # what reads and writes images' files


@dataclass
class Symbol:
    """A public name of TensorFlow's: `aliases` are all names of its object, `files` how many files use this name."""

    name: str
    kind: str
    aliases: list[str]
    files: int
    state: str = ABSENT

    @property
    def namespace(self) -> str:
        owner = self.name.rpartition(".")[0]
        if self.kind == "member":
            owner = owner.rpartition(".")[0]
        return owner or "tf"

    @property
    def is_computation(self) -> bool:
        home = re.sub(r"^experimental\.numpy\..*", "experimental.numpy", self.namespace)
        home = home.removesuffix(".experimental") if home != "experimental" else home
        return self.kind != "constant" and home in NAMESPACES and not FILES.match(self.name)


def symbols() -> list[Symbol]:
    """All names, each with its state."""
    seen = mentioned()
    found = []
    for line in SYMBOLS.read_text().splitlines():
        kind, fields = line.split("\t")
        counts = dict(field.split(":") for field in fields.split())
        found += [Symbol(name, kind, [*counts], int(files)) for name, files in counts.items()]
    for symbol in found:
        value = resolved(symbol.name)
        if value is not None:
            same = [name for name in symbol.aliases if resolved(name) is value]
            symbol.state = PRESENT if seen.intersection(same) else UNTESTED
    return found


@functools.cache
def resolved(name: str) -> Any:
    """What a name stands for in tapeflow, None if it has not got it."""
    value: Any = tf
    for part in name.split("."):
        value = getattr(value, part, None)
    return value


# ---------------------------------------------------------------- what tests call


def mentioned() -> set[str]:
    """The paths below `tf` that stand in the code of tests and examples."""
    found: set[str] = set()
    for file in sorted((ROOT / "tests").rglob("*.py")):
        found |= paths_in(ast.parse(file.read_text()))
    parser = doctest.DocTestParser()
    for file in sorted([*(ROOT / "tapeflow").rglob("*.py"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]):
        text = file.read_text()
        if file.suffix == ".py":
            found |= {path for doc in docstrings(ast.parse(text)) for path in examples(parser, doc)}
        elif file != PAGE:
            found |= examples(parser, text)
    return found


def docstrings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""


def examples(parser: doctest.DocTestParser, text: str) -> set[str]:
    return {path for example in parser.get_examples(text) for path in paths_in(ast.parse(example.source))}


def paths_in(tree: ast.AST) -> set[str]:
    """`a.b` for each `tf.a.b`, and for names that are looked up with `getattr(tf.a, text)`, or by `function("a.b")`."""
    found: set[str] = set()
    templates = {"{}"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(dotted(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            templates |= template(*node.args[:2])
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    words = {text for text in texts if re.fullmatch(r"[\w.]+", text) and len(text) > 1}
    filled = words | {word.lower() for word in words}
    looked_up = {form.format(word) for form in templates for word in filled if form != "{}" or "." in word}
    if any(isinstance(node, ast.Name) and node.id == "function" for node in ast.walk(tree)) or "{!s}" in templates:
        looked_up |= words
    return (found | looked_up) - {""}


def dotted(node: ast.AST) -> str:
    """`a.b` of the expression `tf.a.b`, nothing of others."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed(parts)) if isinstance(node, ast.Name) and node.id == "tf" else ""


def template(owner: ast.AST, name: ast.AST) -> set[str]:
    """The form of the names that a `getattr` looks up, with `{}` for what is not in its text."""
    prefix = dotted(owner)
    if not prefix and not (isinstance(owner, ast.Name) and owner.id == "tf"):
        return set()
    if isinstance(name, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in name.values]
        form = "".join(map(str, parts))
        return {f"{prefix}.{form}".lstrip(".")} if form.count("{}") == 1 else set()
    return {f"{prefix}.{{}}"} if prefix else {"{!s}"}


# ---------------------------------------------------------------- the page


def share(found: Iterable[Symbol]) -> tuple[int, int, str]:
    """How many of some names are present, how many there are, and the share of their weight."""
    listed = [*found]
    total = sum(symbol.files for symbol in listed)
    there = sum(symbol.files for symbol in listed if symbol.state == PRESENT)
    count = sum(symbol.state == PRESENT for symbol in listed)
    return count, len(listed), f"{100 * there / total:.1f} %" if total else "-"


INTRO = """# What of TensorFlow's API there is

Written by `tools/coverage.py`; `tests/test_coverage.py` fails if it is out of date. The names are those that TensorFlow
2.21 exports, without Keras, `tf.compat.v1`, `tf.compat.v2` and `tf.raw_ops`. A name counts by the number of files of
public programs that use it, its *weight*. It is *present* if tapeflow has it and a test (a row of the op table, a test
function, or an example in a docstring or a page) calls it, by this or another name of the same object.

*Computations* are the functions and classes (constants and dtypes are none) that are directly in `tf`, `tf.math`,
`tf.linalg`, `tf.nn`, `tf.signal`, `tf.bitwise`, `tf.image` (but for what reads and writes files), `tf.strings`,
`tf.random`, their `experimental` namespaces, and `tf.experimental.numpy`; and those members of their classes that
programs name, like `tf.random.Generator.from_seed`.
"""


def page() -> str:
    """The text of `docs/coverage.md`."""
    found = symbols()
    computations = [symbol for symbol in found if symbol.is_computation]
    parts = [INTRO, "| | present | of | of their weight |", "|---|--:|--:|--:|"]
    for title, some in (("**computations**", computations), ("all names", found)):
        parts.append("| {} | {} | {} | {} |".format(title, *share(some)))
    for namespace in sorted({symbol.namespace for symbol in computations}, key=lambda name: (name != "tf", name)):
        some = [symbol for symbol in computations if symbol.namespace == namespace]
        title = "`tf`" if namespace == "tf" else f"`tf.{namespace}`"
        parts.append("| {} | {} | {} | {} |".format(title, *share(some)))
    for title, state in (("Computations that are missing", ABSENT), ("Computations that no test calls", UNTESTED)):
        parts += [f"\n## {title}\n", listing(s for s in computations if s.state == state)]
    others = [symbol for symbol in found if not symbol.is_computation]
    parts += ["\n## Others that are missing", ""]
    parts += [f"- {line}" for line in by_namespace([symbol for symbol in others if symbol.state == ABSENT])]
    parts += ["\n## Others that no test calls\n", listing(s for s in others if s.state == UNTESTED)]
    return "\n".join(parts) + "\n"


def heaviest(found: Iterable[Symbol]) -> list[Symbol]:
    return sorted(found, key=lambda symbol: (-symbol.files, symbol.name))


def listing(found: Iterable[Symbol]) -> str:
    """Names with their weights, the heaviest first."""
    return wrapped(f"`tf.{symbol.name}` {symbol.files}" for symbol in heaviest(found))


def by_namespace(found: list[Symbol]) -> Iterator[str]:
    homes = {symbol.namespace.split(".")[0] for symbol in found}
    groups = {home: [symbol for symbol in found if symbol.namespace.split(".")[0] == home] for home in homes}
    for home in sorted(homes, key=lambda home: (-sum(symbol.files for symbol in groups[home]), home)):
        title = "`tf`" if home == "tf" else f"`tf.{home}`"
        names = (f"`{symbol.name.removeprefix(home + '.')}` {symbol.files}" for symbol in heaviest(groups[home]))
        yield f"{title}: {wrapped(names, '  ')}"


def wrapped(words: Iterable[str], indent: str = "", width: int = 120) -> str:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) + 2 > width:
            lines.append(indent)
        lines[-1] += f"{word}, "
    return "\n".join(line.rstrip() for line in lines).rstrip(",") or "None."


if __name__ == "__main__":
    PAGE.write_text(page())
    print(*PAGE.read_text().splitlines()[12:18], sep="\n")
