"""`tf.linalg`: matrices and vectors."""

from __future__ import annotations

from . import _linalg_experimental as experimental  # noqa: F401
from .linear_operators.matrix_exponential import expm as expm
from .ops.banded import banded_triangular_solve as banded_triangular_solve
from .ops.clipping import global_norm as global_norm
from .ops.decompositions import eigh as eigh
from .ops.decompositions import eigvalsh as eigvalsh
from .ops.decompositions import qr as qr
from .ops.decompositions import svd as svd
from .ops.eigenvalues import eig as eig
from .ops.eigenvalues import eigh_tridiagonal as eigh_tridiagonal
from .ops.eigenvalues import eigvals as eigvals
from .ops.einsum import einsum as einsum
from .ops.least_squares import lstsq as lstsq
from .ops.least_squares import matrix_rank as matrix_rank
from .ops.least_squares import pinv as pinv
from .ops.lu import lu as lu
from .ops.lu import lu_matrix_inverse as lu_matrix_inverse
from .ops.lu import lu_reconstruct as lu_reconstruct
from .ops.lu import lu_solve as lu_solve
from .ops.matmul import matmul as matmul
from .ops.matmul import matvec as matvec
from .ops.matmul import tensordot as tensordot
from .ops.matrix_diag import band_part as band_part
from .ops.matrix_diag import diag as diag
from .ops.matrix_diag import diag_part as diag_part
from .ops.matrix_diag import set_diag as set_diag
from .ops.matrix_diag import tensor_diag as tensor_diag
from .ops.matrix_diag import tensor_diag_part as tensor_diag_part
from .ops.matrix_diag import trace as trace
from .ops.matrix_functions import logm as logm
from .ops.matrix_functions import sqrtm as sqrtm
from .ops.norm import adjoint as adjoint
from .ops.norm import cross as cross
from .ops.norm import l2_normalize as l2_normalize
from .ops.norm import matrix_transpose as matrix_transpose
from .ops.norm import norm as norm
from .ops.norm import normalize as normalize
from .ops.ranges import eye as eye
from .ops.solving import cholesky as cholesky
from .ops.solving import cholesky_solve as cholesky_solve
from .ops.solving import det as det
from .ops.solving import inv as inv
from .ops.solving import logdet as logdet
from .ops.solving import slogdet as slogdet
from .ops.solving import solve as solve
from .ops.solving import triangular_solve as triangular_solve
from .ops.tridiagonal import tridiagonal_matmul as tridiagonal_matmul
from .ops.tridiagonal import tridiagonal_solve as tridiagonal_solve
