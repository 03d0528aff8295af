"""What programs of `random_streams.py` draw, and where it is kept."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

KEPT = Path(__file__).parent / "recordings" / "random_streams.zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # so that the same content gives the same bytes


def run(tf: Any, program: Any) -> list[np.ndarray[Any, Any]] | str:
    """The arrays that a program draws, in order; or how it is refused, as "Type: text"."""
    try:
        flat = tf.nest.flatten(program(tf))
    except Exception as error:
        text = re.sub(r"\{\{function_node [^}]*\}\} ?|\s*\[Op:.*", "", str(error), flags=re.S)
        return f"{type(error).__name__}: {text.partition(chr(10))[0]}"
    return [np.asarray(each.numpy() if hasattr(each, "numpy") else each) for each in flat]


def save(outcomes: dict[str, Any]) -> None:
    """Writes all outcomes: one array of bytes for all numbers, and where in it each program has its own."""
    index: dict[str, Any] = {}
    parts: list[bytes] = []
    at = 0
    for name, outcome in outcomes.items():
        if isinstance(outcome, str):
            index[name] = outcome
            continue
        index[name] = []
        for array in outcome:
            data = array.tobytes()
            index[name].append([array.dtype.name, list(array.shape), at])
            parts.append(data)
            at += len(data)
    with zipfile.ZipFile(KEPT, "w", zipfile.ZIP_DEFLATED) as file:
        for entry, content in (("index.json", json.dumps(index).encode()), ("numbers", b"".join(parts))):
            file.writestr(zipfile.ZipInfo(entry, _EPOCH), content, zipfile.ZIP_DEFLATED)


def load() -> dict[str, Any]:
    """All outcomes that were kept."""
    import ml_dtypes

    with zipfile.ZipFile(io.BytesIO(KEPT.read_bytes())) as file:
        index, numbers = json.loads(file.read("index.json")), file.read("numbers")

    def array(kind: str, shape: list[int], at: int) -> np.ndarray[Any, Any]:
        dtype = np.dtype(getattr(ml_dtypes, kind) if kind == "bfloat16" else kind)
        count = int(np.prod(shape))
        return np.frombuffer(numbers, dtype, count, at).reshape(shape) if count else np.empty(shape, dtype)

    return {name: kept if isinstance(kept, str) else [array(*each) for each in kept] for name, kept in index.items()}
