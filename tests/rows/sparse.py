"""Rows of the ops of sparse tensors, of sets and of counts."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optable import Row, boolean, c128, case, each, f16, f32, f64, i8, i32, i64, row, string, u8


def raw(name: str, *inputs: str, **fixed: Any) -> Callable[..., Any]:
    """A function that calls a raw op with inputs by position."""

    def call(tf: Any, *args: Any, **attrs: Any) -> Any:
        result = getattr(tf.raw_ops, name)(**dict(zip(inputs, args)), **fixed, **attrs)
        return list(result) if isinstance(result, tuple) else result

    return call


PLACES = i64([[0, 0], [0, 2], [2, 1]])
OTHERS = i64([[0, 2], [1, 1], [2, 1]])
NONE = i64(0, 2)
SHAPE = i64([3, 4])
SIZES = [3, 4]
NO_GRADIENT: dict[str, Any] = {"fd": 0, "reason": "TensorFlow has no gradient"}
THREE = i64([[0, 0, 1], [0, 2, 0], [1, 1, 1]])



def segments(name: str, counted: bool) -> Row:
    function = raw(f"SparseSegment{name}", "data", "indices", "segment_ids", *(["num_segments"] if counted else []))
    rest: tuple[Any, ...] = (4,) if counted else ()
    ints = each([i32, i64, i8, u8], lambda t: (t(4, 2), i32([0, 1, 3]), i32([0, 0, 2]), *rest)) if "Sum" in name else []
    return row(f"SparseSegment{name}", function, [
        *each([f32, f64, f16], lambda t: (t(4, 2), i32([0, 1, 3, 3]), i32([0, 0, 2, 2]), *rest)),
        *ints,
        case(f32(4), i64([2, 0]), i64([1, 1]), *rest),
        case(f32(4, 2, 3), i32([2, 0, 2]), i64([1, 1, 3]), *rest),
        case(f32(4, 2), i32(0), i32(0), *rest, grad=False, reason="TensorFlow's gradient is what was in memory"),
        case(f32(50, 3), i32([7, 7, 7, 9]), i32([0, 0, 1, 1]), *rest),
        case(f32(4, 2), i32([0, 9]), i32([0, 1]), *rest, error=True),
        case(f32(4, 2), i32([0, 1]), i32([1, 0]), *rest, error=True),
        case(f32(4, 2), i32([0, 1]), i32([0]), *rest, error="type", reason="two texts, by how it is called"),
    ])  # fmt: skip


def cwise(name: str) -> Row:
    low = 1 if name == "Div" else None
    return row(f"SparseDenseCwise{name}", raw(f"SparseDenseCwise{name}", "sp_indices", "sp_values", "sp_shape", "dense"), [
        *each([f32, f64, i32, i64], lambda t: (PLACES, t(3), SHAPE, t(3, 4, low=low)), **(
            {"grad": False, "reason": "TensorFlow has no gradient"} if name == "Add" else {})),
        *[case(PLACES, f32(3), SHAPE, f32(*shape, low=low), **(
            {"grad": False, "reason": "TensorFlow has none, or it fails"} if name == "Add" or shape == () else {}))
          for shape in ((), (4,), (1, 4), (3, 1), (1, 1))],
        case(PLACES, f32(3), SHAPE, f32(2), error=True),
        case(PLACES, f32(3), SHAPE, f32(1, 3, 4), error=True),
    ])  # fmt: skip


def both(name: str) -> Row:
    inputs = "a_indices", "a_values", "a_shape", "b_indices", "b_values", "b_shape"
    no = {"grad": False, "reason": "TensorFlow has no gradient"}
    return row(f"SparseSparse{name}", raw(f"SparseSparse{name}", *inputs), [
        *each([f32, f64, i32, i64], lambda t: (PLACES, t(3), SHAPE, OTHERS, t(3), SHAPE), **no),
        case(NONE, f32(0), SHAPE, OTHERS, f32(3), SHAPE, **no),
        case(NONE, f32(0), SHAPE, NONE, f32(0), SHAPE, **no),
        case(PLACES, f32(3), SHAPE, OTHERS, f32(3), i64([3, 5]), error=True),
        case(PLACES, f32(3), SHAPE, i64([[1]]), f32(1), i64([3]), error=True),
    ])  # fmt: skip


def reductions(name: str) -> list[Row]:
    inputs = "input_indices", "input_values", "input_shape", "reduction_axes"
    no = {"grad": False, "reason": "TensorFlow has no gradient"}
    dense_no: Any = {} if name == "Sum" else no
    cases = [
        *each([f32, f64, i32], lambda t: (PLACES, t(3), SIZES, [0]), **dense_no),
        *[case(PLACES, f32(3), SIZES, axes, keep_dims=keep, **dense_no)
          for axes in ([0], [1], [-1], [0, 1]) for keep in (False, True)],
        *[case(THREE, f32(3), [2, 3, 2], axes, **dense_no) for axes in ([0], [1, 2], [0, 2], [-1])],
        case(PLACES, f32(3), SIZES, [2], error=True),
        case(PLACES, f32(3), SIZES, [-3], error=True),
    ]  # fmt: skip
    thin = [
        *each([f32, i64], lambda t: (PLACES, t(3), SIZES, [0]), **no),
        *[case(THREE, f32(3), [2, 3, 2], axes, keep_dims=keep, **no) for axes in ([0], [1, 2]) for keep in (True, False)],
        case(PLACES, f32(3), SIZES, [0, 1], **no),
    ]
    return [
        row(f"SparseReduce{name}", raw(f"SparseReduce{name}", *inputs), cases),
        row(f"SparseReduce{name}Sparse", raw(f"SparseReduce{name}Sparse", *inputs), thin),
    ]


def counts(name: str, *inputs: str) -> Callable[..., Any]:
    def call(tf: Any, *args: Any, binary_output: bool = False, **attrs: Any) -> Any:
        found = getattr(tf.raw_ops, name)(**dict(zip(inputs, args)), binary_output=binary_output, **attrs)
        return list(found)

    return call


ROWS: list[Row] = [
    row("SparseToDense", raw("SparseToDense", "sparse_indices", "output_shape", "sparse_values", "default_value"), [
        *each([f32, f64, i32, i64], lambda t: (PLACES, SIZES, t(3), t.of(0))),
        case(PLACES, SIZES, f32(3), f32.of(-1.5)),
        case(PLACES, SIZES, boolean(3), boolean.of(True)),
        case(PLACES, SIZES, string(3), string.of(b"x")),
        case(PLACES, SIZES, c128(3), c128.of(0)),
        case(i32([[0, 1]]), [2, 2], f32(1), f32.of(0)),
        case(i64([1, 3]), [4], f32(2), f32.of(0), grad=False, reason="TensorFlow's gradient fails"),
        case(i64.of(2), [4], f32.of(5), f32.of(0), grad=False, reason="TensorFlow's gradient fails"),
        case(PLACES, SIZES, f32.of(2.5), f32.of(0), grad=False, reason="TensorFlow's gradient has another shape"),
        case(NONE, SIZES, f32(0), f32.of(1)),
        case(i64([[0, 2], [0, 0]]), SIZES, f32(2), f32.of(0), validate_indices=False),
        case(i64([[0, 2], [0, 0]]), SIZES, f32(2), f32.of(0), error=True),
        case(i64([[0, 0], [0, 0]]), SIZES, f32(2), f32.of(0), error=True),
        case(i64([[0, 9]]), SIZES, f32(1), f32.of(0), error=True),
        case(i64([[0, 9]]), SIZES, f32(1), f32.of(0), validate_indices=False, error=True),
    ]),
    row("SparseReorder", raw("SparseReorder", "input_indices", "input_values", "input_shape"), [
        *each([f32, f64, i32], lambda t: (i64([[2, 1], [0, 2], [0, 0]]), t(3), SHAPE)),
        case(i64([[1, 0], [0, 1], [0, 1]]), string(3), SHAPE),
        case(THREE, f32(3), i64([2, 3, 2])),
        case(NONE, f32(0), SHAPE),
    ]),
    row("SparseReshape", raw("SparseReshape", "input_indices", "input_shape", "new_shape"), [
        case(PLACES, SHAPE, i64([4, 3])), case(PLACES, SHAPE, i64([-1])), case(PLACES, SHAPE, i64([2, -1])),
        case(THREE, i64([2, 3, 2]), i64([3, 4])), case(NONE, SHAPE, i64([12])),
        case(PLACES, SHAPE, i64([5, 3]), error=True), case(PLACES, SHAPE, i64([-1, -1]), error=True),
        case(PLACES, SHAPE, i64([-1, 5]), error=True),
    ]),
    row("SparseSlice", raw("SparseSlice", "indices", "values", "shape", "start", "size"), [
        *each([f32, f64, i32], lambda t: (PLACES, t(3), SHAPE, i64([0, 1]), i64([3, 2]))),
        case(PLACES, string(3), SHAPE, i64([1, 0]), i64([5, 5])),
        case(THREE, f32(3), i64([2, 3, 2]), i64([0, 1, 0]), i64([2, 2, 2])),
        case(NONE, f32(0), SHAPE, i64([0, 0]), i64([1, 1])),
        case(PLACES, f32(3), SHAPE, i64([0]), i64([1]), error=True),
    ]),
    row("SparseSliceGrad", raw("SparseSliceGrad", "backprop_val_grad", "input_indices", "input_start", "output_indices"), [
        case(f32(2), PLACES, i64([0, 1]), i64([[0, 1], [2, 0]]), grad=False, reason="TensorFlow has no gradient"),
        case(f64(0), PLACES, i64([0, 3]), NONE, grad=False, reason="TensorFlow has no gradient"),
    ]),
    row("SparseConcat", lambda tf, axis, *args: list(tf.raw_ops.SparseConcat(
        indices=args[0::3], values=args[1::3], shapes=args[2::3], concat_dim=axis)), [
        *[case(axis, PLACES, f32(3), SHAPE, OTHERS, f32(3), SHAPE, **NO_GRADIENT) for axis in (0, 1, -1)],
        case(0, PLACES, string(3), SHAPE, OTHERS, string(3), SHAPE),
        case(0, PLACES, i32(3), SHAPE, NONE, i32(0), i64([2, 4]), OTHERS, i32(3), SHAPE),
        case(0, PLACES, f32(3), SHAPE, OTHERS, f32(3), i64([3, 5]), error=True),
        case(2, PLACES, f32(3), SHAPE, OTHERS, f32(3), SHAPE, error=True),
        case(0, PLACES, f32(3), SHAPE, i64([[1]]), f32(1), i64([3]), error=True),
    ]),
    row("SparseSplit", lambda tf, *args, num_split: tf.nest.flatten(list(tf.raw_ops.SparseSplit(
        split_dim=args[0], indices=args[1], values=args[2], shape=args[3], num_split=num_split))), [
        *[case(i64.of(axis), PLACES, f32(3), SHAPE, num_split=n, grad=False, reason="TensorFlow has no gradient")
          for axis, n in ((0, 3), (1, 2), (1, 3), (-1, 2), (0, 1))],
        case(i64.of(1), PLACES, string(3), SHAPE, num_split=2),
        case(i64.of(1), PLACES, f32(3), SHAPE, num_split=5, error=True),
        case(i64.of(3), PLACES, f32(3), SHAPE, num_split=2, error=True),
    ]),
    row("SparseFillEmptyRows", raw("SparseFillEmptyRows", "indices", "values", "dense_shape", "default_value"), [
        *each([f32, f64, i32], lambda t: (PLACES, t(3), SHAPE, t.of(7))),
        case(PLACES, string(3), SHAPE, string.of(b"x")),
        case(i64([[2, 1], [0, 2], [0, 0]]), f32(3), SHAPE, f32.of(1)),
        case(NONE, f32(0), SHAPE, f32.of(1)),
        case(THREE, f32(3), i64([3, 3, 2]), f32.of(1)),
        case(i64([[5, 0]]), f32(1), SHAPE, f32.of(1), error=True),
        case(i64([[-1, 0]]), f32(1), SHAPE, f32.of(1), error=True),
    ]),
    row("SparseFillEmptyRowsGrad", raw("SparseFillEmptyRowsGrad", "reverse_index_map", "grad_values"), [
        case(i64([0, 1, 3]), f32(5), grad=False, reason="TensorFlow has no gradient"),
        case(i64(0), f64(2), grad=False, reason="TensorFlow has no gradient"),
    ]),
    row("SparseTensorDenseMatMul", raw("SparseTensorDenseMatMul", "a_indices", "a_values", "a_shape", "b"), [
        *each([f32, f64, i32], lambda t: (PLACES, t(3), SIZES, t(4, 2))),
        case(PLACES, c128(3), SIZES, c128(4, 2)),
        case(PLACES, c128(3), SIZES, c128(3, 2), adjoint_a=True),
        case(PLACES, c128(3), SIZES, c128(2, 4), adjoint_b=True),
        case(PLACES, f32(3), SIZES, f32(3, 2), adjoint_a=True),
        case(PLACES, f32(3), SIZES, f32(2, 4), adjoint_b=True),
        case(PLACES, f32(3), SIZES, f32(2, 3), adjoint_a=True, adjoint_b=True),
        case(NONE, f32(0), SIZES, f32(4, 2)),
        case(i32([[0, 1], [0, 1]]), f32(2), [2, 2], f32(2, 2)),
        case(PLACES, f32(3), SIZES, f32(3, 2), error=True),
        case(PLACES, f32(3), SIZES, f32(4), error=True),
        case(i64([[0, 5]]), f32(1), SIZES, f32(4, 2), error=True),
    ]),
    cwise("Add"),
    cwise("Mul"),
    cwise("Div"),
    row("SparseTensorDenseAdd", raw("SparseTensorDenseAdd", "a_indices", "a_values", "a_shape", "b"), [
        *each([f32, f64, i32, c128], lambda t: (PLACES, t(3), SHAPE, t(3, 4))),
        case(i32([[0, 1], [0, 1]]), f32(2), i32([2, 2]), f32(2, 2)),
        case(PLACES, f32(3), SHAPE, f32(4), error=True),
    ]),
    row("SparseAdd", raw("SparseAdd", "a_indices", "a_values", "a_shape", "b_indices", "b_values", "b_shape", "thresh"), [
        *each([f32, f64, i32], lambda t: (PLACES, t(3), SHAPE, OTHERS, t(3), SHAPE, t.of(0))),
        case(PLACES, f32([1, 2, 3]), SHAPE, OTHERS, f32([1, 2, -3]), SHAPE, f32.of(0.5)),
        case(PLACES, c128(3), SHAPE, OTHERS, c128(3), SHAPE, f64.of(0)),
        case(NONE, f32(0), SHAPE, OTHERS, f32(3), SHAPE, f32.of(0)),
        case(NONE, f32(0), SHAPE, NONE, f32(0), SHAPE, f32.of(0)),
        case(PLACES, f32(3), SHAPE, OTHERS, f32(3), i64([3, 5]), f32.of(0), error=True),
    ]),
    row("SparseAddGrad", raw("SparseAddGrad", "backprop_val_grad", "a_indices", "b_indices", "sum_indices"), [
        case(f32(4), PLACES, OTHERS, i64([[0, 0], [0, 2], [1, 1], [2, 1]]), grad=False, reason="TensorFlow has no gradient"),
        case(f64(2), PLACES, OTHERS, i64([[0, 0], [2, 1]]), grad=False, reason="TensorFlow has no gradient"),
    ]),
    both("Maximum"),
    both("Minimum"),
    *reductions("Sum"),
    *reductions("Max"),
    row("SparseSoftmax", raw("SparseSoftmax", "sp_indices", "sp_values", "sp_shape"), [
        *each([f32, f64], lambda t: (PLACES, t(3), SHAPE)),
        case(THREE, f64(3), i64([2, 3, 2])),
        case(i64([[0, 0], [0, 1], [1, 0], [1, 2]]), f32([100, 101, -1e30, 3]), i64([2, 3]), fd=0, reason="too large for differences"),
        case(NONE, f32(0), SHAPE),
        case(i64([[1]]), f32(1), i64([3]), error=True),
    ]),
    *[segments(name + ("WithNumSegments" if counted else ""), counted)
      for name in ("Sum", "Mean", "SqrtN") for counted in (False, True)],
    row("DenseToDenseSetOperation", raw("DenseToDenseSetOperation", "set1", "set2"), [
        *[case(i32([[1, 2, 2], [3, 4, 4]]), i32([[2, 2], [5, 4]]), set_operation=how)
          for how in ("a-b", "b-a", "intersection", "union")],
        case(string(2, 5), string(2, 4), set_operation="union"),
        case(i64(2, 2, 3), i64(2, 2, 2), set_operation="union"),
        case(i32([1, 2]), i32([1]), set_operation="union", error=True),
        case(i32([[1]]), i32([[1], [2]]), set_operation="union", error=True),
    ]),
    row("DenseToSparseSetOperation", raw("DenseToSparseSetOperation", "set1", "set2_indices", "set2_values", "set2_shape"), [
        *[case(i32([[1, 2], [3, 4], [5, 6]]), PLACES, i32([1, 2, 5]), SHAPE, set_operation=how)
          for how in ("a-b", "b-a", "intersection", "union")],
    ]),
    row("SparseToSparseSetOperation", raw(
        "SparseToSparseSetOperation", "set1_indices", "set1_values", "set1_shape", "set2_indices", "set2_values", "set2_shape"
    ), [
        *[case(PLACES, i32([1, 2, 5]), SHAPE, OTHERS, i32([2, 3, 5]), SHAPE, set_operation=how)
          for how in ("a-b", "b-a", "intersection", "union")],
        case(OTHERS, string(3), SHAPE, PLACES, string(3), SHAPE, set_operation="union"),
        case(i64([[1, 0], [0, 0]]), i32([1, 2]), SHAPE, PLACES, i32(3), SHAPE, set_operation="union", error=True),
    ]),
    row("SetSize", raw("SetSize", "set_indices", "set_values", "set_shape"), [
        case(PLACES, i32([1, 1, 5]), SHAPE), case(THREE, string(3), i64([2, 3, 2])), case(NONE, i64(0), SHAPE),
    ]),
    row("EditDistance", raw(
        "EditDistance", "hypothesis_indices", "hypothesis_values", "hypothesis_shape", "truth_indices", "truth_values", "truth_shape"
    ), [
        *[case(i64([[0, 0, 0], [1, 0, 0]]), string([b"a", b"b"]), i64([2, 1, 1]),
               i64([[0, 1, 0], [1, 0, 0], [1, 0, 1], [1, 1, 0]]), string([b"a", b"b", b"c", b"a"]), i64([2, 2, 2]),
               normalize=normalize) for normalize in (True, False)],
        case(PLACES, i32([1, 2, 3]), SHAPE, OTHERS, i32([2, 2, 3]), SHAPE),
        case(NONE, i64(0), SHAPE, OTHERS, i64(3), SHAPE, normalize=False),
    ]),
    row("DenseCountSparseOutput", counts("DenseCountSparseOutput", "values", "weights"), [
        *[case(i32([[1, 1, 2], [0, 5, 5]]), i32(0), **more)
          for more in ({}, {"minlength": 9}, {"maxlength": 4}, {"binary_output": True})],
        case(i64([1, 1, 2, 0]), f32(4), grad=False, reason="TensorFlow has no gradient"),
        case(i64([[1, 1], [2, 0]]), f64(2, 2), grad=False, reason="TensorFlow has no gradient"),
        case(i32([[1, -1]]), i32(0), error=True),
    ]),
    row("SparseCountSparseOutput", counts("SparseCountSparseOutput", "indices", "values", "dense_shape", "weights"), [
        *[case(PLACES, i32([1, 1, 3]), SHAPE, i32(0), **more)
          for more in ({}, {"minlength": 9}, {"maxlength": 2}, {"binary_output": True})],
        case(PLACES, i64([1, 1, 3]), SHAPE, f32(3), grad=False, reason="TensorFlow has no gradient"),
        case(i64([[0], [2]]), i64([1, 1]), i64([4]), i64(0)),
    ]),
    row("RaggedCountSparseOutput", counts("RaggedCountSparseOutput", "splits", "values", "weights"), [
        *[case(i64([0, 2, 2, 3]), i32([1, 1, 3]), i32(0), **more) for more in ({}, {"minlength": 9}, {"maxlength": 2})],
        case(i64([0, 2, 2, 3]), i64([1, 1, 3]), f32(3), grad=False, reason="TensorFlow has no gradient"),
    ]),
    row("SparseBincount", raw("SparseBincount", "indices", "values", "dense_shape", "size", "weights"), [
        *each([i32, i64], lambda t: (PLACES, t([1, 1, 3]), SIZES, t.of(4), i32(0))),
        case(PLACES, i32([1, 1, 3]), SIZES, i32.of(2), f32(3), grad=False, reason="TensorFlow has no gradient"),
        case(PLACES, i32([1, 1, 3]), SIZES, i32.of(6), f32(0), binary_output=True, grad=False, reason="TensorFlow has no gradient"),
        case(i64([[0], [2]]), i32([1, 1]), [4], i32.of(3), i32(0)),
    ]),
    row("RaggedBincount", raw("RaggedBincount", "splits", "values", "size", "weights"), [
        *each([i32, i64], lambda t: (i64([0, 2, 2, 3]), t([1, 1, 3]), t.of(4), i32(0))),
        case(i64([0, 2, 2, 3]), i32([1, 1, 3]), i32.of(2), f32(3), grad=False, reason="TensorFlow has no gradient"),
        case(i64([0, 2, 2, 3]), i32([1, 1, 3]), i32.of(6), f32(0), binary_output=True, grad=False, reason="TensorFlow has no gradient"),
    ]),
    row("SerializeSparse", raw("SerializeSparse", "sparse_indices", "sparse_values", "sparse_shape"), [
        case(PLACES, f32(3), SHAPE, grad=False, reason="TensorFlow has no gradient"),
        case(PLACES, i32(3), SHAPE), case(PLACES, string(3), SHAPE), case(NONE, i64(0), SHAPE),
    ]),
    row("SerializeManySparse", raw("SerializeManySparse", "sparse_indices", "sparse_values", "sparse_shape"), [
        case(PLACES, f64(3), SHAPE, grad=False, reason="TensorFlow has no gradient"),
        case(THREE, string(3), i64([2, 3, 2])),
        case(i64([[1]]), i32(1), i64([3]), error=True),
    ]),
    row("DeserializeManySparse", lambda tf, *args, dtype: list(tf.raw_ops.DeserializeManySparse(
        serialized_sparse=tf.raw_ops.SerializeManySparse(**dict(zip(("sparse_indices", "sparse_values", "sparse_shape"), args))),
        dtype=getattr(tf, dtype))), [
        case(PLACES, i32(3), SHAPE, dtype="int32"),
        case(THREE, string(3), i64([2, 3, 2]), dtype="string"),
    ]),
]  # fmt: skip
