"""Graphs: the operations that a traced function consists of, in the order of the program."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..base import scopes
from ..base.context import building, context, new_id
from ..base.dtypes import DType, as_dtype
from ..base.dtypes import resource as resource_dtype
from ..base.tensor_shape import TensorShape
from ..core.op import Op
from ..core.symbol import Symbol
from ..core.tensor import Tensor, at_hand, is_framework_constant
from ..ops.reduction import EVERY_AXIS
from . import operator_names as _operators  # noqa: F401 - Symbols get them there
from .binding import bind, static
from .inference import infer, output_dtypes
from .known import known_elements
from .lookups import Lookups
from .node import CONST as CONST
from .node import PLACEHOLDER as PLACEHOLDER
from .node import Node as Node
from .node import brackets
from .node import sizes_in as sizes_in

# What TensorFlow calls a node by default, where it is not the op's name.
_NAMES = {
    "AddV2": "Add", "RealDiv": "truediv", "FloorDiv": "floordiv", "FloorMod": "FloorMod", "Pack": "stack",
    "ConcatV2": "concat", "StridedSlice": "strided_slice",
    "Transpose": "transpose", "OneHot": "one_hot", "ZerosLike": "zeros_like", "OnesLike": "ones_like",
    "Unpack": "unstack", "Range": "range", "Split": "split", "SplitV": "split",
}  # fmt: skip


SMALL = 1000  # elements; a tensor filled with one value is a constant up to here


class Graph(Lookups):
    """Operations in the order of the program, each after those that it takes its inputs from.

    Args:
      name: a name for printing.
      outer: the graph that was open when this one was; its tensors may be used inside.

    Printed, it reads as a program.

    >>> graph = tf.Graph()
    >>> with graph.as_default():
    ...     y = tf.sqrt(tf.constant(4.0))
    >>> print([node.name for node in graph.get_operations()])
    ['Const', 'Sqrt']
    """

    as_graph_def: Callable[..., Any]  # these two are set by graph_def.py, which stands on this
    graph_def_versions: Any

    def __init__(self, name: str = "graph", outer: Graph | None = None) -> None:
        self.name = name
        self.outer = outer
        self.outer_graph = outer
        self.nodes: list[Node] = []
        self.inputs: list[Symbol] = []
        self.results: list[Symbol] = []  # what it returns, flat
        self.captured: dict[int, tuple[Any, Symbol]] = {}  # by address, which stays taken as the tensor is kept here
        self.uses: dict[int, Any] = {}  # the Variables that are read or assigned to, by their number
        self.by_name: dict[str, Node] = {}
        self._names: dict[str, int] = {}
        self.controls: list[Node] = []
        self.finalized = False  # whether no more operations can be added
        self.seed: int | None = None if outer is None else outer.seed  # of the program, for random numbers
        self._drawn = 0
        self.reserved: dict[str, str] = {}  # names of constants that only programs see, by the operation's
        self._shown: Any = None
        self._collections: dict[Any, list[Any]] = {}
        self.operator: str | None = None  # the name for the op of a Python operator
        self.unnamed: set[int] = set()  # constants and reads that take their names from the op that they are for

    def draw(self) -> int:
        """A seed for an op that was given none."""
        self._drawn += 1
        return self._drawn - 1

    # -- building

    def add(self, op: Op, inputs: Sequence[Any], attrs: dict[str, Any], name: str | None = None) -> Any:
        """Adds a call of `op`; the open tapes hear of it.

        Args:
          op: the op.
          inputs: Tensors, Symbols of this graph or one around it, what converts to a tensor, static values.
          attrs: its attributes.
          name: a name for the node.

        Returns:
          A Symbol; a list of Symbols of an op with several outputs.

        Raises:
          TypeError: if dtypes do not fit.
          ValueError: if shapes do not fit.
        """
        if op.defaults:
            attrs = {**op.defaults, **attrs}
        if name:
            scopes.check(name)
        label, args, bound = self._named_and_bound(op, inputs, name)
        folded = self._filled(op, args, label)
        if folded is not None:
            return folded
        flat = op.flat_inputs(len(args))
        for i, (x, arg) in enumerate(zip(args, flat)):
            if isinstance(x, Symbol) and id(x) in self.unnamed:
                which = f"_{i - [a.name for a in flat].index(arg.name)}" if arg.length else ""
                what = f"{arg.name}{which}" if x._node.op is CONST else x._node.type
                self._name_constant(x, f"{label}/{what}")
        shapes = infer(op, args, attrs, label)
        node = self.append(op, args, attrs, label)
        several = op.several
        if op.outputs:
            for i, dtype in enumerate(output_dtypes(op, bound, attrs, len(shapes) if several else 1, len(args))):
                self.output(node, dtype, shapes[i] if several else shapes)
            known_elements(node)
        outputs = node.outputs if several else node.outputs[0] if node.outputs else None
        for recorder in context.recorders:
            recorder.record(op, attrs, args, outputs)
        return outputs

    def _named_and_bound(self, op: Op, inputs: Sequence[Any], name: str | None) -> tuple[str, tuple[Any, ...], Any]:
        """A node's name, its inputs, and the dtypes of type variables. What the inputs need is named after the node."""
        operator, self.operator = self.operator, None
        constant = self.unique_name("Const") if len(inputs) == 2 and id(inputs[1]) in EVERY_AXIS else None
        if name and name[-1] == "/" and name[:-1] not in self.by_name:
            label = name[:-1]  # it is what a name scope is called
            self._names.setdefault(label.lower(), 1)
        else:
            label = self.unique_name(name or operator or _NAMES.get(op.name, op.name))
        if constant:
            self.reserved[label] = constant
        around, context.name_scope = context.name_scope, f"{label}/"
        try:
            return label, *bind(self, op, inputs)
        except (TypeError, ValueError):
            self._forget_name(label)
            self.operator = operator  # for whichever op is tried instead
            raise
        finally:
            context.name_scope = around

    def _name_constant(self, x: Symbol, name: str) -> None:
        """Names a constant, or a read of a Variable, after what it is for."""
        self.unnamed.discard(id(x))
        node, old = x._node, x._node.name
        self._rename(node, name)
        resource = node.args[0]._node if node.args else node
        if resource.name == f"{old}/resource":  # the first operation that has to do with the Variable
            self._rename(resource, f"{node.name}/resource")

    def _rename(self, node: Node, name: str) -> None:
        self._forget_name(node.name)
        del self.by_name[node.name]
        node.name = self.unique_name(f"{name}/")
        self.by_name[node.name] = node

    def _forget_name(self, name: str) -> None:
        """Frees a name that was the last to be given."""
        base, _, number = name.lower().rpartition("_")
        if not number.isdigit():
            base, number = name.lower(), "0"
        if self._names.get(base) == int(number) + 1:
            self._names[base] -= 1
            if int(number):
                self._names.pop(name.lower(), None)

    def _filled(self, op: Op, args: tuple[Any, ...], name: str) -> Symbol | None:
        """A small tensor filled with a known value, as a constant."""
        if op.name == "Fill":
            shape, element = args[0], args[1].known
        elif op.name in ("ZerosLike", "OnesLike") and args[0].dtype.is_numeric:
            shape, element = args[0]._array.dims, np.array(op.name == "OnesLike").astype(args[0]._array.dtype)
        else:
            return None
        if element is None or element.dtype == object or element.ndim or not isinstance(shape, tuple):
            return None
        if any(type(n) is not int or n < 0 for n in shape) or math.prod(shape) > SMALL:
            return None
        last = args[-1]._node
        if self.nodes[-1] is last and last.name == f"{name}/value":  # it was only made for this
            del self.by_name[self.nodes.pop().name]
        self._names[name.lower()] -= 1
        return self.constant(Tensor(np.full(shape, element)), name)

    def append(self, op: Op, args: tuple[Any, ...], attrs: dict[str, Any], name: str) -> Node:
        """Adds a node as it is; `name` must be unique already."""
        if self.finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")
        node = Node(self, op, args, attrs, name)
        node.controls = self.controls
        self.nodes.append(node)
        self.by_name[name] = node
        return node

    @contextmanager
    def control_dependencies(self, control_inputs: Iterable[Any] | None) -> Iterator[None]:
        """What is made inside runs after `control_inputs`, and after those of the blocks around it.

        Args:
          control_inputs: operations and tensors of this graph; what is none of them has happened already. None forgets
            the blocks around.

        >>> graph = tf.Graph()
        >>> with graph.as_default():
        ...     first = tf.constant(1.0, name="first")
        ...     with graph.control_dependencies([first]):
        ...         y = tf.sqrt(tf.constant(4.0))
        >>> [node.name for node in y.op.control_inputs]
        ['first']
        """
        before = self.controls
        given = [x._node if isinstance(x, Symbol) else x for x in control_inputs or ()]
        ours = [node for node in given if isinstance(node, Node) and node.graph is self]
        self.controls = [] if control_inputs is None else [*before, *(node for node in ours if node not in before)]
        try:
            yield
        finally:
            self.controls = before

    def placeholder(self, dtype: DType, shape: Any, name: str) -> Symbol:
        """A Symbol whose value is handed in when the graph runs."""
        node = self.append(PLACEHOLDER, (), {"dtype": dtype, "shape": shape}, self.unique_name(name))
        return self.output(node, dtype, shape)

    def constant(self, tensor: Tensor, name: str | None = None) -> Symbol:
        """A tensor at hand as a node of its own."""
        array = at_hand(tensor._array)
        if array is not tensor._array:
            tensor = Tensor(array)
        attrs = {"value": tensor, "dtype": tensor.dtype}
        node = self.append(CONST, (), attrs, self.unique_name(name or "Const"))
        symbol = self.output(node, tensor.dtype, array.shape)
        symbol.known = array
        if name is None:
            self.unnamed.add(id(symbol))
        return symbol

    def own(self, x: Tensor, name: str | None = None) -> Symbol:
        """`x` as a Symbol of this graph: itself, a capture, or a constant of ours; if it is new, `name` is its name."""
        if isinstance(x, Symbol):
            return x if x.graph is self else self.capture(x)
        return self.constant(x, name) if is_framework_constant(x) else self.capture(x, name)

    def capture(self, x: Tensor, name: str | None = None) -> Symbol:
        """A placeholder for a tensor from outside, always the same for the same tensor.

        Raises:
          TypeError: if `x` is a Symbol of a graph that is not around this one.
        """
        found = self.captured.get(id(x))
        if found is not None:
            return found[1]
        self._check_capture(x)
        outside = x if self.outer is None else self.outer.own(x)
        shape = x._array.static if isinstance(x, Symbol) else x._array.shape
        symbol = self.placeholder(x.dtype, shape, name or "Placeholder/")
        if x._id is None:
            x._id = new_id()
        symbol._id = x._id  # one number: a tape inside that watches the one follows the other
        symbol.known = x.known if isinstance(x, Symbol) else None
        self.captured[id(x)] = (outside, symbol)
        if outside is not x:
            self.captured[id(outside)] = (outside, symbol)
        return symbol

    def _check_capture(self, x: Tensor) -> None:
        if isinstance(x, Symbol):
            if type(self) is Graph and self.outer is None:
                raise ValueError(f"{x!r} must be from the same graph as Tensor: it is from {x.graph.name}.")
            check_accessible(x, self)
        elif type(self) is Graph:
            raise RuntimeError("Attempting to capture an EagerTensor without building a function.")

    def resource(self, thing: Any, dtype: DType = resource_dtype, op: str = "") -> Symbol:
        """A placeholder for what is no tensor (a Variable's handle...), always the same for the same thing.

        If it is new, it is named after the operation called `op`, or else in the open name scope.
        """
        found = self.captured.get(id(thing))
        if found is not None:
            return found[1]
        outside = thing if self.outer is None else self.outer.resource(thing, dtype)
        symbol = self.placeholder(dtype, (), f"{op}/resource/" if op else "resource")
        symbol._id = getattr(thing, "_id", None)
        self.captured[id(thing)] = (outside, symbol)
        return symbol

    def root(self) -> Any:
        """The function's graph that this one is a part of."""
        return self

    def create(self, variable: Any) -> None:
        """Hears of a Variable that is made while the graph is open."""

    def resource_of(self, variable: Any, op: str = "") -> Symbol:
        """The Symbol of a Variable's handle, see `resource`."""
        graph: Graph | None = self
        while graph is not None:
            graph.uses[variable._id] = variable
            graph = graph.outer
        return self.resource(variable._handle, op=op)

    def variable_of(self, resource: Symbol) -> Any:
        """The Variable behind the Symbol of a handle; None if it is none of this graph's."""
        graph: Graph | None = self
        while graph is not None:
            if resource._id in graph.uses:
                return graph.uses[resource._id]
            graph = graph.outer
        return None

    def output(self, node: Node, dtype: DType, shape: Any) -> Symbol:
        """Gives a node its next output."""
        symbol = Symbol(node, len(node.outputs), dtype, shape)
        node.outputs.append(symbol)
        return symbol

    @property
    def captures(self) -> list[tuple[Any, Symbol]]:
        """What the graph uses from outside, each with its placeholder."""
        unique = {id(symbol): (outside, symbol) for outside, symbol in self.captured.values()}
        return list(unique.values())

    def unique_name(self, name: str) -> str:
        """`name` in the open name scope, with a number behind it if it is taken."""
        full = name[:-1] if name.endswith("/") else context.name_scope + name
        key = full.lower()  # names that differ in case only are none, as on some file systems
        count = self._names.get(key, 0)
        self._names[key] = count + 1
        if not count:
            return full
        while f"{key}_{count}" in self._names:
            count += 1
        self._names[key] = count + 1
        self._names[f"{key}_{count}"] = 1
        return f"{full}_{count}"

    def static(self, value: Any) -> Any:
        """A static input: Python ints, with Sizes of this graph among them; a Symbol where nothing is known."""
        return static(self, value)

    # -- asking

    @contextmanager
    def as_default(self) -> Iterator[Graph]:
        """A `with` block whose ops are added to this graph."""
        with building(self):
            yield self

    def verify(self) -> None:
        """Checks that each node comes after what it needs, and that names are unique.

        Raises:
          AssertionError: if not; then a pass of ours is wrong.
        """
        defined: set[int] = set()
        for node in self.nodes:
            for x in node.symbols():
                if x.graph is not self or id(x) not in defined:
                    raise AssertionError(f"{node} needs {x!r}, which does not come before it")
            defined.update(map(id, node.outputs))
        if len({node.name for node in self.nodes}) != len(self.nodes):
            raise AssertionError("two nodes have the same name")

    def __str__(self) -> str:
        arguments = ", ".join(f"%{x.name}: {x.dtype.name}{brackets(x._array.static)}" for x in self.inputs)
        lines = [f"  {node}" for node in self.nodes if not any(node is x.op for x in self.inputs)]
        results = ", ".join(f"%{y.name}" for y in self.results)
        return "\n".join([f"{self.name}({arguments}):", *lines, f"  return {results}"])


def get_default_graph() -> Graph:
    """The graph that is open; outside any, the one that the program has for what belongs to none.

    >>> with tf.Graph().as_default() as graph:
    ...     print(tf.compat.v1.get_default_graph() is graph)
    True
    """
    graph: Graph | None = context.graph
    return graph if graph is not None else _global_graph()


@functools.cache
def _global_graph() -> Graph:
    return Graph()


def reset_default_graph() -> None:
    """Forgets the graph that the program has for what belongs to no other.

    Raises:
      AssertionError: a graph is open.
    """
    if context.graph is not None:
        raise AssertionError("Do not use tf.reset_default_graph() to clear nested graphs.")
    _global_graph.cache_clear()


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Symbol:
    """A tensor of the open graph whose value is handed in when the graph runs.

    Args:
      dtype: its dtype.
      shape: its shape, with None for unknown sizes; None for an unknown rank.
      name: a name.

    Returns:
      A symbolic Tensor.

    Raises:
      RuntimeError: if no graph is open.

    >>> with tf.Graph().as_default():
    ...     print(tf.compat.v1.placeholder(tf.float32, [None, 2], "x"))
    Tensor("x:0", shape=(None, 2), dtype=float32)
    """
    if context.graph is None:
        raise RuntimeError("tf.placeholder() is not compatible with eager execution.")
    made: Symbol = context.graph.placeholder(as_dtype(dtype), TensorShape(shape)._dims, name or "Placeholder")
    return made


def check_accessible(symbol: Symbol, graph: Graph | None) -> None:
    """Raises TensorFlow's TypeError unless `symbol` belongs to `graph` or one around it."""
    around = graph
    while around is not None:
        if symbol.graph is around:
            return
        around = around.outer
    raise symbol.out_of_scope()
