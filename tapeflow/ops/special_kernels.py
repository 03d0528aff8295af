"""The special functions on arrays: rational approximations, asymptotic series and recurrences.

The coefficients are those of the Cephes library (error functions, the inverse of the normal distribution, digamma,
zeta) and of FreeBSD's libm (lgamma). All is computed in float64 and rounded once at the end, so that float32 is right
to the last digit or so.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = Any

_SQRT_2 = math.sqrt(2.0)


def in_double(function: Callable[..., Array]) -> Callable[..., Array]:
    """A kernel of a function of float64 arrays, which are copies and at least 1-d."""

    @functools.wraps(function)
    def run(xp: Any, *arrays: Array) -> Array:
        dtype = arrays[0].dtype
        result = function(*[np.array(array, np.float64, ndmin=1) for array in arrays])
        return result.astype(dtype).reshape(np.broadcast_shapes(*[array.shape for array in arrays]))

    return run


def polynomial(x: Array, coefficients: Sequence[float]) -> Array:
    """The polynomial with these coefficients, the highest power first."""
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value *= x
        value += coefficient
    return value


def on(mask: Array, out: Array, function: Callable[..., Array], *arrays: Array) -> None:
    """Puts the function's values into `out`, just where the mask is set."""
    if mask.all():
        out[...] = function(*arrays)
    elif mask.any():
        out[mask] = function(*[array[mask] for array in arrays])


# ---------------------------------------------------------------- the error function

_ERF_T = (
    9.60497373987051638749e0, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3,
    5.55923013010394962768e4,
)  # fmt: skip
_ERF_U = (
    1.0, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3, 2.26290000613890934246e4,
    4.92673942608635921086e4,
)  # fmt: skip
_ERFC_P = (
    2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0, 4.86371970985681366614e1,
    1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3,
    5.57535335369399327526e2,
)  # fmt: skip
_ERFC_Q = (
    1.0, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2,
    1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3, 5.57535340817727675546e2,
)  # fmt: skip
_ERFC_R = (
    5.64189583547755073984e-1, 1.27536670759978104416e0, 5.01905042251180477414e0, 6.16021097993053585195e0,
    7.40974269950448939160e0, 2.97886665372100240670e0,
)  # fmt: skip
_ERFC_S = (
    1.0, 2.26052863220117276590e0, 9.39603524938001434673e0, 1.20489539808096656605e1, 1.70814450747565897222e1,
    9.60896809063285878198e0, 3.36907645100081516050e0,
)  # fmt: skip


def _erf_near(x: Array) -> Array:
    """erf for |x| <= 1."""
    z = x * x
    return x * polynomial(z, _ERF_T) / polynomial(z, _ERF_U)


def _exp_minus_square(x: Array) -> Array:
    """exp(-x^2), where rounding x^2 would cost digits: x is split into a short number and a rest."""
    short = x.astype(np.float32).astype(np.float64)
    return np.exp(-short * short) * np.exp((short - x) * (short + x))


def _erfc_far(x: Array) -> Array:
    """erfc for x > 1."""
    x = np.minimum(x, 30.0)  # beyond that it is 0
    middle, far = np.minimum(x, 8.0), np.maximum(x, 8.0)
    ratio = polynomial(middle, _ERFC_P) / polynomial(middle, _ERFC_Q)
    if (x > 8.0).any():
        ratio = np.where(x > 8.0, polynomial(far, _ERFC_R) / polynomial(far, _ERFC_S), ratio)
    return _exp_minus_square(x) * ratio


def erf(x: Array) -> Array:
    """The error function."""
    out = np.array(x)  # NaN stays
    size = np.abs(out)
    on(size <= 1.0, out, _erf_near, out)
    on(size > 1.0, out, lambda s: np.copysign(1.0 - _erfc_far(np.abs(s)), s), np.array(x))
    return out


def erfc(x: Array) -> Array:
    """One minus the error function, exact where that is close to 1."""
    out = np.array(x)
    x = np.array(x)
    on(np.abs(x) <= 1.0, out, lambda s: 1.0 - _erf_near(s), x)
    on(x > 1.0, out, _erfc_far, x)
    on(x < -1.0, out, lambda s: 2.0 - _erfc_far(-s), x)
    return out


# ---------------------------------------------------------------- the inverse of the normal distribution

_NDTRI_P0 = (
    -5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1, 1.39312609387279679503e1,
    -1.23916583867381258016e0,
)  # fmt: skip
_NDTRI_Q0 = (
    1.0, 1.95448858338141759834e0, 4.67627912898881538453e0, 8.63602421390890590575e1, -2.25462687854119370527e2,
    2.00260212380060660359e2, -8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142e0,
)  # fmt: skip
_NDTRI_P1 = (
    4.05544892305962419923e0, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.40805073893200834700e1,
    1.46849561928858024014e1, 2.18663306850790267539e0, -1.40256079171354495875e-1, -3.50424626827848203418e-2,
    -8.57456785154685413611e-4,
)  # fmt: skip
_NDTRI_Q1 = (
    1.0, 1.57799883256466749731e1, 4.53907635128879210584e1, 4.13172038254672030440e1, 1.50425385692907503408e1,
    2.50464946208309415979e0, -1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4,
)  # fmt: skip
_NDTRI_P2 = (
    3.23774891776946035970e0, 6.91522889068984211695e0, 3.93881025292474443415e0, 1.33303460815807542389e0,
    2.01485389549179081538e-1, 1.23716634817820021358e-2, 3.01581553508235416007e-4, 2.65806974686737550832e-6,
    6.23974539184983293730e-9,
)  # fmt: skip
_NDTRI_Q2 = (
    1.0, 6.02427039364742014255e0, 3.67983563856160859403e0, 1.37702099489081330271e0, 2.16236993594496635890e-1,
    1.34204006088543189037e-2, 3.28014464682127739104e-4, 2.89247864745380683936e-6, 6.79019408009981274425e-9,
)  # fmt: skip
_EXP_MINUS_2 = 0.13533528323661269189


def _ndtri_middle(p: Array) -> Array:
    p = p - 0.5
    square = p * p
    return (p + p * square * polynomial(square, _NDTRI_P0) / polynomial(square, _NDTRI_Q0)) * 2.50662827463100050242


def _ndtri_tail(p: Array) -> Array:
    """For 0 < p <= exp(-2), where the result is negative."""
    x = np.sqrt(-2.0 * np.log(p))
    z = 1.0 / x
    near = polynomial(z, _NDTRI_P1) / polynomial(z, _NDTRI_Q1)
    far = polynomial(z, _NDTRI_P2) / polynomial(z, _NDTRI_Q2)
    return z * np.where(x < 8.0, near, far) - (x - np.log(x) / x)


def ndtri(p: Array) -> Array:
    """Where the normal distribution function has the value `p`; NaN outside [0, 1]."""
    p = np.array(p)
    out = np.full_like(p, np.nan)
    out[p == 0.0] = -np.inf
    out[p == 1.0] = np.inf
    inside = (p > 0.0) & (p < 1.0)
    upper = p > 1.0 - _EXP_MINUS_2
    low = np.where(upper, 1.0 - p, p)
    tail = low <= _EXP_MINUS_2
    on(inside & tail, out, lambda q, flip: np.where(flip, -1.0, 1.0) * _ndtri_tail(q), low, upper)
    on(inside & ~tail, out, _ndtri_middle, p)
    return out


def erfinv(x: Array) -> Array:
    """The inverse of the error function; NaN outside [-1, 1]."""
    x = np.array(x)
    size = np.abs(x)
    rest = 1.0 - size  # exact from 0.5 on
    y = np.where(size < 0.5, ndtri(0.5 + 0.5 * size), -ndtri(0.5 * rest)) / _SQRT_2
    inside = (size < 1.0) & (size > 0.0)
    on(inside, y, _refined_erfinv, size, rest, y)
    return np.where(size == 0.0, 0.0, np.copysign(y, x))


def _refined_erfinv(x: Array, rest: Array, y: Array) -> Array:
    """One step of Newton's method, which repairs the digits lost near 0."""
    error = np.where(x < 0.5, erf(y) - x, rest - erfc(y))
    return y - error * (0.5 * math.sqrt(math.pi)) * np.exp(y * y)


# ---------------------------------------------------------------- the gamma function

_LG_A = (
    7.72156649015328655494e-02, 3.22467033424113591611e-01, 6.73523010531292681824e-02, 2.05808084325167332806e-02,
    7.38555086081402883957e-03, 2.89051383673415629091e-03, 1.19270763183362067845e-03, 5.10069792153511336608e-04,
    2.20862790713908385557e-04, 1.08011567247583939954e-04, 2.52144565451257326939e-05, 4.48640949618915160150e-05,
)  # fmt: skip
_LG_T = (
    4.83836122723810047042e-01, -1.47587722994593911752e-01, 6.46249402391333854778e-02,
    -3.27885410759859649565e-02, 1.79706750811820387126e-02, -1.03142241298341437450e-02,
    6.10053870246291332635e-03, -3.68452016781138256760e-03, 2.25964780900612472250e-03,
    -1.40346469989232843813e-03, 8.81081882437654011382e-04, -5.38595305356740546715e-04,
    3.15632070903625950361e-04, -3.12754168375120860518e-04, 3.35529192635519073543e-04,
)  # fmt: skip
_LG_U = (
    -7.72156649015328655494e-02, 6.32827064025093366517e-01, 1.45492250137234768737e00, 9.77717527963372745603e-01,
    2.28963728064692451092e-01, 1.33810918536787660377e-02,
)  # fmt: skip
_LG_V = (
    1.0, 2.45597793713041134822e00, 2.12848976379893395361e00, 7.69285150456672783825e-01,
    1.04222645593369134254e-01, 3.21709242282423911810e-03,
)  # fmt: skip
_LG_S = (
    -7.72156649015328655494e-02, 2.14982415960608852501e-01, 3.25778796408930981787e-01, 1.46350472652464452805e-01,
    2.66422703033638609560e-02, 1.84028451407337715652e-03, 3.19475326584100867617e-05,
)  # fmt: skip
_LG_R = (
    1.0, 1.39200533467621045958e00, 7.21935547567138069525e-01, 1.71933865632803078993e-01,
    1.86459191715652901344e-02, 7.77942496381893596434e-04, 7.32668430744625636189e-06,
)  # fmt: skip
_LG_W = (
    4.18938533204672725052e-01, 8.33333333333329678849e-02, -2.77777777728775536470e-03, 7.93650558643019558500e-04,
    -5.95187557450339963135e-04, 8.36339918996282139126e-04, -1.63092934096575273989e-03,
)  # fmt: skip
_MINIMUM, _AT_MINIMUM = 1.46163214496836224576e00, -1.21486290535849611461e-01  # of lgamma
_AT_MINIMUM_REST = -3.63867699703950536541e-18


def _near_two(y: Array) -> Array:
    """lgamma(2 - y) for -0.27 < y < 0.27, exact where it is 0."""
    return y * polynomial(y, _LG_A[::-1]) - 0.5 * y


def _near_minimum(y: Array) -> Array:
    """lgamma near its minimum, at a distance of y."""
    z = y * y
    return _AT_MINIMUM + (z * polynomial(y, _LG_T[::-1]) + _AT_MINIMUM_REST)


def _near_one(y: Array) -> Array:
    """lgamma(1 + y) for -0.27 < y < 0.23."""
    return -0.5 * y + y * polynomial(y, _LG_U[::-1]) / polynomial(y, _LG_V[::-1])


def _lgamma_below_two(x: Array) -> Array:
    """For 0 < x < 2: near 0 through lgamma(x) = lgamma(1 + x) - log(x)."""
    small = x <= 0.9
    shifted = np.where(small, x + 1.0, x)  # in (0.9, 2)
    # distances are taken from x itself where it was shifted, so that they stay exact
    from_one = np.where(small, x, x - 1.0)
    from_two = np.where(small, 1.0 - x, 2.0 - x)
    from_minimum = np.where(small, x - (_MINIMUM - 1.0), x - _MINIMUM)
    value = np.empty_like(x)
    on(shifted >= 1.7316, value, _near_two, from_two)
    on((shifted >= 1.23164) & (shifted < 1.7316), value, _near_minimum, from_minimum)
    on(shifted < 1.23164, value, _near_one, from_one)
    return np.where(small, value - np.log(x), value)


def _lgamma_below_eight(x: Array) -> Array:
    """For 2 <= x < 8: from lgamma(2 + y), 0 <= y < 1, upwards."""
    whole = np.floor(x)
    y = x - whole
    value = y * polynomial(y, _LG_S[::-1]) / polynomial(y, _LG_R[::-1]) + 0.5 * y
    factor = np.ones_like(x)
    for k in range(2, 7):
        factor *= np.where(whole > k, y + k, 1.0)
    return value + np.log(factor)


def _lgamma_above_eight(x: Array) -> Array:
    log, z = np.log(x), 1.0 / x
    series = _LG_W[0] + z * polynomial(z * z, _LG_W[:0:-1])
    return np.where(x < 2.0**58, (x - 0.5) * (log - 1.0) + series, x * (log - 1.0))


def _lgamma_positive(x: Array) -> Array:
    out = np.empty_like(x)
    on(x < 2.0, out, _lgamma_below_two, x)
    on((x >= 2.0) & (x < 8.0), out, _lgamma_below_eight, x)
    on(x >= 8.0, out, _lgamma_above_eight, x)
    return out


def _lgamma_negative(x: Array) -> Array:
    """By reflection; infinite at the negative integers."""
    sine = np.abs(_sin_pi(x))
    mirrored = _lgamma_positive(np.where(sine == 0.0, 1.0, -x))
    return np.where(sine == 0.0, np.inf, np.log(math.pi / (sine * -x)) - mirrored)


def _sin_pi(x: Array) -> Array:
    """sin(pi x), up to its sign."""
    part = x - np.rint(x)
    return np.sin(math.pi * part)


def lgamma(x: Array) -> Array:
    """The logarithm of the absolute value of the gamma function."""
    x = np.array(x)
    out = x.copy()  # NaN stays
    out[x == 0.0] = np.inf
    out[np.isinf(x)] = np.inf
    out[x == 1.0] = 0.0
    on((x > 0.0) & (x != 1.0) & np.isfinite(x), out, _lgamma_positive, x)
    on((x < 0.0) & np.isfinite(x), out, _lgamma_negative, x)
    return out


_DIGAMMA_A = (
    8.33333333333333333333e-2, -2.10927960927960927961e-2, 7.57575757575757575758e-3, -4.16666666666666666667e-3,
    3.96825396825396825397e-3, -8.33333333333333333333e-3, 8.33333333333333333333e-2,
)  # fmt: skip


def _digamma_positive(x: Array) -> Array:
    value, x = np.zeros_like(x), x.copy()
    while (small := x < 10.0).any():
        value -= np.where(small, 1.0 / x, 0.0)
        x += small
    z = 1.0 / (x * x)
    return value + np.log(x) - 0.5 / x - z * polynomial(z, _DIGAMMA_A)


def digamma(x: Array) -> Array:
    """The derivative of lgamma; NaN at 0 and the negative integers."""
    x = np.array(x)
    out = np.full_like(x, np.nan)
    out[x == np.inf] = np.inf
    on((x > 0.0) & np.isfinite(x), out, _digamma_positive, x)
    below = (x < 0.0) & np.isfinite(x) & (x != np.floor(x))
    on(below, out, lambda s: _digamma_positive(1.0 - s) - math.pi / np.tan(math.pi * (s - np.rint(s))), x)
    return out


# ---------------------------------------------------------------- zeta and polygamma

# (2k)! / B2k, B2k the Bernoulli numbers: for the sum formula of Euler and Maclaurin.
_ZETA_A = (
    12.0, -720.0, 30240.0, -1209600.0, 47900160.0, -1.8924375803183791606e9, 7.47242496e10,
    -2.950130727918164224e12, 1.1646782814350067249e14, -4.5979787224074726105e15, 1.8152105401943546773e17,
    -7.1661652561756670113e18,
)  # fmt: skip
_ZETA_TERMS = 10


def _zeta_sum(x: Array, q: Array) -> Array:
    """For x > 1 and q > 0: terms one by one up to where the sum formula is exact, then the formula."""
    terms = [(q + k) ** -x for k in range(_ZETA_TERMS)]
    a = q + _ZETA_TERMS
    power = a**-x
    terms += [power * a / (x - 1.0), 0.5 * power]
    factor = np.ones_like(x)
    power = power / a
    for k, number in enumerate(_ZETA_A):
        factor = factor * (x + 2 * k) if k == 0 else factor * (x + 2 * k - 1) * (x + 2 * k)
        terms.append(factor * power / number)
        power = power / (a * a)
    total = terms.pop()
    while terms:  # the small ones first
        total += terms.pop()
    return total


def zeta(x: Array, q: Array) -> Array:
    """Hurwitz's zeta function, the sum of (q + k)^-x over k = 0, 1, ..."""
    x, q = (np.array(array) for array in np.broadcast_arrays(x, q))
    out = np.full_like(x, np.nan)
    out[x == 1.0] = np.inf
    usual = (x > 1.0) & (q > 0.0)
    out[usual & np.isposinf(q)] = 0.0
    on(usual & np.isposinf(x), out, lambda s, base: base**-s, x, q)
    on(usual & np.isfinite(q) & np.isfinite(x), out, _zeta_sum, x, q)
    pole = (x > 1.0) & (q <= 0.0) & (q == np.floor(q))
    out[pole] = np.inf
    mirrored = (x > 1.0) & (q < 0.0) & ~pole & (x == np.floor(x)) & np.isfinite(x)
    on(mirrored, out, _zeta_negative, x, q)
    return out


def _zeta_negative(x: Array, q: Array) -> Array:
    """For whole x: the terms with a negative base one by one, the rest from where the base is positive."""
    q = q.copy()
    total = np.zeros_like(q)
    while (below := q < 0.0).any():
        total += np.where(below, q**-x, 0.0)
        q += below
    return total + _zeta_sum(x, q)


def polygamma(n: Array, x: Array) -> Array:
    """The n-th derivative of digamma; NaN if n is not a whole number, 0 or more."""
    n, x = (np.array(array) for array in np.broadcast_arrays(n, x))
    out = np.full_like(x, np.nan)
    whole = (n >= 0.0) & (n == np.floor(n))
    on(whole & (n == 0.0), out, digamma, x)
    on(whole & (n > 0.0), out, _polygamma, n, x)
    return out


_FACTORIALS = np.array([*[float(math.factorial(n)) for n in range(171)], np.inf])


def _polygamma(n: Array, x: Array) -> Array:
    sign = np.where(n % 2 == 0.0, -1.0, 1.0)
    return sign * _FACTORIALS.take(n.astype(np.intp), mode="clip") * zeta(n + 1.0, x)
