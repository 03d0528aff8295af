"""Bad data, bad code, accidents while a Keras model is fitted: TensorFlow's errors, the user's lines, sound files."""

from __future__ import annotations

import gc
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import fit_accidents
import needs_keras  # noqa: F401 - skips these tests
import numpy as np
import pytest

import tapeflow as tf

keras = tf.keras
ROOT = Path(__file__).parent.parent
RECORDED = json.loads((Path(__file__).parent / "recordings" / "accidents.json").read_text())
X, Y = fit_accidents.X, fit_accidents.Y


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", fit_accidents.CASES)
def test_it_goes_as_on_tensorflow(name: str) -> None:
    assert fit_accidents.run(tf, name) == RECORDED[name]


# -- the user's lines


def marked(function: Any) -> str:
    """What an error says of the line of a function that ends with `# here`."""
    lines, start = inspect.getsourcelines(function)
    return f'line {start + next(i for i, line in enumerate(lines) if line.rstrip().endswith("# here"))}, in '


def a_loss() -> Any:
    def loss(y: Any, p: Any) -> Any:
        return tf.reshape(p, [tf.cast(y[0], tf.int32) + 100, 5])  # here

    fit_accidents.model(tf, loss).fit(X, Y.astype("float32"), verbose=0)


def a_layer_of_keras_ops() -> Any:
    class Odd(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return keras.ops.reshape(x, [-1, tf.cast(tf.reduce_sum(x), tf.int32) + 100])  # here

        def compute_output_shape(self, shape: Any) -> Any:
            return shape

    made = keras.Sequential([Odd(), keras.layers.Dense(3)])
    made.build([None, 4])
    made.compile("sgd", "mse")
    made.fit(X, np.eye(3)[Y], verbose=0)


def a_layer_while_traced() -> Any:
    class Odd(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return tf.reshape(x, [7, 7])  # here

    keras.Sequential([Odd()]).predict(X, verbose=0)


def a_train_step() -> Any:
    class Model(keras.Model):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            return {"loss": 1 // tf.shape(data[0])[1] // (tf.shape(data[0])[0] - 8)}  # here

    made = Model()
    made.compile("sgd", "mse")
    made.fit(X, Y, batch_size=8, verbose=0)


def a_map() -> Any:
    data = tf.data.Dataset.from_tensor_slices((X, Y))
    data = data.map(lambda x, y: (x, tf.constant(6, tf.int64) // (y - 1)))  # here
    fit_accidents.fit(tf, data.batch(8))


def a_generator() -> Any:
    def rows() -> Any:
        yield X[0], Y[0]
        raise KeyError("in the generator")  # here

    signature = tf.TensorSpec([4]), tf.TensorSpec([], tf.int64)
    fit_accidents.fit(tf, tf.data.Dataset.from_generator(rows, output_signature=signature).batch(1))


def python_in_a_map() -> Any:
    def f(x: Any) -> Any:
        raise KeyError("in the map")  # here

    data = tf.data.Dataset.from_tensor_slices((X, Y))
    data = data.map(lambda x, y: (tf.ensure_shape(tf.py_function(f, [x], tf.float32), [4]), y))
    fit_accidents.fit(tf, data.batch(8))


def a_callback() -> Any:
    def at_batch(batch: int, logs: Any) -> None:
        raise KeyError("in the callback")  # here

    fit_accidents.fit(tf, X, Y, callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=at_batch)])


PROGRAMS = [a_loss, a_layer_of_keras_ops, a_layer_while_traced, a_train_step, a_map, a_generator, python_in_a_map,
            a_callback]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_line_of_the_program_is_named(program: Any) -> None:
    with pytest.raises(Exception) as caught:
        program()
    said = "".join(traceback.format_exception(caught.value))
    assert f'{__file__}", {marked(program)}' in said


def test_tracebacks_leave_out_what_is_ours_unless_asked() -> None:
    def frames() -> list[str]:
        with pytest.raises(ValueError) as caught:
            a_layer_while_traced()
        return [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]

    ours = str(ROOT / "tapeflow")
    assert not any(name.startswith((ours, "<tapeflow")) for name in frames())
    keras.config.disable_traceback_filtering()
    try:
        assert any(name.startswith(ours) for name in frames())
    finally:
        keras.config.enable_traceback_filtering()


def test_anomalies_name_what_is_not_finite_in_the_data() -> None:
    x = X.copy()
    x[10] = 1e30
    with pytest.raises(tf.errors.InvalidArgumentError) as caught, tf.debugging.anomalies():
        made = keras.Sequential([keras.layers.Lambda(lambda v: tf.square(v)), keras.layers.Dense(3)])
        made.compile("sgd", "mse")
        made.fit(x, np.eye(3)[Y], batch_size=8, verbose=0, shuffle=False)
    assert caught.value.anomaly.op == "Square"  # type: ignore[attr-defined]
    assert caught.value.anomaly.site.file == __file__  # type: ignore[attr-defined]
    assert "max 1e+30" in caught.value.message


# -- what is left behind


def test_an_abandoned_iterator_ends_its_threads() -> None:
    data = tf.data.Dataset.range(10**9).map(lambda i: i + 1, num_parallel_calls=2).prefetch(4)
    before = set(threading.enumerate())
    iterator = iter(data)
    next(iterator)
    del iterator
    gc.collect()
    deadline = time.monotonic() + 20
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not set(threading.enumerate()) - before


def test_a_model_goes_on_after_an_error() -> None:
    made = fit_accidents.model(tf)
    with pytest.raises(tf.errors.InvalidArgumentError):
        made.fit(X, Y + 1, verbose=0)
    weights = [np.array(w) for w in made.get_weights()]
    assert all(np.isfinite(w).all() for w in weights)
    assert np.isfinite(made.fit(X, Y, verbose=0).history["loss"]).all()


LONG = """
import os, sys, time
import numpy as np
import tensorflow as tf
keras = tf.keras
x = np.random.rand(640, 20).astype("float32")
y = np.random.randint(0, 3, 640)
model = keras.Sequential([keras.Input([20]), keras.layers.Dense({units}, "relu"), keras.layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
class Tell(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        tf.summary.flush() if epoch == 1 else None
        print("epoch", epoch, flush=True)
callbacks = [keras.callbacks.TensorBoard("logs", update_freq="epoch"), {callbacks} Tell()]
model.fit(tf.data.Dataset.from_tensor_slices((x, y)).repeat(3).map(lambda x, y: (x * 2.0, y), num_parallel_calls=2)
          .batch(16).prefetch(2), epochs=100000, verbose=0, callbacks=callbacks)
"""


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def run(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    (folder / "prog.py").write_text(program)
    command = [sys.executable, "-m", "tapeflow", "run", "prog.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=ENVIRONMENT)


class Running:
    """`LONG` in a process of its own, at work: two epochs are done."""

    def __init__(self, folder: Path, callbacks: str = "", units: int = 30) -> None:
        (folder / "long.py").write_text(LONG.format(callbacks=callbacks, units=units))
        self.folder = folder
        with (folder / "stderr.txt").open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tapeflow", "run", "long.py"], cwd=folder, text=True, stdout=subprocess.PIPE,
                stderr=errors, env=ENVIRONMENT,
            )  # fmt: skip
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line == "epoch 2\n":
                return
        self.end(signal.SIGKILL)
        raise AssertionError(self.said())

    def said(self) -> str:
        return (self.folder / "stderr.txt").read_text()

    def end(self, how: int) -> int:
        """Sends a signal; the exit status."""
        try:
            self.process.send_signal(how)
            self.process.communicate(timeout=60)
            return self.process.returncode
        finally:
            self.process.kill()
            self.process.communicate()


def scalars(logdir: Path) -> list[int]:
    """The steps of `epoch_loss` in the event file of a folder, as far as TensorBoard's reader reads it."""
    from event_files import events  # skips where TensorBoard is not

    assert len(list(logdir.glob("*tfevents*"))) == 1
    return [event.step for event in events(logdir) for value in event.summary.value if value.tag == "epoch_loss"]


@pytest.mark.slow
def test_control_c(tmp_path: Path) -> None:
    running = Running(tmp_path)
    assert running.end(signal.SIGINT) in (130, -signal.SIGINT)
    assert running.said().rstrip().endswith("KeyboardInterrupt")
    assert re.search(r'long\.py", line \d+, in <module>', running.said())
    assert scalars(tmp_path / "logs/train")[:2] == [0, 1]


@pytest.mark.slow
def test_a_killed_fit(tmp_path: Path) -> None:
    running = Running(tmp_path, 'keras.callbacks.ModelCheckpoint("model.keras"),', units=3000)
    assert running.end(signal.SIGKILL) == -signal.SIGKILL
    assert scalars(tmp_path / "logs/train")[:2] == [0, 1]


CHECKPOINTS = """
import os, signal
import h5py
import numpy as np
import tensorflow as tf
keras = tf.keras
model = keras.Sequential([keras.Input([4]), keras.layers.Dense(3)])
model.compile("sgd", "mse")
class Die(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:  # within the next file, when half of it is written
            def die(*args, **kwargs): os.kill(os.getpid(), signal.SIGKILL)
            h5py.Group.create_dataset = die
model.fit(np.ones((8, 4)), np.ones((8, 3)), epochs=4, verbose=0,
          callbacks=[Die(), keras.callbacks.ModelCheckpoint("{name}"),
                     keras.callbacks.BackupAndRestore("backup", delete_checkpoint=False)])
"""


@pytest.mark.slow
def test_a_checkpoint_that_is_interrupted(tmp_path: Path) -> None:
    """Each epoch has a file of its own: those that were complete are sound."""
    done = run(tmp_path, CHECKPOINTS.replace("{name}", "{epoch}.keras"))
    assert done.returncode == -signal.SIGKILL, done.stderr
    for epoch in (1, 2):
        assert keras.models.load_model(tmp_path / f"{epoch}.keras").predict(X, verbose=0).shape == (24, 3)


FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
import numpy as np
import tensorflow as tf
keras = tf.keras
model = keras.Sequential([keras.Input([4]), keras.layers.Dense(300), keras.layers.Dense(3)])
model.compile("sgd", "mse")
{callback}
model.fit(np.ones((8, 4)), np.ones((8, 3)), epochs=400, verbose=0, callbacks=[callback])
print("not reached")
"""


WRITERS = [
    "TensorBoard('logs', histogram_freq=1)",
    "LambdaCallback(on_epoch_end=lambda epoch, logs: tf.io.write_file('big.txt', 'x' * (8000 * epoch)))",
]


@pytest.mark.slow
@pytest.mark.parametrize("callback", WRITERS, ids=["events", "a file"])
def test_a_full_disk(callback: str, tmp_path: Path) -> None:
    """As far as a process can make one for itself: no file may be longer than so much."""
    done = run(tmp_path, FULL.replace("{callback}", f"callback = keras.callbacks.{callback}"))
    assert done.returncode == 1 and "not reached" not in done.stdout, done.stderr
    assert re.search(r"OutOfRangeError: (logs/train/.*tfevents.*|big.txt); File too large", done.stderr), done.stderr
    assert re.search(r'prog\.py", line \d+, in <module>', done.stderr)
    if "TensorBoard" in callback:
        assert scalars(tmp_path / "logs/train")[:2] == [0, 1]
