"""Which line of the program is running: for messages that name it."""

from __future__ import annotations

import functools
import linecache
import os
import sys
import sysconfig
from typing import Any, NamedTuple

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_LIBRARIES = tuple({sysconfig.get_path(kind) + os.sep for kind in ("stdlib", "platstdlib", "purelib", "platlib")})


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
def _rank(file: str) -> int:
    """0 for our own code, 1 for libraries and Python itself, 2 for the program."""
    if file.startswith((_PACKAGE, "<frozen ", "<tapeflow ", "<__array_function__")):
        return 0
    return 1 if file.startswith(_LIBRARIES) else 2


def is_ours(frame: Any) -> bool:
    """Whether a stack frame belongs to this package."""
    return not _rank(frame.f_code.co_filename)


def user_site(depth: int = 1) -> Site:
    """The innermost line of the program that is running; of a library, if no program is there.

    Args:
      depth: how many of the caller's frames to leave out.
    """
    frame: Any = sys._getframe(depth)
    best = None
    while frame is not None:
        rank = _rank(frame.f_code.co_filename)
        if rank == 2:
            best = frame
            break
        if rank == 1 and best is None:
            best = frame
        frame = frame.f_back
    return NOWHERE if best is None else Site(best.f_code.co_filename, best.f_lineno, best.f_code.co_name)
