"""AutoGraph: Python functions whose control flow may depend on tensors, as `tf.function` traces them."""

from __future__ import annotations

import dis
import enum
import functools
import inspect
import linecache
import os
import sys
import textwrap
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ..base import log
from ..base.context import context
from ..base.errors import OpError
from . import autograph_builtins as builtins
from . import autograph_loops as loops
from . import autograph_operators as operators
from .autograph_source import ConversionError, Recipe, Rewriter, rewritten

F = TypeVar("F", bound=Callable[..., Any])

# Code of these is never rewritten, nor what it calls: Python's own library, and libraries that have no use for it.
_LIBRARIES = frozenset(
    "tapeflow tensorflow keras tf_keras numpy ml_dtypes scipy jax jaxlib pandas matplotlib PIL absl mock ipdb malt"
    " optree tree wrapt tensorflow_probability tensorflow_datasets".split()
)


class Feature(enum.Enum):
    """Optional parts of AutoGraph, for `tf.function(experimental_autograph_options=...)`.

    Attributes:
      ALL: all of them.
      AUTO_CONTROL_DEPS: that side effects keep their order; in functions they always do.
      ASSERT_STATEMENTS: `assert` on tensors is checked when the function runs.
      BUILTIN_FUNCTIONS: `print` of tensors prints when the function runs.
      EQUALITY_OPERATORS: `==` and `!=` of tensors are `tf.equal` and `tf.not_equal`.
      LISTS: Python lists stay lists.
      NAME_SCOPES: names of operations do not tell the function that they come from.

    >>> Feature = tf.autograph.experimental.Feature
    >>> f = tf.function(lambda x, y: x == y, experimental_autograph_options=Feature.EQUALITY_OPERATORS)
    >>> print(f(tf.constant([1, 2]), tf.constant([1, 3])).numpy())
    [ True False]
    """

    ALL = "ALL"
    AUTO_CONTROL_DEPS = "AUTO_CONTROL_DEPS"
    ASSERT_STATEMENTS = "ASSERT_STATEMENTS"
    BUILTIN_FUNCTIONS = "BUILTIN_FUNCTIONS"
    EQUALITY_OPERATORS = "EQUALITY_OPERATORS"
    LISTS = "LISTS"
    NAME_SCOPES = "NAME_SCOPES"

    @classmethod
    def all(cls) -> tuple[Feature, ...]:
        """All features."""
        return tuple(cls)

    @classmethod
    def all_but(cls, exclude: Any) -> tuple[Feature, ...]:
        """All features but `exclude`, a feature or several."""
        excluded = {exclude} if isinstance(exclude, Feature) else set(exclude)
        return tuple(feature for feature in cls if feature not in excluded | {cls.ALL})


def _names(features: Feature | Iterable[Feature] | None) -> frozenset[str]:
    chosen = (features,) if isinstance(features, Feature) else tuple(features or ())
    if Feature.ALL in chosen:
        chosen = Feature.all()
    return frozenset(feature.value for feature in chosen)


# -- whether to convert, in this thread


@contextmanager
def conversion(wanted: bool | None) -> Iterator[None]:
    """Functions called inside by converted code are converted, or are not; None if nobody has said."""
    before = status()
    context.autograph = wanted
    try:
        yield
    finally:
        context.autograph = before


def status() -> bool | None:
    """What `conversion` said last."""
    return context.autograph


def do_not_convert(func: Callable[..., Any] | None = None) -> Any:
    """Marks a function that AutoGraph leaves as it is, with all that it calls; also usable as `do_not_convert()`.

    Args:
      func: the function; without it, a decorator is returned.

    Returns:
      A function that does the same.

    >>> @tf.autograph.experimental.do_not_convert
    ... def double(x):
    ...     return 2 * x
    >>> double(3)
    6
    """
    if func is None:
        return do_not_convert

    def unconverted(*args: Any, **kwargs: Any) -> Any:
        with conversion(False):
            return func(*args, **kwargs)

    if inspect.isfunction(func) or inspect.ismethod(func):
        functools.update_wrapper(unconverted, func)
    return unconverted


# -- converting


def convert(function: Callable[..., Any], features: Feature | Iterable[Feature] | None = None) -> Callable[..., Any]:
    """What to call to trace `function`, so that tensors may decide in its control flow and in what it calls.

    Errors raised inside name the lines of the program that led to them, and keep their type.

    Args:
      function: a function, method, `functools.partial` or another callable.
      features: optional features.

    Returns:
      A function with the same arguments; `function` is converted when it is first called.
    """
    names = _names(features)

    def converted(*args: Any, **kwargs: Any) -> Any:
        if status() is False:
            return function(*args, **kwargs)
        try:
            with conversion(True):
                return _callables(names).of(function, requested=True)(*args, **kwargs)
        except Exception as error:
            explained = _in_user_code(error)
            if explained is None:
                raise
            raise explained from error.__cause__

    if inspect.isfunction(function) or inspect.ismethod(function):
        functools.update_wrapper(converted, function)
    return converted


def convert_callback(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, which a program handed to a function of ours, converted if the program is being converted."""
    return convert(function) if status() else function


class _Callables:
    """Finds what converted code is to call in place of a callable.

    Args:
      features: names of optional features.
      recursive: whether functions that converted code calls are converted, too.
    """

    def __init__(self, features: frozenset[str], recursive: bool = True) -> None:
        self.features = features
        self.recursive = recursive
        self.operators = types.SimpleNamespace(**operators.TABLE, **loops.TABLE, call=self.of)

    def of(self, f: Any, requested: bool = False) -> Any:
        """What to call in place of `f`; `requested` if the program asked for `f` itself to be converted."""
        builtin = builtins.BUILTINS.get(id(f))
        if builtin is not None:
            return builtin
        kind = type(f)
        if kind is types.FunctionType:
            return self._function(f, requested)
        if kind is types.MethodType:
            inner = f.__func__
            if type(inner) is not types.FunctionType or (not requested and _is_test_case(f.__self__)):
                return f
            made = self._function(inner, requested)
            return f if made is inner else types.MethodType(made, f.__self__)
        if isinstance(f, functools.partial):
            made = self.of(f.func, requested)
            return f if made is f.func else functools.partial(made, *f.args, **f.keywords)
        if kind is types.BuiltinFunctionType or isinstance(f, type):
            return f  # classes, too: what `__init__` does is never converted
        call = getattr(kind, "__call__", None)  # noqa: B004
        if type(call) is not types.FunctionType:
            return f
        made = self._function(call, requested)
        return f if made is call else types.MethodType(made, f)

    def _function(self, f: types.FunctionType, requested: bool) -> Any:
        code = f.__code__
        if status() is False or rewritten(code) is not None or not (requested or self._is_users(f)):
            return f
        if _is_ours(f) or code.co_filename == "<string>" or not _does_anything(code):
            return f
        try:
            recipe = _rewriter.recipe(f, self.features)
        except Exception as error:
            log.warn(_COULD_NOT, f, error)
            return f
        if recipe is None:
            return f
        _report(f, recipe)
        return recipe.function(f, self.operators)

    def _is_users(self, f: types.FunctionType) -> bool:
        """Whether `f` is of the program, not of a library."""
        return (
            self.recursive
            and not f.__code__.co_flags & _GENERATOR
            and _top(f) not in _LIBRARIES
            and not _is_python_library(f.__code__.co_filename)
        )


_callables = functools.lru_cache(_Callables)
_COULD_NOT = (
    "AutoGraph could not transform %s and will run it as-is.\nCause: %s\nTo silence this warning, decorate the "
    "function with @tf.autograph.experimental.do_not_convert"
)
_OURS = __name__.partition(".")[0]
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_GENERATOR = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_ACTIVE = frozenset(i for i, name in enumerate(dis.opname) if "CALL" in name or "JUMP" in name or name == "UNARY_NOT")


def _is_ours(f: types.FunctionType) -> bool:
    # A decorator's wrapper has the module of what it wraps, so that is reached through it.
    return _top(f) == _OURS or f.__code__.co_filename == __file__


def _top(f: types.FunctionType) -> str:
    """The package that `f` is of; a docstring's examples are of none."""
    return "" if f.__code__.co_filename.startswith("<doctest ") else (f.__module__ or "").partition(".")[0]


def _is_test_case(thing: Any) -> bool:
    unittest = sys.modules.get("unittest")
    return unittest is not None and isinstance(thing, unittest.TestCase)


def _does_anything(code: types.CodeType) -> bool:
    """Whether there is anything to convert: a jump, `not`, a call, a function inside."""
    return not _ACTIVE.isdisjoint(code.co_code[::2]) or any(isinstance(c, types.CodeType) for c in code.co_consts)


@functools.cache
def _is_python_library(file: str) -> bool:
    here = file.startswith(os.path.dirname(os.__file__) + os.sep) and "site-packages" not in file
    return here or file.startswith("<frozen ")


# -- errors


class _KeyError(KeyError):
    """A KeyError whose message is shown as it is."""

    def __str__(self) -> str:
        return str(self.args[0])


_KeyError.__name__ = _KeyError.__qualname__ = "KeyError"


def _in_user_code(error: Exception) -> Exception | None:
    """`error` with a message that shows the lines of the program that led to it; None if there are none.

    It is of the same type, and if no other can be made of that, the same error with a note.
    """
    places = _places(error)
    if not places or hasattr(error, "ag_pass_through"):
        return None
    cause = vars(error).get("_cause_message") or f"{type(error).__name__}: {error}"
    message = "\n".join(["in user code:", "", *places, "", textwrap.indent(cause, "    "), ""])
    made = _with_message(error, message)
    if made is error:
        error.add_note(message)
        return None
    vars(made)["_cause_message"] = cause
    return made.with_traceback(error.__traceback__)


def _with_message(error: Exception, message: str) -> Exception:
    kind: Any = type(error)
    if isinstance(error, OpError):
        code = (error.error_code,) if kind is OpError else ()
        op_error: Exception = kind(error.node_def, error.op, message, *code)
        return op_error
    if kind is KeyError or kind is _KeyError:
        return _KeyError(message)
    if type(kind.__init__) is not types.WrapperDescriptorType or len(error.args) > 1:
        return error
    try:
        made: Exception = kind(message)
    except TypeError:
        return error
    vars(made).update(vars(error))
    return made


def _places(error: Exception) -> list[str]:
    """The lines of a traceback, from the first converted function on, without what is ours.

    Converted functions are marked by `*`, and `**` marks the first of those that converted code called as they are.
    """
    found: list[tuple[str, int, str, object]] = []  # file, line, function; the function's root, None if not converted
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        known = rewritten(code)
        if code.co_filename.startswith(_PACKAGE):
            continue
        if known is not None:
            last = next((root for *_, root in reversed(found) if root), None)
            if not known.outermost and last is known.root:
                # A branch, or a function inside: the place in it says more than where it was called.
                while found.pop()[3] is not known.root:
                    pass
            found.append((code.co_filename, line, known.name, known.root))
        elif found:
            found.append((code.co_filename, line, code.co_name, None))
    lines = []
    for i, (file, line, name, root) in enumerate(found):
        mark = "  *" if root else "  **" if found[i - 1][3] else ""
        text = linecache.getline(file, line).strip()
        lines.append(f'    File "{file}", line {line}, in {name}{mark}\n        {text}')
    return lines


# -- looking at it


def to_graph(
    entity: Callable[..., Any],
    recursive: bool = True,
    experimental_optional_features: Feature | Iterable[Feature] | None = None,
) -> Callable[..., Any]:
    """A Python function as AutoGraph converts it, which can be called on its own.

    Args:
      entity: a function or a method.
      recursive: whether functions that it calls are converted, too.
      experimental_optional_features: optional features.

    Returns:
      The converted function; of a method, one that takes the object first.

    Raises:
      ValueError: if it cannot be converted.

    >>> def absolute(x):
    ...     return x if x > 0 else -x
    >>> tf.autograph.to_graph(absolute)(-3)
    3
    """
    callables = _callables(_names(experimental_optional_features), recursive)
    function = _python_function(entity)
    return _recipe(function, callables.features).function(function, callables.operators)


def to_code(
    entity: Callable[..., Any],
    recursive: bool = True,
    experimental_optional_features: Feature | Iterable[Feature] | None = None,
) -> str:
    """The source code of what `to_graph` makes of a Python function.

    Args:
      entity: a function or a method.
      recursive: as in `to_graph`; the code of `entity` does not depend on it.
      experimental_optional_features: optional features.

    Returns:
      Python source; the operators that it calls are in `ag__`.

    Raises:
      ValueError: if it cannot be converted.

    >>> def absolute(x):
    ...     return x if x > 0 else -x
    >>> print(tf.autograph.to_code(absolute))
    def tf__absolute(x):
        return ag__.if_exp(x > 0, lambda: x, lambda: -x, 'x > 0')
    """
    return _recipe(_python_function(entity), _names(experimental_optional_features)).source()


def _python_function(entity: Any) -> types.FunctionType:
    function = entity.__func__ if inspect.ismethod(entity) else entity
    if not isinstance(function, types.FunctionType):
        raise ConversionError(
            f"converting {entity}: ValueError: Cannot apply autograph to a function that doesn't expose a __code__ "
            "object. If this is a @tf.function, try passing f.python_function instead."
        )
    return function


def _recipe(function: types.FunctionType, features: frozenset[str]) -> Recipe:
    try:
        return _rewriter.recipe(function, features) or _rewriter.recipe(function, features, again=True)  # type: ignore[return-value]
    except ConversionError as error:
        raise ConversionError(f"converting {function}: {error}") from None


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """How much AutoGraph logs of what it converts, as `INFO` of the logger `tensorflow`.

    Args:
      level: 0 for nothing, 1 for the functions that it converts, 2 or more for the code that it makes of them, too.
        The environment variable `AUTOGRAPH_VERBOSITY` says it where this function is not called.
      alsologtostdout: whether to print it, too.

    >>> tf.autograph.set_verbosity(0)
    """
    _rewriter.verbosity = level
    _rewriter.prints = alsologtostdout


def trace(*args: Any) -> None:
    """Prints its arguments while a function is traced, not when its graph runs.

    Args:
      args: what `print` takes.

    >>> tf.autograph.trace("tracing")
    tracing
    """
    print(*args)


def _report(f: types.FunctionType, recipe: Recipe) -> None:
    level = _rewriter.verbosity
    if level is None:
        level = int(os.environ.get("AUTOGRAPH_VERBOSITY", 0))
    if level > 0:
        text = f"Converted call: {f}" + (f"\n\n{recipe.source()}\n" if level > 1 else "")
        log.get_logger().info(text)
        if _rewriter.prints:
            print(text)


# -- directives


_UNSPECIFIED = object()


def set_loop_options(
    parallel_iterations: Any = _UNSPECIFIED,
    swap_memory: Any = _UNSPECIFIED,
    maximum_iterations: Any = _UNSPECIFIED,
    shape_invariants: Any = _UNSPECIFIED,
) -> None:
    """As the first statement of a loop: options for the loop of the graph that it becomes. Anywhere else, nothing.

    Args:
      parallel_iterations: a hint.
      swap_memory: a hint.
      maximum_iterations: how often the loop runs at most.
      shape_invariants: a list of pairs of a variable of the loop and the shape that it keeps throughout, with None
        for sizes that change.

    >>> @tf.function
    ... def count(n):
    ...     numbers = tf.zeros([0], tf.int32)
    ...     for i in tf.range(n):
    ...         tf.autograph.experimental.set_loop_options(shape_invariants=[(numbers, tf.TensorShape([None]))])
    ...         numbers = tf.concat([numbers, [i]], axis=0)
    ...     return numbers
    >>> print(count(tf.constant(3)).numpy())
    [0 1 2]
    """


_rewriter = Rewriter(lambda value: value is set_loop_options)
