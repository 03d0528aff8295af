"""tf.data: what TensorFlow makes of some hundred programs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from data_expressions import EXPRESSIONS, RECORDING, names, result
from expressions import alike

import tapeflow as tf

RECORDED: dict[str, Any] = json.loads(RECORDING.read_text(encoding="utf-8"))
NAMES = names(tf)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str) -> None:
    mine, theirs = (json.dumps(each, indent=0) for each in (result(expression, NAMES), RECORDED[expression]))
    assert alike(mine, theirs), f"{mine}\n{theirs}"
