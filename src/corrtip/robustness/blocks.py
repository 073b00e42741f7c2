"""Where blocks of models are computed: in this process, in several, or on a Dask cluster; and kept as they finish."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
from joblib import hash as hash_content
from joblib.externals.loky import get_reusable_executor

from corrtip.errors import RunError, WriteError
from corrtip.project import write_file

Task = TypeVar("Task")
Result = TypeVar("Result")
Options = ParamSpec("Options")
Arrays = tuple[npt.NDArray[Any], ...]

_SECONDS_TO_CONNECT = 10
# Idle processes stay for the next call, as joblib's do.
_SECONDS_IDLE = 300
_SECONDS_TO_NOTICE = 1.0
# Handed out for each that can be computed at once: one under way, one waiting.
_AHEAD = 2
# Long enough for a holiday; blocks of a run that nobody takes up would otherwise stay for ever.
_DAYS_KEPT = 30
_IDENTITY = re.compile(r"[0-9a-f]{40}")
_BLOCK = re.compile(r"block-(\d+)-[0-9a-f]{16}")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Where and how long work is computed; the result does not depend on it.

    Parameters
    ----------
    jobs : int
        Processes on this machine.
    scheduler : str, optional
        Address of a Dask scheduler, ``tcp://127.0.0.1:8786``, whose workers compute instead; ``jobs`` is then theirs.
        Needs the extra ``corrtip[dask]``, here and on the workers.
    keep : Path, optional
        Folder in which finished blocks are kept until all of the work is done, so that the same work resumes after
        an interruption. Those of work that nobody took up for thirty days are removed.
    progress : callable, optional
        Called with (models done, models in all) after each block, kept ones included. A specification curve counts its
        estimates first and then, from the beginning and with another total, its draws.

    Raises
    ------
    RunError
        If ``jobs`` is not positive.

    Notes
    -----
    Draws are seeded by the number of their block, and each model stops by its own rule: the bits are the same whatever
    the number of processes and wherever they run, given the same build of the libraries and one thread of BLAS, as
    workers have it; else numbers agree to 1e-10.
    """

    jobs: int = 1
    scheduler: str | None = None
    keep: Path | None = None
    progress: Callable[[int, int], None] | None = None

    def __post_init__(self) -> None:
        if self.jobs < 1:
            raise RunError("jobs", f"{self.jobs}", expected="one process or more")


HERE = Run()
"""One process, nothing kept."""


def run_blocks(
    work: Callable[[Task], Arrays],
    blocks: Sequence[Task],
    run: Run = HERE,
    *,
    identity: str,
    sizes: Sequence[int] | None = None,
    stays: bool = False,
) -> Iterator[Arrays]:
    """Compute blocks of work and yield their results in order.

    Parameters
    ----------
    work : callable
        From a block to a tuple of arrays, picklable: the unit that is seeded, computed, kept and resumed.
    blocks : sequence
        What ``work`` is called with.
    run : Run
    identity : str
        Names all that the results depend on (figures, specification, seed, sizes) and is the name of the folder of
        kept blocks: results of other work are never taken for these.
    sizes : sequence of int, optional
        Models in each block, for ``run.progress``; one each by default.
    stays : bool
        Whether what is kept stays when the last result was taken: work that builds on it ends with `remove_kept`.

    Raises
    ------
    RunError
        If the scheduler, its workers or the extra is missing, a process is killed, or blocks cannot be kept.

    Notes
    -----
    Blocks are kept as they finish, whatever their order. One that is cut or altered on the disk is computed again.
    After an interruption (Ctrl-C) the workers stop and what was finished stays; they also stop when this process is
    killed. When the last result was taken nothing is left, unless it ``stays``.
    """
    counts = [1] * len(blocks) if sizes is None else list(sizes)
    folder = None if run.keep is None else run.keep / identity
    if run.keep is not None:
        _forget(run.keep, identity)
    kept = {} if folder is None else _find(folder)
    missing = [place for place in range(len(blocks)) if place not in kept]
    done = sum(counts) - sum(counts[place] for place in missing)
    _tell(run, done, sum(counts))
    with _pool(run) as pool:
        finished = _as_finished(pool, work, ((place, blocks[place]) for place in missing))
        held: dict[int, Arrays] = {}
        for place in range(len(blocks)):
            if place in kept:
                # The same work may run twice at once: the other one takes the folder away when it is done.
                held[place] = _read(kept[place]) or work(blocks[place])
            while place not in held:
                ready, result = next(finished)
                if folder is not None:
                    _save(folder, ready, result)
                held[ready] = result
                done += counts[ready]
                _tell(run, done, sum(counts))
            yield held.pop(place)
    if not stays:
        remove_kept(run, identity)


def remove_kept(run: Run, identity: str) -> None:
    """Remove the blocks that are kept under an identity, and what a process that was killed left half written."""
    if run.keep is not None:
        shutil.rmtree(run.keep / identity, ignore_errors=True)


def identify(*content: object) -> str:
    """Return forty hexadecimal digits that are equal for equal content (arrays, records, numbers, text).

    Examples
    --------
    >>> identify(np.zeros(3), 1) == identify(np.zeros(3), 1)
    True
    >>> identify(np.zeros(3), 1) == identify(np.zeros(3), 2)
    False
    """
    return str(hash_content((_code(), content), hash_name="sha1"))


@cache
def _code() -> str:
    """Return a hash of the package's own code: blocks that another state of it left are not taken for these."""
    folder = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _tell(run: Run, done: int, total: int) -> None:
    if run.progress is not None:
        run.progress(done, total)


class _Here(Executor):
    """Computes in this process, at once; it has the threads that the process was started with."""

    def submit(self, fn: Callable[Options, Result], /, *args: Options.args, **kwargs: Options.kwargs) -> Future[Result]:
        future: Future[Result] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@dataclass(frozen=True, slots=True)
class _Pool:
    """What computes, and how many blocks it should have in hand now."""

    executor: Executor
    room: Callable[[], int]


def _as_finished(
    pool: _Pool, work: Callable[[Task], Arrays], tasks: Iterator[tuple[int, Task]]
) -> Iterator[tuple[int, Arrays]]:
    """Yield places and results as they finish."""
    waiting: dict[Future[Arrays], int] = {}
    while True:
        for place, block in islice(tasks, max(pool.room() - len(waiting), 0)):
            waiting[pool.executor.submit(work, block)] = place
        if not waiting:
            return
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            yield waiting.pop(future), future.result()


def _pool(run: Run) -> AbstractContextManager[_Pool]:
    if run.scheduler is not None:
        return _cluster(run.scheduler)
    return nullcontext(_Pool(_Here(), lambda: 1)) if run.jobs == 1 else _processes(run.jobs)


@contextmanager
def _processes(jobs: int) -> Iterator[_Pool]:
    executor = get_reusable_executor(
        max_workers=jobs,
        timeout=_SECONDS_IDLE,
        initializer=_begin_worker,
        initargs=(os.getpid(),),
        env=dict.fromkeys(_THREADS, "1"),
    )
    try:
        yield _Pool(executor, lambda: _AHEAD * jobs)
    except BrokenExecutor as error:
        raise RunError(
            "jobs", "a process ended before its work was done: killed, or out of memory", mend="Try fewer jobs"
        ) from error
    except BaseException:
        # An interruption does not wait for what is under way.
        executor.shutdown(kill_workers=True)
        raise


def _begin_worker(parent: int) -> None:
    """Leave Ctrl-C, which a terminal sends to all, to the process that started this one, and end when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    # A process that was killed tells its workers nothing, and they would wait for work until they count as idle.
    while os.getppid() == parent:
        time.sleep(_SECONDS_TO_NOTICE)
    os._exit(1)


@contextmanager
def _cluster(address: str) -> Iterator[_Pool]:
    # Dask's own executor, not joblib's backend for Dask: that one waits for ever for a task that fails outside the
    # function (workers that die, or lack the package), and computes here where the cluster has a single thread.
    try:
        import distributed
        from distributed.comm.core import CommClosedError
    except ImportError as error:
        raise RunError("scheduler", "the extra is not installed", mend="pip install 'corrtip[dask]'") from error
    try:
        connect: Any = distributed.Client  # its constructor has no types
        client = connect(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RunError(
            "scheduler", f"no answer from {address}", expected="the address of a Dask scheduler, tcp://HOST:PORT"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
        except TimeoutError as error:
            raise RunError(
                "scheduler", f"no workers at {address}", mend=f"Start some: dask worker {address}"
            ) from error
        try:
            # Workers may come and go.
            yield _Pool(client.get_executor(pure=False), lambda: _AHEAD * max(sum(client.ncores().values()), 1))
        except distributed.KilledWorker as error:
            raise RunError("scheduler", f"workers at {address} ended under one block, again and again") from error
        except (CancelledError, CommClosedError) as error:
            raise RunError("scheduler", f"lost the connection to {address}") from error


def _find(folder: Path) -> dict[int, Path]:
    """Return the files of kept results by place; they are read in their turn, for together they may be large."""
    named = ((_BLOCK.fullmatch(path.stem), path) for path in folder.glob("block-*.npz"))
    return {int(name[1]): path for name, path in named if name and _content(path) is not None}


def _read(path: Path) -> Arrays | None:
    content = _content(path)
    if content is None:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return tuple(arrays[f"arr_{number}"] for number in range(len(arrays.files)))


def _content(path: Path) -> bytes | None:
    """Return what a file of a kept block holds; None if that is not what its name says."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    name = _BLOCK.fullmatch(path.stem)
    return content if name and path == _file(path.parent, int(name[1]), content) else None


def _save(folder: Path, place: int, result: Arrays) -> None:
    stream = io.BytesIO()
    np.savez(stream, *result)
    content = stream.getvalue()
    try:
        write_file(_file(folder, place, content), content)
    except WriteError as error:
        # The same work, run twice at once: the other one was done, and took the folder away.
        if isinstance(error.__cause__, FileNotFoundError):
            return
        raise RunError("keep", f"{folder}: {error.seen}", mend="Name a folder that can be written") from error


def _forget(keep: Path, identity: str) -> None:
    """Remove what other work left and nobody took up; what else lies in the folder is not ours."""
    oldest = time.time() - _DAYS_KEPT * 24 * 60 * 60
    for folder in keep.glob("*"):
        if not _IDENTITY.fullmatch(folder.name) or folder.name == identity:
            continue
        try:
            ours = all(path.name.lstrip(".").startswith("block-") for path in folder.iterdir())
            if ours and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # gone meanwhile, or not to be read


def _file(folder: Path, place: int, content: bytes) -> Path:
    """Return the file of a block: its hash is of folder and place too, so that no other block is taken for it."""
    digest = hashlib.sha256(f"{folder.name} {place} ".encode() + content).hexdigest()[:16]
    return folder / f"block-{place:05d}-{digest}.npz"
