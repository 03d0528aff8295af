"""The op Assert, which checks while a graph runs, and how its error shows tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..base import errors, shapes
from ..base.context import context
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor
from .common import only_host
from .creation import get_static_value
from .printing import element
from .sizes import all_axes


def _checked(condition: Any, *data: Any, **_attrs: Any) -> tuple[()]:
    if not data:
        raise errors.invalid("Length for attr 'T' of 0 must be at least minimum 1")
    if condition:
        raise errors.invalid(f"assertion condition must be a scalar, not shape {shapes.show(condition)}")
    return ()


@op("Assert", "condition:bool, data:N*T ->", shape=_checked, differentiable=False)
def assert_op(xp: Any, condition: Array, *data: Array, summarize: int = 3) -> tuple[()]:
    _checked(condition.shape, *data)
    if not condition:
        raise errors.invalid("assertion failed: " + " ".join(f"[{_shown(x, summarize)}]" for x in data))
    return ()


assert_op.stateful = True
only_host(assert_op)
# Each of the data has a dtype of its own.
_condition, _data = assert_op.inputs
for _count in range(25):
    assert_op._flat[1 + _count] = (_condition, *[_data._replace(type=f"T{i}") for i in range(_count)])


def _shown(array: Array, summarize: int) -> str:
    """The first elements, with brackets around inner rows, as TensorFlow's runtime shows tensors in errors."""
    limit = array.size if summarize < 0 else min(summarize, array.size)
    if array.ndim < 2:
        text = " ".join(map(_element, array.reshape(-1)[:limit]))
    else:
        text = "".join(_rows(array, limit))
    return text + ("..." if limit < array.size else "")


def _rows(array: Array, left: int) -> Iterator[str]:
    """The first `left` elements, row by row."""
    if array.ndim == 1:
        yield " ".join(map(_element, array[:left])) + "..." * (left < len(array))
        return
    for row in array:
        if left <= 0:
            return
        yield f"[{''.join(_rows(row, min(left, row.size)))}]"
        left -= row.size


def _element(value: Any) -> str:
    return str(value if isinstance(value, bytes) else element(value), errors="replace")


def assert_node(condition: Any, data: Iterable[Any], summarize: int | None = None, name: str | None = None) -> Any:
    """Adds an Assert to the open graph, for a boolean scalar.

    Args:
      condition: what must hold.
      data: Tensors, or what converts to them, for the error to show.
      summarize: how many elements of each; 3 unless given, all if negative.
      name: a name for the operation.

    Returns:
      The operation.
    """
    assert_op(condition, *map(convert, data), summarize=3 if summarize is None else summarize, name=name)
    return context.graph.nodes[-1]


def assert_all(
    holds: Tensor, data: Iterable[Any], summarize: int | None, name: str | None, message: str | None = None
) -> Any:
    """Checks, in the open graph, that all elements of `holds` are true.

    Where they are known already, it is checked at once: then there is no operation, and an error shows `message`.
    """
    known = get_static_value(holds)
    if known is None:
        return assert_node(OPS["All"](holds, all_axes(holds), keep_dims=False), data, summarize, name)
    if not known.all():
        raise errors.invalid(message or "")
    return None
