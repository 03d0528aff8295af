"""`with` blocks that name things, or that order them in graphs: `tf.name_scope`, `tf.control_dependencies`..."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .context import building, context, recording

_ROOT, _WITHIN = r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$", r"^[A-Za-z0-9_.\\/>-]*$"
_VALID = {"": re.compile(_ROOT), "/": re.compile(_WITHIN)}  # at the top, and in a scope


def check(name: str) -> None:
    """Checks the name of an operation or a scope of a graph.

    Raises:
      ValueError: if it is none.
      TypeError: if it is no string.
    """
    within = context.name_scope[-1:]
    if not _VALID[within].match(name):
        kind, pattern = ("scope", _WITHIN) if within else ("root scope", _ROOT)
        raise ValueError(
            f"'{name}' is not a valid {kind} name. A {kind} name has to match the following pattern: {pattern}"
        )


class name_scope:  # noqa: N801
    """Names of Variables made inside begin with the name of the scope.

    Scopes nest; a name that ends with `/` is taken as it is, whatever is open around it, and the empty one leads to
    the top.

    Args:
      name: the name.

    Raises:
      ValueError: if `name` is no string.

    >>> with tf.name_scope("layer") as scope:
    ...     v = tf.Variable(1.0, name="w")
    >>> scope, v.name
    ('layer/', 'layer/w:0')
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise ValueError("name for name_scope must be a string.")
        self._name = name
        self._before: list[str] = []  # one scope may be entered again while it is open

    @property
    def name(self) -> str:
        """The name that the scope was made with."""
        return self._name

    def __enter__(self) -> str:
        name, before = self._name, context.name_scope
        if name and context.graph is not None:
            check(name)
        self._before.append(before)
        if not name or name.endswith("/"):
            context.name_scope = name
        elif context.graph is None:
            context.name_scope = f"{before}{name}/"
        else:
            context.name_scope = f"{context.graph.unique_name(name)}/"
        return context.name_scope

    def __exit__(self, *error: object) -> None:
        context.name_scope = self._before.pop()


def control_dependencies(control_inputs: Iterable[Any] | None) -> AbstractContextManager[None]:
    """In a graph, what is made inside runs after `control_inputs`; eagerly, all runs in the order of the program.

    Args:
      control_inputs: operations and tensors; None or an empty list for none.

    Raises:
      TypeError: if `control_inputs` is a function.

    >>> with tf.control_dependencies([tf.constant(1)]):
    ...     x = tf.constant(2)
    """
    if callable(control_inputs):
        raise TypeError(f"control_inputs must be a list of operations and tensors, got the function {control_inputs}")
    graph = context.graph
    return nullcontext() if graph is None else graph.control_dependencies(control_inputs)


def group(*inputs: Any, name: str | None = None) -> None:
    """In a graph, one operation that runs all of `inputs`; eagerly, they have run already, and the result is None.

    >>> tf.group(tf.constant(1), tf.constant(2))
    """


def no_op(name: str | None = None) -> None:
    """In a graph, an operation that does nothing; eagerly None.

    >>> tf.no_op()
    """


def init_scope() -> AbstractContextManager[None]:
    """What is computed inside is not part of the function being traced, and is not recorded on tapes.

    >>> with tf.init_scope():
    ...     x = tf.constant(2)
    """
    return recording(()) if context.graph is None else building(None)
