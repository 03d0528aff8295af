"""What TensorFlow says of shapes and values that do not fit while it traces, where its kernels say it otherwise.

Shape rules speak as the kernels do. Here are the sentences of TensorFlow's shape functions, which are what people
search for; and which errors are none yet, because only the kernel looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from re import Match
from typing import Any

from ..base.dtypes import as_dtype
from ..base.shapes import Shape
from ..core.op import Op
from .node import brackets


@dataclass
class Call:
    """The call of an op: the shapes of its Tensors, its arguments, its attributes."""

    shapes: list[Any]
    args: tuple[Any, ...]
    attrs: dict[str, Any]


def in_graphs(message: str, call: Call) -> str:
    """A kernel's message as TensorFlow's shape functions word it."""
    for pattern, words in _WORDS:
        found = re.match(pattern, message, re.DOTALL)
        if found:
            return words(found, call) if callable(words) else found.expand(words)
    return message


def of_type(message: str, op: Op) -> Exception | None:
    """What TensorFlow says of a dtype or a word that an op does not take, which is no matter of shapes."""
    found = re.match(r"Value for attr '(\w+)' of (\S+) is not in the list of allowed values: (.*)", message)
    if not found:
        return None
    kind, given, allowed = found.groups()
    if given.startswith('"'):
        word = given.strip('"')
        return ValueError(f"Attr '{kind}' of '{op.name}' Op passed string '{word}' not in: {allowed}.")
    names = [arg.name for arg in op.inputs if arg.type == kind]
    return TypeError(
        f"Value passed to parameter '{names[0] if names else kind}' has DataType {as_dtype(given).name} not in list of "
        f"allowed values: {', '.join(as_dtype(name).name for name in allowed.split(', '))}"
    )


def later(message: str) -> bool:
    """Whether TensorFlow finds an error only when the function runs."""
    return _LATER.match(message) is not None


_LATER = re.compile(
    r"Only one input size may be -1|\d+ is missing from \{|Expected multiples\[|paddings must be less than"
    r"|Invalid reduction arguments: Axes contains dup|ScanOp: Expected scan axis|segment_ids should be the same size"
    r"|axis -?\d+ is out of range|Expected size\[\d+\] in \[|Cannot broadcast input shape"
    r"|params\.shape\[\d+\]: \d+ should be equal"
)


def _merged(a: Sequence[Any], b: Sequence[Any]) -> str | None:
    """How two shapes differ that should be the same."""
    if len(a) != len(b):
        return f"Shapes must be equal rank, but are {len(a)} and {len(b)}"
    for i, (x, y) in enumerate(zip(a, b)):
        if x != y and None not in (x, y):
            return (
                f"Dimension {i} in both shapes must be equal, but are {x} and {y}. "
                f"Shapes are {brackets(tuple(a))} and {brackets(tuple(b))}."
            )
    return None


def _broadcast(a: Sequence[Any], b: Sequence[Any]) -> str | None:
    """How two shapes differ that should fit each other."""
    pairs = list(zip(reversed(a), reversed(b)))
    x, y = next(((x, y) for x, y in reversed(pairs) if x != y and 1 not in (x, y)), (None, None))
    return None if x is None else f"Dimensions must be equal, but are {x} and {y}"


def _shape(text: str) -> tuple[int | None, ...]:
    """The shape that is written so: `2,?`."""
    return tuple(None if n == "?" else int(n) for n in text.split(",") if n)


def _equal(x: Any, y: Any) -> str:
    return f"Dimensions must be equal, but are {x} and {y}"


def _rank(wanted: Any, rank: Any, how: str = "") -> str:
    return f"Shape must be {how}rank {wanted} but is rank {rank}"


def _matrices(found: Match[str], call: Call) -> str:
    turned = [call.attrs.get(f"transpose_{i}") or call.attrs.get(f"adj_{x}") for i, x in ("ax", "by")]
    a, b = call.shapes
    return _equal(a[-2 if turned[0] else -1], b[-1 if turned[1] else -2])


def _ranks_of_matrices(found: Match[str], call: Call) -> str:
    ranks = [len(shape) for shape in call.shapes]
    if max(ranks) > 2:
        return _rank(2, min(ranks), "at least ")
    return _rank(2, next(rank for rank in ranks if rank != 2))


def _reshaped(found: Match[str], call: Call) -> str:
    shape = ",".join(map(str, call.args[1])) if isinstance(call.args[1], tuple) else call.args[1]
    return f"Cannot reshape a tensor with {found[1]} elements to shape [{shape}] ({found[2]} elements)"


def _unequal_ranks(found: Match[str], call: Call) -> str:
    ranks = [len(shape) for shape in call.shapes if shape is not None]
    return _rank(ranks[0], next(n for n in ranks if n != ranks[0]))


def _joined(found: Match[str], call: Call) -> str:
    axis, first = call.args[-1], call.shapes[0]
    for shape in call.shapes[1:]:
        cut = axis % len(first)
        differ = _merged(first[:cut], shape[:cut]) or _merged(first[cut + 1 :], shape[cut + 1 :])
        if differ:
            return differ
    return found[0]


def _stacked(found: Match[str], call: Call) -> str:
    *others, last = call.shapes
    for i, shape in reversed(list(enumerate(others))):
        differ = _merged(shape, last)
        if differ:
            return f"{differ}\n\tFrom merging shape {i} with other shapes."
    return found[0]


def _split(found: Match[str], call: Call) -> str:
    sizes, axis = call.args[1:3]
    return f"can't split axis of size {call.shapes[0][axis]} into pieces of size {brackets(sizes)}"


def _scattered(found: Match[str], call: Call) -> str:
    indices, updates = _shape(found[1]), _shape(found[2])
    n = len(indices) - 1
    return (
        f"Dimensions [0,{n}) of indices[shape={brackets(indices)}] = {brackets(indices[:n])} must match dimensions "
        f"[0,{n}) of updates[shape={brackets(updates)}] = {brackets(updates[:n])}: {_merged(indices[:n], updates[:n])}"
    )


def _squeezed(found: Match[str], call: Call) -> str:
    dims = next((dims for dims in call.attrs.values() if isinstance(dims, (list, tuple))), ())
    i = list(dims).index(int(found[1])) if int(found[1]) in dims else 0
    return f"squeeze_dims[{i}] not in [-{found[2]},{found[2]})."


def _fitting(found: Match[str], call: Call) -> str:
    return _broadcast(_shape(found[1]), _shape(found[2])) or found[0]


#: A pattern of a kernel's words, and what to say instead.
_WORDS: tuple[tuple[str, str | Callable[[Match[str], Call], str]], ...] = (
    (r"Matrix size-incompatible", _matrices),
    (r"In\[0\] and In\[1\] has different ndims", _ranks_of_matrices),
    (
        r"In\[0\] and In\[1\] must have compatible batch dimensions",
        lambda found, call: _broadcast(call.shapes[0][:-2], call.shapes[1][:-2]) or found[0],
    ),
    (r"Incompatible shapes: \[([\d,?]*)\] vs\. \[([\d,?]*)\]", _fitting),
    (r"condition .*, then \[([\d,?]*)\], and else \[([\d,?]*)\] must be broadcastable", lambda found, call: next(
        filter(None, (_broadcast(a, b) for a, b in zip(call.shapes, call.shapes[1:]))), found[0])),
    (r"Input to reshape is a tensor with (\d+) values, but the requested shape has (\d+)", _reshaped),
    (
        r"Input to reshape is a tensor with (\d+) values, but the requested shape requires a multiple of (\d+)",
        r"Dimension size must be evenly divisible by \2 but is \1",
    ),
    (r"sizes input must be 1-D, not \[(.*)\]", lambda found, call: _rank(1, len(_shape(found[1])))),
    (r"ConcatOp : Ranks", _unequal_ranks),
    (r"ConcatOp : Dimension", _joined),
    (
        r"ConcatOp : Expected concatenating dimensions in the range \[-(\d+), \d+\), but got (-?\d+)",
        lambda found, call: _rank(int(found[2]) + 1 if int(found[2]) >= 0 else -int(found[2]), found[1], "at least "),
    ),
    (r"ConcatOp : (Can't concatenate scalars.*)", r"\1"),
    (r"Shapes of all inputs must match", _stacked),
    (
        r"Input shape axis (-?\d+) must equal (\d+)",
        lambda found, call: f"Dimension must be {found[2]} but is {call.shapes[0][int(found[1])]}",
    ),
    (
        r"Number of ways to split .*\(size = (\d+)\) and num_split (\d+)",
        r"Dimension size must be evenly divisible by \2 but is \1"
        "\n\tNumber of ways to split should evenly divide the split dimension",
    ),
    (r"Determined shape must either match", _split),
    (
        r"-input rank\(-(\d+)\) <= split_dim < input rank \(\d+\), but got (-?\d+)",
        r"Dimension size, given by scalar input \2 must be in range [-\1, \1)",
    ),
    (r"transpose expects a vector of size (\d+)\. But .* of size (\d+)", r"Dimension must be \1 but is \2"),
    (r"(\d+) is out of range \[0 \.\. (\d+)\)", r"perm dim \1 is out of range of input rank \2"),
    (
        r"Tried to expand dim index (-?\d+) for tensor with (\d+) dim",
        lambda found, call: f"dim {found[1]} not in the interval [-{int(found[2]) + 1}, {found[2]}].",
    ),
    (r"Tried to squeeze dim index (-?\d+) for tensor with (\d+) dim", _squeezed),
    (
        r"Rank of input \((\d+)\) must be no greater than rank of output shape \((\d+)\)",
        lambda found, call: _rank(found[2], found[1], "at most "),
    ),
    (
        r"Expected multiples argument to be a vector of length (\d+) but got length (\d+)",
        lambda found, call: _rank(found[1], found[2]),
    ),
    (
        r"The first dimension of paddings must be the rank of inputs\[(\d+),2\] \[(.*)\]",
        lambda found, call: _rank(found[1], len(_shape(found[2]))),
    ),
    (r"(Paddings must be non-negative)", r"\1"),
    (r"Dimension -\d+ must be >= 0", "Fill dimensions must be >= 0"),
    (r".*must be (\d)-dimensional: \[(.*)\]", lambda found, call: _rank(found[1], len(_shape(found[2])))),
    (
        r"input depth must be evenly divisible by filter depth: (\d+) vs (\d+)",
        r"Depth of input (\1) is not a multiple of input depth of filter (\2)",
    ),
    (
        r"Row and column strides should be larger than 0",
        lambda found, call: f"Stride must be > 0, but got {min(call.attrs['strides'])}",
    ),
    (r"Input must be 4 or 5-dimensional", lambda found, call: _rank(4, len(call.shapes[0]))),
    (
        r"Must provide as many biases as .*: \[(\d+)\] vs\. \[.*?(\d+)\]",
        lambda found, call: _equal(found[2], found[1]),
    ),
    (
        r"Invalid reduction dimension \((-?\d+) for input with (\d+) dimension",
        r"Invalid reduction dimension \1 for input with \2 dimensions.",
    ),
    (
        r"Expected dimension in the range \[(-\d+), (\d+)\), but got (-?\d+)",
        r"Dimension (\3) must be in the range [\1, \2), where \2 is the number of dimensions in the input.",
    ),
    (
        r"input must have at least k columns\. Had (\d+), needed (\d+)",
        r"input must have last dimension >= k = \2 but is \1",
    ),
    (r"Expected dimension (\d+) at axis .* but got dimension (\d+)", lambda found, call: _equal(found[1], found[2])),
    (
        r"Expected input (\d+) to have rank (\d+) but got: (\d+)",
        lambda found, call: f"{_rank(found[2], found[3])}\n\t for {found[1]}th input and equation: "
        f"{call.attrs['equation']}",
    ),
    (r"logits and labels must be broadcastable: logits_size=\[(.*)\] labels_size=\[(.*)\]", _fitting),
    (r"Input matrix must be square", lambda found, call: _equal(*call.shapes[0][-2:])),
    (
        r"Input matrix and rhs are incompatible",
        lambda found, call: _equal(call.shapes[0][-2], call.shapes[1][-2]),
    ),
    (
        r"Shape of tensor input \[(.*)\] is not compatible with expected shape \[(.*)\]",
        lambda found, call: _merged(_shape(found[2]), _shape(found[1])) or found[0],
    ),
    (
        r"Outer dimensions of indices and update must match\. Indices shape: \[(.*)\], updates shape:\[(.*)\]",
        _scattered,
    ),
    (
        r"depth must be non-negative, got: (-\d+)",
        r"Dimension size, given by scalar input 1, must be non-negative but is \1",
    ),
    (
        r"Expected begin and size arguments to be 1-D tensors of size (\d+), but got shapes \[(\d+)\]",
        lambda found, call: _rank(found[2], found[1]),
    ),
    (
        r"index innermost dimension length must be <= params rank",
        lambda found, call: "indices.shape[-1] must be <= params.rank, but saw indices shape: "
        f"{brackets(call.shapes[1])} and params shape: {brackets(call.shapes[0])}",
    ),
)  # fmt: skip


def too_large(op: str, shapes: Sequence[Shape], attrs: dict[str, Any]) -> str | None:
    """What is wrong with the window of a convolution or of pooling without padding: it is larger than the image."""
    if attrs.get("padding") not in (b"VALID", "VALID") or not shapes or shapes[0] is None or len(shapes[0]) != 4:
        return None
    last = attrs.get("data_format", "NHWC") == "NHWC"
    axes = (1, 2) if last else (2, 3)
    if "ksize" in attrs:
        windows = [attrs["ksize"][i] for i in axes]
    elif op in ("Conv2D", "DepthwiseConv2dNative") and len(shapes) > 1 and shapes[1] is not None:
        gaps = [attrs.get("dilations", (1, 1, 1, 1))[i] for i in axes]
        windows = [None if n is None else (n - 1) * gap + 1 for n, gap in zip(shapes[1][:2], gaps)]
    else:
        return None
    for size, window in zip([shapes[0][i] for i in axes], windows):
        if size is not None and window is not None and window > size:
            return f"Negative dimension size caused by subtracting {window} from {size}"
    return None
