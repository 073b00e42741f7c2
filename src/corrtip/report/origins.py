"""Which notebook and which inputs made each table, figure and number of the text: the report's last section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from corrtip.report.artifacts import Artifact, Kind, Number, Record, Sentence
from corrtip.report.markdown import escape

PLACE: Final = "::: {#origins}\n:::"
"""Where the text wants the map, as it says ``::: {#refs}`` for its references."""

_KINDS: Final[Mapping[Kind, str]] = {
    "table": "Tables",
    "figure": "Figures",
    "number": "Numbers",
    "sentence": "Sentences",
}
_FIRST_WORDS: Final = 4


def anchor(record: Record) -> str:
    """Return the identifier of a result's place in the text.

    Examples
    --------
    >>> anchor(Record(name="zp.n", inputs=(), number=Number(value=137, format="count", text="137")))
    'number-zp-n'
    """
    return f"{record.kind}-{re.sub(r'[._]', '-', record.name)}"


def map_origins(shown: Sequence[str], records: Mapping[str, tuple[Record, Artifact]]) -> str:
    """Return a table of what each notebook gave to the text, each entry a link to its place, and the inputs it read.

    Parameters
    ----------
    shown : sequence of str
        The names that the text uses, in its order.
    records : mapping of str to (Record, Artifact)
        Every result by name.

    Returns
    -------
    str
        Pandoc Markdown.
    """
    used = [records[name] for name in dict.fromkeys(shown)]
    notebooks = sorted({_notebook(artifact) for _, artifact in used})
    rows = [
        row
        for notebook in notebooks
        for row in _rows(notebook, [found for found in used if _notebook(found[1]) == notebook])
    ]
    lines = ["| Notebook | Kind | What it gave to the text, and what it read |", "|:---|:---|:---|"]
    return "\n".join([*lines, *rows, "", ": Where each table, figure, number and sentence comes from {#table-origins}"])


def _notebook(artifact: Artifact) -> str:
    return Path(artifact.path).parent.name


def _rows(notebook: str, used: Sequence[tuple[Record, Artifact]]) -> Iterator[str]:
    head = f"`{notebook}`"
    for kind, title in _KINDS.items():
        entries = [_entry(record) for record, _ in used if record.kind == kind]
        if entries:
            yield f"| {head} | {title} | {'; '.join(entries)} |"
            head = ""
    inputs = {name for record, _ in used for name in record.inputs}
    yield f"| {head} | *Read* | {'; '.join(map(escape, shorten(inputs)))} |"


def _entry(record: Record) -> str:
    match record.content:
        case Number(text=text):
            words = f"[{escape(text)}](#{anchor(record)})"
        case Sentence(text=text):
            first = text.split()
            cut = " …" if len(first) > _FIRST_WORDS else ""
            words = f"[“{escape(' '.join(first[:_FIRST_WORDS]))}{cut}”](#{anchor(record)})"
        case _:
            # The filter that numbers tables and figures writes the number.
            words = f"[](#{anchor(record)})"
    return f"{words} {escape(record.name)}"


def shorten(paths: Iterable[str]) -> list[str]:
    """Return files as people name them: one entry for a folder, years in a row as a span, sidecars left out.

    Examples
    --------
    >>> shorten(["data/raw/cpi/2004.csv", "data/raw/cpi/2004.toml", "data/raw/cpi/2005.csv", "data/variables.toml"])
    ['data/raw/cpi 2004-2005', 'data/variables.toml']
    """
    names = sorted(set(paths))
    raw = [Path(name) for name in names if name.startswith("data/raw/") and name.endswith(".csv")]
    folders = [
        f"{folder.as_posix()} {', '.join(_spans([path.stem for path in files]))}"
        for folder, files in groupby(raw, key=lambda path: path.parent)
    ]
    return [*folders, *(name for name in names if not name.startswith("data/raw/"))]


def _spans(stems: Sequence[str]) -> Iterator[str]:
    years = [int(stem) for stem in stems if re.fullmatch(r"\d{4}", stem)]
    for _, run in groupby(enumerate(years), key=lambda place: place[1] - place[0]):
        first, *rest = [year for _, year in run]
        yield f"{first}-{rest[-1]}" if rest else str(first)
    yield from (stem for stem in stems if not re.fullmatch(r"\d{4}", stem))
