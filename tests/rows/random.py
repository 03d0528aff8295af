"""Rows of random numbers: those of TensorFlow for the same seeds."""

from __future__ import annotations

from typing import Any

from optable import Row, case, f32, i32, i64, inf, row

DRAWN = {"grad": False, "reason": "drawn"}
NEAR = {"grad": False, "rtol": 3e-6, "reason": "drawn; a logarithm's last digits"}


def seeded(name: str, *args: Any, calls: int = 2) -> Any:
    """Calls a function several times after setting the program's seed: the sequence goes on."""

    def call(tf: Any, *args: Any, program_seed: int | None = 5, **kwargs: Any) -> Any:
        tf.random.set_seed(program_seed)
        return [getattr(tf.random, name)(*args, **kwargs) for _ in range(calls)]

    return call


def typed(name: str, rounded: bool = False) -> Any:
    """Calls a function with a dtype given by name."""

    def call(tf: Any, *args: Any, dtype: str = "float32", **kwargs: Any) -> Any:
        tf.random.set_seed(7)
        return [getattr(tf.random, name)(*args, dtype=getattr(tf, dtype), **kwargs) for _ in range(2)]

    return call


def generated(tf: Any, seed: int, dtype: str) -> Any:
    """All that a generator draws, one after the other."""
    g, kind = tf.random.Generator.from_seed(seed), getattr(tf, dtype)
    start = g.state.numpy().tolist()
    drawn = [g.normal([3], dtype=kind), g.normal([2], 1.0, 2.0, dtype=kind), g.uniform([2, 2], -1.0, 3.0, dtype=kind),
        g.truncated_normal([5], dtype=kind), g.uniform([3], 1, 9, dtype=tf.int32), g.uniform_full_int([2], tf.int64),
        g.make_seeds(2), *(each.normal([2], dtype=kind) for each in g.split(2))]
    g.skip(3)
    states = [start, g.state.numpy().tolist(), int(g.key), g.algorithm]
    g.reset_from_seed(3)
    return drawn, [*states, g.state.numpy().tolist()], tf.random.Generator(copy_from=g).normal([2], dtype=kind)


ALL = ("float16", "bfloat16", "float32", "float64")
ROWS: list[Row] = [
    row("RandomUniform", seeded("uniform", calls=3), [
        case([3], **DRAWN), case([], **DRAWN), case([2, 3], **DRAWN), case([0, 3], **DRAWN), case([4097], **DRAWN),
        case([3], seed=3, **DRAWN), case([3], program_seed=None, seed=3, **DRAWN), case([3], program_seed=0, **DRAWN),
        case([3], program_seed=0, seed=0, **DRAWN), case([3], program_seed=-3, **DRAWN),
        case([3], program_seed=2**40, **DRAWN),
        case([3], -1.0, 2.5, **DRAWN), case([2, 3], 0.0, f32(3), grad=False, reason="drawn"),
        case(i32([2, 2]), **DRAWN),
        case(i64([2, 2]), **DRAWN), case([3], 5, 7, **DRAWN), case([-2], error=True), case(3, error=True),
        case([3], i32.of(0), error=True), case([3], 0, i64(), error=True)]),
    row("RandomUniform/dtypes", typed("uniform"), [
        *(case([n], dtype=dtype, **DRAWN) for dtype in ALL for n in (1, 5)), case([3], dtype="bool", error=True),
        case([3], dtype="int32", error=True), case([3], 0, 5, dtype="uint8", error=True)]),
    row("RandomUniformInt", typed("uniform"), [
        case([7], -5, 100, dtype="int32", **DRAWN), case([7], -5, 100, dtype="int64", **DRAWN),
        case([5], -2**31, 2**31 - 1, dtype="int32", **DRAWN), case([5], -2**63, 2**63 - 1, dtype="int64", **DRAWN),
        case([], 0, 3, dtype="int32", **DRAWN), case([0], 0, 3, dtype="int32", **DRAWN),
        case([3], 0, 10, dtype="int32", seed=9, **DRAWN), case([2], 5, 5, dtype="int32", error=True),
        case([2], 0, i32([3, 4]), dtype="int32", error=True)]),
    row("RandomStandardNormal", seeded("normal", calls=3), [
        case([3], **NEAR), case([2, 5], **NEAR), case([], **NEAR), case([0], **NEAR), case([5001], **NEAR),
        case([3], 2.0, 3.0, **NEAR), case([2, 3], f32(3), f32(2, 1), grad=False, rtol=1e-5, reason="drawn"),
        case([3], seed=1, **NEAR), case([2], f32(3), error=True), case([-2], error=True), case(None, error=True),
        case([2.5], error=True), case([[1]], error=True), case("a", error=True), case([None, 2], error=True),
        case([2], i32.of(1), error=True)]),
    row("RandomStandardNormal/dtypes", typed("normal"), [
        *(case([n], dtype=dtype, grad=False, rtol=r, reason="drawn; rounded") for dtype, r in
            (("float16", 2e-3), ("bfloat16", 2e-2), ("float64", 1e-14)) for n in (1, 7)),
        case([3], dtype="int32", error=True), case([3], dtype="complex64", error=True)]),
    row("TruncatedNormal", seeded("truncated_normal", calls=3), [
        case([3], **NEAR), case([7], **NEAR), case([0], **NEAR), case([9001], **NEAR), case([3], 2.0, 3.0, **NEAR),
        case([3], seed=1, **NEAR)]),
    row("TruncatedNormal/dtypes", typed("truncated_normal"), [
        *(case([n], dtype=dtype, grad=False, rtol=r, reason="drawn; rounded") for dtype, r in
            (("float16", 2e-3), ("bfloat16", 2e-2), ("float64", 1e-14)) for n in (1, 700))]),
    row("Multinomial", seeded("categorical"), [
        case(f32(2, 3), 9, **DRAWN), case(f32(2, 3), 4, seed=3, **DRAWN), case([[0.0, 1.0]], 5, **DRAWN),
        case(f32(1, 4), 0, **DRAWN), case(f32([[-1e30, 0, -1e30], [0, 1e30, -1e30]]), 4, **DRAWN),
        case(f32(3), 3, error=True), case(f32(2, 3), -3, error=True), case(f32(2, 3), [1], error=True),
        case(f32(2, 3), 2.5, error=True), case(f32(2, 3), None, error=True)]),
    row("RandomShuffle", seeded("shuffle"), [
        case(i32(10), **DRAWN), case(i32(5, 2), **DRAWN), case(i32(1), **DRAWN), case(i32(0, 2), **DRAWN),
        case(f32(7), seed=4, **DRAWN), case(i32(), **DRAWN)]),
    row("StatelessRandomUniformV2", typed("stateless_uniform"), [
        *(case([5], [1, 2], dtype=dtype, **DRAWN) for dtype in ALL), case([2, 3], i64([-1, 2**40]), **DRAWN),
        case([3], [1, 2], minval=-1.0, maxval=2.5, **DRAWN), case([3], [1], error=True),
        case([3], [1, 2, 3], error=True),
    ], also=["StatelessRandomGetKeyCounter"]),
    row("StatelessRandomUniformIntV2", typed("stateless_uniform"), [
        *(case([5], [1, 2], 1, 10, dtype=dtype, **DRAWN) for dtype in ("int32", "int64")),
        *(case([5], [1, 2], 1, 10, dtype=dtype, error=True) for dtype in ("uint32", "uint64"))]),
    row("StatelessRandomUniformFullIntV2", typed("stateless_uniform"), [
        *(case([5], [1, 2], None, None, dtype=dtype, **DRAWN) for dtype in ("int32", "int64", "uint32", "uint64")),
        case([2], [1, 2], minval=3, dtype="int32", error=True)]),
    row("StatelessRandomNormalV2", typed("stateless_normal"), [
        case([5], [1, 2], **NEAR), case([5], [1, 2], 2.0, 3.0, **NEAR),
        case([5], [1, 2], dtype="float64", grad=False, rtol=1e-14, reason="drawn")]),
    row("StatelessTruncatedNormalV2", typed("stateless_truncated_normal"), [
        case([500], [1, 2], **NEAR), case([5], [1, 2], 2.0, 3.0, **NEAR)]),
    row("StatelessMultinomial", seeded("stateless_categorical"), [
        case(f32(2, 3), 9, [1, 2], **DRAWN), case(f32(2, 3), 5, [7, 8], **DRAWN)]),
    row("RandomGamma", seeded("gamma"), [
        case([5], [0.5, 1.0, 3.0], grad=False, rtol=1e-5, reason="drawn"),
        case([2], 0.1, seed=3, grad=False, rtol=1e-5, reason="drawn"),
        case([5], f32([0.5, 1.0, 3.0]), f32([2.0, 1.0, 4.0]), fd=0, rtol=1e-5, reason="drawn"),
        case([500], 0.9, 2.0, grad=False, rtol=1e-5, reason="drawn"), case([2], [1.0, 2.0], [[1.0], [3.0]], grad=False,
            rtol=1e-5, reason="drawn"), case([0], 0.9, **DRAWN)]),
    row("StatelessRandomGammaV3", seeded("stateless_gamma"), [
        case([50, 3], [1, 2], [0.5, 1.0, 3.0], grad=False, rtol=1e-5, reason="drawn"),
        case([50, 3], [1, 2], f32([0.5, 1.0, 3.0]), fd=0, rtol=1e-5, reason="drawn"),
        case([3], [1, 2], [0.5], error=True)]),
    row("RandomPoissonV2", seeded("poisson"), [
        case([100], [0.5, 9.0, 12.0, 1000.0], **DRAWN), case([5], 0.5, seed=3, **DRAWN), case([0], 0.5, **DRAWN)]),
    row("StatelessRandomPoisson", seeded("stateless_poisson"), [
        case([50, 2], [1, 2], [0.5, 30.0], **DRAWN), case([3], [1, 2], [0.5], error=True)]),
    row("StatelessRandomBinomial", lambda tf, *a, **kw: tf.random.stateless_binomial(*a, **kw), [
        case([9], [1, 2], 10.0, 0.1, **DRAWN), case([5, 2], [1, 2], [10.0, 500.0], [0.9, 0.4], **DRAWN),
        case([0], [1, 2], 10.0, 0.1, **DRAWN), case([3], i64([1, 2]), f32.of(5), 1.0, **DRAWN),
        case([3], [1, 2], [1.0, 2.0], 0.5, error=True), case([3], [1], 1.0, 0.5, error=True)]),
    row("tf.random.Generator/binomial", lambda tf, n, p: tf.random.Generator.from_seed(3).binomial([4, 2], n, p), [
        case([10.0, 500.0], 0.4, **DRAWN)], also=["KeyedRandomBinomial"]),
    row("StatelessParameterizedTruncatedNormal",
        lambda tf, *a: tf.random.stateless_parameterized_truncated_normal(*a), [
        case([9], [1, 2], **NEAR), case([2, 3], [1, 2], [0.0, 1.0, 2.0], [[1.0], [2.0]], grad=False, rtol=1e-5,
            reason="drawn; a mean is added"), case([5], [1, 2], 0.0, 1.0, 3.0, inf, **NEAR),
        case([0], [1, 2], **DRAWN), case([3], [1, 2], 0.0, 1.0, 2.0, 1.0, error=True),
        case([3], [1, 2], [0.0, 1.0], error=True)]),
    row("StatelessShuffle", lambda tf, *a: tf.random.experimental.stateless_shuffle(*a), [
        case(i32(10), [1, 2], **DRAWN), case(f32(5, 2), [1, 2], **DRAWN), case(i32(0, 2), [3, 4], **DRAWN),
        case(i32(), [3, 4], **DRAWN), case(i32(3), [1], error=True)]),
    row("RandomIndexShuffle", lambda tf, *a: tf.random_index_shuffle(*a), [
        case(3, [1, 2, 3], 9, **DRAWN), case(i32([0, 1, 2]), [1, 2, 3], 9, **DRAWN),
        case(i64([0, 1]), i64([[1, 2, 3], [4, 5, 6]]), i64([2**40, 7]), **DRAWN),
        case(3, [1, 2], 9, error=True), case(i32([[0]]), [1, 2, 3], 9, error=True)]),
    row("tf.random.experimental.index_shuffle", lambda tf, *a: tf.random.experimental.index_shuffle(*a), [
        case(i32([0, 1, 2]), [1, 2], 9, **DRAWN)]),
    row("tf.random.Generator", generated, [
        case(seed, dtype, grad=False, rtol=r, reason="drawn") for seed in (7, -5, 2**70 + 3)
        for dtype, r in (("float32", 1e-5), ("float64", 1e-13))]),
    row("tf.random.split", lambda tf, *a: tf.random.split(*a), [case([1, 2], **DRAWN), case(i64([1, 2]), 3, **DRAWN)]),
    row("tf.random.fold_in", lambda tf, *a: tf.random.fold_in(*a), [case([1, 2], 5, **DRAWN),
        case(i64([1, 2]), i64.of(3), **DRAWN)]),
    row("tf.nn.dropout/random", lambda tf, x, rate, **kw: (tf.random.set_seed(1), [tf.nn.dropout(x, rate, **kw) for _ in
        range(2)])[1], [case(f32(3, 4), 0.5, fd=0, reason="drawn"),
            case(f32(3, 4), 0.3, seed=5, fd=0, reason="drawn")]),
]
