"""Branches and loops on XLA: `lax.cond`, `switch`, `while_loop`, and `scan` where a loop keeps its history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes
from ..core.symbol import Symbol
from .ir import Node
from .lower import LOWERERS, Lowering, NotOnXla, _NotKnown, sources_in
from .lower_lists import Stacked, Unwritten
from .lower_steps import FEW, LoopList, loop_lists
from .lower_sums import LoopSum, loop_sums
from .parts import parts_of, updated_in
from .trace import Part

MOST = 10_000  # iterations that are counted beforehand, and no more


def _bind_links(low: Lowering, node: Node, link: Any, first: int = 0) -> None:
    """Gives a part's placeholders the values that it takes from around it."""
    for placeholder, i in link:
        x = node.args[first + i]
        if x._id is None or x._id not in low.states:  # Variables are known by number
            low.values[id(placeholder)] = low.value(x)


def _arrays(low: Lowering, values: Sequence[Any]) -> list[Any]:
    """What may go in and out of JAX's control flow: arrays with a dtype of their own, and lists."""
    def one(x: Any) -> Any:
        return x if isinstance(x, (Stacked, Unwritten)) else low.jax.lax.convert_element_type(x, x.dtype)

    return [one(x) for x in values]


def _changed(node: Node) -> list[Any]:
    """The states that the node's parts change: Variables and sources of random numbers."""
    parts = parts_of(node)
    sources = dict.fromkeys(source for part in parts for source in sources_in(part))
    return [*sorted({number for part in parts for number in updated_in(part)}), *sources]


def _filled(low: Lowering, values: Sequence[Any], like: Sequence[Any]) -> list[Any]:
    """`values`, with zeros like `like` for what is missing or was never written."""
    return [
        x if not isinstance(x, Unwritten | None) or y is None or isinstance(y, Unwritten)
        else Stacked(low.jax.numpy.zeros((x.size, *y.items.shape[1:]), y.items.dtype)) if isinstance(x, Unwritten)
        else Stacked(low.jax.numpy.zeros(y.items.shape, y.items.dtype)) if isinstance(y, Stacked)
        else low.jax.numpy.zeros(y.shape, y.dtype)
        for x, y in zip(values, like)
    ]  # fmt: skip


# ---------------------------------------------------------------- branches


class _Branches:
    def __init__(self, low: Lowering, node: Node) -> None:
        self.low, self.node = low, node
        self.parts: tuple[Part, ...] = node.attrs["branches"]
        self.links, self.saved = node.attrs["links"], node.attrs["saved"]
        self.changed = _changed(node)

    def results(self, k: int) -> list[Any]:
        """What branch `k` gives, None for what the gradient of another branch needs."""
        part = self.parts[k]
        _bind_links(self.low, self.node, self.links[k], 1)
        own = [y for y in self.saved if y.graph is part]
        values = self.low.run(part, [*part.outputs, *own])
        rest = iter(values[len(part.outputs) :])
        return [*values[: len(part.outputs)], *(next(rest) if y.graph is part else None for y in self.saved)]

    def chosen(self, index: Any) -> list[Any]:
        """The results where the index is known."""
        k = self.number(index, int)
        values = self.results(k)
        likes = [None] * len(values) if not self.saved else self.likes()
        return _filled(self.low, values, likes)

    def number(self, index: Any, convert: Callable[[Any], Any]) -> Any:
        """Which branch a known index means."""
        count = len(self.parts)
        if self.node.op.name == "If":
            return 0 if index else 1
        k = convert(index)
        return k if 0 <= k < count else count - 1

    def likes(self) -> list[Any]:
        """Something of the shape and dtype of each result: what one of the branches gives."""
        found: list[Any] = [None] * len(self.node.outputs)
        outer = dict(self.low.states)

        def collect(k: int) -> list[Any]:
            self.low.states = dict(outer)
            for i, x in enumerate(self.results(k)):
                if found[i] is None or isinstance(found[i], Unwritten):
                    found[i] = x if x is not None else found[i]
            return []

        for k in range(len(self.parts)):
            self.low.jax.eval_shape(lambda k=k: collect(k))
        self.low.states = outer
        return found

    def run(self, index: Any) -> list[Any]:
        """The results where XLA decides."""
        low, lax, count = self.low, self.low.jax.lax, len(self.parts)
        outer = dict(low.states)
        vague = self.saved or any(y.dtype.name == "variant" for y in self.node.outputs)
        likes = self.likes() if vague else [None] * len(self.node.outputs)
        never = [i for i, x in enumerate(likes) if isinstance(x, Unwritten)]

        def branch(k: int) -> Callable[..., Any]:
            def run(states: list[Any]) -> Any:
                low.states = {**outer, **dict(zip(self.changed, states))}
                values = _filled(low, self.results(k), likes)
                values = [x for i, x in enumerate(values) if i not in never]
                return _arrays(low, values), [low.states[n] for n in self.changed]

            return run

        branches = [branch(k) for k in range(count)]
        states = [outer[n] for n in self.changed]
        if self.node.op.name == "If":
            values, states = lax.cond(index, *branches, states)
        else:
            index = low.jax.numpy.where((index < 0) | (index >= count), count - 1, index)
            values, states = lax.switch(index, branches, states)
        low.states = {**outer, **dict(zip(self.changed, states))}
        supply = iter(values)
        return [likes[i] if i in never else next(supply) for i in range(len(likes))]


def _branch(low: Lowering, node: Node) -> list[Any]:
    index = low.value(node.args[0])
    branches = _Branches(low, node)
    if isinstance(index, np.ndarray):
        return branches.chosen(index)
    if low.folding:
        raise _NotKnown
    return branches.run(index)


# ---------------------------------------------------------------- loops


class _Loop:
    def __init__(self, low: Lowering, node: Node) -> None:
        attrs = node.attrs
        self.low, self.node = low, node
        self.condition: Part = attrs["cond"]
        self.body: Part = attrs["body"]
        self.links, self.history = attrs["links"], attrs["history"]
        self.count: int = attrs["count"]
        self.changed = _changed(node)
        self.first = [low.value(x) for x in node.args[: self.count]]
        for link in self.links:
            _bind_links(low, node, link)
        self.outer = dict(low.states)
        body = self.body
        self.carried = [i for i in range(self.count) if body.outputs[i] is not body.inputs[i]]
        self.enter(self.first, range(self.count))
        self.sums: dict[int, LoopSum | LoopList] = {}
        self.seen: list[dict[int, Any]] = []  # the variables that are known beforehand, of each iteration
        self.backwards = False  # whether what is kept of the iterations is stacked from the last to the first
        self.kept: list[Symbol] = list(self.history)  # of each iteration

    def enter(self, values: Sequence[Any], places: Sequence[int]) -> None:
        """Gives the loop's variables values, in condition and body."""
        for i, x in zip(places, values):
            self.low.bind((self.condition.inputs[i], self.body.inputs[i]), (x, x))

    def iterations(self) -> tuple[int | None, int | None]:
        """How many iterations there will be, and at most, where constants and shapes alone decide that."""
        tests = _conjuncts(self.condition.outputs[0])
        counts = [self.trips(test) for test in tests]
        return counts[0], min((n for n in counts if n is not None), default=None)

    def trips(self, test: Symbol) -> int | None:
        """How many iterations there will be until `test`, of the condition, fails."""
        low, body, condition = self.low, self.body, self.condition
        known: dict[int, Any] = {
            i: x for i in self.carried for x in [self.first[i]]
            if isinstance(x, np.ndarray) and x.dtype.kind in "iub" and x.size <= 16
        }  # fmt: skip
        self.enter([_Unknown(self.first[i]) for i in self.carried], self.carried)
        while True:
            self.enter(list(known.values()), list(known))
            lost = [i for i in known if low.fold(body, body.outputs[i]) is None]
            if not lost:
                break
            self.enter([_Unknown(self.first[i]) for i in lost], lost)
            known = {i: x for i, x in known.items() if i not in lost}
        seen: list[dict[int, Any]] = []
        for count in range(MOST + 1):
            self.enter(list(known.values()), list(known))
            holds = low.fold(condition, test)
            if holds is None:
                return None
            if not holds:
                if test is condition.outputs[0]:
                    self.seen = seen
                return count
            seen.append(known)
            known = {i: low.fold(body, body.outputs[i]) for i in known}
        return None

    def prepared(self) -> list[Any]:
        """The first values of what is carried: lists get items of the shape that the body writes."""
        low = self.low
        first = _arrays(low, [self.first[i] for i in self.carried])
        for _ in range(4):
            if not any(isinstance(x, Unwritten) for x in first):
                break
            after: list[Any] = []

            def trial(first: list[Any] = first, after: list[Any] = after) -> list[Any]:
                low.states = dict(self.outer)
                self.enter(first, self.carried)
                after.extend(low.run(self.body, [self.body.outputs[i] for i in self.carried]))
                return []

            low.jax.eval_shape(trial)
            first = _filled(low, first, after)
        low.states = dict(self.outer)
        never = [i for i, x in zip(self.carried, first) if isinstance(x, Unwritten)]
        self.enter([x for x in first if isinstance(x, Unwritten)], never)
        self.carried = [i for i in self.carried if i not in never]
        return [x for x in first if not isinstance(x, Unwritten)]

    def go_in(self, carry: Any) -> None:
        """What `carry` holds becomes the values inside."""
        values, states = carry
        self.low.states = {**self.outer, **dict(zip(self.changed, states))}
        self.enter(values, self.carried)

    def step(self, carry: Any) -> tuple[Any, list[Any]]:
        """One iteration; also what is kept of it."""
        low = self.low
        self.go_in(carry)
        after = low.run(self.body, [*(self.body.outputs[i] for i in self.carried), *self.kept])
        count = len(self.carried)
        states = [low.states[n] for n in self.changed]
        return (_arrays(low, after[:count]), states), _arrays(low, after[count:])

    def goes_on(self, carry: Any) -> Any:
        """The condition."""
        self.go_in(carry)
        (test,) = self.low.run(self.condition, self.condition.outputs)
        return test

    def run(self) -> list[Any]:
        """The node's outputs: the variables' last values, the number of iterations, the history."""
        low, lax = self.low, self.low.jax.lax
        sums = loop_sums(self.condition, self.body, self.history, 1)
        lists = any(self.body.inputs[i].dtype is dtypes.variant for i in self.carried)
        trips, most = self.iterations() if self.history or sums or lists else (None, None)
        if self.history and most is None:
            raise NotOnXla(self.node, "the gradient of a loop whose number of iterations is not known beforehand")
        taken = self.taken(trips) if trips else {}
        self.enter(self.first, range(self.count))
        self.take_out(taken)
        carry: Any = self.prepared(), [self.outer[n] for n in self.changed]
        past: Any = []
        total: Any
        if trips is not None:
            carry, past = lax.scan(lambda carry, _: self.step(carry), carry, None, length=trips, reverse=self.backwards)
            total = np.array(trips, np.int32)
        else:
            total, carry, past = lax.while_loop(
                lambda state: self.goes_on(state[1]), self.noting,
                (low.jax.numpy.int32(0), carry, self.room(carry, most)),
            )  # fmt: skip
        values, states = carry
        low.states = {**self.outer, **dict(zip(self.changed, states))}
        last = dict(zip(self.carried, values))
        terms = dict(zip(map(id, self.kept), past))
        last |= {i: x.total(low, self.first[i], [terms[id(y)] for y in x.terms]) for i, x in self.sums.items()}
        ends = [last[i] if i in last else low.value(self.body.inputs[i]) for i in range(self.count)]
        kept = [self.kept_of(x, y) for x, y in zip(self.history, past)]
        return [*ends, total, *kept]

    def kept_of(self, x: Symbol, past: Any) -> Stacked:
        """The history of `x`; `past` is what the loop has kept."""
        for i, y in enumerate(self.body.inputs):
            if x is y and self.seen and i in self.seen[0]:
                return Stacked(np.stack([known[i] for known in self.seen]))
        items = past.items if isinstance(past, Stacked) else past
        return Stacked(items[::-1] if self.backwards else items)

    def places(self, index: Symbol) -> np.ndarray | None:
        """The values of `index`, of the body, in all iterations, if they are known beforehand."""
        self.enter([_Unknown(self.first[i]) for i in self.carried], self.carried)
        found: list[Any] = []
        for known in self.seen if len(self.seen) <= FEW else ():
            self.enter(list(known.values()), list(known))
            found.append(self.low.fold(self.body, index))
            if found[-1] is None:
                return None
        return np.array(found) if found else None

    def taken(self, trips: int) -> dict[int, LoopSum | LoopList]:
        """The variables that need not go through the loop."""
        lists = loop_lists(self.condition, self.body, self.history, self.first, self.places)
        self.backwards = any(x.terms and x.is_backwards() for x in lists.values())
        if self.backwards:
            lists = {i: x._replace(places=x.places[::-1]) for i, x in lists.items()}
        return {**loop_sums(self.condition, self.body, self.history, trips), **lists}

    def take_out(self, sums: dict[int, LoopSum | LoopList]) -> None:
        """Makes after the loop what would only be added up, or written item by item, in it."""
        self.sums = {i: x for i, x in sums.items() if i in self.carried}
        self.carried = [i for i in self.carried if i not in self.sums]
        terms = {id(y): y for x in self.sums.values() for y in x.terms}
        self.kept += [y for key, y in terms.items() if key not in set(map(id, self.history))]

    def room(self, carry: Any, most: int | None) -> Any:
        """Zeros for what is kept of at most so many iterations."""
        jax = self.low.jax
        kept = jax.eval_shape(lambda: self.step(carry)[1])
        return jax.tree.map(lambda x: jax.numpy.zeros((most or 0, *x.shape), x.dtype), kept)

    def noting(self, state: Any) -> Any:
        """One iteration, keeping what is to be kept of it."""
        jax = self.low.jax
        count, carry, past = state
        carry, kept = self.step(carry)
        put = jax.lax.dynamic_update_index_in_dim
        return count + 1, carry, jax.tree.map(lambda all, x: put(all, x, count, 0), past, kept)


def _conjuncts(test: Symbol) -> list[Symbol]:
    """A condition, and the conditions that all must hold for it to hold."""
    if test.op.name in ("LogicalAnd", "Identity", "Reshape"):
        return [test, *(y for x in test.op.inputs if x.dtype is dtypes.bool for y in _conjuncts(x))]
    return [test]


class _Unknown:
    """A value of which only shape and dtype are known."""

    def __init__(self, like: Any) -> None:
        self.shape, self.dtype = like.shape, getattr(like, "dtype", None)
        self.size = getattr(like, "size", 0)


def _while(low: Lowering, node: Node) -> list[Any]:
    if low.folding:
        raise _NotKnown
    return _Loop(low, node).run()


LOWERERS["If"] = LOWERERS["Case"] = _branch
LOWERERS["While"] = _while
