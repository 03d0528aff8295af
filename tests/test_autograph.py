"""Python control flow that tensors decide, in `tf.function`. What is asserted holds of TensorFlow 2.21, too."""

from __future__ import annotations

import contextlib
import functools
import inspect
import logging
import types
import warnings

import numpy as np
import pytest

import tapeflow as tf


def constant(value):
    return tf.constant(value)


def plain(value):
    return tf.nest.map_structure(lambda x: x.numpy() if hasattr(x, "numpy") else x, value)


def check(python_function, *cases):
    """The function must give the same traced (tensors decide) as run by Python with numbers."""
    traced = tf.function(python_function)
    for case in cases:
        arguments = case if isinstance(case, tuple) else (case,)
        want = python_function(*arguments)
        got = traced(*map(constant, arguments))
        tf.nest.map_structure(lambda w, g: np.testing.assert_allclose(g, w), plain(want), plain(got))


# -- if


def test_a_tensor_decides_an_if():
    def sign(x):
        if x > 0:
            r = 1
        elif x < 0:
            r = -1
        else:
            r = 0
        return r

    check(sign, 5, -2, 0)


def test_both_branches_are_traced_once():
    seen = []

    @tf.function
    def f(x):
        if x > 0:
            seen.append("yes")
            y = x
        else:
            seen.append("no")
            y = -x
        return y

    assert [int(f(constant(n))) for n in (3, -3)] == [3, 3]
    assert seen == ["yes", "no"]


def test_a_python_value_decides_while_tracing():
    seen = []

    @tf.function
    def f(x, negate):
        if negate:
            seen.append("negate")
            x = -x
        return x

    assert int(f(constant(1), True)) == -1
    assert int(f(constant(1), False)) == 1
    assert seen == ["negate"]


def test_returns_from_branches():
    def f(x):
        if x > 10:
            return x * 2
        if x > 5:
            return x + 1
        return -x

    check(f, 20, 7, 1)


def test_an_if_changes_variables_and_structures():
    def f(x):
        pair = {"a": x, "b": [x, x]}
        total = 0
        if x > 2:
            pair["a"] = x * 10
            pair["b"][1] = x * 100
            total += x
        return pair, total

    check(f, 3, 1)


def test_an_if_changes_attributes():
    @tf.function
    def f(x):
        box = types.SimpleNamespace(value=x)
        if x > 0:
            box.value = box.value * 2
        return box.value

    assert [int(f(constant(n))) for n in (3, -3)] == [6, -3]


def test_conditional_expressions():
    check(lambda x: x * 2 if x > 0 else x, 3, -3)
    check(lambda x: 1 if x > 2 else 3, 3, 2)


def test_a_condition_with_one_element_may_have_a_rank():
    @tf.function
    def f(x):
        if x > 0:
            return constant(1)
        return constant(2)

    assert int(f(constant([3]))) == 1
    assert int(f(constant([[-3]]))) == 2


def test_a_variable_decides():
    flag = tf.Variable(True)
    count = tf.Variable(0)

    @tf.function
    def f():
        if flag:
            count.assign_add(1)
        else:
            count.assign_add(10)
        return count.read_value()

    assert int(f()) == 1
    flag.assign(False)
    assert int(f()) == 11
    assert int(count) == 11


def test_gradients_flow_through_branches():
    @tf.function
    def f(x):
        if x > 0:
            return x * x
        return 3 * x

    for value, slope in ((4.0, 8.0), (-1.0, 3.0)):
        x = constant(value)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        assert float(tape.gradient(y, x)) == slope


# -- logic


def test_and_or_not_and_chains():
    def f(x, y):
        both = x > 0 and y > 0
        one = x > 0 or y > 0
        none = not (x > 0 or y > 0)
        between = 0 < x < y <= 9
        return both, one, none, between

    check(f, (1, 2), (1, -2), (-1, 2), (-1, -2), (3, 12))


def test_the_second_operand_runs_only_if_it_must():
    runs = tf.Variable(0)

    @tf.function
    def f(x):
        return x > 0 and runs.assign_add(1) > 0

    assert not bool(f(constant(-1)))
    assert int(runs) == 0
    assert bool(f(constant(1)))
    assert int(runs) == 1


def test_what_stands_between_in_a_chain_is_evaluated_by_python_values_too():
    assert tf.autograph.to_graph(lambda x: 0 < x + 1 < 3)(1)
    assert not tf.autograph.to_graph(lambda x: 0 < x + 1 < 3)(5)


# -- while


def test_while_with_break_and_continue():
    def f(n):
        i = 0
        total = 0
        while i < n:
            i += 1
            if i % 2 == 0:
                continue
            if i > 7:
                break
            total += i
        return i, total

    check(f, 0, 3, 20)


def test_nested_loops():
    def f(n):
        total = 0
        i = 0
        while i < n:
            j = 0
            while j < i:
                if (i + j) % 3 == 0:
                    total += i * j
                j += 1
            i += 1
        return total

    check(f, 0, 6, 9)


def test_a_loop_is_traced_once():
    seen = []

    @tf.function
    def f(n):
        i = 0
        while i < n:
            seen.append(i)
            i += 1
        return i

    assert int(f(constant(5))) == 5
    assert int(f(constant(50))) == 50
    assert len(seen) == 1


def test_a_python_condition_unrolls_the_loop():
    seen = []

    @tf.function
    def f(x):
        i = 0
        while i < 3:
            seen.append(i)
            x = x + i
            i += 1
        return x

    assert int(f(constant(1))) == 4
    assert seen == [0, 1, 2]


def test_a_variable_first_set_in_the_loop_may_be_used_after_it():
    @tf.function
    def f(n):
        i = 0
        while i < n:
            last = i * 10
            i += 1
        return last

    assert int(f(constant(4))) == 30
    with pytest.raises(tf.errors.InvalidArgumentError, match="loop must iterate at least once to initialize last"):
        f(constant(0))


def test_gradients_flow_through_loops():
    @tf.function
    def power(x, n):
        y = constant(1.0)
        while n > 0:
            y = y * x
            n -= 1
        return y

    x = constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = power(x, constant(5))
    assert float(y) == 32.0
    assert float(tape.gradient(y, x)) == 80.0


# -- for


def test_for_along_a_tensor():
    def f(xs):
        total = 0.0
        biggest = -1e9
        for x in xs:
            total += x
            if x > biggest:
                biggest = x
        return total, biggest

    traced = tf.function(f)
    for values in ([1.0, 5.0, -2.0], [3.0]):
        assert plain(traced(constant(values))) == f(values)


def test_for_along_a_tensor_of_unknown_length():
    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def f(rows):
        total = tf.zeros([2])
        for row in rows:
            total = total * 2 + row
        return total

    for n in (0, 1, 3):
        rows = np.arange(2 * n, dtype=np.float32).reshape(n, 2)
        want = np.zeros(2)
        for row in rows:
            want = want * 2 + row
        np.testing.assert_allclose(f(constant(rows)), want)


def test_for_over_a_range():
    @tf.function
    def f(n):
        total = 0
        for i in tf.range(n):
            total += i
        for i in tf.range(n, 0, -2):
            total += 100 * i
        return total

    assert [int(f(constant(n))) for n in (0, 1, 5)] == [0, 100, 910]


def test_for_over_a_range_with_break_and_continue():
    @tf.function
    def f(n):
        total = 0
        for i in tf.range(n):
            if i == 2:
                continue
            if i > 4:
                break
            total += i
        return total

    assert [int(f(constant(n))) for n in (2, 4, 50)] == [1, 4, 8]


def test_pythons_range_of_a_tensor():
    @tf.function
    def f(a, b):
        total = 0
        for i in range(a):
            total += i
        for i in range(a, b):
            total += 10 * i
        for i in range(b, a, -1):
            total += 100 * i
        return total

    assert int(f(constant(2), constant(4))) == 1 + 50 + 700
    assert int(f(constant(-2), constant(-4))) == 0


def test_the_target_after_the_loop():
    @tf.function
    def f(n):
        i = constant(10)
        for i in tf.range(n):  # noqa: B007
            pass
        return i

    assert [int(f(constant(n))) for n in (3, 0)] == [2, 10]

    @tf.function
    def g(n):
        for i in tf.range(n):  # noqa: B007
            pass
        return i

    assert [int(g(constant(n))) for n in (3, 0)] == [2, 0]


def test_a_tensor_array_is_filled_in_a_loop():
    @tf.function
    def squares(n):
        array = tf.TensorArray(tf.int32, size=0, dynamic_size=True)
        for i in tf.range(n):
            array = array.write(i, i * i)
        return array.stack()

    assert squares(constant(4)).numpy().tolist() == [0, 1, 4, 9]


def test_pythons_iterables_unroll_the_loop():
    @tf.function
    def f(xs, names):
        out = {}
        for i, (name, x) in enumerate(zip(names, xs)):
            out[name] = x + i
        return out

    assert plain(f([constant(1), constant(2)], ("a", "b"))) == {"a": 1, "b": 3}


def test_gradients_flow_through_a_loop_along_a_tensor():
    @tf.function
    def horner(coefficients, x):
        y = constant(0.0)
        for c in coefficients:
            y = y * x + c
        return y

    coefficients, x = constant([2.0, 3.0, 5.0]), constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch([coefficients, x])
        y = horner(coefficients, x)
    by_coefficients, by_x = tape.gradient(y, [coefficients, x])
    assert float(y) == 19.0
    assert by_coefficients.numpy().tolist() == [4.0, 2.0, 1.0]
    assert float(by_x) == 11.0


# -- options of loops


def test_shape_invariants():
    @tf.function
    def f(n):
        v = constant([0])
        for i in tf.range(n):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(v, tf.TensorShape([None]))])
            v = tf.concat([v, [i]], 0)
        return v

    assert f(constant(3)).numpy().tolist() == [0, 0, 1, 2]


def test_maximum_iterations():
    @tf.function
    def f(n):
        count = 0
        while count < n:
            tf.autograph.experimental.set_loop_options(maximum_iterations=3)
            count += 1
        return count

    assert [int(f(constant(n))) for n in (2, 5)] == [2, 3]


# -- builtins


def test_len():
    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def f(x):
        return len(x), len([1, 2])

    assert [int(n) for n in f(tf.ones([5, 3]))] == [5, 2]
    assert int(tf.function(lambda x: len(x) * 2)(constant([1, 2, 3]))) == 6


def test_int_and_float_cast():
    @tf.function
    def f(x):
        return int(x), float(x), int("7"), float(2)

    assert plain(f(constant(3.7))) == (3, np.float32(3.7), 7, 2.0)


def test_features_are_off_unless_asked_for(capfd):
    def f(x):
        assert x > 0, "not positive"
        print("value:", x)
        return x

    with pytest.raises(TypeError, match="Using a symbolic `tf.Tensor` as a Python `bool` is not allowed"):
        tf.function(f)(constant(1))
    on = tf.function(f, experimental_autograph_options=tf.autograph.experimental.Feature.ALL)
    assert [int(on(constant(n))) for n in (1, 2)] == [1, 2]
    assert "2" in capfd.readouterr().out
    with pytest.raises(tf.errors.InvalidArgumentError, match="not positive"):
        on(constant(-1))


# -- what is converted


def absolute(x):
    if x < 0:
        return -x
    return x


class Scaled(tf.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def __call__(self, x):
        if x > self.factor:
            return self.scale(x)
        return x

    def scale(self, x):
        if x > 10:
            return x * self.factor * 10
        return x * self.factor

    @classmethod
    def of_class(cls, x):
        return absolute(x)

    @staticmethod
    def of_no_one(x):
        return absolute(x)


class Rescaled(Scaled):
    def scale(self, x):
        if x > 20:
            return super().scale(x) + 1
        return super().scale(x)


def test_called_functions_are_converted():
    def f(x):
        return absolute(x) + (lambda y: absolute(y - 1))(x)

    check(f, 3, -3)


def test_methods_and_callables_are_converted():
    for cls in (Scaled, Rescaled):
        scaled = cls(2)
        for n in (1, 5, 15, 25):
            want = scaled(n)
            assert int(tf.function(scaled)(constant(n))) == want
            assert int(tf.function(lambda x, call=scaled: call(x))(constant(n))) == want
            assert int(tf.function(scaled.scale)(constant(n))) == scaled.scale(n)
            assert int(tf.function(lambda x, s=scaled: s.of_class(x) + s.of_no_one(x))(constant(-n))) == 2 * n


def test_partials_are_converted():
    def clip(x, low, high):
        if x < low:
            return low
        if x > high:
            return high
        return x

    clipped = functools.partial(clip, low=constant(0), high=constant(5))
    assert [int(tf.function(lambda x: clipped(x))(constant(n))) for n in (-1, 3, 9)] == [0, 3, 5]


def test_decorated_functions_are_converted():
    def twice(f):
        @functools.wraps(f)
        def wrapper(x):
            return f(f(x))

        return wrapper

    @twice
    def f(x):
        if x > 3:
            return x - 3
        return x * 2

    assert [int(tf.function(lambda x: f(x))(constant(n))) for n in (1, 3, 9)] == [4, 3, 3]


def test_methods_with_a_name_scope_are_converted():
    class Module(tf.Module):
        @tf.Module.with_name_scope
        def __call__(self, x):
            if x > 2:
                return x * 10
            return x

    assert [int(tf.function(Module())(constant(n))) for n in (1, 3)] == [1, 30]
    assert [int(tf.function(lambda x: Module()(x))(constant(n))) for n in (1, 3)] == [1, 30]


def test_recursion_of_python_values():
    def power(x, n):
        if n == 0:
            return tf.ones_like(x)
        if x > 0:
            y = x * power(x, n - 1)
        else:
            y = tf.zeros_like(x)
        return y

    assert int(tf.function(power)(constant(2), 5)) == 32


def test_closures_stay_connected():
    counter = 0

    @tf.function
    def f(x):
        nonlocal counter
        counter += 1
        if x > offset:
            return x
        return offset

    offset = 5
    assert int(f(constant(7))) == 7
    assert counter == 1
    offset = 100  # the trace keeps what it saw
    assert int(f(constant(7))) == 7


def test_functions_inside_functions():
    def f(x):
        def inner(y):
            if y > limit:
                return y * 2
            return y

        limit = 2
        a = inner(x)
        limit = 3
        return a, inner(x + 1)

    check(f, 1, 2, 3)


def test_defaults_keywords_and_stars():
    def f(x, *rest, scale=2, **options):
        if x > 0:
            for r in rest:
                x = x + r
        return x * scale + options.get("more", 0)

    traced = tf.function(f)
    assert int(traced(constant(1), 2, 3, scale=10, more=5)) == f(1, 2, 3, scale=10, more=5)
    assert int(traced(constant(-1), 2)) == f(-1, 2)


def test_with_and_try():
    def f(x):
        with contextlib.suppress(KeyError):
            try:
                if x > 3:
                    x = x + 1
                {}["missing"]
            except KeyError as error:
                message = str(error)
                raise
            finally:
                if x > 4:
                    x = x * 10
        return x, len(message)

    check(f, 1, 3, 4)


def test_map_fn_converts_what_it_calls():
    assert tf.function(lambda xs: tf.map_fn(absolute, xs))(constant([-2, 3])).numpy().tolist() == [2, 3]


# -- what is not


def test_without_autograph():
    @tf.function(autograph=False)
    def decide(x):
        return x if x > 0 else -x

    @tf.function(autograph=False)
    def iterate(n):
        return [i * 2 for i in tf.range(n)]

    with pytest.raises(TypeError, match="Using a symbolic `tf.Tensor` as a Python `bool` is not allowed"):
        decide(constant(1))
    with pytest.raises(TypeError, match="Iterating over a symbolic `tf.Tensor` is not allowed"):
        iterate(constant(3))


def test_do_not_convert():
    raw = tf.autograph.experimental.do_not_convert(absolute)
    assert raw(-3) == 3
    assert raw.__name__ == "absolute"
    assert tf.autograph.experimental.do_not_convert()(absolute)(-3) == 3

    @tf.autograph.experimental.do_not_convert
    def caller(x):
        return absolute(x)

    for f in (raw, caller, lambda x: raw(x), lambda x: caller(x)):
        with pytest.raises(TypeError, match="as a Python `bool`"):
            tf.function(f)(constant(3))


def test_code_without_source_runs_as_it_is(caplog):
    names = {}
    exec(compile("def late(x):\n  return x if x > 0 else -x\n", "nowhere.py", "exec"), {}, names)
    with caplog.at_level(logging.WARNING), warnings.catch_warnings():
        tf.get_logger().propagate = True
        assert int(tf.function(lambda x: names["late"](3) + x)(constant(1))) == 4
        with pytest.raises(TypeError, match="as a Python `bool`"):
            tf.function(lambda x: names["late"](x))(constant(3))
    said = [record.getMessage() for record in caplog.records]
    assert any("could not transform" in text and "will run it as-is" in text and "late" in text for text in said)


def test_what_cannot_be_converted_runs_as_it_is():
    def f(x):
        for _ in range(2):
            x = x + 1
        else:
            x = x * 10
        return x

    def g(x):
        def both():
            yield x
            for _ in range(1):
                yield x + 1

        return list(both())

    assert int(tf.function(f)(constant(1))) == 30
    assert [int(y) for y in tf.function(g)(constant(1))] == [1, 2]


def test_run_functions_eagerly():
    tf.config.run_functions_eagerly(True)
    try:
        assert int(tf.function(absolute)(constant(-3))) == 3
    finally:
        tf.config.run_functions_eagerly(False)


# -- errors


def line_of(function, text):
    lines, first = inspect.getsourcelines(function)
    return first + next(i for i, line in enumerate(lines) if text in line)


def fails(python_function, *arguments, error, match):
    with pytest.raises(error) as info:
        tf.function(python_function)(*map(constant, arguments))
    assert match in str(info.value)
    return str(info.value)


def test_errors_show_the_lines_of_the_program():
    def inner(x):
        if x > 0:
            raise ValueError("something is wrong")
        return x

    def outer(x):
        return inner(x)

    text = fails(outer, 3, error=ValueError, match="in user code:")
    assert f'File "{__file__}", line {line_of(outer, "return inner")}, in outer  *\n        return inner(x)' in text
    assert f'File "{__file__}", line {line_of(inner, "raise")}, in inner  *\n        raise ValueError(' in text
    assert "\n    ValueError: something is wrong\n" in text


def test_errors_keep_their_type():
    class PlainError(Exception):
        pass

    for error in (KeyError("k"), PlainError("p"), TypeError("t"), AttributeError("a"), RuntimeError("r")):

        def f(x, error=error):
            raise error

        with pytest.raises(type(error), match="in user code"):
            tf.function(lambda x: f(x))(constant(1))


def test_errors_of_ops_show_the_line():
    def f(x):
        if x[0, 0] > 0:
            x = x + 1
        return tf.matmul(x, x)

    text = fails(f, [[1.0, 2.0, 3.0]], error=ValueError, match="with input shapes: [1,3], [1,3]")
    assert f"line {line_of(f, 'tf.matmul')}, in " in text


def test_a_variable_of_one_branch_only():
    def f(x):
        if x > 0:
            y = x
        return y

    def g(x):  # noqa: RET503
        if x > 0:
            return x

    def h(x):
        if x > 0:
            y = None
        else:
            y = x
        return y

    text = fails(f, 1, error=ValueError, match="'y' must also be initialized in the else branch")
    assert f"line {line_of(f, 'if x')}, in f" in text
    fails(g, 1, error=ValueError, match="the else branch must also have a return statement.")
    fails(h, 1, error=(ValueError, TypeError), match="'y' ")


def test_branches_that_do_not_fit():
    def dtype(x):
        if x > 0:
            y = 1
        else:
            y = 1.0
        return y

    def structure(x):
        if x > 0:
            y = (x, x)
        else:
            y = x
        return y

    different = "has dtype int32 in the main branch, but dtype float32 in the else branch"
    fails(dtype, 1, error=TypeError, match=f"'y' {different}")
    fails(structure, 1, error=TypeError, match="'y' must have the same nested structure in the main and else branches")
    fails(lambda x: 1 if x > 0 else 2.0, 1, error=TypeError, match=f"'x > 0' {different}")


def test_conditions_that_are_none():
    def f(x):
        if x:
            return 1
        return 2

    fails(f, 1, error=ValueError, match="condition of if statement expected to be `tf.bool` scalar, got")
    fails(f, [True, False], error=ValueError, match="condition of if statement expected to be `tf.bool` scalar, got")


def test_loop_variables_that_change():
    def dtype(n):
        i = 0
        while n > 0:
            i = 1.5
            n -= 1
        return i

    def shape(n):
        v = tf.zeros([1])
        while n > 0:
            v = tf.concat([v, v], 0)
            n -= 1
        return v

    def invariant(n):
        v = constant([0, 1])
        for i in tf.range(n):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(v, tf.TensorShape([1]))])
            v = tf.concat([v, [i]], 0)
        return v

    fails(dtype, 3, error=TypeError, match="'i' has dtype int32 before the loop, but dtype float32 after one iteration")
    fails(
        shape, 3, error=ValueError, match="'v' has shape (1,) before the loop, but shape (2,) after one iteration. Use "
        "tf.autograph.experimental.set_loop_options to set shape invariants.",
    )  # fmt: skip
    fails(invariant, 3, error=ValueError, match="which does not conform with the shape invariant (1,)")


def test_loop_variables_without_a_value():
    def f(n):
        while n > 0:
            y = y + 1  # noqa: F821, F841
            n -= 1
        return n

    def g(x, flag=False):
        if flag:
            y = 1
        return y + x

    text = fails(f, 3, error=ValueError, match="'y' must be defined before the loop")
    assert "ran into a UnboundLocalError: 'y' is used before assignment" in text
    fails(g, 3, error=UnboundLocalError, match="'y' is used before assignment")


def test_python_loops_that_a_tensor_would_end():
    def breaks(x):
        total = 0
        for i in range(10):
            if x > i:
                break
            total += 1
        return total

    def becomes(x):
        i = 0
        while i < 3:
            i = i + 1
            if i == 2:
                i = x
        return i

    fails(breaks, 3, error=NotImplementedError, match="Did you intend to make it a TF loop?")
    fails(becomes, 3, error=NotImplementedError, match="started as non-Tensor, then changed to Tensor")


def test_returns_in_loops_of_the_graph():
    def f(n):
        for i in tf.range(n):
            if i > 3:
                return i
        return -1

    fails(f, 3, error=NotImplementedError, match="a return statement cannot be placed inside this TensorFlow loop")


def test_scalars_have_no_length():
    def f(x):
        for _ in x:
            pass
        return len(x)

    fails(f, 3, error=ValueError, match="len requires a non-scalar tensor, got one of shape")
    fails(lambda x: len(x), 3, error=ValueError, match="len requires a non-scalar tensor, got one of shape")
    fails(lambda n: [i * 2 for i in tf.range(n)], 3, error=TypeError, match="Iterating over a symbolic `tf.Tensor`")


# -- by hand


def test_to_code():
    code = tf.autograph.to_code(absolute)
    assert code.startswith("def tf__absolute(x):")
    assert "ag__.if_stmt(" in code
    assert tf.autograph.to_code(Scaled(2).scale).startswith("def tf__scale(self, x):")


def test_to_graph():
    for converted in (tf.autograph.to_graph(absolute), tf.autograph.to_graph(absolute, recursive=False)):
        assert converted(-3) == 3
        assert int(converted(constant(-3))) == 3
        assert int(tf.function(converted, autograph=False)(constant(-3))) == 3
    assert tf.autograph.to_graph(Scaled(2).scale)(Scaled(2), 5) == 10
    assert tf.autograph.to_graph(lambda x: x and 3)(2) == 3
    for wrong in (len, 3, Scaled, tf.function(absolute)):
        with pytest.raises(Exception, match="doesn't expose a __code__ object"):
            tf.autograph.to_graph(wrong)


def test_trace_prints_while_tracing(capsys):
    @tf.function
    def f(x):
        tf.autograph.trace("tracing")
        return x

    f(constant(1))
    f(constant(2))
    assert capsys.readouterr().out == "tracing\n"


def test_features():
    feature = tf.autograph.experimental.Feature
    assert feature.ALL in feature.all()
    assert set(feature.all_but(feature.LISTS)) == set(feature.all()) - {feature.LISTS, feature.ALL}


# -- ours alone: where TensorFlow gives up, and what is inside


def test_ours_conditional_expressions_nest():
    check(lambda x: 1 if x > 2 else 2 if x > 1 else 3, 3, 2, 1)


def test_ours_lambdas_on_one_line():
    pair = (lambda x: x if x > 0 else -x, lambda x: x * 2 if x > 5 else x)
    assert [int(tf.function(f)(constant(n))) for f in pair for n in (-3, 7)] == [3, 7, -3, 14]


def test_ours_assignment_expressions_and_match():
    def f(x, mode):
        match mode:
            case "double":
                y = x * 2
            case _:
                y = x
        return z + 1 if (z := y + 1) is not None and mode else z

    assert int(tf.function(f)(constant(1), "double")) == 4

    def g(x):
        if (y := x * 2) > 4:
            return y
        return x

    check(g, 1, 3)


def test_ours_private_names():
    class Holder:
        __scale = 3

        def __times(self, x):
            return x * self.__scale

        def call(self, x):
            def inner(__y):
                self.__seen = __y
                if __y > 0:
                    self.__seen = __y + 1
                return self.__times(__y)

            return inner(x)

    assert int(tf.function(Holder().call)(constant(2))) == 6
    assert [int(tf.function(lambda x: Holder().call(x))(constant(n))) for n in (2, -2)] == [6, -6]


def test_ours_exceptions_without_a_plain_constructor_stay_themselves():
    class SpecialError(Exception):
        def __init__(self, code, text):
            super().__init__(code, text)
            self.code = code

    def f(x):
        raise SpecialError(3, "no")

    with pytest.raises(SpecialError) as info:
        tf.function(f)(constant(1))
    assert info.value.code == 3
    assert f"line {line_of(f, 'raise')}, in f  *" in "".join(info.value.__notes__)

    def g(x):
        raise ZeroDivisionError("z")

    with pytest.raises(ZeroDivisionError, match="in user code"):
        tf.function(g)(constant(1))


def test_ours_tracebacks_are_those_of_the_source():
    def inner(x):
        if x > 0:
            raise ValueError("here")
        return x

    def outer(x):
        return inner(x)

    with pytest.raises(ValueError) as info:
        tf.function(outer)(constant(1))
    lines = [entry.lineno + 1 for entry in info.traceback if str(entry.path) == __file__]
    assert lines[-2:] == [line_of(inner, "if x"), line_of(inner, "raise")]
    assert line_of(outer, "return inner") in lines


def test_ours_a_nested_function_shows_both_places():
    @tf.function
    def inner(x):
        return x + missing  # noqa: F821

    def outer(x):
        if x > 0:
            y = inner(x)
        else:
            y = x
        return y

    with pytest.raises(NameError) as info:
        tf.function(outer)(constant(1))
    text = str(info.value)
    assert text.count("in user code") == 1
    assert text.index(f"line {line_of(outer, 'inner(x)')}, in outer") < text.index(", in inner  *")
    assert text.rstrip().endswith("NameError: name 'missing' is not defined")


def test_ours_a_function_is_converted_once():
    from tapeflow.graph import autograph

    def f(x):
        return absolute(x)

    first, second = (autograph.to_graph(f) for _ in range(2))
    assert first.__code__ is second.__code__
    assert first is not second


def test_ours_code_without_anything_to_convert_is_left_alone():
    from tapeflow.graph import autograph

    def leaf(x):
        return x * 2 + 1

    callables = autograph._Callables(frozenset())
    assert callables.of(leaf) is leaf
    assert callables.of(tf.matmul) is tf.matmul
    assert callables.of(np.sum) is np.sum
    assert callables.of(absolute) is not absolute


def test_ours_statements_that_no_tensor_decides_stay_as_they_are():
    def f(xs, names, training=None):
        total = 0
        for name, x in zip(names, xs, strict=True):
            if x is not None and not isinstance(name, int):
                total = total + absolute(x)
            else:
                continue
        while True:
            if training is None:
                break
        return total

    def g(optimizer, model, tape, loss, xs):
        for v, s in zip(model.trainable_variables, tape.gradient(loss, model.trainable_variables)):
            optimizer.update_step(s, v, 0.1)
        for i, (v, x) in enumerate(zip(model.weights, xs)):
            v.assign(x + i)

    assert "for_stmt" not in tf.autograph.to_code(g)
    code = tf.autograph.to_code(f)
    assert "for name, x in ag__.call(zip)(names, xs, strict=True):" in code
    assert "if_stmt" not in code
    assert int(tf.function(f)([constant(-1), None, constant(2)], ["a", "b", "c"])) == 3


def test_ours_a_function_with_the_name_of_a_builtin_is_not_taken_for_it():
    def zip(*args):
        return tf.range(4)

    def g(n):
        total = 0
        for i in zip(n):
            total += i
        return total

    assert "for_stmt" in tf.autograph.to_code(g)
    assert int(tf.function(g)(constant(1))) == 6


def test_ours_what_is_in_the_way_is_said_once(caplog):
    tf.get_logger().propagate = True

    twice = range(2)

    def f(x):
        for _ in twice:
            x = x + 1
        else:
            x = x * 10
        return x

    for value in (1, 1.0):
        assert int(tf.function(f)(constant(value))) == 30
    said = [record.getMessage() for record in caplog.records if "could not transform" in record.getMessage()]
    assert len(said) == 1
    assert "for/else statement not yet supported" in said[0]


def test_ours_verbosity(capsys):
    tf.autograph.set_verbosity(2, alsologtostdout=True)
    try:
        tf.function(lambda x: absolute(x))(constant(-1))
    finally:
        tf.autograph.set_verbosity(0)
    out = capsys.readouterr().out
    assert "Converted call: <function absolute" in out
    assert "def tf__absolute(x):" in out


def make(x):
    return x + 1


def outer(x):
    return x * 2


def test_globals_may_have_the_names_that_rewriting_could_use():
    @tf.function
    def f(x):
        if x > 0:
            x = make(outer(x))
        return x

    assert f(tf.constant(3)).numpy() == 7


def test_a_with_block_may_change_and_delete_what_a_branch_has_set():
    @tf.function
    def f(x):
        with tf.name_scope("a"):
            if x > 0.0:
                y, z = x, x
            else:
                y, z = 0.0, 1.0
            y += 1.0
            del z
        return y

    assert (f(tf.constant(2.0)).numpy(), f(tf.constant(-2.0)).numpy()) == (3.0, 1.0)


# -- builtins, of datasets and tensors


def _dataset(*numbers):
    return tf.data.Dataset.from_tensor_slices(list(numbers))


def test_builtins_that_go_through_datasets_make_datasets():
    @tf.function
    def f(a, b):
        numbered, products, doubled, even, size = 0, 0, 0, 0, 0
        for i, x in enumerate(a, 5):
            numbered += tf.cast(i, tf.int32) * x
        for x, y in zip(a, b):
            products += x * y
        for x in map(lambda x, y: 2 * x + y, a, b):
            doubled += x
        for x in filter(lambda x: x % 2 == 0, a):
            even = even * 10 + x
        for x in abs(b):
            size += x
        return numbered, products, doubled, even, size, len(a)

    results = f(_dataset(1, 2, 3, 4), _dataset(-1, 2, -3))
    assert [x.numpy() for x in results] == [70, -6, 10, 24, 6, 4]


def test_any_and_all_of_datasets():
    @tf.function
    def f(dataset):
        return any(dataset), all(dataset)

    for booleans in ([True, False], [False, False], [True, True]):
        assert [x.numpy() for x in f(_dataset(*booleans))] == [any(booleans), all(booleans)]
    with pytest.raises(ValueError, match='the "any" builtin only supports datasets that return bool scalars'):
        f(_dataset(1, 2))


def test_builtins_of_datasets_that_cannot_be():
    @tf.function
    def strict(a):
        return list(zip(a, a, strict=True))

    @tf.function
    def count(a):
        return len(a)

    with pytest.raises(ValueError, match="strict zip not supported by Dataset"):
        strict(_dataset(1))
    assert count(_dataset(1, 2)).numpy() == 2
    with pytest.raises(tf.errors.InvalidArgumentError, match="requires dataset with definitive cardinality, got -1"):
        count(_dataset(1).repeat())


def test_zip_with_a_list_is_pythons():
    @tf.function
    def f(dataset, numbers):
        total = 0
        for n, x in zip(numbers, dataset):
            total += n * x
        return total

    assert f(_dataset(1, 2, 3), [10, 20]).numpy() == 50


def test_sorted_tensors():
    @tf.function
    def f(x):
        return sorted(x), sorted(x, reverse=True), sorted(x, key=lambda v: tf.abs(v)), sorted([3, 1, 2])

    up, down, by_size, numbers = f(tf.constant([3, -4, 1]))
    assert up.numpy().tolist() == [-4, 1, 3] and down.numpy().tolist() == [3, 1, -4]
    assert by_size.numpy().tolist() == [1, 3, -4] and [x.numpy() for x in numbers] == [1, 2, 3]
    with pytest.raises(ValueError, match="only supports only 1D tensors"):
        f(tf.ones([2, 2]))


def test_len_of_ragged_tensors():
    f = tf.function(lambda x: len(x))
    assert f(tf.ragged.constant([[1], [2, 3]])).numpy() == 2


def test_a_loop_over_a_dataset_that_is_not_converted_ends():
    def loop(dataset):
        total = tf.constant(0)
        for x in dataset:
            total += x
        return total

    for f in (tf.function(loop, autograph=False), tf.function(tf.autograph.experimental.do_not_convert(loop))):
        with pytest.raises(ValueError, match="only supported when AutoGraph is enabled"):
            f(_dataset(1, 2, 3))
    iterator = iter(_dataset(*range(40)))
    assert tf.function(lambda: sum(next(iterator) for _ in range(40)))().numpy() == 780


def test_autograph_of_a_function_within_another():
    @tf.function
    def inside(x):
        if x > 0:
            return x
        else:
            return -x

    @tf.function(autograph=False)
    def plain(x):
        return inside(x)

    assert plain(tf.constant(-3)).numpy() == 3
    assert tf.function(tf.autograph.experimental.do_not_convert(lambda x: inside(x)))(tf.constant(-2)).numpy() == 2

    @tf.function(autograph=False)
    def mapped(x):
        return tf.map_fn(lambda v: v if v > 0 else -v, x)

    with pytest.raises(TypeError, match="symbolic"):
        tf.function(lambda x: mapped(x))(tf.constant([1, -2]))


def test_loops_that_change_variables_alone():
    v = tf.Variable(5)

    @tf.function
    def until(low):
        while v > low:
            v.assign_sub(2)

    @tf.function
    def at_most_twice():
        while v < 10:
            tf.autograph.experimental.set_loop_options(maximum_iterations=2)
            v.assign_add(3)

    until(tf.constant(0))
    assert v.numpy() == -1
    at_most_twice()
    assert v.numpy() == 5


def test_what_datasets_call_is_converted():
    def f(x):
        if x > 1:
            return x * 10
        return x

    for function in (f, tf.function(f), tf.function(lambda x: f(x))):
        assert list(tf.data.Dataset.range(3).map(function).as_numpy_iterator()) == [0, 1, 20]
        total = tf.function(lambda g: tf.data.Dataset.range(3).map(g).reduce(np.int64(0), lambda a, b: a + b))(function)
        assert total.numpy() == 21
    with pytest.raises(TypeError, match="symbolic"):
        tf.data.Dataset.range(3).map(tf.autograph.experimental.do_not_convert(f))
