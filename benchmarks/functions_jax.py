"""The work of functions_tf.py, for JAX: `jax.jit` with the parameters donated, loops as `lax.scan` or `fori_loop`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from functions_tf import _block_weights
from jax import lax
from programs_tf import Function, Work, _normal

Tree = Any  # of arrays


def call_scalar(_: Any, function: Function) -> Work:
    @function
    def square(x: jax.Array) -> jax.Array:
        return x * x

    x = jnp.float32(3)
    return lambda: square(x)


def _repeated(step: Callable[..., tuple[Tree, jax.Array]], state: Tree, *data: np.ndarray) -> Work:
    """Work that gives the state back to `step`, which may write its results in its place."""
    compiled = jax.jit(step, donate_argnums=0)
    held, arrays = [jax.tree.map(jnp.array, state)], [jnp.array(x) for x in data]

    def work() -> jax.Array:
        held[0], result = compiled(held[0], *arrays)
        return result

    return work


def call_variables(_: Any, function: Function) -> Work:
    def update(state: list[jax.Array], change: jax.Array) -> tuple[Tree, jax.Array]:
        state = [x + change for x in state]
        return state, state[-1]

    return _repeated(update, [_normal(10, seed=seed) for seed in range(8)], _normal(10, scale=1e-3))


def _cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1))


def _descent(loss_of: Callable[..., jax.Array], rate: float, weights: Tree, *data: np.ndarray) -> Work:
    def step(weights: Tree, *data: jax.Array) -> tuple[Tree, jax.Array]:
        loss, slopes = jax.value_and_grad(loss_of)(weights, *data)
        return jax.tree.map(lambda w, slope: w - rate * slope, weights, slopes), loss

    return _repeated(step, weights, *data)


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def mlp_step(_: Any, function: Function) -> Work:
    def loss_of(weights: Tree, images: jax.Array, labels: jax.Array) -> jax.Array:
        w1, b1, w2, b2 = weights
        return _cross_entropy(jax.nn.relu(images @ w1 + b1) @ w2 + b2, labels)

    weights = [_normal(784, 128, seed=1, scale=0.05), _zeros(128), _normal(128, 10, seed=2, scale=0.1), _zeros(10)]
    return _descent(loss_of, 0.001, weights, _normal(64, 784), np.arange(64) % 10)


def cnn_step(_: Any, function: Function) -> Work:
    def convolution(x: jax.Array, w: jax.Array) -> jax.Array:
        return lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def max_pool(x: jax.Array) -> jax.Array:
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def loss_of(weights: Tree, images: jax.Array, labels: jax.Array) -> jax.Array:
        w1, b1, w2, b2, w3, b3 = weights
        x = max_pool(jax.nn.relu(convolution(images, w1) + b1))
        x = max_pool(jax.nn.relu(convolution(x, w2) + b2))
        return _cross_entropy(x.reshape(64, 7 * 7 * 64) @ w3 + b3, labels)

    weights = [_normal(3, 3, 1, 32, seed=1, scale=0.3), _zeros(32), _normal(3, 3, 32, 64, seed=2, scale=0.06)]
    weights += [_zeros(64), _normal(7 * 7 * 64, 10, seed=3, scale=0.02), _zeros(10)]
    return _descent(loss_of, 0.001, weights, _normal(64, 28, 28, 1), np.arange(64) % 10)


def chain(_: Any, function: Function) -> Work:
    @function
    def formula(x: jax.Array) -> jax.Array:
        return jnp.tanh(x * 2.0 + 1.0) * jnp.exp(-x)

    x = jnp.array(_normal(10_000_000))
    return lambda: formula(x)


def lstm_step(_: Any, function: Function) -> Work:
    def loss_of(weights: Tree, rows: jax.Array, labels: jax.Array) -> jax.Array:
        wx, wh, bias, w, b = weights

        def cell(state: tuple[jax.Array, jax.Array], entry: jax.Array) -> Any:
            h, c = state
            i, f, g, o = jnp.split(entry + h @ wh, 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        start = jnp.zeros((32, 128)), jnp.zeros((32, 128))
        _, outputs = lax.scan(cell, start, rows @ wx + bias)
        return _cross_entropy(outputs.mean(0) @ w + b, labels)

    weights = [_normal(28, 512, seed=1, scale=0.1), _normal(128, 512, seed=2, scale=0.06), _zeros(512)]
    weights += [_normal(128, 10, seed=3, scale=0.3), _zeros(10)]
    return _descent(loss_of, 0.01, weights, _normal(28, 32, 28), np.arange(32) % 10)


def _block(p: dict[str, jax.Array], x: jax.Array) -> jax.Array:
    def normal(x: jax.Array, scale: jax.Array, shift: jax.Array) -> jax.Array:
        mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) * lax.rsqrt(variance + 1e-5) * scale + shift

    heads = (normal(x, p["scale1"], p["shift1"]) @ p["qkv"] + p["qkv_bias"]).reshape(16, 64, 3, 4, 32)
    q, k, v = heads.transpose(2, 0, 3, 1, 4)
    weights = jax.nn.softmax(q @ k.swapaxes(-1, -2) * 32**-0.5)
    x = x + (weights @ v).transpose(0, 2, 1, 3).reshape(16 * 64, 128) @ p["out"] + p["out_bias"]
    inner = jax.nn.gelu(normal(x, p["scale2"], p["shift2"]) @ p["up"] + p["up_bias"], approximate=False)
    return x + inner @ p["down"] + p["down_bias"]


def transformer_step(_: Any, function: Function) -> Work:
    def loss_of(p: Tree, x: jax.Array, target: jax.Array) -> jax.Array:
        return jnp.mean((_block(p, x) - target) ** 2)

    def step(state: Tree, x: jax.Array, target: jax.Array) -> tuple[Tree, jax.Array]:
        p, means, squares, t = state
        loss, slopes = jax.value_and_grad(loss_of)(p, x, target)
        t = t + 1
        rate, root = 1e-3 / (1 - 0.9**t), jnp.sqrt(1 - 0.999**t)
        means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, slopes)
        squares = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, squares, slopes)
        p = jax.tree.map(lambda w, m, s: w - rate * m / (jnp.sqrt(s) / root + 1e-8), p, means, squares)
        return (p, means, squares, t), loss

    p = _block_weights()
    means, squares = (jax.tree.map(np.zeros_like, p) for _ in range(2))
    data = _normal(16 * 64, 128), _normal(16 * 64, 128, seed=5)
    return _repeated(step, (p, means, squares, np.float32(0)), *data)


def while_loop(_: Any, function: Function) -> Work:
    @function
    def iterate(count: jax.Array) -> jax.Array:
        return lax.fori_loop(0, count, lambda _, x: x * 0.999 + 0.5, jnp.float32(0))

    count = jnp.int32(10_000)
    return lambda: iterate(count)
