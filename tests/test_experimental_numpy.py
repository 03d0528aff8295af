"""`tf.experimental.numpy` against TensorFlow's own results, which `tools/record_numpy.py` recorded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as onp
import pytest

import tapeflow as tf
from tests.numpy_cases import ENABLED, cases, described

RECORDED = json.loads((Path(__file__).parent / "recordings" / "numpy.json").read_text())
NAMES = {"np": tf.experimental.numpy, "tf": tf, "onp": onp}
FUNCTIONS = (
    "abs", "absolute", "add", "all", "allclose", "amax", "amin", "angle", "any", "append", "arange", "arccos",
    "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argsort", "around", "array",
    "array_equal", "asanyarray", "asarray", "ascontiguousarray", "atleast_1d", "atleast_2d", "atleast_3d", "average",
    "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "broadcast_arrays", "broadcast_to", "cbrt", "ceil",
    "clip", "compress", "concatenate", "conj", "conjugate", "copy", "cos", "cosh", "count_nonzero", "cross",
    "cumprod", "cumsum", "deg2rad", "diag", "diag_indices", "diagflat", "diagonal", "diff", "divide", "divmod", "dot",
    "dsplit", "dstack", "einsum", "empty", "empty_like", "equal", "exp", "exp2", "expand_dims", "expm1", "eye",
    "fabs", "finfo", "fix", "flatten", "flip", "fliplr", "flipud", "float_power", "floor", "floor_divide", "full",
    "full_like", "gcd", "geomspace", "greater", "greater_equal", "heaviside", "hsplit", "hstack", "hypot", "identity",
    "iinfo", "imag", "inner", "isclose", "iscomplex", "iscomplexobj", "isfinite", "isinf", "isnan", "isneginf",
    "isposinf", "isreal", "isrealobj", "isscalar", "issubdtype", "ix_", "kron", "lcm", "less", "less_equal",
    "linspace", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "logical_and", "logical_not",
    "logical_or", "logical_xor", "logspace", "matmul", "max", "maximum", "mean", "meshgrid", "min", "minimum", "mod",
    "moveaxis", "multiply", "nanmean", "nanprod", "nansum", "ndim", "negative", "nextafter", "nonzero", "not_equal",
    "ones", "ones_like", "outer", "pad", "polyval", "positive", "power", "prod", "promote_types", "ptp", "rad2deg",
    "ravel", "real", "reciprocal", "remainder", "repeat", "reshape", "result_type", "roll", "rot90", "round",
    "select", "shape", "sign", "signbit", "sin", "sinc", "sinh", "size", "sort", "split", "sqrt", "square", "squeeze",
    "stack", "std", "subtract", "sum", "swapaxes", "take", "take_along_axis", "tan", "tanh", "tensordot", "tile",
    "trace", "transpose", "tri", "tril", "triu", "true_divide", "vander", "var", "vdot", "vsplit", "vstack", "where",
    "zeros", "zeros_like",
)  # fmt: skip


def agree(found: Any, expected: Any) -> None:
    """Whether two descriptions are of the same dtype and shape, and of elements equal to rounding."""
    if isinstance(expected, list):
        assert len(found) == len(expected), found
        for one, other in zip(found, expected, strict=True):
            agree(one, other)
    elif isinstance(expected, dict) and "elements" in expected:
        assert {**found, "elements": None} == {**expected, "elements": None}
        tolerance = 4e-3 if expected["dtype"] == "float16" else 2e-6 if "float32" in expected["dtype"] else 1e-12
        same(found["elements"], expected["elements"], tolerance)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-12, nan_ok=True)
    elif isinstance(expected, dict):
        assert found.get("error") == expected["error"], found
        assert first_words(found["text"]) == first_words(expected["text"])
    else:
        assert found == expected


def same(found: list[Any], expected: list[Any], tolerance: float) -> None:
    if expected and isinstance(expected[0], str | bool):
        assert found == expected
    else:
        onp.testing.assert_allclose(found, expected, rtol=tolerance, atol=1e-15)


def first_words(text: str) -> str:
    """The text of an error without what says where it came from."""
    return text.split(" [Op:")[0].split("\n")[0]


@pytest.mark.parametrize("expression", cases())
def test_results(expression: str) -> None:
    agree(described(expression, NAMES), RECORDED["plain"][expression])


def test_every_function_is_there_and_recorded() -> None:
    names = {expression.removeprefix("np.").split("(")[0] for expression in RECORDED["plain"]}
    for name in FUNCTIONS:
        assert callable(getattr(tf.experimental.numpy, name))
        assert name in names


_ENABLED_SCRIPT = """
import json, sys
import numpy as onp
import tapeflow as tf
from tests.numpy_cases import ENABLED, described
tf.experimental.numpy.experimental_enable_numpy_behavior(prefer_float32=sys.argv[1] == "float32")
names = {"np": tf.experimental.numpy, "tf": tf, "onp": onp}
print(json.dumps({expression: described(expression, names) for expression in ENABLED}))
"""


@pytest.mark.parametrize("mode", ["float64", "float32"])
def test_numpy_behavior(mode: str) -> None:
    root = Path(__file__).parent.parent
    command = [sys.executable, "-c", _ENABLED_SCRIPT, mode]
    output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root).stdout
    found = json.loads(output.splitlines()[-1])
    wrong = []
    for expression in ENABLED:
        try:
            agree(found[expression], RECORDED[mode][expression])
        except (AssertionError, AttributeError, KeyError, TypeError) as error:
            wrong.append(f"{expression}: {found[expression]} instead of {RECORDED[mode][expression]}: {error!r}"[:600])
    assert not wrong, "\n".join(wrong)


def test_numpy_behavior_refuses_other_modes() -> None:
    for mode in ("odd", "safe"):
        with pytest.raises(ValueError, match="promotion mode"):
            tf.experimental.numpy.experimental_enable_numpy_behavior(dtype_conversion_mode=mode)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_functions_and_tapes(jit_compile: bool) -> None:
    tnp = tf.experimental.numpy
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])

    @tf.function(jit_compile=jit_compile)
    def f(x: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tnp.sum(tnp.square(tnp.matmul(x, tnp.transpose(x)))) + tnp.mean(tnp.clip(x, 2, 3)) * tnp.exp2(x[0, 0])
        return y, tape.gradient(y, x)

    for found, expected in zip(f(x), f.python_function(x), strict=True):
        onp.testing.assert_allclose(found, expected, rtol=1e-6)


def test_unknown_sizes_in_functions() -> None:
    tnp = tf.experimental.numpy
    spec = tf.TensorSpec([None, None])
    x = onp.arange(6, dtype=onp.float32).reshape(2, 3)
    functions = {
        "flip": lambda x: tnp.flip(x, 1), "diag": lambda x: tnp.diagonal(x), "tile": lambda x: tnp.tile(x, 2),
        "roll": lambda x: tnp.roll(x, 1), "kron": lambda x: tnp.kron(x, x), "sort": lambda x: tnp.sort(x, axis=None),
        "take": lambda x: tnp.take(x, [1, 9]), "atleast_3d": tnp.atleast_3d,
        "moveaxis": lambda x: tnp.moveaxis(x, 0, 1),
        "var": lambda x: tnp.var(x, axis=0, ddof=1), "full_like": lambda x: tnp.full_like(x, 2), "nonzero": tnp.nonzero,
    }  # fmt: skip
    for name, function in functions.items():
        traced = tf.function(function, input_signature=[spec])
        for found, expected in zip(tf.nest.flatten(traced(x)), tf.nest.flatten(function(x)), strict=True):
            assert found.dtype is expected.dtype or x.dtype == "float32", name
            onp.testing.assert_allclose(found, expected, err_msg=name)


def test_random_numbers() -> None:
    tnp = tf.experimental.numpy
    tf.experimental.numpy.random.seed(3)
    first = [
        tf.experimental.numpy.random.randn(2, 3), tf.experimental.numpy.random.rand(4),
        tf.experimental.numpy.random.random((2,)), tf.experimental.numpy.random.standard_normal(3),
        tf.experimental.numpy.random.uniform(1, [2, 3]), tf.experimental.numpy.random.poisson(4.0, 5),
        tf.experimental.numpy.random.randint(2, 9, 6),
    ]  # fmt: skip
    assert [tuple(x.shape) for x in first] == [(2, 3), (4,), (2,), (3,), (2,), (5,), (6,)]
    assert [x.dtype.name for x in first] == ["float64"] * 5 + ["int64"] * 2
    tf.random.set_seed(3)
    onp.testing.assert_array_equal(tnp.random.randn(2, 3), first[0])
    assert tnp.random.randint(3).shape == ()


def test_dtypes_and_constants() -> None:
    tnp = tf.experimental.numpy
    assert tnp.ndarray is tf.Tensor and tf.experimental.numpy.ndarray is tf.Tensor
    assert tnp.complex_ is onp.complex128 and tnp.float_ is onp.float64 and tnp.newaxis is None
    for name in ("bool_", "complex64", "complex128", "float16", "float32", "float64", "inexact", "int8", "int16",
                 "int32", "int64", "int_", "object_", "uint8", "uint16", "uint32", "uint64"):  # fmt: skip
        assert getattr(tf.experimental.numpy, name) is getattr(onp, name)
    assert tnp.string_ is onp.bytes_ and tnp.unicode_ is onp.str_
    assert (tnp.e, tnp.pi, tnp.inf) == (onp.e, onp.pi, onp.inf)
