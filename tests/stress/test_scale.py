"""The verdicts of the campaign of size; what they are on is too large for every run."""

import subprocess

from stress.scale import (
    LINEAGE_SECONDS,
    LOADING_SECONDS,
    MEMORY,
    judge_curve,
    judge_panel,
    judge_survey,
    judged,
)

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


def curve(*steps, models=900):
    said = "".join(f"at {done} of {total}\n" for done, total in steps)
    return subprocess.CompletedProcess(["x"], 0, stdout=f'{{"models": {models}}}', stderr=said)


FRESH = curve((0, 900), (900, 900), (0, 3_600), (3_600, 3_600))
AFTER_ESTIMATES = "at 300 of 900\nat 900 of 900\nat 0 of 3600\n"
RESUMED = curve((900, 900), (1_200, 3_600), (3_600, 3_600))


def test_a_curve_that_goes_on_twice_and_ends_the_same_stands():
    found = judge_curve(FRESH, ["at 0 of 900\n", AFTER_ESTIMATES], RESUMED, [])
    assert found.stood
    assert "300 estimates were kept the first time, 900 and 1,200 refits of draws the second" in found.notes[0]


def test_a_curve_that_begins_anew_or_ends_otherwise_does_not_stand():
    killed = ["at 0 of 900\n", AFTER_ESTIMATES]
    anew = "at 0 of 900\nat 900 of 900\nat 0 of 3600\n"
    assert judge_curve(FRESH, ["", anew], RESUMED, []).notes[1:] == ("estimates began anew",)
    assert judge_curve(FRESH, killed, FRESH, []).notes[1:] == ("estimates began anew", "draws began anew")
    assert judge_curve(FRESH, killed, RESUMED, ["a"]).notes[1:] == ("blocks are left behind",)
    other = subprocess.CompletedProcess(["x"], 0, stdout='{"models": 901}', stderr=RESUMED.stderr)
    assert judge_curve(FRESH, killed, other, []).silently_wrong == 1
    failed = subprocess.CompletedProcess(["x"], 1, stdout="", stderr="MemoryError")
    assert judge_curve(FRESH, killed, failed, []).lost == 1
