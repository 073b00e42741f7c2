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
        "docx": ("--to=docx",),
        # A fragment does not say its encoding: without letters beyond ASCII no reader can mistake it.
        "html": ("--to=html5", "--ascii"),
        "latex": ("--to=latex",),
        "typst": ("--to=typst",),
    }
)
# A Word file holds the time at which it was made. Where nobody sets one it is the first that its container can name.
_EPOCH: Final = "315532800"
# What Typst obeys and pandoc escapes at the start of a line only, while a cell and a caption start like one.
_TYPST_START: Final = re.compile(r"(?<= )\[((?=[=+/-])|\d+(?=\.))")
# A hyphen that Typst would print as a minus or a hint for breaking words; two are pandoc's way to write a dash.
_TYPST_HYPHEN: Final = re.compile(r"(?<![\\-])(?=-[\d?])")


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
            return _pandoc(text, form)
        case "latex":
            return _latex(text)
        case "typst":
            return _typst(text)
    return _pandoc(text, form).decode()


def _latex(text: str) -> str:
    # Three signs that pandoc leaves to LaTeX: a grave accent would become a quotation mark, a star after a row's end
    # belong to that end, and the minus of print have no glyph in old fonts.
    made = _pandoc(text.replace("\\`", r"`\textasciigrave{}`{=latex}"), "latex").decode()
    return re.sub(r"^\*", "{*}", made, flags=re.MULTILINE).replace("\N{MINUS SIGN}", "$-$")


def _typst(text: str) -> str:
    made = _TYPST_START.sub(r"\g<0>\\", _pandoc(text, "typst").decode())
    return _TYPST_HYPHEN.sub(r"\\", made).replace("...", r"..\.")


def _pandoc(text: str, form: str) -> bytes:
    import pypandoc

    # Pipe tables get relative widths where a line is longer than the columns.
    options = (
        f"--from={MARKDOWN}",
        *_WRITERS[form],
        "--wrap=none",
        "--columns=9999",
        "--output=-",
        "--fail-if-warnings",
    )
    ran = subprocess.run(  # noqa: S603 - the wheel's own program, with options of ours
        [pypandoc.get_pandoc_path(), *options],
        input=text.encode(),
        capture_output=True,
        check=False,
        env={"SOURCE_DATE_EPOCH": _EPOCH, **os.environ},
    )
    if ran.returncode:
        raise ReportError("pandoc", ran.stderr.decode(errors="replace").strip())
    return ran.stdout
