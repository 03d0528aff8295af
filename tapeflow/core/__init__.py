"""Tensors, ops, and the one path that every op call takes."""
