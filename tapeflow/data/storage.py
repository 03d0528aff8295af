"""Elements in files: how they are written, and the folders of `save`, `snapshot` and `cache`.

An element is a row of arrays. Each array is a line `dtype shape bytes`, such as `float32 2,3 24`, and its bytes;
strings are their lengths as int64 numbers, then the strings. A folder has a file `NUMBER.elements` for each shard, and
`spec`, a pickle of the specs and of how many elements there are, of which only the classes of tapeflow and containers
are read back.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import as_dtype
from ..core.opaque import Held
from ..core.tensor import at_hand
from .elements import Flat, Structure
from .functions import ElementFunction
from .passes import Start, interleaved
from .source import UNKNOWN, Source

_CONTAINERS = {("collections", "OrderedDict"), ("collections", "defaultdict"), ("builtins", "dict")}


def path_of(filename: Any) -> str:
    """A file name, of a string or a string tensor."""
    value = filename.numpy() if hasattr(filename, "numpy") else filename
    return value.decode() if isinstance(value, bytes) else os.fspath(value)


def write_array(file: BinaryIO, array: Any) -> None:
    """Adds an array to a file.

    Raises:
      UnimplementedError: it is no array, but a dataset or the like.
    """
    if not isinstance(array, (np.ndarray, np.generic)):
        raise errors.UnimplementedError(None, None, f"{type(array).__name__} elements cannot be kept in files.")
    if array.dtype.char == "O":
        parts = [bytes(part) for part in np.asarray(array).flat]
        data = np.array([len(part) for part in parts], "<i8").tobytes() + b"".join(parts)
    else:
        data = np.ascontiguousarray(array).tobytes()
    shape = ",".join(map(str, array.shape))
    file.write(f"{dtypes.of(array).name} {shape} {len(data)}\n".encode() + data)


def read_array(file: BinaryIO) -> Any:
    """The next array of a file; None at its end.

    Raises:
      DataLossError: the file is damaged.
    """
    line = file.readline()
    if not line:
        return None
    try:
        name, sizes, length = line.decode().rstrip("\n").split(" ")
        shape = tuple(int(n) for n in sizes.split(",") if n)
        data = file.read(int(length))
        dtype = as_dtype(name)
        if dtype is not dtypes.string:
            return np.frombuffer(data, dtype.numpy).reshape(shape)
        count = int(np.prod(shape, dtype=np.int64))
        ends = np.cumsum(np.frombuffer(data, "<i8", count)) + 8 * count
        out = np.empty(count, object)
        out[:] = [data[begin:end] for begin, end in zip([8 * count, *ends[:-1]], ends)]
        return out.reshape(shape)
    except (ValueError, TypeError) as error:
        raise errors.DataLossError(None, None, f"A file of elements is damaged: {error}") from None


def read_elements(path: str, width: int, compressed: bool = False) -> Iterator[Flat]:
    """The elements of a file, of `width` arrays each."""
    with (gzip.open if compressed else open)(path, "rb") as file:
        while True:
            arrays = [read_array(file) for _ in range(width)]  # type: ignore[arg-type]
            if not arrays or arrays[0] is None:
                return
            yield tuple(arrays)


def _temporary(path: str) -> str:
    return f"{path}.{os.getpid()}.{threading.get_ident()}"


def kept(dataset: Source, target: str, compressed: bool = False) -> Iterator[Flat]:
    """The elements, which are written to a file meanwhile; it is there when the last has been given."""
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    part = _temporary(target)
    try:
        with (gzip.open if compressed else open)(part, "wb") as file:
            for flat in dataset._start():
                for array in flat:
                    write_array(file, array)  # type: ignore[arg-type]
                yield flat
        os.replace(part, target)
    finally:
        if os.path.exists(part):
            os.remove(part)


def cached(dataset: Source, path: str) -> Source:
    """Writes the elements of the first whole pass to a file, and reads them from there afterwards."""
    target, width = f"{path}.elements", len(dataset._structure.flat)

    def start() -> Iterator[Flat]:
        return read_elements(target, width) if os.path.exists(target) else kept(dataset, target)

    return Source("Cache", dataset._structure, start, dataset._count)


def is_compressed(compression: str | None) -> bool:
    """Whether files are compressed.

    Raises:
      ValueError: for another word than "GZIP", "AUTO", "NONE".
    """
    if compression not in (None, "", "NONE", "AUTO", "GZIP"):
        raise ValueError(f"Invalid `compression`. `compression` must be 'GZIP', 'AUTO' or None, got {compression!r}.")
    return compression == "GZIP"


def writing(dataset: Source, path: str, compression: str | None, shard: ElementFunction | None) -> Iterator[Flat]:
    """The elements, which are written to a folder meanwhile, each to the file of its shard; in the end, their specs."""
    compressed = is_compressed(compression)
    os.makedirs(path, exist_ok=True)
    for old in [*shards(path), *glob.glob(os.path.join(glob.escape(path), "spec"))]:
        os.remove(old)
    files: dict[int, Any] = {}
    try:
        count = 0
        for count, flat in enumerate(dataset._start(), 1):  # noqa: B007 - it is the number of elements afterwards
            number = 0 if shard is None else int(shard(*flat)[0])
            if number not in files:
                files[number] = (gzip.open if compressed else open)(_file(path, number, compressed), "wb")
            for array in flat:
                write_array(files[number], array)
            yield flat
    finally:
        for file in files.values():
            file.close()
    with open(os.path.join(path, "spec"), "wb") as spec:
        pickle.dump((dataset._structure.spec, count), spec)


def _file(path: str, number: int, compressed: bool) -> str:
    return os.path.join(path, f"{number:08}.elements{'.gz' if compressed else ''}")


def shards(path: str) -> list[str]:
    """The files of a folder, in order."""
    return sorted(glob.glob(os.path.join(glob.escape(path), "*.elements*")))


class _Specs(pickle.Unpickler):
    """Reads specs, and nothing that could do anything else."""

    def find_class(self, module: str, name: str) -> Any:
        ours = module.startswith("tapeflow.") and (name.endswith("Spec") or name in ("of", "as_dtype", "TensorShape"))
        if not ours and (module, name) not in _CONTAINERS:
            raise errors.DataLossError(
                None, None, f"The specs name {module}.{name}, which is not loaded from files: give `element_spec`."
            )
        return super().find_class(module, name)


def contents(path: str) -> tuple[Any, int]:
    """The specs of what is in a folder, and how many elements there are.

    Raises:
      NotFoundError: there is none.
    """
    name = os.path.join(path, "spec")
    if not os.path.exists(name):
        raise errors.NotFoundError(None, None, f"tf.data snapshot element_spec file not found: {name}.")
    with open(name, "rb") as file:
        found: tuple[Any, int] = _Specs(file).load()
        return found


def snapshot(
    dataset: Source, path: str, compression: str | None, shard: ElementFunction | None, loaded: Callable[[], Source]
) -> Source:
    """Writes the elements to a folder in the first whole pass, and reads them from there afterwards."""

    def start() -> Iterator[Flat]:
        written = os.path.exists(os.path.join(path, "spec"))
        return loaded()._start() if written else writing(dataset, path, compression, shard)

    return Source("Snapshot", dataset._structure, start, dataset._count)


def folder(path: str, structure: Structure, count: int) -> Source:
    """The elements of the files of a folder, of each file in turn."""
    each = [_file_source(name, structure) for name in shards(path)]
    start: Start = lambda: interleaved(iter(each), lambda one: one._start(), max(len(each), 1), 1)
    return Source("Load", structure, start, count)


def files(path: str, structure: Structure, dataset_spec: Any) -> Source:
    """A dataset for each file of a folder."""
    found = [_file_source(name, structure) for name in shards(path)]
    return Source("Shards", Structure(dataset_spec), lambda: ((Held(each),) for each in found), len(found))


def _file_source(path: str, structure: Structure) -> Source:
    width = len(structure.flat)
    return Source("File", structure, lambda: read_elements(path, width, path.endswith(".gz")), UNKNOWN)


def digest(value: Any) -> int:
    """64 bits that tell datasets apart by how they were made."""
    return int.from_bytes(hashlib.blake2b(repr(_recipe(value)).encode(), digest_size=8).digest(), "little")


def _recipe(value: Any) -> Any:
    if hasattr(value, "_recipe"):
        build, args = value._recipe
        return build.__qualname__, [_recipe(each) for each in args], repr(value._structure.spec)
    if isinstance(value, ElementFunction):
        return [node.type for node in value.graph.nodes], [_recipe(x) for x in value.captured]
    if hasattr(value, "_array") and isinstance(at_hand(value._array), np.ndarray):
        array = at_hand(value._array)
        return array.shape, array.tolist() if array.dtype.char == "O" else hashlib.blake2b(array.tobytes()).digest()
    if isinstance(value, (list, tuple)):
        return [_recipe(each) for each in value]
    if isinstance(value, dict):
        return [(key, _recipe(value[key])) for key in sorted(value)]
    return getattr(value, "__qualname__", None) or repr(value)
