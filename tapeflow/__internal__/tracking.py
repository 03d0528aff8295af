"""`tf.__internal__.tracking`: the bases of Keras's layers."""

from __future__ import annotations

from ..state.tracking import AutoTrackable as AutoTrackable
from ..state.tracking import Trackable as Trackable
from ..state.tracking import no_automatic_dependency_tracking as no_automatic_dependency_tracking
