"""`import tensorflow` gives tapeflow, by an import finder: no file named `tensorflow` is installed anywhere."""

from __future__ import annotations

import importlib.util
import pkgutil
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from .modules import MODULES, PACKAGES

ALIAS = "tensorflow"
REAL = __name__.partition(".")[0]

# Modules of tapeflow that are not a part of what TensorFlow offers under the same name.
_OWN = frozenset(
    """
    __main__ base cli client core doctor engines graph linear_operators ops state testing
    """.split()
)


def install() -> None:
    """Let `import tensorflow` give tapeflow from now on, in this process; calling it again changes nothing.

    `tapeflow run` does this before it starts a program. In a notebook, call it in the first cell.

    Raises:
      ImportError: the real TensorFlow is imported already. Two libraries under one name would mix their tensors.

    >>> from tapeflow.client import alias
    >>> alias.install()
    >>> import tensorflow
    >>> tensorflow is tf
    True
    """
    present = sys.modules.get(ALIAS)
    if present is not None and present.__name__ != REAL:
        raise ImportError(
            f"the real {ALIAS} is already imported in this process ({getattr(present, '__file__', None)}): "
            f"call tapeflow.client.alias.install() before anything imports {ALIAS}",
            name=ALIAS,
        )
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path[:0] = [_Finder(), _KerasFinder()]


class _Finder(MetaPathFinder):
    """Finds `tensorflow` and `tensorflow.x` as `tapeflow` and `tapeflow.x`: the same module objects."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top, _, below = fullname.partition(".")
        if top != ALIAS:
            return None
        if below in PACKAGES:
            return ModuleSpec(fullname, _Empty(), is_package=True)
        below = MODULES.get(below, below)
        real = f"{REAL}.{below}" if below else REAL
        found = None if below.partition(".")[0] in _OWN and below not in MODULES.values() else _spec(real)
        if found is None:
            raise ModuleNotFoundError(_missing(fullname), name=fullname)
        is_package = found.submodule_search_locations is not None
        return ModuleSpec(fullname, _Loader(real), origin=found.origin, is_package=is_package)


class _KerasFinder(MetaPathFinder):
    """Finds Keras where it is, and has `client.keras` look after its errors once it is loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path, target) if fullname == "keras" else None
        loader: Any = None if found is None else found.loader
        if loader is None:
            return None
        load = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            importlib.import_module(f"{REAL}.client.keras").help_with_errors()

        loader.exec_module = exec_module
        return found


class _Loader(Loader):
    def __init__(self, real: str) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self.real)
        self.spec = module.__spec__  # the import system replaces it by the alias's
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec


class _Empty(Loader):
    """Makes the packages around what stands for modules inside TensorFlow."""

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is in them but those modules."""


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if name.startswith(f"{error.name}."):  # a parent is not there, or is not a package
            return None
        raise


def _missing(fullname: str) -> str:
    parent = fullname.rpartition(".")[0]
    there = ", ".join(_modules_below(parent)) or f"nothing below {parent}"
    return f"No module named {fullname!r}: {ALIAS} is tapeflow here, which has {there}"


def _modules_below(parent: str) -> list[str]:
    below = parent.removeprefix(f"{ALIAS}.")
    if below in PACKAGES:
        return [f"{ALIAS}.{name}" for name in MODULES if name.startswith(f"{below}.")]
    names = sorted(m.name for m in pkgutil.iter_modules(getattr(sys.modules[parent], "__path__", ())))
    return [f"{parent}.{name}" for name in names if name not in _OWN and not name.startswith("_")]
