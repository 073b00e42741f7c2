"""What a run leaves for the report: numbers, sentences, tables, figures and data, each under one name with its inputs.

A notebook opens ``Results`` under its own name and saves each thing that it shows. One artifact is one JSON record,
``build/results/NOTEBOOK/NAME.json``; a figure has ``NAME.svg`` and ``NAME.png`` beside it, data ``NAME.csv``. The
report reads these records and nothing else, and ``build/manifest.json`` lists them.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from corrtip import project
from corrtip.declare import declared
from corrtip.errors import ReportError
from corrtip.report.formats import format_number, with_minus
from corrtip.report.markdown import escape
from corrtip.report.tables import Table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RESULTS_VARIABLE: Final = "CORRTIP_RESULTS"
"""Environment variable that sends results elsewhere than ``build/results``; the notebook runner sets it."""

_ALWAYS_READ: Final = ("data/countries.csv", "data/variables.toml")

# As pandas writes them; more digits than these no number has.
_NUMBER: Final = re.compile(r"-?(?:[0-9]{1,30}(?:\.[0-9]{1,400})?(?:e[+-][0-9]{1,3})?|inf)")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")

Kind = Literal["number", "sentence", "table", "figure", "data"]
KINDS: Final[tuple[Kind, ...]] = ("number", "sentence", "table", "figure", "data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One line of the manifest.

    Parameters
    ----------
    name : str
        The name that the prose uses, ``{{name}}``.
    kind : {"number", "sentence", "table", "figure", "data"}
        What it is.
    path : str
        Its file, relative to the build folder.
    sha256 : str
        Hash of that file.
    inputs : tuple of str
        The files that it was made from, relative to the checkout, sorted.
    """

    name: str
    kind: Kind
    path: str
    sha256: str
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number, the declared format that writes it, and the text that people read."""

    value: float | None
    format: str
    text: str

    def _repr_markdown_(self) -> str:
        return escape(self.text)

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence that the library made of results; plain text, no markup."""

    text: str

    def _repr_markdown_(self) -> str:
        return escape(self.text)

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing: its caption, what it shows in words (``alt``), and the names of its two files."""

    caption: str
    alt: str
    svg: str
    png: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Values that people take away or look through: what they are, the file that holds them, its columns and kinds."""

    caption: str
    csv: str
    columns: Mapping[str, Literal["number", "text"]]


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """What a notebook shows of a figure that it saved: the picture, or its words where there are no pictures."""

    alt: str
    png: bytes

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        return self.png, {"alt": self.alt}

    def __repr__(self) -> str:
        return self.alt


Content = Number | Sentence | Table | Figure | Data


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An artifact as its JSON file holds it: name, inputs, and exactly one content."""

    name: str
    inputs: tuple[str, ...]
    number: Number | None = None
    sentence: Sentence | None = None
    table: Table | None = None
    figure: Figure | None = None
    data: Data | None = None

    @property
    def kind(self) -> Kind:
        """Which of the contents is there."""
        (kind,) = [kind for kind in KINDS if getattr(self, kind) is not None]
        return kind

    @property
    def content(self) -> Content:
        """The content itself."""
        content: Content = getattr(self, self.kind)
        return content


class Results:
    """The results of one notebook on their way to the report.

    Parameters
    ----------
    folder : Path
        Where the records go.
    inputs : iterable of str
        The files that everything saved here was made from, relative to the checkout.
    """

    def __init__(self, folder: Path, inputs: Iterable[str]) -> None:
        """Start with nothing saved."""
        self.folder, self.inputs = folder, tuple(sorted(set(inputs)))
        self._names: set[str] = set()

    def number(self, name: str, value: float | None, format: str) -> Number:
        """Save a number under ``name``, written as the declared format says."""
        written = None if value is None or math.isnan(value) else float(value)
        number = Number(value=written, format=format, text=format_number(value, format))
        self._save(name, "number", number)
        return number

    def sentence(self, name: str, text: str) -> Sentence:
        """Save a sentence, or a paragraph, of plain text under ``name``; blanks and minus signs are those of print."""
        sentence = Sentence(text=with_minus(" ".join(text.split())))
        self._save(name, "sentence", sentence)
        return sentence

    def table(self, name: str, table: Table) -> Table:
        """Save a table under ``name``."""
        self._save(name, "table", table)
        return table

    def figure(self, name: str, axes: Axes, *, caption: str, alt: str) -> ShownFigure:
        """Save the figure that ``axes`` belongs to under ``name``, as SVG and PNG, and close it."""
        from corrtip.report.style import drawn  # matplotlib: only for those who draw

        svg, png = drawn(axes, name)
        self._save(name, "figure", Figure(caption=caption, alt=alt, svg=f"{name}.svg", png=f"{name}.png"))
        project.write_file(self.folder / f"{name}.svg", svg)
        project.write_file(self.folder / f"{name}.png", png)
        return ShownFigure(alt, png)

    def data(self, name: str, frame: pd.DataFrame, *, caption: str) -> pd.DataFrame:
        """Save the columns of ``frame`` under ``name`` as CSV, every number to its last digit; return the frame."""
        kinds = {name: _kind(column) for name, column in frame.items()}
        self._save(name, "data", Data(caption=caption, csv=f"{name}.csv", columns=kinds))
        project.write_file(self.folder / f"{name}.csv", frame.to_csv(index=False, lineterminator="\n"))
        return frame

    def _save(self, name: str, kind: Kind, content: Content) -> None:
        if not _NAME.fullmatch(name):
            raise ReportError(f'result "{name}"', "not a name", expected="small letters, digits, _ and dots")
        if name in self._names:
            raise ReportError(f'result "{name}"', "saved twice", mend="Give the second one a name of its own")
        self._names.add(name)
        record = {"name": name, "inputs": self.inputs, kind: dataclasses.asdict(content)}
        project.write_file(self.folder / f"{name}.json", json_text(record))


def open_results(notebook: str, *, editions: Iterable[str], files: Iterable[str] = ()) -> Results:
    """Return the results of ``notebook``, to be filled.

    Parameters
    ----------
    notebook : str
        The notebook's file stem, ``02_zhang_pineda_2008``.
    editions : iterable of str
        The editions that the results are made from, ``cpi/2005``: ``panel.sources``, or a replication's.
    files : iterable of str
        Other files that they are made from, relative to the checkout.

    Returns
    -------
    Results
        They are written to ``build/results/NOTEBOOK``, or below the folder that ``CORRTIP_RESULTS`` names.
    """
    elsewhere = os.environ.get(RESULTS_VARIABLE)
    folder = Path(elsewhere) if elsewhere else project.require_checkout("results") / "build" / "results"
    raw = [f"data/raw/{edition}.{ending}" for edition in editions for ending in ("csv", "toml")]
    return Results(folder / notebook, [*raw, *files, *_ALWAYS_READ, f"notebooks/{notebook}.ipynb"])


def read_record(path: Path, where: str) -> Record:
    """Return the record in a JSON file; ``where`` is how an error calls the file.

    Raises
    ------
    ReportError
        If the file is not JSON, names a key twice, or has another content than one.
    DeclarationError
        If the record has keys or types that are not a record's.
    """
    try:
        table: Any = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ReportError(where, f"not a record: {error}", mend="Run the notebooks again") from error
    record = declared(Record, table, where)
    if len(contents := [kind for kind in KINDS if getattr(record, kind) is not None]) != 1:
        raise ReportError(where, f"{len(contents)} contents", expected="one", mend="Run the notebooks again")
    return record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Python would keep the last and say nothing.
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def read_results(build: Path, notebooks: Iterable[str]) -> Iterator[tuple[Record, Artifact]]:
    """Yield every record that ``notebooks`` saved below ``build/results``, with its line of the manifest.

    Raises
    ------
    ReportError
        If a notebook left no results, two saved the same name, or the file beside a record is not there.
    """
    seen: dict[str, str] = {}
    for path in [path for notebook in notebooks for path in _record_files(build / "results" / notebook)]:
        where = path.relative_to(build).as_posix()
        record = read_record(path, where)
        if record.name in seen:
            raise ReportError(where, f'the name "{record.name}" is in {seen[record.name]} too', mend="Rename one")
        seen[record.name] = where
        beside = record.figure.svg if record.figure else record.data.csv if record.data else path.name
        file = path.parent / beside
        if Path(beside).name != beside or not file.is_file():
            raise ReportError(where, f"{beside} is not beside it", mend="Run the notebooks again")
        kept = file.relative_to(build).as_posix()
        yield record, Artifact(name=record.name, kind=record.kind, path=kept, sha256=sha256(file), inputs=record.inputs)


def read_columns(data: Data, path: Path) -> dict[str, list[float | str | None]]:
    """Return the columns of saved data: numbers as they were, whole ones as int, None for a missing one; or text.

    Raises
    ------
    ReportError
        If the file is no table, its columns are not those of its record, or a number is none.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            head, *rows = csv.reader(stream, strict=True)
    except (ValueError, csv.Error) as error:
        raise ReportError(data.csv, f"not a table: {error}", mend="Run the notebooks again") from error
    if sorted(head) != sorted(data.columns):
        raise ReportError(data.csv, f"columns {', '.join(head)}", expected=", ".join(data.columns))
    for number, row in enumerate(rows, start=1):
        wrong = [cell for name, cell in zip(head, row, strict=False) if not _sound(data.columns[name], cell)]
        if len(row) != len(head) or wrong:
            seen = f"{wrong[0][:60]!r}" if wrong else f"{len(row)} cells"
            raise ReportError(f"{data.csv}, record {number}", seen, expected="a table of the columns' kinds")
    return {name: [_read(data.columns[name], row[place]) for row in rows] for place, name in enumerate(head)}


def _sound(kind: str, text: str) -> bool:
    return kind == "text" or not text or _NUMBER.fullmatch(text) is not None


def _read(kind: str, text: str) -> float | str | None:
    if kind == "text":
        return text
    return None if not text else int(text) if text.removeprefix("-").isdigit() else float(text)


def _kind(column: pd.Series[Any]) -> Literal["number", "text"]:
    return "number" if column.dtype.kind in "iuf" else "text"


def _record_files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.json"))
    if not files:
        raise ReportError(f"results/{folder.name}", "no results", mend=f"Run notebooks/{folder.name}.ipynb")
    return files


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def json_text(content: object) -> str:
    """Return ``content`` as JSON that is the same for the same content: sorted keys, two spaces, one last newline."""
    return json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
