"""The call path: what happens when an op is called."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import dtypes, errors
from ..base.context import TracingError, context, in_kernel, refuse
from ..base.dtypes import DType
from ..base.extras import later
from ..engines.host_arrays import MANY, with_row
from .composite import composite_among
from .convert import convert
from .opaque import Opaque
from .tensor import EAGER, DeviceArray, Tensor, at_hand, tensor_of

if TYPE_CHECKING:
    from .op import Op

_NO_ATTRS: dict[str, Any] = {}
_NUMBERS = frozenset([int, float])
_FLOAT32 = dtypes.float32.numpy
_ndarray = np.ndarray
_new = Tensor.__new__


# What a kernel raises that does not take its inputs, and what says that it must not run now. All else is the program's:
# what a handler of a signal raises, say, which must not be lost.
REFUSALS = (ValueError, TypeError, RuntimeError, MemoryError, errors.OpError)


def execute(op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any], name: str | None = None) -> Any:
    """Runs `op`: converts inputs, calls the kernel, wraps what it returns, tells the open tapes.

    Returns:
      A Tensor; a list of Tensors from an op with several outputs.

    Raises:
      TensorFlow's errors, before anything is changed.
    """
    arrays = _ready(op, inputs) if op.uniform else _ready_each(op, inputs)
    if arrays is None:
        composite = composite_among(inputs)
        if composite is not None:
            return composite._call_op(op, inputs, attrs, name)
        if context.graph is not None:
            return context.graph.add(op, inputs, attrs, name)
        inputs, arrays = _prepare(op, inputs, name)
    kernel = op.host
    if op.host_big is not None:
        for array in arrays:
            if array.size >= op.big:
                kernel = op.host_big
    try:
        result = context.run(kernel, *arrays, **attrs) if attrs else context.run(kernel, *arrays)
    except TracingError:
        return _elsewhere(op, inputs, attrs, name)
    except Exception as error:
        if not (type(error) is RuntimeError and in_kernel()):
            raise explained(error, op, inputs, attrs, name) from None
        result = kernel(*arrays, **attrs)  # called by a finalizer, in the midst of another kernel
    if type(result) is _ndarray:
        outputs: Any = Tensor(result)
    elif type(result) is tuple:
        outputs = [wrapped(array) for array in result]
    else:
        outputs = wrapped(result)
    for recorder in context.recorders:
        recorder.record(op, attrs, inputs, outputs)
    return outputs


def _elsewhere(op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any], name: str | None) -> Any:
    """What an op does that must not run on the host: it becomes a node of the open graph, or runs on an accelerator."""
    if context.graph is not None:
        return context.graph.add(op, inputs, attrs, name)
    return later("core.placing", "run")(op, inputs, attrs, name)


def wrapped(array: Any) -> Tensor:
    """A kernel's result as a Tensor."""
    if type(array) is _ndarray:
        return Tensor(array)
    return tensor_of(array if isinstance(array, (Opaque, DeviceArray)) else np.asarray(array))


def unary(op: Op, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one tensor whose host kernel is a ufunc: as `binary`."""

    def call(x: Any, name: str | None = None) -> Any:
        if type(x) is Tensor:
            a = x._array
            if a.dtype in op.dtypes and a.size < op.big:  # type: ignore[operator]
                try:
                    array = context.run(op.host, a, out=...)
                except REFUSALS:
                    return otherwise(x) if name is None else otherwise(x, name)
                y = _new(Tensor)
                y._array, y._id = array, None
                for recorder in context.recorders:
                    recorder.record(op, _NO_ATTRS, (x,), y)
                return y
        return otherwise(x) if name is None else otherwise(x, name)

    return call


def binary(
    op: Op,
    otherwise: Callable[..., Any],
    kernel: Callable[..., Any] | None = None,
    attrs: dict[str, Any] = _NO_ATTRS,
    takes: AbstractSet[np.dtype[Any]] | None = None,
    big: int | None = None,
) -> Callable[..., Any]:
    """A function of two tensors: `execute`, less all that is settled beforehand.

    Small eager programs do little else than operators on two small Tensors of one dtype. All other cases, and errors,
    are left to `otherwise(x, y)`.

    Args:
      op: the op.
      otherwise: the same function, in general.
      kernel: a ufunc, or what can be called like one; returns None for what it does not do. By default the op's host
        kernel, which then is a ufunc.
      attrs: the op's attributes, for those who record it.
      takes: the dtypes, and
      big: the number of elements from which on tensors are left to `otherwise`; both by default as the op has them.
    """
    takes, big, run = takes or op.dtypes or frozenset(), big or op.big, kernel or op.host
    long = functools.partial(with_row, run) if isinstance(run, np.ufunc) else run
    usual = _FLOAT32 if _FLOAT32 in takes else None  # not to be looked for among the others each time

    def call(x: Any, y: Any, name: str | None = None) -> Any:
        if type(x) is Tensor and type(y) is Tensor:
            a, b = x._array, y._array
            dtype = a.dtype
            n, m = a.size, b.size
            if dtype is b.dtype and (dtype is usual or dtype in takes) and n < big > m:
                try:
                    array = context.run(run if n <= m or n < MANY else long, a, b, out=...)
                except REFUSALS:
                    return otherwise(x, y) if name is None else otherwise(x, y, name)
                if array is None:
                    return otherwise(x, y) if name is None else otherwise(x, y, name)
                z = _new(Tensor)
                z._array, z._id = array, None
                for recorder in context.recorders:
                    recorder.record(op, attrs, (x, y), z)
                return z
        elif type(x) is Tensor and type(y) in _NUMBERS:
            try:
                return call(x, convert(y, x.dtype), name)
            except (TypeError, ValueError):  # a number that is none of that dtype
                pass
        elif not isinstance(x, Tensor) and hasattr(type(x), "__tf_tensor__"):  # a Variable
            return call(x.__tf_tensor__(), y, name)
        elif type(x) is Tensor and not isinstance(y, Tensor) and hasattr(type(y), "__tf_tensor__"):
            return call(x, y.__tf_tensor__(), name)
        return otherwise(x, y) if name is None else otherwise(x, y, name)

    return call


def _ready(op: Op, inputs: Sequence[Any]) -> list[Any] | None:
    """What the kernel gets, if the inputs are Tensors of one dtype that `op` takes, and plain static values."""
    dtype = None
    arrays: list[Any] = []
    if op.static:
        if len(inputs) != len(op.inputs):
            return None
        arrays = list(inputs)
        for i in op.static:
            x = inputs[i]
            if type(x) is not int and not _all_ints(x):
                return None
        for i in op.dynamic:
            array = inputs[i]._array if type(inputs[i]) is Tensor else None
            if array is None or (dtype is not None and array.dtype is not dtype):
                return None
            arrays[i], dtype = array, array.dtype
    else:
        for x in inputs:
            if type(x) is not Tensor:
                return None
            array = x._array
            if array.dtype is not dtype:
                if dtype is not None:
                    return None
                dtype = array.dtype
            arrays.append(array)
    return arrays if op.dtypes is None or dtype in op.dtypes else None


def _ready_each(op: Op, inputs: Sequence[Any]) -> list[Any] | None:
    """As `_ready`, for an op of tensors of several types; lists are left to `_prepare`."""
    if not op.kinds or len(inputs) != len(op.kinds):
        return None
    arrays = []
    bound: dict[str, np.dtype[Any]] = {}
    for x, kind in zip(inputs, op.kinds):
        if kind is None:
            if type(x) is not int and not _all_ints(x):
                return None
            arrays.append(x)
        else:
            if type(x) is not Tensor:
                return None
            dtype = x._array.dtype
            if bound.setdefault(kind, dtype) is not dtype or (kind in op.allowed and dtype not in op.allowed[kind]):
                return None
            arrays.append(x._array)
    return arrays


def _all_ints(value: Any) -> bool:
    """Whether it is a flat tuple of Python ints."""
    if type(value) is not tuple:
        return False
    for item in value:  # noqa: SIM110 - `all` takes three times as long
        if type(item) is not int:
            return False
    return True


def _prepare(op: Op, inputs: Sequence[Any], name: str | None) -> tuple[tuple[Any, ...], list[Any]]:
    """Converts the inputs by the op's signature and checks their dtypes; gives the Tensors and their arrays."""
    values = [
        x.__tf_tensor__() if not isinstance(x, Tensor) and hasattr(type(x), "__tf_tensor__") else x for x in inputs
    ]
    if op.mixed:
        return _prepare_mixed(op, values, name)
    if op.uniform:
        if not op.static:  # numbers and lists get the dtype of the Tensors
            given = next((x.dtype for x in values if isinstance(x, Tensor)), None)
            values = [x if given is None or isinstance(x, Tensor) else convert(x, given) for x in values]
        arrays = _ready(op, values)
        if arrays is not None:
            return tuple(values), arrays
    args = op.inputs if len(inputs) == len(op.inputs) and not op.lists else op.flat_inputs(len(inputs))
    arrays = list(values)
    bound: dict[str, np.dtype[Any]] = {}
    pending = []
    for i, (_, kind, _, _, static) in enumerate(args):
        x = values[i]
        if static:
            if type(x) in EAGER:
                _check_allowed(op, kind, x._array.dtype, name)
            values[i] = arrays[i] = static_value(x)
        elif not isinstance(x, Tensor):
            pending.append(i)
        else:
            arrays[i] = array = x._array if type(x) is Tensor else _array_of(x)
            if bound.setdefault(kind, array.dtype) is not array.dtype:
                pending.append(i)
    for i in pending:
        _, kind, fixed, _, _ = args[i]
        dtype = fixed if fixed is not None else dtypes.as_dtype(bound[kind]) if kind in bound else None
        if not isinstance(values[i], Tensor):
            values[i] = convert(values[i], dtype)
        arrays[i] = _array_of(values[i])
        if bound.setdefault(kind, arrays[i].dtype) != arrays[i].dtype:
            _check_allowed(op, kind, bound[kind], name)  # of two things amiss TensorFlow names this one
            raise _with_op(_mismatch(op, i, dtypes.as_dtype(bound[kind]), values[i].dtype), op, name)
    for kind, numpy_dtype in bound.items():
        _check_allowed(op, kind, numpy_dtype, name)
    return tuple(values), arrays


def _prepare_mixed(op: Op, values: list[Any], name: str | None) -> tuple[tuple[Any, ...], list[Any]]:
    """The same for an op whose list may have Tensors of several dtypes."""
    for i, arg in enumerate(op.flat_inputs(len(values))):
        x = values[i] = values[i] if isinstance(values[i], Tensor) else convert(values[i], arg.fixed)
        _check_allowed(op, arg.type, _array_of(x).dtype, name)
    return tuple(values), list(map(_array_of, values))


def _array_of(x: Any) -> Any:
    """The array of a Tensor; fetched if ops do not run where it is."""
    if type(x) not in EAGER:
        raise x.out_of_scope()
    return x._array if context.run is refuse else at_hand(x._array)


def _check_allowed(op: Op, kind: str, numpy_dtype: np.dtype[Any], name: str | None) -> None:
    allowed = op.allowed.get(kind)
    if allowed is not None and numpy_dtype not in allowed:
        raise _with_op(_not_allowed(op, kind, dtypes.as_dtype(numpy_dtype)), op, name)


def _mismatch(op: Op, i: int, wanted: DType, got: DType) -> errors.OpError:
    return errors.invalid(
        f"cannot compute {op.name} as input #{i}(zero-based) was expected to be a {wanted.cpp_name} tensor "
        f"but is a {got.cpp_name} tensor"
    )


def _not_allowed(op: Op, kind: str, got: DType) -> errors.OpError:
    if kind not in op.types:  # an input of a fixed dtype
        i = next(i for i, arg in enumerate(op.inputs) if arg.type == kind)
        return _mismatch(op, i, next(arg.fixed for arg in op.inputs if arg.type == kind and arg.fixed), got)
    return errors.invalid(
        f"Value for attr '{kind}' of {got.cpp_name} is not in the list of allowed values: "
        f"{', '.join(dtype.cpp_name for dtype in op.types[kind])}\n\t; NodeDef: {{{{node {op.name}}}}}; "
        f"Op<name={op.name}; signature={', '.join(map(str, op.inputs))} -> {', '.join(map(str, op.outputs))}>"
    )


def static_value(value: Any) -> Any:
    """A static input as plain Python: an int (float, bool, str) or nested tuples of them."""
    kind = type(value)
    if kind is int:
        return value
    if kind is tuple:
        for item in value:
            if type(item) is not int:
                return tuple([_static_item(item) for item in value])
        return value
    if isinstance(value, (list, tuple)):
        return tuple([_static_item(item) for item in value])
    if not isinstance(value, (Tensor, np.ndarray, np.generic, int, float)):
        value = convert(value)
    plain = at_hand(_array_of(value)) if isinstance(value, Tensor) else value
    return plain_value(plain) if isinstance(plain, (np.ndarray, np.generic)) else plain


def _static_item(item: Any) -> Any:
    """One of a list; a Tensor of floats in it becomes an integer, which TensorFlow casts to as well."""
    value = static_value(item)
    return int(value) if type(value) is float and isinstance(item, Tensor) else value


def plain_value(array: Any) -> Any:
    """The elements of an array as a static value: nested tuples."""
    return _tuples(array.tolist())


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def explained(error: Exception, op: Op, inputs: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Exception:
    """TensorFlow's error for a kernel that failed: its own, or what the shape rule says of these inputs."""
    if isinstance(error, errors.OpError):
        return _with_op(error, op, name)
    try:
        op.shape_rule(*[x._array.shape if isinstance(x, Tensor) else x for x in inputs], **attrs)
    except errors.OpError as better:
        return _with_op(better, op, name)
    if isinstance(error, MemoryError):
        return _with_op(errors.ResourceExhaustedError(None, None, f"OOM when allocating a tensor: {error}"), op, name)
    error.add_note(f"while running {op!r}")
    return error


def _with_op(error: errors.OpError, op: Op, name: str | None) -> errors.OpError:
    if f"[Op:{op.name}]" in error.message:
        return error
    error.message = f"{error.message} [Op:{op.name}] name: {name or ''}"
    return error
