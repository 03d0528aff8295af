"""A traced function: its graph, and the ways to run it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..base import nest
from ..base.context import context
from ..core.execute import wrapped
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from .plan import Plan
from .replay import Replay
from .trace import FuncGraph


class Concrete:
    """One trace of a function.

    Args:
      graph: the traced graph; its `inputs` take the tensors of a call, in order.
    """

    def __init__(self, graph: FuncGraph) -> None:
        self.graph = graph
        captures = graph.captures()
        self.captured = [outside for outside, _ in captures]
        self.symbols = [*graph.inputs, *(symbol for _, symbol in captures)]
        self.foreign = [x for x in self.captured if isinstance(x, Symbol)]  # of graphs around this one
        self._arrays = [x._array if type(x) is Tensor else x for x in self.captured]
        self._plan: Plan | None = None
        structure = graph.structured_outputs
        self._single = isinstance(structure, Symbol)

    @property
    def plan(self) -> Plan:
        """The graph as a Python function over NumPy arrays."""
        if self._plan is None:
            self._plan = Plan(self.graph, self.graph.outputs, self.symbols)
        return self._plan

    def call(self, tensors: Sequence[Any]) -> Any:
        """Runs the graph on `tensors`, one for each input; gives what the function returned."""
        if context.graph is not None or context.recorders:
            return self._replayed(tensors)
        arrays = self.plan(*[x._array if type(x) is Tensor else x for x in tensors], *self._arrays)
        if self._single:
            return wrapped(arrays[0])
        return self.packed(list(map(wrapped, arrays)))

    def _replayed(self, tensors: Sequence[Any]) -> Any:
        for variable in self.graph.variables.values():
            for recorder in context.recorders:
                recorder.read(variable, None)
        return self.packed(Replay(self.graph, self.symbols, [*tensors, *self.captured]).run(self.graph.outputs))

    def packed(self, values: Sequence[Any]) -> Any:
        """The outputs' values in the structure that the function returned."""
        supply = iter(values)
        return nest.map_structure(
            lambda x: next(supply) if isinstance(x, Symbol) else x, self.graph.structured_outputs, expand_composites=True
        )
