"""tapeflow: TensorFlow 2 programs without TensorFlow.

>>> x = tf.constant(3.0)
>>> with tf.GradientTape() as tape:
...     tape.watch(x)
...     y = x * x
>>> tape.gradient(y, x)
<tf.Tensor: shape=(), dtype=float32, numpy=6.0>
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base import numpy_start as _numpy_start  # before anything loads NumPy
from .base.extras import Late as _Late

# Dtypes, shapes, tensors
from .base.dtypes import DType as DType
from .base.dtypes import as_dtype as as_dtype
from .base.dtypes import bfloat16 as bfloat16
from .base.dtypes import bool as bool
from .base.dtypes import complex64 as complex64
from .base.dtypes import complex128 as complex128
from .base.dtypes import double as double
from .base.dtypes import float16 as float16
from .base.dtypes import float32 as float32
from .base.dtypes import float64 as float64
from .base.dtypes import half as half
from .base.dtypes import int8 as int8
from .base.dtypes import int16 as int16
from .base.dtypes import int32 as int32
from .base.dtypes import int64 as int64
from .base.dtypes import qint8 as qint8
from .base.dtypes import qint16 as qint16
from .base.dtypes import qint32 as qint32
from .base.dtypes import quint8 as quint8
from .base.dtypes import quint16 as quint16
from .base.dtypes import resource as resource
from .base.dtypes import string as string
from .base.dtypes import uint8 as uint8
from .base.dtypes import uint16 as uint16
from .base.dtypes import uint32 as uint32
from .base.dtypes import uint64 as uint64
from .base.dtypes import variant as variant
from .base.tensor_shape import TensorShape as TensorShape
from .core.convert import register_tensor_conversion_function as register_tensor_conversion_function
from .core.indexed_slices import IndexedSlices as IndexedSlices
from .core.spec import NoneTensorSpec as NoneTensorSpec
from .core.spec import TensorSpec as TensorSpec
from .core.spec import TypeSpec as TypeSpec
from .core.tensor import Tensor as Tensor

# Elementwise math (ops/elementwise.py ...)
from .ops.arithmetic import abs as abs
from .ops.arithmetic import add as add
from .ops.arithmetic import add_n as add_n
from .ops.division import divide as divide
from .ops.arithmetic import multiply as multiply
from .ops.arithmetic import negative as negative
from .ops.arithmetic import pow as pow
from .ops.division import realdiv as realdiv
from .ops.arithmetic import scalar_mul as scalar_mul
from .ops.arithmetic import sign as sign
from .ops.arithmetic import square as square
from .ops.arithmetic import subtract as subtract
from .ops.division import truediv as truediv
from .ops.division import truncatediv as truncatediv
from .ops.division import truncatemod as truncatemod
from .ops.casting import bitcast as bitcast
from .ops.casting import cast as cast
from .ops.casting import saturate_cast as saturate_cast
from .ops.comparison import equal as equal
from .ops.comparison import greater as greater
from .ops.comparison import greater_equal as greater_equal
from .ops.comparison import less as less
from .ops.comparison import less_equal as less_equal
from .ops.comparison import logical_and as logical_and
from .ops.comparison import logical_not as logical_not
from .ops.comparison import logical_or as logical_or
from .ops.comparison import not_equal as not_equal
from .ops.comparison import where as where
from .ops.elementwise import acos as acos
from .ops.elementwise import acosh as acosh
from .ops.elementwise import asin as asin
from .ops.elementwise import asinh as asinh
from .ops.elementwise import atan as atan
from .ops.elementwise import atan2 as atan2
from .ops.elementwise import atanh as atanh
from .ops.elementwise import cos as cos
from .ops.elementwise import cosh as cosh
from .ops.elementwise import exp as exp
from .ops.elementwise import floor as floor
from .ops.elementwise import maximum as maximum
from .ops.elementwise import minimum as minimum
from .ops.elementwise import round as round
from .ops.elementwise import sigmoid as sigmoid
from .ops.elementwise import sin as sin
from .ops.elementwise import sinh as sinh
from .ops.elementwise import sqrt as sqrt
from .ops.elementwise import tan as tan
from .ops.elementwise import tanh as tanh
from .ops import operators as _operators  # gives Tensor its operators

# Reductions and linear algebra (ops/reduction.py, ops/matmul.py ...)
from .ops.matmul import matmul as matmul
from .ops.matmul import tensordot as tensordot
from .ops.reduction import reduce_all as reduce_all
from .ops.reduction import reduce_any as reduce_any
from .ops.reduction import reduce_logsumexp as reduce_logsumexp
from .ops.reduction import reduce_max as reduce_max
from .ops.reduction import reduce_mean as reduce_mean
from .ops.reduction import reduce_min as reduce_min
from .ops.reduction import reduce_prod as reduce_prod
from .ops.reduction import reduce_sum as reduce_sum

# Layout, creation, indexing (ops/layout.py ...)
from .ops.creation import constant as constant
from .ops.creation import convert_to_tensor as convert_to_tensor
from .ops.creation import fill as fill
from .ops.creation import get_static_value as get_static_value
from .ops.creation import is_tensor as is_tensor
from .ops.creation import newaxis as newaxis
from .ops.creation import ones as ones
from .ops.creation import ones_like as ones_like
from .ops.creation import timestamp as timestamp
from .ops.creation import zeros as zeros
from .ops.creation import zeros_like as zeros_like
from .ops.joining import concat as concat
from .ops.joining import repeat as repeat
from .ops.joining import split as split
from .ops.joining import stack as stack
from .ops.joining import tile as tile
from .ops.joining import unstack as unstack
from .ops.broadcasting import broadcast_dynamic_shape as broadcast_dynamic_shape
from .ops.broadcasting import broadcast_static_shape as broadcast_static_shape
from .ops.broadcasting import broadcast_to as broadcast_to
from .ops.indexing import strided_slice as strided_slice
from .ops.layout import expand_dims as expand_dims
from .ops.sizes import rank as rank
from .ops.layout import reshape as reshape
from .ops.sizes import shape as shape
from .ops.sizes import shape_n as shape_n
from .ops.sizes import size as size
from .ops.layout import squeeze as squeeze
from .ops.layout import transpose as transpose
from .ops.passing import ensure_shape as ensure_shape
from .ops.passing import identity as identity
from .ops.passing import identity_n as identity_n
from .ops.passing import stop_gradient as stop_gradient

# The tape (autodiff/)
from .autodiff.tape import GradientTape as GradientTape
from .autodiff.tape import UnconnectedGradients as UnconnectedGradients

# State: Variables, modules
from .state.module import Module as Module
from .state.variable import Variable as Variable
from .state.variable import VariableAggregation as VariableAggregation
from .state.variable import VariableSynchronization as VariableSynchronization

# Scopes
from .base.log import get_logger as get_logger
from .base.scopes import control_dependencies as control_dependencies
from .base.scopes import group as group
from .base.scopes import init_scope as init_scope
from .base.scopes import name_scope as name_scope
from .base.scopes import no_op as no_op

# Namespaces
from . import autodiff as autodiff
from . import version as version

# What loads when it is first used. Editors and type checkers read it here; below it is said where it is.
if TYPE_CHECKING:
    from keras import initializers as initializers
    from keras import losses as losses
    from keras import metrics as metrics
    from keras import optimizers as optimizers

    from . import audio as audio
    from . import autograph as autograph
    from . import bitwise as bitwise
    from . import compat as compat
    from . import config as config
    from . import data as data
    from . import debugging as debugging
    from . import distribute as distribute
    from . import dtypes as dtypes
    from . import errors as errors
    from . import experimental as experimental
    from . import image as image
    from . import __internal__ as __internal__
    from . import io as io
    from . import keras as keras
    from . import linalg as linalg
    from . import lookup as lookup
    from . import math as math
    from . import nest as nest
    from . import nn as nn
    from . import quantization as quantization
    from . import ragged as ragged
    from . import random as random
    from . import raw_ops as raw_ops
    from . import sets as sets
    from . import signal as signal
    from . import sparse as sparse
    from . import strings as strings
    from . import summary as summary
    from . import sysconfig as sysconfig
    from . import test as test
    from . import tpu as tpu
    from . import train as train
    from . import types as types
    from .approximation import approximate as approximate
    from .autodiff.custom_gradient import custom_gradient as custom_gradient
    from .autodiff.custom_gradient import grad_pass_through as grad_pass_through
    from .autodiff.custom_gradient import recompute_grad as recompute_grad
    from .base.device_spec import DeviceSpec as DeviceSpec
    from .data.iterators import OptionalSpec as OptionalSpec
    from .engines.devices import device as device
    from .graph.control import case as case
    from .graph.control import cond as cond
    from .graph.control import switch_case as switch_case
    from .graph.control import while_loop as while_loop
    from .graph.function import function as function
    from .graph.function import Graph as Graph
    from .graph.functional import foldl as foldl
    from .graph.functional import foldr as foldr
    from .graph.functional import map_fn as map_fn
    from .graph.functional import scan as scan
    from .graph.functional import vectorized_map as vectorized_map
    from .graph.gradients import gradients as gradients
    from .graph.hessians import AggregationMethod as AggregationMethod
    from .graph.hessians import hessians as hessians
    from .graph.ir import Node as Operation
    from .graph.py_function import numpy_function as numpy_function
    from .graph.py_function import py_function as py_function
    from .graph.tensor_proto import make_ndarray as make_ndarray
    from .graph.tensor_proto import make_tensor_proto as make_tensor_proto
    from .graph.trace import executing_eagerly as executing_eagerly
    from .graph.trace import inside_function as inside_function
    from .graph.trace import is_symbolic_tensor as is_symbolic_tensor
    from .graph.traced_tensor_array import TensorArray as TensorArray
    from .graph.traced_tensor_array import TensorArraySpec as TensorArraySpec
    from .graph.type_specs import get_current_name_scope as get_current_name_scope
    from .graph.type_specs import type_spec_from_value as type_spec_from_value
    from .ops.approximate import approx_top_k as approx_top_k
    from .ops.clipping import clip_by_global_norm as clip_by_global_norm
    from .ops.clipping import clip_by_norm as clip_by_norm
    from .ops.clipping import clip_by_value as clip_by_value
    from .ops.complex import complex as complex
    from .ops.debugging import Assert as Assert
    from .ops.debugging import assert_equal as assert_equal
    from .ops.debugging import assert_greater as assert_greater
    from .ops.debugging import assert_less as assert_less
    from .ops.debugging_shapes import assert_rank as assert_rank
    from .ops.edit_distance import edit_distance as edit_distance
    from .ops.eigenvalues import eig as eig
    from .ops.eigenvalues import eigvals as eigvals
    from .ops.einsum import einsum as einsum
    from .ops.fingerprint import fingerprint as fingerprint
    from .ops.fourier_nd import fftnd as fftnd
    from .ops.fourier_nd import ifftnd as ifftnd
    from .ops.fourier_nd import irfftnd as irfftnd
    from .ops.fourier_nd import rfftnd as rfftnd
    from .ops.gathering import boolean_mask as boolean_mask
    from .ops.gathering import gather as gather
    from .ops.gathering import gather_nd as gather_nd
    from .ops.grouping import guarantee_const as guarantee_const
    from .ops.grouping import parallel_stack as parallel_stack
    from .ops.grouping import tuple as tuple
    from .ops.index_arithmetic import required_space_to_batch_paddings as required_space_to_batch_paddings
    from .ops.index_arithmetic import unravel_index as unravel_index
    from .ops.matrix_functions import matrix_square_root as matrix_square_root
    from .ops.norm import norm as norm
    from .ops.padding import pad as pad
    from .ops.printing import print as print
    from .ops.ragged_specs import RaggedTensorSpec as RaggedTensorSpec
    from .ops.ragged_tensor import RaggedTensor as RaggedTensor
    from .ops.random_shuffles import random_index_shuffle as random_index_shuffle
    from .ops.ranges import eye as eye
    from .ops.ranges import linspace as linspace
    from .ops.ranges import meshgrid as meshgrid
    from .ops.ranges import one_hot as one_hot
    from .ops.ranges import range_ as range
    from .ops.ranges import sequence_mask as sequence_mask
    from .ops.rearranging import batch_to_space as batch_to_space
    from .ops.rearranging import reverse as reverse
    from .ops.rearranging import reverse_sequence as reverse_sequence
    from .ops.rearranging import roll as roll
    from .ops.rearranging import space_to_batch as space_to_batch
    from .ops.rearranging import space_to_batch_nd as space_to_batch_nd
    from .ops.scan import cumsum as cumsum
    from .ops.scattering import dynamic_partition as dynamic_partition
    from .ops.scattering import dynamic_stitch as dynamic_stitch
    from .ops.scattering import scatter_nd as scatter_nd
    from .ops.scattering import tensor_scatter_nd_add as tensor_scatter_nd_add
    from .ops.scattering import tensor_scatter_nd_max as tensor_scatter_nd_max
    from .ops.scattering import tensor_scatter_nd_min as tensor_scatter_nd_min
    from .ops.scattering import tensor_scatter_nd_sub as tensor_scatter_nd_sub
    from .ops.scattering import tensor_scatter_nd_update as tensor_scatter_nd_update
    from .ops.slicing import slice_ as slice
    from .ops.sorting import argsort as argsort
    from .ops.sorting import searchsorted as searchsorted
    from .ops.sorting import sort as sort
    from .ops.sparse_tensor import SparseTensor as SparseTensor
    from .ops.sparse_tensor import SparseTensorSpec as SparseTensorSpec
    from .ops.statistics import argmax as argmax
    from .ops.statistics import argmin as argmin
    from .ops.statistics import histogram_fixed_width as histogram_fixed_width
    from .ops.statistics import histogram_fixed_width_bins as histogram_fixed_width_bins
    from .ops.strings import as_string as as_string
    from .ops.unique import unique as unique
    from .ops.unique import unique_with_counts as unique_with_counts
    from .ops.volume_patches import extract_volume_patches as extract_volume_patches
    from .state.initializers import constant_initializer as constant_initializer
    from .state.initializers import ones_initializer as ones_initializer
    from .state.initializers import random_normal_initializer as random_normal_initializer
    from .state.initializers import random_uniform_initializer as random_uniform_initializer
    from .state.initializers import zeros_initializer as zeros_initializer

__version__ = version.VERSION

_late = _Late(
    globals(),
    {
        "keras": "initializers losses metrics optimizers",
        "approximation": "approximate",
        "autodiff.custom_gradient": "custom_gradient grad_pass_through recompute_grad",
        "base.device_spec": "DeviceSpec",
        "data.iterators": "OptionalSpec",
        "engines.devices": "device",
        "graph.control": "case cond switch_case while_loop",
        "graph.function": "function Graph",
        "graph.functional": "foldl foldr map_fn scan vectorized_map",
        "graph.gradients": "gradients",
        "graph.hessians": "AggregationMethod hessians",
        "graph.ir": "Operation=Node",
        "graph.py_function": "numpy_function py_function",
        "graph.tensor_proto": "make_ndarray make_tensor_proto",
        "graph.trace": "executing_eagerly inside_function is_symbolic_tensor",
        "graph.traced_tensor_array": "TensorArray TensorArraySpec",
        "graph.type_specs": "get_current_name_scope type_spec_from_value",
        "ops.approximate": "approx_top_k",
        "ops.clipping": "clip_by_global_norm clip_by_norm clip_by_value",
        "ops.complex": "complex",
        "ops.debugging": "Assert assert_equal assert_greater assert_less",
        "ops.debugging_shapes": "assert_rank",
        "ops.edit_distance": "edit_distance",
        "ops.eigenvalues": "eig eigvals",
        "ops.einsum": "einsum",
        "ops.fingerprint": "fingerprint",
        "ops.fourier_nd": "fftnd ifftnd irfftnd rfftnd",
        "ops.gathering": "boolean_mask gather gather_nd",
        "ops.grouping": "guarantee_const parallel_stack tuple",
        "ops.index_arithmetic": "required_space_to_batch_paddings unravel_index",
        "ops.matrix_functions": "matrix_square_root",
        "ops.norm": "norm",
        "ops.padding": "pad",
        "ops.printing": "print",
        "ops.ragged_specs": "RaggedTensorSpec",
        "ops.ragged_tensor": "RaggedTensor",
        "ops.random_shuffles": "random_index_shuffle",
        "ops.ranges": "eye linspace meshgrid one_hot range=range_ sequence_mask",
        "ops.rearranging": "batch_to_space reverse reverse_sequence roll space_to_batch space_to_batch_nd",
        "ops.scan": "cumsum",
        "ops.scattering": """
            dynamic_partition dynamic_stitch scatter_nd tensor_scatter_nd_add tensor_scatter_nd_max
            tensor_scatter_nd_min tensor_scatter_nd_sub tensor_scatter_nd_update
        """,
        "ops.slicing": "slice=slice_",
        "ops.sorting": "argsort searchsorted sort",
        "ops.sparse_tensor": "SparseTensor SparseTensorSpec",
        "ops.statistics": "argmax argmin histogram_fixed_width histogram_fixed_width_bins",
        "ops.strings": "as_string",
        "ops.unique": "unique unique_with_counts",
        "ops.volume_patches": "extract_volume_patches",
        "state.initializers": """
            constant_initializer ones_initializer random_normal_initializer random_uniform_initializer zeros_initializer
        """,
    },
    modules="""
        audio autograph bitwise compat config data debugging distribute dtypes errors experimental image
        __internal__ io keras linalg lookup math nest nn quantization ragged random raw_ops sets signal sparse
        strings summary sysconfig test tpu train types
    """,
)


def __getattr__(name: str) -> object:
    if name == "__all__":  # of `from tapeflow import *`; Keras need not be there
        return [known for known in __dir__() if known[0] != "_" and _late.where.get(known, ("", ""))[0] != "keras"]
    return _late.get(name)


def __dir__() -> list[str]:
    return _late.all()
