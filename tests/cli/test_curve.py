import json

import pytest

GRID = """
question = "Does it hold?"

[spec]
outcome = "tier"
focal = "cpi_pre2012"
years = [2005, 2005]

[[choices]]
name = "link"
options = [
  { name = "logit", why = "Usual." },
  { name = "probit", why = "Another.", change = { link = "probit" } },
]
"""


@pytest.fixture
def grid(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(GRID, encoding="utf-8")
    return str(path)


@pytest.fixture
def options(tmp_path):
    return ("--draws", "19", "--jobs", "1", "--keep", str(tmp_path / "kept"))


def test_list_names_the_grids_their_choices_and_reasons(say):
    told, answered = say("curve", "list"), say("curve", "list", "--json")
    assert (told.code, told.err, answered.code, answered.err) == (0, "", 0, "")
    out = told.out
    assert "zhang_pineda: " in out
    assert "CPI, year before: The last index that was out" in out
    (listed,) = [grid for grid in json.loads(answered.out) if grid["id"] == "zhang_pineda"]
    assert listed["specifications"] >= 5000
    assert all(option["why"] for choice in listed["choices"] for option in choice["options"])
    assert all(exclusion["why"] for exclusion in listed["excluded"])


def test_people_read_statistics_options_and_speed(say, grid, options):
    said = say("curve", "run", grid, *options)
    assert said.code == 0
    assert "2 specifications: fitted" in said.out
    for line in ("median_effect", "share_expected", "share_significant"):
        assert f"\n{line} " in said.out
    assert "78 models in " in said.out
    assert max(len(line) for line in said.out.splitlines()) <= 120


def test_machines_read_every_specification(say, grid, options):
    answer = json.loads(say("curve", "run", grid, *options, "--json").out)
    assert [row["link"] for row in answer["specifications"]] == ["logit", "probit"]
    assert all(row["outcome"] == "fitted" and row["effect"] > 0 for row in answer["specifications"])
    assert {row["statistic"] for row in answer["statistics"]} >= {"median_effect"}
    assert (answer["draws"], answer["seed"]) == (19, 1)


def test_without_draws_there_is_no_talk_of_them(say, grid):
    out = say("curve", "run", grid, "--draws", "0", "--jobs", "1").out
    assert "2 models in " in out
    assert "draws each" not in out


def test_an_unknown_grid_is_refused(say):
    said = say("curve", "run", "zhang_pinedo")
    assert said.code == 1
    assert "Nearest: 'zhang_pineda'" in said.err
