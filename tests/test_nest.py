"""`tf.nest`: the expected values are what TensorFlow 2.21 gives."""

from __future__ import annotations

import collections
import types
from collections import OrderedDict, UserDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.base import nest

Point = namedtuple("Point", "x y")
Other = namedtuple("Other", "x y")
Namesake = namedtuple("Point", "x y")  # type: ignore[name-match]
Impostor = namedtuple("Point", "x z")  # type: ignore[name-match]


class MyList(list[Any]):
    pass


class MyTuple(tuple[Any, ...]):
    pass


class Lookup(Mapping[str, Any]):
    """A mapping that is no dict."""

    def __init__(self, items: Any) -> None:
        self.items_ = dict(items)

    def __getitem__(self, key: str) -> Any:
        return self.items_[key]

    def __iter__(self) -> Any:
        return iter(self.items_)

    def __len__(self) -> int:
        return len(self.items_)


class Row(Sequence[Any]):
    """A sequence that is no list."""

    def __init__(self, items: Any) -> None:
        self.items = list(items)

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"Row({self.items})"


@dataclass
class Tagged:
    x: Any
    tag: str = "t"

    def __tf_flatten__(self) -> Any:
        return (self.tag,), (self.x,)

    @classmethod
    def __tf_unflatten__(cls, metadata: Any, components: Any) -> Tagged:
        return cls(components[0], metadata[0])


@dataclass
class Plain:
    x: Any


class AttrsLike:
    """What attrs makes of a class, as far as it matters."""

    __attrs_attrs__ = (types.SimpleNamespace(name="b"), types.SimpleNamespace(name="a"))

    def __init__(self, b: Any, a: Any) -> None:
        self.b, self.a = b, a


class PairSpec:
    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    _component_specs = ("spec", "spec")

    def _to_components(self, pair: Pair) -> Any:
        return pair.a, pair.b

    def _from_components(self, components: Any) -> Pair:
        return Pair(*components, self.dtype)

    def most_specific_common_supertype(self, others: Any) -> Any:
        return self if all(type(other) is PairSpec and other.dtype == self.dtype for other in others) else None

    def __repr__(self) -> str:
        return f"PairSpec({self.dtype})"


class Pair:
    """A composite tensor."""

    def __init__(self, a: Any, b: Any, dtype: str = "float32") -> None:
        self.a, self.b, self.dtype = a, b, dtype

    @property
    def _type_spec(self) -> PairSpec:
        return PairSpec(self.dtype)


LEAVES = [None, 1, "ab", b"ab", {1, 2}, frozenset([1]), np.array([1, 2]), iter([1]), slice(1, 2), Plain(1), Pair(1, 2)]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: type(leaf).__name__)
def test_leaves(leaf: Any) -> None:
    assert not nest.is_nested(leaf)
    assert nest.flatten(leaf)[0] is leaf
    assert nest.pack_sequence_as(leaf, [3]) == 3
    assert nest.flatten_with_paths(leaf)[0] == ((), leaf)


@pytest.mark.parametrize(
    ("structure", "leaves"),
    [
        ([1, [2, (3,)], {"b": 4, "a": 5}, Point(6, 7), None, "s"], [1, 2, 3, 5, 4, 6, 7, None, "s"]),
        ({2: 1, 1: 2}, [2, 1]), ({"b": 1, "a": {"z": 1, "c": 2}}, [2, 1, 1]), (OrderedDict(b=1, a=2), [2, 1]),
        (range(3), [0, 1, 2]), ({"b": 2, "a": 1}.keys(), ["b", "a"]), ({"b": 2, "a": 1}.values(), [2, 1]),
        ({"b": 2, "a": 1}.items(), ["b", 2, "a", 1]), (bytearray(b"ab"), [97, 98]), (deque([1, 2]), [1, 2]),
        (Lookup({"b": 1, "a": 2}), [2, 1]), (Row([1, [2]]), [1, 2]), (UserDict(b=1), [1]),
        (types.MappingProxyType({"b": 1, "a": 2}), [2, 1]), (MyList([1]), [1]), (MyTuple([1]), [1]),
        (Tagged([1, 2]), [1, 2]), (AttrsLike(1, [2, 3]), [1, 2, 3]), ([], []), ({}, []), ([[], ()], []),
    ],
)  # fmt: skip
def test_flatten(structure: Any, leaves: list[Any]) -> None:
    assert nest.is_nested(structure)
    assert nest.flatten(structure) == leaves
    assert [leaf for _, leaf in nest.flatten_with_paths(structure)] == leaves


def test_pack() -> None:
    structure = [1, [2, (3,)], {"b": 4, "a": 5}, Point(6, 7), None]
    packed = nest.pack_sequence_as(structure, list("abcdefgh"))
    assert packed == ["a", ["b", ("c",)], {"b": "e", "a": "d"}, Point("f", "g"), "h"]
    assert list(packed[2]) == ["b", "a"]
    ordered = nest.pack_sequence_as(OrderedDict(b=1, a=2), (1, 2))
    assert (type(ordered), list(ordered.items())) == (OrderedDict, [("b", 2), ("a", 1)])
    factory = nest.pack_sequence_as(defaultdict(list, b=1, a=2), [1, 2])
    assert (factory, factory.default_factory) == ({"b": 2, "a": 1}, list)
    for like in (MyList([1]), MyTuple([1]), Row([1]), deque([1])):
        packed = nest.pack_sequence_as(like, [5])
        assert (type(packed), list(packed)) == (type(like), [5])
    assert nest.pack_sequence_as(range(2), [5, 6]) == [5, 6]
    assert nest.pack_sequence_as({"b": 2, "a": 1}.values(), [5, 6]) == [5, 6]
    assert nest.pack_sequence_as(Tagged([1, 2], "u"), [7, 8]) == Tagged([7, 8], "u")
    attrs = nest.pack_sequence_as(AttrsLike(1, [2, 3]), [7, 8, 9])
    assert (attrs.b, attrs.a) == (7, [8, 9])


def test_map_structure() -> None:
    assert nest.map_structure(lambda x: x + 1, {"b": 1, "a": [2, 3]}) == {"b": 2, "a": [3, 4]}
    assert nest.map_structure(lambda x, y: x + y, [1, (2,)], [3, [4]], check_types=False) == [4, (6,)]
    assert nest.map_structure(pair, {"b": 1, "a": 3}, OrderedDict(b=2, a=4)) == {"b": (1, 2), "a": (3, 4)}
    assert nest.map_structure(pair, Point(1, 2), Namesake(3, 4)) == Point((1, 3), (2, 4))
    assert nest.map_structure(pair, [1], MyList([1])) == [(1, 1)]
    assert nest.map_structure(pair, Tagged(1, "a"), Tagged(2, "b")) == Tagged((1, 2), "a")
    assert nest.map_structure(lambda x: None, [1, 2]) == [None, None]
    assert nest.map_structure(lambda x: x, []) == []
    order: list[int] = []
    nest.map_structure(order.append, {"b": 1, "a": [2, 3]})
    assert order == [2, 3, 1]


def pair(x: Any, y: Any) -> Any:
    return x, y


def test_composites() -> None:
    value, spec = [Pair(1, [2, 3])], PairSpec("float32")
    assert nest.flatten(value) == value
    assert nest.flatten(value, expand_composites=True) == [1, 2, 3]
    assert nest.flatten(spec, True) == ["spec", "spec"]
    paths = [path for path, _ in nest.flatten_with_paths(value, True)]
    assert paths == [(0, "Pair", 0), (0, "Pair", 1, 0), (0, "Pair", 1, 1)]
    [packed] = nest.map_structure(lambda x: x * 10, value, expand_composites=True)
    assert (packed.a, packed.b) == (10, [20, 30])
    nest.assert_same_structure(Pair(1, 2), Pair(3, 4), expand_composites=True)
    nest.assert_same_structure(Pair(1, 2), 3)
    with pytest.raises(ValueError, match=r"CompositeTensor TypeSpecs: type=PairSpec str=PairSpec\(float32\) vs. type="):
        nest.assert_same_structure(Pair(1, 2), Pair(1, 2, "int32"), expand_composites=True)
    assert nest.flatten_up_to(Pair(0, 0), Pair(1, [2]), expand_composites=True) == [1, [2]]
    with pytest.raises(ValueError, match=r"TypeSpecs: PairSpec\(float32\) vs. PairSpec\(int32\)"):
        nest.flatten_up_to(Pair(1, 2), Pair(1, 2, "int32"), expand_composites=True)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nest.flatten({"a": 1, 2: 2}), TypeError, "'<' not supported between instances of 'int' and 'str'"),
        (lambda: nest.pack_sequence_as({"a": 1, 2: 2}, [1]), TypeError, "nest only supports dicts with sortable keys."),
        (
            lambda: nest.pack_sequence_as([1, [2, 4]], [3]), ValueError,
            "Could not pack sequence. Structure had 3 atoms, but flat_sequence had 1 items.  "
            "Structure: [1, [2, 4]], flat_sequence: [3].",
        ),
        (
            lambda: nest.pack_sequence_as([1, 2], [3, 4, 5]), ValueError,
            "Could not pack sequence. Structure had 2 atoms, but flat_sequence had 3 items.  "
            "Structure: [1, 2], flat_sequence: [3, 4, 5].",
        ),
        (
            lambda: nest.pack_sequence_as(1, [3, 4]), ValueError,
            "The target structure is of type `<class 'int'>`\n  1\nHowever the input is a sequence (<class 'list'>) of "
            "length 2.\n  [3, 4]\nnest cannot guarantee that it is safe to map one to the other.",
        ),
        (
            lambda: nest.pack_sequence_as([1, 2], 3), TypeError,
            "Attempted to pack value:\n  3\ninto a structure, but found incompatible type `<class 'int'>` instead.",
        ),
        (
            lambda: nest.pack_sequence_as(types.MappingProxyType({"b": 1}), [1]), TypeError,
            "Error creating an object of type <class 'mappingproxy'> like {'b': 1}. Note that it must accept a single "
            "positional argument representing an iterable of key-value pairs, in addition to self. Cause: "
            "mappingproxy() argument must be a mapping, not generator",
        ),
        (lambda: nest.map_structure(1, [1]), TypeError, "func must be callable, got: 1"),  # type: ignore[arg-type]
        (lambda: nest.map_structure(len), ValueError, "Must provide at least one structure"),
        (
            lambda: nest.map_structure(len, [1], foo=True), ValueError,
            "Only valid keyword arguments are `check_types` and `expand_composites`, not: `foo`",
        ),
        (lambda: nest.map_structure_up_to([0], len), ValueError, "Cannot map over no sequences"),
        (
            lambda: nest.flatten_up_to([0, [0]], [[1, 2], [3, 4]]), ValueError,
            "The two structures don't have the same sequence length. Input structure has length 2, while shallow "
            "structure has length 1.",
        ),
        (
            lambda: nest.flatten_up_to([0, [0]], [1, 3]), TypeError,
            "If shallow structure is a sequence, input must also be a sequence. Input has type: <class 'int'>.",
        ),
        (
            lambda: nest.flatten_up_to([0, 0], (1, 2)), TypeError,
            "The two structures don't have the same sequence type. Input structure has type <class 'tuple'>, while "
            "shallow structure has type <class 'list'>.",
        ),
        (
            lambda: nest.flatten_up_to({"a": 0}, {"b": 0}), ValueError,
            "The shallow_tree's keys are not a subset of the input_tree's keys. The shallow_tree has the following "
            "keys that are not in the input_tree: ['a'].",
        ),
    ],
)  # fmt: skip
def test_errors(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


SEQUENCE_TYPES = "The two namedtuples don't have the same sequence type. First structure type="


@pytest.mark.parametrize(
    ("a", "b", "error", "specifically"),
    [
        (
            [1, (2,)], [3, [4]], TypeError,
            SEQUENCE_TYPES + "tuple str=(2,) has type tuple, while second structure type=list str=[4] has type list\n"
            "Entire first structure:\n[., (.,)]\nEntire second structure:\n[., [.]]",
        ),
        (
            [1, 2], [3], ValueError,
            "The two structures don't have the same number of elements. First structure: type=list str=[1, 2]. "
            "Second structure: type=list str=[3]\nEntire first structure:\n[., .]\nEntire second structure:\n[.]",
        ),
        (
            [1, 2], 3, ValueError,
            'Substructure "type=list str=[1, 2]" is a sequence, while substructure "type=int str=3" is not\n'
            "Entire first structure:\n[., .]\nEntire second structure:\n.",
        ),
        (
            "a", ["b"], ValueError,
            "Substructure \"type=list str=['b']\" is a sequence, while substructure \"type=str str=a\" is not\n"
            "Entire first structure:\n.\nEntire second structure:\n[.]",
        ),
        (
            [[1], 2, 3], [1, 2], ValueError,
            'Substructure "type=list str=[1]" is a sequence, while substructure "type=int str=1" is not\n'
            "Entire first structure:\n[[.], ., .]\nEntire second structure:\n[., .]",
        ),
        (
            {"b": 1, "a": 2}, {"c": 1, "a": 2}, ValueError,
            "The two dictionaries don't have the same set of keys. First structure has keys type=list str=['b', 'a'], "
            "while second structure has keys type=list str=['c', 'a']\n"
            "Entire first structure:\n{'b': ., 'a': .}\nEntire second structure:\n{'c': ., 'a': .}",
        ),
        (
            Point(1, 2), Other(1, 2), TypeError,
            SEQUENCE_TYPES + "Point str=Point(x=1, y=2) has type Point, while second structure type=Other "
            "str=Other(x=1, y=2) has type Other\n"
            "Entire first structure:\nPoint(x=., y=.)\nEntire second structure:\nOther(x=., y=.)",
        ),
        (
            [1, 2], Row([1, 2]), TypeError,
            SEQUENCE_TYPES + "list str=[1, 2] has type list, while second structure type=Row str=Row([1, 2]) has type "
            "Row\n"
            "Entire first structure:\n[., .]\nEntire second structure:\nRow([., .])",
        ),
    ],
)  # fmt: skip
def test_different_structures(a: Any, b: Any, error: type[Exception], specifically: str) -> None:
    with pytest.raises(error) as caught:
        nest.assert_same_structure(a, b)
    assert str(caught.value) == (
        "The two structures don't have the same nested structure.\n\n"
        f"First structure: type={type(a).__name__} str={a}\n\nSecond structure: type={type(b).__name__} str={b}\n\n"
        f"More specifically: {specifically}"
    )


def test_same_structures() -> None:
    for a, b in [
        ("a", "bcd"), (None, None), ([], []), (Point(1, 2), Namesake(1, 2)), (defaultdict(list, a=1), {"a": 2}),
        (Lookup({"a": 1}), {"a": 1}), ({"a": 1}.values(), {"b": 1}.values()), (Tagged(1), Tagged(2, "u")),
        (slice(1), slice(2)), ([1], MyList([2])),
    ]:  # fmt: skip
        nest.assert_same_structure(a, b)
    for a, b in [([1], (1,)), (Point(1, 2), Other(1, 2)), ({"a": 1}, {"b": 1}), ([1, 2], {"a": 1, "b": 2})]:
        nest.assert_same_structure(a, b, check_types=False)
    for a, b in [([], ()), (Point(1, 2), Impostor(1, 2)), (Point(1, 2), (1, 2)), (range(2), [0, 1]), (MyTuple(), ())]:
        with pytest.raises(TypeError):
            nest.assert_same_structure(a, b)


def test_paths() -> None:
    structure = {"b": 1, "a": [2, (3, 4)], "c": Point(5, 6)}
    assert nest.flatten_with_paths(structure) == [
        (("a", 0), 2), (("a", 1, 0), 3), (("a", 1, 1), 4), (("b",), 1), (("c", "x"), 5), (("c", "y"), 6),
    ]  # fmt: skip
    assert nest.flatten_with_paths(Tagged([1, 2])) == [((0, 0), 1), ((0, 1), 2)]
    assert [path for path, _ in nest.flatten_with_paths(AttrsLike(1, [2]))] == [("b",), ("a", 0)]
    first, second = {"b": 1, "a": [2]}, {"b": [7], "a": [8]}
    result = nest.map_structure_with_paths(lambda path, *leaves: (path, leaves), first, second)
    assert result == {"b": (("b",), (1, [7])), "a": [(("a", 0), (2, 8))]}


def test_up_to() -> None:
    assert nest.flatten_up_to([0, [0]], [[1, 2], [[3, 4]]]) == [[1, 2], [3, 4]]
    assert nest.flatten_up_to([0, 0], (1, 2), check_types=False) == [1, 2]
    assert nest.flatten_up_to(0, [1, 2]) == [[1, 2]]
    assert nest.flatten_up_to({"a": 0}, OrderedDict(a=[1])) == [[1]]
    assert nest.flatten_up_to(Point(0, 0), Namesake(1, [2])) == [1, [2]]
    assert nest.flatten_up_to([0], MyList([1])) == nest.flatten_up_to(MyList([0]), [1]) == [1]
    mapped = nest.map_structure_up_to([0, [0]], lambda *leaves: leaves, [1, [2]], [(3, 4), [[5]]])
    assert mapped == [(1, (3, 4)), [(2, [5])]]
    nest.assert_shallow_structure({"a": [0]}, {"a": [[1]]})
    with pytest.raises(TypeError):
        nest.assert_shallow_structure(Point(0, 0), Other(1, 2))


# --- properties

leaves = st.none() | st.integers() | st.text(max_size=3) | st.booleans()
structures = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.dictionaries(st.integers(), inner, max_size=3).map(OrderedDict)
        | st.builds(Point, inner, inner)
        | st.builds(Tagged, inner)
    ),
    max_leaves=12,
)


@given(structures)
def test_packing_what_was_flattened(structure: Any) -> None:
    flat = nest.flatten(structure)
    packed = nest.pack_sequence_as(structure, flat)
    assert (packed, type(packed)) == (structure, type(structure))
    nest.assert_same_structure(structure, packed)
    assert not any(map(nest.is_nested, flat))
    assert [leaf for _, leaf in nest.flatten_with_paths(structure)] == flat


@given(structures)
def test_mapping_is_flat_mapping(structure: Any) -> None:
    assert nest.flatten(nest.map_structure(lambda x, y: str(x) + str(y), structure, structure)) == [
        str(leaf) * 2 for leaf in nest.flatten(structure)
    ]
    paths = [path for path, _ in nest.flatten_with_paths(structure)]
    assert len(set(paths)) == len(paths)
    if not isinstance(structure, collections.abc.Hashable):
        assert nest.flatten_up_to(structure, structure) == nest.flatten(structure)


def test_specs_of_single_tensors_are_leaves() -> None:
    spec = tf.TensorSpec([2])
    assert nest.flatten({"a": spec}, expand_composites=True) == [spec]
    assert nest.pack_sequence_as([spec], [spec], expand_composites=True) == [spec]
    assert len(nest.flatten(tf.RaggedTensorSpec([None, None]), expand_composites=True)) == 2
    with pytest.raises(TypeError, match="found return value of type TensorSpec, which is not a Tensor"):
        tf.function(lambda: spec)()
