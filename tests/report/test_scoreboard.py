from corrtip.report.scoreboard import (
    plot_scoreboard,
    sentence_scoreboard,
    study_name,
    table_citations,
    table_counts,
    table_scoreboard,
    table_spread,
)
from corrtip.report.style import drawn
from corrtip.studies.claims import VERDICTS
from corrtip.studies.replication import replicate
from corrtip.studies.study import list_studies


def test_every_claim_has_one_mark_in_the_column_of_its_verdict(board):
    ax = plot_scoreboard(board)
    marks = {(int(x), int(y)) for line in ax.lines for x, y in zip(*line.get_data(), strict=True) if line.get_marker()}
    columns = list(VERDICTS)
    wanted = {(columns.index(score.verdict), row) for row, score in enumerate(board.scores)}
    assert wanted <= marks
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "Lyday 2001   A",
        "UNODC 2011 survey   A",
        "B",
        "C",
        "D",
        "E",
    ]
    drawn(ax, "board")


def test_verdicts_differ_in_shape_and_colour(board):
    lines = [line for line in plot_scoreboard(board).lines if line.get_marker() not in ("None", None)]
    assert len({line.get_marker() for line in lines}) == len({line.get_color() for line in lines}) == len(VERDICTS)


def test_the_table_holds_every_claim_with_its_reason(board):
    rows = table_scoreboard(board).rows
    assert [row[2] for row in rows] == ["agrees", "agrees", "contradicts", "met", "met", "met"]
    assert "tau-b" in rows[0][3]
    assert "−0.39" in rows[0][3]
    assert rows[2][1].startswith("B. 65 %")


def test_counts_add_up(board):
    assert table_counts(board).rows == (
        ("Lyday 2001", "–", "1", "–", "–", "–"),
        ("UNODC 2011 survey", "3", "1", "1", "–", "–"),
        ("All", "3", "2", "1", "0", "0"),
    )


def test_the_sentence_counts_and_names_what_is_contradicted(board):
    assert sentence_scoreboard(board) == (
        "Of 6 claims of 2 studies the verdict is met for 3, agrees for 2, contradicts for 1, unresolved for 0 and not "
        "attempted for 0. "
        "Contradicted: UNODC 2011 survey, claim B."
    )


def test_a_study_is_cited_with_its_departures(board):
    first = table_citations(board).rows[0]
    assert first[0].startswith("Lyday, C. B. (2001).")
    assert first[0].endswith("Corruption Perceptions Index too?")
    assert "could not be had" in first[1]


def test_claims_with_variants_are_spread_and_others_are_not(panel):
    found = [replicate(name, panel) for name in ("lyday_2001", "unodc_2011_survey")]
    assert table_spread(found).rows == (("Lyday 2001", "A", "agrees", "agrees: cpi 2000"),)


def test_names_of_shipped_studies_begin_as_their_citations_do():
    for study in list_studies():
        assert study_name(study).split()[0] == study.citation.replace(",", " ").split()[0], study.id
