"""The op table: every module here has a list `ROWS`."""

from __future__ import annotations

import importlib
import pkgutil

from optable import Row


def families() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(family: str) -> list[Row]:
    rows: list[Row] = importlib.import_module(f"{__name__}.{family}").ROWS
    names = [row.name for row in rows]
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise ValueError(f"rows/{family}.py has two rows of the name {doubled}: call one of them 'Name/what'")
    return rows
