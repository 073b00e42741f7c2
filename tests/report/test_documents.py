"""Three documents of one text: what is numbered, referred to and drawn is so in each, and nothing is fetched."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import typst

from corrtip import project
from corrtip.errors import ReportError
from corrtip.report.documents import page, pdf, word
from corrtip.report.style import drawn, new_axes

REPORT = project.require_checkout("tests") / "report"
LONG = "Words that go on and on. " * 30
TEXT = f"""\
---
title: A title
subtitle: And more
lang: en
---

# First

See [](#figure-f) and [](#table-two) [@mccullagh1980], $x^{{-1}}$.

| Name | Estimate |
|:-----|--:|
| 1\\. wdi-2026 ... | −0.5 |
| {LONG} | – |

: One {{#table-one}}

::: note
What to know.
:::

| a |
|:--|
| \\#x |

: Two {{#table-two}}

![A "drawing"](results/01_x/f.svg){{#figure-f alt="Points \\"rise\\" & fall"}}

# References

::: {{#refs}}
:::
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a build folder with one drawing."""
    folder = tmp_path_factory.mktemp("build")
    (folder / "results/01_x").mkdir(parents=True)
    axes = new_axes(3, 2)
    axes.scatter([0, 1], [0, 1])
    svg, png = drawn(axes, "f")
    (folder / "results/01_x/f.svg").write_bytes(svg)
    (folder / "results/01_x/f.png").write_bytes(png)
    return folder


@pytest.fixture(scope="module")
def parts(build: Path) -> dict[str, bytes]:
    """Return the parts of the Word file by name."""
    with zipfile.ZipFile(io.BytesIO(word(TEXT, REPORT, build))) as held:
        assert held.testzip() is None
        return {name: held.read(name) for name in held.namelist()}


def plain(markup: str) -> str:
    """Return the words of HTML or of Word's XML."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", markup))


@pytest.fixture(scope="module")
def set_source(build: Path) -> str:
    """Return what typst was given."""
    given: list[bytes] = []

    real = typst.Compiler

    def compiler(source: bytes, root: str) -> typst.Compiler:
        given.append(source)
        return real(source, root=root)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typst, "Compiler", lambda input, root, ignore_system_fonts: compiler(input, root))
        pdf(TEXT, REPORT, build)
    return given[0].decode()


def test_tables_and_figures_are_numbered_and_referred_to_alike(
    build: Path, parts: dict[str, bytes], set_source: str
) -> None:
    for made in (page(TEXT, REPORT, build), parts["word/document.xml"].decode()):
        words = plain(made)
        assert "See Figure 1 and Table 2 " in words
        assert "Table 1. One" in words
        assert "Figure 1. A " in words
    assert "#link(<figure-f>)[Figure 1]" in set_source
    assert "#strong[Table 2.] Two" in set_source


def test_a_locale_without_the_signs_of_the_style_makes_the_same_page(
    build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = page(TEXT, REPORT, build)
    assert "\N{UP DOWN ARROW}" in made  # of the style
    run = subprocess.run

    def in_ascii(command: list[str], **options: Any) -> Any:
        # What Python does to the words of a command where the locale is bare.
        assert [word.encode("ascii", "surrogateescape") for word in command]
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", in_ascii)
    assert page(TEXT, REPORT, build) == made


def test_a_reference_to_nothing_is_an_error(build: Path) -> None:
    with pytest.raises(ReportError, match=r"(?s)report/report\.md: .*#table-three, which is no table or figure"):
        page(TEXT.replace("(#table-two)", "(#table-three)"), REPORT, build)


def test_the_pdf_is_one_file_with_words_for_its_pictures(build: Path, set_source: str) -> None:
    made = pdf(TEXT, REPORT, build)
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    assert b"/CreationDate" not in made
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    assert made == pdf(TEXT, REPORT, build)
    drawing = '#drawing("results/01_x/f.svg", "Points \\"rise\\" & fall")'
    assert drawing in set_source
    assert "wdi\\-2026 ..\\." in set_source
    assert '#{ set math.equation(alt: "x^{-1}"); $x^(- 1)$ }' in set_source


def test_a_short_table_keeps_its_note_and_a_wide_one_fills_the_line(set_source: str) -> None:
    assert set_source.count("#whole[") == 2
    first = set_source[set_source.index("#whole[") :]
    assert first.index("<table-one>") < first.index("#note[") < first.index("<table-two>")
    shares = [float(share) for share in re.findall(r"([\d.]+)%", first[: first.index("<table-one>")])]
    assert len(shares) == 2
    assert shares[0] > shares[1]


def test_rules_stand_between_the_rows_of_a_table_whose_cells_are_texts(set_source: str) -> None:
    assert set_source.count("#ruled[") == 1
    first = set_source[set_source.index("#ruled[") :]
    assert first.index("<table-one>") < first.index("<table-two>")


def test_columns_of_word_have_widths_of_their_own(parts: dict[str, bytes]) -> None:
    wide, narrow = re.findall(r"<w:tbl>.*?</w:tbl>", parts["word/document.xml"].decode(), re.DOTALL)
    columns = [int(width) for width in re.findall(r'<w:gridCol w:w="(\d+)"', wide)]
    assert columns[0] > 5 * columns[1] > 0
    assert '<w:tblW w:w="5000" w:type="pct"' in wide or 'w:type="pct" w:w="5000"' in wide
    assert sum(map(int, re.findall(r'<w:gridCol w:w="(\d+)"', narrow))) < sum(columns) / 10


def test_word_and_pdf_are_of_one_paper_with_the_same_margins(
    build: Path, parts: dict[str, bytes], set_source: str
) -> None:
    document = parts["word/document.xml"].decode()
    (size,), (margins,) = re.findall("<w:pgSz .*?>", document), re.findall("<w:pgMar .*?>", document)
    # Word counts in twentieths of a point, and whole ones.
    given = {name: int(twips) / 20 for name, twips in re.findall(r'w:(\w+)="(\d+)"', size + margins)}
    box = re.findall(rb"/MediaBox\s*\[0 0 (\S+) (\S+?)\]", pdf(TEXT, REPORT, build))[0]
    assert (given["w"], given["h"]) == pytest.approx(tuple(map(float, box)), abs=0.05)
    ((x, top, bottom),) = re.findall(r"margin: \(x: (\d+)mm, top: (\d+)mm, bottom: (\d+)mm\)", set_source)
    for side, millimetres in {"left": x, "right": x, "top": top, "bottom": bottom}.items():
        assert given[side] == pytest.approx(int(millimetres) / 25.4 * 72, abs=0.05)


def test_a_picture_without_words_is_an_error(build: Path) -> None:
    with pytest.raises(ReportError, match="missing alt text"):
        pdf(re.sub(r" alt=.*(?=\})", ' alt=""', TEXT), REPORT, build)


def test_text_typst_cannot_set_is_an_error(build: Path) -> None:
    with pytest.raises(ReportError, match=r"(?s)report/report\.md: typst: .*nowhere\.svg"):
        pdf(TEXT.replace("f.svg", "nowhere.svg"), REPORT, build)


def test_word_has_the_picture_the_styles_and_only_citations_as_addresses(build: Path, parts: dict[str, bytes]) -> None:
    document = parts["word/document.xml"].decode()
    (media,) = [name for name in parts if name.startswith("word/media/")]
    assert parts[media] == (build / "results/01_x/f.png").read_bytes()
    assert 'descr="Points &quot;rise&quot; &amp; fall"' in document
    assert '<w:pStyle w:val="Note" />' in document
    styles = parts["word/styles.xml"].decode()
    assert styles.count('w:styleId="Title"') == 1
    assert '<w:tblBorders><w:top w:sz="8" w:val="single"' in styles
    targets = re.findall(r'Target="(https?:[^"]*)"', parts["word/_rels/document.xml.rels"].decode())
    assert targets == ["https://doi.org/10.1111/j.2517-6161.1980.tb01109.x"]


def test_word_files_are_the_same_bytes_twice(build: Path) -> None:
    assert word(TEXT, REPORT, build) == word(TEXT, REPORT, build)
