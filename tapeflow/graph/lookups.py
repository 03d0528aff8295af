"""What programs ask of a graph: its operations, by name and in order; what belongs to it."""

from __future__ import annotations

from typing import Any

from ..base.extras import later
from ..core.symbol import Symbol
from .node import Node


class Lookups:
    """The questions that a `Graph` answers."""

    nodes: list[Node]
    by_name: dict[str, Node]
    results: list[Symbol]
    finalized: bool
    _shown: Any
    _collections: dict[Any, list[Any]]

    # -- operations and tensors

    @property
    def outputs(self) -> list[Symbol]:
        """The tensors that it returns, flat."""
        return self.results

    @property
    def shown(self) -> Any:
        """The operations as programs see them: `graph.shown.Shown`."""
        if self._shown is None or self._shown.graph is not self:
            self._shown = later("graph.shown", "Shown")(self)  # late: it is for who looks at a graph
        return self._shown.update()

    def given_name(self, node: Node) -> str:
        """What the program calls a placeholder, which may have a number, and a scope, in its name; empty if nothing."""
        return ""

    def comes_before(self, node: Node) -> list[Node]:
        """What has to come before a node, as far as the program has not said so."""
        return []

    def get_operations(self) -> list[Node]:
        """The operations, in the order in which they were added."""
        return list(self.shown.operations)

    def get_operation_by_name(self, name: str) -> Node:
        """The operation of that name.

        Raises:
          KeyError: if there is none.
          TypeError: if it is no string.
          ValueError: if it is the name of a tensor.
        """
        if not isinstance(name, str):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        if ":" in name:
            raise ValueError(f"Name {name!r} appears to refer to a Tensor, not a Operation.")
        found = self._operation(name)
        if found is None:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.")
        return found

    def _operation(self, name: str) -> Node | None:
        return self.by_name.get(name) or self.shown.by_name.get(name)

    def get_tensor_by_name(self, name: str) -> Symbol:
        """The tensor of that name, such as `"add:0"`.

        Raises:
          KeyError, TypeError, ValueError: if there is none.
        """
        if not isinstance(name, str):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        label, colon, index = name.partition(":")
        if not index.isdigit():
            kind = _NO_TENSOR[1] if colon else _NO_TENSOR[2 if self._operation(name) else 0]
            raise ValueError(f'The name {name!r} {kind}. Tensor names must be of the form "<op_name>:<output_index>".')
        node = self._operation(label)
        if node is None or int(index) >= len(node.outputs):
            there = f"exists but only has {len(node.outputs)} outputs" if node else "does not exist in the graph"
            raise KeyError(
                f"The name {name!r} refers to a Tensor which does not exist. The operation, {label!r}, {there}."
            )
        return node.outputs[int(index)]

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """The tensor or operation that `obj` is, or is the name of.

        Raises:
          KeyError, TypeError, ValueError: if it is none of this graph.
        """
        if isinstance(obj, str):
            by_name = self.get_tensor_by_name if ":" in obj or not allow_operation else self.get_operation_by_name
            return by_name(obj)
        allowed: dict[str, tuple[Any, bool]] = {"Tensor": (Symbol, allow_tensor), "Operation": (Node, allow_operation)}
        for what, (kind, may) in allowed.items():
            if isinstance(obj, kind) and may:
                if obj.graph is not self:
                    raise ValueError(f"{what} {obj} is not an element of this graph.")
                return obj
        kinds = " or ".join(what for what, (_, may) in allowed.items() if may)
        raise TypeError(f"Can not convert a {_kind_of(obj)} into a {kinds}.")

    # -- collections

    @property
    def collections(self) -> list[Any]:
        """The names of the collections."""
        return list(self._collections)

    def get_collection_ref(self, name: Any) -> list[Any]:
        """The collection of that name itself; empty if it is new."""
        return self._collections.setdefault(name, [])

    def get_collection(self, name: Any, scope: str | None = None) -> list[Any]:
        """What is in a collection; with a scope, what has a name that matches it from the beginning."""
        import re

        found = self._collections.get(name, [])
        return [x for x in found if scope is None or (hasattr(x, "name") and re.match(scope, x.name))]

    def add_to_collection(self, name: Any, value: Any) -> None:
        """Puts something into a collection."""
        self.get_collection_ref(name).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        """Puts something into several collections, or the one that `names` is the name of."""
        for name in (names,) if isinstance(names, str) else dict.fromkeys(names):
            self.add_to_collection(name, value)

    def get_all_collection_keys(self) -> list[str]:
        """The names of the collections that are strings."""
        return [name for name in self._collections if isinstance(name, str)]

    def clear_collection(self, name: Any) -> None:
        """Empties a collection."""
        self._collections.pop(name, None)

    # -- the graph itself

    @property
    def version(self) -> int:
        """A number that grows with each operation that is added."""
        return len(self.nodes)

    building_function = False  # whether it is the graph of a function

    def finalize(self) -> None:
        """Makes it an error to add operations from now on."""
        self.finalized = True


_NO_TENSOR = (
    "looks like an (invalid) Operation name, not a Tensor",
    "looks a like a Tensor name, but is not a valid one",
    "refers to an Operation, not a Tensor",
)


def _kind_of(obj: Any) -> str:
    return "SymbolicTensor" if isinstance(obj, Symbol) else "Operation" if isinstance(obj, Node) else type(obj).__name__
