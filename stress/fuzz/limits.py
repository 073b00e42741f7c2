"""One target in a process of its own, with little time for each input and little memory for all."""

from __future__ import annotations

import gc
import multiprocessing
import resource
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from stress.campaign import Result
from stress.fuzz.target import HangError, Outcome, Target, damaged, judge

SECONDS = 5.0
"""Processor time for one input, each of which has a few kilobytes."""

MEMORY = 1_500_000_000
"""Bytes beyond those that are mapped when the work begins."""

_SILENT = 120.0  # seconds on the clock without a sign of life: C code that no signal interrupts
_SHOWN = 5

_FORK = multiprocessing.get_context("fork")
Found = tuple[int, Outcome, str]


def run_target(target: Target, count: int, finds: Path) -> Result:
    """Return how ``count`` damaged inputs ended; what was lost or wrong is written to ``finds``."""
    for seed in target.seeds:
        if (ended := judge(target, seed, harmless=True)) != ("survived", ""):
            raise ValueError(f"{target.name}: the undamaged input is not read as it stands: {ended}")
    found: list[Found] = []
    start = 0
    while start < count:
        start = _run_from(target, start, count, found)
    for index, _, _ in found:
        finds.mkdir(parents=True, exist_ok=True)
        (finds / f"{target.name}-{index}").write_bytes(damaged(target, index)[0])
    lost = sum(outcome == "lost" for _, outcome, _ in found)
    return Result(
        tried=count,
        survived=count - len(found),
        lost=lost,
        silently_wrong=len(found) - lost,
        notes=tuple(
            f"{outcome}, {why} (python -m stress.fuzz {target.name} {index})" for index, outcome, why in found[:_SHOWN]
        ),
    )


def _run_from(target: Target, start: int, count: int, found: list[Found]) -> int:
    """Add what is found from ``start`` on; return where to go on: behind the input that ended the process, if any."""
    place = _FORK.Value("q", start, lock=False)
    receive, send = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_work, args=(target, start, count, place, send))
    process.start()
    send.close()
    seen, moved = start, time.monotonic()
    while process.is_alive() or receive.poll():
        try:
            if receive.poll(1.0):
                found.append(receive.recv())
        except EOFError:
            break
        if place.value != seen:
            seen, moved = place.value, time.monotonic()
        elif time.monotonic() - moved > _SILENT:
            process.kill()
    process.join()
    if process.exitcode == 0:
        return count
    found.append((place.value, "lost", f"it ended the process: exit code {process.exitcode}"))
    return int(place.value) + 1


def _work(target: Target, start: int, count: int, place: Any, send: Connection) -> None:
    limit_memory()
    # What is loaded stays: to search half a million figures for garbage again and again would take most of the time.
    gc.freeze()
    warnings.simplefilter("ignore")
    for index in range(start, count):
        place.value = index
        data, harmless = damaged(target, index)
        with limited_time(SECONDS):
            outcome, why = judge(target, data, harmless=harmless)
        if outcome != "survived":
            send.send((index, outcome, why))


def limit_memory() -> None:
    """Let this process map no more than ``MEMORY`` beyond what it has."""
    mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + MEMORY, mapped + MEMORY))


@contextmanager
def limited_time(seconds: float = SECONDS) -> Iterator[None]:
    """Raise `HangError` in what takes more than its processor time."""

    def hang(number: int, frame: object) -> None:
        raise HangError(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, hang)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)
