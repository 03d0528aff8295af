"""Writing down what a program does, with its lines: `tf.debugging.explain_gradients`."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..autodiff import backprop
from ..autodiff.causes import PYTHON
from ..autodiff.explain import explain_past
from ..autodiff.history import SMALL, Ask, Follower, Life, Log
from ..autodiff.tape import GradientTape
from ..base import nest
from ..base.context import context
from ..base.sites import is_ours, user_frame, user_site
from ..core import execute
from ..core.tensor import Tensor
from ..graph.replay import Replay
from ..state.operators import TensorOperators
from ..state.variable import Variable

Function = Callable[..., Any]
# What is replaced while somebody follows: an object, the name of its attribute, what makes the new from the old.
Hook = tuple[Any, str, Callable[[Function], Function]]


@contextmanager
def hooked(hooks: Sequence[Hook]) -> Iterator[None]:
    """Replaces functions inside the block; what another block has replaced already stays so till both have ended."""
    for owner, name, make in hooks:
        present = vars(owner)[name]
        if not hasattr(present, "users"):
            new: Any = make(present)
            functools.update_wrapper(new, present)
            new.original, new.users = present, 0
            setattr(owner, name, new)
        vars(owner)[name].users += 1
    try:
        yield
    finally:
        for owner, name, _ in hooks:
            present = vars(owner)[name]
            present.users -= 1
            if not present.users:
                setattr(owner, name, present.original)


@contextmanager
def following(follower: Follower) -> Iterator[None]:
    """Ops inside the block, on this thread, are told to `follower` before anybody else."""
    context.recorders = (follower, *context.recorders)
    try:
        yield
    finally:
        context.recorders = tuple(recorder for recorder in context.recorders if recorder is not follower)


def followers() -> list[Follower]:
    """Those who follow this thread."""
    return [recorder for recorder in context.recorders if isinstance(recorder, Follower)]


def log() -> Log | None:
    """The log of this thread, if one is kept."""
    for recorder in context.recorders:
        if isinstance(recorder, Log):
            return recorder
    return None


@contextmanager
def logging(new: Log) -> Iterator[Log]:
    """Inside the block `new` is told everything."""
    before, context.log = context.log, new
    try:
        with hooked([*FOLLOWED, *LOGGED]), following(new):
            yield new
    finally:
        context.log = before


@contextmanager
def explain_gradients() -> Iterator[Log]:
    """Inside the `with` block all that the program does is written down, so that `tape.explain` can name lines.

    Ops take a few microseconds more. What a program computes does not change.

    Returns:
      A context manager that gives the log.

    >>> with tf.debugging.explain_gradients():
    ...     x = tf.Variable(2.0, name="x")
    ...     with tf.GradientTape() as tape:
    ...         y = tf.stop_gradient(x) * 3.0
    >>> print(tape.gradient(y, x))
    None
    >>> tape.explain(y, x).reasons[0].kind, tape.explain(y, x).reasons[0].code
    ('stop_gradient', 'y = tf.stop_gradient(x) * 3.0')
    """
    present = log()
    if present is not None:
        yield present
        return
    with logging(Log()) as new:
        yield new


# -- what all followers are told


def _input_gradients(original: Function) -> Function:
    def input_gradients(entry: Any, g: Any) -> Any:
        told = followers()
        for follower in told:
            follower.differentiates(entry)
        gradients = original(entry, g)
        for follower in told:
            follower.differentiated(entry, gradients)
        return gradients

    return input_gradients


def _sweep(original: Function) -> Function:
    def sweep(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = [(follower, follower.backward) for follower in followers()]
        try:
            return original(self, *args, **kwargs)
        finally:
            for follower, entry in before:
                follower.backward = entry

    return sweep


def _step(original: Function) -> Function:
    def step(self: Any, node: Any) -> Any:
        told = followers()
        for follower in told:
            follower.nodes.append(node)
        try:
            result = original(self, node)
            for follower in told:
                follower.stepped(node, list(map(self.value, node.args)), result)
            return result
        finally:
            for follower in told:
                follower.nodes.pop()

    return step


FOLLOWED: list[Hook] = [
    (backprop, "input_gradients", _input_gradients),
    (GradientTape, "_sweep", _sweep),
    (Replay, "step", _step),
]

# -- what a log is told besides


def _life(tape: Any) -> Life | None:
    if tape._life is None:
        present = log()
        if present is not None:
            tape._life = Life(present)
    found: Life | None = tape._life
    return found


def _living(original: Function) -> Function:
    """What begins, or needs, the notes on a tape's life; the tape itself writes into them."""

    def lives(self: Any, *args: Any) -> Any:
        _life(self)
        return original(self, *args)

    return lives


def _gradient(original: Function) -> Function:
    def gradient(self: Any, target: Any, sources: Any, *args: Any, **kwargs: Any) -> Any:
        life = _life(self)
        if life is None or is_ours(sys._getframe(1)):  # gradients of branches and loops have tapes of their own
            return original(self, target, sources, *args, **kwargs)
        life.log.asking(self)
        found = original(self, target, sources, *args, **kwargs)
        flat = nest.flatten(sources)
        missing = [g is None for g in nest.flatten(found)]
        ask = Ask(nest.flatten(target, expand_composites=True), flat, missing, user_site(2))
        life.asked.append(ask)
        life.log.asked(self, ask)
        return found

    return gradient


def _leaving(how: str) -> Callable[[Function], Function]:
    """The method of a tensor that makes an array or a number of it."""

    def make(original: Function) -> Function:
        def leave(self: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(self, *args, **kwargs)
            present = log()
            if present is not None:
                frame = sys._getframe(1)
                python = _python_function(frame)
                if python or not is_ours(frame):
                    present.left(self, python or how, user_site(2), result)
            return result

        return leave

    return make


def _python_function(frame: Any) -> str:
    """`numpy_function` or `py_function`, if that is what calls."""
    for _ in range(12):
        if frame is None:
            break
        if frame.f_code.co_name in PYTHON and is_ours(frame):
            return str(frame.f_code.co_name)
        frame = frame.f_back
    return ""


# Whose tensors are told of otherwise: as results of ops, or as reads.
_MAKERS = (execute.execute.__code__, execute.wrapped.__code__, Variable.__tf_tensor__.__code__)


def _made(original: Function) -> Function:
    def __init__(self: Any, array: Any) -> None:  # noqa: N807
        original(self, array)
        if sys._getframe(1).f_code in _MAKERS:
            return
        present = log()
        if present is not None:
            literal = _is_literal(array, present.floats)
            present.came(self, "literal" if literal else "constant", present.site())

    return __init__


def _is_literal(array: Any, floats: dict[int, float]) -> bool:
    """Whether the elements stand in the program's text, as far as can be seen, and are none of these `floats`."""
    small = isinstance(array, np.ndarray) and array.size <= SMALL and array.dtype.kind in "biuf"
    value = _converted(sys._getframe(2)) if small else None
    if not small or isinstance(value, (np.ndarray, np.generic)) or id(value) in floats:
        return False
    frame = user_frame(2)
    return frame is not None and _literals(frame.f_code, array.dtype).issuperset(map(abs, array.ravel().tolist()))


def _converted(frame: Any) -> Any:
    """What is being converted to a tensor."""
    while frame is not None and is_ours(frame):
        value = frame.f_locals.get("value")
        if value is not None:
            return value
        frame = frame.f_back
    return None


@functools.lru_cache(maxsize=1000)
def _literals(code: Any, dtype: Any) -> frozenset[Any]:
    """The numbers in a function's text, as they are in a dtype."""
    constants = [x for c in code.co_consts for x in (c if type(c) is tuple else (c,)) if type(x) in _NUMBERS]
    with np.errstate(all="ignore"):
        return frozenset(map(abs, np.array(constants, np.float64).astype(dtype).tolist()))


_NUMBERS = frozenset([int, float, bool])


def _assigning(how: str) -> Callable[[Function], Function]:
    def make(original: Function) -> Function:
        def assign(self: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(self, value, *args, **kwargs)
            present = log()
            if present is not None:
                present.assigned(self, value, how, user_site(2))
            return result

        return assign

    return make


LOGGED: list[Hook] = [
    (Tensor, "__init__", _made),
    *((Tensor, f"__{how}__", _leaving(how)) for how in ("float", "int", "bool", "complex", "index", "array")),
    *((TensorOperators, f"__{how}__", _leaving(how)) for how in ("float", "int", "bool", "complex")),
    *((kind, "numpy", _leaving("numpy")) for kind in (Tensor, Variable)),
    (Variable, "__array__", _leaving("array")),
    *((Variable, how, _assigning(how)) for how in ("assign", "assign_add", "assign_sub")),
    *((GradientTape, how, _living) for how in ("__enter__", "watch", "reset")),
    *((GradientTape, how, _gradient) for how in ("gradient", "jacobian", "batch_jacobian")),
]


def explain_none_gradients(variables: Sequence[Any]) -> str:
    """Why the gradients of `variables` are None, for an error that says so: by the tape that is nearest on the stack.

    Args:
      variables: those without a gradient; of a pair `(gradient, variable)` the variable.

    Returns:
      The explanation's text; empty if there is no such tape.
    """
    sources = [pair[1] if isinstance(pair, tuple) else pair for pair in variables]
    frame: Any = sys._getframe(1)
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if isinstance(value, GradientTape) and (value._past or value._entries or value._life is not None):
                return str(explain_past(value, sources))
        frame = frame.f_back
    return ""
