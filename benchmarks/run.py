"""Time tapeflow beside TensorFlow, PyTorch and JAX in one run, and print tables of medians and ratios.

    make bench                                          prepares the environments, runs all, writes benchmarks/results/
    python benchmarks/run.py --quick --only mul         some rows, roughly; writes nothing
    python benchmarks/run.py --only functions           the compiled functions
    python benchmarks/run.py --readme                   copies the last tables into README.md

Each framework is a process of its own in its own virtual environment (.peers/NAME, or --python NAME=PATH); so is each
way of compiling with it. They take turns: every row is timed in each of them, and that again in every round; a figure is
the median over rounds. What fails or gives another result than the others is said below the tables.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from goals import GROUPS, ROWS, Contestant, Row
from report import ROOT, Figures, save, tables, takes_part, write_readme

FRAMEWORKS = {"tapeflow": "tapeflow", "tensorflow": "TensorFlow", "torch": "PyTorch", "jax": "JAX"}
ENVIRONMENT = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
PATIENCE = 120.0  # seconds until an answer; then the row has failed
WARM = {"automatic": 8.0}  # seconds in which tapeflow's automatic choice of an engine may settle

FRESH = """
import sys, time
start = time.perf_counter()
import {framework}
seconds = time.perf_counter() - start
sys.path.insert(0, {folder!r})
from worker import peak_memory
"""
