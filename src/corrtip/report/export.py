"""From Markdown to the formats that papers are written in, by the pandoc that pypandoc carries; nothing is fetched."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from corrtip.errors import ReportError, nearest
from corrtip.report.markdown import MARKDOWN

TextFormat = Literal["html", "latex", "markdown", "typst"]

SUFFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {".docx": "docx", ".html": "html", ".md": "markdown", ".tex": "latex", ".typ": "typst"}
)
"""The format that each suffix of a file means."""

_WRITERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # Word spreads columns without widths evenly: they take those of the rule below the heads.
        "docx": ("--to=docx", "--columns=1"),
        # A fragment does not say its encoding: without letters beyond ASCII no reader can mistake it.
        "html": ("--to=html5", "--ascii"),
        "latex": ("--to=latex",),
        "typst": ("--to=typst",),
    }
)
# Pipe tables get relative widths where a line is longer than the columns.
_ALWAYS: Final = ("--wrap=none", "--columns=9999", "--fail-if-warnings")
# A Word file holds the time at which it was made. Where nobody sets one it is the first that its container can name.
_EPOCH: Final = "315532800"
# What Typst obeys and pandoc escapes at the start of a line only, while a cell and a caption start like one. Two
# hyphens are pandoc's way to write a dash.
_TYPST_START: Final = re.compile(r"(?<= )\[((?=[=+/]|-(?!-))|\d+(?=\.))")
# Strings, labels and code stay as they are. In the text three dots would become an ellipsis, and a hyphen before a
# digit or a question mark a minus or a hint for breaking words.
_TYPST_SIGNS: Final = re.compile(
    r"""(?P<kept>(?<!\\)(?:"(?:[^"\\]|\\.)*"|<[\w:.-]+>|`[^`]*`))|(?P<dots>\.\.\.)|(?<![\\-])(?=-[\d?])"""
)


def format_of(path: Path) -> str:
    """Return the format that the suffix of ``path`` means.

    Raises
    ------
    ReportError
        If no format has this suffix.

    Examples
    --------
    >>> format_of(Path("models.tex"))
    'latex'
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ReportError(path.name, f'suffix "{path.suffix}"', expected=f"one of {', '.join(SUFFIXES)}")
    return SUFFIXES[suffix]


def convert(text: str, form: str) -> str | bytes:
    r"""Return ``text`` in another format.

    Parameters
    ----------
    text : str
        Pandoc Markdown whose words went through `corrtip.report.markdown.escape`.
    form : {"docx", "html", "latex", "markdown", "typst"}

    Returns
    -------
    str or bytes
        Bytes for ``docx``, dated by the environment variable SOURCE_DATE_EPOCH or else 1980-01-01; otherwise text,
        without a document's head.

    Raises
    ------
    ReportError
        If the format is not known, or pandoc refuses the text.

    Examples
    --------
    >>> convert("50 % of \\$1", "latex")
    '50 \\% of \\$1\n'
    """
    if form == "markdown":
        return text
    if form not in _WRITERS:
        known = ("markdown", *_WRITERS)
        raise ReportError(
            "format", f'"{form}"', expected=f"one of {', '.join(sorted(known))}", mend=nearest(form, known)
        )
    match form:
        case "docx":
            return pandoc(text, *_WRITERS[form])
        case "latex":
            return _latex(text)
        case "typst":
            return typst_literal(pandoc(text, *_WRITERS[form]).decode())
    return pandoc(text, *_WRITERS[form]).decode()


def _latex(text: str) -> str:
    # Three signs that pandoc leaves to LaTeX: a grave accent would become a quotation mark, a star after a row's end
    # belong to that end, and the minus of print have no glyph in old fonts.
    made = pandoc(text.replace("\\`", r"`\textasciigrave{}`{=latex}"), *_WRITERS["latex"]).decode()
    return re.sub(r"^\*", "{*}", made, flags=re.MULTILINE).replace("\N{MINUS SIGN}", "$-$")


def typst_literal(made: str) -> str:
    r"""Return Typst that pandoc wrote, with the signs literal that it leaves to Typst.

    Examples
    --------
    >>> typst_literal('wdi-2026 ... #link("a-1")[x]')
    'wdi\\-2026 ..\\. #link("a-1")[x]'
    """

    def literal(sign: re.Match[str]) -> str:
        return sign["kept"] or (r"..\." if sign["dots"] else "\\")

    return _TYPST_SIGNS.sub(literal, _TYPST_START.sub(r"\g<0>\\", made))


def pandoc(text: str, *options: str, where: str = "pandoc") -> bytes:
    """Return what pandoc makes of Markdown with ``options``; a warning is an error, and nothing is fetched.

    Parameters
    ----------
    text : str
        In the dialect `corrtip.report.markdown.MARKDOWN`.
    *options : str
        Pandoc's own, the format among them.
    where : str
        How an error calls the text.

    Raises
    ------
    ReportError
        If pandoc refuses the text.
    """
    import pypandoc

    ran = subprocess.run(  # noqa: S603 - the wheel's own program, with options of ours
        [pypandoc.get_pandoc_path(), f"--from={MARKDOWN}", *_ALWAYS, *options, "--output=-"],
        input=text.encode(),
        capture_output=True,
        check=False,
        env={"SOURCE_DATE_EPOCH": _EPOCH, **os.environ},
    )
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip()
        raise ReportError(where, said or f"pandoc ended with {ran.returncode} and no word: killed, or out of memory")
    return ran.stdout
