"""Every study's claims side by side: verdict, what was published, what was rebuilt, and the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corrtip.data.panel import load_panel
from corrtip.errors import DeclarationError, nearest
from corrtip.studies.claims import VERDICTS, Verdict
from corrtip.studies.replication import Replication, replicate
from corrtip.studies.study import Claim, Study, list_studies, load_study

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.studies.numbers import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What became of one claim.

    Parameters
    ----------
    study, claim : str
        Their ids.
    text : str
        The claim in our words.
    at : str
        Where it is printed, or who reports it.
    rule : str
        What decides.
    verdict : Verdict
    published : mapping of str to str or None
        Numbers as printed, by name; None where they are not known to us.
    rebuilt : mapping of str to float
        Our numbers: those of the same names, and the figures of the test.
    reason : str
        The figures that the verdict rests on, or why there is none, with what to keep in mind beside it.
    """

    study: str
    claim: str
    text: str
    at: str
    rule: str
    verdict: Verdict
    published: Mapping[str, str | None]
    rebuilt: Mapping[str, float]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoreboard:
    """The claims of several studies.

    Parameters
    ----------
    studies : tuple of Study
    scores : tuple of Score
        In the order of the studies and of their claims.
    sources : tuple of str
        Ids of the editions that the verdicts rest on, sorted.
    """

    studies: tuple[Study, ...]
    scores: tuple[Score, ...]
    sources: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row per claim: study, claim, verdict, text, reason."""
        return pd.DataFrame(
            [
                {name: getattr(score, name) for name in ("study", "claim", "verdict", "text", "reason")}
                for score in self.scores
            ],
            columns=["study", "claim", "verdict", "text", "reason"],
        )

    def counts(self) -> pd.DataFrame:
        """Return how many claims of each study have each verdict; a row a study, a column a verdict."""
        table = pd.DataFrame(0, index=[study.id for study in self.studies], columns=list(VERDICTS))
        for score in self.scores:
            table.loc[score.study, score.verdict] += 1
        return table

    def as_list(self) -> list[dict[str, Any]]:
        """Return the studies as plain values, ready for JSON: id, citation, question, and claims with verdicts."""
        return [
            {
                "id": study.id,
                "citation": study.citation,
                "question": study.question,
                "claims": [_record(score) for score in self.scores if score.study == study.id],
            }
            for study in self.studies
        ]


def scoreboard(
    panel: Panel | None = None,
    *,
    studies: Sequence[str | Path | Study] = (),
    data: Mapping[str, Path] | None = None,
    numbers: Numbers | None = None,
) -> Scoreboard:
    """Decide every claim of every study, each on the study's own model that it is about.

    Parameters
    ----------
    panel : Panel, optional
        By default `corrtip.load_panel`.
    studies : sequence of str, Path or Study
        Ids, files or studies; by default all that ship with the package.
    data : mapping of str to Path, optional
        By study id, the file that it asks its reader for.
    numbers : mapping, optional
        Numbers as printed that the studies leave open: `corrtip.studies.numbers.read_numbers`.

    Returns
    -------
    Scoreboard

    Raises
    ------
    DeclarationError
        If a file or a number is given for a study that is not among them.

    Notes
    -----
    Variants are left out: they are robustness, for which `corrtip.replicate` stands.

    Examples
    --------
    >>> board = scoreboard(studies=["unodc_2011_survey"])
    >>> [score.verdict for score in board.scores]
    ['agrees', 'contradicts', 'met', 'met', 'met']
    """
    asked = tuple(item if isinstance(item, Study) else load_study(item) for item in studies) or list_studies()
    data, numbers = data or {}, numbers or {}
    known = [study.id for study in asked]
    for name in (*data, *numbers):
        if name not in known:
            raise DeclarationError(
                "scoreboard", f'study "{name}"', expected=f"one of {', '.join(known)}", mend=nearest(name, known)
            )
    figures = load_panel() if panel is None else panel
    found = [
        replicate(study, figures, data=data.get(study.id), numbers=numbers.get(study.id), variants=False)
        for study in asked
    ]
    return Scoreboard(
        studies=tuple(replication.study for replication in found),
        scores=tuple(_score(replication, claim) for replication in found for claim in replication.study.claims),
        sources=tuple(sorted(set().union(*(replication.sources for replication in found)))),
    )


def _score(replication: Replication, claim: Claim) -> Score:
    decision = replication.verdicts[claim.id]
    unknown = [name for name, text in claim.printed.items() if not text]
    said = [decision.because]
    if decision.verdict != "not_attempted":
        said.append(replication.run(claim.model).caution)
    if unknown:
        said.append(f"As printed not known to us: {', '.join(unknown)}.")
    return Score(
        study=replication.study.id,
        claim=claim.id,
        text=claim.text,
        at=claim.at,
        rule=claim.decider.rule,
        verdict=decision.verdict,
        published={name: text or None for name, text in claim.printed.items()},
        rebuilt=dict(decision.figures),
        reason=" ".join(part for part in said if part),
    )


def _record(score: Score) -> dict[str, Any]:
    return {
        "id": score.claim,
        "text": score.text,
        "at": score.at,
        "rule": score.rule,
        "verdict": score.verdict,
        "published": dict(score.published),
        "rebuilt": dict(score.rebuilt),
        "reason": score.reason,
    }
