"""The tape, the reverse sweep and forward mode."""
