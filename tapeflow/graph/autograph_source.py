"""A Python function, rewritten so that `if`, `while`, `for`, `and`... and calls go through operators of ours.

Functions with statements of control flow are rewritten by the library `malt`, TensorFlow's AutoGraph on its own, which
knows which variables a branch or a loop changes. That takes tens of milliseconds; in functions without them only
expressions are rewritten, in about one. What comes out is compiled with the places of the original: tracebacks,
debuggers and `inspect` show the file and the lines that the user wrote.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import linecache
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .autograph_expressions import OPERATORS, Expressions, call, copy_place

_STATEMENTS = (ast.If, ast.While, ast.For)
_UNKNOWN = (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Match, ast.TryStar)


class ConversionError(ValueError):
    """A function's code cannot be rewritten; the message says why."""


class Place(NamedTuple):
    """Where a piece of code stands in its file."""

    lineno: int
    end_lineno: int
    col_offset: int
    end_col_offset: int


class Frame(NamedTuple):
    """What tracebacks should know of a rewritten code object: its last constant."""

    root: object  # the same for all code of one function
    outermost: bool  # whether it is the function, not a branch, a loop's body or a function inside
    name: str  # the name of the user's function around it


class Recipe(NamedTuple):
    """Rewritten code, from which functions with different closures are made."""

    code: types.CodeType
    make: types.CodeType
    tree: ast.stmt

    def function(self, original: types.FunctionType, operators: Any) -> types.FunctionType:
        """The rewritten form of `original`, which has its globals, closure, defaults and names."""
        cells = dict(zip(original.__code__.co_freevars, original.__closure__ or ()))
        closure = tuple(cells[name] for name in self.make.co_freevars)
        make = types.FunctionType(self.make, original.__globals__, "ag__make", None, closure)
        made: types.FunctionType = make(operators)
        made.__code__ = self.code
        made.__defaults__, made.__kwdefaults__ = original.__defaults__, original.__kwdefaults__
        made.__name__, made.__qualname__ = original.__name__, original.__qualname__
        made.__doc__, made.__module__ = original.__doc__, original.__module__
        return made

    def source(self) -> str:
        """The rewritten code as text."""
        tree = copy.copy(self.tree)
        if isinstance(tree, ast.FunctionDef):
            tree.name = f"tf__{tree.name}"
        else:
            tree = ast.Assign([ast.Name("tf__lam", ast.Store())], tree.value)  # type: ignore[attr-defined]
        return ast.unparse(ast.fix_missing_locations(tree))


class Rewriter:
    """Rewrites each code object once.

    Args:
      is_directive: whether a value is `set_loop_options`, which is to be the first statement of a loop.
    """

    def __init__(self, is_directive: Callable[[Any], bool]) -> None:
        self.is_directive = is_directive
        self.verbosity: int | None = None
        self.prints = False
        # Code objects of different files may be equal.
        self._recipes: weakref.WeakKeyDictionary[types.CodeType, dict[tuple[str, frozenset[str]], Recipe | None]]
        self._recipes = weakref.WeakKeyDictionary()
        self._lock = threading.RLock()

    def recipe(self, function: types.FunctionType, features: frozenset[str], again: bool = False) -> Recipe | None:
        """The rewritten code of `function`; None if that has failed before, unless it is to be tried `again`.

        Raises:
          ConversionError: if its source is not to be had, or has something in it that cannot be rewritten.
        """
        with self._lock:
            made = self._recipes.setdefault(function.__code__, {})
            key = function.__code__.co_filename, features
            if again or key not in made:
                made[key] = None
                made[key] = self._rewrite(function, features)
            return made[key]

    def _rewrite(self, function: types.FunctionType, features: frozenset[str]) -> Recipe:
        code = function.__code__
        node = find_source(function)
        owner = _class_around(code.co_qualname)
        if owner is not None:
            _Mangler(owner).visit(node)
        kinds = {type(inner) for inner in ast.walk(node)}
        generated: set[str] = set()
        undefined: set[str] = set()
        staged = not all(_is_pythons(inner, function) for inner in ast.walk(node) if isinstance(inner, _STATEMENTS))
        if staged:
            assert isinstance(node, ast.FunctionDef)
            if not kinds.isdisjoint(_UNKNOWN):
                unknown = "generators" if ast.Yield in kinds else "coroutines and match statements"
                raise ConversionError(f"{unknown} are not supported")
            node, generated, undefined = self._statements(node, function, kinds)
        rewritten = Expressions(function, features, undefined).visit(node)
        if staged:
            _place(rewritten, Place(code.co_firstlineno, code.co_firstlineno, 0, 0))
        return self._compiled(rewritten, code, generated)

    def _statements(
        self, node: ast.FunctionDef, function: types.FunctionType, kinds: set[type[ast.AST]]
    ) -> tuple[ast.FunctionDef, set[str], set[str]]:
        """`node` with control flow as calls of functions; the names made for those; names that may be undefined."""
        from malt.converters import break_statements, continue_statements, control_flow, return_statements
        from malt.core import unsupported_features_checker
        from malt.pyct import anno, errors, naming, transformer

        namespace = visible_names(function)
        for inner in ast.walk(node):
            if hasattr(inner, "lineno"):
                anno.setanno(inner, anno.Basic.ORIGIN, _place_of(inner))
        namer = naming.Namer(namespace)
        info = transformer.EntityInfo(node.name, "", "", (), namespace)
        context = transformer.Context(info, namer, None)
        try:
            unsupported_features_checker.verify(node)
        except errors.PyCTError as error:
            raise ConversionError(str(error)) from None
        self._directives(node, namespace)
        _catch_by_assignment(node)
        if ast.Break in kinds:
            node = break_statements.transform(node, context)
        if kinds & {ast.Break, ast.Continue}:
            node = continue_statements.transform(node, context)
        if not _returns_at_the_end(node):
            _wrap_bodies(node)
            node = return_statements.transform(node, context)
            _unwrap_bodies(node)
        node = control_flow.transform(node, context)
        return node, namer.generated_names, set(_undefined_names(node))

    def _directives(self, node: ast.FunctionDef, namespace: dict[str, Any]) -> None:
        """Takes calls of `set_loop_options` out of the loops, and notes them there."""
        from malt.lang import directives
        from malt.pyct import anno

        for loop in ast.walk(node):
            if not isinstance(loop, (ast.While, ast.For)):
                continue
            for i, statement in enumerate(loop.body):
                call = statement.value if isinstance(statement, ast.Expr) else None
                if not isinstance(call, ast.Call) or not self.is_directive(_static(call.func, namespace)):
                    continue
                if i:
                    raise ConversionError('"set_loop_options" must be the first statement in the loop block')
                names = inspect.signature(directives.set_loop_options).parameters
                options = dict(zip(names, call.args)) | {k.arg: k.value for k in call.keywords if k.arg}
                anno.setanno(loop, anno.Basic.DIRECTIVES, {directives.set_loop_options: options})
                loop.body[0] = ast.copy_location(ast.Pass(), statement)

    @staticmethod
    def _compiled(node: ast.AST, code: types.CodeType, generated: set[str]) -> Recipe:
        name = "__function"
        statement: ast.stmt
        if isinstance(node, ast.FunctionDef):
            tree: ast.stmt = copy.copy(node)
            node.name, statement = name, node
        else:
            assert isinstance(node, ast.Lambda)
            statement = tree = ast.Assign([ast.Name(name, ast.Store())], node)
        module = compile(_factory(statement, name, code.co_freevars), code.co_filename, "exec")
        make = _inner_code(_inner_code(module, "ag__outer"), "ag__make")
        function = next(c for c in make.co_consts if isinstance(c, types.CodeType))
        function = function.replace(co_name=code.co_name, co_qualname=code.co_qualname)
        return Recipe(_marked(function, Frame(object(), True, code.co_name), generated), make, tree)


def rewritten(code: types.CodeType) -> Frame | None:
    """What there is to know of `code` if it was rewritten; None if not."""
    last = code.co_consts[-1] if code.co_consts else None
    return last if isinstance(last, Frame) else None


def _marked(code: types.CodeType, frame: Frame, generated: set[str]) -> types.CodeType:
    """`code` and all code in it, with a Frame each; code whose name is `generated` is of the function around it."""
    constants: list[Any] = list(code.co_consts)
    for i, inner in enumerate(constants):
        if isinstance(inner, types.CodeType):
            ours = inner.co_name in generated or inner.co_name.startswith("<")
            name = frame.name if ours else inner.co_name
            if inner.co_name in generated:
                inner = inner.replace(co_name=name)  # so that errors speak of functions that the program knows
            constants[i] = _marked(inner, Frame(frame.root, False, name), generated)
    return code.replace(co_consts=(*constants, frame))


# -- the source


def find_source(function: types.FunctionType) -> ast.FunctionDef | ast.Lambda:
    """The syntax tree of `function`, a tree of its own, with the lines of its file.

    Raises:
      ConversionError: if the source is not to be had.
    """
    code = function.__code__
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, function.__globals__)
    if len(lines) < code.co_firstlineno:
        raise ConversionError(
            f"Unable to locate the source code of {function}. Note that functions defined in certain environments, "
            "like the interactive Python shell, do not expose their source code. If that is the case, you should "
            "define them in a .py source file. If you are certain the code is graph-compatible, wrap the call using "
            "@tf.autograph.experimental.do_not_convert. Original error: source code not available"
        )
    node = _lambda(code, lines) if code.co_name == "<lambda>" else _definition(code, lines)
    node.args.defaults = [ast.copy_location(ast.Constant(None), d) for d in node.args.defaults]
    node.args.kw_defaults = [d and ast.copy_location(ast.Constant(None), d) for d in node.args.kw_defaults]
    for arg in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]:
        if arg is not None:
            arg.annotation = None
    if isinstance(node, ast.FunctionDef):
        node.decorator_list, node.returns = [], None
    return node


def _definition(code: types.CodeType, lines: list[str]) -> ast.FunctionDef:
    first = code.co_firstlineno
    block = inspect.getblock(lines[first - 1 :])
    indented = block[0][:1].isspace() and first > 1
    # Blank lines before give the lines of the tree the numbers that they have in the file.
    text = "\n" * (first - 2) + "if 1:\n" + "".join(block) if indented else "\n" * (first - 1) + "".join(block)
    try:
        node: Any = ast.parse(text).body[0]
    except SyntaxError as error:
        raise ConversionError(f"could not parse the source code of {code.co_name}: {error}") from None
    if indented:
        node = node.body[0]
    if not isinstance(node, ast.FunctionDef) or node.name != code.co_name:
        raise ConversionError(f"the source code of {code.co_name} is not where it was: has the file changed?")
    return node


def _lambda(code: types.CodeType, lines: list[str]) -> ast.Lambda:
    """The lambda that all of `code` lies in; of several inside each other the innermost."""
    spots = {(line, column) for line, _, column, _ in code.co_positions() if line is not None and column is not None}
    spots -= {(code.co_firstlineno, 0)}  # where the code's own beginning is said to be
    found = [
        node
        for node in ast.walk(_file_tree(code.co_filename, "".join(lines)))
        if isinstance(node, ast.Lambda)
        and node.lineno == code.co_firstlineno
        and all((node.lineno, node.col_offset) <= spot < _end(node) for spot in spots)
    ]
    if not found:
        raise ConversionError(f"could not find the lambda at line {code.co_firstlineno} of {code.co_filename}")
    return copy.deepcopy(max(found, key=lambda node: (node.lineno, node.col_offset)))


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


@functools.lru_cache(maxsize=4)
def _file_tree(_file: str, text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise ConversionError(f"could not parse the source code: {error}") from None


def _class_around(qualname: str) -> str | None:
    """The name of the class in whose body the function was written, perhaps in another function there."""
    parts = qualname.split(".")[:-1]
    while parts and parts[-1] == "<locals>":
        del parts[-2:]
    return parts[-1] if parts else None


class _Mangler(ast.NodeTransformer):
    """Gives names that begin with two underscores what they are called outside the class."""

    def __init__(self, owner: str) -> None:
        self.prefix = f"_{owner.lstrip('_')}"

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.ClassDef):
            return node  # does so itself
        for field in ("id", "attr", "arg", "name"):
            name = getattr(node, field, None)
            if isinstance(name, str) and name.startswith("__") and not name.endswith("__"):
                setattr(node, field, self.prefix + name)
        return self.generic_visit(node)


def visible_names(function: types.FunctionType) -> dict[str, Any]:
    """The globals and the closure of `function`, by name."""
    names = dict(function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            names[name] = cell.cell_contents
        except ValueError:  # nothing in it yet
            names.pop(name, None)
    return names


def _static(node: ast.expr, namespace: dict[str, Any]) -> Any:
    """The value of a name, or of an attribute of a module; None for anything else."""
    if isinstance(node, ast.Name):
        return namespace.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _static(node.value, namespace)
        return getattr(owner, node.attr, None) if isinstance(owner, types.ModuleType) else None
    return None


# -- what is Python's own


def _is_pythons(node: ast.If | ast.While | ast.For, function: types.FunctionType) -> bool:
    """Whether no tensor can decide: then the statement may stay as it is."""
    if isinstance(node, ast.If):
        return _is_bool(node.test, function)
    if isinstance(node, ast.While):
        return isinstance(node.test, ast.Constant)
    call = node.iter
    if not isinstance(call, ast.Call):
        return isinstance(call, (ast.List, ast.Tuple))
    if isinstance(call.func, ast.Attribute):
        return call.func.attr == "items" and not call.args
    if _is_builtin(call.func, function, {"range"}):
        return all(isinstance(arg, ast.Constant) for arg in call.args)
    return _is_builtin(call.func, function, {"zip", "enumerate"}) and _is_no_dataset(call, function)


# What these give is no dataset; nor is it a tensor that `zip` could go through.
_LISTS = frozenset({"variables", "trainable_variables", "weights", "trainable_weights", "gradient", "values", "keys"})


def _is_no_dataset(node: ast.expr, function: types.FunctionType) -> bool:
    """Whether what `node` gives certainly is none; `zip` is Python's if one of its arguments is not."""
    if isinstance(node, ast.Attribute):
        return node.attr in _LISTS
    if not isinstance(node, ast.Call):
        return isinstance(node, (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp))
    if not _is_builtin(node.func, function, {"zip", "enumerate"}):
        return _is_builtin(node.func, function, {"range", "list", "sorted"}) or _is_no_dataset(node.func, function)
    strict = any(keyword.arg == "strict" for keyword in node.keywords)
    return strict or any(_is_no_dataset(arg, function) for arg in node.args)


def _is_bool(node: ast.expr, function: types.FunctionType) -> bool:
    if isinstance(node, ast.BoolOp):
        return all(_is_bool(value, function) for value in node.values)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not) and _is_bool(node.operand, function)
    if isinstance(node, ast.Call):
        return _is_builtin(node.func, function, {"isinstance", "hasattr", "callable"})
    return isinstance(node, ast.Compare) and all(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops)


def _is_builtin(node: ast.expr, function: types.FunctionType, names: set[str]) -> bool:
    """Whether `node` is one of these builtins, and not something of the program that has its name."""
    if not isinstance(node, ast.Name) or node.id not in names or node.id in function.__globals__:
        return False
    code = function.__code__
    return node.id in code.co_names and node.id not in (*code.co_varnames, *code.co_freevars, *code.co_cellvars)


# -- what `malt` is handed, and what it gives


def _functions(node: ast.AST) -> Iterator[ast.FunctionDef]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.FunctionDef))


def _returns_at_the_end(node: ast.FunctionDef) -> bool:
    """Whether each function returns in its last statement only."""
    last = {id(f.body[-1]) for f in _functions(node)}
    return all(id(inner) in last for inner in ast.walk(node) if isinstance(inner, ast.Return))


def _wrap_bodies(node: ast.FunctionDef) -> None:
    """Gives each function the form that `malt` expects where it handles `return`: one `with` statement."""
    from malt.pyct import anno

    for function in list(_functions(node)):
        anno.setanno(function, "function_context_name", OPERATORS)
        function.body = [ast.With([ast.withitem(ast.Name(OPERATORS, ast.Load()))], function.body)]


def _unwrap_bodies(node: ast.FunctionDef) -> None:
    for function in _functions(node):
        wrapper = function.body[-1]
        assert isinstance(wrapper, ast.With)
        function.body = wrapper.body


def _catch_by_assignment(node: ast.FunctionDef) -> None:
    """Turns `except E as e:` into `except E: e = ag__.caught()`: `malt` stumbles over the name."""
    for handler in ast.walk(node):
        if isinstance(handler, ast.ExceptHandler) and handler.name is not None:
            name = copy_place(handler, ast.Name(handler.name, ast.Store()))
            handler.body.insert(0, copy_place(handler, ast.Assign([name], call("caught", like=handler))))
            handler.name = None


def _undefined_names(node: ast.FunctionDef) -> Iterator[str]:
    """Names that may stand for nothing: those set to `ag__.Undefined(...)`, and those that are deleted."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assign) and isinstance(inner.value, ast.Call):
            if ast.unparse(inner.value.func) == f"{OPERATORS}.Undefined":
                yield from (target.id for target in inner.targets if isinstance(target, ast.Name))
        elif isinstance(inner, ast.Delete):
            yield from (target.id for target in inner.targets if isinstance(target, ast.Name))


# -- compiling


def _place_of(node: Any) -> Place:
    """Where `node` stands; a statement with others inside, where it begins."""
    if hasattr(node, "body") and isinstance(node, ast.stmt):
        return Place(node.lineno, node.lineno, node.col_offset, node.col_offset)
    return Place(*[getattr(node, name) for name in Place._fields])


def _place(node: ast.AST, place: Place) -> None:
    """Gives each node the place that it came from; what was added gets that of the code around it."""
    from malt.pyct import anno

    place = anno.getanno(node, anno.Basic.ORIGIN, None) or place
    if "lineno" in node._attributes:
        for name, value in zip(Place._fields, place):
            setattr(node, name, value)
    for child in ast.iter_child_nodes(node):
        _place(child, place)


def _factory(statement: ast.stmt, name: str, freevars: tuple[str, ...]) -> ast.Module:
    """A module with a function in a function that makes the rewritten one: so its closure can be the original's."""
    module = ast.parse(f"def ag__outer():\n def ag__make({OPERATORS}):\n  return {name}\n return ag__make")
    outer: Any = module.body[0]
    outer.body[0].body.insert(0, statement)
    outer.body[:0] = [ast.Assign([ast.Name(free, ast.Store())], ast.Constant(None)) for free in freevars]
    return ast.fix_missing_locations(module)


def _inner_code(code: types.CodeType, name: str) -> types.CodeType:
    return next(c for c in code.co_consts if isinstance(c, types.CodeType) and c.co_name == name)
