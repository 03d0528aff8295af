"""Programs that are wrong, and what is said of them: the frame of a table whose rows are in the other `bad_*.py`.

A program is a function of `tf` and of `function`, which stands for `tf.function`. `tools/record_bad_programs.py` runs
each on TensorFlow, in all its modes, and keeps the error's type and text, or what was returned where there is none.
"""

from __future__ import annotations

import functools
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from bad_differences import DIFFERENT

Program = Callable[[Any, Any], Any]

#: `eager`: functions run as Python. `host`, `xla`: they are traced, with `jit_compile` left open, and True.
#: `free`: traced, with no sizes known.
MODES = ("eager", "host", "free", "xla")


@dataclass(frozen=True)
class Bad:
    """A program, and in which modes it runs."""

    program: Program
    modes: tuple[str, ...]


CASES: dict[str, Bad] = {}


def _add(name: str, program: Program, modes: str) -> None:
    if name in CASES:
        raise ValueError(f"two programs are named {name}")
    CASES[name] = Bad(program, tuple(modes.split()))


def bad(modes: str = "host") -> Callable[[Program], Program]:
    """Makes a row of a function of `tf` and `function`: its name is the function's."""

    def register(program: Program) -> Program:
        _add(program.__name__, program, modes)
        return program

    return register


def call(name: str, f: Callable[..., Any], *arrays: Any, modes: str = " ".join(MODES)) -> None:
    """A row: the call of `f(tf, *tensors)`."""

    def program(tf: Any, function: Any) -> Any:
        def run(*tensors: Any) -> Any:
            result = f(tf, *tensors)
            return None if type(result).__name__ in ("Node", "Operation") else result

        run.__wrapped__ = functools.partial(f, tf)  # type: ignore[attr-defined]  # has the arguments' names
        tensors = [tf.constant(array) for array in arrays]
        return function(run, autograph=False, like=tensors)(*tensors)

    _add(name, program, modes)


def run(tf: Any, name: str, mode: str) -> dict[str, Any]:
    """What becomes of a program: `error` and `text`, or `returned`; `said`, if it was warned of something."""
    tf.config.run_functions_eagerly(mode == "eager")
    try:
        with _said(tf) as said:
            found = _outcome(CASES[name].program, tf, functools.partial(_function, tf, mode))
    finally:
        tf.config.run_functions_eagerly(False)
    return {**found, **({"said": said} if said and "returned" in found else {})}


def _outcome(program: Program, tf: Any, function: Any) -> dict[str, Any]:
    try:
        return {"returned": plain(program(tf, function))}
    except Exception as error:
        return {"error": _caught(tf, type(error)), "text": shortened(str(error))}


def _caught(tf: Any, error: type[BaseException]) -> list[str]:
    """By what a program can catch an error: those of its classes that are Python's, `tf.errors`', or the program's."""
    own = lambda cls: cls.__module__ == "builtins" or cls.__module__.startswith("bad_")
    names = [c.__name__ for c in error.__mro__[:-3] if own(c) or getattr(tf.errors, c.__name__, None) is c]
    return names


def _function(tf: Any, mode: str, f: Any = None, like: Any = None, **options: Any) -> Any:
    if f is None:
        return functools.partial(_function, tf, mode, like=like, **options)
    if mode == "xla":
        options["jit_compile"] = True
    if mode == "free":
        options["input_signature"] = [tf.TensorSpec(None, tensor.dtype) for tensor in like or ()]
    return tf.function(f, **options)


@contextmanager
def _said(tf: Any) -> Iterator[list[str]]:
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    retracing = lambda record: "retracing" in record.getMessage() and said.append(shortened(record.getMessage()))
    handler.emit = retracing  # type: ignore[method-assign]
    logger = tf.get_logger()
    logger.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield said
    finally:
        logger.removeHandler(handler)


def plain(value: Any) -> Any:
    """A result for JSON: Tensors as their dtype and values."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "numpy"):
        return [value.dtype.name, repr(np.asarray(value.numpy()).tolist())]
    return value if value is None or isinstance(value, (bool, int, float, str)) else type(value).__name__


#: What is cut from texts: places in files, what TensorFlow adds of its own making, and what graphs are told apart by.
_CUT = (
    r"\{\{function_node [^}]*\}\} ?",
    r"(?m)^\t \[\[.*\n?",
    r"(?s)\n\t; NodeDef: .*",
    r"(?s)\n\n?Stack trace for op definition:.*",
    r"\s*\[Op:[^\]]*\]( name: \S*)?",
    r"(?s)Graph execution error:\n\n",
    r"(?s)Detected at node.*?(<stack traces unavailable>\n?|\n\n(?=\S))",
    r"(?m)^\s*File \".*\n(\s+.*\n)?",
    r"(?m)^\s*(Call arguments received|Original stack trace).*$",
    r"\d+ root error\(s\) found\.\n",
    r"(?m)^  \(\d\) (\w+ ?)+: ",
    r"(?s)(?<=') with input shapes: .*",
    r"\[_XlaMustCompile=[^\]]*\]",
    r"(?s)\s*(The op is created at:|\ttf2xla conversion failed).*",
)
_INSTEAD = (
    (r'\\"', '"'),
    (r"(?s)^in user code:(\n\n *\w+:)? ", ""),
    (r"(?s)(= \w+)(\[.*?\])?\(.*\)(?='$)", r"\1"),  # ours shows static inputs as values
    (r"for '\{\{node [^}]*\}\} = (\w+)'", r"for \1"),  # within branches and gradients, names are not TensorFlow's
    (r"\S*<locals>\.", ""),
    (r"0x[0-9a-f]{6,}", "0x_"),
    (r"__(inference|forward|backward)_(\S+?)_\d+\b", r"\2"),
    (r"\b(id=|FuncGraph\()\d+", r"\1_"),
    (r"line \d+", "line _"),
    (r"(<tf.Tensor '|Tensor\(\")[^'\"]*(?=['\"])", r"\1_"),
    (r"<function (\S+) at 0x_>", r"\1"),
    (r"<class '[\w.]*\.(\w+)'>", r"\1"),
    (r"\bSymbolicTensor\b|\bSymbol\b|\bEagerTensor\b", "Tensor"),
    (r"\bResourceVariable\b", "Variable"),
    (r"'tensorflow\.python\.framework\.ops\.Tensor'", "'Tensor'"),
    (r"\([\w./]+:\d+\) = ", "(_) = "),
    (r"\bpyfunc_\d+", "<lambda>"),
    (r"(?s)compile graph \S+ on XLA(_CPU_JIT)?: (\w+).*", r"compile graph on XLA: \2"),  # the reason follows
)


def shortened(text: str) -> str:
    """A text without what need not be the same."""
    for pattern in _CUT:
        text = re.sub(pattern, "", text)
    for pattern, instead in _INSTEAD:
        text = re.sub(pattern, instead, text)
    return re.sub(r"(?m)^    ", "", text).strip()


def wrong(name: str, mode: str, found: dict[str, Any], recorded: dict[str, dict[str, Any]]) -> str | None:
    """How an outcome is not what it should be, or None; `recorded` has TensorFlow's, by mode."""
    expected = recorded[mode]
    for different in DIFFERENT.get(name, ()):
        if mode in different.modes.split():
            wanted = (
                expected.get("error") if different.error is None else [different.error] if different.error else None
            )
            missing = [text for text in different.says if text not in found.get("text", "")]
            return (
                None if _raises(found, wanted) and not missing else f"expected {wanted}, {different.says}, got {found}"
            )
    # The errors of kernels for XLA are worded as on the host.
    others = [recorded["host"]] if mode == "xla" and "host" in recorded and "error" in expected else []
    if _raises(found, expected.get("error")) and any(_alike(found, one) for one in [expected, *others]):
        return None
    return f"expected\n  {expected}\ngot\n  {found}"


def _raises(found: dict[str, Any], wanted: list[str] | None) -> bool:
    if wanted is None or "error" not in found:
        return wanted is None and "error" not in found
    return not wanted or wanted[0] in found["error"]  # an error without a name of its own is any


def _alike(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    text, wanted = found.get("text", ""), expected.get("text", "")
    said = _sentence(text) == _sentence(wanted) and _facts(text) >= _facts(wanted)
    return said and found.get("returned") == expected.get("returned") and ("said" in found or "said" not in expected)


def _sentence(text: str) -> str:
    """The first sentence, which is what people search for."""
    return re.split(r"\.?\n|\. ", text, maxsplit=1)[0].rstrip(".")


def _facts(text: str) -> set[str]:
    """The shapes and dtypes in a text."""
    return set(re.findall(r"[\[(][\d, ?]*[\])]|\b(?:u?int|float|bfloat|complex)\d+\b|\bbool\b|\bstring\b", text))
