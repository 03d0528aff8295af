"""The XLA engine, through JAX: the one module that imports it, and only once it is needed.

What of JAX's settings matters to us, 64-bit types, holds only inside our own calls; a program's own use of JAX is not
touched. On CPUs a call computes in the thread that makes it, where JAX would hand it to another: results are wanted at
once, and the hand-over costs up to 40 us. JAX fixes that when it first starts its CPU client. If the program's own use
of JAX has started it before, it stays as it is.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import glob
import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.context import settings
from . import host
from .turns import unlocked

if TYPE_CHECKING:
    from pathlib import Path

    from ..core.tensor import Array

_ALIGNMENT = 64  # bytes: where an array must begin for XLA to take it as it is
_COPIED_AT_ONCE = 100 * 1024  # bytes, of an array that does not
KEPT = 256  # executables on disk; of more, those not used for longest go

_OPTIONS: tuple[tuple[str, Any], ...] = (("xla_allow_excess_precision", False),)  # bfloat16 is to be rounded
# For CPUs. Matrix products through XNNPACK, but not convolutions, for which it is the slow way; wide vectors.
_CPU_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("xla_cpu_experimental_ynn_fusion_type", "LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT"),
    ("xla_cpu_prefer_vector_width", 512),
)

NICE = 10  # how far what compiles in the background goes down in priority: a tenth of a core beside a busy program


@functools.cache
def available() -> bool:
    """Whether JAX is installed; it is not imported to find out."""
    return importlib.util.find_spec("jax") is not None and importlib.util.find_spec("jaxlib") is not None


@functools.cache
def jax() -> Any:
    """The module `jax`, with its client started.

    Raises:
      ImportError: if it is not installed.
    """
    if not available():
        raise ImportError("XLA needs the package jax: pip install tapeflow[xla]")
    _one_heap()
    _load_library()
    with unhurried():
        import jax as module

    jax: Any = module
    flag = "jax_cpu_enable_async_dispatch"
    before = jax.config.values.get(flag)
    if before:
        jax.config.update(flag, False)
    _older()
    try:
        jax.devices()
    finally:
        if before:
            jax.config.update(flag, before)
    return jax


@functools.cache
def _older() -> frozenset[int]:
    """The threads that were there before JAX's client: asked for the first time just before it is started."""
    return frozenset(_switches())


def _switches() -> dict[int, int]:
    """How often each thread of this process has waited for something; empty where the system is not Linux."""
    found = {}
    for file in glob.iglob("/proc/self/task/*/status"):
        with contextlib.suppress(OSError), open(file, encoding="utf-8") as lines:
            facts = dict(line.split(":", 1) for line in lines if ":" in line)
            found[int(facts["Pid"])] = int(facts.get("voluntary_ctxt_switches", 0))
    return found


@functools.cache
def give_way() -> None:
    """Lets the threads in which XLA compiles come last where cores are short, if the system is Linux.

    They are the client's that have something to do while something is compiled. Code runs in others.
    """
    code = _jitted(lambda x: x + x, cpu()).lower(np.float32(0))
    before = _switches()
    with unlocked():
        code.compile()
    for thread, switches in _switches().items():
        if thread not in _older() and switches != before.get(thread):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, thread, NICE)


@contextlib.contextmanager
def unhurried() -> Iterator[None]:
    """Inside, Python does not look for garbage, nor among the many objects that JAX has made inside.

    Each search would take 60 ms or more, and all threads would wait for it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:
            gc.freeze()
            gc.unfreeze()  # moves all objects to the oldest generation, where they are looked at seldom
        if enabled:
            gc.enable()


def _load_library() -> None:
    """Loads JAX's largest library without Python's lock, which the import would hold for 30 ms to do it."""
    from pathlib import Path  # here and below: what only JAX's users need is not part of our import

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")  # as JAX does before it loads the library
    spec = importlib.util.find_spec("jaxlib")
    with contextlib.suppress(OSError, AttributeError, TypeError):
        dlopen = ctypes.CDLL(None).dlopen  # functions called through ctypes run without the lock; its own loading not
        dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
        for folder in (spec and spec.submodule_search_locations) or ():
            for file in Path(folder).glob("libjax_common.*"):
                dlopen(os.fsencode(file), os.RTLD_NOW | os.RTLD_LOCAL)


def _one_heap() -> None:
    """Makes all threads share one heap, where the C library is glibc.

    A run takes its memory in whichever of XLA's threads it happens to go on. With a heap for each thread, each keeps as
    much: 100 MiB more for a small convolutional network.
    """
    arena_max = -8
    host.set_malloc(arena_max, 1)


def _trim() -> None:
    """Gives the memory that compiling took, and that is free again, back to the system; glibc keeps it otherwise."""
    if os.environ.get("TAPEFLOW_KEEP_MEMORY") != "0":
        with contextlib.suppress(OSError, AttributeError, TypeError):
            ctypes.CDLL(None).malloc_trim(0)


def devices(kind: str | None = None) -> list[Any]:
    """JAX's devices of a kind, `"cpu"`, `"gpu"` or `"tpu"`; by default those that it computes on."""
    try:
        found: list[Any] = jax().devices(kind)
    except (RuntimeError, ImportError):
        return []
    return found


@functools.cache
def cpu() -> Any:
    """The CPU, as JAX's device; None where JAX computes on it by default, or cannot."""
    return None if jax().default_backend() == "cpu" else next(iter(devices("cpu")), None)


def on_device(array: Any, device: Any = None) -> Any:
    """The array on a device of JAX's, the CPU by default."""
    with x64():
        return jax().device_put(array, cpu() if device is None else device)


def large(array: Any) -> bool:
    """Whether an array is so large that XLA, where it must copy it, does so in another thread; the call follows."""
    return bool(array.nbytes > _COPIED_AT_ONCE)


def aligned(array: Array) -> Array:
    """The array, if XLA takes it as it is; or else a copy of which that is true."""
    if array.__array_interface__["data"][0] % _ALIGNMENT == 0 and array.flags.c_contiguous:
        return array
    memory = np.empty(array.nbytes + _ALIGNMENT, np.uint8)
    start = -memory.__array_interface__["data"][0] % _ALIGNMENT
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def copied(array: Any) -> Any:
    """A copy of one of JAX's arrays, on the same device."""
    with x64():
        return jax().numpy.copy(array)


@functools.cache
def version() -> str:
    """jaxlib's version."""
    import jaxlib.version

    return str(jaxlib.version.__version__)


@functools.cache
def platform(device: Any = None) -> str:
    """What the code compiled for a device is for: versions, kind of device, and its type or the CPU's features."""
    module = jax()
    device = device or cpu() or module.devices()[0]
    kind = _cpu_features() if device.platform == "cpu" else device.device_kind
    return f"jax {module.__version__}, jaxlib {version()}, {device.platform}, {kind}"


def _cpu_features() -> str:
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as file:
        return "".join(sorted({line for line in file if line.startswith(("model name", "flags", "Features"))}))
    import platform as host

    return f"{host.machine()} {host.processor()}"


def x64() -> Any:
    """A context in which JAX has 64-bit types, in this thread; it costs half a microsecond."""
    return jax().enable_x64(True)


# ---------------------------------------------------------------- compiling


@functools.cache
def options(kind: str) -> dict[str, Any]:
    """The compiler's options, those that it knows: found out by compiling a product, which is kept on disk.

    Args:
      kind: of the devices, JAX's name.
    """
    wanted = (*_OPTIONS, *_CPU_OPTIONS) if kind == "cpu" else _OPTIONS
    trial = np.ones((256, 128), np.float32)
    first = devices(kind)[0]
    code, known = load("options", first) or _tried(trial, wanted, first)
    code(trial).block_until_ready()  # the first product of all takes 30 ms; not in a program's call
    return dict(known)


def _tried(trial: Any, wanted: Sequence[tuple[str, Any]], device: Any) -> tuple[Any, Sequence[tuple[str, Any]]]:
    """A compiled product, and those of the options that the compiler knows."""
    lowered = _jitted(lambda x: x.T @ x, device).lower(trial)

    def product(*some: tuple[str, Any]) -> Any:
        with contextlib.suppress(Exception), unlocked():
            return lowered.compile(compiler_options=dict(some))

    code = product(*wanted)
    known = wanted if code else [one for one in wanted if product(one)]
    code = code or product(*known)
    store("options", code, known, device)
    return code, known


def _jitted(function: Callable[..., Any], device: Any, **options: Any) -> Any:
    """JAX's `jit` for a device, to which it brings what it is given; None for the one that JAX takes by default."""
    if device is not None:
        place = jax().sharding.SingleDeviceSharding(device)
        options |= {"in_shardings": place, "out_shardings": place}
    return jax().jit(function, **options)


def jitted(function: Callable[..., Any], device: Any, donated: Sequence[int] = ()) -> Callable[..., Any]:
    """`function` of arrays, compiled for a device whenever it is called with new shapes; call it within `x64()`.

    It takes NumPy and JAX arrays, wherever they are.
    """
    made: Callable[..., Any] = _jitted(
        function, device, donate_argnums=tuple(donated), compiler_options=options(device.platform)
    )
    return made


def lowered(
    function: Callable[..., Any], like: Sequence[Any], donated: Sequence[int] = (), device: Any = None
) -> Any:
    """`function` traced and lowered, JAX's `Lowered`: Python's work, about a millisecond for ten operations.

    Args:
      function: takes as many JAX arrays as `like` has, gives a list of arrays.
      like: things with `shape` and `dtype`.
      donated: places of arguments whose memory is the function's to write to.
      device: the device of JAX's that is to run it, the CPU by default.
    """
    module = jax()
    shapes = [module.ShapeDtypeStruct(x.shape, x.dtype) for x in like]
    with x64(), unhurried():
        return _jitted(function, device or cpu(), donate_argnums=tuple(donated)).lower(*shapes)


def compiled(lowered: Any, device: Any = None) -> Any:
    """The machine code for what was `lowered`, as a function: XLA's work, which leaves Python's lock to others.

    It takes JAX or NumPy arrays, of the dtypes and shapes that were said, within `x64()`. NumPy arrays are taken as
    they are where they begin at a multiple of 64 bytes, and are copied otherwise. It gives a list of JAX arrays.
    """
    known = options("cpu" if device is None else device.platform)
    with x64(), unlocked():
        code = lowered.compile(compiler_options=known)
    _trim()
    return code


def precision(device: Any) -> Any:
    """A context for tracing: whether an accelerator may round the factors of products, as TensorFlow has it set."""
    precise = device is not None and not settings.tensor_float_32
    return jax().default_matmul_precision("highest" if precise else None)


# ---------------------------------------------------------------- on disk


def cache_directory() -> Path | None:
    """Where executables are kept between processes: `TAPEFLOW_CACHE_DIR`, by default in the user's cache.

    What lies there is run: nobody else should be able to write to it.

    Returns:
      None if `TAPEFLOW_CACHE_DIR` is set to nothing, `0` or `off`: then nothing is kept.
    """
    from pathlib import Path

    told = os.environ.get("TAPEFLOW_CACHE_DIR")
    if told is not None:
        return None if told.lower() in ("", "0", "off") else Path(told)
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or "~"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "tapeflow" / "xla"


def _file(key: str, device: Any) -> Path | None:
    import hashlib

    directory = cache_directory()
    if directory is None:
        return None
    text = f"{key}\n{platform(device)}\n{_OPTIONS}{_CPU_OPTIONS}"
    return directory / f"{hashlib.sha256(text.encode()).hexdigest()}.pickle"


def store(key: str, executable: Any, extra: Any, device: Any = None) -> None:
    """Keeps an executable for a device on disk, and `extra` with it; does nothing where that cannot be."""
    import pickle
    import tempfile

    from jax.experimental import serialize_executable

    file = _file(key, device)
    if file is None or not is_first(device):
        return
    try:
        code, inputs, outputs = serialize_executable.serialize(executable)
        content = pickle.dumps((code, inputs, outputs, extra))
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
            temporary.write(content)
        os.replace(temporary.name, file)
        _forget_oldest(file.parent)
    except Exception:  # a full disk, a type of executable that cannot be written: then it is compiled anew next time
        return


def _forget_oldest(directory: Path) -> None:
    files = sorted(directory.glob("*.pickle"), key=lambda file: file.stat().st_mtime)
    for file in files[:-KEPT]:
        file.unlink(missing_ok=True)


def is_first(device: Any) -> bool:
    """Whether code for a device is kept on disk: for the first of its kind, as it would be loaded there."""
    return device is None or device is devices(device.platform)[0]


def load(key: str, device: Any = None) -> tuple[Any, Any] | None:
    """The executable that was stored under a key, and what was stored with it; None if there is none."""
    import pickle

    from jax.experimental import serialize_executable

    file = _file(key, device)
    if file is None or not is_first(device) or not file.exists():
        return None
    try:
        code, inputs, outputs, extra = pickle.loads(file.read_bytes())
        with x64():
            there = [device or cpu() or jax().devices()[0]]
            executable = serialize_executable.deserialize_and_load(code, inputs, outputs, execution_devices=there)
        os.utime(file)
    except Exception:  # damaged, or of another build: as if it were not there
        return None
    return executable, extra
