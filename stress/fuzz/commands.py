"""Command lines through the program in this process: an answer, or a message and an exit code, and no traceback."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import math
import os
import pkgutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import typer.main

import corrtip as ct
from corrtip.cli import main
from corrtip.data import export, source
from corrtip.data.panel import load_panel
from corrtip.errors import CorrtipError
from corrtip.project import figures_root
from stress.fuzz import damage
from stress.fuzz.target import Target

LINES: tuple[tuple[str, ...], ...] = (
    ("data", "show", "NGA", "2005", "cpi_pre2012", "--json"),
    ("data", "show", "AGO", "2005", "infant_mortality", "--vintage", "factbook-2005", "--json"),
    ("fit", "tier ~ cpi_pre2012 + infant_mortality", "--years", "2005", "--vintage", "infant_mortality=factbook-2005"),
    ("fit", "tier ~ cpi", "--years", "2013-2016", "--link", "probit", "--json"),
    ("study", "enter", "lyday_2001", "--set", "A.kendall_tau_b=-0.41", "--numbers", "own.toml"),
    ("study", "run", "lyday_2001", "--help"),
    (
        "table",
        "tier ~ cpi_pre2012",
        "--years",
        "2005",
        "--below",
        "interval",
        "--digits",
        "2",
        "--caption",
        "A",
        "--json",
    ),
    ("data", "list", "mortality", "--json"),
)
OTHERS: tuple[tuple[str, ...], ...] = (
    ("data", "add", "none.csv", "--source", "cpi", "--edition", "2026", "--dry-run"),
    ("data", "fetch", "cpi", "https://example.org/CPI2026.xlsx", "--to", "."),
    ("study", "run", "lyday_2001", "--json"),
    ("curve", "run", "zhang_pineda", "--draws", "99", "--seed", "1", "--jobs", "2"),
    ("bounds", "--focal", "cpi_pre2012", "--year", "2005", "--pool", "wdi", "--size", "3", "--coverage", "0.6"),
    ("table", "lyday_2001", "--model", "base", "--stars", "--to", "own.html"),
    ("data", "export", "own.csv", "--years", "2005", "--variables", "tier,gini", "--vintage", "gini=wdi-2026-07"),
    ("data", "check", "--json"),
    ("study", "list", "--json"),
    ("curve", "list", "--json"),
    ("report", "build", "--json"),
    ("package", "--to", "own.zip", "--json"),
    ("doctor", "--json"),
)
_WORDS = (
    "",
    "-",
    "--",
    "-1",
    "--json",
    "--help",
    "~",
    "NA",
    "NAM",
    "1e309",
    "99999999999999999999",
    "٢٠٠٥",
    "２００５",
    "0x7d5",
)
_WORDS += (
    "\udcff",
    "../..",
    "/dev/null",
    ".",
    "\u202e",
    "a" * 5_000,
    "2005-2004",
    "0000-9999",
    "inf",
    "nan",
    "--debug",
)
# Long work has tests of its own; here it is refused as soon as it would begin.
_LONG = (
    "corrtip.run_grid",
    "corrtip.replicate",
    "corrtip.scoreboard",
    "corrtip.robustness.bounds.extreme_bounds",
    "corrtip.data.editions.add._hold",
    "corrtip.data.export._keys",
    "corrtip.cli.data.holdings",
    "corrtip.cli.doctor.examine",
    "corrtip.report.rendering.build_report",
    "corrtip.report.package.archive.save_package",
)
_WRITERS = ("corrtip.studies.numbers.write_file", "corrtip.project.write_file")


class RefusedError(CorrtipError):
    """A command line that ended with a message."""


def targets(folder: Path) -> list[Target]:
    """Return the reader of command lines."""
    return [
        Target(
            name="command",
            seeds=tuple(_joined(line) for line in LINES),
            read=functools.partial(_run, folder),
            meaning=_split,
            damages=(
                _other,
                _word,
                _word,
                _moved,
                damage.flip,
                damage.cut,
                damage.insert,
                damage.renumber,
                damage.respell,
            ),
            agrees=_agrees,
        )
    ]


def _joined(words: tuple[str, ...]) -> bytes:
    return damage.bytes_of("\n".join(words))


def _split(data: bytes) -> tuple[str, ...]:
    # No system passes a NUL.
    return tuple(damage.text_of(data).replace("\0", "").split("\n"))


def _word(chance: Random, data: bytes) -> bytes:
    words = [*_split(data)]
    words[chance.randrange(len(words))] = chance.choice((*_WORDS, chance.choice(chance.choice(LINES))))
    return _joined(tuple(words))


def _other(chance: Random, data: bytes) -> bytes:
    return _word(chance, _joined(chance.choice(OTHERS)))


def _moved(chance: Random, data: bytes) -> bytes:
    words = [*_split(data)]
    word = words.pop(chance.randrange(len(words)))
    if chance.random() < 0.7:
        words.insert(chance.randint(0, len(words)), word)
    return _joined(tuple(words or [""]))


@functools.cache
def _panel() -> Any:
    return load_panel()


def _stub(*arguments: object, **options: object) -> None:
    raise CorrtipError("command line", "long work, which is not done here")


def _write_nothing(path: Path, content: object) -> None:
    """Stand in the place of what writes a file."""


def _no_host(*arguments: object, **options: object) -> None:
    raise socket.gaierror


@functools.cache
def _replaced() -> tuple[tuple[Any, str, Any], ...]:
    """Return owner, name and substitute of what would write, fetch, take long or read the figures anew."""
    by_name = {**dict.fromkeys(_LONG, _stub), **dict.fromkeys(_WRITERS, _write_nothing)}
    owners = {name: pkgutil.resolve_name(name.rpartition(".")[0]) for name in by_name}
    places = [(owners[name], name.rpartition(".")[2], new) for name, new in by_name.items()]
    return (
        *places,
        (ct, "load_panel", _panel),
        (export, "_redistributable", functools.cache(export._redistributable)),
        (source, "read_edition", functools.cache(source.read_edition)),
        (socket, "getaddrinfo", _no_host),
        (typer.main, "get_command", functools.cache(typer.main.get_command)),
    )


@contextlib.contextmanager
def _harmless(folder: Path) -> Iterator[None]:
    """Let nothing be written, nothing fetched, and no figures be read anew."""
    with contextlib.ExitStack() as stack:
        for owner, name, new in _replaced():
            stack.enter_context(mock.patch.object(owner, name, new))
        stack.enter_context(mock.patch.object(sys, "stdin", io.StringIO()))
        stack.enter_context(contextlib.chdir(folder))
        yield


def _run(folder: Path, data: bytes) -> str:
    words = _split(data)
    said, complained = io.StringIO(), io.StringIO()
    # Where a word is the name of a folder of the project, it is not written to.
    if str(figures_root()) in data.decode("utf-8", "replace") or not os.access(folder, os.W_OK):
        raise RefusedError("command line", "the project's own folder")
    with _harmless(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code
    if code not in (0, None):
        message = complained.getvalue()
        if code not in (1, 2) or not message.strip() or "fault of corrtip" in message:
            raise RuntimeError(f"exit code {code}: {message[:200]}")
        raise RefusedError("command line", message)
    return said.getvalue()


def _agrees(said: Any, words: Any) -> bool:
    """Return whether a figure that is shown is the one in the panel's table."""
    if words[:2] != ("data", "show") or "--json" not in words or {"--help", "-h"} & {*words}:
        return True
    shown = json.loads(said)
    frame = _panel().frame
    rows = frame[
        (frame["iso3"] == shown["iso3"])
        & (frame["year"] == shown["year"])
        & (frame["variable"] == shown["variable"])
        & (frame["vintage"] == shown["vintage"])
    ]
    value = float(rows["value"].iloc[0])
    held = None if math.isnan(value) else value
    # A number on a command line may have white space around it.
    asked = {word.strip() for word in words}
    return len(rows) == 1 and shown["value"] == held and str(shown["year"]) in asked and shown["variable"] in asked
