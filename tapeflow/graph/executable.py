"""A graph on XLA, ready to run: compiled once for each kind of inputs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import numpy as np

from ..base.dtypes import resource
from ..core.symbol import Symbol
from ..core.tensor import Array
from ..engines import xla
from ..engines.devices import Accelerator
from ..state.placed import handle_on
from . import lower_control as lower_control
from . import lower_pools as lower_pools
from . import lower_slices as lower_slices
from .fingerprint import fingerprint
from .ir import Graph, Node
from .lower import LOWERERS, NotOnXla, is_array
from .parts import updated_in
from .plan import needed
from .program import Program, array_of

MOST = 64  # programs of one graph; of more, the first goes
FEW = 8  # elements of what may be a constant


class Executable:
    """A graph, ready to run on XLA.

    Args:
      graph: the graph.
      outputs: the Symbols to compute; the graph's own by default.
      inputs: the Symbols whose values are handed in, in order; by default the graph's.
      settled: told of the program that every call runs, if there is just one.
      checked: whether a call raises `Refused`, with nothing changed, where the host would refuse values.
      exact: whether integers and bools on which shapes depend may become constants, with a program for each value.
      accelerator: where it runs; None for the CPU.

    Call it with arrays (handles of Variables where these are captured); it returns a list of arrays. The Variables that
    it updates keep the new values as XLA's buffers; see `Handle`. Threads may call it at the same time: while it runs,
    it holds the locks of the Variables that it uses.

    Raises:
      NotOnXla: if there is something in the graph that XLA cannot have; some of it is found out only by a call.
    """

    def __init__(
        self, graph: Graph, outputs: Sequence[Symbol] | None = None, inputs: Any = None,
        settled: Callable[[Program], None] = lambda program: None, checked: bool = False,
        accelerator: Accelerator | None = None, exact: bool = False,
    ) -> None:  # fmt: skip
        self.graph = graph
        self.exact = exact
        self.constants: list[int] = []  # the inputs that are constants
        self.accelerator = accelerator
        self.settled = settled
        self.checked = checked
        self.outputs = list(graph.results if outputs is None else outputs)
        self.inputs: list[Symbol] = list(graph.inputs if inputs is None else inputs)
        captured = {id(symbol) for _, symbol in graph.captures}
        self.lasting = {i for i, x in enumerate(self.inputs) if id(x) in captured}  # the same array at each call
        nodes = needed(graph, self.outputs)
        used = {id(x) for node in nodes for x in node.symbols()}
        passed = {id(x): i for i, x in enumerate(self.inputs)}
        self.passed = {i: passed[id(y)] for i, y in enumerate(self.outputs) if id(y) in passed}
        self._check(used)
        places = [i for i, x in enumerate(self.inputs) if id(x) in used]
        self.tensors = [i for i in places if self.inputs[i].dtype is not resource]
        self.handles = sorted((i for i in places if self.inputs[i].dtype is resource), key=self.number)
        updated = updated_in(graph)
        self.written = [k for k, i in enumerate(self.handles) if self.number(i) in updated]
        self._vague = [i for i in self.tensors if not _is_whole(self.inputs[i])]
        self._programs: dict[Any, Program] = {}
        self.only: Program | None = None
        self._lock = Lock()
        self._key: str | None = None

    def number(self, i: int) -> int:
        """The number of the Variable that is the input there."""
        return self.inputs[i]._id or 0

    def _check(self, used: set[int]) -> None:
        for x in self.inputs:
            if id(x) in used and not is_array(x) and x.dtype is not resource:
                raise NotOnXla(x.op, f"{x.dtype.name} values cannot be handed in")
        for i, y in enumerate(self.outputs):
            if i not in self.passed and not is_array(y) and y.known is None:
                raise NotOnXla(y.op, f"{y.dtype.name} values cannot be handed out")

    def __call__(self, *arrays: Any) -> list[Array]:
        program = self.only or self._programs.get(self.kind(arrays)) or self.prepare(arrays)
        strangers = [i for i in self.handles if arrays[i].accelerator is not self.accelerator]
        if strangers:
            return self._away(program, arrays, strangers)
        results = program(arrays)
        if program is self.only:
            self.settled(program)
        return results

    def _away(self, program: Program, arrays: Sequence[Any], strangers: Sequence[int]) -> list[Array]:
        """A run with Variables that are on other devices: they are copied to and fro."""
        with contextlib.ExitStack() as stack:
            for handle in sorted((arrays[i] for i in strangers), key=lambda handle: handle._id):
                stack.enter_context(handle.lock)
            guests = {i: handle_on(self.accelerator, arrays[i]) for i in strangers}
            results = program([guests.get(i, x) for i, x in enumerate(arrays)])
            for i in (self.handles[k] for k in self.written):
                if i in guests:
                    arrays[i].write(guests[i].value() if arrays[i].accelerator is not None else guests[i].read())
        return results

    def kind(self, arrays: Sequence[Any]) -> Any:
        """The shapes, as far as they are not always the same, and the constants."""
        shapes: list[Any] = [arrays[i].shape for i in self._vague]
        shapes += [np.asarray(arrays[i]).tobytes() for i in self.constants]
        for i in self.handles:
            handle = arrays[i]
            if not handle.shape.is_fully_defined():
                shapes.append(array_of(handle).shape)
        return tuple(shapes)

    def prepare(self, arrays: Sequence[Any], patient: bool = False) -> Program:
        """Compiles for arrays of these shapes.

        Args:
          arrays: one for each input.
          patient: whether there is time, as a program runs on the host meanwhile.

        Raises:
          NotOnXla: if that cannot be.
          InvalidArgumentError: if the shapes do not fit.
        """
        with self._lock:
            kind = self.kind(arrays)
            found = self._programs.get(kind)
            if found is not None:
                return found
            try:
                program = Program(self, arrays, patient)
            except NotOnXla as error:
                constants = [] if _is_foreign(error.node) else self._decisive(arrays)
                if not constants:
                    raise
                self.constants = constants
                program, kind = Program(self, arrays, patient), self.kind(arrays)
            if len(self._programs) >= MOST:
                del self._programs[next(iter(self._programs))]
            self._programs[kind] = program
            if not self._vague and not self.constants and all(arrays[i].shape.is_fully_defined() for i in self.handles):
                self.only = program
        return program

    def _decisive(self, arrays: Sequence[Any]) -> list[int]:
        """The integers and bools that must be constants so that it can be compiled; none if that does not help."""
        small = [i for i in self.tensors if arrays[i].dtype.kind in "iub" and arrays[i].size <= FEW]
        if not self.exact or self.constants or not small or not self._lowers(arrays, small):
            return []
        for i in list(small):
            without = [k for k in small if k != i]
            if without and self._lowers(arrays, without):
                small = without
        return small

    def _lowers(self, arrays: Sequence[Any], constants: list[int]) -> bool:
        self.constants = constants
        try:
            Program(self, arrays, trial=True)
        except NotOnXla:
            return False
        finally:
            self.constants = []
        return True

    def key(self) -> str | None:
        """What the graph is called on disk."""
        if self._key is None and xla.cache_directory() is not None:
            self._key = fingerprint(self.graph, self.inputs, self.outputs) or ""
        return self._key or None


def _is_foreign(node: Node) -> bool:
    """Whether XLA has no such op, of constants either: `Range` is one that it has of constants."""
    return node.op.kernels.get("xla", node.op) is None and node.op.name not in (*LOWERERS, "Range")


def _is_whole(symbol: Symbol) -> bool:
    dims = symbol._array.dims
    return dims is not None and all(type(n) is int for n in dims)
