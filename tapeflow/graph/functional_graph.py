"""`tf.map_fn`, `tf.scan`, `tf.foldl`, `tf.foldr` in graphs: loops over TensorArrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base import errors, nest
from ..base.dtypes import DType
from ..base.tensor_shape import Dimension
from ..core.convert import convert
from ..core.registry import OPS
from ..core.tensor import Tensor
from .autograph import convert_callback
from .control import while_loop
from .traced_tensor_array import TracedTensorArray

Function = Callable[..., Any]


def _size(flat: Sequence[Tensor]) -> Any:
    """The number of elements: an int where it is known, otherwise a Symbol."""
    for x in flat:
        known: int | None = x.shape[0] if x.shape.rank else None
        if known is not None:
            return known
    return OPS["Shape"](flat[0])[0]


def _unstacked(flat: Sequence[Tensor], size: Any) -> list[TracedTensorArray]:
    return [TracedTensorArray(x.dtype, size, element_shape=x.shape[1:]).unstack(x) for x in flat]


def _element(elems: Any, arrays: Sequence[TracedTensorArray], i: Any) -> Any:
    return nest.pack_sequence_as(elems, [array.read(i) for array in arrays])


def _stacked(structure: Any, arrays: Sequence[TracedTensorArray], size: Any) -> Any:
    tensors = [array.stack() for array in arrays]
    for tensor in tensors:
        if isinstance(size, int) and tensor.shape.rank is not None:
            tensor.set_shape([size, *tensor.shape[1:]])
    return nest.pack_sequence_as(structure, tensors)


def _as(dtype: DType, x: Any) -> Tensor:
    """`x`; what is no Tensor yet gets the dtype."""
    return x if isinstance(x, Tensor) else convert(x, dtype)


def map_fn(
    fn: Function, elems: Any, flat: list[Tensor], signature: Any, like: list[Any], infer_shape: bool, parallel: Any
) -> Any:
    """`tf.map_fn`: `like` are the specs of the results, in the structure of `signature`."""
    fn = convert_callback(fn)
    first, *others = [Dimension(x.shape[0] if x.shape.rank else None) for x in flat]
    for other in others:
        first.assert_is_compatible_with(other)
    size = _size(flat)
    arrays = _unstacked(flat, size)
    results = [TracedTensorArray(x.dtype, size, infer_shape=infer_shape, element_shape=x.shape) for x in like]

    def body(i: Any, results: Any) -> Any:
        value = fn(_element(elems, arrays, i))
        nest.assert_same_structure(signature, value)
        parts = [_as(spec.dtype, part) for part, spec in zip(nest.flatten(value), like)]
        for part, spec in zip(parts, like):
            if part.dtype is not spec.dtype:
                raise errors.invalid(
                    f"Invalid data types; op elements {part.dtype.cpp_name} but list elements {spec.dtype.cpp_name}: "
                    "set fn_output_signature to what fn returns."
                )
        return i + 1, [result.write(i, part) for result, part in zip(results, parts)]

    _, results = while_loop(lambda i, _: i < size, body, (convert(0), results))
    return _stacked(signature, results, size)


def scan(fn: Function, elems: Any, flat: list[Tensor], initializer: Any, infer_shape: bool, reverse: bool) -> Any:
    """`tf.scan`."""
    fn = convert_callback(fn)
    size = _size(flat)
    arrays = _unstacked(flat, size)
    like = elems if initializer is None else initializer
    first = size - 1 if reverse else 0
    if initializer is None:
        value = [array.read(first) for array in arrays]
    else:
        value = [convert(x) for x in nest.flatten(initializer)]
    results = [
        TracedTensorArray(x.dtype, size, infer_shape=infer_shape, element_shape=x.shape if infer_shape else None)
        for x in value
    ]
    step, start = (-1 if reverse else 1), first
    if initializer is None:
        results = [result.write(first, part) for result, part in zip(results, value)]
        start = first + step

    def body(i: Any, value: Any, results: Any) -> Any:
        out = fn(nest.pack_sequence_as(like, value), _element(elems, arrays, i))
        nest.assert_same_structure(like, out)
        parts = [_as(old.dtype, x) for x, old in zip(nest.flatten(out), value)]
        for x, old in zip(parts, value):
            if x.dtype is not old.dtype:
                raise TypeError(
                    f"Loop var {old.name} enters the loop with type {old.dtype} but has type {x.dtype} after 1 "
                    f"iteration. {old.name} type should remain constant."
                )
        return i + step, parts, [result.write(i, part) for result, part in zip(results, parts)]

    going = (lambda i, *_: i >= 0) if reverse else (lambda i, *_: i < size)
    _, _, results = while_loop(going, body, (convert(start), value, results))
    return _stacked(like, results, size)


def fold(fn: Function, elems: Any, flat: list[Tensor], initializer: Any, reverse: bool) -> Any:
    """`tf.foldl`, or `tf.foldr` if `reverse`."""
    fn = convert_callback(fn)
    size = _size(flat)
    arrays = _unstacked(flat, size)
    start, step = (size - 1, -1) if reverse else (0, 1)
    value = initializer
    if initializer is None:
        value, start = _element(elems, arrays, start), start + step
    value = nest.map_structure(convert, value)
    going = (lambda i, _: i >= 0) if reverse else (lambda i, _: i < size)
    _, result = while_loop(
        going, lambda i, a: (i + step, fn(a, _element(elems, arrays, i))), (convert(start), value)
    )
    return result
