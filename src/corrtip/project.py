"""Where things are: the one module that knows the checkout's folders and the wheel's."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from corrtip.errors import CorrtipError, WriteError

_PACKAGE = Path(__file__).resolve().parent
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def checkout_root() -> Path | None:
    """Return the folder of the checkout that this package runs from, or None for an installed wheel."""
    root = _PACKAGE.parent.parent
    return root if (root / "pyproject.toml").is_file() and (root / "data" / "raw").is_dir() else None


def require_checkout(purpose: str) -> Path:
    """Return the checkout's folder; refuse where only the wheel is installed.

    Raises
    ------
    CorrtipError
        If the package does not run from a checkout.
    """
    root = checkout_root()
    if root is None:
        raise CorrtipError(
            purpose,
            "this is an installed package without the checkout's notebooks and report",
            expected="a checkout of the project",
            mend="Clone the repository and run `make report` there",
        )
    return root


def figures_root() -> Path:
    """Return the folder of ``raw/``, ``countries.csv`` and ``variables.toml``: ``data/`` or the wheel's copy."""
    root = checkout_root()
    return root / "data" if root is not None else _PACKAGE / "figures"


def shown(path: Path, root: Path | None = None) -> str:
    """Return ``path`` as people know it, ``data/raw/cpi/2005.csv``, whether it lies in a checkout or in the wheel."""
    base = figures_root() if root is None else root
    return f"data/{path.relative_to(base).as_posix()}" if path.is_relative_to(base) else path.as_posix()


def write_file(path: Path, content: str | bytes) -> None:
    """Write ``content`` to ``path`` whole or not at all: to a temporary file beside it, which is then renamed.

    Raises
    ------
    WriteError
        If the system refuses.
    """
    write_files({path: content})


def write_files(contents: Mapping[Path, str | bytes]) -> None:
    """Write several files, each whole or not at all: all go to temporary files before the first is renamed.

    A full disk or a folder that cannot be written thus leaves everything as it was.

    Raises
    ------
    WriteError
        If the system refuses.
    """
    made: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            with writing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
                made[path] = Path(temporary)
                with os.fdopen(handle, "wb") as stream:
                    stream.write(content.encode() if isinstance(content, str) else content)
                os.chmod(temporary, 0o644)
        for path, written in made.items():
            with writing(path):
                os.replace(written, path)
    except BaseException:
        for written in made.values():
            written.unlink(missing_ok=True)
        raise


@contextmanager
def private_folder() -> Iterator[Path]:
    """Yield a temporary folder of the system's, which is gone afterwards.

    Raises
    ------
    WriteError
        If there is no room for it.
    """
    with ExitStack() as stack:
        with writing("the folder for temporary files, which TMPDIR names"):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="corrtip."))
        yield Path(folder)


@contextmanager
def writing(place: Path | str) -> Iterator[None]:
    """Say in an error of corrtip's own what the system refuses to write at ``place``, and how to mend it.

    Raises
    ------
    WriteError
        If the block raises OSError.
    """
    try:
        yield
    except OSError as error:
        mend = (
            "Make room there, and run it again"
            if error.errno in _NO_ROOM
            else "Let this user write there, or name another folder"
        )
        raise WriteError(str(place), f"cannot be written: {error.strerror or error}", mend=mend) from error
