"""A table is laid out and escaped, and refuses rows of another length."""

from __future__ import annotations

import pypandoc
import pytest

from corrtip.errors import ReportError
from corrtip.report.markdown import MARKDOWN
from corrtip.report.tables import Table

TABLE = Table(
    caption="Countries | <tiers>",
    columns=("Country", "Score"),
    align="lr",
    rows=(("Côte d'Ivoire | <b>", "1.9"), ("1. Chad", "")),
    note="* drawn from the report",
)


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ReportError, match=r"row 2: 1 entries\. Expected 2"):
        Table(caption="T", columns=("a", "b"), align="ll", rows=(("1", "2"), ("3",)))


def test_one_alignment_per_column() -> None:
    with pytest.raises(ReportError, match="align: 1 entries"):
        Table(caption="T", columns=("a", "b"), align="l", rows=())
    with pytest.raises(ReportError, match="the letters l and r"):
        Table(caption="T", columns=("a", "b"), align="lc", rows=())


def test_padded_text_stands_in_columns_and_means_the_same() -> None:
    padded = TABLE.markdown(padded=True)
    assert len({len(line) for line in padded.splitlines() if line.startswith("|")}) == 1
    pages = [pypandoc.convert_text(text, "html5", format=MARKDOWN) for text in (padded, TABLE.markdown())]
    assert pages[0] == pages[1]


def test_pandoc_reads_the_table_as_it_was_meant() -> None:
    page = pypandoc.convert_text(TABLE.markdown("table-x"), "html5", format=MARKDOWN, extra_args=["--wrap=none"])
    for part in (
        '<table id="table-x">',
        "<caption>Countries | &lt;tiers&gt;</caption>",
        '<td style="text-align: left;">Côte d\'Ivoire | &lt;b&gt;</td>',
        '<td style="text-align: right;">1.9</td>',
        '<td style="text-align: left;">1. Chad</td>',
        '<td style="text-align: right;"></td>',
        '<div class="note">',
        "<p>* drawn from the report</p>",
    ):
        assert part in page, page
