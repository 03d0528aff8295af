"""Which engine runs a graph: NumPy at once; XLA if told to, or where it turns out to be faster.

A function that is called often, and takes long, is compiled in a thread of its own, while calls go on on the host.
Then calls are timed on both engines in turn, and the faster one stays. XLA's compiler works without Python's lock, and
comes last where cores are short. JAX's import and tracing, a second or two of Python, take turns with the calls; Python
is told to change threads every half millisecond instead of five, so that a turn is over when it is over.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

from ..base.context import on, settings
from ..core.symbol import Symbol
from ..core.tensor import Array, at_hand
from ..engines import xla
from ..engines.devices import Accelerator
from ..engines.turns import Turns
from .executable import Executable
from .ir import Graph
from .lower import NotOnXla, foreign_effect
from .lower_checks import Refused
from .plan import Plan
from .program import Program
from .stages import Staged, stages

HOT = 0.3  # seconds on the host, after which compiling, which takes longer than that, may pay
CALLS = 5  # ... and calls
TINY = 20e-6  # seconds; shorter calls are not worth handing over
TRIES = 20  # calls that tell whether it is so
KINDS = 16  # kinds of shapes of one graph that are looked at; others run on the host
SWITCH = 0.0005  # seconds between changes of threads while JAX is tracing
# Who is timed, call by call: the first of each four is not counted, as it moves the Variables over.
SCHEDULE = ("xla", "xla", "xla", "xla", "host", "host", "host", "host") * 2


def engine_for(
    graph: Graph, outputs: Sequence[Symbol], inputs: Sequence[Symbol], jit_compile: bool | None,
    settled: Callable[[Any], None] = lambda engine: None,
) -> Any:  # fmt: skip
    """What runs a graph: takes arrays and handles, one for each of `inputs`; returns a list of arrays.

    Args:
      graph: the graph.
      outputs: the Symbols to compute.
      inputs: the Symbols whose values are handed in.
      jit_compile: True for XLA, False for NumPy, None for whichever is faster; NumPy if a run must be like the other.
      settled: told of the engine that may be called from now on instead, without a detour.

    Raises:
      NotOnXla: an InvalidArgumentError that names what keeps the graph from XLA, if that is what was asked for.
      ImportError: if JAX is asked for and not installed.
    """
    if jit_compile and not xla.available():
        raise ImportError("jit_compile=True needs XLA, which comes with JAX: pip install 'tapeflow[xla]'")
    if jit_compile:
        return Executable(graph, outputs, inputs, settled, exact=True)
    staged = None if jit_compile is False else staged_for(graph, outputs, inputs)
    if staged is not None:
        settled(staged)
        return staged
    plan = Plan(graph, outputs, inputs)
    return plan if jit_compile is False or why_host(graph) else Automatic(plan, graph, outputs, inputs, settled)


def staged_for(graph: Graph, outputs: Sequence[Symbol], inputs: Sequence[Symbol]) -> Staged | None:
    """What runs a graph that takes elements, and computes on whichever engine is faster; None if it takes none."""
    parts = stages(graph, outputs, inputs)
    if parts is None or why_host(parts.between[0]):
        return None
    return Staged(parts, Automatic(Plan(*parts.between), *parts.between, lambda engine: None))


class Placed:
    """A graph on an accelerator; on the host, with NumPy, where XLA cannot have it.

    Args:
      graph: the graph.
      outputs: what it computes.
      inputs: what it takes.
      jit_compile: True if the host will not do; False if nothing else will.
      accelerator: where.
    """

    def __init__(
        self, graph: Graph, outputs: Sequence[Symbol], inputs: Sequence[Symbol], jit_compile: bool | None,
        accelerator: Accelerator,
    ) -> None:  # fmt: skip
        self.plan = Plan(graph, outputs, inputs)
        self.strict = jit_compile is True
        self.executable: Executable | None = None
        self.refused = "jit_compile=False asks for NumPy" if jit_compile is False else foreign_effect(graph)
        if self.strict or not self.refused:
            try:
                self.executable = Executable(graph, outputs, inputs, accelerator=accelerator, exact=self.strict)
            except NotOnXla as error:
                self._refuse(error)

    def _refuse(self, error: NotOnXla) -> None:
        if self.strict:
            raise error
        self.executable, self.refused = None, error.reason

    def __call__(self, *arrays: Any) -> list[Array]:
        executable = self.executable
        if executable is not None:
            try:
                executable.prepare(arrays)
            except NotOnXla as error:
                self._refuse(error)
            else:
                return executable(*arrays)
        with on(None):
            return self.plan(*map(at_hand, arrays))

    def explain(self) -> list[str]:
        """Which engine runs it, and why."""
        return ["XLA" if self.executable is not None else f"NumPy, as XLA cannot have it: {self.refused}"]


def engine_on(
    accelerator: Accelerator, graph: Graph, outputs: Sequence[Symbol], inputs: Sequence[Symbol],
    jit_compile: bool | None,
) -> Any:  # fmt: skip
    """What runs a graph on an accelerator, as far as it can; see `engine_for`. Results are there, too."""
    parts = None if jit_compile is not None else stages(graph, outputs, inputs)
    if parts is None or foreign_effect(parts.between[0]):
        return Placed(graph, outputs, inputs, jit_compile, accelerator)
    return Staged(parts, Placed(*parts.between, jit_compile, accelerator))


def why_host(graph: Graph) -> str | None:
    """Why a graph stays on the host in any case, for people; None if that is yet to be seen."""
    if settings.op_determinism:
        return "op determinism is enabled"
    if not xla.available():
        return "XLA is not installed: pip install tapeflow[xla]"
    effect = foreign_effect(graph)
    return effect and f"{effect} has effects that only the host has"


class Automatic:
    """A graph that starts on the host and moves to XLA if that pays, for each kind of shapes on its own.

    Args:
      plan: the graph on the host.
      graph: the graph.
      outputs: what it computes.
      inputs: what it takes.
      settled: told of what runs every call, once that is clear.
    """

    def __init__(self, plan: Plan, graph: Graph, outputs: Any, inputs: Any, settled: Callable[[Any], None]) -> None:
        self.plan = plan
        self.settled = settled
        self.executable: Executable | None = None
        try:
            self.executable = Executable(graph, outputs, inputs, checked=True)
        except NotOnXla as error:
            self.refused = error.reason
        self.kinds: dict[Any, _Choice] = {}

    def __call__(self, *arrays: Any) -> list[Array]:
        executable = self.executable
        if executable is None:
            self.settled(self.plan)
            return self.plan(*arrays)
        kind = executable.kind(arrays)
        choice = self.kinds.get(kind)
        if choice is None:
            if len(self.kinds) >= KINDS:
                return self.plan(*arrays)
            choice = self.kinds.setdefault(kind, _Choice(self.plan, executable))
        results: list[Array] = choice.step(arrays)
        if choice.settled and kind == ():
            program = executable.only if choice.settled == "xla" else None
            self.settled(self.plan if program is None else _OnXla(self.plan, program))
        return results

    def explain(self) -> list[str]:
        """A line for each kind of shapes: which engine, why, with its times."""
        if self.executable is None:
            return [f"host: {self.refused}"]
        return [f"{f'shapes {kind}: ' if kind else ''}{choice}" for kind, choice in self.kinds.items()]


class _OnXla(NamedTuple):
    """What runs every call on XLA; but in a forked process on the host."""

    plan: Plan
    program: Program

    def entry(self, structure: Any, captured: Sequence[Any]) -> Callable[[Sequence[Any]], Any]:
        """From the Tensors of a call to what the traced function returned."""
        host, compiled = self.plan.entry(structure, captured), self.program.entry(structure, captured)

        def call(tensors: Sequence[Any]) -> Any:
            if not _process.forked:
                try:
                    return compiled(tensors)
                except Refused:  # for which the host has an error
                    pass
            return host(tensors)

        return call


class _Choice:
    """The choice for one kind of shapes. `step` runs a call; it changes as one phase follows the other."""

    def __init__(self, plan: Plan, executable: Executable) -> None:
        self.plan, self.executable = plan, executable
        self.step: Callable[[Sequence[Any]], list[Array]] = self._heating
        self.settled: str | None = None
        self.why = "is not called often enough to say"
        self.calls = 0
        self.seconds = 0.0
        self.compiling = 0.0
        self.times: dict[str, list[float]] = {"host": [], "xla": []}
        self.busy = threading.Lock()
        self.turns = Turns()

    def __str__(self) -> str:
        return f"{self.settled or 'host, for now'}: {self.why}"

    def _heating(self, arrays: Sequence[Any]) -> list[Array]:
        start = perf_counter()
        results = self.plan(*arrays)
        took = perf_counter() - start
        self.calls += 1
        if self.calls > 1:  # the first finds everything cold
            self.seconds += took
        if self.calls > CALLS and self.seconds > HOT:
            with self.busy:
                if self.step == self._heating:
                    self.step, self.why = self._meanwhile, "is being compiled"
                    threading.Thread(target=self._compile, args=(arrays,), name="tapeflow-xla").start()
        elif self.calls >= TRIES and self.seconds < TINY * self.calls:
            self._settle("host", f"calls take {self.seconds / (self.calls - 1) * 1e6:.0f} us: not worth handing over")
        return results

    def _meanwhile(self, arrays: Sequence[Any]) -> list[Array]:
        return self.turns.call(self.plan, *arrays)

    def _on_host(self, arrays: Sequence[Any]) -> list[Array]:
        return self.plan(*arrays)

    def _on_xla(self, arrays: Sequence[Any]) -> list[Array]:
        if not _process.forked:
            try:
                return self.executable(*arrays)
            except Refused:
                pass
        return self.plan(*arrays)

    def _compile(self, arrays: Sequence[Any]) -> None:
        """Runs in a thread of its own. (Not a daemon: Python waits for XLA's compiler before it ends.)"""
        with _process.compiling:
            if not threading.main_thread().is_alive():
                return
            interval = sys.getswitchinterval()
            sys.setswitchinterval(min(interval, SWITCH))
            start = perf_counter()
            try:
                with self.turns.taken():
                    xla.give_way()
                    xla.options("cpu")  # so that what takes long the first time takes long here
                    self.executable.prepare(arrays, patient=True)
            except NotOnXla as error:
                self._settle("host", f"XLA cannot have {error.reason}")
            except Exception as error:  # shapes that do not fit, say: the host has better errors
                first, _, _ = str(error).partition("\n")
                self._settle("host", f"compiling failed with {type(error).__name__}: {first}")
            else:
                self.compiling = perf_counter() - start
                self.why = "is being timed on both engines"
                self.step = self._comparing
            finally:
                sys.setswitchinterval(interval)

    def _comparing(self, arrays: Sequence[Any]) -> list[Array]:
        if not self.busy.acquire(blocking=False):
            return self.plan(*arrays)
        try:
            turn = sum(map(len, self.times.values()))
            if turn >= len(SCHEDULE):  # another thread was faster
                return self.step(arrays)
            name = SCHEDULE[turn]
            start = perf_counter()
            try:
                results = self._on_xla(arrays) if name == "xla" else self.plan(*arrays)
            except Exception as error:
                if name == "xla":
                    self._settle("host", f"XLA failed with {type(error).__name__}")
                raise
            self.times[name].append(perf_counter() - start)
            if turn + 1 == len(SCHEDULE):
                self._decide()
            return results
        finally:
            self.busy.release()

    def _decide(self) -> None:
        host, xla = (
            _typical([t for i, t in enumerate(self.times[name]) if i % 4]) * 1e6 for name in ("host", "xla")
        )
        self._settle(
            "xla" if xla < host else "host",
            f"a call takes {xla:.0f} us on XLA, {host:.0f} us on NumPy; compiling took {self.compiling:.1f} s",
        )

    def _settle(self, engine: str, why: str) -> None:
        self.settled, self.why = engine, why
        self.step = self._on_xla if engine == "xla" else self._on_host


def _typical(times: list[float]) -> float:
    """The lower one of the two in the middle: what else runs on the machine only ever adds."""
    return sorted(times)[(len(times) - 1) // 2]


class _Process:
    """What all functions share: one compiles at a time, and a forked process, which has lost XLA's threads, none."""

    def __init__(self) -> None:
        self.forked = False
        self.compiling = threading.Lock()

    def after_fork(self) -> None:
        self.forked = True
        self.compiling = threading.Lock()


_process = _Process()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_process.after_fork)
