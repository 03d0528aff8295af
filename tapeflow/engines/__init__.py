"""Engines: what runs a kernel."""
