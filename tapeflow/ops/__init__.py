"""Families of ops: shape rule, kernel and gradient side by side."""

from __future__ import annotations

from ..core.registry import OPS


def load() -> None:
    """Load all families, so that all ops are in the registry."""
    import importlib
    import pkgutil

    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


OPS.load = load
