"""What the machine allows: each compiled step's arithmetic and traffic against its own matmul and copy rates.

Run it by itself: `python benchmarks/limits.py`. A row that misses its goal by less than this leaves is not lost to us.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Work(NamedTuple):
    """What a step has to do.

    Attributes:
      flops: of its matrix products and convolutions, forward and backward.
      traffic: bytes that have to be read or written at least once beyond the caches.
    """

    title: str
    flops: float
    traffic: float


def product(m: int, k: int, n: int, times: int = 1) -> float:
    """Multiplications and additions of `times` products of (m, k) by (k, n)."""
    return 2.0 * m * k * n * times


def steps() -> list[Work]:
    """The rows of the benchmark that are more than calls."""
    mlp = product(64, 784, 128, 2) + product(64, 128, 10, 3)
    conv1 = product(64 * 28 * 28, 9, 32, 2)  # no gradient of the image
    conv2 = product(64 * 14 * 14, 9 * 32, 64, 3)
    dense = product(64, 7 * 7 * 64, 10, 3)
    lstm = product(32, 28 + 128, 512, 28) + product(32, 512, 28 + 128, 28) * 2 + product(32, 128, 10, 3)
    rows, width = 16 * 64, 128
    block = 3 * (product(rows, width, 3 * width) + product(rows, width, width) + 2 * product(rows, width, 4 * width))
    attention = 3 * 2 * product(64, width // 4, 64, 16 * 4)
    return [
        Work("MLP step", mlp, 4 * 3 * (784 * 128)),
        Work("CNN step", conv1 + conv2 + dense, 4 * 64 * 28 * 28 * 32 * 6),
        Work("LSTM step", lstm, 0),
        Work("transformer step", block + attention, 0),
        Work("tanh(x * 2 + 1) * exp(-x), 1e7", 0, 4 * 2 * 1e7),
    ]


def best(call: Callable[[], object], repeat: int = 15) -> float:
    """The shortest of several runs, in seconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Prints the machine's rates, and the least time of each step."""
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((1024, 1024), np.float32) for _ in range(2))
    out = np.empty_like(a)
    rate = product(1024, 1024, 1024) / best(lambda: np.matmul(a, b, out))
    source, target = np.ones(1 << 26, np.float32), np.ones(1 << 26, np.float32)  # zeros would not be memory
    copies = 2 * source.nbytes / best(lambda: np.copyto(target, source), 5)
    print(f"matmul 1024x1024: {rate / 1e9:.0f} GFLOP/s; copy: {copies / 1e9:.1f} GB/s")
    for title, flops, traffic in steps():
        least = max(flops / rate, traffic / copies)
        print(f"{title}: {flops / 1e6:.0f} MFLOP, {traffic / 1e6:.0f} MB: at least {least * 1e3:.2f} ms")


if __name__ == "__main__":
    main()
