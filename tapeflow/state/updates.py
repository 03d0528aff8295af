"""Reads and updates of Variables as operations of graphs.

Each has a host kernel, `(xp, handle, *arrays, **attrs)`, that changes the handle, and for XLA a pure function,
`(jax, array, *arrays, **attrs)`, from the old array to the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.context import context
from ..core.op import Op
from ..core.tensor import Array
from .handle import Handle

READ = Op(
    "ReadVariableOp", "resource:resource -> value:dtype", lambda xp, handle, **_: handle.read(), lambda *_, shape: shape
)
READ.reads = True


def update(name: str, inputs: str, pure: Callable[..., Array], host: Callable[..., Any]) -> Op:
    """An op without outputs that replaces a Variable's array.

    Args:
      name: TensorFlow's name of the op.
      inputs: the signature of the inputs after the handle.
      pure: for XLA, `(jax, array, *arrays, **attrs)`, gives the new array.
      host: `(handle, *arrays, **attrs)`, changes the handle; may refuse, and then has changed nothing.
    """
    new = Op(
        name, f"resource:resource, {inputs} ->", lambda xp, *args, **attrs: host(*args, **attrs), lambda *_, **__: ()
    )
    new.kernels["xla"] = pure
    new.stateful = True
    new.differentiable = False
    new.updates = True
    return new


def accumulator(name: str, ufunc: np.ufunc, host: Callable[..., Any]) -> Op:
    """The op that puts `ufunc(value, delta)` in place of the value; `host` is for what `Handle.accumulate` refuses."""
    new = update(name, "value:dtype", lambda jax, old, delta: getattr(jax.numpy, ufunc.__name__)(old, delta), host)
    new.ufunc = ufunc
    return new


def _assigned(jax: Any, old: Array, value: Array, validate_shape: bool = False) -> Array:
    if validate_shape and old.shape != value.shape:
        raise _wrong_shape(old.shape, value.shape)
    return value


def _assign(handle: Handle, value: Array, validate_shape: bool = False) -> None:
    if validate_shape and not handle.shape.is_compatible_with(value.shape):
        raise _wrong_shape(handle.shape._dims, value.shape)
    handle.write(np.asarray(value))


def _wrong_shape(wanted: Any, given: Any) -> errors.InvalidArgumentError:
    return errors.invalid(
        "Trying to assign to variable with tensor with wrong shape. "
        f"Expected {shapes.show(wanted)} got {shapes.show(given)}"
    )


# `validate_shape`: that the shape fits was not known when the function was traced.
ASSIGN = update("AssignVariableOp", "value:dtype", _assigned, _assign)


def traced(variable: Any, op: Op, *values: Any, **attrs: Any) -> None:
    """Adds an update of `variable` to the open graph."""
    graph = context.graph
    graph.add(op, (variable, *values), attrs)


def traced_read(variable: Any, name: str | None = None) -> Any:
    """Adds a read of `variable` to the open graph; a Symbol. Without a name it has that of the op that takes it."""
    graph = context.graph
    handle: Handle = variable._handle
    attrs = {"dtype": handle.dtype, "shape": handle.shape._dims}
    label = graph.unique_name(name or "ReadVariableOp")
    node = graph.append(READ, (graph.resource_of(variable, label),), attrs, label)
    value = graph.output(node, handle.dtype, handle.shape._dims)
    if not name:
        graph.unnamed.add(id(value))
    return value
