"""`tf.SparseTensor`: the elements of a tensor that are there, and where; and its spec."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..base.dtypes import DType, as_dtype
from ..base.dtypes import float32 as _float32
from ..base.dtypes import int64 as _int64
from ..base.errors import invalid
from ..base.tensor_shape import TensorShape
from ..core.composite import CompositeTensor
from ..core.convert import convert, convert_argument
from ..core.op import OPS, Op
from ..core.spec import TensorSpec, TypeSpec
from ..core.symbol import Symbol
from ..core.tensor import Tensor, at_hand
from .sparse_math import sparse_dense_cwise_div, sparse_dense_cwise_mul


class SparseTensor(CompositeTensor):
    """A tensor of which only some elements are there, mostly those that are not 0.

    Args:
      indices: int64 `[n, rank]`, where each element is. Most functions want them in the order of rows.
      values: `[n]`, the elements.
      dense_shape: int64 `[rank]`, the shape of the whole.

    Raises:
      ValueError: if the sizes of the three do not fit.

    >>> x = tf.SparseTensor([[0, 1], [1, 0]], [5.0, 7.0], [2, 3])
    >>> x.shape, tf.sparse.to_dense(x * 2.0).numpy().tolist()
    (TensorShape([2, 3]), [[0.0, 10.0, 0.0], [14.0, 0.0, 0.0]])
    """

    __slots__ = ("__weakref__", "_dense_shape", "_indices", "_shape", "_values")

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        self._indices: Tensor = convert_argument(indices, "indices", _int64)
        self._values: Tensor = convert_argument(values, "values", None)
        self._dense_shape: Tensor = convert_argument(dense_shape, "dense_shape", _int64)
        self._shape: TensorShape | None = None
        places = self._indices.shape.with_rank(2)
        sizes = self._values.shape.with_rank(1)
        rank = self._dense_shape.shape.with_rank(1)
        _check_size(places[0], sizes[0])
        _check_size(places[1], rank[0])

    def __reduce__(self) -> tuple[Any, ...]:
        return restored, (self._indices, self._values, self._dense_shape)  # the class may be said to be TensorFlow's

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """A SparseTensor of what has the same parts, such as a `tf.compat.v1.SparseTensorValue`.

        Raises:
          TypeError: for anything else.
        """
        if not isinstance(sparse_tensor_value, (SparseTensor, SparseTensorValue)):
            raise TypeError(
                f"Argument sparse_tensor_value={sparse_tensor_value} is neither a SparseTensor nor SparseTensorValue."
            )
        x = sparse_tensor_value
        return cls(x.indices, x.values, x.dense_shape)

    indices = property(lambda self: self._indices, doc="Where each element is, int64 `[n, rank]`.")
    values = property(lambda self: self._values, doc="The elements, `[n]`.")
    dense_shape = property(lambda self: self._dense_shape, doc="The shape of the whole, an int64 Tensor.")
    dtype = property(lambda self: self._values.dtype, doc="The dtype of the elements.")
    op = property(lambda self: self._values.op, doc="The node that makes the values, in graphs.")
    graph = property(lambda self: self._indices.graph, doc="The graph of the indices, in graphs.")

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole, as far as it is known."""
        if self._shape is None:
            self._shape = _known_shape(self._dense_shape)
        return self._shape

    def get_shape(self) -> TensorShape:
        """The shape, as `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Says what is known of the shape besides.

        Raises:
          ValueError: if it does not fit what is known already.
        """
        self._shape = self.shape.merge_with(shape)

    def with_values(self, new_values: Any) -> SparseTensor:
        """The same with other elements, of which there must be as many.

        Raises:
          ValueError: if there are not.
        """
        made = SparseTensor(self._indices, new_values, self._dense_shape)
        made._shape = self._shape
        return made

    def consumers(self) -> Any:
        """The nodes that use the Tensors within, in graphs."""
        parts = self._indices, self._values, self._dense_shape
        return list(dict.fromkeys(node for x in parts for node in x.consumers()))

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """The parts as NumPy arrays, a `tf.compat.v1.SparseTensorValue`."""
        parts = self._indices, self._values, self._dense_shape
        return SparseTensorValue(*[x.eval(feed_dict, session) for x in parts])

    def __mul__(self, other: Any) -> Any:
        return _with_dense(sparse_dense_cwise_mul, self, other)

    def __truediv__(self, other: Any) -> Any:
        return _quotient(self, other)

    def __rmul__(self, other: Any) -> Any:
        return _with_dense(sparse_dense_cwise_mul, self, other) if isinstance(other, Tensor) else NotImplemented

    def __str__(self) -> str:
        return f"SparseTensor(indices={self._indices!s}, values={self._values!s}, dense_shape={self._dense_shape!s})"

    __repr__ = __str__

    def _numpy(self) -> Any:
        return SparseTensorValue(self._indices.numpy(), self._values.numpy(), self._dense_shape.numpy())

    # --- a composite tensor

    @property
    def _type_spec(self) -> SparseTensorSpec:
        return SparseTensorSpec(self.shape, self.dtype)

    @classmethod
    def _call_op(cls, op: Op, inputs: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Any:
        x = next(each for each in inputs if isinstance(each, SparseTensor))
        if op.name in _ELEMENTWISE:
            return x.with_values(op(x._values, *inputs[1:], name=name, **attrs))
        if op.name == "RealDiv" and x is inputs[0]:  # `tf.divide`
            return x / inputs[1]
        if op.name in _OF_SHAPE:
            return _OF_SHAPE[op.name](x, **attrs)
        raise x._no_tensor()

    def _no_tensor(self) -> ValueError:  # type: ignore[override]  # here the error shows the value
        return ValueError(
            f"Attempt to convert a value ({self!r}) with an unsupported type "
            "(<class 'tensorflow.python.framework.sparse_tensor.SparseTensor'>) to a Tensor."
        )

    def _text(self, summarize: int) -> Any:
        from .printing import format as filled

        text = "SparseTensor(indices={}, values={}, shape={})"
        return filled(text, [self._indices, self._values, self._dense_shape], summarize=summarize)

    def _differentiable(self) -> Any:
        return self._values

    def _with_differentiable(self, values: Any) -> Any:
        return self.with_values(values)


class SparseTensorValue(NamedTuple):
    """The parts of a sparse tensor as arrays: `tf.compat.v1.SparseTensorValue`.

    >>> tf.SparseTensor.from_value(tf.compat.v1.SparseTensorValue([[0]], [1.5], [2])).values.numpy().tolist()
    [1.5]
    """

    indices: Any
    values: Any
    dense_shape: Any


# The ops of one tensor that TensorFlow lets work on the elements, and what makes of a Tensor the same Tensor.
_ELEMENTWISE = frozenset(
    "Abs Asin Asinh Atan Atanh BesselI0e BesselI1e Cast ComplexAbs Erf Identity Neg Sign Sin Sqrt Square StopGradient"
    " Tan Tanh".split()
)


def _size_of(x: SparseTensor, out_type: DType) -> Any:
    sizes = OPS["Cast"](x._dense_shape, DstT=out_type)
    return OPS["Prod"](sizes, (0,), keep_dims=False)


_OF_SHAPE: dict[str, Any] = {
    "Shape": lambda x, out_type: OPS["Cast"](x._dense_shape, DstT=out_type),
    "Size": _size_of,
    "Rank": lambda x: OPS["Size"](x._dense_shape, out_type=as_dtype("int32")),
}


def restored(indices: Tensor, values: Tensor, dense_shape: Tensor) -> SparseTensor:
    """A SparseTensor out of a pickle, which names this function."""
    return SparseTensor(indices, values, dense_shape)


def _check_size(a: int | None, b: int | None) -> None:
    if a is not None and b is not None and a != b:
        raise ValueError(f"Dimensions {a} and {b} are not compatible")


def _known_shape(dense_shape: Tensor) -> TensorShape:
    if not isinstance(dense_shape, Symbol):
        return TensorShape(dense_shape.numpy().tolist())
    known = dense_shape.graph.static(dense_shape)
    if type(known) is tuple:
        return TensorShape([n if isinstance(n, int) and n >= 0 else None for n in known])
    rank = dense_shape.shape[0]
    return TensorShape(None if rank is None else [None] * rank)


def _with_dense(op: Op, x: SparseTensor, y: Any) -> SparseTensor:
    """An operator of a sparse tensor and a dense one."""
    y = convert(y, x.dtype) if not isinstance(y, SparseTensor) else y
    if isinstance(y, SparseTensor):
        raise y._no_tensor()
    return x.with_values(op(x._indices, x._values, x._dense_shape, y))


_WIDER = {"int8": "float32", "uint8": "float32", "int16": "float32", "uint16": "float32"}
_WIDER |= {"int32": "float64", "int64": "float64"}


def _quotient(x: SparseTensor, y: Any) -> SparseTensor:
    """Of integers the quotient is floating, as of Tensors."""
    if isinstance(y, SparseTensor):
        raise y._no_tensor()
    y = convert(y, x.dtype)
    wider = _WIDER.get(x.dtype.name)
    if wider is not None:
        x = x.with_values(OPS["Cast"](x._values, DstT=as_dtype(wider)))
        y = OPS["Cast"](y, DstT=as_dtype(wider))
    return _with_dense(sparse_dense_cwise_div, x, y)


def sparse(value: Any) -> SparseTensor:
    """The argument of a function of sparse tensors.

    Raises:
      TypeError: if it is none.
    """
    if isinstance(value, SparseTensorValue):
        return SparseTensor.from_value(value)
    if not isinstance(value, SparseTensor):
        raise TypeError("Input must be a SparseTensor.")
    return value


def parts(x: SparseTensor) -> tuple[Any, Any, Any]:
    """Indices, values and shape."""
    return x._indices, x._values, x._dense_shape


class SparseTensorSpec(TypeSpec):
    """Shape and dtype of a `tf.SparseTensor`.

    Args:
      shape: the shape, None for unknown sizes.
      dtype: the dtype of the elements.

    >>> tf.SparseTensorSpec([None, 3], tf.int32).is_compatible_with(tf.sparse.from_dense([[0, 1, 0]]))
    True
    """

    __slots__ = ("_dtype", "_shape")

    def __init__(self, shape: Any = None, dtype: Any = _float32) -> None:
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)

    shape = property(lambda self: self._shape, doc="The shape, as far as it is known.")
    dtype = property(lambda self: self._dtype, doc="The dtype of the elements.")

    @property
    def value_type(self) -> type:
        """`tf.SparseTensor`."""
        return SparseTensor

    @classmethod
    def from_value(cls, value: Any) -> SparseTensorSpec:
        """The spec of a sparse tensor at hand.

        Raises:
          TypeError: if it is none.
        """
        if isinstance(value, SparseTensor):
            return cls(value.shape, value.dtype)
        if isinstance(value, SparseTensorValue):
            return cls(value.dense_shape, np.asarray(value.values).dtype)
        raise TypeError(
            f"Expected SparseTensor or SparseTensorValue. Received: {value} of type {type(value).__name__}."
        )

    @property
    def _component_specs(self) -> Any:
        rank = self._shape.rank
        return [TensorSpec([None, rank], _int64), TensorSpec([None], self._dtype), TensorSpec([rank], _int64)]

    def _to_components(self, value: Any) -> Any:
        if isinstance(value, SparseTensorValue):
            value = SparseTensor.from_value(value)
        return list(parts(value))

    def _from_components(self, components: Any) -> Any:
        if all(isinstance(x, (Tensor, np.ndarray)) for x in components):
            made = SparseTensor(*components)
            if isinstance(made._dense_shape, Symbol):
                made._shape = made.shape.merge_with(self._shape)
            return made
        made = SparseTensor.__new__(SparseTensor)  # of what stands for Tensors
        made._indices, made._values, made._dense_shape = components
        made._shape = self._shape
        return made

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a sparse tensor, or another spec, may stand where this spec is asked for."""
        spec = spec_or_value
        if isinstance(spec, (SparseTensor, SparseTensorValue)):
            spec = SparseTensorSpec.from_value(spec)
        if not isinstance(spec, SparseTensorSpec):
            return False
        return self._dtype is spec._dtype and bool(self._shape.is_compatible_with(spec._shape))

    def most_specific_compatible_type(self, other: Any) -> Any:
        """The narrowest spec that takes what this one and `other` take.

        Raises:
          ValueError: if there is none.
        """
        if not isinstance(other, SparseTensorSpec) or self._dtype is not other._dtype:
            raise ValueError(f"No TypeSpec is compatible with both {self!r} and {other!r}")
        return SparseTensorSpec(self._shape.most_specific_compatible_shape(other._shape), self._dtype)

    # --- batches of datasets

    def _batch(self, size: int | None) -> SparseTensorSpec:
        return SparseTensorSpec(TensorShape([size]).concatenate(self._shape), self._dtype)

    def _unbatch(self) -> SparseTensorSpec:
        return SparseTensorSpec(self._shape[1:], self._dtype)

    def _stack(self, rows: Sequence[Any]) -> SparseTensor:
        """One sparse tensor of several, of one rank; the largest shape holds."""
        places, values, sizes = zip(*[[at_hand(x._array) for x in parts(row)] for row in rows])
        if len({len(each) for each in sizes}) > 1:
            raise invalid("Ranks of all input tensors must match.")
        number = np.repeat(np.arange(len(rows)), [len(each) for each in values])
        shape = np.array([len(rows), *np.max(sizes, 0)], np.int64)
        whole = np.concatenate([number[:, None], np.concatenate(places)], 1)
        return SparseTensor(Tensor(whole), Tensor(np.concatenate(values)), Tensor(shape))

    def _rows(self, value: SparseTensor) -> list[SparseTensor]:
        """The rows of a sparse tensor that fits this spec."""
        places, values, sizes = (at_hand(x._array) for x in parts(value))
        order = np.argsort(places[:, 0], kind="stable")
        ends = np.searchsorted(places[order, 0], np.arange(int(sizes[0]) + 1))
        rest = Tensor(sizes[1:].copy())
        chosen = [order[a:b] for a, b in pairwise(ends)]
        return [SparseTensor(Tensor(places[at, 1:]), Tensor(values[at]), rest) for at in chosen]

    def _serialize(self) -> tuple[Any, ...]:
        return self._shape, self._dtype

    def __repr__(self) -> str:
        return f"SparseTensorSpec({self._shape!r}, {self._dtype!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SparseTensorSpec):
            return NotImplemented
        return self._shape.rank == other._shape.rank and self._serialize() == other._serialize()

    def __hash__(self) -> int:
        return hash(self._serialize())

    def __reduce__(self) -> tuple[Any, ...]:
        return SparseTensorSpec, self._serialize()
