"""Python functions as ops: `tf.py_function`, `tf.numpy_function`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np

from ..autodiff.tape import GradientTape
from ..base import dtypes, errors, nest
from ..base.context import building, context, quietly
from ..base.dtypes import DType, as_dtype
from ..core.composite import CompositeTensor
from ..core.convert import convert
from ..core.op import Op
from ..core.spec import TensorSpec, TypeSpec
from ..core.tensor import Array, Tensor, at_hand
from ..ops.common import only_host, zeros_like
from .replay import REPLAYERS

_LEAF = TensorSpec(None)
_ERRORS: tuple[tuple[tuple[type[Exception], ...], type[errors.OpError]], ...] = (
    ((ValueError, TypeError), errors.InvalidArgumentError),
    ((StopIteration,), errors.OutOfRangeError),
    ((MemoryError,), errors.ResourceExhaustedError),
    ((NotImplementedError,), errors.UnimplementedError),
)


def py_function(
    func: Callable[..., Any] | None = None, inp: Any = None, Tout: Any = None, name: str | None = None
) -> Any:
    """Calls a Python function on Tensors, in graphs too: each time that they run. Gradients flow through what it does.

    Args:
      func: the function; without it, a decorator is returned.
      inp: the arguments, converted to Tensors.
      Tout: the dtype of the result, or a list of those of several; specs may add shapes.
      name: a name for the operation, optional.

    Returns:
      A Tensor, or a list of Tensors if `Tout` is a list.

    Raises:
      TypeError: without `Tout`.
      InvalidArgumentError: if the function raises a ValueError or TypeError, or does not return what `Tout` says. Other
        errors become the one of `tf.errors` that fits, or UnknownError.

    >>> tf.py_function(lambda x: x * 2, [tf.constant(3.0)], tf.float32).numpy()
    np.float32(6.0)
    """
    if Tout is None:
        raise TypeError(
            "Missing required argument: 'Tout'\n  If using tf.py_function as a decorator, set `Tout`\n"
            "  **by name** above the function:\n  `@tf.py_function(Tout=tout)`"
        )
    if func is None:
        return functools.partial(_decorated, py_function, Tout)
    wanted = list(Tout) if isinstance(Tout, (list, tuple)) else [Tout]
    inp, specs = list(inp), wanted
    if any(isinstance(x, CompositeTensor) for x in inp) or any(map(_is_composite, wanted)):
        func, inp, wanted = _taken_apart(func, inp, wanted)
    if context.graph is not None:
        results = _node(EAGER, func, inp, wanted, name, tapes=[])
    else:
        results = _called(func, _tensors(inp), [_dtype(x) for x in wanted])
    if wanted is not specs:
        results = nest.pack_sequence_as(specs, results, expand_composites=True)
    return results if isinstance(Tout, (list, tuple)) else results[0]


def _is_composite(out: Any) -> bool:
    return isinstance(out, TypeSpec) and out._is_composite


def _taken_apart(func: Callable[..., Any], inp: list[Any], wanted: list[Any]) -> tuple[Any, list[Any], list[Any]]:
    """The same with the Tensors in place of what is made of several: ragged, sparse ones, slices."""
    like = [x._type_spec if isinstance(x, CompositeTensor) else _LEAF for x in inp]

    def apart(*tensors: Tensor) -> list[Any]:
        found: list[Any] = nest.flatten(
            func(*nest.pack_sequence_as(like, list(tensors), expand_composites=True)), expand_composites=True
        )
        return found

    apart.__name__ = getattr(func, "__name__", "pyfunc")
    flat: list[Any] = nest.flatten(inp, expand_composites=True)
    return apart, flat, list(nest.flatten(wanted, expand_composites=True))


def _called(func: Callable[..., Any], tensors: Sequence[Tensor], wanted: list[DType]) -> list[Tensor]:
    try:
        results = _converted(func(*tensors), wanted)
    except errors.OpError:
        raise
    except Exception as error:
        raise as_op_error(error) from error
    if len(results) != len(wanted):
        label = getattr(func, "__name__", "pyfunc")
        raise errors.invalid(f"{label} returns {len(results)} values, but expects to see {len(wanted)} values.")
    return results


def _decorated(function: Callable[..., Any], Tout: Any, func: Callable[..., Any]) -> Callable[..., Any]:
    return functools.wraps(func)(lambda *args: function(func, args, Tout))


def _tensors(inp: Any) -> list[Tensor]:
    return [convert(x) for x in cast(Iterable[Any], inp)]


def _dtype(out: Any) -> DType:
    return cast(DType, out.dtype) if isinstance(out, TensorSpec) else as_dtype(out)


def _converted(result: Any, wanted: list[DType]) -> list[Tensor]:
    """What the function returned as Tensors; of more values than `wanted`, the first ones."""
    if result is None:
        return []
    values = result if isinstance(result, (list, tuple)) else [result]
    return [convert(value, dtype) for value, dtype in zip(values, wanted)]


def as_op_error(error: Exception) -> errors.OpError:
    kind = next((known for kinds, known in _ERRORS if isinstance(error, kinds)), errors.UnknownError)
    import traceback  # seldom needed

    text = "".join(traceback.format_exception(error))
    return kind(None, None, f"{type(error).__name__}: {error}\n{text} [Op:EagerPyFunc]")  # type: ignore[call-arg]


def numpy_function(
    func: Callable[..., Any] | None = None,
    inp: Any = None,
    Tout: Any = None,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Calls a Python function on NumPy arrays, in graphs too: each time that they run. No gradient flows through it.

    Args:
      func: the function; without it, a decorator is returned.
      inp: the arguments; each becomes a NumPy array, of its own.
      Tout: the dtypes of the results; only used in graphs.
      stateful: whether the function does more than to compute its result: if not, calls may be left out.
      name: a name for the operation, optional.

    Returns:
      What the function returned as a Tensor; a list of Tensors if it returned a list or tuple; None for None.

    Raises:
      InvalidArgumentError: in graphs, if what it returned is not what `Tout` says.

    >>> tf.numpy_function(np.sort, [tf.constant([3.0, 1.0])], tf.float32).numpy()
    array([1., 3.], dtype=float32)
    """
    if func is None:
        return functools.partial(_decorated, numpy_function, Tout)
    if context.graph is not None:
        if not callable(func):
            raise ValueError(f"Expected func to be callable. Received func={func} of type {type(func)}.")
        wanted = list(Tout) if isinstance(Tout, (list, tuple)) else [Tout]
        results = _node(NUMPY if stateful else NUMPY_STATELESS, func, inp, wanted, name)
        return results if isinstance(Tout, (list, tuple)) else results[0]
    result = func(*[np.array(x) for x in inp])
    if result is None:
        return None
    if isinstance(result, (list, tuple)):
        return [_from_numpy(part) for part in result]
    return _from_numpy(result)


def _from_numpy(value: Any) -> Tensor:
    """Python's own numbers have the dtypes that TensorFlow gives them: int32 and float32."""
    return convert(value, dtypes.string) if isinstance(value, (str, bytes)) else convert(value)


# -- in graphs


def _node(op: Op, func: Callable[..., Any], inp: Any, wanted: list[Any], name: str | None, **attrs: Any) -> list[Any]:
    attrs |= {"func": func, "Tout": [_dtype(x) for x in wanted]}
    attrs["shapes"] = [x.shape._dims if isinstance(x, TensorSpec) else None for x in wanted]
    return cast("list[Any]", context.graph.add(op, _tensors(inp), attrs, name))


def _on_tensors(
    xp: Any, *inputs: Array, func: Callable[..., Any], Tout: list[DType], shapes: Any, tapes: list[Any]
) -> tuple[Array, ...]:
    """Calls the function; if its gradient will be wanted, under a tape.

    `tapes` has a list for each op that computes the gradient, and each of them then finds the tape in its own.
    """
    tensors = [Tensor(x) for x in inputs]
    with building(None):
        results = _kept(func, tensors, Tout, tapes)
    return tuple(at_hand(y._array) for y in results)


def _kept(func: Callable[..., Any], tensors: list[Tensor], Tout: list[DType], tapes: list[Any]) -> list[Tensor]:
    if not tapes:
        return _called(func, tensors, Tout)
    with GradientTape(persistent=len(tapes) > 1) as tape:
        tape.watch([x for x in tensors if x.dtype.is_floating or x.dtype.is_complex])
        results = _called(func, tensors, Tout)
    for calls in tapes:
        calls.append((tape, tensors, results))
    return results


def _on_arrays(
    xp: Any, *inputs: Array, func: Callable[..., Any], Tout: list[DType], shapes: Any
) -> tuple[Array, ...]:
    with building(None):
        try:
            result = func(*[x[()] if x.dtype == object and not x.ndim else np.array(x) for x in inputs])
        except errors.OpError:
            raise
        except Exception as error:
            raise as_op_error(error) from error
        values = result if isinstance(result, (list, tuple)) else [] if result is None else [result]
        if len(values) != len(Tout):
            label = getattr(func, "__name__", "pyfunc")
            raise errors.invalid(f"{label} returns {len(values)} values, but expects to see {len(Tout)} values.")
        tensors = [_from_numpy(value) for value in values]
    for i, (tensor, dtype) in enumerate(zip(tensors, Tout)):
        if tensor.dtype is not dtype:
            raise errors.invalid(
                f"{i}-th value returned by {getattr(func, '__name__', 'pyfunc')} is {tensor.dtype.cpp_name}, but "
                f"expects {dtype.cpp_name}"
            )
    return tuple(at_hand(x._array) for x in tensors)


def _backward(xp: Any, *gs: Array, tapes: list[Any], **_kinds: Any) -> tuple[Array, ...]:
    """The gradients of the call that was made last and not yet differentiated."""
    if not tapes:
        raise errors.InternalError(None, None, "The gradient of a py_function runs before the function.")
    tape, tensors, results = tapes.pop()
    with building(None):
        sources = [x for x in tensors if x.dtype.is_floating or x.dtype.is_complex]
        grads = tape.gradient(results, sources, [Tensor(g) for g in gs])
        return tuple(at_hand((zeros_like(x) if g is None else convert(g))._array) for x, g in zip(sources, grads))


def _shapes(*_: Any, shapes: Any, **__: Any) -> Any:
    return tuple(shapes)


EAGER = Op("EagerPyFunc", "input:N*Tin -> output:M*Tout", _on_tensors, shape=_shapes)
NUMPY = Op("PyFunc", "input:N*Tin -> output:M*Tout", _on_arrays, shape=_shapes, differentiable=False)
NUMPY_STATELESS = Op("PyFuncStateless", "input:N*Tin -> output:M*Tout", _on_arrays, _shapes, differentiable=False)
BACKWARD = Op("EagerPyFuncGrad", "grad:N*Tin -> output:M*Tout", _backward, lambda *_, shapes, **__: tuple(shapes))
for _op in (EAGER, NUMPY, NUMPY_STATELESS, BACKWARD):
    _op.mixed = True
EAGER.stateful = NUMPY.stateful = BACKWARD.stateful = True
only_host(EAGER, NUMPY, NUMPY_STATELESS, BACKWARD)


@EAGER.gradient
def _(g: Any, output: Any, *inputs: Any, func: Any, Tout: Any, shapes: Any, tapes: list[Any]) -> Any:
    calls: list[Any] = []
    tapes.append(calls)  # from now on the forward op keeps its tape
    pairs = zip(output, g) if isinstance(output, tuple) else [(output, g)]
    gs = [zeros_like(y) if one is None else convert(one) for y, one in pairs]
    sources = [x for x in inputs if x.dtype.is_floating or x.dtype.is_complex]
    attrs = {"tapes": calls, "Tout": [x.dtype for x in sources], "shapes": [x.shape._dims for x in sources]}
    grads = iter(context.graph.add(BACKWARD, gs, attrs))
    return [next(grads) if any(x is y for y in sources) else None for x in inputs]


def _replay(node: Any, replay: Any) -> Any:
    inputs = [replay.value(x) for x in node.args]
    attrs = node.attrs
    if context.graph is not None:
        return context.graph.add(node.op, inputs, attrs)
    if node.op is EAGER:
        return _kept(attrs["func"], inputs, attrs["Tout"], attrs["tapes"])
    results = [Tensor(x) for x in quietly(node.op.host, *[at_hand(x._array) for x in inputs], **attrs)]
    for recorder in context.recorders:
        recorder.record(node.op, attrs, tuple(inputs), results)
    return results


for _op in (EAGER, NUMPY, NUMPY_STATELESS):
    REPLAYERS[_op.name] = _replay
