"""The filled text as three documents: a page, a PDF to print and cite, a Word file to edit; all from one Markdown."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

from corrtip.errors import ReportError
from corrtip.project import private_folder, write_file
from corrtip.report.drawings import inline_svg
from corrtip.report.export import pandoc, typst_literal

TEXT: Final = "report/report.md"
"""How errors call the text."""

# Where the template of the PDF ends.
_START: Final = "// The text.\n"
_STYLE: Final = re.compile(r'<w:style [^>]*?w:styleId="(\w+)".*?</w:style>', re.DOTALL)
_PICTURE: Final = re.compile(r'<img src="(results/\w[\w.-]*/\w[\w.-]*\.svg)" alt="([^"]*)" />')
# A4, with the margins of template.typ; pandoc's own Word file names no paper, and Word then takes Letter.
_PAPER: Final = (
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1474" w:right="1417" w:bottom="1474" w:left="1417" w:header="709" w:footer="709" w:gutter="0"/>'
)
_SECTION: Final = "</w:sectPr>"
_DEFAULTS: Final = re.compile(r"<w:docDefaults>.*?</w:docDefaults>", re.DOTALL)


def page(text: str, folder: Path, build: Path) -> str:
    """Return the HTML page: one file, every drawing inside it.

    Parameters
    ----------
    text : str
        The filled text.
    folder : Path
        ``report/``: templates, filters and references.
    build : Path
        The build folder, which drawings are named relative to.

    Raises
    ------
    ReportError
        If pandoc refuses the text, warns of a citation that the references do not hold, or a picture is not one of
        the run.
    """
    with private_folder() as private:
        # In a file: a locale without the signs of the style could not pass it to another program.
        inlined = private / "inlined.json"
        write_file(inlined, json.dumps({"variables": dict(_inlined(folder))}))
        made = pandoc(
            text,
            "--to=html5",
            "--standalone",
            f"--template={folder / 'template.html'}",
            f"--defaults={inlined}",
            *_citing(folder),
            f"--lua-filter={folder / 'filters' / 'page.lua'}",
            "--mathml",
            "--section-divs",
            "--toc",
            # The page's title is the one heading of the first level.
            "--shift-heading-level-by=1",
            "--toc-depth=3",
            where=TEXT,
        )
    return _with_drawings(made.decode(), build)


def pdf(text: str, folder: Path, build: Path) -> bytes:
    """Return the PDF, set by typst in the fonts that its wheel carries; no date is in it.

    It is PDF/UA-1, which screen readers can follow: a picture or a formula without words is an error.

    Parameters and errors are those of `page`.
    """
    import typst

    made = pandoc(
        text,
        "--to=typst",
        "--standalone",
        f"--template={folder / 'template.typ'}",
        *_citing(folder),
        f"--lua-filter={folder / 'filters' / 'typst.lua'}",
        where=TEXT,
    )
    head, start, body = made.decode().partition(_START)
    source = (head + start + typst_literal(body)).encode()
    try:
        set_by = typst.Compiler(input=source, root=str(build), ignore_system_fonts=True)
        # A list only where each page is a picture of its own.
        return cast("bytes", set_by.compile(format="pdf", pdf_standards=["ua-1"]))
    except typst.TypstError as error:
        raise ReportError(TEXT, f"typst: {error}") from error


def word(text: str, folder: Path, build: Path) -> bytes:
    """Return the Word file, figures as PNG, dated by SOURCE_DATE_EPOCH.

    Parameters and errors are those of `page`.
    """
    with private_folder() as private:
        styled = private / "styled.docx"
        write_file(styled, _styled((folder / "styles.xml").read_text(encoding="utf-8")))
        return pandoc(
            text,
            "--to=docx",
            f"--reference-doc={styled}",
            f"--resource-path={build}",
            *_citing(folder),
            f"--lua-filter={folder / 'filters' / 'word.lua'}",
            where=TEXT,
        )


def _citing(folder: Path) -> tuple[str, ...]:
    return (
        f"--lua-filter={folder / 'filters' / 'number.lua'}",
        "--citeproc",
        f"--bibliography={folder / 'references.bib'}",
        "--metadata=link-citations=true",
    )


def _styled(styles: str) -> bytes:
    """Return pandoc's own Word file on our paper, with ``styles`` in the place of those of the same name."""
    (defaults,) = _DEFAULTS.findall(styles)
    ours = {style[1]: style[0] for style in _STYLE.finditer(styles)}
    made = io.BytesIO()
    own = pandoc("", "--print-default-data-file=reference.docx", where="pandoc's reference.docx")
    with zipfile.ZipFile(io.BytesIO(own)) as held, zipfile.ZipFile(made, "w") as written:
        for item in held.infolist():
            content = held.read(item)
            if item.filename == "word/styles.xml":
                given = _DEFAULTS.sub(lambda _: defaults, content.decode())
                theirs = _STYLE.sub(lambda style: ours.pop(style[1], style[0]), given)
                content = theirs.replace("</w:styles>", "".join(ours.values()) + "</w:styles>").encode()
            elif item.filename == "word/document.xml":
                content = content.decode().replace(_SECTION, _PAPER + _SECTION).encode()
            written.writestr(item, content)
    return made.getvalue()


def _inlined(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the variables of the template: style and script, and the hashes by which the page's policy knows them."""
    for name, file in (("style", "style.css"), ("script", "sort.js")):
        text = (folder / file).read_text(encoding="utf-8").strip()
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        yield name, text
        yield f"{name}-hash", f"sha256-{digest}"


def _with_drawings(page: str, build: Path) -> str:
    """Return ``page`` with every drawing inside it."""

    def inlined(image: re.Match[str]) -> str:
        found = _PICTURE.fullmatch(image[0])
        if not found:
            raise ReportError(TEXT, f"the picture {image[0]}", expected="a figure of the run: {{name}}")
        source, words = found.groups()
        return inline_svg((build / source).read_text(encoding="utf-8"), Path(source).stem, html.unescape(words))

    return re.sub(r"<img\b[^>]*>", inlined, page)
