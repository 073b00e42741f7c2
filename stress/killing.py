"""`kill -9` at every stage of `make report`, of the whole tree or of one process in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stress.campaign import Result
from stress.checkout import DOCUMENTS, change, environment, hashes, lay_out

MARK = "CORRTIP_STRESS"
"""Name of what marks the surroundings of the processes of one case."""

_PATIENCE = 600.0
# Kernels look each second whether the process that started them is alive.
_SECONDS_TO_END = 15.0
_POLL = 0.02


@dataclass(frozen=True, slots=True)
class Blow:
    """When and whom to kill.

    Parameters
    ----------
    stage : str
        What the command line of a process holds once the stage has begun; empty for any.
    after : float
        Seconds from then on.
    victim : str
        What the command line of the one process to be killed holds; empty for all of them.
    """

    stage: str
    after: float = 0.0
    victim: str = ""

    def __str__(self) -> str:
        return f"{self.victim or 'all'} killed {self.after:g} s into {self.stage or 'make'}"


BLOWS = (
    Blow("data check", 0.3),
    Blow("notebooks/02_study", 0.2),
    Blow("ipykernel", 0.0),
    Blow("ipykernel", 2.0),
    Blow("ipykernel", 1.0, "ipykernel"),
    Blow("ipykernel", 1.0, "notebooks/02_study"),
    Blow("ipykernel", 1.0, "make"),
    Blow("report build", 0.3),
    Blow("report build", 1.5),
    Blow("pandoc", 0.0),
    Blow("pandoc", 0.0, "pandoc"),
    Blow("pandoc", 0.2, "make"),
)


@dataclass(frozen=True, slots=True)
class Project:
    """A built checkout with one change: the documents that stand in it, and all that the next build must leave."""

    root: Path
    standing: dict[str, str]
    goal: dict[str, str]


def prepare(folder: Path) -> Project:
    """Lay out a checkout in small, build it, change it; build the change elsewhere to know what must come."""
    root = lay_out(folder / "checkout")
    _must_make(root)
    standing = hashes(root / "build", DOCUMENTS)
    change(root)
    elsewhere = shutil.copytree(root, folder / "elsewhere")
    _must_make(elsewhere)
    return Project(root, standing, built(elsewhere))


def built(root: Path) -> dict[str, str]:
    """Return the hash of every file below ``build/`` but those of the libraries' caches."""
    return {name: sha256 for name, sha256 in hashes(root / "build").items() if not name.startswith(".home/")}


def make(root: Path, *, wrapped: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[str]:
    """Run `make report` in a checkout, to its end."""
    command = [*wrapped, "make", "report"]
    return subprocess.run(
        command, cwd=root, env=environment(**more), capture_output=True, text=True, check=False, timeout=_PATIENCE
    )


def _must_make(root: Path) -> None:
    ran = make(root)
    if ran.returncode:
        raise RuntimeError(f"the checkout in small does not build: {ran.stderr}")


def kill_at(project: Project, folder: Path, blow: Blow) -> list[str]:
    """Kill a build in a copy of a checkout; return what then was not as it must be."""
    root = shutil.copytree(project.root, folder / "case")
    if "data" in blow.stage:
        (root / "data" / "countries.csv").touch()
    try:
        return list(_killed(project, root, blow))
    finally:
        shutil.rmtree(root)


def _killed(project: Project, root: Path, blow: Blow) -> Iterator[str]:
    mark = uuid.uuid4().hex
    surroundings = environment(**{MARK: mark})
    command = [shutil.which("make") or "make", "report"]
    with subprocess.Popen(
        command, cwd=root, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as build:
        struck = _strike(build, mark, blow)
        ended = build.wait(_PATIENCE)
    if ended == 0 and struck:
        yield "it ended well without a part of it"
    if not struck:
        yield "the stage was never seen"
    found = hashes(root / "build", DOCUMENTS)
    if found not in (project.standing, {name: project.goal[name] for name in DOCUMENTS}):
        yield "the last good build does not stand"
    if not blow.victim and not wait_for(lambda: not processes(mark), _SECONDS_TO_END):
        yield f"processes live on: {', '.join(processes(mark).values())}"
    ran = make(root)
    if ran.returncode:
        yield f"the next run failed: {ran.stderr.strip()}"
    # What lost its parent alone goes on for a moment, beside the next run.
    wait_for(lambda: not processes(mark), _SECONDS_TO_END)
    if built(root) != project.goal:
        yield f"the next run left other files: {differing(built(root), project.goal)}"


def differing(one: dict[str, str], other: dict[str, str]) -> str:
    """Return the names that two sets of files do not share."""
    return ", ".join(sorted({name for name, _ in one.items() ^ other.items()}))


def _strike(build: subprocess.Popen[bytes], mark: str, blow: Blow) -> bool:
    def at_stage() -> bool:
        return any(blow.stage in line for line in processes(mark).values())

    if not wait_for(lambda: build.poll() is not None or at_stage(), _PATIENCE) or build.poll() is not None:
        return False
    time.sleep(blow.after)
    victims = [pid for pid, line in processes(mark).items() if (blow.victim or "") in line]
    for pid in [build.pid] if blow.victim == "make" else victims:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(victims)


def processes(mark: str) -> dict[int, str]:
    """Return the command line of every living process that was started with ``mark`` in its surroundings."""
    found = {}
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                if line:
                    found[int(folder.name)] = line
    return found


def wait_for(until: Callable[[], bool], seconds: float) -> bool:
    """Wait until something holds; return whether it came to that in time."""
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL)
    return True


def strike_make(project: Project, folder: Path, blows: tuple[Blow, ...]) -> Result:
    """Kill one build for each blow."""
    complaints = {str(blow): kill_at(project, folder, blow) for blow in blows}
    lost = {name: texts for name, texts in complaints.items() if texts}
    return Result(
        tried=len(complaints),
        survived=len(complaints) - len(lost),
        lost=len(lost),
        notes=tuple(f"{name}: {text}" for name, texts in lost.items() for text in texts),
    )
