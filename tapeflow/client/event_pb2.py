"""`tensorflow.core.util.event_pb2`: the message of files of events."""

from __future__ import annotations

from ..summary.events import event_messages

Event = event_messages().Event
