"""What branches and loops share: parts of a function's graph as attributes of a node, and how tapes go through them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..autodiff.tape import GradientTape
from ..base import nest
from ..base.context import context
from ..base.dtypes import DType, resource, variant
from ..core.indexed_slices import IndexedSlices
from ..core.op import Op
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from ..ops.random_ops import has_stream
from ..state import updates
from ..state.handle import Handle
from .ir import PLACEHOLDER, Graph, Node
from .replay import Replay
from .trace import FuncGraph, Part, trace_part


def add_node(
    op: Op, args: Sequence[Any], attrs: dict[str, Any], outputs: Iterable[tuple[DType, Any]], name: str
) -> Node:
    """Adds a node with parts to the open graph and tells the open tapes of it.

    Args:
      op: the op.
      args: Symbols of the open graph.
      attrs: its attributes; the parts are among them.
      outputs: dtype and shape of each output.
      name: a name for the node.
    """
    graph: Graph = context.graph
    own = list(map(entered, args))
    node = graph.append(op, tuple(own), attrs, graph.unique_name(name))
    for dtype, shape in outputs:
        graph.output(node, dtype, shape)
    for part in parts_of(node):
        for variable in part.uses.values():
            for recorder in context.recorders:
                recorder.read(variable, None)
    for recorder in context.recorders:
        recorder.record(op, attrs, node.args, node.outputs)
    return node


def entered(x: Any) -> Symbol:
    """A Symbol of the open graph for a Tensor, or the handle of a Variable."""
    graph: Graph = context.graph
    return graph.resource(x) if isinstance(x, Handle) else graph.own(x)


def parts_of(node: Node) -> list[FuncGraph]:
    """The parts of a node."""
    found: list[FuncGraph] = []
    for value in node.attrs.values():
        if isinstance(value, FuncGraph):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(x for x in value if isinstance(x, FuncGraph))
    return found


def draws(node: Node) -> bool:
    """Whether a node, or something in its parts, draws from a stream of its own."""
    return has_stream(node.attrs) or any(draws(inner) for part in parts_of(node) for inner in part.nodes)


def copied(
    part: FuncGraph, link: Any, args: Sequence[Any], wanted: Sequence[Symbol] = (), inputs: Sequence[Symbol] = ()
) -> tuple[Part, list[Symbol]]:
    """A part once more, for a copy of its node in the open graph: so that it draws from streams of its own.

    Args:
      part: the branch, condition or body.
      link: pairs of a placeholder for what it captures, and the place of that in `args`.
      args: Symbols of the open graph.
      wanted: Symbols of the part.
      inputs: those of its inputs that are no such placeholders.

    Returns:
      The new part, and what in it corresponds to `wanted`.
    """
    found: list[Symbol] = []

    def run(*values: Any) -> Any:
        symbols = [*inputs, *(placeholder for placeholder, _ in link)]
        given = [context.graph.own(args[i]) for _, i in link]
        results = Replay(part, symbols, [*values, *given]).run([*part.results, *wanted])
        found.extend(results[len(part.results) :])
        return packed(part.structured_outputs, results)

    return trace_part(part.name, run, inputs), found


def captures_of(part: Part) -> tuple[list[Any], list[Symbol]]:
    """What a part takes from around it, Symbols of the graph around; and its placeholders for that."""
    pairs = part.captures
    return [outside for outside, _ in pairs], [symbol for _, symbol in pairs]


def linked(parts: Sequence[Part], args: list[Any]) -> tuple[tuple[tuple[Symbol, int], ...], ...]:
    """Appends to a node's `args` what its parts take from around them, each thing once.

    Returns:
      For each part pairs of a placeholder and the place in `args` of what it stands for.
    """
    places: dict[int, int] = {}
    links = []
    for part in parts:
        outside, placeholders = captures_of(part)
        for x in outside:
            if id(x) not in places:
                places[id(x)] = len(args)
                args.append(x)
        links.append(tuple((placeholder, places[id(x)]) for x, placeholder in zip(outside, placeholders)))
    return tuple(links)


def dynamic_shape(symbol: Symbol) -> Any:
    """A shape that makes sense outside the symbol's graph: None for sizes that are not known."""
    return symbol._array.static


def hoist_reads(parts: Sequence[Part]) -> None:
    """Reads Variables before the node, not inside its parts, where these do not update them.

    So a loop reads a weight once, and gradients flow to a plain tensor.
    """
    updated = {number for part in parts for number in updated_in(part)}
    for part in parts:
        for node in part.nodes:
            if node.op is updates.READ and node.args[0]._id not in updated:
                (y,) = node.outputs
                outside = part.uses[node.args[0]._id].__tf_tensor__()
                node.op, node.args, node.attrs = PLACEHOLDER, (), {"dtype": y.dtype, "shape": dynamic_shape(y)}
                part.captured[id(y)] = (outside, y)
        used = {id(x) for node in part.nodes for x in node.symbols()}
        for key, (_, placeholder) in list(part.captured.items()):
            if placeholder.dtype is resource and id(placeholder) not in used:
                del part.captured[key]


def forget_capture(part: Any, x: Symbol) -> None:
    """Undoes the capture of `x`, in `part` and those around it up to the graph of `x`."""
    graph: Any = part
    while graph is not None and graph is not x.graph:
        outside, _ = graph.captured.pop(id(x))
        graph.captured.pop(id(outside), None)
        graph = graph.outer


def updated_in(part: Graph) -> set[int]:
    """The numbers of the Variables that a part updates."""
    found = {node.args[0]._id for node in part.nodes if node.op.updates}
    for node in part.nodes:
        for inner in parts_of(node):
            found |= updated_in(inner)
    return found


def is_repeatable(node: Node) -> bool:
    """Whether computing a node again, later, gives the same and does nothing else."""
    if node.op.stateful or node.op.reads:
        return False
    return all(is_repeatable(inner) for part in parts_of(node) for inner in part.nodes)


def unrepeatable(part: FuncGraph) -> list[Symbol]:
    """The results in a part that a gradient must not compute again, and so needs to be handed."""
    return [y for node in part.nodes if not is_repeatable(node) for y in node.outputs]


# Ops whose results a loop's gradient rather reads than computes again; sums and products of elements cost no more.
_DEAR = frozenset(
    "MatMul BatchMatMulV2 Einsum Conv2D Conv3D DepthwiseConv2dNative Exp Expm1 Log Log1p Tanh Sigmoid Softplus Elu Selu"
    " Erf Erfc Sin Cos Tan Pow Sqrt Rsqrt Softmax LogSoftmax Cholesky MatrixInverse Qr Svd".split()
)


def kept(part: Part) -> list[Symbol]:
    """The results in a part that a gradient is handed if it needs them: the unrepeatable, and the dear."""
    return [
        y for node in part.nodes
        if not is_repeatable(node) or (node.op.name in _DEAR and not node.outputs[0].dtype.is_integer)
        for y in node.outputs
    ]  # fmt: skip


class Backward:
    """Runs a part again under a tape, into the open graph, and differentiates it.

    Args:
      part: the branch or body.
      symbols: its inputs and the placeholders of its captures.
      values: Symbols of the open graph for them; handles of Variables are Symbols too.
      given: Symbols of the part that must not be computed again.
      given_values: Symbols of the open graph for them.
    """

    def __init__(
        self,
        part: Part,
        symbols: Sequence[Symbol],
        values: Sequence[Any],
        given: Sequence[Symbol],
        given_values: Sequence[Any],
    ) -> None:
        self.sources = _once(
            value if differentiable(value) else variable_behind(part, symbol) for symbol, value in zip(symbols, values)
        )
        watched = [x for x in self.sources if x is not None]
        with GradientTape(persistent=True, watch_accessed_variables=False) as self.tape:
            if watched:
                self.tape.watch(watched)
            replay = Replay(part, [*symbols, *given], [*values, *given_values])
            self.outputs = [*replay.run(part.results, effects=False), *given_values]

    def gradients(self, output_gradients: Sequence[Any]) -> list[Any]:
        """The gradient for each of the values; None where there is none.

        Args:
          output_gradients: for each output of the part, and for each of what was given, a gradient or None.
        """
        pairs = [
            (y, g) for y, g in zip(self.outputs, output_gradients) if g is not None and differentiable(y)
        ]
        known = [x for x in self.sources if x is not None]
        if not pairs or not known:
            return [None] * len(self.sources)
        grads = iter(self.tape.gradient([y for y, _ in pairs], known, [g for _, g in pairs]))
        found = [None if x is None else next(grads) for x in self.sources]
        return [x.__tf_tensor__() if isinstance(x, IndexedSlices) else x for x in found]


def _once(sources: Iterable[Any]) -> list[Any]:
    """The sources, None where one is there a second time: the first gets the whole gradient."""
    found = list(sources)
    firsts = {id(x): i for i, x in reversed(list(enumerate(found)))}
    return [x if firsts[id(x)] == i else None for i, x in enumerate(found)]


def variable_behind(part: FuncGraph, symbol: Symbol) -> Any:
    """The Variable behind a resource, if gradients flow to it; otherwise None."""
    variable = part.uses.get(symbol._id or 0)
    return variable if variable is not None and (variable.dtype.is_floating or variable.dtype.is_complex) else None


def differentiable(x: Any) -> bool:
    """Whether gradients may flow through a Tensor."""
    return isinstance(x, Tensor) and (x.dtype.is_floating or x.dtype.is_complex or x.dtype is variant)


def structure_error(what: str, first: Any, second: Any, names: tuple[str, str], error: Exception | str) -> TypeError:
    """TensorFlow's TypeError for branches that return different things."""
    return TypeError(
        f"{names[0]} and {names[1]} arguments to {what} must have the same number, type, and overall structure of "
        f"return values.\n\n{names[0]} output: {first}\n{names[1]} output: {second}\n\nError details:\n{error}"
    )


def same_structure(parts: Sequence[Part], names: Sequence[str], what: str) -> None:
    """Raises TensorFlow's TypeError unless all parts return the same structure and dtypes."""
    first = parts[0]
    for i, part in enumerate(parts[1:], 1):
        pair = names[0], names[i]
        try:
            nest.assert_same_structure(first.structured_outputs, part.structured_outputs, expand_composites=True)
        except (ValueError, TypeError) as error:
            raise structure_error(what, first.structured_outputs, part.structured_outputs, pair, error) from None
        if len(first.results) != len(part.results):
            raise ValueError(
                f"Lengths of branch outputs of cond must match.\nlen(graphs[0].outputs): {len(first.results)}\n"
                f"len(graphs[{i}].outputs): {len(part.results)}\n"
            )
        for x, y in zip(first.results, part.results):
            if x.dtype is not y.dtype:
                raise structure_error(
                    what, first.structured_outputs, part.structured_outputs, pair, f"{x} and {y} have different types"
                )


def packed(structure: Any, values: Iterable[Any]) -> Any:
    """`values` in the places of the Symbols of a structure."""
    supply = iter(values)
    if isinstance(structure, Symbol):
        return next(supply)
    return nest.map_structure(
        lambda x: next(supply) if isinstance(x, Symbol) else x, structure, expand_composites=True
    )

