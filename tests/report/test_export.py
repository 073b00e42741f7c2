"""A table says the same in every format, whatever stands in its cells."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pypandoc
import pytest
import typst

from corrtip.errors import ReportError
from corrtip.report.export import SUFFIXES, convert, pandoc
from corrtip.report.markdown import MARKDOWN
from corrtip.report.tables import Table

HOSTILE = [
    "gdp_per_capita|x",
    "<b>bold</b> <script>",
    "$1 & $2",
    r"\newline \input{x} a\b",
    "*s* **t** _u_ `v`",
    "~w~ ^x^ # % {y} [z] @q !",
    "a--b --- c...",
    "'q' \"r\"",
    "// not a comment /* nor this */",
    "https://example.org/a_b",
    "log(x)^2 ~ C(y) + 1",
    "= heading",
    "- item",
    "1. item",
    "Côte d'Ivoire −0.41 –",
    "#let x = 1",
    "&amp; &#60;",
    ":::",
    "+ item",
    "/ term: text",
    "2005.5",
    "Q?` !` \u2018x\u2019",
    "* starred",
    "\\`",
    "2005-06 -1 -? [-1] [1. x] –1",
    "......",
    '#read("x") #import "y": * #{z}',
    "[x](javascript:alert(1)) ![y](z.png)",
    "`\\input{x}`{=latex} ```{=html}",
    "{{n}} {#id .c onclick=x} ::: {.note}",
    "W" * 200,
]
TABLE = Table(
    caption=r"Caption $x$ & <b> \ *",
    columns=("", "(1)", "a|b"),
    align="lrr",
    rows=tuple((name, f"−0.{k:03d}***", f"({name})") for k, name in enumerate(HOSTILE)),
    note=r"* p < .05 & \ $",
)
_GRAVE = "\N{MODIFIER LETTER GRAVE ACCENT}"  # stands for the accent, which pandoc would read as a quotation mark
# Of those that need no network.
TEX = next(filter(None, map(shutil.which, ("pdflatex", "xelatex", "lualatex"))), None)
PAPER = r"""\documentclass{article}
\usepackage{longtable,booktabs,array}
\begin{document}
%s
\end{document}
"""
READERS = {"latex": "latex", "html": "html", "docx": "docx", "typst": "typst", "markdown": MARKDOWN}


def _parse(made: str | bytes, form: str) -> dict:
    text = made if isinstance(made, bytes) else made.encode()
    if form == "latex":
        # pandoc does not read two signs of LaTeX's, and takes the head of a table's later pages for a row.
        text = text.replace(rb"\textasciigrave{}", _GRAVE.encode())
        text = re.sub(rb"\\textbar(\{\}| )?", b"|", text)
        text = re.sub(rb"(?s)\\endfirsthead.*?\\endhead", rb"\\endhead", text)
    command = [pypandoc.get_pandoc_path(), f"--from={READERS[form]}", "--to=json"]
    return json.loads(subprocess.run(command, input=text, capture_output=True, check=True).stdout)


def _words(node: object) -> str:
    """Return the text of a part of pandoc's tree, as a reader of the page sees it."""
    if isinstance(node, list):
        return "".join(map(_words, node))
    if not isinstance(node, dict):
        return ""
    match node["t"], node.get("c"):
        case "Str", text:
            return text.replace(_GRAVE, "`")
        case (("Space" | "SoftBreak"), _):
            return " "
        case "Math", (_, "-"):
            return "−"
        case "Quoted", (kind, inside):
            opening, closing = ("\u2018", "\u2019") if kind["t"] == "SingleQuote" else ("\u201c", "\u201d")
            return opening + _words(inside) + closing
        case (("Span" | "Div"), (_, inside)):
            return _words(inside)
        case (("Plain" | "Para"), inside):
            return _words(inside)
    raise AssertionError(f"markup where text was given: {node}")


def _table(tree: dict) -> list:
    found: list = []

    def walk(node: object) -> None:
        if isinstance(node, dict) and node.get("t") == "Table":
            found.append(node["c"])
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            walk(inner)

    walk(tree)
    assert len(found) == 1
    return found[0]


def read_back(made: str | bytes, form: str) -> list[tuple[str, ...]]:
    """Return the cells, heads first, of the one table in a text or document."""
    _, _, _, head, bodies, _ = _table(_parse(made, form))
    rows = head[1] + [row for body in bodies for row in (*body[2], *body[3])]
    return [tuple(_words(cell[4]) for cell in row[1]) for row in rows]


@pytest.mark.parametrize("form", sorted(READERS))
def test_every_cell_comes_back_as_it_was(form: str) -> None:
    assert read_back(TABLE.to(form), form) == [TABLE.columns, *TABLE.rows]


@pytest.mark.parametrize("form", ["docx", "html", "latex", "markdown", "typst"])
def test_caption_and_note_come_back_as_they_were(form: str) -> None:
    tree = _parse(TABLE.to(form), form)
    text = json.dumps(tree)
    assert '"RawInline"' not in text
    assert '"RawBlock"' not in text
    plain = _every_word(tree["blocks"])
    assert TABLE.caption.replace(" ", "") in plain
    assert TABLE.note.replace(" ", "") in plain


def _every_word(node: object) -> str:
    if isinstance(node, dict):
        return node["c"] if node.get("t") == "Str" else _every_word(list(node.values()))
    return "".join(map(_every_word, node)) if isinstance(node, list) else ""


def test_latex_uses_booktabs_and_a_minus_of_mathematics() -> None:
    made = TABLE.to("latex")
    for part in (
        r"\toprule",
        r"\midrule",
        r"\bottomrule",
        r"gdp\_per\_capita\textbar x",
        r"$-$0.000***",
        r"\$1 \& \$2",
    ):
        assert part in made
    assert "−" not in made
    assert r"\hline" not in made


@pytest.mark.skipif(TEX is None, reason="no TeX on this machine")
def test_tex_sets_the_table_with_the_packages_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "paper.tex").write_text(PAPER % TABLE.to("latex"), encoding="utf-8")
    command = [str(TEX), "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    log = (tmp_path / "paper.log").read_text(encoding="utf-8", errors="replace")
    assert ran.returncode == 0, log
    assert "Missing character" not in log
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF-")


def test_latex_lets_the_first_column_break_where_the_line_is_too_short_for_it() -> None:
    words = Table(caption="Words", columns=("", "(1)"), align="lr", rows=(("a word " * 12, "1"),))
    assert r"@{}>{\raggedright}p{0.93\linewidth}r@{}" in words.to("latex")
    numbers = Table(caption="Numbers", columns=("", "(1)"), align="lr", rows=(("word", "1"),))
    assert "@{}lr@{}" in numbers.to("latex")


def test_columns_in_word_are_as_wide_as_their_text_but_none_starves() -> None:
    table = Table(
        caption="W", columns=("", "(1)", "Why"), align="lrl", rows=(("a word " * 9, "−0.0123", "because " * 50),)
    )
    with zipfile.ZipFile(io.BytesIO(table.to("docx"))) as held:
        widths = [int(width) for width in re.findall(rb'<w:gridCol w:w="(\d+)"', held.read("word/document.xml"))]
    share = [width / sum(widths) for width in widths]
    assert share == pytest.approx([0.43, 0.13, 0.43], abs=0.02)


def test_typst_sets_the_table(tmp_path: Path) -> None:
    source = tmp_path / "paper.typ"
    source.write_text(TABLE.to("typst"), encoding="utf-8")
    made, warnings = typst.compile_with_warnings(source, format="pdf")
    assert warnings == []
    assert made.startswith(b"%PDF-")


def test_html_is_safe_whatever_encoding_a_reader_takes() -> None:
    made = TABLE.to("html")
    assert made.isascii()
    assert "<b>" not in made
    assert "<script" not in made
    assert TABLE._repr_html_() == made


def test_word_files_are_the_same_in_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    made = TABLE.to("docx")
    assert made == TABLE.to("docx")
    with zipfile.ZipFile(io.BytesIO(made)) as held:
        assert {item.date_time[:3] for item in held.infolist()} == {(1980, 1, 1)}
        assert b"1980-01-01T00:00:00Z" in held.read("docProps/core.xml")


def test_word_files_take_the_date_that_the_build_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    with zipfile.ZipFile(io.BytesIO(TABLE.to("docx"))) as held:
        assert b"2026-01-01T00:00:00Z" in held.read("docProps/core.xml")


@pytest.mark.parametrize(("suffix", "form"), SUFFIXES.items())
def test_the_suffix_says_the_format(tmp_path: Path, suffix: str, form: str) -> None:
    made = TABLE.to(form)
    TABLE.save(tmp_path / f"models{suffix}")
    assert (tmp_path / f"models{suffix}").read_bytes() == (made if isinstance(made, bytes) else made.encode())
    TABLE.save(str(tmp_path / f"again{suffix.upper()}"))
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["again", "models"]


def test_an_unknown_suffix_names_the_known_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r'models\.xls: suffix "\.xls"\. Expected one of \.docx, \.html, \.md'):
        TABLE.save(tmp_path / "models.xls")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_names_the_known_and_the_nearest() -> None:
    with pytest.raises(ReportError, match=r'"latx"\. Expected one of docx, html, latex, markdown, typst\. .*\'latex\''):
        TABLE.to("latx")


def test_a_pandoc_that_is_killed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    killed = tmp_path / "pandoc"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr(pypandoc, "get_pandoc_path", lambda: str(killed))
    with pytest.raises(ReportError, match="pandoc ended with -9 and no word"):
        pandoc("a text", "--to=html5")


def test_what_pandoc_refuses_is_an_error() -> None:
    with pytest.raises(ReportError, match=r"pandoc: .*nowhere\.png"):
        convert("![a picture that is not there](nowhere.png)", "docx")
