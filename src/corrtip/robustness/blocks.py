"""Where blocks of models are computed: in this process, in several, or on a Dask cluster; and kept as they finish."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed, parallel_config
from joblib import hash as hash_content

from corrtip.errors import RunError
from corrtip.project import write_file

Task = TypeVar("Task")
Arrays = tuple[npt.NDArray[Any], ...]

_SECONDS_TO_CONNECT = 10


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
        an interruption.
    progress : callable, optional
        Called with (models done, models in all) after each block, kept ones included.

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

    Raises
    ------
    RunError
        If the scheduler cannot be reached or the extra is not installed.

    Notes
    -----
    A block that is cut or unreadable on the disk is computed again. After an interruption (Ctrl-C) the workers stop,
    and what was finished stays; when the last result was taken nothing is left.
    """
    counts = [1] * len(blocks) if sizes is None else list(sizes)
    folder = None if run.keep is None else run.keep / identity
    kept = [_load(folder, place) for place in range(len(blocks))]
    missing = [place for place, result in enumerate(kept) if result is None]
    done = sum(counts) - sum(counts[place] for place in missing)
    _tell(run, done, sum(counts))
    with _workers(run) as where, where:
        # One batch a block: a block is long, and joblib's own batches would finish, and be kept, later.
        pool = Parallel(n_jobs=run.jobs if run.scheduler is None else -1, return_as="generator", batch_size=1)
        computed = pool(delayed(work)(blocks[place]) for place in missing)
        try:
            for place, result in enumerate(kept):
                kept[place] = None
                if result is None:
                    result = next(computed)  # noqa: PLW2901
                    _save(folder, place, result)
                    done += counts[place]
                    _tell(run, done, sum(counts))
                yield result
        finally:
            computed.close()
    _forget(folder)


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


@contextmanager
def _workers(run: Run) -> Iterator[AbstractContextManager[Any]]:
    """Yield the joblib configuration of where blocks are computed."""
    if run.scheduler is None:
        # A process of its own has one thread; this one keeps what it was started with.
        yield nullcontext() if run.jobs == 1 else parallel_config(backend="loky", inner_max_num_threads=1)
        return
    try:
        import distributed
    except ImportError as error:
        raise RunError("scheduler", "the extra is not installed", mend="pip install 'corrtip[dask]'") from error
    try:
        connect: Any = distributed.Client  # its constructor has no types
        client = connect(run.scheduler, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RunError(
            "scheduler", f"no answer from {run.scheduler}", expected="the address of a Dask scheduler, tcp://HOST:PORT"
        ) from error
    with client:
        yield parallel_config(backend="dask", client=client)


def _forget(folder: Path | None) -> None:
    if folder is not None and folder.is_dir():
        for path in folder.glob("block-*.npz"):
            path.unlink()
        folder.rmdir()


def _path(folder: Path, place: int) -> Path:
    return folder / f"block-{place:05d}.npz"


def _load(folder: Path | None, place: int) -> Arrays | None:
    if folder is None or not _path(folder, place).is_file():
        return None
    try:
        with np.load(io.BytesIO(_path(folder, place).read_bytes()), allow_pickle=False) as held:
            return tuple(held[f"arr_{number}"] for number in range(len(held.files)))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # cut while it was written by a machine that went down: computed again


def _save(folder: Path | None, place: int, result: Arrays) -> None:
    if folder is None:
        return
    stream = io.BytesIO()
    np.savez(stream, *result)
    write_file(_path(folder, place), stream.getvalue())
