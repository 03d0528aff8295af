"""What is open right now, in this thread, and what is set for all: the only mutable globals of tapeflow."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Context
from importlib.machinery import PathFinder
from typing import Any, Protocol

from numpy._core import umath

# NumPy keeps what to do on overflow, division by zero... in a context variable. Kernels run in a `Context` of our own,
# where it says: nothing. So NumPy's warnings never reach the user, and the user's own `np.seterr` is neither asked nor
# touched. `Context.run` costs 0.02 us; `np.errstate` 0.9 us.
_floating_errors = umath._extobj_contextvar
# There we also say how many elements NumPy copies at a time when it broadcasts: rows longer than that it does not copy.
BUFFER = 1024  # a column or row of weights on a matrix takes 40% less time than with NumPy's 8192
_IGNORE = umath._make_extobj(all="ignore", bufsize=BUFFER)


class Recorder(Protocol):
    """Whoever wants to be told of each op that runs: a tape, an accumulator, a test."""

    def record(self, op: Any, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        """`op` has run on `inputs` (Tensors; Python values where static) and gave `outputs` (one Tensor, or a list)."""

    def read(self, variable: Any, value: Any) -> None:
        """`variable` has been read, as the Tensor `value`; None if it was read inside an op that is recorded next."""


class _Context(threading.local):
    recorders: tuple[Recorder, ...] = ()
    log: Any = None  # the one among them that writes everything down; while a graph is open too, when none are told
    graph: Any = None  # the graph that is being built, to which ops are added instead of running
    name_scope: str = ""
    device: str = ""
    accelerator: Any = None  # where ops run instead of on the host; `ANYWHERE`: nobody has said where
    summaries: tuple[Any, Any, Any] = (None, None, None)  # the writer, the step, whether to record: `tf.summary`
    autograph: bool | None = None  # whether functions called by converted code are converted; None outside such code
    strategy: Any = None  # the `tf.distribute.Strategy` whose scope is open
    reads: Reads | None = None  # where the streams of graphs' ops are counted instead: by an iterator of a dataset
    replica: tuple[Any, bool] = (None, False)  # what the running replica knows, and whether somebody has said so
    quiet: Callable[..., Any]  # calls a function, without floating point warnings
    run: Callable[..., Any]  # the same for kernels; `refuse` while a graph is open, or ops run on an accelerator

    def __init__(self) -> None:
        quiet = Context()
        quiet.run(_floating_errors.set, _IGNORE)
        self.run = self.quiet = quiet.run
        if settings.accelerated:
            self.run, self.accelerator = refuse, ANYWHERE


class TracingError(RuntimeError):
    """Says that a kernel must not run: the op becomes a node of the graph that is open, or runs on an accelerator."""


ANYWHERE = "anywhere"  # the accelerator that has an op's inputs, or else the first


def direct(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What `context.run` is inside a call that is within the quiet context already: a plan of many kernels."""
    return function(*args, **kwargs)


def refuse(*_args: Any, **_kwargs: Any) -> Any:
    """What `context.run` is while a graph is open, or ops run on an accelerator: so eager calls need not ask."""
    raise TracingError


def in_kernel() -> bool:
    """Whether a kernel is running in this thread: so in a finalizer, say, that happens to run meanwhile."""
    return _floating_errors.get(None) is _IGNORE


def _accelerators_are_likely() -> bool:
    """Whether JAX may know devices beside the CPU: it is too slow to be asked before the first op runs."""
    places = ("jax_plugins", "libtpu") if os.environ.get("JAX_PLATFORMS") != "cpu" else ()
    return any(PathFinder.find_spec(name) is not None for name in places)


class _Settings:
    """What a program has set for the whole process, through `tf.config`."""

    functions_run_eagerly: bool = False
    datasets_run_eagerly: bool = False  # whether functions of datasets do
    soft_device_placement: bool = True
    accelerated: bool = _accelerators_are_likely()  # whether ops run on an accelerator unless told otherwise
    hidden_devices: frozenset[str] = frozenset()  # names of physical devices
    logical_devices: Mapping[str, Any] = {}  # how physical devices are split, by name
    op_determinism: bool = False  # each run gives the same: nothing is chosen by measuring
    jit: str = ""
    optimizer_options: Mapping[str, Any] = {}
    threads: Mapping[str, int] = {"intra": 0, "inter": 0}
    tensor_float_32: bool = True
    synchronous: bool = True
    device_policy: str = "silent"
    horizon: tuple[int, int, int] | None = None  # of `tf.compat.forward_compatible`: year, month, day


settings = _Settings()


context = _Context()


def quietly(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Calls a function as kernels are called, whether or not a graph is open, or a kernel is running already."""
    return function(*args, **kwargs) if in_kernel() else context.quiet(function, *args, **kwargs)


class Reads:
    """How far each stream of random numbers has been read."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._read: dict[Hashable, int] = {}

    def take(self, stream: Hashable, count: int) -> int:
        """Sets `count` places of a stream aside; returns the first of them."""
        with self.lock:
            start = self._read.get(stream, 0)
            self._read[stream] = start + count
            return start


class Seeds(Reads):
    """The program's seed, and how far each of its streams has been read. All threads share it."""

    generator: Any = None  # the one of `tf.random.get_global_generator`

    def __init__(self) -> None:
        super().__init__()
        self.restart(None)

    def restart(self, seed: int | None) -> None:
        """Sets the program's seed; every stream begins again, but for `None`, that of ops without seeds."""
        with self.lock:
            self.seed = seed
            self._draws: Any = None  # a `random.Random`, once it is needed
            self._read = {None: self._read.get(None, 0)}
            self.learned: dict[Hashable, Any] = {}  # what samplers that learn have seen

    def draw(self) -> int:
        """A seed for an op that was given none."""
        import random

        with self.lock:
            if self._draws is None:
                self._draws = random.Random(self.seed)
            return int(self._draws.randint(0, 2**31 - 1))

    def lend(self, streams: Sequence[Hashable], use: Callable[[list[int]], Sequence[int]]) -> None:
        """Calls `use` with how far the streams have been read; it says how many places of each it took. Others wait."""
        with self.lock:
            starts = [self._read.get(stream, 0) for stream in streams]
            for stream, start, count in zip(streams, starts, use(starts)):
                self._read[stream] = start + count


seeds = Seeds()

# Tensors that a tape follows, and Variables, are known by number: a number is never used twice, an address may be.
new_id = itertools.count(1).__next__


@contextmanager
def building(graph: Any) -> Iterator[None]:
    """Ops inside become nodes of `graph`; with None they run, whatever is open. Tapes outside hear of nothing."""
    before = context.graph, context.run, context.recorders, context.name_scope
    context.graph, context.recorders, context.name_scope = graph, (), ""
    if graph is not None or (context.accelerator is not None and not in_kernel()):
        context.run = refuse
    else:
        context.run = direct if in_kernel() else context.quiet
    try:
        yield
    finally:
        context.graph, context.run, context.recorders, context.name_scope = before


@contextmanager
def on(accelerator: Any) -> Iterator[None]:
    """Ops inside run on an accelerator; with None on the host."""
    before = context.run, context.accelerator
    context.accelerator = accelerator
    if context.graph is None:
        context.run = refuse if accelerator is not None else direct if in_kernel() else context.quiet
    try:
        yield
    finally:
        context.run, context.accelerator = before


@contextmanager
def recording(recorders: tuple[Recorder, ...]) -> Iterator[None]:
    """Ops inside are told to exactly these recorders; the ones before come back at the end."""
    before = context.recorders
    context.recorders = recorders
    try:
        yield
    finally:
        context.recorders = before


@contextmanager
def reading(reads: Reads | None) -> Iterator[None]:
    """The streams of graphs' random ops are counted there inside; with None, by the program."""
    before = context.reads
    context.reads = reads
    try:
        yield
    finally:
        context.reads = before
