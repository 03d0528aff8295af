"""Keeps what TensorFlow exports, and how many programs use it: `python tools/record_symbols.py [counts.tsv]`.

Run it in an environment that has TensorFlow. It writes `tests/recordings/symbols.tsv`, which `tools/coverage.py` reads:
a line for each public object with its kind and all its names, the canonical one first, each with the number of public
files that use it.
`counts.tsv` has the columns `symbol` and `files`; without it the counts stay as they are.

Left out are Keras, `compat.v1`, `compat.v2`, and `raw_ops` (the op table says which ops there are).
"""

from __future__ import annotations

import csv
import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

SYMBOLS = Path(__file__).parent.parent / "tests" / "recordings" / "symbols.tsv"
LEFT_OUT = {"keras", "initializers", "losses", "metrics", "optimizers", "compat.v1", "compat.v2", "raw_ops"}


def walk(module: ModuleType, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The public names below a module, with what they stand for."""
    for name in sorted(vars(module).keys() | {*dir(module)}):
        path = prefix + name
        if (name.startswith("_") and name != "__version__") or path in LEFT_OUT:
            continue
        value = getattr(module, name)
        if not isinstance(value, ModuleType):
            yield path, value
        elif "_api.v2" in value.__name__ or value.__name__ in ("tensorflow.experimental", "tensorflow.dtensor"):
            yield from walk(value, f"{path}.")


def kind_of(value: Any) -> str:
    return "class" if inspect.isclass(value) else "function" if callable(value) else "constant"


def canonical(value: Any, names: list[str]) -> str:
    """The name under which an object is documented."""
    from tensorflow.python.util import tf_export

    try:
        found = tf_export.get_canonical_name_for_symbol(value)
    except (AttributeError, TypeError):
        found = None
    # Without a word from TensorFlow: names in a namespace before those at the top.
    return found if found in names else min(names, key=lambda name: ("experimental" in name, "." not in name, name))


def grouped(found: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Kind and names of each object, the canonical name first."""
    objects: dict[Any, list[str]] = {}
    for path, value in found.items():
        shared = callable(value) or type(value).__name__ == "DType"
        objects.setdefault(id(value) if shared else path, []).append(path)
    for names in objects.values():
        first = canonical(found[names[0]], names)
        yield kind_of(found[first]), [first, *sorted({*names} - {first})]


def counts(path: str | None) -> dict[str, int]:
    if path is None:
        fields = [name.split(":") for line in SYMBOLS.read_text().splitlines() for name in line.split("\t")[1].split()]
        return {name: int(files) for name, files in fields}
    with open(path) as file:
        return {row["symbol"].removeprefix("tf."): int(row["files"]) for row in csv.DictReader(file, delimiter="\t")}


def members(found: dict[str, Any], files: dict[str, int]) -> Iterator[tuple[str, list[str]]]:
    """What programs use of public classes: `Variable.assign`, `TensorSpec.from_tensor`."""
    for path in files:
        owner, _, name = path.rpartition(".")
        if path not in found and inspect.isclass(found.get(owner)) and hasattr(found[owner], name):
            yield "member", [path]


def main() -> None:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    files = counts(sys.argv[1] if len(sys.argv) > 1 else None)
    found = dict(walk(tf))
    lines = [
        f"{kind}\t{' '.join(f'{name}:{files.get(name, 0)}' for name in names)}"
        for kind, names in sorted([*grouped(found), *members(found, files)], key=lambda entry: entry[1][0].lower())
    ]
    SYMBOLS.write_text("\n".join(lines) + "\n")
    print(f"{len(found)} names of {len(lines)} objects, TensorFlow {tf.__version__}")


if __name__ == "__main__":
    main()
