"""`tf.quantization`: numbers of few bits."""

from __future__ import annotations

from .ops.quantization import fake_quant_with_min_max_args as fake_quant_with_min_max_args
from .ops.quantization import fake_quant_with_min_max_args_gradient as fake_quant_with_min_max_args_gradient
from .ops.quantization import fake_quant_with_min_max_vars as fake_quant_with_min_max_vars
from .ops.quantization import fake_quant_with_min_max_vars_gradient as fake_quant_with_min_max_vars_gradient
from .ops.quantization import fake_quant_with_min_max_vars_per_channel as fake_quant_with_min_max_vars_per_channel
from .ops.quantization import (
    fake_quant_with_min_max_vars_per_channel_gradient as fake_quant_with_min_max_vars_per_channel_gradient,
)
from .ops.quantize_and_back import quantize_and_dequantize as quantize_and_dequantize
from .ops.quantize_and_back import quantize_and_dequantize_v2 as quantize_and_dequantize_v2
from .ops.quantized import dequantize as dequantize
from .ops.quantized import quantize as quantize
from .ops.quantized import quantized_concat as quantized_concat
