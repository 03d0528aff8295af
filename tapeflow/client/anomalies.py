"""`tf.debugging.anomalies`, `enable_check_numerics`: stop where a NaN begins."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..autodiff.anomalies import Sentinel
from ..base.context import context
from .explaining import FOLLOWED, following, hooked


@contextlib.contextmanager
def anomalies() -> Iterator[None]:
    """Inside the `with` block the first op that makes a NaN or an infinity out of finite inputs raises an error.

    The error says which op at which line of the program, what its inputs were (dtype, shape, least and largest element,
    how many zeros and negatives), and in a tape's sweep which line's op is being differentiated. Functions run op by op
    meanwhile, on NumPy.

    Raises:
      InvalidArgumentError: inside the block, at the first such op.

    >>> x = tf.constant([0.0, 4.0])
    >>> try:
    ...     with tf.debugging.anomalies(), tf.GradientTape() as tape:
    ...         tape.watch(x)
    ...         y = tf.sqrt(x)
    ...         g = tape.gradient(y, x)
    ... except tf.errors.InvalidArgumentError as error:
    ...     print(error.anomaly.op, "in the gradient of", error.anomaly.forward_site.code)
    SqrtGrad in the gradient of y = tf.sqrt(x)
    """
    with hooked(FOLLOWED), following(Sentinel(born=True)):
        yield


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """From now on, on this thread, every op that gives a NaN or an infinity raises an error, wherever that began.

    Args:
      stack_height_limit: a hint: errors name the line of the program, not the stack.
      path_length_limit: a hint, as well.

    >>> tf.debugging.enable_check_numerics()
    >>> try:
    ...     x = tf.math.log(tf.constant(0.0))
    ... except tf.errors.InvalidArgumentError as error:
    ...     print(error.message.strip().splitlines()[0])
    !!! Detected Infinity or NaN in output 0 of eagerly-executing op "Log" (# of outputs: 1) !!!
    >>> tf.debugging.disable_check_numerics()
    """
    if _present() is None:
        sentinel = Sentinel(born=False)
        stack = contextlib.ExitStack()
        stack.enter_context(hooked(FOLLOWED))
        stack.enter_context(following(sentinel))
        sentinel.leave = stack.close


def disable_check_numerics() -> None:
    """Ends what `enable_check_numerics` began, on this thread; without that, does nothing."""
    sentinel = _present()
    if sentinel is not None:
        sentinel.leave()


def _present() -> Sentinel | None:
    return next((r for r in context.recorders if isinstance(r, Sentinel) and r.leave is not None), None)
