"""What Keras's TensorBoard callback writes: the tags, in the order and the shapes that TensorFlow gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import needs_keras  # noqa: F401 - skips these tests
import numpy as np
import pytest
from event_files import events  # skips these tests without TensorBoard
from tensorboard.compat.proto import config_pb2, graph_pb2

import tapeflow as tf

keras = tf.keras
layers = keras.layers

pytestmark = pytest.mark.filterwarnings("default")  # Keras warns of itself


@pytest.fixture(autouse=True)
def _clean() -> Any:
    yield
    keras.backend.clear_session()


def tags(folder: Path) -> list[tuple[int, str, str, tuple[int, ...]]]:
    """Step, tag, plugin and shape of each summary."""
    return [
        (event.step, v.tag, v.metadata.plugin_data.plugin_name, tuple(d.size for d in v.tensor.tensor_shape.dim))
        for event in events(folder)
        for v in event.summary.value
    ]


def model() -> Any:
    made = keras.Sequential(
        [layers.Input((8, 8, 1)), layers.Conv2D(2, 3, name="conv"), layers.Flatten(), layers.Dense(3, name="dense")],
        name="m",
    )
    made.compile("adam", "mse", metrics=["mae"])
    return made


def batches(epoch: int) -> list[tuple[int, str, str, tuple[int, ...]]]:
    kinds = ("batch_steps_per_second", "batch_loss", "batch_mae")
    return [(step, kind, "scalars", ()) for step in (2 * epoch + 1, 2 * epoch + 2) for kind in kinds]


def epochs(epoch: int) -> list[tuple[int, str, str, tuple[int, ...]]]:
    kinds = ("epoch_loss", "epoch_mae", "epoch_learning_rate", "epoch_steps_per_second")
    weights = [("conv/kernel", 4), ("conv/bias", 3), ("dense/kernel", 3), ("dense/bias", 3)]
    found: list[tuple[int, str, str, tuple[int, ...]]] = [(epoch, kind, "scalars", ()) for kind in kinds]
    for name, rank in weights:
        found.append((epoch, f"m/{name}/histogram", "histograms", (30, 3)))
        found.append((epoch, f"m/{name}/image", "images", (rank,)))
    return found


def test_all_that_it_can_write(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    x, y = np.random.rand(20, 8, 8, 1), np.random.rand(20, 3)
    board = keras.callbacks.TensorBoard(
        tmp_path, histogram_freq=1, write_images=True, write_steps_per_second=True, update_freq=1, profile_batch=2
    )
    model().fit(x, y, epochs=2, batch_size=10, validation_data=(x, y), callbacks=[board], verbose=0)
    first, second = batches(0), batches(1)
    graph = [(2, "batch_2", "graph_run_metadata_graph", ())]
    wanted = [(0, "keras", "graph_keras_model", ()), *first, *graph, *epochs(0), *second, *epochs(1)]
    assert tags(tmp_path / "train") == wanted
    validation = tags(tmp_path / "validation")
    assert [tag for _, tag, _, _ in validation[:4]] == [
        "evaluation_loss_vs_iterations", "evaluation_mae_vs_iterations", "epoch_loss", "epoch_mae",
    ]  # fmt: skip
    values = [v for event in events(tmp_path / "train") for v in event.summary.value if v.tag == "batch_2"]
    metadata = config_pb2.RunMetadata.FromString(values[0].tensor.string_val[0])
    ops = {node.op for each in metadata.function_graphs for node in each.pre_optimization_graph.node}
    ops |= {
        node.op
        for each in metadata.function_graphs
        for function in each.pre_optimization_graph.library.function
        for node in function.node_def
    }
    assert {"Conv2D", "MatMul", "IteratorGetNext"} <= ops  # the steps of training
    assert "tf.profiler" in caplog.text  # what is not there is said


def test_the_graph_of_a_train_function(tmp_path: Path) -> None:
    class Traced(keras.Model):
        """A model whose train function is a Function, as Keras had it."""

        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def make_train_function(self, force: bool = False) -> Any:
            super().make_train_function(force)
            if not hasattr(self.train_function, "function_spec"):
                self.train_function = tf.function(lambda iterator: self.train_step(next(iterator)))
            return self.train_function

    made = Traced()
    made.compile("sgd", "mse")
    made.fit(np.ones((8, 3)), np.ones((8, 2)), callbacks=[keras.callbacks.TensorBoard(tmp_path)], verbose=0)
    graphs = [graph_pb2.GraphDef.FromString(e.graph_def) for e in events(tmp_path / "train") if e.graph_def]
    assert len(graphs) == 1
    ops = [node.op for node in graphs[0].node]
    assert "MatMul" in ops and "IteratorGetNext" in ops
    shapes = next(node for node in graphs[0].node if node.op == "IteratorGetNext").attr["output_shapes"].list.shape
    assert [[d.size for d in shape.dim] for shape in shapes] == [[-1, 3], [-1, 2]]


def test_embeddings_are_told_to_the_projector(tmp_path: Path) -> None:
    made = keras.Sequential([layers.Input((4,)), layers.Embedding(10, 3), layers.Flatten(), layers.Dense(1)])
    made.compile("sgd", "mse")
    board = keras.callbacks.TensorBoard(
        tmp_path, embeddings_freq=1, embeddings_metadata="meta.tsv", write_graph=False
    )
    made.fit(np.random.randint(0, 10, (8, 4)), np.zeros((8, 1)), callbacks=[board], verbose=0)
    text = (tmp_path / "projector_config.pbtxt").read_text().split()
    name = '"layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE"'
    assert text == ["embeddings", "{", "tensor_name:", name, "metadata_path:", '"meta.tsv"', "}"]
    assert (tmp_path / "train" / "keras_embedding.ckpt-0.weights.h5").exists()
