"""What is known of a node's outputs when it is added: shapes and dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors
from ..base.dtypes import DType, as_dtype
from ..core.op import Arg, Op
from ..core.symbol import Size, Symbol
from .node import brackets, label, sizes_in
from .shape_words import Call, in_graphs, later, of_type, too_large


def infer(op: Op, args: tuple[Any, ...], attrs: dict[str, Any], name: str) -> Any:
    """The shape of the output, or of each of several; unknown sizes are None, or Sizes where they equal others."""
    kinds = op.flat_inputs(len(args))
    try:
        for shape_of, static in _VIEWS:
            try:
                found = op.shape_rule(
                    *[static(x) if arg.static else shape_of(x) for x, arg in zip(args, kinds)], **attrs
                )
                if op.name in _FITS:
                    _FITS[op.name](op, args, attrs)
                return _rank_of(op, args) if found is None and op.name in _SHAPED else found
            except errors.OpError:
                raise
            except Exception:  # the rule asked what is not known yet
                if static is _known:
                    raise
        raise AssertionError("the last view is one that all rules take")
    except errors.InvalidArgumentError as error:
        if later(error.message) and not op.several:
            return None
        refused = of_type(error.message, op)
        if refused is not None:
            raise refused from None
        shapes = [x._array.static for x in args if isinstance(x, Symbol)]
        raise ValueError(
            f"{in_graphs(error.message, Call(shapes, args, attrs))} for '{{{{node {name}}}}} = {op.name}"
            f"({', '.join(label(x) for x in args)})' with input "
            f"shapes: {', '.join(map(brackets, shapes))}."
        ) from None


# Ops whose output has the shape that an input says.
_SHAPED = frozenset(
    "BroadcastTo Fill RandomStandardNormal RandomUniform RandomUniformInt Reshape ScatterNd SparseToDense"
    " StatelessRandomNormalV2 StatelessRandomUniformFullIntV2 StatelessRandomUniformIntV2 StatelessRandomUniformV2"
    " StatelessTruncatedNormalV2 StridedSliceGrad TruncatedNormal".split()
)


def _window_fits(op: Op, args: tuple[Any, ...], attrs: dict[str, Any]) -> None:
    """A window must not be larger than the image; eagerly nothing comes out then."""
    wrong = too_large(op.name, [x._array.static for x in args if isinstance(x, Symbol)], attrs)
    if wrong:
        raise errors.invalid(wrong)


def _range_fits(op: Op, args: tuple[Any, ...], attrs: dict[str, Any]) -> None:
    """The numbers of a `Range` that are known."""
    if any(x.known is None or x.known.size != 1 or x.known.dtype == object for x in args):  # objects are Sizes
        return
    start, limit, delta = (x.known.item() for x in args)
    if (limit - start) * delta < 0:
        need, sign = ("<=", ">") if delta > 0 else (">=", "<")
        raise errors.invalid(f"Requires start {need} limit when delta {sign} 0: {start:g}/{limit:g}")


# What TensorFlow checks while it traces, and our kernels do not.
_FITS = {
    "AvgPool": _window_fits, "Conv2D": _window_fits, "DepthwiseConv2dNative": _window_fits, "MaxPool": _window_fits,
    "Range": _range_fits,
}  # fmt: skip


def _rank_of(op: Op, args: tuple[Any, ...]) -> tuple[None, ...] | None:
    """Unknown sizes, as many as the input that says the shape has elements."""
    (shape,) = (x for x, arg in zip(args, op.inputs) if (arg.static and "shape" in arg.name) or arg.name == "dims")
    count = shape._array.static if isinstance(shape, Symbol) else None
    return (None,) * count[0] if count and count[0] is not None else None


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
