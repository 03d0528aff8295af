"""The types of all arguments of a call, which are those of the trace that was made for it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, NoReturn

from ..base import errors
from ..base.dtypes import resource
from ..core.spec import TensorSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from ..state.variable import Variable
from .arguments import fast_key
from .trace_type import Literal, Nested, Path, VariableSpec, Weakref, cast, leaves, to_tensors

_NODE_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")


class Argument(NamedTuple):
    """One argument: its name, how it may be given (as of `inspect.Parameter`), its trace type."""

    name: str
    kind: Any
    type: Any


class Input(NamedTuple):
    """One input of the graph.

    Attributes:
      name: what its placeholder is called; unique.
      keyword: what it is called where a concrete function is called with its flat inputs; unique.
      argument: the argument that it belongs to.
      spec: a TensorSpec or a VariableSpec.
    """

    name: str
    keyword: str
    argument: str
    spec: Any


class UnknownArgument:
    """Stands in a structured signature for an object that is no Tensor and no plain value."""


class CallType:
    """The arguments that a trace is made for, and once it is made, what it returns.

    Equal to another if the arguments are.

    Args:
      arguments: the arguments, in the order of the function's parameters.
      output: the trace type of what the trace returns; None if it is not known yet.
      captures: the specs of what the trace takes from outside, by id.
    """

    def __init__(
        self, arguments: Iterable[Argument], output: Any = None, captures: dict[int, Any] | None = None
    ) -> None:
        self.arguments = tuple(arguments)
        self.output = output
        self.captures = captures or {}
        self._inputs: list[Input] | None = None
        self._known: set[Any] = set()  # keys of calls by Tensors alone that are known to fit

    def completed(self, output: Any, captures: dict[int, Any]) -> CallType:
        """The same arguments, with what the trace returns (a trace type) and captures."""
        return CallType(self.arguments, output, captures)

    # -- comparing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CallType) and self.arguments == other.arguments

    def __hash__(self) -> int:
        return hash(self.arguments)

    def _aligned(self, other: CallType) -> list[tuple[Argument, Argument]] | None:
        """The arguments side by side; None if they differ in name or kind."""
        pairs = list(zip(self.arguments, other.arguments))
        same = len(self.arguments) == len(other.arguments) and all(a[:2] == b[:2] for a, b in pairs)
        return pairs if same else None

    def is_subtype_of(self, other: CallType) -> bool:
        """Whether a trace made for `other` serves calls with these arguments."""
        pairs = self._aligned(other)
        return pairs is not None and all(a.type.is_subtype_of(b.type) for a, b in pairs)

    def most_specific_common_supertype(self, other: CallType) -> CallType | None:
        """The narrowest types that take both; None if the calls differ in more than shapes."""
        pairs = self._aligned(other)
        if pairs is None:
            return None
        types = [a.type.most_specific_common_supertype([b.type]) for a, b in pairs]
        if None in types:
            return None
        return CallType([a._replace(type=kind) for (a, _), kind in zip(pairs, types)])

    @property
    def family(self) -> Any:
        """What calls have in common where the trace of one may serve the other: all but shapes, roughly. Hashable."""
        return tuple((a.name, a.kind, _family(a.type)) for a in self.arguments)

    @property
    def objects(self) -> list[Weakref]:
        """The references to objects among the arguments."""
        return [reference for argument in self.arguments for reference in _objects(argument.type)]

    @property
    def alive(self) -> bool:
        """Whether all objects among the arguments still exist."""
        return all(each.reference() is not None for each in self.objects)

    # -- inputs of the graph

    def _in_order(self) -> list[Argument]:
        """The arguments as the inputs go: keyword-only ones by name."""
        keyword_only = [a for a in self.arguments if a.kind is inspect.Parameter.KEYWORD_ONLY]
        rest = [a for a in self.arguments if a.kind is not inspect.Parameter.KEYWORD_ONLY]
        return rest + sorted(keyword_only, key=lambda argument: argument.name)

    @property
    def inputs(self) -> list[Input]:
        """The inputs of the graph, for each of a call's `tensors` one."""
        if self._inputs is None:
            # Placeholders are made, and so numbered, in the order in which mappings were filled.
            used: set[str] = set()
            names: dict[Any, str] = {}
            for path, spec in _unique(self.arguments, own_order=True):
                wanted = spec.name or path[0]
                valid = wanted if _NODE_NAME.fullmatch(wanted) else "Placeholder"
                names[_identity(path, spec)] = _numbered(valid, used)
            used = set()
            self._inputs = [
                Input(names[_identity(path, spec)], _numbered(spec.name or path[0], used), path[0], spec)
                for path, spec in _unique(self._in_order(), own_order=False)
            ]
        return self._inputs

    @property
    def structured_input_signature(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with a spec for each Tensor: positional ones, and those by keyword."""
        by_keyword = inspect.Parameter.KEYWORD_ONLY
        values = [(a, _signature(a.type, a.name)) for a in self.arguments]
        return (
            tuple(value for a, value in values if a.kind is not by_keyword),
            {a.name: value for a, value in values if a.kind is by_keyword},
        )

    # -- in words

    @property
    def signature(self) -> inspect.Signature:
        """The arguments as Python's own signature, with types for annotations."""
        parameters = [inspect.Parameter(a.name, a.kind, annotation=a.type) for a in self.arguments]
        output = inspect.Signature.empty if self.output is None else self.output
        return inspect.Signature(parameters, return_annotation=output, __validate_parameters__=False)

    def __str__(self) -> str:
        return str(self.signature)

    __repr__ = __str__

    def pretty_printed(self) -> str:
        """The arguments, output and captures, one a line."""
        captures = [f"{number}: {spec}" for number, spec in self.captures.items()] or ["None"]
        arguments = [f"{a.name} ({a.kind.name}): {a.type}" for a in self.arguments]
        parts = {"Input Parameters:": arguments, "Output Type:": [str(self.output)], "Captures:": captures}
        return "\n".join(line for head, lines in parts.items() for line in (head, *(f"  {each}" for each in lines)))

    # -- calling a concrete function

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any], name: str = "f", op_name: str = "") -> list[Any]:
        """The inputs of the graph, for a call of the trace itself: with the arguments as they were, or with flat ones.

        Args:
          args: the positional arguments.
          kwargs: the keyword arguments.
          name: what the function is called in errors.
          op_name: what its call is, where a dtype is wrong; by default the same.

        Returns:
          Tensors, and handles of Variables, one for each of `inputs`.

        Raises:
          TypeError, InvalidArgumentError: with TensorFlow's text, if the arguments do not fit.
        """
        fast = None if kwargs else fast_key(args)
        if fast is not None and fast in self._known:
            return list(args)
        try:
            tensors = self._structured(args, kwargs)
        except TypeError as error:
            try:
                return self._flat(args, kwargs, name, op_name or name)
            except (TypeError, ValueError) as flat_error:
                raise TypeError(f"{error}\nFallback to flat signature also failed due to: {flat_error}") from None
        if fast is not None and len(self._known) < 1024 and len(args) == len(tensors):
            self._known.add(fast)
        return tensors

    def _structured(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        try:
            values = self.signature.bind(*args, **kwargs).arguments
            values = {a.name: cast(a.type, values[a.name]) for a in self.arguments}
        except Exception as error:
            raise binding_error(error, args, kwargs, self) from error
        tensors: list[Any] = []
        handles: set[int] = set()  # a Variable that was given twice is one input
        for argument in self._in_order():
            for (_, spec), tensor in zip(leaves(argument.type), to_tensors(argument.type, values[argument.name])):
                if isinstance(spec, VariableSpec) and spec.alias_id is not None:
                    if spec.alias_id in handles:
                        continue
                    handles.add(spec.alias_id)
                tensors.append(tensor)
        return tensors

    def _flat(self, args: tuple[Any, ...], kwargs: dict[str, Any], name: str, op_name: str) -> list[Any]:
        keywords = [each.keyword for each in self.inputs]
        text = f"{name}({', '.join(keywords)})"
        if len(args) > len(keywords):
            raise TypeError(f"{text} takes {len(keywords)} positional arguments, got {len(args)}.")
        values, rest = list(args), dict(kwargs)
        for keyword in keywords[len(args) :]:
            if keyword not in rest:
                missing = sorted(set(keywords) - set(keywords[: len(values)]) - set(rest))
                raise TypeError(f"{text} missing required arguments: {', '.join(missing)}.")
            values.append(rest.pop(keyword))
        for keyword in rest:
            if keyword in keywords:
                raise TypeError(f"{text} got two values for '{keyword}'.")
        if rest:
            raise TypeError(f"{text} got unexpected keyword arguments: {', '.join(sorted(rest))}.")
        for index, value in enumerate(values):
            if not isinstance(value, (Tensor, Variable)):
                raise TypeError(
                    f"{text}: expected argument #{index}(zero-based) to be a Tensor; "
                    f"got {type(value).__name__} ({value})."
                )
        pairs = enumerate(zip(self.inputs, values))
        return [_checked(index, each.spec, value, op_name) for index, (each, value) in pairs]


def binding_error(error: Any, args: Any, kwargs: Any, signature: Any) -> TypeError:
    """The error for arguments that do not fit."""
    return TypeError(
        f"Binding inputs to tf.function failed due to `{error}`. Received args: {args} and kwargs: {kwargs} "
        f"for signature: {signature}."
    )


def _checked(index: int, spec: Any, value: Any, name: str) -> Any:
    """A flat input, if its dtype is right, and what is known of its shape."""
    given = value.handle if isinstance(spec, VariableSpec) and isinstance(value, Variable) else value
    wanted = resource if isinstance(spec, VariableSpec) else spec.dtype
    found = resource if given is not value else value.dtype
    if wanted is not found:
        _mismatch(index, wanted, found, name)
    if isinstance(value, Symbol) and not spec.shape.is_compatible_with(value.shape):
        raise ValueError(
            f"Tensor {value} is not compatible with the shape this function was traced with. Expected shape "
            f"{spec.shape}, but got shape {value.shape}.\n\nIf you called get_concrete_function, you may need to pass "
            "a tf.TensorSpec(..., shape=...) with a less specific shape, having None on axes which can vary."
        )
    return given.__tf_tensor__() if isinstance(given, Variable) else given


def _mismatch(index: int, wanted: Any, found: Any, name: str) -> NoReturn:
    raise errors.InvalidArgumentError(
        None,
        None,
        f"cannot compute {name} as input #{index}(zero-based) was expected to be a {wanted.cpp_name} tensor but is a "
        f"{found.cpp_name} tensor [Op:{name}]",
    )


def _unique(arguments: Sequence[Argument], own_order: bool) -> Iterator[tuple[Path, Any]]:
    """The leaves of all arguments, each Variable once."""
    seen: set[int] = set()
    for argument in arguments:
        for path, spec in leaves(argument.type, (argument.name,), own_order):
            if isinstance(spec, VariableSpec) and spec.alias_id is not None:
                if spec.alias_id in seen:
                    continue
                seen.add(spec.alias_id)
            yield path, spec


def _identity(path: Path, spec: Any) -> Any:
    """What an input is known by, whatever the order: a Variable's place among its equals depends on it."""
    return spec.alias_id if isinstance(spec, VariableSpec) and spec.alias_id is not None else path


def _numbered(name: str, used: set[str]) -> str:
    unique, number = name, 0
    while unique in used:
        number += 1
        unique = f"{name}_{number}"
    used.add(unique)
    return unique


def _objects(kind: Any) -> list[Weakref]:
    if isinstance(kind, Nested):
        return [reference for child in kind.children for reference in _objects(child)]
    return [kind] if isinstance(kind, Weakref) else []


def _family(kind: Any) -> Any:
    if isinstance(kind, Nested):
        return kind.form, tuple(map(_family, kind.children))
    if type(kind) is TensorSpec:
        return kind.dtype
    return kind if type(kind) is Literal else None


def _signature(kind: Any, name: str) -> Any:
    """What stands for an argument in the structured signature."""
    if isinstance(kind, TensorSpec):
        return TensorSpec(kind.shape, kind.dtype, kind.name or (f"tensor_{name}" if name[0] == "_" else name))
    if isinstance(kind, Nested):
        return kind.build({key: _signature(child, f"{name}_{key}") for key, child in kind.items()})
    if isinstance(kind, Literal):
        return kind.value
    return UnknownArgument() if isinstance(kind, Weakref) else kind
