"""Gradients of convolutions and of max pooling: the same for windows of two and of three dimensions."""

from __future__ import annotations

from typing import Any

from ..core.op import OPS, Op
from .common import shape_of


def define_for_convolution(conv: Op, input_gradient: Op, filter_gradient: Op) -> None:
    """Gives each of the three its gradient, which the other two compute: the operation is linear in both inputs."""

    @conv.gradient
    def _(g: Any, _y: Any, x: Any, w: Any, **attrs: Any) -> Any:
        return (
            lambda: input_gradient(shape_of(x), w, g, **attrs),
            lambda: filter_gradient(x, shape_of(w), g, **attrs),
        )

    @input_gradient.gradient
    def _(g: Any, _dx: Any, _sizes: Any, w: Any, dy: Any, **attrs: Any) -> Any:
        return None, lambda: filter_gradient(g, shape_of(w), dy, **attrs), lambda: conv(g, w, **attrs)

    @filter_gradient.gradient
    def _(g: Any, _dw: Any, x: Any, _sizes: Any, dy: Any, **attrs: Any) -> Any:
        return lambda: input_gradient(shape_of(x), g, dy, **attrs), None, lambda: conv(x, g, **attrs)


def define_for_max_pool(pool: Op, gradient: Op, gradient_gradient: Op) -> None:
    """Gives each of the three its gradient: what goes to a window's place of the maximum, and what comes from there."""

    @pool.gradient
    def _(g: Any, y: Any, x: Any, **attrs: Any) -> Any:
        return gradient(x, y, g, **attrs)

    @gradient.gradient
    def _(g: Any, _dx: Any, x: Any, y: Any, _dy: Any, **attrs: Any) -> Any:
        zeros = OPS["ZerosLike"]
        return lambda: zeros(x), lambda: zeros(y), lambda: gradient_gradient(x, y, g, **attrs)

    @gradient_gradient.gradient
    def _(g: Any, _values: Any, x: Any, y: Any, _ggx: Any, **attrs: Any) -> Any:
        zeros = OPS["ZerosLike"]
        return lambda: zeros(x), lambda: zeros(y), lambda: gradient(x, y, g, **attrs)
