"""Wrong uses of control flow, as Python and as functions, and of TensorArrays. See `bad_programs.py`."""
# ruff: noqa: B007, F841, PERF402, RET503

from __future__ import annotations

from typing import Any

from bad_programs import bad

BOTH = "eager host"
ALL = "eager host xla"
TRACED = "host xla"


# -- if


@bad(TRACED)
def a_name_of_one_branch_only(tf, function):
    @function
    def f(x):
        if x > 0:
            y = x
        return y

    return f(tf.constant(1.0))


@bad(TRACED)
def a_name_of_the_else_branch_only(tf, function):
    @function
    def f(x):
        if x > 0:
            pass
        else:
            y = x
        return y

    return f(tf.constant(1.0))


@bad(TRACED)
def a_return_in_one_branch_only(tf, function):
    @function
    def f(x):
        if x > 0:
            return x

    return f(tf.constant(1.0))


@bad(TRACED)
def returns_of_two_dtypes(tf, function):
    @function
    def f(x):
        if x > 0:
            return 1
        return 2.0

    return f(tf.constant(1.0))


@bad(TRACED)
def returns_none_and_a_tensor(tf, function):
    @function
    def f(x):
        if x > 0:
            return None
        return x

    return f(tf.constant(1.0))


@bad(TRACED)
def branches_of_two_dtypes(tf, function):
    @function
    def f(x):
        if x > 0:
            y = 1
        else:
            y = 2.0
        return y

    return f(tf.constant(1.0))


@bad(TRACED)
def branches_of_two_structures(tf, function):
    @function
    def f(x):
        if x > 0:
            y = [x]
        else:
            y = (x, x)
        return y

    return f(tf.constant(1.0))


@bad(TRACED)
def branches_of_two_shapes(tf, function):
    @function
    def f(x):
        if x > 0:
            y = tf.ones([2])
        else:
            y = tf.ones([3])
        return y + tf.ones([3])

    return f(tf.constant(1.0))


@bad(TRACED)
def a_branch_with_an_object(tf, function):
    @function
    def f(x):
        if x > 0:
            y = object()
        else:
            y = object()
        return x

    return f(tf.constant(1.0))


@bad(TRACED)
def a_branch_that_makes_none(tf, function):
    @function
    def f(x):
        y = None
        if x > 0:
            y = x
        return y

    return f(tf.constant(1.0))


@bad(TRACED)
def a_string_in_one_branch(tf, function):
    @function
    def f(x):
        if x > 0:
            y = "a"
        else:
            y = x
        return y

    return f(tf.constant(1.0))


@bad(TRACED)
def a_condition_of_many(tf, function):
    @function
    def f(x):
        if x > 0:
            return x
        return -x

    return f(tf.ones([2]))


@bad(TRACED)
def a_condition_that_is_a_string(tf, function):
    @function
    def f(x):
        if x:
            return 1
        return 2

    return f(tf.constant("a"))


@bad(TRACED)
def a_raise_in_a_branch(tf, function):
    @function
    def f(x):
        if x > 0:
            raise ValueError("positive")
        return x

    return f(tf.constant(-1.0))


@bad(TRACED)
def an_attribute_of_one_branch(tf, function):
    class Box:
        pass

    @function
    def f(x):
        box = Box()
        if x > 0:
            box.value = x
        return box.value

    return f(tf.constant(-1.0))


@bad(TRACED)
def a_dictionarys_key_of_one_branch(tf, function):
    @function
    def f(x):
        d = {}
        if x > 0:
            d["a"] = x
        return d["a"]

    return f(tf.constant(-1.0))


@bad(TRACED)
def an_assert_that_fails(tf, function):
    @function
    def f(x):
        assert x > 0, "positive"
        return x

    return f(tf.constant(-1.0))


@bad(ALL)
def an_assert_of_python_that_fails(tf, function):
    @function
    def f(x):
        assert x.shape[0] == 3, "three"
        return x

    return f(tf.ones([2]))


@bad(TRACED)
def a_conditional_expression_of_two_dtypes(tf, function):
    return function(lambda x: 1 if x > 0 else 2.0)(tf.constant(1.0))


# -- for, while


@bad(TRACED)
def a_name_of_the_loop_only(tf, function):
    @function
    def f(n):
        for i in tf.range(n):
            y = i
        return y

    return f(tf.constant(0))


@bad(TRACED)
def the_loops_variable_after_no_iteration(tf, function):
    @function
    def f(n):
        while n > 0:
            y = n
            n = n - 1
        return y

    return f(tf.constant(0))


@bad(TRACED)
def a_loop_that_changes_a_dtype(tf, function):
    @function
    def f(n):
        x = 0
        for _ in tf.range(n):
            x = x + 1.5
        return x

    return f(tf.constant(2))


@bad(TRACED)
def a_loop_that_changes_a_shape(tf, function):
    @function
    def f(n):
        x = tf.ones([1])
        for _ in tf.range(n):
            x = tf.concat([x, x], 0)
        return x

    return f(tf.constant(2))


@bad(TRACED)
def a_loop_that_changes_a_rank(tf, function):
    @function
    def f(n):
        x = tf.ones([])
        while n > 0:
            x = x[tf.newaxis]
            n -= 1
        return x

    return f(tf.constant(2))


@bad(TRACED)
def a_loop_that_changes_a_structure(tf, function):
    @function
    def f(n):
        x = (1, 2)
        for _ in tf.range(n):
            x = (1, 2, 3)
        return x

    return f(tf.constant(2))


@bad(TRACED)
def a_loop_that_starts_with_none(tf, function):
    @function
    def f(n):
        x = None
        for i in tf.range(n):
            x = i
        return x

    return f(tf.constant(2))


@bad(TRACED)
def a_loop_that_grows_a_list(tf, function):
    @function
    def f(n):
        x = []
        for i in tf.range(n):
            x.append(i)
        return tf.stack(x)

    return f(tf.constant(2))


@bad(TRACED)
def a_loop_that_makes_an_object(tf, function):
    @function
    def f(n):
        x = object()
        for _ in tf.range(n):
            x = object()
        return n

    return f(tf.constant(2))


@bad(TRACED)
def a_return_in_a_loop(tf, function):
    @function
    def f(n):
        for i in tf.range(n):
            if i > 1:
                return i

    return f(tf.constant(5))


@bad(TRACED)
def a_return_in_a_loop_and_after(tf, function):
    @function
    def f(n):
        for i in tf.range(n):
            if i > 1:
                return i
        return -1.0

    return f(tf.constant(5))


@bad(TRACED)
def a_break_before_a_name_is_bound(tf, function):
    @function
    def f(n):
        for i in tf.range(n):
            if i > 1:
                break
            y = i
        return y

    return f(tf.constant(0))


@bad(TRACED)
def a_loop_over_an_int(tf, function):
    @function
    def f(n):
        for i in 5:
            n += i
        return n

    return f(tf.constant(2))


@bad(TRACED)
def a_loop_over_none(tf, function):
    @function
    def f(n):
        for i in None:
            n += i
        return n

    return f(tf.constant(2))


@bad(TRACED)
def a_while_of_many(tf, function):
    @function
    def f(x):
        while x > 0:
            x = x - 1.0
        return x

    return f(tf.ones([2]))


@bad(TRACED)
def a_while_whose_condition_changes_kind(tf, function):
    @function
    def f(x):
        go = True
        while go:
            x = x - 1.0
            go = x > 0
        return x

    return f(tf.ones([]))


@bad(TRACED)
def a_python_loop_that_becomes_one_of_tensors(tf, function):
    @function
    def f(x):
        n = 0
        while n < 3:
            n = n + x
        return n

    return f(tf.constant(1))


@bad(TRACED)
def python_zip_over_tensors(tf, function):
    @function
    def f(x):
        total = 0.0
        for a, b in zip(x, x):
            total += a * b
        return total

    return f(tf.ones([2]))


@bad(TRACED)
def python_enumerate_over_a_tensor_of_unknown_size(tf, function):
    @function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def f(x):
        total = 0.0
        for i, a in enumerate(x):
            total += a
        return total

    return f(tf.ones([2]))


@bad(TRACED)
def set_loop_options_outside(tf, function):
    @function
    def f(x):
        tf.autograph.experimental.set_loop_options(maximum_iterations=3)
        return x

    return f(tf.ones([2]))


@bad(TRACED)
def set_loop_options_for_another_name(tf, function):
    @function
    def f(n):
        x = tf.ones([1])
        for _ in tf.range(n):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(n, tf.TensorShape([None, 3]))])
            x = tf.concat([x, x], 0)
        return x

    return f(tf.constant(2))


@bad(TRACED)
def an_iterator_that_ends(tf, function):
    data = iter(tf.data.Dataset.range(1))
    f = function(lambda: next(data))
    f()
    return f()


@bad(TRACED)
def lambda_in_try(tf, function):
    @function
    def f(x):
        try:
            return tf.reshape(x, [3])
        except tf.errors.InvalidArgumentError:
            return x

    return f(tf.ones([2]))


# -- cond, case, switch_case


@bad(ALL)
def cond_of_no_functions(tf, function):
    return function(lambda x: tf.cond(x > 0, x, x))(tf.ones([]))


@bad(ALL)
def cond_of_one_function(tf, function):
    return function(lambda x: tf.cond(x > 0, lambda: x))(tf.ones([]))


@bad(ALL)
def cond_of_functions_with_an_argument(tf, function):
    return function(lambda x: tf.cond(x > 0, lambda y: y, lambda y: y))(tf.ones([]))


@bad(ALL)
def cond_of_many(tf, function):
    return function(lambda x: tf.cond(x > 0, lambda: x, lambda: x))(tf.ones([2]))


@bad(ALL)
def cond_of_a_float(tf, function):
    return function(lambda x: tf.cond(x, lambda: x, lambda: -x))(tf.ones([]))


@bad(ALL)
def cond_of_a_string(tf, function):
    return function(lambda x: tf.cond("a", lambda: x, lambda: -x))(tf.ones([]))


@bad(TRACED)
def cond_of_other_lengths(tf, function):
    return function(lambda x: tf.cond(x > 0, lambda: (x, x), lambda: (x,)))(tf.ones([]))


@bad(TRACED)
def cond_of_other_keys(tf, function):
    return function(lambda x: tf.cond(x > 0, lambda: {"a": x}, lambda: {"b": x}))(tf.ones([]))


@bad(TRACED)
def cond_of_other_dtypes(tf, function):
    return function(lambda x: tf.cond(x > 0, lambda: x, lambda: tf.cast(x, tf.int32)))(tf.ones([]))


@bad(TRACED)
def cond_of_a_sparse_and_a_dense(tf, function):
    return function(lambda x: tf.cond(x > 0, lambda: tf.sparse.from_dense([x]), lambda: tf.stack([x])))(tf.ones([]))


@bad(TRACED)
def cond_returns_an_object(tf, function):
    return function(lambda x: tf.cond(x > 0, lambda: object(), lambda: object()))(tf.ones([]))


@bad(TRACED)
def cond_raises(tf, function):
    def fails():
        raise KeyError("in a branch")

    return function(lambda x: tf.cond(x > 0, fails, lambda: x))(tf.ones([]))


@bad(ALL)
def case_without_a_match(tf, function):
    f = function(lambda x: tf.case([(x < 0, lambda: x)], exclusive=True))
    return f(tf.ones([]))


@bad("eager host")
def case_with_two_matches(tf, function):
    f = function(lambda x: tf.case([(x > 0, lambda: x), (x > -1, lambda: -x)], exclusive=True))
    return f(tf.ones([]))


@bad(ALL)
def case_of_something_else(tf, function):
    return function(lambda x: tf.case([x, x]))(tf.ones([]))


@bad(ALL)
def case_of_no_list(tf, function):
    return function(lambda x: tf.case(3))(tf.ones([]))


@bad(ALL)
def case_default_is_no_function(tf, function):
    return function(lambda x: tf.case([(x > 0, lambda: x)], default=x))(tf.ones([]))


@bad(ALL)
def switch_case_of_nothing(tf, function):
    return function(lambda i: tf.switch_case(i, []))(tf.constant(0))


@bad(ALL)
def switch_case_of_a_float(tf, function):
    return function(lambda i: tf.switch_case(i, [lambda: 1, lambda: 2]))(tf.constant(1.0))


@bad(ALL)
def switch_case_of_keys(tf, function):
    return function(lambda i: tf.switch_case(i, {"a": lambda: 1}))(tf.constant(1))


@bad(ALL)
def switch_case_of_keys_with_a_gap(tf, function):
    return function(lambda i: tf.switch_case(i, {0: lambda: 1, 2: lambda: 2}))(tf.constant(1))


@bad(ALL)
def switch_case_of_no_functions(tf, function):
    return function(lambda i: tf.switch_case(i, [1, 2]))(tf.constant(1))


# -- while_loop


@bad(TRACED)
def while_loop_too_few_out(tf, function):
    return function(lambda n: tf.while_loop(lambda i, j: i < n, lambda i, j: [i + 1], [0, 0]))(tf.constant(2))


@bad(ALL)
def while_loop_body_takes_less(tf, function):
    return function(lambda n: tf.while_loop(lambda i, j: i < n, lambda i: [i + 1], [0, 0]))(tf.constant(2))


@bad(ALL)
def while_loop_cond_takes_less(tf, function):
    return function(lambda n: tf.while_loop(lambda i: i < n, lambda i, j: [i + 1, j], [0, 0]))(tf.constant(2))


@bad(TRACED)
def while_loop_of_other_dtypes(tf, function):
    return function(lambda n: tf.while_loop(lambda i: i < n, lambda i: [tf.cast(i, tf.float32)], [n]))(tf.constant(2))


@bad(TRACED)
def while_loop_of_other_shapes(tf, function):
    f = function(lambda n: tf.while_loop(lambda x: tf.size(x) < n, lambda x: [tf.tile(x, [2])], [tf.ones([1])]))
    return f(tf.constant(2))


@bad(ALL)
def while_loop_of_no_functions(tf, function):
    return function(lambda n: tf.while_loop(n, n, [n]))(tf.constant(2))


@bad(ALL)
def while_loop_body_is_no_function(tf, function):
    return function(lambda n: tf.while_loop(lambda i: i < n, 3, [n]))(tf.constant(2))


@bad(TRACED)
def while_loop_without_variables(tf, function):
    return function(lambda n: tf.while_loop(lambda: n > 5, list, []))(tf.constant(2))


@bad(TRACED)
def while_loop_condition_of_many(tf, function):
    return function(lambda x: tf.while_loop(lambda x: x > 0, lambda x: [x - 1.0], [x]))(tf.ones([2]))


@bad(TRACED)
def while_loop_condition_is_a_float(tf, function):
    return function(lambda x: tf.while_loop(lambda x: x, lambda x: [x - 1.0], [x]))(tf.ones([]))


@bad(TRACED)
def while_loop_invariants_that_do_not_hold(tf, function):
    f = function(
        lambda n: tf.while_loop(
            lambda x: tf.size(x) < n,
            lambda x: [tf.tile(x, [2])],
            [tf.ones([1])],
            shape_invariants=[tf.TensorShape([3])],
        )
    )
    return f(tf.constant(2))


@bad(TRACED)
def while_loop_invariants_that_break(tf, function):
    f = function(
        lambda n: tf.while_loop(
            lambda i, x: i < n,
            lambda i, x: [i + 1, tf.concat([x, x], 1)],
            [0, tf.ones([1, 1])],
            shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 1])],
        )
    )
    return f(tf.constant(2))


@bad(TRACED)
def while_loop_too_few_invariants(tf, function):
    f = function(
        lambda n: tf.while_loop(
            lambda i, j: i < n, lambda i, j: [i + 1, j], [0, 0], shape_invariants=[tf.TensorShape([])]
        )
    )
    return f(tf.constant(2))


@bad(TRACED)
def while_loop_invariants_of_another_kind(tf, function):
    f = function(lambda n: tf.while_loop(lambda i: i < n, lambda i: [i + 1], [0], shape_invariants=["a"]))
    return f(tf.constant(2))


@bad(TRACED)
def while_loop_maximum_of_many(tf, function):
    f = function(lambda n: tf.while_loop(lambda i: i < n, lambda i: [i + 1], [0], maximum_iterations=[1, 2]))
    return f(tf.constant(2))


@bad(TRACED)
def while_loop_maximum_is_a_float(tf, function):
    f = function(lambda n: tf.while_loop(lambda i: i < n, lambda i: [i + 1], [0], maximum_iterations=1.5))
    return f(tf.constant(2))


@bad(BOTH)
def while_loop_parallel_iterations(tf, function):
    f = function(lambda n: tf.while_loop(lambda i: i < n, lambda i: [i + 1], [0], parallel_iterations=0))
    return f(tf.constant(2))


@bad(TRACED)
def while_loop_of_none(tf, function):
    f = function(lambda n: tf.while_loop(lambda i, x: i < n, lambda i, x: [i + 1, x], [0, None]))
    return f(tf.constant(2))


# -- map_fn, scan, foldl


@bad(ALL)
def map_fn_of_a_scalar(tf, function):
    return function(lambda x: tf.map_fn(lambda y: y, x))(tf.ones([]))


@bad(ALL)
def map_fn_of_another_dtype(tf, function):
    return function(lambda x: tf.map_fn(lambda y: tf.cast(y, tf.int32), x))(tf.ones([2]))


@bad(ALL)
def map_fn_of_two_for_one(tf, function):
    return function(lambda x: tf.map_fn(lambda y: (y, y), x))(tf.ones([2]))


@bad(ALL)
def map_fn_signature_of_two(tf, function):
    f = function(lambda x: tf.map_fn(lambda y: y, x, fn_output_signature=(tf.float32, tf.float32)))
    return f(tf.ones([2]))


@bad(ALL)
def map_fn_of_no_function(tf, function):
    return function(lambda x: tf.map_fn(x, x))(tf.ones([2]))


@bad(ALL)
def map_fn_of_other_lengths(tf, function):
    return function(lambda x: tf.map_fn(lambda y: y[0] + y[1], (x, x[:1]), fn_output_signature=tf.float32))(
        tf.ones([2])
    )


@bad(BOTH)
def map_fn_of_changing_shapes(tf, function):
    return function(lambda x: tf.map_fn(lambda y: tf.ones([y]), x, fn_output_signature=tf.float32))(tf.constant([1, 2]))


@bad(ALL)
def map_fn_takes_two(tf, function):
    return function(lambda x: tf.map_fn(lambda a, b: a + b, (x, x), fn_output_signature=tf.float32))(tf.ones([2]))


@bad(ALL)
def map_fn_raises(tf, function):
    def fails(y):
        raise KeyError("in map_fn")

    return function(lambda x: tf.map_fn(fails, x))(tf.ones([2]))


@bad(ALL)
def scan_of_a_scalar(tf, function):
    return function(lambda x: tf.scan(lambda a, y: a + y, x))(tf.ones([]))


@bad(ALL)
def scan_of_another_dtype(tf, function):
    return function(lambda x: tf.scan(lambda a, y: tf.cast(a, tf.int32), x, 0.0))(tf.ones([2]))


@bad(ALL)
def scan_of_no_function(tf, function):
    return function(lambda x: tf.scan(3, x))(tf.ones([2]))


@bad(ALL)
def scan_of_another_structure(tf, function):
    return function(lambda x: tf.scan(lambda a, y: (a, y), x, 0.0))(tf.ones([2]))


@bad(ALL)
def foldl_of_a_scalar(tf, function):
    return function(lambda x: tf.foldl(lambda a, y: a + y, x))(tf.ones([]))


@bad(ALL)
def foldl_of_another_shape(tf, function):
    return function(lambda x: tf.foldl(lambda a, y: tf.stack([y, y]), x, 0.0))(tf.ones([2]))


@bad(ALL)
def foldr_of_no_function(tf, function):
    return function(lambda x: tf.foldr(None, x))(tf.ones([2]))


@bad(ALL)
def vectorized_map_of_another_length(tf, function):
    return function(lambda x: tf.vectorized_map(lambda y: y[0] + y[1], (x, x[:1])))(tf.ones([3]))


# -- TensorArray


def array(tf: Any, size: int = 2, dtype: str = "float32", **options: Any) -> Any:
    return tf.TensorArray(dtype, size, **options)


@bad(BOTH)
def array_written_twice(tf, function):
    return function(lambda x: array(tf).write(0, x).write(0, x).stack())(tf.ones([]))


@bad(BOTH)
def array_read_unwritten(tf, function):
    return function(lambda x: array(tf).write(0, x).read(1))(tf.ones([]))


@bad(BOTH)
def array_read_unwritten_of_known_shape(tf, function):
    return function(lambda x: array(tf, element_shape=[]).write(0, x).read(1))(tf.ones([]))


@bad(BOTH)
def array_read_twice(tf, function):
    def f(x):
        a = array(tf).write(0, x)
        return a.read(0) + a.read(0)

    return function(f)(tf.ones([]))


@bad(BOTH)
def array_read_out_of_range(tf, function):
    return function(lambda x: array(tf).write(0, x).read(5))(tf.ones([]))


@bad(BOTH)
def array_write_out_of_range(tf, function):
    return function(lambda x: array(tf).write(5, x).stack())(tf.ones([]))


@bad(BOTH)
def array_write_negative(tf, function):
    return function(lambda x: array(tf).write(-1, x).stack())(tf.ones([]))


@bad(ALL)
def array_write_another_dtype(tf, function):
    return function(lambda x: array(tf).write(0, tf.constant(1)).stack())(tf.ones([]))


@bad(ALL)
def array_write_another_shape(tf, function):
    return function(lambda x: array(tf).write(0, x).write(1, tf.ones([2])).stack())(tf.ones([]))


@bad(ALL)
def array_write_against_element_shape(tf, function):
    return function(lambda x: array(tf, element_shape=[3]).write(0, x).stack())(tf.ones([]))


@bad(BOTH)
def array_stack_unwritten(tf, function):
    return function(lambda x: array(tf).stack())(tf.ones([]))


@bad(BOTH)
def array_stack_half_written(tf, function):
    return function(lambda x: array(tf).write(1, x).stack())(tf.ones([]))


@bad(ALL)
def array_unstack_another_size(tf, function):
    return function(lambda x: array(tf).unstack(x).stack())(tf.ones([3]))


@bad(ALL)
def array_unstack_a_scalar(tf, function):
    return function(lambda x: array(tf).unstack(x).stack())(tf.ones([]))


@bad(ALL)
def array_gather_out_of_range(tf, function):
    return function(lambda x: array(tf).unstack(x).gather([0, 5]))(tf.ones([2]))


@bad(ALL)
def array_scatter_other_lengths(tf, function):
    return function(lambda x: array(tf).scatter([0, 1, 1], x).stack())(tf.ones([2]))


@bad(BOTH)
def array_split_lengths(tf, function):
    return function(lambda x: array(tf, infer_shape=False).split(x, [1, 3]).read(0))(tf.ones([2]))


@bad(BOTH)
def array_concat_of_scalars(tf, function):
    return function(lambda x: array(tf).unstack(x).concat())(tf.ones([2]))


@bad(BOTH)
def array_of_no_dtype(tf, function):
    return function(lambda x: tf.TensorArray(None, 2).size())(tf.ones([2]))


@bad(BOTH)
def array_of_no_size_in_a_function(tf, function):
    return function(lambda x: tf.TensorArray(tf.float32).write(0, x).stack())(tf.ones([2]))


@bad(BOTH)
def array_index_is_a_float(tf, function):
    return function(lambda x: array(tf).write(0.5, x).stack())(tf.ones([]))
