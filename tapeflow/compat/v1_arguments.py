"""Functions of today with the arguments that they had in TensorFlow 1: in their order, by names since changed."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

assert __package__ is not None
_PACKAGE = __package__.partition(".")[0]

_REDUCTION = "input_tensor axis keepdims name reduction_indices>axis keep_dims>keepdims"
_COMPARISON = "x y data- summarize message name"
_SIGN = "x data- summarize message name"
_POOLING = "value>input ksize strides padding data_format name input"
_GRADIENTS = (
    "ys xs grad_ys name colocate_gradients_with_ops- gate_gradients aggregation_method stop_gradients"
    " unconnected_gradients"
)
_REDUCED = ("all", "any", "logsumexp", "max", "mean", "min", "prod", "sum")
_ORDERED = ("equal", "greater", "greater_equal", "less", "less_equal", "none_equal")
_SIGNED = ("negative", "non_negative", "non_positive", "positive")

# What a function is called today, and its parameters in TensorFlow 1, in order: `old>new` has another name now, what
# ends in `-` is a hint that has no meaning any more.
ASSERTIONS = {
    **{f"assert_{name}": (f"debugging.assert_{name}", _COMPARISON) for name in _ORDERED},
    **{f"assert_{name}": (f"debugging.assert_{name}", _SIGN) for name in _SIGNED},
    "assert_integer": ("debugging.assert_integer", "x message name"),
    "assert_rank": ("debugging.assert_rank", "x rank data- summarize- message name"),
    "assert_type": ("debugging.assert_type", "tensor tf_type message name"),
}
TOP = {
    **ASSERTIONS,
    **{f"reduce_{name}": (f"math.reduce_{name}", _REDUCTION) for name in _REDUCED},
    "argmax": ("math.argmax", "input axis name dimension>axis output_type"),
    "argmin": ("math.argmin", "input axis name dimension>axis output_type"),
    "cond": ("cond", "pred true_fn false_fn strict- name fn1>true_fn fn2>false_fn"),
    "count_nonzero": (
        "math.count_nonzero",
        "input_tensor>input axis keepdims dtype name reduction_indices>axis keep_dims>keepdims input",
    ),
    "decode_raw": ("io.decode_raw", "input_bytes out_type little_endian name bytes>input_bytes"),
    "depth_to_space": ("nn.depth_to_space", "input block_size name data_format"),
    "gather": ("gather", "params indices validate_indices- name axis batch_dims"),
    "gradients": ("gradients", _GRADIENTS),
    "hessians": ("hessians", "ys xs name colocate_gradients_with_ops- gate_gradients aggregation_method"),
    "matrix_set_diag": ("linalg.set_diag", "input diagonal name k align"),
    "norm": ("norm", "tensor ord axis keepdims name keep_dims>keepdims"),
    "ones_like": ("ones_like", "tensor>input dtype name optimize-"),
    "py_func": ("numpy_function", "func inp Tout stateful name"),
    "random_normal": ("random.normal", "shape mean stddev dtype seed name"),
    "random_shuffle": ("random.shuffle", "value seed name"),
    "random_uniform": ("random.uniform", "shape minval maxval dtype seed name"),
    "reverse_sequence": (
        "reverse_sequence", "input seq_lengths seq_axis batch_axis name seq_dim>seq_axis batch_dim>batch_axis",
    ),
    "round": ("round", "x name"),
    "shape": ("shape", "input name out_type"),
    "size": ("size", "input name out_type"),
    "space_to_depth": ("nn.space_to_depth", "input block_size name data_format"),
    "squared_difference": ("math.squared_difference", "x y name"),
    "squeeze": ("squeeze", "input axis name squeeze_dims>axis"),
    "transpose": ("transpose", "a perm name conjugate"),
    "truncated_normal": ("random.truncated_normal", "shape mean stddev dtype seed name"),
    "zeros_like": ("zeros_like", "tensor>input dtype name optimize-"),
}  # fmt: skip
IMAGE = {
    "crop_and_resize": (
        "image.crop_and_resize",
        "image boxes box_ind>box_indices crop_size method extrapolation_value name box_indices",
    ),
}
NN = {
    "avg_pool": ("nn.avg_pool2d", _POOLING),
    "avg_pool2d": ("nn.avg_pool2d", _POOLING),
    "conv1d": ("nn.conv1d", "value>input filters stride padding use_cudnn_on_gpu- data_format name input dilations"),
    "conv2d": (
        "nn.conv2d", "input filter>filters strides padding use_cudnn_on_gpu- data_format dilations name filters",
    ),
    "conv2d_transpose": (
        "nn.conv2d_transpose",
        "value>input filter>filters output_shape strides padding data_format name input filters dilations",
    ),
    "conv3d": ("nn.conv3d", "input filter>filters strides padding data_format dilations name filters"),
    "convolution": (
        "nn.convolution",
        "input filter>filters padding strides dilation_rate>dilations name data_format filters dilations",
    ),
    "crelu": ("nn.crelu", "features name axis"),
    "ctc_loss_v2": (
        "nn.ctc_loss", "labels logits label_length logit_length logits_time_major unique blank_index name",
    ),
    "depthwise_conv2d": (
        "nn.depthwise_conv2d", "input filter strides padding rate>dilations name data_format dilations",
    ),
    "l2_normalize": ("nn.l2_normalize", "x axis epsilon name dim>axis"),
    "log_softmax": ("nn.log_softmax", "logits axis name dim>axis"),
    "max_pool": ("nn.max_pool2d", _POOLING),
    "max_pool2d": ("nn.max_pool2d", "input ksize strides padding data_format name"),
    "max_pool_with_argmax": (
        "nn.max_pool_with_argmax",
        "input ksize strides padding data_format Targmax>output_dtype name output_dtype include_batch_in_index",
    ),
    "moments": ("nn.moments", "x axes shift name keep_dims>keepdims keepdims"),
    "pool": (
        "nn.pool",
        "input window_shape pooling_type padding dilation_rate>dilations strides name data_format dilations",
    ),
    "separable_conv2d": (
        "nn.separable_conv2d",
        "input depthwise_filter pointwise_filter strides padding rate>dilations name data_format dilations",
    ),
    "sigmoid_cross_entropy_with_logits": ("nn.sigmoid_cross_entropy_with_logits", "labels logits name"),
    "softmax": ("nn.softmax", "logits axis name dim>axis"),
    "softmax_cross_entropy_with_logits_v2": (
        "nn.softmax_cross_entropy_with_logits", "labels logits axis name dim>axis",
    ),
    "sparse_softmax_cross_entropy_with_logits": (
        "nn.sparse_softmax_cross_entropy_with_logits", "labels logits name",
    ),
    "sufficient_statistics": ("nn.sufficient_statistics", "x axes shift keep_dims>keepdims name keepdims"),
    "weighted_cross_entropy_with_logits": (
        "nn.weighted_cross_entropy_with_logits", "labels logits pos_weight name targets>labels",
    ),
}  # fmt: skip


def _today(path: str) -> Any:
    found: Any = importlib.import_module(_PACKAGE)
    for name in path.split("."):
        found = getattr(found, name)
    return found


@cache
def old(name: str, path: str, parameters: str) -> Callable[..., Any]:
    """A function of today that takes the arguments which it had in TensorFlow 1.

    Args:
      name: its name in TensorFlow 1.
      path: what it is called today.
      parameters: those it had, in order; see the tables.

    Returns:
      The function. It raises a TypeError for arguments that it did not have, and a ValueError for one that is given by
      an old name and a new one.
    """
    order: dict[str, str] = {}  # what each is called today; empty for a hint
    for token in parameters.split():
        before, _, now = token.partition(">")
        order[before.rstrip("-")] = "" if before.endswith("-") else now or before
    function = _today(path)
    signature = inspect.Signature(
        [inspect.Parameter(one, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None) for one in order]
    )

    def call(*args: Any, **kwargs: Any) -> Any:
        given: dict[str, Any] = {}
        by: dict[str, str] = {}  # the name that each was given by
        for before, value in signature.bind(*args, **kwargs).arguments.items():
            now = order[before]
            if not now or value is None:
                continue
            if now in given:
                raise ValueError(f"Cannot specify both '{by[now] if before == now else before}' and '{now}'.")
            given[now], by[now] = value, before
        return function(**given)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"`tf.{path}` with TensorFlow 1's arguments."
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def found(table: Mapping[str, tuple[str, str]], name: str) -> Callable[..., Any] | None:
    """The function of a name, if the table has it."""
    return old(name, *table[name]) if name in table else None
