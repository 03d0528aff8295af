"""A graph as something to call with Tensors: on an engine; as a part of another graph; under a tape, with its gradient.

Under a tape a function is one op. Its graph runs with what the gradient needs as further outputs, and the gradient is
a graph of its own: each runs on NumPy or is compiled as any other graph.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..autodiff.tape import GradientTape
from ..base import nest
from ..base.context import building, context, on, recording, refuse
from ..base.devices import parsed
from ..base.dtypes import resource
from ..base.extras import later
from ..core.execute import wrapped
from ..core.op import Op
from ..core.symbol import Symbol
from ..core.tensor import EAGER, Placed, Tensor, at_hand
from ..engines.devices import accelerator_of, accelerators
from ..ops.common import zeros_like
from ..state.handle import Handle
from ..state.updates import READ
from .branches import graph_call
from .ir import CONST, Node
from .node import within
from .parts import differentiable, dynamic_shape, packed, updated_in, variable_behind
from .plan import SMALL, Plan, _is_known, needed
from .replay import Replay, given_variable
from .trace import FuncGraph

CHOICES = 4  # of inputs whose gradients are wanted: each has a graph of its own, which takes time to make

CALL = Op("PartitionedCall", "args:N*Tin -> output:M*Tout", lambda xp, *_: None, shape=lambda *_: ())
CALL.selects = True


class Runner:
    """A graph that can be called.

    Args:
      graph: the graph.
      symbols: what it takes: the Symbols of the arguments, and the placeholders of what it captures.
      captured_inputs: what it captures, for the last of `symbols`.
      jit_compile: True for XLA, False for NumPy, None for whichever turns out to be faster.
    """

    def __init__(
        self, graph: FuncGraph, symbols: Sequence[Symbol], captured_inputs: Sequence[Any], jit_compile: bool | None
    ) -> None:
        self.graph = graph
        self.symbols = list(symbols)
        self.captured_inputs = list(captured_inputs)
        self.jit_compile = jit_compile
        # Whether it says, or some of what it captures, that it runs on an accelerator.
        self._away = any(map(is_away, self.captured_inputs)) or any(map(accelerator_of, self._named))
        self._engines: dict[Any, Any] = {}  # by accelerator
        self._engine: Any = None
        self._entry: Any = None  # from Tensors to results, once it is clear what runs them all
        self._derived: dict[Any, Derived | None] = {}  # by the inputs that are followed, and whether just once

    @functools.cached_property
    def _arrays(self) -> tuple[Any, ...]:
        """What is captured: arrays on the host, and handles."""
        return tuple(at_hand(x._array) if type(x) in EAGER else x for x in self.captured_inputs)

    @property
    def engine(self) -> Any:
        """What runs the graph: takes arrays and handles, returns a list of arrays."""
        if self._engine is None:
            from .engine import engine_for  # with the XLA engine's files, which only who runs functions needs

            self._engine = engine_for(self.graph, self.graph.results, self.symbols, self.jit_compile, self._settle)
            if isinstance(self._engine, Plan):
                self._settle(self._engine)
        return self._engine

    def _settle(self, engine: Any) -> None:
        if self._entry is None and not self._away:
            self._entry = engine.entry(self.graph.structured_outputs, self._arrays)

    def call(self, tensors: Sequence[Any]) -> Any:
        """Runs the graph on `tensors`, one for each input; gives what the function returned."""
        if context.run is not refuse and not context.recorders:
            return self._entry(tensors) if self._entry is not None else self.run(tensors)
        if context.graph is not None:
            return self._replayed(tensors)
        return self._taped(tensors) if context.recorders else self.run(tensors)

    def call_anywhere(self, tensors: Sequence[Any]) -> Any:
        """As `call`; some of the tensors may be on accelerators."""
        away = context.graph is None and not context.recorders and any(map(is_away, tensors))
        return self.run(tensors) if away else self.call(tensors)

    def run(self, tensors: Sequence[Any]) -> Any:
        """The same on an engine, whoever records."""
        away = self._away or context.run is refuse or any(map(is_away, tensors))
        if self._entry is not None and not away:
            return self._entry(tensors)
        arrays = list(map(_array, tensors))
        accelerator = self._accelerator(tensors) if away else None
        if accelerator is None:
            with on(None):
                return self.packed(list(map(wrapped, self.engine(*map(at_hand, arrays), *self._arrays))))
        engine = self._engines.get(accelerator)
        if engine is None:
            from .engine import engine_on

            parts = self.graph, self.graph.results, self.symbols
            engine = self._engines.setdefault(accelerator, engine_on(accelerator, *parts, self.jit_compile))
        return self.packed(list(map(wrapped, engine(*arrays, *map(_array, self.captured_inputs)))))

    @functools.cached_property
    def _named(self) -> list[str]:
        """The devices that the function says."""
        names = dict.fromkeys(node.device for node in self.graph.nodes if node.device != self.graph.around)
        return [parsed(name).get("device", "CPU") for name in names]

    def _accelerator(self, tensors: Sequence[Any]) -> Any:
        """Where a call runs: where its Variables are, where the function says, or the program, where its inputs are."""
        there, inputs = accelerators(), (*self.captured_inputs, *tensors)
        wanted = [*(x.accelerator for x in inputs if isinstance(x, Handle)), *map(accelerator_of, self._named)]
        found = next((one for one in wanted if one in there), None)
        return found or later("core.placing", "current")([x for x in inputs if isinstance(x, Tensor)])

    def _taped(self, tensors: Sequence[Any]) -> Any:
        """While somebody records: who follows tensors sees one op, as tapes and accumulators do, others see all ops."""
        recorders: list[Any] = list(context.recorders)
        if not all(hasattr(each, "_followed") for each in recorders):
            return self._replayed(tensors)
        inputs = [*tensors, *self.captured_inputs]
        for symbol, x in zip(self.symbols, inputs):
            if symbol.dtype is resource and symbol._id in self.graph.uses:
                for each in recorders:
                    each.read(given_variable(self.graph, symbol, x), None)
        follows = [[x._id in each._followed for x in inputs] for each in recorders]
        recorders = [each for each, some in zip(recorders, follows) if any(some)]
        if not recorders:
            with recording(()):
                return self.run(tensors)
        once = len(recorders) == 1 and isinstance(recorders[0], GradientTape) and not recorders[0]._persistent
        derived = self._derivative(tuple(map(any, zip(*follows))), once)
        return self._replayed(tensors) if derived is None else self.packed(derived.call(tensors, inputs, recorders))

    def _derivative(self, followed: tuple[bool, ...], once: bool = True) -> Derived | None:
        """The function with its gradient with respect to some inputs; None if there is something without one.

        Args:
          followed: for each input whether its gradient is wanted.
          once: whether nobody is going to differentiate the gradient.
        """
        if (followed, once) not in self._derived:
            try:
                derived = Derived(self, followed) if once else self._derivative(followed)
                while not once and derived is not None and derived.hands_out:
                    derived = Derived(derived.whole, followed, derived)
            except LookupError:  # which matters only if a gradient comes that way
                derived = None
            self._derived[followed, once] = derived
        return self._derived[followed, once]

    def _replayed(self, tensors: Sequence[Any]) -> Any:
        """Op by op: into the open graph, or eagerly."""
        graph = context.graph
        for variable in self.variables:
            if graph is not None:
                graph.resource_of(variable)
            for recorder in context.recorders:
                recorder.read(variable, None)
        values = [*tensors, *self.captured_inputs]
        if graph is not None and self.jit_compile and not getattr(graph.root(), "jit_compile", None):
            return self.packed(graph_call(self.graph, self.symbols, values))
        called = graph is not None
        return self.packed(Replay(self.graph, self.symbols, values).run(self.graph.results, called=called))

    def packed(self, values: Sequence[Any]) -> Any:
        """The outputs' values in the structure that the function returned."""
        return packed(self.graph.structured_outputs, values)

    @property
    def variables(self) -> tuple[Any, ...]:
        """The Variables that the function captures, or was traced with."""
        return tuple(self.graph.uses.values())

    def engine_report(self) -> str:
        """Which engine runs it, and why."""
        lines = [f"on {where.name}: {', '.join(each.explain())}" for where, each in self._engines.items()]
        return "; ".join([*lines, self._host_report()] if self._engine is not None else lines) or "has not run yet"

    def _host_report(self) -> str:
        engine = self._engine
        if isinstance(engine, Plan):
            from .engine import why_host

            asked = "as jit_compile=False asks" if self.jit_compile is False else why_host(self.graph) or "it is faster"
            return "; ".join([f"runs on NumPy: {asked}", *(f"in it, {line}" for line in engine.explain())])
        explain = getattr(engine, "explain", None)
        return "; ".join(explain()) if explain is not None else "runs on XLA: as jit_compile=True asks"


class _Backward(NamedTuple):
    """A gradient's graph, and what it takes: gradients of some outputs, and some of the inputs and outputs."""

    runner: Runner
    seeds: list[int]
    needs: list[int]


class Derived:
    """A function with its gradient, as two graphs.

    The first graph has further outputs: what the second one takes of it. A gradient that is differentiated depends on
    them, so they need a gradient, too: then a function with its gradient is made of that first graph; and so on, until
    nothing more is handed out.

    Args:
      of: the function.
      followed: for each input whether its gradient is wanted.
      simpler: if `of` is what such a one runs, that one: it will do where no gradient comes by the further outputs.

    Raises:
      LookupError: if there is no gradient of something in it, or it is not to be had in two graphs.
    """

    def __init__(self, of: Runner, followed: Sequence[bool], simpler: Derived | None = None) -> None:
        self.simpler = simpler
        if any(node.op.name == "EagerPyFunc" for node in within(of.graph, set())):
            raise LookupError("the gradient of a py_function is on the tape of its call")
        graph = FuncGraph(of.graph.name, None)
        with building(graph):
            own = _inputs(graph, of)
            sources = [_source(graph, x) if follows else None for x, follows in zip(own, followed)]
            with GradientTape(watch_accessed_variables=False) as tape:
                tape.watch([x for x in sources if x is not None])
                results = Replay(of.graph, of.symbols, own).run(of.graph.results)
            forward = list(graph.nodes)
            self.seeds = [i for i, y in enumerate(results) if differentiable(y)]
            seeds = [graph.placeholder(results[i].dtype, dynamic_shape(results[i]), "grad") for i in self.seeds]
            grads = _gradients(tape, [results[i] for i in self.seeds], sources, seeds)
        nodes = [*(node for node in forward if _is_at_hand(node)), *graph.nodes[len(forward) :]]
        self._gradients = _view(graph, nodes, grads)
        self._seeds, self._needs = seeds, (needs := _taken(self._gradients, forward))
        place = {id(x): i for i, x in reversed(list(enumerate([*own, *results])))}
        extra = [x for x in needs if id(x) not in place]
        place.update((id(x), len(own) + len(results) + i) for i, x in enumerate(extra))
        # Of what is needed: where it is, among the inputs, or else the outputs.
        self.needs = [place[id(x)] for x in needs]
        self.kept = [i for i, x in enumerate(own) if sources[i] is not None or i in self.needs]
        self.count, self.inputs = len(results), len(own)
        self.first: int = self.count if simpler is None else simpler.first  # how many are the function's own
        self.hands_out = any(map(differentiable, extra))  # what may have a gradient
        self.flows = any(x is not None for x in grads)
        handed = [*results, *extra]
        self.whole = Runner(_view(graph, forward, handed), own, of.captured_inputs, _jit(of, handed))
        # What a Variable had when it was called need not come from an engine, which would copy it.
        self.reads = _reads(self.whole.graph, own, self.first)
        run = [y for i, y in enumerate(handed) if i not in self.reads]
        self.forward = Runner(_view(graph, forward, run), own, of.captured_inputs, _jit(of, run))
        self._of = of
        self.backward: dict[tuple[bool, ...], _Backward] = {}  # by the inputs whose gradients are wanted
        self.attrs = {"derived": self}
        self.taken: set[int] = {*self.needs, *(() if simpler is None else simpler.taken)}
        self.spared = [i for i in range(len(handed)) if i + self.inputs not in self.taken]

    def call(self, tensors: Sequence[Any], inputs: Sequence[Any], recorders: Sequence[Any]) -> list[Any]:
        """Runs the function, and tells those who record; gives the outputs."""
        values = [(i, wrapped(inputs[k].value())) for i, k in self.reads.items()]
        before, context.recorders = context.recorders, ()
        try:
            outputs: list[Any] = self.forward.run(tensors)
        finally:
            context.recorders = before
        for i, value in values:
            outputs.insert(i, value)
        kept = tuple([inputs[i] for i in self.kept])
        for each in recorders:
            if self.flows:
                each.record(CALL, self.attrs, kept, outputs)
            elif isinstance(each, GradientTape):
                each.passes_by(CALL, self.attrs, kept, outputs)
            if self.flows and isinstance(each, GradientTape):
                self._spare(each)
        return outputs[: self.first]

    def _spare(self, tape: GradientTape) -> None:
        """Makes the tape let go of what no gradient needs; of an output it keeps the shape, as zeros may be wanted."""
        entry = tape._entries[-1] if tape._entries else None
        if entry is None or entry[1] is not self.attrs:
            return
        if not self.taken.issuperset(self.kept):
            entry[3] = [x if i in self.taken else None for i, x in zip(self.kept, entry[3])]
        for i in self.spared:
            array = entry[5][i]
            if type(array) is np.ndarray and array.size > SMALL:
                entry[5][i] = np.broadcast_to(array.dtype.type(0), array.shape)

    def gradient(
        self, gs: Sequence[Any], outputs: Sequence[Any], kept: Sequence[Any], wanted: tuple[bool, ...]
    ) -> list[Any]:
        """The gradients for the inputs that are kept, of those wanted. An output that was not used has zeros.

        So it is in TensorFlow: that the one output depends on an input is enough for a gradient of another.
        """
        given = dict(zip(self.kept, kept))
        one = self
        while one.simpler is not None and all(g is None for g in gs[one.simpler.count : one.count]):
            one = one.simpler
        runner, seeds, needs = one.backward.get(wanted) or one._backward(wanted, self.kept)
        values = [zeros_like(outputs[i]) if gs[i] is None else gs[i] for i in seeds]
        values += [given[i] if i < one.inputs else outputs[i - one.inputs] for i in needs]
        grads = runner.call_anywhere(values)
        return [grads[i] for i in self.kept]

    def _backward(self, wanted: tuple[bool, ...], kept: Sequence[int]) -> _Backward:
        """The graph of the gradients that are wanted of the inputs `kept`; of all, if others were wanted before."""
        if len(self.backward) >= CHOICES:
            wanted = (True,) * len(kept)
            if wanted in self.backward:
                return self.backward[wanted]
        places = {i for i, wants in zip(kept, wanted) if wants}
        grads = [x if i in places else None for i, x in enumerate(self._gradients.structured_outputs)]
        graph = _view(self._gradients, self._gradients.nodes, grads)
        graph.nodes = needed(graph, graph.results)
        used = {id(x) for node in graph.nodes for x in node.symbols()} | set(map(id, graph.results))
        seeds = [(i, x) for i, x in zip(self.seeds, self._seeds) if id(x) in used]
        needs = [(i, x) for i, x in zip(self.needs, self._needs) if id(x) in used]
        graph.arguments = graph.inputs = [x for _, x in (*seeds, *needs)]
        runner = Runner(graph, graph.inputs, (), _jit(self._of, [x for _, x in needs]))
        return self.backward.setdefault(wanted, _Backward(runner, [i for i, _ in seeds], [i for i, _ in needs]))


@CALL.gradient
def _(g: Any, output: Any, *inputs: Any, derived: Derived, wanted: tuple[bool, ...] = ()) -> Any:
    gs, outputs = (g, output) if isinstance(output, tuple) else ((g,), (output,))
    return derived.gradient(gs, outputs, inputs, wanted or (True,) * len(inputs))


def _inputs(graph: FuncGraph, of: Runner) -> list[Symbol]:
    """Placeholders in a new graph for all that the function takes."""
    graph.uses.update(of.graph.uses)
    count = len(of.symbols) - len(of.captured_inputs)
    own = [graph.placeholder(x.dtype, dynamic_shape(x), x.op.name) for x in of.symbols[:count]]
    for x, symbol in zip(own, of.symbols):
        x._id = symbol._id
        variable = of.graph.uses.get(symbol._id or 0)
        if symbol.dtype is resource and variable is not None:
            graph.captured[id(variable._handle)] = variable._handle, x
    graph.arguments = list(own)
    own += [graph.capture(x) if isinstance(x, Tensor) else graph.resource(x) for x in of.captured_inputs]
    graph.inputs = list(own)
    return own


def _source(graph: FuncGraph, x: Symbol) -> Any:
    """What a tape watches for an input: itself, or the Variable that it refers to."""
    return x if differentiable(x) else variable_behind(graph, x) if x.dtype is resource else None


def _gradients(tape: GradientTape, targets: list[Any], sources: list[Any], seeds: list[Symbol]) -> list[Any]:
    known = [x for x in sources if x is not None]
    found = iter(tape.gradient(targets, known, seeds) if targets and known else [None] * len(known))
    return [None if x is None else next(found) for x in sources]


def _view(graph: FuncGraph, nodes: list[Node], structure: Any) -> FuncGraph:
    """Some nodes of a graph, as a graph that returns `structure`."""
    view = copy.copy(graph)
    view.nodes = nodes
    view.structured_outputs = structure
    view.results = [x for x in nest.flatten(structure, expand_composites=True) if isinstance(x, Symbol)]
    return view


def _is_at_hand(node: Node) -> bool:
    return node.op is CONST or bool(node.outputs and all(map(_is_known, node.outputs)))


def _reads(graph: FuncGraph, inputs: Sequence[Symbol], first: int) -> dict[int, int]:
    """Which outputs, from the `first` on, are values of Variables that are not updated; the places of their handles."""
    updated, place = updated_in(graph), {id(x): i for i, x in enumerate(inputs)}
    reads = {i: y.op.args[0] for i, y in enumerate(graph.results) if i >= first and y.op.op is READ}
    return {i: place[id(x)] for i, x in reads.items() if x._id not in updated}


def _taken(backward: FuncGraph, forward: Iterable[Node]) -> list[Symbol]:
    """What a gradient's graph takes of the forward one."""
    made = {id(y) for node in forward if not _is_at_hand(node) for y in node.outputs}
    used = [x for node in needed(backward, backward.results) for x in node.symbols()]
    return list({id(x): x for x in (*used, *backward.results) if id(x) in made}.values())


def _jit(of: Runner, handed: Sequence[Symbol]) -> bool | None:
    """XLA is asked for; but lists cannot leave it."""
    from .lower import is_array  # late, as the engine

    return of.jit_compile if all(is_array(x) or x.dtype is resource for x in handed) else None


def is_away(x: Any) -> bool:
    """Whether what a function takes, a Tensor or a handle, is on an accelerator."""
    return type(x) is Placed or (isinstance(x, Handle) and x.accelerator is not None)


def _array(x: Any) -> Any:
    """The array of a Tensor, wherever it is; a handle as it is."""
    if type(x) in EAGER:
        return x._array
    if isinstance(x, Symbol):
        raise x.out_of_scope()
    return x
