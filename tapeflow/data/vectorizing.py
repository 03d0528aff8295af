"""Functions of one element that are run on many at once: where that gives the same, and is faster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.spec import TensorSpec
from ..graph.function import Function
from ..graph.functional import vectorized_map
from .elements import Flat, Structure
from .functions import ElementFunction

# Ops of which each element's result depends on that element alone, to the last bit.
SAFE = frozenset(
    "Abs Add AddV2 BitwiseAnd BitwiseOr BitwiseXor BroadcastTo Cast Ceil ClipByValue ConcatV2 Const Equal ExpandDims"
    " Floor FloorDiv FloorMod Greater GreaterEqual Identity Less LessEqual LogicalAnd LogicalNot LogicalOr Max Maximum"
    " Min Minimum Mul Neg NotEqual OneHot OnesLike Pack Pad PadV2 Placeholder RealDiv Relu Reshape ReverseV2 Round"
    " SelectV2 Sign Slice Sqrt Square Squeeze StridedSlice Sub Tile Transpose Unpack ZerosLike".split()
)


def many_at_once(function: ElementFunction, takes: Structure) -> Callable[..., Flat] | None:
    """The function for rows stacked, or None if it may not be, or its shapes are not known beforehand."""
    graph = function.graph
    if not takes.plain or not function.result.plain or not takes.flat or function.as_python is not None:
        return None
    known = all(spec.shape.is_fully_defined() for spec in (*takes.flat, *function.result.flat))
    if not known or any(node.type not in SAFE for node in graph.nodes) or function.captures:
        return None
    flat = [TensorSpec([None, *spec.shape], spec.dtype) for spec in takes.flat]
    run = function.on_tensors

    def many(*columns: Any) -> Any:
        return vectorized_map(lambda row: run(*row), list(columns), fallback_to_while_loop=False)

    try:
        concrete = Function(many, convert=None, jit_compile=False).get_concrete_function(*flat)
    except (ValueError, TypeError, NotImplementedError):
        return None
    engine, captured = concrete.engine, concrete._arrays
    return lambda *arrays: tuple(engine(*arrays, *captured))
