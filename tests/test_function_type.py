"""Which calls of a `tf.function` share a trace, and how arguments are bound. Texts and names are TensorFlow 2.21's."""

from __future__ import annotations

import collections
import dataclasses
import functools
import gc
import inspect
import weakref

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.graph.arguments import fast_key, type_of
from tapeflow.graph.call_type import UnknownArgument
from tapeflow.graph.function_type import FunctionType, Traces
from tapeflow.graph.retracing import difference
from tapeflow.graph.trace_type import TraceType, VariableSpec

Spec = tf.TensorSpec
Pair = collections.namedtuple("Pair", "a b")


def anything(*args, **kwargs):
    return args, kwargs


ANYTHING = FunctionType(anything)


def bind(*args, **kwargs):
    return ANYTHING.bind(args, kwargs)


def described(*args, **kwargs):
    """The types of a call where specs stand for Tensors."""
    function = kwargs.pop("function", anything)
    return FunctionType(function).bind(args, kwargs, specs=True).type


class Thing:
    pass


class Valued:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, Valued) and self.value == other.value

    def __hash__(self):
        return hash(self.value)

    def method(self):
        return self.value


THING, VARIABLE, OTHER, VECTOR = Thing(), tf.Variable(1.0), tf.Variable(2.0), tf.Variable([1.0])
ONE, SAME = Valued(1), Valued(1)


@dataclasses.dataclass
class Flat:
    x: object
    tag: str

    def __tf_flatten__(self):
        return (self.tag,), (self.x,)

    @classmethod
    def __tf_unflatten__(cls, metadata, components):
        return cls(components[0], metadata[0])


# -- keys


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (tf.constant(1.0), tf.constant(2.0), True),
        (tf.constant(1.0), tf.constant(1), False),
        (tf.constant([1.0]), tf.constant([1.0, 2.0]), False),
        (tf.constant(1.0), np.float32(3), True),
        (np.zeros(3), tf.zeros(3, tf.float64), True),
        (np.array(["a"]), tf.constant(["b"]), True),
        (1, 1, True),
        (1, 2, False),
        (1, True, False),
        (1, 1.0, False),
        (0, False, False),
        (0.0, -0.0, False),
        (float("nan"), float("nan"), True),
        (float("nan"), "nan", False),
        (1j, 1j, True),
        (0j, -0j, False),
        ("a", b"a", False),
        (None, None, True),
        (None, 0, False),
        ("float32", tf.float32, False),
        (tf.float32, tf.float32, True),
        (tf.TensorShape([1]), tf.TensorShape([1]), True),
        (tf.TensorShape([1]), (1,), False),
        (range(3), range(3), True),
        (len, len, True),
        (len, abs, False),
        (THING, Thing(), False),
        (ONE, SAME, True),
        (ONE.method, ONE.method, True),
        (ONE.method, Valued(2).method, False),
        ([1, 2], [1, 2], True),
        ([1, 2], (1, 2), False),
        ((1, 2), Pair(1, 2), False),
        ([1, [2]], [[1], 2], False),
        ([], [[]], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, collections.OrderedDict(a=1), True),
        ({"a": 1}, collections.defaultdict(int, a=1), True),
        (Pair(1, 2), Pair(1, 2), True),
        (Flat(tf.constant(1), "t"), Flat(tf.constant(2), "t"), True),
        (Flat(tf.constant(1), "t"), Flat(tf.constant(1), "u"), False),
        (VARIABLE, OTHER, True),
        (VARIABLE, VECTOR, False),
        (VARIABLE, tf.constant(1.0), False),
        (VARIABLE, tf.Variable(1.0, trainable=False), False),
        ((VARIABLE, OTHER), (OTHER, VARIABLE), True),
        ((VARIABLE, VARIABLE), (OTHER, OTHER), True),
        ((VARIABLE, VARIABLE), (VARIABLE, OTHER), False),
    ],
)
def test_which_arguments_share_a_trace(first, second, same):
    one, two = bind(first), bind(second)
    assert (one.key == two.key) is same
    assert (one.type == two.type) is same
    if same:
        assert hash(one.key) == hash(two.key)
        assert hash(one.type) == hash(two.type)


def test_variables_that_occur_twice_are_one_input():
    call = bind(VARIABLE, [OTHER, VARIABLE], tf.constant(1))
    assert [type(x).__name__ for x in call.tensors] == ["Handle", "Handle", "Tensor"]
    assert call.tensors[0] is VARIABLE.handle
    assert call.tensors[1] is OTHER.handle
    assert bind([VARIABLE], {"a": VARIABLE}).key != bind([VARIABLE], {"a": OTHER}).key


def test_named_tuples_of_one_name_are_one_type():
    twin = collections.namedtuple("Pair", "a b")
    assert bind(twin(1, 2)).type == bind(Pair(1, 2)).type


@pytest.mark.parametrize("value", [{1}, bytearray(b"a"), slice(1, 2), [{2}]])
def test_values_that_cannot_be_hashed(value):
    bad = value[0] if isinstance(value, list) else value
    if bad == slice(1, 2):
        try:
            hash(bad)
            pytest.skip("slices are hashable in this version of Python")
        except TypeError:
            pass
    with pytest.raises(TypeError, match="Could not generate a generic TraceType for ") as raised:
        bind(value)
    assert f"for {bad!r}.Please verify that it is immutable/hashable." in str(raised.value)


def test_weak_references_are_refused():
    with pytest.raises(TypeError, match=r"weakref input .* not supported for tf.function\."):
        bind(weakref.ref(THING))


def test_keys_of_dicts_must_be_sortable():
    with pytest.raises(TypeError, match="'<' not supported between instances of 'str' and 'int'"):
        bind({1: 1, "a": 2})


def test_objects_are_held_weakly_and_never_match_once_they_are_gone():
    thing = Thing()
    call = bind(thing)
    key, kind = call.key, call.type
    assert kind.alive
    reference = weakref.ref(thing)
    del thing, call
    gc.collect()
    assert reference() is None
    assert not kind.alive
    table = {key: 1}
    assert all(bind(Thing()).key not in table for _ in range(100))
    assert all(bind(Thing()).type != kind for _ in range(3))


def test_specs_stand_for_tensors_only_where_asked():
    with pytest.raises(ValueError, match=r"Attempt to convert a value \(TensorSpec"):
        bind(Spec([1]))
    assert described(Spec([2])) == bind(tf.zeros(2)).type


def test_the_fast_key_is_the_key():
    x, y = tf.constant(1.0), tf.constant([1, 2])
    for args in [(), (x,), (x, y), (y, x, x)]:
        assert fast_key(args) == bind(*args).key
    assert fast_key((x, 1)) is None
    assert fast_key(([x],)) is None
    assert fast_key((VARIABLE,)) is None


@pytest.mark.parametrize("value", [1, [1, tf.constant(2)], VARIABLE, {"a": tf.constant(1)}, None, np.ones(2)])
def test_reading_positional_arguments_gives_what_binding_gives(value):
    function_type = FunctionType(lambda x, y: x)
    key, tensors = function_type.read((value, 3))
    call = function_type.bind((value, 3), {})
    assert key == call.key
    assert len(tensors) == len(call.tensors)
    assert function_type.read((value,)) is None
    assert FunctionType(lambda x, y, *, z=1: x).read((value, 3)) is None


def test_symbols_count_by_what_is_known_of_them():
    keys = {}

    def note(name):
        def inner(x):
            call = bind(x)
            keys[name] = call.key, call.type
            return x

        return inner

    for name, shape in [("none", None), ("some", [None, 2]), ("all", [3, 2])]:
        tf.function(note(name), input_signature=[Spec(shape)]).get_concrete_function(tf.zeros([3, 2]))
    assert keys["all"] == (bind(tf.zeros([3, 2])).key, bind(tf.zeros([3, 2])).type)
    assert keys["some"] == ((np.dtype("float32"), (None, 2)), described(Spec([None, 2])))
    assert keys["none"] == ((np.dtype("float32"), None), described(Spec(None)))
    assert keys["all"][1].is_subtype_of(keys["some"][1])
    assert keys["some"][1].is_subtype_of(keys["none"][1])
    assert not keys["none"][1].is_subtype_of(keys["some"][1])


LEAVES = st.one_of(
    st.sampled_from([tf.constant(1.0), tf.zeros([2]), np.ones(2), VARIABLE, OTHER, VECTOR, THING, ONE, SAME, len]),
    st.sampled_from([None, True, False, 0, 1, 0.0, -0.0, 1.0, "a", b"a", float("nan"), tf.float32]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        st.tuples(inner, inner).map(lambda both: Pair(*both)),
        inner.map(lambda x: Flat(x, "t")),
    ),
    max_leaves=6,
)


@hypothesis.given(VALUES, VALUES)
@hypothesis.settings(max_examples=200, deadline=None)
def test_keys_types_and_tensors_agree(first, second):
    one, two = bind(first), bind(second)
    assert (one.key == two.key) is (one.type == two.type)
    if one.type == two.type:
        assert hash(one.type) == hash(two.type)
        assert difference(two.type, one.type) == "no argument changed"
    assert (one.type.is_subtype_of(two.type)) is (one.type == two.type)
    assert len(one.type.inputs) == len(one.tensors)
    assert len({each.name for each in one.type.inputs}) == len(one.tensors)
    (again,), _ = one.rebuild(one.tensors)
    assert bind(again).key == one.key
    assert all(a is b for a, b in zip(bind(again).tensors, one.tensors))
    assert all(a is b for a, b in zip(one.type.bind((again,), {}), one.tensors))


# -- binding


def named(**defaults):
    def f(x, y=1, *, k=2):
        return x

    return FunctionType(f)


def test_arguments_are_canonical():
    f = named()
    x = tf.constant(1.0)
    calls = [f.bind((x,), {}), f.bind((x, 1), {}), f.bind((), {"k": 2, "x": x}), f.bind((x,), {"y": 1, "k": 2})]
    assert len({call.key for call in calls}) == 1
    assert calls[2].rebuild([3]) == ((3, 1), {"k": 2})
    assert list(calls[2].arguments) == ["x", "y", "k"]


def test_any_number_of_arguments():
    x = tf.constant(1.0)
    call = FunctionType(lambda x, *args, y, **kw: x).bind((x, x, 7), {"z": x, "y": x, "a": 1})
    assert list(call.arguments) == ["x", "args_0", "args_1", "y", "a", "z"]
    assert call.rebuild("xavz") == (("x", "a", 7), {"y": "v", "a": 1, "z": "z"})
    assert bind(a=1, b=2).key == bind(b=2, a=1).key
    assert bind(a=1).key != bind(b=1).key
    assert bind(1).key != bind(1, 1).key
    assert list(bind(**{"a b": 1}).arguments) == ["a_b"]


def test_methods_partials_and_objects():
    class Scale:
        def by(self, x, factor=2):
            return x

        def __call__(self, x):
            return x

    assert str(FunctionType(Scale().by)) == "(x, factor=<captured_default_value>)"
    assert str(FunctionType(Scale())) == "(x)"
    partial = functools.partial(lambda x, y=1, z=2: x, y=5)
    assert str(FunctionType(partial)) == "(x, *, y=<captured_default_value>, z=<captured_default_value>)"
    assert FunctionType(partial).bind((1,), {}).rebuild([]) == ((1,), {"y": 5, "z": 2})
    assert str(FunctionType(lambda x, *a, y=1, **k: 1)) == "(x, *a, y=<captured_default_value>, **k)"


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "message", "signature"),
    [
        (lambda x, y=1: x, (), {}, "missing a required argument: 'x'", "(x, y=<captured_default_value>)"),
        (lambda x, y=1: x, (1,), {"z": 2}, "got an unexpected keyword argument 'z'", "(x, y=<captured_default_value>)"),
        (lambda x, y=1: x, (1,), {"x": 2}, "multiple values for argument 'x'", "(x, y=<captured_default_value>)"),
        (lambda x, y=1: x, (1, 2, 3), {}, "too many positional arguments", "(x, y=<captured_default_value>)"),
        (lambda x, *, k: x, (1, 2), {}, "too many positional arguments", "(x, *, k)"),
        (lambda x, *, k: x, (1,), {}, "missing a required argument: 'k'", "(x, *, k)"),
        (lambda x, /: x, (), {"x": 1}, "'x' parameter is positional only, but was passed as a keyword", "(x, /)"),
        (lambda x, **k: x, (1,), {"x": 2}, "multiple values for argument 'x'", "(x, **k)"),
    ],
)
def test_misuse(function, args, kwargs, message, signature):
    with pytest.raises(TypeError) as raised:
        FunctionType(function).bind(args, kwargs)
    text = str(raised.value)
    if message.startswith("missing"):  # Python 3.12 says "keyword-only" where it is
        text = text.replace("required keyword-only argument", "required argument")
    if "positional only" in message and "positional only" not in text:
        pytest.skip("this version of Python has another text")
    assert text == (
        f"Binding inputs to tf.function failed due to `{message}`. Received args: {args} and kwargs: {kwargs} "
        f"for signature: {signature}."
    )


# -- rebuilding


def test_placeholders_take_the_places_of_tensors():
    x = tf.constant(1.0)
    structure = {"b": [x, 1, (x, Pair(x, None))], "a": np.ones(2), "c": Flat(x, "t")}
    call = bind(structure, THING, key=x)
    assert len(call.tensors) == 6
    (got, thing), kwargs = call.rebuild(range(6))
    assert got == {"b": [1, 1, (2, Pair(3, None))], "a": 0, "c": Flat(4, "t")}
    assert list(got) == ["b", "a", "c"]
    assert thing is THING
    assert kwargs == {"key": 5}
    assert call.tensors[0].dtype == tf.float64


def test_variables_are_made_by_the_hook_once_each():
    made = []

    def make(original, placeholder):
        made.append((original, placeholder))
        return f"variable {placeholder}"

    (a, b, c), _ = bind(VARIABLE, [VARIABLE], OTHER).rebuild([10, 20], make)
    assert (a, b, c) == ("variable 10", ["variable 10"], "variable 20")
    assert [placeholder for _, placeholder in made] == [10, 20]
    assert made[0][0] is VARIABLE


def test_composites():
    slices = tf.IndexedSlices(tf.ones([2, 3]), tf.constant([0, 5]))
    dense = tf.IndexedSlices(tf.ones([2, 3]), tf.constant([0, 5]), tf.constant([9, 3]))
    call = bind(slices)
    assert call.key == bind(tf.IndexedSlices(tf.zeros([2, 3]), tf.constant([1, 1]))).key
    assert call.key != bind(dense).key
    assert repr(call.type.arguments[0].type) == (
        "IndexedSlicesSpec(TensorShape([None, 3]), tf.float32, tf.int32, None, TensorShape([2]))"
    )
    assert [(each.name, each.spec.shape, each.spec.dtype) for each in call.type.inputs] == [
        ("args_0", (2, 3), tf.float32), ("args_0_1", (2,), tf.int32),
    ]  # fmt: skip
    (got,), _ = call.rebuild([1, 2])
    assert isinstance(got, tf.IndexedSlices)
    assert (got.values, got.indices) == (1, 2)
    longer = tf.IndexedSlices(tf.ones([4, 3]), tf.zeros(4, tf.int32))
    wider = type_of(slices).most_specific_common_supertype([type_of(longer)])
    assert [spec.shape for spec in wider._component_specs] == [(None, 3), (None,)]
    other = tf.IndexedSlices(tf.ones([4, 3]), tf.zeros(4, tf.int64))
    assert type_of(slices).most_specific_common_supertype([type_of(other)]) is None
    assert bind(dense).rebuild([1, 2, 3])[0][0].dense_shape == 3


def test_the_tracing_protocol():
    class Size(TraceType):
        def __init__(self, fruit):
            self.fruit = fruit

        def is_subtype_of(self, other):
            return isinstance(other, Size)

        def placeholder_value(self, placeholder_context=None):
            return self.fruit

        def __eq__(self, other):
            return isinstance(other, Size) and self.fruit.size == other.fruit.size

        def __hash__(self):
            return hash(self.fruit.size)

    class Fruit:
        def __init__(self, size):
            self.size = size

        def __tf_tracing_type__(self, context):
            assert context.alias_global_id("a") == context.alias_global_id("a")
            return Size(self)

    apple = Fruit(1)
    assert bind(apple).key == bind(Fruit(1)).key
    assert bind(apple).key != bind(Fruit(2)).key
    assert bind(apple).rebuild([])[0][0] is apple
    assert bind(Fruit(2)).type.is_subtype_of(bind(apple).type)

    class Bad:
        def __tf_tracing_type__(self, context):
            return 1

    with pytest.raises(TypeError, match="Expected an instance of TraceType for Tracing Protocol call to"):
        bind(Bad())


def test_attrs_classes_by_their_protocol():
    class Field:
        def __init__(self, name):
            self.name = name

    class Point:
        __attrs_attrs__ = (Field("x"), Field("y"))

        def __init__(self, x, y):
            self.x, self.y = x, y

    call = bind(Point(tf.constant(1.0), 2))
    (got,), _ = call.rebuild(["p"])
    assert (got.x, got.y) == ("p", 2)
    fields = "['x', TensorSpec(shape=(), dtype=tf.float32, name=None)], ['y', Literal[2]]"
    assert str(call.type) == f"(args_0: Point[{fields}], /)"
    assert call.type.structured_input_signature[0][0].y == 2


# -- signatures


def with_signature(function, *specs):
    return FunctionType(function, list(specs))


@pytest.mark.parametrize(
    ("function", "signature", "message"),
    [
        (lambda x: x, [Spec([]), Spec([])], "input_signature contains 1 extra type constraints."),
        (lambda x, y: x, [Spec([])], "input_signature missing type constraint for y"),
        (lambda x: x, Spec([]), "input_signature must be either a tuple or a list, got <class '"),
        (lambda x: x, {"a": Spec([])}, "input_signature must be either a tuple or a list, got <class 'dict'>."),
        (
            lambda x: x,
            [3],
            "input_signature must be a possibly nested sequence of TensorSpec objects, got invalid args [3] with types "
            "[<class 'int'>].",
        ),
        (lambda x, y: x, [Spec([]), [1, "a"]], "got invalid args [1, 'a'] with types [<class 'int'>, <class 'str'>]."),
        (lambda x: x, [None], "got invalid args [None] with types [<class 'NoneType'>]."),
        (
            lambda x, *, k: x,
            [Spec([])],
            "Since input_signature is defined, keyword-only parameter `k` must have a default value",
        ),
        (
            lambda x: x,
            [VariableSpec(tf.TensorShape([]), tf.float32)],
            "input_signature doesn't support VariableSpec, got [VariableSpec(shape=(), dtype=tf.float32, "
            "trainable=True, alias_id=None)]",
        ),
    ],
)
def test_bad_signatures(function, signature, message):
    with pytest.raises(TypeError) as raised:
        FunctionType(function, signature)
    assert message in str(raised.value)


def test_signatures_in_words():
    assert str(with_signature(lambda x, y=2: x, Spec([None]))) == (
        "(x: TensorSpec(shape=(None,), dtype=tf.float32, name=None), y: Literal[2] = <captured_default_value>)"
    )
    assert str(with_signature(lambda *a: a, Spec([]), Spec([1]))) == (
        "(a_0: TensorSpec(shape=(), dtype=tf.float32, name=None), "
        "a_1: TensorSpec(shape=(1,), dtype=tf.float32, name=None), /)"
    )
    assert str(with_signature(lambda x, **k: x, Spec([]))) == "(x: TensorSpec(shape=(), dtype=tf.float32, name=None))"
    assert str(with_signature(lambda self, x: x, Spec([]))) == (
        "(self, x: TensorSpec(shape=(), dtype=tf.float32, name=None))"
    )


def test_all_calls_with_a_signature_are_one_trace():
    f = with_signature(lambda x, y=2: x, Spec([None]))
    calls = [f.bind((value,), {}) for value in ([1.0, 2.0], [1, 2], np.zeros(4), tf.zeros(3), VECTOR, (5,))]
    assert len({call.key for call in calls}) == 1
    assert len({call.type for call in calls}) == 1
    assert calls[0].key != ()
    assert all(call.tensors[0].dtype == tf.float32 for call in calls)
    assert calls[0].type.inputs[0].spec == Spec([None])
    assert f.bind(([1.0],), {"y": 2.0}).rebuild(["p"]) == (("p", 2), {})
    assert f.bind((), {}, specs=True).type == calls[0].type
    assert f.bind((Spec([2]),), {}, specs=True).type == calls[0].type


ONE_VECTOR = "(x: TensorSpec(shape=(None,), dtype=tf.float32, name=None), y: Literal[2] = <captured_default_value>)"


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        (
            (tf.zeros([2, 2]),),
            {},
            "Can not cast TensorSpec(shape=(2, 2), dtype=tf.float32, name=None) to "
            "TensorSpec(shape=(None,), dtype=tf.float32, name=None)",
        ),
        (
            (tf.constant([1]),),
            {},
            "Can not cast TensorSpec(shape=(1,), dtype=tf.int32, name=None) to "
            "TensorSpec(shape=(None,), dtype=tf.float32, name=None)",
        ),
        (("a",), {}, "Cannot convert 'a' to EagerTensor of dtype float"),
        ((["a"],), {}, "Cannot convert ['a'] to EagerTensor of dtype float"),
        ((None,), {}, "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor."),
        ((), {}, "missing a required argument: 'x'"),
        (([1.0],), {"z": 1}, "got an unexpected keyword argument 'z'"),
        (([1.0],), {"y": 3}, "Can not cast 3 to Literal[2]"),
    ],
)
def test_arguments_that_do_not_fit_a_signature(args, kwargs, message):
    with pytest.raises(TypeError) as raised:
        with_signature(lambda x, y=2: x, Spec([None])).bind(args, kwargs)
    assert str(raised.value) == (
        f"Binding inputs to tf.function failed due to `{message}`. Received args: {args} and kwargs: {kwargs} "
        f"for signature: {ONE_VECTOR}."
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (({"a": 1.0}, [3.0, (4.0,)]), "{'a': 1.0} has different keys with the TraceType Dict[['a', TensorSpec"),
        (({"a": 1.0, "b": 1.0}, (3.0, (4.0,))), "Can not cast (3.0, (4.0,)) to list type."),
        (({"a": 1.0, "b": 1.0}, [3.0, (4.0, 5.0)]), "Expected (4.0, 5.0) to have length of 1"),
        ((1.0, [3.0, (4.0,)]), "Can not cast 1.0 to a Dict type."),
        (({"a": 1.0, "b": "x"}, [3.0, (4.0,)]), "Cannot convert 'x' to EagerTensor of dtype float"),
    ],
)
def test_structures_that_do_not_fit_a_signature(args, message):
    f = with_signature(lambda d, t: d, {"a": Spec([]), "b": Spec([])}, [Spec([]), (Spec([]),)])
    with pytest.raises(TypeError) as raised:
        f.bind(args, {})
    assert f"failed due to `{message}" in str(raised.value)
    call = f.bind(({"b": 2.0, "a": 1.0}, [3.0, (4.0,)]), {})
    assert [float(tensor) for tensor in call.tensors] == [1.0, 2.0, 3.0, 4.0]


def test_names_in_a_signature():
    f = with_signature(lambda x: x, Spec([2], name="n"))
    assert f.bind(([1.0, 2.0],), {}).type.inputs[0].name == "n"
    with pytest.raises(TypeError, match=r"Can not cast TensorSpec\(shape=\(3,\), dtype=tf.float32, name='n'\)"):
        f.bind(([1.0, 2.0, 3.0],), {})


def test_defaults_beyond_the_signature():
    assert with_signature(lambda x, y=None: x, Spec([])).bind((1.0, None), {}).rebuild(["p"]) == (("p", None), {})
    with pytest.raises(TypeError, match=r"Can not cast 1 to Literal\[None\]"):
        with_signature(lambda x, y=None: x, Spec([])).bind((1.0, 1), {})
    zeros = np.zeros(2)
    array = with_signature(lambda x, y=zeros: y, Spec([])).bind((1.0, np.ones(2)), {})
    assert array.tensors[1].numpy().tolist() == [1.0, 1.0]
    assert with_signature(lambda x=2: x).bind((), {}).tensors == []


def test_a_signature_leaves_self_open():
    f = with_signature(lambda self, x: x, Spec([]))
    assert f.bind((THING, 1.0), {}).key == f.bind((THING, 2.0), {}).key
    assert f.bind((THING, 1.0), {}).key != f.bind((ONE, 2.0), {}).key


# -- names, signatures and texts of a trace


def names(kind):
    return [each.name for each in kind.inputs]


def keywords(kind):
    return [each.keyword for each in kind.inputs]


def test_names_of_placeholders():
    kind = described(
        {"b": Spec([1]), "a": Spec([2])}, [Spec([3]), (Spec([4]), 5)], Pair(Spec([]), None),
        function=lambda d, lst, p: d,
    )  # fmt: skip
    assert names(kind) == ["d_1", "d", "lst", "lst_1", "p"]
    assert keywords(kind) == ["d", "d_1", "lst", "lst_1", "p"]
    assert [each.spec.shape for each in kind.inputs] == [(2,), (1,), (3,), (4,), ()]
    assert names(described(Spec([1]), Spec([2]), 7, k=Spec([3]), j=1)) == ["args_0", "args_1", "k"]
    assert names(described(Spec([]), [Spec([], name="x"), Spec([])], function=lambda x, y: x)) == ["x", "x_1", "y"]
    kind = described(Spec([]), function=lambda _x: 0)
    assert (names(kind), keywords(kind)) == (["Placeholder"], ["_x"])
    assert kind.structured_input_signature[0][0].name == "tensor__x"
    assert names(described(VARIABLE, VARIABLE, OTHER, function=lambda a, b, c: a)) == ["a", "c"]
    assert names(described({"b": VARIABLE, "a": VARIABLE})) == ["args_0"]


def test_keyword_only_inputs_go_by_name():
    def f(x, *args, y, **kw):
        return x

    kind = described(Spec([1]), Spec([2]), 7, y=Spec([4]), k=Spec([3]), j=1, function=f)
    assert names(kind) == ["x", "args_0", "k", "y"]
    assert str(kind) == (
        "(x: TensorSpec(shape=(1,), dtype=tf.float32, name=None), "
        "args_0: TensorSpec(shape=(2,), dtype=tf.float32, name=None), args_1: Literal[7], /, *, "
        "y: TensorSpec(shape=(4,), dtype=tf.float32, name=None), j: Literal[1], "
        "k: TensorSpec(shape=(3,), dtype=tf.float32, name=None))"
    )
    assert kind.structured_input_signature == (
        (Spec([1], name="x"), Spec([2], name="args_0"), 7),
        {"y": Spec([4], name="y"), "j": 1, "k": Spec([3], name="k")},
    )


def test_structured_signatures():
    kind = described(
        {"b": Spec([1]), "a": Spec([2], name="own")}, [Spec([3]), (Spec([4]), 5)], Pair(Spec([]), None), THING,
        function=lambda d, lst, p, o: d,
    )  # fmt: skip
    (d, lst, pair, unknown), by_keyword = kind.structured_input_signature
    assert d == {"b": Spec([1], name="d_b"), "a": Spec([2], name="own")}
    assert list(d) == ["b", "a"]
    assert lst == [Spec([3], name="lst_0"), (Spec([4], name="lst_1_0"), 5)]
    assert pair == Pair(Spec([], name="p_a"), None)
    assert isinstance(unknown, UnknownArgument)
    assert by_keyword == {}
    assert described(collections.defaultdict(int, a=1)).structured_input_signature == (({"a": 1},), {})


def test_traces_in_words():
    kind = described(Spec([None, 2]), 3, function=lambda x, y, *, z=4: x).completed(
        type_of({"a": Spec([]), "b": [Spec([]), None, (1,)]}), {}
    )
    assert kind.pretty_printed() == (
        "Input Parameters:\n"
        "  x (POSITIONAL_OR_KEYWORD): TensorSpec(shape=(None, 2), dtype=tf.float32, name=None)\n"
        "  y (POSITIONAL_OR_KEYWORD): Literal[3]\n"
        "  z (KEYWORD_ONLY): Literal[4]\n"
        "Output Type:\n"
        "  Dict[['a', TensorSpec(shape=(), dtype=tf.float32, name=None)], ['b', "
        "List[TensorSpec(shape=(), dtype=tf.float32, name=None), Literal[None], Tuple[Literal[1]]]]]\n"
        "Captures:\n"
        "  None"
    )
    assert str(described(Spec([]), function=lambda x, /: x).completed(type_of(None), {7: Spec([])})) == (
        "(x: TensorSpec(shape=(), dtype=tf.float32, name=None), /) -> Literal[None]"
    )
    assert described().completed(type_of(None), {7: Spec([])}).pretty_printed().endswith(
        "Captures:\n  7: TensorSpec(shape=(), dtype=tf.float32, name=None)"
    )
    assert repr(described(VARIABLE, function=lambda v: v)) == (
        "(v: VariableSpec(shape=(), dtype=tf.float32, trainable=True, alias_id=0))"
    )


# -- finding a trace


def shapes_traced(shapes, reduce_retracing):
    """How many traces there are after each call with a Tensor of these shapes."""
    traces, counts = Traces(), []
    function_type = FunctionType(lambda x: x)
    for shape in shapes:
        call = function_type.bind((tf.zeros(shape),), {})
        if traces.find(call) is None:
            traces.add(traces.generalized(call.type) if reduce_retracing else call.type, len(counts))
            assert traces.find(call) is not None
        counts.append(len(traces.by_type))
    return counts


@pytest.mark.parametrize(
    ("shapes", "reduced", "plain"),
    [
        ([(1,), (2,), (3,)], [1, 2, 2], [1, 2, 3]),
        ([(1,), (2,), (3,), (2, 2), (3, 3), ()], [1, 2, 2, 3, 3, 3], [1, 2, 3, 4, 5, 6]),
        ([(2, 3), (2, 4), (5, 6), (7, 7)], [1, 2, 3, 3], [1, 2, 3, 4]),
    ],
)
def test_counts_of_traces_are_tensorflows(shapes, reduced, plain):
    assert shapes_traced(shapes, True) == reduced
    assert shapes_traced(shapes, False) == plain


def test_python_values_are_not_generalised():
    traces = Traces()
    old, new = bind(tf.zeros(1), 1).type, bind(tf.zeros(2), 2).type
    traces.add(old, "old")
    assert traces.generalized(new) == new
    assert traces.generalized(bind([tf.zeros(2)], 1).type) == bind([tf.zeros(2)], 1).type
    assert traces.generalized(bind(tf.zeros(2), 1).type) == described(Spec([None]), 1)
    assert old.most_specific_common_supertype(bind(tf.zeros(1)).type) is None


def test_the_narrowest_trace_is_found():
    function_type = FunctionType(lambda x: x)
    traces = Traces()
    traces.add(described(Spec(None), function=lambda x: x), "any")
    vector, matrix = tf.zeros(3), tf.zeros([3, 3])
    call = function_type.bind((vector,), {})
    assert traces.find(call, (vector,)) == "any"
    traces.add(described(Spec([None]), function=lambda x: x), "vector")
    assert traces.find(call, (vector,)) == "vector"
    assert traces.by_key[fast_key((vector,))] == "vector"
    assert traces.find(function_type.bind((matrix,), {})) == "any"
    assert traces.find(function_type.bind((1,), {})) is None


def test_tensors_alone_are_found_by_the_fast_key_only_if_they_are_the_inputs():
    x = tf.zeros(2)
    for function, fast in [(lambda x, n=1: x, True), (lambda x, v=VARIABLE: x, False), (lambda x: x, True)]:
        traces = Traces()
        call = FunctionType(function).bind((x,), {})
        traces.add(call.type, "trace")
        assert traces.find(call, (x,)) == "trace"
        assert (fast_key((x,)) in traces.by_key) is fast


def test_traces_for_objects_that_are_gone_are_dropped():
    traces = Traces()
    for number in range(20):
        traces.add(bind(Thing()).type, number)
        gc.collect(1)  # among young objects: all those of a long run of tests take seconds
    assert len(traces.by_type) <= 2


def test_keys_do_not_fill_the_memory():
    traces = Traces()
    traces.MOST = 10
    traces.add(described(Spec([None])), "trace")
    for size in range(50):
        x = tf.zeros(size)
        assert traces.find(bind(x), (x,)) == "trace"
    assert len(traces.by_key) <= 10


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ((tf.zeros(2),), (tf.zeros(3),), "argument args_0: shape (2,) became (3,)"),
        (
            (tf.zeros(2),),
            (tf.zeros([3, 1], tf.int32),),
            "argument args_0: dtype float32 became int32 and shape (2,) became (3, 1)",
        ),
        (({"a": [1, 2]},), ({"a": [1, 3]},), "argument args_0['a'][1]: the Python value 2 became 3"),
        ((1, "a"), (2, "b"), "argument args_0: the Python value 1 became 2; "
                             "argument args_1: the Python value 'a' became 'b'"),
        ((1,), (tf.zeros([]),), "argument args_0: the Python value 1 became the tensor float32[]"),
        ((1,), (1, 2), "argument args_1 was not there before"),
        ((1, 2), (1,), "argument args_1 is no longer there"),
        ((len,), (abs,), "argument args_0: function len became function abs"),
        (
            (VARIABLE, VARIABLE),
            (VARIABLE, OTHER),
            "argument args_1: the same Variables are given more than once, or no longer are",
        ),
        ((1,), (1,), "no argument changed"),
    ],
)  # fmt: skip
def test_differences_in_words(old, new, text):
    assert difference(bind(*new).type, bind(*old).type) == text


# -- calling a trace itself

X, Y, O = tf.zeros([2]), tf.constant(1), tf.constant(1.0)
TWO = described(Spec([2]), Spec([], tf.int32), function=lambda x, y=1: x).completed(type_of(Spec([2])), {})
NESTED = described(
    {"a": Spec([]), "b": Spec([])}, [Spec([]), (Spec([], name="nm"),)], function=lambda d, lst: d
).completed(type_of(Spec([])), {})
WITH_VALUE = described(1, Spec([]), function=lambda a, b: 0).completed(type_of(Spec([], tf.int32)), {})


@pytest.mark.parametrize(
    ("kind", "args", "kwargs", "count"),
    [
        (TWO, (X, Y), {}, 2),
        (TWO, (), {"x": X, "y": Y}, 2),
        (TWO, (X,), {"y": Y}, 2),
        (TWO, ([1.0, 2.0], 1), {}, 2),
        (TWO, (np.zeros(2, "f"), Y), {}, 2),
        (TWO, (tf.zeros([3]), Y), {}, 2),
        (NESTED, ({"a": O, "b": O}, [O, (O,)]), {}, 4),
        (NESTED, (O, O, O, O), {}, 4),
        (NESTED, (O,), {"d_1": O, "lst": O, "nm": O}, 4),
        (WITH_VALUE, (1, O), {}, 1),
        (WITH_VALUE, (O,), {}, 1),
        (WITH_VALUE, (), {"b": O}, 1),
        (WITH_VALUE, (), {"a": 1, "b": O}, 1),
    ],
)
def test_calling_a_trace(kind, args, kwargs, count):
    for _ in range(2):  # the second time perhaps by its key
        tensors = kind.bind(args, kwargs, "f")
        assert len(tensors) == count
        assert all(isinstance(tensor, tf.Tensor) for tensor in tensors)


@pytest.mark.parametrize(
    ("kind", "args", "kwargs", "message", "flat"),
    [
        (TWO, (X,), {}, "missing a required argument: 'y'", "f(x, y) missing required arguments: y."),
        (TWO, (X, Y, Y), {}, "too many positional arguments", "f(x, y) takes 2 positional arguments, got 3."),
        (
            TWO,
            (X, Y),
            {"z": Y},
            "got an unexpected keyword argument 'z'",
            "f(x, y) got unexpected keyword arguments: z.",
        ),
        (
            TWO,
            ("a", Y),
            {},
            "Cannot convert 'a' to EagerTensor of dtype float",
            "f(x, y): expected argument #0(zero-based) to be a Tensor; got str (a).",
        ),
        (
            TWO,
            (1.0, 1),
            {},
            "Can not cast TensorSpec(shape=(), dtype=tf.float32, name=None) to "
            "TensorSpec(shape=(2,), dtype=tf.float32, name=None)",
            "f(x, y): expected argument #0(zero-based) to be a Tensor; got float (1.0).",
        ),
        (
            NESTED,
            (O, O),
            {},
            "Can not cast <tf.Tensor: shape=(), dtype=float32, numpy=1.0> to a Dict type.",
            "f(d, d_1, lst, nm) missing required arguments: lst, nm.",
        ),
        (
            NESTED,
            (O, O, O, O),
            {"d": O},
            "multiple values for argument 'd'",
            "f(d, d_1, lst, nm) got two values for 'd'.",
        ),
        (WITH_VALUE, (2, O), {}, "Can not cast 2 to Literal[1]", "f(b) takes 1 positional arguments, got 2."),
    ],
)
def test_calling_a_trace_wrongly(kind, args, kwargs, message, flat):
    with pytest.raises(TypeError) as raised:
        kind.bind(args, kwargs, "f")
    if "multiple" in message and "multiple" not in str(raised.value):
        message = "too many positional arguments"
    assert str(raised.value) == (
        f"Binding inputs to tf.function failed due to `{message}`. Received args: {args} and kwargs: {kwargs} "
        f"for signature: {kind}.\nFallback to flat signature also failed due to: {flat}"
    )


def test_calling_a_trace_with_another_dtype():
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        TWO.bind((tf.zeros([2], tf.int32), Y), {}, "f")
    assert raised.value.message == (
        "cannot compute f as input #0(zero-based) was expected to be a float tensor but is a int32 tensor [Op:f]"
    )


def test_calling_a_trace_with_variables():
    both = described(VARIABLE, VARIABLE, function=lambda a, b: a)
    assert both.bind((OTHER, OTHER), {}) == [OTHER.handle]
    assert both.bind((OTHER,), {}) == [OTHER.handle]
    assert described(VARIABLE, OTHER).bind((OTHER, VARIABLE), {}) == [OTHER.handle, VARIABLE.handle]
    assert TWO.bind((tf.Variable([5.0, 6.0]), 1), {})[0].numpy().tolist() == [5.0, 6.0]
    with pytest.raises(TypeError, match="Can not cast"):
        both.bind((O, O), {})


def test_signatures_are_pythons_own():
    assert isinstance(TWO.signature, inspect.Signature)
    assert list(TWO.signature.parameters) == ["x", "y"]
