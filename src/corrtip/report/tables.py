"""A table as people read it: columns, rows of text, a caption, a note; laid out, escaped, never computed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, overload

from corrtip import project
from corrtip.errors import ReportError
from corrtip.report.export import TextFormat, convert, format_of
from corrtip.report.markdown import escape

_RULES: Final = {"l": ":-----", "r": "--:"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of text.

    Parameters
    ----------
    caption : str
        What the table shows.
    columns : tuple of str
        The column heads.
    align : str
        One letter per column: ``l`` for words, ``r`` for numbers.
    rows : tuple of tuple of str
        The cells; plain text, no markup.
    note : str
        What a reader must know to read it, below the table.

    Raises
    ------
    ReportError
        If a row or ``align`` does not have one entry per column, or ``align`` has another letter.
    """

    caption: str
    columns: tuple[str, ...]
    align: str
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        for what, entries in (("align", self.align), *((f"row {k}", row) for k, row in enumerate(self.rows, start=1))):
            if len(entries) != len(self.columns):
                raise ReportError(
                    f'table "{self.caption}", {what}', f"{len(entries)} entries", expected=f"{len(self.columns)}"
                )
        if set(self.align) - set(_RULES):
            raise ReportError(f'table "{self.caption}", align', f'"{self.align}"', expected="the letters l and r")

    def markdown(self, identifier: str = "") -> str:
        r"""Return the table as pandoc Markdown: pipe table, caption, note.

        Parameters
        ----------
        identifier : str
            Anchor of the table on the page; none if empty.

        Examples
        --------
        >>> table = Table(caption="Levels", columns=("Tier", "n"), align="lr", rows=(("2|WL", "3"),))
        >>> print(table.markdown())
        | Tier | n |
        |:-----|--:|
        | 2\|WL | 3 |
        <BLANKLINE>
        : Levels
        """
        lines = [_row(self.columns), "|" + "|".join(_RULES[letter] for letter in self.align) + "|"]
        lines += [_row(row) for row in self.rows]
        lines += ["", f": {escape(self.caption)}" + (f" {{#{identifier}}}" if identifier else "")]
        if self.note:
            lines += ["", "::: note", escape(self.note), ":::"]
        return "\n".join(lines)

    @overload
    def to(self, form: TextFormat) -> str: ...

    @overload
    def to(self, form: Literal["docx"]) -> bytes: ...

    @overload
    def to(self, form: str) -> str | bytes: ...

    def to(self, form: str) -> str | bytes:
        r"""Return the table in another format, everything in its cells escaped.

        Parameters
        ----------
        form : {"docx", "html", "latex", "markdown", "typst"}

        Returns
        -------
        str or bytes
            Text to paste into a document of that format; for Word a whole document, the same bytes in every run.

        Raises
        ------
        ReportError
            If the format is not known.

        Notes
        -----
        LaTeX is a ``longtable`` with booktabs' rules: ``\usepackage{longtable,booktabs,array}``.
        """
        return convert(self.markdown() + "\n", form)

    def save(self, path: Path | str) -> None:
        """Write the table to a file whose suffix says the format: .docx, .html, .md, .tex or .typ.

        The file is written whole or not at all.

        Raises
        ------
        ReportError
            If no format has this suffix.
        """
        project.write_file(Path(path), self.to(format_of(Path(path))))

    def _repr_html_(self) -> str:
        return self.to("html")

    def __repr__(self) -> str:
        return f"Table({self.caption!r}, {len(self.rows)} rows)"


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(escape(cell) for cell in cells) + " |"
