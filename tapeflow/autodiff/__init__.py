"""The tape, the reverse sweep and forward mode."""

from __future__ import annotations

from .forward import ForwardAccumulator as ForwardAccumulator
from .tape import GradientTape as GradientTape
