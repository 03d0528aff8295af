"""Train a Keras model whose first layer finds edges, by fixed Prewitt filters, on handwritten digits.

A plain TensorFlow 2 program, in the style of 2019:

    tapeflow run examples/mnist_prewitt_cnn.py      # without TensorFlow
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
SIDE = 28
DIGITS = 10


class Edges(tf.keras.layers.Layer):
    """How steep an image is, from left to right and from top to bottom: two numbers for each pixel.

    The filters are J. Prewitt's ("Object enhancement and extraction", 1970); they do not learn.
    """

    def build(self, input_shape):
        across = np.array([[1, 0, -1]] * 3, np.float32)
        self.filters = tf.constant(np.stack([across, across.T], axis=-1)[:, :, np.newaxis, :])
        super().build(input_shape)

    def call(self, images):
        return tf.abs(tf.nn.conv2d(images[..., tf.newaxis], self.filters, strides=1, padding="SAME"))

    def compute_output_shape(self, input_shape):
        return (*input_shape, 2)


def load_digits():
    """Images as float32 (n, 28, 28) in [0, 1] and labels one-hot (n, 10): of the training set, then of the test set."""
    with np.load(HERE / "data" / "mnist_10k.npz") as file:
        return [
            (file[f"x_{part}"].astype(np.float32) / 255, np.eye(DIGITS, dtype=np.float32)[file[f"y_{part}"]])
            for part in ("train", "test")
        ]


def network():
    """Edges, then one dense layer."""
    model = tf.keras.models.Sequential()
    model.add(Edges(input_shape=(SIDE, SIDE)))
    model.add(tf.keras.layers.Flatten())
    model.add(tf.keras.layers.Dense(DIGITS, activation="softmax"))
    model.compile(optimizer=tf.keras.optimizers.SGD(lr=0.1), loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--output", type=Path, default=HERE / "output" / "prewitt", help="where the log goes")
    options = parser.parse_args(arguments)

    tf.keras.utils.set_random_seed(1)
    train, test = load_digits()
    model = network()
    log = tf.keras.callbacks.TensorBoard(log_dir=str(options.output))
    model.fit(*train, batch_size=100, epochs=options.epochs, callbacks=[log], validation_data=test)
    loss, accuracy = model.evaluate(*test, verbose=0)
    print(f"test loss {loss:.4f}, accuracy {accuracy:.4f}")
    print(f"To look at the curves and the graph:  tensorboard --logdir {options.output}")


if __name__ == "__main__":
    main(sys.argv[1:])
