"""Prose is filled by name, rendered to one self-contained page, and a failing build leaves the last one whole."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from corrtip import project
from corrtip.errors import ReportError
from corrtip.report.artifacts import Artifact, Record, Results, read_results
from corrtip.report.rendering import build_report, fill
from corrtip.report.style import new_axes
from corrtip.report.tables import Table

PROSE = """\
---
title: A title
lang: en
---

# First {#first}

There are {{n}} countries [@mccullagh1980]. {{answer}} Also $x^2$.

{{tab}}

{{fig}}

{{fig.two}}

# References
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a small checkout with one notebook whose results are saved."""
    checkout = project.require_checkout("tests")
    shutil.copytree(checkout / "report", tmp_path / "report")
    (tmp_path / "report/report.md").write_text(PROSE)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.csv").write_text("x\n")
    for ending in ("ipynb", "html"):
        (tmp_path / "build/notebooks").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"build/notebooks/01_x.{ending}").write_text("{}")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/01_x.ipynb").write_text("{}")
    results = Results(tmp_path / "build/results/01_x", ["data/a.csv"])
    results.number("n", 1234, "count")
    results.number("unused", 1, "count")
    results.sentence("answer", "Is it <script>alert(1)</script> *bold* {{n}}?")
    results.data("values", pd.DataFrame({"x": [1]}), caption="C")
    results.table("tab", Table(caption="T & t", columns=("a",), align="l", rows=(("<b>x</b> | y",),)))
    for name in ("fig", "fig.two"):
        axes = new_axes(2, 2)
        axes.scatter([0, 1], [0, 1], clip_on=True)
        axes.set_xlabel("CPI (higher = cleaner)")
        results.figure(name, axes, caption="Every <country>", alt='Points "rise" & fall')
    return tmp_path


def saved(root: Path) -> dict[str, tuple[Record, Artifact]]:
    """Return the results of the small checkout by name."""
    return {record.name: (record, artifact) for record, artifact in read_results(root / "build", ["01_x"])}


def test_the_page_shows_what_the_run_found_and_fetches_nothing(root: Path) -> None:
    built = build_report(root)
    page = built.report.read_text(encoding="utf-8")
    assert re.search(
        r'There are <span id="number-n">1,234</span> countries <span class="citation"[^>]*>\(<a href="#ref-mcc',
        page,
    )
    assert "Is it &lt;script&gt;alert(1)&lt;/script&gt; *bold* {{n}}?" in page
    assert "&lt;b&gt;x&lt;/b&gt; | y" in page
    assert "<math" in page
    assert '<nav id="contents"' in page
    assert '<div class="scroll" tabindex="0" role="region" aria-label="Table 1. T &amp; t">' in page
    assert "<figcaption><strong>Figure 1.</strong> Every &lt;country&gt;</figcaption>" in page
    assert page.count('<svg role="img" aria-label="Points &quot;rise&quot; &amp; fall"') == 2
    assert "<img" not in page
    assert page.count("<script") == page.count("<script>") == 1
    assert 'href="https://doi.org/10.1111/j.2517-6161.1980.tb01109.x"' in page
    fetched = re.findall(r'(?:src|xlink:href|data)="([^#"][^"]*)"|url\(([^#)][^)]*)\)|@import', page)
    assert not fetched
    assert (built.names_used, built.names_saved) == (5, 7)


def test_identifiers_of_two_drawings_never_meet(root: Path) -> None:
    page = build_report(root).report.read_text(encoding="utf-8")
    identifiers = re.findall(r'\bid="([^"]*)"', page)
    # matplotlib itself repeats the identifier of a marker inside one drawing's defs: once a drawing is enough.
    assert len(set(identifiers)) == len(identifiers)
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(identifiers)


def test_figures_follow_the_colour_of_the_text(root: Path) -> None:
    page = build_report(root).report.read_text(encoding="utf-8")
    drawing = page[page.index("<svg") : page.index("</svg>")]
    assert "currentColor" in drawing
    assert "#1c2126" not in drawing


def test_an_unknown_name_is_an_error_with_line_and_nearest(root: Path) -> None:
    with pytest.raises(ReportError, match=r"line 2: no result is named \{\{answr\}\}\. Nearest: 'answer'"):
        fill("a\nb {{answr}} c", saved(root))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("see {{tab}}", "alone on its line"),
        ("{{values}}", "is data"),
        ("{{n", "brace pair"),
        ("n}}", "brace pair"),
    ],
)
def test_a_name_in_the_wrong_place_is_an_error(root: Path, line: str, said: str) -> None:
    with pytest.raises(ReportError, match=rf"line 1.*{said}"):
        fill(line, saved(root))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{{n}}", "{{m}}", "line 8"),
        ("@mccullagh1980", "@nobody1900", "nobody1900"),
        ("{{fig}}", "![x](https://example.org/x.svg)", 'the picture <img src="https'),
        ("{{fig}}", "![x](../secret.svg)", "the picture"),
    ],
)
def test_a_failing_build_leaves_the_last_good_one(root: Path, old: str, new: str, said: str) -> None:
    built = build_report(root)
    written = (built.report, built.pdf, built.word, built.manifest)
    before = [path.read_bytes() for path in written]
    (root / "report/report.md").write_text(PROSE.replace(old, new))
    with pytest.raises(ReportError, match=said):
        build_report(root)
    assert [path.read_bytes() for path in written] == before
