"""Make examples/data/mnist_10k.npz: the first 8,000 training and 2,000 test digits of the whole MNIST.

    python tools/make_mnist_subset.py --source mnist.npz

The source holds `x_train`, `y_train`, `x_test`, `y_test` as uint8 (the file that Keras users know as `mnist.npz`).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

OUTPUT = Path(__file__).parent.parent / "examples" / "data" / "mnist_10k.npz"
SIZES = {"train": 8000, "test": 2000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", required=True, help="mnist.npz with all 70,000 digits")
    source = np.load(parser.parse_args().source)
    subset = {f"{kind}_{part}": source[f"{kind}_{part}"][:size] for part, size in SIZES.items() for kind in "xy"}
    np.savez_compressed(OUTPUT, **subset)
    for part in SIZES:
        print(part, "digits of each class:", np.bincount(subset[f"y_{part}"]).tolist())
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
