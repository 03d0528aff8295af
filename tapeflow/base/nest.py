"""`tf.nest`: values nested in lists, tuples, dicts and the like.

What counts as a structure, with the order of its children:

- lists, tuples, and whatever else is a `collections.abc.Sequence`, except strings; views of dicts;
- named tuples and classes made with attrs, field by field;
- dicts and other mappings, by sorted key;
- dataclasses that define `__tf_flatten__` and `__tf_unflatten__`;
- with `expand_composites`: composite tensors (classes with a `_type_spec`) and their type specs.

All else is a leaf: None, strings, sets, arrays, tensors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MappingView, Sequence
from itertools import zip_longest
from typing import Any

Path = tuple[Any, ...]


class _Kind:
    """How one kind of structure is taken apart and put together; this one is for sequences."""

    def children(self, structure: Any) -> Sequence[Any]:
        """What the structure holds."""
        return structure  # type: ignore[no-any-return]

    def keys(self, structure: Any) -> Iterable[Any]:
        """The name of each child within the structure."""
        return range(len(self.children(structure)))

    def build(self, like: Any, children: list[Any]) -> Any:
        """A structure like `like` of new children."""
        return type(like)(children)


class _View(_Kind):
    """Views of dicts, and ranges: what is built is a list."""

    def children(self, structure: Any) -> Sequence[Any]:
        return list(structure)

    def build(self, like: Any, children: list[Any]) -> Any:
        return children


class _NamedTuple(_Kind):
    def keys(self, structure: Any) -> Iterable[Any]:
        return structure._fields  # type: ignore[no-any-return]

    def build(self, like: Any, children: list[Any]) -> Any:
        return type(like)(*children)


class _Attrs(_NamedTuple):
    def keys(self, structure: Any) -> Iterable[Any]:
        return [field.name for field in structure.__attrs_attrs__]

    def children(self, structure: Any) -> Sequence[Any]:
        return [getattr(structure, name) for name in self.keys(structure)]


class _Mapping(_Kind):
    def keys(self, structure: Any) -> Iterable[Any]:
        return sorted(structure)

    def children(self, structure: Any) -> Sequence[Any]:
        return [structure[key] for key in sorted(structure)]

    def build(self, like: Any, children: list[Any]) -> Any:
        values = dict(zip(sorted(like), children))
        items = ((key, values[key]) for key in like)  # the order of the keys is kept
        if isinstance(like, defaultdict):
            return type(like)(like.default_factory, items)
        try:
            return type(like)(items)
        except Exception as error:
            raise TypeError(
                f"Error creating an object of type {type(like)} like {like}. Note that it must accept a single "
                f"positional argument representing an iterable of key-value pairs, in addition to self. Cause: {error}"
            ) from error


class _Dataclass(_Kind):
    def children(self, structure: Any) -> Sequence[Any]:
        return structure.__tf_flatten__()[1]  # type: ignore[no-any-return]

    def build(self, like: Any, children: list[Any]) -> Any:
        return type(like).__tf_unflatten__(like.__tf_flatten__()[0], tuple(children))


class _Composite(_Kind):
    """A composite tensor has one child: the structure that its type spec takes it apart into."""

    def spec(self, composite: Any) -> Any:
        return composite._type_spec

    def children(self, structure: Any) -> Sequence[Any]:
        return [self.spec(structure)._to_components(structure)]

    def keys(self, structure: Any) -> Iterable[Any]:
        return [type(structure).__name__]

    def build(self, like: Any, children: list[Any]) -> Any:
        return self.spec(like)._from_components(children[0])


class _CompositeSpec(_Composite):
    def spec(self, composite: Any) -> Any:
        return composite

    def children(self, structure: Any) -> Sequence[Any]:
        return [structure._component_specs]


_SEQUENCE, _VIEW, _NAMED_TUPLE, _MAPPING = _Kind(), _View(), _NamedTuple(), _Mapping()
_ATTRS, _DATACLASS, _COMPOSITE, _COMPOSITE_SPEC = _Attrs(), _Dataclass(), _Composite(), _CompositeSpec()


def _kind_of(cls: type[Any]) -> _Kind | None:
    if issubclass(cls, (str, bytes)):
        return None
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return _NAMED_TUPLE
    if issubclass(cls, Mapping):
        return _MAPPING
    if issubclass(cls, (MappingView, range)):
        return _VIEW
    if hasattr(cls, "__attrs_attrs__"):
        return _ATTRS
    if hasattr(cls, "__dataclass_fields__") and hasattr(cls, "__tf_flatten__") and hasattr(cls, "__tf_unflatten__"):
        return _DATACLASS
    return _SEQUENCE if issubclass(cls, Sequence) else None


class _Kinds(dict[type[Any], "_Kind | None"]):
    """Class -> its kind, None for leaves. Looked up for every value, so each class is examined only once."""

    def __init__(self, expand_composites: bool) -> None:
        self.expand_composites = expand_composites

    def __missing__(self, cls: type[Any]) -> _Kind | None:
        kind = _kind_of(cls)
        if self.expand_composites and hasattr(cls, "_type_spec"):
            kind = _COMPOSITE
        elif self.expand_composites and hasattr(cls, "_to_components") and getattr(cls, "_is_composite", True):
            kind = _COMPOSITE_SPEC
        self[cls] = kind
        return kind


_PLAIN, _EXPANDED = _Kinds(False), _Kinds(True)


def is_nested(seq: Any) -> bool:
    """Whether `seq` is a structure rather than a leaf.

    >>> tf.nest.is_nested([1]), tf.nest.is_nested({}), tf.nest.is_nested("ab"), tf.nest.is_nested(None)
    (True, True, False, False)
    """
    return _PLAIN[type(seq)] is not None


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """The leaves of a structure, in order; dicts by sorted key.

    Args:
      structure: the structure; a leaf gives a list of itself.
      expand_composites: whether composite tensors are taken apart into the tensors they hold.

    Returns:
      The list of leaves.

    Raises:
      TypeError: if the keys of a dict cannot be sorted.

    >>> tf.nest.flatten({"b": [1, (2,)], "a": None})
    [None, 1, 2]
    """
    kinds = _EXPANDED if expand_composites else _PLAIN
    kind = kinds[type(structure)]
    if kind is None:
        return [structure]
    leaves: list[Any] = []
    _collect(kinds, kind.children(structure), leaves)
    return leaves


def _collect(kinds: _Kinds, children: Iterable[Any], leaves: list[Any]) -> None:
    for child in children:
        kind = kinds[type(child)]
        if kind is None:
            leaves.append(child)
        else:
            _collect(kinds, kind.children(child), leaves)


def flatten_with_paths(structure: Any, expand_composites: bool = False) -> list[tuple[Path, Any]]:
    """The leaves of a structure, each with the tuple of keys, indices and field names that lead to it."""
    found: list[tuple[Path, Any]] = []
    kinds = _EXPANDED if expand_composites else _PLAIN

    def visit(path: Path, value: Any) -> None:
        kind = kinds[type(value)]
        if kind is None:
            found.append((path, value))
            return
        for key, child in zip(kind.keys(value), kind.children(value)):
            visit((*path, key), child)

    visit((), structure)
    return found


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """Puts leaves into the form of a structure: the reverse of `flatten`.

    Args:
      structure: what the result looks like; its own leaves do not matter.
      flat_sequence: as many leaves as `structure` has, in the order of `flatten`.
      expand_composites: whether composite tensors in `structure` are put together from the tensors they hold.

    Returns:
      The structure of the new leaves.

    Raises:
      TypeError: if `flat_sequence` is no sequence.
      ValueError: if it does not have as many items as `structure` has leaves.

    >>> tf.nest.pack_sequence_as({"b": 0, "a": (0, 0)}, [1, 2, 3])
    {'b': 3, 'a': (1, 2)}
    """
    kinds = _EXPANDED if expand_composites else _PLAIN
    if not is_nested(flat_sequence):
        raise TypeError(
            f"Attempted to pack value:\n  {flat_sequence}\n"
            f"into a structure, but found incompatible type `{type(flat_sequence)}` instead."
        )
    if kinds[type(structure)] is None and len(flat_sequence) != 1:
        raise ValueError(
            f"The target structure is of type `{type(structure)}`\n  {structure}\n"
            f"However the input is a sequence ({type(flat_sequence)}) of length {len(flat_sequence)}.\n"
            f"  {flat_sequence}\nnest cannot guarantee that it is safe to map one to the other."
        )
    leaves = iter(flat_sequence)
    try:
        packed, fits = _pack(kinds, structure, leaves), True
    except StopIteration:
        packed, fits = None, False
    if not fits or list(leaves):
        raise ValueError(
            f"Could not pack sequence. Structure had {len(flatten(structure, expand_composites))} atoms, but "
            f"flat_sequence had {len(flat_sequence)} items.  Structure: {structure}, flat_sequence: {flat_sequence}."
        )
    return packed


def _pack(kinds: _Kinds, structure: Any, leaves: Iterator[Any]) -> Any:
    kind = kinds[type(structure)]
    if kind is None:
        return next(leaves)
    try:
        children = kind.children(structure)
    except TypeError as error:
        if kind is not _MAPPING:
            raise
        raise TypeError("nest only supports dicts with sortable keys.") from error
    return kind.build(structure, [_pack(kinds, child, leaves) for child in children])


def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: bool) -> Any:
    """Calls a function on the leaves of one or more structures of the same form.

    Args:
      func: takes one leaf of each structure.
      *structure: the structures.
      **kwargs: `check_types` (whether the structures must agree in type, True unless told) and `expand_composites`.

    Returns:
      A structure like the first one, of what `func` returned.

    Raises:
      TypeError: if `func` cannot be called, or the structures differ in type.
      ValueError: if the structures differ in form, or there is none.

    >>> tf.nest.map_structure(lambda x, y: x + y, {"a": [1, 2]}, {"a": [10, 20]})
    {'a': [11, 22]}
    """
    check_types = kwargs.pop("check_types", True)
    expand_composites = kwargs.pop("expand_composites", False)
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    if kwargs:
        raise ValueError(
            f"Only valid keyword arguments are `check_types` and `expand_composites`, not: `{'`, `'.join(kwargs)}`"
        )
    first, *others = structure
    for other in others:
        assert_same_structure(first, other, check_types, expand_composites)
    results = map(func, *[flatten(each, expand_composites) for each in structure])
    return _pack(_EXPANDED if expand_composites else _PLAIN, first, iter(list(results)))


def map_structure_with_paths(func: Callable[..., Any], *structure: Any, **kwargs: bool) -> Any:
    """As `map_structure`, but `func` gets the tuple of keys that lead to the leaf as its first argument.

    The first structure gives the form: where it has a leaf, the others may have a structure.
    """
    first = structure[0] if structure else None
    paths = iter([path for path, _ in flatten_with_paths(first, kwargs.get("expand_composites", False))])
    return map_structure_up_to(first, lambda *leaves: func(next(paths), *leaves), *structure, **kwargs)


# --- comparing structures


class _Mismatch(Exception):  # noqa: N818 - carried to where the whole structures are known
    def __init__(self, error: type[Exception], message: str) -> None:
        super().__init__(message)
        self.error = error


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """Checks that two structures have the same form.

    Args:
      nest1: a structure.
      nest2: another one.
      check_types: whether their types must agree too: named tuples by name and fields, dicts by keys; any two
        kinds of mapping agree, and a list agrees with a subclass of list.
      expand_composites: whether composite tensors are looked into.

    Raises:
      TypeError: if the types differ.
      ValueError: if the number of elements, the nesting or the keys of dicts differ.

    >>> tf.nest.assert_same_structure([1, (2, 3)], ["a", ("b", "c")])
    """
    try:
        _compare(_EXPANDED if expand_composites else _PLAIN, nest1, nest2, check_types)
    except _Mismatch as mismatch:
        form1, form2 = (map_structure(lambda _: _DOT, nest) for nest in (nest1, nest2))
        raise mismatch.error(
            "The two structures don't have the same nested structure.\n\n"
            f"First structure: {_show(nest1)}\n\nSecond structure: {_show(nest2)}\n\n"
            f"More specifically: {mismatch}\nEntire first structure:\n{form1}\nEntire second structure:\n{form2}"
        ) from None


class _Dot:
    """Stands for any leaf when the form of a structure is printed."""

    def __repr__(self) -> str:
        return "."


_DOT, _END = _Dot(), object()


def _show(value: Any) -> str:
    return f"type={type(value).__name__} str={value}"


def _compare(kinds: _Kinds, a: Any, b: Any, check_types: bool) -> None:
    kind_a, kind_b = kinds[type(a)], kinds[type(b)]
    if kind_a is None or kind_b is None:
        if kind_a is not kind_b:
            nested, leaf = (b, a) if kind_a is None else (a, b)
            raise _Mismatch(
                ValueError, f'Substructure "{_show(nested)}" is a sequence, while substructure "{_show(leaf)}" is not'
            )
        return
    if isinstance(kind_a, _Composite) and isinstance(kind_b, _Composite):
        spec_a, spec_b = kind_a.spec(a), kind_b.spec(b)
        if spec_a.most_specific_common_supertype([spec_b]) is None:
            raise _Mismatch(ValueError, f"Incompatible CompositeTensor TypeSpecs: {_show(spec_a)} vs. {_show(spec_b)}")
    elif check_types:
        _compare_types(a, b)
    for child_a, child_b in zip_longest(kind_a.children(a), kind_b.children(b), fillvalue=_END):
        if child_a is _END or child_b is _END:
            raise _Mismatch(
                ValueError,
                "The two structures don't have the same number of elements. "
                f"First structure: {_show(a)}. Second structure: {_show(b)}",
            )
        _compare(kinds, child_a, child_b, check_types)


def _compare_types(a: Any, b: Any) -> None:
    if not _same_type(a, b):
        raise _Mismatch(
            TypeError,
            "The two namedtuples don't have the same sequence type. "
            f"First structure {_show(a)} has type {type(a).__name__}, "
            f"while second structure {_show(b)} has type {type(b).__name__}",
        )
    if isinstance(a, Mapping) and set(a) != set(b):
        raise _Mismatch(
            ValueError,
            "The two dictionaries don't have the same set of keys. "
            f"First structure has keys {_show(list(a))}, while second structure has keys {_show(list(b))}",
        )


def _same_type(a: Any, b: Any) -> bool:
    if _PLAIN[type(a)] is _NAMED_TUPLE and _PLAIN[type(b)] is _NAMED_TUPLE:
        return type(a).__name__ == type(b).__name__ and a._fields == b._fields
    return type(a) is type(b) or any(isinstance(a, cls) and isinstance(b, cls) for cls in (list, Mapping, MappingView))


# --- structures up to the depth of another


def assert_shallow_structure(
    shallow_tree: Any, input_tree: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Checks that `input_tree` has the form of `shallow_tree`, whose leaves may stand for structures.

    Raises:
      TypeError: if there is a leaf, or another type, where `shallow_tree` has a structure.
      ValueError: if the number of elements or the keys of dicts differ.
    """
    flatten_up_to(shallow_tree, input_tree, check_types, expand_composites)


def flatten_up_to(
    shallow_tree: Any, input_tree: Any, check_types: bool = True, expand_composites: bool = False
) -> list[Any]:
    """What `input_tree` has where `shallow_tree` has its leaves. Raises as `assert_shallow_structure` does."""
    found: list[Any] = []
    _collect_up_to(_EXPANDED if expand_composites else _PLAIN, shallow_tree, input_tree, check_types, found)
    return found


def _collect_up_to(kinds: _Kinds, shallow: Any, tree: Any, check_types: bool, found: list[Any]) -> None:
    kind, tree_kind = kinds[type(shallow)], kinds[type(tree)]
    if kind is None:
        found.append(tree)
        return
    if tree_kind is None:
        raise TypeError(
            f"If shallow structure is a sequence, input must also be a sequence. Input has type: {type(tree)}."
        )
    if isinstance(kind, _Composite) and isinstance(tree_kind, _Composite):
        spec, tree_spec = kind.spec(shallow), tree_kind.spec(tree)
        if spec.most_specific_common_supertype([tree_spec]) is None:
            raise ValueError(f"Incompatible CompositeTensor TypeSpecs: {spec} vs. {tree_spec}")
    elif check_types and not isinstance(tree, type(shallow)) and not _same_type(shallow, tree):
        raise TypeError(
            "The two structures don't have the same sequence type. "
            f"Input structure has type {type(tree)}, while shallow structure has type {type(shallow)}."
        )
    shallow_children, children = kind.children(shallow), tree_kind.children(tree)
    if len(shallow_children) != len(children):
        raise ValueError(
            "The two structures don't have the same sequence length. "
            f"Input structure has length {len(children)}, while shallow structure has length {len(shallow_children)}."
        )
    if isinstance(shallow, Mapping) and isinstance(tree, Mapping) and set(shallow) != set(tree):
        raise ValueError(
            "The shallow_tree's keys are not a subset of the input_tree's keys. The shallow_tree has the following "
            f"keys that are not in the input_tree: {sorted(set(shallow) - set(tree))}."
        )
    for shallow_child, child in zip(shallow_children, children):
        _collect_up_to(kinds, shallow_child, child, check_types, found)


def map_structure_up_to(shallow_tree: Any, func: Callable[..., Any], *inputs: Any, **kwargs: bool) -> Any:
    """Calls `func` on what the inputs have where `shallow_tree` has its leaves.

    Args:
      shallow_tree: gives the form of the result.
      func: takes one argument per input.
      *inputs: structures at least as deep as `shallow_tree`.
      **kwargs: `check_types` (True unless told) and `expand_composites`.

    Returns:
      A structure like `shallow_tree`.

    Raises:
      TypeError, ValueError: as `assert_shallow_structure`; ValueError too if there are no inputs.
    """
    if not inputs:
        raise ValueError("Cannot map over no sequences")
    flat = [flatten_up_to(shallow_tree, tree, **kwargs) for tree in inputs]
    kinds = _EXPANDED if kwargs.get("expand_composites") else _PLAIN
    return _pack(kinds, shallow_tree, iter(list(map(func, *flat))))
