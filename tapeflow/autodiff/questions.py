"""What a tape can be asked besides gradients: why they are what they are, and for a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..base.context import context

if TYPE_CHECKING:
    from .draw import Picture
    from .explain import Explanation

NEW: Sequence[Any] = ()  # of a tape that is not used up


class Questions:
    """The part of `GradientTape` that explains it."""

    _past: Sequence[Any]  # once what was recorded is used up, what is left of it: see `sweep`; before, NEW
    _asked: Sequence[Any] = ()  # the Symbols that were differentiated last: a function's graph keeps them anyway
    _life: Any = None  # what happened to the tape, in graphs and inside `tf.debugging.explain_gradients`
    _dead: Any = ()  # calls of functions through which no gradient flows, as entries; a list, if there are some

    def _lives(self) -> None:
        """The tape begins to record, and that is written down: in a graph always, as graphs know the lines anyway."""
        from .graph_history import life_in

        if context.graph is not None:
            self._life = life_in(context.graph, self._life)
        self._life.start()

    def explain(self, target: Any, sources: Any) -> Explanation:
        """Why the gradients of `target` are what they are: for each source the way that it takes, or where that breaks.

        Args:
          target: what was, or would be, differentiated: a Tensor or a structure of Tensors.
          sources: Tensors or Variables, or a structure of them.

        Returns:
          An `Explanation`. Print it; its `reasons` have a reason for each source. It knows the lines of the program if
          that ran inside `tf.debugging.explain_gradients`.

        >>> x = tf.constant(3.0)
        >>> with tf.GradientTape() as tape:
        ...     y = x * x
        >>> print(tape.explain(y, x).reasons[0].kind)
        unwatched
        """
        from .explain import explain

        return explain(self, target, sources)

    def draw(self, target: Any = None, sources: Any = None) -> Picture:
        """A picture of what the tape has recorded.

        Args:
          target: what the picture leads to, a Tensor or a structure of Tensors; by default all that was recorded.
          sources: where it begins; if given, what breaks the way from there is red.

        Returns:
          A `Picture`: `svg`, `dot`, `mermaid`, `text`; notebooks show it, `save(path)` writes it.

        >>> x = tf.Variable(3.0, name="x")
        >>> with tf.GradientTape() as tape:
        ...     y = x * x
        >>> print(tape.draw(y, x).text)
        x:0...
          Mul...
        """
        from .draw import draw

        return draw(self, target, sources)
