"""Functions over the elements of tensors: `tf.map_fn`, `tf.vectorized_map`, `tf.scan`, `tf.foldl`, `tf.foldr`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..base import nest
from ..base.context import context
from ..base.dtypes import as_dtype
from ..base.tensor_shape import Dimension
from ..core.composite import CompositeTensor
from ..core.convert import convert
from ..core.spec import TensorSpec, TypeSpec
from ..core.tensor import Tensor
from ..ops.common import shape_of
from . import autograph, functional_graph
from .control import while_loop
from .loops import stopped
from .tensor_array import unstacked
from .traced_tensor_array import TensorArray
from .vectorize import vectorized

Function = Callable[..., Any]


def map_fn(
    fn: Function,
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """Applies `fn` to the elements of `elems` along their first dimension, and stacks what it returns.

    Args:
      fn: takes an element, in the structure of `elems`.
      elems: a Tensor, or a structure of Tensors with equal first dimensions.
      dtype: the older name of `fn_output_signature`.
      parallel_iterations: a hint for graphs.
      back_prop: whether gradients flow through it in graphs; eagerly they do.
      swap_memory: a hint for graphs.
      infer_shape: whether all results must have the same shape.
      name: a name for the operation, optional.
      fn_output_signature: the structure of what `fn` returns, of dtypes or `tf.TensorSpec`s;
        that of `elems` unless given.

    Returns:
      A structure of Tensors with a new first dimension.

    Raises:
      ValueError: if `elems` are scalars, do not agree, or are none; if `fn` returns another structure or shape.
      InvalidArgumentError: if `fn` returns another dtype.

    >>> print(tf.map_fn(lambda x: x * x, tf.constant([1, 2, 3])))
    tf.Tensor([1 4 9], shape=(3,), dtype=int32)
    """
    _check_callable(fn, "The provided function {} is not callable.fn must be callable.")
    flat = nest.flatten(elems)
    if not flat:
        raise ValueError(
            f"elems must be a Tensor or (possibly nested) sequence of Tensors. Got {elems}, "
            "which does not contain any Tensors."
        )
    signature = dtype if fn_output_signature is None else fn_output_signature
    every = (*flat, *nest.flatten(signature))
    if any(isinstance(x, CompositeTensor | TypeSpec) and type(x) is not TensorSpec for x in every):
        from . import functional_composite

        return functional_composite.map_fn(fn, elems, signature)
    flat = [convert(x) for x in flat]
    if flat[0].ndim == 0:
        raise ValueError("Elements in elems must be 1+ dimensional Tensors, not scalars")
    if signature is None:
        signature, like = elems, [TensorSpec(None, x.dtype) for x in flat]
    else:
        like = [x if isinstance(x, TensorSpec) else TensorSpec(None, as_dtype(x)) for x in nest.flatten(signature)]
    if context.graph is not None:
        result = functional_graph.map_fn(fn, elems, flat, signature, like, infer_shape, parallel_iterations)
        return result if back_prop else stopped(result)
    size = flat[0].shape[0]
    results = [TensorArray(x.dtype, size, infer_shape=infer_shape, element_shape=x.shape) for x in like]
    for i, element in enumerate(_elements(elems, flat)):
        value = fn(element)
        nest.assert_same_structure(signature, value)
        for result, part in zip(results, nest.flatten(value)):
            result.write(i, part)
    return nest.pack_sequence_as(signature, [result.stack() for result in results])


def vectorized_map(fn: Function, elems: Any, fallback_to_while_loop: bool = True, warn: bool = True) -> Any:
    """Applies `fn` to the elements of `elems` along their first dimension, and stacks what it returns.

    `fn` is called once, with symbolic tensors; what it does is then done for all elements at once, as if each
    tensor had one more dimension. Random numbers are drawn for each element. Ops for which there is no such rule run
    for one element after the other, `tf.cond` and `tf.while_loop` too if they depend on the element.

    Args:
      fn: takes an element, in the structure of `elems`. What it returns need not depend on it.
      elems: a Tensor or a structure of Tensors. First dimensions of 1 are repeated to the size of the others.
      fallback_to_while_loop: whether ops without a rule may run for one element after the other.
      warn: whether to log a warning for each of these.

    Returns:
      A structure of Tensors with a new first dimension, whatever their dtypes.

    Raises:
      InvalidArgumentError: if the first dimensions do not agree.
      ValueError: if there is no rule for an op, and no fallback is wanted.

    >>> print(tf.vectorized_map(lambda x: x + 1, tf.constant([1, 2, 3])))
    tf.Tensor([2 3 4], shape=(3,), dtype=int32)
    """
    flat = [convert(x) for x in nest.flatten(elems)]
    return vectorized(autograph.convert(fn), elems, flat, fallback_to_while_loop, warn)


def scan(
    fn: Function,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """Combines the elements of `elems` along their first dimension one after the other, and stacks all that comes out.

    Args:
      fn: takes what has come out so far and an element; returns what comes out now, in the structure of the former.
      elems: a Tensor, or a structure of Tensors with equal first dimensions.
      initializer: what to begin with; the first element unless given.
      parallel_iterations: a hint for graphs.
      back_prop: whether gradients flow through it in graphs; eagerly they do.
      swap_memory: a hint for graphs.
      infer_shape: whether all that comes out must have the same shape.
      reverse: whether to go from the last element to the first.
      name: a name for the operation, optional.

    Returns:
      A structure of Tensors with a new first dimension.

    Raises:
      ValueError: if `fn` returns another structure or shape.

    >>> print(tf.scan(lambda total, x: total + x, tf.constant([1, 2, 3])))
    tf.Tensor([1 3 6], shape=(3,), dtype=int32)
    """
    _check_callable(fn, "{} is not callable. Please provide a callable function.")
    flat = [convert(x) for x in nest.flatten(elems)]
    if context.graph is not None:
        result = functional_graph.scan(fn, elems, flat, initializer, infer_shape, reverse)
        return result if back_prop else stopped(result)
    size = _static_size(flat[0])
    arrays = _read_once(flat, size)
    order = range(size - 1, -1, -1) if reverse else range(size)
    like = elems if initializer is None else initializer
    if initializer is None:
        value = [array.read(size - 1 if reverse else 0) for array in arrays]
    else:
        value = [convert(x) for x in nest.flatten(initializer)]
    results = [
        TensorArray(x.dtype, size, infer_shape=infer_shape, element_shape=x.shape if infer_shape else None)
        for x in value
    ]
    if initializer is None:
        for result, part in zip(results, value):
            result.write(order[0], part)
        order = order[1:]
    for i in order:
        element = nest.pack_sequence_as(elems, [array.read(i) for array in arrays])
        out = fn(nest.pack_sequence_as(like, value), element)
        nest.assert_same_structure(like, out)
        value = nest.flatten(out)
        for result, part in zip(results, value):
            result.write(i, part)
    _check_sizes(flat)
    return nest.pack_sequence_as(like, [result.stack() for result in results])


def foldl(
    fn: Function,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Combines the elements of `elems` along their first dimension, from the first to the last.

    Args:
      fn: takes what has come out so far and an element; returns what comes out now.
      elems: a Tensor, or a structure of Tensors with equal first dimensions.
      initializer: what to begin with; the first element unless given.
      parallel_iterations: a hint for graphs.
      back_prop: whether gradients flow through it in graphs; eagerly they do.
      swap_memory: a hint for graphs.
      name: a name for the operation, optional.

    Returns:
      What came out last.

    Raises:
      ValueError: if first dimensions differ.
      OutOfRangeError: if there is nothing to begin with.

    >>> print(tf.foldl(lambda a, x: a - x, tf.constant([1, 2, 3])))
    tf.Tensor(-4, shape=(), dtype=int32)
    """
    return _fold(fn, elems, initializer, False, back_prop)


def foldr(
    fn: Function,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Combines the elements of `elems` along their first dimension, from the last to the first; else as `tf.foldl`.

    Args:
      fn: takes what has come out so far and an element; returns what comes out now.
      elems: a Tensor, or a structure of Tensors with equal first dimensions.
      initializer: what to begin with; the last element unless given.
      parallel_iterations: a hint for graphs.
      back_prop: whether gradients flow through it in graphs; eagerly they do.
      swap_memory: a hint for graphs.
      name: a name for the operation, optional.

    Returns:
      What came out last.

    >>> print(tf.foldr(lambda a, x: a - x, tf.constant([1, 2, 3])))
    tf.Tensor(0, shape=(), dtype=int32)
    """
    return _fold(fn, elems, initializer, True, back_prop)


def _fold(fn: Function, elems: Any, initializer: Any, reverse: bool, back_prop: bool) -> Any:
    _check_callable(fn, "{} is not callable. Please provide a callable function.")
    flat = [convert(x) for x in nest.flatten(elems)]
    if context.graph is not None:
        result = functional_graph.fold(fn, elems, flat, initializer, reverse)
        return result if back_prop else stopped(result)
    size = _static_size(flat[0])
    arrays = _read_once(flat, size)

    def element(i: int) -> Any:
        return nest.pack_sequence_as(elems, [array.read(i) for array in arrays])

    start, step = (size - 1, -1) if reverse else (0, 1)
    value = initializer
    if initializer is None:
        value, start = element(start), start + step
    _, result = while_loop(
        lambda i, a: 0 <= i < size, lambda i, a: [int(i) + step, fn(a, element(int(i)))], [start, value]
    )
    return result


def _check_callable(fn: Any, message: str) -> None:
    if not callable(fn):
        raise TypeError(message.format(fn.__name__))


def _static_size(first: Tensor) -> int:
    return shape_of(first)[0]


def _check_sizes(flat: Iterable[Tensor]) -> None:
    first, *others = [Dimension(x.shape[0]) for x in flat]
    for other in others:
        first.assert_is_compatible_with(other)


def _read_once(flat: list[Tensor], size: int) -> list[TensorArray]:
    return [TensorArray(x.dtype, size, element_shape=x.shape[1:]).unstack(x) for x in flat]


def _elements(elems: Any, flat: list[Tensor]) -> Iterable[Any]:
    _check_sizes(flat)
    for row in zip(*map(unstacked, flat)):
        yield nest.pack_sequence_as(elems, list(row))
