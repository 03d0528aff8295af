"""The command `tapeflow`: run a TensorFlow program on tapeflow, or say what is installed."""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from types import ModuleType, TracebackType
from typing import NoReturn

from .base.errors import OpError
from .client import alias

USAGE = """\
usage: tapeflow run PROGRAM.py [ARGUMENT ...]   run a program; its `import tensorflow` gives tapeflow
       tapeflow run -m MODULE [ARGUMENT ...]    the same for a module, as `python -m` does
       tapeflow run --anomalies PROGRAM.py ...  stop at the first op that makes a NaN or an infinity
       tapeflow explain [-o PAGE.html] PROGRAM.py ...   run it, and write a page on its tapes and gradients
       tapeflow doctor                          say which versions, engines and extras are there
       tapeflow --version | --help
`python -m tapeflow` takes the same arguments; `run` may be left out before a program."""


def main() -> None:
    """Do what the command line says; ends the process as `python` would for the same program."""
    command, *arguments = sys.argv[1:] or ["--help"]
    if command in ("-h", "--help"):
        print(USAGE)
    elif command in ("-V", "--version"):
        from .doctor import installed

        print("tapeflow", installed("tapeflow"))
    elif command == "doctor" and not arguments:
        from .doctor import report

        print(report())
    elif command == "explain":
        from .client.report import explained

        page, arguments = _output(arguments)
        program = _program_of(arguments)
        with explained(program[program[0] == "-m"], page):
            run(program)
    else:
        if command != "run":
            arguments = [command, *arguments]
        if arguments[:1] == ["--anomalies"]:
            from .client.anomalies import anomalies

            with anomalies():
                run(_program_of(arguments[1:]))
        else:
            run(_program_of(arguments))


def _program_of(arguments: list[str]) -> list[str]:
    """What is to be run, if that is what they say."""
    if not arguments or (arguments[0].startswith("-") and (arguments[0] != "-m" or len(arguments) == 1)):
        _refuse(USAGE)
    return arguments


def _output(arguments: list[str]) -> tuple[str | None, list[str]]:
    """Takes `-o PAGE` out, which stands before the program or right after it."""
    for i in (0, 2 if arguments[:1] == ["-m"] else 1):
        if arguments[i : i + 1] == ["-o"] and len(arguments) > i + 1:
            return arguments[i + 1], arguments[:i] + arguments[i + 2 :]
    return None, arguments


def _refuse(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(2)


def run(arguments: list[str]) -> None:
    """Run `PROGRAM.py [ARGUMENT ...]` or `-m MODULE [ARGUMENT ...]` as `__main__`, with `tensorflow` being tapeflow."""
    alias.install()
    start = _module if arguments[0] == "-m" else _program
    if arguments[0] == "-m":
        del arguments[0]
    sys.argv = arguments
    try:
        start(arguments[0])
    except SystemExit:
        raise
    except BaseException:
        # Python prints the traceback and picks the exit status; only its view of the stack is changed.
        sys.excepthook = _hiding_the_launch(sys.excepthook)
        raise


def _program(path: str) -> None:
    if os.path.isdir(path):
        path = os.path.join(path, "__main__.py")
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        _refuse(f"tapeflow: can't open file {os.path.abspath(path)!r}: [Errno {error.errno}] {error.strerror}")
    _search_first(os.path.dirname(os.path.realpath(path)))
    path = os.path.abspath(path)
    module = ModuleType("__main__")
    module.__file__ = path
    module.__loader__ = SourceFileLoader("__main__", path)
    module.__dict__["__builtins__"] = builtins
    module.__dict__["__cached__"] = None
    sys.modules["__main__"] = module
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)


def _module(name: str) -> None:
    import runpy

    _search_first(os.getcwd())
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def _search_first(folder: str) -> None:
    """Put `folder` where Python put the folder of the command itself."""
    if not sys.flags.safe_path:
        sys.path[0] = folder


Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


def _hiding_the_launch(hook: Hook) -> Hook:
    """The hook, given stacks without what started the program and without the import machinery."""

    def show(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> object:
        shown: BaseException | None = error.with_traceback(traceback)
        seen: set[BaseException] = set()
        while shown is not None and shown not in seen:
            seen.add(shown)
            shown.with_traceback(_users_part(shown))
            shown = shown.__cause__ or shown.__context__
        return hook(kind, error, error.__traceback__)

    return show


def _users_part(error: BaseException) -> TracebackType | None:
    """The stack without what led to the program; of an op's error, whose text says all, without tapeflow's part too."""
    package = os.path.join(os.path.dirname(__file__), "")
    hidden = ["<frozen runpy>", "<frozen importlib._bootstrap>", alias.__file__, f"{package}__init__.py"]
    if isinstance(error, OpError):
        hidden.append(package)
    entries: list[TracebackType] = []
    entry = error.__traceback__
    while entry is not None:
        file = entry.tb_frame.f_code.co_filename
        if file == __file__:
            entries.clear()
        elif not file.startswith(tuple(hidden)):
            entries.append(entry)
        entry = entry.tb_next
    rest = None
    for entry in reversed(entries):
        entry.tb_next = rest
        rest = entry
    return rest
