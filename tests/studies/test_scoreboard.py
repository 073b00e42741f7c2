"""The scoreboard is kept beside this test: a verdict that changes is a diff to explain.

After an explained change write the file anew: python tests/studies/test_scoreboard.py
"""

import json
from pathlib import Path

import pytest

from corrtip.errors import DeclarationError
from corrtip.studies.scoreboard import scoreboard
from corrtip.studies.study import list_studies

KEPT = Path(__file__).with_name("scoreboard.json")

INVENTED = """
citation = "Nobody (2020). An invented study."
question = "Do cleaner countries stand in better tiers in 2010?"
departures = ["All of it is invented."]

[spec]
outcome = "tier"
focal = "wgi_control_of_corruption"
years = [2010, 2010]

[[claims]]
id = "A"
at = "nowhere"
text = "They do."
test = "ranks_together"
parameters = { sign = "-" }
printed = { spearman = "" }
"""


def kept_of(board):
    """What is kept of each claim: three digits of a figure tell whether it moved."""
    return {
        f"{score.study}.{score.claim}": {
            "verdict": score.verdict,
            "published": dict(score.published),
            "rebuilt": {name: float(f"{value:.3g}") for name, value in sorted(score.rebuilt.items())},
        }
        for score in board.scores
    }


@pytest.fixture(scope="module")
def board(panel):
    return scoreboard(panel)


def test_the_scoreboard_is_the_one_that_is_kept(board):
    assert kept_of(board) == json.loads(KEPT.read_text(encoding="utf-8"))


def test_every_claim_of_every_study_is_decided_or_has_its_reason(board):
    assert [(score.study, score.claim) for score in board.scores] == [
        (study.id, claim.id) for study in list_studies() for claim in study.claims
    ]
    assert all(score.reason for score in board.scores)
    assert all(score.rebuilt for score in board.scores if score.verdict != "not_attempted")


def test_counts_and_rows_tell_the_same(board):
    table = board.tidy()
    assert board.counts().sum().to_dict() == {
        verdict: int((table["verdict"] == verdict).sum()) for verdict in board.counts()
    }
    assert list(board.counts().index) == [study.id for study in list_studies()]


def test_an_open_slot_is_rebuilt_and_its_absence_is_said(board):
    for score in board.scores:
        unknown = [name for name, text in score.published.items() if text is None]
        assert set(unknown) <= set(score.rebuilt), score.study
        assert ("As printed not known to us" in score.reason) == bool(unknown)


def test_the_list_is_plain_json(board):
    listed = json.loads(json.dumps(board.as_list(), allow_nan=False))
    assert [study["id"] for study in listed] == [study.id for study in board.studies]
    for study in listed:
        for claim in study["claims"]:
            assert {"id", "text", "verdict", "published", "rebuilt", "reason"} <= set(claim)


def test_a_new_study_is_one_file_and_no_other_edit(panel, tmp_path):
    path = tmp_path / "nobody_2020.toml"
    path.write_text(INVENTED)
    board = scoreboard(panel, studies=[path], numbers={"nobody_2020": {"A": {"spearman": "-0.9"}}})
    (score,) = board.scores
    assert (score.study, score.verdict) == ("nobody_2020", "agrees")
    assert score.published == {"spearman": "-0.9"}
    assert -0.9 < score.rebuilt["spearman"] < 0.0


def test_a_new_study_among_the_packages_own_is_one_file_too(monkeypatch, tmp_path):
    import corrtip.studies.study as module

    (tmp_path / "nobody_2020.toml").write_text(INVENTED)
    monkeypatch.setattr(module, "_FOLDER", tmp_path)
    assert [study.id for study in list_studies()] == ["nobody_2020"]
    assert module.load_study("nobody_2020").claims[0].text == "They do."


@pytest.mark.parametrize("given", [{"numbers": {"lydai_2001": {}}}, {"data": {"lydai_2001": Path("x.dta")}}])
def test_what_is_given_for_no_study_is_refused(panel, given):
    with pytest.raises(DeclarationError, match="Nearest: 'lyday_2001'"):
        scoreboard(panel, studies=["lyday_2001"], **given)


if __name__ == "__main__":
    KEPT.write_text(json.dumps(kept_of(scoreboard()), indent=2) + "\n", encoding="utf-8")
