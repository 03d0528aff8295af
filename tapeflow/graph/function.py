"""`tf.function`: a Python function that takes and returns Tensors."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import nest
from ..base.context import building, context, settings
from ..core.convert import convert
from ..core.spec import TensorSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from .concrete import Concrete
from .trace import FuncGraph, trace


class Function:
    """What `tf.function` makes of a Python function.

    Attributes:
      python_function: the function itself.
      input_signature: the `tf.TensorSpec`s of its arguments, or None.
    """

    def __init__(self, python_function: Callable[..., Any], input_signature: Any = None, autograph: bool = True) -> None:
        functools.update_wrapper(self, python_function)
        self.python_function = python_function
        self.input_signature = input_signature
        self._autograph = autograph
        self._signature = inspect.signature(python_function)
        self._traces: dict[Any, Concrete] = {}
        self._methods: weakref.WeakKeyDictionary[Any, Function] = weakref.WeakKeyDictionary()
        self._made_variables = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if settings.functions_run_eagerly:
            return self.python_function(*args, **kwargs)
        if self.input_signature is None:
            args, kwargs = nest.map_structure(_argument, (args, kwargs))
        else:
            args, kwargs = self._checked(args, kwargs)
        flat = nest.flatten((args, kwargs))
        key = tuple(map(_key, flat)), str(nest.map_structure(lambda x: 0, (args, kwargs)))
        concrete = self._traces.get(key)
        if concrete is None or concrete.foreign:
            concrete = self._traces[key] = self._trace(args, kwargs, flat)
        return concrete.call([x for x in flat if isinstance(x, Tensor)])

    def _trace(self, args: Any, kwargs: Any, flat: list[Any]) -> Concrete:
        concrete, created = self._traced(args, kwargs, flat, not self._made_variables)
        if created:
            self._made_variables = True
            concrete, _ = self._traced(args, kwargs, flat, False)
        return concrete

    def _traced(self, args: Any, kwargs: Any, flat: list[Any], may_create: bool) -> tuple[Concrete, list[Any]]:
        graph = FuncGraph(getattr(self.python_function, "__name__", "function"), context.graph)
        graph.may_create = may_create
        specs = nest.flatten(self.input_signature) if self.input_signature is not None else [None] * len(flat)
        specs += [None] * (len(flat) - len(specs))
        with building(graph):
            symbols = [
                graph.placeholder(x.dtype, (s or x).shape._dims, "x") if isinstance(x, Tensor) else x
                for x, s in zip(flat, specs)
            ]
        graph.inputs = [x for x in symbols if isinstance(x, Symbol)]
        new_args, new_kwargs = nest.pack_sequence_as((args, kwargs), symbols)
        trace(graph, lambda: self.python_function(*new_args, **new_kwargs), graph.name)
        return Concrete(graph), graph.created

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any:
        """Traces."""
        flat = nest.flatten((args, kwargs))
        return self._trace(args, kwargs, flat)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """A method's Function is one of its own for each object."""
        if instance is None:
            return self
        if instance not in self._methods:
            self._methods[instance] = Function(
                functools.partial(self.python_function, instance), self.input_signature, self._autograph
            )
        return self._methods[instance]

    def _checked(self, args: Any, kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        try:
            bound = self._signature.bind(*args, **kwargs)
            names = [name for name in self._signature.parameters if name != "self"]
            for name, spec in zip(names, self.input_signature, strict=False):
                if name in bound.arguments:
                    bound.arguments[name] = nest.map_structure_up_to(spec, _fitting, spec, bound.arguments[name])
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"Binding inputs to tf.function failed due to `{error}`. Received args: {args} and kwargs: {kwargs} "
                f"for signature: {self._signature}."
            ) from None
        return bound.args, bound.kwargs


def _argument(value: Any) -> Any:
    """Arrays become Tensors; Python values stay what they are."""
    return convert(value) if isinstance(value, (np.ndarray, np.generic)) else value


def _key(x: Any) -> Any:
    if isinstance(x, Tensor):
        return x.dtype, x.shape._dims
    return id(x) if not isinstance(x, (int, float, str, type(None))) else (type(x), x)


def _fitting(spec: Any, value: Any) -> Any:
    if not isinstance(spec, TensorSpec):
        return value
    if not hasattr(type(value), "__tf_tensor__"):
        value = convert(value, spec.dtype)
    if not spec.is_compatible_with(value):
        raise TypeError(f"Can not cast {TensorSpec(value.shape, value.dtype)} to {spec}")
    return value if isinstance(value, Tensor) else convert(value)


def function(
    func: Callable[..., Any] | None = None,
    input_signature: Sequence[Any] | None = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: str | None = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: dict[str, Any] | None = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:
    """A function that is traced once for each kind of arguments, and then runs as a graph.

    Args:
      func: the Python function; without it, a decorator is returned.
      input_signature: a `tf.TensorSpec` for each argument, which is converted to it.
      autograph: a hint: Python's own `if` and `while` decide as the function runs.
      jit_compile: a hint, as are the following: `reduce_retracing`, `experimental_implements`,
        `experimental_autograph_options`, `experimental_attributes`, `experimental_relax_shapes`,
        `experimental_compile`, `experimental_follow_type_hints`. They change how fast a function is, not what it
        returns.

    Returns:
      A `Function`, or a decorator that makes one.

    Raises:
      TypeError: if `func` cannot be called, or `input_signature` does not fit it.

    >>> @tf.function
    ... def square(x):
    ...     return x * x
    >>> print(square(tf.constant(3.0)))
    tf.Tensor(9.0, shape=(), dtype=float32)
    """
    if func is None:
        return functools.partial(function, input_signature=input_signature)
    if not callable(func):
        raise TypeError(f"{func!r} is not a callable object")
    if isinstance(func, Function):
        func = func.python_function
    if input_signature is not None and not isinstance(input_signature, (list, tuple)):
        raise TypeError(f"input_signature must be either a tuple or a list, got {type(input_signature)}.")
    made = Function(func, input_signature)
    takes = [p for p in made._signature.parameters.values() if p.name != "self"]
    open_ended = any(p.kind is p.VAR_POSITIONAL for p in takes)
    extra = len(input_signature or ()) - len(takes)
    if extra > 0 and not open_ended:
        raise TypeError(f"input_signature contains {extra} extra type constraints.")
    return made


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Whether `tf.function`s run as plain Python; they do in any case until they are traced.

    >>> tf.config.run_functions_eagerly(False)
    """
    settings.functions_run_eagerly = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """What `run_functions_eagerly` was last told.

    >>> tf.config.functions_run_eagerly()
    False
    """
    return settings.functions_run_eagerly


def do_not_convert(func: Callable[..., Any] | None = None) -> Any:
    """Marks a function that AutoGraph leaves as it is; also usable as `do_not_convert()`.

    >>> @tf.autograph.experimental.do_not_convert
    ... def double(x):
    ...     return 2 * x
    """
    return do_not_convert if func is None else func
