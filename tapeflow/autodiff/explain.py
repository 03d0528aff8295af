"""`tape.explain`: for each source why its gradient is what it is, in words."""

from __future__ import annotations

import contextlib
import functools
import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..base import dtypes
from ..base.context import context, recording
from ..base.sites import NOWHERE, Site
from ..core.composite import tensors_for_gradients
from ..core.op import OPS, Op
from ..core.symbol import Symbol
from ..core.tensor import EAGER, Tensor
from .backprop import sweep, way
from .causes import CARRIES, Break, Finding, History, find_break
from .graph_history import graph_history, outline_history
from .history import Event, Log, Value

# Of each kind what holds, and what to do about it. {op}, {dtype}, {name}, {line}: of the other line.
TEXTS = {
    "flows": ("the gradient flows, through {path}", ""),
    "unwatched": ("the tensor is not watched: tapes follow Variables by themselves, other tensors only when told",
                  "call `tape.watch(...)` with it inside the `with` block, before it is used"),
    "watched_late": ("it was used before `tape.watch`{at_other} told the tape to follow it",
                     "call `tape.watch` first, then compute with the tensor"),
    "replaced_variable": ("it is a plain tensor, computed from a Variable that had the place before",
                          "update a Variable in place, `v.assign_add(...)`; `v = v + ...` makes a tensor of it"),
    "integer": ("its dtype is {dtype}; gradients are of floating point and complex tensors only",
                "make it a float: `tf.cast(x, tf.float32)`, or write `1.0` for `1`"),
    "integer_target": ("the target's dtype is {dtype}; only floating point and complex targets have gradients",
                       "keep the target a float; cast it only for printing"),
    "not_trainable": ("the Variable was made with `trainable=False`, so tapes do not watch it by themselves",
                      "make it trainable, or call `tape.watch(variable)`"),
    "not_automatic": ("the tape was made with `watch_accessed_variables=False` and not told to watch this Variable",
                      "call `tape.watch(variable)`"),
    "not_a_tensor": ("it is {dtype}, no tensor: nothing remembers where it came from",
                     "use a Tensor or a Variable in its place"),
    "before_tape": ("{op} ran before the tape was opened{at_other}", "move it into the `with tf.GradientTape()` block"),
    "after_tape": ("{op} ran after the tape's `with` block had ended{at_other}", "move it into the block"),
    "consumed": ("{op} ran after `gradient`{at_other} had ended the recording: a tape gives one set of gradients",
                 "compute everything before `gradient`, or open another tape"),
    "outside_tape": ("{op} ran while the tape was not recording", "move it into the `with tf.GradientTape()` block"),
    "stop_recording": ("{op} ran inside `tape.stop_recording()`{at_other}", "move it out of that block"),
    "reset": ("`tape.reset()`{at_other} forgot what was recorded and watched before",
              "compute (and watch) again what is needed after `reset`"),
    "numpy": ("the tensor left TensorFlow as a NumPy array, by `{op}`{back}; nothing is recorded of what NumPy does",
              "compute with `tf` functions instead"),
    "python_number": ("the tensor became a Python number, by `{op}()`{back}: a number remembers nothing",
                      "compute with the tensor itself"),
    "py_function": ("the value went through Python code that no tape sees, by `{op}`",
                    "write it with `tf` ops, or use `tf.py_function`, through which gradients flow"),
    "stop_gradient": ("`tf.stop_gradient` stops it", "take `stop_gradient` away if the gradient is wanted"),
    "integer_cast": ("it is cast to {dtype}, which carries no gradient, even if it is cast back",
                     "stay in floating point; `tf.grad_pass_through` lets gradients pass a rounding"),
    "no_gradient_op": ("{op} has no gradient: its result is {dtype} and moves in steps, if at all",
                       "use a smooth stand-in (softmax for argmax, sigmoid for a comparison), or `tf.custom_gradient`"),
    "no_gradient_for_input": ("{op} gave no gradient for this input",
                              "make it depend on the source by another input, or use `tf.custom_gradient`"),
    "custom_gradient": ("the function with a custom gradient returned None for this argument",
                        "return a gradient for it from `grad_fn`"),
    "assign": ("`{op}` puts the value into a Variable; what a Variable is given, a tape does not trace",
               "use the tensor itself, and assign it afterwards"),
    "unused": ("the target does not depend on it{last}", "use it, or leave it out of the sources"),
    "not_recorded": ("the trail ends after {op}: what came then, up to the target, was not recorded",
                     "run it inside `with tf.debugging.explain_gradients():` to see what, and at which line"),
}  # fmt: skip


@dataclass
class Reason:
    """What holds for one source.

    `kind` is a key of `TEXTS`, `"flows"` if nothing is wrong; `op` the op (or method) at which the gradient is lost,
    `file` and `line` where the program calls it (empty and 0 if that is not known); `text` says it in words, `advice`
    what to do. `path` lists the ops on the way from the source to the target, `more` what else breaks it. `zeros`:
    it is in a loop or a function, which give zeros for None if a gradient flows through something else in them.
    """

    source: str
    kind: str
    op: str
    file: str
    line: int
    text: str
    advice: str
    code: str = ""
    path: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    flows: bool = False
    zeros: bool = False

    def __str__(self) -> str:
        what = "" if self.flows else "None or zeros, as " if self.zeros else "None, as "
        lines = [f"{self.source}: {what}{self.text}"]
        if self.line and not self.flows:
            lines.append(f"    {Site(self.file, self.line, '')}: {self.code}".rstrip(": "))
        lines += [f"    also: {text}" for text in self.more]
        if self.advice:
            lines.append(f"    -> {self.advice}")
        return "\n".join(lines)


@dataclass
class Explanation:
    """What `tape.explain` says; prints well, and shows itself in notebooks. `reasons`: one `Reason` for each source."""

    reasons: list[Reason]
    hint: str = ""

    def __str__(self) -> str:
        return "\n".join([*map(str, self.reasons), *([self.hint] if self.hint else [])])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{'&#10003;' if r.flows else '&#10007;'}</td><td><pre>{html.escape(str(r))}</pre></td></tr>"
            for r in self.reasons
        )
        return f"<table>{rows}</table><small>{html.escape(self.hint)}</small>"


def explain(tape: Any, target: Any, sources: Any) -> Explanation:
    """See `GradientTape.explain`."""
    targets = tensors_for_gradients(target)
    flat = tensors_for_gradients(sources)
    history = history_of(tape, [*targets, *flat])
    probe(tape, targets, flat, history)
    reasons = [reason(history, source, targets, i) for i, source in enumerate(flat)]
    hint = ""
    if not history.full and not all(r.flows for r in reasons):
        hint = (
            "(For lines of the program, and what the tape did not record, run it inside"
            " `with tf.debugging.explain_gradients():`, or by `tapeflow explain`.)"
        )
    return Explanation(reasons, hint)


class _Target:
    """A target that nobody knows any more."""

    _id, dtype = -1, dtypes.float32


def explain_past(tape: Any, sources: Any) -> Explanation:
    """As `explain`, for sources that the tape's last `gradient` gave None for, whatever its targets were."""
    life = tape._life
    if life is not None and life.asked:
        return explain(tape, life.asked[-1].targets, sources)
    if tape._asked:
        return explain(tape, tape._asked, sources)
    return explain(tape, [_Target()], sources)


def probe(tape: Any, targets: Sequence[Any], sources: Sequence[Any], history: History) -> None:
    """Differentiates once for show, if the tape is not used up: which gradients are None, and which ops they run."""
    numbers = {getattr(x, "_id", None) for x in sources} & history.watched
    seeds = {y._id: OPS["OnesLike"](y) for y in targets if type(y) in EAGER and y._id in history.watched}
    made = {event.outputs[0]: event for event in history.events if event.outputs and event.kind == "op"}
    entries = [
        [_Spy(entry[0], made[entry[4][0]]), *entry[1:]] if entry[4] and entry[4][0] in made else entry
        for entry in tape._entries
    ]
    if not entries or not numbers or not seeds or context.graph is not None:
        return
    with recording(()), contextlib.suppress(Exception):  # what gradients raise they raise in `gradient`, too
        path, reached = way(entries, numbers)
        sweep(path, seeds, numbers, reached)


class _Spy:
    """Stands for an op in the sweep, and notes what its gradient gives, and what that runs."""

    selects = False  # all gradients are of interest

    def __init__(self, op: Op, event: Event) -> None:
        self.name, self.takes_slices, self.event = op.name, op.takes_slices, event
        self.backward = functools.partial(self.run, op.backward) if op.backward is not None else None

    def record(self, op: Op, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        """An op runs in the gradient."""
        self.event.local = [*self.event.local, op.name]

    def read(self, variable: Any, value: Any) -> None:
        """Reads are of no interest."""

    def run(self, backward: Any, /, *args: Any, **attrs: Any) -> Any:
        self.event.local = ()
        found = self.noted(backward, *args, **attrs)
        gradients = list(found) if type(found) is tuple or type(found) is list else [found]
        self.event.nones = {i for i, gradient in enumerate(gradients) if gradient is None}
        return [functools.partial(self.noted, g) if callable(g) and type(g) is not Tensor else g for g in gradients]

    def noted(self, function: Any, /, *args: Any, **attrs: Any) -> Any:
        """Calls a function whose ops are of interest."""
        with recording((self,)):
            return function(*args, **attrs)


def history_of(tape: Any, tensors: Sequence[Any] = (), inside: bool = True) -> History:
    """What is known of a tape: from its log; from the graph that `tensors` belong to; from the tape's own records.

    Args:
      tape: the tape.
      tensors: what it is asked about.
      inside: whether branches, loops and functions are looked into.
    """
    entries = [*(tape._entries or tape._past), *tape._dead]
    watched = set(tape._watched)
    recorded = {number for entry in entries for number in entry[4]}
    life = tape._life
    symbol = next((x for x in tensors if isinstance(x, Symbol)), None)
    if life is not None and isinstance(life.log, Log):
        return History(list(life.log.events), recorded, watched, life, life.log.values, full=True)
    if life is not None or symbol is not None:
        graph = symbol._node.graph if symbol is not None else life.log.graph
        return graph_history(graph, recorded, watched, life, inside)
    return outline_history(entries, recorded, watched, _kept_values(tape), inside)


def _kept_values(tape: Any) -> dict[int, Value]:
    """Of the tensors what the tape keeps for their gradients."""
    values: dict[int, Value] = {}
    for _, _, _, saved, numbers, arrays in tape._entries:
        for x in saved:
            if type(x) in EAGER and x._id:
                values[x._id] = Value(x)
        for number, array in zip(numbers, arrays or ()):
            if 0 not in getattr(array, "strides", ()):  # of a function's output that no gradient needs just the shape
                values[number] = Value(array)
    return values


def reason(history: History, source: Any, targets: Sequence[Any], place: int) -> Reason:
    """What holds for one source."""
    name = name_of(source, place)
    for target in targets:
        if not hasattr(target, "_id"):
            return _reason(name, Finding([Break("not_a_tensor", None, NOWHERE)], []), target, history)
    if not hasattr(source, "_id") or source.dtype.numpy not in CARRIES:
        return _reason(name, find_break(history, source, targets), source, history)
    if targets and all(target.dtype.numpy not in CARRIES for target in targets):
        made = next((e for e in reversed(history.events) if targets[0]._id in e.outputs), None)
        found = Finding([Break("integer_target", made, NOWHERE if made is None else made.site)], [])
        return _reason(name, found, targets[0], history)
    return _reason(name, find_break(history, source, targets), source, history)


def _reason(name: str, found: Finding, thing: Any, history: History) -> Reason:
    path = [event.name for event in found.events if event.kind not in ("read", "link")]
    if not found.breaks:
        text = TEXTS["flows"][0].format(path=", ".join(_shortened(path)) or "nothing: it is the target itself")
        return Reason(name, "flows", "", "", 0, text, "", path=path, flows=True)
    first, *others = found.breaks
    text, advice = worded(first, thing, history), TEXTS[first.kind][1]
    others = [b for b in others if b.kind != first.kind][:3]
    more = [f"{worded(b, thing, history)}{_at(b.site, ' (', ')')}" for b in others]
    op = first.event.name if first.event is not None and first.event.kind in ("op", "exit", "assign") else ""
    site = first.site
    zeros = first.event is not None and first.event.zeros and first.kind not in ("unused", "not_recorded")
    file = site.file if site.line else ""
    return Reason(name, first.kind, op, file, site.line, text, advice, site.code, path, more, zeros=zeros)


def worded(b: Break, thing: Any, history: History) -> str:
    event = b.event
    op = event.name if event is not None else ""
    if event is not None and event.kind == "read":
        op = f"the read of {op}"
    dtype = f"a Python {type(thing).__name__}" if b.kind == "not_a_tensor" else ""
    if b.kind in ("integer", "integer_target"):
        dtype = thing.dtype.name
    elif event is not None and event.outputs and event.outputs[0] in history.values:
        dtype = str(history.values[event.outputs[0]].dtype)
    last = f"; the last that came of it is {op}{_at(b.site, ' at ')}" if event is not None else ""
    back = f", and came back{_at(b.other, ' at ')}" if b.other.line else ""
    return TEXTS[b.kind][0].format(op=op, dtype=dtype, at_other=_at(b.other, " at "), back=back, last=last)


def _at(site: Site, before: str, after: str = "") -> str:
    return f"{before}{site}{after}" if site.line else ""


def _shortened(path: list[str]) -> list[str]:
    return path if len(path) <= 12 else [*path[:5], f"... {len(path) - 10} more ...", *path[-5:]]


def name_of(source: Any, place: int) -> str:
    """What to call a source: a Variable by its name, a tensor by its place, dtype and shape."""
    if not hasattr(source, "_id"):
        return f"source {place} ({source!r})"
    if hasattr(source, "assign_add"):
        return str(source.name)
    kind = f"{source.dtype.name}{list(source.shape) if source.shape.rank is not None else ''}"
    argument = isinstance(source, Symbol) and any(source is x for x in source.graph.inputs)
    return f"argument {source.op.name} ({kind})" if argument else f"source {place} ({kind})"
