"""The machine code for a graph and inputs of certain shapes, and the Python function around it, written once.

A call of XLA's code for a small graph takes 10-20 us: what is done around it counts. So the function is straight lines,
from arrays to arrays, or from the Tensors of a call to what the traced function returned:

    h1 = args[1]
    held, results = [], []
    try:
        held.extend(map(acquire, locks))
        b1 = h1.buffer
        if type(b1) in foreign: b1, = at_hand((h1,))
        h1.array = None
        try:
            results.extend(starmap(code, ([args[0]._array, b1],)))
        finally:
            if results: y0, h1.buffer = results[0]
            else: restore(...)
    finally:
        any(map(release, locks[:len(held)]))

Loops run in C where Ctrl-C must not come in between: it is heard of when they are done, and what they have done so far
is in a list. (Not so in the first calls, when JAX goes through Python: then what a Variable held may be lost.)
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import operator
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.context import seeds, settings
from ..base.dtypes import resource
from ..core.placing import given
from ..core.tensor import Array, DeviceArray, Tensor
from ..engines import onednn, xla
from ..ops import philox_xla, random_ops
from ..state.handle import Handle
from . import lower_checks
from .convolutions import has_convolutions
from .lower import Lowering, NotOnXla, sources_in
from .plan import _new, rebuilt

if TYPE_CHECKING:
    from .executable import Executable

_RLock = type(threading.RLock())
_FOREIGN = frozenset([type(None), np.ndarray])  # what is no buffer of XLA's


class _Results(NamedTuple):
    """What becomes of the outputs: those known beforehand, by place; how many the program computes.

    `drawn`: how many random counters it takes of each source; None if that is its last output, as it depends.
    `checked`: whether the last of those it computes is no output, but whether the host would have refused the values.
    """

    fixed: dict[int, Array]
    computed: int
    drawn: list[int] | None
    checked: bool


class Program:
    """The machine code for inputs of certain shapes. Call it with arrays and handles; it returns a list of arrays.

    Args:
      executable: the graph.
      arrays: arrays and handles as they will be handed in.
      patient: whether there is time: to try what the program may have, and to compile it in each process.
      trial: whether it is only to be seen that there is a program.
    """

    def __init__(
        self, executable: Executable, arrays: Sequence[Any], patient: bool = False, trial: bool = False
    ) -> None:
        self.executable = executable
        wanted = patient and not settings.op_determinism and has_convolutions(executable.graph)
        self._onednn = wanted and onednn.usable()
        self.constants = {i: np.array(arrays[i]) for i in executable.constants}
        self.tensors = [i for i in executable.tensors if i not in self.constants]
        self.handles, self.written = executable.handles, executable.written
        self.sources = sources_in(executable.graph)
        self._results = _Results({}, 0, [], False)
        for i in self.handles:
            if not isinstance(arrays[i], Handle):
                raise NotOnXla(executable.inputs[i].op, "what it refers to is no Variable")
        like = [*(arrays[i] for i in self.tensors), *(array_of(arrays[i]) for i in self.handles)]
        self.accelerator = executable.accelerator
        self._device = None if self.accelerator is None else self.accelerator.device
        # Inputs that are copied here if need be, as XLA would let another thread do it, and wait.
        self._large = {i for i in self.tensors if self.accelerator is None and xla.large(arrays[i])}
        self._wide = any(x.dtype.itemsize >= 8 for x in like)
        begin = [random_ops.begin(source, 0) for source in self.sources]
        halves = [[stream.key, 0, stream.counter >> 64] for stream in begin]
        self._begin = np.array(halves, np.uint64).reshape(-1, 3)
        if self.sources:
            like.append(self._begin.view(np.uint32))
        if trial:
            xla.lowered(self._traced, like, (), self._device)
            return
        self._code = self._loaded(like) or self._compiled(like, arrays)
        self._space = self._names()
        self._kept: dict[int, tuple[Any, Any]] = {i: (None, None) for i in self.tensors if i in executable.lasting}
        for i in self._kept:
            self._lasting(arrays[i], i)
        if patient:
            self._warm_up(arrays)

    # -- compiling

    def _loaded(self, like: list[Any]) -> Any:
        found = xla.load(key, self._device) if (key := self._key(like)) else None
        if found is None:
            return None
        code, self._results = found[0], _Results(*found[1])
        return code

    def _key(self, like: list[Any]) -> str | None:
        key = None if self._onednn else self.executable.key()  # with calls of oneDNN it cannot be written down
        precise = " precise" if self.accelerator is not None and not settings.tensor_float_32 else ""
        constants = "".join(f" {i}:{x.tolist()}" for i, x in self.constants.items())
        return key and f"{key} {self.executable.checked} {[(x.shape, str(x.dtype)) for x in like]}{constants}{precise}"

    def _compiled(self, like: list[Any], arrays: Sequence[Any]) -> Any:
        count = len(self.tensors)
        donated = [count + k for k in self.written if arrays[self.handles[k]].shape.is_fully_defined()]
        code = xla.compiled(xla.lowered(self._traced, like, donated, self._device), self._device)
        key = self._key(like)
        if key:
            xla.store(key, code, tuple(self._results), self._device)
        return code

    def _traced(self, *given: Any) -> list[Any]:
        """The graph as a function of JAX arrays: tensors, values of Variables; gives outputs, new values."""
        one, jax = self.executable, xla.jax()
        count = len(self.tensors)
        numbers = [one.number(i) for i in self.handles]
        states = {**dict(zip(numbers, given[count:])), **dict.fromkeys(self.sources, np.uint64(0))}
        streams = _streams(jax, self.sources, given[-1]) if self.sources else {}
        low = Lowering(jax, states, streams, self._onednn)
        if one.checked and jax.default_backend() == "cpu":  # a GPU gathers zeros, in TensorFlow too
            lower_checks.wanted(low)
        low.bind([one.inputs[i] for i in self.tensors], given[:count])
        low.bind([one.inputs[i] for i in self.constants], list(self.constants.values()))
        wanted = {i: y for i, y in enumerate(one.outputs) if i not in one.passed}
        with xla.precision(self._device):
            values = dict(zip(wanted, low.run(one.graph, list(wanted.values()))))
        fixed = {i: x for i, x in values.items() if isinstance(x, np.ndarray)}
        computed = [x for i, x in values.items() if i not in fixed]
        drawn = [low.states[source] for source in self.sources]
        known = all(isinstance(x, np.generic) for x in drawn)
        refused = lower_checks.refused(low)
        news = [low.states[numbers[k]] for k in self.written]
        if refused is not None:
            computed.append(refused)
            news = [jax.numpy.where(refused, given[count + k], new) for k, new in zip(self.written, news)]
        counts = [int(x) for x in drawn] if known else None
        self._results = _Results(fixed, len(computed), counts, refused is not None)
        return [*computed, *news, *([] if known else [jax.numpy.stack(drawn)])]

    # -- running

    def __call__(self, arrays: Sequence[Any]) -> list[Array]:
        return self._run(*arrays)  # type: ignore[no-any-return]

    @functools.cached_property
    def _run(self) -> Callable[..., Any]:
        """From arrays and handles to arrays."""
        names = [f"{'h' if x.dtype is resource else 'x'}{i}" for i, x in enumerate(self.executable.inputs)]
        head = [f"j{i} = kept(x{i}, {i})" for i in self._kept]
        if self.handles:
            head.append(self._locks())
        tail: list[str] = []
        results = ", ".join(self._collected(tail))
        return self._made(f"run({', '.join(names)})", [*head, *self._body(), *tail, f"return [{results}]"])

    def entry(self, structure: Any, captured: Sequence[Any]) -> Callable[[Sequence[Any]], Any]:
        """The whole call as one function: from the Tensors of a call to what the traced function returned.

        Args:
          structure: what that was, with the graph's outputs in their places.
          captured: arrays and handles for those of the inputs that are not arguments: the last ones.
        """
        inputs = self.executable.inputs
        own = len(inputs) - len(captured)
        for i, value in enumerate(captured, own):
            self._space[f"{'h' if inputs[i].dtype is resource else 'x'}{i}"] = value
        self._space |= {f"j{i}": self._lasting(captured[i - own], i) for i in self._kept}
        used = {*self.tensors, *self.handles, *self.executable.passed.values()}
        head = [
            f"h{i} = args[{i}]" if inputs[i].dtype is resource else f"x{i} = args[{i}]._array"
            for i in range(own) if i in used
        ]  # fmt: skip
        if any(i < own for i in self.handles):
            head.append(self._locks())
        elif self.handles:
            self._space["locks"] = tuple(captured[i - own].lock for i in self.handles)
        tail: list[str] = []
        result = rebuilt(structure, iter(self._collected(tail)), tail, self._space)
        return self._made("enter(args)", [*head, *self._body(), *tail, f"return {result}"])

    def _names(self) -> dict[str, Any]:
        """What the source refers to."""
        return {
            "acquire": _RLock.acquire, "release": _RLock.release, "starmap": itertools.starmap, "x64": xla.x64,
            "asarray": self._result, "Tensor": Tensor, "new": _new, "code": self._first, "at_hand": self._at_hand,
            "given": functools.partial(given, accelerator=self.accelerator), "restore": _restore, "begin": self._start,
            "kept": self._lasting, "ordered": _ordered, "refused": lower_checks.Refused, "foreign": _FOREIGN,
            "aligned": xla.aligned,
        }  # fmt: skip

    @property
    def _result(self) -> Callable[[Any], Any]:
        """What makes of JAX's array what is handed out: on the CPU a NumPy array, a view."""
        where = self.accelerator
        return np.asarray if where is None else lambda array: DeviceArray(array, where)

    def _made(self, head: str, lines: list[str]) -> Callable[..., Any]:
        source = "\n    ".join([f"def {head}:", *lines])
        exec(compile(f"{source}\n", f"<tapeflow xla {self.executable.graph.name}>", "exec"), self._space)
        made: Callable[..., Any] = self._space[head.partition("(")[0]]
        return made

    def _locks(self) -> str:
        return f"locks = ordered(({''.join(f'h{i}, ' for i in self.handles)}))"

    def _body(self) -> list[str]:
        """The source of the run: afterwards `r` are the results, and the Variables have their new values."""
        handles, written = self.handles, [self.handles[k] for k in self.written]
        where = self.accelerator
        way = dict.fromkeys(self._large, "aligned") if where is None else dict.fromkeys(self.tensors, "given")
        given = [f"j{i}" if i in self._kept else f"{way.get(i, '')}(x{i})" for i in self.tensors]
        given += [f"b{i}" for i in handles] + ["begin()"] * bool(self.sources)
        call = f"results.extend(starmap(code, ([{', '.join(given)}],)))"
        run = ["with x64():", f"    {call}"] if self._wide else [call]
        last = ["r = results[0]"]
        if self._results.checked:
            last.append(f"if asarray(r[{self._results.computed - 1}]): raise refused")
        if not handles:
            return ["results = []", *run, *last]
        all_handles, buffers = (f"({''.join(f'{letter}{i}, ' for i in handles)})" for letter in "hb")
        missing = " or ".join(f"type(b{i}) in foreign" for i in handles)
        guarded = run
        if written:
            first = self._results.computed
            news = ", ".join(f"h{i}.buffer" for i in written)
            guarded = [
                "try:", f"    {' = '.join(f'h{i}.array' for i in written)} = None", *_indented(run), "finally:",
                f"    if results: {news}, = results[0][{first}:{first + len(written)}]",
                f"    else: restore({all_handles}, {buffers})",
            ]  # fmt: skip
        inner = [
            "held.extend(map(acquire, locks))", *(f"b{i} = h{i}.buffer" for i in handles),
            f"if {missing}: {buffers} = at_hand({all_handles})", *guarded,
        ]  # fmt: skip
        freed = ["finally:", "    any(map(release, locks[:len(held)]))"]
        return ["held, results = [], []", "try:", *_indented(inner), *freed, *last]

    def _collected(self, tail: list[str]) -> list[str]:
        """Names for the outputs as NumPy arrays, views where XLA computes on the CPU; `tail` makes them."""
        names = []
        fixed, passed = self._results.fixed, self.executable.passed
        place = itertools.count()
        for i in range(len(self.executable.outputs)):
            if i in fixed:
                self._space[f"f{i}"] = fixed[i]
            elif i not in passed:
                tail.append(f"y{i} = asarray(r[{next(place)}])")
            names.append(f"f{i}" if i in fixed else f"x{passed[i]}" if i in passed else f"y{i}")
        return names

    def _first(self, *given: Any) -> Any:
        """The first call."""
        if self._results.drawn is not None:
            results = self._code(*given)
            self._space["code"] = self._in_c()
            return results
        return self._counting(given)

    def _warm_up(self, arrays: Sequence[Any]) -> None:
        """Runs the code, on copies: what takes long the first time is not to take long in a program's call."""
        given = [self._kept[i][1] if i in self._kept else arrays[i] for i in self.tensors]
        for handle in (arrays[i] for i in self.handles):
            with handle.lock:
                given.append(np.array(handle.read()))
        if self.sources:
            given.append(self._begun([0] * len(self.sources)))
        with xla.x64() if self._wide else contextlib.nullcontext():
            self._code(*given)
            code = self._in_c()
            code(*given)
        if self._results.drawn is not None:
            self._space["code"] = code
        self._run  # noqa: B018  (is written)

    def _in_c(self) -> Callable[..., Any]:
        """The way to XLA's code that does not go through Python; it is there when the code has run once."""
        code: Callable[..., Any] = getattr(self._code, "_call", None) or self._code
        return code

    def _counting(self, given: Sequence[Any]) -> Any:
        """A run that says itself how many random numbers it has drawn. Others who draw wait so long."""
        found: list[Any] = []

        def use(starts: list[int]) -> list[int]:
            found.append(self._code(*given[:-1], self._begun(starts)))
            return np.asarray(found[0][-1]).tolist()  # type: ignore[no-any-return]

        seeds.lend(self.sources, use)
        return found[0]

    def _start(self) -> Array | None:
        """Where in the streams of random numbers a call begins; what it takes is set aside."""
        drawn = self._results.drawn
        return None if drawn is None else self._begun(map(seeds.take, self.sources, drawn))

    def _begun(self, starts: Any) -> Array:
        streams = self._begin.copy()
        streams[:, 1] = list(starts)
        return streams.view(np.uint32)

    def _lasting(self, array: Array, i: int) -> Any:
        """A captured array as XLA has it, the input `i`: handed over once."""
        source, buffer = self._kept[i]
        if source is not array:
            buffer = xla.on_device(given(array, self.accelerator), self._device)
            self._kept[i] = array, buffer
        return buffer

    def _at_hand(self, handles: Sequence[Handle]) -> list[Any]:
        """The values of Variables, of which some are not XLA's yet."""
        if self.accelerator is not None:
            return [handle.handed(k in self.written) for k, handle in enumerate(handles)]  # type: ignore[attr-defined]
        for k, handle in enumerate(handles):
            if k in self.written:
                continue
            if handle.buffer is None:  # new, and may be replaced after the call: handing it over would take longer
                array = handle.read()
                handle.buffer, handle.own = xla.aligned(array) if xla.large(array) else array, False
            elif type(handle.buffer) is np.ndarray:  # it was there at the last call, too
                handle.buffer = xla.on_device(handle.buffer)
        return [array_of(handle) for handle in handles]


def _streams(jax: Any, sources: Sequence[Any], halves: Any) -> dict[Any, philox_xla.Stream]:
    """The streams of the sources, from the halves of key, low and high counter of each."""
    words = jax.lax.bitcast_convert_type(halves.reshape(-1, 3, 2), np.uint64)
    return {source: philox_xla.Stream(jax, *row) for source, row in zip(sources, words)}


def _ordered(handles: Sequence[Handle]) -> list[Any]:
    """The locks, in the order of their numbers: so no two threads wait for each other."""
    return [handle.lock for handle in sorted(handles, key=operator.attrgetter("_id"))]


def _restore(handles: Sequence[Handle], values: Sequence[Any]) -> None:
    """Gives Variables back what they had before a run that failed."""
    for handle, value in zip(handles, values):
        if handle.buffer is None:
            handle.array = value


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def array_of(handle: Handle) -> Any:
    """The value, wherever it is."""
    buffer = handle.buffer
    return handle.value() if buffer is None else buffer
