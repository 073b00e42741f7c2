"""The scoreboard as people read it: a drawing, tables and sentences of every study's claims and their verdicts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from corrtip.report.formats import MISSING, format_list, format_number, with_minus
from corrtip.report.style import INK, house_style, new_axes
from corrtip.report.tables import Table
from corrtip.report.words import VERDICT_WORDS, variant_name
from corrtip.studies.claims import VERDICTS, Verdict
from corrtip.studies.replication import Replication
from corrtip.studies.scoreboard import Score, Scoreboard
from corrtip.studies.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A shape for each verdict beside its colour: colour is never the only sign.
_MARKS: Final[Mapping[Verdict, tuple[str, str]]] = {
    "met": ("*", "#0072b2"),
    "agrees": ("o", "#009e73"),
    "contradicts": ("D", "#d55e00"),
    "unresolved": ("s", "#e69f00"),
    "not_attempted": ("x", "#767676"),
}


def study_name(study: Study) -> str:
    """Return a study's id as people read it, its words in the case that the citation gives them.

    Examples
    --------
    >>> from corrtip.studies.study import load_study
    >>> study_name(load_study("unodc_2011_survey")), study_name(load_study("van_dijk_klerx_2014"))
    ('UNODC 2011 survey', 'Van Dijk Klerx 2014')
    """
    found = (
        (word, re.search(rf"\b{re.escape(word)}\b", study.citation, re.IGNORECASE)) for word in study.id.split("_")
    )
    return " ".join(met.group() if met else word for word, met in found)


def plot_scoreboard(board: Scoreboard, *, ax: Axes | None = None) -> Axes:
    """Draw the verdict on every claim: a row for each claim, studies one below the other, a column for each verdict.

    Parameters
    ----------
    board : Scoreboard
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
    """
    columns = {verdict: place for place, verdict in enumerate(VERDICTS)}
    ax = new_axes(6.6, 1.0 + 0.19 * len(board.scores)) if ax is None else ax
    with house_style(ax):
        for verdict, (shape, colour) in _MARKS.items():
            rows = [row for row, score in enumerate(board.scores) if score.verdict == verdict]
            size = 8.0 if shape == "*" else 5.5
            ax.plot([columns[verdict]] * len(rows), rows, linestyle="", marker=shape, color=colour, markersize=size)
        for row in range(1, len(board.scores)):
            if board.scores[row].study != board.scores[row - 1].study:
                ax.axhline(row - 0.5, color=INK, linewidth=0.5, alpha=0.5)
        ax.set_yticks(range(len(board.scores)), _row_names(board), fontsize="small")
        ax.set_ylim(len(board.scores) - 0.5, -0.5)
        ax.set_xticks(list(columns.values()), [VERDICT_WORDS[verdict] for verdict in columns], fontsize="small")
        ax.set_xlim(-0.5, len(columns) - 0.5)
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        ax.grid(axis="x")
        ax.spines[:].set_visible(False)
    return ax


def table_scoreboard(board: Scoreboard) -> Table:
    """Return every claim with its verdict and the figures that it rests on."""
    names = {study.id: study_name(study) for study in board.studies}
    return Table(
        caption="The claims of the line of research, and what became of each",
        columns=("Study", "Claim", "Verdict", "Because"),
        align="llll",
        rows=tuple(
            (
                names[score.study],
                f"{score.claim}. {with_minus(score.text)}",
                VERDICT_WORDS[score.verdict],
                with_minus(score.reason),
            )
            for score in board.scores
        ),
        note="Each claim is decided on the study's own model that it is about; the claims are in our words.",
    )


def table_counts(board: Scoreboard) -> Table:
    """Return how many claims of each study have each verdict."""
    counts = board.counts()
    rows = [
        (study_name(study), *(format_number(count, "count") if count else MISSING for count in counts.loc[study.id]))
        for study in board.studies
    ]
    total = ("All", *(format_number(count, "count") for count in counts.sum()))
    return Table(
        caption="Verdicts by study",
        columns=("Study", *(VERDICT_WORDS[verdict].capitalize() for verdict in VERDICTS)),
        align="lrrrrr",
        rows=(*rows, total),
    )


def table_citations(board: Scoreboard) -> Table:
    """Return each study with its question, and what of it is not known or not to be had."""
    return Table(
        caption="The studies, what they ask, and what is not known or not to be had of each",
        columns=("Study and question", "Departures"),
        align="ll",
        rows=tuple((f"{study.citation} {study.question}", " ".join(study.departures)) for study in board.studies),
    )


def table_spread(replications: Iterable[Replication]) -> Table:
    """Return for every claim that has variants its verdict on the study's own model, and those on the variants."""
    rows = [
        (study_name(found.study), claim.id, VERDICT_WORDS[found.verdicts[claim.id].verdict], spread)
        for found in replications
        for claim in found.study.claims
        if (spread := _spread(found, claim.id, claim.model))
    ]
    return Table(
        caption="The same claims on other defensible choices",
        columns=("Study", "Claim", "Own model", "Variants"),
        align="llll",
        rows=tuple(rows),
    )


def sentence_scoreboard(board: Scoreboard) -> str:
    """Return how many claims have each verdict, and which are contradicted."""
    counts = board.counts().sum()
    parts = [f"{VERDICT_WORDS[verdict]} for {format_number(counts[verdict], 'count')}" for verdict in VERDICTS]
    said = (
        f"Of {format_number(len(board.scores), 'count')} claims of {format_number(len(board.studies), 'count')} "
        f"studies the verdict is {format_list(parts)}."
    )
    names = {study.id: study_name(study) for study in board.studies}
    against = [_named(score, names) for score in board.scores if score.verdict == "contradicts"]
    return said + (f" Contradicted: {format_list(against)}." if against else "")


def _row_names(board: Scoreboard) -> list[str]:
    names = {study.id: study_name(study) for study in board.studies}
    before = [None, *(score.study for score in board.scores)]
    return [
        f"{names[score.study]}   {score.claim}" if score.study != last else score.claim
        for score, last in zip(board.scores, before, strict=False)
    ]


def _named(score: Score, names: Mapping[str, str]) -> str:
    return f"{names[score.study]}, claim {score.claim}"


def _spread(found: Replication, claim: str, model: str) -> str:
    verdicts: dict[str, list[str]] = {}
    for run in found.runs:
        if claim in run.decisions and run.name != model and run.decisions[claim].verdict != "not_attempted":
            verdicts.setdefault(VERDICT_WORDS[run.decisions[claim].verdict], []).append(variant_name(run.name))
    return "; ".join(f"{word}: {format_list(names)}" for word, names in verdicts.items())
