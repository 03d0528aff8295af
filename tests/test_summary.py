"""`tf.summary`: the events are TensorFlow's; TensorBoard shows them; files survive what happens to programs."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import summary_program
from event_files import events  # skips these tests without TensorBoard
from tensorboard.compat.proto import summary_pb2

import tapeflow as tf

RECORDED = json.loads((Path(__file__).parent / "recordings" / "summaries.json").read_text())


def values(logdir: Any) -> list[tuple[int, str, float]]:
    """Step, tag and number of each scalar."""
    return [
        (event.step, value.tag, float(tf.make_ndarray(value.tensor)))
        for event in events(logdir)
        for value in event.summary.value
    ]


def text(value: bytes) -> str:
    return "base64:" + base64.b64encode(value).decode()


def test_the_events_are_those_that_tensorflow_writes(tmp_path: Path) -> None:
    said = summary_program.run(tf, str(tmp_path))
    assert said == RECORDED["said"]
    ours = [(event.step, value) for event in events(tmp_path) for value in event.summary.value]
    assert [(step, value.tag) for step, value in ours] == [(step, tag) for step, tag, *_ in RECORDED["events"]]
    for (_, value), (_, tag, metadata, wanted) in zip(ours, RECORDED["events"]):
        assert value.metadata == summary_pb2.SummaryMetadata.FromString(base64.b64decode(metadata)), tag
        compare(tf.make_ndarray(value.tensor), wanted, value.metadata.plugin_data.plugin_name)


def compare(ours: Any, wanted: Any, plugin: str) -> None:
    if plugin == "images":
        texts = ours.tolist()
        assert [text(x) for x in texts[:2]] == wanted[:2]
        assert [tf.io.decode_png(x).numpy().tolist() for x in texts[2:]] == wanted[2:]
    elif ours.dtype == object:
        assert json.loads(json.dumps(ours.tolist(), default=text)) == wanted
    else:
        np.testing.assert_allclose(ours, np.reshape(np.array(wanted, ours.dtype), ours.shape), rtol=1e-12)


def test_the_first_event_says_the_version(tmp_path: Path) -> None:
    tf.summary.create_file_writer(str(tmp_path), filename_suffix=".end").close()
    (path,) = tmp_path.iterdir()
    assert path.name.startswith("events.out.tfevents.")
    assert path.name.endswith(".end")
    (event,) = events(tmp_path)
    assert event.file_version == "brain.Event:2"


def test_no_step(tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        with pytest.raises(ValueError, match="No step set. Please specify one either through"):
            tf.summary.scalar("loss", 1.0)
        with pytest.raises(ValueError, match="No step set"):
            tf.summary.experimental.write_raw_pb(b"")
    assert not tf.summary.scalar("loss", 1.0)  # without a writer it does not matter


def test_bad_values(tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path)).as_default(step=1):
        with pytest.raises(ValueError, match=r"Expected scalar shape, saw shape: \(2,\)."):
            tf.summary.scalar("loss", [1.0, 2.0])
        with pytest.raises(ValueError, match="must have rank 4.  Received rank 3"):
            tf.summary.image("image", np.zeros((4, 5, 1)))
        with pytest.raises(tf.errors.InvalidArgumentError, match="image must have 1, 2, 3, or 4 channels, got 5"):
            tf.summary.image("image", np.zeros((1, 4, 5, 5)))
        with pytest.raises(TypeError, match="tensor must be of type tf.string; got tf.int32"):
            tf.summary.text("text", 3)
        with pytest.raises(ValueError, match="Unknown encoding: 'mp3'"):
            tf.summary.audio("tone", np.zeros((1, 20, 1), np.float32), 8000, encoding="mp3")
        with pytest.raises(tf.errors.DataLossError, match="Bad tf.compat.v1.Summary binary proto tensor string"):
            tf.summary.experimental.write_raw_pb(b"zzzz")
        with pytest.raises(ValueError, match="Argument 'graph_data' is not tf.Graph"):
            tf.summary.graph(3)


def test_messages_as_they_are(tmp_path: Path) -> None:
    message = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag="raw", simple_value=2.0)])
    with tf.summary.create_file_writer(str(tmp_path)).as_default(step=4):
        assert tf.summary.experimental.write_raw_pb(message.SerializeToString())
    (event,) = events(tmp_path)[1:]
    assert (event.step, event.summary) == (4, message)


def test_default_writers_and_steps_nest(tmp_path: Path) -> None:
    outer, inner = (tf.summary.create_file_writer(str(tmp_path / name)) for name in ("outer", "inner"))
    with outer.as_default(step=1):
        with inner.as_default(step=2):
            tf.summary.scalar("x", 1.0)
            assert tf.summary.experimental.get_step() == 2
        tf.summary.scalar("x", 2.0)
        assert tf.summary.experimental.get_step() == 1
    assert tf.summary.experimental.get_step() is None
    assert values(tmp_path / "inner") == [(2, "x", 1.0)]
    assert values(tmp_path / "outer") == [(1, "x", 2.0)]


def test_a_writer_for_good(tmp_path: Path) -> None:
    def work() -> None:  # in a thread of its own, whose default it is
        writer = tf.summary.create_file_writer(str(tmp_path))
        writer.init()
        writer.set_as_default(step=5)
        tf.summary.scalar("x", 1.0)
        tf.summary.flush()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert values(tmp_path) == [(5, "x", 1.0)]
    assert not tf.summary.should_record_summaries()


def test_closed_writers(tmp_path: Path) -> None:
    writer = tf.summary.create_file_writer(str(tmp_path))
    writer.close()
    writer.close()
    writer.flush()
    with pytest.raises(RuntimeError, match="is already closed"):
        writer.as_default()
    with pytest.raises(RuntimeError, match="is already closed"):
        writer.init()
    with pytest.raises(ValueError, match="Argument `logdir` cannot be None"):
        tf.summary.create_file_writer(None)


def test_noop_writer() -> None:
    writer = tf.summary.create_noop_writer()
    assert isinstance(writer, tf.summary.SummaryWriter)
    with writer.as_default(step=1):
        assert not tf.summary.scalar("x", 1.0)
    writer.flush()
    writer.close()


def test_how_many_wait(tmp_path: Path) -> None:
    """As many as `max_queue`; the file's sizes are TensorFlow's but for the first event."""
    writer = tf.summary.create_file_writer(str(tmp_path))
    (path,) = tmp_path.iterdir()
    empty = path.stat().st_size
    with writer.as_default():
        for step in range(10):
            tf.summary.scalar("a", 1.0, step=step)
        assert path.stat().st_size == empty
        tf.summary.scalar("a", 1.0, step=10)
        assert len(values(tmp_path)) == 11
    eager = tf.summary.create_file_writer(str(tmp_path / "eager"), max_queue=0)
    with eager.as_default():
        tf.summary.scalar("a", 1.0, step=1)
        assert len(values(tmp_path / "eager")) == 1
    slow = tf.summary.create_file_writer(str(tmp_path / "slow"), flush_millis=0)
    with slow.as_default():
        tf.summary.scalar("a", 1.0, step=1)
        assert len(values(tmp_path / "slow")) == 1


def test_a_killed_process_leaves_what_was_flushed(tmp_path: Path) -> None:
    program = f"""
        import os, signal
        import tapeflow as tf
        with tf.summary.create_file_writer({str(tmp_path)!r}).as_default():
            tf.summary.scalar("kept", 1.0, step=1)
            tf.summary.flush()
            tf.summary.scalar("lost", 1.0, step=2)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert values(tmp_path) == [(1, "kept", 1.0)]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full disk to try")
def test_a_full_disk(tmp_path: Path) -> None:
    writer = tf.summary.create_file_writer(str(tmp_path))
    (path,) = tmp_path.iterdir()
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, writer._file._file._fd)
    os.close(full)
    with writer.as_default(step=1):
        tf.summary.scalar("a", 1.0)
        with pytest.raises(tf.errors.ResourceExhaustedError, match="No space left on device") as raised:
            tf.summary.flush()
    assert path.name in str(raised.value)
    writer.close()  # says it no second time: what could not be written is gone


def test_directories_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(tf.errors.FailedPreconditionError, match="is not a directory|Not a directory"):
        tf.summary.create_file_writer(str(tmp_path / "file"))
    with pytest.raises(tf.errors.FailedPreconditionError, match="Not a directory"):
        tf.summary.create_file_writer(str(tmp_path / "file" / "below"))


def test_a_function_with_a_closed_writer(tmp_path: Path) -> None:
    writer = tf.summary.create_file_writer(str(tmp_path))

    @tf.function
    def write(x: Any) -> None:
        with writer.as_default(step=1):
            tf.summary.scalar("x", x)

    write(tf.constant(1.0))
    assert values(tmp_path) == [(1, "x", 1.0)]
    writer.close()
    with pytest.raises(tf.errors.FailedPreconditionError, match="The summary writer is closed"):
        write(tf.constant(1.0))


def test_scopes() -> None:
    scope = tf.summary.experimental.summary_scope
    with scope("x y/z!", "d") as names:
        assert names == ("x y/z!", "xy/z/")
    with tf.name_scope("outer"), scope("x y/z!") as names:
        assert names == ("outer/x y/z!", "outer/xy/z/")


def test_graphs(tmp_path: Path) -> None:
    double = tf.function(lambda x: x * 2.0).get_concrete_function(tf.TensorSpec([3]))
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        assert tf.summary.graph(double.graph)
        assert tf.summary.graph(double.graph.as_graph_def())
        with tf.summary.record_if(False):
            assert not tf.summary.graph(double.graph)
    assert not tf.summary.graph(double.graph)  # no writer
    graph = tf.compat.v1.GraphDef
    for event in events(tmp_path)[1:]:
        assert "Mul" in [node.op for node in graph.FromString(event.graph_def).node]
    with pytest.raises(ValueError, match=r"graph\(\) cannot be invoked inside a graph context."):
        tf.function(lambda: tf.summary.graph(double.graph))()


def test_traces(tmp_path: Path) -> None:
    double, unused = tf.function(lambda x: x * 2), tf.function(lambda x: x / 2)
    double(tf.constant(1.0)), unused(tf.constant(1.0))
    with pytest.raises(ValueError, match="Must enable trace before export through tf.summary.trace_on."):
        tf.summary.trace_export("none", step=1)
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        tf.summary.trace_on()
        assert double(tf.constant(2.0)) == 4  # traced before, called now
        with pytest.raises(ValueError, match="No step set"):
            tf.summary.trace_export("double")
        tf.summary.trace_export("double", step=1)
        tf.summary.trace_on()
        tf.summary.trace_off()
        with pytest.raises(ValueError, match="Must enable trace"):
            tf.summary.trace_export("double", step=1)
    (event,) = events(tmp_path)[1:]
    (value,) = event.summary.value
    assert value.metadata.plugin_data.plugin_name == "graph_run_metadata_graph"
    message = tf.compat.v1.RunMetadata.FromString(value.tensor.string_val[0])
    (graph,) = message.function_graphs
    assert "Mul" in [node.op for node in graph.pre_optimization_graph.node]
    with pytest.raises(tf.errors.UnimplementedError, match="no profiler"):
        tf.summary.trace_on(profiler=True)


def test_many_threads_write_to_one_file(tmp_path: Path) -> None:
    writer = tf.summary.create_file_writer(str(tmp_path))

    def work(number: int) -> None:
        with writer.as_default():
            for step in range(50):
                tf.summary.scalar(f"thread/{number}", 1.0, step=step)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert len(values(tmp_path)) == 200


def test_summaries_of_version_1() -> None:
    old = tf.compat.v1.summary
    made = [old.scalar("a", 1.0), old.histogram("a", [1.0]), old.image("a", tf.zeros([1, 2, 2, 3])), old.text("a", "x")]
    assert [x.numpy() for x in made] == [b""] * 4
    assert old.audio("a", tf.zeros([1, 2, 1]), 8000).numpy() == b""
    for refused in (lambda: old.merge([made[0]]), old.merge_all, lambda: old.FileWriter("logs")):
        with pytest.raises(RuntimeError, match="not compatible with eager execution"):
            refused()
    assert old.Summary.DESCRIPTOR.name == "Summary"
