"""`tf.function`: a Python function that is traced once for each kind of arguments, and then runs as a graph."""

from __future__ import annotations

import functools
import inspect
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from ..base.context import building, context, settings
from ..base.log import warn
from ..base.sites import Site
from ..core.symbol import Symbol
from . import autograph
from . import custom as custom  # what custom_gradient is in graphs
from .arguments import copied, fast_key, modified
from .call_type import CallType
from .concrete import ConcreteFunction
from .function_type import Call, FunctionType, Traces
from .graph_def import Graph as Graph  # as GraphDefs know it
from .retracing import advised, brief_arguments, changes, difference
from .trace import FuncGraph, trace
from .trace_type import VariableSpec

OFTEN = 5  # so many traces of one function are worth a warning
WASTE = 0.1  # so much of the time spent on tracing new functions of one code is, too


class _Makings:
    """When functions were traced for the first time, by the code they are made of: begin and end of the latest."""

    def __init__(self) -> None:
        self.latest: weakref.WeakKeyDictionary[Any, deque[tuple[float, float]]] = weakref.WeakKeyDictionary()

    def traced(self, function: Any, label: str, start: float) -> None:
        """Warns where functions are made of one code again and again, and to trace them takes much of the time."""
        code = getattr(function, "__code__", function)
        now = perf_counter()
        try:
            times = self.latest.setdefault(code, deque(maxlen=OFTEN))
        except TypeError:  # what cannot be a key
            return
        times.append((start, now))
        if len(times) == OFTEN and sum(end - begin for begin, end in times) > WASTE * (now - times[0][0]):
            self.latest[code] = deque(maxlen=0)  # said once
            warn(
                "%d functions were made of %s one after the other, and each triggered tf.function retracing. Tracing "
                "is expensive. Do not create @tf.function repeatedly in a loop: make it once, outside of the loop or "
                "function that makes it (or one object whose method it is), and call that.", OFTEN, label,
            )  # fmt: skip


_makings = _Makings()


class Function:
    """What `tf.function` makes of a Python function. Called, it finds the trace for the arguments, or makes one.

    Args:
      python_function: the function itself.
      input_signature: the specs of its arguments, or None.
      convert: whether AutoGraph converts it; None for a function of ours, within which that stays as it is.
      jit_compile: True for XLA, False for NumPy, None for whichever is faster.
      reduce_retracing: whether to trace for more general shapes when shapes differ.
      options: optional features of AutoGraph.
      owner: a weak reference to the object, if it is the method of one.

    >>> double = tf.function(lambda x: 2 * x)
    >>> isinstance(double, tf.types.experimental.Function), double.experimental_get_tracing_count()
    (True, 0)
    """

    def __init__(
        self,
        python_function: Callable[..., Any],
        input_signature: Any = None,
        convert: bool | None = True,
        jit_compile: bool | None = None,
        reduce_retracing: bool = False,
        options: Any = None,
        owner: weakref.ref[Any] | None = None,
    ) -> None:
        functools.update_wrapper(self, python_function)
        self.__name__ = _name_of(python_function)
        self._python_function = python_function
        self._owner = owner
        self._settings = input_signature, convert, jit_compile, reduce_retracing, options
        self._convert, self._jit_compile, self._reduce_retracing = convert, jit_compile, reduce_retracing
        self._options = options
        called = python_function if owner is None else python_function.__get__(owner())
        self.function_type = FunctionType(called, input_signature)
        self.__signature__ = self.function_type.declared  # of a method without `self`, which `__wrapped__` has
        self._traces: Traces[ConcreteFunction] = Traces()
        self._inner: weakref.WeakKeyDictionary[Any, Traces[ConcreteFunction]] = weakref.WeakKeyDictionary()
        self._methods: weakref.WeakKeyDictionary[Any, Function] = weakref.WeakKeyDictionary()
        self._lock = threading.RLock()
        self._made_variables = False
        self._count = 0
        self._warned = False

    # -- calling

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if settings.functions_run_eagerly:
            return self.python_function(*args, **kwargs)
        if not kwargs:
            key = fast_key(args)
            if key is not None:
                concrete = self._traces.by_key.get(key)
                if concrete is not None:
                    return concrete.call(args)
        call = self.function_type.bind(args, kwargs)
        return self._concrete(call, None if kwargs else args).call_anywhere(call.tensors)

    def _concrete(self, call: Call, args: tuple[Any, ...] | None = None) -> ConcreteFunction:
        """The trace for a call, made now if there is none."""
        found = self._traces.find(call, args)
        if found is None and context.graph is not None:
            found = self._traces_in_graph().find(call)
        if found is None:
            with self._lock:
                found = self._traces.find(call, args)  # another thread may have been faster
                if found is None:
                    found = self._retraced(call)
        return found

    def _traces_in_graph(self) -> Traces[ConcreteFunction]:
        """The traces that use tensors of the function being traced around this one; good for that only."""
        graph = context.graph.root() if isinstance(context.graph, FuncGraph) else context.graph
        return self._inner.setdefault(graph, Traces())

    def _retraced(self, call: Call) -> ConcreteFunction:
        kind = call.type
        if self._reduce_retracing and not self.function_type.types:
            kind = self._traces.generalized(kind)
        why, start = self._why(kind), perf_counter()
        concrete, created = self._trace(call, kind, not self._made_variables, why)
        if created:  # once more, as it will be from now on: with the Variables there
            self._made_variables = True
            concrete, _ = self._trace(call, kind, False, why)
        traces = self._traces_in_graph() if concrete.foreign else self._traces
        traces.add(kind, concrete)
        if self._count == 0 and context.graph is None and self._convert is not None:
            _makings.traced(self._python_function, self._label, start)
        self._count += 2 if created else 1
        if self._count >= OFTEN and not self._warned and not self._reduce_retracing:
            self._warned = True
            warn(
                "%d calls to %s triggered tf.function retracing, the last time because %s. Tracing is expensive. %s"
                "Its explain() says why each trace was made.", self._count, self._label, why, self._advice(),
            )  # fmt: skip
        return concrete

    def _why(self, kind: CallType) -> str:
        old = self._closest(kind, list(self._traces.by_type))
        return "it was called for the first time" if old is None else difference(kind, old)

    def _closest(self, kind: CallType, earlier: list[CallType]) -> CallType | None:
        """Of the latest traces the one that is most like a new one."""
        latest = earlier[: -OFTEN - 1 : -1]
        return min(latest, key=lambda old: sum(change.weight for change in changes(kind, old)), default=None)

    def _advice(self) -> str:
        """What would spare traces."""
        kinds = list(self._traces.by_type)
        pairs = ((kind, self._closest(kind, kinds[:i])) for i, kind in enumerate(kinds))
        lines = advised(((new, old) for new, old in pairs if old is not None), sizes=not self._reduce_retracing)
        return "".join(f"{line}. " for line in lines[:4])

    @property
    def _label(self) -> str:
        """The name, with the place in the program."""
        code = getattr(self._python_function, "__code__", None)
        return self.__name__ if code is None else f"{self.__name__} ({Site(code.co_filename, code.co_firstlineno, '')})"

    def _trace(self, call: Call, kind: CallType, may_create: bool, why: str) -> tuple[ConcreteFunction, list[Any]]:
        function = self.python_function
        graph = FuncGraph(self.__name__, context.graph)
        graph.may_create, graph.jit_compile = may_create, self._jit_compile
        graph.given = call.tensors
        with building(graph):
            graph.inputs = [_placeholder(graph, each) for each in kind.inputs]
        args, kwargs = call.rebuild(graph.inputs, functools.partial(_given, graph), kind)
        given = copied((args, kwargs))
        converted = autograph.convert(function, self._options) if self._convert else function
        try:
            with autograph.conversion(autograph.status() if self._convert is None else self._convert):
                trace(graph, lambda: converted(*args, **kwargs), self.__name__)
            self._check_unmodified(function, given, (args, kwargs))
        except Exception as error:
            if self._owner is not None and self._owner() is None:
                error.add_note(f"The object of the method {self.__name__} is gone: keep it in a variable.")
            raise
        graph.given = ()
        graph.structured_input_signature = kind.structured_input_signature
        return ConcreteFunction(graph, kind, self._jit_compile, why), graph.created

    def _check_unmodified(self, function: Any, given: Any, now: Any) -> None:
        """Refuses a function that changes a list or a dict it was given: in later calls it would not.

        Raises:
          ValueError: if it did.
        """
        if not modified(given, now):
            return
        signature = inspect.signature(function)
        before, after = (signature.bind(*args, **kwargs).arguments for args, kwargs in (given, now))
        changed = ", ".join(name for name in after if modified(before[name], after[name]))
        raise ValueError(
            f"{getattr(self, '__qualname__', function)}{signature} should not modify its Python input arguments. "
            f"Modifying a copy is allowed. The following parameter(s) were modified: {changed}"
        )

    # -- asking

    @property
    def python_function(self) -> Callable[..., Any]:
        """The function itself; of a method whose object is gone, with None for it, as in TensorFlow."""
        if self._owner is None:
            return self._python_function
        owner = self._owner()
        if owner is None:
            return functools.partial(self._python_function, None)
        bound: Callable[..., Any] = self._python_function.__get__(owner)
        return bound

    @property
    def input_signature(self) -> Any:
        """The specs of the arguments, or None."""
        return self.function_type.input_signature

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """The trace for these arguments, among which specs may stand for Tensors; made if there is none.

        Raises:
          TypeError: if the arguments do not fit.

        >>> double = tf.function(lambda x: 2 * x)
        >>> concrete = double.get_concrete_function(tf.TensorSpec([None], tf.int32))
        >>> print(concrete(tf.constant([1, 2])))
        tf.Tensor([2 4], shape=(2,), dtype=int32)
        """
        return self._concrete(self.function_type.bind(args, kwargs, specs=True))

    # Keras's TensorBoard callback knows a Function by the one, and writes the graph of the other.

    @property
    def function_spec(self) -> FunctionType:
        """The signature: names, defaults and kinds of the parameters, and the specs it was given."""
        return self.function_type

    @property
    def _concrete_variable_creation_fn(self) -> ConcreteFunction | None:
        """The first trace; None if there is none yet."""
        return next(iter(self._traces.by_type.values()), None)

    def experimental_get_tracing_count(self) -> int:
        """How many traces there have been."""
        return self._count

    def _list_all_concrete_functions(self) -> list[ConcreteFunction]:
        return list(self._traces.by_type.values())

    def pretty_printed_concrete_signatures(self, verbose: bool = True) -> str:
        """The signatures of all traces, one after the other."""
        return "\n\n".join(c.pretty_printed_signature(verbose) for c in self._traces.by_type.values())

    def explain(self) -> str:
        """For each trace: why it was made, which engine runs it, and why. And what would spare traces.

        >>> @tf.function
        ... def double(x):
        ...     return 2 * x
        >>> y = double(tf.constant(1.0)), double(tf.constant([1.0]))
        >>> print(double.explain())
        double: 2 traces
          1. (x: float32[]): it was called for the first time; ...
          2. (x: float32[1]): argument x: shape () became (1,); ...
          To be traced less often: x: `@tf.function(reduce_retracing=True)`, or ...
        """
        count = len(self._traces.by_type)
        lines = [f"{self.__name__}: {count} trace{'s' * (count != 1)}"]
        for i, (kind, concrete) in enumerate(self._traces.by_type.items(), 1):
            lines.append(f"  {i}. {brief_arguments(kind)}: {concrete.why}; {concrete.engine_report()}")
        if settings.functions_run_eagerly:
            lines.append("  It runs as Python now, as tf.config.run_functions_eagerly(True) asks.")
        advice = self._advice()
        return "\n".join([*lines, *([f"  To be traced less often: {advice}".rstrip()] if advice else [])])

    # -- as a method, as a decorator

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """A method's Function is one of its own for each object."""
        if instance is None:
            return self
        try:
            found = self._methods.get(instance)
        except TypeError:  # an object that cannot be hashed, or not be referred to weakly
            return Function(functools.partial(self._python_function, instance), *self._settings)
        if found is None:
            found = self._methods[instance] = Function(
                self._python_function, *self._settings, owner=weakref.ref(instance)
            )
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        if self._owner is not None:
            raise TypeError(f"cannot pickle the function of a method ({self.__name__}): pickle the object")
        return Function, (self._python_function, *self._settings)

    def __repr__(self) -> str:
        return f"<tapeflow.graph.function.Function object at 0x{id(self):x} of {self.__name__}>"


def _name_of(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


def _placeholder(graph: FuncGraph, each: Any) -> Symbol:
    if isinstance(each.spec, VariableSpec):
        from ..base.dtypes import resource

        return graph.placeholder(resource, (), each.name)
    return graph.placeholder(each.spec.dtype, each.spec.shape._dims, each.name)


def _given(graph: FuncGraph, variable: Any, placeholder: Symbol) -> Any:
    """A Variable among the arguments: itself, whose state is, in this function, that of whichever Variable is given."""
    handle = variable._handle
    placeholder._id = handle._id
    graph.captured[id(handle)] = (handle, placeholder)
    return variable


def function(
    func: Callable[..., Any] | None = None,
    input_signature: Sequence[Any] | None = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: str | None = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: dict[str, Any] | None = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:
    """Makes of a function one that is traced once for each kind of arguments, and then runs as a graph.

    Args:
      func: the Python function; without it, a decorator is returned.
      input_signature: a `tf.TensorSpec` for each argument, which is converted to it; then there is one trace only.
      autograph: whether `if`, `while`, `for`... on tensors become `tf.cond` and `tf.while_loop`.
      jit_compile: True for XLA (needs the extra `xla`), False for NumPy, None for whichever turns out to be faster.
      reduce_retracing: whether to trace for unknown sizes once shapes have differed.
      experimental_implements: a name, without effect.
      experimental_autograph_options: `tf.autograph.experimental.Feature`s to switch on.
      experimental_attributes: without effect.
      experimental_relax_shapes: the older name of `reduce_retracing`.
      experimental_compile: the older name of `jit_compile`.
      experimental_follow_type_hints: without effect, as in TensorFlow 2.21.

    Returns:
      A `Function`, or a decorator that makes one.

    Raises:
      TypeError: if `func` cannot be called, or `input_signature` does not fit it.

    >>> @tf.function
    ... def square(x):
    ...     return x * x
    >>> print(square(tf.constant(3.0)))
    tf.Tensor(9.0, shape=(), dtype=float32)

    See TensorFlow's page on `tf.function`.
    """
    if jit_compile is None:
        jit_compile = experimental_compile
    reduce_retracing = bool(reduce_retracing or experimental_relax_shapes)

    def decorated(inner: Callable[..., Any]) -> Function:
        if not callable(inner):
            raise TypeError(f"{inner!r} is not a callable object")
        return Function(
            inner, input_signature, autograph, jit_compile, reduce_retracing, experimental_autograph_options
        )

    return decorated if func is None else decorated(func)


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Says whether `tf.function`s run as plain Python from now on, so that a debugger can stop inside.

    Args:
      run_eagerly: whether they do.

    >>> tf.config.run_functions_eagerly(False)
    """
    settings.functions_run_eagerly = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """What `run_functions_eagerly` was last told; False by default.

    >>> tf.config.functions_run_eagerly()
    False
    """
    return settings.functions_run_eagerly
