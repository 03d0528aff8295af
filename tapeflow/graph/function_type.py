"""Which arguments a `tf.function` takes (`FunctionType`), which trace a call belongs to (`Call`, `Traces`)."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from inspect import Parameter
from typing import Any, Generic, TypeVar

from ..base import nest
from ..core.spec import TypeSpec
from . import arguments
from .arguments import Placeholders, fast_key, read_all, type_of
from .call_type import Argument, CallType, binding_error
from .trace_type import VariableSpec, cast, composites, unsupported

_ANY_NUMBER = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


class _Captured:
    def __repr__(self) -> str:
        return "<captured_default_value>"


_CAPTURED = _Captured()


class FunctionType:
    """The parameters of a Python function, and what an `input_signature` says of them.

    Args:
      function: what is called: a function, a method, an object, a partial.
      input_signature: a list or tuple of specs, nested as the arguments are; None if any arguments will do.

    Raises:
      TypeError: if the signature is not one, or does not fit the function.

    >>> from tapeflow.graph.function_type import FunctionType
    >>> print(FunctionType(lambda x, y=2: x, [tf.TensorSpec([None])]))
    (x: TensorSpec(shape=(None,), dtype=tf.float32, name=None), y: Literal[2] = <captured_default_value>)
    """

    def __init__(self, function: Callable[..., Any], input_signature: Any = None) -> None:
        self.declared = inspect.signature(function)
        parameters = list(self.declared.parameters.values())
        self.defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        self.types: dict[str, Any] = {}  # by parameter, where the signature fixes them
        self._seen: dict[int, int] = {}
        self.input_signature: tuple[Any, ...] | None = None
        if input_signature is not None:
            _check_specs(input_signature)
            self.input_signature = tuple(input_signature)
            parameters = self._constrained(parameters, list(input_signature))
        self.signature = inspect.Signature([self._described(p) for p in parameters])
        self.positional = [p.name for p in parameters if p.kind <= p.POSITIONAL_OR_KEYWORD]
        self.keyword_only = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
        self._variadic = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), None)
        self._keywords = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self._by_keyword = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        self._kinds = {p.name: p.kind for p in parameters}
        plain = not (self.types or self.keyword_only or self._variadic)
        self._plain = len(self.positional) if plain else -1  # so many positional arguments are all that there are

    def _constrained(self, parameters: list[Parameter], specs: list[Any]) -> list[Parameter]:
        """The parameters that there are with a signature; the type of each goes to `types`."""
        result = []
        any_number = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        for p in parameters:
            if p.kind is p.VAR_POSITIONAL:
                for index, spec in enumerate(specs):
                    self.types[f"{p.name}_{index}"] = type_of(spec, self._seen)
                    result.append(Parameter(f"{p.name}_{index}", Parameter.POSITIONAL_ONLY))
                specs = []
            elif p.kind is not p.VAR_KEYWORD:
                if p.name != "self":
                    self.types[p.name] = self._type_in(p, specs)
                forced = any_number and p.kind is p.POSITIONAL_OR_KEYWORD
                result.append(p.replace(kind=Parameter.POSITIONAL_ONLY) if forced else p)
        if specs:
            raise TypeError(f"input_signature contains {len(specs)} extra type constraints.")
        return result

    def _type_in(self, p: Parameter, specs: list[Any]) -> Any:
        if p.kind is p.KEYWORD_ONLY and p.default is p.empty:
            raise TypeError(
                f"Since input_signature is defined, keyword-only parameter `{p.name}` must have a default value"
            )
        if specs:
            return type_of(specs.pop(0), self._seen)
        if p.default is p.empty:
            raise TypeError(f"input_signature missing type constraint for {p.name}")
        return type_of(p.default, self._seen)

    def _described(self, p: Parameter) -> Parameter:
        default = p.empty if p.default is p.empty else _CAPTURED
        return p.replace(annotation=self.types.get(p.name, p.empty), default=default)

    def __repr__(self) -> str:
        return str(self.signature)

    # -- binding a call

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any], specs: bool = False) -> Call:
        """The call with these arguments: with defaults, and with a signature cast to it.

        Args:
          args: the positional arguments.
          kwargs: the keyword arguments.
          specs: whether specs may stand for arguments, as in `get_concrete_function`.

        Raises:
          TypeError: with TensorFlow's text, if the arguments do not fit.
        """
        if specs and self.input_signature and not args and not kwargs:
            args = self.input_signature
        values = self._arguments(args, kwargs)
        if values is None:
            raise self._misuse(args, kwargs)
        if self.types:
            try:
                for name, kind in self.types.items():
                    values[name] = cast(kind, values[name], specs)
            except Exception as error:
                raise binding_error(error, args, kwargs, self) from error
        return Call(self, values, len(values) - self._count_keywords(values), specs)

    def read(self, args: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[Any]] | None:
        """Key and Tensors of the call, as of `bind(args, {})`, if that takes no more than to read `args`."""
        if len(args) != self._plain:
            return None
        key: list[Any] = []
        tensors: list[Any] = []
        read_all(args, key, tensors, {})
        return tuple(key), tensors

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
        """The arguments by name, in the order of the parameters; None if they do not fit."""
        positional = self.positional
        given = len(args)
        values = dict(zip(positional, args))
        used = 0
        if given < len(positional):
            used = self._take(positional[given:], kwargs, values)
        elif given > len(positional):
            if self._variadic is None:
                return None
            values.update({f"{self._variadic}_{i}": value for i, value in enumerate(args[len(positional) :])})
        if self.keyword_only and used >= 0:
            taken = self._take(self.keyword_only, kwargs, values)
            used = used + taken if taken >= 0 else -1
        if used == len(kwargs):
            return values
        if used < 0 or not self._keywords:
            return None
        extra = [name for name in kwargs if name not in self._by_keyword]
        values.update(_by_valid_name({name: kwargs[name] for name in sorted(extra)}))
        return values if used + len(extra) == len(kwargs) else None

    def _take(self, names: Sequence[str], kwargs: dict[str, Any], values: dict[str, Any]) -> int:
        """Takes arguments from keywords or defaults; returns how many from keywords, -1 if one is missing."""
        used = 0
        for name in names:
            if name in kwargs and name in self._by_keyword:
                values[name] = kwargs[name]
                used += 1
            elif name in self.defaults:
                values[name] = self.defaults[name]
            else:
                return -1
        return used

    def _count_keywords(self, values: dict[str, Any]) -> int:
        """How many of the arguments are keyword-only."""
        if not self._keywords:
            return len(self.keyword_only)
        return sum(self.kind_of(name) is Parameter.KEYWORD_ONLY for name in values)

    def kind_of(self, name: str) -> Any:
        """The kind of an argument; those of `*args` and `**kwargs` are positional-only and keyword-only each."""
        kind = self._kinds.get(name)
        if kind is None or kind in _ANY_NUMBER:
            is_positional = self._variadic is not None and name.startswith(f"{self._variadic}_")
            return Parameter.POSITIONAL_ONLY if is_positional else Parameter.KEYWORD_ONLY
        if self._variadic is not None and kind is Parameter.POSITIONAL_OR_KEYWORD:
            return Parameter.POSITIONAL_ONLY
        return kind

    def _misuse(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TypeError:
        try:
            self.signature.bind(*args, **kwargs)
        except TypeError as error:
            return binding_error(error, args, kwargs, self)
        return binding_error("the arguments do not fit", args, kwargs, self)


def sanitized(name: str) -> str:
    """A name that Python takes for a parameter."""
    if name.isidentifier():
        return name
    name = "".join(c if c.isalnum() else "_" for c in name)
    return name if name[:1].isalpha() else f"arg_{name}"


def _by_valid_name(values: dict[str, Any]) -> dict[str, Any]:
    """Arguments by keyword, under names that Python takes for parameters."""
    renamed = {sanitized(name): value for name, value in values.items()}
    if len(renamed) < len(values):
        raise ValueError(
            "Name collision after sanitization. Please rename tf.function input parameters. Original: "
            f"{sorted(values)}, Sanitized: {sorted(renamed)}"
        )
    return renamed


def _check_specs(signature: Any) -> None:
    if not isinstance(signature, (tuple, list)):
        raise TypeError(f"input_signature must be either a tuple or a list, got {type(signature)}.")
    items = nest.flatten(signature)
    variables = [item for item in items if isinstance(item, VariableSpec)]
    if variables:
        raise TypeError(f"input_signature doesn't support VariableSpec, got {variables}")
    bad = [item for item in items if not isinstance(item, TypeSpec)]
    if bad:
        raise TypeError(
            "input_signature must be a possibly nested sequence of TensorSpec objects, got invalid args "
            f"{bad} with types {list(map(type, bad))}."
        )


class Call:
    """The arguments of one call.

    Attributes:
      key: hashable; calls with equal keys belong to one trace (others may too).
      tensors: the Tensors among the arguments, and the handles of Variables, each once; specs where they were allowed.
        They are the inputs of the graph, in order.
      arguments: all arguments by name.
    """

    __slots__ = ("_order", "_type", "arguments", "function_type", "key", "positional", "tensors")

    def __init__(self, function_type: FunctionType, values: dict[str, Any], positional: int, specs: bool) -> None:
        self.function_type = function_type
        self.arguments = values
        self.positional = positional
        self._type: CallType | None = None
        key: list[Any] = []
        tensors: list[Any] = []
        self._order: list[Any] | None = None
        in_order: Iterable[Any] = values.values()
        if len(values) - positional > 0:
            names = list(values)
            keywords = sorted(names[positional:])
            if function_type._keywords:
                key.append(tuple(keywords))
            self._order = names[:positional] + keywords
            in_order = [values[name] for name in self._order]
        read_all(in_order, key, tensors, {})
        if function_type.types:  # all calls have the same types, but for arguments that the signature leaves open
            key = [FunctionType]
            read_all([value for name, value in values.items() if name not in function_type.types], key, [], {})
        self.key = tuple(key)
        self.tensors = tensors
        if not specs:
            for tensor in tensors:
                if isinstance(tensor, (TypeSpec, VariableSpec)):
                    raise unsupported(tensor)

    @property
    def type(self) -> CallType:
        """The types of the arguments."""
        if self._type is None:
            fixed = self.function_type.types
            seen: dict[int, int] = {}
            kind_of = self.function_type.kind_of
            self._type = CallType([
                Argument(name, kind_of(name), fixed[name] if name in fixed else type_of(value, seen))
                for name, value in self.arguments.items()
            ])
        return self._type

    def rebuild(
        self,
        placeholders: Iterable[Any],
        make_variable: Callable[[Any, Any], Any] = lambda original, _: original,
        kind: CallType | None = None,
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments, with others for the Tensors.

        Args:
          placeholders: one for each of `tensors`.
          make_variable: `make_variable(original, placeholder)` gives what stands for a Variable.
          kind: the types that a trace is made for, which may know less than those of the arguments.

        Returns:
          What to call the Python function with: `args` and `kwargs`.
        """
        source = Placeholders(placeholders, make_variable)
        order = self.arguments if self._order is None else self._order
        if kind is not None:
            types = {each.name: each.type for each in kind.arguments}
            source.specs = iter([spec for name in order if name in types for spec in composites(types[name])])
        values = {name: arguments.rebuild(self.arguments[name], source) for name in order}
        names = list(self.arguments)
        args = tuple(values[name] for name in names[: self.positional])
        return args, {name: values[name] for name in names[self.positional :]}

    def passes(self, args: tuple[Any, ...]) -> bool:
        """Whether the Tensors of the call are just `args`: then `fast_key(args)` may stand for the key."""
        return len(args) == len(self.tensors) and all(a is b for a, b in zip(args, self.tensors))


Trace = TypeVar("Trace")


class Traces(Generic[Trace]):
    """The traces of a function, found by the arguments of a call.

    A call belongs to the trace of its own types; if there is none, to the narrowest whose types take its own.
    """

    MOST = 4096  # keys that are remembered, so that calls with ever new shapes do not fill the memory

    def __init__(self) -> None:
        self.by_key: dict[tuple[Any, ...], Trace] = {}
        self.by_type: dict[CallType, Trace] = {}
        self._families: defaultdict[Any, list[CallType]] = defaultdict(list)  # a search looks at few of many traces
        self._mortal: list[CallType] = []  # those with references to objects

    def find(self, call: Call, args: tuple[Any, ...] | None = None) -> Trace | None:
        """The trace of a call, or None; next time it is found in `by_key`.

        Args:
          call: the call.
          args: its positional arguments, if it has no others: if they are all Tensors, `fast_key(args)` is remembered.
        """
        trace = self.by_key.get(call.key)
        if trace is None:
            trace = self.by_type.get(call.type)
            if trace is None:
                trace = self._narrowest(call.type)
            if trace is None:
                return None
            self._remember(call.key, trace)
        if args is not None and call.passes(args):
            fast = fast_key(args)
            if fast is not None:
                self._remember(fast, trace)
        return trace

    def _remember(self, key: tuple[Any, ...], trace: Trace) -> None:
        if len(self.by_key) >= self.MOST:
            self.by_key.clear()
        self.by_key[key] = trace

    def _narrowest(self, kind: CallType) -> Trace | None:
        best = None
        for other in tuple(self._families.get(kind.family, ())):
            if kind.is_subtype_of(other) and (best is None or other.is_subtype_of(best)):
                best = other
        return None if best is None else self.by_type.get(best)

    def add(self, kind: CallType, trace: Trace) -> None:
        """Adds a trace that was made for types; those for objects that are gone are dropped."""
        if not all(old.alive for old in self._mortal):
            alive = [item for item in self.by_type.items() if item[0].alive]
            self.by_type, self._families, self._mortal = {}, defaultdict(list), []
            for item in alive:
                self._insert(*item)
        self._insert(kind, trace)
        self.by_key.clear()  # the new one may be narrower than what was found for a key

    def _insert(self, kind: CallType, trace: Trace) -> None:
        if kind not in self.by_type:
            self._families[kind.family].append(kind)
            if kind.objects:
                self._mortal.append(kind)
        self.by_type[kind] = trace

    def generalized(self, kind: CallType) -> CallType:
        """The types to trace for when retracing is to be reduced: narrow, but they take traces that there are."""
        for other in self.by_type:
            kind = kind.most_specific_common_supertype(other) or kind
        return kind
