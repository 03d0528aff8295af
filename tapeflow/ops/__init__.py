"""Families of ops: shape rule, kernel and gradient side by side."""
