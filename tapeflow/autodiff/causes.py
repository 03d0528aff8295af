"""Where a gradient is lost: the way from a source to a target through all that is known to have happened."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..base import dtypes
from ..base.sites import NOWHERE, Site
from ..core.op import Op
from ..core.tensor import Tensor
from .history import Event, Life, Value

PYTHON = {"PyFunc", "PyFuncStateless", "EagerPyFunc", "numpy_function", "py_function"}
NUMBERS = {"float", "int", "bool", "complex", "index"}
NEVER = 1000  # what it costs to go where no gradient comes back
CARRIES = frozenset(
    dtype.numpy
    for dtype in vars(dtypes).values()
    if isinstance(dtype, dtypes.DType) and (dtype.is_floating or dtype.is_complex or dtype is dtypes.variant)
)


class Break(NamedTuple):
    """What stops a gradient, where, and at which event."""

    kind: str
    event: Event | None
    site: Site
    other: Site = NOWHERE  # another line that has to do with it: the tape's, or where a number came back


@dataclass
class History:
    """All that is known of what happened to a tape: from a log, from a graph, or no more than the tape's own outline.

    Args:
      events: in the order of time.
      recorded: the outputs of the ops that the tape has recorded.
      watched: the numbers that the tape followed.
      life: when the tape recorded, if that was written down.
      values: dtypes and shapes by number.
      full: whether `events` has what the tape did not record, too.
      ends: if not, what came out of the ops and functions that the tape has seen.
    """

    events: Sequence[Event]
    recorded: set[int]
    watched: set[int]
    life: Life | None = None
    values: dict[int, Value] = field(default_factory=dict)
    full: bool = False
    ends: Set[int] = frozenset()

    def begin(self) -> float:
        """When the tape was first entered."""
        return self.life.opened[0][0] if self.life is not None and self.life.opened else 0


class Way(NamedTuple):
    """A way from a source to a number: the breaks on it, its last event, the way before that."""

    cost: int
    event: Event | None
    before: Way | None
    entering: int | None

    def steps(self) -> list[Way]:
        """From the source on."""
        found: list[Way] = []
        step: Way | None = self
        while step is not None and step.event is not None:
            found.append(step)
            step = step.before
        return found[::-1]


def ways(history: History, source: int, since: float = -math.inf) -> dict[int, Way]:
    """For each number that depends on the source the way there with the fewest breaks."""
    found = {source: Way(0, None, None, None)}
    for event in history.events:
        if event.time < since or event.kind in ("made", "exit"):
            continue
        best = None
        for place, number in enumerate(event.inputs):
            way = found.get(number) if number else None  # 0: a constant of our own
            if way is not None and number not in event.outputs:
                cost = way.cost + _cost(history, event, place)
                if best is None or cost < best.cost:
                    best = Way(cost, event, way, place)
        if best is not None:
            for number in event.outputs:
                if number not in found or best.cost < found[number].cost:
                    found[number] = best
    return found


def _cost(history: History, event: Event, place: int) -> int:
    if event.kind == "link":
        return 0
    if fault(history, event, place) is not None:
        return NEVER
    return int(history.recorded.isdisjoint(event.outputs))  # of two ways the one that the tape has recorded


def fault(history: History, event: Event, place: int) -> Break | None:
    """Why no gradient goes through an event to its input `place`, given that one comes to its output; else None."""
    if event.kind == "link":
        return None
    if event.kind == "assign":
        return Break("assign", event, event.site)
    kind = None if event.op is None else _op_fault(history, event, event.op)
    if kind is None and event.outputs and not history.recorded.isdisjoint(event.outputs):
        same = {i for i, number in enumerate(event.inputs) if number == event.inputs[place]}
        if same <= event.nones:  # `x * x` gives the gradient of both to one
            kind = "custom_gradient" if event.name in ("CustomGradient", "IdentityN") else "no_gradient_for_input"
            return Break(kind, event, event.site)
        return None
    if kind is not None:
        return Break(kind, event, event.site)
    gap = history.life.gap(event.time) if history.life is not None else None
    return None if gap is None else Break(gap[0], event, event.site, gap[1])


def _op_fault(history: History, event: Event, op: Op) -> str | None:
    if op.name == "StopGradient":
        return "stop_gradient"
    if op.name in PYTHON and op.differentiable is False:
        return "py_function"
    known = [history.values[number].dtype for number in event.outputs if number in history.values]
    if op.name == "Cast" and known and known[0] not in CARRIES:
        return "integer_cast"
    return "no_gradient_op" if op.differentiable is False or (known and not CARRIES.intersection(known)) else None


class Finding(NamedTuple):
    """What stops a gradient, in the order from source to target; and the events on the way, where there is one."""

    breaks: list[Break]
    events: list[Event]


def find_break(history: History, source: Any, targets: Iterable[Any]) -> Finding:
    """What is wrong between a source and the targets; no breaks if nothing is."""
    numbers = [number for target in targets if (number := getattr(target, "_id", None))]
    wrong = _source_fault(history, source)
    if wrong is not None and wrong.kind in ("not_a_tensor", "integer"):
        return Finding([wrong], [])
    start = source._id or -1  # a tensor without a number was never used
    # What was before the tape counts only if nothing else connects them.
    for since in dict.fromkeys((history.begin(), -math.inf)):
        reached = ways(history, start, since)
        way = _best(reached, numbers)
        if way is not None:
            return _along(history, source, way, wrong)
        left = _by_python(history, reached, numbers)
        if left is not None and left.event is not None:
            before = reached[left.event.inputs[0] or 0].steps()
            return Finding([left] if wrong is None else [wrong, left], [step.event for step in before if step.event])
    if wrong is not None and not (history.full and wrong.kind not in ("replaced_variable", "reset")):
        return Finding([wrong], [])
    end = None if history.full else _last_end(history, reached)
    return Finding([_disconnected(history, reached)], []) if end is None else _along(history, source, end, wrong)


def _along(history: History, source: Any, way: Way, wrong: Break | None) -> Finding:
    """What breaks a way that leads from the source to a target."""
    breaks = [] if wrong is None else [wrong]
    events = []
    for step in way.steps():
        if step.event is None or step.entering is None:
            continue
        events.append(step.event)
        found = fault(history, step.event, step.entering)
        if found is not None:
            last = breaks[-1] if breaks else None
            if last is not None and last.kind == found.kind and (last.event is None or last.event.kind == "read"):
                breaks.pop()  # one break, better named by the op
            breaks.append(found)
    if not breaks and way.cost:
        event = next(event for event in events if history.recorded.isdisjoint(event.outputs))
        time, site = history.life.watched.get(source._id, (0, NOWHERE)) if history.life is not None else (0, NOWHERE)
        late = time > event.time
        breaks.append(Break("watched_late" if late else "outside_tape", event, event.site, site if late else NOWHERE))
    return Finding(breaks, events)


def _best(reached: dict[int, Way], numbers: list[int]) -> Way | None:
    return min((reached[number] for number in numbers if number in reached), key=lambda way: way.cost, default=None)


def _source_fault(history: History, source: Any) -> Break | None:
    """Why a tape does not follow the source itself."""
    if not hasattr(source, "_id"):
        return Break("not_a_tensor", None, NOWHERE)
    if source.dtype.numpy not in CARRIES:
        return Break("integer", *_origin(history, source))
    if source._id in history.watched:
        return None
    life = history.life
    if life is not None and life.resets and source._id in life.watched:
        return Break("reset", None, life.resets[-1][1], life.watched[source._id][1])
    origin, site = _origin(history, source)
    if isinstance(source, Tensor):
        if origin is not None and origin.kind in ("op", "read") and _from_variable(history, origin):
            return Break("replaced_variable", origin, site)
        return Break("unwatched", origin, site)
    read = next((e for e in history.events if e.kind == "read" and source._id in e.inputs), None)
    where = NOWHERE if read is None else read.site
    if not source.trainable:
        return Break("not_trainable", read, where)
    if not history.full:
        return Break("unused", None, NOWHERE)
    return Break("not_automatic", read, where) if read is not None and not _gap(history, read) else None


def _gap(history: History, event: Event) -> bool:
    return history.life is not None and history.life.gap(event.time) is not None


def _origin(history: History, source: Any) -> tuple[Event | None, Site]:
    """What made a tensor, or first read a Variable."""
    if history.life is None:
        event = next((e for e in history.events if source._id in e.outputs and e.kind != "assign"), None)
    else:
        event = history.life.log.made.get(source._id)
    if event is None:
        event = next((e for e in history.events if source._id in e.inputs), None)
    return event, NOWHERE if event is None else event.site


def _from_variable(history: History, event: Event) -> bool:
    """Whether what an event made was computed from a Variable."""
    made = history.life.log.made if history.life is not None else {}
    stack, seen = [event], {id(event)}
    while stack and len(seen) < 1000:
        event = stack.pop()
        if event.kind == "read":
            return True
        for number in event.inputs:
            before = made.get(number) if number else None
            if before is not None and id(before) not in seen:
                seen.add(id(before))
                stack.append(before)
    return False


def _by_python(history: History, reached: dict[int, Way], numbers: list[int]) -> Break | None:
    """A way through Python or NumPy: what depends on the source becomes a number, and later a target has one in it."""
    exits = [e for e in history.events if e.kind == "exit" and e.inputs[0] in reached]
    if not exits:
        return None
    returns = _roots(history, numbers)
    for event in reversed(exits):
        back = next((root for root in returns if root.time > event.time), None)
        if back is not None:
            kind = "py_function" if event.name in PYTHON else "python_number" if event.name in NUMBERS else "numpy"
            return Break(kind, event, event.site, back.site)
    return None


def _roots(history: History, numbers: list[int]) -> list[Event]:
    """The tensors made of no tensor that the targets depend on, in order of time."""
    needed, roots = set(numbers), []
    for event in reversed(history.events):
        if not needed.isdisjoint(event.outputs):
            if event.kind == "made" and event.name != "literal":
                roots.append(event)
            needed.update(number for number in event.inputs if number)
    return roots[::-1]


def _last_end(history: History, reached: dict[int, Way]) -> Way | None:
    """The last way to an op, or out of a function, that lets no gradient through: what comes after is not recorded."""
    ends = [way for number, way in reached.items() if way.cost >= NEVER and number in history.ends]
    return max(ends, key=lambda way: way.event.time if way.event is not None else 0, default=None)


def _disconnected(history: History, reached: dict[int, Way]) -> Break:
    """Nothing leads from the source to a target: where its trail ends, if it has one."""
    ends = [way.event for number, way in reached.items() if way.event is not None and number in history.recorded]
    last = max((event for event in ends if event.kind != "link"), key=lambda event: event.time, default=None)
    kind = "unused" if history.full or last is None else "not_recorded"
    return Break(kind, last, NOWHERE if last is None else last.site)
