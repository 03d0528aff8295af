"""All ops by name. A floor below `Op` itself, for what must call an op by name that stands higher up."""

from __future__ import annotations

from typing import Any

OPS: dict[str, Any] = {}
