"""Functions of elements, as `map` and `filter` take them: traced once, then run by the host engine on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base.context import building, settings
from ..base.log import warn
from ..core.tensor import Tensor
from ..graph import autograph
from ..graph.function import Function
from .elements import Flat, Structure, normalized, spec_of


class ElementFunction:
    """A user's function from elements to elements.

    Args:
      function: takes the element; the parts of one that is a tuple, as arguments.
      structure: of what it takes.
      spread: whether the parts of a tuple are arguments of their own.

    Attributes:
      result: the structure of what it gives.
      graph: its graph.
    """

    result: Structure

    def __init__(self, function: Callable[..., Any], structure: Structure, spread: bool = True) -> None:
        self.takes = structure
        converted = autograph.convert(function)
        as_arguments = spread and isinstance(structure.spec, tuple)
        if settings.functions_run_eagerly and not settings.datasets_run_eagerly:
            warn("Functions of tf.data are traced even while tf.config.run_functions_eagerly(True) holds. To run them "
                 "as Python, call tf.data.experimental.enable_debug_mode().")  # fmt: skip
        self.as_python = (function, as_arguments) if settings.datasets_run_eagerly else None

        def traced(*args: Any) -> list[Any]:
            element = structure.assembled(args)
            value = converted(*element) if as_arguments else converted(element)
            try:
                value = normalized(tuple(value) if isinstance(value, list) else value)
            except (ValueError, TypeError) as error:
                raise TypeError(
                    f"Unsupported return value from function passed to Dataset.map(): {value}."
                ) from error
            self.result = Structure(spec_of(value))
            return self.result.tensors(value)

        traced.__name__ = getattr(function, "__name__", type(function).__name__)
        self._concrete = Function(traced, convert=None, jit_compile=False).get_concrete_function(*structure.flat)
        self.graph = self._concrete.graph
        self.captures = self._concrete._arrays
        self.on_tensors: Callable[..., Any] = lambda *tensors: self._concrete.call(tensors)

    def __call__(self, *arrays: Any) -> Flat:
        """The arrays of the result for the arrays of an element."""
        if self.as_python is not None:
            return self._run(*self.as_python, arrays)
        return tuple(self._concrete.engine(*arrays, *self.captures))

    def _run(self, function: Callable[..., Any], as_arguments: bool, arrays: Flat) -> Flat:
        """The same, op by op, for who looks for mistakes: see `tf.data.experimental.enable_debug_mode`."""
        with building(None):
            element = self.takes.assembled(map(Tensor, arrays))
            value = normalized(function(*element) if as_arguments else function(element))
            return self.result.unpack(tuple(value) if isinstance(value, list) else value)

    def value(self, *arrays: Any) -> Any:
        """The result for the arrays of an element, as the function gives it."""
        with building(None):
            return self.result.pack(self(*arrays))

    @property
    def captured(self) -> list[Any]:
        """The tensors and Variables' handles from outside."""
        return self._concrete.captured_inputs

    def rebound(self, values: Callable[[Any], Any]) -> ElementFunction:
        """The same with other values for what it captures."""
        twin = object.__new__(ElementFunction)
        twin.__dict__.update(self.__dict__)
        outside = [values(x) for x in self._concrete.captured_inputs]
        twin.captures = tuple(getattr(x, "_array", x) for x in outside)
        return twin
