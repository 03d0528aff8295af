"""How `tf.keras` loads, and what it says when it cannot."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

pytestmark = pytest.mark.skipif(find_spec("keras") is None, reason="needs Keras")


def program(text, *arguments, **environment):
    import os

    command = [sys.executable, "-c", text, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    return run.returncode, run.stdout + run.stderr


def test_all_ways_to_it_are_one():
    text = """
import tapeflow as tf
tf.keras
from tensorflow import keras
from tensorflow.keras.layers import Dense
import tensorflow.keras.backend as K
assert keras is tf.keras and Dense is tf.keras.layers.Dense and K.backend() == "tensorflow"
"""
    assert program(text) == (0, "")


def test_another_backend_is_refused():
    code, output = program("import tapeflow as tf\ntf.keras", KERAS_BACKEND="jax")
    assert code == 1 and "Keras with the backend 'jax' is asked for by KERAS_BACKEND" in output


def test_tensors_pickled_beside_keras_are_read_without_it(tmp_path):
    text = """
import pickle, sys
import tapeflow as tf
if sys.argv[-1] == "write":
    tf.keras
    values = [tf.constant([1, 2]), tf.ragged.constant([[1], [2, 3]]), tf.sparse.from_dense([[0, 4]])]
    open(sys.argv[1], "wb").write(pickle.dumps(values))
else:
    dense, ragged, sparse = pickle.loads(open(sys.argv[1], "rb").read())
    assert dense.numpy().tolist() == [1, 2] and ragged.to_list() == [[1], [2, 3]]
    assert tf.sparse.to_dense(sparse).numpy().tolist() == [[0, 4]]
    assert not any(name.partition(".")[0] in ("keras", "tensorflow") for name in sys.modules)
"""
    for what in ("write", "read"):
        assert program(text, str(tmp_path / "values"), what) == (0, "")


def test_what_stands_for_modules_inside_tensorflow_is_imported():
    text = """
import importlib
from tapeflow.client import alias
alias.install()
for name in alias.MODULES:
    importlib.import_module(f"tensorflow.{name}")
import tensorflow.core.util.event_pb2, pickle
assert tensorflow.core.util.event_pb2.Event(step=3).step == 3
import tensorflow.python.framework.ops as ops
assert pickle.loads(pickle.dumps(ops.convert_to_tensor))([1]).shape == (1,)
for name in ["core.util.no", "core.no", "python.no"]:
    try:
        importlib.import_module(f"tensorflow.{name}")
    except ModuleNotFoundError as error:
        assert "tensorflow.core.util.event_pb2" in str(error) or name == "python.no", error
        assert ("tensorflow.python.ops.math_ops" in str(error)) == (name == "python.no"), error
"""
    assert program(text) == (0, "")


def test_missing_gradients_say_why():
    text = """
import numpy as np, tapeflow as tf
layers = tf.keras.layers
last = layers.Lambda(lambda x: tf.cast(tf.argmax(x, -1), tf.float32))
model = tf.keras.Sequential([layers.Input((4,)), layers.Dense(3), last])
model.compile("adam", "mse", run_eagerly=True)
with tf.debugging.explain_gradients():
    model.fit(np.ones((8, 4), "f"), np.ones(8), verbose=0)
"""
    code, output = program(text)
    assert code == 1 and "No gradients provided for any variable." in output and "ArgMax" in output


def test_the_old_hard_sigmoid():
    text = """
import tapeflow as tf
print(float(tf.keras.activations.hard_sigmoid(tf.constant(1.0))))
"""
    assert float(program(text, TF_USE_LEGACY_KERAS="1")[1]) == pytest.approx(0.7)
    assert float(program(text)[1]) == pytest.approx(2 / 3)
