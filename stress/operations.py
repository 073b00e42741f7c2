"""Every file operation of a build in turn: the disk is full there, or the process is killed."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from corrtip.project import write_file
from stress.campaign import Result
from stress.checkout import DOCUMENTS, hashes, lay_out

_CHANGING = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "os.link"}
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# How a child ends: done and never struck, done in spite of it, refused in an error of ours, anything else.
_UNSTRUCK, _DONE, _REFUSED, _FAILED = 10, 11, 12, 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a build, and the folder that it changes.

    Parameters
    ----------
    work : callable
        The step.
    folder : Path
        What it changes.
    standing : callable
        Whether what is below the folder is a good state, from its hashes before and after the step and those found.
    """

    work: Callable[[], object]
    folder: Path
    standing: Callable[[dict[str, str], dict[str, str], dict[str, str]], bool]


def killed() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def full() -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def strike_each(step: Step, blow: Callable[[], None]) -> Result:
    """Run a step once for each file operation below its folder, with ``blow`` in the place of that operation.

    After each, what stood before must stand, whole files and no others; and the next run must end in the same bytes as
    one that was never struck, and leave nothing beside them.
    """
    with tempfile.TemporaryDirectory(prefix="corrtip.stress.") as aside:
        kept = shutil.copytree(step.folder, Path(aside) / "before")
        before = hashes(kept)
        _fork(step.work)
        after = hashes(step.folder)
        complaints = []
        for nth in count(1):
            _put_back(kept, step.folder)
            code, operation = _fork(step.work, step.folder, nth, blow)
            if code == _UNSTRUCK:
                break
            complaints.append([f"{operation}: {text}" for text in _complaints(step, code, before, after)])
        _put_back(kept, step.folder)
    lost = [texts for texts in complaints if texts]
    return Result(
        tried=len(complaints),
        survived=len(complaints) - len(lost),
        lost=len(lost),
        notes=tuple(dict.fromkeys(text for texts in lost for text in texts)),
    )


def _complaints(step: Step, code: int, before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    if code == _FAILED:
        yield "it ended in an error that is not ours"
    if not step.standing(before, after, hashes(step.folder)):
        yield "what stood before stands no more"
    if _fork(step.work)[0] != _UNSTRUCK:
        yield "the next run did not end"
    if hashes(step.folder) != after:
        yield "the next run left other files"


def _put_back(kept: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)


def _fork(
    work: Callable[[], object], folder: Path | None = None, nth: int = 0, blow: Callable[[], None] = killed
) -> tuple[int, str]:
    """Run ``work`` in a child; return how it ended, and the operation that was struck."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os._exit(_child(work, writing, folder, nth, blow))
    os.close(writing)
    with os.fdopen(reading) as told:
        operation = told.read()
    status = os.waitpid(child, 0)[1]
    return (_DONE if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)), operation


def _child(work: Callable[[], object], told: int, folder: Path | None, nth: int, blow: Callable[[], None]) -> int:
    from corrtip.errors import CorrtipError

    left = nth

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if left > 0 and folder is not None and _changes(event, arguments, f"{folder}{os.sep}"):
            left -= 1
            if left == 0:
                os.write(told, f"{event} {Path(str(arguments[0])).name}".encode())
                blow()

    sys.addaudithook(watch)
    try:
        work()
    except CorrtipError:
        return _REFUSED
    except BaseException:  # noqa: BLE001 - whatever it is, the parent must know that it came
        traceback.print_exc()
        return _FAILED
    return _UNSTRUCK if left > 0 or folder is None else _DONE


def _changes(event: str, arguments: tuple[Any, ...], below: str) -> bool:
    if event == "open":
        path, _, flags = arguments
        return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(below) and bool(flags & _FOR_WRITING)
    return event in _CHANGING and str(arguments[0]).startswith(below)


def all_whole(before: dict[str, str], after: dict[str, str], found: dict[str, str]) -> bool:
    """Return whether every file that people look at is the one from before or the one from after."""
    whole = {*before.items(), *after.items()}
    return all(item in whole for item in found.items() if "/." not in f"/{item[0]}")


def documents_stand(before: dict[str, str], after: dict[str, str], found: dict[str, str]) -> bool:
    """Return whether, besides, no document is missing."""
    return set(DOCUMENTS) <= set(found) and all_whole(before, after, found)


def untouched(before: dict[str, str], after: dict[str, str], found: dict[str, str]) -> bool:
    """Return whether, besides, the documents are those from before, and a new copy has its results."""
    same = {name: before[name] for name in DOCUMENTS}.items() <= found.items()
    copies = [name for name in after if name.startswith("notebooks/") and after[name] != before.get(name)]
    done = all(found.get(name) == after[name] for name in copies)
    results = {name for name in after if name.startswith("results/")}
    return same and all_whole(before, after, found) and (not done or results <= set(found))


def report_step(root: Path) -> Step:
    """Return the building of a changed report in a built checkout; what is written is no real document."""
    from corrtip.report import rendering
    from corrtip.report.artifacts import Results

    build = root / "build"
    named = [path.stem for path in (root / "notebooks").iterdir()]
    for stem in named:
        for ending in ("html", "ipynb"):
            write_file(build / "notebooks" / f"{stem}.{ending}", stem)
    results = Results(build / "results" / named[0], inputs=[])
    results.number("n", 3, "count")
    Results(build / "results" / named[1], inputs=[]).number("m", 4, "count")
    prose = root / "report" / "report.md"

    def work() -> None:
        made = {
            "page": lambda text, *_: f"page: {text}",
            "pdf": lambda text, *_: f"pdf: {text}".encode(),
            "word": lambda text, *_: f"word: {text}".encode(),
        }
        with patch.multiple(rendering, **made):
            rendering.build_report(root, build)

    prose.write_text("Before: {{n}}\n", encoding="utf-8")
    _fork(work)
    prose.write_text("After: {{n}}, {{m}}\n", encoding="utf-8")
    return Step(work=work, folder=build, standing=documents_stand)


def notebook_step(root: Path) -> Step:
    """Return the running of a changed notebook in a built checkout; no kernel runs, the results come at once."""
    from nbformat import v4

    from corrtip.report import notebooks
    from corrtip.report.artifacts import Results

    report_step(root).work()
    source, build = root / "notebooks" / "02_study.ipynb", root / "build"
    cells = ["before"]

    def executed(_: Path, staging: Path, __: str) -> v4.NotebookNode:
        results = Results(staging / "results" / source.stem, inputs=[])
        for name in cells:
            results.sentence(name, name)
        return v4.new_notebook(cells=[v4.new_code_cell(name, id=name) for name in cells])

    def work() -> None:
        with patch.multiple(notebooks, _executed=executed, _page=lambda notebook, _: str(notebook)):
            notebooks.run_notebook(source, build / "notebooks" / source.name)

    _fork(work)
    cells.append("after")
    return Step(work=work, folder=build, standing=untouched)


def blocks_step(folder: Path) -> Step:
    """Return work whose blocks are kept as they finish; it checks what it gets, so that a bad one fails it."""
    import numpy as np

    from corrtip.robustness.blocks import Run, run_blocks

    folder.mkdir()

    def squares(block: int) -> tuple[Any, ...]:
        return (np.arange(3) * block**2,)

    def work() -> None:
        given = run_blocks(squares, range(4), Run(keep=folder), identity=40 * "a")
        for place, (found,) in enumerate(given):
            if found.tolist() != [0, place**2, 2 * place**2]:
                raise AssertionError(place)

    return Step(work=work, folder=folder, standing=lambda *_: True)


def strike_all() -> dict[str, Result]:
    """Strike the building of the report, the running of a notebook, and the keeping of blocks."""
    with tempfile.TemporaryDirectory(prefix="corrtip.stress.") as folder:
        steps = {
            "report build": report_step(lay_out(Path(folder) / "report")),
            "notebook": notebook_step(lay_out(Path(folder) / "notebook")),
            "kept blocks": blocks_step(Path(folder) / "blocks"),
        }
        blows = {"killed": killed, "disk full": full}
        return {
            f"{name}, {what} at each operation": strike_each(step, blow)
            for name, step in steps.items()
            for what, blow in blows.items()
        }
