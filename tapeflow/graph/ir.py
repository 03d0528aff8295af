"""Graphs: the operations that a traced function consists of, in the order of the program."""

from __future__ import annotations

import functools
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import numpy as np

from ..base import errors
from ..base.context import building, context, new_id
from ..base.dtypes import DType, as_dtype
from ..base.dtypes import resource as resource_dtype
from ..base.tensor_shape import Shape, TensorShape
from ..core.convert import convert
from ..core.execute import static_value
from ..core.op import Arg, Op
from ..core.symbol import Abstract, Size, Symbol
from ..core.tensor import Tensor, is_framework_constant
from .known import known_elements

# Nodes that are no calls of registered ops.
PLACEHOLDER = Op("Placeholder", "-> output:dtype", lambda xp: None, shape=lambda: None)
CONST = Op("Const", "-> output:dtype", lambda xp, *, value, **_: value, shape=lambda **_: None)

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

# What TensorFlow calls a node by default, where it is not the op's name.
_NAMES = {
    "AddV2": "Add", "RealDiv": "truediv", "FloorDiv": "floordiv", "FloorMod": "FloorMod", "Pack": "stack",
    "ConcatV2": "concat", "StridedSlice": "strided_slice",
    "Transpose": "transpose", "OneHot": "one_hot", "ZerosLike": "zeros_like", "OnesLike": "ones_like",
    "Unpack": "unstack", "Range": "range", "Split": "split", "SplitV": "split",
}  # fmt: skip


SMALL = 1000  # elements; a tensor filled with one value is a constant up to here


class Node:
    """One operation of a graph, as TensorFlow's `tf.Operation`.

    Args:
      graph: the graph that it is part of.
      op: what it does.
      args: Symbols of this graph, and for static inputs Python values with Sizes among them, or a Symbol.
      attrs: the op's attributes.
      name: its name, unique in the graph.

    >>> with tf.Graph().as_default():
    ...     y = tf.constant(1.0) + 2.0
    >>> y.op.type, y.op.name, [x.name for x in y.op.inputs]
    ('AddV2', 'add', ['Const:0', 'add/y:0'])
    """

    node_def: Any  # a property, set by graph_def.py, which stands on this
    __slots__ = ("__weakref__", "args", "attrs", "control_inputs", "device", "frame", "graph", "name", "op", "outputs")

    def __init__(self, graph: Graph, op: Op, args: tuple[Any, ...], attrs: dict[str, Any], name: str) -> None:
        self.graph = graph
        self.op = op
        self.args = args
        self.attrs = attrs
        self.name = name
        self.outputs: list[Symbol] = []
        self.device = context.device
        self.control_inputs: list[Node] = []
        self.frame = _user_frame()

    @property
    def type(self) -> str:
        """The op's name."""
        return self.op.name

    @property
    def inputs(self) -> tuple[Symbol, ...]:
        """The Symbols that it takes."""
        return tuple(x for x in self.args if isinstance(x, Symbol))

    def get_attr(self, name: str) -> Any:
        """An attribute of the operation.

        Raises:
          ValueError: if it has no such attribute.
        """
        if name in self.attrs:
            return self.attrs[name]
        kinds = {arg.type: x.dtype for arg, x in zip(self.op.inputs, self.args) if isinstance(x, Symbol)}
        kinds |= {arg.type: y.dtype for arg, y in zip(self.op.outputs, self.outputs)}
        if name in kinds:
            return kinds[name]
        raise ValueError(f"Operation '{self.name}' has no attr named '{name}'.")

    def values(self) -> tuple[Symbol, ...]:
        """The outputs."""
        return tuple(self.outputs)

    def symbols(self) -> Iterable[Symbol]:
        """All Symbols that it needs: inputs, and those whose sizes stand in static inputs."""
        for x in self.args:
            if isinstance(x, Symbol):
                yield x
            elif isinstance(x, (tuple, Size)):
                for size in sizes_in(x):
                    for leaf in size.leaves():
                        yield leaf.operands[0]

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"

    def __str__(self) -> str:
        """A line of the graph's program."""
        outputs = ", ".join(f"%{y.name}: {y.dtype.name}{_brackets(y._array.static)}" for y in self.outputs)
        args = [f"%{x.name}" if isinstance(x, Symbol) else repr(x) for x in self.args]
        attrs = [f"{key}={_short(value)}" for key, value in self.attrs.items()]
        return f"{outputs}{' = ' if outputs else ''}{self.type}({', '.join(args + attrs)})"


class Graph:
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
        self.outputs: list[Symbol] = []
        self.captured: dict[int, tuple[Any, Symbol]] = {}  # by address, which stays taken as the tensor is kept here
        self.variables: dict[int, Any] = {}  # the Variables that are read or assigned to, by their number
        self.by_name: dict[str, Node] = {}
        self._names: dict[str, int] = {}
        self.controls: list[Node] = []
        self.finalized = False  # whether no more operations can be added
        self.seed: int | None = None if outer is None else outer.seed  # of the program, for random numbers
        self._drawn = 0
        self.operator: str | None = None  # the name for the op of a Python operator
        self._unnamed: set[int] = set()  # constants that take their names from the op that they are for

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
        label = name or self.operator or _NAMES.get(op.name, op.name)
        self.operator = None
        args, bound = self._bind(op, inputs)
        label = self.unique_name(label)
        folded = self._filled(op, args, label)
        if folded is not None:
            return folded
        flat = op.flat_inputs(len(args))
        for i, (x, arg) in enumerate(zip(args, flat)):
            if isinstance(x, Symbol) and id(x) in self._unnamed:
                which = f"_{i - [a.name for a in flat].index(arg.name)}" if arg.length else ""
                self._name_constant(x, f"{label}/{arg.name}{which}")
        shapes = _infer(op, args, attrs, label)
        node = self.append(op, args, attrs, label)
        several = op.several
        if op.outputs:
            for i, dtype in enumerate(_output_dtypes(op, bound, attrs, len(shapes) if several else 1, len(args))):
                self.output(node, dtype, shapes[i] if several else shapes)
            known_elements(node)
        outputs = node.outputs if several else node.outputs[0] if node.outputs else None
        for recorder in context.recorders:
            recorder.record(op, attrs, args, outputs)
        return outputs

    def _name_constant(self, x: Symbol, name: str) -> None:
        self._unnamed.discard(id(x))
        old = x._node.name
        base, _, number = old.rpartition("_")
        key = (base if number.isdigit() else old).lower()
        if self._names.get(key) == (int(number) + 1 if number.isdigit() else 1):
            self._names[key] -= 1
        del self.by_name[old]
        while name in self.by_name:
            name = self.unique_name(f"{name}/")
        x._node.name = name
        self.by_name[x._node.name] = x._node

    def _filled(self, op: Op, args: tuple[Any, ...], name: str) -> Symbol | None:
        """A small tensor filled with a known value, as a constant."""
        if op.name == "Fill":
            shape, value = args[0], args[1].known
        elif op.name in ("ZerosLike", "OnesLike") and args[0].dtype.is_numeric:
            shape, value = args[0]._array.dims, np.array(op.name == "OnesLike").astype(args[0]._array.dtype)
        else:
            return None
        if value is None or value.dtype == object or value.ndim or not isinstance(shape, tuple):
            return None
        if any(type(n) is not int or n < 0 for n in shape) or math.prod(shape) > SMALL:
            return None
        if id(args[-1]) in self._unnamed and self.nodes[-1] is args[-1]._node:  # was only made for this
            self._name_constant(args[-1], f"{name}/value")
            del self.by_name[self.nodes.pop().name]
        self._names[name.lower()] -= 1
        return self.constant(Tensor(np.full(shape, value)), name)

    def append(self, op: Op, args: tuple[Any, ...], attrs: dict[str, Any], name: str) -> Node:
        """Adds a node as it is; `name` must be unique already."""
        if self.finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")
        node = Node(self, op, args, attrs, name)
        node.control_inputs = list(self.controls)
        self.nodes.append(node)
        self.by_name[name] = node
        return node

    def placeholder(self, dtype: DType, shape: Any, name: str) -> Symbol:
        """A Symbol whose value is handed in when the graph runs."""
        node = self.append(PLACEHOLDER, (), {"dtype": dtype, "shape": shape}, self.unique_name(name))
        return self.output(node, dtype, shape)

    def constant(self, tensor: Tensor, name: str | None = None) -> Symbol:
        """A tensor at hand as a node of its own."""
        array = tensor._array
        attrs = {"value": tensor, "dtype": tensor.dtype}
        node = self.append(CONST, (), attrs, self.unique_name(name or "Const"))
        symbol = self.output(node, tensor.dtype, array.shape)
        symbol.known = array
        if name is None:
            self._unnamed.add(id(symbol))
        return symbol

    def own(self, x: Tensor) -> Symbol:
        """`x` as a Symbol of this graph: itself, a capture, or a constant of ours."""
        if isinstance(x, Symbol):
            return x if x.graph is self else self.capture(x)
        return self.constant(x) if is_framework_constant(x) else self.capture(x)

    def capture(self, x: Tensor) -> Symbol:
        """A placeholder for a tensor from outside, always the same for the same tensor.

        Raises:
          TypeError: if `x` is a Symbol of a graph that is not around this one.
        """
        found = self.captured.get(id(x))
        if found is not None:
            return found[1]
        self._check_capture(x)
        outside = x if self.outer is None else self.outer.own(x)
        symbol = self.placeholder(x.dtype, x._array.static if isinstance(x, Symbol) else x._array.shape, "Placeholder")
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

    def resource(self, thing: Any, dtype: DType = resource_dtype) -> Symbol:
        """A placeholder for what is no tensor (a Variable's handle...), always the same for the same thing."""
        found = self.captured.get(id(thing))
        if found is not None:
            return found[1]
        local = getattr(getattr(thing, "symbol", None), "graph", self) is self  # an argument of this very function
        outside = thing if self.outer is None or local else self.outer.resource(thing, dtype)
        symbol = self.placeholder(dtype, (), getattr(thing, "name", None) or "resource")
        symbol._id = getattr(thing, "_id", None)
        self.captured[id(thing)] = (outside, symbol)
        return symbol

    def root(self) -> Any:
        """The function's graph that this one is a part of."""
        return self

    def create(self, variable: Any) -> None:
        """Hears of a Variable that is made while the graph is open."""

    def resource_of(self, variable: Any) -> Symbol:
        """The Symbol of a Variable's handle."""
        graph: Graph | None = self
        while graph is not None:
            graph.variables[variable._id] = variable
            graph = graph.outer
        return self.resource(variable._handle)

    def variable_of(self, resource: Symbol) -> Any:
        """The Variable behind the Symbol of a handle; None if it is none of this graph's."""
        graph: Graph | None = self
        while graph is not None:
            if resource._id in graph.variables:
                return graph.variables[resource._id]
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

    def _bind(self, op: Op, inputs: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, np.dtype[Any]]]:
        """The inputs as Symbols and static values; the dtype of each type variable."""
        args = op.flat_inputs(len(inputs))
        values: list[Any] = list(inputs)
        bound: dict[str, tuple[np.dtype[Any], Arg]] = {}
        pending = []
        for i, arg in enumerate(args):
            x = values[i]
            if arg.static:
                values[i] = self.static(x)
                continue
            if not isinstance(x, Tensor) and hasattr(type(x), "__tf_tensor__") and type(x) is not Size:
                x = x.__tf_tensor__()
            if isinstance(x, Tensor):
                values[i] = self.own(x)
                _bind_one(op, arg, values[i], bound)
            else:
                pending.append(i)
        for i in pending:
            arg = args[i]
            wanted = arg.fixed or (as_dtype(bound[arg.type][0]) if arg.type in bound else None)
            values[i] = self._converted(op, arg, values[i], wanted, bound)
            _bind_one(op, arg, values[i], bound)
        return tuple(values), {kind: dtype for kind, (dtype, _) in bound.items()}

    def _converted(
        self, op: Op, arg: Arg, value: Any, wanted: DType | None, bound: dict[str, tuple[np.dtype[Any], Arg]]
    ) -> Symbol:
        try:
            tensor = convert(value, wanted)
        except (TypeError, ValueError):
            if arg.type not in bound or isinstance(value, Size):
                raise
            tensor = convert(value)
            _bind_one(op, arg, tensor, bound)  # says that the dtypes do not match
            raise
        return (
            tensor
            if isinstance(tensor, Symbol) and tensor.graph is self
            else (self.own(tensor) if isinstance(tensor, Symbol) else self.constant(tensor))
        )

    def static(self, value: Any) -> Any:
        """A static input: Python ints, with Sizes of this graph among them; a Symbol where nothing is known."""
        if isinstance(value, Symbol):
            value = self.own(value)
            return value if value.known is None else _plain(value.known)
        if isinstance(value, Size):
            return value.moved(self.own) if _foreign(value, self) else value
        if isinstance(value, (list, tuple)) and any(isinstance(x, (Tensor, Size, tuple, list)) for x in value):
            items = [self.static(x) for x in value]
            if any(isinstance(x, Symbol) for x in items):
                return self.static(convert(list(value)))
            return tuple(items)
        if not isinstance(value, (Tensor, np.ndarray, np.generic, int, float, list, tuple)):
            return self.static(convert(value))
        return static_value(value)

    # -- asking

    @contextmanager
    def as_default(self) -> Iterator[Graph]:
        """A `with` block whose ops are added to this graph."""
        with building(self):
            yield self

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """The tensor or operation of that name."""
        if not isinstance(obj, str):
            return obj
        return self.get_tensor_by_name(obj) if ":" in obj else self.get_operation_by_name(obj)

    @property
    def version(self) -> int:
        """A number that grows with each operation that is added."""
        return len(self.nodes)

    @property
    def building_function(self) -> bool:
        """Whether it is the graph of a function."""
        return type(self) is not Graph

    def finalize(self) -> None:
        """Makes it an error to add operations from now on."""
        self.finalized = True

    def get_operations(self) -> list[Node]:
        """The operations, in the order in which they were added."""
        return list(self.nodes)

    def get_operation_by_name(self, name: str) -> Node:
        """The operation of that name.

        Raises:
          KeyError: if there is none.
        """
        try:
            return self.by_name[name]
        except KeyError:
            raise KeyError(f"The name '{name}' refers to an Operation not in the graph.") from None

    def get_tensor_by_name(self, name: str) -> Symbol:
        """The tensor of that name, such as `"add:0"`.

        Raises:
          KeyError, ValueError: if there is none.
        """
        node, _, index = name.partition(":")
        if not index.isdigit():
            raise ValueError(
                f"The name '{name}' looks like an (invalid) Operation name, not a Tensor. Tensor names must be of the "
                'form "<op_name>:<output_index>".'
            )
        outputs = self.by_name[node].outputs if node in self.by_name else []
        if int(index) >= len(outputs):
            raise KeyError(
                f"The name '{name}' refers to a Tensor which does not exist. The operation, '{node}', does not exist "
                "in the graph."
                if node not in self.by_name
                else f"The name '{name}' refers to a Tensor which does not exist. The operation, '{node}', exists but "
                f"only has {len(outputs)} outputs."
            )
        return outputs[int(index)]

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
        arguments = ", ".join(f"%{x.name}: {x.dtype.name}{_brackets(x._array.static)}" for x in self.inputs)
        lines = [f"  {node}" for node in self.nodes if not any(node is x.op for x in self.inputs)]
        results = ", ".join(f"%{y.name}" for y in self.outputs)
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


# -- what `add` needs


def _bind_one(op: Op, arg: Arg, x: Tensor, bound: dict[str, tuple[np.dtype[Any], Arg]]) -> None:
    dtype = x._array.dtype
    if arg.fixed is not None:
        if dtype != arg.fixed.numpy and arg.fixed is not resource_dtype:
            raise TypeError(
                f"Input '{arg.name}' of '{op.name}' Op has type {x.dtype.name} that does not match expected type of "
                f"{arg.fixed.name}."
            )
        return
    if op.mixed:
        return
    if arg.type not in bound:
        allowed = op.allowed.get(arg.type)
        if allowed is not None and dtype not in allowed:
            names = ", ".join(kind.name for kind in op.types[arg.type])
            raise TypeError(
                f"Value passed to parameter '{arg.name}' has DataType {x.dtype.name} not in list of allowed values: "
                f"{names}"
            )
        bound[arg.type] = (dtype, arg)
        return
    before, first = bound[arg.type]
    if dtype != before:
        if arg.length:
            raise TypeError(
                f"Tensors in list passed to '{arg.name}' of '{op.name}' Op have types that don't all match: "
                f"{as_dtype(before).name}, {x.dtype.name}."
            )
        raise TypeError(
            f"Input '{arg.name}' of '{op.name}' Op has type {x.dtype.name} that does not match type "
            f"{as_dtype(before).name} of argument '{first.name}'."
        )


def _infer(op: Op, args: tuple[Any, ...], attrs: dict[str, Any], name: str) -> Any:
    """The shape of the output, or of each of several; unknown sizes are None, or Sizes where they equal others."""
    kinds = op.flat_inputs(len(args))
    try:
        for shape_of, static in _VIEWS:
            try:
                return op.shape_rule(
                    *[static(x) if arg.static else shape_of(x) for x, arg in zip(args, kinds)], **attrs
                )
            except errors.OpError:
                raise
            except Exception:  # the rule asked what is not known yet
                if static is _known:
                    raise
        raise AssertionError("the last view is one that all rules take")
    except errors.InvalidArgumentError as error:
        shapes = ", ".join(_brackets(x._array.static) for x in args if isinstance(x, Symbol))
        raise ValueError(
            f"{_in_graphs(error.message, op, args, attrs)} for '{{{{node {name}}}}} = {op.name}"
            f"({', '.join(_label(x) for x in args)})' with input "
            f"shapes: {shapes}."
        ) from None


def _in_graphs(message: str, op: Op, args: tuple[Any, ...], attrs: dict[str, Any]) -> str:
    """What TensorFlow says while tracing, where its kernels have other words for it."""
    shapes = [x._array.static for x in args if isinstance(x, Symbol)]
    if message.startswith("Matrix size-incompatible"):
        turned = attrs.get("transpose_a") or attrs.get("adj_x"), attrs.get("transpose_b") or attrs.get("adj_y")
        return f"Dimensions must be equal, but are {shapes[0][-2 if turned[0] else -1]} and " + str(
            shapes[1][-1 if turned[1] else -2]
        )
    if message.startswith("Incompatible shapes") and len(shapes) == 2:
        pairs = zip(reversed(shapes[0]), reversed(shapes[1]))
        a, b = next(((a, b) for a, b in reversed(list(pairs)) if a != b and 1 not in (a, b)), (None, None))
        return message if a is None else f"Dimensions must be equal, but are {a} and {b}"
    reshaped = re.match(r"Input to reshape is a tensor with (\d+) values, but the requested shape has (\d+)", message)
    if reshaped:
        shape = ",".join(map(str, args[1])) if isinstance(args[1], tuple) else args[1]
        return f"Cannot reshape a tensor with {reshaped[1]} elements to shape [{shape}] ({reshaped[2]} elements)"
    if message.startswith("ConcatOp : Ranks"):
        ranks = [len(shape) for shape in shapes if shape is not None]
        return f"Shape must be rank {ranks[0]} but is rank {next(n for n in ranks if n != ranks[0])}"
    return message


def _as_is(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_as_is, value))
    return None if isinstance(value, Symbol) or (isinstance(value, Size) and not value.is_size) else value


def _partly(value: Any) -> Any:
    """A static value with None for each Size."""
    if isinstance(value, tuple):
        return tuple(map(_partly, value))
    return None if isinstance(value, (Size, Symbol)) else value


def _known(value: Any) -> Any:
    """A static value, or None if there is a Size in it."""
    return None if isinstance(value, Symbol) or any(True for _ in sizes_in(value)) else value


# How to show the inputs to a shape rule, the most telling way first: with Sizes; with None for each unknown size; with
# None for what is not wholly known.
_VIEWS: tuple[tuple[Any, Any], ...] = (
    (lambda x: x._array.dims, _as_is),
    (lambda x: x._array.static, _partly),
    (lambda x: x._array.static, _known),
)


def sizes_in(value: Any) -> Iterable[Size]:
    """The Sizes in a static value."""
    if isinstance(value, Size):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from sizes_in(item)


def _foreign(size: Size, graph: Graph) -> bool:
    return any(leaf.operands[0].graph is not graph for leaf in size.leaves())


def _plain(array: Any) -> Any:
    """Known elements as a static value: nested tuples of ints and Sizes."""
    value = array.tolist()
    return _tuples(value)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _output_dtypes(
    op: Op, bound: dict[str, np.dtype[Any]], attrs: dict[str, Any], count: int, inputs: int
) -> list[DType]:
    def one(arg: Arg) -> DType:
        if arg.fixed is not None:
            return arg.fixed
        if arg.type in bound:
            return as_dtype(bound[arg.type])
        given: Any = attrs.get(arg.type, op.defaults.get(arg.type))
        return as_dtype(given)

    if len(op.outputs) == 1:
        arg = op.outputs[0]
        given = attrs.get(arg.type)
        if isinstance(given, (list, tuple)):  # a dtype for each output
            return [as_dtype(dtype) for dtype in given]
        return [one(arg)] * count
    if not any(arg.length for arg in op.outputs):
        return [one(arg) for arg in op.outputs]
    each = (count - sum(not arg.length for arg in op.outputs)) // sum(bool(arg.length) for arg in op.outputs)
    return [dtype for arg in op.outputs for dtype in [one(arg)] * (each if arg.length else 1)]


# -- printing


def _brackets(shape: Shape) -> str:
    return "<unknown>" if shape is None else f"[{','.join('?' if n is None else str(n) for n in shape)}]"


def _label(x: Any) -> str:
    return x.name.removesuffix(":0") if isinstance(x, Symbol) else repr(x)


def _short(value: Any) -> str:
    text = str(value.name) if isinstance(value, (Graph, DType)) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _user_frame() -> tuple[str, int, str]:
    """File, line and function of the program's own line that is running."""
    frame: Any = sys._getframe(2)
    while frame is not None and _is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return ("<unknown>", 0, "") if frame is None else (frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def _is_ours(file: str) -> bool:
    return file.startswith((_PACKAGE, "<")) or f"{os.sep}malt{os.sep}" in file


def abstract(x: Any) -> Abstract:
    """What is known of a Symbol's array."""
    return cast(Abstract, x._array)


def _named(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    """An operator whose op gets the operator's name, as in TensorFlow."""

    @functools.wraps(method)
    def operator(self: Symbol, *args: Any) -> Any:
        graph = context.graph
        if graph is not None:
            graph.operator = name
        try:
            return method(self, *args)
        finally:
            if graph is not None:
                graph.operator = None

    return operator


for _sign in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    for _method in (f"__{_sign}__", f"__r{_sign}__"):
        setattr(Symbol, _method, _named(getattr(Tensor, _method), _sign))
