"""A table as people read it: columns, rows of text, a caption, a note; laid out, escaped, never computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, overload

from corrtip import project
from corrtip.errors import ReportError
from corrtip.report.export import TextFormat, convert, format_of
from corrtip.report.markdown import escape, escape_inside

_RULES: Final = {"l": ":-----", "r": "--:"}

# Typst would draw a grid. The braces keep the rules to this table.
_TYPST: Final = """#[
#set table(stroke: none, inset: (x: 0.5em, y: 0.3em))
#set table.hline(stroke: 0.05em)
#show table: it => block(stroke: (top: 0.08em, bottom: 0.08em), it)
#set figure.caption(position: top)
{}
]
"""
# Characters of a line of LaTeX's own articles, and of the space between two columns; the least share of the first.
_LINE: Final = 70
_BETWEEN: Final = 2
_LEAST: Final = 0.25
# No column of Word has more of a line for its words, so that none starves beside a paragraph.
_WORDS: Final = 40


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

    def markdown(self, identifier: str = "", *, padded: bool = False) -> str:
        r"""Return the table as pandoc Markdown: pipe table, caption, note.

        Parameters
        ----------
        identifier : str
            Anchor of the table on the page; none if empty.
        padded : bool
            Whether blanks set the cells of a column below each other, for who reads the text itself.

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
        heads, *rows = ([escape_inside(cell) for cell in row] for row in (self.columns, *self.rows))
        rules = [_rule(letter) for letter in self.align]
        if padded:
            widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
            heads, *rows = (_pad(row, widths, self.align) for row in (heads, *rows))
            rules = [_rule(letter, width + 2) for letter, width in zip(self.align, widths, strict=True)]
        lines = [_row(heads), "|" + "|".join(rules) + "|", *map(_row, rows)]
        lines += ["", f": {escape(self.caption)}" + (f" {{#{identifier}}}" if identifier else "")]
        if self.note:
            lines += ["", "::: note", escape(self.note), ":::"]
        return "\n".join(lines)

    @overload
    def to(self, form: TextFormat, identifier: str = "") -> str: ...

    @overload
    def to(self, form: Literal["docx"], identifier: str = "") -> bytes: ...

    @overload
    def to(self, form: str, identifier: str = "") -> str | bytes: ...

    def to(self, form: str, identifier: str = "") -> str | bytes:
        r"""Return the table in another format, everything in its cells escaped.

        Parameters
        ----------
        form : {"docx", "html", "latex", "markdown", "typst"}
        identifier : str
            By which the text refers to the table, ``tab:models`` for ``\ref{tab:models}``; none if empty.

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
        LaTeX is a ``longtable`` with booktabs' rules: ``\usepackage{longtable,booktabs,array}``. Typst has the same
        rules. Columns in Word are as wide as their text.
        """
        text = self.markdown(identifier)
        made = convert((self._for_word(text) if form == "docx" else text) + "\n", form)
        if isinstance(made, bytes):
            return made
        match form:
            case "latex":
                return self._breaking(made)
            case "typst":
                return _TYPST.format(made.strip())
        return made

    def _for_word(self, text: str) -> str:
        """Return its Markdown with a rule that gives numbers room, and the words of the first column what is left."""
        heads, _, rest = text.split("\n", 2)
        longest = [max(map(len, cells)) for cells in zip(self.columns, *self.rows, strict=True)]
        widths = [min(longest[0], _WORDS), *(min(3 * length // 2 + _BETWEEN, _WORDS) for length in longest[1:])]
        rules = [_rule(letter, width) for letter, width in zip(self.align, widths, strict=True)]
        return "\n".join([heads, "|" + "|".join(rules) + "|", rest])

    def _breaking(self, made: str) -> str:
        """Let the first column of LaTeX break where the others leave it too little of the line."""
        longest = [max(map(len, cells)) + _BETWEEN for cells in zip(self.columns, *self.rows, strict=True)]
        if sum(longest) <= _LINE or not self.align.startswith("l") or len(longest) == 1:
            return made
        share = max(_LEAST, 1 - sum(longest[1:]) / _LINE)
        column = rf">{{\raggedright}}p{{{share:.2f}\linewidth}}"
        return made.replace("{@{}l", f"{{@{{}}{column}", 1)

    def save(self, path: Path | str, identifier: str = "") -> None:
        """Write the table to a file whose suffix says the format: .docx, .html, .md, .tex or .typ.

        The file is written whole or not at all; ``identifier`` is as in `to`.

        Raises
        ------
        ReportError
            If no format has this suffix.
        """
        project.write_file(Path(path), self.to(format_of(Path(path)), identifier))

    def _repr_html_(self) -> str:
        return self.to("html")

    def __repr__(self) -> str:
        return f"Table({self.caption!r}, {len(self.rows)} rows)"


def _rule(letter: str, width: int = 0) -> str:
    """Return the rule below a column's head, at least ``width`` long."""
    rule = _RULES[letter]
    return rule.replace("-", "-" * (1 + max(0, width - len(rule))), 1)


def _pad(cells: Iterable[str], widths: Iterable[int], align: str) -> list[str]:
    return [
        cell.rjust(width) if letter == "r" else cell.ljust(width)
        for cell, width, letter in zip(cells, widths, align, strict=True)
    ]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
