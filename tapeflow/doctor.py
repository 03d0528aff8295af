"""What `tapeflow doctor` prints: versions, engines and extras, found without importing more than NumPy."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import sys
from importlib import metadata

import numpy as np


def report() -> str:
    """One line for each thing a problem report should say."""
    lines = [
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("system", f"{sys.platform}, {platform.machine()}, {os.cpu_count()} processors"),
        ("tapeflow", f"{installed('tapeflow')} in {os.path.dirname(os.path.abspath(__file__))}"),
        ("numpy", f"{np.__version__}, BLAS: {_blas()}"),
        ("ml_dtypes", installed("ml_dtypes")),
        ("diastatic-malt", installed("diastatic-malt")),
        ("engine numpy", "yes"),
        ("engine xla", _xla()),
        *((f"extra {extra}", _extra(extra, needs)) for extra, needs in _extras().items()),
        ("tensorflow", _tensorflow()),
    ]
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)


def installed(distribution: str) -> str:
    """The version of an installed distribution, or `not installed`."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def _blas() -> str:
    config = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    return f"{blas.get('name', 'unknown')} {blas.get('version', '')}".rstrip()


def _xla() -> str:
    if importlib.util.find_spec("tapeflow.engines.xla") is None:
        return "not in this version of tapeflow"
    jax = installed("jax")
    return f"jax {jax}" if jax != "not installed" else "no: pip install 'tapeflow[xla]'"


def _extras() -> dict[str, list[str]]:
    """Each extra of the installed tapeflow and the distributions it asks for."""
    try:
        requirements = metadata.requires("tapeflow") or []
    except metadata.PackageNotFoundError:
        return {}
    extras: dict[str, list[str]] = {}
    for requirement in requirements:
        match = re.match(r"([\w.-]+).*\bextra == ['\"]([\w-]+)['\"]", requirement)
        if match:
            extras.setdefault(match[2], []).append(match[1])
    return extras


def _extra(extra: str, needs: list[str]) -> str:
    versions = {name: installed(name) for name in needs}
    if "not installed" in versions.values():
        missing = ", ".join(name for name, version in versions.items() if version == "not installed")
        return f"no ({missing}): pip install 'tapeflow[{extra}]'"
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _tensorflow() -> str:
    real = importlib.util.find_spec("tensorflow")
    return "not installed (not needed)" if real is None else "installed too; `tapeflow run` does not use it"
