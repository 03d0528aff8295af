"""Functions that are traced."""
