"""The verdicts of the campaign of size; what they are on is too large for every run."""

import subprocess

from stress.scale import LINEAGE_SECONDS, LOADING_SECONDS, MEMORY, judge_panel, judge_survey, judged

SURVEY = {"rows": 5e6, "seconds": 300.0, "bytes": MEMORY, "off": 2.0}
PANEL = {"figures": 1e6, "loading": LOADING_SECONDS, "first": LINEAGE_SECONDS, "again": 0.001}


def test_what_is_within_its_limits_stands():
    assert judge_survey(SURVEY)[1] == judge_panel(PANEL)[1] == []


def test_what_is_beyond_a_limit_is_named():
    assert judge_survey({**SURVEY, "bytes": MEMORY + 1})[1] == ["too much memory"]
    assert judge_survey({**SURVEY, "off": 6.0})[1] == ["an estimate is 6.0 standard errors from the truth"]
    assert judge_panel({**PANEL, "loading": LOADING_SECONDS + 1})[1] == ["it takes too long to load"]
    assert (
        judge_panel({**PANEL, "first": 0.02})[1]
        == judge_panel({**PANEL, "again": 0.02})[1]
        == ["a look-up is not instant"]
    )


def test_a_part_that_ends_in_an_error_is_lost():
    ran = subprocess.CompletedProcess(["x"], 1, stdout="", stderr="MemoryError")
    found = judged(ran, judge_survey)
    assert (found.tried, found.survived, found.lost, found.notes) == (1, 0, 1, ("MemoryError",))
