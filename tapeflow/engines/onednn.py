"""oneDNN's convolutions and matrix products, which are inside jaxlib, as calls in a program for XLA on CPUs.

They are reached by names without documentation, and a call that is described wrongly ends the process. So a program has
them only with the versions of jaxlib below, and once a process of its own has made calls of each kind and found their
results right, which is then written down beside the compiled programs. Nor can such a program be kept on disk. So only
what is compiled beside a running program has them; all else has XLA's own operations. `TAPEFLOW_ONEDNN=0` keeps to
these.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import xla
from .turns import unlocked

if TYPE_CHECKING:
    from pathlib import Path

Array = Any
Pair = tuple[int, int]

VERSIONS = ("0.10.2",)  # of jaxlib, with which the calls were tried
LONGEST = 60.0  # seconds that the trial may take
CLOSE = 1e-4  # how far results may be from XLA's own, relative to the largest

_ORDER = ("NHWC", "HWIO", "NHWC")
_IMAGES = {"dims": "4", "data": {"batch_dim": "0", "feature_dim": "3", "spatial_dims": ["1", "2"]}}

# Runs the program on standard input, which takes nothing and gives pairs of arrays; prints how far these are apart.
_PROCESS = """
import os, sys
if hasattr(os, "nice"):
    os.nice(int(sys.argv[1]))
sys.path[:] = sys.argv[2:]
import jaxlib.xla_client as xla, numpy as np
client = xla.make_cpu_client()
devices = xla.DeviceList(tuple(client.devices()[:1]))
code = client.compile_and_load(sys.stdin.buffer.read(), devices, xla.CompileOptions())
arrays = [np.asarray(x) for x in code.execute([])]
print(*[float(abs(x - y).max() / abs(y).max()) for x, y in zip(arrays[::2], arrays[1::2])])
"""


# ---------------------------------------------------------------- the calls


def convolve(
    jax: Any, x: Array, w: Array, strides: Pair, padding: Sequence[Pair], dilations: Pair, swapped: bool = False
) -> Array:
    """Cross-correlation of float32 images (n, h, w, c) with filters (kh, kw, c, o), or `swapped` (kh, kw, o, c).

    Padding must not be negative.
    """
    channels, filters = (3, 2) if swapped else (2, 3)
    cells = [x.shape[i + 1] + sum(padding[i]) - (w.shape[i] - 1) * dilations[i] - 1 for i in range(2)]
    shape = (x.shape[0], cells[0] // strides[0] + 1, cells[1] // strides[1] + 1, w.shape[filters])
    axes = {"input_feature_dim": str(channels), "output_feature_dim": str(filters), "spatial_dims": ["0", "1"]}
    window = {
        "size": [],
        "pad_left": [str(edge[0]) for edge in padding],
        "pad_right": [str(edge[1]) for edge in padding],
        "strides": [str(step) for step in strides],
        "window_dilations": [str(step) for step in dilations],
    }
    kernel = {"dims": "4", "filter": axes}
    config = {"dims": "4", "input": _IMAGES, "kernel": kernel, "output": _IMAGES, "window": window}
    return _call(jax, "convolution", {"onednn_conv_config": {**config, "feature_groups": "1"}}, shape, x, w)


def matmul(jax: Any, a: Array, b: Array, transpose_a: bool = False, transpose_b: bool = False) -> Array:
    """Products of float32 matrices, or of as many in both arrays."""
    shape = (*a.shape[:-2], a.shape[-1 if transpose_a else -2], b.shape[-2 if transpose_b else -1])
    config = {"transpose_a": transpose_a, "transpose_b": transpose_b}
    return _call(jax, "matmul", {"onednn_matmul_config": config}, shape, a, b)


def _call(jax: Any, name: str, config: dict[str, Any], shape: tuple[int, ...], *arrays: Array) -> Array:
    like = jax.ShapeDtypeStruct(shape, np.float32)
    text = json.dumps(config)
    return jax.ffi.ffi_call(f"__onednn${name}", like, custom_call_api_version=2, legacy_backend_config=text)(*arrays)


# ---------------------------------------------------------------- whether they may be made


class Trial:
    """Whether the calls give the right results here."""

    def __init__(self) -> None:
        self._right: bool | None = None  # not known yet
        self._lock = threading.Lock()

    def passed(self) -> bool:
        """Whether they do; they are tried if that is not known, which takes a second or two."""
        with self._lock:
            if self._right is None:
                self._right = _remembered()
            if self._right is None:
                self._right = tried()
                _remember(self._right)
            return self._right


_trial = Trial()


def usable() -> bool:
    """Whether a program may have the calls; never but on CPUs. It takes a second or two if they are to be tried."""
    return os.environ.get("TAPEFLOW_ONEDNN") != "0" and _is_listed() and _trial.passed()


def _is_listed() -> bool:
    return xla.version() in VERSIONS and xla.jax().default_backend() == "cpu"


def tried() -> bool:
    """Makes calls of each kind, in a process of its own; whether all went well."""
    import subprocess  # here and below: what only JAX's users need is not part of our import

    try:
        lowered = xla.lowered(_results, [])
        command = [sys.executable, "-I", "-c", _PROCESS, str(xla.NICE), *sys.path]
        text = lowered.as_text().encode()
        with unlocked():
            done = subprocess.run(command, input=text, capture_output=True, timeout=LONGEST, check=True)
        found = [float(word) for word in done.stdout.split()]
    except Exception:  # whatever it is, there are XLA's own operations
        return False
    return 2 * len(found) == len(lowered.out_info) and all(x <= CLOSE for x in found)


def _results() -> list[Array]:
    """For each kind of call its result, and XLA's own."""
    jax = xla.jax()
    waves = jax.numpy.sin(jax.numpy.arange(1 << 15, dtype=np.float32))

    def some(*shape: int) -> Array:
        return waves[: math.prod(shape)].reshape(shape)

    def convolution(x: Array, w: Array, *geometry: Any) -> Array:
        strides, padding, dilations = geometry
        return jax.lax.conv_general_dilated(
            x, w, strides, padding, rhs_dilation=dilations, dimension_numbers=_ORDER, precision="highest"
        )

    ones, same = (1, 1), ((1, 1), (1, 1))
    x, w, odd = some(2, 9, 12, 8), some(3, 3, 8, 16), some(2, 3, 8, 5)
    other = (2, 1), ((0, 1), (2, 0)), (1, 2)
    a, b = some(16, 33, 32), some(16, 32, 48)
    pairs = [
        (convolve(jax, x, w, ones, same, ones), convolution(x, w, ones, same, ones)),
        (convolve(jax, x, w.swapaxes(2, 3), ones, same, ones, True), convolution(x, w, ones, same, ones)),
        (convolve(jax, x, odd, *other), convolution(x, odd, *other)),
        (matmul(jax, a, b), a @ b),
        (matmul(jax, a.swapaxes(1, 2), b, transpose_a=True), a @ b),
        (matmul(jax, a, b.swapaxes(1, 2), transpose_b=True), a @ b),
        (matmul(jax, a[0].T, b[0], transpose_a=True), a[0] @ b[0]),
    ]
    return [x for pair in pairs for x in pair]


def _note() -> Path | None:
    """Where the outcome is written down, for these versions, this machine, and these calls."""
    import hashlib

    directory = xla.cache_directory()
    code = os.stat(__file__)
    text = f"{xla.platform()} {code.st_size} {code.st_mtime_ns}"
    return directory and directory / f"onednn-{hashlib.sha256(text.encode()).hexdigest()}"


def _remembered() -> bool | None:
    note = _note()
    if note is not None:
        with contextlib.suppress(OSError, KeyError):
            return {b"right": True, b"wrong": False}[note.read_bytes()]
    return None


def _remember(right: bool) -> None:
    note = _note()
    if note is not None:
        with contextlib.suppress(OSError):
            note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            note.write_bytes(b"right" if right else b"wrong")
