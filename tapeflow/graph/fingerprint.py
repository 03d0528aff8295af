"""A text that is the same for the same graph in every process: the key of what is kept on disk."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..base.dtypes import DType
from ..core.symbol import Size, Symbol
from ..core.tensor import Tensor
from ..ops.random_ops import GraphSeed
from .ir import Graph

_PACKAGE = f"{__name__.partition('.')[0]}."
_PLAIN = (int, float, complex, str, bytes, bool, type(None))


def fingerprint(graph: Graph, inputs: Sequence[Symbol], outputs: Sequence[Symbol]) -> str | None:
    """The key of a graph, with tapeflow's own code; None if it holds what has no lasting name, a function say."""
    digest = hashlib.sha256(_own_code().encode())
    numbers: dict[int, int] = {}
    try:
        for line in _lines(graph, inputs, outputs, numbers):
            digest.update(line.encode() + b"\n")
    except TypeError:
        return None
    return digest.hexdigest()


def _lines(graph: Graph, inputs: Any, outputs: Any, numbers: dict[int, int]) -> Iterable[str]:
    def text(value: Any) -> str:
        if isinstance(value, GraphSeed):
            return f"{value!r}#{numbers.setdefault(value.stream, len(numbers))}"
        if isinstance(value, _PLAIN):
            return repr(value)
        if isinstance(value, Symbol):
            return f"%{numbers.setdefault(id(value), len(numbers))}:{value.dtype.name}{value._array.static}"
        if isinstance(value, Size):
            first, second = map(text, value.operands)
            return f"({first} {getattr(value.function, '__name__', 'size')} {second})"
        if isinstance(value, DType):
            return value.name
        if isinstance(value, (Tensor, np.ndarray, np.generic)):
            array = np.asarray(value._array if isinstance(value, Tensor) else value)
            content = repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
            return f"{array.dtype}{array.shape}{hashlib.sha256(content).hexdigest()}"
        if isinstance(value, Graph):
            return "\n".join(_lines(value, value.inputs, value.results, numbers))
        if isinstance(value, (list, tuple)):
            return f"({', '.join(map(text, value))})"
        if isinstance(value, dict):
            return f"{{{', '.join(f'{key}={text(item)}' for key, item in value.items())}}}"
        raise TypeError(type(value))

    yield text(list(inputs))
    for node in graph.nodes:
        if not getattr(node.op.kernel, "__module__", "").startswith(_PACKAGE):
            raise TypeError(node.op.name)  # a program's own op, of which the code may change
        yield f"{node.op.name} {text(node.args)} {text(node.attrs)} {text(node.outputs)}"
    yield text(list(outputs))


@functools.cache
def _own_code() -> str:
    """What tells one state of this package from another: the sizes and times of its files."""
    root = Path(__file__).parent.parent
    facts = [(path.relative_to(root).as_posix(), path.stat()) for path in sorted(root.rglob("*.py"))]
    return repr([(name, fact.st_size, fact.st_mtime_ns) for name, fact in facts])
