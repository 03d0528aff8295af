"""The words everything else is said in: dtypes, errors, shapes, nests and the thread's context."""
