"""`tf.linalg`: matrices and vectors."""

from __future__ import annotations

from .ops.clipping import global_norm as global_norm
from .ops.decompositions import eigh as eigh
from .ops.decompositions import eigvalsh as eigvalsh
from .ops.decompositions import qr as qr
from .ops.decompositions import svd as svd
from .ops.einsum import einsum as einsum
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
from .ops.norm import adjoint as adjoint
from .ops.norm import cross as cross
from .ops.norm import l2_normalize as l2_normalize
from .ops.norm import lstsq as lstsq
from .ops.norm import matrix_transpose as matrix_transpose
from .ops.norm import norm as norm
from .ops.norm import normalize as normalize
from .ops.norm import pinv as pinv
from .ops.ranges import eye as eye
from .ops.solving import cholesky as cholesky
from .ops.solving import cholesky_solve as cholesky_solve
from .ops.solving import det as det
from .ops.solving import inv as inv
from .ops.solving import logdet as logdet
from .ops.solving import slogdet as slogdet
from .ops.solving import solve as solve
from .ops.solving import triangular_solve as triangular_solve
