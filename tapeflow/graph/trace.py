"""Tracing: calling a Python function with Symbols, to get the graph of what it does."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import EllipsisType
from typing import Any

import numpy as np

from ..base import nest
from ..base.context import building, context, seeds
from ..base.extras import later
from ..base.shapes import TensorShape
from ..core.convert import convert
from ..core.registry import OPS
from ..core.symbol import Symbol
from ..core.tensor import EAGER, Tensor
from ..state.handle import Handle
from .ir import Graph, Node
from .node import NO_OP
from .replay import Replay

NUMBERS = (bool, int, float, complex, str, bytes, np.ndarray, np.generic)


class FuncGraph(Graph):
    """The graph of a function: with what it takes from outside, and the structure of what it returns.

    Args:
      name: the function's name.
      outer: the graph around it, whose tensors may be used inside; the one that is open, unless given.

    Attributes:
      structured_outputs: what the function returned, with Symbols; None where it returned None.
      created: the Variables that it has made.
    """

    building_function = True
    as_function_def: Callable[..., Any]  # set by graph_def.py, which stands on this
    custom_gradient: Callable[..., Any]  # `custom_gradient_node`, set by custom.py, which is made of parts of these

    def __init__(self, name: str, outer: Graph | None | EllipsisType = ...) -> None:
        outer = context.graph if isinstance(outer, EllipsisType) else outer
        super().__init__(name, outer)
        if outer is None:
            self.seed = seeds.seed
        self.around = context.device  # the device of the block around it
        self.structured_outputs: Any = None
        self.structured_input_signature: Any = ((), {})
        self.finished = False
        self.identities: list[Node] = []  # for its outputs, once it is traced: for programs to see, nothing runs them
        self.given_names: list[str] = []  # of the arguments
        self.created: list[Any] = []
        self.may_create = True
        self.jit_compile: bool | None = None  # as `tf.function` was told
        self.given: Sequence[Any] = ()  # what stands for `inputs` in the call that it is traced for
        self.arguments: list[Symbol] = []  # the inputs but for the placeholders of captures, once it is traced

    @property
    def external_captures(self) -> list[Any]:
        """What it uses from outside: Tensors, Symbols of outer graphs, handles of Variables."""
        return [outside for outside, _ in self.captures]

    @property
    def internal_captures(self) -> list[Symbol]:
        """The placeholders for what it uses from outside."""
        return [symbol for _, symbol in self.captures]

    captured_inputs = external_captures

    def root(self) -> FuncGraph:
        """The function's graph that this one is a part of: of a branch or a loop's body, the function around."""
        return self

    @property
    def captures(self) -> list[tuple[Any, Symbol]]:
        """What the graph uses from outside, each with its placeholder."""
        arguments = self.arguments if self.arguments or self.finished else self.inputs
        return [pair for pair in super().captures if not any(pair[1] is x for x in arguments)]

    def create(self, variable: Any) -> None:
        """Notes that the function makes a Variable.

        Raises:
          ValueError: if it is not its first call.
        """
        if not self.may_create:
            raise ValueError(
                "tf.function only supports singleton tf.Variables created on the first call. Make sure the tf.Variable "
                "is only created once or created outside tf.function. See https://www.tensorflow.org/guide/function"
                "#creating_tfvariables for more information."
            )
        self.created.append(variable)

    def lift(self, symbol: Symbol) -> Tensor:
        """The value of a Symbol, computed now: a Variable's first value.

        Raises:
          ValueError: if it depends on an argument that has no value yet.
        """
        given = [*super().captures, *zip(self.given, self.inputs)]
        pairs = [pair for pair in given if type(pair[0]) in EAGER or isinstance(pair[0], Handle)]
        with building(None):
            try:
                replay = Replay(self, [inner for _, inner in pairs], [outside for outside, _ in pairs])
                (value,) = replay.run([symbol], effects=False)
            except KeyError:
                raise ValueError(
                    "Tensor-typed variable initializers must either be wrapped in an init_scope or callable (e.g., "
                    "`tf.Variable(lambda : tf.truncated_normal([10, 40]))`) when building functions."
                ) from None
        return value  # type: ignore[no-any-return]

    def returns(self, value: Any, function_name: str = "") -> None:
        """Makes `value`, a structure of Tensors, numbers and None, what the graph returns."""
        self.structured_outputs = nest.map_structure(
            lambda x: self._result(x, function_name), value, expand_composites=True
        )
        self.results = [
            x for x in nest.flatten(self.structured_outputs, expand_composites=True) if isinstance(x, Symbol)
        ]

    def finish(self) -> None:
        """Ends tracing. For each output there is an `Identity` from now on, as in TensorFlow; it never runs."""

        def identity(x: Any) -> Any:
            if not isinstance(x, Symbol):
                return x
            node = Node(self, OPS["Identity"], (x,), {}, self.unique_name("Identity/"))
            node.device = ""
            self.identities.append(node)
            self.by_name[node.name] = node
            return self.output(node, x.dtype, x._array.static)

        self.structured_outputs = nest.map_structure(identity, self.structured_outputs, expand_composites=True)
        self.finished = True

    @property
    def outputs(self) -> list[Symbol]:
        """The tensors that it returns, flat, as programs see them."""
        return [node.outputs[0] for node in self.identities] if self.finished else self.results

    @property
    def variables(self) -> tuple[Any, ...]:
        """The Variables that it reads or assigns to."""
        return tuple(self.uses.values())

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those of `variables` that are trainable."""
        return tuple(variable for variable in self.uses.values() if variable.trainable)

    @property
    def control_outputs(self) -> list[Node]:
        """The operations that run in any case: those with effects, and reads."""
        return list(filter(later("graph.shown", "must_run"), self.nodes))

    def get_operations(self) -> list[Node]:
        """The operations, in the order in which they were added."""
        return [*self.shown.operations, *self.identities, *self._last]

    @functools.cached_property
    def _last(self) -> list[Node]:
        """The operation that waits for all that must run, if there is any such, once the function is traced."""
        first = self.control_outputs
        if not self.identities or not first:
            return []
        node = Node(self, NO_OP, (), {}, self.unique_name("NoOp/"))
        node.device, node.controls = "", first
        self.by_name[node.name] = node
        return [node]

    @functools.cached_property
    def _order(self) -> dict[int, list[Node]]:
        found: dict[int, list[Node]] = later("graph.shown", "order")(self.nodes)
        return found

    def given_name(self, node: Node) -> str:
        """What the program calls a placeholder, which may have a number, and a scope, in its name."""
        for x, name in zip(self.arguments, self.given_names):
            if x.op is node:
                return name
        return node.name.rpartition("/")[2]

    def comes_before(self, node: Node) -> list[Node]:
        """What has to come before a node, as far as the program has not said so. Known once the function is traced."""
        if not self.root().finished:
            return []
        return self._last if any(node is one for one in self.identities) else self._order.get(id(node), [])

    def _operation(self, name: str) -> Node | None:
        found = super()._operation(name)
        return found or next((node for node in self._last if node.name == name), None)

    def _result(self, value: Any, function_name: str) -> Any:
        if value is None:
            return None
        if isinstance(value, Tensor):
            return self.own(value)
        known = isinstance(value, TensorShape) and value.is_fully_defined()
        if isinstance(value, NUMBERS) or known or hasattr(type(value), "__tf_tensor__"):
            with suppress(TypeError, ValueError):  # of arrays of objects
                tensor = convert(value)
                return self.own(tensor) if isinstance(tensor, Symbol) else self.constant(tensor)
        kind = "Operation" if isinstance(value, Node) else type(value).__name__
        raise TypeError(
            "To be compatible with tf.function, Python functions must return zero or more Tensors or ExtensionTypes or "
            f"None values; in compilation of {function_name}, found return value of type {kind}, "
            "which is not a Tensor or ExtensionType."
        )


def trace(graph: FuncGraph, function: Callable[[], Any], function_name: str = "") -> FuncGraph:
    """Fills `graph` with what `function` does.

    Raises:
      whatever `function` raises; the graph is of no use then.
    """
    with building(graph):
        graph.returns(function(), function_name)
    return graph


class Part(FuncGraph):
    """The graph of a branch or of a loop's body: a part of the function around it."""

    def root(self) -> FuncGraph:
        """The function around."""
        outer: Any = self.outer
        return outer.root() if isinstance(outer, FuncGraph) else self


def trace_part(name: str, function: Callable[..., Any], inputs: Sequence[Any] = ()) -> Part:
    """Traces a branch, or a loop's body, whose inputs are like the Symbols `inputs`.

    The part's own code is as much under the open name scope as the rest.
    """
    outer = context.graph
    part = Part(outer.unique_name(name), outer)
    with building(part):
        part.inputs = [part.placeholder(x.dtype, x._array.static, "arg") for x in inputs]
        part.returns(function(*part.inputs), getattr(function, "__name__", name))
    return part


def executing_eagerly() -> bool:
    """Whether ops run as they are called; False while a function is traced.

    >>> tf.executing_eagerly()
    True
    """
    return context.graph is None


def inside_function() -> bool:
    """Whether a function is being traced.

    >>> tf.inside_function()
    False
    """
    return isinstance(context.graph, FuncGraph)


def is_symbolic_tensor(tensor: Any) -> bool:
    """Whether `tensor` is a Tensor of a graph.

    Args:
      tensor: anything.

    >>> tf.is_symbolic_tensor(tf.constant(1))
    False
    """
    return isinstance(tensor, Symbol)
