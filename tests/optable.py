"""What a row of the op table is: an op (or plain function), how to call it, and the cases to call it with.

This file knows neither TensorFlow nor tapeflow: `tools/record_ops.py` runs rows on the one, `test_ops.py` on the other.
`docs/testing.md` says how to write rows.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import ml_dtypes
import numpy as np

inf, nan = math.inf, math.nan

#: Values at which floating point functions are apt to go wrong.
SPECIAL = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e30, -1e30]

_WORDS = [b"", b"a", b"tape", b"flow", b"b c", "h\u00e9".encode(), b"\x00\xff", b"tape"]


def column(values: Iterable[Any]) -> list[list[Any]]:
    """The values as a column, to be broadcast against a list of others."""
    return [[value] for value in values]


@dataclass(frozen=True)
class Input:
    """A tensor argument: explicit `values`, or a `shape` to be filled from a seed with values in [low, high)."""

    kind: Kind
    shape: tuple[int, ...] = ()
    values: Any = None
    low: float | None = None
    high: float | None = None

    def array(self, seed: int) -> np.ndarray[Any, Any]:
        if self.values is not None:
            with np.errstate(over="ignore"):
                return np.array(self.values, dtype=self.kind.dtype)
        low = self.kind.low if self.low is None else self.low
        high = self.kind.high if self.high is None else self.high
        return self.kind.draw(np.random.RandomState(seed), self.shape, low, high)

    def __str__(self) -> str:
        if self.values is None:
            bounds = [f"{k}={v:g}" for k, v in (("low", self.low), ("high", self.high)) if v is not None]
            return f"{self.kind.name}({','.join([*map(str, self.shape), *bounds])})"
        return self.kind.name + "=" + _short(_plain(self.values))


@dataclass(frozen=True)
class Kind:
    """A dtype that makes inputs: `f32(2, 3)` draws a matrix, `f32([1, nan])` and `f32.of(1.0)` are explicit values."""

    name: str
    dtype: np.dtype[Any]
    low: float
    high: float

    def __call__(self, *shape: Any, low: float | None = None, high: float | None = None) -> Input:
        if len(shape) == 1 and isinstance(shape[0], (list, np.ndarray)):
            return self.of(shape[0])
        return Input(self, shape, low=low, high=high)

    def of(self, values: Any) -> Input:
        return Input(self, values=values)

    def draw(self, random: np.random.RandomState, shape: tuple[int, ...], low: float, high: float) -> Any:
        size = math.prod(shape)
        if self.dtype.kind == "O":
            return np.array([_WORDS[i] for i in random.randint(len(_WORDS), size=size)], object).reshape(shape)
        if self.dtype.kind == "b":
            return random.randint(2, size=shape).astype(bool)
        if self.dtype.kind in "iu":
            return random.randint(int(low), int(high), size=shape, dtype=np.int64).astype(self.dtype)
        values = _spread(random, size, low, high)
        if self.dtype.kind == "c":
            values = values + 1j * _spread(random, size, low, high)
        return values.reshape(shape).astype(self.dtype)


def _spread(random: np.random.RandomState, size: int, low: float, high: float) -> Any:
    """Shuffled values, one from the middle of each of `size` cells: no ties, and none close to the middle of the range,
    which by default is zero, where many functions have a kink."""
    cells = size + size % 2
    chosen = random.permutation(cells)[:size]
    return low + (high - low) * (chosen + random.uniform(0.25, 0.75, size)) / max(cells, 1)


def _kind(name: str, dtype: Any, low: float = -2, high: float = 2) -> Kind:
    return Kind(name, np.dtype(dtype), low, high)


bf16, f16 = _kind("bf16", ml_dtypes.bfloat16), _kind("f16", np.float16)
f32, f64 = _kind("f32", np.float32), _kind("f64", np.float64)
c64, c128 = _kind("c64", np.complex64), _kind("c128", np.complex128)
i8, i16, i32, i64 = (_kind(f"i{n}", f"int{n}", -9, 10) for n in (8, 16, 32, 64))
u8, u16, u32, u64 = (_kind(f"u{n}", f"uint{n}", 0, 19) for n in (8, 16, 32, 64))
boolean, string = _kind("bool", bool), _kind("string", object)

FLOATS = (bf16, f16, f32, f64)
COMPLEX = (c64, c128)
INTS = (i8, i16, i32, i64)
UINTS = (u8, u16, u32, u64)
INEXACT = FLOATS + COMPLEX
REALS = FLOATS + INTS + UINTS
NUMBERS = REALS + COMPLEX


@dataclass
class Case:
    """One call. `name` is made of the arguments, and everything drawn for the case is drawn from the name."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    error: bool | str = False
    grad: bool = True
    fd: int = 2
    rtol: float | None = None
    zero_sign: bool = True
    name: str = ""
    row: Row = field(init=False, repr=False)

    @property
    def id(self) -> str:
        return f"{self.row.name}:{self.name}"

    def seed(self, *what: Any) -> int:
        return zlib.crc32("/".join([self.id, *map(str, what)]).encode())

    def inputs(self) -> list[np.ndarray[Any, Any]]:
        """The tensor arguments' arrays, in order."""
        return [leaf.array(self.seed(i)) for i, leaf in enumerate(self._tensors())]

    def call(self, tf: Any, tensors: Sequence[Any]) -> Any:
        """Calls the row's function with `tensors` in the places of the inputs."""
        supply = iter(tensors)
        args, kwargs = _replace((self.args, self.kwargs), lambda _: next(supply))
        return self.row.function(tf, *args, **kwargs)

    def digest(self) -> str:
        """Changes when what the case calls with changes."""
        leaves: list[Any] = []
        text = repr(_replace((self.args, self.kwargs), lambda leaf: leaves.append(leaf) or "?"))
        for array in self.inputs():
            text += f"{array.dtype}{array.shape}{array.tolist() if array.dtype == object else array.tobytes()!r}"
        return f"{zlib.crc32(text.encode()):08x}"

    def _tensors(self) -> list[Input]:
        found: list[Input] = []
        _replace((self.args, self.kwargs), found.append)
        return found


@dataclass
class Row:
    """An op's name (`"Mul"`, or `"Mul/what"` for a second row of it, or `"tf.norm"` for a plain function), a function
    `(tf, *args)` that calls it, its cases, and in `also` the ops that it tests besides."""

    name: str
    function: Callable[..., Any]
    cases: list[Case]
    also: tuple[str, ...] = ()

    @property
    def ops(self) -> list[str]:
        own = self.name.partition("/")[0]
        return [*([] if own.startswith("tf.") else [own]), *self.also]


def row(name: str, function: Callable[..., Any], cases: Sequence[Case], also: Sequence[str] = ()) -> Row:
    made = Row(name, function, [replace(given) for given in cases], tuple(also))  # cases may be shared by rows
    taken: dict[str, int] = {}
    for each_case in made.cases:
        each_case.row = made
        count = taken[each_case.name] = taken.get(each_case.name, 0) + 1
        if count > 1:
            each_case.name += f"#{count}"
    return made


def case(
    *args: Any,
    error: bool | str = False,
    grad: bool = True,
    fd: int = 2,
    rtol: float | None = None,
    zero_sign: bool = True,
    reason: str = "",
    **kwargs: Any,
) -> Case:
    """A call with `args` and `kwargs`.

    error: True if TensorFlow refuses, with the same type and text; "type" if the type is enough
    grad: False if gradients are not to be compared
    fd: up to which order gradients are compared with finite differences, in float64
    rtol: the relative tolerance of values and gradients, where the dtype's own is too tight
    zero_sign: False if 0.0 and -0.0 are the same here
    reason: why, for any of grad, fd, rtol, zero_sign, error="type"
    """
    lenient = not grad or fd != 2 or rtol is not None or not zero_sign or error == "type"
    if lenient and not reason:
        raise ValueError("a case that tests less than it might needs a reason=")
    words = [*map(_short, map(_plain, args)), *(f"{k}={_short(_plain(v))}" for k, v in kwargs.items())]
    return Case(args, kwargs, error, grad, fd, rtol, zero_sign, ",".join(words))


def each(kinds: Iterable[Kind], arguments: Callable[[Kind], tuple[Any, ...]], **options: Any) -> list[Case]:
    """A case for each dtype: `*each(FLOATS, lambda t: (t(3), t(3)))`."""
    return [case(*arguments(kind), **options) for kind in kinds]


def _replace(value: Any, new: Callable[[Input], Any]) -> Any:
    if isinstance(value, Input):
        return new(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_replace(item, new) for item in value))
    if isinstance(value, (list, tuple)):
        return type(value)(_replace(item, new) for item in value)
    if isinstance(value, dict):
        return {key: _replace(item, new) for key, item in value.items()}
    return value


def _plain(value: Any) -> str:
    """The value in as few characters as will do."""
    if isinstance(value, np.ndarray):
        return f"np.{value.dtype}={_plain(value.tolist())}"
    if isinstance(value, (list, tuple)):
        ends = "[]" if isinstance(value, list) else "()"
        return ends[0] + ",".join(map(_plain, value)) + ends[1]
    if isinstance(value, dict):
        return "{" + ",".join(f"{k}:{_plain(v)}" for k, v in value.items()) + "}"
    if isinstance(value, float):
        return f"{value:g}." if value.is_integer() and abs(value) < 1e5 else f"{value:g}"
    return str(value) if isinstance(value, Input) else repr(value)


def _short(text: str, limit: int = 40) -> str:
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    return f"{ascii(text)[1:limit - 8]}..{zlib.crc32(text.encode()):08x}"
