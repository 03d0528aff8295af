"""`tf.__internal__.smart_cond`: a condition that may be known already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.control import cond
from ..ops.creation import get_static_value
from ..state.variable import Variable


def smart_cond(
    pred: Any, true_fn: Callable[[], Any] | None = None, false_fn: Callable[[], Any] | None = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """`true_fn()` or `false_fn()`: at once if `pred` is known, otherwise as `tf.cond`.

    >>> print(tf.__internal__.smart_cond.smart_cond(True, lambda: 1, lambda: 2))
    1
    """
    if not callable(true_fn) or not callable(false_fn):
        raise TypeError("Argument `true_fn` and `false_fn` must be callable.")
    known = smart_constant_value(pred)
    if known is not None:
        return true_fn() if known else false_fn()
    return cond(pred, true_fn, false_fn)


def smart_constant_value(pred: Any) -> bool | None:
    """A condition's value if it is known before the graph runs."""
    if isinstance(pred, (bool, int)):
        return bool(pred)
    if isinstance(pred, Variable):
        return None
    known = get_static_value(pred)
    return None if known is None else bool(known)
