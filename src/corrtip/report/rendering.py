"""From prose with names to the report: fills report/report.md from the results and has it made into documents.

``build_report`` is the last step of the line that this package's docstring draws. It reads ``report/`` and
``build/results/``, makes everything in memory, and only then writes ``build/report.html``, ``.pdf``, ``.docx``, the
interactive page and ``build/manifest.json``; whatever fails before leaves the last good build as it was, and another
build that runs in the same folder waits meanwhile. Nothing is fetched: pandoc and typst run from their wheels, style
and drawings are inside the documents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corrtip import project
from corrtip.errors import ReportError, nearest
from corrtip.report.artifacts import Artifact, Data, Figure, Number, Record, Sentence, read_results
from corrtip.report.documents import TEXT, page, pdf, word
from corrtip.report.explore import DATA, PAGE, explore_page
from corrtip.report.manifest import build_manifest
from corrtip.report.markdown import attribute, escape
from corrtip.report.origins import PLACE, anchor, map_origins
from corrtip.report.tables import Table
from corrtip.report.turns import alone

_HOLE: Final = re.compile(r"\{\{(.*?)\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build wrote, and how much of the run it used; no interactive page where the run saved no grid for it."""

    report: Path
    pdf: Path
    word: Path
    explore: Path | None
    manifest: Path
    names_used: int
    names_saved: int


def build_report(root: Path | None = None, build: Path | None = None) -> Built:
    """Write the report in its three formats, the interactive page and the manifest, from the results of the notebooks.

    Parameters
    ----------
    root : Path, optional
        The checkout; this one by default.
    build : Path, optional
        Where results are and the report goes; ``build/`` of the checkout by default.

    Returns
    -------
    Built
        The files, and how many of the saved names the prose uses.

    Raises
    ------
    ReportError
        If a name is unknown (with line and nearest names), a result is missing, or pandoc or typst refuses the text.
    WriteError
        If the disk is full, or the build folder cannot be written.
    """
    root = project.require_checkout("report build") if root is None else root
    build = root / "build" if build is None else build
    with alone(build):
        return _build(root, build)


def _build(root: Path, build: Path) -> Built:
    notebooks = [path.stem for path in sorted((root / "notebooks").glob("*.ipynb"))]
    found = list(read_results(build, notebooks))
    records = {record.name: (record, artifact) for record, artifact in found}
    prose = (root / "report" / "report.md").read_text(encoding="utf-8")
    names = [hole.strip() for hole in _HOLE.findall(prose)]
    text = fill(prose, records).replace(PLACE, map_origins(names, records))
    report = root / "report"
    made: dict[str, bytes] = {
        "report.html": page(text, report, build).encode(),
        "report.pdf": pdf(text, report, build),
        "report.docx": word(text, report, build),
    }
    interactive = DATA["grid"] in records
    if interactive:
        made[PAGE] = explore_page(records, report, build).encode()
    manifest = build_manifest(root, build, [artifact for _, artifact in found], made)
    written: dict[Path, str | bytes] = {build / name: content for name, content in made.items()}
    written[build / "manifest.json"] = manifest
    for left in (left for path in written for left in build.glob(f".{path.name}.*")):
        left.unlink()  # a build that was killed left it: nobody else writes here now
    project.write_files(written)
    return Built(
        report=build / "report.html",
        pdf=build / "report.pdf",
        word=build / "report.docx",
        explore=build / PAGE if interactive else None,
        manifest=build / "manifest.json",
        names_used=len(set(names)),
        names_saved=len(records),
    )


def fill(prose: str, records: Mapping[str, tuple[Record, Artifact]]) -> str:
    """Return ``prose`` with every ``{{name}}`` replaced by its result.

    Parameters
    ----------
    prose : str
        Pandoc Markdown. Numbers and sentences may stand anywhere in a line; tables and figures alone on theirs.
    records : mapping of str to (Record, Artifact)
        The results by name.

    Raises
    ------
    ReportError
        Names the line, and the nearest names for an unknown one.
    """
    # A result has one anchor, where it stands first.
    met: set[str] = set()
    return "\n".join(
        _filled(line, f"{TEXT}, line {number}", records, met) for number, line in enumerate(prose.splitlines(), start=1)
    )


def _filled(line: str, where: str, records: Mapping[str, tuple[Record, Artifact]], met: set[str]) -> str:
    def value(hole: re.Match[str]) -> str:
        name = hole[1].strip()
        if name not in records:
            raise ReportError(where, f"no result is named {{{{{name}}}}}", mend=nearest(name, records))
        record, artifact = records[name]
        if isinstance(record.content, Table | Figure) and line.strip() != hole[0]:
            raise ReportError(where, f"{{{{{name}}}}} is a {record.kind}", expected="it alone on its line")
        first = name not in met
        met.add(name)
        return _written(record, artifact, where, first=first)

    filled = _HOLE.sub(value, line)
    rest = _HOLE.sub("", line)
    if "{{" in rest or "}}" in rest:
        raise ReportError(where, "a brace pair is open", expected="{{name}} on one line", mend="Close it")
    return filled


def _written(record: Record, artifact: Artifact, where: str, *, first: bool) -> str:
    place = anchor(record) if first else ""
    match record.content:
        case Table() as table:
            return f"\n{table.markdown(place)}\n"
        case Figure(caption=caption, alt=alt):
            identifier = f"#{place} " if place else ""
            return f"\n![{escape(caption)}]({artifact.path}){{{identifier}alt={attribute(alt)}}}\n"
        case Data():
            raise ReportError(where, f"{{{{{record.name}}}}} is data", expected="a number, sentence, table or figure")
        case Number(text=text) | Sentence(text=text):
            return f"[{escape(text)}]{{#{place}}}" if place else escape(text)
