"""`tf.linalg.experimental`."""

from __future__ import annotations

from .linear_operators.conjugate_gradient import conjugate_gradient as conjugate_gradient
