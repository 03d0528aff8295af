"""What an op is: a name and signature of TensorFlow's, a shape rule, kernels, a gradient. And the registry of all."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

from ..base import dtypes
from ..base.dtypes import DType
from .execute import execute
from .registry import OPS as OPS

Kernel = Callable[..., Any]
ShapeRule = Callable[..., Any]
Gradient = Callable[..., Any]

KEEP, SHAPE, DROP = "keep", "shape", "drop"


_FIXED = {value.cpp_name: value for value in vars(dtypes).values() if isinstance(value, DType)}


class Arg(NamedTuple):
    """One entry of a signature, `name:type`; a list input `values:N*T` has a `length` (the attribute `N`).

    The type is a variable, such as `T`, or the name of a `fixed` dtype.
    """

    name: str
    type: str
    fixed: DType | None
    length: str | None
    static: bool

    def __str__(self) -> str:
        return f"{self.name}:{self.length}*{self.type}" if self.length else f"{self.name}:{self.type}"


@functools.cache  # signatures repeat
def _parse(side: str, static: tuple[str, ...]) -> tuple[Arg, ...]:
    args = []
    for entry in filter(None, (part.strip() for part in side.split(","))):
        name, kind = entry.split(":")
        length, _, one = kind.rpartition("*")
        args.append(Arg(name, one, _FIXED.get(one), length or None, name in static))
    return tuple(args)


@functools.cache
def _numpy_dtypes(allowed: tuple[DType, ...]) -> frozenset[numpy.dtype[Any]]:
    return frozenset(dtype.numpy for dtype in allowed)


class Op:
    """An operation. Call it with Tensors (or what converts to them) in order, and attributes by name.

    Args:
      name: TensorFlow's name of the op.
      signature: TensorFlow's signature, `"x:T, y:T -> z:T"`.
      kernel: `(xp, *arrays, **attrs)`, in terms that NumPy and `jax.numpy` share.
      shape: the shape rule, `(*input_shapes, **attrs)`.
      static: inputs that kernels get as plain Python values (shapes, axes, ...).
      types: allowed dtypes of each type variable; a variable not listed takes every dtype.
      differentiable: False says that None is the right gradient; None, that TensorFlow refuses to differentiate the op.
    """

    def __init__(
        self,
        name: str,
        signature: str,
        kernel: Kernel,
        shape: ShapeRule,
        static: tuple[str, ...] = (),
        types: dict[str, tuple[DType, ...]] | None = None,
        differentiable: bool | None = True,
    ) -> None:
        inputs, _, outputs = signature.partition("->")
        self.name = name
        self.inputs = _parse(inputs, static)
        self.outputs = _parse(outputs, ())
        self.types = types or {}
        self.kernel = kernel
        self.kernels: dict[str, Kernel | None] = {}  # by engine, where not `kernel`; None: the engine cannot have it
        self.host: Kernel = functools.partial(kernel, numpy)
        self.host_big: Kernel | None = None  # runs instead for arrays of `big` elements and more
        self.big = sys.maxsize
        self.shape_rule = shape
        self.differentiable = differentiable
        self.stateful = False  # has effects: runs even if nobody needs the outputs, and as often as the program says
        self.updates = False  # replaces the value of the Variable that is its first input
        self.ufunc: Any = None  # of an update: the function of old value and input that it is
        self.draws: Callable[..., int] | None = None  # of random numbers that XLA has too: how far a call counts
        self.stream: Any = None  # ... and in which stream
        self.reads = False  # the result depends on state: two calls need not agree
        self.backward: Gradient | None = None
        self.takes_slices = False
        self.selects = False  # the gradient is told as `wanted` which inputs' gradients somebody wants
        self._flat: dict[int, tuple[Arg, ...]] = {}
        self._plans: dict[int, tuple[str, ...]] = {}
        self.keeps: tuple[tuple[str, ...], str | None] = ((), DROP)
        self.keeps_all = False
        self.keeps_output = False
        self.defaults = dict(getattr(kernel, "__kwdefaults__", None) or {})
        # NumPy dtypes that each type variable (or input of a fixed dtype) takes.
        self.allowed = {kind: _numpy_dtypes(allowed) for kind, allowed in self.types.items()}
        self.allowed |= {arg.type: _numpy_dtypes((arg.fixed,)) for arg in self.inputs if arg.fixed}
        self.mixed = False  # the inputs of its list may differ in dtype
        self.lists = any(arg.length for arg in self.inputs)
        self.several = len(self.outputs) > 1 or any(arg.length for arg in self.outputs)  # gives a list of Tensors
        self.static = tuple(i for i, arg in enumerate(self.inputs) if arg.static)
        self.dynamic = tuple(i for i, arg in enumerate(self.inputs) if not arg.static)
        # Ops whose tensors are all of one type take the short way through `execute`.
        kinds = {self.inputs[i].type for i in self.dynamic}
        self.uniform = len(kinds) == 1 and not (self.lists and static)
        self.dtypes = self.allowed.get(kinds.pop()) if self.uniform else None
        # For others, the type of each input; None of a static one.
        mixed = not self.uniform and not self.lists
        self.kinds = tuple(None if arg.static else arg.type for arg in self.inputs) if mixed else ()

    def __call__(self, *inputs: Any, name: str | None = None, **attrs: Any) -> Any:
        if self.defaults:
            attrs = {**self.defaults, **attrs}
        return execute(self, inputs, attrs, name)

    def __repr__(self) -> str:
        return f"<Op {self.name}({', '.join(map(str, self.inputs))}) -> {', '.join(map(str, self.outputs))}>"

    def on(self, engine: str) -> Callable[[Kernel], Kernel]:
        """Replaces the kernel on one engine, by name: `"host"`, or `"xla"`, where it gets the module `jax` for `xp`."""

        def set_kernel(kernel: Kernel) -> Kernel:
            self.kernels[engine] = kernel
            if engine == "host":
                self.host = functools.partial(kernel, numpy)
            return kernel

        return set_kernel

    def gradient(self, function: Gradient) -> Gradient:
        """Gives the op its gradient, `(g, output, *inputs, **attrs)`; the parameters' names say what a tape keeps.

        A name that begins with `_` is not needed; one that ends in `_shape` needs just the shape; others the Tensor.
        """
        positional, rest = _positional(function)
        kept = tuple(map(_how_kept, positional[2:]))
        self.keeps = (kept, rest and _how_kept(rest))
        self.keeps_all = {*kept, self.keeps[1] or KEEP} == {KEEP}
        self.keeps_output = _how_kept(positional[1]) == KEEP
        self.backward = function
        return function

    def sparse_gradient(self, function: Gradient) -> Gradient:
        """Like `gradient`, for one that also takes an `IndexedSlices` for `g`."""
        self.takes_slices = True
        return self.gradient(function)

    def flat_inputs(self, count: int) -> tuple[Arg, ...]:
        """The signature's inputs, lists spread out, for a call with `count` inputs."""
        known = self._flat.get(count)
        if known is not None:
            return known
        lists = sum(arg.length is not None for arg in self.inputs)
        singles = len(self.inputs) - lists
        if (count != singles) if not lists else (count < singles or (count - singles) % lists):
            takes = ", ".join(map(str, self.inputs))
            raise TypeError(f"{self.name} takes {len(self.inputs)} inputs ({takes}), got {count}")
        length = (count - singles) // lists if lists else 0
        flat = tuple(arg for arg in self.inputs for _ in range(length if arg.length else 1))
        return self._flat.setdefault(count, flat)

    def keep_plan(self, count: int) -> tuple[str, ...]:
        """For each of `count` inputs, whether a tape keeps the Tensor, its shape or nothing."""
        known = self._plans.get(count)
        if known is None:
            kept, rest = self.keeps
            plan = kept + (rest or DROP,) * (count - len(kept))
            # Static inputs are plain values; in a graph they may be Symbols, of which the elements are needed.
            args = self.flat_inputs(count) if self.static else ()
            plan = tuple(KEEP if how is SHAPE and args and args[i].static else how for i, how in enumerate(plan))
            known = self._plans.setdefault(count, plan)
        return known


def _how_kept(parameter: str) -> str:
    return DROP if parameter.startswith("_") else SHAPE if parameter.endswith("_shape") else KEEP


def _positional(function: Any) -> tuple[tuple[str, ...], str | None]:
    """The names of the positional parameters, and of `*rest`. (The module `inspect` takes long to import.)"""
    code = function.__code__
    count = code.co_argcount
    rest = code.co_varnames[count + code.co_kwonlyargcount] if code.co_flags & 4 else None
    return code.co_varnames[:count], rest


def op(
    name: str,
    signature: str,
    *,
    shape: ShapeRule,
    static: tuple[str, ...] = (),
    differentiable: bool | None = True,
    **types: tuple[DType, ...],
) -> Callable[[Kernel], Op]:
    """Registers the decorated kernel as the op `name`; see `Op`."""

    def register(kernel: Kernel) -> Op:
        if name in OPS:
            raise ValueError(f"Op {name} is registered twice")
        new = OPS[name] = Op(name, signature, kernel, shape, static, types, differentiable)
        return new

    return register
