"""The work of functions_tf.py, for PyTorch: eagerly, or with `torch.compile` around what computes the loss."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from functions_tf import _block_weights
from programs_tf import Function, Work
from programs_torch import _tensor, chain, cnn_step, mlp_step

__all__ = ["call_scalar", "call_variables", "chain", "cnn_step", "lstm_step", "mlp_step", "transformer_step"]
__all__ += ["while_loop"]


def call_scalar(_: Any, function: Function) -> Work:
    @function
    def square(x: torch.Tensor) -> torch.Tensor:
        return x * x

    x = torch.tensor(3.0)
    return lambda: square(x)


def call_variables(_: Any, function: Function) -> Work:
    parameters = [_tensor(10, seed=seed) for seed in range(8)]

    @function
    def update(change: torch.Tensor) -> torch.Tensor:
        for parameter in parameters:
            parameter.add_(change)
        return parameters[-1].clone()

    change = _tensor(10, scale=1e-3)
    return lambda: update(change)


def lstm_step(_: Any, function: Function) -> Work:
    lstm, dense = torch.nn.LSTM(28, 128), torch.nn.Linear(128, 10)
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(_tensor(28, 512, seed=1, scale=0.1).T)
        lstm.weight_hh_l0.copy_(_tensor(128, 512, seed=2, scale=0.06).T)
        dense.weight.copy_(_tensor(128, 10, seed=3, scale=0.3).T)
        for bias in (lstm.bias_ih_l0, lstm.bias_hh_l0, dense.bias):
            bias.zero_()
    lstm.bias_hh_l0.requires_grad_(False)  # TensorFlow's LSTM has one bias
    optimizer = torch.optim.SGD([p for p in (*lstm.parameters(), *dense.parameters()) if p.requires_grad], lr=0.01)

    @function
    def loss_of(rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(dense(lstm(rows)[0].mean(0)), labels)

    return _optimised(loss_of, optimizer, _tensor(28, 32, 28), torch.arange(32) % 10)


def transformer_step(_: Any, function: Function) -> Work:
    p = {name: torch.from_numpy(value).requires_grad_() for name, value in _block_weights().items()}

    def attention(x: torch.Tensor) -> torch.Tensor:
        heads = F.linear(x, p["qkv"].T, p["qkv_bias"]).reshape(16, 64, 3, 4, 32).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(*heads.unbind()).transpose(1, 2).reshape(16 * 64, 128)
        return F.linear(mixed, p["out"].T, p["out_bias"])

    @function
    def loss_of(x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        x = x + attention(F.layer_norm(x, [128], p["scale1"], p["shift1"]))
        inner = F.gelu(F.linear(F.layer_norm(x, [128], p["scale2"], p["shift2"]), p["up"].T, p["up_bias"]))
        return F.mse_loss(x + F.linear(inner, p["down"].T, p["down_bias"]), target)

    optimizer = torch.optim.Adam(p.values(), lr=1e-3)
    return _optimised(loss_of, optimizer, _tensor(16 * 64, 128), _tensor(16 * 64, 128, seed=5))


def _optimised(loss_of: Any, optimizer: torch.optim.Optimizer, x: torch.Tensor, target: torch.Tensor) -> Work:
    def work() -> torch.Tensor:
        optimizer.zero_grad()
        loss = loss_of(x, target)
        loss.backward()
        optimizer.step()
        return loss

    return work


def while_loop(_: Any, function: Function) -> Work:
    count = torch.tensor(10_000)

    def work() -> torch.Tensor:
        x = torch.tensor(0.0)
        for _ in range(int(count)):
            x = x * 0.999 + 0.5
        return x

    return work
