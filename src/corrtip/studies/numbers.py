"""Numbers that a study prints and that we do not know: a reader who has the text keeps them in a file of his own.

The file is TOML, one table for each study and claim::

    [lyday_2001.A]
    "kendall_tau_b" = "-0.41"

Nothing looks for such a file: a command reads the one that it is given.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from corrtip.data.editions.sidecar import toml_value
from corrtip.declare import read_toml
from corrtip.errors import DeclarationError, nearest
from corrtip.project import write_file
from corrtip.studies.claims import read_printed
from corrtip.studies.study import Claim, Study

Numbers = Mapping[str, Mapping[str, Mapping[str, str]]]
"""By study, claim and name, the number as printed."""


def read_numbers(path: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Return what a numbers file holds, by study and claim.

    Raises
    ------
    DeclarationError
        If the file is not TOML, or something in it is not a printed number in its place.
    """
    table = read_toml(path, path.name)
    found: dict[str, dict[str, dict[str, str]]] = {}
    for study, claims in table.items():
        for claim, entries in _tables(claims, f"{path.name}, {study}").items():
            for name, text in _tables(entries, f"{path.name}, {study}.{claim}").items():
                where = f"{path.name}, {study}.{claim}.{name}"
                if not isinstance(text, str):
                    raise DeclarationError(where, f"{text!r}", expected='text, such as "-0.41"', mend="Quote it")
                read_printed(text, where)
                found.setdefault(study, {}).setdefault(claim, {})[name] = text
    return found


def save_numbers(path: Path, numbers: Numbers) -> None:
    """Write a numbers file, in the order of names."""
    lines = ["# Numbers as printed, for `corrtip study run --numbers`."]
    for study, claims in sorted(numbers.items()):
        for claim, entries in sorted(claims.items()):
            lines += ["", f"[{_key(study)}.{_key(claim)}]"]
            lines += [f"{toml_value(name)} = {toml_value(text)}" for name, text in sorted(entries.items())]
    write_file(path, "\n".join(lines) + "\n")


def add_numbers(
    numbers: Numbers, study: str, entered: Iterable[tuple[str, str, str]]
) -> dict[str, dict[str, dict[str, str]]]:
    """Return the numbers with more of one study, each given as claim, name and text; a later one takes the place.

    Raises
    ------
    DeclarationError
        If a text is not a number as printed.

    Examples
    --------
    >>> add_numbers({"a": {"A": {"n": "9"}}}, "a", [("B", "n", "12")])
    {'a': {'A': {'n': '9'}, 'B': {'n': '12'}}}
    """
    found = {key: {claim: dict(entries) for claim, entries in claims.items()} for key, claims in numbers.items()}
    for claim, name, text in entered:
        read_printed(text, f"{study}.{claim}.{name}")
        found.setdefault(study, {}).setdefault(claim, {})[name] = text
    return found


def open_slots(study: Study) -> tuple[tuple[Claim, str], ...]:
    """Return the numbers that a study prints and that we do not know: claim and name."""
    return tuple((claim, name) for claim in study.claims for name, text in claim.printed.items() if not text)


def fill_slots(study: Study, numbers: Mapping[str, Mapping[str, str]]) -> Study:
    """Return the study with numbers in the slots that its file leaves open.

    Parameters
    ----------
    study : Study
    numbers : mapping of str to mapping of str to str
        By claim and name.

    Raises
    ------
    DeclarationError
        If there is no such claim or slot, or the study's file holds another number there.
    """
    where, ids = f"numbers of {study.id}", [claim.id for claim in study.claims]
    for claim in numbers:
        if claim not in ids:
            raise DeclarationError(
                where, f'claim "{claim}"', expected=f"one of {', '.join(ids)}", mend=nearest(claim, ids)
            )
    claims = tuple(_filled(claim, numbers.get(claim.id, {}), where) for claim in study.claims)
    return dataclasses.replace(study, claims=claims)


def _filled(claim: Claim, entries: Mapping[str, str], where: str) -> Claim:
    for name, text in entries.items():
        if name not in claim.printed:
            slots = ", ".join(claim.printed) or "none"
            raise DeclarationError(
                f"{where}, claim {claim.id}", f'"{name}"', expected=f"one of {slots}", mend=nearest(name, claim.printed)
            )
        if claim.printed[name] not in ("", text):
            raise DeclarationError(
                f"{where}, claim {claim.id}, {name}", f'"{text}"', expected=f'"{claim.printed[name]}", as in its file'
            )
    return dataclasses.replace(claim, printed={**claim.printed, **entries})


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_value(name)


def _tables(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise DeclarationError(where, f"{value!r}", expected="a table")
    return value
