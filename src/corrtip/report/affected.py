"""What of the report reads an edition: by the inputs that the manifest of the last build names."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corrtip.errors import ReportError

_HEADING = re.compile(r"(#+) (.*?)(?: \{.*\})?$")
_HOLE = re.compile(r"\{\{\s*([a-z0-9_.]+)\s*\}\}")
_RAW = "data/raw/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """One result that reads an edition.

    Parameters
    ----------
    artifact : str
        Its name.
    notebook : str
        Who makes it.
    section : str
        The heading under which the report shows it; empty where the report does not.
    """

    artifact: str
    notebook: str
    section: str


def find_affected(root: Path, edition: str, *, every_source: bool) -> tuple[Affected, ...]:
    """Return the results of the last build that a new or changed edition goes into.

    Parameters
    ----------
    root : Path
        The checkout.
    edition : str
        ``cpi/2026``.
    every_source : bool
        Is the edition a vintage of its own, which only those read that read everything?

    Returns
    -------
    tuple of Affected
        For an edition that the build read, the results that name it among their inputs. For a new one, those that
        name every edition of its source, and so will read this one too; for a vintage those that name every edition
        of all sources.

    Raises
    ------
    ReportError
        If there is no manifest, or it is not of this project's making.
    """
    artifacts = _artifacts(root / "build" / "manifest.json")
    inputs = {name for artifact in artifacts for name in artifact["inputs"] if name.startswith(_RAW)}
    file = f"{_RAW}{edition}.csv"
    source = "" if every_source else edition.partition("/")[0] + "/"
    needed = {file} if file in inputs else {name for name in inputs if name.startswith(_RAW + source)}
    sections = _sections(root / "report" / "report.md")
    return tuple(
        Affected(
            artifact=artifact["name"],
            notebook=Path(artifact["path"]).parent.name,
            section=sections.get(artifact["name"], ""),
        )
        for artifact in artifacts
        if _reads(artifact["inputs"], needed)
    )


def find_unnamed(root: Path, variables: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the declarations and notebooks that use a variable without naming its vintage, with the variables.

    Parameters
    ----------
    root : Path
        The checkout.
    variables : collection of str
        Variables that are about to have two vintages.

    Notes
    -----
    By their text: the name stands in quotes, and nowhere beside a vintage.
    """
    found: dict[str, tuple[str, ...]] = {}
    files = [*(root / "src").rglob("*.toml"), *(root / "notebooks").glob("*.ipynb")]
    for path in sorted(files):
        text = path.read_text(encoding="utf-8").replace('\\"', '"')
        unnamed = tuple(
            name
            for name in variables
            if f'"{name}"' in text and not re.search(rf'\b{name}"?\s*[=:]\s*"[a-z_]+-[0-9]', text)
        )
        if unnamed:
            found[path.relative_to(root).as_posix()] = unnamed
    return found


def _reads(inputs: Collection[str], needed: Set[str]) -> bool:
    return bool(needed) and needed <= {*inputs}


def _artifacts(path: Path) -> list[Mapping[str, Any]]:
    try:
        artifacts = json.loads(path.read_bytes())["artifacts"]
        return [{"name": item["name"], "path": item["path"], "inputs": item["inputs"]} for item in artifacts]
    except FileNotFoundError as error:
        raise ReportError("build/manifest.json", "the report has not been built", mend="Run make report") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ReportError("build/manifest.json", f"no manifest: {error!r}", mend="Run make report") from error


def _sections(path: Path) -> dict[str, str]:
    """Return the heading under which the prose uses each name first."""
    sections: dict[str, str] = {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := _HEADING.fullmatch(line):
            section = found[2]
        for name in _HOLE.findall(line):
            sections.setdefault(name, section)
    return sections
