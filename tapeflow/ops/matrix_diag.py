"""Diagonals and bands of matrices."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .common import shape_of

_ALIGN = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")


def _bounds(k: Any) -> tuple[int, int]:
    """The lowest and the highest diagonal."""
    ends = k if isinstance(k, tuple) else (k,)
    if len(ends) not in (1, 2):
        raise errors.invalid(f"diag_index must have only one or two elements, received {len(ends)} elements.")
    if ends[0] > ends[-1]:
        raise errors.invalid(f"lower_diag_index must not be larger than upper_diag_index: {ends[0]} > {ends[-1]}")
    return ends[0], ends[-1]


def _check_inside(k: Any, rows: int, columns: int, stop: str) -> tuple[int, int]:
    lower, upper = _bounds(k)
    for which, index in (("lower", lower), ("upper", upper)):
        if not (-rows < index < columns or index == 0):
            raise errors.invalid(
                f"{which}_diag_index is out of bound: {index}{stop} It must be between {-rows} and {columns}"
            )
    return lower, upper


def _longest(rows: int, columns: int, lower: int, upper: int) -> int:
    return min(rows + min(upper, 0), columns - max(lower, 0))


@functools.lru_cache(maxsize=128)
def _offsets(rows: int, columns: int, lower: int, upper: int, align: str) -> tuple[int, ...]:
    """Where each diagonal, from the highest, starts in its row of the packed diagonals."""
    if align not in _ALIGN:
        raise errors.invalid(
            f"Value for attr 'align' of \"{align}\" is not in the list of allowed values: {', '.join(_ALIGN)}"
        )
    longest = _longest(rows, columns, lower, upper)
    above, below = align.split("_")
    starts = []
    for d in range(upper, lower - 1, -1):
        missing = longest - _longest(rows, columns, d, d)
        right = (above if d >= 0 else below) == "RIGHT"
        starts.append(missing if right else 0)
    return tuple(starts)


@functools.lru_cache(maxsize=128)
def _places(rows: int, columns: int, lower: int, upper: int, align: str) -> tuple[Array, Array, Array]:
    """For each element of the packed diagonals, its row and column in the matrix, and whether it is one at all."""
    starts = np.array(_offsets(rows, columns, lower, upper, align))[:, None]
    d = np.arange(upper, lower - 1, -1)[:, None]
    along = np.arange(_longest(rows, columns, lower, upper)) - starts
    row, column = along + np.maximum(-d, 0), along + np.maximum(d, 0)
    valid = (along >= 0) & (row < rows) & (column < columns)
    return np.where(valid, row, 0), np.where(valid, column, 0), valid


@functools.lru_cache(maxsize=32)
def _sources(rows: int, columns: int, lower: int, upper: int, align: str) -> tuple[Array, Array, Array]:
    """For each element of a matrix, its place in the packed diagonals, and whether it is on one of them."""
    starts = np.array(_offsets(rows, columns, lower, upper, align))
    row, column = np.arange(rows)[:, None], np.arange(columns)
    d = column - row
    inside = (d >= lower) & (d <= upper)
    which = np.where(inside, upper - d, 0)
    along = np.minimum(row, column) + starts[which]
    return which, np.where(inside, along, 0), inside


def _is_line(k: Any) -> bool:
    """Whether `k` means one diagonal, which has no axis of its own in the packed form."""
    lower, upper = _bounds(k)
    return lower == upper


# ---------------------------------------------------------------- MatrixDiagPartV3


def _need_matrix(x: shapes.Shape) -> None:
    if x is not None and len(x) < 2:
        raise errors.invalid(f"input must be at least 2-dim, received shape: {shapes.show(x)}")


def _diag_part_shape(x: shapes.Shape, k: Any, _padding: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    _need_matrix(x)
    if x is None or k is None:
        return None
    line = _is_line(k)
    if x[-2] is None or x[-1] is None:
        lower, upper = _bounds(k)
        return (*x[:-2], *(() if line else (upper - lower + 1,)), None)
    lower, upper = _check_inside(k, x[-2], x[-1], ".")
    return (*x[:-2], *(() if line else (upper - lower + 1,)), _longest(x[-2], x[-1], lower, upper))


@op("MatrixDiagPartV3", "input:T, k:int32, padding_value:T -> diagonal:T", shape=_diag_part_shape, static=("k",))
def matrix_diag_part(xp: Any, x: Array, k: Any, padding: Array, *, align: str = "RIGHT_LEFT") -> Array:
    _need_matrix(x.shape)
    rows, columns = x.shape[-2:]
    lower, upper = _check_inside(k, rows, columns, ".")
    if lower == upper:
        return xp.diagonal(x, lower, -2, -1)
    row, column, valid = _places(rows, columns, lower, upper, align)
    return xp.where(valid, x[..., row, column], padding.reshape(()))


@matrix_diag_part.gradient
def _(g: Any, _y: Any, x_shape: Any, k: Any, _padding: Any, *, align: str) -> Any:
    zero = OPS["Cast"](0, DstT=g.dtype)
    return matrix_set_diag(OPS["Fill"](x_shape, zero), g, k, align=align), None, None


# ---------------------------------------------------------------- MatrixDiagV3


def _diag_shape(
    diagonal: shapes.Shape, k: Any, rows: Any, columns: Any, _padding: shapes.Shape, **_attrs: Any
) -> shapes.Shape:
    if diagonal is not None and not diagonal:
        raise errors.invalid("diagonal must be at least 1-dim, received shape: []")
    if diagonal is None or k is None:
        return None
    line = _is_line(k)
    if not line and len(diagonal) < 2:
        raise errors.invalid(f"diagonal must be at least 2-dim, received shape: {shapes.show(diagonal)}")
    batch = diagonal[: -1 if line else -2]
    if None in (diagonal[-1], rows, columns):
        return (*batch, None, None)
    return (*batch, *_matrix_size(diagonal, k, rows, columns))  # type: ignore[arg-type]


def _matrix_size(diagonal: tuple[int, ...], k: Any, rows: int, columns: int) -> tuple[int, int]:
    """The size of the matrix that diagonals make, where -1 leaves the choice of rows or columns open."""
    lower, upper = _bounds(k)
    if lower < upper and diagonal[-2] not in (None, upper - lower + 1):
        raise errors.invalid(
            "The number of diagonals provided in the input does not match the "
            "lower_diag_index and upper_diag_index range."
        )
    longest = diagonal[-1]
    least_rows, least_columns = longest - min(upper, 0), longest + max(lower, 0)
    if rows != -1 and rows < least_rows:
        raise errors.invalid("The number of rows is too small.")
    if columns != -1 and columns < least_columns:
        raise errors.invalid("The number of columns is too small.")
    if rows == columns == -1:
        rows = columns = max(least_rows, least_columns)
    rows = least_rows if rows == -1 else rows
    columns = least_columns if columns == -1 else columns
    if rows != least_rows and columns != least_columns:
        raise errors.invalid(
            "The number of rows or columns is not consistent with the specified d_lower, d_upper, and diagonal."
        )
    return rows, columns


@op(
    "MatrixDiagV3",
    "diagonal:T, k:int32, num_rows:int32, num_cols:int32, padding_value:T -> output:T",
    shape=_diag_shape,
    static=("k", "num_rows", "num_cols"),
)
def matrix_diag(
    xp: Any, diagonal: Array, k: Any, rows: int, columns: int, padding: Array, *, align: str = "RIGHT_LEFT"
) -> Array:
    _diag_shape(diagonal.shape, k, rows, columns, ())
    rows, columns = _matrix_size(diagonal.shape, k, rows, columns)
    which, along, inside = _sources(rows, columns, *_bounds(k), align)
    packed = diagonal[..., None, :] if _is_line(k) else diagonal
    if not packed.shape[-1]:
        return xp.broadcast_to(padding.reshape(()), (*packed.shape[:-2], rows, columns))
    return xp.where(inside, packed[..., which, along], padding.reshape(()))


@matrix_diag.on("host")
def _(xp: Any, diagonal: Array, k: Any, rows: int, columns: int, padding: Array, *, align: str = "RIGHT_LEFT") -> Array:
    _diag_shape(diagonal.shape, k, rows, columns, ())
    rows, columns = _matrix_size(diagonal.shape, k, rows, columns)
    packed = diagonal[..., None, :] if _is_line(k) else diagonal
    out = np.full((*packed.shape[:-2], rows, columns), padding.reshape(()), diagonal.dtype)
    return _written(out, packed, k, align)


def _written(out: Array, packed: Array, k: Any, align: str) -> Array:
    """Writes the diagonals into `out`, one at a time."""
    rows, columns = out.shape[-2:]
    lower, upper = _bounds(k)
    flat = out.reshape(*out.shape[:-2], rows * columns)
    for i, start in enumerate(_offsets(rows, columns, lower, upper, align)):
        d = upper - i
        length = _longest(rows, columns, d, d)
        if length > 0:
            first = max(d, 0) + max(-d, 0) * columns
            flat[..., first : first + length * (columns + 1) : columns + 1][..., :length] = packed[
                ..., i, start : start + length
            ]
    return out


@matrix_diag.gradient
def _(g: Any, _y: Any, _d: Any, k: Any, _rows: Any, _columns: Any, _padding: Any, *, align: str) -> Any:
    return matrix_diag_part(g, k, OPS["Cast"](0, DstT=g.dtype), align=align), None, None, None, None


# ---------------------------------------------------------------- MatrixSetDiagV3


def _set_diag_shape(x: shapes.Shape, diagonal: shapes.Shape, k: Any, **_attrs: Any) -> shapes.Shape:
    _need_matrix(x)
    if diagonal is not None and not diagonal:
        raise errors.invalid("diagonal must be at least 1-dim, received shape: []")
    if x is None and diagonal is not None and k is not None:
        return (*diagonal[: -1 if _is_line(k) else -2], None, None)
    if x is None or diagonal is None or k is None or None in x or None in diagonal:
        return x
    lower, upper = _check_inside(k, x[-2], x[-1], "")  # type: ignore[arg-type]
    longest = _longest(x[-2], x[-1], lower, upper)  # type: ignore[arg-type]
    wanted = (*x[:-2], *(() if lower == upper else (upper - lower + 1,)), longest)
    if diagonal != wanted:
        raise errors.invalid(
            "Either first dimensions of diagonal don't match input.shape[:-2], or diagonal.shape[:-1] "
            "is not equal to the longests diagonal in range [lower_diag_index:upper_diag_index].\n"
            f"Input shape: {shapes.show(x)}\nDiagonal shape: {shapes.show(diagonal)}\n"
            f"Expected diagonal shape: {shapes.show(wanted)}"
        )
    return x


@op("MatrixSetDiagV3", "input:T, diagonal:T, k:int32 -> output:T", shape=_set_diag_shape, static=("k",))
def matrix_set_diag(xp: Any, x: Array, diagonal: Array, k: Any, *, align: str = "RIGHT_LEFT") -> Array:
    _set_diag_shape(x.shape, diagonal.shape, k)
    if not diagonal.shape[-1]:
        return x
    which, along, inside = _sources(*x.shape[-2:], *_bounds(k), align)
    packed = diagonal[..., None, :] if _is_line(k) else diagonal
    return xp.where(inside, packed[..., which, along], x)


@matrix_set_diag.on("host")
def _(xp: Any, x: Array, diagonal: Array, k: Any, *, align: str = "RIGHT_LEFT") -> Array:
    _set_diag_shape(x.shape, diagonal.shape, k)
    return _written(x.copy("C"), diagonal[..., None, :] if _is_line(k) else diagonal, k, align)


@matrix_set_diag.gradient
def _(g: Any, _y: Any, _x: Any, diagonal_shape: Any, k: Any, *, align: str) -> Any:
    zero = OPS["Cast"](0, DstT=g.dtype)
    return (
        matrix_set_diag(g, OPS["Fill"](diagonal_shape, zero), k, align=align),
        matrix_diag_part(g, k, zero, align=align),
        None,
    )


# ---------------------------------------------------------------- tensors


_DIAG_TYPES = (*types.FLOATS, dtypes.int32, dtypes.int64, *types.COMPLEX)


def _tensor_diag_shape(x: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    if x is not None and not x:
        raise errors.invalid("Input must be at least rank 1, got 0")
    return None if x is None else x + x


@op("Diag", "diagonal:T -> output:T", shape=_tensor_diag_shape, T=_DIAG_TYPES)
def diag_(xp: Any, x: Array) -> Array:
    return xp.diag(x.ravel()).reshape(_tensor_diag_shape(x.shape))


@diag_.gradient
def _(g: Any, _y: Any, _x: Any) -> Any:
    return diag_part_(g)


def _tensor_diag_part_shape(x: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    if x is None:
        return None
    if len(x) % 2:
        raise errors.invalid(
            f"The rank of the tensor should be {' ' * 40} even and positive, got shape {shapes.show(x)}"
        )
    half = len(x) // 2
    for i, (a, b) in enumerate(zip(x[:half], x[half:], strict=True)):
        if a is not None and b is not None and a != b:
            raise errors.invalid(f"Invalid shape {shapes.show(x)}: dimensions {i} and {half + i} do not match.")
    return tuple(b if a is None else a for a, b in zip(x[:half], x[half:], strict=True))


@op("DiagPart", "input:T -> diagonal:T", shape=_tensor_diag_part_shape, T=_DIAG_TYPES)
def diag_part_(xp: Any, x: Array) -> Array:
    shape = _tensor_diag_part_shape(x.shape)
    size = math.prod(shape)  # type: ignore[arg-type]
    return xp.diagonal(x.reshape(size, size)).reshape(shape)


@diag_part_.gradient
def _(g: Any, _y: Any, _x: Any) -> Any:
    shape = shape_of(g)
    return g if type(shape) is tuple and not shape else diag_(g)


# ---------------------------------------------------------------- bands


def _band_shape(x: shapes.Shape, lower: Any, upper: Any, **_attrs: Any) -> shapes.Shape:
    _need_matrix(x)
    if x is None:
        return None
    if lower is not None and x[-2] is not None and lower > x[-2]:
        raise errors.invalid(f"num_lower must be negative or less or equal to number of rows ({x[-2]}) got: {lower}")
    if upper is not None and x[-1] is not None and upper > x[-1]:
        raise errors.invalid(f"num_upper must be negative or less or equal to number of columns ({x[-1]}) got: {upper}")
    return x


@functools.lru_cache(maxsize=32)
def _band(rows: int, columns: int, lower: int, upper: int) -> Array:
    d = np.arange(columns) - np.arange(rows)[:, None]
    return (d >= (-lower if lower >= 0 else -rows)) & (d <= (upper if upper >= 0 else columns))


@op("MatrixBandPart", "input:T, num_lower:Tindex, num_upper:Tindex -> band:T", shape=_band_shape,
    static=("num_lower", "num_upper"))  # fmt: skip
def matrix_band_part(xp: Any, x: Array, lower: int, upper: int) -> Array:
    _band_shape(x.shape, lower, upper)
    return xp.where(_band(*x.shape[-2:], lower, upper), x, xp.zeros((), x.dtype))


@matrix_band_part.gradient
def _(g: Any, _y: Any, _x: Any, lower: int, upper: int) -> Any:
    return matrix_band_part(g, lower, upper), None, None


# ---------------------------------------------------------------- public functions


def _padding(value: Any, like: Tensor) -> Tensor:
    if like.dtype is dtypes.bool and not isinstance(value, Tensor):
        value = bool(value)
    return convert(value, like.dtype)


def diag(
    diagonal: TensorLike,
    name: str = "diag",
    k: Any = 0,
    num_rows: Any = -1,
    num_cols: Any = -1,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """Matrices with the given diagonals.

    Args:
      diagonal: of shape `[..., n]`; with more than one diagonal `[..., diagonals, n]`, the highest first, padded to
        the length of the longest.
      name: of the operation.
      k: which diagonal: 0 is the main one, 1 that above it; or a pair, the lowest and the highest.
      num_rows: how many rows the matrices have; -1 for as few as will do.
      num_cols: how many columns.
      padding_value: what is elsewhere.
      align: on which side diagonals shorter than the longest lie, for those above the main one and those below.

    Returns:
      A Tensor of shape `[..., rows, columns]`.

    Raises:
      InvalidArgumentError: if sizes do not fit.

    >>> tf.linalg.diag([1, 2], k=1).numpy()
    array([[0, 1, 0],
           [0, 0, 2],
           [0, 0, 0]], dtype=int32)
    """
    x = convert(diagonal)
    return matrix_diag(x, k, num_rows, num_cols, _padding(padding_value, x), align=align, name=name)  # type: ignore[no-any-return]


def diag_part(
    input: TensorLike, name: str = "diag_part", k: Any = 0, padding_value: Any = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """Diagonals of matrices; see `diag` for the arguments and how more than one are packed.

    >>> tf.linalg.diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    x = convert(input)
    return matrix_diag_part(x, k, _padding(padding_value, x), align=align, name=name)  # type: ignore[no-any-return]


def set_diag(
    input: TensorLike, diagonal: TensorLike, name: str = "set_diag", k: Any = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """Matrices with their diagonals replaced; see `diag` for the arguments and how more than one are packed.

    >>> tf.linalg.set_diag([[1, 2], [3, 4]], [8, 9]).numpy()
    array([[8, 2],
           [3, 9]], dtype=int32)
    """
    return matrix_set_diag(input, diagonal, k, align=align, name=name)  # type: ignore[no-any-return]


def tensor_diag(diagonal: TensorLike, name: str | None = None) -> Tensor:
    """A Tensor of shape `diagonal.shape * 2` that has `diagonal` where the indices of both halves agree.

    >>> tf.linalg.tensor_diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    """
    return diag_(diagonal, name=name)  # type: ignore[no-any-return]


def tensor_diag_part(input: TensorLike, name: str | None = None) -> Tensor:
    """The elements where the first and the second half of the indices agree; see `tensor_diag`.

    >>> tf.linalg.tensor_diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    return diag_part_(input, name=name)  # type: ignore[no-any-return]


def band_part(input: TensorLike, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """Matrices with everything outside a band around the main diagonal set to zero.

    Args:
      input: of shape `[..., rows, columns]`.
      num_lower: how many diagonals below the main one are kept; -1 for all.
      num_upper: how many above it.
      name: of the operation.

    Returns:
      A Tensor of the same shape.

    >>> tf.linalg.band_part(tf.ones([3, 3]), -1, 0).numpy()
    array([[1., 0., 0.],
           [1., 1., 0.],
           [1., 1., 1.]], dtype=float32)
    """
    return matrix_band_part(input, num_lower, num_upper, name=name)  # type: ignore[no-any-return]


def trace(x: TensorLike, name: str | None = None) -> Tensor:
    """The sum of the main diagonal of matrices.

    >>> tf.linalg.trace([[1.0, 2.0], [3.0, 4.0]]).numpy()
    np.float32(5.0)
    """
    return OPS["Sum"](diag_part(x), (-1,), name=name)  # type: ignore[no-any-return]
