"""What compiles in the background makes way for calls: its Python, and the system's threads."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tapeflow.engines import turns, xla
from tapeflow.engines.turns import Turns

pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")


class Work:
    """Python work in a thread of its own: a number that goes up, until `steps` are done or somebody says stop."""

    def __init__(self, own: Turns, steps: float = float("inf")) -> None:
        self.done, self.stop, self.steps, self.turns = 0, False, steps, own
        self.begun = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        assert self.begun.wait(60)

    def run(self) -> None:
        with self.turns.taken():
            self.begun.set()
            while not self.stop and self.done < self.steps:
                self.step()

    def step(self) -> None:
        self.done += 1

    def join(self) -> None:
        self.thread.join(60)
        assert not self.thread.is_alive()


def spinning(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def test_the_work_rests_in_calls_and_goes_on_after_them() -> None:
    own = Turns()
    work = Work(own)
    inside = outside = 0

    def call() -> int:
        spinning(0.001)  # its rest begins when it enters a function
        before = work.done
        spinning(0.01)
        return work.done - before

    for _ in range(30):
        before = work.done
        within = own.call(call)
        inside += within
        outside += work.done - before - within
    work.stop = True
    work.join()
    assert outside > 1000
    assert inside < outside / 4  # none, but where the machine is so busy that the call's 10 ms take `PATIENCE`


def test_work_that_nobody_calls_beside_is_done() -> None:
    Work(Turns(), steps=100_000).join()


def test_a_call_that_waits_for_the_work_gets_it() -> None:
    own = Turns()
    work = Work(own, steps=1000)
    own.call(work.join)


def test_a_call_hands_on_what_the_function_returns_or_raises() -> None:
    own = Turns()
    assert own.call(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        own.call(divmod, 7, 0)
    assert own.call(own.call, divmod, 7, 2) == (3, 1)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that callers have made."""
    pauses: list[float] = []
    monkeypatch.setattr(turns, "sleep", pauses.append)
    return pauses


def test_callers_pause_in_proportion_and_only_if_somebody_has_work(slept: list[float]) -> None:
    own = Turns()
    own.call(spinning, 0.05)
    assert slept == []
    work = Work(own)
    own.call(spinning, 0.0)
    assert slept == [turns.TURN]  # for what the first call has left
    del slept[:]
    for _ in range(20):
        own.call(spinning, turns.TURN / 4)
    assert 2 <= len(slept) <= 20
    assert set(slept) == {turns.TURN}
    work.stop = True
    work.join()
    del slept[:]
    own.call(spinning, 0.05)
    assert slept == []


def test_nobody_pauses_for_work_without_pythons_lock(slept: list[float]) -> None:
    own, reached, go_on = Turns(), threading.Event(), threading.Event()

    def run() -> None:
        with own.taken():
            with turns.unlocked():
                reached.set()
                assert go_on.wait(60)
            spinning(0.0)

    thread = threading.Thread(target=run)
    thread.start()
    assert reached.wait(60)
    own.call(spinning, 0.05)
    assert slept == []
    go_on.set()
    thread.join(60)
    with turns.unlocked():  # of a thread that takes no turns: nothing
        pass


def test_what_traced_the_thread_before_traces_it_afterwards() -> None:
    def tracer(*event: Any) -> None:
        return None

    seen: list[Callable[..., Any] | None] = []

    def run() -> None:
        sys.settrace(tracer)
        with Turns().taken():
            seen.append(sys.gettrace())
        seen.append(sys.gettrace())
        sys.settrace(None)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert seen[0] is not tracer
    assert seen[1] is tracer


PROGRAM = """
import os, sys, threading
import tapeflow as tf

@tf.function
def f(x):
    return tf.reduce_sum(tf.tanh(x * 2) @ x)

def compiling():
    return any(thread.name == "tapeflow-xla" for thread in threading.enumerate())

x = tf.ones([300, 300])
f(x)
while not compiling(): f(x)
if sys.argv[1] == "wait":
    while compiling(): f(x)
    for number in os.listdir("/proc/self/task"):
        print(os.getpriority(os.PRIO_PROCESS, int(number)) - os.getpriority(os.PRIO_PROCESS, os.getpid()))
"""


def run(how: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.skipif(not xla.available(), reason="XLA is not installed")
def test_a_program_may_end_while_it_compiles() -> None:
    run("end")


@pytest.mark.skipif(not xla.available(), reason="XLA is not installed")
@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are Linux's")
def test_threads_that_compile_come_last_and_those_that_run_code_do_not() -> None:
    priorities = run("wait")
    assert {"0", str(xla.NICE)} == set(priorities)
    assert priorities.count("0") > 4
