"""Why a function was traced once more, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..base.dtypes import DType
from ..core.spec import TensorSpec
from .call_type import CallType
from .node import brackets
from .trace_type import Literal, Nested, VariableSpec, Weakref, differences

LONG = 4  # children of a structure that are shown


def brief(kind: Any) -> str:
    """The type of an argument, in few letters: `float32[2,?]`, `3`, `a Config`..."""
    if isinstance(kind, TensorSpec):
        return f"{kind.dtype.name}{brackets(kind.shape._dims)}"
    if isinstance(kind, VariableSpec):
        return f"Variable {kind.dtype.name}{brackets(kind.shape._dims)}"
    if isinstance(kind, Literal):
        return repr(kind.value)
    if isinstance(kind, Weakref):
        return _held(kind)
    if isinstance(kind, Nested):
        return _nested(kind)
    return str(kind)


def _nested(kind: Nested) -> str:
    pairs = list(kind.items())
    named = not issubclass(kind.cls, (list, tuple)) or hasattr(kind.cls, "_fields")
    shown = [f"{key!r}: {brief(x)}" if issubclass(kind.cls, Mapping) else f"{key}={brief(x)}" if named else brief(x)
             for key, x in pairs[:LONG]]  # fmt: skip
    if len(pairs) > LONG:
        shown.append(f"... {len(pairs)} in all")
    text = ", ".join(shown)
    if issubclass(kind.cls, Mapping):
        return f"{{{text}}}"
    return f"{kind.cls.__name__}({text})" if named else f"[{text}]" if issubclass(kind.cls, list) else f"({text})"


def brief_arguments(kind: CallType) -> str:
    """All arguments of a trace."""
    return f"({', '.join(f'{a.name}: {brief(a.type)}' for a in kind.arguments)})"


class Change(NamedTuple):
    """One difference between the arguments of two traces: where, what, and what to do."""

    where: str
    what: str
    advice: str

    @property
    def weight(self) -> int:
        """How many things it is."""
        return 1 + self.what.count(" and ")

    def __str__(self) -> str:
        return f"argument {self.where}{self.what}"


def changes(new: CallType, old: CallType) -> list[Change]:
    """What changed from the arguments of `old` to those of `new`."""
    before, after = ({a.name: a.type for a in each.arguments} for each in (old, new))
    found = [Change(name, " was not there before", "") for name in after if name not in before]
    found += [Change(name, " is no longer there", "") for name in before if name not in after]
    for name in after:
        if name in before:
            for path, was, now in differences(before[name], after[name], ()):
                where = name + "".join(f"[{key!r}]" for key in path)
                found.append(Change(where, f": {_change(was, now)}", _advice(was, now)))
    return found


def difference(new: CallType, old: CallType) -> str:
    """The same in a sentence.

    >>> from tapeflow.graph.function_type import FunctionType
    >>> f = FunctionType(lambda x, n: x)
    >>> old, new = f.bind((tf.ones(2), 1), {}), f.bind((tf.ones(3), 1), {})
    >>> difference(new.type, old.type)
    'argument x: shape (2,) became (3,)'
    """
    return "; ".join(map(str, changes(new, old))) or "no argument changed"


def _change(old: Any, new: Any) -> str:
    """One difference, in words."""
    if isinstance(old, TensorSpec) and isinstance(new, TensorSpec):
        parts = [(what, _shown(old, what), _shown(new, what)) for what in ("dtype", "shape", "name")]
        return " and ".join(f"{what} {before} became {after}" for what, before, after in parts if before != after)
    if isinstance(old, Literal) and isinstance(new, Literal):
        kinds = type(old.value), type(new.value)
        of = "" if kinds[0] is kinds[1] or None in (old.value, new.value) else f" (of type {kinds[1].__name__})"
        return f"the Python value {old.value!r} became {new.value!r}{of}"
    if isinstance(old, Weakref) and isinstance(new, Weakref):
        return f"another {_held(new)}" if _held(old) == _held(new) else f"{_held(old)} became {_held(new)}"
    if isinstance(old, VariableSpec) and isinstance(new, VariableSpec) and old.alias_id != new.alias_id:
        return "the same Variables are given more than once, or no longer are"
    if _is_list(old) and _is_list(new):
        if old.form[0] is not new.form[0]:
            return f"a {old.form[0].__name__} became a {new.form[0].__name__}"
        return f"a {old.form[0].__name__} of {len(old.keys)} became one of {len(new.keys)}"
    if _is_dict(old) and _is_dict(new):
        gone, more = (sorted(map(repr, set(a.keys) - set(b.keys))) for a, b in ((old, new), (new, old)))
        found = ((gone, "is gone"), (more, "came"))
        return " and ".join([f"the key {', '.join(keys)} {what}" for keys, what in found if keys])
    return f"{_kind(old)}{brief(old)} became {_kind(new)}{brief(new)}"


def _kind(kind: Any) -> str:
    return "the tensor " if isinstance(kind, TensorSpec) else "the Python value " if isinstance(kind, Literal) else ""


def _advice(old: Any, new: Any) -> str:
    """What spares a trace like this one; empty if nothing is to be said."""
    if isinstance(old, Literal) and isinstance(new, Literal):
        number = type(new.value) in (int, float) and type(old.value) in (int, float)
        return f"{_NUMBER}: `tf.constant({new.value!r})`" if number else ""
    if isinstance(old, TensorSpec) and isinstance(new, TensorSpec):
        return "cast it to one dtype before the call" if old.dtype is not new.dtype else _SIZES
    if isinstance(old, Weakref) and isinstance(new, Weakref):
        if all(callable(x) and hasattr(x, "__code__") for x in (old.reference(), new.reference())):
            return "each new function or lambda is traced anew: make it once, outside of the loop"
        return "each new object is traced anew: keep one and use it again, or hand in the tensors in it"
    if _is_list(old) and _is_list(new) and old.form[0] is new.form[0]:
        return "each length is traced anew: `tf.stack` it to one tensor before the call"
    if isinstance(new, TensorSpec) != isinstance(old, TensorSpec) and None not in (_value(old), _value(new)):
        return "convert it always, or never: `tf.constant(...)` before the call"
    if type(old) is type(new) and hasattr(new, "_shape"):
        return _SIZES
    return ""


_NUMBER = "a Python number is a part of the trace; hand in a tensor"
_SIZES = (
    "`@tf.function(reduce_retracing=True)`, or an `input_signature` with None for the size, makes one trace for all"
)


def _value(kind: Any) -> Any:
    return kind.value if isinstance(kind, Literal) else kind


def _is_list(kind: Any) -> bool:
    return isinstance(kind, Nested) and kind.form[0] in (list, tuple)


def _is_dict(kind: Any) -> bool:
    return isinstance(kind, Nested) and kind.form[0] is dict


def _shown(spec: TensorSpec, what: str) -> str:
    value = getattr(spec, what)
    return value.name if isinstance(value, DType) else str(value)


def _held(kind: Weakref) -> str:
    target = kind.reference()
    if target is None:
        return "object that is gone"
    name = getattr(target, "__qualname__", None)
    if name:
        return f"{'class' if isinstance(target, type) else 'function'} {name}"
    text = repr(target)
    return f"{type(target).__name__} object" if len(text) > 60 or " object at 0x" in text else text


def advised(pairs: Iterable[tuple[CallType, CallType]], sizes: bool = True) -> list[str]:
    """What would spare traces, for each argument.

    Args:
      pairs: the types of traces, each with those that they are compared to.
      sizes: whether there is anything to be done about sizes.
    """
    found = [change for pair in pairs for change in changes(*pair) if change.advice]
    found = [change for change in found if sizes or change.advice != _SIZES]
    return list({(c.where, c.advice.partition(":")[0]): f"{c.where}: {c.advice}" for c in found}.values())
