"""What a program may see of calls of functions: what they may do with their arguments, how often they are traced."""

from __future__ import annotations

import inspect
import pickle

import pytest

import tapeflow as tf


def thrice(x):
    return 3 * x


# -- arguments are not to be changed


CHANGES = {
    "append": lambda x: x.append(tf.constant(0)),
    "pop": lambda x: x.pop(),
    "reverse": lambda x: x.reverse(),
    "assign": lambda x: x.__setitem__(0, x[0] + 1),
    "nested": lambda x: x[2].append(1),
    "dict": lambda x: x[3].pop("a"),
    "from one to the other": lambda x: x[2].append(x[3].pop("a")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_function_may_not_modify_its_arguments(change):
    with pytest.raises(ValueError, match=r"<lambda>\(x\) should not modify .* were modified: x$"):
        tf.function(CHANGES[change])([tf.constant(1), tf.constant(2), [], {"a": 5}])


def test_the_parameters_that_were_modified_are_named():
    class Model:
        @tf.function
        def call(self, a, b, *c, d, **e):
            a.append(1)
            d["new"] = 1
            e["e"].clear()

    model = Model()
    with pytest.raises(ValueError, match=r"Model\.call\(a, b, \*c, d, \*\*e\) should not .* modified: a, d, e$"):
        model.call([], [2], [3], d={}, e=[1])


def test_what_a_function_may_do_with_lists():
    outside = [tf.constant(1)]

    @tf.function
    def f(x, numbers):
        outside.append(2)
        copy = list(x)
        copy.append(tf.constant(5))
        for _key in sorted({"a": 1}):
            x[0] = x[0]
        return copy[-1] + sum(numbers)

    assert f(outside, range(1000)).numpy() == 499505
    assert len(outside) == 2


# -- functions of functions


def test_a_function_of_a_method_that_is_one():
    class Model:
        @tf.function
        def call(self, a, b):
            return a - b

    model = Model()
    outer = tf.function(model.call)
    assert outer(5, 3).numpy() == 2 and outer(b=3, a=4).numpy() == 1
    with pytest.raises(TypeError, match="missing a required argument: 'a'"):
        outer(b=3)
    assert model.call.experimental_get_tracing_count() == 2  # for the numbers of each


def test_sizes_are_known_where_an_inner_function_is_called_with_numbers():
    @tf.function(input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([], tf.int32)])
    def ones(x, n):
        return tf.ones([tf.shape(x)[0] * 2, n])

    shapes = []

    @tf.function
    def outer(x):
        y = ones(x, 5)
        shapes.append(y.shape)
        return y

    assert outer(tf.zeros([3, 1])).shape == (6, 5)
    assert shapes == [(6, 5)]


# -- which trace, how many


def test_a_spec_without_a_name_finds_the_trace_that_has_one():
    f = tf.function(lambda x: x)
    named = f.get_concrete_function(tf.TensorSpec(None, name="y"))
    assert f.get_concrete_function(tf.TensorSpec(None)) is named
    assert f(tf.constant(1.0)).numpy() == 1 and f.experimental_get_tracing_count() == 1
    other = f.get_concrete_function(tf.TensorSpec(None, name="z"))
    assert other is not named
    assert other(z=tf.constant(3.0)).numpy() == named(y=tf.constant(3.0)).numpy() == 3


def test_making_variables_takes_two_traces():
    made = []

    @tf.function
    def f(x):
        if not made:
            made.append(tf.Variable(2.0))
        return made[0] * x

    f(tf.constant(1.0))
    assert f.experimental_get_tracing_count() == 2
    f(tf.constant([1.0]))
    assert f.experimental_get_tracing_count() == 3


def test_a_first_value_may_depend_on_the_arguments_of_the_first_call():
    made = []

    @tf.function
    def f(x, y):
        if not made:
            made.append(tf.Variable(tf.reduce_mean(x * 2) + y["a"]))
        return made[0] * x

    assert f(tf.constant([1.0, 2.0]), {"a": tf.constant(1.0)}).numpy().tolist() == [4, 8]
    assert f(tf.constant([3.0, 4.0]), {"a": tf.constant(7.0)}).numpy().tolist() == [12, 16]
    made.clear()
    with pytest.raises(ValueError, match="Tensor-typed variable initializers"):
        tf.function(f.python_function).get_concrete_function(tf.TensorSpec([2]), {"a": tf.TensorSpec([])})


def test_names_of_keyword_arguments_may_not_become_one():
    f = tf.function(lambda **kwargs: sum(kwargs.values()))
    with pytest.raises(ValueError, match=r"Name collision .* Original: \['a/b', 'a_b'\], Sanitized: \['a_b'\]"):
        f(**{"a_b": 1, "a/b": 2})


def test_a_function_can_be_pickled():
    f = tf.function(thrice, input_signature=[tf.TensorSpec([None])], reduce_retracing=True)
    f([1.0])
    again = pickle.loads(pickle.dumps(f))
    assert again.input_signature == f.input_signature and again.experimental_get_tracing_count() == 0
    assert again([2.0, 4.0]).numpy().tolist() == [6, 12]


def test_types_that_programs_define_are_generalized():
    class Kind(tf.types.experimental.TraceType):
        def __init__(self, name):
            self.name = name

        def is_subtype_of(self, other):
            return isinstance(other, Kind) and other.name in (self.name, "any")

        def most_specific_common_supertype(self, others):
            return Kind("any")

        def placeholder_value(self, placeholder_context=None):
            return Fruit(self.name)

        def __eq__(self, other):
            return isinstance(other, Kind) and self.name == other.name

        def __hash__(self):
            return hash(self.name)

    class Fruit:
        def __init__(self, name):
            self.name = name

        def __tf_tracing_type__(self, context):
            return Kind(self.name)

    names = []

    @tf.function(reduce_retracing=True)
    def f(fruits, x):
        names.append(fruits[0].name)
        return x

    for name in ("apple", "pear", "plum"):
        f([Fruit(name)], tf.ragged.constant([[1]]))
    assert names == ["apple", "any"]


def test_signatures_can_be_inspected():
    @tf.function
    def f(a, b=2, *c, d=3, **e):
        return a

    assert str(inspect.signature(f)) == "(a, b=2, *c, d=3, **e)"
    assert inspect.getfullargspec(f).kwonlyargs == ["d"]


def test_what_a_trace_says_of_itself():
    @tf.function
    def f(x, n=2):
        return None

    trace = f.get_concrete_function(tf.constant(1))
    assert trace.output_dtypes is None and trace.output_shapes.rank is None
    spec = "TensorSpec(shape=(), dtype=tf.int32, name=None)"
    assert trace.pretty_printed_signature(verbose=False) == f"(x: {spec}, n: Literal[2]) -> Literal[None]"
    with pytest.raises(TypeError, match=r"also failed due to: f\(x\) takes 1 positional arguments, got 3"):
        trace(1, 2, 3)
