"""A program that writes all kinds of summaries; `tools/record_summaries.py` runs it on TensorFlow, too."""

from __future__ import annotations

from typing import Any

import numpy as np


def run(tf: Any, logdir: str) -> list[Any]:
    """Writes to `logdir`; returns what the calls returned."""
    summary = tf.summary
    said = [summary.scalar("nowhere", 1.0, step=1), summary.should_record_summaries()]
    writer = summary.create_file_writer(logdir)
    with writer.as_default():
        said += [summary.scalar("loss", 0.5, step=1), summary.scalar("int", 3, step=np.int32(2), description="*text*")]
        said.append(summary.scalar("variable", 3, step=tf.Variable(5, dtype=tf.int64)))
        for name, data, buckets in HISTOGRAMS:
            said.append(summary.histogram(f"histogram/{name}", data, step=1, buckets=buckets))
        said.append(summary.image("image/float", np.linspace(0, 1, 120).reshape(2, 4, 5, 3), step=1))
        said.append(summary.image("image/uint8", np.arange(100, dtype=np.uint8).reshape(5, 4, 5, 1), 1, max_outputs=2))
        said.append(summary.text("text", "hello **x**", step=1))
        said.append(summary.text("table", [["a", "b"], ["c", "d"]], step=1))
        tone = np.sin(np.arange(20, dtype=np.float32)).reshape(1, 20, 1)
        said.append(summary.audio("tone", tone, 8000, step=1))
        said.append(summary.write("raw", tf.constant([1, 2]), step=3))
        with tf.name_scope("outer"):
            said.append(summary.scalar("inner", 1, step=1))
        with summary.record_if(False):
            said.append(summary.scalar("not", 1))
        with summary.record_if(lambda: tf.constant(True)):
            said.append(summary.scalar("yes", 1, step=1))
        summary.experimental.set_step(11)
        said.append(summary.scalar("default_step", 1.0))
        summary.experimental.set_step(None)
    said += in_functions(tf, writer)
    writer.close()
    return [bool(x) for x in said]


HISTOGRAMS: list[tuple[str, Any, int | None]] = [
    ("default", [1.0, 2.0, 3.0], None), ("three", [1.0, 2.0, 3.0, 7.0], 3), ("empty", np.zeros(0, np.float32), 3),
    ("same", [2.0, 2.0], 3), ("one", [2.0, 2.0], 1), ("none", [2.0], 0), ("nan", [2.0, np.nan], 3),
    ("int", [2, 5, 9], 3), ("many", np.sin(np.arange(300.0)).reshape(10, 30), 10),
]  # fmt: skip


def in_functions(tf: Any, writer: Any) -> list[Any]:
    """The same from functions, at the step that a Variable says."""
    step = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def train(x: Any) -> Any:
        step.assign_add(1)
        with writer.as_default():
            said = tf.summary.scalar("fn/loss", x, step=step)
            with tf.name_scope("ns"):
                tf.summary.histogram("weights", x, step=step, buckets=2)
            tf.summary.image("image", tf.ones([1, 2, 2, 3]) * x, step=step)
            tf.summary.text("text", "t", step=step)
        return said

    @tf.function
    def sometimes(x: Any) -> Any:
        step.assign_add(1)
        return tf.summary.scalar("even", x)

    said = [train(tf.constant(0.25)), train(tf.constant(0.5))]
    with writer.as_default(step=3), tf.summary.record_if(lambda: tf.equal(step % 2, 0)):
        said += [sometimes(tf.constant(float(i))) for i in range(3)]
    return said
