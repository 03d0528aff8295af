"""Circulant matrices, which Fourier transforms make diagonal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..ops import debugging, spectral
from ..ops.arithmetic import abs as absolute
from ..ops.casting import cast
from ..ops.common import shape_of
from ..ops.complex import complex as complex_of
from ..ops.complex import conj, imag, real
from ..ops.creation import ones, zeros_like
from ..ops.elementwise import log
from ..ops.layout import expand_dims, reshape
from ..ops.norm import adjoint as adjoint_of
from ..ops.norm import matrix_transpose
from ..ops.reduction import reduce_max, reduce_min, reduce_prod, reduce_sum
from . import hints
from .batches import as_sizes, broadcast_batches, kept
from .hints import Hint
from .matrices import assert_no_zeros, assert_real
from .operator import LinearOperator

_FFT = {1: spectral.fft, 2: spectral.fft2d, 3: spectral.fft3d}
_IFFT = {1: spectral.ifft, 2: spectral.ifft2d, 3: spectral.ifft3d}


def to_complex(x: Any) -> Any:
    """A Tensor as a complex one of the same precision."""
    return x if x.dtype.is_complex else cast(x, dtypes.complex128 if x.dtype is dtypes.float64 else dtypes.complex64)


class _Circulant(LinearOperator):
    """What the three have in common: `F^-1 D F`, with a Fourier transform F over some dimensions, and a diagonal D."""

    _parts = ("spectrum", "input_output_dtype")
    _depth = 1

    def __init__(
        self,
        spectrum: Any,
        input_output_dtype: Any = dtypes.complex64,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = True,
        name: str | None = None,
    ) -> None:
        self._spectrum = kept(spectrum)
        self._input_output_dtype = input_output_dtype
        rank = self._spectrum.shape.rank
        if rank is not None and rank < self._depth:
            raise ValueError(
                f"Argument `spectrum` must have at least {self._depth} dimensions. Received: {self._spectrum}."
            )
        if not self._spectrum.dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError(
                    "A real spectrum always corresponds to a self-adjoint operator. Expected argument "
                    "`is_self_adjoint` to be True when `spectrum.dtype.is_complex` = True. Received: False."
                )
            is_self_adjoint = True
        if is_square is False:
            raise ValueError(
                "A [[nested] block] circulant operator is always square. Expected argument `is_square` to be True. "
                "Received: False."
            )
        super().__init__(input_output_dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    @property
    def spectrum(self) -> Any:
        """The Fourier transform of the first column, in its blocks."""
        return self._spectrum

    @property
    def block_depth(self) -> int:
        """Over how many dimensions the Fourier transform goes."""
        return self._depth

    @property
    def block_shape(self) -> TensorShape:
        """The sizes of these dimensions."""
        return self._spectrum.shape[-self._depth :]  # type: ignore[no-any-return]

    def block_shape_tensor(self) -> Any:
        """The sizes of these dimensions, as a Tensor."""
        return as_sizes(shape_of(convert(self._spectrum))[-self._depth :])

    def _shape(self) -> TensorShape:
        size = self.block_shape.num_elements()
        return self._spectrum.shape[: -self._depth].concatenate([size, size])  # type: ignore[no-any-return]

    def _shape_tensor(self) -> Any:
        sizes = shape_of(convert(self._spectrum))
        size = math.prod(sizes[-self._depth :])
        return as_sizes([*sizes[: -self._depth], size, size])

    def _linop_adjoint(self) -> LinearOperator:
        return type(self)(conj(self._spectrum), **hints.hints_of(self))

    def _linop_inverse(self) -> LinearOperator:
        return type(self)(1.0 / self._spectrum, self.dtype, **hints.hints_of(self))

    def _linop_matmul(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        if not isinstance(left_operator, type(right_operator)):
            return super()._linop_matmul(left_operator, right_operator)
        known = hints.commuting(left_operator, right_operator)
        return type(self)(left_operator.spectrum * right_operator.spectrum, **known)

    def _linop_solve(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        if not isinstance(right_operator, type(self)):
            return super()._linop_solve(left_operator, right_operator)
        known = hints.commuting(left_operator, right_operator)
        return type(self)(right_operator.spectrum / left_operator.spectrum, **known)

    # --- Fourier transforms

    def _flat(self) -> Any:
        """The spectrum with its blocks in one dimension."""
        return reshape(self._spectrum, [*shape_of(convert(self._spectrum))[: -self._depth], -1])

    def _transformed(self, x: Any, adjoint: bool, divide: bool) -> Any:
        """`x` with the columns transformed, scaled by the spectrum and transformed back."""
        spectrum = to_complex(self._flat())
        spectrum = expand_dims(conj(spectrum) if adjoint else spectrum, -1)
        x, spectrum = broadcast_batches(cast(x, spectrum.dtype), spectrum)
        rows = matrix_transpose(x)  # the transforms go over the last dimensions
        blocks = shape_of(convert(self._spectrum))[-self._depth :]
        changed = _FFT[self._depth](reshape(rows, [*shape_of(rows)[:-1], *blocks]))
        changed = reshape(changed, shape_of(rows))
        scale = matrix_transpose(spectrum)
        changed = changed / scale if divide else changed * scale
        back = _IFFT[self._depth](reshape(changed, [*shape_of(rows)[:-1], *blocks]))
        return self._given_back(matrix_transpose(reshape(back, shape_of(rows))))

    def _given_back(self, x: Any) -> Any:
        """A result in the operator's dtype; a real operator drops imaginary parts, which are rounding errors."""
        return cast(x if self.dtype.is_complex else real(x), self.dtype)

    def convolution_kernel(self, name: str = "convolution_kernel") -> Any:
        """The first column in its blocks: what the operator convolves with."""
        return self._given_back(_IFFT[self._depth](to_complex(convert(self._spectrum))))

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._transformed(adjoint_of(x) if adjoint_arg else x, adjoint, False)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._transformed(adjoint_of(rhs) if adjoint_arg else rhs, adjoint, True)

    # --- what the spectrum says

    def assert_hermitian_spectrum(self, name: str = "assert_hermitian_spectrum") -> Any:
        """Fails with InvalidArgumentError if the convolution kernel is not real."""
        eps = np.finfo(self.dtype.real_dtype.as_numpy_dtype).eps
        bound = cast(self.domain_dimension_tensor(), self.dtype.real_dtype) * eps
        found = absolute(imag(self.convolution_kernel()))
        return debugging.assert_less(found, bound, message="Spectrum was not Hermitian")

    def _assert_non_singular(self) -> Any:
        return assert_no_zeros(self._spectrum, "Singular operator:  Spectrum contained zero values.")

    def _assert_positive_definite(self) -> Any:
        message = "Not positive definite:  Real part of spectrum was not all positive."
        return debugging.assert_positive(real(self._spectrum), message=message)

    def _assert_self_adjoint(self) -> Any:
        return assert_real(
            self._spectrum, "Not self-adjoint:  The spectrum contained non-zero imaginary part."
        )

    def _determinant(self) -> Any:
        return self._given_back(reduce_prod(self._flat(), axis=[-1]))

    def _log_abs_determinant(self) -> Any:
        return cast(reduce_sum(log(absolute(self._flat())), axis=[-1]), self.dtype)

    def _trace(self) -> Any:
        flat = self._flat()
        total = reduce_sum(real(flat), axis=-1)
        if not self.dtype.is_complex:
            return cast(total, self.dtype)
        rest = zeros_like(total) if self.is_self_adjoint else reduce_sum(imag(flat), axis=-1)
        return cast(complex_of(total, rest), self.dtype)

    def _diag_part(self) -> Any:
        size = self.domain_dimension_tensor()
        value = self.trace() / cast(size, self.dtype)
        return expand_dims(value, -1) * ones(expand_dims(size, 0), self.dtype)

    def _eigvals(self) -> Any:
        return self._flat()

    def _cond(self) -> Any:
        sizes = absolute(self._flat())
        return reduce_max(sizes, axis=-1) / reduce_min(sizes, axis=-1)


class LinearOperatorCirculant(_Circulant):
    """Matrices in which each row is the one above it, moved by one; applied by Fourier transforms.

    Args:
      spectrum: the eigenvalues, of shape `[..., n]`: the Fourier transform of the first column.
      input_output_dtype: the dtype of the matrices.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name.

    Raises:
      ValueError: if there are too few dimensions, or a hint is wrong.

    >>> spectrum = tf.signal.fft(tf.constant([1.0, 2.0, 3.0], tf.complex64))
    >>> operator = tf.linalg.LinearOperatorCirculant(spectrum, input_output_dtype=tf.float32)
    >>> operator.to_dense().numpy().round(4).tolist()
    [[1.0, 3.0, 2.0], [2.0, 1.0, 3.0], [3.0, 2.0, 1.0]]
    """


class LinearOperatorCirculant2D(_Circulant):
    """Circulant blocks in a circulant pattern: convolutions of images that go around.

    Args:
      spectrum: of shape `[..., n1, n2]`: the Fourier transform of the convolution kernel.
      input_output_dtype, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: see
        `LinearOperatorCirculant`.

    >>> tf.linalg.LinearOperatorCirculant2D(tf.ones([2, 3])).shape
    TensorShape([6, 6])
    """

    _depth = 2


class LinearOperatorCirculant3D(_Circulant):
    """Circulant blocks in circulant blocks in a circulant pattern: convolutions of volumes that go around.

    Args:
      spectrum: of shape `[..., n1, n2, n3]`: the Fourier transform of the convolution kernel.
      input_output_dtype, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: see
        `LinearOperatorCirculant`.

    >>> tf.linalg.LinearOperatorCirculant3D(tf.ones([2, 3, 1])).shape
    TensorShape([6, 6])
    """

    _depth = 3
