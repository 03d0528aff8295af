"""Random small programs for `test_function_properties`: trees of statements that run eagerly and in functions.

A program works on a list of float64 tensors, to which each statement adds one. Statements with blocks (branches, loops,
functions) hold statements of their own, which see the list as it was and add to a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

import tapeflow as tf

Shape = tuple[int, ...]
MOST = 40  # elements of a tensor


class Statement(NamedTuple):
    """The name of what is done (see `RUN`), and with what."""

    name: str
    args: tuple[Any, ...]


class Block(NamedTuple):
    """Statements, and the places of the tensors that they result in."""

    statements: list[Statement]
    results: list[int]


class Program(NamedTuple):
    """Shapes of arguments, of Variables, and what is done."""

    inputs: list[Shape]
    variables: list[Shape]
    body: Block


# -- running


class Run:
    """What a run of a program has beside its tensors.

    Args:
      variables: the program's Variables.
      wrap: what makes a function of a nested one: `tf.function`, or nothing where all is eager.
    """

    def __init__(self, variables: list[Any], wrap: Callable[[Any], Any]) -> None:
        self.variables = variables
        self.wrap = wrap
        self.functions: dict[int, Any] = {}

    def block(self, block: Block, env: list[Any]) -> list[Any]:
        env = list(env)
        for name, args in block.statements:
            env.append(RUN[name](self, env, *args))
        return [env[i] for i in block.results]


RUN: dict[str, Callable[..., Any]] = {}
MAKE: list[Callable[[Any], Any]] = []


def runs(function: Callable[..., Any]) -> Callable[..., Any]:
    RUN[function.__name__] = function
    return function


def makes(weight: int) -> Callable[..., Any]:
    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        MAKE.extend([function] * weight)
        return function

    return decorated


UNARY: dict[str, Callable[[Any], Any]] = {
    "neg": lambda x: -x,
    "sin": tf.sin,
    "tanh": tf.tanh,
    "sigmoid": tf.sigmoid,
    "square": lambda x: tf.square(tf.tanh(x)),
    "exp": lambda x: tf.exp(tf.tanh(x)),
    "log": lambda x: tf.math.log(tf.abs(x) + 1.5),
    "sqrt": lambda x: tf.sqrt(tf.square(x) + 0.5),
    "abs": tf.abs,
    "relu": tf.nn.relu,
    "stop": tf.stop_gradient,
    "identity": tf.identity,
    "float32": lambda x: tf.cast(tf.cast(x, tf.float32), tf.float64),
    "int32": lambda x: tf.cast(tf.cast(x * 3.0, tf.int32) % 4, tf.float64) + x,
    "bool": lambda x: tf.cast(x > 0.1234, tf.float64) * x,
    "softplus": tf.nn.softplus,
    "clip": lambda x: tf.clip_by_value(x, -0.77, 0.83),
    "halve": lambda x: x / 2.0,
    "ones": lambda x: tf.ones_like(x) + x,
    "zeros": lambda x: x - tf.zeros(tf.shape(x), x.dtype),
    "fill": lambda x: tf.fill(tf.shape(x), tf.constant(0.5, tf.float64)) * x,
    "again": lambda x: tf.sin(x) * tf.sin(x),
    "scaled": lambda x: x / tf.cast(tf.size(x), tf.float64),
    "rank": lambda x: x * tf.cast(tf.rank(x), tf.float64),
    "sizes": lambda x: x + tf.cast(tf.reduce_prod(tf.shape(x)) - tf.reduce_sum(tf.shape(x)), tf.float64),
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / (1.5 + tf.abs(y)),
    "max": tf.maximum,
    "min": tf.minimum,
    "where": lambda x, y: tf.where(x > 0.1234, x, y),
    "sqdiff": tf.math.squared_difference,
    "pow": lambda x, y: tf.pow(tf.abs(x) + 0.5, tf.tanh(y)),
    "atan2": lambda x, y: tf.atan2(x, tf.abs(y) + 0.3),
    "add_n": lambda x, y: tf.add_n([x + y, y * x, x + y]),
}
REDUCE = {"sum": tf.reduce_sum, "mean": tf.reduce_mean, "max": tf.reduce_max, "logsumexp": tf.reduce_logsumexp}


@runs
def unary(run, env, name, i):
    return UNARY[name](env[i])


@runs
def binary(run, env, name, i, j):
    return BINARY[name](env[i], env[j])


@runs
def constant(run, env, array):
    return tf.constant(array, tf.float64)


@runs
def array(run, env, array):
    return array  # what a program that uses NumPy has: a plain array, to be converted where it is used


@runs
def like(run, env, i, j):
    """The first as wide as the second, whatever the shapes are."""
    return tf.reduce_sum(env[i]) + tf.sin(env[j])


@runs
def reduce(run, env, name, i, axis, keepdims):
    return REDUCE[name](env[i], axis=axis, keepdims=keepdims)


@runs
def matmul(run, env, i, j, a, b):
    return tf.matmul(env[i], env[j], transpose_a=a, transpose_b=b)


@runs
def transpose(run, env, i, perm):
    return tf.transpose(env[i], perm)


@runs
def flatten(run, env, i):
    return tf.reshape(env[i], [-1])


@runs
def merge(run, env, i, axis):
    """Two dimensions as one, of which the size is worked out."""
    shape = tf.unstack(tf.shape(env[i]))
    return tf.reshape(env[i], tf.stack([*shape[:axis], shape[axis] * shape[axis + 1], *shape[axis + 2 :]]))


@runs
def reshape_like(run, env, i, j):
    return tf.reshape(env[i], tf.shape(env[j]))


@runs
def expand(run, env, i, axis):
    return tf.expand_dims(env[i], axis)


@runs
def concat(run, env, i, j, axis):
    return tf.concat([env[i], env[j]], axis)


@runs
def stack(run, env, i, j, axis):
    return tf.stack([env[i], env[j]], axis)


@runs
def cut(run, env, i, axis, start, stop, step):
    return env[i][(slice(None),) * axis + (slice(start, stop, step),)]


@runs
def item(run, env, i, index):
    return env[i][index]


@runs
def last(run, env, i):
    """The last slice, by the size."""
    x = tf.convert_to_tensor(env[i])
    return x[tf.shape(x)[0] - 1]


@runs
def gather(run, env, i, indices, axis):
    return tf.gather(env[i], indices, axis=axis)


@runs
def choose(run, env, i, j):
    """Slices of one tensor by the values of another."""
    where = tf.cast(tf.abs(env[j]) * 2.3, tf.int32) % tf.shape(env[i])[0]
    return tf.gather(env[i], tf.reshape(where, [-1])[:2])


@runs
def halves(run, env, i, axis):
    first, second = tf.unstack(tf.stack([env[i], tf.sin(env[i])], axis), axis=axis)
    return first * second


@runs
def pad(run, env, i, before, after):
    return tf.pad(env[i], [[before, after]] + [[0, 0]] * (len(env[i].shape) - 1))


@runs
def tile(run, env, i, count):
    return tf.tile(env[i], [count] + [1] * (len(env[i].shape) - 1))


@runs
def counted(run, env, i):
    """A range as long as a tensor, to count its slices."""
    n = tf.shape(env[i])[0]
    return tf.cast(tf.range(n), tf.float64) * tf.reduce_sum(env[i]) + tf.cast(n, tf.float64)


@runs
def one_hot(run, env, i):
    n = tf.shape(env[i])[0]
    return tf.one_hot(tf.range(n), n, dtype=tf.float64) * tf.reduce_mean(env[i])


@runs
def masked(run, env, i):
    """A sum over as many elements as there happen to be."""
    x = tf.reshape(env[i], [-1])
    return tf.reduce_sum(tf.boolean_mask(x, x > 0.1234))


def _holds(x):
    return tf.reduce_sum(x) > 0.1234


@runs
def cond(run, env, i, yes, no):
    results = tf.cond(_holds(env[i]), lambda: run.block(yes, env), lambda: run.block(no, env))
    return _mixed(results)


@runs
def switch(run, env, i, *blocks):
    index = tf.cast(tf.abs(tf.reduce_sum(env[i])) * 2.0, tf.int32) % (len(blocks) + 1)
    return _mixed(tf.switch_case(index, [lambda block=block: run.block(block, env) for block in blocks]))


def _mixed(results):
    return results[0] if len(results) == 1 else results[0] + tf.reduce_sum(results[1])


@runs
def loop(run, env, count, on, i, j, block):
    """A loop over two tensors; `count` times, or as long as the first is large."""

    def going(n, x, y):
        return tf.logical_and(n < count, tf.reduce_sum(tf.abs(x)) > 0.7) if on else n < count

    def body(n, x, y):
        a, b = run.block(block, [*env, x, y, tf.cast(n, tf.float64)])
        return n + 1, 0.5 * a + 0.1 * x, 0.5 * tf.tanh(b) + 0.0 * y

    x, y = tf.convert_to_tensor(env[i]), tf.convert_to_tensor(env[j])
    invariants = [tf.TensorShape([])] + [tf.TensorShape([None] * len(z.shape)) for z in (x, y)]
    n, x, y = tf.while_loop(going, body, [0, x, y], shape_invariants=invariants)
    return x + tf.reduce_sum(y) + tf.cast(n, tf.float64)


@runs
def written(run, env, count, i, block):
    """A loop that writes to a TensorArray what follows from the last."""

    def body(n, x, items):
        (x,) = run.block(block, [*env, x, tf.cast(n, tf.float64)])
        x = tf.tanh(x)
        return n + 1, x, items.write(n, x * 1.5)

    first = tf.convert_to_tensor(env[i])
    rank = len(first.shape)
    items = tf.TensorArray(tf.float64, size=count, element_shape=[None] * rank)
    invariants = [tf.TensorShape([]), tf.TensorShape([None] * rank), tf.TensorSpec(None, tf.variant)]
    _, last, items = tf.while_loop(lambda n, *_: n < count, body, [0, first, items], shape_invariants=invariants)
    return items.stack() + items.read(0) * last


@runs
def mapped(run, env, i, block):
    """The same for each slice."""
    return tf.map_fn(lambda x: run.block(block, [*env, x])[0], env[i], fn_output_signature=tf.float64)


def _step(run, env, block):
    """From an element and a slice to another element of the same shape, which `foldl` insists on."""
    return lambda a, x: tf.reshape(tf.tanh(run.block(block, [*env, a, x])[0]), tf.shape(a))


@runs
def folded(run, env, i, block):
    return tf.foldl(_step(run, env, block), env[i])


@runs
def scanned(run, env, i, block):
    return tf.scan(_step(run, env, block), env[i])


@runs
def called(run, env, i, block):
    """A function that uses what is around it."""
    return run.wrap(lambda x: run.block(block, [*env, x]))(env[i])[0]


@runs
def kept(run, env, i, j, block):
    """A function that is made once, and called twice."""
    function = run.functions.get(id(block))
    if function is None:
        function = run.functions[id(block)] = run.wrap(lambda x, y: run.block(block, [x, y])[0])
    return function(env[i], env[j]) * function(env[j], env[i])


@runs
def slope(run, env, i, block):
    """A gradient within."""
    x = tf.convert_to_tensor(env[i])
    with tf.GradientTape() as tape:
        tape.watch(x)
        (y,) = run.block(block, [*env, x])
        y = tf.reduce_sum(y * y)
    grad = tape.gradient(y, x)
    return x if grad is None else tf.tanh(grad)


@runs
def custom(run, env, i):
    """An op with a gradient of its own, linear as gradients are: parts that are run again for a gradient rely on it."""

    @tf.custom_gradient
    def twice(x):
        return x * 2.0, lambda g: 1.5 * g * tf.cos(x)

    return twice(env[i])


@runs
def read(run, env, v):
    return run.variables[v] * 1.0


@runs
def assign(run, env, v, i, how):
    """An update, of which the new value follows."""
    value = tf.tanh(env[i])
    getattr(run.variables[v], how)(value)
    return run.variables[v].read_value() + value


# -- making


class Maker:
    """Draws statements that fit the shapes of the tensors that there are."""

    def __init__(self, draw: Any, variables: list[Shape]) -> None:
        self.draw = draw
        self.variables = variables
        self.shapes: list[Shape] = []
        self.depth = 0

    def number(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))

    def one(self, things: Any) -> Any:
        things = list(things)
        return things[self.number(0, len(things) - 1)] if things else None

    def place(self, fits: Callable[[Shape], bool] = lambda shape: True) -> Any:
        """A tensor of a shape that fits: rather a late one, of which the number is small."""
        return self.one([i for i, shape in enumerate(self.shapes) if fits(shape)][::-1])

    def block(self, given: list[Shape], wanted: list[Shape], alone: bool = False) -> Block:
        """Statements over the tensors that there are and those `given`, which results in tensors as wanted."""
        outside, self.shapes = self.shapes, [*([] if alone else self.shapes), *given]
        self.depth += 1
        statements = []
        for _ in range(self.number(1, 3) if self.depth > 1 else self.number(3, 10)):
            statements.append(self.statement())
        results = []
        for shape in wanted:
            where = self.place(lambda s, shape=shape: s == shape)
            if where is None:
                statements.append(Statement("constant", (self.numbers(shape),)))
                self.shapes.append(shape)
                where = len(self.shapes) - 1
            results.append(where)
        self.shapes = outside
        self.depth -= 1
        return Block(statements, results)

    def numbers(self, shape: Shape) -> Any:
        return np.round(np.random.default_rng(self.number(0, 9)).normal(size=shape), 2)

    def statement(self) -> Statement:
        made = None
        while made is None:
            made = self.one(MAKE)(self)
            if made is not None and (len(made[2]) > 3 or np.prod(made[2]) > MOST):
                made = None
        name, args, shape = made
        self.shapes.append(shape)
        return Statement(name, args)


def ranked(low: int, high: int = 9) -> Callable[[Shape], bool]:
    return lambda shape: low <= len(shape) <= high


@makes(6)
def _(m):
    i = m.place()
    return "unary", (m.one(UNARY), i), m.shapes[i]


@makes(6)
def _(m):
    i = m.place()
    j = m.place(lambda s: _fits(s, m.shapes[i]))
    return "binary", (m.one(BINARY), i, j), np.broadcast_shapes(m.shapes[i], m.shapes[j])


def _fits(a: Shape, b: Shape) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(a[::-1], b[::-1]))


@makes(1)
def _(m):
    shape = m.one(m.shapes)
    return m.one(["constant", "array"]), (m.numbers(shape),), shape


@makes(1)
def _(m):
    i, j = m.place(), m.place()
    return "like", (i, j), m.shapes[j]


@makes(3)
def _(m):
    i = m.place()
    shape = m.shapes[i]
    axis = m.one([None, *range(-len(shape), len(shape))])
    keep = bool(m.number(0, 1))
    gone = range(len(shape)) if axis is None else [axis % len(shape)]
    new = tuple(1 if k in gone else n for k, n in enumerate(shape) if keep or k not in gone)
    return "reduce", (m.one(REDUCE), i, axis, keep), new


@makes(2)
def _(m):
    i = m.place(ranked(2, 3))
    if i is None:
        return None
    a, b = bool(m.number(0, 1)), bool(m.number(0, 1))
    x = m.shapes[i]
    inner = x[-2] if a else x[-1]
    j = m.place(lambda s: len(s) == len(x) and s[:-2] == x[:-2] and (s[-1] if b else s[-2]) == inner)
    if j is None:
        return None
    y = m.shapes[j]
    return "matmul", (i, j, a, b), (*x[:-2], x[-1] if a else x[-2], y[-2] if b else y[-1])


@makes(1)
def _(m):
    i = m.place(ranked(2))
    if i is None:
        return None
    perm = m.draw(st.permutations(range(len(m.shapes[i]))))
    return "transpose", (i, tuple(perm)), tuple(m.shapes[i][k] for k in perm)


@makes(1)
def _(m):
    i = m.place()
    return "flatten", (i,), (int(np.prod(m.shapes[i])),)


@makes(1)
def _(m):
    i = m.place(ranked(2))
    if i is None:
        return None
    s = m.shapes[i]
    axis = m.number(0, len(s) - 2)
    return "merge", (i, axis), (*s[:axis], s[axis] * s[axis + 1], *s[axis + 2 :])


@makes(1)
def _(m):
    i = m.place()
    j = m.place(lambda s: np.prod(s) == np.prod(m.shapes[i]))
    return "reshape_like", (i, j), m.shapes[j]


@makes(1)
def _(m):
    i = m.place()
    axis = m.number(0, len(m.shapes[i]))
    return "expand", (i, axis), (*m.shapes[i][:axis], 1, *m.shapes[i][axis:])


@makes(2)
def _(m):
    i = m.place(ranked(1))
    if i is None:
        return None
    x = m.shapes[i]
    axis = m.number(0, len(x) - 1)
    j = m.place(lambda s: len(s) == len(x) and all(k == axis or s[k] == x[k] for k in range(len(x))))
    return "concat", (i, j, axis), tuple(n + m.shapes[j][k] if k == axis else n for k, n in enumerate(x))


@makes(1)
def _(m):
    i = m.place()
    j = m.place(lambda s: s == m.shapes[i])
    axis = m.number(0, len(m.shapes[i]))
    return "stack", (i, j, axis), (*m.shapes[i][:axis], 2, *m.shapes[i][axis:])


@makes(2)
def _(m):
    i = m.place(ranked(1))
    if i is None:
        return None
    shape = m.shapes[i]
    axis = m.number(0, len(shape) - 1)
    part = slice(m.one([None, 0, 1, -1, -2]), m.one([None, 1, 2, -1]), m.one([None, 2, -1, -2]))
    size = len(range(*part.indices(shape[axis])))
    if not size:
        return None
    return "cut", (i, axis, part.start, part.stop, part.step), (*shape[:axis], size, *shape[axis + 1 :])


@makes(1)
def _(m):
    i = m.place(ranked(1))
    if i is None:
        return None
    return m.one([("item", (i, m.one([0, -1])), m.shapes[i][1:]), ("last", (i,), m.shapes[i][1:])])


@makes(1)
def _(m):
    i = m.place(ranked(1))
    if i is None:
        return None
    shape = m.shapes[i]
    axis = m.number(0, len(shape) - 1)
    indices = [m.number(0, shape[axis] - 1) for _ in range(m.number(1, 3))]
    return "gather", (i, indices, axis), (*shape[:axis], len(indices), *shape[axis + 1 :])


@makes(1)
def _(m):
    i, j = m.place(ranked(1)), m.place(lambda s: np.prod(s) > 1)
    return None if i is None or j is None else ("choose", (i, j), (2, *m.shapes[i][1:]))


@makes(1)
def _(m):
    i = m.place()
    return "halves", (i, m.number(0, len(m.shapes[i]))), m.shapes[i]


@makes(1)
def _(m):
    i = m.place(ranked(1))
    if i is None:
        return None
    (n, *rest), a, b = m.shapes[i], m.number(0, 1), m.number(1, 2)
    return m.one([("pad", (i, a, b), (n + a + b, *rest)), ("tile", (i, b), (n * b, *rest))])


@makes(1)
def _(m):
    i = m.place(ranked(1))
    if i is None:
        return None
    n = m.shapes[i][0]
    return m.one([("counted", (i,), (n,)), ("one_hot", (i,), (n, n)), ("masked", (i,), ())])


@makes(3)
def _(m):
    if m.depth > 2:
        return None
    i, wanted = m.place(), [m.one(m.shapes) for _ in range(m.number(1, 2))]
    if m.number(0, 2):
        return "cond", (i, m.block([], wanted), m.block([], wanted)), wanted[0]
    return "switch", (i, *(m.block([], wanted) for _ in range(m.number(1, 3)))), wanted[0]


@makes(2)
def _(m):
    if m.depth > 2:
        return None
    i, j = m.place(), m.place()
    x, y = m.shapes[i], m.shapes[j]
    return "loop", (m.number(0, 3), bool(m.number(0, 1)), i, j, m.block([x, y, ()], [x, y])), x


@makes(2)
def _(m):
    if m.depth > 2:
        return None
    i, count = m.place(ranked(0, 2)), m.number(1, 3)
    if i is None:
        return None
    return "written", (count, i, m.block([m.shapes[i], ()], [m.shapes[i]])), (count, *m.shapes[i])


@makes(1)
def _(m):
    i = m.place(ranked(1))
    if m.depth > 2 or i is None:
        return None
    (n, *rest), wanted = m.shapes[i], m.one([s for s in m.shapes if len(s) < 3] or [()])
    inner = tuple(rest)
    if m.number(0, 1):
        return "mapped", (i, m.block([inner], [wanted])), (n, *wanted)
    name = m.one(["folded", "scanned"])
    return name, (i, m.block([inner, inner], [inner])), inner if name == "folded" else m.shapes[i]


@makes(2)
def _(m):
    if m.depth > 2:
        return None
    i, wanted = m.place(), m.one(m.shapes)
    if m.number(0, 1):
        return "called", (i, m.block([m.shapes[i]], [wanted])), wanted
    x = m.shapes[i]
    j = m.place(lambda s: s == x)
    return "kept", (i, j, m.block([x, x], [wanted], alone=True)), wanted


@makes(1)
def _(m):
    if m.depth > 2:
        return None
    i = m.place()
    return "slope", (i, m.block([m.shapes[i]], [m.one(m.shapes)])), m.shapes[i]


@makes(1)
def _(m):
    i = m.place()
    return "custom", (i,), m.shapes[i]


@makes(2)
def _(m):
    v = m.number(0, len(m.variables) - 1)
    shape = m.variables[v]
    i = m.place(lambda s: s == shape)
    if i is None or m.number(0, 1):
        return "read", (v,), shape
    return "assign", (v, i, m.one(["assign", "assign_add", "assign_sub"])), shape


@st.composite
def programs(draw: Any, sizes: tuple[int, ...] = (1, 2, 3)) -> Program:
    """Programs with two arguments and two Variables."""
    size = st.sampled_from(sizes)
    inputs = [draw(st.lists(size, min_size=low, max_size=3).map(tuple)) for low in (1, 0)]
    variables = [draw(st.sampled_from(inputs)), ()]
    maker = Maker(draw, variables)
    maker.shapes = list(inputs)
    body = maker.block([], [])
    count = len(inputs) + len(body.statements)
    return Program(inputs, variables, Block(body.statements, list(range(max(0, count - 3), count))))
