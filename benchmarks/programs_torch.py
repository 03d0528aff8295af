"""What is timed eagerly, for PyTorch: the work of programs_tf.py, said as a PyTorch user says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from programs_tf import Function, Work, _eager, _normal


def _tensor(*shape: int, seed: int = 0, scale: float = 1.0) -> torch.Tensor:
    return torch.from_numpy(_normal(*shape, seed=seed, scale=scale))


def mul_scalar(_: Any) -> Work:
    x = torch.tensor(3.0)
    return lambda: x * x


def mul_small(_: Any) -> Work:
    x = _tensor(10, 10)
    return lambda: x * x


def add_scalar(_: Any) -> Work:
    x = torch.tensor(3.0)
    return lambda: torch.add(x, x)


def add_small(_: Any) -> Work:
    x = _tensor(10, 10)
    return lambda: torch.add(x, x)


def matmul_tiny(_: Any) -> Work:
    x = torch.tensor([[3.0]])
    return lambda: torch.matmul(x, x)


def matmul_small(_: Any) -> Work:
    x = _tensor(10, 10)
    return lambda: torch.matmul(x, x)


def gradient(_: Any) -> Work:
    x = torch.tensor(3.0, requires_grad=True)
    return lambda: torch.autograd.grad(x * x, x)[0]


def second_gradient(_: Any) -> Work:
    x = torch.tensor(3.0, requires_grad=True)

    def work() -> Any:
        (slope,) = torch.autograd.grad(x * x, x, create_graph=True)
        return torch.autograd.grad(slope, x)[0]

    return work


def _network() -> Callable[..., torch.Tensor]:
    w1, w2 = _tensor(64, 128, seed=1, scale=0.1), _tensor(128, 32, seed=2, scale=0.1)
    return lambda x: torch.matmul(torch.tanh(torch.matmul(x, w1)), w2)


def jacobian(_: Any) -> Work:
    x, slopes = _tensor(1, 64), torch.func.jacrev(_network())
    return lambda: slopes(x)


def batch_jacobian(_: Any) -> Work:
    x, slopes = _tensor(64, 64), torch.func.vmap(torch.func.jacrev(_network()))
    return lambda: slopes(x)


def _training_step(
    function: Function, parameters: list[torch.Tensor], images: torch.Tensor, logits: Callable[..., torch.Tensor]
) -> Work:
    labels = torch.arange(64) % 10
    for parameter in parameters:
        parameter.requires_grad_()

    @function
    def loss_of(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(logits(images), labels)

    def work() -> Any:
        loss = loss_of(images, labels)
        slopes = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter.sub_(0.001 * slope)
        return loss

    return work


def mlp_step(_: Any, function: Function = _eager) -> Work:
    images = _tensor(64, 784)
    w1, b1 = _tensor(784, 128, seed=1, scale=0.05), torch.zeros(128)
    w2, b2 = _tensor(128, 10, seed=2, scale=0.1), torch.zeros(10)

    def logits(x: torch.Tensor) -> torch.Tensor:
        return torch.matmul(F.relu(torch.matmul(x, w1) + b1), w2) + b2

    return _training_step(function, [w1, b1, w2, b2], images, logits)


def cnn_step(_: Any, function: Function = _eager) -> Work:
    images = _tensor(64, 28, 28, 1).permute(0, 3, 1, 2).contiguous()
    w1 = _tensor(3, 3, 1, 32, seed=1, scale=0.3).permute(3, 2, 0, 1).contiguous()
    w2 = _tensor(3, 3, 32, 64, seed=2, scale=0.06).permute(3, 2, 0, 1).contiguous()
    rows = _tensor(7 * 7 * 64, 10, seed=3, scale=0.02)
    w3 = rows.reshape(7, 7, 64, 10).permute(2, 0, 1, 3).reshape(7 * 7 * 64, 10).contiguous()
    b1, b2, b3 = torch.zeros(32), torch.zeros(64), torch.zeros(10)

    def logits(x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(F.relu(F.conv2d(x, w1, b1, padding=1)), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, w2, b2, padding=1)), 2)
        return torch.matmul(x.reshape(64, 7 * 7 * 64), w3) + b3

    return _training_step(function, [w1, b1, w2, b2, w3, b3], images, logits)


def chain(_: Any, function: Function = _eager) -> Work:
    @function
    def formula(x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(x * 2.0 + 1.0) * torch.exp(-x)

    x = _tensor(10_000_000)
    return lambda: formula(x)


def matmul_big(_: Any) -> Work:
    x, y = _tensor(1024, 1024), _tensor(1024, 1024, seed=1)
    return lambda: torch.matmul(x, y)


def sum_all(_: Any) -> Work:
    x = _tensor(10_000_000)
    return lambda: torch.sum(x)


def sum_axis0(_: Any) -> Work:
    x = _tensor(10_000, 1000)
    return lambda: torch.sum(x, 0)


def sum_axis1(_: Any) -> Work:
    x = _tensor(10_000, 1000)
    return lambda: torch.sum(x, 1)


def max_axis1(_: Any) -> Work:
    x = _tensor(10_000, 1000)
    return lambda: torch.amax(x, 1)


def softmax_1e6(_: Any) -> Work:
    x = _tensor(1000, 1000)
    return lambda: torch.softmax(x, -1)


def softmax_1e7(_: Any) -> Work:
    x = _tensor(10_000, 1000)
    return lambda: torch.softmax(x, -1)
