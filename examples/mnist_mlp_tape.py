"""Train a 784-128-10 network on handwritten digits, with a tape and an optimiser of our own.

A plain TensorFlow 2 program:

    tapeflow run examples/mnist_mlp_tape.py      # without TensorFlow
    python examples/mnist_mlp_tape.py            # with it
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
BATCH = 64
LEARNING_RATE = 0.05
MOMENTUM = 0.9


def load_digits():
    """Images as float32 (n, 28, 28) in [0, 1] and labels as int32: of the training set, then of the test set."""
    with np.load(HERE / "data" / "mnist_10k.npz") as file:
        return [
            (file[f"x_{part}"].astype(np.float32) / 255, file[f"y_{part}"].astype(np.int32))
            for part in ("train", "test")
        ]


class Network(tf.Module):
    """Two dense layers with a relu between them."""

    def __init__(self, rng):
        super().__init__()
        self.w1 = tf.Variable(rng.normal(0, (2 / 784) ** 0.5, (784, 128)).astype(np.float32), name="w1")
        self.b1 = tf.Variable(tf.zeros([128]), name="b1")
        self.w2 = tf.Variable(rng.normal(0, (1 / 128) ** 0.5, (128, 10)).astype(np.float32), name="w2")
        self.b2 = tf.Variable(tf.zeros([10]), name="b2")

    def __call__(self, images):
        images = tf.reshape(images, [-1, 784])
        return tf.matmul(tf.nn.relu(tf.matmul(images, self.w1) + self.b1), self.w2) + self.b2


class Momentum:
    """Stochastic gradient descent with momentum."""

    def __init__(self, variables):
        self.variables = variables
        self.velocities = [tf.Variable(tf.zeros_like(variable), trainable=False) for variable in variables]

    def apply(self, gradients):
        for variable, velocity, gradient in zip(self.variables, self.velocities, gradients, strict=True):
            velocity.assign(MOMENTUM * velocity - LEARNING_RATE * gradient)
            variable.assign_add(velocity)


def train_step(network, optimizer, images, labels):
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=network(images))
        loss = tf.reduce_mean(losses)
    optimizer.apply(tape.gradient(loss, optimizer.variables))
    return loss


def batches(rng, images, labels):
    """One pass over the digits in an order drawn from `rng`, each batch moved by up to a pixel each way."""
    order = rng.permutation(len(images))
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        moved = np.roll(images[chosen], rng.integers(-1, 2, 2), axis=(1, 2))
        yield tf.constant(moved), tf.constant(labels[chosen])


def show_progress(epoch, epochs, done, total, loss):
    if sys.stderr.isatty() or done == total:
        bar = ("#" * (30 * done // total)).ljust(30, ".")
        end = "\n" if done == total else ""
        print(f"\repoch {epoch}/{epochs} [{bar}] loss {loss:.4f}", end=end, file=sys.stderr, flush=True)


def train(network, rng, images, labels, epochs, max_steps):
    """The loss of every step."""
    optimizer = Momentum(network.trainable_variables)
    losses = []
    total = -(-len(images) // BATCH)
    for epoch in range(1, epochs + 1):
        for done, batch in enumerate(batches(rng, images, labels), 1):
            losses.append(float(train_step(network, optimizer, *batch)))
            show_progress(epoch, epochs, done, total, np.mean(losses[-done:]))
            if len(losses) == max_steps:
                return losses
    return losses


def draw(path, losses, images, labels, answers):
    """Write a picture of the loss curve and of the first misread digits."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplot_mosaic([["loss"] * 4, list("abcd"), list("efgh")], figsize=(8, 8), layout="constrained")
    smooth = np.convolve(losses, np.ones(20) / 20, mode="valid") if len(losses) >= 20 else losses
    axes["loss"].plot(losses, color="lightsteelblue", linewidth=0.5, label="each step")
    axes["loss"].plot(np.arange(len(smooth)) + len(losses) - len(smooth), smooth, label="mean of 20 steps")
    axes["loss"].set(xlabel="step", ylabel="loss", yscale="log")
    axes["loss"].legend()
    wrong = np.flatnonzero(answers != labels)
    for name in "abcdefgh":
        axes[name].axis("off")
    for name, index in zip("abcdefgh", wrong, strict=False):
        axes[name].imshow(images[index], cmap="gray_r")
        axes[name].set_title(f"{labels[index]} read as {answers[index]}")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description="Train a small network on MNIST digits.")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--steps", type=int, help="stop after this many steps")
    parser.add_argument("--seed", type=int, default=1, help="of the initial weights and the order of the digits")
    parser.add_argument("--picture", type=Path, default=HERE / "output" / "mnist_mlp_tape.png", metavar="FILE")
    parser.add_argument("--losses", type=Path, metavar="FILE", help="write the loss of every step, one a line")
    options = parser.parse_args()

    (images, labels), (test_images, test_labels) = load_digits()
    rng = np.random.default_rng(options.seed)
    network = Network(rng)
    start = time.perf_counter()
    losses = train(network, rng, images, labels, options.epochs, options.steps)
    seconds = time.perf_counter() - start

    answers = tf.argmax(network(tf.constant(test_images)), axis=1).numpy()
    accuracy = np.mean(answers == test_labels)
    print(f"{len(losses)} steps in {seconds:.2f} s; test accuracy {accuracy:.2%}")
    draw(options.picture, losses, test_images, test_labels, answers)
    print(f"picture: {options.picture}")
    if options.losses:
        options.losses.write_text("".join(f"{loss!r}\n" for loss in losses))


if __name__ == "__main__":
    main()
