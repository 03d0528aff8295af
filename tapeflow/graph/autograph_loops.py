"""What rewritten code calls for `for` and `while`: Python's own, unless a tensor decides in a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes, nest
from ..base.context import building, context
from ..base.errors import OperatorNotAllowedInGraphError
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.symbol import Symbol
from ..core.tensor import Tensor, at_hand
from ..ops.debugging import Assert
from . import control
from .autograph_builtins import len_
from .autograph_operators import (
    PYTHON_VALUES,
    Getter,
    Setter,
    Thunk,
    Undefined,
    UndefinedReturnValue,
    condition,
    is_missing,
    is_staged,
    read_variables,
)
from .ir import Graph
from .traced_tensor_array import TensorArray

_LIMITS = (
    "\nSee https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/"
    "limitations.md#consistency-of-control-flow-types for more info."
)


_ITERATE = "<internal iterate>"


class _Loop(NamedTuple):
    """A loop of the graph: its condition, its body, and what they change."""

    test: Thunk
    body: Callable[..., Any]
    get_state: Getter
    set_state: Setter
    names: tuple[str, ...]
    opts: dict[str, Any]
    widens: bool = False  # whether shapes may come to say less from one iteration to the next, without being told so


class _WiderError(Exception):
    """Raised where a loop's body makes shapes that say less than those it was traced with; has both's invariants."""


# -- for


def for_stmt(
    iterated: Any,
    extra_test: Thunk | None,
    body: Callable[[Any], Any],
    get_state: Getter,
    set_state: Setter,
    symbol_names: tuple[str, ...],
    opts: dict[str, Any],
) -> None:
    """`for x in iterated: body(x)`, as long as `extra_test()` holds."""
    begin = getattr(iterated, "__tf_iterator__", None) if context.graph is not None else None
    if not is_staged(iterated) and begin is None:
        _python_for(iterated, extra_test, body)
        return
    loop = _Loop(extra_test or (lambda: True), body, get_state, set_state, symbol_names, opts)
    if begin is not None:
        widens = not hasattr(iterated, "get_next")  # datasets do, iterators don't
        _iterator_for(begin(), loop._replace(widens=widens), extra_test is not None)
    elif isinstance(iterated, Symbol) and iterated.op.type == "Range":
        _range_for(iterated, loop, extra_test is not None)
    else:
        _tensor_for(convert(iterated), loop, extra_test is not None)


def _python_for(iterated: Iterable[Any], extra_test: Thunk | None, body: Callable[[Any], Any]) -> None:
    if extra_test is not None and not _python_bool(extra_test(), _BREAK_DEPENDS):
        return
    for x in iterated:
        body(x)
        if extra_test is not None and not _python_bool(extra_test(), _BREAK_DEPENDS):
            break


_BREAK_DEPENDS = (
    "break and return statements which depend on a TF condition are not supported in Python for loops. Did you intend "
    "to make it a TF loop?" + _LIMITS
)


def _python_bool(value: Any, otherwise: str) -> bool:
    try:
        return bool(value)
    except OperatorNotAllowedInGraphError as error:
        raise NotImplementedError(otherwise) from error


def _range_for(iterated: Symbol, loop: _Loop, may_break: bool) -> None:
    """Counts, without making the range."""
    first, limit, delta = (convert(x, iterated.dtype) for x in iterated.op.args)
    known = delta.known if isinstance(delta, Symbol) else at_hand(delta._array)

    def get() -> tuple[Any, ...]:
        # After a loop that never ran, the target is the start of the range.
        target = loop.opts["iterate_names"]
        values = zip(loop.names, loop.get_state())
        return tuple(first if name == target and isinstance(v, Undefined) else v for name, v in values)

    def inside(i: Any) -> Any:
        if known is not None:
            return i < limit if known >= 0 else i > limit
        return (delta >= 0) & (i < limit) | (delta < 0) & (i > limit)

    _counted(first, delta, inside, lambda i: i, loop._replace(get_state=get), may_break)


def _tensor_for(iterated: Tensor, loop: _Loop, may_break: bool) -> None:
    """Goes along the first axis."""
    count = len_(iterated)
    items = TensorArray(iterated.dtype, size=count, element_shape=iterated.shape[1:]).unstack(iterated)
    _counted(0, 1, lambda i: i < count, items.read, loop, may_break)


def _iterator_for(iterator: Any, loop: _Loop, may_break: bool) -> None:
    """Goes through an iterator over a dataset; nothing is taken from it once the loop was left."""
    first = iterator.get_next_as_optional()
    spec = first._type_spec

    def following(_: Any) -> Any:
        return iterator.get_next_as_optional()._variant

    def unless_left(now: Any) -> Any:
        return control.cond(loop.test(), lambda: following(now), lambda: first.empty(spec._value_structure)._variant)

    def optional(variant: Any) -> Any:
        return spec._from_components(variant)

    _stepped(
        first._variant, unless_left if may_break else following, lambda i: optional(i).has_value(),
        lambda i: optional(i).get_value(), loop, may_break,
    )  # fmt: skip


def _counted(
    first: Any, step: Any, inside: Callable[[Any], Any], element: Callable[[Any], Any], loop: _Loop, may_break: bool
) -> None:
    """Runs `loop.body(element(i))` for `i` from `first` in steps, as long as `inside(i)` and `loop.test()` hold."""
    _stepped(first, lambda i: i + step, inside, element, loop, may_break)


def _stepped(
    first: Any, following: Callable[[Any], Any], inside: Callable[[Any], Any], element: Callable[[Any], Any],
    loop: _Loop, may_break: bool,
) -> None:  # fmt: skip
    """Runs `loop.body(element(i))` for `i` from `first` on, as long as `inside(i)` and `loop.test()` hold."""
    i = first

    def get() -> tuple[Any, ...]:
        return (i, *loop.get_state())

    def put(values: tuple[Any, ...]) -> None:
        nonlocal i
        i, *rest = values
        loop.set_state(tuple(rest))

    def run() -> None:
        nonlocal i
        loop.body(element(i))
        i = following(i)

    def test() -> Any:
        return control.cond(inside(i), loop.test, lambda: False) if may_break else inside(i)

    _staged_while(loop._replace(test=test, body=run, get_state=get, set_state=put, names=(_ITERATE, *loop.names)))


# -- while


def while_stmt(
    test: Thunk, body: Thunk, get_state: Getter, set_state: Setter, symbol_names: tuple[str, ...], opts: dict[str, Any]
) -> None:
    """`while test(): body()`."""
    if context.graph is not None:
        # Whether a tensor decides is seen from a trial, in a graph to be thrown away.
        with building(Graph("trial", outer=context.graph)):
            first = test()
        if is_staged(first) or isinstance(first, Symbol):
            _staged_while(_Loop(test, body, get_state, set_state, symbol_names, opts))
            return
        if not first:
            return
        body()
    while _python_bool(test(), _BECAME_TENSOR):
        body()


_BECAME_TENSOR = (
    "The condition of while loop started as non-Tensor, then changed to Tensor. This may happen either because "
    "variables changed type, or when a break or return statement inside the loop depends on a Tensor condition. In "
    "both cases, changing to a TF loop should remove the error." + _LIMITS
)


def _staged_while(loop: _Loop) -> None:
    """Makes a loop of the graph."""
    given = loop.get_state()
    missing = tuple(map(is_missing, given))
    start, invariants = given, _invariants(loop.opts.get("shape_invariants", ()), given)
    if any(missing):
        start, invariants = _find_starts(loop, given, missing, invariants)
    after = None
    while after is None:
        try:
            after = _while_loop(loop, given, missing, start, invariants)
        except _WiderError as error:
            (invariants,) = error.args
            loop.set_state(given)
    loop.set_state(after)


def _while_loop(
    loop: _Loop, given: tuple[Any, ...], missing: tuple[bool, ...], start: tuple[Any, ...], invariants: tuple[Any, ...]
) -> tuple[Any, ...]:
    def go_on(values: list[Any]) -> Tensor:
        loop.set_state(tuple(values))
        return condition(loop.test(), "while loop")

    def step(values: list[Any]) -> list[Any]:
        loop.set_state(tuple(values))
        loop.body()
        after = loop.get_state()
        if loop.widens:
            _widen(values, after, invariants)
        _check_loop_vars(tuple(map(read_variables, start)), tuple(values), after, loop.names, invariants)
        return list(after)

    options = _options(loop, start, invariants)
    if not start:  # what changes is state alone; but a loop of the graph has a variable
        control.while_loop(lambda _: go_on([]), lambda i: [*step([]), i], [0], **options)
        return ()
    if not any(missing):
        after = control.while_loop(
            lambda *values: go_on([*values]), lambda *values: step([*values]), [*start], **options
        )
        return tuple(after)
    if "shape_invariants" in options:
        options["shape_invariants"] = [TensorShape(()), options["shape_invariants"]]
    ran, after = control.while_loop(
        lambda _, values: go_on(values), lambda _, values: [True, step(values)], [False, [*start]], **options
    )
    Assert(ran, [f"loop must iterate at least once to initialize {', '.join(_labels(loop.names, given, missing))}"])
    return tuple(after)


def _widen(before: Iterable[Any], after: Iterable[Any], invariants: tuple[Any, ...]) -> None:
    """Raises a _WiderError if shapes say less after an iteration than before it."""
    wider = tuple(
        nest.pack_sequence_as(old, [*map(_wider, *parts)]) if len(set(map(len, parts))) == 1 else invariant
        for old, invariant, parts in (
            (old, invariant, [nest.flatten(each) for each in (old, new, invariant)])
            for old, new, invariant in zip(before, after, invariants)
        )
    )
    if any(a is not b for a, b in zip(nest.flatten(wider), nest.flatten(invariants))):
        raise _WiderError(wider)


def _wider(old: Any, new: Any, invariant: TensorShape | None) -> TensorShape | None:
    """The shape that a loop variable must have where its own says too much; otherwise the invariant as it is."""
    tensors = isinstance(old, Tensor) and isinstance(new, Tensor) and old.dtype == new.dtype
    if not tensors or _within(new.shape, old.shape):
        return invariant
    return old.shape.most_specific_compatible_shape(new.shape)  # type: ignore[no-any-return]


def _options(loop: _Loop, start: tuple[Any, ...], invariants: tuple[Any, ...]) -> dict[str, Any]:
    """Those of `tf.while_loop`."""
    options = {k: v for k, v in loop.opts.items() if k not in ("iterate_names", "shape_invariants")}
    for name, value, invariant in zip(loop.names, start, invariants):
        _check_invariant(name, value, invariant)
    if any(shape is not None for shape in nest.flatten(invariants)):
        options["shape_invariants"] = [nest.map_structure(_or_own_shape, i, v) for i, v in zip(invariants, start)]
    return options


def _labels(names: tuple[str, ...], given: tuple[Any, ...], missing: tuple[bool, ...]) -> list[str]:
    """What to call the variables that have no value before the loop."""
    return [
        "the function return value" if isinstance(value, UndefinedReturnValue) else name
        for name, value, lacks in zip(names, given, missing)
        if lacks
    ]


def _or_own_shape(invariant: Any, value: Any) -> TensorShape:
    """A loop variable's shape invariant; its own shape where none was given."""
    if invariant is not None or isinstance(value, TensorArray):
        return TensorShape(invariant)
    return convert(value).shape


def _invariants(pairs: Iterable[tuple[Any, Any]], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The shape invariant of each loop variable, with None where there is none."""
    given = {id(value): shape for value, shape in pairs}
    return tuple(
        nest.map_structure(_shape, given[id(v)]) if id(v) in given else nest.map_structure(lambda _: None, v)
        for v in values
    )


def _shape(invariant: Any) -> Any:
    return invariant if invariant is None else TensorShape(getattr(invariant, "shape", invariant))


def _check_start(start: tuple[Any, ...], names: tuple[str, ...], after: tuple[Any, ...] | None, note: str) -> None:
    """Raises for loop variables that have no value before the loop."""
    for i, (name, value) in enumerate(zip(names, start)):
        if isinstance(value, UndefinedReturnValue):
            if after is not None and after[i] is not None:
                raise ValueError(
                    "the return value from a TensorFlow loop may only be a Tensor, int, float, bool or a list, tuple "
                    f"or dict thereof; got {type(after[i])}"
                )
            raise NotImplementedError(
                "a return statement cannot be placed inside this TensorFlow loop; this may happen if a return "
                "statement depends on a static Python condition such as a hyperparameter"
            )
        if value is None:
            raise ValueError(f"'{name}' is not allowed to be None before the loop")
        if isinstance(value, Undefined):
            raise ValueError(f"'{name}' must be defined before the loop{note}")


def _find_starts(
    loop: _Loop, given: tuple[Any, ...], missing: tuple[bool, ...], invariants: tuple[Any, ...]
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Zeros, for variables that the loop's body sets before it reads them; and the shape invariants with theirs."""
    after, note, start = None, "", given
    try:
        with building(Graph("trial", outer=context.graph)):
            loop.set_state(nest.map_structure(_placeholder, given))
            loop.body()
            after = loop.get_state()
            shapes = tuple(
                nest.map_structure(_unknown_shape, value) if lacks else invariant
                for value, lacks, invariant in zip(after, missing, invariants)
            )
        start = tuple(
            nest.map_structure(_zero, new) if lacks and not is_missing(new) else old
            for old, new, lacks in zip(given, after, missing)
        )
        invariants = shapes
    except (UnboundLocalError, TypeError, ValueError, KeyError) as error:
        note = f"\nNote: AutoGraph tried to define it automatically, but ran into a {type(error).__name__}: {error}"
    finally:
        loop.set_state(start)
    _check_start(start, loop.names, after, note)
    return start, invariants


def _placeholder(value: Any) -> Any:
    """A Python value as the loop's body will see it."""
    if isinstance(value, (*PYTHON_VALUES, np.generic)):
        tensor = convert(value)
        return context.graph.placeholder(tensor.dtype, tuple(tensor.shape), "start")
    return value


def _unknown_shape(value: Any) -> TensorShape | None:
    """The shape of what the body makes, where zeros of that shape cannot be had before the loop."""
    return value.shape if isinstance(value, Tensor) and not value.shape.is_fully_defined() else None


def _zero(like: Any) -> Any:
    if isinstance(like, (bool, int, float)):
        return type(like)(0)
    if isinstance(like, Tensor):
        shape = () if like.shape.rank is None else tuple(n or 0 for n in like.shape)
        return convert(np.full(shape, b"") if like.dtype == dtypes.string else np.zeros(shape, like._array.dtype))
    raise TypeError(
        f"Found an unsupported type '{type(like).__name__}' while creating placeholder for {like}. Supported types "
        "include Tensor, int, float, bool, list, tuple or dict."
    )


def _check_loop_vars(
    start: tuple[Any, ...],
    entry: tuple[Any, ...],
    after: tuple[Any, ...],
    names: tuple[str, ...],
    invariants: tuple[Any, ...],
) -> None:
    for name, first, before, last, invariant in zip(names, start, entry, after, invariants):
        try:
            nest.assert_same_structure(first, before, expand_composites=True)
            nest.assert_same_structure(before, read_variables(last), expand_composites=True)
        except (ValueError, TypeError) as error:
            raise TypeError(
                f"'{name}' does not have the same nested structure after one iteration.\n\n{error}"
            ) from error
        for values in zip(*map(nest.flatten, (before, last, invariant))):
            _check_loop_var(name, *values)


def _check_loop_var(name: str, before: Any, after: Any, invariant: TensorShape | None) -> None:
    if after is None:
        raise ValueError(f"'{name}' is None at the end of the iteration.")
    before, after = (convert(x) if isinstance(x, PYTHON_VALUES) else x for x in (before, after))
    if not (isinstance(before, Tensor) and isinstance(after, Tensor)):
        return
    if before.dtype != after.dtype:
        raise TypeError(
            f"'{name}' has dtype {before.dtype.name} before the loop, but dtype {after.dtype.name} after one iteration"
        )
    if invariant is not None:
        _check_conforms(name, after, invariant, "after one iteration")
    elif not _within(after.shape, before.shape):
        raise ValueError(
            f"'{name}' has shape {before.shape} before the loop, but shape {after.shape} after one iteration. Use "
            "tf.autograph.experimental.set_loop_options to set shape invariants."
        )


def _check_invariant(name: str, value: Any, invariant: Any) -> None:
    """Checks what a variable has before the loop against its shape invariants."""
    try:
        nest.assert_same_structure(value, invariant)
    except (ValueError, TypeError) as error:
        raise TypeError(
            f"'{name}' does not have the same nested structure as its corresponding shape invariant.\n\n{error}"
        ) from error
    for x, shape in zip(nest.flatten(value), nest.flatten(invariant)):
        _check_conforms(name, x, shape, "before the loop")


def _check_conforms(name: str, value: Any, invariant: TensorShape | None, when: str) -> None:
    if invariant is not None and not isinstance(value, TensorArray):
        shape = convert(value).shape
        if not _within(shape, invariant):
            raise ValueError(
                f"'{name}' has shape {shape} {when}, which does not conform with the shape invariant {invariant}."
            )


def _within(shape: TensorShape, wider: TensorShape) -> bool:
    """Whether `shape` says all that `wider` says."""
    if wider.rank is None:
        return True
    return shape.rank == wider.rank and all(m is None or n == m for n, m in zip(shape, wider))


TABLE = {"for_stmt": for_stmt, "while_stmt": while_stmt}
