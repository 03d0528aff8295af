"""Which line of the program is running: for messages that name it."""

from __future__ import annotations

import functools
import linecache
import os
import sys
from typing import Any, NamedTuple

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_AUTOGRAPH = f"{os.sep}malt{os.sep}"  # what turns `if` and `while` of functions into graphs


class Site(NamedTuple):
    """A line of a program: its file, its number, the function that it is in."""

    file: str
    line: int
    function: str

    @property
    def code(self) -> str:
        """The line itself, if the file can be read."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        """`prog.py:12`, with the folder that it is in only where that is not the current one."""
        near = os.path.relpath(self.file) if os.path.isabs(self.file) else self.file
        return f"{self.file if near.startswith('..') else near}:{self.line}"


NOWHERE = Site("<unknown>", 0, "")


@functools.cache
def _libraries() -> tuple[str, ...]:
    """The folders of Python's own modules and of installed ones."""
    import sysconfig  # takes as long to import as three of our modules

    return tuple({sysconfig.get_path(kind) + os.sep for kind in ("stdlib", "platstdlib", "purelib", "platlib")})


@functools.cache
def _rank(file: str) -> int:
    """0 for our own code, 1 for libraries and Python itself, 2 for the program."""
    if file.startswith((_PACKAGE, "<frozen ", "<tapeflow ", "<__array_function__")) or _AUTOGRAPH in file:
        return 0
    return 1 if file.startswith(_libraries()) else 2


def is_ours(frame: Any) -> bool:
    """Whether a stack frame belongs to this package."""
    return not _rank(frame.f_code.co_filename)


def user_frame(depth: int = 1) -> Any:
    """The innermost stack frame of the program; of a library, if no program is there; None without either.

    Args:
      depth: how many of the caller's frames to leave out.
    """
    frame: Any = sys._getframe(depth)
    library = None
    while frame is not None:
        rank = _rank(frame.f_code.co_filename)
        if rank == 2:
            return frame
        if rank == 1 and library is None:
            library = frame
        frame = frame.f_back
    return library


def traced_site(depth: int = 1) -> tuple[Site, Any]:
    """The innermost line of the program in the function that is being traced; if it has none there, a library's.

    Returns:
      The line, and the frame of the tape's sweep if one is between; else None.
    """
    frame: Any = sys._getframe(depth)
    library = sweep = None
    while frame is not None:
        rank = _rank(frame.f_code.co_filename)
        if rank == 2:
            return _site(frame), sweep
        if rank == 1 and library is None:
            library = frame
        elif not rank:
            name = frame.f_code.co_name
            if name == "trace" and library is not None:
                break  # the rest of the stack is what calls the function
            if name == "sweep" and sweep is None:
                sweep = frame
        frame = frame.f_back
    return _site(library), sweep


def user_site(depth: int = 1) -> Site:
    """The line of `user_frame`."""
    return _site(user_frame(depth + 1))


def _site(frame: Any) -> Site:
    return NOWHERE if frame is None else Site(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
