"""`corrtip doctor`: what this installation can do, what is missing and how to mend it."""

from __future__ import annotations

import importlib.util
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Literal

import typer

from corrtip.cli.terminal import Json, print_json, print_table
from corrtip.errors import CorrtipError
from corrtip.project import checkout_root, figures_root

State = Literal["good", "wrong", "not needed"]

PYTHONS: Final = ((3, 11), (3, 13))
"""The first and the last version of Python that is supported."""

LIBRARIES: Final = ("numpy", "scipy", "pandas", "statsmodels", "formulaic", "matplotlib", "joblib")
"""What the numbers depend on."""

BUILD_TOOLS: Final = ("nbclient", "nbconvert", "ipykernel", "typst")
"""What runs the notebooks and sets the PDF; in the lock of a checkout, not in the wheel's requirements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: State
    seen: str
    mend: str = ""


def doctor(json: Json = False) -> None:
    """Say what is here, what is missing and how to mend it; exit code 1 if anything is wrong."""
    findings = tuple(examine())
    if json:
        print_json(findings)
    else:
        print_table(("", "state", "seen"), ((finding.what, finding.state, finding.seen) for finding in findings))
        for finding in findings:
            if finding.state == "wrong":
                typer.echo(f"\nTo mend {finding.what}: {finding.mend}")
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Yield what was found, the most basic first."""
    yield _python()
    yield from (_library(name) for name in LIBRARIES)
    yield _figures()
    yield _pandoc()
    yield from _build_tools()


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


def _build_tools() -> Iterator[Finding]:
    root = checkout_root()
    if root is None:
        yield Finding(what="report", state="not needed", seen="an installed package; the report is built in a checkout")
        return

    def writable() -> str:
        (root / "build").mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=root / "build"):
            return str(root / "build")

    yield _tried("build folder", writable, "Give yourself the right to write there, or clone elsewhere")
    missing = [name for name in BUILD_TOOLS if importlib.util.find_spec(name) is None]
    yield Finding(
        what="build tools",
        state="wrong" if missing else "good",
        seen=f"{', '.join(missing)} not installed" if missing else f"{', '.join(BUILD_TOOLS)} installed",
        mend="Run `make report`, which makes .venv from the lock",
    )


def _tried(what: str, look: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(what=what, state="good", seen=look())
    except (CorrtipError, OSError, ImportError) as error:
        return Finding(what=what, state="wrong", seen=str(error), mend=mend)
