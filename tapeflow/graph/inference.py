"""What is known of a node's outputs when it is added: shapes and dtypes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..base import errors
from ..base.dtypes import DType, as_dtype
from ..core.op import Arg, Op
from ..core.symbol import Size, Symbol
from .node import brackets, label, sizes_in


def infer(op: Op, args: tuple[Any, ...], attrs: dict[str, Any], name: str) -> Any:
    """The shape of the output, or of each of several; unknown sizes are None, or Sizes where they equal others."""
    kinds = op.flat_inputs(len(args))
    try:
        for shape_of, static in _VIEWS:
            try:
                found = op.shape_rule(
                    *[static(x) if arg.static else shape_of(x) for x, arg in zip(args, kinds)], **attrs
                )
                return _rank_of(op, args) if found is None and op.name in _SHAPED else found
            except errors.OpError:
                raise
            except Exception:  # the rule asked what is not known yet
                if static is _known:
                    raise
        raise AssertionError("the last view is one that all rules take")
    except errors.InvalidArgumentError as error:
        shapes = ", ".join(brackets(x._array.static) for x in args if isinstance(x, Symbol))
        raise ValueError(
            f"{_in_graphs(error.message, op, args, attrs)} for '{{{{node {name}}}}} = {op.name}"
            f"({', '.join(label(x) for x in args)})' with input "
            f"shapes: {shapes}."
        ) from None


# Ops whose output has the shape that an input says.
_SHAPED = frozenset(
    "BroadcastTo Fill RandomStandardNormal RandomUniform RandomUniformInt Reshape ScatterNd SparseToDense"
    " StatelessRandomNormalV2 StatelessRandomUniformFullIntV2 StatelessRandomUniformIntV2 StatelessRandomUniformV2"
    " StatelessTruncatedNormalV2 StridedSliceGrad TruncatedNormal".split()
)


def _rank_of(op: Op, args: tuple[Any, ...]) -> tuple[None, ...] | None:
    """Unknown sizes, as many as the input that says the shape has elements."""
    (shape,) = (x for x, arg in zip(args, op.inputs) if (arg.static and "shape" in arg.name) or arg.name == "dims")
    count = shape._array.static if isinstance(shape, Symbol) else None
    return (None,) * count[0] if count and count[0] is not None else None


def _in_graphs(message: str, op: Op, args: tuple[Any, ...], attrs: dict[str, Any]) -> str:
    """What TensorFlow says while tracing, where its kernels have other words for it."""
    shapes = [x._array.static for x in args if isinstance(x, Symbol)]
    if message.startswith("Matrix size-incompatible"):
        turned = attrs.get("transpose_a") or attrs.get("adj_x"), attrs.get("transpose_b") or attrs.get("adj_y")
        return f"Dimensions must be equal, but are {shapes[0][-2 if turned[0] else -1]} and " + str(
            shapes[1][-1 if turned[1] else -2]
        )
    if message.startswith("Incompatible shapes") and len(shapes) == 2:
        pairs = zip(reversed(shapes[0]), reversed(shapes[1]))
        a, b = next(((a, b) for a, b in reversed(list(pairs)) if a != b and 1 not in (a, b)), (None, None))
        return message if a is None else f"Dimensions must be equal, but are {a} and {b}"
    reshaped = re.match(r"Input to reshape is a tensor with (\d+) values, but the requested shape has (\d+)", message)
    if reshaped:
        shape = ",".join(map(str, args[1])) if isinstance(args[1], tuple) else args[1]
        return f"Cannot reshape a tensor with {reshaped[1]} elements to shape [{shape}] ({reshaped[2]} elements)"
    if message.startswith("ConcatOp : Ranks"):
        ranks = [len(shape) for shape in shapes if shape is not None]
        return f"Shape must be rank {ranks[0]} but is rank {next(n for n in ranks if n != ranks[0])}"
    return message


def _as_is(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_as_is, value))
    return None if isinstance(value, Symbol) or (isinstance(value, Size) and not value.is_size) else value


def _partly(value: Any) -> Any:
    """A static value with None for each Size."""
    if isinstance(value, tuple):
        return tuple(map(_partly, value))
    return None if isinstance(value, (Size, Symbol)) else value


def _known(value: Any) -> Any:
    """A static value, or None if there is a Size in it."""
    return None if isinstance(value, Symbol) or any(True for _ in sizes_in(value)) else value


# How to show the inputs to a shape rule, the most telling way first: with Sizes; with None for each unknown size; with
# None for what is not wholly known.
_VIEWS: tuple[tuple[Any, Any], ...] = (
    (lambda x: x._array.dims, _as_is),
    (lambda x: x._array.static, _partly),
    (lambda x: x._array.static, _known),
)


def output_dtypes(
    op: Op, bound: dict[str, np.dtype[Any]], attrs: dict[str, Any], count: int, inputs: int
) -> list[DType]:
    def one(arg: Arg) -> DType:
        if arg.fixed is not None:
            return arg.fixed
        if arg.type in bound:
            return as_dtype(bound[arg.type])
        given: Any = attrs.get(arg.type, op.defaults.get(arg.type))
        return as_dtype(given)

    if len(op.outputs) == 1:
        arg = op.outputs[0]
        given = attrs.get(arg.type)
        if isinstance(given, (list, tuple)):  # a dtype for each output
            return [as_dtype(dtype) for dtype in given]
        return [one(arg)] * count
    if not any(arg.length for arg in op.outputs):
        return [one(arg) for arg in op.outputs]
    each = (count - sum(not arg.length for arg in op.outputs)) // sum(bool(arg.length) for arg in op.outputs)
    return [dtype for arg in op.outputs for dtype in [one(arg)] * (each if arg.length else 1)]
