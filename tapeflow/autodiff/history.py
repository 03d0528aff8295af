"""What a program did, op by op, with its lines: written down only while somebody wants explanations."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Sequence, Set
from typing import Any, NamedTuple

from ..base import dtypes, nest
from ..base.context import context, new_id
from ..base.sites import NOWHERE, Site, user_site
from ..core.op import Op
from ..core.tensor import Tensor

_NOTHING: Set[int] = frozenset()
LIMIT = 100_000  # events that a log keeps; the oldest go first
# What programs call the operations that change Variables.
ASSIGNMENTS = {"AssignVariableOp": "assign", "AssignAddVariableOp": "assign_add", "AssignSubVariableOp": "assign_sub"}
SMALL = 16  # arrays of so many elements are kept whole


class Value:
    """What is known of a tensor: dtype, shape, and its elements while they are there or are few."""

    __slots__ = ("_array", "dtype", "shape")

    def __init__(self, tensor: Any) -> None:
        array = getattr(tensor, "_array", tensor)  # an array, if it will be there as long as this
        self.dtype = array.dtype
        self.shape: Any = array.shape if hasattr(array, "flags") else getattr(array, "static", None)
        small = hasattr(array, "flags") and (array.size <= SMALL or array is tensor)
        self._array: Any = array if small else weakref.ref(tensor) if isinstance(tensor, Tensor) else None

    @property
    def array(self) -> Any:
        """The elements, or None if they are gone."""
        if not isinstance(self._array, weakref.ref):
            return self._array
        tensor = self._array()
        array = None if tensor is None else tensor._array
        return array if hasattr(array, "flags") else None

    def __str__(self) -> str:
        shape = "" if self.shape is None else str(["?" if n is None else n for n in self.shape]).replace("'", "")
        return f"{dtypes.as_dtype(self.dtype).name}{shape}"

    def elements(self) -> str:
        """The elements, or how they lie, as far as they are there."""
        array = self.array
        if array is None or not array.size:
            return ""
        if array.size <= SMALL or array.dtype.kind not in "biuf":
            return str(array) if array.size <= SMALL else ""
        return f"min {array.min():.4g}, mean {array.mean():.4g}, max {array.max():.4g}"


class Event:
    """Something that happened.

    `kind` is `"op"`; `"read"`, from a Variable to a tensor; `"assign"`, from a tensor to a Variable; `"made"`, a tensor
    out of nothing, or of what is no tensor; `"exit"`, a tensor became an array or a number.
    """

    __slots__ = ("inputs", "kind", "local", "name", "nones", "op", "outputs", "scope", "site", "time", "zeros")

    def __init__(
        self,
        kind: str,
        name: str,
        inputs: Sequence[int | None],
        outputs: Sequence[int],
        site: Site = NOWHERE,
        op: Op | None = None,
        time: float = 0,
    ) -> None:
        self.kind, self.name, self.inputs, self.outputs = kind, name, inputs, outputs
        self.site, self.op, self.time = site, op, time
        self.scope = context.name_scope
        self.zeros = False  # whether it is in a loop or function, which give zeros for None where something else flows
        self.nones: Set[int] = _NOTHING  # the inputs for which the op's gradient was None
        self.local: Sequence[str] = ()  # the ops that the op's gradient ran

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name} {self.inputs} -> {self.outputs} at {self.site}>"


class Follower:
    """A recorder that is also told which op is being differentiated, and which line a function's op comes from."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []  # of functions: those that are being run
        self.backward: Any = None  # the tape's entry that is being differentiated

    def record(self, op: Op, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        """An op has run."""

    def read(self, variable: Any, value: Any) -> None:
        """A Variable has been read."""

    def stepped(self, node: Any, inputs: Sequence[Any], result: Any) -> None:
        """An operation of a function has run."""

    def site(self) -> Site:
        """The program's line that is running."""
        return self.nodes[-1].frame if self.nodes else user_site(2)

    def differentiates(self, entry: Any) -> None:
        """The gradient of an entry of a tape begins."""
        self.backward = entry

    def differentiated(self, entry: Any, gradients: Sequence[Any]) -> None:
        """It gave these gradients."""


class Ask(NamedTuple):
    """A call of `gradient` or `jacobian`: for what, what it gave, from where."""

    targets: list[Any]
    sources: list[Any]
    missing: list[bool]
    site: Site


class Life:
    """When a tape recorded, what it was told to watch, what it was asked. `log` has the clock."""

    def __init__(self, log: Any) -> None:
        self.log = log
        self.opened: list[tuple[float, Site]] = []
        self.closed: list[tuple[float, Site, str]] = []
        self.watched: dict[int, tuple[float, Site]] = {}
        self.resets: list[tuple[float, Site]] = []
        self.asked: list[Ask] = []
        self.why = ""  # why the tape is about to stop, if not by the end of its block

    def start(self) -> None:
        """The tape begins to record."""
        self.opened.append((self.log.now(), user_site(2)))
        self.log.entered(self)

    def stop(self) -> None:
        """The tape stops recording."""
        self.closed.append((self.log.now(), user_site(2), self.why or "closed"))
        self.why = ""

    def watches(self, structure: Any) -> None:
        """The tape is told to watch Tensors and Variables."""
        for item in nest.flatten(structure, expand_composites=True):
            number = getattr(item, "_id", None)
            if number:
                self.watched.setdefault(number, (self.log.now(), user_site(2)))

    def reset(self) -> None:
        """The tape is about to forget everything."""
        self.why = "reset"
        self.resets.append((self.log.now(), user_site(2)))

    def gap(self, time: float) -> tuple[str, Site] | None:
        """Why the tape did not keep what happened then; None if it did."""
        if not self.opened or time < self.opened[0][0]:
            return "before_tape", self.opened[0][1] if self.opened else NOWHERE
        for reset, site in self.resets:
            if time < reset:
                return "reset", site
        for i, (start, _) in reversed(list(enumerate(self.opened))):
            if time >= start:
                if i < len(self.closed) and time > self.closed[i][0]:
                    return {"closed": "after_tape"}.get(self.closed[i][2], self.closed[i][2]), self.closed[i][1]
                return None
        return None


class Log(Follower):
    """A recorder that writes everything down: ops whether watched or not, reads, assignments, ways out and back."""

    def __init__(self, limit: int = LIMIT) -> None:
        super().__init__()
        self.limit = limit
        self.events: deque[Event] = deque()
        self.made: dict[int, Event] = {}
        self.values: dict[int, Value] = {}
        self.names: dict[int, str] = {}
        self.floats: dict[int, float] = {}  # that tensors became: no literals, even if the program's text has such ones
        self.alive: deque[Any] | None = None  # keeps tensors, so that their elements can be shown

    now = staticmethod(new_id)

    def record(self, op: Op, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        """An op has run."""
        results = outputs if type(outputs) is list else () if outputs is None else (outputs,)
        event = Event("op", op.name, [self._number(x) for x in inputs], [], self.site(), op)
        event.outputs = [self._number(y) for y in results if y is not None]  # type: ignore[misc]
        self._add(event)

    def read(self, variable: Any, value: Any) -> None:
        """A Variable has been read."""
        self.names[variable._id] = variable.name
        outputs = () if value is None else (self._number(value),)
        self._add(Event("read", variable.name, (variable._id,), outputs, self.site()))  # type: ignore[arg-type]

    def stepped(self, node: Any, inputs: Sequence[Any], result: Any) -> None:
        """An operation of a function has run: of interest are assignments, and what decided which branch was taken."""
        if node.op.updates:
            numbers = [self._number(x) for x in inputs[:2]]
            name = ASSIGNMENTS.get(node.op.name, node.op.name)
            self._add(Event("assign", name, numbers[1:], numbers[:1], node.frame))  # type: ignore[arg-type]
        elif "branches" in node.attrs:
            outputs = [self._number(y) for y in result if y is not None]
            self._add(Event("op", node.op.name, [self._number(inputs[0])], outputs, node.frame, node.op))  # type: ignore[arg-type]

    def assigned(self, variable: Any, value: Any, how: str, site: Site) -> None:
        """A Variable has been given a value."""
        self.names[variable._id] = variable.name
        number = getattr(value, "_id", None)
        self._add(Event("assign", how, (number,), (variable._id,), site))

    def left(self, tensor: Any, how: str, site: Site, result: Any) -> None:
        """A tensor has become an array or a number."""
        if type(result) is float:
            self.floats[id(result)] = result
            if len(self.floats) > self.limit:
                del self.floats[next(iter(self.floats))]
        self._add(Event("exit", how, (self._number(tensor),), (), site))

    def came(self, tensor: Any, what: str, site: Site) -> None:
        """A tensor has been made, but not by an op: a `"literal"` of the program's text, or another `"constant"`."""
        self._add(Event("made", what, (), (self._number(tensor),), site))  # type: ignore[arg-type]

    def entered(self, life: Life) -> None:
        """A tape begins to record."""

    def asking(self, tape: Any) -> None:
        """A tape is about to be asked for gradients."""

    def asked(self, tape: Any, ask: Ask) -> None:
        """A tape has been asked for gradients."""

    def differentiates(self, entry: Any) -> None:
        super().differentiates(entry)
        event = self.made.get(entry[4][0]) if entry[4] else None
        if event is not None:
            event.local = ()

    def differentiated(self, entry: Any, gradients: Sequence[Any]) -> None:
        event = self.made.get(entry[4][0]) if entry[4] else None
        if event is not None:
            event.nones = {i for i, gradient in enumerate(gradients) if gradient is None}

    def _add(self, event: Event) -> None:
        event.time = new_id()
        if self.backward is not None and self.backward[4]:
            forward = self.made.get(self.backward[4][0]) if event.kind == "op" else None
            if forward is not None:
                forward.local = [*forward.local, event.name]
        for number in event.outputs if event.kind != "assign" else ():
            self.made[number] = event
        self.events.append(event)
        if len(self.events) > self.limit:
            for number in self.events.popleft().outputs:
                self.made.pop(number, None)
                self.values.pop(number, None)

    def _number(self, x: Any) -> int | None:
        if not isinstance(x, Tensor):
            return getattr(x, "_id", None)
        if x._id is None:
            x._id = new_id()
        if x._id not in self.values:
            self.values[x._id] = Value(x)
            if self.alive is not None:
                self.alive.append(x)
        return x._id
