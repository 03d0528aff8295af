"""Functions with a gradient of their own: `tf.custom_gradient`, `tf.recompute_grad`, `tf.grad_pass_through`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..base import nest
from ..base.context import context, recording
from ..core.convert import convert
from ..core.op import OPS, Op
from ..core.tensor import Tensor, tensor_of
from ..ops.common import shape_of
from .tape import GradientTape

Function = Callable[..., Any]


class _VariableWatcher:
    """A recorder that notes which trainable Variables are read."""

    _followed: frozenset[int | None] = frozenset()

    def __init__(self) -> None:
        self.variables: dict[int, Any] = {}

    def record(self, op: Op, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        """Ops are of no interest."""

    def read(self, variable: Any, value: Tensor) -> None:
        """Notes the variable."""
        if variable.trainable:
            self.variables.setdefault(variable._id, variable)


# What a call of a function with a custom gradient looks like on a tape.
_CALL = Op("CustomGradient", "inputs:N*T -> outputs:M*U", lambda xp, *inputs: inputs, shape=lambda *shapes: shapes)


@_CALL.gradient
def _(g: Any, _outputs: Any, *_inputs: Any, backward: Function) -> Any:
    return backward(g)


def custom_gradient(f: Function | None = None) -> Any:
    """Decorator: gives a function a gradient of its own.

    Args:
      f: a function of Tensors that returns `(result, grad_fn)`. `grad_fn` takes one gradient for each Tensor in the
        result and returns one for each Tensor among the arguments. If `f` uses Variables, `grad_fn` also takes
        `variables=`, and returns a pair: the gradients of the arguments, and a list with one for each Variable.

    Returns:
      A function that returns `result`, and is differentiated by `grad_fn`.

    Raises:
      TypeError: when called, if `f` uses Variables and `grad_fn` does not take `variables`.
      ValueError: when differentiated, if `grad_fn` returns too few or too many gradients.

    >>> @tf.custom_gradient
    ... def log1pexp(x):
    ...     e = tf.exp(x)
    ...     return tf.math.log(1 + e), lambda upstream: upstream * (1 - 1 / (1 + e))
    >>> x = tf.constant(100.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = log1pexp(x)
    >>> print(tape.gradient(y, x).numpy())
    1.0
    """
    if f is None:
        return custom_gradient

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        args = nest.map_structure(lambda x: x if _is_variable(x) else convert(x), args)
        watcher = _VariableWatcher()
        with recording((*context.recorders, watcher)):
            result, grad_fn = f(*args, **kwargs)
        inputs = [convert(x) for x in nest.flatten(args)]
        own = {x._id for x in nest.flatten(args) if _is_variable(x)}
        variables = [variable for number, variable in watcher.variables.items() if number not in own]
        _check_takes_variables(grad_fn, variables)
        if context.graph is not None:
            ys = [convert(y) for y in nest.flatten(result)]
            specs = [(shape_of(y), y.dtype) for y in ys]
            call = functools.partial(_backward, grad_fn, len(inputs), variables, specs)
            return nest.pack_sequence_as(result, context.graph.custom_gradient(ys, inputs, variables, call))
        # New Tensors: what f has done inside is not the way that gradients take.
        outputs = [tensor_of(convert(y)._array) for y in nest.flatten(result)]
        specs = [(shape_of(y), y.dtype) for y in outputs]
        backward = functools.partial(_backward, grad_fn, len(inputs), variables, specs)
        flat_inputs = (*inputs, *map(convert, variables))
        for recorder in context.recorders:
            recorder.record(_CALL, {"backward": backward}, flat_inputs, outputs)
        return nest.pack_sequence_as(result, outputs)

    return decorated


def _is_variable(x: Any) -> bool:
    return hasattr(x, "assign_add") and hasattr(x, "_id")  # Keras's Variables, which hold one, are read before the call


def _check_takes_variables(grad_fn: Function, variables: list[Any]) -> None:
    if variables and not _takes_variables(grad_fn):
        raise TypeError(
            "@tf.custom_gradient grad_fn must accept keyword argument 'variables', since function uses variables: "
            f"{variables}"
        )


def _takes_variables(grad_fn: Function) -> bool:
    import inspect  # takes long to import, seldom needed

    spec = inspect.getfullargspec(grad_fn)
    return "variables" in spec.args or "variables" in spec.kwonlyargs or spec.varkw is not None


def _backward(grad_fn: Function, count: int, variables: list[Any], outputs: list[Any], g: Any) -> tuple[Any, ...]:
    """Calls the user's gradient; gives one gradient for each input and each variable."""
    gs = [
        OPS["Fill"](shape, convert(0, dtype)) if one is None else one
        for one, (shape, dtype) in zip(g if isinstance(g, tuple) else (g,), outputs, strict=True)
    ]
    variable_grads: list[Any] = []
    if variables:
        input_grads, variable_grads = grad_fn(*gs, variables=variables)
        variable_grads = list(nest.flatten(variable_grads))
        if len(variable_grads) != len(variables):
            raise ValueError(
                f"Must return gradient for each variable from @custom_gradient grad_fn: got {len(variable_grads)} for"
                f" {len(variables)} variables."
            )
    else:
        input_grads = grad_fn(*gs)
    flat = nest.flatten(input_grads)
    if len(flat) != count:
        raise ValueError(
            f"custom_gradient function expected to return {count} gradients, but returned {len(flat)} instead."
        )
    return (*(None if grad is None else convert(grad) for grad in flat), *variable_grads)


def recompute_grad(f: Function) -> Function:
    """Makes `f` keep nothing for its gradient: what that needs is computed again, from the arguments.

    Args:
      f: a function of Tensors, which may use Variables.

    Returns:
      A function that gives what `f` gives, costs less memory under a tape and more time in `gradient`.

    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.recompute_grad(lambda x: x * x)(x)
    >>> print(tape.gradient(y, x).numpy())
    6.0
    """

    @custom_gradient
    def inner(*args: Any, **kwargs: Any) -> Any:
        watchers = tuple(recorder for recorder in context.recorders if isinstance(recorder, _VariableWatcher))
        with recording(watchers):
            result = f(*args, **kwargs)

        def grad(*upstream: Any, variables: list[Any] | None = None) -> Any:
            with GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(args)
                tape.watch(variables or [])
                again = f(*args, **kwargs)
            flat = nest.flatten(args)
            grads = tape.gradient(again, [*flat, *(variables or [])], output_gradients=list(upstream))
            return (grads[: len(flat)], grads[len(flat) :]) if variables else grads

        return result, grad

    return functools.wraps(f)(lambda *args, **kwargs: inner(*args, **kwargs))


def grad_pass_through(f: Function) -> Function:
    """Gives `f` the gradient of the identity.

    Args:
      f: a function of one Tensor, such as `tf.round`.

    Returns:
      A function that gives what `f` gives, and lets gradients through unchanged.

    >>> x = tf.constant(1.4)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.grad_pass_through(tf.round)(x) * 3.0
    >>> print(tape.gradient(y, x).numpy())
    3.0
    """

    @custom_gradient
    def inner(*args: Any, **kwargs: Any) -> Any:
        def grad(*upstream: Any, variables: list[Any] | None = None) -> Any:
            grads = upstream[0] if len(upstream) == 1 else upstream
            return (grads, [None] * len(variables)) if variables else grads

        return f(*args, **kwargs), grad

    return functools.wraps(f)(lambda *args, **kwargs: inner(*args, **kwargs))
