"""The real TensorBoard, on this machine's loopback, shows what Keras's callback and `tf.summary` have written."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Browser, browser, needs_browser, on_loopback  # noqa: F401 - a fixture

import tapeflow as tf

pytest.importorskip("tensorboard")


class Server:
    """A TensorBoard that reads a directory."""

    def __init__(self, logdir: Path, folder: Path) -> None:
        said = folder / "tensorboard.txt"
        with said.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tensorboard.main", "--logdir", str(logdir), "--port=0",
                 "--host=127.0.0.1", "--load_fast=false", "--reload_interval=1"],
                stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while (found := re.search(r"http://[^/ ]+/", said.read_text())) is None:
            assert self.process.poll() is None and time.monotonic() < deadline, said.read_text()
            time.sleep(0.1)
        self.url = found[0]

    def get(self, path: str) -> bytes:
        with on_loopback(f"{self.url}data/{path}", timeout=30) as answer:
            return bytes(answer.read())

    def json(self, path: str) -> Any:
        return json.loads(self.get(path))

    def until(self, path: str, wanted: Any) -> Any:
        """What it answers as soon as that is wanted: it reads the files in the background."""
        deadline = time.monotonic() + 60
        while not wanted(found := self.json(path)):
            assert time.monotonic() < deadline, f"TensorBoard does not see it: {found}"
            time.sleep(0.2)
        return found


@contextlib.contextmanager
def tensorboard(logdir: Path, folder: Path) -> Iterator[Server]:
    server = None
    try:
        server = Server(logdir, folder)
        yield server
    finally:
        if server is not None:
            server.process.kill()
            server.process.wait(30)


@pytest.mark.slow
def test_what_summaries_wrote(tmp_path: Path) -> None:
    double = tf.function(lambda x: x * 2.0)
    with tf.summary.create_file_writer(str(tmp_path / "logs/run")).as_default():
        tf.summary.trace_on()
        double(tf.constant(1.0))
        tf.summary.trace_export("trace", step=0)
        for step in range(3):
            tf.summary.scalar("loss", 1 / (1 + step), step=step)
        tf.summary.histogram("weights", np.arange(100.0), step=1)
        tf.summary.image("picture", np.zeros((1, 4, 5, 3)), step=1)
        tf.summary.text("note", "hello", step=1)
        tf.summary.audio("tone", np.zeros((1, 80, 1), np.float32), 8000, step=1)
        tf.summary.graph(double.get_concrete_function(tf.TensorSpec([3])).graph)
    with tensorboard(tmp_path / "logs", tmp_path) as server:
        server.until("runs", lambda runs: "run" in runs)
        server.until("plugin/graphs/info", lambda info: "run" in info)
        scalars = server.json("plugin/scalars/scalars?run=run&tag=loss")
        assert [(step, round(value, 4)) for _, step, value in scalars] == [(0, 1.0), (1, 0.5), (2, 0.3333)]
        ((_, step, rows),) = server.json("plugin/histograms/histograms?run=run&tag=weights")
        assert (step, len(rows), sum(count for _, _, count in rows)) == (1, 30, 100)
        (picture,) = server.json("plugin/images/images?run=run&tag=picture&sample=0")
        assert picture["step"] == 1
        assert server.get(f"plugin/images/individualImage?{picture['query']}").startswith(b"\x89PNG")
        assert "hello" in server.json("plugin/text/text?run=run&tag=note")[0]["text"]
        assert len(server.json("plugin/audio/audio?run=run&tag=tone&sample=0")) == 1
        graph = "plugin/graphs/graph?run=run&limit_attr_size=1024&large_attrs_key=_too_large"
        assert b"Mul" in server.get(graph)
        assert b"Mul" in server.get(f"{graph}&tag=trace&conceptual=false")


FIT = """
import sys
import numpy as np
import tensorflow as tf
keras = tf.keras
keras.utils.set_random_seed(1)
x = np.random.rand(64, 8, 8, 1).astype("float32")
y = (x.mean((1, 2, 3)) > 0.5).astype("int32")
inputs = keras.Input([8, 8, 1])
h = keras.layers.Conv2D(3, 3, activation="relu", name="conv")(inputs)
h = keras.layers.Dense(2, name="logits")(keras.layers.Flatten()(h))
model = keras.Model(inputs, h)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile("adam", loss, metrics=["accuracy"])
board = keras.callbacks.TensorBoard(sys.argv[1], histogram_freq=1, write_graph=True, write_images=True, update_freq=2)
pictures = tf.summary.create_file_writer(sys.argv[1] + "/pictures")
class Look(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        with pictures.as_default(step=epoch):
            tf.summary.image("digits", x[:2])
            tf.summary.scalar("rate", self.model.optimizer.learning_rate)
history = model.fit(x, y, batch_size=16, epochs=3, verbose=0, validation_data=(x, y), callbacks=[board, Look()])
print(history.history["loss"], history.history["val_accuracy"])
"""


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float], list[float]]:
    """The log of a short fit, its losses, its accuracies in validation."""
    if importlib.util.find_spec("keras") is None:
        pytest.skip("Keras is an extra")
    folder = tmp_path_factory.mktemp("fitted")
    (folder / "fit.py").write_text(FIT)
    command = [sys.executable, "-m", "tapeflow", "run", "fit.py", "logs"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    losses, accuracies = json.loads(f"[{done.stdout.strip().replace('] [', '], [')}]")
    return folder / "logs", losses, accuracies


@pytest.mark.slow
def test_what_fit_wrote(fitted: tuple[Path, list[float], list[float]], tmp_path: Path) -> None:
    logdir, losses, accuracies = fitted
    with tensorboard(logdir, tmp_path) as server:
        server.until("runs", lambda runs: set(runs) == {"train", "validation", "pictures"})
        server.until("plugin/graphs/info", lambda info: "train" in info)

        def values(run: str, tag: str) -> list[tuple[int, float]]:
            tag = tag.replace("/", "%2F")
            found = server.until(f"plugin/scalars/scalars?run={run}&tag={tag}", lambda rows: len(rows) >= 3)
            return [(step, round(value, 5)) for _, step, value in found]

        assert values("train", "epoch_loss") == [(i, round(x, 5)) for i, x in enumerate(losses)]
        assert values("validation", "epoch_accuracy") == [(i, round(x, 5)) for i, x in enumerate(accuracies)]
        assert values("pictures", "rate") == [(i, 0.001) for i in range(3)]
        tags = server.json("plugin/scalars/tags")
        assert {"epoch_loss", "epoch_accuracy", "batch_loss", "epoch_learning_rate"} <= set(tags["train"])
        assert {"evaluation_loss_vs_iterations", "evaluation_accuracy_vs_iterations"} <= set(tags["validation"])
        weights = server.json("plugin/histograms/tags")["train"]
        assert {"conv/kernel/histogram", "logits/bias/histogram"} <= set(weights)
        rows = server.json("plugin/histograms/histograms?run=train&tag=conv%2Fkernel%2Fhistogram")
        assert [step for _, step, _ in rows] == [0, 1, 2]
        assert [sum(count for *_, count in buckets) for *_, buckets in rows] == [27] * 3
        images = server.json("plugin/images/images?run=pictures&tag=digits&sample=0")
        picture = server.get(f"plugin/images/individualImage?{images[-1]['query']}")
        assert tf.io.decode_png(picture).shape == (8, 8, 1)
        kernel = server.json("plugin/images/images?run=train&tag=logits%2Fkernel%2Fimage&sample=0")
        assert server.get(f"plugin/images/individualImage?{kernel[0]['query']}").startswith(b"\x89PNG")
        info = server.json("plugin/graphs/info")["train"]
        (conceptual,) = (tag for tag, known in info["tags"].items() if known["conceptual_graph"])
        graph = server.get(f"plugin/graphs/graph?run=train&tag={conceptual}&conceptual=true").decode()
        assert "conv" in graph and "logits" in graph and "Conv2D" in graph


# TensorBoard's page keeps its parts in the shadows of its elements: all elements, however deep.
DEEP = textwrap.dedent("""
    const all = root => [...root.querySelectorAll("*")].flatMap(part =>
      [part, ...(part.shadowRoot ? all(part.shadowRoot) : [])]);
    const parts = all(document), text = parts.map(part => [...part.childNodes].filter(child => child.nodeType == 3)
      .map(child => child.textContent).join(" ")).join("\\n");
""")


@pytest.mark.slow
@needs_browser
def test_its_page_in_a_browser(
    fitted: tuple[Path, list[float], list[float]], tmp_path: Path, browser: Browser
) -> None:
    with tensorboard(fitted[0], tmp_path) as server:
        server.until("runs", lambda runs: set(runs) == {"train", "validation", "pictures"})
        browser.open(f"{server.url}#timeseries")
        assert browser.run("return document.title") == "TensorBoard"
        shown = [f"{DEEP}return text.includes('{word}')" for word in ("epoch_loss", "validation", "digits")]
        for script in shown:
            browser.until(script, 60)
        lines = "const lines = parts.filter(part => part.tagName == 'path' && part.getTotalLength() > 20);"
        browser.until(f"{DEEP}{lines}return lines.length >= 3", 60)
        assert [line for line in browser.said() if "Uncaught" in line] == []
        browser.open(f"{server.url}#graphs")  # as of TensorFlow's Keras 3 there is the graph of layers, and none of ops
        button = "const button = parts.findLast(part => part.textContent.trim() == 'Conceptual graph');"
        browser.until(f"{DEEP}{button}if (button) button.click(); return text.includes('functional')", 60)
