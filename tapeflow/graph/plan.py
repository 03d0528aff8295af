"""The host engine's way to run a graph: a Python function, written once, that calls NumPy kernels in turn."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from sys import getrefcount
from typing import Any

import numpy as np

from ..base import nest
from ..base.context import context, direct, quietly, refuse
from ..base.dtypes import resource, variant
from ..core.execute import explained, plain_value
from ..core.op import Kernel, Op
from ..core.spec import TensorSpec
from ..core.symbol import SIGNS, Size, Symbol
from ..core.tensor import Array, Tensor
from ..state.handle import Handle, renewed
from .ir import CONST, PLACEHOLDER, Graph, Node, sizes_in

_new = Tensor.__new__
SMALL = 1 << 14  # elements; smaller arrays are not worth being freed early, or reused
TINY = 1 << 10  # elements; to add to fewer takes less time than to call what does it
# Ops on two numbers that in loops are Python's operators on NumPy scalars: five times as fast as ufuncs on arrays.
_SCALAR = {
    "AddV2": "+", "Sub": "-", "Mul": "*", "Less": "<", "LessEqual": "<=", "Greater": ">", "GreaterEqual": ">=",
    "Equal": "==", "NotEqual": "!=", "LogicalAnd": "&", "LogicalOr": "|",
}  # fmt: skip

# Ops of which the output never shares memory with an input, beside ufuncs; their inputs' memory may be reused later.
_FRESH = frozenset(
    "MatMul BatchMatMulV2 Sum Mean Max Min Prod BiasAdd BiasAddGrad Relu ReluGrad Softmax Conv2D MaxPool ArgMax"
    " Sigmoid SigmoidGrad TanhGrad SoftmaxCrossEntropyWithLogits SparseSoftmaxCrossEntropyWithLogits SelectV2"
    " AddN ConcatV2 Pack OneHot GatherV2 All Any".split()
)


# How to write ops that are no calls of kernels, by name: control flow adds itself.
WRITERS: dict[str, Callable[[Any, Node], None]] = {}


class Plan:
    """A graph, ready to run on NumPy.

    Args:
      graph: the graph.
      outputs: the Symbols to compute; the graph's own by default.
      inputs: the Symbols whose values are handed in, in order; by default the graph's inputs, then its captures.

    Call it with arrays (handles of Variables where these are captured); it returns a list of arrays.
    """

    def __init__(self, graph: Graph, outputs: Sequence[Symbol] | None = None, inputs: Any = None) -> None:
        self.graph = graph
        writer = _Writer()
        if inputs is None:
            inputs = [*getattr(graph, "arguments", graph.inputs), *(symbol for _, symbol in graph.captures)]
        parameters = [writer.name(x) for x in inputs]
        results = writer.body(graph, graph.results if outputs is None else outputs)
        self._body = writer.lines
        self._parameters, self._results = parameters, results
        self._nodes, self._space = writer.nodes, writer.space
        self._plain = writer.plain
        self.source = "\n".join(
            [f"def run({', '.join(parameters)}):", *self._body, f"    return [{', '.join(results)}]\n"]
        )
        self._file = f"<tapeflow {graph.name}>"

    @functools.cached_property
    def run(self) -> Callable[..., list[Array]]:
        """The function from arrays to arrays."""
        exec(compile(self.source, self._file, "exec"), self._space)
        made: Callable[..., list[Array]] = self._space["run"]
        return made

    def entry(self, structure: Any, captured: Sequence[Any]) -> Callable[[Sequence[Any]], Any]:
        """The whole call as one function: from the Tensors of a call to what the traced function returned.

        Args:
          structure: what that was, with the graph's outputs in their places.
          captured: arrays and handles for those of the inputs that are not arguments: the last ones.
        """
        own = self._parameters[: len(self._parameters) - len(captured)]
        inputs = getattr(self.graph, "arguments", self.graph.inputs)
        space = {**self._space, **dict(zip(self._parameters[len(own) :], captured)), "Tensor": Tensor, "new": _new}
        unpack = "; ".join(f"{name} = args[{i}]" for i, name in enumerate(own)) or "pass"
        arrays = [f"{name} = {name}._array" for name, x in zip(own, inputs) if x.dtype is not resource]
        head = "; ".join([unpack, *arrays])
        tail: list[str] = []
        result = rebuilt(structure, iter(self._results), tail, space)
        lines = [f"    {head}", *self._body, *(f"    {line}" for line in tail), f"    return {result}"]
        exec(compile("\n".join(["def enter(args):", *lines, ""]), self._file, "exec"), space)
        enter = space["enter"]

        def call_plain(tensors: Sequence[Any]) -> Any:
            try:
                return context.run(enter, tensors)
            except Exception as error:
                raise self.explained(error, 1) from None

        if self._plain:
            return call_plain

        def call(tensors: Sequence[Any]) -> Any:
            run = context.run
            context.run = direct
            try:
                return run(enter, tensors)
            except Exception as error:
                raise self.explained(error, 1) from None
            finally:
                context.run = run

        return call

    def __call__(self, *arrays: Any) -> list[Array]:
        run = context.run
        context.run = direct
        try:
            results: list[Array] = (quietly if run is refuse else run)(self.run, *arrays)
            return results
        except Exception as error:
            raise self.explained(error) from None
        finally:
            context.run = run

    def explain(self) -> list[str]:
        """How parts run that have engines of their own."""
        engines = [each for each in self._space.values() if hasattr(each, "parts") and hasattr(each, "explain")]
        return [line for each in engines for line in each.explain()]

    def explained(self, error: Exception, shift: int = 0) -> Exception:
        """What TensorFlow would say, and at which line of the program. `shift`: lines before those of `run`."""
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != self._file:
            trace = trace.tb_next
        if trace is None:
            return error
        node, sources = self._nodes.get(trace.tb_lineno - shift, (None, ()))
        if node is None or getattr(error, "node", None) is not None:
            return error
        arrays = [eval(source, trace.tb_frame.f_globals, trace.tb_frame.f_locals) for source in sources]
        values = [
            (plain_value(x) if arg.static else Tensor(x)) if isinstance(x, np.ndarray) else x
            for arg, x in zip(node.op.flat_inputs(len(arrays)), arrays)
        ]
        better = explained(error, node.op, values, node.attrs, node.name)
        better.add_note(f"Detected at node {node.name} defined at (most recent call last):\n{node.places}")
        better.node = node  # type: ignore[attr-defined]
        return better


def rebuilt(structure: Any, names: Iterator[str], lines: list[str], space: dict[str, Any]) -> str:
    """The source of a structure with Tensors for its Symbols, which `lines` make of the arrays called `names`."""
    if isinstance(structure, Symbol):
        name = next(names)
        tensor = f"t{len(lines)}"
        lines.append(f"{tensor} = new(Tensor); {tensor}._array = {name}; {tensor}._id = None")
        return tensor
    kind = type(structure)
    if kind is tuple or kind is list:
        items = "".join(f"{rebuilt(item, names, lines, space)}, " for item in structure)
        return f"({items})" if kind is tuple else f"[{items}]"
    if kind is dict:  # flat in the order of the sorted keys
        values = {key: rebuilt(structure[key], names, lines, space) for key in sorted(structure)}
        return "{" + ", ".join(f"{_constant(space, key)}: {values[key]}" for key in structure) + "}"
    if structure is None:
        return "None"
    flat = nest.flatten(structure, expand_composites=True)
    if len(flat) == 1 and flat[0] is structure:
        return _constant(space, structure)
    parts = [rebuilt(item, names, lines, space) for item in flat]
    spec = getattr(structure, "_type_spec", None)
    if spec is not None and isinstance(spec._component_specs, TensorSpec):  # an Optional, say
        return f"{_constant(space, spec._from_components)}({parts[0]})"
    pack = functools.partial(nest.pack_sequence_as, structure, expand_composites=True)
    return f"{_constant(space, pack)}([{', '.join(parts)}])"


def packer(structure: Any) -> Callable[..., Any]:
    """A function from arrays to `structure` with Tensors of them for its Symbols."""
    space: dict[str, Any] = {"Tensor": Tensor, "new": _new}
    names = [f"y{i}" for i in range(_count(structure))]
    lines: list[str] = []
    result = rebuilt(structure, iter(names), lines, space)
    body = "".join(f"    {line}\n" for line in [*lines, f"return {result}"])
    exec(compile(f"def pack({', '.join(names)}):\n{body}", "<tapeflow pack>", "exec"), space)
    made: Callable[..., Any] = space["pack"]
    return made


def _count(structure: Any) -> int:
    """How many Symbols there are in a structure."""
    return sum(isinstance(x, Symbol) for x in nest.flatten(structure, expand_composites=True))


def _constant(space: dict[str, Any], value: Any) -> str:
    name = f"k{len(space)}"
    space[name] = value
    return name


class _Writer:
    """Writes the source, and keeps what it refers to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.space: dict[str, Any] = {"asarray": np.asarray, "plain": plain_value}
        self.names: dict[int, str] = {}
        self.nodes: dict[int, tuple[Node, tuple[Any, ...]]] = {}
        self.depth = 1
        self.fresh: set[int] = set()  # Symbols whose memory is nobody else's
        self.reads: set[int] = set()  # Symbols that are the array of a Variable
        self.own: set[int] = set()  # Symbols that have a name for themselves, which may be let go
        self.loops = 0  # how many loops are open
        self.unboxed: set[int] = set()  # Symbols of rank 0 that may be NumPy scalars, as in loops
        self.live: set[int] = set()  # Symbols that somebody needs
        self.plain = True  # whether no kernel is called that might call ops
        self.shaped: set[tuple[str, Any]] = set()  # names, with the shapes that their arrays are seen to have
        self.alias: dict[int, Symbol] = {}  # Symbols that are computed already, under another name
        self.counter = itertools.count()

    def name(self, symbol: Symbol) -> str:
        """The variable that holds a Symbol's array."""
        symbol = self.alias.get(id(symbol), symbol)
        known = self.names.get(id(symbol))
        if known is None:
            known = self.names[id(symbol)] = f"v{next(self.counter)}"
        return known

    def same(self, symbols: Iterable[Symbol]) -> list[Symbol]:
        """The Symbols under the names that they have here."""
        return [self.alias.get(id(x), x) for x in symbols]

    def constant(self, value: Any) -> str:
        """A name for a value."""
        name = f"c{next(self.counter)}"
        self.space[name] = value
        return name

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def body(self, graph: Graph, outputs: Sequence[Symbol]) -> list[str]:
        """Writes what a graph does; returns the names of its outputs."""
        nodes = self.merged(needed(graph, outputs))
        last = {id(x): i for i, node in enumerate(nodes) for x in self.same(node.symbols())}
        live = set(last)
        for y in self.same(outputs):
            last.pop(id(y), None)
            live.add(id(y))
        for i, node in enumerate(nodes):
            write = WRITERS.get(node.op.name)
            ending = [x for x in self.same(node.symbols()) if last.get(id(x)) == i]
            self.plain = self.plain and _is_plain(node.op)
            if write is not None or node.op.updates:
                self.live = live
                (write or _write_update)(self, node)
                self.fresh.difference_update(map(id, self.same(node.symbols())))
                self.free(ending)
            elif node.outputs and all(map(_is_known, node.outputs)):
                for y in node.outputs:
                    self.names[id(y)] = self.constant(y.known)
            elif node.op is CONST:
                self.names[id(node.outputs[0])] = self.constant(node.attrs["value"]._array)
            elif node.op is not PLACEHOLDER:
                self.call(node, [x for x in ending if id(x) in self.fresh])
                self.own.update(map(id, node.outputs))
                self.free(ending)
        return [self.name(y) for y in outputs]

    def merged(self, nodes: list[Node]) -> list[Node]:
        """Leaves out what another node computes already."""
        seen: dict[Any, Node] = {}
        kept = []
        for node in nodes:
            twin = seen.setdefault(self.key(node), node)
            if twin is node:
                kept.append(node)
            else:
                self.alias.update((id(x), y) for x, y in zip(node.outputs, twin.outputs))
        return kept

    def key(self, node: Node) -> Any:
        """Two nodes of one key compute the same."""
        if has_effects(node) or node.op.reads or node.op in (CONST, PLACEHOLDER):
            return id(node)
        args = [id(self.alias.get(id(x), x)) if isinstance(x, Symbol) else repr(x) for x in node.args]
        try:
            key = node.op, *args, *node.attrs.items()
            hash(key)
        except TypeError:  # an attribute that cannot be hashed
            return id(node)
        return key

    def free(self, symbols: Sequence[Symbol]) -> None:
        """Lets go of arrays that nobody needs any more, where it is worth it."""
        names = {self.name(x) for x in symbols if id(x) in self.own and (_elements(x) > SMALL or id(x) in self.reads)}
        if names:
            self.line(" = ".join([*sorted(names), "None"]))

    def call(self, node: Node, dying: list[Symbol]) -> None:
        """Writes a kernel's call. `dying` are inputs that nobody needs afterwards, in memory of our own."""
        op = node.op
        if self.loops and op.name in _SCALAR and all(map(is_number, (*node.args, *node.outputs))):
            a, b = map(self.number, node.args)
            self.line(f"{self.name(node.outputs[0])} = {a} {_SCALAR[op.name]} {b}")
            self.unboxed.add(id(node.outputs[0]))
            return
        kernel = _kernel(op, node)
        arguments = [self.argument(x) for x in node.args]
        is_ufunc = isinstance(kernel, np.ufunc)
        suffix = ""
        if is_ufunc:
            target = next((x for x in dying if _same_memory(x, node.outputs[0])), None)
            rank_known = node.outputs[0]._array.dims
            if target is not None and rank_known:
                suffix = f", out={self.name(target)}"
            elif not rank_known:
                suffix = ", out=..."
        text = f"{self.constant(kernel)}({', '.join(arguments)}{suffix})"
        names = [self.name(y) for y in node.outputs]
        if op.several:
            self.line(f"{', '.join(names)}{',' if len(names) == 1 else ''} = {text}" if names else text)
        elif not names:
            self.line(text)
        else:
            if not is_ufunc and _may_be_scalar(node.outputs[0]):
                text = f"asarray({text})"
            self.line(f"{names[0]} = {text}")
        self.nodes[len(self.lines) + 1] = node, tuple(arguments)
        if op.several:
            for y, name in zip(node.outputs, names):
                if _may_be_scalar(y):
                    self.line(f"{name} = asarray({name})")
        if is_ufunc or op.name in _FRESH:
            self.fresh.update(map(id, node.outputs))
        else:
            self.fresh.difference_update(map(id, self.same(node.tensors)))  # the output may be a view of an input

    def argument(self, x: Any) -> str:
        """The source of one argument."""
        if isinstance(x, Symbol):
            return f"asarray({self.name(x)})" if id(self.alias.get(id(x), x)) in self.unboxed else self.name(x)
        if isinstance(x, (Size, tuple)) and any(True for _ in sizes_in(x)):
            return self.static(x)
        return self.constant(x) if not (type(x) is int and abs(x) < 1 << 30) else repr(x)

    def number(self, x: Symbol) -> str:
        """The source of an operand of Python's operators."""
        known = x.known
        return self.name(x) if known is None or known.dtype == object else self.constant(known[()])

    def static(self, x: Any) -> str:
        """The source of a static value with Sizes in it."""
        if isinstance(x, tuple):
            return f"({''.join(self.static(item) + ', ' for item in x)})"
        if not isinstance(x, Size):
            return repr(x)
        first, second = x.operands
        if x.function is None:
            return f"int({self.name(first)})" if second is None else f"{self.name(first)}.shape[{second}]"
        return f"({self.static(first)} {SIGNS[x.function]} {self.static(second)})"


def _is_plain(op: Op) -> bool:
    """Whether no kernel of the op can call a graph, or ops."""
    return isinstance(op.ufunc or op.host, np.ufunc) or op.name in ("Const", "Placeholder", "ReadVariableOp")


def _may_be_scalar(x: Symbol) -> bool:
    """Whether a kernel may return a NumPy scalar for it."""
    return not x._array.dims and x.dtype is not variant


def is_number(x: Any) -> bool:
    """Whether it is a Symbol of rank 0 with which NumPy's scalars compute as its arrays do."""
    return isinstance(x, Symbol) and x._array.dims == () and x._array.dtype.char in "?ilqfd"


def _is_known(x: Symbol) -> bool:
    known = x.known
    return known is not None and (known.dtype != object or x._array.dtype == object) and not x._node.op.stateful


def _kernel(op: Op, node: Node) -> Kernel:
    """The callable for a node: attributes bound, static Symbols made plain, the kernel for big arrays if they are."""
    kernel = op.host
    if op.host_big is not None:
        sizes = [_elements(x) for x in node.tensors]
        if any(size >= op.big and not math.isinf(size) for size in sizes):
            kernel = op.host_big
        elif any(map(math.isinf, sizes)):
            kernel = functools.partial(_by_size, op.host, op.host_big, op.big)
    if node.attrs:
        kernel = functools.partial(kernel, **node.attrs)
    places = [i for i, (arg, x) in enumerate(zip(op.flat_inputs(len(node.args)), node.args))
              if arg.static and isinstance(x, Symbol)]  # fmt: skip
    return functools.partial(_with_plain, kernel, places) if places else kernel


def _by_size(small: Kernel, big: Kernel, limit: int, *arrays: Array, **attrs: Any) -> Any:
    for array in arrays:
        if array.size >= limit:
            return big(*arrays, **attrs)
    return small(*arrays, **attrs)


def _with_plain(kernel: Kernel, places: list[int], *inputs: Any) -> Any:
    values = list(inputs)
    for i in places:
        values[i] = plain_value(values[i])
    return kernel(*values)


def has_effects(node: Node) -> bool:
    """Whether a node does more than to compute its outputs."""
    if node.op.stateful:
        return True
    parts = [x for value in node.attrs.values() for x in (value if isinstance(value, tuple) else (value,))]
    return any(has_effects(inner) for part in parts if isinstance(part, Graph) for inner in part.nodes)


def needed(graph: Graph, outputs: Sequence[Symbol], effects: bool = True) -> list[Node]:
    """The nodes that the outputs depend on, and those with effects unless told otherwise, in order."""
    wanted = {id(y.op) for y in outputs}
    found = []
    for node in reversed(graph.nodes):
        if id(node) in wanted or (effects and has_effects(node)):
            found.append(node)
            wanted.update(id(x.op) for x in node.symbols())
    return found[::-1]


def _elements(x: Symbol) -> float:
    """The number of elements; infinity if it is not known, and for a list."""
    dims = x._array.dims
    if dims is None or x.dtype is variant or any(type(n) is not int for n in dims):
        return math.inf
    return float(math.prod(dims))


def _same_memory(x: Symbol, y: Symbol) -> bool:
    """Whether `y` can go where `x` is: same dtype, same shape as far as is known."""
    a, b = x._array, y._array
    if a.dtype != b.dtype or a.dims is None or b.dims is None or len(a.dims) != len(b.dims):
        return False
    return all((m == n) if type(m) is int and type(n) is int else type(m) is type(n) and m.key == n.key
               for m, n in zip(a.dims, b.dims))  # fmt: skip


def _write_read(writer: _Writer, node: Node) -> None:
    """The array of a Variable. It is let go of after its last use: so that an update may go in place."""
    writer.line(f"{writer.name(node.outputs[0])} = {writer.name(node.args[0])}.read()")
    writer.reads.add(id(node.outputs[0]))
    writer.own.add(id(node.outputs[0]))


def _write_update(writer: _Writer, node: Node) -> None:
    """An update of a Variable, with as few calls as can be."""
    arguments = [writer.argument(x) for x in node.args]
    first = len(writer.lines)
    shape = _tiny_shape(node) if node.op.ufunc is not None else None
    if shape is not None:
        _write_tiny_update(writer, node, arguments, shape)
    elif node.op.ufunc is not None:
        writer.line(f"{arguments[0]}.accumulate({writer.constant(node.op.ufunc)}, {arguments[1]})")
    elif node.op.name == "AssignVariableOp" and not node.attrs:
        writer.line(f"{arguments[0]}.write({arguments[1]})")
    else:
        writer.line(f"{writer.constant(_kernel(node.op, node))}({', '.join(arguments)})")
    for i in range(first, len(writer.lines)):
        writer.nodes[i + 2] = node, tuple(arguments)


def _tiny_shape(node: Node) -> tuple[int, ...] | None:
    """The shape of the Variable that is updated, if it is known, and so small that a call saved is worth some lines."""
    variable = node.graph.variable_of(node.args[0])
    if variable is None or not variable.shape.rank or not variable.shape.is_fully_defined():
        return None
    shape = tuple(variable.shape)
    return shape if math.prod(shape) <= TINY else None


def _write_tiny_update(writer: _Writer, node: Node, arguments: Sequence[str], shape: tuple[int, ...]) -> None:
    """`Handle.accumulate`, written out: for an array that is the handle's own, and a delta of its shape."""
    handle, delta = arguments
    add = writer.constant(node.op.ufunc)
    test = f"{handle}.own"
    if (delta, shape) not in writer.shaped:
        test += f" and {delta}.shape == {shape}"
    if writer.depth == 1:  # where it is sure to be asked
        writer.shaped.add((delta, shape))
    writer.space |= {"references": getrefcount, "renewed": renewed}
    for line in (
        f"{handle}.lock.acquire()",
        f"if {test}:",
        f"    a = {handle}.array; {handle}.array = None",
        "    try:",
        f"        if references(a) == {Handle.alone}: {add}(a, {delta}, a)",
        f"        else: a = renewed({handle}, {add}, a, {delta})",
        f"    finally: {handle}.array = a; a = None; {handle}.lock.release()",
        f"else: {handle}.lock.release(); {handle}.accumulate({add}, {delta})",
    ):
        writer.line(line)


WRITERS["ReadVariableOp"] = _write_read
