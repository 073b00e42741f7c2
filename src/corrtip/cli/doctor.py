"""`corrtip doctor`: what this installation can do, what is missing and how to mend it."""

from __future__ import annotations

import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final, Literal

import typer

from corrtip.cli.terminal import Json, print_json, print_table, print_text
from corrtip.errors import CorrtipError
from corrtip.project import checkout_root, figures_root

State = Literal["good", "wrong", "not needed", "optional"]

PYTHONS: Final = ((3, 11), (3, 13))
"""The first and the last version of Python that is supported."""

LIBRARIES: Final = ("numpy", "scipy", "pandas", "statsmodels", "formulaic", "matplotlib", "joblib")
"""What the numbers depend on."""

BUILD: Final = "build"
"""The extra that a checkout needs for the report."""

EXTRAS: Final = {
    BUILD: "make report",
    "editions": "corrtip data add and corrtip data fetch",
    "parquet": "corrtip data export FILE.parquet",
    "dask": "--scheduler",
    "jupyter": "opening the notebooks",
    "docs": "the documentation as a site",
}
"""The extras of the package, and what each is for. What only its developers need is not among them."""

_HEADS: Final[Mapping[State, str]] = {"wrong": "To mend", "optional": "To have"}
_REQUIREMENT = re.compile(r"([\w.-]+)[^;]*;.*\bextra == ['\"](\w+)['\"]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: State
    seen: str
    mend: str = ""


def doctor(json: Json = False) -> None:
    """Say what is here, what is missing and how to mend it; exit code 1 if anything is wrong.

    What is optional and not there is named with what it is for.

    \b
    Examples:
      corrtip doctor
      corrtip doctor --json
    """
    findings = tuple(examine())
    if json:
        print_json(findings)
    else:
        print_table(("what", "state", "seen"), ((finding.what, finding.state, finding.seen) for finding in findings))
        typer.echo()
        for finding in findings:
            if finding.state in _HEADS:
                print_text(f"{_HEADS[finding.state]} {finding.what}: {finding.mend}")
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Yield what was found, the most basic first."""
    yield _python()
    yield from (_library(name) for name in LIBRARIES)
    yield _figures()
    yield _pandoc()
    yield _build_folder()
    yield from (_extra(name) for name in EXTRAS)


def _python() -> Finding:
    first, last = PYTHONS
    here = sys.version_info[:2]
    return Finding(
        what="Python",
        state="good" if first <= here <= last else "wrong",
        seen=f"{platform.python_version()}, {sys.executable}",
        mend=f"Use Python {first[0]}.{first[1]} to {last[0]}.{last[1]}",
    )


def _library(name: str) -> Finding:
    try:
        return Finding(what=name, state="good", seen=version(name))
    except PackageNotFoundError:
        return Finding(what=name, state="wrong", seen="not installed", mend="Install corrtip with its requirements")


def _figures() -> Finding:
    def verified() -> str:
        import corrtip as ct

        return f"{len(ct.load_panel().sources)} editions in {figures_root()}, every file as its sidecar says"

    return _tried("figures", verified, "See the message; in a checkout, `git checkout -- data` restores the figures")


def _pandoc() -> Finding:
    def found() -> str:
        import pypandoc

        return f"{pypandoc.get_pandoc_version()}, {pypandoc.get_pandoc_path()}"

    return _tried("pandoc", found, "Install pypandoc_binary, which carries the program")


def _build_folder() -> Finding:
    root = checkout_root()
    if root is None:
        return Finding(
            what="report", state="not needed", seen="an installed package; the report is built in a checkout"
        )

    def writable() -> str:
        (root / "build").mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=root / "build"):
            return str(root / "build")

    return _tried("build folder", writable, "Give yourself the right to write there, or clone elsewhere")


def _extra(name: str) -> Finding:
    needed = _requirements(name)
    missing = [item for item in needed if not _installed(item)]
    purpose = f"for {EXTRAS[name]}"
    if not missing:
        return Finding(what=name, state="good", seen=f"{', '.join(needed)} installed, {purpose}")
    built_here = name == BUILD and checkout_root() is not None
    return Finding(
        what=name,
        state="wrong" if built_here else "optional",
        seen=f"{', '.join(missing)} not installed, {purpose}",
        mend="run `make report`, which makes .venv from the lock" if built_here else f"pip install {' '.join(missing)}",
    )


def _requirements(extra: str) -> list[str]:
    declared = (_REQUIREMENT.match(line) for line in requires("corrtip") or ())
    return [found[1] for found in declared if found and found[2] == extra]


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _tried(what: str, look: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(what=what, state="good", seen=look())
    except (CorrtipError, OSError, ImportError) as error:
        return Finding(what=what, state="wrong", seen=str(error), mend=mend)
