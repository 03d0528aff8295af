"""Wrong uses of functions, concrete functions and symbolic Tensors. See `bad_programs.py`."""
# ruff: noqa: C416, F821, N818, PERF402, RUF059

from __future__ import annotations

from typing import Any

import numpy as np
from bad_programs import bad

BOTH = "eager host"
ALL = "eager host xla"
TRACED = "host xla"


# -- calls


@bad(ALL)
def too_many_arguments(tf, function):
    return function(lambda x: x)(1.0, 2.0)


@bad(ALL)
def too_few_arguments(tf, function):
    return function(lambda x, y: x)(1.0)


@bad(ALL)
def a_keyword_that_is_none(tf, function):
    return function(lambda x: x)(x=1.0, z=2.0)


@bad(ALL)
def an_argument_twice(tf, function):
    def f(x, y=1.0):
        return x

    return function(f)(1.0, x=2.0)


@bad(ALL)
def no_arguments_are_taken(tf, function):
    def f():
        return 1.0

    return function(f)(tf.ones([2]))


@bad(ALL)
def a_methods_arguments(tf, function):
    class Model:
        @function
        def call(self, x):
            return x

    return Model().call()


@bad()
def signature_other_shape(tf, function):
    f = function(lambda x: x, input_signature=[tf.TensorSpec([2], tf.float32)])
    return f(tf.ones([3]))


@bad()
def signature_other_rank(tf, function):
    f = function(lambda x: x, input_signature=[tf.TensorSpec([None], tf.float32)])
    return f(tf.ones([3, 3]))


@bad()
def signature_other_dtype(tf, function):
    f = function(lambda x: x, input_signature=[tf.TensorSpec([2], tf.float32)])
    return f(tf.ones([2], tf.int32))


@bad()
def signature_python_value_of_another_dtype(tf, function):
    f = function(lambda x: x, input_signature=[tf.TensorSpec([], tf.int32)])
    return f(1.5)


@bad()
def signature_a_string_for_a_float(tf, function):
    f = function(lambda x: x, input_signature=[tf.TensorSpec([], tf.float32)])
    return f("a")


@bad()
def signature_none(tf, function):
    f = function(lambda x: x, input_signature=[tf.TensorSpec([], tf.float32)])
    return f(None)


@bad()
def signature_other_structure(tf, function):
    spec = tf.TensorSpec([], tf.float32)
    f = function(lambda x: x, input_signature=[{"a": spec, "b": spec}])
    return f({"a": 1.0})


@bad()
def signature_a_list_for_a_tensor(tf, function):
    f = function(lambda x: x, input_signature=[tf.TensorSpec([2], tf.float32)])
    return f([1.0, 2.0, 3.0])


@bad()
def signature_too_many(tf, function):
    spec = tf.TensorSpec([], tf.float32)
    return function(lambda x: x, input_signature=[spec, spec])(1.0, 2.0)


@bad()
def signature_too_few(tf, function):
    return function(lambda x, y: x, input_signature=[tf.TensorSpec([], tf.float32)])(1.0, 2.0)


@bad()
def signature_call_with_too_many(tf, function):
    return function(lambda x: x, input_signature=[tf.TensorSpec([], tf.float32)])(1.0, 2.0)


@bad()
def signature_call_with_none_at_all(tf, function):
    return function(lambda x: x, input_signature=[tf.TensorSpec([], tf.float32)])()


@bad()
def signature_is_no_list(tf, function):
    return function(lambda x: x, input_signature=3)(1.0)


@bad()
def signature_of_tensors(tf, function):
    return function(lambda x: x, input_signature=[tf.ones([2])])(tf.ones([2]))


@bad()
def signature_of_dtypes(tf, function):
    return function(lambda x: x, input_signature=[tf.float32])(tf.ones([2]))


@bad()
def signature_and_a_ragged_list(tf, function):
    return function(lambda x: x, input_signature=[tf.TensorSpec(None, tf.float32)])([[1.0], [1.0, 2.0]])


@bad()
def an_unhashable_argument(tf, function):
    return function(lambda x, s: x)(1.0, {1, 2})


@bad()
def an_argument_whose_hash_fails(tf, function):
    class Odd:
        __hash__ = None

        def __eq__(self, other):
            return True

    return function(lambda x, s: x)(1.0, Odd())


@bad()
def an_object_array_as_argument(tf, function):
    return function(lambda x: x)(np.array([None, object()]))


@bad(ALL)
def not_a_function(tf, function):
    return function(3)(1.0)


@bad(ALL)
def returns_an_object(tf, function):
    return function(lambda x: object())(1.0)


@bad()
def returns_a_set(tf, function):
    return function(lambda x: {1})(tf.ones([]))


@bad()
def returns_a_ragged_list_of_arrays(tf, function):
    return function(lambda x: np.array([None]))(tf.ones([]))


@bad()
def a_generator(tf, function):
    @function
    def f(x):
        yield x

    return f(1.0)


@bad()
def calls_itself_without_end(tf, function):
    @function
    def f(x):
        return g(x)

    def g(x):
        raise RecursionError("too deep")

    return f(1.0)


@bad(ALL)
def a_name_that_is_not_there(tf, function):
    @function
    def f(x):
        return x + nowhere

    return f(1.0)


@bad(ALL)
def an_attribute_that_is_not_there(tf, function):
    @function
    def f(x):
        return x.nowhere

    return f(tf.ones([2]))


@bad(ALL)
def a_list_attribute_of_a_tensor(tf, function):
    @function
    def f(x):
        return x.astype("int32")

    return f(tf.ones([2]))


@bad(ALL)
def an_attribute_of_tf_that_is_not_there(tf, function):
    return function(lambda x: tf.placeholder(x))(1.0)


@bad(ALL)
def raises(tf, function):
    @function
    def f(x):
        raise ValueError("of the program")

    return f(1.0)


@bad(ALL)
def raises_with_two_arguments(tf, function):
    class Mine(Exception):
        def __init__(self, a, b):
            super().__init__(f"{a} and {b}")

    @function
    def f(x):
        raise Mine(1, 2)

    return f(1.0)


@bad()
def decorated_twice_with_an_unknown_option(tf, function):
    return function(lambda x: x, nothing=True)(1.0)


@bad()
def jit_compile_with_nonsense(tf, function):
    return tf.function(lambda x: x, reduce_retracing=True, experimental_relax_shapes=True)(1.0)


# -- concrete functions


def concrete(tf: Any, function: Any, *shape: Any) -> Any:
    return function(lambda x: x * 2.0).get_concrete_function(tf.TensorSpec(shape, tf.float32, name="x"))


@bad(TRACED)
def concrete_other_dtype(tf, function):
    return concrete(tf, function, 2)(tf.ones([2], tf.int32))


@bad(TRACED)
def concrete_other_shape(tf, function):
    return concrete(tf, function, 2)(tf.ones([3]))


@bad(TRACED)
def concrete_too_many(tf, function):
    return concrete(tf, function, 2)(tf.ones([2]), tf.ones([2]))


@bad(TRACED)
def concrete_too_few(tf, function):
    return concrete(tf, function, 2)()


@bad(TRACED)
def concrete_unknown_keyword(tf, function):
    return concrete(tf, function, 2)(y=tf.ones([2]))


@bad(TRACED)
def concrete_twice(tf, function):
    return concrete(tf, function, 2)(tf.ones([2]), x=tf.ones([2]))


@bad(TRACED)
def concrete_a_number(tf, function):
    return concrete(tf, function)(2.0)


@bad(TRACED)
def concrete_a_list(tf, function):
    return concrete(tf, function, 2)([1.0, 2.0])


@bad(TRACED)
def concrete_an_array(tf, function):
    return concrete(tf, function, 2)(np.ones(2, np.float32))


@bad(TRACED)
def concrete_none(tf, function):
    return concrete(tf, function, 2)(None)


@bad(TRACED)
def concrete_a_string(tf, function):
    return concrete(tf, function)("a")


@bad(TRACED)
def concrete_other_python_value(tf, function):
    f = function(lambda x, n: x * n).get_concrete_function(tf.TensorSpec([], tf.float32), 2.0)
    return f(tf.ones([]), 3.0)


@bad(TRACED)
def concrete_other_structure(tf, function):
    f = function(lambda d: d["a"]).get_concrete_function({"a": tf.TensorSpec([], tf.float32)})
    return f({"b": tf.ones([])})


@bad()
def get_concrete_function_too_few(tf, function):
    return function(lambda x, y: x).get_concrete_function(tf.TensorSpec([], tf.float32))


@bad()
def get_concrete_function_too_many(tf, function):
    spec = tf.TensorSpec([], tf.float32)
    return function(lambda x: x).get_concrete_function(spec, spec)


@bad()
def get_concrete_function_against_the_signature(tf, function):
    f = function(lambda x: x, input_signature=[tf.TensorSpec([2], tf.float32)])
    return f.get_concrete_function(tf.TensorSpec([3], tf.float32))


@bad()
def get_concrete_function_of_a_shape(tf, function):
    return function(lambda x: x + 1.0).get_concrete_function(tf.TensorSpec("a", tf.float32))


@bad()
def get_concrete_function_with_no_signature(tf, function):
    f = function(lambda *args: args[0], input_signature=None)
    return f.get_concrete_function()()


@bad(TRACED)
def structured_outputs_are_wrong(tf, function):
    f = concrete(tf, function, 2)
    return f.outputs[3]


# -- symbolic tensors are no values


def unread(tf: Any, function: Any, use: Any) -> Any:
    return function(use, autograph=False)(tf.ones([2], tf.int32))


@bad(TRACED)
def bool_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: 1 if x[0] > 0 else 2)


@bad(TRACED)
def not_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: not x[0])


@bad(TRACED)
def and_of_symbols(tf, function):
    return unread(tf, function, lambda x: x[0] > 0 and x[1] > 0)


@bad(TRACED)
def a_chain_of_comparisons(tf, function):
    return unread(tf, function, lambda x: 0 < x[0] < 3)


@bad(TRACED)
def int_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: int(x[0]))


@bad(TRACED)
def float_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: float(x[0]))


@bad(TRACED)
def complex_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: complex(x[0]))


@bad(TRACED)
def index_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: [1, 2][x[0]])


@bad(TRACED)
def range_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: list(range(x[0])))


@bad(TRACED)
def len_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: len(x))


@bad(TRACED)
def len_of_a_symbol_of_unknown_size(tf, function):
    f = function(lambda x: len(x), input_signature=[tf.TensorSpec([None], tf.float32)])
    return f(tf.ones([2]))


@bad(TRACED)
def len_of_a_scalar(tf, function):
    return function(lambda x: len(x))(tf.ones([]))


@bad(TRACED)
def iter_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: [y for y in x])


@bad(TRACED)
def unpack_a_symbol_of_unknown_size(tf, function):
    def f(x):
        a, b = x
        return a

    return function(f, input_signature=[tf.TensorSpec([None], tf.float32)])(tf.ones([2]))


@bad(TRACED)
def unpack_a_symbol_of_another_size(tf, function):
    def f(x):
        a, b = x
        return a

    return function(f)(tf.ones([3]))


@bad(TRACED)
def iterate_over_a_scalar(tf, function):
    @function
    def f(x):
        for y in x:
            tf.print(y)

    return f(tf.ones([]))


@bad(TRACED)
def a_comprehension_over_a_symbol(tf, function):
    return function(lambda x: [y + 1.0 for y in x])(tf.ones([2]))


@bad(TRACED)
def sum_of_a_symbol(tf, function):
    return function(lambda x: sum(x), input_signature=[tf.TensorSpec([None], tf.float32)])(tf.ones([2]))


@bad(TRACED)
def star_of_a_symbol(tf, function):
    return function(lambda x: max(*x), input_signature=[tf.TensorSpec([None], tf.float32)])(tf.ones([2]))


@bad(TRACED)
def in_a_symbol(tf, function):
    return unread(tf, function, lambda x: 1 in x)


@bad(TRACED)
def numpy_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: x.numpy())


@bad(TRACED)
def numpy_of_a_symbol_in_autograph(tf, function):
    @function
    def f(x):
        return x.numpy() + 1.0

    return f(tf.ones([2]))


@bad(TRACED)
def array_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: np.array(x))


@bad(TRACED)
def numpys_function_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: np.sum(x))


@bad(TRACED)
def a_numpy_array_plus_a_symbol(tf, function):
    return unread(tf, function, lambda x: np.ones(2, np.int32) + x)


@bad(TRACED)
def a_numpy_scalar_times_a_symbol(tf, function):
    return unread(tf, function, lambda x: np.float32(2.0) * x)


@bad(TRACED)
def assign_into_an_array(tf, function):
    def f(x):
        a = np.zeros(2)
        a[0] = x[0]
        return a

    return unread(tf, function, f)


@bad(TRACED)
def hash_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: {x: 1})


@bad(TRACED)
def item_assignment_to_a_symbol(tf, function):
    def f(x):
        x[0] = 3
        return x

    return function(f)(tf.ones([2]))


@bad(TRACED)
def augmented_item_assignment_to_a_symbol(tf, function):
    def f(x):
        x[0] += 3.0
        return x

    return function(f)(tf.ones([2]))


@bad(TRACED)
def a_format_of_a_symbol(tf, function):
    return unread(tf, function, lambda x: f"{x[0]:.2f}")


@bad(TRACED)
def a_symbol_as_a_shape(tf, function):
    return unread(tf, function, lambda x: np.zeros(x))


@bad(TRACED)
def a_symbol_as_an_axis(tf, function):
    return function(lambda x, n: tf.split(x, n))(tf.ones([4]), tf.constant(2))


@bad(TRACED)
def a_symbol_as_num(tf, function):
    return function(lambda x: tf.unstack(x), input_signature=[tf.TensorSpec([None], tf.float32)])(tf.ones([2]))


@bad(TRACED)
def a_symbol_as_a_dtype(tf, function):
    return unread(tf, function, lambda x: tf.cast(1.0, x))


@bad(TRACED)
def a_symbol_backward(tf, function):
    return unread(tf, function, lambda x: x.backward())


@bad(TRACED)
def a_symbols_shape_as_numbers(tf, function):
    f = function(lambda x: x.shape[0] * 2, input_signature=[tf.TensorSpec([None], tf.float32)])
    return f(tf.ones([2]))


@bad(TRACED)
def a_shape_of_unknown_rank(tf, function):
    f = function(lambda x: x.shape[0], input_signature=[tf.TensorSpec(None, tf.float32)])
    return f(tf.ones([2]))


@bad(TRACED)
def the_len_of_a_shape_of_unknown_rank(tf, function):
    f = function(lambda x: len(x.shape), input_signature=[tf.TensorSpec(None, tf.float32)])
    return f(tf.ones([2]))


@bad(TRACED)
def reshape_to_a_static_shape_with_none(tf, function):
    f = function(lambda x: tf.reshape(x, [x.shape[0], 1]), input_signature=[tf.TensorSpec([None], tf.float32)])
    return f(tf.ones([2]))


# -- out of scope


def leaked(tf: Any, function: Any) -> Any:
    kept: list[Any] = []

    @function
    def f(x):
        kept.append(x + 1.0)
        return x

    f(tf.ones([2]))
    return kept[0]


@bad(TRACED)
def leaked_and_added(tf, function):
    return leaked(tf, function) + 1.0


@bad(TRACED)
def leaked_and_reduced(tf, function):
    return tf.reduce_sum(leaked(tf, function))


@bad(TRACED)
def leaked_and_printed(tf, function):
    return tf.print(leaked(tf, function))


@bad(TRACED)
def leaked_and_read(tf, function):
    return leaked(tf, function).numpy()


@bad(TRACED)
def leaked_and_made_an_array(tf, function):
    return np.array(leaked(tf, function))


@bad(TRACED)
def leaked_and_bool(tf, function):
    return bool(leaked(tf, function))


@bad(TRACED)
def leaked_into_another_function(tf, function):
    x = leaked(tf, function)
    return function(lambda y: y + x)(tf.ones([2]))


@bad(TRACED)
def leaked_as_an_argument(tf, function):
    x = leaked(tf, function)
    return function(lambda y: y + 1.0)(x)


@bad(TRACED)
def leaked_as_a_constant(tf, function):
    return tf.constant(leaked(tf, function))


@bad(TRACED)
def leaked_into_a_variable(tf, function):
    return tf.Variable(leaked(tf, function))


@bad(TRACED)
def leaked_into_an_update(tf, function):
    v = tf.Variable([0.0, 0.0])
    return v.assign(leaked(tf, function))


@bad(TRACED)
def leaked_by_an_attribute(tf, function):
    class Model(tf.Module):
        last = None

        @function
        def call(self, x):
            if self.last is None:
                self.last = x * 2.0
            return self.last + x

    model = Model()
    model.call(tf.ones([2]))
    return model.call(tf.ones([3]))


@bad(TRACED)
def leaked_from_a_branch(tf, function):
    @function
    def f(x):
        kept = []

        def then():
            kept.append(x + 1.0)
            return x

        tf.cond(x > 0, then, lambda: x)
        return kept[0] * 2.0

    return f(tf.ones([]))


@bad(TRACED)
def leaked_from_a_loop(tf, function):
    @function
    def f(x):
        kept = []

        def body(i):
            kept.append(i * 2)
            return [i + 1]

        tf.while_loop(lambda i: i < 3, body, [tf.constant(0)])
        return kept[0] + 1

    return f(tf.ones([]))


@bad(TRACED)
def leaked_from_an_autograph_loop(tf, function):
    @function
    def f(n):
        kept = []
        for i in tf.range(n):
            kept.append(i)
        return kept[0] + 1

    return f(tf.constant(3))


@bad(TRACED)
def leaked_from_map_fn(tf, function):
    @function
    def f(x):
        kept = []
        tf.map_fn(lambda y: kept.append(y) or y, x)
        return kept[0] + 1.0

    return f(tf.ones([3]))


@bad(TRACED)
def leaked_from_a_dataset(tf, function):
    kept = []

    def f(x):
        kept.append(x)
        return x

    list(tf.data.Dataset.range(2).map(f))
    return kept[0] + 1


@bad(TRACED)
def leaked_from_an_inner_function(tf, function):
    @function
    def f(x):
        kept = []

        @function
        def g(y):
            kept.append(y * 2.0)
            return y

        g(x)
        return kept[0] + x

    return f(tf.ones([2]))


@bad(TRACED)
def leaked_into_a_gradient(tf, function):
    x = leaked(tf, function)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * 2.0
    return tape.gradient(y, x)
