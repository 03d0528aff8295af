"""The call path: what happens when an op is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import dtypes, errors
from ..base.context import context, in_kernel
from ..base.dtypes import DType
from .convert import convert
from .tensor import Tensor

if TYPE_CHECKING:
    from .op import Op

def execute(op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any], name: str | None = None) -> Any:
    """Runs `op`: converts inputs, calls the kernel, wraps what it returns, tells the open tapes.

    Returns:
      A Tensor; a list of Tensors from an op with several outputs.

    Raises:
      TensorFlow's errors, before anything is changed.
    """
    arrays = _arrays_alike(op, inputs) if op.uniform else None
    if arrays is None:
        inputs, arrays = _prepare(op, inputs, name)
    try:
        result = op.host(*arrays, **attrs) if in_kernel() else context.run(op.host, *arrays, **attrs)
    except Exception as error:
        raise _explained(error, op, inputs, attrs, name) from None
    if type(result) is np.ndarray:
        outputs: Any = Tensor(result)
    elif type(result) is tuple:
        outputs = [Tensor(np.asarray(array)) for array in result]
    else:
        outputs = Tensor(np.asarray(result))
    for recorder in context.recorders:
        recorder.record(op, attrs, inputs, outputs)
    return outputs


def _arrays_alike(op: Op, inputs: tuple[Any, ...]) -> list[Any] | None:
    """The arrays of the inputs, if these are Tensors of one dtype that `op` takes: so it is nearly always."""
    dtype = None
    arrays = []
    try:
        for x in inputs:
            array = x._array
            if array.dtype is not dtype:
                if dtype is not None:
                    return None
                dtype = array.dtype
            arrays.append(array)
    except AttributeError:
        return None
    return arrays if op.dtypes is None or dtype in op.dtypes else None


def _prepare(op: Op, inputs: Sequence[Any], name: str | None) -> tuple[tuple[Any, ...], list[Any]]:
    """Converts the inputs by the op's signature and checks their dtypes; gives the Tensors and their arrays."""
    args = op.flat_inputs(len(inputs))
    values = list(inputs)
    arrays: list[Any] = list(inputs)
    bound: dict[str, np.dtype[Any]] = {}
    pending = []
    for i, x in enumerate(inputs):
        arg, kind, fixed, _, static = args[i]
        if static:
            values[i] = arrays[i] = static_value(x)
            continue
        if type(x) is not Tensor:
            own = getattr(type(x), "__tf_tensor__", None)
            if own is None:
                pending.append(i)
                continue
            values[i] = x = own(x)
        arrays[i] = array = x._array
        if bound.setdefault(kind, array.dtype) is not array.dtype:
            pending.append(i)
    for i in pending:
        _, kind, fixed, _, _ = args[i]
        dtype = fixed if fixed is not None else dtypes.as_dtype(bound[kind]) if kind in bound else None
        if type(values[i]) is not Tensor:
            values[i] = convert(values[i], dtype)
        arrays[i] = values[i]._array
        if bound.setdefault(kind, arrays[i].dtype) != arrays[i].dtype:
            raise _with_op(_mismatch(op, i, dtypes.as_dtype(bound[kind]), values[i].dtype), op, name)
    for kind, numpy_dtype in bound.items():
        allowed = op.allowed.get(kind)
        if allowed is not None and numpy_dtype not in allowed:
            raise _with_op(_not_allowed(op, kind, dtypes.as_dtype(numpy_dtype)), op, name)
    return tuple(values), arrays


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
    """A static input as plain Python: an int (float, bool, str, None) or nested tuples of them."""
    kind = type(value)
    if kind is int or value is None:
        return value
    if kind is tuple:
        for item in value:
            if type(item) is not int:
                return tuple([static_value(item) for item in value])
        return value
    if kind is list:
        return tuple([static_value(item) for item in value])
    if not isinstance(value, (Tensor, np.ndarray, np.generic, int, float)):
        value = convert(value)
    plain = value._array if isinstance(value, Tensor) else value
    return _tuples(plain.tolist()) if isinstance(plain, (np.ndarray, np.generic)) else plain


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _explained(error: Exception, op: Op, inputs: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Exception:
    """TensorFlow's error for a kernel that failed: its own, or what the shape rule says of these inputs."""
    if isinstance(error, errors.OpError):
        return _with_op(error, op, name)
    try:
        op.shape_rule(*[x._array.shape if type(x) is Tensor else x for x in inputs], **attrs)
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
