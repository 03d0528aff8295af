"""What rewritten code calls for `for` and `while`: Python's own, unless a tensor decides in a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..base import dtypes, nest
from ..base.context import building, context
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.symbol import OperatorNotAllowedInGraphError, Symbol
from ..core.tensor import Tensor
from ..ops.debugging import Assert
from . import control
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
    len_,
    read_variables,
)
from .ir import Graph
from .tensor_array import TensorArray

_LIMITS = (
    "\nSee https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/"
    "limitations.md#consistency-of-control-flow-types for more info."
)


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
    if not is_staged(iterated):
        _python_for(iterated, extra_test, body)
    elif isinstance(iterated, Symbol) and iterated.op.type == "Range":
        _range_for(iterated, extra_test, body, get_state, set_state, symbol_names, opts)
    else:
        _tensor_for(iterated, extra_test, body, get_state, set_state, symbol_names, opts)


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


def _range_for(
    iterated: Symbol,
    extra_test: Thunk | None,
    body: Callable[[Any], Any],
    get_state: Getter,
    set_state: Setter,
    names: tuple[str, ...],
    opts: dict[str, Any],
) -> None:
    """Counts, without making the range."""
    first, limit, delta = (convert(x, iterated.dtype) for x in iterated.op.args)
    iterate: Any = first
    step = None if isinstance(delta, Symbol) and delta.known is None else int(_known(delta))

    def get() -> tuple[Any, ...]:
        target = opts["iterate_names"]
        values = zip(names, get_state())
        # After a loop that never ran, the target is the start of the range.
        return (iterate, *[iterate if n == target and isinstance(v, Undefined) else v for n, v in values])

    def put(values: tuple[Any, ...]) -> None:
        nonlocal iterate
        iterate, *rest = values
        set_state(tuple(rest))

    def run() -> None:
        nonlocal iterate
        body(iterate)
        iterate = iterate + delta

    def more() -> Any:
        if step is None:
            going = (delta >= 0) & (iterate < limit) | (delta < 0) & (iterate > limit)
        else:
            going = iterate < limit if step >= 0 else iterate > limit
        return _and_extra(going, extra_test)

    _staged_while(more, run, get, put, ("<internal iterate>", *names), opts)


def _known(x: Tensor) -> Any:
    return x.known if isinstance(x, Symbol) else x._array


def _and_extra(going: Any, extra_test: Thunk | None) -> Any:
    return going if extra_test is None else control.cond(going, extra_test, lambda: False)


def _tensor_for(
    iterated: Any,
    extra_test: Thunk | None,
    body: Callable[[Any], Any],
    get_state: Getter,
    set_state: Setter,
    names: tuple[str, ...],
    opts: dict[str, Any],
) -> None:
    """Goes along the first axis."""
    iterated = convert(iterated)
    count = len_(iterated)
    items = TensorArray(iterated.dtype, size=count, element_shape=iterated.shape[1:]).unstack(iterated)
    index: Any = 0

    def get() -> tuple[Any, ...]:
        return (index, *get_state())

    def put(values: tuple[Any, ...]) -> None:
        nonlocal index
        index, *rest = values
        set_state(tuple(rest))

    def run() -> None:
        nonlocal index
        body(items.read(index))
        index = index + 1

    def more() -> Any:
        return _and_extra(index < count, extra_test)

    _staged_while(more, run, get, put, ("<internal iterate>", *names), opts)


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
            _staged_while(test, body, get_state, set_state, symbol_names, opts)
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


def _staged_while(
    test: Thunk, body: Thunk, get_state: Getter, set_state: Setter, names: tuple[str, ...], opts: dict[str, Any]
) -> None:
    """A loop of the graph."""
    given = get_state()
    invariants = _invariants(opts.get("shape_invariants", ()), given)
    missing = tuple(map(is_missing, given))
    must_run = any(missing)
    start = given
    if must_run:
        start, invariants = _find_starts(body, get_state, set_state, given, missing, invariants, names)

    def go_on(values: tuple[Any, ...]) -> Tensor:
        set_state(values)
        return condition(test(), "while loop")

    def step(values: tuple[Any, ...]) -> list[Any]:
        set_state(values)
        body()
        after = get_state()
        _check_loop_vars(start, values, after, names, invariants)
        return list(after)

    options: dict[str, Any] = {k: v for k, v in opts.items() if k not in ("iterate_names", "shape_invariants")}
    for name, value, invariant in zip(names, start, invariants):
        _check_invariant(name, value, invariant)
    if any(shape is not None for shape in nest.flatten(invariants)):
        options["shape_invariants"] = [nest.map_structure(_or_own_shape, i, v) for i, v in zip(invariants, start)]
    if not must_run:
        after = control.while_loop(
            lambda *values: go_on(values), lambda *values: step(values), list(start), **options
        )
    else:
        if "shape_invariants" in options:
            options["shape_invariants"] = [TensorShape(()), options["shape_invariants"]]
        ran, after = control.while_loop(
            lambda _, values: go_on(tuple(values)),
            lambda _, values: [True, step(tuple(values))],
            [False, list(start)],
            **options,
        )
        Assert(ran, [f"loop must iterate at least once to initialize {', '.join(_labels(names, given, missing))}"])
    set_state(tuple(after))


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
    body: Thunk,
    get_state: Getter,
    set_state: Setter,
    given: tuple[Any, ...],
    missing: tuple[bool, ...],
    invariants: tuple[Any, ...],
    names: tuple[str, ...],
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Zeros, for variables that the loop's body sets before it reads them; and the shape invariants with theirs."""
    after, note, start = None, "", given
    try:
        with building(Graph("trial", outer=context.graph)):
            set_state(nest.map_structure(_placeholder, given))
            body()
            after = get_state()
            shapes = [nest.map_structure(_unknown_shape, v) if lacks else i
                      for v, lacks, i in zip(after, missing, invariants)]  # fmt: skip
        start = tuple(
            nest.map_structure(_zero, new) if lacks and not is_missing(new) else old
            for old, new, lacks in zip(given, after, missing)
        )
        invariants = tuple(shapes)
    except (UnboundLocalError, TypeError, ValueError, KeyError) as error:
        note = (
            f"\nNote: AutoGraph tried to define it automatically, but ran into a {type(error).__name__}: {error}"
        )
    finally:
        set_state(start)
    _check_start(start, names, after, note)
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
            nest.assert_same_structure(read_variables(first), before, expand_composites=True)
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
