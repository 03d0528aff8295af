"""A graph on XLA, ready to run: compiled once for each kind of inputs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from ..base.dtypes import resource
from ..core.symbol import Symbol
from ..core.tensor import Array
from ..engines import xla
from ..state.handle import Handle
from . import lower_control as lower_control
from . import lower_slices as lower_slices
from .fingerprint import fingerprint
from .ir import Graph
from .lower import Lowering, NotOnXla, is_array
from .parts import updated_in
from .plan import needed

_asarray = np.asarray
MOST = 64  # programs of one graph; of more, the first goes


class Executable:
    """A graph, ready to run on XLA.

    Args:
      graph: the graph.
      outputs: the Symbols to compute; the graph's own by default.
      inputs: the Symbols whose values are handed in, in order; by default the graph's.

    Call it with arrays (handles of Variables where these are captured); it returns a list of arrays. The Variables that
    it updates keep the new values as XLA's buffers; see `Handle`. Threads may call it at the same time: while it runs,
    it holds the locks of the Variables that it uses.

    Raises:
      NotOnXla: if there is something in the graph that XLA cannot have; some of it is found out only by a call.
    """

    def __init__(self, graph: Graph, outputs: Sequence[Symbol] | None = None, inputs: Any = None) -> None:
        self.graph = graph
        self.outputs = list(graph.outputs if outputs is None else outputs)
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
        self.handles = sorted((i for i in places if self.inputs[i].dtype is resource), key=self._number)
        updated = updated_in(graph)
        self.written = [k for k, i in enumerate(self.handles) if self._number(i) in updated]
        self._vague = [i for i in self.tensors if not _is_whole(self.inputs[i])]
        self._programs: dict[Any, Program] = {}
        self._only: Program | None = None
        self._lock = Lock()
        self._key: str | None = None

    def _number(self, i: int) -> int:
        return self.inputs[i]._id or 0

    def _check(self, used: set[int]) -> None:
        for x in self.inputs:
            if id(x) in used and not is_array(x) and x.dtype is not resource:
                raise NotOnXla(x.op, f"{x.dtype.name} values cannot be handed in")
        for i, y in enumerate(self.outputs):
            if i not in self.passed and not is_array(y) and y.known is None:
                raise NotOnXla(y.op, f"{y.dtype.name} values cannot be handed out")

    def __call__(self, *arrays: Any) -> list[Array]:
        program = self._only or self._programs.get(self.kind(arrays)) or self.prepare(arrays)
        return program(arrays)

    def kind(self, arrays: Sequence[Any]) -> Any:
        """The shapes, as far as they are not always the same."""
        shapes = [arrays[i].shape for i in self._vague]
        for i in self.handles:
            handle = arrays[i]
            if not handle.shape.is_fully_defined():
                shapes.append(_array_of(handle).shape)
        return tuple(shapes)

    def prepare(self, arrays: Sequence[Any]) -> Program:
        """Compiles for arrays of these shapes.

        Raises:
          NotOnXla: if that cannot be.
          InvalidArgumentError: if the shapes do not fit.
        """
        kind = self.kind(arrays)
        with self._lock:
            found = self._programs.get(kind)
            if found is not None:
                return found
            program = Program(self, arrays)
            if len(self._programs) >= MOST:
                del self._programs[next(iter(self._programs))]
            self._programs[kind] = program
            if not self._vague and all(arrays[i].shape.is_fully_defined() for i in self.handles):
                self._only = program
        return program

    def key(self) -> str | None:
        """What the graph is called on disk."""
        if self._key is None and xla.cache_directory() is not None:
            self._key = fingerprint(self.graph, self.inputs, self.outputs) or ""
        return self._key or None


class _Results(NamedTuple):
    """What becomes of the outputs: those known beforehand, by place; how many the program computes."""

    fixed: dict[int, Array]
    computed: int


class Program:
    """The machine code for inputs of certain shapes.

    Args:
      executable: the graph.
      arrays: arrays and handles as they will be handed in.
    """

    def __init__(self, executable: Executable, arrays: Sequence[Any]) -> None:
        self.executable = executable
        self.tensors, self.handles, self.written = executable.tensors, executable.handles, executable.written
        self._results = _Results({}, 0)
        places = [place for place, i in enumerate(self.tensors) if i in executable.lasting]
        self._lasting: dict[int, Any] = dict.fromkeys(places, (None, None))
        self._read = [k for k in range(len(self.handles)) if k not in self.written]
        for i in self.handles:
            if not isinstance(arrays[i], Handle):
                raise NotOnXla(executable.inputs[i].op, "what it refers to is no Variable")
        like = [*(arrays[i] for i in self.tensors), *(_array_of(arrays[i]) for i in self.handles)]
        self._wide = any(x.dtype.itemsize >= 8 for x in like)
        self._code = self._loaded(like) or self._compiled(like, arrays)
        for place in self._lasting:
            self._kept(place, like[place])

    def _loaded(self, like: list[Any]) -> Any:
        found = xla.load(key) if (key := self._key(like)) else None
        if found is None:
            return None
        code, self._results = found[0], _Results(*found[1])
        return code

    def _key(self, like: list[Any]) -> str | None:
        key = self.executable.key()
        return key and f"{key} {[(x.shape, str(x.dtype)) for x in like]}"

    def _compiled(self, like: list[Any], arrays: Sequence[Any]) -> Any:
        count = len(self.tensors)
        donated = [count + k for k in self.written if arrays[self.handles[k]].shape.is_fully_defined()]
        code = xla.compiled(xla.lowered(self._traced, like, donated))
        key = self._key(like)
        if key:
            xla.store(key, code, tuple(self._results))
        return code

    def _traced(self, *given: Any) -> list[Any]:
        """The graph as a function of JAX arrays: tensors, values of Variables; gives outputs, new values."""
        one = self.executable
        count = len(self.tensors)
        numbers = [one._number(i) for i in self.handles]
        low = Lowering(xla.jax(), dict(zip(numbers, given[count:])))
        low.bind([one.inputs[i] for i in self.tensors], given[:count])
        wanted = {i: y for i, y in enumerate(one.outputs) if i not in one.passed}
        values = dict(zip(wanted, low.run(one.graph, list(wanted.values()))))
        fixed = {i: x for i, x in values.items() if isinstance(x, np.ndarray)}
        computed = [x for i, x in values.items() if i not in fixed]
        self._results = _Results(fixed, len(computed))
        return [*computed, *(low.states[numbers[k]] for k in self.written)]

    def __call__(self, arrays: Sequence[Any]) -> list[Array]:
        given = [arrays[i] for i in self.tensors]
        for place in self._lasting:
            given[place] = self._kept(place, given[place])
        if not self.handles:
            results: list[Any] = []
            self._run(given, results)
            return self._collected(arrays, results[0])
        held: list[Handle] = []
        try:
            for i in self.handles:  # in the order of their numbers: so no two threads wait for each other
                handle = arrays[i]
                handle.lock.acquire()
                held.append(handle)
            found = self._updating(given, held)
        finally:
            for handle in held:
                handle.lock.release()
        return self._collected(arrays, found)

    def _kept(self, place: int, array: Array) -> Any:
        """A captured array as XLA has it: handed over once."""
        source, buffer = self._lasting[place]
        if source is not array:
            with xla.x64():
                buffer = xla.jax().device_put(array)
            self._lasting[place] = array, buffer
        return buffer

    def _run(self, given: list[Any], results: list[Any]) -> None:
        """Runs, and adds the list of results to `results`.

        All in one call of C code: if Ctrl-C comes meanwhile, the results are there when Python hears of it. (Not so the
        first times, when JAX goes through Python: then what a Variable held may be lost.)
        """
        code = getattr(self._code, "_call", None) or self._code  # once it has run, there is a way in C
        if self._wide:
            with xla.x64():
                results.extend(itertools.starmap(code, (given,)))
        else:
            results.extend(itertools.starmap(code, (given,)))

    def _updating(self, given: list[Any], handles: list[Handle]) -> list[Any]:
        """Runs, and puts new values in place of old ones; the locks are held."""
        for k in self._read:
            if handles[k].buffer is None:  # a large array may have to be copied: not at each call
                with xla.x64():
                    handles[k].buffer = xla.jax().device_put(handles[k].read())
        for handle in handles:
            buffer = handle.buffer
            given.append(handle.read() if buffer is None else buffer)
        written = [handles[k] for k in self.written]
        results: list[Any] = []
        try:
            for handle in written:  # as long as a view is around, the memory cannot be used again
                handle.array = None
            self._run(given, results)
        finally:
            if results:
                for handle, buffer in zip(written, results[0][self._results.computed :]):
                    handle.buffer = buffer
            else:
                for handle, array in zip(handles, given[len(self.tensors) :]):
                    if handle.buffer is None:
                        handle.array = array
        return results[0]  # type: ignore[no-any-return]

    def _collected(self, arrays: Sequence[Any], results: list[Any]) -> list[Array]:
        """All outputs as NumPy arrays: views where XLA computes on the CPU."""
        fixed, count = self._results
        passed = self.executable.passed
        values = [_asarray(results[i]) for i in range(count)]
        if not fixed and not passed:
            return values
        rest = iter(values)
        return [
            fixed[i] if i in fixed else arrays[passed[i]] if i in passed else next(rest)
            for i in range(len(self.executable.outputs))
        ]


def _array_of(handle: Handle) -> Any:
    """The value, wherever it is."""
    buffer = handle.buffer
    return handle.read() if buffer is None else buffer


def _is_whole(symbol: Symbol) -> bool:
    dims = symbol._array.dims
    return dims is not None and all(type(n) is int for n in dims)
