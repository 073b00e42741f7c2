"""From prose with names to one page: fills report/report.md from the results and hands it to pandoc.

``build_report`` is the last step of the line that this package's docstring draws. It reads ``report/`` and
``build/results/``, makes everything in memory, and only then writes ``build/report.html`` and ``build/manifest.json``;
whatever fails before leaves the last good build as it was. Nothing is fetched: pandoc runs from its wheel, style and
drawings are inside the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corrtip import project
from corrtip.errors import ReportError, nearest
from corrtip.report.artifacts import Figure, Record, read_results
from corrtip.report.manifest import build_manifest
from corrtip.report.markdown import MARKDOWN, attribute, escape
from corrtip.report.style import INK
from corrtip.report.tables import Table

_HOLE: Final = re.compile(r"\{\{(.*?)\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build wrote, and how much of the run it used."""

    report: Path
    manifest: Path
    names_used: int
    names_saved: int


def build_report(root: Path | None = None, build: Path | None = None) -> Built:
    """Write the report and its manifest from the results of the notebooks.

    Parameters
    ----------
    root : Path, optional
        The checkout; this one by default.
    build : Path, optional
        Where results are and the report goes; ``build/`` of the checkout by default.

    Returns
    -------
    Built
        The two files, and how many of the saved names the prose uses.

    Raises
    ------
    ReportError
        If a name is unknown (with line and nearest names), a result is missing, or pandoc refuses the text.
    """
    root = project.require_checkout("report build") if root is None else root
    build = root / "build" if build is None else build
    notebooks = [path.stem for path in sorted((root / "notebooks").glob("*.ipynb"))]
    found = list(read_results(build, notebooks))
    records = {record.name: record for record, _ in found}
    folders = {record.name: Path(artifact.path).parent.as_posix() for record, artifact in found}
    prose = (root / "report" / "report.md").read_text(encoding="utf-8")
    page = render(fill(prose, records, folders), root / "report")
    page = embed_drawings(page, build)
    manifest = build_manifest(root, build, [artifact for _, artifact in found], page)
    project.write_file(build / "report.html", page)
    project.write_file(build / "manifest.json", manifest)
    return Built(
        report=build / "report.html",
        manifest=build / "manifest.json",
        names_used=len({hole.strip() for hole in _HOLE.findall(prose)}),
        names_saved=len(records),
    )


def fill(prose: str, records: Mapping[str, Record], folders: Mapping[str, str]) -> str:
    """Return ``prose`` with every ``{{name}}`` replaced by its result.

    Parameters
    ----------
    prose : str
        Pandoc Markdown. Numbers and sentences may stand anywhere in a line; tables and figures alone on theirs.
    records : mapping of str to Record
        The results by name.
    folders : mapping of str to str
        The folder of each result's files, relative to the build folder.

    Raises
    ------
    ReportError
        Names the line, and the nearest names for an unknown one.
    """
    return "\n".join(
        _filled(line, f"report/report.md, line {number}", records, folders)
        for number, line in enumerate(prose.splitlines(), start=1)
    )


def _filled(line: str, where: str, records: Mapping[str, Record], folders: Mapping[str, str]) -> str:
    def value(hole: re.Match[str]) -> str:
        name = hole[1].strip()
        if name not in records:
            raise ReportError(where, f"no result is named {{{{{name}}}}}", mend=nearest(name, records))
        content = records[name].content
        if isinstance(content, Table | Figure) and line.strip() != hole[0]:
            raise ReportError(where, f"{{{{{name}}}}} is a {records[name].kind}", expected="it alone on its line")
        return _written(records[name], folders[name])

    filled = _HOLE.sub(value, line)
    rest = _HOLE.sub("", line)
    if "{{" in rest or "}}" in rest:
        raise ReportError(where, "a brace pair is open", expected="{{name}} on one line", mend="Close it")
    return filled


def _written(record: Record, folder: str) -> str:
    identifier = re.sub(r"[._]", "-", record.name)
    match record.content:
        case Table() as table:
            return f"\n{table.markdown(f'table-{identifier}')}\n"
        case Figure(caption=caption, alt=alt, svg=svg):
            return f"\n![{escape(caption)}]({folder}/{svg}){{#figure-{identifier} alt={attribute(alt)}}}\n"
        case content:
            return escape(content.text)


def render(text: str, folder: Path) -> str:
    """Return the page that pandoc makes of ``text`` with the template, style, filter and references in ``folder``.

    Raises
    ------
    ReportError
        If pandoc fails, or warns of a citation that the references do not hold.
    """
    import pypandoc

    options = [
        "--standalone",
        f"--template={folder / 'template.html'}",
        f"--variable=style={(folder / 'style.css').read_text(encoding='utf-8')}",
        f"--lua-filter={folder / 'filters' / 'scroll.lua'}",
        "--citeproc",
        f"--bibliography={folder / 'references.bib'}",
        "--metadata=link-citations=true",
        "--mathml",
        "--section-divs",
        "--toc",
        # The page's title is the one heading of the first level.
        "--shift-heading-level-by=1",
        "--toc-depth=3",
        "--wrap=none",
        # Below this width pandoc would give the columns of a pipe table relative widths.
        "--columns=9999",
        "--fail-if-warnings",
    ]
    try:
        return str(pypandoc.convert_text(text, "html5", format=MARKDOWN, extra_args=options))
    except RuntimeError as error:
        raise ReportError("report/report.md", f"pandoc: {error}") from error


def embed_drawings(page: str, build: Path) -> str:
    """Return ``page`` with every SVG drawing inside it, in the colour of the text, so that it follows light and dark.

    Raises
    ------
    ReportError
        If a picture points outside the build folder's results.
    """

    def inlined(image: re.Match[str]) -> str:
        source, words = image[1], image[2]
        if not re.fullmatch(r"results/[\w.-]+/[\w.-]+\.svg", source):
            raise ReportError("report/report.md", f"the picture {source}", expected="a figure of the run: {{name}}")
        return _inline_svg((build / source).read_text(encoding="utf-8"), Path(source).stem, words)

    return re.sub(r'<img src="([^"]*)" alt="([^"]*)" />', inlined, page)


def _inline_svg(drawing: str, name: str, words: str) -> str:
    svg = drawing[drawing.index("<svg") :].strip()
    # One page holds many drawings: their identifiers must not meet.
    prefix = re.sub(r"[^a-z0-9]", "-", name)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    svg = svg.replace(INK, "currentColor")
    return svg.replace("<svg", f'<svg role="img" aria-label="{words}"', 1)
