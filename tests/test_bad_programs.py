"""Programs that are wrong, of the table in `bad_*.py`: TensorFlow's errors, and nothing is left behind."""

from __future__ import annotations

import gc
import json
import threading
import weakref
from pathlib import Path
from typing import Any

import bad_control_flow  # noqa: F401 - fills the table
import bad_functions  # noqa: F401
import bad_ops  # noqa: F401
import bad_programs
import bad_state  # noqa: F401
import pytest

import tapeflow as tf
from tapeflow.base.context import context

RECORDED = json.loads((Path(__file__).parent / "recordings" / "bad_programs.json").read_text(encoding="utf-8"))
ROWS = [(name, mode) for name, case in bad_programs.CASES.items() for mode in case.modes]


def state() -> dict[str, Any]:
    """What is open in this thread."""
    names = ("recorders", "graph", "name_scope", "device", "accelerator", "autograph", "strategy", "reads", "run")
    return {name: getattr(context, name) for name in names}


@pytest.mark.parametrize(("name", "mode"), ROWS, ids=[f"{name}-{mode}" for name, mode in ROWS])
def test_a_bad_program(name: str, mode: str) -> None:
    if mode == "xla":
        pytest.importorskip("jax")
    before = state()
    found = bad_programs.run(tf, name, mode)
    assert state() == before
    wrong = bad_programs.wrong(name, mode, found, RECORDED[name])
    assert not wrong, wrong


@pytest.mark.parametrize("jit", [None, True])
def test_what_a_failed_trace_has_made_is_let_go(jit: bool | None) -> None:
    """Graphs and Variables; unless the program itself keeps them."""
    if jit:
        pytest.importorskip("jax")
    made: list[weakref.ref[Any]] = []

    def noted(x: Any) -> Any:
        made.append(weakref.ref(context.graph))
        return x

    @tf.function(jit_compile=jit, autograph=False)
    def f(x: Any) -> Any:
        v = tf.Variable(tf.zeros([3]))
        made.append(weakref.ref(v))
        y = tf.cond(x[0] > 0, lambda: noted(x), lambda: x + v)
        return tf.reshape(noted(y), [7])

    with pytest.raises(ValueError, match="Cannot reshape a tensor with 3 elements"):
        f(tf.ones([3]))
    gc.collect()
    assert [thing() for thing in made] == [None, None, None]


def test_a_failed_trace_has_drawn_no_names() -> None:
    """The next trace names its nodes as if there had been none before."""

    @tf.function
    def f(x: Any) -> Any:
        y = tf.add(x, 1.0, name="y")
        return tf.reshape(y, [2], name="z")

    with pytest.raises(ValueError, match="{{node z}}"):
        f(tf.ones([3]))
    graph = f.get_concrete_function(tf.ones([2])).graph
    assert [node.name for node in graph.get_operations() if node.type != "Identity"][-3:] == ["y", "z/shape", "z"]


def test_errors_are_of_their_thread() -> None:
    """A program that fails in one thread, and one that works in another, at the same time."""
    f = tf.function(lambda x, s: tf.reshape(x, s), autograph=False)
    found: list[str] = []

    def work(size: int) -> None:
        for _ in range(20):
            try:
                found.append(str(f(tf.ones([3]), [size]).shape))
            except (ValueError, tf.errors.InvalidArgumentError) as error:
                found.append(type(error).__name__)
            if state()["graph"] is not None:
                found.append("a graph is open")

    threads = [threading.Thread(target=work, args=(size,)) for size in (3, 7, 3, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(found)) == ["(3,)", "ValueError"]
    assert found.count("(3,)") == 40
