"""Branches and loops on XLA: `lax.cond`, `switch` and `while_loop`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes
from ..core.symbol import Symbol
from .ir import PLACEHOLDER, Node
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
        values = self.low.run(part, [*part.results, *own])
        rest = iter(values[len(part.results) :])
        return [*values[: len(part.results)], *(next(rest) if y.graph is part else None for y in self.saved)]

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
        self.test_changes = bool(updated_in(self.condition)) or any(True for _ in sources_in(self.condition))
        self.first = [low.value(x) for x in node.args[: self.count]]
        for link in self.links:
            _bind_links(low, node, link)
        self.outer = dict(low.states)
        body = self.body
        self.carried = [i for i in range(self.count) if body.outputs[i] is not body.inputs[i]]
        self.enter(self.first, range(self.count))
        self.sums: dict[int, LoopSum | LoopList] = {}
        self.seen: list[dict[int, Any]] = []  # the variables that are known beforehand, of each iteration
        self.ended: dict[int, Any] = {}  # ... and after the last
        self.given: dict[int, Any] = {}  # what need not be kept of the iterations, as it is there before
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
                    self.seen, self.ended = seen, known if seen else {}
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

    def go_in(self, k: Any, carry: Any) -> None:
        """What `carry` holds becomes the values inside, and what is known beforehand of iteration `k`."""
        values, states = carry
        self.low.states = {**self.outer, **dict(zip(self.changed, states))}
        self.enter(values, self.carried)
        self.enter([self.known_in(i, k) for i in self.ended], list(self.ended))

    def known_in(self, i: int, k: Any) -> Any:
        """The value of a variable in iteration `k`, where all its values are known beforehand."""
        values = np.stack([known[i] for known in self.seen])
        steps = np.diff(values, axis=0)
        if values.ndim == 1 and values.dtype.kind in "iu" and np.all(steps == steps[:1]):
            return values[0] + k.astype(values.dtype) * (steps[0] if steps.size else values.dtype.type(0))
        return self.low.jax.numpy.asarray(values)[k]

    def step(self, k: Any, carry: Any) -> tuple[Any, list[Any]]:
        """Iteration `k`; also what is kept of it."""
        low = self.low
        self.go_in(k, carry)
        after = low.run(self.body, [*(self.body.outputs[i] for i in self.carried), *self.kept])
        count = len(self.carried)
        states = [low.states[n] for n in self.changed]
        return (_arrays(low, after[:count]), states), _arrays(low, after[count:])

    def goes_on(self, k: Any, carry: Any) -> Any:
        """The condition."""
        self.go_in(k, carry)
        (test,) = self.low.run(self.condition, self.condition.outputs)
        return test

    def run(self) -> list[Any]:
        """The node's outputs: the variables' last values, the number of iterations, the history."""
        low = self.low
        sums = loop_sums(self.condition, self.body, self.history, 1)
        lists = any(self.body.inputs[i].dtype is dtypes.variant for i in self.carried)
        trips, most = self.iterations() if self.history or sums or lists else (None, None)
        trips = None if self.test_changes else trips  # the condition must run
        most = self.forward_most() if most is None else most
        if most is not None:
            low.most[id(self.node.outputs[self.count])] = most
        if self.history and most is None:
            raise NotOnXla(self.node, "the gradient of a loop whose number of iterations is not known beforehand")
        taken = self.taken(trips) if trips else {}
        self.enter(self.first, range(self.count))
        self.take_out(taken)
        carry: Any = self.prepared(), [self.outer[n] for n in self.changed]
        total, (values, states), past = self.looped(carry, trips, most)
        low.states = {**self.outer, **dict(zip(self.changed, states))}
        last = {**self.ended, **dict(zip(self.carried, values))}
        terms = {**self.given, **dict(zip(map(id, self.kept), past))}
        last |= {i: x.total(low, self.first[i], [terms[id(y)] for y in x.terms]) for i, x in self.sums.items()}
        ends = [last[i] if i in last else low.value(self.body.inputs[i]) for i in range(self.count)]
        kept = [self.kept_of(x, y) for x, y in zip(self.history, past)]
        return [*ends, total, *kept]

    def forward_most(self) -> int | None:
        """Of the gradient of a loop: how many iterations that has at most."""
        back = self.condition.name == "while_grad_cond"
        trips = [x for x in self.node.args[0].op.tensors if isinstance(x, Symbol)] if back else []
        return next((self.low.most[id(x)] for x in trips if id(x) in self.low.most), None)

    def looped(self, carry: Any, trips: int | None, most: int | None) -> tuple[Any, Any, Any]:
        """XLA's loop: the number of iterations, what is carried, what is kept; `trips`, at most `most`, iterations."""
        low = self.low
        jax, put = low.jax, low.jax.lax.dynamic_update_index_in_dim
        past = self.room(carry, most)
        if trips == 0:
            return np.array(0, np.int32), carry, past

        def body(state: Any) -> Any:
            k, carry, past = state
            carry, kept = self.step(k, carry)
            place = np.uint32(trips - 1) - k if trips and self.backwards else k
            return k + np.uint32(1), carry, jax.tree.map(lambda all, x: put(all, x, place, 0), past, kept)

        def goes_on(state: Any) -> Any:
            return state[0] < np.uint32(trips) if trips else self.goes_on(*state[:2])

        def tested(state: Any) -> Any:
            """The state after the condition, and whether that holds: where it updates a Variable, or draws a number."""
            k, carry, past = state
            test = self.goes_on(k, carry)
            return (k, (carry[0], [low.states[n] for n in self.changed]), past), test

        # Counted without a sign: JAX need not see whether a place counts from the end.
        start = jax.numpy.uint32(0), carry, past
        if self.test_changes:
            end, _ = jax.lax.while_loop(lambda pair: pair[1], lambda pair: tested(body(pair[0])), tested(start))
        else:
            end = jax.lax.while_loop(goes_on, body, start)
        count, carry, past = end
        return np.array(trips, np.int32) if trips else count.astype(np.int32), carry, past

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
        found: dict[int, LoopSum | LoopList] = {**loop_sums(self.condition, self.body, self.history, trips), **lists}
        changing = {id(self.body.inputs[i]) for i in self.carried if i not in found}
        terms = {id(y): self.read(y.op, changing) for x in found.values() for y in x.terms}
        kept = set(map(id, self.history))
        self.given = {key: items for key, items in terms.items() if items is not None and key not in kept}
        return found

    def read(self, node: Node, changing: set[int]) -> Any:
        """What `node`, of the body, gives in all iterations, if that are the items of a list, one after the other."""
        if node.op.name != "TensorListGetItem" or not isinstance(node.args[1], Symbol):
            return None
        if node.args[0].op.op is not PLACEHOLDER or id(node.args[0]) in changing:
            return None
        handle, where = self.low.value(node.args[0]), self.places(node.args[1])
        if not isinstance(handle, Stacked) or where is None:
            return None
        in_order = np.array_equal(where[::-1] if self.backwards else where, np.arange(handle.size))
        return handle.items if in_order else None

    def take_out(self, sums: dict[int, LoopSum | LoopList]) -> None:
        """Makes after the loop what would only be added up, or written item by item, in it."""
        self.sums = {i: x for i, x in sums.items() if i in self.carried}
        self.carried = [i for i in self.carried if i not in self.sums and i not in self.ended]
        terms = {id(y): y for x in self.sums.values() for y in x.terms}
        there = {*map(id, self.history), *self.given}
        self.kept += [y for key, y in terms.items() if key not in there]

    def room(self, carry: Any, most: int | None) -> Any:
        """Room for what is kept of at most so many iterations.

        What is in it is written before it is read. It is another number for each, as of equal arrays XLA would make
        one, and copy it for each.
        """
        jax = self.low.jax
        kept, shape = jax.tree.flatten(jax.eval_shape(lambda: self.step(jax.numpy.uint32(0), carry)[1]))
        rooms = [jax.numpy.full((most or 0, *x.shape), n % 128, x.dtype) for n, x in enumerate(kept)]
        return jax.tree.unflatten(shape, rooms)


def _conjuncts(test: Symbol) -> list[Symbol]:
    """A condition, and the conditions that all must hold for it to hold."""
    if test.op.op.name in ("LogicalAnd", "Identity", "Reshape"):
        return [test, *(y for x in test.op.tensors if x.dtype is dtypes.bool for y in _conjuncts(x))]
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
