"""`tf.GradientTape`: records ops as they run, and plays them backwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from enum import Enum
from types import TracebackType
from typing import Any

from ..base import dtypes, nest
from ..base.context import context, new_id, recording
from ..base.log import warn
from ..core.composite import tensors_for_gradients, with_gradients
from ..core.convert import convert
from ..core.op import OPS, Op
from ..core.tensor import EAGER, Tensor
from ..ops.arithmetic import add
from ..ops.common import NO_ATTRS, unit
from .backprop import Entry, kept, sweep, way
from .jacobian import batch_jacobian, jacobian
from .questions import NEW as _NEW
from .questions import Questions


class UnconnectedGradients(Enum):
    """What `gradient` gives for a source that the target does not depend on: `NONE` or `ZERO`."""

    NONE = "none"
    ZERO = "zero"


_NONE = UnconnectedGradients.NONE  # in Python 3.11 a member of an Enum is slow to get at


def wants_zeros(unconnected_gradients: UnconnectedGradients | str) -> bool:
    """Whether unconnected sources get zeros.

    Raises:
      ValueError: for anything but the two values of `UnconnectedGradients`.
    """
    if unconnected_gradients is _NONE:
        return False
    try:
        return UnconnectedGradients(unconnected_gradients) is UnconnectedGradients.ZERO
    except ValueError:
        raise ValueError(f"Unknown value for unconnected_gradients: {unconnected_gradients!r}") from None


_FLOAT32 = dtypes.float32.numpy
# The dtypes that carry gradients, as NumPy's.
DIFFERENTIABLE = frozenset(
    dtype.numpy
    for dtype in vars(dtypes).values()
    if isinstance(dtype, dtypes.DType) and (dtype.is_floating or dtype.is_complex or dtype is dtypes.variant)
)

# What a read of a Variable looks like on a tape: the variable's number in, the value's number out.
READ = Op("ReadVariableOp", "resource:resource -> value:dtype", lambda xp, resource: resource, lambda shape: shape)


@READ.sparse_gradient
def _(g: Any, _value: Any) -> Any:
    return g


class GradientTape(Questions):
    """Records what is computed inside its `with` block, to differentiate it.

    Trainable Variables are watched when they are read; Tensors are watched by `watch`.

    Args:
      persistent: whether `gradient` may be called more than once; what was recorded is kept until the tape is gone.
      watch_accessed_variables: whether reading a trainable Variable watches it.

    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> print(tape.gradient(y, x))
    tf.Tensor(6.0, shape=(), dtype=float32)

    See TensorFlow's page on `tf.GradientTape`.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._automatic = watch_accessed_variables
        self._recording = False
        self._usable = False  # from entering to the first `gradient`, or for ever if persistent
        self._past = _NEW
        self._entries: list[Entry] = []
        self._watched: set[int | None] = set()  # the numbers of what is watched, and of what depends on it
        self._roots: list[int] = []  # those that the tape was told to watch
        self._variables: dict[int, Any] = {}

    # -- recording

    def __enter__(self) -> GradientTape:
        if self._recording:
            raise ValueError("Tape is still recording, This can happen if you try to re-enter an already-active tape.")
        if self._past is not _NEW:  # it was used up before: a new beginning
            self._past, self._watched, self._roots, self._dead = _NEW, set(), [], ()
        self._recording = self._usable = True
        context.recorders += (self,)
        if self._life is not None or context.graph is not None:
            self._lives()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        value: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        if not self._recording:
            return
        if self._life is not None:
            self._life.stop()
        self._recording = False
        recorders = context.recorders
        if recorders[-1] is self:
            context.recorders = recorders[:-1] if len(recorders) > 1 else ()
        else:  # closed in another order than opened
            context.recorders = tuple(recorder for recorder in recorders if recorder is not self)

    def record(self, op: Op, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        """Called by `execute` for each op that has run while the tape is open."""
        watched, static = self._watched, op.static
        sources: list[int | None] = []
        follows = unknown = False
        for x in inputs:
            if static and not isinstance(x, Tensor):
                sources.append(None)
                continue
            number = x._id
            if number in watched:
                follows = True
            elif number is None:
                unknown = True
            sources.append(number)
        if not follows or op.differentiable is False:
            return
        if unknown:  # not watched, but may yet be
            sources = [_numbered(x) if isinstance(x, Tensor) else getattr(x, "_id", None) for x in inputs]
        arrays = None
        if type(outputs) is list:
            numbers = [self._follow(y) for y in outputs]
            if op.keeps_output:
                arrays = [y._array for y in outputs]
        else:  # one output, as nearly always: without a call
            number = outputs._id
            if number is None:
                number = outputs._id = new_id()
            dtype = outputs._array.dtype
            if dtype is _FLOAT32 or dtype in DIFFERENTIABLE:
                watched.add(number)
            numbers = [number]
            if op.keeps_output:
                arrays = [outputs._array]
        saved = inputs if op.keeps_all else kept(op, inputs)
        self._entries.append([op, attrs, sources, saved, numbers, arrays])

    def passes_by(self, op: Op, attrs: dict[str, Any], inputs: Sequence[Any], outputs: Sequence[Tensor]) -> None:
        """Called for a function through which no gradient flows: only `explain` asks for those."""
        numbers = [list(map(_numbered, xs)) for xs in (inputs, outputs)]
        if not self._dead:
            self._dead = []
        self._dead.append([op, attrs, numbers[0], (), numbers[1], None])

    def grown(self, outputs: Sequence[Tensor]) -> None:
        """Called when an op recorded earlier got one more output, the last of `outputs`: a loop in a graph."""
        first = outputs[0]._id
        for _, _, _, _, numbers, arrays in reversed(self._entries):
            if numbers[0] == first and len(numbers) == len(outputs) - 1:
                numbers.append(self._follow(outputs[-1]))
                if arrays is not None:
                    arrays.append(outputs[-1]._array)
                return

    def _follow(self, x: Tensor) -> int:
        """Watches a Tensor, if its dtype carries gradients; its number."""
        number = _numbered(x)
        if x._array.dtype in DIFFERENTIABLE:
            self._watched.add(number)
        return number

    def read(self, variable: Any, value: Tensor | None) -> None:
        """Called by a Variable that has been read while the tape is open."""
        number = variable._id
        if number not in self._watched:
            if not (self._automatic and variable.trainable):
                return
            self._watch_variable(variable)
        if value is not None:
            output = _numbered(value)
            self._watched.add(output)
            self._entries.append([READ, NO_ATTRS, [number], (), [output], None])

    def _watch_tensor(self, x: Tensor) -> None:
        number = x._id
        if not number:  # a constant of our own, whose number is 0, is none any more
            number = x._id = new_id()
        self._watched.add(number)
        self._roots.append(number)

    def _watch_variable(self, variable: Any) -> None:
        self._watched.add(variable._id)
        self._roots.append(variable._id)
        self._variables[variable._id] = variable

    def watch(self, tensor: Any) -> None:
        """Makes the tape follow `tensor` (a Tensor, a Variable, or a structure of such).

        Raises:
          ValueError: if it is neither.
        """
        if type(tensor) is Tensor and tensor._array.dtype in DIFFERENTIABLE:
            self._watch_tensor(tensor)
        else:
            self._watch_all(tensor)
        if self._life is not None:
            self._life.watches(tensor)

    def _watch_all(self, structure: Any) -> None:
        for item in tensors_for_gradients(structure):
            if not hasattr(item, "_id"):
                raise ValueError(
                    f"Passed in object {item} of type {type(item).__name__!r}, not tf.Tensor or tf.Variable or"
                    " ExtensionType."
                )
            if item.dtype.numpy not in DIFFERENTIABLE:
                warn("The dtype of the watched tensor must be floating (e.g. tf.float32), got %r", item.dtype)
            elif isinstance(item, Tensor):
                self._watch_tensor(item)
            else:
                self._watch_variable(item)

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """What is computed inside the `with` block is not recorded.

        Raises:
          RuntimeError: if the tape is not recording.
        """
        if not self._recording:
            raise RuntimeError("Trying to stop recording a tape which is not recording.")
        if self not in context.recorders:  # in a branch or a loop's body, which is recorded as a whole
            yield
            return
        if self._life is not None:
            self._life.why = "stop_recording"
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()

    def reset(self) -> None:
        """Forgets all that was recorded and watched, as if the tape had just been entered."""
        recording_now = self._recording
        if self._life is not None:
            self._life.reset()
        self.__exit__()
        self._entries, self._watched, self._roots, self._variables, self._past = [], set(), [], {}, _NEW
        self._dead = ()
        if recording_now:
            self.__enter__()

    @property
    def _followed(self) -> Set[int | None]:
        """The numbers of what it follows. Who has this is content with one op for the call of a function."""
        return self._watched

    def watched_variables(self) -> tuple[Any, ...]:
        """The Variables that the tape has watched so far, in the order in which they were first met."""
        return tuple(self._variables.values())

    # -- differentiating

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: UnconnectedGradients | str = _NONE,
    ) -> Any:
        """The gradient of the sum of `target` with respect to `sources`.

        Args:
          target: what to differentiate, a Tensor or a structure of Tensors.
          sources: Tensors or Variables, or a structure of them.
          output_gradients: for each target a gradient to start from, of its shape and dtype; ones by default.
          unconnected_gradients: `"none"` or `"zero"`: what an unconnected source gets.

        Returns:
          The structure of `sources`, with a Tensor, an `IndexedSlices` or None for each.

        Raises:
          RuntimeError: if the tape has been used up and is not persistent.
          ValueError: for an unknown `unconnected_gradients`.
        """
        zero = self._start(unconnected_gradients)
        targets = self._targets(target)
        seeds = [None] * len(targets) if output_gradients is None else _flat_output_gradients(output_gradients, targets)
        single, plain = isinstance(sources, Tensor), False
        if single:
            flat_sources = [sources]
        elif plain := type(sources) is list and all(map(_is_source, sources)):
            flat_sources = sources
        else:
            flat_sources = [_checked_source(source) for source in tensors_for_gradients(sources)]
        grads = self._sweep(targets, seeds, flat_sources, consume=not self._persistent)
        if zero:
            grads = [OPS["ZerosLike"](s) if g is None else g for s, g in zip(flat_sources, grads)]
        self._finish()
        return grads[0] if single else grads if plain else with_gradients(sources, grads)

    def _start(self, unconnected: UnconnectedGradients | str) -> bool:
        """Checks that there is something to differentiate; says whether unconnected sources get zeros."""
        if not self._usable:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"
            )
        zero = unconnected is not _NONE and wants_zeros(unconnected)
        if self._recording and self._persistent:
            warn(
                "Calling GradientTape.gradient on a persistent tape inside its context is significantly less efficient"
                " than calling it outside the context: the gradient's own ops are recorded on the tape. Do so only to"
                " differentiate them again."
            )
        elif self._recording:
            if self._life is not None:
                self._life.why = "consumed"
            self.__exit__()
        return zero

    def _finish(self) -> None:
        """A tape that is not persistent lets go of all that it kept, but for names and numbers: see `explain`."""
        if not self._persistent:
            self._usable = False
            if self._entries:  # not consumed by the sweep
                self._past, self._entries = self._entries, []
                for entry in self._past:
                    entry[3] = entry[5] = None

    def _targets(self, target: Any) -> list[Any]:
        """The targets, flat; a Variable as a target stands for its value, read on this tape."""
        if isinstance(target, Tensor) and target._array.dtype in DIFFERENTIABLE:
            return [target]
        targets = tensors_for_gradients(target)
        for i, item in enumerate(targets):
            if item is None:
                raise TypeError(
                    "Argument `target` should be a list or nested structure of Tensors, Variables or CompositeTensors"
                    " to be differentiated, but received None."
                )
            if item.dtype.numpy not in DIFFERENTIABLE:
                warn("The dtype of the target tensor must be floating (e.g. tf.float32), got %r", item.dtype)
            if type(item) is not Tensor:
                with recording((self,)):
                    targets[i] = convert(item)
        return targets

    def _sweep(
        self, targets: list[Any], seeds: list[Any], sources: list[Any], consume: bool = False
    ) -> list[Any]:
        watched = self._watched
        grads: dict[int | None, Any] = {}
        for target, seed in zip(targets, seeds):
            number = target._id
            if number in watched:
                if seed is None:
                    array = target._array
                    if type(target) not in EAGER:  # in a graph: so that the target itself need not be computed
                        seed, self._asked = OPS["Fill"](array.shape, unit(array.dtype)), targets
                    elif type(target) is Tensor and not array.ndim:
                        seed = unit(array.dtype)
                    else:
                        seed = OPS["OnesLike"](target)
                grads[number] = seed if number not in grads else add(grads[number], seed)
            elif type(target) not in EAGER:
                self._asked = targets
        numbers = []
        wanted = set()
        for source in sources:
            number = source._id
            numbers.append(number)
            if number in watched:
                wanted.add(number)
        entries = self._entries
        if wanted.issuperset(self._roots):  # as in most programs: then all entries are on the way
            path, reached = entries, watched
        else:
            path, reached = way(entries, wanted, consume)
        if consume:
            self._past, self._entries = entries, []
        sweep(path, grads, wanted, reached, consume)
        return [*map(grads.get, numbers)]

    def jacobian(
        self,
        target: Tensor,
        sources: Any,
        unconnected_gradients: UnconnectedGradients | str = _NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of each element of `target` with respect to each element of `sources`.

        Args:
          target: the Tensor to differentiate.
          sources: Tensors or Variables, or a structure of them.
          unconnected_gradients: as in `gradient`.
          parallel_iterations: a hint, not used.
          experimental_use_pfor: whether to do all elements at once, which takes more memory and less time.

        Returns:
          The structure of `sources`, with a Tensor of shape `target.shape + source.shape`, or None, for each.

        Raises:
          RuntimeError: if the tape has been used up and is not persistent.

        >>> x = tf.constant([1.0, 2.0])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> print(tape.jacobian(y, x))
        tf.Tensor(
        [[2. 0.]
         [0. 4.]], shape=(2, 2), dtype=float32)
        """
        zero = self._start(unconnected_gradients)
        (target,) = self._targets(target)
        flat_sources = [_checked_source(source) for source in nest.flatten(sources)]
        results = jacobian(self._sweep, target, flat_sources, experimental_use_pfor)
        if zero:
            results = [
                OPS["Fill"]((*target.shape, *s.shape), _zero(s.dtype)) if r is None else r
                for s, r in zip(flat_sources, results, strict=True)
            ]
        self._finish()
        return nest.pack_sequence_as(sources, results)

    def batch_jacobian(
        self,
        target: Tensor,
        source: Any,
        unconnected_gradients: UnconnectedGradients | str = _NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor:
        """The Jacobian of each example of a batch, where `target[i]` depends on `source[i]` alone.

        Args:
          target: a Tensor `[b, y1, ..., yn]`.
          source: a Tensor or Variable `[b, x1, ..., xm]`.
          unconnected_gradients: `"none"` and `"zero"` both give zeros here, as in TensorFlow.
          parallel_iterations: a hint, not used.
          experimental_use_pfor: whether to do all elements at once, which takes more memory and less time.

        Returns:
          A Tensor `[b, y1, ..., yn, x1, ..., xm]`; zeros if `target` does not depend on `source`.

        Raises:
          RuntimeError: if the tape has been used up and is not persistent.
          ValueError: if the first dimensions differ or a rank is below 2.
        """
        _check_batch(target, source)
        self._start(unconnected_gradients)
        (target,) = self._targets(target)
        result = batch_jacobian(self._sweep, target, _checked_source(source), experimental_use_pfor)
        if result is None:
            result = OPS["Fill"]((*target.shape, *source.shape[1:]), _zero(source.dtype))
        self._finish()
        return convert(result)


def _numbered(x: Tensor) -> int:
    """The number of a Tensor, given to it now if it has none."""
    number = x._id
    if number is None:
        number = x._id = new_id()
    return number


def _flat_output_gradients(output_gradients: Any, targets: list[Any]) -> list[Any]:
    flat = [convert(g, hint=t.dtype) for g, t in zip(tensors_for_gradients(output_gradients), targets, strict=False)]
    return [*flat, *[None] * (len(targets) - len(flat))]


def _is_source(x: Any) -> bool:
    """Whether it is a Tensor or a Variable, and no structure."""
    return hasattr(type(x), "_id")


def _checked_source(source: Any) -> Any:
    if not hasattr(source, "_id"):
        if hasattr(source, "_should_act_as_resource_variable"):  # an object of a library around a Variable
            return source.value
        kind = TypeError if source is None or isinstance(source, str) else AttributeError
        name = type(source).__name__
        raise kind(f"{name!r} object has no attribute 'dtype': a source must be a Tensor or a Variable.")
    return source


def _zero(dtype: Any) -> Tensor:
    return convert(0, dtype)


def _check_batch(target: Any, source: Any) -> None:
    for x in (target, source):
        if x.shape.rank is not None and x.shape.rank < 2:
            raise ValueError(f"Shape {x.shape} must have rank at least 2")
    if target.shape[0] != source.shape[0]:
        raise ValueError(
            f"Need first dimension of target shape ({target.shape}) and source shape ({source.shape}) to match."
        )
