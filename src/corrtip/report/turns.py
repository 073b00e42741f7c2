"""One at a time in a folder: builds that run at once wait for one another where they write."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from corrtip.project import writing

_LOCK: Final = ".lock"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for a while, and wait first until nobody else does.

    A process that is killed holds nothing any more.

    Parameters
    ----------
    folder : Path
        It is made where it is missing.

    Raises
    ------
    WriteError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name, alone(Path(name)):
    ...     is_abandoned(Path(name))
    False
    """
    lock = folder / _LOCK
    with ExitStack() as stack:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            held = stack.enter_context(lock.open("ab"))
            fcntl.flock(held, fcntl.LOCK_EX)
            while not _is(lock, held.fileno()):
                # Who held it took the file away: the lock was on a file that nobody sees any more.
                held = stack.enter_context(lock.open("ab"))
                fcntl.flock(held, fcntl.LOCK_EX)
        stack.callback(_remove, lock)
        yield


def _remove(lock: Path) -> None:
    with suppress(OSError):  # a file that stays holds nothing
        lock.unlink()


def _is(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def is_abandoned(folder: Path) -> bool:
    """Return whether no process holds ``folder``."""
    try:
        with (folder / _LOCK).open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True
