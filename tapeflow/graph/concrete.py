"""`ConcreteFunction`: one trace of a function, and the ways to run it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base import nest
from ..base.context import new_id
from ..base.tensor_shape import TensorShape
from ..core.spec import TensorSpec
from ..core.symbol import Symbol
from .arguments import type_of
from .call_type import CallType
from .runner import Runner
from .trace import FuncGraph


class ConcreteFunction(Runner):
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
        graph.arguments = list(graph.inputs)
        graph.finish()
        captures = graph.captures
        graph.given_names = [each.spec.name or each.argument for each in call_type.inputs]
        graph.inputs = [*graph.inputs, *(symbol for _, symbol in captures)]
        super().__init__(graph, graph.inputs, [outside for outside, _ in captures], jit_compile)
        self.why = why
        self.foreign = [x for x in self.captured_inputs if isinstance(x, Symbol)]  # of graphs around this one
        self.function_type = call_type.completed(_types(graph.structured_outputs), _capture_specs(captures))
        self._name = f"__inference_{graph.name}_{new_id()}"

    # -- running

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the trace, with arguments as the function takes them, or flat: a Tensor for each input, by name.

        Raises:
          TypeError, InvalidArgumentError: if the arguments do not fit.
        """
        return self.call_anywhere(self.function_type.bind(args, kwargs, self.graph.name, self._name))

    # -- what it is

    @property
    def name(self) -> bytes:
        """A name of its own."""
        return self._name.encode()

    @property
    def _arg_keywords(self) -> list[str]:
        """What the inputs are called where they are given by name."""
        return [each.keyword for each in self.function_type.inputs]

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
        return _of_each(lambda x: x.dtype, self.structured_outputs, None)

    @property
    def output_shapes(self) -> Any:
        """The shapes of the outputs, in their structure."""
        return _of_each(lambda x: x.shape, self.structured_outputs, TensorShape(None))

    @property
    def function_def(self) -> Any:
        """The trace as a protocol buffer, TensorFlow's `FunctionDef`.

        Raises:
          ImportError: if TensorBoard is not installed (the extra `tensorboard`).
        """
        return self.graph.as_function_def(self._name)

    @property
    def inference_fn(self) -> ConcreteFunction:
        """What runs it when no tape is open: itself."""
        return self

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those of `variables` that are trainable."""
        return tuple(variable for variable in self.variables if variable.trainable)

    def engine_report(self) -> str:
        """Which engine runs it, and why."""
        reports = [] if self._engine is None and self._derived else [super().engine_report()]
        for derived in filter(None, self._derived.values()):
            reports.append(f"under a tape {derived.forward.engine_report()}")
            reports.extend(f"its gradient {each.runner.engine_report()}" for each in derived.backward.values())
        return "; ".join(reports)

    def pretty_printed_signature(self, verbose: bool = True) -> str:
        """The arguments, the output and the captures, one a line."""
        return self.function_type.pretty_printed() if verbose else str(self.function_type)

    def __repr__(self) -> str:
        return f"<ConcreteFunction {self.function_type} at 0x{id(self):X}>"

    def __str__(self) -> str:
        return f"ConcreteFunction {self.pretty_printed_signature()}"


def _of_each(what: Callable[[Any], Any], structure: Any, of_none: Any) -> Any:
    """Something of each Tensor in a structure; a list for a composite."""

    def one(x: Any) -> Any:
        if x is None:
            return of_none
        parts = nest.flatten(x, expand_composites=True)
        return what(x) if len(parts) == 1 and parts[0] is x else list(map(what, parts))

    return nest.map_structure(one, structure)


def _types(structure: Any) -> Any:
    return type_of(structure) if structure is not None else type_of(None)


def _capture_specs(captures: list[tuple[Any, Symbol]]) -> dict[int, Any]:
    return {id(outside): TensorSpec(symbol.shape, symbol.dtype) for outside, symbol in captures}
