"""`ConcreteFunction`: one trace of a function, and the ways to run it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..base import nest
from ..base.context import context, new_id
from ..core.execute import wrapped
from ..core.spec import TensorSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from ..state.handle import Handle
from .arguments import type_of
from .branches import graph_call
from .call_type import CallType
from .parts import packed
from .plan import Plan
from .replay import Replay
from .trace import FuncGraph
from .trace_type import VariableSpec


class ConcreteFunction:
    """One trace of a function: a graph for certain types of arguments. It can be called like the function.

    Programs get one from `get_concrete_function`.

    Args:
      graph: the traced graph; its `inputs` take the tensors of a call, in order.
      call_type: the types of the arguments.
      jit_compile: True for XLA, False for NumPy, None for whichever turns out to be faster.
      why: why it was traced, for `Function.explain`.

    >>> double = tf.function(lambda x: 2 * x).get_concrete_function(tf.TensorSpec([None], tf.int32))
    >>> print(double(tf.constant([1, 2])), double.output_shapes, double.output_dtypes)
    tf.Tensor([2 4], shape=(2,), dtype=int32) (None,) <dtype: 'int32'>
    """

    def __init__(self, graph: FuncGraph, call_type: CallType, jit_compile: bool | None = None, why: str = "") -> None:
        self.graph = graph
        self.why = why
        self.jit_compile = jit_compile
        captures = graph.captures
        self.captured_inputs = [outside for outside, _ in captures]
        graph.arguments = list(graph.inputs)
        graph.inputs = self.symbols = [*graph.inputs, *(symbol for _, symbol in captures)]
        self.foreign = [x for x in self.captured_inputs if isinstance(x, Symbol)]  # of graphs around this one
        self.function_type = call_type.completed(_types(graph.structured_outputs), _capture_specs(captures))
        self._arrays = tuple(x._array if type(x) is Tensor else x for x in self.captured_inputs)
        self._engine: Any = None
        self._entry: Any = None  # from Tensors to results, once it is clear what runs them all
        self._name = f"__inference_{graph.name}_{new_id()}"

    # -- running

    @property
    def engine(self) -> Any:
        """What runs the graph: takes arrays and handles, returns a list of arrays."""
        if self._engine is None:
            from .engine import engine_for  # with the XLA engine's files, which only who runs functions needs

            self._engine = engine_for(self.graph, self.graph.outputs, self.symbols, self.jit_compile, self._settle)
            if isinstance(self._engine, Plan):
                self._settle(self._engine)
        return self._engine

    def _settle(self, engine: Any) -> None:
        if self._entry is None:
            self._entry = engine.entry(self.graph.structured_outputs, self._arrays)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the trace, with arguments as the function takes them, or flat: a Tensor for each input, by name.

        Raises:
          TypeError, InvalidArgumentError: if the arguments do not fit.
        """
        return self.call(self.function_type.bind(args, kwargs, self._name))

    def call(self, tensors: Sequence[Any]) -> Any:
        """Runs the graph on `tensors`, one for each input; gives what the function returned."""
        if context.graph is not None or context.recorders:
            return self._replayed(tensors)
        if self._entry is not None:
            return self._entry(tensors)
        arrays = self.engine(*[x._array if type(x) is Tensor else _plain(x) for x in tensors], *self._arrays)
        return self.packed(list(map(wrapped, arrays)))

    def _replayed(self, tensors: Sequence[Any]) -> Any:
        graph = context.graph
        for variable in self.variables:
            if graph is not None:
                graph.resource_of(variable)
            for recorder in context.recorders:
                recorder.read(variable, None)
        if graph is not None and self.jit_compile and not getattr(graph.root(), "jit_compile", None):
            return self.packed(graph_call(self.graph, self.symbols, [*tensors, *self.captured_inputs]))
        replay = Replay(self.graph, self.symbols, [*tensors, *self.captured_inputs])
        return self.packed(replay.run(self.graph.outputs))

    def packed(self, values: Sequence[Any]) -> Any:
        """The outputs' values in the structure that the function returned."""
        return packed(self.graph.structured_outputs, values)

    # -- what it is

    @property
    def name(self) -> bytes:
        """A name of its own."""
        return self._name.encode()

    @property
    def inputs(self) -> list[Symbol]:
        """The graph's inputs, and the placeholders of what it captures."""
        return list(self.symbols)

    @property
    def outputs(self) -> list[Symbol]:
        """The graph's outputs, flat."""
        return list(self.graph.outputs)

    @property
    def structured_outputs(self) -> Any:
        """What the function returned, with Symbols for Tensors."""
        return self.graph.structured_outputs

    @property
    def structured_input_signature(self) -> Any:
        """The arguments, with a spec for each Tensor: a tuple of positional ones, a dict of those by keyword."""
        return self.function_type.structured_input_signature

    @property
    def output_dtypes(self) -> Any:
        """The dtypes of the outputs, in their structure."""
        return nest.map_structure(lambda x: x.dtype, self.structured_outputs)

    @property
    def output_shapes(self) -> Any:
        """The shapes of the outputs, in their structure."""
        return nest.map_structure(lambda x: x.shape, self.structured_outputs)

    @property
    def inference_fn(self) -> ConcreteFunction:
        """What runs it when no tape is open: itself."""
        return self

    @property
    def variables(self) -> tuple[Any, ...]:
        """The Variables that the function captures, or was traced with."""
        return tuple(self.graph.variables.values())

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those of `variables` that are trainable."""
        return tuple(variable for variable in self.variables if variable.trainable)

    def engine_report(self) -> str:
        """Which engine runs it, and why."""
        engine = self._engine
        if engine is None:
            return "has not run yet"
        if isinstance(engine, Plan):
            from .engine import why_host

            asked = "as jit_compile=False asks" if self.jit_compile is False else why_host(self.graph) or "it is faster"
            return "; ".join([f"runs on NumPy: {asked}", *(f"in it, {line}" for line in engine.explain())])
        explain = getattr(engine, "explain", None)
        return "; ".join(explain()) if explain is not None else "runs on XLA: as jit_compile=True asks"

    def pretty_printed_signature(self, verbose: bool = True) -> str:
        """The arguments, the output and the captures, one a line."""
        return self.function_type.pretty_printed() if verbose else f"{self.graph.name}{self.function_type}"

    def __repr__(self) -> str:
        return f"<ConcreteFunction {self.function_type} at 0x{id(self):X}>"

    def __str__(self) -> str:
        return f"ConcreteFunction {self.pretty_printed_signature()}"


def _plain(x: Any) -> Any:
    """The array of a Tensor that is no plain one; a handle as it is."""
    if isinstance(x, Symbol):
        raise x.out_of_scope()
    return x


def _types(structure: Any) -> Any:
    return type_of(structure) if structure is not None else type_of(None)


def _capture_specs(captures: list[tuple[Any, Symbol]]) -> dict[int, Any]:
    specs: dict[int, Any] = {}
    for outside, symbol in captures:
        if isinstance(outside, Handle):
            specs[id(outside)] = VariableSpec(outside.shape, outside.dtype, alias_id=None)
        else:
            specs[id(outside)] = TensorSpec(symbol.shape, symbol.dtype)
    return specs
