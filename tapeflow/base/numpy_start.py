"""Loads NumPy, whose OpenBLAS reads its settings then. To be imported before anything else imports NumPy."""

from __future__ import annotations

import os
import sys

# A thread of OpenBLAS that has no work keeps its core busy, in case more comes, for 2**22 cycles (2 ms); of itself for
# 2**26. Products that follow each other, as in a training step, still find it awake; and what else needs the core, the
# rest of the import first of all, gets it sooner.
_SETTING, _CYCLES = "OPENBLAS_THREAD_TIMEOUT", "22"

if "numpy" not in sys.modules and _SETTING not in os.environ:
    os.environ[_SETTING] = _CYCLES
    try:
        import numpy  # noqa: F401
    finally:
        del os.environ[_SETTING]  # it is not for the programs that this one starts
