"""Programs that draw random numbers: `tools/record_random.py` runs them on TensorFlow, `test_random_streams.py` here.

Each program has a name, and is `(tf) -> structure of tensors and plain values`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Program = Callable[[Any], Any]
SHAPES: tuple[list[int], ...] = ([], [0], [1], [3], [4], [7], [2, 3, 5], [0, 2], [37])
FLOATS = ("float16", "bfloat16", "float32", "float64")
SEEDS = {
    "program": (5, None),
    "op": (None, 3),
    "both": (5, 3),
    "zeros": (0, 0),
    "negative": (-7, -1),
    "big": (2**40, 9),
}
ALGORITHMS = ("philox", "auto_select", 1, 3)


def _several(call: Callable[[Any, int | None], Any], program_seed: int | None, op_seed: int | None) -> Program:
    def run(tf: Any) -> Any:
        tf.random.set_seed(program_seed)
        return [call(tf, op_seed) for _ in range(3)]

    return run


def _in_function(call: Callable[[Any, int | None], Any], program_seed: int | None, op_seed: int | None) -> Program:
    """The function draws twice, is called twice; draws outside go on beside it."""

    def run(tf: Any) -> Any:
        tf.random.set_seed(program_seed)
        before = call(tf, op_seed)
        function = tf.function(lambda: (call(tf, op_seed), call(tf, op_seed)))
        return [before, function(), function(), call(tf, op_seed)]

    return run


def _drawing() -> Iterator[tuple[str, Callable[[Any, int | None], Any]]]:
    """Calls that take the op's seed."""
    for shape in SHAPES:
        for name in ("uniform", "normal", "truncated_normal"):
            yield f"{name}{shape}", lambda tf, seed, n=name, s=shape: getattr(tf.random, n)(s, seed=seed)
    for dtype in FLOATS[:2] + FLOATS[3:]:
        for name in ("uniform", "normal", "truncated_normal"):
            yield (
                f"{name}:{dtype}",
                lambda tf, seed, n=name, d=dtype: getattr(tf.random, n)([11], dtype=getattr(tf, d), seed=seed),
            )
    for dtype, low, high in (("int32", -5, 100), ("int64", -5, 100), ("int32", -(2**31), 2**31 - 1),
                             ("int64", -(2**63), 2**63 - 1), ("int32", 0, 1)):  # fmt: skip
        yield (
            f"uniform:{dtype}:{low}",
            lambda tf, seed, d=dtype, a=low, b=high: tf.random.uniform([7], a, b, dtype=getattr(tf, d), seed=seed),
        )
    yield "gamma", lambda tf, seed: tf.random.gamma([5], [0.4, 1.0, 3.0], seed=seed)
    yield "poisson", lambda tf, seed: tf.random.poisson([5], [0.4, 9.0, 300.0], seed=seed)
    yield "categorical", lambda tf, seed: tf.random.categorical([[0.0, 1.0, 2.0], [5.0, 0.0, 1.0]], 6, seed=seed)
    yield "shuffle", lambda tf, seed: tf.random.shuffle(tf.range(11), seed=seed)


def _seeded() -> Iterator[tuple[str, Program]]:
    for label, call in _drawing():
        yield f"{label}/program", _several(call, *SEEDS["program"])
        if label in ("uniform[3]", "normal[7]", "uniform:int64:-5", "gamma", "poisson", "categorical", "shuffle"):
            for which, seeds in SEEDS.items():
                yield f"{label}/{which}/several", _several(call, *seeds)
                yield f"{label}/{which}/function", _in_function(call, *seeds)


def _stateless() -> Iterator[tuple[str, Program]]:
    def call(name: str, *args: Any, dtype: str = "", seed: Any = (1, 2), **kwargs: Any) -> Program:
        def run(tf: Any) -> Any:
            typed = {"dtype": getattr(tf, dtype)} if dtype else {}
            function = getattr(tf.random, name)
            eager = function(*args, seed=list(seed), **typed, **kwargs)
            return eager, tf.function(lambda: function(*args, seed=list(seed), **typed, **kwargs))()

        return run

    for name in ("stateless_uniform", "stateless_normal", "stateless_truncated_normal"):
        for shape in SHAPES:
            yield f"{name}{shape}", call(name, shape)
        for dtype in FLOATS:
            yield f"{name}:{dtype}", call(name, [11], dtype=dtype, seed=(-3, 2**31 - 1))
        for alg in (*ALGORITHMS, "threefry", 2, "foo", 7):
            yield f"{name}/alg={alg!r}", call(name, [5], alg=alg)
    for dtype in ("int32", "int64", "uint32", "uint64"):
        yield f"stateless_uniform:{dtype}:full", call("stateless_uniform", [9], minval=None, maxval=None, dtype=dtype)
    for dtype in ("int32", "int64"):
        yield f"stateless_uniform:{dtype}", call("stateless_uniform", [9], minval=-4, maxval=90, dtype=dtype)
    yield "stateless_gamma", call("stateless_gamma", [7, 3], alpha=[0.4, 1.0, 3.0], beta=2.0)
    yield "stateless_gamma:float64", call("stateless_gamma", [7], alpha=0.4, dtype="float64")
    for dtype in ("int32", "int64", "float32", "float64", "float16"):
        yield f"stateless_poisson:{dtype}", call("stateless_poisson", [7, 3], lam=[0.4, 9.0, 300.0], dtype=dtype)
    logits = [[0.0, 1.0, 2.0], [5.0, 0.0, 1.0]]
    for dtype in ("int32", "int64"):
        yield f"stateless_categorical:{dtype}", call("stateless_categorical", logits, 6, dtype=dtype)
    yield from _bounded()
    for num in (0, 1, 2, 5):
        yield f"split/{num}", call("split", num=num)
    yield "fold_in", call("fold_in", data=7)


def _bounded() -> Iterator[tuple[str, Program]]:
    for n, p in ((10.0, 0.1), (10.0, 0.9), (1000.0, 0.3), (1000.0, 0.7), (10.0, 0.0), (10.0, 1.0), (0.0, 0.5)):
        for dtype in ("int32", "int64", "float32", "float64", "float16"):
            yield (
                f"stateless_binomial:{dtype}:{n}:{p}",
                lambda tf, n=n, p=p, d=dtype: tf.random.stateless_binomial([9], [1, 2], n, p, getattr(tf, d)),
            )
    yield (
        "stateless_binomial/many",
        lambda tf: tf.random.stateless_binomial([20, 3], [3, 4], [10.0, 50.0, 100.0], [[0.1, 0.5, 0.7]][0]),
    )
    yield "stateless_binomial/refused", lambda tf: tf.random.stateless_binomial([9], [1, 2], [1.0, 2.0], 0.5)
    inf = float("inf")
    bounds = [
        (0, 1, -2, 2),
        (0, 1, 0.5, 0.7),
        (0, 1, 3, 5),
        (0, 1, -1, inf),
        (0, 1, -inf, 1),
        (0, 1, 8, 9),
        (0, 1, -9, -8),
        (5, 2, 0, 3),
        (0, 1, 2, 1),
        (0, -1, 1, 2),
        (0, 1, -inf, inf),
    ]
    for each in bounds:
        for dtype in ("float16", "float32", "float64"):
            yield (
                f"stateless_parameterized_truncated_normal:{dtype}:{each}",
                lambda tf, e=each, d=dtype: tf.random.stateless_parameterized_truncated_normal(
                    [9], [1, 2], *[tf.constant(x, getattr(tf, d)) for x in e]
                ),
            )
    yield (
        "stateless_parameterized_truncated_normal/broadcast",
        lambda tf: tf.random.stateless_parameterized_truncated_normal(
            [4, 2, 3], [1, 2], [0.0, 1.0, 2.0], [[1.0], [2.0]]
        ),
    )


def _shuffles() -> Iterator[tuple[str, Program]]:
    for n in (0, 1, 2, 3, 10, 41):
        yield f"stateless_shuffle/{n}", lambda tf, n=n: tf.random.experimental.stateless_shuffle(tf.range(n), [1, 2])
        yield (
            f"index_shuffle/{n}",
            lambda tf, n=n: tf.random.experimental.index_shuffle(tf.range(n + 1), [1, 2], n),
        )
    yield (
        "index_shuffle/seeds",
        lambda tf: tf.random.experimental.index_shuffle(tf.range(3), [[1, 2], [3, 4], [5, 6]], 9),
    )
    for dtype in ("int32", "int64", "uint32", "uint64"):
        yield (
            f"random_index_shuffle:{dtype}",
            lambda tf, d=dtype: tf.random_index_shuffle(
                tf.cast(tf.range(20), getattr(tf, d)),
                tf.constant([1, 2, 3], getattr(tf, d)),
                tf.constant(19, getattr(tf, d)),
            ),
        )
    for rounds in (4, 6, 8):
        yield (
            f"random_index_shuffle/rounds={rounds}",
            lambda tf, r=rounds: [
                tf.random_index_shuffle(i, [5, 6, 7], m, r) for i, m in ((3, 9), (77, 2**20), (5, 2**31 - 1))
            ],
        )
    for seed in ([5, 6], [[1, 2, 3]]):
        yield f"random_index_shuffle/{seed}", lambda tf, s=seed: tf.random_index_shuffle([1, 2], s, 9)


def _states() -> Iterator[tuple[str, Program]]:
    for alg in (*ALGORITHMS, "threefry", 2, "foo", None):
        yield (
            f"Generator/alg={alg!r}/state",
            lambda tf, a=alg: [
                (g.state.numpy().tolist(), g.algorithm, int(g.key)) for g in [tf.random.Generator.from_seed(5, a)]
            ],
        )
        yield f"Generator/alg={alg!r}/draw", lambda tf, a=alg: tf.random.Generator.from_seed(5, a).normal([3])
        yield (
            f"Generator/from_key_counter/{alg!r}",
            lambda tf, a=alg: tf.random.Generator.from_key_counter(1, [2, 3], a).uniform([3]),
        )
        yield (
            f"Generator/from_state/{alg!r}",
            lambda tf, a=alg: tf.random.Generator.from_state([1, 2, 3], a).uniform([3]),
        )
    for seed in (7, -1, 2**63, 2**64 + 5, 2**70, 2**200, [1, 2], [1, 2, 3], [1, 2, 3, 4], 1.5):
        yield f"Generator/seed={seed}", lambda tf, s=seed: tf.random.Generator.from_seed(s).state.numpy().tolist()
        yield f"create_rng_state/{seed}", lambda tf, s=seed: [int(x) for x in tf.random.create_rng_state(s, "philox")]
    yield "Generator/short state", lambda tf: tf.random.Generator.from_state([1, 2], "philox")
    yield "Generator/no copy", lambda tf: tf.random.Generator(copy_from=tf.random.Generator.from_seed(1)).normal([2])


def _generator(kind: str, in_function: bool) -> Program:
    """All that a generator draws, one after the other, with its states."""

    def draw(tf: Any, g: Any) -> Any:
        dtype = getattr(tf, kind)
        return [
            g.normal([3], dtype=dtype),
            g.normal([2, 3], 1.0, 2.0, dtype=dtype),
            g.uniform([5], dtype=dtype),
            g.uniform([], -1.0, 3.0, dtype=dtype),
            g.truncated_normal([7], dtype=dtype),
            g.uniform([3], 1, 9, dtype=tf.int32),
            g.uniform([3], 1, 9, dtype=tf.int64),
            g.uniform([3], None, None, dtype=tf.int32),
            *(g.uniform_full_int([3], each) for each in (tf.int32, tf.int64, tf.uint32, tf.uint64)),
            g.binomial([5, 2], [10.0, 100.0], 0.4),
            g.make_seeds(2),
            g.make_seeds(),
            g.normal([0]),
            g.skip(3),
            g.state.read_value(),
        ]

    def run(tf: Any) -> Any:
        g = tf.random.Generator.from_seed(7)
        call = tf.function(lambda: draw(tf, g)) if in_function else lambda: draw(tf, g)
        results = [call(), call()]
        results += [[each.normal([2]), each.state.read_value()] for each in g.split(2)]
        g.reset_from_seed(3)
        results.append([g.state.read_value(), g.uniform([2])])
        g.reset_from_key_counter(9, [7, 8])
        results.append([g.state.read_value(), g.uniform([2])])
        g.reset([1, 2, 3])
        g.skip(-5)
        return [*results, g.state.read_value()]

    return run


def _global(tf: Any) -> Any:
    tf.random.set_global_generator(tf.random.Generator.from_seed(11))
    return [tf.random.get_global_generator().normal([2]) for _ in range(2)]


def _alternating(tf: Any) -> Any:
    """Several ops with and without seeds, in turns; then from the start."""

    def draw() -> Any:
        return [
            tf.random.uniform([2]),
            tf.random.normal([3], seed=1),
            tf.random.uniform([2], seed=1),
            tf.random.uniform([5]),
            tf.random.uniform([2], 0, 9, tf.int32, seed=1),
            tf.random.truncated_normal([2]),
            tf.random.uniform([2], seed=1),
        ]

    tf.random.set_seed(4)
    first = [draw(), draw()]
    tf.random.set_seed(4)
    return [first, draw()]


def _seed_in_function(tf: Any) -> Any:
    @tf.function
    def function() -> Any:
        tf.random.set_seed(6)
        return tf.random.uniform([2]), tf.random.uniform([2], seed=2)

    tf.random.set_seed(1)
    return [function(), function(), tf.random.uniform([2])]


def _two_call_sites(tf: Any) -> Any:
    """One function called twice inside another."""
    inner = tf.function(lambda: tf.random.uniform([2], seed=3))

    @tf.function
    def outer() -> Any:
        return inner(), inner()

    tf.random.set_seed(1)
    return [outer(), outer()]


def _nested_call_sites(tf: Any) -> Any:
    """Functions in functions, called alone in between; in a loop; from a gradient."""
    inner = tf.function(lambda: tf.random.uniform([1]))
    middle = tf.function(lambda: (inner(), inner()))
    outer = tf.function(lambda: (inner(), middle()))
    scaled = tf.function(lambda x: x * tf.random.uniform([2], seed=3))

    @tf.function
    def repeated(n: Any) -> Any:
        total = tf.zeros([1])
        for _ in tf.range(n):
            total += inner()
        return total

    @tf.function
    def gradient(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = scaled(x) + scaled(x)
        return y, tape.gradient(y, x)

    tf.random.set_seed(1)
    x = tf.ones([2])
    drawn = [inner(), middle(), inner(), outer(), outer(), middle(), repeated(tf.constant(3)), inner()]
    return [*drawn, gradient(x), gradient(x)]


def _call_sites_of_parts(tf: Any) -> Any:
    """Functions that draw in branches and loops, called at two places of another; under tapes; from parts, too."""
    seeds = {"branch": 3, "loop": None, "both": 5}

    @tf.function
    def branch(x: Any) -> Any:
        drawn = tf.random.uniform([2], seed=seeds["branch"])
        return x * tf.cond(x[0] > 0, lambda: tf.random.uniform([2]) + drawn, lambda: tf.random.normal([2]))

    @tf.function
    def loop(n: Any) -> Any:
        total = tf.zeros([2])
        for _ in tf.range(n):
            total += tf.random.uniform([2], seed=seeds["loop"])
        return total

    @tf.function
    def both(n: Any) -> Any:
        total = tf.zeros([2])
        for i in tf.range(n):
            if i % 2 == 0:
                total += tf.random.uniform([2], seed=seeds["both"])
            else:
                total -= tf.random.uniform([2])
        return total

    @tf.function
    def outer(x: Any, n: Any) -> Any:
        inside = tf.cond(n > 2, lambda: branch(x) + loop(n), lambda: branch(x))
        return branch(x), loop(n), both(n), branch(-x), inside, branch(x), loop(n), both(n)

    @tf.function
    def gradient(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = branch(x) + branch(x)
        return y, tape.gradient(y, x)

    tf.random.set_seed(1)
    x, n = tf.ones([2]), tf.constant(3)
    return [branch(x), loop(n), both(n), outer(x, n), both(n), outer(x, n), gradient(x), gradient(x), branch(x)]


PROGRAMS: dict[str, Program] = {
    **dict(_seeded()),
    **dict(_stateless()),
    **dict(_shuffles()),
    **dict(_states()),
    **{
        f"Generator:{kind}/{where}": _generator(kind, where == "function")
        for kind in FLOATS
        for where in ("eager", "function")
    },
    "global": _global,
    "alternating": _alternating,
    "seed in function": _seed_in_function,
    "two call sites": _two_call_sites,
    "nested call sites": _nested_call_sites,
    "call sites of parts": _call_sites_of_parts,
}
