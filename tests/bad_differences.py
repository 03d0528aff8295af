"""Where the bad programs of `bad_*.py` do not end as on TensorFlow, and why that is meant to be so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """What ours must say (`says`), and the class of the error: None for TensorFlow's, "" if there is to be none."""

    why: str
    says: tuple[str, ...] = ()
    error: str | None = None
    modes: str = "eager host free xla"


def _names(text: str, *differences: Difference) -> dict[str, tuple[Difference, ...]]:
    return dict.fromkeys(text.split(", "), differences)


_UNSUPPORTED = Difference(
    "TensorFlow's XLA pads what has no size before it runs; ours refuses it and names the op",
    ("Detected unsupported operations",),
    "InvalidArgumentError",
    "xla",
)
_CODE = "TensorFlow's text is a failed assertion of its own code"
_NODE = "the text is of the ops that TensorFlow makes of it"
_MORE = "the same, said with more"
_EARLY = "TensorFlow finds it in another place"
_NAMED = "TensorFlow's text does not say in which function"

DIFFERENT: dict[str, tuple[Difference, ...]] = {
    **_names(
        "unique on XLA, boolean_mask on XLA, dynamic_partition on XLA, branches_of_two_shapes",
        _UNSUPPORTED,
    ),
    **_names("an unknown keyword", Difference(_NAMED, ("reduce_sum() got an unexpected keyword argument 'dim'",))),
    **_names("an argument missing", Difference(_NAMED, ("matmul() missing 1 required positional argument: 'b'",))),
    **_names("an argument twice", Difference(_NAMED, ("reshape() got multiple values for argument 'shape'",))),
    **_names("a keyword missing", Difference(_NAMED, ("missing 1 required positional argument: 'logits'",))),
    **_names(
        "while_loop_of_other_shapes, while_loop_invariants_that_break",
        Difference("ones have another name", ("enters the loop with shape (", "after one iteration. To allow")),
    ),
    **_names(
        "foldl_of_another_shape",
        Difference(_NODE, ("enters the loop with shape (), but has shape (2,) after one iteration",), modes="host xla"),
    ),
    **_names(
        "scan_of_another_dtype",
        Difference(
            _NODE,
            ("enters the loop with type <dtype: 'float32'> but has type <dtype: 'int32'> after 1",),
            modes="host xla",
        ),
    ),
    **_names(
        "while_loop_invariants_that_do_not_hold",
        Difference(
            "TensorFlow takes the invariant's word", ("is not compatible with the initial shape", "(1,)", "(3,)")
        ),
    ),
    **_names("while_loop_too_few_invariants", Difference(_NODE, ("length 1", "length 2"))),
    **_names("while_loop_invariants_of_another_kind", Difference(_NODE, ("'a'", "to a shape"))),
    **_names(
        "while_loop_without_variables", Difference("eagerly it is refused", ("'loop_vars' must be",), "ValueError")
    ),
    **_names(
        "while_loop_maximum_of_many, while_loop_condition_of_many, cond_of_many",
        Difference(_MORE, ("The second input must be a scalar, but it has shape [2]",), modes="host xla"),
    ),
    **_names(
        "cond_of_a_float, while_loop_condition_is_a_float",
        Difference(_NODE, ("Input 'pred' passed float expected bool",), modes="host xla"),
    ),
    **_names("cond_of_a_string", Difference(_NODE, ("Input 'pred' passed string expected bool",), modes="host xla")),
    **_names(
        "cond_of_other_lengths", Difference(_CODE, ("arguments to tf.cond must have the same number",), "TypeError")
    ),
    **_names(
        "case_with_two_matches",
        Difference(
            "TensorFlow's graph forgets its check", ("more than 1 conditions (",), "InvalidArgumentError", "host"
        ),
    ),
    **_names(
        "map_fn_of_another_dtype",
        Difference(
            "TensorFlow's XLA reads the bits as another dtype; its own text goes on",
            ("int32", "float", "fn_output_signature"),
            "InvalidArgumentError",
            "host xla",
        ),
    ),
    **_names(
        "array_write_another_dtype",
        Difference(
            "TensorFlow's XLA reads the bits as another dtype", ("Invalid data types",), "InvalidArgumentError", "xla"
        ),
    ),
    **_names(
        "array_unstack_another_size, array_unstack_a_scalar",
        Difference("TensorFlow's XLA does not look", (), "InvalidArgumentError", "xla"),
    ),
    **_names(
        "gather: batch_dims",
        Difference(
            "TensorFlow's XLA does not look", ("should be equal to indices.shape[0]: 3",), "InvalidArgumentError", "xla"
        ),
    ),
    **_names(
        "map_fn_of_two_for_one, map_fn_signature_of_two",
        Difference("Tensors are shown by their values", ("don't have the same nested structure",), modes="eager"),
    ),
    **_names("map_fn_of_changing_shapes", Difference(_NODE, ("different shapes",), modes="host")),
    **_names(
        "scan_of_a_scalar, foldl_of_a_scalar",
        Difference(_CODE, ("slice index 0 of dimension 0 out of bounds",), modes="host xla"),
    ),
    **_names("array_stack_unwritten", Difference(_MORE, ("uninitialized element",), modes="host")),
    **_names("array_gather_out_of_range", Difference(_NODE, ("indices[1] = 5 is not in [0, 2)",), modes="host")),
    **_names("array_split_lengths", Difference(_MORE, ("sum of lengths is 4", "[2]"), modes="host")),
    **_names(
        "array_concat_of_scalars", Difference(_MORE, ("Shapes must be equal rank, but are 1 and 0",), modes="host")
    ),
    **_names(
        "array_index_is_a_float", Difference(_NODE, ("Expected int32, but got 0.5 of type 'float'",), modes="host")
    ),
    **_names("an_attribute_of_tf_that_is_not_there", Difference("it is our package", ("tapeflow", "placeholder"))),
    **_names(
        "tf1_session_eagerly, import_graph_def_of_nothing",
        Difference("not part of what we have", ("tapeflow has no",), "AttributeError"),
    ),
    **_names(
        "an_iterator_that_ends, string argument on XLA",
        Difference("ours names the argument", ("Detected unsupported operations", "on XLA: Placeholder"), modes="xla"),
    ),
    **_names("index_of_a_symbol", Difference(_MORE, ("cannot be interpreted as an integer", "strided_slice:0"))),
    **_names("leaked_and_printed", Difference(_CODE, ("is out of scope and cannot be used here",), "TypeError")),
    **_names("leaked_by_an_attribute", Difference(_EARLY, ("is out of scope and cannot be used here",))),
    **_names(
        "matmul: sizes", Difference(_MORE, ("Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]",), modes="free")
    ),
    **_names(
        "matmul: ranks", Difference(_MORE, ("In[0] and In[1] has different ndims: [2,3] vs. [3]",), modes="eager")
    ),
    **_names("matmul: dtypes", Difference(_NODE, ("cannot compute MatMul as input #1(zero-based)",), modes="eager")),
    **_names(
        "reshape: two unknown",
        Difference(
            "TensorFlow's optimizer removes it", ("nly one input size may be -1",), "InvalidArgumentError", "host xla"
        ),
    ),
    **_names("reshape: negative", Difference(_MORE, ("non-negative, not -2",), modes="host free xla")),
    **_names("concat: nothing", Difference(_CODE, ("'ConcatV2'", "there is nothing to concatenate"), modes="eager")),
    **_names("transpose: perm twice", Difference(_MORE, ("1 is missing from {0,0}",), modes="xla")),
    **_names(
        "transpose: perm out of range",
        Difference("found when it runs", ("2 is out of range [0 .. 2)",), "InvalidArgumentError", "free"),
    ),
    **_names(
        "tile: negative", Difference("TensorFlow's number is wrong", ("multiples[1] >= 0, but got -1",), modes="xla")
    ),
    **_names("roll: axis", Difference(_MORE, ("axis 1 is out of range",), modes="xla")),
    **_names("pad: reflect too far", Difference(_CODE, ("paddings must be less than",), "InvalidArgumentError", "xla")),
    **_names("eye: a matrix", Difference(_NODE, ("`num_rows`",), "TypeError")),
    **_names(
        "conv2d: window too large", Difference("TensorFlow returns memory that is nobody's", (), "", "eager free")
    ),
    **_names("conv2d: strides", Difference(_MORE, ("strides should be larger than 0",), modes="eager")),
    **_names("softmax: axis", Difference(_CODE, ("unknown rank",), "ValueError", "free")),
    **_names("tensordot: axes", Difference(_NODE, ("Matrix size-incompatible",), modes="free")),
    **_names(
        "assert_equal: sizes", Difference("the other way round", ("Incompatible shapes: [3] vs. [2]",), modes="free")
    ),
    **_names("ensure_shape", Difference(_NODE, ("[2,3] is not compatible with expected shape [3,?]",), modes="free")),
    **_names("bitcast: sizes", Difference("TensorFlow's number is wrong", ("Cannot bitcast from 3 to 2",))),
    **_names("constant: ragged", Difference("NumPy's text", ("non-rectangular",), modes="host xla")),
    **_names("constant: shape", Difference(_MORE, ("has 3 elements, but got `shape` (2, 2)",), modes="host xla")),
    **_names("constant of a tensor of another dtype", Difference(_MORE, ("float32", "int32"), modes="host xla")),
    **_names("device: job", Difference("a job is but a name while a graph is built", (), "", "host")),
    **_names("assert_rank: a float, assert_type", Difference(_NODE, ("must be of type tf.int32; got tf.float32",))),
    **_names(
        "assert_same_float_dtype",
        Difference(_MORE, ("type=<dtype: 'float64'>, must be of the same type (<dtype: 'float32'>)",)),
    ),
    **_names("numpy_function: ragged", Difference("eagerly it is a list of two", (), "", "eager")),
    **_names("decode on XLA", Difference("constants are computed beforehand", (), "", "xla")),
    **_names("assign_add_another_shape", Difference(_MORE, ("(2,)", "(3,)"), modes="host xla")),
    **_names(
        "a_gradient_of_a_string, a_jacobian_with_unknown_sizes", Difference(_CODE, ("must be a Tensor or a Variable",))
    ),
    **_names(
        "a_custom_gradient_of_too_few",
        Difference(_CODE, ("expected to return 2 gradients, but returned 1",), "ValueError", "host"),
    ),
    **_names(
        "a_custom_gradient_that_returns_no_function",
        Difference("found when the gradient is asked for", (), "", "eager"),
    ),
    **_names(
        "an_accumulator_of_another_shape",
        Difference(
            "TensorFlow runs a graph here", ("Incompatible shapes: [3] vs. [2]",), "InvalidArgumentError", "eager"
        ),
    ),
    **_names(
        "tensors_of_two_graphs",
        Difference("TensorFlow finds it when the graph runs", ("must be from the same graph",), "ValueError"),
    ),
    **_names("an_eager_tensor_in_a_graph", Difference(_NODE, ("without building a function",))),
    **_names("control_dependencies_on_none", Difference("assertions that hold are None eagerly", (), "", "host")),
    **_names(
        "a_variable_on_the_second_call",
        Difference(
            "as without XLA",
            ("tf.function only supports singleton tf.Variables created on the first call",),
            "ValueError",
            "xla",
        ),
    ),
    **_names(
        "a_variable_from_a_value_of_the_function, a_variable_whose_initial_value_has_no_shape",
        Difference("as without XLA", (), "", "xla"),
    ),
    **_names(
        "assign_a_slice_of_another_shape",
        Difference(_MORE, ("Cannot broadcast input shape [2] into final shape [1]",), "InvalidArgumentError", "xla"),
    ),
    **_names(
        "a_failed_first_call_that_made_a_variable",
        Difference("TensorFlow's function returns None from then on", (), "", "host xla"),
    ),
    **_names(
        "many_functions, made_in_a_loop",
        Difference("it is said only where tracing takes much of the time", (), ""),
    ),
}
