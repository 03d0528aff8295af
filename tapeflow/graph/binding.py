"""From the arguments of an op to the inputs of a node: Symbols of the graph, and static values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.dtypes import DType, as_dtype, int32
from ..base.dtypes import resource as resource_dtype
from ..core.convert import convert
from ..core.execute import plain_value, static_value
from ..core.op import Arg, Op
from ..core.registry import OPS
from ..core.symbol import Size, Symbol
from ..core.tensor import Tensor

if TYPE_CHECKING:
    from .ir import Graph


# What is made for static inputs is called as these are, but for...
STATIC_NAMES = {
    ("StridedSlice", "begin"): "stack", ("StridedSlice", "end"): "stack_1", ("StridedSlice", "strides"): "stack_2",
}  # fmt: skip


def bind(graph: Graph, op: Op, inputs: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, np.dtype[Any]]]:
    """The inputs as Symbols and static values; the dtype of each type variable.

    What has to be made for that is named after the inputs, in the open name scope.
    """
    args = op.flat_inputs(len(inputs))
    values: list[Any] = list(inputs)
    bound: dict[str, tuple[np.dtype[Any], Arg]] = {}
    pending = []
    for i, arg in enumerate(args):
        x = values[i]
        if arg.static:
            if isinstance(x, (list, tuple)):  # if a tensor is among them: the op that packs them bears this name
                graph.operator = STATIC_NAMES.get((op.name, arg.name), arg.name)
            values[i] = static(graph, x)
            graph.operator = None
            continue
        if arg.fixed is resource_dtype and hasattr(x, "_handle"):
            values[i] = graph.resource_of(x)
            continue
        if not isinstance(x, Tensor) and hasattr(type(x), "__tf_tensor__") and type(x) is not Size:
            x = x.__tf_tensor__()
        if isinstance(x, Tensor):
            values[i] = graph.own(x, _name(args, i))
            _bind_one(op, arg, values[i], bound)
        else:
            pending.append(i)
    for i in pending:
        arg = args[i]
        wanted = arg.fixed or (as_dtype(bound[arg.type][0]) if arg.type in bound else None)
        values[i] = _converted(graph, op, arg, values[i], wanted, bound, _name(args, i))
        _bind_one(op, arg, values[i], bound)
    return tuple(values), {kind: dtype for kind, (dtype, _) in bound.items()}


def _name(args: Sequence[Arg], i: int) -> str:
    """What an input is called; those of a list have numbers."""
    name = args[i].name
    return f"{name}_{i - [arg.name for arg in args].index(name)}" if args[i].length else name


def _converted(
    graph: Graph,
    op: Op,
    arg: Arg,
    value: Any,
    wanted: DType | None,
    bound: dict[str, tuple[np.dtype[Any], Arg]],
    name: str,
) -> Symbol:
    graph.operator = name if isinstance(value, (list, tuple)) else None  # the op that packs them bears that name
    try:
        tensor = convert(value, wanted)
    except (TypeError, ValueError) as error:
        if wanted is None or value is None or isinstance(value, Size):
            raise
        if arg.type in bound and (observed := _of_its_own(value)) is not None:
            _bind_one(op, arg, observed, bound)  # says that the dtypes do not match
        raise _unfit(op, arg, value, wanted, error) from None
    finally:
        graph.operator = None
    return graph.own(tensor) if isinstance(tensor, Symbol) else graph.constant(tensor, name)


def _of_its_own(value: Any) -> Tensor | None:
    """The Tensor of the dtype that a value has by itself, if there is one."""
    try:
        return convert(value)
    except (TypeError, ValueError):
        return None


def _unfit(op: Op, arg: Arg, value: Any, wanted: DType, error: Exception) -> Exception:
    if not isinstance(error, TypeError):
        return error
    return TypeError(
        f"Expected {wanted.name} passed to parameter '{arg.name}' of op '{op.name}', got {value!r} of type "
        f"'{type(value).__name__}' instead. Error: {error}"
    )


def _whole(item: Any) -> Any:
    """One of a list of integers, to which TensorFlow casts Tensors of floats."""
    return OPS["Cast"](item, DstT=int32) if isinstance(item, Tensor) and item.dtype.is_floating else item


def static(graph: Graph, value: Any) -> Any:
    """A static input: Python ints, with Sizes of this graph among them; a Symbol where nothing is known."""
    if isinstance(value, Symbol):
        value = graph.own(value)
        return value if value.known is None else plain_value(value.known)
    if isinstance(value, Size):
        return value.moved(graph.own) if _foreign(value, graph) else value
    if isinstance(value, (list, tuple)) and any(isinstance(x, (Tensor, Size, tuple, list)) for x in value):
        value = [_whole(x) for x in value]
        items = [static(graph, x) for x in value]
        if any(isinstance(x, Symbol) for x in items):
            return static(graph, convert(value))
        return tuple(items)
    if not isinstance(value, (Tensor, np.ndarray, np.generic, int, float, list, tuple)):
        return static(graph, convert(value))
    if isinstance(value, (list, tuple)) and any(x is None for x in value):
        convert(value)  # has the error for it
    return static_value(value)


def _bind_one(op: Op, arg: Arg, x: Tensor, bound: dict[str, tuple[np.dtype[Any], Arg]]) -> None:
    dtype = x._array.dtype
    if arg.fixed is not None:
        if dtype != arg.fixed.numpy and arg.fixed is not resource_dtype:
            raise TypeError(
                f"Input '{arg.name}' of '{op.name}' Op has type {x.dtype.name} that does not match expected type of "
                f"{arg.fixed.name}."
            )
        return
    if op.mixed:
        return
    if arg.type not in bound:
        allowed = op.allowed.get(arg.type)
        if allowed is not None and dtype not in allowed:
            names = ", ".join(kind.name for kind in op.types[arg.type])
            raise TypeError(
                f"Value passed to parameter '{arg.name}' has DataType {x.dtype.name} not in list of allowed values: "
                f"{names}"
            )
        bound[arg.type] = (dtype, arg)
        return
    before, first = bound[arg.type]
    if dtype != before:
        if arg.length:
            raise TypeError(
                f"Tensors in list passed to '{arg.name}' of '{op.name}' Op have types [{as_dtype(before).name}, "
                f"{x.dtype.name}] that don't all match."
            )
        raise TypeError(
            f"Input '{arg.name}' of '{op.name}' Op has type {x.dtype.name} that does not match type "
            f"{as_dtype(before).name} of argument '{first.name}'."
        )


def _foreign(size: Size, graph: Graph) -> bool:
    return any(leaf.operands[0].graph is not graph for leaf in size.leaves())
