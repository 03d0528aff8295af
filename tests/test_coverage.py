"""docs/coverage.md says what is there."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def coverage() -> ModuleType:
    path = Path(__file__).parent.parent / "tools" / "coverage.py"
    spec = importlib.util.spec_from_file_location("coverage_tool", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # for its dataclass
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(coverage: ModuleType) -> None:
    assert coverage.PAGE.read_text() == coverage.page(), "run `python tools/coverage.py`"


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("tf.math.add(1, 2)", {"math.add", "math"}),
        ("f(tf.nn.relu)", {"nn.relu", "nn"}),
        ("x.shape", set()),
        ("g = lambda tf, name: getattr(tf.linalg, name); g('det')", {"linalg.det", "linalg"}),
        ("g = lambda tf, name: getattr(tf, f'reduce_{name}'); g('sum')", {"reduce_sum"}),
        ("g = lambda tf, name: getattr(tf, name); g('sum')", {"sum"}),
        ("function('math.abs')", {"math.abs"}),
        ("'sum'", set()),
    ],
)
def test_what_is_found_in_code(coverage: ModuleType, source: str, paths: set[str]) -> None:
    assert coverage.paths_in(ast.parse(source)) >= paths
    assert paths or not coverage.paths_in(ast.parse(source))


def test_what_is_a_computation(coverage: ModuleType) -> None:
    def is_computation(name: str, kind: str = "function") -> bool:
        return coverage.Symbol(name, kind, [name], 0).is_computation

    assert is_computation("reduce_sum") and is_computation("math.add") and is_computation("image.resize")
    assert is_computation("random.Generator.from_seed", "member")
    assert is_computation("nn.experimental.stateless_dropout") and is_computation("experimental.numpy.random.randn")
    assert not is_computation("float32", "constant") and not is_computation("data.Dataset", "class")
    assert not is_computation("data.Dataset.map", "member") and not is_computation("image.decode_png")
    assert not is_computation("experimental.Optional", "class")
