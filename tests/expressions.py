"""Expressions whose answers are recorded from TensorFlow: their names, what comes of them, whether answers agree.

A file of expressions (`ragged_expressions.py`...) has a `SETUP` that makes the names, the `EXPRESSIONS`, and where the
answers are: `RECORDING`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

_NUMBER = re.compile(r"-?\d+\.\d*(?:e[-+]?\d+)?|nan|inf")


def named(setup: str, tf: Any) -> dict[str, Any]:
    """The names that expressions use, after their setup."""
    found: dict[str, Any] = {"tf": tf}
    exec(setup, found)
    return found


def result(expression: str, names: dict[str, Any]) -> list[str]:
    """What comes of an expression, as text: the result, its shape; or the error, with its type and first line."""
    try:
        value = eval(expression, names)
        return ["ok", f"{value!r} {getattr(value, 'shape', '')}"]
    except Exception as error:
        text = re.sub(r"\{\{function_node .*?\}\} ", "", str(error)).split(" [Op:")[0]
        return ["error", f"{type(error).__name__}: {text.splitlines()[0] if text else ''}"]


def record(setup: str, expressions: list[str], recording: Path) -> None:
    """Writes what TensorFlow makes of the expressions."""
    import tensorflow

    names = named(setup, tensorflow)
    recording.write_text(json.dumps({each: result(each, names) for each in expressions}, indent=0) + "\n")


def alike(mine: str, theirs: str) -> bool:
    """Whether texts are the same but for the last digits of floats."""
    numbers = [np.array([float(x) for x in _NUMBER.findall(text)]) for text in (mine, theirs)]
    rest = [re.sub(r"\s", "", _NUMBER.sub("#", text)) for text in (mine, theirs)]
    if rest[0] != rest[1]:
        return False
    np.testing.assert_allclose(*numbers, rtol=1e-6)
    return True


def check_in_a_function(expression: str, specs: dict[str, Any], names: dict[str, Any], tf: Any) -> None:
    """An expression gives the same in a function of what it uses, with sizes unknown."""
    function = tf.function(eval(f"lambda {', '.join(specs)}: ({expression})", names), input_signature=[*specs.values()])
    got, want = function(*[names[name] for name in specs]), eval(expression, names)
    assert alike(repr(got), repr(want))
