"""Einsum: any sum of products over labelled axes."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..base import errors, shapes
from ..core.convert import convert
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor
from ..engines.host_arrays import WIDE
from .common import conj, shape_of
from .matmul import batch_product, product_on_xla

_Labels = tuple[Any, ...]  # one label an axis: a letter, or a number for an axis under the ellipsis


class _Terms(NamedTuple):
    inputs: tuple[_Labels, ...]
    output: _Labels


@functools.lru_cache(maxsize=1024)
def _terms(equation: str, ranks: tuple[int, ...]) -> _Terms:
    """The labels of all axes; those under an ellipsis are numbered from the right, so that they broadcast."""
    left, _, right = equation.partition("->")
    inputs = []
    hidden = 0
    for i, (term, rank) in enumerate(zip(left.split(","), ranks, strict=True)):
        named = len(term.replace("...", ""))
        dots = "..." in term
        if rank < named or (rank > named and not dots):
            least = "at least rank" if dots else "rank"
            raise errors.invalid(f"Expected input {i} to have {least} {named} but got: {rank}")
        hidden = max(hidden, rank - named)
        inputs.append(_spelled(term, rank - named))
    output = _spelled(right, hidden)
    if hidden and "..." not in right and not (len(inputs) == 2 and _hidden(inputs[0]) == _hidden(inputs[1])):
        raise errors.invalid(
            f"Output contains {hidden} broadcasting dimension(s) but no ellipsis (...) "
            "was found in the output subscripts."
        )
    return _Terms(tuple(inputs), output)


def _spelled(term: str, hidden: int) -> _Labels:
    before, _, after = term.partition("...")
    dots = tuple(range(hidden - 1, -1, -1)) if "..." in term else ()
    return (*before, *dots, *after)


def _hidden(labels: _Labels) -> _Labels:
    return tuple(label for label in labels if isinstance(label, int))


def _sizes(terms: _Terms, sizes: tuple[Any, ...]) -> dict[Any, int | None]:
    """The size of each label; an error if inputs do not agree."""
    found: dict[Any, int | None] = {}
    for labels, shape in zip(terms.inputs, sizes, strict=True):
        for axis, (label, size) in enumerate(zip(labels, shape, strict=True)):
            before = found.setdefault(label, size)
            if isinstance(label, int) and before == 1:
                found[label] = size  # an unknown size may be more than 1
            elif before == size or size is None or (isinstance(label, int) and size == 1):
                continue
            elif before is None:
                found[label] = size
            elif isinstance(label, int):
                raise errors.invalid(_batch_mismatch(sizes))
            else:
                raise errors.invalid(
                    f"Expected dimension {before} at axis {axis} of the input shaped {shapes.show(shape)} "
                    f"but got dimension {size}"
                )
    return found


def _batch_mismatch(sizes: tuple[Any, ...]) -> str:
    shown = [shapes.show(shape) for shape in sizes]
    return f"In[0] and In[1] must have compatible batch dimensions: {' vs. '.join(shown)}"


def _shape(*inputs: shapes.Shape, equation: str, **_attrs: Any) -> shapes.Shape:
    known = [shape for shape in inputs if shape is not None]
    if len(known) < len(inputs):
        right = equation.partition("->")[2]
        return None if "..." in right else (None,) * len(right)
    terms = _terms(equation, tuple(map(len, known)))
    found = _sizes(terms, tuple(known))
    return tuple(found[label] for label in terms.output)


# ---------------------------------------------------------------- the kernel


class _Plan(NamedTuple):
    """How a product of two is made: as one of matrices `[batch, free, contracted]`, or element by element."""

    order_x: tuple[int, ...] | None  # None where nothing is to be transposed
    order_y: tuple[int, ...] | None
    back: tuple[int, ...] | None
    batch: int
    left: int
    right: int
    summed: int


@functools.lru_cache(maxsize=1024)
def _plan(x: _Labels, y: _Labels, output: _Labels) -> _Plan:
    """A plan for terms without repeated labels, and without labels that only one of them has."""
    both = [label for label in x if label in y]
    contracted = [label for label in both if label not in output]
    batch = [label for label in output if label in both]
    left = [label for label in x if label not in y]
    right = [label for label in y if label not in x]
    orders = (
        tuple(map(x.index, (*batch, *left, *contracted))),
        tuple(map(y.index, (*batch, *contracted, *right))),
        tuple(map((*batch, *left, *right).index, output)),
    )
    used = [None if order == tuple(range(len(order))) else order for order in orders]
    return _Plan(used[0], used[1], used[2], len(batch), len(left), len(right), len(contracted))


class _Simple(NamedTuple):
    """A plan for a product of two as it stands, and the axes whose sizes must agree."""

    plan: _Plan
    equal: tuple[tuple[int, int], ...]


@functools.lru_cache(maxsize=1024)
def _simple(equation: str, ranks: tuple[int, ...]) -> _Simple | None:
    """None if labels are repeated, hidden under an ellipsis or summed over in one term alone."""
    terms = _terms(equation, ranks)
    if len(terms.inputs) != 2 or "..." in equation:
        return None
    x, y = terms.inputs
    if any(len(set(labels)) < len(labels) for labels in (x, y, terms.output)):
        return None
    if any(label not in terms.output for label in {*x} ^ {*y}):
        return None
    return _Simple(_plan(x, y, terms.output), tuple((i, y.index(label)) for i, label in enumerate(x) if label in y))


@op("Einsum", "inputs:N*T -> output:T", shape=_shape)
def einsum_(xp: Any, *inputs: Array, equation: str) -> Array:
    wide = WIDE.get(inputs[0].dtype)
    if wide is None:
        return _einsum(np, batch_product, inputs, equation)
    return _einsum(np, batch_product, [x.astype(wide) for x in inputs], equation).astype(inputs[0].dtype)


@einsum_.on("xla")
def _(jax: Any, *inputs: Array, equation: str) -> Array:
    return _einsum(jax.numpy, functools.partial(product_on_xla, jax), inputs, equation)


def _einsum(xp: Any, matmul: Any, inputs: Sequence[Array], equation: str) -> Array:
    ranks = tuple([x.ndim for x in inputs])
    simple = _simple(equation, ranks)
    if simple:
        x, y = inputs
        for i, j in simple.equal:
            if x.shape[i] != y.shape[j]:
                _sizes(_terms(equation, ranks), (x.shape, y.shape))
        return _product(xp, matmul, x, y, simple.plan)
    return _general(xp, matmul, list(inputs), _terms(equation, ranks))


def _general(xp: Any, matmul: Any, arrays: list[Array], terms: _Terms) -> Array:
    _sizes(terms, tuple(x.shape for x in arrays))
    distinct = tuple(dict.fromkeys(terms.output))
    reduced = []
    for i, labels in enumerate(terms.inputs):
        others = {label for j, other in enumerate(terms.inputs) if j != i for label in other}
        arrays[i], kept = _alone(xp, arrays[i], labels, others.union(distinct))
        reduced.append(kept)
    if len(arrays) == 1:
        y = xp.transpose(arrays[0], tuple(map(reduced[0].index, distinct)))
    else:
        y = _product(xp, matmul, arrays[0], arrays[1], _plan(reduced[0], reduced[1], distinct))
    return y if len(distinct) == len(terms.output) else _on_diagonal(xp, y, distinct, terms.output)


def _alone(xp: Any, x: Array, labels: _Labels, wanted: set[Any]) -> tuple[Array, _Labels]:
    """Takes the diagonal of repeated labels, and sums over those that are not `wanted`."""
    while len(set(labels)) < len(labels):
        label = next(label for label in labels if labels.count(label) > 1)
        first = labels.index(label)
        second = labels.index(label, first + 1)
        x = xp.diagonal(x, 0, first, second)
        labels = (*(one for i, one in enumerate(labels) if i not in (first, second)), label)
    gone = tuple(axis for axis, label in enumerate(labels) if label not in wanted)
    if gone:
        x = xp.sum(x, axis=gone, dtype=x.dtype)
        labels = tuple(label for label in labels if label in wanted)
    return x, labels


def _product(xp: Any, matmul: Any, x: Array, y: Array, plan: _Plan) -> Array:
    x = x if plan.order_x is None else xp.transpose(x, plan.order_x)
    y = y if plan.order_y is None else xp.transpose(y, plan.order_y)
    batch, summed = plan.batch, plan.summed
    x_free, y_free = x.shape[batch : batch + plan.left], y.shape[batch + summed :]
    if not summed:
        y = y.reshape((*y.shape[:batch], *(1,) * plan.left, *y_free))
        z = x.reshape((*x.shape, *(1,) * plan.right)) * y
    elif plan.left == plan.right == summed == 1:
        z = matmul(x, y)
    else:
        inner = math.prod(y.shape[batch : batch + summed])
        x = x.reshape((*x.shape[:batch], math.prod(x_free), inner))
        y = y.reshape((*y.shape[:batch], inner, math.prod(y_free)))
        z = matmul(x, y)
        z = z.reshape((*z.shape[:batch], *x_free, *y_free))
    return z if plan.back is None else xp.transpose(z, plan.back)


def _on_diagonal(xp: Any, y: Array, distinct: _Labels, output: _Labels) -> Array:
    """Spreads `y` over the diagonals that labels which occur twice in the output stand for; zeros elsewhere."""
    sizes = dict(zip(distinct, y.shape, strict=True))
    seen: set[Any] = set()
    for axis, label in enumerate(output):
        if label in seen:
            first = output.index(label)
            y = xp.expand_dims(y, axis)
            shape = [1] * y.ndim
            shape[first] = shape[axis] = sizes[label]
            y = y * xp.eye(sizes[label], dtype=y.dtype).reshape(shape)
        seen.add(label)
    return y


# ---------------------------------------------------------------- the gradient


@einsum_.gradient
def _(g: Any, _y: Any, *inputs: Any, equation: str) -> Any:
    left, _, output = equation.partition("->")
    terms = left.split(",")
    if len(inputs) == 1:
        return _input_gradient(g, inputs[0], terms[0], output)
    x, y = inputs
    return (
        lambda: _input_gradient(g, x, terms[0], output, y, terms[1]),
        lambda: _input_gradient(g, y, terms[1], output, x, terms[0]),
    )


def _input_gradient(g: Any, x: Any, term: str, output: str, other: Any = None, other_term: str = "") -> Any:
    """The gradient of the input `x`: the sum of `g` times the other input over what `x` does not have."""
    shape = shape_of(x)
    known = set(output + other_term)
    lost = "".join(label for label in dict.fromkeys(term) if label not in known)  # summed in `x` alone
    if lost:
        rest = "".join(label for label in dict.fromkeys(term.replace("...", "")) if label in known)
        rest = rest + "..." if "..." in term else rest
    else:
        rest = term
    if other is None:
        g = einsum_(g, equation=f"{output}->{rest}") if output != rest else g
    else:
        g = einsum_(g, conj(other), equation=f"{output},{other_term}->{rest}")
    if lost:
        ones = OPS["Fill"](_axes_sizes(shape, term, lost), OPS["Cast"](1, DstT=g.dtype))
        g = einsum_(g, ones, equation=f"{rest},{lost}->{term}")
    return _unbroadcast_dots(g, shape, term) if "..." in term else g


def _axes_sizes(shape: Any, term: str, labels: str) -> Any:
    rank = len(shape)
    spelled = _spelled(term, rank - len(term.replace("...", "")))
    if type(shape) is tuple:
        return tuple(shape[spelled.index(label)] for label in labels)
    return OPS["GatherV2"](shape, tuple(spelled.index(label) for label in labels), 0)


def _unbroadcast_dots(g: Any, shape: Any, term: str) -> Any:
    """Sums over the axes under the ellipsis that `g` has, or has larger, because the other input has them."""
    before, _, after = term.partition("...")
    have: Any = shape_of(g)
    start = len(before)
    if not _are_ints(have) or not _are_ints(shape):
        have, stop = convert(have), OPS["Size"](shape) - len(after)
        axes, _ = OPS["BroadcastGradientArgs"](convert(shape)[start:stop], have[start : OPS["Size"](have) - len(after)])
        return OPS["Reshape"](OPS["Sum"](g, axes + start, keep_dims=False), shape)
    if have == shape:
        return g
    extra = len(have) - len(shape)
    wide = [start + extra + i for i, size in enumerate(shape[start : len(shape) - len(after)]) if size == 1]
    axes = (*range(start, start + extra), *wide)
    return OPS["Reshape"](OPS["Sum"](g, axes, keep_dims=False), shape)


def _are_ints(shape: Any) -> bool:
    return type(shape) is tuple and all(type(size) is int for size in shape)


# ---------------------------------------------------------------- the public function


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """The sum of products over axes named by letters.

    Args:
      equation: such as `"bij,bjk->bik"`: a letter for each axis of each input, and the axes that are kept. Without
        `->`, the letters that occur once, in alphabetical order. `...` stands for any axes, which are broadcast.
        A letter twice in one input stands for the diagonal.
      *inputs: the Tensors.
      **kwargs: `name`, and `optimize` (`"greedy"`, `"optimal"`, `"branch-2"`, `"branch-all"`, `"auto"`), how to find a
        good order in which to multiply more than two.

    Returns:
      A Tensor.

    Raises:
      ValueError: if the equation is no such thing, or does not fit the number of inputs.
      InvalidArgumentError: if it does not fit their shapes.

    >>> tf.einsum("ij,jk->ik", tf.ones([2, 3]), tf.ones([3, 4])).shape
    TensorShape([2, 4])
    >>> tf.einsum("...ii", tf.eye(3)).numpy()
    np.float32(3.0)
    """
    name = kwargs.pop("name", None)
    optimize = kwargs.pop("optimize", "greedy")
    if kwargs:
        raise TypeError(
            f"Invalid keyword arguments for einsum: {', '.join(kwargs)}. Valid arguments: name, optimize, greedy."
        )
    terms, output = _parsed(equation, len(inputs))
    tensors = _of_one_dtype(inputs)
    if len(tensors) <= 2:
        return einsum_(*tensors, equation=f"{','.join(terms)}->{output}", name=name)  # type: ignore[no-any-return]
    return _chain(tensors, list(terms), output, optimize)


def _of_one_dtype(inputs: Sequence[Any]) -> list[Tensor]:
    """The inputs as Tensors: what is none yet gets the dtype of the first that is one, or else of the first input."""
    values = [x.__tf_tensor__() if type(x) is not Tensor and hasattr(type(x), "__tf_tensor__") else x for x in inputs]
    given = next((x.dtype for x in values if isinstance(x, Tensor)), None)
    if given is None and values:
        given = convert(values[0]).dtype
    return [x if isinstance(x, Tensor) else convert(x, given) for x in values]


@functools.lru_cache(maxsize=1024)
def _parsed(equation: str, count: int) -> tuple[tuple[str, ...], str]:
    plain = equation.replace(" ", "")
    if not re.fullmatch(r"(?:[a-zA-Z]*(?:\.\.\.)?[a-zA-Z]*,?)+(?:->[a-zA-Z]*(?:\.\.\.)?[a-zA-Z]*)?", plain):
        raise ValueError(f"Subscripts have incorrect format: {plain}")
    left, arrow, output = plain.partition("->")
    terms = tuple(left.split(","))
    if len(terms) != count:
        raise ValueError(f'Got {count} inputs for equation "{plain}", expecting {len(terms)}')
    letters = [letter for letter in left if letter.isascii() and letter.isalpha()]
    if not arrow:
        once = sorted({letter for letter in letters if letters.count(letter) == 1})
        output = ("..." if "..." in left else "") + "".join(once)
    for letter in output.replace("...", ""):
        if letter not in letters:
            raise ValueError(f"Output subscripts contain the label {letter} not present in the input subscripts.")
        if output.count(letter) > 1:
            raise ValueError(f"Output subscripts contain a label appearing more than once: {plain}")
    return terms, output


def _chain(tensors: list[Tensor], terms: list[str], output: str, optimize: Any) -> Tensor:
    """Multiplies two at a time."""
    while len(tensors) > 2:
        i, j = _next_pair(tensors, terms, output, optimize)
        second, first = tensors.pop(j), tensors.pop(i)
        second_term, first_term = terms.pop(j), terms.pop(i)
        needed = set(output).union(*terms)
        letters = dict.fromkeys((first_term + second_term).replace(".", ""))
        term = "..." if "." in first_term + second_term else ""
        term += "".join(letter for letter in letters if letter in needed)
        tensors.append(einsum_(first, second, equation=f"{first_term},{second_term}->{term}"))
        terms.append(term)
    return einsum_(*tensors, equation=f"{','.join(terms)}->{output}")  # type: ignore[no-any-return]


def _next_pair(tensors: list[Tensor], terms: list[str], output: str, optimize: Any) -> tuple[int, int]:
    """The two to multiply next: NumPy's choice, or the first two where sizes are not known."""
    if not all(_are_ints(shape_of(x)) for x in tensors) or "..." in "".join(terms):
        return 0, 1
    stand_ins = [np.broadcast_to(np.float32(0), shape_of(x)) for x in tensors]
    how = "optimal" if optimize == "optimal" else "greedy"
    path = np.einsum_path(f"{','.join(terms)}->{output}", *stand_ins, optimize=how)[0]
    i, j = sorted(path[1])[:2] if len(path[1]) == 2 else (0, 1)
    return int(i), int(j)
