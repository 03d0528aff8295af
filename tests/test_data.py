"""tf.data: what TensorFlow makes of some hundred programs."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from data_expressions import EXPRESSIONS, RECORDING, names, result

import tapeflow as tf

RECORDED: dict[str, Any] = json.loads(RECORDING.read_text(encoding="utf-8"))
NAMES = names(tf)
_FLOAT = re.compile(r"-?\d+\.\d*(?:e[-+]?\d+)?")


def alike(mine: str, theirs: str) -> bool:
    """Whether texts are the same but for the last digits of floats."""
    if _FLOAT.sub("#", mine) != _FLOAT.sub("#", theirs):
        return False
    numbers = [np.array([float(x) for x in _FLOAT.findall(text)]) for text in (mine, theirs)]
    return np.allclose(*numbers, rtol=1e-6, atol=0)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str) -> None:
    mine, theirs = (json.dumps(each, indent=0) for each in (result(expression, NAMES), RECORDED[expression]))
    assert alike(mine, theirs), f"{mine}\n{theirs}"
