"""Ops on dense tensors for PyTorch: the same as in dense_tf.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Work = Callable[[], Any]


def _normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def _places(below: int, count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, below, count)


def _fft(torch: Any, shape: tuple[int, ...]) -> Work:
    x = torch.tensor(_normal(*shape) + 0j).to(torch.complex64)
    return lambda: torch.fft.fft(x)


def fft_small(torch: Any) -> Work:
    return _fft(torch, (64,))


def fft_big(torch: Any) -> Work:
    return _fft(torch, (1000, 1024))


def _rfft(torch: Any, shape: tuple[int, ...]) -> Work:
    x = torch.tensor(_normal(*shape))
    return lambda: torch.fft.rfft(x)


def rfft_small(torch: Any) -> Work:
    return _rfft(torch, (64,))


def rfft_big(torch: Any) -> Work:
    return _rfft(torch, (1000, 1024))


def _cholesky(torch: Any, n: int) -> Work:
    x = _normal(n, n)
    matrix = torch.tensor(x @ x.T / n + np.eye(n, dtype=np.float32))
    return lambda: torch.linalg.cholesky(matrix)


def cholesky_small(torch: Any) -> Work:
    return _cholesky(torch, 8)


def cholesky_big(torch: Any) -> Work:
    return _cholesky(torch, 1024)


def _svd(torch: Any, shape: tuple[int, ...]) -> Work:
    x = torch.tensor(_normal(*shape))
    return lambda: torch.linalg.svd(x, full_matrices=False)[1]


def svd_small(torch: Any) -> Work:
    return _svd(torch, (8, 8))


def svd_big(torch: Any) -> Work:
    return _svd(torch, (64, 128, 128))


def _resize(torch: Any, count: int, size: int) -> Work:
    x = torch.tensor(_normal(count, size, size, 3)).permute(0, 3, 1, 2)
    return lambda: torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear")


def resize_small(torch: Any) -> Work:
    return _resize(torch, 1, 16)


def resize_big(torch: Any) -> Work:
    return _resize(torch, 8, 224)


def _sort(torch: Any, n: int) -> Work:
    x = torch.tensor(_normal(n))
    return lambda: torch.sort(x)[0]


def sort_small(torch: Any) -> Work:
    return _sort(torch, 100)


def sort_big(torch: Any) -> Work:
    return _sort(torch, 1_000_000)


def _top_k(torch: Any, n: int) -> Work:
    x = torch.tensor(_normal(n))
    return lambda: torch.topk(x, 10)[0]


def top_k_small(torch: Any) -> Work:
    return _top_k(torch, 100)


def top_k_big(torch: Any) -> Work:
    return _top_k(torch, 1_000_000)


def _segment_sum(torch: Any, n: int, segments: int) -> Work:
    x, ids = torch.tensor(_normal(n)), torch.tensor(np.sort(_places(segments, n)))
    return lambda: torch.zeros(segments).index_add_(0, ids, x)


def segment_sum_small(torch: Any) -> Work:
    return _segment_sum(torch, 100, 10)


def segment_sum_big(torch: Any) -> Work:
    return _segment_sum(torch, 1_000_000, 1000)


def _gather(torch: Any, n: int) -> Work:
    x, places = torch.tensor(_normal(n, 8)), torch.tensor(_places(n, n))
    return lambda: x[places]


def gather_small(torch: Any) -> Work:
    return _gather(torch, 10)


def gather_big(torch: Any) -> Work:
    return _gather(torch, 1_000_000)


def _scatter(torch: Any, n: int) -> Work:
    x, rows = torch.zeros(n, 8), torch.tensor(_normal(n, 8))
    places = torch.tensor(_places(n, n))
    return lambda: x.index_add(0, places, rows)


def scatter_small(torch: Any) -> Work:
    return _scatter(torch, 10)


def scatter_big(torch: Any) -> Work:
    return _scatter(torch, 1_000_000)


def _drawn(torch: Any, n: int) -> Work:
    nothing = torch.tensor(0.0)  # what is drawn is not the same
    return lambda: (torch.randn(n), nothing)[1]


def normal_small(torch: Any) -> Work:
    return _drawn(torch, 10)


def normal_big(torch: Any) -> Work:
    return _drawn(torch, 1_000_000)
