"""A full disk, a closed folder, another build beside it, another clock, locale, time zone or number of threads."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from stress.campaign import Result
from stress.checkout import DOCUMENTS, environment, hashes
from stress.killing import Project, built, differing, make

# Kilobytes left of a disk when the next build begins, which needs some 180.
_ROOM = (0, 16, 64, 128)
# Kilobytes that one file may have.
_LARGEST = (1, 8, 22, 30)
_FUTURE = 4_000_000_000

SURROUNDINGS: Mapping[str, Mapping[str, str]] = {
    "another time zone": {"TZ": "Asia/Kathmandu"},
    "a bare locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "a Turkish locale": {"LC_ALL": "tr_TR.UTF-8"},
    "a German locale": {"LC_ALL": "de_DE.UTF-8"},
    "another hash seed": {"PYTHONHASHSEED": "4711"},
    "four threads": {"OPENBLAS_NUM_THREADS": "4", "OMP_NUM_THREADS": "4"},
    "a narrow terminal, no home": {"COLUMNS": "20", "HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"},
}


Case = Callable[[Path], Iterator[str]]


def starve(project: Project, folder: Path, share: float) -> dict[str, Result]:
    """Try all of it in copies of a checkout; a part for each kind."""
    kinds: dict[str, Mapping[str, Case]] = {
        "disk full": {
            **{f"{room} kB left": partial(_full, project, room) for room in _first(_ROOM, share)},
            **{f"files of {size} kB at most": partial(_short, project, size) for size in _first(_LARGEST, share)},
            "no room for temporary files": partial(_no_scratch, project),
        },
        "folder closed": {"data": partial(_closed_data, project), "build": partial(_closed_build, project)},
        "two builds at once": {"two builds": partial(_together, project)},
        "clock": {
            "inputs from the future": partial(_inputs_from_the_future, project),
            "outputs from the future": partial(_outputs_from_the_future, project),
        },
        "surroundings": {
            name: partial(_around, project, SURROUNDINGS[name]) for name in _first(list(SURROUNDINGS), share)
        },
    }
    return {kind: _tried(project, folder, cases) for kind, cases in kinds.items()}


def _first(items: Sequence[Any], share: float) -> Sequence[Any]:
    return items[: max(1, round(share * len(items)))]


def _tried(project: Project, folder: Path, cases: Mapping[str, Case]) -> Result:
    lost, skipped = [], []
    for name, case in cases.items():
        root = shutil.copytree(project.root, folder / "case")
        try:
            complaints = [f"{name}: {text}" for text in case(root)]
        except NotPermittedError as why:
            complaints, skipped = [], [*skipped, f"{name}: not tried, {why}"]
        finally:
            shutil.rmtree(root)
        lost += [complaints] if complaints else []
    tried = len(cases) - len(skipped)
    notes = (*(text for texts in lost for text in texts), *skipped)
    return Result(tried=tried, survived=tried - len(lost), lost=len(lost), notes=notes)


class NotPermittedError(Exception):
    """This user may not do to the system what a case needs."""


def _full(project: Project, room: int, root: Path) -> Iterator[str]:
    """Build on a disk of which ``room`` kilobytes are left."""
    with _disk(root / "build", keep=True) as disk:
        disk.leave(room)
        yield from _refused(project, root, make(root), ("No space left on device", "build"))
        disk.grow()
        yield from _done(project, root, make(root))


def _short(project: Project, size: int, root: Path) -> Iterator[str]:
    """Build where no file may be larger than ``size`` kilobytes."""
    limit = ("prlimit", f"--fsize={size * 1024}")
    yield from _refused(project, root, make(root, wrapped=limit), ("File too large", "build"))
    yield from _done(project, root, make(root))


def _no_scratch(project: Project, root: Path) -> Iterator[str]:
    """Build where the folder for temporary files is full: Python then takes another."""
    (root / "scratch").mkdir()
    with _disk(root / "scratch", keep=False) as disk:
        disk.leave(0)
        yield from _done(project, root, make(root, TMPDIR=str(root / "scratch")))


def _closed_data(project: Project, root: Path) -> Iterator[str]:
    with _closed(root / "data"):
        yield from _done(project, root, make(root))


def _closed_build(project: Project, root: Path) -> Iterator[str]:
    with _closed(root / "build"):
        yield from _refused(project, root, make(root), ("cannot be written", "build"))
    yield from _done(project, root, make(root))


def _together(project: Project, root: Path) -> Iterator[str]:
    with ThreadPoolExecutor(2) as pool:
        for ran in pool.map(make, [root, root]):
            if ran.returncode:
                yield f"one of two failed: {ran.stderr.strip()}"
    yield from _done(project, root, make(root))


def _inputs_from_the_future(project: Project, root: Path) -> Iterator[str]:
    for name in ("report/report.md", "notebooks/02_study.ipynb", "data/countries.csv"):
        os.utime(root / name, (_FUTURE, _FUTURE))
    yield from _done(project, root, make(root))


def _outputs_from_the_future(project: Project, root: Path) -> Iterator[str]:
    for path in (root / "build").rglob("*"):
        os.utime(path, (_FUTURE, _FUTURE))
    yield from _done(project, root, make(root))


def _around(project: Project, more: Mapping[str, str], root: Path) -> Iterator[str]:
    """Run what make runs, without what make fixes."""
    with _locale(more.get("LC_ALL", "")) as where:
        surroundings = environment(SOURCE_DATE_EPOCH="1767225600", **where, **more)
        for command in (
            ("python", "-m", "corrtip.report.notebooks", "notebooks/02_study.ipynb", "build/notebooks/02_study.ipynb"),
            ("corrtip", "report", "build"),
        ):
            program, *options = command
            ran = subprocess.run(
                [f"{root}/.venv/bin/{program}", *options],
                cwd=root,
                env=surroundings,
                capture_output=True,
                text=True,
                errors="replace",
                umask=0o077,
                check=False,
            )
            if ran.returncode:
                yield f"{' '.join(command)} failed: {ran.stderr.strip()[-500:]}"
    if built(root) != project.goal:
        yield f"other bytes: {differing(built(root), project.goal)}"


def _refused(
    project: Project, root: Path, ran: subprocess.CompletedProcess[str], words: Sequence[str]
) -> Iterator[str]:
    if not ran.returncode:
        yield "it ended well"
    if "Traceback" in ran.stderr or not all(word in ran.stderr for word in words):
        yield f"no error of ours that names the place: {ran.stderr.strip()[-500:]}"
    if hashes(root / "build", DOCUMENTS) != project.standing:
        yield "the last good build does not stand"


def _done(project: Project, root: Path, ran: subprocess.CompletedProcess[str]) -> Iterator[str]:
    if ran.returncode:
        yield f"the run failed: {ran.stderr.strip()[-500:]}"
    if built(root) != project.goal:
        yield f"the run left other files: {differing(built(root), project.goal)}"


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk in memory, mounted on a folder."""

    folder: Path

    def leave(self, kilobytes: int) -> None:
        """Fill it up to what is given."""
        left = os.statvfs(self.folder)
        taken = left.f_bavail * left.f_frsize - 1024 * kilobytes
        with (self.folder / ".ballast").open("wb") as stream, suppress(OSError):
            stream.write(bytes(taken))

    def grow(self) -> None:
        """Make room again."""
        (self.folder / ".ballast").unlink()


@contextmanager
def _disk(folder: Path, *, keep: bool) -> Iterator[Disk]:
    aside = folder.with_name(f"{folder.name}.aside")
    shutil.copytree(folder, aside)
    _as_root("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder))
    try:
        if keep:
            shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield Disk(folder)
    finally:
        _as_root("umount", str(folder))
        shutil.rmtree(aside)


@contextmanager
def _closed(folder: Path) -> Iterator[None]:
    """Let nobody write below ``folder``: for root, whom permissions do not bind, by mounting it read-only."""
    _as_root("mount", "--bind", str(folder), str(folder))
    try:
        _as_root("mount", "-o", "remount,bind,ro", str(folder))
        yield
    finally:
        _as_root("umount", str(folder))


def _as_root(program: str, *options: str) -> None:
    found = shutil.which(program)
    if os.geteuid() or found is None:
        raise NotPermittedError("it mounts a folder, which needs root")
    ran = subprocess.run([found, *options], capture_output=True, text=True, check=False)
    if ran.returncode:
        raise NotPermittedError(ran.stderr.strip())


@contextmanager
def _locale(name: str) -> Iterator[dict[str, str]]:
    """Yield the surroundings in which a locale is there, compiled for the occasion if the system has its source."""
    if "_" not in name:
        yield {}
        return
    compiler = shutil.which("localedef")
    if compiler is None:
        raise NotPermittedError("localedef is not there")
    with tempfile.TemporaryDirectory(prefix="corrtip.stress.") as folder:
        source, _, charset = name.partition(".")
        ran = subprocess.run(
            [compiler, "-i", source, "-f", charset, f"{folder}/{name}"], capture_output=True, text=True, check=False
        )
        if not Path(folder, name).is_dir():
            raise NotPermittedError(f"no locale {name}: {ran.stderr.strip()}")
        yield {"LOCPATH": folder}
