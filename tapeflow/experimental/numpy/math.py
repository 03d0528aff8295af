"""Functions of numbers, element by element."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import bitwise
from ... import math as tf_math
from ...base import dtypes
from ...core.tensor import Tensor
from ...graph.control import while_loop
from ...ops.activations import relu
from ...ops.broadcasting import broadcast_to
from ...ops.casting import cast
from ...ops.clipping import clip_by_value
from ...ops.common import shape_of
from ...ops.comparison import where as where_op
from ...ops.creation import convert_to_tensor, fill, ones_like
from ...ops.joining import unstack
from ...ops.layout import reshape
from .manipulation import common_shape
from .promotion import asarray, is_inexact, promoted, promoted_pair, result_type, with_float

One = Callable[[Any], Any]
Two = Callable[[Any, Any], Any]


def _named(function: Any, name: str, what: str) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"NumPy's `{name}`: {what}, element by element."
    return function


def _unary(name: str, tf_function: One, what: str) -> One:
    """A function of one array that keeps its dtype."""
    return _named(lambda x: tf_function(asarray(x)), name, what)  # type: ignore[no-any-return]


def _floating(name: str, tf_function: One, what: str) -> One:
    """A function of one array; of what is not floating or complex, the default float is taken."""
    return _named(lambda x: with_float(tf_function, x), name, what)  # type: ignore[no-any-return]


def _binary(name: str, tf_function: Two, what: str, for_bools: Two | None = None) -> Two:
    """A function of two arrays that are promoted to one dtype; bools may have a function of their own."""

    def function(x1: Any, x2: Any) -> Any:
        x1, x2 = promoted_pair(x1, x2)
        return (for_bools if for_bools and x1.dtype is dtypes.bool else tf_function)(x1, x2)

    return _named(function, name, what)  # type: ignore[no-any-return]


def _cast_to(dtype: Any, function: Two, back: Any = None) -> Two:
    def run(x: Any, y: Any) -> Any:
        result = function(cast(x, dtype), cast(y, dtype))
        return result if back is None else cast(result, back)

    return run


# --- one array

log = _floating("log", tf_math.log, "the natural logarithm")
log1p = _floating("log1p", tf_math.log1p, "log(1 + x), exact for small x")
exp = _floating("exp", tf_math.exp, "e to the power of x")
expm1 = _floating("expm1", tf_math.expm1, "exp(x) - 1, exact for small x")
exp2 = _floating("exp2", lambda x: 2**x, "2 to the power of x")
sqrt = _floating("sqrt", tf_math.sqrt, "the square root")
ceil = _floating("ceil", tf_math.ceil, "the next integer above")
floor = _floating("floor", tf_math.floor, "the next integer below")
sin = _floating("sin", tf_math.sin, "the sine")
cos = _floating("cos", tf_math.cos, "the cosine")
tan = _floating("tan", tf_math.tan, "the tangent")
sinh = _floating("sinh", tf_math.sinh, "the hyperbolic sine")
cosh = _floating("cosh", tf_math.cosh, "the hyperbolic cosine")
tanh = _floating("tanh", tf_math.tanh, "the hyperbolic tangent")
arcsin = _floating("arcsin", tf_math.asin, "the inverse of the sine")
arccos = _floating("arccos", tf_math.acos, "the inverse of the cosine")
arctan = _floating("arctan", tf_math.atan, "the inverse of the tangent")
arcsinh = _floating("arcsinh", tf_math.asinh, "the inverse of the hyperbolic sine")
arccosh = _floating("arccosh", tf_math.acosh, "the inverse of the hyperbolic cosine")
arctanh = _floating("arctanh", tf_math.atanh, "the inverse of the hyperbolic tangent")
deg2rad = _floating("deg2rad", lambda x: x * (np.pi / 180.0), "degrees as radians")
isnan = _floating("isnan", tf_math.is_nan, "whether it is no number")
isfinite = _floating("isfinite", tf_math.is_finite, "whether it is a finite number")
abs = _unary("abs", tf_math.abs, "the absolute value")
absolute = _unary("absolute", tf_math.abs, "the absolute value")
fabs = _unary("fabs", tf_math.abs, "the absolute value")
conj = _unary("conj", tf_math.conj, "the complex conjugate")
conjugate = _unary("conjugate", tf_math.conj, "the complex conjugate")
negative = _unary("negative", tf_math.negative, "-x")
positive = _unary("positive", lambda x: x, "x")
reciprocal = _unary("reciprocal", tf_math.reciprocal, "1 / x")
square = _unary("square", tf_math.square, "x * x")
real = _unary("real", tf_math.real, "the real part")
imag = _unary("imag", tf_math.imag, "the imaginary part")
bitwise_not = _unary(
    "bitwise_not", lambda x: tf_math.logical_not(x) if x.dtype is dtypes.bool else bitwise.invert(x), "all bits turned"
)


def signbit(x: Any) -> Tensor:
    """Whether each element is below zero."""
    x = asarray(x)
    return fill(shape_of(x), False) if x.dtype is dtypes.bool else tf_math.less(x, _number(0, x))


def _number(value: Any, like: Tensor) -> Tensor:
    return cast(convert_to_tensor(value), like.dtype)  # type: ignore[no-any-return]


def rad2deg(x: Any) -> Any:
    """Radians as degrees; as in TensorFlow, for what can be multiplied."""
    return x * (180.0 / np.pi)


def log2(x: Any) -> Any:
    """The logarithm to base 2."""
    return log(x) / np.log(2)


def log10(x: Any) -> Any:
    """The logarithm to base 10."""
    return log(x) / np.log(10)


def _cbrt(x: Tensor) -> Any:
    root = tf_math.abs(x) ** (1.0 / 3)
    return where_op(x < 0, -root, root)


def _sinc(x: Tensor) -> Any:
    scaled = x * np.pi
    return where_op(tf_math.equal(x, 0), ones_like(x), tf_math.sin(scaled) / scaled)


cbrt = _floating("cbrt", _cbrt, "the cubic root")
sinc = _floating("sinc", _sinc, "sin(pi x) / (pi x)")
fix = _floating("fix", lambda x: where_op(x < 0, tf_math.ceil(x), tf_math.floor(x)), "rounded towards zero")


def angle(z: Any, deg: bool = False) -> Any:
    """The angle of a complex number, in radians or in degrees."""
    found = with_float(lambda x: where_op(x < 0, np.pi, 0) if x.dtype.is_floating else tf_math.angle(x), z)
    return rad2deg(found) if deg else found


def sign(x: Any, out: Any = None, where: Any = None, **kwargs: Any) -> Tensor:
    """-1, 0 or 1, as the number is; of a complex number, the number of size 1 with its angle.

    Raises:
      ValueError: if there are other arguments.
    """
    for argument, value in (("out", out), ("where", where)):
        if value:
            raise ValueError(f"tf.numpy doesnt support setting {argument}.")
    if kwargs:
        raise ValueError(f"tf.numpy doesnt support setting {kwargs.keys()}")
    return tf_math.sign(asarray(x))


def around(a: Any, decimals: int = 0) -> Tensor:
    """Rounded to some decimals; to tens, hundreds... if they are negative. Keeps the dtype.

    >>> tf.experimental.numpy.around([1.234, 5.678], 1)
    <tf.Tensor: shape=(2,), dtype=float64, numpy=array([1.2, 5.7])>
    """
    x = asarray(a)
    working = x if is_inexact(x) else cast(x, result_type(float))
    factor = _number(10.0**decimals, working)
    return cast(tf_math.divide(tf_math.round(working * factor), factor), x.dtype)  # type: ignore[no-any-return]


def round(a: Any, decimals: int = 0) -> Tensor:
    """As `around`."""
    return around(a, decimals)


# --- two arrays

add = _binary("add", tf_math.add, "x1 + x2; of bools, x1 or x2", tf_math.logical_or)
subtract = _binary("subtract", tf_math.subtract, "x1 - x2")
multiply = _binary("multiply", tf_math.multiply, "x1 * x2; of bools, x1 and x2", tf_math.logical_and)
true_divide = _binary("true_divide", tf_math.truediv, "x1 / x2", _cast_to(dtypes.float64, tf_math.truediv))
divide = _binary("divide", tf_math.truediv, "x1 / x2", _cast_to(dtypes.float64, tf_math.truediv))
floor_divide = _binary("floor_divide", tf_math.floordiv, "x1 // x2", _cast_to(dtypes.int8, tf_math.floordiv))
mod = _binary("mod", tf_math.floormod, "x1 % x2, with the sign of x2", _cast_to(dtypes.int8, tf_math.floormod))
remainder = _binary("remainder", tf_math.floormod, "as `mod`", _cast_to(dtypes.int8, tf_math.floormod))
minimum = _binary("minimum", tf_math.minimum, "the smaller one", tf_math.logical_and)
_maximum = _binary("maximum", tf_math.maximum, "the greater one", tf_math.logical_or)
power = _binary("power", tf_math.pow, "x1 to the power of x2")
float_power = _binary("float_power", tf_math.pow, "x1 to the power of x2")
arctan2 = _binary("arctan2", tf_math.atan2, "the angle of the point (x2, x1)")
nextafter = _binary("nextafter", tf_math.nextafter, "the next float from x1 towards x2")


def _bits(name: str, function: Two) -> Two:
    return _binary(name, function, "of the bits", _cast_to(dtypes.int8, function, dtypes.bool))


bitwise_and = _bits("bitwise_and", bitwise.bitwise_and)
bitwise_or = _bits("bitwise_or", bitwise.bitwise_or)
bitwise_xor = _bits("bitwise_xor", bitwise.bitwise_xor)


def maximum(x1: Any, x2: Any) -> Any:
    """NumPy's `maximum`: the greater one, element by element.

    >>> tf.experimental.numpy.maximum([1, 5], 2.5)
    <tf.Tensor: shape=(2,), dtype=float64, numpy=array([2.5, 5. ])>
    """
    number = isinstance(x2, (int, float)) and not isinstance(x2, bool)
    if number and x2 == 0 and isinstance(x1, Tensor) and x1.dtype is not dtypes.bool:
        return relu(x1)
    return _maximum(x1, x2)


def divmod(x1: Any, x2: Any) -> tuple[Any, Any]:
    """`floor_divide` and `mod`."""
    return floor_divide(x1, x2), mod(x1, x2)


def clip(a: Any, a_min: Any, a_max: Any) -> Any:
    """Each element, but at least `a_min` and at most `a_max`; one of them may be None.

    Raises:
      ValueError: if both are None.
    """
    if a_min is None and a_max is None:
        raise ValueError("Not more than one of `a_min` and `a_max` may be `None`.")
    if a_min is None:
        return minimum(a, a_max)
    if a_max is None:
        return maximum(a, a_min)
    return clip_by_value(*common_shape(*promoted(a, a_min, a_max)))


def heaviside(x1: Any, x2: Any) -> Any:
    """0 where `x1` is negative, 1 where it is positive, and `x2` where it is 0."""
    x1, x2 = promoted_pair(x1, x2)
    result = where_op(x1 < 0, _number(0, x2), where_op(x1 > 0, _number(1, x2), x2))
    return result if is_inexact(result) else cast(result, result_type(float))


def hypot(x1: Any, x2: Any) -> Any:
    """The hypotenuse over two legs."""
    return sqrt(add(square(x1), square(x2)))


def _log_sum(x1: Any, x2: Any, power_of: One, scale: float) -> Any:
    x1, x2 = promoted_pair(x1, x2)
    difference = x1 - x2
    smooth = maximum(x1, x2) + log1p(power_of(-abs(difference))) / scale
    return where_op(isnan(difference), x1 + x2, smooth)  # NaNs, and infinities of the same sign


def logaddexp(x1: Any, x2: Any) -> Any:
    """log(exp(x1) + exp(x2))."""
    return _log_sum(x1, x2, exp, 1.0)


def logaddexp2(x1: Any, x2: Any) -> Any:
    """log2(2**x1 + 2**x2)."""
    return _log_sum(x1, x2, exp2, float(np.log(2)))


def polyval(p: Any, x: Any) -> Any:
    """The polynomial with coefficients `p`, the highest first, at each element of `x`."""
    p, x = promoted_pair(p, x)
    coefficients = unstack(reshape(p, [1]) if p.shape.rank == 0 else p)
    value = tf_math.polyval(coefficients, x)
    return broadcast_to(value, shape_of(x)) if len(coefficients) == 1 else value


# --- common divisors


def _integers(x1: Any, x2: Any) -> tuple[Tensor, Tensor]:
    x1, x2 = promoted_pair(x1, x2)
    if not x1.dtype.is_integer:
        raise ValueError("Arguments to gcd must be integers.")
    x1, x2 = common_shape(tf_math.abs(x1), tf_math.abs(x2))
    return x1, x2


def _gcd(x1: Tensor, x2: Tensor) -> Tensor:
    """Euclid's way, for all elements at once."""
    zero, one = _number(0, x1), _number(1, x1)

    def step(a: Any, b: Any) -> tuple[Any, Any]:
        going = tf_math.not_equal(b, zero)
        rest = tf_math.floormod(a, where_op(going, b, one))
        return where_op(going, b, a), where_op(going, rest, zero)

    found: Tensor = while_loop(lambda _a, b: tf_math.reduce_any(tf_math.not_equal(b, zero)), step, (x1, x2))[0]
    return found


def gcd(x1: Any, x2: Any) -> Tensor:
    """The greatest common divisor.

    Raises:
      ValueError: if the arguments are not integers.

    >>> tf.experimental.numpy.gcd(12, [18, 8])
    <tf.Tensor: shape=(2,), dtype=int64, numpy=array([6, 4])>
    """
    return _gcd(*_integers(x1, x2))


def lcm(x1: Any, x2: Any) -> Tensor:
    """The least common multiple.

    Raises:
      ValueError: if the arguments are not integers.
    """
    x1, x2 = _integers(x1, x2)
    divisor = _gcd(x1, x2)
    zero, one = _number(0, x1), _number(1, x1)
    none = tf_math.equal(divisor, zero)
    return where_op(none, zero, x1 * tf_math.floordiv(x2, where_op(none, one, divisor)))


# --- comparisons


def _comparison(name: str, function: Two, ordered: bool = True) -> Two:
    bools = _cast_to(dtypes.int32, function) if ordered else None
    return _binary(name, function, "a comparison", bools)


equal = _comparison("equal", tf_math.equal, ordered=False)
not_equal = _comparison("not_equal", tf_math.not_equal, ordered=False)
greater = _comparison("greater", tf_math.greater)
greater_equal = _comparison("greater_equal", tf_math.greater_equal)
less = _comparison("less", tf_math.less)
less_equal = _comparison("less_equal", tf_math.less_equal)


def _logical(name: str, function: Two) -> Two:
    return _named(  # type: ignore[no-any-return]
        lambda x1, x2: function(asarray(x1, np.bool_), asarray(x2, np.bool_)), name, "of truth values"
    )


logical_and = _logical("logical_and", tf_math.logical_and)
logical_or = _logical("logical_or", tf_math.logical_or)
logical_xor = _logical("logical_xor", tf_math.logical_xor)


def logical_not(x: Any) -> Tensor:
    """Whether each element is zero or False."""
    return tf_math.logical_not(asarray(x, np.bool_))


def array_equal(a1: Any, a2: Any) -> Tensor:
    """Whether two arrays have the same shape and the same elements, as a scalar."""
    a1, a2 = promoted_pair(a1, a2)
    if a1.shape.rank is not None and a2.shape.rank is not None and not a1.shape.is_compatible_with(a2.shape):
        return convert_to_tensor(False)
    return tf_math.reduce_all(tf_math.equal(a1, a2))


def isclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Whether |a - b| <= atol + rtol * |b|; integers must be equal."""
    a, b = promoted_pair(a, b)
    if not is_inexact(a):
        return tf_math.equal(a, b)
    kind = a.dtype.real_dtype
    close = tf_math.less_equal(
        tf_math.abs(a - b), convert_to_tensor(atol, kind) + convert_to_tensor(rtol, kind) * tf_math.abs(b)
    )
    return close | (tf_math.is_nan(a) & tf_math.is_nan(b)) if equal_nan else close


def allclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Whether `isclose` holds for all elements."""
    return tf_math.reduce_all(isclose(a, b, rtol, atol, equal_nan))


def iscomplex(x: Any) -> Tensor:
    """Whether the imaginary part is not 0."""
    part = imag(x)
    return tf_math.not_equal(part, _number(0, part))


def isreal(x: Any) -> Tensor:
    """Whether the imaginary part is 0."""
    part = imag(x)
    return tf_math.equal(part, _number(0, part))


def iscomplexobj(x: Any) -> bool:
    """Whether the dtype is complex."""
    return asarray(x).dtype.is_complex


def isrealobj(x: Any) -> bool:
    """Whether the dtype is not complex."""
    return not iscomplexobj(x)


def isinf(x: Any) -> Any:
    """Whether it is an infinity; just False for a tensor that is not floating."""
    return tf_math.is_inf(asarray(x)) if x.dtype.is_floating else False


def _is_value(x: Any, value: float) -> Any:
    return tf_math.equal(x, _number(value, x)) if x.dtype.is_floating else False


isposinf = functools.partial(_is_value, value=np.inf)
isneginf = functools.partial(_is_value, value=-np.inf)
