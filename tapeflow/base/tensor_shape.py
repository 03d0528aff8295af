"""`tf.TensorShape` and `tf.compat.v1.Dimension`: shapes as programs see them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

Shape: TypeAlias = tuple[int | None, ...] | None  # None: an unknown size, or an unknown rank
ShapeLike: TypeAlias = "TensorShape | Dimension | Iterable[int | Dimension | None] | int | None"


def _size(value: Any) -> int | None:
    """What a program gave for one dimension, as an int or None."""
    if value is None:
        return None
    if isinstance(value, Dimension):
        return value.value
    try:
        size = value.__index__()
    except AttributeError:
        raise TypeError(
            "Dimension value must be integer or None or have an __index__ method, "
            f"got value '{value!r}' with type '{type(value)!r}'"
        ) from None
    if size < 0:
        raise ValueError(f"Dimension {size} must be >= 0")
    return size  # type: ignore[no-any-return]


def _sizes(dims: Any) -> Shape:
    """What a program gave for a shape, as a tuple or None."""
    if dims is None:
        return None
    if isinstance(dims, TensorShape):
        return dims._dims
    if isinstance(dims, (tuple, list)):
        return tuple(map(_size, dims))
    if not hasattr(dims, "__iter__") or getattr(dims, "shape", None) == ():
        return (_size(dims),)
    sizes = []
    for dim in dims:
        try:
            sizes.append(_size(dim))
        except TypeError as error:
            raise TypeError(
                f"Failed to convert '{dims!r}' to a shape: '{dim!r}'could not be converted to a dimension. A shape "
                "should either be single dimension (e.g. 10), or an iterable of dimensions (e.g. [1, 10, None])."
            ) from error
    return tuple(sizes)


class TensorShape:
    """The shape of a tensor: a size per dimension, any of which may be unknown (None), or not even the rank known.

    It is immutable. It equals whatever makes the same shape, such as a list.

    Args:
      dims: an iterable of ints and Nones, one int, or None for unknown rank.

    Raises:
      TypeError, ValueError: if a size is not an integer or negative.

    >>> shape = tf.TensorShape([2, None])
    >>> shape, shape.rank, shape[0], shape == (2, None), shape.is_compatible_with([2, 5])
    (TensorShape([2, None]), 2, 2, True, True)
    """

    __slots__ = ("_dims",)
    _dims: Shape

    def __init__(self, dims: ShapeLike) -> None:
        self._dims = _sizes(dims)

    @property
    def rank(self) -> int | None:
        """The number of dimensions, or None if unknown."""
        return None if self._dims is None else len(self._dims)

    @property
    def ndims(self) -> int | None:
        """The same as `rank`."""
        return self.rank

    @property
    def dims(self) -> list[Dimension] | None:
        """A list of `Dimension`s, or None if the rank is unknown."""
        return None if self._dims is None else [Dimension(size) for size in self._dims]

    def as_list(self) -> list[int | None]:
        """The sizes as a list. Raises ValueError if the rank is unknown."""
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def num_elements(self) -> int | None:
        """How many elements a tensor of this shape has, or None if that is unknown."""
        if self._dims is None:
            return None
        count = 1
        for size in self._dims:
            if size is None:
                return None
            count *= size
        return count

    def is_fully_defined(self) -> bool:
        """Whether the rank and all sizes are known."""
        return self._dims is not None and None not in self._dims

    # --- combining shapes

    def is_compatible_with(self, other: ShapeLike) -> bool:
        """Whether some fully known shape fits both."""
        mine, theirs = self._dims, _sizes(other)
        if mine is None or theirs is None:
            return True
        return len(mine) == len(theirs) and all(
            a is None or b is None or a == b for a, b in zip(mine, theirs, strict=True)
        )

    def merge_with(self, other: ShapeLike) -> TensorShape:
        """What is known when both shapes are true. Raises ValueError if they contradict each other."""
        other = TensorShape(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        if self._dims is None or other._dims is None:
            return other if self._dims is None else self
        return of(tuple(b if a is None else a for a, b in zip(self._dims, other._dims, strict=True)))

    def most_specific_compatible_shape(self, other: ShapeLike) -> TensorShape:
        """The most specific shape that both shapes fit into."""
        mine, theirs = self._dims, _sizes(other)
        if mine is None or theirs is None or len(mine) != len(theirs):
            return of(None)
        return of(tuple(a if a == b else None for a, b in zip(mine, theirs, strict=True)))

    def concatenate(self, other: ShapeLike) -> TensorShape:
        """The dimensions of both, one after the other; the same as `+`."""
        sizes = _sizes(other)
        return of(None if self._dims is None or sizes is None else self._dims + sizes)

    def is_subtype_of(self, other: object) -> bool:
        """Whether every shape that fits this one fits `other`, a TensorShape, as well."""
        if not isinstance(other, TensorShape):
            return False
        mine, theirs = self._dims, other._dims
        if mine is None or theirs is None:
            return theirs is None
        return len(mine) == len(theirs) and all(b is None or a == b for a, b in zip(mine, theirs, strict=True))

    def most_specific_common_supertype(self, others: Iterable[object]) -> TensorShape | None:
        """The most specific shape that this one and all `others` fit into; None if one is no TensorShape."""
        shape = self
        for other in others:
            if not isinstance(other, TensorShape):
                return None
            shape = shape.most_specific_compatible_shape(other)
        return shape

    # --- demands

    def with_rank(self, rank: int | None) -> TensorShape:
        """The shape, known to have this rank. Raises ValueError if it has another."""
        if rank is None:
            return self
        self.assert_has_rank(rank)
        return of((None,) * rank) if self._dims is None else self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """The shape itself. Raises ValueError if it has fewer dimensions."""
        if self._dims is not None and len(self._dims) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """The shape itself. Raises ValueError if it has more dimensions."""
        if self._dims is not None and len(self._dims) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_has_rank(self, rank: int) -> None:
        """Raises ValueError if the shape has another rank."""
        if self._dims is not None and len(self._dims) != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")

    def assert_same_rank(self, other: ShapeLike) -> None:
        """Raises ValueError if the two ranks differ."""
        other = TensorShape(other)
        if self._dims is not None and other._dims is not None and len(self._dims) != len(other._dims):
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def assert_is_compatible_with(self, other: ShapeLike) -> None:
        """Raises ValueError if no shape fits both."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible")

    def assert_is_fully_defined(self) -> None:
        """Raises ValueError if something about the shape is unknown."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    # --- as a Python value

    def __getitem__(self, key: Any) -> Any:
        """A size (int or None) for an int, a TensorShape for a slice."""
        if self._dims is not None:
            return of(self._dims[key]) if isinstance(key, slice) else self._dims[key]
        if not isinstance(key, slice):
            return None
        if key.step is not None:
            raise ValueError("Steps are not yet handled")
        start = key.start or 0
        if key.stop is None or key.stop < 0 or start < 0:
            return of(None)
        return of((None,) * (key.stop - start))

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __iter__(self) -> Iterator[int | None]:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __eq__(self, other: Any) -> bool:
        try:
            return self._dims == _sizes(other)
        except TypeError:
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._dims)

    def __add__(self, other: ShapeLike) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: ShapeLike) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def __reduce__(self) -> tuple[Callable[[Shape], TensorShape], tuple[Shape]]:
        return of, (self._dims,)

    def __repr__(self) -> str:
        return f"TensorShape({None if self._dims is None else list(self._dims)})"

    def __str__(self) -> str:
        return "<unknown>" if self._dims is None else str(self._dims)


def of(dims: Shape) -> TensorShape:
    """A TensorShape of sizes that are known to be right: this is the fast way, nothing is checked."""
    shape = _new(TensorShape)
    shape._dims = dims
    return shape


_new = object.__new__


def _arithmetic(apply: Callable[[int, int], int]) -> Callable[[Dimension, Any], Dimension]:
    def method(self: Dimension, other: Any) -> Any:
        try:
            size = _size(other)
        except (TypeError, ValueError):
            return NotImplemented
        return Dimension(None if self.value is None or size is None else apply(self.value, size))

    return method


def _comparison(apply: Callable[[int, int], bool]) -> Callable[[Dimension, Any], bool | None]:
    def method(self: Dimension, other: Any) -> Any:
        try:
            size = _size(other)
        except (TypeError, ValueError):
            return NotImplemented
        return None if self.value is None or size is None else apply(self.value, size)

    return method


class Dimension:
    """One dimension of a shape, as TensorFlow 1 had it: a size, or None if unknown.

    Arithmetic with an unknown size gives an unknown size, comparison with one gives None.
    """

    __slots__ = ("value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any) -> None:
        self.value: int | None = _size(value)

    def is_compatible_with(self, other: Any) -> bool:
        """Whether the sizes are equal or one of them is unknown."""
        size = _size(other)
        return self.value is None or size is None or self.value == size

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raises ValueError if both sizes are known and differ."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {other} are not compatible")

    def merge_with(self, other: Any) -> Dimension:
        """The one of the two that is known. Raises ValueError if both are and differ."""
        self.assert_is_compatible_with(other)
        return Dimension(other if self.value is None else self.value)

    __add__ = __radd__ = _arithmetic(operator.add)
    __mul__ = __rmul__ = _arithmetic(operator.mul)
    __sub__ = _arithmetic(operator.sub)
    __rsub__ = _arithmetic(lambda mine, other: other - mine)
    __floordiv__ = _arithmetic(operator.floordiv)
    __rfloordiv__ = _arithmetic(lambda mine, other: other // mine)
    __mod__ = _arithmetic(operator.mod)
    __rmod__ = _arithmetic(lambda mine, other: other % mine)
    __eq__ = _comparison(operator.eq)  # type: ignore[assignment]
    __ne__ = _comparison(operator.ne)  # type: ignore[assignment]
    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)

    def __int__(self) -> int | None:
        return self.value

    __index__ = __int__

    def __repr__(self) -> str:
        return f"Dimension({self.value})"

    def __str__(self) -> str:
        return "?" if self.value is None else str(self.value)


def dimension_value(dimension: Any) -> Any:
    """The size that a `Dimension` holds; anything else comes back as it is.

    >>> tf.compat.dimension_value(tf.TensorShape([2, 3])[0])
    2
    """
    return dimension.value if isinstance(dimension, Dimension) else dimension


def dimension_at_index(shape: TensorShape, index: int) -> Dimension:
    """The `Dimension` at `index`; an unknown one where the rank is unknown."""
    return Dimension(shape[index])
