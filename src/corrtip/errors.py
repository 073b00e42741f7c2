"""The errors that corrtip raises: each says where, what was seen, what was expected and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CorrtipError(Exception):
    """Base of every error that corrtip raises on purpose.

    Parameters
    ----------
    where : str
        The place: ``data/raw/tip/2019.csv, row 41``, ``claims[2].sign`` or the name of an argument.
    seen : str
        What was found there, quoted as it stands.
    expected : str, optional
        What would have been right.
    mend : str, optional
        What the reader can do about it.
    """

    def __init__(self, where: str, seen: str, *, expected: str = "", mend: str = "") -> None:
        self.where, self.seen, self.expected, self.mend = where, seen, expected, mend
        parts = [f"{where}: {seen}", f"Expected {expected}" if expected else "", mend]
        super().__init__(" ".join(part.rstrip(".") + "." for part in parts if part))

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders; the default would lose the keyword arguments.
        return _rebuild, (type(self), self.where, self.seen, self.expected, self.mend)


def _rebuild(kind: type[CorrtipError], where: str, seen: str, expected: str, mend: str) -> CorrtipError:
    return kind(where, seen, expected=expected, mend=mend)


class DataError(CorrtipError):
    """A published figure, its file, its sidecar or a country name is not what it must be."""


class DeclarationError(CorrtipError):
    """A TOML declaration has an unknown key, a missing key or a value of the wrong type."""


class SpecError(CorrtipError):
    """A specification asks for what the figures do not hold or what would compare the incomparable."""


class ModelError(CorrtipError):
    """A model cannot be estimated from the data that it was given."""


class FormulaError(ModelError):
    """A formula uses what is not allowed, or meets data that it cannot represent."""


class SeparationError(ModelError):
    """The likelihood has no maximum: some combination of columns separates the outcome levels."""


class ConvergenceError(ModelError):
    """The iterations stopped before the estimate could be trusted."""


class RunError(CorrtipError):
    """Work cannot be computed where it was asked to be."""


class WriteError(CorrtipError):
    """A file cannot be written: the disk is full, or its folder is closed to this user."""


class ReportError(CorrtipError):
    """The report asks for a number, table or figure that the run did not make."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a sentence that names the closest known spellings of ``name``, or an empty string."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f"Nearest: {', '.join(repr(match) for match in close)}" if close else ""
