"""`tf.print` and `tf.strings.format`: tensors as text, in TensorFlow's way."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

import numpy as np

from ..base import nest, shapes
from ..base.context import context
from ..core.composite import CompositeTensor
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from . import strings
from .common import only_host

_ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\"}


@op("StringFormat", "inputs:T -> output:string", shape=shapes.scalar, differentiable=False)
def _format(xp: Any, inputs: Array, *, template: str = "%s", placeholder: str = "%s", summarize: int = 3) -> Array:
    before, _, after = template.partition(placeholder)
    return np.array(before.encode() + summary(inputs, summarize) + after.encode(), object)


def summary(array: Array, summarize: int) -> bytes:
    """The first and last `summarize` elements of each dimension; all if it is negative."""
    limit = array.size if summarize < 0 else min(summarize, array.size)
    if not array.ndim and not limit:
        return b"..."
    if array.ndim and array.dtype.kind == "c":  # which TensorFlow does not print
        return b"[" + b" ".join([b"?"] * limit) + (b"..." if limit < array.size else b"") + b"]"
    return _rows(array, limit, 0)


def _rows(array: Array, limit: int, depth: int) -> bytes:
    if not array.ndim:
        return element(array[()])
    size = len(array)
    gap = b"\n" * (array.ndim - 1) + b" " * (depth + 1) if array.ndim > 1 else b" "
    if size <= 2 * limit:
        parts = [_rows(array[i, ...], limit, depth + 1) for i in range(size)]
        return b"[" + gap.join(parts) + b"]"
    first, last = (
        [_rows(array[i, ...], limit, depth + 1) for i in each] for each in (range(limit), range(size - limit, size))
    )
    # Without any elements there is a gap before the dots all the same.
    return b"[" + gap.join([*(first or [b""]), b"...", *last]) + b"]"


def element(value: Any) -> bytes:
    """An element of an array as TensorFlow prints it."""
    if isinstance(value, bytes):
        return b'"' + b"".join(map(_escaped, value)) + b'"'
    if isinstance(value, np.bool_):
        return b"1" if value else b"0"
    if isinstance(value, np.integer):
        return str(value).encode()
    if isinstance(value, np.complexfloating):
        return b"?"
    return _float(value).encode()


def _escaped(byte: int) -> bytes:
    if byte in _ESCAPES:
        return _ESCAPES[byte].encode()
    return bytes([byte]) if 32 <= byte < 127 or byte >= 128 else b"\\%03o" % byte


def _float(value: Any) -> str:
    """The fewer digits, if they give the number back."""
    double = isinstance(value, np.float64)
    few, many = (15, 17) if double else (6, 9)
    number = float(value)
    text = f"{number:.{few}g}"
    same = float(text) == number if double else np.float32(text) == np.float32(number)
    return text if same else f"{number:.{many}g}"


@op("PrintV2", "input:string ->", shape=lambda *_, **__: (), differentiable=False)
def _print(xp: Any, input: Array, *, output_stream: str = "stderr", end: str = "\n") -> tuple[()]:
    text = input[()].decode(errors="replace") + end
    if output_stream.startswith("file://"):
        with open(output_stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            file.write(text)
    elif output_stream.startswith("log("):
        import logging  # takes time to import, seldom needed

        logging.getLogger("tensorflow").log(
            getattr(logging, output_stream[4:-1].upper()), "%s", text.removesuffix("\n")
        )
    else:
        stream = sys.stdout if output_stream == "stdout" else sys.stderr
        stream.write(text)
        stream.flush()
    return ()


only_host(_format, _print)
_print.stateful = True


def print(*inputs: Any, **kwargs: Any) -> Any:
    """Prints values.

    Args:
      *inputs: Tensors, Python values, and structures of them. Of a Tensor the first and last elements of each dimension
        are printed.
      **kwargs: `output_stream`: where to (`sys.stderr` unless given; or `sys.stdout`; a level of `logging`, or a
        function of `absl.logging`, for the logger "tensorflow"; or "file://" and a path to append to);
        `summarize`: how many elements at both ends (3 unless given, all if negative); `sep`: what stands between
        two values (a space); `end`: what stands at the end (a line break); `name`: a name for the operation.

    Returns:
      None; in a graph the operation.

    Raises:
      ValueError: for another keyword or output stream.

    >>> tf.print("range:", tf.range(10), {"x": tf.constant(1.5)}, output_stream=sys.stdout)
    range: [0 1 2 ... 7 8 9] {'x': 1.5}
    """
    stream = _stream(kwargs.pop("output_stream", sys.stderr))
    name = kwargs.pop("name", None)
    summarize = kwargs.pop("summarize", 3)
    sep, end = kwargs.pop("sep", " "), kwargs.pop("end", os.linesep)
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments for tf.print: {kwargs}")
    text = _as_it_is(inputs[0]) if len(inputs) == 1 else None
    if text is None:
        slots: list[Any] = []
        text = _filled(
            sep.join(_template(value, slots) for value in inputs), slots, 3 if summarize is None else summarize
        )
    _print(text, output_stream=stream, end=end, name=name)
    return None if context.graph is None else context.graph.nodes[-1]


def _stream(stream: Any) -> str:
    if isinstance(stream, str) and stream.startswith("file://"):
        return stream
    if stream is sys.stdout:
        return "stdout"
    if stream is sys.stderr:
        return "stderr"
    levels = {20: "info", 30: "warning", 40: "error"}
    known = {"info": "info", "warning": "warning", "warn": "warning", "error": "error"}
    level = levels.get(stream) if type(stream) is int else None
    if getattr(stream, "__module__", "") == "absl.logging":
        level = known.get(stream.__name__)
    if level is None:
        raise ValueError(
            f"Unsupported output stream, logging level, or file.{stream}. Supported streams are sys.stdout, "
            "sys.stderr, tf.logging.info, tf.logging.warning, tf.logging.error. File needs to be in the form of 'file://<filepath>'."
        )
    return f"log({level})"


def _is_tensor(value: Any) -> bool:
    return isinstance(value, (Tensor, CompositeTensor)) or hasattr(type(value), "__tf_tensor__")


def _as_it_is(value: Any) -> Tensor | None:
    """A string that is printed alone has no quotes."""
    if not _is_tensor(value) or isinstance(value, CompositeTensor):
        return None
    tensor = convert(value)
    return tensor if tensor.dtype.name == "string" and tensor.shape.rank == 0 else None


class _Slot:
    """Stands for the tensor of that number while a structure is printed, and takes as much room as TensorFlow's."""

    def __init__(self, number: int) -> None:
        self._text = chr(_FIRST + number) * 4

    def __repr__(self) -> str:
        return self._text


_FIRST, _LAST = 0xF0000, 0xFFFFD  # characters for private use
_SLOT = f"([{chr(_FIRST)}-{chr(_LAST)}])\\1{{3}}"  # re keeps what it has compiled


def _template(value: Any, slots: list[Any]) -> str:
    """`value` as text, with a slot instead of each tensor; these are added to `slots`."""
    if isinstance(value, str):
        return value

    def slot(leaf: Any) -> Any:
        if not _is_tensor(leaf):
            return leaf
        slots.append(leaf)
        return _Slot(len(slots) - 1)

    import pprint  # takes time to import

    return pprint.pformat(nest.map_structure(slot, value))


def _filled(template: str, slots: list[Any], summarize: int) -> Tensor:
    """The template with the tensors in their slots: one StringFormat each, joined."""
    pieces, position, literal = [], 0, ""
    for match in re.finditer(_SLOT, template):
        literal = template[position : match.start()]
        value = slots[ord(match[1]) - _FIRST]
        if isinstance(value, CompositeTensor):
            pieces += [convert(literal), value._text(summarize)]
            position = match.end()
            continue
        # The placeholder is a character that stands in no literal, since all slots have been found.
        pieces.append(_format(convert(value), template=literal + match[1], placeholder=match[1], summarize=summarize))
        position = match.end()
    return strings.join([*pieces, template[position:]]) if pieces else convert(template)


def format(
    template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None
) -> Tensor:
    """Fills tensors into a template.

    Args:
      template: the text, with a placeholder for each tensor.
      inputs: a tensor, or a list of tensors.
      placeholder: what stands for a tensor.
      summarize: how many elements at both ends of each dimension are shown.
      name: a name for the operation, optional.

    Returns:
      A string scalar.

    Raises:
      ValueError: if there are more or fewer tensors than placeholders.

    >>> tf.strings.format("x is {}", tf.range(8)).numpy()
    b'x is [0 1 2 ... 5 6 7]'
    """
    slots = [inputs] if _is_tensor(inputs) else [*_sized(inputs)]
    literals = template.split(placeholder)
    if len(literals) - 1 != len(slots):
        raise ValueError(
            f"The template expects {len(literals) - 1} tensors, but the inputs only has {len(slots)}. Please ensure "
            "the number of placeholders in template matches inputs length."
        )
    text = literals[0] + "".join(f"{_Slot(i)!r}{literal}" for i, literal in enumerate(literals[1:]))
    return _filled(text, slots, summarize)


def _sized(inputs: Any) -> list[TensorLike]:
    if not hasattr(inputs, "__len__"):
        raise TypeError(f"object of type '{type(inputs).__name__}' has no len()")
    return list(inputs)
